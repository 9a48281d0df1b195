//! A run that waits, in a log under an insider's hands, and what can be done to it with real keys.

use super::forge::Forge;
use super::stranger;
use crate::support::said::With as _;
use echovoice::domain::digest::Digest;
use echovoice::domain::person::Role;
use echovoice::domain::review::Act;
use echovoice::ledger::act::payload_of;
use echovoice::ledger::checkpoint::sign_note;
use echovoice::ledger::erasure;
use echovoice::ledger::evidence::{Span, export, seal};
use echovoice::ledger::keys::SigningKey;
use echovoice::ledger::payload::ActPayload;
use echovoice::ledger::review::Word;
use echovoice::ledger::vault::Vault;
use echovoice::ledger::verify::{Report, verify};
use echovoice::ledger::{EntryKind, Ledger, NewEntry};
use serde_json::json;

const PEOPLE: [(&str, Role, u8); 7] = [
    ("ann", Role::Officer, 1),
    ("bob", Role::Officer, 2),
    ("cat", Role::Principal, 3),
    ("dan", Role::Principal, 4),
    ("eva", Role::Admin, 5),
    ("fay", Role::Marketer, 6),
    ("gus", Role::Auditor, 7),
];

pub fn key(name: &str) -> SigningKey {
    let seed = PEOPLE.iter().find(|p| p.0 == name).map_or(9, |p| p.2);
    SigningKey::from_seed([seed; 32])
}

fn role(name: &str) -> Role {
    PEOPLE
        .iter()
        .find(|p| p.0 == name)
        .map_or(Role::System, |p| p.1)
}

/// A log under an insider's hands, in one of the three formats.
pub struct Forged {
    pub forge: Forge,
    pub format: u8,
    pub minute: u32,
    /// Changes of what is in force, and what it is.
    pub changes: u64,
    pub state: Vec<String>,
}

/// What a decision says where a case wants it to say something else.
#[derive(Clone, Copy)]
pub struct Said<'s> {
    pub variant: &'s str,
    pub artifact: &'s [u8],
    pub verdict: &'s [u8],
    pub time: Option<&'s str>,
}

pub const AS_JUDGED: Said<'static> = Said {
    variant: "A",
    artifact: b"A",
    verdict: b"v",
    time: None,
};

impl Forged {
    /// An honest writer that goes on with what stands there.
    pub fn writer(&self) -> Ledger {
        let vault = Vault::in_memory([7; 32]);
        Ledger::start(self.forge.log.clone(), vault, key("log"), "insider").unwrap()
    }

    /// People, and a run that waits; `both` and `bulk` as the policy would have said, `format` 1, 2 or 3.
    pub fn new(format: u8, both: bool, bulk: bool) -> Self {
        let mut forged = Self {
            forge: Forge::new(key("log")),
            format,
            minute: 0,
            changes: 0,
            state: vec!["brand/brand.toml sha256:aa".into()],
        };
        let state = forged.state.clone();
        forged.put(EntryKind::LogGenesis, "system", |entry| {
            let entry = entry
                .with("format", format!("echovoice-ledger/{format}"))
                .with("people", PEOPLE.len());
            match format {
                3 => entry.with("state", state),
                _ => entry,
            }
        });
        for (name, role, _) in PEOPLE {
            forged.put(EntryKind::KeyEnrolled, "system", |entry| {
                entry
                    .with("name", name)
                    .with("role", role.as_str())
                    .with("key", key(name).public().to_text())
            });
        }
        let who = if format == 3 { "fay" } else { "system" };
        forged.put(EntryKind::RunStarted, who, |entry| {
            let mut entry = entry.run("r-1");
            entry.customer = Some("c-1".into());
            entry
        });
        forged.generated();
        forged.judged(both);
        forged.put(EntryKind::AnalyticsDone, "system", |entry| {
            let entry = entry.run("r-1").with("winner", "A");
            if bulk {
                entry.with("bulk", true)
            } else {
                entry
            }
        });
        forged
    }

    /// Three variants: A passes, B is blocked, C is blocked for good.
    pub fn generated(&mut self) {
        let artifacts: serde_json::Map<_, _> = ["A", "B", "C"]
            .map(|name| (name.to_owned(), json!(Digest::of(name.as_bytes()))))
            .into_iter()
            .collect();
        self.put(EntryKind::VariantGenerated, "system", |entry| {
            entry.run("r-1").with("artifacts", artifacts)
        });
    }

    pub fn judged(&mut self, both: bool) {
        self.put(EntryKind::GateResult, "system", |entry| {
            let mut entry = entry
                .run("r-1")
                .with("passed", 1)
                .with("blocked", 2)
                .with("variants", json!({"A": "pass", "B": "block", "C": "block"}))
                .with("hard", vec!["C"])
                .with("verdict", json!(Digest::of(b"v")));
            entry.pack = Some(Digest::of(b"p"));
            if both {
                entry.with("two", json!({"A": "the channel email"}))
            } else {
                entry
            }
        });
    }

    fn time(&self) -> String {
        format!("2026-11-25T10:{:02}:00Z", self.minute)
    }

    pub fn put(
        &mut self,
        kind: EntryKind,
        by: &str,
        fill: impl FnOnce(NewEntry) -> NewEntry,
    ) -> u64 {
        self.minute += 1;
        let id = format!("forged/{}", self.minute);
        let entry = fill(NewEntry::new(id, kind, by, role(by), &self.time()));
        self.forge.put(entry)
    }

    pub fn decide(&mut self, by: &str, decision: &str, more: &[(&str, &str)]) -> u64 {
        self.decide_about(by, decision, AS_JUDGED, more)
    }

    pub fn decide_about(
        &mut self,
        by: &str,
        decision: &str,
        said: Said<'_>,
        more: &[(&str, &str)],
    ) -> u64 {
        let terms: Vec<(&str, &str)> = more.to_vec();
        self.decide_signing(by, decision, said, &terms, more)
    }

    /// A decision whose signed terms are others than its entry's, if a case wants that.
    pub fn decide_signing(
        &mut self,
        by: &str,
        decision: &str,
        said: Said<'_>,
        signed: &[(&str, &str)],
        more: &[(&str, &str)],
    ) -> u64 {
        self.minute += 1;
        let time = self.time();
        let own = said.time.unwrap_or(&time);
        let artifact = Digest::of(said.artifact).to_string();
        let verdict = Digest::of(said.verdict).to_string();
        let variant = said.variant;
        let pack = Digest::of(b"p");
        let shouted = decision.to_uppercase();
        let term = |name: &str| {
            let found = signed.iter().find(|(known, _)| *known == name);
            found.map_or("none", |(_, value)| *value).to_owned()
        };
        let (version, terms) = if self.format > 1 {
            let terms: String = ["send_after", "expires", "bulk", "proven_by"]
                .map(|name| format!("{name} {}\n", term(name)))
                .concat();
            (2, terms)
        } else {
            (1, String::new())
        };
        let note = format!(
            "echovoice/decision/v{version}\nrun r-1\nvariant {variant}\nartifact {artifact}\nverdict {verdict}\npack {pack}\n\
             decision {shouted}\ncode none\nreason \n{terms}time {own}\n"
        );
        let kind = if decision == "override" {
            EntryKind::Override
        } else {
            EntryKind::Decision
        };
        let mut entry = NewEntry::new(format!("d/{}", self.minute), kind, by, role(by), &time)
            .run("r-1")
            .with("kind", decision)
            .with("variant", variant)
            .with("artifact", artifact)
            .with("verdict", verdict)
            .with("code", "")
            .with("note", sign_note(&note, by, &key(by)));
        entry.pack = Some(pack);
        for (name, value) in more {
            entry = entry.with(name, *value);
        }
        self.forge.put(entry)
    }

    pub fn act(&mut self, by: &str, act: Act, to: Option<&str>, signed: &str, written: &str) {
        let time = format!("2026-11-25T10:{:02}:00Z", self.minute + 1);
        let word = Word {
            act,
            run: "r-1",
            to,
            reason: signed,
        };
        let note = sign_note(&word.note(&time), by, &key(by));
        let kind = payload_of(act, ActPayload::default()).kind();
        self.put(kind, by, |entry| {
            let mut entry = entry.run("r-1").with("reason", written).with("note", note);
            if kind == EntryKind::Assigned {
                entry = entry.with("how", act.as_str());
            }
            match to {
                Some(to) => entry.with("to", to),
                None => entry,
            }
        });
    }

    pub fn deliver(&mut self, decision: u64) {
        self.put(EntryKind::Delivery, "system", |entry| {
            entry
                .run("r-1")
                .with("status", "delivered")
                .with("decision", decision)
                .with("artifact", Digest::of(b"A").to_string())
        });
    }

    pub fn data(
        &mut self,
        by: &str,
        kind: EntryKind,
        subject: &str,
        fill: impl FnOnce(NewEntry) -> NewEntry,
    ) -> u64 {
        let time = format!("2026-11-25T10:{:02}:00Z", self.minute + 1);
        let word = erasure::Word {
            kind,
            subject,
            until: None,
            reason: "its time is over",
        };
        let note = sign_note(&word.note(&time), by, &key(by));
        self.put(kind, by, |entry| {
            fill(
                entry
                    .with("subject", subject)
                    .with("reason", "its time is over")
                    .with("note", note),
            )
        })
    }

    /// An entry with a signed note of these lines, and its fields.
    pub fn signed(
        &mut self,
        kind: EntryKind,
        (by, id): (&str, &str),
        (about, lines): (&str, &[(&str, &str)]),
        fill: impl FnOnce(NewEntry) -> NewEntry,
    ) -> u64 {
        let time = format!("2026-11-25T10:{:02}:00Z", self.minute + 1);
        let lines: Vec<String> = lines.iter().map(|(k, v)| format!("{k} {v}\n")).collect();
        let lines = lines.concat();
        let text = format!("echovoice/{about}/v1\n{lines}time {time}\n");
        let note = sign_note(&text, by, &key(by));
        self.put(kind, by, |mut entry| {
            if !id.is_empty() {
                entry.id = id.to_owned();
            }
            fill(entry.with("note", note))
        })
    }

    /// A pack is put in force; `author` wrote it.
    pub fn activate(&mut self, by: &str, pack: &str, author: &str) -> u64 {
        let line = format!("policies/active/{pack}.toml sha256:bb");
        let mut state = self.state.clone();
        state.retain(|known| !known.starts_with(&format!("policies/active/{pack}.toml ")));
        state.push(line);
        state.sort();
        self.put_in_force(by, pack, author, state)
    }

    /// The same, with any state.
    pub fn put_in_force(&mut self, by: &str, pack: &str, author: &str, state: Vec<String>) -> u64 {
        self.changes += 1;
        self.state.clone_from(&state);
        let id = format!("state/{}", self.changes);
        let hash = Digest::of(state.join("\n").as_bytes()).to_string();
        let lines = [
            ("action", "activate"),
            ("pack", pack),
            ("digest", "sha256:bb"),
            ("state", &hash),
            ("reason", "none"),
        ];
        let kind = EntryKind::PackActivated;
        self.signed(kind, (by, &id), ("state", &lines), |entry| {
            entry
                .with("action", "activate")
                .with("pack", pack)
                .with("digest", "sha256:bb")
                .with("author", author)
                .with("state", state)
        })
    }

    /// What is in force is said to be right.
    pub fn accept_home(&mut self, by: &str, state: Vec<String>) -> u64 {
        self.changes += 1;
        self.state.clone_from(&state);
        let id = format!("state/{}", self.changes);
        let hash = Digest::of(state.join("\n").as_bytes()).to_string();
        let lines = [
            ("action", "accept"),
            ("pack", "none"),
            ("digest", "none"),
            ("state", &hash),
            ("reason", "templates were edited"),
        ];
        let kind = EntryKind::HomeAccepted;
        self.signed(kind, (by, &id), ("state", &lines), |entry| {
            entry
                .with("action", "accept")
                .with("reason", "templates were edited")
                .with("state", state)
        })
    }

    /// A token is made for somebody, or revoked.
    pub fn token(&mut self, by: &str, token: &str, name: &str, made: bool) -> u64 {
        let (action, end, kind, hash) = if made {
            ("make", "made", EntryKind::TokenMade, "sha256:cc")
        } else {
            ("revoke", "revoked", EntryKind::TokenRevoked, "none")
        };
        let lines = [
            ("action", action),
            ("token", token),
            ("name", name),
            ("hash", hash),
            ("expires", "none"),
        ];
        let id = format!("token/{token}/{end}");
        self.signed(kind, (by, &id), ("token", &lines), |entry| {
            let entry = entry.with("token", token).with("name", name);
            if made {
                entry.with("hash", hash)
            } else {
                entry
            }
        })
    }

    /// A custodian proposes bob's key for ann, who lost hers, or confirms what was proposed.
    pub fn new_key(&mut self, by: &str, proposal: Option<u64>) -> u64 {
        let text = key("bob").public().to_text();
        let (action, kind) = match proposal {
            None => ("propose", EntryKind::KeyProposed),
            Some(_) => ("replace", EntryKind::KeyEnrolled),
        };
        let lines = [
            ("action", action),
            ("name", "ann"),
            ("role", "officer"),
            ("key", text.as_str()),
        ];
        self.signed(kind, (by, ""), ("people", &lines), |entry| {
            let said = lines[1..].iter();
            let entry = said.fold(entry, |entry, (field, says)| entry.with(field, *says));
            match proposal {
                Some(seq) => entry.with("proposal", seq),
                None => entry,
            }
        })
    }

    /// The same entry again without its note: what somebody could write who has no key.
    pub fn unsigned(
        &mut self,
        kind: EntryKind,
        (by, id): (&str, &str),
        fill: impl FnOnce(NewEntry) -> NewEntry,
    ) -> u64 {
        self.put(kind, by, |mut entry| {
            if !id.is_empty() {
                entry.id = id.to_owned();
            }
            fill(entry)
        })
    }

    /// What the two verifiers say.
    pub fn verdicts(&self) -> (Option<String>, Option<(bool, String)>) {
        let (report, stranger) = self.reports();
        (report.problem, stranger)
    }

    /// The same, with all that the first one says.
    pub fn reports(&self) -> (Report, Option<(bool, String)>) {
        let public = key("log").public();
        let report = verify(self.forge.log.as_ref(), &public, None).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("export");
        self.export(&out);
        (report, stranger::checks(&out))
    }

    /// Everything, exported and signed for.
    pub fn export(&self, out: &std::path::Path) {
        let public = key("log").public();
        let span = Span::default();
        let log = self.forge.log.as_ref();
        let done = export(log, &public, &span, out, &mut |_, _| {}).unwrap();
        seal(out, &done, &span, &key("log")).unwrap();
    }
}
