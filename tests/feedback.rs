//! What became of messages comes back: once each, counted, and into the scores of the runs to come.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use serde_json::Value;
use std::path::Path;
use support::{AS_OF, code, echovoice};

fn run(home: &Path) -> Value {
    let output = echovoice(
        home,
        &[
            "run",
            "assets/profiles/01-clean-winner.json",
            "--json",
            "--as-of",
            AS_OF,
        ],
    );
    assert_eq!(
        code(&output),
        0,
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

fn approve(home: &Path, id: &str) -> Value {
    let args = [
        "decide",
        id,
        "approve",
        "--variant",
        "A",
        "--as",
        "demo.officer",
        "--json",
    ];
    serde_json::from_slice(&echovoice(home, &args).stdout).unwrap()
}

fn import(home: &Path, file: &str, text: &str) -> (i32, Value) {
    let path = home.join(file);
    std::fs::write(&path, text).unwrap();
    let output = echovoice(
        home,
        &[
            "feedback",
            "import",
            path.to_str().unwrap(),
            "--json",
            "--as",
            "demo.officer",
        ],
    );
    let first = String::from_utf8(output.stdout.clone()).unwrap();
    (
        code(&output),
        serde_json::from_str(first.lines().next().unwrap()).unwrap(),
    )
}

#[test]
fn an_event_is_recorded_once_counted_and_scores_the_runs_to_come() {
    let home = tempfile::tempdir().unwrap();
    let first = run(home.path());
    let id = first["run_id"].as_str().unwrap();
    let waiting = format!("{{\"id\":\"{id}\",\"event\":\"clicked\"}}\n");
    let (rc, said) = import(home.path(), "early.jsonl", &waiting);
    assert_eq!(
        (rc, &said["wrong"][0]["message"]),
        (1, &"the message was not delivered".into())
    );

    let decided = approve(home.path(), id);
    let message = decided["delivery"]["message_id"].as_str().unwrap();
    let text = format!(
        "{{\"id\":\"{message}\",\"event\":\"sent\",\"at\":\"2026-11-24T09:00:00Z\"}}\n{{\"id\":\"{id}\",\"event\":\"clicked\"}}\n\
         {{\"id\":\"{id}\",\"event\":\"clicked\"}}\nnot JSON\n{{\"id\":\"r-nowhere000\",\"event\":\"sent\"}}\n{{\"id\":\"{id}\",\"event\":\"liked\"}}\n\
         {{\"id\":\"{id}\",\"event\":\"opened\",\"at\":\"yesterday\"}}\n"
    );
    let (rc, said) = import(home.path(), "back.jsonl", &text);
    assert_eq!(
        (rc, &said["new"], &said["known"]),
        (1, &2.into(), &1.into()),
        "{said}"
    );
    let lines: Vec<u64> = said["wrong"]
        .as_array()
        .unwrap()
        .iter()
        .map(|w| w["line"].as_u64().unwrap())
        .collect();
    assert_eq!(lines, [4, 5, 6, 7]);
    let counted = std::fs::read_to_string(home.path().join("outcomes.measured.toml")).unwrap();
    assert!(
        counted.contains("sent = 1")
            && counted.contains("responded = 1")
            && counted.contains("type = \"short\""),
        "{counted}"
    );

    // CSV is read as well, and the same file again changes nothing.
    let csv = format!(
        "id,event,at\n{id},clicked,2026-11-24T10:00:00Z\n{id},converted,2026-11-24T11:00:00Z\n"
    );
    let (rc, said) = import(home.path(), "back.csv", &csv);
    assert_eq!(
        (rc, &said["new"], &said["known"]),
        (0, &1.into(), &1.into())
    );
    let (_, said) = import(home.path(), "back.csv", &csv);
    assert_eq!((&said["new"], &said["known"]), (&0.into(), &2.into()));
    assert_eq!(
        std::fs::read_to_string(home.path().join("outcomes.measured.toml")).unwrap(),
        counted
    );

    // The next run counts it, and says that it was scored by other texts than the first.
    let rerun = echovoice(
        home.path(),
        &["audit", "rerun", id, "--as-of", AS_OF, "--json"],
    );
    let rerun: Value = serde_json::from_slice(&rerun.stdout).unwrap();
    assert_eq!(rerun["changed_versions"][0], "templates and facts");
    assert_eq!(code(&echovoice(home.path(), &["audit", "verify"])), 0);
}

#[test]
fn who_opted_out_by_the_providers_word_gets_nothing_more() {
    let home = tempfile::tempdir().unwrap();
    let id = run(home.path())["run_id"].as_str().unwrap().to_owned();
    let decide = |id: &str| approve(home.path(), id);
    assert_eq!(decide(&id)["delivery"]["status"], "delivered");
    import(
        home.path(),
        "out.csv",
        &format!("id,event,at\n{id},opted_out,\n"),
    );
    let again = run(home.path())["run_id"].as_str().unwrap().to_owned();
    assert_eq!(
        decide(&again)["delivery"]["reason"],
        "the recipient is on the opt-out list"
    );
}
