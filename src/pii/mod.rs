//! Personal data: where it is, how sure we are, and the text without it.
//!
//! `normalise → anchors → recognisers → context and score → known values → allow-list → overlap → redact or gate`.
//! Names of people are found only when they are known; there is no statistical name finder here.

mod bank;
mod context;
mod digit_run;
mod digits;
mod email;
mod ids;
mod known;
mod national;
mod network;
mod phone;
mod place;
mod redact;
mod scan;
mod secret;
mod validate;

pub use known::KnownValues;
pub use national::Scheme;
pub use redact::{Redacted, redact, tags_of};
pub use scan::{AllowList, Scanner};

use serde::{Serialize, Serializer};

/// A kind of personal data. The names are the ones of `pii scan`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PiiKind {
    Email,
    Phone,
    Ssn,
    Itin,
    Account,
    Routing,
    CreditCard,
    Iban,
    Ip,
    Url,
    Mrn,
    Passport,
    DriverLicense,
    Dob,
    Address,
    Name,
    CustomerId,
    Secret,
    /// An identifier that a state gives to a person, beside the American ones.
    National(Scheme),
}

impl Serialize for PiiKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl PiiKind {
    /// Every kind but the national ones, which share a tag with others; of those that share a tag the most telling comes first.
    pub const ALL: [Self; 18] = [
        Self::Email,
        Self::Phone,
        Self::Ssn,
        Self::Itin,
        Self::Account,
        Self::Routing,
        Self::CreditCard,
        Self::Iban,
        Self::Ip,
        Self::Secret,
        Self::Url,
        Self::CustomerId,
        Self::Mrn,
        Self::Passport,
        Self::DriverLicense,
        Self::Dob,
        Self::Address,
        Self::Name,
    ];

    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "EMAIL",
            Self::Phone => "PHONE",
            Self::Ssn => "SSN",
            Self::Itin => "ITIN",
            Self::Account => "ACCOUNT",
            Self::Routing => "ROUTING",
            Self::CreditCard => "CREDIT_CARD",
            Self::Iban => "IBAN",
            Self::Ip => "IP",
            Self::Url => "URL",
            Self::Mrn => "MRN",
            Self::Passport => "PASSPORT",
            Self::DriverLicense => "DRIVER_LICENSE",
            Self::Dob => "DOB",
            Self::Address => "ADDRESS",
            Self::Name => "NAME",
            Self::CustomerId => "CUSTOMER_ID",
            Self::Secret => "SECRET",
            Self::National(scheme) => scheme.as_str(),
        }
    }

    /// What stands in its place in redacted text.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Email => "[REDACTED_EMAIL]",
            Self::Phone => "[REDACTED_PHONE]",
            Self::Ssn | Self::Itin => "[REDACTED_SSN]",
            Self::Account | Self::Routing => "[REDACTED_ACCOUNT]",
            Self::CreditCard => "[REDACTED_CARD]",
            Self::Iban => "[REDACTED_IBAN]",
            Self::Ip => "[REDACTED_IP]",
            Self::Url | Self::Secret => "[REDACTED_SECRET]",
            Self::Mrn
            | Self::Passport
            | Self::DriverLicense
            | Self::CustomerId
            | Self::National(_) => "[REDACTED_ID]",
            Self::Dob => "[REDACTED_DOB]",
            Self::Address => "[REDACTED_ADDRESS]",
            Self::Name => "[REDACTED_NAME]",
        }
    }
}

/// From this score on a hit is redacted.
pub const REDACT_FROM: u8 = 50;
/// From this score on a hit blocks a message; below it asks for review.
pub const BLOCK_FROM: u8 = 60;

/// Why a hit was believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HitReason {
    /// The shape alone is telling.
    Shape,
    /// Shape and words near it.
    Context,
    /// A check digit, range or registry rule holds.
    Validator,
    /// It is a value of the customer's own record.
    KnownValue,
}

/// One piece of personal data: bytes of the scanned text, on character borders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PiiHit {
    pub start: usize,
    pub end: usize,
    pub kind: PiiKind,
    /// 0 to 100.
    pub score: u8,
    pub reason: HitReason,
}
