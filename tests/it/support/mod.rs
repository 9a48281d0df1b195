//! Calling the built binary as a user does.

#[cfg(feature = "full")]
pub mod database;
pub mod dice;
pub mod files;
pub mod forge;
pub mod forged;
pub mod in_force;
pub mod picture;
pub mod said;
pub mod scene;
#[cfg_attr(
    not(feature = "full"),
    allow(dead_code, reason = "less is asked of it")
)]
pub mod server;
pub mod smtp;
pub mod source;
pub mod stranger;
pub mod stub;
pub mod terminal;
pub mod witness;

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The day of all runs in tests.
pub const AS_OF: &str = "2026-11-23T10:00:00Z";

pub fn echovoice(home: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_echovoice"))
        .args(args)
        .env("ECHOVOICE_HOME", home)
        .env_remove("ECHOVOICE_USER")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// The exit code of a command, and all that it says.
pub fn words(home: &Path, args: &[&str]) -> (i32, String) {
    let output = echovoice(home, args);
    let words = [output.stdout.as_slice(), &output.stderr].concat();
    (code(&output), String::from_utf8_lossy(&words).into_owned())
}

/// The texts or packs of a home were edited, and an administrator says that they are right.
pub fn accept_home(home: &Path) {
    let why = "edited by hand for what is tried here";
    let words = ["--as", "demo.admin", "policy", "accept", "--reason", why];
    let accepted = echovoice(home, &words);
    assert_eq!(code(&accepted), 0, "{accepted:?}");
}

/// The same on a machine that has seen nothing of any record.
pub fn elsewhere(home: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_echovoice"))
        .args(args)
        .env("ECHOVOICE_HOME", home)
        .env("ECHOVOICE_STATE", home.with_extension("state"))
        .env_remove("ECHOVOICE_USER")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

pub fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// Whose law a labelled row speaks of, by the first part of its rule.
pub fn place_of(row: &serde_json::Value) -> &'static str {
    match row["rule"].as_str().unwrap() {
        rule if rule.starts_with("us.ca.") => "US-CA",
        rule if rule.starts_with("uk.") => "UK",
        rule if rule.starts_with("eu.") => "EU",
        _ => "US",
    }
}

/// The kinds of all entries of runs, oldest first.
#[allow(
    dead_code,
    reason = "not every test that calls the binary compares entries"
)]
pub fn kinds(home: &Path) -> Vec<String> {
    let output = echovoice(home, &["audit", "list", "--json", "--limit", "100000"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let entries = text
        .lines()
        .rev()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    entries
        .filter(|entry| !entry["run"].is_null())
        .map(|entry| entry["type"].as_str().unwrap().to_owned())
        .collect()
}

/// The clean demo profile, run and recorded.
pub fn run_demo(home: &Path) -> Output {
    let profile = "assets/profiles/01-clean-winner.json";
    echovoice(home, &["run", profile, "--json", "--as-of", AS_OF])
}

/// The officer approves a variant, and says so in JSON.
pub fn approve(home: &Path, run: &str, variant: &str) -> Output {
    let officer = ["--as", "demo.officer", "--json"];
    let args = ["decide", run, "approve", "--variant", variant];
    echovoice(home, &[&args[..], &officer].concat())
}
