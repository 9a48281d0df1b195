//! Azure AI Search behind the retriever's port, against a stub that speaks its wire format.

use crate::support::stub::{Reply, Stub};
use crate::support::{code, echovoice, run_demo};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const KEY: &str = "query-key-for-tests";

fn good() -> Reply {
    let hits = json!({
        "@odata.context": "https://x/$metadata#docs(*)",
        "value": [
            {"@search.score": 0.0333, "@search.rerankerScore": null, "key": "svc-1", "body":
                "There is no fee to change your payment plan. Call Maria Lopez on (302) 555-0147 \u{1b}[31mnow\u{1b}[0m.",
             "name": "Changing a payment plan", "kind": "approved", "product": ["payment_plan"]},
            {"@search.score": 0.0331, "key": "svc-2", "body": "A payment plan for people in Germany.", "where": ["EU-DE"]},
            {"@search.score": 0.0322, "key": "svc-3", "body": "Bananas ripen faster beside apples.", "extra": {"a": 1}},
            {"@search.score": 0.0311, "key": "svc-4"}
        ]
    });
    Reply::With(200, "", hits.to_string())
}

/// A home whose settings name the stub.
fn home(url: &str, attempts: usize) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("key"), format!("{KEY}\n")).unwrap();
    let settings = format!(
        "[search]\nendpoint = \"{url}\"\nindex = \"policies\"\nkey_file = \"{}\"\ntimeout_ms = 400\nattempts = {attempts}\n\
         [search.fields]\nid = \"key\"\ntext = \"body\"\ntitle = \"name\"\ntrust = \"kind\"\nproduct = \"product\"\njurisdiction = \"where\"\n",
        home.path().join("key").display()
    );
    fs::write(home.path().join("config.toml"), settings).unwrap();
    home
}

fn run(home: &Path) -> Value {
    let output = run_demo(home);
    assert!(matches!(code(&output), 0 | 3), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What the ledger keeps of the retrieve stage.
fn recorded(home: &Path, run: &Value) -> Value {
    let output = echovoice(
        home,
        &["audit", "show", run["run_id"].as_str().unwrap(), "--json"],
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let entry = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .find(|line| line.to_string().contains("retrieve.done"))
        .unwrap_or_else(|| panic!("{text}"));
    assert!(!text.contains(KEY));
    entry
}

fn ids(run: &Value) -> Vec<&str> {
    run["citations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["id"].as_str().unwrap())
        .collect()
}

#[test]
fn the_service_is_asked_in_its_format_and_what_it_gives_is_cleaned_and_judged() {
    let stub = Stub::start(vec![good()]);
    let home = home(&stub.url, 1);
    let run = run(home.path());
    let asked = stub.asked();
    assert!(
        asked[0]
            .head
            .starts_with("POST /indexes/policies/docs/search?api-version=2024-07-01 HTTP/1.1"),
        "{}",
        asked[0].head
    );
    assert!(
        asked[0]
            .head
            .to_lowercase()
            .contains(&format!("api-key: {KEY}"))
    );
    let body: Value = serde_json::from_str(&asked[0].body).unwrap();
    assert_eq!(body["vectorQueries"][0]["kind"], "text");
    assert_eq!(body["select"], "key,body,name,kind,product,where");
    assert!(body["filter"].as_str().unwrap().contains("where/any()"));
    for private in ["Amara", "Osei", "20417"] {
        assert!(!asked[0].body.contains(private), "{}", asked[0].body);
    }

    // Another jurisdiction's passage and one about nothing of ours are not cited.
    assert_eq!(ids(&run), ["svc-1"]);
    let text = run["citations"][0]["redacted_text"].as_str().unwrap();
    assert!(
        text.contains("[REDACTED_PHONE]") && !text.contains("0147"),
        "{text}"
    );
    let entry = recorded(home.path(), &run).to_string();
    assert!(
        entry.contains("\"service\":\"127.0.0.1") && !entry.contains("fallback"),
        "{entry}"
    );
    assert!(entry.contains("/policies\""), "{entry}");
}

#[test]
fn a_busy_service_is_asked_again() {
    let stub = Stub::start(vec![
        Reply::With(429, "retry-after: 0\r\n", "{}".into()),
        Reply::With(503, "", "upstream".into()),
        good(),
    ]);
    let home = home(&stub.url, 3);
    assert_eq!(ids(&run(home.path())), ["svc-1"]);
    assert_eq!(stub.asked().len(), 3);
}

#[test]
fn whatever_fails_falls_back_to_the_embedded_index_and_is_recorded() {
    let big = "x".repeat(9 << 20);
    for (replies, attempts, asked, why) in [
        (vec![Reply::Silence], 2, 2, "did not answer in time"),
        (
            vec![Reply::With(401, "", String::new())],
            3,
            1,
            "refused the key (401)",
        ),
        (
            vec![Reply::With(404, "", String::new())],
            3,
            1,
            "no such index",
        ),
        (
            vec![Reply::With(400, "", "{\"error\":{}}".into())],
            3,
            1,
            "did not take the query (400)",
        ),
        (
            vec![Reply::With(500, "", String::new())],
            2,
            2,
            "busy (500)",
        ),
        // Longer than anybody waits at a desk.
        (
            vec![Reply::With(429, "retry-after: 60\r\n", String::new())],
            3,
            1,
            "busy (429)",
        ),
        (
            vec![Reply::With(200, "", "not json".into())],
            3,
            1,
            "cannot be read",
        ),
        (
            vec![Reply::With(200, "", "{\"value\": 3}".into())],
            3,
            1,
            "cannot be read",
        ),
        (vec![Reply::With(200, "", big)], 3, 1, "cannot be read"),
        // A redirect could carry the key elsewhere.
        (
            vec![Reply::With(
                307,
                "location: http://127.0.0.1:9/\r\n",
                String::new(),
            )],
            3,
            1,
            "did not take the query (307)",
        ),
    ] {
        let stub = Stub::start(replies);
        let home = home(&stub.url, attempts);
        let run = run(home.path());
        assert!(!ids(&run).is_empty(), "{why}");
        assert!(ids(&run).iter().all(|id| !id.starts_with("svc")), "{why}");
        let entry = recorded(home.path(), &run).to_string();
        assert!(entry.contains(why), "{why}: {entry}");
        assert_eq!(stub.asked().len(), asked, "{why}");
    }
}

#[test]
fn a_service_that_is_not_there_falls_back_too() {
    let home = home("http://127.0.0.1:1", 2);
    let run = run(home.path());
    assert!(!ids(&run).is_empty());
    let entry = recorded(home.path(), &run).to_string();
    assert!(entry.contains("cannot be reached"), "{entry}");
}

#[test]
fn settings_that_cannot_be_used_are_one_clear_error() {
    let home = home("http://127.0.0.1:1", 2);
    fs::remove_file(home.path().join("key")).unwrap();
    let output = echovoice(
        home.path(),
        &["run", "assets/profiles/01-clean-winner.json"],
    );
    let error = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(code(&output), 1);
    assert!(
        error.contains("the key of the search service is missing"),
        "{error}"
    );
    fs::write(home.path().join("config.toml"), "[serach]\n").unwrap();
    let output = echovoice(
        home.path(),
        &["run", "assets/profiles/01-clean-winner.json"],
    );
    let error = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!((code(&output), error.lines().count()), (1, 1));
    assert!(
        error.contains("config.toml:1") && error.contains("serach"),
        "{error}"
    );
}
