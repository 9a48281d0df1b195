//! Point 17: it ends within its grace whatever clients do, and waits for no head or body for ever.

use super::desk::PROFILE;
use super::server::Server;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

const SHORT: [&str; 5] = ["--open", "--quiet", "--grace", "1", "--patience"];

fn connect(server: &Server, sent: &str) -> TcpStream {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.write_all(sent.as_bytes()).unwrap();
    stream
}

/// What clients leave open.
fn left_open() -> Vec<(&'static str, String)> {
    let length = PROFILE.len();
    let post = |headers: &str| {
        format!(
            "POST /personalize HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n{headers}\r\n"
        )
    };
    vec![
        ("nothing sent", String::new()),
        ("half a request line", "GET /hea".to_owned()),
        (
            "half a head",
            "GET /health HTTP/1.1\r\nhost: localhost\r\nx-slow: 1".to_owned(),
        ),
        (
            "an idle connection",
            "GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n".to_owned(),
        ),
        (
            "a body that does not come",
            post(&format!("content-length: {length}\r\n")),
        ),
        (
            "half a body",
            post(&format!("content-length: {length}\r\n")) + &PROFILE[..20],
        ),
        (
            "half a chunked body",
            post("transfer-encoding: chunked\r\n") + "5\r\n{\"use",
        ),
        (
            "a body that waits to be asked",
            post(&format!(
                "expect: 100-continue\r\ncontent-length: {length}\r\n"
            )),
        ),
        (
            "a stream that nobody reads",
            format!(
                "POST /personalize HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{PROFILE}"
            ),
        ),
        (
            "two requests at once, the second cut off",
            "GET /health HTTP/1.1\r\nhost: localhost\r\n\r\nGET /health HT".to_owned(),
        ),
    ]
}

#[test]
fn it_ends_whatever_clients_leave_open() {
    for signal in ["-TERM", "-INT"] {
        // Without the limit of the grace these would wait for an hour.
        let mut server = Server::start(&[&SHORT[..], &["3600"]].concat());
        let open: Vec<TcpStream> = left_open()
            .iter()
            .map(|(_, sent)| connect(&server, sent))
            .collect();
        // All of them were accepted before this one is answered.
        assert_eq!(server.ask("GET", "/health", &[], "").status, 200);
        let pid = server.child.id().to_string();
        let asked = std::process::Command::new("kill")
            .args([signal, &pid])
            .status();
        assert!(asked.unwrap().success());
        assert_eq!(server.child.wait().unwrap().code(), Some(0), "{signal}");
        drop(open);
    }
}

#[test]
fn a_head_that_does_not_come_ends_its_connection() {
    let server = Server::start(&[&SHORT[..], &["1"]].concat());
    for (what, sent) in &left_open()[..4] {
        let mut stream = connect(&server, sent);
        let mut bytes = Vec::new();
        // It comes to an end by itself.
        stream.read_to_end(&mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(
            text.starts_with("HTTP/1.1 200"),
            *what == "an idle connection",
            "{what}: {text}"
        );
    }
}

#[test]
fn a_body_that_does_not_come_is_told_and_ends_its_connection() {
    let server = Server::start(&[&SHORT[..], &["1"]].concat());
    for (what, sent) in &left_open()[4..8] {
        let mut stream = connect(&server, sent);
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        // Who waits to be asked is asked first.
        let text = text.trim_start_matches("HTTP/1.1 100 Continue\r\n\r\n");
        assert!(text.starts_with("HTTP/1.1 408"), "{what}: {text}");
        assert!(text.contains("application/problem+json"), "{what}: {text}");
    }
    assert_eq!(server.ask("GET", "/health", &[], "").status, 200);
}
