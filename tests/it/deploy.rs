//! What is shipped for operation says what this program understands.

use crate::support::{code, echovoice};
use serde_json::Value;
use std::path::Path;

fn shipped(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("assets/deploy")
        .join(name);
    std::fs::read_to_string(path).unwrap()
}

/// Whether the program knows these arguments: asked for help, it answers.
fn is_understood(arguments: &[String]) {
    let home = tempfile::tempdir().unwrap();
    let mut asked: Vec<&str> = arguments.iter().map(String::as_str).collect();
    asked.push("--help");
    let output = echovoice(home.path(), &asked);
    assert_eq!(
        code(&output),
        0,
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let help = String::from_utf8(output.stdout).unwrap();
    for flag in arguments.iter().filter(|a| a.starts_with("--")) {
        assert!(
            help.contains(flag.as_str()),
            "{flag} is not in the help of {arguments:?}"
        );
    }
}

fn words(value: &Value) -> Vec<String> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|w| w.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_compose_file_calls_commands_that_there_are_and_mounts_files_that_are_shipped() {
    let compose: Value = serde_saphyr::from_str(&shipped("compose.yaml")).unwrap();
    let services = compose["services"].as_object().unwrap();
    let ours = services
        .values()
        .filter(|s| s["command"].is_array() && s["image"] == "echovoice");
    assert_eq!(
        ours.map(|service| is_understood(&words(&service["command"])))
            .count(),
        4
    );
    for service in services.values() {
        for volume in service["volumes"].as_array().into_iter().flatten() {
            let from = volume.as_str().unwrap().split(':').next().unwrap();
            if let Some(file) = from.strip_prefix("./") {
                assert!(!shipped(file).is_empty());
            } else {
                assert!(
                    compose["volumes"].as_object().unwrap().contains_key(from),
                    "{from}"
                );
            }
        }
        for secret in service["secrets"].as_array().into_iter().flatten() {
            assert!(
                !compose["secrets"][secret.as_str().unwrap()].is_null(),
                "{secret}"
            );
        }
    }
}

#[test]
fn the_unit_and_the_container_call_commands_that_there_are() {
    let unit = shipped("echovoice.service");
    let start = unit
        .lines()
        .find_map(|line| line.strip_prefix("ExecStart="))
        .unwrap();
    is_understood(
        &start
            .split(' ')
            .skip(1)
            .map(str::to_owned)
            .collect::<Vec<_>>(),
    );
    let container = shipped("Dockerfile");
    let command = container
        .lines()
        .find_map(|line| line.strip_prefix("CMD "))
        .unwrap();
    is_understood(&words(&serde_json::from_str(command).unwrap()));
}

#[test]
fn the_workers_settings_are_read_and_a_missing_secret_is_named() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("config.toml"), shipped("config.toml")).unwrap();
    let output = echovoice(home.path(), &["audit", "verify"]);
    assert_eq!(code(&output), 1);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(
        error.contains("the ledger's URL is missing") && error.contains("LEDGER_URL"),
        "{error}"
    );
}
