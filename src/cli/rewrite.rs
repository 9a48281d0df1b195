//! `rewrite`: a blocked variant goes back, and each try is shown with what changed and why.

use super::global::Global;
use super::output::Out;
use super::service_args::RewriteArgs;
use super::{Answer, open_to_judge};
use crate::error::Result;
use crate::service::Needs;
use crate::service::review::history;
use crate::service::run::Session;
use crate::service::run::rewrite::{self, Words};
use crate::text::diff::changed;
use serde_json::json;

pub fn run(global: &Global, args: &RewriteArgs, out: &mut Out) -> Result<Answer> {
    let workspace = open_to_judge(global, Needs::Record)?;
    let mut session = Session::resume(history::load(&workspace, &args.run)?);
    let rewritten = rewrite::rewrite(
        &workspace,
        &mut session,
        &args.variant,
        args.tries,
        &mut |_| {},
    )?;
    let tries = &rewritten.tries;
    if global.json {
        out.json(&json!(rewritten));
    } else {
        for tried in tries {
            out.line(&format!("revision {}, by {}:", tried.revision, tried.by));
            for reason in &tried.because {
                out.line(&format!("  because {}: {}", reason.rule, reason.why));
            }
            show(&tried.before, &tried.after, out);
            out.line(&format!("  now {}", tried.disposition.as_str()));
        }
        for reason in tries.last().iter().flat_map(|last| &last.left) {
            out.line(&format!(
                "still {}: {} {}",
                reason.rule, reason.why, reason.fix
            ));
        }
    }
    Ok(if rewritten.passes {
        Answer::Done
    } else {
        Answer::No
    })
}

/// The words that went, and those that came.
fn show(before: &Words, after: &Words, out: &mut Out) {
    for (old, new) in [
        (&before.subject, &after.subject),
        (&before.body, &after.body),
    ] {
        let (gone, come) = changed(old, new);
        for (sign, text, ranges) in [('-', old, gone), ('+', new, come)] {
            for range in ranges {
                let words = text[range].split_whitespace().collect::<Vec<_>>().join(" ");
                out.line(&format!("  {sign} {words}"));
            }
        }
    }
}
