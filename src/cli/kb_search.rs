//! `kb search`: one query or a file of them, and why each passage stands where it does.

use super::args::{ConstantsArg, LateArg, SearchMode, WaysArgs};
use super::global::Global;
use super::output::Out;
use super::{Answer, as_of, home};
use crate::domain::citation::{Citation, Retrieved, decimal};
use crate::domain::why_rank;
use crate::error::{Error, Kind, Result};
use crate::service::home::knowledge::{self, Constants, KnowledgeBase, Late, Mode, Search, Ways};
use crate::service::intake;
use crate::text::hidden::visible_line;
use chrono::{NaiveDate, Utc};
use clap::ValueEnum as _;
use serde_json::{Value, json};
use std::path::Path;

/// Passages below the cut that `--why` tells.
const BELOW: usize = 5;

/// How is searched.
#[derive(Clone, Copy)]
pub(super) struct SearchOptions {
    pub mode: Mode,
    pub ways: Ways,
}

/// What is asked for of every query.
#[derive(Clone, Copy)]
pub(super) struct SearchAsked {
    pub limit: usize,
    pub how: SearchOptions,
    pub why: bool,
}

fn late_of(late: LateArg) -> Late {
    match late {
        LateArg::Auto => Late::Auto,
        LateArg::On => Late::On,
        LateArg::Off => Late::Off,
    }
}

fn constants_of(constants: ConstantsArg) -> Constants {
    match constants {
        ConstantsArg::Own => Constants::Own,
        ConstantsArg::Index => Constants::Index,
    }
}

fn mode_of(mode: SearchMode) -> Mode {
    match mode {
        SearchMode::Bm25 => Mode::Bm25,
        SearchMode::Cosine => Mode::Cosine,
        SearchMode::Rerank => Mode::Rerank,
    }
}

impl SearchOptions {
    /// The home's settings for its own knowledge base, those that hold without any for another, and over both what the
    /// arguments say.
    pub fn of(
        global: &Global,
        kb: Option<&Path>,
        mode: SearchMode,
        args: WaysArgs,
    ) -> Result<Self> {
        let mut ways = match kb {
            Some(_) => Ways::default(),
            None => knowledge::ways(&home(global)?)?,
        };
        if let Some(late) = args.late {
            ways.late = late_of(late);
        }
        if let Some(constants) = args.constants {
            ways.constants = constants_of(constants);
        }
        let mode = mode_of(mode);
        Ok(Self { mode, ways })
    }

    /// The same but for the settings in a text: `late=off,constants=index,mode=bm25`.
    pub fn but(self, text: &str) -> Result<Self> {
        let mut other = self;
        for setting in text.split(',').map(str::trim).filter(|s| !s.is_empty()) {
            let known = match setting.split_once('=').map(|(a, b)| (a.trim(), b.trim())) {
                Some(("late", value)) => LateArg::from_str(value, true)
                    .map(|late| other.ways.late = late_of(late))
                    .is_ok(),
                Some(("constants", value)) => ConstantsArg::from_str(value, true)
                    .map(|constants| other.ways.constants = constants_of(constants))
                    .is_ok(),
                Some(("mode", value)) => SearchMode::from_str(value, true)
                    .map(|mode| other.mode = mode_of(mode))
                    .is_ok(),
                _ => false,
            };
            if !known {
                return Err(
                    Error::new(Kind::Input, format!("--against: no setting {setting:?}")).fix(
                        "give late=auto|on|off, constants=own|index or mode=bm25|cosine|rerank, with commas between",
                    ),
                );
            }
        }
        Ok(other)
    }

    /// As `--against` takes it.
    pub fn said(self) -> String {
        let mode = match self.mode {
            Mode::Bm25 => "bm25",
            Mode::Cosine => "cosine",
            Mode::Rerank => "rerank",
        };
        let late = match self.ways.late {
            Late::Auto => "auto",
            Late::On => "on",
            Late::Off => "off",
        };
        let constants = match self.ways.constants {
            Constants::Own => "own",
            Constants::Index => "index",
        };
        format!("mode={mode},late={late},constants={constants}")
    }
}

/// A query's id and words, out of a line of JSON.
pub(super) fn query_of(line: &str) -> std::result::Result<(Value, String), &'static str> {
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

pub(super) fn wanted(
    query: &str,
    limit: usize,
    how: SearchOptions,
    floor: bool,
    as_of: Option<NaiveDate>,
) -> Search<'_> {
    Search {
        query,
        limit,
        mode: how.mode,
        jurisdiction: None,
        product: None,
        floor,
        ways: how.ways,
        as_of,
    }
}

fn number(e4: i64) -> Value {
    json!(f64::from(i32::try_from(e4).unwrap_or(i32::MAX)) / 10_000.0)
}

/// A hit in short, as scorers read it.
fn hit(citation: &Citation, today: NaiveDate) -> Value {
    let mut hit = json!({
        "doc": citation.id, "score": number(citation.score), "bm25": number(citation.bm25),
        "cosine": citation.cosine.map(number),
    });
    if let Some(late) = citation.late {
        hit["late"] = number(late);
    }
    if let Some(state) = out_of_date(citation, today) {
        hit["validity"] = json!(state);
    }
    hit
}

/// A hit with which words met which, and why in words.
fn explained(citation: &Citation, today: NaiveDate, why: Vec<String>) -> Value {
    let mut hit = hit(citation, today);
    let terms = citation.terms.iter();
    hit["terms"] = terms
        .map(|(term, share)| json!({"asked": term, "bm25": number(*share)}))
        .collect();
    [hit["same_words"], hit["near_words"]] = knowledge::words_met(citation);
    hit["rank_bm25"] = json!(citation.rank_bm25);
    hit["rank_cosine"] = json!(citation.rank_cosine);
    hit["why"] = json!(why);
    hit
}

fn all_explained(found: &Retrieved, today: NaiveDate) -> (Vec<Value>, Vec<Value>) {
    let kept = found.citations.iter().enumerate();
    let below = found.below.iter().take(BELOW).enumerate();
    (
        kept.map(|(at, c)| explained(c, today, why_rank::why(found, at)))
            .collect(),
        below
            .map(|(at, c)| explained(c, today, why_rank::why_not(found, at)))
            .collect(),
    )
}

/// One query.
pub(super) fn one(
    global: &Global,
    base: &KnowledgeBase,
    query: Option<&str>,
    asked: SearchAsked,
    out: &mut Out,
) -> Result<Answer> {
    let query = query.ok_or_else(|| {
        Error::new(Kind::Input, "nothing to look for").fix("give a query, or --jsonl and a file")
    })?;
    let today = today(global)?;
    let wanted = wanted(query, asked.limit, asked.how, true, Some(today));
    let found = knowledge::search(base, &wanted)?;
    if global.json {
        let (hits, below) = all_explained(&found, today);
        let mut answer = json!({"query": query, "degraded": found.degraded, "hits": hits});
        if asked.why {
            answer["below"] = json!(below);
        }
        out.json(&answer);
        return Ok(Answer::Done);
    }
    if found.degraded {
        out.line("(the embedding model could not be used: ranked by words alone)");
    }
    if found.citations.is_empty() {
        out.line("nothing relevant found");
    }
    for (at, citation) in found.citations.iter().enumerate() {
        out.line(&format!("{:2}  {}", at + 1, row(citation, today)));
        if asked.why {
            for line in why_rank::why(&found, at) {
                out.line(&format!("      {line}"));
            }
        }
    }
    if asked.why && !found.below.is_empty() {
        out.line("just below the cut:");
        for (at, citation) in found.below.iter().take(BELOW).enumerate() {
            out.line(&format!(" -  {}", row(citation, today)));
            for line in why_rank::why_not(&found, at) {
                out.line(&format!("      {line}"));
            }
        }
    }
    Ok(Answer::Done)
}

fn row(citation: &Citation, today: NaiveDate) -> String {
    let state = out_of_date(citation, today).map_or_else(String::new, |s| format!("  [{s}]"));
    let late = citation
        .late
        .map_or_else(String::new, |late| format!("  late {:.3}", decimal(late)));
    format!(
        "{:.3}  bm25 {:.3}  cos {}{late}  {}  {} › {}{state}",
        decimal(citation.score),
        decimal(citation.bm25),
        citation
            .cosine
            .map_or("-".into(), |c| format!("{:.3}", decimal(c))),
        citation.id,
        citation.title,
        citation.section
    )
}

/// A file of queries, or standard input. One without queries has no answers.
pub(super) fn lines(
    global: &Global,
    base: &KnowledgeBase,
    file: Option<&str>,
    asked: SearchAsked,
    out: &mut Out,
) -> Result<Answer> {
    let today = today(global)?;
    let file = file.unwrap_or("-");
    let name = match file {
        "-" => "(standard input)",
        path => path,
    };
    for (index, line) in intake::read_lines(Path::new(file), name)?
        .lines()
        .enumerate()
        .filter(|(_, l)| !l.trim().is_empty())
    {
        let wrong = |problem: &str| {
            Error::new(Kind::Input, problem)
                .at(format!("{name}:{}", index + 1))
                .fix("give {\"id\",\"query\"} on each line")
        };
        let (id, query) = query_of(line).map_err(wrong)?;
        let wanted = wanted(&query, asked.limit, asked.how, false, Some(today));
        let found = knowledge::search(base, &wanted)?;
        if asked.why {
            let (hits, below) = all_explained(&found, today);
            out.json(&json!({"id": id, "hits": hits, "below": below}));
        } else {
            let hits: Vec<Value> = found.citations.iter().map(|c| hit(c, today)).collect();
            out.json(&json!({"id": id, "hits": hits}));
        }
    }
    Ok(Answer::Done)
}

/// Whether a passage no longer holds, does not yet, or another stands in its place: a run would not cite it.
pub(super) fn out_of_date(citation: &Citation, today: NaiveDate) -> Option<String> {
    let day = |text: &Option<String>| NaiveDate::parse_from_str(text.as_deref()?, "%Y-%m-%d").ok();
    match (day(&citation.valid_from), day(&citation.valid_to)) {
        (_, Some(to)) if to < today => Some(format!("expired {to}")),
        (Some(from), _) if from > today => Some(format!("not before {from}")),
        _ => {
            let by = citation.superseded_by.as_deref();
            by.map(|by| format!("superseded by {}", visible_line(by)))
        }
    }
}

/// The day whose validity counts.
pub(super) fn today(global: &Global) -> Result<NaiveDate> {
    Ok(as_of(global)?.map_or_else(|| Utc::now().date_naive(), |time| time.date_naive()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_to_compare_with_are_read_and_a_slip_is_told() {
        let how = SearchOptions {
            mode: Mode::Rerank,
            ways: Ways::default(),
        };
        assert_eq!(how.said(), "mode=rerank,late=auto,constants=own");
        let other = how.but("late=off, constants=index").unwrap();
        assert_eq!(other.said(), "mode=rerank,late=off,constants=index");
        assert_eq!(other.but(&how.said()).unwrap().said(), how.said());
        for slip in ["late", "late=maybe", "lte=off", "mode=words"] {
            assert!(how.but(slip).is_err(), "{slip}");
        }
    }
}
