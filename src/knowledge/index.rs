//! The word index: tantivy with English stemming, BM25 over stems and pairs of stems, and the share of each in a score.

use super::document::Passage;
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use tantivy::DocSet as _;
use tantivy::collector::{FilterCollector, TopDocs};
use tantivy::query::{BooleanQuery, BoostQuery, EnableScoring, Occur, Query, Scorer, TermQuery};
use tantivy::schema::{FAST, Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::TextAnalyzer;
use tantivy::{DocAddress, Index, IndexReader, IndexWriter, TantivyDocument, TantivyError, Term};

/// Words that say nothing in a query. Documents keep theirs.
const STOP: [&str; 52] = [
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
    fields: Fields,
}

#[derive(Clone, Copy)]
struct Fields {
    number: Field,
    text: Field,
    /// Neighbouring stems of the text, stop words left out.
    pairs: Field,
    place: Field,
}

/// One part of a query: a stem or a pair of stems in a field.
pub struct Clause {
    /// As a reader sees it: `repay`, `earli repay`.
    pub shown: String,
    term: Term,
    weight: f32,
}

impl Clause {
    fn query(&self) -> Box<dyn Query> {
        let term = TermQuery::new(self.term.clone(), IndexRecordOption::WithFreqs);
        Box::new(BoostQuery::new(Box::new(term), self.weight))
    }
}

/// A passage found by words.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    pub passage: usize,
    pub score: f32,
    pub address: DocAddress,
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

impl Fields {
    fn of(schema: &Schema) -> Result<Self, TantivyError> {
        Ok(Self {
            number: schema.get_field(NUMBER)?,
            text: schema.get_field("text")?,
            pairs: schema.get_field("pairs")?,
            place: schema.get_field("place")?,
        })
    }
}

/// Stems of a text in order, stop words left out.
fn stems(analyzer: &mut TextAnalyzer, text: &str) -> Vec<String> {
    let kept: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && !STOP.contains(&word.to_lowercase().as_str()))
        .collect();
    let joined = kept.join(" ");
    let mut stream = analyzer.token_stream(&joined);
    let mut stems = Vec::new();
    while stream.advance() {
        stems.push(stream.token().text.clone());
    }
    stems
}

/// Neighbours, each joined into one word.
fn pairs(stems: &[String]) -> impl Iterator<Item = String> {
    stems
        .windows(2)
        .map(|pair| format!("{}_{}", pair[0], pair[1]))
}

/// Builds a word index, passage by passage.
pub(super) struct Builder {
    writer: IndexWriter,
    fields: Fields,
    analyzer: TextAnalyzer,
}

impl Builder {
    /// Begins an index in an empty folder.
    pub fn create(folder: &Path) -> Result<Self, TantivyError> {
        let index = Index::create_in_dir(folder, schema())?;
        let fields = Fields::of(&index.schema())?;
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
        let together: Vec<String> = pairs(&stems(&mut self.analyzer, &text)).collect();
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
        let fields = Fields::of(&index.schema())?;
        let reader = index.reader()?;
        Ok(Self {
            index,
            reader,
            fields,
        })
    }

    /// What a query looks for: its stems, and its pairs of stems, each once, in order.
    pub fn clauses(&self, query: &str) -> Result<Vec<Clause>, TantivyError> {
        let mut analyzer = self.index.tokenizer_for_field(self.fields.text)?;
        let stems = stems(&mut analyzer, query);
        let single = |field, weight| {
            stems.iter().map(move |stem| Clause {
                shown: stem.clone(),
                term: Term::from_field_text(field, stem),
                weight,
            })
        };
        let double = pairs(&stems).map(|pair| Clause {
            shown: pair.replacen('_', " ", 1),
            term: Term::from_field_text(self.fields.pairs, &pair),
            weight: PAIRS,
        });
        let mut clauses: Vec<Clause> = Vec::new();
        let mut known = HashSet::new();
        for clause in single(self.fields.text, 1.0)
            .chain(double)
            .chain(single(self.fields.place, PLACE))
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
                address,
            });
        }
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.passage.cmp(&b.passage)));
        Ok(found)
    }

    /// What each term gives to the scores of passages, greatest first; in the order of the addresses.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn shares(
        &self,
        clauses: &[Clause],
        addresses: &[DocAddress],
    ) -> Result<Vec<Vec<(String, f32)>>, TantivyError> {
        let searcher = self.reader.searcher();
        // Postings are read forwards only.
        let mut order: Vec<usize> = (0..addresses.len()).collect();
        order.sort_by_key(|at| addresses[*at]);
        let mut all: Vec<Vec<(String, f32)>> = vec![Vec::new(); addresses.len()];
        for clause in clauses {
            let weight = clause
                .query()
                .weight(EnableScoring::enabled_from_searcher(&searcher))?;
            let mut open: Option<(u32, Box<dyn Scorer>)> = None;
            for at in &order {
                let address = addresses[*at];
                let scorer = match &mut open {
                    Some((segment, scorer)) if *segment == address.segment_ord => scorer,
                    _ => {
                        let reader = searcher.segment_reader(address.segment_ord);
                        &mut open
                            .insert((address.segment_ord, weight.scorer(reader, 1.0)?))
                            .1
                    }
                };
                if scorer.doc() < address.doc_id {
                    scorer.seek(address.doc_id);
                }
                if scorer.doc() != address.doc_id {
                    continue;
                }
                let (value, shares) = (scorer.score(), &mut all[*at]);
                match shares.iter_mut().find(|(shown, _)| *shown == clause.shown) {
                    Some((_, share)) => *share += value,
                    None => shares.push((clause.shown.clone(), value)),
                }
            }
        }
        for shares in &mut all {
            shares.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
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
        let addresses: Vec<DocAddress> = found.iter().map(|f| f.address).collect();
        let both = index.shares(&clauses, &addresses).unwrap();
        assert_eq!(both.len(), 2);
        let shares = &both[0];
        assert!(
            shares.iter().any(|(t, s)| t == "earli repay" && *s > 0.0),
            "{shares:?}"
        );
        let sum: f32 = shares.iter().map(|s| s.1).sum();
        assert!((sum - found[0].score).abs() < 1e-4, "{sum} {found:?}");

        let only = index
            .search(&clauses, Some(&[true, false].into()), 2)
            .unwrap();
        assert_eq!(only.len(), 1);
        assert_eq!(only[0].passage, 0);
    }
}
