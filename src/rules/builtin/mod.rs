//! Computed checks: what no list of words can say. A pack names them; their thresholds are the law's or the firm's.

mod consent;
mod credit;
mod layout;
mod link;
mod name;
mod names;
mod performance;
mod placeholder;
mod record;
mod sending;

pub use name::Builtin;

use super::draft::RawFinding;
use super::prepared::Prepared;

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
