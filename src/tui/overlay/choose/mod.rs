//! Lists to choose from by typing: commands, keys, profiles, packs. Best matches first.

use super::check;
use super::form::ProfileForm;
use crate::domain::profile::Profile;
use crate::error::Result;
use crate::service::check::message_files::is_called_a_mail;
use crate::tui::commands::{go, run_command};
use crate::tui::effect::Effect;
use crate::tui::keymap::{KeyRow, KeyScope};
use crate::tui::model::{Model, Overlay, Screen};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use std::path::{Path, PathBuf};

mod view;

pub(super) use view::{help, list, packs, palette, picker, typed, within};

/// Rows of one page key.
const PAGE: usize = 10;

/// What was typed, which rows match, and the one under the cursor.
#[derive(Clone, Debug, Default)]
pub struct Chooser {
    pub typed: String,
    /// Row under the cursor, among those that match.
    pub at: usize,
    /// Rows that match, best first.
    pub shown: Vec<usize>,
}

impl Chooser {
    pub fn new(names: &[String]) -> Self {
        Self {
            shown: (0..names.len()).collect(),
            ..Self::default()
        }
    }

    /// The rows changed, or what was typed.
    pub fn narrow(&mut self, names: &[String]) {
        self.shown = ranked(&self.typed, names);
        self.at = self.at.min(self.shown.len().saturating_sub(1));
    }

    /// The row under the cursor.
    pub fn chosen(&self) -> Option<usize> {
        self.shown.get(self.at).copied()
    }

    /// Moves or types.
    pub(in crate::tui) fn key(&mut self, key: &KeyEvent, names: &[String]) {
        let last = self.shown.len().saturating_sub(1);
        match key.code {
            KeyCode::Up => self.at = self.at.saturating_sub(1),
            KeyCode::Down => self.at = (self.at + 1).min(last),
            KeyCode::PageUp => self.at = self.at.saturating_sub(PAGE),
            KeyCode::PageDown => self.at = (self.at + PAGE).min(last),
            KeyCode::Home => self.at = 0,
            KeyCode::End => self.at = last,
            KeyCode::Backspace => {
                self.typed.pop();
                self.at = 0;
                self.narrow(names);
            }
            KeyCode::Char(c) if !c.is_control() && self.typed.len() < 300 => {
                self.typed.push(c);
                self.at = 0;
                self.narrow(names);
            }
            _ => {}
        }
    }
}

/// Indices of the names that hold the letters of all typed words in order, best first; the same score keeps the order.
pub fn ranked(typed: &str, names: &[String]) -> Vec<usize> {
    if typed.trim().is_empty() {
        return (0..names.len()).collect();
    }
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::new(
        typed,
        CaseMatching::Ignore,
        Normalization::Smart,
        AtomKind::Fuzzy,
    );
    let mut letters = Vec::new();
    let mut found: Vec<(u32, usize)> = names
        .iter()
        .enumerate()
        .filter_map(|(index, name)| {
            let name = Utf32Str::new(name, &mut letters);
            Some((pattern.score(name, &mut matcher)?, index))
        })
        .collect();
    found.sort_by_key(|(score, index)| (std::cmp::Reverse(*score), *index));
    found.into_iter().map(|(_, index)| index).collect()
}

/// Commands to choose from.
#[derive(Clone, Debug)]
pub struct Commands {
    pub chooser: Chooser,
    pub rows: Vec<KeyRow>,
    names: Vec<String>,
}

impl Commands {
    /// The palette: every command of every screen once, those of this screen and of everywhere first.
    pub fn palette(model: &Model) -> Self {
        let own = [model.screen.scope(), KeyScope::Everywhere];
        let others = KeyScope::ALL
            .into_iter()
            .filter(|scope| !own.contains(scope));
        let scopes = own.into_iter().chain(others);
        Self::of(model, scopes, |row| {
            let b = row.binding;
            format!("{} {} {}", b.help, b.command.id(), b.scope.title())
        })
    }

    /// The help: the keys that hold here.
    pub fn help(model: &Model) -> Self {
        let scopes = [model.screen.scope(), KeyScope::Everywhere];
        Self::of(model, scopes.into_iter(), |row| {
            let b = row.binding;
            format!("{} {} {}", row.key, b.help, b.scope.title())
        })
    }

    fn of(
        model: &Model,
        scopes: impl Iterator<Item = KeyScope>,
        name: impl Fn(&KeyRow) -> String,
    ) -> Self {
        let mut rows: Vec<KeyRow> = Vec::new();
        for scope in scopes {
            for (binding, keys) in model.keys.listed(scope) {
                if !rows.iter().any(|r| r.binding.command == binding.command) {
                    let key = keys.join(" ");
                    rows.push(KeyRow { binding, key });
                }
            }
        }
        let names: Vec<String> = rows.iter().map(name).collect();
        Self {
            chooser: Chooser::new(&names),
            rows,
            names,
        }
    }

    /// The file that is named behind the command `check`.
    pub fn file(&self) -> Option<PathBuf> {
        check::file_of(&self.chooser.typed)
    }

    fn chosen(&self) -> Option<&KeyRow> {
        self.rows.get(self.chooser.chosen()?)
    }
}

/// Does the chosen command, on its own screen if it is not of this one.
fn run_chosen(model: &mut Model, row: &KeyRow) -> Vec<Effect> {
    let elsewhere = Screen::ALL
        .into_iter()
        .find(|screen| screen.scope() == row.binding.scope && *screen != model.screen);
    let mut effects = elsewhere.map_or_else(Vec::new, |screen| go(model, screen));
    effects.extend(run_command(model, row.binding.command));
    effects
}

pub(in crate::tui) fn commands_key(
    model: &mut Model,
    list: &mut Commands,
    key: &KeyEvent,
) -> (bool, Vec<Effect>) {
    // The key that opened the help closes it, as long as nothing is looked for.
    let again = list.chooser.typed.is_empty() && key.code == KeyCode::Char('?');
    if key.code == KeyCode::Esc || again {
        return (false, Vec::new());
    }
    if key.code == KeyCode::Enter {
        if let Some(path) = list.file() {
            return (false, check::check(model, path));
        }
        return match list.chosen() {
            Some(row) => (false, run_chosen(model, row)),
            None => (true, Vec::new()),
        };
    }
    list.chooser.key(key, &list.names);
    (true, Vec::new())
}

/// What a file holds, or what is wrong with it.
type LoadedProfiles = Result<Vec<Profile>>;

/// A path as it was typed or dropped: `~` is the user's folder, and quotes round it are a shell's.
pub(in crate::tui) fn typed_path(typed: &str) -> PathBuf {
    let typed = typed.trim();
    let quoted = ['"', '\'']
        .iter()
        .find_map(|mark| typed.strip_prefix(*mark)?.strip_suffix(*mark));
    let typed = quoted.unwrap_or(typed);
    match typed.strip_prefix("~/").zip(std::env::home_dir()) {
        Some((rest, home)) => home.join(rest),
        None => PathBuf::from(typed),
    }
}

/// Profiles to choose from: files, and what the one under the cursor holds.
#[derive(Clone, Debug, Default)]
pub struct Picker {
    pub chooser: Chooser,
    pub names: Vec<String>,
    /// The last file that was looked into.
    pub peeked: Option<(PathBuf, LoadedProfiles)>,
    /// Enter was pressed before the file was read.
    waits: bool,
}

impl Picker {
    /// Opens on the files that are known; `update` asks for the newest list.
    pub fn open(model: &Model) -> (Self, Vec<Effect>) {
        let mut picker = Self::default();
        picker.list(&model.profiles);
        let mut effects = vec![Effect::ListProfiles];
        effects.extend(picker.peek(model));
        (picker, effects)
    }

    /// Takes a new list of files.
    pub fn list(&mut self, files: &[PathBuf]) {
        let name = |file: &PathBuf| match file.file_name() {
            Some(name) => name.to_string_lossy().into_owned(),
            None => file.display().to_string(),
        };
        self.names = files.iter().map(name).collect();
        self.chooser.narrow(&self.names);
    }

    /// The file under the cursor, or the path that was typed.
    pub fn path(&self, model: &Model) -> Option<PathBuf> {
        let typed = self.chooser.typed.trim();
        if typed.starts_with(['/', '~', '.']) {
            return Some(typed_path(typed));
        }
        model.profiles.get(self.chooser.chosen()?).cloned()
    }

    /// What the file under the cursor holds, if it was read.
    pub fn found(&self, model: &Model) -> Option<&LoadedProfiles> {
        let path = self.path(model)?;
        let (of, found) = self.peeked.as_ref()?;
        (*of == path).then_some(found)
    }

    /// Asks for what is under the cursor, unless it is known. A path is read when it is entered, not while it is typed.
    fn peek(&self, model: &Model) -> Option<Effect> {
        let typed = self.chooser.typed.starts_with(['/', '~', '.']);
        if typed || self.found(model).is_some() {
            return None;
        }
        self.path(model).map(Effect::Peek)
    }
}

pub(in crate::tui) fn picker_key(
    model: &mut Model,
    picker: &mut Picker,
    key: &KeyEvent,
) -> (bool, Vec<Effect>) {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    match key.code {
        KeyCode::Esc => return (false, Vec::new()),
        KeyCode::Enter => return enter(model, picker),
        KeyCode::Char('n') if control => {
            return (false, open_form(model, ProfileForm::empty()));
        }
        KeyCode::Char('e') if control => {
            return match picker.found(model) {
                Some(Ok(found)) if found.len() == 1 => {
                    let form = ProfileForm::of(&found[0].raw);
                    (false, open_form(model, form))
                }
                _ => {
                    model.status = Some(("choose one profile first".into(), true));
                    (true, Vec::new())
                }
            };
        }
        KeyCode::Char(_) if control => {}
        _ => {
            picker.waits = false;
            picker.chooser.key(key, &picker.names);
        }
    }
    (true, picker.peek(model).into_iter().collect())
}

fn open_form(model: &mut Model, form: ProfileForm) -> Vec<Effect> {
    model.overlays.push(Overlay::Form(Box::new(form)));
    Vec::new()
}

/// Starts the file's profile, or lists what it holds; waits for it to be read. A mail is no profile: it is checked.
fn enter(model: &mut Model, picker: &mut Picker) -> (bool, Vec<Effect>) {
    let Some(path) = picker.path(model) else {
        return (true, Vec::new());
    };
    if is_called_a_mail(&path) {
        return (false, check::check(model, path));
    }
    match picker.found(model) {
        None => {
            picker.waits = true;
            (true, vec![Effect::Peek(path)])
        }
        Some(Err(_)) => (true, Vec::new()),
        Some(Ok(found)) if found.len() == 1 => {
            model.screen = Screen::Review;
            (false, vec![Effect::StartRun { path, number: 0 }])
        }
        Some(Ok(found)) => {
            let within = ProfilesInFile::new(path, found.clone());
            model.overlays.push(Overlay::Within(Box::new(within)));
            (true, Vec::new())
        }
    }
}

/// A file was read: shown, and opened if Enter was pressed meanwhile.
pub(in crate::tui) fn peeked(
    model: &mut Model,
    path: PathBuf,
    found: LoadedProfiles,
) -> Vec<Effect> {
    let below = model.overlays.len().saturating_sub(1);
    let Some(Overlay::Picker(mut picker)) = model
        .overlays
        .pop_if(|over| matches!(over, Overlay::Picker(_)))
    else {
        return Vec::new();
    };
    let chosen = picker.path(model).as_deref() == Some(path.as_path());
    picker.peeked = Some((path, found));
    // The answer for a file that was under the cursor before leaves Enter waiting.
    let waits = chosen && std::mem::take(&mut picker.waits);
    let (keep, effects) = if waits {
        enter(model, &mut picker)
    } else {
        (true, Vec::new())
    };
    if keep {
        model.overlays.insert(below, Overlay::Picker(picker));
    }
    effects
}

/// The profiles of one file.
#[derive(Clone, Debug)]
pub struct ProfilesInFile {
    pub path: PathBuf,
    pub profiles: Vec<Profile>,
    pub chooser: Chooser,
    pub names: Vec<String>,
}

impl ProfilesInFile {
    pub fn new(path: PathBuf, profiles: Vec<Profile>) -> Self {
        let names: Vec<String> = (1..)
            .zip(&profiles)
            .map(|(number, profile)| format!("{number:>5}  {}", line(profile)))
            .collect();
        Self {
            chooser: Chooser::new(&names),
            path,
            profiles,
            names,
        }
    }

    pub fn file(&self) -> String {
        let name = self.path.file_name().map(Path::new);
        name.unwrap_or(&self.path).display().to_string()
    }
}

/// A profile in a line: id, channel, page, how far.
fn line(profile: &Profile) -> String {
    let far = match (profile.attended, profile.scheduled, profile.form_started) {
        (true, _, _) => "attended",
        (_, true, _) => "scheduled",
        (_, _, true) => "form started",
        _ => "browsing",
    };
    format!(
        "{}  {}  {}  {far}",
        profile.id,
        profile.channel.unwrap_or_default(),
        profile.viewed_page.as_deref().unwrap_or("-")
    )
}

pub(in crate::tui) fn within_key(
    model: &mut Model,
    within: &mut ProfilesInFile,
    key: &KeyEvent,
) -> (bool, Vec<Effect>) {
    match key.code {
        KeyCode::Esc => (false, Vec::new()),
        KeyCode::Enter => match within.chooser.chosen() {
            Some(number) => {
                model.screen = Screen::Review;
                model
                    .overlays
                    .retain(|over| !matches!(over, Overlay::Picker(_)));
                let path = within.path.clone();
                (false, vec![Effect::StartRun { path, number }])
            }
            None => (true, Vec::new()),
        },
        _ => {
            within.chooser.key(key, &within.names);
            (true, Vec::new())
        }
    }
}

/// Packs under which the open run may be judged.
#[derive(Clone, Debug, Default)]
pub struct Packs {
    /// Ids.
    pub ids: Vec<String>,
    pub names: Vec<String>,
    pub chooser: Chooser,
}

impl Packs {
    pub fn list(&mut self, packs: Vec<(String, String)>) {
        (self.ids, self.names) = packs.into_iter().unzip();
        self.chooser.narrow(&self.names);
    }
}

pub(in crate::tui) fn packs_key(packs: &mut Packs, key: &KeyEvent) -> (bool, Vec<Effect>) {
    match key.code {
        KeyCode::Esc => (false, Vec::new()),
        KeyCode::Enter => match packs.chooser.chosen().and_then(|at| packs.ids.get(at)) {
            Some(id) => (false, vec![Effect::JudgeUnder(id.clone())]),
            None => (true, Vec::new()),
        },
        _ => {
            packs.chooser.key(key, &packs.names);
            (true, Vec::new())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_match_comes_first_and_ties_keep_their_order() {
        let names = [
            "12-hostile.json",
            "a-host.json",
            "ghost-story.json",
            "x.json",
        ];
        let names: Vec<String> = names.map(str::to_owned).to_vec();
        let found = ranked("host", &names);
        assert_eq!(found.len(), 3);
        assert_ne!(found[0], 2, "the start of a word counts more");
        assert_eq!(ranked("", &names), [0, 1, 2, 3]);
        assert!(ranked("zzz", &names).is_empty());
        let same: Vec<String> = (0..9).map(|_| "same".to_owned()).collect();
        assert_eq!(ranked("sa", &same), (0..9).collect::<Vec<_>>());
    }
}
