//! Passphrases: from a file that the environment names, or asked for at the terminal. Never from an argument.

use super::args::Global;
use crate::error::{Error, Kind, Result};
use crate::service::users::enrolment::PASSPHRASE_CHARS;
use crate::service::{Needs, Workspace};
use std::io::{self, IsTerminal as _};
use zeroize::Zeroizing;

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
    let question = format!("passphrase of {}: ", workspace.person.name);
    let passphrase = from(OWN, &question)?;
    workspace.unlock(&passphrase)
}

/// Opens the workspace to write, and the acting person's key with it.
///
/// # Errors
/// See [`super::open`] and [`unlock`].
pub fn open_to_sign(global: &Global) -> Result<Workspace> {
    let workspace = super::open(global, Needs::Record)?;
    unlock(&workspace)?;
    Ok(workspace)
}

/// A passphrase for a key that is made, asked for twice.
///
/// # Errors
/// There is nobody to ask, or the two differ.
pub fn new(name: &str) -> Result<Zeroizing<String>> {
    let first = from(
        NEW,
        &format!("new passphrase of {name} (at least {PASSPHRASE_CHARS} characters): "),
    )?;
    if std::env::var_os(NEW).is_none() && *first != *ask("once more: ")? {
        return Err(Error::new(Kind::Input, "the two passphrases differ"));
    }
    Ok(first)
}

fn from(variable: &str, question: &str) -> Result<Zeroizing<String>> {
    let Some(path) = std::env::var_os(variable) else {
        if io::stdin().is_terminal() {
            return ask(question);
        }
        return Err(Error::new(
            Kind::Input,
            "a passphrase is needed, and there is nobody to ask",
        )
        .fix(format!("name a file that holds it in {variable}")));
    };
    let text = std::fs::read_to_string(&path)
        .map(Zeroizing::new)
        .map_err(|e| Error::new(Kind::Io, e.to_string()).at(variable.to_owned()))?;
    Ok(Zeroizing::new(
        text.trim_end_matches(['\r', '\n']).to_owned(),
    ))
}

fn ask(question: &str) -> Result<Zeroizing<String>> {
    rpassword::prompt_password(question)
        .map(Zeroizing::new)
        .map_err(|e| Error::new(Kind::Io, e.to_string()))
}
