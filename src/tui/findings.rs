//! Walking the findings of a run: to the worst one first, and through all of them, variant by variant. Pure, as `update` is.

use super::model::{Model, SafetyPane};
use crate::domain::finding::{Check, Disposition, Finding};

/// Where a finding stands: the variant's place, the check's, and its place among what is listed of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FindingPlace {
    variant: usize,
    check: usize,
    finding: usize,
    disposition: Disposition,
}

/// The findings that ask for a person or block, in the order in which they are walked.
fn places(model: &Model) -> Vec<FindingPlace> {
    let Some(run) = &model.run else {
        return Vec::new();
    };
    let mut places = Vec::new();
    for (variant, words) in run.variants.iter().flatten().enumerate() {
        let Some(verdict) = run.verdict(&words.id) else {
            continue;
        };
        for (check, kind) in Check::ALL.into_iter().enumerate() {
            let listed = |f: &&Finding| f.check == kind && model.is_listed(f);
            let listed = verdict.findings.iter().filter(listed).enumerate();
            places.extend(
                listed
                    .filter(|(_, f)| f.disposition >= Disposition::Review)
                    .map(|(finding, f)| FindingPlace {
                        variant,
                        check,
                        finding,
                        disposition: f.disposition,
                    }),
            );
        }
    }
    places
}

fn stand(model: &mut Model, place: FindingPlace) {
    // Whoever walks the findings wants to see them, whatever pane stood beside the words.
    model.aspect = SafetyPane::Finding;
    (model.variant_at, model.check_at, model.finding_at) =
        (place.variant, place.check, place.finding);
}

/// The first look at the findings of a run begins with the worst: of the chosen variant where it is among the worst.
pub(super) fn begin(model: &mut Model) {
    let judged = model.run.as_ref().is_some_and(|run| run.gate.is_some());
    if !judged || std::mem::replace(&mut model.safety_opened, true) {
        return;
    }
    let places = places(model);
    let worst = places.iter().map(|place| place.disposition).max();
    let chosen = model.variant_at;
    let of_the_worst = places
        .iter()
        .filter(|place| Some(place.disposition) == worst);
    let Some(place) = of_the_worst
        .min_by_key(|place| place.variant != chosen)
        .copied()
    else {
        return;
    };
    stand(model, place);
    if place.variant != chosen {
        let id = model.variant().map_or("", |v| v.id.as_str());
        let words = format!(
            "the worst finding is of {id}; left/right: other variants, n: the next finding"
        );
        model.status = Some((words, false));
    }
}

/// The next finding or the one before, of whatever variant; at the end it is said that there are no more.
pub(super) fn walk(model: &mut Model, forward: bool) {
    let places = places(model);
    let key = |place: &FindingPlace| (place.variant, place.check, place.finding);
    let now = (model.variant_at, model.check_at, model.finding_at);
    let next = if forward {
        places.iter().position(|place| key(place) > now)
    } else {
        places.iter().rposition(|place| key(place) < now)
    };
    let count = places.len();
    let Some((at, place)) = next.and_then(|at| Some((at, *places.get(at)?))) else {
        let words = match (count, forward) {
            (0, _) => "no variant has a finding".to_owned(),
            (_, true) => format!("no more findings: that was the last of {count}; N goes back"),
            (_, false) => format!("no finding before this one: it is the first of {count}"),
        };
        model.status = Some((words, false));
        return;
    };
    stand(model, place);
    let id = model.variant().map_or("", |v| v.id.as_str());
    let words = format!("finding {} of {count}, variant {id}", at + 1);
    model.status = Some((words, false));
}
