//! Reads everything back and says what holds. Pure: a log and the keys in, a report out.

use super::checkpoint::{Checkpoint, open_note};
use super::entry::{Entry, EntryKind};
use super::erasure::Erasures;
use super::keys::PublicKey;
use super::log::{AuditLog, Key, LogError, Page};
use super::roster::Roster;
use super::summary::RunSummary;
use super::tree::{self, Frontier, NodeId};
use crate::domain::digest::Digest;
use crate::domain::person::Action;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What verify found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    pub ok: bool,
    /// Entries that were read and hold.
    pub entries: u64,
    pub blobs: u64,
    pub signatures: u64,
    /// Tree root, base64, for keeping elsewhere.
    pub root: String,
    /// First sequence number at which something is wrong.
    pub first_bad: Option<u64>,
    pub problem: Option<String>,
    /// What this proves, and up to where.
    pub proves: String,
}

/// Stop at the first thing that is wrong.
struct Bad {
    seq: u64,
    problem: String,
}

type Check<T = ()> = Result<T, Bad>;

/// Verifies a log against its public key, and against an older checkpoint kept elsewhere if there is one.
///
/// # Errors
/// The log cannot be read at all; what is read and wrong is in the report.
pub fn verify(log: &dyn AuditLog, key: &PublicKey, pin: Option<&str>) -> Result<Report, LogError> {
    let head = log.head()?;
    let mut walk = Walk::default();
    let outcome = walk.run(log, key, &head, pin);
    let root = base64_root(&walk.frontier);
    let proves = match (&outcome, pin) {
        (Ok(()), Some(_)) => format!(
            "No entry up to {} was changed, removed or reordered since the pinned checkpoint was kept.",
            head.size
        ),
        (Ok(()), None) => format!(
            "Entries 0 to {} hang together and are signed. Whoever holds the log key could have rewritten all of them: keep a checkpoint elsewhere and verify with --pin.",
            head.size.saturating_sub(1)
        ),
        (Err(bad), _) => format!(
            "Entries before {} hang together; from there on nothing is proven.",
            bad.seq
        ),
    };
    Ok(Report {
        ok: outcome.is_ok(),
        entries: walk.frontier.size(),
        blobs: walk.blobs,
        signatures: walk.signatures,
        root,
        first_bad: outcome.as_ref().err().map(|b| b.seq),
        problem: outcome.err().map(|b| b.problem),
        proves,
    })
}

fn base64_root(frontier: &Frontier) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(frontier.root())
}

#[derive(Default)]
struct Walk {
    frontier: Frontier,
    last: tree::Hash,
    blobs: u64,
    signatures: u64,
    people: Roster,
    erasures: Erasures,
    /// Every customer that an entry names, with the first such entry.
    subjects: BTreeMap<String, u64>,
    runs: BTreeMap<String, RunSummary>,
    /// `(run, artifact)` that were released by a decision.
    released: BTreeSet<(String, String)>,
}

impl Walk {
    fn run(
        &mut self,
        log: &dyn AuditLog,
        key: &PublicKey,
        head: &super::log::Head,
        pin: Option<&str>,
    ) -> Check {
        let pin = match pin {
            None => None,
            Some(note) => Some(Checkpoint::open(note, key).map_err(|problem| Bad {
                seq: 0,
                problem: format!("the pinned checkpoint: {problem}"),
            })?),
        };
        if let Some(pin) = &pin
            && pin.size > head.size
        {
            return Err(Bad {
                seq: head.size,
                problem: format!(
                    "the pinned checkpoint has {} entries, the log only {}: the tail was removed",
                    pin.size, head.size
                ),
            });
        }
        for seq in 0..head.size {
            let bytes = Self::read(log, Key::Entry(seq), seq, "the entry is missing")?;
            self.entry(log, seq, &bytes)?;
            if pin
                .as_ref()
                .is_some_and(|p| p.size == seq + 1 && p.root != self.frontier.root())
            {
                return Err(Bad {
                    seq,
                    problem: "the log is not the one that the pinned checkpoint saw".into(),
                });
            }
            if let Ok(Some(note)) = log.get(Key::Checkpoint(seq + 1)) {
                self.checkpoint(&String::from_utf8_lossy(&note), key, seq)?;
            }
        }
        let end = head.size.saturating_sub(1);
        if matches!(log.get(Key::Entry(head.size)), Ok(Some(_))) {
            return Err(Bad {
                seq: head.size,
                problem: "there are entries after the last checkpoint".into(),
            });
        }
        if head.size > 0 {
            self.checkpoint(&head.checkpoint, key, end)?;
            if head.last != self.last {
                return Err(Bad {
                    seq: end,
                    problem: "the stored last hash is not the last entry's".into(),
                });
            }
        }
        self.derived(log, end)
    }

    fn checkpoint(&mut self, note: &str, key: &PublicKey, seq: u64) -> Check {
        let checkpoint = Checkpoint::open(note, key).map_err(|problem| Bad { seq, problem })?;
        self.signatures += 1;
        if checkpoint.size != self.frontier.size() || checkpoint.root != self.frontier.root() {
            return Err(Bad {
                seq,
                problem: "the checkpoint does not fit the entries".into(),
            });
        }
        Ok(())
    }

    fn read(log: &dyn AuditLog, key: Key<'_>, seq: u64, missing: &str) -> Check<Vec<u8>> {
        match log.get(key) {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err(Bad {
                seq,
                problem: missing.into(),
            }),
            Err(error) => Err(Bad {
                seq,
                problem: error.to_string(),
            }),
        }
    }

    fn entry(&mut self, log: &dyn AuditLog, seq: u64, bytes: &[u8]) -> Check {
        let bad = |problem: String| Bad { seq, problem };
        let entry = Entry::from_bytes(bytes).map_err(bad)?;
        if entry.seq != seq {
            return Err(bad(format!("the entry says it is number {}", entry.seq)));
        }
        if entry.prev != hex::encode(self.last) {
            return Err(bad(
                "the chain is broken: `prev` is not the hash of the entry before".into(),
            ));
        }
        let mut nodes: Vec<(NodeId, tree::Hash)> = Vec::new();
        self.frontier
            .push(tree::leaf(bytes), |id, hash| nodes.push((id, hash)));
        self.last = Digest::of(bytes).0;
        let ids: Vec<NodeId> = nodes.iter().map(|n| n.0).collect();
        let stored = log.hashes(&ids).map_err(|e| bad(e.to_string()))?;
        if !stored
            .iter()
            .zip(&nodes)
            .all(|(s, (_, hash))| s.as_ref() == Some(hash))
        {
            return Err(bad("a stored tree hash is wrong".into()));
        }
        for digest in entry
            .blobs
            .values()
            .chain(entry.sealed.values().map(|s| &s.blob))
        {
            let blob = Self::read(
                log,
                Key::Blob(digest),
                seq,
                "a blob is missing, and no erasure explains it",
            )?;
            if Digest::of(&blob) != *digest {
                return Err(bad("a blob was changed".into()));
            }
            self.blobs += 1;
        }
        let id = Self::read(
            log,
            Key::Id(&entry.id),
            seq,
            "the entry's id is not indexed",
        )?;
        if id != seq.to_be_bytes() {
            return Err(bad("the entry's id points elsewhere".into()));
        }
        self.rules(&entry)
    }

    /// Who may do what, once more; and delivery only after a release of the same content.
    fn rules(&mut self, entry: &Entry) -> Check {
        let bad = |problem: String| Bad {
            seq: entry.seq,
            problem,
        };
        self.signatures += self.people.apply(entry).map_err(bad)?;
        self.signatures += self.erasures.apply(entry, &self.people).map_err(bad)?;
        if let Some(subject) = &entry.subject {
            if self.erasures.is_erased(subject) && entry.kind == EntryKind::RunStarted {
                return Err(bad(
                    "a run under the name of a customer who was erased".into()
                ));
            }
            self.subjects.entry(subject.clone()).or_insert(entry.seq);
        }
        match entry.kind {
            EntryKind::RunStarted => {
                if let Some(summary) = RunSummary::start(entry) {
                    self.runs.insert(summary.run.clone(), summary);
                }
                return Ok(());
            }
            EntryKind::Decision | EntryKind::Override => self.decision(entry)?,
            EntryKind::PackActivated => self.activation(entry)?,
            EntryKind::Delivery if entry.text("status") == Some("delivered") => {
                let pair = (
                    entry.run.clone().unwrap_or_default(),
                    entry.text("artifact").unwrap_or_default().to_owned(),
                );
                if !self.released.remove(&pair) {
                    return Err(bad(
                        "a delivery without an earlier approval of the same content".into(),
                    ));
                }
            }
            _ => {}
        }
        if let Some(summary) = entry.run.as_ref().and_then(|run| self.runs.get_mut(run)) {
            summary.apply(entry);
        }
        Ok(())
    }

    /// A pack comes into force through somebody who may, and who did not write it.
    fn activation(&self, entry: &Entry) -> Check {
        let bad = |problem: String| Bad {
            seq: entry.seq,
            problem,
        };
        self.people.acting(entry).map_err(bad)?;
        entry.role.may(Action::ManagePolicy).map_err(bad)?;
        if entry.text("author") == Some(entry.actor.as_str()) {
            return Err(bad(format!(
                "{} activated a pack of their own",
                entry.actor
            )));
        }
        Ok(())
    }

    fn decision(&mut self, entry: &Entry) -> Check {
        let bad = |problem: String| Bad {
            seq: entry.seq,
            problem,
        };
        let by = self.people.acting(entry).map_err(bad)?;
        by.role.may(Action::Decide).map_err(bad)?;
        let note = entry
            .text("note")
            .ok_or_else(|| bad("a decision without its signed note".into()))?;
        let text =
            open_note(note, &by.key).map_err(|e| bad(format!("the decision's signature: {e}")))?;
        self.signatures += 1;
        let line = |name: &str| {
            text.lines()
                .find_map(|l| l.strip_prefix(name)?.strip_prefix(' '))
                .unwrap_or_default()
                .to_owned()
        };
        let run = entry.run.clone().unwrap_or_default();
        let same = line("run") == run
            && line("variant") == entry.text("variant").unwrap_or_default()
            && line("artifact") == entry.text("artifact").unwrap_or_default()
            && line("verdict") == entry.text("verdict").unwrap_or_default()
            && line("decision").to_lowercase() == entry.text("kind").unwrap_or_default();
        if !same {
            return Err(bad(
                "the signed note says something else than the entry".into()
            ));
        }
        let summary = self
            .runs
            .get(&run)
            .ok_or_else(|| bad("a decision about an unknown run".into()))?;
        if summary.makers.contains(&entry.actor) {
            return Err(bad(format!(
                "{} decided about words of their own",
                entry.actor
            )));
        }
        let kind = entry.data.get("kind").and_then(|k| {
            serde_json::from_value::<crate::domain::decision::DecisionKind>(k.clone()).ok()
        });
        let kind = kind.ok_or_else(|| bad("an unknown decision".into()))?;
        let state = summary.state.after(kind).map_err(bad)?;
        if summary.state == crate::domain::decision::ReviewState::SecondSignature
            && kind.releases()
            && summary.decided_by == entry.actor
        {
            return Err(bad(format!(
                "{} signed twice where two people must",
                entry.actor
            )));
        }
        if state == crate::domain::decision::ReviewState::Approved {
            self.released
                .insert((run, entry.text("artifact").unwrap_or_default().to_owned()));
        }
        Ok(())
    }

    /// Derived tables are what the entries say.
    fn derived(&self, log: &dyn AuditLog, end: u64) -> Check {
        let bad = |seq: u64, problem: String| Bad { seq, problem };
        for (run, summary) in &self.runs {
            let stored = Self::read(
                log,
                Key::Run(run),
                summary.seq,
                "a run is missing in the list of runs",
            )?;
            if serde_json::to_vec(summary).ok().as_deref() != Some(stored.as_slice()) {
                return Err(bad(
                    summary.seq,
                    format!("the list of runs says something else of {run} than its entries"),
                ));
            }
        }
        let listed = log
            .page(Page::Runs {
                before: u64::MAX,
                limit: self.runs.len() + 1,
            })
            .map_err(|e| bad(end, e.to_string()))?;
        if listed.len() != self.runs.len() {
            return Err(bad(
                end,
                "the list of runs has a row that no entry explains".into(),
            ));
        }
        for (subject, seq) in &self.subjects {
            let known = matches!(log.get(Key::Pseudonym(subject)), Ok(Some(_)));
            if known == self.erasures.is_erased(subject) {
                return Err(bad(
                    *seq,
                    if known {
                        "the key of a customer who was erased is still there".into()
                    } else {
                        "a customer's key is missing, and no erasure explains it".into()
                    },
                ));
            }
        }
        let people = log
            .page(Page::People)
            .map_err(|e| bad(end, e.to_string()))?;
        if people.len() != self.people.len() {
            return Err(bad(
                end,
                "the roster has a row that no entry explains".into(),
            ));
        }
        for (_, row) in people {
            let row: serde_json::Value =
                serde_json::from_slice(&row).map_err(|e| bad(end, e.to_string()))?;
            let known = row["name"].as_str().and_then(|name| self.people.get(name));
            if !known.is_some_and(|member| {
                row["role"] == member.role.as_str()
                    && row["key"] == member.key.to_text()
                    && row["active"] == member.active
            }) {
                return Err(bad(
                    end,
                    "the roster says something else than the enrolments".into(),
                ));
            }
        }
        Ok(())
    }
}
