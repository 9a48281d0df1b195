//! The same customer again: what of theirs waits, and what they were sent of late, as the ledger has it.
//!
//! What was read of the ledger is kept in memory by pseudonym and gone on with, so that a batch or a server reads each
//! entry once.

use crate::domain::decision::ReviewState;
use crate::domain::jurisdiction::Channel;
use crate::domain::profile::Profile;
use crate::domain::review::Cap;
use crate::domain::run::Run;
use crate::error::{Error, Kind, Result};
use crate::ledger::log::{Key, Page};
use crate::ledger::summary::RunSummary;
use crate::pipeline::place_of;
use crate::service::home::workspace::Workspace;
use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};
use serde::Deserialize;
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Days that a remark looks back; caps look as far as they say.
const DAYS: u32 = 7;

/// Until when a message waits that may never go out as the policies are.
const NEVER: &str = "9999-12-31T00:00:00Z";

/// Entries read at once.
const PAGE: usize = 2_000;

/// Most entries that are read for a remark alone; a cap has all that it needs read.
const MOST: u64 = 200_000;

/// Entries after which what is too old is let go.
const SWEEP: u64 = 100_000;

/// Clocks of several machines may differ by so much.
const SLACK: TimeDelta = TimeDelta::hours(1);

/// Runs of each customer that were started or handed over of late.
#[derive(Default)]
pub(in crate::service) struct Recent {
    state: Mutex<State>,
    /// Held by whoever looks at a cap and hands over next: nobody else in this process does in between.
    turn: Mutex<()>,
}

#[derive(Default)]
struct State {
    /// Entries below this number are known.
    seen: u64,
    /// Up to where what is too old was let go.
    swept: u64,
    of: HashMap<Arc<str>, Vec<Event>>,
}

struct Event {
    run: Arc<str>,
    time: DateTime<Utc>,
    channel: Channel,
    kind: What,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Started,
    /// Given to a carrier whose answer is not on record yet.
    Begun,
    NotTaken,
    Delivered,
}

/// What of an entry counts here.
#[derive(Deserialize)]
struct Glance {
    #[serde(rename = "type")]
    kind: String,
    time: String,
    subject: Option<String>,
    run: Option<String>,
    #[serde(default)]
    data: Data,
}

#[derive(Default, Deserialize)]
struct Data {
    status: Option<serde_json::Value>,
    channel: Option<serde_json::Value>,
}

impl Glance {
    fn event(self) -> Option<(Arc<str>, Event)> {
        let word = |value: &Option<serde_json::Value>| {
            let text = value.as_ref().and_then(serde_json::Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        let kind = match (self.kind.as_str(), word(&self.data.status).as_str()) {
            ("run.started", _) => What::Started,
            ("delivery", "begun") => What::Begun,
            ("delivery", "failed") => What::NotTaken,
            ("delivery", "delivered") => What::Delivered,
            _ => return None,
        };
        let event = Event {
            run: self.run?.into(),
            time: at(&self.time)?,
            channel: Channel::parse(&word(&self.data.channel)).unwrap_or_default(),
            kind,
        };
        Some((self.subject?.into(), event))
    }
}

fn at(time: &str) -> Option<DateTime<Utc>> {
    let read = DateTime::parse_from_rfc3339(time).ok()?;
    Some(read.with_timezone(&Utc))
}

impl Recent {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Reads what was added since the last look; the first time as far back as anything counts.
    fn follow(&mut self, workspace: &Workspace, caps: &[Cap]) -> Result<()> {
        let log = workspace.log()?;
        let size = log.head()?.size;
        if size < self.seen {
            *self = Self::default();
        }
        let capped = caps.iter().map(|cap| cap.days.get()).max();
        let days = capped.unwrap_or(0).max(DAYS);
        let floor = Utc::now() - TimeDelta::days(days.into()) - SLACK;
        let first = match capped {
            Some(_) => self.seen,
            None => self.seen.max(size.saturating_sub(MOST)),
        };
        let mut before = size;
        let mut new: Vec<(Arc<str>, Event)> = Vec::new();
        'pages: while before > first {
            // No more than what is new: a page of old entries is unpacked for nothing.
            let new_ones = usize::try_from(before - first).unwrap_or(PAGE);
            let rows = log.page(Page::Entries {
                before,
                limit: PAGE.min(new_ones),
            })?;
            let Some((last, _)) = rows.last() else { break };
            before = *last;
            for (_, bytes) in rows.iter().take_while(|(seq, _)| *seq >= first) {
                let glance: Glance = match serde_json::from_slice(bytes) {
                    Ok(glance) => glance,
                    // What cannot be read may be a message that was sent: no cap can be kept.
                    Err(e) if capped.is_some() => {
                        return Err(Error::new(Kind::Ledger, format!("not an entry: {e}")));
                    }
                    Err(_) => continue,
                };
                if at(&glance.time).is_some_and(|time| time < floor) {
                    break 'pages;
                }
                new.extend(glance.event());
            }
        }
        // They came newest first.
        for (subject, event) in new.into_iter().rev() {
            self.of.entry(subject).or_default().push(event);
        }
        self.seen = size;
        if size - self.swept > SWEEP {
            self.swept = size;
            for events in self.of.values_mut() {
                events.retain(|event| event.time >= floor);
            }
            self.of.retain(|_, events| !events.is_empty());
        }
        Ok(())
    }

    fn of(&self, pseudonym: &str) -> &[Event] {
        self.of.get(pseudonym).map_or(&[], Vec::as_slice)
    }
}

/// Times at which messages were handed over by one of these channels in the days before now, oldest first. One whose end
/// is not on record counts: it may have gone out.
fn sent(events: &[Event], channel: Option<Channel>, days: u32, except: &str) -> Vec<DateTime<Utc>> {
    let floor = Utc::now() - TimeDelta::days(days.into());
    let mut last: HashMap<&str, &Event> = HashMap::new();
    for event in events.iter().filter(|event| event.kind != What::Started) {
        last.insert(&event.run, event);
    }
    let counts = |event: &&Event| {
        event.kind != What::NotTaken
            && event.time > floor
            && channel.is_none_or(|channel| event.channel == channel)
            && &*event.run != except
    };
    let mut times: Vec<_> = last.into_values().filter(counts).map(|e| e.time).collect();
    times.sort_unstable();
    times
}

/// What keeps one more message back, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::service) struct Over {
    pub reason: String,
    /// RFC 3339.
    pub until: String,
}

fn over(caps: &[Cap], events: &[Event], channel: Channel, except: &str) -> Option<Over> {
    let mut found: Option<Over> = None;
    for cap in caps.iter().filter(|cap| cap.holds_for(channel)) {
        let times = sent(events, cap.channel, cap.days.get(), except);
        let most = usize::try_from(cap.most).unwrap_or(usize::MAX);
        if times.len() < most {
            continue;
        }
        // The oldest of the last so many must have left the days before another may come.
        let oldest = times.len().checked_sub(most.max(1)).map(|n| times[n]);
        let until = oldest
            .filter(|_| most > 0)
            .map(|time| time + TimeDelta::days(cap.days.get().into()))
            .map_or_else(
                || NEVER.to_owned(),
                |time| time.to_rfc3339_opts(SecondsFormat::Secs, true),
            );
        if found.as_ref().is_none_or(|before| before.until < until) {
            let reason = format!(
                "the customer has had {} of at most {cap}: held until {until}",
                times.len()
            );
            found = Some(Over { reason, until });
        }
    }
    found
}

fn pseudonym(workspace: &Workspace, customer: &str) -> Result<Option<String>> {
    Ok(workspace.ledger()?.pseudonym(customer)?)
}

/// Why a run's message may not go out yet: its customer has had as many as the packs in force let them have.
///
/// # Errors
/// The ledger cannot be read.
pub(in crate::service) fn why_over(
    workspace: &Workspace,
    run: &Run,
    channel: Channel,
) -> Result<Option<Over>> {
    let caps = caps_of(
        &workspace.review.caps,
        &run.profile,
        channel,
        workspace.today(),
    );
    if caps.is_empty() {
        return Ok(None);
    }
    let Some(pseudonym) = pseudonym(workspace, &run.profile.id)? else {
        return Ok(None);
    };
    let mut state = workspace.recent.state();
    state.follow(workspace, &caps)?;
    Ok(over(&caps, state.of(&pseudonym), channel, &run.id))
}

/// The caps of the packs in force, and for texts the one of the place where the customer lives.
fn caps_of(of_packs: &[Cap], profile: &Profile, channel: Channel, today: NaiveDate) -> Vec<Cap> {
    let mut caps = of_packs.to_vec();
    if channel == Channel::Sms {
        let of_place = place_of(profile, channel).fewest_texts(today);
        caps.extend(of_place.map(|(most, law)| Cap {
            channel: Some(channel),
            most,
            days: NonZeroU32::MIN,
            why: Some(format!("{}: {}", law.place, law.citation)),
        }));
    }
    caps
}

/// What else is under way or was sent to the customer of a run that begins, in words; and whether one more message is
/// more than the packs in force allow.
///
/// # Errors
/// The ledger cannot be read.
pub(in crate::service) fn again(
    workspace: &Workspace,
    profile: &Profile,
    channel: Channel,
    began: Option<&str>,
) -> Result<Option<Again>> {
    let Some(pseudonym) = pseudonym(workspace, &profile.id)? else {
        return Ok(None);
    };
    let caps = caps_of(&workspace.review.caps, profile, channel, workspace.today());
    let mut state = workspace.recent.state();
    state.follow(workspace, &caps)?;
    let events = state.of(&pseudonym);
    let floor = Utc::now() - TimeDelta::days(DAYS.into());
    let began = began.and_then(at);
    let started: Vec<Arc<str>> = events
        .iter()
        .filter(|e| e.kind == What::Started && e.time > floor)
        .filter(|e| began.is_none_or(|began| e.time < began))
        .map(|e| e.run.clone())
        .collect();
    let times = sent(events, None, DAYS, "");
    let over = over(&caps, events, channel, "");
    drop(state);
    let waiting = waiting(workspace, &started)?;
    let mut says = Vec::new();
    if waiting > 0 {
        says.push(match waiting {
            1 => "another run of this customer waits".to_owned(),
            more => format!("{more} other runs of this customer wait"),
        });
    }
    if let Some(last) = times.last() {
        let day = last.format("%Y-%m-%d");
        says.push(match times.len() {
            1 => format!("they were sent a message on {day}"),
            more => format!("they were sent {more} messages in {DAYS} days, the last on {day}"),
        });
    }
    let is_over = over.is_some();
    says.extend(over.map(|over| over.reason));
    Ok((!says.is_empty()).then(|| Again {
        says: says.join("; "),
        is_over,
    }))
}

/// A remark on a run whose customer has others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::service) struct Again {
    pub says: String,
    /// One more message is more than the policies allow.
    pub is_over: bool,
}

/// How many of these wait for a person, or for their hand-over.
fn waiting(workspace: &Workspace, runs: &[Arc<str>]) -> Result<usize> {
    let keys: Vec<Key<'_>> = runs.iter().map(|run| Key::Run(run)).collect();
    let rows = workspace.log()?.get(&keys)?;
    let waits = |row: &Vec<u8>| {
        let summary: Option<RunSummary> = serde_json::from_slice(row).ok();
        summary.is_some_and(|run| run.state.is_open() || run.state == ReviewState::Approved)
    };
    Ok(rows.iter().flatten().filter(|row| waits(row)).count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_state_that_counts_texts_holds_the_next_one() {
        let today = "2026-11-29".parse().unwrap();
        let caps = |state: &str, channel| {
            let profile = json!({"id": "c", "jurisdiction": state});
            caps_of(&[], &Profile::from_value(&profile).unwrap(), channel, today)
        };
        assert!(caps("US-FL", Channel::Email).is_empty());
        assert!(caps("US-TX", Channel::Sms).is_empty());
        let florida = caps("US-FL", Channel::Sms);
        let texts = |count: usize, hours: i64| -> Vec<Event> {
            let one = |number: usize| Event {
                run: number.to_string().into(),
                time: Utc::now() - TimeDelta::hours(hours),
                channel: Channel::Sms,
                kind: What::Delivered,
            };
            (0..count).map(one).collect()
        };
        let held = |events: &[Event]| over(&florida, events, Channel::Sms, "new");
        assert_eq!(held(&texts(2, 1)), None);
        assert_eq!(held(&texts(3, 25)), None);
        let reason = held(&texts(3, 1)).unwrap().reason;
        let told = "3 of at most 3 messages by sms in 1 day (US-FL: Fla. Stat. 501.616(6)(b))";
        assert!(reason.contains(told), "{reason}");
    }
}
