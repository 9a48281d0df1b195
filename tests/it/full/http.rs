//! The HTTP face, over real connections to the built binary.

use crate::support::server::{Answer, Server, one_run};
use crate::support::{code, echovoice, kinds};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

const OFFICER: &str = "demo.officer";

fn token(home: &Path, name: &str) -> String {
    let made = echovoice(home, &["--as", name, "token", "add", name, "--json"]);
    assert_eq!(code(&made), 0, "{}", String::from_utf8_lossy(&made.stderr));
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    made["token"].as_str().unwrap().to_owned()
}

/// A home in which these may ask, with their tokens.
fn with_tokens(names: &[&str], arguments: &[&str]) -> (Server, Vec<String>) {
    let home = tempfile::tempdir().unwrap();
    let tokens = names.iter().map(|name| token(home.path(), name)).collect();
    (Server::in_home(Arc::new(home), arguments), tokens)
}

fn profile(name: &str) -> Value {
    let path = format!("assets/profiles/{name}.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn a_run_is_made_listed_shown_and_decided_with_the_entries_of_the_command_line() {
    let (mut server, tokens) = with_tokens(&[OFFICER], &[]);
    let token = &tokens[0];
    let made = server.post("/personalize", token, &profile("01-clean-winner"));
    assert_eq!(made.status, 200, "{}", made.body);
    let run = made.json();
    assert_eq!(run["delivery"]["status"], "awaiting_approval");
    assert!(!made.body.contains("amara.osei@example.com"));
    let id = run["run_id"].as_str().unwrap();
    let listed = server.get("/runs?waiting=true", token).json();
    assert_eq!(listed["runs"][0]["run"], id);
    let shown = server.get(&format!("/runs/{id}"), token).json();
    assert_eq!(shown["run"]["variants"], run["variants"]);
    // Another text than the one that was seen is refused, and nothing is recorded.
    let before = kinds(server.path());
    let other = shown["seen"]["B"].as_str().unwrap();
    let decisions = format!("/runs/{id}/decisions");
    let wrong = json!({"decision": "approve", "variant": "A", "seen": other});
    let refused = server.post(&decisions, token, &wrong);
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert_eq!(kinds(server.path()), before);
    let right = json!({"decision": "approve", "variant": "A", "seen": shown["seen"]["A"]});
    let decided = server.post(&decisions, token, &right);
    assert_eq!(decided.status, 201, "{}", decided.body);
    assert_eq!(decided.json()["run_id"], id);
    let again = server.post(&decisions, token, &right);
    assert_eq!(again.status, 403, "{}", again.body);
    let events = server.get(&format!("/runs/{id}/events"), token);
    assert!(events.body.contains("event: decision"), "{}", events.body);
    assert_eq!(server.ends(), 0);
    let commands = tempfile::tempdir().unwrap();
    let ran = echovoice(
        commands.path(),
        &["run", "assets/profiles/01-clean-winner.json", "--json"],
    );
    let run: Value = serde_json::from_slice(&ran.stdout).unwrap();
    let id = run["run_id"].as_str().unwrap();
    let done = echovoice(
        commands.path(),
        &["decide", id, "approve", "--variant", "A"],
    );
    assert_eq!(code(&done), 0);
    assert_eq!(kinds(server.path()), kinds(commands.path()));
    assert_eq!(code(&echovoice(server.path(), &["audit", "verify"])), 0);
}

#[test]
fn only_who_has_a_token_comes_in_and_the_role_holds() {
    let (server, tokens) = with_tokens(&["demo.auditor", "demo.marketer"], &[]);
    let body = profile("01-clean-winner");
    assert_eq!(server.ask("GET", "/runs", &[], "").status, 401);
    let guess = server.post("/personalize", "ev_guess", &body);
    assert_eq!(guess.status, 401);
    assert!(
        guess.head.contains("www-authenticate: bearer"),
        "{}",
        guess.head
    );
    let refused = server.post("/personalize", &tokens[0], &body);
    assert_eq!(refused.status, 403, "{}", refused.body);
    assert!(
        refused.json()["detail"]
            .as_str()
            .unwrap()
            .contains("may not start a run")
    );
    let made = server.post("/personalize", &tokens[1], &body);
    assert_eq!(made.status, 200);
    let id = made.json()["run_id"].as_str().unwrap().to_owned();
    let decision = json!({"decision": "approve", "variant": "A"});
    assert_eq!(
        server
            .post(&format!("/runs/{id}/decisions"), &tokens[1], &decision)
            .status,
        403
    );
    assert_eq!(server.get(&format!("/runs/{id}"), &tokens[0]).status, 200);
    // A token that is revoked ends at once, and so does somebody whose key was revoked.
    let listed = echovoice(server.path(), &["token", "list", "--json"]);
    let text = String::from_utf8(listed.stdout).unwrap();
    assert!(!tokens.iter().any(|token| text.contains(token.as_str())));
    let first: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    let name = first["id"].as_str().unwrap();
    // Whose role covers the token's ends it, nobody else.
    for (person, ended) in [("demo.marketer", 1), ("demo.principal", 0)] {
        let revoke = ["--as", person, "token", "revoke", name];
        assert_eq!(code(&echovoice(server.path(), &revoke)), ended, "{person}");
    }
    assert_eq!(server.get("/runs", &tokens[0]).status, 401);
    let revoke = [
        "user",
        "revoke",
        "demo.marketer",
        "--reason",
        "left the firm",
        "--as",
        "demo.admin",
    ];
    let revoked = echovoice(server.path(), &revoke);
    assert_eq!(
        code(&revoked),
        0,
        "{}",
        String::from_utf8_lossy(&revoked.stderr)
    );
    assert_eq!(server.post("/personalize", &tokens[1], &body).status, 403);
}

#[test]
fn what_is_wrong_is_named_by_field_and_never_repeated() {
    let server = Server::start(&["--open"]);
    let body = json!({"user_id": "C-1", "form_started": "perhaps-secret"});
    let wrong = server.ask(
        "POST",
        "/personalize",
        &[("content-type", "application/json")],
        &body.to_string(),
    );
    assert_eq!(wrong.status, 422);
    assert!(wrong.head.contains("application/problem+json"));
    assert_eq!(wrong.json()["errors"][0]["pointer"], "/form_started");
    assert!(!wrong.body.contains("perhaps-secret"));
    let json_type = [("content-type", "application/json")];
    assert_eq!(
        server
            .ask("POST", "/personalize", &json_type, "{\"user_id\":")
            .status,
        400
    );
    assert_eq!(server.ask("POST", "/personalize", &[], "{}").status, 415);
    let huge = format!("{{\"user_id\":\"{}\"}}", "x".repeat(1 << 20));
    assert_eq!(
        server.ask("POST", "/personalize", &json_type, &huge).status,
        413
    );
    assert_eq!(server.ask("GET", "/runs/r-nothing", &[], "").status, 404);
    assert_eq!(server.ask("GET", "/nothing", &[], "").status, 404);
    assert_eq!(server.ask("DELETE", "/runs", &[], "").status, 405);
    assert_eq!(server.ask("GET", "/runs?limits=3", &[], "").status, 400);
    let decision = json!({"decision": "aprove", "variant": "A"}).to_string();
    assert_eq!(
        server
            .ask("POST", "/runs/r-nothing/decisions", &json_type, &decision)
            .status,
        422
    );
    assert!(kinds(server.path()).is_empty(), "nothing was recorded");
    // Nothing of what was sent stands in the log.
    let log = server.log.lock().unwrap().join("\n");
    assert!(
        !log.contains("perhaps-secret") && !log.contains("C-1"),
        "{log}"
    );
}

#[test]
fn stages_are_streamed_and_every_request_is_named() {
    let server = Server::start(&["--open"]);
    let headers = [
        ("content-type", "application/json"),
        ("accept", "text/event-stream"),
        ("x-request-id", "req-42"),
    ];
    let body = profile("02-some-blocked").to_string();
    let answer = server.ask("POST", "/personalize", &headers, &body);
    assert_eq!(answer.status, 200);
    assert!(
        answer.head.contains("x-request-id: req-42"),
        "{}",
        answer.head
    );
    let names: Vec<&str> = answer
        .body
        .lines()
        .filter_map(|l| l.strip_prefix("event: "))
        .collect();
    let mut wanted = ["started", "done"].repeat(5);
    wanted.push("run");
    assert_eq!(names, wanted);
    let last = answer
        .body
        .lines()
        .rev()
        .find_map(|l| l.strip_prefix("data: "))
        .unwrap();
    let run: Value = serde_json::from_str(last).unwrap();
    assert!(run["safety"]["blocked"][0]["reason"].is_string());
    let log = server.log.lock().unwrap().clone();
    let stages: Vec<Value> = log
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|line| line["run_id"].is_string())
        .collect();
    assert_eq!(stages.len(), 5, "{log:?}");
    for stage in &stages {
        assert_eq!(
            (&stage["request_id"], &stage["log_level"]),
            (&json!("req-42"), &json!("INFO"))
        );
    }
    assert!(stages[4]["subject"].as_str().unwrap().starts_with("s-"));
    assert!(
        server
            .ask("GET", "/health", &[], "")
            .head
            .contains("x-request-id: ")
    );
}

#[test]
fn the_counts_are_those_of_what_was_done() {
    let server = Server::start(&["--open"]);
    let json_type = [("content-type", "application/json")];
    for name in ["01-clean-winner", "02-some-blocked"] {
        let answer = server.ask(
            "POST",
            "/personalize",
            &json_type,
            &profile(name).to_string(),
        );
        assert_eq!(answer.status, 200);
    }
    let message = json!({"body": "Guaranteed returns.", "jurisdiction": "US", "product": "mutual_fund", "id": 7});
    let verdict = server
        .ask("POST", "/check", &json_type, &message.to_string())
        .json();
    assert_eq!(
        (&verdict["id"], &verdict["verdict"]),
        (&json!(7), &json!("block"))
    );
    let mail = "From: a@bank.example\r\nSubject: Your plan\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello.\r\n--b\r\n\r\nReturns are guaranteed.\r\n--b--\r\n";
    let mail_type = [("Content-Type", "message/rfc822; charset=utf-8")];
    let verdict = server.ask("POST", "/check", &mail_type, mail).json();
    // Nobody said where the reader lives, or what it is about.
    assert_ne!(verdict["verdict"], "pass");
    assert_eq!(verdict["parts"][2]["state"], "read");
    let empty = server.ask("POST", "/check", &mail_type, "\r\n");
    assert_eq!(empty.status, 422);
    let text = server.ask("GET", "/metrics", &[], "").body;
    let count = |name: &str| -> u64 {
        let line = text.lines().find(|line| line.starts_with(name));
        line.and_then(|l| l.rsplit(' ').next()?.parse().ok())
            .unwrap_or(0)
    };
    assert_eq!(
        count("echovoice_component_seconds_count{component=\"safety\"}"),
        2
    );
    assert_eq!(
        count("echovoice_requests_total{route=\"/personalize\",status=\"200\"}"),
        2
    );
    assert!(
        count("echovoice_verdicts_total{verdict=\"block\"}") >= 2,
        "{text}"
    );
    assert!(
        text.contains("echovoice_blocks_total{rule=\"us.ftc.preapproval.certain\"}"),
        "{text}"
    );
    let health = server.ask("GET", "/health", &[], "").json();
    assert_eq!(health["status"], "ok", "{health}");
}

#[test]
fn the_document_has_every_route_and_its_answers_have_what_it_says() {
    let server = Server::start(&["--open"]);
    let doc = server.ask("GET", "/openapi.json", &[], "").json();
    let mut described: Vec<(String, String)> = Vec::new();
    for (path, methods) in doc["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            described.push((method.clone(), path.clone()));
        }
    }
    let mut served: Vec<(String, String)> = echovoice::http::ROUTES
        .iter()
        .map(|(method, path)| ((*method).to_owned(), (*path).to_owned()))
        .collect();
    described.sort();
    served.sort();
    assert_eq!(described, served);
    let json_type = [("content-type", "application/json")];
    let run = server
        .ask(
            "POST",
            "/personalize",
            &json_type,
            &profile("02-some-blocked").to_string(),
        )
        .json();
    let id = run["run_id"].as_str().unwrap().to_owned();
    let check = json!({"body": "Guaranteed returns.", "jurisdiction": "US"}).to_string();
    let decision = json!({"decision": "reject", "variant": "A", "reason": "not what the campaign says it is", "code": "other"});
    for (schema, answer) in [
        ("Run", run),
        ("Page", server.ask("GET", "/runs", &[], "").json()),
        (
            "Recorded",
            server.ask("GET", &format!("/runs/{id}"), &[], "").json(),
        ),
        (
            "Verdict",
            server.ask("POST", "/check", &json_type, &check).json(),
        ),
        ("Health", server.ask("GET", "/health", &[], "").json()),
        (
            "Kept",
            server.ask("GET", "/customers/C-20388", &[], "").json(),
        ),
        ("Problem", server.ask("GET", "/runs/r-none", &[], "").json()),
        (
            "Rewritten",
            server
                .ask(
                    "POST",
                    &format!("/runs/{id}/rewrites"),
                    &json_type,
                    &json!({"variant": "C"}).to_string(),
                )
                .json(),
        ),
        (
            "Experiments",
            server.ask("GET", "/experiments", &json_type, "").json(),
        ),
        (
            "Taken",
            server
                .ask("POST", "/feedback", &json_type, "[{\"id\": 1}]")
                .json(),
        ),
        (
            "Decided",
            server
                .ask(
                    "POST",
                    &format!("/runs/{id}/decisions"),
                    &json_type,
                    &decision.to_string(),
                )
                .json(),
        ),
    ] {
        let schemas = &doc["components"]["schemas"];
        let mut problems = Vec::new();
        fits(schemas, &schemas[schema], &answer, schema, &mut problems);
        assert!(problems.is_empty(), "{problems:?} in {answer}");
    }
}

/// Checks types, enumerations and required fields.
fn fits(all: &Value, schema: &Value, value: &Value, at: &str, problems: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        return fits(all, &all[name], value, at, problems);
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(n) if n.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let allowed: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(more) => more.iter().filter_map(Value::as_str).collect(),
        _ => vec![kind],
    };
    let whole = kind == "integer" && allowed.contains(&"number");
    if !(whole || allowed.contains(&kind)) {
        problems.push(format!("{at} is {kind}"));
    }
    if schema["enum"]
        .as_array()
        .is_some_and(|known| !known.contains(value))
    {
        problems.push(format!("{at} is {value}"));
    }
    for field in schema["required"].as_array().into_iter().flatten() {
        if value.get(field.as_str().unwrap()).is_none() {
            problems.push(format!("{at} has no {field}"));
        }
    }
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(found) = value.get(name) {
            fits(all, inner, found, &format!("{at}.{name}"), problems);
        }
    }
    for item in value.as_array().into_iter().flatten() {
        fits(all, &schema["items"], item, &format!("{at}[]"), problems);
    }
}

#[test]
fn a_principal_erases_and_holds_and_nobody_else_does() {
    let (mut server, tokens) = with_tokens(&["demo.principal", OFFICER], &[]);
    let [principal, officer] = &tokens[..] else {
        panic!("two tokens");
    };
    let made = server.post("/personalize", officer, &profile("01-clean-winner"));
    assert_eq!(made.status, 200, "{}", made.body);
    let about = |more: Value| {
        let mut body = json!({"customer": "amara.osei@example.com", "reason": "request of the customer, ticket 4711"});
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        body
    };
    let before = kinds(server.path());
    for (path, token, body, status) in [
        ("/erasures", officer, about(json!({})), 403),
        ("/holds", officer, about(json!({})), 403),
        (
            "/erasures",
            principal,
            about(json!({"reason": "short"})),
            422,
        ),
        (
            "/erasures",
            principal,
            about(json!({"defer_until": "soon"})),
            422,
        ),
        (
            "/erasures",
            principal,
            about(json!({"customer": "C-00000"})),
            404,
        ),
        ("/holds", principal, about(json!({"lift": true})), 403),
    ] {
        let refused = server.post(path, token, &body);
        assert_eq!(refused.status, status, "{path} {body}: {}", refused.body);
        assert!(!refused.body.contains("amara"), "{}", refused.body);
    }
    assert_eq!(kinds(server.path()), before, "nothing was recorded");
    let held = server.post("/holds", principal, &about(json!({})));
    assert_eq!(held.status, 201, "{}", held.body);
    let refused = server.post("/erasures", principal, &about(json!({})));
    assert_eq!(refused.status, 403, "{}", refused.body);
    let lifted = server.post("/holds", principal, &about(json!({"lift": true})));
    assert_eq!(lifted.status, 201, "{}", lifted.body);
    let erased = server.post("/erasures", principal, &about(json!({})));
    assert_eq!(erased.status, 201, "{}", erased.body);
    assert!(erased.json()["subject"].is_string());
    let id = made.json()["run_id"].as_str().unwrap().to_owned();
    let shown = server.get(&format!("/runs/{id}"), officer);
    assert!(!shown.body.contains("Amara"), "{}", shown.body);
    assert_eq!(server.ends(), 0);
    assert_eq!(code(&echovoice(server.path(), &["audit", "verify"])), 0);
}

#[test]
fn too_many_requests_are_told_to_wait() {
    let (server, tokens) = with_tokens(&[OFFICER], &["--rate", "1"]);
    let answers: Vec<Answer> = (0..4).map(|_| server.get("/runs", &tokens[0])).collect();
    assert_eq!(answers[0].status, 200);
    let refused = answers.iter().find(|answer| answer.status == 429).unwrap();
    assert!(refused.head.contains("retry-after: 1"));
}

#[test]
fn what_was_accepted_is_finished_when_it_is_asked_to_end() {
    let mut server = Server::start(&["--open", "--at-once", "2"]);
    let body = profile("01-clean-winner").to_string();
    let head = format!(
        "POST /personalize HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut streams: Vec<TcpStream> = (0..12)
        .map(|_| {
            let mut stream = TcpStream::connect(&server.address).unwrap();
            stream.write_all(head.as_bytes()).unwrap();
            stream
        })
        .collect();
    // The first answer says that all of them were read.
    let mut first = [0; 12];
    streams[0].read_exact(&mut first).unwrap();
    server.terminate();
    let mut answered = 1;
    for stream in &mut streams[1..] {
        let mut answer = vec![0; 12];
        if stream.read_exact(&mut answer).is_ok() {
            assert_eq!(&answer, b"HTTP/1.1 200");
            answered += 1;
        }
    }
    drop(streams);
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    let ran = kinds(server.path())
        .iter()
        .filter(|kind| *kind == "analytics.done")
        .count();
    let begun = kinds(server.path())
        .iter()
        .filter(|kind| *kind == "run.started")
        .count();
    assert_eq!(ran, begun, "no run was cut off");
    assert!(ran >= answered, "{answered} answers, {ran} runs");
}

/// `ECHOVOICE_KILLS` sets how often the server is killed under load (3).
#[test]
fn what_was_answered_before_a_kill_is_on_record_and_nothing_is_there_twice() {
    let kills = std::env::var("ECHOVOICE_KILLS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(3);
    let mut home = Arc::new(tempfile::tempdir().unwrap());
    let mut answered: Vec<String> = Vec::new();
    let body = profile("01-clean-winner").to_string();
    for round in 0..kills {
        let mut server = Server::in_home(home, &["--open", "--quiet"]);
        let before = answered.len();
        let wanted = before + 8 + round * 7 % 30;
        let (sender, ids) = std::sync::mpsc::channel();
        let clients: Vec<_> = (0..4)
            .map(|_| {
                let (sender, address, body) =
                    (sender.clone(), server.address.clone(), body.clone());
                std::thread::spawn(move || {
                    // Until the server is gone in the middle of it.
                    while let Some(id) = one_run(&address, &body) {
                        if sender.send(id).is_err() {
                            break;
                        }
                    }
                })
            })
            .collect();
        drop(sender);
        while answered.len() < wanted {
            answered.push(ids.recv().unwrap());
        }
        server.child.kill().unwrap();
        server.child.wait().unwrap();
        for client in clients {
            client.join().unwrap();
        }
        answered.extend(ids.try_iter());
        home = server.home.clone();
    }
    let server = Server::in_home(home, &["--open", "--quiet"]);
    let mut known = std::collections::BTreeSet::new();
    for id in &answered {
        assert!(known.insert(id.clone()), "{id} was given twice");
        let shown = server.ask("GET", &format!("/runs/{id}"), &[], "").json();
        assert_eq!(
            shown["run"]["analysis"]["winner"]["variant_id"], "A",
            "{id}"
        );
    }
    let kinds = kinds(server.path());
    let count = |wanted: &str| kinds.iter().filter(|kind| *kind == wanted).count();
    // Runs that were cut off before their answer may be there in part; none has a stage twice.
    assert!(
        count("analytics.done") >= answered.len()
            && count("run.started") >= count("analytics.done")
    );
    assert_eq!(code(&echovoice(server.path(), &["audit", "verify"])), 0);
}

#[test]
fn an_open_server_is_for_this_machine_alone() {
    let home = tempfile::tempdir().unwrap();
    let refused = echovoice(home.path(), &["serve", "--open", "--listen", "0.0.0.0:0"]);
    assert_eq!(code(&refused), 1);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("only listen on this machine"));
    let nobody = echovoice(home.path(), &["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(code(&nobody), 1);
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("token add"));
    assert_eq!(
        code(&echovoice(home.path(), &["token", "add", "nobody"])),
        1
    );
}

#[test]
fn what_the_document_says_of_a_field_the_server_does() {
    let server = Server::start(&["--open"]);
    let json_type = [("content-type", "application/json")];
    let post = |path: &str, body: &Value| server.ask("POST", path, &json_type, &body.to_string());
    let doc = server.ask("GET", "/openapi.json", &[], "").json();
    // Every place that the document names is read; another word is no place.
    let places = doc["components"]["schemas"]["Place"]["enum"]
        .as_array()
        .unwrap();
    assert!(places.len() > 300, "{}", places.len());
    for place in places
        .iter()
        .filter_map(Value::as_str)
        .filter(|p| !p.is_empty())
    {
        assert!(echovoice::domain::place::parse(place).is_some(), "{place}");
    }
    let mut customer = profile("01-clean-winner");
    for (place, status) in [
        (json!("US-SD"), 200),
        (json!(""), 200),
        (json!("Zembla"), 422),
    ] {
        let check = json!({"body": "Hello.", "jurisdiction": place});
        assert_eq!(post("/check", &check).status, status, "{place}");
        customer["jurisdiction"] = place.clone();
        assert_eq!(post("/personalize", &customer).status, status, "{place}");
    }
    // Numbers are numbers however they are written.
    for (score, status) in [
        ("1.2e-38", 200),
        ("1e0", 200),
        ("1.5e0", 422),
        ("1e300", 422),
    ] {
        let body = format!("{{\"user_id\": \"\", \"id\": 5, \"engagement_score\": {score}}}");
        let answer = server.ask("POST", "/personalize", &json_type, &body);
        assert_eq!(answer.status, status, "{score}");
    }
    // A time zone of another kind is told, and its field named.
    customer["jurisdiction"] = json!("US");
    for zone in [
        json!(true),
        json!({"name": "UTC"}),
        json!([]),
        json!(["UTC"]),
    ] {
        customer["time_zone"] = zone.clone();
        let answer = post("/personalize", &customer);
        assert_eq!(answer.status, 422, "{zone}");
        assert_eq!(
            answer.json()["errors"][0]["pointer"],
            "/time_zone",
            "{zone}"
        );
    }
    for zone in [json!(null), json!("Europe/Berlin"), json!(-5)] {
        customer["time_zone"] = zone.clone();
        assert_eq!(post("/personalize", &customer).status, 200, "{zone}");
    }
    // One outcome whose time is no time of any kind; in a list the others are recorded.
    let wrong = json!({"id": "r-0123456789", "event": "open", "at": {"seconds": 5}});
    let alone = post("/feedback", &wrong);
    assert_eq!(alone.status, 422);
    assert_eq!(alone.json()["errors"][0]["pointer"], "/at");
    let listed = post("/feedback", &json!([wrong])).json();
    assert_eq!(listed["wrong"][0]["index"], 0, "{listed}");
    assert!(
        listed["wrong"][0]["message"]
            .as_str()
            .unwrap()
            .contains("`at`")
    );
    for odd in [json!(5), json!("open")] {
        assert_eq!(post("/feedback", &odd).status, 422, "{odd}");
    }
    // A whole number is one however it is written.
    customer = profile("02-some-blocked");
    let run = post("/personalize", &customer).json();
    let path = format!("/runs/{}/rewrites", run["run_id"].as_str().unwrap());
    for (tries, status) in [
        ("2.5", 422),
        ("\"2\"", 422),
        ("-1", 422),
        ("11.0", 422),
        ("0", 422),
        ("1.0", 200),
    ] {
        let body = format!("{{\"variant\": \"C\", \"tries\": {tries}}}");
        let answer = server.ask("POST", &path, &json_type, &body);
        assert_eq!(answer.status, status, "{tries}: {}", answer.json());
    }
}
