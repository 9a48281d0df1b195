//! Bars beside their numbers, in a table that reads without them: a page that needs nothing from anywhere.

use htmlize::escape_text;
use serde::Serialize;
use std::fmt::Write as _;

/// What a chart counts: charts of one kind are drawn on one scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counted {
    Variants,
    Runs,
    Decisions,
    /// Of a hundred.
    Percent,
}

impl Counted {
    /// As a reader names them.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Variants => "variants",
            Self::Runs => "runs",
            Self::Decisions => "decisions",
            Self::Percent => "of a hundred",
        }
    }
}

/// Counts under one heading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chart {
    pub heading: &'static str,
    #[serde(skip)]
    pub counts: Counted,
    pub rows: Vec<(String, u64)>,
}

/// A section of the page: the heading, and a row for each count, with bars up to `most`.
pub(super) fn section(chart: &Chart, most: u64) -> String {
    let heading = escape_text(chart.heading);
    let mut html = format!("<section><h2>{heading}</h2>\n");
    if chart.rows.iter().all(|row| row.1 == 0) {
        html.push_str("<p>None.</p></section>\n");
        return html;
    }
    let most = most.max(1);
    let kind = chart.counts.as_str();
    // Writing to a String cannot fail.
    let _ = writeln!(
        html,
        "<table class=\"bars\" data-kind=\"{kind}\" data-most=\"{most}\"><caption>A full bar is {most} {kind}; so it is in every chart of {kind}.</caption>\n\
         <thead><tr><th scope=\"col\">What</th><th scope=\"col\" class=\"number\">How many</th><td></td></tr></thead><tbody>",
    );
    for (label, count) in &chart.rows {
        let label = escape_text(crate::text::hidden::visible_line(label)).into_owned();
        let width = width(*count, most);
        let _ = writeln!(
            html,
            "<tr><th scope=\"row\">{label}</th><td class=\"number\">{count}</td><td class=\"bar\"><svg role=\"img\" aria-label=\"{count} of {most}\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\"><rect width=\"{width}\" height=\"10\"/></svg></td></tr>",
        );
    }
    html.push_str("</tbody></table></section>\n");
    html
}

/// Thousandths of a full bar; what is there at all is seen.
fn width(count: u64, most: u64) -> u64 {
    let wide = u128::from(count) * 1_000 / u128::from(most);
    let wide = u64::try_from(wide).unwrap_or(1_000).min(1_000);
    wide.max(u64::from(count > 0) * 5)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(rows: &[(&str, u64)]) -> Chart {
        Chart {
            heading: "a <b>",
            counts: Counted::Decisions,
            rows: rows.iter().map(|(l, n)| ((*l).to_owned(), *n)).collect(),
        }
    }

    #[test]
    fn labels_are_text_and_never_markup() {
        let html = section(&chart(&[("<script>", 3), ("x", 0)]), 3);
        assert!(html.contains("a &lt;b&gt;") && !html.contains("<script>"));
        assert!(html.contains("&lt;script&gt;</th><td class=\"number\">3</td>"));
        assert!(section(&chart(&[("x", 0)]), 9).contains("<p>None.</p>"));
    }

    #[test]
    fn a_bar_is_as_long_as_its_part_of_the_scale() {
        assert_eq!([width(0, 10), width(5, 10), width(10, 10)], [0, 500, 1_000]);
        assert_eq!(width(1, 1_000_000), 5, "what is there is seen");
        assert_eq!(width(u64::MAX, u64::MAX), 1_000);
        assert_eq!(width(20, 10), 1_000, "never over its end");
    }
}
