//! Where a message says who sends it: the imprint, and the lines under a signature.

use super::surroundings::{Surroundings, is_closing};
use crate::domain::message::{Message, MoreKind};
use crate::text::html;
use crate::text::mapped::Mapped;
use regex::Regex;
use std::cell::OnceCell;
use std::sync::LazyLock;

/// The texts that readers see, mark-up taken out once and only when it is asked for.
pub(super) struct VisibleTexts<'m> {
    message: &'m Message,
    pages: OnceCell<Vec<Mapped>>,
}

impl<'m> VisibleTexts<'m> {
    pub fn of(message: &'m Message) -> Self {
        Self {
            message,
            pages: OnceCell::new(),
        }
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        let message = self.message;
        let more = || message.more.iter().filter(|more| more.shown);
        let pages = self.pages.get_or_init(|| {
            let further = more().filter(|more| more.kind == MoreKind::Html);
            let pages = message.html.iter().chain(further.map(|more| &more.text));
            pages.map(|page| html::visible_text(page)).collect()
        });
        let plain = more().filter(|more| more.kind == MoreKind::Text);
        std::iter::once(message.body.as_str())
            .chain(plain.map(|more| more.text.as_str()))
            .chain(pages.iter().map(Mapped::text))
    }

    /// An imprint: an address beside a company's name, or in the last part of a text beside the sender's name or the way
    /// to opt out. The same street elsewhere in the message is the sender's too.
    pub fn names_sender_beside(&self, street: &str) -> bool {
        !street.is_empty()
            && self.texts().any(|text| {
                text.match_indices(street).any(|(at, _)| {
                    is_in_closing(self.message, text, at, street.len())
                        || is_behind_company(text, at, street.len())
                })
            })
    }

    /// Whether a telephone number or a mailbox stands in the imprint: in a paragraph of the closing that names the sender or
    /// the way to opt out.
    pub fn has_in_imprint(&self, value: &str) -> bool {
        self.message.complete
            && self.texts().any(|text| {
                text.match_indices(value)
                    .any(|(at, _)| is_closing(text, at) && self.is_imprint(paragraph(text, at)))
            })
    }

    fn is_imprint(&self, paragraph: &str) -> bool {
        let lower = paragraph.to_lowercase();
        let name = self.message.facts.text("firm_name");
        name.is_some_and(|name| lower.contains(&name.to_lowercase()))
            || OPT_OUT.iter().any(|word| lower.contains(word))
    }
}

/// The lines round a place that no blank line parts.
fn paragraph(text: &str, at: usize) -> &str {
    let from = text[..at].rfind("\n\n").map_or(0, |end| end + 2);
    let to = text[at..].find("\n\n").map_or(text.len(), |end| at + end);
    &text[from..to]
}

const OPT_OUT: [&str; 9] = [
    "unsubscribe",
    "opt out",
    "opt-out",
    "optout",
    "preferences",
    "stop these",
    "object to",
    "withdraw",
    "you receive this",
];

/// Words that end or are part of a company's name.
const COMPANY: [&str; 28] = [
    "Inc",
    "LLC",
    "Ltd",
    "Bank",
    "Financial",
    "Credit",
    "Securities",
    "plc",
    "PLC",
    "GmbH",
    "Corp",
    "Company",
    "Insurance",
    "Mutual",
    "Union",
    "Capital",
    "Trust",
    "Clinic",
    "Health",
    "Group",
    "Savings",
    "Wealth",
    "Partners",
    "Pay",
    "Lending",
    "Academy",
    "School",
    "Limited",
];

fn near(text: &str, at: usize, length: usize, before: usize, behind: usize) -> &str {
    let from = text.floor_char_boundary(at.saturating_sub(before));
    let to = text.ceil_char_boundary((at + length + behind).min(text.len()));
    &text[from..to]
}

/// In the last part of a complete message, beside the sender's name or the way to opt out.
fn is_in_closing(message: &Message, text: &str, at: usize, length: usize) -> bool {
    if !is_closing(text, at) || !message.complete {
        return false;
    }
    let around = near(text, at, length, 160, 220);
    let lower = around.to_lowercase();
    let named = message
        .facts
        .text("firm_name")
        .is_some_and(|name| around.contains(name));
    named || OPT_OUT.iter().any(|word| lower.contains(word))
}

fn is_behind_company(text: &str, at: usize, length: usize) -> bool {
    let before = near(text, at, length, 60, 0);
    let before = &before[..before.len().saturating_sub(length)];
    COMPANY.iter().any(|word| before.contains(word))
}

/// Under a closing line: `Kind regards, / Jane Doe, Branch Manager / 218-…`. Who signs writes for the firm.
pub(super) fn is_signature(around: &Surroundings) -> bool {
    around.closing && SIGNED.is_match(&around.before)
}

#[expect(
    clippy::expect_used,
    reason = "constant pattern, covered by the tests of this file"
)]
static SIGNED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?im)^[ \t]*(?:(?:with )?(?:kind|best|warm|warmest)? ?(?:regards|wishes)|(?:yours )?(?:sincerely|truly|faithfully|respectfully|cordially)(?: yours)?|best|cheers|thanks|thank you|many thanks",
        r"|mit (?:freundlichen|besten|herzlichen) grüßen|(?:viele|beste|herzliche) grüße|cordialement|bien à vous|(?:un )?saludos?(?: cordial(?:es)?)?|atentamente|cordiali saluti|distinti saluti|met vriendelijke groet(?:en)?|atenciosamente|z poważaniem|med vänlig hälsning|med venlig hilsen),?[ \t]*(?:$|[—–-])"
    ))
    .expect("constant pattern")
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_signs_writes_for_the_firm() {
        let text = "We are glad.\n\nKind regards,\nJane Doe, Branch Manager\n218-433-0140";
        let at = text.find("218").unwrap();
        assert!(is_signature(&Surroundings::of(text, at, text.len())));
        let text = "Best rates for Jane Doe, 218-433-0140";
        let at = text.find("218").unwrap();
        assert!(!is_signature(&Surroundings::of(text, at, text.len())));
    }
}
