//! Addresses as a profile gives them: readable, or none.

use crate::domain::contact::{EmailAddress, PhoneNumber};

/// An e-mail address alone; as it was written where it stood alone, out of `Name <address>` and the like otherwise. None
/// if it is no address.
pub(super) fn email(text: &str) -> Option<String> {
    let text = text.trim();
    let address = EmailAddress::parse(text).ok()?;
    let alone = !text.contains(|c: char| c.is_whitespace() || "<>\"',;:()[]|".contains(c));
    Some(if alone {
        text.to_owned()
    } else {
        address.to_ascii()
    })
}

/// A telephone number as it was given, by the country where the customer lives; none if it is no number.
pub(super) fn phone(text: &str, country: Option<&str>) -> Option<String> {
    let text = text.trim();
    let number = PhoneNumber::parse(text, country).ok()?;
    let has_words = text.contains(|c: char| c.is_alphabetic());
    let plain = number.e164().filter(|_| has_words);
    Some(plain.unwrap_or(text).to_owned())
}
