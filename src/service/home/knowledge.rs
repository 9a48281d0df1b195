//! The knowledge base beside runs: index other folders, search, show.

use crate::config::Config;
use crate::domain::citation::{Citation, Retrieved, decimal};
use crate::domain::jurisdiction::Jurisdiction;
use crate::error::{Error, Kind, Result};
use crate::files;
pub use crate::knowledge::{Constants, Late, Ways};
use crate::knowledge::{Embedder, Request};
use crate::pii::AllowList;
use crate::service::home::assets;
use crate::service::home::workspace::Workspace;
use chrono::NaiveDate;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use crate::knowledge::eval::{Four, Judgements, NAMES, Spread, spread};
pub use crate::knowledge::{KnowledgeBase, Mode, Passage, SourceFile, Step, Taken, sidecar};

/// Name of the file in which an index remembers what it was built from.
const SOURCES: &str = "sources.json";

/// Builds or refreshes an index outside the home.
///
/// # Errors
/// The sources cannot be read or the index not written.
pub fn index(
    folder: &Path,
    sources: &[PathBuf],
    late: Late,
    progress: &mut dyn FnMut(Step),
) -> Result<KnowledgeBase> {
    let failed = |e: std::io::Error| Error::of(Kind::Io, e).at(folder.display().to_string());
    files::folder(folder).map_err(failed)?;
    let record = folder.join(SOURCES);
    let sources: Vec<PathBuf> = if sources.is_empty() {
        fs::read_to_string(&record)
            .ok()
            .and_then(|text| serde_json::from_str(&text).ok())
            .ok_or_else(|| {
                Error::new(Kind::NotFound, "no index here yet")
                    .at(folder.display().to_string())
                    .fix("build it first: `echovoice kb index --kb DIR SOURCE…`")
            })?
    } else {
        let absolute = sources
            .iter()
            .map(fs::canonicalize)
            .collect::<std::io::Result<Vec<_>>>()
            .map_err(|e| Error::of(Kind::Io, e).fix("check the source's path"))?;
        files::write(
            &record,
            serde_json::to_string(&absolute).unwrap_or_default(),
        )
        .map_err(failed)?;
        absolute
    };
    let embedder = Arc::new(Embedder::new(assets::model(), assets::tokenizer()));
    KnowledgeBase::open(
        folder,
        &sources,
        &AllowList::default(),
        embedder,
        assets::demo_vectors(),
        late,
        progress,
    )
    .map_err(|e| Error::of(Kind::Io, e))
}

/// How the home's settings have passages ranked.
///
/// # Errors
/// The settings cannot be read.
pub fn ways(home: &Path) -> Result<Ways> {
    Ok(Config::read(home)?.knowledge)
}

/// What to search for.
pub struct Search<'s> {
    pub query: &'s str,
    pub limit: usize,
    pub mode: Mode,
    pub jurisdiction: Option<Jurisdiction>,
    pub product: Option<String>,
    /// Leave out what is not relevant enough.
    pub floor: bool,
    pub ways: Ways,
    /// The day on which it is looked.
    pub as_of: Option<NaiveDate>,
}

/// Searches a knowledge base.
///
/// # Errors
/// The index cannot be read.
pub fn search(base: &KnowledgeBase, search: &Search<'_>) -> Result<Retrieved> {
    base.search(&Request {
        query: search.query.to_owned(),
        jurisdiction: search.jurisdiction.clone(),
        product: search.product.clone(),
        day: None,
        as_of: search.as_of,
        limit: search.limit,
        mode: search.mode,
        floor: search.floor,
        ways: search.ways,
    })
    .map_err(|e| Error::of(Kind::Io, e))
}

/// The passages one after another.
///
/// # Errors
/// One cannot be read, or is no longer what was indexed.
pub fn passages(base: &KnowledgeBase) -> impl Iterator<Item = Result<Passage>> {
    (0..base.len()).map(|number| {
        base.passage(number)
            .map_err(|e| Error::of(Kind::Io, e).fix("delete the index folder and start again"))
    })
}

/// Which words of the query met which words of the passage: those of one stem, and those that the model finds alike.
pub fn words_met(citation: &Citation) -> [Value; 2] {
    let same = citation.same_words.iter();
    let near = citation.near_words.iter();
    [
        same.map(|(asked, found)| json!({"asked": asked, "found": found}))
            .collect(),
        near.map(|near| {
            json!({
                "asked": near.asked, "found": near.found,
                "likeness": decimal(near.likeness), "share": decimal(near.share),
            })
        })
        .collect(),
    ]
}

/// The home's own knowledge base.
///
/// # Errors
/// It is not open.
pub fn of(workspace: &Workspace) -> Result<&Arc<KnowledgeBase>> {
    workspace
        .knowledge
        .as_ref()
        .ok_or_else(|| Error::new(Kind::Stage, "the knowledge base is not open"))
}
