//! The views of one part that lexical rules run on.

use super::html::{self, HtmlPage};
use super::mapped::{self, Mapped};
use super::numbers::{self, Numerals, Quantity};
use super::skeleton;
use std::borrow::Cow;
use std::cell::OnceCell;

/// Which view of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViewKind {
    /// What a reader sees.
    Visible,
    /// Attribute values of mark-up (alt, title, link targets).
    Attributes,
    /// What the text says once disguises are undone.
    Skeleton,
    /// What a page hides and some readers show all the same, each line as it then reads.
    Hidden,
}

impl ViewKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Visible => "visible",
            Self::Attributes => "attributes",
            Self::Skeleton => "skeleton",
            Self::Hidden => "hidden",
        }
    }
}

/// One view with its sentences.
#[derive(Clone, Debug)]
pub struct View {
    pub kind: ViewKind,
    /// Every reader is shown it, so that it can fulfil what a message must say. What only some are shown is judged alone.
    pub counts: bool,
    pub mapped: Mapped,
    pub sentences: Vec<(usize, usize)>,
    /// Its numbers, once somebody asked.
    quantities: OnceCell<Vec<Quantity>>,
}

impl View {
    fn new(kind: ViewKind, counts: bool, mapped: Mapped) -> Self {
        let sentences = super::sentence::sentences(mapped.text());
        Self {
            kind,
            counts,
            mapped,
            sentences,
            quantities: OnceCell::new(),
        }
    }

    /// Its numbers in reading order, as the numerals of its message have them.
    pub fn quantities(&self, numerals: Numerals) -> &[Quantity] {
        self.quantities
            .get_or_init(|| numbers::quantities_in(self.text(), numerals))
    }

    pub fn text(&self) -> &str {
        self.mapped.text()
    }

    /// The sentence that holds the byte, or the whole text.
    pub fn sentence_at(&self, at: usize) -> (usize, usize) {
        let index = self.sentences.partition_point(|(start, _)| *start <= at);
        match index.checked_sub(1).and_then(|i| self.sentences.get(i)) {
            Some((start, end)) if at < *end => (*start, *end),
            _ => (0, self.text().len()),
        }
    }

    /// The sentence after the one that holds the byte.
    pub fn sentence_after(&self, at: usize) -> Option<&str> {
        let index = self.sentences.partition_point(|(start, _)| *start <= at);
        self.sentences.get(index).map(|(a, b)| &self.text()[*a..*b])
    }
}

/// All views of a part. The skeleton only where it says something else than the visible text.
pub fn views(text: &str) -> Vec<View> {
    let page = html::looks_like_html(text).then(|| HtmlPage::read(text));
    views_of(text, page.as_ref())
}

/// All views of a part that was read as a page already, if it holds mark-up.
pub fn views_of(text: &str, page: Option<&HtmlPage<'_>>) -> Vec<View> {
    let Some(page) = page else {
        return seen(ViewKind::Visible, true, &Mapped::identity(text));
    };
    let shown = page.shown();
    let mut all = seen(ViewKind::Visible, true, &shown.visible());
    let attributes = shown.attributes();
    let behind = all.split_off(1);
    for (counts, text) in [(true, attributes.shown), (false, attributes.unshown)] {
        if !text.text().trim().is_empty() {
            all.push(View::new(ViewKind::Attributes, counts, mapped::tidy(&text)));
        }
    }
    all.extend(behind);
    let hidden = shown.hidden();
    if !hidden.text().trim().is_empty() {
        all.extend(seen(ViewKind::Hidden, false, &hidden));
    }
    all
}

/// A text as it is read, and its skeleton if that says something else.
fn seen(kind: ViewKind, counts: bool, source: &Mapped) -> Vec<View> {
    let visible = mapped::without_marks(&mapped::tidy(source));
    let skeleton = skeleton::needs_skeleton(visible.text())
        .then(|| skeleton::skeleton(source))
        .filter(|s| s.text() != visible.text());
    let mut all = vec![View::new(kind, counts, visible)];
    all.extend(skeleton.map(|s| View::new(ViewKind::Skeleton, counts, s)));
    all
}

/// White space folded to single spaces and case folded: the form in which approved disclosures are compared.
pub fn folded(text: &str) -> String {
    let tidy: Cow<'_, str> = if text.is_ascii() {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(mapped::tidy(&Mapped::identity(text)).text().to_owned())
    };
    tidy.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_has_one_view_and_markup_up_to_three() {
        assert_eq!(views("Your plan is ready.").len(), 1);
        let kinds: Vec<_> = views("<a title='guaranteed' href=x>g0 saf3ly now</a>")
            .iter()
            .map(|v| v.kind)
            .collect();
        assert_eq!(
            kinds,
            [ViewKind::Visible, ViewKind::Attributes, ViewKind::Skeleton]
        );
    }
}
