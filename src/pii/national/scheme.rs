//! The schemes: names, shapes, and how far a shape alone is believed.

use super::token::{NationalIdShape, NationalIdToken};
use super::{europe, islands, overseas};
use serde::{Serialize, Serializer};

/// A national identifier of persons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    UkNino,
    UkNhs,
    UkUtr,
    IePps,
    DeSteuerId,
    DePersonalausweis,
    AtSvNummer,
    ChAhv,
    FrNir,
    BeNationalNumber,
    NlBsn,
    EsDni,
    EsNie,
    PtNif,
    ItCodiceFiscale,
    PlPesel,
    SePersonnummer,
    DkCpr,
    FiHetu,
    CaSin,
    AuTfn,
    AuMedicare,
    InAadhaar,
    InPan,
    SgNric,
    BrCpf,
}

use Scheme as S;

/// Whether any scheme's identifiers have a shape.
pub(super) fn has_shape(shape: NationalIdShape) -> bool {
    of_shape(shape).next().is_some()
}

/// The schemes whose identifiers have a shape.
pub(super) fn of_shape((signs, letters): NationalIdShape) -> impl Iterator<Item = Scheme> {
    /// A letter at a place.
    const fn at(place: u32) -> u32 {
        1 << place
    }
    const FIRST_LAST_OF_9: u32 = at(0) | at(8);
    const NINO: u32 = at(0) | at(1) | at(8);
    const PAN: u32 = at(0) | at(1) | at(2) | at(3) | at(4) | at(9);
    const CODICE: u32 = 0b11_1111;
    let of: &[Scheme] = match (signs, letters) {
        (9, 0) => &[S::NlBsn, S::PtNif, S::CaSin, S::AuTfn],
        (10, 0) => &[
            S::UkNhs,
            S::UkUtr,
            S::SePersonnummer,
            S::DkCpr,
            S::AtSvNummer,
            S::AuMedicare,
            S::FiHetu,
        ],
        (11, 0) => &[
            S::DeSteuerId,
            S::BeNationalNumber,
            S::PlPesel,
            S::BrCpf,
            S::AuMedicare,
        ],
        (12, 0) => &[S::InAadhaar, S::SePersonnummer],
        (13, 0) => &[S::ChAhv],
        (15, 0) => &[S::FrNir],
        (15, l) if l == at(6) => &[S::FrNir],
        (8, l) if l == at(7) => &[S::IePps],
        (9, l) if l == at(7) | at(8) => &[S::IePps],
        (9, l) if l == at(8) => &[S::EsDni],
        (9, FIRST_LAST_OF_9) => &[S::EsNie, S::SgNric, S::DePersonalausweis],
        (9, NINO) => &[S::UkNino],
        (10, PAN) => &[S::InPan],
        (10, l) if l == at(9) => &[S::FiHetu],
        (11, l) if l == at(6) || l == at(6) | at(10) => &[S::FiHetu],
        (16, l) if l & CODICE == CODICE => &[S::ItCodiceFiscale],
        (9 | 10, l) if l & at(0) != 0 => &[S::DePersonalausweis],
        _ => &[],
    };
    of.iter().copied()
}

impl Scheme {
    pub const ALL: [Self; 26] = [
        S::UkNino,
        S::UkNhs,
        S::UkUtr,
        S::IePps,
        S::DeSteuerId,
        S::DePersonalausweis,
        S::AtSvNummer,
        S::ChAhv,
        S::FrNir,
        S::BeNationalNumber,
        S::NlBsn,
        S::EsDni,
        S::EsNie,
        S::PtNif,
        S::ItCodiceFiscale,
        S::PlPesel,
        S::SePersonnummer,
        S::DkCpr,
        S::FiHetu,
        S::CaSin,
        S::AuTfn,
        S::AuMedicare,
        S::InAadhaar,
        S::InPan,
        S::SgNric,
        S::BrCpf,
    ];

    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            S::UkNino => "UK_NINO",
            S::UkNhs => "UK_NHS",
            S::UkUtr => "UK_UTR",
            S::IePps => "IE_PPS",
            S::DeSteuerId => "DE_STEUER_ID",
            S::DePersonalausweis => "DE_PERSONALAUSWEIS",
            S::AtSvNummer => "AT_SV_NUMMER",
            S::ChAhv => "CH_AHV",
            S::FrNir => "FR_NIR",
            S::BeNationalNumber => "BE_NATIONAL_NUMBER",
            S::NlBsn => "NL_BSN",
            S::EsDni => "ES_DNI",
            S::EsNie => "ES_NIE",
            S::PtNif => "PT_NIF",
            S::ItCodiceFiscale => "IT_CODICE_FISCALE",
            S::PlPesel => "PL_PESEL",
            S::SePersonnummer => "SE_PERSONNUMMER",
            S::DkCpr => "DK_CPR",
            S::FiHetu => "FI_HETU",
            S::CaSin => "CA_SIN",
            S::AuTfn => "AU_TFN",
            S::AuMedicare => "AU_MEDICARE",
            S::InAadhaar => "IN_AADHAAR",
            S::InPan => "IN_PAN",
            S::SgNric => "SG_NRIC",
            S::BrCpf => "BR_CPF",
        }
    }

    /// Whether the digits and letters keep the scheme's rule.
    pub(super) fn is_valid(self, token: &NationalIdToken<'_>) -> bool {
        match self {
            S::UkNino => islands::nino(token),
            S::UkNhs => islands::nhs(token),
            S::UkUtr => islands::utr(token),
            S::IePps => islands::pps(token),
            S::DeSteuerId => europe::steuer_id(token),
            S::DePersonalausweis => europe::personalausweis(token),
            S::AtSvNummer => europe::sv_nummer(token),
            S::ChAhv => europe::ahv(token),
            S::FrNir => europe::nir(token),
            S::BeNationalNumber => europe::national_number(token),
            S::NlBsn => europe::bsn(token),
            S::EsDni => europe::dni(token),
            S::EsNie => europe::nie(token),
            S::PtNif => europe::nif(token),
            S::ItCodiceFiscale => europe::codice_fiscale(token),
            S::PlPesel => europe::pesel(token),
            S::SePersonnummer => europe::personnummer(token),
            S::DkCpr => europe::cpr(token),
            S::FiHetu => europe::hetu(token),
            S::CaSin => overseas::sin(token),
            S::AuTfn => overseas::tfn(token),
            S::AuMedicare => overseas::medicare(token),
            S::InAadhaar => overseas::aadhaar(token),
            S::InPan => overseas::pan(token),
            S::SgNric => overseas::nric(token),
            S::BrCpf => overseas::cpf(token),
        }
    }

    /// Whether a check digit or letter stands in it.
    pub(super) fn has_check(self) -> bool {
        !matches!(self, S::UkNino | S::InPan | S::DkCpr)
    }

    /// How far a valid number is believed with no word beside it: blocks from 60 on, asks for review from 50 on, and
    /// 0 where any order number could look like it.
    pub(super) fn alone(self, token: &NationalIdToken<'_>) -> u8 {
        let written = |pattern: &str| token.is_written(pattern);
        match self {
            S::ItCodiceFiscale => 85,
            S::FrNir => 80,
            S::ChAhv if written("999.9999.9999.99") => 85,
            S::FiHetu if token.plain()[token.len() - 1].is_ascii_alphabetic() => 80,
            S::BeNationalNumber if written("99.99.99-999.99") => 85,
            S::BrCpf if written("999.999.999-99") => 85,
            // A piece of a hash or a file's name.
            _ if token.written.bytes().any(|b| b.is_ascii_lowercase()) => 0,
            S::UkNino if written("AA 99 99 99 A") => 75,
            S::EsNie if written("A-9999999-A") => 70,
            S::UkNino | S::EsDni | S::EsNie | S::SgNric | S::IePps | S::InPan => 55,
            S::DeSteuerId if written("99 999 999 999") => 55,
            S::InAadhaar if written("9999 9999 9999") => 55,
            _ => 0,
        }
    }
}

impl Serialize for Scheme {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
