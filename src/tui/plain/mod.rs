//! The desk as lines: for screen readers, and for terminals that can do nothing else. Nothing is redrawn, nothing is
//! boxed; each change prints what changed. It reads the very frames that the screen would show, so it cannot fall behind.

mod say;

use super::effect::Effect;
use super::keymap::{DeskCommand, TABLE};
use super::keys::perform;
use super::model::{Model, Overlay};
use super::mouse::cursor;
use super::msg::Msg;
use super::overlay::check;
use super::start::Start;
use super::update::update;
use super::worker::{self, MsgSender};
use crate::error::{Error, Kind, Result};
use crate::service::Workspace;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use say::Teller;
use std::io::{BufRead, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};

/// Something that was heard.
enum PlainEvent {
    Msg(Box<Msg>),
    Line(String),
    /// There are no more lines.
    End,
}

/// Reads commands line by line and prints what changes, until there are no more or the user quits. Row 3 of a list is
/// chosen by `3`, a command is given by its key or its id, words are typed into what is open.
///
/// # Errors
/// The output cannot be written.
pub fn run(
    workspace: Arc<Workspace>,
    start: Start,
    input: impl BufRead + Send + 'static,
    out: &mut dyn Write,
) -> Result<()> {
    let (sender, heard) = channel::<PlainEvent>();
    let (effects, jobs) = channel::<Effect>();
    let pause = Arc::new(AtomicBool::new(false));
    let mut model = start.model(workspace.person.clone());
    model.size = say::SIZE;
    let answers = sender.clone();
    let answer: MsgSender =
        Arc::new(move |msg| answers.send(PlainEvent::Msg(Box::new(msg))).is_ok());
    let spawned = {
        let (pause, places) = (pause.clone(), start.places.clone());
        std::thread::Builder::new()
            .name("worker".into())
            .spawn(move || worker::work(&workspace, &jobs, &answer, &pause, &places))
    };
    let failed = |e: std::io::Error| Error::of(Kind::Io, e);
    let worker = spawned.map_err(failed)?;
    std::thread::spawn(move || listen(input, &sender));
    let mut teller = Teller::default();
    let mut pending = 0_usize;
    let send = |batch: Vec<Effect>, pending: &mut usize| {
        for effect in batch
            .into_iter()
            .filter(|effect| !effect.is_of_the_terminal())
        {
            *pending += usize::from(effects.send(effect).is_ok());
        }
    };
    send(start.first(&mut model), &mut pending);
    let mut lines: std::collections::VecDeque<String> = std::collections::VecDeque::new();
    let mut ended = false;
    while !model.quit {
        // A line is taken when everything before it is done: what was said next must not meet an older screen.
        let quiet = pending == 0 && !model.busy;
        if quiet && let Some(line) = lines.pop_front() {
            let batch = hear(&mut model, &line);
            send(batch, &mut pending);
            if model.pausing {
                pause.store(true, Ordering::Relaxed);
            }
            teller.asked();
        } else if quiet && ended {
            break;
        } else {
            let Ok(heard) = heard.recv() else { break };
            match heard {
                PlainEvent::Msg(msg) if matches!(*msg, Msg::Performed) => {
                    pending = pending.saturating_sub(1);
                }
                PlainEvent::Msg(msg) => {
                    let batch = update(&mut model, *msg);
                    send(batch, &mut pending);
                }
                PlainEvent::Line(line) => lines.push_back(line),
                PlainEvent::End => ended = true,
            }
        }
        let quiet = pending == 0 && !model.busy;
        teller.tell(&model, quiet, out).map_err(failed)?;
    }
    drop(effects);
    worker
        .join()
        .map_err(|_| Error::new(Kind::Stage, "the worker stopped unexpectedly"))
}

fn listen(input: impl BufRead, sender: &Sender<PlainEvent>) {
    for line in input.lines() {
        let Ok(line) = line else { break };
        if sender.send(PlainEvent::Line(line)).is_err() {
            return;
        }
    }
    // Nobody listens any more when the desk has ended.
    let _ = sender.send(PlainEvent::End);
}

/// Does what a line says: a number chooses a row; a key's or a command's name is that; other words are typed into what
/// is open.
fn hear(model: &mut Model, line: &str) -> Vec<Effect> {
    let line = line.trim();
    if let Ok(number) = line.parse::<usize>()
        && choose(model, number)
    {
        return Vec::new();
    }
    if let Some(key) = named(line) {
        return update(model, Msg::Input(Event::Key(key)));
    }
    if model.overlays.is_empty() {
        return command(model, line);
    }
    if line == "cancel" {
        return press(model, KeyCode::Esc);
    }
    let mut effects: Vec<Effect> = line
        .chars()
        .flat_map(|c| press(model, KeyCode::Char(c)))
        .collect();
    // A question and a filter are answered by a line; a form is filled field by field.
    let answered = matches!(
        model.overlays.last(),
        Some(
            Overlay::Ask(_)
                | Overlay::Filter
                | Overlay::Dismiss(_)
                | Overlay::CustomerData(_)
                | Overlay::FileAsked(_)
        )
    );
    if answered {
        effects.extend(press(model, KeyCode::Enter));
    }
    effects
}

fn press(model: &mut Model, code: KeyCode) -> Vec<Effect> {
    update(
        model,
        Msg::Input(Event::Key(KeyEvent::new(code, KeyModifiers::NONE))),
    )
}

/// Moves the cursor of the list in sight to its row of this number, from 1 on.
fn choose(model: &mut Model, number: usize) -> bool {
    let Some(index) = number.checked_sub(1) else {
        return false;
    };
    if !model
        .drawn
        .borrow()
        .rows
        .iter()
        .any(|(_, row)| *row == index)
    {
        return false;
    }
    if let Some(Overlay::Decide(mut dialog)) = model
        .overlays
        .pop_if(|over| matches!(over, Overlay::Decide(_)))
    {
        let chosen = dialog.choose_at(model, index);
        model.overlays.push(Overlay::Decide(dialog));
        return chosen;
    }
    match model.overlays.last_mut() {
        None => {
            model.pane = 0;
            *cursor(model) = index;
        }
        Some(Overlay::Help(list) | Overlay::Palette(list)) => list.chooser.at = index,
        Some(Overlay::Picker(picker)) => picker.chooser.at = index,
        Some(Overlay::Within(within)) => within.chooser.at = index,
        Some(Overlay::Packs(packs)) => packs.chooser.at = index,
        Some(Overlay::FileAsked(asked)) => asked.chooser.at = index,
        Some(Overlay::Checked(shown)) => (shown.at, shown.scroll) = (index, 0),
        Some(Overlay::Form(form)) => form.at = index,
        Some(_) => return false,
    }
    true
}

/// A key by its name; a single letter is a key only where nothing is typed into.
fn named(line: &str) -> Option<KeyEvent> {
    let plain = |code| Some(KeyEvent::new(code, KeyModifiers::NONE));
    if let Some(letter) = line.strip_prefix("Ctrl-") {
        let letter = letter.chars().next().filter(char::is_ascii_alphabetic)?;
        let code = KeyCode::Char(letter.to_ascii_lowercase());
        return Some(KeyEvent::new(code, KeyModifiers::CONTROL));
    }
    match line {
        "" | "Enter" => plain(KeyCode::Enter),
        "Esc" => plain(KeyCode::Esc),
        "Tab" => plain(KeyCode::Tab),
        "Shift-Tab" => plain(KeyCode::BackTab),
        "Up" => plain(KeyCode::Up),
        "Down" => plain(KeyCode::Down),
        "Left" => plain(KeyCode::Left),
        "Right" => plain(KeyCode::Right),
        "PgUp" => plain(KeyCode::PageUp),
        "PgDn" => plain(KeyCode::PageDown),
        "Space" => plain(KeyCode::Char(' ')),
        "Backspace" => plain(KeyCode::Backspace),
        _ => None,
    }
}

/// A command by its key on this screen, or by its id.
fn command(model: &mut Model, line: &str) -> Vec<Effect> {
    let mut letters = line.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        return press(model, KeyCode::Char(letter));
    }
    if let Some(path) = check::file_of(line) {
        return check::check(model, path);
    }
    let known = |command: &DeskCommand| command.id() == line;
    match TABLE.iter().map(|binding| binding.command).find(known) {
        Some(command) => perform(model, command),
        None => {
            model.status = Some((format!("no such command: {line}; ? lists them"), true));
            Vec::new()
        }
    }
}
