//! Policy packs: read, test, compare, put in force, try on recorded runs, and learn from dismissals.

mod active;
mod browse;
mod card;
mod change;
mod days;
pub mod explain;
mod measure;
mod regress;
pub mod tables;
mod trades;
mod what_if;
pub mod write;

use crate::error::{Error, Kind, Result};
use crate::files;
use crate::rules::diff;
use crate::rules::selftest::{self, DismissedMessage};
use crate::rules::{PackError, RuleBook};
use crate::service::home::assets;
use crate::service::home::workspace::Workspace;
use std::fs;
use std::path::Path;
use std::sync::Arc;

pub use crate::claims::KindInfo;
pub use crate::rules::Pack;
pub use crate::rules::diff::RuleChange;
pub use crate::rules::pack::Rule;
pub use crate::rules::selftest::SelfTestReport;
pub use active::{Activated, Shelf};
pub use browse::{RuleCard, browse};
pub use card::Card;
pub use change::{Activation, Confirmed, activate, confirm, deactivate};
pub use days::{Coming, Outlook, Stale, Turn, calendar, stale};
pub use measure::{Measured, Measures, RowKind, likeness_rows, measure};
pub use regress::{Dismissal, dismiss};
pub use trades::laws_of_trades;
pub use what_if::{Changed, WhatIf, Which, reopen, under, what_if};

/// Reads one pack file.
///
/// # Errors
/// Not a pack; with file, line and field.
pub fn read_pack(path: &Path) -> Result<Pack> {
    read_pack_text(path).map(|(pack, _)| pack)
}

fn read_pack_text(path: &Path) -> Result<(Pack, String)> {
    let text = fs::read_to_string(path).map_err(|e| {
        Error::of(Kind::Io, e)
            .at(path.display().to_string())
            .fix("check the path")
    })?;
    let pack = Pack::parse(&text).map_err(|e| match e {
        PackError::Rule { rule, problem } => {
            Error::of(Kind::Input, problem).at(format!("{}: {rule}", path.display()))
        }
        file => Error::of(Kind::Input, file)
            .at(path.display().to_string())
            .fix("correct the pack and try again"),
    })?;
    Ok((pack, text))
}

/// How a pack stands: its draft beside what is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The draft is what runs.
    Active,
    /// The draft differs from what runs.
    Edited,
    /// Only a draft: it does not run.
    Draft,
    /// Runs; its draft is gone.
    WithoutDraft,
}

impl Standing {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Edited => "edited",
            Self::Draft => "draft",
            Self::WithoutDraft => "active, no draft",
        }
    }
}

/// The packs of a home, and what is wrong with drafts that are none.
#[derive(Debug)]
pub struct Listing {
    /// By id; an edited one is shown as it runs.
    pub packs: Vec<(Pack, Standing)>,
    pub broken: Vec<Error>,
}

/// Every pack with its standing.
///
/// # Errors
/// The folder of drafts cannot be read.
pub fn list(workspace: &Workspace) -> Result<Listing> {
    let (drafts, broken) = Shelf::of(&workspace.home).readable_drafts()?;
    let drafts: Vec<Pack> = drafts.into_iter().map(|(pack, _)| pack).collect();
    let mut all: Vec<(Pack, Standing)> = workspace
        .packs
        .iter()
        .map(|pack| {
            let draft = drafts.iter().find(|d| d.head.id == pack.head.id);
            let standing = match draft {
                None => Standing::WithoutDraft,
                Some(draft) if draft.digest == pack.digest => Standing::Active,
                Some(_) => Standing::Edited,
            };
            (pack.clone(), standing)
        })
        .collect();
    for draft in drafts {
        if !workspace.packs.iter().any(|p| p.head.id == draft.head.id) {
            all.push((draft, Standing::Draft));
        }
    }
    all.sort_by(|a, b| a.0.head.id.cmp(&b.0.head.id));
    Ok(Listing { packs: all, broken })
}

/// Every pack as somebody works on it: its draft, or what runs where no draft can be read; by id.
///
/// # Errors
/// The folder of drafts cannot be read.
pub fn in_work(workspace: &Workspace) -> Result<Vec<Pack>> {
    let (drafts, _) = Shelf::of(&workspace.home).readable_drafts()?;
    let mut all: Vec<Pack> = drafts.into_iter().map(|(pack, _)| pack).collect();
    for pack in workspace.packs.iter() {
        if !all.iter().any(|draft| draft.head.id == pack.head.id) {
            all.push(pack.clone());
        }
    }
    all.sort_by(|a, b| a.head.id.cmp(&b.head.id));
    Ok(all)
}

/// A pack by path, by id of a draft, or by id of what runs. A draft comes first: it is what somebody works on.
///
/// # Errors
/// No such pack.
pub fn find(workspace: &Workspace, name: &str) -> Result<Pack> {
    find_text(workspace, name).map(|(pack, _)| pack)
}

fn find_text(workspace: &Workspace, name: &str) -> Result<(Pack, String)> {
    if Path::new(name).is_file() {
        return read_pack_text(Path::new(name));
    }
    let (drafts, mut broken) = Shelf::of(&workspace.home).readable_drafts()?;
    let known: Vec<String> = drafts.iter().map(|(p, _)| p.head.id.clone()).collect();
    let found = drafts.into_iter().find(|(pack, _)| pack.head.id == name);
    // What was asked for may be the one that cannot be read.
    if found.is_none() && !broken.is_empty() {
        return Err(broken.swap_remove(0));
    }
    found.ok_or_else(|| {
        Error::new(
            Kind::NotFound,
            format!(
                "there is no pack {}",
                crate::text::hidden::visible_line(name)
            ),
        )
        .fix(format!("give a file, or one of: {}", known.join(", ")))
    })
}

/// The pack of this id that is in force.
///
/// # Errors
/// None is.
pub fn active<'w>(workspace: &'w Workspace, id: &str) -> Result<&'w Pack> {
    workspace
        .packs
        .iter()
        .find(|p| p.head.id == id)
        .ok_or_else(|| {
            Error::new(
                Kind::NotFound,
                format!(
                    "no pack {} is in force",
                    crate::text::hidden::visible_line(id)
                ),
            )
            .fix("see `echovoice policy list`")
        })
}

/// The rules in force with these packs instead of the ones of the same id, or beside them.
///
/// # Errors
/// An expression does not compile.
pub fn book_with(workspace: &Workspace, packs: &[Pack]) -> Result<Arc<RuleBook>> {
    let mut all: Vec<Pack> = workspace
        .packs
        .iter()
        .filter(|p| !packs.iter().any(|new| new.head.id == p.head.id))
        .cloned()
        .collect();
    all.extend(packs.iter().cloned());
    compiled(workspace, &all).map(Arc::new)
}

/// The rules in force without a pack.
///
/// # Errors
/// Another pack asks for what it has.
fn book_without(workspace: &Workspace, id: &str) -> Result<RuleBook> {
    let stays = |pack: &&Pack| pack.head.id != id;
    let rest: Vec<Pack> = workspace.packs.iter().filter(stays).cloned().collect();
    compiled(workspace, &rest)
}

/// Packs as rules, with this home's approved disclosures.
fn compiled(workspace: &Workspace, packs: &[Pack]) -> Result<RuleBook> {
    let approved = workspace.templates.approved();
    RuleBook::compile(packs, approved.iter().map(String::as_str))
        .map_err(|e| Error::of(Kind::Input, e))
}

/// Runs a pack's own tests, and the findings of its rules that somebody dismissed.
///
/// # Errors
/// An expression does not compile.
pub fn test(workspace: &Workspace, pack: &Pack) -> Result<SelfTestReport> {
    let rows: Vec<DismissedMessage> = regress::read(&workspace.home)?
        .iter()
        .map(Dismissal::row)
        .collect();
    test_among(workspace, pack, &workspace.packs, &rows)
}

fn test_among(
    workspace: &Workspace,
    pack: &Pack,
    others: &[Pack],
    rows: &[DismissedMessage],
) -> Result<SelfTestReport> {
    let approved = workspace.templates.approved();
    selftest::run(pack, others, &approved, rows).map_err(|e| Error::of(Kind::Input, e))
}

/// The packs that ship with the program.
///
/// # Errors
/// One cannot be read; a test reads them all.
pub fn shipped() -> Result<Vec<Pack>> {
    let parse = |text: &str| {
        Pack::parse(text).map_err(|e| Error::new(Kind::Input, format!("a shipped pack: {e}")))
    };
    assets::packs().into_iter().map(parse).collect()
}

/// The shipped packs, with their texts, of which a home has neither a draft nor one in force.
///
/// # Errors
/// A shipped pack cannot be read.
pub fn not_here(listing: &Listing) -> Result<Vec<(String, &'static str)>> {
    let is_here = |id: &str| listing.packs.iter().any(|(pack, _)| pack.head.id == id);
    let mut missing = Vec::new();
    for text in assets::packs() {
        let pack = Pack::parse(text).map_err(|e| Error::of(Kind::Input, e))?;
        if !is_here(&pack.head.id) {
            missing.push((pack.head.id, text));
        }
    }
    Ok(missing)
}

/// Writes them as drafts; their ids come back.
///
/// # Errors
/// The folder cannot be written, or a draft cannot be read: it may be the one that would be written over.
pub fn write_shipped(workspace: &Workspace) -> Result<Vec<String>> {
    let folder = workspace.home.join("policies");
    let mut listing = list(workspace)?;
    if !listing.broken.is_empty() {
        return Err(listing.broken.swap_remove(0));
    }
    not_here(&listing)?
        .into_iter()
        .map(|(id, text)| {
            let path = folder.join(format!("{id}.toml"));
            files::write(&path, text)
                .map_err(|e| Error::of(Kind::Io, e).at(path.display().to_string()))?;
            Ok(id)
        })
        .collect()
}

/// The packs of a folder and its folders, in order of their ids.
///
/// # Errors
/// A folder or pack that cannot be read.
pub fn folder(path: &Path) -> Result<Vec<Pack>> {
    let mut packs = Vec::new();
    let mut folders = vec![path.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder)
            .map_err(|e| Error::of(Kind::Input, e).at(folder.display().to_string()))?;
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "toml")
            {
                packs.push(read_pack(&path)?);
            }
        }
    }
    packs.sort_by(|a, b| a.head.id.cmp(&b.head.id));
    Ok(packs)
}

/// Runs the tests of packs that are not in force, each among the others.
///
/// # Errors
/// A pack does not compile.
pub fn test_folder(workspace: &Workspace, packs: &[Pack]) -> Result<Vec<(String, SelfTestReport)>> {
    packs
        .iter()
        .map(|pack| {
            let report = test_among(workspace, pack, packs, &[])?;
            Ok((pack.head.id.clone(), report))
        })
        .collect()
}

/// What changed between two packs.
pub fn diff(old: &Pack, new: &Pack) -> Vec<RuleChange> {
    diff::between(old, new)
}
