//! The word index: tantivy with English stemming, BM25, and the share of each query term in a score.

use super::document::Passage;
use std::path::Path;
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::{
    Field, INDEXED, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions, Value as _,
};
use tantivy::tokenizer::TokenStream as _;
use tantivy::{DocAddress, Index, IndexReader, TantivyDocument, TantivyError, Term};

/// Words that say nothing in a query. Documents keep theirs.
const STOP: [&str; 52] = [
    "a", "about", "an", "and", "any", "are", "as", "at", "be", "been", "by", "can", "do", "does",
    "for", "from", "had", "has", "have", "how", "i", "if", "in", "is", "it", "its", "may", "must",
    "of", "on", "or", "shall", "should", "such", "that", "the", "their", "there", "these", "this",
    "to", "under", "was", "what", "when", "where", "which", "who", "will", "with", "would", "you",
];

/// Memory of the index writer in bytes.
const WRITER: usize = 64 << 20;

/// An open word index. Passages are known by their number.
pub struct WordIndex {
    index: Index,
    reader: IndexReader,
    number: Field,
    text: Field,
}

/// A passage found by words.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    pub passage: usize,
    pub score: f32,
    pub address: DocAddress,
}

fn schema() -> (Schema, Field, Field) {
    let mut builder = Schema::builder();
    let number = builder.add_u64_field("number", STORED | INDEXED);
    let indexing = TextFieldIndexing::default()
        .set_tokenizer("en_stem")
        .set_index_option(IndexRecordOption::WithFreqs);
    let text = builder.add_text_field(
        "text",
        TextOptions::default().set_indexing_options(indexing),
    );
    (builder.build(), number, text)
}

impl WordIndex {
    /// Builds an index in an empty folder.
    pub fn build(folder: &Path, passages: &[Passage]) -> Result<Self, TantivyError> {
        let (schema, number, text) = schema();
        let index = Index::create_in_dir(folder, schema)?;
        // One writer thread: the order of passages, and so of ties, is the same everywhere.
        let mut writer = index.writer_with_num_threads(1, WRITER)?;
        for (at, passage) in passages.iter().enumerate() {
            let mut document = TantivyDocument::default();
            document.add_u64(number, at as u64);
            document.add_text(text, passage.search_text());
            writer.add_document(document)?;
        }
        writer.commit()?;
        writer.wait_merging_threads()?;
        Self::open(folder)
    }

    /// Opens a built index.
    pub fn open(folder: &Path) -> Result<Self, TantivyError> {
        let index = Index::open_in_dir(folder)?;
        let number = index.schema().get_field("number")?;
        let text = index.schema().get_field("text")?;
        let reader = index.reader()?;
        Ok(Self {
            index,
            reader,
            number,
            text,
        })
    }

    /// Stems of a query, stop words left out, each once, in order.
    pub fn terms(&self, query: &str) -> Result<Vec<String>, TantivyError> {
        let kept: Vec<&str> = query
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty() && !STOP.contains(&word.to_lowercase().as_str()))
            .collect();
        let mut analyzer = self.index.tokenizer_for_field(self.text)?;
        let joined = kept.join(" ");
        let mut stream = analyzer.token_stream(&joined);
        let mut terms: Vec<String> = Vec::new();
        while stream.advance() {
            let term = &stream.token().text;
            if !terms.contains(term) {
                terms.push(term.clone());
            }
        }
        Ok(terms)
    }

    fn term_query(&self, term: &str) -> TermQuery {
        TermQuery::new(
            Term::from_field_text(self.text, term),
            IndexRecordOption::WithFreqs,
        )
    }

    /// The best passages by words; ties by number.
    pub fn search(&self, terms: &[String], limit: usize) -> Result<Vec<Found>, TantivyError> {
        if terms.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let clauses: Vec<(Occur, Box<dyn Query>)> = terms
            .iter()
            .map(|term| {
                (
                    Occur::Should,
                    Box::new(self.term_query(term)) as Box<dyn Query>,
                )
            })
            .collect();
        let searcher = self.reader.searcher();
        let hits = searcher.search(
            &BooleanQuery::new(clauses),
            &TopDocs::with_limit(limit).order_by_score(),
        )?;
        let mut found = Vec::with_capacity(hits.len());
        for (score, address) in hits {
            let document: TantivyDocument = searcher.doc(address)?;
            let number = document
                .get_first(self.number)
                .and_then(|v| v.as_u64())
                .unwrap_or(0);
            found.push(Found {
                passage: usize::try_from(number).unwrap_or(0),
                score,
                address,
            });
        }
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.passage.cmp(&b.passage)));
        Ok(found)
    }

    /// What each term gives to the score of one passage, greatest first.
    pub fn shares(&self, terms: &[String], address: DocAddress) -> Vec<(String, f32)> {
        let searcher = self.reader.searcher();
        let mut shares: Vec<(String, f32)> = terms
            .iter()
            .filter_map(|term| {
                let explanation = self.term_query(term).explain(&searcher, address).ok()?;
                Some((term.clone(), explanation.value()))
            })
            .collect();
        shares.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        shares
    }
}
