//! The words that name a scheme beside its numbers.

use super::scheme::Scheme;

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

/// Bytes from the number to the nearest word that names the scheme: before it, or else behind it.
pub(super) fn distance(text: &str, start: usize, end: usize, scheme: Scheme) -> Option<usize> {
    let from = text.floor_char_boundary(start.saturating_sub(BEFORE));
    let before = text[from..start].to_lowercase();
    // What a blank line parts speaks of something else.
    let before = before.rsplit("\n\n").next().unwrap_or_default();
    let near = names(scheme)
        .iter()
        .filter_map(|name| {
            before
                .rmatch_indices(name)
                .find(|(at, _)| stands_alone(before, *at, *at + name.len()))
                .map(|(at, _)| before.len() - at - name.len())
        })
        .min();
    near.or_else(|| {
        let to = text.ceil_char_boundary((end + BEHIND).min(text.len()));
        let behind = text[end..to].to_lowercase();
        let behind = behind.split(['\n', ';']).next().unwrap_or_default();
        names(scheme)
            .iter()
            .filter(|name| {
                name.len() >= 3 && !["fin", "sin", "pan", "nie", "nas", "tin"].contains(*name)
            })
            .filter_map(|name| {
                behind
                    .match_indices(name)
                    .find(|(at, _)| stands_alone(behind, *at, *at + name.len()))
                    .map(|(at, _)| at)
            })
            .min()
    })
}

fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    !text[..start].ends_with(char::is_alphanumeric) && !text[end..].starts_with(char::is_alphabetic)
}
