//! The parts of a message as a reader sees them, with the way back to the original's bytes.

use crate::domain::finding::Part;
use crate::domain::message::Message;
use crate::text::html;
use crate::text::mapped::Mapped;

/// One part: mark-up taken out where there is any.
pub(super) struct Reading<'m> {
    pub part: Part,
    source: &'m str,
    visible: Option<Mapped>,
}

/// Subject, preheader, body and further texts. An HTML part that repeats the body is not counted twice, and the name of
/// a sender or a file states nothing.
pub(super) fn readings(message: &Message) -> impl Iterator<Item = Reading<'_>> {
    message
        .parts()
        .into_iter()
        .filter(|(part, _)| !message.repeats_body(*part) && message.stands_for(*part).is_some())
        .map(|(part, source)| Reading {
            part,
            source,
            visible: html::looks_like_html(source).then(|| html::visible_text(source)),
        })
}

impl Reading<'_> {
    pub fn text(&self) -> &str {
        self.visible.as_ref().map_or(self.source, |m| m.text())
    }

    /// Where a span of the text stands in the original.
    pub fn original(&self, from: usize, to: usize) -> (usize, usize) {
        self.visible
            .as_ref()
            .map_or((from, to), |m| m.original(from, to))
    }
}
