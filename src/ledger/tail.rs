//! A quick look at a log's end before anything is written after it: its last entries must be those that its newest
//! checkpoint was signed for. What lies further back takes a whole verification.

use super::checkpoint::Checkpoint;
use super::entry::Entry;
use super::keys::PublicKey;
use super::log::{AuditLog, LogError, Page};
use super::tree::{self, Frontier, NodeId};
use sha2::{Digest as _, Sha256};

/// Last entries that are read, at least.
const LAST: u64 = 64;

/// How many entries there are, and how many of the last ones were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tail {
    pub size: u64,
    pub read: u64,
}

/// Looks at the end of a log.
///
/// # Errors
/// The log cannot be read; or [`LogError::Damaged`]: its end is not what was signed.
pub fn check(log: &dyn AuditLog, key: &PublicKey) -> Result<Tail, LogError> {
    let head = log.head()?;
    let size = head.size;
    let wrong = |what: String| LogError::Damaged(what.into());
    if let Some((seq, _)) = (log.page(Page::Entries {
        before: u64::MAX,
        limit: 1,
    })?)
    .pop()
        && seq >= size
        // Another process may have written meanwhile.
        && log.head()?.size == size
    {
        return Err(wrong(format!("nobody signed for entry {seq}")));
    }
    if size == 0 {
        return Ok(Tail { size, read: 0 });
    }
    let signed = Checkpoint::open(&head.checkpoint, key)?;
    if signed.size != size {
        return Err(wrong(format!(
            "its newest checkpoint is signed for {} entries and lies at {size}",
            signed.size
        )));
    }
    // Whole subtrees before, and at least so many entries by themselves.
    let from = (size.saturating_sub(LAST) / LAST) * LAST;
    let mut frontier = load_frontier(log, from)?;
    let limit = usize::try_from(size - from).unwrap_or(usize::MAX);
    let rows = log.page(Page::Entries {
        before: size,
        limit,
    })?;
    let mut rows = rows.into_iter().rev();
    let mut before: Option<[u8; 32]> = None;
    for expected in from..size {
        let Some((_, bytes)) = rows.next().filter(|(seq, _)| *seq == expected) else {
            return Err(wrong(format!("entry {expected} is missing")));
        };
        let entry =
            Entry::from_bytes(&bytes).map_err(|e| wrong(format!("entry {expected}: {e}")))?;
        if before.is_some_and(|before| entry.prev != hex::encode(before)) {
            return Err(wrong(format!(
                "entry {expected} does not follow the one before"
            )));
        }
        frontier.push(tree::leaf(&bytes), |_, _| {});
        before = Some(Sha256::digest(&bytes).into());
    }
    if before != Some(head.last) || frontier.root() != signed.root {
        return Err(wrong(format!(
            "the last {} entries are not those that its newest checkpoint was signed for",
            size - from
        )));
    }
    Ok(Tail {
        size,
        read: size - from,
    })
}

/// The tree's right edge from stored hashes.
pub fn load_frontier(log: &dyn AuditLog, size: u64) -> Result<Frontier, LogError> {
    Frontier::load(size, |ids| {
        let hashes = log.hashes(ids)?.into_iter().zip(ids);
        let there = |(hash, id): (Option<tree::Hash>, &NodeId)| {
            hash.ok_or_else(|| {
                let missing = format!(
                    "a tree hash is missing (level {}, index {})",
                    id.level, id.index
                );
                LogError::Damaged(missing.into())
            })
        };
        hashes.map(there).collect()
    })
}
