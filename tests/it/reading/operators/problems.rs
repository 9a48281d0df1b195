//! F6 and point 17: every error is a problem in JSON, and nothing of what was sent stands in it.

use super::server::{Answer, Server};
use crate::support::{code, echovoice};
use serde_json::{Value, json};
use std::sync::Arc;

/// What must come back in no error.
const MARK: &str = "zq7marker";

const JSON: (&str, &str) = ("content-type", "application/json");

struct Case {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, &'static str)>,
    body: String,
    status: u16,
}

fn case(
    method: &'static str,
    path: impl Into<String>,
    body: impl Into<String>,
    status: u16,
) -> Case {
    Case {
        method,
        path: path.into(),
        headers: vec![JSON],
        body: body.into(),
        status,
    }
}

fn is_problem(answer: &Answer, at: &str) -> Value {
    assert!(
        answer
            .head
            .contains("content-type: application/problem+json"),
        "{at}: {} {}",
        answer.head,
        answer.body
    );
    let body = answer.json();
    assert_eq!(body["status"], answer.status, "{at}: {body}");
    for field in ["type", "title", "detail", "code"] {
        assert!(body[field].is_string(), "{at}: {body}");
    }
    body
}

#[test]
fn every_error_is_a_problem_and_repeats_nothing() {
    let server = Server::start(&["--open", "--quiet"]);
    let posts = [
        "/personalize",
        "/check",
        "/feedback",
        "/runs/r-1/decisions",
        "/runs/r-1/rewrites",
    ];
    let mut cases = vec![
        // Queries.
        case("GET", format!("/runs?{MARK}=1"), "", 400),
        case(
            "GET",
            format!("/runs?customer_email={MARK}@example.com"),
            "",
            400,
        ),
        case("GET", "/runs?before=-1", "", 400),
        case("GET", format!("/runs?before={MARK}"), "", 400),
        case("GET", "/runs?before=18446744073709551616", "", 400),
        case("GET", format!("/runs?limit={MARK}"), "", 400),
        case("GET", "/runs?limit=0", "", 400),
        case("GET", "/runs?limit=501", "", 400),
        case("GET", format!("/runs?waiting={MARK}"), "", 400),
        case("GET", "/runs?limit=1&limit=2", "", 400),
        case("POST", format!("/personalize?seed={MARK}"), "{}", 422),
        case("POST", "/personalize?seed=-1", "{}", 422),
        case("POST", format!("/personalize?{MARK}=1"), "{}", 400),
        // Paths.
        case("GET", "/runs/%ff", "", 400),
        case("GET", "/customers/%C3%28", "", 400),
        case("GET", format!("/{MARK}"), "", 404),
        case("GET", format!("/runs/{MARK}/"), "", 404),
        case("GET", format!("/customers/{MARK}"), "", 404),
        case("DELETE", format!("/runs/{MARK}"), "", 405),
        case("POST", "/health", "{}", 405),
        case("PUT", "/openapi.json", "{}", 405),
        case("GET", "/personalize", "", 405),
        // What is not there.
        case("GET", format!("/runs/{MARK}"), "", 404),
        case("GET", format!("/runs/{MARK}/events"), "", 404),
        case(
            "POST",
            format!("/runs/{MARK}/decisions"),
            json!({"decision": "approve", "variant": "A"}).to_string(),
            404,
        ),
        case(
            "POST",
            format!("/runs/{MARK}/rewrites"),
            json!({"variant": "A"}).to_string(),
            404,
        ),
        // Shapes.
        case("POST", "/runs/r-1/decisions", "[\"approve\", \"A\"]", 422),
        case(
            "POST",
            "/runs/r-1/decisions",
            "{\"decision\": \"approve\", \"decision\": \"reject\", \"variant\": \"A\"}",
            422,
        ),
        case(
            "POST",
            "/runs/r-1/decisions",
            json!({"decision": MARK, "variant": "A"}).to_string(),
            422,
        ),
        case(
            "POST",
            "/runs/r-1/decisions",
            json!({"decision": "approve", "variant": "A", MARK: 1}).to_string(),
            422,
        ),
        case(
            "POST",
            "/runs/r-1/decisions",
            json!({"decision": "approve", "variant": {MARK: 1}}).to_string(),
            422,
        ),
        case(
            "POST",
            "/runs/r-1/decisions",
            json!({"decision": "approve", "variant": "A", "reason": [MARK]}).to_string(),
            422,
        ),
        case(
            "POST",
            "/runs/r-1/decisions",
            json!({"decision": "approve", "variant": "A", "seen": MARK}).to_string(),
            422,
        ),
        case(
            "POST",
            "/runs/r-1/decisions",
            json!({"decision": "approve"}).to_string(),
            422,
        ),
        case("POST", "/runs/r-1/decisions", format!("\"{MARK}\""), 422),
        case(
            "POST",
            "/runs/r-1/rewrites",
            json!({MARK: "A"}).to_string(),
            422,
        ),
        case(
            "POST",
            "/runs/r-1/rewrites",
            json!({"variant": "A", "tries": MARK}).to_string(),
            422,
        ),
        case(
            "POST",
            "/runs/r-1/rewrites",
            json!({"variant": "A", "tries": -1}).to_string(),
            422,
        ),
        case("POST", "/personalize", format!("\"{MARK}\""), 422),
        case("POST", "/personalize", format!("[\"{MARK}\"]"), 422),
        case(
            "POST",
            "/personalize",
            json!({"user_id": "C-1", "form_started": MARK}).to_string(),
            422,
        ),
        case(
            "POST",
            "/personalize",
            json!({"user_id": "C-1", "channel": MARK}).to_string(),
            422,
        ),
        case(
            "POST",
            "/personalize",
            json!({"user_id": {MARK: 1}}).to_string(),
            422,
        ),
        case("POST", "/check", format!("\"{MARK}\""), 422),
        case("POST", "/check", json!({MARK: 1}).to_string(), 422),
        case("POST", "/check", json!({"body": [MARK]}).to_string(), 422),
        case(
            "POST",
            "/check",
            json!({"body": "x", "channel": MARK}).to_string(),
            422,
        ),
        case(
            "POST",
            "/check",
            json!({"body": "x", "facts": MARK}).to_string(),
            422,
        ),
        case(
            "POST",
            "/check",
            json!({"body": "x", "citations": MARK}).to_string(),
            422,
        ),
    ];
    for path in posts {
        cases.push(case("POST", path, format!("{{\"{MARK}\":"), 400));
        cases.push(case("POST", path, "", 400));
        cases.push(case("POST", path, "\u{feff}{}", 400));
        cases.push(case("POST", path, "[".repeat(200), 400));
        cases.push(case(
            "POST",
            path,
            format!("\"{}\"", "x".repeat(1 << 20)),
            413,
        ));
        for kind in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "zq7marker/json",
            "multipart/form-data; boundary=zq7marker",
        ] {
            cases.push(Case {
                headers: vec![("content-type", kind)],
                ..case("POST", path, "{}", 415)
            });
        }
        cases.push(Case {
            headers: vec![],
            ..case("POST", path, "{}", 415)
        });
    }
    for case in &cases {
        let at = format!("{} {} {:.80}", case.method, case.path, case.body);
        let answer = server.ask(case.method, &case.path, &case.headers, &case.body);
        assert_eq!(answer.status, case.status, "{at}: {}", answer.body);
        is_problem(&answer, &at);
        let whole = format!("{}{}", answer.head, answer.body);
        assert!(!whole.contains(MARK), "{at}: {whole}");
    }
}

#[test]
fn a_field_that_is_wrong_is_named_if_its_name_is_ours() {
    let server = Server::start(&["--open", "--quiet"]);
    for (path, body, pointer) in [
        (
            "/personalize",
            json!({"user_id": "C-1", "form_started": "perhaps"}),
            Some("/form_started"),
        ),
        (
            "/runs/r-1/decisions",
            json!({"decision": "approve"}),
            Some("/variant"),
        ),
        ("/runs/r-1/rewrites", json!({}), Some("/variant")),
        (
            "/runs/r-1/decisions",
            json!({"decision": "approve", "variant": "A", MARK: 1}),
            None,
        ),
    ] {
        let answer = server.ask("POST", path, &[JSON], &body.to_string());
        let problem = is_problem(&answer, path);
        assert_eq!(
            problem["errors"][0]["pointer"].as_str(),
            pointer,
            "{body}: {problem}"
        );
    }
}

#[test]
fn tenants_are_told_of_errors_in_the_same_way() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("acme");
    let made = echovoice(&home, &["token", "add", "demo.officer", "--json"]);
    assert_eq!(code(&made), 0);
    let folder_name = folder.path().to_str().unwrap().to_owned();
    let server = Server::start(&["--tenants", &folder_name, "--quiet"]);
    for (method, path, status) in [
        ("POST", "/health", 405),
        ("DELETE", "/openapi.json", 405),
        ("GET", "/runs", 404),
        ("GET", "/tenants/acme/runs", 401),
        ("POST", "/tenants/acme/health", 405),
        ("GET", "/tenants/nobody/runs", 404),
    ] {
        let answer = server.ask(method, path, &[], "");
        assert_eq!(answer.status, status, "{method} {path}");
        is_problem(&answer, path);
    }
}

#[test]
fn a_bearer_token_is_read_as_the_standard_has_it() {
    let home = tempfile::tempdir().unwrap();
    let made = echovoice(home.path(), &["token", "add", "demo.officer", "--json"]);
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    let token = made["token"].as_str().unwrap().to_owned();
    let server = Server::in_home(Arc::new(home), &["--quiet"]);
    for (shown, status) in [
        (format!("Bearer {token}"), 200),
        (format!("bearer {token}"), 200),
        (format!("BEARER {token}"), 200),
        (format!("bEaReR    {token}"), 200),
        (format!("Bearer {token}  "), 200),
        (format!("Bearer\t{token}"), 200),
        (format!("Bearer{token}"), 401),
        (token.clone(), 401),
        (format!("Token {token}"), 401),
        (format!("Basic {token}"), 401),
        ("Bearer".to_owned(), 401),
        ("Bearer ".to_owned(), 401),
        ("Bearer ev_wrong".to_owned(), 401),
        (format!("Bearer {token} {token}"), 401),
        (String::new(), 401),
    ] {
        let answer = server.ask("GET", "/runs", &[("authorization", &shown)], "");
        assert_eq!(answer.status, status, "{shown:.12}");
        if status == 401 {
            is_problem(&answer, "token");
            assert!(
                answer.head.contains("www-authenticate: bearer"),
                "{}",
                answer.head
            );
        }
    }
    let wrong = server.get("/runs", "ev_wrong");
    assert!(
        wrong.head.contains("error=\"invalid_token\""),
        "{}",
        wrong.head
    );
}
