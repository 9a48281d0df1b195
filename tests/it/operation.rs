//! A home under an unlucky operator: odd rights, links, a disk that takes no writes or no more of them, a damaged ledger,
//! a process that hangs. What needs another user or a mount is skipped, and says so, where this one may not.

use crate::support::files;
use crate::support::server::Server;
use crate::support::{AS_OF, approve, code, echovoice, run_demo};
use redb::{Database, ReadableTable as _, TableDefinition};
use serde_json::Value;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

const ENTRIES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("entries");

/// A user that no machine gives a name to.
const STRANGER: u32 = 54_321;

fn words(output: &Output) -> String {
    let both = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8_lossy(&both).into_owned()
}

fn ok(home: &Path, args: &[&str]) -> String {
    let output = echovoice(home, args);
    assert_eq!(code(&output), 0, "{args:?}: {}", words(&output));
    words(&output)
}

/// A refusal in one line, by an error and not by a panic.
fn refused(output: &Output, why: &str) {
    let words = words(output);
    assert_eq!(code(output), 1, "{words}");
    assert!(words.contains(why), "{words}");
    assert!(!words.contains("stopped unexpectedly"), "{words}");
}

fn demo(home: &Path) -> String {
    let run: Value = serde_json::from_slice(&run_demo(home).stdout).unwrap();
    run["run_id"].as_str().unwrap().to_owned()
}

/// Runs words of a shell with the program as `$E`, its home as `$H`; another folder for what is remembered.
fn shell(script: &str, home: &Path, state: &Path) -> Output {
    Command::new("sh")
        .args(["-c", script])
        .env("E", env!("CARGO_BIN_EXE_echovoice"))
        .env("H", home)
        .env("ECHOVOICE_HOME", home)
        .env("ECHOVOICE_STATE", state)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

#[test]
fn whatever_the_umask_all_that_is_written_is_its_owners_alone() {
    let keep = tempfile::tempdir().unwrap();
    for umask in ["000", "022", "077", "177"] {
        let home = keep.path().join(umask).join("home");
        let state = keep.path().join(umask).join("state");
        let script = format!(
            "umask {umask}; set -e
             R=$($E run assets/profiles/01-clean-winner.json --json --as-of {AS_OF} | sed 's/.*\"run_id\":\"\\([^\"]*\\)\".*/\\1/')
             $E decide $R approve --variant A --as demo.officer
             $E deliver
             $E opt-out add C-77
             $E token add demo.officer
             $E audit index
             $E audit backup --out $H/../copy.redb
             $E audit prove $R --out $H/../proof
             $E audit export --out $H/../export"
        );
        let output = shell(&script, &home, &state);
        assert_eq!(code(&output), 0, "{umask}: {}", words(&output));
        let all = files::below(&keep.path().join(umask));
        assert!(all.len() > 40, "{}", all.len());
        let mails = fs::read_dir(home.join("outbox")).unwrap().count();
        assert!(mails > 0, "a mail was written");
        for path in all {
            let inside = path.ancestors().take_while(|p| *p != keep.path());
            for place in inside {
                let rights = fs::symlink_metadata(place).unwrap().mode() & 0o777;
                assert_eq!(rights & 0o077, 0, "{umask}: {} {rights:o}", place.display());
            }
        }
    }
}

#[test]
fn what_an_earlier_version_left_open_is_closed_and_told() {
    let keep = tempfile::tempdir().unwrap();
    let home = keep.path().join("home");
    let run = demo(&home);
    assert_eq!(code(&approve(&home, &run, "A")), 0);
    ok(&home, &["deliver"]);
    ok(&home, &["doctor"]);
    let open = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    let mail = fs::read_dir(home.join("outbox"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    for path in [&mail, &home.join("keys/log.key"), &home.join("vault.key")] {
        open(path, 0o644);
    }
    open(&home.join("outbox"), 0o755);
    fs::set_permissions(&home, Permissions::from_mode(0o755)).unwrap();
    // The next command that opens the home closes them; nobody is locked out of a folder that others may see.
    ok(&home, &["queue", "list"]);
    let rights = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!(rights(&mail), 0o600);
    assert_eq!(rights(&home.join("keys/log.key")), 0o600);
    assert_eq!(rights(&home.join("outbox")), 0o700);
    ok(&home, &["doctor"]);

    // A half-written mail, a token of nobody, a key of somebody else: each is told.
    let healthy = |what: &str| {
        let output = echovoice(&home, &["doctor"]);
        assert_eq!(code(&output), 1, "{what}: {}", words(&output));
        assert!(words(&output).contains(what), "{what}: {}", words(&output));
    };
    let part = home.join("outbox/r-1.part");
    fs::write(&part, "Hi").unwrap();
    healthy("half written");
    fs::remove_file(&part).unwrap();
    let tokens = home.join("tokens.json");
    ok(&home, &["token", "add", "demo.officer"]);
    let text = fs::read_to_string(&tokens).unwrap();
    fs::write(&tokens, text.replace("demo.officer", "mallory")).unwrap();
    healthy("stand for nobody");
    fs::write(&tokens, "[").unwrap();
    healthy("not a list of tokens");
    fs::remove_file(&tokens).unwrap();
    let key = home.join("keys/demo.officer.key");
    let own = fs::read(&key).unwrap();
    fs::copy(home.join("keys/demo.auditor.key"), &key).unwrap();
    healthy("not the key that the roster names");
    fs::write(&key, own).unwrap();
    let vault = home.join("vault.key");
    let own = fs::read(&vault).unwrap();
    fs::write(&vault, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n").unwrap();
    healthy("of another ledger");
    fs::write(&vault, own).unwrap();
    ok(&home, &["doctor"]);
}

#[test]
fn no_write_into_a_home_follows_a_link() {
    let keep = tempfile::tempdir().unwrap();
    let victim = keep.path().join("victim");
    let theirs = || {
        fs::write(&victim, "theirs").unwrap();
        victim.clone()
    };
    // What lies in the home, and a command that writes it.
    let cases: [(&str, &[&str]); 6] = [
        ("home.lock", &["queue", "list"]),
        ("opt_out.txt", &["opt-out", "add", "C-9"]),
        ("tokens.json", &["token", "add", "demo.officer"]),
        (
            "ledger.redb",
            &["run", "assets/profiles/01-clean-winner.json"],
        ),
        (
            "vault.key",
            &["run", "assets/profiles/01-clean-winner.json"],
        ),
        ("segments.toml", &["queue", "list"]),
    ];
    for (number, (name, command)) in cases.iter().enumerate() {
        let home = keep.path().join(format!("home-{number}"));
        if *name == "ledger.redb" {
            ok(&home, &["policy", "list"]);
        } else {
            demo(&home);
        }
        let _ = fs::remove_file(home.join(name));
        symlink(theirs(), home.join(name)).unwrap();
        let output = echovoice(&home, command);
        assert!(!words(&output).contains("stopped unexpectedly"), "{name}");
        assert_eq!(fs::read_to_string(&victim).unwrap(), "theirs", "{name}");
    }
    // A folder that is a link: no mail is written behind it.
    let home = keep.path().join("home");
    let run = demo(&home);
    let elsewhere = keep.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    symlink(&elsewhere, home.join("outbox")).unwrap();
    approve(&home, &run, "A");
    echovoice(&home, &["deliver"]);
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
    // Nor what leaves the house.
    let place = keep.path().join("export");
    symlink(&elsewhere, &place).unwrap();
    let output = echovoice(
        &home,
        &["audit", "export", "--out", place.to_str().unwrap()],
    );
    refused(&output, "symbolic link");
    let copy = keep.path().join("copy.redb");
    symlink(&victim, &copy).unwrap();
    let output = echovoice(&home, &["audit", "backup", "--out", copy.to_str().unwrap()]);
    assert_eq!(code(&output), 1);
    assert_eq!(fs::read_to_string(&victim).unwrap(), "theirs");
}

/// Whether this user may give files away and work as others.
fn is_root() -> bool {
    let root = rustix::process::geteuid().is_root();
    let tool = Command::new("setpriv").arg("--version").output().is_ok();
    if !(root && tool) {
        eprintln!("SKIPPED: only root with setpriv can be another user");
    }
    root && tool
}

/// A shell's words as another user, who may read what `home` needs.
fn as_stranger(script: &str, home: &Path, state: &Path) -> Output {
    let script = format!(
        "exec setpriv --reuid {STRANGER} --regid {STRANGER} --clear-groups sh -c '{script}'"
    );
    shell(&script, home, state)
}

/// A folder that everybody may look into, with what a stranger remembers.
fn for_everybody(keep: &Path) -> std::path::PathBuf {
    fs::set_permissions(keep, Permissions::from_mode(0o755)).unwrap();
    let state = keep.join("state");
    fs::create_dir_all(&state).unwrap();
    fs::set_permissions(&state, Permissions::from_mode(0o777)).unwrap();
    state
}

fn all_below(path: &Path, act: &dyn Fn(&Path)) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap().flatten() {
            all_below(&entry.path(), act);
        }
    }
    act(path);
}

/// All that is asked of a record that is only read.
const LOOKS: &str = "set -e
    $E audit verify
    $E audit list --limit 5
    $E audit list who:system --json
    $E audit show 3
    $E audit stats
    $E audit checkpoint
    $E audit backup --out $ECHOVOICE_STATE/copy.redb
    $E audit export --out $ECHOVOICE_STATE/export";

fn looked_at(output: &Output, what: &str) {
    let words = words(output);
    assert_eq!(code(output), 0, "{what}: {words}");
    assert!(
        words.contains("OK: ") && words.contains("key.enrolled"),
        "{what}: {words}"
    );
}

#[test]
fn a_home_of_others_is_refused_and_its_record_can_still_be_read() {
    let keep = tempfile::tempdir().unwrap();
    let home = keep.path().join("home");
    demo(&home);
    let mode = |mode| fs::set_permissions(&home, Permissions::from_mode(mode)).unwrap();
    for open in [0o777, 0o770, 0o702] {
        mode(open);
        for command in [
            &["run", "assets/profiles/01-clean-winner.json"][..],
            &["policy", "list"],
            &["check", "tests/fixtures/sample.eml"],
        ] {
            refused(&echovoice(&home, command), "others may write");
        }
        ok(&home, &["audit", "verify"]);
        let doctor = echovoice(&home, &["doctor"]);
        refused(&doctor, "others may write");
    }
    mode(0o700);
    demo(&home);
    if !is_root() {
        return;
    }
    let before = files::below(&home).len();
    all_below(&home, &|path| {
        std::os::unix::fs::chown(path, Some(STRANGER), None).unwrap();
    });
    let state = keep.path().join("state");
    refused(
        &echovoice(&home, &["policy", "list"]),
        "belongs to another user",
    );
    refused(&run_demo(&home), "belongs to another user");
    fs::create_dir(&state).unwrap();
    looked_at(&shell(LOOKS, &home, &state), "another user's home");
    assert_eq!(files::below(&home).len(), before, "nothing was written");
}

#[test]
fn a_record_is_read_where_nothing_can_be_written() {
    if !is_root() {
        return;
    }
    let keep = tempfile::tempdir().unwrap();
    let state = for_everybody(keep.path());
    let home = keep.path().join("home");
    demo(&home);
    let theirs = |path: &Path| {
        std::os::unix::fs::chown(path, Some(STRANGER), Some(STRANGER)).unwrap();
    };
    let closed = |path: &Path| {
        theirs(path);
        let mode = if path.is_dir() { 0o500 } else { 0o400 };
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    };
    all_below(&home, &closed);
    let before: Vec<Vec<u8>> = files::below(&home)
        .iter()
        .map(|p| fs::read(p).unwrap())
        .collect();
    looked_at(
        &as_stranger(LOOKS, &home, &state),
        "a home without a right to write",
    );
    let after: Vec<Vec<u8>> = files::below(&home)
        .iter()
        .map(|p| fs::read(p).unwrap())
        .collect();
    assert_eq!(before, after);
    let run = as_stranger("$E run assets/profiles/01-clean-winner.json", &home, &state);
    assert_eq!(code(&run), 1, "{}", words(&run));

    // A copy of the ledger alone, with the log's public key, of a writer that was cut off.
    let source = keep.path().join("source");
    let lines = keep.path().join("many.jsonl");
    let profile = fs::read_to_string("assets/profiles/01-clean-winner.json").unwrap();
    let profile: Value = serde_json::from_str(&profile).unwrap();
    fs::write(&lines, format!("{profile}\n").repeat(500)).unwrap();
    let mut writer = Command::new(env!("CARGO_BIN_EXE_echovoice"))
        .args(["run", lines.to_str().unwrap(), "--json", "--as-of", AS_OF])
        .env("ECHOVOICE_HOME", &source)
        .env("ECHOVOICE_STATE", &state)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    let mut out = std::io::BufReader::new(writer.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut out, &mut first).unwrap();
    writer.kill().unwrap();
    writer.wait().unwrap();
    let copy = keep.path().join("evidence");
    fs::create_dir_all(copy.join("keys")).unwrap();
    fs::copy(source.join("ledger.redb"), copy.join("ledger.redb")).unwrap();
    fs::copy(source.join("keys/log.key"), copy.join("keys/log.key")).unwrap();
    let before = fs::read(copy.join("ledger.redb")).unwrap();
    all_below(&copy, &closed);
    fs::remove_dir_all(state.join("export")).unwrap();
    fs::remove_file(state.join("copy.redb")).unwrap();
    looked_at(
        &as_stranger(LOOKS, &copy, &state),
        "a copy of a writer that was cut off",
    );
    assert_eq!(fs::read(copy.join("ledger.redb")).unwrap(), before);

    // A disk that takes no writes at all.
    let script = format!(
        "unshare -m sh -c 'mount --bind $H $H && mount -o remount,ro,bind $H && rm -rf {0}/export {0}/copy.redb && {LOOKS}'",
        state.display()
    );
    let output = shell(&script, &home, &state);
    if words(&output).contains("unshare failed") || words(&output).contains("permission denied") {
        eprintln!("SKIPPED: no disk can be mounted here");
        return;
    }
    looked_at(&output, "a disk that takes no writes");
}

#[test]
fn damage_is_told_as_damage_and_nothing_is_written_after_it() {
    let keep = tempfile::tempdir().unwrap();
    let home = keep.path().join("home");
    for _ in 0..4 {
        demo(&home);
    }
    let file = home.join("ledger.redb");
    let whole = fs::read(&file).unwrap();
    let half = whole.len() / 2;
    let noise: Vec<u8> = (0..whole.len())
        .map(|n| u8::try_from(n * 7 % 256).unwrap())
        .collect();
    let mut torn = whole.clone();
    torn[half..].fill(0);
    let mut scrambled = whole.clone();
    for at in (4_096..scrambled.len()).step_by(97) {
        scrambled[at] ^= 0x5a;
    }
    let cases = [
        ("half a file", whole[..half].to_vec()),
        ("a file of noise", noise),
        ("no bytes", Vec::new()),
        ("a torn second half", torn),
        ("scrambled pages", scrambled),
        ("a text", b"not a ledger\n".repeat(1_000)),
    ];
    for (what, bytes) in cases {
        fs::write(&file, &bytes).unwrap();
        for command in [
            &["audit", "verify"][..],
            &["audit", "list"],
            &["doctor"],
            &["run", "assets/profiles/01-clean-winner.json"],
        ] {
            let output = echovoice(&home, command);
            let said = words(&output);
            let quiet = !said.contains("stopped unexpectedly") && !said.contains("try again");
            assert!(quiet, "{what}: {command:?}: {said}");
            let is_list = command[1..] == ["list"];
            assert!(
                matches!(code(&output), 1 | 3) || is_list && code(&output) == 0,
                "{what}: {command:?}: {said}"
            );
            let named = ["damaged", "TAMPERED", "older copy", "cannot be opened"];
            assert!(
                code(&output) == 0 || named.iter().any(|n| said.contains(n)),
                "{what}: {command:?}: {said}"
            );
        }
    }
    fs::write(&file, &whole).unwrap();
    ok(&home, &["audit", "verify"]);
    ok(&home, &["doctor"]);
}

/// What is done to the entries of a ledger file.
type Change = fn(&mut redb::Table<'_, u64, &[u8]>);

/// Changes entries of a ledger file behind its back.
fn behind_its_back(file: &Path, change: impl FnOnce(&mut redb::Table<'_, u64, &[u8]>)) {
    let database = Database::open(file).unwrap();
    let write = database.begin_write().unwrap();
    change(&mut write.open_table(ENTRIES).unwrap());
    write.commit().unwrap();
}

#[test]
fn nothing_is_written_after_an_end_that_was_tampered_with() {
    let keep = tempfile::tempdir().unwrap();
    let home = keep.path().join("home");
    for _ in 0..3 {
        demo(&home);
    }
    let file = home.join("ledger.redb");
    let whole = fs::read(&file).unwrap();
    let swap: Change = |entries| {
        let last = entries.last().unwrap().unwrap().0.value();
        let take = |table: &mut redb::Table<'_, u64, &[u8]>, at| {
            table.get(at).unwrap().unwrap().value().to_vec()
        };
        let (one, two) = (take(entries, last - 2), take(entries, last - 1));
        entries.insert(last - 2, two.as_slice()).unwrap();
        entries.insert(last - 1, one.as_slice()).unwrap();
    };
    let copy: Change = |entries| {
        let last = entries.last().unwrap().unwrap().0.value();
        let bytes = entries.get(last - 3).unwrap().unwrap().value().to_vec();
        entries.insert(last, bytes.as_slice()).unwrap();
    };
    let cut: Change = |entries| {
        let last = entries.last().unwrap().unwrap().0.value();
        entries.remove(last).unwrap();
    };
    let gap: Change = |entries| {
        let last = entries.last().unwrap().unwrap().0.value();
        entries.remove(last - 4).unwrap();
    };
    let more: Change = |entries| {
        let (at, bytes) = {
            let (at, bytes) = entries.last().unwrap().unwrap();
            (at.value(), bytes.value().to_vec())
        };
        entries.insert(at + 1, bytes.as_slice()).unwrap();
    };
    for (what, change) in [
        ("swapped", swap),
        ("copied", copy),
        ("cut", cut),
        ("a gap", gap),
        ("one more", more),
    ] {
        fs::write(&file, &whole).unwrap();
        behind_its_back(&file, change);
        let before = fs::read(&file).unwrap();
        let output = run_demo(&home);
        refused(&output, "damaged");
        let entries = |bytes: &[u8]| {
            let path = keep.path().join("looked.redb");
            fs::write(&path, bytes).unwrap();
            let database = Database::open(&path).unwrap();
            let read = redb::ReadableDatabase::begin_read(&database).unwrap();
            let table = read.open_table(ENTRIES).unwrap();
            redb::ReadableTableMetadata::len(&table).unwrap()
        };
        assert_eq!(
            entries(&before),
            entries(&fs::read(&file).unwrap()),
            "{what}"
        );
        assert_eq!(code(&echovoice(&home, &["audit", "verify"])), 3, "{what}");
        assert_eq!(code(&echovoice(&home, &["doctor"])), 1, "{what}");
    }
    // Half of it gone in the middle: the end is whole, and doctor does not call it so.
    fs::write(&file, &whole).unwrap();
    behind_its_back(&file, |entries| {
        entries.remove(9).unwrap();
    });
    let doctor = echovoice(&home, &["doctor"]);
    refused(&doctor, "of ");
    fs::write(&file, &whole).unwrap();
    demo(&home);
}

/// A signal to a process.
fn signal(id: u32, name: &str) {
    let sent = Command::new("kill").args([name, &id.to_string()]).status();
    assert!(sent.unwrap().success());
}

#[test]
#[cfg_attr(not(feature = "server"), ignore = "needs --features server")]
fn a_writer_that_does_not_answer_is_named_and_not_waited_for_without_end() {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let run = demo(home.path());
    let server = Server::in_home(home.clone(), &["--open", "--quiet"]);
    let writer = server.child.id();
    signal(writer, "-STOP");
    let decide = || {
        Command::new(env!("CARGO_BIN_EXE_echovoice"))
            .args([
                "decide",
                &run,
                "approve",
                "--variant",
                "A",
                "--as",
                "demo.officer",
            ])
            .env("ECHOVOICE_HOME", home.path())
            .env("ECHOVOICE_WAIT", "2")
            .stdin(Stdio::null())
            .output()
            .unwrap()
    };
    let output = decide();
    // Reading waits for nobody.
    let read = echovoice(home.path(), &["audit", "verify"]);
    signal(writer, "-CONT");
    refused(&output, &format!("process {writer}"));
    let said = words(&output);
    assert!(
        said.contains(&format!("waiting for process {writer} on ")),
        "{said}"
    );
    assert!(
        said.contains("ledger.sock") && said.contains("before trying again"),
        "{said}"
    );
    assert_eq!(code(&read), 0, "{}", words(&read));
    // What was asked may have been done since: it is there once, however often it is asked for.
    let again = decide();
    assert!(
        code(&again) == 0 || words(&again).contains("already approved"),
        "{}",
        words(&again)
    );
    let decisions = ok(home.path(), &["audit", "list", "what:approve", "--json"]);
    assert_eq!(decisions.lines().count(), 1, "{decisions}");
    ok(home.path(), &["audit", "verify"]);
}

#[test]
fn whoever_hangs_while_opening_a_home_is_named() {
    let keep = tempfile::tempdir().unwrap();
    let home = keep.path().join("home");
    demo(&home);
    let lock = fs::OpenOptions::new()
        .write(true)
        .open(home.join("home.lock"))
        .unwrap();
    lock.lock().unwrap();
    fs::write(home.join("home.lock"), std::process::id().to_string()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_echovoice"))
        .args(["queue", "list"])
        .env("ECHOVOICE_HOME", &home)
        .env("ECHOVOICE_WAIT", "1")
        .output()
        .unwrap();
    refused(&output, &format!("process {}", std::process::id()));
    drop(lock);
    ok(&home, &["queue", "list"]);
}

/// Runs of several customers approved while the outbox is no folder; then the ledger's disk is full while they are handed
/// over, and later it is not.
const FULL: &str = r#"
mkdir -p $P
mount -t tmpfs -o size=100m,mode=700 none $P || { echo SKIPPED; exit 0; }
mkdir -m 700 $H && echo > $H/outbox
RUNS=$($E run $L --json --as-of 2026-11-23T10:00:00Z | sed 's/.*"run_id":"\([^"]*\)".*/\1/')
for R in $RUNS; do $E decide $R approve --variant A --as demo.officer; done
rm $H/outbox && mkdir -m 700 $H/outbox && mount -t tmpfs -o size=50m,mode=700 none $H/outbox
dd if=/dev/zero of=$P/filler bs=64k 2>/dev/null
dd if=/dev/zero of=$P/filler2 bs=1k 2>/dev/null
# The room that the ledger's file has within itself, in large and then in small pieces.
$E batch $M --jobs 1 > /dev/null 2>&1
for N in $(seq 60); do $E queue comment ${RUNS%%[!a-z0-9-]*} --text "$N" --as demo.officer > /dev/null 2>&1 || break; done
echo FULL; $E deliver; echo "ended $?"
echo "mails $(ls $H/outbox | wc -l)"
rm $P/filler $P/filler2
$E deliver; echo "then $?"
echo "all $(ls $H/outbox | wc -l)"
$E audit verify
$E audit list what:delivery --json --limit 500 | grep -c '"status":"delivered"'
"#;

#[test]
fn a_full_disk_at_the_hand_over_says_what_is_on_record_and_what_is_not() {
    let keep = tempfile::tempdir().unwrap();
    let (script, lines) = (keep.path().join("full.sh"), keep.path().join("many.jsonl"));
    fs::write(&script, FULL).unwrap();
    let shipped = fs::read_to_string("assets/profiles/01-clean-winner.json").unwrap();
    let mut profile: Value = serde_json::from_str(&shipped).unwrap();
    let mut text = String::new();
    for n in 0..8 {
        profile["user_id"] = format!("C-{n}").into();
        profile["email"] = format!("customer.{n}@example.com").into();
        text.push_str(&format!("{profile}\n"));
    }
    fs::write(&lines, text).unwrap();
    let mut text = String::new();
    for n in 0..400 {
        profile["user_id"] = format!("M-{n}").into();
        text.push_str(&format!("{profile}\n"));
    }
    let others = keep.path().join("others.jsonl");
    fs::write(&others, text).unwrap();
    let place = keep.path().join("disk");
    let output = Command::new("unshare")
        .args(["-m", "sh", script.to_str().unwrap()])
        .env("E", env!("CARGO_BIN_EXE_echovoice"))
        .env("P", &place)
        .env("H", place.join("home"))
        .env("L", &lines)
        .env("M", &others)
        .env("ECHOVOICE_HOME", place.join("home"))
        .env("ECHOVOICE_STATE", keep.path().join("state"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
        .output();
    let said = output.map_or_else(|e| format!("SKIPPED {e}"), |output| words(&output));
    if said.contains("SKIPPED") || said.contains("unshare failed") {
        eprintln!("SKIPPED: no disk can be mounted here");
        return;
    }
    assert!(said.contains("outbox cannot be written"), "{said}");
    assert!(
        said.contains("ended 1\n") && said.contains("the disk is full"),
        "{said}"
    );
    assert!(
        said.contains("was handed over, and that is not on record"),
        "{said}"
    );
    assert!(said.contains("makes no second one"), "{said}");
    assert!(
        said.contains("then 0\n") && said.contains("all 8\n"),
        "{said}"
    );
    assert!(said.contains("OK: ") && said.contains("\n8\n"), "{said}");
}
