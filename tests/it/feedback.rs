//! What became of messages comes back: once each, counted, and into the scores of the runs to come.

use crate::support;
use crate::support::server::Server;
use crate::support::{AS_OF, code, echovoice, run_demo};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;

fn run(home: &Path) -> Value {
    let output = run_demo(home);
    assert_eq!(
        code(&output),
        0,
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

fn approve(home: &Path, id: &str) -> Value {
    serde_json::from_slice(&support::approve(home, id, "A").stdout).unwrap()
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
    // Nothing happens to a message before it is sent.
    let at = decided["delivery"]["timestamp"].as_str().unwrap();
    let text = format!(
        "{{\"id\":\"{message}\",\"event\":\"sent\",\"at\":\"{at}\"}}\n{{\"id\":\"{id}\",\"event\":\"clicked\"}}\n\
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
    let file = home.path().join("outcomes.measured.toml");
    let counted = std::fs::read_to_string(&file).unwrap();
    // Whatever somebody else writes there is counted anew from the record.
    let richer = counted.replace("responded = 1", "responded = 900");
    for strange in [richer.as_str(), "", "entries = 0\n", "\u{0}"] {
        std::fs::write(&file, strange).unwrap();
        run(home.path());
        let mended = std::fs::read_to_string(&file).unwrap();
        let counts = |text: &str| -> Vec<String> {
            let lines = text
                .lines()
                .filter(|line| !line.starts_with("# mark") && !line.starts_with("entries"));
            lines.map(str::to_owned).collect()
        };
        assert_eq!(counts(&mended), counts(&counted), "{strange:?}");
    }
    assert!(
        counted.contains("sent = 1")
            && counted.contains("responded = 1")
            && counted.contains("type = \"short\""),
        "{counted}"
    );

    // CSV is read as well, and the same file again changes nothing.
    let csv = format!("\u{FEFF}id,event,at\n{id},clicked,{at}\n{id},converted,{at}\n");
    let (rc, said) = import(home.path(), "back.csv", &csv);
    assert_eq!(
        (rc, &said["new"], &said["known"]),
        (0, &1.into(), &1.into())
    );
    let counts = || std::fs::read_to_string(home.path().join("outcomes.measured.toml")).unwrap();
    let counted = counts();
    assert!(
        counted.contains("responded = 1\nconverted = 1"),
        "a click and a conversion of one message are one answer: {counted}"
    );
    let (_, said) = import(home.path(), "back.csv", &csv);
    assert_eq!((&said["new"], &said["known"]), (&0.into(), &2.into()));
    assert_eq!(counts(), counted);

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
    // Called back or not: who got it may want no more.
    let reason = "sent to the wrong list, the officer noticed";
    let args = [
        "queue",
        "recall",
        &id,
        "--reason",
        reason,
        "--as",
        "demo.officer",
    ];
    assert_eq!(code(&echovoice(home.path(), &args)), 0);
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

/// The pinned version of the texts behind a run.
fn pinned(server: &Server, id: &str) -> Value {
    let run = server.ask("GET", &format!("/runs/{id}"), &[], "").json();
    run["pins"]["assets"].clone()
}

#[test]
#[cfg_attr(not(feature = "server"), ignore = "needs --features server")]
fn a_server_scores_the_next_run_by_what_was_posted_to_it() {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let server = Server::in_home(home.clone(), &["--open"]);
    let post = |path: &str, body: &str| -> Value {
        let json = [("content-type", "application/json")];
        server.ask("POST", path, &json, body).json()
    };
    let profile = include_str!("../../assets/profiles/01-clean-winner.json");
    let first = post("/personalize", profile)["run_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let decision = r#"{"decision": "approve", "variant": "A"}"#;
    let decided = post(&format!("/runs/{first}/decisions"), decision);
    assert_eq!(decided["delivery"]["status"], "delivered", "{decided}");
    let second = post("/personalize", profile)["run_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let body = format!(
        "[{{\"id\":\"{first}\",\"event\":\"clicked\"}}, {{\"id\":\"{first}\",\"event\":\"liked\"}}]"
    );
    let said = post("/feedback", &body);
    assert_eq!(
        (&said["new"], &said["wrong"][0]["index"]),
        (&1.into(), &1.into())
    );
    assert_eq!(post("/feedback", &body)["known"], 1);
    let third = post("/personalize", profile)["run_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let [a, b, c] = [&first, &second, &third].map(|id| pinned(&server, id));
    assert!(a == b && b != c && c.is_string(), "{a} {b} {c}");
    // Once the same home is opened again, the version is the one that was pinned.
    drop(server);
    let server = Server::in_home(home, &["--open"]);
    let json = [("content-type", "application/json")];
    let again = server.ask("POST", "/personalize", &json, profile).json();
    assert_eq!(pinned(&server, again["run_id"].as_str().unwrap()), c);
}

#[test]
#[cfg_attr(not(feature = "server"), ignore = "needs --features server")]
fn a_server_takes_up_what_another_process_was_told() {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let server = Server::in_home(home.clone(), &["--open"]);
    let json = [("content-type", "application/json")];
    let profile = include_str!("../../assets/profiles/01-clean-winner.json");
    let ran = || -> String {
        let run = server.ask("POST", "/personalize", &json, profile).json();
        run["run_id"].as_str().unwrap().to_owned()
    };
    let first = ran();
    let decision = r#"{"decision": "approve", "variant": "A"}"#;
    let decided = server.ask("POST", &format!("/runs/{first}/decisions"), &json, decision);
    assert_eq!(decided.json()["delivery"]["status"], "delivered");
    let before = pinned(&server, &first);
    let line = format!("{{\"id\":\"{first}\",\"event\":\"clicked\"}}\n");
    assert_eq!(import(home.path(), "back.jsonl", &line).0, 0);
    // It looks every five seconds; a run takes a part of one.
    let taken_up = (0..2_000).any(|_| pinned(&server, &ran()) != before);
    assert!(taken_up);
}
