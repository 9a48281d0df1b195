//! A page as a line of pieces in reading order: texts, the breaks between them, and whether a reader sees each.

use super::dom::{DomNodeKind, Id};
use super::elements::parts_words;
use super::page::{HtmlPage, WalkStep};
use super::style::Audience;
use crate::text::marks::Raised;
use html5gum::{DefaultEmitter, Token, Tokenizer};

#[derive(Clone, Debug)]
pub(super) enum FlowPiece {
    Text {
        at: (usize, usize),
        /// Written without entities.
        raw: bool,
        seen: Audience,
        keeps_lines: bool,
        raised: Raised,
        struck: bool,
    },
    /// A border between blocks, or of lines within one (`br`).
    Break {
        at: (usize, usize),
        seen: bool,
        line: bool,
    },
    /// A sign that stands for what mark-up says of the direction.
    Sign { at: (usize, usize), sign: char },
}

/// A link with the pieces that its text is made of.
#[derive(Clone, Debug)]
pub(super) struct LinkPlace {
    pub id: Id,
    pub from: usize,
    pub to: usize,
}

#[derive(Debug, Default)]
pub(super) struct Flow {
    pub pieces: Vec<FlowPiece>,
    pub links: Vec<LinkPlace>,
    /// Parts of the source whose attributes belong to nothing that is shown: hidden mark-up in comments and the like.
    pub fragments: Vec<(usize, usize)>,
    /// Texts of `title` elements.
    pub titles: Vec<(usize, usize)>,
}

impl Flow {
    pub fn of(page: &HtmlPage<'_>) -> Self {
        let mut flow = Self::default();
        if page.nodes.is_empty() {
            flow.flatten(page.source, (0, page.source.len()), Audience::ByAll);
            return flow;
        }
        let mut open: Vec<LinkPlace> = Vec::new();
        let mut anchors = 0_usize;
        page.walk(|step| match step {
            WalkStep::Enter(id) => {
                flow.border(page, id, true);
                if page.name(id) == "a" {
                    anchors += usize::from(is_anchor(page, id));
                    let from = flow.pieces.len();
                    open.push(LinkPlace { id, from, to: from });
                }
            }
            WalkStep::Leave(id) => {
                if page.name(id) == "a"
                    && let Some(mut link) = open.pop()
                {
                    anchors = anchors.saturating_sub(usize::from(is_anchor(page, id)));
                    link.to = flow.pieces.len();
                    flow.links.push(link);
                }
                flow.border(page, id, false);
            }
            WalkStep::Text(id) => flow.text(page, id, anchors > 0),
            WalkStep::Comment(id) => flow.comment(page, id),
        });
        flow.left_over(page);
        flow
    }

    fn border(&mut self, page: &HtmlPage<'_>, id: Id, enter: bool) {
        let node = &page.nodes[id as usize];
        let style = page.style(id);
        let parent = page.style(node.parent);
        let at = if enter {
            (node.start, node.open_end)
        } else {
            (node.close, node.close)
        };
        let name = page.name(id);
        if name == "br" {
            if enter {
                self.pieces.push(FlowPiece::Break {
                    at,
                    seen: !style.gone,
                    line: true,
                });
            }
        } else if style.block {
            self.pieces.push(FlowPiece::Break {
                at,
                seen: !style.gone,
                line: false,
            });
        }
        if style.reversed && !parent.reversed {
            let sign = if enter { '\u{202E}' } else { '\u{202C}' };
            self.pieces.push(FlowPiece::Sign { at, sign });
        }
    }

    fn text(&mut self, page: &HtmlPage<'_>, id: Id, in_anchor: bool) {
        let Some(at) = page.text_of(id) else { return };
        let parent = page.nodes[id as usize].parent;
        let raw = match page.name(parent) {
            "script" | "style" => return,
            "title" => {
                self.titles.push(at);
                return;
            }
            // Their mark-up is text to HTML's rules, and is read by readers that do not know the element.
            "iframe" | "noembed" | "noframes" | "noscript" => {
                self.fragments.push(at);
                self.flatten(page.source, at, Audience::BySome);
                return;
            }
            "xmp" | "plaintext" => true,
            _ => false,
        };
        let style = page.style(parent);
        self.pieces.push(FlowPiece::Text {
            at,
            raw,
            seen: style.seen(),
            keeps_lines: style.keeps_lines,
            raised: match (style.raised, style.lowered, in_anchor) {
                (true, ..) => Raised::Up,
                (_, true, _) => Raised::Down,
                (.., true) => Raised::Anchor,
                _ => Raised::No,
            },
            struck: style.struck,
        });
    }

    /// A comment is no text, but for what some readers show of it, and one that is never closed.
    fn comment(&mut self, page: &HtmlPage<'_>, id: Id) {
        let DomNodeKind::Comment(number) = page.nodes[id as usize].kind else {
            return;
        };
        let Some((from, to)) = page.tokens.comments.get(number as usize).copied() else {
            return;
        };
        let Some(inner) = page.source[from..to].strip_prefix("<!--") else {
            return;
        };
        let closed =
            inner.ends_with("-->") || inner.ends_with("--!>") || inner == ">" || inner == "->";
        let conditional = inner
            .trim_start()
            .get(..3)
            .is_some_and(|start| start.eq_ignore_ascii_case("[if"));
        if conditional && let Some(head) = inner.find("]>") {
            let start = from + 4 + head + 2;
            let end = page.source[start..to]
                .rfind("<![")
                .or_else(|| page.source[start..to].rfind("--"))
                .map_or(to, |at| start + at);
            self.fragments.push((start, end));
            self.flatten(page.source, (start, end), Audience::BySome);
        } else if !closed {
            let mut start = from + 4;
            for part in inner.split("<!--") {
                if !part.trim().is_empty() {
                    let at = (start, start + part.len());
                    self.fragments.push(at);
                    self.flatten(page.source, at, Audience::BySome);
                }
                start += part.len() + 4;
            }
        }
    }

    /// Texts that HTML's rules drop, and what stands behind the last whole tag.
    fn left_over(&mut self, page: &HtmlPage<'_>) {
        let mut kept = vec![false; page.tokens.texts.len()];
        for node in &page.nodes {
            if let DomNodeKind::Text(number, _) = node.kind
                && let Some(kept) = kept.get_mut(number as usize)
            {
                *kept = true;
            }
        }
        for (at, kept) in page.tokens.texts.iter().zip(kept) {
            if !kept && !page.source[at.0..at.1].trim().is_empty() {
                self.hidden_border((at.0, at.0));
                self.pieces.push(hidden_text(*at));
            }
        }
        let rest = (page.tokens.end.min(page.source.len()), page.source.len());
        if rest.0 < rest.1 {
            self.hidden_border((rest.0, rest.0));
            self.pieces.push(hidden_text(rest));
        }
    }

    fn hidden_border(&mut self, at: (usize, usize)) {
        self.pieces.push(FlowPiece::Break {
            at,
            seen: false,
            line: false,
        });
    }

    /// Mark-up that has no tree: its texts, parted by the tags of blocks.
    fn flatten(&mut self, source: &str, (from, to): (usize, usize), seen: Audience) {
        let mut emitter = DefaultEmitter::<usize>::new_with_span();
        emitter.naively_switch_states(true);
        let mut skipped: Option<&[u8]> = None;
        let inner = &source[from..to];
        let place = |start: usize, end: usize| {
            let end = inner.ceil_char_boundary(end.min(inner.len()));
            let start = inner.floor_char_boundary(start.min(end));
            (from + start, from + end)
        };
        let mut last = 0;
        for token in Tokenizer::new_with_emitter(inner, emitter) {
            let Ok(token) = token;
            let (name, span) = match &token {
                Token::StartTag(tag) => {
                    let unshown: [&[u8]; 4] = [b"style", b"script", b"xml", b"template"];
                    if skipped.is_none() {
                        skipped = unshown.into_iter().find(|name| *name == &tag.name[..]);
                    }
                    (&tag.name, tag.span)
                }
                Token::EndTag(tag) => {
                    if skipped.is_some_and(|name| name == &tag.name[..]) {
                        skipped = None;
                    }
                    (&tag.name, tag.span)
                }
                Token::String(text) => {
                    last = last.max(text.span.end);
                    if skipped.is_none() {
                        let at = place(text.span.start, text.span.end);
                        self.pieces.push(FlowPiece::Text {
                            at,
                            raw: false,
                            seen,
                            keeps_lines: false,
                            raised: Raised::No,
                            struck: false,
                        });
                    }
                    continue;
                }
                Token::Comment(comment) => {
                    last = last.max(comment.span.end);
                    continue;
                }
                Token::Doctype(doctype) => {
                    last = last.max(doctype.span.end);
                    continue;
                }
                Token::Error(_) => continue,
            };
            last = last.max(span.end);
            let name = String::from_utf8_lossy(name);
            if name == "br" || parts_words(&name) {
                self.pieces.push(FlowPiece::Break {
                    at: place(span.start, span.end),
                    seen: seen == Audience::ByAll,
                    line: name == "br",
                });
            }
        }
        let rest = place(last, inner.len());
        if rest.0 < rest.1 {
            self.pieces.push(hidden_text(rest));
        }
    }
}

fn hidden_text(at: (usize, usize)) -> FlowPiece {
    FlowPiece::Text {
        at,
        raw: false,
        seen: Audience::BySome,
        keeps_lines: false,
        raised: Raised::No,
        struck: false,
    }
}

pub(super) fn is_anchor(page: &HtmlPage<'_>, id: Id) -> bool {
    page.tag(id)
        .and_then(|tag| tag.attribute("href"))
        .is_some_and(|href| href.value.starts_with('#'))
}
