//! `canary`: planted tests of reviewers.

use super::global::Global;
use super::output::Out;
use super::{Answer, open, passphrase};
use crate::error::Result;
use crate::service::Needs;
use crate::service::canary::{self, PlantedTest, bank};
use clap::{Args as ClapArgs, Subcommand};
use serde_json::json;
use std::path::PathBuf;

#[derive(ClapArgs)]
pub struct CanaryArgs {
    #[command(subcommand)]
    pub command: CanaryCommand,
}

#[derive(Subcommand)]
pub enum CanaryCommand {
    /// Slip messages into the queue whose right answer is known; they look like any other run and are never sent
    Plant {
        /// JSON lines: channel, subject, text, expect (violation or clean), why; and product, place, customer, if you like
        #[arg(required_unless_present = "shipped", conflicts_with = "shipped")]
        file: Option<PathBuf>,
        /// So many of those that the program ships for the demo firm
        #[arg(long, value_name = "N")]
        shipped: Option<usize>,
    },
    /// Those that you planted, and all that are over
    List,
    /// End one that waits: it goes on record as not decided, or as what the first of two persons signed
    End {
        run: String,
        #[arg(long)]
        reason: String,
    },
}

pub fn run(global: &Global, args: &CanaryArgs, out: &mut Out) -> Result<Answer> {
    match &args.command {
        CanaryCommand::Plant { file, shipped } => {
            let lines = file.as_deref().map(bank::read).transpose()?;
            let workspace = open(global, Needs::Record)?;
            // All have their place before the first is on record.
            let ready = match lines {
                Some(lines) => {
                    let prepared = lines.iter().map(|line| canary::prepare(&workspace, line));
                    prepared.collect::<Result<Vec<_>>>()?
                }
                None => canary::prepare_shipped(&workspace, shipped.unwrap_or_default())?,
            };
            for prepared in ready {
                tell(&prepared.plant(&workspace)?, global.json, out);
            }
        }
        CanaryCommand::List => {
            let workspace = open(global, Needs::Record)?;
            let all = canary::list(&workspace)?;
            for test in &all {
                tell(test, global.json, out);
            }
            if all.is_empty() && !global.json {
                out.line("no test that you may see was planted: `echovoice canary plant --shipped 4` plants four");
            }
        }
        CanaryCommand::End { run, reason } => {
            let workspace = passphrase::open_to_sign(global)?;
            let (seq, outcome) = canary::end(&workspace, run, reason)?;
            if global.json {
                out.json(&json!({"run": run, "seq": seq, "outcome": outcome}));
            } else {
                let came = outcome.in_words();
                out.line(&format!("{run}: ended, {came} (entry {seq})"));
            }
        }
    }
    Ok(Answer::Done)
}

fn tell(test: &PlantedTest, json: bool, out: &mut Out) {
    if json {
        out.json(test);
        return;
    }
    let came = match (test.outcome, &test.decided_by) {
        (None, _) => "waits".to_owned(),
        (Some(outcome), Some(who)) => format!("{} by {who}", outcome.in_words()),
        (Some(outcome), None) => outcome.in_words().to_owned(),
    };
    out.line(&format!(
        "{}  variant {}  {:9}  {came}: {}",
        test.run,
        test.variant,
        test.expect.as_str(),
        test.why
    ));
}
