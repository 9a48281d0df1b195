//! BM25 of chosen passages with constants of our own: tantivy fixes its own, and gives none to a passage that came by
//! meaning alone.

use super::index::{Clause, QueryPart, WordIndex};
use serde::Deserialize;
use tantivy::postings::Postings as _;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, DocSet as _, Searcher, TERMINATED, TantivyError};

/// How one part of the index is weighed.
#[derive(Clone, Copy)]
struct Weight {
    /// How soon a word that comes again stops counting.
    k1: f32,
    /// How much a long passage is held against it.
    b: f32,
    /// Share in the sum.
    share: f32,
}

/// The constants of a ranking by words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Constants {
    /// Tantivy's: 1.2 and .75 for stems, pairs and places; passages that words did not find have none.
    Index,
    /// Our own: measured on rulebooks (MAP +.011 to +.014), neutral on short questions; for every candidate.
    #[default]
    Own,
}

impl Constants {
    fn of(self, part: QueryPart) -> Option<Weight> {
        let share = part.share();
        let (k1, b) = match (self, part) {
            (Self::Index, _) => (1.2, 0.75),
            (Self::Own, QueryPart::Stem) => (0.9, 0.6),
            (Self::Own, QueryPart::Pair) => (0.6, 0.5),
            (Self::Own, QueryPart::Place) => return None,
        };
        Some(Weight { k1, b, share })
    }
}

/// Mean length of a field's texts in words.
#[expect(clippy::cast_precision_loss, reason = "a mean")]
fn mean_length(searcher: &Searcher, field: Field) -> Result<f32, TantivyError> {
    let mut words = 0;
    for reader in searcher.segment_readers() {
        words += reader.inverted_index(field)?.total_num_tokens();
    }
    Ok((words as f32 / (searcher.num_docs() as f32).max(1.0)).max(f32::MIN_POSITIVE))
}

/// How much a word that is in `holding` of `all` passages tells.
#[expect(clippy::cast_precision_loss, reason = "counts of passages")]
pub(super) fn rareness(holding: u64, all: u64) -> f32 {
    let (holding, all) = (holding as f32, all.max(holding) as f32);
    libm::logf(1.0 + (all - holding + 0.5) / (holding + 0.5))
}

impl WordIndex {
    /// What each clause gives to the BM25 of each passage: a row a passage (by number, in their order), a column a
    /// clause.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn weigh(
        &self,
        clauses: &[Clause],
        passages: &[usize],
        constants: Constants,
    ) -> Result<Vec<Vec<f32>>, TantivyError> {
        let mut rows = vec![vec![0.0; clauses.len()]; passages.len()];
        let searcher = self.searcher();
        let places = self.places()?;
        // Postings are read forwards only.
        let mut order: Vec<(DocAddress, usize)> = passages
            .iter()
            .enumerate()
            .filter_map(|(row, number)| Some((*places.get(*number)?, row)))
            .collect();
        order.sort_unstable();
        let mut means: Vec<(Field, f32)> = Vec::new();
        for (column, clause) in clauses.iter().enumerate() {
            let Some(weight) = constants.of(clause.part) else {
                continue;
            };
            let field = clause.term.field();
            let mean = match means.iter().find(|(known, _)| *known == field) {
                Some((_, mean)) => *mean,
                None => {
                    let mean = mean_length(&searcher, field)?;
                    means.push((field, mean));
                    mean
                }
            };
            let rare = rareness(searcher.doc_freq(&clause.term)?, searcher.num_docs());
            for group in order.chunk_by(|a, b| a.0.segment_ord == b.0.segment_ord) {
                let reader = searcher.segment_reader(group[0].0.segment_ord);
                let Some(mut postings) = reader
                    .inverted_index(field)?
                    .read_postings(&clause.term, IndexRecordOption::WithFreqs)?
                else {
                    continue;
                };
                let lengths = reader.get_fieldnorms_reader(field)?;
                for (address, row) in group {
                    if postings.doc() < address.doc_id {
                        postings.seek(address.doc_id);
                    }
                    if postings.doc() == TERMINATED {
                        break;
                    }
                    if postings.doc() == address.doc_id {
                        let length = lengths.fieldnorm(address.doc_id);
                        rows[*row][column] = rare * weight.of(postings.term_freq(), length, mean);
                    }
                }
            }
        }
        Ok(rows)
    }
}

impl Weight {
    /// The share of a word that comes `often` times in a text of `length` words.
    #[expect(clippy::cast_precision_loss, reason = "counts of words in a passage")]
    fn of(self, often: u32, length: u32, mean: f32) -> f32 {
        let (often, length) = (often as f32, length as f32);
        let slack = self.k1 * (1.0 - self.b + self.b * length / mean);
        self.share * (1.0 + self.k1) * often / (often + slack)
    }
}

/// The shares of a row by the words that a reader sees, greatest first; those that met nothing left out.
pub(super) fn shares(clauses: &[Clause], row: &[f32]) -> Vec<(String, f32)> {
    let mut shares: Vec<(String, f32)> = Vec::new();
    for (clause, share) in clauses.iter().zip(row).filter(|(_, share)| **share > 0.0) {
        match shares.iter_mut().find(|(shown, _)| *shown == clause.shown) {
            Some((_, sum)) => *sum += share,
            None => shares.push((clause.shown.clone(), *share)),
        }
    }
    shares.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    shares
}
