//! An export: entries, what they name, the tree's tiles, and all that a stranger needs to check them.

use super::commitment::Commitment;
use super::span::{Span, asked_for, read};
use super::tiles::{self, put};
use crate::domain::digest::Digest;
use crate::files;
use crate::ledger::entry::EntryKind;
use crate::ledger::keys::PublicKey;
use crate::ledger::log::{AuditLog, Key, LogError};
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

/// What went out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    pub entries: u64,
    pub blobs: u64,
    /// Size of the log that the checkpoint covers.
    pub size: u64,
    /// Sequence numbers of the entries that went out, as first and last of each row without a gap.
    pub held: Vec<(u64, u64)>,
    /// The entries of the time that was asked for: from the first number up to, and without, the second.
    pub period: (u64, u64),
    /// The entry that put it on record, with a [`Commitment`].
    pub own: Option<u64>,
}

impl Exported {
    fn hold(&mut self, seq: u64) {
        self.entries += 1;
        match self.held.last_mut() {
            Some((_, last)) if *last + 1 == seq => *last = seq,
            _ => self.held.push((seq, seq)),
        }
    }
}

/// Why an export stopped.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    #[error(transparent)]
    Log(#[from] LogError),
    #[error("the export could not be written: {0}")]
    Io(#[from] io::Error),
}

/// Page of the tree walk: entries between two reports of progress.
const STEP: u64 = 256;

/// Exports everything into an empty folder, or a span that is on no record. [`super::seal`] comes when the folder is full.
///
/// # Errors
/// The log cannot be read, or the folder not written.
pub fn export(
    log: &dyn AuditLog,
    key: &PublicKey,
    span: &Span,
    folder: &Path,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Exported, Failed> {
    export_on_record(log, key, (span, None), folder, progress)
}

/// Exports a span into an empty folder. Besides the entries of that time, all entries of the runs that it touches go
/// out, and all about people and the log itself: without them nobody could check who was allowed what. The entries next
/// to the time show that nothing of it was left out, and the commitment with the number of the entry that has it that
/// nothing of its runs was: what came after it goes out whole.
///
/// # Errors
/// The log cannot be read, or the folder not written.
pub fn export_on_record(
    log: &dyn AuditLog,
    key: &PublicKey,
    (span, own): (&Span, Option<(&Commitment, u64)>),
    folder: &Path,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Exported, Failed> {
    let head = log.head()?;
    let (period, touched) = asked_for(log, span, head.size)?;
    let later = own.map_or(head.size, |(commitment, _)| commitment.size);
    files::folder(folder)?;
    let mut lines = BufWriter::new(files::create(&folder.join("entries.jsonl"))?);
    let mut done = Exported {
        size: head.size,
        period,
        own: own.map(|(_, seq)| seq),
        ..Exported::default()
    };
    let (first, last) = (period.0.saturating_sub(1), period.1);
    for seq in 0..head.size {
        let (bytes, entry) = read(log, seq)?;
        let wanted = seq >= later
            || (first..=last).contains(&seq)
            || entry.run.as_ref().is_some_and(|run| touched.contains(run))
            || about_the_house(entry.kind());
        if wanted {
            lines.write_all(&bytes)?;
            lines.write_all(b"\n")?;
            done.hold(seq);
            for digest in entry
                .blobs
                .values()
                .chain(entry.sealed.values().map(|sealed| &sealed.blob))
            {
                // A blob that was erased is gone from the export too; the verifier asks for the erasure's entry.
                let file = folder.join(blob_path(digest));
                if !file.exists()
                    && let Some(blob) = log.one(Key::Blob(digest))?
                {
                    put(&file, &blob)?;
                    done.blobs += 1;
                }
            }
        }
        if let Some(note) = log.one(Key::Checkpoint(seq + 1))? {
            put(
                &folder.join("checkpoints").join((seq + 1).to_string()),
                &note,
            )?;
        }
        if seq % STEP == 0 || seq + 1 == head.size {
            progress(seq + 1, head.size);
        }
    }
    lines.flush()?;
    put(&folder.join("checkpoint"), head.checkpoint.as_bytes())?;
    put(
        &folder.join("log.pub"),
        format!("{}\n", key.to_text()).as_bytes(),
    )?;
    if span.is_everything() {
        super::customers::write(log, folder)?;
    }
    tiles::write(log, head.size, folder)?;
    Ok(done)
}

/// Where a blob lies in an export.
pub(super) fn blob_path(digest: &Digest) -> String {
    let hex = hex::encode(digest.0);
    format!("blobs/{}/{hex}", &hex[..2])
}

fn about_the_house(kind: EntryKind) -> bool {
    kind.is_about_people()
        || kind.is_about_erasure()
        || kind.is_about_what_is_in_force()
        || matches!(
            kind,
            EntryKind::LogGenesis
                | EntryKind::LogRules
                | EntryKind::TokenMade
                | EntryKind::TokenRevoked
                | EntryKind::ClockJump
                | EntryKind::ClockConfirmed
                | EntryKind::CopyAccepted
        )
}
