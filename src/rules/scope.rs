//! Whose law a rule is, and when: recipient, channel, product, date.

use super::compile::CompiledRule;
use super::evaluate::Prepared;
use crate::domain::jurisdiction::Jurisdiction;
use chrono::NaiveDate;

/// Why a rule does not apply to this message.
pub(super) fn why_not(rule: &CompiledRule, prepared: &Prepared<'_>) -> Option<String> {
    let (rule, message) = (&rule.rule, prepared.message);
    if let (false, Some(recipient)) = (rule.jurisdiction.is_empty(), &message.jurisdiction)
        && !rule
            .jurisdiction
            .iter()
            .any(|scope: &Jurisdiction| recipient.is_within(scope))
    {
        return Some(format!("recipient is in {recipient}"));
    }
    if let (false, Some(channel)) = (rule.channel.is_empty(), message.channel)
        && !rule.channel.contains(&channel)
    {
        return Some(format!("channel is {channel}"));
    }
    if let (false, Some(product)) = (rule.product.is_empty(), &message.product)
        && !rule.product.iter().any(|p| p.eq_ignore_ascii_case(product))
    {
        return Some("another product".into());
    }
    let day = prepared.day?;
    let date = |text: &Option<String>| {
        text.as_deref()
            .and_then(|t| NaiveDate::parse_from_str(t, "%Y-%m-%d").ok())
    };
    if date(&rule.effective_from).is_some_and(|from| day < from) {
        return Some(format!(
            "in effect from {}",
            rule.effective_from.as_deref().unwrap_or("")
        ));
    }
    if date(&rule.effective_to).is_some_and(|to| day > to) {
        return Some(format!(
            "in effect until {}",
            rule.effective_to.as_deref().unwrap_or("")
        ));
    }
    None
}
