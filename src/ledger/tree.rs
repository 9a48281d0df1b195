//! The RFC 6962 Merkle tree over entries, kept as stored hashes of complete subtrees.

use sha2::{Digest as _, Sha256};

pub type Hash = [u8; 32];

/// A complete subtree: level 0 is a leaf, level n covers 2^n leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId {
    pub level: u8,
    pub index: u64,
}

/// `SHA-256(0x00 ‖ entry)`.
pub fn leaf(entry: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([0]);
    hasher.update(entry);
    hasher.finalize().into()
}

/// `SHA-256(0x01 ‖ left ‖ right)`.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([1]);
    hasher.update(left);
    hasher.update(right);
    hasher.finalize().into()
}

/// The right edge of a growing tree: enough to append and to name the root.
#[derive(Clone, Debug, Default)]
pub struct Frontier {
    size: u64,
    /// Complete subtrees from the largest to the smallest.
    stack: Vec<(u8, Hash)>,
}

impl Frontier {
    /// Reads the edge of a tree of `size` leaves back from stored hashes.
    ///
    /// # Errors
    /// Whatever `load` returns.
    pub fn load<E>(
        size: u64,
        load: impl FnOnce(&[NodeId]) -> Result<Vec<Hash>, E>,
    ) -> Result<Self, E> {
        let nodes = Self::nodes_of(size);
        let hashes = load(&nodes)?;
        let levels = nodes.iter().map(|id| id.level);
        Ok(Self {
            size,
            stack: levels.zip(hashes).collect(),
        })
    }

    /// The complete subtrees that make up a tree of `size` leaves, largest first.
    pub fn nodes_of(size: u64) -> Vec<NodeId> {
        let mut nodes = Vec::new();
        let mut start = 0;
        for level in (0..64_u8).rev() {
            let width = 1_u64 << level;
            if size & width != 0 {
                nodes.push(NodeId {
                    level,
                    index: start / width,
                });
                start += width;
            }
        }
        nodes
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf; every subtree that becomes complete is reported.
    pub fn push(&mut self, leaf: Hash, mut complete: impl FnMut(NodeId, Hash)) {
        let mut index = self.size;
        let (mut level, mut hash) = (0_u8, leaf);
        complete(NodeId { level, index }, hash);
        while let Some((top, left)) = self.stack.last().copied()
            && top == level
        {
            self.stack.pop();
            hash = node(&left, &hash);
            level += 1;
            index /= 2;
            complete(NodeId { level, index }, hash);
        }
        self.stack.push((level, hash));
        self.size += 1;
    }

    /// The Merkle tree hash; of an empty tree the hash of nothing.
    pub fn root(&self) -> Hash {
        let mut rest = self.stack.iter().rev().map(|(_, hash)| *hash);
        match rest.next() {
            None => Sha256::digest([]).into(),
            Some(last) => rest.fold(last, |right, left| node(&left, &right)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition of RFC 6962 section 2.1, word for word.
    fn by_definition(leaves: &[Vec<u8>]) -> Hash {
        match leaves.len() {
            0 => Sha256::digest([]).into(),
            1 => leaf(&leaves[0]),
            n => {
                let k = 1 << (usize::BITS - 1 - (n - 1).leading_zeros());
                node(&by_definition(&leaves[..k]), &by_definition(&leaves[k..]))
            }
        }
    }

    proptest! {
        #[test]
        fn the_frontier_is_the_definition(leaves in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..8), 0..40)) {
            let mut frontier = Frontier::default();
            let mut stored = std::collections::BTreeMap::new();
            for entry in &leaves {
                frontier.push(leaf(entry), |id, hash| { stored.insert(id, hash); });
            }
            prop_assert_eq!(frontier.root(), by_definition(&leaves));
            let again = Frontier::load(leaves.len() as u64, |ids| ids.iter().map(|id| stored.get(id).copied().ok_or(())).collect()).unwrap();
            prop_assert_eq!(again.root(), frontier.root());
        }
    }
}
