//! What a built index was made of: the files as they were, how they were read, and the snapshot that a run pins.

use super::document::DocumentError;
use super::embed::Embedder;
use super::index::LAYOUT;
use super::ingest;
use super::passages::{PassageScope, Passages};
use super::taken::Taken;
use crate::domain::digest::Digest;
use crate::files;
use crate::pii::AllowList;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

const MANIFEST: &str = "manifest.json";
/// A file written this shortly before it was read may have been written again within the same tick of its clock.
const TICK_NS: u128 = 2_000_000_000;

/// What passages and vectors depend on besides the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CorpusReading {
    /// Program, layout and readers: another build may read, cut or redact differently.
    program: Digest,
    model: Digest,
    allow: Digest,
}

impl CorpusReading {
    pub fn of(embedder: &Embedder, allow: &AllowList) -> Self {
        Self {
            program: Digest::of_parts([
                LAYOUT,
                env!("CARGO_PKG_VERSION").as_bytes(),
                ingest::READERS,
            ]),
            model: embedder.digest(),
            allow: Digest::of_parts(allow.values().map(str::as_bytes)),
        }
    }

    /// Hash over passages in order, model and layout of the index.
    pub fn snapshot(&self, digests: impl Iterator<Item = Digest>) -> Digest {
        let digests: Vec<Digest> = digests.collect();
        Digest::of_parts(
            [LAYOUT, self.model.0.as_slice()]
                .into_iter()
                .chain(digests.iter().map(|d| d.0.as_slice())),
        )
    }
}

/// A file as the system describes it, without reading it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    bytes: u64,
    modified_ns: u128,
}

/// A source file, what it held, and what it gave.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct IndexedFile {
    pub path: PathBuf,
    /// Of the file and of its sidecar, if it has one.
    stamps: Vec<Stamp>,
    content: Digest,
    /// Its passages' first number, and how many.
    pub first: usize,
    pub count: usize,
    pub problems: Vec<DocumentError>,
    /// Its documents as they were taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taken: Vec<Taken>,
}

impl IndexedFile {
    /// The file as it is now. Unless its stamp is that of `before`, it is read and compared by content.
    pub fn now(path: &Path, before: Option<&IndexManifest>) -> io::Result<Self> {
        let stamps = stamps(path);
        let known = before.and_then(|m| Some((m.source(path)?, m.at_ns)));
        let content = match known {
            Some((source, at))
                if source.stamps == stamps
                    && stamps.iter().all(|s| s.modified_ns + TICK_NS < at) =>
            {
                source.content
            }
            _ => content(path)?,
        };
        Ok(Self {
            path: path.to_owned(),
            stamps,
            content,
            first: 0,
            count: 0,
            problems: Vec::new(),
            taken: Vec::new(),
        })
    }

    /// What the same file with the same content gave before.
    pub fn same_in<'m>(&self, before: &'m IndexManifest) -> Option<&'m Self> {
        before
            .source(&self.path)
            .filter(|known| known.content == self.content)
    }
}

fn stamps(path: &Path) -> Vec<Stamp> {
    [path.to_owned(), ingest::sidecar(path)]
        .iter()
        .filter_map(|file| fs::metadata(file).ok())
        .map(|meta| Stamp {
            bytes: meta.len(),
            modified_ns: meta.modified().map_or(0, since_epoch),
        })
        .collect()
}

fn content(path: &Path) -> io::Result<Digest> {
    let mut parts = vec![ingest::load(path).unwrap_or_default()];
    match fs::read(ingest::sidecar(path)) {
        Ok(sidecar) => parts.push(sidecar),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {}
        Err(e) => return Err(e),
    }
    Ok(Digest::of_parts(parts.iter().map(Vec::as_slice)))
}

fn since_epoch(time: SystemTime) -> u128 {
    time.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos())
}

/// The record of a built index.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct IndexManifest {
    pub reading: CorpusReading,
    pub snapshot: Digest,
    /// Whether every passage that the model can read has its vector.
    pub complete: bool,
    /// Whether it holds the vectors of word pieces.
    #[serde(default)]
    pub late: bool,
    pub scopes: Vec<PassageScope>,
    /// In order of their paths.
    pub sources: Vec<IndexedFile>,
    /// When reading the sources began.
    at_ns: u128,
}

impl IndexManifest {
    pub fn new(reading: CorpusReading) -> Self {
        Self {
            reading,
            snapshot: Digest([0; 32]),
            complete: false,
            late: false,
            scopes: Vec::new(),
            sources: Vec::new(),
            at_ns: since_epoch(SystemTime::now()),
        }
    }

    /// What is on record of a file. The sources are in order of their paths.
    fn source(&self, path: &Path) -> Option<&IndexedFile> {
        let at = self
            .sources
            .binary_search_by(|source| source.path.as_path().cmp(path));
        self.sources.get(at.ok()?)
    }

    /// Written aside and put in place whole.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let temporary = folder.join("manifest.new");
        let mut file = files::create(&temporary)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.sync_all()?;
        fs::rename(temporary, folder.join(MANIFEST))
    }
}

/// A built index on disk, whose passages are those that its snapshot names.
pub(super) struct Built {
    pub folder: PathBuf,
    pub manifest: IndexManifest,
    pub passages: Passages,
}

impl Built {
    /// Opens a built index. One that is damaged, or was read differently, is as good as none: it is made anew.
    pub fn open(folder: &Path, reading: &CorpusReading) -> Option<Self> {
        let manifest: IndexManifest =
            serde_json::from_slice(&fs::read(folder.join(MANIFEST)).ok()?).ok()?;
        if manifest.reading != *reading {
            return None;
        }
        let passages = Passages::open(folder, manifest.scopes.clone()).ok()?;
        (manifest.reading.snapshot(passages.digests()) == manifest.snapshot).then(|| Self {
            folder: folder.to_owned(),
            manifest,
            passages,
        })
    }

    /// The index below a folder that fits the reading.
    pub fn find(folder: &Path, reading: &CorpusReading) -> Option<Self> {
        let mut folders: Vec<PathBuf> = fs::read_dir(folder)
            .ok()?
            .flatten()
            .filter(|e| e.file_name().to_string_lossy().starts_with(BUILT))
            .map(|e| e.path())
            .collect();
        folders.sort();
        folders.iter().find_map(|f| Self::open(f, reading))
    }
}

/// How folders of built indexes begin.
pub(super) const BUILT: &str = "built-";
