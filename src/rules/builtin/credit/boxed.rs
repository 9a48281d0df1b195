//! The disclosure box: labels with their figures beside them, or a row of labels over a row of figures.

use super::terms::period;
use crate::text::numbers::{Quantity, Unit};
use aho_corasick::AhoCorasick;
use std::sync::LazyLock;

/// What a label names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
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
pub struct Cell {
    pub slot: Slot,
    pub quantity: Quantity,
    /// Payments a year, where the label says it ("monthly payment").
    pub per_year: Option<i64>,
}

const LABELS: [(&str, Slot); 49] = [
    ("number of payments", Slot::Count),
    ("number of instalments", Slot::Count),
    ("number of installments", Slot::Count),
    ("number of repayments", Slot::Count),
    ("number of monthly payments", Slot::Count),
    ("number of weekly payments", Slot::Count),
    ("no. of payments", Slot::Count),
    ("no. of instalments", Slot::Count),
    ("# of payments", Slot::Count),
    ("amount of each payment", Slot::Payment),
    ("amount of each instalment", Slot::Payment),
    ("amount of payments", Slot::Payment),
    ("amount of payment", Slot::Payment),
    ("amount per payment", Slot::Payment),
    ("payment amount", Slot::Payment),
    ("instalment amount", Slot::Payment),
    ("installment amount", Slot::Payment),
    ("repayment amount", Slot::Payment),
    ("monthly payment", Slot::Payment),
    ("monthly instalment", Slot::Payment),
    ("monthly installment", Slot::Payment),
    ("monthly repayment", Slot::Payment),
    ("biweekly payment", Slot::Payment),
    ("bi-weekly payment", Slot::Payment),
    ("fortnightly payment", Slot::Payment),
    ("weekly payment", Slot::Payment),
    ("weekly repayment", Slot::Payment),
    ("quarterly payment", Slot::Payment),
    ("each payment", Slot::Payment),
    ("annual percentage rate", Slot::Apr),
    ("aprc", Slot::Apr),
    ("apr", Slot::Apr),
    ("total amount of credit", Slot::Financed),
    ("amount of credit", Slot::Financed),
    ("amount financed", Slot::Financed),
    ("amount borrowed", Slot::Financed),
    ("loan amount", Slot::Financed),
    ("amount of loan", Slot::Financed),
    ("principal", Slot::Financed),
    ("total of payments", Slot::Total),
    ("total amount payable", Slot::Total),
    ("total repayable", Slot::Total),
    ("total payable", Slot::Total),
    ("total amount repayable", Slot::Total),
    ("when payments are due", Slot::When),
    ("payment frequency", Slot::When),
    ("payments are due", Slot::When),
    ("finance charge", Slot::Charge),
    ("total cost of credit", Slot::Charge),
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

struct Label {
    slot: Slot,
    start: usize,
    end: usize,
}

#[expect(clippy::expect_used, reason = "constant patterns, covered by tests")]
static FINDER: LazyLock<AhoCorasick> =
    LazyLock::new(|| AhoCorasick::new(LABELS.map(|(words, _)| words)).expect("constant patterns"));

fn labels(lower: &str) -> Vec<Label> {
    let mut found: Vec<Label> = Vec::new();
    for hit in FINDER.find_overlapping_iter(lower) {
        let (start, end) = (hit.start(), hit.end());
        let inside = lower[..start].ends_with(char::is_alphanumeric)
            || lower[end..].starts_with(|c: char| c.is_alphanumeric() && c != 's');
        if !inside {
            let (_, slot) = LABELS[hit.pattern().as_usize()];
            found.push(Label { slot, start, end });
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
pub fn cells(lower: &str, found: &[Quantity]) -> Vec<Cell> {
    let mut blank = lower.to_owned();
    for words in EXPLAINED {
        // The same number of bytes, so that figures stay where they are.
        blank = blank.replace(words, &".".repeat(words.len()));
    }
    let lower = &blank;
    let labels = labels(lower);
    let mut cells: Vec<Cell> = Vec::new();
    let mut at = 0;
    while at < labels.len() {
        // A row of labels that nothing but borders parts. "Annual percentage rate (APR)" is one label.
        let mut row: Vec<&Label> = vec![&labels[at]];
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
        let mut values: Vec<Cell> = Vec::new();
        let wanted = row.iter().filter(|l| l.slot != Slot::When);
        for (label, quantity) in wanted.zip(&found[first.min(found.len())..]) {
            let near = lower.get(end..quantity.start).is_some_and(parts_cells);
            if !near || !fits(label.slot, quantity) {
                break;
            }
            end = quantity.end;
            values.push(Cell {
                slot: label.slot,
                quantity: quantity.clone(),
                per_year: period(&lower[label.start..label.end]),
            });
        }
        // A row of figures that fits only in part is another kind of table.
        if values.len() == row.iter().filter(|l| l.slot != Slot::When).count() {
            cells.extend(values);
        }
    }
    cells
}

fn fits(slot: Slot, quantity: &Quantity) -> bool {
    match slot {
        Slot::Count => matches!(quantity.unit, Unit::Count | Unit::Months),
        Slot::Apr => quantity.unit == Unit::Percent,
        Slot::Payment | Slot::Financed | Slot::Total | Slot::Charge => quantity.unit == Unit::Money,
        Slot::When => false,
    }
}
