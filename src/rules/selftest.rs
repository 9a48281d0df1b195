//! A pack's own tests: what its author says must and must not be found, with precision and recall per rule.

use super::compile::{Book, CompileError};
use super::evaluate::Prepared;
use super::pack::{Case, Pack, Rule};
use crate::domain::facts::Facts;
use crate::domain::finding::Disposition;
use crate::domain::message::Message;
use crate::text::html;
use serde::Serialize;

/// One test that did not come out as its author said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    pub rule: String,
    pub text: String,
    pub expected: String,
    pub got: String,
}

/// How one rule did on its own tests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleScore {
    pub rule: String,
    pub violate: usize,
    pub comply: usize,
    /// Violating tests found as strictly as they should be.
    pub caught: usize,
    /// Complying tests blocked.
    pub false_blocks: usize,
}

impl RuleScore {
    /// Of what the rule blocked, how much it should have: per cent.
    pub fn precision(&self) -> Option<usize> {
        let blocked = self.caught + self.false_blocks;
        (blocked > 0).then(|| self.caught * 100 / blocked)
    }

    pub fn recall(&self) -> Option<usize> {
        (self.violate > 0).then(|| self.caught * 100 / self.violate)
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    pub rules: Vec<RuleScore>,
    pub failures: Vec<Failure>,
}

/// Runs every test of a pack, each against its own rule alone.
///
/// # Errors
/// The pack does not compile.
pub fn run(pack: &Pack, approved: &[String]) -> Result<Report, CompileError> {
    let book = Book::compile(
        std::slice::from_ref(pack),
        approved.iter().map(String::as_str),
    )?;
    let mut report = Report::default();
    for (index, compiled) in book.rules.iter().enumerate() {
        report.rules.push(test_rule(
            &book,
            index,
            &compiled.rule,
            &mut report.failures,
        ));
    }
    Ok(report)
}

fn test_rule(book: &Book, index: usize, rule: &Rule, failures: &mut Vec<Failure>) -> RuleScore {
    let mut score = RuleScore {
        rule: rule.id.clone(),
        violate: rule.tests.violate.len(),
        comply: rule.tests.comply.len(),
        caught: 0,
        false_blocks: 0,
    };
    let mut fail = |case: &Case, expected: &str, got: Disposition| {
        failures.push(Failure {
            rule: rule.id.clone(),
            text: case.text.clone(),
            expected: expected.to_owned(),
            got: got.as_str().to_owned(),
        });
    };
    for case in &rule.tests.violate {
        let got = outcome(book, index, case, rule);
        let expected = case.expect.unwrap_or(Disposition::Block);
        if got >= expected {
            score.caught += 1;
        } else {
            fail(case, expected.as_str(), got);
        }
    }
    for case in &rule.tests.comply {
        let got = outcome(book, index, case, rule);
        let worst = case.expect.unwrap_or(Disposition::Review);
        if got == Disposition::Block || got > worst {
            score.false_blocks += 1;
            fail(case, "no block", got);
        }
    }
    score
}

fn outcome(book: &Book, index: usize, case: &Case, rule: &Rule) -> Disposition {
    let message = message_of(case, rule);
    book.evaluate_rule(index, &Prepared::new(&message))
        .findings
        .iter()
        .map(|f| f.disposition)
        .max()
        .unwrap_or(Disposition::Pass)
}

fn message_of(case: &Case, rule: &Rule) -> Message {
    let as_of = rule
        .effective_to
        .as_deref()
        .or(rule.effective_from.as_deref())
        .and_then(|day| chrono::DateTime::parse_from_rfc3339(&format!("{day}T12:00:00Z")).ok());
    Message {
        subject: case.subject.clone(),
        body: case.text.clone(),
        html: case
            .html
            .clone()
            .or_else(|| html::looks_like_html(&case.text).then(|| case.text.clone())),
        channel: case.channel.or(rule.channel.first().copied()),
        jurisdiction: case
            .jurisdiction
            .clone()
            .or(rule.jurisdiction.first().cloned()),
        product: case.product.clone(),
        facts: Facts(case.facts.clone()),
        as_of,
        complete: case.complete,
        ..Message::default()
    }
}
