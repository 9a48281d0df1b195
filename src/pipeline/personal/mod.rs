//! Personal data in a message, by whose it is: the recipient's own, the firm's, or somebody else's.
//!
//! A greeting holds the recipient's name, a footer where the mail went, an imprint the firm's address: a gate that holds
//! these back is switched off. What is somebody else's, and numbers that open accounts, may not go out.

mod firm;
mod imprint;
mod public;
mod recipient;
mod surroundings;

use crate::domain::finding::{Check, Coverage, Disposition, Finding, Part, Polarity, Severity};
use crate::domain::law::LegalStatus;
use crate::domain::message::Message;
use crate::pii::{self, AllowList, HitReason, KnownValues, PiiHit, PiiKind, Scanner};
use firm::{Firm, Shows};
use recipient::RecipientMention;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use surroundings::Surroundings;

const RULE: &str = "core.pii";

/// That every part was looked at.
pub(super) fn coverage(message: &Message) -> Coverage {
    Coverage {
        rules: 1,
        rule: RULE.into(),
        check: Check::Pii,
        parts: message.parts().into_iter().map(|(part, _)| part).collect(),
        skipped: None,
        out_of_force: None,
    }
}

/// Whose a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Firms(Shows),
    Recipients(RecipientMention),
    /// Somebody else's, as far as anybody can tell.
    Others,
}

/// One value, where it stands.
struct SeenValue<'t> {
    part: Part,
    text: &'t str,
    hit: PiiHit,
    whose: Whose,
}

/// Personal data in any part, one finding a value: its strictest and first place. A finding holds a tag, never the value.
pub(super) fn findings(message: &Message, allow: &AllowList) -> Vec<Finding> {
    let known = message.customer.as_deref().map(KnownValues::of_profile);
    let scanner = Scanner {
        known: known.as_ref(),
        allow: Some(allow),
    };
    let mut firm = None;
    let mut one_a_value: BTreeMap<(PiiKind, String), (Finding, usize)> = BTreeMap::new();
    for (part, text) in message.parts() {
        let hits = scanner.scan(text);
        if hits.is_empty() {
            continue;
        }
        let firm = firm.get_or_insert_with(|| Firm::of(message));
        let mut seen: Vec<SeenValue<'_>> = hits
            .into_iter()
            .map(|hit| SeenValue {
                part,
                text,
                whose: whose(firm, text, &hit),
                hit,
            })
            .collect();
        distrust_company(&mut seen);
        let repeats = message.repeats_body(part);
        for seen in seen {
            let Some(finding) = finding(&seen) else {
                continue;
            };
            let value = &text[seen.hit.start..seen.hit.end];
            match one_a_value.entry((seen.hit.kind, plain(seen.hit.kind, value))) {
                Entry::Vacant(place) => {
                    place.insert((finding, 1));
                }
                Entry::Occupied(mut place) => {
                    let (kept, times) = place.get_mut();
                    *times += usize::from(!repeats);
                    if finding.disposition > kept.disposition && !repeats {
                        *kept = finding;
                    }
                }
            }
        }
    }
    one_a_value
        .into_values()
        .map(|(mut finding, times)| {
            if times > 1 {
                finding.why = format!("{} It stands here {times} times.", finding.why);
            }
            finding
        })
        .collect()
}

/// A value as it is told from others, whatever its signs. The recipient's name is one value in all its forms.
fn plain(kind: PiiKind, value: &str) -> String {
    match kind {
        PiiKind::Name => String::new(),
        PiiKind::Phone => {
            let digits = public::digits(value);
            let from = digits.len().saturating_sub(9);
            digits[from..].to_owned()
        }
        _ => value
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect(),
    }
}

fn whose(firm: &Firm<'_>, text: &str, hit: &PiiHit) -> Whose {
    let value = &text[hit.start..hit.end];
    let around = Surroundings::of(text, hit.start, hit.end);
    if hit.reason == HitReason::KnownValue {
        return Whose::Recipients(match hit.kind {
            PiiKind::Name => recipient::name(&around),
            _ => recipient::contact(&around),
        });
    }
    match firm.shows(hit.kind, value, &around) {
        Shows::Nothing => Whose::Others,
        shows => Whose::Firms(shows),
    }
}

/// Bytes between a value and another one in the same line that make both parts of one record.
const SAME_RECORD: usize = 80;

/// What only its place gives to the firm, and stands in a line with somebody else's data, is that person's.
fn distrust_company(seen: &mut [SeenValue<'_>]) {
    for at in 0..seen.len() {
        if seen[at].whose != Whose::Firms(Shows::Place) {
            continue;
        }
        let beside = |other: Option<&SeenValue<'_>>| {
            other.is_some_and(|other| {
                let (first, second) = if other.hit.start < seen[at].hit.start {
                    (&other.hit, &seen[at].hit)
                } else {
                    (&seen[at].hit, &other.hit)
                };
                let between = other.text.get(first.end..second.start).unwrap_or_default();
                other.whose == Whose::Others
                    && between.len() <= SAME_RECORD
                    && !between.contains('\n')
            })
        };
        let before = at.checked_sub(1).and_then(|at| seen.get(at));
        if beside(before) || beside(seen.get(at + 1)) {
            seen[at].whose = Whose::Others;
        }
    }
}

/// Digits from which a number may open an account: the shortest that banks issue have eight.
const REFERENCE: usize = 8;

/// What a value comes to.
fn finding(seen: &SeenValue<'_>) -> Option<Finding> {
    let SeenValue {
        part, hit, whose, ..
    } = seen;
    let value = &seen.text[hit.start..hit.end];
    // A short reference, as of a loan in its own statement, opens no account by itself.
    let is_reference = hit.kind == PiiKind::Account
        && hit.reason == HitReason::Context
        && value.chars().filter(char::is_ascii_digit).count() < REFERENCE;
    let sure = hit.score >= pii::BLOCK_FROM && !is_reference;
    let (disposition, why, fix) = match whose {
        Whose::Firms(_) => return None,
        Whose::Recipients(standing) if may_stand(hit.kind) => match standing {
            RecipientMention::Addressed => return None,
            // "We mend every carpenter's bench", to Mr. Carpenter.
            RecipientMention::Elsewhere | RecipientMention::Noted
                if hit.kind == PiiKind::Name
                    && !value.starts_with(char::is_uppercase)
                    && !value.contains(' ') =>
            {
                return None;
            }
            RecipientMention::Noted => (
                Disposition::Info,
                "The recipient's own; the message says where it went.",
                "Nothing to do.",
            ),
            RecipientMention::Elsewhere => (
                Disposition::Review,
                "A value of the customer's own record stands in the text.",
                "Take it out, or see that the recipient needs it there.",
            ),
        },
        Whose::Recipients(_) => (
            Disposition::Block,
            "A value of the customer's own record stands in the message.",
            "Take it out; it must not travel in a message.",
        ),
        Whose::Others => (
            if sure {
                Disposition::Block
            } else {
                Disposition::Review
            },
            match hit.reason {
                HitReason::Validator => {
                    "The shape and its check digits or ranges are those of personal data."
                }
                HitReason::Context => "The words beside it say that it is personal data.",
                HitReason::Shape | HitReason::KnownValue => "The shape is that of personal data.",
            },
            "Take it out. If it is the firm's own, give it among the facts or in the brand file.",
        ),
    };
    Some(Finding {
        rule: format!("{RULE}.{}", hit.kind.as_str().to_lowercase()),
        version: "2".into(),
        check: Check::Pii,
        disposition,
        severity: Severity::High,
        part: *part,
        start: hit.start,
        end: hit.end,
        text: hit.kind.tag().into(),
        polarity: Polarity::None,
        view: "visible".into(),
        missing: Vec::new(),
        citation: "GDPR Art. 5(1)(f); 15 U.S.C. 6801; firm policy on personal data".into(),
        why: why.into(),
        fix: fix.into(),
        replacement: (disposition > Disposition::Info).then(String::new),
        hard: disposition == Disposition::Block,
        title: "Personal data stays with whose it is".into(),
        claim: String::new(),
        source: String::new(),
        legal_status: LegalStatus::InForce,
    })
}

/// The recipient's own values that may stand in a message to them: who and where they are. What opens an account or
/// names them to the state may not.
fn may_stand(kind: PiiKind) -> bool {
    matches!(
        kind,
        PiiKind::Name | PiiKind::Email | PiiKind::Phone | PiiKind::Address
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::profile::Profile;
    use serde_json::json;

    const FOOT: &str = "\n\nHarbor Bank, 10 Pier Road, Portland, ME 04101\nUnsubscribe: https://harborbank.example/u";

    fn message(body: &str) -> Message {
        Message {
            body: format!("{body}{FOOT}"),
            complete: true,
            facts: serde_json::from_value(json!({
                "firm_name": "Harbor Bank", "postal_address": "10 Pier Road, Portland, ME 04101",
                "support_phone": "+1 207 433 0100", "opt_out_url": "https://harborbank.example/u"
            }))
            .unwrap(),
            customer: Profile::from_value(&json!({
                "id": "c", "name": "Maria Gonzalez", "email": "maria.gonzalez84@northmail.example",
                "phone": "+1 (312) 434-0147", "account": "774100982213", "dob": "1984-07-09",
                "address": "58 Larkspur Lane, Naperville, IL 60540"
            }))
            .ok()
            .map(Into::into),
            ..Message::default()
        }
    }

    fn found(message: &Message) -> Vec<(String, Disposition)> {
        findings(message, &AllowList::default())
            .into_iter()
            .map(|f| (f.rule, f.disposition))
            .collect()
    }

    fn worst(body: &str) -> Disposition {
        let found = found(&message(body));
        let worst = found.into_iter().map(|(_, disposition)| disposition).max();
        worst.unwrap_or(Disposition::Pass)
    }

    #[test]
    fn whose_it_is_decides() {
        use Disposition::{Block, Info, Pass, Review};
        for (body, expected) in [
            ("Dear Ms. Gonzalez,\n\nYour card is ready.", Pass),
            ("Dear Mr. and Mrs. Gonzalez,\n\nYour card is ready.", Pass),
            (
                "Maria Gonzalez\n58 Larkspur Lane\n\nDear Maria,\n\nYour card is ready.",
                Info,
            ),
            (
                "Hi Maria,\n\nThis e-mail was sent to maria.gonzalez84@northmail.example.",
                Info,
            ),
            (
                "Hi Maria,\n\nWe'll text you at (312) 434-0147 when it ships.",
                Info,
            ),
            (
                "Hi Maria,\n\nOur agent saw 58 Larkspur Lane and liked it. More soon.",
                Review,
            ),
            (
                "Hi Maria,\n\nWe spoke of Maria Gonzalez in the branch.",
                Review,
            ),
            ("Hi Maria,\n\nYour account 7741 0098 2213 is open.", Block),
            ("Hi Maria,\n\nYou were born on July 9, 1984.", Block),
            (
                "Hi Maria,\n\nQuestions? Call 207-433-0100 or 1-800-433-2000.",
                Pass,
            ),
            (
                "Hi Maria,\n\nVisit our branch at 14 Mill Street, Portland, ME 04101.",
                Pass,
            ),
            (
                "Hi Maria,\n\nYour banker: jane.roe@harborbank.example",
                Pass,
            ),
            (
                "Hi Maria,\n\nKind regards,\nJane Roe\nBranch Manager\n207-433-0177",
                Pass,
            ),
            (
                "Hi Maria,\n\nLena Ortiz\nMortgage Advisor\n207-433-0188",
                Pass,
            ),
            (
                "Hi Maria,\n\nYour banker is Jane Roe (jane.roe@harborbank.example, 207-433-0177).",
                Pass,
            ),
            (
                "Hi Maria,\n\nYour neighbor Desmond Fairley, 520-433-0177, has one.",
                Block,
            ),
            (
                "Hi Maria,\n\nHe lives at 99 Cedar Court, Tucson, AZ 85701.",
                Block,
            ),
            (
                "Hi Maria,\n\nTo verify, ask for Bob at bob.smith@gmail.com.",
                Block,
            ),
            (
                "Hi Maria,\n\nYour NI number AB 12 34 56 C is on file.",
                Block,
            ),
        ] {
            assert_eq!(worst(body), expected, "{body}");
        }
    }

    #[test]
    fn what_stands_beside_somebodys_data_is_theirs() {
        let body = "Hi Maria,\n\nSimilar file: SSN 524-71-0038, 520-555-0177, more.";
        let rules: Vec<String> = found(&message(body))
            .into_iter()
            .map(|(rule, _)| rule)
            .collect();
        assert_eq!(rules, ["core.pii.phone", "core.pii.ssn"]);
        assert_eq!(
            worst("Hi Maria,\n\nWe are at 520-555-0177 today."),
            Disposition::Pass
        );
    }

    #[test]
    fn a_value_is_found_once_in_its_strictest_place() {
        let mut message = message(
            "Hi Maria,\n\nWe know +1 312 434 0147 from a shop, which sells many more things than we do, and we may ask there. \
             We may text you at (312) 434-0147.",
        );
        message.subject = Some("We may text you at 312-434-0147".into());
        assert_eq!(
            found(&message),
            [("core.pii.phone".to_owned(), Disposition::Review)]
        );
        let why = &findings(&message, &AllowList::default())[0].why;
        assert!(why.ends_with("It stands here 3 times."), "{why}");
    }

    #[test]
    fn a_page_is_read_as_its_reader_sees_it() {
        let page = "<p>Dear <b>Ms. Gonzalez</b>,</p><p>Call us on <a href=\"tel:+12074330199\">207-433-0199</a>.</p>";
        let mut message = message("Dear Ms. Gonzalez,\n\nCall us on 207-433-0199.");
        message.html = Some(page.into());
        assert_eq!(found(&message), []);
    }
}
