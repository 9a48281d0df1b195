//! A blocked variant goes back with its findings: a model writes it anew, where one is named, or the rules' own fixes are
//! put in, a few times at most. Each try is a revision with its verdict, and a person sees what changed and why.

use crate::domain::finding::{Disposition, Finding, Verdict};
use crate::domain::person::Action;
use crate::domain::variant::{SentenceSource, Source, Variant};
use crate::error::{Error, Kind, Result};
use crate::service::check::mend;
use crate::service::home::workspace::Workspace;
use crate::service::run::{RunEvent, Session};
use crate::text::sentence::sentences;
use serde::Serialize;
use std::sync::atomic::AtomicBool;

/// Tries where nobody says how many, and the most that may be asked for.
pub const TRIES: usize = 3;
pub const MOST: usize = 10;

/// Most fixes of one try.
const FIXES: usize = 20;

/// What led to a try: a finding of the text before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    pub rule: String,
    pub why: String,
    pub fix: String,
}

/// One try.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Try {
    pub revision: u32,
    /// `model` or `rules`.
    pub by: &'static str,
    pub because: Vec<Reason>,
    pub before: Words,
    pub after: Words,
    pub disposition: Disposition,
    /// What still blocks it.
    pub left: Vec<Reason>,
}

/// What came of sending a variant back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rewritten {
    pub run: String,
    pub variant: String,
    /// In order; never empty.
    pub tries: Vec<Try>,
    /// Whether the last one is blocked no more.
    pub passes: bool,
}

/// What a reader reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Words {
    pub subject: String,
    pub body: String,
}

impl Words {
    fn of(variant: &Variant) -> Self {
        Self {
            subject: variant.subject.clone(),
            body: variant.body.clone(),
        }
    }
}

fn reasons(verdict: &Verdict) -> Vec<Reason> {
    let mut all: Vec<Reason> = Vec::new();
    for finding in blocking(verdict) {
        let reason = Reason {
            rule: finding.rule.clone(),
            why: finding.why.clone(),
            fix: finding.fix.clone(),
        };
        if !all.contains(&reason) {
            all.push(reason);
        }
    }
    all
}

fn blocking(verdict: &Verdict) -> impl Iterator<Item = &Finding> {
    let blocks = |finding: &&Finding| finding.disposition == Disposition::Block;
    verdict.findings.iter().filter(blocks)
}

/// Sends a blocked variant back until it passes, nothing more helps, or it was tried `most` times; `watch` sees what a
/// model writes, and the stages after it.
///
/// # Errors
/// Not allowed, the run is decided, no such variant, it is not blocked, nothing helps at all, or the ledger refused.
pub fn rewrite(
    workspace: &Workspace,
    session: &mut Session,
    variant: &str,
    most: usize,
    watch: &mut dyn FnMut(RunEvent),
) -> Result<Rewritten> {
    workspace.allow(Action::StartRun)?;
    session.may_change(workspace)?;
    let never = AtomicBool::new(false);
    let mut tries: Vec<Try> = Vec::new();
    while tries.len() < most.clamp(1, MOST) {
        let none = || {
            Error::new(
                Kind::NotFound,
                format!("there is no verdict on variant {variant}"),
            )
        };
        let verdict = session.run.verdict(variant).ok_or_else(none)?.clone();
        let before = session.run.variant(variant).ok_or_else(none)?.clone();
        if verdict.disposition != Disposition::Block {
            break;
        }
        let because = reasons(&verdict);
        let (by, after) = match anew(workspace, session, variant, (&because, watch))? {
            Some(after) => ("model", after),
            None => {
                let Some(after) = mended(workspace, session, variant, &verdict) else {
                    break;
                };
                session.run.authored = None;
                ("rules", after)
            }
        };
        session.revise(workspace, after.clone(), by)?;
        session.run_through(workspace, &never, &mut |event: RunEvent| watch(event))?;
        let verdict = session.run.verdict(variant).ok_or_else(none)?;
        tries.push(Try {
            revision: session.run.revision,
            by,
            because,
            before: Words::of(&before),
            after: Words::of(&after),
            disposition: verdict.disposition,
            left: reasons(verdict),
        });
    }
    session.settle()?;
    if tries.is_empty() {
        return Err(match session.run.verdict(variant) {
            Some(verdict) if verdict.disposition != Disposition::Block => {
                Error::new(Kind::Input, format!("variant {variant} is not blocked"))
                    .fix("only what is blocked is sent back")
            }
            _ => Error::new(
                Kind::Input,
                format!("nothing that is known makes variant {variant} pass"),
            )
            .fix("edit it, or take another one"),
        });
    }
    let passes = |last: &Try| last.disposition != Disposition::Block;
    Ok(Rewritten {
        run: session.run.id.clone(),
        variant: variant.to_owned(),
        passes: tries.last().is_some_and(passes),
        tries,
    })
}

/// The variant as a model writes it with these reasons before it; `None` if none is named, or it wrote nothing else.
fn anew(
    workspace: &Workspace,
    session: &mut Session,
    variant: &str,
    (because, watch): (&[Reason], &mut dyn FnMut(RunEvent)),
) -> Result<Option<Variant>> {
    let refused: Vec<(String, String)> = because
        .iter()
        .map(|reason| (reason.why.clone(), reason.fix.clone()))
        .collect();
    let orchestrator = workspace.orchestrator()?;
    let written = orchestrator
        .write_anew(&session.run, variant, &refused, watch)
        .map_err(|e| Error::of(Kind::Stage, e))?;
    let Some((after, authored)) = written else {
        return Ok(None);
    };
    session.run.authored = Some(authored);
    let changed = session
        .run
        .variant(variant)
        .is_some_and(|before| before.body != after.body || before.subject != after.subject);
    Ok(changed.then_some(after))
}

/// The variant with the rules' own fixes put in, one after the other; `None` if none of them helps.
fn mended(
    workspace: &Workspace,
    session: &Session,
    variant: &str,
    verdict: &Verdict,
) -> Option<Variant> {
    let run = &session.run;
    let before = run.variant(variant)?;
    let (mut subject, mut body) = (before.subject.clone(), before.body.clone());
    let mut verdict = verdict.clone();
    for _ in 0..FIXES {
        let next = blocking(&verdict).find_map(|finding| {
            mend::mend(workspace, run, variant, (&subject, &body), finding).ok()
        });
        let Some(next) = next else { break };
        (subject, body, verdict) = (next.subject, next.body, next.verdict);
    }
    if subject == before.subject && body == before.body {
        return None;
    }
    let mut after = before.clone();
    after.html = (before.html.as_ref()).map(|_| workspace.templates.html_of(&subject, &body));
    after.sentences = sources(before, &body);
    (after.subject, after.body) = (subject, body);
    "rules".clone_into(&mut after.meta.made_by);
    Some(after)
}

/// The sources of a text that was changed: a sentence that stayed keeps its own; one that was changed has the source of
/// the sentence that it was, since a fix takes words away and adds no claim.
fn sources(before: &Variant, body: &str) -> Vec<SentenceSource> {
    let old: Vec<(&str, &Source)> = before
        .sentences
        .iter()
        .filter_map(|s| Some((before.body.get(s.start..s.end)?, &s.source)))
        .collect();
    let words =
        |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_lowercase).collect() };
    sentences(body)
        .into_iter()
        .map(|(start, end)| {
            let text = &body[start..end];
            let own = words(text);
            let shared = |other: &str| {
                let other = words(other);
                own.iter().filter(|word| other.contains(word)).count()
            };
            let nearest = old
                .iter()
                .find(|(other, _)| other.contains(text))
                .or_else(|| old.iter().max_by_key(|(other, _)| shared(other)));
            let source = nearest.map_or(Source::Plain, |(_, source)| (*source).clone());
            SentenceSource { start, end, source }
        })
        .collect()
}
