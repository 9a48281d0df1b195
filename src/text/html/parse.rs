//! Tokens with their places (html5gum) into a tree by HTML's own rules (html5ever).

use super::dom::{DomNode, MARK, NONE, Tree, space_token, text_token};
use html5ever::interface::{Attribute as TreeAttribute, create_element};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{Tag as TreeTag, TagKind, Token, TokenSink, TokenSinkResult};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5ever::{LocalName, Namespace, QualName, ns};
use html5gum::emitters::callback::{Callback, CallbackEmitter, CallbackEvent};
use html5gum::{Emitter, ForwardingEmitter, Span, State, Tokenizer};
use std::collections::HashMap;
use std::convert::Infallible;

/// An attribute of a tag and where its value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    pub name: String,
    pub value: String,
    pub start: usize,
    pub end: usize,
}

/// A start tag, with byte offsets of the whole tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    pub name: String,
    pub attributes: Vec<Attribute>,
    pub start: usize,
    pub end: usize,
}

impl Tag {
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|a| a.name == name)
    }
}

/// What stands in the source, in order.
#[derive(Debug, Default)]
pub(super) struct HtmlTokens {
    pub tags: Vec<Tag>,
    pub texts: Vec<(usize, usize)>,
    pub ends: Vec<(usize, usize)>,
    pub comments: Vec<(usize, usize)>,
    /// Where the last token ends: what stands behind it is an unfinished tag.
    pub end: usize,
}

pub(super) struct ParsedHtml {
    pub tokens: HtmlTokens,
    /// The tree, unless the page is past the limits.
    pub nodes: Option<Vec<DomNode>>,
}

/// Rows and cells alone are a part that stands in somebody's table: outside of one, HTML's rules would drop their tags.
pub(super) fn parse(source: &str) -> ParsedHtml {
    let parsed = parse_in(source, None);
    let tags = &parsed.tokens.tags;
    let in_table = |tag: &&Tag| matches!(tag.name.as_str(), "td" | "th" | "tr" | "tbody" | "table");
    match tags.iter().find(in_table).map(|tag| tag.name.as_str()) {
        Some("td" | "th") => parse_in(source, Some("tr")),
        Some("tr") => parse_in(source, Some("tbody")),
        Some("tbody") => parse_in(source, Some("table")),
        _ => parsed,
    }
}

fn parse_in(source: &str, inside: Option<&str>) -> ParsedHtml {
    let options = TreeBuilderOpts {
        drop_doctype: true,
        ..TreeBuilderOpts::default()
    };
    let tree = Tree::new(source.len());
    let mut reader = TokenRecorder {
        source,
        builder: match inside {
            None => TreeBuilder::new(tree, options),
            Some(name) => {
                let name = QualName::new(None, ns!(html), LocalName::from(name));
                let context = create_element(&tree, name, Vec::new());
                TreeBuilder::new_for_fragment(tree, context, None, options)
            }
        },
        tokens: HtmlTokens::default(),
        marks: HashMap::new(),
        attributes_from: None,
        next_state: None,
        over: false,
    };
    let through = Through(CallbackEmitter::new(Feed(&mut reader)));
    // Its error cannot be made: the source is in memory.
    let Ok(()) = Tokenizer::new_with_emitter(source, through).finish();
    let over = reader.over || reader.builder.sink.is_over();
    ParsedHtml {
        nodes: (!over).then(|| reader.builder.sink.into_nodes()),
        tokens: reader.tokens,
    }
}

type DomBuilder = TreeBuilder<super::dom::DomHandle, Tree>;

/// Takes tokens in and hands them to the tree builder, with numbers in place of their text.
struct TokenRecorder<'s> {
    source: &'s str,
    builder: DomBuilder,
    tokens: HtmlTokens,
    /// Tags with the same attributes share the number of the first: HTML asks whether they are the same.
    marks: HashMap<&'s str, u32>,
    /// Where the attributes of the tag that is being read begin.
    attributes_from: Option<usize>,
    next_state: Option<State>,
    over: bool,
}

impl TokenRecorder<'_> {
    fn hand_on(&mut self, token: Token) {
        if self.over {
            return;
        }
        self.next_state = match self.builder.process_token(token, 1) {
            TokenSinkResult::Script(_) => Some(State::Data),
            TokenSinkResult::Plaintext => Some(State::PlainText),
            TokenSinkResult::RawData(RawKind::Rcdata) => Some(State::RcData),
            TokenSinkResult::RawData(RawKind::Rawtext) => Some(State::RawText),
            TokenSinkResult::RawData(_) => Some(State::ScriptData),
            _ => None,
        };
        self.over = self.builder.sink.is_over();
    }

    /// The span on character borders, inside the source.
    fn span(&self, span: Span<usize>) -> (usize, usize) {
        let end = self
            .source
            .ceil_char_boundary(span.end.min(self.source.len()));
        let start = self.source.floor_char_boundary(span.start.min(end));
        (start, end)
    }

    fn begin(&mut self, span: Span<usize>) -> (usize, usize) {
        let (start, end) = self.span(span);
        self.tokens.end = self.tokens.end.max(end);
        self.builder.sink.at(start, end);
        (start, end)
    }

    fn text(&mut self, span: Span<usize>) {
        let (start, end) = self.begin(span);
        let written = &self.source[start..end];
        let solid = written.trim_start_matches(|c: char| c.is_ascii_whitespace());
        let middle = end - solid.len();
        for (from, to, space) in [(start, middle, true), (middle, end, false)] {
            if from < to {
                let number = number(self.tokens.texts.len());
                self.tokens.texts.push((from, to));
                self.hand_on(Token::CharacterTokens(if space {
                    space_token(number)
                } else {
                    text_token(number)
                }));
            }
        }
    }

    fn open_tag(&mut self, name: &[u8], span: Span<usize>) {
        let start = self.span(span).0;
        self.attributes_from = None;
        self.tokens.tags.push(Tag {
            name: String::from_utf8_lossy(name).into_owned(),
            attributes: Vec::new(),
            start,
            end: start,
        });
    }

    fn attribute_name(&mut self, name: &[u8], span: Span<usize>) {
        let (start, end) = self.span(span);
        self.attributes_from.get_or_insert(start);
        if let Some(tag) = self.tokens.tags.last_mut() {
            tag.attributes.push(Attribute {
                name: String::from_utf8_lossy(name).into_owned(),
                value: String::new(),
                start: end,
                end,
            });
        }
    }

    fn attribute_value(&mut self, value: &[u8], span: Span<usize>) {
        let (start, end) = self.span(span);
        if let Some(last) = self
            .tokens
            .tags
            .last_mut()
            .and_then(|t| t.attributes.last_mut())
        {
            last.value = String::from_utf8_lossy(value).into_owned();
            (last.start, last.end) = (start, end);
        }
    }

    fn close_tag(&mut self, span: Span<usize>, self_closing: bool) {
        let end = self.span(span).1;
        let Some(tag) = self.tokens.tags.last_mut() else {
            return;
        };
        tag.end = end.max(tag.start);
        self.tokens.end = self.tokens.end.max(end);
        self.builder.sink.at(tag.start, tag.end);
        let index = number(self.tokens.tags.len() - 1);
        let tag = &self.tokens.tags[index as usize];
        let mut attrs = Vec::new();
        if let Some(from) = self.attributes_from {
            let written = self.source.get(from..tag.end).unwrap_or("");
            let mark = *self.marks.entry(written).or_insert(index);
            attrs.push(attribute(MARK, &mark.to_string()));
            // What HTML's rules for trees ask for.
            for known in ["type", "encoding", "color", "face", "size"] {
                if let Some(found) = tag.attribute(known) {
                    attrs.push(attribute(known, &found.value));
                }
            }
        }
        let token = TreeTag {
            kind: TagKind::StartTag,
            name: LocalName::from(tag.name.as_str()),
            self_closing,
            attrs,
            had_duplicate_attributes: false,
        };
        self.hand_on(Token::TagToken(token));
        if self.over {
            self.next_state =
                html5gum::naive_next_state(self.tokens.tags[index as usize].name.as_bytes());
        }
    }

    fn end_tag(&mut self, name: &[u8], span: Span<usize>) {
        let (start, end) = self.begin(span);
        self.tokens.ends.push((start, end));
        let token = TreeTag {
            kind: TagKind::EndTag,
            name: LocalName::from(&*String::from_utf8_lossy(name)),
            self_closing: false,
            attrs: Vec::new(),
            had_duplicate_attributes: false,
        };
        self.hand_on(Token::TagToken(token));
    }

    fn comment(&mut self, span: Span<usize>) {
        let place = self.begin(span);
        let index = number(self.tokens.comments.len());
        self.tokens.comments.push(place);
        self.hand_on(Token::CommentToken(StrTendril::from(index.to_string())));
    }
}

fn attribute(name: &str, value: &str) -> TreeAttribute {
    TreeAttribute {
        name: QualName::new(None, Namespace::default(), LocalName::from(name)),
        value: StrTendril::from(value),
    }
}

/// Tokens are fewer than bytes, and parts are limited long before four billion.
fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(NONE)
}

struct Feed<'r, 's>(&'r mut TokenRecorder<'s>);

impl Callback<Infallible, usize> for Feed<'_, '_> {
    fn handle_event(&mut self, event: CallbackEvent<'_>, span: Span<usize>) -> Option<Infallible> {
        let reader = &mut *self.0;
        match event {
            CallbackEvent::OpenStartTag { name } => reader.open_tag(name, span),
            CallbackEvent::AttributeName { name } => reader.attribute_name(name, span),
            CallbackEvent::AttributeValue { value } => reader.attribute_value(value, span),
            CallbackEvent::CloseStartTag { self_closing } => reader.close_tag(span, self_closing),
            CallbackEvent::EndTag { name } => reader.end_tag(name, span),
            CallbackEvent::String { .. } => reader.text(span),
            CallbackEvent::Comment { .. } => reader.comment(span),
            CallbackEvent::Doctype { .. } => {
                reader.begin(span);
            }
            CallbackEvent::Error(_) => {}
        }
        None
    }
}

/// Lets the tree builder say in which state the tokenizer goes on.
struct Through<'r, 's>(CallbackEmitter<Feed<'r, 's>, Infallible, usize>);

impl ForwardingEmitter for Through<'_, '_> {
    type Token = Infallible;

    fn inner(&mut self) -> &mut impl Emitter<Token = Infallible> {
        &mut self.0
    }

    fn emit_eof(&mut self) {
        self.0.emit_eof();
        let reader = &mut *self.0.callback_mut().0;
        let length = reader.source.len();
        reader.builder.sink.at(length, length);
        reader.hand_on(Token::EOFToken);
        reader.builder.end();
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        let _none = self.0.emit_current_tag();
        let next = self.0.callback_mut().0.next_state.take();
        if next.is_some() {
            // The text of the new state begins here.
            self.0.init_string();
        }
        next
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&mut self) -> bool {
        let reader = &*self.0.callback_mut().0;
        !reader.over
            && reader
                .builder
                .adjusted_current_node_present_but_not_in_html_namespace()
    }
}
