//! The desk in a real pseudo-terminal: a whole review by keys alone, and a terminal that is clean afterwards.

#![allow(clippy::unwrap_used, clippy::panic)]

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

struct Desk {
    parser: vt100::Parser,
    raw: Vec<u8>,
    output: Receiver<Vec<u8>>,
    input: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
}

impl Desk {
    fn open(home: &Path, env: &[(&str, &str)]) -> Self {
        let pty = native_pty_system()
            .openpty(PtySize {
                rows: 30,
                cols: 100,
                pixel_width: 0,
                pixel_height: 0,
            })
            .unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_echovoice"));
        command.env("ECHOVOICE_HOME", home);
        command.env("TERM", "xterm-256color");
        command.env_remove("NO_COLOR");
        for (key, value) in env {
            command.env(key, value);
        }
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let mut reader = pty.master.try_clone_reader().unwrap();
        let input = pty.master.take_writer().unwrap();
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 8_192];
            while let Ok(n) = reader.read(&mut bytes) {
                if n == 0 || sender.send(bytes[..n].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            parser: vt100::Parser::new(30.try_into().unwrap(), 100.try_into().unwrap(), 0),
            raw: Vec::new(),
            output,
            input,
            child,
            _master: pty.master,
        }
    }

    fn take(&mut self, wait: Duration) -> bool {
        match self.output.recv_timeout(wait) {
            Ok(bytes) => {
                self.parser.process(&bytes);
                self.raw.extend(bytes);
                true
            }
            Err(_) => false,
        }
    }

    /// Waits until the screen holds the words; the limit only bounds a failing test.
    fn expect(&mut self, words: &str) {
        let limit = Instant::now() + Duration::from_mins(1);
        while !self.parser.screen().contents().contains(words) {
            assert!(
                Instant::now() < limit,
                "no “{words}” on:\n{}",
                self.parser.screen().contents()
            );
            self.take(Duration::from_millis(50));
        }
    }

    fn expect_gone(&mut self, words: &str) {
        let limit = Instant::now() + Duration::from_mins(1);
        while self.parser.screen().contents().contains(words) {
            assert!(
                Instant::now() < limit,
                "still “{words}” on:\n{}",
                self.parser.screen().contents()
            );
            self.take(Duration::from_millis(50));
        }
    }

    fn keys(&mut self, keys: &str) {
        self.input.write_all(keys.as_bytes()).unwrap();
        self.input.flush().unwrap();
    }

    fn ends(&mut self) -> u32 {
        let status = self.child.wait().unwrap();
        while self.take(Duration::from_millis(200)) {}
        let screen = self.parser.screen();
        assert!(
            !screen.alternate_screen() && !screen.hide_cursor(),
            "the terminal is left clean"
        );
        status.exit_code()
    }
}

#[test]
fn a_whole_review_by_keys_alone() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(home.path(), &[]);
    desk.expect("Nothing waits");
    desk.keys("n");
    desk.expect("01-clean-winner");
    desk.keys("\r");
    desk.expect("Space runs this stage");
    desk.keys(" ");
    desk.expect(">[  ] 2 retrieve");
    desk.keys("c");
    desk.expect("winner A");
    // Nothing may be decided while the last entries are on their way to the disk.
    desk.expect_gone(" live ");
    desk.keys("4");
    desk.expect("BLOCKED");
    desk.keys("3");
    desk.expect("6 kept");
    desk.keys("d");
    desk.expect("exactly this text");
    desk.keys("\x1b[A");
    desk.keys("a");
    desk.expect("[ A ]");
    desk.keys("\x1b[B");
    desk.expect("> Cancel <");
    desk.keys("\x1b[B");
    desk.expect("> Record decision <");
    desk.keys("\r");
    desk.expect("now delivered");
    desk.keys("5");
    desk.expect("APPROVE A");
    desk.keys("v");
    desk.expect("chain OK");
    desk.keys("q");
    assert_eq!(desk.ends(), 0);
    assert_eq!(
        std::fs::read_dir(home.path().join("outbox"))
            .unwrap()
            .count(),
        1
    );
}

/// What a command prints, line by line, as JSON.
fn printed(home: &Path, args: &[&str]) -> Vec<serde_json::Value> {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_echovoice"))
        .args(args)
        .arg("--json")
        .env("ECHOVOICE_HOME", home)
        .env_remove("ECHOVOICE_USER")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

#[test]
fn desk_and_command_line_write_the_same_entries() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(home.path(), &[]);
    desk.expect("Nothing waits");
    desk.keys("n");
    desk.expect("01-clean-winner");
    desk.keys("\r");
    desk.expect("Space runs this stage");
    desk.keys("c");
    desk.expect("winner A");
    desk.expect_gone(" live ");
    desk.keys("a");
    desk.expect("recorded: claim");
    desk.keys("d");
    desk.expect("exactly this text");
    desk.keys("\x1b[A");
    desk.keys("a");
    desk.expect("[ A ]");
    desk.keys("\x1b[B\x1b[B\r");
    desk.expect("now delivered");
    desk.keys("q");
    assert_eq!(desk.ends(), 0);

    let run = printed(
        home.path(),
        &["run", "assets/profiles/01-clean-winner.json"],
    )
    .remove(0);
    let run = run["run_id"].as_str().unwrap();
    printed(home.path(), &["queue", "claim", run]);
    printed(home.path(), &["decide", run, "approve", "--variant", "A"]);

    // Nine entries each: start, five stages, claim, decision, delivery.
    let shape = |entry: &serde_json::Value| {
        let names = |value: &serde_json::Value| -> Vec<String> {
            let map = value.as_object();
            map.map_or_else(Vec::new, |map| map.keys().cloned().collect())
        };
        let said = |name: &str| entry["data"][name].clone();
        (
            entry["type"].clone(),
            (entry["actor"].clone(), entry["role"].clone()),
            names(entry),
            (
                names(&entry["data"]),
                names(&entry["sealed"]),
                names(&entry["blobs"]),
            ),
            [
                said("kind"),
                said("variant"),
                said("code"),
                said("how"),
                said("status"),
                said("winner"),
            ],
        )
    };
    let entries = printed(home.path(), &["audit", "list", "--limit", "18"]);
    let (of_command, of_desk): (Vec<_>, Vec<_>) =
        entries.iter().partition(|entry| entry["run"] == run);
    let shapes =
        |entries: Vec<&serde_json::Value>| entries.into_iter().map(shape).collect::<Vec<_>>();
    assert_eq!(of_command.len(), 9);
    assert_eq!(shapes(of_command), shapes(of_desk));
}

#[test]
fn a_second_desk_works_through_the_first_and_takes_its_place() {
    let home = tempfile::tempdir().unwrap();
    let mut first = Desk::open(home.path(), &[]);
    first.expect("Nothing waits");
    let mut second = Desk::open(home.path(), &[("ECHOVOICE_USER", "demo.principal")]);
    second.expect("shared");
    first.keys("n");
    first.expect("01-clean-winner");
    first.keys("\r");
    first.expect("Space runs this stage");
    first.keys("c");
    first.expect("winner A");
    // The other desk follows by itself.
    second.expect("1 of 1");
    second.keys("a");
    second.expect("recorded: claim");
    first.keys("1");
    first.expect("demo.princi");
    first.child.kill().unwrap();
    first.child.wait().unwrap();
    second.keys("a");
    second.expect("recorded: release");
    second.expect_gone("shared");
    second.keys("q");
    assert_eq!(second.ends(), 0);
    assert!(can_be_read(home.path()));
}

#[test]
fn a_signal_leaves_the_terminal_clean_and_an_idle_desk_writes_nothing() {
    let home = tempfile::tempdir().unwrap();
    let mut first = Desk::open(home.path(), &[]);
    first.expect("Nothing waits");
    while first.take(Duration::from_millis(500)) {}
    let written = first.raw.len();
    assert!(!first.take(Duration::from_millis(2_500)), "idle");
    assert_eq!(first.raw.len(), written);
    let pid = first.child.process_id().unwrap();
    assert!(
        std::process::Command::new("kill")
            .arg("-TERM")
            .arg(pid.to_string())
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(first.ends(), 0);
}

#[test]
fn no_color_means_no_colour() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(home.path(), &[("NO_COLOR", "1")]);
    desk.expect("Nothing waits");
    desk.keys("q");
    assert_eq!(desk.ends(), 0);
    let text = String::from_utf8_lossy(&desk.raw).into_owned();
    assert!(!text.contains("\x1b[38;") && text.contains("\x1b[7m") | text.contains("\x1b[1m"));
}

/// Whether the ledger of a home can be read by an auditor's command.
fn can_be_read(home: &Path) -> bool {
    std::process::Command::new(env!("CARGO_BIN_EXE_echovoice"))
        .args(["audit", "verify"])
        .env("ECHOVOICE_HOME", home)
        .output()
        .unwrap()
        .status
        .success()
}

#[test]
fn a_blocked_variant_is_fixed_by_one_key_checked_and_kept() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(home.path(), &[]);
    desk.expect("Nothing waits");
    desk.keys("n");
    desk.expect("02-some-blocked");
    desk.keys("02\r");
    desk.expect("Space runs this stage");
    desk.keys("c");
    desk.expect("winner B");
    desk.expect_gone(" live ");
    desk.keys("4l");
    desk.expect("Variant C");
    desk.keys("jj");
    desk.expect("[BLOCK 2]");
    desk.keys("f");
    desk.expect("changed");
    desk.expect_gone("“no risk”");
    desk.keys("\x06");
    desk.expect_gone("“guaranteed”");
    desk.keys("\x13");
    desk.expect("revision 2");
    desk.expect_gone("BLOCKED");
    desk.keys("p");
    desk.expect("precision recall");
    desk.keys("\x1b");
    desk.expect_gone("precision recall");
    desk.keys("q");
    assert_eq!(desk.ends(), 0);
    assert!(can_be_read(home.path()), "the ledger was closed");
}

#[test]
fn a_ledger_whose_desk_was_killed_can_be_read_at_once() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(home.path(), &[]);
    desk.expect("Nothing waits");
    desk.child.kill().unwrap();
    desk.child.wait().unwrap();
    assert!(can_be_read(home.path()));
}
