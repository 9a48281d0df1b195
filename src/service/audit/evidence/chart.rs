//! Bars in SVG: a page that needs nothing from anywhere.

use htmlize::escape_text;
use std::fmt::Write as _;

/// Bars of whole numbers, each with its label and number, under a heading.
pub(super) fn bars(heading: &str, rows: &[(String, u64)]) -> String {
    let mut svg = format!("<h2>{}</h2>\n", escape_text(heading));
    if rows.iter().all(|row| row.1 == 0) {
        svg.push_str("<p>none</p>\n");
        return svg;
    }
    let most = rows.iter().map(|row| row.1).max().unwrap_or(1).max(1);
    let height = rows.len() * 24;
    // Writing to a String cannot fail.
    let _ = writeln!(
        svg,
        "<svg role=\"img\" aria-label=\"{}\" width=\"720\" height=\"{height}\" viewBox=\"0 0 720 {height}\">",
        htmlize::escape_attribute(heading)
    );
    for (at, (label, count)) in rows.iter().enumerate() {
        let y = at * 24;
        let width = (count * 400 / most).max(u64::from(*count > 0));
        let _ = writeln!(
            svg,
            "<text x=\"232\" y=\"{}\" text-anchor=\"end\">{}</text><rect x=\"240\" y=\"{}\" width=\"{width}\" height=\"16\"/><text x=\"{}\" y=\"{}\">{count}</text>",
            y + 17,
            escape_text(label),
            y + 4,
            248 + width,
            y + 17,
        );
    }
    svg.push_str("</svg>\n");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_text_and_never_markup() {
        let svg = bars("a <b>", &[("<script>".into(), 3), ("x".into(), 0)]);
        assert!(svg.contains("a &lt;b&gt;") && !svg.contains("<script>"));
        assert!(svg.contains("width=\"400\" height=\"16\""));
        assert!(bars("none of them", &[("x".into(), 0)]).contains("<p>none</p>"));
    }
}
