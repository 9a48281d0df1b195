//! How hard a text is to read.

/// Flesch-Kincaid grade × 10 (Kincaid et al. 1975: 0.39·words/sentences + 11.8·syllables/words − 15.59), never
/// below 0. `None` under 20 words, where the formula says nothing.
pub fn grade_tenths(text: &str) -> Option<i64> {
    let sentences = i64::try_from(super::sentence::sentences(text).len())
        .ok()?
        .max(1);
    let mut words = 0_i64;
    let mut syllables = 0_i64;
    for word in words_of(text) {
        words += 1;
        syllables += syllables_of(word);
    }
    if words < 20 {
        return None;
    }
    Some((39 * words / sentences / 10 + 118 * syllables / words - 156).max(0))
}

/// Words: runs that hold a letter.
pub fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '-')))
        .filter(|word| word.chars().any(char::is_alphabetic))
}

/// Vowel groups, less a silent final e.
fn syllables_of(word: &str) -> i64 {
    let lower = word.to_lowercase();
    let vowel = |c: char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
    let mut count = 0;
    let mut before = false;
    for c in lower.chars() {
        let is = vowel(c);
        if is && !before {
            count += 1;
        }
        before = is;
    }
    if lower.ends_with('e') && !lower.ends_with("le") && count > 1 {
        count -= 1;
    }
    count.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_score_lower_than_legal_ones() {
        let plain = "You can pay in small parts. We will show you each cost first. Then you choose. You can stop at any time you like.";
        let legal = "Notwithstanding any contractual representation heretofore communicated, amortization obligations accelerate immediately upon constructive notification, irrespective of intermediary jurisdictional considerations affecting enforceability.";
        assert!(grade_tenths(plain).unwrap() < 50);
        assert!(grade_tenths(legal).unwrap() > 200);
        assert_eq!(grade_tenths("Too short."), None);
    }
}
