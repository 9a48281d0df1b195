//! The parts of a message as a reader sees them, with the way back to the original's bytes.

use crate::domain::finding::Part;
use crate::domain::message::Message;
use crate::text::html::{self, HtmlPage};
use crate::text::mapped::Mapped;
use std::ops::Range;

/// One part: mark-up taken out where there is any.
pub(super) struct PartReading<'m> {
    pub part: Part,
    source: &'m str,
    visible: Option<Mapped>,
    /// Bytes of the reading's text that are struck out: what stood there is past.
    struck: Vec<Range<usize>>,
}

/// Subject, preheader, body and further texts, and of an HTML part that repeats the body what it hides: the rest of it is
/// not counted twice. The name of a sender or a file states nothing.
pub(super) fn readings(message: &Message) -> impl Iterator<Item = PartReading<'_>> {
    let page = message.html.as_deref().map(HtmlPage::read);
    message
        .parts()
        .into_iter()
        .filter(|(part, _)| message.stands_for(*part).is_some())
        .filter_map(move |(part, source)| {
            let mut struck = Vec::new();
            let visible = match (part, &page) {
                (_, Some(page)) if message.repeats_body(part) => Some(page.shown().hidden_alone())
                    .filter(|hidden| !hidden.text().trim().is_empty())
                    .map(Some)?,
                (Part::Body, Some(page)) if !html::looks_like_html(source) => {
                    struck = struck_in_body(source, page);
                    None
                }
                _ => html::looks_like_html(source).then(|| {
                    let page = HtmlPage::read(source);
                    let shown = page.shown();
                    let visible = shown.visible();
                    struck = behind(&visible, &shown.struck());
                    visible
                }),
            };
            Some(PartReading {
                part,
                source,
                visible,
                struck,
            })
        })
}

/// What the HTML part strikes out, in a body that was read from it.
fn struck_in_body(body: &str, page: &HtmlPage<'_>) -> Vec<Range<usize>> {
    let shown = page.shown();
    let struck = shown.struck();
    if struck.is_empty() {
        return struck;
    }
    let visible = shown.visible();
    let Some(before) = visible
        .text()
        .find(body.trim())
        .filter(|_| visible.text().trim() == body.trim())
    else {
        return Vec::new();
    };
    let lead = body.len() - body.trim_start().len();
    behind(&visible, &struck)
        .into_iter()
        .filter(|range| range.start >= before)
        .map(|range| range.start - before + lead..range.end - before + lead)
        .collect()
}

/// The ranges of a changed text that stand for those of its source.
fn behind(text: &Mapped, sources: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    for (c, start, end) in text.chars() {
        let next = at + c.len_utf8();
        let index = sources.partition_point(|range| range.end < end);
        let struck = sources
            .get(index)
            .is_some_and(|range| range.start <= start && end <= range.end && start < end);
        if struck {
            match found.last_mut() {
                Some(last) if last.end == at => last.end = next,
                _ => found.push(at..next),
            }
        }
        at = next;
    }
    found
}

impl PartReading<'_> {
    pub fn text(&self) -> &str {
        self.visible.as_ref().map_or(self.source, |m| m.text())
    }

    /// Whether a span of the text is struck out as a whole.
    pub fn is_struck(&self, from: usize, to: usize) -> bool {
        self.struck
            .iter()
            .any(|range| range.start <= from && to <= range.end)
    }

    /// Where a span of the text stands in the original.
    pub fn original(&self, from: usize, to: usize) -> (usize, usize) {
        self.visible
            .as_ref()
            .map_or((from, to), |m| m.original(from, to))
    }
}
