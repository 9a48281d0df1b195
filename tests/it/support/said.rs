//! Entries that say what the program's own types would not let it say.

use echovoice::ledger::NewEntry;
use echovoice::ledger::evidence::Commitment;
use echovoice::ledger::payload::{EntryData, ExportPayload, Payload};
use serde_json::{Map, Value};

pub trait Forge {
    /// Changes the data field by field, whatever type they have.
    fn forge(&mut self, change: impl FnOnce(&mut Map<String, Value>));
}

impl Forge for NewEntry {
    fn forge(&mut self, change: impl FnOnce(&mut Map<String, Value>)) {
        let mut data = self.data.to_map();
        change(&mut data);
        self.data = EntryData::read(self.kind(), data);
    }
}

pub trait With {
    /// Puts a value into a field, whatever type the field has.
    #[must_use]
    fn with(self, key: &str, value: impl Into<Value>) -> Self;
}

impl With for NewEntry {
    fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.forge(|data| {
            data.insert(key.to_owned(), value.into());
        });
        self
    }
}

/// An export's own entry that says what the export owes.
pub fn owing(mut entry: NewEntry, owed: &Commitment) -> NewEntry {
    entry.data = Payload::Export(owed.on(ExportPayload::default())).into();
    entry
}
