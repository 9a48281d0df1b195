//! Exports that somebody made to hang or crash whoever checks them: one clear line, an exit code that is documented, and
//! no trace of a crash.

use crate::support::forged::Forged;
use crate::support::said::With as _;
use echovoice::ledger::EntryKind;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

/// The verifier's exit code and all that it says; `None` without Python. `timeout` ends one that hangs, with code 124.
fn check(args: &[&std::ffi::OsStr]) -> Option<(i32, String)> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/evidence/verify.py");
    let output = Command::new("timeout")
        .args(["60", "python3", script])
        .args(args)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let words = [output.stdout.as_slice(), b"|", &output.stderr].concat();
    let code = output.status.code().unwrap();
    (code != 127).then(|| (code, String::from_utf8_lossy(&words).into_owned()))
}

/// One clear line and a documented code.
fn is_clear(folder: &Path, what: &str) {
    let Some((code, words)) = check(&[folder.as_os_str()]) else {
        return;
    };
    assert!(matches!(code, 1 | 3), "{what}: exit code {code}: {words}");
    assert!(!words.contains("Traceback"), "{what}: {words}");
    assert_eq!(words.matches('\n').count(), 1, "{what}: {words}");
    assert!(words.len() < 600, "{what}: {} bytes", words.len());
    assert!(!words.contains('\u{1b}'), "{what}: a terminal's sign");
}

fn fifo(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.unwrap().success());
}

type Harm = fn(&Path);

/// What is done to an export's folder. Without the manifest nothing of it says what the files are.
const HARM: &[(&str, Harm)] = &[
    ("deep JSON in a line", |f| {
        fs::write(f.join("entries.jsonl"), "[".repeat(60_000) + "\n").unwrap();
    }),
    ("deep JSON that is too long", |f| {
        fs::write(f.join("entries.jsonl"), "[".repeat(9_000_000) + "\n").unwrap();
    }),
    ("a line without an end", |f| {
        fs::write(f.join("entries.jsonl"), "x".repeat(90_000_000)).unwrap();
    }),
    ("a number of many digits", |f| {
        fs::write(
            f.join("entries.jsonl"),
            format!("{{\"seq\":{}}}\n", "9".repeat(60_000)),
        )
        .unwrap();
    }),
    ("not UTF-8", |f| {
        fs::write(f.join("entries.jsonl"), b"{\"a\":\"\xff\xfe\"}\n").unwrap();
    }),
    ("half a pair of UTF-16", |f| {
        fs::write(f.join("entries.jsonl"), "{\"seq\":0,\"a\":\"\\ud800\"}\n").unwrap();
    }),
    ("a checkpoint that is not UTF-8", |f| {
        fs::write(f.join("checkpoint"), b"\xff\n\n\xff\n").unwrap();
    }),
    ("a checkpoint of blanks", |f| {
        fs::write(f.join("checkpoint"), "\n".repeat(100_000)).unwrap();
    }),
    ("a key that is none", |f| {
        fs::write(f.join("log.pub"), "AAAA\n").unwrap();
    }),
    ("a key that is not UTF-8", |f| {
        fs::write(f.join("log.pub"), b"\xff").unwrap();
    }),
    ("deep JSON of customers", |f| {
        fs::write(f.join("subjects.jsonl"), "[".repeat(60_000) + "\n").unwrap();
    }),
    ("entries that are a link to a device", |f| {
        fs::remove_file(f.join("entries.jsonl")).unwrap();
        symlink("/dev/zero", f.join("entries.jsonl")).unwrap();
    }),
    ("entries that are a pipe", |f| {
        fs::remove_file(f.join("entries.jsonl")).unwrap();
        fifo(&f.join("entries.jsonl"));
    }),
    ("a checkpoint that is a pipe", |f| {
        fs::remove_file(f.join("checkpoint")).unwrap();
        fifo(&f.join("checkpoint"));
    }),
    ("a key that is a link to a device", |f| {
        fs::remove_file(f.join("log.pub")).unwrap();
        symlink("/dev/zero", f.join("log.pub")).unwrap();
    }),
    ("a pipe among the checkpoints", |f| {
        fifo(&f.join("checkpoints/77"));
    }),
    ("a link to itself", |f| {
        symlink("loop", f.join("loop")).unwrap();
    }),
    ("a link to the folder", |f| {
        symlink(".", f.join("again")).unwrap();
    }),
    ("entries that are a folder", |f| {
        fs::remove_file(f.join("entries.jsonl")).unwrap();
        fs::create_dir(f.join("entries.jsonl")).unwrap();
    }),
    ("a name that moves the cursor", |f| {
        fs::write(f.join("a\u{1b}[2Jb"), "").unwrap();
    }),
    ("a name that is no text", |f| {
        fs::write(f.join(std::ffi::OsStr::from_bytes(b"a\xff")), "").unwrap();
    }),
    ("a manifest that is a pipe", |f| {
        let _ = fs::remove_file(f.join("manifest"));
        fifo(&f.join("manifest"));
    }),
    ("a manifest that is not UTF-8", |f| {
        fs::write(f.join("manifest"), b"\xff\n\n\xff\n").unwrap();
    }),
    ("folders in folders", |f| {
        let deep = f.join("d/".repeat(400));
        fs::create_dir_all(&deep).unwrap();
        fs::write(deep.join("x"), "x").unwrap();
    }),
];

#[test]
fn no_export_hangs_or_crashes_the_stand_alone_verifier() {
    let forged = Forged::new(3, false, false);
    for with_manifest in [true, false] {
        for (what, harm) in HARM {
            let keep = tempfile::tempdir().unwrap();
            let folder = keep.path().join("export");
            forged.export(&folder);
            if !with_manifest {
                fs::remove_file(folder.join("manifest")).unwrap();
            }
            harm(&folder);
            is_clear(&folder, &format!("{what}, manifest: {with_manifest}"));
        }
    }
    println!("{} hostile exports, each in two ways", HARM.len());
}

#[test]
fn no_export_hangs_or_crashes_a_restore() {
    let forged = Forged::new(3, false, false);
    for with_manifest in [true, false] {
        for (what, harm) in HARM {
            let keep = tempfile::tempdir().unwrap();
            let (folder, home) = (keep.path().join("export"), keep.path().join("home"));
            forged.export(&folder);
            if !with_manifest {
                fs::remove_file(folder.join("manifest")).unwrap();
            }
            harm(&folder);
            let output = Command::new("timeout")
                .args(["60", env!("CARGO_BIN_EXE_echovoice"), "audit", "restore"])
                .arg(&folder)
                .env("ECHOVOICE_HOME", &home)
                .stdin(Stdio::null())
                .output()
                .unwrap();
            let words = String::from_utf8_lossy(&output.stderr).into_owned();
            let what = format!("{what}, manifest: {with_manifest}: {words}");
            assert_eq!(output.status.code(), Some(1), "{what}");
            assert!(
                words.starts_with("error: ") && words.len() < 1_500,
                "{what}"
            );
            assert!(!words.contains("unexpectedly"), "{what}");
            assert!(!words.contains('\u{1b}'), "{what}");
            assert!(!home.join("ledger.redb").exists(), "{what}");
        }
    }
}

/// Its files are whole and signed for, and somebody acted who may not.
#[test]
fn an_export_that_breaks_a_rule_is_not_restored() {
    let keep = tempfile::tempdir().unwrap();
    let (folder, home) = (keep.path().join("export"), keep.path().join("home"));
    let mut forged = Forged::new(3, false, false);
    let seq = forged.put(EntryKind::Comment, "ann", |entry| {
        entry.run("r-1").with("reason", "fine")
    });
    forged.export(&folder);
    let output = Command::new(env!("CARGO_BIN_EXE_echovoice"))
        .args(["audit", "restore"])
        .arg(&folder)
        .env("ECHOVOICE_HOME", &home)
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{words}");
    let named = format!("entry {seq}: it has no signed note");
    assert!(words.contains(&named), "{words}");
    assert!(!home.join("ledger.redb").exists());
}

#[test]
fn what_is_named_beside_an_export_may_be_hostile_too() {
    let forged = Forged::new(3, false, false);
    let keep = tempfile::tempdir().unwrap();
    let folder = keep.path().join("export");
    forged.export(&folder);
    let pipe = keep.path().join("pipe");
    fifo(&pipe);
    for (option, file) in [("--pin", pipe.as_path()), ("--key", Path::new("/dev/zero"))] {
        let args = [folder.as_os_str(), option.as_ref(), file.as_os_str()];
        let Some((code, words)) = check(&args) else {
            return;
        };
        assert_eq!(code, 1, "{option}: {words}");
        assert!(words.contains("cannot be read"), "{option}: {words}");
    }
    let missing = keep.path().join("none");
    let (code, words) = check(&[missing.as_os_str()]).unwrap();
    assert!(code == 1 && words.contains("cannot be read"), "{words}");
    let proof = [pipe.as_os_str(), pipe.as_os_str(), pipe.as_os_str()];
    let (code, words) = check(&[&["--receipt".as_ref()], &proof[..]].concat()).unwrap();
    assert!(code == 1 && words.contains("cannot be read"), "{words}");
}
