//! A page as a document: headings, items, paragraphs. What is struck out or hidden is left out, and told.

use super::dom::Id;
use super::flow::FlowPiece;
use super::page::{HtmlPage, WalkStep};
use super::style::Audience;
use super::write::{HtmlTextWriter, decoded};
use crate::text::marks::Raised;

/// A block of a page as a reader sees it, white space joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// The page's name, which stands outside its text.
    Title(String),
    /// Level 1 to 6.
    Heading(usize, String),
    Item(String),
    Paragraph(String),
}

/// The blocks of a page in order, and what was not taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blocks {
    pub blocks: Vec<Block>,
    /// Struck-out texts.
    pub struck: Vec<String>,
    /// Texts that the page does not show.
    pub hidden: usize,
    /// The page is past the limits and was read without its tree.
    pub cut: bool,
}

impl Blocks {
    /// The cells of a table row are one paragraph, parted by ` | `; a term and what is said of it, by `: `.
    pub fn of(source: &str) -> Self {
        let page = HtmlPage::read(source);
        let mut builder = BlocksBuilder::new(&page);
        if page.nodes.is_empty() {
            builder.found.blocks = page
                .shown()
                .visible()
                .text()
                .split("\n\n")
                .map(|text| Block::Paragraph(text.to_owned()))
                .collect();
        }
        page.walk(|step| match step {
            WalkStep::Enter(id) => builder.enter(id),
            WalkStep::Leave(id) => builder.leave(id),
            WalkStep::Text(id) => builder.text(id),
            WalkStep::Comment(_) => {}
        });
        builder.close();
        builder.found.cut = !page.is_complete();
        builder.found
    }
}

#[derive(Clone, Copy, PartialEq)]
enum BlockKind {
    Heading(usize),
    Item,
    Paragraph,
}

struct BlocksBuilder<'p, 's> {
    page: &'p HtmlPage<'s>,
    found: Blocks,
    writer: HtmlTextWriter<'s>,
    kind: BlockKind,
    /// Rows that are open, one a table.
    rows: Vec<usize>,
    /// A term waits for what is said of it.
    term: bool,
    anchors: usize,
}

impl<'p, 's> BlocksBuilder<'p, 's> {
    fn new(page: &'p HtmlPage<'s>) -> Self {
        Self {
            page,
            found: Blocks::default(),
            writer: HtmlTextWriter::new(page.source, 256),
            kind: BlockKind::Paragraph,
            rows: Vec::new(),
            term: false,
            anchors: 0,
        }
    }

    fn in_row(&self) -> bool {
        self.rows.last().is_some_and(|rows| *rows > 0)
    }

    fn close(&mut self) {
        let done = std::mem::replace(&mut self.writer, HtmlTextWriter::new(self.page.source, 256));
        let words = done
            .finish()
            .text()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let words = words
            .trim_matches(|c: char| c == '|' || c.is_whitespace())
            .trim_end_matches(" :")
            .to_owned();
        if !words.is_empty() {
            self.found.blocks.push(match self.kind {
                BlockKind::Heading(level) => Block::Heading(level, words),
                BlockKind::Item => Block::Item(words),
                BlockKind::Paragraph => Block::Paragraph(words),
            });
        }
        self.kind = BlockKind::Paragraph;
        self.term = false;
    }

    fn part(&mut self, id: Id, with: &str) {
        let node = &self.page.nodes[id as usize];
        self.writer.literal(with, (node.close, node.close));
    }

    fn enter(&mut self, id: Id) {
        let page = self.page;
        if page.style(id).gone {
            return;
        }
        let name = page.name(id);
        match name {
            "br" => self.part(id, " "),
            "a" => self.anchors += usize::from(super::flow::is_anchor(page, id)),
            "td" | "th" | "thead" | "tbody" | "tfoot" => {}
            "table" => {
                self.close();
                self.rows.push(0);
            }
            "tr" => {
                self.close();
                if let Some(rows) = self.rows.last_mut() {
                    *rows += 1;
                }
            }
            "dd" if self.term => {}
            "li" | "dt" => {
                self.close();
                self.kind = if name == "li" {
                    BlockKind::Item
                } else {
                    BlockKind::Paragraph
                };
            }
            _ if heading_level(name).is_some() => {
                self.close();
                self.kind = heading_level(name).map_or(BlockKind::Paragraph, BlockKind::Heading);
            }
            _ if page.style(id).block => self.border(id),
            _ => {}
        }
    }

    /// A block inside a cell parts words alone; one at the beginning of an item is still the item.
    fn border(&mut self, id: Id) {
        if self.in_row() || self.term {
            self.part(id, " ");
        } else if !(self.kind == BlockKind::Item && self.writer.is_empty()) {
            self.close();
        }
    }

    fn leave(&mut self, id: Id) {
        let page = self.page;
        if page.style(id).gone {
            return;
        }
        match page.name(id) {
            "a" => {
                self.anchors = self
                    .anchors
                    .saturating_sub(usize::from(super::flow::is_anchor(page, id)));
            }
            "td" | "th" => self.part(id, " | "),
            "tr" => {
                if let Some(rows) = self.rows.last_mut() {
                    *rows = rows.saturating_sub(1);
                }
                self.close();
            }
            "table" => {
                self.close();
                self.rows.pop();
            }
            "dt" => {
                self.part(id, ": ");
                self.term = true;
            }
            "dd" => self.part(id, "; "),
            name if name == "li" || heading_level(name).is_some() => self.close(),
            _ if page.style(id).block => self.border(id),
            _ => {}
        }
    }

    fn text(&mut self, id: Id) {
        let page = self.page;
        let Some(at) = page.text_of(id) else { return };
        let parent = page.nodes[id as usize].parent;
        let says = || !decoded(page.source, at).trim().is_empty();
        match page.name(parent) {
            "script" | "style" => return,
            "title" => {
                // The title of a drawing names no page.
                let drawing = page.nodes[page.nodes[parent as usize].parent as usize]
                    .name
                    .starts_with("svg");
                let title = decoded(page.source, at);
                let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
                if !drawing && !title.is_empty() {
                    self.found.blocks.push(Block::Title(title));
                }
                return;
            }
            _ => {}
        }
        let style = page.style(parent);
        // Nobody reads a document in Outlook.
        if style.seen() == Audience::BySome {
            self.found.hidden += usize::from(says());
            return;
        }
        if style.struck {
            if says() {
                self.found
                    .struck
                    .push(decoded(page.source, at).trim().to_owned());
            }
            self.part(parent, " ");
            return;
        }
        let raised = match (style.raised, style.lowered) {
            (true, _) => Raised::Up,
            (_, true) => Raised::Down,
            _ if self.anchors > 0 => Raised::Anchor,
            _ => Raised::No,
        };
        let piece = FlowPiece::Text {
            at,
            raw: false,
            seen: Audience::ByAll,
            keeps_lines: false,
            raised,
            struck: false,
        };
        let following = || self.following(id);
        let following = if raised == Raised::Up {
            following()
        } else {
            String::new()
        };
        self.writer.piece(&piece, || following);
    }

    /// The text behind a raised one: its element's next sibling.
    fn following(&self, id: Id) -> String {
        let nodes = &self.page.nodes;
        let mut at = id;
        for _ in 0..4 {
            let next = nodes[at as usize].next;
            if let Some(place) = self.page.text_of(next) {
                let end = self
                    .page
                    .source
                    .ceil_char_boundary((place.0 + 10).min(place.1));
                return decoded(self.page.source, (place.0, end));
            }
            at = nodes[at as usize].parent;
            if at as usize >= nodes.len() {
                break;
            }
        }
        String::new()
    }
}

fn heading_level(name: &str) -> Option<usize> {
    name.strip_prefix('h')?
        .parse()
        .ok()
        .filter(|level| (1..=6).contains(level))
}
