//! A recorded run once more: the same verdict hash, or the first place where it differs.

use crate::domain::digest::Digest;
use crate::domain::run::{Pins, Run, Stage, StageStatus};
use crate::error::{Error, Kind, Result};
use crate::ledger::payload::coded::Coded;
use crate::ledger::payload::{Payload, RerunPayload};
use crate::service::home::workspace::{Workspace, now};
use crate::service::review::history;
use crate::service::run::record::{base, by};
use serde::Serialize;
use serde_json::Value;
use std::sync::atomic::AtomicBool;

/// What a rerun gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Replayed {
    pub run: String,
    pub same: bool,
    /// Verdict hash on record, and today's.
    pub recorded: Option<Digest>,
    pub today: Option<Digest>,
    /// First stage that gave something else, and where in its output: `safety: [1].verdict.findings[0].rule`. Holds
    /// no values, since they may be a customer's.
    pub first_difference: Option<String>,
    /// Versions that are others than the run pinned.
    pub changed_versions: Vec<&'static str>,
    /// Whether documents were searched anew; otherwise the recorded citations were taken.
    pub retrieved_again: bool,
}

/// Runs a recorded run once more, and records that it was. Words that a person edited or a model wrote are taken as they are.
///
/// # Errors
/// No such run, its data was erased, a stage failed, or the ledger refused.
pub fn rerun(workspace: &Workspace, id: &str, retrieve: bool) -> Result<Replayed> {
    Ok(both(workspace, id, retrieve)?.0)
}

/// As [`rerun`], with the run as it is on record and as it comes out today.
///
/// # Errors
/// See [`rerun`].
pub fn both(workspace: &Workspace, id: &str, retrieve: bool) -> Result<(Replayed, Run, Run)> {
    workspace.has_the_packs_in_force()?;
    let recorded = history::load(workspace, id)?;
    if recorded.gate.is_none() {
        return Err(Error::new(
            Kind::Input,
            format!("run {id} has no verdict to compare with"),
        )
        .fix("run it on to the end first"));
    }
    let today = again(workspace, &recorded, retrieve)?;
    let first_difference = STAGES.iter().find_map(|stage| {
        let path = difference(&output(&recorded, *stage), &output(&today, *stage))?;
        Some(format!("{stage}: {path}"))
    });
    let replayed = Replayed {
        run: id.to_owned(),
        same: first_difference.is_none(),
        recorded: recorded.verdict_digest(),
        today: today.verdict_digest(),
        first_difference,
        changed_versions: versions(&recorded.pins, &workspace.pins(recorded.pins.seed)),
        retrieved_again: retrieve,
    };
    let said = Payload::Rerun(RerunPayload {
        same: Some(replayed.same),
        verdict: Some(
            replayed
                .today
                .map_or_else(|| Coded::written(""), Coded::from),
        ),
    });
    let name = format!("rerun/{}/{}", workspace.person.name, now());
    let entry = by(workspace, base(&recorded, said, &name));
    workspace.write(entry)?;
    Ok((replayed, recorded, today))
}

const STAGES: [Stage; 5] = [
    Stage::Segment,
    Stage::Retrieve,
    Stage::Generate,
    Stage::Safety,
    Stage::Analyze,
];

fn again(workspace: &Workspace, recorded: &Run, retrieve: bool) -> Result<Run> {
    let done = StageStatus::Done { micros: 0 };
    let edited = recorded
        .variants
        .iter()
        .flatten()
        // No model says the same twice: its words are taken as they are on record too, as are planted ones.
        .any(|variant| variant.meta.made_by != "template")
        || recorded.canary.is_some();
    let mut run = recorded.clone();
    run.rewind_to(Stage::Segment);
    run.revision = recorded.revision;
    if !retrieve {
        run.retrieved.clone_from(&recorded.retrieved);
        run.status[Stage::Retrieve.index()] = done.clone();
    }
    if edited {
        run.variants.clone_from(&recorded.variants);
        run.status[Stage::Generate.index()] = done;
    }
    let never = AtomicBool::new(false);
    while workspace
        .orchestrator()?
        .step(&mut run, &never, &mut |_| {})
        .map_err(|failure| Error::new(Kind::Stage, failure.to_string()))?
        .is_some()
    {}
    Ok(run)
}

fn output(run: &Run, stage: Stage) -> Value {
    let value = match stage {
        Stage::Segment => serde_json::to_value(&run.segment),
        Stage::Retrieve => serde_json::to_value(&run.retrieved),
        Stage::Generate => serde_json::to_value(&run.variants),
        Stage::Safety => serde_json::to_value(&run.gate),
        Stage::Analyze | Stage::Deliver => serde_json::to_value(&run.analysis),
    };
    value.unwrap_or_default()
}

/// Path of the first place at which two values differ.
fn difference(a: &Value, b: &Value) -> Option<String> {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            let keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
            keys.into_iter()
                .find_map(|key| match (a.get(key), b.get(key)) {
                    (Some(a), Some(b)) => difference(a, b).map(|rest| format!(".{key}{rest}")),
                    _ => Some(format!(".{key} is on one side only")),
                })
        }
        (Value::Array(a), Value::Array(b)) => a
            .iter()
            .zip(b)
            .enumerate()
            .find_map(|(at, (a, b))| difference(a, b).map(|rest| format!("[{at}]{rest}")))
            .or_else(|| {
                (a.len() != b.len()).then(|| format!(" has {} items, now {}", a.len(), b.len()))
            }),
        _ => (a != b).then(String::new),
    }
}

/// Which of the pinned versions differ, by name.
pub fn versions(then: &Pins, now: &Pins) -> Vec<&'static str> {
    [
        ("engine", then.engine != now.engine),
        ("policies", then.pack != now.pack),
        ("knowledge base", then.knowledge != now.knowledge),
        ("templates and facts", then.assets != now.assets),
    ]
    .into_iter()
    .filter_map(|(name, changed)| changed.then_some(name))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_difference_is_named_and_its_value_is_not() {
        let one = json!([{"a": 1, "b": {"c": ["x", "Ann"]}}]);
        assert_eq!(difference(&one, &one), None);
        let path = |other: Value| difference(&one, &other).unwrap();
        assert_eq!(
            path(json!([{"a": 1, "b": {"c": ["x", "Eve"]}}])),
            "[0].b.c[1]"
        );
        assert_eq!(
            path(json!([{"a": 1, "b": {"c": ["x"]}}])),
            "[0].b.c has 2 items, now 1"
        );
        assert_eq!(path(json!([{"a": 1}])), "[0].b is on one side only");
        assert_eq!(path(json!([{"a": 2, "b": 0}])), "[0].a");
    }
}
