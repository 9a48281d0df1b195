//! Every rule in force with its measures, for people who read rather than script.

use super::{Card, Standing, list, test};
use crate::error::Result;
use crate::rules::selftest::RuleScore;
use crate::service::home::workspace::Workspace;

/// One rule as the browser shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleCard {
    pub pack: String,
    pub pack_version: String,
    pub standing: Standing,
    pub rule: String,
    pub version: String,
    pub title: String,
    pub severity: &'static str,
    pub hard: bool,
    pub citation: String,
    pub rationale: String,
    pub fix: String,
    /// Whom it speaks to and when, its law, and its example sentences.
    pub card: Card,
    pub score: RuleScore,
}

/// All rules, by pack and in the pack's order. Runs every pack's tests.
///
/// # Errors
/// A draft is no pack, or an expression does not compile.
pub fn browse(workspace: &Workspace) -> Result<Vec<RuleCard>> {
    let (mut cards, today) = (Vec::new(), workspace.today());
    for (pack, standing) in list(workspace)?.packs {
        let report = test(workspace, &pack)?;
        for rule in &pack.rules {
            let Some(score) = report.rules.iter().find(|s| s.rule == rule.id) else {
                // A stayed rule does not run and has no measures.
                continue;
            };
            cards.push(RuleCard {
                pack: pack.head.id.clone(),
                pack_version: pack.head.version.clone(),
                standing,
                rule: rule.id.clone(),
                version: rule.version.clone(),
                title: rule.title.clone(),
                severity: rule.severity.as_str(),
                hard: rule.hard,
                citation: rule.citation.clone(),
                rationale: rule.rationale.clone(),
                fix: rule.fix.clone(),
                card: Card::of(&pack, rule, today),
                score: score.clone(),
            });
        }
    }
    Ok(cards)
}
