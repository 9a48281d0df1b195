//! An older copy of the record, and another one in its place, are noticed without anybody's care: by what this machine
//! saw, by the checkpoint kept elsewhere, and by a witness that cosigns.

use crate::support::witness::{Known, Witness, add_checkpoint};
use echovoice::ledger::keys::SigningKey;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A home, and what the machine that it is on remembers.
struct House {
    folder: tempfile::TempDir,
}

impl House {
    fn new() -> Self {
        let house = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        house.ok(&["run", "assets/profiles/01-clean-winner.json", "--json"]);
        house
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    fn elsewhere(&self) -> PathBuf {
        self.folder.path().join("elsewhere").join("checkpoint")
    }

    fn ask(&self, args: &[&str]) -> (i32, String) {
        let output: Output = Command::new(env!("CARGO_BIN_EXE_echovoice"))
            .args(args)
            .env("ECHOVOICE_HOME", self.home())
            .env("ECHOVOICE_STATE", self.state())
            .env_remove("ECHOVOICE_USER")
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        let words = [output.stdout, output.stderr].concat();
        let words = String::from_utf8_lossy(&words).into_owned();
        (output.status.code().unwrap(), words)
    }

    fn ok(&self, args: &[&str]) -> String {
        let (code, words) = self.ask(args);
        assert_eq!(code, 0, "{args:?}: {words}");
        words
    }

    fn run(&self) -> (i32, String) {
        self.ask(&["run", "assets/profiles/08-eu.json", "--json"])
    }

    fn settings(&self, text: &str) {
        fs::write(self.home().join("config.toml"), text).unwrap();
    }

    fn knows(&self, witness: &Witness) {
        let key = echovoice::service::users::people::log_public(&self.home()).unwrap();
        let checkpoint = self.ok(&["audit", "checkpoint"]);
        let origin = checkpoint.lines().next().unwrap().to_owned();
        witness.known.lock().unwrap().logs.insert(origin, key);
    }

    fn size(&self) -> u64 {
        let checkpoint = self.ok(&["audit", "checkpoint"]);
        checkpoint.lines().nth(1).unwrap().parse().unwrap()
    }

    /// Every way in which the older copy could be noticed.
    fn is_refused(&self, what: &str) {
        let (code, words) = self.ask(&["audit", "verify"]);
        assert!(code == 3 && words.contains("older copy"), "{what}: {words}");
        let (code, words) = self.run();
        assert!(
            code == 1 && words.contains("audit accept"),
            "{what}: {words}"
        );
        assert!(self.ask(&["doctor"]).1.contains("older copy"), "{what}");
    }
}

#[test]
fn yesterdays_copy_is_noticed_and_accepted_by_a_signature_alone() {
    let house = House::new();
    let file = house.home().join("ledger.redb");
    let yesterday = fs::read(&file).unwrap();
    assert_eq!(house.run().0, 0);
    let today = fs::read(&file).unwrap();
    fs::write(&file, &yesterday).unwrap();
    house.is_refused("this machine saw more");
    let reason = [
        "audit",
        "accept",
        "--reason",
        "the disk was lost, this is the backup of yesterday",
    ];
    let (code, words) = house.ask(&[&["--as", "demo.officer"], &reason[..]].concat());
    assert_eq!(code, 1, "{words}");
    house.is_refused("an officer may not accept it");
    house.ok(&[&["--as", "demo.principal"], &reason[..]].concat());
    assert_eq!(house.run().0, 0);
    house.ok(&["audit", "verify"]);
    assert!(house.ok(&["audit", "list"]).contains("copy.accepted"));
    // Now the other one is the wrong one.
    fs::write(&file, today).unwrap();
    let (code, words) = house.ask(&["audit", "verify"]);
    assert!(
        code == 3 && words.contains("not those of this ledger") || words.contains("older copy"),
        "{words}"
    );
}

#[test]
fn a_ledger_that_vanished_beside_its_keys_is_not_begun_anew() {
    let house = House::new();
    let export = house.folder.path().join("export");
    let export = export.to_str().unwrap();
    house.ok(&["audit", "export", "--out", export]);
    let file = house.home().join("ledger.redb");
    // With nothing left that remembers it, and with an empty file in its place.
    for empty in [false, true] {
        fs::remove_file(&file).unwrap();
        let _ = fs::remove_dir_all(house.state());
        if empty {
            fs::write(&file, b"").unwrap();
        }
        let (code, words) = house.run();
        assert!(code == 1 && words.contains("audit restore"), "{words}");
        house.ok(&["audit", "restore", export]);
        house.ok(&["audit", "verify"]);
        assert_eq!(house.run().0, 0);
    }
    // A ledger that holds something is not written over.
    let (code, words) = house.ask(&["audit", "restore", export]);
    assert!(
        code == 1 && words.contains("has a ledger already"),
        "{words}"
    );
}

#[test]
fn a_link_or_a_copy_elsewhere_is_the_same_record() {
    let house = House::new();
    let copied = house.folder.path().join("copy");
    let copy = |from: &Path, to: &Path| {
        let done = Command::new("cp").arg("-r").arg(from).arg(to).status();
        assert!(done.unwrap().success());
    };
    copy(&house.home(), &copied);
    assert_eq!(house.run().0, 0);
    let linked = house.folder.path().join("link");
    std::os::unix::fs::symlink(&copied, &linked).unwrap();
    for home in [&copied, &linked] {
        let home = home.to_str().unwrap();
        let (code, words) = house.ask(&["--home", home, "audit", "verify"]);
        assert!(code == 3 && words.contains("older copy"), "{words}");
        let place = house.home().display().to_string();
        assert!(words.contains(&place), "where it was seen is told: {words}");
        let run = ["--home", home, "run", "assets/profiles/08-eu.json"];
        let (code, words) = house.ask(&run);
        assert!(code == 1 && words.contains("audit accept"), "{words}");
    }
    // The record itself by a link is no other.
    let own = house.folder.path().join("own");
    std::os::unix::fs::symlink(house.home(), &own).unwrap();
    house.ok(&["--home", own.to_str().unwrap(), "audit", "verify"]);
}

#[test]
fn a_memory_that_was_emptied_is_told_and_there_is_a_way_on() {
    let house = House::new();
    let seen = house.state().join("seen");
    let files = || {
        fs::read_dir(&seen)
            .unwrap()
            .flatten()
            .map(|file| file.path())
    };
    let notes = || files().filter(|path| path.extension().is_none());
    for ruined in [&b""[..], b"\xff\xfe", b"noise\n"] {
        notes().for_each(|path| fs::write(path, ruined).unwrap());
        let (code, words) = house.ask(&["audit", "verify"]);
        assert!(code == 3 && words.contains("cannot be read"), "{words}");
        let (code, words) = house.run();
        assert!(code == 1 && words.contains("audit accept"), "{words}");
        let reason = "the state folder was emptied by a clean-up";
        house.ok(&["--as", "demo.admin", "audit", "accept", "--reason", reason]);
        assert_eq!(house.run().0, 0);
        house.ok(&["audit", "verify"]);
    }
}

#[test]
fn a_checkpoint_kept_elsewhere_shows_it_to_who_remembers_nothing() {
    let house = House::new();
    let place = house.elsewhere();
    house.settings(&format!("[witness]\npath = {:?}\n", place.display()));
    assert_eq!(house.run().0, 0);
    let kept = fs::read_to_string(&place).unwrap();
    assert_eq!(kept.trim(), house.ok(&["audit", "checkpoint"]).trim());
    let file = house.home().join("ledger.redb");
    let yesterday = fs::read(&file).unwrap();
    assert_eq!(house.run().0, 0);
    fs::write(&file, yesterday).unwrap();
    fs::remove_dir_all(house.state()).unwrap();
    house.is_refused("the checkpoint elsewhere");
}

#[test]
fn a_witness_cosigns_what_goes_on_and_a_stranger_checks_it() {
    let (house, witness) = (House::new(), Witness::start(1));
    house.knows(&witness);
    house.settings(&format!(
        "[[witness.cosigners]]\nurl = {:?}\nkey = {:?}\n",
        witness.url, witness.vkey
    ));
    for _ in 0..3 {
        assert_eq!(house.run().0, 0);
        let seen = witness.known.lock().unwrap().seen.values().next().copied();
        assert_eq!(seen.unwrap().0, house.size());
    }
    assert!(
        house
            .ok(&["doctor"])
            .contains("witness.example/w1 cosigned")
    );
    let export = house.folder.path().join("export");
    house.ok(&["audit", "export", "--out", export.to_str().unwrap()]);
    if let Some((code, words)) = stranger(&export, &witness.vkey) {
        assert!(
            code == 0 && words.contains("witnessed by witness.example/w1"),
            "{words}"
        );
        let other = Witness::start(2);
        let (code, words) = stranger(&export, &other.vkey).unwrap();
        assert!(code == 3 && words.contains("no cosignature"), "{words}");
    }

    // Written anew under the same key, with nothing left on this machine, and the mark of a first start set by hand: the
    // witness does not go along.
    fs::remove_file(house.home().join("ledger.redb")).unwrap();
    fs::write(house.home().join("beginning"), "").unwrap();
    fs::remove_dir_all(house.state()).unwrap();
    fs::remove_dir_all(house.home().join("witness")).unwrap();
    assert_eq!(house.run().0, 0);
    let (_, words) = house.ask(&["doctor"]);
    assert!(
        words.contains("it has cosigned") || words.contains("does not go on"),
        "{words}"
    );
}

fn stranger(export: &Path, vkey: &str) -> Option<(i32, String)> {
    let output = Command::new("python3")
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/assets/evidence/verify.py"
        ))
        .arg(export)
        .args(["--witness", vkey])
        .output()
        .ok()?;
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    Some((output.status.code().unwrap(), words))
}

/// The statuses that the text asks of a witness, so that the one above is one.
#[test]
fn the_witness_answers_as_the_text_says() {
    use echovoice::ledger::checkpoint::Checkpoint;
    let (key, log) = (
        SigningKey::from_seed([1; 32]),
        SigningKey::from_seed([2; 32]),
    );
    let mut known = Known::default();
    let note = |size, root| {
        let origin = "log.example".to_owned();
        Checkpoint { origin, size, root }.sign(&log)
    };
    let one = [1; 32];
    let ask = |body: String, known: &mut Known| add_checkpoint(&body, &key, known);
    let first = format!("old 0\n\n{}", note(1, one));
    assert_eq!(ask(first.clone(), &mut known).0, 404);
    known.logs.insert("log.example".into(), key.public());
    assert_eq!(ask(first.clone(), &mut known).0, 403);
    known.logs.insert("log.example".into(), log.public());
    assert_eq!(ask(format!("old 2\n\n{}", note(1, one)), &mut known).0, 400);
    assert_eq!(
        ask(format!("old 00\n\n{}", note(1, one)), &mut known).0,
        400
    );
    assert_eq!(ask(first.clone(), &mut known).0, 200);
    let (status, kind, body) = ask(first, &mut known);
    assert_eq!(
        (status, kind, body.as_str()),
        (409, "text/x.tlog.size", "1\n")
    );
    assert_eq!(
        ask(format!("old 1\n\n{}", note(1, [2; 32])), &mut known).0,
        422
    );
    assert_eq!(
        ask(format!("old 1\n\n{}", note(2, [2; 32])), &mut known).0,
        422
    );
}
