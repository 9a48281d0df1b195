//! Stage 2: what to look for, from segment and page, without personal data.

use super::node::{Context, Node, StageError};
use super::ports::{Query, Retriever};
use crate::domain::citation::Retrieved;
use crate::domain::segment::Segment;
use crate::pii::{self, KnownValues, Scanner};

/// Citations that a run keeps.
const KEEP: usize = 6;

pub(super) struct RetrieveNode<'p>(pub &'p dyn Retriever);

impl Node for RetrieveNode<'_> {
    type In<'i> = &'i Segment;
    type Out = Retrieved;

    fn run(&self, context: &Context<'_>, segment: &Segment) -> Result<Retrieved, StageError> {
        let query = Query {
            text: query_text(context, segment),
            jurisdiction: context.jurisdiction.clone(),
            product: segment.product.clone(),
            day: context.as_of.date_naive(),
            limit: KEEP,
        };
        self.0.retrieve(&query).map_err(StageError)
    }
}

/// Use case, its terms, and the page for a product we do not know. The profile's own words are untrusted: letters
/// only, short, redacted.
fn query_text(context: &Context<'_>, segment: &Segment) -> String {
    let mut words: Vec<String> = Vec::new();
    if segment.product.is_some() {
        words.push(segment.use_case_label.clone());
        words.extend(segment.query_terms.iter().cloned());
        words.push(
            match segment.funnel_stage.as_str() {
                "awareness" => "how it works what customers say",
                "consideration" => "finish the application what you need what customers say",
                "commitment" => "appointment consultation what customers say",
                _ => "start after consultation what customers say",
            }
            .into(),
        );
    } else if let Some(page) = &context.profile.viewed_page {
        let page: String = page
            .chars()
            .map(|c| if c.is_alphanumeric() { c } else { ' ' })
            .take(60)
            .collect();
        words.push(page.split_whitespace().collect::<Vec<_>>().join(" "));
    }
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
