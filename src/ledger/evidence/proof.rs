//! A receipt: one entry, the hashes that tie it to the root, and the signed checkpoint over that root (C2SP tlog-proof).

use crate::ledger::log::{AuditLog, Key, LogError};
use crate::ledger::tree::{self, Hash, NodeId};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What is handed out about one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The entry's bytes.
    pub entry: Vec<u8>,
    /// The text of the `.tlog-proof` file.
    pub proof: String,
}

/// The receipt of an entry under the newest checkpoint.
///
/// # Errors
/// The log cannot be read, or has no such entry.
pub fn receipt(log: &dyn AuditLog, seq: u64) -> Result<Receipt, LogError> {
    let head = log.head()?;
    let missing = || LogError::Damaged(format!("entry {seq} is missing"));
    let entry = log.one(Key::Entry(seq))?.ok_or_else(missing)?;
    if seq >= head.size {
        return Err(missing());
    }
    let mut proof = format!("c2sp.org/tlog-proof@v1\nindex {seq}\n");
    for hash in path(log, seq, 0, head.size)? {
        proof.push_str(&STANDARD.encode(hash));
        proof.push('\n');
    }
    proof.push('\n');
    proof.push_str(&head.checkpoint);
    Ok(Receipt { entry, proof })
}

/// The audit path of a leaf among the leaves `from..to` (RFC 6962, section 2.1.1), nearest first.
fn path(log: &dyn AuditLog, leaf: u64, from: u64, to: u64) -> Result<Vec<Hash>, LogError> {
    if to - from <= 1 {
        return Ok(Vec::new());
    }
    let middle = from + split(to - from);
    if leaf < middle {
        let mut hashes = path(log, leaf, from, middle)?;
        hashes.push(root(log, middle, to)?);
        Ok(hashes)
    } else {
        let mut hashes = path(log, leaf, middle, to)?;
        hashes.push(root(log, from, middle)?);
        Ok(hashes)
    }
}

/// The tree hash of the leaves `from..to`; complete subtrees are stored.
fn root(log: &dyn AuditLog, from: u64, to: u64) -> Result<Hash, LogError> {
    let width = to - from;
    if width.is_power_of_two() {
        let level = u8::try_from(width.trailing_zeros()).unwrap_or(u8::MAX);
        let id = NodeId {
            level,
            index: from / width,
        };
        return log
            .hashes(&[id])?
            .pop()
            .flatten()
            .ok_or_else(|| LogError::Damaged("a tree hash is missing".into()));
    }
    let middle = from + split(width);
    Ok(tree::node(
        &root(log, from, middle)?,
        &root(log, middle, to)?,
    ))
}

/// The largest power of two below a width of two or more.
fn split(width: u64) -> u64 {
    1 << (width - 1).ilog2()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::log::Batch;
    use crate::ledger::memory::MemoryLog;
    use crate::ledger::tree::Frontier;
    use proptest::prelude::*;

    /// RFC 6962's check of a path, as an outsider would write it.
    fn root_by_path(mut index: u64, size: u64, leaf: Hash, path: &[Hash]) -> Option<Hash> {
        let (mut last, mut hash) = (size - 1, leaf);
        for other in path {
            if last == 0 {
                return None;
            }
            if index % 2 == 1 || index == last {
                hash = tree::node(other, &hash);
                while index.is_multiple_of(2) && index != 0 {
                    index /= 2;
                    last /= 2;
                }
            } else {
                hash = tree::node(&hash, other);
            }
            index /= 2;
            last /= 2;
        }
        (last == 0).then_some(hash)
    }

    proptest! {
        #[test]
        fn every_path_leads_to_the_root(size in 1_u64..70) {
            let log = MemoryLog::default();
            let mut frontier = Frontier::default();
            let mut batch = Batch::default();
            for number in 0..size {
                let entry = number.to_string().into_bytes();
                frontier.push(tree::leaf(&entry), |id, hash| batch.nodes.push((id, hash)));
                batch.entries.push(entry);
            }
            log.append(&batch).unwrap();
            for leaf in 0..size {
                let hashes = path(&log, leaf, 0, size).unwrap();
                let entry = tree::leaf(leaf.to_string().as_bytes());
                prop_assert_eq!(root_by_path(leaf, size, entry, &hashes), Some(frontier.root()));
            }
        }
    }
}
