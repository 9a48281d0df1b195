//! From the words of a pack to something that runs: expressions, and the literals that say when one is worth running.

use super::claimed::{self, Compiled};
use super::error::{CompileError, RuleProblem};
use super::expression::{Expression, ExpressionError};
use super::general_law::GeneralLaws;
use super::languages;
use super::pack::{FactCondition, LegalStatus, Match, Pack, PackTerms, Requirement, Rule};
use super::reach::Reaches;
use super::resemble::SimilarityNet;
use super::spec::MAX_TERM_DEPTH;
use super::spelling::Lookalikes;
use super::trade_law::TradeLaws;
use crate::claims::{ClaimLexicon, LexiconSource, WordClasses};
use crate::domain::digest::Digest;
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use regex_syntax::hir::literal::Extractor;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// A rule ready to run.
#[derive(Debug)]
pub struct CompiledRule {
    pub pack: String,
    pub rule: Rule,
    pub(super) matches: Vec<CompiledMatch>,
    /// What a rule of the second form asks for.
    pub(super) claimed: Option<Compiled>,
    /// Place of its pack in the book, and of its reach.
    pub(super) pack_at: usize,
    pub(super) reach: usize,
    /// See [`super::alike`].
    pub(super) sample_words: OnceLock<Vec<BTreeSet<String>>>,
}

#[derive(Debug)]
pub(super) struct CompiledMatch {
    pub spec: Match,
    pub find: Option<Expression>,
    pub lookalikes: Option<Lookalikes>,
    pub exempt: Option<Expression>,
    pub near: Option<Expression>,
    pub unless_near: Option<Expression>,
    pub requires: Vec<CompiledRequirement>,
    pub rewrites: Vec<(Expression, String)>,
    /// Place in the gate's list of literal-gated matchers; `None` runs always.
    pub literal_slot: Option<usize>,
}

#[derive(Debug)]
pub(super) struct CompiledRequirement {
    pub name: String,
    pub any: Option<Expression>,
    pub facts: Vec<FactCondition>,
    pub fact_text: Option<String>,
}

/// All active packs together, compiled, with one automaton that tells which expressions can match at all.
#[derive(Debug)]
pub struct RuleBook {
    pub rules: Vec<CompiledRule>,
    /// Hash over the packs in order of their ids: what a run pins.
    pub digest: Digest,
    /// `(pack id, version, digest)` of each pack.
    pub packs: Vec<(String, String, Digest)>,
    pub(super) literals: AhoCorasick,
    /// For each literal of the prefilter, the slot of its matcher.
    pub(super) slot_of_literal: Vec<usize>,
    pub(super) slots: usize,
    pub(super) reaches: Reaches,
    /// What a message is read by.
    pub lexicon: ClaimLexicon,
    /// What binds products that no class knows.
    pub general_laws: GeneralLaws,
    /// What binds trades of their own.
    pub trade_laws: TradeLaws,
    /// What the packs' tests and examples have in common.
    pub(super) net: SimilarityNet,
    /// Languages that the packs in force read, by code.
    pub languages: BTreeSet<String>,
    /// Languages of which only some claims are known, and for which product classes they were written.
    pub partly: BTreeMap<String, BTreeSet<usize>>,
    /// Approved disclosure sentences, folded.
    pub(super) approved: BTreeSet<String>,
}

impl RuleBook {
    /// Compiles every expression now, as a test or an activation has to.
    ///
    /// # Errors
    /// The first that is too large, with pack and rule.
    pub fn compile_expressions(&self) -> Result<(), CompileError> {
        for rule in &self.rules {
            for matcher in &rule.matches {
                let own = [
                    &matcher.find,
                    &matcher.exempt,
                    &matcher.near,
                    &matcher.unless_near,
                ];
                let required = matcher.requires.iter().map(|r| &r.any);
                let rewrites = matcher.rewrites.iter().map(|(expression, _)| expression);
                for expression in own.into_iter().chain(required).flatten().chain(rewrites) {
                    expression.compile().map_err(|problem| CompileError {
                        pack: rule.pack.clone(),
                        rule: rule.rule.id.clone(),
                        problem: problem.into(),
                    })?;
                }
            }
        }
        Ok(())
    }

    /// Whether some rule asks for a fact, or for a field of it.
    pub fn uses_fact(&self, key: &str) -> bool {
        let is_it = |fact: &str| fact == key || fact.split('.').next() == Some(key);
        let of_claims = self
            .rules
            .iter()
            .filter_map(|rule| rule.rule.claimed.as_deref())
            .flat_map(claimed::conditions);
        let mut asked = of_claims
            .flat_map(|condition| std::iter::once(&condition.fact).chain(&condition.members));
        if asked.any(|fact| is_it(fact)) {
            return true;
        }
        self.rules.iter().flat_map(|rule| &rule.matches).any(|m| {
            let asked = m.spec.facts.iter().chain(&m.spec.near_facts);
            let required = m.requires.iter().flat_map(|r| &r.facts);
            let texts = m.requires.iter().filter_map(|r| r.fact_text.as_deref());
            let conditions = asked.chain(required).map(|c| c.fact.as_str());
            conditions.chain(texts).any(is_it)
        })
    }

    /// Hash over packs in order of their ids: what a run pins.
    pub fn digest_of(packs: &[Pack]) -> Digest {
        let mut order: Vec<&Pack> = packs.iter().collect();
        order.sort_by(|a, b| a.head.id.cmp(&b.head.id));
        Digest::of_parts(order.iter().flat_map(|pack| {
            let head = &pack.head;
            [
                head.id.as_bytes(),
                head.version.as_bytes(),
                pack.digest.0.as_slice(),
            ]
        }))
    }

    /// Reads packs into rules. `approved` are the texts of approved disclosures.
    ///
    /// # Errors
    /// The first expression that is not one, with pack and rule.
    pub fn compile<'a>(
        packs: &[Pack],
        approved: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, CompileError> {
        let mut order: Vec<&Pack> = packs.iter().collect();
        order.sort_by(|a, b| a.head.id.cmp(&b.head.id));
        let wanted: Vec<(&Pack, &Rule)> = order
            .iter()
            .flat_map(|pack| pack.rules.iter().map(move |rule| (*pack, rule)))
            .filter(|(_, rule)| rule.legal_status != LegalStatus::Stayed)
            .collect();
        let sources: Vec<LexiconSource<'_>> = order.iter().map(|pack| pack.source()).collect();
        let words = WordClasses::of(&sources);
        let mut lexicon = ClaimLexicon::compile(&sources, &words).map_err(|slip| CompileError {
            pack: slip.pack,
            rule: "claims".into(),
            problem: slip.problems.into(),
        })?;
        let mut rules = Vec::with_capacity(wanted.len());
        let mut literals: Vec<String> = Vec::new();
        let mut slot_of_literal = Vec::new();
        let mut slots = 0;
        let mut reaches = Reaches::default();
        for ((pack, rule), compiled) in wanted.iter().zip(compile_all(&wanted)) {
            let mut matches = Vec::new();
            for (mut matcher, found) in compiled? {
                if let Some(found) = found {
                    matcher.literal_slot = Some(slots);
                    for literal in found {
                        literals.push(literal);
                        slot_of_literal.push(slots);
                    }
                    slots += 1;
                }
                matches.push(matcher);
            }
            let claimed = rule
                .claimed
                .as_deref()
                .map(|claimed| Compiled::of(claimed, &pack.head.language, &words, &mut lexicon))
                .transpose()
                .map_err(|problem| CompileError {
                    pack: pack.head.id.clone(),
                    rule: rule.id.clone(),
                    problem: problem.into(),
                })?;
            let reach = reaches.add(rule, rule.claimed.as_deref().zip(claimed.as_ref()));
            let is_it = |known: &&Pack| std::ptr::eq(*known, *pack);
            rules.push(CompiledRule {
                pack: pack.head.id.clone(),
                pack_at: order.iter().position(is_it).unwrap_or(0),
                reach,
                rule: (*rule).clone(),
                matches,
                claimed,
                sample_words: OnceLock::new(),
            });
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(&literals)
            .map_err(|e| CompileError {
                pack: "(all)".into(),
                rule: "(literals)".into(),
                problem: e.into(),
            })?;
        let mut sentences = BTreeSet::new();
        for text in approved {
            sentences.insert(crate::text::view::folded(text));
            for (start, end) in crate::text::sentence::sentences(text) {
                sentences.insert(crate::text::view::folded(&text[start..end]));
            }
        }
        let names: Vec<_> = order
            .iter()
            .map(|p| (p.head.id.clone(), p.head.version.clone(), p.digest))
            .collect();
        let languages = languages::read_by(&order);
        let general_laws = GeneralLaws::of(order.iter().flat_map(|pack| &pack.general_laws));
        let of_trades = order.iter().flat_map(|pack| &pack.trade_laws);
        let trade_laws =
            TradeLaws::of(of_trades, lexicon.products()).map_err(|problem| CompileError {
                pack: "(all)".into(),
                rule: "(trade laws)".into(),
                problem: problem.into(),
            })?;
        let partly = languages::partly(&order, &languages, &lexicon);
        Ok(Self {
            digest: Self::digest_of(packs),
            packs: names,
            rules,
            literals: automaton,
            slot_of_literal,
            slots,
            reaches,
            lexicon,
            general_laws,
            trade_laws,
            net: SimilarityNet::learn(&order),
            partly,
            languages,
            approved: sentences,
        })
    }
}

/// A matcher, and the literals that wake it.
type Woken = (CompiledMatch, Option<Vec<String>>);

/// Finding the literals of every expression is the slow part of a start: each core takes its share of the rules.
/// The order stays.
fn compile_all(wanted: &[(&Pack, &Rule)]) -> Vec<Result<Vec<Woken>, CompileError>> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = wanted.len().div_ceil(cores).max(1);
    let one = |(pack, rule): &(&Pack, &Rule)| {
        rule.matches
            .iter()
            .map(|spec| {
                let failed = |problem| CompileError {
                    pack: pack.head.id.clone(),
                    rule: rule.id.clone(),
                    problem,
                };
                let find = expand_all(&spec.find, &pack.terms).map_err(failed)?;
                let matcher = compile_match(spec, &find, &pack.terms).map_err(failed)?;
                Ok((matcher, literals_of(&find)))
            })
            .collect()
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = wanted
            .chunks(share)
            .map(|chunk| scope.spawn(move || chunk.iter().map(one).collect::<Vec<_>>()))
            .collect();
        threads
            .into_iter()
            .zip(wanted.chunks(share))
            // A thread that could not finish leaves its share to this one.
            .flat_map(|(thread, chunk)| {
                thread
                    .join()
                    .unwrap_or_else(|_| chunk.iter().map(one).collect())
            })
            .collect()
    })
}

fn compile_match(
    spec: &Match,
    find: &[String],
    terms: &PackTerms,
) -> Result<CompiledMatch, RuleProblem> {
    let expanded =
        |patterns: &[String]| Ok::<_, RuleProblem>(union(&expand_all(patterns, terms)?, false)?);
    Ok(CompiledMatch {
        find: union(find, spec.case)?,
        lookalikes: (!spec.near_spelling.is_empty())
            .then(|| Lookalikes::new(spec.near_spelling.iter().map(String::as_str))),
        exempt: expanded(&spec.exempt)?,
        near: expanded(&spec.near)?,
        unless_near: expanded(&spec.unless_near)?,
        requires: spec
            .requires
            .iter()
            .map(|requirement| compile_requirement(requirement, terms))
            .collect::<Result<_, _>>()?,
        rewrites: spec
            .rewrite
            .iter()
            .filter_map(|(pattern, words)| {
                expanded(std::slice::from_ref(pattern))
                    .transpose()
                    .map(|compiled| compiled.map(|c| (c, words.clone())))
            })
            .collect::<Result<_, _>>()?,
        literal_slot: None,
        spec: spec.clone(),
    })
}

fn compile_requirement(
    requirement: &Requirement,
    terms: &PackTerms,
) -> Result<CompiledRequirement, RuleProblem> {
    Ok(CompiledRequirement {
        name: requirement.name.clone(),
        any: union(&expand_all(&requirement.any, terms)?, false)?,
        facts: requirement.facts.clone(),
        fact_text: requirement.fact_text.clone(),
    })
}

/// Puts the entries of word classes in place of their names.
fn expand_all(patterns: &[String], terms: &PackTerms) -> Result<Vec<String>, RuleProblem> {
    patterns
        .iter()
        .map(|pattern| expand(pattern, terms, 0))
        .collect()
}

/// `{loss}` becomes `(?:loss|losses|…)`. Counts (`{2,3}`) begin with a digit and are left alone.
fn expand(pattern: &str, terms: &PackTerms, depth: usize) -> Result<String, RuleProblem> {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        let inside = &rest[open + 1..];
        let name = inside.split('}').next().unwrap_or("");
        let is_name = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        // `\x{1F600}` and `\p{Lu}` are the expression language's own
        if !is_name || out.ends_with('\\') || out.ends_with("\\x") || out.ends_with("\\p") {
            out.push('{');
            rest = inside;
            continue;
        }
        let entries = terms
            .get(name)
            .ok_or_else(|| RuleProblem::UnknownTerm(name.to_owned()))?;
        if depth == MAX_TERM_DEPTH {
            return Err(RuleProblem::NestedTerm(name.to_owned()));
        }
        out.push_str("(?:");
        for (index, entry) in entries.iter().enumerate() {
            if index > 0 {
                out.push('|');
            }
            out.push_str(&expand(entry, terms, depth + 1)?);
        }
        out.push(')');
        rest = inside.get(name.len() + 1..).unwrap_or("");
    }
    out.push_str(rest);
    Ok(out)
}

/// One expression out of several, at word borders. ASCII classes: the views are already folded.
fn union(patterns: &[String], case: bool) -> Result<Option<Expression>, ExpressionError> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let alternatives: Vec<String> = patterns.iter().map(|p| bordered(&spaced(p))).collect();
    let flags = if case { "" } else { "(?i)" };
    Expression::new(format!("{flags}{}", alternatives.join("|"))).map(Some)
}

/// A space in a pattern stands for white space or hyphens of any length up to five. `\d`, `\s`, `\w` and `\b` are
/// ASCII: views are folded already, and Unicode tables would cost a hundred times the compile time.
fn spaced(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut in_class = false;
    let mut escaped = false;
    for c in pattern.chars() {
        match c {
            _ if escaped => {
                escaped = false;
                match (c, in_class) {
                    ('d', true) => out.push_str("0-9"),
                    ('s', true) => out.push_str(r" \t\r\n"),
                    ('w', true) => out.push_str("0-9A-Za-z_"),
                    ('d', false) => out.push_str("[0-9]"),
                    ('s', false) => out.push_str(r"[ \t\r\n]"),
                    ('S', false) => out.push_str(r"[^ \t\r\n]"),
                    ('w', false) => out.push_str("[0-9A-Za-z_]"),
                    ('b', false) => out.push_str(r"(?-u:\b)"),
                    _ => {
                        out.push('\\');
                        out.push(c);
                    }
                }
            }
            '\\' => escaped = true,
            '[' => {
                in_class = true;
                out.push(c);
            }
            ']' => {
                in_class = false;
                out.push(c);
            }
            ' ' if !in_class => out.push_str(r"(?:[ \t\r\n-]{1,5})"),
            _ => out.push(c),
        }
    }
    out
}

/// No word goes on before or behind the match, where the pattern begins or ends with a word character or a group.
/// Half borders: a group may also begin with `$` or end with `%`.
fn bordered(pattern: &str) -> String {
    let starts = pattern
        .chars()
        .next()
        .is_some_and(|c| c.is_alphanumeric() || c == '(');
    let ends = pattern
        .chars()
        .next_back()
        .is_some_and(|c| c.is_alphanumeric() || matches!(c, ')' | '*' | '?' | '+'));
    format!(
        "{}(?:{pattern}){}",
        if starts {
            r"(?-u:\b{start-half}|\b)"
        } else {
            ""
        },
        if ends { r"(?-u:\b{end-half}|\b)" } else { "" }
    )
}

/// Literals one of which every match must begin with; `None` when there are no useful ones.
fn literals_of(find: &[String]) -> Option<Vec<String>> {
    if find.is_empty() {
        return None;
    }
    let mut all = BTreeSet::new();
    for pattern in find {
        let hir = regex_syntax::ParserBuilder::new()
            .build()
            .parse(&spaced(pattern))
            .ok()?;
        let seq = Extractor::new()
            .limit_total(250)
            .limit_class(8)
            .extract(&hir);
        for literal in seq.literals()? {
            let text = std::str::from_utf8(literal.as_bytes()).ok()?;
            if text.len() < 2 {
                return None;
            }
            all.insert(text.to_lowercase());
        }
    }
    (!all.is_empty()).then(|| all.into_iter().collect())
}
