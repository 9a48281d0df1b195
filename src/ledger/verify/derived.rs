//! The derived tables are what the entries say.

use super::Walk;
use super::rows::{Bad, Check, read};
use crate::ledger::log::{AuditLog, Key, List, Page};
use crate::ledger::summary::RunSummary;
use std::collections::BTreeSet;

impl Walk {
    /// A list of open runs holds exactly what is open, in its order.
    fn open(log: &dyn AuditLog, end: u64, list: List, places: &BTreeSet<(String, u64)>) -> Check {
        let waiting: Vec<u64> = places
            .range((list.prefix().to_owned(), 0)..(list.end().to_owned(), 0))
            .map(|place| place.1)
            .collect();
        let listed = log.page(Page::Open {
            list,
            after: None,
            limit: waiting.len() + 1,
        });
        let listed = listed.map_err(|e| Bad {
            seq: end,
            problem: e.to_string(),
        })?;
        let same = listed.iter().map(|row| row.0).eq(waiting);
        if same {
            return Ok(());
        }
        Err(Bad {
            seq: end,
            problem: "a list of open runs is not what the entries say".into(),
        })
    }

    /// Derived tables are what the entries say.
    pub(super) fn derived(&self, log: &dyn AuditLog, end: u64) -> Check {
        let bad = |seq: u64, problem: String| Bad { seq, problem };
        for (run, summary) in &self.runs {
            let stored = read(
                log,
                Key::Run(run),
                summary.seq,
                "a run is missing in the list of runs",
            )?;
            if serde_json::to_vec(summary).ok().as_deref() != Some(stored.as_slice()) {
                return Err(bad(
                    summary.seq,
                    format!("the list of runs says something else of {run} than its entries"),
                ));
            }
        }
        let listed = log
            .page(Page::Runs {
                before: u64::MAX,
                limit: self.runs.len() + 1,
            })
            .map_err(|e| bad(end, e.to_string()))?;
        if listed.len() != self.runs.len() {
            return Err(bad(
                end,
                "the list of runs has a row that no entry explains".into(),
            ));
        }
        let places: BTreeSet<(String, u64)> =
            self.runs.values().filter_map(RunSummary::place).collect();
        for list in List::ALL {
            Self::open(log, end, list, &places)?;
        }
        let mut said = self.erasures.standing().values();
        let rows = log
            .page(Page::Standing)
            .map_err(|e| bad(end, e.to_string()))?;
        let same = rows.iter().all(|(_, row)| {
            said.next()
                .and_then(|standing| serde_json::to_vec(standing).ok())
                .as_ref()
                == Some(row)
        });
        if !same || said.next().is_some() {
            return Err(bad(
                end,
                "what is stored of holds and erasures is not what the entries say".into(),
            ));
        }
        for (subject, seq) in &self.subjects {
            let known = matches!(log.one(Key::Pseudonym(subject)), Ok(Some(_)));
            if known == self.erasures.is_erased(subject) {
                return Err(bad(
                    *seq,
                    if known {
                        "the key of a customer who was erased is still there".into()
                    } else {
                        "a customer's key is missing, and no erasure explains it".into()
                    },
                ));
            }
        }
        let people = log
            .page(Page::People)
            .map_err(|e| bad(end, e.to_string()))?;
        if people.len() != self.people.len() {
            return Err(bad(
                end,
                "the roster has a row that no entry explains".into(),
            ));
        }
        for (_, row) in people {
            let row: serde_json::Value =
                serde_json::from_slice(&row).map_err(|e| bad(end, e.to_string()))?;
            let known = row["name"].as_str().and_then(|name| self.people.get(name));
            if !known.is_some_and(|member| {
                row["role"] == member.role.as_str()
                    && row["key"] == member.key.to_text()
                    && row["active"] == member.active
            }) {
                return Err(bad(
                    end,
                    "the roster says something else than the enrolments".into(),
                ));
            }
        }
        Ok(())
    }
}
