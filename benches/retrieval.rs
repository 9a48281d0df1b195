//! Search over the demo knowledge base, and over as many made-up passages as `ECHOVOICE_PASSAGES` says.
//!
//! The second is no micro-benchmark: it builds an index once (in `target/retrieval-bench`, kept for the next time),
//! opens it again in a process of its own, and reports sizes, memory and medians. Words follow Zipf's law; vectors are
//! made up too, since a million real ones would take hours, and their values cost nothing.

#![allow(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap
)]

use criterion::Criterion;
use echovoice::knowledge::{
    Document, Embedder, KnowledgeBase, Late, Mode, Piece, Request, Shipped, VECTOR_LENGTH, Ways,
    piece_record, vector_record,
};
use echovoice::pii::AllowList;
use std::fs;
use std::hint::black_box;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

const WEIGHTS: &[u8] = include_bytes!("../assets/model/minilm-l6-v2.int8.onnx");
const TOKENIZER: &str = include_str!("../assets/model/tokenizer.json");
const VOCABULARY: usize = 60_000;
const A_FILE: usize = 50_000;
const QUERIES: usize = 60;
/// Word pieces of a passage: as many as rulebooks have on average.
const PIECES: usize = 26;

/// The same numbers everywhere (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A word whose rank follows Zipf's law.
    fn word(&mut self) -> String {
        let mut rank = (VOCABULARY as f64).powf(self.unit()) as usize;
        let mut word = String::new();
        while rank > 0 {
            word.push_str(
                [
                    "ba", "de", "fi", "go", "lu", "mer", "nos", "pat", "ri", "sol",
                ][rank % 10],
            );
            rank /= 10;
        }
        word
    }

    fn text(&mut self, words: usize) -> String {
        (0..words)
            .map(|_| self.word())
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// Whether word pieces are compared too: `ECHOVOICE_LATE=1`, at any size.
fn late() -> Late {
    match std::env::var_os("ECHOVOICE_LATE") {
        Some(_) => Late::On,
        None => Late::Off,
    }
}

fn open(folder: &Path, sources: &[PathBuf], shipped: Shipped<'_>) -> KnowledgeBase {
    KnowledgeBase::open(
        folder,
        sources,
        &AllowList::default(),
        Arc::new(Embedder::new(WEIGHTS, TOKENIZER)),
        shipped,
        late(),
        &mut |_| {},
    )
    .unwrap()
}

fn request(query: String) -> Request {
    Request {
        query,
        jurisdiction: None,
        product: None,
        day: None,
        as_of: None,
        limit: 6,
        mode: Mode::Rerank,
        floor: false,
        ways: Ways {
            late: late(),
            ..Ways::default()
        },
    }
}

fn demo(criterion: &mut Criterion) {
    let home = tempfile::tempdir().unwrap();
    let base = open(home.path(), &["knowledge_base".into()], Shipped::default());
    let mut group = criterion.benchmark_group("retrieve");
    let mut number = 0;
    group.sample_size(30);
    group.bench_function("a new query", |b| {
        b.iter(|| {
            number += 1;
            base.search(&request(format!(
                "is there a fee to repay plan {number} early"
            )))
        });
    });
    let again = request("is there a fee to repay early".into());
    group.bench_function("asked again", |b| b.iter(|| base.search(black_box(&again))));
    group.finish();
}

/// A made-up word piece.
fn piece(dice: &mut Dice) -> Piece {
    let mut piece = Piece {
        id: 1_000 + (dice.next() % 29_000) as u16,
        vector: std::array::from_fn(|_| (dice.next() >> 56) as u8 as i8),
    };
    piece.vector[0] = 127;
    piece
}

fn build(folder: &Path, passages: usize) {
    let sources = folder.join("sources");
    fs::create_dir_all(&sources).unwrap();
    let embedder = Embedder::new(WEIGHTS, TOKENIZER);
    let mut dice = Dice(7);
    let mut shipped = Vec::with_capacity(passages * 420);
    let (mut bytes, mut pieces) = (0, Vec::new());
    for first in (0..passages).step_by(A_FILE) {
        let file = fs::File::create(sources.join(format!("{first:09}.jsonl"))).unwrap();
        let mut file = BufWriter::new(file);
        for number in first..(first + A_FILE).min(passages) {
            let words = 60 + dice.next() as usize % 60;
            let text = dice.text(words);
            bytes += text.len();
            writeln!(file, "{{\"id\":\"{number}\",\"text\":\"{text}\"}}").unwrap();
            let document = Document {
                id: number.to_string(),
                text,
                whole: true,
                ..Document::default()
            };
            let vector: Vec<f32> = (0..VECTOR_LENGTH)
                .map(|_| dice.unit() as f32 - 0.5)
                .collect();
            let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
            let vector: Vec<f32> = vector.iter().map(|x| x / length).collect();
            for passage in document.passages(&AllowList::default()) {
                shipped.extend(vector_record(&passage, &embedder, &vector));
                if late() == Late::On {
                    let made: Vec<Piece> = (0..PIECES).map(|_| piece(&mut dice)).collect();
                    pieces.extend(piece_record(&passage, &embedder, &made));
                }
            }
        }
    }
    let start = Instant::now();
    let shipped = Shipped {
        vectors: &shipped,
        pieces: &pieces,
    };
    let base = open(&folder.join("index"), &[sources], shipped);
    println!(
        "{} passages, {} MB of text: indexed in {:.0} s, vectors aside",
        base.len(),
        bytes >> 20,
        start.elapsed().as_secs_f64()
    );
}

/// A line of this process's state, in MB.
fn memory(name: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| {
            line.strip_prefix(name)?
                .trim_end_matches(" kB")
                .trim()
                .parse::<usize>()
                .ok()
        })
        .unwrap_or(0)
        >> 10
}

fn size(folder: &Path) -> u64 {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => size(&entry.path()),
            Ok(meta) => meta.len(),
            Err(_) => 0,
        })
        .sum()
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn search(folder: &Path) {
    let start = Instant::now();
    let base = open(
        &folder.join("index"),
        &[folder.join("sources")],
        Shipped::default(),
    );
    let opened = start.elapsed().as_secs_f64() * 1e3;
    let mut dice = Dice(11);
    let (mut words, mut both) = (Vec::new(), Vec::new());
    base.search(&request("warm".into())).unwrap();
    for _ in 0..QUERIES {
        let fused = request(dice.text(8));
        let alone = Request {
            mode: Mode::Bm25,
            ..fused.clone()
        };
        for (request, times) in [(&alone, &mut words), (&fused, &mut both)] {
            let start = Instant::now();
            black_box(base.search(request).unwrap());
            times.push(start.elapsed().as_secs_f64() * 1e3);
        }
    }
    println!(
        "opened in {opened:.0} ms; index {} MB; search p50 {:.1} ms (words alone {:.1} ms); memory {} MB, of which {} MB are files mapped",
        size(&folder.join("index")) >> 20,
        median(both),
        median(words),
        memory("VmRSS:"),
        memory("RssFile:"),
    );
}

fn main() {
    let Some(passages) = std::env::var("ECHOVOICE_PASSAGES")
        .ok()
        .and_then(|n| n.parse().ok())
    else {
        let mut criterion = Criterion::default().configure_from_args();
        demo(&mut criterion);
        return criterion.final_summary();
    };
    let folder = PathBuf::from(format!(
        "target/retrieval-bench/{passages}{}",
        if late() == Late::On { "-late" } else { "" }
    ));
    if std::env::var_os("ECHOVOICE_SEARCH").is_some() {
        return search(&folder);
    }
    if !folder.join("index").exists() {
        build(&folder, passages);
    }
    let me = std::env::current_exe().unwrap();
    let done = std::process::Command::new(me)
        .env("ECHOVOICE_SEARCH", "1")
        .status();
    assert!(done.unwrap().success());
}
