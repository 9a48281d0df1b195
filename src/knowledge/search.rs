//! Fused search: words and meaning, filters before ranking, every part of a rank kept.

use super::document::Passage;
use super::index::{Clause, Found};
use super::store::KnowledgeBase;
use crate::domain::citation::{Citation, Retrieved};
use crate::domain::jurisdiction::Jurisdiction;
use chrono::NaiveDate;
use std::collections::BTreeMap;
use tantivy::TantivyError;

/// What may be found.
#[derive(Clone, Debug)]
pub struct Request {
    pub query: String,
    /// Recipient's jurisdiction: only passages that speak to it.
    pub jurisdiction: Option<Jurisdiction>,
    /// Product: only passages about it, or about none.
    pub product: Option<String>,
    /// Only passages valid on this day.
    pub day: Option<NaiveDate>,
    pub limit: usize,
    pub mode: Mode,
    /// Whether to leave out what is not relevant enough.
    pub floor: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Words alone.
    Bm25,
    /// Words and meaning, fused.
    Rerank,
}

/// Candidates from each side.
const CANDIDATES: usize = 100;
/// Below-the-cut rows kept for the inspector.
const BELOW: usize = 40;
/// Share of the cosine in the fused score (measured: .5 to .8 is flat; .6 is the robust choice).
const COSINE_SHARE: f32 = 0.6;
/// Least cosine of a citation, unless words alone speak strongly for it. Calibrated on the demo knowledge base:
/// related queries start near .35, unrelated ones stay below .25.
const FLOOR: f32 = 0.30;

struct Candidate {
    passage: usize,
    bm25: f32,
    found: Option<Found>,
    cosine: Option<f32>,
    rank_bm25: Option<u32>,
    rank_cosine: Option<u32>,
    score: f32,
}

impl KnowledgeBase {
    /// Searches. Never fails for want of the model: words alone then, marked as degraded.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn search(&self, request: &Request) -> Result<Retrieved, TantivyError> {
        let (allowed, left_out) = self.filter(request);
        let clauses = self.words().clauses(&request.query)?;
        let excluded = self.passages().len() - allowed.iter().filter(|a| **a).count();
        let found: Vec<Found> = self
            .words()
            .search(&clauses, CANDIDATES + excluded)?
            .into_iter()
            .filter(|f| allowed[f.passage])
            .take(CANDIDATES)
            .collect();
        let query = match request.mode {
            Mode::Bm25 => None,
            Mode::Rerank => self.embedder().embed_query(&request.query).ok(),
        };
        let degraded = request.mode == Mode::Rerank && query.is_none();
        let mut candidates: BTreeMap<usize, Candidate> = BTreeMap::new();
        for (rank, hit) in (1..).zip(&found) {
            candidates.insert(
                hit.passage,
                Candidate {
                    passage: hit.passage,
                    bm25: hit.score,
                    found: Some(*hit),
                    cosine: None,
                    rank_bm25: Some(rank),
                    rank_cosine: None,
                    score: 0.0,
                },
            );
        }
        if let Some(query) = &query {
            let mut near: Vec<(usize, f32)> = (0..self.passages().len())
                .filter(|at| allowed[*at])
                .map(|at| (at, dot(query, self.vector(at))))
                .collect();
            near.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            for (rank, (at, cosine)) in (1..).zip(&near) {
                let new = rank <= CANDIDATES;
                if let Some(known) = candidates.get_mut(at) {
                    known.cosine = Some(*cosine);
                    known.rank_cosine = u32::try_from(rank).ok();
                } else if new {
                    candidates.insert(
                        *at,
                        Candidate {
                            passage: *at,
                            bm25: 0.0,
                            found: None,
                            cosine: Some(*cosine),
                            rank_bm25: None,
                            rank_cosine: u32::try_from(rank).ok(),
                            score: 0.0,
                        },
                    );
                }
            }
        }
        let top = found
            .first()
            .map_or(0.0, |f| f.score)
            .max(f32::MIN_POSITIVE);
        let mut ranked: Vec<Candidate> = candidates.into_values().collect();
        for candidate in &mut ranked {
            candidate.score = match candidate.cosine {
                Some(cosine) => COSINE_SHARE * cosine + (1.0 - COSINE_SHARE) * candidate.bm25 / top,
                None => candidate.bm25 / top,
            };
        }
        ranked.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.passage.cmp(&b.passage)));
        let (mut citations, mut below) = (Vec::new(), Vec::new());
        for candidate in &ranked {
            let relevant = !request.floor || candidate.cosine.is_none_or(|cosine| cosine >= FLOOR);
            if relevant && citations.len() < request.limit {
                citations.push(self.citation(candidate, &clauses));
            } else if below.len() < BELOW {
                below.push(self.citation(candidate, &clauses));
            }
        }
        Ok(Retrieved {
            query: request.query.clone(),
            first_query: None,
            citations,
            below,
            left_out,
            floor: e4(FLOOR),
            cosine_share: e4(COSINE_SHARE),
            degraded,
            snapshot: self.snapshot().to_string(),
        })
    }

    /// Which passages may be ranked, and how many were left out for which reason.
    fn filter(&self, request: &Request) -> (Vec<bool>, Vec<(String, u32)>) {
        let mut reasons: BTreeMap<&str, u32> = BTreeMap::new();
        let allowed = self
            .passages()
            .iter()
            .map(|passage| match why_not(passage, request) {
                None => true,
                Some(reason) => {
                    *reasons.entry(reason).or_default() += 1;
                    false
                }
            })
            .collect();
        (
            allowed,
            reasons
                .into_iter()
                .map(|(reason, n)| (reason.to_owned(), n))
                .collect(),
        )
    }

    fn citation(&self, candidate: &Candidate, clauses: &[Clause]) -> Citation {
        let passage = &self.passages()[candidate.passage];
        let shares = candidate
            .found
            .map(|f| self.words().shares(clauses, f.address))
            .unwrap_or_default();
        Citation {
            id: passage.id.clone(),
            title: passage.title.clone(),
            section: passage.section.clone(),
            redacted_text: passage.text.clone(),
            url: passage.url.clone(),
            published_date: passage.published_date.clone(),
            source: passage.source.clone(),
            trust: passage.trust,
            valid_from: passage.valid_from.clone(),
            valid_to: passage.valid_to.clone(),
            product: passage.product.clone(),
            bm25: e4(candidate.bm25),
            cosine: candidate.cosine.map(e4),
            score: e4(candidate.score),
            rank_bm25: candidate.rank_bm25,
            rank_cosine: candidate.rank_cosine,
            terms: shares
                .into_iter()
                .map(|(term, share)| (term, e4(share)))
                .collect(),
            redactions: passage.redactions.clone(),
        }
    }
}

fn why_not(passage: &Passage, request: &Request) -> Option<&'static str> {
    if let Some(recipient) = &request.jurisdiction
        && !passage.jurisdiction.is_empty()
        && !passage
            .jurisdiction
            .iter()
            .any(|scope| recipient.is_within(&Jurisdiction::new(scope)))
    {
        return Some("another jurisdiction");
    }
    if let Some(product) = &request.product
        && !passage.product.is_empty()
        && !passage.product.iter().any(|p| p == product)
    {
        return Some("another product");
    }
    let day = request.day?;
    let date = |text: &Option<String>| {
        text.as_deref()
            .and_then(|t| NaiveDate::parse_from_str(t, "%Y-%m-%d").ok())
    };
    if date(&passage.valid_to).is_some_and(|to| day > to) {
        return Some("expired");
    }
    date(&passage.valid_from)
        .is_some_and(|from| day < from)
        .then_some("not yet valid")
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    // Eight running sums: vectorises, and adds in the same order on every machine.
    let mut sums = [0.0_f32; 8];
    for (x, y) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        for (sum, (p, q)) in sums.iter_mut().zip(x.iter().zip(y)) {
            *sum += p * q;
        }
    }
    sums.iter().sum()
}

/// Scores in records are integers.
#[expect(clippy::cast_possible_truncation, reason = "scores are small")]
fn e4(score: f32) -> i64 {
    (f64::from(score) * 10_000.0).round() as i64
}
