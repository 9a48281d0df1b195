//! Canada, Australia, India, Singapore and Brazil.

use super::checks::{is_uniform, verhoeff, weighted};
use super::token::NationalIdToken;
use crate::pii::validate;

/// Social Insurance Number: nine digits by Luhn's check, none beginning with 0 or 8. Employment and Social Development
/// Canada, "Social Insurance Number Code of Practice".
pub(super) fn sin(token: &NationalIdToken<'_>) -> bool {
    !matches!(token.plain()[0], b'0' | b'8') && validate::luhn(token.plain())
}

/// Tax File Number: nine digits, weights 1 4 3 7 5 8 6 9 10, a multiple of 11. Australian Taxation Office, "Tax file number
/// validation" in its software developers' specifications.
pub(super) fn tfn(token: &NationalIdToken<'_>) -> bool {
    weighted(token, &[1, 4, 3, 7, 5, 8, 6, 9, 10]).is_multiple_of(11) && !is_uniform(token)
}

/// Medicare card number: begins with 2 to 6, the ninth digit checks the first eight by weights 1 3 7 9 1 3 7 9 modulo 10,
/// then the card's issue, and perhaps the person on it. Australian Institute of Health and Welfare, METEOR 270101.
pub(super) fn medicare(token: &NationalIdToken<'_>) -> bool {
    (b'2'..=b'6').contains(&token.plain()[0])
        && weighted(token, &[1, 3, 7, 9, 1, 3, 7, 9]) % 10 == token.digit(8)
        && token.digit(9) != 0
        && (token.len() == 10 || (1..=9).contains(&token.digit(10)))
        && [
            "9999 99999 9",
            "9999 99999 9/9",
            "9999 99999 9-9",
            "9999 99999 9 9",
            "9999-99999-9",
            "9999999999",
            "99999999999",
        ]
        .iter()
        .any(|pattern| token.is_written(pattern))
}

/// Aadhaar: twelve digits, none beginning with 0 or 1, the last by Verhoeff's check. UIDAI, "A UID Numbering Scheme" (2010).
pub(super) fn aadhaar(token: &NationalIdToken<'_>) -> bool {
    let backwards = token.plain().iter().rev();
    !matches!(token.plain()[0], b'0' | b'1')
        && !token.plain().iter().eq(backwards)
        && verhoeff(token)
}

/// Permanent Account Number of a person (P) or a family (H): five letters, four digits, a letter whose rule is not
/// published. Income Tax Department of India, "Permanent Account Number (PAN)".
pub(super) fn pan(token: &NationalIdToken<'_>) -> bool {
    matches!(token.plain()[3], b'P' | b'H') && token.number(5, 4) > 0
}

/// NRIC and FIN: S, T, F, G or M, seven digits with weights 2 7 6 5 4 3 2, and a letter by the remainder of 11 (4 more for T
/// and G, 3 more for M). Immigration & Checkpoints Authority; the rule as published by Ngiam S. T., "Singapore's NRIC".
pub(super) fn nric(token: &NationalIdToken<'_>) -> bool {
    let (more, letters) = match token.plain()[0] {
        b'S' => (0, b"JZIHGFEDCBA"),
        b'T' => (4, b"JZIHGFEDCBA"),
        b'F' => (0, b"XWUTRQPNMLK"),
        b'G' => (4, b"XWUTRQPNMLK"),
        b'M' => (3, b"XWUTRQPNJLK"),
        _ => return false,
    };
    let sum = weighted(token, &[0, 2, 7, 6, 5, 4, 3, 2]) + more;
    token.plain()[8] == letters[(sum % 11) as usize]
}

/// CPF: eleven digits, the last two each by descending weights modulo 11. Receita Federal, Instrução Normativa RFB
/// 1.548/2015 and its rule of the "dígito verificador".
pub(super) fn cpf(token: &NationalIdToken<'_>) -> bool {
    let check = |sum: u32| (11 - sum % 11) % 11 % 10;
    let first = check(weighted(token, &[10, 9, 8, 7, 6, 5, 4, 3, 2]));
    let second = check(weighted(token, &[11, 10, 9, 8, 7, 6, 5, 4, 3]) + 2 * first);
    !is_uniform(token) && token.digit(9) == first && token.digit(10) == second
}
