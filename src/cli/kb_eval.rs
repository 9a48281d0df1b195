//! `kb eval`: how good the search is on judged queries, how sure that is, and whether other settings are better.

use super::Answer;
use super::global::Global;
use super::kb_search::{SearchOptions, query_of, wanted};
use super::output::{Out, Progress};
use crate::error::{Error, Kind, Result};
use crate::service::home::knowledge::{
    self, Four, Judgements, KnowledgeBase, NAMES, Spread, spread,
};
use crate::service::intake;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// The four figures as they are printed.
const SHOWN: [&str; 4] = ["Recall", "MAP", "nDCG", "MRR"];

/// One setting, measured.
struct MeasuredWays {
    by_query: Vec<Four>,
    cold: f64,
    repeated: f64,
}

/// Queries with the numbers of their lines.
struct Queries<'q> {
    name: String,
    lines: Vec<(usize, &'q str)>,
}

pub(super) fn run(
    global: &Global,
    base: &KnowledgeBase,
    (queries, qrels): (&Path, &Path),
    limit: usize,
    (how, other): (SearchOptions, Option<SearchOptions>),
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
    let queries = Queries {
        name,
        lines: text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
            .collect(),
    };
    let own = measure(base, &judged, &queries, limit, how)?;
    let other = match other {
        Some(other) => Some((other, measure(base, &judged, &queries, limit, other)?)),
        None => None,
    };
    let spreads = spread(&own.by_query);
    // The same queries both times: what differs is the setting alone.
    let compared = other.map(|(other, theirs)| {
        let differences: Vec<Four> = own
            .by_query
            .iter()
            .zip(&theirs.by_query)
            .map(|(own, theirs)| [0, 1, 2, 3].map(|at| own[at] - theirs[at]))
            .collect();
        (other, spread(&theirs.by_query), spread(&differences))
    });
    if global.json {
        let mut answer = figures(&spreads);
        answer.insert("queries".into(), json!(own.by_query.len()));
        answer.insert("k".into(), json!(limit));
        answer.insert("settings".into(), json!(how.said()));
        answer.insert("intervals".into(), intervals(&spreads));
        answer.insert("cold_ms_p50".into(), json!(own.cold));
        answer.insert("repeated_ms_p50".into(), json!(own.repeated));
        if let Some((other, theirs, difference)) = &compared {
            let mut against = figures(theirs);
            against.insert("settings".into(), json!(other.said()));
            against.insert("intervals".into(), intervals(theirs));
            against.insert("difference".into(), Value::Object(figures(difference)));
            against.insert("difference_intervals".into(), intervals(difference));
            answer.insert("against".into(), Value::Object(against));
        }
        out.json(&answer);
        return Ok(Answer::Done);
    }
    let shown = |spreads: &[Spread; 4], signed: bool| {
        let one = |(name, s): (&str, &Spread)| {
            if signed {
                format!(
                    "{name}@{limit} {:+.4} [{:+.4}, {:+.4}]",
                    s.mean, s.low, s.high
                )
            } else {
                format!("{name}@{limit} {:.4} [{:.4}, {:.4}]", s.mean, s.low, s.high)
            }
        };
        let all: Vec<String> = SHOWN.into_iter().zip(spreads).map(one).collect();
        all.join("   ")
    };
    out.line(&format!(
        "{}   ({} judged queries, {} passages; 95 % intervals)",
        shown(&spreads, false),
        own.by_query.len(),
        base.len()
    ));
    if let Some((other, theirs, difference)) = &compared {
        out.line(&format!("against {}:", other.said()));
        out.line(&shown(theirs, false));
        out.line(&format!(
            "the difference, on the same queries: {}",
            shown(difference, true)
        ));
        let sure: Vec<String> = SHOWN
            .into_iter()
            .zip(difference)
            .filter(|(_, s)| s.low > 0.0 || s.high < 0.0)
            .map(|(name, s)| format!("{name} {}", if s.low > 0.0 { "better" } else { "worse" }))
            .collect();
        out.line(&if sure.is_empty() {
            "no figure differs by more than chance".to_owned()
        } else {
            format!("by more than chance: {}", sure.join(", "))
        });
    }
    out.line(&format!(
        "a search takes {:.2} ms, asked again {:.2} ms (medians)",
        own.cold, own.repeated
    ));
    Ok(Answer::Done)
}

fn measure(
    base: &KnowledgeBase,
    judged: &Judgements,
    queries: &Queries<'_>,
    limit: usize,
    how: SearchOptions,
) -> Result<MeasuredWays> {
    let mut bar = Progress::default();
    let mut rankings = BTreeMap::new();
    let (mut cold, mut repeated) = (Vec::new(), Vec::new());
    for (done, (index, line)) in queries.lines.iter().enumerate() {
        let (id, query) = query_of(line).map_err(|problem| {
            Error::new(Kind::Input, problem).at(format!("{}:{}", queries.name, index + 1))
        })?;
        let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
        let wanted = wanted(&query, limit, how, false, None);
        let timed = || {
            let start = Instant::now();
            knowledge::search(base, &wanted).map(|found| (found, start.elapsed()))
        };
        let (found, first) = timed()?;
        cold.push(first);
        repeated.push(timed()?.1);
        rankings.insert(id, found.citations.into_iter().map(|c| c.id).collect());
        bar.show("searching", done + 1, queries.lines.len());
    }
    Ok(MeasuredWays {
        by_query: judged.by_query(&rankings, limit),
        cold: median_ms(cold),
        repeated: median_ms(repeated),
    })
}

fn figures(spreads: &[Spread; 4]) -> Map<String, Value> {
    let one = |(name, s): (&str, &Spread)| (name.to_owned(), json!(s.mean));
    NAMES.into_iter().zip(spreads).map(one).collect()
}

fn intervals(spreads: &[Spread; 4]) -> Value {
    let one = |(name, s): (&str, &Spread)| (name.to_owned(), json!([s.low, s.high]));
    Value::Object(NAMES.into_iter().zip(spreads).map(one).collect())
}

/// The median in milliseconds; 0 of none.
fn median_ms(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times
        .get(times.len() / 2)
        .map_or(0.0, |t| t.as_secs_f64() * 1_000.0)
}
