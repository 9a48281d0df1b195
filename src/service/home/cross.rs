//! The home's texts against each other: a name in one that no other knows would only ever be left out in silence.

use crate::error::{Error, Kind, Result};
use crate::experiment::ExperimentPlan;
use crate::generate::{Beside, Products, Templates};
use crate::pipeline::SegmentTable;
use crate::service::home::texts::Texts;
use std::path::Path;

/// Checks what no file can know alone.
///
/// # Errors
/// The file, the line if one can be named, and what is wrong.
pub(in crate::service) fn check(
    home: &Path,
    texts: &Texts,
    (templates, products, segments, plan): (&Templates, &Products, &SegmentTable, &ExperimentPlan),
) -> Result<()> {
    let wrong = |file: &str, problem: String| {
        let place = home.join(file).display().to_string();
        let place = match line_of(texts.get(file), &problem) {
            Some(line) => format!("{place}:{line}"),
            None => place,
        };
        Error::new(Kind::Input, problem)
            .at(place)
            .fix("correct it; `echovoice help make-it-yours` says what each field does")
    };
    if let Some(problem) = products.slip() {
        return Err(wrong("knowledge_base/products.toml", problem));
    }
    let beside = Beside {
        facts: products.keys(),
        use_cases: segments.use_cases().collect(),
        stages: segments.stages().collect(),
    };
    templates
        .check(&beside)
        .map_err(|e| wrong(&e.file, e.slip.problem))?;
    let known: Vec<&str> = segments.segments().collect();
    let unknown = plan
        .tests
        .iter()
        .find(|t| !known.contains(&t.segment.as_str()));
    if let Some(test) = unknown {
        let problem = format!(
            "experiment {}: segments.toml has no segment `{}`",
            test.id, test.segment
        );
        return Err(wrong("experiments.toml", problem));
    }
    Ok(())
}

/// The line that holds the first word in back quotes of what is wrong.
fn line_of(text: &str, problem: &str) -> Option<usize> {
    let word = problem.split('`').nth(1).filter(|word| !word.is_empty())?;
    let at = text
        .lines()
        .position(|line| !line.trim_start().starts_with('#') && line.contains(word))?;
    Some(at + 1)
}
