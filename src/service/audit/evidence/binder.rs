//! The binder: what a regulator reads first. Holds no personal data, so that an erasure need not reach it.

use crate::domain::decision::{DecisionKind, ReviewState};
use crate::error::{Error, Kind, Result};
use crate::files;
use crate::ledger::AuditLog;
use crate::ledger::entry::{Entry, EntryKind};
use crate::ledger::evidence::Span;
use crate::ledger::log::Page;
use crate::ledger::payload::coded::Coded;
use crate::ledger::summary::RunSummary;
use crate::service::audit::evidence::cells::Sheet;
use crate::service::audit::evidence::chart::{Chart, Counted};
use crate::service::audit::evidence::unwritable;
use crate::service::audit::told::{Titles, title};
use crate::service::review::queue;
use chrono::DateTime;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// Decisions listed on the page; all are in the table beside it.
const LISTED: usize = 200;
/// Bounds of the decision times' classes, in minutes.
const MINUTES: [(&str, i64); 6] = [
    ("under 1 minute", 1),
    ("1 to 5 minutes", 5),
    ("5 to 30 minutes", 30),
    ("30 minutes to 4 hours", 240),
    ("4 to 24 hours", 1_440),
    ("a day and more", i64::MAX),
];

/// Months that the chart of block rates shows.
const MONTHS: usize = 24;

/// What a period's record comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Without planted tests that are over, which no chart counts either.
    pub runs: u64,
    pub planted_tests: u64,
    pub charts: Vec<Chart>,
}

#[derive(Default)]
pub(super) struct BinderCounts {
    pub runs: u64,
    /// Planted tests that are over.
    pub tests: u64,
    states: BTreeMap<&'static str, u64>,
    pub verdicts: [u64; 3],
    rules: BTreeMap<String, u64>,
    minutes: [u64; 6],
    pub decisions: BTreeMap<String, u64>,
    pub overrides: BTreeMap<String, u64>,
    /// Variants by month: checked, blocked.
    months: BTreeMap<String, [u64; 2]>,
    /// Second persons who agreed with the first, and who did not.
    second: [u64; 2],
    /// Approvals of the program's winner, and of another variant.
    winner: [u64; 2],
    /// By person and role: approved, rejected, overrode, asked for changes.
    pub people: BTreeMap<(String, String), [u64; 4]>,
    pub listed: Vec<ListedDecision>,
    pub left_out: usize,
}

/// A decision on the page.
pub(super) struct ListedDecision {
    pub seq: u64,
    pub time: String,
    pub run: String,
    pub person: String,
    pub role: String,
    pub kind: String,
    pub variant: String,
    pub reason: String,
    /// The entry carries what the person signed.
    pub signed: bool,
}

/// Writes `runs.csv` and `decisions.csv` for the runs that started within the span, and counts them for the page.
pub(super) fn write(log: &dyn AuditLog, span: &Span, folder: &Path) -> Result<BinderCounts> {
    let io = unwritable(folder);
    files::folder(folder).map_err(&io)?;
    let csv = |name: &str| Sheet::create(&folder.join(name)).map_err(&io);
    let mut runs = csv("runs.csv")?;
    let mut decisions = csv("decisions.csv")?;
    let failed = |e: csv::Error| io(io::Error::from(e));
    runs.write_record([
        "run",
        "started",
        "by",
        "customer",
        "segment",
        "channel",
        "jurisdiction",
        "passed",
        "review",
        "blocked",
        "winner",
        "state",
        "decided_by",
        "variant",
        "artifact",
    ])
    .map_err(failed)?;
    decisions
        .write_record([
            "seq", "time", "run", "person", "role", "decision", "variant", "code", "minutes",
            "artifact",
        ])
        .map_err(failed)?;
    let mut counts = BinderCounts::default();
    queue::every(log, &mut |run| {
        if !span.holds(&run.started) {
            return Ok(());
        }
        counts.run(run);
        let number = |n: u64| n.to_string();
        runs.write_record([
            &run.run,
            &run.started,
            &run.by,
            &run.subject,
            &run.segment,
            &run.channel,
            &run.jurisdiction,
            &number(run.passed),
            &number(run.review),
            &number(run.blocked),
            &run.winner,
            run.state.as_str(),
            &run.decided_by,
            &run.variant,
            &run.artifact,
        ])
        .map_err(failed)?;
        let of_run = decisions_of(log, &run.run)?;
        if run.state != ReviewState::Tested {
            counts.agreement(&of_run, &run.winner);
        }
        for (entry, minutes) in of_run {
            decisions
                .write_record(decision(&entry, &run.run, minutes))
                .map_err(failed)?;
            if run.state == ReviewState::Tested {
                continue;
            }
            counts.decision(&entry, &run.run, minutes);
        }
        Ok(())
    })?;
    runs.flush().map_err(&io)?;
    decisions.flush().map_err(&io)?;
    Ok(counts)
}

/// Counts over the runs that started within the span.
pub(super) fn stats(log: &dyn AuditLog, span: &Span, titles: &Titles) -> Result<Stats> {
    let mut counts = BinderCounts::default();
    queue::every(log, &mut |run| {
        if span.holds(&run.started) {
            counts.run(run);
            if run.state == ReviewState::Tested {
                return Ok(());
            }
            let of_run = decisions_of(log, &run.run)?;
            counts.agreement(&of_run, &run.winner);
            for (entry, minutes) in of_run {
                counts.decision(&entry, &run.run, minutes);
            }
        }
        Ok(())
    })?;
    Ok(Stats {
        runs: counts.runs,
        planted_tests: counts.tests,
        charts: counts.charts(titles),
    })
}

/// The decisions about a run, each with the minutes since the run was ready for it.
fn decisions_of(log: &dyn AuditLog, run: &str) -> Result<Vec<(Entry, Option<i64>)>> {
    let mut ready: Option<String> = None;
    let mut found = Vec::new();
    for (_, bytes) in log.page(Page::OfRun { run })? {
        let entry = Entry::from_bytes(&bytes).map_err(|e| Error::of(Kind::Ledger, e))?;
        match entry.kind() {
            EntryKind::AnalyticsDone => ready = Some(entry.time.clone()),
            EntryKind::Decision | EntryKind::Override => {
                let minutes = ready.as_deref().and_then(|from| between(from, &entry.time));
                found.push((entry, minutes));
            }
            _ => {}
        }
    }
    Ok(found)
}

/// Whole minutes from one time to another.
fn between(from: &str, to: &str) -> Option<i64> {
    let time = |text| DateTime::parse_from_rfc3339(text).ok();
    Some((time(to)? - time(from)?).num_minutes())
}

fn decision(entry: &Entry, run: &str, minutes: Option<i64>) -> [String; 10] {
    let said = entry.payload().decision().cloned().unwrap_or_default();
    [
        entry.seq.to_string(),
        entry.time.clone(),
        run.to_owned(),
        entry.actor.clone(),
        entry.role.to_string(),
        said.kind
            .map_or_else(String::new, |kind| kind.as_str().to_owned()),
        said.variant.unwrap_or_default(),
        said.code.unwrap_or_default(),
        minutes.map_or_else(String::new, |m| m.to_string()),
        said.artifact
            .map_or_else(String::new, |hash| hash.as_str().to_owned()),
    ]
}

impl BinderCounts {
    /// Every chart; rules by their titles.
    pub fn charts(&self, titles: &Titles) -> Vec<Chart> {
        use Counted as C;
        let sorted = |rows: &BTreeMap<String, u64>| {
            let mut rows: Vec<(String, u64)> = rows.iter().map(|(k, v)| (k.clone(), *v)).collect();
            rows.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
            rows
        };
        let named = |names: &[&str], counts: &[u64]| {
            names
                .iter()
                .zip(counts)
                .map(|(name, count)| ((*name).to_owned(), *count))
                .collect::<Vec<_>>()
        };
        // Planted tests are counted apart.
        let states = ReviewState::ALL.into_iter();
        let states: Vec<&str> = states
            .filter(|state| *state != ReviewState::Tested)
            .map(ReviewState::as_str)
            .collect();
        let standing: Vec<u64> = states
            .iter()
            .map(|s| self.states.get(s).copied().unwrap_or(0))
            .collect();
        let chart = |heading, counts, rows| Chart {
            heading,
            counts,
            rows,
        };
        vec![
            chart(
                "Verdicts of variants",
                C::Variants,
                named(&["passed", "for review", "blocked"], &self.verdicts),
            ),
            chart("Where runs stand", C::Runs, named(&states, &standing)),
            chart(
                "Why variants were blocked",
                C::Variants,
                sorted(&self.titled(titles)),
            ),
            chart("Decisions", C::Decisions, sorted(&self.decisions)),
            chart(
                "Time to decide",
                C::Decisions,
                named(&MINUTES.map(|m| m.0), &self.minutes),
            ),
            chart("Overrides by person", C::Decisions, sorted(&self.overrides)),
            chart(
                "Blocked variants of a hundred, by month",
                C::Percent,
                self.block_rates(),
            ),
            chart(
                "Second persons",
                C::Decisions,
                named(&["agreed with the first", "did not agree"], &self.second),
            ),
            chart(
                "Approvals",
                C::Decisions,
                named(
                    &["of the program's winner", "of another variant"],
                    &self.winner,
                ),
            ),
        ]
    }

    /// How often each rule blocked, by its title; rules of one title are one requirement.
    fn titled(&self, titles: &Titles) -> BTreeMap<String, u64> {
        let mut titled: BTreeMap<String, u64> = BTreeMap::new();
        for (rule, count) in &self.rules {
            *titled.entry(title(rule, titles).to_owned()).or_default() += count;
        }
        titled
    }

    /// Of the newest months, oldest first.
    fn block_rates(&self) -> Vec<(String, u64)> {
        let skipped = self.months.len().saturating_sub(MONTHS);
        let rate = |(month, [checked, blocked]): (&String, &[u64; 2])| {
            let percent = (blocked * 100).checked_div(*checked).unwrap_or(0);
            (month.clone(), percent)
        };
        self.months.iter().skip(skipped).map(rate).collect()
    }

    /// All decisions about one run, in order.
    fn agreement(&mut self, decisions: &[(Entry, Option<i64>)], winner: &str) {
        for (entry, _) in decisions {
            if entry.decision() == Some(DecisionKind::Approve) {
                let variant = entry
                    .payload()
                    .decision()
                    .and_then(|d| d.variant.as_deref());
                let another = variant != Some(winner);
                self.winner[usize::from(another)] += 1;
            }
        }
        let artifact = |entry: &Entry| {
            let decided = entry.payload().decision();
            decided.and_then(|decided| decided.artifact.clone())
        };
        for pair in decisions.windows(2) {
            let (first, second) = (&pair[0].0, &pair[1].0);
            let asked_for_another = first.decision().is_some_and(DecisionKind::releases);
            if asked_for_another && first.actor != second.actor {
                let agreed = second.decision().is_some_and(DecisionKind::releases)
                    && artifact(first) == artifact(second);
                self.second[usize::from(!agreed)] += 1;
            }
        }
    }

    fn run(&mut self, run: &RunSummary) {
        if run.state == ReviewState::Tested {
            self.tests += 1;
            return;
        }
        self.runs += 1;
        *self.states.entry(run.state.as_str()).or_default() += 1;
        for (sum, more) in self
            .verdicts
            .iter_mut()
            .zip([run.passed, run.review, run.blocked])
        {
            *sum += more;
        }
        let month = run.started.get(..7).unwrap_or_default().to_owned();
        let of_month = self.months.entry(month).or_default();
        of_month[0] += run.passed + run.review + run.blocked;
        of_month[1] += run.blocked;
        for (rule, count) in &run.rules {
            *self.rules.entry(rule.clone()).or_default() += count;
        }
    }

    fn decision(&mut self, entry: &Entry, run: &str, minutes: Option<i64>) {
        let said = entry.payload().decision();
        let kind = said
            .and_then(|said| said.kind.as_ref())
            .map_or("", Coded::as_str);
        let variant = said.and_then(|said| said.variant.as_deref());
        *self.decisions.entry(kind.to_owned()).or_default() += 1;
        if entry.kind() == EntryKind::Override {
            *self.overrides.entry(entry.actor.clone()).or_default() += 1;
        }
        if let Some(minutes) = minutes
            && let Some(class) = MINUTES.iter().position(|(_, below)| minutes < *below)
        {
            self.minutes[class] += 1;
        }
        if let Some(kind) = entry.decision() {
            let who = (entry.actor.clone(), entry.role.to_string());
            let at = DecisionKind::ALL.iter().position(|known| *known == kind);
            self.people.entry(who).or_default()[at.unwrap_or(0)] += 1;
        }
        if self.listed.len() == LISTED {
            self.left_out += 1;
            return;
        }
        self.listed.push(ListedDecision {
            seq: entry.seq,
            time: entry.time.clone(),
            run: run.to_owned(),
            person: entry.actor.clone(),
            role: entry.role.to_string(),
            kind: kind.to_owned(),
            variant: variant.unwrap_or_default().to_owned(),
            reason: entry.signed_reason().unwrap_or_default().to_owned(),
            signed: entry.note().is_some(),
        });
    }
}
