//! Other words for a variant while somebody edits it: their verdict, and the nearest ones that pass. Nothing is recorded.

use crate::domain::finding::{Disposition, Finding, Part, Polarity, Verdict};
use crate::domain::run::Run;
use crate::domain::variant::Variant;
use crate::error::{Error, Kind, Result};
use crate::pipeline::{KnownFacts, message_of};
use crate::rules::fix;
use crate::service::home::workspace::Workspace;
use crate::text::{diff, sentence};
use std::ops::Range;

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
        .map_err(|e| Error::of(Kind::Stage, e))?;
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
        &KnownFacts::of(&context, citations.into()),
        &edited,
    )))
}

/// Subject and body after a mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mended {
    pub subject: String,
    pub body: String,
    pub verdict: Verdict,
    /// What it does to the words, for a person: `removes this sentence: “…”`.
    pub says: String,
}

/// What a change does to a text, in words.
fn in_words(old: &str, new: &str) -> String {
    let (gone, come) = diff::changed(old, new);
    let all = |text: &str, ranges: &[Range<usize>]| -> String {
        let span = ranges.first().zip(ranges.last());
        let words = span.map_or("", |(first, last)| &text[first.start..last.end]);
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let (gone, come) = (all(old, &gone), all(new, &come));
    let is_sentence = sentence::sentences(old).into_iter().any(|(start, end)| {
        let sentence: Vec<&str> = old[start..end].split_whitespace().collect();
        sentence.join(" ") == gone
    });
    match (gone.as_str(), come.as_str()) {
        (gone, "") if is_sentence => format!("removes this sentence: “{gone}”"),
        (gone, "") => format!("removes “{gone}”"),
        ("", come) => format!("adds “{come}”"),
        (gone, come) => format!("puts “{come}” in place of “{gone}”"),
    }
}

/// Whether the words are another's: quoted, told of somebody, or taken from a source. No word of theirs is changed.
fn is_of_others(run: &Run, text: &str, finding: &Finding) -> bool {
    if matches!(finding.polarity, Polarity::Quoted | Polarity::Attributed) {
        return true;
    }
    let joined = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut sentences = sentence::sentences(text).into_iter();
    let Some((start, end)) = sentences.find(|(_, end)| finding.start < *end) else {
        return false;
    };
    let sentence = joined(&text[start..end]);
    let quoted = sentence.contains(['“', '”', '„', '«', '"']);
    let mut cited = run.retrieved.iter().flat_map(|found| &found.citations);
    quoted || cited.any(|citation| joined(&citation.redacted_text).contains(&sentence))
}

/// The nearest words that clear a finding and bring no other: tried one after the other, each through the gate. What is
/// offered leaves fewer findings open than there were, so that fixes come to an end; words of others are taken out whole
/// or left.
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
    let tried = if is_of_others(run, text, finding) {
        fix::removal(text, finding).into_iter().collect()
    } else {
        fix::mends(workspace.rules()?, text, finding)
    };
    for mend in tried {
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
            let says = in_words(text, &words);
            return Ok(Mended {
                says,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fix_says_what_it_does() {
        let old = "It is safe. There is no risk at all. Write to us.";
        for (new, says) in [
            (
                "It is safe. Write to us.",
                "removes this sentence: “There is no risk at all.”",
            ),
            (
                "It is safe. There is risk at all. Write to us.",
                "removes “no”",
            ),
            (
                "It is safe. There is little risk at all. Write to us.",
                "puts “little” in place of “no”",
            ),
        ] {
            assert_eq!(in_words(old, new), says);
        }
        assert_eq!(in_words("Hi.", "Hi. Fees apply."), "adds “Fees apply.”");
    }
}
