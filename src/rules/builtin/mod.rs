//! Computed checks: what no list of words can say. A pack names them; their thresholds are the law's or the firm's.

mod consent;
mod credit;
mod layout;
mod link;
mod names;
mod performance;
mod placeholder;
mod record;
mod sending;

use super::draft::RawFinding;
use super::prepared::Prepared;
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

/// Runs one check; each draft becomes a finding of the rule that named it.
pub(super) fn run(
    builtin: Builtin,
    prepared: &Prepared<'_>,
    report: &mut dyn FnMut(RawFinding<'_>),
) {
    match builtin {
        Builtin::HiddenCharacters => layout::hidden_characters(prepared, report),
        Builtin::CreditArithmetic => credit::arithmetic(prepared, report),
        Builtin::HtmlAccess => layout::html_access(prepared, report),
        Builtin::LinkTarget => link::link_target(prepared, report),
        Builtin::BrandHtml => layout::brand_html(prepared, report),
        Builtin::PlainLanguage => layout::plain_language(prepared, report),
        Builtin::ChannelLength => layout::channel_length(prepared, report),
        Builtin::QuietHours => sending::quiet_hours(prepared, report),
        Builtin::PostalAddress => sending::postal_address(prepared, report),
        Builtin::OfferProof => sending::offer_proof(prepared, report),
        // Needs what the other rules said: the book runs it itself, last.
        Builtin::Resembles => {}
        Builtin::PerformancePeriod => performance::period_end(prepared, report),
        Builtin::Placeholder => placeholder::placeholders(prepared, report),
        Builtin::OtherNames => names::other_names(prepared, report),
        Builtin::NoStatement => names::no_statement(prepared, report),
        Builtin::ConsentRecord => consent::record(prepared, report),
        Builtin::RecordFields => record::fields(prepared, report),
    }
}
