//! `desk` and `keys`.

use super::args::{DeskArgs, Global};
use super::output::Out;
use super::{Answer, home, open, passphrase};
use crate::error::{Error, Kind, Result};
use crate::service::{Needs, Workspace, intake, policy, queue, run, settings};
use crate::tui::keymap::Keys;
use crate::tui::snapshot::{self, Scene};
use crate::tui::theme::Theme;
use serde_json::json;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

pub fn run(global: &Global, args: &DeskArgs) -> Result<Answer> {
    let theme = Theme::choose(
        args.theme.as_deref(),
        std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty()),
    )
    .ok_or_else(|| {
        Error::new(Kind::Input, "unknown theme").fix("use dark, light, contrast or mono")
    })?;
    if let Some(size) = &args.snapshot {
        return print(global, args, size, theme);
    }
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        return Err(Error::new(Kind::Io, "the desk needs a terminal")
            .fix("use `echovoice run PROFILE`, or --snapshot WxH for one frame"));
    }
    let first = match args.profiles.first() {
        Some(path) => {
            intake::read(path)?;
            Some(path.clone())
        }
        None => None,
    };
    // A slip in the settings is told on the screen, and the keys stay as they are.
    let own = settings::keys(&home(global)?)?;
    let (keys, slip) = match Keys::with(&own) {
        Ok(keys) => (keys, None),
        Err(problem) => (Keys::default(), Some(problem)),
    };
    let workspace = passphrase::open_to_sign(global)?;
    let workspace = Arc::new(workspace);
    let mut profiles = args.profiles.clone();
    profiles.extend(intake::list(&workspace.home.join("profiles")));
    crate::tui::run(workspace, theme, (keys, slip), profiles, first)?;
    Ok(Answer::Done)
}

fn size_of(text: &str) -> Option<(u16, u16)> {
    let (width, height) = text.split_once('x')?;
    let size = (width.parse().ok()?, height.parse().ok()?);
    ((1..=500).contains(&size.0) && (1..=300).contains(&size.1)).then_some(size)
}

/// One frame as text. Leaves no trace: the run is a preview.
fn print(global: &Global, args: &DeskArgs, size: &str, theme: Theme) -> Result<Answer> {
    let (width, height) = size_of(size).ok_or_else(|| {
        Error::new(Kind::Input, "--snapshot is not a size").fix("write it as 100x30")
    })?;
    let workspace = open(global, Needs::Pipeline)?;
    let path = args
        .profile
        .clone()
        .or(args.profiles.first().cloned())
        .unwrap_or_else(|| demo_profile(&workspace));
    let profile = intake::read(&path)?.swap_remove(0).profile;
    let mut session = run::start(
        &workspace,
        profile,
        run::Options {
            seed: 7,
            record: false,
        },
    )?;
    session.run_on(&workspace, &AtomicBool::new(false), &mut |_| {})?;
    let reader = super::open(global, Needs::ReadLedger)
        .ok()
        .filter(|w| w.log().is_ok());
    let runs = reader
        .as_ref()
        .map(|w| queue::page(w, u64::MAX, 100))
        .transpose()?
        .unwrap_or_default();
    let entries = reader
        .as_ref()
        .map(|w| crate::service::audit::entries(w, u64::MAX, 100))
        .transpose()?
        .unwrap_or_default();
    let scene = Scene {
        theme,
        person: workspace.person.clone(),
        run: Some(session.run),
        runs,
        entries,
        profiles: intake::list(&workspace.home.join("profiles")),
        policies: if args.screen == "policies" {
            policy::browse(&workspace)?
        } else {
            Vec::new()
        },
    };
    let model = snapshot::model(scene, &args.screen).ok_or_else(|| {
        Error::new(Kind::Input, "unknown screen")
            .fix(format!("use one of: {}", snapshot::NAMES.join(", ")))
    })?;
    let buffer = snapshot::frame(&model, width, height);
    // The frame was drawn through the sanitiser; box characters pass it unchanged.
    print!("{}", snapshot::text(&buffer));
    Ok(Answer::Done)
}

fn demo_profile(workspace: &Workspace) -> PathBuf {
    workspace.home.join("profiles").join("01-clean-winner.json")
}

pub fn keys(global: &Global, out: &mut Out) -> Result<Answer> {
    let own = settings::keys(&home(global)?)?;
    let keys = Keys::with(&own).map_err(|problem| {
        Error::new(Kind::Input, problem).fix("correct [keys] in the home's config.toml")
    })?;
    if !global.json {
        out.line(keys.markdown().trim_end());
        return Ok(Answer::Done);
    }
    for row in keys.rows() {
        let b = row.binding;
        out.json(&json!({"command": b.command.id(), "scope": b.scope.title(), "key": row.key, "help": b.help}));
    }
    Ok(Answer::Done)
}
