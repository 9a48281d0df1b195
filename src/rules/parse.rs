//! From the TOML of a pack, as a person wrote it, to the pack: either form.

use super::claimed::{ClaimPackFile, WrittenRule};
use super::error::PackError;
use super::examples::Examples;
use super::pack::{Pack, PackHeader, PackTerms, Rule, first_form, is_id};
use crate::domain::digest::Digest;
use crate::domain::review::ReviewPolicy;
use crate::text::table::{self, TomlError};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RulePackFile {
    /// What the pack is.
    pack: PackHeader,
    /// Word classes: `{name}` in an expression stands for any of its entries.
    #[serde(default)]
    terms: PackTerms,
    /// Labelled sentences to learn from.
    #[serde(default)]
    examples: Examples,
    /// What the firm asks of a review.
    #[serde(default)]
    review: ReviewPolicy,
    /// The rules.
    #[serde(default)]
    rule: Vec<Rule>,
}

/// Tests that every rule of a pack must bring, of each kind.
pub const LEAST_TESTS: usize = 3;

impl Pack {
    /// Reads a pack. The error names line, column and field.
    ///
    /// # Errors
    /// Not TOML, an unknown or missing field, a duplicate rule id, or too few tests.
    pub fn parse(text: &str) -> Result<Self, PackError> {
        let form = form_of(text);
        if !matches!(form, 1 | 2) {
            let problem = format!("a pack is written in form 1 or 2, and not in form {form}");
            return Err(TomlError::from(problem).into());
        }
        let pack = if form == 2 {
            let file: ClaimPackFile = table::read(text)?;
            let lower = |written: &WrittenRule| {
                let rule = written.rule(&file.groups);
                rule.map_err(|problem| PackError::of_rule(written.id(), problem))
            };
            Self {
                rules: file.rule.iter().map(lower).collect::<Result<_, _>>()?,
                head: file.pack,
                terms: PackTerms::new(),
                classes: file.classes,
                kinds: file.kind,
                legends: file.legend,
                products: file.product_class,
                general_laws: file.general_law,
                trade_laws: file.trade_law,
                examples: file.examples,
                review: file.review,
                digest: Digest::of(text.as_bytes()),
            }
        } else {
            let file: RulePackFile = table::read(text)?;
            Self {
                head: file.pack,
                terms: file.terms,
                classes: PackTerms::new(),
                kinds: Vec::new(),
                legends: Vec::new(),
                products: Vec::new(),
                general_laws: Vec::new(),
                trade_laws: Vec::new(),
                examples: file.examples,
                review: file.review,
                rules: file.rule,
                digest: Digest::of(text.as_bytes()),
            }
        };
        if !is_id(&pack.head.id) {
            return Err(PackError::Id(pack.head.id));
        }
        let mut seen = std::collections::BTreeSet::new();
        for rule in &pack.rules {
            if !seen.insert(&rule.id) {
                let problem = "the id is used twice; give each rule its own";
                return Err(PackError::of_rule(&rule.id, problem));
            }
            check(rule)?;
        }
        Ok(pack)
    }
}

fn check(rule: &Rule) -> Result<(), PackError> {
    let (violate, comply) = (rule.tests.violate.len(), rule.tests.comply.len());
    if violate < LEAST_TESTS || comply < LEAST_TESTS {
        return Err(PackError::of_rule(
            &rule.id,
            format!(
                "has {violate} violating and {comply} complying tests; write at least {LEAST_TESTS} of each"
            ),
        ));
    }
    if rule.matches.is_empty() && rule.claimed.is_none() {
        return Err(PackError::of_rule(
            &rule.id,
            "looks for nothing; add a [[rule.match]]",
        ));
    }
    for date in [&rule.effective_from, &rule.effective_to]
        .into_iter()
        .flatten()
    {
        if chrono::NaiveDate::parse_from_str(date, "%Y-%m-%d").is_err() {
            return Err(PackError::of_rule(
                &rule.id,
                "effective_from and effective_to are dates, YYYY-MM-DD",
            ));
        }
    }
    Ok(())
}

/// The form that a pack says it is written in.
fn form_of(text: &str) -> u8 {
    let read = |text: &str| table::read::<Peek>(text).map(|peek| peek.pack.form);
    // Tables are read as a whole: the first of them says it all, and the others are long.
    let rest = text.split_once("[pack]").map_or("", |(_, rest)| rest);
    let first = text.len() - rest.len() + rest.find("\n[").unwrap_or(rest.len());
    read(&text[..first])
        .or_else(|_| read(text))
        .unwrap_or(first_form())
}

/// The form of a pack, before anything else of it is read.
#[derive(Deserialize)]
struct Peek {
    pack: PeekHead,
}

#[derive(Deserialize)]
struct PeekHead {
    #[serde(default = "first_form")]
    form: u8,
}
