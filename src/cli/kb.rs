//! `kb`: the knowledge base.

use super::args::{KbAction, KbArgs, SearchMode, WaysArgs};
use super::global::Global;
use super::kb_search::{SearchAsked, SearchOptions, out_of_date, today};
use super::output::{Out, Progress};
use super::{Answer, home, kb_eval, kb_search, open};
use crate::domain::citation::Citation;
use crate::error::{Error, Kind, Result};
use crate::files;
use crate::service::delivery::sources::{self, ChangedApproval};
use crate::service::home::knowledge::{
    self, KnowledgeBase, Late, Passage, SourceFile, Taken, sidecar,
};
use crate::service::{Needs, Workspace};
use crate::text::hidden::visible_line;
use chrono::NaiveDate;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub fn run(global: &Global, args: &KbArgs, out: &mut Out) -> Result<Answer> {
    match &args.action {
        KbAction::Add { sources } => add(global, sources, out),
        KbAction::Index { kb, ways, sources } => index(global, kb.as_deref(), *ways, sources, out),
        KbAction::Search {
            query,
            kb,
            limit,
            mode,
            ways,
            jsonl,
            why,
        } => {
            let how = SearchOptions::of(global, kb.as_deref(), *mode, *ways)?;
            let asked = SearchAsked {
                limit: *limit,
                how,
                why: *why,
            };
            let base = base(global, kb.as_deref(), how.ways.late)?;
            if *jsonl {
                kb_search::lines(global, &base, query.as_deref(), asked, out)
            } else {
                kb_search::one(global, &base, query.as_deref(), asked, out)
            }
        }
        KbAction::Eval {
            queries,
            qrels,
            kb,
            limit,
            mode,
            ways,
            against,
        } => {
            let how = SearchOptions::of(global, kb.as_deref(), *mode, *ways)?;
            let other = against.as_deref().map(|text| how.but(text)).transpose()?;
            // Whichever of the two compares single words needs them in the index.
            let late = other
                .filter(|_| how.ways.late == Late::Off)
                .unwrap_or(how)
                .ways
                .late;
            let base = base(global, kb.as_deref(), late)?;
            kb_eval::run(global, &base, (queries, qrels), *limit, (how, other), out)
        }
        KbAction::Show { id } => show(global, id, out),
        KbAction::List => list(global, out),
    }
}

fn base(global: &Global, kb: Option<&Path>, late: Late) -> Result<Arc<KnowledgeBase>> {
    match kb {
        Some(folder) => {
            let mut bar = Progress::default();
            Ok(Arc::new(knowledge::index(
                folder,
                &[],
                late,
                &mut |step| {
                    bar.show(step.what, step.done, step.of);
                },
            )?))
        }
        None => Ok(knowledge::of(&open(global, Needs::Pipeline)?)?.clone()),
    }
}

fn add(global: &Global, sources: &[PathBuf], out: &mut Out) -> Result<Answer> {
    let folder = home(global)?.join("knowledge_base");
    open(global, Needs::Rules)?;
    for source in sources {
        let name = source.file_name().ok_or_else(|| {
            Error::new(Kind::Input, "not a file").at(source.display().to_string())
        })?;
        for (from, to) in [
            (source.clone(), folder.join(name)),
            (sidecar(source), sidecar(&folder.join(name))),
        ] {
            if from == *source || from.exists() {
                files::copy(&from, &to)
                    .map_err(|e| Error::of(Kind::Io, e).at(from.display().to_string()))?;
            }
        }
    }
    let opened = open(global, Needs::Pipeline)?;
    let base = knowledge::of(&opened)?.clone();
    let added: Vec<PathBuf> = sources
        .iter()
        .filter_map(|source| Some(folder.join(source.file_name()?)))
        .collect();
    report(global, &base, &added, approvals(global, &opened), out);
    Ok(Answer::Done)
}

/// Sends approvals that rest on a passage which changed back to review, where a pack asks that sources stand; what became
/// of each. The documents are in whatever becomes of them: the desk and the server look again, and so does the hand-over.
fn approvals(global: &Global, opened: &Workspace) -> Result<Vec<ChangedApproval>> {
    let asked = opened.review.sources_stand.unwrap_or(false);
    // A record is not begun for it.
    if !asked || open(global, Needs::ReadLedger)?.reader.is_none() {
        return Ok(Vec::new());
    }
    sources::look_at_approvals(&open(global, Needs::Record)?)
}

fn index(
    global: &Global,
    kb: Option<&Path>,
    ways: WaysArgs,
    sources: &[PathBuf],
    out: &mut Out,
) -> Result<Answer> {
    let (base, approvals) = match kb {
        Some(folder) => {
            let late = SearchOptions::of(global, Some(folder), SearchMode::Rerank, ways)?
                .ways
                .late;
            let mut bar = Progress::default();
            let base = knowledge::index(folder, sources, late, &mut |step| {
                bar.show(step.what, step.done, step.of);
            })?;
            (Arc::new(base), Ok(Vec::new()))
        }
        None if sources.is_empty() => {
            let opened = open(global, Needs::Pipeline)?;
            (knowledge::of(&opened)?.clone(), approvals(global, &opened))
        }
        None => return add(global, sources, out),
    };
    report(global, &base, &[], approvals, out);
    Ok(Answer::Done)
}

/// What the knowledge base holds, what it took of the files that were added, and what became of approvals that rest on it.
fn report(
    global: &Global,
    base: &KnowledgeBase,
    added: &[PathBuf],
    approvals: Result<Vec<ChangedApproval>>,
    out: &mut Out,
) {
    let (changed, not_held) = match approvals {
        Ok(changed) => (changed, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    let is_added = |path: &Path| {
        let whole = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        added.iter().any(|one| whole(one) == whole(path))
    };
    let files: Vec<&SourceFile> = base.files.iter().filter(|f| is_added(&f.path)).collect();
    let problems: Vec<Value> = base
        .problems
        .iter()
        .map(|p| json!({"file": p.file, "reason": p.reason}))
        .collect();
    if global.json {
        let mut answer =
            json!({"passages": base.len(), "snapshot": base.snapshot(), "problems": problems});
        if !files.is_empty() {
            answer["files"] = files
                .iter()
                .map(|file| json!({"file": file.path, "documents": file.taken}))
                .collect();
        }
        if !changed.is_empty() {
            answer["approvals"] = json!(changed);
        }
        if let Some(error) = &not_held {
            answer["approvals_not_looked_at"] = error.to_string().into();
        }
        out.json(&answer);
    } else {
        for taken in files.iter().flat_map(|file| &file.taken) {
            for line in said_of(taken) {
                out.line(&line);
            }
        }
        out.line(&format!(
            "{} passages, snapshot {}",
            base.len(),
            base.snapshot().short()
        ));
        for problem in &base.problems {
            out.line(&format!(
                "left out {}: {}",
                problem.file.display(),
                problem.reason
            ));
        }
        for approval in changed {
            out.line(&format!(
                "{}: {}",
                approval.run,
                visible_line(&approval.said)
            ));
        }
        if let Some(error) = not_held {
            out.line(&format!(
                "approvals were not held against the documents: {error}"
            ));
        }
    }
}

/// A document as it was taken: what it is, how long it holds, what it lacks, what was left out.
fn said_of(taken: &Taken) -> Vec<String> {
    let many = |count: usize, what: &str| match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    };
    let day = |name: &str, day: Option<&str>| day.map(|day| format!(", {name} {day}"));
    let mut lines = vec![format!(
        "took {}: {} ({}{}{}{}), {} in {}",
        visible_line(&taken.id),
        visible_line(&taken.title),
        taken.trust.as_str(),
        day(
            "published",
            Some(taken.published_date.as_str()).filter(|d| !d.is_empty())
        )
        .map_or_else(String::new, |d| visible_line(&d)),
        day("valid from", taken.valid_from.as_deref()).unwrap_or_default(),
        day("valid to", taken.valid_to.as_deref()).unwrap_or_default(),
        many(taken.passages, "passage"),
        many(taken.sections, "section"),
    )];
    if !taken.missing.is_empty() {
        lines.push(format!("  it does not say: {}", taken.missing.join(", ")));
    }
    lines.extend(
        taken
            .remarks
            .iter()
            .map(|r| format!("  {}", visible_line(&r.to_string()))),
    );
    lines
}

fn show(global: &Global, id: &str, out: &mut Out) -> Result<Answer> {
    let base = base(global, None, Late::Auto)?;
    let mut found = Vec::new();
    for passage in knowledge::passages(&base) {
        let passage = passage?;
        if passage.id == id || passage.doc == id {
            found.push(passage);
        }
    }
    if found.is_empty() {
        return Err(
            Error::new(Kind::NotFound, format!("no passage {}", visible_line(id)))
                .fix("list them with `echovoice kb list`"),
        );
    }
    for passage in found {
        if global.json {
            out.json(&passage);
        } else {
            let today = today(global)?;
            out.line(&format!(
                "{}  {} › {}  ({}, {}){}\n\n{}\n",
                passage.id,
                passage.title,
                passage.section,
                passage.source,
                passage.published_date,
                state_of(&base, &passage, today),
                passage.text
            ));
        }
    }
    Ok(Answer::Done)
}

/// `  [expired 2026-01-31]` behind a passage that holds no longer.
fn state_of(base: &KnowledgeBase, passage: &Passage, today: NaiveDate) -> String {
    let by = base.superseded_by(&passage.doc, today);
    let citation = Citation {
        superseded_by: by.map(str::to_owned),
        ..passage.clone().into()
    };
    out_of_date(&citation, today).map_or_else(String::new, |s| format!("  [{s}]"))
}

fn list(global: &Global, out: &mut Out) -> Result<Answer> {
    let today = today(global)?;
    let base = base(global, None, Late::Auto)?;
    for passage in knowledge::passages(&base) {
        let passage = passage?;
        if global.json {
            out.json(&passage);
        } else {
            out.line(&format!(
                "{:28} {} › {}{}",
                passage.id,
                passage.title,
                passage.section,
                state_of(&base, &passage, today)
            ));
        }
    }
    Ok(Answer::Done)
}
