//! A view of a part as words, figures and the marks between them.

use super::vocabulary::{self, TokenBoundary, UNKNOWN};
use crate::text::numbers::{Quantity, UNREADABLE, Unit};

/// What a figure measures, as phrases name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FigureKind {
    Money,
    Percent,
    Count,
    Date,
    /// Days, weeks, months, years, hours, minutes, a clock time.
    Time,
    Any,
}

impl FigureKind {
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "money" => Self::Money,
            "percent" => Self::Percent,
            "count" => Self::Count,
            "date" => Self::Date,
            "time" => Self::Time,
            "figure" => Self::Any,
            _ => return None,
        })
    }

    /// Whether a phrase that asks for `self` is content with a figure of the kind `found`.
    pub fn takes(self, found: Self) -> bool {
        self == Self::Any || self == found
    }
}

/// A figure with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure {
    pub kind: FigureKind,
    /// Ten-thousandths of its unit (a date: days since 1970-01-01); times in days, or in minutes when `is_minutes`.
    pub value: i64,
    /// Another value that the same figure can have.
    pub also: Option<i64>,
    /// Hours and minutes count in minutes, not in days.
    pub is_minutes: bool,
}

/// One token. `start..end` are bytes of the view's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimToken {
    /// Number of the word in the vocabulary; 0 for one that no phrase knows, and for marks.
    pub word: u32,
    pub figure: Option<Figure>,
    pub mark: TokenBoundary,
    pub start: usize,
    pub end: usize,
}

/// The tokens of a view, and where its sentences begin and end among them.
#[derive(Clone, Debug, Default)]
pub struct ClaimTokens {
    pub all: Vec<ClaimToken>,
    /// First token and the one after the last, of each of the view's sentences.
    pub sentences: Vec<(usize, usize)>,
}

impl ClaimTokens {
    /// The figures of a sentence.
    pub fn figures(&self, sentence: usize) -> impl Iterator<Item = Figure> + '_ {
        let (from, to) = self.sentences.get(sentence).copied().unwrap_or((0, 0));
        self.all[from..to].iter().filter_map(|token| token.figure)
    }

    /// Reads a text by its sentences. `quantities` are its numbers in reading order; `number` gives the number of a word
    /// in small letters.
    pub fn of(
        text: &str,
        sentences: &[(usize, usize)],
        quantities: &[Quantity],
        number: &mut dyn FnMut(&str) -> u32,
    ) -> Self {
        let mut reader = ViewTokenizer {
            text,
            quantities,
            next: 0,
            number,
            lower: String::new(),
            all: Vec::new(),
        };
        let sentences = sentences
            .iter()
            .map(|(start, end)| {
                let from = reader.all.len();
                reader.sentence(*start, *end);
                (from, reader.all.len())
            })
            .collect();
        Self {
            all: reader.all,
            sentences,
        }
    }
}

struct ViewTokenizer<'v> {
    text: &'v str,
    quantities: &'v [Quantity],
    next: usize,
    number: &'v mut dyn FnMut(&str) -> u32,
    lower: String,
    all: Vec<ClaimToken>,
}

impl ViewTokenizer<'_> {
    fn sentence(&mut self, start: usize, end: usize) {
        let mut at = start;
        while at < end {
            let rest = &self.text[at..end];
            let Some(first) = rest.chars().next() else {
                break;
            };
            let quantity = self.quantity_at(at, end);
            let is_one = |q: &&Quantity| !q.is_worded || ends_in_unit(&self.text[q.start..q.end]);
            if let Some(quantity) = quantity.as_ref().filter(is_one) {
                let written = self.number_of(quantity.start, quantity.end);
                let (start, end) = (quantity.start, quantity.end);
                self.push(
                    written,
                    Some(figure_of(quantity)),
                    TokenBoundary::None,
                    start,
                    end,
                );
                at = end;
            } else if first.is_alphanumeric() {
                let length = word_length(rest);
                self.word(at, at + length);
                // "half": a word and a figure.
                if let (Some(quantity), Some(token)) = (quantity, self.all.last_mut()) {
                    token.figure = Some(figure_of(&quantity));
                }
                at += length;
            } else {
                let dash = matches!(first, '\u{2014}' | '\u{2013}')
                    || first == '-' && rest[1..].starts_with(' ') && self.text[..at].ends_with(' ');
                let mark = match first {
                    ',' => Some(TokenBoundary::Comma),
                    ';' | ':' | '(' | ')' | '!' | '?' => Some(TokenBoundary::Clause),
                    // A dot inside a sentence ends an abbreviation, and nothing else.
                    '.' => rest[1..]
                        .chars()
                        .all(|c| !c.is_alphanumeric())
                        .then_some(TokenBoundary::Clause),
                    _ => dash.then_some(TokenBoundary::Clause),
                };
                if let Some(mark) = mark {
                    self.push(UNKNOWN, None, mark, at, at + first.len_utf8());
                }
                at += first.len_utf8();
            }
        }
    }

    /// A number that begins at the byte and ends in the sentence.
    fn quantity_at(&mut self, at: usize, end: usize) -> Option<Quantity> {
        while let Some(quantity) = self.quantities.get(self.next) {
            if quantity.start < at || quantity.end <= quantity.start {
                self.next += 1;
                continue;
            }
            return (quantity.start == at && quantity.end <= end).then(|| quantity.clone());
        }
        None
    }

    fn word(&mut self, start: usize, end: usize) {
        let written = &self.text[start..end];
        self.lower.clear();
        lower_into(written, &mut self.lower);
        // "24 hours", "5 pm": the number before and this word are one time.
        if let Some(minutes) = minutes_of(&self.lower)
            && let Some(before) = self.all.last_mut()
            && let Some(figure) = &mut before.figure
            && figure.kind == FigureKind::Count
            && before.end + 1 >= start
        {
            *figure = Figure {
                kind: FigureKind::Time,
                value: figure.value.saturating_mul(minutes),
                also: None,
                is_minutes: true,
            };
            before.end = end;
            return;
        }
        let number = (self.number)(&self.lower);
        let mark = vocabulary::mark_of(&self.lower);
        self.push(number, None, mark, start, end);
    }

    fn number_of(&mut self, start: usize, end: usize) -> u32 {
        self.lower.clear();
        lower_into(&self.text[start..end], &mut self.lower);
        (self.number)(&self.lower)
    }

    fn push(
        &mut self,
        word: u32,
        figure: Option<Figure>,
        mark: TokenBoundary,
        start: usize,
        end: usize,
    ) {
        self.all.push(ClaimToken {
            word,
            figure,
            mark,
            start,
            end,
        });
    }
}

fn figure_of(quantity: &Quantity) -> Figure {
    let days = |times: i64| quantity.value.saturating_mul(times);
    let (kind, value) = match quantity.unit {
        Unit::Money => (FigureKind::Money, quantity.value),
        Unit::Percent => (FigureKind::Percent, quantity.value),
        Unit::Date => (FigureKind::Date, quantity.value),
        Unit::Days => (FigureKind::Time, days(1)),
        Unit::Weeks => (FigureKind::Time, days(7)),
        Unit::Months => (FigureKind::Time, days(30)),
        Unit::Years => (FigureKind::Time, days(365)),
        Unit::Year | Unit::Count => (FigureKind::Count, quantity.value),
    };
    Figure {
        kind,
        value: if quantity.value == UNREADABLE {
            UNREADABLE
        } else {
            value
        },
        also: quantity.also,
        is_minutes: false,
    }
}

/// Whether number words say what they measure: "seven per cent", and not "half price".
fn ends_in_unit(written: &str) -> bool {
    const UNITS: [&str; 15] = [
        "percent", "cent", "cents", "dollar", "dollars", "pounds", "euros", "day", "days", "weeks",
        "months", "month", "year", "years", "hours",
    ];
    let last = written.rsplit(char::is_whitespace).next().unwrap_or("");
    last.len() < written.len() && UNITS.contains(&last.to_lowercase().as_str())
}

/// Small letters, and one sign for every apostrophe.
pub fn lower_into(written: &str, out: &mut String) {
    for c in written.chars() {
        match c {
            '\u{2019}' | '\u{2018}' => out.push('\''),
            _ if c.is_ascii() => out.push(c.to_ascii_lowercase()),
            _ => out.extend(c.to_lowercase()),
        }
    }
}

/// Letters and digits, and apostrophes between them; a dot inside "u.s." and "medicare.gov". The short words that French
/// cuts off ("l'environnement") are words of their own.
pub fn word_length(rest: &str) -> usize {
    let mut end = 0;
    let mut letters = rest.char_indices().peekable();
    while let Some((at, c)) = letters.next() {
        let next = letters.peek().map(|(_, next)| *next);
        let is_apostrophe = matches!(c, '\'' | '\u{2019}' | '\u{2018}');
        if is_apostrophe && is_elided(&rest[..at]) && next.is_none_or(char::is_alphabetic) {
            return at + c.len_utf8();
        }
        let is_inside = match c {
            _ if is_apostrophe => next.is_some_and(char::is_alphanumeric),
            '.' => next.is_some_and(char::is_alphabetic) && is_dotted(&rest[..at], &rest[at + 1..]),
            _ => false,
        };
        if c.is_alphanumeric() {
            end = at + c.len_utf8();
        } else if !is_inside {
            break;
        }
    }
    end
}

fn is_elided(before: &str) -> bool {
    ["l", "d", "qu", "n", "s", "j", "c", "t"]
        .iter()
        .any(|short| before.eq_ignore_ascii_case(short))
}

/// Ends of names of sites.
const SITES: [&str; 9] = ["gov", "com", "org", "net", "edu", "eu", "uk", "de", "fr"];

fn is_dotted(before: &str, behind: &str) -> bool {
    let letters = |text: &str| {
        text.find(|c: char| !c.is_alphanumeric())
            .unwrap_or(text.len())
    };
    let last = before.rsplit('.').next().unwrap_or(before);
    last.chars().count() == 1 && letters(behind) == 1 || SITES.contains(&&behind[..letters(behind)])
}

fn minutes_of(unit: &str) -> Option<i64> {
    Some(match unit {
        "hour" | "hours" | "hr" | "hrs" | "h" => 60,
        "minute" | "minutes" | "min" | "mins" => 1,
        "second" | "seconds" | "sec" | "secs" => 0,
        "am" | "pm" | "a.m" | "p.m" => 60,
        _ => return None,
    })
}
