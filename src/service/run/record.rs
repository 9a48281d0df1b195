//! What a run writes to the ledger: one entry a stage, personal data sealed.

use crate::domain::digest::Digest;
use crate::domain::finding::{Disposition, Verdict};
use crate::domain::person::Role;
use crate::domain::review::{Asked, ReviewPolicy};
use crate::domain::run::{GateResult, Run, Stage};
use crate::domain::variant::Variant;
use crate::ledger::NewEntry;
use crate::ledger::payload::coded::Coded;
use crate::ledger::payload::{
    AnalyticsPayload, GatePayload, Payload, RetrievePayload, RunStartedPayload, SegmentPayload,
    VariantsPayload,
};
use crate::service::home::workspace::{Workspace, now};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{SecondsFormat, TimeDelta, Utc};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;

/// An entry of a run, by the program itself.
pub(in crate::service) fn base(run: &Run, said: Payload, id: &str) -> NewEntry {
    let mut entry = NewEntry::new(
        format!("{}/{}/{id}", run.id, run.revision),
        said,
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
    let pins = serde_json::to_value(&run.pins).unwrap_or_default();
    let place = run.profile.jurisdiction.clone().unwrap_or_default();
    let said = Payload::RunStarted(RunStartedPayload {
        channel: Some(channel_of(run)),
        jurisdiction: Some(place.as_str().to_owned()),
        pins: pins.as_object().cloned(),
        again: run.again.clone(),
        over_cap: run.over_cap.then_some(true),
    });
    let mut entry = by(workspace, base(run, said, "started"));
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

fn channel_of(run: &Run) -> String {
    run.profile.channel.unwrap_or_default().as_str().to_owned()
}

fn json_of(value: &impl Serialize) -> Vec<u8> {
    // Sorted by key, as what was recorded before.
    let value = serde_json::to_value(value).unwrap_or_default();
    value.to_string().into_bytes()
}

/// The entry of a finished stage.
pub(in crate::service) fn stage_entry(policy: &ReviewPolicy, run: &Run, stage: Stage) -> NewEntry {
    let micros = Some(micros(run, stage));
    let said = match stage {
        Stage::Segment => Payload::SegmentDone(SegmentPayload {
            micros,
            ..segmented(run)
        }),
        Stage::Retrieve => Payload::RetrieveDone(RetrievePayload {
            micros,
            ..retrieved(run)
        }),
        Stage::Generate => Payload::VariantGenerated(VariantsPayload {
            micros,
            ..written(run)
        }),
        Stage::Safety => Payload::GateResult(GatePayload {
            micros,
            ..judged(policy, run)
        }),
        Stage::Analyze | Stage::Deliver => Payload::AnalyticsDone(AnalyticsPayload {
            micros,
            ..analyzed(policy, run)
        }),
    };
    let mut entry = base(run, said, stage.as_str());
    match stage {
        Stage::Segment => {
            let whole = run.segment.as_ref().map(json_of);
            entry
                .blobs
                .extend(whole.map(|whole| ("segment".into(), whole)));
        }
        Stage::Retrieve => keep_retrieved(run, &mut entry),
        Stage::Generate => keep_words(run, &mut entry),
        Stage::Safety => {
            // To the letter what the verdict's hash is of.
            let gate = run.gate.as_ref();
            let gate = gate.map(|gate| serde_json::to_vec(gate).unwrap_or_default());
            entry.sealed.extend(gate.map(|gate| ("gate".into(), gate)));
        }
        Stage::Analyze | Stage::Deliver => {
            let whole = run.analysis.as_ref().map(json_of);
            entry
                .blobs
                .extend(whole.map(|whole| ("analysis".into(), whole)));
        }
    }
    entry
}

fn segmented(run: &Run) -> SegmentPayload {
    let Some(segment) = &run.segment else {
        return SegmentPayload::default();
    };
    // What it is about, for the list of what waits; the segment beside it says the same.
    let product = segment.product.is_some();
    SegmentPayload {
        segment: Some(segment.segment.as_str().to_owned()),
        features_read: Some(segment.features_read.iter().map(String::as_str).collect()),
        product: product.then(|| segment.use_case_label.clone()),
        micros: None,
    }
}

fn retrieved(run: &Run) -> RetrievePayload {
    let Some(retrieved) = &run.retrieved else {
        return RetrievePayload::default();
    };
    RetrievePayload {
        citations: Some(retrieved.citations.iter().map(|c| c.id.as_str()).collect()),
        snapshot: Some(retrieved.snapshot.clone()),
        degraded: Some(retrieved.degraded),
        service: retrieved.service.clone(),
        fallback: retrieved.fallback.clone(),
        micros: None,
    }
}

fn keep_retrieved(run: &Run, entry: &mut NewEntry) {
    let Some(retrieved) = &run.retrieved else {
        return;
    };
    let part = ("retrieved".to_owned(), json_of(retrieved));
    // Where the product is not known, or nothing was found by it, the page's own words were looked for: they are the
    // customer's, and may be anything.
    let is_known = run.segment.as_ref().is_some_and(|s| s.product.is_some());
    if is_known && retrieved.first_query.is_none() {
        entry.blobs.push(part);
    } else {
        entry.sealed.push(part);
    }
}

fn written(run: &Run) -> VariantsPayload {
    let mut said = VariantsPayload::default();
    if let Some(variants) = &run.variants {
        let artifact = |v: &Variant| (v.id.clone(), v.artifact(&run.salt).to_string());
        said.artifacts = Some(variants.iter().map(artifact).collect());
        let templates = variants.iter().map(|v| v.meta.template.as_str());
        said.templates = Some(templates.collect());
        said.seed = Some(run.pins.seed.min(1 << 52));
    }
    if let Some(authored) = &run.authored {
        let answer = authored.answer.as_ref();
        said.model = Some(authored.service.clone());
        said.parameters = Some(authored.parameters.clone());
        said.prompt = Some(Digest::of(authored.prompt.as_bytes()).into());
        said.answer = answer.map(|answer| Digest::of(answer.as_bytes()).into());
        said.fallback.clone_from(&authored.fallback);
    }
    said
}

fn keep_words(run: &Run, entry: &mut NewEntry) {
    if let Some(variants) = &run.variants {
        entry.sealed.push(("variants".into(), json_of(variants)));
    }
    if let Some(authored) = &run.authored {
        let prompt = authored.prompt.clone().into_bytes();
        entry.sealed.push(("prompt".into(), prompt));
        if let Some(answer) = &authored.answer {
            let answer = answer.clone().into_bytes();
            entry.sealed.push(("answer".into(), answer));
        }
    }
}

fn judged(policy: &ReviewPolicy, run: &Run) -> GatePayload {
    let Some(gate) = &run.gate else {
        return GatePayload::default();
    };
    let count = |d: Disposition| {
        let of_it = gate.iter().filter(|g| g.verdict.disposition == d);
        Some(of_it.count() as u64)
    };
    let came_to = |g: &GateResult| {
        (
            g.variant_id.clone(),
            g.verdict.disposition.as_str().to_owned(),
        )
    };
    let reviews = found_by(gate, Disposition::Review);
    let hard: Vec<&str> = (gate.iter())
        .filter(|g| g.verdict.has_hard_block())
        .map(|g| g.variant_id.as_str())
        .collect();
    let two = need_two(policy, run, gate);
    GatePayload {
        passed: count(Disposition::Pass),
        review: count(Disposition::Review),
        blocked: count(Disposition::Block),
        rules: Some(found_by(gate, Disposition::Block).into_iter().collect()),
        reviews: (!reviews.is_empty()).then(|| reviews.into_iter().collect()),
        variants: Some(gate.iter().map(came_to).collect()),
        hard: (!hard.is_empty()).then(|| hard.into_iter().collect()),
        two: (!two.is_empty()).then(|| two.into_iter().collect()),
        verdict: run.verdict_digest().map(Coded::from),
        micros: None,
    }
}

fn analyzed(policy: &ReviewPolicy, run: &Run) -> AnalyticsPayload {
    let Some(analysis) = &run.analysis else {
        return AnalyticsPayload::default();
    };
    let winner = analysis.winner.as_ref();
    let winner = winner.map_or("", |winner| winner.variant_id.as_str());
    let held_out = analysis.experiment.holds_out();
    AnalyticsPayload {
        winner: Some(winner.to_owned()),
        features_read: Some(analysis.features_read.iter().map(String::as_str).collect()),
        holdout: held_out.then(|| analysis.experiment.test_id.clone()),
        segment: held_out.then(|| segment_of(run).to_owned()),
        channel: held_out.then(|| channel_of(run)),
        due: policy.due_hours.map(|hours| later(60 * hours)),
        bulk: may_stand_together(policy, run, winner).then_some(true),
        micros: None,
    }
}

fn segment_of(run: &Run) -> &str {
    run.segment.as_ref().map_or("", |s| s.segment.as_str())
}

/// Rules whose findings came to this, with how often.
fn found_by(gate: &[GateResult], asked: Disposition) -> BTreeMap<String, u64> {
    let mut rules: BTreeMap<String, u64> = BTreeMap::new();
    let findings = gate.iter().flat_map(|g| &g.verdict.findings);
    for finding in findings.filter(|f| f.disposition == asked) {
        *rules.entry(finding.rule.clone()).or_default() += 1;
    }
    rules
}

/// The time so many minutes from now, RFC 3339 in whole seconds.
pub(in crate::service) fn later(minutes: u32) -> String {
    (Utc::now() + TimeDelta::minutes(i64::from(minutes))).to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Variants that two persons must approve, with why.
fn need_two(policy: &ReviewPolicy, run: &Run, gate: &[GateResult]) -> BTreeMap<String, String> {
    let segment = segment_of(run);
    let product = run.profile.product.as_deref().unwrap_or_default();
    let mut two = BTreeMap::new();
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
            two.insert(result.variant_id.clone(), why.clone());
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
