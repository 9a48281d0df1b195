//! An insider who holds real keys and writes past the program: each step is signed and chained as it should be, and
//! breaks one rule of who may do what, and when. Verify names it, and so does the stand-alone verifier on an export.

use crate::support::forged::{AS_JUDGED, Forged, Said, key};
use crate::support::in_force::{PROPOSED, StateWord, confirmed};
use crate::support::said::With as _;
use echovoice::domain::digest::Digest;
use echovoice::domain::review::Act;
use echovoice::ledger::EntryKind;
use echovoice::ledger::checkpoint::sign_note;
use echovoice::ledger::erasure::many;

type Steps = fn(&mut Forged);

#[test]
fn every_rule_that_an_insider_breaks_is_named_by_both_verifiers() {
    let cases: &[Case] = &[
        (
            "claimed",
            false,
            false,
            |f| {
                f.act("ann", Act::Claim, None, "", "");
                f.decide("bob", "approve", &[]);
            },
            "ann has claimed",
        ),
        (
            "claimed twice",
            false,
            false,
            |f| {
                f.act("ann", Act::Claim, None, "", "");
                f.act("bob", Act::Claim, None, "", "");
            },
            "ann has claimed",
        ),
        (
            "escalated",
            false,
            false,
            |f| {
                f.act("ann", Act::Escalate, None, "a new claim", "a new claim");
                f.decide("bob", "approve", &[]);
            },
            "escalated",
        ),
        (
            "half approved",
            true,
            false,
            |f| {
                let seq = f.decide("ann", "approve", &[]);
                f.deliver(seq);
            },
            "without an earlier approval",
        ),
        (
            "signed twice by one",
            true,
            false,
            |f| {
                f.decide("ann", "approve", &[]);
                f.decide("ann", "approve", &[]);
            },
            "second person",
        ),
        (
            "withdrawn by another",
            false,
            false,
            |f| {
                f.decide("ann", "approve", &[]);
                f.act(
                    "bob",
                    Act::Withdraw,
                    None,
                    "a slip of the hand",
                    "a slip of the hand",
                );
            },
            "only they or a principal",
        ),
        (
            "sent after it was withdrawn",
            false,
            false,
            |f| {
                let seq = f.decide("ann", "approve", &[]);
                f.act(
                    "ann",
                    Act::Withdraw,
                    None,
                    "a slip of the hand",
                    "a slip of the hand",
                );
                f.deliver(seq);
            },
            "without an earlier approval",
        ),
        (
            "sent after it was reopened",
            false,
            false,
            |f| {
                let seq = f.decide("ann", "approve", &[]);
                f.act(
                    "bob",
                    Act::Reopen,
                    None,
                    "the law changed",
                    "the law changed",
                );
                f.deliver(seq);
            },
            "without an earlier approval",
        ),
        (
            "together without leave",
            false,
            false,
            |f| {
                f.decide("ann", "approve", &[("bulk", "b")]);
            },
            "together",
        ),
        (
            "sent too early",
            false,
            false,
            |f| {
                let seq = f.decide("ann", "approve", &[("send_after", "2026-11-25T11:00:00Z")]);
                f.deliver(seq);
            },
            "outside the time",
        ),
        (
            "sent too late",
            false,
            false,
            |f| {
                let seq = f.decide("ann", "approve", &[("expires", "2026-11-25T10:01:00Z")]);
                f.deliver(seq);
            },
            "outside the time",
        ),
        (
            "lapsed too early",
            false,
            false,
            |f| {
                f.decide("ann", "approve", &[("expires", "2026-11-25T11:00:00Z")]);
                f.put(EntryKind::Expired, "system", |entry| entry.run("r-1"));
            },
            "before its time",
        ),
        (
            "given by an officer",
            false,
            false,
            |f| f.act("ann", Act::Assign, Some("bob"), "", ""),
            "may not give",
        ),
        (
            "other words than signed",
            false,
            false,
            |f| f.act("ann", Act::Comment, None, "fine", "bad"),
            "says something else",
        ),
        (
            "disposed by the one who proposed",
            false,
            false,
            |f| {
                let subject = f.forge.pseudonym("c-1");
                let list = vec![subject.clone()];
                let name = many(&list);
                let seq = f.data("cat", EntryKind::DisposalProposed, &name, |entry| {
                    entry.with("subjects", list)
                });
                f.data("cat", EntryKind::ErasureExecuted, &subject, |entry| {
                    entry.with("disposal", seq)
                });
            },
            "disposed of what they proposed",
        ),
        (
            "disposed though never proposed",
            false,
            false,
            |f| {
                let subject = f.forge.pseudonym("c-1");
                f.data("cat", EntryKind::ErasureExecuted, &subject, |entry| {
                    entry.with("disposal", 1)
                });
            },
            "no disposal was proposed",
        ),
        (
            "a proposal that names others",
            false,
            false,
            |f| {
                let name = many(&["s-1".to_owned()]);
                f.data("cat", EntryKind::DisposalProposed, &name, |entry| {
                    entry.with("subjects", vec!["s-2"])
                });
            },
            "names other customers",
        ),
    ];
    for format in [1, 2, 3] {
        for case in cases {
            is_named(format, case);
        }
    }
}

/// One step of an insider: its name, whether the policy asks two persons and lets decisions be made together, the step, and
/// a part of what is said of it.
type Case = (&'static str, bool, bool, Steps, &'static str);

fn is_named(format: u8, (what, two, bulk, steps, expected): &Case) {
    let mut forged = Forged::new(format, *two, *bulk);
    steps(&mut forged);
    let (problem, stranger) = forged.verdicts();
    let problem = problem.unwrap_or_else(|| panic!("{what}, format {format}: not found"));
    assert!(
        problem.contains(expected),
        "{what}, format {format}: {problem}"
    );
    if let Some((holds, words)) = stranger {
        assert!(
            !holds && words.starts_with("BAD: entry"),
            "{what}, format {format}: {words}"
        );
    }
}

/// What only the rules of format 2 and later see.
#[test]
fn what_the_gate_did_not_judge_nobody_can_approve() {
    let cases: &[Case] = &[
        (
            "a text that no gate saw",
            false,
            false,
            |f| {
                let said = Said {
                    artifact: b"other words",
                    ..AS_JUDGED
                };
                f.decide_about("ann", "approve", said, &[]);
            },
            "that is not the run's",
        ),
        (
            "a variant that was never written",
            false,
            false,
            |f| {
                let said = Said {
                    variant: "Z",
                    ..AS_JUDGED
                };
                f.decide_about("ann", "approve", said, &[]);
            },
            "that is not the run's",
        ),
        (
            "another variant's text",
            false,
            false,
            |f| {
                let said = Said {
                    artifact: b"B",
                    ..AS_JUDGED
                };
                f.decide_about("ann", "approve", said, &[]);
            },
            "that is not the run's",
        ),
        (
            "another verdict",
            false,
            false,
            |f| {
                let said = Said {
                    verdict: b"kinder",
                    ..AS_JUDGED
                };
                f.decide_about("ann", "approve", said, &[]);
            },
            "another verdict",
        ),
        (
            "a rejection of another verdict",
            false,
            false,
            |f| {
                let said = Said {
                    verdict: b"harsher",
                    ..AS_JUDGED
                };
                f.decide_about("ann", "reject", said, &[]);
            },
            "another verdict",
        ),
        (
            "a blocked variant approved",
            false,
            false,
            |f| {
                let said = Said {
                    variant: "B",
                    artifact: b"B",
                    ..AS_JUDGED
                };
                f.decide_about("ann", "approve", said, &[]);
            },
            "is blocked",
        ),
        (
            "a hard block overridden",
            false,
            false,
            |f| {
                let said = Said {
                    variant: "C",
                    artifact: b"C",
                    ..AS_JUDGED
                };
                f.decide_about("cat", "override", said, &[]);
            },
            "hard block",
        ),
        (
            "what passes overridden",
            false,
            false,
            |f| {
                f.decide("cat", "override", &[]);
            },
            "is not blocked",
        ),
        (
            "a second signature for another text",
            true,
            false,
            |f| {
                f.decide("ann", "approve", &[]);
                let said = Said {
                    artifact: b"B",
                    ..AS_JUDGED
                };
                f.decide_about("bob", "approve", said, &[]);
            },
            "that is not the run's",
        ),
        (
            "judged before the words were written anew",
            false,
            false,
            |f| {
                f.put(EntryKind::Revision, "ann", |entry| {
                    entry.run("r-1").with("revision", 2).with("maker", "ann")
                });
                f.generated();
                f.put(EntryKind::AnalyticsDone, "system", |entry| {
                    entry.run("r-1").with("winner", "A")
                });
                f.decide("bob", "approve", &[]);
            },
            "another verdict",
        ),
        (
            "sent under another decision",
            false,
            false,
            |f| {
                let seq = f.decide("ann", "approve", &[]);
                f.deliver(seq - 1);
            },
            "without an earlier approval",
        ),
        (
            "a term that was not signed",
            false,
            false,
            |f| {
                let late = [("expires", "2036-11-25T12:00:00Z")];
                f.decide_signing("ann", "approve", AS_JUDGED, &[], &late);
            },
            "says something else",
        ),
        (
            "a term put off",
            false,
            false,
            |f| {
                let signed = [("expires", "2026-11-25T12:00:00Z")];
                let late = [("expires", "2036-11-25T12:00:00Z")];
                f.decide_signing("ann", "approve", AS_JUDGED, &signed, &late);
            },
            "says something else",
        ),
        (
            "a term left out",
            false,
            false,
            |f| {
                let signed = [("send_after", "2026-11-25T12:00:00Z")];
                f.decide_signing("ann", "approve", AS_JUDGED, &signed, &[]);
            },
            "says something else",
        ),
        (
            "signed at another time",
            false,
            false,
            |f| {
                let said = Said {
                    time: Some("2026-11-25T09:00:00Z"),
                    ..AS_JUDGED
                };
                f.decide_about("ann", "approve", said, &[]);
            },
            "says something else",
        ),
    ];
    for format in [2, 3] {
        for case in cases {
            is_named(format, case);
        }
    }
}

#[test]
fn nobody_joins_by_the_log_alone_and_no_time_runs_backwards() {
    let cases: &[Case] = &[
        (
            "a proposed key confirmed twice",
            false,
            false,
            |f| {
                let proposal = f.new_key("cat", None);
                f.new_key("dan", Some(proposal));
                f.new_key("dan", Some(proposal));
            },
            "a new key that nobody proposed",
        ),
        (
            "an administrator by one line",
            false,
            false,
            |f| {
                f.put(EntryKind::KeyEnrolled, "system", |entry| {
                    entry
                        .with("name", "eve")
                        .with("role", "admin")
                        .with("key", key("eve").public().to_text())
                });
            },
            "only its first entries",
        ),
        (
            "a second genesis",
            false,
            false,
            |f| {
                f.put(EntryKind::LogGenesis, "system", |entry| {
                    entry
                        .with("format", "echovoice-ledger/2")
                        .with("people", 99)
                });
            },
            "second genesis",
        ),
        (
            "the rules set anew",
            false,
            false,
            |f| {
                f.put(EntryKind::LogRules, "system", |entry| {
                    entry.with("format", "echovoice-ledger/2")
                });
            },
            "other rules",
        ),
        (
            "somebody who is not enrolled",
            false,
            false,
            |f| {
                f.put(EntryKind::Export, "eve", |mut entry| {
                    entry.role = echovoice::domain::person::Role::Auditor;
                    entry
                });
            },
            "without being enrolled",
        ),
        (
            "a role of one's own making",
            false,
            false,
            |f| {
                f.put(EntryKind::Export, "ann", |mut entry| {
                    entry.role = echovoice::domain::person::Role::Principal;
                    entry
                });
            },
            "is enrolled as",
        ),
        (
            "a person in the log's name",
            false,
            false,
            |f| {
                f.put(EntryKind::Export, "ann", |mut entry| {
                    entry.role = echovoice::domain::person::Role::System;
                    entry
                });
            },
            "as the log itself",
        ),
        (
            "two days back",
            false,
            false,
            |f| {
                f.put(EntryKind::Export, "ann", |mut entry| {
                    entry.time = "2026-11-23T10:00:00Z".into();
                    entry
                });
            },
            "before that of an earlier entry",
        ),
        (
            "a last entry in 1999",
            false,
            false,
            |f| {
                f.put(EntryKind::Export, "ann", |mut entry| {
                    entry.time = "1999-12-31T23:59:59Z".into();
                    entry
                });
            },
            "before that of an earlier entry",
        ),
        (
            "a time of no zone",
            false,
            false,
            |f| {
                f.put(EntryKind::Export, "ann", |mut entry| {
                    entry.time = "2026-11-25T12:00:00+02:00".into();
                    entry
                });
            },
            "not in UTC",
        ),
        (
            "a jump that was none",
            false,
            false,
            |f| {
                f.put(EntryKind::ClockJump, "system", |mut entry| {
                    entry.id = "clock/jump/1".into();
                    entry.with("from", "2030-01-01T00:00:00.000000Z")
                });
            },
            "jump of the clock",
        ),
        (
            "a decision by a clock that jumped",
            false,
            false,
            |f| {
                jump(f);
                f.decide("ann", "approve", &[]);
            },
            "nobody has confirmed",
        ),
        (
            "a clock confirmed by a signature for something else",
            false,
            false,
            |f| {
                let seq = jump(f);
                confirm(f, seq, seq + 1);
            },
            "says something else",
        ),
        (
            "a run changed after it was sent",
            false,
            false,
            |f| {
                let seq = f.decide("ann", "approve", &[]);
                f.deliver(seq);
                f.put(EntryKind::Revision, "ann", |entry| {
                    entry.run("r-1").with("revision", 2).with("from", "safety")
                });
            },
            "this run is delivered",
        ),
        (
            "a run that is made to wait again",
            false,
            false,
            |f| {
                let seq = f.decide("ann", "approve", &[]);
                f.deliver(seq);
                f.put(EntryKind::AnalyticsDone, "system", |entry| {
                    entry.run("r-1").with("winner", "A")
                });
            },
            "has ended",
        ),
        (
            "a run started again",
            false,
            false,
            |f| {
                f.put(EntryKind::RunStarted, "ann", |entry| entry.run("r-1"));
            },
            "started before",
        ),
    ];
    for format in [2, 3] {
        for case in cases {
            is_named(format, case);
        }
    }
}

/// The machine's clock is set back by half an hour, and the log says so.
fn jump(f: &mut Forged) -> u64 {
    let from = format!("2026-11-25T10:{:02}:00.000000Z", f.minute);
    f.put(EntryKind::ClockJump, "system", |mut entry| {
        entry.id = "clock/jump/1".into();
        entry.time = "2026-11-25T09:30:00Z".into();
        entry.with("from", from)
    })
}

/// A person says that the clock is right again, of one jump in the note and of another in the entry.
fn confirm(f: &mut Forged, jump: u64, signed: u64) {
    let time = format!("2026-11-25T10:{:02}:00Z", f.minute + 1);
    let text = echovoice::ledger::rules::clock::note(signed, "the battery was flat", &time);
    let note = sign_note(&text, "ann", &key("ann"));
    f.put(EntryKind::ClockConfirmed, "ann", |mut entry| {
        entry.id = format!("clock/confirmed/{jump}");
        entry
            .with("reason", "the battery was flat")
            .with("note", note)
    });
}

#[test]
fn a_clock_that_was_confirmed_holds_nobody_up() {
    let mut forged = Forged::new(2, false, false);
    let seq = jump(&mut forged);
    confirm(&mut forged, seq, seq);
    let seq = forged.decide("ann", "approve", &[]);
    forged.deliver(seq);
    passes(&forged);
}

/// An override of what is blocked, by two.
#[test]
fn a_block_is_overridden_by_two_persons() {
    let mut forged = Forged::new(2, false, false);
    let said = Said {
        variant: "B",
        artifact: b"B",
        ..AS_JUDGED
    };
    forged.decide_about("cat", "override", said, &[]);
    let seq = forged.decide_about("dan", "override", said, &[]);
    forged.put(EntryKind::Delivery, "system", |entry| {
        let artifact = Digest::of(b"B").to_string();
        let entry = entry.run("r-1").with("status", "delivered");
        entry.with("decision", seq).with("artifact", artifact)
    });
    passes(&forged);
}

fn passes(forged: &Forged) {
    let (problem, stranger) = forged.verdicts();
    assert_eq!(problem, None);
    assert!(stranger.is_none_or(|(holds, words)| holds || panic!("{words}")));
}

#[test]
fn a_first_signature_ends_with_a_request_for_changes() {
    let mut forged = Forged::new(2, true, false);
    forged.decide("ann", "approve", &[]);
    forged.decide("bob", "request-changes", &[]);
    forged.decide("ann", "approve", &[]);
    let seq = forged.decide("bob", "approve", &[]);
    forged.deliver(seq);
    passes(&forged);
}

#[test]
fn what_keeps_the_rules_passes_both_verifiers() {
    for format in [1, 2, 3] {
        keeps_the_rules(format);
    }
}

fn keeps_the_rules(format: u8) {
    let mut forged = Forged::new(format, true, true);
    forged.act("ann", Act::Claim, None, "", "");
    forged.act(
        "ann",
        Act::Comment,
        None,
        "look at line two",
        "look at line two",
    );
    forged.act("cat", Act::Assign, Some("bob"), "", "");
    forged.decide("bob", "approve", &[]);
    forged.act(
        "bob",
        Act::Withdraw,
        None,
        "a slip of the hand",
        "a slip of the hand",
    );
    forged.decide("bob", "approve", &[("bulk", "b")]);
    let seq = forged.decide(
        "ann",
        "approve",
        &[
            ("send_after", "2026-11-25T10:10:00Z"),
            ("expires", "2026-11-25T12:00:00Z"),
        ],
    );
    forged.deliver(seq);
    forged.act(
        "bob",
        Act::Recall,
        None,
        "the rate has changed",
        "the rate has changed",
    );
    passes(&forged);
}

/// A pack asks that two persons stand for it, and one of them tries alone.
#[test]
fn a_pack_that_asks_for_two_persons_is_changed_by_two() {
    let cases: &[Case] = &[
        (
            "put in force by one",
            false,
            false,
            |f| {
                let alone = StateWord {
                    is_proposed: false,
                    ..PROPOSED
                };
                f.say(alone);
            },
            "by ann alone",
        ),
        (
            "proposed and confirmed by one",
            false,
            false,
            |f| {
                let seq = f.say(PROPOSED);
                f.say(StateWord {
                    by: "ann",
                    ..confirmed(seq)
                });
            },
            "proposed this change and confirmed it",
        ),
        (
            "confirmed by its author",
            false,
            false,
            |f| {
                let word = StateWord {
                    author: "bob",
                    ..PROPOSED
                };
                let seq = f.say(word);
                f.say(StateWord {
                    author: "bob",
                    ..confirmed(seq)
                });
            },
            "of their own",
        ),
        (
            "confirmed under another author's name",
            false,
            false,
            |f| {
                let word = StateWord {
                    author: "bob",
                    ..PROPOSED
                };
                let seq = f.say(word);
                f.say(confirmed(seq));
            },
            "another change",
        ),
        (
            "confirmed by somebody without the right",
            false,
            false,
            |f| {
                let seq = f.say(PROPOSED);
                f.say(StateWord {
                    by: "gus",
                    ..confirmed(seq)
                });
            },
            "may not manage policies",
        ),
        (
            "proposed by somebody without the right",
            false,
            false,
            |f| {
                f.say(StateWord {
                    by: "gus",
                    ..PROPOSED
                });
            },
            "may not manage policies",
        ),
        (
            "another text than was proposed",
            false,
            false,
            |f| {
                let seq = f.say(PROPOSED);
                f.say(StateWord {
                    digest: "sha256:cc",
                    ..confirmed(seq)
                });
            },
            "another change",
        ),
        (
            "a proposal that was never made",
            false,
            false,
            |f| {
                f.say(confirmed(1));
            },
            "nobody proposed",
        ),
        (
            "confirmed twice",
            false,
            false,
            |f| {
                let seq = f.say(PROPOSED);
                f.say(confirmed(seq));
                let out = StateWord {
                    action: "deactivate",
                    ..PROPOSED
                };
                let gone = f.say(out);
                f.say(StateWord {
                    action: "deactivate",
                    ..confirmed(gone)
                });
                f.say(confirmed(seq));
            },
            "nobody proposed",
        ),
        (
            "confirmed after something else was changed",
            false,
            false,
            |f| {
                let seq = f.say(PROPOSED);
                f.activate("cat", "other", "fay");
                f.say(confirmed(seq));
            },
            "nobody proposed",
        ),
        (
            "taken out of force by one",
            false,
            false,
            |f| {
                let seq = f.say(PROPOSED);
                f.say(confirmed(seq));
                f.say(StateWord {
                    is_proposed: false,
                    action: "deactivate",
                    ..PROPOSED
                });
            },
            "by ann alone",
        ),
        (
            "its wish taken out by one",
            false,
            false,
            |f| {
                let seq = f.say(PROPOSED);
                f.say(confirmed(seq));
                f.activate("cat", "house", "fay");
            },
            "by cat alone",
        ),
        (
            "the home accepted without it by one administrator",
            false,
            false,
            |f| {
                let seq = f.say(PROPOSED);
                f.say(confirmed(seq));
                f.accept_home("eva", vec!["brand/brand.toml sha256:aa".into()]);
            },
            "by eva alone",
        ),
        (
            "a pack's proposal confirmed as the whole home",
            false,
            false,
            |f| {
                let seq = f.say(PROPOSED);
                let state = f.state_with(&PROPOSED);
                let word = StateWord {
                    by: "eva",
                    action: "accept",
                    ..confirmed(seq)
                };
                f.say_state(word, state);
            },
            "another change",
        ),
        (
            "a proposal that does not follow",
            false,
            false,
            |f| {
                let mut state = f.state_with(&PROPOSED);
                state[0] = "brand/brand.toml sha256:dd".into();
                f.say_state(PROPOSED, state);
            },
            "does not follow",
        ),
        (
            "a proposal without a signature",
            false,
            false,
            |f| {
                let state = f.state_with(&PROPOSED);
                f.unsigned(EntryKind::StateProposed, ("ann", ""), |entry| {
                    entry
                        .with("action", "activate")
                        .with("pack", "house")
                        .with("digest", "sha256:bb")
                        .with("author", "fay")
                        .with("state", state)
                });
            },
            "no signed note",
        ),
    ];
    for case in cases {
        is_named(3, case);
    }
}

#[test]
fn two_persons_put_a_pack_in_force_and_take_it_out_again() {
    let mut forged = Forged::new(3, false, false);
    forged.activate("cat", "other", "fay");
    let seq = forged.say(PROPOSED);
    // Another proposal waits beside it, and ends with the change.
    forged.say(StateWord {
        by: "cat",
        digest: "sha256:cc",
        ..PROPOSED
    });
    forged.say(confirmed(seq));
    // What asks for nothing is changed by one still.
    forged.activate("dan", "other", "fay");
    let out = StateWord {
        by: "bob",
        action: "deactivate",
        ..PROPOSED
    };
    let seq = forged.say(out);
    forged.say(StateWord {
        by: "ann",
        is_proposed: false,
        proposal: Some(seq),
        ..out
    });
    passes(&forged);
}
