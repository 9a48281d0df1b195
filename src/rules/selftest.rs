//! A pack's own tests: what its author says must and must not be found, with precision and recall per rule.

use super::claimed::Readings;
use super::compile::RuleBook;
use super::error::CompileError;
use super::pack::{Pack, Rule, RuleTest};
use super::prepared::Prepared;
use crate::claims::ClaimKind;
use crate::domain::facts::Facts;
use crate::domain::finding::Disposition;
use crate::domain::message::Message;
use crate::text::html;
use chrono::NaiveDate;
use serde::Serialize;

/// One test that did not come out as its author said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    pub rule: String,
    pub text: String,
    pub expected: String,
    pub got: String,
}

/// A message on which a rule must not speak: a finding that a person dismissed.
#[derive(Clone, Debug)]
pub struct DismissedMessage {
    pub rule: String,
    pub message: Message,
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
    /// Dismissed findings recorded against the rule, and how many of them it still makes.
    pub dismissed: usize,
    pub still_found: usize,
}

impl RuleScore {
    /// Of what the rule spoke on, how much it should have, dismissals counted as mistakes: per cent.
    pub fn precision(&self) -> Option<usize> {
        let spoke = self.caught + self.false_blocks + self.still_found;
        (spoke > 0).then(|| self.caught * 100 / spoke)
    }

    /// How it did in words, as many examples as there are: a share of few says little.
    pub fn in_words(&self) -> String {
        let (found, wrong) = (self.caught, self.false_blocks);
        let mut words = format!(
            "{found} of {} found, {wrong} of {} wrongly blocked",
            self.violate, self.comply
        );
        if self.dismissed > 0 {
            let still = format!(
                ", {} of {} dismissed still found",
                self.still_found, self.dismissed
            );
            words.push_str(&still);
        }
        words
    }

    pub fn recall(&self) -> Option<usize> {
        (self.violate > 0).then(|| self.caught * 100 / self.violate)
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SelfTestReport {
    /// Kinds of claims whose sentences were read.
    pub kinds: usize,
    pub rules: Vec<RuleScore>,
    pub failures: Vec<Failure>,
    /// Dated rules without a sentence of their author's beyond an end of their days, in words.
    pub untested_days: Vec<String>,
    /// Texts of dismissed findings that the pack still makes.
    pub still_found: Vec<Failure>,
}

/// Runs every test of a pack, each against its own rule alone, and the dismissed findings of its rules. `others` are the
/// packs whose kinds, legends and product classes it may name.
///
/// # Errors
/// The pack does not compile.
pub fn run(
    pack: &Pack,
    others: &[Pack],
    approved: &[String],
    rows: &[DismissedMessage],
) -> Result<SelfTestReport, CompileError> {
    let mut all: Vec<Pack> = others
        .iter()
        .filter(|other| other.head.id != pack.head.id)
        // What the others rule is not under test.
        .map(Pack::without_rules)
        .collect();
    all.push(pack.clone());
    let book = RuleBook::compile(&all, approved.iter().map(String::as_str))?;
    book.compile_expressions()?;
    let mut report = SelfTestReport::default();
    for kind in &pack.kinds {
        test_kind(&book, kind, &mut report);
    }
    for (index, compiled) in book.rules.iter().enumerate() {
        test_days(&book, index, &compiled.rule, &mut report);
        let mut score = test_rule(&book, index, &compiled.rule, &mut report.failures);
        for row in rows.iter().filter(|row| row.rule == compiled.rule.id) {
            score.dismissed += 1;
            let got = worst(&book, index, &row.message);
            if got >= Disposition::Review {
                score.still_found += 1;
                report.still_found.push(Failure {
                    rule: row.rule.clone(),
                    text: row.message.body.clone(),
                    expected: "nothing (dismissed)".into(),
                    got: got.as_str().to_owned(),
                });
            }
        }
        report.rules.push(score);
    }
    Ok(report)
}

/// Whether a kind is found in the sentences that make it, and in none that does not.
fn test_kind(book: &RuleBook, kind: &ClaimKind, report: &mut SelfTestReport) {
    let Some(index) = book.lexicon.kind(&kind.id) else {
        return;
    };
    report.kinds += 1;
    for (text, wanted) in kind
        .makes
        .iter()
        .map(|text| (text, true))
        .chain(kind.not.iter().map(|text| (text, false)))
    {
        let message = Message {
            body: text.clone(),
            ..Message::default()
        };
        let prepared = Prepared::new(&message);
        let readings = Readings::of(&book.lexicon, &prepared);
        let views = prepared.parts.iter().flat_map(|part| &part.views);
        let mut claims = views
            .zip(readings.views.iter().flatten())
            .flat_map(|(view, reading)| reading.claims.iter().map(move |claim| (view, claim)));
        // A claim that its sentence denies is listed, and is none of the sentence's.
        let made =
            claims.any(|(view, claim)| claim.kind == index && (wanted || !claim.is_disowned(view)));
        if made != wanted {
            let (expected, got) = if wanted {
                ("the claim", "nothing")
            } else {
                ("nothing", "the claim")
            };
            report.failures.push(Failure {
                rule: kind.id.clone(),
                text: text.clone(),
                expected: expected.into(),
                got: got.into(),
            });
        }
    }
}

fn worst(book: &RuleBook, index: usize, message: &Message) -> Disposition {
    book.evaluate_rule(index, &Prepared::new(message))
        .findings
        .iter()
        .map(|f| f.disposition)
        .max()
        .unwrap_or(Disposition::Pass)
}

fn test_rule(book: &RuleBook, index: usize, rule: &Rule, failures: &mut Vec<Failure>) -> RuleScore {
    let mut score = RuleScore {
        rule: rule.id.clone(),
        violate: rule.tests.violate.len(),
        comply: rule.tests.comply.len(),
        caught: 0,
        false_blocks: 0,
        dismissed: 0,
        still_found: 0,
    };
    let mut fail = |case: &RuleTest, expected: &str, got: Disposition| {
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

/// Whether a dated rule is silent on the day before its first and after its last, and whether its author shows it.
fn test_days(book: &RuleBook, index: usize, rule: &Rule, report: &mut SelfTestReport) {
    let term = rule.term();
    let before = term.from.and_then(|from| from.pred_opt());
    let after = term.to.and_then(|to| to.succ_opt());
    for day in before.into_iter().chain(after) {
        for case in &rule.tests.violate {
            let case = RuleTest {
                day: Some(day.to_string()),
                ..case.clone()
            };
            let got = outcome(book, index, &case, rule);
            if got > Disposition::Pass {
                report.failures.push(Failure {
                    rule: rule.id.clone(),
                    text: case.text,
                    expected: format!("nothing on {day}"),
                    got: got.as_str().to_owned(),
                });
            }
        }
    }
    let days = rule.tests.comply.iter();
    let days: Vec<NaiveDate> = days
        .filter_map(|case| case.day.as_deref()?.parse().ok())
        .collect();
    for (is_shown, day, side) in [
        (
            days.iter().any(|day| Some(*day) <= before),
            before,
            "before it begins",
        ),
        (
            days.iter().any(|day| Some(*day) >= after),
            after,
            "after it ends",
        ),
    ] {
        if let (false, Some(day)) = (is_shown, day) {
            report.untested_days.push(format!(
                "{}: no complying test {side}; add one with day={day}",
                rule.id
            ));
        }
    }
}

fn outcome(book: &RuleBook, index: usize, case: &RuleTest, rule: &Rule) -> Disposition {
    worst(book, index, &message_of(case, rule))
}

fn message_of(case: &RuleTest, rule: &Rule) -> Message {
    let day = case.day.as_deref();
    let day = day.or(rule.effective_to.as_deref());
    let as_of = day
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
        remarks: Vec::new(),
        ..Message::default()
    }
}
