//! A home whose messages are approved and handed over.

use crate::support::{code, echovoice};
use echovoice::domain::decision::DecisionKind;
use echovoice::domain::profile::Profile;
use echovoice::service::home::workspace::Options;
use echovoice::service::review::decide::{DecisionWord, decide};
use echovoice::service::run::{Options as RunOptions, Unwatched, start};
use echovoice::service::{Needs, Workspace};
use serde_json::Value;
use std::path::Path;
use std::sync::atomic::AtomicBool;

pub const PROFILE: &str = include_str!("../../../../assets/profiles/01-clean-winner.json");

pub struct Desk {
    pub home: tempfile::TempDir,
}

/// One run and what its approval answered: delivery status, and the reason if there is one.
#[derive(Debug)]
pub struct Approved {
    pub status: String,
    pub reason: String,
}

pub fn by_smtp(port: u16) -> String {
    format!(
        "[delivery]\nemail = \"smtp\"\n[delivery.smtp]\nhost = \"127.0.0.1\"\nport = {port}\nsecurity = \"none\"\n"
    )
}

impl Desk {
    pub fn new(settings: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("config.toml"), settings).unwrap();
        Self { home }
    }

    pub fn path(&self) -> &Path {
        self.home.path()
    }

    pub fn settings(&self, settings: &str) {
        std::fs::write(self.path().join("config.toml"), settings).unwrap();
    }

    pub fn open(&self) -> Workspace {
        Workspace::open(Options {
            home: self.path(),
            needs: Needs::Record,
            judges: false,
            person: Some("demo.officer"),
            as_of: None,
            tenant: None,
            progress: &mut |_| {},
        })
        .unwrap()
    }

    /// A run of each (customer, address), approved.
    pub fn approve(&self, customers: &[(&str, &str)]) -> Vec<Approved> {
        let workspace = self.open();
        customers
            .iter()
            .map(|customer| approve(&workspace, customer))
            .collect()
    }

    pub fn deliver(&self, args: &[&str]) -> Vec<Value> {
        let output = echovoice(self.path(), &[&["deliver", "--json"], args].concat());
        assert_eq!(
            code(&output),
            0,
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Entries about hand-overs, oldest first, each its status and data.
    pub fn deliveries(&self) -> Vec<(String, Value)> {
        let output = echovoice(
            self.path(),
            &["audit", "list", "--json", "--limit", "100000"],
        );
        let text = String::from_utf8(output.stdout).unwrap();
        let entries = text
            .lines()
            .rev()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        entries
            .filter(|entry| entry["type"] == "delivery")
            .map(|entry| {
                let status = entry["data"]["status"].as_str().unwrap().to_owned();
                (status, entry["data"].clone())
            })
            .collect()
    }

    pub fn outbox(&self) -> usize {
        std::fs::read_dir(self.path().join("outbox")).map_or(0, Iterator::count)
    }

    pub fn says(&self, args: &[&str]) -> String {
        let output = echovoice(self.path(), args);
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn verifies(&self) {
        let output = echovoice(self.path(), &["audit", "verify"]);
        assert_eq!(
            code(&output),
            0,
            "{}",
            String::from_utf8_lossy(&output.stdout)
        );
    }
}

pub fn approve(workspace: &Workspace, (customer, email): &(&str, &str)) -> Approved {
    let mut value: Value = serde_json::from_str(PROFILE).unwrap();
    value["user_id"] = (*customer).into();
    value["email"] = (*email).into();
    // A reader of profiles may take no such address: then there is none, and that holds the message as well.
    let profile = Profile::from_value(&value).unwrap_or_else(|_| {
        value["email"] = Value::Null;
        Profile::from_value(&value).unwrap()
    });
    let options = RunOptions {
        seed: 7,
        record: true,
    };
    let mut session = start(workspace, profile, options).unwrap();
    session
        .run_on(workspace, &AtomicBool::new(false), &mut Unwatched)
        .unwrap();
    let word = DecisionWord {
        run: &session.run.id,
        variant: "A",
        kind: DecisionKind::Approve,
        reason: "reviewed against the checklist",
        code: None,
        seen: None,
    };
    let outcome = decide(workspace, &word).unwrap();
    Approved {
        status: outcome.delivery.status.as_str().to_owned(),
        reason: outcome.delivery.reason.unwrap_or_default(),
    }
}
