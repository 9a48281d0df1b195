//! The opt-out list of earlier versions: hashes without a key, of lines as they stood in a file. They cannot be turned back
//! and go on holding, under the hash that they were made with.

use super::who::{addresses, numbers};
use crate::domain::contact::comparable_id;
use crate::domain::digest::Digest;
use crate::domain::profile::Profile;
use std::collections::BTreeSet;

/// What stood in the list for a line. It took the last ten digits of a number, and a line that was no number as it was.
pub(super) fn hash(text: &str) -> String {
    let text = text.trim().to_lowercase();
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let is_number = digits.len() >= 7
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || "+-. ()".contains(c));
    let same = if is_number {
        digits[digits.len().saturating_sub(10)..].to_owned()
    } else {
        text
    };
    hex::encode(Digest::of_parts([b"echovoice/opt-out/v1".as_slice(), same.as_bytes()]).0)
}

/// All hashes under which a customer may stand in such a list: by each way to write the id, an address or a number, and by
/// what stood around it in files whose lines were hashed whole.
pub(super) fn hashes(profile: &Profile) -> BTreeSet<String> {
    let mut written = BTreeSet::from([profile.id.clone(), comparable_id(&profile.id)]);
    written.extend(profile.email.clone());
    written.extend(profile.phone.clone());
    for address in addresses(profile) {
        written.extend([address.canonical().to_owned(), address.inbox()]);
    }
    for number in numbers(profile) {
        for (code, national) in number.international() {
            written.extend([
                format!("+{code}{national}"),
                format!("0{national}"),
                national.to_owned(),
            ]);
        }
    }
    let name = profile.name.as_deref().unwrap_or_default();
    let mut hashes = BTreeSet::new();
    for text in &written {
        hashes.insert(hash(text));
        for around in [
            format!("\"{text}\""),
            format!("'{text}'"),
            format!("<{text}>"),
            format!("{text},"),
            format!("{text};"),
            format!("\u{FEFF}{text}"),
            format!("mailto:{text}"),
            format!("tel:{text}"),
            format!("{text}.0"),
            format!("{name} <{text}>"),
            format!("\"{name}\" <{text}>"),
        ] {
            hashes.insert(hash(&around));
        }
    }
    hashes
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_the_list_held_it_holds() {
        let profile = Profile::from_value(&json!({
            "id": "10234", "name": "Ann Osei", "email": "Ann@Example.com", "phone": "+33 6 12 34 56 78"
        }))
        .unwrap();
        let hashes = hashes(&profile);
        for line in [
            "10234",
            "10234.0",
            " ann@example.com ",
            "\"ann@example.com\"",
            "Ann Osei <ann@example.com>",
            "\u{FEFF}ann@example.com",
            "+33612345678",
            "06 12 34 56 78",
            "tel:+33612345678",
        ] {
            assert!(hashes.contains(&hash(line)), "{line:?}");
        }
        assert!(!hashes.contains(&hash("bob@example.com")));
        assert_eq!(hash("+1 (302) 555-0142"), hash("302.555.0142"));
    }
}
