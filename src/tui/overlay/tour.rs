//! A tour of the screens: its steps, and each of them drawn at the foot of the screen that it is about.

use crate::domain::person::Action;
use crate::domain::run::Run;
use crate::tui::effect::Effect;
use crate::tui::model::{Model, Overlay, Screen};
use crate::tui::overlay::choose::Commands;
use crate::tui::text::wrap;
use crate::tui::view::{Pane, beside, lines, pane};
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Clear;
use std::path::PathBuf;

/// The demo profile that it shows.
pub const DEMO: &str = "01-clean-winner.json";

/// One step: the screen it is about, its name, and what it says.
pub struct TourStep {
    pub screen: Screen,
    pub title: &'static str,
    pub words: &'static str,
}

pub const STEPS: [TourStep; 6] = [
    TourStep {
        screen: Screen::Queue,
        title: "Queue",
        words: "What waits for a decision stands here, most urgent first. Arrows move, Enter opens, Esc goes back, and the line below always says which keys there are. n takes a customer's profile through the pipeline; in the demo's home one goes through behind this box, off the record.",
    },
    TourStep {
        screen: Screen::Review,
        title: "Review",
        words: "Six stages: segment, retrieve, generate, safety, analyze, deliver. Space runs one, c runs on to the end, x runs again from the chosen one. Left and right show the variants; each sentence names what it rests on.",
    },
    TourStep {
        screen: Screen::Citations,
        title: "Citations",
        words: "Which passages of the knowledge base were found, in which order and why; who uses each, and what falls without it. Personal data in them was taken out before anybody saw it.",
    },
    TourStep {
        screen: Screen::Safety,
        title: "Gate",
        words: "Checks by variants. ok may go out, WARN a person must look, BLOCK may not go out. For each finding: the words, the rule, the law, and what would pass. E edits the words, checked as you type.",
    },
    TourStep {
        screen: Screen::Review,
        title: "Decision",
        words: "d opens the dialog, on Cancel. Nothing goes out unless you choose, type the variant's letter and record it; the decision is signed with your key and names exactly the text you saw. A slip of the hand approves nothing.",
    },
    TourStep {
        screen: Screen::Audit,
        title: "Record",
        words: "Every run and every decision is an entry that nobody can change unseen. v verifies the whole ledger; somebody outside can do the same without this program. That was all: ? lists the keys at any time.",
    },
];

/// Where the tour stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tour {
    pub step: usize,
}

/// Opens the tour, over a demo profile if there is one.
pub(in crate::tui) fn begin(model: &mut Model) -> Vec<Effect> {
    model.overlays.clear();
    model.overlays.push(Overlay::Tour(Tour::default()));
    show(model, 0);
    // The shipped one alone: no customer's profile is run for a tour.
    let is_demo = |file: &&PathBuf| file.file_name().is_some_and(|name| name == DEMO);
    let demo = model.profiles.iter().find(is_demo).cloned();
    let idle = model.run.is_none() && !model.busy;
    let may = model.person.role.may(Action::StartRun).is_ok();
    demo.filter(|_| idle && may)
        .map(Effect::StartPreview)
        .into_iter()
        .collect()
}

pub(in crate::tui) fn tour_key(
    model: &mut Model,
    tour: &mut Tour,
    key: &KeyEvent,
) -> (bool, Vec<Effect>) {
    match key.code {
        KeyCode::Esc | KeyCode::Char('q') => return (false, end(model)),
        // The keys are those of the desk: the tour is over.
        KeyCode::Char('?') => {
            let effects = end(model);
            let list = Commands::help(model);
            model.overlays.push(Overlay::Help(Box::new(list)));
            return (false, effects);
        }
        KeyCode::Left | KeyCode::Backspace => tour.step = tour.step.saturating_sub(1),
        KeyCode::Enter | KeyCode::Right | KeyCode::Char(' ') => {
            if tour.step + 1 == STEPS.len() {
                return (false, end(model));
            }
            tour.step += 1;
        }
        _ => {}
    }
    show(model, tour.step);
    (true, Vec::new())
}

fn show(model: &mut Model, step: usize) {
    (model.screen, model.pane, model.scroll) = (STEPS[step].screen, 0, 0);
}

/// The desk as it was before, and the tour never again by itself.
fn end(model: &mut Model) -> Vec<Effect> {
    model.screen = Screen::Queue;
    let mut effects = vec![Effect::TourSeen];
    let preview = model.run.as_ref().is_some_and(Run::is_preview);
    let under_way = model.opening || model.busy && preview;
    if under_way || preview {
        model.unwatched = under_way;
        (model.busy, model.opening) = (false, false);
        model.run = None;
        model.log.clear();
        effects.push(Effect::CloseRun);
    }
    effects.push(Effect::LoadRuns);
    effects
}

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, tour: &Tour) {
    let step = &STEPS[tour.step.min(STEPS.len() - 1)];
    let width = area.width.min(88);
    let words = wrap(step.words, usize::from(width).saturating_sub(4));
    let height = u16::try_from(words.len() + 2)
        .unwrap_or(area.height)
        .min(area.height);
    let at = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + area.height - height,
        width,
        height,
    };
    frame.render_widget(Clear, beside(at, area));
    let count = format!("{} of {}", tour.step + 1, STEPS.len());
    let inside = pane(frame, at, step.title, &count, (model, Pane::Over));
    let text: Vec<Line<'_>> = words
        .into_iter()
        .map(|l| Line::raw(format!(" {l}")))
        .collect();
    lines(frame, inside, text, 0);
}
