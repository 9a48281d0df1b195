//! Which rules looked, told in few lines.

use super::compile::Book;
use crate::domain::finding::{Check, Coverage};
use std::collections::BTreeMap;

impl Book {
    /// Rules of a pack that were skipped for one reason are one line: a recipient in one place has no use for the list of
    /// every rule of another.
    pub(super) fn gathered(&self, coverage: Vec<Coverage>) -> Vec<Coverage> {
        let pack_of: BTreeMap<&str, &str> = self
            .rules
            .iter()
            .map(|rule| (rule.rule.id.as_str(), rule.pack.as_str()))
            .collect();
        let mut skipped: BTreeMap<(&str, String), usize> = BTreeMap::new();
        let mut kept = Vec::new();
        for one in coverage {
            let pack = pack_of.get(one.rule.as_str()).copied().unwrap_or("");
            match &one.skipped {
                // That a law is to come is said of each.
                Some(reason) if !reason.starts_with("in effect") => {
                    *skipped.entry((pack, reason.clone())).or_default() += 1;
                }
                _ => kept.push(one),
            }
        }
        kept.extend(skipped.into_iter().map(|((pack, reason), count)| Coverage {
            rule: format!(
                "{pack}: {count} {}",
                if count == 1 { "rule" } else { "rules" }
            ),
            rules: count,
            check: Check::Compliance,
            parts: Vec::new(),
            skipped: Some(reason),
        }));
        kept
    }
}
