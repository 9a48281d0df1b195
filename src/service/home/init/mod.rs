//! A home of a firm's own: what has to be known of the firm, checked answer by answer, and the files that come of it.

mod texts;

use crate::domain::contact::EmailAddress;
use crate::domain::jurisdiction::{Channel, Jurisdiction};
use crate::error::{Error, Kind, Result};
use crate::files;
use crate::ledger::keyfile;
use crate::ledger::keys::SigningKey;
use crate::service::home::origin::{self, Origin};
use crate::service::home::{assets, ownership};
use crate::service::users::enrolment;
use crate::service::users::people;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Longest text of one answer.
const LONGEST: usize = 200;

/// A product of the firm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewProduct {
    /// What kind of product it is, as the rules know it: `savings`, `mortgage` …
    pub class: String,
    pub name: String,
    /// A sentence that is true of it.
    pub says: String,
}

/// What a home is made from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewFirm {
    pub name: String,
    pub address: String,
    /// Where the firm's pages are.
    pub link: String,
    pub email: String,
    pub voice: String,
    pub sms_sender: String,
    pub jurisdictions: Vec<Jurisdiction>,
    pub channels: Vec<Channel>,
    pub products: Vec<NewProduct>,
    /// An invented customer to try with.
    pub examples: bool,
}

fn wrong(what: impl Into<String>, fix: &str) -> Error {
    Error::new(Kind::Input, what).fix(fix)
}

/// A line of words.
///
/// # Errors
/// It is empty, long, or holds what no line has.
pub fn line(what: &str, text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(wrong(format!("{what} is empty"), "give it"));
    }
    if text.chars().count() > LONGEST || text.chars().any(char::is_control) {
        let problem = format!("{what} is not one line of at most {LONGEST} characters");
        return Err(wrong(problem, "shorten it"));
    }
    if text.contains(['{', '}']) {
        let problem = format!("{what} holds a brace, which stands for something to fill in");
        return Err(wrong(problem, "write it without"));
    }
    Ok(text.to_owned())
}

/// The firm's postal address.
///
/// # Errors
/// It has no street and place that one could write to.
pub fn address(text: &str) -> Result<String> {
    let text = line("the address", text)?;
    let has_number = text.chars().any(|c| c.is_ascii_digit());
    if has_number && text.contains(',') {
        Ok(text)
    } else {
        Err(wrong(
            "this is no postal address",
            "street and number, place and code, with commas between: 1 Harbor Road, Newport, RI 02840",
        ))
    }
}

/// Where the firm's pages begin.
///
/// # Errors
/// It is no `https` address.
pub fn link(text: &str) -> Result<String> {
    let text = line("the web address", text)?;
    let text = if text.contains("://") {
        text
    } else {
        format!("https://{text}")
    };
    let text = text.trim_end_matches('/');
    let host = host(text);
    let is_plain = host.contains('.')
        && host.split('.').all(|label| !label.is_empty())
        && !text.contains([' ', '"', '<', '>', '?', '#', '@']);
    if text.starts_with("https://") && is_plain {
        Ok(text.to_owned())
    } else {
        Err(wrong(
            "this is no web address that messages may link to",
            "as in https://www.brookbank.example",
        ))
    }
}

/// The host of a web address.
fn host(link: &str) -> &str {
    let rest = link.trim_start_matches("https://");
    rest.split(['/', ':']).next().unwrap_or_default()
}

/// The mailbox that messages come from.
///
/// # Errors
/// It is none.
pub fn email(text: &str) -> Result<String> {
    let text = line("the e-mail address", text)?;
    EmailAddress::parse(&text).map_err(|e| {
        wrong(
            format!("the e-mail address: {e}"),
            "as in hello@brookbank.example",
        )
    })?;
    Ok(text)
}

/// Who texts come from.
///
/// # Errors
/// No network would carry it.
pub fn sms_sender(text: &str) -> Result<String> {
    let text = text.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == ' ';
    if (3..=11).contains(&text.len()) && text.chars().all(plain) {
        Ok(text.to_owned())
    } else {
        Err(wrong(
            "this cannot be the sender of a text",
            "3 to 11 letters and digits",
        ))
    }
}

/// The sender of texts that a firm's name gives.
pub fn sms_sender_of(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    let short: String = letters.take(11).collect::<String>().to_uppercase();
    if short.len() < 3 {
        "SENDER".to_owned()
    } else {
        short
    }
}

/// Places, with commas between.
///
/// # Errors
/// One is none, or there is none.
pub fn jurisdictions(text: &str) -> Result<Vec<Jurisdiction>> {
    each(text, "jurisdiction", "as in US, US-CA, UK, EU, DE", |one| {
        Jurisdiction::read(one)
    })
}

/// Channels, with commas between.
///
/// # Errors
/// One is none, or there is none.
pub fn channels(text: &str) -> Result<Vec<Channel>> {
    each(text, "channel", "email, sms, push", |one| {
        Channel::parse(&one.to_ascii_lowercase()).ok_or("not known")
    })
}

fn each<T: PartialEq, E: std::fmt::Display>(
    text: &str,
    what: &str,
    fix: &str,
    read: impl Fn(&str) -> std::result::Result<T, E>,
) -> Result<Vec<T>> {
    let mut all = Vec::new();
    for one in text.split([',', ' ', ';']).filter(|one| !one.is_empty()) {
        let found = read(one).map_err(|e| wrong(format!("{what} {one}: {e}"), fix))?;
        if !all.contains(&found) {
            all.push(found);
        }
    }
    if all.is_empty() {
        return Err(wrong(format!("no {what} is named"), fix));
    }
    Ok(all)
}

/// A product, as `CLASS=NAME` or `CLASS=NAME: SENTENCE`.
///
/// # Errors
/// It is of another form.
pub fn product(text: &str) -> Result<NewProduct> {
    let fix = "as in savings=Brook Saver: A savings account without a monthly fee.";
    let (class, rest) = text
        .split_once('=')
        .ok_or_else(|| wrong("the product has no `=`", fix))?;
    let (name, says) = rest.split_once(": ").unwrap_or((rest, ""));
    let class = class.trim().to_ascii_lowercase().replace([' ', '-'], "_");
    let is_word = class.starts_with(|c: char| c.is_ascii_lowercase())
        && class
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !is_word {
        return Err(wrong(
            "the kind of a product is a word: savings, mortgage …",
            fix,
        ));
    }
    let says = match says.trim() {
        "" => String::new(),
        says => {
            let says = line("the sentence about the product", says)?;
            if says.ends_with(['.', '!', '?']) {
                says
            } else {
                format!("{says}.")
            }
        }
    };
    Ok(NewProduct {
        class,
        name: line("the product's name", name)?,
        says,
    })
}

/// Name of the first administrator.
///
/// # Errors
/// It cannot be a name here.
pub fn admin(text: &str) -> Result<String> {
    enrolment::fit(text.trim()).map(|()| text.trim().to_owned())
}

/// Whether the rules that ship know this kind of product; if not, those for a class of products cannot be told from those
/// for another.
pub fn is_known_class(class: &str) -> bool {
    let classes = assets::shipped("claims/products.toml").unwrap_or_default();
    classes.contains(&format!("\"{class}\""))
}

/// Whether a home can be made here.
///
/// # Errors
/// Something is there already.
pub fn is_free(home: &Path) -> Result<()> {
    let mut inside = match fs::read_dir(home) {
        Ok(inside) => inside,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(Error::of(Kind::Io, e).at(home.display().to_string())),
    };
    if inside.next().is_none() {
        return Ok(());
    }
    let problem = if origin::is_own(home) {
        "a firm's home is here already"
    } else if home.join("ledger.redb").exists() {
        "a home with a record is here already"
    } else {
        "the folder is not empty"
    };
    Err(Error::new(Kind::Input, problem)
        .at(home.display().to_string())
        .fix("name another folder with --home DIR; nothing was changed"))
}

/// Makes a home, with the first administrator's key in it; the files that were made come back. The record begins when the
/// home is first opened.
///
/// # Errors
/// The folder is not free, the name or the passphrase is unfit, or something cannot be written: then nothing is left.
pub fn make(home: &Path, firm: &NewFirm, admin: &str, passphrase: &str) -> Result<Vec<PathBuf>> {
    is_free(home)?;
    enrolment::fit(admin)?;
    enrolment::long_enough(passphrase)?;
    let made = texts::of(firm)?;
    let failed = |e: io::Error| {
        Error::new(Kind::Io, format!("the home cannot be made: {e}"))
            .at(home.display().to_string())
            .fix("choose another with --home DIR or ECHOVOICE_HOME")
    };
    // Made beside and renamed: a home is there whole or not at all.
    let mut aside = home.as_os_str().to_owned();
    aside.push(".making");
    let aside = PathBuf::from(aside);
    let _ = fs::remove_dir_all(&aside);
    let all = (|| {
        files::folder(&aside)?;
        for (name, text) in &made {
            let path = aside.join(name);
            if let Some(folder) = path.parent() {
                files::folder(folder)?;
            }
            files::write_new(&path, text.as_bytes())?;
        }
        for folder in ["profiles", "keys"] {
            files::folder(&aside.join(folder))?;
        }
        assets::law(&aside.join("policies"))?;
        let key = SigningKey::generate()?;
        let path = people::key_file(&aside.join("keys"), admin);
        keyfile::save(&key, &path, admin, "reviewer key", Some(passphrase))?;
        let origin = Origin {
            firm: firm.name.clone(),
            admin: admin.to_owned(),
            key: key.public().to_text(),
        };
        origin::write(&aside, &origin)?;
        if home.is_dir() {
            fs::remove_dir(home)?;
        }
        fs::rename(&aside, home)
    })();
    if let Err(e) = all {
        let _ = fs::remove_dir_all(&aside);
        return Err(failed(e));
    }
    ownership::is_ours(home)?;
    Ok(made.into_iter().map(|(name, _)| home.join(name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_checked_one_by_one() {
        assert_eq!(
            link("brook.example/").unwrap(),
            "https://brook.example".to_owned()
        );
        for bad in ["http://brook.example", "brook", "https://a b.example", ""] {
            assert!(link(bad).is_err(), "{bad}");
        }
        assert!(address("1 Harbor Road, Newport, RI 02840").is_ok());
        assert!(address("Newport").is_err());
        assert!(email("hello@brook.example").is_ok());
        assert!(email("hello").is_err());
        assert_eq!(sms_sender_of("Brook & Sons Bank"), "BROOKSONSBA");
        assert!(sms_sender("A very long sender").is_err());
        assert_eq!(channels("Email, sms,email").unwrap().len(), 2);
        assert!(channels("pigeon").is_err() && jurisdictions(" ").is_err());
        let saver = product("Regular-Saver=Brook Saver: No monthly fee").unwrap();
        assert_eq!(
            (saver.class.as_str(), saver.says.as_str()),
            ("regular_saver", "No monthly fee.")
        );
        assert!(product("Brook Saver").is_err() && product("savings={x}").is_err());
        assert!(is_known_class("savings") && !is_known_class("brook_saver"));
    }
}
