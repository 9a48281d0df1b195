//! A message as the rules read it: its parts, each in the views that readers and their software have of it.

use crate::domain::finding::Part;
use crate::domain::message::Message;
use crate::domain::recipient_day::RecipientDay;
use crate::text::html::{self, HtmlPage};
use crate::text::view::{self, View, ViewKind};
use chrono::NaiveDate;

/// A message read once, for all rules.
pub struct Prepared<'m> {
    pub message: &'m Message,
    pub parts: Vec<PreparedPart<'m>>,
    /// The day at the recipient: its law applies. Of several that it may be, a law of either does.
    pub day: Option<RecipientDay>,
}

pub struct PreparedPart<'m> {
    pub part: Part,
    pub source: &'m str,
    /// The part's mark-up, if it holds any.
    pub page: Option<HtmlPage<'m>>,
    pub views: Vec<View>,
}

impl PreparedPart<'_> {
    /// The view of what every reader is shown.
    pub(super) fn visible(&self) -> Option<&View> {
        self.views.iter().find(|v| v.kind == ViewKind::Visible)
    }

    /// What every reader is shown.
    pub(super) fn shown(&self) -> &str {
        self.visible().map_or("", View::text)
    }
}

impl<'m> Prepared<'m> {
    pub fn new(message: &'m Message) -> Self {
        let parts = message
            .parts()
            .into_iter()
            .map(|(part, source)| {
                let page = html::looks_like_html(source).then(|| HtmlPage::read(source));
                PreparedPart {
                    part,
                    source,
                    views: view::views_of(source, page.as_ref()),
                    page,
                }
            })
            .collect();
        Self {
            message,
            parts,
            day: message.as_of.map(|moment| {
                RecipientDay::of(moment, &message.zones(), message.jurisdiction.as_ref())
            }),
        }
    }

    /// What day it is for the reader who is told "today".
    pub(super) fn today(&self) -> Option<NaiveDate> {
        self.day.map(|day| day.today)
    }

    /// Whether any view of any part does, or any that every reader is shown.
    pub(super) fn in_any_view(&self, shown_to_all: bool, matches: impl Fn(&str) -> bool) -> bool {
        self.parts.iter().any(|p| {
            let shown = self.message.shows(p.part);
            p.views
                .iter()
                .any(|v| (!shown_to_all || shown && v.counts) && matches(v.text()))
        })
    }

    /// Whether any text that every reader is shown does: what a message must say counts nowhere else.
    pub fn anywhere(&self, matches: impl Fn(&str) -> bool) -> bool {
        self.in_any_view(true, matches)
    }

    pub(super) fn shown_parts(&self) -> impl Iterator<Item = &PreparedPart<'m>> {
        self.parts.iter().filter(|p| self.message.shows(p.part))
    }

    /// Whether readers are shown the text anywhere, white space and case aside.
    pub fn holds_text(&self, text: &str) -> bool {
        let wanted = view::folded(text);
        !wanted.is_empty()
            && self.shown_parts().any(|p| {
                p.views.iter().any(|v| {
                    v.kind == ViewKind::Visible && view::folded(v.text()).contains(&wanted)
                })
            })
    }
}
