//! A record of format 1 or 2 goes over to the rules of this version with an entry: what stands before it keeps its own rules, what
//! comes after it does not.

use crate::support::forged::{Forged, key};
use crate::support::said::{With as _, owing};
use crate::support::stranger;
use chrono::{SecondsFormat, Utc};
use echovoice::domain::person::Role;
use echovoice::ledger::verify::verify;
use echovoice::ledger::{EntryKind, NewEntry};
use echovoice::service::users::people::adopt_rules;

fn now() -> String {
    Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true)
}

#[test]
fn an_older_record_keeps_its_rules_and_goes_on_under_the_new_ones() {
    let mut forged = Forged::new(1, false, false);
    let seq = forged.decide("ann", "approve", &[]);
    forged.deliver(seq);
    let log = forged.forge.log.clone();
    let report = || verify(log.as_ref(), &key("log").public(), None).unwrap();
    assert!(
        report()
            .rules
            .contains("echovoice-ledger/1, which bind less")
    );

    let start = || forged.writer();
    let ledger = start();
    adopt_rules(&ledger, Vec::new(), &now()).unwrap();
    adopt_rules(&ledger, Vec::new(), &now()).unwrap();
    let mut run = NewEntry::new(
        "r-2/started",
        EntryKind::RunStarted,
        "ann",
        Role::Officer,
        &now(),
    )
    .run("r-2");
    run.customer = Some("c-2".into());
    ledger.append(vec![run]).wait().unwrap();
    let eve = NewEntry::new(
        "eve",
        EntryKind::KeyEnrolled,
        "system",
        Role::System,
        &now(),
    )
    .with("name", "eve")
    .with("role", "admin")
    .with("key", key("eve").public().to_text());
    let refused = ledger.append(vec![eve]).wait().unwrap_err();
    assert!(
        refused.to_string().contains("only its first entries"),
        "{refused}"
    );
    drop(ledger);
    let told = report();
    assert_eq!(told.problem, None);
    assert!(
        told.rules.contains(
            "under the rules of echovoice-ledger/1, 14 to 15 under those of echovoice-ledger/3"
        ),
        "{}",
        told.rules
    );
    let (problem, stranger) = forged.verdicts();
    assert_eq!(problem, None);
    assert!(stranger.is_none_or(|(holds, words)| {
        assert!(
            words.contains("echovoice-ledger/3 from entry 14"),
            "{words}"
        );
        holds
    }));
}

#[test]
fn a_period_of_a_record_that_went_over_holds_what_its_rules_ask() {
    use echovoice::ledger::evidence::{Commitment, Span, export_on_record, seal};
    let mut forged = Forged::new(1, false, false);
    forged.decide("ann", "reject", &[]);
    let log = forged.forge.log.clone();
    let ledger = forged.writer();
    adopt_rules(&ledger, Vec::new(), &now()).unwrap();
    let time = |text: &str| Some(text.parse().unwrap());
    let span = Span {
        since: time("2026-11-25T10:09:00Z"),
        until: time("2026-11-25T10:11:00Z"),
    };
    let owed = Commitment::now(log.as_ref(), &span).unwrap();
    let own = NewEntry::new("export", EntryKind::Export, "ann", Role::Officer, &now());
    let own = ledger.append(vec![owing(own, &owed)]).wait().unwrap()[0].seq;
    drop(ledger);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("export");
    let done = export_on_record(
        log.as_ref(),
        &key("log").public(),
        (&span, Some((&owed, own))),
        &out,
        &mut |_, _| {},
    )
    .unwrap();
    seal(&out, &done, &span, &key("log")).unwrap();
    if let Some((holds, words)) = stranger::checks(&out) {
        assert!(holds && words.contains("the whole of"), "{words}");
        assert!(words.contains("echovoice-ledger/3 from entry"), "{words}");
    }
}
