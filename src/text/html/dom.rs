//! The tree of a page: nodes in one list, each with its place in the source.

use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::{Attribute as TreeAttribute, ExpandedName, LocalName, QualName};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

pub(super) type Id = u32;
/// No node, or no tag.
pub(super) const NONE: u32 = u32::MAX;

/// The attribute under which a tag's number travels through the tree builder.
pub(super) const MARK: &str = "echovoice-tag";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DomNodeKind {
    /// The document, or the contents of a `template`.
    Root,
    /// The number of its tag among the tokens, or [`NONE`] for an element that HTML implies.
    Element { tag: u32 },
    /// The number of its text among the tokens; `true` for its leading white space.
    Text(u32, bool),
    /// The number of its comment among the tokens.
    Comment(u32),
}

#[derive(Clone, Debug)]
pub(super) struct DomNode {
    pub kind: DomNodeKind,
    /// The element's name in lower case; empty for what is none.
    pub name: LocalName,
    /// Byte offsets of the start tag; of the place where the element was implied, with no length.
    pub start: usize,
    pub open_end: usize,
    /// Where its end tag begins, or the place that ends it.
    pub close: usize,
    pub parent: Id,
    pub first: Id,
    pub last: Id,
    pub before: Id,
    pub next: Id,
    depth: u32,
    contents: Id,
}

#[derive(Clone)]
pub(super) struct DomHandle {
    id: Id,
    name: Rc<QualName>,
}

/// Limits that no page of a person comes near, so that hostile mark-up stays cheap. Browsers stop nesting at 512.
const DEPTH: u32 = 512;
const NODES: usize = 20_000;
/// Moves of nodes that mended mark-up may cost, for each byte of the source.
const MOVES: usize = 4;

/// Where the tree builder's work arrives.
pub(super) struct Tree {
    nodes: RefCell<Vec<DomNode>>,
    plain: Rc<QualName>,
    /// Extent of the token at work.
    place: Cell<(usize, usize)>,
    moves: Cell<usize>,
    too_deep: Cell<bool>,
    source_length: usize,
}

impl Tree {
    pub fn new(source_length: usize) -> Self {
        let plain = Rc::new(QualName::new(
            None,
            html5ever::Namespace::default(),
            LocalName::default(),
        ));
        let tree = Self {
            nodes: RefCell::new(Vec::with_capacity(source_length / 16)),
            plain,
            place: Cell::new((0, 0)),
            moves: Cell::new(0),
            too_deep: Cell::new(false),
            source_length,
        };
        tree.add(DomNodeKind::Root, LocalName::default());
        tree
    }

    pub fn at(&self, start: usize, end: usize) {
        self.place.set((start, end));
    }

    /// Whether the page is past the limits; what was built so far is then of no use.
    pub fn is_over(&self) -> bool {
        self.too_deep.get()
            || self.nodes.borrow().len() > NODES + self.source_length / 2
            || self.moves.get() > NODES + self.source_length * MOVES
    }

    pub fn into_nodes(self) -> Vec<DomNode> {
        self.nodes.into_inner()
    }

    fn add(&self, kind: DomNodeKind, name: LocalName) -> Id {
        let mut nodes = self.nodes.borrow_mut();
        let (start, end) = self.place.get();
        let id = u32::try_from(nodes.len()).unwrap_or(NONE);
        nodes.push(DomNode {
            kind,
            name,
            start,
            open_end: end,
            close: end,
            parent: NONE,
            first: NONE,
            last: NONE,
            before: NONE,
            next: NONE,
            depth: 0,
            contents: NONE,
        });
        id
    }

    fn detach(&self, id: Id) {
        let mut nodes = self.nodes.borrow_mut();
        let (parent, before, next) = {
            let node = &mut nodes[id as usize];
            let links = (node.parent, node.before, node.next);
            (node.parent, node.before, node.next) = (NONE, NONE, NONE);
            links
        };
        if parent == NONE {
            return;
        }
        if before == NONE {
            nodes[parent as usize].first = next;
        } else {
            nodes[before as usize].next = next;
        }
        if next == NONE {
            nodes[parent as usize].last = before;
        } else {
            nodes[next as usize].before = before;
        }
    }

    /// Puts a loose node under `parent`, before `next` or at the end.
    fn put(&self, id: Id, parent: Id, next: Id) {
        let mut nodes = self.nodes.borrow_mut();
        let depth = nodes[parent as usize].depth + 1;
        if depth > DEPTH {
            self.too_deep.set(true);
        }
        let before = if next == NONE {
            nodes[parent as usize].last
        } else {
            nodes[next as usize].before
        };
        {
            let node = &mut nodes[id as usize];
            (node.parent, node.before, node.next, node.depth) = (parent, before, next, depth);
        }
        if before == NONE {
            nodes[parent as usize].first = id;
        } else {
            nodes[before as usize].next = id;
        }
        if next == NONE {
            nodes[parent as usize].last = id;
        } else {
            nodes[next as usize].before = id;
        }
    }

    fn insert(&self, parent: Id, next: Id, child: NodeOrText<DomHandle>) {
        match child {
            NodeOrText::AppendNode(handle) => {
                self.detach(handle.id);
                self.put(handle.id, parent, next);
            }
            NodeOrText::AppendText(text) => {
                for kind in texts(&text) {
                    let id = self.add(kind, LocalName::default());
                    self.put(id, parent, next);
                }
            }
        }
    }

    fn parent(&self, id: Id) -> Id {
        self.nodes.borrow()[id as usize].parent
    }

    fn worked(&self) {
        self.moves.set(self.moves.get() + 1);
    }
}

/// Text goes through the tree builder under its number: `T12;`, and its leading white space, which HTML treats
/// otherwise, as its number in blanks and tabs.
pub(super) fn text_token(number: u32) -> StrTendril {
    StrTendril::from(format!("T{number};"))
}

pub(super) fn space_token(number: u32) -> StrTendril {
    let mut text = String::new();
    for bit in (0..32 - number.leading_zeros()).rev() {
        text.push(if number >> bit & 1 == 1 { '\t' } else { ' ' });
    }
    text.push('\r');
    StrTendril::from(text)
}

fn texts(text: &str) -> Vec<DomNodeKind> {
    let mut kinds = Vec::new();
    let mut number = 0_u32;
    for byte in text.bytes() {
        match byte {
            b'T' => number = 0,
            b'0'..=b'9' => {
                number = number.wrapping_mul(10).wrapping_add(u32::from(byte - b'0'));
            }
            b' ' => number <<= 1,
            b'\t' => number = number << 1 | 1,
            b';' | b'\r' => {
                kinds.push(DomNodeKind::Text(number, byte == b'\r'));
                number = 0;
            }
            _ => {}
        }
    }
    kinds
}

impl TreeSink for Tree {
    type Handle = DomHandle;
    type Output = Self;
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> Self {
        self
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> DomHandle {
        DomHandle {
            id: 0,
            name: self.plain.clone(),
        }
    }

    fn elem_name<'a>(&'a self, target: &'a DomHandle) -> ExpandedName<'a> {
        target.name.expanded()
    }

    fn create_element(
        &self,
        name: QualName,
        attributes: Vec<TreeAttribute>,
        flags: ElementFlags,
    ) -> DomHandle {
        let name = Rc::new(name);
        let tag = mark_of(&attributes);
        let id = self.add(DomNodeKind::Element { tag }, name.local.clone());
        if flags.template {
            let contents = self.add(DomNodeKind::Root, LocalName::default());
            self.nodes.borrow_mut()[id as usize].contents = contents;
        }
        DomHandle { id, name }
    }

    fn create_comment(&self, text: StrTendril) -> DomHandle {
        let kind = DomNodeKind::Comment(text.parse().unwrap_or(NONE));
        DomHandle {
            id: self.add(kind, LocalName::default()),
            name: self.plain.clone(),
        }
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> DomHandle {
        DomHandle {
            id: self.add(DomNodeKind::Comment(NONE), LocalName::default()),
            name: self.plain.clone(),
        }
    }

    fn append(&self, parent: &DomHandle, child: NodeOrText<DomHandle>) {
        self.insert(parent.id, NONE, child);
    }

    fn append_based_on_parent_node(
        &self,
        element: &DomHandle,
        previous: &DomHandle,
        child: NodeOrText<DomHandle>,
    ) {
        if self.parent(element.id) == NONE {
            self.append(previous, child);
        } else {
            self.append_before_sibling(element, child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn pop(&self, node: &DomHandle) {
        self.nodes.borrow_mut()[node.id as usize].close = self.place.get().0;
    }

    fn get_template_contents(&self, target: &DomHandle) -> DomHandle {
        let contents = self.nodes.borrow()[target.id as usize].contents;
        DomHandle {
            id: if contents == NONE {
                target.id
            } else {
                contents
            },
            name: self.plain.clone(),
        }
    }

    fn same_node(&self, x: &DomHandle, y: &DomHandle) -> bool {
        x.id == y.id
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &DomHandle, child: NodeOrText<DomHandle>) {
        self.worked();
        let parent = self.parent(sibling.id);
        if parent == NONE {
            self.insert(sibling.id, NONE, child);
        } else {
            self.insert(parent, sibling.id, child);
        }
    }

    /// Only `html` and `body` come twice: the first of their attributes hold, as in a browser.
    fn add_attrs_if_missing(&self, target: &DomHandle, attributes: Vec<TreeAttribute>) {
        let mut nodes = self.nodes.borrow_mut();
        if let DomNodeKind::Element { tag } = &mut nodes[target.id as usize].kind
            && *tag == NONE
        {
            *tag = mark_of(&attributes);
        }
    }

    fn remove_from_parent(&self, target: &DomHandle) {
        self.worked();
        self.detach(target.id);
    }

    fn reparent_children(&self, node: &DomHandle, parent: &DomHandle) {
        loop {
            let child = self.nodes.borrow()[node.id as usize].first;
            if child == NONE {
                return;
            }
            self.worked();
            self.detach(child);
            self.put(child, parent.id, NONE);
        }
    }
}

fn mark_of(attributes: &[TreeAttribute]) -> u32 {
    attributes
        .iter()
        .find(|a| &*a.name.local == MARK)
        .and_then(|a| a.value.parse().ok())
        .unwrap_or(NONE)
}
