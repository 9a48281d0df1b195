//! The seed's JSON for a run. Raw personal data never stands in it.

use crate::domain::analysis::Analysis;
use crate::domain::citation::decimal;
use crate::domain::delivery::{Delivery, DeliveryStatus};
use crate::domain::finding::{Check, Disposition, Verdict};
use crate::domain::run::Run;
use crate::domain::segment::Segment;
use crate::domain::why_rank;
use crate::service::home::knowledge;
use serde_json::{Value, json};

/// The answer of `run --json`.
pub fn of_run(run: &Run, delivery: Option<&Delivery>) -> Value {
    let verdicts = || run.gate.iter().flatten();
    let variant = |id: &str| run.variant(id);
    let citations: Vec<Value> = run
        .retrieved
        .iter()
        .flat_map(|r| r.citations.iter().enumerate().map(move |(place, c)| (r, place, c)))
        .map(|(retrieved, place, c)| {
            let mut citation = json!({
                "id": c.id, "title": c.title, "section": c.section, "redacted_text": c.redacted_text, "url": c.url,
                "published_date": c.published_date, "source": c.source, "bm25": decimal(c.bm25), "cosine": c.cosine.map(decimal), "score": decimal(c.score),
            });
            [citation["same_words"], citation["near_words"]] = knowledge::words_met(c);
            citation["why"] = why_rank::why(retrieved, place).into();
            citation
        })
        .collect();
    let variants: Vec<Value> = run
        .variants
        .iter()
        .flatten()
        .map(|v| json!({"id": v.id, "subject": v.subject, "body": v.body, "meta": v.meta}))
        .collect();
    let safe: Vec<Value> = verdicts()
        .filter(|g| g.verdict.disposition != Disposition::Block)
        .filter_map(|g| variant(&g.variant_id).map(|v| json!({"id": v.id, "subject": v.subject, "body": v.body, "safety_score": bp(g.verdict.score_bp)})))
        .collect();
    let blocked: Vec<Value> = verdicts()
        .filter(|g| g.verdict.disposition == Disposition::Block)
        .map(|g| {
            let worst = g.verdict.findings.iter().find(|f| f.disposition == Disposition::Block);
            json!({
                "id": g.variant_id,
                "reason": worst.map_or("", |f| f.why.as_str()),
                "severity": worst.map_or("high", |f| f.severity.as_str()),
                "findings": g.verdict.findings.iter().filter(|f| f.disposition >= Disposition::Review).map(|f| json!({
                    "rule": f.rule, "part": f.part.as_str(), "text": f.text, "disposition": f.disposition.as_str(), "why": f.why, "fix": f.fix, "citation": f.citation, "legal_status": f.legal_status,
                })).collect::<Vec<_>>(),
            })
        })
        .collect();
    let audit: Vec<Value> = verdicts()
        .map(|g| audit_of(&g.variant_id, &g.verdict, &run.pins.as_of))
        .collect();
    let analysis = run.analysis.as_ref().map(|a| {
        json!({
            "winner": a.winner.as_ref().map(|w| json!({"variant_id": w.variant_id, "reason": w.reason, "score": bp(w.score_bp), "confidence": bp(w.confidence_bp)})),
            "experiment": a.experiment,
            "arms": a.arms,
            "metrics": {"avg_safety_score": bp(a.avg_safety_bp), "total_candidates": a.total_candidates, "blocked_count": a.blocked_count},
        })
    });
    let none = run.analysis.as_ref().filter(|a| a.winner.is_none());
    let waiting = Delivery {
        status: if none.is_some() {
            DeliveryStatus::NothingToSend
        } else {
            DeliveryStatus::AwaitingApproval
        },
        message_id: None,
        timestamp: None,
        reason: none.filter(|a| !a.is_refused()).map(Analysis::why_none),
    };
    let mut answer = json!({
        "run_id": run.id,
        "segment": run.segment.as_ref().map(segment_of),
        "citations": citations,
        "variants": variants,
        "safety": {"safe": safe, "blocked": blocked, "audit": audit},
        "analysis": analysis,
        "delivery": delivery.or(run.delivery.as_ref()).unwrap_or(&waiting),
    });
    // What of the profile was read otherwise than it was written; left out where there is nothing to tell.
    if !run.profile.remarks.is_empty() {
        answer["remarks"] = json!(run.profile.remarks);
    }
    if let Some(again) = &run.again {
        answer["again"] = again.as_str().into();
    }
    answer
}

/// The segment in the words of the first design: `segment` is the use case, `funnel_stage` the step that the customer came
/// to (`BrowsingOnly`, `StartedFormOrFlow` …). What the goal tables call the stage is `lifecycle_stage`.
fn segment_of(segment: &Segment) -> Value {
    let mut public = json!(segment);
    public["segment"] = segment.use_case.as_str().into();
    public["funnel_stage"] = segment.segment.as_str().into();
    public["lifecycle_stage"] = segment.funnel_stage.as_str().into();
    public
}

/// The seed's audit record of one variant.
fn audit_of(variant: &str, verdict: &Verdict, time: &str) -> Value {
    let checks: Vec<Value> = Check::ALL
        .iter()
        .map(|check| {
            let found: Vec<&str> = verdict.findings.iter().filter(|f| f.check == *check && f.disposition >= Disposition::Review).map(|f| f.rule.as_str()).collect();
            json!({
                "check_type": check.as_str(),
                "status": seed_status(verdict.of_check(*check)),
                "timestamp": time,
                "details": if found.is_empty() { "no findings".to_owned() } else { found.join(", ") },
            })
        })
        .collect();
    json!({
        "variant_id": variant,
        "checks": checks,
        "final_status": seed_status(verdict.disposition),
        "approved_for_delivery": verdict.disposition == Disposition::Pass,
    })
}

fn seed_status(disposition: Disposition) -> &'static str {
    match disposition {
        Disposition::Block => "fail",
        Disposition::Review => "review",
        Disposition::Info | Disposition::Pass => "pass",
    }
}

fn bp(value: u32) -> f64 {
    f64::from(value) / 10_000.0
}
