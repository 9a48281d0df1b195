//! A copy of a ledger that is in use. Files that are written to must never be copied as they lie: half of such copies
//! were broken. One read transaction sees one moment.

use super::OpenError;
use super::raw::Raw;
use super::tables::{
    BLOBS, CHECKPOINTS, ENTRIES, IDS, META, NODES, OF_RUN, OPEN, PEOPLE, PSEUDONYMS, RUN_SEQ, RUNS,
    STANDING, SUBJECTS, create,
};
use redb::{Key, ReadTransaction, ReadableTable, TableDefinition, Value, WriteTransaction};
use std::path::Path;

impl Raw {
    /// Writes everything as it is now into a new ledger file.
    ///
    /// # Errors
    /// The file is there already or cannot be written, or this ledger cannot be read.
    pub fn copy_to(&self, path: &Path) -> Result<(), OpenError> {
        let other = |e: &dyn std::fmt::Display| OpenError::Other(e.to_string());
        if path.exists() {
            return Err(OpenError::Other("there is a file of that name".into()));
        }
        let read = self.read().map_err(|e| other(&e))?;
        create(path, &mut |write| {
            copy(&read, write, ENTRIES)?;
            copy(&read, write, BLOBS)?;
            copy(&read, write, NODES)?;
            copy(&read, write, IDS)?;
            copy(&read, write, OF_RUN)?;
            copy(&read, write, RUNS)?;
            copy(&read, write, RUN_SEQ)?;
            copy(&read, write, OPEN)?;
            copy(&read, write, PEOPLE)?;
            copy(&read, write, STANDING)?;
            copy(&read, write, SUBJECTS)?;
            copy(&read, write, PSEUDONYMS)?;
            copy(&read, write, CHECKPOINTS)?;
            copy(&read, write, META)
        })
    }
}

fn copy<K: Key + 'static, V: Value + 'static>(
    from: &ReadTransaction,
    to: &WriteTransaction,
    table: TableDefinition<'_, K, V>,
) -> Result<(), redb::Error> {
    let source = from.open_table(table)?;
    let mut target = to.open_table(table)?;
    for row in source.iter()? {
        let (key, value) = row?;
        target.insert(key.value(), value.value())?;
    }
    Ok(())
}
