//! A decision is about what the gate judged, by somebody who may, and its terms are those that were signed.

use super::{Refusal, Rules, clock};
use crate::domain::decision::{DecisionKind, ReviewState, note};
use crate::domain::person::{Action, Role};
use crate::ledger::checkpoint::{NoteError, open_note};
use crate::ledger::entry::{Entry, EntryKind, NoteRefusal, reason_in};
use crate::ledger::review::ReviewRefusal;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A decision is not about what the gate judged, or nobody may take it so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignedDecisionRefusal {
    #[error("a decision without its signed note")]
    NoNote,
    #[error("the decision's signature: {0}")]
    Signature(#[source] NoteError),
    #[error("a decision about an unknown run")]
    UnknownRun,
    #[error("an unknown decision")]
    UnknownKind,
    #[error("an override is an entry of its own kind")]
    OtherEntryKind,
    #[error("{actor} may not decide so: {why}")]
    MayNot {
        actor: String,
        #[source]
        why: ReviewRefusal,
    },
    #[error("a decision about a text of variant {0} that is not the run's")]
    OtherText(String),
    #[error("a decision about another verdict than the gate's")]
    OtherVerdict,
    #[error("variant {0} is blocked")]
    Blocked(String),
    #[error("variant {0} is not blocked")]
    NotBlocked(String),
    #[error("variant {0} has a hard block, which nobody may override")]
    HardBlock(String),
    #[error("the second signature is for another text than the first")]
    SecondForOther,
    #[error("a decision together with others where the policy allows none")]
    Together,
}

/// What was written and judged for a run: of the newest revision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// Hash of each variant.
    artifacts: BTreeMap<String, String>,
    /// What the gate said of each.
    dispositions: BTreeMap<String, String>,
    /// Variants that nobody may override.
    hard: BTreeSet<String>,
    verdict: String,
    pack: String,
    /// In which role the run was started.
    started_as: Option<Role>,
    /// Hash of each variant as it was first written, once it may have changed.
    first: Option<BTreeMap<String, String>>,
}

fn texts(entry: &Entry, name: &str) -> BTreeMap<String, String> {
    let object = entry.data.get(name).and_then(Value::as_object);
    let text = |(k, v): (&String, &Value)| Some((k.clone(), v.as_str()?.to_owned()));
    object.into_iter().flatten().filter_map(text).collect()
}

impl Judged {
    /// What stands after one more entry of the run.
    pub fn follow(&mut self, entry: &Entry) {
        match entry.kind {
            EntryKind::RunStarted => self.started_as = Some(entry.role),
            EntryKind::VariantGenerated => {
                self.remember_first();
                *self = Self {
                    artifacts: texts(entry, "artifacts"),
                    ..self.anew()
                };
            }
            EntryKind::GateResult => {
                self.dispositions = texts(entry, "variants");
                let hard = entry.data.get("hard").and_then(Value::as_array);
                self.hard = (hard.into_iter().flatten())
                    .filter_map(|name| name.as_str().map(str::to_owned))
                    .collect();
                entry
                    .text("verdict")
                    .unwrap_or_default()
                    .clone_into(&mut self.verdict);
                self.pack = entry.pack.map(|pack| pack.to_string()).unwrap_or_default();
            }
            EntryKind::Revision => {
                let from = entry.text("from").unwrap_or("safety");
                self.remember_first();
                let artifacts = match from {
                    "safety" | "analyze" => std::mem::take(&mut self.artifacts),
                    _ => BTreeMap::new(),
                };
                *self = Self {
                    artifacts,
                    ..self.anew()
                };
            }
            _ => {}
        }
    }

    fn remember_first(&mut self) {
        if self.first.is_none() && !self.artifacts.is_empty() {
            self.first = Some(self.artifacts.clone());
        }
    }

    /// What outlasts a revision.
    fn anew(&mut self) -> Self {
        Self {
            started_as: self.started_as,
            first: self.first.take(),
            ..Self::default()
        }
    }

    /// The role of whoever started the run.
    pub(super) fn started_as(&self) -> Option<Role> {
        self.started_as
    }

    /// The hash of a variant as it was first written.
    pub(super) fn first_artifact(&self, variant: &str) -> Option<&str> {
        let first = self.first.as_ref().unwrap_or(&self.artifacts);
        first.get(variant).map(String::as_str)
    }

    /// Whether a decision is about exactly this.
    fn binds(
        &self,
        entry: &Entry,
        kind: DecisionKind,
        variant: &str,
    ) -> Result<(), SignedDecisionRefusal> {
        let named = || variant.to_owned();
        let known = |map: &BTreeMap<String, String>| map.get(variant).cloned().unwrap_or_default();
        let (artifact, disposition) = (known(&self.artifacts), known(&self.dispositions));
        if artifact.is_empty() || entry.text("artifact") != Some(&artifact) {
            return Err(SignedDecisionRefusal::OtherText(named()));
        }
        let pack = entry.pack.map(|pack| pack.to_string()).unwrap_or_default();
        if self.verdict.is_empty()
            || disposition.is_empty()
            || entry.text("verdict") != Some(&self.verdict)
            || pack != self.pack
        {
            return Err(SignedDecisionRefusal::OtherVerdict);
        }
        match (kind, disposition == "block") {
            (DecisionKind::Approve, true) => Err(SignedDecisionRefusal::Blocked(named())),
            (DecisionKind::Override, false) => Err(SignedDecisionRefusal::NotBlocked(named())),
            (DecisionKind::Override, true) if self.hard.contains(variant) => {
                Err(SignedDecisionRefusal::HardBlock(named()))
            }
            _ => Ok(()),
        }
    }
}

/// What the signed note of a decision must say, its reason aside, which stands nowhere else.
fn must_say(entry: &Entry, reason: &str) -> String {
    let or_none = |text: &str| if text.is_empty() { "none" } else { text }.to_owned();
    note(|name| match name {
        "run" => entry.run.clone().unwrap_or_default(),
        "pack" => or_none(&entry.pack.map(|p| p.to_string()).unwrap_or_default()),
        "decision" => entry.text("kind").unwrap_or_default().to_uppercase(),
        "reason" => reason.to_owned(),
        "time" => entry.time.clone(),
        "variant" | "artifact" | "verdict" => entry.text(name).unwrap_or_default().to_owned(),
        name => or_none(entry.text(name).unwrap_or_default()),
    })
}

/// Whether a note of the first version says what its entry says.
fn says_v1(text: &str, entry: &Entry) -> bool {
    let line = |name: &str| {
        text.lines()
            .find_map(|l| l.strip_prefix(name)?.strip_prefix(' '))
            .unwrap_or_default()
    };
    let same = |name: &str| line(name) == entry.text(name).unwrap_or_default();
    line("run") == entry.run.as_deref().unwrap_or_default()
        && ["variant", "artifact", "verdict"].into_iter().all(same)
        && line("decision").to_lowercase() == entry.text("kind").unwrap_or_default()
}

impl Rules {
    /// Whether a decision may be taken; one signature was checked.
    pub(super) fn decision(&mut self, entry: &Entry) -> Result<u64, Refusal> {
        let by = self.people.acting(entry)?;
        by.role.may(Action::Decide)?;
        let signed = entry.text("note").ok_or(SignedDecisionRefusal::NoNote)?;
        let text = open_note(signed, &by.key).map_err(SignedDecisionRefusal::Signature)?;
        let run = entry.run.clone().unwrap_or_default();
        let same = if self.two() {
            text == must_say(entry, reason_in(text).unwrap_or_default())
        } else {
            says_v1(text, entry)
        };
        if !same {
            return Err(NoteRefusal::SaysElse.into());
        }
        let case = self
            .runs
            .get(&run)
            .ok_or(SignedDecisionRefusal::UnknownRun)?;
        let kind = entry.decision().ok_or(SignedDecisionRefusal::UnknownKind)?;
        if self.two() && (kind == DecisionKind::Override) != (entry.kind == EntryKind::Override) {
            return Err(SignedDecisionRefusal::OtherEntryKind.into());
        }
        if self.two() {
            for term in ["send_after", "expires"] {
                let term = entry.text(term).filter(|term| !term.is_empty());
                term.map(clock::read).transpose()?;
            }
        }
        let variant = entry.text("variant").unwrap_or_default();
        let summary = &case.summary;
        let state = summary
            .may_decide(kind, variant, (&entry.actor, by.role))
            .map_err(|why| SignedDecisionRefusal::MayNot {
                actor: entry.actor.clone(),
                why,
            })?;
        if self.two() {
            case.judged.binds(entry, kind, variant)?;
            if summary.state.is_half_signed()
                && kind.releases()
                && entry.text("artifact") != Some(&summary.artifact)
            {
                return Err(SignedDecisionRefusal::SecondForOther.into());
            }
        }
        if entry.data.contains_key("bulk") && !summary.bulk {
            return Err(SignedDecisionRefusal::Together.into());
        }
        if state == ReviewState::Approved {
            let artifact = entry.text("artifact").unwrap_or_default().to_owned();
            self.released.insert((run, artifact));
        }
        Ok(1)
    }
}
