//! Planted tests through HTTP: nothing tells them from other runs before the decision, and nothing is sent after it.

use crate::support::server::Server;
use crate::support::{code, echovoice};
use serde_json::{Value, json};
use std::sync::Arc;

#[test]
fn a_planted_test_is_decided_over_http_and_not_sent() {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let principal = ["--as", "demo.principal", "--json"];
    let plant = [&["canary", "plant", "--shipped", "1"][..], &principal].concat();
    let planted = echovoice(home.path(), &plant);
    assert_eq!(code(&planted), 0, "{planted:?}");
    let test: Value = serde_json::from_slice(&planted.stdout).unwrap();
    let run = test["run"].as_str().unwrap();
    let officer = [
        "--as",
        "demo.officer",
        "token",
        "add",
        "demo.officer",
        "--json",
    ];
    let made: Value = serde_json::from_slice(&echovoice(home.path(), &officer).stdout).unwrap();
    let token = made["token"].as_str().unwrap();
    let server = Server::in_home(home.clone(), &[]);
    for path in [
        format!("/runs/{run}"),
        "/runs".into(),
        format!("/runs/{run}/entries"),
    ] {
        let told = server.get(&path, token).body.to_lowercase();
        for word in ["canary", "planted", "nonce"] {
            assert!(!told.contains(word), "{path}: {word} in {told}");
        }
    }
    let says = json!({"decision": "approve", "variant": test["variant"], "reason": "every statement has its source"});
    let answer = server.post(&format!("/runs/{run}/decisions"), token, &says);
    assert_eq!(answer.status, 201, "{}", answer.body);
    let answer = answer.json();
    assert_eq!(answer["state"], "test");
    assert_eq!(answer["delivery"]["status"], "nothing_to_send");
    let told = answer["delivery"]["reason"].as_str().unwrap();
    assert!(told.starts_with("This was a planted test: "), "{told}");
    let again = server.post(&format!("/runs/{run}/decisions"), token, &says);
    assert!(again.status >= 400, "{}", again.body);
    let outbox = std::fs::read_dir(home.path().join("outbox"));
    assert_eq!(outbox.map_or(0, Iterator::count), 0);
}
