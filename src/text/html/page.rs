//! A page read once: its tree and how each element of it looks. All views are taken from here.

use super::css::StyleSheet;
use super::dom::{DomNode, DomNodeKind, Id, NONE};
use super::parse::{HtmlTokens, Tag, parse};
use super::style::{ComputedStyle, StyleIndex, StyledElement};

/// A page with its source.
#[derive(Debug)]
pub struct HtmlPage<'s> {
    pub(super) source: &'s str,
    pub(super) tokens: HtmlTokens,
    /// Empty when the page is past the limits.
    pub(super) nodes: Vec<DomNode>,
    styles: Vec<ComputedStyle>,
    complete: bool,
}

/// A step of the walk through the tree, in the order of reading.
pub(super) enum WalkStep {
    Enter(Id),
    Leave(Id),
    Text(Id),
    Comment(Id),
}

impl<'s> HtmlPage<'s> {
    /// Never fails and follows no link. Past the limits of size or nesting the page has no tree, and all its text counts
    /// as shown.
    pub fn read(source: &'s str) -> Self {
        let mut parsed = parse(source);
        if parsed.tokens.tags.last().is_some_and(|t| t.end == t.start) {
            parsed.tokens.tags.pop();
        }
        let complete = parsed.nodes.is_some();
        let mut page = Self {
            source,
            tokens: parsed.tokens,
            nodes: parsed.nodes.unwrap_or_default(),
            styles: Vec::new(),
            complete,
        };
        page.complete &= page.dress();
        page
    }

    /// Whether the tree and all of its styles were worked out.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// All start tags in order.
    pub fn tags(&self) -> &[Tag] {
        &self.tokens.tags
    }

    pub(super) fn style(&self, id: Id) -> &ComputedStyle {
        &self.styles[id as usize]
    }

    pub(super) fn tag(&self, id: Id) -> Option<&Tag> {
        match self.nodes.get(id as usize)?.kind {
            DomNodeKind::Element { tag } if tag != NONE => self.tokens.tags.get(tag as usize),
            _ => None,
        }
    }

    pub(super) fn name(&self, id: Id) -> &str {
        &self.nodes[id as usize].name
    }

    /// The source of a text, and whether it is written without entities.
    pub(super) fn text_of(&self, id: Id) -> Option<(usize, usize)> {
        match self.nodes.get(id as usize)?.kind {
            DomNodeKind::Text(number, _) => self.tokens.texts.get(number as usize).copied(),
            _ => None,
        }
    }

    /// Walks the tree. A list of steps instead of a recursion: mended mark-up may nest deeper than a stack.
    pub(super) fn walk(&self, mut visit: impl FnMut(WalkStep)) {
        if self.nodes.is_empty() {
            return;
        }
        let mut at = self.nodes[0].first;
        while at != NONE {
            let node = &self.nodes[at as usize];
            match node.kind {
                DomNodeKind::Text(..) => visit(WalkStep::Text(at)),
                DomNodeKind::Comment(_) => visit(WalkStep::Comment(at)),
                DomNodeKind::Root | DomNodeKind::Element { .. } => {
                    visit(WalkStep::Enter(at));
                    if node.first != NONE {
                        at = node.first;
                        continue;
                    }
                    visit(WalkStep::Leave(at));
                }
            }
            // On to the next, out of every element that ends here.
            loop {
                let node = &self.nodes[at as usize];
                if node.next != NONE {
                    at = node.next;
                    break;
                }
                at = node.parent;
                if at == NONE || at == 0 {
                    return;
                }
                visit(WalkStep::Leave(at));
            }
        }
    }

    /// Works out the style of every element; `false` if the sheets were too much.
    fn dress(&mut self) -> bool {
        let sheet = self.sheet();
        let mut rules = StyleIndex::new(&sheet);
        let mut styles = vec![ComputedStyle::of_page(); self.nodes.len()];
        let mut path: Vec<StyledElement<'_>> = Vec::new();
        self.walk(|step| match step {
            WalkStep::Enter(id) => {
                path.push(StyledElement {
                    name: self.name(id),
                    tag: self.tag(id),
                });
                let parent = styles[self.nodes[id as usize].parent as usize];
                styles[id as usize] = rules.of(&path, &parent);
            }
            WalkStep::Leave(_) => {
                path.pop();
            }
            WalkStep::Text(_) | WalkStep::Comment(_) => {}
        });
        let worked_out = !rules.is_over() && !sheet.cut;
        drop(path);
        self.styles = styles;
        worked_out
    }

    /// All sheets of the page, but those for other media.
    fn sheet(&self) -> StyleSheet {
        let mut sheet = StyleSheet::default();
        for text in self.style_texts() {
            sheet.read(&self.source[text.0..text.1]);
        }
        sheet
    }

    /// Where the texts of the `style` elements stand.
    pub(super) fn style_texts(&self) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        self.walk(|step| {
            if let WalkStep::Text(id) = step
                && self.name(self.nodes[id as usize].parent) == "style"
            {
                found.extend(self.text_of(id));
            }
        });
        found
    }
}
