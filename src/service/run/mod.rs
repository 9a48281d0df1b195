//! Runs: start, step, record, load again, edit, re-run from a stage.

pub mod batch;
mod listener;
pub(in crate::service) mod offers;
pub(in crate::service) mod record;
pub(in crate::service) mod recorded;
pub mod replay;
pub mod response;
pub mod rewrite;
pub mod transient;

use crate::domain::canary::Canary;
use crate::domain::digest::Digest;
use crate::domain::person::Action;
use crate::domain::profile::Profile;
use crate::domain::run::{Run, Stage};
use crate::domain::variant::{SentenceSource, Source, Variant};
use crate::error::{Error, Kind, Result};
use crate::ledger::NewEntry;
use crate::ledger::handle::Pending;
use crate::ledger::keys::random;
use crate::ledger::payload::{FailurePayload, Payload, RevisionPayload};
use crate::service::audit::data_rights;
use crate::service::home::moment::engine;
use crate::service::home::workspace::Workspace;
use crate::service::review::{queue, recent};
use crate::service::run::record::{base, by, stage_entry, started};
use crate::service::run::transient::Transient;
use crate::text::sentence;
use std::sync::atomic::AtomicBool;

pub use crate::pipeline::RunEvent;
pub use crate::pipeline::orchestrator::summary as stage_summary;
pub use listener::{Listener, Unwatched};

/// The seed of runs for which nobody names another.
pub const SEED: u64 = 7;

/// How a run is made.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub seed: u64,
    /// Write it to the ledger.
    pub record: bool,
}

/// A run in the hands of a face: steps it, edits it, and writes what it gave to the ledger, unless it is a preview. Its
/// appends may still be under way; `settle` waits until they are durable.
pub struct Session {
    pub run: Run,
    record: bool,
    pending: Vec<Pending>,
    /// Where its parts are kept for a while, once they are on record.
    transient: Option<Transient>,
}

/// A new run, not yet stepped.
///
/// # Errors
/// The person may not start runs, or the system gives no randomness.
pub fn start(workspace: &Workspace, profile: Profile, options: Options) -> Result<Session> {
    start_as(workspace, profile, options, new_id()?)
}

/// An id that no run has.
fn new_id() -> Result<String> {
    let bytes = random::<8>().map_err(|e| Error::of(Kind::Io, e))?;
    Ok(id_of_bytes(&bytes))
}

/// As [`start`], with the run's id given: the same id is one run, however often it is started. A run that is not
/// recorded is named by the hash of its inputs.
///
/// # Errors
/// See [`start`].
pub fn start_as(
    workspace: &Workspace,
    profile: Profile,
    options: Options,
    id: String,
) -> Result<Session> {
    start_among(workspace, profile, options, (id, Among::default()))
}

/// Where a run stands in a batch.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Among<'b> {
    /// When the batch began, RFC 3339: its own runs are told by their lines.
    pub began: Option<&'b str>,
    /// The line that the same customer stands at before this one.
    pub line: Option<usize>,
}

/// Largest seed: the entries of the ledger hold whole numbers below 2^53 (RFC 8785 on numbers).
pub const MOST_SEED: u64 = (1 << 53) - 1;

/// As [`start_as`], as one of a batch.
///
/// # Errors
/// See [`start`].
pub(super) fn start_among(
    workspace: &Workspace,
    profile: Profile,
    options: Options,
    named: (String, Among<'_>),
) -> Result<Session> {
    start_with(workspace, profile, options, named, None)
}

/// A recorded run that is a planted test.
///
/// # Errors
/// See [`start`].
pub(super) fn start_planted(
    workspace: &Workspace,
    profile: Profile,
    seed: u64,
    canary: Canary,
) -> Result<Session> {
    let options = Options { seed, record: true };
    let named = (new_id()?, Among::default());
    start_with(workspace, profile, options, named, Some(canary))
}

fn start_with(
    workspace: &Workspace,
    profile: Profile,
    options: Options,
    (id, among): (String, Among<'_>),
    canary: Option<Canary>,
) -> Result<Session> {
    if options.seed > MOST_SEED {
        return Err(Error::new(
            Kind::Input,
            "2^53 or more, which JSON does not keep exactly",
        )
        .at("seed")
        .fix("give a smaller one"));
    }
    workspace.allow(Action::StartRun)?;
    workspace.rules()?;
    if options.record {
        workspace.has_the_packs_in_force()?;
        if let Some(until) = data_rights::restricted(workspace.ledger()?, &profile.id)? {
            return Err(Error::new(
                Kind::NotAllowed,
                format!("the customer's data is restricted until {until}"),
            )
            .fix("an erasure was asked for and deferred: until then the data is kept and used for nothing"));
        }
    }
    let pins = workspace.pins(options.seed);
    let failed = |e: std::io::Error| Error::of(Kind::Io, e);
    let (id, salt) = if options.record {
        // The hash of a planted text, made with this salt, commits to the test's mark.
        let committed = canary.as_ref().and_then(|canary| canary.mark.salt());
        let salt = committed.map_or_else(random, Ok).map_err(failed)?;
        (id, salt)
    } else {
        let digest = Digest::of_parts([
            profile.raw.to_string().as_bytes(),
            serde_json::to_string(&pins).unwrap_or_default().as_bytes(),
        ]);
        (
            format!("preview-{}", &hex::encode(digest.0)[..10]),
            digest.0,
        )
    };
    let mut run = Run::new(id, profile, pins, salt);
    run.canary = canary;
    let mut session = Session {
        run,
        record: options.record,
        pending: Vec::new(),
        transient: options.record.then(|| workspace.transient.clone()),
    };
    if options.record {
        let run = &mut session.run;
        let channel = run.profile.channel.unwrap_or_default();
        let again = recent::again(workspace, &run.profile, channel, among.began)?;
        run.over_cap = again.as_ref().is_some_and(|again| again.is_over);
        let same = among
            .line
            .map(|line| format!("the same customer stands at line {line}"));
        let says: Vec<String> = same.into_iter().chain(again.map(|a| a.says)).collect();
        run.again = (!says.is_empty()).then(|| says.join("; "));
        let entry = started(workspace, &session.run);
        session.append(workspace, entry)?;
    }
    Ok(session)
}

/// The id of the run that a digest names.
pub fn id_of(digest: &Digest) -> String {
    let mut first = [0; 8];
    first.copy_from_slice(&digest.0[..8]);
    id_of_bytes(&first)
}

fn id_of_bytes(bytes: &[u8; 8]) -> String {
    format!("r-{}", base32(bytes))
}

/// Ten characters that are easy to read aloud.
fn base32(bytes: &[u8; 8]) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut value = u64::from_be_bytes(*bytes);
    let mut out = String::new();
    for _ in 0..10 {
        let index = usize::try_from(value % 32).unwrap_or(0);
        out.push(char::from(ALPHABET[index]));
        value /= 32;
    }
    out
}

/// Where the sentences of a text come from once a person has changed it: one that stands as it stood keeps its source,
/// in the order of the old text; any other is the person's.
fn sources_after(old: &Variant, body: &str, person: &str) -> Vec<SentenceSource> {
    let before = sentence::sentences(&old.body);
    let covering = |(start, end): (usize, usize)| {
        let mut sources = old.sentences.iter();
        sources.find(|s| s.start <= start && end <= s.end)
    };
    let mut at = 0;
    sentence::sentences(body)
        .into_iter()
        .map(|(start, end)| {
            let found = before[at..]
                .iter()
                .position(|(from, to)| old.body[*from..*to].trim() == body[start..end].trim());
            let kept = found.and_then(|index| {
                at += index + 1;
                covering(before[at - 1])
            });
            let source = kept.map_or_else(
                || Source::Person {
                    name: person.to_owned(),
                },
                |kept| kept.source.clone(),
            );
            SentenceSource { start, end, source }
        })
        .collect()
}

impl Session {
    /// Goes on with a run that was loaded from the ledger.
    pub fn resume(run: Run) -> Self {
        Self {
            run,
            record: true,
            pending: Vec::new(),
            transient: None,
        }
    }

    /// Whether what it does goes on record.
    pub fn is_recorded(&self) -> bool {
        self.record
    }

    /// Runs the next stage and records what it gave. `None`: the rest is a person's.
    ///
    /// # Errors
    /// The packs in force do not compile, or are others by now than this process opened; the stage failed; or the ledger
    /// refused.
    pub fn step(
        &mut self,
        workspace: &Workspace,
        cancel: &AtomicBool,
        watch: &mut dyn FnMut(RunEvent),
    ) -> Result<Option<Stage>> {
        let orchestrator = workspace.orchestrator()?;
        if self.run.next_stage() == Some(Stage::Safety) {
            if self.record {
                workspace.has_the_packs_in_force()?;
            }
            // What the run began under may have been replaced since.
            self.run.pins.pack = workspace.book.digest();
            self.run.pins.engine = engine();
        }
        let outcome = orchestrator.step(&mut self.run, cancel, watch);
        match outcome {
            Ok(None) => Ok(None),
            Ok(Some(stage)) => {
                if stage == Stage::Generate {
                    let put = self.run.put_planted();
                    put.map_err(|why| Error::new(Kind::Stage, why))?;
                }
                if self.record {
                    let entry = stage_entry(&workspace.review, &self.run, stage);
                    self.append(workspace, entry)?;
                }
                Ok(Some(stage))
            }
            Err(failure) => {
                if self.record {
                    let said = Payload::StageFailed(FailurePayload {
                        stage: Some(failure.stage.into()),
                        reason: Some(failure.reason.clone()),
                    });
                    let id = format!("failed/{}", failure.stage);
                    let entry = base(&self.run, said, &id);
                    self.append(workspace, entry)?;
                }
                Err(Error::new(Kind::Stage, failure.to_string()))
            }
        }
    }

    /// Runs on until only a person's decision is left, or the listener pauses it. What it wrote may still be on its way to
    /// the disk: see [`Session::settle`].
    ///
    /// # Errors
    /// See [`Session::step`]. The listener has heard of a stage's failure by then.
    pub fn run_through(
        &mut self,
        workspace: &Workspace,
        cancel: &AtomicBool,
        listener: &mut dyn Listener,
    ) -> Result<()> {
        loop {
            let stepped = self.step(workspace, cancel, &mut |event| listener.told(event));
            let goes_on = listener.after(&self.run);
            if stepped?.is_none() || !goes_on {
                return Ok(());
            }
        }
    }

    /// As [`Session::run_through`], and waits until everything is durable.
    ///
    /// # Errors
    /// See [`Session::step`].
    pub fn run_on(
        &mut self,
        workspace: &Workspace,
        cancel: &AtomicBool,
        listener: &mut dyn Listener,
    ) -> Result<()> {
        self.run_through(workspace, cancel, listener)?;
        self.settle()
    }

    /// Waits until everything so far is durable.
    ///
    /// # Errors
    /// The ledger refused one of the entries.
    pub fn settle(&mut self) -> Result<()> {
        for pending in self.pending.drain(..) {
            pending.wait()?;
        }
        if let Some(transient) = &self.transient {
            transient.keep(&self.run);
        }
        Ok(())
    }

    /// Whether the words may still be changed, and stages run again, as the run stands on record: what was decided is
    /// not changed, whichever face asks. The run's last entry comes back, after which nobody else may have acted.
    ///
    /// # Errors
    /// It is decided, other packs are in force by now than this process opened, or the ledger cannot be read.
    pub fn may_change(&mut self, workspace: &Workspace) -> Result<Option<u64>> {
        if !self.record {
            return Ok(None);
        }
        workspace.has_the_packs_in_force()?;
        self.settle()?;
        let summary = queue::known(workspace, &self.run.id)?;
        summary
            .state
            .revise()
            .map_err(|why| Error::of(Kind::NotAllowed, why))?;
        Ok(Some(summary.last))
    }

    /// Begins a new revision, as the run stood on record when it was asked.
    fn new_revision(
        &mut self,
        workspace: &Workspace,
        since: Option<u64>,
        said: RevisionPayload,
    ) -> Result<()> {
        if self.record {
            let said = Payload::Revision(RevisionPayload {
                revision: Some(self.run.revision.into()),
                ..said
            });
            let mut entry = by(workspace, base(&self.run, said, "revision"));
            entry.unchanged_since = since;
            self.append(workspace, entry)?;
        }
        Ok(())
    }

    /// Goes back to a stage as a new revision; the old one stays in the ledger.
    ///
    /// # Errors
    /// Not allowed, the run is decided, or the ledger refused.
    pub fn rewind(&mut self, workspace: &Workspace, stage: Stage) -> Result<()> {
        workspace.allow(Action::StartRun)?;
        let since = self.may_change(workspace)?;
        self.run.rewind_to(stage);
        let said = RevisionPayload {
            from: Some(stage.into()),
            ..RevisionPayload::default()
        };
        self.new_revision(workspace, since, said)
    }

    /// Replaces the words of a variant, as a new revision made by this person, and checks it anew.
    ///
    /// # Errors
    /// Not allowed, no such variant, or the ledger refused.
    pub fn edit(
        &mut self,
        workspace: &Workspace,
        variant: &str,
        subject: &str,
        body: &str,
    ) -> Result<()> {
        workspace.allow(Action::EditVariant)?;
        let since = self.may_change(workspace)?;
        let brand = &workspace.templates;
        let mut variants = self.run.variants.clone().unwrap_or_default();
        let edited = variants
            .iter_mut()
            .find(|v| v.id == variant)
            .ok_or_else(|| Error::new(Kind::NotFound, format!("there is no variant {variant}")))?;
        let sentences = sources_after(edited, body, &workspace.person.name);
        subject.clone_into(&mut edited.subject);
        body.clone_into(&mut edited.body);
        edited.html = edited.html.as_ref().map(|_| brand.html_of(subject, body));
        edited.meta.made_by = "person".into();
        edited.meta.says_nothing = false;
        edited.sentences = sentences;
        self.run.rewind_to(Stage::Safety);
        self.run.variants = Some(variants);
        let said = RevisionPayload::of_words(&workspace.person.name, variant);
        self.new_revision(workspace, since, said)?;
        self.record_words(workspace)
    }

    /// Records the variants as they stand.
    fn record_words(&mut self, workspace: &Workspace) -> Result<()> {
        if self.record {
            let generated = stage_entry(&workspace.review, &self.run, Stage::Generate);
            self.append(workspace, generated)?;
        }
        Ok(())
    }

    /// Puts another text in a variant's place, as a new revision that the rules or a model made.
    ///
    /// # Errors
    /// The run is decided, or the ledger refused.
    pub(super) fn revise(
        &mut self,
        workspace: &Workspace,
        variant: Variant,
        maker: &str,
    ) -> Result<()> {
        let since = self.may_change(workspace)?;
        let mut variants = self.run.variants.clone().unwrap_or_default();
        let id = variant.id.clone();
        for place in variants.iter_mut().filter(|place| place.id == id) {
            place.clone_from(&variant);
        }
        let authored = self.run.authored.take();
        self.run.rewind_to(Stage::Safety);
        (self.run.variants, self.run.authored) = (Some(variants), authored);
        let said = RevisionPayload::of_words(maker, &id);
        self.new_revision(workspace, since, said)?;
        self.record_words(workspace)
    }

    fn append(&mut self, workspace: &Workspace, entry: NewEntry) -> Result<()> {
        let ledger = workspace.ledger()?;
        self.pending.push(ledger.append(vec![entry]));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::jurisdiction::Channel;
    use crate::domain::variant::VariantMeta;

    #[test]
    fn an_edit_keeps_the_sources_of_untouched_sentences() {
        let body = "Hi Amara,\n\nIt costs $20. Fees apply.\n\nSee you.";
        let at = |words: &str| {
            let start = body.find(words).unwrap();
            (start, start + words.len())
        };
        let sentence = |words: &str, source: Source| {
            let (start, end) = at(words);
            SentenceSource { start, end, source }
        };
        let fact = Source::Fact {
            keys: vec!["fee".into()],
        };
        let old = Variant {
            id: "A".into(),
            subject: String::new(),
            body: body.into(),
            html: None,
            meta: VariantMeta {
                kind: "short".into(),
                tone: "plain".into(),
                template: "t".into(),
                channel: Channel::Email,
                made_by: "template".into(),
                says_nothing: false,
            },
            sentences: vec![
                sentence("Hi Amara,", Source::Plain),
                sentence("It costs $20. Fees apply.", fact.clone()),
                sentence("See you.", Source::Plain),
            ],
        };
        let edited = "Hi Amara,\n\nIt costs $20. Fees may apply. See you.";
        let person = Source::Person {
            name: "m.ruiz".into(),
        };
        let after = sources_after(&old, edited, "m.ruiz");
        let shown: Vec<(&str, &Source)> = after
            .iter()
            .map(|s| (edited[s.start..s.end].trim(), &s.source))
            .collect();
        let of = |words: &str| {
            let mut shown = shown.iter();
            shown.find(|(text, _)| text.ends_with(words)).unwrap().1
        };
        assert_eq!(*of("It costs $20."), fact);
        assert_eq!(*of("Fees may apply."), person);
        assert_eq!(*of("See you."), Source::Plain);
    }
}
