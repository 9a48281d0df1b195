//! Decisions are about the sealed verdict and the sealed words, not only about what stands of them in the clear: compared
//! where the vault's key is at hand.

use super::Walk;
use super::rows::{Bad, RowCheck};
use crate::domain::canary::CanaryMark;
use crate::domain::decision::ReviewState;
use crate::domain::digest::Digest;
use crate::ledger::entry::Entry;
use crate::ledger::log::{AuditLog, Key, Page, decode_subject};
use crate::ledger::payload::coded::Coded;
use crate::ledger::payload::field::{ByName, TextList};
use crate::ledger::payload::{GatePayload, Payload, VariantsPayload};
use crate::ledger::rules::canary::{is_over, mark_of};
use crate::ledger::vault::{SubjectKey, Vault};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The rules from which on a verdict's hash is that of its sealed bytes to the letter.
const EXACT: u8 = 3;

/// What is sealed is not what the entry says of it in the clear.
#[derive(Debug, thiserror::Error)]
enum SealedRefusal {
    #[error("the sealed words are not those whose hashes the entry gives")]
    OtherWords,
    #[error("a verdict without its sealed findings")]
    NoFindings,
    #[error("the sealed verdict is not the one whose hash the entry gives")]
    OtherVerdict,
    #[error("the sealed verdict cannot be read")]
    Unreadable(#[source] serde_json::Error),
    #[error("the sealed verdict says something else than the entry does in the clear")]
    SaysElse,
    #[error("a planted test was decided and not opened, or it was sent")]
    LeftClosed,
    #[error("a planted test that its run does not hold")]
    NotPlanted,
    #[error("the mark of a planted test cannot be read")]
    UnreadableMark(#[source] serde_json::Error),
    #[error("the mark of a planted test from which the run's salt does not come")]
    OtherSalt,
}

/// A customer's key, and what opens with it.
struct Open<'o> {
    log: &'o dyn AuditLog,
    key: SubjectKey,
    pseudonym: String,
}

impl Walk {
    /// Opens what was judged of every run that somebody decided; how many verdicts were opened. Of customers who were
    /// erased nothing opens any more.
    pub(super) fn sealed(&self, log: &dyn AuditLog, vault: &Vault) -> RowCheck<u64> {
        let mut opened = 0;
        for run in &self.decided {
            let rows = log.page(Page::OfRun { run })?;
            let mut salt: Option<Vec<u8>> = None;
            let mut mark: Option<CanaryMark> = None;
            for (seq, bytes) in rows {
                let bad = |why: SealedRefusal| Bad::at(seq, why);
                let entry = Entry::read(&bytes).map_err(|why| Bad::at(seq, why))?;
                let Some(open) = self.opening(log, vault, &entry)? else {
                    break;
                };
                match entry.payload() {
                    Payload::RunStarted(_) => {
                        let profile = open.json(&entry, "profile")?;
                        let text = profile
                            .as_ref()
                            .and_then(|profile| profile["salt"].as_str());
                        salt = text.and_then(|text| STANDARD.decode(text).ok());
                        let sealed = profile.as_ref().map(|profile| &profile["canary"]);
                        if let Some(sealed) = sealed.filter(|mark| !mark.is_null()) {
                            let read = planted(sealed, salt.as_deref()).map_err(bad)?;
                            if self.left_closed(run) {
                                return Err(bad(SealedRefusal::LeftClosed));
                            }
                            mark = Some(read);
                        }
                    }
                    Payload::CanaryRevealed(said) if mark_of(said).ok() != mark => {
                        return Err(bad(SealedRefusal::NotPlanted));
                    }
                    Payload::VariantGenerated(said) => {
                        if let (Some(salt), Some(words)) = (&salt, open.json(&entry, "variants")?) {
                            same_words(said, salt, &words).map_err(bad)?;
                        }
                    }
                    Payload::GateResult(said) => {
                        let exact = self.rules.level_at(seq) >= EXACT;
                        match open.bytes(&entry, "gate")? {
                            Some(gate) => {
                                let told = entry.data.names("variants");
                                same_verdict((said, told), &gate, exact).map_err(bad)?;
                            }
                            None if exact => {
                                return Err(bad(SealedRefusal::NoFindings));
                            }
                            None => continue,
                        }
                        opened += 1;
                    }
                    _ => {}
                }
            }
        }
        Ok(opened)
    }

    /// Whether a run stands as no planted test may: decided and not opened.
    fn left_closed(&self, run: &str) -> bool {
        use ReviewState as S;
        let case = self.rules.runs.get(run);
        case.is_some_and(|case| {
            let state = case.summary.state;
            is_over(state) || matches!(state, S::Delivered | S::Recalled)
        })
    }

    /// What opens the sealed parts of an entry; none of a customer who was erased.
    fn opening<'o>(
        &self,
        log: &'o dyn AuditLog,
        vault: &Vault,
        entry: &Entry,
    ) -> RowCheck<Option<Open<'o>>> {
        let Some(pseudonym) = &entry.subject else {
            return Ok(None);
        };
        if self.rules.erasures.is_erased(pseudonym) {
            return Ok(None);
        }
        let row = log.one(Key::Pseudonym(pseudonym))?;
        let subject = row.and_then(|row| decode_subject(&row));
        let key = subject.and_then(|subject| vault.unwrap_key(&subject).ok());
        let key = key.ok_or_else(|| Bad {
            seq: entry.seq,
            problem: format!("the key of {pseudonym} does not open"),
        })?;
        Ok(Some(Open {
            log,
            key,
            pseudonym: pseudonym.clone(),
        }))
    }
}

impl Open<'_> {
    fn bytes(&self, entry: &Entry, field: &str) -> RowCheck<Option<Vec<u8>>> {
        let Some(sealed) = entry.sealed.get(field) else {
            return Ok(None);
        };
        let closed = |problem: String| Bad {
            seq: entry.seq,
            problem,
        };
        let blob = self.log.one(Key::Blob(&sealed.blob))?;
        let blob = blob.ok_or_else(|| closed("a blob is missing".into()))?;
        let opened = self
            .key
            .open(entry.seq, field, &self.pseudonym, sealed, &blob);
        let opened = opened.map_err(|_| closed(format!("the sealed {field} does not open")))?;
        Ok(Some(opened))
    }

    fn json(&self, entry: &Entry, field: &str) -> RowCheck<Option<Value>> {
        let bytes = self.bytes(entry, field)?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }
}

/// The mark of a planted test, from which the salt of its run must come.
fn planted(sealed: &Value, salt: Option<&[u8]>) -> Result<CanaryMark, SealedRefusal> {
    let mark: CanaryMark =
        serde_json::from_value(sealed.clone()).map_err(SealedRefusal::UnreadableMark)?;
    if mark.salt().as_ref().map(<[u8; 32]>::as_slice) == salt {
        Ok(mark)
    } else {
        Err(SealedRefusal::OtherSalt)
    }
}

/// Whether the words are those whose hashes the entry gives.
fn same_words(said: &VariantsPayload, salt: &[u8], words: &Value) -> Result<(), SealedRefusal> {
    let mut artifacts = Map::new();
    for variant in words.as_array().into_iter().flatten() {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let artifact = Digest::of_parts([
            b"echovoice/artifact/v1".as_slice(),
            salt,
            text(&variant["meta"]["channel"]).as_bytes(),
            text(&variant["subject"]).as_bytes(),
            text(&variant["body"]).as_bytes(),
            text(&variant["html"]).as_bytes(),
        ]);
        artifacts.insert(text(&variant["id"]), Value::from(artifact.to_string()));
    }
    let named = said.artifacts.as_ref().map(ByName::raw);
    if named.unwrap_or(&Map::new()) == &artifacts {
        Ok(())
    } else {
        Err(SealedRefusal::OtherWords)
    }
}

/// Whether what the gate found is what the entry says of it in the clear.
///
/// `told`: the entry names its variants at all. Those of before there were these fields say less.
fn same_verdict(
    (entry, told): (&GatePayload, bool),
    gate: &[u8],
    exact: bool,
) -> Result<(), SealedRefusal> {
    if exact && entry.verdict.as_ref().map(Coded::as_str) != Some(&Digest::of(gate).to_string()) {
        return Err(SealedRefusal::OtherVerdict);
    }
    let gate: Value = serde_json::from_slice(gate).map_err(SealedRefusal::Unreadable)?;
    let (mut said, mut hard) = (Map::new(), BTreeSet::new());
    for result in gate.as_array().into_iter().flatten() {
        let variant = result["variant_id"].as_str().unwrap_or_default().to_owned();
        let verdict = &result["verdict"];
        let blocks_hard = |finding: &Value| {
            finding["hard"] == Value::Bool(true) && finding["disposition"] == "block"
        };
        let findings = verdict["findings"].as_array();
        if findings.into_iter().flatten().any(blocks_hard) {
            hard.insert(variant.clone());
        }
        said.insert(variant, verdict["disposition"].clone());
    }
    let clear = entry.variants.as_ref().map(ByName::raw);
    let names = entry.hard.iter().flat_map(TextList::iter);
    let clear_hard: BTreeSet<String> = names.map(str::to_owned).collect();
    if told && (clear.unwrap_or(&Map::new()) != &said || (exact && clear_hard != hard)) {
        return Err(SealedRefusal::SaysElse);
    }
    Ok(())
}
