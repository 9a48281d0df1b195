//! A planted test in a record under an insider's hands: what opens it, and every way in which it is opened wrongly, left out
//! or sent. Both verifiers say the same.

use crate::support::dice::Dice;
use crate::support::forged::{Forged, key};
use crate::support::said::{Forge as _, With as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use echovoice::domain::canary::{CanaryMark, Expectation, OpenedText, TestOutcome};
use echovoice::domain::digest::Digest;
use echovoice::domain::person::Role;
use echovoice::ledger::checkpoint::sign_note;
use echovoice::ledger::rules::canary::{self, ending, reveal};
use echovoice::ledger::summary::RunSummary;
use echovoice::ledger::vault::Vault;
use echovoice::ledger::verify::verify_with;
use echovoice::ledger::{EntryKind, NewEntry};
use serde_json::json;

const RUN: &str = "r-2";

const WORDS: OpenedText<'static> = OpenedText {
    channel: "email",
    subject: "A plan for everybody",
    body: "Hi Nora,\n\nAlmost everybody is accepted.",
    html: "<p>Almost everybody is accepted.</p>",
};

fn mark() -> CanaryMark {
    CanaryMark {
        expect: Expectation::Violation,
        variant: "A".into(),
        planted_by: "cat".into(),
        why: "it suggests that approval is certain".into(),
        nonce: STANDARD.encode([5; 32]),
    }
}

fn planted_artifact() -> String {
    mark().artifact(&WORDS).unwrap().to_string()
}

/// A record with a planted test that waits; `by` started its run.
fn waiting(by: &str, two: bool) -> Forged {
    let mut forged = Forged::new(3, false, false);
    forged.put(EntryKind::RunStarted, by, |entry| {
        let mut entry = entry.run(RUN);
        entry.customer = Some("c-2".into());
        entry
    });
    stages(&mut forged, &planted_artifact(), two);
    forged
}

fn stages(forged: &mut Forged, artifact: &str, two: bool) {
    let b = Digest::of(b"B");
    forged.put(EntryKind::VariantGenerated, "system", |entry| {
        let artifacts = json!({"A": artifact, "B": b});
        entry.run(RUN).with("artifacts", artifacts)
    });
    forged.put(EntryKind::GateResult, "system", |entry| {
        let mut entry = entry
            .run(RUN)
            .with("variants", json!({"A": "pass", "B": "pass"}))
            .with("verdict", json!(Digest::of(b"v")));
        entry.pack = Some(Digest::of(b"p"));
        if two {
            entry.with("two", json!({"A": "the channel email"}))
        } else {
            entry
        }
    });
    forged.put(EntryKind::AnalyticsDone, "system", |entry| {
        entry.run(RUN).with("winner", "A")
    });
}

fn time(minute: u32) -> String {
    format!("2026-11-25T10:{minute:02}:00Z")
}

/// A decision about a variant of the run, as it would be written.
fn decision(by: &str, kind: &str, (variant, artifact): (&str, &str), minute: u32) -> NewEntry {
    let (verdict, pack, time) = (Digest::of(b"v"), Digest::of(b"p"), time(minute));
    let note = format!(
        "echovoice/decision/v2\nrun {RUN}\nvariant {variant}\nartifact {artifact}\nverdict {verdict}\npack {pack}\ndecision {}\ncode none\n\
         reason \nsend_after none\nexpires none\nbulk none\nproven_by none\ntime {time}\n",
        kind.to_uppercase()
    );
    let role = if matches!(by, "cat" | "dan") {
        Role::Principal
    } else {
        Role::Officer
    };
    let id = format!("decided/{minute}/{by}");
    let mut entry = NewEntry::new(id, EntryKind::Decision, by, role, &time)
        .run(RUN)
        .with("kind", kind)
        .with("variant", variant)
        .with("artifact", artifact)
        .with("verdict", verdict.to_string())
        .with("code", "")
        .with("note", sign_note(&note, by, &key(by)));
    entry.pack = Some(pack);
    entry
}

fn decide(forged: &mut Forged, by: &str, kind: &str) -> u64 {
    decide_about(forged, by, kind, ("A", &planted_artifact()))
}

fn decide_about(forged: &mut Forged, by: &str, kind: &str, what: (&str, &str)) -> u64 {
    forged.minute += 1;
    let entry = decision(by, kind, what, forged.minute);
    forged.forge.put(entry)
}

fn opening(
    mark: &CanaryMark,
    words: &OpenedText<'_>,
    outcome: TestOutcome,
    minute: u32,
) -> NewEntry {
    let said = canary::opening(mark, words, outcome);
    reveal(RUN, ("system", Role::System), &time(minute), said)
}

fn open(forged: &mut Forged, outcome: TestOutcome) -> u64 {
    forged.minute += 1;
    let entry = opening(&mark(), &WORDS, outcome, forged.minute);
    forged.forge.put(entry)
}

fn end(forged: &mut Forged, by: &str, signed: &str) -> u64 {
    forged.minute += 1;
    let time = time(forged.minute);
    let note = ending(RUN, signed).note(&time);
    let role = if by == "ann" {
        Role::Officer
    } else {
        Role::Principal
    };
    let said = canary::opening(&mark(), &WORDS, TestOutcome::NotDecided);
    let entry = reveal(RUN, (by, role), &time, said)
        .with("reason", "a slip in the text")
        .with("note", sign_note(&note, by, &key(by)));
    forged.forge.put(entry)
}

fn delivery(decision: u64, status: &str, minute: u32) -> NewEntry {
    let id = format!("delivery/{decision}/{minute}");
    NewEntry::new(
        id,
        EntryKind::Delivery,
        "system",
        Role::System,
        &time(minute),
    )
    .run(RUN)
    .with("status", status)
    .with("decision", decision)
    .with("artifact", planted_artifact())
}

fn deliver(forged: &mut Forged, decision: u64, status: &str) {
    forged.minute += 1;
    let entry = delivery(decision, status, forged.minute);
    forged.forge.put(entry);
}

#[test]
fn a_test_opens_right_after_its_decision_and_both_verifiers_take_it() {
    type Steps = fn(&mut Forged);
    let cases: [(&str, bool, Steps); 7] = [
        ("missed", false, |f| {
            decide(f, "ann", "approve");
            open(f, TestOutcome::Missed);
        }),
        ("caught", false, |f| {
            decide(f, "ann", "reject");
            open(f, TestOutcome::Caught);
        }),
        ("sent back", false, |f| {
            decide(f, "ann", "request-changes");
            open(f, TestOutcome::Caught);
        }),
        ("by two", true, |f| {
            decide(f, "ann", "approve");
            decide(f, "bob", "approve");
            open(f, TestOutcome::Missed);
        }),
        ("another text", false, |f| {
            let b = Digest::of(b"B").to_string();
            decide_about(f, "ann", "approve", ("B", &b));
            open(f, TestOutcome::OtherText);
        }),
        ("the words were changed first", false, |f| {
            let other = Digest::of(b"mended").to_string();
            f.put(EntryKind::Revision, "fay", |entry| {
                entry.run(RUN).with("maker", "fay").with("variant", "A")
            });
            stages(f, &other, false);
            decide_about(f, "ann", "approve", ("A", &other));
            open(f, TestOutcome::OtherText);
        }),
        ("ended", false, |f| {
            end(f, "dan", "a slip in the text");
        }),
    ];
    for (what, two, steps) in cases {
        let mut forged = waiting("cat", two);
        steps(&mut forged);
        let (problem, stranger) = forged.verdicts();
        assert_eq!(problem, None, "{what}");
        if let Some((holds, words)) = stranger {
            assert!(holds, "{what}: {words}");
        }
    }
}

#[test]
fn every_test_that_is_opened_wrongly_or_sent_is_named_by_both_verifiers() {
    type Steps = fn(&mut Forged);
    let cases: &[(&str, &str, Steps, &str)] = &[
        (
            "before a decision",
            "cat",
            |f| {
                open(f, TestOutcome::Caught);
            },
            "right after the decision",
        ),
        (
            "later than right after",
            "cat",
            |f| {
                decide(f, "ann", "reject");
                let note = "echovoice/review/v1\naction comment\nrun r-2\nto none\nreason so\n";
                f.minute += 1;
                let at = time(f.minute);
                let note = sign_note(&format!("{note}time {at}\n"), "bob", &key("bob"));
                let id = "comment";
                let entry = NewEntry::new(id, EntryKind::Comment, "bob", Role::Officer, &at)
                    .run(RUN)
                    .with("reason", "so")
                    .with("note", note);
                f.forge.put(entry);
                open(f, TestOutcome::Caught);
            },
            "right after the decision",
        ),
        (
            "twice",
            "cat",
            |f| {
                decide(f, "ann", "reject");
                open(f, TestOutcome::Caught);
                f.minute += 1;
                let mut entry = opening(&mark(), &WORDS, TestOutcome::Caught, f.minute);
                entry.id = "again".into();
                f.forge.put(entry);
            },
            "over already",
        ),
        (
            "invented afterwards",
            "cat",
            |f| {
                decide(f, "ann", "approve");
                f.minute += 1;
                let clean = CanaryMark {
                    expect: Expectation::Clean,
                    ..mark()
                };
                let entry = opening(&clean, &WORDS, TestOutcome::Passed, f.minute);
                f.forge.put(entry);
            },
            "committed to",
        ),
        (
            "of other words",
            "cat",
            |f| {
                decide(f, "ann", "approve");
                f.minute += 1;
                let words = OpenedText {
                    body: "Hi Nora.",
                    ..WORDS
                };
                let entry = opening(&mark(), &words, TestOutcome::Missed, f.minute);
                f.forge.put(entry);
            },
            "committed to",
        ),
        (
            "with another outcome",
            "cat",
            |f| {
                decide(f, "ann", "approve");
                open(f, TestOutcome::Caught);
            },
            "something else than its entry says",
        ),
        (
            "decided by who planted it",
            "cat",
            |f| {
                decide(f, "cat", "reject");
                open(f, TestOutcome::Caught);
            },
            "of their own",
        ),
        (
            "planted by another than who started the run",
            "dan",
            |f| {
                decide(f, "ann", "reject");
                open(f, TestOutcome::Caught);
            },
            "not planted by the principal",
        ),
        (
            "ended by an officer",
            "cat",
            |f| {
                end(f, "ann", "a slip in the text");
            },
            "may not plant",
        ),
        (
            "ended with other words than signed",
            "cat",
            |f| {
                end(f, "dan", "no slip at all");
            },
            "something else",
        ),
        (
            "ended after it was decided",
            "cat",
            |f| {
                decide(f, "ann", "reject");
                end(f, "dan", "a slip in the text");
            },
            "only a test that waits",
        ),
        (
            "sent after it was opened",
            "cat",
            |f| {
                let seq = decide(f, "ann", "approve");
                open(f, TestOutcome::Missed);
                deliver(f, seq, "delivered");
            },
            "without an earlier approval",
        ),
        (
            "begun after it was opened",
            "cat",
            |f| {
                let seq = decide(f, "ann", "approve");
                open(f, TestOutcome::Missed);
                deliver(f, seq, "begun");
            },
            "without an earlier approval",
        ),
        (
            "opened after it was sent",
            "cat",
            |f| {
                let seq = decide(f, "ann", "approve");
                deliver(f, seq, "delivered");
                open(f, TestOutcome::Missed);
            },
            "right after the decision",
        ),
        (
            "decided again",
            "cat",
            |f| {
                decide(f, "ann", "request-changes");
                open(f, TestOutcome::Caught);
                decide(f, "bob", "approve");
            },
            "planted test and is over",
        ),
    ];
    for (what, by, steps, expected) in cases {
        let mut forged = waiting(by, false);
        steps(&mut forged);
        let (problem, stranger) = forged.verdicts();
        let problem = problem.unwrap_or_else(|| panic!("{what}: not found"));
        assert!(problem.contains(expected), "{what}: {problem}");
        if let Some((holds, words)) = stranger {
            let named = words.starts_with("BAD: entry");
            assert!(
                !holds && named && !words.contains("malformed"),
                "{what}: {words}"
            );
        }
    }
}

/// Whoever decides past the program can leave the opening out; the vault's key shows that it was a test.
#[test]
fn a_decided_test_that_was_never_opened_is_named_where_the_vault_opens() {
    for (outcome, other) in [
        (None, false),
        (Some(TestOutcome::Missed), false),
        (None, true),
    ] {
        let forged = Forged::new(3, false, false);
        let writer = forged.writer();
        let salt = if other {
            [9; 32]
        } else {
            mark().salt().unwrap()
        };
        let sealed =
            json!({"profile": {"user_id": "c-2"}, "salt": STANDARD.encode(salt), "canary": mark()});
        let id = |name: &str| format!("{RUN}/{name}");
        let entry = |kind, by, role, minute| {
            NewEntry::new(id(&format!("{minute}")), kind, by, role, &time(minute)).run(RUN)
        };
        let mut started = entry(EntryKind::RunStarted, "cat", Role::Principal, 20);
        started.customer = Some("c-2".into());
        started
            .sealed
            .push(("profile".into(), sealed.to_string().into_bytes()));
        let system = |kind, minute| entry(kind, "system", Role::System, minute);
        let artifacts = json!({"A": planted_artifact(), "B": Digest::of(b"B")});
        let mut judged = system(EntryKind::GateResult, 22)
            .with("variants", json!({"A": "pass", "B": "pass"}))
            .with("verdict", json!(Digest::of(b"v")));
        judged.pack = Some(Digest::of(b"p"));
        let mut all = vec![
            started,
            system(EntryKind::VariantGenerated, 21).with("artifacts", artifacts),
            judged,
            system(EntryKind::AnalyticsDone, 23).with("winner", "A"),
            decision("ann", "approve", ("A", &planted_artifact()), 24),
        ];
        all.extend(outcome.map(|outcome| opening(&mark(), &WORDS, outcome, 25)));
        writer.append(all).wait().unwrap();
        let vault = Vault::in_memory([7; 32]);
        let public = key("log").public();
        let report = verify_with(forged.forge.log.as_ref(), &public, None, Some(&vault)).unwrap();
        let problem = report.problem.unwrap_or_default();
        let expected = match (outcome, other) {
            (_, true) => "from which the run's salt does not come",
            (None, false) => "decided and not opened",
            (Some(_), false) => "",
        };
        let holds = outcome.is_some() && !other;
        assert_eq!(problem.is_empty(), holds, "{outcome:?} {other}: {problem}");
        assert!(problem.contains(expected), "{outcome:?} {other}: {problem}");
    }
}

/// What the writer takes of random acts never holds a delivery after a test was opened, and never one that is opened twice.
#[test]
fn no_sequence_of_acts_that_the_writer_takes_sends_a_test_that_is_over() {
    let mut taken = 0;
    for seed in 0..40 {
        let mut dice = Dice(seed * 7_919 + 1);
        let forged = waiting("cat", seed % 2 == 0);
        let writer = forged.writer();
        let mut minute = forged.minute;
        let (mut over, mut last) = (false, 0);
        for _ in 0..14 {
            minute += 1;
            let who = dice.pick(&["ann", "bob", "dan", "cat"]).to_owned();
            let artifact = planted_artifact();
            let entry = match dice.of(6) {
                0 => decision(&who, "approve", ("A", &artifact), minute),
                1 => decision(&who, "reject", ("A", &artifact), minute),
                2 => delivery(last, "begun", minute),
                3 => delivery(last, "delivered", minute),
                4 => opening(&mark(), &WORDS, TestOutcome::Missed, minute),
                _ => opening(&mark(), &WORDS, TestOutcome::Caught, minute),
            };
            let (kind, mut entry) = (entry.kind(), entry);
            entry.id = format!("{}/{minute}", entry.id);
            let Ok(receipts) = writer.append(vec![entry]).wait() else {
                continue;
            };
            taken += 1;
            assert!(!over, "{kind:?} after the test was over, seed {seed}");
            match kind {
                EntryKind::CanaryRevealed => over = true,
                EntryKind::Decision => last = receipts[0].seq,
                _ => {}
            }
        }
        let row = writer
            .log()
            .one(echovoice::ledger::log::Key::Run(RUN))
            .unwrap();
        let row: RunSummary = serde_json::from_slice(&row.unwrap()).unwrap();
        let state = echovoice::domain::decision::ReviewState::Tested;
        assert_eq!(row.state == state, over, "seed {seed}");
    }
    assert!(taken > 40, "{taken}");
}

/// Whatever stands in a field's place, or nothing: both verifiers refuse it.
#[test]
fn no_field_of_an_opening_can_be_other_than_it_is() {
    let minute = waiting("cat", false).minute + 2;
    let whole = opening(&mark(), &WORDS, TestOutcome::Missed, minute);
    let names: Vec<String> = whole
        .data
        .to_map()
        .into_iter()
        .map(|(key, _)| key)
        .collect();
    for (at, name) in names.iter().enumerate() {
        let values = [None, Some(json!(5)), Some(json!("x"))];
        // One kind of change a field is enough for the slower verifier; all are tried by turns.
        let value = values[at % 3].clone();
        let mut forged = waiting("cat", false);
        decide(&mut forged, "ann", "approve");
        forged.minute += 1;
        let mut entry = opening(&mark(), &WORDS, TestOutcome::Missed, forged.minute);
        entry.forge(|data| {
            data.remove(name);
            data.extend(value.clone().map(|value| (name.clone(), value)));
        });
        forged.forge.put(entry);
        let (problem, stranger) = forged.verdicts();
        assert!(problem.is_some(), "{name}: {value:?}");
        if let Some((holds, words)) = stranger {
            assert!(
                !holds && words.starts_with("BAD"),
                "{name} {value:?}: {words}"
            );
        }
    }
}
