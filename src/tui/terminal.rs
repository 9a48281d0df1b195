//! The loop and the terminal: set up, restored on quit, panic and signal.

use super::effect::Effect;
use super::keymap::Keys;
use super::model::Model;
use super::msg::Msg;
use super::theme::Theme;
use super::update::update;
use super::view;
use super::worker::{self, Answer};
use crate::error::{Error, Kind, Result};
use crate::service::Workspace;
use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{DisableMouseCapture, EnableMouseCapture, EventStream};
use crossterm::execute;
use futures_util::StreamExt as _;
use std::io::stdout;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

/// Messages that may wait before the worker has to.
const WAITING: usize = 256;

/// Opens the desk on a terminal and stays until the user quits.
///
/// # Errors
/// The terminal cannot be driven.
pub fn run(
    workspace: Arc<Workspace>,
    theme: Theme,
    keys: (Keys, Option<String>),
    profiles: Vec<PathBuf>,
    open: Option<PathBuf>,
) -> Result<()> {
    let failed = |e: std::io::Error| Error::new(Kind::Io, format!("the terminal: {e}"));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(failed)?;
    crossterm::style::force_color_output(true);
    restore_on_panic();
    let mut terminal = ratatui::try_init().map_err(failed)?;
    let outcome = runtime.block_on(drive(&mut terminal, workspace, theme, keys, profiles, open));
    let _ = execute!(stdout(), DisableMouseCapture);
    ratatui::restore();
    runtime.shutdown_background();
    outcome.map_err(failed)
}

/// Only a panic of the drawing thread gives the terminal back: a stage's panic is a failed stage, and its words would
/// land on a running screen. Panic texts may hold data, so only the place is told.
fn restore_on_panic() {
    let drawing = std::thread::current().id();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() == drawing {
            let _ = execute!(stdout(), DisableMouseCapture);
            ratatui::restore();
            let place = info
                .location()
                .map(|l| format!("{}:{}", l.file(), l.line()))
                .unwrap_or_default();
            eprintln!(
                "error: EchoVoice stopped unexpectedly at {place}; what was recorded is in the ledger"
            );
        }
    }));
}

async fn drive(
    terminal: &mut ratatui::DefaultTerminal,
    workspace: Arc<Workspace>,
    theme: Theme,
    keys: (Keys, Option<String>),
    profiles: Vec<PathBuf>,
    open: Option<PathBuf>,
) -> std::io::Result<()> {
    let (sender, mut messages) = mpsc::channel::<Msg>(WAITING);
    let (effects, jobs) = std::sync::mpsc::channel::<Effect>();
    let pause = Arc::new(AtomicBool::new(false));
    let mut model = Model::new(theme, workspace.person.clone(), profiles);
    let (keys, slip) = keys;
    model.keys = keys;
    model.status = slip.map(|problem| (problem, true));
    let answer: Answer = Arc::new(move |msg| sender.blocking_send(msg).is_ok());
    let worker = {
        let pause = pause.clone();
        std::thread::Builder::new()
            .name("worker".into())
            .spawn(move || worker::work(&workspace, &jobs, &answer, &pause))?
    };
    let mut signals = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::hangup())?,
    );
    let mut events = EventStream::new();
    let send = |effect| {
        // The worker ends only when this side does.
        let _ = effects.send(effect);
    };
    send(Effect::LoadRuns);
    if let Some(path) = open {
        model.screen = super::model::Screen::Review;
        send(Effect::StartRun(path));
    }
    terminal.draw(|frame| view::draw(frame, &model))?;
    while !model.quit {
        let mut msg = tokio::select! {
            biased;
            Some(msg) = messages.recv() => Some(msg),
            event = events.next() => match event {
                Some(Ok(event)) => Some(Msg::Input(event)),
                _ => Some(Msg::Terminate),
            },
            _ = signals.0.recv() => Some(Msg::Terminate),
            _ = signals.1.recv() => Some(Msg::Terminate),
        };
        let drawn = std::time::Instant::now();
        // Everything that waits is taken before drawing, but a flood may not hold the screen back.
        while let Some(next) = msg {
            let mouse = model.mouse;
            let dialog = model.overlays.len();
            for effect in update(&mut model, next) {
                match effect {
                    Effect::Copy(text) => {
                        // A terminal that refuses the clipboard says nothing; so do we.
                        let _ = execute!(stdout(), CopyToClipboard::to_clipboard_from(text));
                    }
                    Effect::Quit => {}
                    other => send(other),
                }
            }
            if model.pausing {
                pause.store(true, Ordering::Relaxed);
            }
            if mouse != model.mouse {
                let _ = if model.mouse {
                    execute!(stdout(), EnableMouseCapture)
                } else {
                    execute!(stdout(), DisableMouseCapture)
                };
            }
            if model.overlays.len() > dialog
                && matches!(
                    model.overlays.last(),
                    Some(super::model::Overlay::Decide(_))
                )
            {
                drop_waiting_keys();
            }
            msg = if drawn.elapsed().as_millis() < 33 {
                messages.try_recv().ok()
            } else {
                None
            };
        }
        terminal.draw(|frame| view::draw(frame, &model))?;
    }
    // The worker holds the ledger: once it is gone, the file is closed as it should be.
    drop(messages);
    drop(effects);
    tokio::task::spawn_blocking(move || worker.join())
        .await
        .ok();
    Ok(())
}

/// Keys typed before the dialog was on the screen may not answer it.
fn drop_waiting_keys() {
    while crossterm::event::poll(std::time::Duration::ZERO).unwrap_or(false) {
        if crossterm::event::read().is_err() {
            break;
        }
    }
}
