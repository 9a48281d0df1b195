//! Tokens of the HTTP interface: who may make and revoke them, and for whom.

use super::acts::{self, Lines};
use crate::domain::person::RoleRefusal;
use crate::domain::person::{Action, Role};
use crate::ledger::entry::Entry;
use crate::ledger::payload::coded::Coded;
use crate::ledger::payload::{Payload, TokenPayload};
use crate::ledger::refusal::{PeopleRefusal, Refusal, TokenRefusal};
use crate::ledger::roster::Roster;
use std::collections::BTreeMap;

/// The id of the entry by which a token was made.
pub fn made_id(token: &str) -> String {
    format!("token/{token}/made")
}

/// The id of the entry by which it was revoked.
pub fn revoked_id(token: &str) -> String {
    format!("token/{token}/revoked")
}

/// A token as it is signed for.
#[derive(Clone, Copy, Debug)]
pub struct Word<'w> {
    pub token: &'w str,
    /// Who acts with it.
    pub name: &'w str,
    /// Of the whole token; none where it is revoked.
    pub hash: Option<&'w str>,
    pub expires: Option<&'w str>,
}

impl Word<'_> {
    /// What is signed.
    pub fn lines(&self, made: bool) -> Lines {
        Lines::new("token")
            .with("action", if made { "make" } else { "revoke" })
            .with("token", self.token)
            .with("name", self.name)
            .with("hash", self.hash.unwrap_or("none"))
            .with("expires", self.expires.unwrap_or("none"))
    }
}

/// Whether somebody may make a token that acts as somebody else, or as themselves: never of a wider role than theirs, and
/// never of one that decides, since a token signs with its person's key.
///
/// # Errors
/// They may not.
pub fn may_make(by: (&str, Role), holder: (&str, Role)) -> Result<(), TokenRefusal> {
    if by.0 == holder.0 {
        return Ok(());
    }
    by.1.may(Action::ManageTokens)?;
    let decides = holder.1.may(Action::Decide).is_ok();
    if by.1 != holder.1 && by.1.covers(holder.1) && !decides {
        Ok(())
    } else {
        Err(TokenRefusal::ForAnother {
            by: by.1,
            holder: holder.0.to_owned(),
            role: holder.1,
        })
    }
}

/// Whether somebody may revoke a token that acts as this person.
///
/// # Errors
/// They may not.
pub fn may_revoke(by: (&str, Role), holder: &str) -> Result<(), RoleRefusal> {
    if by.0 == holder {
        return Ok(());
    }
    by.1.may(Action::ManageTokens)
}

/// Checks an entry of this kind; one signature was checked.
pub(super) fn check(
    entry: &Entry,
    said: &TokenPayload,
    people: &Roster,
    tokens: &mut BTreeMap<String, Option<String>>,
) -> Result<u64, Refusal> {
    let by = (entry.actor.as_str(), people.acting(entry)?.role);
    let token = said.token.as_deref().ok_or(TokenRefusal::Lacking)?;
    let name = said.name.as_deref().ok_or(TokenRefusal::Lacking)?;
    let made = matches!(entry.payload(), Payload::TokenMade(_));
    let id = if made {
        made_id(token)
    } else {
        revoked_id(token)
    };
    if entry.id != id {
        return Err(TokenRefusal::OtherName.into());
    }
    if made {
        let holder = people.get(name).filter(|holder| holder.active);
        let holder = holder.ok_or_else(|| PeopleRefusal::NotOnRoster(name.to_owned()))?;
        may_make(by, (name, holder.role))?;
        if tokens.contains_key(token) {
            return Err(TokenRefusal::MadeBefore.into());
        }
    } else {
        if tokens.get(token).and_then(Option::as_deref) != Some(name) {
            return Err(TokenRefusal::NoToken.into());
        }
        may_revoke(by, name)?;
    }
    let word = Word {
        token,
        name,
        hash: said.hash.as_ref().map(Coded::as_str),
        expires: said.expires.as_deref(),
    };
    let signatures = acts::signed(entry, people, &word.lines(made))?;
    tokens.insert(token.to_owned(), made.then(|| name.to_owned()));
    Ok(signatures)
}
