//! Who wants no more messages, whatever a profile says. Each opt-out is an entry of the ledger: a keyed hash, who recorded
//! it, when, why and where it came from. It names nobody, outlives an erasure, and is known wherever the ledger is: in
//! other processes, on other machines, and after a restore.

mod columns;
mod contacts;
mod former;
mod list;
mod mirror;
mod who;

use crate::domain::contact::{ContactError, EmailAddress};
use crate::domain::hours;
use crate::domain::person::Action;
use crate::domain::profile::Profile;
use crate::error::{Error, Kind, Result};
use crate::ledger::handle::Pending;
use crate::ledger::log::{Key, Page};
use crate::ledger::payload::{OptOutPayload, Payload};
use crate::ledger::suppression::{SuppressionKey, hash_of_id};
use crate::ledger::{Entry, NewEntry};
use crate::service::check::personal;
use crate::service::home::workspace::{Workspace, now};
use crate::service::intake::sheet;
use crate::service::users::people;
use chrono::{Datelike, NaiveDate};
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::Path;
use who::{AddressReading, Who};

pub(super) use contacts::Contacts;
pub use mirror::{Comparison, compare};

/// Ids looked up together, and entries of one commit.
const TOGETHER: usize = 200;

/// Commits that may be under way at once.
const AT_ONCE: usize = 20;

/// Entries read at once.
const PAGE: usize = 2_000;

/// Why nothing more is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Because {
    Asked,
    Complained,
    HardBounce,
}

impl Because {
    fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Complained => "complained",
            Self::HardBounce => "hard_bounce",
        }
    }
}

/// Where an opt-out came from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin<'o> {
    pub because: Because,
    /// `command`, `list`, `feedback`, `former list`.
    pub via: &'o str,
    /// The file's name, without its folder.
    pub file: Option<&'o str>,
}

/// What became of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Lines whose persons were new.
    pub added: usize,
    /// On record already.
    pub known: usize,
    /// Lines that were not read, and why; nobody of them is held.
    pub wrong: Vec<(usize, String)>,
    /// What must be told of the file's encoding.
    pub remark: Option<String>,
}

/// An opt-out as it is on record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OptOut {
    pub seq: u64,
    /// RFC 3339.
    pub since: String,
    /// Who recorded it.
    pub by: String,
    /// `email`, `phone`, `id`, or `former` for a hash of an earlier version's list.
    pub form: String,
    /// `asked`, `complained` or `hard_bounce`.
    pub because: String,
    /// The channel: `command`, `list`, `feedback`, `former list`.
    pub via: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The first day on which any place would let it go, by the law of that place. It is not dropped then either.
    pub kept_until: Option<NaiveDate>,
}

impl OptOut {
    fn of(entry: &Entry, said: &OptOutPayload) -> Self {
        Self {
            seq: entry.seq,
            since: entry.time.clone(),
            by: entry.actor.clone(),
            form: said.form.clone().unwrap_or_default(),
            because: said.because.clone().unwrap_or_default(),
            via: said.via.clone().unwrap_or_default(),
            file: said.file.clone(),
            line: said.line,
            kept_until: kept_until(&entry.time),
        }
    }

    /// `file:line`, or how it came.
    pub fn place(&self) -> String {
        match (&self.file, self.line) {
            (Some(file), Some(line)) => format!("{file}:{line}"),
            (Some(file), None) => file.clone(),
            (None, Some(line)) => format!("{}:{line}", self.via),
            (None, None) => self.via.clone(),
        }
    }
}

/// So many years after, on the same day; of a leap day the next.
fn kept_until(since: &str) -> Option<NaiveDate> {
    let since: NaiveDate = since.get(..10)?.parse().ok()?;
    let (years, _) = hours::stop_kept()?;
    let year = since.year() + i32::try_from(years).ok()?;
    since
        .with_year(year)
        .or_else(|| NaiveDate::from_ymd_opt(year, 3, 1))
}

/// Puts ids, addresses or numbers on the list. Takes effect at the next hand-over, in every process.
///
/// # Errors
/// Not allowed, or the ledger refused. What cannot be read is in the sum, by its place.
pub fn add(workspace: &Workspace, who: &[String]) -> Result<Sum> {
    let mut sum = Sum::default();
    let mut read = Vec::new();
    for (place, text) in (1..).zip(who) {
        match Who::any(text) {
            Ok(who) => read.push((place, who)),
            Err(why) => sum.wrong.push((place, why.to_string())),
        }
    }
    let origin = Origin {
        because: Because::Asked,
        via: "command",
        file: None,
    };
    record(workspace, &read, origin, &mut sum)?;
    Ok(sum)
}

/// Puts everybody of a file on the list: lines with comments, a table, or JSON.
///
/// # Errors
/// Not allowed, the file cannot be read or is no text, or the ledger refused. Lines that cannot be read are in the sum.
pub fn import(workspace: &Workspace, path: &Path) -> Result<Sum> {
    let text = sheet::read(path)?;
    let list = list::read(&text.text);
    if list.who.is_empty() && list.wrong.is_empty() {
        return Err(Error::new(Kind::Input, "it names nobody")
            .at(path.display().to_string())
            .fix("give ids, addresses or numbers; nobody was added"));
    }
    let mut sum = Sum {
        wrong: list.wrong,
        remark: text.remark,
        ..Sum::default()
    };
    let file = file_name(workspace, path);
    let origin = Origin {
        because: Because::Asked,
        via: "list",
        file: file.as_deref(),
    };
    record(workspace, &list.who, origin, &mut sum)?;
    Ok(sum)
}

/// A file's name for the record; none if it holds personal data itself.
pub(super) fn file_name(workspace: &Workspace, path: &Path) -> Option<String> {
    let name: String = path
        .file_name()?
        .to_string_lossy()
        .chars()
        .take(120)
        .collect();
    let is_clean = personal::none_in("file's name", &name, &workspace.allow, None).is_ok();
    Some(if is_clean {
        name
    } else {
        "(a file whose name holds personal data)".into()
    })
}

/// The key under which this home's log knows opt-outs.
pub(super) fn key(workspace: &Workspace) -> Result<SuppressionKey> {
    let log = people::log_key(&workspace.home.join("keys"), false)?;
    Ok(SuppressionKey::of(&log))
}

fn entry_id(key: &SuppressionKey, (form, reading): &AddressReading) -> String {
    key.entry_id(form.as_str(), reading)
}

/// Which of these ids are on record, in their order.
fn on_record(workspace: &Workspace, ids: &[String]) -> Result<Vec<Option<u64>>> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(TOGETHER) {
        let keys: Vec<Key<'_>> = ids.iter().map(|id| Key::Id(id)).collect();
        let rows = workspace.log()?.get(&keys)?;
        found.extend(rows.into_iter().map(|row| {
            let seq = row.and_then(|row| row.try_into().ok());
            seq.map(u64::from_be_bytes)
        }));
    }
    Ok(found)
}

/// Writes what is not on record yet, each reading of each line, and waits until it is durable.
fn record(
    workspace: &Workspace,
    list: &[(usize, Who)],
    origin: Origin<'_>,
    sum: &mut Sum,
) -> Result<()> {
    workspace.allow(Action::Deliver)?;
    mirror::take_over(workspace)?;
    let key = key(workspace)?;
    let mut batch = OptOutBatch::new(workspace);
    // Of several lines of one person the first one counts.
    let mut seen = BTreeSet::new();
    for lines in list.chunks(TOGETHER) {
        let ids: Vec<Vec<String>> = lines
            .iter()
            .map(|(_, who)| {
                who.0
                    .iter()
                    .map(|reading| entry_id(&key, reading))
                    .collect()
            })
            .collect();
        let flat: Vec<String> = ids.iter().flatten().cloned().collect();
        let mut there = on_record(workspace, &flat)?.into_iter();
        for ((line, who), ids) in lines.iter().zip(ids) {
            let mut is_new = false;
            let mut first: Option<String> = None;
            for ((form, _), id) in who.0.iter().zip(ids) {
                let is_there = there.next().flatten().is_some();
                if !is_there && seen.insert(id.clone()) {
                    is_new = true;
                    let of_a_list = origin.via != "command";
                    let said = OptOutPayload {
                        line: of_a_list.then_some(*line as u64),
                        with: first.clone(),
                        ..origin.said(form.as_str())
                    };
                    let entry = entry(workspace, &id, said);
                    batch.add(entry)?;
                }
                first.get_or_insert_with(|| hash_of_id(&id).unwrap_or_default().to_owned());
            }
            *(if is_new {
                &mut sum.added
            } else {
                &mut sum.known
            }) += 1;
        }
    }
    batch.finish()
}

/// Holds somebody by what a provider told of a message. Whether it was new comes back.
///
/// # Errors
/// Not allowed, or the ledger refused.
pub(super) fn hold(
    workspace: &Workspace,
    who: Held<'_>,
    origin: Origin<'_>,
    line: usize,
) -> Result<bool> {
    let who = match who {
        Held::Customer(profile) => Who::of_profile(profile),
        Held::Address(profile) => Who::of_addresses(profile),
        Held::Number(profile) => Who::of_numbers(profile),
        Held::Told(address) => Who::of_address(address),
    };
    let mut sum = Sum::default();
    record(workspace, &[(line, who)], origin, &mut sum)?;
    Ok(sum.added > 0)
}

/// What of a customer is held.
#[derive(Clone, Copy)]
pub(super) enum Held<'h> {
    /// All of them: who wants no more, wants it nowhere.
    Customer(&'h Profile),
    /// An address that takes no mail; the number may be good.
    Address(&'h Profile),
    Number(&'h Profile),
    /// The address that was told.
    Told(&'h EmailAddress),
}

impl Origin<'_> {
    /// What every entry says that comes from here.
    fn said(&self, form: &str) -> OptOutPayload {
        OptOutPayload {
            form: Some(form.to_owned()),
            because: Some(self.because.as_str().to_owned()),
            via: Some(self.via.to_owned()),
            file: self.file.map(str::to_owned),
            ..OptOutPayload::default()
        }
    }
}

fn entry(workspace: &Workspace, id: &str, said: OptOutPayload) -> NewEntry {
    let person = &workspace.person;
    let said = Payload::OptOut(said);
    NewEntry::new(id, said, &person.name, person.role, &now())
}

/// Entries on their way, several commits at once.
struct OptOutBatch<'w> {
    workspace: &'w Workspace,
    next: Vec<NewEntry>,
    pending: Vec<Pending>,
    hashes: Vec<String>,
}

impl<'w> OptOutBatch<'w> {
    fn new(workspace: &'w Workspace) -> Self {
        Self {
            workspace,
            next: Vec::new(),
            pending: Vec::new(),
            hashes: Vec::new(),
        }
    }

    fn add(&mut self, entry: NewEntry) -> Result<()> {
        self.hashes.extend(hash_of_id(&entry.id).map(str::to_owned));
        self.next.push(entry);
        if self.next.len() >= TOGETHER {
            self.send()?;
        }
        Ok(())
    }

    fn send(&mut self) -> Result<()> {
        if !self.next.is_empty() {
            let entries = std::mem::take(&mut self.next);
            self.pending.push(self.workspace.ledger()?.append(entries));
        }
        if self.pending.len() >= AT_ONCE {
            self.settle()?;
        }
        Ok(())
    }

    fn settle(&mut self) -> Result<()> {
        for pending in self.pending.drain(..) {
            pending.wait()?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<()> {
        self.send()?;
        self.settle()?;
        mirror::extend(&self.workspace.home, &self.hashes)
    }
}

/// Whether somebody wants no more messages, by id, address or number, however either was written.
///
/// # Errors
/// The record cannot be read: nothing is sent then.
pub fn is_listed(workspace: &Workspace, profile: &Profile) -> Result<bool> {
    mirror::take_over(workspace)?;
    let key = key(workspace)?;
    let mut ids: Vec<String> = who::asked(profile)
        .iter()
        .map(|reading| entry_id(&key, reading))
        .collect();
    let former = former::hashes(profile);
    ids.extend(former.iter().map(|hash| key.entry_id(mirror::FORMER, hash)));
    Ok(on_record(workspace, &ids)?.iter().any(Option::is_some))
}

/// All entries under which somebody is held: since when, by whom, and where it came from.
///
/// # Errors
/// It is no id, address or number, or the record cannot be read.
pub fn why(workspace: &Workspace, who: &str) -> Result<Vec<OptOut>> {
    let wrong =
        |why: ContactError| Error::of(Kind::Input, why).fix("give an id, an address or a number");
    let key = key(workspace)?;
    let mut ids: Vec<String> = who::asked_of(who)
        .map_err(wrong)?
        .iter()
        .map(|reading| entry_id(&key, reading))
        .collect();
    ids.push(key.entry_id(mirror::FORMER, &former::hash(who)));
    let mut found = Vec::new();
    for seq in on_record(workspace, &ids)?.into_iter().flatten() {
        if let Some(bytes) = workspace.log()?.one(Key::Entry(seq))? {
            let entry = Entry::read(&bytes).map_err(|e| Error::of(Kind::Ledger, e))?;
            if let Payload::OptOut(said) = entry.payload() {
                found.push(OptOut::of(&entry, said));
            }
        }
    }
    found.sort_by_key(|found| found.seq);
    found.dedup();
    Ok(found)
}

/// Opt-outs on record, oldest first: one for each line or person, however many readings it has.
///
/// # Errors
/// The record cannot be read.
pub fn all(workspace: &Workspace) -> Result<Vec<OptOut>> {
    let mut found = Vec::new();
    walk(workspace, &mut |entry, said| {
        if !entry.data.names("with") {
            found.push(OptOut::of(entry, said));
        }
    })?;
    found.reverse();
    Ok(found)
}

/// Every entry about an opt-out, newest first.
fn walk(workspace: &Workspace, each: &mut dyn FnMut(&Entry, &OptOutPayload)) -> Result<()> {
    let log = workspace.log()?;
    let mut before = log.head()?.size;
    while before > 0 {
        let rows = log.page(Page::Entries {
            before,
            limit: PAGE,
        })?;
        let Some((last, _)) = rows.last() else { break };
        before = *last;
        for (_, bytes) in &rows {
            // Most entries are of other kinds, and larger: they are not read.
            if memchr::memmem::find(bytes, b"\"id\":\"opt_out/").is_none() {
                continue;
            }
            let entry = Entry::read(bytes).map_err(|e| Error::of(Kind::Ledger, e))?;
            if let Payload::OptOut(said) = entry.payload() {
                each(&entry, said);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_opt_out_is_kept_as_long_as_the_longest_law_asks() {
        let kept = |since: &str| kept_until(since).map(|day| day.to_string());
        assert_eq!(kept("2026-11-29T10:00:00Z").as_deref(), Some("2036-11-29"));
        assert_eq!(kept("2028-02-29T10:00:00Z").as_deref(), Some("2038-03-01"));
        assert_eq!(kept("once"), None);
    }
}
