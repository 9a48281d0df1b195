//! Two runs, two tries or two variants beside each other: where they stand, the words with what changed marked.

use crate::domain::finding::{Disposition, Verdict};
use crate::domain::run::Run;
use crate::domain::variant::Variant;
use crate::service::run::replay::versions;
use crate::text::diff;
use crate::tui::card;
use crate::tui::effect::Effect;
use crate::tui::model::Model;
use crate::tui::screen::light;
use crate::tui::text::{StyledRange, column, cut, marked, wrap};
use crate::tui::view::{Pane, is_read, lines, pane};
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;
use std::ops::Range;
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

pub(in crate::tui) fn compare_key(compare: &mut Compare, key: &KeyEvent) -> (bool, Vec<Effect>) {
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

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, compare: &Compare) {
    frame.render_widget(Clear, area);
    let inside = pane(
        frame,
        area,
        &format!("Compare {}", compare.what),
        "",
        (model, Pane::Part(true)),
    );
    let [head, body] = Layout::vertical([Constraint::Length(3), Constraint::Min(1)]).areas(inside);
    lines(
        frame,
        head,
        heads(model, compare, usize::from(head.width)),
        0,
    );
    let parts = [Constraint::Fill(1), Constraint::Fill(1)];
    let [left, right] = if is_read(body) {
        Layout::vertical(parts).areas(body)
    } else {
        Layout::horizontal(parts).areas(body)
    };
    let (old, new) = (
        compare.variant(compare.left),
        compare.variant(compare.right),
    );
    let words = |variant: Option<&Variant>| match variant {
        None => (String::new(), String::new()),
        Some(v) => (v.subject.clone(), v.body.clone()),
    };
    let (old_words, new_words) = (words(old), words(new));
    let subject = diff::changed(&old_words.0, &new_words.0);
    let body = diff::changed(&old_words.1, &new_words.1);
    let width = usize::from(left.width.min(right.width));
    let mut halves = [
        standing(model, compare, (compare.left, compare.right), width),
        standing(model, compare, (compare.right, compare.left), width),
    ];
    // The words begin on the same line.
    let most = halves.iter().map(Vec::len).max().unwrap_or(0);
    for half in &mut halves {
        half.resize(most, Line::raw(""));
    }
    let [mut left_text, mut right_text] = halves;
    let gone = ('-', model.theme.gone());
    let come = ('+', model.theme.come());
    let rule = format!(" {}", "-".repeat(width.saturating_sub(3)));
    for (old, new, changed) in [
        (&old_words.0, &new_words.0, subject),
        (&old_words.1, &new_words.1, body),
    ] {
        if old.is_empty() && new.is_empty() {
            continue;
        }
        for (text, words, ranges, sign) in [
            (&mut left_text, old, changed.0, gone),
            (&mut right_text, new, changed.1, come),
        ] {
            text.push(Line::styled(rule.clone(), model.theme.dim()));
            text.extend(body_lines(words, &ranges, sign, width));
        }
    }
    let height = usize::from(left.height);
    let longest = left_text.len().max(right_text.len());
    let scroll = compare.scroll.min(longest.saturating_sub(height));
    lines(frame, left, left_text, scroll);
    lines(frame, right, right_text, scroll);
}

/// Words with what only this half has marked, and a sign before each line that holds some.
fn body_lines<'l>(
    text: &str,
    ranges: &[Range<usize>],
    (sign, style): (char, Style),
    width: usize,
) -> Vec<Line<'l>> {
    let marks: Vec<StyledRange> = ranges.iter().map(|r| (r.start, r.end, style)).collect();
    marked(text, &marks, width.saturating_sub(4))
        .into_iter()
        .map(|mut line| {
            let changed = line.spans.iter().any(|span| span.style == style);
            let gutter = if changed { sign } else { ' ' };
            line.spans.insert(0, Span::raw(format!(" {gutter} ")));
            line
        })
        .collect()
}

/// What the halves are, with the field under the cursor shown.
fn heads<'l>(model: &Model, compare: &Compare, width: usize) -> Vec<Line<'l>> {
    let half_width = width / 2;
    let field = |half: Half, run: CompareField, variant: CompareField| {
        let both = compare.field == CompareField::BothVariants;
        let style = |here: bool| {
            if here {
                model.theme.cursor()
            } else {
                Style::default()
            }
        };
        let name = compare
            .sides
            .get(half.side)
            .map_or("", |side| side.name.as_str());
        let id = compare
            .variant(half)
            .map_or("none".to_owned(), |v| v.id.clone());
        let shown = cut(name, half_width.saturating_sub(19 + id.chars().count()));
        let fill = half_width.saturating_sub(shown.chars().count() + id.chars().count() + 18);
        vec![
            Span::raw(" "),
            Span::styled(format!("< {shown} >"), style(compare.field == run)),
            Span::raw("  "),
            Span::styled(
                format!("< variant {id} >"),
                style(both || compare.field == variant),
            ),
            Span::raw(" ".repeat(fill)),
        ]
    };
    let mut spans = field(
        compare.left,
        CompareField::LeftRun,
        CompareField::LeftVariant,
    );
    spans.extend(field(
        compare.right,
        CompareField::RightRun,
        CompareField::RightVariant,
    ));
    let said = match (
        &compare.said,
        compare.run(compare.left).zip(compare.run(compare.right)),
    ) {
        (Some(said), _) => said.clone(),
        (None, Some((a, b))) => pins(a, b),
        (None, None) => String::new(),
    };
    vec![
        Line::from(spans),
        Line::styled(format!(" {said}"), model.theme.dim()),
    ]
}

/// Which of the pinned versions differ.
fn pins(a: &Run, b: &Run) -> String {
    let (a, b) = (&a.pins, &b.pins);
    let mut other: Vec<String> = versions(a, b).into_iter().map(str::to_owned).collect();
    if a.seed != b.seed {
        other.push("seed".to_owned());
    }
    if a.as_of != b.as_of {
        let day = |t: &str| t.get(..10).unwrap_or("").to_owned();
        other.push(format!("as of {} and {}", day(&a.as_of), day(&b.as_of)));
    }
    if other.is_empty() {
        "the same versions, seed and date on both sides".into()
    } else {
        format!("other on the two sides: {}", other.join(", "))
    }
}

/// Segment, citations, verdict and findings of a half; what the other half does not have is marked.
fn standing<'l>(
    model: &Model,
    compare: &Compare,
    (half, other): (Half, Half),
    width: usize,
) -> Vec<Line<'l>> {
    let Some(run) = compare.run(half) else {
        return Vec::new();
    };
    let room = width.saturating_sub(13);
    let pair = |name: &str, value: String| {
        let wrapped = wrap(&value, room).into_iter().enumerate();
        let line = |(at, line): (usize, String)| {
            let name = if at == 0 { name } else { "" };
            Line::raw(format!(" {} {line}", column(name, 10)))
        };
        wrapped.map(line).collect::<Vec<_>>()
    };
    let mut text: Vec<Line<'l>> = Vec::new();
    if let Some(segment) = &run.segment {
        text.extend(pair(
            "segment",
            format!("{} · {}", segment.segment, segment.use_case_label),
        ));
    }
    if let Some(retrieved) = &run.retrieved {
        let kept = |run: &Run| -> Vec<String> {
            let found = run.retrieved.iter().flat_map(|r| &r.citations);
            found.map(|c| c.id.clone()).collect()
        };
        let theirs = compare.run(other).map(kept).unwrap_or_default();
        let own: Vec<&str> = retrieved
            .citations
            .iter()
            .filter(|c| !theirs.contains(&c.id))
            .map(|c| c.id.as_str())
            .collect();
        let words = match own.as_slice() {
            [] => format!("{} kept", retrieved.citations.len()),
            own => format!(
                "{} kept, only here: {}",
                retrieved.citations.len(),
                own.join(", ")
            ),
        };
        text.extend(pair("citations", words));
    }
    if let Some(analysis) = &run.analysis {
        let winner = analysis.winner.as_ref();
        text.extend(pair(
            "winner",
            winner.map_or("none".into(), |w| w.variant_id.clone()),
        ));
    }
    let verdict = |half| {
        let variant = compare.variant(half)?;
        compare.run(half)?.verdict(&variant.id)
    };
    if let Some(own) = verdict(half) {
        text.extend(findings(model, own, verdict(other), width));
    }
    text
}

fn findings<'l>(
    model: &Model,
    verdict: &Verdict,
    other: Option<&Verdict>,
    width: usize,
) -> Vec<Line<'l>> {
    let (word, style) = light(&model.theme, verdict.disposition);
    let mut text = vec![Line::from(vec![
        Span::raw(format!(" {} ", column("verdict", 10))),
        Span::styled(word, style),
        Span::raw(format!("  score {}", verdict.score_bp / 100)),
    ])];
    // Equal ones are one line: the words below have the room.
    let mut told: Vec<(Disposition, bool, &str, usize)> = Vec::new();
    for finding in &verdict.findings {
        if finding.disposition < Disposition::Review {
            continue;
        }
        let known = other.is_some_and(|other| {
            other.findings.iter().any(|o| {
                o.rule == finding.rule
                    && o.text == finding.text
                    && o.disposition == finding.disposition
            })
        });
        let (disposition, headline) = (finding.disposition, finding.headline());
        let same = told
            .iter_mut()
            .find(|(d, k, h, _)| (*d, *k, *h) == (disposition, known, headline));
        match same {
            Some((.., count)) => *count += 1,
            None => told.push((disposition, known, headline, 1)),
        }
    }
    for (disposition, known, headline, count) in told {
        let mark = if known { "" } else { "only here: " };
        let times = if count > 1 {
            format!(" ({count})")
        } else {
            String::new()
        };
        let words = format!("{mark}{headline}{times}");
        text.extend(card::stated(
            model,
            disposition,
            &words,
            width.saturating_sub(2),
        ));
    }
    text
}
