//! The words that name a scheme beside its numbers.

use super::scheme::Scheme;
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::sync::LazyLock;

/// Bytes before and behind a number in which they count.
const BEFORE: usize = 64;
const BEHIND: usize = 28;

fn names(scheme: Scheme) -> &'static [&'static str] {
    use Scheme as S;
    match scheme {
        S::UkNino => &[
            "national insurance",
            "nino",
            "ni number",
            "ni no",
            "n.i. number",
            "ni",
        ],
        S::UkNhs => &["nhs", "nhs number", "nhs no"],
        S::UkUtr => &[
            "utr",
            "unique taxpayer reference",
            "unique tax reference",
            "taxpayer reference",
            "self assessment",
        ],
        S::IePps => &[
            "pps",
            "ppsn",
            "pps number",
            "pps no",
            "personal public service",
        ],
        S::DeSteuerId => &[
            "steuer-id",
            "steuer id",
            "steuerid",
            "steuer-idnr",
            "idnr",
            "steuer-identifikationsnummer",
            "steueridentifikationsnummer",
            "identifikationsnummer",
            "steuerliche id",
            "tax id",
            "tax identification",
            "tin",
        ],
        S::DePersonalausweis => &[
            "personalausweis",
            "personalausweisnummer",
            "ausweisnummer",
            "ausweis-nr",
            "ausweisnr",
            "perso",
            "ausweis",
            "identity card",
            "id card",
        ],
        S::AtSvNummer => &[
            "sv-nummer",
            "sv nummer",
            "svnr",
            "sv-nr",
            "sozialversicherungsnummer",
            "versicherungsnummer",
            "e-card",
            "social insurance",
            "social security",
        ],
        S::ChAhv => &[
            "ahv",
            "ahv-nummer",
            "ahv-nr",
            "ahvn13",
            "avs",
            "oasi",
            "sozialversicherungsnummer",
            "versichertennummer",
            "social security",
        ],
        S::FrNir => &[
            "nir",
            "securite sociale",
            "sécurité sociale",
            "numero de secu",
            "numéro de sécu",
            "insee",
            "carte vitale",
            "social security",
        ],
        S::BeNationalNumber => &[
            "rijksregisternummer",
            "rijksregister",
            "insz",
            "niss",
            "inss",
            "numero national",
            "numéro national",
            "registre national",
            "national number",
            "national register",
            "nationalregisternummer",
        ],
        S::NlBsn => &[
            "bsn",
            "burgerservicenummer",
            "sofinummer",
            "citizen service number",
        ],
        S::EsDni => &[
            "dni",
            "documento nacional",
            "documento de identidad",
            "nif",
            "identidad",
        ],
        S::EsNie => &["nie", "identidad de extranjero", "extranjero", "nif"],
        S::PtNif => &[
            "nif",
            "contribuinte",
            "numero de contribuinte",
            "número de contribuinte",
            "identificacao fiscal",
            "identificação fiscal",
        ],
        S::ItCodiceFiscale => &[
            "codice fiscale",
            "cod. fisc",
            "cod fiscale",
            "c.f",
            "tax code",
        ],
        S::PlPesel => &["pesel"],
        S::SePersonnummer => &[
            "personnummer",
            "samordningsnummer",
            "personal identity number",
            "personal number",
            "pers.nr",
            "pnr",
            "personnr",
        ],
        S::DkCpr => &[
            "cpr",
            "cpr-nummer",
            "cpr-nr",
            "cpr nummer",
            "personnummer",
            "cpr number",
        ],
        S::FiHetu => &[
            "hetu",
            "henkilotunnus",
            "henkilötunnus",
            "personbeteckning",
            "personal identity code",
            "identity code",
        ],
        S::CaSin => &[
            "sin",
            "social insurance",
            "sin number",
            "nas",
            "assurance sociale",
        ],
        S::AuTfn => &["tfn", "tax file number", "tax file no"],
        S::AuMedicare => &[
            "medicare",
            "medicare card",
            "medicare number",
            "medicare no",
        ],
        S::InAadhaar => &["aadhaar", "aadhar", "adhaar", "uidai", "uid"],
        S::InPan => &["pan", "permanent account", "pan card", "income tax"],
        S::SgNric => &[
            "nric",
            "fin",
            "identity card",
            "nric/fin",
            "singpass",
            "ic number",
            "ic no",
        ],
        S::BrCpf => &["cpf", "cadastro de pessoas", "cadastro de pessoa"],
    }
}

/// Every word with its scheme.
static NAMES: LazyLock<Vec<(&str, Scheme)>> = LazyLock::new(|| {
    let all = Scheme::ALL.into_iter();
    all.flat_map(|scheme| names(scheme).iter().map(move |name| (*name, scheme)))
        .collect()
});

#[expect(
    clippy::expect_used,
    reason = "constant word list, covered by the tests of this room"
)]
static AUTOMATON: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::Standard)
        .kind(Some(AhoCorasickKind::DFA))
        .build(NAMES.iter().map(|(name, _)| *name))
        .expect("constant words")
});

/// Words that are too short, or too common, to name what stood before them.
const ONLY_BEFORE: [&str; 6] = ["fin", "sin", "pan", "nie", "nas", "tin"];

/// How far from a number the nearest word of each scheme stands: before it, or else behind it.
pub(super) struct Nearby([Option<usize>; Scheme::ALL.len()]);

impl Nearby {
    /// Reads the words round `start..end`, in one pass for all schemes.
    pub fn around(text: &str, start: usize, end: usize) -> Self {
        let mut nearest = [None; Scheme::ALL.len()];
        let before = &text[text.floor_char_boundary(start.saturating_sub(BEFORE))..start];
        // What a blank line parts speaks of something else.
        let before = before.rsplit("\n\n").next().unwrap_or_default();
        for found in AUTOMATON.find_overlapping_iter(before) {
            if stands_alone(before, found.start(), found.end()) {
                let (_, scheme) = NAMES[found.pattern().as_usize()];
                // Later words are nearer.
                nearest[scheme as usize] = Some(before.len() - found.end());
            }
        }
        let to = text.ceil_char_boundary((end + BEHIND).min(text.len()));
        let behind = text[end..to].split(['\n', ';']).next().unwrap_or_default();
        for found in AUTOMATON.find_overlapping_iter(behind) {
            let (name, scheme) = NAMES[found.pattern().as_usize()];
            let counts = name.len() >= 3 && !ONLY_BEFORE.contains(&name);
            if counts && stands_alone(behind, found.start(), found.end()) {
                let place = &mut nearest[scheme as usize];
                *place = place.or(Some(found.start()));
            }
        }
        Self(nearest)
    }

    pub fn distance(&self, scheme: Scheme) -> Option<usize> {
        self.0[scheme as usize]
    }
}

fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    !text[..start].ends_with(char::is_alphanumeric) && !text[end..].starts_with(char::is_alphabetic)
}
