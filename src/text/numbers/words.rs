//! Numbers in English words: "twenty-five", "two and a half", "one hundred and five thousand", "half a".

/// A number in words. `value` in ten-thousandths; bytes of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Worded {
    pub value: i64,
    pub start: usize,
    pub end: usize,
    /// Words of a fraction alone ("half a", "three quarters of a") need a unit behind them to be a number at all.
    pub is_share: bool,
}

const ONE: i64 = 10_000;

enum NumberWord {
    /// Zero to nineteen.
    Small(i64),
    Tens(i64),
    /// "hundred", "thousand" and larger.
    Scale(i64),
    Dozen,
    /// Parts of one: 2 for a half.
    Part(i64),
    Article,
    And,
    Point,
    Of,
    Other,
}

fn word(text: &str) -> NumberWord {
    // No number word is longer.
    if text.len() > 12 {
        return NumberWord::Other;
    }
    match text.to_ascii_lowercase().as_str() {
        "zero" | "nil" | "nought" => NumberWord::Small(0),
        "one" => NumberWord::Small(1),
        "two" => NumberWord::Small(2),
        "three" => NumberWord::Small(3),
        "four" => NumberWord::Small(4),
        "five" => NumberWord::Small(5),
        "six" => NumberWord::Small(6),
        "seven" => NumberWord::Small(7),
        "eight" => NumberWord::Small(8),
        "nine" => NumberWord::Small(9),
        "ten" => NumberWord::Small(10),
        "eleven" => NumberWord::Small(11),
        "twelve" => NumberWord::Small(12),
        "thirteen" => NumberWord::Small(13),
        "fourteen" => NumberWord::Small(14),
        "fifteen" => NumberWord::Small(15),
        "sixteen" => NumberWord::Small(16),
        "seventeen" => NumberWord::Small(17),
        "eighteen" => NumberWord::Small(18),
        "nineteen" => NumberWord::Small(19),
        "twenty" => NumberWord::Tens(20),
        "thirty" => NumberWord::Tens(30),
        "forty" | "fourty" => NumberWord::Tens(40),
        "fifty" => NumberWord::Tens(50),
        "sixty" => NumberWord::Tens(60),
        "seventy" => NumberWord::Tens(70),
        "eighty" => NumberWord::Tens(80),
        "ninety" => NumberWord::Tens(90),
        "hundred" => NumberWord::Scale(100),
        "thousand" => NumberWord::Scale(1_000),
        "lakh" | "lakhs" => NumberWord::Scale(100_000),
        "million" => NumberWord::Scale(1_000_000),
        "crore" | "crores" => NumberWord::Scale(10_000_000),
        "billion" => NumberWord::Scale(1_000_000_000),
        "trillion" => NumberWord::Scale(1_000_000_000_000),
        "dozen" => NumberWord::Dozen,
        "half" | "halves" => NumberWord::Part(2),
        "third" | "thirds" => NumberWord::Part(3),
        "quarter" | "quarters" | "fourth" | "fourths" => NumberWord::Part(4),
        "fifth" | "fifths" => NumberWord::Part(5),
        "sixth" | "sixths" => NumberWord::Part(6),
        "eighth" | "eighths" => NumberWord::Part(8),
        "tenth" | "tenths" => NumberWord::Part(10),
        "sixteenth" | "sixteenths" => NumberWord::Part(16),
        "hundredth" | "hundredths" => NumberWord::Part(100),
        "a" | "an" => NumberWord::Article,
        "and" => NumberWord::And,
        "point" => NumberWord::Point,
        "of" => NumberWord::Of,
        _ => NumberWord::Other,
    }
}

/// Ends of the ordinals that are no parts ("twenty-first", "ninth").
fn is_ordinal(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["first", "second", "seventh", "ninth"].contains(&text.as_str())
        || text.ends_with("ieth")
        || matches!(word(&text), NumberWord::Part(n) if n > 2) && text.ends_with("th")
        || text == "third"
}

/// The words of a text, by their bytes.
fn split(text: &str) -> Vec<(usize, usize)> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices() {
        if c.is_alphabetic() {
            start.get_or_insert(at);
        } else if let Some(from) = start.take() {
            words.push((from, at));
        }
    }
    if let Some(from) = start {
        words.push((from, text.len()));
    }
    words
}

/// All numbers in words, in reading order.
pub(super) fn worded(text: &str) -> Vec<Worded> {
    let reader = NumberWordReader {
        text,
        words: split(text),
    };
    let mut found = Vec::new();
    let mut at = 0;
    while at < reader.words.len() {
        let (start, _) = reader.words[at];
        let glued = text[..start]
            .chars()
            .next_back()
            .is_some_and(|c| c.is_alphanumeric() || c == '_');
        match reader.number(at).filter(|_| !glued) {
            Some((value, next, is_share)) => {
                let end = reader.words[next - 1].1;
                // "twenty-first" counts nothing, and "twenty5" is a name.
                let ordinal = reader.joined(next)
                    && reader
                        .words
                        .get(next)
                        .is_some_and(|(a, b)| is_ordinal(&text[*a..*b]));
                let named = text[end..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
                if ordinal {
                    at = next + 1;
                    continue;
                }
                if !named {
                    found.push(Worded {
                        value,
                        start,
                        end,
                        is_share,
                    });
                }
                at = next;
            }
            None => at += 1,
        }
    }
    found
}

struct NumberWordReader<'t> {
    text: &'t str,
    words: Vec<(usize, usize)>,
}

impl NumberWordReader<'_> {
    fn word(&self, at: usize) -> NumberWord {
        self.words
            .get(at)
            .map_or(NumberWord::Other, |(a, b)| word(&self.text[*a..*b]))
    }

    /// Whether nothing but space or one hyphen parts the word from the one before it.
    fn joined(&self, at: usize) -> bool {
        at > 0
            && self.words.get(at).is_some_and(|(start, _)| {
                let between = &self.text[self.words[at - 1].1..*start];
                between.len() < 12
                    && (between.chars().all(char::is_whitespace)
                        || between == "–"
                        || between.trim() == "-" && !between.contains("\n\n"))
            })
    }

    /// Reads a number from the word on: its value, the word behind it, and whether it is a share of one.
    fn number(&self, at: usize) -> Option<(i64, usize, bool)> {
        if let Some((value, next)) = self.share(at) {
            // "half a million"
            if self.joined(next)
                && let NumberWord::Scale(scale) = self.word(next)
            {
                return Some((value.checked_mul(scale)?, next + 1, false));
            }
            return Some((value, next, true));
        }
        let (whole, mut next) = self.whole(at)?;
        let mut value = whole.checked_mul(ONE)?;
        if self.joined(next)
            && let Some((part, after)) = self.tail(next)
        {
            value = value.checked_add(part)?;
            next = after;
            // "two and a half million"
            if self.joined(next)
                && let NumberWord::Scale(scale) = self.word(next)
                && scale > 100
            {
                value = value.checked_mul(scale)?;
                next += 1;
            }
        }
        Some((value, next, false))
    }

    /// "half", "half a", "a quarter of a", "three-quarters of one", "one tenth of".
    fn share(&self, at: usize) -> Option<(i64, usize)> {
        let (count, part_at) = match self.word(at) {
            NumberWord::Part(2) => (1, at),
            NumberWord::Article if self.joined(at + 1) => (1, at + 1),
            NumberWord::Small(n) if n > 0 && self.joined(at + 1) => (n, at + 1),
            _ => return None,
        };
        let NumberWord::Part(part) = self.word(part_at) else {
            return None;
        };
        let mut next = part_at + 1;
        if self.joined(next) && matches!(self.word(next), NumberWord::Of) {
            next += 1;
        }
        if self.joined(next)
            && matches!(self.word(next), NumberWord::Article | NumberWord::Small(1))
        {
            next += 1;
        }
        Some((count * ONE / part, next))
    }

    /// "and a half", "and three quarters", "point five".
    fn tail(&self, at: usize) -> Option<(i64, usize)> {
        match self.word(at) {
            NumberWord::And if self.joined(at + 1) => {
                let (count, part_at) = match self.word(at + 1) {
                    NumberWord::Article => (1, at + 2),
                    NumberWord::Small(n) if n > 0 => (n, at + 2),
                    _ => return None,
                };
                match self.word(part_at) {
                    NumberWord::Part(part) if self.joined(part_at) && count < part => {
                        Some((count * ONE / part, part_at + 1))
                    }
                    _ => None,
                }
            }
            NumberWord::Point => {
                let (mut value, mut place, mut next) = (0, ONE / 10, at + 1);
                while let NumberWord::Small(digit @ 0..=9) = self.word(next)
                    && self.joined(next)
                    && place > 0
                {
                    value += digit * place;
                    place /= 10;
                    next += 1;
                }
                // "nine point twenty-five"
                if next == at + 1
                    && self.joined(next)
                    && let Some((whole, after)) = self.whole(next)
                    && whole < 100
                {
                    return Some((whole * 100, after));
                }
                (next > at + 1).then_some((value, next))
            }
            _ => None,
        }
    }

    /// A whole number: the value and the word behind it.
    fn whole(&self, at: usize) -> Option<(i64, usize)> {
        let mut total: i64 = 0;
        let mut current: Option<i64> = None;
        let mut largest = i64::MAX;
        let mut next = at;
        loop {
            if next > at && !self.joined(next) {
                break;
            }
            match self.word(next) {
                NumberWord::Small(n) => match current {
                    None => current = Some(n),
                    // "twenty-five", "one hundred five"
                    Some(c) if c >= 20 && c % 10 == 0 && n < 10 && n > 0 => current = Some(c + n),
                    Some(c) if c >= 100 && c % 100 == 0 => current = Some(c + n),
                    Some(_) => break,
                },
                NumberWord::Tens(n) => match current {
                    None => current = Some(n),
                    Some(c) if c >= 100 && c % 100 == 0 => current = Some(c + n),
                    Some(_) => break,
                },
                NumberWord::Scale(100) => match current {
                    Some(c) if (1..100).contains(&c) => current = Some(c * 100),
                    _ => break,
                },
                NumberWord::Scale(scale) => {
                    let Some(c) = current.filter(|_| scale < largest) else {
                        break;
                    };
                    total = total.checked_add(c.checked_mul(scale)?)?;
                    largest = scale;
                    current = None;
                }
                NumberWord::Dozen => {
                    let c = current.take()?;
                    return Some((c.checked_mul(12)?, next + 1));
                }
                NumberWord::Article if next == at => {
                    // "a hundred", "a dozen"; "a" alone counts nothing
                    if !self.joined(next + 1)
                        || !matches!(
                            self.word(next + 1),
                            NumberWord::Scale(_) | NumberWord::Dozen
                        )
                    {
                        return None;
                    }
                    current = Some(1);
                }
                NumberWord::And => {
                    // "one hundred and five", and not "five and ten"
                    let round = match current {
                        Some(c) => c >= 100 && c % 100 == 0,
                        None => total > 0,
                    };
                    let goes_on = self.joined(next + 1)
                        && matches!(self.word(next + 1), NumberWord::Small(n) if n > 0)
                        || matches!(self.word(next + 1), NumberWord::Tens(_))
                            && self.joined(next + 1);
                    let fraction =
                        matches!(self.word(next + 2), NumberWord::Part(_)) && self.joined(next + 2);
                    if !round || !goes_on || fraction {
                        break;
                    }
                }
                _ => break,
            }
            next += 1;
        }
        if next == at {
            return None;
        }
        Some((total.checked_add(current.unwrap_or(0))?, next))
    }
}

/// A whole number that a text is, and nothing else.
pub(super) fn whole(text: &str) -> Option<i64> {
    let text = text.trim();
    let reader = NumberWordReader {
        text,
        words: split(text),
    };
    let (value, next) = reader.whole(0)?;
    (next == reader.words.len()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(i64, &str)> {
        worded(text)
            .into_iter()
            .map(|w| (w.value, &text[w.start..w.end]))
            .collect()
    }

    #[test]
    fn whole_numbers_in_words() {
        for (text, value) in [
            ("zero", 0),
            ("thirteen", 13),
            ("twenty-five", 25),
            ("forty eight", 48),
            ("ninety-nine", 99),
            ("one hundred", 100),
            ("a hundred and five", 105),
            ("One Hundred Five", 105),
            ("twenty-five hundred", 2_500),
            ("two thousand", 2_000),
            ("two thousand and twenty-six", 2_026),
            ("one hundred and five thousand two hundred", 105_200),
            ("three million four hundred thousand", 3_400_000),
            ("two lakh", 200_000),
            ("three crore", 30_000_000),
            ("a dozen", 12),
            ("three dozen", 36),
        ] {
            assert_eq!(read(text), [(value * ONE, text)], "{text}");
        }
    }

    #[test]
    fn parts_and_neighbours() {
        assert_eq!(read("two and a half"), [(25_000, "two and a half")]);
        assert_eq!(
            read("nine point seven five"),
            [(97_500, "nine point seven five")]
        );
        assert_eq!(
            read("nine point twenty-five"),
            [(92_500, "nine point twenty-five")]
        );
        assert_eq!(read("half a percent"), [(5_000, "half a")]);
        assert_eq!(
            read("one-half of one percent"),
            [(5_000, "one-half of one")]
        );
        assert_eq!(
            read("three quarters of a percent"),
            [(7_500, "three quarters of a")]
        );
        assert_eq!(read("one tenth of a percent"), [(1_000, "one tenth of a")]);
        assert_eq!(read("half a million"), [(5_000_000_000, "half a million")]);
        assert_eq!(
            read("two and a half million"),
            [(25_000_000_000, "two and a half million")]
        );
        assert_eq!(read("five and ten"), [(50_000, "five"), (100_000, "ten")]);
        assert_eq!(read("one, two"), [(10_000, "one"), (20_000, "two")]);
        assert_eq!(
            read("the twenty-first of a kind, a seventh, someone, often, a"),
            []
        );
    }
}
