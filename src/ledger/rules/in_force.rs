//! What is in force in a home, as the record has it: packs, and the texts behind every run, each by its hash. A genesis
//! begins it, activations and an administrator's word change it. A pack may ask that two persons stand for a change of it.

use super::acts::{self, Lines};
use super::format::adopted;
use crate::domain::digest::Digest;
use crate::ledger::entry::{Entry, EntryKind};
use crate::ledger::log::{AuditLog, Key, LogError};
use crate::ledger::payload::InForcePayload;
use crate::ledger::payload::field::TextList;
use crate::ledger::refusal::{InForceRefusal, Refusal};
use crate::ledger::roster::Roster;
use std::collections::{BTreeMap, BTreeSet};

/// Ends the line of a pack that is changed by two persons alone.
pub const TWO: &str = " two_persons";

/// What is in force, and how often it changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InForce {
    pub lines: Vec<String>,
    pub changes: u64,
    /// The number of the entry that said so last.
    pub since: u64,
    /// What was proposed since, by the number of the entry: a change ends them all, so that none is confirmed twice.
    proposed: BTreeMap<u64, Proposed>,
}

/// A change that waits for a second person.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Proposed {
    by: String,
    change: Change,
}

/// What a change does, and to what it leads: both persons say the same.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Change {
    /// One pack alone, and not all that is in force.
    of_pack: bool,
    action: String,
    pack: Option<String>,
    digest: Option<String>,
    author: Option<String>,
    lines: Vec<String>,
}

impl Change {
    fn of(entry: &Entry, said: &InForcePayload) -> Self {
        Self {
            of_pack: is_of_pack(entry, said),
            action: said.action.clone().unwrap_or_else(|| "none".into()),
            pack: said.pack.clone(),
            digest: said.digest.clone(),
            author: said.author.clone(),
            lines: lines_of(entry),
        }
    }
}

/// Whether an entry changes one pack alone, or proposes to.
pub(super) fn is_of_pack(entry: &Entry, said: &InForcePayload) -> bool {
    match entry.kind() {
        EntryKind::StateProposed => said.action.as_deref() != Some(ACCEPT),
        kind => kind == EntryKind::PackActivated,
    }
}

/// The action of an administrator's word for all that is in force.
pub const ACCEPT: &str = "accept";

/// Whether a change of what is in force takes two persons: it puts, removes or changes the line of a pack that asks for it.
pub fn takes_two(before: &[String], after: &[String]) -> bool {
    let (before, after): (BTreeSet<_>, BTreeSet<_>) =
        (before.iter().collect(), after.iter().collect());
    let mut changed = before.symmetric_difference(&after);
    changed.any(|line| line.ends_with(TWO))
}

/// The id of the n-th change, from 1 on.
pub fn change_id(number: u64) -> String {
    format!("state/{number}")
}

/// The id of the k-th proposal, from 1 on, of what would be the n-th change.
pub fn proposal_id(change: u64, number: u64) -> String {
    format!("{}/proposed/{number}", change_id(change))
}

/// The line of a pack, which may ask for two persons.
pub fn line_of(pack: &str, digest: &str, two_persons: bool) -> String {
    let mark = if two_persons { TWO } else { "" };
    format!("{}{digest}{mark}", start_of(pack))
}

fn start_of(pack: &str) -> String {
    format!("policies/active/{pack}.toml ")
}

/// What is in force after an entry, a line each, `PATH HASH`, in the order of their bytes.
fn lines_of(entry: &Entry) -> Vec<String> {
    let state = entry.payload().state();
    state.map_or_else(Vec::new, TextList::all)
}

/// A change as it is signed.
#[derive(Clone, Copy, Debug)]
pub struct Word<'w> {
    /// It is proposed, and changes nothing yet.
    pub is_proposed: bool,
    /// `activate`, `deactivate` or `accept`.
    pub action: &'w str,
    pub pack: Option<&'w str>,
    pub digest: Option<&'w str>,
    /// All that is in force afterwards.
    pub lines: &'w [String],
    pub reason: Option<&'w str>,
}

impl Word<'_> {
    /// What is signed.
    pub fn lines(&self) -> Lines {
        let state = Digest::of(self.lines.join("\n").as_bytes());
        Lines::new(if self.is_proposed {
            "proposal"
        } else {
            "state"
        })
        .with("action", self.action)
        .with("pack", self.pack.unwrap_or("none"))
        .with("digest", self.digest.unwrap_or("none"))
        .with("state", state.to_string())
        .with("reason", self.reason.unwrap_or("none"))
    }
}

/// What a log says is in force; none where it says nothing of it.
///
/// # Errors
/// The log cannot be read.
pub fn stated(log: &dyn AuditLog) -> Result<Option<InForce>, LogError> {
    let read = |seq: u64| {
        let bytes = log.one(Key::Entry(seq))?;
        let entry = bytes.map(|bytes| Entry::read(&bytes)).transpose()?;
        Ok::<_, LogError>(entry)
    };
    let mut changes = 0;
    let mut newest = match log.seq_of(&adopted(3))? {
        Some(seq) => read(seq)?,
        None => read(0)?.filter(|first| first.kind() == EntryKind::LogGenesis),
    };
    while let Some(seq) = log.seq_of(&change_id(changes + 1))? {
        newest = read(seq)?;
        changes += 1;
    }
    let says = newest.filter(|entry| entry.data.names("state"));
    Ok(says.map(|entry| InForce {
        lines: lines_of(&entry),
        changes,
        since: entry.seq,
        proposed: BTreeMap::new(),
    }))
}

/// The proposals that a second person may confirm now, in their order.
///
/// # Errors
/// The log cannot be read.
pub fn waiting(log: &dyn AuditLog) -> Result<Vec<Entry>, LogError> {
    let change = stated(log)?.unwrap_or_default().changes + 1;
    let mut proposals = Vec::new();
    while let Some(seq) = log.seq_of(&proposal_id(change, proposals.len() as u64 + 1))? {
        let bytes = log.one(Key::Entry(seq))?;
        proposals.push(Entry::read(&bytes.unwrap_or_default())?);
    }
    Ok(proposals)
}

impl InForce {
    /// The state that a genesis, or the rules of format 3, begin with.
    pub(super) fn begin(&mut self, entry: &Entry) {
        self.is_now(entry);
    }

    fn is_now(&mut self, entry: &Entry) {
        (self.lines, self.since) = (lines_of(entry), entry.seq);
        self.proposed.clear();
    }

    /// What is in force after a pack was activated, by its line, or deactivated.
    pub fn after(&self, pack: &str, put: Option<String>) -> Vec<String> {
        let start = start_of(pack);
        let rest = self.lines.iter().filter(|line| !line.starts_with(&start));
        let mut lines: Vec<String> = rest.cloned().collect();
        lines.extend(put);
        lines.sort();
        lines
    }

    /// Takes over what an entry says, whose rules were checked before.
    pub(super) fn recall(&mut self, entry: &Entry) {
        match entry.kind() {
            EntryKind::LogGenesis | EntryKind::LogRules => self.begin(entry),
            EntryKind::PackActivated | EntryKind::HomeAccepted => {
                self.changes += 1;
                self.is_now(entry);
            }
            EntryKind::StateProposed => {
                let said = entry.payload().in_force();
                let change = said.map(|said| Change::of(entry, said));
                self.propose(entry, change);
            }
            _ => {}
        }
    }

    fn propose(&mut self, entry: &Entry, change: Option<Change>) {
        let by = entry.actor.clone();
        let proposed = change.map(|change| (entry.seq, Proposed { by, change }));
        self.proposed.extend(proposed);
    }

    /// Takes a change in, or a proposal of one; one signature was checked.
    pub(super) fn apply(
        &mut self,
        entry: &Entry,
        said: &InForcePayload,
        people: &Roster,
    ) -> Result<u64, Refusal> {
        let change = Change::of(entry, said);
        let is_proposed = entry.kind() == EntryKind::StateProposed;
        if said.state.is_none() || change.lines.iter().any(String::is_empty) {
            return Err(InForceRefusal::NotSaid.into());
        }
        let numbered = is_proposed || entry.id == change_id(self.changes + 1);
        if !numbered || change.lines != self.led_to(&change)? {
            return Err(InForceRefusal::DoesNotFollow.into());
        }
        let word = Word {
            is_proposed,
            action: &change.action,
            pack: change.pack.as_deref(),
            digest: change.digest.as_deref(),
            lines: &change.lines,
            reason: said.reason.as_deref(),
        };
        let signatures = acts::signed(entry, people, &word.lines())?;
        if is_proposed {
            self.propose(entry, Some(change));
        } else {
            self.by_two(entry, said, &change)?;
            self.changes += 1;
            self.is_now(entry);
        }
        Ok(signatures)
    }

    /// To what a change leads. Whether a pack asks for two persons its line says.
    fn led_to(&self, change: &Change) -> Result<Vec<String>, InForceRefusal> {
        if !change.of_pack {
            let sorted: BTreeSet<&String> = change.lines.iter().collect();
            return Ok(sorted.into_iter().cloned().collect());
        }
        let pack = change.pack.as_deref().unwrap_or_default();
        let put = if change.action == "activate" {
            let digest = change.digest.as_deref().ok_or(InForceRefusal::NoHash)?;
            let two = change.lines.contains(&line_of(pack, digest, true));
            Some(line_of(pack, digest, two))
        } else {
            None
        };
        Ok(self.after(pack, put))
    }

    /// Whether somebody else proposed this very change, where that is asked for or said.
    fn by_two(
        &self,
        entry: &Entry,
        said: &InForcePayload,
        change: &Change,
    ) -> Result<(), InForceRefusal> {
        if !entry.data.names("proposal") {
            if takes_two(&self.lines, &change.lines) {
                return Err(InForceRefusal::ByOneAlone(entry.actor.clone()));
            }
            return Ok(());
        }
        let proposed = said.proposal.and_then(|seq| self.proposed.get(&seq));
        let proposed = proposed.ok_or(InForceRefusal::NotProposed)?;
        if proposed.by == entry.actor {
            return Err(InForceRefusal::ProposedByTheSame(entry.actor.clone()));
        }
        if proposed.change != *change {
            return Err(InForceRefusal::OtherChange);
        }
        Ok(())
    }
}
