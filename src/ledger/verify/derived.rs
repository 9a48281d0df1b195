//! The derived tables are what the entries say.

use super::Walk;
use super::rows::{Bad, RowCheck, RowCounts, read};
use crate::ledger::log::{AuditLog, Key, Page, RunList};
use crate::ledger::rules::Case;
use std::collections::BTreeSet;

impl Walk {
    /// A list of open runs holds exactly what is open, in its order.
    fn open(
        log: &dyn AuditLog,
        end: u64,
        list: RunList,
        places: &BTreeSet<(String, u64)>,
    ) -> RowCheck {
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
    pub(super) fn derived(&self, log: &dyn AuditLog, end: u64) -> RowCheck {
        let bad = |seq: u64, problem: String| Bad { seq, problem };
        for (run, Case { summary, .. }) in &self.rules.runs {
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
                limit: self.rules.runs.len() + 1,
            })
            .map_err(|e| bad(end, e.to_string()))?;
        if listed.len() != self.rules.runs.len() {
            return Err(bad(
                end,
                "the list of runs has a row that no entry explains".into(),
            ));
        }
        let places: BTreeSet<(String, u64)> = (self.rules.runs.values())
            .filter_map(|case| case.summary.place())
            .collect();
        for list in RunList::ALL {
            Self::open(log, end, list, &places)?;
        }
        let mut said = self.rules.erasures.standing().values();
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
        let people = log
            .page(Page::People)
            .map_err(|e| bad(end, e.to_string()))?;
        let stored = people.iter().map(|(_, row)| row);
        if stored.eq(self.people.values()) {
            return Ok(());
        }
        Err(bad(
            end,
            "the roster says something else than the enrolments".into(),
        ))
    }

    /// No table holds a row that no entry explains.
    pub(super) fn counted(&self, log: &dyn AuditLog, size: u64, found: RowCounts) -> RowCheck {
        let bad = |problem: String| Bad { seq: size, problem };
        let Some(there) = log.counts().map_err(|e| bad(e.to_string()))? else {
            return Ok(());
        };
        let open = self
            .rules
            .runs
            .values()
            .filter(|case| case.summary.place().is_some());
        // Earlier versions stored the leaves' hashes as well.
        let leaves = if there.nodes > self.inner { size } else { 0 };
        for (what, is, should) in [
            ("entries", there.entries, size),
            ("ids of entries", there.ids, size),
            ("entries of runs", there.of_run, found.of_run),
            ("tree hashes", there.nodes, self.inner + leaves),
            ("blobs", there.blobs, found.blobs),
            ("checkpoints", there.checkpoints, self.checkpoints),
            ("runs", there.runs, self.rules.runs.len() as u64),
            ("open runs", there.open, open.count() as u64),
            ("people", there.people, self.people.len() as u64),
            (
                "holds and erasures",
                there.standing,
                self.rules.erasures.standing().len() as u64,
            ),
        ] {
            if is != should {
                return Err(bad(format!(
                    "the table of {what} has {is} rows, and the entries explain {should}"
                )));
            }
        }
        Ok(())
    }
}
