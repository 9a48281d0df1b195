//! Figures that claim nothing: parts of addresses and links, durations of a service, hours, ages, legal references, numbers
//! of lists, forms, orders and telephones, and what stands in a prescribed legend.
//!
//! What a figure needs a source for is a claim about a product, a price, a rate, a performance, people or results. A gate
//! that asks for the source of "24 hours" is not read any more when it asks for the source of "31%".

use crate::domain::prescribed::LIBRARY;
use crate::text::calendar::MONTHS;
use crate::text::numbers::{Quantity, Unit};
use crate::text::pattern::constant;
use regex::Regex;
use std::cell::{Cell, OnceCell};
use std::ops::Range;
use std::sync::LazyLock;

/// A count in words without a unit is a claim from here on, in ten-thousandths: below, words count by the way.
const LEAST_COUNT_IN_WORDS: i64 = 130_000;

/// Numbers that state nothing: parts of addresses and links, ages of majority, small ordinals, legal references.
pub(super) fn is_no_claim(text: &str, quantity: &Quantity) -> bool {
    let before = text[text.floor_char_boundary(quantity.start.saturating_sub(28))..quantity.start]
        .to_lowercase();
    let after = text[quantity.end..text.ceil_char_boundary((quantity.end + 40).min(text.len()))]
        .to_lowercase();
    let word = before.split_whitespace().next_back().unwrap_or("");
    let link = before
        .rsplit(char::is_whitespace)
        .next()
        .is_some_and(|w| w.contains("://") || w.starts_with("www."));
    let capital_street = capital_behind(text, quantity.end)
        && [
            "street",
            "st,",
            "st.",
            "avenue",
            "ave",
            "road",
            "rd",
            "lane",
            "drive",
            "quay",
            "blvd",
            "boulevard",
            "square",
            "way,",
            "place",
            "high st",
            "main st",
            " court",
            " terrace",
            " parkway",
            " pkwy",
            " highway",
            " circle",
            " plaza",
            " broadway",
            " wharf",
            " crescent",
            " close",
            " trail",
        ]
        .iter()
        .any(|w| after.contains(w));
    let zip = quantity.unit == Unit::Count
        && quantity.end - quantity.start == 5
        && text[..quantity.start]
            .trim_end()
            .ends_with(|c: char| c.is_ascii_uppercase());
    let street = ["strasse", "straße", "straat", "weg", "platz", "rue", "via"]
        .iter()
        .any(|ending| word.ends_with(ending));
    let postcode = quantity.unit == Unit::Count
        && quantity.end - quantity.start == 5
        && before.trim_end().ends_with(',')
        && capital_behind(text, quantity.end);
    // "Calle Mayor 5, 28013 Madrid": a house number before a postcode
    let house = quantity.unit == Unit::Count
        && after.strip_prefix(", ").is_some_and(|rest| {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            (4..=5).contains(&digits) && rest[digits..].starts_with(' ')
        });
    let reference = matches!(
        word,
        "suite"
            | "section"
            | "rule"
            | "no."
            | "nmls"
            | "frn"
            | "box"
            | "floor"
            | "unit"
            | "step"
            | "option"
            | "page"
            | "ext"
            | "id"
            | "#"
            | "part"
            | "art."
            | "©"
            | "number"
            | "flight"
            | "gate"
            | "platform"
            | "seat"
            | "room"
    );
    // "flight KV 418": the two signs of an airline stand between
    let flight = word.len() == 2 && before.trim_end().ends_with(&format!("flight {word}"));
    let of_age = after.trim_start().starts_with("or over")
        || after.trim_start().starts_with("or older")
        || before.ends_with("aged ")
        || before.ends_with("over ") && after.trim_start().starts_with("to ");
    let year = quantity.unit == Unit::Year && (word == "©" || before.contains("copyright"));
    let shop_hours = after.starts_with(" am")
        || after.starts_with(" pm")
        || after.starts_with("am")
        || after.starts_with("pm");
    // "one of our advisers", "in three steps"
    let word =
        quantity.is_worded && quantity.unit == Unit::Count && quantity.value < LEAST_COUNT_IN_WORDS;
    let seven_days = after.starts_with("/7") || before.ends_with("24/");
    link || capital_street
        || street
        || house
        || postcode
        || zip
        || reference
        || flight
        || of_age
        || year
        || shop_hours
        || seven_days
        || word
}

fn capital_behind(text: &str, end: usize) -> bool {
    text[end..]
        .trim_start()
        .chars()
        .next()
        .is_some_and(char::is_uppercase)
}

/// What of a text claims nothing, found when it is first asked for.
pub(super) struct Idle<'t> {
    text: &'t str,
    references: OnceCell<Vec<Range<usize>>>,
    legends: OnceCell<Vec<Range<usize>>>,
    /// The place of the sentence that was asked about last, and whether it is prescribed: one may hold thousands of
    /// figures.
    prescribed: Cell<Option<(usize, bool)>>,
}

impl<'t> Idle<'t> {
    pub fn of(text: &'t str) -> Self {
        Self {
            text,
            references: OnceCell::new(),
            legends: OnceCell::new(),
            prescribed: Cell::new(None),
        }
    }

    fn is_prescribed(&self, (at, sentence): (usize, &str)) -> bool {
        match self.prescribed.get() {
            Some((last, known)) if last == at => known,
            _ => {
                let known = LIBRARY.holds(sentence);
                self.prescribed.set(Some((at, known)));
                known
            }
        }
    }

    /// Whether a figure that nothing carries needs no source. `at` is the place of its sentence among those of the text.
    pub fn holds(&self, quantity: &Quantity, (at, sentence): (usize, &str)) -> bool {
        let within = |spans: &[Range<usize>]| {
            spans
                .iter()
                .any(|span| span.start < quantity.end && quantity.start < span.end)
        };
        let legends = self.legends.get_or_init(|| spans(&LEGENDS, self.text));
        if within(legends) || self.is_prescribed((at, sentence)) {
            return true;
        }
        match quantity.unit {
            Unit::Money | Unit::Percent => false,
            Unit::Date => self.is_letter_date(quantity),
            Unit::Year => !FOUNDED.is_match(self.before(quantity)),
            Unit::Count | Unit::Days | Unit::Weeks | Unit::Months | Unit::Years => {
                within(
                    self.references
                        .get_or_init(|| spans(&REFERENCES, self.text)),
                ) || self.is_service_time(quantity, sentence)
                    || self.is_span_in_words(quantity, sentence)
                    || self.is_day_of_month(quantity, sentence)
            }
        }
    }

    fn before(&self, quantity: &Quantity) -> &str {
        let from = quantity.start.saturating_sub(36);
        &self.text[self.text.floor_char_boundary(from)..quantity.start]
    }

    fn after(&self, quantity: &Quantity) -> &str {
        let to = (quantity.end + 36).min(self.text.len());
        &self.text[quantity.end..self.text.ceil_char_boundary(to)]
    }

    /// The day on which the letter was written: a date that has its line to itself.
    fn is_letter_date(&self, quantity: &Quantity) -> bool {
        let line_before = self.text[..quantity.start]
            .rsplit('\n')
            .next()
            .unwrap_or_default();
        let line_after = self.text[quantity.end..]
            .split('\n')
            .next()
            .unwrap_or_default();
        let before = line_before.trim().trim_end_matches(':').to_lowercase();
        line_after.trim().is_empty()
            && (before.is_empty()
                || before == "date"
                || before == "dated"
                || line_before.trim_end().ends_with(','))
            && line_before.len() <= 24
    }

    /// How long a service takes, or when it is there: seconds to weeks. Not what a product brings about in that time, and
    /// no term of a refund or a guarantee.
    fn is_service_time(&self, quantity: &Quantity, sentence: &str) -> bool {
        let brief = match quantity.unit {
            Unit::Days | Unit::Weeks => true,
            Unit::Count => BRIEF.is_match(self.after(quantity)),
            _ => false,
        };
        brief && !OUTCOME.is_match(sentence)
    }

    /// "Cash that you need within two or three years", "over the past six months": a span of time in words, of which the
    /// sentence promises nothing. "Pay over sixty months" is a term.
    fn is_span_in_words(&self, quantity: &Quantity, sentence: &str) -> bool {
        quantity.is_worded
            && matches!(quantity.unit, Unit::Months | Unit::Years)
            && (LOOSE.is_match(self.before(quantity))
                || self.after(quantity).trim_start().starts_with("or "))
            && !OUTCOME.is_match(sentence)
    }

    /// The day of a date without a year, where the sentence sets no end to anything.
    fn is_day_of_month(&self, quantity: &Quantity, sentence: &str) -> bool {
        quantity.unit == Unit::Count
            && day_and_month(self.text, quantity).is_some()
            && !DEADLINE.is_match(sentence)
    }
}

/// Day and month of a date that is written without its year: `December 7`, `11 January`.
pub(super) fn day_and_month(text: &str, quantity: &Quantity) -> Option<(u32, u32)> {
    if quantity.unit != Unit::Count || quantity.is_worded {
        return None;
    }
    let day = u32::try_from(quantity.value / 10_000).ok()?;
    if quantity.value % 10_000 != 0 || !(1..=31).contains(&day) {
        return None;
    }
    let before = text[..quantity.start].trim_end_matches([' ', '\u{a0}']);
    let before = before
        .rsplit(|c: char| !(c.is_alphabetic() || c == '.'))
        .next()
        .unwrap_or_default();
    let after = text[quantity.end..].trim_start_matches(|c: char| c.is_ascii_lowercase());
    let after = after.strip_prefix(" of").unwrap_or(after);
    let after: String = after
        .trim_start_matches([' ', '.', '\u{a0}'])
        .chars()
        .take_while(|c| c.is_alphabetic())
        .collect();
    month(before)
        .or_else(|| month(&after))
        .map(|month| (day, month))
}

fn month(word: &str) -> Option<u32> {
    let lower = word.trim_end_matches('.').to_lowercase();
    if lower.len() < 3 || !word.starts_with(char::is_uppercase) {
        return None;
    }
    let index = MONTHS.iter().position(|month| {
        *month == lower || month[..3] == *lower || lower == "sept" && *month == "september"
    })?;
    u32::try_from(index + 1).ok()
}

fn spans(pattern: &Regex, text: &str) -> Vec<Range<usize>> {
    pattern.find_iter(text).map(|found| found.range()).collect()
}

/// Units of a service's time that are no unit of a quantity.
static BRIEF: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?i)^(?:[ -]*(?:to|or|and|–|-)[ -]*\d{1,3})?[ \u{a0}-]*(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|(?:business|working|banking|calendar)[ -]days?|minuten|stunden|heures?|minutos?|horas?|minuti|ore|uur)\b",
    )
});

/// What somebody gets out of a product, or may claim for a time: that time is a claim.
static OUTCOME: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?i)\b(?:results?|los(?:e|es|ing|t)|weight|pounds?|lbs|kilos?|inch(?:es)?|cur(?:e|es|ed)|heal(?:s|ed)?|reliev\w*|relief|pain|symptoms?|younger|wrinkles?|earn\w*|income|profits?|returns?|refund\w*|money[- ]back|doubl\w+|tripl\w+|grow\w*|gain\w*|hired|fluent|detox\w*|burn\w*|lasts?|battery|clinical\w*|proven|guarant\w+|warrant\w+|trial|interest|free|risk)\b",
    )
});

/// What stands before a span that measures nothing.
static LOOSE: LazyLock<Regex> =
    LazyLock::new(|| constant(r"(?i)\b(?:past|last|next|coming|recent|or)\s+$"));

/// Words that set an end.
static DEADLINE: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?i)\b(?:ends?|ending|until|through|expires?|expiring|last (?:day|chance)|deadline|closes?|only|hurry|midnight|sale|offer|% off|no later than|by|before)\b",
    )
});

/// Since when there is a firm: a claim.
static FOUNDED: LazyLock<Regex> = LazyLock::new(|| {
    constant(r"(?i)\b(?:since|founded(?: in)?|established(?: in)?|est\.?|serving \w+ since)[ :]*$")
});

/// Figures of law and of standard warnings, which a message repeats as they are prescribed.
static LEGENDS: LazyLock<Regex> = LazyLock::new(|| {
    constant(concat!(
        r"(?i)(?:insured|insurance|coverage|covered|protected|protection|compensation)[^.\n]{0,60}?(?:\$250,000|£(?:85|120),?000|€\s?100[.,]000|100[.,]000 (?:€|euros?))",
        r"|(?:\$250,000|£(?:85|120),?000|€\s?100[.,]000)(?: per (?:depositor|person|client|member|customer|eligible)| by (?:the )?(?:FDIC|NCUA|FSCS))",
        r"|\btake 2 min(?:ute)?s to learn more",
        r"|1-?800-?MEDICARE|\b1-800-633-4227|\bTTY:? ?(?:users )?(?:should )?(?:call )?:?(?:711|1-877-486-2048)",
        r"|24 hours a day(?:,? (?:and )?(?:7|seven) days a week)?|(?:7|seven) days a week|365 days a year|24/7",
        r"|worth (?:\$1(?:\.00)?|one dollar)(?: (?:per|a) share)?|\$1(?:\.00)? per share|stable (?:share price|net asset value)[^.\n]{0,30}\$1(?:\.00)?",
        r"|reply (?:stop|help)[^.\n]{0,30}|text (?:stop|help) to \d{4,6}|up to \d{1,2} (?:msgs?|messages?)(?: ?/ ?| per | a )(?:mo|month|week|wk)",
        r"|we do not offer every plan[^\n]*?(?:products? in your area|\.gov)"
    ))
});

/// Legal references, numbers of lists, forms, versions, orders and telephones, hours and ages.
static REFERENCES: LazyLock<Regex> = LazyLock::new(|| {
    constant(concat!(
        // law
        r"(?i)\b\d+ (?:C\.?F\.?R\.?|U\.?S\.?C\.?)(?: (?:part|§+))? ?\d[\w.()-]*|§+ ?\d[\w.()-]*",
        r"|\b(?:sections?|sec\.|s\.|articles?|art\.?|parts?|rules?|regulations?|reg\.|chapters?|titles?|paragraphs?|para\.|clauses?|schedules?|annex|appendix|exhibit|directives?|recitals?|subsections?|act(?: of)?|law|order|forms?|versions?|releases?|steps?|stages?|phases?|levels?|lessons?|modules?|pages?|pp\.|fig(?:ure)?\.?|tables?|notes?|footnotes?|options?|questions?|class|category|tier|type|grade|series|zone|room|gate|platform|flight|bus|track|aisle|pin|sku|vol(?:ume)?\.?|issue|episode|edition|round|article)(?: (?:no\.?|number))? ?[#(]?\d[\w.()/-]*(?:(?:,| and| or| to|-|–) ?\d[\w.()/-]*)*",
        r"|\b(?:COBS|CONC|MCOB|ICOBS|PRIN|SYSC|DISP|ISO|IEC|DIN|EN|BS|RFC|WCAG|PCI|SOC|IFRS|FRS|ASTM|S&P|FTSE|Russell|Nasdaq|DAX|CAC|Nikkei|Stoxx|Fortune|iOS|Android|Windows)[ -]?\d[\w.]*",
        r"|\b\d{3}\([a-z]\)|\b(?:529|1031|1040|1099|990)[ -](?:plans?|accounts?|exchanges?|forms?|returns?)",
        r"|\b\d{4}/\d+(?:/E[UC])?\b|\b(?:19|20)\d\d[–-]\d\d\b",
        // lists
        r"|(?m:^)[ \t>*-]*\(?\d{1,2}[.)](?:[ \t]|$)|\(\d{1,2}\)|\[\d{1,3}\]",
        // numbers that name something
        r"|(?:\b(?:no|nr|nos|num|number|ref|reference|order|invoice|ticket|case|tracking|confirmation|booking|policy|account|acct|card|claim|loan|member(?:ship)?|customer|licen[cs]e|permit|registration|registered|company|charity|nmls|frn|crd|npn|dre|vat|tin|ein|id|isbn|lei|isin|cusip|patient|mrn|ssn|code|pin|ending(?: in)?|last four(?: digits)?|box)\b\.?|[#№])(?: (?:no|number|id|is|in)\b\.?)*[ :#=-]*[A-Z]{0,3}-?\d[\dA-Z]*(?:[ /.-]\d[\dA-Z]*)*",
        // telephones and other groups of digits
        r"|(?:\+|\b00)\d[\d ().-]{6,}\d|\(?\b\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b|\b1?[- .]?8\d\d-[A-Z0-9]{3,}(?:-[A-Z0-9]+)?|\b0\d{2,5}[ -]\d{3,4}[ -]?\d{3,6}\b|\b\d{3}-\d{4}\b",
        r"|\b\d{3}-\d{2}-\d{4}\b|\b\d{4}(?:[ -]\d{4}){1,4}\b|\b\d{2}-\d{2}-\d{2}\b",
        r"|\b(?:call|dial|press|text|phone|tel|tty|fax|txt|send|reply)\b[^.\n\d]{0,24}\d{1,6}\b(?:-\d+)*",
        // hours
        r"|\b(?:at|from|until|till|between|by|before|after|open|opens|closes|hours:?) \d{1,2}(?: ?(?:[ap]\.?m\b\.?|o'clock|Uhr))?(?: ?(?:to|-|–|and|until) ?\d{1,2})(?: ?(?:[ap]\.?m\b\.?|o'clock|Uhr))?|\b\d{1,2} ?(?:[ap]\.m\.|[ap]m\b|o'clock|Uhr\b|uur\b)|\b\d{1,2} ?(?:to|-|–|bis|à|tot) ?\d{1,2} ?(?:[ap]\.?m\b|Uhr\b|uur\b|h\b)|\b9 to 5\b|\b\d{1,2} ?[-–] ?\d{1,2} (?:on )?(?:mon|tue|wed|thu|fri|sat|sun)|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*:? \d{1,2} ?[-–] ?\d{1,2}\b",
        r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day,? at \d{1,2}\b|\b(?:today|tomorrow|tonight),? at \d{1,2}\b",
        // steps, questions and the like, forms and sizes that are names
        r"|\b\d{1,2} (?:(?:easy|simple|quick|short|more|small|other) ){0,2}(?:steps?|questions?|clicks?|taps?|ways|reasons|tips|things|stages)\b|(?-i:\b[A-Z]{1,6}-\d{1,4}[A-Z]?\b)|\bfirst \d digits|\blast \d digits",
        // places
        r"|\b\d{1,4}(?: bis| ter)?,? (?:rue|boulevard|quai|chemin|allée|impasse|via|viale|corso|piazza|calle|avenida|paseo) |(?:str\.|straße|strasse|gasse|allee|ring|damm|straat|laan|gracht) \d{1,4}[a-z]?\b|(?-i:\b\d{4} ?[A-Z]{2}\b)|(?m:^)[ \t]*(?:[A-Z]{1,2}-)?\d{4,5} (?-i:\p{Lu})\p{Ll}+",
        // ages
        r"|\b\d{1,2}(?: years?)?(?: of age| old)?(?: (?:or|and|&) (?:over|older|above|up|under|younger)\b|s only\b)|\b(?:16|18|19|21)\+|\b(?:aged?|ages) (?:of |from |between )?\d{1,2}(?: ?(?:-|–|to|and) ?\d{1,2})?\b|\bmust be (?:at least |over )?\d{1,2}\b|\bturn(?:ing|ed|s)? \d{2}\b|\b(?:over|under)-?\d{2}s\b|\b(?:over|under) (?:the age of )?(?:16|18|21)\b|\b\d{1,2}[ -]years?[ -]olds?\b|\b\d{1,2} years of age",
        // copyright and the years of a report
        r"|(?:©|\(c\)|copyright) ?\d{4}(?: ?[-–] ?\d{4})?"
    ))
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::numbers::quantities;
    use crate::text::sentence;

    /// Figures of a text that need a source.
    fn claims(text: &str) -> Vec<&str> {
        let idle = Idle::of(text);
        let sentences = sentence::sentences(text);
        quantities(text)
            .into_iter()
            .filter(|q| {
                let at = sentences.iter().rposition(|(start, _)| *start <= q.start);
                let at = at.unwrap_or(0);
                let sentence = sentences
                    .get(at)
                    .map_or("", |(start, end)| &text[*start..*end]);
                !is_no_claim(text, q) && !idle.holds(q, (at, sentence))
            })
            .map(|q| &text[q.start..q.end])
            .collect()
    }

    #[test]
    fn what_claims_nothing_needs_no_source() {
        for text in [
            "We answer within 24 hours.",
            "Take 2 mins to learn more.",
            "It arrives in 3-5 business days.",
            "An adviser calls you in 10 minutes.",
            "Delivery takes 14 days.",
            "We are open from 9 am to 5 pm, 7 days a week.",
            "Walk in Monday from 8 to 18.",
            "See Part 2A of our brochure and Section 7.",
            "Disclosed under 12 CFR 1026 and Rule 2210.",
            "As Article 8 of Regulation (EU) 2019/2088 has it.",
            "Fill in Form 1040, step 3 of version 2.",
            "You must be 18 or over.",
            "For members aged 21 to 65.",
            "Moving your old 401(k)?",
            "Call us on 218-433-0140 or 020 7946 0958.",
            "Please contact Medicare.gov, 1-800-MEDICARE (TTY 711).",
            "© 2026 Northgate Bank",
            "Copyright 2019-2026 Northgate",
            "Your order number 4471920 is packed, invoice #88231.",
            "1. Open the app.\n2. Tap Save.",
            "Deposits are insured up to $250,000 per depositor.",
            "Your transfer runs on December 1.",
            "In 2025, people finished the course.",
            "Text STOP to 62733.",
            "November 23, 2026\n\nDear Ana,",
            "The ISA allowance for 2026/27 is here.",
            "It takes 3 easy steps and 5 taps.",
            "Attach your W-2 and the COVID-19 form.",
            "Store hours: Mon 9-5, Sat 10-2.",
            "Pier Bank, Hauptstr. 12\n10115 Berlin",
            "Chez nous, 12 rue de la Paix, 75002 Paris",
            "Pier Bank, 14 Mill Court, Portland, ME 04101",
            "Support is there 24 hours a day.",
            "Wir sind von 8 bis 18 Uhr da.",
            "You can cancel within 30 days.",
            "Cash that you need within two or three years stays out of stocks.",
            "Over the past six months we moved.",
            "Your card ending in 4821 is on its way.",
        ] {
            assert_eq!(claims(text), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn claims_of_products_prices_and_people_need_one() {
        for (text, figures) in [
            ("12,480 learners rate us 4.9.", vec!["12,480", "4.9"]),
            ("Save 31% on fees of $12.", vec!["31%", "$12"]),
            ("The course has 40 lessons.", vec!["40"]),
            ("Lose weight in 14 days.", vec!["14 days"]),
            ("Money back for 60 days.", vec!["60 days"]),
            ("It has paid for 22 years.", vec!["22 years"]),
            ("Over 60 months.", vec!["60 months"]),
            ("In business since 1911.", vec!["1911"]),
            ("One of the top 12 advisers.", vec!["12"]),
            ("The sale ends December 7.", vec!["7"]),
            ("Trade with 1:30 leverage.", vec!["30"]),
            ("Results in 24 hours.", vec!["24"]),
        ] {
            assert_eq!(claims(text), figures, "{text}");
        }
    }
}
