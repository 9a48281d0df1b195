//! Asking the service: time-outs, retries with back-off, a rest after failure, and its hits as citations.

use super::wire::{self, ServiceAnswer};
use super::{Settings, VectorsBy};
use crate::domain::citation::{Citation, Retrieved};
use crate::domain::digest::Digest;
use crate::knowledge::document::{Passage, redactions};
use crate::knowledge::embed::Embedder;
use crate::knowledge::passages::PassageScope;
use crate::knowledge::request::Request;
use crate::knowledge::scale::e4;
use crate::knowledge::search::{BELOW, FLOOR, why_not};
use crate::pii::{self, AllowList, Scanner};
use crate::remote::{self, Passing, Rest, RetryPolicy};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use ureq::Agent;
use zeroize::Zeroizing;

/// Largest answer that is read, in bytes.
const LARGEST: u64 = 8 << 20;
/// First pause between attempts; each is about twice the one before.
const PAUSE: Duration = Duration::from_millis(100);
/// Longest pause that a service may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Why the service gave no answer. Holds nothing that was asked or answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServiceError {
    #[error("the search service {0}")]
    Passing(Passing),
    #[error("the search service refused the key ({0}); check key_env or key_file")]
    Refused(u16),
    #[error("the search service has no such index; check endpoint, index and api_version")]
    NoIndex,
    #[error(
        "the search service did not take the query ({0}); check the names under [search.fields]"
    )]
    NotTaken(u16),
    #[error("the search service gave an answer that cannot be read")]
    Unreadable,
    #[error("the search service failed a moment ago and is asked again later")]
    Resting,
}

/// The service, as a retriever.
pub struct Azure {
    agent: Agent,
    url: String,
    /// Who answers, for the record: host and index.
    name: String,
    key: Zeroizing<String>,
    settings: Settings,
    embedder: Arc<Embedder>,
    allow: Arc<AllowList>,
    rest: Rest,
}

impl Azure {
    /// `key` is the query key.
    pub fn new(
        settings: Settings,
        key: Zeroizing<String>,
        embedder: Arc<Embedder>,
        allow: Arc<AllowList>,
    ) -> Self {
        let endpoint = settings.endpoint.trim_end_matches('/');
        Self {
            agent: remote::agent(Duration::from_millis(settings.timeout_ms)),
            url: format!(
                "{endpoint}/indexes/{}/docs/search?api-version={}",
                settings.index, settings.api_version
            ),
            name: format!("{}/{}", remote::host(endpoint), settings.index),
            key,
            settings,
            embedder,
            allow,
            rest: Rest::default(),
        }
    }

    /// Searches; no failure lasts longer than the attempts' time-outs and pauses.
    ///
    /// # Errors
    /// The service gave no answer.
    pub fn search(&self, request: &Request) -> Result<Retrieved, ServiceError> {
        if self.rest.is_on() {
            return Err(ServiceError::Resting);
        }
        let embedded = self.embedder.embed_query(&request.query).ok();
        let vector = embedded.as_ref().map(|e| e.vector.as_slice());
        let sent = vector.filter(|_| self.settings.vectors == VectorsBy::Local);
        let body = wire::query(request, sent, &self.settings);
        let patience = RetryPolicy {
            attempts: self.settings.attempts,
            first: PAUSE,
            longest: LONGEST_PAUSE,
        };
        let passing = |error: &ServiceError| match error {
            ServiceError::Passing(why) => Some(*why),
            _ => None,
        };
        let answer = patience.ask(passing, || self.ask(&body));
        self.rest.after(&answer);
        Ok(self.retrieved(request, vector, &answer?))
    }

    /// Asks once.
    fn ask(&self, body: &serde_json::Value) -> Result<ServiceAnswer, ServiceError> {
        let mut response = self
            .agent
            .post(&self.url)
            .header("api-key", self.key.as_str())
            .send_json(body)
            .map_err(|e| ServiceError::Passing(Passing::of(&e)))?;
        if let Some(later) = Passing::in_answer(&response) {
            return Err(ServiceError::Passing(later));
        }
        match response.status().as_u16() {
            // 206: some shards did not answer; what came is good.
            200 | 206 => {}
            status @ (401 | 403) => return Err(ServiceError::Refused(status)),
            404 => return Err(ServiceError::NoIndex),
            status => return Err(ServiceError::NotTaken(status)),
        }
        response
            .body_mut()
            .with_config()
            .limit(LARGEST)
            .read_json()
            .map_err(|e| match e {
                ureq::Error::Timeout(_) => ServiceError::Passing(Passing::Late),
                _ => ServiceError::Unreadable,
            })
    }

    /// The hits in the service's order, filtered here once more: another's index may not know our fields.
    fn retrieved(
        &self,
        request: &Request,
        query: Option<&[f32]>,
        answer: &ServiceAnswer,
    ) -> Retrieved {
        let mut left_out: BTreeMap<&str, u32> = BTreeMap::new();
        let mut digests = Vec::new();
        let (mut citations, mut below) = (Vec::new(), Vec::new());
        let mut top = None;
        let hits = answer
            .value
            .iter()
            .filter_map(|found| wire::hit(found, &self.settings.fields));
        for (rank, (passage, score)) in (1..).zip(hits) {
            if let Some(reason) = why_not(&PassageScope::of(&passage), request) {
                *left_out.entry(reason).or_default() += 1;
                continue;
            }
            let passage = self.redacted(passage);
            digests.push(Digest::of(
                &serde_json::to_vec(&passage).unwrap_or_default(),
            ));
            let top = *top.get_or_insert(score.max(f32::MIN_POSITIVE));
            // Reading what nobody will be shown would cost more than the search.
            let wanted = citations.len() < request.limit;
            let cosine = query
                .filter(|_| wanted)
                .and_then(|query| self.cosine(query, &passage));
            // The order is the service's; how relevant a passage is, the model here says.
            let relevance = cosine.unwrap_or(score / top);
            let citation = Citation {
                cosine: cosine.map(e4),
                score: e4(relevance),
                service_score: Some(e4(score)),
                service_rank: Some(rank),
                ..passage.into()
            };
            let relevant = !request.floor || cosine.is_none_or(|cosine| cosine >= FLOOR);
            if wanted && relevant {
                citations.push(citation);
            } else if below.len() < BELOW {
                below.push(citation);
            }
        }
        Retrieved {
            query: request.query.clone(),
            citations,
            below,
            left_out: left_out
                .into_iter()
                .map(|(reason, n)| (reason.to_owned(), n))
                .collect(),
            floor: e4(FLOOR),
            cosine_share: e4(1.0),
            degraded: query.is_none(),
            snapshot: Digest::of_parts(
                std::iter::once(self.name.as_bytes()).chain(digests.iter().map(|d| d.0.as_slice())),
            )
            .to_string(),
            service: Some(self.name.clone()),
            ..Retrieved::default()
        }
    }

    fn redacted(&self, passage: Passage) -> Passage {
        let scanner = Scanner {
            known: None,
            allow: Some(&self.allow),
        };
        let clean = |text: &str| pii::redact(text, &scanner).text;
        let text = pii::redact(&passage.text, &scanner);
        Passage {
            title: clean(&passage.title),
            section: clean(&passage.section),
            source: clean(&passage.source),
            redactions: redactions(&text),
            text: text.text,
            ..passage
        }
    }

    fn cosine(&self, query: &[f32], passage: &Passage) -> Option<f32> {
        let own = self.embedder.embed_query(&passage.search_text()).ok()?;
        Some(query.iter().zip(&own.vector).map(|(a, b)| a * b).sum())
    }
}
