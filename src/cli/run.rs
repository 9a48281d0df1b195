//! `run`: profiles through the pipeline, headless.

use super::args::RunArgs;
use super::check::print_days;
use super::global::Global;
use super::output::Out;
use super::{Answer, open_to_judge};
use crate::domain::analysis::Analysis;
use crate::domain::finding::{Disposition, Finding};
use crate::domain::run::Run;
use crate::error::Result;
use crate::service::run::response;
use crate::service::{Needs, intake, run};
use std::sync::atomic::AtomicBool;

pub fn run(global: &Global, args: &RunArgs, out: &mut Out) -> Result<Answer> {
    let intakes = intake::read(&args.profile)?;
    let workspace = open_to_judge(
        global,
        if args.no_record {
            Needs::Pipeline
        } else {
            Needs::Record
        },
    )?;
    let mut all_blocked = true;
    for intake in intakes {
        let profile = match args.goal {
            Some(goal) => intake.profile.with_goal(goal),
            None => intake.profile,
        };
        let mut session = run::start(
            &workspace,
            profile,
            run::Options {
                seed: args.seed,
                record: !args.no_record,
            },
        )?;
        session
            .run_on(&workspace, &AtomicBool::new(false), &mut run::Unwatched)
            .map_err(|e| e.at(intake.place.clone()))?;
        all_blocked &= session
            .run
            .analysis
            .as_ref()
            .is_some_and(Analysis::is_refused);
        if global.json {
            out.json(&response::of_run(&session.run, None));
        } else {
            print(&session.run, out);
        }
        out.flush();
    }
    Ok(if all_blocked {
        Answer::No
    } else {
        Answer::Done
    })
}

/// How the law of a finding stands, where it is more or less than law that binds.
fn status(finding: &Finding) -> String {
    let told = finding.legal_status.told();
    told.map_or_else(String::new, |status| format!(" ({status})"))
}

fn print(run: &Run, out: &mut Out) {
    out.line(&format!("run {}", run.id));
    for remark in &run.profile.remarks {
        out.line(&format!("  profile   {remark}"));
    }
    if let Some(again) = &run.again {
        out.line(&format!("  again     {again}"));
    }
    if let Some(segment) = &run.segment {
        out.line(&format!(
            "  segment   {} ({} intent): {}",
            segment.segment,
            segment.intent_level,
            segment.reasons.join("; ")
        ));
    }
    if let Some(retrieved) = &run.retrieved {
        let ids: Vec<&str> = retrieved.citations.iter().map(|c| c.id.as_str()).collect();
        out.line(&format!(
            "  citations {}",
            if ids.is_empty() {
                "nothing relevant found".to_owned()
            } else {
                ids.join(", ")
            }
        ));
    }
    for result in run.gate.iter().flatten() {
        let word = match result.verdict.disposition {
            Disposition::Block => "BLOCK",
            Disposition::Review => "review",
            _ => "ok",
        };
        out.line(&format!("  variant {} {word}", result.variant_id));
        for finding in result
            .verdict
            .findings
            .iter()
            .filter(|f| f.disposition >= Disposition::Review)
        {
            out.line(&format!(
                "    {:6} {}{}: “{}”: {} [{}]",
                finding.disposition.as_str(),
                finding.headline(),
                status(finding),
                finding.text.replace('\n', " "),
                finding.why,
                finding.rule
            ));
        }
    }
    // The variants of a run go to one recipient on one day.
    if let Some(result) = run.gate.iter().flatten().next() {
        print_days(&result.verdict, out);
    }
    match run.analysis.as_ref().map(|a| (a, &a.winner)) {
        Some((_, Some(winner))) => out.line(&format!(
            "  winner    {}: {}; the chance that it is answered most is {}%",
            winner.variant_id,
            winner.reason,
            winner.confidence_bp / 100
        )),
        Some((analysis, None)) => {
            out.line(&format!("  winner    none: {}", analysis.why_none()));
        }
        None => {}
    }
    if run.analysis.as_ref().is_some_and(|a| a.winner.is_some()) {
        out.line("  delivery  awaits a person: echovoice decide RUN approve --variant LETTER");
    }
}
