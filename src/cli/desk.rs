//! `desk` and `keys`.

use super::args::DeskArgs;
use super::global::Global;
use super::output::Out;
use super::{Answer, home, open_to_judge, passphrase};
use crate::error::{Error, Kind, Result};
use crate::service::audit::quality;
use crate::service::check::message_files::{self, is_called_a_mail};
use crate::service::home::settings;
use crate::service::learning::experiments;
use crate::service::review::{brief, queue};
use crate::service::users::people;
use crate::service::{Needs, Workspace, intake, policy, run};
use crate::tui::Start;
use crate::tui::TerminalAbility;
use crate::tui::keymap::Keys;
use crate::tui::overlay::tour::DEMO;
use crate::tui::snapshot::{self, Scene};
use crate::tui::theme::{DARK, MONO, Theme};
use serde_json::json;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

pub fn run(global: &Global, args: &DeskArgs) -> Result<Answer> {
    if let Some(size) = &args.snapshot {
        let theme = theme(args.theme.as_deref(), None, &|| DARK)?;
        return print(global, args, size, theme);
    }
    let home = home(global)?;
    let settings = settings::desk(&home)?;
    let (input, output) = (
        std::io::stdin().is_terminal(),
        std::io::stdout().is_terminal(),
    );
    let simple = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let plain = args.plain || input && (simple || !output);
    if !(plain || input && output) {
        return Err(Error::new(Kind::Io, "the desk needs a terminal").fix(
            "use --plain for lines, `echovoice run PROFILE`, or --snapshot WxH for one frame",
        ));
    }
    let ask = || {
        if plain {
            MONO
        } else {
            Theme::of_the_terminal()
        }
    };
    let ability = TerminalAbility::of(&|name| std::env::var(name).ok());
    let mut theme = theme(args.theme.as_deref(), settings.theme.as_deref(), &ask)?;
    theme = theme.within(ability.colours);
    theme.charset = ability.charset;
    let named = args.profiles.first().filter(|path| !path.is_dir());
    let check = named.filter(|path| is_called_a_mail(path)).cloned();
    let first = match named {
        Some(path) if check.is_none() => {
            let found = intake::read(path)?;
            Some((path.clone(), found.into_iter().map(|i| i.profile).collect()))
        }
        _ => None,
    };
    // A slip in the settings is told on the screen, and the keys stay as they are.
    let (keys, slip) = match Keys::with(&settings::keys(&home)?) {
        Ok(keys) => (keys, None),
        Err(problem) => (Keys::default(), Some(problem.to_string())),
    };
    let mut places = args.profiles.clone();
    places.push(home.join("profiles"));
    let start = Start {
        theme,
        settings,
        keys,
        slip,
        places,
        open: first,
        check,
        tour: settings::is_tour_due(&home),
    };
    // A passphrase is asked for before the screen is taken.
    let asks = people::has_passphrase(&home, super::acting(global, &home).as_deref());
    if plain || asks {
        let workspace = passphrase::open_to_sign(global)?;
        if !plain {
            return crate::tui::run(|| Ok(workspace), start).map(|()| Answer::Done);
        }
        let workspace = Arc::new(workspace);
        let input = std::io::BufReader::new(std::io::stdin());
        crate::tui::plain::run(workspace, start, input, &mut std::io::stdout())?;
    } else {
        // What is told meanwhile would land on the screen.
        let open = || super::open_telling(global, (Needs::Record, true), &mut |_| {});
        crate::tui::run(open, start)?;
    }
    Ok(Answer::Done)
}

/// The theme that was asked for, or that the settings name; `NO_COLOR` gives mono; else what the terminal says.
fn theme(asked: Option<&str>, set: Option<&str>, terminal: &dyn Fn() -> Theme) -> Result<Theme> {
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
    match asked.or(set) {
        Some(name) => Theme::named(name).ok_or_else(|| {
            Error::new(Kind::Input, "unknown theme").fix("use dark, light, contrast or mono")
        }),
        None if no_color => Ok(MONO),
        None => Ok(terminal()),
    }
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
    let workspace = open_to_judge(global, Needs::Pipeline)?;
    let named = args.profile.clone().or(args.profiles.first().cloned());
    let (named, letter) = match named {
        Some(path) if args.screen == "check" => (None, Some(path)),
        other => (other, None),
    };
    let checked = match letter {
        Some(path) => {
            let checked = message_files::check(&workspace, &path)?;
            Some((path, checked))
        }
        None => None,
    };
    let path = named.unwrap_or_else(|| demo_profile(&workspace));
    let profile = intake::read(&path)?.swap_remove(0).profile;
    let mut session = run::start(
        &workspace,
        profile,
        run::Options {
            seed: run::SEED,
            record: false,
        },
    )?;
    session.run_on(&workspace, &AtomicBool::new(false), &mut run::Unwatched)?;
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
    let mut scene = Scene {
        theme,
        person: workspace.person.clone(),
        run: Some(session.run),
        runs,
        entries,
        titles: Arc::new(queue::titles(&workspace)),
        profiles: intake::list(&workspace.home.join("profiles")),
        policies: if args.screen == "policies" {
            policy::browse(&workspace)?
        } else {
            Vec::new()
        },
        experiments: experiments::reports(&workspace),
        quality: reader.as_ref().and_then(|w| quality::of_newest(w).ok()),
        checked,
        brief: None,
    };
    scene.brief = reader
        .as_ref()
        .zip(scene.run.as_ref())
        .and_then(|(workspace, run)| brief::of(workspace, run).ok());
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
    workspace.home.join("profiles").join(DEMO)
}

pub fn keys(global: &Global, out: &mut Out) -> Result<Answer> {
    let own = settings::keys(&home(global)?)?;
    let keys = Keys::with(&own).map_err(|problem| {
        Error::of(Kind::Input, problem).fix("correct [keys] in the home's config.toml")
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
