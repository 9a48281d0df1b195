//! Reads everything back and says what holds. Pure: a log and the keys in, a report out.

mod customers;
mod derived;
mod rows;
mod sealed;

use crate::domain::digest::Digest;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::entry::{Entry, EntryKind, MAX_ENTRY_BYTES};
use crate::ledger::evidence::{Commitment, EntriesOfRuns};
use crate::ledger::keys::PublicKey;
use crate::ledger::log::{AuditLog, Key, LogError, Page};
use crate::ledger::roster::row_after;
use crate::ledger::rules::Rules;
use crate::ledger::tree::{self, Frontier, NodeId};
use crate::ledger::vault::Vault;
use customers::Customers;
use rows::{AHEAD, Bad, Named, RowCheck, read};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

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
    /// First sequence number at which something is wrong; none where it is not the entries.
    pub first_bad: Option<u64>,
    pub problem: Option<String>,
    /// What this proves, and up to where.
    pub proves: String,
    /// Which rules the entries were written under.
    pub rules: String,
}

impl Report {
    /// What is wrong, in words; none if all holds.
    pub fn wrong(&self) -> Option<String> {
        let problem = self.problem.as_ref()?;
        Some(match self.first_bad {
            Some(seq) => format!("TAMPERED at entry {seq}: {problem}"),
            None => format!("NOT IN ORDER: {problem}"),
        })
    }
}

/// Verifies a log against its public key, and against an older checkpoint kept elsewhere if there is one.
///
/// # Errors
/// The log cannot be read at all; what is read and wrong is in the report.
pub fn verify(log: &dyn AuditLog, key: &PublicKey, pin: Option<&str>) -> Result<Report, LogError> {
    verify_with(log, key, pin, None)
}

/// As [`verify`]; with the vault's key at hand, customers' keys are opened as well.
///
/// # Errors
/// See [`verify`].
pub fn verify_with(
    log: &dyn AuditLog,
    key: &PublicKey,
    pin: Option<&str>,
    vault: Option<&Vault>,
) -> Result<Report, LogError> {
    let mut size = log.head()?.size;
    loop {
        let report = look(log, key, pin, vault)?;
        // What was written meanwhile may look like rows too many: once more, from the end as it is now.
        let now = log.head()?.size;
        if report.ok || now == size {
            return Ok(report);
        }
        size = now;
    }
}

/// Reads everything once.
fn look(
    log: &dyn AuditLog,
    key: &PublicKey,
    pin: Option<&str>,
    vault: Option<&Vault>,
) -> Result<Report, LogError> {
    let head = log.head()?;
    let mut walk = Walk::default();
    // The vault, if it is this record's: of another nothing opens.
    let mut own = None;
    let mut verdicts = 0;
    let (walked, checked) = thread::scope(|scope| {
        let (sender, named) = sync_channel(AHEAD);
        let rows = scope.spawn(move || rows::check(log, &named));
        let walked = walk.run(log, key, &head, pin, &sender).and_then(|()| {
            own = match vault {
                Some(vault) if walk.is_of(log, vault)? => Some(vault),
                _ => None,
            };
            walk.customers(log, head.size.saturating_sub(1), own)?;
            if let Some(vault) = own {
                verdicts = walk.sealed(log, vault)?;
            }
            Ok(())
        });
        drop(sender);
        let checked = rows.join().unwrap_or_else(|_| {
            Err(Bad {
                seq: 0,
                problem: "the check of rows has stopped".into(),
            })
        });
        (walked, checked)
    });
    let blobs = checked.as_ref().map_or(0, |found| found.named);
    // Rows are counted when all that should be there is known.
    let walked = walked.and_then(|()| match &checked {
        Ok(found) => walk.counted(log, head.size, *found),
        Err(_) => Ok(()),
    });
    let outcome = match (walked, checked) {
        (Err(walked), Err(blob)) if blob.seq < walked.seq => Err(blob),
        (Err(walked), _) => Err(walked),
        (Ok(()), checked) => checked.map(drop),
    };
    let root = base64_root(&walk.frontier);
    let wrong_vault = outcome.is_ok() && vault.is_some() && own.is_none();
    let opened = match vault {
        _ if wrong_vault => " Customers' keys were not opened.".to_owned(),
        Some(_) if outcome.is_ok() => {
            format!(" {verdicts} sealed verdicts were opened, and are what was decided about.")
        }
        _ => String::new(),
    };
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
        ok: outcome.is_ok() && !wrong_vault,
        entries: walk.frontier.size(),
        blobs,
        signatures: walk.signatures,
        root,
        first_bad: outcome.as_ref().err().map(|b| b.seq),
        problem: outcome
            .err()
            .map(|b| b.problem)
            .or_else(|| wrong_vault.then(|| WRONG_VAULT.to_owned())),
        proves: proves + &opened,
        rules: walk.rules.says(walk.frontier.size()),
    })
}

fn base64_root(frontier: &Frontier) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(frontier.root())
}

/// The record is whole, and its customers' data is out of reach.
const WRONG_VAULT: &str = "vault.key is not this record's, so that no customer's data opens: bring the right one from its \
                           backup, or move this one away";

/// Entries read at once.
const STEP: u64 = 256;

#[derive(Default)]
struct Walk {
    frontier: Frontier,
    last: tree::Hash,
    /// Checkpoints that were found, and tree hashes that should be there.
    checkpoints: u64,
    inner: u64,
    /// Tree hashes that are still to be compared, each with the entry that made it.
    nodes: Vec<(u64, NodeId, tree::Hash)>,
    signatures: u64,
    rules: Rules,
    customers: Customers,
    /// Runs that somebody decided, or that were a planted test.
    decided: BTreeSet<String>,
    of_runs: EntriesOfRuns,
    /// The roster's rows, by name.
    people: BTreeMap<String, Vec<u8>>,
}

impl Walk {
    fn run(
        &mut self,
        log: &dyn AuditLog,
        key: &PublicKey,
        head: &crate::ledger::log::Head,
        pin: Option<&str>,
        rows: &SyncSender<Named>,
    ) -> RowCheck {
        let pin = match pin {
            None => None,
            Some(note) => Some(
                Checkpoint::open(note, key)
                    .map_err(|why| Bad::at(0, format!("the pinned checkpoint: {why}")))?,
            ),
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
        let mut page = Vec::new();
        let mut notes = Vec::new().into_iter();
        for seq in 0..head.size {
            if page.is_empty() {
                self.nodes(log)?;
                page = Self::page(log, seq, head.size)?;
                notes = Self::notes(log, seq, page.len()).into_iter();
            }
            let bytes = match page.pop() {
                Some((number, bytes)) if number == seq => bytes,
                _ => {
                    return Err(Bad {
                        seq,
                        problem: "the entry is missing".into(),
                    });
                }
            };
            if let Err(bad) = self.entry(seq, &bytes, rows) {
                self.nodes(log)?;
                return Err(bad);
            }
            if pin
                .as_ref()
                .is_some_and(|p| p.size == seq + 1 && p.root != self.frontier.root())
            {
                return Err(Bad {
                    seq,
                    problem: "the log is not the one that the pinned checkpoint saw".into(),
                });
            }
            if let Some(Some(note)) = notes.next() {
                self.checkpoints += 1;
                self.checkpoint(&String::from_utf8_lossy(&note), key, seq)?;
            }
        }
        self.nodes(log)?;
        let end = head.size.saturating_sub(1);
        if matches!(log.one(Key::Entry(head.size)), Ok(Some(_))) {
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

    /// Compares the tree's hashes since the last time with the stored ones.
    fn nodes(&mut self, log: &dyn AuditLog) -> RowCheck {
        let nodes = std::mem::take(&mut self.nodes);
        let ids: Vec<NodeId> = nodes.iter().map(|node| node.1).collect();
        let first = nodes.first().map_or(0, |node| node.0);
        let stored = log.hashes(&ids).map_err(|e| Bad {
            seq: first,
            problem: e.to_string(),
        })?;
        for (stored, (seq, _, hash)) in stored.iter().zip(&nodes) {
            if stored.as_ref() != Some(hash) {
                return Err(Bad {
                    seq: *seq,
                    problem: "a stored tree hash is wrong".into(),
                });
            }
        }
        Ok(())
    }

    fn checkpoint(&mut self, note: &str, key: &PublicKey, seq: u64) -> RowCheck {
        let checkpoint = Checkpoint::open(note, key).map_err(|why| Bad::at(seq, why))?;
        self.signatures += 1;
        if checkpoint.size != self.frontier.size() || checkpoint.root != self.frontier.root() {
            return Err(Bad {
                seq,
                problem: "the checkpoint does not fit the entries".into(),
            });
        }
        Ok(())
    }

    /// Entries from a number on, the first one last. A page that cannot be read whole is read one by one, so that the
    /// first bad entry is named.
    fn page(log: &dyn AuditLog, from: u64, size: u64) -> RowCheck<Vec<(u64, Vec<u8>)>> {
        let before = (from + STEP).min(size);
        let limit = usize::try_from(before - from).unwrap_or(0);
        match log.page(Page::Entries { before, limit }) {
            Ok(rows) => Ok(rows),
            Err(_) => Ok(vec![(
                from,
                read(log, Key::Entry(from), from, "the entry is missing")?,
            )]),
        }
    }

    /// Checkpoints right after each of so many entries, where there are some.
    fn notes(log: &dyn AuditLog, from: u64, count: usize) -> Vec<Option<Vec<u8>>> {
        let sizes = (from + 1..).take(count);
        let keys: Vec<Key<'_>> = sizes.map(Key::Checkpoint).collect();
        let one = |key: &Key<'_>| log.one(*key).ok().flatten();
        log.get(&keys)
            .unwrap_or_else(|_| keys.iter().map(one).collect())
    }

    fn entry(&mut self, seq: u64, bytes: &[u8], rows: &SyncSender<Named>) -> RowCheck {
        let bad = |problem: String| Bad { seq, problem };
        let entry = Entry::from_bytes(bytes).map_err(|why| Bad::at(seq, why))?;
        if bytes.len() > MAX_ENTRY_BYTES {
            return Err(bad("longer than an entry may be".into()));
        }
        if entry.v != 1 {
            return Err(bad(format!("the entry is of version {}", entry.v)));
        }
        if entry.seq != seq {
            return Err(bad(format!("the entry says it is number {}", entry.seq)));
        }
        if entry.prev != hex::encode(self.last) {
            return Err(bad(
                "the chain is broken: `prev` is not the hash of the entry before".into(),
            ));
        }
        let nodes = &mut self.nodes;
        self.frontier.push(tree::leaf(bytes), |id, hash| {
            if id.level > 0 {
                nodes.push((seq, id, hash));
            }
        });
        self.inner = (seq + 1) - u64::from((seq + 1).count_ones());
        self.last = Digest::of(bytes).0;
        let named: Vec<Digest> = entry
            .blobs
            .values()
            .chain(entry.sealed.values().map(|sealed| &sealed.blob))
            .copied()
            .collect();
        // A closed channel: the other thread has found something wrong already, and says so at the end.
        let _ = rows.send(Named {
            seq,
            id: entry.id.clone(),
            run: entry.run.clone(),
            blobs: named,
        });
        self.rules(&entry)
    }

    /// Who may do what, once more.
    fn rules(&mut self, entry: &Entry) -> RowCheck {
        let bad = |why| Bad::at(entry.seq, why);
        self.signatures += self.rules.apply(entry).map_err(bad)?;
        if self.rules.three() {
            Commitment::check(entry, &self.of_runs).map_err(|why| Bad::at(entry.seq, why))?;
        }
        if let Some(run) = &entry.run {
            match self.of_runs.get_mut(run) {
                Some(numbers) => numbers.push(entry.seq),
                None => drop(self.of_runs.insert(run.clone(), vec![entry.seq])),
            }
        }
        if matches!(
            entry.kind(),
            EntryKind::Decision | EntryKind::Override | EntryKind::CanaryRevealed
        ) {
            self.decided.extend(entry.run.clone());
        }
        if let Some(name) = entry.payload().person().and_then(|p| p.name.as_deref())
            && let Some((name, row)) = row_after(entry, self.people.get(name).map(Vec::as_slice))
        {
            self.people.insert(name, row);
        }
        let told = self.customers.apply(entry, self.rules.two());
        told.map_err(|why| Bad::at(entry.seq, why))
    }
}
