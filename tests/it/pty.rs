//! The desk in a real pseudo-terminal: a whole review by keys alone, and a terminal that is clean afterwards.

use crate::support::terminal::Terminal;
use portable_pty::CommandBuilder;
use std::path::Path;
use std::time::{Duration, Instant};

struct Desk {
    terminal: Terminal,
    raw: Vec<u8>,
}

impl Desk {
    /// A desk whose user has seen the tour.
    fn open(home: &Path, env: &[(&str, &str)]) -> Self {
        std::fs::write(home.join("tour.seen"), "").unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_echovoice"));
        command.env("ECHOVOICE_HOME", home);
        for (key, value) in env {
            command.env(key, value);
        }
        Self::spawn(command)
    }

    fn spawn(command: CommandBuilder) -> Self {
        Self::spawn_as("xterm-256color", command)
    }

    fn spawn_as(term: &str, mut command: CommandBuilder) -> Self {
        if command.get_env("NO_COLOR").is_none_or(|value| value != "1") {
            command.env_remove("NO_COLOR");
        }
        Self {
            terminal: Terminal::spawn_as(term, command, (100, 30)),
            raw: Vec::new(),
        }
    }

    fn take(&mut self, wait: Duration) -> bool {
        let bytes = self.terminal.take(wait);
        self.raw.extend(bytes.iter().flatten());
        bytes.is_some()
    }

    /// Waits until it is so; the limit only bounds a failing test.
    fn until(&mut self, what: &str, mut is_so: impl FnMut(&mut Self) -> bool) {
        let limit = Instant::now() + Duration::from_mins(2);
        while !is_so(self) {
            assert!(
                Instant::now() < limit,
                "{what} on:\n{}",
                self.terminal.shown()
            );
            self.take(Duration::from_millis(50));
        }
    }

    fn expect(&mut self, words: &str) {
        let is_there = |desk: &mut Self| desk.terminal.shown().contains(words);
        self.until(&format!("no “{words}”"), is_there);
    }

    fn expect_gone(&mut self, words: &str) {
        let is_gone = |desk: &mut Self| !desk.terminal.shown().contains(words);
        self.until(&format!("still “{words}”"), is_gone);
    }

    fn keys(&mut self, keys: &str) {
        self.terminal.keys(keys);
    }

    /// Waits until nothing runs.
    fn settles(&mut self) {
        self.expect_gone(" live ");
        while self.take(Duration::from_millis(150)) {}
        self.expect_gone(" live ");
    }

    /// Reads variant A to its end and approves it.
    fn approves_a(&mut self) {
        self.keys("d");
        self.expect("Your decision");
        self.expect("read the text to");
        self.reads_on_and_approves_a();
    }

    /// The same in a dialog that is open, of a text that may be short.
    fn reads_on_and_approves_a(&mut self) {
        self.reads_to_the_end();
        self.expect("( ) Approve");
        self.keys("\x1b[B");
        self.expect("(o) Approve");
        self.keys("a");
        self.expect("[ A ]");
        self.keys("\x1b[Z");
        self.expect("> Record decision <");
        self.keys("\r");
    }

    /// Turns pages until there is no more.
    fn reads_to_the_end(&mut self) {
        self.until("no end of the text", |desk| {
            let is_read = desk.terminal.shown().contains("end of the text");
            if !is_read {
                desk.keys("\x1b[6~");
            }
            is_read
        });
    }

    fn signal(&self, name: &str) {
        let pid = self.terminal.child.process_id().unwrap().to_string();
        let sent = std::process::Command::new("kill")
            .args([name, &pid])
            .status();
        assert!(sent.unwrap().success());
    }

    /// Quits, and says yes where it asks: on a slow machine a run may still be going on.
    fn quits(&mut self) -> u32 {
        self.keys("q");
        let mut asked = false;
        self.until("it does not quit", |desk| {
            if !asked && desk.terminal.shown().contains("y quits") {
                asked = true;
                desk.keys("y");
            }
            desk.terminal.child.try_wait().unwrap().is_some()
        });
        self.ends()
    }

    fn ends(&mut self) -> u32 {
        let mut status = None;
        self.until("it goes on", |desk| {
            status = desk.terminal.child.try_wait().unwrap();
            status.is_some()
        });
        let status = status.unwrap();
        while self.take(Duration::from_millis(200)) {}
        let screen = self.terminal.parser.screen();
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
    // Safety began with the worst finding, which is not the winner's.
    desk.keys("2\x1b[D\x1b[D");
    desk.expect("Variant A");
    desk.approves_a();
    desk.expect("now delivered");
    desk.keys("5");
    desk.expect("approves variant A");
    desk.keys("v");
    desk.expect("chain OK");
    assert_eq!(desk.quits(), 0);
    assert_eq!(
        std::fs::read_dir(home.path().join("outbox"))
            .unwrap()
            .count(),
        1
    );
}

#[test]
fn a_planted_test_is_told_in_one_line_once_it_is_decided() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("mine.jsonl");
    let line = serde_json::json!({
        "channel": "email", "product": "payment_plans", "subject": "Split Pay fits every budget",
        "text": "With Split Pay nobody needs to think about whether they can afford it.",
        "expect": "violation", "why": "it plays down the cost of credit",
    });
    std::fs::write(&file, format!("{line}\n")).unwrap();
    let file = file.to_str().unwrap();
    let planted = printed(
        home.path(),
        &["canary", "plant", file, "--as", "demo.principal"],
    );
    assert_eq!(planted[0]["variant"], "A");
    let mut desk = Desk::open(home.path(), &[("ECHOVOICE_USER", "demo.officer")]);
    desk.expect("Payment plans");
    desk.keys("\r");
    desk.expect("Variant A");
    desk.settles();
    desk.keys("d");
    desk.expect("Your decision");
    desk.reads_on_and_approves_a();
    desk.expect("This was a planted test: violation, missed. Nothing was sent.");
    assert_eq!(desk.quits(), 0);
    let outbox = std::fs::read_dir(home.path().join("outbox"));
    assert_eq!(outbox.map_or(0, Iterator::count), 0);
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
    // What is claimed stands in the list first.
    desk.keys("1");
    desk.expect("Payment plans");
    desk.keys("2");
    desk.expect("winner A");
    desk.keys("a");
    desk.expect("recorded: claim");
    desk.approves_a();
    desk.expect("now delivered");
    assert_eq!(desk.quits(), 0);

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
        // The first of two runs names the customer's new key, the second says that there was one before.
        let names = |value: &serde_json::Value| -> Vec<String> {
            let keys = value.as_object().into_iter().flat_map(|map| map.keys());
            keys.filter(|key| !["again", "customer_key"].contains(&key.as_str()))
                .cloned()
                .collect()
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
    // The last object says that there are older ones.
    let entries = entries.iter().filter(|entry| !entry["type"].is_null());
    let (of_command, of_desk): (Vec<_>, Vec<_>) = entries.partition(|entry| entry["run"] == run);
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
    second.expect("1   most urgent first");
    second.keys("a");
    second.expect("recorded: claim");
    first.keys("1");
    first.expect("demo.princi");
    first.terminal.child.kill().unwrap();
    first.terminal.child.wait().unwrap();
    second.keys("a");
    second.expect("recorded: release");
    second.expect_gone("shared");
    assert_eq!(second.quits(), 0);
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
    first.signal("-TERM");
    assert_eq!(first.ends(), 0);
    let mut second = Desk::open(home.path(), &[]);
    for signal in ["-HUP", "-INT", "-QUIT"] {
        second.expect("Nothing waits");
        second.signal(signal);
        assert_eq!(second.ends(), 0, "{signal}");
        assert!(can_be_read(home.path()), "the ledger was closed");
        assert!(
            !second.terminal.parser.screen().alternate_screen(),
            "{signal}: the shell's own screen is back"
        );
        second = Desk::open(home.path(), &[]);
    }
    // While it opens too, whether or not the home is open by now.
    second.expect("EchoVoice");
    second.signal("-TERM");
    second.ends();
    assert!(can_be_read(home.path()));
}

#[test]
fn the_tour_is_shown_once_and_leaves_no_trace() {
    let home = tempfile::tempdir().unwrap();
    let command = || {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_echovoice"));
        command.env("ECHOVOICE_HOME", home.path());
        command
    };
    let mut desk = Desk::spawn(command());
    for step in 1..=6 {
        desk.expect(&format!(" {step} of 6 "));
        if step == 2 {
            desk.expect("winner A");
        }
        desk.keys("\r");
    }
    desk.expect("Nothing waits");
    desk.expect_gone(" 6 of 6 ");
    desk.keys("2");
    desk.expect("No run is open");
    assert_eq!(desk.quits(), 0);
    assert!(
        printed(home.path(), &["audit", "list"])
            .iter()
            .all(|e| e["run"].is_null())
    );
    let mut again = Desk::spawn(command());
    again.expect("Nothing waits");
    again.keys("\x14");
    again.expect(" 1 of 6 ");
    again.keys("\x1b");
    again.expect_gone(" 1 of 6 ");
    assert_eq!(again.quits(), 0);
}

#[test]
fn a_shell_stops_the_desk_and_calls_it_back() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("tour.seen"), "").unwrap();
    let mut command = CommandBuilder::new("bash");
    command.args(["--norc", "--noprofile", "-i"]);
    command.env("ECHOVOICE_HOME", home.path());
    command.env("PS1", "shell> ");
    let mut desk = Desk::spawn(command);
    desk.expect("shell>");
    desk.keys(&format!("{}\r", env!("CARGO_BIN_EXE_echovoice")));
    desk.expect("Nothing waits");
    desk.keys("\x1a");
    desk.expect("Stopped");
    assert!(!desk.terminal.parser.screen().alternate_screen());
    desk.keys("fg\r");
    desk.expect("Nothing waits");
    assert!(desk.terminal.parser.screen().alternate_screen());
    desk.keys("?");
    desk.expect("Keys of Queue");
    desk.keys("\x1b");
    desk.expect_gone("Keys of Queue");
    desk.keys("q");
    desk.expect("shell>");
    desk.keys("exit\r");
    assert_eq!(desk.ends(), 0);
}

#[test]
fn a_full_disk_is_told_nothing_is_lost_and_the_desk_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let mut first = Desk::open(home.path(), &[]);
    first.expect("Nothing waits");
    assert_eq!(first.quits(), 0);
    // No file may grow: what the ledger has to write does not fit any more.
    let size = std::fs::metadata(home.path().join("ledger.redb"))
        .unwrap()
        .len();
    let mut command = CommandBuilder::new("bash");
    let limit = format!("trap '' XFSZ; ulimit -f {}; exec \"$0\"", size / 1_024);
    command.args(["-c", &limit, env!("CARGO_BIN_EXE_echovoice")]);
    command.env("ECHOVOICE_HOME", home.path());
    let mut desk = Desk::spawn(command);
    desk.expect("Nothing waits");
    let mut runs = 0;
    while !desk.terminal.shown().contains("NOTHING RECORDED") {
        assert!(runs < 200, "the file never filled up");
        runs += 1;
        desk.keys("n");
        desk.expect("New run from");
        desk.expect("user_id");
        desk.keys("\r");
        desk.expect_gone("New run from");
        desk.settles();
        desk.keys("c");
        desk.settles();
        desk.keys("1");
        desk.expect("[1 Queue]");
    }
    desk.expect("nothing is recorded, decided or sent");
    desk.keys("?");
    desk.expect("Keys of Queue");
    desk.keys("\x1b");
    desk.expect_gone("Keys of Queue");
    assert_eq!(desk.quits(), 0);
    assert!(can_be_read(home.path()), "what was recorded is whole");
}

#[test]
fn a_flood_of_keys_cannot_freeze_it() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(home.path(), &[]);
    desk.expect("Nothing waits");
    for _ in 0..100 {
        desk.keys(&"jklh12345".repeat(20));
        while desk.take(Duration::ZERO) {}
    }
    desk.keys("1?");
    desk.expect("Keys of Queue");
    desk.keys("\x1b");
    desk.expect_gone("Keys of Queue");
    assert_eq!(desk.quits(), 0);
}

#[test]
fn one_profile_of_ten_thousand_files_and_one_of_a_table() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("tour.seen"), "").unwrap();
    let folder = tempfile::tempdir().unwrap();
    for number in 0..10_000 {
        let name = format!("customer-{number:05}.json");
        std::fs::write(
            folder.path().join(name),
            format!("{{\"user_id\": \"N-{number}\"}}"),
        )
        .unwrap();
    }
    let table =
        "user_id,viewed_page,form_started\nT-1,loans,no\nT-2,payment_plans,yes\nT-3,cards,no\n";
    std::fs::write(folder.path().join("table.csv"), table).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_echovoice"));
    command.env("ECHOVOICE_HOME", home.path());
    command.args(["desk", folder.path().to_str().unwrap()]);
    let mut desk = Desk::spawn(command);
    desk.expect("Nothing waits");
    desk.keys("n");
    desk.expect("of 10017");
    desk.keys("r07431");
    desk.expect("1 of 10017");
    desk.expect("N-7431");
    desk.keys("\x7f\x7f\x7f\x7f\x7f\x7ftable.c");
    desk.expect("3 profiles; Enter lists them");
    desk.keys("\r");
    desk.expect("Profiles of table.csv");
    desk.keys("T-2\r");
    desk.expect("Space runs this stage");
    desk.keys("c");
    desk.expect("Split Pay");
    // The product stands there before anything runs.
    desk.expect("winner A");
    desk.expect_gone(" live ");
    assert_eq!(desk.quits(), 0);
}

#[test]
fn no_color_means_no_colour() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(home.path(), &[("NO_COLOR", "1")]);
    desk.expect("Nothing waits");
    assert_eq!(desk.quits(), 0);
    let text = String::from_utf8_lossy(&desk.raw).into_owned();
    assert!(!text.contains("\x1b[38;") && text.contains("\x1b[7m") | text.contains("\x1b[1m"));
}

/// Whether the ledger of a home can be read by an auditor's command.
#[test]
fn a_simple_terminal_gets_its_own_signs_and_colours() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("tour.seen"), "").unwrap();
    for (term, locale, colours) in [
        ("vt100", "en_US.UTF-8", &["[38;"][..]),
        ("xterm", "C", &["[38;5;", "[38;2;"]),
        ("xterm-256color", "C.UTF-8", &["[38;2;"]),
    ] {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_echovoice"));
        for name in ["COLORTERM", "LC_ALL", "LC_CTYPE"] {
            command.env_remove(name);
        }
        command.env("ECHOVOICE_HOME", home.path());
        command.env("LANG", locale);
        let mut desk = Desk::spawn_as(term, command);
        desk.expect("Nothing waits");
        let shown = desk.terminal.shown();
        let is_framed = shown.contains('\u{2501}');
        assert_eq!(is_framed, term == "xterm-256color", "{term}\n{shown}");
        assert!(locale != "C" || shown.is_ascii(), "{term}\n{shown}");
        assert_eq!(desk.quits(), 0);
        let raw = String::from_utf8_lossy(&desk.raw).into_owned();
        for code in colours {
            assert!(!raw.contains(code), "{term} gets {code}");
        }
    }
}

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
    desk.expect("winner A");
    desk.expect_gone(" live ");
    desk.keys("4");
    desk.expect("[BLOCK 1]");
    desk.keys("f");
    // It is shown before it is made; a source's words are taken out whole, never changed.
    desk.expect("FIX removes this sentence: “Our");
    desk.keys("\x06");
    desk.expect("changed");
    desk.expect_gone("“no risk”");
    desk.expect_gone("BLOCKED");
    desk.keys("\x13");
    desk.expect("revision 2");
    desk.expect_gone("BLOCKED");
    desk.keys("p");
    desk.expect("own examples");
    desk.keys("\x1b");
    desk.expect_gone("own examples");
    assert_eq!(desk.quits(), 0);
    assert!(can_be_read(home.path()), "the ledger was closed");
}

const PASTE: &str = "\x1b[200~one line\rd\rq\ry\r\x1b[201~";

#[test]
fn what_is_pasted_is_words_for_an_open_field_and_never_keys() {
    let home = tempfile::tempdir().unwrap();
    printed(
        home.path(),
        &["run", "assets/profiles/01-clean-winner.json"],
    );
    let mut desk = Desk::open(home.path(), &[]);
    desk.expect("Payment plans");
    assert!(
        String::from_utf8_lossy(&desk.raw).contains("\x1b[?2004h"),
        "the terminal is asked to say what is pasted"
    );
    desk.keys(PASTE);
    desk.expect("no field is open");
    desk.keys("o");
    desk.expect("Comment");
    desk.keys(PASTE);
    desk.expect("one line d q y");
    // Ctrl-C asks before words are lost.
    desk.keys("\x03");
    desk.expect("would be lost");
    desk.keys("n");
    desk.expect_gone("would be lost");
    desk.keys("\r");
    desk.expect("recorded: comment");
    // What was said stands on top for whoever opens the run.
    desk.keys("\r");
    desk.expect("says: “one line d q y”");
    assert_eq!(desk.quits(), 0);
    let raw = String::from_utf8_lossy(&desk.raw).into_owned();
    assert!(
        raw.contains("\x1b[?2004l"),
        "and told that it need not any more"
    );
}

#[test]
fn a_second_person_sees_what_the_first_said_and_signs_what_the_first_signed() {
    let home = tempfile::tempdir().unwrap();
    let run = printed(
        home.path(),
        &["run", "assets/profiles/01-clean-winner.json"],
    )
    .remove(0);
    let run = run["run_id"].as_str().unwrap().to_owned();
    let reason = "Counsel read the survey and stands by it.";
    let args = [
        "decide",
        &run,
        "override",
        "--variant",
        "C",
        "--reason",
        reason,
    ];
    printed(
        home.path(),
        &[&args[..], &["--code", "legal cleared"]].concat(),
    );
    let mut desk = Desk::open(home.path(), &[("ECHOVOICE_USER", "demo.principal")]);
    desk.expect("overrode the blocks of C (legal cleared)");
    desk.keys("\r");
    desk.expect("Variant C");
    desk.expect("Counsel read the survey");
    desk.keys("d");
    desk.expect("the second person");
    desk.reads_to_the_end();
    desk.expect("( ) Override");
    desk.keys("\x1b[B\x1b[B");
    desk.expect("(o) Override");
    desk.keys("\t");
    desk.keys("I read the same opinion and agree with it.\t");
    desk.keys("\x1b[B");
    desk.expect("< legal cleared >");
    desk.keys("c");
    desk.expect("[ C ]");
    // Back round: reason, choice, and behind the first field the last.
    desk.keys("\x1b[Z\x1b[Z\x1b[Z");
    desk.expect("> Record decision <");
    desk.keys("\r");
    desk.expect("recorded: override C");
    desk.keys("5");
    desk.expect("legal cleared: I");
    desk.keys("\x1b[B");
    desk.expect("I read the same opinion");
    assert_eq!(desk.quits(), 0);
}

#[test]
fn the_real_rendering_opens_in_the_browser_from_a_private_file_that_goes_with_the_desk() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let home = tempfile::tempdir().unwrap();
    let temp = tempfile::tempdir().unwrap();
    let (told, browser) = (temp.path().join("told"), temp.path().join("browser"));
    let script = format!(
        "#!/bin/sh\necho \"$1\" > {0}.new; mv {0}.new {0}\n",
        told.display()
    );
    std::fs::write(&browser, script).unwrap();
    std::fs::set_permissions(&browser, std::fs::Permissions::from_mode(0o755)).unwrap();
    printed(
        home.path(),
        &["run", "assets/profiles/01-clean-winner.json"],
    );
    let temp_dir = temp.path().display().to_string();
    let browser = browser.display().to_string();
    let env = [("BROWSER", browser.as_str()), ("TMPDIR", &temp_dir)];
    let mut desk = Desk::open(home.path(), &env);
    desk.expect("Payment plans");
    desk.keys("\r");
    desk.expect("Variant A");
    desk.keys("r");
    desk.expect("hello@tarnwick.example");
    desk.keys("\r");
    desk.expect("the page goes when the desk ends");
    desk.until("the browser was not started", |_| told.exists());
    let page = std::fs::read_to_string(&told).unwrap();
    let page = Path::new(page.trim());
    let text = std::fs::read_to_string(page).unwrap();
    assert!(text.contains("Hi Amara") && text.contains("Content-Security-Policy"));
    let rights = |path: &Path| std::fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!(
        (rights(page), rights(page.parent().unwrap())),
        (0o600, 0o700)
    );
    desk.keys("\x1b");
    desk.expect_gone("hello@tarnwick.example");
    assert_eq!(desk.quits(), 0);
    assert!(
        !page.exists() && !page.parent().unwrap().exists(),
        "nothing is left of it"
    );
}

#[test]
fn a_ledger_whose_desk_was_killed_can_be_read_at_once() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(home.path(), &[]);
    desk.expect("Nothing waits");
    desk.terminal.child.kill().unwrap();
    desk.terminal.child.wait().unwrap();
    assert!(can_be_read(home.path()));
}
