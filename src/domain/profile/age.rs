//! Ages and age groups in words and figures. No word for an age is silently "not known".

use unicode_normalization::UnicodeNormalization as _;

/// Years of life between two bounds, each as far as it was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Age {
    pub least: Option<u32>,
    pub most: Option<u32>,
}

/// From here on somebody is of age.
pub const OF_AGE: u32 = 18;

impl Age {
    pub(super) fn exactly(years: u32) -> Self {
        Self {
            least: Some(years),
            most: Some(years),
        }
    }

    /// A group whose oldest is under age.
    pub(super) const MINOR: Self = Self {
        least: None,
        most: Some(OF_AGE - 1),
    };

    pub(super) const ADULT: Self = Self {
        least: Some(OF_AGE),
        most: None,
    };

    /// The age that a rule for the young is asked with: the least that was said, or the most if only that was.
    pub fn youngest(self) -> Option<u32> {
        self.least.or(self.most)
    }

    /// Whether the words leave open that it is a minor: `under 25`.
    pub(super) fn may_be_minor(self) -> bool {
        self.least.is_none() && self.most.is_some_and(|most| most >= OF_AGE)
    }

    /// Whether both can be true of one person.
    pub(super) fn agrees_with(self, other: Self) -> bool {
        let below = |a: Self, b: Self| {
            a.most
                .zip(b.least)
                .is_some_and(|(most, least)| most < least)
        };
        !below(self, other) && !below(other, self)
    }
}

/// What a text says of an age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Age(Age),
    Nothing,
    Unclear,
}

const MINORS: &str = "minor minors child children kid kids teen teens teenager teenagers teenage adolescent adolescents \
    juvenile preteen tween tweens infant toddler baby underage schoolchild pupil alpha k12 highschool \
    highschooler minderjährig minderjaehrig jugendlich jugendliche jugendlicher mineur minorenne menor";

const ADULTS: &str = "adult adults senior seniors elderly retired retiree pensioner middleaged boomer boomers millennial \
    millennials genx geny erwachsen erwachsene erwachsener volljährig majeur adulto adulte grownup ofage";

/// Words of a size, a unit or nothing, that may stand beside figures.
const FILLERS: &str = "age aged ages years year yrs yr y yo o old of group band range and the is a at de years-old jahre jahr ans \
    años anni von from between to bis through thru until inclusive incl m f";

const BELOW: &str = "under below u lt less younger unter moins menos menor sub before meno";
const AT_MOST: &str = "max most lte le upto down fewer maximum";
const ABOVE: &str = "over above gt older more über ueber mayor";
const AT_LEAST: &str = "plus min least gte ge up ab minimum upwards upward onwards";

/// Words that join others, or belong to a decade or a generation.
const BESIDE: &str = "than or atleast upto young gen generation s early mid late";

fn is_in(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|known| known == word)
}

const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 8] = [
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];

/// Reads an age or an age group.
pub(super) fn read(text: &str) -> Said {
    let text: String = text.nfkc().collect::<String>().to_lowercase();
    let text = text.trim();
    if super::sense::EMPTY.contains(&text)
        || matches!(text, "prefer not to say" | "not specified" | "all" | "any")
    {
        return Said::Nothing;
    }
    if text.len() > 80 {
        return Said::Unclear;
    }
    if let Ok(years) = text.parse::<f64>() {
        return if (0.0..=130.0).contains(&years) {
            Said::Age(Age::exactly(whole(years)))
        } else {
            Said::Unclear
        };
    }
    // Several groups in one: the youngest counts.
    let mut youngest: Option<Age> = None;
    for part in text
        .split([',', ';', '|'])
        .map(str::trim)
        .filter(|p| !p.is_empty())
    {
        match one(part) {
            Said::Age(age) => {
                if youngest.is_none_or(|y| age.youngest() < y.youngest()) {
                    youngest = Some(age);
                }
            }
            _ => return Said::Unclear,
        }
    }
    youngest.map_or(Said::Unclear, Said::Age)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "called with 0 to 130"
)]
fn whole(years: f64) -> u32 {
    years as u32
}

#[derive(Clone, Debug, PartialEq)]
enum AgeWord {
    Number(u32),
    Word(String),
    Dash,
}

fn one(text: &str) -> Said {
    let text = text
        .replace("<=", " lte ")
        .replace(['≤', '⩽'], " lte ")
        .replace(">=", " gte ")
        .replace(['≥', '⩾'], " gte ")
        .replace('<', " lt ")
        .replace('>', " gt ")
        .replace('+', " plus ")
        .replace("not under", "atleast")
        .replace("no older than", "upto")
        .replace("up to", "upto")
        .replace("or equal to", " ")
        .replace("middle-aged", "middleaged")
        .replace("middle aged", "middleaged")
        .replace("high school", "highschool")
        .replace("k-12", "k12")
        .replace("pre-teen", "preteen")
        .replace("grown-up", "grownup")
        .replace("of age", "ofage")
        .replace("gen x", "genx")
        .replace("generation x", "genx")
        .replace("gen y", "geny");
    if ["month", "week", "day", "monat"]
        .iter()
        .any(|unit| text.contains(unit))
    {
        return Said::Age(Age::MINOR);
    }
    let tokens = tokens(&text);
    let has = |list: &str| {
        tokens
            .iter()
            .any(|t| matches!(t, AgeWord::Word(w) if is_in(list, w)))
    };
    if has("not non no nicht") {
        return Said::Unclear;
    }
    let numbers: Vec<u32> = tokens
        .iter()
        .filter_map(|t| match t {
            AgeWord::Number(n) => Some(*n),
            _ => None,
        })
        .collect();
    if numbers.iter().any(|n| *n > 130) {
        return Said::Unclear;
    }
    let lists = [
        FILLERS, BELOW, AT_MOST, ABOVE, AT_LEAST, MINORS, ADULTS, BESIDE,
    ];
    let known = |word: &str| lists.iter().any(|list| is_in(list, word));
    let strange = tokens
        .iter()
        .any(|t| matches!(t, AgeWord::Word(w) if !known(w)));
    let says_minor = has(MINORS) && (!has("menor") || numbers.is_empty());
    match numbers.as_slice() {
        [] if says_minor && !has(ADULTS) => Said::Age(Age::MINOR),
        [] if has(ADULTS) && !says_minor && !strange => Said::Age(Age::ADULT),
        [] => Said::Unclear,
        _ if strange => Said::Unclear,
        [years] => {
            let years = *years;
            let decade = has("s") && years % 10 == 0;
            let age = if has(BELOW) {
                let most = if has("or") || has("and") || has(AT_MOST) {
                    Some(years)
                } else {
                    years.checked_sub(1)
                };
                Age {
                    least: None,
                    most: Some(most.unwrap_or(0)),
                }
            } else if has(AT_MOST) || has("upto") {
                Age {
                    least: None,
                    most: Some(years),
                }
            } else if has(ABOVE) && !has("or and") {
                Age {
                    least: Some(years + 1),
                    most: None,
                }
            } else if has(ABOVE) || has(AT_LEAST) || has("atleast") {
                Age {
                    least: Some(years),
                    most: None,
                }
            } else if tokens.contains(&AgeWord::Dash) {
                // `18-` may be from there on or up to there.
                return Said::Unclear;
            } else if decade {
                Age {
                    least: Some(years),
                    most: Some(years + 9),
                }
            } else {
                Age::exactly(years)
            };
            // A minor's word beside an adult's figure, or the other way round: the younger.
            if says_minor && age.youngest().is_some_and(|y| y >= OF_AGE) {
                return Said::Age(Age::MINOR);
            }
            Said::Age(age)
        }
        [first, second] => {
            let (least, most) = (*first.min(second), *first.max(second));
            Said::Age(Age {
                least: Some(least),
                most: Some(most),
            })
        }
        _ => Said::Unclear,
    }
}

fn tokens(text: &str) -> Vec<AgeWord> {
    let mut out = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if let Some(digit) = c.to_digit(10) {
            let mut number = digit;
            while let Some(digit) = chars.peek().and_then(|n| n.to_digit(10)) {
                number = number.saturating_mul(10).saturating_add(digit);
                chars.next();
            }
            // Parts of a year count for nothing: `17.5` is 17.
            if chars.peek() == Some(&'.') {
                chars.next();
                while chars.peek().is_some_and(char::is_ascii_digit) {
                    chars.next();
                }
            }
            out.push(AgeWord::Number(number));
        } else if c.is_alphabetic() {
            let mut word = c.to_string();
            while let Some(next) = chars.peek().filter(|n| n.is_alphabetic()) {
                word.push(*next);
                chars.next();
            }
            // k12 is one word.
            if word == "k" && chars.peek() == Some(&'1') {
                chars.next();
                chars.next();
                word = "k12".into();
            }
            push_word(&mut out, word);
        } else if matches!(c, '-' | '–' | '—' | '−' | '‐' | '‑' | '~') {
            out.push(AgeWord::Dash);
        }
    }
    // A dash between words means nothing.
    let is_number = |t: Option<&AgeWord>| matches!(t, Some(AgeWord::Number(_)) | None);
    let kept: Vec<AgeWord> = out
        .iter()
        .enumerate()
        .filter(|(at, token)| {
            **token != AgeWord::Dash
                || is_number(out.get(at + 1))
                    && is_number(at.checked_sub(1).and_then(|at| out.get(at)))
        })
        .map(|(_, token)| token.clone())
        .collect();
    kept
}

/// Figures in words are figures: `seventeen`, `twenty four`, `twenties`.
fn push_word(out: &mut Vec<AgeWord>, word: String) {
    let at = |list: &[&str]| {
        list.iter()
            .position(|w| *w == word)
            .and_then(|n| u32::try_from(n).ok())
    };
    if let Some(number) = at(&SMALL) {
        let tens = out.last().and_then(|t| match t {
            AgeWord::Number(n) if *n >= 20 && n % 10 == 0 && number < 10 => Some(*n),
            _ => None,
        });
        if let Some(tens) = tens {
            out.pop();
            out.push(AgeWord::Number(tens + number));
        } else {
            out.push(AgeWord::Number(number));
        }
    } else if let Some(tens) = at(&TENS) {
        out.push(AgeWord::Number(20 + 10 * tens));
    } else if let Some(tens) = TENS.iter().position(|t| {
        word.strip_suffix("ies")
            .is_some_and(|stem| t.strip_suffix('y') == Some(stem))
    }) {
        out.push(AgeWord::Number(20 + 10 * u32::try_from(tens).unwrap_or(0)));
        out.push(AgeWord::Word("s".into()));
    } else {
        out.push(AgeWord::Word(word));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn youngest(text: &str) -> Option<u32> {
        match read(text) {
            Said::Age(age) => age.youngest(),
            _ => None,
        }
    }

    #[test]
    fn every_form_of_a_minor_is_one() {
        for text in [
            "Under 18",
            "UNDER 18",
            "under 18",
            "less than 18",
            "below 18",
            "Younger than 18",
            "U18",
            "under18",
            "<=17",
            "<18",
            "< 18",
            "0-17",
            "13-17",
            "17 and under",
            "17 or younger",
            "17 & under",
            "12 to 15",
            "minor",
            "Minor",
            "teen",
            "Teenager",
            "child",
            "Gen Alpha",
            "K-12",
            "under-18",
            "minderjährig",
            "１３－１７",
            "13–17",
            "age 13-17",
            "13_17",
            "up to 17",
            "max 17",
            "≤17",
            "seventeen",
            "13 to seventeen",
            "17.0",
            "17.9",
            "15 years old",
            "9 months",
            "A13-17",
            "twelve to fifteen",
            "menor de 18",
            "unter 18",
            "moins de 18 ans",
            "13-17, 18-24",
            "high school",
            "16-24",
            "between 13 and 17",
            "pre-teen",
            "younger than eighteen",
        ] {
            assert!(
                youngest(text).is_some_and(|y| y < OF_AGE),
                "{text}: {:?}",
                read(text)
            );
        }
    }

    #[test]
    fn grown_ups_are_not_minors_and_what_is_neither_is_unclear() {
        for (text, years) in [
            ("18+", 18),
            ("over 18", 19),
            ("21 plus", 21),
            ("21 and over", 21),
            ("adult", 18),
            ("65+", 65),
            ("25–34", 25),
            ("34.0", 34),
            ("34", 34),
            ("18-24 years", 18),
            ("30s", 30),
            ("early thirties", 30),
            ("55 or older", 55),
            ("25 bis 34", 25),
            ("Seniors", 18),
            ("young adult", 18),
            ("Gen X", 18),
            (">=18", 18),
            (">17", 18),
            ("at least 18", 18),
            ("18 and up", 18),
            ("65 or more", 65),
            ("25-34 yrs", 25),
        ] {
            assert_eq!(youngest(text), Some(years), "{text}: {:?}", read(text));
        }
        for text in [
            "Gen Z",
            "student",
            "B2",
            "1990",
            "999",
            "-1",
            "not a minor",
            "youth club",
            "18-24-36",
            "age group C",
        ] {
            assert_eq!(read(text), Said::Unclear, "{text}");
        }
        assert_eq!(read("N/A"), Said::Nothing);
        let open = |text| matches!(read(text), Said::Age(age) if age.may_be_minor());
        assert!(open("under 25") && open("18 and under") && !open("under 18") && !open("18-24"));
    }
}
