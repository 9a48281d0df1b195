//! Telephone numbers that belong to no person by their own digits: toll-free and service lines, short codes, and the
//! numbers that are kept free for stories and examples.

use crate::domain::jurisdiction::Jurisdiction;

/// The digits of a text.
pub(super) fn digits(value: &str) -> String {
    value.chars().filter(char::is_ascii_digit).collect()
}

/// North American codes whose calls the firm pays (47 CFR 52.101; NANPA's list of toll-free codes).
const TOLL_FREE: [&str; 7] = ["800", "888", "877", "866", "855", "844", "833"];

/// Beginnings of service numbers behind a country code: Ofcom's National Telephone Numbering Plan (03, 080, 084, 087),
/// ARCEP (080 to 082), CNMC (900 to 902), ComReg (1800, 1850, 0818), `BNetzA`, AGCOM, ACM and others (800).
const SERVICE: [(&str, &[&str]); 5] = [
    ("44", &["3", "80", "84", "87"]),
    ("33", &["80", "81", "82"]),
    ("34", &["90"]),
    ("353", &["1800", "1850", "818"]),
    ("", &["800"]),
];

/// A line that nobody has at home.
pub(super) fn is_service_line(value: &str, place: Option<&Jurisdiction>) -> bool {
    let digits = digits(value);
    if digits.len() <= 6 {
        return true;
    }
    if let Some(abroad) = value
        .trim_start()
        .strip_prefix('+')
        .map(|_| digits.as_str())
        .or_else(|| digits.strip_prefix("00").filter(|d| d.len() > 8))
    {
        return abroad.starts_with("800")
            || national(abroad).is_some_and(is_toll_free)
            || SERVICE.iter().any(|(country, beginnings)| {
                let rest = if country.is_empty() {
                    abroad.get(2..)
                } else {
                    abroad.strip_prefix(country)
                };
                let rest = rest.map(|r| r.trim_start_matches('0'));
                rest.is_some_and(|rest| beginnings.iter().any(|b| rest.starts_with(b)))
            });
    }
    let british = place.is_none_or(|place| place.is_within(&Jurisdiction::new("UK")));
    match digits.strip_prefix('0') {
        Some(rest) => {
            rest.starts_with("80")
                || british
                    && digits.len() == 11
                    && ["3", "84", "87"].iter().any(|b| rest.starts_with(b))
        }
        None => {
            national(&digits).is_some_and(is_toll_free)
                || digits.len() == 10 && ["1800", "1850"].iter().any(|b| digits.starts_with(b))
        }
    }
}

/// The ten digits of a North American number.
fn national(digits: &str) -> Option<&str> {
    match digits.len() {
        10 => Some(digits),
        11 => digits.strip_prefix('1'),
        _ => None,
    }
}

fn is_toll_free(ten: &str) -> bool {
    TOLL_FREE.iter().any(|code| ten.starts_with(code))
}

/// Kept free for stories and examples: 555-0100 to 555-0199 (ATIS-0300115) and Ofcom's numbers for drama.
pub(super) fn is_fictional(value: &str) -> bool {
    let digits = digits(value);
    let american = national(&digits).unwrap_or(&digits);
    let british = digits
        .strip_prefix("0044")
        .or_else(|| digits.strip_prefix("44"))
        .unwrap_or(&digits)
        .trim_start_matches('0');
    american.len() == 10 && american[3..].starts_with("55501")
        || american.len() == 7 && american.starts_with("55501")
        || british.len() == 10
            && (["7700900", "2079460", "1632960", "8081570", "3069990"]
                .iter()
                .any(|b| british.starts_with(b))
                || british[3..].starts_with("4960"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn service_lines_are_told_from_home_lines() {
        let uk = Jurisdiction::new("UK");
        let de = Jurisdiction::new("EU-DE");
        for value in [
            "1-800-433-2000",
            "(888) 433-2000",
            "833.433.2000",
            "+1 844 433 2000",
            "0800 111 6768",
            "0300 500 8082",
            "0345 300 1122",
            "+44 345 300 1122",
            "+49 800 1234567",
            "+353 1800 123456",
            "00800 1234 5678",
            "62733",
        ] {
            assert!(is_service_line(value, Some(&uk)), "{value}");
        }
        for value in [
            "415-433-2671",
            "020 8123 4567",
            "07911 123456",
            "+1 415 433 2671",
        ] {
            assert!(!is_service_line(value, Some(&uk)), "{value}");
        }
        assert!(!is_service_line("030 12345678", Some(&de)));
        assert!(!is_service_line("0341 1234567", Some(&de)));
    }

    #[test]
    fn numbers_of_stories_are_known() {
        for value in [
            "218-555-0140",
            "1-800-555-0137",
            "555-0199",
            "+44 7700 900145",
            "020 7946 0958",
        ] {
            assert!(is_fictional(value), "{value}");
        }
        assert!(!is_fictional("218-555-0240") && !is_fictional("07911 123456"));
    }
}
