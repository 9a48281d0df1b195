//! Periods of performance figures against the calendar of the rule.

use super::{Prepared, RawFinding};
use crate::domain::finding::{Disposition, Polarity};
use crate::text::numbers::{self, Unit};
use crate::text::view::ViewKind;

/// Words before a date that make it the end of a period.
const ENDS: [&str; 8] = [
    "ended ", "ending ", "as of ", "to ", "through ", "until ", "at ", "ends ",
];

/// Periods of advertised performance end no earlier than the last calendar year's end (17 CFR 275.206(4)-1(d)(2)),
/// which arrives as the fact `last_year_end`.
pub fn period_end(prepared: &Prepared<'_>, report: &mut dyn FnMut(RawFinding<'_>)) {
    let Some(last) = prepared
        .message
        .facts
        .text("last_year_end")
        .and_then(numbers::first_date)
        .map(numbers::days)
    else {
        return;
    };
    for part in &prepared.parts {
        for view in part
            .views
            .iter()
            .filter(|v| matches!(v.kind, ViewKind::Visible | ViewKind::Hidden))
        {
            let text = view.text();
            let found = numbers::quantities(text);
            if !found.iter().any(|q| q.unit == Unit::Percent) {
                continue;
            }
            for date in found
                .iter()
                .filter(|q| q.unit == Unit::Date && q.value < last)
            {
                let before = text
                    [text.floor_char_boundary(date.start.saturating_sub(10))..date.start]
                    .to_ascii_lowercase();
                if !ENDS.iter().any(|word| before.ends_with(word)) {
                    continue;
                }
                let (start, end) = view.mapped.original(date.start, date.end);
                report(RawFinding {
                    part: part.part,
                    start,
                    end,
                    owned_text: Some(text[date.start..date.end].to_owned()),
                    polarity: Polarity::Asserted,
                    disposition: Some(Disposition::Block),
                    why: Some(
                        "The period ends before the last calendar year-end on record.".into(),
                    ),
                    ..RawFinding::whole()
                });
            }
        }
    }
}
