//! The two verifiers know the same rules: on every forged record they say the same, and name the same entry. A table of
//! what insiders tried, and random steps of which each one that breaks a rule is asked of both.

use crate::support::dice::Dice;
use crate::support::forged::{AS_JUDGED, Forged, Said, key};
use crate::support::in_force::{PROPOSED, StateWord};
use crate::support::said::With as _;
use crate::support::{forge, forged, stranger};
use echovoice::domain::digest::Digest;
use echovoice::domain::person::Role;
use echovoice::domain::review::Act;
use echovoice::ledger::EntryKind as K;
use echovoice::ledger::payload::EntryData;
use echovoice::ledger::verify::verify;
use serde_json::json;

type Steps = fn(&mut Forged);

/// Both say the same; what the first one says comes back.
fn agree(forged: &Forged, what: &str) -> Option<String> {
    let (report, stranger) = forged.reports();
    let Some((holds, words)) = stranger else {
        return report.problem;
    };
    assert_eq!(
        report.ok, holds,
        "{what}: verify says {:?} at {:?}, verify.py {words}",
        report.problem, report.first_bad
    );
    // Of two entries with one id the one names the first, the other the second.
    let twice = report
        .problem
        .iter()
        .any(|p| p.contains("points elsewhere"));
    if let Some(seq) = report.first_bad.filter(|_| !twice) {
        let named = words.starts_with(&format!("BAD: entry {seq}: "))
            || words.starts_with(&format!("BAD: after entry {}: ", seq.saturating_sub(1)));
        assert!(
            named,
            "{what}: verify names {seq} ({:?}), verify.py {words}",
            report.problem
        );
    }
    report.problem
}

fn delivered(f: &mut Forged, status: &str, decision: u64) {
    f.put(K::Delivery, "system", |entry| {
        let artifact = Digest::of(b"A").to_string();
        let entry = entry.run("r-1").with("status", status);
        entry.with("decision", decision).with("artifact", artifact)
    });
}

fn settled(f: &mut Forged, by: &str, decision: u64, signed: &str) {
    let (artifact, number) = (Digest::of(b"A").to_string(), decision.to_string());
    let lines = [
        ("status", signed),
        ("run", "r-1"),
        ("artifact", &*artifact),
        ("decision", &*number),
        ("reason", "the carrier said so"),
    ];
    f.signed(K::Delivery, (by, ""), ("delivery", &lines), |entry| {
        let entry = entry.run("r-1").with("status", "delivered");
        let entry = entry.with("settled", "the carrier said so");
        entry
            .with("decision", decision)
            .with("artifact", artifact.clone())
    });
}

fn dismissed(f: &mut Forged, by: &str, rule: &str) {
    let lines = [
        ("action", "dismiss"),
        ("run", "r-1"),
        ("variant", "A"),
        ("rule", rule),
        ("version", "1"),
    ];
    f.signed(
        K::FindingDismissed,
        (by, ""),
        ("finding", &lines),
        |entry| {
            let entry = entry.run("r-1").with("variant", "A");
            entry.with("rule", "us.rate").with("version", "1")
        },
    );
}

/// Steps in format 3, and a part of what is said of them; empty: they keep the rules.
const CASES: &[(&str, Steps, &str)] = &[
    (
        "a second delivery after reopening",
        |f| {
            let seq = f.decide("ann", "approve", &[]);
            f.deliver(seq);
            f.act(
                "bob",
                Act::Reopen,
                None,
                "the law changed",
                "the law changed",
            );
            let seq = f.decide("ann", "approve", &[]);
            f.deliver(seq);
        },
        "no approval that waits",
    ),
    (
        "a recall of what was never sent",
        |f| {
            f.act("ann", Act::Recall, None, "a slip of hand", "a slip of hand");
        },
        "nothing was delivered",
    ),
    (
        "a comment on an unknown run",
        |f| {
            let lines = [
                ("action", "comment"),
                ("run", "r-9"),
                ("to", "none"),
                ("reason", "hm"),
            ];
            f.signed(K::Comment, ("ann", ""), ("review", &lines), |entry| {
                entry.run("r-9").with("reason", "hm")
            });
        },
        "unknown run",
    ),
    (
        "a word that nobody knows",
        |f| {
            let lines = [
                ("action", "bless"),
                ("run", "r-1"),
                ("to", "none"),
                ("reason", "hm"),
            ];
            f.signed(K::Assigned, ("ann", ""), ("review", &lines), |entry| {
                entry.run("r-1").with("how", "bless").with("reason", "hm")
            });
        },
        "nobody knows",
    ),
    (
        "a customer's key in a later entry",
        |f| {
            f.put(K::Export, "ann", |mut entry| {
                entry.customer = Some("c-1".into());
                entry.with("customer_key", "sha256:00")
            });
        },
        "known one with another",
    ),
    (
        "a customer's key in an entry about nobody",
        |f| {
            f.put(K::Export, "ann", |entry| {
                entry.with("customer_key", "sha256:00")
            });
        },
        "about no customer",
    ),
    (
        "all customers' keys in an export's entry",
        |f| {
            f.put(K::Export, "ann", |entry| {
                entry.with("customers", "sha256:00")
            });
        },
        "says nothing of them",
    ),
    (
        "a leap second",
        |f| {
            f.put(K::Export, "ann", |mut entry| {
                entry.time = "2026-11-25T11:59:60Z".into();
                entry
            });
        },
        "time",
    ),
    (
        "a time in other letters",
        |f| {
            f.put(K::Export, "ann", |mut entry| {
                entry.time = "2026-11-25t11:00:00z".into();
                entry
            });
        },
        "time",
    ),
    (
        "a time with a blank",
        |f| {
            f.put(K::Export, "ann", |mut entry| {
                entry.time = "2026-11-25 11:00:00Z".into();
                entry
            });
        },
        "time",
    ),
    (
        "a time to the nanosecond",
        |f| {
            f.put(K::Export, "ann", |mut entry| {
                entry.time = "2026-11-25T11:00:00.123456789Z".into();
                entry
            });
        },
        "time",
    ),
    (
        "a term that is no time",
        |f| {
            f.decide("ann", "approve", &[("expires", "tomorrow")]);
        },
        "time",
    ),
    (
        "a term in a leap second",
        |f| {
            f.decide("ann", "approve", &[("send_after", "2026-12-31T23:59:60Z")]);
        },
        "time",
    ),
    (
        "approved after it was rejected",
        |f| {
            f.decide("ann", "reject", &[]);
            f.decide("bob", "approve", &[]);
        },
        "already rejected",
    ),
    (
        "changes asked for twice",
        |f| {
            f.decide("ann", "request-changes", &[]);
            f.decide("bob", "request-changes", &[]);
        },
        "already requested",
    ),
    (
        "released though nobody has it",
        |f| f.act("cat", Act::Release, None, "", ""),
        "nobody has claimed",
    ),
    (
        "escalated twice",
        |f| {
            f.act("ann", Act::Escalate, None, "a new claim", "a new claim");
            f.act("cat", Act::Escalate, None, "a new claim", "a new claim");
        },
        "escalated already",
    ),
    (
        "withdrawn while it is handed over",
        |f| {
            let seq = f.decide("ann", "approve", &[]);
            delivered(f, "begun", seq);
            f.act(
                "ann",
                Act::Withdraw,
                None,
                "a slip of hand",
                "a slip of hand",
            );
        },
        "handed over",
    ),
    (
        "handed over twice at once",
        |f| {
            let seq = f.decide("ann", "approve", &[]);
            delivered(f, "begun", seq);
            delivered(f, "begun", seq);
        },
        "twice",
    ),
    (
        "a hand-over that nobody knows",
        |f| {
            let seq = f.decide("ann", "approve", &[]);
            delivered(f, "lost", seq);
        },
        "nobody knows",
    ),
    (
        "tried again after it failed",
        |f| {
            let seq = f.decide("ann", "approve", &[]);
            delivered(f, "begun", seq);
            delivered(f, "failed", seq);
            delivered(f, "begun", seq);
            delivered(f, "delivered", seq);
        },
        "",
    ),
    (
        "settled by an officer",
        |f| {
            let seq = f.decide("ann", "approve", &[]);
            delivered(f, "begun", seq);
            settled(f, "bob", seq, "delivered");
        },
        "",
    ),
    (
        "settled by a signature for something else",
        |f| {
            let seq = f.decide("ann", "approve", &[]);
            delivered(f, "begun", seq);
            settled(f, "bob", seq, "failed");
        },
        "says something else",
    ),
    (
        "settled by a marketer",
        |f| {
            let seq = f.decide("ann", "approve", &[]);
            delivered(f, "begun", seq);
            settled(f, "fay", seq, "delivered");
        },
        "may not deliver",
    ),
    (
        "settled without a signature",
        |f| {
            let seq = f.decide("ann", "approve", &[]);
            delivered(f, "begun", seq);
            f.put(K::Delivery, "bob", |entry| {
                entry
                    .run("r-1")
                    .with("status", "delivered")
                    .with("decision", seq)
                    .with("artifact", Digest::of(b"A").to_string())
                    .with("settled", "so it was")
            });
        },
        "no signed note",
    ),
    (
        "a finding dismissed",
        |f| dismissed(f, "ann", "us.rate"),
        "",
    ),
    (
        "a finding dismissed by a marketer",
        |f| dismissed(f, "fay", "us.rate"),
        "may not decide",
    ),
    (
        "another finding dismissed than signed",
        |f| dismissed(f, "ann", "us.fee"),
        "says something else",
    ),
    (
        "a finding dismissed without a signature",
        |f| {
            f.put(K::FindingDismissed, "ann", |entry| {
                entry
                    .run("r-1")
                    .with("variant", "A")
                    .with("rule", "us.rate")
                    .with("version", "1")
            });
        },
        "no signed note",
    ),
    (
        "a pack put in force",
        |f| {
            f.activate("ann", "house", "fay");
        },
        "",
    ),
    (
        "a pack put in force by its author",
        |f| {
            f.activate("ann", "house", "ann");
        },
        "of their own",
    ),
    (
        "a pack put in force by an auditor",
        |f| {
            f.activate("gus", "house", "fay");
        },
        "may not manage policies",
    ),
    (
        "a pack put in force without a signature",
        |f| {
            f.unsigned(K::PackActivated, ("ann", "state/1"), |entry| {
                entry
                    .with("action", "activate")
                    .with("pack", "house")
                    .with("digest", "sha256:bb")
                    .with("author", "fay")
                    .with(
                        "state",
                        vec![
                            "brand/brand.toml sha256:aa",
                            "policies/active/house.toml sha256:bb",
                        ],
                    )
            });
        },
        "no signed note",
    ),
    (
        "a pack that takes a text along",
        |f| {
            let state = vec![
                "brand/brand.toml sha256:dd".to_owned(),
                "policies/active/house.toml sha256:bb".to_owned(),
            ];
            f.put_in_force("ann", "house", "fay", state);
        },
        "does not follow",
    ),
    (
        "a pack that is not in what is in force",
        |f| {
            let state = f.state.clone();
            f.put_in_force("ann", "house", "fay", state);
        },
        "does not follow",
    ),
    (
        "two changes of one number",
        |f| {
            f.activate("ann", "house", "fay");
            f.changes = 0;
            f.activate("ann", "other", "fay");
        },
        "points elsewhere",
    ),
    (
        "what is in force accepted",
        |f| {
            f.accept_home("eva", vec!["brand/brand.toml sha256:dd".into()]);
            f.activate("bob", "house", "fay");
        },
        "",
    ),
    (
        "what is in force accepted by an officer",
        |f| {
            f.accept_home("ann", vec!["brand/brand.toml sha256:dd".into()]);
        },
        "may not say that what is in force",
    ),
    (
        "what is in force in no order",
        |f| {
            f.accept_home("eva", vec!["b sha256:dd".into(), "a sha256:dd".into()]);
        },
        "does not follow",
    ),
    (
        "a token of one's own",
        |f| {
            f.token("ann", "t1", "ann", true);
            f.token("ann", "t1", "ann", false);
        },
        "",
    ),
    (
        "tokens for roles below",
        |f| {
            f.token("cat", "t1", "fay", true);
            f.token("eva", "t2", "gus", true);
            f.token("eva", "t1", "fay", false);
        },
        "",
    ),
    (
        "a token of a wider role",
        |f| {
            f.token("ann", "t1", "cat", true);
        },
        "may not manage others",
    ),
    (
        "a token that decides, for somebody else",
        |f| {
            f.token("cat", "t1", "ann", true);
        },
        "make their own",
    ),
    (
        "a token for an officer by an admin",
        |f| {
            f.token("eva", "t1", "ann", true);
        },
        "make their own",
    ),
    (
        "a token of the same role",
        |f| {
            f.token("cat", "t1", "dan", true);
        },
        "make their own",
    ),
    (
        "a token for nobody",
        |f| {
            f.token("ann", "t1", "zoe", true);
        },
        "not on the roster",
    ),
    (
        "a token made twice",
        |f| {
            f.token("ann", "t1", "ann", true);
            f.token("ann", "t1", "ann", true);
        },
        "points elsewhere",
    ),
    (
        "a token revoked twice",
        |f| {
            f.token("ann", "t1", "ann", true);
            f.token("ann", "t1", "ann", false);
            f.token("cat", "t1", "ann", false);
        },
        "points elsewhere",
    ),
    (
        "a token revoked by an officer who does not have it",
        |f| {
            f.token("ann", "t1", "ann", true);
            f.token("bob", "t1", "ann", false);
        },
        "may not manage others",
    ),
    (
        "a token without a signature",
        |f| {
            f.unsigned(K::TokenMade, ("ann", "token/t1/made"), |entry| {
                entry
                    .with("token", "t1")
                    .with("name", "ann")
                    .with("hash", "sha256:cc")
            });
        },
        "no signed note",
    ),
    (
        "a token under another name",
        |f| {
            f.unsigned(K::TokenMade, ("ann", "token/t2/made"), |entry| {
                entry
                    .with("token", "t1")
                    .with("name", "ann")
                    .with("hash", "sha256:cc")
            });
        },
        "another name",
    ),
    (
        "an export by the log itself",
        |f| {
            f.put(K::Export, "system", |entry| entry);
        },
        "no deed of the log",
    ),
    (
        "feedback by the log itself",
        |f| {
            f.put(K::Feedback, "system", |entry| entry.run("r-1"));
        },
        "no deed of the log",
    ),
    (
        "a run by the log itself",
        |f| {
            f.put(K::RunStarted, "system", |entry| entry.run("r-2"));
        },
        "no deed of the log",
    ),
    (
        "a gate's verdict by a person",
        |f| {
            f.put(K::Revision, "ann", |entry| {
                entry.run("r-1").with("from", "safety")
            });
            f.put(K::GateResult, "ann", |entry| entry.run("r-1"));
        },
        "program's own",
    ),
    (
        "a lapse by a person",
        |f| {
            f.decide("ann", "approve", &[("expires", "2026-11-25T10:01:00Z")]);
            f.put(K::Expired, "ann", |entry| entry.run("r-1"));
        },
        "program's own",
    ),
    (
        "a revision in another's name",
        |f| {
            f.put(K::Revision, "ann", |entry| {
                entry.run("r-1").with("maker", "bob")
            });
        },
        "another's name",
    ),
    (
        "a revision by a model",
        |f| {
            f.put(K::Revision, "ann", |entry| {
                entry.run("r-1").with("maker", "model")
            });
        },
        "",
    ),
    (
        "a stage of no run",
        |f| {
            f.put(K::SegmentDone, "system", |entry| entry);
        },
        "no run",
    ),
    (
        "a run of no name",
        |f| {
            f.put(K::RunStarted, "fay", |entry| entry);
        },
        "no run",
    ),
    (
        "older rules again",
        |f| {
            f.put(K::LogRules, "system", |mut entry| {
                entry.id = "rules/2".into();
                entry.with("format", "echovoice-ledger/2")
            });
        },
        "other rules",
    ),
    (
        "rules that there are not",
        |f| {
            f.put(K::LogRules, "system", |mut entry| {
                entry.id = "rules/4".into();
                entry.with("format", "echovoice-ledger/4")
            });
        },
        "other rules",
    ),
    (
        "a role that there is not",
        |f| {
            let lines = [
                ("action", "grant"),
                ("name", "fay"),
                ("role", "chief"),
                ("key", "none"),
            ];
            f.signed(K::RoleGranted, ("eva", ""), ("people", &lines), |entry| {
                entry.with("name", "fay").with("role", "chief")
            });
        },
        "without a role",
    ),
    (
        "the system's role for a person",
        |f| {
            let lines = [
                ("action", "grant"),
                ("name", "fay"),
                ("role", "system"),
                ("key", "none"),
            ];
            f.signed(K::RoleGranted, ("eva", ""), ("people", &lines), |entry| {
                entry.with("name", "fay").with("role", "system")
            });
        },
        "without a role",
    ),
    (
        "a clock confirmed that did not jump",
        |f| {
            let lines = [
                ("action", "confirm"),
                ("jump", "None"),
                ("reason", "all is well"),
            ];
            f.signed(
                K::ClockConfirmed,
                ("ann", "clock/confirmed/None"),
                ("clock", &lines),
                |entry| entry.with("reason", "all is well"),
            );
        },
        "no jump",
    ),
];

#[test]
fn every_rule_is_known_to_both() {
    let mut told = 0;
    for (what, steps, expected) in CASES {
        let mut forged = Forged::new(3, false, false);
        steps(&mut forged);
        let problem = agree(&forged, what);
        match problem {
            Some(problem) => {
                told += 1;
                let named = !expected.is_empty() && problem.contains(expected);
                assert!(named, "{what}: {problem}");
            }
            None => assert!(expected.is_empty(), "{what}: not found"),
        }
    }
    println!("{told} of {} forgeries were named by both", CASES.len());
}

/// What the genesis says, changed as an insider with the log's key could.
#[test]
fn a_genesis_names_its_format_and_ends() {
    let genesis = |fill: fn(echovoice::ledger::NewEntry) -> echovoice::ledger::NewEntry,
                   people: u8| {
        let mut forge = forge::Forge::new(key("log"));
        let time = "2026-11-25T10:00:00Z";
        let by = |id: String, kind| {
            echovoice::ledger::NewEntry::new(id, kind, "system", Role::System, time)
        };
        forge.put(fill(by("genesis".into(), K::LogGenesis)));
        for n in 0..people {
            let key = key(if n == 0 { "ann" } else { "bob" }).public().to_text();
            let entry = by(format!("e/{n}"), K::KeyEnrolled).with("name", format!("p{n}"));
            forge.put(entry.with("role", "officer").with("key", key));
        }
        forge.put(by("analyze".into(), K::StageFailed).run("r-1"));
        let key = key("log").public();
        let problem = verify(forge.log.as_ref(), &key, None).unwrap().problem;
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("export");
        let span = echovoice::ledger::evidence::Span::default();
        let log = forge.log.as_ref();
        let done =
            echovoice::ledger::evidence::export(log, &key, &span, &out, &mut |_, _| {}).unwrap();
        echovoice::ledger::evidence::seal(&out, &done, &span, &forged::key("log")).unwrap();
        (problem.unwrap_or_default(), stranger::checks(&out))
    };
    for (what, fill, people, expected) in [
        (
            "no format",
            (|e| e) as fn(echovoice::ledger::NewEntry) -> _,
            1,
            "no format",
        ),
        (
            "an unknown format",
            |e| e.with("format", "echovoice-ledger/9"),
            1,
            "no format",
        ),
        (
            "a format that is none",
            |e| e.with("format", 2),
            1,
            "no format",
        ),
        (
            "no end",
            |e| e.with("format", "echovoice-ledger/3"),
            1,
            "where it ends",
        ),
        (
            "an end that is open",
            |e| e.with("format", "echovoice-ledger/3").with("people", 99),
            2,
            "goes on after",
        ),
        (
            "an end that is open in format 2",
            |e| e.with("format", "echovoice-ledger/2").with("people", 3),
            1,
            "goes on after",
        ),
    ] {
        let (problem, stranger) = genesis(fill, people);
        assert!(problem.contains(expected), "{what}: {problem}");
        if let Some((holds, words)) = stranger {
            assert!(!holds && words.starts_with("BAD: entry"), "{what}: {words}");
        }
    }
    // Without any genesis nobody can act.
    let (problem, stranger) = genesis(
        |mut entry| {
            entry.data = EntryData::read(K::KbIndexed, entry.data.to_map());
            entry
        },
        1,
    );
    assert!(
        problem.contains("does not begin with its genesis"),
        "{problem}"
    );
    assert!(stranger.is_none_or(|(holds, words)| !holds && words.starts_with("BAD: entry 1")));
}

/// What the stand-alone verifier takes for an entry; `None` without Python.
fn parsed_by_the_stranger(lines: &[Vec<u8>]) -> Option<Vec<bool>> {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let script = "import sys\nfrom rules import parsed\nfor line in sys.stdin:\n    try:\n        parsed(bytes.fromhex(line))\n        print(1)\n    except Exception:\n        print(0)\n";
    let mut child = Command::new("python3")
        .args(["-B", "-c", script])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/evidence"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take().unwrap();
    let text: String = lines.iter().map(|line| hex::encode(line) + "\n").collect();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    Some(told.lines().map(|line| line == "1").collect())
}

/// A line of every field, changed in every way that comes to mind, and in some thousands more.
#[test]
fn every_line_is_read_alike_by_both() {
    let hash = Digest::of(b"x").to_string();
    let entry = json!({
        "actor": "ann", "blobs": {"b": hash}, "data": {"n": [1, -2, 9_007_199_254_740_991_i64], "t": "\u{1}é\u{2028}\u{7f}\\\"", "z": null},
        "engine": "e", "id": "i", "input": hash, "pack": hash, "prev": "0", "role": "officer", "run": "r",
        "sealed": {"s": {"blob": hash, "commit": hash}}, "seq": 7, "subject": "s-1", "time": "t", "type": "gate.result", "v": 1,
    });
    let whole = entry.to_string();
    let mut lines: Vec<Vec<u8>> = [
        ("", ""),
        ("\"seq\":7", "\"seq\":7.0"),
        ("\"seq\":7", "\"seq\":-7"),
        ("\"seq\":7", "\"seq\":true"),
        ("\"seq\":7", "\"seq\":9007199254740992"),
        ("\"seq\":7", "\"seq\":1e3"),
        ("\"seq\":7", "\"seq\":007"),
        ("9007199254740991", "9007199254740992"),
        ("9007199254740991", "99999999999999999999999999999"),
        ("-2", "-0"),
        ("-2", "2.5"),
        ("-2", "NaN"),
        ("-2", "Infinity"),
        ("\"v\":1", "\"v\":2"),
        ("\"v\":1", "\"v\":\"1\""),
        ("\"v\":1", "\"v\":1,\"w\":1"),
        ("\"type\":\"gate.result\"", "\"type\":\"gate.results\""),
        ("\"role\":\"officer\"", "\"role\":\"chief\""),
        ("\"role\":\"officer\"", "\"role\":\"Officer\""),
        ("\"actor\":\"ann\",", ""),
        ("\"actor\":\"ann\"", "\"actor\":\"ann\",\"actor\":\"ann\""),
        ("\"actor\":\"ann\"", "\"actor\":null"),
        ("\"run\":\"r\"", "\"run\":null"),
        ("\"run\":\"r\"", "\"run\":5"),
        ("\"run\":\"r\",", ""),
        ("\"engine\":\"e\",", ""),
        ("\"blobs\":{\"b\":", "\"blobs\":{\"b\": "),
        ("\"commit\"", "\"comment\""),
        ("\"s\":{", "\"s\":{\"a\":1,"),
        ("sha256:", "sha256:0"),
        ("sha256:", "SHA256:"),
        ("é", "\\u00e9"),
        ("\\u0001", "\\u0002"),
        ("\\u0001", "\\n"),
        ("\\u0001", "\\u000a"),
        ("\\u0001", "\\ud800"),
        ("\\u0001", "\\u0041"),
        ("\"z\":null", "\"z\":{}"),
        ("\"z\":null", "\"z\":null,\"z\":null"),
        ("\"z\":null", "\"a\":null"),
        ("\"z\":null", "\"é\":null"),
        ("\"blobs\":{\"b\"", "\"blobs\":{\"é\""),
        ("{", " {"),
        ("}", "} "),
        ("{", "\u{feff}{"),
    ]
    .iter()
    .map(|(from, to)| whole.replacen(from, to, 1).into_bytes())
    .collect();
    for empty in ["{}", "[]", "", "null", "7", "\"\""] {
        lines.push(empty.into());
    }
    for deep in [100, 2_000] {
        let nested = format!("\"z\":{}{}", "[".repeat(deep), "]".repeat(deep));
        lines.push(whole.replacen("\"z\":null", &nested, 1).into_bytes());
    }
    let long = "x".repeat(66_000);
    lines.push(
        whole
            .replacen("\"z\":null", &format!("\"z\":\"{long}\""), 1)
            .into_bytes(),
    );
    let mut dice = Dice(20_261_129);
    for _ in 0..4_000 {
        let mut bytes = whole.clone().into_bytes();
        let at = dice.of(bytes.len());
        let other = b"\"{}[]:,0-1.eE\\unsx \x00\xff\x7f"[dice.of(22)];
        match dice.of(3) {
            0 => bytes[at] = other,
            1 => bytes.insert(at, other),
            _ => {
                bytes.remove(at);
            }
        }
        lines.push(bytes);
    }
    let ours = |line: &Vec<u8>| {
        let entry = echovoice::ledger::Entry::from_bytes(line);
        entry.is_ok_and(|entry| entry.v == 1) && line.len() <= 65_535
    };
    let Some(theirs) = parsed_by_the_stranger(&lines) else {
        return;
    };
    assert_eq!(lines.len(), theirs.len());
    for (line, theirs) in lines.iter().zip(&theirs) {
        assert_eq!(ours(line), *theirs, "{}", String::from_utf8_lossy(line));
    }
    let taken = theirs.iter().filter(|taken| **taken).count();
    println!(
        "{} lines, {taken} of them taken, by both alike",
        lines.len()
    );
    assert!(taken > 10);
}

const WHO: &[&str] = &["ann", "bob", "cat", "dan", "eva", "fay", "gus"];
const DECIDERS: &[&str] = &["ann", "bob", "cat", "dan"];

/// One random step; `last` is the number of the last decision.
fn step(f: &mut Forged, dice: &mut Dice, last: &mut u64) {
    let (by, why) = (dice.pick(DECIDERS), "a good reason");
    // Now and then a field is of another kind than anybody would write.
    if dice.of(4) == 0 {
        let odd = [
            json!(5),
            json!(true),
            json!(null),
            json!([]),
            json!({}),
            json!(""),
            json!(["A"]),
            json!({"A": 1}),
            json!("A"),
        ];
        f.forge.twist = Some((dice.of(9), odd[dice.of(odd.len())].clone()));
    }
    match dice.of(26) {
        0..=5 => {
            let (variant, artifact): (&str, &[u8]) =
                [("A", &b"A"[..]), ("B", b"B"), ("C", b"C"), ("A", b"A")][dice.of(4)];
            let said = Said {
                variant,
                artifact,
                ..AS_JUDGED
            };
            let kind = dice.pick(&[
                "approve",
                "approve",
                "reject",
                "override",
                "request-changes",
            ]);
            *last = f.decide_about(by, kind, said, &[]);
        }
        6..=8 => delivered(
            f,
            dice.pick(&["begun", "delivered", "failed", "held"]),
            *last,
        ),
        9 => settled(f, dice.pick(WHO), *last, "delivered"),
        10 => {
            let acts = [Act::Claim, Act::Release, Act::Escalate, Act::Comment];
            let act = acts[dice.of(4)];
            f.act(dice.pick(WHO), act, None, why, why);
        }
        11 => f.act(by, Act::Assign, Some("bob"), why, why),
        12 | 13 => {
            let act = [Act::Withdraw, Act::Reopen, Act::Recall][dice.of(3)];
            f.act(by, act, None, why, why);
        }
        14 | 15 => {
            let (who, maker) = (dice.pick(WHO), dice.pick(WHO));
            let from = dice.pick(&["safety", "generate"]);
            f.put(K::Revision, who, |e| {
                e.run("r-1").with("maker", maker).with("from", from)
            });
            if dice.of(3) > 0 {
                f.generated();
            }
            if dice.of(3) > 0 {
                f.judged(dice.of(2) == 0);
            }
            f.put(K::AnalyticsDone, "system", |e| {
                e.run("r-1").with("winner", "A")
            });
        }
        16 => {
            f.activate(dice.pick(WHO), dice.pick(&["house", "law"]), dice.pick(WHO));
        }
        17 => {
            f.accept_home(dice.pick(WHO), vec![format!("t sha256:{}", dice.of(9))]);
        }
        18 => {
            let made = dice.of(3) > 0;
            f.token(
                dice.pick(WHO),
                dice.pick(&["t1", "t2"]),
                dice.pick(WHO),
                made,
            );
        }
        19 => dismissed(f, dice.pick(WHO), "us.rate"),
        20 => {
            let subject = f.forge.pseudonym("c-1");
            let kind = [K::HoldSet, K::HoldLifted, K::ErasureDeferred][dice.of(3)];
            f.data(dice.pick(&["cat", "dan", "ann"]), kind, &subject, |entry| {
                entry
            });
        }
        21 => {
            let (who, role) = (dice.pick(WHO), dice.pick(&["officer", "marketer", "admin"]));
            let name = dice.pick(WHO);
            let lines = [
                ("action", "grant"),
                ("name", name),
                ("role", role),
                ("key", "none"),
            ];
            f.signed(K::RoleGranted, (who, ""), ("people", &lines), |entry| {
                entry.with("name", name).with("role", role)
            });
        }
        22 => {
            let kind = [K::Export, K::Feedback, K::Expired, K::StageFailed, K::Rerun][dice.of(5)];
            f.put(kind, dice.pick(&["ann", "gus", "system"]), |entry| {
                entry.run("r-1")
            });
        }
        23 | 24 => {
            // Proposed, and often confirmed at once by somebody, rightly or not.
            let word = StateWord {
                by: dice.pick(WHO),
                action: dice.pick(&["activate", "activate", "deactivate"]),
                author: dice.pick(WHO),
                ..PROPOSED
            };
            let seq = f.say(word);
            if dice.of(3) > 0 {
                let by = dice.pick(WHO);
                f.say(StateWord {
                    by,
                    is_proposed: false,
                    proposal: (dice.of(4) > 0).then_some(seq),
                    ..word
                });
            }
        }
        _ => {
            f.put(K::Export, "ann", |entry| {
                entry.with("n", json!({"b": [1, "\u{2028}é\u{7f}"], "a": null}))
            });
        }
    }
}

/// All steps, each from its own seed.
fn built((format, both): (u8, bool), steps: &[u64]) -> Forged {
    let mut forged = Forged::new(format, both, false);
    let mut last = 0;
    for seed in steps {
        step(&mut forged, &mut Dice(*seed), &mut last);
    }
    forged
}

#[test]
fn random_steps_are_judged_alike_by_both() {
    let seed = std::env::var("ECHOVOICE_SEED")
        .ok()
        .and_then(|s| s.parse().ok());
    let seed: u64 = seed.unwrap_or(20_261_129);
    let mut dice = Dice(seed);
    let (mut kept, mut refused) = (0, 0);
    for round in 0..4 {
        let how = (if round % 3 == 0 { 2 } else { 3 }, round % 2 == 0);
        let mut steps: Vec<u64> = Vec::new();
        let (mut bad, mut tries) = (0, 0);
        while steps.len() < 14 && tries < 60 {
            tries += 1;
            let next = [steps.as_slice(), &[dice.of(1 << 40) as u64 + 1]].concat();
            let forged = built(how, &next);
            let report = verify(forged.forge.log.as_ref(), &key("log").public(), None).unwrap();
            if report.ok {
                steps = next;
            } else if bad < 8 {
                bad += 1;
                refused += 1;
                agree(
                    &forged,
                    &format!("seed {seed}, round {round}, steps {next:?}"),
                );
            }
        }
        kept += steps.len();
        let what = format!("seed {seed}, round {round}, steps {steps:?}");
        assert_eq!(agree(&built(how, &steps), &what), None, "{what}");
    }
    println!("{kept} steps kept the rules, {refused} broke one: both verifiers agree");
}
