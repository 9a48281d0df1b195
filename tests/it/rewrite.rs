//! A blocked variant goes back: by the rules' own fixes, or by a model that is told why.

use crate::support::stub::{Reply, Stub};
use crate::support::{AS_OF, code, echovoice};
use serde_json::{Value, json};
use std::path::Path;

fn run(home: &Path, profile: &str) -> Value {
    let path = format!("assets/profiles/{profile}.json");
    let output = echovoice(home, &["run", &path, "--json", "--as-of", AS_OF]);
    assert!(
        matches!(code(&output), 0 | 3),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

fn rewrite(home: &Path, run: &Value, variant: &str, more: &[&str]) -> (i32, Value, String) {
    let id = run["run_id"].as_str().unwrap();
    let args = [
        &[
            "rewrite",
            id,
            "--variant",
            variant,
            "--json",
            "--as-of",
            AS_OF,
        ],
        more,
    ]
    .concat();
    let output = echovoice(home, &args);
    let said = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (
        code(&output),
        said,
        String::from_utf8(output.stderr).unwrap(),
    )
}

fn kinds(home: &Path, run: &Value) -> Vec<Value> {
    let output = echovoice(
        home,
        &["audit", "show", run["run_id"].as_str().unwrap(), "--json"],
    );
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn the_rules_own_fixes_mend_what_can_be_mended_and_each_try_is_on_record() {
    let home = tempfile::tempdir().unwrap();
    let blocked = run(home.path(), "02-some-blocked");
    let (rc, said, _) = rewrite(home.path(), &blocked, "C", &[]);
    assert_eq!((rc, &said["passes"]), (0, &true.into()));
    let tries = said["tries"].as_array().unwrap();
    assert_eq!(
        (tries.len(), &tries[0]["by"], &tries[0]["revision"]),
        (1, &"rules".into(), &2.into())
    );
    let because = tries[0]["because"][0]["rule"].as_str().unwrap();
    assert!(because.starts_with("us.ftc.preapproval"), "{because}");
    assert_ne!(tries[0]["before"]["body"], tries[0]["after"]["body"]);
    assert_ne!(tries[0]["disposition"], "block");
    let entries = kinds(home.path(), &blocked);
    let revision = entries.iter().find(|e| e["type"] == "revision").unwrap();
    assert_eq!(
        (&revision["data"]["maker"], &revision["data"]["variant"]),
        (&"rules".into(), &"C".into())
    );
    let gates = entries.iter().filter(|e| e["type"] == "gate.result");
    assert_eq!(gates.count(), 2, "the verdict before, and the one after");
    // Whoever asked for it did not write it, and may decide.
    let id = blocked["run_id"].as_str().unwrap();
    let why = "the promise is gone, and the rest was reviewed";
    let args = [
        "decide",
        id,
        "override",
        "--variant",
        "C",
        "--reason",
        why,
        "--as",
        "demo.principal",
    ];
    let decided = echovoice(home.path(), &args);
    let error = String::from_utf8(decided.stderr).unwrap();
    assert!(!error.contains("changed"), "{error}");
    assert_eq!(code(&echovoice(home.path(), &["audit", "verify"])), 0);
    let rerun = echovoice(home.path(), &["audit", "rerun", id, "--as-of", AS_OF]);
    assert_eq!(
        code(&rerun),
        0,
        "{}",
        String::from_utf8_lossy(&rerun.stdout)
    );
}

#[test]
fn what_passes_is_not_sent_back_and_what_no_words_can_mend_says_so() {
    let home = tempfile::tempdir().unwrap();
    let clean = run(home.path(), "02-some-blocked");
    let (rc, _, why) = rewrite(home.path(), &clean, "A", &[]);
    assert!(rc == 1 && why.contains("is not blocked"), "{why}");
    let (rc, _, why) = rewrite(home.path(), &clean, "Z", &[]);
    assert!(rc == 1 && why.contains("no verdict on variant Z"), "{why}");
    // Consent is not a matter of words.
    let none = run(home.path(), "03-all-blocked");
    let (rc, _, why) = rewrite(home.path(), &none, "A", &[]);
    assert!(rc == 1 && why.contains("nothing that is known"), "{why}");
    assert!(
        kinds(home.path(), &none)
            .iter()
            .all(|e| e["type"] != "revision")
    );
}

#[test]
fn a_model_is_told_why_and_asked_so_often_at_most() {
    let says = |text: &str| {
        let message = |id: &str| json!({"id": id, "subject": "Your plan", "sentences": [{"text": text, "sources": []}]});
        let content = json!({"messages": [message("A")]}).to_string();
        Reply::With(200, "", json!({
            "choices": [{"message": {"content": content}, "finish_reason": "stop"}], "usage": {"total_tokens": 9},
        }).to_string())
    };
    let bad = says("Your approval is guaranteed and there is no risk at all.");
    for (replies, tries, rc) in [
        (
            vec![bad.clone(), says("We are here for your questions.")],
            1,
            0,
        ),
        (
            vec![
                bad.clone(),
                says("You are guaranteed to be approved, whatever your credit."),
                says("We are here for your questions."),
            ],
            2,
            0,
        ),
    ] {
        let stub = Stub::start(replies);
        let home = tempfile::tempdir().unwrap();
        let key = home.path().join("key");
        std::fs::write(&key, "k").unwrap();
        let settings = format!(
            "[model]\nendpoint = \"{}\"\nmodel = \"writer-1\"\nkey_file = {key:?}\n",
            stub.url
        );
        std::fs::write(home.path().join("config.toml"), settings).unwrap();
        let blocked = run(home.path(), "01-clean-winner");
        let (code, said, why) = rewrite(home.path(), &blocked, "A", &["--tries", "2"]);
        assert_eq!(code, rc, "{said} {why}");
        let told = said["tries"].as_array().unwrap();
        assert_eq!(told.len(), tries, "{said}");
        assert!(told.iter().all(|one| one["by"] == "model"));
        let asked: Value = serde_json::from_str(&stub.asked()[1].body).unwrap();
        let data: Value =
            serde_json::from_str(asked["messages"][1]["content"].as_str().unwrap()).unwrap();
        assert_eq!(data["refused"][0]["why"], told[0]["because"][0]["why"]);
        assert_eq!(
            data["messages"].as_array().unwrap().len(),
            1,
            "only the one that was refused"
        );
        let mut generated = kinds(home.path(), &blocked)
            .into_iter()
            .filter(|e| e["type"] == "variant.generated");
        assert!(generated.all(|e| e["sealed"]["answer"].is_object()));
    }
}
