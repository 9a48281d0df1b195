//! Two runs, two tries or two variants beside each other.

use super::effect::Effect;
use crate::domain::run::Run;
use crate::domain::variant::Variant;
use crossterm::event::{KeyCode, KeyEvent};
use std::sync::Arc;

/// One of the runs that can be compared.
#[derive(Clone, Debug)]
pub struct Side {
    /// `try 2: A edited by demo.officer`.
    pub name: String,
    pub run: Arc<Run>,
}

impl Side {
    pub fn new(name: String, run: Run) -> Self {
        Self {
            name,
            run: Arc::new(run),
        }
    }
}

/// Which run and which of its variants a half of the screen shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Half {
    pub side: usize,
    pub variant: usize,
}

/// What Left and Right change, in the order of Tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompareField {
    BothVariants,
    LeftRun,
    LeftVariant,
    RightRun,
    RightVariant,
}

impl CompareField {
    const ALL: [Self; 5] = [
        Self::BothVariants,
        Self::LeftRun,
        Self::LeftVariant,
        Self::RightRun,
        Self::RightVariant,
    ];
}

/// The comparison under way.
#[derive(Clone, Debug)]
pub struct Compare {
    pub what: &'static str,
    pub sides: Vec<Side>,
    pub left: Half,
    pub right: Half,
    pub field: CompareField,
    pub scroll: usize,
    /// What was found out, in a line.
    pub said: Option<String>,
}

impl Compare {
    /// Opens on two of the sides and a variant. One side alone: its variants are compared with each other.
    pub fn new(
        what: &'static str,
        sides: Vec<Side>,
        (left, right): (usize, usize),
        variant: usize,
    ) -> Self {
        let mut compare = Self {
            what,
            left: Half {
                side: left,
                variant,
            },
            right: Half {
                side: right,
                variant,
            },
            sides,
            field: CompareField::BothVariants,
            scroll: 0,
            said: None,
        };
        if left == right {
            compare.field = CompareField::RightVariant;
            let count = compare.count(right).max(1);
            compare.right.variant = (variant + 1) % count;
        }
        compare
    }

    fn count(&self, side: usize) -> usize {
        let run = self.sides.get(side).map(|side| &side.run);
        run.and_then(|run| run.variants.as_ref())
            .map_or(0, Vec::len)
    }

    pub fn run(&self, half: Half) -> Option<&Run> {
        self.sides.get(half.side).map(|side| side.run.as_ref())
    }

    pub fn variant(&self, half: Half) -> Option<&Variant> {
        self.run(half)?.variants.as_ref()?.get(half.variant)
    }

    fn turn(&mut self, by: isize) {
        let shift =
            |at: usize, count: usize| at.saturating_add_signed(by).min(count.saturating_sub(1));
        let (left, right) = (self.count(self.left.side), self.count(self.right.side));
        let sides = self.sides.len();
        match self.field {
            CompareField::BothVariants => {
                self.left.variant = shift(self.left.variant, left);
                self.right.variant = shift(self.right.variant, right);
            }
            CompareField::LeftRun => self.left.side = shift(self.left.side, sides),
            CompareField::LeftVariant => self.left.variant = shift(self.left.variant, left),
            CompareField::RightRun => self.right.side = shift(self.right.side, sides),
            CompareField::RightVariant => self.right.variant = shift(self.right.variant, right),
        }
        self.scroll = 0;
    }

    fn next_field(&mut self, by: usize) {
        let at = CompareField::ALL.iter().position(|f| *f == self.field);
        self.field = CompareField::ALL[(at.unwrap_or(0) + by) % CompareField::ALL.len()];
    }
}

pub(super) fn compare_key(compare: &mut Compare, key: &KeyEvent) -> (bool, Vec<Effect>) {
    match key.code {
        KeyCode::Esc | KeyCode::Char('q' | 'D') => return (false, Vec::new()),
        KeyCode::Left | KeyCode::Char('h') => compare.turn(-1),
        KeyCode::Right | KeyCode::Char('l') => compare.turn(1),
        KeyCode::Tab => compare.next_field(1),
        KeyCode::BackTab => compare.next_field(CompareField::ALL.len() - 1),
        KeyCode::Up | KeyCode::Char('k') => compare.scroll = compare.scroll.saturating_sub(1),
        KeyCode::Down | KeyCode::Char('j') => compare.scroll += 1,
        KeyCode::PageUp => compare.scroll = compare.scroll.saturating_sub(10),
        KeyCode::PageDown | KeyCode::Char(' ') => compare.scroll += 10,
        KeyCode::Home | KeyCode::Char('g') => compare.scroll = 0,
        _ => {}
    }
    compare.scroll = compare.scroll.min(10_000);
    (true, Vec::new())
}
