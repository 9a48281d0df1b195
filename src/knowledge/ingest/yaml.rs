//! YAML of front matter and of files beside documents. It comes from outside: aliases and depth are bounded by the reader.

use serde::de::DeserializeOwned;

/// What the text says. `yes` and `no` are words, as in YAML 1.2: a title of `No` is a title.
///
/// # Errors
/// It is no YAML, says a key twice, or is deeper than documents are. The words name the line and repeat nothing of it.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, serde_saphyr::Error> {
    let options = serde_saphyr::options! {
        strict_booleans: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn words_stay_words() {
        let read: Value =
            read("title: No\nproduct: [yes, savings]\nversion: 1.10\nday: 2026-01-05\n").unwrap();
        assert_eq!(read["title"], json!("No"));
        assert_eq!(read["product"], json!(["yes", "savings"]));
        assert_eq!(read["day"], json!("2026-01-05"));
    }

    #[test]
    fn a_key_twice_is_told_without_its_value() {
        let error = read::<Value>("title: first\ntitle: private words\n").unwrap_err();
        let error = error.to_string();
        assert!(error.contains('2') && !error.contains("private"), "{error}");
    }
}
