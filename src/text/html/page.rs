//! A page read once: its tree and how each element of it looks. All views are taken from here.

use super::css::Sheet;
use super::dom::{Id, Kind, NONE, Node};
use super::parse::{Tag, Tokens, parse};
use super::style::{Element, Style, Styles};

/// A page with its source.
#[derive(Debug)]
pub struct Page<'s> {
    pub(super) source: &'s str,
    pub(super) tokens: Tokens,
    /// Empty when the page is past the limits.
    pub(super) nodes: Vec<Node>,
    styles: Vec<Style>,
    complete: bool,
}

/// A step of the walk through the tree, in the order of reading.
pub(super) enum Step {
    Enter(Id),
    Leave(Id),
    Text(Id),
    Comment(Id),
}

impl<'s> Page<'s> {
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

    pub(super) fn style(&self, id: Id) -> &Style {
        &self.styles[id as usize]
    }

    pub(super) fn tag(&self, id: Id) -> Option<&Tag> {
        match self.nodes.get(id as usize)?.kind {
            Kind::Element { tag } if tag != NONE => self.tokens.tags.get(tag as usize),
            _ => None,
        }
    }

    pub(super) fn name(&self, id: Id) -> &str {
        &self.nodes[id as usize].name
    }

    /// The source of a text, and whether it is written without entities.
    pub(super) fn text_of(&self, id: Id) -> Option<(usize, usize)> {
        match self.nodes.get(id as usize)?.kind {
            Kind::Text(number, _) => self.tokens.texts.get(number as usize).copied(),
            _ => None,
        }
    }

    /// Walks the tree. A list of steps instead of a recursion: mended mark-up may nest deeper than a stack.
    pub(super) fn walk(&self, mut visit: impl FnMut(Step)) {
        if self.nodes.is_empty() {
            return;
        }
        let mut at = self.nodes[0].first;
        while at != NONE {
            let node = &self.nodes[at as usize];
            match node.kind {
                Kind::Text(..) => visit(Step::Text(at)),
                Kind::Comment(_) => visit(Step::Comment(at)),
                Kind::Root | Kind::Element { .. } => {
                    visit(Step::Enter(at));
                    if node.first != NONE {
                        at = node.first;
                        continue;
                    }
                    visit(Step::Leave(at));
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
                visit(Step::Leave(at));
            }
        }
    }

    /// Works out the style of every element; `false` if the sheets were too much.
    fn dress(&mut self) -> bool {
        let sheet = self.sheet();
        let mut rules = Styles::new(&sheet);
        let mut styles = vec![Style::of_page(); self.nodes.len()];
        let mut path: Vec<Element<'_>> = Vec::new();
        self.walk(|step| match step {
            Step::Enter(id) => {
                path.push(Element {
                    name: self.name(id),
                    tag: self.tag(id),
                });
                let parent = styles[self.nodes[id as usize].parent as usize];
                styles[id as usize] = rules.of(&path, &parent);
            }
            Step::Leave(_) => {
                path.pop();
            }
            Step::Text(_) | Step::Comment(_) => {}
        });
        let worked_out = !rules.is_over() && !sheet.cut;
        drop(path);
        self.styles = styles;
        worked_out
    }

    /// All sheets of the page, but those for other media.
    fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::default();
        for text in self.style_texts() {
            sheet.read(&self.source[text.0..text.1]);
        }
        sheet
    }

    /// Where the texts of the `style` elements stand.
    pub(super) fn style_texts(&self) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        self.walk(|step| {
            if let Step::Text(id) = step
                && self.name(self.nodes[id as usize].parent) == "style"
            {
                found.extend(self.text_of(id));
            }
        });
        found
    }
}
