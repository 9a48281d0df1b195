//! `kb`: the knowledge base.

use super::args::{Global, KbAction, KbArgs, SearchMode};
use super::output::{Out, Progress};
use super::{Answer, as_of, home, open};
use crate::domain::citation::{Citation, decimal};
use crate::error::{Error, Kind, Result};
use crate::files;
use crate::service::knowledge::{self, Judgements, Search};
use crate::service::knowledge::{File, KnowledgeBase, Mode, Passage, Taken, sidecar};
use crate::service::{Needs, intake};
use crate::text::hidden::visible_line;
use chrono::{NaiveDate, Utc};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub fn run(global: &Global, args: &KbArgs, out: &mut Out) -> Result<Answer> {
    match &args.action {
        KbAction::Add { sources } => add(global, sources, out),
        KbAction::Index { kb, sources } => index(global, kb.as_deref(), sources, out),
        KbAction::Search {
            query,
            kb,
            limit,
            mode,
            jsonl,
        } => {
            let base = base(global, kb.as_deref())?;
            if *jsonl {
                search_lines(global, &base, *limit, mode_of(*mode), out)
            } else {
                search(global, &base, query.as_deref(), *limit, mode_of(*mode), out)
            }
        }
        KbAction::Eval {
            queries,
            qrels,
            kb,
            limit,
            mode,
        } => {
            let base = base(global, kb.as_deref())?;
            eval(global, &base, queries, qrels, *limit, mode_of(*mode), out)
        }
        KbAction::Show { id } => show(global, id, out),
        KbAction::List => list(global, out),
    }
}

fn mode_of(mode: SearchMode) -> Mode {
    match mode {
        SearchMode::Bm25 => Mode::Bm25,
        SearchMode::Cosine => Mode::Cosine,
        SearchMode::Rerank => Mode::Rerank,
    }
}

/// A query's id and words, out of a line of JSON.
fn query_of(line: &str) -> std::result::Result<(Value, String), &'static str> {
    let value: Value = serde_json::from_str(line).map_err(|_| "not JSON")?;
    let query = value
        .get("query")
        .or(value.get("text"))
        .and_then(Value::as_str)
        .ok_or("query: missing")?;
    Ok((
        value.get("id").cloned().unwrap_or_default(),
        query.to_owned(),
    ))
}

fn eval(
    global: &Global,
    base: &KnowledgeBase,
    queries: &Path,
    qrels: &Path,
    limit: usize,
    mode: Mode,
    out: &mut Out,
) -> Result<Answer> {
    let name = qrels.display().to_string();
    let judged = Judgements::parse(&intake::read_text(qrels, &name)?).map_err(|line| {
        Error::new(Kind::Input, "not a judgement")
            .at(format!("{name}:{line}"))
            .fix("write `query 0 document grade`, or `query document grade`")
    })?;
    let name = queries.display().to_string();
    let text = intake::read_text(queries, &name)?;
    let lines: Vec<(usize, &str)> = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .collect();
    let mut bar = Progress::default();
    let mut rankings = BTreeMap::new();
    let (mut cold, mut repeated) = (Vec::new(), Vec::new());
    for (done, (index, line)) in lines.iter().enumerate() {
        let (id, query) = query_of(line).map_err(|problem| {
            Error::new(Kind::Input, problem).at(format!("{name}:{}", index + 1))
        })?;
        let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
        let wanted = wanted(&query, limit, mode, false);
        let timed = || {
            let start = Instant::now();
            knowledge::search(base, &wanted).map(|found| (found, start.elapsed()))
        };
        let (found, first) = timed()?;
        cold.push(first);
        repeated.push(timed()?.1);
        rankings.insert(id, found.citations.into_iter().map(|c| c.id).collect());
        bar.show("searching", done + 1, lines.len());
    }
    let figures = judged.figures(&rankings, limit);
    let (cold, repeated) = (median_ms(cold), median_ms(repeated));
    if global.json {
        out.json(&json!({
            "queries": figures.queries, "k": figures.k, "recall": figures.recall, "map": figures.map,
            "ndcg": figures.ndcg, "mrr": figures.mrr, "cold_ms_p50": cold, "repeated_ms_p50": repeated,
        }));
    } else {
        out.line(&format!(
            "Recall@{limit} {:.4}   MAP@{limit} {:.4}   nDCG@{limit} {:.4}   MRR@{limit} {:.4}   ({} judged queries, {} passages)",
            figures.recall,
            figures.map,
            figures.ndcg,
            figures.mrr,
            figures.queries,
            base.len()
        ));
        out.line(&format!(
            "a search takes {cold:.2} ms, asked again {repeated:.2} ms (medians)"
        ));
    }
    Ok(Answer::Done)
}

/// The median in milliseconds; 0 of none.
fn median_ms(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times
        .get(times.len() / 2)
        .map_or(0.0, |t| t.as_secs_f64() * 1_000.0)
}

fn base(global: &Global, kb: Option<&Path>) -> Result<Arc<KnowledgeBase>> {
    match kb {
        Some(folder) => {
            let mut bar = Progress::default();
            Ok(Arc::new(knowledge::index(folder, &[], &mut |step| {
                bar.show(step.what, step.done, step.of);
            })?))
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
                files::copy(&from, &to).map_err(|e| {
                    Error::new(Kind::Io, e.to_string()).at(from.display().to_string())
                })?;
            }
        }
    }
    let base = knowledge::of(&open(global, Needs::Pipeline)?)?.clone();
    let added: Vec<PathBuf> = sources
        .iter()
        .filter_map(|source| Some(folder.join(source.file_name()?)))
        .collect();
    report(global, &base, &added, out);
    Ok(Answer::Done)
}

fn index(global: &Global, kb: Option<&Path>, sources: &[PathBuf], out: &mut Out) -> Result<Answer> {
    let base = match kb {
        Some(folder) => {
            let mut bar = Progress::default();
            Arc::new(knowledge::index(folder, sources, &mut |step| {
                bar.show(step.what, step.done, step.of);
            })?)
        }
        None if sources.is_empty() => knowledge::of(&open(global, Needs::Pipeline)?)?.clone(),
        None => return add(global, sources, out),
    };
    report(global, &base, &[], out);
    Ok(Answer::Done)
}

/// What the knowledge base holds, and what it took of the files that were added.
fn report(global: &Global, base: &KnowledgeBase, added: &[PathBuf], out: &mut Out) {
    let is_added = |path: &Path| {
        let whole = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        added.iter().any(|one| whole(one) == whole(path))
    };
    let files: Vec<&File> = base.files.iter().filter(|f| is_added(&f.path)).collect();
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

fn hit(citation: &Citation, today: NaiveDate) -> Value {
    let e4 = |v: i64| {
        serde_json::Number::from_f64(f64::from(i32::try_from(v).unwrap_or(i32::MAX)) / 10_000.0)
    };
    let mut hit = json!({"doc": citation.id, "score": e4(citation.score), "bm25": e4(citation.bm25), "cosine": citation.cosine.map(e4)});
    if let Some(state) = out_of_date(citation, today) {
        hit["validity"] = json!(state);
    }
    hit
}

/// Whether a passage no longer holds, or does not yet: a run would not cite it.
fn out_of_date(citation: &Citation, today: NaiveDate) -> Option<String> {
    let day = |text: &Option<String>| NaiveDate::parse_from_str(text.as_deref()?, "%Y-%m-%d").ok();
    match (day(&citation.valid_from), day(&citation.valid_to)) {
        (_, Some(to)) if to < today => Some(format!("expired {to}")),
        (Some(from), _) if from > today => Some(format!("not before {from}")),
        _ => None,
    }
}

fn wanted(query: &str, limit: usize, mode: Mode, floor: bool) -> Search<'_> {
    Search {
        query,
        limit,
        mode,
        jurisdiction: None,
        product: None,
        floor,
    }
}

fn search(
    global: &Global,
    base: &KnowledgeBase,
    query: Option<&str>,
    limit: usize,
    mode: Mode,
    out: &mut Out,
) -> Result<Answer> {
    let query = query.ok_or_else(|| {
        Error::new(Kind::Input, "nothing to look for").fix("give a query, or --jsonl")
    })?;
    let found = knowledge::search(base, &wanted(query, limit, mode, true))?;
    let today = today(global)?;
    if global.json {
        let hits: Vec<Value> = found.citations.iter().map(|c| hit(c, today)).collect();
        out.json(&json!({"query": query, "degraded": found.degraded, "hits": hits}));
        return Ok(Answer::Done);
    }
    if found.degraded {
        out.line("(the embedding model could not be used: ranked by words alone)");
    }
    if found.citations.is_empty() {
        out.line("nothing relevant found");
    }
    for (rank, citation) in (1..).zip(&found.citations) {
        let state = out_of_date(citation, today).map_or_else(String::new, |s| format!("  [{s}]"));
        out.line(&format!(
            "{rank:2}  {:.3}  bm25 {:.3}  cos {}  {}  {} › {}{state}",
            decimal(citation.score),
            decimal(citation.bm25),
            citation
                .cosine
                .map_or("-".into(), |c| format!("{:.3}", decimal(c))),
            citation.id,
            citation.title,
            citation.section
        ));
    }
    Ok(Answer::Done)
}

/// The day whose validity counts.
fn today(global: &Global) -> Result<NaiveDate> {
    Ok(as_of(global)?.map_or_else(|| Utc::now().date_naive(), |time| time.date_naive()))
}

fn search_lines(
    global: &Global,
    base: &KnowledgeBase,
    limit: usize,
    mode: Mode,
    out: &mut Out,
) -> Result<Answer> {
    let today = today(global)?;
    let text = intake::read_text(Path::new("-"), "(standard input)")?;
    for (index, line) in text
        .lines()
        .enumerate()
        .filter(|(_, l)| !l.trim().is_empty())
    {
        let wrong = |problem: &str| {
            Error::new(Kind::Input, problem)
                .at(format!("(standard input):{}", index + 1))
                .fix("give {\"id\",\"query\"} on each line")
        };
        let (id, query) = query_of(line).map_err(wrong)?;
        let found = knowledge::search(base, &wanted(&query, limit, mode, false))?;
        let hits: Vec<Value> = found.citations.iter().map(|c| hit(c, today)).collect();
        out.json(&json!({"id": id, "hits": hits}));
    }
    Ok(Answer::Done)
}

fn show(global: &Global, id: &str, out: &mut Out) -> Result<Answer> {
    let base = base(global, None)?;
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
                state_of(&passage, today),
                passage.text
            ));
        }
    }
    Ok(Answer::Done)
}

/// `  [expired 2026-01-31]` behind a passage that holds no longer.
fn state_of(passage: &Passage, today: NaiveDate) -> String {
    let citation = Citation::from(passage.clone());
    out_of_date(&citation, today).map_or_else(String::new, |s| format!("  [{s}]"))
}

fn list(global: &Global, out: &mut Out) -> Result<Answer> {
    let today = today(global)?;
    for passage in knowledge::passages(base(global, None)?.as_ref()) {
        let passage = passage?;
        if global.json {
            out.json(&passage);
        } else {
            out.line(&format!(
                "{:28} {} › {}{}",
                passage.id,
                passage.title,
                passage.section,
                state_of(&passage, today)
            ));
        }
    }
    Ok(Answer::Done)
}
