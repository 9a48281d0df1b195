//! Fused search: words and meaning, filters before ranking, every part of a rank kept.

use super::bm25::{self, Constants};
use super::embed::Embedded;
use super::error::KnowledgeError;
use super::index::Clause;
use super::late::{Met, RareQuery};
use super::met::near_words;
use super::nearest::Cosines;
use super::passages::PassageScope;
use super::request::{Mode, Request};
use super::scale::{e4, whole};
use super::store::KnowledgeBase;
use super::vectors::Probe;
use crate::domain::citation::{Citation, Retrieved};
use crate::domain::jurisdiction::Jurisdiction;
use crate::text::ligatures;
use chrono::NaiveDate;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;

/// Passages from which on words and meaning are looked up at the same time.
const MANY: usize = 50_000;
/// Answers kept for requests that come again.
const ANSWERS: usize = 256;
/// Candidates from each side.
const CANDIDATES: usize = 100;
/// Below-the-cut rows kept for the inspector.
pub(super) const BELOW: usize = 40;
/// Share of the cosine in the fused score (measured: .4 to .6 is flat).
pub(super) const COSINE_SHARE: f32 = 0.5;
/// BM25 from which on words count fully. Below it the best passage by words may share a single word with the query, and
/// must not outrank what means the same (measured on short questions in other words: eight points of recall, at no
/// cost on `ObliQA` dev, whose best passages by words lie near 45).
const FULL_BM25: f32 = 25.0;
/// Candidates whose words are compared one by one, and what that adds to the fused score. Measured on rulebooks, short
/// questions and the demo questions: MAP +.013 to +.082.
const COMPARED: usize = 50;
const LATE_SHARE: f32 = 0.5;
/// Words told of a citation, and of those just below the cut.
const WORDS_TOLD: usize = 8;
const WORDS_TOLD_BELOW: usize = 3;
/// Rows below the cut whose words are told: a record holds them all.
const TOLD_BELOW: usize = 10;
/// Least cosine of a citation, unless words alone speak strongly for it. Calibrated on the demo knowledge base:
/// related queries start near .35, unrelated ones stay below .25.
pub(super) const FLOOR: f32 = 0.30;

/// Which passages may be ranked, by number; `None` is all.
type Allowed = Option<Arc<[bool]>>;

struct Candidate {
    passage: usize,
    bm25: f32,
    /// What each clause gives to BM25.
    row: Vec<f32>,
    cosine: Option<f32>,
    rank_bm25: Option<u32>,
    rank_cosine: Option<u32>,
    /// How its words met the query's, where they were compared.
    met: Option<Met>,
    score: f32,
}

impl Candidate {
    fn new(passage: usize) -> Self {
        Self {
            passage,
            bm25: 0.0,
            row: Vec::new(),
            cosine: None,
            rank_bm25: None,
            rank_cosine: None,
            met: None,
            score: 0.0,
        }
    }
}

/// Best first; ties by number.
fn in_order(candidates: &mut [Candidate]) {
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.passage.cmp(&b.passage)));
}

impl KnowledgeBase {
    /// Searches, or answers as before: the passages of an open knowledge base never change.
    ///
    /// # Errors
    /// The index cannot be read, or a passage is no longer what was indexed.
    pub fn search(&self, request: &Request) -> Result<Retrieved, KnowledgeError> {
        if let Cow::Owned(query) = ligatures::apart(&request.query) {
            let request = request.clone();
            return self.search(&Request { query, ..request });
        }
        if let Some(known) = self.answers().get(request) {
            return Ok(known.clone());
        }
        let answer = self.rank(request)?;
        if !answer.degraded {
            let mut answers = self.answers();
            if answers.len() >= ANSWERS {
                answers.clear();
            }
            answers.insert(request.clone(), answer.clone());
        }
        Ok(answer)
    }

    /// Whether the model gives vectors.
    pub fn finds_by_meaning(&self) -> bool {
        self.embedder().embed_query("is the model there").is_ok()
    }

    /// Searches. Never fails for want of the model: words alone then, marked as degraded.
    ///
    /// # Errors
    /// The index cannot be read, or a passage is no longer what was indexed.
    fn rank(&self, request: &Request) -> Result<Retrieved, KnowledgeError> {
        let (allowed, left_out) = self.filter(request);
        let clauses = match request.mode {
            Mode::Cosine => Vec::new(),
            Mode::Bm25 | Mode::Rerank => self.words().clauses(&request.query)?,
        };
        let by_words = || self.words().search(&clauses, allowed.as_ref(), CANDIDATES);
        let by_meaning = || match request.mode {
            Mode::Bm25 => None,
            Mode::Cosine | Mode::Rerank => self.embedder().embed_query(&request.query).ok(),
        };
        let (found, query) = if self.len() < MANY {
            (by_words()?, by_meaning())
        } else {
            // Two that wait for nothing of each other.
            let (found, query) = thread::scope(|scope| {
                let query = scope.spawn(by_meaning);
                (by_words(), query.join().unwrap_or_default())
            });
            (found?, query)
        };
        let degraded = request.mode != Mode::Bm25 && query.is_none();
        let mut candidates: BTreeMap<usize, Candidate> = BTreeMap::new();
        for hit in &found {
            candidates.insert(
                hit.passage,
                Candidate {
                    bm25: hit.score,
                    // Placed once all are weighed.
                    rank_bm25: Some(0),
                    ..Candidate::new(hit.passage)
                },
            );
        }
        if let Some(query) = &query {
            let probe = Probe::new(&query.vector);
            let cosines = Cosines::of(self.vectors(), &probe, allowed.as_deref());
            for number in cosines.best(CANDIDATES) {
                candidates
                    .entry(number)
                    .or_insert_with(|| Candidate::new(number));
            }
            for candidate in candidates.values_mut() {
                (candidate.cosine, candidate.rank_cosine) =
                    cosines.of_passage(candidate.passage).unzip();
            }
        }
        let mut ranked: Vec<Candidate> = candidates.into_values().collect();
        self.weigh(&mut ranked, &clauses, request.ways.constants)?;
        let top = ranked.iter().fold(FULL_BM25, |top, c| top.max(c.bm25));
        // The best by words counts for as much as the best by meaning.
        let nearest = ranked
            .iter()
            .filter_map(|c| c.cosine)
            .fold(0.0_f32, f32::max);
        for candidate in &mut ranked {
            let words = candidate.bm25 / top;
            candidate.score = match candidate.cosine {
                Some(cosine) => COSINE_SHARE * cosine + (1.0 - COSINE_SHARE) * nearest * words,
                None => words,
            };
        }
        in_order(&mut ranked);
        let compared = match &query {
            Some(query) if request.mode == Mode::Rerank => {
                self.compare(&mut ranked, query, request)?
            }
            _ => false,
        };
        let (mut kept, mut under) = (Vec::new(), Vec::new());
        for candidate in ranked {
            let relevant = !request.floor || candidate.cosine.is_none_or(|cosine| cosine >= FLOOR);
            // A run does not cite what another document stands in place of; whoever looks sees both.
            let stands = match request.day {
                Some(day) if relevant && kept.len() < request.limit => {
                    let document = self.passage(candidate.passage)?.doc;
                    self.superseded_by(&document, day).is_none()
                }
                _ => true,
            };
            if relevant && stands && kept.len() < request.limit {
                kept.push(candidate);
            } else if under.len() < BELOW {
                under.push(candidate);
            }
        }
        let told = |at: usize| if at < TOLD_BELOW { WORDS_TOLD_BELOW } else { 0 };
        let citations = self.citations(&kept, &clauses, request, |_| WORDS_TOLD)?;
        let below = self.citations(&under, &clauses, request, told)?;
        Ok(Retrieved {
            query: request.query.clone(),
            first_query: None,
            citations,
            below,
            left_out,
            floor: e4(FLOOR),
            cosine_share: e4(COSINE_SHARE),
            late_share: compared.then(|| e4(LATE_SHARE)),
            full_bm25: Some(e4(top)),
            best_cosine: query.is_some().then(|| e4(nearest)),
            degraded,
            snapshot: self.snapshot().to_string(),
            service: None,
            fallback: None,
        })
    }

    /// The candidates' BM25, and their ranks by it among those that words found.
    fn weigh(
        &self,
        candidates: &mut [Candidate],
        clauses: &[Clause],
        constants: Constants,
    ) -> Result<(), KnowledgeError> {
        let weighed: Vec<usize> = (0..candidates.len())
            .filter(|at| constants == Constants::Own || candidates[*at].rank_bm25.is_some())
            .collect();
        let numbers: Vec<usize> = weighed.iter().map(|at| candidates[*at].passage).collect();
        let rows = self.words().weigh(clauses, &numbers, constants)?;
        for (at, row) in weighed.into_iter().zip(rows) {
            candidates[at].bm25 = row.iter().sum();
            candidates[at].row = row;
        }
        let mut by_words: Vec<&mut Candidate> = candidates
            .iter_mut()
            .filter(|c| c.rank_bm25.is_some())
            .collect();
        by_words.sort_by(|a, b| b.bm25.total_cmp(&a.bm25).then(a.passage.cmp(&b.passage)));
        for (rank, candidate) in (1..).zip(by_words) {
            candidate.rank_bm25 = Some(rank);
        }
        Ok(())
    }

    /// Compares the words of the best candidates with the query's, one by one, and puts them in order anew. False where
    /// there is nothing to compare.
    fn compare(
        &self,
        ranked: &mut [Candidate],
        query: &Embedded,
        request: &Request,
    ) -> Result<bool, KnowledgeError> {
        let Some(pieces) = self
            .pieces()
            .filter(|_| request.ways.late.holds_for(self.len()))
        else {
            return Ok(false);
        };
        let Some(asked) = RareQuery::of(&query.pieces, pieces) else {
            return Ok(false);
        };
        let best = ranked.len().min(COMPARED);
        for candidate in &mut ranked[..best] {
            let passage = pieces
                .get(candidate.passage)
                .map_err(KnowledgeError::at(pieces.path()))?;
            let met = asked.met_by(&passage);
            candidate.score += LATE_SHARE * narrow(met.score.max(0.0));
            candidate.met = Some(met);
        }
        in_order(&mut ranked[..best]);
        Ok(true)
    }

    /// Which passages may be ranked, and how many were left out for which reason.
    fn filter(&self, request: &Request) -> (Allowed, Vec<(String, u32)>) {
        let passages = self.passages();
        let mut reasons: BTreeMap<&str, u32> = BTreeMap::new();
        let why: Vec<Option<&str>> = passages
            .scopes()
            .iter()
            .map(|scope| why_not(scope, request))
            .collect();
        if why.iter().all(Option::is_none) {
            return (None, Vec::new());
        }
        let allowed = (0..passages.len())
            .map(|number| match why[passages.scope(number)] {
                None => true,
                Some(reason) => {
                    *reasons.entry(reason).or_default() += 1;
                    false
                }
            })
            .collect();
        (
            Some(allowed),
            reasons
                .into_iter()
                .map(|(reason, n)| (reason.to_owned(), n))
                .collect(),
        )
    }

    /// The candidates as citations; `told` says of how many words of each it is told which met which.
    fn citations(
        &self,
        candidates: &[Candidate],
        clauses: &[Clause],
        request: &Request,
        told: impl Fn(usize) -> usize,
    ) -> Result<Vec<Citation>, KnowledgeError> {
        candidates
            .iter()
            .enumerate()
            .map(|(at, candidate)| self.citation(candidate, clauses, request, told(at)))
            .collect()
    }

    fn citation(
        &self,
        candidate: &Candidate,
        clauses: &[Clause],
        request: &Request,
        told: usize,
    ) -> Result<Citation, KnowledgeError> {
        let passage = self.passage(candidate.passage)?;
        let superseded_by = request
            .day
            .or(request.as_of)
            .and_then(|day| self.superseded_by(&passage.doc, day));
        let superseded_by = superseded_by.map(str::to_owned);
        let text = if told > 0 {
            passage.search_text()
        } else {
            String::new()
        };
        let shares = bm25::shares(clauses, &candidate.row);
        let near_words = match &candidate.met {
            Some(met) if told > 0 => {
                let vocabulary = self.embedder().vocabulary();
                near_words(&met.pairs, (&request.query, &text), vocabulary, told)
            }
            _ => Vec::new(),
        };
        Ok(Citation {
            bm25: e4(candidate.bm25),
            cosine: candidate.cosine.map(e4),
            score: e4(candidate.score),
            rank_bm25: candidate.rank_bm25,
            rank_cosine: candidate.rank_cosine,
            terms: shares
                .into_iter()
                .map(|(term, share)| (term, e4(share)))
                .collect(),
            same_words: self.words().words_for(clauses, &text)?,
            late: candidate.met.as_ref().map(|met| whole(met.score)),
            near_words,
            superseded_by,
            ..passage.into()
        })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a share of one")]
fn narrow(value: f64) -> f32 {
    value as f32
}

/// Why a passage of this scope may not be ranked.
pub(super) fn why_not(scope: &PassageScope, request: &Request) -> Option<&'static str> {
    if let Some(recipient) = &request.jurisdiction
        && !scope.jurisdiction.is_empty()
        && !scope
            .jurisdiction
            .iter()
            .filter_map(|place| Jurisdiction::read(place).ok())
            .any(|place| recipient.is_within(&place))
    {
        return Some("another jurisdiction");
    }
    if let Some(product) = &request.product
        && !scope.product.is_empty()
        && !scope.product.iter().any(|p| p == product)
    {
        return Some("another product");
    }
    let day = request.day?;
    let date = |text: &Option<String>| {
        text.as_deref()
            .and_then(|t| NaiveDate::parse_from_str(t, "%Y-%m-%d").ok())
    };
    if date(&scope.valid_to).is_some_and(|to| day > to) {
        return Some("expired");
    }
    date(&scope.valid_from)
        .is_some_and(|from| day < from)
        .then_some("not yet valid")
}
