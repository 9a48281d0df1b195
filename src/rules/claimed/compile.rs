//! From the words of a rule over claims to something that runs.

use super::{Claimed, Need};
use crate::claims::{ClaimLexicon, LexiconPhraseError, ViewClaims, WordClasses};
use crate::rules::pack::FactCondition;

/// A rule names what no pack has, or asks for nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimedProblem {
    #[error("no pack has the kind `{0}`; add a [[kind]], or correct the name")]
    UnknownKind(String),
    #[error("no pack has the legend `{0}`; add a [[legend]]")]
    UnknownLegend(String),
    #[error("no pack has the product class `{0}`; add a [[product_class]]")]
    UnknownClass(String),
    #[error("differs_from_claim = \"{0}\" is none of date, count, percent, money, time")]
    NoFigure(String),
    #[error("needs and unless name a legend, a claim, words or a fact_text")]
    EmptyNeed,
    #[error(transparent)]
    Words(#[from] LexiconPhraseError),
}

/// What a need asks for, by its place in the lexicon.
#[derive(Clone, Debug)]
pub struct CompiledNeed {
    pub spec: Need,
    /// Kinds of which a claim fulfils it.
    pub kinds: Vec<usize>,
    pub legend: Option<usize>,
    /// What is said to be missing.
    pub name: String,
}

/// A rule over claims, ready to run.
#[derive(Clone, Debug)]
pub struct Compiled {
    pub kinds: Vec<usize>,
    pub classes: Vec<usize>,
    pub not_classes: Vec<usize>,
    /// Messages about any product that it speaks of say so.
    pub says_so: bool,
    pub needs: Vec<CompiledNeed>,
    pub unless: Vec<CompiledNeed>,
}

impl Compiled {
    /// Looks up what a rule names. Its own words become nameless kinds of the lexicon.
    ///
    /// # Errors
    /// A kind, legend, class or word class that no pack has.
    pub fn of(
        claimed: &Claimed,
        language: &str,
        words: &WordClasses<'_>,
        lexicon: &mut ClaimLexicon,
    ) -> Result<Self, ClaimedProblem> {
        let kinds = claimed
            .kinds()
            .iter()
            .map(|kind| kind_of(lexicon, kind))
            .collect::<Result<_, _>>()?;
        let classes_of = |names: &[String], lexicon: &ClaimLexicon| {
            names
                .iter()
                .map(|name| {
                    let class = lexicon.products().place(name);
                    class.ok_or_else(|| ClaimedProblem::UnknownClass(name.clone()))
                })
                .collect::<Result<Vec<_>, _>>()
        };
        let mut needs_of = |needs: &[Need]| {
            needs
                .iter()
                .map(|need| compile_need(need, language, words, lexicon))
                .collect::<Result<Vec<_>, ClaimedProblem>>()
        };
        let needs = needs_of(&claimed.needs)?;
        let unless = needs_of(&claimed.unless)?;
        for condition in conditions(claimed) {
            check(condition)?;
        }
        let classes = classes_of(&claimed.classes, lexicon)?;
        let says_so = |class: &usize| lexicon.products().says_so(*class);
        Ok(Self {
            kinds,
            says_so: !classes.is_empty() && classes.iter().all(says_so),
            classes,
            not_classes: classes_of(&claimed.not_classes, lexicon)?,
            needs,
            unless,
        })
    }
}

/// All conditions of a rule.
pub fn conditions(claimed: &Claimed) -> impl Iterator<Item = &FactCondition> {
    let of_needs = claimed.needs.iter().chain(&claimed.unless);
    claimed
        .facts
        .iter()
        .chain(&claimed.any_fact)
        .chain(&claimed.unless_fact)
        .chain(of_needs.filter_map(|need| need.if_fact.as_ref()))
}

fn check(condition: &FactCondition) -> Result<(), ClaimedProblem> {
    match condition.differs_from_claim.as_deref() {
        None | Some("date" | "count" | "percent" | "money" | "time") => Ok(()),
        Some(other) => Err(ClaimedProblem::NoFigure(other.to_owned())),
    }
}

fn kind_of(lexicon: &ClaimLexicon, id: &str) -> Result<usize, ClaimedProblem> {
    lexicon
        .kind(id)
        .ok_or_else(|| ClaimedProblem::UnknownKind(id.to_owned()))
}

fn compile_need(
    need: &Need,
    language: &str,
    words: &WordClasses<'_>,
    lexicon: &mut ClaimLexicon,
) -> Result<CompiledNeed, ClaimedProblem> {
    let mut kinds = Vec::new();
    if let Some(claim) = &need.claim {
        kinds.push(kind_of(lexicon, claim)?);
    }
    if !need.words.is_empty() {
        kinds.push(lexicon.add_words(words, language, &need.words)?);
    }
    let legend = need
        .legend
        .as_ref()
        .map(|id| {
            lexicon
                .legend(id)
                .ok_or_else(|| ClaimedProblem::UnknownLegend(id.clone()))
        })
        .transpose()?;
    if kinds.is_empty() && legend.is_none() && need.fact_text.is_none() {
        return Err(ClaimedProblem::EmptyNeed);
    }
    let name = need.name.clone().unwrap_or_else(|| {
        if let Some(legend) = legend {
            format!("“{}”", lexicon.legend_text(legend))
        } else if let Some(kind) = need.claim.as_ref().and_then(|claim| lexicon.kind(claim)) {
            format!("words that say that {}", lexicon.kinds()[kind].says)
        } else if let Some(fact) = &need.fact_text {
            fact.replace('_', " ")
        } else {
            need.words.first().cloned().unwrap_or_default()
        }
    });
    Ok(CompiledNeed {
        spec: need.clone(),
        kinds,
        legend,
        name,
    })
}

/// Whether a need is fulfilled between two bytes of a view.
pub fn stands(need: &CompiledNeed, reading: &ViewClaims, from: usize, to: usize) -> bool {
    let inside = |start: usize, end: usize| start < to && from < end;
    let claims = reading.claims.iter();
    let mut claims = claims.filter(|claim| need.kinds.contains(&claim.kind));
    claims.any(|claim| inside(claim.start, claim.end))
        || need.legend.is_some_and(|wanted| {
            reading
                .legends
                .iter()
                .any(|(legend, start, end)| *legend == wanted && inside(*start, *end))
        })
}
