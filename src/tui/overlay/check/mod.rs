//! Messages of others before the gate: which file is asked for, and what the gate said of it. Pure, as `update` is.

use super::choose::{Chooser, typed_path};
use crate::domain::finding::{Disposition, Finding};
use crate::domain::message::ListedPart;
use crate::error::Result;
use crate::service::check::message_files::Checked;
use crate::tui::effect::Effect;
use crate::tui::model::{Model, Overlay};
use crossterm::event::{KeyCode, KeyEvent};
use std::path::{Path, PathBuf};

mod view;

pub(super) use view::{file, verdict};

/// Lines of one page key.
const PAGE: usize = 10;

/// Which file is to be checked: one of those that lie there, or a path that is typed.
#[derive(Clone, Debug, Default)]
pub struct FileAsked {
    pub chooser: Chooser,
    pub files: Vec<PathBuf>,
    pub names: Vec<String>,
    /// Why the last one could not be read.
    pub problem: Option<String>,
}

impl FileAsked {
    /// Takes a new list of files.
    pub fn list(&mut self, files: Vec<PathBuf>) {
        self.names = files.iter().map(|file| name_of(file)).collect();
        self.files = files;
        self.chooser.narrow(&self.names);
    }

    /// The path that was typed, or the file under the cursor.
    fn path(&self) -> Option<PathBuf> {
        let typed = self.chooser.typed.trim();
        let listed = || self.files.get(self.chooser.chosen()?).cloned();
        if looks_like_a_path(typed) {
            return Some(typed_path(typed));
        }
        listed().or_else(|| (!typed.is_empty()).then(|| typed_path(typed)))
    }
}

/// The last part of a path, or all of it.
pub(in crate::tui) fn name_of(path: &Path) -> String {
    let name = path.file_name().map(Path::new);
    name.unwrap_or(path).display().to_string()
}

fn looks_like_a_path(typed: &str) -> bool {
    typed.starts_with(['.', '~', '"', '\'']) || typed.contains('/')
}

/// The file that words name which begin with the command: `check letter.eml`. Words without a point or a slash look for
/// a command.
pub(in crate::tui) fn file_of(words: &str) -> Option<PathBuf> {
    let file = words.trim().strip_prefix("check ")?.trim();
    (looks_like_a_path(file) || file.contains('.')).then(|| typed_path(file))
}

/// What the lower or right pane shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Side {
    /// The chosen finding.
    #[default]
    Finding,
    /// The part in which it stands, with its words marked.
    Words,
    /// The parts of the mail, read and not read, and the remarks.
    Parts,
    /// Which rules looked.
    Rules,
}

impl Side {
    const ALL: [Self; 4] = [Self::Finding, Self::Words, Self::Parts, Self::Rules];

    fn next(self, by: usize) -> Self {
        let at = Self::ALL.iter().position(|side| *side == self);
        Self::ALL[(at.unwrap_or(0) + by) % Self::ALL.len()]
    }
}

/// A checked message on the screen.
#[derive(Clone, Debug)]
pub struct CheckedView {
    pub path: PathBuf,
    pub checked: Checked,
    /// The finding under the cursor.
    pub at: usize,
    pub side: Side,
    pub scroll: usize,
}

impl CheckedView {
    pub fn new(path: PathBuf, checked: Checked) -> Self {
        let mut shown = Self {
            path,
            checked,
            at: 0,
            side: Side::default(),
            scroll: 0,
        };
        if shown.findings().is_empty() {
            shown.side = Side::Parts;
        }
        shown
    }

    /// Findings that are listed: all that say something, the worst first.
    pub fn findings(&self) -> Vec<&Finding> {
        let all = self.checked.verdict.findings.iter();
        let says = |f: &&Finding| f.disposition >= Disposition::Info;
        let mut listed: Vec<&Finding> = all.filter(says).collect();
        listed.sort_by_key(|f| std::cmp::Reverse(f.disposition));
        listed
    }

    pub fn finding(&self) -> Option<&Finding> {
        self.findings().get(self.at).copied()
    }

    /// Parts of the mail that were not read.
    pub fn unread(&self) -> impl Iterator<Item = &ListedPart> {
        self.checked.message.listed.iter().filter(|l| !l.read)
    }
}

/// Asks for a file to check.
pub(in crate::tui) fn open(model: &mut Model) -> Vec<Effect> {
    model.overlays.push(Overlay::FileAsked(Box::default()));
    vec![Effect::ListMessages]
}

/// Checks a file; what comes back is shown if the user still waits for it.
pub(in crate::tui) fn check(model: &mut Model, path: PathBuf) -> Vec<Effect> {
    model.status = Some((format!("checking {} …", name_of(&path)), false));
    model.checking = Some(path.clone());
    vec![Effect::Check(path)]
}

pub(in crate::tui) fn file_key(
    model: &mut Model,
    asked: &mut FileAsked,
    key: &KeyEvent,
) -> (bool, Vec<Effect>) {
    match key.code {
        KeyCode::Esc => {
            (model.checking, model.status) = (None, None);
            (false, Vec::new())
        }
        KeyCode::Enter => match asked.path() {
            Some(path) => {
                asked.problem = None;
                (true, check(model, path))
            }
            None => (true, Vec::new()),
        },
        _ => {
            asked.problem = None;
            asked.chooser.key(key, &asked.names);
            (true, Vec::new())
        }
    }
}

/// The gate has spoken, or the file could not be read.
pub(in crate::tui) fn checked(model: &mut Model, path: PathBuf, outcome: Result<Box<Checked>>) {
    if model.checking.as_ref() != Some(&path) {
        return;
    }
    (model.checking, model.status) = (None, None);
    let is_own = |over: &Overlay| matches!(over, Overlay::FileAsked(_) | Overlay::Checked(_));
    match outcome {
        // Nothing comes between somebody and what they opened meanwhile.
        Ok(checked) if !model.overlays.iter().all(is_own) => {
            let says = checked.verdict.disposition.as_str();
            let text = format!("{}: {says}; M shows it again", name_of(&path));
            model.status = Some((text, false));
        }
        Ok(checked) => {
            model.overlays.clear();
            let shown = CheckedView::new(path, *checked);
            model.overlays.push(Overlay::Checked(Box::new(shown)));
        }
        Err(error) => match model.overlays.last_mut() {
            Some(Overlay::FileAsked(asked)) => asked.problem = Some(error.to_string()),
            _ => model.status = Some((error.to_string(), true)),
        },
    }
}

pub(in crate::tui) fn checked_key(
    model: &mut Model,
    shown: &mut CheckedView,
    key: &KeyEvent,
) -> (bool, Vec<Effect>) {
    let last = shown.findings().len().saturating_sub(1);
    let end = model.drawn.borrow().last_line;
    let scroll = shown.scroll.min(end);
    match key.code {
        KeyCode::Esc | KeyCode::Char('q') => {
            model.checking = None;
            return (false, Vec::new());
        }
        KeyCode::Up | KeyCode::Char('k' | 'N') => {
            (shown.at, shown.scroll) = (shown.at.saturating_sub(1), 0);
        }
        KeyCode::Down | KeyCode::Char('j' | 'n') => {
            (shown.at, shown.scroll) = ((shown.at + 1).min(last), 0);
        }
        KeyCode::Home | KeyCode::Char('g') => (shown.at, shown.scroll) = (0, 0),
        KeyCode::End | KeyCode::Char('G') => (shown.at, shown.scroll) = (last, 0),
        KeyCode::Tab | KeyCode::Right | KeyCode::Char('e' | 'l') => {
            (shown.side, shown.scroll) = (shown.side.next(1), 0);
        }
        KeyCode::BackTab | KeyCode::Left | KeyCode::Char('h') => {
            (shown.side, shown.scroll) = (shown.side.next(Side::ALL.len() - 1), 0);
        }
        KeyCode::PageUp => shown.scroll = scroll.saturating_sub(PAGE),
        KeyCode::PageDown | KeyCode::Char(' ') => shown.scroll = (scroll + PAGE).min(end),
        KeyCode::Char('r') => return (true, check(model, shown.path.clone())),
        KeyCode::Char('M' | ':') => return (true, open(model)),
        _ => {}
    }
    (true, Vec::new())
}
