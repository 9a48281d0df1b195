//! Who comes and goes: enrol, grant, revoke, a new key. Each change is signed by whoever makes it.

use crate::domain::person::{Action, Person, Role};
use crate::error::{Error, Kind, Result};
use crate::files;
use crate::ledger::NewEntry;
use crate::ledger::checkpoint::sign_note;
use crate::ledger::entry::Entry;
use crate::ledger::keyfile;
use crate::ledger::keys::{PublicKey, SigningKey};
use crate::ledger::log::Key;
use crate::ledger::payload::{Payload, PersonPayload};
use crate::ledger::roster::Change;
use crate::service::check::personal;
use crate::service::home::workspace::{Workspace, now};
use crate::service::users::people::{self, OwnKey};
use std::fs;

pub use crate::ledger::keyfile::PASSPHRASE_CHARS;

/// Whose key a new person signs with.
#[derive(Clone, Copy, Debug)]
pub enum NewKey<'k> {
    /// Made here, locked by this passphrase.
    Here(&'k str),
    /// Made elsewhere by the person, who hands over the public half.
    Theirs(&'k str),
}

/// Enrols somebody.
///
/// # Errors
/// Not allowed, the name is taken or unfit, or the passphrase is too short.
pub fn add(workspace: &Workspace, name: &str, role: Role, key: NewKey<'_>) -> Result<()> {
    workspace.allow(Action::ManagePeople)?;
    let by = workspace.signing_key()?;
    fit(name)?;
    if workspace.log()?.one(Key::Person(name))?.is_some() {
        return Err(Error::new(Kind::Input, format!("{name} is taken"))
            .fix("a name is used once, for ever; choose another"));
    }
    let keys = workspace.home.join("keys");
    let (public, made) = match key {
        NewKey::Theirs(text) => (parse(text)?, None),
        NewKey::Here(passphrase) => {
            long_enough(passphrase)?;
            let key = SigningKey::generate().map_err(|e| Error::of(Kind::Io, e))?;
            let path = people::key_file(&keys, name);
            keyfile::save(&key, &path, name, "reviewer key", Some(passphrase))
                .map_err(|e| Error::of(Kind::Io, e).at(path.display().to_string()))?;
            (key.public(), Some(path))
        }
    };
    let text = public.to_text();
    let change = Change {
        action: "enrol",
        name,
        role: Some(role.as_str()),
        key: Some(&text),
    };
    let written = write(workspace, Payload::KeyEnrolled, (change, &by), "");
    if written.is_err()
        && let Some(path) = made
    {
        // A key that nobody knows of helps nobody.
        let _ = fs::remove_file(path);
    }
    written
}

/// Gives somebody another role.
///
/// # Errors
/// Not allowed, unknown, or oneself.
pub fn grant(workspace: &Workspace, name: &str, role: Role) -> Result<()> {
    let by = manager(workspace, name)?;
    let change = Change {
        action: "grant",
        name,
        role: Some(role.as_str()),
        key: None,
    };
    write(workspace, Payload::RoleGranted, (change, &by), "")
}

/// Ends what somebody may do. The name is not used again.
///
/// # Errors
/// Not allowed, unknown, or oneself.
pub fn revoke(workspace: &Workspace, name: &str, reason: &str) -> Result<()> {
    personal::none_in("reason", reason, &workspace.allow, None)?;
    let by = manager(workspace, name)?;
    let change = Change {
        action: "revoke",
        name,
        role: None,
        key: None,
    };
    write(workspace, Payload::KeyRevoked, (change, &by), reason)
}

/// Replaces the acting person's key by a new one, which the old one signs for.
///
/// # Errors
/// The key is locked or not here, the passphrase is too short, or the new file cannot be put in place.
pub fn rotate(workspace: &mut Workspace, passphrase: &str) -> Result<()> {
    long_enough(passphrase)?;
    let new = SigningKey::generate().map_err(|e| Error::of(Kind::Io, e))?;
    let name = workspace.person.name.clone();
    let path = people::key_file(&workspace.home.join("keys"), &name);
    let aside = path.with_extension("key.new");
    let failed = |e: std::io::Error| Error::of(Kind::Io, e).at(path.display().to_string());
    files::remove(&aside).map_err(failed)?;
    keyfile::save(&new, &aside, &name, "reviewer key", Some(passphrase)).map_err(failed)?;
    let text = new.public().to_text();
    let change = Change {
        action: "rotate",
        name: &name,
        role: Some(workspace.person.role.as_str()),
        key: Some(&text),
    };
    write(
        workspace,
        Payload::KeyEnrolled,
        (change, &workspace.signing_key()?),
        "",
    )?;
    // Should this fail, the new key still lies beside the old one, which the roster no longer knows.
    fs::rename(&aside, &path).map_err(failed)?;
    workspace.take_key(OwnKey::from(new));
    Ok(())
}

/// Proposes a new key for somebody who lost theirs. It waits beside the old one until another custodian confirms it.
/// The proposal's sequence number comes back.
///
/// # Errors
/// Not allowed, unknown, or oneself.
pub fn propose_key(workspace: &Workspace, name: &str, key: NewKey<'_>) -> Result<u64> {
    workspace.allow(Action::ReplaceKey)?;
    let by = workspace.signing_key()?;
    let person = other(workspace, name)?;
    let aside = people::key_file(&workspace.home.join("keys"), name).with_extension("key.proposed");
    let public = match key {
        NewKey::Theirs(text) => parse(text)?,
        NewKey::Here(passphrase) => {
            long_enough(passphrase)?;
            let failed = |e: std::io::Error| Error::of(Kind::Io, e).at(aside.display().to_string());
            files::remove(&aside).map_err(failed)?;
            let key = SigningKey::generate().map_err(failed)?;
            keyfile::save(&key, &aside, name, "reviewer key", Some(passphrase)).map_err(failed)?;
            key.public()
        }
    };
    let text = public.to_text();
    let change = Change {
        action: "propose",
        name,
        role: Some(person.role.as_str()),
        key: Some(&text),
    };
    write_said(
        workspace,
        Payload::KeyProposed,
        (change, &by),
        change.said(),
    )
}

/// Confirms a key that another custodian proposed: from now on the person signs with it.
///
/// # Errors
/// Not allowed, one's own proposal, no such proposal, or the new file cannot be put in place.
pub fn confirm_key(workspace: &Workspace, proposal: u64) -> Result<String> {
    workspace.allow(Action::ReplaceKey)?;
    let by = workspace.signing_key()?;
    let bytes = workspace.log()?.one(Key::Entry(proposal))?;
    let entry = bytes
        .and_then(|bytes| Entry::from_bytes(&bytes).ok())
        .filter(|entry| matches!(entry.payload(), Payload::KeyProposed(_)))
        .ok_or_else(|| {
            Error::new(Kind::NotFound, format!("entry {proposal} proposes no key"))
                .fix("see `echovoice audit list what:key.proposed`")
        })?;
    if entry.actor == workspace.person.name {
        return Err(Error::new(
            Kind::NotAllowed,
            "a lost key is replaced by two custodians; you proposed this one",
        ));
    }
    let proposed = entry.payload().person().cloned().unwrap_or_default();
    let name = proposed.name.unwrap_or_default();
    let person = other(workspace, &name)?;
    let change = Change {
        action: "replace",
        name: &name,
        role: Some(person.role.as_str()),
        key: proposed.key.as_deref(),
    };
    let said = PersonPayload {
        proposal: Some(proposal),
        ..change.said()
    };
    write_said(workspace, Payload::KeyEnrolled, (change, &by), said)?;
    let path = people::key_file(&workspace.home.join("keys"), &name);
    let aside = path.with_extension("key.proposed");
    if aside.exists() {
        fs::rename(&aside, &path)
            .map_err(|e| Error::of(Kind::Io, e).at(path.display().to_string()))?;
    }
    Ok(name)
}

fn parse(text: &str) -> Result<PublicKey> {
    PublicKey::parse(text).ok_or_else(|| {
        Error::new(Kind::Input, "--key is not a public key")
            .fix("give base64 of the 32 bytes of an Ed25519 key")
    })
}

/// Somebody else who is active on the roster.
fn other(workspace: &Workspace, name: &str) -> Result<Person> {
    if name == workspace.person.name {
        return Err(Error::new(
            Kind::NotAllowed,
            "nobody manages their own rights; somebody else must",
        ));
    }
    let known = people::list(workspace.log()?.as_ref())?;
    match known.into_iter().find(|person| person.name == name) {
        Some(person) if person.active => Ok(person),
        Some(_) => Err(Error::new(
            Kind::NotAllowed,
            format!("the key of {name} was revoked already"),
        )),
        None => Err(Error::new(
            Kind::NotFound,
            format!(
                "{} is not on the roster",
                crate::text::hidden::visible_line(name)
            ),
        )
        .fix("see `echovoice user list`")),
    }
}

/// The key of somebody who may manage this person.
fn manager(workspace: &Workspace, name: &str) -> Result<SigningKey> {
    workspace.allow(Action::ManagePeople)?;
    other(workspace, name)?;
    workspace.signing_key()
}

/// Writes a signed change, with its reason where there is one.
fn write(
    workspace: &Workspace,
    kind: fn(PersonPayload) -> Payload,
    (change, by): (Change<'_>, &SigningKey),
    reason: &str,
) -> Result<()> {
    let said = PersonPayload {
        reason: (!reason.is_empty()).then(|| reason.to_owned()),
        ..change.said()
    };
    write_said(workspace, kind, (change, by), said).map(drop)
}

/// Writes a signed change, with what else it has to say.
fn write_said(
    workspace: &Workspace,
    kind: fn(PersonPayload) -> Payload,
    (change, by): (Change<'_>, &SigningKey),
    said: PersonPayload,
) -> Result<u64> {
    let person = &workspace.person;
    let time = now();
    let said = kind(PersonPayload {
        note: Some(sign_note(&change.note(&time), &person.name, by)),
        ..said
    });
    let id = format!("people/{}/{}/{time}", change.action, change.name);
    let entry = NewEntry::new(id, said, &person.name, person.role, &time);
    workspace.write(entry)
}

/// A name becomes a file's and a signature's: plain letters only.
pub(in crate::service) fn fit(name: &str) -> Result<()> {
    let plain =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_');
    let good = (2..=40).contains(&name.len())
        && name.chars().all(plain)
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !matches!(name, "log" | "system" | "nobody");
    if good {
        Ok(())
    } else {
        Err(Error::new(Kind::Input, "this name cannot be used")
            .fix("2 to 40 small letters, digits, dots, - and _, beginning with a letter"))
    }
}

pub(in crate::service) fn long_enough(passphrase: &str) -> Result<()> {
    if passphrase.chars().count() >= PASSPHRASE_CHARS {
        Ok(())
    } else {
        Err(Error::new(
            Kind::Input,
            format!("a passphrase has at least {PASSPHRASE_CHARS} characters"),
        )
        .fix("four or five words that belong together only to you"))
    }
}
