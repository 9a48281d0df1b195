//! Whether the HTML of a mail says what its text says: then it is read once, else both are read.

use crate::domain::message::Message;
use crate::text::html;

/// Whether a word of the HTML as it is shown stands less often in the text.
pub fn differs(message: &Message) -> bool {
    let Some(source) = &message.html else {
        return false;
    };
    let shown = html::visible_text(source);
    let mut known = std::collections::BTreeMap::<String, isize>::new();
    for word in words(&message.body) {
        *known.entry(word).or_default() += 1;
    }
    words(shown.text()).any(|word| {
        let left = known.entry(word).or_default();
        *left -= 1;
        *left < 0
    })
}

/// Words in small letters, without the signs round them.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split_whitespace()
        .map(|word| {
            word.trim_matches(|c: char| {
                !c.is_alphanumeric() && c != '%' && c != '$' && c != '€' && c != '£'
            })
        })
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}
