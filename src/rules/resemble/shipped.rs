//! What is learned from the sentences that are shipped: once in a process, when the first sentence is judged.

use super::facts::SIGNS;
use super::index::{Features, Index};
use super::near::KnownViolation;
use super::products::{PRODUCTS, classes};
use super::solve::{self, CELL, LogOdds, SolverRow, log};
use super::words::{MARKS, Sentence};
use crate::text::view;
use std::collections::HashSet;
use std::sync::LazyLock;

/// Label, family, place, product, signs and text, by tabs.
const ROWS: &str = include_str!("../../../assets/likeness.tsv");

/// Places of the weights that are no words': marks, signs, classes of products, the length and one that always counts.
const OF_SIGNS: usize = MARKS.len();
const OF_PRODUCTS: usize = OF_SIGNS + SIGNS.len();
const LENGTH: usize = OF_PRODUCTS + PRODUCTS.len();
const ALWAYS: usize = LENGTH + 1;
const OTHERS: usize = ALWAYS + 1;
/// Words beyond this many make a sentence no longer.
const LONGEST: usize = 40;
/// The constant C of the two sums, in tenths.
const OTHERS_ALONE: i64 = 1;
const TOGETHER: i64 = 10;

/// What is learned.
#[derive(Debug)]
pub struct ShippedNet {
    pub index: Index,
    /// In how many violating and in how many lawful rows each stands.
    pub counts: Vec<(u64, u64)>,
    pub violating: u64,
    pub lawful: u64,
    /// The part of each feature's odds that its own counts make.
    pub halves: Vec<LogOdds>,
    pub known: Vec<KnownViolation>,
    texts: HashSet<String>,
    /// Weights of all that is no word, alone.
    alone: Vec<i64>,
    /// Weights of all that is no word, and behind them those of the features, learned together.
    together: Vec<i64>,
}

/// A row as it is read.
struct ShippedRow {
    violates: bool,
    features: Vec<usize>,
    others: Vec<(usize, i64)>,
}

/// The shipped knowledge.
pub static SHIPPED: LazyLock<ShippedNet> = LazyLock::new(|| ShippedNet::learn(ROWS));

impl ShippedNet {
    fn learn(table: &str) -> Self {
        let mut shipped = Self {
            index: Index::default(),
            counts: Vec::new(),
            halves: Vec::new(),
            violating: 0,
            lawful: 0,
            known: Vec::new(),
            texts: HashSet::new(),
            alone: Vec::new(),
            together: Vec::new(),
        };
        let rows: Vec<ShippedRow> = table
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| shipped.take(line))
            .collect();
        let row = |read: &ShippedRow, cells| SolverRow {
            violates: read.violates,
            cells,
        };
        let alone: Vec<SolverRow> = rows.iter().map(|r| row(r, r.others.clone())).collect();
        shipped.alone = solve::separate(&alone, OTHERS, OTHERS_ALONE);
        let together: Vec<SolverRow> = rows
            .iter()
            .map(|r| row(r, cells(&r.features, &r.others)))
            .collect();
        shipped.together = solve::separate(&together, OTHERS + shipped.counts.len(), TOGETHER);
        let half = |(violating, lawful): &(u64, u64)| half_of(*violating, *lawful);
        shipped.halves = shipped.counts.iter().map(half).collect();
        for known in &mut shipped.known {
            known.weigh(&shipped.counts, shipped.violating + shipped.lawful);
        }
        shipped
    }

    /// Reads a line and counts its features; none for a line that is no row.
    fn take(&mut self, line: &str) -> Option<ShippedRow> {
        let mut fields = line.splitn(6, '\t');
        let label = fields.next()?;
        let violates = match label {
            "v" => true,
            "c" => false,
            _ => return None,
        };
        let (family, _place, product) = (fields.next()?, fields.next()?, fields.next()?);
        let (signs, text) = (fields.next()?, fields.next()?);
        let product = Some(product).filter(|product| *product != "-");
        let sentence = Sentence::read(text);
        let features: Vec<usize> = self.index.add(None, &sentence).into_iter().collect();
        self.counts.resize(self.index.len(), (0, 0));
        for number in &features {
            let count = &mut self.counts[*number];
            if violates {
                count.0 += 1;
            } else {
                count.1 += 1;
            }
        }
        if violates {
            self.violating += 1;
            self.known
                .push(KnownViolation::new(family, text, product, features.clone()));
        } else {
            self.lawful += 1;
        }
        self.texts.insert(view::folded(text));
        let signs: Vec<usize> = signs
            .split(' ')
            .filter_map(|name| SIGNS.iter().position(|sign| *sign == name))
            .collect();
        let others = others(&sentence, &signs, &classes(product));
        Some(ShippedRow {
            violates,
            features,
            others,
        })
    }

    /// Whether a text is among the rows.
    pub fn holds(&self, text: &str) -> bool {
        self.texts.contains(&view::folded(text))
    }

    /// What speaks for a violation, in thousandths: a quarter of the words' odds, and the two learned sums.
    pub fn sum(
        &self,
        odds: LogOdds,
        (sentence, features): (&Sentence, &Features),
        signs: &[usize],
        classes: &[usize],
    ) -> LogOdds {
        let others = others(sentence, signs, classes);
        let alone = solve::sum(&self.alone, &others);
        let value = share(features.all);
        let known = features.known.iter();
        let of_words: i64 = known
            .filter_map(|number| self.together.get(OTHERS + number))
            .sum();
        let of_others: i64 = others
            .iter()
            .filter_map(|(place, value)| Some(self.together.get(*place)? * (value * 2 / 5)))
            .sum();
        let together = (of_others + of_words * value) >> 10;
        (odds >> 2) + thousandths(alone) + thousandths(together)
    }

    /// What a sign adds to the sums, in thousandths.
    pub fn of_sign(&self, sign: usize) -> LogOdds {
        let at = OF_SIGNS + sign;
        let weight = |weights: &[i64]| weights.get(at).copied().unwrap_or(0);
        thousandths(weight(&self.alone) + weight(&self.together) * 2 / 5)
    }

    /// What a feature of a sentence of so many adds to the sum, in thousandths.
    pub fn of_feature(&self, all: usize, number: usize) -> LogOdds {
        let weight = self.together.get(OTHERS + number).copied();
        thousandths((weight.unwrap_or(0) * share(all)) >> 10)
    }
}

/// All cells of a row: its features share its weight, however long it is.
fn cells(features: &[usize], others: &[(usize, i64)]) -> Vec<(usize, i64)> {
    let value = share(features.len());
    let of_features = features.iter().map(|number| (OTHERS + number, value));
    let others = others.iter().map(|(place, value)| (*place, value * 2 / 5));
    others.chain(of_features).collect()
}

/// The part of a feature's logarithm of odds that its own counts make, smoothed by a fifth.
pub fn half_of(violating: u64, lawful: u64) -> LogOdds {
    // (v + ⅕) / (c + ⅕), both times five
    log(5 * violating + 1) - log(5 * lawful + 1)
}

/// Both sums count twice.
fn thousandths(sum: i64) -> LogOdds {
    (2_000 * sum) >> 24
}

fn share(features: usize) -> i64 {
    let features = i64::try_from(features).unwrap_or(i64::MAX);
    (CELL * CELL / features.max(1)).isqrt()
}

/// Cells of all that is no word.
fn others(sentence: &Sentence, signs: &[usize], classes: &[usize]) -> Vec<(usize, i64)> {
    let length = i64::try_from(sentence.length().min(LONGEST)).unwrap_or(0);
    let marks = (0..MARKS.len()).filter(|mark| sentence.marks >> mark & 1 == 1);
    let signs = signs.iter().map(|sign| OF_SIGNS + sign);
    let classes = classes.iter().map(|class| OF_PRODUCTS + class);
    marks
        .chain(signs)
        .chain(classes)
        .chain([ALWAYS])
        .map(|place| (place, CELL))
        .chain([(LENGTH, CELL * length / 20)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_a_row() {
        let lines = ROWS.lines().filter(|line| !line.starts_with('#')).count();
        let rows = SHIPPED.violating + SHIPPED.lawful;
        assert_eq!(usize::try_from(rows).unwrap(), lines);
        for line in ROWS.lines().filter(|line| !line.starts_with('#')) {
            let signs = line.split('\t').nth(4).unwrap();
            let known = |sign: &str| sign == "-" || SIGNS.contains(&sign);
            assert!(signs.split(' ').all(known), "{line}");
        }
    }
}
