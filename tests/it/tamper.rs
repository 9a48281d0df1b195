//! Every file of an export is flipped, cut, emptied, deleted, swapped and joined by others: `verify.py` says no with exit
//! code 3, and what `audit restore` takes back does not verify, or is not taken back at all.

use crate::support::files;
use crate::support::{AS_OF, code, echovoice};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn done(home: &Path, args: &[&str]) -> String {
    let output = echovoice(home, args);
    assert!(matches!(code(&output), 0 | 3), "{args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// A home with an approved, a rejected and a blocked run.
fn desk() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let run = |name: &str| -> Value {
        let profile = format!("assets/profiles/{name}.json");
        let said = done(home.path(), &["run", &profile, "--json", "--as-of", AS_OF]);
        serde_json::from_str(&said).unwrap()
    };
    for (name, word) in [
        ("01-clean-winner", "approve"),
        ("02-some-blocked", "reject"),
    ] {
        let run = run(name);
        let winner = run["analysis"]["winner"]["variant_id"].as_str().unwrap();
        let id = run["run_id"].as_str().unwrap();
        // Signs that some readers of lines take for the end of one.
        let why = "the tone does not suit\u{2028}this customer\u{2029}at all";
        done(
            home.path(),
            &["decide", id, word, "--variant", winner, "--reason", why],
        );
    }
    run("03-all-blocked");
    home
}

fn export(home: &Path, more: &[&str]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("export");
    done(
        home,
        &[&["audit", "export", "--out", out.to_str().unwrap()], more].concat(),
    );
    (folder, out)
}

/// The verifier's exit code and words; `None` without Python.
fn stranger(folder: &Path) -> Option<(i32, String)> {
    let output = Command::new("python3")
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/assets/evidence/verify.py"
        ))
        .arg(folder)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .ok()?;
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    Some((output.status.code().unwrap(), words))
}

/// Whether a restore takes it, and what it took verifies.
fn restored(folder: &Path) -> bool {
    let home = tempfile::tempdir().unwrap();
    let home = home.path().join("home");
    let taken = echovoice(&home, &["audit", "restore", folder.to_str().unwrap()]);
    code(&taken) == 0 && code(&echovoice(&home, &["audit", "verify"])) == 0
}

fn class(path: &Path) -> String {
    path.iter().next().unwrap().to_string_lossy().into_owned()
}

/// What is done to one file: a name, and the bytes that are left of it.
fn changes(bytes: &[u8]) -> Vec<(&'static str, Option<Vec<u8>>)> {
    let flipped = |at: usize| {
        let mut changed = bytes.to_vec();
        changed[at] ^= 4;
        Some(changed)
    };
    let last = bytes.len() - 1;
    vec![
        ("first byte flipped", flipped(0)),
        ("middle flipped", flipped(last / 2)),
        ("last byte flipped", flipped(last)),
        ("cut in half", Some(bytes[..bytes.len() / 2].to_vec())),
        ("last byte cut", Some(bytes[..last].to_vec())),
        ("lengthened", Some([bytes, b"\n"].concat())),
        ("emptied", Some(Vec::new())),
        ("deleted", None),
    ]
}

/// Changes that were tried, and those that each of the two caught.
#[derive(Default, Debug)]
struct Caught {
    tried: u32,
    stranger: u32,
    restore: u32,
}

/// Asks the stand-alone verifier, and of an export of everything a restore too.
fn refused(folder: &Path, everything: bool, what: &str, caught: &mut Caught) {
    caught.tried += 1;
    if let Some((exit, words)) = stranger(folder) {
        assert_eq!(exit, 3, "{what}: {words}");
        assert!(words.starts_with("BAD: "), "{what}: {words}");
        caught.stranger += 1;
    }
    if everything {
        assert!(!restored(folder), "{what}: restored");
        caught.restore += 1;
    }
}

#[test]
fn every_change_of_every_kind_of_file_is_caught_by_both() {
    let home = desk();
    let (_keep, folder) = export(home.path(), &[]);
    if let Some((exit, words)) = stranger(&folder) {
        assert_eq!(exit, 0, "{words}");
        assert!(words.contains("everything"), "{words}");
    }
    assert!(restored(&folder));
    println!("everything: {:?}", every_change(&folder, true, 12));
    assert!(restored(&folder), "all is as it was");
}

#[test]
fn every_change_of_every_kind_of_file_of_a_period_is_caught() {
    let home = desk();
    let day = chrono::Utc::now().format("%Y-%m-%d").to_string();
    let (_keep, folder) = export(home.path(), &["--since", &day]);
    if let Some((exit, words)) = stranger(&folder) {
        assert_eq!(exit, 0, "{words}");
        let said = words.contains("the whole of") && words.contains("all entries of its runs");
        assert!(said, "{words}");
    }
    println!("a period: {:?}", every_change(&folder, false, 11));
}

/// Every change of a file of each kind, of which there are so many.
fn every_change(folder: &Path, everything: bool, count: usize) -> Caught {
    let mut caught = Caught::default();
    let mut kinds: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for path in files::below(folder) {
        let kind = class(path.strip_prefix(folder).unwrap());
        kinds.entry(kind).or_default().push(path);
    }
    assert_eq!(kinds.len(), count, "{:?}", kinds.keys());
    for (kind, paths) in &kinds {
        let path = &paths[paths.len() / 2];
        let bytes = fs::read(path).unwrap();
        for (what, changed) in changes(&bytes) {
            match changed {
                Some(changed) => fs::write(path, changed).unwrap(),
                None => fs::remove_file(path).unwrap(),
            }
            let what = format!("{kind}: {what}");
            refused(folder, everything, &what, &mut caught);
        }
        fs::write(path, &bytes).unwrap();
        if let [first, second, ..] = paths.as_slice() {
            let (one, two) = (fs::read(first).unwrap(), fs::read(second).unwrap());
            fs::write(first, &two).unwrap();
            fs::write(second, &one).unwrap();
            let what = format!("{kind}: swapped");
            refused(folder, everything, &what, &mut caught);
            fs::write(first, &one).unwrap();
            fs::write(second, &two).unwrap();
        }
        let added = if paths.len() > 1 {
            paths[0].with_file_name("another")
        } else {
            folder.join(format!("{kind}.another"))
        };
        fs::copy(path, &added).unwrap();
        let what = format!("{kind}: one added");
        refused(folder, everything, &what, &mut caught);
        fs::remove_file(added).unwrap();
    }
    caught
}

#[test]
fn no_line_of_the_entries_can_be_left_out_doubled_or_moved() {
    let home = desk();
    let some = done(home.path(), &["audit", "list", "--limit", "500", "--json"]);
    let time = |line: &str| -> String {
        let entry: Value = serde_json::from_str(line).unwrap();
        entry["time"].as_str().unwrap().to_owned()
    };
    let times: Vec<String> = some.lines().map(time).collect();
    let (_whole, whole) = export(home.path(), &[]);
    let (_period, period) = export(home.path(), &["--since", &times[12], "--until", &times[6]]);
    for folder in [&whole, &period] {
        if let Some((exit, words)) = stranger(folder) {
            assert_eq!(exit, 0, "{words}");
        }
        let path = folder.join("entries.jsonl");
        let before = fs::read(&path).unwrap();
        let lines: Vec<&[u8]> = before.split_inclusive(|b| *b == b'\n').collect();
        for at in 0..lines.len() {
            let mut cut = lines.clone();
            cut.remove(at);
            let mut twice = lines.clone();
            twice.insert(at, lines[at]);
            let mut cases = vec![("left out", cut), ("doubled", twice)];
            if at > 0 {
                let mut moved = lines.clone();
                moved.swap(at - 1, at);
                cases.push(("moved", moved));
            }
            for (what, lines) in cases {
                fs::write(&path, lines.concat()).unwrap();
                if let Some((exit, words)) = stranger(folder) {
                    assert_eq!(exit, 3, "line {at} {what}: {words}");
                }
            }
        }
        fs::write(&path, before).unwrap();
    }
}
