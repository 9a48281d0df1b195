//! A built knowledge base on disk: passages, vectors, word index, and the snapshot id that a run pins.

use super::build::{self, Builder, Shipped};
use super::document::Passage;
use super::embed::Embedder;
use super::error::{DocumentProblem, KnowledgeError, SourceFile, Step};
use super::index::WordIndex;
use super::ingest;
use super::manifest::{Built, CorpusReading, IndexManifest, IndexedFile};
use super::passages::Passages;
use super::pieces::{self, Pieces};
use super::request::Request;
use super::vectors::Vectors;
use super::ways::Late;
use crate::domain::citation::Retrieved;
use crate::domain::digest::Digest;
use crate::files;
use crate::pii::AllowList;
use chrono::NaiveDate;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// Passages, their vectors and their index. Cheap to share.
pub struct KnowledgeBase {
    passages: Passages,
    vectors: Vectors,
    /// Vectors of word pieces, where the index has them.
    pieces: Option<Pieces>,
    words: WordIndex,
    embedder: Arc<Embedder>,
    snapshot: Digest,
    answers: Mutex<HashMap<Request, Retrieved>>,
    /// Documents that others stand in place of: these others, and from when on.
    superseded: BTreeMap<String, Vec<(String, Option<String>)>>,
    /// Numbers of passages by id; looked up when first asked for.
    by_id: OnceLock<HashMap<String, usize>>,
    pub problems: Vec<DocumentProblem>,
    pub files: Vec<SourceFile>,
}

impl KnowledgeBase {
    /// Opens the index of the sources; builds it if a source changed. `shipped` are vectors that came with the program;
    /// `late` says whether the index is to hold those of word pieces.
    ///
    /// # Errors
    /// The sources cannot be listed, or the index cannot be written.
    pub fn open(
        folder: &Path,
        sources: &[PathBuf],
        allow: &AllowList,
        embedder: Arc<Embedder>,
        shipped: Shipped<'_>,
        late: Late,
        progress: &mut dyn FnMut(Step),
    ) -> Result<Self, KnowledgeError> {
        files::folder(folder).map_err(KnowledgeError::at(folder))?;
        let reading = CorpusReading::of(&embedder, allow);
        let begun = IndexManifest::new(reading);
        let before = Built::find(folder, &reading);
        let known = before.as_ref().map(|b| &b.manifest);
        let sources = list(sources)?
            .iter()
            .map(|path| IndexedFile::now(path, known).map_err(KnowledgeError::at(path)))
            .collect::<Result<Vec<_>, _>>()?;
        let same = |built: &Built| {
            built.manifest.complete
                && (built.manifest.late || !late.holds_for(built.passages.len()))
                && built.manifest.sources.len() == sources.len()
                && sources
                    .iter()
                    .all(|source| source.same_in(&built.manifest).is_some())
        };
        let before = match before {
            Some(built) if same(&built) => match Self::load(folder, built, &embedder) {
                Ok(open) => return Ok(open),
                // Damaged: as good as none.
                Err(_) => None,
            },
            other => other,
        };
        let mut builder = Builder {
            folder,
            allow,
            embedder: &embedder,
            shipped,
            late,
            progress,
        };
        let built = builder.build(begun, sources, before.as_ref())?;
        Self::load(folder, built, &embedder)
    }

    fn load(folder: &Path, built: Built, embedder: &Arc<Embedder>) -> Result<Self, KnowledgeError> {
        let pieces = if built.manifest.late {
            let file = folder.join(pieces::FILE);
            let open = Pieces::open(&built.folder, &file, built.passages.len());
            Some(open.map_err(KnowledgeError::at(&file))?)
        } else {
            None
        };
        let vectors = built.folder.join(build::VECTORS);
        let files: Vec<SourceFile> = built
            .manifest
            .sources
            .iter()
            .map(|source| SourceFile {
                path: source.path.clone(),
                taken: source.taken.clone(),
            })
            .collect();
        Ok(Self {
            superseded: superseded(&files),
            by_id: OnceLock::new(),
            files,
            pieces,
            vectors: Vectors::read(&vectors, built.passages.len())
                .map_err(KnowledgeError::at(&vectors))?,
            words: WordIndex::open(&built.folder.join(build::WORDS))?,
            passages: built.passages,
            embedder: embedder.clone(),
            snapshot: built.manifest.snapshot,
            answers: Mutex::default(),
            problems: built
                .manifest
                .sources
                .into_iter()
                .flat_map(|source| {
                    let file = source.path;
                    source
                        .problems
                        .into_iter()
                        .map(move |problem| DocumentProblem {
                            file: file.clone(),
                            reason: problem.0,
                        })
                })
                .collect(),
        })
    }

    /// How many passages it holds.
    pub fn len(&self) -> usize {
        self.passages.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A passage by its number, from 0.
    ///
    /// # Errors
    /// It cannot be read, or is no longer what was indexed.
    pub fn passage(&self, number: usize) -> Result<Passage, KnowledgeError> {
        self.passages
            .get(number)
            .map_err(KnowledgeError::at(self.passages.path()))
    }

    /// A passage by its id. The first time all passages are read.
    ///
    /// # Errors
    /// One cannot be read, or is no longer what was indexed.
    pub fn by_id(&self, id: &str) -> Result<Option<Passage>, KnowledgeError> {
        if self.by_id.get().is_none() {
            let mut ids = HashMap::with_capacity(self.len());
            for number in 0..self.len() {
                ids.insert(self.passage(number)?.id, number);
            }
            // Another thread may have been first, with the same.
            let _ = self.by_id.set(ids);
        }
        let number = self.by_id.get().and_then(|ids| ids.get(id));
        number.map(|number| self.passage(*number)).transpose()
    }

    /// The document that stands in place of another on a day.
    pub fn superseded_by(&self, document: &str, day: NaiveDate) -> Option<&str> {
        let begun = |from: &Option<String>| {
            let from = from.as_deref()?;
            NaiveDate::parse_from_str(from, "%Y-%m-%d").ok()
        };
        self.superseded
            .get(document)?
            .iter()
            .find(|(_, from)| begun(from).is_none_or(|from| from <= day))
            .map(|(by, _)| by.as_str())
    }

    pub fn snapshot(&self) -> Digest {
        self.snapshot
    }

    pub(super) fn passages(&self) -> &Passages {
        &self.passages
    }

    pub(super) fn words(&self) -> &WordIndex {
        &self.words
    }

    /// Answers given so far.
    pub(super) fn answers(&self) -> MutexGuard<'_, HashMap<Request, Retrieved>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn embedder(&self) -> &Embedder {
        &self.embedder
    }

    pub(super) fn pieces(&self) -> Option<&Pieces> {
        self.pieces.as_ref()
    }

    pub(super) fn vectors(&self) -> &Vectors {
        &self.vectors
    }
}

/// Which documents others stand in place of. None stands in its own.
fn superseded(files: &[SourceFile]) -> BTreeMap<String, Vec<(String, Option<String>)>> {
    let mut all: BTreeMap<String, Vec<(String, Option<String>)>> = BTreeMap::new();
    for taken in files.iter().flat_map(|file| &file.taken) {
        for old in taken.supersedes.iter().filter(|old| **old != taken.id) {
            all.entry(old.clone())
                .or_default()
                .push((taken.id.clone(), taken.valid_from.clone()));
        }
    }
    all
}

/// All document files below the sources, in order of their names.
fn list(sources: &[PathBuf]) -> Result<Vec<PathBuf>, KnowledgeError> {
    let mut files = Vec::new();
    for source in sources {
        walk(source, &mut files).map_err(|e| KnowledgeError::Io {
            path: source.clone(),
            source: e,
        })?;
    }
    files.sort();
    Ok(files)
}

fn walk(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            walk(&entry?.path(), files)?;
        }
        return Ok(());
    }
    if path.exists() && ingest::is_document(path) {
        files.push(path.to_owned());
    } else if !path.exists() {
        return Err(io::Error::new(
            io::ErrorKind::NotFound,
            "no such file or folder",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::cache::RECORD;
    use super::*;

    struct StoreBench {
        home: tempfile::TempDir,
        late: Late,
    }

    impl StoreBench {
        fn new() -> Self {
            let home = tempfile::tempdir().unwrap();
            fs::create_dir(home.path().join("docs")).unwrap();
            let late = Late::Auto;
            Self { home, late }
        }

        fn index(&self) -> PathBuf {
            self.home.path().join("kb")
        }

        fn write(&self, name: &str, text: &str) {
            fs::write(self.home.path().join("docs").join(name), text).unwrap();
        }

        /// The knowledge base, how many vectors it had to make, and whether it was built anew.
        fn open(&self) -> (KnowledgeBase, usize, bool) {
            let embedder = Embedder::new(
                include_bytes!("../../assets/model/minilm-l6-v2.int8.onnx"),
                include_str!("../../assets/model/tokenizer.json"),
            );
            let (mut made, mut built) = (0, false);
            let base = KnowledgeBase::open(
                &self.index(),
                &[self.home.path().join("docs")],
                &AllowList::default(),
                Arc::new(embedder),
                Shipped::default(),
                self.late,
                &mut |step| match step.what {
                    "embedding passages" => made = step.done,
                    _ => built = true,
                },
            )
            .unwrap();
            (base, made, built)
        }

        /// The built index's folder: there is always one.
        fn built(&self) -> PathBuf {
            let mut built: Vec<PathBuf> = fs::read_dir(self.index())
                .unwrap()
                .map(|e| e.unwrap().path())
                .filter(|p| p.is_dir())
                .collect();
            assert_eq!(built.len(), 1, "{built:?}");
            built.remove(0)
        }
    }

    fn texts(base: &KnowledgeBase) -> Vec<String> {
        (0..base.len())
            .map(|n| base.passage(n).unwrap().text)
            .collect()
    }

    #[test]
    fn only_what_changed_is_read_and_embedded_again() {
        let desk = StoreBench::new();
        desk.write("a.md", "Early repayment is free.");
        desk.write(
            "b.jsonl",
            "{\"id\":\"b\",\"text\":\"A late payment costs money.\"}\n",
        );
        desk.write("c.md", "Rates may change.");
        let (first, made, built) = desk.open();
        assert_eq!((first.len(), made, built), (3, 3, true));
        let (again, made, built) = desk.open();
        assert_eq!(
            (made, built, again.snapshot()),
            (0, false, first.snapshot())
        );

        desk.write("a.md", "Early repayment is always free.");
        fs::remove_file(desk.home.path().join("docs/c.md")).unwrap();
        let (changed, made, built) = desk.open();
        assert_eq!((made, built), (1, true));
        assert_eq!(
            texts(&changed),
            [
                "Early repayment is always free.",
                "A late payment costs money."
            ]
        );
        assert_ne!(changed.snapshot(), first.snapshot());
        desk.built();

        desk.write("a.md", "Early repayment is free.");
        desk.write("c.md", "Rates may change.");
        let (back, made, _) = desk.open();
        assert_eq!((made, back.snapshot()), (0, first.snapshot()));
        assert_eq!(texts(&back), texts(&first));
    }

    #[test]
    fn a_damaged_index_is_made_anew_and_a_damaged_passage_is_not_cited() {
        let desk = StoreBench::new();
        desk.write("a.md", "Early repayment is free.");
        let (first, ..) = desk.open();
        for name in [
            "vectors",
            "passages.table",
            "manifest.json",
            "words/meta.json",
        ] {
            fs::write(desk.built().join(name), b"x").unwrap();
            let (again, made, built) = desk.open();
            assert_eq!((made, built), (0, true), "{name}");
            assert_eq!(again.snapshot(), first.snapshot());
        }
        let file = desk.built().join("passages.jsonl");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replace("free", "dear")).unwrap();
        let error = desk.open().0.passage(0).unwrap_err().to_string();
        assert!(
            error.contains("passages.jsonl: passage 1 is not what was indexed"),
            "{error}"
        );
    }

    #[test]
    fn an_id_is_taken_once_and_freed_with_its_file() {
        let desk = StoreBench::new();
        desk.write("a.md", "---\nid: terms\n---\nOld terms.");
        desk.write("b.md", "---\nid: terms\n---\nNew terms.");
        let (base, ..) = desk.open();
        assert_eq!(texts(&base), ["Old terms."]);
        assert!(base.problems[0].file.ends_with("b.md"));
        assert!(base.problems[0].reason.contains("its id is taken by"));
        fs::remove_file(desk.home.path().join("docs/a.md")).unwrap();
        let (base, ..) = desk.open();
        assert_eq!(texts(&base), ["New terms."]);
        assert_eq!(base.problems, []);
    }

    #[test]
    fn a_sidecar_speaks_for_its_document_and_a_bad_one_leaves_it_out() {
        let desk = StoreBench::new();
        desk.write("a.txt", "Fees apply.");
        let (base, ..) = desk.open();
        assert_eq!(base.passage(0).unwrap().jurisdiction, [] as [String; 0]);
        desk.write(
            "a.txt.yaml",
            "title: Fees\njurisdiction: US\ntrust: approved\nvalid_to: 2026-12-31\n",
        );
        let (base, _, built) = desk.open();
        let passage = base.passage(0).unwrap();
        assert!(built);
        assert_eq!(
            (passage.title.as_str(), passage.trust.as_str()),
            ("Fees", "approved")
        );
        assert_eq!(passage.jurisdiction, ["US"]);
        desk.write("b.txt", "More.");
        desk.write("a.txt.yaml", "truts: approved\n");
        let (base, ..) = desk.open();
        assert_eq!(texts(&base), ["More."]);
        let reason = &base.problems[0].reason;
        assert!(
            reason.starts_with("a.txt.yaml: ") && reason.contains("did you mean trust?"),
            "{reason}"
        );
    }

    #[test]
    fn a_vector_file_that_was_cut_off_goes_on_from_its_last_whole_record() {
        let desk = StoreBench::new();
        desk.write("a.md", "Early repayment is free.");
        desk.write("b.md", "A late payment costs money.");
        assert_eq!(desk.open().1, 2);
        let file = desk.index().join("vectors.cache");
        let bytes = fs::read(&file).unwrap();
        fs::write(&file, &bytes[..RECORD + 100]).unwrap();
        fs::remove_dir_all(desk.built()).unwrap();
        assert_eq!(desk.open().1, 1);
        assert_eq!(fs::read(&file).unwrap(), bytes);
    }

    #[test]
    fn word_pieces_are_made_when_they_are_wanted_and_nothing_else_is_made_again() {
        let mut desk = StoreBench::new();
        desk.late = Late::Off;
        // In fewer passages no word is rare.
        let words = [
            "zebra", "harbour", "violin", "glacier", "tractor", "lantern", "saffron", "compass",
        ];
        for word in words {
            desk.write(&format!("{word}.md"), &format!("A {word} is free."));
        }
        let (without, made, _) = desk.open();
        assert!(made == 8 && without.pieces().is_none());
        let vectors = fs::read(desk.index().join("vectors.cache")).unwrap();
        assert!(!desk.index().join(pieces::FILE).exists());
        desk.late = Late::Auto;
        let (with, made, built) = desk.open();
        assert_eq!((made, built), (8, true));
        assert_eq!(with.snapshot(), without.snapshot());
        let own = with.pieces().unwrap().get(0).unwrap();
        assert!(!own.is_empty() && own != with.pieces().unwrap().get(1).unwrap());
        assert_eq!(
            fs::read(desk.index().join("vectors.cache")).unwrap(),
            vectors
        );
        // One passage more costs one passage.
        desk.write("zz.md", "Rates may change.");
        assert_eq!(desk.open().1, 1);
        desk.late = Late::Off;
        assert!(!desk.open().2);
        // Lost behind our back: made anew, and nothing else.
        desk.late = Late::On;
        fs::remove_file(desk.index().join(pieces::FILE)).unwrap();
        let (again, made, _) = desk.open();
        assert_eq!((made, again.pieces().unwrap().get(0).unwrap()), (9, own));
    }

    #[test]
    fn indexing_that_was_killed_goes_on_where_the_disk_has_it() {
        let desk = StoreBench::new();
        for number in 0..70 {
            desk.write(
                &format!("{number:02}.md"),
                &format!("Rule {number} is a rule."),
            );
        }
        let killed = tempfile::tempdir().unwrap();
        let embedder = || {
            Arc::new(Embedder::new(
                include_bytes!("../../assets/model/minilm-l6-v2.int8.onnx"),
                include_str!("../../assets/model/tokenizer.json"),
            ))
        };
        let sources = [desk.home.path().join("docs")];
        let open = |index: &Path, progress: &mut dyn FnMut(Step)| {
            let allow = AllowList::default();
            let shipped = Shipped::default();
            KnowledgeBase::open(
                index,
                &sources,
                &allow,
                embedder(),
                shipped,
                Late::Auto,
                progress,
            )
            .unwrap()
        };
        // The disk as it is in the middle of a passage: what a kill leaves behind.
        let whole = open(&desk.index(), &mut |step| {
            if step.what == "embedding passages" && step.done == 66 {
                for name in ["vectors.cache", pieces::FILE] {
                    fs::copy(desk.index().join(name), killed.path().join(name)).unwrap();
                }
                fs::create_dir(killed.path().join("building-1")).unwrap();
            }
        });
        let mut made = 0;
        let again = open(killed.path(), &mut |step| {
            if step.what == "embedding passages" {
                made = step.done;
            }
        });
        assert_eq!((made, again.snapshot()), (6, whole.snapshot()));
        assert!(!killed.path().join("building-1").exists());
        for number in [0, 69] {
            let of = |base: &KnowledgeBase| base.pieces().unwrap().get(number).unwrap();
            assert_eq!(of(&again), of(&whole));
        }
    }
}
