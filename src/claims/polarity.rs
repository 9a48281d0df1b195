//! In what light a claim stands: asserted, negated, attributed, quoted.
//!
//! Four lists after NegEx and ConText (Chapman et al. 2001; Harkema et al. 2009): preceding, pseudo, following and
//! termination. Scope ends at the clause. Nothing here clears a claim: it only turns a block into a review.

use crate::domain::finding::Polarity;
use crate::text::pattern::constant;
use crate::text::sentence;
use regex::Regex;
use serde::Deserialize;
use std::sync::LazyLock;

/// How the light in which a claim stands changes what it comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum PolarityMode {
    /// Wording counts wherever it stands.
    #[default]
    Any,
    /// Cleared by negation, attribution or quotation ("not guaranteed").
    Asserted,
    /// The negator is the offence ("no risk"); cleared only by a further negation outside.
    MadeByNegation,
}

static NEGATORS: LazyLock<Regex> = LazyLock::new(|| {
    constant(concat!(
        r"(?i)\b(?:not|cannot|never|neither|nor|no one|nobody|none|nothing|no|without|impossible|unable|",
        r"hardly|rarely|seldom|scarcely|barely|refuse[sd]?|declines?|fails? to|free of|lacks?|rather than|instead of|",
        r"(?:wrong|misleading|false|inaccurate|incorrect|illegal|improper|unlawful|dishonest) to|far from|stop short of|avoids?|disclaims?)\b|n't\b"
    ))
});

/// Words that look like a negation and are none.
static PSEUDO: LazyLock<Regex> = LazyLock::new(|| {
    constant(concat!(
        r"(?i)\b(?:not (?:only|just|merely|simply|to mention)|no (?:doubt|question|wonder|matter|less than|other|one else|more|longer|sooner|better|catch|strings|kidding|joke|nonsense|worries|excuses|problem|tricks?|gimmicks?|ifs|surprises?|hassle|fuss|jargon|small print)|",
        r"without (?:a |any )?(?:doubt|question|fail|exception|delay|further ado|hassle|fuss|effort)|",
        r"without (?:\w+ing)\b(?: a \w+| the \w+| any \w+| your \w+)?|",
        r"(?:do not|don't|never|cannot|can't|won't|will not)[ -](?:miss|wait|forget|delay|hesitate|worry|settle|fail|just|let|pass|go wrong|beat|be beaten|overlook|find|get|see|look)(?:ed|s)?(?: (?:out|up|on|again|about it))*|",
        r"(?:never|not) (?:fails?|failed|disappoints?)|nothing (?:beats|compares|less|like|but)|never again|(?:no one|nobody) (?:else|beats|comes close|offers)|no other \w+|",
        r"why (?:not|isn't|aren't|don't|wouldn't)|(?:if|unless|until|before) (?:you|we|they)(?: don't| do not| didn't| haven't| can't|'re not| are not| aren't|'ve not)|",
        r"(?:nothing|no one|nobody|no \w+) (?:can|will|could) (?:ever )?(?:hurt|harm|touch|dent|stop|beat|match|shake|affect|erode|take)|",
        r"not (?:un(?:true|likely|certain|safe)|false|a lie|impossible|wrong)|hardly a \w+ (?:goes|passes|went) by without|",
        r"isn't it|not a (?:gamble|trick|gimmick|scam|joke|dream)|if not|why isn't (?:everyone|everybody)|can you (?:not|afford not)|",
        r"(?:we|they|it) (?:don't|doesn't|do not|does not) just|unlike \w+|",
        r"you (?:won't|will not|don't|do not) (?:believe|regret|need|have|want)[^,.;:]*?)\b"
    ))
});

static FOLLOWING: LazyLock<Regex> = LazyLock::new(|| {
    constant(concat!(
        r#"(?i)^\w*['"]?(?P<between>(?:[\s-]+[\w-]+){0,5}?)[\s]+(?P<not>(?:is|are|was|were|do|does|can|could|will|would|should|may|must)(?:n't| not| never)\b|cannot\b|"#,
        r"(?:is|are) (?:impossible|unlikely|rare|a myth|illegal|prohibited|false|a lie|often false|often a sign|never|banned|forbidden)\b|do not exist|don't exist)(?P<rest>[^.,;:]{0,40})"
    ))
});

/// Negations behind a claim that take nothing back: "guaranteed returns are not a dream".
static PSEUDO_FOLLOWING: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?i)^\s*(?:an? )?(?:dream|myth|gimmick|trick|joke|fantasy|just|only|merely|hard|difficult|limited|out of reach|far|too good|luck|capped|enough|all|the only|wait|last|affected|lowered?|reduced?|change[ds]?|fall|drop|stop|end|fail)\b",
    )
});

static ATTRIBUTION: LazyLock<Regex> = LazyLock::new(|| {
    constant(concat!(
        r"(?i)\b(?:warn(?:s|ed|ing|ings)?|wary|beware|caution(?:s|ed|ary)?|scams?|scammers?|fraud(?:s|ulent|sters?)?|red flags?|suspicious|sceptical|skeptical|",
        r"too good to be true|avoid (?:any|anyone|firms|offers|people|those)|anyone (?:who |that )?(?:promis|guarante|claim|offer|say|tell)\w*|be careful|watch out|",
        r"so-called|myths?|unrealistic|bogus|deceptive|misleading|prohibit(?:s|ed)|illegal|unlawful|don't believe|do not believe|stay away|keep away|stay clear|run from|question any|distrust|steer clear|report (?:it|them|anyone)|",
        r"(?:regulators?|the sec|finra|the fca|the ftc|courts?|authorities) (?:say|says|warns?|prohibits?|bans?|banned|fined|sued|charged|stopped|reminds?)|is a (?:phrase|term|word|claim)|claims? (?:of|that|such as|like)|",
        r"(?:the|this) (?:word|words|phrase|term|claim|label|expression)s? ['\x22]?|",
        r"if (?:someone|somebody|anyone|a (?:caller|firm|person|company|stranger|salesperson)|an (?:adviser|advisor|ad|offer|e-?mail)))"
    ))
});

static NEGATIVE_SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?i)^(?:nothing|nobody|no one|none|neither)\b[^,]{0,40}, [^,]{1,40}, (?:is|are|can|will|may)\b",
    )
});

static DENIAL: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?i)^(?:no|never|not|nobody|(?:we|it|they|this|that|you|he|she) (?:can't|cannot|do not|don't|does not|doesn't|is not|isn't|are not|aren't|will not|won't)|absolutely not)\b",
    )
});

/// "Others' returns are not guaranteed. Ours are.": the next sentence takes the claim up again.
static REASSERTION: LazyLock<Regex> = LazyLock::new(|| {
    constant(concat!(
        r"(?i)^(?:but |yet |and |well,? )?(?:ours?(?: \w+){0,3} (?:is|are|does?|do|will|can)(?: (?:really|truly|actually|always|all|guaranteed|certain|safe|insured|real))*|we (?:do|can|are|will)(?: and (?:do|will|can|are))?|",
        r"(?:this|that) (?:one|fund|plan|account|strategy|offer) (?:is|does|will|can)|with us,? (?:it|they) (?:is|are))\W*$"
    ))
});

static CONTRAST: LazyLock<Regex> = LazyLock::new(|| {
    constant(r"(?i)(?:[,;:] | )(?:but|yet|however|while|whereas|unlike them|except) |; | - ")
});

/// How much of a long sentence before a hit is looked at, in bytes: keeps hostile input linear.
const WINDOW: usize = 400;

/// The light of the words at `start..end` of `sentence`; `next` is the sentence after it.
pub fn of_hit(
    sentence: &str,
    start: usize,
    end: usize,
    next: Option<&str>,
    mode: PolarityMode,
) -> Polarity {
    if mode == PolarityMode::Any {
        return Polarity::Asserted;
    }
    let from = sentence.floor_char_boundary(start.saturating_sub(WINDOW));
    let to = sentence.ceil_char_boundary((end + WINDOW).min(sentence.len()));
    let (sentence, start, end) = (&sentence[from..to], start - from, end - from);
    let (clause_from, clause_to) = sentence::clause_around(sentence, start, end);
    let reasserted = next.is_some_and(|n| REASSERTION.is_match(n.trim()))
        || sentence[end..]
            .split_once([';', ','])
            .is_some_and(|(_, rest)| REASSERTION.is_match(rest.trim()));
    let negated = negated_before(&sentence[clause_from..start])
        || mode == PolarityMode::Asserted && negated_behind(&sentence[end..clause_to]);
    if negated && !reasserted {
        return Polarity::Negated;
    }
    // "Nothing in life, or in investing, is guaranteed.": a negative subject reaches past what is put in between.
    if NEGATIVE_SUBJECT.is_match(sentence) && !CONTRAST.is_match(&sentence[..start]) && !reasserted
    {
        return Polarity::Negated;
    }
    if sentence.trim_end().ends_with('?') && next.is_some_and(|n| DENIAL.is_match(n.trim_start())) {
        return Polarity::Negated;
    }
    if !reasserted && is_attributed(between_contrasts(sentence, start, end)) {
        return Polarity::Attributed;
    }
    if is_quoted(sentence, start, end) {
        return Polarity::Quoted;
    }
    Polarity::Asserted
}

/// A hedge in the clause, or a condition in the sentence: what is said is not said to be so.
static MODAL: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?i)\b(?:may|might|could|can vary|aims? to|seeks? to|potentially|possibly|perhaps)\b",
    )
});

static CONDITION: LazyLock<Regex> = LazyLock::new(|| {
    constant(concat!(
        r"(?i)\b(?:subject to|provided (?:that|you)|depend(?:s|ing) on|if (?:you (?:qualify|are eligible|meet)|approved|eligible)|",
        r"once (?:you are |your \w+ is )?approved|for (?:qualified|qualifying|eligible) \w+|as long as|unless)\b"
    ))
});

/// The voice of a claim: the light of its words, and whether it is asked or made to depend on something.
pub fn voice(
    sentence: &str,
    start: usize,
    end: usize,
    next: Option<&str>,
    by_negation: bool,
) -> Polarity {
    let mode = if by_negation {
        PolarityMode::MadeByNegation
    } else {
        PolarityMode::Asserted
    };
    let light = of_hit(sentence, start, end, next, mode);
    if light != Polarity::Asserted {
        return light;
    }
    if sentence.trim_end().ends_with('?') {
        // "Who says it can't be guaranteed? Ours is."
        let answered = next.is_some_and(|next| REASSERTION.is_match(next.trim()));
        return if answered {
            Polarity::Asserted
        } else {
            Polarity::Asked
        };
    }
    let from = sentence.floor_char_boundary(start.saturating_sub(WINDOW));
    let to = sentence.ceil_char_boundary((end + WINDOW).min(sentence.len()));
    let (near, start, end) = (&sentence[from..to], start - from, end - from);
    let (clause, _) = sentence::clause_around(near, start, end);
    if MODAL.is_match(&near[clause..start]) || CONDITION.is_match(near) {
        return Polarity::Conditional;
    }
    Polarity::Asserted
}

/// Words that negate in German, French and Spanish.
const NEGATORS_ELSEWHERE: [&str; 24] = [
    "nicht",
    "kein",
    "keine",
    "keinen",
    "keiner",
    "keinerlei",
    "niemals",
    "nie",
    "ohne",
    "weder",
    "pas",
    "jamais",
    "aucun",
    "aucune",
    "sans",
    "ne",
    "ni",
    "no",
    "nunca",
    "sin",
    "ningún",
    "ninguna",
    "tampoco",
    "jamás",
];

/// The voice of a claim in another language than English, by the negators of its clause.
pub fn voice_elsewhere(sentence: &str, start: usize, end: usize, by_negation: bool) -> Polarity {
    let from = sentence.floor_char_boundary(start.saturating_sub(WINDOW));
    let before = &sentence[from..start];
    let clause = before.rfind([',', ';', ':', '(']).map_or(0, |at| at + 1);
    let to = sentence.ceil_char_boundary((end + 40).min(sentence.len()));
    let behind = &sentence[end..to];
    let behind = behind.split([',', ';', ':', '(', '.']).next().unwrap_or("");
    let negates = |text: &str, negators: &[&str]| {
        text.split(|c: char| !c.is_alphanumeric())
            .any(|word| negators.contains(&word.to_lowercase().as_str()))
    };
    // Behind the words, "without" begins something new.
    let behind_negates = negates(
        behind,
        &["nicht", "niemals", "nie", "pas", "jamais", "nunca"],
    );
    if negates(&before[clause..], &NEGATORS_ELSEWHERE) || !by_negation && behind_negates {
        Polarity::Negated
    } else if sentence.trim_end().ends_with('?') {
        Polarity::Asked
    } else {
        Polarity::Asserted
    }
}

/// Whether somebody else says it, or a warning is given. "Fraud team here" warns of nothing: it is who writes.
fn is_attributed(text: &str) -> bool {
    const DESKS: [&str; 9] = [
        "team",
        "department",
        "desk",
        "unit",
        "line",
        "office",
        "prevention",
        "squad",
        "alert",
    ];
    ATTRIBUTION.find_iter(text).any(|found| {
        let next = text[found.end()..].split_whitespace().next().unwrap_or("");
        let next = next
            .trim_matches(|c: char| !c.is_alphanumeric())
            .to_lowercase();
        !(found.as_str().eq_ignore_ascii_case("fraud") && DESKS.contains(&next.as_str()))
    })
}

/// A warning reaches as far as the next contrast: "scams abound, but our return is guaranteed" is a claim.
fn between_contrasts(sentence: &str, start: usize, end: usize) -> &str {
    let from = CONTRAST
        .find_iter(&sentence[..start])
        .last()
        .map_or(0, |m| m.end());
    let to = CONTRAST
        .find(&sentence[end..])
        .map_or(sentence.len(), |m| end + m.start());
    &sentence[from..to]
}

fn negated_behind(behind: &str) -> bool {
    FOLLOWING.captures(behind).is_some_and(|found| {
        let between = found.name("between").map_or("", |m| m.as_str());
        let rest = found.name("rest").map_or("", |m| m.as_str());
        let own_clause = between.split_whitespace().any(|word| {
            matches!(
                word.to_ascii_lowercase().as_str(),
                "and" | "so" | "that" | "which" | "or"
            )
        });
        !own_clause && !PSEUDO_FOLLOWING.is_match(rest)
    })
}

fn negated_before(before: &str) -> bool {
    let pseudo: Vec<(usize, usize)> = PSEUDO
        .find_iter(before)
        .map(|m| (m.start(), m.end()))
        .collect();
    NEGATORS.find_iter(before).any(|m| {
        if pseudo
            .iter()
            .any(|(from, to)| m.start() < *to && *from < m.end())
        {
            return false;
        }
        // "no-fee account with guaranteed growth": the determiner reaches its own noun, not past "with" or "plus"
        let behind = before[m.end()..].to_ascii_lowercase();
        let determiner =
            m.as_str().eq_ignore_ascii_case("no") || m.as_str().eq_ignore_ascii_case("without");
        !(determiner
            && [
                " with ",
                " plus ",
                " for ",
                " gets ",
                " you get",
                " you have",
            ]
            .iter()
            .any(|word| behind.contains(word)))
    })
}

fn is_quoted(sentence: &str, start: usize, end: usize) -> bool {
    let opens = sentence[..start].matches('"').count() % 2 == 1;
    opens && sentence[end..].contains('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn light(sentence: &str, words: &str) -> Polarity {
        let at = sentence.to_lowercase().rfind(words).unwrap();
        of_hit(sentence, at, at + words.len(), None, PolarityMode::Asserted)
    }

    #[test]
    fn negation_reaches_its_clause_and_no_further() {
        for sentence in [
            "Returns are not guaranteed.",
            "Neither principal nor interest is guaranteed.",
            "The fund does not promise, assure or offer guaranteed income.",
            "Offers are rarely guaranteed.",
            "Guaranteed returns do not exist.",
            "It would be wrong to call this guaranteed.",
            "Others promise it; ours are not guaranteed.",
        ] {
            assert_eq!(
                light(sentence, "guaranteed"),
                Polarity::Negated,
                "{sentence}"
            );
        }
        for sentence in [
            "Not only is it safe, your return is guaranteed.",
            "Returns are not guaranteed elsewhere, but ours are guaranteed.",
            "No hidden charges and guaranteed profits.",
            "Without lifting a finger you get guaranteed income.",
            "Nothing beats a guaranteed return.",
            "Don't miss our guaranteed 12% return.",
            "If you don't act now you'll lose a guaranteed 8%.",
            "It never fails to deliver guaranteed returns.",
            "Your income is guaranteed and cannot fall.",
            "Guaranteed returns are not a dream.",
            "Scams are everywhere, but our return is guaranteed.",
            "A can't-miss deal with guaranteed growth.",
            "Scams promise guaranteed returns; ours really are guaranteed.",
            "It is not untrue that returns are guaranteed.",
            "Hardly a month goes by without guaranteed gains.",
            "Hi, fraud team at your bank here: your money is guaranteed safe.",
        ] {
            assert_eq!(
                light(sentence, "guaranteed"),
                Polarity::Asserted,
                "{sentence}"
            );
        }
    }

    #[test]
    fn a_question_that_is_answered_by_a_claim_makes_it() {
        let asks = "Who says returns can't be guaranteed?";
        let at = asks.find("guaranteed").unwrap();
        let of = |next| voice(asks, at, at + 10, next, false);
        assert_eq!(of(Some("Ours are.")), Polarity::Asserted);
        assert_ne!(of(Some("Ours are not.")), Polarity::Asserted);
    }

    #[test]
    fn the_next_sentence_may_deny_or_take_up_the_claim() {
        let with_next = |sentence: &str, next: &str| {
            let at = sentence.find("guaranteed").unwrap();
            of_hit(sentence, at, at + 10, Some(next), PolarityMode::Asserted)
        };
        assert_eq!(
            with_next("Is my return guaranteed?", "It is not."),
            Polarity::Negated
        );
        assert_eq!(
            with_next("Others say returns are not guaranteed.", "Ours are."),
            Polarity::Asserted
        );
        assert_eq!(
            with_next("Returns are not guaranteed.", "Ours vary with the market."),
            Polarity::Negated
        );
    }

    #[test]
    fn attribution_and_quotation_are_named() {
        assert_eq!(
            light("The regulator warns of guaranteed returns.", "guaranteed"),
            Polarity::Attributed
        );
        assert_eq!(
            light("He called it \"a guaranteed win\" once.", "guaranteed"),
            Polarity::Quoted
        );
    }
}
