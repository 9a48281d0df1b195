//! The tree as tiles of up to 256 hashes (C2SP tlog-tiles): enough to check any entry and any older checkpoint.

use crate::files;
use crate::ledger::log::{AuditLog, LogError};
use crate::ledger::tree::NodeId;
use std::io;
use std::path::{Path, PathBuf};

/// Hashes of a full tile.
const WIDTH: u64 = 256;

/// Where a tile lies: `tile/0/x001/234`, with `.p/W` behind it when it is not full.
fn path(level: u8, number: u64, width: u64) -> PathBuf {
    let mut groups = vec![format!("{:03}", number % 1_000)];
    let mut rest = number / 1_000;
    while rest > 0 {
        groups.push(format!("x{:03}", rest % 1_000));
        rest /= 1_000;
    }
    groups.reverse();
    let name = format!("tile/{level}/{}", groups.join("/"));
    if width < WIDTH {
        format!("{name}.p/{width}").into()
    } else {
        name.into()
    }
}

/// Writes all tiles of a tree of `size` leaves below a folder.
pub(super) fn write(
    log: &dyn AuditLog,
    size: u64,
    folder: &Path,
) -> Result<(), super::export::Failed> {
    for level in 0_u8.. {
        // A hash of this level covers 256^level leaves.
        let hashes = size.checked_shr(u32::from(level) * 8).unwrap_or(0);
        if hashes == 0 {
            break;
        }
        for number in 0..hashes.div_ceil(WIDTH) {
            let first = number * WIDTH;
            let width = (hashes - first).min(WIDTH);
            let nodes: Vec<NodeId> = (first..first + width)
                .map(|index| NodeId {
                    level: level * 8,
                    index,
                })
                .collect();
            let mut bytes = Vec::with_capacity(nodes.len() * 32);
            for hash in log.hashes(&nodes)? {
                let hash =
                    hash.ok_or_else(|| LogError::Damaged("a tree hash is missing".into()))?;
                bytes.extend_from_slice(&hash);
            }
            let file = folder.join(path(level, number, width));
            put(&file, &bytes)?;
        }
    }
    Ok(())
}

/// Writes a file, and the folders above it.
pub(super) fn put(file: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        files::folder(folder)?;
    }
    files::write(file, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_specification() {
        let shown = |level, number, width| path(level, number, width).display().to_string();
        assert_eq!(shown(0, 0, 256), "tile/0/000");
        assert_eq!(shown(0, 1_234_067, 256), "tile/0/x001/x234/067");
        assert_eq!(shown(1, 273, 5), "tile/1/273.p/5");
    }
}
