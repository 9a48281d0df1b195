//! Every rule in force with its measures, for people who read rather than script.

use super::{Standing, list, test};
use crate::error::Result;
use crate::rules::selftest::RuleScore;
use crate::service::workspace::Workspace;

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
    pub legal_status: &'static str,
    pub citation: String,
    pub rationale: String,
    pub fix: String,
    /// Where and when it applies, in words.
    pub scope: String,
    /// How many ways it looks.
    pub ways: usize,
    pub score: RuleScore,
    pub violate: Vec<String>,
    pub comply: Vec<String>,
}

/// All rules, by pack and in the pack's order. Runs every pack's tests.
///
/// # Errors
/// A draft is no pack, or an expression does not compile.
pub fn browse(workspace: &Workspace) -> Result<Vec<RuleCard>> {
    let mut cards = Vec::new();
    for (pack, standing) in list(workspace)? {
        let report = test(workspace, &pack)?;
        for rule in &pack.rules {
            let Some(score) = report.rules.iter().find(|s| s.rule == rule.id) else {
                // A stayed rule does not run and has no measures.
                continue;
            };
            let join = |items: Vec<String>, all: &str| {
                if items.is_empty() {
                    all.to_owned()
                } else {
                    items.join(", ")
                }
            };
            let places = join(
                rule.jurisdiction.iter().map(ToString::to_string).collect(),
                "everywhere",
            );
            let channels = join(
                rule.channel.iter().map(ToString::to_string).collect(),
                "every channel",
            );
            let mut scope = format!("{places}; {channels}");
            if let Some(from) = &rule.effective_from {
                scope.push_str(&format!("; from {from}"));
            }
            if let Some(to) = &rule.effective_to {
                scope.push_str(&format!("; until {to}"));
            }
            cards.push(RuleCard {
                pack: pack.head.id.clone(),
                pack_version: pack.head.version.clone(),
                standing,
                rule: rule.id.clone(),
                version: rule.version.clone(),
                title: rule.title.clone(),
                severity: rule.severity.as_str(),
                hard: rule.hard,
                legal_status: rule.legal_status.as_str(),
                citation: rule.citation.clone(),
                rationale: rule.rationale.clone(),
                fix: rule.fix.clone(),
                scope,
                ways: rule.matches.len(),
                score: score.clone(),
                violate: rule.tests.violate.iter().map(|t| t.text.clone()).collect(),
                comply: rule.tests.comply.iter().map(|t| t.text.clone()).collect(),
            });
        }
    }
    Ok(cards)
}
