//! Who acts, with which key. Demo identities are made on first start and labelled as such.

use crate::domain::person::{Person, Role};
use crate::error::{Error, Kind, Result};
use crate::ledger::keys::{PublicKey, SigningKey};
use crate::ledger::log::{Key, Page};
use crate::ledger::{AuditLog, EntryKind, Ledger, NewEntry};
use serde_json::Value;
use std::fs;
use std::path::Path;

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
        fs::create_dir_all(keys).map_err(failed)?;
        let key = SigningKey::generate().map_err(failed)?;
        key.save(&path, "log", "log key").map_err(failed)?;
        return Ok(key);
    }
    SigningKey::load(&path).map_err(failed)
}

/// The name under which checkpoints are signed.
pub fn origin(key: &SigningKey) -> String {
    let id = hex::encode(key.public().note_id("echovoice"));
    format!("echovoice.local/{id}")
}

/// First entries of a new log: its origin, and the demo people.
pub fn enrol_demo(ledger: &Ledger, keys: &Path, time: &str) -> Result<()> {
    let failed = |e: std::io::Error| {
        Error::new(Kind::Io, format!("a key could not be written: {e}"))
            .at(keys.display().to_string())
    };
    let mut entries = vec![
        NewEntry::new(
            "genesis",
            EntryKind::LogGenesis,
            "system",
            Role::System,
            time,
        )
        .with("format", "echovoice-ledger/1"),
    ];
    for (name, role) in DEMO {
        let path = keys.join(format!("{name}.key"));
        let key = if path.exists() {
            SigningKey::load(&path).map_err(failed)?
        } else {
            SigningKey::generate().map_err(failed)?
        };
        if !path.exists() {
            key.save(&path, name, "demo identity, not for real approvals")
                .map_err(failed)?;
        }
        entries.push(
            NewEntry::new(
                format!("enrol/{name}/1"),
                EntryKind::KeyEnrolled,
                "system",
                Role::System,
                time,
            )
            .with("name", name)
            .with("role", role.as_str())
            .with("key", key.public().to_text())
            .with("demo", true),
        );
    }
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

/// The acting person and their key, checked against the roster.
pub fn acting(
    log: &dyn AuditLog,
    keys: &Path,
    name: Option<&str>,
) -> Result<(Person, Option<SigningKey>)> {
    let name = name.unwrap_or(DEMO[0].0);
    let Some((person, public)) = log
        .get(Key::Person(name))?
        .and_then(|row| person_of_row(&row))
    else {
        let known: Vec<String> = list(log)?
            .into_iter()
            .map(|p| format!("{} ({})", p.name, p.role))
            .collect();
        return Err(Error::new(
            Kind::NotAllowed,
            format!(
                "{} is not on the roster",
                crate::text::hidden::visible_line(name)
            ),
        )
        .fix(format!("use --as with one of: {}", known.join(", "))));
    };
    let key = SigningKey::load(&keys.join(format!("{name}.key")))
        .ok()
        .filter(|k| k.public() == public);
    Ok((person, key))
}

/// The acting person when the ledger is not open for writing: only what needs no signature.
pub fn without_ledger(home: &Path, name: Option<&str>) -> Result<(Person, Option<SigningKey>)> {
    let name = name.unwrap_or(DEMO[0].0);
    let role = DEMO.iter().find(|(n, _)| *n == name).map(|(_, role)| *role);
    match role {
        Some(role) => Ok((
            Person {
                name: name.into(),
                role,
                demo: true,
            },
            None,
        )),
        None if home.join("keys").join(format!("{name}.key")).exists() => Ok((
            Person {
                name: name.into(),
                role: Role::Auditor,
                demo: false,
            },
            None,
        )),
        None => Err(Error::new(
            Kind::NotAllowed,
            format!(
                "{} is not on the roster",
                crate::text::hidden::visible_line(name)
            ),
        )
        .fix(format!(
            "use --as with one of: {}",
            DEMO.map(|(n, r)| format!("{n} ({r})")).join(", ")
        ))),
    }
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
