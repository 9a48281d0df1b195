//! Text into passages by its structure: sections with the path of their headings, long ones cut between paragraphs,
//! list items never parted from the words that lead into them.

use crate::text::sentence::sentences;

/// A section longer than this many bytes is cut: the model reads about 1,200 letters.
const LONG: usize = 1_500;
/// The pieces' aim in bytes.
const PIECE: usize = 1_100;
/// A lead-in longer than this is not repeated.
const LEAD_IN: usize = 300;

/// Text under one heading.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Section {
    /// Headings from the outermost, joined by `›`; empty before the first.
    pub path: String,
    pub text: String,
}

/// Sections of a Markdown text in order. A first-level heading that repeats the title adds nothing to the path.
pub(super) fn sections(text: &str, title: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut headings: Vec<(usize, &str)> = Vec::new();
    let mut current = String::new();
    let close = |headings: &[(usize, &str)], text: &mut String, sections: &mut Vec<Section>| {
        let text = std::mem::take(text);
        if !text.trim().is_empty() {
            let path: Vec<&str> = headings.iter().map(|h| h.1).collect();
            sections.push(Section {
                path: path.join(" › "),
                text,
            });
        }
    };
    for line in text.lines() {
        let level = line.bytes().take_while(|b| *b == b'#').count();
        if (1..=6).contains(&level) && line[level..].starts_with(' ') {
            close(&headings, &mut current, &mut sections);
            headings.retain(|h| h.0 < level);
            let heading = line[level..].trim();
            if heading != title {
                headings.push((level, heading));
            }
        } else {
            current.push_str(line);
            current.push('\n');
        }
    }
    close(&headings, &mut current, &mut sections);
    sections
}

/// A section in pieces of about a thousand bytes; a short one is one piece.
pub(super) fn pieces(text: &str) -> Vec<String> {
    if text.len() <= LONG {
        return vec![text.to_owned()];
    }
    let mut pieces: Vec<String> = Vec::new();
    let mut piece = String::new();
    let mut lead_in = "";
    for block in blocks(text) {
        let item = is_item(block);
        if !item {
            lead_in = if block.len() <= LEAD_IN { block } else { "" };
        }
        for part in parts(block) {
            let leads = item && !lead_in.is_empty();
            // A piece that holds a lead-in alone waits for its first item, however long.
            let waits = leads && piece.trim_end() == lead_in;
            if !piece.is_empty() && piece.len() + part.len() > PIECE && !waits {
                if leads && piece.trim_end().ends_with(lead_in) {
                    piece.truncate(piece.trim_end().len() - lead_in.len());
                }
                pieces.push(std::mem::take(&mut piece));
                if leads {
                    piece.push_str(lead_in);
                    piece.push('\n');
                }
            }
            piece.push_str(part);
            piece.push_str(if item { "\n" } else { "\n\n" });
        }
    }
    pieces.push(piece);
    pieces
        .into_iter()
        .map(|p| p.trim().to_owned())
        .filter(|p| !p.is_empty())
        .collect()
}

/// Paragraphs and list items.
fn blocks(text: &str) -> Vec<&str> {
    let mut blocks = Vec::new();
    let (mut start, mut end) = (0, 0);
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let blank = line.trim().is_empty();
        if (blank || is_item(line)) && end > start {
            blocks.push(text[start..end].trim());
            start = at;
        }
        if blank {
            start = at + line.len();
        }
        at += line.len();
        end = if blank { start } else { at };
    }
    if end > start {
        blocks.push(text[start..end].trim());
    }
    blocks.retain(|b| !b.is_empty());
    blocks
}

/// `- x`, `* x`, `• x`, `1. x`, `(a) x`, `b) x`.
fn is_item(line: &str) -> bool {
    let line = line.trim_start();
    let Some((mark, _)) = line.split_once(char::is_whitespace) else {
        return false;
    };
    matches!(mark, "-" | "*" | "+" | "•" | "–" | "·" | "▪" | "o")
        || (mark.ends_with(['.', ')'])
            && mark.len() <= 6
            && mark
                .trim_start_matches('(')
                .trim_end_matches(['.', ')'])
                .chars()
                .all(|c| c.is_ascii_digit() || c.is_ascii_lowercase())
            && (mark.ends_with(')') || mark.starts_with(|c: char| c.is_ascii_digit())))
}

/// A block of more than a piece's length, sentence by sentence; others whole.
fn parts(block: &str) -> Vec<&str> {
    if block.len() <= PIECE {
        return vec![block];
    }
    let mut parts = Vec::new();
    let mut start = 0;
    for (from, to) in sentences(block) {
        if to - start > PIECE && from > start {
            parts.push(block[start..from].trim());
            start = from;
        }
    }
    parts.push(block[start..].trim());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_path_holds_all_headings_above() {
        let found = sections("intro\n# T\na\n## B\nb\n### C\nc\n## D\nd\n", "T");
        let paths: Vec<&str> = found.iter().map(|s| s.path.as_str()).collect();
        assert_eq!(paths, ["", "", "B", "B › C", "D"]);
    }

    #[test]
    fn items_keep_their_lead_in() {
        let items: Vec<String> = (0..40)
            .map(|n| {
                format!(
                    "({}) a thing of sixty letters that must be said here, number {n}",
                    n + 1
                )
            })
            .collect();
        let text = format!(
            "{}\n\nThe firm must:\n{}",
            "Word. ".repeat(180),
            items.join("\n")
        );
        let found = pieces(&text);
        assert!(found.len() >= 3, "{}", found.len());
        for piece in &found[1..] {
            assert!(piece.starts_with("The firm must:\n("), "{piece}");
            assert!(piece.len() <= LONG, "{}", piece.len());
        }
        assert!(!found[0].contains("The firm must"));
        assert_eq!(
            found
                .iter()
                .map(|p| p.matches("number").count())
                .sum::<usize>(),
            40
        );
    }

    proptest! {
        #[test]
        fn no_word_is_lost(words in prop::collection::vec("[a-z]{1,9}[.:]?|\n\n|\n- ", 0..900)) {
            let text = words.join(" ");
            let held: std::collections::BTreeSet<String> = pieces(&text)
                .iter()
                .flat_map(|p| p.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
                .collect();
            for word in text.split_whitespace() {
                prop_assert!(held.contains(word), "{word}");
            }
        }
    }
}
