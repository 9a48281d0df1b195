//! What stands around the HTTP face: encryption by files, and traces to a collector.

use crate::support::server::Server;
use crate::support::{code, echovoice};
use rustls::pki_types::ServerName;
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

const PROFILE: &str = include_str!("../../../assets/profiles/01-clean-winner.json");

/// A certificate for this machine and its key, as files; the certificate is its own root.
fn certificate(folder: &Path) -> (String, String, rustls::RootCertStore) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (folder.join("chain.pem"), folder.join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let name = |path: &Path| path.to_str().unwrap().to_owned();
    (name(&certificate), name(&key), roots)
}

#[test]
fn connections_are_encrypted_and_a_client_that_says_nothing_holds_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key, roots) = certificate(folder.path());
    let mut server = Server::start(&[
        "--open",
        "--quiet",
        "--tls-certificate",
        &certificate,
        "--tls-key",
        &key,
    ]);
    let _silent: Vec<TcpStream> = (0..100)
        .map(|_| TcpStream::connect(&server.address).unwrap())
        .collect();
    let config = rustls::ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let session = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream =
        rustls::StreamOwned::new(session, TcpStream::connect(&server.address).unwrap());
    stream
        .write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert!(
        text.starts_with("HTTP/1.1 200") && text.contains("\"status\":\"ok\""),
        "{text}"
    );

    // In the open nothing is answered.
    let mut open = TcpStream::connect(&server.address).unwrap();
    open.write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .unwrap();
    let mut bytes = Vec::new();
    let _ = open.read_to_end(&mut bytes);
    assert!(!bytes.starts_with(b"HTTP"));
    assert_eq!(server.ends(), 0);
}

#[test]
fn files_that_are_no_certificate_are_named() {
    let home = tempfile::tempdir().unwrap();
    let (certificate, key, _) = certificate(home.path());
    let none = home.path().join("none.pem");
    let serve = |certificate: &str, key: &str| {
        let output = echovoice(
            home.path(),
            &[
                "serve",
                "--open",
                "--listen",
                "127.0.0.1:0",
                "--tls-certificate",
                certificate,
                "--tls-key",
                key,
            ],
        );
        assert_eq!(code(&output), 1);
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(serve(none.to_str().unwrap(), &key).contains("none.pem"));
    let swapped = serve(&key, &certificate);
    assert!(
        swapped.contains("as PEM") && swapped.lines().count() == 1,
        "{swapped}"
    );
}

/// A collector that answers everything with 200; the bodies come back.
fn collector() -> (String, Receiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (sender, bodies) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = BufReader::new(stream);
            loop {
                let (mut length, mut line) = (0, String::new());
                loop {
                    line.clear();
                    if stream.read_line(&mut line).unwrap_or(0) == 0 || line == "\r\n" {
                        break;
                    }
                    let lower = line.to_lowercase();
                    if let Some(count) = lower.strip_prefix("content-length: ") {
                        length = count.trim().parse().unwrap();
                    }
                }
                if length == 0 {
                    break;
                }
                let mut body = vec![0; length];
                stream.read_exact(&mut body).unwrap();
                if sender.send(serde_json::from_slice(&body).unwrap()).is_err() {
                    return;
                }
                let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
                stream.get_mut().write_all(answer).unwrap();
            }
        }
    });
    (address, bodies)
}

#[test]
fn a_request_and_its_stages_are_traced_without_anybodys_data() {
    let (address, bodies) = collector();
    let home = Arc::new(tempfile::tempdir().unwrap());
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{address}")),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json".to_owned()),
    ];
    let mut server = Server::with(home, &["--open", "--quiet"], &variables);
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let headers = [
        ("content-type", "application/json"),
        ("traceparent", &format!("00-{trace}-00f067aa0ba902b7-01")),
    ];
    assert_eq!(
        server.ask("POST", "/personalize", &headers, PROFILE).status,
        200
    );
    assert_eq!(server.ends(), 0, "the rest is sent before the end");
    let mut spans: Vec<Value> = Vec::new();
    let mut text = String::new();
    for body in bodies.try_iter() {
        text.push_str(&body.to_string());
        for scope in body["resourceSpans"][0]["scopeSpans"].as_array().unwrap() {
            spans.extend(scope["spans"].as_array().unwrap().iter().cloned());
        }
    }
    let named = |name: &str| {
        spans
            .iter()
            .find(|span| span["name"] == name)
            .unwrap_or_else(|| panic!("{name}"))
    };
    let request = named("POST /personalize");
    let attribute = |name: &str| {
        let all = request["attributes"].as_array().unwrap();
        let found = all.iter().find(|pair| pair["key"] == name);
        let value = &found.unwrap_or_else(|| panic!("{name}: {all:?}"))["value"];
        value["stringValue"]
            .as_str()
            .or(value["intValue"].as_str())
            .map_or_else(|| value["intValue"].to_string(), str::to_owned)
    };
    for (name, value) in [
        ("http.request.method", "POST"),
        ("http.route", "/personalize"),
        ("url.path", "/personalize"),
        ("url.scheme", "http"),
        ("http.response.status_code", "200"),
    ] {
        assert_eq!(attribute(name), value, "{name}");
    }
    assert_eq!(
        (&request["traceId"], &request["parentSpanId"]),
        (&trace.into(), &"00f067aa0ba902b7".into())
    );
    for stage in ["segment", "retrieve", "generate", "safety", "analyze"] {
        let span = named(stage);
        assert_eq!(
            (&span["traceId"], &span["parentSpanId"]),
            (&trace.into(), &request["spanId"]),
            "{stage}"
        );
    }
    let profile: Value = serde_json::from_str(PROFILE).unwrap();
    for field in ["user_id", "name", "email", "phone"] {
        assert!(
            profile[field]
                .as_str()
                .is_none_or(|value| !text.contains(value)),
            "{field}"
        );
    }
}

#[test]
fn who_traces_is_named_as_the_standard_has_it() {
    let both = "service.name=from-attributes,deployment.environment.name=test";
    for (name, attributes, wanted) in [
        (None, None, "echovoice"),
        (Some("desk1"), None, "desk1"),
        (None, Some(both), "from-attributes"),
        (Some("desk1"), Some(both), "desk1"),
        (
            Some(""),
            Some("deployment.environment.name=test"),
            "echovoice",
        ),
    ] {
        let (address, bodies) = collector();
        let mut variables = vec![
            ("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{address}")),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json".to_owned()),
        ];
        variables.extend(name.map(|name| ("OTEL_SERVICE_NAME", name.to_owned())));
        variables.extend(attributes.map(|all| ("OTEL_RESOURCE_ATTRIBUTES", all.to_owned())));
        let home = Arc::new(tempfile::tempdir().unwrap());
        let mut server = Server::with(home, &["--open", "--quiet"], &variables);
        for (method, path) in [
            ("GET", "/customers/C-secret"),
            ("GET", "/nowhere/C-secret"),
            ("BREW", "/health"),
        ] {
            server.ask(method, path, &[], "");
        }
        assert_eq!(server.ends(), 0);
        let sent: Vec<Value> = bodies.try_iter().collect();
        let text = Value::Array(sent.clone()).to_string();
        for span in ["GET /customers/{id}", "\"GET\"", "HTTP /health", "_OTHER"] {
            assert!(text.contains(span), "{span}: {text}");
        }
        assert!(!text.contains("C-secret"), "{text}");
        let pairs = sent[0]["resourceSpans"][0]["resource"]["attributes"]
            .as_array()
            .unwrap()
            .clone();
        let found = pairs.iter().find(|pair| pair["key"] == "service.name");
        assert_eq!(
            found.unwrap()["value"]["stringValue"],
            wanted,
            "{name:?} {attributes:?}"
        );
    }
}
