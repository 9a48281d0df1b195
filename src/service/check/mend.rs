//! Other words for a variant while somebody edits it: their verdict, and the nearest ones that pass. Nothing is recorded.

use crate::domain::finding::{Disposition, Finding, Part, Verdict};
use crate::domain::run::Run;
use crate::domain::variant::Variant;
use crate::error::{Error, Kind, Result};
use crate::pipeline::{KnownFacts, message_of};
use crate::service::home::workspace::Workspace;

/// The verdict on other words for a variant, without recording anything: for live checks while somebody edits.
///
/// # Errors
/// No such variant.
pub fn preview_edit(
    workspace: &Workspace,
    run: &Run,
    variant: &str,
    subject: &str,
    body: &str,
) -> Result<Verdict> {
    let orchestrator = workspace.orchestrator()?;
    let context = orchestrator
        .context(run)
        .map_err(|e| Error::new(Kind::Stage, e.0))?;
    let mut edited: Variant = run
        .variant(variant)
        .cloned()
        .ok_or_else(|| Error::new(Kind::NotFound, format!("there is no variant {variant}")))?;
    subject.clone_into(&mut edited.subject);
    body.clone_into(&mut edited.body);
    edited.html = edited
        .html
        .as_ref()
        .map(|_| workspace.templates.html_of(subject, body));
    let citations = run
        .retrieved
        .as_ref()
        .map(|r| r.citations.clone())
        .unwrap_or_default();
    Ok(orchestrator.ports().gate.check(&message_of(
        &context,
        &KnownFacts::of(&context),
        &edited,
        &citations,
    )))
}

/// Subject and body after a mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mended {
    pub subject: String,
    pub body: String,
    pub verdict: Verdict,
}

/// The nearest words that clear a finding and bring no other: tried one after the other, each through the gate.
///
/// # Errors
/// No such variant, or nothing helps.
pub fn mend(
    workspace: &Workspace,
    run: &Run,
    variant: &str,
    (subject, body): (&str, &str),
    finding: &Finding,
) -> Result<Mended> {
    let in_subject = finding.part == Part::Subject;
    let text = match finding.part {
        Part::Subject => subject,
        Part::Body => body,
        Part::Preheader | Part::Html | Part::More(_) | Part::Message => {
            return Err(Error::new(
                Kind::Input,
                format!("this has to be mended by hand: {}", finding.fix),
            ));
        }
    };
    let before = preview_edit(workspace, run, variant, subject, body)?;
    let open = |verdict: &Verdict| {
        verdict
            .findings
            .iter()
            .filter(|f| f.disposition >= Disposition::Review && f.part != Part::Html)
            .count()
    };
    let same = |verdict: &Verdict| {
        verdict
            .findings
            .iter()
            .filter(|f| f.rule == finding.rule && f.disposition >= finding.disposition)
            .filter(|f| f.part != Part::Html)
            .count()
    };
    for mend in crate::rules::fix::mends(&workspace.book, text, finding) {
        let mut words = text.to_owned();
        words.replace_range(mend.start..mend.end, &mend.words);
        let (subject, body) = if in_subject {
            (words.as_str(), body)
        } else {
            (subject, words.as_str())
        };
        let verdict = preview_edit(workspace, run, variant, subject, body)?;
        if same(&verdict) < same(&before)
            && open(&verdict) < open(&before)
            && verdict.disposition <= before.disposition
        {
            return Ok(Mended {
                subject: subject.to_owned(),
                body: body.to_owned(),
                verdict,
            });
        }
    }
    Err(Error::new(
        Kind::Input,
        format!("no change of these words alone passes: {}", finding.fix),
    ))
}
