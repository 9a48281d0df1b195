//! Sentences that read like known violations, though no rule knows their words: a net under the rules.
//!
//! Naive Bayes (Maron 1961; smoothing by a half, Jeffreys) over words and pairs of words, learned from the packs' own
//! tests and examples. It never blocks; it names the words that speak most and the test that is most alike. All in
//! integers, so that every machine comes to the same sum.

use super::builtin::Builtin;
use super::pack::{Example, Pack, Rule};
use std::collections::{BTreeSet, HashMap};

/// Weights are thousandths of a natural logarithm of odds.
type Weight = i64;

/// What the sum has to exceed for a sentence under check alone.
const FRAGMENT: Weight = 500;
/// For a sentence of a whole message, of which there are many.
const MESSAGE: Weight = 3_000;
/// Sentences shorter than this, in features, say too little.
const LEAST_FEATURES: usize = 3;
/// The same for a sentence of a whole message, where headings stand too.
const LEAST_IN_MESSAGE: usize = 7;

/// Learned weights, and the violating examples to name.
#[derive(Debug, Default)]
pub struct Net {
    weights: HashMap<String, Weight>,
    /// Features that stand in more than one example: in a whole message one example's turn of phrase is not enough.
    common: BTreeSet<String>,
    violations: Vec<(Example, BTreeSet<String>)>,
}

/// Why a sentence was held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Likeness {
    /// The words that speak most for a violation.
    pub words: Vec<String>,
    /// The most alike violating example.
    pub example: Example,
}

impl Net {
    /// Learns from the examples of all packs and the tests of their rules.
    pub fn learn(packs: &[&Pack]) -> Self {
        let mut violate: Vec<Example> = Vec::new();
        let mut comply: Vec<String> = Vec::new();
        for pack in packs {
            violate.extend(pack.examples.violate.iter().cloned());
            comply.extend(pack.examples.comply.iter().cloned());
            // Whether a sum is right is not in its words.
            let computed = |rule: &&Rule| {
                rule.matches
                    .iter()
                    .all(|m| m.builtin == Some(Builtin::CreditArithmetic))
            };
            for rule in pack.rules.iter().filter(|rule| !computed(rule)) {
                // A violation that facts or mark-up make says nothing about words.
                let in_words = |text: &str| !text.contains(['<', '{', '=']);
                let cases = rule.tests.violate.iter();
                violate.extend(
                    cases
                        .filter(|case| {
                            case.facts.is_empty() && !case.complete && in_words(&case.text)
                        })
                        .map(|case| Example {
                            rule: rule.id.clone(),
                            text: case.text.clone(),
                        }),
                );
                let cases = rule.tests.comply.iter().map(|case| &case.text);
                comply.extend(cases.filter(|text| in_words(text)).cloned());
            }
        }
        let violations: Vec<_> = violate
            .into_iter()
            .map(|example| {
                let found = features(&example.text);
                (example, found)
            })
            .collect();
        let mut counts: HashMap<String, (u64, u64)> = HashMap::new();
        for (_, found) in &violations {
            for feature in found {
                counts.entry(feature.clone()).or_default().0 += 1;
            }
        }
        for text in &comply {
            for feature in features(text) {
                counts.entry(feature).or_default().1 += 1;
            }
        }
        let common = counts
            .iter()
            .filter(|(_, (v, c))| v + c > 1)
            .map(|(feature, _)| feature.clone())
            .collect();
        let (v_all, c_all) = (violations.len() as u64, comply.len() as u64);
        let weights = counts
            .into_iter()
            .map(|(feature, (v, c))| {
                // (v + ½) / (v_all + 1) over (c + ½) / (c_all + 1), both sides doubled
                let weight = log((2 * v + 1) * (c_all + 1)) - log((2 * c + 1) * (v_all + 1));
                (feature, weight)
            })
            .collect();
        Self {
            weights,
            common,
            violations,
        }
    }

    /// Whether a sentence reads like a violation, and like which.
    pub fn judge(&self, sentence: &str, whole_message: bool) -> Option<Likeness> {
        let found = features(sentence);
        let least = if whole_message {
            LEAST_IN_MESSAGE
        } else {
            LEAST_FEATURES
        };
        if found.len() < least {
            return None;
        }
        let weight = |feature: &String| {
            self.weights
                .get(feature)
                .copied()
                .filter(|_| !whole_message || self.common.contains(feature))
        };
        let sum: Weight = found.iter().filter_map(weight).sum();
        let limit = if whole_message { MESSAGE } else { FRAGMENT };
        if sum <= limit {
            return None;
        }
        let mut telling: Vec<(Weight, &String)> = found
            .iter()
            .filter_map(|feature| Some((weight(feature)?, feature)))
            .filter(|(weight, _)| *weight > 0)
            .collect();
        telling.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        let (example, _) = self
            .violations
            .iter()
            .map(|(example, other)| (example, likeness(&found, other, &self.weights)))
            .max_by(|a, b| a.1.cmp(&b.1).then(b.0.text.cmp(&a.0.text)))?;
        Some(Likeness {
            words: telling
                .into_iter()
                .take(3)
                .map(|(_, feature)| feature.replace('_', " "))
                .collect(),
            example: example.clone(),
        })
    }
}

/// What two sentences share, by how much it speaks for a violation.
fn likeness(
    a: &BTreeSet<String>,
    b: &BTreeSet<String>,
    weights: &HashMap<String, Weight>,
) -> Weight {
    a.intersection(b)
        .filter_map(|feature| weights.get(feature))
        .map(|weight| (*weight).max(0))
        .sum()
}

/// Words cut to their stems, numbers as `#`, and neighbours in pairs.
fn features(sentence: &str) -> BTreeSet<String> {
    let lower = sentence
        .to_lowercase()
        .replace(['\u{2019}', '\u{2018}'], "'")
        .replace("can't", "can not")
        .replace("won't", "will not")
        .replace("n't", " not");
    let mut words: Vec<String> = Vec::new();
    let mut rest = lower.as_str();
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_alphabetic() {
            rest.find(|c: char| !c.is_ascii_alphabetic())
        } else if first.is_ascii_digit() {
            rest.find(|c: char| !c.is_ascii_digit())
        } else {
            Some(first.len_utf8())
        }
        .unwrap_or(rest.len());
        let word = &rest[..length];
        if first.is_ascii_alphabetic() {
            words.push(crate::text::stem::stem(word).to_owned());
        } else if first.is_ascii_digit() {
            words.push("#".into());
        } else if matches!(first, '%' | '$') {
            words.push(word.to_owned());
        }
        rest = &rest[length..];
    }
    let pairs = words
        .windows(2)
        .map(|pair| format!("{}_{}", pair[0], pair[1]));
    let pairs: Vec<String> = pairs.collect();
    words.into_iter().chain(pairs).collect()
}

/// The natural logarithm in thousandths: binary digits of log2 by squaring (fixed point), times ln 2.
fn log(value: u64) -> Weight {
    const BITS: u32 = 20;
    // ln 2 × 1000 in 20 binary places.
    const LN2: i64 = 726_817_498;
    let value = value.max(1);
    let whole = value.ilog2();
    let mut digits = i64::from(whole) << BITS;
    // The mantissa in 1..2, with 62 binary places.
    let mut mantissa = u128::from(value) << (62 - whole);
    for bit in (0..BITS).rev() {
        mantissa = (mantissa * mantissa) >> 62;
        if mantissa >> 63 != 0 {
            mantissa >>= 1;
            digits |= 1 << bit;
        }
    }
    ((digits >> 4) * (LN2 >> 4)) >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_right_to_a_thousandth() {
        for (value, thousandths) in [
            (1, 0),
            (2, 693),
            (10, 2_303),
            (1_000, 6_908),
            (123_456, 11_724),
        ] {
            assert!(
                (log(value) - thousandths).abs() <= 1,
                "{value}: {}",
                log(value)
            );
        }
    }

    #[test]
    fn what_reads_like_a_violation_is_held_and_its_likeness_named() {
        let text = include_str!("../../assets/policies/examples.toml");
        let pack = Pack::parse(text).unwrap();
        let net = Net::learn(&[&pack]);
        let found = net
            .judge("With our plan you can't help but profit.", false)
            .unwrap();
        assert!(!found.words.is_empty() && !found.example.text.is_empty());
        assert_eq!(net.judge("We open at nine on weekdays.", false), None);
        assert_eq!(net.judge("Yes.", false), None);
    }
}
