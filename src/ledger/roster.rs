//! Who is known to the log, in which role and with which key: what each entry about people changes, and who may make it.
//!
//! The rules are stated for strangers in `assets/evidence/FORMAT.md`; `service` asks before it writes, `verify` asks again.

use super::entry::{Entry, NoteRefusal};
use super::keys::PublicKey;
use super::payload::coded::Coded;
use super::payload::{Payload, PersonPayload};
use crate::domain::person::{Action, Role};
use crate::ledger::refusal::{PeopleRefusal, Refusal};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Somebody on the roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub role: Role,
    pub key: PublicKey,
    /// False once the key was revoked: nothing more is done under this name.
    pub active: bool,
}

/// Everybody who was ever enrolled.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    members: BTreeMap<String, Member>,
    /// New keys for people who lost theirs, by the entry that proposed them.
    proposed: BTreeMap<u64, Proposed>,
}

/// A new key that a custodian proposed.
#[derive(Clone, Debug)]
struct Proposed {
    by: String,
    name: String,
    key: String,
}

/// A change of people, as it is signed.
#[derive(Clone, Copy, Debug)]
pub struct Change<'c> {
    pub action: &'c str,
    pub name: &'c str,
    pub role: Option<&'c str>,
    pub key: Option<&'c str>,
}

impl<'c> Change<'c> {
    /// What an entry about people says, as it is signed.
    fn of(said: &'c PersonPayload, action: &'c str, name: &'c str) -> Self {
        Self {
            action,
            name,
            role: said.role.as_ref().map(Coded::as_str),
            key: said.key.as_deref(),
        }
    }

    /// What the entry of this change says, beside its note.
    pub fn said(&self) -> PersonPayload {
        PersonPayload {
            name: Some(self.name.to_owned()),
            role: self.role.map(Coded::written),
            key: self.key.map(str::to_owned),
            ..PersonPayload::default()
        }
    }

    fn lines(&self) -> [String; 4] {
        [
            format!("action {}", self.action),
            format!("name {}", self.name),
            format!("role {}", self.role.unwrap_or("none")),
            format!("key {}", self.key.unwrap_or("none")),
        ]
    }

    /// The text that is signed.
    pub fn note(&self, time: &str) -> String {
        format!(
            "echovoice/people/v1\n{}\ntime {time}\n",
            self.lines().join("\n")
        )
    }
}

impl Roster {
    pub fn get(&self, name: &str) -> Option<&Member> {
        self.members.get(name)
    }

    pub fn len(&self) -> usize {
        self.members.len()
    }

    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The person who made an entry, if they may act at all and in that role.
    ///
    /// # Errors
    /// They may not.
    pub fn acting(&self, entry: &Entry) -> Result<&Member, PeopleRefusal> {
        let actor = || entry.actor.clone();
        let member = self
            .get(&entry.actor)
            .ok_or_else(|| PeopleRefusal::NotEnrolled(actor()))?;
        if !member.active {
            return Err(PeopleRefusal::Revoked(actor()));
        }
        if member.role != entry.role {
            return Err(PeopleRefusal::OtherRole {
                name: actor(),
                acted: entry.role,
                enrolled: member.role,
            });
        }
        Ok(member)
    }

    /// Takes somebody over from the roster's stored row.
    pub(super) fn know(&mut self, row: &[u8]) {
        let Ok(row) = serde_json::from_slice::<Value>(row) else {
            return;
        };
        let text = |name: &str| row[name].as_str();
        if let (Some(name), Some(role), Some(key)) = (
            text("name"),
            text("role").and_then(Role::parse),
            text("key").and_then(PublicKey::parse),
        ) {
            let active = row["active"].as_bool().unwrap_or(false);
            self.members
                .insert(name.to_owned(), Member { role, key, active });
        }
    }

    /// Takes over who proposed which key, from an entry that was taken in long ago.
    pub(super) fn recall(&mut self, entry: &Entry) {
        if let Payload::KeyProposed(said) = entry.payload() {
            let proposed = Proposed {
                by: entry.actor.clone(),
                name: said.name.clone().unwrap_or_default(),
                key: said.key.clone().unwrap_or_default(),
            };
            self.proposed.insert(entry.seq, proposed);
        }
    }

    /// Takes an entry in; the number of signatures checked comes back.
    ///
    /// # Errors
    /// The entry breaks a rule.
    pub fn apply(&mut self, entry: &Entry) -> Result<u64, Refusal> {
        let Some(said) = entry.payload().person() else {
            return Ok(0);
        };
        let name = said.name.as_deref().unwrap_or_default();
        match entry.payload() {
            Payload::KeyEnrolled(_) => self.enrol(entry, said, name),
            Payload::KeyProposed(_) => {
                self.custodian(entry, said, ("propose", name))?;
                self.recall(entry);
                Ok(1)
            }
            Payload::RoleGranted(_) => {
                let role = role_of(said)?;
                self.managed(entry, said, ("grant", name))?;
                self.known(name)?.role = role;
                Ok(1)
            }
            Payload::KeyRevoked(_) => {
                self.managed(entry, said, ("revoke", name))?;
                self.known(name)?.active = false;
                Ok(1)
            }
            _ => Ok(0),
        }
    }

    fn known(&mut self, name: &str) -> Result<&mut Member, PeopleRefusal> {
        self.members
            .get_mut(name)
            .filter(|member| member.active)
            .ok_or_else(|| PeopleRefusal::NotOnRoster(name.to_owned()))
    }

    fn enrol(&mut self, entry: &Entry, said: &PersonPayload, name: &str) -> Result<u64, Refusal> {
        let role = role_of(said)?;
        let text = said.key.as_deref().unwrap_or_default();
        let key = PublicKey::parse(text).ok_or(PeopleRefusal::NoKey)?;
        let named = || name.to_owned();
        let signatures = match self.members.get(name) {
            Some(known) if !known.active => {
                return Err(PeopleRefusal::EnrolledAgain(named()).into());
            }
            Some(known) if entry.data.names("proposal") => {
                if known.role != role {
                    return Err(PeopleRefusal::MoreThanTheKey(named()).into());
                }
                self.custodian(entry, said, ("replace", name))?;
                let proposed = said.proposal.and_then(|seq| self.proposed.get(&seq));
                let proposed = proposed.ok_or(PeopleRefusal::NotProposed)?;
                if proposed.by == entry.actor {
                    return Err(PeopleRefusal::ProposedByTheSame(entry.actor.clone()).into());
                }
                if proposed.name != name || proposed.key != text {
                    return Err(PeopleRefusal::OtherKey.into());
                }
                1
            }
            Some(known) => {
                if known.role != role || entry.actor != name {
                    return Err(PeopleRefusal::MoreThanTheKey(named()).into());
                }
                let change = Change {
                    action: "rotate",
                    name,
                    role: Some(role.as_str()),
                    key: Some(text),
                };
                signed(entry, &known.key, change)
                    .map_err(|why| PeopleRefusal::NotByTheOldKey { name: named(), why })?;
                1
            }
            // The first people come from the log itself.
            None if entry.role == Role::System => 0,
            None => {
                self.managed(entry, said, ("enrol", name))?;
                1
            }
        };
        // Whatever key was proposed for them before is not confirmed any more.
        self.proposed.retain(|_, proposed| proposed.name != name);
        let active = true;
        self.members
            .insert(name.to_owned(), Member { role, key, active });
        Ok(signatures)
    }

    /// Two custodians, an admin or a principal each, stand for somebody who lost their key.
    fn custodian(
        &self,
        entry: &Entry,
        said: &PersonPayload,
        (action, name): (&str, &str),
    ) -> Result<(), Refusal> {
        let by = self.acting(entry)?;
        by.role.may(Action::ReplaceKey)?;
        if entry.actor == name {
            return Err(PeopleRefusal::OwnKey(name.to_owned()).into());
        }
        let known = self.get(name).is_some_and(|member| member.active);
        if !known {
            return Err(PeopleRefusal::NotOnRoster(name.to_owned()).into());
        }
        signed(entry, &by.key, Change::of(said, action, name))?;
        Ok(())
    }

    /// An admin manages others, and signs for it.
    fn managed(
        &self,
        entry: &Entry,
        said: &PersonPayload,
        (action, name): (&str, &str),
    ) -> Result<(), Refusal> {
        let by = self.acting(entry)?;
        by.role.may(Action::ManagePeople)?;
        if entry.actor == name {
            return Err(PeopleRefusal::OwnRights(name.to_owned()).into());
        }
        signed(entry, &by.key, Change::of(said, action, name))?;
        Ok(())
    }
}

fn role_of(said: &PersonPayload) -> Result<Role, PeopleRefusal> {
    let role = said.role.as_ref().and_then(Coded::known);
    role.filter(|role| *role != Role::System)
        .ok_or(PeopleRefusal::NoRole)
}

/// Whether an entry's note is signed by the key and says what the entry says.
fn signed(entry: &Entry, key: &PublicKey, change: Change<'_>) -> Result<(), NoteRefusal> {
    entry.is_signed(key, &change.note(&entry.time))
}

/// The roster's row after an entry about people: name, role, key, whether active.
pub fn row_after(entry: &Entry, known: Option<&[u8]>) -> Option<(String, Vec<u8>)> {
    let said = entry.payload().person()?;
    let name = said.name.clone()?;
    let mut row: Value = known
        .and_then(|row| serde_json::from_slice(row).ok())
        .unwrap_or_else(|| json!({"name": name, "demo": false}));
    let role = said.role.as_ref().map(Coded::as_str);
    match entry.payload() {
        Payload::KeyEnrolled(_) => {
            row["role"] = role?.into();
            row["key"] = said.key.as_deref()?.into();
            row["active"] = true.into();
            if let Some(demo) = said.demo {
                row["demo"] = demo.into();
            }
        }
        Payload::RoleGranted(_) => row["role"] = role?.into(),
        Payload::KeyRevoked(_) => row["active"] = false.into(),
        _ => return None,
    }
    row["seq"] = entry.seq.into();
    Some((name, row.to_string().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::person::RoleRefusal;
    use crate::ledger::EntryKind;
    use crate::ledger::checkpoint::sign_note;
    use crate::ledger::keys::SigningKey;
    use crate::ledger::payload::EntryData;
    use std::collections::BTreeMap as Map;

    const TIME: &str = "2026-11-25T10:00:00Z";

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed([seed; 32])
    }

    fn entry(kind: EntryKind, actor: &str, role: Role, data: Value) -> Entry {
        Entry {
            v: 1,
            seq: 1,
            prev: String::new(),
            id: String::new(),
            time: TIME.into(),
            actor: actor.into(),
            role,
            run: None,
            subject: None,
            engine: None,
            pack: None,
            input: None,
            data: EntryData::read(kind, data.as_object().cloned().unwrap_or_default()),
            blobs: Map::new(),
            sealed: Map::new(),
        }
    }

    /// An entry about people, signed by somebody.
    fn change(
        kind: EntryKind,
        actor: &str,
        role: Role,
        by: &SigningKey,
        change: Change<'_>,
    ) -> Entry {
        let note = sign_note(&change.note(TIME), actor, by);
        let mut data = json!({"name": change.name, "note": note});
        if let Some(role) = change.role {
            data["role"] = role.into();
        }
        if let Some(key) = change.key {
            data["key"] = key.into();
        }
        entry(kind, actor, role, data)
    }

    fn roster() -> Roster {
        let mut roster = Roster::default();
        for (name, role, seed) in [("root", "admin", 1), ("ann", "officer", 2)] {
            let data = json!({"name": name, "role": role, "key": key(seed).public().to_text()});
            let first = entry(EntryKind::KeyEnrolled, "system", Role::System, data);
            assert_eq!(roster.apply(&first), Ok(0));
        }
        roster
    }

    #[test]
    fn an_admin_enrols_grants_and_revokes_and_nobody_else_does() {
        use EntryKind as K;
        let new = key(3).public().to_text();
        let enrol = Change {
            action: "enrol",
            name: "bo",
            role: Some("marketer"),
            key: Some(&new),
        };
        let mut people = roster();
        let by_officer = change(K::KeyEnrolled, "ann", Role::Officer, &key(2), enrol);
        let refused = RoleRefusal {
            role: Role::Officer,
            action: Action::ManagePeople,
        };
        assert_eq!(people.clone().apply(&by_officer), Err(refused.into()));
        let by_other_key = change(K::KeyEnrolled, "root", Role::Admin, &key(9), enrol);
        assert!(people.clone().apply(&by_other_key).is_err());
        assert_eq!(
            people.apply(&change(K::KeyEnrolled, "root", Role::Admin, &key(1), enrol)),
            Ok(1)
        );

        let grant = Change {
            action: "grant",
            name: "bo",
            role: Some("officer"),
            key: None,
        };
        let granted = change(K::RoleGranted, "root", Role::Admin, &key(1), grant);
        assert_eq!(people.apply(&granted), Ok(1));
        assert_eq!(people.get("bo").unwrap().role, Role::Officer);
        // Another role than the one that was signed.
        let mut forged = granted.clone();
        let mut data = forged.data.to_map();
        data.insert("role".into(), "principal".into());
        forged.data = EntryData::read(K::RoleGranted, data);
        let refused = NoteRefusal::SaysElse;
        assert_eq!(people.clone().apply(&forged), Err(refused.into()));
        let own = Change {
            action: "grant",
            name: "root",
            role: Some("principal"),
            key: None,
        };
        let own = change(K::RoleGranted, "root", Role::Admin, &key(1), own);
        let refused = PeopleRefusal::OwnRights("root".into());
        assert_eq!(people.clone().apply(&own), Err(refused.into()));

        let revoke = Change {
            action: "revoke",
            name: "bo",
            role: None,
            key: None,
        };
        assert_eq!(
            people.apply(&change(K::KeyRevoked, "root", Role::Admin, &key(1), revoke)),
            Ok(1)
        );
        let decision = entry(K::Decision, "bo", Role::Officer, json!({}));
        let refused = PeopleRefusal::Revoked("bo".into());
        assert_eq!(people.acting(&decision), Err(refused));
        let again = change(K::KeyEnrolled, "root", Role::Admin, &key(1), enrol);
        let refused = PeopleRefusal::EnrolledAgain("bo".into());
        assert_eq!(people.apply(&again), Err(refused.into()));
    }

    #[test]
    fn a_new_key_is_signed_by_the_old_one_and_changes_nothing_else() {
        let new = key(5).public().to_text();
        let rotate = |role| Change {
            action: "rotate",
            name: "ann",
            role: Some(role),
            key: Some(&new),
        };
        let by = |actor, role, seed, change_: Change<'_>| {
            roster().apply(&change(
                EntryKind::KeyEnrolled,
                actor,
                role,
                &key(seed),
                change_,
            ))
        };
        assert_eq!(by("ann", Role::Officer, 2, rotate("officer")), Ok(1));
        assert!(by("ann", Role::Officer, 5, rotate("officer")).is_err());
        assert!(by("ann", Role::Officer, 2, rotate("principal")).is_err());
        assert!(by("root", Role::Admin, 1, rotate("officer")).is_err());
    }
}
