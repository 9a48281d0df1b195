//! The knowledge base by its commands: what `kb add` says that it took, and what `kb search` finds and marks.

use crate::support::{AS_OF, code, echovoice};
use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

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

/// A document of a folder, by its path.
fn document(folder: &Path, name: &str, words: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, words).unwrap();
    path.display().to_string()
}

#[test]
fn joined_letters_are_found_by_parted_ones_and_the_other_way() {
    let home = tempfile::tempdir().unwrap();
    let from = tempfile::tempdir().unwrap();
    let write = |name: &str, words: &str| document(from.path(), name, words);
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

#[test]
fn what_another_document_stands_in_place_of_is_marked_from_its_day_on() {
    let home = tempfile::tempdir().unwrap();
    let from = tempfile::tempdir().unwrap();
    let write = |name: &str, words: &str| document(from.path(), name, words);
    let old = write(
        "old.md",
        "---\nid: walrus-terms\n---\nThe walrus account has a fee of 3 dollars.\n",
    );
    let new = write(
        "new.md",
        "---\nid: walrus-terms-2\nsupersedes: walrus-terms\nvalid_from: 2026-06-01\n---\nThe walrus account has a fee of 4 dollars.\n",
    );
    assert_eq!(code(&echovoice(home.path(), &["kb", "add", &old, &new])), 0);
    let marks = |as_of: &str| {
        let query = "fee of the walrus account";
        let found = json(&echovoice(
            home.path(),
            &["kb", "search", query, "--json", "--as-of", as_of],
        ));
        let hits = found["hits"].as_array().unwrap().clone();
        let of = |id: &str| {
            let hit = hits.iter().find(|hit| hit["doc"] == id);
            hit.unwrap_or_else(|| panic!("no {id} in {hits:?}"))["validity"].clone()
        };
        (of("walrus-terms"), of("walrus-terms-2"))
    };
    assert_eq!(
        marks(AS_OF),
        ("superseded by walrus-terms-2".into(), Value::Null)
    );
    assert_eq!(
        marks("2026-05-01T10:00:00Z"),
        (Value::Null, "not before 2026-06-01".into())
    );
    let listed = text(&echovoice(home.path(), &["kb", "list", "--as-of", AS_OF]));
    assert!(
        listed.contains("[superseded by walrus-terms-2]"),
        "{listed}"
    );
}

#[test]
fn queries_are_read_from_the_file_that_is_named_and_an_empty_one_has_no_answers() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name).display().to_string();
    std::fs::write(at("q.jsonl"), "{\"id\": 7, \"query\": \"credit review\"}\n").unwrap();
    std::fs::write(at("none.jsonl"), "\n").unwrap();
    std::fs::write(at("bad.jsonl"), "{\"id\": 7}\n").unwrap();
    let ask = |name: &str, flags: &[&str]| {
        let file = at(name);
        let args = [&["kb", "search", "--jsonl", &file], flags].concat();
        echovoice(home.path(), &args)
    };
    let answer = json(&ask("q.jsonl", &[]));
    assert_eq!(answer["id"], 7);
    assert!(!answer["hits"].as_array().unwrap().is_empty());
    assert_eq!(text(&ask("none.jsonl", &[])), "");
    let told = |output: Output| {
        assert_eq!(code(&output), 1);
        String::from_utf8(output.stderr).unwrap()
    };
    let wrong = told(ask("bad.jsonl", &[]));
    assert!(
        wrong.contains("bad.jsonl:1") && wrong.contains("query: missing"),
        "{wrong}"
    );
    assert!(told(ask("missing.jsonl", &[])).contains("missing.jsonl"));
    // Standard input that holds nothing is no mistake either: the tests' is empty.
    for args in [
        &["kb", "search", "--jsonl"][..],
        &["kb", "search", "--jsonl", "-"],
    ] {
        assert_eq!(text(&echovoice(home.path(), args)), "");
    }
    let explained = json(&ask("q.jsonl", &["--why", "-k", "3"]));
    assert!(
        !explained["below"].as_array().unwrap().is_empty(),
        "{explained}"
    );
}

#[test]
fn a_rank_is_explained_by_the_words_that_met() {
    let home = tempfile::tempdir().unwrap();
    let query = "what does it cost to pay off my plan sooner";
    let search = |flags: &[&str]| {
        let args = [&["kb", "search", query, "-k", "3", "--as-of", AS_OF], flags].concat();
        echovoice(home.path(), &args)
    };
    let found = json(&search(&["--json", "--why"]));
    for hit in found["hits"].as_array().unwrap() {
        assert!(hit["late"].as_f64().unwrap() > 0.0, "{hit}");
        let near = hit["near_words"].as_array().unwrap();
        assert!(!near.is_empty(), "{hit}");
        for pair in near {
            let word = pair["asked"].as_str().unwrap();
            assert!(query.contains(word), "{word} is none of the query's words");
        }
        assert!(!hit["why"].as_array().unwrap().is_empty(), "{hit}");
    }
    let below = found["below"].as_array().unwrap();
    assert!(
        below.iter().all(|hit| hit["why"][0].as_str().is_some()),
        "{below:?}"
    );
    let said = text(&search(&["--why"]));
    for words in [
        "By its words alone it would be",
        "What puts it before the next",
        "just below the cut:",
    ] {
        assert!(said.contains(words), "no “{words}” in:\n{said}");
    }
    // Each setting by itself, and none of them.
    let plain = json(&search(&[
        "--json",
        "--late",
        "off",
        "--constants",
        "index",
    ]));
    assert!(plain["hits"][0].get("late").is_none(), "{plain}");
    std::fs::write(
        home.path().join("config.toml"),
        "[knowledge]\nlate = \"off\"\n",
    )
    .unwrap();
    let set = json(&search(&["--json"]));
    assert!(set["hits"][0].get("late").is_none(), "{set}");
    std::fs::write(home.path().join("config.toml"), "[knowledge]\nlate = 3\n").unwrap();
    assert_eq!(code(&search(&[])), 1);
}

/// Every document of a home says something else from now on.
fn rewritten(home: &Path) {
    for file in std::fs::read_dir(home.join("knowledge_base")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "md") {
            let words = std::fs::read_to_string(&path).unwrap();
            let more = words.replace(".\n", ". Some more words.\n");
            assert_ne!(words, more, "{}", path.display());
            std::fs::write(&path, more).unwrap();
        }
    }
}

/// Approves the winner of a demo run; what the commands said.
fn approved(review: &str) -> (tempfile::TempDir, String) {
    let home = tempfile::tempdir().unwrap();
    let ok = |who: &str, args: &[&str]| {
        let args = [args, &["--as", who]].concat();
        text(&echovoice(home.path(), &args))
    };
    ok("demo.principal", &["policy", "list"]);
    let pack = format!(
        "[pack]\nid = \"desk\"\nversion = \"1\"\ntitle = \"Review\"\nauthor = \"somebody\"\n\n[review]\nwithdraw_minutes = 60\n{review}\n"
    );
    std::fs::write(home.path().join("policies/desk.toml"), pack).unwrap();
    ok("demo.principal", &["policy", "activate", "desk"]);
    let profile = "assets/profiles/01-clean-winner.json";
    let run = ok(
        "demo.officer",
        &["run", profile, "--json", "--as-of", AS_OF],
    );
    let run: Value = serde_json::from_str(&run).unwrap();
    let id = run["run_id"].as_str().unwrap().to_owned();
    ok(
        "demo.officer",
        &["decide", &id, "approve", "--variant", "B"],
    );
    (home, id)
}

#[test]
fn a_decision_shows_that_a_document_it_rests_on_has_changed() {
    let (home, run) = approved("");
    let show = |flags: &[&str]| {
        let args = [&["audit", "show", &run, "--as-of", AS_OF], flags].concat();
        text(&echovoice(home.path(), &args))
    };
    assert!(!show(&[]).contains("changed since"), "{}", show(&[]));
    // Every document says something else from now on.
    rewritten(home.path());
    let said = show(&[]);
    assert!(said.contains("changed since: "), "{said}");
    assert!(
        said.contains("reads otherwise than when it was cited"),
        "{said}"
    );
    assert!(show(&["--json"]).contains("\"changed_source\""));
}

#[test]
fn an_approval_whose_source_changed_waits_and_goes_back_to_review_where_a_pack_asks() {
    let home = tempfile::tempdir().unwrap();
    let ok = |who: &str, args: &[&str]| {
        let args = [args, &["--as", who]].concat();
        text(&echovoice(home.path(), &args))
    };
    ok("demo.principal", &["policy", "list"]);
    let pack = "[pack]\nid = \"desk\"\nversion = \"1\"\ntitle = \"Review\"\nauthor = \"somebody\"\n\n[review]\nsources_stand = true\n";
    std::fs::write(home.path().join("policies/desk.toml"), pack).unwrap();
    ok("demo.principal", &["policy", "activate", "desk"]);
    let profile = "assets/profiles/01-clean-winner.json";
    let run = || {
        let run = ok(
            "demo.officer",
            &["run", profile, "--json", "--as-of", AS_OF],
        );
        let run: Value = serde_json::from_str(&run).unwrap();
        run["run_id"].as_str().unwrap().to_owned()
    };
    let outbox = || std::fs::read_dir(home.path().join("outbox")).map_or(0, Iterator::count);
    // While its sources stand it goes out.
    let (stands, moved) = (run(), run());
    ok(
        "demo.officer",
        &["decide", &stands, "approve", "--variant", "B"],
    );
    assert_eq!(outbox(), 1);
    rewritten(home.path());
    let said = ok(
        "demo.officer",
        &["decide", &moved, "approve", "--variant", "B"],
    );
    for words in [
        "a source changed since it was cited: ",
        "reads otherwise than when it was cited",
        "waits for a review again",
    ] {
        assert!(said.contains(words), "no “{words}” in:\n{said}");
    }
    let waiting = ok("demo.officer", &["queue", "list"]);
    assert!(waiting.contains(&moved), "{waiting}");
    assert_eq!(outbox(), 1);
    assert_eq!(code(&echovoice(home.path(), &["audit", "verify"])), 0);
}

#[test]
fn an_approval_goes_back_as_soon_as_its_source_changes_and_not_only_when_it_is_due() {
    let (home, run) = approved("sources_stand = true");
    let index = |flags: &[&str]| {
        let args = [&["kb", "index", "--as", "demo.officer"], flags].concat();
        text(&echovoice(home.path(), &args))
    };
    // It may be withdrawn for an hour yet, so nothing is tried; nor is there anything to tell.
    assert!(!index(&[]).contains(&run));
    rewritten(home.path());
    let said = index(&[]);
    let line = said.lines().find(|line| line.starts_with(&run));
    let line = line.unwrap_or_else(|| panic!("nothing of {run} in:\n{said}"));
    assert!(
        line.contains("reads otherwise than when it was cited"),
        "{line}"
    );
    assert!(line.contains("waits for a review again"), "{line}");
    let waiting = echovoice(home.path(), &["queue", "list", "--as", "demo.officer"]);
    assert!(text(&waiting).contains(&run));
    // It is told once, and the record stands.
    let again: Value = serde_json::from_str(&index(&["--json"])).unwrap();
    assert!(again.get("approvals").is_none(), "{again}");
    assert_eq!(code(&echovoice(home.path(), &["audit", "verify"])), 0);
}

#[test]
fn who_may_not_send_an_approval_back_is_told_that_it_waits() {
    let (home, run) = approved("sources_stand = true");
    rewritten(home.path());
    let args = ["kb", "index", "--json", "--as", "demo.marketer"];
    let said: Value = serde_json::from_str(&text(&echovoice(home.path(), &args))).unwrap();
    let told = said["approvals"][0]["said"].as_str().unwrap();
    assert!(told.contains("echovoice queue withdraw"), "{told}");
    // It is approved still, and does not go out.
    let waiting = echovoice(home.path(), &["queue", "list", "--as", "demo.officer"]);
    assert!(!text(&waiting).contains(&run));
}

#[test]
fn a_run_tells_which_words_met_and_why_each_passage_stands_where_it_does() {
    let home = tempfile::tempdir().unwrap();
    let profile = "assets/profiles/01-clean-winner.json";
    let args = [
        "run",
        profile,
        "--json",
        "--as-of",
        AS_OF,
        "--as",
        "demo.officer",
    ];
    let run: Value = serde_json::from_str(&text(&echovoice(home.path(), &args))).unwrap();
    for citation in run["citations"].as_array().unwrap() {
        let met = ["same_words", "near_words"].map(|key| citation[key].as_array().unwrap());
        assert!(met.iter().any(|words| !words.is_empty()), "{citation}");
        assert!(
            met[1]
                .iter()
                .all(|w| w["asked"].is_string() && w["likeness"].is_number())
        );
        assert!(
            !citation["why"].as_array().unwrap().is_empty(),
            "{citation}"
        );
    }
}

#[test]
fn where_no_row_of_a_file_can_be_taken_the_first_reason_is_told() {
    let home = tempfile::tempdir().unwrap();
    let rows = home.path().join("rows.jsonl");
    // Two rows that lack what names a document, and one that is no JSON.
    std::fs::write(&rows, "{\"text\": \"one\"}\n{\"text\": \"two\"}\nthree\n").unwrap();
    let (kb, rows) = (home.path().join("kb"), rows.display().to_string());
    let args = ["kb", "index", "--kb", &kb.display().to_string(), &rows];
    let out = echovoice(home.path(), &args);
    assert_eq!(code(&out), 1);
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(said.contains("no document could be taken"), "{said}");
    assert!(said.contains("rows.jsonl"), "{said}");
    assert!(said.contains("and 2 more"), "{said}");
}
