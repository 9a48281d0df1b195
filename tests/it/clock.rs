//! A machine whose clock was set back: the writer says so before it goes on, and decisions wait for a person.

use crate::support::forged::{Forged, key};
use crate::support::said::With as _;
use chrono::{SecondsFormat, TimeDelta, Utc};
use echovoice::domain::person::Role;
use echovoice::ledger::checkpoint::sign_note;
use echovoice::ledger::log::Key;
use echovoice::ledger::refusal::{ClockRefusal, Refusal};
use echovoice::ledger::rules::clock;
use echovoice::ledger::verify::verify;
use echovoice::ledger::{AuditLog, Entry, EntryKind, LogError, NewEntry};

fn at(minutes: i64) -> String {
    let time = Utc::now() + TimeDelta::minutes(minutes);
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn entry(id: &str, kind: EntryKind, time: &str) -> NewEntry {
    NewEntry::new(id, kind, "ann", Role::Officer, time)
}

#[test]
fn a_clock_set_back_goes_on_record_and_holds_decisions_until_a_person_looked() {
    let mut forged = Forged::new(2, false, false);
    // The clock ran a day ahead for a while.
    forged.put(EntryKind::Export, "ann", |mut entry| {
        entry.time = at(24 * 60);
        entry
    });
    let log = forged.forge.log.clone();
    let ledger = forged.writer();
    let size = log.head().unwrap().size;
    let receipt = ledger
        .append(vec![entry("now", EntryKind::Export, &at(0))])
        .wait()
        .unwrap();
    assert_eq!(receipt[0].seq, size + 1, "the jump comes before it");
    let reader: &dyn AuditLog = log.as_ref();
    let jump = reader.one(Key::Entry(size)).unwrap().unwrap();
    let jump = Entry::from_bytes(&jump).unwrap();
    assert_eq!(
        (jump.kind(), jump.role),
        (EntryKind::ClockJump, Role::System)
    );

    let time = at(0);
    let decision = entry("d", EntryKind::Decision, &time)
        .run("r-1")
        .with("kind", "reject");
    let refused = ledger.append(vec![decision]).wait().unwrap_err();
    assert!(
        matches!(
            &*refused,
            LogError::Refused(Refusal::Clock(ClockRefusal::Unconfirmed(_)))
        ),
        "{refused}"
    );
    let text = clock::note(size, "the battery was flat", &time);
    let confirmed = entry(&clock::confirmed_id(size), EntryKind::ClockConfirmed, &time)
        .with("reason", "the battery was flat")
        .with("note", sign_note(&text, "ann", &key("ann")));
    ledger.append(vec![confirmed]).wait().unwrap();
    // A writer that begins anew knows it too.
    drop(ledger);
    let ledger = forged.writer();
    let decision = entry("d", EntryKind::Decision, &at(0))
        .run("r-1")
        .with("kind", "reject");
    let refused = ledger.append(vec![decision]).wait().unwrap_err();
    assert!(
        refused.to_string().contains("without its signed note"),
        "{refused}"
    );
    let report = verify(log.as_ref(), &key("log").public(), None).unwrap();
    assert_eq!(report.problem, None);
}

#[test]
fn late_entries_and_entries_of_a_time_to_come_are_refused() {
    let forged = Forged::new(2, false, false);
    let log = forged.forge.log.clone();
    let ledger = forged.writer();
    ledger
        .append(vec![entry("now", EntryKind::Export, &at(0))])
        .wait()
        .unwrap();
    for (minutes, why) in [(-30, "before that of an earlier"), (30, "has not come")] {
        let refused = ledger
            .append(vec![entry("other", EntryKind::Export, &at(minutes))])
            .wait()
            .unwrap_err();
        assert!(refused.to_string().contains(why), "{refused}");
    }
    // Within the tolerance of several machines' clocks it goes on.
    let near = Utc::now() - TimeDelta::seconds(20);
    let near = near.to_rfc3339_opts(SecondsFormat::Micros, true);
    ledger
        .append(vec![entry("near", EntryKind::Export, &near)])
        .wait()
        .unwrap();
    assert_eq!(
        verify(log.as_ref(), &key("log").public(), None)
            .unwrap()
            .problem,
        None
    );
}
