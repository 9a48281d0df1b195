//! Which rules looked, told in few lines.

use super::compile::{CompiledRule, RuleBook};
use super::reach::Skipped;
use crate::domain::finding::{Check, Coverage, Part};
use std::collections::BTreeMap;

/// Rules of a pack that looked and found nothing are one line, and so are those that were skipped for one reason: a
/// recipient in one place has no use for the list of every rule of another. A rule that found something is told by its
/// name, and so is one whose law is to come or has gone.
#[derive(Debug, Default)]
pub(super) struct CoverageTally<'r> {
    named: Vec<Coverage>,
    looked: BTreeMap<(usize, Check), usize>,
    skipped: BTreeMap<(usize, &'r str), usize>,
}

impl<'r> CoverageTally<'r> {
    pub fn looked(&mut self, rule: &CompiledRule, found: bool, parts: &[Part]) {
        if found {
            self.named.push(one(rule, parts.to_vec()));
        } else {
            let line = (rule.pack_at, rule.rule.check);
            *self.looked.entry(line).or_default() += 1;
        }
    }

    pub fn skipped(&mut self, rule: &CompiledRule, why: &'r Skipped) {
        match why {
            Skipped::OutOfForce(out) => self.named.push(Coverage {
                skipped: Some(out.to_string()),
                out_of_force: Some(*out),
                ..one(rule, Vec::new())
            }),
            Skipped::Because(reason) => {
                *self.skipped.entry((rule.pack_at, reason)).or_default() += 1;
            }
        }
    }

    /// The lines, those of single rules first.
    pub fn lines(self, book: &RuleBook, parts: &[Part]) -> Vec<Coverage> {
        let line = |pack: usize, rules: usize| Coverage {
            rule: format!(
                "{}: {rules} {}",
                book.packs.get(pack).map_or("", |(id, ..)| id.as_str()),
                if rules == 1 { "rule" } else { "rules" }
            ),
            rules,
            check: Check::Compliance,
            parts: Vec::new(),
            skipped: None,
            out_of_force: None,
        };
        let mut lines = self.named;
        lines.extend(
            self.looked
                .into_iter()
                .map(|((pack, check), rules)| Coverage {
                    check,
                    parts: parts.to_vec(),
                    ..line(pack, rules)
                }),
        );
        lines.extend(
            self.skipped
                .into_iter()
                .map(|((pack, reason), rules)| Coverage {
                    skipped: Some(reason.to_owned()),
                    ..line(pack, rules)
                }),
        );
        lines
    }
}

fn one(rule: &CompiledRule, parts: Vec<Part>) -> Coverage {
    Coverage {
        rules: 1,
        rule: rule.rule.id.clone(),
        check: rule.rule.check,
        parts,
        skipped: None,
        out_of_force: None,
    }
}
