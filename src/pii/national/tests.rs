//! Each scheme by the same table: a valid number with its words, a digit wrong, without words, and look-alikes.

use crate::pii::{BLOCK_FROM, PiiKind, Scanner, Scheme};

fn found(text: &str) -> Vec<(PiiKind, &str, u8)> {
    Scanner::default()
        .scan(text)
        .into_iter()
        .map(|hit| (hit.kind, &text[hit.start..hit.end], hit.score))
        .collect()
}

/// What a valid number comes to with no word beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Alone {
    Blocks,
    Review,
    Nothing,
}

/// A scheme, words before its number, a valid number, the same with a sign wrong, and what it is alone.
const TABLE: &[(Scheme, &str, &str, &str, Alone)] = &[
    (
        Scheme::UkNino,
        "National Insurance number ",
        "AB 12 34 56 C",
        "AB 12 34 56 E",
        Alone::Blocks,
    ),
    (
        Scheme::UkNino,
        "NI number: ",
        "AB123456C",
        "DB123456C",
        Alone::Review,
    ),
    (
        Scheme::UkNhs,
        "NHS number ",
        "943 476 5870",
        "943 476 5871",
        Alone::Nothing,
    ),
    (
        Scheme::UkNhs,
        "NHS no. ",
        "9434765870",
        "9434765880",
        Alone::Nothing,
    ),
    (
        Scheme::UkUtr,
        "UTR ",
        "1955839661",
        "2955839661",
        Alone::Nothing,
    ),
    (
        Scheme::UkUtr,
        "Your Unique Taxpayer Reference is ",
        "19558 39661",
        "19558 39671",
        Alone::Nothing,
    ),
    (
        Scheme::IePps,
        "PPS number ",
        "6433435F",
        "6433435E",
        Alone::Review,
    ),
    (
        Scheme::IePps,
        "PPSN ",
        "6433435OA",
        "6433435VH",
        Alone::Review,
    ),
    (
        Scheme::DeSteuerId,
        "Steuer-ID ",
        "36574261809",
        "36574261890",
        Alone::Nothing,
    ),
    (
        Scheme::DeSteuerId,
        "Ihre Steueridentifikationsnummer: ",
        "36 574 261 809",
        "36 574 261 808",
        Alone::Review,
    ),
    (
        Scheme::DePersonalausweis,
        "Personalausweis ",
        "L01X00T471",
        "L01X00T472",
        Alone::Nothing,
    ),
    (
        Scheme::AtSvNummer,
        "SV-Nummer ",
        "1237 010180",
        "2237 010180",
        Alone::Nothing,
    ),
    (
        Scheme::ChAhv,
        "AHV-Nummer ",
        "756.9217.0769.85",
        "756.9217.0769.84",
        Alone::Blocks,
    ),
    (
        Scheme::ChAhv,
        "AHV ",
        "7569217076985",
        "7569217076984",
        Alone::Nothing,
    ),
    (
        Scheme::FrNir,
        "Sécurité sociale : ",
        "2 95 10 99 126 111 93",
        "2 95 10 99 126 111 99",
        Alone::Blocks,
    ),
    (
        Scheme::FrNir,
        "NIR ",
        "253072B07300470",
        "253072A07300470",
        Alone::Blocks,
    ),
    (
        Scheme::BeNationalNumber,
        "Rijksregisternummer ",
        "85.07.30-033.28",
        "85.07.30-033.29",
        Alone::Blocks,
    ),
    (
        Scheme::BeNationalNumber,
        "numéro national ",
        "17073003384",
        "17073003385",
        Alone::Nothing,
    ),
    (
        Scheme::NlBsn,
        "BSN ",
        "111222333",
        "111252333",
        Alone::Nothing,
    ),
    (
        Scheme::NlBsn,
        "uw burgerservicenummer is ",
        "1112.22.333",
        "1112.52.333",
        Alone::Nothing,
    ),
    (
        Scheme::EsDni,
        "DNI ",
        "54362315K",
        "54362315Z",
        Alone::Review,
    ),
    (
        Scheme::EsDni,
        "DNI: ",
        "54362315-K",
        "54362315-Z",
        Alone::Review,
    ),
    (
        Scheme::EsNie,
        "NIE ",
        "X2482300W",
        "X2482300A",
        Alone::Review,
    ),
    (
        Scheme::PtNif,
        "NIF ",
        "123456789",
        "123456788",
        Alone::Nothing,
    ),
    (
        Scheme::ItCodiceFiscale,
        "codice fiscale ",
        "RCCMNL83S18D969H",
        "RCCMNL83S18D969G",
        Alone::Blocks,
    ),
    (
        Scheme::PlPesel,
        "PESEL ",
        "44051401359",
        "44051401358",
        Alone::Nothing,
    ),
    (
        Scheme::SePersonnummer,
        "personnummer ",
        "880320-0016",
        "880320-0018",
        Alone::Nothing,
    ),
    (
        Scheme::SePersonnummer,
        "personnummer ",
        "198112289841",
        "198112289842",
        Alone::Nothing,
    ),
    (
        Scheme::DkCpr,
        "CPR-nummer ",
        "211062-5629",
        "511062-5629",
        Alone::Nothing,
    ),
    (
        Scheme::FiHetu,
        "HETU ",
        "131052-308T",
        "131052-308U",
        Alone::Blocks,
    ),
    (
        Scheme::FiHetu,
        "henkilötunnus ",
        "131052A308T",
        "131052A308U",
        Alone::Blocks,
    ),
    (
        Scheme::CaSin,
        "SIN ",
        "123-456-782",
        "123-456-783",
        Alone::Nothing,
    ),
    (
        Scheme::CaSin,
        "social insurance number ",
        "123456782",
        "123456783",
        Alone::Nothing,
    ),
    (
        Scheme::AuTfn,
        "TFN ",
        "123 456 782",
        "123 456 783",
        Alone::Nothing,
    ),
    (
        Scheme::AuMedicare,
        "Medicare card ",
        "2123 45670 1",
        "2123 45671 1",
        Alone::Nothing,
    ),
    (
        Scheme::InAadhaar,
        "Aadhaar ",
        "2341 2341 2346",
        "2341 2341 2347",
        Alone::Review,
    ),
    (
        Scheme::InAadhaar,
        "Aadhaar no ",
        "234123412346",
        "234123412347",
        Alone::Nothing,
    ),
    (
        Scheme::InPan,
        "PAN ",
        "ACUPA7085R",
        "ABMXA3211G",
        Alone::Review,
    ),
    (
        Scheme::SgNric,
        "NRIC ",
        "S1234567D",
        "S1234567E",
        Alone::Review,
    ),
    (
        Scheme::SgNric,
        "FIN ",
        "F1234567N",
        "F1234567M",
        Alone::Review,
    ),
    (
        Scheme::BrCpf,
        "CPF ",
        "390.533.447-05",
        "390.533.447-06",
        Alone::Blocks,
    ),
    (
        Scheme::BrCpf,
        "CPF ",
        "39053344705",
        "39053344715",
        Alone::Nothing,
    ),
];

/// A French number is shown to a French reader with a no-break space and accents: the detection copy is read.
fn is_scheme(hits: &[(PiiKind, &str, u8)], scheme: Scheme, value: &str) -> bool {
    hits.iter().any(|(kind, text, score)| {
        *kind == PiiKind::National(scheme) && *text == value && *score >= BLOCK_FROM
    })
}

#[test]
fn valid_numbers_with_their_words_block() {
    for (scheme, words, valid, _, _) in TABLE {
        let text = format!("Your {words}{valid} is on file.");
        let hits = found(&text);
        assert!(
            is_scheme(&hits, *scheme, valid),
            "{scheme:?}: {text}: {hits:?}"
        );
    }
}

#[test]
fn a_wrong_sign_is_no_number_of_the_scheme() {
    for (scheme, words, _, wrong, _) in TABLE {
        let text = format!("Your {words}{wrong} is on file.");
        let hits = found(&text);
        assert!(
            hits.iter()
                .all(|(kind, ..)| *kind != PiiKind::National(*scheme)),
            "{scheme:?}: {text}: {hits:?}"
        );
    }
}

#[test]
fn without_words_only_telling_shapes_are_believed() {
    for (scheme, _, valid, _, alone) in TABLE {
        let text = format!("We saw {valid} there.");
        let score = found(&text)
            .iter()
            .find(|(kind, ..)| matches!(kind, PiiKind::National(_)))
            .map(|(_, _, score)| *score);
        let is = match score {
            None => Alone::Nothing,
            Some(score) if score >= BLOCK_FROM => Alone::Blocks,
            Some(_) => Alone::Review,
        };
        assert_eq!(is, *alone, "{scheme:?}: {text}");
    }
}

#[test]
fn order_numbers_and_their_like_are_none() {
    for text in [
        "Order 36574261809 has shipped.",
        "Order AB123456C is on its way.",
        "Invoice 390.533.447-05 is paid.",
        "Tracking number 2341 2341 2346",
        "Reference: S1234567D",
        "EAN 7569217076985 on the box",
        "Part no. 54362315K fits.",
        "Call it model X2482300W.",
        "The digest begins with 6433435f there.",
        "The lot 123456782 was sold.",
        "Earn 4.10% on 123,456,782 points.",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn a_card_that_is_a_national_number_by_chance_stays_a_card() {
    let hits = found("my card number is 346412338913585?");
    assert!(matches!(hits[..], [(PiiKind::CreditCard, ..)]), "{hits:?}");
}

#[test]
fn a_sort_code_with_its_account_is_bank_data() {
    for text in [
        "Sort code 20-00-00, account number 55779911",
        "sort code: 20 00 00 and account no. 55779911 are yours",
        "Sort code 20-00-00 / 55779911",
    ] {
        let hits = found(text);
        let digits: String = hits.iter().map(|(_, value, _)| *value).collect();
        assert!(
            hits.iter()
                .all(|(kind, _, score)| *kind == PiiKind::Account && *score >= BLOCK_FROM)
                && digits.contains("20")
                && digits.contains("55779911"),
            "{text}: {hits:?}"
        );
    }
    assert_eq!(found("Our sort code is 20-00-00."), []);
}

#[test]
fn every_scheme_has_a_name_and_stands_in_the_table() {
    let names: std::collections::BTreeSet<&str> =
        Scheme::ALL.iter().map(|scheme| scheme.as_str()).collect();
    assert_eq!(names.len(), Scheme::ALL.len());
    for scheme in Scheme::ALL {
        assert!(TABLE.iter().any(|(of, ..)| *of == scheme), "{scheme:?}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_of_digits_letters_and_signs_stops_the_scan(text in "([0-9]{1,9}|[A-Za-z]{1,6}|[-/.+ ]| sort code |é| PAN ){0,14}") {
        for hit in Scanner::default().scan(&text) {
            proptest::prop_assert!(text.is_char_boundary(hit.start) && text.is_char_boundary(hit.end) && hit.start < hit.end);
        }
    }

    #[test]
    fn no_number_of_a_length_that_a_scheme_has_stops_its_check(digits in "[0-9]{9,15}", letters in "[A-Z]{1,6}[0-9]{2,8}[A-Z]{0,2}[0-9]{0,3}[A-Z]?") {
        found(&format!("NIR {digits} and {letters}."));
    }
}
