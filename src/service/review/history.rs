//! Recorded runs as they were: the newest state, and every try before it.

use crate::domain::canary::Canary;
use crate::domain::delivery::{Delivery, DeliveryStatus};
use crate::domain::profile::Profile;
use crate::domain::run::{GateResult, Pins, Run, Stage, StageStatus};
use crate::domain::variant::Variant;
use crate::error::{Error, Kind, Result};
use crate::ledger::log::{Key, Page};
use crate::ledger::payload::coded::{Coded, HandoverStatus};
use crate::ledger::payload::{Payload, RunStartedPayload};
use crate::ledger::summary::RunSummary;
use crate::ledger::{Entry, Ledger};
use crate::service::audit::data_rights;
use crate::service::canary::reveal;
use crate::service::home::workspace::Workspace;
use crate::service::run::recorded;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// One try at a run: what stood before the next revision began.
#[derive(Clone, Debug)]
pub struct Try {
    /// What made it: `as started`, `again from safety`, `A edited by demo.officer`.
    pub made: String,
    /// RFC 3339: when it began.
    pub time: String,
    pub run: Run,
}

/// All tries of a run, oldest first; the last one is what [`load`] gives.
///
/// # Errors
/// See [`load`].
pub fn tries(workspace: &Workspace, id: &str) -> Result<Vec<Try>> {
    let mut tries: Vec<Try> = Vec::new();
    let (mut made, mut time) = ("as started".to_owned(), String::new());
    let run = replay(workspace, id, &mut |run, entry| {
        if time.is_empty() {
            time.clone_from(&entry.time);
        }
        if let Payload::Revision(revision) = entry.payload() {
            let from = revision.from.as_ref().map(Coded::as_str);
            let next = match (&revision.variant, from) {
                (Some(variant), _) => match revision.maker.as_deref() {
                    Some("rules") => format!("{variant} mended by the rules"),
                    Some("model") => format!("{variant} written anew by the model"),
                    _ => format!("{variant} edited by {}", entry.actor),
                },
                (None, from) => format!("again from {}", from.unwrap_or("the start")),
            };
            tries.push(Try {
                made: std::mem::replace(&mut made, next),
                time: std::mem::replace(&mut time, entry.time.clone()),
                run: run.clone(),
            });
        }
    })?;
    tries.push(Try { made, time, run });
    Ok(tries)
}

/// A run as the ledger has it, ready to look at or decide. Values whose key was destroyed are missing.
///
/// # Errors
/// No such run, or the customer's data was erased.
pub fn load(workspace: &Workspace, id: &str) -> Result<Run> {
    replay(workspace, id, &mut |_, _| {})
}

/// Builds a run from its entries; `before` sees it before each of them.
fn replay(workspace: &Workspace, id: &str, before: &mut dyn FnMut(&Run, &Entry)) -> Result<Run> {
    let ledger = workspace.ledger()?;
    let rows = ledger.log().page(Page::OfRun { run: id })?;
    let entries: Vec<Entry> = rows
        .iter()
        .filter_map(|(_, bytes)| Entry::from_bytes(bytes).ok())
        .collect();
    let first = entries.first().ok_or_else(|| {
        Error::new(
            Kind::NotFound,
            format!("there is no run {}", crate::text::hidden::visible_line(id)),
        )
        .fix("list them with `echovoice audit list`")
    })?;
    let erased = || {
        // Nothing is called erased without its entry.
        if let Some(subject) = &first.subject
            && !data_rights::is_erased(ledger.log().as_ref(), subject)
        {
            return Error::new(
                Kind::Ledger,
                format!(
                    "the customer's data of run {id} does not open, and no erasure explains it"
                ),
            )
            .fix("run `echovoice audit verify`, and bring vault.key and the ledger from a backup");
        }
        Error::new(
            Kind::NotFound,
            format!("the customer's data of run {id} was erased"),
        )
        .fix("the record of what was decided stays in the ledger; where the run still waits, end it: `echovoice decide RUN reject`")
    };
    let opened = |entry: &Entry, field: &str| -> Result<Option<Value>> {
        Ok(ledger
            .open_sealed(entry, field)?
            .and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    };
    let blob = |entry: &Entry, name: &str| -> Option<Value> {
        let bytes = ledger.log().one(Key::Blob(entry.blobs.get(name)?)).ok()??;
        serde_json::from_slice(&bytes).ok()
    };
    let sealed = opened(first, "profile")?.ok_or_else(erased)?;
    let profile = recorded::profile(&sealed["profile"])?;
    let salt = sealed["salt"]
        .as_str()
        .and_then(|s| STANDARD.decode(s).ok())
        .and_then(|b| b.try_into().ok())
        .unwrap_or([0; 32]);
    let started = match first.payload() {
        Payload::RunStarted(started) => started.clone(),
        _ => RunStartedPayload::default(),
    };
    let pins: Pins = started
        .pins
        .and_then(|pins| serde_json::from_value(pins.into()).ok())
        .ok_or_else(|| Error::new(Kind::Ledger, format!("run {id} names no versions")))?;
    let mut run = Run::new(id.to_owned(), profile, pins, salt);
    run.again = started.again;
    run.canary = reveal::mark_in(&sealed)?.map(|mark| Canary {
        mark,
        text: None,
        pace: Vec::new(),
    });
    run.over_cap = started.over_cap == Some(true);
    for entry in &entries {
        before(&run, entry);
        let done = StageStatus::Done {
            micros: entry.payload().micros().unwrap_or(0),
        };
        let stage = match entry.payload() {
            Payload::SegmentDone(_) => {
                run.segment = blob(entry, "segment").and_then(|v| serde_json::from_value(v).ok());
                Stage::Segment
            }
            Payload::RetrieveDone(_) => {
                let retrieved = match blob(entry, "retrieved") {
                    None => opened(entry, "retrieved")?,
                    open => open,
                };
                run.retrieved = retrieved.and_then(|v| serde_json::from_value(v).ok());
                Stage::Retrieve
            }
            Payload::VariantGenerated(_) => {
                run.variants = opened(entry, "variants")?
                    .and_then(|v| serde_json::from_value::<Vec<Variant>>(v).ok());
                run.keep_planted();
                Stage::Generate
            }
            Payload::GateResult(_) => {
                // A revision is judged by what is in force then.
                run.pins.pack = entry.pack.unwrap_or(run.pins.pack);
                if let Some(engine) = &entry.engine {
                    run.pins.engine.clone_from(engine);
                }
                run.gate = opened(entry, "gate")?
                    .and_then(|v| serde_json::from_value::<Vec<GateResult>>(v).ok());
                Stage::Safety
            }
            Payload::AnalyticsDone(_) => {
                run.analysis = blob(entry, "analysis").and_then(|v| serde_json::from_value(v).ok());
                Stage::Analyze
            }
            Payload::Revision(revision) => {
                // Whoever changed the words changed them before they were judged.
                let from = if entry.data.names("maker") {
                    Stage::Safety
                } else {
                    let from = revision.from.as_ref().and_then(Coded::known);
                    from.unwrap_or(Stage::Segment)
                };
                run.rewind_to(from);
                continue;
            }
            Payload::Delivery(delivery) if delivery.is(HandoverStatus::Delivered) => {
                run.deliver(Delivery {
                    status: DeliveryStatus::Delivered,
                    message_id: delivery.message_id.clone(),
                    timestamp: Some(entry.time.clone()),
                    reason: None,
                });
                continue;
            }
            Payload::StageFailed(failure) => {
                if let Some(stage) = failure.stage.as_ref().and_then(Coded::known) {
                    run.status[stage.index()] = StageStatus::Failed {
                        reason: failure.reason.clone().unwrap_or_default(),
                    };
                }
                continue;
            }
            _ => continue,
        };
        run.status[stage.index()] = done;
    }
    Ok(run)
}

/// The profile that a run was started with; `None` if the customer's data was erased.
///
/// # Errors
/// The ledger cannot be read.
pub(in crate::service) fn profile_of(ledger: &Ledger, run: &str) -> Result<Option<Profile>> {
    let started = ledger.log().one(Key::Run(run))?.and_then(|row| {
        let summary: RunSummary = serde_json::from_slice(&row).ok()?;
        Some(summary.seq)
    });
    let entry = match started {
        Some(seq) => ledger.log().one(Key::Entry(seq))?,
        None => None,
    };
    let Some(entry) = entry.and_then(|bytes| Entry::from_bytes(&bytes).ok()) else {
        return Ok(None);
    };
    let sealed = ledger.open_sealed(&entry, "profile")?;
    Ok(sealed
        .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok())
        .and_then(|value| recorded::profile(&value["profile"]).ok()))
}
