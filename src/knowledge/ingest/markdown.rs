//! Markdown by CommonMark's rules, put into the plain form that is cut into passages: what is no text taken out, entities
//! and escapes undone, every heading on a line of its own with its `#`.

use super::super::document::{Document, DocumentError, told};
use super::front;
use crate::text::html::{Block, Blocks};
use crate::text::marks::{self, Raised, RaisedText};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::ops::Range;

impl Document {
    /// Markdown with front matter; without it the file's name is the id.
    ///
    /// # Errors
    /// The front matter is not closed, cannot be read, or says what is not understood.
    pub fn parse_markdown(text: &str, stem: &str) -> Result<Self, DocumentError> {
        let (fields, body) = front::split(text)?;
        let mut document = Self::default();
        fields.apply(&mut document);
        let mut edits = Edits::default();
        edits.collect(body);
        document.text = edits.applied(body);
        for (count, what, done) in [
            (
                edits.struck,
                "struck-out text",
                "left out: it holds no more",
            ),
            (
                edits.hidden,
                "comments and hidden text",
                "left out: no reader sees it",
            ),
        ] {
            if count > 0 {
                let places = if count == 1 { "place" } else { "places" };
                document
                    .remarks
                    .push(told(what, format!("{count} {places}"), done));
            }
        }
        if document.id.is_empty() {
            stem.clone_into(&mut document.id);
        }
        if document.title.is_empty() {
            document.title = document
                .text
                .lines()
                .find_map(|l| l.strip_prefix("# "))
                .unwrap_or(stem)
                .trim()
                .to_owned();
        }
        Ok(document)
    }
}

/// Changes to a source, in its order.
#[derive(Default)]
struct Edits {
    all: Vec<(Range<usize>, String)>,
    struck: usize,
    hidden: usize,
}

/// An element of HTML within a line.
struct Inline {
    name: String,
    start: usize,
    inner: usize,
}

impl Edits {
    fn put(&mut self, range: Range<usize>, text: impl Into<String>) {
        self.all.push((range, text.into()));
    }

    fn collect(&mut self, source: &str) {
        let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES;
        let mut html: Option<Range<usize>> = None;
        let mut open: Vec<Inline> = Vec::new();
        let mut code = false;
        for (event, range) in Parser::new_ext(source, options).into_offset_iter() {
            match event {
                Event::Start(Tag::HtmlBlock) => html = Some(range),
                Event::End(TagEnd::HtmlBlock) => {
                    if let Some(range) = html.take() {
                        self.block(source, range);
                    }
                }
                Event::Start(Tag::Strikethrough) => {
                    self.struck += 1;
                    self.put(range, " ");
                }
                Event::Start(Tag::Heading { level, .. }) => {
                    self.heading(source, range, level as usize);
                }
                Event::Start(Tag::CodeBlock(_)) => code = true,
                Event::End(TagEnd::CodeBlock) => code = false,
                Event::Text(_) if code => {
                    // A comment of code makes no heading.
                    let mut at = range.start;
                    for line in source[range].split_inclusive('\n') {
                        if line.starts_with('#') && starts_line(source, at) {
                            self.put(at..at, " ");
                        }
                        at += line.len();
                    }
                }
                Event::Text(text) => self.text(source, range, &text),
                Event::InlineHtml(_) => self.inline(source, range, &mut open),
                _ => {}
            }
        }
    }

    /// Entities are decoded, backslashes of escapes go, unless a line would become something else without them.
    fn text(&mut self, source: &str, range: Range<usize>, text: &str) {
        let written = &source[range.clone()];
        if written != text && written.starts_with('&') {
            self.put(range.clone(), text);
        }
        let escaped = range.start > 0
            && source.as_bytes()[range.start - 1] == b'\\'
            && written.starts_with(|c: char| c.is_ascii_punctuation());
        let begins = range.start > 0 && starts_line(source, range.start - 1);
        if escaped && !(begins && written.starts_with(['#', '-', '*', '+', '>', '`'])) {
            self.put(range.start - 1..range.start, "");
        }
    }

    fn heading(&mut self, source: &str, range: Range<usize>, level: usize) {
        let written = source[range.clone()].trim_end();
        let mark = "#".repeat(level);
        if let Some(rest) = written.strip_prefix(&mark) {
            // `## Fees ##`
            let closing = rest.trim_end_matches('#');
            if closing.len() < rest.len() && closing.ends_with([' ', '\t']) {
                let from = range.start + mark.len() + closing.trim_end().len();
                self.put(from..range.start + written.len(), "");
            }
            if !starts_line(source, range.start) {
                let from = source[..range.start].rfind('\n').map_or(0, |at| at + 1);
                if source[from..range.start].trim().is_empty() {
                    self.put(from..range.start, "");
                }
            }
            return;
        }
        // Underlined: the line below it is its mark, and lines of it are one.
        let Some((text, _)) = written.rsplit_once('\n') else {
            return;
        };
        self.put(range.start..range.start, format!("{mark} "));
        for (at, _) in text.match_indices('\n') {
            self.put(range.start + at..range.start + at + 1, " ");
        }
        self.put(range.start + text.len()..range.start + written.len(), "");
    }

    /// A block of HTML as its reader shows it.
    fn block(&mut self, source: &str, range: Range<usize>) {
        let read = Blocks::of(&source[range.clone()]);
        self.struck += read.struck.len();
        let comments = source[range.clone()].matches("<!--").count();
        self.hidden += read.hidden + comments;
        let mut out = String::new();
        for block in read.blocks {
            let (mark, text, end) = match block {
                Block::Title(_) => continue,
                Block::Heading(level, text) => (format!("\n{} ", "#".repeat(level)), text, "\n\n"),
                Block::Item(text) => ("- ".to_owned(), text, "\n"),
                Block::Paragraph(text) => (String::new(), text, "\n\n"),
            };
            out.push_str(&mark);
            out.push_str(&text);
            out.push_str(end);
        }
        self.put(range, out);
    }

    /// A tag within a line: it goes, and so does the text of what is struck out or hidden.
    fn inline(&mut self, source: &str, range: Range<usize>, open: &mut Vec<Inline>) {
        let written = &source[range.clone()];
        if written.starts_with("<!--") {
            self.hidden += 1;
            self.put(range, "");
            return;
        }
        let name: String = written
            .trim_start_matches(['<', '/'])
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_lowercase();
        if !written.starts_with("</") {
            let flat: String = written.chars().filter(|c| !c.is_whitespace()).collect();
            let flat = flat.to_ascii_lowercase();
            let unseen = flat.contains("display:none")
                || flat.contains("visibility:hidden")
                || written.to_ascii_lowercase().contains(" hidden");
            let kind = if unseen {
                "template".to_owned()
            } else {
                name.clone()
            };
            if name != "br" && !written.ends_with("/>") {
                open.push(Inline {
                    name: kind,
                    start: range.start,
                    inner: range.end,
                });
            }
            self.put(range, if name == "br" { " " } else { "" });
            return;
        }
        self.put(range.clone(), "");
        let Some(at) = open
            .iter()
            .rposition(|tag| tag.name == name || tag.name == "template")
        else {
            return;
        };
        let Some(tag) = open.drain(at..).next() else {
            return;
        };
        let inner = &source[tag.inner..range.start];
        match tag.name.as_str() {
            "del" | "s" | "strike" => {
                self.struck += 1;
                self.put(tag.start..range.end, " ");
            }
            "template" | "script" | "style" => {
                self.hidden += 1;
                self.put(tag.start..range.end, "");
            }
            "sup" | "sub" => {
                let raised = if tag.name == "sup" {
                    Raised::Up
                } else {
                    Raised::Down
                };
                let behind = source[range.end..].chars().take(8).collect::<String>();
                let before = &source[..tag.start];
                // A fraction's lower part stands behind the tag of its upper one.
                let before = before.strip_suffix("</sup>").unwrap_or(before);
                if let RaisedText::As(text) = marks::written(inner, raised, before, || behind) {
                    self.put(tag.start..range.end, text);
                }
            }
            _ => {}
        }
    }

    /// The source with all changes; of two that overlap the wider holds.
    fn applied(&mut self, source: &str) -> String {
        self.all
            .sort_by(|(a, _), (b, _)| a.start.cmp(&b.start).then(b.end.cmp(&a.end)));
        let mut out = String::with_capacity(source.len());
        let mut at = 0;
        for (range, text) in &self.all {
            if range.start < at {
                continue;
            }
            out.push_str(&source[at..range.start]);
            out.push_str(text);
            at = range.end;
        }
        out.push_str(&source[at..]);
        out
    }
}

fn starts_line(source: &str, at: usize) -> bool {
    at == 0 || source.as_bytes()[at - 1] == b'\n'
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(source: &str) -> String {
        Document::parse_markdown(source, "x").unwrap().text
    }

    #[test]
    fn what_is_no_text_goes_and_the_rest_stays() {
        for (source, read) in [
            ("A <!-- internal: $1 --> fee.\n", "A  fee.\n"),
            ("<!-- internal -->\n\nFee.\n", "\n\nFee.\n"),
            ("Was ~~7.99%~~ 6.99%\n", "Was   6.99%\n"),
            ("Was <del>7.99%</del> 6.99%\n", "Was   6.99%\n"),
            ("&euro;20 and \\$16 &amp; more\n", "€20 and $16 & more\n"),
            ("Fees\n====\n\nx\n", "# Fees\n\nx\n"),
            ("Two\nlines\n---\nx\n", "## Two lines\nx\n"),
            ("## Fees ##\nx\n", "## Fees\nx\n"),
            (
                "$500<sup>1</sup> **bold** [a](b)\n",
                "$500¹ **bold** [a](b)\n",
            ),
            ("```\n# no heading\n```\n", "```\n # no heading\n```\n"),
            ("\\# no heading\n", "\\# no heading\n"),
            ("<template>secret</template>\n\nx\n", "\n\nx\n"),
            ("- a\n- b\n\n1. c\n", "- a\n- b\n\n1. c\n"),
        ] {
            assert_eq!(text(source).trim(), read.trim(), "{source}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(source in "(---\n|\\+\\+\\+\n|# |~~|<!--|-->|<del>|</del>|<sup>|</sup>|<p>|&amp;|\\\\|```|\n|===|[a-z é$0-9*_|-]){0,40}") {
            let _ = Document::parse_markdown(&source, "x");
        }
    }
}
