//! A rule's test in one line: `This fund cannot lose. {mutual_fund UK ends_at=none}`.

use crate::domain::facts::decimal_ten_thousandths;
use crate::domain::finding::Disposition;
use crate::domain::jurisdiction::{Channel, Jurisdiction, UnknownPlace};
use crate::rules::pack::RuleTest;
use serde_json::Value;

/// The line of a test that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("test `{line}`: {problem}")]
pub struct SampleError {
    pub line: String,
    #[source]
    pub problem: SampleProblem,
}

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SampleProblem {
    #[error("a quote is not closed")]
    OpenQuote,
    #[error("{word} is {problem}")]
    Place {
        word: String,
        #[source]
        problem: UnknownPlace,
    },
}

/// Reads a test. What stands in the braces: a product, a place, `key=value` facts, `message`, a channel, `review`.
///
/// # Errors
/// A word that stands for nothing, or quotes that do not close.
pub fn case(line: &str, place: Option<&Jurisdiction>) -> Result<RuleTest, SampleError> {
    let wrong = |problem| SampleError {
        line: line.to_owned(),
        problem,
    };
    let trimmed = line.trim_end();
    let (text, inside) = match trimmed.strip_suffix('}').and_then(|t| t.rsplit_once('{')) {
        Some((text, inside)) => (text.trim_end(), inside),
        None => (trimmed, ""),
    };
    let mut case = RuleTest {
        text: text.to_owned(),
        jurisdiction: place.cloned(),
        ..RuleTest::default()
    };
    for word in words(inside).map_err(wrong)? {
        if let Some((key, value)) = word.split_once('=') {
            match key {
                "subject" => case.subject = Some(unquoted(value).to_owned()),
                "day" => case.day = Some(value.to_owned()),
                _ => {
                    case.facts.insert(key.to_owned(), value_of(value));
                }
            }
            continue;
        }
        match word.as_str() {
            "message" => case.complete = true,
            "email" => case.channel = Some(Channel::Email),
            "sms" => case.channel = Some(Channel::Sms),
            "push" => case.channel = Some(Channel::Push),
            "review" => case.expect = Some(Disposition::Review),
            "block" => case.expect = Some(Disposition::Block),
            place if place.starts_with(|c: char| c.is_ascii_uppercase()) => {
                case.jurisdiction = Some(Jurisdiction::read(place).map_err(|problem| {
                    let word = place.to_owned();
                    wrong(SampleProblem::Place { word, problem })
                })?);
            }
            product => case.product = Some(product.to_owned()),
        }
    }
    Ok(case)
}

/// Words between spaces; quotes hold spaces together.
fn words(inside: &str) -> Result<Vec<String>, SampleProblem> {
    let mut all = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    for c in inside.chars() {
        match c {
            '"' => {
                quoted = !quoted;
                word.push(c);
            }
            c if c.is_whitespace() && !quoted => {
                if !word.is_empty() {
                    all.push(std::mem::take(&mut word));
                }
            }
            c => word.push(c),
        }
    }
    if quoted {
        return Err(SampleProblem::OpenQuote);
    }
    if !word.is_empty() {
        all.push(word);
    }
    Ok(all)
}

fn unquoted(value: &str) -> &str {
    value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(value)
}

fn value_of(value: &str) -> Value {
    if value.starts_with('"') {
        return Value::from(unquoted(value));
    }
    match value {
        "none" | "null" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ if decimal_ten_thousandths(value).is_some() => value
            .parse::<i64>()
            .map(Value::from)
            .or_else(|_| value.parse::<f64>().map(Value::from))
            .unwrap_or_else(|_| Value::from(value)),
        _ => Value::from(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_product_place_and_facts() {
        let case = case(
            "We pay 5%. {savings UK apy=5.05 ends_at=none bank=\"First Bank\" message sms review}",
            Some(&Jurisdiction::new("US")),
        )
        .unwrap();
        assert_eq!(case.text, "We pay 5%.");
        assert_eq!(case.product.as_deref(), Some("savings"));
        assert_eq!(case.jurisdiction, Some(Jurisdiction::new("UK")));
        assert_eq!(case.facts["ends_at"], Value::Null);
        assert_eq!(case.facts["bank"], "First Bank");
        assert!(case.complete && case.expect == Some(Disposition::Review));
        assert!(super::case("a {x=\"b}", None).is_err());
    }
}
