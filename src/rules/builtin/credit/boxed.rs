//! The disclosure box: labels with their figures beside them, or a row of labels over a row of figures.

use crate::text::numbers::{Quantity, Unit};
use aho_corasick::AhoCorasick;
use std::sync::LazyLock;

/// What a label names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoxTerm {
    Count,
    Payment,
    Apr,
    Financed,
    Total,
    /// The cost in money: not used, and a column of its own.
    Charge,
    /// When payments are due: a column without a figure.
    When,
}

/// A label's figure.
pub struct BoxCell {
    pub slot: BoxTerm,
    pub quantity: Quantity,
    /// Payments a year, where the label says it ("monthly payment").
    pub per_year: Option<i64>,
}

const LABELS: [(&str, BoxTerm); 49] = [
    ("number of payments", BoxTerm::Count),
    ("number of instalments", BoxTerm::Count),
    ("number of installments", BoxTerm::Count),
    ("number of repayments", BoxTerm::Count),
    ("number of monthly payments", BoxTerm::Count),
    ("number of weekly payments", BoxTerm::Count),
    ("no. of payments", BoxTerm::Count),
    ("no. of instalments", BoxTerm::Count),
    ("# of payments", BoxTerm::Count),
    ("amount of each payment", BoxTerm::Payment),
    ("amount of each instalment", BoxTerm::Payment),
    ("amount of payments", BoxTerm::Payment),
    ("amount of payment", BoxTerm::Payment),
    ("amount per payment", BoxTerm::Payment),
    ("payment amount", BoxTerm::Payment),
    ("instalment amount", BoxTerm::Payment),
    ("installment amount", BoxTerm::Payment),
    ("repayment amount", BoxTerm::Payment),
    ("monthly payment", BoxTerm::Payment),
    ("monthly instalment", BoxTerm::Payment),
    ("monthly installment", BoxTerm::Payment),
    ("monthly repayment", BoxTerm::Payment),
    ("biweekly payment", BoxTerm::Payment),
    ("bi-weekly payment", BoxTerm::Payment),
    ("fortnightly payment", BoxTerm::Payment),
    ("weekly payment", BoxTerm::Payment),
    ("weekly repayment", BoxTerm::Payment),
    ("quarterly payment", BoxTerm::Payment),
    ("each payment", BoxTerm::Payment),
    ("annual percentage rate", BoxTerm::Apr),
    ("aprc", BoxTerm::Apr),
    ("apr", BoxTerm::Apr),
    ("total amount of credit", BoxTerm::Financed),
    ("amount of credit", BoxTerm::Financed),
    ("amount financed", BoxTerm::Financed),
    ("amount borrowed", BoxTerm::Financed),
    ("loan amount", BoxTerm::Financed),
    ("amount of loan", BoxTerm::Financed),
    ("principal", BoxTerm::Financed),
    ("total of payments", BoxTerm::Total),
    ("total amount payable", BoxTerm::Total),
    ("total repayable", BoxTerm::Total),
    ("total payable", BoxTerm::Total),
    ("total amount repayable", BoxTerm::Total),
    ("when payments are due", BoxTerm::When),
    ("payment frequency", BoxTerm::When),
    ("payments are due", BoxTerm::When),
    ("finance charge", BoxTerm::Charge),
    ("total cost of credit", BoxTerm::Charge),
];

/// What the form of 12 CFR 1026, appendix H, says under its labels.
const EXPLAINED: [&str; 4] = [
    "the cost of your credit as a yearly rate",
    "the dollar amount the credit will cost you",
    "the amount of credit provided to you or on your behalf",
    "the amount you will have paid after you have made all payments as scheduled",
];

/// Words that may stand between a label and its figure.
const BETWEEN: [&str; 14] = [
    "s",
    "of",
    "is",
    "are",
    "rate",
    "amount",
    "will",
    "be",
    "apr",
    "due",
    "fixed",
    "about",
    "representative",
    "the",
];

/// Bytes between a label and its figure, or between two labels of a row.
const FAR: usize = 40;

struct BoxLabel {
    slot: BoxTerm,
    start: usize,
    end: usize,
}

#[expect(clippy::expect_used, reason = "constant patterns, covered by tests")]
static FINDER: LazyLock<AhoCorasick> =
    LazyLock::new(|| AhoCorasick::new(LABELS.map(|(words, _)| words)).expect("constant patterns"));

fn labels(lower: &str) -> Vec<BoxLabel> {
    let mut found: Vec<BoxLabel> = Vec::new();
    for hit in FINDER.find_overlapping_iter(lower) {
        let (start, end) = (hit.start(), hit.end());
        let inside = lower[..start].ends_with(char::is_alphanumeric)
            || lower[end..].starts_with(|c: char| c.is_alphanumeric() && c != 's');
        if !inside {
            let (_, slot) = LABELS[hit.pattern().as_usize()];
            found.push(BoxLabel { slot, start, end });
        }
    }
    // Of two that overlap, the one that begins first, and the longer one.
    found.sort_by_key(|l| (l.start, std::cmp::Reverse(l.end)));
    found.dedup_by(|later, earlier| later.start < earlier.end);
    found
}

/// Whether the text between parts cells and says nothing of its own.
fn parts_cells(between: &str) -> bool {
    let said = between.trim_matches(|c: char| !c.is_alphanumeric());
    said.len() <= FAR
        && said
            .split(|c: char| !c.is_alphanumeric())
            .all(|word| word.is_empty() || BETWEEN.contains(&word))
}

/// The cells of the boxes in a text (lower case), each label's first figure.
pub fn cells(lower: &str, found: &[Quantity]) -> Vec<BoxCell> {
    let mut blank = lower.to_owned();
    for words in EXPLAINED {
        // The same number of bytes, so that figures stay where they are.
        blank = blank.replace(words, &".".repeat(words.len()));
    }
    let lower = &blank;
    let labels = labels(lower);
    let mut cells: Vec<BoxCell> = Vec::new();
    let mut at = 0;
    while at < labels.len() {
        // A row of labels that nothing but borders parts. "Annual percentage rate (APR)" is one label.
        let mut row: Vec<&BoxLabel> = vec![&labels[at]];
        let mut end = labels[at].end;
        at += 1;
        while let Some(next) = labels.get(at)
            && lower.get(end..next.start).is_some_and(parts_cells)
            && found
                .get(found.partition_point(|q| q.start < end))
                .is_none_or(|q| q.start >= next.start)
        {
            if row.last().is_none_or(|l| l.slot != next.slot) {
                row.push(next);
            }
            end = next.end;
            at += 1;
        }
        let first = found.partition_point(|q| q.start < end);
        let mut values: Vec<BoxCell> = Vec::new();
        let wanted = row.iter().filter(|l| l.slot != BoxTerm::When);
        for (label, quantity) in wanted.zip(&found[first.min(found.len())..]) {
            let near = lower.get(end..quantity.start).is_some_and(parts_cells);
            if !near || !fits(label.slot, quantity) {
                break;
            }
            end = quantity.end;
            values.push(BoxCell {
                slot: label.slot,
                quantity: quantity.clone(),
                per_year: period(&lower[label.start..label.end]),
            });
        }
        // A row of figures that fits only in part is another kind of table.
        if values.len() == row.iter().filter(|l| l.slot != BoxTerm::When).count() {
            cells.extend(values);
        }
    }
    cells
}

fn fits(slot: BoxTerm, quantity: &Quantity) -> bool {
    match slot {
        BoxTerm::Count => matches!(quantity.unit, Unit::Count | Unit::Months),
        BoxTerm::Apr => quantity.unit == Unit::Percent,
        BoxTerm::Payment | BoxTerm::Financed | BoxTerm::Total | BoxTerm::Charge => {
            quantity.unit == Unit::Money
        }
        BoxTerm::When => false,
    }
}

/// Words that tell how often, and how many times a year that is.
pub(super) const PERIODS: [(&str, i64); 17] = [
    ("semi-monthly", 24),
    ("twice a month", 24),
    ("biweekly", 26),
    ("bi-weekly", 26),
    ("fortnight", 26),
    ("two weeks", 26),
    ("2 weeks", 26),
    ("weekly", 52),
    ("a week", 52),
    ("per week", 52),
    ("each week", 52),
    ("every week", 52),
    ("/week", 52),
    ("quarter", 4),
    ("month", 12),
    ("/mo", 12),
    ("pcm", 12),
];

/// How often a stretch of text says, the first of the list that it holds.
pub(super) fn period(lower: &str) -> Option<i64> {
    PERIODS
        .iter()
        .find(|(word, _)| lower.contains(word))
        .map(|(_, year)| *year)
}
