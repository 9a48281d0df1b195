//! An insider who holds real keys and writes past the program: each step is signed and chained as it should be, and
//! breaks one rule of who may do what, and when. Verify names it, and so does the stand-alone verifier on an export.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "support/stranger.rs"]
mod stranger;

use echovoice::domain::digest::Digest;
use echovoice::domain::person::Role;
use echovoice::domain::review::Act;
use echovoice::ledger::checkpoint::sign_note;
use echovoice::ledger::erasure::{self, many};
use echovoice::ledger::evidence::{Span, export};
use echovoice::ledger::keys::SigningKey;
use echovoice::ledger::memory::MemoryLog;
use echovoice::ledger::review::{Word, kind_of};
use echovoice::ledger::vault::Vault;
use echovoice::ledger::verify::verify;
use echovoice::ledger::{AuditLog, EntryKind, Ledger, NewEntry};
use serde_json::json;
use std::sync::Arc;

const PEOPLE: [(&str, Role, u8); 4] = [
    ("ann", Role::Officer, 1),
    ("bob", Role::Officer, 2),
    ("cat", Role::Principal, 3),
    ("dan", Role::Principal, 4),
];

fn key(name: &str) -> SigningKey {
    let seed = PEOPLE.iter().find(|p| p.0 == name).map_or(9, |p| p.2);
    SigningKey::from_seed([seed; 32])
}

fn role(name: &str) -> Role {
    PEOPLE
        .iter()
        .find(|p| p.0 == name)
        .map_or(Role::System, |p| p.1)
}

/// A log under an insider's hands.
struct Forged {
    log: Arc<dyn AuditLog>,
    ledger: Ledger,
    minute: u32,
}

impl Forged {
    /// People, and a run that waits; `two` and `bulk` as the policy would have said.
    fn new(two: bool, bulk: bool) -> Self {
        let log: Arc<dyn AuditLog> = Arc::new(MemoryLog::default());
        let ledger = Ledger::start(
            log.clone(),
            Vault::in_memory([7; 32]),
            key("log"),
            "insider",
        )
        .unwrap();
        let mut forged = Self {
            log,
            ledger,
            minute: 0,
        };
        for (name, role, _) in PEOPLE {
            forged.put(EntryKind::KeyEnrolled, "system", |entry| {
                entry
                    .with("name", name)
                    .with("role", role.as_str())
                    .with("key", key(name).public().to_text())
            });
        }
        forged.put(EntryKind::RunStarted, "system", |entry| {
            let mut entry = entry.run("r-1");
            entry.customer = Some("c-1".into());
            entry
        });
        forged.put(EntryKind::GateResult, "system", |entry| {
            let entry = entry.run("r-1").with("passed", 2);
            if two {
                entry.with("two", json!({"A": "the channel email"}))
            } else {
                entry
            }
        });
        forged.put(EntryKind::AnalyticsDone, "system", |entry| {
            let entry = entry.run("r-1").with("winner", "A");
            if bulk {
                entry.with("bulk", true)
            } else {
                entry
            }
        });
        forged
    }

    fn time(&self) -> String {
        format!("2026-11-25T10:{:02}:00Z", self.minute)
    }

    fn put(&mut self, kind: EntryKind, by: &str, fill: impl FnOnce(NewEntry) -> NewEntry) -> u64 {
        self.minute += 1;
        let id = format!("forged/{}", self.minute);
        let entry = fill(NewEntry::new(id, kind, by, role(by), &self.time()));
        self.ledger.append(vec![entry]).wait().unwrap()[0].seq
    }

    fn decide(&mut self, by: &str, decision: &str, more: &[(&str, &str)]) {
        self.minute += 1;
        let time = self.time();
        let (artifact, verdict) = (Digest::of(b"A").to_string(), Digest::of(b"v").to_string());
        let note = format!(
            "echovoice/decision/v1\nrun r-1\nvariant A\nartifact {artifact}\nverdict {verdict}\npack none\ndecision {}\ncode none\nreason \ntime {time}\n",
            decision.to_uppercase()
        );
        let mut entry = NewEntry::new(
            format!("d/{}", self.minute),
            EntryKind::Decision,
            by,
            role(by),
            &time,
        )
        .run("r-1")
        .with("kind", decision)
        .with("variant", "A")
        .with("artifact", artifact)
        .with("verdict", verdict)
        .with("code", "")
        .with("note", sign_note(&note, by, &key(by)));
        for (name, value) in more {
            entry = entry.with(name, *value);
        }
        self.ledger.append(vec![entry]).wait().unwrap();
    }

    fn act(&mut self, by: &str, act: Act, to: Option<&str>, signed: &str, written: &str) {
        let time = format!("2026-11-25T10:{:02}:00Z", self.minute + 1);
        let word = Word {
            act,
            run: "r-1",
            to,
            reason: signed,
        };
        let note = sign_note(&word.note(&time), by, &key(by));
        self.put(kind_of(act), by, |entry| {
            let mut entry = entry.run("r-1").with("reason", written).with("note", note);
            if kind_of(act) == EntryKind::Assigned {
                entry = entry.with("how", act.as_str());
            }
            match to {
                Some(to) => entry.with("to", to),
                None => entry,
            }
        });
    }

    fn deliver(&mut self) {
        self.put(EntryKind::Delivery, "system", |entry| {
            entry
                .run("r-1")
                .with("status", "delivered")
                .with("artifact", Digest::of(b"A").to_string())
        });
    }

    fn data(
        &mut self,
        by: &str,
        kind: EntryKind,
        subject: &str,
        fill: impl FnOnce(NewEntry) -> NewEntry,
    ) -> u64 {
        let time = format!("2026-11-25T10:{:02}:00Z", self.minute + 1);
        let word = erasure::Word {
            kind,
            subject,
            until: None,
            reason: "its time is over",
        };
        let note = sign_note(&word.note(&time), by, &key(by));
        self.put(kind, by, |entry| {
            fill(
                entry
                    .with("subject", subject)
                    .with("reason", "its time is over")
                    .with("note", note),
            )
        })
    }

    /// What the two verifiers say.
    fn verdicts(&self) -> (Option<String>, Option<(bool, String)>) {
        let public = key("log").public();
        let report = verify(self.log.as_ref(), &public, None).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("export");
        let span = Span {
            since: None,
            until: None,
        };
        export(self.log.as_ref(), &public, &span, &out, &mut |_, _| {}).unwrap();
        (report.problem, stranger::checks(&out))
    }
}

type Steps = fn(&mut Forged);

#[test]
fn every_rule_that_an_insider_breaks_is_named_by_both_verifiers() {
    let cases: &[(&str, bool, bool, Steps, &str)] = &[
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
                f.decide("ann", "approve", &[]);
                f.deliver();
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
                f.decide("ann", "approve", &[]);
                f.act(
                    "ann",
                    Act::Withdraw,
                    None,
                    "a slip of the hand",
                    "a slip of the hand",
                );
                f.deliver();
            },
            "without an earlier approval",
        ),
        (
            "sent after it was reopened",
            false,
            false,
            |f| {
                f.decide("ann", "approve", &[]);
                f.act(
                    "bob",
                    Act::Reopen,
                    None,
                    "the law changed",
                    "the law changed",
                );
                f.deliver();
            },
            "without an earlier approval",
        ),
        (
            "together without leave",
            false,
            false,
            |f| f.decide("ann", "approve", &[("bulk", "b")]),
            "together",
        ),
        (
            "sent too early",
            false,
            false,
            |f| {
                f.decide("ann", "approve", &[("send_after", "2026-11-25T11:00:00Z")]);
                f.deliver();
            },
            "outside the time",
        ),
        (
            "sent too late",
            false,
            false,
            |f| {
                f.decide("ann", "approve", &[("expires", "2026-11-25T10:01:00Z")]);
                f.deliver();
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
                let subject = f.ledger.pseudonym("c-1").unwrap().unwrap();
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
                let subject = f.ledger.pseudonym("c-1").unwrap().unwrap();
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
    for (what, two, bulk, steps, expected) in cases {
        let mut forged = Forged::new(*two, *bulk);
        steps(&mut forged);
        let (problem, stranger) = forged.verdicts();
        let problem = problem.unwrap_or_else(|| panic!("{what}: not found"));
        assert!(problem.contains(expected), "{what}: {problem}");
        if let Some((holds, words)) = stranger {
            assert!(!holds && words.starts_with("BAD: entry"), "{what}: {words}");
        }
    }
}

#[test]
fn a_first_signature_ends_with_a_request_for_changes() {
    let mut forged = Forged::new(true, false);
    forged.decide("ann", "approve", &[]);
    forged.decide("bob", "request-changes", &[]);
    forged.decide("ann", "approve", &[]);
    forged.decide("bob", "approve", &[]);
    forged.deliver();
    let (problem, stranger) = forged.verdicts();
    assert_eq!(problem, None);
    assert!(stranger.is_none_or(|(holds, words)| holds || panic!("{words}")));
}

#[test]
fn what_keeps_the_rules_passes_both_verifiers() {
    let mut forged = Forged::new(true, true);
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
    forged.decide(
        "ann",
        "approve",
        &[
            ("send_after", "2026-11-25T10:10:00Z"),
            ("expires", "2026-11-25T12:00:00Z"),
        ],
    );
    forged.deliver();
    forged.act(
        "bob",
        Act::Recall,
        None,
        "the rate has changed",
        "the rate has changed",
    );
    let (problem, stranger) = forged.verdicts();
    assert_eq!(problem, None);
    assert!(stranger.is_none_or(|(holds, words)| holds || panic!("{words}")));
}
