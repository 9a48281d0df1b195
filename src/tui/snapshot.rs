//! One frame as text, and as text with style runs: for documentation and tests.

use super::ask::{Ask, Asked};
use super::effect::Effect;
use super::model::{Aspect, Chooser, Model, Overlay, Screen};
use super::msg::Msg;
use super::theme::Theme;
use super::update::update;
use super::view;
use crate::domain::finding::Disposition;
use crate::domain::person::Person;
use crate::domain::review::Act;
use crate::domain::run::Run;
use crate::service::audit::Entry;
use crate::service::policy::RuleCard;
use crate::service::queue::RunSummary;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};
use std::path::PathBuf;

/// Names that `--screen` takes.
pub const NAMES: [&str; 16] = [
    "queue",
    "review",
    "citations",
    "safety",
    "evidence",
    "audit",
    "decide",
    "help",
    "palette",
    "picker",
    "edit",
    "dismiss",
    "policies",
    "comment",
    "together",
    "passphrase",
];

/// What a snapshot shows.
pub struct Scene {
    pub theme: Theme,
    pub person: Person,
    pub run: Option<Run>,
    pub runs: Vec<RunSummary>,
    pub entries: Vec<Entry>,
    pub profiles: Vec<PathBuf>,
    pub policies: Vec<RuleCard>,
}

/// A model as the named screen would have it; `None` for an unknown name.
pub fn model(scene: Scene, screen: &str) -> Option<Model> {
    let mut model = Model::new(scene.theme, scene.person, scene.profiles);
    let size = scene.entries.len() as u64;
    let mut waiting = scene.runs.clone();
    waiting.retain(|run| run.state.is_open());
    let now = scene.runs.iter().map(|run| run.updated.clone()).max();
    let now = now.unwrap_or_default();
    update(
        &mut model,
        Msg::Runs {
            waiting,
            runs: scene.runs,
            size,
            now,
            through_another: false,
        },
    );
    update(&mut model, Msg::Entries(scene.entries));
    if let Some(run) = scene.run {
        update(
            &mut model,
            Msg::Run {
                run: Box::new(run),
                idle: true,
            },
        );
    }
    model.screen = match screen {
        "queue" | "picker" | "comment" | "together" | "passphrase" => Screen::Queue,
        "citations" => Screen::Citations,
        "safety" | "evidence" | "decide" | "help" | "edit" | "dismiss" | "policies" => {
            Screen::Safety
        }
        "audit" => Screen::Audit,
        "review" | "palette" => Screen::Review,
        _ => return None,
    };
    match screen {
        "decide" => {
            update(&mut model, press('d'));
        }
        "evidence" => {
            model.aspect = Aspect::Evidence;
            model.pane = 2;
        }
        // The variant that has something to mend, if there is one.
        "edit" | "dismiss" => {
            let blocked = model.run.as_ref().and_then(|run| {
                let gate = run.gate.as_ref()?;
                gate.iter()
                    .position(|g| g.verdict.disposition == Disposition::Block)
            });
            model.variant_at = blocked.unwrap_or(model.variant_at);
            model.check_at = 2;
            let key = if screen == "edit" { 'E' } else { 'u' };
            update(&mut model, press(key));
        }
        "policies" => {
            update(&mut model, press('p'));
            update(&mut model, Msg::Policies(scene.policies));
        }
        "comment" | "together" | "passphrase" => {
            let run = model
                .runs
                .first()
                .map(|r| r.run.clone())
                .unwrap_or_default();
            let asked = match screen {
                "comment" => Asked::Words {
                    run,
                    act: Act::Comment,
                },
                "together" => Asked::Count { runs: vec![run] },
                _ => Asked::Passphrase {
                    then: Box::new(Effect::Verify),
                },
            };
            model.overlays.push(Overlay::Ask(Box::new(Ask::new(asked))));
        }
        "help" => model.overlays.push(Overlay::Help),
        "palette" => model.overlays.push(Overlay::Palette(Chooser::default())),
        "picker" => model.overlays.push(Overlay::Picker(Chooser::default())),
        _ => {}
    }
    Some(model)
}

fn press(key: char) -> Msg {
    Msg::Input(Event::Key(KeyEvent::new(
        KeyCode::Char(key),
        KeyModifiers::NONE,
    )))
}

/// Draws into a buffer.
pub fn frame(model: &Model, width: u16, height: u16) -> Buffer {
    let mut terminal = match Terminal::new(TestBackend::new(width, height)) {
        Ok(terminal) => terminal,
        Err(never) => match never {},
    };
    match terminal.draw(|f| view::draw(f, model)) {
        Ok(done) => done.buffer.clone(),
        Err(never) => match never {},
    }
}

/// The buffer's text, without trailing spaces.
pub fn text(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let mut line = String::new();
        for x in 0..buffer.area.width {
            line.push_str(buffer[(x, y)].symbol());
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Text, and below it the runs of style: `row:from..to` and what they are.
pub fn styled(buffer: &Buffer) -> String {
    let mut out = text(buffer);
    out.push_str("--- styles\n");
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let style = buffer[(x, y)].style();
            let from = x;
            while x < buffer.area.width && buffer[(x, y)].style() == style {
                x += 1;
            }
            let words = describe(style);
            if !words.is_empty() {
                out.push_str(&format!("{y}:{from}..{x} {words}\n"));
            }
        }
    }
    out
}

fn describe(style: Style) -> String {
    let mut words = Vec::new();
    match style.fg {
        None | Some(Color::Reset) => {}
        Some(colour) => words.push(format!("fg={colour}")),
    }
    if style.add_modifier != Modifier::empty() {
        words.push(format!("{:?}", style.add_modifier));
    }
    words.join(" ")
}
