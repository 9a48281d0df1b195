//! What a run writes to the ledger: one entry a stage, personal data sealed.

use crate::domain::digest::Digest;
use crate::domain::finding::{Disposition, Verdict};
use crate::domain::person::Role;
use crate::domain::review::{Asked, ReviewPolicy};
use crate::domain::run::{GateResult, Run, Stage};
use crate::ledger::{EntryKind, NewEntry};
use crate::service::home::workspace::{Workspace, now};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{SecondsFormat, TimeDelta, Utc};
use serde_json::{Map, Value, json};

/// An entry of a run, by the program itself.
pub(in crate::service) fn base(run: &Run, kind: EntryKind, id: &str) -> NewEntry {
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

pub(in crate::service) fn by(workspace: &Workspace, mut entry: NewEntry) -> NewEntry {
    entry.actor.clone_from(&workspace.person.name);
    entry.role = workspace.person.role;
    entry
}

pub(in crate::service) fn started(workspace: &Workspace, run: &Run) -> NewEntry {
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
    if let Some(again) = &run.again {
        entry = entry.with("again", again.as_str());
    }
    if run.over_cap {
        entry = entry.with("over_cap", true);
    }
    let mut sealed = json!({"profile": run.profile.raw, "salt": STANDARD.encode(run.salt)});
    if let Some(canary) = &run.canary {
        sealed["canary"] = serde_json::to_value(&canary.mark).unwrap_or_default();
    }
    entry
        .sealed
        .push(("profile".into(), sealed.to_string().into_bytes()));
    entry
}

fn micros(run: &Run, stage: Stage) -> u64 {
    let place = stage.index();
    let first = run
        .canary
        .as_ref()
        .and_then(|canary| canary.pace.get(place));
    let own = || run.status[place].micros();
    first.copied().or_else(own).unwrap_or(0)
}

/// The entry of a finished stage.
pub(in crate::service) fn stage_entry(policy: &ReviewPolicy, run: &Run, stage: Stage) -> NewEntry {
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
                // What it is about, for the list of what waits; the segment beside it says the same.
                if segment.product.is_some() {
                    entry = entry.with("product", segment.use_case_label.as_str());
                }
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
                let whole = bytes(serde_json::to_value(retrieved).unwrap_or_default());
                let part = ("retrieved".to_owned(), whole);
                // Where the product is not known, or nothing was found by it, the page's own words were looked for: they
                // are the customer's, and may be anything.
                let is_known = run.segment.as_ref().is_some_and(|s| s.product.is_some());
                if is_known && retrieved.first_query.is_none() {
                    entry.blobs.push(part);
                } else {
                    entry.sealed.push(part);
                }
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
            if let Some(authored) = &run.authored {
                entry = entry
                    .with("model", authored.service.as_str())
                    .with("parameters", authored.parameters.as_str())
                    .with("prompt", json!(Digest::of(authored.prompt.as_bytes())));
                let prompt = authored.prompt.clone().into_bytes();
                entry.sealed.push(("prompt".into(), prompt));
                if let Some(answer) = &authored.answer {
                    entry = entry.with("answer", json!(Digest::of(answer.as_bytes())));
                    let answer = answer.clone().into_bytes();
                    entry.sealed.push(("answer".into(), answer));
                }
                if let Some(why) = &authored.fallback {
                    entry = entry.with("fallback", why.as_str());
                }
            }
        }
        Stage::Safety => {
            if let Some(gate) = &run.gate {
                let count =
                    |d: Disposition| gate.iter().filter(|g| g.verdict.disposition == d).count();
                let rules = found_by(gate, Disposition::Block);
                let reviews = found_by(gate, Disposition::Review);
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
                if !reviews.is_empty() {
                    entry = entry.with("reviews", reviews);
                }
                let hard: Vec<&str> = (gate.iter())
                    .filter(|g| g.verdict.has_hard_block())
                    .map(|g| g.variant_id.as_str())
                    .collect();
                if !hard.is_empty() {
                    entry = entry.with("hard", hard);
                }
                let two = need_two(policy, run, gate);
                if !two.is_empty() {
                    entry = entry.with("two", two);
                }
                // To the letter what the verdict's hash is of.
                entry
                    .sealed
                    .push(("gate".into(), serde_json::to_vec(gate).unwrap_or_default()));
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
                if analysis.experiment.holds_out() {
                    let segment = run.segment.as_ref().map_or("", |s| s.segment.as_str());
                    entry = entry
                        .with("holdout", analysis.experiment.test_id.as_str())
                        .with("segment", segment)
                        .with("channel", run.profile.channel.unwrap_or_default().as_str());
                }
                if let Some(hours) = policy.due_hours {
                    entry = entry.with("due", later(60 * hours));
                }
                if may_stand_together(policy, run, winner) {
                    entry = entry.with("bulk", true);
                }
                entry.blobs.push((
                    "analysis".into(),
                    bytes(serde_json::to_value(analysis).unwrap_or_default()),
                ));
            }
        }
    }
    entry
}

/// Rules whose findings came to this, with how often.
fn found_by(gate: &[GateResult], asked: Disposition) -> Map<String, Value> {
    let mut rules: Map<String, Value> = Map::new();
    let findings = gate.iter().flat_map(|g| &g.verdict.findings);
    for finding in findings.filter(|f| f.disposition == asked) {
        let known = rules.get(&finding.rule).and_then(Value::as_u64);
        rules.insert(finding.rule.clone(), (known.unwrap_or(0) + 1).into());
    }
    rules
}

/// The time so many minutes from now, RFC 3339 in whole seconds.
pub(in crate::service) fn later(minutes: u32) -> String {
    (Utc::now() + TimeDelta::minutes(i64::from(minutes))).to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Variants that two persons must approve, with why.
fn need_two(policy: &ReviewPolicy, run: &Run, gate: &[GateResult]) -> Map<String, Value> {
    let segment = run.segment.as_ref().map_or("", |s| s.segment.as_str());
    let product = run.profile.product.as_deref().unwrap_or_default();
    let mut two = Map::new();
    for result in gate {
        let findings = &result.verdict.findings;
        let rules: Vec<&str> = findings
            .iter()
            .filter(|f| f.disposition == Disposition::Review)
            .map(|f| f.rule.as_str())
            .collect();
        let why = run.variant(&result.variant_id).and_then(|variant| {
            policy.needs_two(Asked {
                channel: variant.meta.channel,
                segment,
                product,
                rules: &rules,
            })
        });
        if let Some(why) = why {
            two.insert(result.variant_id.clone(), why.into());
        }
    }
    two
}

/// Whether the winner may be decided together with those of other runs: the policy lets it, it passed without a remark,
/// its customer has not had their fill of messages, and one person is enough.
fn may_stand_together(policy: &ReviewPolicy, run: &Run, winner: &str) -> bool {
    let passed = |verdict: &Verdict| verdict.disposition == Disposition::Pass;
    let two = || need_two(policy, run, run.gate.as_deref().unwrap_or_default());
    policy.bulk == Some(true)
        && !run.over_cap
        && run.verdict(winner).is_some_and(passed)
        && !two().contains_key(winner)
}
