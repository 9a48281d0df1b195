//! The views of one part that lexical rules run on.

use super::html;
use super::mapped::{self, Mapped};
use std::borrow::Cow;

/// Which view of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViewKind {
    /// What a reader sees.
    Visible,
    /// Attribute values of mark-up (alt, title, link targets).
    Attributes,
    /// What the text says once disguises are undone.
    Skeleton,
}

impl ViewKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Visible => "visible",
            Self::Attributes => "attributes",
            Self::Skeleton => "skeleton",
        }
    }
}

/// One view with its sentences.
#[derive(Clone, Debug)]
pub struct View {
    pub kind: ViewKind,
    pub mapped: Mapped,
    pub sentences: Vec<(usize, usize)>,
}

impl View {
    fn new(kind: ViewKind, mapped: Mapped) -> Self {
        let sentences = super::sentence::sentences(mapped.text());
        Self {
            kind,
            mapped,
            sentences,
        }
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
    let mut all = Vec::with_capacity(3);
    let source = Mapped::identity(text);
    let marked_up = html::looks_like_html(text);
    let visible = if marked_up {
        mapped::tidy(&html::visible_text(text))
    } else {
        mapped::tidy(&source)
    };
    let skeleton = mapped::needs_skeleton(visible.text())
        .then(|| {
            mapped::skeleton(&if marked_up {
                html::visible_text(text)
            } else {
                source
            })
        })
        .filter(|s| s.text() != visible.text());
    if marked_up {
        let attributes = mapped::tidy(&html::attribute_text(text));
        if !attributes.text().trim().is_empty() {
            all.push(View::new(ViewKind::Attributes, attributes));
        }
    }
    all.insert(0, View::new(ViewKind::Visible, visible));
    if let Some(skeleton) = skeleton {
        all.push(View::new(ViewKind::Skeleton, skeleton));
    }
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
