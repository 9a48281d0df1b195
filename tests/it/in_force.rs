//! What is in force is on record: packs, and the texts behind every run. A file that was changed past the program is told
//! by every command that looks, nothing runs under it, and an administrator's word goes on record. Tokens too.

use crate::support::{AS_OF, accept_home, code, run_demo, words};
use serde_json::Value;
use std::fs;
use std::path::Path;

fn run(home: &Path) -> (i32, String) {
    words(
        home,
        &["run", "assets/profiles/08-eu.json", "--as-of", AS_OF],
    )
}

/// Nothing runs, and what is other is named; then it is brought back.
fn is_named(home: &Path, what: &str, named: &str) {
    let (code, told) = run(home);
    assert_eq!(code, 1, "{what}: {told}");
    assert!(told.contains(named), "{what}: {told}");
    assert!(told.contains("policy accept"), "{what}: {told}");
    let (_, told) = words(home, &["audit", "verify"]);
    assert!(told.contains(named), "{what}, verify: {told}");
    if !named.starts_with("disclosures") && !named.starts_with("policies") {
        return;
    }
    let (_, told) = words(home, &["doctor"]);
    let line = told.lines().find(|line| line.contains("in force")).unwrap();
    assert!(
        line.starts_with("BAD") && line.contains(named),
        "{what}, doctor: {told}"
    );
}

#[test]
fn a_text_that_was_changed_past_the_program_is_named_and_nothing_runs_under_it() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    assert_eq!(code(&run_demo(home)), 0);
    assert_eq!(run(home).0, 0, "a second time, without a question");
    for file in [
        "disclosures.toml",
        "brand/brand.toml",
        "templates/common.toml",
        "templates/variants.toml",
        "knowledge_base/products.toml",
        "segments.toml",
        "outcomes.toml",
        "experiments.toml",
    ] {
        let path = home.join(file);
        let before = fs::read(&path).unwrap();
        fs::write(&path, [before.as_slice(), b"\n# harmless?\n"].concat()).unwrap();
        is_named(home, file, &format!("{file} was changed"));
        fs::write(&path, before).unwrap();
        assert_eq!(run(home).0, 0, "{file} is as it was");
    }
    // An administrator puts it on record, and nobody else does.
    let path = home.join("disclosures.toml");
    let before = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{before}\n# reviewed in November\n")).unwrap();
    let why = ["policy", "accept", "--reason", "the texts of November"];
    let (code, told) = words(home, &[&["--as", "demo.officer"], &why[..]].concat());
    assert!(code == 1 && told.contains("admin"), "{told}");
    accept_home(home);
    assert_eq!(run(home).0, 0);
    let (_, listed) = words(home, &["audit", "list", "what:home.accepted"]);
    assert!(listed.contains("demo.admin"), "{listed}");
    let (code, told) = words(home, &[&["--as", "demo.admin"], &why[..]].concat());
    assert!(code == 1 && told.contains("nothing to accept"), "{told}");
    assert_eq!(words(home, &["audit", "verify"]).0, 0);
}

#[test]
fn packs_are_those_that_the_record_has_in_force() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    assert_eq!(code(&run_demo(home)), 0);
    let active = home.join("policies/active");
    let manifest = active.join("active.json");
    let before = fs::read_to_string(&manifest).unwrap();
    // One pack less on the list.
    let mut list: Vec<Value> = serde_json::from_str(&before).unwrap();
    let gone = list.remove(0)["id"].as_str().unwrap().to_owned();
    fs::write(&manifest, serde_json::to_string(&list).unwrap()).unwrap();
    is_named(
        home,
        "a pack less",
        &format!("policies/active/{gone}.toml is on record"),
    );
    fs::write(&manifest, &before).unwrap();
    assert_eq!(run(home).0, 0);
    // Another text under the same name, with the hash that goes with it.
    let path = active.join(format!("{gone}.toml"));
    let pack = fs::read_to_string(&path).unwrap();
    let milder = format!("{pack}\n# milder\n");
    fs::write(&path, &milder).unwrap();
    let mut list: Vec<Value> = serde_json::from_str(&before).unwrap();
    let hash = echovoice::domain::digest::Digest::of(milder.as_bytes());
    list[0]["digest"] = hash.to_string().into();
    fs::write(&manifest, serde_json::to_string(&list).unwrap()).unwrap();
    is_named(
        home,
        "another pack",
        &format!("policies/active/{gone}.toml was changed"),
    );
    fs::write(&path, &pack).unwrap();
    fs::write(&manifest, &before).unwrap();
    // The folder removed, so that drafts which nobody activated would be in force.
    let draft = fs::read_dir(home.join("policies"))
        .unwrap()
        .flatten()
        .map(|file| file.path());
    let draft = draft
        .into_iter()
        .find(|path| path.extension().is_some_and(|e| e == "toml"))
        .unwrap();
    let kept = fs::read_to_string(&draft).unwrap();
    fs::write(&draft, format!("{kept}\n# nobody activated this\n")).unwrap();
    fs::remove_dir_all(&active).unwrap();
    is_named(home, "the folder removed", "was changed");
    fs::remove_dir_all(&active).unwrap();
    fs::write(&draft, kept).unwrap();
    assert_eq!(run(home).0, 0);
    // An activation is signed, and changes what is in force by itself alone.
    let text = pack.replacen("version = \"", "version = \"9", 1);
    let named = fs::read_dir(home.join("policies"))
        .unwrap()
        .flatten()
        .map(|file| file.path());
    let mut named = named.filter(|path| path.is_file());
    let own = named
        .find(|path| fs::read_to_string(path).is_ok_and(|t| t == pack))
        .unwrap();
    fs::write(own, text).unwrap();
    let (code, told) = words(home, &["policy", "activate", &gone]);
    assert_eq!(code, 0, "{told}");
    assert_eq!(run(home).0, 0);
    let (code, told) = words(home, &["audit", "verify"]);
    assert!(code == 0 && !told.contains("not on record so"), "{told}");
}

#[test]
fn a_token_is_a_right_and_an_entry_and_the_file_alone_is_none() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let add = |by: &str, name: &str| words(home, &["--as", by, "token", "add", name, "--json"]);
    let refused = |by: &str, name: &str| {
        let (code, told) = add(by, name);
        assert!(
            code == 1 && told.contains("may not"),
            "{by} for {name}: {told}"
        );
    };
    refused("demo.officer", "demo.principal");
    refused("demo.admin", "demo.officer");
    refused("demo.principal", "demo.officer");
    refused("demo.marketer", "demo.auditor");
    for (by, name) in [
        ("demo.officer", "demo.officer"),
        ("demo.principal", "demo.marketer"),
        ("demo.admin", "demo.auditor"),
    ] {
        let (code, told) = add(by, name);
        assert_eq!(code, 0, "{told}");
    }
    let (_, listed) = words(home, &["audit", "list", "what:token.made"]);
    assert_eq!(listed.lines().count(), 3, "{listed}");
    let text = fs::read_to_string(home.join("tokens.json")).unwrap();
    let tokens: Vec<Value> = serde_json::from_str(&text).unwrap();
    let id = |n: usize| tokens[n]["id"].as_str().unwrap().to_owned();
    let (code, told) = words(home, &["--as", "demo.auditor", "token", "revoke", &id(0)]);
    assert!(code == 1 && told.contains("may not"), "{told}");
    let revoke = ["--as", "demo.principal", "token", "revoke", &*id(0)];
    assert_eq!(words(home, &revoke).0, 0);
    // The line put back into the file is no token again, nor is one with another person's name.
    fs::write(home.join("tokens.json"), text).unwrap();
    let workspace =
        echovoice::service::Workspace::open(echovoice::service::home::workspace::Options {
            home,
            needs: echovoice::service::Needs::Record,
            judges: false,
            person: None,
            as_of: None,
            tenant: None,
            progress: &mut |_| {},
        })
        .unwrap();
    let mut all = echovoice::service::users::tokens::list(home).unwrap();
    let holds = |token: &echovoice::service::users::tokens::Token| {
        echovoice::service::users::tokens::is_on_record(&workspace, token).unwrap()
    };
    assert_eq!(
        all.iter().map(holds).collect::<Vec<_>>(),
        [false, true, true]
    );
    all[1].person = "demo.principal".into();
    assert!(!holds(&all[1]));
    all[2].expires = Some("2099-01-01T00:00:00Z".into());
    assert!(!holds(&all[2]));
}

/// A demo home with a pack in force that asks for two persons; its text comes back.
fn two_persons(home: &Path) -> String {
    assert_eq!(code(&run_demo(home)), 0);
    let draft = home.join("policies/plain.toml");
    let text = fs::read_to_string(&draft).unwrap();
    let text = text.replacen("[pack]\n", "[pack]\ntwo_persons = true\n", 1);
    fs::write(&draft, &text).unwrap();
    text
}

/// The number of a proposal, which is all that a change came to.
fn proposed(home: &Path, args: &[&str]) -> String {
    let (code, told) = words(home, &[args, &["--json"]].concat());
    assert_eq!(code, 0, "{told}");
    let told: Value = serde_json::from_str(&told).unwrap();
    assert!(told.get("seq").is_none(), "{told}");
    told["proposal"].to_string()
}

#[test]
fn a_pack_that_asks_for_two_persons_waits_for_the_second() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let text = two_persons(home);
    let active = home.join("policies/active/plain.toml");
    let before = fs::read_to_string(&active).unwrap();
    let proposal = proposed(home, &["policy", "activate", "plain"]);
    assert_eq!(fs::read_to_string(&active).unwrap(), before);
    assert_eq!(run(home).0, 0, "what was in force is");
    // It is told with the packs, and not proposed once more.
    let (_, told) = words(home, &["policy", "list"]);
    let waits = format!("policy confirm {proposal}`");
    assert!(told.contains(&waits), "{told}");
    for (by, fix) in [
        ("demo.officer", "you proposed this already"),
        ("demo.admin", "confirm it: `echovoice policy confirm"),
    ] {
        let (code, told) = words(home, &["--as", by, "policy", "activate", "plain"]);
        assert!(code == 1 && told.contains(fix), "{told}");
    }
    let confirm =
        |by: &str, proposal: &str| words(home, &["--as", by, "policy", "confirm", proposal]);
    let (code, told) = confirm("demo.officer", &proposal);
    assert!(code == 1 && told.contains("you proposed it"), "{told}");
    let (code, told) = confirm("demo.auditor", &proposal);
    assert!(code == 1 && told.contains("may not"), "{told}");
    let (code, told) = confirm("demo.principal", "0");
    assert!(code == 1 && told.contains("what:state.proposed"), "{told}");
    // What was proposed is confirmed, and not what became of the draft.
    fs::write(
        home.join("policies/plain.toml"),
        format!("{text}\n# later\n"),
    )
    .unwrap();
    let (code, told) = confirm("demo.principal", &proposal);
    assert!(code == 0 && told.contains("is in force"), "{told}");
    assert_eq!(fs::read_to_string(&active).unwrap(), text);
    assert_eq!(run(home).0, 0);
    let (code, told) = confirm("demo.admin", &proposal);
    assert!(code == 1 && told.contains("changed since"), "{told}");
    let (_, told) = words(home, &["policy", "list"]);
    assert!(!told.contains("waits for"), "{told}");
    // Out of force again, by two as well.
    let proposal = proposed(home, &["policy", "activate", "plain", "--remove"]);
    assert!(active.exists());
    let (code, told) = confirm("demo.principal", &proposal);
    assert!(code == 0 && told.contains("no longer in force"), "{told}");
    assert!(!active.exists());
    let (code, told) = words(home, &["audit", "verify"]);
    assert!(code == 0 && !told.contains("not on record so"), "{told}");
    let (_, told) = words(home, &["audit", "list", "what:state.proposed"]);
    assert!(
        told.contains("proposes to deactivate the pack plain"),
        "{told}"
    );
}

#[test]
fn no_administrator_alone_takes_such_a_pack_out_past_the_program() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    two_persons(home);
    let proposal = proposed(home, &["policy", "activate", "plain"]);
    let confirm = ["--as", "demo.principal", "policy", "confirm", &*proposal];
    assert_eq!(words(home, &confirm).0, 0);
    let manifest = home.join("policies/active/active.json");
    let before = fs::read_to_string(&manifest).unwrap();
    let mut list: Vec<Value> = serde_json::from_str(&before).unwrap();
    list.retain(|pack| pack["id"] != "plain");
    fs::write(&manifest, serde_json::to_string(&list).unwrap()).unwrap();
    let why = ["--reason", "we do without it now"];
    let accept = [&["--as", "demo.admin", "policy", "accept"], &why[..]].concat();
    let proposal = proposed(home, &accept);
    assert_eq!(run(home).0, 1, "nothing is in force by a proposal");
    let confirm = ["--as", "demo.admin", "policy", "confirm", &*proposal];
    let (code, told) = words(home, &confirm);
    assert!(code == 1 && told.contains("you proposed it"), "{told}");
    fs::write(&manifest, before).unwrap();
    assert_eq!(run(home).0, 0);
}
