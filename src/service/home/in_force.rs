//! What is in force in this home, held against the record: packs, and the texts behind every run. A file that was changed
//! past the program is told, and nothing runs under it until an administrator has said that it is right.

use crate::domain::digest::Digest;
use crate::domain::person::Action;
use crate::error::{Error, Kind, Result};
use crate::ledger::checkpoint::sign_note;
use crate::ledger::log::Key;
use crate::ledger::payload::{InForcePayload, Payload};
use crate::ledger::rules::in_force::{self, ACCEPT, InForce, Word, line_of, takes_two};
use crate::ledger::{AuditLog, Entry, NewEntry};
use crate::rules::{Pack, RuleBook};
use crate::service::audit::reason::reason_on_record;
use crate::service::home::ownership;
use crate::service::home::texts::Texts;
use crate::service::home::workspace::{Workspace, now};
use crate::service::policy::Shelf;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// What became of a change: the number of its entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateChange {
    Made(u64),
    /// It waits for a second person, and nothing is in force by it.
    Proposed(u64),
}

/// What is in force here, a line each: `PATH HASH`, in order. Which packs ask for two persons their own texts say.
pub(in crate::service) fn here(packs: &[Pack], texts: &Texts) -> Vec<String> {
    let packs = packs.iter().map(line);
    let texts = texts.bound();
    let texts = texts.map(|(name, text)| format!("{name} {}", Digest::of(text.as_bytes())));
    let mut lines: Vec<String> = packs.chain(texts).collect();
    lines.sort();
    lines
}

fn line(pack: &Pack) -> String {
    let head = &pack.head;
    line_of(&head.id, &pack.digest.to_string(), head.two_persons)
}

/// What differs between the record and this home, in words; none if nothing does.
///
/// # Errors
/// The record or the home cannot be read.
pub(in crate::service) fn difference(
    log: &dyn AuditLog,
    here: &[String],
) -> Result<Option<String>> {
    let Some(recorded) = in_force::stated(log)? else {
        return Ok(Some("the record does not say what is in force".into()));
    };
    let split = |lines: &[String]| -> BTreeMap<String, String> {
        let lines = lines.iter().filter_map(|line| line.split_once(' '));
        lines
            .map(|(path, hash)| (path.to_owned(), hash.to_owned()))
            .collect()
    };
    let (recorded, here) = (split(&recorded.lines), split(here));
    let mut says = Vec::new();
    for (path, hash) in &here {
        match recorded.get(path) {
            None => says.push(format!("{path} is not on record")),
            Some(known) if known != hash => says.push(format!("{path} was changed")),
            Some(_) => {}
        }
    }
    let gone = recorded.keys().filter(|path| !here.contains_key(*path));
    says.extend(gone.map(|path| format!("{path} is on record, and not in force here")));
    Ok((!says.is_empty()).then(|| says.join("; ")))
}

/// Refuses to work under what the record does not have in force.
///
/// # Errors
/// Something differs: what, and how to go on.
pub(in crate::service) fn check(home: &Path, log: &dyn AuditLog, here: &[String]) -> Result<()> {
    match difference(log, here)? {
        None => Ok(()),
        Some(says) => Err(Error::new(
            Kind::Changed,
            format!("what is in force here is not what the record says: {says}"),
        )
        .at(home.display().to_string())
        .fix("bring the files back, or an administrator puts on record what is there now: `echovoice --as NAME policy accept --reason …`")),
    }
}

/// Whether this home is as the record says: one line of words.
///
/// # Errors
/// It is not, or cannot be read.
pub fn compare(workspace: &Workspace) -> Result<String> {
    let is_copy = ownership::is_only_read(&workspace.home);
    if is_copy && !Shelf::of(&workspace.home).has_list() {
        return Ok("no packs lie here: a copy of the record alone".into());
    }
    let texts = Texts::read(&workspace.home, is_copy)?;
    let here = here(&workspace.packs, &texts);
    match difference(workspace.log()?.as_ref(), &here)? {
        None => Ok(format!("{} packs and texts, as on record", here.len())),
        Some(says) => Err(Error::new(Kind::Refused, says)),
    }
}

/// Refuses to go on where this home is not as the record says.
///
/// # Errors
/// See [`check`].
pub(in crate::service) fn holds(workspace: &Workspace) -> Result<()> {
    let here = here(&workspace.packs, &Texts::read(&workspace.home, false)?);
    check(&workspace.home, workspace.log()?.as_ref(), &here)
}

/// Puts on record what is in force in this home now, or proposes to, where a pack that asks for two persons is among what
/// changed. The home is open with [`Workspace::open_to_accept`].
///
/// # Errors
/// Not allowed, nothing differs, the packs do not compile, or the ledger refused.
pub fn accept(workspace: &Workspace, reason: &str) -> Result<StateChange> {
    let reason = reason_on_record(workspace, reason)?;
    accept_as(workspace, &reason, None)
}

/// The same, as the second of two persons if the first one's proposal is given.
pub(in crate::service) fn accept_as(
    workspace: &Workspace,
    reason: &str,
    proposal: Option<u64>,
) -> Result<StateChange> {
    workspace.allow(Action::AcceptHome)?;
    let packs = Shelf::of(&workspace.home).packs()?;
    let lines = here(&packs, &Texts::read(&workspace.home, false)?);
    if difference(workspace.log()?.as_ref(), &lines)?.is_none() {
        let what = "what is in force here is what the record says; there is nothing to accept";
        return Err(Error::new(Kind::Input, what));
    }
    let compiled = (workspace.rules()).and_then(|book| {
        let compiled = book.compile_expressions();
        compiled.map_err(|problem| Error::of(Kind::Input, problem))
    });
    compiled.map_err(|problem| problem.fix("bring the files back, or correct them"))?;
    if RuleBook::digest_of(&packs) != workspace.book.digest() {
        let what = "the packs here were changed while they were read";
        return Err(Error::new(Kind::Changed, what).fix("run it again"));
    }
    let word = Word {
        is_proposed: proposal.is_none() && takes_two(&recorded(workspace)?.lines, &lines),
        action: ACCEPT,
        pack: None,
        digest: None,
        lines: &lines,
        reason: Some(reason),
    };
    let said = InForcePayload {
        proposal,
        ..InForcePayload::default()
    };
    write(workspace, Payload::HomeAccepted, (word, said), Vec::new())
}

/// What is done to a pack: `activate` or `deactivate`.
pub(in crate::service) struct PackChange<'c> {
    pub action: &'static str,
    pub pack: &'c Pack,
    /// The first person's entry, if this is the second one.
    pub proposal: Option<u64>,
}

/// Puts a pack in force on record, or takes it out of force, or proposes to, where it or the one in force asks for two
/// persons.
///
/// # Errors
/// Somebody else changed what is in force meanwhile, or the ledger refused.
pub(in crate::service) fn change(
    workspace: &Workspace,
    change: &PackChange<'_>,
    said: InForcePayload,
    blobs: Vec<(String, Vec<u8>)>,
) -> Result<StateChange> {
    let (before, pack) = (recorded(workspace)?, change.pack);
    let put = (change.action == "activate").then(|| line(pack));
    let lines = before.after(&pack.head.id, put);
    let word = Word {
        is_proposed: change.proposal.is_none() && takes_two(&before.lines, &lines),
        action: change.action,
        pack: Some(&pack.head.id),
        digest: Some(&pack.digest.to_string()),
        lines: &lines,
        reason: None,
    };
    let said = InForcePayload {
        proposal: change.proposal,
        ..said
    };
    write(workspace, Payload::PackActivated, (word, said), blobs)
}

/// What the record has in force now.
pub(in crate::service) fn recorded(workspace: &Workspace) -> Result<InForce> {
    Ok(in_force::stated(workspace.log()?.as_ref())?.unwrap_or_default())
}

/// A change that waits for a second person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StateProposal {
    /// The number of its entry.
    pub seq: u64,
    pub by: String,
    pub time: String,
    /// `activate`, `deactivate` or `accept`.
    pub action: String,
    pub pack: Option<String>,
    pub version: Option<String>,
    #[serde(skip)]
    digest: Option<String>,
    #[serde(skip)]
    lines: Vec<String>,
}

impl StateProposal {
    fn of(entry: &Entry) -> Self {
        let said = entry.payload().in_force().cloned().unwrap_or_default();
        Self {
            seq: entry.seq,
            by: entry.actor.clone(),
            time: entry.time.clone(),
            action: said.action.unwrap_or_default(),
            pack: said.pack,
            version: said.version,
            digest: said.digest,
            lines: said.state.map_or_else(Vec::new, |lines| lines.all()),
        }
    }

    fn is(&self, word: &Word<'_>) -> bool {
        self.action == word.action
            && self.pack.as_deref() == word.pack
            && self.digest.as_deref() == word.digest
            && self.lines == word.lines
    }

    fn said_again(&self, person: &str) -> Error {
        let by = if self.by == person { "you" } else { &self.by };
        let confirm = format!("policy confirm {}", self.seq);
        Error::new(
            Kind::Changed,
            format!(
                "{by} proposed this already (entry {}); it waits for a second person",
                self.seq
            ),
        )
        .fix(if self.by == person {
            format!("a colleague confirms it: `echovoice --as NAME {confirm}`")
        } else {
            format!("confirm it: `echovoice {confirm}`")
        })
    }

    /// In words: `to activate the pack plain 2026.11.1`.
    pub fn says(&self) -> String {
        let words = [Some(self.action.as_str()), Some("the pack")];
        let pack = [self.pack.as_deref(), self.version.as_deref()];
        match self.pack {
            Some(_) => words
                .into_iter()
                .chain(pack)
                .flatten()
                .collect::<Vec<_>>()
                .join(" "),
            None => "accept what lies in the home".into(),
        }
    }
}

/// What waits for a second person, oldest first.
///
/// # Errors
/// The record cannot be read.
pub fn waiting(log: &dyn AuditLog) -> Result<Vec<StateProposal>> {
    Ok(in_force::waiting(log)?
        .iter()
        .map(StateProposal::of)
        .collect())
}

/// Writes a signed change, or a proposal of one; `said` is what it says beside what is signed.
fn write(
    workspace: &Workspace,
    kind: fn(InForcePayload) -> Payload,
    (word, said): (Word<'_>, InForcePayload),
    blobs: Vec<(String, Vec<u8>)>,
) -> Result<StateChange> {
    let key = workspace.signing_key()?;
    let (person, time) = (&workspace.person, now());
    let change = recorded(workspace)?.changes + 1;
    let (id, kind) = if word.is_proposed {
        let waiting = waiting(workspace.log()?.as_ref())?;
        if let Some(same) = waiting.iter().find(|proposal| proposal.is(&word)) {
            return Err(same.said_again(&person.name));
        }
        let id = in_force::proposal_id(change, waiting.len() as u64 + 1);
        (id, Payload::StateProposed as fn(InForcePayload) -> Payload)
    } else {
        (in_force::change_id(change), kind)
    };
    let note = sign_note(&word.lines().note(&time), &person.name, &key);
    let said = InForcePayload {
        action: Some(word.action.to_owned()),
        pack: word.pack.map(str::to_owned),
        digest: word.digest.map(str::to_owned),
        state: Some(word.lines.iter().map(String::as_str).collect()),
        reason: word.reason.map(str::to_owned),
        note: Some(note.clone()),
        ..said
    };
    let mut entry = NewEntry::new(id, kind(said), &person.name, person.role, &time);
    entry.blobs = blobs;
    let seq = workspace.write(entry)?;
    // An id is written once: somebody else may have taken this number.
    let written = workspace.log()?.one(Key::Entry(seq))?;
    let written = written.and_then(|bytes| Entry::read(&bytes).ok());
    if written.is_some_and(|entry| entry.note() == Some(&note)) {
        return Ok(if word.is_proposed {
            StateChange::Proposed(seq)
        } else {
            StateChange::Made(seq)
        });
    }
    Err(Error::new(
        Kind::Changed,
        "somebody else changed what is in force meanwhile; nothing was changed here",
    )
    .fix("look at it, and try again"))
}
