//! The loop and the terminal: set up, restored on quit, panic and signal.

use super::effect::Effect;
use super::model::{Model, Overlay};
use super::msg::Msg;
use super::start::Start;
use super::update::update;
use super::view;
use super::worker::{self, MsgSender};
use crate::error::{Error, Kind, Result};
use crate::service::Workspace;
use crossterm::clipboard::CopyToClipboard;
use crossterm::cursor::Show;
use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
    EventStream,
};
use crossterm::execute;
use crossterm::terminal::{Clear, ClearType, EnterAlternateScreen, enable_raw_mode};
use futures_util::StreamExt as _;
use ratatui::backend::CrosstermBackend;
use rustix::process::Signal;
use std::io::stdout;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

/// Messages that may wait before the worker has to.
const WAITING: usize = 256;

/// How long what happens may hold back the next frame.
const FRAME: Duration = Duration::from_millis(33);

/// How long a stop may take to come.
const STOPS: Duration = Duration::from_millis(300);

/// Opens the desk on a terminal and stays until the user quits. The home is opened behind the first frame.
///
/// # Errors
/// The terminal cannot be driven, or the home cannot be opened.
pub fn run(open: impl FnOnce() -> Result<Workspace>, start: Start) -> Result<()> {
    let failed = |e: std::io::Error| Error::new(Kind::Io, format!("the terminal: {e}"));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(failed)?;
    crossterm::style::force_color_output(true);
    restore_on_panic();
    let opening = runtime.spawn(restore_while_opening(
        runtime.block_on(async { Ends::new() }).map_err(failed)?,
    ));
    let mut terminal = ratatui::try_init().map_err(failed)?;
    // A terminal that does not know it sends what is pasted as keys.
    let _ = execute!(stdout(), EnableBracketedPaste);
    let outcome = match terminal.draw(view::opening).map_err(failed) {
        Ok(_) => open().and_then(|workspace| {
            let workspace = Arc::new(workspace);
            let desk = async {
                let ends = Ends::new()?;
                opening.abort();
                drive(&mut terminal, workspace, start, ends).await
            };
            runtime.block_on(desk).map_err(failed)
        }),
        Err(error) => Err(error),
    };
    give_back();
    runtime.shutdown_background();
    outcome
}

/// Gives the terminal back as it was. What a terminal refuses it says in no way that would help.
fn give_back() {
    let _ = execute!(stdout(), DisableMouseCapture, DisableBracketedPaste, Show);
    ratatui::restore();
}

/// Only a panic of the drawing thread gives the terminal back: a stage's panic is a failed stage, and its words would
/// land on a running screen. Panic texts may hold data, so only the place is told.
fn restore_on_panic() {
    let drawing = std::thread::current().id();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() == drawing {
            give_back();
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

/// The signals that end the desk. Raw mode sends none for a key; a supervisor or another shell may send any of them.
struct Ends([tokio::signal::unix::Signal; 4]);

impl Ends {
    fn new() -> std::io::Result<Self> {
        Ok(Self([
            signal(SignalKind::terminate())?,
            signal(SignalKind::hangup())?,
            signal(SignalKind::interrupt())?,
            signal(SignalKind::quit())?,
        ]))
    }

    /// Waits for any of them.
    async fn any(&mut self) {
        let [terminate, hangup, interrupt, quit] = &mut self.0;
        tokio::select! {
            _ = terminate.recv() => (),
            _ = hangup.recv() => (),
            _ = interrupt.recv() => (),
            _ = quit.recv() => (),
        }
    }
}

/// Until the home is open nothing else could answer a signal: the terminal is given back, and the program ends.
async fn restore_while_opening(mut ends: Ends) {
    ends.any().await;
    give_back();
    eprintln!("error: stopped by a signal before the home was open; nothing was recorded");
    std::process::exit(1);
}

async fn drive(
    terminal: &mut ratatui::DefaultTerminal,
    workspace: Arc<Workspace>,
    start: Start,
    mut ends: Ends,
) -> std::io::Result<()> {
    let (sender, mut messages) = mpsc::channel::<Msg>(WAITING);
    let (effects, jobs) = std::sync::mpsc::channel::<Effect>();
    let pause = Arc::new(AtomicBool::new(false));
    let mut model = start.model(workspace.person.clone());
    let answer: MsgSender = Arc::new(move |msg| sender.blocking_send(msg).is_ok());
    let worker = {
        let (pause, places) = (pause.clone(), start.places.clone());
        std::thread::Builder::new()
            .name("worker".into())
            .spawn(move || worker::work(&workspace, &jobs, &answer, &pause, &places))?
    };
    let mut resumed = signal(SignalKind::from_raw(Signal::CONT.as_raw()))?;
    let mut events = EventStream::new();
    let send = |effect| {
        // The worker ends only when this side does.
        let _ = effects.send(effect);
    };
    let size = terminal.size()?;
    update(&mut model, Msg::Size(size.width, size.height));
    if model.mouse {
        execute!(stdout(), EnableMouseCapture)?;
    }
    for effect in start.first(&mut model) {
        send(effect);
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
            () = ends.any() => Some(Msg::Terminate),
            _ = resumed.recv() => {
                take_back(terminal, &model)?;
                None
            }
        };
        let drawn = std::time::Instant::now();
        let mut keys_turn = false;
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
                    Effect::Suspend => {
                        suspend(&mut resumed).await?;
                        take_back(terminal, &model)?;
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
            // Keys are taken together too, unless one of them asks whether something shall be decided.
            let deciding = matches!(model.overlays.last(), Some(Overlay::Decide(_)));
            if deciding && model.overlays.len() > dialog {
                drop_waiting_keys();
            }
            // Keys and answers take turns: neither can hold the other back.
            keys_turn = !keys_turn && !deciding;
            msg = if drawn.elapsed() >= FRAME || model.quit {
                None
            } else if keys_turn {
                waiting_key().or_else(|| messages.try_recv().ok())
            } else if deciding {
                messages.try_recv().ok()
            } else {
                messages.try_recv().ok().or_else(waiting_key)
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

/// Hands the terminal back to the shell and stops, until the shell calls the desk to the front again.
async fn suspend(resumed: &mut tokio::signal::unix::Signal) -> std::io::Result<()> {
    give_back();
    rustix::process::kill_current_process_group(Signal::TSTP)?;
    // Without a shell that could resume it nothing stops, and nobody calls back.
    let _ = tokio::time::timeout(STOPS, resumed.recv()).await;
    Ok(())
}

/// Takes the terminal after a pause in which others wrote to it.
fn take_back(terminal: &mut ratatui::DefaultTerminal, model: &Model) -> std::io::Result<()> {
    enable_raw_mode()?;
    execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste)?;
    if model.mouse {
        execute!(stdout(), EnableMouseCapture)?;
    }
    execute!(stdout(), Clear(ClearType::All))?;
    // A new one draws every cell; clearing the old one would ask the terminal for its cursor, which not all answer.
    *terminal = ratatui::Terminal::new(CrosstermBackend::new(stdout()))?;
    Ok(())
}

/// An event that is there already. The stream is not asked: it would forget who waits for the next one.
fn waiting_key() -> Option<Msg> {
    crossterm::event::poll(Duration::ZERO)
        .ok()
        .filter(|there| *there)?;
    crossterm::event::read().ok().map(Msg::Input)
}

/// Keys typed before the dialog was on the screen may not answer it.
fn drop_waiting_keys() {
    while waiting_key().is_some() {}
}
