//! The writer's side of the rules: what one entry needs to know of the log is looked up, and the entry held against it,
//! before it is signed for.

use super::{Case, Judged, Rules, Stated, clock, in_force, stated, token};
use crate::domain::decision::ReviewState;
use crate::domain::person::Role;
use crate::ledger::draft::Draft;
use crate::ledger::entry::{Entry, EntryKind};
use crate::ledger::evidence::Commitment;
use crate::ledger::log::{AuditLog, Key, LogError, Page};
use crate::ledger::payload::Payload;
use crate::ledger::summary::RunSummary;
use clock::Clock;
use serde_json::Value;

/// Last entries whose times the writer looks at.
const LAST: usize = 16;

/// What the writer knows of the rules by heart.
#[derive(Clone, Debug, Default)]
pub(in crate::ledger) struct Admission {
    /// The rules that were named; a record of format 1 is written as it was.
    stated: Stated,
    pub clock: Clock,
}

impl Admission {
    /// As the log stands now.
    pub fn look(&mut self, log: &dyn AuditLog, size: u64) -> Result<(), LogError> {
        if !self.stated.is_newest() {
            self.stated = stated(log)?;
        }
        if !self.holds() {
            return Ok(());
        }
        let rows = log.page(Page::Entries {
            before: size,
            limit: LAST,
        })?;
        let last: Result<Vec<Entry>, LogError> = (rows.iter().rev())
            .map(|(_, bytes)| Ok(Entry::read(bytes)?))
            .collect();
        let (jumps, jump) = clock::jumps(log)?;
        self.clock = Clock::found(&last?, jumps, jump);
        Ok(())
    }

    /// Whether the rules hold for the next entry.
    pub fn holds(&self) -> bool {
        self.stated.level() > 1
    }

    /// Takes an entry, or says why not.
    pub fn admit(
        &mut self,
        log: &dyn AuditLog,
        batch: &mut Draft,
        entry: &Entry,
    ) -> Result<(), LogError> {
        let first = matches!(entry.kind(), EntryKind::LogGenesis | EntryKind::LogRules);
        if !self.holds() && !first {
            return Ok(());
        }
        let mut rules = Rules {
            stated: self.stated.clone(),
            clock: self.clock.clone(),
            ..Rules::default()
        };
        learn(&mut rules, log, batch, entry)?;
        if self.stated.is_newest() {
            Commitment::check_in(entry, log)?;
        }
        rules.apply(entry).map_err(LogError::Refused)?;
        self.clock = rules.clock;
        self.stated = rules.stated;
        Ok(())
    }
}

/// Looks up what the rules ask about an entry.
fn learn(
    rules: &mut Rules,
    log: &dyn AuditLog,
    batch: &mut Draft,
    entry: &Entry,
) -> Result<(), LogError> {
    let said = entry.payload();
    let (person, custody, token) = (said.person(), said.custody(), said.token());
    let named = match said {
        Payload::Revision(revision) => revision.maker.as_deref(),
        _ => (person.and_then(|person| person.name.as_deref()))
            .or_else(|| token.and_then(|token| token.name.as_deref())),
    };
    let actor = (entry.role != Role::System).then_some(entry.actor.as_str());
    for name in actor.into_iter().chain(named) {
        if let Some(row) = batch.person(log, name)? {
            rules.people.know(&row);
        }
    }
    let proposal = person.and_then(|person| person.proposal);
    let disposal = custody.and_then(|custody| custody.disposal);
    if let Some(seq) = disposal
        && let Some(earlier) = earlier(log, batch, seq)?
    {
        rules.erasures.recall(&earlier);
    }
    if let (Some(seq), Some(name)) = (proposal, named)
        && !has_a_key_since(log, batch, (seq, name))?
        && let Some(earlier) = earlier(log, batch, seq)?
    {
        rules.people.recall(&earlier);
    }
    if let Some(name) = token.and_then(|token| token.token.as_ref()) {
        let seq = |id: String| {
            batch
                .id(&id)
                .map_or_else(|| log.seq_of(&id), |s| Ok(Some(s)))
        };
        let (made, revoked) = (seq(token::made_id(name))?, seq(token::revoked_id(name))?);
        if let Some(made) = made {
            let made = earlier(log, batch, made)?;
            let holder = made.and_then(|entry| entry.payload().token()?.name.clone());
            let holder = holder.filter(|_| revoked.is_none());
            rules.tokens.insert(name.clone(), holder);
        }
    }
    if let Some(change) = said.in_force() {
        rules.in_force = in_force::stated(log)?.unwrap_or_default();
        // What was proposed before the last change is over.
        if let Some(seq) = change.proposal.filter(|seq| *seq > rules.in_force.since)
            && let Some(earlier) = earlier(log, batch, seq)?
            && earlier.kind() == EntryKind::StateProposed
        {
            rules.in_force.recall(&earlier);
        }
        for bytes in &batch.inner.entries {
            let before = Entry::read(bytes)?;
            rules.in_force.recall(&before);
        }
    }
    let about = custody.and_then(|custody| custody.subject.as_deref());
    let started = entry
        .subject
        .as_deref()
        .filter(|_| entry.kind() == EntryKind::RunStarted);
    for subject in about.into_iter().chain(started) {
        if let Some(standing) = batch.standing(log, subject)? {
            rules.erasures.know(subject, standing);
        }
    }
    let Some(run) = &entry.run else {
        return Ok(());
    };
    if let Some(summary) = batch.summary(log, run)? {
        if summary.state == ReviewState::Approved {
            let pair = (run.clone(), summary.artifact.clone());
            rules.released.insert(pair);
        }
        let judged = match entry.kind() {
            EntryKind::Decision | EntryKind::Override | EntryKind::CanaryRevealed => {
                judged(log, batch, run)?
            }
            _ => Judged::default(),
        };
        rules.runs.insert(run.clone(), Case { summary, judged });
    }
    Ok(())
}

/// An entry of before, or of this batch.
fn earlier(log: &dyn AuditLog, batch: &Draft, seq: u64) -> Result<Option<Entry>, LogError> {
    let bytes = match batch.entry(seq) {
        Some(bytes) => Some(bytes.to_vec()),
        None => log.one(Key::Entry(seq))?,
    };
    Ok(bytes.and_then(|bytes| Entry::read(&bytes).ok()))
}

/// Entries read at once.
const STEP: usize = 1_000;

/// Whether somebody was given a key after an entry: what was proposed by it is over.
fn has_a_key_since(
    log: &dyn AuditLog,
    batch: &mut Draft,
    (seq, name): (u64, &str),
) -> Result<bool, LogError> {
    // Their row says which entry changed it last: mostly there is none since.
    let row = batch.person(log, name)?;
    let row = row.and_then(|row| serde_json::from_slice::<Value>(&row).ok());
    let last = row.and_then(|row| row["seq"].as_u64());
    if last.is_some_and(|last| last <= seq) {
        return Ok(false);
    }
    let gives = |bytes: &[u8]| {
        let entry = Entry::read(bytes)?;
        let said = entry
            .payload()
            .person()
            .and_then(|said| said.name.as_deref());
        let is_it = entry.kind() == EntryKind::KeyEnrolled && said == Some(name);
        Ok::<_, LogError>(is_it && entry.seq > seq)
    };
    for bytes in &batch.inner.entries {
        if gives(bytes)? {
            return Ok(true);
        }
    }
    let mut before = last.map_or(u64::MAX, |last| last + 1);
    loop {
        let page = log.page(Page::Entries {
            before,
            limit: STEP,
        })?;
        for (_, bytes) in &page {
            if gives(bytes)? {
                return Ok(true);
            }
        }
        match page.iter().map(|(at, _)| *at).min() {
            Some(least) if least > seq => before = least,
            _ => return Ok(false),
        }
    }
}

/// What was judged of a run so far, this batch's entries with it.
fn judged(log: &dyn AuditLog, batch: &Draft, run: &str) -> Result<Judged, LogError> {
    let mut judged = Judged::default();
    let rows = log.page(Page::OfRun { run })?;
    let stored = rows.iter().map(|(_, bytes)| bytes.as_slice());
    let all = stored.chain(batch.inner.entries.iter().map(Vec::as_slice));
    for bytes in all {
        let entry = Entry::read(bytes)?;
        if entry.run.as_deref() == Some(run) {
            judged.follow(&entry);
        }
    }
    Ok(judged)
}

impl Draft {
    /// A run as it stands with this batch.
    fn summary(&mut self, log: &dyn AuditLog, run: &str) -> Result<Option<RunSummary>, LogError> {
        Ok(self.run(log, run)?.clone())
    }
}
