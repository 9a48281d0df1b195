//! The command line: one file a command family, over the service.

mod args;
mod audit;
mod audit_args;
mod batch;
mod canary;
mod check;
mod database;
mod decide;
mod deliver;
mod desk;
mod experiment;
mod explain;
mod facts;
mod fields;
mod global;
mod help;
mod init;
mod init_args;
mod kb;
mod kb_eval;
mod kb_search;
mod measure;
mod output;
mod passphrase;
mod pii;
mod policy;
mod policy_args;
mod policy_law;
mod queue;
mod retention;
mod rewrite;
mod run;
mod sarif;
#[cfg(feature = "server")]
mod serve;
mod service_args;
mod texts;
mod token;
mod user;
mod values;
mod write_rule;

pub use args::Args;

use crate::error::{Error, Kind, Result};
use crate::files;
use crate::service::audit::is_told_otherwise;
use crate::service::home::doctor;
use crate::service::home::workspace::Options;
use crate::service::users::remembered;
use crate::service::{Needs, Workspace};
use crate::wait;
use args::Command;
use chrono::{DateTime, FixedOffset};
use output::Out;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What a command came to.
pub enum Answer {
    Done,
    /// The answer is no.
    No,
}

/// Runs one command.
pub fn main(args: Args) -> ExitCode {
    files::keep_to_oneself();
    tell_only_the_place();
    // Nobody but a desk draws a screen of its own.
    if !matches!(args.command, None | Some(Command::Desk(_))) {
        wait::tell_by(|text| eprintln!("{text}"));
    }
    let json = args.global.json;
    let mut out = Out::new(json);
    match dispatch(args, &mut out) {
        Ok(Answer::Done) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::from(crate::error::EXIT_NO),
        Err(error) => {
            out.error(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

/// Panic texts may hold data, so only the place is told; of a file or text that its reader gave up on, not even that:
/// it comes back as an error with the file's name.
fn tell_only_the_place() {
    std::panic::set_hook(Box::new(|info| {
        let thread = std::thread::current();
        if !is_told_otherwise() && !matches!(thread.name(), Some("reader" | "embedder" | "worker"))
        {
            let place = info
                .location()
                .map(|l| format!("{}:{}", l.file(), l.line()))
                .unwrap_or_default();
            eprintln!("error: EchoVoice stopped unexpectedly at {place}");
        }
    }));
}

fn dispatch(args: Args, out: &mut Out) -> Result<Answer> {
    let global = args.global;
    match args.command {
        None => desk::run(&global, &args::DeskArgs::default()),
        Some(Command::Init(a)) => init::run(&global, &a, out),
        Some(Command::Desk(a)) => desk::run(&global, &a),
        Some(Command::Run(a)) => run::run(&global, &a, out),
        Some(Command::Batch(a)) => batch::run(&global, &a, out),
        Some(Command::Check(a)) => check::run(&global, &a, out),
        Some(Command::Pii(a)) => pii::run(&global, &a, out),
        Some(Command::Kb(a)) => kb::run(&global, &a, out),
        Some(Command::Policy(a)) => policy::run(&global, &a, out),
        Some(Command::Queue(a)) => queue::run(&global, &a, out),
        Some(Command::Decide(a)) => decide::run(&global, &a, out),
        Some(Command::Rewrite(a)) => rewrite::run(&global, &a, out),
        Some(Command::Deliver(a)) => deliver::run(&global, &a, out),
        Some(Command::Feedback(a)) => deliver::feedback(&global, &a, out),
        Some(Command::Canary(a)) => canary::run(&global, &a, out),
        Some(Command::Experiment(a)) => experiment::run(&global, &a, out),
        Some(Command::OptOut(a)) => deliver::opt_out(&global, &a, out),
        Some(Command::Audit(a)) => audit::run(&global, &a, out),
        Some(Command::User(a)) => user::run(&global, &a, out),
        #[cfg(feature = "server")]
        Some(Command::Serve(a)) => serve::run(&global, &a, out),
        #[cfg(not(feature = "server"))]
        Some(Command::Serve(_)) => Err(Error::built_without("the HTTP interface", "server")),
        Some(Command::Token(a)) => token::run(&global, &a, out),
        Some(Command::Facts(a)) => Ok(facts::run(&global, &a, out)),
        Some(Command::Keys) => desk::keys(&global, out),
        Some(Command::Database(a)) => database::run(&global, &a, out),
        Some(Command::Fields) => Ok(fields::run(&global, out)),
        Some(Command::Doctor) => doctor_command(&global, out),
        Some(Command::Help(a)) => help::run(&global, &a, out),
    }
}

fn doctor_command(global: &global::Global, out: &mut Out) -> Result<Answer> {
    let findings = doctor::examine(&home(global)?, std::io::stdout().is_terminal());
    let ok = findings.iter().all(|f| f.ok);
    if global.json {
        out.json(&findings);
    } else {
        for finding in &findings {
            out.line(&format!(
                "{:4} {:15} {}",
                if finding.ok { "ok" } else { "BAD" },
                finding.name,
                finding.says
            ));
        }
    }
    if ok {
        Ok(Answer::Done)
    } else {
        Err(Error::new(Kind::Io, "something is not in order").fix("see the lines marked BAD"))
    }
}

/// The home: `--home`, `ECHOVOICE_HOME`, or the platform's data folder.
fn home(global: &global::Global) -> Result<PathBuf> {
    if let Some(home) = &global.home {
        return Ok(home.clone());
    }
    directories::ProjectDirs::from("", "", "echovoice")
        .map(|dirs| dirs.data_dir().to_owned())
        .ok_or_else(|| {
            Error::new(Kind::Io, "no home folder is known")
                .fix("name one with --home DIR or ECHOVOICE_HOME")
        })
}

fn as_of(global: &global::Global) -> Result<Option<DateTime<FixedOffset>>> {
    global
        .as_of
        .as_deref()
        .map(|text| {
            // Law begins on days: a day alone is its noon.
            let noon = format!("{text}T12:00:00Z");
            let time = DateTime::parse_from_rfc3339(text);
            time.or_else(|_| DateTime::parse_from_rfc3339(&noon))
                .map_err(|_| {
                    Error::new(Kind::Input, "--as-of is not a time")
                        .fix("write it as 2026-11-23 or 2026-11-23T10:00:00Z")
                })
        })
        .transpose()
}

/// Who acts: `--as` or `ECHOVOICE_USER`, or else who works in this home on this machine.
fn acting(global: &global::Global, home: &Path) -> Option<String> {
    global.acting.clone().or_else(|| remembered::who(home))
}

/// Opens the workspace, with a progress bar while documents are read.
fn open(global: &global::Global, needs: Needs) -> Result<Workspace> {
    open_with_a_bar(global, (needs, false))
}

/// As [`open`], to judge messages.
fn open_to_judge(global: &global::Global, needs: Needs) -> Result<Workspace> {
    open_with_a_bar(global, (needs, true))
}

fn open_with_a_bar(global: &global::Global, how: (Needs, bool)) -> Result<Workspace> {
    let mut bar = output::Progress::default();
    open_telling(global, how, &mut |step| {
        bar.show(step.what, step.done, step.of);
    })
}

/// Opens the workspace and tells how far it is.
fn open_telling(
    global: &global::Global,
    (needs, judges): (Needs, bool),
    progress: &mut dyn FnMut(crate::service::home::knowledge::Step),
) -> Result<Workspace> {
    let home = home(global)?;
    Workspace::open(Options {
        home: &home,
        needs,
        judges,
        person: acting(global, &home).as_deref(),
        as_of: as_of(global)?,
        tenant: None,
        progress,
    })
}

/// Opens the workspace whatever is in force in the home, to put that on record.
fn open_to_accept(global: &global::Global) -> Result<Workspace> {
    let home = home(global)?;
    Workspace::open_to_accept(Options {
        home: &home,
        needs: Needs::Record,
        judges: false,
        person: acting(global, &home).as_deref(),
        as_of: as_of(global)?,
        tenant: None,
        progress: &mut |_| {},
    })
}
