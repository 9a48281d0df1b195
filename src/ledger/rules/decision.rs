//! A decision is about what the gate judged, by somebody who may, and its terms are those that were signed.

use super::Rules;
use super::clock;
use crate::domain::decision::{DecisionKind, ReviewState, note};
use crate::domain::person::{Action, Role};
use crate::ledger::checkpoint::open_note;
use crate::ledger::entry::{Entry, EntryKind, NoteRefusal, reason_in};
use crate::ledger::payload::coded::Coded;
use crate::ledger::payload::field::{ByName, TextList};
use crate::ledger::payload::{DecisionPayload, Payload};
use crate::ledger::refusal::{Refusal, SignedDecisionRefusal};
use std::collections::{BTreeMap, BTreeSet};

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

impl Judged {
    /// What stands after one more entry of the run.
    pub fn follow(&mut self, entry: &Entry) {
        match entry.payload() {
            Payload::RunStarted(_) => self.started_as = Some(entry.role),
            Payload::VariantGenerated(written) => {
                self.remember_first();
                *self = Self {
                    artifacts: written
                        .artifacts
                        .as_ref()
                        .map(ByName::texts)
                        .unwrap_or_default(),
                    ..self.anew()
                };
            }
            Payload::GateResult(gate) => {
                self.dispositions = gate
                    .variants
                    .as_ref()
                    .map(ByName::texts)
                    .unwrap_or_default();
                let hard = gate.hard.iter().flat_map(TextList::iter);
                self.hard = hard.map(str::to_owned).collect();
                let verdict = gate.verdict.as_ref().map_or("", Coded::as_str);
                verdict.clone_into(&mut self.verdict);
                self.pack = entry.pack.map(|pack| pack.to_string()).unwrap_or_default();
            }
            Payload::Revision(revision) => {
                self.remember_first();
                // An edit names no stage: its words are judged anew.
                let artifacts = match revision.from.as_ref().map_or("safety", Coded::as_str) {
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
        said: &DecisionPayload,
        (kind, variant): (DecisionKind, &str),
    ) -> Result<(), SignedDecisionRefusal> {
        let named = || variant.to_owned();
        let known = |map: &BTreeMap<String, String>| map.get(variant).cloned().unwrap_or_default();
        let (artifact, disposition) = (known(&self.artifacts), known(&self.dispositions));
        if artifact.is_empty() || said.artifact.as_ref().map(Coded::as_str) != Some(&artifact) {
            return Err(SignedDecisionRefusal::OtherText(named()));
        }
        let pack = entry.pack.map(|pack| pack.to_string()).unwrap_or_default();
        if self.verdict.is_empty()
            || disposition.is_empty()
            || said.verdict.as_ref().map(Coded::as_str) != Some(&self.verdict)
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
fn must_say(entry: &Entry, said: &DecisionPayload, reason: &str) -> String {
    let or_none = |text: &str| if text.is_empty() { "none" } else { text }.to_owned();
    let term = |term: &Option<String>| or_none(term.as_deref().unwrap_or_default());
    note(|name| match name {
        "run" => entry.run.clone().unwrap_or_default(),
        "variant" => said.variant.clone().unwrap_or_default(),
        "artifact" => said.artifact.as_ref().map_or("", Coded::as_str).to_owned(),
        "verdict" => said.verdict.as_ref().map_or("", Coded::as_str).to_owned(),
        "pack" => or_none(&entry.pack.map(|p| p.to_string()).unwrap_or_default()),
        "decision" => said.kind.as_ref().map_or("", Coded::as_str).to_uppercase(),
        "code" => term(&said.code),
        "reason" => reason.to_owned(),
        "send_after" => term(&said.send_after),
        "expires" => term(&said.expires),
        "bulk" => term(&said.bulk),
        "proven_by" => term(&said.proven_by),
        "time" => entry.time.clone(),
        _ => or_none(""),
    })
}

/// Whether a note of the first version says what its entry says.
fn says_v1(text: &str, entry: &Entry, said: &DecisionPayload) -> bool {
    let line = |name: &str| {
        text.lines()
            .find_map(|l| l.strip_prefix(name)?.strip_prefix(' '))
            .unwrap_or_default()
    };
    line("run") == entry.run.as_deref().unwrap_or_default()
        && line("variant") == said.variant.as_deref().unwrap_or_default()
        && line("artifact") == said.artifact.as_ref().map_or("", Coded::as_str)
        && line("verdict") == said.verdict.as_ref().map_or("", Coded::as_str)
        && line("decision").to_lowercase() == said.kind.as_ref().map_or("", Coded::as_str)
}

impl Rules {
    /// Whether a decision may be taken; one signature was checked.
    pub(super) fn decision(
        &mut self,
        entry: &Entry,
        said: &DecisionPayload,
    ) -> Result<u64, Refusal> {
        let by = self.people.acting(entry)?;
        by.role.may(Action::Decide)?;
        let signed = said.note.as_deref().ok_or(SignedDecisionRefusal::NoNote)?;
        let text = open_note(signed, &by.key).map_err(SignedDecisionRefusal::Signature)?;
        let run = entry.run.clone().unwrap_or_default();
        let same = if self.two() {
            text == must_say(entry, said, reason_in(text).unwrap_or_default())
        } else {
            says_v1(text, entry, said)
        };
        if !same {
            return Err(NoteRefusal::SaysElse.into());
        }
        let case = self
            .runs
            .get(&run)
            .ok_or(SignedDecisionRefusal::UnknownRun)?;
        let kind = entry.decision().ok_or(SignedDecisionRefusal::UnknownKind)?;
        if self.two() && (kind == DecisionKind::Override) != (entry.kind() == EntryKind::Override) {
            return Err(SignedDecisionRefusal::OtherEntryKind.into());
        }
        if self.two() {
            for term in [&said.send_after, &said.expires] {
                let term = term.as_deref().filter(|term| !term.is_empty());
                term.map(clock::read).transpose()?;
            }
        }
        let variant = said.variant.as_deref().unwrap_or_default();
        let artifact = said.artifact.as_ref().map_or("", Coded::as_str);
        let summary = &case.summary;
        let state = summary
            .may_decide(kind, variant, (&entry.actor, by.role))
            .map_err(|why| SignedDecisionRefusal::MayNot {
                actor: entry.actor.clone(),
                why,
            })?;
        if self.two() {
            case.judged.binds(entry, said, (kind, variant))?;
            if summary.state.is_half_signed()
                && kind.releases()
                && (said.artifact.is_none() || artifact != summary.artifact)
            {
                return Err(SignedDecisionRefusal::SecondForOther.into());
            }
        }
        if entry.data.names("bulk") && !summary.bulk {
            return Err(SignedDecisionRefusal::Together.into());
        }
        if state == ReviewState::Approved {
            self.released.insert((run, artifact.to_owned()));
        }
        Ok(1)
    }
}
