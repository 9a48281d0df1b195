//! What became of messages that went out: recorded once each, and counted for the scorer of the runs to come.

mod events;
mod told;

use crate::domain::decision::ReviewState;
use crate::domain::person::Action;
use crate::error::{Error, Kind, Result};
use crate::experiment::NOTHING;
use crate::ledger::handle::Pending;
use crate::ledger::log::Key;
use crate::ledger::payload::{FeedbackPayload, Payload};
use crate::ledger::summary::RunSummary;
use crate::ledger::{Entry, NewEntry};
use crate::service::home::workspace::{Workspace, now};
use crate::service::intake::sheet;
use crate::service::learning::tally;
use crate::service::optout::{self, Because, Held, Origin};
use crate::service::review::{history, queue};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::path::Path;
use told::When;

pub use told::{Told, misshapen, told};

/// Characters of a run's id: a message's id begins with it.
const RUN_ID: usize = 12;

/// Entries that may be under way at once.
const AT_ONCE: usize = 500;

/// How far the clocks of two machines may differ.
const CLOCKS: TimeDelta = TimeDelta::minutes(2);

/// What happened to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::service) enum Event {
    Sent,
    Opened,
    Clicked,
    Converted,
    Complained,
    OptedOut,
    /// It will never arrive: the address takes no mail.
    BouncedHard,
    /// It did not arrive this time.
    BouncedSoft,
}

impl Event {
    /// What counts as a response: the reader did what the message is for.
    const RESPONSES: [Self; 2] = [Self::Clicked, Self::Converted];

    fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Opened => "opened",
            Self::Clicked => "clicked",
            Self::Converted => "converted",
            Self::Complained => "complained",
            Self::OptedOut => "opted_out",
            Self::BouncedHard | Self::BouncedSoft => "bounced",
        }
    }

    /// How hard a bounce is.
    fn bounce(self) -> Option<&'static str> {
        match self {
            Self::BouncedHard => Some("hard"),
            Self::BouncedSoft => Some("soft"),
            _ => None,
        }
    }

    /// A message has each event once, but may bounce softly several times.
    fn entry_id(self, run: &str, at: Option<When>) -> String {
        let id = format!("feedback/{run}/{}", self.as_str());
        match (self, at) {
            (Self::BouncedSoft, Some(at)) => format!("{id}/soft/{}", at.text()),
            (Self::BouncedSoft, None) => format!("{id}/soft"),
            _ => id,
        }
    }

    /// Why nothing more is sent after it, if so.
    fn because(self) -> Option<Because> {
        match self {
            Self::OptedOut => Some(Because::Asked),
            Self::Complained => Some(Because::Complained),
            Self::BouncedHard => Some(Because::HardBounce),
            _ => None,
        }
    }
}

/// The sum of what was told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    pub new: usize,
    /// On record already.
    pub known: usize,
    /// Known events that are no outcome, as `deferred`.
    pub passed: usize,
    /// Of the new ones: persons and addresses that are sent nothing more, and bounces after which it is tried again.
    pub held: usize,
    pub soft_bounces: usize,
    /// Lines that gave nothing, and why.
    pub wrong: Vec<(usize, String)>,
}

/// Imports outcomes from JSON or a table, our own or a sender's: columns in any case and order, others beside them.
/// Importing a file again changes nothing.
///
/// # Errors
/// Not allowed, the file cannot be read, or the ledger refused.
pub fn import(workspace: &Workspace, path: &Path) -> Result<Sum> {
    let text = sheet::read(path)?;
    let file = optout::file_name(workspace, path);
    take_from(workspace, rows(&text.text), file.as_deref())
}

/// The outcomes of a text, each with its line.
fn rows(text: &str) -> Vec<(usize, Result<Told>)> {
    if let Some(values) = sheet::json(text) {
        let read = |value: std::result::Result<Value, _>| told(value.unwrap_or_default());
        return values
            .into_iter()
            .map(|(line, value)| (line, read(value)))
            .collect();
    }
    let mut lines = (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim().is_empty());
    let named = sheet::named_separator(text.lines().next().unwrap_or_default());
    let head = lines.find(|(_, line)| sheet::named_separator(line).is_none());
    let Some((first, head)) = head else {
        return Vec::new();
    };
    let most = sheet::SEPARATORS
        .into_iter()
        .max_by_key(|sign| sheet::cells(head, *sign).len());
    let separator = named.or(most).unwrap_or(',');
    let names = sheet::cells(head, separator);
    let body: String = text.split_inclusive('\n').skip(first).collect();
    let of_row = |(line, cells): (usize, Vec<String>)| {
        let told = if cells.len() == names.len() {
            // Of two columns of one name the first one that says something counts: see `told`.
            let mut map = Map::new();
            for (name, cell) in names.iter().zip(cells).filter(|(_, cell)| !cell.is_empty()) {
                map.entry(name.clone()).or_insert(cell.into());
            }
            told(map.into())
        } else {
            Err(Error::new(
                Kind::Input,
                "a row has another number of fields than the head",
            ))
        };
        (first + line, told)
    };
    sheet::rows(&body, separator)
        .into_iter()
        .map(of_row)
        .collect()
}

/// Records outcomes, each with its line. What is on record already stays as it is. Who opted out or complained, and what
/// address takes no mail, is put on the opt-out list.
///
/// # Errors
/// Not allowed, or the ledger refused.
pub fn take(workspace: &Workspace, told: Vec<(usize, Result<Told>)>) -> Result<Sum> {
    take_from(workspace, told, None)
}

fn take_from(
    workspace: &Workspace,
    told: Vec<(usize, Result<Told>)>,
    file: Option<&str>,
) -> Result<Sum> {
    workspace.allow(Action::Deliver)?;
    let mut desk = Desk {
        workspace,
        file,
        pending: Vec::new(),
        taken: BTreeSet::new(),
        sum: Sum::default(),
    };
    for (line, told) in told {
        match told.and_then(|told| desk.record(line, &told)) {
            Ok(Some(true)) => desk.sum.new += 1,
            Ok(Some(false)) => desk.sum.known += 1,
            Ok(None) => desk.sum.passed += 1,
            Err(error) if error.kind == Kind::Ledger => return Err(error),
            Err(error) => desk.sum.wrong.push((line, error.what)),
        }
    }
    desk.settle()?;
    tally::count(workspace)?;
    Ok(desk.sum)
}

/// Takes outcomes one by one, several of them under way.
struct Desk<'w> {
    workspace: &'w Workspace,
    /// The file that the outcomes came in.
    file: Option<&'w str>,
    pending: Vec<Pending>,
    /// Ids of the entries that were added here.
    taken: BTreeSet<String>,
    sum: Sum,
}

impl Desk<'_> {
    fn settle(&mut self) -> Result<()> {
        for pending in self.pending.drain(..) {
            pending.wait()?;
        }
        Ok(())
    }

    fn is_on_record(&self, id: &str) -> Result<bool> {
        Ok(self.taken.contains(id) || self.workspace.log()?.seq_of(id)?.is_some())
    }

    /// Records one event; `false` if it was there already, and none if it is no outcome.
    fn record(&mut self, line: usize, told: &Told) -> Result<Option<bool>> {
        let Some(event) = told.event else {
            return Ok(None);
        };
        let workspace = self.workspace;
        let run = told.id.get(..RUN_ID).unwrap_or(&told.id);
        let summary = match queue::known(workspace, run) {
            Ok(summary) => summary,
            Err(error) => return Err(self.held_by_address(line, told, event, error)?),
        };
        // Whatever else is wrong with what was told: who wants no more is sent no more.
        if let Some(because) = event.because() {
            self.hold(line, event, because, &summary)?;
        }
        match (summary.state, event) {
            // What was called back was in somebody's hands all the same.
            (ReviewState::Delivered | ReviewState::Recalled, _)
            | (ReviewState::HeldOut, Event::Converted) => {}
            (ReviewState::HeldOut, _) => {
                let why = "the customer was held out and got no message; only `converted` counts";
                return Err(Error::new(Kind::Input, why));
            }
            _ => return Err(Error::new(Kind::Input, "the message was not delivered")),
        }
        let of = self.entry_of(&about(&summary))?;
        if let Some(at) = told.at {
            is_possible(at, of.as_ref())?;
        }
        let id = event.entry_id(run, told.at);
        if self.is_on_record(&id)? {
            return Ok(Some(false));
        }
        let entry = self.entry(told, event, id.clone(), &summary, of)?;
        self.taken.insert(id);
        self.sum.soft_bounces += usize::from(event == Event::BouncedSoft);
        let ledger = workspace.ledger()?;
        self.pending.push(ledger.append(vec![entry]));
        if self.pending.len() >= AT_ONCE {
            self.settle()?;
        }
        Ok(Some(true))
    }

    /// Puts on the list whom an event is about: the whole customer, or the address that took no mail.
    fn hold(
        &mut self,
        line: usize,
        event: Event,
        because: Because,
        summary: &RunSummary,
    ) -> Result<()> {
        let profile = history::load(self.workspace, &summary.run)?.profile;
        let held = match (event, summary.channel.as_str()) {
            (Event::BouncedHard, "email") => Held::Address(&profile),
            (Event::BouncedHard, _) => Held::Number(&profile),
            _ => Held::Customer(&profile),
        };
        let is_new = optout::hold(self.workspace, held, self.origin(because), line)?;
        self.sum.held += usize::from(is_new);
        Ok(())
    }

    /// The message is not known; who wants no more may be, by the address that was told with it. The error says so.
    fn held_by_address(
        &mut self,
        line: usize,
        told: &Told,
        event: Event,
        error: Error,
    ) -> Result<Error> {
        let (Some(because), Some(address)) = (event.because(), &told.address) else {
            return Ok(error);
        };
        if error.kind != Kind::NotFound {
            return Ok(error);
        }
        let held = Held::Told(address);
        let is_new = optout::hold(self.workspace, held, self.origin(because), line)?;
        self.sum.held += usize::from(is_new);
        let what = "the message is not known; its address is on the opt-out list all the same";
        Ok(Error::new(Kind::NotFound, what))
    }

    fn origin(&self, because: Because) -> Origin<'_> {
        Origin {
            because,
            via: "feedback",
            file: self.file,
        }
    }

    fn entry_of(&self, id: &str) -> Result<Option<Entry>> {
        let log = self.workspace.log()?;
        let Some(seq) = log.seq_of(id)? else {
            return Ok(None);
        };
        let bytes = log.one(Key::Entry(seq))?;
        Ok(bytes.and_then(|bytes| Entry::read(&bytes).ok()))
    }

    /// The event, with all that counting needs; `of` is what it is about.
    fn entry(
        &self,
        told: &Told,
        event: Event,
        id: String,
        summary: &RunSummary,
        of: Option<Entry>,
    ) -> Result<NewEntry> {
        let workspace = self.workspace;
        let person = &workspace.person;
        let mut said = FeedbackPayload {
            event: Some(event.as_str().to_owned()),
            bounce: event.bounce().map(str::to_owned),
            at: told.at.map(When::text),
            ..FeedbackPayload::default()
        };
        if let Some(of) = of {
            let day = of.time.get(..10).unwrap_or_default().to_owned();
            said.sent = Some(day);
            said = counted_as(said, of.data.payload);
        }
        if Event::RESPONSES.contains(&event) {
            let mut is_first = true;
            for event in Event::RESPONSES {
                is_first &= !self.is_on_record(&event.entry_id(&summary.run, None))?;
            }
            said.first = Some(is_first);
        }
        let said = Payload::Feedback(said);
        let mut entry =
            NewEntry::new(id, said, &person.name, person.role, &now()).run(&summary.run);
        entry.customer = workspace.ledger()?.customer_of(&summary.subject)?;
        Ok(entry)
    }
}

/// What a message, or the draw that sent nothing, counts for.
fn counted_as(said: FeedbackPayload, of: Payload) -> FeedbackPayload {
    match of {
        Payload::Delivery(delivery) => FeedbackPayload {
            message_kind: delivery.message_kind,
            segment: delivery.segment,
            channel: delivery.channel,
            test: delivery.test,
            ..said
        },
        Payload::AnalyticsDone(draw) => FeedbackPayload {
            message_kind: draw.holdout.is_some().then(|| NOTHING.to_owned()),
            segment: draw.segment,
            channel: draw.channel,
            test: draw.holdout,
            ..said
        },
        _ => said,
    }
}

/// The id of the entry that an outcome is about: the delivery, or the draw that sent nothing.
fn about(summary: &RunSummary) -> String {
    if summary.state == ReviewState::HeldOut {
        format!("{}/1/analyze", summary.run)
    } else {
        format!("delivery/{}", summary.decided_at)
    }
}

/// Nothing happens to a message before it is sent, or later than now.
fn is_possible(at: When, of: Option<&Entry>) -> Result<()> {
    let sent = of.and_then(|of| DateTime::parse_from_rfc3339(&of.time).ok());
    let sent = sent.map(|sent| sent.to_utc());
    let time = Utc::now();
    let (early, late) = match at {
        When::Moment(at) => (
            sent.is_some_and(|sent| at + CLOCKS < sent),
            at > time + CLOCKS,
        ),
        // The day of another zone may be the one before or after.
        When::Day(day) => (
            sent.is_some_and(|sent| day + TimeDelta::days(1) < sent.date_naive()),
            day > time.date_naive() + TimeDelta::days(1),
        ),
    };
    if early {
        return Err(Error::new(
            Kind::Input,
            "`at` lies before the message was sent",
        ));
    }
    if late {
        return Err(Error::new(Kind::Input, "`at` lies in the future"));
    }
    Ok(())
}
