//! What a sentence claims, and which rules looked at it: for people who ask why, or why not.

use super::evaluate::{ClaimedRun, Spot};
use super::reading::Readings;
use crate::domain::finding::{Disposition, Polarity};
use crate::domain::law::LegalStatus;
use crate::rules::compile::{CompiledRule, RuleBook};
use crate::rules::fold::points_of;
use crate::rules::prepared::Prepared;
use crate::rules::reach::{Reached, Unknown};
use crate::text::view::ViewKind;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// What a rule made of a claim.
#[derive(Clone, Debug)]
pub struct Looked {
    pub rule: String,
    pub title: String,
    /// What the rule's finding asks, or why it found nothing.
    pub outcome: Result<Disposition, Cow<'static, str>>,
}

/// A claim of a message, and the rules that look at its kind.
#[derive(Clone, Debug)]
pub struct ExplainedClaim {
    pub kind: String,
    pub says: String,
    pub words: String,
    pub voice: Polarity,
    pub prescribed: bool,
    pub looked: Vec<Looked>,
}

impl RuleBook {
    /// Every claim that the shown text makes, and what each rule over its kind made of it.
    pub fn explain(&self, prepared: &Prepared<'_>) -> Vec<ExplainedClaim> {
        let readings = Readings::of(&self.lexicon, prepared);
        let reached = self.reaches.of(prepared, &readings);
        let mut heard = Vec::new();
        for (part, of_part) in prepared.parts.iter().zip(&readings.views) {
            for (view, reading) in part.views.iter().zip(of_part) {
                for claim in reading
                    .claims
                    .iter()
                    .filter(|_| view.kind == ViewKind::Visible)
                {
                    let spot = Spot {
                        part,
                        view,
                        reading,
                        claim,
                        is_fresh: true,
                    };
                    let kind = &self.lexicon.kinds()[claim.kind];
                    // Words that only rules look for have no name.
                    if !kind.id.is_empty() {
                        heard.push(ExplainedClaim {
                            kind: kind.id.clone(),
                            says: kind.says.clone(),
                            words: view.text()[claim.start..claim.end].to_owned(),
                            voice: claim.voice(view),
                            prescribed: claim.prescribed,
                            looked: self.looked((prepared, &readings), &reached, &spot),
                        });
                    }
                }
            }
        }
        heard
    }

    /// The legal points, wide and narrow, whose rules look at this place and product on this day. What is only proposed is
    /// none, and where a product is named that no class holds, neither is what is law for some classes alone. None: no
    /// rule of the second form is in force, and nobody says which points hold here.
    pub(in crate::rules) fn points_in_scope(
        &self,
        reached: &[Reached],
        names_product: bool,
    ) -> Option<BTreeSet<&str>> {
        let mut rules = self.rules.iter().filter(|rule| rule.claimed.is_some());
        rules.clone().next()?;
        let mut points = BTreeSet::new();
        let holds = |rule: &&CompiledRule| {
            let cap = reached[rule.reach].as_ref().ok();
            cap.is_some_and(|cap| !(names_product && cap.unknown == Some(Unknown::Product)))
                && rule.rule.legal_status != LegalStatus::Proposed
        };
        for rule in rules.by_ref().filter(holds) {
            points.extend(points_of(&rule.rule.id));
        }
        Some(points)
    }

    fn looked(
        &self,
        (prepared, readings): (&Prepared<'_>, &Readings<'_>),
        reached: &[Reached],
        spot: &Spot<'_>,
    ) -> Vec<Looked> {
        let mut all = Vec::new();
        for rule in &self.rules {
            let Some(run) = ClaimedRun::of(self, rule, prepared, readings) else {
                continue;
            };
            if !run.compiled.kinds.contains(&spot.claim.kind) {
                continue;
            }
            let outcome = match &reached[rule.reach] {
                Err(reason) => Err(reason.to_string().into()),
                Ok(_) if spot.claim.prescribed => Err("the words are prescribed".into()),
                Ok(cap) => run.judge(*cap, spot).map_err(Into::into),
            };
            all.push(Looked {
                rule: rule.rule.id.clone(),
                title: rule.rule.title.clone(),
                outcome: outcome.map(|finding| finding.disposition),
            });
        }
        all
    }
}
