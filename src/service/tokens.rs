//! Bearer tokens of the HTTP interface. Each stands for somebody on the roster; only its hash is kept.

use super::workspace::now;
use crate::domain::digest::Digest;
use crate::error::{Error, Kind, Result};
use crate::files;
use crate::ledger::keys::random;
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
        Err(e) => Err(Error::new(Kind::Io, e.to_string()).at(place())),
    }
}

/// Makes a token for somebody; it is shown once and never again.
///
/// # Errors
/// The system gives no randomness, or the file cannot be written.
pub fn add(home: &Path, person: &str, expires: Option<&str>) -> Result<(Token, Zeroizing<String>)> {
    if let Some(time) = expires {
        DateTime::parse_from_rfc3339(time).map_err(|_| {
            Error::new(Kind::Input, "the end is not a time").fix("write it as 2027-01-31T00:00:00Z")
        })?;
    }
    let failed = |e: std::io::Error| Error::new(Kind::Io, e.to_string());
    let secret = Zeroizing::new(random::<32>().map_err(failed)?);
    let text = Zeroizing::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(*secret)));
    let token = Token {
        id: hex::encode(random::<4>().map_err(failed)?),
        person: person.to_owned(),
        hash: Digest::of(text.as_bytes()),
        made: now(),
        expires: expires.map(str::to_owned),
    };
    let mut all = list(home)?;
    all.push(token.clone());
    write(home, &all)?;
    Ok((token, text))
}

/// Takes a token back.
///
/// # Errors
/// There is none of this id, or the file cannot be written.
pub fn revoke(home: &Path, id: &str) -> Result<()> {
    let mut all = list(home)?;
    let before = all.len();
    all.retain(|token| token.id != id);
    if all.len() == before {
        return Err(Error::new(Kind::NotFound, "there is no token of this id")
            .fix("list them with `echovoice token list`"));
    }
    write(home, &all)
}

fn write(home: &Path, all: &[Token]) -> Result<()> {
    let path = file(home);
    let failed =
        |e: std::io::Error| Error::new(Kind::Io, e.to_string()).at(path.display().to_string());
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
    fn a_token_is_known_by_its_hash_until_it_ends_or_is_revoked() {
        let home = tempfile::tempdir().unwrap();
        let end = Some("2027-01-31T00:00:00Z");
        let (token, text) = add(home.path(), "demo.officer", end).unwrap();
        let kept = fs::read_to_string(file(home.path())).unwrap();
        assert!(!kept.contains(text.as_str()) && text.starts_with(PREFIX));
        let all = list(home.path()).unwrap();
        let person = |shown: &str, now: &str| known(&all, shown, now).map(|t| t.person.clone());
        assert_eq!(
            person(&text, "2026-11-25T00:00:00Z").unwrap(),
            "demo.officer"
        );
        assert_eq!(person(&text, "2027-01-31T00:00:01+00:00"), None);
        assert_eq!(person("ev_guess", "2026-11-25T00:00:00Z"), None);
        revoke(home.path(), &token.id).unwrap();
        assert!(list(home.path()).unwrap().is_empty());
        assert!(revoke(home.path(), &token.id).is_err());
        assert!(add(home.path(), "x", Some("tomorrow")).is_err());
    }
}
