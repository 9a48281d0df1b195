//! Customers by the firm's own number: through the vault's keyed locator. No index holds a number, and an erasure takes
//! the way from the number to the record together with the key.

use crate::error::Result;
use crate::service::home::workspace::Workspace;

/// A customer's number as somebody typed it, and the name in the record.
pub type NamedCustomer = (String, String);

/// What a word of a filter may name as a customer's number: any bare word, and what follows `customer:`.
fn number(word: &str) -> Option<&str> {
    match word.split_once(':') {
        None => Some(word),
        Some((name, number)) => name.eq_ignore_ascii_case("customer").then_some(number),
    }
}

/// Whether a filter asks for a customer by something else than the name in the record.
pub fn names_one(filter: &str) -> bool {
    let named = filter.split_whitespace().filter(|word| word.contains(':'));
    let mut numbers = named.filter_map(number);
    numbers.any(|number| !number.is_empty() && !number.starts_with("s-"))
}

/// The customers that the words of a filter name.
///
/// # Errors
/// The ledger cannot be read.
pub fn named_in(workspace: &Workspace, filter: &str) -> Result<Vec<NamedCustomer>> {
    let ledger = workspace.ledger()?;
    let mut found = Vec::new();
    for number in filter.split_whitespace().filter_map(number) {
        if !number.is_empty()
            && let Some(pseudonym) = ledger.pseudonym(number)?
        {
            found.push((number.to_owned(), pseudonym));
        }
    }
    Ok(found)
}

/// The words of a filter, with customers as the record names them.
pub fn as_recorded(filter: &str, known: &[NamedCustomer]) -> String {
    let words = filter.split_whitespace().map(|word| {
        let named = known.iter().find(|(known, _)| number(word) == Some(known));
        named.map_or_else(|| word.to_owned(), |(_, name)| format!("customer:{name}"))
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_put_as_the_record_names_its_customer() {
        let known = [("C-20417".to_owned(), "s-9f".to_owned())];
        for (typed, expected) in [
            ("C-20417", "customer:s-9f"),
            ("customer:C-20417 who:ruiz", "customer:s-9f who:ruiz"),
            ("Customer:C-20417", "customer:s-9f"),
            ("reason:C-20417 C-2041", "reason:C-20417 C-2041"),
        ] {
            assert_eq!(as_recorded(typed, &known), expected);
        }
    }
}
