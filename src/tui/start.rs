//! What the desk starts with: settings, keys, where profiles lie, what is opened first.

use super::columns::QueueColumns;
use super::effect::Effect;
use super::keymap::Keys;
use super::model::{Model, Overlay, Screen};
use super::overlay::check;
use super::overlay::choose::ProfilesInFile;
use super::overlay::tour;
use super::theme::Theme;
use crate::domain::person::Person;
use crate::domain::profile::Profile;
use crate::service::home::settings::{DeskSettings, Glyphs};
use crate::service::intake;
use std::path::PathBuf;

/// How a desk starts.
pub struct Start {
    pub theme: Theme,
    pub settings: DeskSettings,
    pub keys: Keys,
    /// A slip in the settings, told on the first screen.
    pub slip: Option<String>,
    /// Files and folders of profiles.
    pub places: Vec<PathBuf>,
    /// A file to open at once, and its profiles.
    pub open: Option<(PathBuf, Vec<Profile>)>,
    /// A message to check at once.
    pub check: Option<PathBuf>,
    /// Whether the tour is shown.
    pub tour: bool,
}

impl Start {
    /// The desk before anything is known.
    pub(super) fn model(&self, person: Person) -> Model {
        let mut theme = self.theme;
        theme.marks = self.settings.glyphs == Glyphs::Unicode;
        let mut model = Model::new(theme, person, intake::list_all(&self.places));
        model.keys = self.keys.clone();
        model.status = self.slip.clone().map(|problem| (problem, true));
        model.clipboard = self.settings.clipboard;
        model.mouse = self.settings.mouse;
        match QueueColumns::named(&self.settings.columns) {
            Ok(columns) => model.columns = columns,
            Err(problem) => model.status = Some((problem.to_string(), true)),
        }
        model
    }

    /// What is asked for first.
    pub(super) fn first(&self, model: &mut Model) -> Vec<Effect> {
        let mut effects = vec![Effect::LoadRuns];
        if let Some(path) = &self.check {
            effects.extend(check::check(model, path.clone()));
        } else if let Some((path, profiles)) = &self.open {
            if profiles.len() > 1 {
                let within = ProfilesInFile::new(path.clone(), profiles.clone());
                model.overlays.push(Overlay::Within(Box::new(within)));
            } else {
                model.screen = Screen::Review;
                let path = path.clone();
                effects.push(Effect::StartRun { path, number: 0 });
            }
        } else if self.tour {
            effects.extend(tour::begin(model));
        }
        effects
    }
}
