//! A desk with a run of a demo profile, time and ids fixed.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use echovoice::domain::decision::ReviewState;
use echovoice::domain::run::Run;
use echovoice::service::audit::quality::{
    HOW_TIMED, ItemTimes, Proportion, ReviewQuality, ReviewerAgreement, ReviewerQuality,
    RuleAgainst, TestScore,
};
use echovoice::service::check::message_files::{self, Checked};
use echovoice::service::home::workspace::Options;
use echovoice::service::review::brief::{
    Approved, Brief, CustomerCard, Earlier, LeftOut, Statement,
};
use echovoice::service::run::{Options as RunOptions, Unwatched, start};
use echovoice::service::{Needs, Workspace, intake};
use echovoice::tui::effect::Effect;
use echovoice::tui::model::Model;
use echovoice::tui::msg::Msg;
use echovoice::tui::snapshot::{self, Scene};
use echovoice::tui::theme::Theme;
use echovoice::tui::update::update;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;

/// A home, opened to run profiles in on the day of all scenes.
pub fn workspace(home: &Path) -> Workspace {
    let as_of = chrono::DateTime::parse_from_rfc3339("2026-11-23T10:00:00Z").unwrap();
    Workspace::open(Options {
        home,
        needs: Needs::Pipeline,
        judges: false,
        person: None,
        as_of: Some(as_of),
        tenant: None,
        progress: &mut |_| {},
    })
    .unwrap()
}

/// One preview run of a demo profile, time and ids fixed by `as_of` and the hash of the inputs.
pub fn run_of(name: &str) -> Run {
    let home = tempfile::tempdir().unwrap();
    let workspace = workspace(home.path());
    let profile = intake::read(&Path::new("assets/profiles").join(name))
        .unwrap()
        .swap_remove(0)
        .profile;
    let mut session = start(
        &workspace,
        profile,
        RunOptions {
            seed: 7,
            record: false,
        },
    )
    .unwrap();
    session
        .run_on(&workspace, &AtomicBool::new(false), &mut Unwatched)
        .unwrap();
    for status in &mut session.run.status {
        if let echovoice::domain::run::StageStatus::Done { micros } = status {
            *micros = 1_500;
        }
    }
    // Hashes of the shipped files change whenever those do; their place on the screen is what is pinned.
    session.run.id = "r-0123456789".into();
    session.run.salt = [7; 32];
    session.run.pins.pack = echovoice::domain::digest::Digest([0xaa; 32]);
    session.run.pins.knowledge = echovoice::domain::digest::Digest([0xbb; 32]);
    session.run.pins.assets = echovoice::domain::digest::Digest([0xcc; 32]);
    session.run
}

pub fn demo_run() -> Run {
    static RUN: OnceLock<Run> = OnceLock::new();
    RUN.get_or_init(|| run_of("01-clean-winner.json")).clone()
}

pub fn model(theme: Theme, screen: &str) -> Model {
    let person = echovoice::domain::person::Person {
        name: "demo.officer".into(),
        role: echovoice::domain::person::Role::Officer,
        demo: true,
        active: true,
    };
    let profiles = ["01-clean-winner", "02-some-blocked", "12-hostile"]
        .map(|n| PathBuf::from(format!("{n}.json")))
        .to_vec();
    let scene = Scene {
        theme,
        person,
        run: Some(demo_run()),
        runs: summaries(),
        entries: Vec::new(),
        titles: std::sync::Arc::new(
            [(
                "us.finra.2210.promissory".into(),
                "No result is promised".into(),
            )]
            .into(),
        ),
        profiles,
        policies: cards(),
        experiments: experiments(),
        quality: Some(quality()),
        checked: Some((PathBuf::from("letters/sample.eml"), sample())),
        brief: Some(brief()),
    };
    snapshot::model(scene, screen).unwrap()
}

/// What is told of the demo run: an override to be signed by a second person, and a text that was approved before.
pub fn brief() -> Brief {
    let run = demo_run();
    let say = |by: &str, did: &str, code: &str, reason: &str| Statement {
        time: "2026-11-23T10:04:00.000000Z".into(),
        by: by.into(),
        did: did.into(),
        code: code.into(),
        reason: reason.into(),
        decides: did != "says",
    };
    let a = run.variant("A").unwrap();
    Brief {
        run: run.id.clone(),
        last: 0,
        from: "Tarnwick Financial <hello@tarnwick.example>".into(),
        said: vec![
            say(
                "demo.principal",
                "overrode the blocks of C",
                "legal cleared",
                "Counsel read the survey and stands by its words, see file 2026-118.",
            ),
            say(
                "demo.marketer",
                "says",
                "",
                "The survey is quoted word for word.",
            ),
        ],
        customer: CustomerCard {
            number: "C-20417".into(),
            pseudonym: Some("s-0123456789abcdef".into()),
            name: "Amara Osei".into(),
            place: "US".into(),
            language: String::new(),
            age: "34".into(),
            consents: vec![
                ("email", "yes, by their profile".into()),
                ("sms", "NO, by their profile".into()),
                ("push", "not on record".into()),
                ("profiling", "yes, by their profile".into()),
            ],
            opted_out: None,
            held_now: None,
            hours: "none asked for by email (America/New_York)".into(),
            earlier: vec![Earlier {
                run: "r-dddddddddd".into(),
                time: "2026-11-20T09:00:00Z".into(),
                channel: "email".into(),
                state: ReviewState::Delivered,
            }],
            remarks: Vec::new(),
        },
        approved: vec![Approved {
            variant: "A".into(),
            run: "r-dddddddddd".into(),
            time: "2026-11-20T09:00:00Z".into(),
            by: "demo.officer".into(),
            subject: a.subject.clone(),
            body: a.body.replace("$107.69", "$104.12"),
        }],
        left_out: vec![LeftOut {
            variant: "A".into(),
            says: vec!["“A late payment costs {late_fee}.”: not known: late_fee".into()],
        }],
    }
}

/// A mail of two texts, a hidden preview line and an archive, as the gate judges it.
pub fn sample() -> Checked {
    static CHECKED: OnceLock<Checked> = OnceLock::new();
    let check = || {
        let home = tempfile::tempdir().unwrap();
        let as_of = chrono::DateTime::parse_from_rfc3339("2026-11-23T10:00:00Z").unwrap();
        let workspace = Workspace::open(Options {
            home: home.path(),
            needs: Needs::Rules,
            judges: false,
            person: None,
            as_of: Some(as_of),
            tenant: None,
            progress: &mut |_| {},
        })
        .unwrap();
        message_files::check(&workspace, Path::new("tests/fixtures/sample.eml")).unwrap()
    };
    CHECKED.get_or_init(check).clone()
}

/// The shipped plan and outcomes on the day of the other scenes.
fn experiments() -> Vec<echovoice::service::learning::experiments::ExperimentReport> {
    use echovoice::experiment::{ExperimentPlan, Outcomes, reports};
    let plan = ExperimentPlan::parse(include_str!("../../../assets/experiments.toml")).unwrap();
    let outcomes = Outcomes::parse(include_str!("../../../assets/outcomes.toml")).unwrap();
    reports(&outcomes, &plan, "2026-11-23".parse().unwrap())
}

/// How three reviewers did, as a principal sees it.
fn quality() -> ReviewQuality {
    let one = |name: &str, decisions: u64, tests: TestScore, took: &[i64]| ReviewerQuality {
        name: name.into(),
        decisions,
        approvals: decisions * 2 / 3,
        rejections: decisions / 6,
        overrides: decisions / 12,
        changes_requested: decisions / 12,
        tests,
        caught: Proportion::new(tests.caught, tests.caught + tests.missed),
        false_alarms: Proportion::new(tests.false_alarms, tests.false_alarms + tests.passed),
        time: ItemTimes::of(took.to_vec()),
        not_timed: 2,
        rules: vec![RuleAgainst {
            rule: "us.finra.2210.promissory".into(),
            overridden: decisions / 12,
            dismissed: 3,
        }],
    };
    let score = |caught, missed, passed, false_alarms| TestScore {
        seen: caught + missed + passed + false_alarms,
        caught,
        missed,
        passed,
        false_alarms,
        other_text: 0,
    };
    ReviewQuality {
        of_all: true,
        older: 0,
        reviewers: vec![
            one("demo.officer", 48, score(9, 3, 11, 1), &[40; 12]),
            one("demo.principal", 12, score(3, 0, 2, 0), &[75, 110, 62]),
            one("demo.second", 0, score(0, 0, 0, 0), &[]),
        ],
        agreement: ReviewerAgreement {
            second_persons: Proportion::new(7, 8),
            tests: Proportion::new(4, 5),
            kappa_bp: None,
        },
        how_timed: HOW_TIMED,
    }
}

pub fn cards() -> Vec<echovoice::service::policy::RuleCard> {
    let card = |rule: &str, dismissed: usize| echovoice::service::policy::RuleCard {
        pack: "us-credit".into(),
        pack_version: "2026.11.1".into(),
        standing: echovoice::service::policy::Standing::Edited,
        rule: rule.into(),
        version: "3".into(),
        title: "No promissory claim".into(),
        severity: "high",
        hard: false,
        citation: "FINRA Rule 2210(d)(1)(B)".into(),
        rationale: "A communication may not promise a result.".into(),
        fix: "Say what is offered and that it can vary.".into(),
        card: echovoice::service::policy::Card {
            scope: "US; investment; every channel; every audience".into(),
            days: "since 2024-10-21".into(),
            status: "unverified: nobody has confirmed it at its source; the rule runs".into(),
            source: "finra.org/rules-guidance/rulebooks/finra-rules/2210".into(),
            checked: "not on record".into(),
            looks: "2 kinds of claims: guarantee_result, result_certain".into(),
            ways: 2,
            violate: vec!["Guaranteed returns. (mutual_fund)".into()],
            comply: vec!["Returns are not guaranteed. (mutual_fund)".into()],
        },
        score: echovoice::rules::selftest::RuleScore {
            rule: rule.into(),
            violate: 3,
            comply: 3,
            caught: 3,
            false_blocks: 0,
            dismissed,
            still_found: dismissed,
        },
    };
    vec![
        card("us.finra.2210.balance", 0),
        card("us.ftc.preapproval.certain", 1),
    ]
}

fn summaries() -> Vec<echovoice::ledger::summary::RunSummary> {
    let line = |run: &str, segment: &str, state: &str, seq: u64| {
        serde_json::from_value::<echovoice::ledger::summary::RunSummary>(serde_json::json!({
            "run": run, "seq": seq, "started": "2026-11-23T10:00:00.000000Z", "updated": "2026-11-23T10:00:01.000000Z", "by": "demo.officer",
            "subject": "s-0123456789abcdef", "segment": segment, "channel": "email", "jurisdiction": "US", "passed": 2, "review": 0, "blocked": 1,
            "winner": "A", "state": state, "revision": 1, "decision": "", "decided_by": "", "variant": "", "artifact": "", "reason": "",
            "rules": [["us.finra.2210.promissory", 2]], "makers": [], "last": seq + 5, "product": "Managed investing",
        }))
        .unwrap()
    };
    let mut waiting = line("r-bbbbbbbbbb", "StartedFormOrFlow", "waiting", 12);
    waiting.due = "2026-11-23T12:30:01Z".into();
    waiting.bulk = true;
    waiting.comments = 2;
    let mut late = line("r-cccccccccc", "ScheduledNextStep", "second_approval", 18);
    late.due = "2026-11-21T08:00:00Z".into();
    late.claimed = "demo.principal".into();
    late.decided_by = "demo.officer".into();
    late.two = vec![("A".into(), "the channel email".into())];
    late.escalated = true;
    vec![
        late,
        waiting,
        line("r-aaaaaaaaaa", "BrowsingOnly", "rejected", 6),
    ]
}

pub fn press(code: KeyCode) -> Msg {
    Msg::Input(Event::Key(KeyEvent::new(code, KeyModifiers::NONE)))
}

pub fn keys(desk: &mut Model, text: &str) -> Vec<Effect> {
    text.chars()
        .flat_map(|c| {
            update(
                desk,
                press(if c == '\n' {
                    KeyCode::Enter
                } else {
                    KeyCode::Char(c)
                }),
            )
        })
        .collect()
}
