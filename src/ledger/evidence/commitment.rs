//! What an export of a period owes: all entries of its runs, at whatever time they were made. The export's own entry names
//! them by a hash before the export is written, and lies in the tree, so that none can be left out of it later.

use super::span::{Span, asked_for};
use crate::domain::digest::Digest;
use crate::ledger::entry::Entry;
use crate::ledger::log::{AuditLog, Key, LogError, Page};
use crate::ledger::payload::field::NumberList;
use crate::ledger::payload::{ExportPayload, Payload};
use crate::ledger::refusal::CommitmentRefusal;
use std::collections::{BTreeMap, BTreeSet};

/// Runs, each with the numbers of its entries, in their order.
pub type EntriesOfRuns = BTreeMap<String, Vec<u64>>;

/// The runs of a period with all their entries, as the log stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commitment {
    /// Entries that the log had.
    pub size: u64,
    /// The entries of the period: from the first number up to, and without, the second.
    period: (u64, u64),
    runs: Digest,
}

impl Commitment {
    /// What an export of that span owes now.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn now(log: &dyn AuditLog, span: &Span) -> Result<Self, LogError> {
        let size = log.head()?.size;
        let (period, touched) = asked_for(log, span, size)?;
        Self::of(log, touched, (period, size))
    }

    fn of(
        log: &dyn AuditLog,
        touched: BTreeSet<String>,
        (period, size): ((u64, u64), u64),
    ) -> Result<Self, LogError> {
        let mut runs = EntriesOfRuns::new();
        for run in touched {
            let rows = log.page(Page::OfRun { run: &run })?;
            let mut numbers: Vec<u64> = rows.into_iter().map(|(seq, _)| seq).collect();
            numbers.sort_unstable();
            runs.insert(run, numbers);
        }
        Ok(Self::among(&runs, (period, size)))
    }

    /// What is owed, by the entries of all runs, or of those of the period.
    fn among(runs: &EntriesOfRuns, (period, size): ((u64, u64), u64)) -> Self {
        let is_within = |seq: &u64| (period.0..period.1).contains(seq);
        let before = |numbers: &Vec<u64>| numbers.iter().copied().filter(|n| *n < size).collect();
        let owed: BTreeMap<&String, Vec<u64>> = (runs.iter())
            .filter(|(_, numbers)| numbers.iter().any(is_within))
            .map(|(run, numbers)| (run, before(numbers)))
            .collect();
        let text = serde_json::to_vec(&owed).unwrap_or_default();
        let runs = Digest::of(&text);
        Self { size, period, runs }
    }

    /// Puts it on record, in the export's own entry.
    #[must_use]
    pub fn on(&self, said: ExportPayload) -> ExportPayload {
        ExportPayload {
            size: Some(self.size),
            period: Some(NumberList::span(self.period)),
            runs: Some(self.runs.into()),
            ..said
        }
    }

    /// What an entry says that an export owes, if it says so.
    fn said(entry: &Entry) -> Option<Result<Self, CommitmentRefusal>> {
        let Payload::Export(export) = entry.payload() else {
            return None;
        };
        let is_one = entry.data.names("runs");
        let said = || {
            let size = export.size?;
            let period = export.period.as_ref()?.as_span()?;
            let runs = export.runs.as_ref()?.known()?;
            let comes_before = period.1 <= size && size <= entry.seq;
            comes_before.then_some(Self { size, period, runs })
        };
        is_one.then(|| said().ok_or(CommitmentRefusal::OtherEntries))
    }

    /// Whether an entry says of an export what there is, by the entries of all runs before it.
    ///
    /// # Errors
    /// It says something else.
    pub fn check(entry: &Entry, runs: &EntriesOfRuns) -> Result<(), CommitmentRefusal> {
        let Some(said) = Self::said(entry).transpose()? else {
            return Ok(());
        };
        if said == Self::among(runs, (said.period, said.size)) {
            Ok(())
        } else {
            Err(CommitmentRefusal::OtherEntries)
        }
    }

    /// The same, by what the log has; where the entry itself is not in it yet.
    ///
    /// # Errors
    /// It says something else, or the log cannot be read.
    pub fn check_in(entry: &Entry, log: &dyn AuditLog) -> Result<(), LogError> {
        let refused = |why: CommitmentRefusal| LogError::Refused(why.into());
        let Some(said) = Self::said(entry).transpose().map_err(refused)? else {
            return Ok(());
        };
        let mut touched = BTreeSet::new();
        if said.size > log.head()?.size {
            return Err(refused(CommitmentRefusal::OtherEntries));
        }
        for seq in said.period.0..said.period.1 {
            if let Some(bytes) = log.one(Key::Entry(seq))? {
                touched.extend(Entry::read(&bytes)?.run);
            }
        }
        if said == Self::of(log, touched, (said.period, said.size))? {
            Ok(())
        } else {
            Err(refused(CommitmentRefusal::OtherEntries))
        }
    }
}
