//! What a million outcomes cost: counted from the entries of a ledger as they are stored, believed, and scored by.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use echovoice::domain::person::Role;
use echovoice::experiment::{ExperimentPlan, Outcomes, reports};
use echovoice::ledger::payload::EntryData;
use echovoice::ledger::{Entry, EntryKind};
use echovoice::service::learning::tally;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const OUTCOMES: u64 = 1_000_000;
const TRIES: usize = 5;

/// Of four stored entries, two say that a message was delivered, and two what became of one.
fn entry(seq: u64) -> Vec<u8> {
    let group = seq / 4;
    let of = |list: &[&str], every: u64| {
        let at = usize::try_from(group / every).unwrap() % list.len();
        list[at].to_owned()
    };
    let day = format!("2026-{:02}-{:02}", 1 + group % 11, 1 + group / 11 % 28);
    let is_delivery = seq % 4 < 2;
    let mut data = json!({
        "channel": "email",
        "segment": of(&["BrowsingOnly", "StartedFormOrFlow", "ScheduledNextStep"], 3),
        "test": "form-email",
        "type": of(&["short", "educational", "social_proof"], 1),
    });
    if is_delivery {
        data["status"] = "delivered".into();
    } else {
        data["event"] = of(&["clicked", "converted", "opened", "opted_out"], 9).into();
        data["first"] = (seq % 4 == 2).into();
        data["sent"] = day.clone().into();
    }
    let kind = if is_delivery {
        EntryKind::Delivery
    } else {
        EntryKind::Feedback
    };
    let data = EntryData::read(kind, data.as_object().unwrap().clone());
    let entry = Entry {
        actor: "demo.officer".into(),
        blobs: BTreeMap::new(),
        data,
        engine: None,
        id: format!("feedback/r-{seq:010}/clicked"),
        input: None,
        pack: None,
        prev: "9c4177d002bd9c4177d002bd9c4177d002bd9c4177d002bd9c4177d002bd9c41".into(),
        role: Role::Officer,
        run: Some(format!("r-{seq:010}")),
        sealed: BTreeMap::new(),
        seq,
        subject: Some(format!("s-{seq:016x}")),
        time: format!("{day}T06:51:28.302409Z"),
        v: 1,
    };
    serde_json::to_vec(&entry).unwrap()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn timed<T>(mut work: impl FnMut() -> T) -> (Duration, T) {
    let mut last = None;
    let times = (0..TRIES)
        .map(|_| {
            let from = Instant::now();
            last = Some(work());
            from.elapsed()
        })
        .collect();
    (median(times), last.unwrap())
}

fn main() {
    let entries: Vec<Vec<u8>> = (0..OUTCOMES).map(entry).collect();
    let bytes: usize = entries.iter().map(Vec::len).sum();
    let (read, ()) = timed(|| {
        // What reading the bytes alone costs, to put the rest beside.
        let sum: u64 = entries.iter().flatten().map(|b| u64::from(*b)).sum();
        assert!(sum > 0);
    });
    let (count, counts) = timed(|| tally::outcomes_of(&entries));
    let plan = ExperimentPlan::parse(include_str!("../assets/experiments.toml")).unwrap();
    let day = "2026-11-25".parse().unwrap();
    let (believe, reports) = timed(|| reports(&counts, &plan, day));
    let (written, text) = timed(|| counts.to_toml().unwrap());
    let (parsed, again) = timed(|| Outcomes::parse(&text).unwrap());
    assert_eq!(again, counts);
    println!(
        "median of {TRIES}, {OUTCOMES} outcomes, {} MB of entries",
        bytes >> 20
    );
    println!("read the bytes              {read:>10.1?}");
    println!("count them                  {count:>10.1?}");
    println!(
        "posteriors and {:2} reports   {believe:>10.1?}",
        reports.len()
    );
    println!("write and read the counts   {:>10.1?}", written + parsed);
    println!(
        "update, all together        {:>10.1?}",
        count + believe + written + parsed
    );
}
