//! With the vault's key at hand a decision is about the sealed verdict and the sealed words, not only about what the entry
//! says of them in the clear.

use crate::support::said::With as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use echovoice::domain::digest::Digest;
use echovoice::domain::person::Role;
use echovoice::ledger::checkpoint::sign_note;
use echovoice::ledger::keys::SigningKey;
use echovoice::ledger::memory::MemoryLog;
use echovoice::ledger::vault::Vault;
use echovoice::ledger::verify::{Report, verify_with};
use echovoice::ledger::{EntryKind as K, Ledger, NewEntry};
use serde_json::{Value, json};
use std::sync::Arc;

fn now() -> String {
    chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed([seed; 32])
}

/// What the forger writes in the clear, and what is sealed.
struct Case {
    clear: Value,
    hard: bool,
    sealed: Option<Value>,
    /// The hash of another verdict than the sealed one.
    other_hash: bool,
    body: &'static str,
}

/// An approved run under an honest writer, whose gate said one thing in the clear and another under seal.
fn report(case: &Case) -> Report {
    let log = Arc::new(MemoryLog::default());
    let vault = || Vault::in_memory([7; 32]);
    let ledger = Ledger::start(log.clone(), vault(), key(3), "test").unwrap();
    let by = |id: &str, kind, who: &str, role| NewEntry::new(id, kind, who, role, &now());
    let system = |id: &str, kind| by(id, kind, "system", Role::System);
    let ann = system("ann", K::KeyEnrolled)
        .with("name", "ann")
        .with("role", "officer");
    let genesis = system("genesis", K::LogGenesis).with("format", "echovoice-ledger/3");
    let of_run = |mut entry: NewEntry| {
        entry.customer = Some("c-1".into());
        entry.pack = Some(Digest::of(b"p"));
        entry.run("r-1")
    };
    let salt = [5; 32];
    let artifact = |body: &str| {
        let parts = [
            b"echovoice/artifact/v1".as_slice(),
            &salt,
            b"email",
            b"s",
            body.as_bytes(),
            b"",
        ];
        Digest::of_parts(parts)
    };
    let words = json!([{"id": "A", "meta": {"channel": "email"}, "subject": "s", "body": case.body, "html": null}]);
    let mut started = of_run(by("started", K::RunStarted, "ann", Role::Officer));
    let profile = json!({"profile": {}, "salt": STANDARD.encode(salt)});
    started
        .sealed
        .push(("profile".into(), profile.to_string().into_bytes()));
    let named = artifact("as it was judged");
    let mut generated = of_run(system("generated", K::VariantGenerated));
    generated
        .sealed
        .push(("variants".into(), words.to_string().into_bytes()));
    let generated = generated.with("artifacts", json!({"A": named}));
    let gate = case
        .sealed
        .as_ref()
        .map(|sealed| sealed.to_string().into_bytes());
    let hash = match (&gate, case.other_hash) {
        (Some(gate), false) => Digest::of(gate),
        _ => Digest::of(b"another"),
    };
    let mut judged = of_run(system("judged", K::GateResult))
        .with("variants", case.clear.clone())
        .with("verdict", json!(hash));
    if case.hard {
        judged = judged.with("hard", vec!["A"]);
    }
    judged
        .sealed
        .extend(gate.map(|gate| ("gate".to_owned(), gate)));
    ledger
        .append(vec![
            genesis.with("people", 1),
            ann.with("key", key(1).public().to_text()),
            started,
            generated,
            judged,
            of_run(system("done", K::AnalyticsDone)).with("winner", "A"),
        ])
        .wait()
        .unwrap();
    let time = now();
    let pack = Digest::of(b"p");
    let text = format!(
        "echovoice/decision/v2\nrun r-1\nvariant A\nartifact {named}\nverdict {hash}\npack {pack}\ndecision REJECT\n\
         code none\nreason \nsend_after none\nexpires none\nbulk none\nproven_by none\ntime {time}\n"
    );
    let decision = NewEntry::new("d", K::Decision, "ann", Role::Officer, &time);
    let decision = of_run(decision)
        .with("kind", "reject")
        .with("variant", "A")
        .with("artifact", named.to_string())
        .with("verdict", hash.to_string())
        .with("note", sign_note(&text, "ann", &key(1)));
    ledger.append(vec![decision]).wait().unwrap();
    drop(ledger);
    verify_with(log.as_ref(), &key(3).public(), None, Some(&vault())).unwrap()
}

fn gate(disposition: &str, hard: bool) -> Value {
    json!([{"variant_id": "A", "verdict": {"disposition": disposition, "findings": [{"hard": hard, "disposition": "block"}]}}])
}

#[test]
fn what_is_sealed_and_what_is_said_in_the_clear_are_one() {
    let honest = || Case {
        clear: json!({"A": "pass"}),
        hard: false,
        sealed: Some(gate("pass", false)),
        other_hash: false,
        body: "as it was judged",
    };
    let report = |case: Case| report(&case);
    let holds = report(honest());
    assert_eq!(holds.problem, None);
    assert!(
        holds.proves.contains("1 sealed verdicts were opened"),
        "{}",
        holds.proves
    );
    let cases = [
        (
            "a block that passes in the clear",
            Case {
                sealed: Some(gate("block", false)),
                ..honest()
            },
            "something else",
        ),
        (
            "a hard block that is none in the clear",
            Case {
                sealed: Some(gate("pass", true)),
                ..honest()
            },
            "something else",
        ),
        (
            "a hard block of the clear's own making",
            Case {
                hard: true,
                ..honest()
            },
            "something else",
        ),
        (
            "one variant more",
            Case {
                clear: json!({"A": "pass", "B": "pass"}),
                ..honest()
            },
            "something else",
        ),
        (
            "another verdict's hash",
            Case {
                other_hash: true,
                ..honest()
            },
            "whose hash",
        ),
        (
            "nothing sealed",
            Case {
                sealed: None,
                ..honest()
            },
            "without its sealed findings",
        ),
        (
            "no verdict under seal",
            Case {
                sealed: Some(json!("well")),
                ..honest()
            },
            "something else",
        ),
        (
            "other words than judged",
            Case {
                body: "no risk, guaranteed",
                ..honest()
            },
            "sealed words",
        ),
    ];
    for (what, case, expected) in cases {
        let problem = report(case)
            .problem
            .unwrap_or_else(|| panic!("{what}: not found"));
        assert!(problem.contains(expected), "{what}: {problem}");
    }
}
