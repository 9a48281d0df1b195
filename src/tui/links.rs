//! From a statement to its source, and from a source to the statements that rest on it.

use super::model::{Model, SafetyPane, Screen};
use crate::domain::run::Run;
use crate::domain::variant::Source;

/// Where a statement stands: the variant's place, and its place among the variant's statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User {
    pub variant: usize,
    /// Among the statements that the gate looked at; `None`: the sentence states nothing that was looked at.
    pub evidence: Option<usize>,
}

/// All statements and sentences that rest on a citation, variant by variant.
pub fn users_of(run: &Run, citation: &str) -> Vec<User> {
    let mut users = Vec::new();
    for (variant, words) in run.variants.iter().flatten().enumerate() {
        let evidence = run.verdict(&words.id).map(|v| v.evidence.as_slice());
        let before = users.len();
        for (at, link) in evidence.unwrap_or_default().iter().enumerate() {
            if link.source.strip_prefix("citation:") == Some(citation) {
                let evidence = Some(at);
                users.push(User { variant, evidence });
            }
        }
        let made_from = words
            .sentences
            .iter()
            .any(|s| matches!(&s.source, Source::Citation { id } if id == citation));
        if made_from && users.len() == before {
            let evidence = None;
            users.push(User { variant, evidence });
        }
    }
    users
}

/// From the statement under the cursor to the citation that carries it.
pub(super) fn source(model: &mut Model) {
    let id = model.verdict().and_then(|verdict| {
        let link = verdict.evidence.get(model.evidence_at)?;
        link.source.strip_prefix("citation:").map(str::to_owned)
    });
    let place = id.and_then(|id| {
        let retrieved = model.run.as_ref()?.retrieved.as_ref()?;
        retrieved.citations.iter().position(|c| c.id == id)
    });
    match place {
        Some(at) => {
            model.screen = Screen::Citations;
            (model.citation_at, model.pane, model.scroll) = (at, 0, 0);
            model.status = Some((
                "Enter goes back to the sentence, u walks all that use it".into(),
                false,
            ));
        }
        None => {
            model.status = Some(("no citation carries this statement".into(), true));
        }
    }
}

/// Everything that rests on the citation under the cursor; an empty answer is told.
fn known_users(model: &mut Model) -> Vec<User> {
    let users = model
        .citation()
        .zip(model.run.as_ref())
        .map(|(citation, run)| users_of(run, &citation.id))
        .unwrap_or_default();
    if users.is_empty() {
        model.status = Some(("no sentence rests on this source".into(), true));
    }
    users
}

/// Names the next statement that rests on the citation; after the last one, the first.
pub(super) fn users(model: &mut Model) {
    let users = known_users(model);
    if users.is_empty() {
        return;
    }
    let number = model.user_at % users.len();
    let user = users[number];
    let words = model.run.as_ref().and_then(|run| {
        let variant = run.variants.as_ref()?.get(user.variant)?;
        let verdict = run.verdict(&variant.id)?;
        let link = verdict.evidence.get(user.evidence?)?;
        Some(format!("{} “{}”", variant.id, link.text.replace('\n', " ")))
    });
    model.user_at = number + 1;
    model.status = Some((
        format!(
            "{} of {}: {}   Enter goes there",
            number + 1,
            users.len(),
            words.unwrap_or_else(|| "a sentence made from it".into())
        ),
        false,
    ));
}

/// From the citation under the cursor to the sentence that was named last, or the first one.
pub(super) fn sentence(model: &mut Model) {
    let users = known_users(model);
    if users.is_empty() {
        return;
    }
    let number = model.user_at.saturating_sub(1) % users.len();
    let user = users[number];
    model.variant_at = user.variant;
    model.screen = Screen::Safety;
    (model.scroll, model.finding_at) = (0, 0);
    match user.evidence {
        Some(at) => (model.aspect, model.evidence_at, model.pane) = (SafetyPane::Evidence, at, 2),
        None => model.pane = 1,
    }
    model.status = Some((
        format!(
            "statement {} of {} that rest on the source",
            number + 1,
            users.len()
        ),
        false,
    ));
}
