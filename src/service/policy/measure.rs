//! Packs measured on labelled sentences and messages that somebody else wrote.

use super::compiled;
use crate::domain::finding::{Disposition, Finding, Part, Verdict};
use crate::domain::message::Message;
use crate::error::{Error, Kind, Result};
use crate::pipeline::LayeredGate;
use crate::pipeline::ports::Gate as _;
use crate::rules::Pack;
use crate::rules::resemble::{self, SentenceContext};
use crate::service::check;
use crate::service::home::workspace::Workspace;
use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// A labelled row: a sentence (`text`, `label`, `rule`) or a whole message (`subject`, `body`, `expect`).
#[derive(Deserialize)]
struct Row {
    id: String,
    #[serde(default)]
    rule: String,
    #[serde(default)]
    label: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    facts: BTreeMap<String, Value>,
    #[serde(default)]
    expect: Option<Expect>,
}

#[derive(Deserialize)]
struct Expect {
    verdict: Disposition,
    #[serde(default)]
    must_flag: Vec<String>,
    #[serde(default)]
    must_not_flag: Vec<String>,
    #[serde(default)]
    families: Vec<String>,
}

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowKind {
    Violating,
    Lawful,
    ViolatingMessage,
    CleanMessage,
}

/// What the gate said of one row.
#[derive(Clone, Debug, Serialize)]
pub struct Measured {
    pub id: String,
    pub rule: String,
    pub kind: RowKind,
    pub group: String,
    pub verdict: Disposition,
    /// A finding of the row's own rule asks for something.
    pub told: bool,
    pub text: String,
    /// Rule, disposition and words of each finding that asks for something.
    pub findings: Vec<(String, Disposition, String)>,
    /// Of the words that have to be named, how many are, and how many there are.
    pub named: usize,
    pub to_name: usize,
    /// Words that nothing may name, and that something does.
    pub misnamed: usize,
}

/// Sums over rows of one kind.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Measures {
    pub rows: usize,
    pub blocked: usize,
    pub review: usize,
    pub told: usize,
    pub silent: usize,
    pub findings: usize,
    pub named: usize,
    pub to_name: usize,
    pub misnamed: usize,
}

impl Measures {
    /// Adds a row.
    pub fn add(&mut self, row: &Measured) {
        self.rows += 1;
        match row.verdict {
            Disposition::Block => self.blocked += 1,
            Disposition::Review => self.review += 1,
            _ => self.silent += 1,
        }
        self.told += usize::from(row.told);
        self.findings += row.findings.len();
        self.named += row.named;
        self.to_name += row.to_name;
        self.misnamed += row.misnamed;
    }
}

/// Runs packs on the rows of a file, each on the day of its fact `as_of`, or else on the one that was given; without
/// either the days of laws are not asked, and every rule runs.
///
/// # Errors
/// A pack does not compile, or the file holds something else.
pub fn measure(workspace: &Workspace, packs: &[Pack], path: &Path) -> Result<Vec<Measured>> {
    let book = compiled(workspace, packs)?;
    let gate = LayeredGate::new(Arc::new(book), Arc::clone(&workspace.allow));
    let mut rows = read(path)?;
    for (_, message) in &mut rows {
        message.as_of = message.as_of.or(workspace.as_of_given());
    }
    Ok(rows
        .iter()
        .map(|(row, message)| judge(row, &gate.check(message), message))
        .collect())
}

/// The rows of a file, and what the gate is given of each.
fn read(path: &Path) -> Result<Vec<(Row, Message)>> {
    let text = std::fs::read_to_string(path)
        .map_err(|e| Error::of(Kind::Input, e).at(path.display().to_string()))?;
    let rows = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty());
    rows.map(|(index, line)| {
        let place = format!("{}:{}", path.display(), index + 1);
        let row: Row =
            serde_json::from_str(line).map_err(|e| Error::of(Kind::Input, e).at(place.clone()))?;
        if row.expect.is_none() && !matches!(row.label.as_str(), "violate" | "comply") {
            return Err(Error::new(Kind::Input, "label: expected violate or comply")
                .at(place)
                .fix("label the sentence, or give `expect` with a verdict for a whole message"));
        }
        let message = message_of(line, &row).map_err(|e| e.at(place))?;
        Ok((row, message))
    })
    .collect()
}

/// The rows of a file as rows of `assets/likeness.tsv`: each labelled sentence; of a violating message the sentences with
/// the words at fault, of a clean one all.
///
/// # Errors
/// The file holds something else.
pub fn likeness_rows(path: &Path) -> Result<Vec<String>> {
    let rows = read(path)?;
    Ok(rows
        .iter()
        .flat_map(|(row, message)| of_row(row, message))
        .collect())
}

fn of_row(row: &Row, message: &Message) -> Vec<String> {
    let shown = [
        message.subject.as_deref().unwrap_or(""),
        message.body.as_str(),
    ]
    .join("\n");
    let about = SentenceContext::new(
        &message.facts,
        message.product_named(),
        message.jurisdiction.as_ref(),
        &shown,
        message.as_of.map(|time| time.date_naive()),
        message.complete,
    );
    let Some(expect) = &row.expect else {
        let family = (row.label == "violate").then_some(row.rule.as_str());
        let text = row.text.as_deref().unwrap_or("");
        return vec![resemble::row(family, text, &about)];
    };
    let sentences = crate::text::sentence::sentences(&message.body);
    let sentences = sentences.iter().map(|(from, to)| &message.body[*from..*to]);
    let is_at_fault = |text: &&str| {
        expect
            .must_flag
            .iter()
            .any(|words| text.contains(words.as_str()))
    };
    let (family, wanted): (_, Vec<&str>) = if expect.verdict == Disposition::Pass {
        (None, sentences.collect())
    } else {
        (
            expect.families.first(),
            sentences.filter(is_at_fault).collect(),
        )
    };
    let family = family.map(String::as_str);
    wanted
        .iter()
        .map(|text| resemble::row(family, text, &about))
        .collect()
}

/// A row as the gate sees it, read as `check` reads a message. A sentence is no whole message, whatever its channel.
fn message_of(line: &str, row: &Row) -> Result<Message> {
    let mut noted = check::noted(line)?;
    if let Some(object) = noted.value.as_object_mut() {
        for name in [
            "id", "rule", "label", "kind", "expect", "cite", "pair", "lang", "source", "tags",
        ] {
            object.remove(name);
        }
        if let Some(text) = object.remove("text") {
            object.insert("body".into(), text);
        }
    }
    let mut message = check::from_json(&noted)?;
    message.complete &= row.expect.is_some();
    message.as_of = row.facts.get("as_of").and_then(Value::as_str).and_then(day);
    Ok(message)
}

fn day(text: &str) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc3339(&format!("{}T12:00:00Z", text.get(..10)?)).ok()
}

fn judge(row: &Row, verdict: &Verdict, message: &Message) -> Measured {
    let asks: Vec<&Finding> = verdict
        .findings
        .iter()
        .filter(|finding| finding.disposition >= Disposition::Review)
        .collect();
    let family = row.rule.strip_prefix("gap.").unwrap_or(&row.rule);
    let named = |words: &String| {
        [Part::Subject, Part::Body].into_iter().any(|part| {
            let text = message.part(part);
            text.match_indices(words.as_str()).any(|(at, found)| {
                asks.iter().any(|finding| {
                    let whole =
                        text.len() > 80 && (finding.end - finding.start) * 10 >= text.len() * 9;
                    finding.part == part
                        && !whole
                        && finding.start < at + found.len()
                        && at < finding.end
                })
            })
        })
    };
    let (kind, must, must_not): (_, &[String], &[String]) = match &row.expect {
        Some(expect) if expect.verdict == Disposition::Pass => {
            (RowKind::CleanMessage, &[], &expect.must_not_flag)
        }
        Some(expect) => (
            RowKind::ViolatingMessage,
            &expect.must_flag,
            &expect.must_not_flag,
        ),
        None if row.label == "violate" => (RowKind::Violating, &[], &[]),
        None => (RowKind::Lawful, &[], &[]),
    };
    let words = |finding: &&Finding| finding.text.chars().take(60).collect();
    Measured {
        id: row.id.clone(),
        rule: family.to_owned(),
        kind,
        group: row.kind.clone(),
        verdict: asks
            .iter()
            .map(|finding| finding.disposition)
            .max()
            .unwrap_or(Disposition::Pass),
        told: !family.is_empty() && asks.iter().any(|finding| finding.rule.starts_with(family)),
        text: row.text.clone().unwrap_or_default(),
        findings: asks
            .iter()
            .map(|finding| (finding.rule.clone(), finding.disposition, words(finding)))
            .collect(),
        named: must.iter().filter(|words| named(words)).count(),
        to_name: must.len(),
        misnamed: must_not.iter().filter(|words| named(words)).count(),
    }
}
