//! Whether an offer that a message presses with still holds when the message is about to be sent.

use crate::domain::facts::Facts;
use crate::domain::jurisdiction::Jurisdiction;
use crate::domain::run::Run;
use crate::domain::variant::Variant;
use crate::generate::{PRESSURE, fact_in_words};
use crate::service::home::workspace::Workspace;
use crate::text::numbers::first_date;
use chrono::NaiveDate;

/// Why the message must not be sent any more, if its offer has ended or is another one by now. What it states is what the
/// gate saw, whoever wrote it.
pub(in crate::service) fn why_over(
    workspace: &Workspace,
    run: &Run,
    variant: &Variant,
    day: NaiveDate,
) -> Option<String> {
    let product = run.segment.as_ref()?.product.as_deref();
    let recipient = run.profile.jurisdiction.clone().unwrap_or_default();
    let facts = workspace.products.facts(product, &recipient, day);
    let stated = run
        .verdict(&variant.id)?
        .evidence
        .iter()
        .filter_map(|link| {
            let fact = link.source.strip_prefix("fact:")?;
            PRESSURE
                .contains(&fact)
                .then_some((fact, link.text.as_str()))
        });
    let mut over = stated.filter(|(fact, words)| !is_so(&facts, fact, words));
    over.next().map(|(fact, _)| {
        format!("the offer that the message states has ended or is another by now (`{fact}`); start a new run")
    })
}

/// Whether the words state the fact as it is.
fn is_so(facts: &Facts, fact: &str, words: &str) -> bool {
    match facts.text(fact).and_then(first_date) {
        Some(date) => first_date(words) == Some(date),
        None => fact_in_words(facts, fact, &Jurisdiction::default())
            .is_some_and(|count| words.contains(&count)),
    }
}
