//! The names of the computed checks.

use serde::Deserialize;

/// The computed checks, by the name a pack uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Builtin {
    /// Invisible, bidirectional or mixed-script characters outside any other finding.
    HiddenCharacters,
    /// Payment × count, APR and total recomputed from the facts and the message: the nominal rate in the US (Reg Z
    /// appendix J), the effective one in the UK and the EU.
    CreditArithmetic,
    /// Images without alternative text, vague link text, missing plain text.
    HtmlAccess,
    /// A link whose text names another host than its target.
    LinkTarget,
    /// Links, images and colours that the brand does not allow.
    BrandHtml,
    /// Reading grade, sentence length, shouting.
    PlainLanguage,
    /// Length limits of the channel.
    ChannelLength,
    /// Local sending time outside the hours of the recipient's state and weekday.
    QuietHours,
    /// A postal address in the message.
    PostalAddress,
    /// Deadlines and counts of an offer that its facts do not prove.
    OfferProof,
    /// Performance whose period ends before the last calendar year-end.
    PerformancePeriod,
    /// A sentence that reads like a known violation and that no rule spoke about.
    Resembles,
    /// Merge tags, greetings without a name, sample text.
    Placeholder,
    /// Names of other firms and products.
    OtherNames,
    /// A message that says nothing.
    NoStatement,
    /// A record of consent that is over, or that was given to another sender, for another channel or purpose.
    ConsentRecord,
    /// A record of the audit trail that lacks actor, time or versions, or a delivery without approval.
    RecordFields,
}

impl Builtin {
    /// The name a pack uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::HiddenCharacters => "hidden_characters",
            Self::CreditArithmetic => "credit_arithmetic",
            Self::HtmlAccess => "html_access",
            Self::LinkTarget => "link_target",
            Self::BrandHtml => "brand_html",
            Self::PlainLanguage => "plain_language",
            Self::ChannelLength => "channel_length",
            Self::QuietHours => "quiet_hours",
            Self::PostalAddress => "postal_address",
            Self::OfferProof => "offer_proof",
            Self::PerformancePeriod => "performance_period",
            Self::Resembles => "resembles",
            Self::Placeholder => "placeholder",
            Self::OtherNames => "other_names",
            Self::NoStatement => "no_statement",
            Self::ConsentRecord => "consent_record",
            Self::RecordFields => "record_fields",
        }
    }
}
