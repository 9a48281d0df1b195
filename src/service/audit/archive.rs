//! Past entries by words: keeps the derived index up with the ledger, and searches both.

use crate::domain::digest::Digest;
use crate::domain::profile::Profile;
use crate::domain::variant::Variant;
use crate::error::{Error, Kind, Result};
use crate::ledger::entry::Entry;
use crate::ledger::log::Key;
use crate::ledger::payload::Payload;
use crate::ledger::suppression::SuppressionKey;
use crate::ledger::{EntryKind, Ledger};
use crate::ledger_search::{EntryIndex, IndexedEntry, SearchCondition, SearchField, words};
use crate::pii::{KnownValues, Scanner, redact};
use crate::service::audit::entries;
use crate::service::home::ownership;
use crate::service::home::workspace::Workspace;
use crate::service::optout::{self, Contacts};
use crate::service::review::filter::Filter;
use crate::service::review::history;
use chrono::DateTime;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Entries that are filed in one commit.
const FILED: u64 = 20_000;
/// Newest entries that are read one by one before the index is asked: what is frequent is found there at once.
const NEAR: u64 = 400;
/// Entries read at once.
const STEP: usize = 500;

fn folder(home: &Path) -> PathBuf {
    home.join("index").join("archive")
}

fn broken(error: &impl ToString) -> Error {
    Error::new(
        Kind::Io,
        format!("the index of past runs: {}", error.to_string()),
    )
    .fix("delete the folder index/archive; it is built anew")
}

fn open(workspace: &Workspace) -> Result<EntryIndex> {
    let log = workspace.log()?;
    EntryIndex::open(&folder(&workspace.home), |upto, hash| {
        let last = upto
            .checked_sub(1)
            .and_then(|seq| log.one(Key::Entry(seq)).ok()?);
        last.is_some_and(|bytes| Digest::of(&bytes).to_string() == hash)
    })
    .map_err(|e| broken(&e))
}

/// Files what the ledger has and the index has not, at most so many entries. How many are left comes back.
///
/// # Errors
/// The ledger cannot be read, or the index not be written.
pub fn catch_up(workspace: &Workspace, most: u64) -> Result<u64> {
    let ledger = workspace.ledger()?;
    let mut archive = open(workspace)?;
    let size = ledger.head()?.size;
    let end = size.min(archive.upto().saturating_add(most));
    while archive.upto() < end {
        let from = archive.upto();
        let upto = end.min(from + FILED);
        let mut last = None;
        let mut profiles = Profiles::default();
        let key = optout::key(workspace)?;
        let mut batch = Vec::new();
        for seq in from..upto {
            let bytes = ledger.log().one(Key::Entry(seq))?;
            let bytes =
                bytes.ok_or_else(|| Error::new(Kind::Ledger, format!("entry {seq} is missing")))?;
            let entry = Entry::from_bytes(&bytes)
                .map_err(|e| Error::new(Kind::Ledger, format!("entry {seq}: {e}")))?;
            batch.push(filed(workspace, (ledger, &key), &entry, &mut profiles)?);
            last = Some(Digest::of(&bytes).to_string());
        }
        let hash = last.unwrap_or_default();
        if !archive
            .add(batch.into_iter(), upto, &hash)
            .map_err(|e| broken(&e))?
        {
            break;
        }
    }
    Ok(size.saturating_sub(archive.upto()))
}

/// After an erasure the index is built anew, without what was erased.
///
/// # Errors
/// A file cannot be removed.
pub(in crate::service) fn forget(workspace: &Workspace) -> Result<()> {
    EntryIndex::forget(&folder(&workspace.home)).map_err(|e| broken(&e))
}

/// Profiles by run, for taking personal data out of messages.
#[derive(Default)]
struct Profiles(BTreeMap<String, Option<Profile>>);

impl Profiles {
    fn of(&mut self, ledger: &Ledger, run: &str) -> Result<Option<&Profile>> {
        if !self.0.contains_key(run) {
            // Runs come one after the other: what lies far back is not asked for again.
            if self.0.len() > STEP {
                self.0.clear();
            }
            self.0
                .insert(run.to_owned(), history::profile_of(ledger, run)?);
        }
        Ok(self.0.get(run).and_then(Option::as_ref))
    }
}

fn filed(
    workspace: &Workspace,
    (ledger, key): (&Ledger, &SuppressionKey),
    entry: &Entry,
    profiles: &mut Profiles,
) -> Result<IndexedEntry> {
    let mut values: Vec<(SearchField, String)> = Vec::new();
    let mut say = |aspect, text: &str| {
        if !text.is_empty() {
            values.push((aspect, text.to_lowercase()));
        }
    };
    for (aspect, text) in says(entry) {
        say(aspect, &text);
    }
    if entry.kind() == EntryKind::RunStarted
        && let Some(run) = &entry.run
        && let Some(profile) = profiles.of(ledger, run)?
    {
        for hash in Contacts::of(profile).hashes(key) {
            say(SearchField::Contact, &hash);
        }
    }
    if entry.kind() == EntryKind::VariantGenerated
        && let Some(run) = &entry.run
        && let Some(profile) = profiles.of(ledger, run)?
        && let Some(bytes) = ledger.open_sealed(entry, "variants")?
    {
        let known = KnownValues::of_profile(profile);
        let scanner = Scanner {
            known: Some(&known),
            allow: Some(&workspace.allow),
        };
        let variants: Vec<Variant> = serde_json::from_slice(&bytes).unwrap_or_default();
        // A message may greet its recipient; the index may not.
        let name: Vec<String> = words(profile.name.as_deref().unwrap_or_default()).collect();
        for variant in variants {
            for text in [&variant.subject, &variant.body] {
                let kept: Vec<String> = words(&redact(text, &scanner).text)
                    .filter(|word| !name.contains(word))
                    .collect();
                say(SearchField::Text, &kept.join(" "));
            }
        }
    }
    Ok(IndexedEntry {
        seq: entry.seq,
        values,
    })
}

/// Pseudonyms of the customers who have one of these addresses or numbers: by the index, and by what is not filed yet.
/// The index is not trusted: each profile that it names is opened and compared.
///
/// # Errors
/// The ledger or the index cannot be read.
pub(in crate::service) fn customers_with(
    workspace: &Workspace,
    contacts: &Contacts,
) -> Result<BTreeSet<String>> {
    let ledger = workspace.ledger()?;
    let mut left = u64::MAX;
    loop {
        let now = catch_up(workspace, FILED)?;
        // Where another process files them, what is left is read one by one.
        if now == 0 || now >= left {
            break;
        }
        left = now;
    }
    let archive = open(workspace)?;
    let key = optout::key(workspace)?;
    let mut found = BTreeSet::new();
    let mut look = |seq: u64| -> Result<()> {
        let Some(bytes) = ledger.log().one(Key::Entry(seq))? else {
            return Ok(());
        };
        let entry = Entry::read(&bytes)
            .map_err(|e| Error::new(Kind::Ledger, format!("entry {seq}: {e}")))?;
        if entry.kind() == EntryKind::RunStarted
            && let Some(run) = &entry.run
            && let Some(profile) = history::profile_of(ledger, run)?
            && Contacts::of(&profile).meet(contacts)
        {
            found.extend(entry.subject);
        }
        Ok(())
    };
    for part in contacts.hashes(&key) {
        let aspect = SearchField::Contact;
        let clause = [SearchCondition { aspect, part }];
        let mut before = archive.upto();
        loop {
            let page = (archive.search(&clause, before, STEP)).map_err(|e| broken(&e))?;
            for seq in &page {
                before = *seq;
                look(*seq)?;
            }
            if page.len() < STEP {
                break;
            }
        }
    }
    for seq in archive.upto()..ledger.head()?.size {
        look(seq)?;
    }
    Ok(found)
}

/// What an entry says in the open, by aspect: by the names of its fields, whatever its kind. [`Filter`] asks the same of
/// entries that are not filed yet.
pub(in crate::service) fn says(entry: &Entry) -> Vec<(SearchField, String)> {
    let fields = entry.data.fields();
    let mut out = vec![
        (SearchField::Who, entry.actor.clone()),
        (SearchField::What, entry.kind().as_str().to_owned()),
    ];
    for (name, value) in &fields {
        let text = |aspect| value.as_str().map(|text| (aspect, text.to_owned()));
        match *name {
            "kind" => out.extend(text(SearchField::What)),
            "subject" => out.extend(text(SearchField::Customer)),
            "segment" => out.extend(text(SearchField::Segment)),
            "rule" => out.extend(text(SearchField::Rule)),
            "reason" | "code" => out.extend(text(SearchField::Reason)),
            "rules" => {
                let rules = value.as_object().into_iter().flat_map(|map| map.keys());
                out.extend(rules.map(|rule| (SearchField::Rule, rule.clone())));
            }
            "against" => {
                let rules = value.as_array().unwrap_or_default().iter();
                let rules = rules.filter_map(Value::as_str);
                out.extend(rules.map(|rule| (SearchField::Rule, rule.to_owned())));
            }
            _ => {}
        }
    }
    out.extend(
        entry
            .signed_reason()
            .map(|text| (SearchField::Reason, text.to_owned())),
    );
    out.extend(entry.run.clone().map(|run| (SearchField::Run, run)));
    out.extend(entry.subject.clone().map(|s| (SearchField::Customer, s)));
    if let Payload::GateResult(gate) = entry.payload() {
        for (count, verdict) in [
            (gate.blocked, "block"),
            (gate.review, "review"),
            (gate.passed, "pass"),
        ] {
            if count.unwrap_or(0) > 0 {
                out.push((SearchField::Verdict, verdict.to_owned()));
            }
        }
    }
    let mut open = format!(
        "{} {} {}",
        entry.actor,
        entry.kind().as_str(),
        entry.run.as_deref().unwrap_or("")
    );
    for (_, value) in fields.iter().filter(|(name, _)| *name != "pins") {
        open.push(' ');
        open.push_str(&value.in_words());
    }
    out.push((SearchField::Any, open));
    out
}

/// Newest entries below a sequence number that a filter lets through: what is filed by the index, the rest one by one.
///
/// # Errors
/// The ledger cannot be read.
pub fn matching(
    workspace: &Workspace,
    filter: &Filter,
    before: u64,
    limit: usize,
) -> Result<Vec<Entry>> {
    let before = before.min(workspace.log()?.head()?.size);
    let mut search = Search {
        workspace,
        filter,
        limit,
        found: Vec::new(),
    };
    let clauses = filter.clauses();
    if clauses.is_empty() {
        let from = filter
            .until_seq(workspace)?
            .map_or(before, |seq| seq.min(before));
        search.walk(from, 0)?;
        return Ok(search.found);
    }
    // The words of messages stand only in the index.
    let near = if filter.looks_into_messages() {
        before
    } else {
        before.saturating_sub(NEAR)
    };
    if search.walk(before, near)? {
        return Ok(search.found);
    }
    // An index that cannot be opened costs time, and nothing else.
    let archive = (!ownership::is_only_read(&workspace.home))
        .then(|| open(workspace).ok())
        .flatten();
    let upto = archive.as_ref().map_or(0, EntryIndex::upto).min(near);
    if search.walk(near, upto)? {
        return Ok(search.found);
    }
    if let Some(archive) = archive {
        search.lookup(&archive, &clauses, upto)?;
    }
    Ok(search.found)
}

struct Search<'s> {
    workspace: &'s Workspace,
    filter: &'s Filter,
    limit: usize,
    found: Vec<Entry>,
}

impl Search<'_> {
    /// Takes an entry that matches; whether that is enough, or all that can match is found.
    fn take(&mut self, entry: Entry, filed: bool) -> bool {
        let over = self.filter.earliest().is_some_and(|earliest| {
            DateTime::parse_from_rfc3339(&entry.time).is_ok_and(|time| time < earliest)
        });
        if over {
            return true;
        }
        if self.filter.matches(&entry, filed) {
            self.found.push(entry);
        }
        self.found.len() == self.limit
    }

    /// Reads entries one by one, newest first, down to a number.
    fn walk(&mut self, mut before: u64, down_to: u64) -> Result<bool> {
        while before > down_to {
            let step = usize::try_from(before - down_to).unwrap_or(STEP).min(STEP);
            let page = entries(self.workspace, before, step)?;
            let Some(last) = page.last() else {
                return Ok(true);
            };
            before = last.seq;
            for entry in page {
                if self.take(entry, false) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Reads the entries that the index names.
    fn lookup(
        &mut self,
        archive: &EntryIndex,
        clauses: &[SearchCondition],
        mut before: u64,
    ) -> Result<()> {
        let log = self.workspace.log()?;
        loop {
            let page = archive
                .search(clauses, before, STEP)
                .map_err(|e| broken(&e))?;
            for seq in &page {
                before = *seq;
                let Some(bytes) = log.one(Key::Entry(*seq))? else {
                    continue;
                };
                let entry = Entry::read(&bytes)
                    .map_err(|e| Error::new(Kind::Ledger, format!("entry {seq}: {e}")))?;
                if self.take(entry, true) {
                    return Ok(());
                }
            }
            if page.len() < STEP {
                return Ok(());
            }
        }
    }
}
