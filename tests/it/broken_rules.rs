//! Packs in force that cannot be compiled, as after a change of the program: whatever judges says so once and records
//! nothing, what judges nothing goes on, and there is a way back. And whatever is judged names the packs that judged it.

use crate::support::{AS_OF, code, run_demo, words};
use echovoice::domain::digest::Digest;
use echovoice::domain::finding::Disposition;
use echovoice::service::home::workspace::Options;
use echovoice::service::review::history;
use echovoice::service::run::{self, Session, Unwatched};
use echovoice::service::{Needs, Workspace};
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// A pack in force whose expression names a class of words that there is not.
fn with_a_broken_pack(home: &Path, id: &str) {
    assert_eq!(words(home, &["policy", "list"]).0, 0);
    let path = home.join(format!("policies/active/{id}.toml"));
    let text = fs::read_to_string(&path).unwrap();
    let at = text.find("find = [").unwrap();
    let end = at + text[at..].find('\n').unwrap();
    let broken = format!(
        "{}find = [\"{{no_such_class}}\"]{}",
        &text[..at],
        &text[end..]
    );
    let list = home.join("policies/active/active.json");
    let listed = fs::read_to_string(&list).unwrap();
    let hash = |text: &str| Digest::of(text.as_bytes()).to_string();
    assert!(listed.contains(&hash(&text)));
    fs::write(&list, listed.replace(&hash(&text), &hash(&broken))).unwrap();
    fs::write(&path, broken).unwrap();
}

#[test]
fn whatever_judges_stops_and_all_else_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    with_a_broken_pack(home, "plain");
    let profile = "assets/profiles/01-clean-winner.json";
    let batch = home.join("batch.jsonl");
    let line = fs::read_to_string(profile).unwrap().replace('\n', " ");
    fs::write(&batch, format!("{line}\n{line}\n")).unwrap();
    let batch = batch.to_str().unwrap();
    for judges in [
        &["run", profile][..],
        &["run", profile, "--no-record"],
        &["batch", batch],
        &["check", "tests/fixtures/sample.eml"],
        &["policy", "what-if", "plain", "--live"],
        &["policy", "explain", "This fund cannot lose."],
    ] {
        let (code, told) = words(home, judges);
        assert_eq!(code, 1, "{judges:?}: {told}");
        assert_eq!(told.matches("{no_such_class}").count(), 1, "{told}");
    }
    let (code, told) = words(home, &["audit", "list", "what:run.started", "--json"]);
    assert!(code == 0 && !told.contains("run.started"), "{told}");
    for other in [
        &["audit", "verify"][..],
        &["queue", "list"],
        &["policy", "list"],
        &["deliver"],
    ] {
        let (code, told) = words(home, other);
        assert_eq!(code, 0, "{other:?}: {told}");
    }
    // The draft that shipped is sound, and replaces what is broken.
    let (code, told) = words(home, &["--as", "demo.admin", "policy", "activate", "plain"]);
    assert_eq!(code, 0, "{told}");
    assert_eq!(self::code(&run_demo(home)), 0);
    assert_eq!(words(home, &["audit", "verify"]).0, 0);
}

#[test]
fn packs_that_do_not_compile_are_neither_accepted_nor_left_behind() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    assert_eq!(code(&run_demo(home)), 0);
    let admin = |args: &[&str]| words(home, &[&["--as", "demo.admin", "policy"], args].concat());
    let (code, told) = admin(&["activate", "--remove", "claims-products"]);
    assert!(
        code != 0 && told.contains("ask for claims-products"),
        "{told}"
    );
    with_a_broken_pack(home, "plain");
    let (code, told) = admin(&["accept", "--reason", "nobody looked at it"]);
    assert!(code == 1 && told.contains("{no_such_class}"), "{told}");
}

#[test]
fn of_two_broken_packs_each_gives_way() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    with_a_broken_pack(home, "plain");
    with_a_broken_pack(home, "tarnwick");
    let admin = |args: &[&str]| words(home, &[&["--as", "demo.admin", "policy"], args].concat());
    // What has nothing to do with them may go too.
    for change in [
        &["activate", "plain"][..],
        &["activate", "--remove", "canada"],
        &["activate", "tarnwick"],
    ] {
        let (code, told) = admin(change);
        assert_eq!(code, 0, "{change:?}: {told}");
    }
    assert_eq!(code(&run_demo(home)), 0);
}

fn open(home: &Path) -> Workspace {
    Workspace::open(Options {
        home,
        needs: Needs::Record,
        judges: false,
        person: Some("demo.officer"),
        as_of: chrono::DateTime::parse_from_rfc3339(AS_OF).ok(),
        tenant: None,
        progress: &mut |_| {},
    })
    .unwrap()
}

/// A recorded run of a demo profile, not yet stepped.
fn started(workspace: &Workspace) -> Session {
    let path = Path::new("assets/profiles/01-clean-winner.json");
    let profile = echovoice::service::intake::read(path)
        .unwrap()
        .swap_remove(0)
        .profile;
    let options = run::Options {
        seed: run::SEED,
        record: true,
    };
    run::start(workspace, profile, options).unwrap()
}

#[test]
fn a_revision_names_the_packs_that_judged_it() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let never = AtomicBool::new(false);
    let workspace = open(home);
    let mut session = started(&workspace);
    session.run_on(&workspace, &never, &mut Unwatched).unwrap();
    let (id, before) = (session.run.id.clone(), workspace.book.digest());
    assert_eq!(session.run.pins.pack, before);
    drop((session, workspace));

    let draft = home.join("policies/plain.toml");
    let text = fs::read_to_string(&draft).unwrap();
    fs::write(&draft, format!("{text}\n# read again\n")).unwrap();
    let (code, told) = words(home, &["--as", "demo.admin", "policy", "activate", "plain"]);
    assert_eq!(code, 0, "{told}");

    let workspace = open(home);
    let now = workspace.book.digest();
    assert_ne!(now, before);
    let loaded = history::load(&workspace, &id).unwrap();
    assert_eq!(loaded.pins.pack, before, "as it was judged");
    let mut session = Session::resume(loaded);
    let letter = session.run.variants.as_ref().unwrap()[0].clone();
    let body = letter.body.replace("Questions?", "Any questions?");
    session
        .edit(&workspace, &letter.id, &letter.subject, &body)
        .unwrap();
    session.run_on(&workspace, &never, &mut Unwatched).unwrap();
    assert_eq!(session.run.pins.pack, now);
    let judged = session.run.gate.as_ref().unwrap();
    assert_eq!(judged[0].verdict.disposition, Disposition::Pass);
    assert_eq!(history::load(&workspace, &id).unwrap().pins.pack, now);
    drop((session, workspace));
    let (code, told) = words(
        home,
        &[
            "--as",
            "demo.principal",
            "decide",
            &id,
            "approve",
            "--variant",
            &letter.id,
        ],
    );
    assert_eq!(code, 0, "{told}");
    let (code, told) = words(home, &["audit", "verify"]);
    assert_eq!(code, 0, "{told}");
}

#[test]
fn a_process_whose_packs_were_replaced_judges_no_more() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let never = AtomicBool::new(false);
    let workspace = open(home);
    let mut session = started(&workspace);
    session
        .step(&workspace, &never, &mut |_| {})
        .unwrap()
        .unwrap();
    // Another process writes through this one.
    let active = home.join("policies/active/active.json");
    let listed = fs::read_to_string(&active).unwrap();
    let at = listed.find("sha256:").unwrap() + "sha256:".len();
    fs::write(
        &active,
        format!("{}{}{}", &listed[..at], "0".repeat(64), &listed[at + 64..]),
    )
    .unwrap();
    let refused = session
        .run_on(&workspace, &never, &mut Unwatched)
        .unwrap_err();
    assert!(refused.what.contains("in force have changed"), "{refused}");
    assert!(session.run.gate.is_none());
}
