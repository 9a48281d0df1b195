//! Who acts, with which key. Demo identities are made on first start and labelled as such.

use crate::domain::person::{Person, Role};
use crate::error::{Error, Kind, Result};
use crate::files;
use crate::ledger::keyfile::{self, KeyFile, LockedKey};
use crate::ledger::keys::{PublicKey, SigningKey};
use crate::ledger::log::{Key, Page};
use crate::ledger::payload::{Payload, PersonPayload, RulesPayload};
use crate::ledger::rules;
use crate::ledger::{AuditLog, Ledger, NewEntry};
use crate::service::home::origin::{self, Origin};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// People of the demo firm. The first one acts when nobody is named.
const DEMO: [(&str, Role); 5] = [
    ("demo.officer", Role::Officer),
    ("demo.principal", Role::Principal),
    ("demo.marketer", Role::Marketer),
    ("demo.auditor", Role::Auditor),
    ("demo.admin", Role::Admin),
];

/// Nobody in particular, before the roster is read.
pub fn unknown() -> Person {
    Person {
        name: "nobody".into(),
        role: Role::Auditor,
        demo: true,
        active: true,
    }
}

/// The log's own key; made with a new log, never silently replaced.
pub fn log_key(keys: &Path, fresh: bool) -> Result<SigningKey> {
    let path = keys.join("log.key");
    let failed = |e: std::io::Error| {
        Error::new(Kind::Ledger, format!("the log's key: {e}"))
            .at(path.display().to_string())
            .fix("restore keys/log.key from a backup")
    };
    if !path.exists() && fresh {
        files::folder(keys).map_err(failed)?;
        let key = SigningKey::generate().map_err(failed)?;
        keyfile::save(&key, &path, "log", "log key", None).map_err(failed)?;
        return Ok(key);
    }
    plain(&path).map_err(failed)
}

/// A key that no passphrase locks: the program's own, or a demo person's.
fn plain(path: &Path) -> std::io::Result<SigningKey> {
    match KeyFile::load(path)? {
        KeyFile::Plain(key) => Ok(key),
        KeyFile::Locked(_) => Err(std::io::Error::other("it is locked by a passphrase")),
    }
}

/// The name under which checkpoints are signed.
pub fn origin(key: &SigningKey) -> String {
    let id = hex::encode(key.public().note_id("echovoice"));
    format!("echovoice.local/{id}")
}

/// An entry of the log itself.
fn by_the_log(id: String, said: Payload, time: &str) -> NewEntry {
    NewEntry::new(id, said, "system", Role::System, time)
}

/// The rules of this version, and what is in force in the home from the start.
fn rules_of(state: Vec<String>) -> RulesPayload {
    RulesPayload {
        format: Some(rules::FORMAT.to_owned()),
        people: None,
        state: Some(state.into_iter().collect()),
    }
}

fn enrolled(name: &str, role: Role, key: String) -> PersonPayload {
    PersonPayload {
        name: Some(name.to_owned()),
        role: Some(role.into()),
        key: Some(key),
        ..PersonPayload::default()
    }
}

/// First entries of a new log: its origin, and the demo people.
pub fn enrol_demo(ledger: &Ledger, keys: &Path, state: Vec<String>, time: &str) -> Result<()> {
    let failed = |e: std::io::Error| {
        Error::new(Kind::Io, format!("a key could not be written: {e}"))
            .at(keys.display().to_string())
    };
    let genesis = Payload::LogGenesis(RulesPayload {
        // No entry after these enrols anybody but by an admin's signature.
        people: Some(DEMO.len() as u64),
        ..rules_of(state)
    });
    let mut entries = vec![by_the_log("genesis".into(), genesis, time)];
    for (name, role) in DEMO {
        let path = keys.join(format!("{name}.key"));
        let key = if path.exists() {
            plain(&path).map_err(failed)?
        } else {
            SigningKey::generate().map_err(failed)?
        };
        if !path.exists() {
            let note = "demo identity, not for real approvals";
            keyfile::save(&key, &path, name, note, None).map_err(failed)?;
        }
        let said = PersonPayload {
            demo: Some(true),
            ..enrolled(name, role, key.public().to_text())
        };
        let id = format!("enrol/{name}/1");
        entries.push(by_the_log(id, Payload::KeyEnrolled(said), time));
    }
    ledger.append(entries).wait()?;
    Ok(())
}

/// A record of an earlier version goes over to the rules of this one: what was written before stands under its own.
/// `state` is what is in force in the home then.
///
/// # Errors
/// The ledger refused.
pub fn adopt_rules(ledger: &Ledger, state: Vec<String>, time: &str) -> Result<()> {
    let stated = rules::stated(ledger.log().as_ref())?;
    if stated.is_newest() {
        return Ok(());
    }
    let said = Payload::LogRules(rules_of(state));
    let entry = by_the_log(rules::adopted(rules::NEWEST), said, time);
    ledger.append(vec![entry]).wait()?;
    Ok(())
}

/// First entries of a firm's own log: its origin, and the first administrator, who enrols everybody else.
pub fn enrol_first(ledger: &Ledger, origin: &Origin, state: Vec<String>, time: &str) -> Result<()> {
    let genesis = Payload::LogGenesis(RulesPayload {
        people: Some(1),
        ..rules_of(state)
    });
    let first = enrolled(&origin.admin, Role::Admin, origin.key.clone());
    let id = format!("enrol/{}/1", origin.admin);
    let entries = vec![
        by_the_log("genesis".into(), genesis, time),
        by_the_log(id, Payload::KeyEnrolled(first), time),
    ];
    ledger.append(entries).wait()?;
    Ok(())
}

fn person_of_row(row: &[u8]) -> Option<(Person, PublicKey)> {
    let row: Value = serde_json::from_slice(row).ok()?;
    Some((
        Person {
            name: row["name"].as_str()?.to_owned(),
            role: Role::parse(row["role"].as_str()?)?,
            demo: row["demo"].as_bool().unwrap_or(false),
            active: row["active"].as_bool().unwrap_or(false),
        },
        PublicKey::parse(row["key"].as_str()?)?,
    ))
}

/// Everybody on the roster.
pub fn list(log: &dyn AuditLog) -> Result<Vec<Person>> {
    Ok(log
        .page(Page::People)?
        .iter()
        .filter_map(|(_, row)| person_of_row(row))
        .map(|(p, _)| p)
        .collect())
}

/// The acting person's key, as this home has it.
#[derive(Default)]
pub enum OwnKey {
    Open {
        key: SigningKey,
        /// How to ask for the passphrase once more; a demo person's key has none.
        again: Option<Box<Again>>,
    },
    Locked {
        locked: LockedKey,
        /// The roster's.
        public: PublicKey,
    },
    /// No file, or another key than the roster's.
    #[default]
    Absent,
}

/// What is left of a locked key while it is open.
pub struct Again {
    locked: LockedKey,
    public: PublicKey,
    /// When the key last signed, or was opened.
    pub used: Instant,
}

impl From<SigningKey> for OwnKey {
    fn from(key: SigningKey) -> Self {
        Self::Open { key, again: None }
    }
}

impl OwnKey {
    /// Locks the key again if it was not used for so long.
    pub fn lock_after(&mut self, pause: Duration) {
        *self = match std::mem::take(self) {
            Self::Open {
                again: Some(again), ..
            } if again.used.elapsed() >= pause => Self::Locked {
                locked: again.locked,
                public: again.public,
            },
            other => other,
        };
    }

    pub fn is_locked(&self) -> bool {
        matches!(self, Self::Locked { .. })
    }

    /// Opens a locked key.
    ///
    /// # Errors
    /// The passphrase is wrong, or the key is not the roster's.
    pub fn unlock(&mut self, passphrase: &str) -> Result<()> {
        let Self::Locked { locked, public } = self else {
            return Ok(());
        };
        let key = locked
            .unlock(passphrase)
            .map_err(|e| Error::of(Kind::NotAllowed, e))?;
        if key.public() != *public {
            return Err(Error::new(
                Kind::NotAllowed,
                "this key is not the one on the roster",
            ));
        }
        let again = Some(Box::new(Again {
            locked: locked.clone(),
            public: public.clone(),
            used: Instant::now(),
        }));
        *self = Self::Open { key, again };
        Ok(())
    }
}

/// The key that the roster has for somebody.
pub(in crate::service) fn key_on_roster(log: &dyn AuditLog, name: &str) -> Option<PublicKey> {
    let row = log.one(Key::Person(name)).ok()??;
    Some(person_of_row(&row)?.1)
}

/// Who acts where nobody is named: a demo person, and only where there is nobody else.
fn unnamed(log: &dyn AuditLog) -> Result<&'static str> {
    let people: Vec<Person> = list(log)?.into_iter().filter(|p| p.active).collect();
    if people.iter().all(|person| person.demo) {
        return Ok(DEMO[0].0);
    }
    let known: Vec<String> = people
        .iter()
        .filter(|person| !person.demo)
        .map(|p| format!("{} ({})", p.name, p.role))
        .collect();
    Err(
        Error::new(Kind::NotAllowed, "nobody is named as who acts").fix(format!(
            "use --as with one of: {}; `echovoice user me NAME` remembers it on this machine",
            known.join(", ")
        )),
    )
}

/// The acting person and their key, checked against the roster.
pub fn acting(log: &dyn AuditLog, keys: &Path, name: Option<&str>) -> Result<(Person, OwnKey)> {
    let name = match name {
        Some(name) => name,
        None => unnamed(log)?,
    };
    let shown = crate::text::hidden::visible_line(name);
    let Some((person, public)) = log
        .one(Key::Person(name))?
        .and_then(|row| person_of_row(&row))
    else {
        let known: Vec<String> = list(log)?
            .into_iter()
            .filter(|p| p.active)
            .map(|p| format!("{} ({})", p.name, p.role))
            .collect();
        return Err(
            Error::new(Kind::NotAllowed, format!("{shown} is not on the roster"))
                .fix(format!("use --as with one of: {}", known.join(", "))),
        );
    };
    if !person.active {
        return Err(
            Error::new(Kind::NotAllowed, format!("the key of {shown} was revoked"))
                .fix("an admin can enrol the person under a new name: `echovoice user add`"),
        );
    }
    let key = match KeyFile::load(&key_file(keys, name)) {
        Ok(KeyFile::Plain(key)) if key.public() == public => OwnKey::from(key),
        Ok(KeyFile::Locked(locked)) => OwnKey::Locked { locked, public },
        _ => OwnKey::Absent,
    };
    Ok((person, key))
}

/// Somebody as the roster has them now.
///
/// # Errors
/// The ledger cannot be read.
pub fn standing(log: &dyn AuditLog, name: &str) -> Result<Option<Person>> {
    let row = log.one(Key::Person(name))?;
    Ok(row
        .and_then(|row| person_of_row(&row))
        .map(|(person, _)| person))
}

/// Whether somebody's key in this home opens with a passphrase; without a name, the first demo person's.
pub fn has_passphrase(home: &Path, name: Option<&str>) -> bool {
    let file = key_file(&home.join("keys"), name.unwrap_or(DEMO[0].0));
    matches!(KeyFile::load(&file), Ok(KeyFile::Locked(_)))
}

/// Where a person's key lies.
pub fn key_file(keys: &Path, name: &str) -> PathBuf {
    keys.join(format!("{name}.key"))
}

/// The acting person when the ledger is not open for writing: only what needs no signature. `log`: the record, if it is
/// open to be read; the role is then the one that its roster gives.
pub fn without_ledger(
    home: &Path,
    name: Option<&str>,
    log: Option<&dyn AuditLog>,
) -> Result<(Person, OwnKey)> {
    let is_own = origin::is_own(home);
    let demo: &[(&str, Role)] = if is_own { &[] } else { &DEMO };
    let Some(name) = name.or(demo.first().map(|(name, _)| *name)) else {
        let nobody = Person {
            demo: false,
            ..unknown()
        };
        return Ok((nobody, OwnKey::Absent));
    };
    let role = demo.iter().find(|(n, _)| *n == name).map(|(_, role)| *role);
    let known = log.map(|log| standing(log, name)).transpose()?.flatten();
    let on_record = known.map(|person| person.role);
    let keys = home.join("keys");
    let person = Person {
        name: name.into(),
        role: on_record.or(role).unwrap_or(Role::Auditor),
        demo: role.is_some(),
        active: true,
    };
    if role.is_some() || key_file(&keys, name).exists() {
        return Ok((person, OwnKey::Absent));
    }
    let known = if is_own {
        with_keys(&keys)
    } else {
        DEMO.map(|(n, r)| format!("{n} ({r})")).to_vec()
    };
    Err(Error::new(
        Kind::NotAllowed,
        format!(
            "{} is not on the roster",
            crate::text::hidden::visible_line(name)
        ),
    )
    .fix(format!("use --as with one of: {}", known.join(", "))))
}

/// Whose keys lie in a home.
fn with_keys(keys: &Path) -> Vec<String> {
    let files = fs::read_dir(keys).into_iter().flatten().flatten();
    let mut names: Vec<String> = files
        .filter_map(|file| Some(file.file_name().to_str()?.strip_suffix(".key")?.to_owned()))
        .filter(|name| name != "log")
        .collect();
    names.sort();
    names
}

/// The log's public key: from its key file, or alone, as a restore leaves it.
pub fn log_public(home: &Path) -> Result<PublicKey> {
    let keys = home.join("keys");
    let public = fs::read_to_string(keys.join("log.pub")).ok();
    match public.and_then(|text| PublicKey::parse(text.trim())) {
        Some(key) if !keys.join("log.key").exists() => Ok(key),
        _ => Ok(log_key(&keys, false)?.public()),
    }
}
