//! What leaves the house as proof, checked by the stand-alone verifier as a stranger would.

use crate::support;
use crate::support::files;
use crate::support::{AS_OF, code, echovoice};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A home with an approved run, a rejected one and an override that waits.
struct Desk {
    home: tempfile::TempDir,
    runs: Vec<String>,
}

fn done(home: &Path, args: &[&str]) -> Output {
    let output = echovoice(home, args);
    assert!(matches!(code(&output), 0 | 3), "{args:?}: {output:?}");
    output
}

impl Desk {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut runs = Vec::new();
        for name in ["01-clean-winner", "02-some-blocked", "03-all-blocked"] {
            let profile = format!("assets/profiles/{name}.json");
            let output = done(home.path(), &["run", &profile, "--json", "--as-of", AS_OF]);
            let run: Value = serde_json::from_slice(&output.stdout).unwrap();
            runs.push(run["run_id"].as_str().unwrap().to_owned());
        }
        let desk = Self { home, runs };
        let winner = desk.winner(0);
        desk.run(&["decide", &desk.runs[0], "approve", "--variant", &winner]);
        let winner = desk.winner(1);
        let why = "the tone does not suit this customer at all";
        desk.run(&[
            "decide",
            &desk.runs[1],
            "reject",
            "--variant",
            &winner,
            "--reason",
            why,
        ]);
        desk
    }

    fn run(&self, args: &[&str]) -> Output {
        done(self.home.path(), args)
    }

    fn winner(&self, run: usize) -> String {
        let entries = text(
            &self
                .run(&["audit", "show", &self.runs[run], "--json"])
                .stdout,
        );
        entries
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .find(|entry| entry["type"] == "analytics.done")
            .unwrap()["data"]["winner"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    fn export(&self, more: &[&str]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("export");
        let mut args = vec!["audit", "export", "--out", out.to_str().unwrap()];
        args.extend_from_slice(more);
        self.run(&args);
        (folder, out)
    }
}

/// The verifier's exit code and words.
fn verify(folder: &Path, more: &[&str]) -> (i32, String) {
    let output = Command::new("python3")
        .arg("assets/evidence/verify.py")
        .arg(folder)
        .args(more)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    let words = text(&output.stdout) + &text(&output.stderr);
    (output.status.code().unwrap(), words)
}

/// Whether the tools that a stranger would use are here.
fn tools() -> bool {
    let here = ["python3", "openssl"].iter().all(|tool| {
        let version = if *tool == "openssl" {
            "version"
        } else {
            "--version"
        };
        Command::new(tool)
            .arg(version)
            .output()
            .is_ok_and(|o| o.status.success())
    });
    if !here {
        eprintln!("SKIPPED: python3 and openssl are needed to check an export from outside");
    }
    here
}

#[test]
fn a_stranger_can_check_an_export_and_every_change_is_caught() {
    if !tools() {
        return;
    }
    let desk = Desk::new();
    let older = desk.home.path().join("older");
    fs::write(&older, desk.run(&["audit", "checkpoint"]).stdout).unwrap();
    let older = older.to_str().unwrap().to_owned();
    desk.run(&["run", "assets/profiles/08-eu.json", "--as-of", AS_OF]);
    let (_keep, folder) = desk.export(&[]);
    let (exit, words) = verify(&folder, &["--pin", &older]);
    assert_eq!(exit, 0, "{words}");
    assert!(words.contains("2 decisions signed"), "{words}");

    // A byte of each kind, everywhere but in what is only for reading.
    let all = files::below(&folder);
    let evidence = |path: &&PathBuf| {
        let name = path.strip_prefix(&folder).unwrap().to_str().unwrap();
        ["entries", "blobs", "tile", "checkpoint", "log.pub"].iter().any(|s| name.starts_with(s))
            // Older checkpoints are for whoever kept one.
            && !name.starts_with("checkpoints")
    };
    let mut kinds = std::collections::BTreeSet::new();
    for path in all.iter().filter(evidence) {
        // A few blobs stand for all.
        let kind = path
            .strip_prefix(&folder)
            .unwrap()
            .iter()
            .next()
            .unwrap()
            .to_owned();
        if kind == "blobs" && kinds.contains(&kind) && path.to_str().unwrap().len() % 7 != 0 {
            continue;
        }
        let bytes = fs::read(path).unwrap();
        let steps = if kind == "entries.jsonl" { 40 } else { 2 };
        for step in 0..steps {
            let at = bytes.len() * step / steps;
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            fs::write(path, &changed).unwrap();
            let (exit, words) = verify(&folder, &["--pin", &older]);
            assert_ne!(exit, 0, "{} byte {at}: {words}", path.display());
        }
        fs::remove_file(path).unwrap();
        assert_ne!(verify(&folder, &[]).0, 0, "{} removed", path.display());
        fs::write(path, &bytes).unwrap();
        kinds.insert(kind);
    }
    assert_eq!(kinds.len(), 5, "{kinds:?}");

    let entries = folder.join("entries.jsonl");
    let whole = fs::read(&entries).unwrap();
    let lines: Vec<&[u8]> = whole.split_inclusive(|b| *b == b'\n').collect();
    let mut swapped = lines.clone();
    swapped.swap(3, 4);
    let again: Value = serde_json::from_slice(lines[3]).unwrap();
    let spaced = serde_json::to_string_pretty(&again)
        .unwrap()
        .replace('\n', " ")
        + "\n";
    let mut reserialised = lines.clone();
    reserialised[3] = spaced.as_bytes();
    let crlf = text(&whole).replace('\n', "\r\n");
    for (name, bytes) in [
        ("rows swapped", swapped.concat()),
        ("serialised anew", reserialised.concat()),
        ("CRLF", crlf.into_bytes()),
        ("BOM", [b"\xEF\xBB\xBF", whole.as_slice()].concat()),
    ] {
        fs::write(&entries, bytes).unwrap();
        let (exit, words) = verify(&folder, &[]);
        assert_eq!(exit, 3, "{name}: {words}");
    }
    fs::write(&entries, &whole).unwrap();
    assert_eq!(verify(&folder, &[]).0, 0);
}

#[test]
fn an_older_copy_and_another_key_are_caught_by_what_was_kept_elsewhere() {
    if !tools() {
        return;
    }
    let desk = Desk::new();
    let (_keep, old) = desk.export(&[]);
    desk.run(&["run", "assets/profiles/08-eu.json", "--as-of", AS_OF]);
    let newer = desk.home.path().join("newer");
    fs::write(&newer, desk.run(&["audit", "checkpoint"]).stdout).unwrap();
    let (exit, words) = verify(&old, &["--pin", newer.to_str().unwrap()]);
    assert_eq!(exit, 3);
    assert!(words.contains("the tail was removed"), "{words}");

    let other = Desk::new();
    let (_keep, forged) = other.export(&[]);
    assert_eq!(verify(&forged, &[]).0, 0);
    let key = old.join("log.pub");
    assert_eq!(verify(&forged, &["--key", key.to_str().unwrap()]).0, 3);
}

#[test]
fn a_period_holds_whole_runs_and_can_be_checked_alone() {
    if !tools() {
        return;
    }
    let desk = Desk::new();
    let (_keep, none) = desk.export(&["--until", "2020-01-01"]);
    let (exit, words) = verify(&none, &[]);
    assert_eq!(exit, 0, "{words}");
    assert!(
        words.contains("OK: ") && words.contains("0 decisions"),
        "{words}"
    );
    assert!(!none.join("subjects.jsonl").exists());

    let entries = text(
        &desk
            .run(&["audit", "list", "--limit", "500", "--json"])
            .stdout,
    );
    let decided = entries
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .find(|entry| entry["type"] == "decision" && entry["run"] == desk.runs[0].as_str())
        .unwrap();
    let time = decided["time"].as_str().unwrap();
    let (_keep, period) = desk.export(&["--since", time, "--until", time]);
    let (exit, words) = verify(&period, &[]);
    assert_eq!(exit, 0, "{words}");
    let lines = fs::read_to_string(period.join("entries.jsonl")).unwrap();
    let types: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(
        types
            .iter()
            .any(|e| e["type"] == "run.started" && e["run"] == desk.runs[0].as_str())
    );
    // Of another run at most the entry next to the period, which shows where it begins.
    let others = types.iter().filter(|e| e["run"] == desk.runs[2].as_str());
    assert!(others.count() <= 1);
}

#[test]
fn a_restore_verifies_equal_and_a_bad_one_leaves_nothing() {
    let desk = Desk::new();
    let report = |home: &Path| text(&done(home, &["audit", "verify", "--json"]).stdout);
    // The export is an entry of the house that made it, and holds itself.
    let (keep, folder) = desk.export(&[]);
    let before = report(desk.home.path());
    let home = keep.path().join("home");
    let export = folder.to_str().unwrap();
    done(&home, &["audit", "restore", export]);
    // Nothing sealed was opened here: the vault's key is in no export.
    let bare = |report: &str| -> Value {
        let mut report: Value = serde_json::from_str(report).unwrap();
        report["proves"] = Value::Null;
        report
    };
    assert_eq!(bare(&report(&home)), bare(&before));
    assert!(report(&home).contains("\"ok\":true"));
    let list = |home: &Path| text(&done(home, &["queue", "list", "--json"]).stdout);
    assert_eq!(list(&home), list(desk.home.path()));

    let twice = echovoice(&home, &["audit", "restore", export]);
    assert_eq!(code(&twice), 1);
    assert!(text(&twice.stderr).contains("has a ledger already"));

    // With the keys from their own backup, the sealed texts open and work goes on.
    for name in fs::read_dir(desk.home.path().join("keys"))
        .unwrap()
        .flatten()
    {
        fs::copy(name.path(), home.join("keys").join(name.file_name())).unwrap();
    }
    fs::copy(desk.home.path().join("vault.key"), home.join("vault.key")).unwrap();
    done(
        &home,
        &["run", "assets/profiles/08-eu.json", "--as-of", AS_OF],
    );
    assert!(report(&home).contains("\"ok\":true"));

    let bad = keep.path().join("bad");
    let entries = folder.join("entries.jsonl");
    let whole = fs::read_to_string(&entries).unwrap();
    fs::write(&entries, whole.replacen("officer", "auditor", 1)).unwrap();
    let refused = echovoice(&bad, &["audit", "restore", export]);
    assert_eq!(code(&refused), 1);
    assert!(
        text(&refused.stderr).contains("entries.jsonl:"),
        "{refused:?}"
    );
    assert!(!bad.join("ledger.redb").exists());
}

#[test]
fn a_backup_takes_a_bare_name() {
    let desk = Desk::new();
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_echovoice"))
        .args(["audit", "backup", "--out", "copy.redb"])
        .env("ECHOVOICE_HOME", desk.home.path())
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("entries copied"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_receipt_proves_one_decision_and_no_other() {
    if !tools() {
        return;
    }
    let desk = Desk::new();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    desk.run(&["audit", "prove", &desk.runs[0], "--out", out]);
    let name = |end: &str| folder.path().join(format!("{}{end}", desk.runs[0]));
    let check = || {
        let output = Command::new("python3")
            .args(["assets/evidence/verify.py", "--receipt"])
            .args([
                name(".entry.json"),
                name(".tlog-proof"),
                folder.path().join("log.pub"),
            ])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .output()
            .unwrap();
        (output.status.code().unwrap(), text(&output.stdout))
    };
    let (exit, words) = check();
    assert_eq!(exit, 0, "{words}");
    assert!(words.contains("decision"), "{words}");
    let entry = fs::read_to_string(name(".entry.json")).unwrap();
    fs::write(name(".entry.json"), entry.replace("approve", "reject")).unwrap();
    assert_eq!(check().0, 3);
    let none = echovoice(desk.home.path(), &["audit", "prove", &desk.runs[2]]);
    assert_eq!(code(&none), 1);
    assert!(text(&none.stderr).contains("no decision about"));
}

#[test]
fn a_rerun_gives_the_same_verdict_until_a_rule_changes() {
    let desk = Desk::new();
    // The third profile differs in nothing, edited words stay, and the record still verifies.
    for run in &desk.runs {
        let output = desk.run(&["audit", "rerun", run, "--json"]);
        let replayed: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(
            (code(&output), &replayed["same"]),
            (0, &Value::Bool(true)),
            "{replayed}"
        );
        assert_eq!(replayed["recorded"], replayed["today"]);
        assert_eq!(code(&desk.run(&["audit", "rerun", run, "--retrieve"])), 0);
    }
    assert_eq!(code(&desk.run(&["audit", "verify"])), 0);

    let templates = desk.home.path().join("segments.toml");
    let text_before = fs::read_to_string(&templates).unwrap();
    fs::write(&templates, text_before.replace("\"medium\"", "\"high\"")).unwrap();
    support::accept_home(desk.home.path());
    let output = desk.run(&["audit", "rerun", &desk.runs[0], "--json"]);
    let replayed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(code(&output), 3, "{replayed}");
    assert_eq!(replayed["first_difference"], "segment: .intent_level");
    assert_eq!(replayed["changed_versions"][0], "templates and facts");
    let none = echovoice(desk.home.path(), &["audit", "rerun", "r-none"]);
    assert_eq!(code(&none), 1);
}

#[test]
fn filter_words_pick_entries_of_the_whole_log() {
    let desk = Desk::new();
    let list = |words: &[&str]| {
        let args = [&["audit", "list", "--limit", "500", "--json"], words].concat();
        let output = echovoice(desk.home.path(), &args);
        (
            code(&output),
            text(&output.stdout).lines().count(),
            text(&output.stderr),
        )
    };
    let all = list(&[]).1;
    assert!(all > 15);
    assert_eq!(list(&["what:decision", "who:officer"]).1, 2);
    assert_eq!(list(&["what:reject", "reason:tone", "since:1h"]).1, 1);
    assert_eq!(list(&[&format!("run:{}", desk.runs[2])]).1, 6);
    assert_eq!(list(&["until:2020-01-01"]).1, 0);
    assert_eq!(list(&["since:2020-01-01"]).1, all);
    let (exit, _, error) = list(&["since:soon"]);
    assert_eq!(exit, 1);
    assert!(
        error.contains("who:okafor") && error.lines().count() == 1,
        "{error}"
    );
}

/// The root and size of the export kept in `fixtures/export-v1`.
const V1: (&str, u64) = ("WOlqd/4lGbmJTl11jUWIYF+6L+mR+6AmKOUI3hh7HM4=", 21);

#[test]
fn an_export_of_the_first_format_is_read_for_ever() {
    let folder = Path::new("tests/fixtures/export-v1");
    let home = tempfile::tempdir().unwrap();
    done(home.path(), &["audit", "restore", folder.to_str().unwrap()]);
    let report = done(home.path(), &["audit", "verify", "--json"]);
    let report: Value = serde_json::from_slice(&report.stdout).unwrap();
    assert_eq!(report["ok"], true, "{report}");
    assert_eq!(
        (report["root"].as_str(), report["entries"].as_u64()),
        (Some(V1.0), Some(V1.1))
    );
    if tools() {
        let (exit, words) = verify(folder, &[]);
        assert_eq!(exit, 0, "{words}");
        assert!(words.contains(V1.0), "{words}");
    }
}

#[test]
fn stats_count_what_the_record_holds() {
    let desk = Desk::new();
    let stats = desk.run(&["audit", "stats", "--json"]);
    let stats: Value = serde_json::from_slice(&stats.stdout).unwrap();
    assert_eq!(stats["runs"], 3);
    let chart = |heading: &str| {
        let charts = stats["charts"].as_array().unwrap();
        let found = charts.iter().find(|chart| chart["heading"] == heading);
        found.unwrap()["rows"].to_string()
    };
    assert_eq!(chart("Decisions"), r#"[["approve",1],["reject",1]]"#);
    assert!(chart("Time to decide").starts_with(r#"[["under 1 minute",2]"#));
    assert!(chart("Verdicts of variants").contains("blocked"));
    assert_eq!(
        chart("Approvals"),
        r#"[["of the program's winner",1],["of another variant",0]]"#
    );
    let verdicts: Value = serde_json::from_str(&chart("Verdicts of variants")).unwrap();
    let counted = |row: usize| verdicts[row][1].as_u64().unwrap();
    let rates: Value =
        serde_json::from_str(&chart("Blocked variants of a hundred, by month")).unwrap();
    let all = counted(0) + counted(1) + counted(2);
    assert_eq!(rates[0][1].as_u64().unwrap(), counted(2) * 100 / all);
    let text_ = text(&desk.run(&["audit", "stats"]).stdout);
    assert!(
        text_.contains("Why variants were blocked") && text_.contains('#'),
        "{text_}"
    );
    let none = text(
        &desk
            .run(&["audit", "stats", "--until", "2020-01-01"])
            .stdout,
    );
    assert!(none.starts_with("0 runs"), "{none}");
}

#[test]
fn the_binder_can_be_read_and_names_nobody() {
    let desk = Desk::new();
    let (_keep, folder) = desk.export(&[]);
    let page = fs::read_to_string(folder.join("binder/index.html")).unwrap();
    assert!(page.contains("<h2>Why variants were blocked</h2>") && page.contains("<svg"));
    // Whose it is, of which time, made when and by whom, and who decided what.
    for words in [
        "<title>Record of reviews: Tarnwick Financial</title>",
        "<dt>Firm</dt><dd>Tarnwick Financial</dd>",
        "<dt>Runs started</dt><dd>the beginning to today</dd>",
        " UTC by demo.",
        "<h2>People</h2>",
        "<td data-head=\"Standing\">demo person</td>",
        "<td data-head=\"Approved\">1</td>",
        "signed by demo.",
        "Demo: people of the demo",
    ] {
        assert!(page.contains(words), "no {words} in\n{page}");
    }
    // Rules are named by their titles.
    let rules = section(&page, "Why variants were blocked");
    let labels: Vec<&str> = between(rules, "<th scope=\"row\">", "</th>");
    assert!(!labels.is_empty());
    for label in labels {
        assert!(label.contains(' '), "an id, and no title: {label}");
    }
    assert!(page.contains("the tone does not suit this customer at all"));
    assert!(
        !page.contains("http://") && !page.contains("https://"),
        "needs nothing from anywhere"
    );
    let decisions = fs::read_to_string(folder.join("binder/decisions.csv")).unwrap();
    assert_eq!(decisions.lines().count(), 3, "{decisions}");
    let runs = fs::read_to_string(folder.join("binder/runs.csv")).unwrap();
    assert_eq!(runs.lines().count(), 4, "{runs}");
    let all = files::below(&folder);
    for path in all {
        let bytes = fs::read(&path).unwrap();
        let held = text_of(&bytes);
        for private in ["Amara", "Osei", "amara.osei", "C-20417"] {
            assert!(
                !held.contains(private),
                "{} holds {private}",
                path.display()
            );
        }
    }
    let again = echovoice(
        desk.home.path(),
        &["audit", "export", "--out", folder.to_str().unwrap()],
    );
    assert_eq!(code(&again), 1);
    assert!(text(&again.stderr).contains("not empty"));
}

/// What stands between two marks, each time.
fn between<'p>(page: &'p str, from: &str, to: &str) -> Vec<&'p str> {
    let parts = page.split(from).skip(1);
    parts
        .filter_map(|part| Some(part.split_once(to)?.0))
        .collect()
}

fn section<'p>(page: &'p str, heading: &str) -> &'p str {
    let (_, rest) = page.split_once(&format!("<h2>{heading}</h2>")).unwrap();
    rest.split_once("</section>").unwrap().0
}

#[test]
fn the_binder_reads_on_a_phone_and_on_paper_and_draws_one_scale() {
    let desk = Desk::new();
    let (_keep, folder) = desk.export(&[]);
    let page = fs::read_to_string(folder.join("binder/index.html")).unwrap();
    assert!(page.contains("<meta name=\"viewport\" content=\"width=device-width"));
    assert!(!page.contains("<script") && !page.contains("onload"));
    for rule in ["@page{size:A4", "@media print", "@media (max-width:40rem)"] {
        assert!(page.contains(rule), "{rule}");
    }
    // Nothing has a width of its own in pixels, and what is long is broken: nothing is wider than the window.
    let (style, body) = page.split_once("</style>").unwrap();
    assert!(style.contains("overflow-wrap:anywhere") && style.contains("pre-wrap"));
    for fixed in between(style, "width:", "}") {
        let first = fixed.split(';').next().unwrap();
        let small = first.strip_suffix("rem").map(|n| n.parse::<f32>().unwrap());
        let is_capped = style.contains(&format!("max-width:{first}"));
        assert!(
            first.ends_with('%')
                || first == "auto"
                || first == "1px"
                || first.starts_with("40rem")
                || is_capped
                || small.is_some_and(|n| n < 20.0),
            "{first}"
        );
    }
    assert!(!body.contains("<svg width") && !body.contains("<table width"));
    // Charts of one kind share the end of their bars, and no bar is longer.
    let mut ends = std::collections::BTreeMap::new();
    for chart in between(body, "<table class=\"bars\" ", ">") {
        let kind = between(chart, "data-kind=\"", "\"")[0].to_owned();
        let most: u64 = between(chart, "data-most=\"", "\"")[0].parse().unwrap();
        let end = *ends.entry(kind.clone()).or_insert(most);
        assert_eq!(end, most, "{kind}");
    }
    assert!(ends.len() >= 3, "{ends:?}");
    assert_eq!(ends["of a hundred"], 100);
    for width in between(body, "<rect width=\"", "\"") {
        assert!(width.parse::<u64>().unwrap() <= 1_000);
    }
    // Every bar has words, every table its heads, every section its heading.
    let count = |what: &str| body.matches(what).count();
    assert_eq!(count("<svg "), count("<svg role=\"img\" aria-label="));
    assert_eq!(count("<table "), count("<caption>"));
    assert_eq!(count("<table "), count("<thead>"));
    assert_eq!(count("<section>"), count("<section><h2>"));
    assert_eq!(count("<h1>"), 1);
    assert_eq!(count("<td data-head="), count("<td data-head=\""));
}

#[test]
fn a_period_is_named_by_its_first_and_last_day() {
    let desk = Desk::new();
    let (_keep, folder) = desk.export(&["--since", "2020-01-01", "--until", "2090-12-31"]);
    let page = fs::read_to_string(folder.join("binder/index.html")).unwrap();
    let period = "<dt>Runs started</dt><dd>2020-01-01 to 2090-12-31</dd>";
    assert!(page.contains(period), "{page}");
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
