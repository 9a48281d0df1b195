//! Stage 2: what to look for, from segment and page, without personal data.

use super::node::{PipelineStage, StageContext, StageError};
use super::ports::{RetrievalQuery, Retriever};
use crate::domain::citation::Retrieved;
use crate::domain::segment::Segment;
use crate::pii::{self, KnownValues, Scanner};

/// Citations that a run keeps.
const KEEP: usize = 6;

pub(super) struct RetrieveNode<'p>(pub &'p dyn Retriever);

impl PipelineStage for RetrieveNode<'_> {
    type In<'i> = &'i Segment;
    type Out = Retrieved;

    fn run(&self, context: &StageContext<'_>, segment: &Segment) -> Result<Retrieved, StageError> {
        let first = query_text(context, first_words(context, segment));
        let ask = |text: &str| {
            let query = RetrievalQuery {
                text: text.to_owned(),
                jurisdiction: context.jurisdiction.clone(),
                product: segment.product.clone(),
                day: context.as_of.date_naive(),
                limit: KEEP,
            };
            self.0.retrieve(&query)
        };
        let found = ask(&first)?;
        if !found.citations.is_empty() {
            return Ok(found);
        }
        // Once more in other words; then nothing found is the answer.
        let second = query_text(context, other_words(context, segment));
        if second == first || second.is_empty() {
            return Ok(found);
        }
        let mut again = ask(&second)?;
        again.first_query = Some(first);
        Ok(again)
    }
}

/// Use case, its terms and what the stage of the journey asks; the page for a product we do not know.
fn first_words(context: &StageContext<'_>, segment: &Segment) -> Vec<String> {
    if segment.product.is_none() {
        return vec![page_words(context)];
    }
    let mut words = vec![segment.use_case_label.clone()];
    words.extend(segment.query_terms.iter().cloned());
    words.extend(segment.ask.clone());
    words
}

/// The same need in the table's other names for it: the product's, the page's, the stage's left out.
fn other_words(context: &StageContext<'_>, segment: &Segment) -> Vec<String> {
    let mut words = vec![segment.use_case_label.clone()];
    words.extend(segment.product.iter().map(|p| p.replace('_', " ")));
    words.push(page_words(context));
    words
}

/// The profile's own words are untrusted: letters and digits only, and few of them.
fn page_words(context: &StageContext<'_>) -> String {
    let page: String = context
        .profile
        .viewed_page
        .iter()
        .flat_map(|page| page.chars())
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .take(60)
        .collect();
    page.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The query without anything personal.
fn query_text(context: &StageContext<'_>, words: Vec<String>) -> String {
    let words: Vec<String> = words.into_iter().filter(|w| !w.is_empty()).collect();
    let known = KnownValues::of_profile(context.profile);
    pii::redact(
        &words.join(" "),
        &Scanner {
            known: Some(&known),
            allow: None,
        },
    )
    .text
}

#[cfg(test)]
mod tests {
    use super::super::node::RetrievalError;
    use super::super::ports::Segmenter as _;
    use super::super::segment::SegmentTable;
    use super::*;
    use crate::domain::citation::Citation;
    use crate::domain::digest::Digest;
    use crate::domain::facts::Facts;
    use crate::domain::jurisdiction::{Channel, Jurisdiction};
    use crate::domain::profile::Profile;
    use crate::domain::run::Pins;
    use chrono::DateTime;
    use serde_json::json;
    use std::sync::Mutex;

    /// Finds one passage for queries that hold a word, and remembers all queries.
    struct WordRetriever(&'static str, Mutex<Vec<String>>);

    impl Retriever for WordRetriever {
        fn retrieve(&self, query: &RetrievalQuery) -> Result<Retrieved, RetrievalError> {
            self.1.lock().unwrap().push(query.text.clone());
            let mut found = Retrieved {
                query: query.text.clone(),
                ..Retrieved::default()
            };
            if !self.0.is_empty() && query.text.contains(self.0) {
                found.citations.push(Citation::default());
            }
            Ok(found)
        }
    }

    fn ask(word: &'static str) -> (Retrieved, Vec<String>) {
        let profile = Profile::from_value(&json!({
            "id": "c", "name": "Ada Lovelace", "viewed_page": "payment_plans", "last_event": "x"
        }))
        .unwrap();
        let table = SegmentTable::parse(include_str!("../../assets/segments.toml")).unwrap();
        let segment = table.segment(&profile, "2026-11-23".parse().unwrap());
        let none = Digest::of(b"");
        let pins = Pins {
            engine: String::new(),
            pack: none,
            knowledge: none,
            assets: none,
            seed: 0,
            as_of: String::new(),
        };
        let context = StageContext {
            profile: &profile,
            pins: &pins,
            as_of: DateTime::parse_from_rfc3339("2026-11-23T15:00:00Z").unwrap(),
            channel: Channel::Email,
            jurisdiction: Jurisdiction::new("US"),
            facts: Facts::default(),
        };
        let shelf = WordRetriever(word, Mutex::default());
        let found = RetrieveNode(&shelf).run(&context, &segment).unwrap();
        (found, shelf.1.into_inner().unwrap())
    }

    #[test]
    fn one_reformulation_and_then_an_honest_nothing() {
        let (found, asked) = ask("Payment");
        assert_eq!((asked.len(), found.first_query), (1, None));

        let (found, asked) = ask("payment plan payment plans");
        assert_eq!(asked.len(), 2, "{asked:?}");
        assert_eq!(found.first_query.as_deref(), Some(asked[0].as_str()));
        assert_eq!((&found.query, found.citations.len()), (&asked[1], 1));

        let (found, asked) = ask("");
        assert_eq!((asked.len(), found.citations.len()), (2, 0));
        assert!(found.first_query.is_some());
    }
}
