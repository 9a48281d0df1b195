//! A frame as lines, and only those that changed.

use crate::tui::model::{Model, Overlay, Screen};
use crate::tui::snapshot;
use crate::tui::text::safe;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::mem::{Discriminant, discriminant};

/// The frame that is read: so long that panes lie below each other and all of them have room.
pub const SIZE: (u16, u16) = (110, 480);

/// What is on the screen, in kind: everything is told when it changes.
type Sight = (Screen, Option<Discriminant<Overlay>>, usize);

/// Tells what changed.
#[derive(Default)]
pub struct Teller {
    /// The user said something that was not answered yet.
    asked: bool,
    /// The status line was told since then.
    spoken: bool,
    sight: Option<Sight>,
    told: Vec<String>,
    /// The screen below what stands over it, as it was told.
    below: Option<(Screen, Vec<String>)>,
    status: Option<String>,
    log: usize,
}

impl Teller {
    /// The user said something.
    pub fn asked(&mut self) {
        (self.asked, self.spoken) = (true, false);
    }

    /// Prints what changed since the last time: stages at once, the rest when nothing runs.
    pub fn tell(&mut self, model: &Model, quiet: bool, out: &mut dyn Write) -> io::Result<()> {
        let fresh = model.log.len().saturating_sub(self.log);
        for line in model.log.iter().rev().take(fresh).rev() {
            writeln!(out, "{}", safe(line))?;
        }
        self.log = model.log.len();
        let status = model.status.as_ref().map(|(text, bad)| {
            let mark = if *bad { "! " } else { "" };
            format!("{mark}{}", safe(text))
        });
        if let Some(line) = &status
            && (status != self.status || (self.asked && quiet && !self.spoken))
        {
            writeln!(out, "{line}")?;
            self.spoken = true;
        }
        self.status = status;
        if !quiet || !(self.asked || self.sight != Some(sight(model))) {
            return out.flush();
        }
        let lines = frame(model);
        let now = sight(model);
        // What was closed leaves the screen below it: only what is other there is told.
        let back = model.overlays.is_empty() && self.sight != Some(now);
        if let Some((_, told)) = self.below.take_if(|(screen, _)| back && *screen == now.0) {
            (self.sight, self.told) = (Some(now), told);
            writeln!(out, "# {}", now.0.title())?;
        }
        if self.sight == Some(now) {
            let mut known: BTreeMap<&str, usize> = BTreeMap::new();
            for line in &self.told {
                *known.entry(line).or_default() += 1;
            }
            let mut same = true;
            for line in &lines {
                match known.get_mut(line.as_str()) {
                    Some(left) if *left > 0 => *left -= 1,
                    _ => {
                        same = false;
                        writeln!(out, "{line}")?;
                    }
                }
            }
            if same && model.status.is_none() {
                writeln!(out, "(nothing changed)")?;
            }
        } else {
            writeln!(out)?;
            for line in &lines {
                writeln!(out, "{line}")?;
            }
            writeln!(out, "{}", hint(model))?;
        }
        if model.overlays.is_empty() {
            self.below = Some((now.0, lines.clone()));
        }
        (self.sight, self.told, self.asked) = (Some(now), lines, false);
        out.flush()
    }
}

fn sight(model: &Model) -> Sight {
    let over = model.overlays.last().map(discriminant);
    (model.screen, over, model.overlays.len())
}

/// What can be said now.
fn hint(model: &Model) -> &'static str {
    match model.overlays.last() {
        None => "(a number chooses, Enter opens, Esc goes back, ? lists the commands, quit ends)",
        Some(Overlay::Decide(_)) => {
            "(a number or Up and Down choose, Tab and Shift-Tab walk the fields, words are typed in Reason, the letter confirms, Enter presses, Esc leaves)"
        }
        Some(Overlay::Tour(_)) => "(Enter goes on, Esc ends the tour)",
        Some(_) => "(words are typed, a number chooses, Enter takes it, Esc leaves)",
    }
}

/// The panes of the screen, or of what stands over it, one after the other.
fn frame(model: &Model) -> Vec<String> {
    let (width, height) = SIZE;
    let buffer = snapshot::frame(model, width, height);
    let drawn = model.drawn.borrow();
    let over = !model.overlays.is_empty() && drawn.panes.iter().any(|pane| pane.over);
    let panes: Vec<_> = drawn
        .panes
        .iter()
        .filter(|pane| pane.over == over)
        .collect();
    let last = panes.len().saturating_sub(1);
    let mut lines = Vec::new();
    for (at, pane) in panes.into_iter().enumerate() {
        // Of several things that stand over each other, the uppermost.
        if over && at != last && model.overlays.len() > 1 {
            continue;
        }
        let right = if pane.right.is_empty() {
            String::new()
        } else {
            format!("   {}", safe(&pane.right))
        };
        lines.push(format!("# {}{right}", pane.title));
        for area in pane.inside.rows() {
            let text = words(&buffer, area);
            if text.is_empty() {
                continue;
            }
            let number = drawn
                .rows
                .iter()
                .find(|(row, _)| row.y == area.y && row.intersects(area));
            lines.push(match number {
                Some((_, index)) => format!("{}. {text}", index + 1),
                None => text,
            });
        }
    }
    lines
}

fn words(buffer: &Buffer, area: Rect) -> String {
    let cells = area.positions().map(|at| buffer[at].symbol());
    let text: String = cells.collect();
    // Columns are for eyes.
    let parts = text.split("   ").map(str::trim);
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    parts.join("  ")
}
