//! `help`: the pages of the manual, which ship inside the program, and what commands take.

use super::Answer;
use super::args::{Args, HelpArgs};
use super::global::Global;
use super::output::Out;
use crate::error::{Error, Kind, Result};
use crate::service::home::assets;
use clap::CommandFactory as _;
use serde_json::json;

pub fn run(global: &Global, args: &HelpArgs, out: &mut Out) -> Result<Answer> {
    let pages = assets::pages();
    let Some(first) = args.topic.first() else {
        if global.json {
            out.json(&json!(
                pages
                    .iter()
                    .map(|page| json!({"topic": page.topic, "title": page.title}))
                    .collect::<Vec<_>>()
            ));
        } else {
            out.line("Pages of the manual (echovoice help TOPIC), and every command (echovoice help COMMAND):");
            for page in &pages {
                out.line(&format!("  {:14} {}", page.topic, page.title));
            }
        }
        return Ok(Answer::Done);
    };
    // A page before a command of the same name: the page says more, and `--help` says the other.
    if args.topic.len() == 1
        && let Some(page) = pages.iter().find(|page| page.topic == first)
    {
        if global.json {
            out.json(&json!({"topic": page.topic, "title": page.title, "text": page.text}));
        } else {
            out.line(page.text.trim_end());
        }
        return Ok(Answer::Done);
    }
    let mut command = Args::command();
    // Takes over the global options and the names of the parents, as `--help` shows them.
    command.build();
    let mut found = &mut command;
    for name in &args.topic {
        found = found.find_subcommand_mut(name).ok_or_else(|| {
            let topics: Vec<&str> = pages.iter().map(|page| page.topic).collect();
            let unknown = format!("there is no page and no command `{}`", args.topic.join(" "));
            Error::new(Kind::Input, unknown).fix(format!("pages: {}", topics.join(", ")))
        })?;
    }
    out.line(found.render_long_help().to_string().trim_end());
    Ok(Answer::Done)
}
