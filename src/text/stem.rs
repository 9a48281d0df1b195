//! English words without their endings, by a light hand: enough to let words of one family meet.

/// Endings, longest first.
const ENDINGS: [&str; 9] = ["ings", "ing", "edly", "ed", "ies", "es", "ly", "s", "e"];

/// "saved" and "savings" meet, "payment" and "payday" do not. Takes and gives lower case.
pub fn stem(word: &str) -> &str {
    ENDINGS
        .iter()
        .find_map(|ending| word.strip_suffix(ending).filter(|rest| rest.len() >= 3))
        .unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn forms_of_a_word_meet() {
        assert_eq!(stem("saved"), stem("savings"));
        assert_ne!(stem("payment"), stem("payday"));
        assert_eq!(stem("gas"), "gas");
    }
}
