//! Passphrases: from a file that the environment names, or asked for at the terminal. Never from an argument.

use super::global::Global;
use crate::error::{Error, Kind, Result};
use crate::service::home::origin;
use crate::service::users::enrolment::PASSPHRASE_CHARS;
use crate::service::users::remembered;
use crate::service::{Needs, Workspace};
use std::io::{self, IsTerminal as _};
use zeroize::Zeroizing;

/// How often a passphrase is asked for.
const TRIES: usize = 3;
/// File with the passphrase of the acting person's key.
const OWN: &str = "ECHOVOICE_PASSPHRASE_FILE";
/// File with the passphrase of a key that is made.
const NEW: &str = "ECHOVOICE_NEW_PASSPHRASE_FILE";

/// Opens the acting person's key if it is locked.
///
/// # Errors
/// There is nobody to ask, or the passphrase is wrong.
pub fn unlock(workspace: &Workspace) -> Result<()> {
    if !workspace.is_locked() {
        return Ok(());
    }
    if let Some(passphrase) = given(OWN)? {
        return workspace.unlock(&passphrase);
    }
    let question = format!("passphrase of {}: ", workspace.person.name);
    let mut left = TRIES;
    loop {
        left -= 1;
        match workspace.unlock(&ask(&question)?) {
            Ok(()) => return Ok(()),
            Err(error) if left > 0 => eprintln!("{}; {left} more", error.what),
            Err(error) => {
                // What is typed next may be the passphrase once more, and must not reach the shell.
                let _ = ask("wrong three times, nothing was done; Enter leaves: ");
                return Err(error
                    .fix("start again, or have the key replaced: `echovoice user replace-key`"));
            }
        }
    }
}

/// Opens the workspace to write, and the acting person's key with it.
///
/// # Errors
/// See [`super::open`] and [`unlock`].
pub fn open_to_sign(global: &Global) -> Result<Workspace> {
    let workspace = super::open(global, Needs::Record)?;
    unlock(&workspace)?;
    // Whoever showed who they are is remembered, if nobody is yet.
    let home = &workspace.home;
    if global.acting.is_some() && origin::is_own(home) && remembered::who(home).is_none() {
        let _ = remembered::remember(home, Some(&workspace.person.name));
    }
    Ok(workspace)
}

/// A passphrase for a key that is made, asked for twice.
///
/// # Errors
/// There is nobody to ask, or the two differ.
pub fn new(name: &str) -> Result<Zeroizing<String>> {
    if let Some(passphrase) = given(NEW)? {
        return Ok(passphrase);
    }
    let question = format!("new passphrase of {name} (at least {PASSPHRASE_CHARS} characters): ");
    for left in (0..TRIES).rev() {
        let first = ask(&question)?;
        let problem = if first.chars().count() < PASSPHRASE_CHARS {
            "too short"
        } else if *first == *ask("once more: ")? {
            return Ok(first);
        } else {
            "the two differ"
        };
        eprintln!("{problem}; {left} more");
    }
    // As above: the next thing typed may be a passphrase.
    let _ = ask("nothing was made; Enter leaves: ");
    Err(Error::new(Kind::Input, "no passphrase was chosen"))
}

/// The passphrase in the file that a variable names; none where somebody can be asked instead.
fn given(variable: &str) -> Result<Option<Zeroizing<String>>> {
    let Some(path) = std::env::var_os(variable) else {
        if io::stdin().is_terminal() {
            return Ok(None);
        }
        return Err(Error::new(
            Kind::Input,
            "a passphrase is needed, and there is nobody to ask",
        )
        .fix(format!("name a file that holds it in {variable}")));
    };
    let text = std::fs::read_to_string(&path)
        .map(Zeroizing::new)
        .map_err(|e| Error::of(Kind::Io, e).at(variable.to_owned()))?;
    let passphrase = text.trim_end_matches(['\r', '\n']).to_owned();
    Ok(Some(Zeroizing::new(passphrase)))
}

fn ask(question: &str) -> Result<Zeroizing<String>> {
    rpassword::prompt_password(question)
        .map(Zeroizing::new)
        .map_err(|e| Error::of(Kind::Io, e))
}
