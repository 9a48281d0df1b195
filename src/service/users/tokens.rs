//! Bearer tokens of the HTTP interface. Each stands for somebody on the roster; only its hash is kept.

use crate::domain::digest::Digest;
use crate::error::{Error, Kind, Result};
use crate::files;
use crate::ledger::checkpoint::sign_note;
use crate::ledger::keys::random;
use crate::ledger::log::Key;
use crate::ledger::payload::coded::Coded;
use crate::ledger::payload::{Payload, TokenPayload};
use crate::ledger::rules::token;
use crate::ledger::{Entry, NewEntry};
use crate::service::home::workspace::{Workspace, now};
use crate::service::users::people;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// How every token begins, so that one that was published by mistake is recognised.
const PREFIX: &str = "ev_";

/// A token as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Names it in lists and logs.
    pub id: String,
    /// Who acts with it.
    pub person: String,
    /// Of the whole token. It has 256 random bits: no salt is needed, and no slow hash.
    hash: Digest,
    /// RFC 3339.
    pub made: String,
    /// RFC 3339; none: until it is revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
}

fn file(home: &Path) -> PathBuf {
    home.join("tokens.json")
}

impl Token {
    /// Whether its time is over; one whose end cannot be read holds no more.
    pub fn has_ended(&self, now: &str) -> bool {
        let time = |text: &str| DateTime::parse_from_rfc3339(text).ok();
        (self.expires.as_deref()).is_some_and(|end| time(now) >= time(end))
    }
}

/// All tokens of a home.
///
/// # Errors
/// The file cannot be read.
pub fn list(home: &Path) -> Result<Vec<Token>> {
    let path = file(home);
    let place = || path.display().to_string();
    match fs::read_to_string(&path) {
        Ok(text) => serde_json::from_str(&text).map_err(|e| {
            Error::new(Kind::Input, format!("not a list of tokens: {e}"))
                .at(place())
                .fix("delete it and make the tokens anew")
        }),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(e) => Err(Error::of(Kind::Io, e).at(place())),
    }
}

/// Makes a token for somebody, and puts that on record; it is shown once and never again.
///
/// # Errors
/// Not allowed, nobody of that name, the system gives no randomness, or the file or the ledger cannot be written.
pub fn add(
    workspace: &Workspace,
    person: &str,
    expires: Option<&str>,
) -> Result<(Token, Zeroizing<String>)> {
    if let Some(time) = expires {
        DateTime::parse_from_rfc3339(time).map_err(|_| {
            Error::new(Kind::Input, "the end is not a time").fix("write it as 2027-01-31T00:00:00Z")
        })?;
    }
    let holder = people::standing(workspace.log()?.as_ref(), person)?;
    let holder = holder.filter(|holder| holder.active).ok_or_else(|| {
        Error::new(Kind::NotFound, "nobody of that name is on the roster")
            .fix("list them with `echovoice user list`")
    })?;
    let by = &workspace.person;
    token::may_make((&by.name, by.role), (&holder.name, holder.role))
        .map_err(|why| Error::of(Kind::NotAllowed, why))?;
    let failed = |e: std::io::Error| Error::of(Kind::Io, e);
    let secret = Zeroizing::new(random::<32>().map_err(failed)?);
    let text = Zeroizing::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(*secret)));
    let made = Token {
        id: hex::encode(random::<4>().map_err(failed)?),
        person: person.to_owned(),
        hash: Digest::of(text.as_bytes()),
        made: now(),
        expires: expires.map(str::to_owned),
    };
    // The record first: a token that is not there counts for nobody.
    record(workspace, &made, true)?;
    let mut all = list(&workspace.home)?;
    all.push(made.clone());
    write(&workspace.home, &all)?;
    Ok((made, text))
}

/// Takes a token back, and puts that on record. One of an earlier version, which no entry knows, is only forgotten.
///
/// # Errors
/// There is none of this id, it is not allowed, or the file or the ledger cannot be written.
pub fn revoke(workspace: &Workspace, id: &str) -> Result<()> {
    let mut all = list(&workspace.home)?;
    let found = all.iter().position(|token| token.id == id).ok_or_else(|| {
        Error::new(Kind::NotFound, "there is no token of this id")
            .fix("list them with `echovoice token list`")
    })?;
    let gone = all.remove(found);
    let by = &workspace.person;
    token::may_revoke((&by.name, by.role), &gone.person)
        .map_err(|why| Error::of(Kind::NotAllowed, why))?;
    if is_on_record(workspace, &gone)? {
        record(workspace, &gone, false)?;
    }
    write(&workspace.home, &all)
}

/// Writes the entry of a token that is made or revoked, signed by the acting person.
fn record(workspace: &Workspace, about: &Token, made: bool) -> Result<()> {
    let (person, key, time) = (&workspace.person, workspace.signing_key()?, now());
    let hash = about.hash.to_string();
    let word = token::Word {
        token: &about.id,
        name: &about.person,
        hash: made.then_some(hash.as_str()),
        expires: about.expires.as_deref().filter(|_| made),
    };
    let note = sign_note(&word.lines(made).note(&time), &person.name, &key);
    let said = TokenPayload {
        token: Some(word.token.to_owned()),
        name: Some(word.name.to_owned()),
        hash: made.then(|| about.hash.into()),
        expires: word.expires.map(str::to_owned),
        note: Some(note),
    };
    let (id, said) = if made {
        (token::made_id(&about.id), Payload::TokenMade(said))
    } else {
        (token::revoked_id(&about.id), Payload::TokenRevoked(said))
    };
    let entry = NewEntry::new(id, said, &person.name, person.role, &time);
    workspace.write(entry).map(drop)
}

/// Whether a token stands on record as the file has it, and was not revoked there: the file is only a copy.
///
/// # Errors
/// The ledger cannot be read.
pub fn is_on_record(workspace: &Workspace, token: &Token) -> Result<bool> {
    let log = workspace.log()?;
    let Some(seq) = log.seq_of(&token::made_id(&token.id))? else {
        return Ok(false);
    };
    if log.seq_of(&token::revoked_id(&token.id))?.is_some() {
        return Ok(false);
    }
    let entry = log.one(Key::Entry(seq))?;
    let entry = entry.and_then(|bytes| Entry::read(&bytes).ok());
    let made = entry.as_ref().map(Entry::payload);
    Ok(made.is_some_and(|made| {
        matches!(made, Payload::TokenMade(made) if made.name.as_ref() == Some(&token.person)
            && made.hash.as_ref().map(Coded::as_str) == Some(&token.hash.to_string())
            && made.expires == token.expires)
    }))
}

fn write(home: &Path, all: &[Token]) -> Result<()> {
    let path = file(home);
    let failed = |e: std::io::Error| Error::of(Kind::Io, e).at(path.display().to_string());
    let text = serde_json::to_string_pretty(all).unwrap_or_default();
    // A new file in its place: whoever reads meanwhile has the old one whole.
    files::replace(&path, text.as_bytes()).map_err(failed)
}

/// The token that somebody shows, if it is one and still holds.
pub fn known<'t>(all: &'t [Token], shown: &str, now: &str) -> Option<&'t Token> {
    let hash = Digest::of(shown.as_bytes());
    all.iter()
        .find(|token| token.hash == hash && !token.has_ended(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_by_its_hash_until_it_ends() {
        let text = format!("{PREFIX}secret");
        let all = [Token {
            id: "t".into(),
            person: "demo.officer".into(),
            hash: Digest::of(text.as_bytes()),
            made: "2026-11-25T00:00:00Z".into(),
            expires: Some("2027-01-31T00:00:00Z".into()),
        }];
        let person = |shown: &str, now: &str| known(&all, shown, now).map(|t| t.person.clone());
        assert_eq!(
            person(&text, "2026-11-25T00:00:00Z").unwrap(),
            "demo.officer"
        );
        assert_eq!(person(&text, "2027-01-31T00:00:01+00:00"), None);
        assert_eq!(person("ev_guess", "2026-11-25T00:00:00Z"), None);
    }
}
