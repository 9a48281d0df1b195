//! The texts that are taken from a page: what is shown, what only some readers show, attributes, links.

use super::dom::DomNodeKind;
use super::entities::decode;
use super::flow::{Flow, FlowPiece};
use super::page::{HtmlPage, WalkStep};
use super::parse::{Attribute, Tag};
use super::style::Audience;
use super::write::{HtmlTextWriter, decoded};
use crate::text::hidden;
use crate::text::mapped::Mapped;
use crate::text::marks::Raised;
use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// A page with its pieces in order, from which each text is taken.
pub struct PageView<'p, 's> {
    page: &'p HtmlPage<'s>,
    flow: Flow,
}

/// A link, and the text that a reader clicks on.
#[derive(Debug)]
pub struct Link<'p> {
    pub tag: &'p Tag,
    pub text: Mapped,
    /// Byte offsets of its content in the source.
    pub from: usize,
    pub to: usize,
}

/// Texts of attributes: those of shown elements, and those that no reader is shown as a part of the page.
#[derive(Debug, Default)]
pub struct AttributeTexts {
    pub shown: Mapped,
    pub unshown: Mapped,
}

impl<'s> HtmlPage<'s> {
    pub fn shown(&self) -> PageView<'_, 's> {
        PageView {
            page: self,
            flow: Flow::of(self),
        }
    }
}

impl<'p> PageView<'p, '_> {
    /// What a reader of the page sees. A word that tags or entities part is whole, hidden elements leave no trace.
    pub fn visible(&self) -> Mapped {
        self.written(0..self.flow.pieces.len(), FlowPiece::is_seen)
    }

    fn written(&self, range: Range<usize>, wanted: impl Fn(&FlowPiece) -> bool) -> Mapped {
        let mut writer = HtmlTextWriter::new(self.page.source, self.page.source.len() / 4);
        for index in range.clone() {
            let piece = &self.flow.pieces[index];
            if wanted(piece) {
                writer.piece(piece, || self.following(index + 1..range.end, &wanted));
            }
        }
        writer.finish()
    }

    /// The next text, for a mark that asks what it stands before.
    fn following(&self, range: Range<usize>, wanted: &impl Fn(&FlowPiece) -> bool) -> String {
        let near = range.start..range.end.min(range.start + 4);
        self.flow.pieces[near]
            .iter()
            .find_map(|piece| match piece {
                FlowPiece::Text { at, .. } if wanted(piece) => Some(decoded(
                    self.page.source,
                    (
                        at.0,
                        self.page.source.ceil_char_boundary((at.0 + 10).min(at.1)),
                    ),
                )),
                _ => None,
            })
            .unwrap_or_default()
    }

    /// What the page hides and some readers show all the same: the inbox list, a phone, an older mail program. Each line
    /// that holds such a text stands here as it reads with it, and the hidden text alone.
    pub fn hidden(&self) -> Mapped {
        let mut writer = HtmlTextWriter::new(self.page.source, 64);
        let pieces = &self.flow.pieces;
        let mut from = 0;
        while from < pieces.len() {
            let is_border = |piece: &FlowPiece| matches!(piece, FlowPiece::Break { .. });
            let length = pieces[from..]
                .iter()
                .position(is_border)
                .unwrap_or(pieces.len() - from);
            let line = from..from + length;
            from = line.end + 1;
            let texts = || {
                pieces[line.clone()]
                    .iter()
                    .filter(|p| matches!(p, FlowPiece::Text { .. }))
            };
            let hides = texts().any(|p| !p.is_seen() && self.says_something(p));
            if !hides {
                continue;
            }
            self.add_line(&mut writer, line.clone(), |_| true);
            if texts().any(|p| p.is_seen() && self.says_something(p)) {
                self.add_line(&mut writer, line, |p| !p.is_seen());
            }
        }
        for at in &self.flow.titles {
            writer.block((at.0, at.0));
            writer.piece(&FlowPiece::shown(*at), String::new);
        }
        writer.finish()
    }

    /// The hidden texts without what stands beside them.
    pub fn hidden_alone(&self) -> Mapped {
        let mut writer = HtmlTextWriter::new(self.page.source, 64);
        let mut passed_over = true;
        for (index, piece) in self.flow.pieces.iter().enumerate() {
            let border = matches!(piece, FlowPiece::Break { .. });
            if !border && !piece.is_seen() {
                if std::mem::take(&mut passed_over) {
                    writer.block((piece.start(), piece.start()));
                }
                let all = index + 1..self.flow.pieces.len();
                writer.piece(piece, || self.following(all, &|p| !p.is_seen()));
            }
            passed_over |= border || piece.is_seen() && self.says_something(piece);
        }
        writer.finish()
    }

    fn add_line(
        &self,
        writer: &mut HtmlTextWriter<'_>,
        line: Range<usize>,
        wanted: impl Fn(&FlowPiece) -> bool,
    ) {
        let place = self.flow.pieces.get(line.start).map_or(0, FlowPiece::start);
        writer.block((place, place));
        let mut passed_over = false;
        for index in line.clone() {
            let piece = &self.flow.pieces[index];
            if wanted(piece) {
                if std::mem::take(&mut passed_over) {
                    writer.line((place, place));
                }
                writer.piece(piece, || self.following(index + 1..line.end, &wanted));
            } else {
                passed_over |= self.says_something(piece);
            }
        }
    }

    /// More than white space and the invisible characters that fill a preview line.
    fn says_something(&self, piece: &FlowPiece) -> bool {
        let FlowPiece::Text { at, .. } = piece else {
            return false;
        };
        let mut says = false;
        decode(self.page.source, *at, false, |c, _, _| {
            says |= !c.is_whitespace() && !hidden::is_default_ignorable(c);
        });
        says
    }

    /// The links with their texts, in order of their ends.
    pub fn links(&self) -> Vec<Link<'p>> {
        self.flow
            .links
            .iter()
            .filter_map(|place| {
                let node = &self.page.nodes[place.id as usize];
                // Mended mark-up has no end tag of its own to ask for.
                let texts = self.flow.pieces[place.from..place.to].iter();
                let last = texts.filter_map(|piece| match piece {
                    FlowPiece::Text { at, .. } => Some(at.1),
                    _ => None,
                });
                Some(Link {
                    tag: self.page.tag(place.id)?,
                    text: self.written(place.from..place.to, FlowPiece::is_clicked),
                    from: node.open_end,
                    to: last.max().unwrap_or(0).max(node.open_end),
                })
            })
            .collect()
    }

    /// Where struck-out text stands in the source.
    pub fn struck(&self) -> Vec<Range<usize>> {
        self.flow
            .pieces
            .iter()
            .filter_map(|piece| match piece {
                FlowPiece::Text {
                    at, struck: true, ..
                } => Some(at.0..at.1),
                _ => None,
            })
            .collect()
    }

    /// Values of the attributes that a reader may be shown, one a line.
    pub fn attributes(&self) -> AttributeTexts {
        let source = self.page.source;
        let mut shown = Mapped::builder(256);
        let mut unshown = Mapped::builder(64);
        if self.page.nodes.is_empty() {
            for tag in &self.page.tokens.tags {
                for attribute in values_of(tag) {
                    add_value(&mut shown, source, attribute);
                }
            }
        }
        self.page.walk(|step| {
            let WalkStep::Enter(id) = step else { return };
            let Some(tag) = self.page.tag(id) else { return };
            let node = &self.page.nodes[id as usize];
            // A tag that HTML repeats is said once.
            if node.start != tag.start || !matches!(node.kind, DomNodeKind::Element { .. }) {
                return;
            }
            let is_shown = self.page.style(id).shows() && tag.name != "meta";
            let out = if is_shown { &mut shown } else { &mut unshown };
            for attribute in values_of(tag) {
                add_value(out, source, attribute);
            }
        });
        for (from, to) in &self.flow.fragments {
            for tag in tags_between(source, *from, *to) {
                for attribute in values_of(&tag) {
                    add_value(&mut unshown, source, attribute);
                }
            }
        }
        for (from, to) in self.page.style_texts() {
            for found in WRITTEN_BY_STYLE.captures_iter(&source[from..to]) {
                let Some(text) = found.name("double").or(found.name("single")) else {
                    continue;
                };
                let at = (from + text.start(), from + text.end());
                for c in without_escapes(text.as_str()).chars() {
                    unshown.push(c, at.0, at.1);
                }
                unshown.push('\n', at.1, at.1);
            }
        }
        AttributeTexts { shown, unshown }
    }
}

impl FlowPiece {
    fn is_seen(&self) -> bool {
        match self {
            Self::Text { seen, .. } => *seen == Audience::ByAll,
            Self::Break { seen, .. } => *seen,
            Self::Sign { .. } => true,
        }
    }

    /// Part of a link's words, for most readers.
    fn is_clicked(&self) -> bool {
        self.is_seen()
            || matches!(
                self,
                Self::Text {
                    seen: Audience::NotInOutlook,
                    ..
                }
            )
    }

    fn start(&self) -> usize {
        match self {
            Self::Text { at, .. } | Self::Break { at, .. } | Self::Sign { at, .. } => at.0,
        }
    }

    fn shown(at: (usize, usize)) -> Self {
        Self::Text {
            at,
            raw: false,
            seen: Audience::ByAll,
            keeps_lines: false,
            raised: Raised::No,
            struck: false,
        }
    }
}

/// `content: "…"` of a style sheet.
#[expect(
    clippy::expect_used,
    reason = "constant pattern, covered by this module's tests"
)]
static WRITTEN_BY_STYLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)content\s*:\s*[^;}"']*(?:"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>(?:[^'\\]|\\.)*)')"#)
        .expect("constant pattern")
});

/// `\201C` and `\A ` of a style sheet's string.
fn without_escapes(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let mut code = String::new();
        while code.len() < 6
            && let Some(digit) = rest.next_if(char::is_ascii_hexdigit)
        {
            code.push(digit);
        }
        if code.is_empty() {
            out.extend(rest.next());
            continue;
        }
        rest.next_if(char::is_ascii_whitespace);
        out.extend(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32));
    }
    out
}

/// Names of `meta` that speak to machines alone.
const FOR_MACHINES: [&str; 9] = [
    "viewport",
    "format-detection",
    "color-scheme",
    "supported-color-schemes",
    "generator",
    "robots",
    "theme-color",
    "referrer",
    "x-apple-disable-message-reformatting",
];

fn values_of(tag: &Tag) -> impl Iterator<Item = &Attribute> {
    let is = |name: &str, values: &[&str]| {
        tag.attribute(name)
            .is_some_and(|a| values.iter().any(|v| a.value.eq_ignore_ascii_case(v)))
    };
    let spoken_meta =
        tag.name == "meta" && !is("name", &FOR_MACHINES) && tag.attribute("http-equiv").is_none();
    let labelled = tag.name == "button"
        || tag.name == "input" && !is("type", &["hidden", "checkbox", "radio", "image", "file"]);
    tag.attributes
        .iter()
        .filter(move |attribute| match attribute.name.as_str() {
            "alt" | "title" | "href" | "aria-label" | "aria-description" | "aria-valuetext"
            | "aria-placeholder" | "placeholder" | "label" | "summary" | "abbr" | "srcdoc" => true,
            "content" => spoken_meta,
            "value" => labelled,
            _ => false,
        })
}

fn add_value(out: &mut Mapped, source: &str, attribute: &Attribute) {
    decode(
        source,
        (attribute.start, attribute.end),
        true,
        |c, start, end| out.push(c, start, end),
    );
    out.push('\n', attribute.end, attribute.end);
}

/// The start tags of a part of the source, without a tree.
fn tags_between(source: &str, from: usize, to: usize) -> Vec<Tag> {
    let inner = &source[from..to];
    let place = |span: Span<usize>| {
        let end = inner.ceil_char_boundary(span.end.min(inner.len()));
        let start = inner.floor_char_boundary(span.start.min(end));
        (from + start, from + end)
    };
    let mut tags: Vec<Tag> = Vec::new();
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, span: Span<usize>| {
        match event {
            CallbackEvent::OpenStartTag { name } => tags.push(Tag {
                name: String::from_utf8_lossy(name).into_owned(),
                attributes: Vec::new(),
                start: place(span).0,
                end: place(span).1,
            }),
            CallbackEvent::AttributeName { name } => {
                let (_, end) = place(span);
                if let Some(tag) = tags.last_mut() {
                    tag.attributes.push(Attribute {
                        name: String::from_utf8_lossy(name).into_owned(),
                        value: String::new(),
                        start: end,
                        end,
                    });
                }
            }
            CallbackEvent::AttributeValue { value } => {
                let (start, end) = place(span);
                if let Some(last) = tags.last_mut().and_then(|t| t.attributes.last_mut()) {
                    last.value = String::from_utf8_lossy(value).into_owned();
                    (last.start, last.end) = (start, end);
                }
            }
            _ => {}
        }
        None::<std::convert::Infallible>
    });
    emitter.naively_switch_states(true);
    let Ok(()) = Tokenizer::new_with_emitter(inner, emitter).finish();
    tags
}
