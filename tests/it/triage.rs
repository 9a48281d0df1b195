//! The queue and the record as lists: what decides in columns, sorted, widened and grouped; true counts; words that look
//! through all of it; days by their names.

use crate::support::scene::{keys, model, press};
use crate::support::{code, echovoice, run_demo};
use crossterm::event::KeyCode;
use echovoice::service::review::queue::RunSummary;
use echovoice::tui::columns::{self, QueueColumn, QueueColumns};
use echovoice::tui::effect::Effect;
use echovoice::tui::model::{Model, Screen};
use echovoice::tui::msg::{Msg, RunCounts};
use echovoice::tui::snapshot;
use echovoice::tui::theme::DARK;
use echovoice::tui::update::update;
use serde_json::{Value, json};
use std::sync::Arc;

fn run(id: &str, product: &str, rules: &Value, asks: &Value, started: &str) -> RunSummary {
    serde_json::from_value(json!({
        "run": id, "seq": id.len(), "started": started, "updated": started, "by": "demo.officer", "subject": "s-1", "segment": "BrowsingOnly",
        "channel": "email", "jurisdiction": "US", "passed": 1, "review": asks.as_array().unwrap().len(), "blocked": rules.as_array().unwrap().len(),
        "winner": "A", "state": "waiting", "revision": 1, "decision": "", "decided_by": "", "variant": "", "artifact": "", "reason": "",
        "rules": rules, "makers": [], "last": 9, "product": product, "asks": asks,
    }))
    .unwrap()
}

fn desk(counts: RunCounts) -> Model {
    let mut desk = model(DARK, "queue");
    let none = json!([]);
    let rate = json!([["us.rate", 2], ["us.fee", 1]]);
    let waiting = vec![
        run(
            "r-1",
            "Savings",
            &none,
            &json!([["us.old", 1]]),
            "2026-11-22T10:00:00Z",
        ),
        run("r-22", "Mortgage", &rate, &none, "2026-11-23T09:00:00Z"),
        run("r-333", "Card", &none, &none, "2026-11-20T10:00:00Z"),
        run("r-4444", "Card", &rate, &none, "2026-11-21T10:00:00Z"),
    ];
    let titles = [
        ("us.rate", "A rate has its conditions"),
        ("us.old", "Old news is dated"),
    ];
    let titles = titles.map(|(id, title)| (id.to_owned(), title.to_owned()));
    update(&mut desk, Msg::Titles(Arc::new(titles.into())));
    let runs = Msg::Runs {
        runs: waiting.clone(),
        waiting,
        counts,
        size: 40,
        now: "2026-11-23T12:00:00Z".into(),
        through_another: false,
        store_down: false,
    };
    update(&mut desk, runs);
    desk
}

fn all() -> RunCounts {
    RunCounts { waiting: 4, all: 4 }
}

fn frame(desk: &Model, width: u16) -> String {
    snapshot::text(&snapshot::frame(desk, width, 30))
}

fn listed(desk: &Model) -> Vec<&str> {
    desk.shown_runs()
        .iter()
        .map(|run| run.run.as_str())
        .collect()
}

#[test]
fn the_columns_say_what_decides_and_titles_lead() {
    let text = frame(&desk(all()), 100);
    for words in [
        "PRODUCT",
        "CUSTOMER",
        "PLACE",
        "FINDING",
        "AGE",
        "DUE",
        "BLOCK A rate has its",
        "WARN Old news is",
        "clear",
        "26h",
    ] {
        assert!(text.contains(words), "{words}:\n{text}");
    }
    assert!(
        !text.contains("1 ok") && !text.contains("chain ?"),
        "{text}"
    );
    // Equal findings stand together, with how many there are.
    let grouped = text.lines().find(|line| {
        line.contains("A rate has its") && line.trim_end_matches(['│', '┃', ' ']).ends_with('2')
    });
    assert!(grouped.is_some(), "{text}");
}

#[test]
fn the_list_is_sorted_by_the_column_that_was_chosen() {
    let mut desk = desk(all());
    assert_eq!(listed(&desk), ["r-1", "r-22", "r-333", "r-4444"]);
    // The first column at this width is the product.
    update(&mut desk, press(KeyCode::Right));
    keys(&mut desk, "S");
    assert_eq!(listed(&desk), ["r-333", "r-4444", "r-22", "r-1"]);
    assert!(
        frame(&desk, 80).contains("PRODUCT^"),
        "{}",
        frame(&desk, 80)
    );
    keys(&mut desk, "S");
    assert_eq!(listed(&desk), ["r-1", "r-22", "r-333", "r-4444"]);
    keys(&mut desk, "S");
    desk.columns.at = Some(QueueColumn::Finding);
    keys(&mut desk, "S");
    assert_eq!(
        listed(&desk)[..3],
        ["r-22", "r-4444", "r-1"],
        "what blocks stands before what asks"
    );
}

#[test]
fn a_column_is_widened_and_the_settings_choose_them() {
    let mut desk = desk(all());
    let width = |desk: &Model| {
        desk.columns
            .fitted(75, |_| 10)
            .into_iter()
            .find(|(c, _)| *c == QueueColumn::Product)
            .unwrap()
            .1
    };
    let before = width(&desk);
    update(&mut desk, press(KeyCode::Right));
    keys(&mut desk, "++");
    assert_eq!(width(&desk), before + 8);
    keys(&mut desk, "-");
    assert_eq!(width(&desk), before + 4);
    let own = QueueColumns::named(&["finding:40".into(), "due".into()]).unwrap();
    assert_eq!(
        own.fitted(60, |_| 7),
        [(QueueColumn::Finding, 40), (QueueColumn::Due, 7)]
    );
    let told = QueueColumns::named(&["fnding".into()]).unwrap_err();
    let told = told.to_string();
    assert!(
        told.contains("fnding is no column") && told.contains("finding"),
        "{told}"
    );
}

#[test]
fn one_key_shows_the_runs_with_the_same_finding() {
    let mut desk = desk(all());
    desk.queue_at = 1;
    keys(&mut desk, "f");
    assert_eq!(listed(&desk), ["r-22", "r-4444"]);
    keys(&mut desk, "f");
    assert_eq!(listed(&desk).len(), 4);
}

#[test]
fn each_screen_keeps_its_own_words() {
    let mut desk = desk(all());
    keys(&mut desk, "/product:card");
    assert!(
        frame(&desk, 80).contains("What can be asked for")
            || frame(&desk, 80).contains("What can be asked for")
    );
    keys(&mut desk, "\n");
    assert_eq!(listed(&desk), ["r-333", "r-4444"]);
    keys(&mut desk, "5");
    assert_eq!((desk.screen, desk.filter()), (Screen::Audit, ""));
    let effects = keys(&mut desk, "D");
    assert_eq!(desk.filter(), "is:decision");
    assert!(
        matches!(&effects[..], [.., Effect::Find { filter, .. }] if filter == "is:decision"),
        "{effects:?}"
    );
    keys(&mut desk, "1");
    assert_eq!(desk.filter(), "product:card");
    // Days by their names, in the queue too.
    desk.filter_mut().clear();
    for (words, found) in [
        ("yesterday", vec!["r-1"]),
        ("2026-11-21", vec!["r-4444"]),
        ("since:yesterday", vec!["r-1", "r-22"]),
        ("until:2026-11-21", vec!["r-333", "r-4444"]),
    ] {
        words.clone_into(desk.filter_mut());
        assert_eq!(listed(&desk), found, "{words}");
    }
    // A word that is still being typed lets all through.
    "since:s".clone_into(desk.filter_mut());
    assert_eq!(listed(&desk).len(), 4);
}

#[test]
fn the_cursor_steps_over_the_columns_that_are_shown() {
    for width in 60..=220 {
        let mut desk = desk(all());
        desk.size.0 = width;
        let shown = desk.columns.shown(columns::room(width - 1));
        for _ in 0..20 {
            update(&mut desk, press(KeyCode::Right));
            let at = desk.columns.at.unwrap();
            assert!(shown.contains(&at), "{width}: {at:?}");
        }
    }
}

#[test]
fn what_others_write_meanwhile_drops_no_search_among_runs() {
    let mut desk = desk(RunCounts {
        waiting: 3_639,
        all: 5_000,
    });
    let effects = keys(&mut desk, "/card");
    let Some(Effect::FindRuns { generation, .. }) = effects.last() else {
        panic!("{effects:?}");
    };
    update(&mut desk, Msg::Entries(Vec::new()));
    let found = Msg::FoundRuns {
        generation: *generation,
        runs: Vec::new(),
        more: 7,
    };
    update(&mut desk, found);
    assert!(desk.found.is_some());
}

#[test]
fn what_others_write_moves_no_choice() {
    let counts = RunCounts { waiting: 9, all: 9 };
    let mut desk = desk(counts);
    desk.queue_at = 0;
    let chosen = desk.shown_runs()[0].run.clone();
    let none = json!([]);
    let fresh = run("r-0", "Card", &none, &none, "2026-11-20T10:00:00Z");
    let mut waiting = desk.waiting.clone();
    waiting.insert(0, fresh);
    let read_anew = |waiting: Vec<RunSummary>| Msg::Runs {
        runs: Vec::new(),
        waiting,
        size: 20,
        now: "2026-11-24T10:00:00Z".into(),
        through_another: false,
        store_down: false,
        counts,
    };
    update(&mut desk, read_anew(waiting.clone()));
    assert_eq!(desk.shown_runs()[desk.queue_at].run, chosen);
    // Once it is gone the cursor stays at its place.
    let at = desk.queue_at;
    waiting.retain(|run| run.run != chosen);
    update(&mut desk, read_anew(waiting));
    assert_eq!(desk.queue_at, at.min(desk.shown_runs().len() - 1));
}

#[test]
fn what_is_not_on_the_screen_is_counted_and_looked_through() {
    let mut desk = desk(RunCounts {
        waiting: 3_639,
        all: 5_000,
    });
    assert!(
        frame(&desk, 100).contains("first 4 of 3,639"),
        "{}",
        frame(&desk, 100)
    );
    let effects = keys(&mut desk, "/card");
    let Some(Effect::FindRuns {
        generation,
        filter,
        waiting: true,
    }) = effects.last()
    else {
        panic!("{effects:?}");
    };
    assert_eq!(filter, "card");
    let far = run(
        "r-far",
        "Card",
        &json!([]),
        &json!([]),
        "2026-11-01T10:00:00Z",
    );
    let found = Msg::FoundRuns {
        generation: *generation,
        runs: vec![far],
        more: 7,
    };
    keys(&mut desk, "\n");
    update(&mut desk, found);
    assert_eq!(listed(&desk), ["r-far"]);
    assert!(
        frame(&desk, 100).contains("first 1 found of 8"),
        "{}",
        frame(&desk, 100)
    );
    update(&mut desk, press(KeyCode::Esc));
    assert_eq!(listed(&desk).len(), 4);
}

fn lines(output: &std::process::Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn lists_say_what_they_left_out_and_entries_are_sentences() {
    let home = tempfile::tempdir().unwrap();
    run_demo(home.path());
    run_demo(home.path());
    let say = |args: &[&str]| {
        let output = echovoice(home.path(), args);
        assert_eq!(code(&output), 0, "{args:?}: {output:?}");
        output
    };
    let text = |args: &[&str]| String::from_utf8(say(args).stdout).unwrap();
    let queue = text(&["queue", "list", "--limit", "1"]);
    assert!(
        queue.contains("1 of 2 are shown") && queue.contains("Payment plans"),
        "{queue}"
    );
    assert!(
        queue.contains("2 clear, 1 blocked") && !queue.contains("us."),
        "titles lead: {queue}"
    );
    let told = lines(&say(&["queue", "list", "--limit", "1", "--json"]))
        .pop()
        .unwrap();
    assert_eq!((&told["left_out"], &told["of"]), (&json!(1), &json!(2)));
    assert!(!text(&["queue", "list"]).contains("are shown"));
    assert_eq!(
        lines(&say(&[
            "queue",
            "list",
            "product:payment",
            "today",
            "--json"
        ]))
        .len(),
        2
    );
    assert!(lines(&say(&["queue", "list", "yesterday", "--json"])).is_empty());
    let record = text(&["audit", "list", "--limit", "3"]);
    assert!(
        record.contains("the newest 3 of") && record.contains("--before"),
        "{record}"
    );
    assert!(
        record.contains("variant A is proposed; a person decides"),
        "{record}"
    );
    assert!(
        record.contains("checked: 2 clear, 1 blocked: No approval is promised"),
        "{record}"
    );
    let entries = lines(&say(&["audit", "list", "--limit", "3", "--json"]));
    assert_eq!(entries[3]["shown"], 3);
    assert_eq!(
        entries[0]["says"],
        "variant A is proposed; a person decides"
    );
    // Decisions alone, and a day in which something happened.
    assert!(text(&["audit", "list", "is:decision"]).is_empty());
    assert!(text(&["audit", "list", "until:today", "since:yesterday"]).contains("starts a run"));
    let run = entries[0]["run"].as_str().unwrap().to_owned();
    let shown = text(&["audit", "show", &run]);
    assert!(
        !shown.contains("micros") && !shown.contains("bulk"),
        "{shown}"
    );
    assert!(
        shown.contains("took ") && shown.contains("blocked by"),
        "{shown}"
    );
}
