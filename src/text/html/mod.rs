//! HTML as its readers see it: parsed by HTML's own rules, with the way back to every byte of the source.
//!
//! `parse` makes tokens and the tree, `style` works out how each element looks, `flow` lines up the pieces of text in
//! reading order, and `view` takes from them what is shown, what is hidden, and what stands in attributes. `blocks` gives
//! headings, items and paragraphs of a document. Nothing fails: a page past the limits is read without its tree, and says so.

mod as_read;
mod blocks;
mod colour;
mod css;
mod dom;
mod elements;
mod entities;
mod flow;
mod page;
mod parse;
mod style;
mod values;
mod view;
mod write;

pub use as_read::as_read;
pub use blocks::{Block, Blocks};
pub use page::HtmlPage;
pub use parse::{Attribute, Tag};
pub use view::{AttributeTexts, Link, PageView};

use super::mapped::Mapped;
use std::ops::Range;

/// Whether the text looks like it holds mark-up at all.
pub fn looks_like_html(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'<', bytes).any(|at| {
        bytes
            .get(at + 1)
            .is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'/' | b'!'))
    })
}

/// What the page hides and an inbox list may show beside the subject: the preview line, without what fills it up.
pub fn preview_line(source: &str) -> String {
    let hidden = HtmlPage::read(source).shown().hidden_alone();
    let words: Vec<&str> = hidden.text().split_whitespace().collect();
    words.join(" ")
}

/// What a reader sees.
pub fn visible_text(source: &str) -> Mapped {
    HtmlPage::read(source).shown().visible()
}

/// Where struck-out text, a former price perhaps, stands in the source.
pub fn struck(source: &str) -> Vec<Range<usize>> {
    HtmlPage::read(source).shown().struck()
}

#[cfg(test)]
mod tests;
