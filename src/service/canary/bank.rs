//! Messages to plant: lines of a file, or those that the program ships for the demo firm.

use crate::domain::canary::Expectation;
use crate::domain::jurisdiction::Channel;
use crate::error::{Error, Kind, Result};
use crate::service::intake;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::path::Path;

const SHIPPED: &str = include_str!("../../../assets/canaries.jsonl");

/// Longest text of a line: opened, it lies whole in one entry, with its page.
const MOST_TEXT: usize = 4_000;

const MOST_SUBJECT: usize = 200;
const MOST_CUSTOMER: usize = 4_000;

/// Fewest and most characters that say why.
const WHY: std::ops::RangeInclusive<usize> = 10..=300;

/// A message to plant.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BankLine {
    pub channel: Channel,
    #[serde(default)]
    pub subject: String,
    /// What stands between greeting and closing.
    pub text: String,
    pub expect: Expectation,
    pub why: String,
    /// The page that the customer looked at.
    #[serde(default)]
    pub product: Option<String>,
    #[serde(default)]
    pub place: Option<String>,
    /// Where it stands: `FILE:LINE`.
    #[serde(skip)]
    pub at: String,
    /// Fields of the invented customer, as in a profile.
    #[serde(default)]
    pub customer: Map<String, Value>,
}

/// The lines of a file.
///
/// # Errors
/// The file cannot be read, or a line is none; which, and why.
pub fn read(path: &Path) -> Result<Vec<BankLine>> {
    let name = path.display().to_string();
    lines(&intake::read_text(path, &name)?, &name)
}

/// The shipped lines, violations and clean texts by turns, if there are as many as are asked for.
///
/// # Errors
/// There are not so many.
pub fn shipped(count: usize) -> Result<Vec<BankLine>> {
    let all = lines(SHIPPED, "assets/canaries.jsonl")?;
    if count == 0 || count > all.len() {
        let most = all.len();
        return Err(Error::new(
            Kind::Input,
            format!("{most} messages are shipped, no other number"),
        )
        .at("--shipped")
        .fix(format!("ask for 1 to {most}, or give a file of your own")));
    }
    Ok(all)
}

fn lines(text: &str, name: &str) -> Result<Vec<BankLine>> {
    let numbered = text.lines().enumerate();
    let said = numbered.filter(|(_, line)| !line.trim().is_empty());
    let all: Result<Vec<BankLine>> = said
        .map(|(number, line)| {
            let at = format!("{name}:{}", number + 1);
            let read = line_of(line).map_err(|e| e.at(at.clone()))?;
            Ok(BankLine { at, ..read })
        })
        .collect();
    let all = all?;
    if all.is_empty() {
        return Err(Error::new(Kind::Input, "holds no message to plant").at(name.to_owned()));
    }
    Ok(all)
}

fn line_of(line: &str) -> Result<BankLine> {
    let wrong = |problem: String| {
        Error::new(Kind::Input, problem).fix(
            "write {\"channel\": \"email\", \"subject\": …, \"text\": …, \"expect\": \"violation\" or \"clean\", \"why\": …}",
        )
    };
    let read: BankLine = serde_json::from_str(line).map_err(|e| {
        // What it holds is not repeated.
        let problem = e.to_string();
        wrong(
            problem
                .split(" at line")
                .next()
                .unwrap_or_default()
                .to_owned(),
        )
    })?;
    let (length, why) = (read.text.chars().count(), read.why.trim().chars().count());
    if read.text.trim().is_empty() || length > MOST_TEXT {
        return Err(wrong(format!(
            "text: 1 to {MOST_TEXT} characters; it has {length}"
        )));
    }
    let subject = read.subject.chars().count();
    if subject > MOST_SUBJECT {
        return Err(wrong(format!(
            "subject: at most {MOST_SUBJECT} characters; it has {subject}"
        )));
    }
    for (name, line) in [("subject", &read.subject), ("why", &read.why)] {
        if line.chars().any(char::is_control) {
            return Err(wrong(format!(
                "{name}: one line, without control characters"
            )));
        }
    }
    let customer = Value::Object(read.customer.clone()).to_string().len();
    if customer > MOST_CUSTOMER {
        return Err(wrong(format!(
            "customer: at most {MOST_CUSTOMER} bytes; it has {customer}"
        )));
    }
    if read.customer.contains_key("channel") {
        return Err(wrong("customer: the channel is the line's own".into()));
    }
    if !WHY.contains(&why) {
        return Err(wrong(format!(
            "why: {} to {} characters; it has {why}",
            WHY.start(),
            WHY.end()
        )));
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_lines_are_of_both_kinds_by_turns() {
        let all = lines(SHIPPED, "shipped").unwrap();
        let count = |expect| all.iter().filter(|line| line.expect == expect).count();
        assert!(count(Expectation::Violation) >= 8 && count(Expectation::Clean) >= 6);
        let first = shipped(4).unwrap();
        let clean = first[..4]
            .iter()
            .filter(|line| line.expect == Expectation::Clean);
        assert_eq!(clean.count(), 2);
        assert!(shipped(0).is_err() && shipped(all.len() + 1).is_err());
    }

    #[test]
    fn a_wrong_line_is_named_and_not_repeated() {
        let good = r#"{"channel":"email","text":"It costs $5.","expect":"clean","why":"nothing is promised"}"#;
        for bad in [
            r#"{"channel":"email","text":"secret","expect":"perhaps","why":"nothing is promised"}"#,
            r#"{"channel":"email","text":"","expect":"clean","why":"nothing is promised"}"#,
            r#"{"channel":"email","text":"secret","expect":"clean","why":"no"}"#,
            r#"{"channel":"email","text":"secret","expect":"clean","why":"nothing is promised","plant":1}"#,
        ] {
            let error = lines(&format!("{good}\n{bad}"), "mine.jsonl").unwrap_err();
            let says = error.to_string();
            assert!(
                says.contains("mine.jsonl:2") && !says.contains("secret"),
                "{says}"
            );
        }
    }
}
