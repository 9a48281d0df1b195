//! Point 8, 12 and F1: addresses go out as servers take them, and one that none takes holds nobody else up.

use super::desk::{Desk, by_smtp};
use super::server::Server;
use super::smtp::{Mood, SmtpServer};
use crate::support::echovoice;
use serde_json::{Value, json};
use std::sync::Arc;

/// Addresses that no mail server takes.
const BAD: [&str; 7] = [
    "n/a",
    "none",
    "-",
    "amara.osei(at)example.com",
    "amara osei@",
    "@example.com",
    "amara@exa mple.com",
];

#[test]
fn one_bad_address_is_held_on_record_once_and_the_rest_goes_out() {
    for bad in BAD {
        let desk = Desk::new("");
        let runs = desk.approve(&[("C-1", bad), ("C-2", "two@example.com")]);
        assert_eq!(runs[0].status, "held", "{bad}: {runs:?}");
        assert!(runs[0].reason.contains("address"), "{bad}: {runs:?}");
        assert_eq!(runs[1].status, "delivered", "{bad}: {runs:?}");
        // However often it is looked at.
        for _ in 0..2 {
            desk.deliver(&[]);
        }
        let failed: Vec<_> = desk
            .deliveries()
            .into_iter()
            .filter(|(status, _)| status == "failed")
            .collect();
        assert_eq!(failed.len(), 1, "{bad}: {failed:?}");
        assert_eq!(failed[0].1["final"], true);
        assert!(
            !failed[0]
                .1
                .to_string()
                .contains(bad.trim_start_matches('-'))
                || bad == "-"
        );
        assert_eq!(desk.outbox(), 1);
        desk.verifies();
    }
}

#[test]
fn a_bad_address_holds_nobody_up_by_any_carrier_and_more_of_them_than_a_page_neither() {
    let server = SmtpServer::start(None);
    let desk = Desk::new(&by_smtp(1));
    let workspace = desk.open();
    // All wait: nobody listens at the first port.
    let one = |n: usize| {
        let (id, email) = (format!("C-{n}"), format!("c{n}@example.com"));
        let bad = n.is_multiple_of(2);
        super::desk::approve(
            &workspace,
            &(id.as_str(), if bad { "n/a" } else { email.as_str() }),
        )
    };
    let count = 8;
    (0..count).for_each(|n| drop(one(n)));
    drop(workspace);
    desk.settings(&by_smtp(server.port));
    let done = desk.deliver(&[]);
    let went = done
        .iter()
        .filter(|line| line["delivery"]["status"] == "delivered")
        .count();
    assert_eq!(
        (went, server.ids().len()),
        (count / 2, count / 2),
        "{done:?}"
    );
    desk.verifies();
}

#[test]
#[cfg_attr(not(feature = "server"), ignore = "needs --features server")]
fn a_server_goes_on_with_the_rest_and_says_what_is_held() {
    let desk = Desk::new("");
    desk.approve(&[("C-1", "n/a")]);
    let doctor = echovoice(desk.path(), &["doctor"]);
    let said = String::from_utf8(doctor.stdout).unwrap();
    assert!(said.contains("1 approved message waits since"), "{said}");
    let queue = desk.says(&["queue", "list"]);
    assert!(queue.contains("1 approved message waits since"), "{queue}");
    let home = Arc::new(desk.home);
    let server = Server::in_home(home, &["--open", "--quiet"]);
    let health = server.ask("GET", "/health", &[], "").json();
    assert_eq!(health["status"], "degraded", "{health}");
    assert_eq!(
        (&health["held"]["count"], &health["held"]["not_taken"]),
        (&json!(1), &json!(1))
    );
    assert!(health["held"]["since"].as_str().unwrap().starts_with("20"));
    assert!(!health.to_string().contains("n/a"));
}

#[test]
#[cfg_attr(not(feature = "server"), ignore = "needs --features server")]
fn a_decision_that_is_recorded_is_answered_whatever_becomes_of_the_message() {
    // The outbox cannot be made: a file lies in its place.
    for (email, blocked) in [("n/a", false), ("ann@example.com", true)] {
        let home = Arc::new(tempfile::tempdir().unwrap());
        if blocked {
            std::fs::write(home.path().join("outbox"), "in the way").unwrap();
        }
        let server = Server::in_home(home, &["--open", "--quiet"]);
        let mut profile: Value = serde_json::from_str(super::desk::PROFILE).unwrap();
        profile["email"] = email.into();
        let kind = [("content-type", "application/json")];
        let run = server
            .ask("POST", "/personalize", &kind, &profile.to_string())
            .json();
        let id = run["run_id"].as_str().unwrap();
        let decision = json!({"decision": "approve", "variant": "A"}).to_string();
        let path = format!("/runs/{id}/decisions");
        let decided = server.ask("POST", &path, &kind, &decision);
        assert_eq!(decided.status, 201, "{email}: {}", decided.body);
        let decided = decided.json();
        assert_eq!(decided["delivery"]["status"], "held", "{decided}");
        assert!(decided["delivery"]["reason"].is_string(), "{decided}");
        assert_eq!(decided["state"], "approved", "{decided}");
        let health = server.ask("GET", "/health", &[], "").json();
        assert_eq!(health["held"]["count"], 1, "{health}");
    }
}

#[test]
fn domains_go_out_in_a_labels_and_other_letters_only_where_the_server_takes_them() {
    // Address, what RCPT says, whether SMTPUTF8 is needed.
    let cases = [
        ("ann@bücher.example", "ann@xn--bcher-kva.example", false),
        (
            "ann@xn--bcher-kva.example",
            "ann@xn--bcher-kva.example",
            false,
        ),
        ("ann@BÜCHER.Example", "ann@xn--bcher-kva.example", false),
        ("ann@例え.テスト", "ann@xn--r8jz45g.xn--zckzah", false),
        ("ann@почта.рф", "ann@xn--80a1acny.xn--p1ai", false),
        ("josé@example.com", "josé@example.com", true),
        ("josé@bücher.example", "josé@xn--bcher-kva.example", true),
        ("用户@example.com", "用户@example.com", true),
    ];
    for offers in [false, true] {
        let server = SmtpServer::start(None);
        server.kept.lock().unwrap().letters = offers;
        let desk = Desk::new(&by_smtp(server.port));
        for (n, (email, sent, needs)) in cases.into_iter().enumerate() {
            let id = format!("C-{n}");
            let run = desk.approve(&[(&id, email)]).swap_remove(0);
            let envelope = std::mem::take(&mut server.kept.lock().unwrap().envelopes);
            if needs && !offers {
                assert_eq!(run.status, "held", "{email}");
                assert!(run.reason.contains("SMTPUTF8"), "{email}: {}", run.reason);
                assert!(envelope.is_empty(), "{email}: {envelope:?}");
                continue;
            }
            assert_eq!(run.status, "delivered", "{email}: {}", run.reason);
            assert_eq!(envelope[1], format!("RCPT TO:<{sent}>"));
            assert_eq!(envelope[0].contains("SMTPUTF8"), needs, "{envelope:?}");
            let kept = server.kept.lock().unwrap();
            let message = kept.messages.last().unwrap();
            let to = message
                .lines()
                .find(|line| line.starts_with("To: "))
                .unwrap();
            assert_eq!(to, format!("To: {sent}"));
        }
        desk.verifies();
    }
}

#[test]
fn the_brands_own_address_and_links_are_written_as_headers_want_them() {
    let server = SmtpServer::start(None);
    let desk = Desk::new(&by_smtp(server.port));
    drop(desk.open());
    let brand = desk.path().join("brand/brand.toml");
    let text = std::fs::read_to_string(&brand).unwrap();
    let other = text
        .replace("hello@tarnwick.example", "hello@tärnwick.example")
        .replace("[\"tarnwick.example\"]", "[\"tärnwick.example\"]")
        .replace(
            "https://www.tarnwick.example",
            "https://www.tärnwick.example/für-alle",
        );
    assert_ne!(text, other);
    std::fs::write(&brand, other).unwrap();
    crate::support::accept_home(desk.path());
    let run = desk.approve(&[("C-1", "ann@example.com")]).swap_remove(0);
    assert_eq!(run.status, "delivered", "{}", run.reason);
    let kept = server.kept.lock().unwrap();
    assert!(
        kept.envelopes[0].starts_with("MAIL FROM:<hello@xn--trnwick-5wa.example>"),
        "{:?}",
        kept.envelopes
    );
    let message = kept.messages[0].replace("\r\n ", "");
    let head = message.split("\r\n\r\n").next().unwrap();
    assert!(head.is_ascii(), "{head}");
    for line in [
        "<hello@xn--trnwick-5wa.example>",
        "List-Unsubscribe: <https://www.xn--trnwick-5wa.example/f%C3%BCr-alle/unsubscribe?m=r-",
        "@xn--trnwick-5wa.example>",
    ] {
        assert!(head.contains(line), "{line}: {head}");
    }
}

#[test]
fn what_the_server_refuses_holds_that_message_alone() {
    let server = SmtpServer::start(None);
    server.will([Mood::No]);
    let desk = Desk::new(&by_smtp(server.port));
    let runs = desk.approve(&[("C-1", "one@example.com"), ("C-2", "two@example.com")]);
    assert_eq!(
        (runs[0].status.as_str(), runs[1].status.as_str()),
        ("held", "delivered")
    );
    let again = desk.deliver(&[]);
    assert_eq!(again.len(), 1);
    assert_eq!(again[0]["delivery"]["reason"], runs[0].reason);
    assert_eq!(server.ids().len(), 1, "a refusal is final");
}
