//! The numbers behind the charts, from what the desk has at hand: scores and intervals, stage times, blocks over time.

use super::effect::Effect;
use super::model::Model;
use crate::domain::run::{Run, Stage};
use crate::service::audit::Entry;
use crate::service::review::queue::RunSummary;
use crossterm::event::{KeyCode, KeyEvent};
use std::collections::BTreeMap;

/// The pages, in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChartPage {
    /// What each variant's score is made of, and how sure its reply rate is.
    #[default]
    Variants,
    /// How long each stage took, beside the runs before.
    Stages,
    /// How many runs were blocked, and by which rules, day by day.
    Blocks,
    /// How the experiments stand, and how the rates of their arms went.
    Experiments,
    /// How reviewers did: all of them for principals and auditors, oneself for others.
    Reviewers,
}

impl ChartPage {
    pub const ALL: [Self; 5] = [
        Self::Variants,
        Self::Stages,
        Self::Blocks,
        Self::Experiments,
        Self::Reviewers,
    ];

    pub fn title(self) -> &'static str {
        match self {
            Self::Variants => "Scores",
            Self::Stages => "Times",
            Self::Blocks => "Blocks",
            Self::Experiments => "Experiments",
            Self::Reviewers => "Reviewers",
        }
    }
}

/// The charts under way.
#[derive(Clone, Copy, Debug, Default)]
pub struct Charts {
    pub page: ChartPage,
    pub scroll: usize,
}

pub(super) fn charts_key(charts: &mut Charts, key: &KeyEvent) -> (bool, Vec<Effect>) {
    let turn = |page: ChartPage, by: usize| {
        let at = ChartPage::ALL.iter().position(|p| *p == page).unwrap_or(0);
        ChartPage::ALL[(at + by) % ChartPage::ALL.len()]
    };
    match key.code {
        KeyCode::Esc | KeyCode::Char('q' | 'C') => return (false, Vec::new()),
        KeyCode::Right | KeyCode::Tab | KeyCode::Enter | KeyCode::Char('l') => {
            (charts.page, charts.scroll) = (turn(charts.page, 1), 0);
        }
        KeyCode::Left | KeyCode::BackTab | KeyCode::Char('h') => {
            (charts.page, charts.scroll) = (turn(charts.page, ChartPage::ALL.len() - 1), 0);
        }
        KeyCode::Down | KeyCode::Char('j') => charts.scroll = (charts.scroll + 1).min(10_000),
        KeyCode::Up | KeyCode::Char('k') => charts.scroll = charts.scroll.saturating_sub(1),
        _ => {}
    }
    (true, Vec::new())
}

/// The times of one stage in microseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageTimes {
    pub stage: Stage,
    /// Of the open run.
    pub own: Option<u64>,
    /// Of the entries at hand: how many, median, and the time that 95 of 100 keep.
    pub count: usize,
    pub median: u64,
    pub p95: u64,
}

/// Stage times of the open run beside those on record.
pub fn times(run: Option<&Run>, entries: &[Entry]) -> Vec<StageTimes> {
    let mut on_record: BTreeMap<Stage, Vec<u64>> = BTreeMap::new();
    for entry in entries {
        let micros = entry.payload().micros();
        let (Some(micros), Some(stage)) = (micros, entry.kind().stage()) else {
            continue;
        };
        on_record.entry(stage).or_default().push(micros);
    }
    Stage::ALL
        .into_iter()
        .filter(|stage| *stage != Stage::Deliver)
        .map(|stage| {
            let mut known = on_record.remove(&stage).unwrap_or_default();
            known.sort_unstable();
            let at = |share: usize| {
                let place = known.len().saturating_sub(1) * share / 100;
                known.get(place).copied().unwrap_or(0)
            };
            let own = run.and_then(|run| run.status[stage.index()].micros());
            StageTimes {
                stage,
                own,
                count: known.len(),
                median: at(50),
                p95: at(95),
            }
        })
        .collect()
}

/// Runs of one day: how many, and in how many every variant or some were blocked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DailyRuns {
    pub day: String,
    pub runs: usize,
    /// Runs with a blocked variant.
    pub blocked: usize,
    /// Times that each rule blocked.
    pub rules: BTreeMap<String, u64>,
}

/// The days of the runs at hand, oldest first; days without a run are left out.
pub fn days(runs: &[RunSummary]) -> Vec<DailyRuns> {
    let mut days: BTreeMap<&str, DailyRuns> = BTreeMap::new();
    for run in runs {
        let day = run.started.get(..10).unwrap_or_default();
        let sum = days.entry(day).or_default();
        sum.day = day.to_owned();
        sum.runs += 1;
        sum.blocked += usize::from(run.blocked > 0);
        for (rule, count) in &run.rules {
            *sum.rules.entry(rule.clone()).or_default() += count;
        }
    }
    days.into_values().collect()
}

/// Rules by how often they blocked on all days, most first.
pub fn reasons(days: &[DailyRuns]) -> Vec<(String, u64)> {
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    for (rule, count) in days.iter().flat_map(|day| &day.rules) {
        *sums.entry(rule).or_default() += count;
    }
    let mut sums: Vec<(String, u64)> = sums
        .into_iter()
        .map(|(rule, count)| (rule.to_owned(), count))
        .collect();
    sums.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    sums
}

/// Basis points as a reader sees them.
pub fn percent(bp: u32) -> String {
    format!("{}.{:02} %", bp / 100, bp % 100)
}

/// A bar of `#`: `value` of `most` fills `width`; whatever is more than nothing shows.
pub fn bar(value: u64, most: u64, width: usize) -> String {
    if value == 0 || most == 0 {
        return String::new();
    }
    let share = u128::from(value) * width as u128 / u128::from(most);
    "#".repeat(
        usize::try_from(share)
            .unwrap_or(width)
            .clamp(1, width.max(1)),
    )
}

/// An interval on a line from 0 to `most`: `   |----o------|`.
pub fn interval((low, middle, high): (u32, u32, u32), most: u32, width: usize) -> String {
    let last = width.saturating_sub(1);
    let place = |value: u32| {
        let share = u64::from(value) * last as u64 / u64::from(most.max(1));
        usize::try_from(share).unwrap_or(last).min(last)
    };
    let (low, middle, high) = (place(low), place(middle), place(high));
    (0..width)
        .map(|at| match at {
            at if at == middle => 'o',
            at if at == low || at == high => '|',
            at if at > low && at < high => '-',
            _ => ' ',
        })
        .collect::<String>()
        .trim_end()
        .to_owned()
}

/// The newest days that a table of this width has room for.
pub fn newest(days: &[DailyRuns], most: usize) -> &[DailyRuns] {
    &days[days.len().saturating_sub(most)..]
}

/// Asks for the newest rows that the charts draw from.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    model
        .overlays
        .push(super::model::Overlay::Charts(Charts::default()));
    vec![
        Effect::LoadRuns,
        Effect::LoadEntries,
        Effect::LoadExperiments,
        Effect::LoadReviewers,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_and_intervals_stay_in_their_width_and_show_what_there_is() {
        assert_eq!(bar(5, 10, 10), "#####");
        assert_eq!(bar(1, 1_000_000, 10), "#", "little is not nothing");
        assert_eq!(bar(0, 10, 10), "");
        assert_eq!(bar(u64::MAX, 1, 7).len(), 7);
        assert_eq!(interval((20, 50, 100), 100, 11), "  |--o----|");
        assert_eq!(interval((0, 0, 0), 0, 5), "o");
        assert_eq!(interval((1, 2, 3), 1, 0), "");
    }
}
