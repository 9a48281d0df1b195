//! F2, F3 and what a carrier's no is about: a wrong setting is no refusal of a message.

use super::desk::{Desk, by_smtp};
use super::server::Server;
use super::smtp::{Mood, SmtpServer};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;

/// What is said, and whether the message is condemned by it.
const TO_RECIPIENT: [(&str, bool); 14] = [
    ("530 5.7.0 Authentication required", false),
    ("530 Log in first", false),
    ("534 5.7.9 Another mechanism is needed", false),
    ("535 5.7.8 Wrong credentials", false),
    ("538 5.7.11 Encryption required", false),
    ("550 relay not permitted", false),
    ("554 5.7.1 <x@example.com>: Relay access denied", false),
    ("550 5.7.54 Unable to relay", false),
    ("550 5.7.23 SPF validation failed", false),
    ("550 5.1.1 nobody here", true),
    ("550 no such user here", true),
    ("552 5.2.2 Mailbox full", true),
    ("553 5.1.3 Bad destination syntax", true),
    ("501 malformed address", true),
];

#[test]
fn log_in_first_is_a_wrong_setting_and_not_a_refusal() {
    for (said, condemns) in TO_RECIPIENT {
        let server = SmtpServer::start(None);
        server.will([Mood::Says(said)]);
        let desk = Desk::new(&by_smtp(server.port));
        let run = desk.approve(&[("C-1", "ann@example.com")]).swap_remove(0);
        assert_eq!(run.status, "held", "{said}");
        assert!(run.reason.contains(&said[..3]), "{said}: {}", run.reason);
        assert!(!run.reason.contains("example.com"), "{}", run.reason);
        let entry = desk.deliveries().pop().unwrap().1;
        assert_eq!(entry["final"], condemns, "{said}: {entry}");
        assert_eq!(
            run.reason.contains("withdraw the decision"),
            condemns,
            "{said}"
        );
        assert_eq!(run.reason.contains("setting"), !condemns, "{said}");
        // Set right, it goes out; what was refused stays so.
        let again = desk.deliver(&[]);
        let wanted = if condemns { "held" } else { "delivered" };
        assert_eq!(again[0]["delivery"]["status"], wanted, "{said}");
        desk.verifies();
    }
}

#[test]
fn the_sender_the_login_and_the_text_are_told_apart() {
    for (to_sender, to_text, condemns) in [
        (Some("530 5.7.57 Client not authenticated"), None, false),
        (Some("553 5.7.1 Sender address rejected"), None, false),
        (
            Some("550 5.1.8 Sender address rejected: no such domain"),
            None,
            false,
        ),
        (Some("552 5.3.4 Message too large"), None, true),
        (None, Some("554 5.7.1 Rejected as spam"), true),
        (
            None,
            Some("550 5.7.26 Unauthenticated mail is not taken"),
            false,
        ),
        (None, Some("554 Transaction failed"), true),
    ] {
        let server = SmtpServer::start(None);
        server.kept.lock().unwrap().to_sender = to_sender;
        server.will(to_text.map(Mood::SaysToText));
        let desk = Desk::new(&by_smtp(server.port));
        desk.approve(&[("C-1", "ann@example.com")]);
        let entry = desk.deliveries().pop().unwrap().1;
        assert_eq!(
            entry["final"], condemns,
            "{to_sender:?} {to_text:?}: {entry}"
        );
    }
}

#[test]
#[cfg_attr(not(feature = "server"), ignore = "needs --features server")]
fn a_wrong_setting_is_told_by_health_and_every_message_waits_for_it() {
    let server = SmtpServer::start(None);
    server.will([Mood::Says("530 5.7.0 Log in first"); 2]);
    let desk = Desk::new(&by_smtp(server.port));
    desk.approve(&[("C-1", "one@example.com"), ("C-2", "two@example.com")]);
    let home = Arc::new(desk.home);
    let http = Server::in_home(home, &["--open", "--quiet"]);
    let health = http.ask("GET", "/health", &[], "").json();
    assert_eq!(
        (health["status"].as_str(), &health["held"]["count"]),
        (Some("degraded"), &2.into())
    );
    let trouble = health["trouble"].to_string();
    assert!(
        trouble.contains("530 5.7.0") && trouble.contains("login"),
        "{trouble}"
    );
}

/// Which certificate the server shows.
#[derive(Clone, Copy, Debug)]
enum Shown {
    Right,
    Expired,
    NotYet,
    OtherName,
    OfTheAuthority,
    OfSomebodyElse,
}

/// A server's configuration, and the root that the settings name.
fn certificates(shown: Shown) -> (rustls::ServerConfig, String) {
    let authority = |name: &str| {
        let mut root = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        root.distinguished_name
            .push(rcgen::DnType::CommonName, name);
        CertifiedIssuer::self_signed(root, KeyPair::generate().unwrap()).unwrap()
    };
    let (known, other) = (authority("known"), authority("other"));
    let issuer = match shown {
        Shown::OfSomebodyElse => &other,
        _ => &known,
    };
    let name = match shown {
        Shown::OtherName => "mail.example",
        _ => "localhost",
    };
    let mut leaf = CertificateParams::new(vec![name.to_owned()]).unwrap();
    match shown {
        Shown::Expired => {
            leaf.not_before = rcgen::date_time_ymd(2020, 1, 1);
            leaf.not_after = rcgen::date_time_ymd(2021, 1, 1);
        }
        Shown::NotYet => leaf.not_before = rcgen::date_time_ymd(2090, 1, 1),
        _ => {}
    }
    let key = KeyPair::generate().unwrap();
    let made = leaf.signed_by(&key, issuer).unwrap();
    let (der, key) = match shown {
        Shown::OfTheAuthority => (known.der().clone(), known.key().serialize_der()),
        _ => (made.der().clone(), key.serialize_der()),
    };
    let key = rustls::pki_types::PrivateKeyDer::try_from(key).unwrap();
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![der], key)
        .unwrap();
    (config, known.pem())
}

#[test]
fn the_certificates_fault_is_named() {
    for (shown, named) in [
        (Shown::Right, ""),
        (Shown::Expired, "has expired"),
        (Shown::NotYet, "not valid yet"),
        (Shown::OtherName, "for another name"),
        (Shown::OfTheAuthority, "CA:TRUE"),
        (Shown::OfSomebodyElse, "root_certificates"),
    ] {
        let (config, root) = certificates(shown);
        let server = SmtpServer::start(Some(Arc::new(config)));
        let desk = Desk::new("");
        let file = desk.path().join("root.pem");
        std::fs::write(&file, root).unwrap();
        desk.settings(&format!(
            "[delivery]\nemail = \"smtp\"\n[delivery.smtp]\nhost = \"localhost\"\nport = {}\nroot_certificates = {file:?}\n",
            server.port
        ));
        let run = desk.approve(&[("C-1", "ann@example.com")]).swap_remove(0);
        if named.is_empty() {
            assert_eq!(run.status, "delivered", "{shown:?}: {}", run.reason);
            continue;
        }
        assert!(
            run.reason.contains("certificate"),
            "{shown:?}: {}",
            run.reason
        );
        assert!(run.reason.contains(named), "{shown:?}: {}", run.reason);
        assert_eq!(desk.deliveries().pop().unwrap().1["final"], false);
    }
}

/// A program that answers every message with this status.
fn program(status: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = BufReader::new(stream);
            let mut length = 0;
            loop {
                let mut line = String::new();
                if stream.read_line(&mut line).unwrap_or(0) == 0 || line == "\r\n" {
                    break;
                }
                if let Some(count) = line.to_lowercase().strip_prefix("content-length: ") {
                    length = count.trim().parse().unwrap();
                }
            }
            let _ = stream.read_exact(&mut vec![0; length]);
            let answer = format!(
                "HTTP/1.1 {status} X\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
            let _ = stream.get_mut().write_all(answer.as_bytes());
        }
    });
    port
}

#[test]
fn a_programs_no_is_told_from_a_wrong_setting() {
    for (status, condemns) in [
        (301, false),
        (307, false),
        (400, true),
        (401, false),
        (403, false),
        (404, false),
        (405, false),
        (410, true),
        (413, true),
        (415, false),
        (422, true),
        (429, false),
        (500, false),
        (503, false),
    ] {
        let port = program(status);
        let desk = Desk::new("");
        let word = desk.path().join("word");
        std::fs::write(&word, "hush").unwrap();
        desk.settings(&format!(
            "[delivery]\nemail = \"webhook\"\n[delivery.webhook]\nurl = \"http://127.0.0.1:{port}/hook\"\nsecret_file = {word:?}\n"
        ));
        let run = desk.approve(&[("C-1", "ann@example.com")]).swap_remove(0);
        assert!(run.reason.contains(&status.to_string()), "{}", run.reason);
        let entry = desk.deliveries().pop().unwrap().1;
        assert_eq!(entry["final"], condemns, "{status}: {entry}");
        let is_setting = matches!(status, 301 | 307 | 401 | 403 | 404 | 405 | 415);
        assert_eq!(
            run.reason.contains("setting"),
            is_setting,
            "{status}: {}",
            run.reason
        );
    }
}
