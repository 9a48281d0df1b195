//! The HTTP face against whoever should not be there: pages of other machines, guessed tokens, bodies that can be read in
//! two ways, too many connections. Whatever is refused is told as a problem, and without a word of what was sent.

use crate::support::server::{Answer, Server};
use crate::support::{code, echovoice, kinds};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

const JSON: (&str, &str) = ("content-type", "application/json");

/// What nobody else would write.
const MARK: &str = "zq-marker-7";

fn profile() -> Value {
    let text = std::fs::read_to_string("assets/profiles/01-clean-winner.json").unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The answer to a request with its very own head.
fn raw(server: &Server, head: &str) -> Answer {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream
        .write_all(format!("{head}connection: close\r\n\r\n").as_bytes())
        .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head: head.to_lowercase(),
        body: body.to_owned(),
    }
}

/// A refusal as every one of them is: a problem that nobody keeps, and that repeats nothing.
fn is_a_problem(answer: &Answer, status: u16, what: &str) {
    assert_eq!(answer.status, status, "{what}: {}", answer.body);
    assert!(
        answer
            .head
            .contains("content-type: application/problem+json"),
        "{what}: {}",
        answer.head
    );
    assert!(answer.head.contains("cache-control: no-store"), "{what}");
    let body = answer.json();
    assert_eq!(body["status"], status, "{what}: {body}");
    assert!(
        body["title"].is_string() && body["detail"].is_string(),
        "{what}"
    );
    let whole = format!("{}{}", answer.head, answer.body);
    assert!(!whole.contains(MARK), "{what}: {whole}");
}

#[test]
fn an_open_server_answers_to_names_of_this_machine_alone() {
    let server = Server::start(&["--open"]);
    let get = |host: &str, more: &str| {
        raw(
            &server,
            &format!("GET /health HTTP/1.1\r\nhost: {host}\r\n{more}"),
        )
    };
    let port = server.address.rsplit(':').next().unwrap();
    for host in [
        "localhost",
        "127.0.0.1",
        "[::1]",
        &server.address,
        &format!("LOCALHOST:{port}"),
    ] {
        assert_eq!(get(host, "").status, 200, "{host}");
        assert_eq!(
            get(host, "origin: http://localhost:3000\r\n").status,
            200,
            "{host}"
        );
    }
    for host in [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.nip.example",
        "0.0.0.0",
        "10.1.2.3",
        "localhost@evil.example",
        "",
        MARK,
    ] {
        is_a_problem(&get(host, ""), 421, host);
    }
    let two = "host: evil.example\r\n";
    is_a_problem(&get("localhost", two), 421, "two hosts");
    let whole = raw(
        &server,
        "GET http://evil.example/health HTTP/1.1\r\nhost: localhost\r\n",
    );
    is_a_problem(&whole, 421, "a whole address");
    for origin in [
        "http://evil.example",
        "null",
        "https://localhost.evil.example",
        "file://",
        MARK,
    ] {
        is_a_problem(
            &get("localhost", &format!("origin: {origin}\r\n")),
            403,
            origin,
        );
    }
    // A page that posts without asking first: nothing is recorded.
    let body = profile().to_string();
    let posted = server.ask(
        "POST",
        "/personalize",
        &[JSON, ("origin", "http://evil.example")],
        &body,
    );
    is_a_problem(&posted, 403, "posted");
    assert!(kinds(server.path()).is_empty());

    // With tokens the name does not matter: whoever has one was let in.
    let home = Arc::new(tempfile::tempdir().unwrap());
    let made = echovoice(home.path(), &["token", "add", "demo.officer", "--json"]);
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    let server = Server::in_home(home, &[]);
    let token = made["token"].as_str().unwrap();
    let head = format!(
        "GET /runs HTTP/1.1\r\nhost: desk.firm.example\r\nauthorization: Bearer {token}\r\n"
    );
    assert_eq!(raw(&server, &head).status, 200);
}

#[test]
fn wrong_tokens_are_slowed_and_the_right_one_is_not() {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let made = echovoice(home.path(), &["token", "add", "demo.officer", "--json"]);
    assert_eq!(code(&made), 0);
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    let token = made["token"].as_str().unwrap().to_owned();
    let server = Server::in_home(home, &[]);
    let answers: Vec<Answer> = (0..40)
        .map(|n| server.get("/runs", &format!("ev_{MARK}{n}")))
        .collect();
    is_a_problem(&answers[0], 401, "the first");
    let slowed: Vec<&Answer> = answers.iter().filter(|a| a.status == 429).collect();
    assert!(slowed.len() >= 20, "{}", slowed.len());
    for answer in slowed {
        is_a_problem(answer, 429, "slowed");
        assert!(answer.head.contains("retry-after: 60"), "{}", answer.head);
    }
    assert_eq!(server.get("/runs", &token).status, 200);
    // Who brings none at all is told so: there is nothing to guess.
    is_a_problem(&server.ask("GET", "/runs", &[], ""), 401, "no token");
}

#[test]
fn a_name_that_stands_twice_is_refused_wherever_it_stands() {
    let server = Server::start(&["--open"]);
    let whole = profile().to_string();
    let with = |more: &str| format!("{{{more},{}", &whole[1..]);
    let cases = [
        ("/personalize", with("\"user_id\":\"C-1\"")),
        (
            "/personalize",
            with(&format!("\"facts\":{{\"a\":\"{MARK}\",\"a\":\"{MARK}\"}}")),
        ),
        ("/personalize", with(&format!("\"{MARK}\":1,\"{MARK}\":2"))),
        (
            "/check",
            "{\"body\":\"Hello.\",\"body\":\"Guaranteed.\"}".into(),
        ),
        (
            "/check",
            "{\"body\":\"Hello.\",\"facts\":{\"apr\":1,\"apr\":2}}".into(),
        ),
        (
            "/feedback",
            "{\"id\":\"r-1\",\"event\":\"sent\",\"event\":\"opened\"}".into(),
        ),
        (
            "/feedback",
            "[{\"id\":\"r-1\",\"id\":\"r-2\",\"event\":\"sent\"}]".into(),
        ),
        (
            "/runs/r-1/decisions",
            "{\"decision\":\"reject\",\"decision\":\"approve\",\"variant\":\"A\"}".into(),
        ),
        (
            "/runs/r-1/rewrites",
            "{\"variant\":\"A\",\"variant\":\"B\"}".into(),
        ),
    ];
    for (path, body) in cases {
        let answer = server.ask("POST", path, &[JSON], &body);
        is_a_problem(&answer, 422, &format!("{path} {body}"));
        assert!(
            answer.body.contains("stands twice"),
            "{path}: {}",
            answer.body
        );
    }
    assert!(kinds(server.path()).is_empty(), "nothing was recorded");
    assert_eq!(
        server.ask("POST", "/personalize", &[JSON], &whole).status,
        200
    );
}

#[test]
fn a_seed_out_of_range_is_told_as_a_field() {
    let server = Server::start(&["--open"]);
    let body = profile().to_string();
    for seed in [
        "-1",
        "9007199254740992",
        "18446744073709551616",
        "1.5",
        "x",
        "",
        MARK,
    ] {
        let answer = server.ask("POST", &format!("/personalize?seed={seed}"), &[JSON], &body);
        is_a_problem(&answer, 422, seed);
        assert!(answer.body.contains("seed"), "{}", answer.body);
    }
    assert!(kinds(server.path()).is_empty());
    for seed in ["0", "7", "9007199254740991"] {
        let answer = server.ask("POST", &format!("/personalize?seed={seed}"), &[JSON], &body);
        assert_eq!(answer.status, 200, "{seed}: {}", answer.body);
        assert!(answer.head.contains("cache-control: no-store"));
    }
}

#[test]
fn nothing_that_was_sent_is_repeated_by_a_refusal() {
    let server = Server::start(&["--open"]);
    let people = profile();
    let run = server
        .ask("POST", "/personalize", &[JSON], &people.to_string())
        .json();
    let run = run["run_id"].as_str().unwrap().to_owned();
    let decision = |more: Value| {
        let mut all = json!({"decision": "approve", "variant": "A"});
        for (name, value) in more.as_object().unwrap() {
            all[name] = value.clone();
        }
        all.to_string()
    };
    let of_run = |what: &str| format!("/runs/{run}/{what}");
    let posts = [
        (
            "/personalize".to_owned(),
            json!({"user_id": "C-1", "form_started": MARK}).to_string(),
        ),
        (
            "/personalize".into(),
            json!({"user_id": "C-1", "jurisdiction": MARK}).to_string(),
        ),
        ("/personalize".into(), format!("{{\"{MARK}\":")),
        ("/personalize".into(), format!("[\"{MARK}\"]")),
        (format!("/personalize?{MARK}=1"), "{}".into()),
        ("/check".into(), json!({"body": {"x": MARK}}).to_string()),
        (
            "/check".into(),
            json!({"body": "Hello.", "channel": MARK}).to_string(),
        ),
        (
            "/check".into(),
            json!({"body": "Hello.", "jurisdiction": MARK}).to_string(),
        ),
        (
            "/feedback".into(),
            json!({"id": MARK, "event": MARK}).to_string(),
        ),
        ("/feedback".into(), json!(MARK).to_string()),
        (of_run("decisions"), decision(json!({"decision": MARK}))),
        (of_run("decisions"), decision(json!({"variant": MARK}))),
        (of_run("decisions"), decision(json!({"seen": MARK}))),
        (of_run("decisions"), decision(json!({"code": MARK}))),
        (
            of_run("decisions"),
            decision(json!({"decision": "override", "code": MARK, "reason": MARK})),
        ),
        (of_run("decisions"), decision(json!({MARK: 1}))),
        (
            of_run("decisions"),
            decision(json!({"reason": format!("{MARK} ask amara.osei@example.com")})),
        ),
        (of_run("rewrites"), json!({"variant": MARK}).to_string()),
        (
            of_run("rewrites"),
            json!({"variant": "A", "tries": MARK}).to_string(),
        ),
        (format!("/runs/{MARK}/decisions"), decision(json!({}))),
        (format!("/{MARK}"), "{}".into()),
    ];
    for (path, body) in posts {
        let answer = server.ask("POST", &path, &[JSON], &body);
        let what = format!("{path} {body}");
        if answer.status < 400 {
            // An outcome that is none is told in the list of those that are wrong.
            assert!(!answer.body.contains(MARK), "{what}: {}", answer.body);
        } else {
            is_a_problem(&answer, answer.status, &what);
        }
    }
    for path in [
        format!("/runs/{MARK}"),
        format!("/runs/{MARK}/events"),
        format!("/customers/{MARK}"),
        format!("/runs?limit={MARK}"),
        format!("/runs?{MARK}"),
        format!("/{MARK}"),
        "/runs/%FF".into(),
    ] {
        let answer = server.ask("GET", &path, &[], "");
        is_a_problem(&answer, answer.status, &path);
    }
    is_a_problem(
        &server.ask("DELETE", "/runs", &[], ""),
        405,
        "another method",
    );
    is_a_problem(
        &server.ask("POST", "/check", &[("content-type", MARK)], MARK),
        415,
        "another type",
    );
    // A name that is none gives way to one of ours.
    for (name, kept) in [
        ("req-42", true),
        ("a b", false),
        ("<script>", false),
        (&"x".repeat(90), false),
    ] {
        let answer = server.ask("GET", "/health", &[("x-request-id", name)], "");
        assert_eq!(
            answer.head.contains(&format!("x-request-id: {name}")),
            kept,
            "{}",
            answer.head
        );
        assert!(answer.head.contains("x-request-id: "), "{}", answer.head);
    }
}

#[test]
fn connections_beyond_the_limit_wait_for_their_turn() {
    let server = Server::start(&["--open", "--quiet", "--connections", "2"]);
    let silent: Vec<TcpStream> = (0..2)
        .map(|_| TcpStream::connect(&server.address).unwrap())
        .collect();
    let asked = |stream: &mut TcpStream| {
        stream
            .write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
            .unwrap();
    };
    let answered = |mut stream: TcpStream| {
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    };
    let mut waiting: Vec<TcpStream> = (0..4)
        .map(|_| TcpStream::connect(&server.address).unwrap())
        .collect();
    waiting.iter_mut().for_each(asked);
    // Nobody of them was let in yet: the two that say nothing have all the room.
    for stream in &waiting {
        stream.set_nonblocking(true).unwrap();
        let early = (&*stream).read(&mut [0; 1]);
        assert_eq!(early.unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
        stream.set_nonblocking(false).unwrap();
    }
    drop(silent);
    waiting.into_iter().for_each(answered);
}
