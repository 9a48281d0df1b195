//! Telephone numbers.

use super::ContactError;
use super::clean::{after_scheme, bare, percent_decoded, seen, without_comment};
use phonenumber::country::Id;
use std::collections::BTreeSet;

/// Digits of a number with the code of its country (ITU-T E.164), and of one without it that is still a number.
const MOST_DIGITS: usize = 15;
const FEWEST_DIGITS: usize = 6;

/// Digits of a number as it is dialled within one town: by so many last digits, a number without its area code is found.
const LOCAL: [usize; 2] = [7, 8];

/// Zeros of the decimal digits that are written in living scripts (Unicode, general category Nd); nine follow each.
/// Full-width digits are plain ones by then.
const ZEROS: [char; 22] = [
    '\u{660}', '\u{6F0}', '\u{7C0}', '\u{966}', '\u{9E6}', '\u{A66}', '\u{AE6}', '\u{B66}',
    '\u{BE6}', '\u{C66}', '\u{CE6}', '\u{D66}', '\u{DE6}', '\u{E50}', '\u{ED0}', '\u{F20}',
    '\u{1040}', '\u{1090}', '\u{17E0}', '\u{1810}', '\u{A8D0}', '\u{ABF0}',
];

/// A reading of the digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reading {
    /// With the code of its country: the code, and the national significant number.
    International(u16, String),
    /// Without: the digits, in all the ways in which a prefix for calls within the country may be off.
    National(String),
}

/// A telephone number. Where the digits can be read in more than one way, it is all of them: an opt-out under any holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneNumber {
    readings: BTreeSet<Reading>,
    /// The first reading in E.164 form, if the country is known.
    e164: Option<String>,
    /// Whether it was written in digits alone.
    is_plain: bool,
}

impl PhoneNumber {
    /// Reads a number in international or national writing: `tel:`, `(0)`, slashes, dots, all spaces and hyphens, an
    /// extension, `00` for the plus, digits of other scripts. `country` (`FR`, or a jurisdiction such as `EU-FR`, `US-CA`,
    /// `UK`) says how a national number is read; it adds a reading and takes none away, for it may be wrong.
    ///
    /// # Errors
    /// It is no number, or could be two.
    pub fn parse(text: &str, country: Option<&str>) -> Result<Self, ContactError> {
        let seen = seen(text)?;
        let written = Written::of(&seen)?;
        let hint = country.and_then(region);
        let mut number = Self {
            readings: BTreeSet::new(),
            e164: None,
            is_plain: written.digits == seen,
        };
        if written.plus {
            let digits = format!("+{}", written.digits);
            let Some((code, national)) = read_international(&digits, None) else {
                return Err(if written.digits.len() < FEWEST_DIGITS {
                    ContactError::TooFewDigits
                } else {
                    ContactError::UnknownCountry
                });
            };
            number.add(code, &national, &written.digits);
            return Ok(number);
        }
        number.without_plus(&written.digits, hint);
        if number.readings.is_empty() {
            return Err(ContactError::TooFewDigits);
        }
        Ok(number)
    }

    /// All that digits without a plus can mean.
    fn without_plus(&mut self, digits: &str, hint: Option<Id>) {
        if let Some(id) = hint
            && let Some((code, national)) = read_international(digits, Some(id))
        {
            self.add(code, &national, "");
            let is_sure = valid(&format!("{code}{national}")).is_some();
            self.e164 = self.e164.take().filter(|_| is_sure);
        }
        // How calls to other countries begin, most common first; then the code of a country without any sign before it.
        let mut is_abroad = false;
        for prefix in ["00", "0011", "011", "010", "001", "810", ""] {
            let Some(rest) = digits.strip_prefix(prefix) else {
                continue;
            };
            let is_sure = prefix == "00" && !rest.starts_with('0');
            if let Some((code, national)) = valid(rest).or_else(|| {
                let read = || read_international(&format!("+{rest}"), None);
                is_sure.then(read).flatten()
            }) {
                self.add(code, &national, rest);
                is_abroad |= is_sure;
            }
        }
        if is_abroad {
            return;
        }
        let mut national = |digits: &str| {
            let digits = digits.trim_start_matches('0');
            if digits.len() >= FEWEST_DIGITS - 1 {
                self.readings.insert(Reading::National(digits.to_owned()));
            }
        };
        national(digits);
        // Prefixes for calls within a country that are no zeros, where all its numbers have ten digits: North America,
        // Russia. Others are known by their country: see `national_writings`.
        if digits.len() == 11 && digits.starts_with(['1', '8']) {
            national(&digits[1..]);
        }
    }

    fn add(&mut self, code: u16, national: &str, written: &str) {
        if self.e164.is_none() {
            self.e164 = Some(format!("+{code}{national}"));
        }
        let mut add = |national: &str| {
            let national = national.trim_start_matches('0').to_owned();
            if !national.is_empty() {
                self.readings.insert(Reading::International(code, national));
            }
        };
        add(national);
        // As it was written, should the national prefix have been taken for one and be none.
        if let Some(rest) = written.strip_prefix(&code.to_string()) {
            add(rest);
        }
        // Mobile numbers of Argentina and, until 2019, of Mexico have a digit more when called from abroad.
        match code {
            54 => add(national.strip_prefix('9').unwrap_or(national)),
            52 => add(national.strip_prefix('1').unwrap_or(national)),
            _ => {}
        }
    }

    /// The number as it goes to a carrier, `+33612345678`; none if its country is not known.
    pub fn e164(&self) -> Option<&str> {
        self.e164.as_deref()
    }

    /// Its readings with a country: the country's code, and the national significant number without zeros before it.
    pub fn international(&self) -> impl Iterator<Item = (u16, &str)> {
        self.readings.iter().filter_map(|reading| match reading {
            Reading::International(code, national) => Some((*code, national.as_str())),
            Reading::National(_) => None,
        })
    }

    /// Whether it was written in digits alone, as an id may be too.
    pub fn may_be_an_id(&self) -> bool {
        self.is_plain
    }

    /// What a list keeps of the number, so that [`asked`](Self::asked) finds it.
    pub fn listed(&self) -> BTreeSet<String> {
        let mut keys = BTreeSet::new();
        for reading in &self.readings {
            match reading {
                Reading::International(code, national) => {
                    keys.insert(format!("+{code} {national}"));
                    let writings = national_writings(*code, national);
                    keys.extend(writings.map(|digits| format!("of any country {digits}")));
                    keys.extend(tails(national).map(|tail| format!("ends {tail}")));
                }
                Reading::National(national) => {
                    keys.insert(format!("national {national}"));
                    // Digits alone may be an id: they hold whole, and no number that only ends in them.
                    if !self.is_plain {
                        keys.extend(tails(national).map(|tail| format!("ends {tail}")));
                        if LOCAL.contains(&national.len()) {
                            keys.insert(format!("local {national}"));
                        }
                    }
                }
            }
        }
        keys
    }

    /// What is looked for in a list: a number with its country is there as itself, or as a national number with the same
    /// digits; a number without it, as that of any country. Two countries' numbers with the same national digits are two.
    pub fn asked(&self) -> BTreeSet<String> {
        let mut keys = BTreeSet::new();
        for reading in &self.readings {
            match reading {
                Reading::International(code, national) => {
                    keys.insert(format!("+{code} {national}"));
                    let writings = national_writings(*code, national);
                    keys.extend(writings.map(|digits| format!("national {digits}")));
                    keys.extend(tails(national).map(|tail| format!("local {tail}")));
                }
                Reading::National(national) => {
                    keys.insert(format!("national {national}"));
                    keys.insert(format!("of any country {national}"));
                    keys.extend(tails(national).map(|tail| format!("local {tail}")));
                    if LOCAL.contains(&national.len()) {
                        keys.insert(format!("ends {national}"));
                    }
                }
            }
        }
        keys
    }

    /// Whether both are, or may be, one line.
    pub fn is_same_line(&self, other: &Self) -> bool {
        !self.listed().is_disjoint(&other.asked()) || !other.listed().is_disjoint(&self.asked())
    }
}

/// How a number is written within its country, without zeros before it.
fn national_writings(code: u16, national: &str) -> impl Iterator<Item = String> {
    // What is dialled before a number within the country, where it is more than zeros (ITU-T list of national prefixes).
    let prefixes: &[&str] = match code {
        1 => &["1"],
        7 | 370 | 993 => &["8"],
        375 => &["80"],
        36 => &["6"],
        52 => &["1", "44", "45"],
        _ => &[],
    };
    let mut writings = vec![national.to_owned()];
    writings.extend(prefixes.iter().map(|prefix| format!("{prefix}{national}")));
    // Argentina: the 9 before the area code is, at home, a 15 behind it.
    if let Some(rest) = national.strip_prefix('9').filter(|_| code == 54) {
        let areas = (2..=4).filter_map(|length| rest.split_at_checked(length));
        writings.extend(areas.map(|(area, rest)| format!("{area}15{rest}")));
    }
    writings.into_iter()
}

/// The last digits of a number that is longer than a local one.
fn tails(national: &str) -> impl Iterator<Item = &str> {
    LOCAL
        .into_iter()
        .filter(|length| national.len() > *length)
        .map(|length| &national[national.len() - length..])
}

/// The code of the country and the national significant number.
fn read_international(digits: &str, country: Option<Id>) -> Option<(u16, String)> {
    let number = phonenumber::parse(country, digits).ok()?;
    let national = number.national().to_string();
    let length = number.code().value().to_string().len() + national.len();
    let is_one = (FEWEST_DIGITS..=MOST_DIGITS).contains(&length) && number.code().value() > 0;
    is_one.then(|| (number.code().value(), national))
}

/// Digits from which on a number without its plus is one of a country that has such numbers, were it given out or not.
const MANY_DIGITS: usize = 11;

/// The same of digits without their plus, if a country has such numbers.
fn valid(digits: &str) -> Option<(u16, String)> {
    if digits.starts_with('0') || digits.len() < FEWEST_DIGITS + 2 || digits.len() > MOST_DIGITS {
        return None;
    }
    let number = phonenumber::parse(None, format!("+{digits}")).ok()?;
    let (code, national) = (number.code().value(), number.national().to_string());
    // Numbers of islands stand under the code of their mainland too, as the numbers of Guadeloupe under that of France.
    let has_such = || {
        let countries = phonenumber::metadata::DATABASE.by_code(&code);
        let mut countries = countries.into_iter().flatten();
        digits.len() >= MANY_DIGITS
            && countries.any(|country| country.descriptors().general().is_match(&national))
    };
    let is_one = phonenumber::is_valid(&number) || has_such();
    is_one.then_some((code, national))
}

/// The region whose numbers are meant by a country's code or by a jurisdiction.
fn region(country: &str) -> Option<Id> {
    let country = country.trim().to_ascii_uppercase();
    let code = match country.split_once(['-', '_']) {
        Some(("EU", member)) => member,
        Some((country, _)) => country,
        None => &country,
    };
    match code {
        "UK" => "GB",
        "EL" => "GR",
        code => code,
    }
    .parse()
    .ok()
}

/// The digits as they stand, and whether a plus stands before them.
struct Written {
    plus: bool,
    digits: String,
}

const SCHEMES: [&str; 5] = ["tel:", "sms:", "callto:", "whatsapp:", "fax:"];

/// Words that stand before a number and say what it is.
const LABELS: [&str; 14] = [
    "tel",
    "telephone",
    "telefon",
    "phone",
    "mobile",
    "mobil",
    "mob",
    "cell",
    "handy",
    "fax",
    "sms",
    "home",
    "work",
    "office",
];

/// What an extension begins with. A comma or `w` is a pause in dialling.
const EXTENSIONS: [&str; 11] = [
    "ext",
    "extension",
    "extn",
    "x",
    "#",
    "poste",
    "durchwahl",
    "dw",
    "int",
    "w",
    "p",
];

impl Written {
    fn of(seen: &str) -> Result<Self, ContactError> {
        let text = bare(without_comment(seen));
        let uri = after_scheme(text, &SCHEMES).map(percent_decoded);
        let text = uri.as_deref().unwrap_or(text);
        let (text, context) = without_parameters(text)?;
        let text = without_label(text.trim());
        let mut plus = false;
        let mut digits = String::new();
        let mut rest = text.char_indices().peekable();
        while let Some((at, c)) = rest.next() {
            match digit(c) {
                Some(digit) => digits.push(digit),
                None if c == '+' && digits.is_empty() && !plus => plus = true,
                None if c == '+' => return Err(ContactError::MoreThanOne),
                // `(0)` behind a country's code stands for the prefix that is left out there.
                None if c == '('
                    && text[at..].replace(' ', "").starts_with("(0)")
                    && !digits.is_empty() =>
                {
                    for (_, c) in rest.by_ref() {
                        if c == ')' {
                            break;
                        }
                    }
                }
                None if is_separator(c) => {}
                None => {
                    may_follow(&text[at..], digits.len())?;
                    break;
                }
            }
        }
        if !plus && let Some(context) = context {
            plus = true;
            let national = digits.trim_start_matches('0').to_owned();
            digits = context + &national;
        }
        match digits.len() {
            0 => Err(ContactError::NotANumber),
            count if count < FEWEST_DIGITS => Err(ContactError::TooFewDigits),
            count if count > MOST_DIGITS + 4 => Err(ContactError::TooManyDigits),
            _ => Ok(Self { plus, digits }),
        }
    }
}

/// A decimal digit of any script, as a plain one.
fn digit(c: char) -> Option<char> {
    if c.is_ascii_digit() {
        return Some(c);
    }
    let value = ZEROS
        .iter()
        .filter_map(|zero| u32::from(c).checked_sub(u32::from(*zero)))
        .find(|value| *value < 10)?;
    char::from_digit(value, 10)
}

fn is_separator(c: char) -> bool {
    matches!(
        c,
        ' ' | '-' | '.' | '/' | '(' | ')' | '[' | ']' | '\'' | '_' | '\u{2010}'
            ..='\u{2015}' | '\u{2212}' | '\u{B7}' | '\u{2019}' | '\u{30FC}'
    )
}

/// A URI's parameters: the number before them, and the digits of `phone-context=+…`.
fn without_parameters(text: &str) -> Result<(&str, Option<String>), ContactError> {
    let (number, parameters) = text.split_once(';').unwrap_or((text, ""));
    let mut context = None;
    for parameter in parameters.split(';') {
        let digits = || parameter.chars().filter(|c| digit(*c).is_some());
        if let Some(code) = parameter.trim().strip_prefix("phone-context=+") {
            context = Some(code.chars().filter(char::is_ascii_digit).collect());
        } else if !parameter.contains('=') && digits().count() >= FEWEST_DIGITS {
            return Err(ContactError::MoreThanOne);
        }
    }
    Ok((number, context))
}

/// The text after a word such as `Mobile:`.
fn without_label(text: &str) -> &str {
    let word = text.split(|c: char| !c.is_alphabetic()).next();
    let word = word.unwrap_or_default();
    if LABELS.contains(&word.to_lowercase().as_str()) {
        text[word.len()..].trim_start_matches([' ', '.', ':'])
    } else {
        text
    }
}

/// Whether what stands behind the digits may be an extension or a remark, and no second number.
fn may_follow(rest: &str, digits: usize) -> Result<(), ContactError> {
    let more = rest.chars().filter(|c| digit(*c).is_some()).count();
    if digits < FEWEST_DIGITS {
        return Err(ContactError::NotANumber);
    }
    if more >= FEWEST_DIGITS {
        return Err(ContactError::MoreThanOne);
    }
    let word: String = rest
        .chars()
        .take_while(|c| c.is_alphabetic() || *c == '#')
        .flat_map(char::to_lowercase)
        .collect();
    let is_extension =
        more > 0 && (EXTENSIONS.contains(&word.as_str()) || rest.starts_with([',', '~', '*']));
    // A remark is in words; a code such as `12345678AB` is none.
    let is_remark =
        more == 0 && (word.chars().count() > 2 || rest.starts_with([',', ':', '|', '"']));
    if is_extension || is_remark {
        Ok(())
    } else {
        Err(ContactError::NotANumber)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(text: &str) -> PhoneNumber {
        PhoneNumber::parse(text, None).unwrap_or_else(|e| panic!("{text:?}: {e}"))
    }

    #[test]
    fn a_line_is_the_same_however_it_is_written() {
        for (one, other) in [
            ("06 12 34 56 78", "+33612345678"),
            ("01 23 45 67 89", "+33 1 23 45 67 89"),
            ("22 12 34 56", "+4722123456"),
            ("612 345 678", "+34612345678"),
            ("0412 345 678", "+61412345678"),
            ("9123 4567", "+65 9123 4567"),
            (
                "+33\u{a0}6\u{a0}12\u{202f}34\u{a0}56\u{a0}78",
                "+33612345678",
            ),
            ("+1 212\u{2011}555\u{2011}0134", "+12125550134"),
            ("tel:+1-212-555-0134", "+12125550134"),
            ("tel:555-0134;phone-context=+1-212", "+12125550134"),
            ("tel:+1-212-555-0134;ext=12", "(212) 555-0134"),
            ("0170/1234567", "+491701234567"),
            ("+49 (0)170 1234567", "+491701234567"),
            ("+49(0)170.123.45.67", "0170 1234567"),
            ("0049 170 1234567", "+491701234567"),
            ("011 49 170 1234567", "+491701234567"),
            ("491701234567", "+491701234567"),
            ("33690014280", "06 90 01 42 80"),
            ("+1 212-555-0134 x12", "212.555.0134"),
            ("+1 212-555-0134 ext. 12", "+12125550134"),
            ("+1 212-555-0134,,12", "+12125550134"),
            ("1-212-555-0134", "+12125550134"),
            ("1 (212) 555-0134", "212-555-0134"),
            ("555-0134", "+1 212 555 0134"),
            ("Mobile: 0170/1234567", "+491701234567"),
            ("'+491701234567", "+491701234567"),
            ("\u{ff0b}\u{ff14}\u{ff19}1701234567", "+491701234567"),
            ("\u{660}\u{661}\u{667}\u{660} 1234567", "+491701234567"),
            ("+91 98765 43210", "098765-43210"),
            ("+33612345678  # asked by phone", "+33612345678"),
            ("+33612345678 (asked by phone)", "+33612345678"),
            ("+33612345678;", "+33612345678"),
            ("8 (912) 345-67-89", "+79123456789"),
            ("06 20 123 4567", "+36 20 123 4567"),
            ("8 029 123-45-67", "+375291234567"),
            ("011 15-2345-6789", "+54 9 11 2345-6789"),
            ("+39 06 1234 5678", "06 12345678"),
            ("+52 1 55 1234 5678", "+52 55 1234 5678"),
            ("+44 (0)20 7946 0958", "020 7946 0958"),
            ("+81 90-1234-5678", "090-1234-5678"),
        ] {
            let (one, other) = (number(one), number(other));
            assert!(
                !one.listed().is_disjoint(&other.asked()),
                "{one:?} {other:?}"
            );
            assert!(
                !other.listed().is_disjoint(&one.asked()),
                "{one:?} {other:?}"
            );
            assert!(one.is_same_line(&other));
        }
    }

    #[test]
    fn two_lines_are_two() {
        for (one, other) in [
            ("+33612345678", "+33612345679"),
            ("+61412345678", "+33412345678"),
            ("+4722123456", "+6522123456"),
            ("302.555.0142", "302.555.0143"),
            ("20012345678", "+10012345678"),
            ("06 91 23 45 67", "+65 9123 4567"),
        ] {
            let (one, other) = (number(one), number(other));
            assert!(!one.is_same_line(&other), "{one:?} {other:?}");
        }
        // On a list, digits alone may be an id: they hold no number that only ends in them.
        let asked = number("+1 212 555 0134").asked();
        assert!(number("5550134").listed().is_disjoint(&asked));
        assert!(!number("555-0134").listed().is_disjoint(&asked));
    }

    #[test]
    fn the_country_adds_a_reading_and_takes_none_away() {
        let of = |text, country| PhoneNumber::parse(text, Some(country)).unwrap();
        let french = of("06 12 34 56 78", "EU-FR");
        assert_eq!(french.e164(), Some("+33612345678"));
        assert_eq!(of("0412 345 678", "AU").e164(), Some("+61412345678"));
        assert_eq!(of("020 7946 0958", "UK").e164(), Some("+442079460958"));
        assert_eq!(of("(212) 555-0134", "US-CA").e164(), Some("+12125550134"));
        let elsewhere = of("0412 345 678", "US");
        assert_eq!(elsewhere.e164(), None);
        assert!(elsewhere.is_same_line(&number("+61412345678")));
        for first in b'A'..=b'Z' {
            for second in b'A'..=b'Z' {
                let country = format!("{}{}", char::from(first), char::from(second));
                assert!(PhoneNumber::parse("0412 345 678", Some(&country)).is_ok());
            }
        }
    }

    #[test]
    fn what_is_none_is_named_without_its_value() {
        use ContactError as E;
        for (text, why) in [
            ("", E::Empty),
            ("n/a", E::NotANumber),
            ("---", E::NotANumber),
            ("C-1042", E::NotANumber),
            ("1-800-FLOWERS", E::NotANumber),
            ("12345678AB", E::NotANumber),
            ("12", E::TooFewDigits),
            ("000000", E::TooFewDigits),
            ("+1 302", E::TooFewDigits),
            ("+999 1234567", E::UnknownCountry),
            ("12345678901234567890123", E::TooManyDigits),
            ("+33612345678 or +33612345679", E::MoreThanOne),
            ("+33612345678/+33612345679", E::MoreThanOne),
            ("0612345678;0612345679", E::MoreThanOne),
            ("0612345678, 0612345679", E::MoreThanOne),
        ] {
            assert_eq!(PhoneNumber::parse(text, None), Err(why), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "[-+ ./()0-9x#;,a-c\u{a0}]{0,40}", country in "[A-Z]{2}") {
            if let Ok(number) = PhoneNumber::parse(&text, Some(&country)) {
                prop_assert!(number.is_same_line(&number));
            }
        }

        #[test]
        fn no_digits_break_it(text in "\\+?[0-9]{0,20}", country in "[A-Z]{2}") {
            if let Ok(number) = PhoneNumber::parse(&text, Some(&country)) {
                prop_assert!(number.is_same_line(&number));
                let without = PhoneNumber::parse(&text, None);
                prop_assert!(without.is_ok_and(|without| without.is_same_line(&number)));
            }
        }
    }
}
