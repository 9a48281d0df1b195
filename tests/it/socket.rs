//! What anybody who can write to the socket in the home may have written: only what the record's rules take. The writer
//! asks them before it signs, and a refused line leaves no trace.

use crate::support::server::Server;
use crate::support::{code, echovoice, run_demo};
use chrono::{SecondsFormat, TimeDelta, Utc};
use echovoice::ledger::keys::SigningKey;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;

/// What the writer answers to a line.
fn say(home: &Path, line: &Value) -> Value {
    let mut stream = UnixStream::connect(home.join("ledger.sock")).unwrap();
    stream.write_all(format!("{line}\n").as_bytes()).unwrap();
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).unwrap();
    serde_json::from_str(&answer).unwrap()
}

fn entry(id: &str, kind: &str, (actor, role): (&str, &str), data: Value) -> Value {
    let time = Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true);
    json!({"entries": [{
        "id": id, "time": time, "actor": actor, "role": role, "kind": kind, "run": null, "customer": null,
        "engine": null, "pack": null, "input": null, "data": data, "blobs": [], "sealed": [], "unchanged_since": null,
    }]})
}

/// The pseudonym of a run's customer.
fn subject(home: &Path, run: &str) -> String {
    let shown = echovoice(home, &["audit", "show", run, "--json"]).stdout;
    let first: Value =
        serde_json::from_slice(shown.split(|b| *b == b'\n').next().unwrap()).unwrap();
    first["subject"].as_str().unwrap().to_owned()
}

#[test]
#[cfg_attr(not(feature = "server"), ignore = "needs --features server")]
fn the_writer_takes_from_the_socket_only_what_the_rules_take() {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let made: Value = serde_json::from_slice(&run_demo(home.path()).stdout).unwrap();
    let run = made["run_id"].as_str().unwrap().to_owned();
    assert_eq!(
        code(&echovoice(home.path(), &["token", "add", "demo.officer"])),
        0
    );
    let server = Server::in_home(home.clone(), &[]);
    let system = ("system", "system");
    let of_run = |mut line: Value| {
        line["entries"][0]["run"] = json!(run);
        line
    };
    let at = |mut line: Value, minutes: i64| {
        let time = Utc::now() + TimeDelta::minutes(minutes);
        line["entries"][0]["time"] = json!(time.to_rfc3339_opts(SecondsFormat::Micros, true));
        line
    };
    let key = SigningKey::from_seed([9; 32]).public().to_text();
    let admin = json!({"name": "eve", "role": "admin", "key": key});
    let cases = [
        (
            "an administrator",
            entry("a", "key.enrolled", system, admin.clone()),
        ),
        (
            "an administrator by an officer",
            entry("b", "key.enrolled", ("demo.officer", "officer"), admin),
        ),
        (
            "a role",
            entry(
                "c",
                "role.granted",
                system,
                json!({"name": "demo.marketer", "role": "principal"}),
            ),
        ),
        (
            "a decision without a note",
            of_run(entry(
                "d",
                "decision",
                ("demo.officer", "officer"),
                json!({"kind": "approve", "variant": "A"}),
            )),
        ),
        (
            "a delivery without a decision",
            of_run(entry(
                "e",
                "delivery",
                system,
                json!({"status": "delivered", "artifact": "sha256:00"}),
            )),
        ),
        (
            "a second genesis",
            entry(
                "f",
                "log.genesis",
                system,
                json!({"format": "echovoice-ledger/2"}),
            ),
        ),
        (
            "other rules",
            entry(
                "rules/2",
                "log.rules",
                system,
                json!({"format": "echovoice-ledger/2"}),
            ),
        ),
        (
            "somebody unknown",
            entry("g", "export", ("eve", "auditor"), json!({})),
        ),
        (
            "a person as the log",
            entry("h", "export", ("demo.officer", "system"), json!({})),
        ),
        (
            "a time of two days ago",
            at(
                entry("i", "export", ("demo.officer", "officer"), json!({})),
                -2_880,
            ),
        ),
        (
            "a time to come",
            at(
                entry("j", "export", ("demo.officer", "officer"), json!({})),
                60,
            ),
        ),
        (
            "an erasure",
            entry("k", "erasure.executed", system, json!({"subject": "s-1"})),
        ),
        (
            "a customer's key",
            entry(
                "l",
                "export",
                ("demo.officer", "officer"),
                json!({"customer_key": "sha256:00"}),
            ),
        ),
        ("a deed of nobody", entry("o", "export", system, json!({}))),
        (
            "feedback of nobody",
            of_run(entry("p", "feedback", system, json!({"event": "sent"}))),
        ),
        (
            "a run of nobody",
            entry("q", "run.started", system, json!({})),
        ),
        (
            "a pack put in force without a signature",
            entry(
                "state/1",
                "pack.activated",
                ("demo.officer", "officer"),
                json!({"action": "activate", "pack": "house", "digest": "sha256:00", "author": "x", "state": []}),
            ),
        ),
        (
            "what is in force accepted without a signature",
            entry(
                "state/1",
                "home.accepted",
                ("demo.admin", "admin"),
                json!({"action": "accept", "reason": "all is well here", "state": []}),
            ),
        ),
        (
            "a token without a signature",
            entry(
                "token/t/made",
                "token.made",
                ("demo.officer", "officer"),
                json!({"token": "t", "name": "demo.officer", "hash": "sha256:00"}),
            ),
        ),
        (
            "a finding dismissed without a signature",
            of_run(entry(
                "r",
                "finding.dismissed",
                ("demo.officer", "officer"),
                json!({"variant": "A", "rule": "x", "version": "1"}),
            )),
        ),
        (
            "a hand-over settled without a signature",
            of_run(entry(
                "s",
                "delivery",
                ("demo.officer", "officer"),
                json!({"status": "failed", "artifact": "sha256:00", "settled": "it was not sent"}),
            )),
        ),
        (
            "a comment without a signature",
            of_run(entry(
                "t",
                "comment",
                ("demo.officer", "officer"),
                json!({"reason": "fine with me"}),
            )),
        ),
        (
            "an approval withdrawn without a signature",
            of_run(entry(
                "u",
                "withdrawn",
                ("demo.officer", "officer"),
                json!({"reason": "a slip of the hand"}),
            )),
        ),
        (
            "a hold without a signature",
            entry(
                "v",
                "hold.set",
                ("demo.principal", "principal"),
                json!({"subject": "s-1", "reason": "a suit"}),
            ),
        ),
        (
            "another copy accepted without a signature",
            entry(
                "w",
                "copy.accepted",
                ("demo.admin", "admin"),
                json!({"size": 3, "root": "x", "reason": "it is right"}),
            ),
        ),
        (
            "the clock confirmed without a signature",
            entry(
                "clock/confirmed/3",
                "clock.confirmed",
                ("demo.officer", "officer"),
                json!({"reason": "it is right"}),
            ),
        ),
        (
            "a gate's verdict in a person's name",
            of_run(entry(
                "x",
                "gate.result",
                ("demo.officer", "officer"),
                json!({"variants": {"A": "pass"}}),
            )),
        ),
        (
            "a stage of a run that waits",
            of_run(entry("m", "analytics.done", system, json!({"winner": "B"}))),
        ),
    ];
    let mut destroyed = entry("n", "export", ("demo.officer", "officer"), json!({}));
    destroyed["erase"] = json!([subject(home.path(), &run)]);
    let jump = json!({"from": "2026-11-29T00:00:00.000000Z"});
    let cases = cases.into_iter().chain([
        ("a key destroyed without an erasure", destroyed),
        (
            "a jump of the clock",
            entry("clock/jump/1", "clock.jump", system, jump),
        ),
    ]);
    let size = |home: &Path| echovoice(home, &["audit", "checkpoint"]).stdout;
    let before = size(home.path());
    for (what, line) in cases {
        let answer = say(home.path(), &line);
        let kind = &answer["Refused"]["kind"];
        assert_eq!(kind, "refused", "{what}: {answer}");
    }
    assert_eq!(size(home.path()), before, "nothing was written");
    let verified = echovoice(home.path(), &["audit", "verify"]);
    assert_eq!(code(&verified), 0, "{verified:?}");
    drop(server);
}
