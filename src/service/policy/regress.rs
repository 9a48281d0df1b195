//! Dismissed findings as tests: what a person called a false positive must not be found again.
//!
//! One JSON line a dismissal in `HOME/policies/regressions.jsonl`. The text is redacted before it is written.

use crate::domain::facts::Facts;
use crate::domain::finding::{Disposition, Finding};
use crate::domain::jurisdiction::{Channel, Jurisdiction};
use crate::domain::message::Message;
use crate::domain::person::Action;
use crate::domain::run::Run;
use crate::error::{Error, Kind, Result};
use crate::files;
use crate::ledger::NewEntry;
use crate::ledger::checkpoint::sign_note;
use crate::ledger::payload::{DismissalPayload, Payload};
use crate::ledger::rules::acts;
use crate::pii::{KnownValues, Scanner, redact};
use crate::rules::selftest::DismissedMessage;
use crate::service::home::workspace::{Workspace, now};
use crate::service::run::record::{base, by};
use crate::text::sentence;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Shortest reason that says anything.
pub const LEAST_REASON: usize = 10;

/// A dismissal as a test row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dismissal {
    pub rule: String,
    /// The sentence, without personal data.
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jurisdiction: Option<Jurisdiction>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    pub by: String,
    pub time: String,
    pub reason: String,
    pub run: String,
}

impl Dismissal {
    /// The row as a pack's test runs it.
    pub fn row(&self) -> DismissedMessage {
        DismissedMessage {
            rule: self.rule.clone(),
            message: Message {
                body: self.text.clone(),
                channel: self.channel,
                jurisdiction: self.jurisdiction.clone(),
                product: self.product.clone(),
                facts: Facts::default(),
                ..Message::default()
            },
        }
    }
}

fn path(home: &Path) -> PathBuf {
    home.join("policies").join("regressions.jsonl")
}

/// All dismissals, oldest first.
///
/// # Errors
/// A line that is none, with its number.
pub fn read(home: &Path) -> Result<Vec<Dismissal>> {
    let path = path(home);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => {
            return Err(Error::of(Kind::Io, e).at(path.display().to_string()));
        }
    };
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(index, line)| {
            serde_json::from_str(line).map_err(|e| {
                Error::new(Kind::Input, format!("not a dismissal: {e}"))
                    .at(format!("{}:{}", path.display(), index + 1))
                    .fix("correct or remove the line")
            })
        })
        .collect()
}

/// Records that a person calls a finding a false positive. The finding itself stays as it is in this run.
///
/// # Errors
/// Not allowed, no reason, the ledger refused, or the row could not be written.
pub fn dismiss(
    workspace: &Workspace,
    run: &Run,
    variant: &str,
    finding: &Finding,
    reason: &str,
) -> Result<Dismissal> {
    workspace.allow(Action::Decide)?;
    let reason = reason.trim();
    if reason.chars().count() < LEAST_REASON {
        return Err(Error::new(
            Kind::Input,
            format!("a dismissal needs a reason of at least {LEAST_REASON} characters"),
        ));
    }
    if finding.hard && finding.disposition == Disposition::Block {
        return Err(Error::new(
            Kind::NotAllowed,
            "a hard block (personal data, consent, age) may not be dismissed",
        ));
    }
    let ledger = workspace.ledger()?;
    let words = run
        .variant(variant)
        .map(|v| match finding.part {
            crate::domain::finding::Part::Subject => v.subject.as_str(),
            crate::domain::finding::Part::Html => v.html.as_deref().unwrap_or(""),
            _ => v.body.as_str(),
        })
        .ok_or_else(|| Error::new(Kind::NotFound, format!("there is no variant {variant}")))?;
    let known = KnownValues::of_profile(&run.profile);
    let scanner = Scanner {
        known: Some(&known),
        allow: Some(&workspace.allow),
    };
    let row = Dismissal {
        rule: finding.rule.clone(),
        text: redact(sentence_at(words, finding.start), &scanner).text,
        channel: run.profile.channel,
        jurisdiction: run.profile.jurisdiction.clone(),
        product: run.profile.product.clone(),
        by: workspace.person.name.clone(),
        time: now(),
        reason: reason.to_owned(),
        run: run.id.clone(),
    };
    let signer = workspace.signing_key()?;
    let lines = acts::dismissing(
        &run.id,
        (variant, finding.rule.as_str(), finding.version.as_str()),
    );
    let time = now();
    let note = sign_note(&lines.note(&time), &workspace.person.name, &signer);
    let said = Payload::FindingDismissed(DismissalPayload {
        variant: Some(variant.to_owned()),
        rule: Some(finding.rule.clone()),
        version: Some(finding.version.clone()),
        note: Some(note),
    });
    let id = format!("dismissed/{variant}/{}/{}", finding.rule, finding.start);
    let mut entry = by(workspace, base(run, said, &id));
    entry.time = time;
    entry.sealed.push((
        "dismissal".into(),
        serde_json::to_vec(&row).unwrap_or_default(),
    ));
    append(ledger, entry)?;
    // Nothing is learned from a planted text.
    if run.canary.is_some() {
        return Ok(row);
    }
    let path = path(&workspace.home);
    let mut file =
        files::append(&path).map_err(|e| Error::of(Kind::Io, e).at(path.display().to_string()))?;
    let line = format!("{}\n", serde_json::to_string(&row).unwrap_or_default());
    file.write_all(line.as_bytes())
        .map_err(|e| Error::of(Kind::Io, e).at(path.display().to_string()))?;
    Ok(row)
}

fn append(ledger: &crate::ledger::Ledger, entry: NewEntry) -> Result<()> {
    ledger.append(vec![entry]).wait()?;
    Ok(())
}

fn sentence_at(text: &str, at: usize) -> &str {
    sentence::sentences(text)
        .into_iter()
        .find(|(_, end)| at < *end)
        .map_or(text, |(start, end)| &text[start..end])
}
