//! The charts: the numbers from what the desk has at hand, drawn with plain characters so that they read the same everywhere.

use crate::domain::run::{Run, Stage};
use crate::service::audit::Entry;
use crate::service::audit::told::title;
use crate::service::review::queue::RunSummary;
use crate::tui::effect::Effect;
use crate::tui::model::{Model, Overlay};
use crate::tui::text::{column, cut};
use crate::tui::view::{Pane, lines, pane, popup};
use crate::tui::{experiments, quality};
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
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

impl ChartPage {
    /// What is read for a page when it is turned to: what the record has to be counted for is not counted before.
    fn needs(self) -> Vec<Effect> {
        match self {
            Self::Variants | Self::Stages | Self::Blocks => Vec::new(),
            Self::Experiments => vec![Effect::LoadExperiments],
            Self::Reviewers => vec![Effect::LoadReviewers],
        }
    }
}

/// The charts under way.
#[derive(Clone, Copy, Debug, Default)]
pub struct Charts {
    pub page: ChartPage,
    pub scroll: usize,
}

pub(in crate::tui) fn charts_key(charts: &mut Charts, key: &KeyEvent) -> (bool, Vec<Effect>) {
    let turn = |page: ChartPage, by: usize| {
        let at = ChartPage::ALL.iter().position(|p| *p == page).unwrap_or(0);
        ChartPage::ALL[(at + by) % ChartPage::ALL.len()]
    };
    match key.code {
        KeyCode::Esc | KeyCode::Char('q' | 'C') => return (false, Vec::new()),
        KeyCode::Right | KeyCode::Tab | KeyCode::Enter | KeyCode::Char('l') => {
            (charts.page, charts.scroll) = (turn(charts.page, 1), 0);
            return (true, charts.page.needs());
        }
        KeyCode::Left | KeyCode::BackTab | KeyCode::Char('h') => {
            (charts.page, charts.scroll) = (turn(charts.page, ChartPage::ALL.len() - 1), 0);
            return (true, charts.page.needs());
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
pub(in crate::tui) fn open(model: &mut Model) -> Vec<Effect> {
    model.overlays.push(Overlay::Charts(Charts::default()));
    vec![Effect::LoadRuns, Effect::LoadEntries]
}

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, charts: &Charts) {
    let at = popup(frame, area, 120, 44);
    let names = ChartPage::ALL.map(|page| {
        if page == charts.page {
            format!("[{}]", page.title())
        } else {
            page.title().to_owned()
        }
    });
    let title = format!("Charts   {}", names.join("   "));
    let inside = pane(frame, at, &title, "", (model, Pane::Over));
    let width = usize::from(inside.width).saturating_sub(2);
    let text = page(model, charts.page, width);
    let text = text
        .into_iter()
        .map(|line| Line::raw(format!(" {}", cut(&line, width))))
        .collect();
    lines(frame, inside, text, charts.scroll);
}

/// A page as lines, for the screen and for the plain mode.
pub fn page(model: &Model, page: ChartPage, width: usize) -> Vec<String> {
    match page {
        ChartPage::Variants => variants(model, width),
        ChartPage::Stages => stages(model, width),
        ChartPage::Blocks => blocks(model, width),
        ChartPage::Experiments => experiments::pages(&model.experiments, width),
        ChartPage::Reviewers => match &model.quality {
            Some(all) => quality::lines(all, width),
            None => vec!["The record is being counted …".into()],
        },
    }
}

fn variants(model: &Model, width: usize) -> Vec<String> {
    let Some(analysis) = model.run.as_ref().and_then(|run| run.analysis.as_ref()) else {
        return vec!["No run is open that was run on to its end.".into()];
    };
    let winner = analysis.winner.as_ref().map(|w| w.variant_id.as_str());
    let room = width.saturating_sub(34).min(60);
    let mut out = vec!["What the score is made of (each part from 0 to 100)".to_owned()];
    for arm in &analysis.arms {
        let mark = if winner == Some(arm.variant_id.as_str()) {
            "winner"
        } else {
            ""
        };
        out.push(String::new());
        out.push(format!("{}  {}  {mark}", arm.variant_id, arm.kind));
        for (name, bp) in [
            ("score", arm.score_bp),
            ("relevance", arm.relevance_bp),
            ("freshness", arm.freshness_bp),
            ("safety", arm.safety_bp),
            ("best with", arm.best_bp),
            // Only who carries a disclosure has it near or far.
            ("disclosed", arm.prominence_bp.unwrap_or(0)),
        ] {
            let value = bp / 100;
            out.push(format!(
                "   {} {value:>4} {}",
                column(name, 12),
                bar(u64::from(bp), 10_000, room)
            ));
        }
    }
    for arm in &analysis.arms {
        let remarks = arm.remarks();
        if !remarks.is_empty() {
            out.push(String::new());
            out.push(arm.variant_id.clone());
            out.extend(remarks.into_iter().map(|remark| format!("   {remark}")));
        }
    }
    let most = analysis
        .arms
        .iter()
        .map(|arm| arm.high_bp)
        .max()
        .unwrap_or(0);
    out.push(String::new());
    out.push(format!(
        "Expected replies: 90 % interval of the posterior, o is its mean; the line ends at {}",
        percent(most)
    ));
    out.push(String::new());
    for arm in &analysis.arms {
        let line = interval(
            (arm.low_bp, arm.expected_response_bp, arm.high_bp),
            most,
            room,
        );
        out.push(format!(
            "   {}  {} {line}",
            arm.variant_id,
            column(&percent(arm.expected_response_bp), 10)
        ));
        out.push(format!(
            "      {} to {}, from {} sent and {} replies on record",
            percent(arm.low_bp),
            percent(arm.high_bp),
            arm.sent,
            arm.responded
        ));
    }
    out
}

fn millis(micros: u64) -> String {
    format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100)
}

fn stages(model: &Model, width: usize) -> Vec<String> {
    let times = times(model.run.as_ref(), &model.entries);
    let most = times
        .iter()
        .flat_map(|t| [t.own.unwrap_or(0), t.p95])
        .max()
        .unwrap_or(0);
    let room = width.saturating_sub(36).min(60);
    let mut out = vec![
        "This run beside the newest entries on record: their median, and what 95 of 100 keep"
            .to_owned(),
    ];
    for t in &times {
        out.push(String::new());
        out.push(format!("{}  ({} on record)", t.stage, t.count));
        let mut row = |name: &str, value: Option<u64>| {
            let shown = value.map_or("-".to_owned(), millis);
            out.push(format!(
                "   {} {shown:>11}  {}",
                column(name, 10),
                bar(value.unwrap_or(0), most, room)
            ));
        };
        row("this run", t.own);
        row("median", (t.count > 0).then_some(t.median));
        row("95 of 100", (t.count > 0).then_some(t.p95));
    }
    out
}

fn blocks(model: &Model, width: usize) -> Vec<String> {
    let days = days(&model.runs);
    if days.is_empty() {
        return vec!["No run is on record yet.".into()];
    }
    let shown = newest(&days, 14);
    let most = shown.iter().map(|day| day.runs).max().unwrap_or(0) as u64;
    let room = width.saturating_sub(34).min(60);
    let mut out = vec![format!(
        "The newest {} runs by day: # had a blocked variant, . had none",
        model.runs.len()
    )];
    out.push(String::new());
    for day in shown {
        let all = bar(day.runs as u64, most, room).len();
        let blocked = bar(day.blocked as u64, most, room).len();
        out.push(format!(
            "{}  {:>5} of {:<5} {}{}",
            day.day,
            day.blocked,
            day.runs,
            "#".repeat(blocked),
            ".".repeat(all.saturating_sub(blocked))
        ));
    }
    let reasons = reasons(&days);
    if reasons.is_empty() {
        out.push(String::new());
        out.push("No rule blocked.".into());
        return out;
    }
    let columns = newest(shown, width.saturating_sub(46) / 4);
    let mut heads = String::new();
    for day in columns {
        heads.push_str(&format!("{:>4}", day.day.get(8..10).unwrap_or("")));
    }
    out.push(String::new());
    out.push(format!(
        "{} {:>6} {heads}",
        column("Rules that blocked, by day", 38),
        "all"
    ));
    for (rule, count) in reasons.iter().take(12) {
        let mut cells = String::new();
        for day in columns {
            match day.rules.get(rule) {
                Some(count) => cells.push_str(&format!("{count:>4}")),
                None => cells.push_str("   ."),
            }
        }
        let title = title(rule, &model.titles);
        out.push(format!("{} {count:>6} {cells}", column(title, 38)));
    }
    out
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
