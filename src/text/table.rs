//! A table as a person wrote it, TOML, and where it slips.

use chrono::NaiveDate;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::fmt;

/// What is wrong with a table, and in which line, where one can be named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TomlError {
    pub line: Option<usize>,
    /// One line.
    pub problem: String,
}

impl TomlError {
    /// The file, with the line.
    pub fn place(&self, file: &str) -> String {
        match self.line {
            Some(line) => format!("{file}:{line}"),
            None => file.to_owned(),
        }
    }
}

impl fmt::Display for TomlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.problem),
            None => f.write_str(&self.problem),
        }
    }
}

impl std::error::Error for TomlError {}

impl From<String> for TomlError {
    fn from(problem: String) -> Self {
        Self {
            line: None,
            problem,
        }
    }
}

impl From<&str> for TomlError {
    fn from(problem: &str) -> Self {
        problem.to_owned().into()
    }
}

/// A day in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct TomlDate(pub NaiveDate);

impl TryFrom<String> for TomlDate {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let day = text.parse().map(Self);
        day.map_err(|_| "dates are written like 2026-11-23")
    }
}

/// Reads a table.
///
/// # Errors
/// It is no TOML, or not of this shape.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, TomlError> {
    toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| {
            let before = &text.as_bytes()[..span.start.min(text.len())];
            before.iter().filter(|b| **b == b'\n').count() + 1
        });
        TomlError {
            line,
            problem: error.message().replace('\n', " "),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_slip_is_told_with_its_line() {
        let read = |text: &str| read::<BTreeMap<String, u32>>(text);
        let slip = read("a = 1\n\nb = \"é\"\n").unwrap_err();
        assert_eq!(
            (slip.line, slip.place("x.toml")),
            (Some(3), "x.toml:3".into())
        );
        assert!(
            read("a = ")
                .unwrap_err()
                .to_string()
                .starts_with("line 1: ")
        );
        assert_eq!(TomlError::from("no rule").place("x.toml"), "x.toml");
        assert_eq!(read("a = 1").unwrap().len(), 1);
        let days = super::read::<BTreeMap<String, TomlDate>>("a = '2026-11-23'\nb = 'soon'");
        assert_eq!(
            days.unwrap_err().to_string(),
            "line 2: dates are written like 2026-11-23"
        );
    }
}
