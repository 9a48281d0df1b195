//! Statements without numbers: which sentence of a citation carries them, which denies them, and claims that none does.

use super::overlap::Content;
use super::reading::PartReading;
use crate::domain::citation::Citation;
use crate::domain::finding::{EvidenceLink, EvidenceState};
use crate::domain::message::Message;
use crate::text::pattern::constant;
use crate::text::sentence;
use regex::Regex;
use std::sync::LazyLock;

/// Words that turn a sentence into a claim of fact which somebody has to be able to show. A bare superlative or
/// comparison is none: "the lowest rate goes to borrowers with excellent credit", "higher than the rate shown".
static CLAIM: LazyLock<Regex> = LazyLock::new(|| {
    constant(concat!(
        r"(?i)\b(?:stud(?:y|ies) (?:show|find|found|suggest|prove|confirm|say|indicate)\w*|(?:a|one|recent|new|our own|independent|clinical) (?:stud(?:y|ies)|surveys?|trials?|tests?)|survey(?:s|ed)? (?:show|of|by)\w*|",
        r"research (?:shows?|suggests?|finds?|found|proves?|confirms?|says?|by|from)|clinically|(?:data|evidence|figures|numbers) (?:show|suggest|prove|confirm|indicate|say)\w*|evidence (?:that|of|for)|proof (?:that|of)|proven|(?:is|are|was|were|been) shown to|",
        r"according to|award[- ]?winning|(?:won|win|wins|received|earned|given) (?:\w+ ){0,3}awards?|ranked|(?:top|highest|best)[- ]rated|rated (?:\w+ ){0,2}(?:best|top|first|no\.|number|#|stars?|\d)|",
        r"independent(?:ly)? (?:research\w*|test\w*|stud\w+|review\w*|survey\w*|lab\w*|verified|rated|audit\w*|expert\w*)|certified (?:by|as|to)|",
        r"(?:the |our )(?:best|fastest|cheapest|largest|biggest|safest|easiest|number one|leading|no\. ?1)\b|(?:the )?(?:lowest|highest|best) (?:\w+ ){0,2}(?:in|on|of|anywhere|around|available|you(?:'ll| will| can) find)|",
        r"the only \w+ (?:that|to|with|in)|(?:the|our) most (?:trusted|popular|reliable|advanced|effective|affordable|secure|accurate|powerful|generous|rewarding|respected|efficient)|",
        r"(?:better|faster|cheaper|lower|higher|safer|easier|greener|healthier|stronger|more \w+) than (?:any|other|others|most|all|the (?:competition|competitors|average|market|rest|industry|big|high[- ]street)|competitors?|rivals?|banks?|your (?:\w+ )?(?:bank|broker|lender|card|insurer|provider)|anyone|everyone|traditional|leading|typical|ordinary|a typical)|",
        r"twice (?:as|the)|half of (?:all|our|the)|majority of|most (?:of our )?(?:people|customers|members|clients|patients|users)|nine (?:out of|in) ten)\b"
    ))
});

static NEGATOR: LazyLock<Regex> =
    LazyLock::new(|| constant(r"(?i)\b(?:not|no|never|without|cannot|neither|nor|none)\b|n't\b"));

/// Shared content words below which two sentences are not about the same thing.
const LEAST_SHARED: usize = 3;
/// Share of the message's content words, in per cent, from which a sentence carries it.
const CARRIES: usize = 60;
/// From which two sentences say the same but for a negation.
const SAYS_THE_SAME: usize = 70;

struct CitedSentence<'m> {
    citation: &'m Citation,
    text: &'m str,
    content: Content,
}

/// Links the sentences of subject, preheader and body to the citations. Without citations there is nothing to link.
pub(super) fn link(message: &Message, readings: &[PartReading<'_>]) -> Vec<EvidenceLink> {
    let said: Vec<CitedSentence<'_>> = message
        .citations
        .iter()
        .flat_map(|citation| {
            let text = citation.redacted_text.as_str();
            sentence::sentences(text)
                .into_iter()
                .map(move |(a, b)| CitedSentence {
                    citation,
                    text: &text[a..b],
                    content: Content::of(&text[a..b]),
                })
        })
        .collect();
    if said.is_empty() {
        return Vec::new();
    }
    let mut links = Vec::new();
    for reading in readings {
        let text = reading.text();
        for (from, to) in sentence::sentences(text) {
            let Some((state, by)) = judge(&text[from..to], &said) else {
                continue;
            };
            let (start, end) = reading.original(from, to);
            links.push(EvidenceLink {
                part: reading.part,
                start,
                end,
                text: text[from..to].to_owned(),
                state,
                source: by.map_or_else(String::new, |s| format!("citation:{}", s.citation.id)),
                quote: by.map_or_else(String::new, |s| s.text.to_owned()),
            });
        }
    }
    links
}

/// Whether a sentence denies what it has in common with another one: `no withdrawals` at the end of a list denies nothing
/// of what stands before it.
fn is_negated(sentence: &str, about: &Content) -> bool {
    sentence
        .split([',', ';'])
        .any(|clause| NEGATOR.is_match(clause) && Content::of(clause).shared(about) > 0)
}

fn judge<'s, 'm>(
    sentence: &str,
    said: &'s [CitedSentence<'m>],
) -> Option<(EvidenceState, Option<&'s CitedSentence<'m>>)> {
    let content = Content::of(sentence);
    if content.len() < LEAST_SHARED || sentence.trim_end().ends_with('?') {
        return None;
    }
    // The best carrier; of equal ones the first, so that the order of citations decides and nothing else.
    let best = said
        .iter()
        .map(|s| (content.shared(&s.content), s))
        .filter(|(shared, _)| *shared >= LEAST_SHARED)
        .max_by(|a, b| a.0.cmp(&b.0).then(std::cmp::Ordering::Greater));
    if let Some((shared, by)) = best {
        let percent = shared * 100 / content.len();
        if percent >= SAYS_THE_SAME
            && is_negated(by.text, &content) != is_negated(sentence, &by.content)
        {
            return Some((EvidenceState::Contradicted, Some(by)));
        }
        if percent >= CARRIES {
            return Some((EvidenceState::Supported, Some(by)));
        }
    }
    CLAIM
        .is_match(sentence)
        .then_some((EvidenceState::Unsupported, None))
}

#[cfg(test)]
mod tests {
    use super::super::reading::readings;
    use super::*;

    fn states(body: &str, citation: &str) -> Vec<EvidenceState> {
        let message = Message {
            body: body.into(),
            citations: vec![Citation {
                id: "c".into(),
                redacted_text: citation.into(),
                ..Citation::default()
            }]
            .into(),
            ..Message::default()
        };
        link(&message, &readings(&message).collect::<Vec<_>>())
            .into_iter()
            .map(|l| l.state)
            .collect()
    }

    #[test]
    fn carried_denied_and_unsupported_are_told_apart() {
        let source = "Customers can change the payment date online. The plan does not include travel insurance.";
        assert_eq!(
            states("You can change your payment date online.", source),
            [EvidenceState::Supported]
        );
        assert_eq!(
            states("The plan includes travel insurance.", source),
            [EvidenceState::Contradicted]
        );
        assert_eq!(
            states("Independent research calls our service the best.", source),
            [EvidenceState::Unsupported]
        );
        assert_eq!(states("Hello, thank you for writing to us.", source), []);
    }

    #[test]
    fn a_claim_needs_showing_and_a_bare_comparison_does_not() {
        for claim in [
            "Independent tests put our locks first.",
            "Our account is simply better than most.",
            "It is clinically proven to calm the skin.",
            "Most customers pay less within a year.",
            "The lowest fees on the high street.",
            "We are the most trusted broker.",
            "Rated 4.8 stars by our clients.",
        ] {
            assert!(CLAIM.is_match(claim), "{claim}");
        }
        for plain in [
            "The lowest rate goes to borrowers with excellent credit.",
            "Your rate may be higher than the rate shown.",
            "The spread is shown before you confirm.",
            "Your 14-day free trial started today.",
            "We will email you 3 days before the trial ends.",
            "Performance may be lower or higher than the performance quoted.",
            "Performance is current to the most recent month-end.",
            "Frozen pipes are one of the most common winter claims.",
            "It can never be higher than 9.75%.",
        ] {
            assert!(!CLAIM.is_match(plain), "{plain}");
        }
    }

    #[test]
    fn without_citations_nothing_is_linked() {
        let message = Message {
            body: "Independent research calls us the best.".into(),
            ..Message::default()
        };
        assert_eq!(link(&message, &readings(&message).collect::<Vec<_>>()), []);
    }
}
