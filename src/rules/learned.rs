//! The net under the rules, run over a message: where no rule spoke of a sentence.

use super::alike::{NearRule, are_near, as_written};
use super::compile::{CompiledMatch, CompiledRule, RuleBook};
use super::draft::{RawFinding, finish};
use super::evaluate::RuleRun;
use super::prepared::PreparedPart;
use super::resemble::{SentenceContext, Suspect};
use crate::claims::ViewClaims;
use crate::domain::finding::{Disposition, Finding, Part, Polarity};
use crate::text::view::{self, View, ViewKind};
use std::collections::{BTreeMap, BTreeSet};

/// What stands behind the family of the nearest example in the id of a finding by likeness.
pub const ALIKE: &str = "alike";

/// What the sum of a sentence has to exceed in a message that nothing else is said of.
const LOUD: i64 = 1_500;
/// So many sentences of a message are named at most, and so many where nothing else is said of it.
const MOST: usize = 3;
const MOST_ALONE: usize = 2;

/// What to do about a sentence that no example stands beside.
const ALONE: &str = "Take the sentence out, or write in its place only what the record proves, with every limit and cost of it beside it. \
                     A person who knows the law of the product and the place decides; if it is fine, add it under comply.";

/// A fragment of at most this many bytes is judged as one.
const SHORT: usize = 400;

/// A sentence that may be named.
struct NameableSentence<'v> {
    suspect: Suspect,
    part: Part,
    span: (usize, usize),
    sentence: &'v str,
    /// A rule spoke of it.
    told: bool,
}

impl RuleBook {
    /// Sentences of subject, preheader and body, and those that the mark-up hides from the body, that read like a
    /// violation, where no rule spoke of them. What a rule says of the message as a whole silences nothing here.
    pub(super) fn run_net(
        &self,
        rule: &CompiledRule,
        matcher: &CompiledMatch,
        run: &RuleRun<'_>,
        findings: &mut Vec<Finding>,
    ) {
        let (prepared, readings) = (run.prepared, run.readings);
        let spoke: BTreeMap<(Part, usize), usize> = findings
            .iter()
            .filter(|f| f.part != Part::Message)
            .filter(|f| f.disposition >= Disposition::Review || f.polarity == Polarity::Exempt)
            .map(|f| ((f.part, f.start), f.end))
            .collect();
        // Consent, an address or a cost say nothing about the words.
        let asks = |finding: &Finding| {
            finding.part != Part::Message && finding.disposition >= Disposition::Review
        };
        let is_alone = !findings.iter().any(asks);
        let message = prepared.message;
        // All that readers are shown: where a fact may be stated.
        let shown: Vec<&str> = prepared.shown_parts().map(PreparedPart::shown).collect();
        let about = SentenceContext::new(
            &message.facts,
            message.product_named(),
            message.jurisdiction.as_ref(),
            &shown.join(" "),
            prepared.today(),
            message.complete,
        )
        .within(|| self.points_in_scope(run.reached, message.product_named().is_some()));
        let mut all: Vec<NameableSentence> = Vec::new();
        for (part, of_part) in prepared.parts.iter().zip(&readings.views) {
            let views = views_of(part, of_part, message.repeats_body(part.part));
            let mut seen: BTreeSet<usize> = BTreeSet::new();
            for (view, reading, (from, to)) in views.flat_map(|(view, reading)| {
                let units = units(view, message.complete).into_iter();
                units.map(move |unit| (view, reading, unit))
            }) {
                let sentence = &view.text()[from..to];
                let (start, end) = view.mapped.original(from, to);
                let told = spoke
                    .range((part.part, start)..(part.part, end.max(start)))
                    .next()
                    .is_some();
                // Of a whole message the one sentence that speaks most is asked for, whatever rules say of it: what is named
                // does not depend on them.
                if told && !message.complete {
                    continue;
                }
                let Some(suspect) = self.net.judge(sentence, &about) else {
                    continue;
                };
                // What is denied, or told of others, is heard, and is no violation.
                if is_denied(view, reading, from, to)
                    || self.approved.contains(&view::folded(sentence))
                {
                    continue;
                }
                // What a disguise hid is looked at once more, without it.
                if seen.insert(start) {
                    all.push(NameableSentence {
                        suspect,
                        part: part.part,
                        span: (start, end),
                        sentence,
                        told,
                    });
                }
            }
        }
        // Of a message the sentences that speak most are asked about: only loud ones where nothing else is.
        let mut most = usize::MAX;
        if message.complete {
            all.sort_by_key(|named| std::cmp::Reverse(named.suspect.sum));
            // What rules ask of the message vouches for one more sentence, and for no third that is not loud itself.
            let vouched;
            (vouched, most) = if is_alone { (0, MOST_ALONE) } else { (1, MOST) };
            let loud = all.partition_point(|named| named.suspect.sum > LOUD);
            all.truncate(loud.max(vouched));
        }
        let named = all
            .iter()
            .filter_map(|named| Some((named, self.net.like(&named.suspect, &about)?)));
        for (named, like) in named.take(most).filter(|(named, _)| !named.told) {
            let near = self.rule_alike(&like.example.rule, named.sentence, run);
            // What shares no more than its tone with the sentence is no example of its fault.
            let example = near.as_ref().map(|near| near.sample).or_else(|| {
                let text = like.example.text.as_str();
                are_near(text, named.sentence).then_some(text)
            });
            let like_what = example.map_or_else(
                || " but they are made as sentences that violate are".to_owned(),
                |example| match &near {
                    Some(_) => {
                        let family = &like.example.rule;
                        format!(" but they read like a known violation of {family} (“{example}”)")
                    }
                    None => format!(" but they read like a known violation (“{example}”)"),
                },
            );
            let words = like.words.iter();
            let words: Vec<String> = words.map(|w| as_written(w, named.sentence)).collect();
            let why = format!(
                "No rule knows these words,{like_what}. What speaks for it: {}.",
                words.join(", ")
            );
            let draft = RawFinding {
                part: named.part,
                start: named.span.0,
                end: named.span.1,
                owned_text: Some(named.sentence.to_owned()),
                polarity: Polarity::Asserted,
                why: Some(why),
                ..RawFinding::whole()
            };
            let mut finding = finish(rule, matcher, draft);
            // It takes the family that it is made like, so that it is folded under what that law's own rules say.
            finding.rule = format!("{}.{ALIKE}", like.example.rule);
            if example.is_none() {
                ALONE.clone_into(&mut finding.fix);
            }
            if let Some(near) = near {
                cite(&mut finding, &near);
                let trades = &self.trade_laws;
                let place = message.jurisdiction.as_ref();
                if let Some(law) = trades.instead(&near.rule.rule.id, place, &readings.classes) {
                    law.cite(&mut finding);
                }
            }
            findings.push(finding);
        }
    }
}

/// Names the law that would be broken, and what that law's rule would have said. It still only reads like one.
fn cite(finding: &mut Finding, near: &NearRule<'_>) {
    let rule = &near.rule.rule;
    finding.title = format!("Reads like: {}", rule.title);
    finding.citation.clone_from(&rule.citation);
    finding.source = rule.source.clone().unwrap_or_default();
    finding.legal_status = rule.legal_status;
    finding.fix = format!(
        "Compare it with the example. If the fault is the same: {} If the sentence is fine, add it under comply.",
        near.fix
    );
}

/// Whether a claim stands there that its sentence denies, tells of others, or has word for word from a law.
fn is_denied(view: &View, reading: &ViewClaims, from: usize, to: usize) -> bool {
    let claims = reading.claims.iter();
    let mut inside = claims.filter(|claim| from <= claim.start && claim.start < to);
    inside.any(|claim| claim.is_disowned(view))
}

/// The text as it is shown and, where it says something else, without its disguise.
fn views_of<'p>(
    part: &'p PreparedPart<'_>,
    readings: &'p [ViewClaims],
    repeats_body: bool,
) -> impl Iterator<Item = (&'p View, &'p ViewClaims)> {
    let wanted = if repeats_body {
        [ViewKind::Hidden, ViewKind::Hidden]
    } else {
        [ViewKind::Visible, ViewKind::Skeleton]
    };
    let views = part.views.iter().zip(readings);
    views.filter(move |(view, _)| wanted.contains(&view.kind))
}

/// What is judged as one: a short fragment whole, everything else by sentences.
fn units(view: &View, whole_message: bool) -> Vec<(usize, usize)> {
    let text = view.text();
    let tidy = text.trim();
    if whole_message || tidy.len() > SHORT {
        return view.sentences.clone();
    }
    let from = text.len() - text.trim_start().len();
    vec![(from, from + tidy.len())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::facts::Facts;
    use crate::domain::jurisdiction::Jurisdiction;
    use crate::domain::message::Message;
    use crate::rules::{Pack, Prepared};

    const TEXT: &str = "Our mangoes gleam like promises.";

    /// Whether the net calls the text a known violation of `us.zz.mangoes`, a rule of that scope and standing.
    fn is_named(scope: &str, status: &str, place: &str, moment: &str) -> bool {
        named(scope, status, place, moment).is_some()
    }

    fn named(scope: &str, status: &str, place: &str, moment: &str) -> Option<Finding> {
        named_with(scope, status, (place, moment), &[])
    }

    fn named_with(
        scope: &str,
        status: &str,
        (place, moment): (&str, &str),
        facts: &[(&str, u32)],
    ) -> Option<Finding> {
        let own = format!(
            r#"
[pack]
id = "own"
version = "1"
title = "Own"
form = 2
[examples]
violate = [{{ rule = "us.zz.mangoes", text = "{TEXT}" }}]
[[kind]]
id = "fruit_ripe"
says = "a fruit is ripe"
phrases = ["ripe fruit"]
makes = ["Ripe fruit.", "So ripe fruit.", "All ripe fruit."]
not = ["Fruit.", "Ripe.", "Trees."]
[[rule]]
id = "us.zz.mangoes"
title = "Mangoes"
when = "fruit_ripe"
scope = {{ {scope} }}
facts = [{{ fact = "mango_count", above = 5, unknown = "review" }}]
say = "Say less (there are {{value}})."
law = {{ cite = "Mango Act", status = "{status}" }}
breaks = ["Mangoes gleam like promises {{mango_count=6}}", "B {{mango_count=7}}", "C {{mango_count=8}}"]
keeps = ["A {{mango_count=1}}", "B {{mango_count=2}}", "C {{mango_count=3}}"]
[[rule]]
id = "us.zz.pears"
title = "Pears, of the same legal point"
when = "fruit_ripe"
scope = {{ place = ["US"] }}
say = "Say less."
law = {{ cite = "Pear Act" }}
breaks = ["Pears promise to gleam.", "B", "C"]
keeps = ["A", "B", "C"]
"#
        );
        let packs = [
            Pack::parse(&own).unwrap(),
            Pack::parse(include_str!("../../assets/policies/examples.toml")).unwrap(),
        ];
        let book = RuleBook::compile(&packs, []).unwrap();
        let mut known = Facts::default();
        for (fact, value) in facts {
            known.set(fact, *value);
        }
        let message = Message {
            facts: known,
            body: TEXT.into(),
            jurisdiction: Some(Jurisdiction::new(place)),
            product: Some("retail".into()),
            as_of: chrono::DateTime::parse_from_rfc3339(moment).ok(),
            ..Message::default()
        };
        let found = book.evaluate(&Prepared::new(&message)).findings;
        found.into_iter().find(|f| f.rule == "us.zz.mangoes.alike")
    }

    #[test]
    fn likeness_names_the_law_that_would_be_broken_and_what_its_rule_would_have_done() {
        const NOON: &str = "2027-01-01T20:00:00Z";
        let here = "place = [\"US-CA\"]";
        let finding = named(here, "in_force", "US-CA", NOON).unwrap();
        assert_eq!(finding.citation, "Mango Act");
        assert_eq!(finding.title, "Reads like: Mangoes");
        assert!(finding.fix.contains("Say less."), "{}", finding.fix);
        assert_eq!(finding.disposition, Disposition::Review);
        // The firm's own wish is no law, and the other rule of the point is one.
        let finding = named(here, "policy", "US-CA", NOON).unwrap();
        assert_eq!(finding.citation, "Pear Act");
        // No words stand in for a fact that is not known.
        assert!(!finding.fix.contains('{'));
        // The fault that is shown is that of the law that is named.
        assert!(finding.why.contains("“Pears promise to gleam.”"));
    }

    #[test]
    fn likeness_names_no_law_whose_facts_do_not_hold() {
        let here = ("US-CA", "2027-01-01T20:00:00Z");
        let with = |count: u32| {
            let facts = [("mango_count", count)];
            named_with("place = [\"US-CA\"]", "in_force", here, &facts).unwrap()
        };
        let finding = with(6);
        assert_eq!(finding.citation, "Mango Act");
        assert!(finding.fix.contains("Say less (there are 6)."));
        assert_eq!(with(1).citation, "Pear Act");
    }

    #[test]
    fn likeness_names_no_breach_of_what_is_not_law_there_and_then() {
        const NOON: &str = "2027-01-01T20:00:00Z";
        let dated = "place = [\"US-CA\"], from = 2027-01-01";
        assert!(is_named(dated, "in_force", "US-CA", NOON));
        assert!(is_named(dated, "contested", "US-CA", NOON));
        assert!(!is_named(
            dated,
            "in_force",
            "US-CA",
            "2027-01-01T07:30:00Z"
        ));
        assert!(!is_named(dated, "in_force", "US-CO", NOON));
        assert!(!is_named(dated, "stayed", "US-CA", NOON));
        assert!(!is_named(dated, "proposed", "US-CA", NOON));
        let gone = "place = [\"US\"], to = 2026-12-31";
        assert!(!is_named(gone, "in_force", "US-CA", NOON));
        assert!(is_named(gone, "in_force", "US-CA", "2027-01-01T07:30:00Z"));
    }
}
