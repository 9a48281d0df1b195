//! Time of each stage, of a whole durable run, and of the gate alone. `cargo bench --bench pipeline`.

#![allow(clippy::unwrap_used, missing_docs)]

use criterion::{Criterion, criterion_group, criterion_main};
use echovoice::domain::message::Message;
use echovoice::domain::run::Stage;
use echovoice::service::home::workspace::Options;
use echovoice::service::run::{Options as RunOptions, Unwatched, start};
use echovoice::service::{Needs, Workspace, check, intake};
use std::hint::black_box;
use std::path::Path;
use std::sync::atomic::AtomicBool;

fn open(home: &Path, needs: Needs) -> Workspace {
    Workspace::open(Options {
        home,
        needs,
        judges: false,
        person: None,
        as_of: None,
        tenant: None,
        progress: &mut |_| {},
    })
    .unwrap()
}

fn whole_run(c: &mut Criterion) {
    let home = tempfile::tempdir().unwrap();
    let workspace = open(home.path(), Needs::Record);
    let profile = intake::read(Path::new("assets/profiles/01-clean-winner.json"))
        .unwrap()
        .swap_remove(0)
        .profile;
    let cancel = AtomicBool::new(false);
    for (name, record) in [("run, not recorded", false), ("run, durable", true)] {
        c.bench_function(name, |b| {
            b.iter(|| {
                let mut session =
                    start(&workspace, profile.clone(), RunOptions { seed: 7, record }).unwrap();
                session.run_on(&workspace, &cancel, &mut Unwatched).unwrap();
                black_box(session.run.verdict_digest())
            });
        });
    }
    let mut done = start(
        &workspace,
        profile,
        RunOptions {
            seed: 7,
            record: false,
        },
    )
    .unwrap();
    done.run_on(&workspace, &cancel, &mut Unwatched).unwrap();
    for stage in &Stage::ALL[..5] {
        c.bench_function(&format!("stage {stage}"), |b| {
            b.iter_batched(
                || {
                    let mut run = done.run.clone();
                    for later in Stage::ALL.iter().filter(|s| *s >= stage) {
                        run.status[later.index()] = echovoice::domain::run::StageStatus::Pending;
                    }
                    run
                },
                |mut run| {
                    workspace
                        .orchestrator()
                        .unwrap()
                        .step(&mut run, &cancel, &mut |_| {})
                        .unwrap()
                },
                criterion::BatchSize::SmallInput,
            );
        });
    }
}

fn gate(c: &mut Criterion) {
    let home = tempfile::tempdir().unwrap();
    let workspace = open(home.path(), Needs::Rules);
    let sentence = "Your plan lets you spread the cost of a course over equal monthly payments, and you can see each due date in your account. ";
    for (name, words) in [
        ("gate, 200-word e-mail", 9),
        ("gate, 100 kB", 810),
        ("gate, 1 MB", 8_130),
    ] {
        let mut message = Message {
            subject: Some("Your plan".into()),
            body: sentence.repeat(words),
            channel: Some(echovoice::domain::jurisdiction::Channel::Email),
            ..Message::default()
        };
        c.bench_function(name, |b| {
            b.iter(|| black_box(check::check(&workspace, &mut message).unwrap().score_bp));
        });
    }
    c.bench_function("open, rules alone", |b| {
        b.iter(|| black_box(open(home.path(), Needs::Rules).rules().unwrap().digest));
    });
}

criterion_group! { name = benches; config = Criterion::default().sample_size(20); targets = whole_run, gate }
criterion_main!(benches);
