//! Erasing a customer: nothing opens their data any more, everybody else's does, and the record still verifies.

use crate::support::files;
use crate::support::{AS_OF, code, echovoice, elsewhere};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn run(home: &Path, profile: &str) -> String {
    let profile = format!("assets/profiles/{profile}.json");
    let output = echovoice(home, &["run", &profile, "--json", "--as-of", AS_OF]);
    assert!(matches!(code(&output), 0 | 3), "{output:?}");
    let run: Value = serde_json::from_slice(&output.stdout).unwrap();
    run["run_id"].as_str().unwrap().to_owned()
}

fn by(who: &str, home: &Path, args: &[&str]) -> Output {
    echovoice(home, &[args, &["--as", who]].concat())
}

fn principal(home: &Path, args: &[&str]) -> Output {
    by("demo.principal", home, args)
}

fn refused(output: &Output, why: &str) {
    let error = text(&output.stderr);
    assert_eq!(code(output), 1, "{error}");
    assert!(error.contains(why) && error.lines().count() == 1, "{error}");
}

fn verifies(home: &Path) {
    let output = echovoice(home, &["audit", "verify"]);
    assert_eq!(code(&output), 0, "{}", text(&output.stdout));
}

/// Whether the customer's data of a run can still be opened.
fn opens(home: &Path, run: &str) -> bool {
    let output = echovoice(home, &["audit", "rerun", run]);
    if code(&output) == 1 {
        refused(&output, "was erased");
    }
    code(&output) == 0
}

const WHY: &str = "request 2026-17 under article 17";

#[test]
fn after_an_erasure_nothing_opens_and_everything_verifies() {
    let keep = tempfile::tempdir().unwrap();
    let home = keep.path().join("home");
    let (gone, other) = (run(&home, "01-clean-winner"), run(&home, "08-eu"));
    let outbox = home.join("outbox");
    fs::create_dir_all(&outbox).unwrap();
    fs::write(outbox.join(format!("{gone}-A-00.eml")), "Hi Amara").unwrap();
    fs::write(outbox.join(format!("{other}-A-00.eml")), "Hi").unwrap();
    assert!(opens(&home, &gone) && opens(&home, &other));
    let (ledger, vault) = (home.join("ledger.redb"), home.join("vault.key"));
    let (old_ledger, old_vault) = (fs::read(&ledger).unwrap(), fs::read(&vault).unwrap());

    let erase = ["audit", "erase", "C-20417", "--reason", WHY];
    refused(&by("demo.officer", &home, &erase), "may not erase or hold");
    refused(
        &principal(&home, &["audit", "erase", "C-0", "--reason", WHY]),
        "no such customer",
    );
    refused(
        &principal(&home, &["audit", "erase", "C-20417", "--reason", "x"]),
        "10 to 500 characters",
    );
    let personal = "asked by amara.osei@example.com by mail";
    refused(
        &principal(&home, &["audit", "erase", "C-20417", "--reason", personal]),
        "the reason holds personal data (EMAIL)",
    );
    let output = principal(&home, &erase);
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    assert!(
        text(&output.stdout).contains("1 delivered messages"),
        "{}",
        text(&output.stdout)
    );

    assert!(!opens(&home, &gone) && opens(&home, &other));
    verifies(&home);
    refused(&principal(&home, &erase), "no such customer");

    // No file holds the words, or the key that opened them. The profile that a person put there is theirs to remove.
    let all = files::below(&home);
    let old_key = text(&old_vault);
    for path in &all {
        let held = text(&fs::read(path).unwrap());
        assert!(!held.contains(old_key.trim()), "{}", path.display());
        if !path.starts_with(home.join("profiles")) {
            assert!(!held.contains("Amara"), "{}", path.display());
        }
    }
    assert!(!all.iter().any(|path| path.ends_with("vault.key.next")));
    assert_eq!(fs::read_dir(&outbox).unwrap().count(), 1);

    // An export, and a restore of it, hold together.
    let export = keep.path().join("export");
    let out = export.to_str().unwrap();
    assert_eq!(
        code(&principal(&home, &["audit", "export", "--out", out])),
        0
    );
    match Command::new("python3")
        .arg("assets/evidence/verify.py")
        .arg(&export)
        .output()
    {
        Ok(output) => assert_eq!(code(&output), 0, "{}", text(&output.stdout)),
        Err(_) => eprintln!("SKIPPED: python3 is needed to check an export from outside"),
    }
    let restored = keep.path().join("restored");
    assert_eq!(code(&echovoice(&restored, &["audit", "restore", out])), 0);
    verifies(&restored);

    // The customer may come again, and is somebody new.
    let again = run(&home, "01-clean-winner");
    assert!(opens(&home, &again) && !opens(&home, &gone));
    verifies(&home);

    // A backup from before is noticed as one in this home.
    fs::write(&ledger, &old_ledger).unwrap();
    refused(&echovoice(&home, &["audit", "rerun", &gone]), "older copy");
    assert_eq!(code(&echovoice(&home, &["audit", "verify"])), 3);

    // In another folder it is noticed as well.
    let moved = keep.path().join("moved");
    fs::rename(&home, &moved).unwrap();
    refused(&echovoice(&moved, &["audit", "rerun", &gone]), "older copy");

    // On another machine it opens for nobody with what is left: it can be read and checked, and not be written to.
    let rerun = elsewhere(&moved, &["audit", "rerun", &gone]);
    refused(&rerun, "keys are not this ledger's");
    let verified = elsewhere(&moved, &["audit", "verify"]);
    assert_eq!(code(&verified), 3);
    assert!(text(&verified.stdout).contains("vault.key is not this record's"));
    fs::remove_file(moved.join("vault.key")).unwrap();
    let verified = elsewhere(&moved, &["audit", "verify"]);
    assert_eq!(code(&verified), 0, "{}", text(&verified.stdout));
}

#[test]
fn a_hold_beats_an_erasure_and_a_deferral_is_on_record() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let held = run(home, "01-clean-winner");
    let hold = |action: &str| {
        principal(
            home,
            &[
                "audit",
                "hold",
                action,
                "C-20417",
                "--reason",
                "case 12-345 at court",
            ],
        )
    };
    refused(&hold("lift"), "no legal hold stands");
    assert_eq!(code(&hold("set")), 0);
    refused(&hold("set"), "already");
    let erase = ["audit", "erase", "C-20417", "--reason", WHY];
    refused(&principal(home, &erase), "a legal hold stands");
    let later = [&erase[..], &["--defer-until", "2028-12-31"]].concat();
    assert_eq!(code(&principal(home, &later)), 0);
    refused(
        &principal(home, &[&erase[..], &["--defer-until", "soon"]].concat()),
        "is not a day",
    );
    assert!(opens(home, &held));
    assert_eq!(code(&hold("lift")), 0);
    assert_eq!(code(&principal(home, &erase)), 0);
    assert!(!opens(home, &held));
    verifies(home);
    let list = text(&echovoice(home, &["audit", "list", "--limit", "99"]).stdout);
    for kind in [
        "hold.set",
        "hold.lifted",
        "erasure.deferred",
        "erasure.executed",
    ] {
        assert!(list.contains(kind), "{list}");
    }
}

#[test]
fn nothing_of_an_erased_customer_waits_for_a_person_or_its_hour() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let customer = |id: &str| {
        let profile = json!({
            "user_id": id, "name": "Ann Lee", "email": format!("{id}@example.com"), "jurisdiction": "US",
            "viewed_page": "payment_plans", "form_started": "yes",
        });
        run_of(home, &profile)
    };
    let (waits, claimed, halfway) = (customer("C-1"), customer("C-1"), customer("C-1"));
    let other = customer("C-2");
    // Of one nothing may go out, and no variant won.
    let blocked = run(home, "03-all-blocked");
    let ok = |output: Output| assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    ok(by("demo.officer", home, &["queue", "claim", &claimed]));
    let reason = "the fee is not what the contract says";
    let decide = |who: &str, run: &str, kind: &str| {
        by(
            who,
            home,
            &["decide", run, kind, "--variant", "A", "--reason", reason],
        )
    };
    ok(decide("demo.officer", &halfway, "request-changes"));
    ok(principal(home, &["audit", "erase", "C-1", "--reason", WHY]));
    let profile = fs::read_to_string("assets/profiles/03-all-blocked.json").unwrap();
    let profile: Value = serde_json::from_str(&profile).unwrap();
    let id = profile["user_id"].as_str().unwrap();
    ok(principal(home, &["audit", "erase", id, "--reason", WHY]));
    let state = |run: &str| {
        let listed = echovoice(home, &["audit", "list", &format!("run:{run}"), "--json"]);
        let listed = text(&listed.stdout);
        listed.matches("\"rejected\"").count() + listed.matches("\"kind\":\"reject\"").count()
    };
    let queue = text(&echovoice(home, &["queue", "list"]).stdout);
    for run in [&waits, &claimed, &halfway, &blocked] {
        assert!(!queue.contains(run.as_str()), "{queue}");
        assert!(state(run) > 0, "{run}");
    }
    assert!(queue.contains(&other), "{queue}");
    verifies(home);

    // Taken back, it can be rejected again, and nothing else.
    let back = ["queue", "withdraw", &waits, "--reason", reason];
    ok(principal(home, &back));
    for kind in ["approve", "override", "request-changes"] {
        refused(
            &decide("demo.principal", &waits, kind),
            "it can only be rejected",
        );
    }
    ok(decide("demo.principal", &waits, "reject"));
    verifies(home);
}

/// A run of a customer of these fields, and the run's id.
fn run_of(home: &Path, profile: &Value) -> String {
    let keep = tempfile::tempdir().unwrap();
    let file = keep.path().join("profile.json");
    fs::write(&file, profile.to_string()).unwrap();
    let output = echovoice(
        home,
        &["run", file.to_str().unwrap(), "--json", "--as-of", AS_OF],
    );
    assert!(matches!(code(&output), 0 | 3), "{output:?}");
    let run: Value = serde_json::from_slice(&output.stdout).unwrap();
    run["run_id"].as_str().unwrap().to_owned()
}

#[test]
fn a_customer_is_found_by_address_or_number_however_it_is_written() {
    let keep = tempfile::tempdir().unwrap();
    let home = keep.path().join("home");
    let customer = |id: &str, email: &str, phone: &str| {
        let profile = json!({
            "user_id": id, "name": "Ann Lee", "email": email, "phone": phone, "jurisdiction": "US",
            "viewed_page": "payment_plans", "form_started": "yes",
        });
        run_of(&home, &profile)
    };
    let ann = customer("C-1", "ann.lee@example.com", "+1 415 555 2671");
    let bob = customer("C-2", "bob@example.com", "+1 415 555 2672");
    let [cy, dee] = ["C-3", "C-4"].map(|id| customer(id, "pair@example.com", "+14155552673"));
    let erase = |who: &str| principal(&home, &["audit", "erase", who, "--reason", WHY]);
    for nobody in ["nobody@example.com", "+1 415 555 9999", "C-9"] {
        refused(&erase(nobody), "no such customer");
    }
    // Whose it is must be clear: each is named by a pseudonym, and nobody is erased.
    let both = erase("pair@example.com");
    refused(&both, "2 customers have it: s-");
    let hold = ["audit", "hold", "set", "(415) 555-2672", "--reason", WHY];
    assert_eq!(code(&principal(&home, &hold)), 0);
    refused(&erase("+1 (415) 555-2672"), "hold");
    let done = erase("Ann.Lee@EXAMPLE.com");
    assert_eq!(code(&done), 0, "{}", text(&done.stderr));
    assert!(!opens(&home, &ann));
    for run in [&bob, &cy, &dee] {
        assert!(opens(&home, run));
    }
    refused(&erase("ann.lee@example.com"), "no such customer");
    // A later customer of that address is found as any other.
    let again = customer("C-5", "ann.lee@example.com", "+14155552674");
    assert_eq!(code(&erase("tel:+1-415-555-2674")), 0);
    assert!(!opens(&home, &again));
    verifies(&home);
    // The index by which they were found names nobody.
    for path in files::below(&home.join("index")) {
        let held = text(&fs::read(&path).unwrap()).to_lowercase();
        for word in ["ann.lee", "bob@", "4155552672", "555 2672"] {
            assert!(!held.contains(word), "{}", path.display());
        }
    }
}

#[test]
fn no_word_of_a_page_or_place_lies_in_the_clear() {
    let keep = tempfile::tempdir().unwrap();
    let home = keep.path().join("home");
    let marks = ["zanzibarlovelace", "quuxword", "4711777"];
    for (id, page) in [
        ("C-1", "zanzibarlovelace_quuxword_4711777"),
        ("C-2", "payment_plans_of_zanzibarlovelace_quuxword"),
        ("C-3", "zanzibarlovelace@quuxword.example"),
    ] {
        let profile =
            json!({"user_id": id, "name": "Ada Osei", "jurisdiction": "US", "viewed_page": page});
        let run = run_of(&home, &profile);
        assert!(opens(&home, &run));
        let event = json!({"user_id": format!("{id}-x"), "jurisdiction": "UK", "last_event": page});
        run_of(&home, &event);
    }
    // A place that is none is no profile: nothing of it is recorded.
    for place in [
        "zanzibarlovelace",
        "ada@quuxword.example",
        "US-zanzibarlovelace",
    ] {
        let file = keep.path().join("wrong.json");
        fs::write(
            &file,
            json!({"user_id": "C-9", "jurisdiction": place}).to_string(),
        )
        .unwrap();
        let output = echovoice(&home, &["run", file.to_str().unwrap()]);
        assert_eq!(code(&output), 1, "{place}");
    }
    let export = keep.path().join("export");
    let out = export.to_str().unwrap();
    assert_eq!(
        code(&principal(&home, &["audit", "export", "--out", out])),
        0
    );
    assert_eq!(code(&echovoice(&home, &["audit", "index"])), 0);
    let shown = echovoice(&home, &["audit", "list", "--json", "--limit", "500"]);
    let listed = text(&shown.stdout).to_lowercase();
    for mark in marks {
        assert!(!listed.contains(mark), "{mark}");
        for path in [files::below(&export), files::below(&home)].concat() {
            let held = text(&fs::read(&path).unwrap()).to_lowercase();
            assert!(!held.contains(mark), "{mark} in {}", path.display());
        }
    }
    verifies(&home);
}
