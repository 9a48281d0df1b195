//! Several processes on one home: the first writes, the others write through it, read beside it, follow it live, copy
//! it, and take its place when it is killed. Nothing that was acknowledged is lost, whoever dies.

use crate::support::{AS_OF, code, echovoice};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn ok(home: &Path, args: &[&str]) -> String {
    let output = echovoice(home, args);
    assert_eq!(code(&output), 0, "{args:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// A process that holds the ledger: it runs profiles from its standard input, one file name a line.
fn holder(home: &Path, profiles: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_echovoice"))
        .args([
            "run",
            profiles.to_str().unwrap(),
            "--json",
            "--as-of",
            AS_OF,
        ])
        .env("ECHOVOICE_HOME", home)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// A file of many profiles.
fn many(folder: &Path, count: usize) -> std::path::PathBuf {
    let one = std::fs::read_to_string("assets/profiles/01-clean-winner.json").unwrap();
    let one: Value = serde_json::from_str(&one).unwrap();
    let lines: String = (0..count)
        .map(|n| {
            let mut one = one.clone();
            one["user_id"] = format!("C-{n}").into();
            format!("{one}\n")
        })
        .collect();
    let path = folder.join(format!("{count}.jsonl"));
    std::fs::write(&path, lines).unwrap();
    path
}

/// Runs that a process printed before it ended or was killed.
fn printed(child: &mut Child) -> BTreeSet<String> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines
        .map_while(Result::ok)
        .filter_map(|line| serde_json::from_str::<Value>(&line).ok())
        .filter_map(|run| Some(run["run_id"].as_str()?.to_owned()))
        .collect()
}

/// The runs on record.
fn recorded(home: &Path) -> BTreeSet<String> {
    ok(
        home,
        &[
            "audit",
            "list",
            "what:analytics",
            "--limit",
            "100000",
            "--json",
        ],
    )
    .lines()
    .map(|line| {
        serde_json::from_str::<Value>(line).unwrap()["run"]
            .as_str()
            .unwrap()
            .to_owned()
    })
    .collect()
}

#[test]
fn processes_write_through_one_and_every_run_is_there_once() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    ok(&home, &["policy", "list"]);
    let profiles = many(folder.path(), 12);
    let mut children: Vec<Child> = (0..4).map(|_| holder(&home, &profiles)).collect();
    let mut runs = BTreeSet::new();
    for child in &mut children {
        let of_one = printed(child);
        assert!(child.wait().unwrap().success());
        assert_eq!(of_one.len(), 12);
        runs.extend(of_one);
    }
    assert_eq!(recorded(&home), runs);
    assert_eq!(runs.len(), 48);
    ok(&home, &["audit", "verify"]);
    assert!(
        !home.join("ledger.sock").exists(),
        "the last one took the socket with it"
    );
}

#[test]
fn whoever_is_killed_nothing_that_was_printed_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    ok(
        &home,
        &[
            "run",
            "assets/profiles/02-some-blocked.json",
            "--as-of",
            AS_OF,
        ],
    );
    let profiles = many(folder.path(), 400);
    let mut acknowledged = BTreeSet::new();
    // `ECHOVOICE_KILLS` sets how many processes are killed (18), three a round.
    let kills = std::env::var("ECHOVOICE_KILLS").ok();
    let kills: usize = kills.and_then(|n| n.parse().ok()).unwrap_or(18);
    for round in 0..kills.div_ceil(3) {
        let mut children: Vec<Child> = (0..3).map(|_| holder(&home, &profiles)).collect();
        // Each is killed after it has printed some runs, the writer among them; another one takes its place.
        for (number, child) in children.iter_mut().enumerate() {
            let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
            for _ in 0..=(round % 6 * 3 + number * 5) {
                let line = lines.next().unwrap().unwrap();
                let run: Value = serde_json::from_str(&line).unwrap();
                acknowledged.insert(run["run_id"].as_str().unwrap().to_owned());
            }
            child.kill().unwrap();
            acknowledged.extend(printed(child));
            child.wait().unwrap();
        }
        ok(&home, &["audit", "verify"]);
    }
    let recorded = recorded(&home);
    let lost: Vec<_> = acknowledged.difference(&recorded).collect();
    assert!(
        lost.is_empty(),
        "{} of {} lost",
        lost.len(),
        acknowledged.len()
    );
    assert!(acknowledged.len() > 100, "{}", acknowledged.len());
}

#[test]
fn a_decision_goes_through_another_process_and_an_auditor_follows_and_copies() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let first = ok(
        &home,
        &[
            "run",
            "assets/profiles/01-clean-winner.json",
            "--json",
            "--as-of",
            AS_OF,
        ],
    );
    let first: Value = serde_json::from_str(&first).unwrap();
    let run = first["run_id"].as_str().unwrap();
    // A process that holds the ledger for as long as nobody reads what it prints.
    let mut holder = holder(&home, &many(folder.path(), 2_000));
    let mut lines = BufReader::new(holder.stdout.as_mut().unwrap()).lines();
    lines.next().unwrap().unwrap();
    assert!(home.join("ledger.sock").exists());

    let mut follower = Command::new(env!("CARGO_BIN_EXE_echovoice"))
        .args(["audit", "list", "what:approve", "--follow"])
        .env("ECHOVOICE_HOME", &home)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    ok(
        &home,
        &[
            "queue",
            "comment",
            run,
            "--text",
            "said while another process writes",
        ],
    );
    ok(&home, &["decide", run, "approve", "--variant", "A"]);
    let seen = BufReader::new(follower.stdout.as_mut().unwrap())
        .lines()
        .next()
        .unwrap()
        .unwrap();
    assert!(seen.contains(run) && seen.contains("approve"), "{seen}");
    follower.kill().unwrap();
    follower.wait().unwrap();

    let copy = folder.path().join("copy/ledger.redb");
    std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
    ok(&home, &["audit", "backup", "--out", copy.to_str().unwrap()]);
    assert_eq!(
        code(&echovoice(
            &home,
            &["audit", "backup", "--out", copy.to_str().unwrap()]
        )),
        1
    );
    holder.kill().unwrap();
    holder.wait().unwrap();
    // The copy verifies under the log's public key alone, and opens nobody's data.
    std::fs::create_dir_all(copy.parent().unwrap().join("keys")).unwrap();
    std::fs::copy(
        home.join("keys/log.key"),
        copy.parent().unwrap().join("keys/log.key"),
    )
    .unwrap();
    ok(copy.parent().unwrap(), &["audit", "verify"]);
    ok(&home, &["audit", "verify"]);
}

#[test]
fn a_process_that_opened_other_policies_records_no_run_under_them() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    ok(&home, &["policy", "list"]);
    let mut holder = holder(&home, &many(folder.path(), 2_000));
    BufReader::new(holder.stdout.as_mut().unwrap())
        .lines()
        .next()
        .unwrap()
        .unwrap();
    let pack =
        "[pack]\nid = \"desk\"\nversion = \"1\"\ntitle = \"Review\"\nauthor = \"somebody\"\n";
    std::fs::write(home.join("policies/desk.toml"), pack).unwrap();
    ok(
        &home,
        &["policy", "activate", "desk", "--as", "demo.principal"],
    );
    // It stops by itself, since what it holds is no longer in force.
    let runs = printed(&mut holder).len();
    assert!(!holder.wait().unwrap().success() && runs < 1_999);
    ok(&home, &["audit", "verify"]);
}
