//! The knowledge base by its commands: what `kb add` says that it took, and what `kb search` finds and marks.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use support::{AS_OF, code, echovoice};

const OLD: &str = "---\nid: old-rate\ntitle: The rate of last year\nurl: https://www.tarnwick.example/old\npublished_date: 2025-01-10\nexpires: 2025-12-31\ntrust: approved\n---\nThe zebra card had a rate of 7.99% until the end of 2025.\n\n# Fees\n\nA zebra card cost nothing a year.\n";
const NEXT: &str = "---\nid: next-rate\ntitle: The rate of next year\nvalid_from: 2027-01-01\ncolour: blue\n---\nThe zebra card will have a rate of 8.99% from 2027 on.\n";

fn text(output: &Output) -> String {
    assert_eq!(
        code(output),
        0,
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_str(&text(output)).unwrap()
}

/// A home with two documents of its own, one expired and one of next year, and what `kb add` said.
fn added(flags: &[&str]) -> (tempfile::TempDir, Output) {
    let home = tempfile::tempdir().unwrap();
    let from = tempfile::tempdir().unwrap();
    let at = |name: &str| from.path().join(name).display().to_string();
    std::fs::write(at("old.md"), OLD).unwrap();
    std::fs::write(at("next.md"), NEXT).unwrap();
    std::fs::write(at("empty.md"), "---\nid: empty\n---\n\n").unwrap();
    let files = [at("old.md"), at("next.md"), at("empty.md")];
    let mut args = vec!["kb", "add"];
    args.extend(files.iter().map(String::as_str));
    args.extend(flags);
    let output = echovoice(home.path(), &args);
    (home, output)
}

#[test]
fn adding_says_what_was_taken_what_is_missing_and_what_was_left_out() {
    let (_home, output) = added(&[]);
    let said = text(&output);
    for words in [
        "took old-rate: The rate of last year (approved, published 2025-01-10, valid to 2025-12-31), 2 passages in 2 sections",
        "expires: ",
        "took next-rate: The rate of next year (",
        "valid from 2027-01-01), 1 passage in 1 section",
        "colour: ",
        "left out ",
        "empty.md: holds no text",
        " passages, snapshot ",
    ] {
        assert!(said.contains(words), "no “{words}” in:\n{said}");
    }
    let missing = said.lines().find(|line| line.contains("it does not say"));
    assert!(missing.is_some_and(|line| line.contains("url")), "{said}");
}

#[test]
fn adding_says_the_same_in_json() {
    let (_home, output) = added(&["--json"]);
    let said = json(&output);
    let of = |name: &str| {
        let files = said["files"].as_array().unwrap();
        let file = files
            .iter()
            .find(|file| file["file"].as_str().unwrap().ends_with(name));
        file.unwrap_or_else(|| panic!("no {name} in {said}"))["documents"][0].clone()
    };
    let old = of("old.md");
    assert_eq!(
        (&old["id"], &old["valid_to"], &old["passages"]),
        (&"old-rate".into(), &"2025-12-31".into(), &2.into()),
        "{said}"
    );
    assert_eq!(old["remarks"][0]["field"], "expires", "{said}");
    let next = of("next.md");
    assert_eq!(next["valid_from"], "2027-01-01", "{said}");
    assert!(
        next["missing"]
            .as_array()
            .is_some_and(|m| m.contains(&"url".into())),
        "{said}"
    );
    let problems = said["problems"].as_array().unwrap();
    assert!(
        problems.iter().any(|p| p["reason"] == "holds no text"),
        "{said}"
    );
    assert!(said["passages"].as_u64().unwrap() > 3);
}

#[test]
fn searching_marks_what_holds_no_longer_and_what_does_not_yet() {
    let (home, _) = added(&[]);
    let query = "rate of the zebra card";
    let search = |flags: &[&str]| {
        let args = [&["kb", "search", query, "--as-of", AS_OF], flags].concat();
        echovoice(home.path(), &args)
    };
    let said = text(&search(&[]));
    let line = |id: &str| {
        let found = said.lines().find(|line| line.contains(id));
        found
            .unwrap_or_else(|| panic!("no {id} in:\n{said}"))
            .to_owned()
    };
    assert!(line("old-rate").ends_with("[expired 2025-12-31]"), "{said}");
    assert!(
        line("next-rate").ends_with("[not before 2027-01-01]"),
        "{said}"
    );
    let marked = |hits: &Value| {
        let validity = |id: &str| {
            let hits = hits.as_array().unwrap();
            let hit = hits
                .iter()
                .find(|hit| hit["doc"].as_str().unwrap().starts_with(id));
            hit.unwrap_or_else(|| panic!("no {id} in {hits:?}"))["validity"].clone()
        };
        assert_eq!(validity("old-rate"), "expired 2025-12-31");
        assert_eq!(validity("next-rate"), "not before 2027-01-01");
    };
    marked(&json(&search(&["--json"]))["hits"]);
    // Lines of queries are answered as one query is.
    let mut child = Command::new(env!("CARGO_BIN_EXE_echovoice"))
        .args(["kb", "search", "--jsonl", "--as-of", AS_OF])
        .env("ECHOVOICE_HOME", home.path())
        .env_remove("ECHOVOICE_USER")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = format!(
        "{{\"id\": 1, \"query\": \"{query}\"}}\n\n{{\"id\": \"b\", \"query\": \"credit review\"}}\n"
    );
    child
        .stdin
        .take()
        .unwrap()
        .write_all(lines.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let answers: Vec<Value> = text(&output)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        (&answers[0]["id"], &answers[1]["id"]),
        (&1.into(), &"b".into())
    );
    marked(&answers[0]["hits"]);
    // What is in force today has no mark, and on the day it held the old rate has none.
    let hits = answers[1]["hits"].as_array().unwrap();
    assert!(
        hits.iter().any(|hit| hit.get("validity").is_none()),
        "{hits:?}"
    );
    let args = ["kb", "search", query, "--as-of", "2025-06-01T10:00:00Z"];
    let then = text(&echovoice(home.path(), &args));
    assert!(!then.contains("[expired"), "{then}");
}

/// The ids that a query finds, best first.
fn ids(home: &Path, query: &str) -> Vec<String> {
    let found = json(&echovoice(home, &["kb", "search", query, "--json"]));
    let hits = found["hits"].as_array().unwrap();
    hits.iter()
        .map(|hit| hit["doc"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn joined_letters_are_found_by_parted_ones_and_the_other_way() {
    let home = tempfile::tempdir().unwrap();
    let from = tempfile::tempdir().unwrap();
    let write = |name: &str, words: &str| {
        let path = from.path().join(name);
        std::fs::write(&path, words).unwrap();
        path.display().to_string()
    };
    let joined = write(
        "joined.md",
        "---\nid: joined\ntitle: Co\u{FB00}ee\n---\nThe giraffe o\u{FB03}ce has a \u{FB01}replace for clients.\n",
    );
    let parted = write(
        "parted.txt",
        "The leopard office has a fireplace for clients.\n",
    );
    assert_eq!(
        code(&echovoice(home.path(), &["kb", "add", &joined, &parted])),
        0
    );
    let plain = ids(home.path(), "office with a fireplace");
    assert!(plain.iter().any(|id| id.starts_with("joined")), "{plain:?}");
    assert!(plain.iter().any(|id| id.starts_with("parted")), "{plain:?}");
    assert_eq!(
        ids(home.path(), "o\u{FB03}ce with a \u{FB01}replace"),
        plain
    );
    let shown = text(&echovoice(home.path(), &["kb", "show", "joined"]));
    assert!(shown.contains("giraffe office has a fireplace"), "{shown}");
    assert!(shown.contains("Coffee"), "{shown}");
}
