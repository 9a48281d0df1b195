//! Sentences that read like known violations, though no rule knows their words: a net under the rules.
//!
//! Three sums, in whole numbers, so that every machine comes to the same verdict: naive Bayes (Maron 1961) over words
//! and pairs of words; a sum of marks that do not hang on one word (a negation, a condition, a source, a cost in the
//! facts that the text leaves out, the class of the product); and both kinds learned together. It never blocks. It
//! names the words and facts that speak most, and the known violation that is most alike, whose family it takes; only
//! families whose law protects the reader are asked.

mod facts;
mod index;
mod near;
mod products;
mod shipped;
mod solve;
mod words;

use super::examples::Example;
use super::fold::points_of;
use super::pack::Pack;
use crate::domain::facts::Facts;
use crate::domain::jurisdiction::Jurisdiction;
use chrono::NaiveDate;
use facts::{NUMBERS_KNOWN, SIGNS, Signs};
use index::{Features, Index};
use near::{KnownViolation, QuerySentence};
use products::classes;
use rustc_hash::FxHashMap;
use shipped::{SHIPPED, half_of};
use solve::{LogOdds, log, rarity};
use std::cell::LazyCell;
use std::collections::BTreeSet;
use std::sync::OnceLock;
use words::Sentence;

/// What the sum has to exceed for a sentence under check alone: about six lawful ones in a hundred exceed it, beside
/// those that rules ask about.
const FRAGMENT: LogOdds = -800;
/// Words that come to less speak plainly against a violation, whatever the facts are.
const AGAINST: LogOdds = -2_500;
/// The same where no product is given, and only the words speak.
const BARE: LogOdds = 2_500;
/// For a sentence of a whole message, of which there are many.
const MESSAGE: LogOdds = 500;
/// Sentences shorter than this, in features, say too little.
const LEAST_FEATURES: usize = 3;
/// The same for a sentence of a whole message, where headings stand too.
const LEAST_IN_MESSAGE: usize = 6;
/// Of the words of a sentence at least so many tenths have to be known: what is written in another language, or is no
/// sentence, is not judged.
const LEAST_KNOWN: usize = 6;
/// So many words are named.
const TOLD: usize = 3;

/// The net: what is shipped, and the examples of the packs beside it.
#[derive(Debug, Default)]
pub struct SimilarityNet {
    /// Legal points, wide and narrow, of all rules of the packs, stayed ones too.
    ruled: BTreeSet<String>,
    examples: Vec<Labelled>,
    own: OnceLock<PackExamples>,
}

/// An example of a pack, and the rule that it violates, if it does.
#[derive(Debug)]
struct Labelled {
    rule: Option<String>,
    text: String,
}

/// What the packs' examples add.
#[derive(Debug)]
struct PackExamples {
    index: Index,
    /// How many violating and lawful examples have a feature, by its number.
    counts: FxHashMap<usize, (u64, u64)>,
    violating: u64,
    lawful: u64,
    known: Vec<KnownViolation>,
}

/// What is known about a text beside its words.
#[derive(Debug, Default)]
pub struct SentenceContext<'m> {
    product: Option<String>,
    classes: Vec<usize>,
    place: Option<&'m Jurisdiction>,
    signs: Signs,
    /// A message that is to be sent, and not a fragment under check.
    whole: bool,
    /// Legal points that look at this place and product on this day; none: every one may.
    points: Option<Points<'m>>,
}

/// Legal points, read when a sentence first needs them: most need none.
type Points<'m> = LazyCell<LegalPointIds<'m>, Box<dyn FnOnce() -> LegalPointIds<'m> + 'm>>;
type LegalPointIds<'m> = Option<BTreeSet<&'m str>>;

/// A sentence that reads like a violation.
#[derive(Debug)]
pub struct Suspect {
    /// How much speaks for a violation.
    pub sum: LogOdds,
    read: Sentence,
    features: Features,
    signs: Vec<usize>,
}

/// Why a sentence was held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Likeness {
    /// The words, and what in the facts, speak most for a violation.
    pub words: Vec<String>,
    /// The most alike violating example.
    pub example: Example,
}

impl<'m> SentenceContext<'m> {
    /// `shown`: the fragment itself, or all that readers of the message are shown, since a cost that one sentence leaves
    /// out may stand in another.
    pub fn new(
        facts: &Facts,
        product: Option<&str>,
        place: Option<&'m Jurisdiction>,
        shown: &str,
        today: Option<NaiveDate>,
        whole: bool,
    ) -> Self {
        Self {
            product: product.map(str::to_lowercase),
            classes: classes(product),
            place,
            signs: Signs::read(facts, shown, today),
            whole,
            points: None,
        }
    }

    /// Only families of these legal points, and the firm's own; every family where nobody says which hold.
    #[must_use]
    pub fn within(self, points: impl FnOnce() -> Option<BTreeSet<&'m str>> + 'm) -> Self {
        Self {
            points: Some(LazyCell::new(Box::new(points))),
            ..self
        }
    }

    /// What the sum has to exceed.
    fn limit(&self) -> LogOdds {
        if self.whole {
            MESSAGE
        } else if self.product.is_none() {
            BARE
        } else {
            FRAGMENT
        }
    }

    /// The signs beside one sentence.
    fn signs(&self, sentence: &str) -> Vec<usize> {
        let known = !self.signs.numbers.is_empty() && {
            let numbers = words::numbers(sentence);
            !numbers.is_empty() && numbers.is_subset(&self.signs.numbers)
        };
        let known = SIGNS
            .iter()
            .position(|sign| known && *sign == NUMBERS_KNOWN);
        self.signs.signs.iter().copied().chain(known).collect()
    }
}

/// A sentence as a row of `assets/likeness.tsv`; `family` is that of the rule that it violates, if it does.
pub fn row(family: Option<&str>, sentence: &str, about: &SentenceContext<'_>) -> String {
    let names: Vec<&str> = about
        .signs(sentence)
        .into_iter()
        .map(|sign| SIGNS[sign])
        .collect();
    let or_none = |text: &str| {
        if text.is_empty() {
            "-".to_owned()
        } else {
            text.to_owned()
        }
    };
    [
        if family.is_some() { "v" } else { "c" }.to_owned(),
        or_none(family.unwrap_or("")),
        or_none(about.place.map_or("", Jurisdiction::as_str)),
        or_none(about.product.as_deref().unwrap_or("")),
        or_none(&names.join(" ")),
        sentence
            .split(|c: char| c.is_whitespace() || c.is_control())
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" "),
    ]
    .join("\t")
}

impl SimilarityNet {
    /// Takes the examples of the packs. Nothing is learned from them before the first sentence is judged.
    pub fn learn(packs: &[&Pack]) -> Self {
        let mut examples = Vec::new();
        for of_pack in packs.iter().map(|pack| &pack.examples) {
            examples.extend(of_pack.violate.iter().map(|example| Labelled {
                rule: Some(example.rule.clone()),
                text: example.text.clone(),
            }));
            examples.extend(of_pack.comply.iter().map(|text| Labelled {
                rule: None,
                text: text.clone(),
            }));
        }
        let rules = packs.iter().flat_map(|pack| &pack.rules);
        let points = rules.flat_map(|rule| points_of(&rule.id));
        Self {
            ruled: points.map(str::to_owned).collect(),
            examples,
            own: OnceLock::new(),
        }
    }

    fn own(&self) -> &PackExamples {
        self.own.get_or_init(|| PackExamples::learn(&self.examples))
    }

    /// Whether a sentence reads like a violation.
    pub fn judge(&self, sentence: &str, about: &SentenceContext<'_>) -> Option<Suspect> {
        let read = Sentence::read(sentence);
        let own = self.own();
        let features = own.index.find(&SHIPPED.index, &read);
        let least = if about.whole {
            LEAST_IN_MESSAGE
        } else {
            LEAST_FEATURES
        };
        let is_read = 10 * features.known_words >= LEAST_KNOWN * features.words;
        if features.all < least || !is_read || about.whole && read.only_opens() {
            return None;
        }
        // Facts alone are the rules' business: the words may not speak plainly against it.
        let odds = own.odds(&features.known);
        if odds <= AGAINST {
            return None;
        }
        let signs = about.signs(sentence);
        let sum = SHIPPED.sum(odds, (&read, &features), &signs, &about.classes);
        (sum > about.limit()).then_some(Suspect {
            sum,
            read,
            features,
            signs,
        })
    }

    /// Which known violation a sentence reads like, of those that are one here.
    pub fn like(&self, suspect: &Suspect, about: &SentenceContext<'_>) -> Option<Likeness> {
        let own = self.own();
        let rows = SHIPPED.violating + SHIPPED.lawful;
        let mut rarities = vec![0; SHIPPED.counts.len() + own.index.len()];
        for number in &suspect.features.known {
            rarities[*number] = rarity(SHIPPED.counts.get(*number).copied(), rows);
        }
        let asked = QuerySentence {
            rarities,
            product: about.product.as_deref(),
            classes: &about.classes,
            place: about.place,
            points: about.points.as_ref().and_then(|points| points.as_ref()),
            ruled: &self.ruled,
        };
        let known = near::nearest(own.known.iter().chain(&SHIPPED.known), &asked)?;
        Some(Likeness {
            words: self.telling(suspect),
            example: Example {
                rule: known.family.clone(),
                text: known.text.clone(),
            },
        })
    }

    /// The words, and what in the facts, that speak most for a violation.
    fn telling(&self, suspect: &Suspect) -> Vec<String> {
        let own = self.own();
        let named = own.index.named(&SHIPPED.index, &suspect.read);
        let of_words = named.into_iter().map(|(number, words)| {
            let of_feature = SHIPPED.of_feature(suspect.features.all, number);
            ((own.odds(&[number]) >> 2) + of_feature, words)
        });
        let of_facts = suspect.signs.iter().filter_map(|sign| {
            let words = facts::in_words(SIGNS[*sign])?;
            Some((SHIPPED.of_sign(*sign), words.to_owned()))
        });
        let telling: BTreeSet<(std::cmp::Reverse<LogOdds>, String)> = of_words
            .chain(of_facts)
            .filter(|(weight, _)| *weight > 0)
            .map(|(weight, words)| (std::cmp::Reverse(weight), words))
            .collect();
        telling
            .into_iter()
            .take(TOLD)
            .map(|(_, words)| words)
            .collect()
    }
}

impl PackExamples {
    fn learn(examples: &[Labelled]) -> Self {
        let rows = SHIPPED.violating + SHIPPED.lawful;
        let mut own = Self {
            index: Index::behind(SHIPPED.index.len()),
            counts: FxHashMap::default(),
            violating: 0,
            lawful: 0,
            known: Vec::new(),
        };
        for example in examples
            .iter()
            .filter(|example| !SHIPPED.holds(&example.text))
        {
            let features = own.count(&example.text, example.rule.is_some());
            if let Some(rule) = &example.rule {
                let mut known = KnownViolation::new(rule, &example.text, None, features);
                known.weigh(&SHIPPED.counts, rows);
                own.known.push(known);
            }
        }
        own
    }

    /// Counts a text's features, and gives their numbers.
    fn count(&mut self, text: &str, violates: bool) -> Vec<usize> {
        let numbers = self.index.add(Some(&SHIPPED.index), &Sentence::read(text));
        for number in &numbers {
            let count = self.counts.entry(*number).or_default();
            if violates {
                count.0 += 1;
            } else {
                count.1 += 1;
            }
        }
        if violates {
            self.violating += 1;
        } else {
            self.lawful += 1;
        }
        numbers.into_iter().collect()
    }

    /// The sum of features' logarithms of odds, smoothed by a fifth.
    fn odds(&self, known: &[usize]) -> LogOdds {
        let lawful = SHIPPED.lawful + self.lawful;
        let violating = SHIPPED.violating + self.violating;
        // (all + ⅖), both sides times five
        let of_all = log(5 * lawful + 2) - log(5 * violating + 2);
        let half = |number: &usize| match self.counts.get(number) {
            None => SHIPPED.halves.get(*number).copied().unwrap_or(0),
            Some((v, c)) => {
                let (violating, lawful) = SHIPPED.counts.get(*number).copied().unwrap_or_default();
                half_of(violating + v, lawful + c)
            }
        };
        known.iter().map(|number| half(number) + of_all).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(net: &SimilarityNet, text: &str, about: &SentenceContext<'_>) -> Option<Likeness> {
        net.like(&net.judge(text, about)?, about)
    }

    fn about<'m>(
        product: &str,
        signs: &[&str],
        place: Option<&'m Jurisdiction>,
    ) -> SentenceContext<'m> {
        SentenceContext {
            product: Some(product.to_owned()),
            classes: classes(Some(product)),
            place,
            signs: Signs {
                signs: (0..SIGNS.len())
                    .filter(|s| signs.contains(&SIGNS[*s]))
                    .collect(),
                ..Signs::default()
            },
            whole: false,
            points: None,
        }
    }

    fn sum_of(
        net: &SimilarityNet,
        sentence: &Sentence,
        signs: &[usize],
        classes: &[usize],
    ) -> LogOdds {
        let features = net.own().index.find(&SHIPPED.index, sentence);
        let odds = net.own().odds(&features.known);
        SHIPPED.sum(odds, (sentence, &features), signs, classes)
    }

    /// Equal to the last digit on every machine, or a constant or the table was changed.
    #[test]
    fn sums_are_the_same_everywhere() {
        let net = SimilarityNet::default();
        let rows = [
            ("Rain or shine, your money grows.", "mutual_fund", ""),
            ("We open at nine on weekdays.", "", ""),
            (
                "Everybody is approved, whatever their credit.",
                "personal_loan",
                "tie_no",
            ),
            ("Pay no fees, ever.", "checking", "cost_unsaid any_unsaid"),
            (
                "Past performance does not guarantee future results.",
                "mutual_fund",
                "",
            ),
            (
                "Our fee is 1% a year.",
                "managed_account",
                "cost_said all_said numbers_known",
            ),
            ("You can't lose with this fund!", "mutual_fund", ""),
            ("Your statement is ready.", "checking", ""),
            (
                "“Best bank in town,” says Jo – £5 for you?",
                "banking",
                "conflict",
            ),
        ];
        let sums = rows.map(|(text, product, names)| {
            let names: Vec<&str> = names.split_whitespace().collect();
            let signs: Vec<usize> = (0..SIGNS.len())
                .filter(|sign| names.contains(&SIGNS[*sign]))
                .collect();
            sum_of(&net, &Sentence::read(text), &signs, &classes(Some(product)))
        });
        assert_eq!(
            sums,
            [
                5_555, -2_228, 1_481, 4_529, -4_999, -2_786, 4_984, -4_973, 4_807
            ]
        );
    }

    #[test]
    fn what_reads_like_a_violation_is_held_and_its_likeness_named() {
        let net = SimilarityNet::default();
        let us = Jurisdiction::new("US");
        let fund = about("mutual_fund", &[], Some(&us));
        let found = judged(&net, "With our fund you simply cannot lose.", &fund).unwrap();
        assert!(
            !found.words.is_empty() && found.example.rule.starts_with("us.finra."),
            "{found:?}"
        );
        let loan = about("personal_loan", &[], None);
        let found = judged(&net, "Everybody is approved, whatever their credit.", &loan).unwrap();
        assert!(!found.example.text.is_empty());
        let checking = about("checking", &[], Some(&us));
        assert_eq!(
            judged(&net, "We open at nine on weekdays.", &checking),
            None
        );
        assert_eq!(judged(&net, "Yes.", &checking), None);
    }

    #[test]
    fn another_language_is_not_judged() {
        let text = "Les performances passées ne préjugent pas des performances futures.";
        let fund = about("mutual_fund", &[], None);
        assert_eq!(judged(&SimilarityNet::default(), text, &fund), None);
    }

    #[test]
    fn a_family_is_one_of_the_readers_own_law() {
        let net = SimilarityNet::default();
        for (code, start) in [("UK", "uk."), ("US-CA", "us."), ("EU", "eu.")] {
            let place = Jurisdiction::new(code);
            let about = about("personal_loan", &[], Some(&place));
            let found = judged(
                &net,
                "Treat yourself: easy cash, and nobody is refused!",
                &about,
            );
            assert!(found.unwrap().example.rule.starts_with(start), "{code}");
        }
    }

    #[test]
    fn a_cost_left_unsaid_speaks_for_a_violation() {
        let net = SimilarityNet::default();
        let text = Sentence::read("Free checking for everyone.");
        let of = |signs: &[usize]| sum_of(&net, &text, signs, &classes(Some("checking")));
        let place = |sign: &str| SIGNS.iter().position(|s| *s == sign).unwrap();
        assert!(of(&[place("cost_unsaid"), place("any_unsaid")]) > of(&[]));
        assert!(of(&[place("cost_said"), place("all_said")]) < of(&[]));
    }

    #[test]
    fn what_an_officer_calls_lawful_weighs() {
        let text = "Our mangoes gleam like promises.";
        let pack = |kind: &str| {
            let head = "[pack]\nid = \"own\"\nversion = \"1\"\ntitle = \"Own\"\n[examples]\n";
            Pack::parse(&format!("{head}{kind}")).unwrap()
        };
        let lawful = pack(&format!("comply = [\"{text}\"]"));
        let violating = pack(&format!(
            "violate = [{{ rule = \"own.mangoes\", text = \"{text}\" }}]"
        ));
        let read = Sentence::read(text);
        let sum = |packs: &[&Pack]| sum_of(&SimilarityNet::learn(packs), &read, &[], &[]);
        assert!(sum(&[&lawful]) < sum(&[]));
        assert!(sum(&[&violating]) > sum(&[]));
        let net = SimilarityNet::learn(&[&violating]);
        let found = judged(&net, text, &about("retail", &[], None)).unwrap();
        assert_eq!(found.example.rule, "own.mangoes");
    }
}
