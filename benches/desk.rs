//! The desk in a real pseudo-terminal: from the start to the first frame, and from a key to what it paints.
//!
//! `ECHOVOICE_MADE` names a home made by `cargo bench --bench home`; without it a fresh one is used. Each figure is the
//! time from the first byte written to the last byte of the frame, as a terminal would see it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::cast_precision_loss)]

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Nothing more comes of a key when the terminal was quiet for this long.
const QUIET: Duration = Duration::from_millis(25);

/// The first screen is filled when nothing more came for so long: opening the home may take a while.
const FILLED: Duration = Duration::from_millis(250);

struct Desk {
    output: Receiver<(Instant, usize)>,
    input: Box<dyn Write + Send>,
    child: Box<dyn portable_pty::Child + Send + Sync>,
    _master: Box<dyn portable_pty::MasterPty + Send>,
}

impl Desk {
    fn open(home: &std::path::Path) -> Self {
        let size = PtySize {
            rows: 30,
            cols: 100,
            ..PtySize::default()
        };
        let pty = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_echovoice"));
        command.args(["desk", "--theme", "dark"]);
        command.env("ECHOVOICE_HOME", home);
        command.env("TERM", "xterm-256color");
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let mut reader = pty.master.try_clone_reader().unwrap();
        let input = pty.master.take_writer().unwrap();
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut bytes = vec![0; 65_536];
            while let Ok(count) = reader.read(&mut bytes) {
                if count == 0 || sender.send((Instant::now(), count)).is_err() {
                    break;
                }
            }
        });
        Self {
            output,
            input,
            child,
            _master: pty.master,
        }
    }

    /// When the last byte came before the terminal went quiet; `None`: nothing came.
    fn last(&self, first: Duration, quiet: Duration) -> Option<Instant> {
        let (mut last, _) = self.output.recv_timeout(first).ok()?;
        while let Ok((at, _)) = self.output.recv_timeout(quiet) {
            last = at;
        }
        Some(last)
    }

    /// Milliseconds from a key to the last byte of what it painted.
    fn key(&mut self, key: &[u8]) -> Option<f64> {
        let from = Instant::now();
        self.input.write_all(key).unwrap();
        self.input.flush().unwrap();
        let last = self.last(Duration::from_millis(500), QUIET)?;
        Some((last - from).as_secs_f64() * 1e3)
    }
}

fn at(sorted: &[f64], share: f64) -> f64 {
    let place = (sorted.len() - 1) as f64 * share;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let place = place.round() as usize;
    sorted[place]
}

fn tell(name: &str, mut times: Vec<f64>) {
    times.sort_by(f64::total_cmp);
    println!(
        "{name:34} n {:4}   p50 {:6.1} ms   p95 {:6.1} ms   p99 {:6.1} ms",
        times.len(),
        at(&times, 0.5),
        at(&times, 0.95),
        at(&times, 0.99)
    );
}

fn main() {
    let made = std::env::var_os("ECHOVOICE_MADE").map(PathBuf::from);
    let fresh = tempfile::tempdir().unwrap();
    let home = made.unwrap_or_else(|| fresh.path().to_owned());
    std::fs::create_dir_all(&home).unwrap();
    std::fs::write(home.join("tour.seen"), "").unwrap();
    let starts = |count: usize| -> Vec<(f64, f64)> {
        (0..count)
            .map(|_| {
                let from = Instant::now();
                let mut desk = Desk::open(&home);
                let (first, _) = desk.output.recv_timeout(Duration::from_mins(1)).unwrap();
                let filled = desk.last(Duration::from_mins(1), FILLED).unwrap();
                let took = |until: Instant| (until - from).as_secs_f64() * 1e3;
                let took = (took(first), took(filled));
                desk.input.write_all(b"q").unwrap();
                desk.child.wait().unwrap();
                took
            })
            .collect()
    };
    starts(1);
    let (first, filled) = starts(15).into_iter().unzip();
    tell("start to the first frame", first);
    tell("start to the queue", filled);
    let mut desk = Desk::open(&home);
    desk.last(Duration::from_mins(1), Duration::from_millis(500));
    for (name, screen, keys) in [
        ("queue: down and up", "1", ["j", "k"]),
        ("record: down and up", "5", ["j", "k"]),
        ("record: a page down and up", "5", ["\x1b[6~", "\x1b[5~"]),
        ("from screen to screen", "1", ["5", "1"]),
        ("help opened and closed", "1", ["?", "?"]),
        ("charts opened and closed", "1", ["C", "C"]),
    ] {
        desk.key(screen.as_bytes());
        let times: Vec<f64> = (0..150)
            .flat_map(|_| keys)
            .filter_map(|key| desk.key(key.as_bytes()))
            .collect();
        tell(name, times);
    }
    desk.input.write_all(b"q").unwrap();
    desk.child.wait().unwrap();
}
