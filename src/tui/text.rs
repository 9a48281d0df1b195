//! The only way outside text reaches a cell: sanitised, wrapped by width, cut by width.

use crate::text::hidden;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// One line, harmless.
pub fn safe(text: &str) -> String {
    hidden::visible_line(text)
}

/// Cut to a width in cells, with `…` where something is missing.
pub fn cut(text: &str, width: usize) -> String {
    let text = safe(text);
    if text.width() <= width {
        return text;
    }
    let mut out = String::new();
    let mut used = 0;
    for cluster in text.graphemes(true) {
        if used + cluster.width() + 1 > width {
            break;
        }
        used += cluster.width();
        out.push_str(cluster);
    }
    if width > 0 {
        // The mark stands at a word, not behind a blank.
        out.truncate(out.trim_end().len());
        out.push('…');
    }
    out
}

/// Cut or filled to exactly this width.
pub fn column(text: &str, width: usize) -> String {
    let mut out = cut(text, width);
    let missing = width.saturating_sub(out.width());
    out.extend(std::iter::repeat_n(' ', missing));
    out
}

/// Most lines of one text: a megabyte on the narrowest screen.
const MOST_LINES: usize = 100_000;

/// Lines of at most `width` cells, broken at spaces where possible.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = Vec::new();
    for paragraph in hidden::visible(text).split('\n') {
        let mut line = String::new();
        let mut used = 0;
        for word in paragraph.split_inclusive(' ') {
            // The space that ends a word may hang over.
            let (size, bare) = (word.width(), word.trim_end().width());
            if used + bare > width && used > 0 {
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
                used = 0;
                if word.trim().is_empty() {
                    continue;
                }
            }
            if bare > width {
                used = broken(word, width, &mut line, &mut lines);
            } else {
                line.push_str(word);
                used += size;
            }
            if lines.len() >= MOST_LINES {
                return lines;
            }
        }
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// A word that is wider than a line: whole lines are pushed, the rest stays in `line`. Its width comes back.
fn broken(word: &str, width: usize, line: &mut String, lines: &mut Vec<String>) -> usize {
    // Long runs of plain letters need no look at each.
    if word.is_ascii() {
        let mut rest = word;
        while rest.len() > width && lines.len() < MOST_LINES {
            let (head, tail) = rest.split_at(width);
            lines.push(head.to_owned());
            rest = tail;
        }
        line.push_str(rest);
        return rest.len();
    }
    let mut used = 0;
    for cluster in word.graphemes(true) {
        if used + cluster.width() > width && used > 0 {
            lines.push(std::mem::take(line));
            used = 0;
            if lines.len() >= MOST_LINES {
                return 0;
            }
        }
        line.push_str(cluster);
        used += cluster.width();
    }
    used
}

/// Bytes of a text that are shown in a style.
pub type StyledRange = (usize, usize, Style);

/// Marks that may lie over each other, each with its rank, as marks that do not: of several the highest rank's style
/// holds, whichever began first.
pub fn layered(marks: &[(usize, usize, u8, Style)]) -> Vec<StyledRange> {
    let mut borders: Vec<usize> = marks.iter().flat_map(|(a, b, _, _)| [*a, *b]).collect();
    borders.sort_unstable();
    borders.dedup();
    let between = borders.iter().zip(borders.iter().skip(1));
    between
        .filter_map(|(from, to)| {
            let over = marks.iter().filter(|(a, b, _, _)| a <= from && to <= b);
            let (_, _, _, style) = over.max_by_key(|(_, _, rank, _)| *rank)?;
            Some((*from, *to, *style))
        })
        .collect()
}

/// A text in lines of at most `width` cells, with what is marked in its style. Where marks overlap, the first one wins.
/// Wrapping goes by the bytes of the original, so that marks stay right whatever is shown for hidden characters.
pub fn marked<'l>(source: &str, marks: &[StyledRange], width: usize) -> Vec<Line<'l>> {
    let mut marks: Vec<&StyledRange> = marks.iter().filter(|(start, end, _)| end > start).collect();
    marks.sort_by_key(|(start, _, _)| *start);
    let mut out = Vec::new();
    let mut at = 0;
    for line in source.split('\n') {
        for (from, to) in pieces(line, width) {
            let (start, end) = (at + from, at + to);
            let mut spans = Vec::new();
            let mut cursor = start;
            for (a, b, style) in &marks {
                if *b <= start || *a >= end {
                    continue;
                }
                let (a, b) = ((*a).clamp(cursor, end), (*b).clamp(cursor, end));
                if a >= b {
                    continue;
                }
                spans.push(Span::raw(safe(source.get(cursor..a).unwrap_or(""))));
                spans.push(Span::styled(safe(source.get(a..b).unwrap_or("")), *style));
                cursor = b;
            }
            spans.push(Span::raw(safe(source.get(cursor..end).unwrap_or(""))));
            spans.retain(|span| !span.content.is_empty());
            out.push(Line::from(spans));
            if out.len() >= MOST_LINES {
                return out;
            }
        }
        at += line.len() + 1;
    }
    out
}

/// Byte ranges of the pieces of one line, each at most `width` cells as shown, broken behind spaces where possible.
pub fn pieces(line: &str, width: usize) -> Vec<(usize, usize)> {
    let width = width.max(8);
    if line.bytes().all(|b| (b' '..0x7f).contains(&b)) {
        return plain_pieces(line, width);
    }
    let mut pieces = Vec::new();
    let (mut from, mut space, mut used, mut since) = (0, None, 0, 0);
    for (at, cluster) in line.grapheme_indices(true) {
        let cells = safe(cluster).width();
        if used + cells > width && at > from {
            let cut = space.filter(|s| *s > from).unwrap_or(at);
            pieces.push((from, cut));
            from = cut;
            used = if cut == at { 0 } else { used - since };
            space = None;
        }
        used += cells;
        if cluster == " " {
            (space, since) = (Some(at + 1), used);
        }
    }
    pieces.push((from, line.len()));
    pieces
}

/// [`pieces`] of letters that are each one byte and one cell.
fn plain_pieces(line: &str, width: usize) -> Vec<(usize, usize)> {
    let (mut pieces, mut from) = (Vec::new(), 0);
    while line.len() - from > width {
        let space = line.as_bytes()[from..from + width]
            .iter()
            .rposition(|b| *b == b' ');
        // The space that ends a word may hang over.
        let next_is_space = line.as_bytes()[from + width] == b' ';
        let to = match space {
            _ if next_is_space => from + width + 1,
            Some(at) => from + at + 1,
            None => from + width,
        };
        pieces.push((from, to));
        from = to;
    }
    pieces.push((from, line.len()));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_in_cells_and_hidden_characters_are_shown() {
        assert_eq!(cut("日本語テキスト", 7), "日本語…");
        assert_eq!(column("ab", 4), "ab  ");
        assert_eq!(cut("a\u{202e}b", 20), "a<U+202E>b");
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(pieces("one two three", 8), [(0, 8), (8, 13)]);
        assert_eq!(
            pieces("日本語テキスト日本語", 8),
            [(0, 12), (12, 24), (24, 30)]
        );
        assert_eq!(pieces("", 8), [(0, 0)]);
        let long = wrap(&"x".repeat(1_000_000), 80);
        assert_eq!(
            long.concat().len(),
            1_000_000,
            "all of it can be scrolled to"
        );
        assert!(long.iter().all(|line| line.len() <= 80));
        assert_eq!(wrap("日本語", 1), ["日", "本", "語"]);
    }

    #[test]
    fn the_worst_mark_wins_wherever_it_begins() {
        let (warn, block) = (Style::default().italic(), Style::default().bold());
        let marks = [(0, 20, 1, warn), (5, 9, 2, block), (15, 25, 2, block)];
        assert_eq!(
            layered(&marks),
            [
                (0, 5, warn),
                (5, 9, block),
                (9, 15, warn),
                (15, 20, block),
                (20, 25, block)
            ]
        );
    }

    #[test]
    fn marks_stay_on_their_words_over_line_breaks_and_hidden_characters() {
        let style = Style::default().bold();
        let text = "one \u{200b}two three\nfour";
        let shown = marked(text, &[(4, 10, style), (8, 16, style), (9, 9, style)], 12);
        let bold: Vec<String> = shown
            .iter()
            .flat_map(|line| &line.spans)
            .filter(|span| span.style == style)
            .map(|span| span.content.to_string())
            .collect();
        assert_eq!(bold.concat(), "<U+200B>two three");
        let all: Vec<String> = shown.iter().map(ToString::to_string).collect();
        assert_eq!(all.concat(), "one <U+200B>two threefour");
    }
}
