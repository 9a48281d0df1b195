//! The desk as lines: the same commands, the same entries, no box and no redrawing.

use crate::support::{AS_OF, code, echovoice, kinds};
use echovoice::domain::analysis::Analysis;
use echovoice::domain::citation::Retrieved;
use echovoice::domain::facts::Facts;
use echovoice::domain::jurisdiction::Jurisdiction;
use echovoice::domain::profile::Profile;
use echovoice::domain::run::GateResult;
use echovoice::domain::segment::Segment;
use echovoice::domain::variant::{Authored, Variant};
use echovoice::pipeline::node::RetrievalError;
use echovoice::pipeline::node::StageContext;
use echovoice::pipeline::ports::{
    FactBook, Ports, RetrievalQuery, Retriever, Scorer, Segmenter, VariantBrief, VariantWriter,
};
use echovoice::pipeline::{LayeredGate, Orchestrator};
use echovoice::service::home::settings::DeskSettings as Settings;
use echovoice::service::home::workspace::Options;
use echovoice::service::{Needs, Workspace};
use echovoice::tui::keymap::Keys;
use echovoice::tui::theme::MONO;
use echovoice::tui::{Start, plain};
use serde_json::Value;
use std::io::{Cursor, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

/// What the desk says to these lines.
fn said(home: &Path, lines: &[&str]) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_echovoice"))
        .args(["desk", "--plain"])
        .env("ECHOVOICE_HOME", home)
        .env_remove("ECHOVOICE_USER")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(lines.join("\n").as_bytes()).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && errors.is_empty(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_whole_review_by_lines_writes_what_the_command_line_writes() {
    let (plain, commands) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(plain.path().join("tour.seen"), "").unwrap();
    let text = said(
        plain.path(),
        &[
            "n",
            "01-clean",
            "Enter",
            "run-on",
            "i",
            "Esc",
            "r",
            "Esc",
            "d",
            "1",
            "A",
            "Shift-Tab",
            "Enter",
            "v",
            "quit",
        ],
    );
    for words in [
        "# Waiting for a decision",
        "1. > 01-clean-winner.json",
        "safety done",
        "# Variant A, winner  ok",
        "# The customer, and what is told of variant A",
        "NO, by their profile",
        "# As received  variant A by email",
        "[image: Tarnwick Financial]",
        "# Your decision",
        "> Cancel <",
        "> Record decision <",
        "recorded: approve A",
        "ledger OK",
    ] {
        assert!(text.contains(words), "no “{words}” in:\n{text}");
    }
    let drawn = |c: char| ('\u{2500}'..='\u{257f}').contains(&c) || c == '\u{1b}';
    assert!(!text.contains(drawn), "{text}");
    let ran = echovoice(
        commands.path(),
        &[
            "run",
            "assets/profiles/01-clean-winner.json",
            "--json",
            "--as-of",
            AS_OF,
        ],
    );
    let run: Value = serde_json::from_slice(&ran.stdout).unwrap();
    let id = run["run_id"].as_str().unwrap();
    let decided = echovoice(
        commands.path(),
        &["decide", id, "approve", "--variant", "A"],
    );
    assert_eq!(code(&decided), 0);
    assert_eq!(kinds(plain.path()), kinds(commands.path()));
}

#[test]
fn only_what_changed_is_told_and_slips_are_named() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("tour.seen"), "").unwrap();
    let text = said(
        home.path(),
        &[
            "n",
            "12-host",
            "Enter",
            "Space",
            "no-such-command",
            "Left",
            "quit",
        ],
    );
    assert_eq!(text.matches("# Pipeline").count(), 1, "{text}");
    assert!(text.contains("no such command: no-such-command"), "{text}");
    assert!(text.contains("(nothing changed)"), "{text}");
    assert!(
        text.contains("<U+202E>") || text.contains("<U+0007>"),
        "{text}"
    );
    let harmful = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
    assert!(!text.contains(harmful));
}

#[test]
fn the_tour_is_told_once() {
    let home = tempfile::tempdir().unwrap();
    let first = said(home.path(), &["", "", "", "", "", "", "quit"]);
    assert!(
        first.contains("1 of 6") && first.contains("6 of 6") && first.contains("# Waiting"),
        "{first}"
    );
    assert!(!said(home.path(), &["quit"]).contains("of 6"));
}

/// A first stage that stops unexpectedly, with a customer's words in the panic; the others are not reached.
struct Broken;

impl Segmenter for Broken {
    fn segment(&self, profile: &Profile, _: chrono::NaiveDate) -> Segment {
        panic!("{}", profile.raw)
    }
}

impl Retriever for Broken {
    fn retrieve(&self, _: &RetrievalQuery) -> Result<Retrieved, RetrievalError> {
        Err(RetrievalError("not reached".into()))
    }
}

impl VariantWriter for Broken {
    fn write(
        &self,
        _: &VariantBrief<'_>,
        _: &mut dyn FnMut(&str),
    ) -> (Vec<Variant>, Option<Authored>) {
        (Vec::new(), None)
    }
}

impl Scorer for Broken {
    fn score(
        &self,
        _: &StageContext<'_>,
        _: &[Variant],
        _: &[GateResult],
        _: &Retrieved,
        _: &Segment,
    ) -> Analysis {
        panic!("not reached")
    }
}

impl FactBook for Broken {
    fn facts(&self, _: Option<&str>, _: &Jurisdiction, _: chrono::NaiveDate) -> Facts {
        Facts::default()
    }
}

#[test]
fn a_stage_that_panics_is_a_failed_stage_and_the_desk_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let mut workspace = Workspace::open(Options {
        home: home.path(),
        needs: Needs::Record,
        judges: false,
        person: None,
        as_of: None,
        tenant: None,
        progress: &mut |_| {},
    })
    .unwrap();
    let gate = LayeredGate::new(workspace.book.clone(), workspace.allow.clone());
    workspace.orchestrator = Some(Orchestrator::new(Arc::new(Ports {
        segmenter: Box::new(Broken),
        retriever: Box::new(Broken),
        writer: Box::new(Broken),
        gate: Box::new(gate),
        scorer: Box::new(Broken),
        facts: Box::new(Broken),
    })));
    let start = Start {
        theme: MONO,
        settings: Settings::default(),
        keys: Keys::default(),
        slip: None,
        places: vec![home.path().join("profiles")],
        open: None,
        check: None,
        tour: false,
    };
    // What the panic says goes nowhere, as in the program.
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().name() != Some("worker") {
            tell(info);
        }
    }));
    let input = Cursor::new("n\n01-clean\nEnter\nSpace\nrerun\nv\nquit\n");
    let mut out = Vec::new();
    plain::run(Arc::new(workspace), start, input, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let failed = "\n! segment failed: the stage stopped unexpectedly";
    assert!(text.contains(failed), "{text}");
    assert!(
        text.contains("[!!] 1 segment") && text.contains("ledger OK"),
        "{text}"
    );
    let told = text.split("# Pipeline").nth(1).unwrap();
    assert!(!told.contains("Amara"), "{told}");
    let kinds = kinds(home.path());
    assert_eq!(
        kinds.iter().filter(|kind| *kind == "stage.failed").count(),
        2,
        "{kinds:?}"
    );
}
