//! The United Kingdom and Ireland.

use super::checks::{is_uniform, weighted};
use super::token::NationalIdToken;

/// National Insurance number: two letters without D, F, I, Q, U, V (and O as the second), six digits, A to D; no check
/// digit. HMRC, National Insurance Manual NIM39110.
pub(super) fn nino(token: &NationalIdToken<'_>) -> bool {
    let p = token.plain();
    let prefix = [p[0], p[1]];
    !b"DFIQUV".contains(&p[0])
        && !b"DFIOQUV".contains(&p[1])
        && !matches!(
            &prefix,
            b"BG" | b"GB" | b"NK" | b"KN" | b"TN" | b"NT" | b"ZZ"
        )
        && (b'A'..=b'D').contains(&p[8])
}

/// NHS number: ten digits, weights 10 to 2 and the check digit make a multiple of 11. NHS Data Dictionary, "NHS NUMBER".
pub(super) fn nhs(token: &NationalIdToken<'_>) -> bool {
    weighted(token, &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11) && !is_uniform(token)
}

/// Unique Taxpayer Reference: ten digits, the first checks the rest by weights 6 7 8 9 10 5 4 3 2 modulo 11. HMRC's rule as
/// kept in python-stdnum, `stdnum.gb.utr`; format after OECD, TIN of the United Kingdom.
pub(super) fn utr(token: &NationalIdToken<'_>) -> bool {
    const CHECK: [u32; 11] = [2, 1, 9, 8, 7, 6, 5, 4, 3, 2, 1];
    let sum = weighted(token, &[0, 6, 7, 8, 9, 10, 5, 4, 3, 2]);
    token.digit(0) == CHECK[(sum % 11) as usize]
}

/// Personal Public Service number: seven digits, a check letter, and since 2013 a further letter that counts nine times.
/// Department of Social Protection, "PPS number"; Revenue, Tax and Duty Manual; python-stdnum `stdnum.ie.pps`.
pub(super) fn pps(token: &NationalIdToken<'_>) -> bool {
    let p = token.plain();
    let further = match p.get(8) {
        None | Some(b'W' | b'T' | b'X') => 0,
        Some(b @ (b'A' | b'B' | b'H')) => u32::from(b - b'A') + 1,
        Some(_) => return false,
    };
    let sum = weighted(token, &[8, 7, 6, 5, 4, 3, 2]) + 9 * further;
    p[7] == b"WABCDEFGHIJKLMNOPQRSTUV"[(sum % 23) as usize]
}
