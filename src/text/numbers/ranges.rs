//! Units that stand once for two figures.

use super::fraction::vulgar;
use super::{Quantity, UNREADABLE, Unit, units};

/// A figure as found, before ranges share their units.
pub(super) struct FoundFigure {
    pub quantity: Quantity,
    /// What a word behind it multiplied it by.
    pub scale: i64,
    /// Has a unit of its own.
    pub marked: bool,
}

/// In a range or a choice the unit is said once: `5–7 %`, `from 5 to 7 percent`, `$5-7`, `12 or 24 months`, `€1–2 million`.
pub(super) fn share_units(text: &str, found: &mut [FoundFigure]) {
    for at in (1..found.len()).rev() {
        let (head, tail) = found.split_at_mut(at);
        let (Some(first), Some(second)) = (head.last_mut(), tail.first()) else {
            continue;
        };
        if first.marked || !second.marked || !is_range(text, &first.quantity, &second.quantity) {
            continue;
        }
        if !matches!(second.quantity.unit, Unit::Date | Unit::Year) {
            let (times, by) = ratio_of(text, &second.quantity);
            first.quantity.unit = second.quantity.unit;
            let factor = if first.scale == 1 { second.scale } else { 1 };
            first.quantity.value = first
                .quantity
                .value
                .checked_mul(factor * times)
                .map_or(UNREADABLE, |v| v / by);
            first.marked = true;
        }
    }
    for at in 1..found.len() {
        let (head, tail) = found.split_at_mut(at);
        let (Some(first), Some(second)) = (head.last(), tail.first_mut()) else {
            continue;
        };
        if first.quantity.unit == Unit::Money
            && second.quantity.unit == Unit::Count
            && is_range(text, &first.quantity, &second.quantity)
        {
            second.quantity.unit = Unit::Money;
            second.marked = true;
        }
    }
}

/// What the unit behind a figure multiplies and divides by (basis points, fortnights).
fn ratio_of(text: &str, quantity: &Quantity) -> (i64, i64) {
    let figure = &text[quantity.start..quantity.end];
    let last = figure
        .rfind(|c: char| c.is_ascii_digit() || vulgar(c).is_some())
        .map_or(0, |i| {
            i + figure[i..].chars().next().map_or(1, char::len_utf8)
        });
    units::unit_after(figure, last).map_or((1, 1), |u| (u.times, u.by))
}

fn is_range(text: &str, first: &Quantity, second: &Quantity) -> bool {
    let Some(between) = text.get(first.end..second.start) else {
        return false;
    };
    if between.len() > 12 {
        return false;
    }
    let words = between.trim();
    matches!(words, "-" | "–" | "to" | "or" | "bis" | "…" | "..")
        || words == "and"
            && text[text.floor_char_boundary(first.start.saturating_sub(10))..first.start]
                .trim_end()
                .to_ascii_lowercase()
                .ends_with("between")
}
