//! `POST /personalize` against the built binary: durable runs a second, and how long one takes, with a bounded load from
//! this process; with `DATABASE_URL` also on a ledger in PostgreSQL, one server and two. `ECHOVOICE_SECONDS` sets how long each load lasts (8).

#![allow(clippy::unwrap_used, clippy::panic, clippy::cast_precision_loss)]

#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../tests/it/support/database.rs"]
mod database;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// One connection that is kept.
struct Client(BufReader<TcpStream>);

impl Client {
    fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(BufReader::new(stream))
    }

    /// Sends a profile and reads the whole answer; its status comes back.
    fn post(&mut self, body: &str) -> u16 {
        let head = format!(
            "POST /personalize HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.0.get_mut().write_all(head.as_bytes()).unwrap();
        let (mut status, mut length) = (0, 0);
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).unwrap();
            if let Some(code) = line.strip_prefix("HTTP/1.1 ") {
                status = code[..3].parse().unwrap();
            }
            let lower = line.to_lowercase();
            if let Some(size) = lower.strip_prefix("content-length: ") {
                length = size.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).unwrap();
        status
    }
}

fn load(addresses: &[&str], clients: usize, seconds: u64, next: &Arc<AtomicU64>) {
    let until = Instant::now() + Duration::from_secs(seconds);
    let workers: Vec<_> = (0..clients)
        .map(|n| {
            let address = addresses[n % addresses.len()].to_owned();
            let next = next.clone();
            std::thread::spawn(move || {
                let mut client = Client::open(&address);
                let mut times = Vec::new();
                while Instant::now() < until {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let page = ["payment_plans", "loans", "cards", "savings"][(number % 4) as usize];
                    let body = format!(
                        "{{\"user_id\":\"B-{}\",\"name\":\"Amara Osei\",\"viewed_page\":\"{page}\",\"form_started\":\"{}\",\"channel\":\"email\",\"jurisdiction\":\"US\",\"consents\":{{\"email\":true}}}}",
                        number % 20_000,
                        if number.is_multiple_of(3) { "yes" } else { "no" }
                    );
                    let from = Instant::now();
                    assert_eq!(client.post(&body), 200);
                    times.push(from.elapsed().as_secs_f64() * 1e3);
                }
                times
            })
        })
        .collect();
    let from = Instant::now();
    let mut times: Vec<f64> = workers
        .into_iter()
        .flat_map(|w| w.join().unwrap())
        .collect();
    let took = from.elapsed().as_secs_f64();
    times.sort_by(f64::total_cmp);
    let at = |share: usize| times[(times.len() - 1) * share / 100];
    println!(
        "{clients:3} at once: {:7.0} runs/s   p50 {:6.2} ms   p95 {:6.2} ms   p99 {:6.2} ms   ({} runs)",
        times.len() as f64 / took,
        at(50),
        at(95),
        at(99),
        times.len()
    );
}

/// Megabytes in memory of a process.
fn memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    let kilobytes = line.and_then(|l| l.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1_024
}

/// The built binary, serving a home.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(home: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_echovoice"))
            .args([
                "serve",
                "--json",
                "--open",
                "--quiet",
                "--listen",
                "127.0.0.1:0",
            ])
            .args(["--rate", "1000000"])
            .env("ECHOVOICE_HOME", home)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut first).unwrap();
        let said: serde_json::Value = serde_json::from_str(&first).unwrap();
        let address = said["listening"].as_str().unwrap().to_owned();
        Self { child, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn main() {
    let seconds = std::env::var("ECHOVOICE_SECONDS").ok();
    let seconds = seconds.and_then(|s| s.parse().ok()).unwrap_or(8);
    let next = Arc::new(AtomicU64::new(0));
    {
        let home = tempfile::tempdir().unwrap();
        let server = Server::start(home.path());
        let one = [server.address.as_str()];
        load(&one, 8, 2, &next);
        println!("--- redb; warm; memory {} MB", memory(server.child.id()));
        for clients in [1, 8, 64] {
            load(&one, clients, seconds, &next);
        }
        println!(
            "memory {} MB after {} requests",
            memory(server.child.id()),
            next.load(Ordering::Relaxed)
        );
    }
    let Some(schema) = database::schema() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    schema.settings(home.path());
    let servers = [Server::start(home.path()), Server::start(home.path())];
    let both = servers.each_ref().map(|server| server.address.as_str());
    load(&both, 8, 2, &next);
    println!("--- PostgreSQL, one server");
    for clients in [1, 8, 64] {
        load(&both[..1], clients, seconds, &next);
    }
    println!("--- PostgreSQL, two servers on one chain");
    for clients in [8, 64] {
        load(&both, clients, seconds, &next);
    }
}
