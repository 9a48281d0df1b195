//! The times of entries: they do not run backwards, and a clock that was set back is on record before anybody decides by
//! it.

use crate::domain::person::{Action, Role};
use crate::ledger::entry::{Entry, EntryKind, NoteRefusal};
use crate::ledger::log::{AuditLog, LogError};
use crate::ledger::payload::Payload;
use crate::ledger::refusal::{ClockRefusal, Refusal, TimeError};
use crate::ledger::roster::Roster;
use chrono::{DateTime, NaiveDateTime, SecondsFormat, TimeDelta, Timelike as _, Utc};

/// How far the clocks of several machines on one ledger may lie apart.
pub const APART: TimeDelta = TimeDelta::seconds(120);

/// What the writer itself goes by: half of it, since it looks at the last entries alone.
pub const WRITERS: TimeDelta = TimeDelta::seconds(60);

/// The newest time so far, and whether somebody must look at the clock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    newest: Option<DateTime<Utc>>,
    /// The jump that nobody has confirmed.
    jump: Option<u64>,
    /// Jumps so far.
    jumps: u64,
}

/// A person's word that the clock is right again, as it is signed.
pub fn note(jump: u64, reason: &str, time: &str) -> String {
    format!("echovoice/clock/v1\naction confirm\njump {jump}\nreason {reason}\ntime {time}\n")
}

/// The id of the n-th jump, from 1 on.
pub fn jump_id(number: u64) -> String {
    format!("clock/jump/{number}")
}

/// The id of the entry that confirms a jump.
pub fn confirmed_id(jump: u64) -> String {
    format!("clock/confirmed/{jump}")
}

/// How many jumps a log has, and the last one if nobody has confirmed it.
///
/// # Errors
/// The log cannot be read.
pub fn jumps(log: &dyn AuditLog) -> Result<(u64, Option<u64>), LogError> {
    let (mut jumps, mut last) = (0, None);
    while let Some(seq) = log.seq_of(&jump_id(jumps + 1))? {
        (jumps, last) = (jumps + 1, Some(seq));
    }
    match last {
        Some(seq) if log.seq_of(&confirmed_id(seq))?.is_none() => Ok((jumps, Some(seq))),
        _ => Ok((jumps, None)),
    }
}

/// Reads a time in the one form that entries have: no other place's, no leap second, nothing finer than microseconds.
///
/// # Errors
/// It has another form.
pub(super) fn read(time: &str) -> Result<DateTime<Utc>, TimeError> {
    let (whole, part) = time
        .strip_suffix('Z')
        .map(|utc| utc.split_once('.').map_or((utc, "0"), |parts| parts))
        .ok_or(TimeError::NotUtc)?;
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !digits(part) || !(1..=6).contains(&part.len()) || whole.starts_with("0000") {
        return Err(TimeError::Form);
    }
    let parsed = NaiveDateTime::parse_from_str(whole, "%Y-%m-%dT%H:%M:%S")
        .map_err(|_| TimeError::Unreadable)?;
    // What reads as the same time and is written otherwise: a sign, one digit for two, a 60th second.
    if whole != parsed.format("%Y-%m-%dT%H:%M:%S").to_string() || parsed.nanosecond() > 0 {
        return Err(TimeError::Form);
    }
    let micros: i64 = format!("{part:0<6}").parse().unwrap_or_default();
    Ok(parsed.and_utc() + TimeDelta::microseconds(micros))
}

fn shown(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

impl Clock {
    /// The clock of a log as its writer finds it.
    pub fn found(last: &[Entry], jumps: u64, jump: Option<u64>) -> Self {
        // A jump back ends what was before it.
        let since = last.iter().rposition(|e| e.kind() == EntryKind::ClockJump);
        let counts = &last[since.unwrap_or(0)..];
        Self {
            newest: counts.iter().filter_map(|e| read(&e.time).ok()).max(),
            jump,
            jumps,
        }
    }

    /// Takes the time of an entry before the rules held: none is refused.
    pub fn note(&mut self, entry: &Entry) {
        self.newest = self.newest.max(read(&entry.time).ok());
    }

    /// The jump that holds decisions, if one does.
    pub fn jump(&self) -> Option<u64> {
        self.jump
    }

    /// Whether an entry of this time can only follow a jump back; the number of the jump, and from when.
    pub fn must_jump(&self, time: &str) -> Option<(u64, String)> {
        let newest = self.newest?;
        let time = read(time).ok()?;
        (time < newest - WRITERS).then(|| (self.jumps + 1, shown(newest)))
    }

    /// Takes the time of an entry in; the number of signatures checked comes back.
    ///
    /// # Errors
    /// The entry breaks a rule.
    pub fn apply(&mut self, entry: &Entry, people: &Roster) -> Result<u64, Refusal> {
        let time = read(&entry.time)?;
        match entry.payload() {
            Payload::ClockJump(said) => {
                let number = self.jumps + 1;
                let from = self.newest.map(shown);
                if entry.role != Role::System || entry.id != jump_id(number) || said.from != from {
                    return Err(ClockRefusal::OtherJump.into());
                }
                (self.newest, self.jump, self.jumps) = (Some(time), Some(entry.seq), number);
                return Ok(0);
            }
            Payload::ClockConfirmed(said) => {
                let jump = self.jump.ok_or(ClockRefusal::NoJump)?;
                let by = people.acting(entry)?;
                by.role.may(Action::Decide)?;
                let reason = said.reason.as_deref().unwrap_or_default();
                entry.is_signed(&by.key, &note(jump, reason, &entry.time))?;
                if entry.id != confirmed_id(jump) {
                    return Err(NoteRefusal::SaysElse.into());
                }
                self.jump = None;
            }
            Payload::Decision(_) | Payload::Override(_) => {
                if let Some(jump) = self.jump {
                    return Err(ClockRefusal::Unconfirmed(jump).into());
                }
            }
            _ => {}
        }
        if let Some(newest) = self.newest
            && time < newest - APART
        {
            let (time, newest) = (entry.time.clone(), shown(newest));
            return Err(ClockRefusal::Backwards { time, newest }.into());
        }
        self.newest = self.newest.max(Some(time));
        Ok(u64::from(entry.kind() == EntryKind::ClockConfirmed))
    }
}
