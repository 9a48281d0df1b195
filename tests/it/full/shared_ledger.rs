//! Several processes on one ledger in PostgreSQL: one chain, whoever is killed.

use crate::support::database::schema;
use crate::support::server::{Server, one_run};
use crate::support::{code, echovoice, kinds};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

const PROFILE: &str = include_str!("../../../assets/profiles/01-clean-winner.json");

fn audit(home: &Path) {
    let verified = echovoice(home, &["audit", "verify"]);
    assert_eq!(
        code(&verified),
        0,
        "{}",
        String::from_utf8_lossy(&verified.stdout)
    );
}

/// `ECHOVOICE_KILLS` sets how often one of the two is killed under load (3).
#[test]
fn two_servers_keep_one_chain_under_load_and_kills() {
    let Some(schema) = schema() else { return };
    let kills = std::env::var("ECHOVOICE_KILLS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(3);
    let home = Arc::new(tempfile::tempdir().unwrap());
    schema.settings(home.path());
    let start = || Server::in_home(home.clone(), &["--open", "--quiet"]);
    let mut servers = [start(), start()];
    let body: Value = serde_json::from_str(PROFILE).unwrap();
    let body = body.to_string();
    let mut answered: Vec<String> = Vec::new();
    for round in 0..kills {
        let (sender, ids) = channel();
        let clients: Vec<_> = (0..4)
            .map(|n| {
                let (sender, body) = (sender.clone(), body.clone());
                let address = servers[n % 2].address.clone();
                std::thread::spawn(move || {
                    while let Some(id) = one_run(&address, &body) {
                        if sender.send((n % 2, id)).is_err() {
                            break;
                        }
                    }
                })
            })
            .collect();
        drop(sender);
        // Both get on.
        let mut of = [0; 2];
        while of.iter().any(|count| *count < 5 + round % 7) {
            let (which, id) = ids.recv().unwrap();
            of[which] += 1;
            answered.push(id);
        }
        let killed = round % 2;
        servers[killed].child.kill().unwrap();
        servers[killed].child.wait().unwrap();
        // The other one goes on meanwhile.
        let mut more = 0;
        while more < 5 {
            let (which, id) = ids.recv().unwrap();
            more += usize::from(which != killed);
            answered.push(id);
        }
        drop(ids);
        for client in clients {
            client.join().unwrap();
        }
        servers[killed] = start();
    }
    drop(servers);
    let known: BTreeSet<&String> = answered.iter().collect();
    assert_eq!(known.len(), answered.len(), "an id was given twice");
    let listed = echovoice(
        home.path(),
        &["audit", "list", "--json", "--limit", "1000000"],
    );
    let text = String::from_utf8(listed.stdout).unwrap();
    let mut finished: Vec<String> = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|entry| entry["type"] == "analytics.done")
        .map(|entry| entry["run"].as_str().unwrap().to_owned())
        .collect();
    let all = finished.len();
    finished.sort();
    finished.dedup();
    assert_eq!(finished.len(), all, "a stage is on record twice");
    for id in &answered {
        assert!(
            finished.binary_search(id).is_ok(),
            "{id} was answered and is not on record"
        );
    }
    audit(home.path());
}

#[test]
fn a_ledger_moves_from_its_file_into_the_database_and_goes_on_there() {
    let Some(schema) = schema() else { return };
    let keep = tempfile::tempdir().unwrap();
    let (old, new) = (keep.path().join("old"), keep.path().join("new"));
    let profile = "assets/profiles/01-clean-winner.json";
    assert_eq!(code(&echovoice(&old, &["run", profile])), 0);
    let export = keep.path().join("export");
    let out = export.to_str().unwrap();
    assert_eq!(
        code(&echovoice(&old, &["audit", "export", "--out", out])),
        0
    );
    std::fs::create_dir(&new).unwrap();
    schema.settings(&new);
    let restored = echovoice(&new, &["audit", "restore", out]);
    assert_eq!(
        code(&restored),
        0,
        "{}",
        String::from_utf8_lossy(&restored.stderr)
    );
    let again = echovoice(&new, &["audit", "restore", out]);
    assert!(String::from_utf8_lossy(&again.stderr).contains("has a ledger already"));
    for name in ["keys", "vault.key"] {
        let copied = Command::new("cp")
            .arg("-r")
            .arg(old.join(name))
            .arg(&new)
            .status()
            .unwrap();
        assert!(copied.success());
    }
    assert_eq!(code(&echovoice(&new, &["run", profile])), 0);
    audit(&new);
    let told = kinds(&new);
    assert_eq!(
        told.iter().filter(|kind| *kind == "analytics.done").count(),
        2
    );
    let backup = echovoice(&new, &["audit", "backup", "--out", out]);
    assert!(String::from_utf8_lossy(&backup.stderr).contains("pg_dump"));
}

#[test]
fn workers_share_a_batch_and_a_killed_ones_lines_are_done_by_another() {
    let Some(schema) = schema() else { return };
    let home = tempfile::tempdir().unwrap();
    schema.settings(home.path());
    let file = home.path().join("people.jsonl");
    let mut text = String::new();
    for n in 0..150 {
        let mut profile: Value = serde_json::from_str(PROFILE).unwrap();
        profile["user_id"] = format!("u-{n}").into();
        text.push_str(&format!("{profile}\n"));
    }
    text.push_str("not JSON\n");
    std::fs::write(&file, text).unwrap();
    let name = file.to_str().unwrap();
    let refused = tempfile::tempdir().unwrap();
    let alone = echovoice(refused.path(), &["batch", name, "--share"]);
    assert!(String::from_utf8_lossy(&alone.stderr).contains("ledger in a database"));

    let worker = || {
        Command::new(env!("CARGO_BIN_EXE_echovoice"))
            .args(["batch", name, "--share", "--json", "--jobs", "1"])
            .env("ECHOVOICE_HOME", home.path())
            .env_remove("ECHOVOICE_USER")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    // The first is killed amid its lines, with some answered.
    let mut killed = worker();
    let mut lines = BufReader::new(killed.stdout.take().unwrap()).lines();
    for _ in 0..5 {
        lines.next().unwrap().unwrap();
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    let outputs: Vec<_> = [worker(), worker()]
        .map(|child| std::thread::spawn(move || child.wait_with_output().unwrap()))
        .into_iter()
        .map(|thread| String::from_utf8(thread.join().unwrap().stdout).unwrap())
        .collect();
    let answers: Vec<Vec<Value>> = outputs
        .iter()
        .map(|text| {
            text.lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect()
        })
        .collect();
    let wrong: Vec<&Value> = answers
        .iter()
        .flatten()
        .filter(|a| !a["error"].is_null())
        .collect();
    assert!(
        wrong.iter().filter(|a| a["line"] == 151).count() == 1,
        "{wrong:?}"
    );
    let ids: Vec<&str> = answers
        .iter()
        .flatten()
        .filter_map(|a| a["run_id"].as_str())
        .collect();
    let distinct: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(
        (ids.len(), distinct.len()),
        (150, 150),
        "each line is answered by one of the two"
    );
    let kinds = kinds(home.path());
    let count = |wanted: &str| kinds.iter().filter(|kind| *kind == wanted).count();
    assert_eq!((count("run.started"), count("analytics.done")), (150, 150));
    audit(home.path());

    // Nothing is left to share; by oneself it is all there.
    let again = echovoice(home.path(), &["batch", name, "--share"]);
    assert!(String::from_utf8_lossy(&again.stdout).contains("0 runs"));
    let whole = echovoice(home.path(), &["batch", name]);
    assert!(
        String::from_utf8_lossy(&whole.stdout).contains("150 runs, 150 of them were there already")
    );
}

/// What clients said: each message's letter and content.
type Overheard = Arc<Mutex<Vec<(u8, Vec<u8>)>>>;

/// Passes bytes on to the database and keeps what clients say: each message's letter and content.
fn overheard(url: &str) -> (String, Overheard) {
    let config: tokio_postgres::Config = url.parse().unwrap();
    let host = config.get_hosts().iter().find_map(|host| match host {
        tokio_postgres::config::Host::Tcp(name) => Some(name.clone()),
        tokio_postgres::config::Host::Unix(_) => None,
    });
    let server = format!(
        "{}:{}",
        host.unwrap_or_else(|| "127.0.0.1".into()),
        config.get_ports().first().unwrap_or(&5432)
    );
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let said = Arc::new(Mutex::new(Vec::new()));
    let kept = said.clone();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = TcpStream::connect(&server).unwrap();
            let (mut back, mut forth) = (server.try_clone().unwrap(), client.try_clone().unwrap());
            std::thread::spawn(move || drop(std::io::copy(&mut back, &mut forth)));
            let kept = kept.clone();
            // Whoever goes away ends it.
            std::thread::spawn(move || drop(listen(client, server, &kept)));
        }
    });
    let password = config.get_password().map_or_else(String::new, |word| {
        format!(":{}", String::from_utf8_lossy(word))
    });
    let through = format!(
        "postgres://{}{password}@127.0.0.1:{port}/{}?sslmode=disable",
        config.get_user().unwrap_or("postgres"),
        config.get_dbname().unwrap_or("postgres")
    );
    (through, said)
}

fn listen(
    mut client: TcpStream,
    mut server: TcpStream,
    kept: &Mutex<Vec<(u8, Vec<u8>)>>,
) -> std::io::Result<()> {
    let mut is_first = true;
    loop {
        // The first message of a connection has no letter.
        let mut letter = [0];
        if !is_first {
            client.read_exact(&mut letter)?;
            server.write_all(&letter)?;
        }
        let mut length = [0; 4];
        client.read_exact(&mut length)?;
        let mut body = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap() - 4];
        client.read_exact(&mut body)?;
        server.write_all(&length)?;
        server.write_all(&body)?;
        if !is_first {
            kept.lock().unwrap().push((letter[0], body));
        }
        is_first = false;
    }
}

/// What PgBouncer needs in transaction mode: no statement with a name, nothing set for longer than a transaction, and
/// nothing done outside of one.
#[test]
fn nothing_of_a_session_is_counted_on() {
    let Some(schema) = schema() else { return };
    let home = tempfile::tempdir().unwrap();
    schema.settings(home.path());
    let (through, said) = overheard(&schema.url);
    let by = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_echovoice"))
            .args(args)
            .env("ECHOVOICE_HOME", home.path())
            .env("DATABASE_URL", &through)
            .env_remove("ECHOVOICE_USER")
            .output()
            .unwrap();
        assert_eq!(
            code(&output),
            0,
            "{args:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    let people = home.path().join("people.jsonl");
    std::fs::write(
        &people,
        PROFILE.parse::<Value>().unwrap().to_string() + "\n",
    )
    .unwrap();
    by(&["run", "assets/profiles/01-clean-winner.json"]);
    by(&["batch", people.to_str().unwrap(), "--share"]);
    by(&["queue", "list"]);
    by(&["audit", "list"]);
    by(&["audit", "verify"]);
    by(&["database", "status"]);
    by(&["database", "migrate"]);
    let said = said.lock().unwrap();
    let text = |body: &[u8]| {
        let end = body.iter().position(|b| *b == 0).unwrap_or(body.len());
        String::from_utf8_lossy(&body[..end]).into_owned()
    };
    assert!(said.iter().any(|(letter, _)| *letter == b'P'));
    for (letter, body) in said.iter() {
        let words = text(body);
        match letter {
            b'P' => assert_eq!(words, "", "a statement has a name"),
            b'Q' => assert!(
                !words
                    .split(';')
                    .any(|one| one.trim_start().starts_with("SET ") && !one.contains("SET LOCAL")),
                "{words}"
            ),
            _ => {}
        }
    }
    // Each parse stands between a BEGIN and its end, on a connection that takes turns.
    let begins = said
        .iter()
        .filter(|(letter, body)| *letter == b'Q' && text(body).starts_with("BEGIN"))
        .count();
    let ends = said
        .iter()
        .filter(|(letter, body)| {
            *letter == b'Q' && ["COMMIT", "ROLLBACK"].contains(&text(body).as_str())
        })
        .count();
    assert!(begins > 0 && ends >= begins, "{begins} {ends}");
}
