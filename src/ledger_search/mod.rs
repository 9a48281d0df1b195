//! Past entries by their words: a derived index beside the ledger, so that a rare word is found among millions. It
//! holds no personal data (messages go in redacted, addresses and numbers as keyed hashes), proves nothing, and can be deleted at any time.

use crate::files;
use std::collections::BinaryHeap;
use std::fs;
use std::path::Path;
use tantivy::query::{
    AllQuery, BooleanQuery, EnableScoring, Occur, Query, TermQuery, TermSetQuery,
};
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::{DocSet as _, Index, IndexReader, IndexWriter, TantivyDocument, TantivyError, Term};

/// Memory of the writer in bytes.
const WRITER: usize = 64 << 20;
/// Most terms that one word of a search may stand for. A word that stands for more picks nothing out.
const TERMS: usize = 1_024;
/// Changes whenever fields or their reading change, so that an old index is built anew.
const LAYOUT: &str = "archive 2";

/// What an entry says in one respect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SearchField {
    Who,
    What,
    Run,
    Customer,
    Segment,
    Rule,
    Verdict,
    /// Words of a reason.
    Reason,
    /// Words of all that the entry says in the open.
    Any,
    /// Words of the messages of a run.
    Text,
    /// Keyed hashes of the addresses and numbers of a run's customer.
    Contact,
}

impl SearchField {
    const ALL: [Self; 11] = [
        Self::Who,
        Self::What,
        Self::Run,
        Self::Customer,
        Self::Segment,
        Self::Rule,
        Self::Verdict,
        Self::Reason,
        Self::Any,
        Self::Text,
        Self::Contact,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Who => "who",
            Self::What => "what",
            Self::Run => "run",
            Self::Customer => "customer",
            Self::Segment => "segment",
            Self::Rule => "rule",
            Self::Verdict => "verdict",
            Self::Reason => "reason",
            Self::Any => "any",
            Self::Text => "text",
            Self::Contact => "contact",
        }
    }

    /// Whether it is searched by the beginnings of words; other aspects by a part of the whole value.
    fn is_words(self) -> bool {
        matches!(self, Self::Reason | Self::Any | Self::Text)
    }
}

/// An entry as the index knows it.
#[derive(Clone, Debug, Default)]
pub struct IndexedEntry {
    pub seq: u64,
    /// Values in small letters. Of aspects that are searched by words, whole texts.
    pub values: Vec<(SearchField, String)>,
}

/// One condition of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchCondition {
    pub aspect: SearchField,
    /// In small letters.
    pub part: String,
}

/// The words of a text, in small letters: runs of letters and digits.
pub fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

/// Documents that hold any of these terms. Few terms are walked side by side, so that what is rare leads the way.
fn any_of(terms: Vec<Term>) -> Box<dyn Query> {
    const FEW: usize = 16;
    if terms.len() > FEW {
        return Box::new(TermSetQuery::new(terms));
    }
    let one = |term| -> Box<dyn Query> { Box::new(TermQuery::new(term, IndexRecordOption::Basic)) };
    let queries = terms.into_iter().map(one);
    Box::new(BooleanQuery::new(
        queries.map(|query| (Occur::Should, query)).collect(),
    ))
}

/// Whether every word of `part` begins a word of `text`.
pub fn begins_words(text: &str, part: &str) -> bool {
    let known: Vec<String> = words(text).collect();
    words(part).all(|part| known.iter().any(|word| word.starts_with(&part)))
}

/// An open index.
pub struct EntryIndex {
    index: Index,
    reader: IndexReader,
    seq: Field,
    aspects: Vec<Field>,
    upto: u64,
}

fn schema() -> (Schema, Field, Vec<Field>) {
    let mut builder = Schema::builder();
    let seq = builder.add_u64_field("seq", FAST | INDEXED);
    let words = TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer("raw")
            .set_fieldnorms(false)
            .set_index_option(IndexRecordOption::Basic),
    );
    let aspects = SearchField::ALL
        .into_iter()
        .map(|aspect| {
            let options = if aspect.is_words() {
                words.clone()
            } else {
                STRING
            };
            builder.add_text_field(aspect.name(), options)
        })
        .collect();
    (builder.build(), seq, aspects)
}

impl EntryIndex {
    /// Opens the index in a folder, or makes an empty one. `still` says whether the ledger's entry before a number
    /// still has this hash: an index of another ledger is thrown away.
    ///
    /// # Errors
    /// The folder cannot be read or written.
    pub fn open(folder: &Path, still: impl Fn(u64, &str) -> bool) -> Result<Self, TantivyError> {
        if let Some(index) = Self::existing(folder)? {
            let mark = index.mark()?;
            if let Some((upto, hash)) = mark
                && still(upto, &hash)
            {
                return Ok(Self { upto, ..index });
            }
        }
        remove(folder)?;
        files::folder(folder)?;
        let (schema, ..) = schema();
        Index::create_in_dir(folder, schema)?;
        Self::existing(folder)?
            .ok_or_else(|| TantivyError::InternalError("the index is not where it was made".into()))
    }

    fn existing(folder: &Path) -> Result<Option<Self>, TantivyError> {
        let Ok(index) = Index::open_in_dir(folder) else {
            return Ok(None);
        };
        let (expected, seq, aspects) = schema();
        if index.schema() != expected {
            return Ok(None);
        }
        let reader = index.reader()?;
        Ok(Some(Self {
            index,
            reader,
            seq,
            aspects,
            upto: 0,
        }))
    }

    /// How far the index goes, and the hash of the last entry in it.
    fn mark(&self) -> Result<Option<(u64, String)>, TantivyError> {
        let payload = self.index.load_metas()?.payload.unwrap_or_default();
        let mut parts = payload.split('\n');
        let known = parts.next() == Some(LAYOUT);
        let upto = parts.next().and_then(|n| n.parse().ok());
        Ok(upto.zip(parts.next().map(str::to_owned)).filter(|_| known))
    }

    /// Number of entries that it covers.
    pub fn upto(&self) -> u64 {
        self.upto
    }

    /// Files entries that follow what is there; `hash` is the last one's. `false`: another process does that now.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn add(
        &mut self,
        entries: impl Iterator<Item = IndexedEntry>,
        upto: u64,
        hash: &str,
    ) -> Result<bool, TantivyError> {
        let mut writer: IndexWriter = match self.index.writer_with_num_threads(1, WRITER) {
            Err(TantivyError::LockFailure(..)) => return Ok(false),
            opened => opened?,
        };
        for entry in entries {
            let mut document = TantivyDocument::default();
            document.add_u64(self.seq, entry.seq);
            for (aspect, value) in &entry.values {
                let field = self.field(*aspect);
                if aspect.is_words() {
                    for word in words(value) {
                        document.add_text(field, word);
                    }
                } else {
                    document.add_text(field, value);
                }
            }
            writer.add_document(document)?;
        }
        let mut commit = writer.prepare_commit()?;
        commit.set_payload(&format!("{LAYOUT}\n{upto}\n{hash}"));
        commit.commit()?;
        writer.wait_merging_threads()?;
        self.upto = upto;
        self.reader.reload()?;
        Ok(true)
    }

    /// Deletes the index: after an erasure nothing of a message may stay.
    ///
    /// # Errors
    /// A file cannot be removed.
    pub fn forget(folder: &Path) -> std::io::Result<()> {
        remove(folder)
    }

    fn field(&self, aspect: SearchField) -> Field {
        self.aspects[aspect as usize]
    }

    /// Sequence numbers below `before` of entries that may match all clauses, newest first. There may be more among
    /// them than match: who reads the entry decides.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn search(
        &self,
        clauses: &[SearchCondition],
        before: u64,
        limit: usize,
    ) -> Result<Vec<u64>, TantivyError> {
        let mut parts: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        for clause in clauses {
            for terms in self.terms(clause)? {
                parts.push((Occur::Must, any_of(terms)));
            }
        }
        let query: Box<dyn Query> = if parts.is_empty() {
            Box::new(AllQuery)
        } else {
            Box::new(BooleanQuery::new(parts))
        };
        let searcher = self.reader.searcher();
        let weight = query.weight(EnableScoring::disabled_from_searcher(&searcher))?;
        // The smallest of the newest on top.
        let mut newest: BinaryHeap<std::cmp::Reverse<u64>> = BinaryHeap::new();
        for segment in searcher.segment_readers() {
            let numbers = segment.fast_fields().u64("seq")?;
            let mut found = weight.scorer(segment, 1.0)?;
            let mut document = found.doc();
            while document != tantivy::TERMINATED {
                if let Some(seq) = numbers.first(document).filter(|seq| *seq < before)
                    && (newest.len() < limit || newest.peek().is_some_and(|least| least.0 < seq))
                {
                    if newest.len() == limit {
                        newest.pop();
                    }
                    newest.push(std::cmp::Reverse(seq));
                }
                document = found.advance();
            }
        }
        Ok(newest
            .into_sorted_vec()
            .into_iter()
            .map(|seq| seq.0)
            .collect())
    }

    /// Whether a whole value is there.
    fn holds(&self, field: Field, value: &str) -> Result<bool, TantivyError> {
        for segment in self.reader.searcher().segment_readers() {
            let inverted = segment.inverted_index(field)?;
            if inverted.terms().get(value.as_bytes())?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// For each word of a clause, the terms that it stands for. A word that stands for very many is left out.
    fn terms(&self, clause: &SearchCondition) -> Result<Vec<Vec<Term>>, TantivyError> {
        let field = self.field(clause.aspect);
        let parts: Vec<String> = if clause.aspect.is_words() {
            words(&clause.part).collect()
        } else {
            vec![clause.part.clone()]
        };
        let mut all = Vec::new();
        for part in parts {
            let mut terms: Vec<String> = Vec::new();
            // Ids are many, and mostly given whole: then nothing else needs to be looked through.
            if matches!(clause.aspect, SearchField::Run | SearchField::Customer)
                && self.holds(field, &part)?
            {
                all.push(vec![Term::from_field_text(field, &part)]);
                continue;
            }
            for segment in self.reader.searcher().segment_readers() {
                let inverted = segment.inverted_index(field)?;
                let dictionary = inverted.terms();
                let mut stream = if clause.aspect.is_words() {
                    dictionary.range().ge(part.as_bytes()).into_stream()?
                } else {
                    dictionary.stream()?
                };
                while stream.advance() && terms.len() <= TERMS {
                    let Ok(term) = std::str::from_utf8(stream.key()) else {
                        continue;
                    };
                    match (clause.aspect.is_words(), term.starts_with(&part)) {
                        (true, false) => break,
                        (true, true) => terms.push(term.to_owned()),
                        (false, _) if term.contains(&part) => terms.push(term.to_owned()),
                        (false, _) => {}
                    }
                }
            }
            terms.sort_unstable();
            terms.dedup();
            if terms.len() <= TERMS {
                let term = |text: &String| Term::from_field_text(field, text);
                all.push(terms.iter().map(term).collect());
            }
        }
        Ok(all)
    }
}

fn remove(folder: &Path) -> std::io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filed(seq: u64, values: &[(SearchField, &str)]) -> IndexedEntry {
        let own = |(aspect, value): &(SearchField, &str)| (*aspect, (*value).to_owned());
        IndexedEntry {
            seq,
            values: values.iter().map(own).collect(),
        }
    }

    fn clause(aspect: SearchField, part: &str) -> SearchCondition {
        SearchCondition {
            aspect,
            part: part.to_owned(),
        }
    }

    #[test]
    fn a_rare_word_is_found_newest_first_and_another_ledgers_index_is_thrown_away() {
        let folder = tempfile::tempdir().unwrap();
        let mut index = EntryIndex::open(folder.path(), |_, _| false).unwrap();
        let entries = (0..3_000).map(|seq| {
            let run = format!("r-{}", seq / 6);
            let rare = if seq % 1_000 == 7 {
                "guaranteed return"
            } else {
                "may vary"
            };
            filed(
                seq,
                &[
                    (SearchField::Who, "m.okafor"),
                    (SearchField::Run, &run),
                    (SearchField::Text, rare),
                ],
            )
        });
        assert!(index.add(entries, 3_000, "h").unwrap());
        let found = |clauses: &[SearchCondition], before| index.search(clauses, before, 2).unwrap();
        assert_eq!(
            found(&[clause(SearchField::Text, "guarant ret")], u64::MAX),
            [2_007, 1_007]
        );
        assert_eq!(found(&[clause(SearchField::Text, "guarant")], 1_007), [7]);
        assert_eq!(
            found(
                &[
                    clause(SearchField::Text, "guarant"),
                    clause(SearchField::Who, "ruiz")
                ],
                u64::MAX
            ),
            [0; 0]
        );
        assert_eq!(
            found(&[clause(SearchField::Who, "okaf")], u64::MAX),
            [2_999, 2_998]
        );
        assert_eq!(
            found(&[clause(SearchField::Run, "r-10")], u64::MAX),
            [65, 64]
        );
        assert_eq!(found(&[], 3), [2, 1]);

        let same =
            EntryIndex::open(folder.path(), |upto, hash| (upto, hash) == (3_000, "h")).unwrap();
        assert_eq!(same.upto(), 3_000);
        let other = EntryIndex::open(folder.path(), |_, _| false).unwrap();
        assert_eq!(other.upto(), 0);
        assert!(other.search(&[], u64::MAX, 5).unwrap().is_empty());
    }

    #[test]
    fn words_are_found_by_their_beginnings() {
        assert!(begins_words("us.finra.2210 Late fee", "FINRA fee"));
        assert!(!begins_words("late fee", "ate") && begins_words("x", ""));
    }
}
