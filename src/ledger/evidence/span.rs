//! The time of which an export is, and the entries that it takes for it.

use crate::ledger::entry::Entry;
use crate::ledger::log::{AuditLog, Key, LogError};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// Which entries go out, by time; both ends included.
#[derive(Clone, Debug, Default)]
pub struct Span {
    pub since: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
}

impl Span {
    /// Whether a time, RFC 3339, lies within it.
    pub fn holds(&self, time: &str) -> bool {
        self.is_everything()
            || DateTime::parse_from_rfc3339(time).is_ok_and(|time| {
                self.since.is_none_or(|since| time >= since)
                    && self.until.is_none_or(|until| time <= until)
            })
    }

    /// Whether a time, RFC 3339, lies after it.
    fn is_over(&self, time: &str) -> bool {
        let time = DateTime::parse_from_rfc3339(time);
        self.until
            .is_some_and(|until| time.is_ok_and(|time| time > until))
    }

    /// Whether it is the whole log.
    pub fn is_everything(&self) -> bool {
        self.since.is_none() && self.until.is_none()
    }
}

/// The entries from the first to the last one of that time, and the runs that they are about. Of a time without an
/// entry: the place where one would stand.
pub(super) fn asked_for(
    log: &dyn AuditLog,
    span: &Span,
    size: u64,
) -> Result<((u64, u64), BTreeSet<String>), LogError> {
    if span.is_everything() {
        return Ok(((0, size), BTreeSet::new()));
    }
    let (mut within, mut beyond) = (None, size);
    for seq in 0..size {
        let time = read(log, seq)?.1.time;
        if span.holds(&time) {
            within = Some((within.map_or(seq, |(first, _)| first), seq + 1));
        } else if span.is_over(&time) {
            beyond = beyond.min(seq);
        }
    }
    let (from, to) = within.unwrap_or((beyond, beyond));
    let mut touched = BTreeSet::new();
    for seq in from..to {
        touched.extend(read(log, seq)?.1.run);
    }
    Ok(((from, to), touched))
}

/// An entry, as it lies there and as it reads.
pub(super) fn read(log: &dyn AuditLog, seq: u64) -> Result<(Vec<u8>, Entry), LogError> {
    let bytes = log
        .one(Key::Entry(seq))?
        .ok_or_else(|| LogError::Damaged(format!("entry {seq} is missing").into()))?;
    let entry = Entry::from_bytes(&bytes)
        .map_err(|problem| LogError::Damaged(format!("entry {seq}: {problem}").into()))?;
    Ok((bytes, entry))
}
