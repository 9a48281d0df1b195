//! The word index: tantivy with English stemming, BM25 over stems and pairs of stems.

use super::document::Passage;
use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use tantivy::collector::{FilterCollector, TopDocs};
use tantivy::query::{BooleanQuery, BoostQuery, Occur, Query, TermQuery};
use tantivy::schema::{FAST, Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::TextAnalyzer;
use tantivy::{
    DocAddress, Index, IndexReader, IndexWriter, Searcher, TantivyDocument, TantivyError, Term,
};

/// Words that say nothing in a query. Documents keep theirs.
pub(super) const STOP: [&str; 52] = [
    "a", "about", "an", "and", "any", "are", "as", "at", "be", "been", "by", "can", "do", "does",
    "for", "from", "had", "has", "have", "how", "i", "if", "in", "is", "it", "its", "may", "must",
    "of", "on", "or", "shall", "should", "such", "that", "the", "their", "there", "these", "this",
    "to", "under", "was", "what", "when", "where", "which", "who", "will", "with", "would", "you",
];

/// Memory of the index writer in bytes.
const WRITER: usize = 64 << 20;
/// Weight of two stems that stand together. Measured on `ObliQA` dev: .3 to .5 is flat, and worth a point of recall
/// and two of MAP over single stems.
const PAIRS: f32 = 0.45;
/// Weight of a title that only names a place in a rulebook.
const PLACE: f32 = 0.1;
/// The field that holds a passage's number.
const NUMBER: &str = "number";
/// Changes whenever fields or their reading change, so that an old index is built anew.
pub(super) const LAYOUT: &[u8] = b"words 3: number, text, pairs, place";

/// An open word index. Passages are known by their number.
pub struct WordIndex {
    index: Index,
    reader: IndexReader,
    fields: IndexFields,
    /// Where each passage lies, by its number; looked up when first needed.
    places: OnceLock<Vec<DocAddress>>,
}

#[derive(Clone, Copy)]
struct IndexFields {
    number: Field,
    text: Field,
    /// Neighbouring stems of the text, stop words left out.
    pairs: Field,
    place: Field,
}

/// What a clause looks into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum QueryPart {
    Stem,
    Pair,
    Place,
}

impl QueryPart {
    /// Its share in BM25.
    pub fn share(self) -> f32 {
        match self {
            Self::Stem => 1.0,
            Self::Pair => PAIRS,
            Self::Place => PLACE,
        }
    }
}

/// One part of a query: a stem or a pair of stems in a field.
pub struct Clause {
    /// The query's own words: `repayment`, `early repayment`.
    pub shown: String,
    /// The stem alone; of a pair, both, joined.
    pub(super) stem: String,
    pub(super) part: QueryPart,
    pub(super) term: Term,
}

impl Clause {
    fn query(&self) -> Box<dyn Query> {
        let term = TermQuery::new(self.term.clone(), IndexRecordOption::WithFreqs);
        Box::new(BoostQuery::new(Box::new(term), self.part.share()))
    }
}

/// A passage found by words.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    pub passage: usize,
    pub score: f32,
}

fn schema() -> Schema {
    let mut builder = Schema::builder();
    let words = |tokenizer: &str| {
        TextOptions::default().set_indexing_options(
            TextFieldIndexing::default()
                .set_tokenizer(tokenizer)
                .set_index_option(IndexRecordOption::WithFreqs),
        )
    };
    builder.add_u64_field(NUMBER, FAST);
    builder.add_text_field("text", words("en_stem"));
    builder.add_text_field("pairs", words("whitespace"));
    builder.add_text_field("place", words("en_stem"));
    builder.build()
}

impl IndexFields {
    fn of(schema: &Schema) -> Result<Self, TantivyError> {
        Ok(Self {
            number: schema.get_field(NUMBER)?,
            text: schema.get_field("text")?,
            pairs: schema.get_field("pairs")?,
            place: schema.get_field("place")?,
        })
    }
}

/// Stems of a text in order, each with its word in small letters; stop words left out.
fn stems(analyzer: &mut TextAnalyzer, text: &str) -> Vec<(String, String)> {
    let kept: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && !STOP.contains(&word.to_lowercase().as_str()))
        .collect();
    let joined = kept.join(" ");
    let mut stream = analyzer.token_stream(&joined);
    let mut stems = Vec::new();
    while stream.advance() {
        let token = stream.token();
        let word = joined.get(token.offset_from..token.offset_to);
        stems.push((token.text.clone(), word.unwrap_or_default().to_lowercase()));
    }
    stems
}

/// Neighbours, each joined into one word, with their words.
fn pairs(stems: &[(String, String)]) -> impl Iterator<Item = (String, String)> {
    stems.windows(2).map(|pair| {
        let ((first, word), (second, next)) = (&pair[0], &pair[1]);
        (format!("{first}_{second}"), format!("{word} {next}"))
    })
}

/// Builds a word index, passage by passage.
pub(super) struct Builder {
    writer: IndexWriter,
    fields: IndexFields,
    analyzer: TextAnalyzer,
}

impl Builder {
    /// Begins an index in an empty folder.
    pub fn create(folder: &Path) -> Result<Self, TantivyError> {
        let index = Index::create_in_dir(folder, schema())?;
        let fields = IndexFields::of(&index.schema())?;
        Ok(Self {
            analyzer: index.tokenizer_for_field(fields.text)?,
            // One writer thread: the order of passages, and so of ties, is the same everywhere.
            writer: index.writer_with_num_threads(1, WRITER)?,
            fields,
        })
    }

    pub fn add(&mut self, number: usize, passage: &Passage) -> Result<(), TantivyError> {
        let text = passage.search_text();
        let mut document = TantivyDocument::default();
        document.add_u64(self.fields.number, number as u64);
        let together: Vec<String> = pairs(&stems(&mut self.analyzer, &text))
            .map(|(pair, _)| pair)
            .collect();
        document.add_text(self.fields.pairs, together.join(" "));
        document.add_text(self.fields.text, text);
        if passage.title_is_place() {
            document.add_text(self.fields.place, &passage.title);
        }
        self.writer.add_document(document)?;
        Ok(())
    }

    pub fn finish(mut self) -> Result<(), TantivyError> {
        self.writer.commit()?;
        self.writer.wait_merging_threads()
    }
}

impl WordIndex {
    /// Opens a built index.
    pub fn open(folder: &Path) -> Result<Self, TantivyError> {
        let index = Index::open_in_dir(folder)?;
        let fields = IndexFields::of(&index.schema())?;
        let reader = index.reader()?;
        Ok(Self {
            index,
            reader,
            fields,
            places: OnceLock::new(),
        })
    }

    pub(super) fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }

    /// Where each passage lies, by its number.
    pub(super) fn places(&self) -> Result<&[DocAddress], TantivyError> {
        if let Some(known) = self.places.get() {
            return Ok(known);
        }
        let searcher = self.searcher();
        let all = usize::try_from(searcher.num_docs()).unwrap_or(0);
        let mut places = vec![DocAddress::new(0, 0); all];
        for (ordinal, segment) in (0..).zip(searcher.segment_readers()) {
            let numbers = segment.fast_fields().u64(NUMBER)?;
            for document in 0..segment.max_doc() {
                let number = numbers
                    .first(document)
                    .and_then(|n| usize::try_from(n).ok());
                if let Some(place) = number.and_then(|n| places.get_mut(n)) {
                    *place = DocAddress::new(ordinal, document);
                }
            }
        }
        Ok(self.places.get_or_init(|| places))
    }

    /// The words of a text, in small letters, that stand for a clause's stem.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn words_for(
        &self,
        clauses: &[Clause],
        text: &str,
    ) -> Result<Vec<(String, Vec<String>)>, TantivyError> {
        let mut analyzer = self.index.tokenizer_for_field(self.fields.text)?;
        let stems: Vec<&Clause> = clauses
            .iter()
            .filter(|c| c.part == QueryPart::Stem)
            .collect();
        let mut found: Vec<(String, Vec<String>)> = Vec::new();
        let mut words: Vec<String> = text
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect();
        words.sort_unstable();
        words.dedup();
        for clause in stems {
            // A stem and its words begin alike: only those few are brought to their stems.
            let begin: String = clause.stem.chars().take(2).collect();
            let from = words.partition_point(|word| *word < begin);
            let alike = words[from..]
                .iter()
                .take_while(|word| word.starts_with(&begin));
            let mut same = Vec::new();
            for word in alike {
                let mut stream = analyzer.token_stream(word);
                if stream.advance() && stream.token().text == clause.stem {
                    same.push(word.clone());
                }
            }
            if !same.is_empty() {
                found.push((clause.shown.clone(), same));
            }
        }
        Ok(found)
    }

    /// What a query looks for: its stems, and its pairs of stems, each once, in order.
    pub fn clauses(&self, query: &str) -> Result<Vec<Clause>, TantivyError> {
        let mut analyzer = self.index.tokenizer_for_field(self.fields.text)?;
        let stems = stems(&mut analyzer, query);
        let single = |field, part| {
            stems.iter().map(move |(stem, word)| Clause {
                shown: word.clone(),
                stem: stem.clone(),
                part,
                term: Term::from_field_text(field, stem),
            })
        };
        let double = pairs(&stems).map(|(pair, words)| Clause {
            shown: words,
            term: Term::from_field_text(self.fields.pairs, &pair),
            stem: pair,
            part: QueryPart::Pair,
        });
        let mut clauses: Vec<Clause> = Vec::new();
        let mut known = HashSet::new();
        for clause in single(self.fields.text, QueryPart::Stem)
            .chain(double)
            .chain(single(self.fields.place, QueryPart::Place))
        {
            if known.insert(clause.term.clone()) {
                clauses.push(clause);
            }
        }
        Ok(clauses)
    }

    /// The best passages by words among the allowed (by number; `None` is all); ties by number.
    pub fn search(
        &self,
        clauses: &[Clause],
        allowed: Option<&Arc<[bool]>>,
        limit: usize,
    ) -> Result<Vec<Found>, TantivyError> {
        if clauses.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let wanted: Vec<(Occur, Box<dyn Query>)> = clauses
            .iter()
            .map(|clause| (Occur::Should, clause.query()))
            .collect();
        let query = BooleanQuery::new(wanted);
        let searcher = self.reader.searcher();
        let best = TopDocs::with_limit(limit).order_by_score();
        // Without a filter tantivy can skip whole blocks of postings.
        let hits = match allowed.cloned() {
            None => searcher.search(&query, &best)?,
            Some(allowed) => {
                let may = move |number: u64| {
                    usize::try_from(number)
                        .ok()
                        .and_then(|n| allowed.get(n))
                        .is_some_and(|a| *a)
                };
                searcher.search(&query, &FilterCollector::new(NUMBER.into(), may, best))?
            }
        };
        let mut found = Vec::with_capacity(hits.len());
        for (score, address) in hits {
            let segment = searcher.segment_reader(address.segment_ord);
            let number = segment.fast_fields().u64(NUMBER)?.first(address.doc_id);
            found.push(Found {
                passage: usize::try_from(number.unwrap_or(0)).unwrap_or(0),
                score,
            });
        }
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.passage.cmp(&b.passage)));
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::super::bm25::{Constants, shares};
    use super::super::document::Document;
    use super::*;
    use crate::pii::AllowList;

    fn index(texts: &[&str]) -> (tempfile::TempDir, WordIndex) {
        let folder = tempfile::tempdir().unwrap();
        let passages: Vec<Passage> = texts
            .iter()
            .flat_map(|t| {
                Document::parse_markdown(t, "d")
                    .unwrap()
                    .passages(&AllowList::default())
            })
            .collect();
        let mut builder = Builder::create(folder.path()).unwrap();
        for (number, passage) in passages.iter().enumerate() {
            builder.add(number, passage).unwrap();
        }
        builder.finish().unwrap();
        let index = WordIndex::open(folder.path()).unwrap();
        (folder, index)
    }

    #[test]
    fn words_that_stand_together_rank_first_and_the_shares_add_up() {
        let (_folder, index) = index(&[
            "Repayment of fees is early in the year and settlement is a charge.",
            "Early repayment of the year: a settlement charge in fees is.",
        ]);
        let clauses = index.clauses("early repayment settlement charge").unwrap();
        let found = index.search(&clauses, None, 2).unwrap();
        assert_eq!(found[0].passage, 1);
        let rows = index.weigh(&clauses, &[1, 0], Constants::Index).unwrap();
        let both = shares(&clauses, &rows[0]);
        assert!(
            both.iter().any(|(t, s)| t == "early repayment" && *s > 0.0),
            "{both:?}"
        );
        let sum: f32 = both.iter().map(|s| s.1).sum();
        assert!((sum - found[0].score).abs() < 1e-4, "{sum} {found:?}");
        let of = |row: &[f32]| row.iter().sum::<f32>();
        assert!((of(&rows[1]) - found[1].score).abs() < 1e-4, "{found:?}");
        // Our own constants keep the order here, and count no place.
        let own = index.weigh(&clauses, &[1, 0], Constants::Own).unwrap();
        assert!(of(&own[0]) > of(&own[1]) && of(&own[1]) > 0.0, "{own:?}");

        let only = index
            .search(&clauses, Some(&[true, false].into()), 2)
            .unwrap();
        assert_eq!(only.len(), 1);
        assert_eq!(only[0].passage, 0);
    }
    #[test]
    fn stems_are_told_as_the_words_they_stand_for() {
        let (_folder, index) = index(&["Settling a loan early: repaid, repaying and Repayments."]);
        let clauses = index.clauses("Early repayment of loans").unwrap();
        let shown: Vec<&str> = clauses.iter().map(|c| c.shown.as_str()).collect();
        assert_eq!(shown[..3], ["early", "repayment", "loans"], "{shown:?}");
        let words = index
            .words_for(
                &clauses,
                "Settling a loan early: repaid, repaying and Repayments.",
            )
            .unwrap();
        let of = |asked: &str| {
            let found = words.iter().find(|(word, _)| word == asked);
            found.map(|(_, found)| found.join(" ")).unwrap_or_default()
        };
        assert_eq!(of("loans"), "loan");
        assert_eq!(of("repayment"), "repaying repayments");
        assert_eq!(of("early"), "early");
    }
}
