//! A whole review, recorded frame by frame into the manual and as pictures for the README, so that neither can go stale.
//! `ECHOVOICE_WALK=write cargo test --test it walk::` writes it anew.

use crate::support::picture;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use echovoice::domain::run::StageStatus;
use echovoice::pipeline::RunEvent;
use echovoice::service::home::workspace::Options;
use echovoice::service::review::decide::{self, DecisionWord};
use echovoice::service::review::queue::{self, RunList};
use echovoice::service::run::{Options as RunOptions, Session, start};
use echovoice::service::{Needs, Workspace, audit, intake};
use echovoice::tui::effect::Effect;
use echovoice::tui::model::Model;
use echovoice::tui::msg::{Msg, RunCounts};
use echovoice::tui::snapshot;
use echovoice::tui::theme::DARK;
use echovoice::tui::update::update;
use regex::Regex;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const FROM: &str = "<!-- walk: made by tests/it/walk.rs -->";
const TO: &str = "<!-- end of walk -->";
/// What every stage takes in the frames, in microseconds.
const MICROS: u64 = 1_500;

/// The desk, with its effects done at once.
struct Walk {
    home: tempfile::TempDir,
    workspace: Workspace,
    session: Option<Session>,
    desk: Model,
    text: String,
    pictures: Vec<(&'static str, String)>,
}

impl Walk {
    fn begin() -> Self {
        let home = tempfile::tempdir().unwrap();
        let as_of = chrono::DateTime::parse_from_rfc3339("2026-11-23T15:00:00Z").unwrap();
        let workspace = Workspace::open(Options {
            home: home.path(),
            needs: Needs::Record,
            judges: false,
            person: None,
            as_of: Some(as_of),
            tenant: None,
            progress: &mut |_| {},
        })
        .unwrap();
        let profiles = intake::list(&home.path().join("profiles"));
        let desk = Model::new(DARK, workspace.person.clone(), profiles);
        let mut walk = Self {
            home,
            workspace,
            session: None,
            desk,
            text: String::new(),
            pictures: Vec::new(),
        };
        walk.perform(Effect::LoadRuns);
        walk
    }

    fn tell(&mut self, msg: Msg) {
        for effect in update(&mut self.desk, msg) {
            self.perform(effect);
        }
    }

    fn show(&mut self, idle: bool) {
        let mut run = self.session.as_ref().unwrap().run.clone();
        for status in &mut run.status {
            if let StageStatus::Done { micros } = status {
                *micros = MICROS;
            }
        }
        let run = Box::new(run);
        self.tell(Msg::Run { run, idle });
    }

    fn step(&mut self) -> bool {
        let mut events = Vec::new();
        let open = self.session.as_mut().unwrap();
        let done = open.step(&self.workspace, &AtomicBool::new(false), &mut |event| {
            events.push(match event {
                RunEvent::Done { stage, summary, .. } => RunEvent::Done {
                    stage,
                    micros: MICROS,
                    summary,
                },
                other => other,
            });
        });
        let more = done.unwrap().is_some();
        // Each entry in a commit of its own.
        open.settle().unwrap();
        for event in events {
            self.tell(Msg::Stage(event));
        }
        self.show(!more);
        more
    }

    fn perform(&mut self, effect: Effect) {
        let record = true;
        match effect {
            Effect::LoadRuns => {
                let runs = queue::page(&self.workspace, u64::MAX, 50).unwrap();
                let waiting = queue::open(&self.workspace, RunList::Waiting, 50).unwrap();
                let now = runs.first().map(|r| r.updated.clone()).unwrap_or_default();
                let size = self.workspace.log().unwrap().head().unwrap().size;
                let counts = RunCounts {
                    waiting: waiting.len(),
                    all: runs.len(),
                };
                self.tell(Msg::Titles(Arc::new(queue::titles(&self.workspace))));
                self.tell(Msg::Runs {
                    counts,
                    runs,
                    waiting,
                    size,
                    now,
                    through_another: false,
                    store_down: false,
                });
            }
            Effect::LoadEntries => {
                let entries = audit::entries(&self.workspace, u64::MAX, 50).unwrap();
                self.tell(Msg::Entries(entries));
            }
            Effect::ListProfiles => {
                let files = intake::list(&self.home.path().join("profiles"));
                self.tell(Msg::Profiles(files));
            }
            Effect::Peek(path) => {
                let found =
                    intake::read(&path).map(|all| all.into_iter().map(|i| i.profile).collect());
                self.tell(Msg::Peeked { path, found });
            }
            Effect::StartRun { path, number } => {
                let profile = intake::read(&path).unwrap().swap_remove(number).profile;
                let options = RunOptions { seed: 7, record };
                let mut opened = start(&self.workspace, profile, options).unwrap();
                opened.settle().unwrap();
                self.session = Some(opened);
                self.show(true);
            }
            Effect::Step => {
                self.step();
                self.show(true);
            }
            Effect::RunOn => {
                while self.step() {}
                self.show(true);
            }
            Effect::Decide(request) => {
                let word = DecisionWord {
                    run: &request.run,
                    variant: &request.variant,
                    kind: request.kind,
                    reason: &request.reason,
                    code: request.code.as_deref(),
                    seen: Some(request.seen),
                };
                let outcome = decide::decide(&self.workspace, &word).unwrap();
                self.tell(Msg::ActionDone(format!(
                    "recorded: {} {} (entry {}), now {}",
                    request.kind,
                    request.variant,
                    outcome.seq,
                    outcome.state.as_str()
                )));
            }
            Effect::Verify => {
                let mut report = audit::verify(&self.workspace, None).unwrap();
                report.root = "GfhCeo3UbQbj1ShE/VsBjN+5wXGvmZK8S5wxaB3U2Xc=".into();
                self.tell(Msg::Verified(Box::new(report)));
            }
            // What is told beside the run is not in these frames.
            Effect::LoadBrief(_) | Effect::LoadSaid { .. } => {}
            other => panic!("the walk does not need {other:?}"),
        }
    }

    /// Presses keys: characters, and `⏎ ← → ↑ ↓ ⇥` for the others.
    fn keys(&mut self, keys: &str) {
        for key in keys.chars() {
            let code = match key {
                '⏎' => KeyCode::Enter,
                '←' => KeyCode::Left,
                '→' => KeyCode::Right,
                '↑' => KeyCode::Up,
                '↓' => KeyCode::Down,
                '⇥' => KeyCode::Tab,
                '⇤' => KeyCode::BackTab,
                '⇟' => KeyCode::PageDown,
                c => KeyCode::Char(c),
            };
            let event = Event::Key(KeyEvent::new(code, KeyModifiers::NONE));
            self.tell(Msg::Input(event));
            // What is decided must have been on the screen.
            snapshot::frame(&self.desk, 100, 24);
        }
    }

    fn frame(&mut self, says: &str) {
        let frame = snapshot::text(&snapshot::frame(&self.desk, 100, 24));
        self.text
            .push_str(&format!("{says}\n\n```text\n{frame}```\n\n"));
    }

    fn picture(&mut self, name: &'static str, title: &str) {
        let frame = snapshot::frame(&self.desk, 100, 30);
        let svg = picture::svg(&frame, title, steady);
        self.pictures.push((name, svg));
    }
}

/// What is other on every machine and at every time becomes the same, letter by letter, so that nothing moves.
fn steady(text: &str) -> String {
    let mut text = text.to_owned();
    for (pattern, instead) in [
        (r"r-[0-9a-z]{10}", "r-4j5hq3cer1"),
        (r"[0-9a-f]{4} [0-9a-f]{4} … [0-9a-f]{4}", "9c41 77d0 … 02bd"),
        (r"[0-9a-f]{2} … [0-9a-f]{4}", "d0 … 02bd"),
        (r"[0-9a-f]{12,}", "9c4177d002bd"),
        (r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d", "2026-11-23 15:00:00"),
        (r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", "2026-11-28T15:00:00Z"),
        // The last place of a cosine differs between processors.
        (r"\b0\.\d{3}\b", "0.654"),
        (r"relevance \d\d", "relevance 70"),
        (r"score  \d\d  #+ *", "score  64  ############"),
    ] {
        let filled = |found: &regex::Captures<'_>| -> String {
            let length = found[0].chars().count();
            let rest = if pattern.ends_with(" *") {
                " "
            } else {
                instead
            };
            let letters = instead.chars().chain(rest.chars().cycle());
            letters.take(length).collect()
        };
        let known = Regex::new(pattern).unwrap();
        text = known.replace_all(&text, filled).into_owned();
    }
    text
}

#[test]
fn the_manual_shows_a_whole_review() {
    let mut walk = Walk::begin();
    walk.keys("n");
    walk.frame("`n` lists the profiles of the home; typing searches, Enter starts.");
    walk.keys("01⏎ ");
    walk.frame("Space runs one stage, `c` runs on.");
    walk.keys("c");
    walk.frame("The proposed message with its verdict; below it the six stages, and what the chosen one gave. `3` shows the citations, `4` the gate.");
    walk.picture(
        "review",
        "The proposed message, its verdict, and the stages that made it",
    );
    walk.keys("4");
    walk.frame("`4` opens on the worst finding. Why variant C is blocked: the words, the rule, the law, and what would pass. `E` or `f` would mend it.");
    walk.picture("blocked", "Why a variant is blocked");
    walk.keys("←←d⇟⇟⇟⇟↓a⇤");
    walk.frame("`d` shows what is decided, and opens on Cancel with nothing chosen. Once the end of the text was in view, approving is offered; the letter is typed, then *Record decision*.");
    walk.picture("decision", "The decision, and what it is about");
    walk.keys("⏎5v↓");
    walk.frame("Every step is an entry; `v` verifies them all.");
    let page = format!("{ROOT}/assets/docs/desk.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let (before, rest) = text.split_once(FROM).unwrap();
    let (shown, after) = rest.split_once(TO).unwrap();
    let made = steady(&walk.text);
    if std::env::var_os("ECHOVOICE_WALK").is_some() {
        let new = format!("{before}{FROM}\n\n{made}{TO}{after}");
        std::fs::write(page, new).unwrap();
        for (name, svg) in &walk.pictures {
            std::fs::write(format!("{ROOT}/assets/pictures/{name}.svg"), svg).unwrap();
        }
        return;
    }
    for (name, svg) in &walk.pictures {
        let shown = std::fs::read_to_string(format!("{ROOT}/assets/pictures/{name}.svg")).unwrap();
        assert!(
            &shown == svg,
            "{name}.svg: ECHOVOICE_WALK=write cargo test --test it walk:: draws it anew"
        );
    }
    for (then, now) in shown.trim().lines().zip(made.trim().lines()) {
        assert_eq!(
            then, now,
            "ECHOVOICE_WALK=write cargo test --test it walk:: writes it anew"
        );
    }
    assert_eq!(shown.trim().lines().count(), made.trim().lines().count());
}
