//! The only way outside text reaches a cell: sanitised, wrapped by width, cut by width.

use crate::text::hidden;
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

/// Lines of at most `width` cells, broken at spaces where possible. Longest texts are cut: a screen holds no more.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    const MOST: usize = 400;
    let width = width.max(1);
    let mut lines = Vec::new();
    for paragraph in hidden::visible(text).split('\n') {
        let mut line = String::new();
        let mut used = 0;
        for word in paragraph.split_inclusive(' ') {
            // The space that ends a word may hang over.
            let size = word.width();
            if used + word.trim_end().width() > width && used > 0 {
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
                used = 0;
                if word.trim().is_empty() {
                    continue;
                }
            }
            if word.trim_end().width() > width {
                for cluster in word.graphemes(true) {
                    if used + cluster.width() > width {
                        lines.push(std::mem::take(&mut line));
                        used = 0;
                        if lines.len() >= MOST {
                            return lines;
                        }
                    }
                    line.push_str(cluster);
                    used += cluster.width();
                }
            } else {
                line.push_str(word);
                used += size;
            }
            if lines.len() >= MOST {
                return lines;
            }
        }
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// Byte ranges of the pieces of one line, each at most `width` cells as shown, broken behind spaces where possible.
pub fn pieces(line: &str, width: usize) -> Vec<(usize, usize)> {
    let width = width.max(8);
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
        assert!(wrap(&"x".repeat(1_000_000), 80).len() <= 401);
    }
}
