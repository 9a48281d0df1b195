//! The hand-over of approved messages to what is not ours: once, whoever is killed, and never against a no.

use crate::support::smtp::{Mood, Phase, SmtpServer};
use crate::support::{code, echovoice};
use echovoice::domain::decision::DecisionKind;
use echovoice::domain::profile::Profile;
use echovoice::service::home::workspace::Options;
use echovoice::service::review::decide::{DecisionWord, decide};
use echovoice::service::run::{Options as RunOptions, Unwatched, start};
use echovoice::service::{Needs, Workspace};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

const PROFILE: &str = include_str!("../../assets/profiles/01-clean-winner.json");
const WHY: &str = "reviewed against the checklist";

/// A home with these settings.
fn home(settings: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("config.toml"), settings).unwrap();
    home
}

fn by_smtp(port: u16) -> String {
    format!(
        "[delivery]\nemail = \"smtp\"\n[delivery.smtp]\nhost = \"127.0.0.1\"\nport = {port}\nsecurity = \"none\"\n"
    )
}

/// A port at which nobody listens: what is approved meanwhile waits.
fn nobody() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// Approved runs of as many customers; what became of each hand-over.
fn approve(home: &Path, count: usize) -> Vec<(String, String)> {
    let workspace = Workspace::open(Options {
        home,
        needs: Needs::Record,
        judges: false,
        person: Some("demo.officer"),
        as_of: None,
        tenant: None,
        progress: &mut |_| {},
    })
    .unwrap();
    let shipped: Value = serde_json::from_str(PROFILE).unwrap();
    (0..count)
        .map(|n| {
            let mut value = shipped.clone();
            value["user_id"] = format!("C-{n}").into();
            value["email"] = format!("customer.{n}@example.com").into();
            let profile = Profile::from_value(&value).unwrap();
            let options = RunOptions {
                seed: 7,
                record: true,
            };
            let mut session = start(&workspace, profile, options).unwrap();
            session
                .run_on(&workspace, &AtomicBool::new(false), &mut Unwatched)
                .unwrap();
            let word = DecisionWord {
                run: &session.run.id,
                variant: "A",
                kind: DecisionKind::Approve,
                reason: WHY,
                code: None,
                seen: None,
            };
            let outcome = decide(&workspace, &word).unwrap();
            let said = outcome
                .delivery
                .reason
                .unwrap_or_else(|| outcome.delivery.status.as_str().to_owned());
            (session.run.id.clone(), said)
        })
        .collect()
}

fn deliver(home: &Path, args: &[&str]) -> Vec<Value> {
    let output = echovoice(home, &[&["deliver", "--json"], args].concat());
    assert_eq!(
        code(&output),
        0,
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

/// A person looked, and says what became of it.
fn settle(home: &Path, run: &str, how: &str) {
    let reason = "looked in the server's log";
    let settled = echovoice(home, &["deliver", "--settle", run, how, "--reason", reason]);
    assert_eq!(
        code(&settled),
        0,
        "{}",
        String::from_utf8_lossy(&settled.stderr)
    );
}

fn entries(home: &Path) -> Vec<Value> {
    let output = echovoice(home, &["audit", "list", "--json", "--limit", "100000"]);
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn verifies(home: &Path) {
    let output = echovoice(home, &["audit", "verify"]);
    assert_eq!(
        code(&output),
        0,
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[test]
fn a_mail_server_takes_a_message_over_tls_and_its_own_id_is_on_record() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let server = SmtpServer::start(Some(Arc::new(config)));
    let home = home("");
    let (root, word) = (home.path().join("root.pem"), home.path().join("word"));
    std::fs::write(&root, made.cert.pem()).unwrap();
    std::fs::write(&word, "hush\n").unwrap();
    let settings = format!(
        "[delivery]\nemail = \"smtp\"\n[delivery.smtp]\nhost = \"localhost\"\nport = {}\nuser = \"desk\"\npassword_file = {word:?}\nroot_certificates = {root:?}\n",
        server.port
    );
    std::fs::write(home.path().join("config.toml"), settings).unwrap();
    let runs = approve(home.path(), 1);
    assert_eq!(runs[0].1, "delivered");
    let kept = server.kept.lock().unwrap();
    let message = &kept.messages[0];
    for header in [
        "To: customer.0@example.com",
        "List-Unsubscribe: <https://www.tarnwick.example/unsubscribe?m=r-",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    ] {
        assert!(
            message.replace("\r\n ", "").contains(header),
            "{header}: {message}"
        );
    }
    assert_eq!(kept.logins.len(), 1);
    let delivery = entries(home.path())
        .into_iter()
        .find(|e| e["type"] == "delivery" && e["data"]["status"] == "delivered")
        .unwrap();
    assert_eq!(delivery["data"]["provider"], "2.0.0 Ok: queued as Q1");
    verifies(home.path());
}

#[test]
fn a_server_in_the_open_is_spoken_to_on_this_machine_alone_and_tls_is_not_given_up() {
    let elsewhere = home(&by_smtp(25).replace("127.0.0.1", "mail.example"));
    let output = echovoice(elsewhere.path(), &["deliver"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("for this machine alone"));
    // This one has no STARTTLS: nothing is sent to it in the open.
    let server = SmtpServer::start(None);
    let home = home(&by_smtp(server.port).replace("\"none\"", "\"starttls\""));
    let runs = approve(home.path(), 1);
    assert!(runs[0].1.contains("did not take it"), "{}", runs[0].1);
    assert!(server.ids().is_empty());
}

#[test]
fn a_no_is_kept_a_later_is_tried_again_and_no_address_is_told() {
    let server = SmtpServer::start(None);
    server.will([Mood::No, Mood::Later]);
    let home = home(&by_smtp(server.port));
    let runs = approve(home.path(), 2);
    assert!(
        runs[0].1.contains("refused it: the server said 550"),
        "{}",
        runs[0].1
    );
    assert!(
        runs[1].1.contains("did not take it: the server said 451"),
        "{}",
        runs[1].1
    );
    let again = deliver(home.path(), &[]);
    let of = |run: &str| again.iter().find(|line| line["run"] == run).unwrap()["delivery"].clone();
    assert_eq!(of(&runs[0].0)["status"], "held");
    assert_eq!(of(&runs[1].0)["status"], "delivered");
    assert_eq!(server.ids().len(), 1);
    let all = entries(home.path());
    assert!(!serde_json::to_string(&all).unwrap().contains("example.com"));
    // What was refused can be taken back.
    let back = [
        "queue",
        "withdraw",
        &runs[0].0,
        "--reason",
        "the address is wrong",
        "--as",
        "demo.officer",
    ];
    let output = echovoice(home.path(), &back);
    assert_eq!(
        code(&output),
        0,
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    verifies(home.path());
}

#[test]
fn a_lost_answer_is_settled_by_a_person_and_never_sent_again_by_itself() {
    let server = SmtpServer::start(None);
    server.will([Mood::Silent, Mood::Silent]);
    let home = home(&by_smtp(server.port));
    let runs = approve(home.path(), 2);
    assert!(
        runs.iter()
            .all(|(_, said)| said.contains("the answer was lost")),
        "{runs:?}"
    );
    for line in deliver(home.path(), &[]) {
        assert_eq!(line["delivery"]["status"], "held", "{line}");
    }
    let withdrawn = echovoice(
        home.path(),
        &[
            "queue",
            "withdraw",
            &runs[0].0,
            "--reason",
            "not any more please",
            "--as",
            "demo.officer",
        ],
    );
    assert!(String::from_utf8_lossy(&withdrawn.stderr).contains("settle that first"));
    for (run, how) in [(&runs[0].0, "--sent"), (&runs[1].0, "--not-sent")] {
        settle(home.path(), run, how);
    }
    let again = deliver(home.path(), &[]);
    assert_eq!(again.len(), 1);
    assert_eq!(
        (&again[0]["run"], &again[0]["delivery"]["status"]),
        (&runs[1].0.as_str().into(), &"delivered".into())
    );
    let nothing = echovoice(
        home.path(),
        &[
            "deliver",
            "--settle",
            &runs[0].0,
            "--sent",
            "--reason",
            "looked in the server's log",
        ],
    );
    assert!(String::from_utf8_lossy(&nothing.stderr).contains("nothing to settle"));
    verifies(home.path());
}

/// `ECHOVOICE_KILLS` sets how often the program is killed amid hand-overs (12).
#[test]
fn over_kills_every_approved_message_is_taken_exactly_once() {
    let kills: usize = std::env::var("ECHOVOICE_KILLS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(12);
    let server = SmtpServer::start(None);
    let home = home(&by_smtp(nobody()));
    let runs = approve(home.path(), 2 * kills + 6);
    std::fs::write(home.path().join("config.toml"), by_smtp(server.port)).unwrap();
    let mut struck = 0;
    let phases = [Phase::Recipient, Phase::Text, Phase::Answered];
    for round in 0..kills {
        let wanted = phases[round % 3];
        let start = server.ids().len();
        let after = start + usize::from(wanted != Phase::Recipient) + round % 2;
        let (sender, reached) = channel();
        let sender = Mutex::new(sender);
        let (pause, paused) = channel::<()>();
        let paused = Mutex::new(paused);
        *server.watch.lock().unwrap() = Some(Box::new(move |phase, count| {
            if phase == wanted && count >= after {
                // The session stands still here until the client is dead.
                let _ = sender.lock().unwrap().send(());
                let _ = paused.lock().unwrap().recv();
            }
        }));
        let mut child = Command::new(env!("CARGO_BIN_EXE_echovoice"))
            .args(["deliver", "--json"])
            .env("ECHOVOICE_HOME", home.path())
            .env_remove("ECHOVOICE_USER")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let killed = loop {
            match reached.recv_timeout(std::time::Duration::from_millis(20)) {
                Ok(()) => break true,
                Err(_) if child.try_wait().unwrap().is_some() => break false,
                Err(_) => {}
            }
        };
        struck += usize::from(killed);
        if killed {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        drop(pause);
        *server.watch.lock().unwrap() = None;
    }
    assert!(
        struck * 4 >= kills * 3,
        "only {struck} of {kills} were amid a hand-over"
    );
    // A person looks at the server, and settles what is not known.
    let waiting: Vec<Value> = deliver(home.path(), &["--dry-run"]);
    let taken: BTreeSet<String> = server.ids().into_iter().collect();
    for line in &waiting {
        if line["held"]
            .as_str()
            .is_some_and(|why| why.contains("handed over") || why.contains("was begun"))
        {
            let run = line["run"].as_str().unwrap();
            let how = if taken.iter().any(|id| id.starts_with(run)) {
                "--sent"
            } else {
                "--not-sent"
            };
            settle(home.path(), run, how);
        }
    }
    deliver(home.path(), &[]);
    assert!(
        deliver(home.path(), &["--dry-run"]).is_empty(),
        "nothing is left"
    );
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for id in server.ids() {
        *count.entry(id[..12].to_owned()).or_default() += 1;
    }
    for (run, _) in &runs {
        assert_eq!(count.get(run), Some(&1), "{run}: {count:?}");
    }
    verifies(home.path());
}

/// A program that takes messages; each request's head and body come back. It answers what it is told, then 200.
fn program(answers: Vec<&'static str>) -> (u16, Receiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, requests) = channel();
    let mut answers = answers.into_iter();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = BufReader::new(stream);
            let (mut head, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                if stream.read_line(&mut line).unwrap_or(0) == 0 || line == "\r\n" {
                    break;
                }
                let lower = line.to_lowercase();
                if let Some(count) = lower.strip_prefix("content-length: ") {
                    length = count.trim().parse().unwrap();
                }
                head.push_str(&lower);
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).unwrap();
            let _ = sender.send((head, String::from_utf8(body).unwrap()));
            let status = answers.next().unwrap_or("200 OK");
            let said = "{\"id\":\"crm-7\"}";
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{said}",
                said.len()
            );
            let _ = stream.get_mut().write_all(answer.as_bytes());
        }
    });
    (port, requests)
}

#[test]
fn a_webhook_is_signed_named_once_and_tried_again() {
    let (port, requests) = program(vec!["503 Service Unavailable"]);
    let home = home("");
    let word = home.path().join("word");
    std::fs::write(&word, "hush").unwrap();
    let settings = format!(
        "[delivery]\nemail = \"webhook\"\n[delivery.webhook]\nurl = \"http://127.0.0.1:{port}/hook\"\nsecret_file = {word:?}\n"
    );
    std::fs::write(home.path().join("config.toml"), settings).unwrap();
    let runs = approve(home.path(), 1);
    assert!(runs[0].1.contains("it answered 503"), "{}", runs[0].1);
    assert_eq!(
        deliver(home.path(), &[])[0]["delivery"]["status"],
        "delivered"
    );
    let seen: Vec<(String, String)> = requests.try_iter().collect();
    let header = |head: &str, name: &str| {
        head.lines()
            .find_map(|l| l.strip_prefix(&format!("{name}: ")))
            .unwrap()
            .trim()
            .to_owned()
    };
    let keys: BTreeSet<String> = seen
        .iter()
        .map(|(head, _)| header(head, "idempotency-key"))
        .collect();
    assert_eq!(
        (seen.len(), keys.len()),
        (2, 1),
        "the same message has the same key"
    );
    for (head, body) in &seen {
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(b"hush").unwrap();
        mac.update(format!("{}.{body}", header(head, "x-echovoice-timestamp")).as_bytes());
        let expected = format!("v1={}", hex::encode(mac.finalize().into_bytes()));
        assert_eq!(header(head, "x-echovoice-signature"), expected);
        let body: Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["to"], "customer.0@example.com");
        assert_eq!(body["run_id"], runs[0].0.as_str());
    }
    let delivery = entries(home.path())
        .into_iter()
        .find(|e| e["data"]["status"] == "delivered")
        .unwrap();
    assert_eq!(delivery["data"]["provider"], "crm-7");
    verifies(home.path());
}

#[test]
fn who_opted_out_gets_nothing_whatever_the_profile_says() {
    let server = SmtpServer::start(None);
    let home = home(&by_smtp(nobody()));
    let runs = approve(home.path(), 3);
    std::fs::write(home.path().join("config.toml"), by_smtp(server.port)).unwrap();
    let add = [
        "opt-out",
        "add",
        "C-0",
        "Customer.1@Example.com",
        "--as",
        "demo.officer",
    ];
    assert_eq!(code(&echovoice(home.path(), &add)), 0);
    let list = std::fs::read_to_string(home.path().join("opt_out.txt")).unwrap();
    assert!(!list.contains("C-0") && !list.to_lowercase().contains("customer"));
    let rehearsed = deliver(home.path(), &["--dry-run"]);
    let sends: Vec<&Value> = rehearsed
        .iter()
        .filter(|line| line["would_send"] == true)
        .collect();
    assert_eq!(sends.len(), 1);
    assert!(server.ids().is_empty(), "a rehearsal sends nothing");
    let done = deliver(home.path(), &[]);
    let held = done
        .iter()
        .filter(|line| line["delivery"]["reason"] == "the recipient is on the opt-out list");
    assert_eq!(held.count(), 2);
    assert_eq!(server.ids().len(), 1);
    assert!(server.ids()[0].starts_with(&runs[2].0));
}
