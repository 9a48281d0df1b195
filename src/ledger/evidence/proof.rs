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
    let missing = || LogError::Damaged(format!("entry {seq} is missing").into());
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

/// The root of the first `size` entries.
///
/// # Errors
/// The log cannot be read, or has fewer.
pub fn root_at(log: &dyn AuditLog, size: u64) -> Result<Hash, LogError> {
    match size {
        0 => Ok(tree::Frontier::default().root()),
        _ => root(log, 0, size),
    }
}

/// The proof that a log of `size` entries goes on from one of `old` (RFC 6962, section 2.1.2); empty where there is
/// nothing to prove.
///
/// # Errors
/// The log cannot be read, or has fewer.
pub fn consistency(log: &dyn AuditLog, old: u64, size: u64) -> Result<Vec<Hash>, LogError> {
    if old == 0 || old >= size {
        return Ok(Vec::new());
    }
    subproof(log, old, (0, size), true)
}

fn subproof(
    log: &dyn AuditLog,
    old: u64,
    (from, to): (u64, u64),
    whole: bool,
) -> Result<Vec<Hash>, LogError> {
    if old == to - from {
        return Ok(if whole {
            Vec::new()
        } else {
            vec![root(log, from, to)?]
        });
    }
    let half = split(to - from);
    let middle = from + half;
    if old <= half {
        let mut hashes = subproof(log, old, (from, middle), whole)?;
        hashes.push(root(log, middle, to)?);
        Ok(hashes)
    } else {
        let mut hashes = subproof(log, old - half, (middle, to), false)?;
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

    /// RFC 6962's check of a consistency proof, as RFC 9162, section 2.1.4.2, writes it out.
    fn goes_on(old: u64, size: u64, [first, second]: [Hash; 2], proof: &[Hash]) -> bool {
        let mut path: Vec<Hash> = proof.to_vec();
        if old.is_power_of_two() {
            path.insert(0, first);
        }
        let (mut fnode, mut snode) = (old - 1, size - 1);
        while fnode & 1 == 1 {
            (fnode, snode) = (fnode >> 1, snode >> 1);
        }
        let Some((&start, rest)) = path.split_first() else {
            return false;
        };
        let (mut one, mut two) = (start, start);
        for hash in rest {
            if snode == 0 {
                return false;
            }
            if fnode & 1 == 1 || fnode == snode {
                one = tree::node(hash, &one);
                two = tree::node(hash, &two);
                while fnode & 1 == 0 && fnode != 0 {
                    (fnode, snode) = (fnode >> 1, snode >> 1);
                }
            } else {
                two = tree::node(&two, hash);
            }
            (fnode, snode) = (fnode >> 1, snode >> 1);
        }
        one == first && two == second && snode == 0
    }

    fn grown(size: u64) -> MemoryLog {
        let log = MemoryLog::default();
        let mut frontier = Frontier::default();
        let mut batch = Batch::default();
        for number in 0..size {
            let entry = number.to_string().into_bytes();
            frontier.push(tree::leaf(&entry), |id, hash| batch.nodes.push((id, hash)));
            batch.entries.push(entry);
        }
        log.append(&batch).unwrap();
        log
    }

    #[test]
    fn every_consistency_proof_holds_and_no_other() {
        let log = grown(40);
        for size in 2..=40 {
            for old in 1..size {
                let proof = consistency(&log, old, size).unwrap();
                let ends = [old, size].map(|n| root_at(&log, n).unwrap());
                assert!(goes_on(old, size, ends, &proof), "{old} of {size}");
                let other = [root_at(&log, old - 1).unwrap(), ends[1]];
                assert!(!goes_on(old, size, other, &proof), "{old} of {size}");
            }
        }
    }

    proptest! {
        #[test]
        fn every_path_leads_to_the_root(size in 1_u64..70) {
            let log = grown(size);
            let root = root_at(&log, size).unwrap();
            for leaf in 0..size {
                let hashes = path(&log, leaf, 0, size).unwrap();
                let entry = tree::leaf(leaf.to_string().as_bytes());
                prop_assert_eq!(root_by_path(leaf, size, entry, &hashes), Some(root));
            }
        }
    }
}
