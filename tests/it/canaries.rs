//! Planted tests of reviewers in a real home: they look like any other run, are opened with their decision, and nothing of
//! them is ever sent, whoever does whatever in which face.

use crate::support::dice::Dice;
use crate::support::stranger;
use crate::support::{code, echovoice, kinds};
use echovoice::domain::decision::{DecisionKind, ReviewState};
use echovoice::domain::review::Act;
use echovoice::domain::run::{Run, Stage};
use echovoice::ledger::log::Page;
use echovoice::ledger::{Entry, EntryKind};
use echovoice::service::canary::{self, PlantedTest, bank};
use echovoice::service::delivery::{handover, settle};
use echovoice::service::home::workspace::Options;
use echovoice::service::review::decide::{self, DecisionWord};
use echovoice::service::review::{self, ReviewStep, brief, history, queue};
use echovoice::service::run::{self, Options as RunOptions, Session, Unwatched, response};
use echovoice::service::{Needs, Workspace, audit};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::AtomicBool;

const WHY: &str = "a reason that is long enough to be taken by everybody";

fn opened(home: &Path, who: &str) -> Workspace {
    Workspace::open(Options {
        home,
        needs: Needs::Record,
        judges: false,
        person: Some(who),
        as_of: None,
        tenant: None,
        progress: &mut |_| {},
    })
    .unwrap()
}

fn line(text: &str, expect: &str) -> bank::BankLine {
    serde_json::from_value(serde_json::json!({
        "channel": "email", "product": "payment_plans", "subject": "Split Pay fits every budget", "text": text,
        "expect": expect, "why": "it plays down the cost of credit",
    }))
    .unwrap()
}

fn violation() -> bank::BankLine {
    line(
        "With Split Pay nobody needs to think about whether they can afford it.",
        "violation",
    )
}

fn decide(who: &Workspace, run: &str, kind: DecisionKind, variant: &str) -> bool {
    let word = DecisionWord {
        run,
        variant,
        kind,
        reason: WHY,
        code: None,
        seen: None,
    };
    decide::decide(who, &word).is_ok()
}

fn entries_of(workspace: &Workspace, run: &str) -> Vec<Entry> {
    let rows = workspace.log().unwrap().page(Page::OfRun { run }).unwrap();
    let read = |row: &(u64, Vec<u8>)| Entry::read(&row.1).unwrap();
    rows.iter().map(read).collect()
}

/// All places of a value, without what stands there.
fn places(value: &Value, at: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                places(value, &format!("{at}.{key}"), found);
            }
        }
        Value::Array(list) => list
            .iter()
            .for_each(|value| places(value, &format!("{at}[]"), found)),
        _ => {
            found.insert(at.to_owned());
        }
    }
}

/// What stands only where something was found.
fn without_findings(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    places(value, "", &mut found);
    found.retain(|place| {
        ![
            "findings", "rules", "reviews", "safe", "blocked", "evidence",
        ]
        .iter()
        .any(|part| place.contains(part))
    });
    found
}

/// An ordinary run of another customer with the same fields, by the same principal.
fn twin(principal: &Workspace, run: &Run) -> Run {
    let mut raw = run.profile.raw.clone();
    raw["user_id"] = "C-77310".into();
    let profile = echovoice::domain::profile::Profile::from_value(&raw).unwrap();
    let options = RunOptions {
        seed: run::SEED,
        record: true,
    };
    let mut session = run::start(principal, profile, options).unwrap();
    session
        .run_on(principal, &AtomicBool::new(false), &mut Unwatched)
        .unwrap();
    session.run
}

#[test]
fn a_planted_test_looks_like_any_other_run_until_it_is_decided() {
    let home = tempfile::tempdir().unwrap();
    let principal = opened(home.path(), "demo.principal");
    let test = canary::plant(&principal, &violation()).unwrap();
    let officer = principal.acting_as("demo.officer").unwrap();
    let run = history::load(&officer, &test.run).unwrap();
    let other = twin(&principal, &run);

    // The public JSON: the same fields.
    let own = response::of_run(&run, None);
    assert_eq!(
        without_findings(&own),
        without_findings(&response::of_run(&other, None))
    );
    // The row of the queue.
    let row = |id: &str| serde_json::to_value(queue::known(&officer, id).unwrap()).unwrap();
    let rows = [row(&run.id), row(&other.id)];
    let names = rows.clone().map(|row| {
        let keys = row.as_object().unwrap().keys().cloned();
        keys.filter(|key| !matches!(key.as_str(), "asks" | "rules" | "again"))
            .collect::<BTreeSet<_>>()
    });
    assert_eq!(names[0], names[1]);
    assert_eq!(
        (&rows[0]["state"], &rows[0]["by"]),
        (&rows[1]["state"], &rows[1]["by"])
    );
    // The record: the same kinds in the same order with the same fields, open and sealed.
    let shape = |id: &str| {
        let shape = |entry: Entry| {
            let data = entry.data.to_map().into_iter().map(|(key, _)| key);
            let data: Vec<String> = data
                .filter(|key| !matches!(key.as_str(), "reviews" | "again"))
                .collect();
            let kind = entry.kind();
            let blobs: Vec<String> = entry.blobs.into_keys().collect();
            let sealed: Vec<String> = entry.sealed.into_keys().collect();
            (kind, entry.actor, entry.role, data, blobs, sealed)
        };
        entries_of(&officer, id)
            .into_iter()
            .map(shape)
            .collect::<Vec<_>>()
    };
    assert_eq!(shape(&run.id), shape(&other.id));
    // Whatever is told of it in words says nothing.
    let told = [
        own.to_string(),
        rows[0].to_string(),
        serde_json::to_string(&entries_of(&officer, &run.id)).unwrap(),
        format!("{:?}", brief::of(&officer, &run).unwrap()),
    ];
    for text in told {
        let text = text.to_lowercase();
        for word in ["canary", "planted", "plays down", "nonce", "expect\""] {
            assert!(!text.contains(word), "{word} in {text}");
        }
    }
    // It is rerun like any other, and its texts come again when the stages are run anew.
    let again = run::replay::rerun(&officer, &run.id, false).unwrap();
    assert!(again.same, "{again:?}");
    let mut session = Session::resume(run.clone());
    session.rewind(&principal, Stage::Segment).unwrap();
    session
        .run_on(&principal, &AtomicBool::new(false), &mut Unwatched)
        .unwrap();
    let words = |run: &Run| run.variant(&test.variant).unwrap().clone();
    assert_eq!(words(&session.run), words(&run));
    assert_eq!(
        words(&history::load(&officer, &run.id).unwrap()),
        words(&run)
    );
    // A colleague who did not plant it does not see it in the list; and who planted it does not decide it.
    let tests = canary::list(&principal).unwrap();
    assert_eq!(tests.len(), 1);
    assert!(canary::list(&officer).is_err());
    assert!(!decide(
        &principal,
        &run.id,
        DecisionKind::Reject,
        &test.variant
    ));
    // Once it is over, whoever opens the run is told.
    assert!(decide(
        &officer,
        &run.id,
        DecisionKind::Reject,
        &test.variant
    ));
    let said = brief::statements(&officer, &run.id).unwrap();
    let first = said.first().unwrap();
    assert_eq!(first.did, "planted this as a test (violation): caught");
    assert_eq!(
        canary::list(&principal).unwrap()[0].decided_by.as_deref(),
        Some("demo.officer")
    );
}

#[test]
fn a_test_is_opened_with_its_decision_and_never_sent() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("mine.jsonl");
    let row = r#"{"channel":"email","product":"payment_plans","subject":"Split Pay fits every budget","text":"With Split Pay nobody needs to think about whether they can afford it.","expect":"violation","why":"it plays down the cost of credit"}"#;
    std::fs::write(&file, format!("{row}\n")).unwrap();
    let home = home.path().join("home");
    let cli = |who: &str, words: &[&str]| echovoice(&home, &[&["--as", who], words].concat());
    let done = cli(
        "demo.principal",
        &["canary", "plant", file.to_str().unwrap(), "--json"],
    );
    assert_eq!(code(&done), 0, "{done:?}");
    let test: Value = serde_json::from_slice(&done.stdout).unwrap();
    let (run, variant) = (
        test["run"].as_str().unwrap(),
        test["variant"].as_str().unwrap(),
    );
    for who in [
        "demo.officer",
        "demo.marketer",
        "demo.auditor",
        "demo.admin",
    ] {
        assert_eq!(
            code(&cli(who, &["canary", "plant", "--shipped", "1"])),
            1,
            "{who}"
        );
    }
    let decided = cli(
        "demo.officer",
        &["decide", run, "approve", "--variant", variant, "--json"],
    );
    let answer: Value = serde_json::from_slice(&decided.stdout).unwrap();
    assert_eq!(answer["state"], "test");
    assert_eq!(answer["delivery"]["status"], "nothing_to_send");
    assert_eq!(
        answer["delivery"]["reason"],
        "This was a planted test: violation, missed. Nothing was sent."
    );
    // The decision and what it opened stand together.
    let of_run = kinds(&home);
    assert_eq!(of_run[of_run.len() - 2..], ["decision", "canary.revealed"]);
    let size = || kinds(&home).len();
    let before = size();
    for words in [
        &["deliver"][..],
        &["deliver", "--settle", run, "--sent", "--reason", WHY],
        &["queue", "withdraw", run, "--reason", WHY],
        &["queue", "recall", run, "--reason", WHY],
        &["queue", "claim", run],
        &["rewrite", run, "--variant", variant],
        &["decide", run, "approve", "--variant", variant],
        &["canary", "end", run, "--reason", WHY],
    ] {
        cli("demo.principal", words);
    }
    assert_eq!(size(), before, "nothing was written about it");
    assert!(std::fs::read_dir(home.join("outbox")).map_or(0, Iterator::count) == 0);
    // Both verifiers hold it, and the figures know it.
    assert_eq!(code(&cli("demo.auditor", &["audit", "verify"])), 0);
    let out = home.join("export");
    assert_eq!(
        code(&cli(
            "demo.auditor",
            &["audit", "export", "--out", out.to_str().unwrap()]
        )),
        0
    );
    if let Some((holds, words)) = stranger::checks(&out) {
        assert!(holds, "{words}");
    }
    let stats = cli("demo.auditor", &["audit", "stats", "--json"]);
    let stats: Value = serde_json::from_slice(&stats.stdout).unwrap();
    assert_eq!(
        (&stats["runs"], &stats["planted_tests"]),
        (&0.into(), &1.into())
    );
    let one = &stats["quality"]["reviewers"][0];
    assert_eq!(one["name"], "demo.officer");
    assert_eq!(
        (&one["decisions"], &one["tests"]["missed"]),
        (&0.into(), &1.into())
    );
    assert_eq!(one["caught"]["of"], 1);
    // Whoever is neither principal nor auditor sees themselves alone.
    let marketer = cli("demo.marketer", &["audit", "stats", "--json"]);
    let marketer: Value = serde_json::from_slice(&marketer.stdout).unwrap();
    assert_eq!(marketer["quality"]["reviewers"], serde_json::json!([]));
}

#[test]
fn a_text_that_the_gate_blocks_or_that_holds_personal_data_is_not_planted() {
    let home = tempfile::tempdir().unwrap();
    let principal = opened(home.path(), "demo.principal");
    let why = |line: &bank::BankLine| canary::plant(&principal, line).unwrap_err().to_string();
    let blocked = line(
        "Everybody is approved for Split Pay, guaranteed approval.",
        "violation",
    );
    assert!(why(&blocked).contains("the gate blocks this text"));
    let personal = line("Write to ann.lee@bank-of-ann.com about it.", "clean");
    assert!(why(&personal).contains("personal data"));
    let mut real = violation();
    twin(&principal, &{
        let test = canary::plant(&principal, &violation()).unwrap();
        history::load(&principal, &test.run).unwrap()
    });
    real.customer.insert("user_id".into(), "C-77310".into());
    assert!(why(&real).contains("the record knows this customer"));
}

#[test]
fn a_text_that_nobody_would_have_to_read_or_that_cannot_be_opened_is_not_planted() {
    let home = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bank.jsonl");
    drop(opened(home.path(), "demo.principal"));
    let good = serde_json::json!({
        "channel": "email", "product": "payment_plans", "subject": "Split Pay fits every budget",
        "text": violation().text, "expect": "violation", "why": "it plays down the cost of credit",
    });
    let before = kinds(home.path());
    for (field, value, says) in [
        ("subject", "S".repeat(201), "subject: at most 200"),
        ("subject", "two\nlines".into(), "one line"),
        ("why", "it says\nwhat is not so".into(), "one line"),
        (
            "text",
            "Everybody is approved for Split Pay, guaranteed approval.".into(),
            "the gate blocks this text",
        ),
    ] {
        let mut bad = good.clone();
        bad[field] = value.into();
        std::fs::write(&file, format!("{good}\n{bad}\n")).unwrap();
        let refused = echovoice(
            home.path(),
            &[
                "--as",
                "demo.principal",
                "canary",
                "plant",
                file.to_str().unwrap(),
            ],
        );
        let words = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(code(&refused), 1, "{words}");
        assert!(
            words.contains(says) && words.contains("bank.jsonl:2"),
            "{words}"
        );
    }
    assert_eq!(
        kinds(home.path()),
        before,
        "nothing of a file with a bad line is planted"
    );
    // Every shipped message that is planted is the one that is proposed.
    let planted = echovoice(
        home.path(),
        &[
            "--as",
            "demo.principal",
            "canary",
            "plant",
            "--shipped",
            "4",
            "--json",
        ],
    );
    assert_eq!(
        code(&planted),
        0,
        "{}",
        String::from_utf8_lossy(&planted.stderr)
    );
    let principal = opened(home.path(), "demo.principal");
    let mut expected = BTreeSet::new();
    for test in canary::list(&principal).unwrap() {
        let run = history::load(&principal, &test.run).unwrap();
        let winner = run.analysis.as_ref().and_then(|a| a.winner.as_ref());
        assert_eq!(
            winner.map(|w| w.variant_id.as_str()),
            Some(test.variant.as_str())
        );
        expected.insert(test.expect.as_str());
    }
    assert_eq!(
        expected.len(),
        2,
        "violations and clean texts: {expected:?}"
    );
}

#[test]
fn sealed_profiles_are_of_one_length() {
    let home = tempfile::tempdir().unwrap();
    let principal = opened(home.path(), "demo.principal");
    let test = canary::plant(&principal, &violation()).unwrap();
    let run = history::load(&principal, &test.run).unwrap();
    twin(&principal, &run);
    drop(principal);
    let out = home.path().join("out");
    let done = echovoice(
        home.path(),
        &["audit", "export", "--out", out.to_str().unwrap()],
    );
    assert_eq!(code(&done), 0, "{}", String::from_utf8_lossy(&done.stderr));
    let mut lengths = BTreeSet::new();
    let entries = std::fs::read_to_string(out.join("entries.jsonl")).unwrap();
    for entry in entries.lines() {
        let entry: Value = serde_json::from_str(entry).unwrap();
        if let Some(blob) = entry["sealed"]["profile"]["blob"].as_str() {
            let hex = blob.rsplit(':').next().unwrap();
            lengths.insert(
                std::fs::metadata(out.join("blobs").join(&hex[..2]).join(hex))
                    .unwrap()
                    .len(),
            );
        }
    }
    assert_eq!(lengths.len(), 1, "{lengths:?}");
}

#[test]
fn what_the_first_of_two_persons_signed_stands() {
    let home = tempfile::tempdir().unwrap();
    drop(opened(home.path(), "demo.principal"));
    let pack = "[pack]\nid = \"house\"\nversion = \"1\"\ntitle = \"House\"\nauthor = \"somebody\"\n[review.two_persons]\nchannels = [\"email\"]\n";
    std::fs::write(home.path().join("policies/house.toml"), pack).unwrap();
    let cli = |who: &str, arguments: &[&str]| {
        let done = echovoice(home.path(), &[&["--as", who], arguments].concat());
        assert_eq!(code(&done), 0, "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).into_owned()
    };
    cli("demo.principal", &["policy", "activate", "house"]);
    let principal = opened(home.path(), "demo.principal");
    let officer = principal.acting_as("demo.officer").unwrap();
    let ended = canary::plant(&principal, &violation()).unwrap();
    assert!(decide(
        &officer,
        &ended.run,
        DecisionKind::Approve,
        &ended.variant
    ));
    let (_, outcome) =
        canary::end(&principal, &ended.run, "the quarter is over, as planned").unwrap();
    assert_eq!(outcome.as_str(), "missed");
    // Who takes a first signature back has signed it.
    let taken = canary::plant(&principal, &violation()).unwrap();
    assert!(decide(
        &officer,
        &taken.run,
        DecisionKind::Approve,
        &taken.variant
    ));
    drop((officer, principal));
    cli(
        "demo.officer",
        &["queue", "withdraw", &taken.run, "--reason", WHY],
    );
    cli(
        "demo.officer",
        &[
            "decide",
            &taken.run,
            "reject",
            "--variant",
            &taken.variant,
            "--reason",
            WHY,
            "--code",
            "other",
        ],
    );
    let stats: Value =
        serde_json::from_str(&cli("demo.officer", &["audit", "stats", "--json"])).unwrap();
    let caught = &stats["quality"]["reviewers"][0]["caught"];
    assert_eq!(
        (&caught["count"], &caught["of"]),
        (&Value::from(0), &Value::from(2)),
        "{stats}"
    );
    let out = home.path().join("out");
    cli(
        "demo.auditor",
        &["audit", "export", "--out", out.to_str().unwrap()],
    );
    if let Some((holds, words)) = stranger::checks(&out) {
        assert!(holds, "{words}");
    }
    cli("demo.auditor", &["audit", "verify"]);
}

/// Something that a person does to a test.
fn act(people: &[Workspace], dice: &mut Dice, test: &PlantedTest) -> String {
    let who = &people[dice.of(people.len())];
    let run = test.run.as_str();
    let variant = if dice.of(3) == 0 {
        "C"
    } else {
        test.variant.as_str()
    };
    let said = |act| {
        let to = Some("demo.officer");
        review::act(
            who,
            run,
            ReviewStep {
                act,
                to,
                reason: WHY,
            },
        )
        .is_ok()
    };
    let session = || history::load(who, run).map(Session::resume);
    let never = AtomicBool::new(false);
    let (name, done) = match dice.of(13) {
        0 | 1 => ("approve", decide(who, run, DecisionKind::Approve, variant)),
        2 => ("reject", decide(who, run, DecisionKind::Reject, variant)),
        3 => (
            "request",
            decide(who, run, DecisionKind::RequestChanges, variant),
        ),
        4 => (
            "override",
            decide(who, run, DecisionKind::Override, variant),
        ),
        5 => ("claim", said(Act::Claim)),
        6 => ("withdraw", said(Act::Withdraw)),
        7 => ("reopen", said(Act::Reopen)),
        8 => ("escalate", said(Act::Escalate)),
        9 => (
            "edit",
            session().is_ok_and(|mut open| {
                open.edit(
                    who,
                    &test.variant,
                    "Your plan",
                    "Hello,\n\nSee your plan in your account.",
                )
                .is_ok()
                    && open.run_on(who, &never, &mut Unwatched).is_ok()
            }),
        ),
        10 => ("settle", settle::settle(who, run, true, WHY).is_ok()),
        11 => ("end", canary::end(who, run, WHY).is_ok()),
        _ => {
            let mut sent = Vec::new();
            let done = handover::deliver_approved(who, 50, &mut |run, delivery| {
                sent.push((run.to_owned(), delivery));
            });
            assert!(sent.is_empty(), "{sent:?}");
            ("deliver", done.is_ok())
        }
    };
    format!("{} {name} {done}", who.person.name)
}

#[test]
fn no_sequence_of_acts_sends_a_planted_test() {
    let home = tempfile::tempdir().unwrap();
    let principal = opened(home.path(), "demo.principal");
    let names = ["demo.officer", "demo.marketer"];
    let mut people: Vec<Workspace> = names
        .iter()
        .map(|name| principal.acting_as(name).unwrap())
        .collect();
    people.push(principal.acting_as("demo.principal").unwrap());
    let mut over = 0;
    for seed in 0..12 {
        let test = canary::plant(&principal, &violation()).unwrap();
        let mut dice = Dice(seed * 104_729 + 3);
        let done: Vec<String> = (0..10).map(|_| act(&people, &mut dice, &test)).collect();
        let entries = entries_of(&principal, &test.run);
        let sent = entries
            .iter()
            .any(|entry| entry.kind() == EntryKind::Delivery);
        assert!(!sent, "seed {seed}: {done:?}");
        let state = queue::known(&principal, &test.run).unwrap().state;
        let is_over = state == ReviewState::Tested;
        assert!(
            is_over || !matches!(state, ReviewState::Approved | ReviewState::Rejected),
            "seed {seed}: {done:?}"
        );
        over += usize::from(is_over);
    }
    assert!(over > 4, "{over}");
    let outbox = home.path().join("outbox");
    assert_eq!(std::fs::read_dir(outbox).map_or(0, Iterator::count), 0);
    let report = audit::verify(&principal, None).unwrap();
    assert!(report.ok, "{:?}", report.problem);
}

#[test]
fn the_page_of_reviewers_on_a_large_screen() {
    use crate::support::scene;
    use echovoice::tui::snapshot;
    let model = scene::model(echovoice::tui::theme::DARK, "reviewers");
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        let buffer = snapshot::frame(&model, 200, 50);
        insta::assert_snapshot!("reviewers-200x50-dark", snapshot::styled(&buffer));
    });
}
