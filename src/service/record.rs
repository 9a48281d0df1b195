//! What a run writes to the ledger: one entry a stage, personal data sealed.

use super::workspace::{Workspace, now};
use crate::domain::finding::Disposition;
use crate::domain::person::Role;
use crate::domain::run::{Run, Stage, StageStatus};
use crate::ledger::{EntryKind, NewEntry};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// An entry of a run, by the program itself.
pub(super) fn base(run: &Run, kind: EntryKind, id: &str) -> NewEntry {
    let mut entry = NewEntry::new(
        format!("{}/{}/{id}", run.id, run.revision),
        kind,
        "system",
        Role::System,
        &now(),
    )
    .run(&run.id);
    entry.customer = Some(run.profile.id.clone());
    entry.engine = Some(run.pins.engine.clone());
    entry.pack = Some(run.pins.pack);
    entry
}

pub(super) fn by(workspace: &Workspace, mut entry: NewEntry) -> NewEntry {
    entry.actor.clone_from(&workspace.person.name);
    entry.role = workspace.person.role;
    entry
}

pub(super) fn started(workspace: &Workspace, run: &Run) -> NewEntry {
    let mut entry = by(workspace, base(run, EntryKind::RunStarted, "started"))
        .with("channel", run.profile.channel.unwrap_or_default().as_str())
        .with(
            "jurisdiction",
            run.profile
                .jurisdiction
                .clone()
                .unwrap_or_default()
                .as_str(),
        )
        .with("pins", serde_json::to_value(&run.pins).unwrap_or_default());
    let sealed = json!({"profile": run.profile.raw, "salt": STANDARD.encode(run.salt)});
    entry
        .sealed
        .push(("profile".into(), sealed.to_string().into_bytes()));
    entry
}

fn micros(run: &Run, stage: Stage) -> u64 {
    match run.status[stage.index()] {
        StageStatus::Done { micros } => micros,
        _ => 0,
    }
}

/// The entry of a finished stage.
pub(super) fn stage_entry(run: &Run, stage: Stage) -> NewEntry {
    let kind = match stage {
        Stage::Segment => EntryKind::SegmentDone,
        Stage::Retrieve => EntryKind::RetrieveDone,
        Stage::Generate => EntryKind::VariantGenerated,
        Stage::Safety => EntryKind::GateResult,
        Stage::Analyze | Stage::Deliver => EntryKind::AnalyticsDone,
    };
    let mut entry = base(run, kind, stage.as_str()).with("micros", micros(run, stage));
    let bytes = |value: Value| value.to_string().into_bytes();
    match stage {
        Stage::Segment => {
            if let Some(segment) = &run.segment {
                entry = entry
                    .with("segment", segment.segment.as_str())
                    .with("features_read", segment.features_read.clone());
                entry.blobs.push((
                    "segment".into(),
                    bytes(serde_json::to_value(segment).unwrap_or_default()),
                ));
            }
        }
        Stage::Retrieve => {
            if let Some(retrieved) = &run.retrieved {
                let ids: Vec<&str> = retrieved.citations.iter().map(|c| c.id.as_str()).collect();
                entry = entry
                    .with("citations", ids)
                    .with("snapshot", retrieved.snapshot.as_str())
                    .with("degraded", retrieved.degraded);
                if let Some(service) = &retrieved.service {
                    entry = entry.with("service", service.as_str());
                }
                if let Some(why) = &retrieved.fallback {
                    entry = entry.with("fallback", why.as_str());
                }
                entry.blobs.push((
                    "retrieved".into(),
                    bytes(serde_json::to_value(retrieved).unwrap_or_default()),
                ));
            }
        }
        Stage::Generate => {
            if let Some(variants) = &run.variants {
                let artifacts: Map<String, Value> = variants
                    .iter()
                    .map(|v| (v.id.clone(), json!(v.artifact(&run.salt))))
                    .collect();
                let templates: Vec<&str> =
                    variants.iter().map(|v| v.meta.template.as_str()).collect();
                entry = entry
                    .with("artifacts", artifacts)
                    .with("templates", templates)
                    .with("seed", run.pins.seed.min(1 << 52));
                entry.sealed.push((
                    "variants".into(),
                    bytes(serde_json::to_value(variants).unwrap_or_default()),
                ));
            }
        }
        Stage::Safety => {
            if let Some(gate) = &run.gate {
                let count =
                    |d: Disposition| gate.iter().filter(|g| g.verdict.disposition == d).count();
                let mut rules: Map<String, Value> = Map::new();
                for finding in gate
                    .iter()
                    .flat_map(|g| &g.verdict.findings)
                    .filter(|f| f.disposition == Disposition::Block)
                {
                    let n = rules
                        .get(&finding.rule)
                        .and_then(Value::as_u64)
                        .unwrap_or(0);
                    rules.insert(finding.rule.clone(), (n + 1).into());
                }
                let variants: Map<String, Value> = gate
                    .iter()
                    .map(|g| (g.variant_id.clone(), json!(g.verdict.disposition)))
                    .collect();
                entry = entry
                    .with("passed", count(Disposition::Pass))
                    .with("review", count(Disposition::Review))
                    .with("blocked", count(Disposition::Block))
                    .with("rules", rules)
                    .with("variants", variants)
                    .with("verdict", json!(run.verdict_digest()));
                entry.sealed.push((
                    "gate".into(),
                    bytes(serde_json::to_value(gate).unwrap_or_default()),
                ));
            }
        }
        Stage::Analyze | Stage::Deliver => {
            if let Some(analysis) = &run.analysis {
                let winner = analysis
                    .winner
                    .as_ref()
                    .map_or("", |w| w.variant_id.as_str());
                entry = entry
                    .with("winner", winner)
                    .with("features_read", analysis.features_read.clone());
                entry.blobs.push((
                    "analysis".into(),
                    bytes(serde_json::to_value(analysis).unwrap_or_default()),
                ));
            }
        }
    }
    entry
}
