//! Check digits and ranges, each after its published rule.

/// Luhn check (ISO/IEC 7812-1, annex B) over ASCII digits, not all equal.
pub fn luhn(digits: &[u8]) -> bool {
    if digits.iter().all(|d| *d == digits[0]) {
        return false;
    }
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let d = u32::from(digit - b'0');
            match (place % 2, d * 2) {
                (0, _) => d,
                (_, doubled) if doubled > 9 => doubled - 9,
                (_, doubled) => doubled,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Whether an issuer range and its length fit (public IIN ranges of the large networks).
pub fn card_brand(digits: &[u8]) -> bool {
    let prefix = |n: usize| {
        digits[..n.min(digits.len())]
            .iter()
            .fold(0_u32, |acc, d| acc * 10 + u32::from(d - b'0'))
    };
    let (two, three, four) = (prefix(2), prefix(3), prefix(4));
    match digits.len() {
        13 => digits[0] == b'4',
        14 => (300..=305).contains(&three) || matches!(two, 36 | 38 | 39) || three == 309,
        15 => matches!(two, 34 | 37) || matches!(four, 1800 | 2131),
        12 | 17 => matches!(four, 5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763),
        16 | 18 | 19 => {
            digits[0] == b'4'
                || (51..=55).contains(&two)
                || (2221..=2720).contains(&four)
                || two == 65
                || two == 62
                || four == 6011
                || (644..=649).contains(&three)
                || (3528..=3589).contains(&four)
                || matches!(four, 5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763)
        }
        _ => false,
    }
}

/// Social Security number: area not 000, 666 or 9xx, group not 00, serial not 0000 (SSA, randomisation of 2011).
pub fn ssn(digits: &[u8]) -> bool {
    digits.len() == 9
        && !matches!(&digits[..3], b"000" | b"666")
        && digits[0] != b'9'
        && &digits[3..5] != b"00"
        && &digits[5..] != b"0000"
}

/// Individual taxpayer number: 9xx and a group of 50-65, 70-88, 90-92, 94-99 (IRS Publication 1915).
pub fn itin(digits: &[u8]) -> bool {
    let group = u32::from(digits[3] - b'0') * 10 + u32::from(digits[4] - b'0');
    digits.len() == 9 && digits[0] == b'9' && matches!(group, 50..=65 | 70..=88 | 90..=92 | 94..=99)
}

/// ABA routing number: weights 3, 7, 1 and a first pair of 00-12, 21-32, 61-72 or 80.
pub fn routing(digits: &[u8]) -> bool {
    if digits.len() != 9 {
        return false;
    }
    let pair = u32::from(digits[0] - b'0') * 10 + u32::from(digits[1] - b'0');
    let sum: u32 = digits
        .iter()
        .zip([3, 7, 1].into_iter().cycle())
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    sum > 0 && sum.is_multiple_of(10) && matches!(pair, 0..=12 | 21..=32 | 61..=72 | 80)
}

/// IBAN lengths by country (SWIFT IBAN registry).
const IBAN_LENGTHS: &[(&[u8; 2], usize)] = &[
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"AZ", 28),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"BH", 22),
    (b"BI", 27),
    (b"BR", 29),
    (b"BY", 28),
    (b"CH", 21),
    (b"CR", 22),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DJ", 27),
    (b"DK", 18),
    (b"DO", 28),
    (b"EE", 20),
    (b"EG", 29),
    (b"ES", 24),
    (b"FI", 18),
    (b"FK", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"GT", 28),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IQ", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"JO", 30),
    (b"KW", 30),
    (b"KZ", 20),
    (b"LB", 28),
    (b"LC", 32),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"LY", 25),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MN", 20),
    (b"MR", 27),
    (b"MT", 31),
    (b"MU", 30),
    (b"NI", 28),
    (b"NL", 18),
    (b"NO", 15),
    (b"OM", 23),
    (b"PK", 24),
    (b"PL", 28),
    (b"PS", 29),
    (b"PT", 25),
    (b"QA", 29),
    (b"RO", 24),
    (b"RS", 22),
    (b"RU", 33),
    (b"SA", 24),
    (b"SC", 31),
    (b"SD", 18),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"SO", 23),
    (b"ST", 25),
    (b"SV", 28),
    (b"TL", 23),
    (b"TN", 24),
    (b"TR", 26),
    (b"UA", 29),
    (b"VA", 22),
    (b"VG", 24),
    (b"XK", 20),
    (b"YE", 30),
];

/// The length an IBAN of this country has; `None` for a country without IBANs.
pub fn iban_length(country: [u8; 2]) -> Option<usize> {
    IBAN_LENGTHS
        .binary_search_by(|(code, _)| code.as_slice().cmp(&country))
        .ok()
        .map(|index| IBAN_LENGTHS[index].1)
}

/// ISO 13616 check: first four to the end, letters as 10..35, remainder 1 by 97.
pub fn iban(upper: &[u8]) -> bool {
    let value = |b: &u8| match b {
        b'0'..=b'9' => Some(u32::from(b - b'0')),
        b'A'..=b'Z' => Some(u32::from(b - b'A') + 10),
        _ => None,
    };
    let mut remainder = 0_u32;
    for byte in upper[4..].iter().chain(&upper[..4]) {
        match value(byte) {
            Some(v) if v > 9 => remainder = (remainder * 100 + v) % 97,
            Some(v) => remainder = (remainder * 10 + v) % 97,
            None => return false,
        }
    }
    remainder == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_numbers_pass_and_a_wrong_digit_fails() {
        assert!(luhn(b"4111111111111111") && card_brand(b"4111111111111111"));
        assert!(!luhn(b"4111111111111112"));
        assert!(!luhn(b"0000000000000000"));
        assert!(luhn(b"378282246310005") && card_brand(b"378282246310005"));
        assert!(!card_brand(b"1234567890123456"));
        assert!(
            ssn(b"536228726") && !ssn(b"666123456") && !ssn(b"000123456") && !ssn(b"912701234")
        );
        assert!(itin(b"912701234") && !itin(b"912661234"));
        assert!(routing(b"021000021") && !routing(b"123456789") && !routing(b"021000012"));
        assert!(iban(b"GB29NWBK60161331926819") && !iban(b"GB30NWBK60161331926819"));
        assert_eq!(iban_length(*b"MT"), Some(31));
        assert_eq!(iban_length(*b"US"), None);
    }
}
