//! Members of the European Union and Switzerland.

use super::checks::{ean_13, is_day, is_uniform, mod_11_10, weighted};
use super::token::NationalIdToken;
use crate::pii::validate;

/// Steuer-Identifikationsnummer: eleven digits, none beginning with 0; of the first ten one stands twice or three times and
/// the others once; the last by ISO 7064 MOD 11,10. § 139b AO; Bundeszentralamt für Steuern, rules for the check digit.
pub(super) fn steuer_id(token: &NationalIdToken<'_>) -> bool {
    let mut counts = [0_u8; 10];
    for at in 0..10 {
        counts[token.digit(at) as usize] += 1;
    }
    let mut several = counts.iter().filter(|count| **count > 1);
    token.plain()[0] != b'0'
        && matches!((several.next(), several.next()), (Some(2 | 3), None))
        && mod_11_10(token)
}

/// Personalausweis: nine signs out of the digits and CFGHJKLMNPRTVWXYZ, and the check digit of the machine-readable zone
/// (weights 7 3 1). § 5 PAuswG; ICAO Doc 9303, part 3, 4.9. Without it only the signs are known to be right.
pub(super) fn personalausweis(token: &NationalIdToken<'_>) -> bool {
    let p = token.plain();
    let signs = p[..9]
        .iter()
        .all(|b| b.is_ascii_digit() || b"CFGHJKLMNPRTVWXYZ".contains(b));
    let digits = p[..9].iter().filter(|b| b.is_ascii_digit()).count();
    if !signs || digits < 3 || !b"LMNPRTVWXY".contains(&p[0]) {
        return false;
    }
    let value = |b: u8| match b {
        b'0'..=b'9' => u32::from(b - b'0'),
        _ => u32::from(b - b'A') + 10,
    };
    let sum: u32 = p[..9]
        .iter()
        .zip([7, 3, 1].into_iter().cycle())
        .map(|(b, weight)| value(*b) * weight)
        .sum();
    p.get(9)
        .is_none_or(|check| *check == b'0' + (sum % 10) as u8)
}

/// Sozialversicherungsnummer: a serial of three, a check digit by weights 3 7 9 5 8 4 2 1 6 modulo 11, and the day of birth
/// (a month of 13 to 15 where days ran out). § 460d ASVG; Dachverband, "Aufbau der Versicherungsnummer".
pub(super) fn sv_nummer(token: &NationalIdToken<'_>) -> bool {
    let (day, month, year) = (token.number(4, 2), token.number(6, 2), token.number(8, 2));
    token.plain()[0] != b'0'
        && (is_day(year, month, day) || (13..=15).contains(&month))
        && weighted(token, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 == token.digit(3)
}

/// AHV number (AVS, OASI): 756, nine digits, the check digit of EAN-13. Art. 50c AHVG; Zentrale Ausgleichsstelle, "AHVN13".
pub(super) fn ahv(token: &NationalIdToken<'_>) -> bool {
    token.plain().starts_with(b"756") && ean_13(token)
}

/// NIR (numéro de sécurité sociale): sex, year, month, place, serial, and a key that is 97 less the rest by 97; Corsica's 2A
/// and 2B count as 19 and 18. Décret n° 82-103; INSEE, "Numéro d'inscription au répertoire".
pub(super) fn nir(token: &NationalIdToken<'_>) -> bool {
    let department = match (token.plain()[5], token.plain()[6]) {
        (b'2', b'A') => 19,
        (b'2', b'B') => 18,
        (a, b) if a.is_ascii_digit() && b.is_ascii_digit() => token.number(5, 2),
        _ => return false,
    };
    let body = (token.number(0, 5) * 100 + department) * 1_000_000 + token.number(7, 6);
    let month = token.number(3, 2);
    matches!(token.plain()[0], b'1' | b'2' | b'3' | b'4' | b'7' | b'8')
        && ((1..=12).contains(&month) || (20..=42).contains(&month) || (50..=99).contains(&month))
        && 97 - body % 97 == token.number(13, 2)
}

/// National number (Rijksregisternummer, numéro national): day of birth, a counter, and 97 less the rest by 97, from 2000 on
/// of the digits with a 2 before them; months of BIS numbers are 20 or 40 more. Royal decree of 3 April 1984; IBZ, IT000.
pub(super) fn national_number(token: &NationalIdToken<'_>) -> bool {
    let body = token.number(0, 9);
    let key = token.number(9, 2);
    let month = token.number(2, 2) % 20;
    let day = token.number(4, 2);
    month <= 12
        && day <= 31
        && token.number(6, 3) > 0
        && (97 - body % 97 == key || 97 - (2_000_000_000 + body) % 97 == key)
}

/// Burgerservicenummer: nine digits, weights 9 to 2 and -1, a multiple of 11. Wet algemene bepalingen burgerservicenummer;
/// Logisch Ontwerp BSN, "elfproef".
pub(super) fn bsn(token: &NationalIdToken<'_>) -> bool {
    let sum = weighted(token, &[9, 8, 7, 6, 5, 4, 3, 2]);
    !is_uniform(token) && sum % 11 == token.digit(8)
}

/// Letters of DNI and NIE by the remainder of 23.
const DNI: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";

/// DNI: eight digits and a letter by the remainder of 23. Real Decreto 1553/2005; Ministerio del Interior.
pub(super) fn dni(token: &NationalIdToken<'_>) -> bool {
    token.plain()[8] == DNI[(token.number(0, 8) % 23) as usize]
}

/// NIE: X, Y or Z (0, 1, 2), seven digits, and the same letter. Real Decreto 557/2011, art. 206; Orden INT/2058/2008.
pub(super) fn nie(token: &NationalIdToken<'_>) -> bool {
    let Some(lead) = b"XYZ".iter().position(|b| *b == token.plain()[0]) else {
        return false;
    };
    let number = lead as u64 * 10_000_000 + token.number(1, 7);
    token.plain()[8] == DNI[(number % 23) as usize]
}

/// NIF of a person: begins with 1, 2, 3 or 45; weights 9 to 2 modulo 11. Decreto-Lei 14/2013; Autoridade Tributária.
pub(super) fn nif(token: &NationalIdToken<'_>) -> bool {
    let sum = weighted(token, &[9, 8, 7, 6, 5, 4, 3, 2]);
    (matches!(token.plain()[0], b'1' | b'2' | b'3') || token.plain().starts_with(b"45"))
        && (11 - sum % 11) % 11 % 10 == token.digit(8)
}

/// Codice fiscale: letters of the names, year, month and day of birth (40 more for women), place, and a letter by the tables
/// of odd and even places; digits may be letters where two persons share one. D.M. 23 December 1976, "Sistemi di codificazione".
pub(super) fn codice_fiscale(token: &NationalIdToken<'_>) -> bool {
    const ODD: [u32; 36] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3,
        6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
    ];
    const SAME: &[u8; 10] = b"LMNPQRSTUV";
    let p = token.plain();
    let figure = |at: usize| match p[at] {
        b @ b'0'..=b'9' => Some(u32::from(b - b'0')),
        b => SAME
            .iter()
            .position(|s| *s == b)
            .and_then(|i| u32::try_from(i).ok()),
    };
    let figures = [6, 7, 9, 10, 12, 13, 14].map(figure);
    let [
        Some(_),
        Some(_),
        Some(tens),
        Some(ones),
        Some(_),
        Some(_),
        Some(_),
    ] = figures
    else {
        return false;
    };
    let day = (tens * 10 + ones) % 40;
    if !b"ABCDEHLMPRST".contains(&p[8]) || !p[11].is_ascii_alphabetic() || !(1..=31).contains(&day)
    {
        return false;
    }
    let value = |b: u8| match b {
        b'0'..=b'9' => b - b'0',
        _ => b - b'A' + 10,
    };
    let sum: u32 = p[..15]
        .iter()
        .enumerate()
        .map(|(at, b)| {
            let value = value(*b);
            match at % 2 {
                0 => ODD[usize::from(value)],
                _ if value < 10 => u32::from(value),
                _ => u32::from(value - 10),
            }
        })
        .sum();
    u32::from(p[15]) == u32::from(b'A') + sum % 26
}

/// PESEL: day of birth (the month tells the century), a serial, a check digit by weights 1 3 7 9. Ustawa o ewidencji
/// ludności of 24 September 2010, art. 15; Ministerstwo Cyfryzacji, "Co to jest numer PESEL".
pub(super) fn pesel(token: &NationalIdToken<'_>) -> bool {
    let sum = weighted(token, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]);
    is_day(
        token.number(0, 2),
        token.number(2, 2) % 20,
        token.number(4, 2),
    ) && (10 - sum % 10) % 10 == token.digit(10)
}

/// Personnummer: day of birth (60 more for a samordningsnummer), a serial, Luhn's check digit. Folkbokföringslag (1991:481)
/// § 18; Skatteverket, SKV 704.
pub(super) fn personnummer(token: &NationalIdToken<'_>) -> bool {
    let short = token.len() - 10;
    let century = short == 0 || matches!(token.number(0, 2), 18..=20);
    let day = token.number(short + 4, 2);
    century
        && is_day(
            token.number(short, 2),
            token.number(short + 2, 2),
            if day > 60 { day - 60 } else { day },
        )
        && validate::luhn(&token.plain()[short..])
}

/// CPR: day of birth and a serial. Its modulus 11 has not held for all numbers since October 2007, so only the day is
/// checked, and a word must stand beside it. CPR-kontoret, "Personnummeret i CPR".
pub(super) fn cpr(token: &NationalIdToken<'_>) -> bool {
    is_day(token.number(4, 2), token.number(2, 2), token.number(0, 2))
        && ["999999-9999", "999999 9999", "9999999999"]
            .iter()
            .any(|pattern| token.is_written(pattern))
}

/// Henkilötunnus: day of birth, a sign of the century, a serial, a sign by the remainder of 31. Valtioneuvoston asetus
/// 128/2010; Digi- ja väestötietovirasto, "Henkilötunnus".
pub(super) fn hetu(token: &NationalIdToken<'_>) -> bool {
    const SIGNS: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
    let is_one_of = |patterns: [&str; 4]| patterns.iter().any(|pattern| token.is_written(pattern));
    let (serial, last) = if is_one_of(["999999-999A", "999999-9999", "999999+999A", "999999+9999"])
    {
        (6, 9)
    } else if token.len() == 11 && b"ABCDEFYXWVU".contains(&token.plain()[6]) {
        (7, 10)
    } else {
        return false;
    };
    let number = token.number(0, 6) * 1000 + token.number(serial, 3);
    is_day(token.number(4, 2), token.number(2, 2), token.number(0, 2))
        && token.number(serial, 3) >= 2
        && token.plain()[last] == SIGNS[(number % 31) as usize]
}
