//! The gate on the three variants of a run: the shipped packs beside those of the first form (`tests/fixtures/packs-form1`,
//! as they shipped until 2026-11), in one process. `cargo bench --bench gate`.

#![allow(clippy::unwrap_used, missing_docs)]

use criterion::{Criterion, criterion_group, criterion_main};
use echovoice::domain::jurisdiction::{Channel, Jurisdiction};
use echovoice::domain::message::Message;
use echovoice::pii::AllowList;
use echovoice::pipeline::LayeredGate;
use echovoice::pipeline::ports::Gate as _;
use echovoice::rules::{Pack, RuleBook};
use echovoice::service::policy::shipped;
use std::fs;
use std::hint::black_box;
use std::sync::Arc;

fn first_form() -> Vec<Pack> {
    let mut packs: Vec<Pack> = fs::read_dir("tests/fixtures/packs-form1")
        .unwrap()
        .map(|entry| Pack::parse(&fs::read_to_string(entry.unwrap().path()).unwrap()).unwrap())
        .collect();
    packs.sort_by(|a, b| a.head.id.cmp(&b.head.id));
    packs
}

fn gate(packs: &[Pack]) -> LayeredGate {
    LayeredGate::new(
        Arc::new(RuleBook::compile(packs, []).unwrap()),
        Arc::new(AllowList::default()),
    )
}

/// Three variants as the templates write them, of about 120 words each.
fn variants() -> Vec<Message> {
    let bodies = [
        "Hi Ana,\n\nYou began an application for a Split Pay plan. It takes three minutes to finish, and your answers \
         are saved. Split Pay spreads a purchase over 18 monthly payments of $97.69 at a 9.50% annual percentage rate \
         (APR), with $200 down on a $2,000 course: $1,958.42 in all. Approval is subject to a credit review. A late \
         payment costs up to $15.\n\nRead the terms before you decide. If a plan is not right for you, your place in \
         the course stays open until 31 December 2026.\n\nTarnwick Financial, 100 Main St, Springfield, IL 62701\n\
         Unsubscribe: https://www.tarnwick.example/u",
        "Hello Ana,\n\nHere is how Split Pay works. You choose a course, pay $200 today, and the rest in 18 payments. \
         The annual percentage rate (APR) is 9.50%, and it does not change. You can pay early at no cost. We look at \
         your credit file before we decide, and we tell you the answer within two days.\n\nCompare it with other ways \
         to pay; our guide shows three. Nobody is approved before the review is done.\n\nTarnwick Financial, 100 Main \
         St, Springfield, IL 62701\nUnsubscribe: https://www.tarnwick.example/u",
        "Hi Ana,\n\nQuestions about your plan? Our team answers on weekdays from 9 to 5. Many people ask what happens \
         when a payment is late: there is a fee of up to $15, and we write to you first. Others ask whether the rate \
         can rise: it cannot.\n\nYour application is saved. Finish it when it suits you, or call us and we help. \
         Approval is subject to a credit review.\n\nTarnwick Financial, 100 Main St, Springfield, IL 62701\n\
         Unsubscribe: https://www.tarnwick.example/u",
    ];
    bodies
        .into_iter()
        .map(|body| Message {
            subject: Some("Your Split Pay plan".into()),
            body: body.into(),
            channel: Some(Channel::Email),
            jurisdiction: Some(Jurisdiction::new("US-IL")),
            product: Some("payment_plan".into()),
            complete: true,
            ..Message::default()
        })
        .collect()
}

fn compare(c: &mut Criterion) {
    let messages = variants();
    let check = |gate: &LayeredGate| {
        for message in &messages {
            black_box(gate.check(message));
        }
    };
    let old = gate(&first_form());
    let new = gate(&shipped().unwrap());
    c.bench_function("three variants, packs of the first form", |b| {
        b.iter(|| check(&old));
    });
    c.bench_function("three variants, shipped packs", |b| {
        b.iter(|| check(&new));
    });
    c.bench_function("one variant, shipped packs (a key in the editor)", |b| {
        b.iter(|| black_box(new.check(&messages[0])));
    });
    c.bench_function("shipped packs, read and compiled", |b| {
        b.iter(|| black_box(RuleBook::compile(&shipped().unwrap(), []).unwrap()));
    });
    let long = Message {
        body: variants()[0].body.repeat(1_600),
        ..variants().swap_remove(0)
    };
    let half = Message {
        body: variants()[0].body.repeat(800),
        ..variants().swap_remove(0)
    };
    let mut group = c.benchmark_group("long");
    group.sample_size(10);
    group.bench_function("half a megabyte", |b| {
        b.iter(|| black_box(new.check(&half)));
    });
    group.bench_function("a megabyte", |b| {
        b.iter(|| black_box(new.check(&long)));
    });
    group.finish();
}

criterion_group!(benches, compare);
criterion_main!(benches);
