//! Policy packs as files: read, test, compare.

use super::workspace::Workspace;
use crate::error::{Error, Kind, Result};
use crate::rules::PackError;
use crate::rules::diff::{self, Change};
use crate::rules::selftest::{self, Report};
use std::fs;
use std::path::Path;

pub use crate::rules::Pack;

/// Reads one pack file.
///
/// # Errors
/// Not a pack; with file, line and field.
pub fn read_pack(path: &Path) -> Result<Pack> {
    let text = fs::read_to_string(path).map_err(|e| {
        Error::new(Kind::Io, e.to_string())
            .at(path.display().to_string())
            .fix("check the path")
    })?;
    Pack::parse(&text).map_err(|e| match e {
        PackError::Toml(problem) => Error::new(Kind::Input, problem)
            .at(path.display().to_string())
            .fix("correct the pack and try again"),
        PackError::Rule { rule, problem } => {
            Error::new(Kind::Input, problem).at(format!("{}: {rule}", path.display()))
        }
    })
}

/// A pack by id, or by path.
///
/// # Errors
/// No such pack.
pub fn find(workspace: &Workspace, name: &str) -> Result<Pack> {
    if let Some(pack) = workspace.packs.iter().find(|p| p.head.id == name) {
        return Ok(pack.clone());
    }
    if Path::new(name).exists() {
        return read_pack(Path::new(name));
    }
    let known: Vec<&str> = workspace.packs.iter().map(|p| p.head.id.as_str()).collect();
    Err(Error::new(
        Kind::NotFound,
        format!(
            "there is no pack {}",
            crate::text::hidden::visible_line(name)
        ),
    )
    .fix(format!("give a file, or one of: {}", known.join(", "))))
}

/// Runs a pack's own tests.
///
/// # Errors
/// An expression does not compile.
pub fn test(workspace: &Workspace, pack: &Pack) -> Result<Report> {
    let approved: Vec<String> = workspace
        .templates
        .disclosures
        .iter()
        .map(|d| d.text.clone())
        .collect();
    selftest::run(pack, &approved).map_err(|e| Error::new(Kind::Input, e.to_string()))
}

/// What changed between two packs.
pub fn diff(old: &Pack, new: &Pack) -> Vec<Change> {
    diff::between(old, new)
}
