//! Speed of the personal-data engine. `cargo bench --bench pii`.

#![allow(missing_docs)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use echovoice::pii::Scanner;
use std::hint::black_box;

fn scan(c: &mut Criterion) {
    let clean = "A firm may offer a plan at any time, subject to the rules of this part and of section 12. ".repeat(12_000);
    let dense = "Call (415) 555-2671 or write to ann.lee@example.com about card 4111 1111 1111 1111 and SSN 536-22-8726. ".repeat(10_000);
    let message =
        "Hi Ann, your plan starts on 12 December 2026 with 18 payments of $107.69. ".repeat(7);
    for (name, text) in [
        ("pii, clean 1 MB", &clean),
        ("pii, dense 1 MB", &dense),
        ("pii, 500-byte message", &message),
    ] {
        let mut group = c.benchmark_group("pii");
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |b| {
            b.iter(|| black_box(Scanner::default().scan(text).len()));
        });
        group.finish();
    }
}

criterion_group! { name = benches; config = Criterion::default().sample_size(20); targets = scan }
criterion_main!(benches);
