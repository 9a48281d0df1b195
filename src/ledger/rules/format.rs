//! Which rules a record stands under: its genesis names a format, and `log.rules` goes over to a later one.

use crate::domain::person::Role;
use crate::ledger::entry::{Entry, EntryKind};
use crate::ledger::log::{AuditLog, Key, LogError};
use crate::ledger::refusal::FormatRefusal;

/// The format of a record under the rules of this version.
pub const FORMAT: &str = "echovoice-ledger/3";

/// All formats, oldest first: the place says the level, from 1 on.
const FORMATS: [&str; 3] = ["echovoice-ledger/1", "echovoice-ledger/2", FORMAT];

/// Levels above the first.
const LATER: [u8; 2] = [2, 3];

/// The id of the entry by which an older record goes over to the rules of a level.
pub fn adopted(level: u8) -> String {
    format!("rules/{level}")
}

/// The level of the rules of this version.
pub const NEWEST: u8 = 3;

/// The level of a format by its name.
fn level_of(name: Option<&str>) -> Option<u8> {
    let mut known = (1..).zip(FORMATS);
    known.find(|(_, format)| Some(*format) == name).map(|k| k.0)
}

/// Whether the rules of a later format than the first hold from this entry on.
pub fn names_format(entry: &Entry) -> bool {
    let named = entry
        .payload()
        .rules()
        .and_then(|rules| rules.format.as_deref());
    level_of(named).is_some_and(|level| level > 1)
}

/// The formats that a record named so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stated {
    /// Each level, and the first entry under its rules.
    levels: Vec<(u8, u64)>,
    /// The last of the first entries, in which the log itself enrols people.
    pub(super) genesis: u64,
}

/// What a log names.
///
/// # Errors
/// The log cannot be read, or its genesis names no known format.
pub fn stated(log: &dyn AuditLog) -> Result<Stated, LogError> {
    let mut stated = Stated::default();
    if let Some(bytes) = log.one(Key::Entry(0))? {
        let first = Entry::read(&bytes)?;
        stated
            .apply(&first)
            .map_err(|refusal| LogError::Damaged(refusal.into()))?;
    }
    for level in LATER {
        if let Some(seq) = log.seq_of(&adopted(level))? {
            stated.levels.push((level, seq));
        }
    }
    Ok(stated)
}

impl Stated {
    /// The level of the rules that hold by now.
    pub fn level(&self) -> u8 {
        self.levels.last().map_or(1, |(level, _)| *level)
    }

    /// The level of the rules that held for an entry.
    pub fn level_at(&self, seq: u64) -> u8 {
        let before = self.levels.iter().rfind(|(_, since)| *since <= seq);
        before.map_or(1, |(level, _)| *level)
    }

    /// Whether the rules of this version hold.
    pub fn is_newest(&self) -> bool {
        self.level() == NEWEST
    }

    /// Takes an entry in.
    ///
    /// # Errors
    /// It names other rules than it may, or acts where there are none.
    pub fn apply(&mut self, entry: &Entry) -> Result<(), FormatRefusal> {
        let rules = entry.payload().rules();
        let named = level_of(rules.and_then(|rules| rules.format.as_deref()));
        match entry.kind() {
            EntryKind::LogGenesis if entry.seq > 0 => return Err(FormatRefusal::SecondGenesis),
            EntryKind::LogGenesis => {
                let level = named.ok_or(FormatRefusal::Unknown)?;
                if level > 1 {
                    let people = rules.and_then(|rules| rules.people);
                    self.genesis = people.ok_or(FormatRefusal::OpenGenesis)?;
                }
                self.levels.push((level, 0));
            }
            EntryKind::LogRules => {
                let level = named.filter(|level| *level > self.level());
                let level = level.filter(|level| entry.id == adopted(*level));
                let level = level.ok_or(FormatRefusal::OtherRules)?;
                self.levels.push((level, entry.seq));
            }
            kind if self.levels.is_empty()
                && entry.seq > 0
                && (entry.role != Role::System || kind == EntryKind::KeyEnrolled) =>
            {
                return Err(FormatRefusal::NoGenesis);
            }
            _ => {}
        }
        if entry.seq > 0 && entry.seq <= self.genesis && entry.kind() != EntryKind::KeyEnrolled {
            return Err(FormatRefusal::LongGenesis);
        }
        Ok(())
    }

    /// Which rules the entries were written under, in words.
    pub fn says(&self, size: u64) -> String {
        let name = |level: u8| FORMATS[usize::from(level.clamp(1, NEWEST)) - 1];
        let end = size.saturating_sub(1);
        let [first, later @ ..] = self.levels.as_slice() else {
            return self
                .with_a_warning(format!("all {size} entries under the rules of {}", name(1)));
        };
        let Some(next) = later.first() else {
            let whole = format!("all {size} entries under the rules of {}", name(first.0));
            return self.with_a_warning(whole);
        };
        let mut says = format!(
            "entries 0 to {} under the rules of {}",
            next.1.saturating_sub(1),
            name(first.0)
        );
        for (place, (level, since)) in later.iter().enumerate() {
            let until = later
                .get(place + 1)
                .map_or(end, |next| next.1.saturating_sub(1));
            says.push_str(&format!(
                ", {since} to {until} under those of {}",
                name(*level)
            ));
        }
        self.with_a_warning(says)
    }

    fn with_a_warning(&self, says: String) -> String {
        if self.level() > 1 {
            return says;
        }
        says + ", which bind less: decisions are not held against the gate's, and times are not checked"
    }
}
