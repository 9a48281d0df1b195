//! In what light a claim stands: asserted, negated, attributed, quoted.
//!
//! Four lists after NegEx and ConText (Chapman et al. 2001; Harkema et al. 2009): preceding, pseudo, following and
//! termination. Scope ends at the clause. Nothing here clears a claim: it only turns a block into a review.

use super::pack::PolarityMode;
use crate::domain::finding::Polarity;
use crate::text::sentence;
use regex::Regex;
use std::sync::LazyLock;

#[expect(clippy::expect_used, reason = "constant patterns, covered by tests")]
fn constant(pattern: &str) -> Regex {
    Regex::new(pattern).expect("constant pattern")
}

static NEGATORS: LazyLock<Regex> = LazyLock::new(|| {
    constant(concat!(
        r"(?i)\b(?:not|cannot|never|neither|nor|no one|nobody|none|nothing|no|without|impossible|unable|",
        r"hardly|rarely|seldom|scarcely|barely|refuse[sd]?|declines?|fails? to|free of|lacks?|rather than|instead of)\b|n't\b"
    ))
});

/// Words that look like a negation and are none.
static PSEUDO: LazyLock<Regex> = LazyLock::new(|| {
    constant(concat!(
        r"(?i)\b(?:not (?:only|just|merely|simply|to mention)|no (?:doubt|question|wonder|matter|less than|other|one else|more|longer|sooner|better|catch|strings|kidding|joke|nonsense|worries|excuses|problem)|",
        r"without (?:a |any )?(?:doubt|question|fail|exception|delay|further ado)|",
        r"without (?:\w+ing)\b(?: a \w+| the \w+| any \w+| your \w+)?|",
        r"(?:do not|don't|never|cannot|can't) (?:miss|wait|forget|delay|hesitate|worry|settle|fail|just|let|pass|go wrong|beat|be beaten|overlook)(?:ed|s)?(?: (?:out|up|on|again|about it))*|",
        r"(?:never|not) (?:fails?|failed|disappoints?)|nothing (?:beats|compares|less|like|but)|never again|",
        r"why (?:not|isn't|aren't|don't|wouldn't)|(?:if|unless|until|before) (?:you|we|they) (?:don't|do not|didn't|haven't|can't)|",
        r"isn't it|not a (?:gamble|trick|gimmick|scam|joke|dream)|if not|why isn't (?:everyone|everybody)|can you (?:not|afford not)|",
        r"you (?:won't|will not|don't|do not) (?:believe|regret|need|have|want)[^,.;:]*?)\b"
    ))
});

static FOLLOWING: LazyLock<Regex> = LazyLock::new(|| {
    constant(concat!(
        r"(?i)^\w*(?:[\s-]+[\w-]+){0,4}?[\s]+(?:(?:is|are|was|were|do|does|can|could|will|would|should|may)(?:n't| not| never)\b|cannot\b|",
        r"(?:is|are) (?:impossible|unlikely|rare|a myth|illegal|prohibited|false|a lie|often false|never)\b|do not exist|don't exist)"
    ))
});

static ATTRIBUTION: LazyLock<Regex> = LazyLock::new(|| {
    constant(concat!(
        r"(?i)\b(?:warn(?:s|ed|ing|ings)?|wary|beware|caution(?:s|ed|ary)?|scams?|scammers?|fraud(?:s|ulent|sters?)?|red flags?|suspicious|sceptical|skeptical|",
        r"too good to be true|avoid (?:any|anyone|firms|offers|people|those)|anyone (?:who |that )?(?:promis|guarante|claim|offer|say|tell)\w*|be careful|watch out|",
        r"so-called|myths?|unrealistic|bogus|deceptive|misleading (?:claims?|ads?|offers?|promises?)|prohibit(?:s|ed)|illegal|unlawful|",
        r"(?:regulators?|the sec|finra|the fca|the ftc) (?:say|says|warns?|prohibits?|bans?|fined)|is a (?:phrase|term|word|claim)|claims? (?:of|that|such as|like)|",
        r"if (?:someone|somebody|anyone|a (?:caller|firm|person|company|stranger|salesperson)))\b"
    ))
});

static DENIAL: LazyLock<Regex> = LazyLock::new(|| {
    constant(r"(?i)^(?:no|never|not|nobody|we (?:can't|cannot|do not|don't)|absolutely not)\b")
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
    if negated_before(&sentence[clause_from..start]) {
        return Polarity::Negated;
    }
    if mode == PolarityMode::Asserted && FOLLOWING.is_match(&sentence[end..clause_to]) {
        return Polarity::Negated;
    }
    if sentence.trim_end().ends_with('?') && next.is_some_and(|n| DENIAL.is_match(n.trim_start())) {
        return Polarity::Negated;
    }
    if ATTRIBUTION.is_match(sentence) {
        return Polarity::Attributed;
    }
    if is_quoted(sentence, start, end) {
        return Polarity::Quoted;
    }
    Polarity::Asserted
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
        ] {
            assert_eq!(
                light(sentence, "guaranteed"),
                Polarity::Asserted,
                "{sentence}"
            );
        }
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
