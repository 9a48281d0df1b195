//! Messages of others in the desk: which file, what the gate says of it, and a bad file's one error.

use crate::support::scene::{keys, model, press, sample};
use crossterm::event::KeyCode;
use echovoice::error::{Error, Kind};
use echovoice::tui::effect::Effect;
use echovoice::tui::model::{Model, Overlay};
use echovoice::tui::msg::Msg;
use echovoice::tui::overlay::check::Side;
use echovoice::tui::snapshot;
use echovoice::tui::theme::{DARK, MONO};
use echovoice::tui::update::update;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn shown(desk: &Model, width: u16, height: u16) -> String {
    snapshot::text(&snapshot::frame(desk, width, height))
}

fn answered(desk: &mut Model, path: &str) {
    let path = PathBuf::from(path);
    let outcome = Ok(Box::new(sample()));
    update(desk, Msg::Checked { path, outcome });
}

#[test]
fn a_mail_on_a_wide_screen() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for side in [Side::Finding, Side::Words, Side::Parts] {
            let mut desk = model(MONO, "check");
            if let Some(Overlay::Checked(shown)) = desk.overlays.last_mut() {
                shown.side = side;
            }
            let buffer = snapshot::frame(&desk, 200, 50);
            let name = format!("check-200x50-{side:?}").to_lowercase();
            insta::assert_snapshot!(name, snapshot::text(&buffer));
        }
    });
}

#[test]
fn the_verdict_shows_findings_parts_read_and_not_read_and_remarks() {
    for (width, height) in [(80, 24), (100, 30), (200, 50)] {
        let mut desk = model(DARK, "check");
        let text = shown(&desk, width, height);
        assert!(text.contains("Check of sample.eml"), "{text}");
        assert!(text.contains("BLOCK"), "{text}");
        assert!(text.contains("1 not read"), "{text}");
        assert!(text.contains("No hidden or disguised characters"), "{text}");
        // Words, then parts: each in its turn, whatever the size.
        update(&mut desk, press(KeyCode::Tab));
        assert!(shown(&desk, width, height).contains("Words of"));
        update(&mut desk, press(KeyCode::Tab));
        let text = shown(&desk, width, height);
        let parts = [
            "Parts and remarks",
            "NOT READ",
            "application/zip",
            "windows-1252",
        ];
        for words in parts {
            assert!(text.contains(words), "no “{words}” in {text}");
        }
        update(&mut desk, press(KeyCode::Tab));
        assert!(shown(&desk, width, height).contains("Rules"));
        update(&mut desk, press(KeyCode::Esc));
        assert!(desk.overlays.is_empty());
    }
}

#[test]
fn the_worst_comes_first_and_nothing_of_a_mail_is_obeyed() {
    let mut desk = model(DARK, "check");
    let count = match desk.overlays.last() {
        Some(Overlay::Checked(shown)) => {
            let found = shown.findings();
            let order: Vec<_> = found.iter().map(|f| f.disposition).collect();
            assert!(order.is_sorted_by(|a, b| a >= b), "{order:?}");
            found.len()
        }
        _ => panic!("nothing is shown"),
    };
    assert!(count > 2);
    for _ in 0..count {
        for _ in 0..4 {
            for (width, height) in [(80, 24), (200, 50)] {
                let text = shown(&desk, width, height);
                assert!(
                    !text.contains('\u{1b}') && !text.contains('\u{34f}'),
                    "{text}"
                );
            }
            update(&mut desk, press(KeyCode::Tab));
        }
        update(&mut desk, press(KeyCode::Down));
    }
}

#[test]
fn a_file_is_named_by_command_by_path_or_chosen() {
    let check = |path: &str| vec![Effect::Check(PathBuf::from(path))];
    // The palette: a command and a file behind it.
    let mut desk = model(DARK, "queue");
    assert_eq!(keys(&mut desk, ":check letters/a b.eml"), []);
    assert!(shown(&desk, 100, 30).contains("Enter checks letters/a b.eml"));
    assert_eq!(keys(&mut desk, "\n"), check("letters/a b.eml"));
    assert!(desk.overlays.is_empty());
    answered(&mut desk, "letters/a b.eml");
    assert!(matches!(desk.overlays.last(), Some(Overlay::Checked(_))));
    // Read again, then another one of those that lie there.
    assert_eq!(keys(&mut desk, "r"), check("letters/a b.eml"));
    answered(&mut desk, "letters/a b.eml");
    assert_eq!(desk.overlays.len(), 1);
    assert_eq!(keys(&mut desk, "M"), [Effect::ListMessages]);
    let files = ["letters/one.eml", "letters/two.eml"].map(PathBuf::from);
    update(&mut desk, Msg::Messages(files.to_vec()));
    assert_eq!(keys(&mut desk, "two\n"), check("letters/two.eml"));
    answered(&mut desk, "letters/two.eml");
    assert_eq!(desk.overlays.len(), 1);
    update(&mut desk, press(KeyCode::Esc));
    // A path, as it is typed or dropped.
    keys(&mut desk, "M");
    assert_eq!(keys(&mut desk, "'/tmp/a b.eml'\n"), check("/tmp/a b.eml"));
    update(&mut desk, press(KeyCode::Esc));
    // Whoever left does not want it any more.
    answered(&mut desk, "/tmp/a b.eml");
    assert!(desk.overlays.is_empty());
    // A mail among the profiles is checked; words without a file look for a command.
    keys(&mut desk, "n");
    assert_eq!(keys(&mut desk, "./letter.eml\n"), check("./letter.eml"));
    let mut desk = model(DARK, "queue");
    keys(&mut desk, ":check a mail\n");
    assert!(matches!(desk.overlays.last(), Some(Overlay::FileAsked(_))));
    assert!(shown(&desk, 80, 24).contains("type a path"));
}

#[test]
fn nothing_comes_between_somebody_and_what_they_opened_meanwhile() {
    let mut desk = model(DARK, "review");
    keys(&mut desk, ":check a.eml\n");
    keys(&mut desk, "d");
    answered(&mut desk, "a.eml");
    assert!(matches!(desk.overlays.last(), Some(Overlay::Decide(_))));
    let said = desk.status.as_ref().map_or("", |(text, _)| text);
    assert!(said.contains("a.eml: block"), "{said}");
}

#[test]
fn a_bad_file_gets_one_error_where_it_was_asked_for() {
    let mut desk = model(DARK, "queue");
    keys(&mut desk, "M./none.eml\n");
    let outcome = Err(Error::new(
        Kind::Input,
        "./none.eml: no\u{202e} such file; check the path",
    ));
    let path = PathBuf::from("./none.eml");
    update(&mut desk, Msg::Checked { path, outcome });
    let text = shown(&desk, 80, 24);
    assert_eq!(text.matches("such file").count(), 1, "{text}");
    assert!(text.contains("<U+202E>"), "{text}");
    keys(&mut desk, "x");
    assert!(!shown(&desk, 80, 24).contains("such file"));
}

/// What the desk says to these lines, in lines.
fn plain(home: &Path, arguments: &[&str], lines: &str) -> Output {
    use std::io::Write as _;
    let mut child = Command::new(env!("CARGO_BIN_EXE_echovoice"))
        .args(["desk", "--plain"])
        .args(arguments)
        .env("ECHOVOICE_HOME", home)
        .env_remove("ECHOVOICE_USER")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(lines.as_bytes()).unwrap();
    drop(input);
    child.wait_with_output().unwrap()
}

#[test]
fn the_desk_reads_mails_as_the_command_line_does_and_records_nothing() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("tour.seen"), "").unwrap();
    let folder = home.path().join("letters");
    std::fs::create_dir(&folder).unwrap();
    let msg = folder.join("box.msg");
    std::fs::write(&msg, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on").unwrap();
    let lines = format!(
        "check tests/fixtures/sample.eml\nTab\nTab\nEsc\ncheck {}\ncheck ./gone.eml\ncheck {}\nquit\n",
        msg.display(),
        folder.display()
    );
    let output = plain(home.path(), &[], &lines);
    let text = String::from_utf8(output.stdout).unwrap();
    for words in [
        "# Check of sample.eml  BLOCK   ",
        "parts: ",
        "No hidden or disguised characters  ",
        "NOT READ",
        ".msg",
        "./gone.eml",
        "! is a folder, ",
    ] {
        assert!(text.contains(words), "no “{words}” in:\n{text}");
    }
    assert!(!text.contains('\u{1b}'), "{text}");
    // What the command line finds, the desk lists.
    let told = Command::new(env!("CARGO_BIN_EXE_echovoice"))
        .args(["check", "tests/fixtures/sample.eml", "--json"])
        .env("ECHOVOICE_HOME", home.path())
        .output()
        .unwrap();
    let told: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    for finding in told["findings"].as_array().unwrap() {
        if ["info", "review", "block"].contains(&finding["disposition"].as_str().unwrap()) {
            let title = finding["title"].as_str().unwrap();
            let title: String = title.chars().take(40).collect();
            assert!(
                !title.is_empty() && text.contains(&title),
                "no {title} in:\n{text}"
            );
        }
    }
    // Named when the desk starts, it is opened at once; a folder's mails are listed.
    let output = plain(home.path(), &["tests/fixtures/sample.eml"], "quit\n");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("# Check of sample.eml"), "{text}");
    let output = plain(home.path(), &["tests/fixtures"], "M\n1\nEnter\nquit\n");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("1. > ") && text.contains("# Check of "),
        "{text}"
    );
    let kinds = Command::new(env!("CARGO_BIN_EXE_echovoice"))
        .args(["audit", "list", "--json"])
        .env("ECHOVOICE_HOME", home.path())
        .output()
        .unwrap();
    let kinds = String::from_utf8(kinds.stdout).unwrap();
    assert!(!kinds.contains("gate.result"), "{kinds}");
}

#[cfg(unix)]
#[test]
fn neither_a_pipe_nor_the_keyboard_is_read() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("tour.seen"), "").unwrap();
    let pipe = home.path().join("pipe.eml");
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let lines = format!("check {}\nM\n-\nquit\nEsc\nquit\n", pipe.display());
    let output = plain(home.path(), &[], &lines);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.matches("is no file on disk").count() >= 2, "{text}");
}
