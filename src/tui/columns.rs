//! The queue's columns: which are shown, how wide, and by which the list is sorted. Chosen and widened by the user.

use super::model::Model;
use super::view::{ColumnWish, widths};
use crate::domain::decision::ReviewState;
use crate::domain::finding::Disposition;
use crate::service::audit::told::{Titles, title};
use crate::service::review::queue::RunSummary;
use chrono::{DateTime, FixedOffset};
use std::cmp::Reverse;

/// What a column says of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueColumn {
    Run,
    Product,
    Segment,
    Customer,
    Place,
    By,
    Finding,
    Variants,
    State,
    Age,
    Due,
    With,
    Started,
}

impl QueueColumn {
    pub const ALL: [Self; 13] = [
        Self::Run,
        Self::Product,
        Self::Segment,
        Self::Customer,
        Self::Place,
        Self::By,
        Self::Finding,
        Self::Variants,
        Self::State,
        Self::Age,
        Self::Due,
        Self::With,
        Self::Started,
    ];

    /// The name that settings know it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Product => "product",
            Self::Segment => "segment",
            Self::Customer => "customer",
            Self::Place => "place",
            Self::By => "by",
            Self::Finding => "finding",
            Self::Variants => "variants",
            Self::State => "state",
            Self::Age => "age",
            Self::Due => "due",
            Self::With => "with",
            Self::Started => "started",
        }
    }

    /// What it asks for when its widest cell takes so much: what is decided by is cut last.
    fn wish(self, widest: usize) -> ColumnWish {
        let widest = widest.max(self.name().len());
        match self {
            Self::Customer => ColumnWish::down_to(8, widest).first(),
            Self::With | Self::Segment => ColumnWish::down_to(10, widest).first(),
            Self::Finding => ColumnWish::down_to(28, widest),
            Self::Product | Self::Variants => ColumnWish::down_to(10, widest),
            _ => ColumnWish::fixed(widest),
        }
    }

    /// What it says of a run.
    pub fn says(self, run: &RunSummary, titles: &Titles, now: &str) -> String {
        match self {
            Self::Run => run.run.clone(),
            Self::Product => match run.product.as_str() {
                "" => "not known".to_owned(),
                product => product.to_owned(),
            },
            Self::Segment => run.segment.clone(),
            Self::Customer => run.subject.clone(),
            Self::Place => run.jurisdiction.clone(),
            Self::By => run.channel.clone(),
            Self::Finding => finding(run, titles),
            Self::Variants => variants(run),
            Self::State => run.state.as_str().to_owned(),
            Self::Age => age(&run.started, now),
            Self::Due if run.state.is_open() => due(&run.due, now),
            Self::Due => String::new(),
            Self::With => run.claimed.clone(),
            Self::Started => run.started.get(5..16).unwrap_or("").replace('T', " "),
        }
    }

    /// What runs are sorted by: whether they are held comes first where findings are asked for.
    fn key(self, run: &RunSummary, titles: &Titles) -> (Reverse<(bool, bool)>, String) {
        let none = Reverse((false, false));
        match self {
            Self::Age | Self::Started => (none, run.started.clone()),
            Self::Due if run.due.is_empty() => (none, "9999".to_owned()),
            Self::Due => (none, run.due.clone()),
            Self::Finding => (
                Reverse((run.blocked > 0, run.review > 0)),
                worst(run, titles),
            ),
            _ => (none, self.says(run, titles, "")),
        }
    }
}

/// What a list of this width leaves for columns beside the cursor and the mark of a row.
pub fn room(inside: u16) -> u16 {
    inside.saturating_sub(5)
}

/// Blank cells between two columns in a list of this width.
pub fn gap(width: u16) -> usize {
    if width < 96 { 1 } else { 2 }
}

/// The rule of the worst finding: one that blocks before one that asks, and the one that does so most.
pub fn worst_rule(run: &RunSummary) -> Option<&str> {
    let worst = |rules: &'_ [(String, u64)]| -> Option<usize> {
        let most = rules.iter().enumerate();
        let most = most.max_by(|(_, a), (_, b)| a.1.cmp(&b.1).then(b.0.cmp(&a.0)))?;
        Some(most.0)
    };
    let blocked = worst(&run.rules).map(|at| run.rules[at].0.as_str());
    blocked.or_else(|| worst(&run.asks).map(|at| run.asks[at].0.as_str()))
}

/// The state of a run's worst finding as a word, and what that comes to.
pub fn state_of(run: &RunSummary) -> (&'static str, Disposition) {
    if !run.rules.is_empty() {
        return ("BLOCK", Disposition::Block);
    }
    match (run.asks.is_empty(), run.review, run.state) {
        (true, 0, ReviewState::Running | ReviewState::Failed) => ("", Disposition::Pass),
        (true, 0, _) => ("clear", Disposition::Pass),
        _ => ("WARN", Disposition::Review),
    }
}

/// How many variants nothing was found in, where something was found in others: the run is not held by that.
pub fn clear_ones(run: &RunSummary) -> Option<String> {
    let (state, _) = state_of(run);
    (run.passed > 0 && matches!(state, "BLOCK" | "WARN")).then(|| format!("{} clear", run.passed))
}

/// The worst finding as a state and by its title, and how many more rules spoke: equal ones read alike. Variants that are
/// clear come first.
pub fn finding(run: &RunSummary, titles: &Titles) -> String {
    let clear = clear_ones(run).map_or_else(String::new, |clear| format!("{clear}, "));
    clear + &worst(run, titles)
}

fn worst(run: &RunSummary, titles: &Titles) -> String {
    let (state, _) = state_of(run);
    match worst_rule(run) {
        Some(rule) => {
            let more = (run.rules.len() + run.asks.len()).saturating_sub(1);
            let more = if more > 0 {
                format!(" (+{more})")
            } else {
                String::new()
            };
            format!("{state} {}{more}", title(rule, titles))
        }
        None if run.review > 0 => format!("{state} {} to look at", run.review),
        None => state.to_owned(),
    }
}

/// How the variants stand, in words.
pub fn variants(run: &RunSummary) -> String {
    let parts = [
        (run.passed, "clear"),
        (run.review, "to look at"),
        (run.blocked, "blocked"),
    ];
    let said = parts.iter().filter(|(count, _)| *count > 0);
    let said: Vec<String> = said
        .map(|(count, words)| format!("{count} {words}"))
        .collect();
    said.join(", ")
}

fn read(text: &str) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc3339(text).ok()
}

fn in_words(minutes: i64) -> String {
    match minutes {
        m if m < 60 => format!("{m}m"),
        m if m < 48 * 60 => format!("{}h", m / 60),
        m => format!("{}d", (m / 60 / 24).min(999)),
    }
}

/// Since when it is there, in the largest unit that says enough.
fn age(started: &str, now: &str) -> String {
    let Some((started, now)) = read(started).zip(read(now)) else {
        return String::new();
    };
    in_words((now - started).num_minutes().max(0))
}

/// The time that is left: `3h`, `LATE 2d`; empty without a due time.
pub fn due(due: &str, now: &str) -> String {
    let Some((due, now)) = read(due).zip(read(now)) else {
        return String::new();
    };
    let minutes = (due - now).num_minutes();
    let span = in_words(minutes.abs());
    if minutes < 0 {
        format!("LATE {span}")
    } else {
        span
    }
}

/// The columns as the user has them.
#[derive(Clone, Debug, Default)]
pub struct QueueColumns {
    /// From the settings, each with its width; empty: as many as there is room for.
    own: Vec<(QueueColumn, Option<u16>)>,
    /// Widened or narrowed at the desk.
    wider: Vec<(QueueColumn, i16)>,
    /// The one under the cursor.
    pub at: Option<QueueColumn>,
    /// Sorted by this one; reversed.
    pub sort: Option<(QueueColumn, bool)>,
}

/// A name in the settings that is no column's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "[desk] columns: {0} is no column; they are {known}",
    known = QueueColumn::ALL.map(QueueColumn::name).join(", ")
)]
pub struct UnknownColumn(pub String);

impl QueueColumns {
    /// QueueColumns by their names, as `finding` or `finding:40`.
    ///
    /// # Errors
    /// A name that is none.
    pub fn named(names: &[String]) -> Result<Self, UnknownColumn> {
        let own = names
            .iter()
            .map(|written| {
                let (name, width) = match written.split_once(':') {
                    Some((name, width)) => (name, width.parse().ok()),
                    None => (written.as_str(), None),
                };
                let column = QueueColumn::ALL
                    .into_iter()
                    .find(|c| c.name() == name.trim());
                column
                    .map(|column| (column, width))
                    .ok_or_else(|| UnknownColumn(name.to_owned()))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            own,
            ..Self::default()
        })
    }

    /// Which columns are shown at this width.
    pub fn shown(&self, width: u16) -> Vec<QueueColumn> {
        use QueueColumn as C;
        if !self.own.is_empty() {
            return self.own.iter().map(|(column, _)| *column).collect();
        }
        let usual: &[QueueColumn] = match width {
            0..96 => &[
                C::Product,
                C::Customer,
                C::Place,
                C::By,
                C::Finding,
                C::Age,
                C::Due,
            ],
            96..130 => &[
                C::Product,
                C::Customer,
                C::Place,
                C::By,
                C::Finding,
                C::State,
                C::Age,
                C::Due,
            ],
            _ => &[
                C::Run,
                C::Product,
                C::Segment,
                C::Customer,
                C::Place,
                C::By,
                C::Finding,
                C::State,
                C::Age,
                C::Due,
                C::With,
            ],
        };
        usual.to_vec()
    }

    /// The shown columns, each as wide as its widest cell while there is room; what the user set or widened holds.
    pub fn fitted(
        &self,
        width: u16,
        widest: impl Fn(QueueColumn) -> usize,
    ) -> Vec<(QueueColumn, usize)> {
        let shown = self.shown(width);
        let wishes: Vec<ColumnWish> = shown
            .iter()
            .map(|column| {
                let own = self.own.iter().find(|(known, _)| known == column);
                let wish = match own.and_then(|(_, width)| *width) {
                    Some(width) => ColumnWish::fixed(usize::from(width).clamp(3, 200)),
                    None => column.wish(widest(*column)),
                };
                match self.wider.iter().find(|(known, _)| known == column) {
                    Some((_, by)) => wish.wider(isize::from(*by)),
                    None => wish,
                }
            })
            .collect();
        let gaps = gap(width) * shown.len().saturating_sub(1);
        let given = widths(usize::from(width).saturating_sub(gaps), &wishes);
        shown.into_iter().zip(given).collect()
    }

    /// Moves the cursor among the columns that are shown.
    pub fn step(&mut self, width: u16, by: isize) {
        let shown = self.shown(width);
        let at = shown.iter().position(|column| Some(*column) == self.at);
        let next = match at {
            None if by < 0 => shown.len().saturating_sub(1),
            None => 0,
            Some(at) => at
                .saturating_add_signed(by)
                .min(shown.len().saturating_sub(1)),
        };
        self.at = shown.get(next).copied();
    }

    /// Widens the column under the cursor, or narrows it.
    pub fn widen(&mut self, by: i16) {
        let column = self.at.unwrap_or(QueueColumn::Finding);
        match self.wider.iter_mut().find(|(known, _)| *known == column) {
            Some((_, so_far)) => *so_far = so_far.saturating_add(by),
            None => self.wider.push((column, by)),
        }
    }

    /// Sorts by the column under the cursor; again turns it round, a third time ends it.
    pub fn sort_on(&mut self) {
        let column = self.at.unwrap_or(QueueColumn::Finding);
        self.sort = match self.sort {
            Some((by, false)) if by == column => Some((column, true)),
            Some((by, true)) if by == column => None,
            _ => Some((column, false)),
        };
    }
}

impl Model {
    /// The runs in the order that the user asked for.
    pub(super) fn sorted<'r>(&self, mut runs: Vec<&'r RunSummary>) -> Vec<&'r RunSummary> {
        if let Some((column, reversed)) = self.columns.sort {
            let key = |run: &&RunSummary| column.key(run, &self.titles);
            if reversed {
                runs.sort_by_cached_key(|run| Reverse(key(run)));
            } else {
                runs.sort_by_cached_key(key);
            }
        }
        runs
    }
}
