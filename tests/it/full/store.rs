//! What is kept for a while: in a real Redis where `REDIS_URL` names one, gone with the customer, and in memory while
//! Redis is away.

use crate::support::server::Server;
use crate::support::{code, echovoice};
use echovoice::store::{Fallback, KEPT, Redis, RedisLocation, Store, StoreStatus};
use redis::Commands as _;
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use zeroize::Zeroizing;

const PROFILE: &str = include_str!("../../../assets/profiles/01-clean-winner.json");

fn url() -> Option<String> {
    let url = std::env::var("REDIS_URL").ok();
    if url.is_none() {
        eprintln!("SKIPPED: REDIS_URL is not set, so nothing was tested on Redis");
    }
    url
}

/// A prefix that no other test has.
fn prefix() -> String {
    let mut random = [0; 8];
    getrandom::fill(&mut random).unwrap();
    format!("test-{}:", hex::encode(random))
}

fn redis(url: &str, prefix: &str, kept: Duration) -> Redis {
    Redis::new(RedisLocation {
        url: Zeroizing::new(url.to_owned()),
        prefix: prefix.to_owned(),
        kept,
    })
    .unwrap()
}

#[test]
fn values_come_back_until_they_are_dropped_and_redis_lets_them_go() {
    let Some(url) = url() else { return };
    let prefix = prefix();
    let store = redis(&url, &prefix, KEPT);
    let keys = [
        "c:segment".to_owned(),
        "c:winner".to_owned(),
        "c:none".to_owned(),
    ];
    let bytes = vec![0, 10, 13, 255];
    store
        .put(&[
            (keys[0].clone(), b"{}".to_vec()),
            (keys[1].clone(), bytes.clone()),
        ])
        .unwrap();
    assert_eq!(
        store.get(&keys).unwrap(),
        [Some(b"{}".to_vec()), Some(bytes), None]
    );
    let mut raw = redis::Client::open(url).unwrap().get_connection().unwrap();
    let left: i64 = raw.ttl(format!("{prefix}c:segment")).unwrap();
    assert!((3_590..=3_600).contains(&left), "{left}");
    store.forget(&keys).unwrap();
    assert_eq!(store.get(&keys).unwrap(), [None, None, None]);
}

/// Passes bytes on to Redis while it is up; down, it ends what there is and takes no more.
struct Proxy {
    address: String,
    up: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Proxy {
    fn before(url: &str) -> Self {
        let host = url
            .trim_start_matches("redis://")
            .split(['/', '@'])
            .find(|p| p.contains(':'))
            .unwrap()
            .to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Self {
            address: listener.local_addr().unwrap().to_string(),
            up: Arc::new(AtomicBool::new(true)),
            open: Arc::default(),
        };
        let (up, open) = (proxy.up.clone(), proxy.open.clone());
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if !up.load(Ordering::SeqCst) {
                    continue;
                }
                let server = TcpStream::connect(&host).unwrap();
                open.lock()
                    .unwrap()
                    .extend([client.try_clone().unwrap(), server.try_clone().unwrap()]);
                let (a, b) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                std::thread::spawn(move || pump(a, b));
                std::thread::spawn(move || pump(server, client));
            }
        });
        proxy
    }

    fn go(&self, up: bool) {
        self.up.store(up, Ordering::SeqCst);
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream) {
    let mut block = [0; 16_384];
    while let Ok(count @ 1..) = from.read(&mut block) {
        if to.write_all(&block[..count]).is_err() {
            return;
        }
    }
}

#[test]
fn memory_takes_over_while_redis_is_away_and_it_is_used_again_without_a_start() {
    let Some(url) = url() else { return };
    let proxy = Proxy::before(&url);
    let prefix = prefix();
    let through = redis(
        &format!("redis://{}", proxy.address),
        &prefix,
        Duration::from_mins(1),
    );
    let store = Fallback::new(through, KEPT);
    let keys = ["c:segment".to_owned()];
    let value = |text: &str| [(keys[0].clone(), text.as_bytes().to_vec())];
    store.put(&value("one")).unwrap();
    assert_eq!(store.whereabouts(), StoreStatus::Redis);
    proxy.go(false);
    // The first call finds out; none fails.
    store.put(&value("two")).unwrap();
    assert_eq!(store.whereabouts(), StoreStatus::FallenBack);
    assert_eq!(store.get(&keys).unwrap(), [Some(b"two".to_vec())]);
    assert!(store.forget(&keys).is_err());
    proxy.go(true);
    // Sooner or later a call may ask again.
    while store.whereabouts() == StoreStatus::FallenBack {
        store.get(&keys).unwrap();
        std::thread::yield_now();
    }
    assert_eq!(store.get(&keys).unwrap(), [Some(b"one".to_vec())]);
    redis(&url, &prefix, KEPT).forget(&keys).unwrap();
}

#[test]
fn a_connection_that_redis_closed_meanwhile_is_replaced_without_a_word() {
    let Some(url) = url() else { return };
    let proxy = Proxy::before(&url);
    let prefix = prefix();
    let through = redis(&format!("redis://{}", proxy.address), &prefix, KEPT);
    let store = Fallback::new(through, KEPT);
    let keys = ["c:segment".to_owned()];
    let value = |text: &str| [(keys[0].clone(), text.as_bytes().to_vec())];
    store.put(&value("one")).unwrap();
    // What is idle for long is closed by the server (`timeout`), which goes on itself.
    for round in 0..3 {
        for stream in proxy.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        match round {
            0 => assert_eq!(store.get(&keys).unwrap(), [Some(b"one".to_vec())]),
            1 => store.put(&value("two")).unwrap(),
            _ => store.forget(&keys).unwrap(),
        }
        assert_eq!(store.whereabouts(), StoreStatus::Redis, "round {round}");
    }
    assert_eq!(redis(&url, &prefix, KEPT).get(&keys).unwrap(), [None]);
}

#[test]
fn a_run_is_kept_under_the_seeds_keys_and_an_erasure_drops_it() {
    let Some(url) = url() else { return };
    let prefix = prefix();
    let home = Arc::new(tempfile::tempdir().unwrap());
    let settings =
        format!("[store]\nurl_env = \"REDIS_URL\"\nprefix = \"{prefix}\"\nseconds = 100\n");
    std::fs::write(home.path().join("config.toml"), settings).unwrap();
    let server = Server::in_home(home.clone(), &["--open", "--quiet"]);
    let json = [("content-type", "application/json")];
    let run = server.ask("POST", "/personalize", &json, PROFILE).json();
    let profile: Value = serde_json::from_str(PROFILE).unwrap();
    let id = profile["user_id"].as_str().unwrap();

    let kept = server
        .ask("GET", &format!("/customers/{id}"), &[], "")
        .json();
    assert_eq!(kept["winner"], run["analysis"]["winner"]);
    assert_eq!(kept["citations"], run["citations"]);
    let mut raw = redis::Client::open(url).unwrap().get_connection().unwrap();
    for part in ["segment", "citations", "variants", "analysis", "winner"] {
        let text: String = raw.get(format!("{prefix}{id}:{part}")).unwrap();
        assert_eq!(
            serde_json::from_str::<Value>(&text).unwrap(),
            kept[part],
            "{part}"
        );
    }
    let health = server.ask("GET", "/health", &[], "").json();
    assert_eq!(
        (&health["status"], &health["store"]),
        (&"ok".into(), &"redis".into())
    );
    drop(server);

    let erased = echovoice(
        home.path(),
        &[
            "audit",
            "erase",
            id,
            "--reason",
            "asked for under article 17",
            "--as",
            "demo.principal",
        ],
    );
    assert_eq!(
        code(&erased),
        0,
        "{}",
        String::from_utf8_lossy(&erased.stderr)
    );
    let left: Vec<String> = raw.keys(format!("{prefix}*")).unwrap();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn health_tells_that_the_store_is_away_and_runs_go_on() {
    let home = Arc::new(tempfile::tempdir().unwrap());
    // Nobody listens at this port of this machine.
    let place = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    std::fs::write(home.path().join("redis.url"), format!("redis://{place}")).unwrap();
    let file = home.path().join("redis.url");
    let settings = format!("[store]\nurl_file = {:?}\n", file.to_str().unwrap());
    std::fs::write(home.path().join("config.toml"), settings).unwrap();
    let server = Server::in_home(home, &["--open", "--quiet"]);
    let json = [("content-type", "application/json")];
    let profile: Value = serde_json::from_str(PROFILE).unwrap();
    let id = profile["user_id"].as_str().unwrap();
    assert_eq!(
        server.ask("POST", "/personalize", &json, PROFILE).status,
        200
    );
    let health = server.ask("GET", "/health", &[], "").json();
    assert_eq!(health["status"], "degraded");
    assert!(
        health["trouble"][0]
            .as_str()
            .unwrap()
            .contains("the store does not answer")
    );
    let kept = server.ask("GET", &format!("/customers/{id}"), &[], "");
    assert_eq!(
        (kept.status, &kept.json()["winner"]["variant_id"]),
        (200, &"A".into())
    );
    assert_eq!(server.ask("GET", "/customers/nobody", &[], "").status, 404);
}
