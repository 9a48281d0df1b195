//! What a person is to know of a run before they decide it: what was said about it, whom it goes to, what changed since
//! the last approved text, what was left out.

use crate::domain::decision::{DecisionKind, ReviewState};
use crate::domain::jurisdiction::Channel;
use crate::domain::profile::Profile;
use crate::domain::run::Run;
use crate::error::Result;
use crate::ledger::act::act_of;
use crate::ledger::entry::Entry;
use crate::ledger::log::Page;
use crate::ledger::payload::Payload;
use crate::ledger::payload::coded::Coded;
use crate::ledger::summary::RunSummary;
use crate::pipeline::why_held;
use crate::service::home::wiring;
use crate::service::home::workspace::Workspace;
use crate::service::optout;
use crate::service::review::{history, queue};
use serde_json::Value;

/// Newest runs among which the customer's other ones and the last approved text are looked for.
const LOOKED: usize = 2_000;

/// Approved runs that are opened to find one of the same template.
const OPENED: usize = 60;

/// Something that a person said about a run, with what they did by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// RFC 3339.
    pub time: String,
    pub by: String,
    /// In the past tense: `rejected A`, `commented`.
    pub did: String,
    pub code: String,
    pub reason: String,
    /// It is a decision, or takes one back.
    pub decides: bool,
}

impl Statement {
    /// What an entry says in a person's words; `None` for an entry in which nobody speaks.
    pub fn of(entry: &Entry) -> Option<Self> {
        if let Payload::CanaryRevealed(test) = entry.payload() {
            let outcome = test.outcome.as_ref()?.known()?.in_words();
            let expect = test.expect.as_ref().map_or("", Coded::as_str);
            return Some(Self {
                time: entry.time.clone(),
                by: test.planted_by.clone().unwrap_or_default(),
                did: format!("planted this as a test ({expect}): {outcome}"),
                code: String::new(),
                reason: test.why.clone().unwrap_or_default(),
                decides: true,
            });
        }
        let decision = entry.payload().decision();
        let (did, decides) = match (decision, act_of(entry)) {
            (Some(decision), _) => {
                let variant = decision.variant.as_deref().unwrap_or_default();
                let did = match entry.decision()? {
                    DecisionKind::Approve => format!("approved {variant}"),
                    DecisionKind::Reject => format!("rejected {variant}"),
                    DecisionKind::Override => format!("overrode the blocks of {variant}"),
                    DecisionKind::RequestChanges => format!("asks for changes of {variant}"),
                };
                (did, true)
            }
            (_, Some(act)) => {
                use crate::domain::review::Act;
                match act {
                    Act::Comment => ("says".to_owned(), false),
                    Act::Escalate => ("left it to a principal".to_owned(), false),
                    Act::Withdraw => ("took the decision back".to_owned(), true),
                    Act::Recall => ("called the message back".to_owned(), true),
                    Act::Reopen => ("sent it back to review".to_owned(), true),
                    Act::Expire => ("let the approval lapse".to_owned(), true),
                    Act::Claim | Act::Release | Act::Assign => return None,
                }
            }
            _ => return None,
        };
        Some(Self {
            time: entry.time.clone(),
            by: entry.actor.clone(),
            did,
            code: decision.and_then(|d| d.code.clone()).unwrap_or_default(),
            reason: reason_of(entry).unwrap_or_default().to_owned(),
            decides,
        })
    }

    /// Whether it tells whoever reads the run something: a decision, or words.
    pub fn counts(&self) -> bool {
        self.decides || !self.reason.is_empty()
    }

    /// In one line: who, what, when, which code, and why in their own words.
    pub fn sentence(&self) -> String {
        let when = self.time.get(..16).unwrap_or("").replace('T', " ");
        let code = match self.code.as_str() {
            "" => String::new(),
            code => format!(" ({code})"),
        };
        let why = match self.reason.as_str() {
            "" => String::new(),
            reason => format!(": “{reason}”"),
        };
        format!("{} {}{code}{why}, {when}", self.by, self.did)
    }
}

/// The reason that an entry gives: in the open, or in the note that was signed.
pub fn reason_of(entry: &Entry) -> Option<&str> {
    (entry.payload().reason())
        .or_else(|| entry.signed_reason())
        .filter(|reason| !reason.is_empty())
}

/// A message that this customer was sent, or a run of theirs that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    pub run: String,
    /// RFC 3339.
    pub time: String,
    pub channel: String,
    pub state: ReviewState,
}

/// The customer of a run, as the firm knows them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomerCard {
    /// The firm's own number, and the name in the record.
    pub number: String,
    pub pseudonym: Option<String>,
    pub name: String,
    pub place: String,
    pub language: String,
    pub age: String,
    /// Channel, what was agreed to, and where that is said.
    pub consents: Vec<(&'static str, String)>,
    pub opted_out: Option<String>,
    /// Why nothing could go out at this moment: opt-out, consent, the hours of their place.
    pub held_now: Option<String>,
    pub hours: String,
    /// Newest first.
    pub earlier: Vec<Earlier>,
    pub remarks: Vec<String>,
}

/// The last text of a template that was approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approved {
    /// The variant of this run that is made from the same template.
    pub variant: String,
    pub run: String,
    /// RFC 3339.
    pub time: String,
    pub by: String,
    pub subject: String,
    pub body: String,
}

/// Sentences of a template that a variant does not say, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    pub variant: String,
    pub says: Vec<String>,
}

/// Everything that is told of a run beside the run itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brief {
    pub run: String,
    /// Number of the run's last entry when it was read.
    pub last: u64,
    /// Whose name stands as the sender's, by the channel.
    pub from: String,
    /// Newest first.
    pub said: Vec<Statement>,
    pub customer: CustomerCard,
    /// By variant; a variant without one has no approved text before it.
    pub approved: Vec<Approved>,
    pub left_out: Vec<LeftOut>,
}

impl Brief {
    /// What was approved before in a variant's place.
    pub fn approved_of(&self, variant: &str) -> Option<&Approved> {
        self.approved
            .iter()
            .find(|before| before.variant == variant)
    }
}

/// Reads together what is to be told of a run.
///
/// # Errors
/// The ledger cannot be read.
pub fn of(workspace: &Workspace, run: &Run) -> Result<Brief> {
    let last = queue::summary(workspace, &run.id)?.map_or(0, |row| row.last);
    let said = statements(workspace, &run.id)?;
    let newest = queue::page(workspace, u64::MAX, LOOKED)?;
    let brand = &workspace.templates.brand;
    let channel = run.profile.channel.unwrap_or_default();
    Ok(Brief {
        run: run.id.clone(),
        last,
        from: match channel {
            Channel::Email => brand.from.clone(),
            Channel::Sms => brand.sms_sender.clone(),
            Channel::Push => brand.name.clone(),
        },
        said,
        customer: customer(workspace, run, &newest)?,
        approved: approved(workspace, run, &newest),
        left_out: left_out(workspace, run),
    })
}

/// What was said about a run, newest first. A run that is not on record has nothing said about it.
///
/// # Errors
/// The ledger cannot be read.
pub fn statements(workspace: &Workspace, run: &str) -> Result<Vec<Statement>> {
    let rows = workspace.log()?.page(Page::OfRun { run })?;
    let mut said: Vec<Statement> = rows
        .iter()
        .filter_map(|(_, bytes)| Entry::from_bytes(bytes).ok())
        .filter_map(|entry| Statement::of(&entry))
        .collect();
    said.reverse();
    Ok(said)
}

fn customer(workspace: &Workspace, run: &Run, newest: &[RunSummary]) -> Result<CustomerCard> {
    let profile = &run.profile;
    let channel = profile.channel.unwrap_or_default();
    let place = profile.jurisdiction.clone().unwrap_or_default();
    let pseudonym = workspace.ledger()?.pseudonym(&profile.id)?;
    let earlier = newest
        .iter()
        .filter(|row| Some(&row.subject) == pseudonym.as_ref() && row.run != run.id)
        .map(|row| Earlier {
            run: row.run.clone(),
            time: row.updated.clone(),
            channel: row.channel.clone(),
            state: row.state,
        })
        .collect();
    let listed = optout::is_listed(workspace, profile)?;
    let opted_out = match (profile.opted_out, listed) {
        (_, true) => Some("on the firm's list of opt-outs".to_owned()),
        (true, false) => Some("their profile says so".to_owned()),
        (false, false) => None,
    };
    let now = workspace.as_of();
    Ok(CustomerCard {
        number: profile.id.clone(),
        pseudonym,
        name: profile.name.clone().unwrap_or_default(),
        place: place.as_str().to_owned(),
        language: profile.locale.clone().unwrap_or_default(),
        age: age(profile),
        consents: consents(profile),
        opted_out,
        held_now: why_held(profile, channel, &place, now),
        hours: hours(profile, channel),
        earlier,
        remarks: profile.remarks.iter().map(ToString::to_string).collect(),
    })
}

fn age(profile: &Profile) -> String {
    match (&profile.age_group, profile.age) {
        (Some(group), _) => group.clone(),
        (None, Some(age)) => format!("{age}"),
        (None, None) => String::new(),
    }
}

/// What was agreed to by channel, with what the profile says of when and how.
fn consents(profile: &Profile) -> Vec<(&'static str, String)> {
    let recorded = profile.field("consents");
    let beside = |name: &str| -> Vec<String> {
        let Some(Value::Object(all)) = recorded else {
            return Vec::new();
        };
        let of = |(key, value): (&String, &Value)| {
            let rest = key.strip_prefix(name)?.strip_prefix('_')?;
            let said = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            Some(format!("{rest} {said}"))
        };
        all.iter().filter_map(of).collect()
    };
    let asked = &profile.consents;
    [
        ("email", asked.email),
        ("sms", asked.sms),
        ("push", asked.push),
        ("profiling", asked.profiling),
    ]
    .into_iter()
    .map(|(name, said)| {
        let word = match said {
            Some(true) => "yes, by their profile",
            Some(false) => "NO, by their profile",
            None => "not on record",
        };
        let mut words = vec![word.to_owned()];
        words.extend(beside(name));
        (name, words.join(", "))
    })
    .collect()
}

/// By which clock the hours of their place are kept.
fn hours(profile: &Profile, channel: Channel) -> String {
    let zone = profile.time_zone.as_deref().unwrap_or("no time zone known");
    match channel {
        Channel::Sms => format!("texts keep the hours of their place ({zone})"),
        Channel::Email | Channel::Push => format!("none asked for by {channel} ({zone})"),
    }
}

/// For each variant, the newest approved text that was made from the same template.
fn approved(workspace: &Workspace, run: &Run, newest: &[RunSummary]) -> Vec<Approved> {
    let mut wanted: Vec<(&str, &str)> = run
        .variants
        .iter()
        .flatten()
        .map(|variant| (variant.id.as_str(), variant.meta.template.as_str()))
        .collect();
    let went = |row: &&RunSummary| {
        let state = row.state;
        row.run != run.id && matches!(state, ReviewState::Approved | ReviewState::Delivered)
    };
    let channel = run.profile.channel.unwrap_or_default();
    let alike = |row: &&RunSummary| row.channel == channel.as_str();
    let mut found = Vec::new();
    for row in newest.iter().filter(went).filter(alike).take(OPENED) {
        if wanted.is_empty() {
            break;
        }
        // A template's name ends with the letter of its variant: another letter is of another one.
        if !wanted.iter().any(|(id, _)| *id == row.variant) {
            continue;
        }
        // What was erased has no text any more.
        let Ok(before) = history::load(workspace, &row.run) else {
            continue;
        };
        let Some(variant) = before.variant(&row.variant) else {
            continue;
        };
        let same = |(_, template): &(&str, &str)| *template == variant.meta.template;
        if let Some(at) = wanted.iter().position(same) {
            let (id, _) = wanted.swap_remove(at);
            let own = |text: &str| named_alike(text, &before.profile, &run.profile);
            found.push(Approved {
                variant: id.to_owned(),
                run: row.run.clone(),
                time: row.updated.clone(),
                by: row.decided_by.clone(),
                subject: own(&variant.subject),
                body: own(&variant.body),
            });
        }
    }
    found
}

/// Another customer's text with this one's name: nobody is shown whose it was, and a name is no change.
fn named_alike(text: &str, theirs: &Profile, own: &Profile) -> String {
    let mut text = text.to_owned();
    for (theirs, own) in [
        (theirs.name.as_deref(), own.name.as_deref()),
        (theirs.given_name(), own.given_name()),
    ] {
        if let Some(theirs) = theirs.filter(|name| !name.trim().is_empty()) {
            text = text.replace(theirs, own.unwrap_or("[name]"));
        }
    }
    text
}

/// What the templates would say and a variant does not.
fn left_out(workspace: &Workspace, run: &Run) -> Vec<LeftOut> {
    let context = workspace
        .orchestrator()
        .ok()
        .and_then(|o| o.context(run).ok());
    let Some(wanted) = context.as_ref().and_then(|c| wiring::wanted_in(run, c)) else {
        return Vec::new();
    };
    let variants = run.variants.iter().flatten();
    variants
        .filter(|variant| variant.meta.made_by == "template")
        .map(|variant| LeftOut {
            variant: variant.id.clone(),
            says: workspace.templates.left_out(&wanted, &variant.id),
        })
        .filter(|left| !left.says.is_empty())
        .collect()
}
