//! Many profiles at once: in order, with bad lines told, and whole after a kill.

use crate::support::{AS_OF, code, echovoice};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn file(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn lines(count: usize) -> String {
    let mut text = String::new();
    for n in 1..=count {
        let line = format!(
            "{{\"user_id\":\"C-{n}\",\"viewed_page\":\"payment_plans\",\"channel\":\"email\"}}\n"
        );
        text.push_str(&line);
    }
    text
}

/// How many entries of each kind there are.
fn kinds(home: &Path) -> BTreeMap<String, usize> {
    let output = echovoice(home, &["audit", "list", "--json", "--limit", "10000"]);
    let mut kinds = BTreeMap::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        *kinds
            .entry(entry["type"].as_str().unwrap().to_owned())
            .or_default() += 1;
    }
    kinds
}

#[test]
fn lines_are_answered_in_order_and_bad_ones_told_with_their_number() {
    let home = tempfile::tempdir().unwrap();
    let mut text = lines(12);
    text.push_str("not json\n\n{\"user_id\":\"C-14\",\"attended\":\"perhaps\"}\n");
    text.push_str(&lines(1).replace("C-1", "C-15"));
    let path = file(home.path(), "all.jsonl", &text);
    let ran = echovoice(
        home.path(),
        &[
            "batch",
            path.to_str().unwrap(),
            "--json",
            "--jobs",
            "3",
            "--as-of",
            AS_OF,
        ],
    );
    assert_eq!(code(&ran), 1);
    let output = String::from_utf8(ran.stdout).unwrap();
    let answers: Vec<Value> = output
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    // 13 runs, two bad lines, and the sum's error.
    assert_eq!(answers.len(), 16, "{output}");
    assert!(answers[..12].iter().all(|a| a["run_id"].is_string()));
    assert_eq!(
        (&answers[12]["line"], &answers[13]["line"]),
        (&13.into(), &15.into())
    );
    let place = answers[13]["error"]["where"].as_str().unwrap();
    assert!(place.ends_with("all.jsonl:15: attended"), "{place}");
    assert!(answers[14]["run_id"].is_string() && !output.contains("perhaps"));
    // The runs are those that one command each would give, line by line.
    let shown = echovoice(
        home.path(),
        &[
            "audit",
            "list",
            "--json",
            "what:run.started",
            "--limit",
            "100",
        ],
    );
    let started = String::from_utf8(shown.stdout).unwrap();
    assert_eq!(
        started
            .lines()
            .filter(|l| l.contains("run.started"))
            .count(),
        13
    );
}

#[test]
fn a_table_is_run_and_the_same_file_gives_the_same_runs() {
    let home = tempfile::tempdir().unwrap();
    let table =
        "\u{feff}user_id,viewed_page,form_started\nT-1,loans,no\nT-2,payment_plans,yes\nT-3\n";
    let path = file(home.path(), "t.csv", table);
    let arguments = ["batch", path.to_str().unwrap(), "--json"];
    let first = String::from_utf8(echovoice(home.path(), &arguments).stdout).unwrap();
    let ids = |text: &str| -> Vec<String> {
        let values = text
            .lines()
            .map(|l| serde_json::from_str::<Value>(l).unwrap());
        values
            .filter_map(|v| v["run_id"].as_str().map(str::to_owned))
            .collect()
    };
    assert_eq!(ids(&first).len(), 2, "{first}");
    assert!(first.contains("t.csv:4"), "{first}");
    let before = kinds(home.path());
    let second = String::from_utf8(echovoice(home.path(), &arguments).stdout).unwrap();
    assert_eq!(ids(&first), ids(&second));
    assert_eq!(kinds(home.path()), before, "nothing is run twice");
    let anew = String::from_utf8(
        echovoice(
            home.path(),
            &["batch", path.to_str().unwrap(), "--json", "--anew"],
        )
        .stdout,
    )
    .unwrap();
    assert_ne!(ids(&first), ids(&anew));
    assert_eq!(kinds(home.path())["run.started"], 4);
}

/// `ECHOVOICE_KILLS` sets how often the batch is killed on its way (3).
#[test]
fn what_was_answered_before_a_kill_is_there_and_nothing_is_run_twice() {
    let home = tempfile::tempdir().unwrap();
    let kills = std::env::var("ECHOVOICE_KILLS").ok();
    let kills: usize = kills.and_then(|n| n.parse().ok()).unwrap_or(3);
    let count = 60 + kills;
    let path = file(home.path(), "many.jsonl", &lines(count));
    let mut answered: BTreeMap<String, Value> = BTreeMap::new();
    for wanted in (0..kills).map(|round| 1 + round * (count - 20) / kills) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_echovoice"))
            .args([
                "batch",
                path.to_str().unwrap(),
                "--json",
                "--jobs",
                "2",
                "--as-of",
                AS_OF,
            ])
            .env("ECHOVOICE_HOME", home.path())
            .env_remove("ECHOVOICE_USER")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        for line in output.lines().map_while(Result::ok).take(wanted) {
            let value: Value = serde_json::from_str(&line).unwrap();
            answered.insert(value["run_id"].as_str().unwrap().to_owned(), value);
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let rest = echovoice(
        home.path(),
        &["batch", path.to_str().unwrap(), "--json", "--as-of", AS_OF],
    );
    assert_eq!(code(&rest), 0, "{}", String::from_utf8_lossy(&rest.stderr));
    let all: BTreeMap<String, Value> = String::from_utf8(rest.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|value| (value["run_id"].as_str().unwrap().to_owned(), value))
        .collect();
    assert_eq!(all.len(), count);
    for (id, value) in &answered {
        assert_eq!(all[id], *value, "what was answered stands");
    }
    let kinds = kinds(home.path());
    for kind in [
        "run.started",
        "segment.done",
        "gate.result",
        "analytics.done",
    ] {
        assert_eq!(kinds[kind], count, "{kinds:?}");
    }
    assert_eq!(code(&echovoice(home.path(), &["audit", "verify"])), 0);
    let queue = echovoice(home.path(), &["queue", "list", "--json"]);
    assert!(!queue.stdout.is_empty(), "the results wait for review");
}

#[test]
fn a_line_without_end_is_one_error() {
    let home = tempfile::tempdir().unwrap();
    let text = format!("{{\"user_id\":\"{}\"}}\n{}", "x".repeat(3 << 20), lines(1));
    let path = file(home.path(), "long.jsonl", &text);
    let ran = echovoice(home.path(), &["batch", path.to_str().unwrap(), "--json"]);
    let output = String::from_utf8(ran.stdout).unwrap();
    assert!(
        output.lines().next().unwrap().contains("longer than 1 MiB"),
        "{output}"
    );
    assert!(
        output.lines().nth(1).unwrap().contains("run_id"),
        "the rest goes on"
    );
}
