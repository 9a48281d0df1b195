//! `batch`: many profiles, answered in the order of the file.

use super::args::BatchArgs;
use super::global::Global;
use super::output::{Out, Progress};
use super::{Answer, open_to_judge};
use crate::error::{Error, Kind, Result};
use crate::service::run::batch::{self, How};
use crate::service::{Needs, intake};
use serde_json::{Value, json};

pub fn run(global: &Global, args: &BatchArgs, out: &mut Out) -> Result<Answer> {
    let workspace = open_to_judge(global, Needs::Record)?;
    let how = How {
        seed: args.seed,
        goal: args.goal,
        jobs: args.jobs.unwrap_or_else(|| {
            std::thread::available_parallelism().map_or(2, std::num::NonZero::get)
        }),
        anew: args.anew,
        share: args.share,
    };
    let of = intake::count_lines(&args.file)?;
    let mut bar = Progress::default();
    let (mut done, as_json) = (0, global.json);
    let sum = batch::run(&workspace, &args.file, how, &mut |line, answer| {
        done += 1;
        match answer {
            batch::RowAnswer::Run { value, .. } if as_json => out.json(&value),
            batch::RowAnswer::Run { value, before } => {
                let text = |path: &str| value.pointer(path).and_then(Value::as_str).unwrap_or("-");
                out.line(&format!(
                    "{line}  {}  {}  winner {}{}{}",
                    text("/run_id"),
                    text("/segment/segment"),
                    text("/analysis/winner/variant_id"),
                    if before { "  (was there already)" } else { "" },
                    value["again"]
                        .as_str()
                        .map_or_else(String::new, |again| format!("  ({again})"))
                ));
                for remark in value["remarks"].as_array().into_iter().flatten() {
                    let part = |name: &str| remark[name].as_str().unwrap_or_default();
                    out.line(&format!(
                        "    profile: {}: {}; {}",
                        part("field"),
                        part("found"),
                        part("done")
                    ));
                }
            }
            batch::RowAnswer::Wrong(error) if as_json => {
                let mut value = error.to_json();
                value["line"] = json!(line);
                out.json(&value);
            }
            batch::RowAnswer::Wrong(error) => out.line(&format!("{line}  error: {error}")),
        }
        // What is printed is durable, so that whoever reads it can count on it.
        out.flush();
        bar.show("running", done, of.max(done));
    })?;
    if !as_json {
        out.line(&format!(
            "{} runs, {} of them were there already; {} lines gave none. `echovoice queue list` shows what waits.",
            sum.runs, sum.before, sum.wrong
        ));
    }
    if sum.wrong > 0 {
        let what = format!("{} lines gave no run", sum.wrong);
        return Err(Error::new(Kind::Input, what).at(args.file.display().to_string()));
    }
    Ok(Answer::Done)
}
