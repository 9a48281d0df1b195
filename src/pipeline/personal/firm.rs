//! What is the firm's own: its lines, mailboxes and addresses, by its facts, by its domain, and by the words beside them.

use super::imprint::{VisibleTexts, is_signature};
use super::public::{digits, is_fictional, is_service_line};
use super::surroundings::Surroundings;
use crate::domain::message::Message;
use crate::pii::PiiKind;
use crate::text::pattern::constant;
use regex::Regex;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// How well it is shown that a value is the firm's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shows {
    Nothing,
    /// The words or the place beside it; other personal data right there speaks against it.
    Place,
    /// A fact, the sender's domain, the number's own digits, `call us on`.
    Record,
}

/// What the message's facts and links say of its sender.
pub(super) struct Firm<'m> {
    message: &'m Message,
    shown: VisibleTexts<'m>,
    /// Texts and numbers of the facts that speak of the firm.
    facts: Vec<String>,
    domains: BTreeSet<String>,
    /// Letters and digits of the firm's name, in small letters.
    name: Option<String>,
}

/// Facts of these names speak of somebody else than the firm.
const NOT_THE_FIRM: [&str; 12] = [
    "customer",
    "recipient",
    "client",
    "patient",
    "borrower",
    "spouse",
    "beneficiary",
    "consent",
    "endorser",
    "testimonial",
    "subscriber",
    "user",
];

/// Whose mailboxes belong to whoever opens one.
const MAILBOX_PROVIDERS: [&str; 16] = [
    "gmail",
    "googlemail",
    "outlook",
    "hotmail",
    "live",
    "msn",
    "yahoo",
    "ymail",
    "aol",
    "icloud",
    "me",
    "mac",
    "gmx",
    "web",
    "proton",
    "protonmail",
];

/// Local parts of mailboxes that a post holds and not a person (RFC 2142 and their like).
const ROLES: &str = "abuse accessibility accounts admin billing branch business care claims clientcare clients complaints compliance \
    contact customercare customerservice customersupport customer datenschutz dpo dataprotection deals enquiries feedback finance \
    hallo hello help helpdesk hi hola info inquiries kontakt legal loans mail marketing member members membership membercare \
    memberservices mortgages news newsletter no-reply noreply donotreply do-not-reply office orders postmaster press privacy \
    privacyoffice questions reply sales security service services serviceclients servicio soporte support team unsubscribe webmaster \
    welcome";

impl<'m> Firm<'m> {
    pub fn of(message: &'m Message) -> Self {
        let mut facts = Vec::new();
        for (key, value) in &message.facts.0 {
            collect(key, value, &mut facts);
        }
        let mut domains = BTreeSet::new();
        let pages = message.parts().into_iter().map(|(_, text)| text);
        for text in facts.iter().map(String::as_str).chain(pages) {
            for (at, _) in text.match_indices("://") {
                domains.extend(registrable(host(&text[at + 3..])));
            }
        }
        for fact in &facts {
            for (at, _) in fact.match_indices('@') {
                domains.extend(registrable(host(&fact[at + 1..])));
            }
        }
        let name = message.facts.text("firm_name").map(letters);
        Self {
            message,
            shown: VisibleTexts::of(message),
            facts,
            domains,
            name,
        }
    }

    /// How well it is shown that the value is the firm's.
    pub fn shows(&self, kind: PiiKind, value: &str, around: &Surroundings) -> Shows {
        match kind {
            PiiKind::Phone => self.phone(value, around),
            PiiKind::Email => self.mailbox(value, around),
            PiiKind::Address => self.address(value, around),
            _ => Shows::Nothing,
        }
    }

    fn phone(&self, value: &str, around: &Surroundings) -> Shows {
        let own = digits(value);
        let core = own.trim_start_matches('0');
        let core = core
            .strip_prefix('1')
            .filter(|c| c.len() == 10)
            .unwrap_or(core);
        let on_record =
            core.len() >= 6 && self.facts.iter().any(|fact| digits(fact).contains(core));
        let place = self.message.jurisdiction.as_ref();
        if on_record || is_service_line(value, place) {
            return Shows::Record;
        }
        self.contact(value, around, is_fictional(value))
    }

    fn mailbox(&self, value: &str, around: &Surroundings) -> Shows {
        let lower = value.to_lowercase();
        if self
            .facts
            .iter()
            .any(|fact| fact.to_lowercase().contains(&lower))
        {
            return Shows::Record;
        }
        let Some((local, domain)) = lower.split_once('@') else {
            return self.contact(value, around, false);
        };
        let Some(domain) = registrable(domain) else {
            return self.contact(value, around, false);
        };
        let label = letters(domain.split('.').next().unwrap_or_default());
        let named = label.len() >= 5
            && self
                .name
                .as_ref()
                .is_some_and(|name| name.starts_with(&label) || label.starts_with(name));
        let authority = domain.split('.').any(|label| label == "gov")
            || domain.ends_with("europa.eu")
            || domain == "financial-ombudsman.org.uk";
        if self.domains.contains(&domain)
            || named
            || authority
            || ROLES.split_whitespace().any(|role| role == local)
        {
            return Shows::Record;
        }
        self.contact(value, around, false)
    }

    /// What the words beside a number or a mailbox say of whose it is.
    fn contact(&self, value: &str, around: &Surroundings, fictional: bool) -> Shows {
        let before = around.sentence_before();
        if OURS.is_match(before) || AUTHORITY.is_match(before) {
            return Shows::Record;
        }
        if self.is_somebodys(before) && !is_signature(around) {
            return Shows::Nothing;
        }
        let placed = fictional
            || CALLED.is_match(before)
            || STAFF.is_match(before)
            || around.closing && STAFF.is_match(last_lines(&around.before))
            || is_signature(around)
            || self.shown.has_in_imprint(value);
        if placed { Shows::Place } else { Shows::Nothing }
    }

    /// Whether the words right before a value are the firm's name.
    fn is_named_in(&self, before: &str) -> bool {
        let from = before.floor_char_boundary(before.len().saturating_sub(70));
        let before = letters(&before[from..]);
        self.name
            .as_ref()
            .is_some_and(|name| name.len() >= 4 && before.contains(name))
    }

    fn address(&self, value: &str, around: &Surroundings) -> Shows {
        let facts = &self.message.facts;
        let street = value.split(',').next().unwrap_or(value).trim();
        let before = around.sentence_before();
        if AUTHORITY.is_match(before) || self.is_named_in(before) {
            return Shows::Record;
        }
        if THEIRS.is_match(before) || LIVES.is_match(before) {
            return Shows::Nothing;
        }
        let named = !street.is_empty()
            && (self.shown.names_sender_beside(street)
                || OUR_PLACE.is_match(around.sentence_before())
                || self.facts.iter().any(|fact| fact.contains(street)));
        let own = match facts.text("postal_address") {
            // The address on record is the sender's, and another one is only if a fact or the words say so.
            Some(own) => {
                own.contains(street)
                    || street.contains(own)
                    || OUR_PLACE.is_match(around.sentence_before())
                    || self
                        .facts
                        .iter()
                        .any(|fact| street.len() >= 8 && fact.contains(street))
            }
            None => {
                facts.flag("postal_address") == Some(true)
                    || self.message.customer.is_none() && facts.text("firm_name").is_some()
                    || named
            }
        };
        if own { Shows::Record } else { Shows::Nothing }
    }

    /// Whether the words before a number or a mailbox name a person who does not write for the firm.
    fn is_somebodys(&self, before: &str) -> bool {
        let from = before.floor_char_boundary(before.len().saturating_sub(90));
        let before = &before[from..];
        if THEIRS.is_match(before) {
            return true;
        }
        if STAFF.is_match(before) {
            return false;
        }
        FULL_NAME.find_iter(before).any(|found| {
            let words: Vec<&str> = found.as_str().split_whitespace().collect();
            let known = words.iter().any(|word| {
                NOT_A_NAME
                    .split_whitespace()
                    .any(|known| known.eq_ignore_ascii_case(word))
            });
            let firm = self
                .name
                .as_ref()
                .is_some_and(|name| name.contains(&letters(found.as_str())));
            !known && !firm
        })
    }
}

/// What stands right above a line: a name and a post, under a letter that ends without a greeting.
fn last_lines(before: &str) -> &str {
    let from = before.floor_char_boundary(before.len().saturating_sub(90));
    let before = before[from..].trim_end_matches(|c: char| !c.is_alphanumeric());
    before.rsplit("\n\n").next().unwrap_or_default()
}

fn collect(key: &str, value: &Value, facts: &mut Vec<String>) {
    let lower = key.to_lowercase();
    if NOT_THE_FIRM.iter().any(|other| lower.contains(other)) {
        return;
    }
    match value {
        Value::String(text) => facts.push(text.clone()),
        Value::Number(number) => facts.push(number.to_string()),
        Value::Array(list) => list.iter().for_each(|item| collect(key, item, facts)),
        Value::Object(map) => map.iter().for_each(|(key, item)| collect(key, item, facts)),
        Value::Null | Value::Bool(_) => {}
    }
}

fn letters(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn host(text: &str) -> &str {
    let end = text
        .find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-')))
        .unwrap_or(text.len());
    text[..end].trim_end_matches('.')
}

/// The name that a firm registers: `mail.x.co.uk` is `x.co.uk`. None for providers of mailboxes.
fn registrable(host: &str) -> Option<String> {
    let host = host.to_lowercase();
    let labels: Vec<&str> = host.split('.').filter(|label| !label.is_empty()).collect();
    let second = [
        "co", "com", "org", "net", "gov", "ac", "edu", "ltd", "plc", "or", "ne", "gob",
    ];
    let take = match labels.as_slice() {
        [.., middle, last] if last.len() == 2 && second.contains(middle) && labels.len() > 2 => 3,
        [_, _, ..] => 2,
        _ => return None,
    };
    let kept = &labels[labels.len() - take..];
    (!MAILBOX_PROVIDERS.contains(&kept[0])).then(|| kept.join("."))
}

/// Between a cue and a value: other numbers, `at`, `on`, a colon.
const LEADING: &str = r"(?:[ ,(:]+(?:(?:at|on|under|by|via|is|free|toll[- ]free|or|and|tty|tel|phone|text|fax|e-?mail|au|al|op|unter|now|today|directly|anytime|\+?\d[\d ().-]{4,16})\b[ ,.):/]*)*)?[\s(<:]*$";

/// The firm speaks of itself: `call us on`, `our number is`, `reach me at`.
static OURS: LazyLock<Regex> = LazyLock::new(|| {
    constant(&format!(
        "{}{LEADING}",
        concat!(
            r"(?i)\b(?:",
            r"(?:call|phone|ring|dial|text|fax|contact|reach|email|e-mail|message|whatsapp|visit|tell|ask|help)(?:ing)? (?:us|me)(?: (?:back|anytime|free|today|now|toll-free|directly|any time))?",
            r"|(?:write|writing|speak|talk|reply|send it|get in touch|in touch|get back|forward it|report it) (?:to|with) (?:us|me|our [\w' -]{1,40}|your [\w' -]{1,40})",
            r"|(?:call|phone|ring|contact|reach|email|e-mail|text|ask) (?:our|your) [\w' -]{1,45}",
            r"|our (?:[\w'-]+ ){0,4}?(?:number|line|helpline|hotline|phone|telephone|fax|mailbox|e-?mail(?: address)?|address|team|office|branch|desk|centre|center|service|support|department|officer)(?: (?:is|are))?",
            r"|rufen sie uns(?: an)?|erreichen sie uns|schreiben sie uns|appelez-nous|contactez-nous|écrivez-nous|llámenos|llámanos|contáctenos|escríbanos|chiamaci|contattaci|scrivici|bel ons|mail ons|ligue para nós",
            r")"
        )
    ))
});

/// A call to the reader, or a label: whose it is, the words leave open, and a message to a customer gives its own.
static CALLED: LazyLock<Regex> = LazyLock::new(|| {
    constant(&format!(
        "{}{LEADING}",
        r"(?i)(?:\b(?:call|phone|ring|dial|text|fax|contact|write to|e-?mail|reply to|anrufen|telefon|tel|t|ph|téléphone|teléfono|telefono|appelez|llame|chiama|tty|tdd|helpline|hotline|freephone|toll[- ]free|customer (?:service|care|support)|(?:member|client) services?|support|help ?desk|questions|enquiries|inquiries|info|sms|whatsapp|mobile|office|branch|reservations|appointments|bookings?|orders?|emergenc(?:y|ies)|claims|main line|switchboard|reception)\b[.:?!]?|☎|📞|✉)"
    ))
});

/// `our branch at …`, `visit us at …`, `return it to …`: a place of the firm.
static OUR_PLACE: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?i)\b(?:our (?:[\w'-]+ ){0,4}?(?:office|branch|store|shop|clinic|showroom|headquarters|studio|gallery|restaurant|warehouse|address|place|location|premises|school|campus|workshop)\b[^.\n]{0,30}|(?:visit|see|meet|join|find) us(?: \w+){0,3}? (?:at|in|on)|write to us(?: \w+){0,2}?(?: at)?|(?:registered|head|principal) (?:office|address)[^.\n]{0,30}|(?:come|drop|stop|walk) (?:in|by|over)?(?: \w+){0,3}? (?:at|to)|(?:return|mail|send) (?:it|them|this|the \w+|your \w+) (?:back )?to|branch(?: is| at| on)?|address|imprint|anschrift|sitz)[ :]*$",
    )
});

/// Offices of the state and of arbitration, to which a message must send its readers.
static AUTHORITY: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"\b(?:Bureau|Commission|Ombudsman|Authority|Administration|Department of|Attorney General|Comptroller|Federal Reserve|Information Commissioner|Bundesanstalt|Datenschutzbeauftragte|Verbraucherzentrale|Regulator|FINRA|FTC|CFPB|FDIC|NCUA|SEC|FCA|ICO|BaFin|CNIL|IRS|HUD)\b[^.\n]{0,90}$",
    )
});

/// Somebody else's: `his number`, `the borrower's mobile`.
static THEIRS: LazyLock<Regex> = LazyLock::new(|| {
    constant(concat!(
        r"(?i)\b(?:his|her|their|him|them)\b[^.!?\n]{0,40}$",
        r"|\b(?:customer|client|patient|borrower|applicant|claimant|tenant|policyholder|cardholder|beneficiary|spouse|husband|wife|son|daughter|mother|father|neighbou?r|colleague|friend|guarantor|debtor|payee|lead|prospect|contact person)(?:'s)?(?: (?:name|phone|number|mobile|cell|e-?mail|tel|telephone|home|work|no|id|contact|is|at|on|reached|record|file)| \p{Lu}[\w'.-]*)*[ :=,(]*$"
    ))
});

/// Where somebody lives is no place of a firm.
static LIVES: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?i)\b(?:lives?|lived|living|resid(?:es|ed|ing)|residence)(?: \w+)?(?: (?:at|in|on))?[ :]*$",
    )
});

/// Two or three capitalised words, as a name of a person is written.
static FULL_NAME: LazyLock<Regex> =
    LazyLock::new(|| constant(r"\b\p{Lu}[\p{Ll}'’-]+(?: \p{Lu}\.?)? \p{Lu}[\p{L}'’-]{2,}"));

/// A post in the firm: `your banker`, `Jane Roe, Branch Manager`, the same on two lines.
static STAFF: LazyLock<Regex> = LazyLock::new(|| {
    constant(concat!(
        r"(?:\b(?i:your|our) |\p{Lu}[\p{Ll}'’-]+(?:, ?| ?\(|\n| [–-] | is (?:(?i:your|our|the) )?))(?:[\w'-]+ ){0,3}?",
        r"(?i:manager|advis[eo]r|agent|officer|specialist|director|consultant|representative|broker|doctor|counsel|banker|planner|secretary|coordinator|president|founder|head of|underwriter|team|teller|pharmacist|nurse|dentist|attorney|trustee|owner|editor|engineer|partner)\b"
    ))
});

/// Capitalised words of firms, posts, places and days.
const NOT_A_NAME: &str = "call text phone tel telephone fax contact email e-mail questions customer customers service services \
    support team line office branch street road avenue lane drive help desk centre center department member members client \
    relations privacy data protection officer compliance bank banks banking loans loan claims medicare medicaid state county national \
    federal trade commission bureau board authority ombudsman administration agency monday tuesday wednesday thursday friday \
    saturday sunday january february march april may june july august september october november december inc llc ltd plc gmbh \
    corp company insurance mutual union capital trust clinic health group savings wealth partners pay lending academy school \
    financial credit securities limited mortgage mortgages family dental medical care club card cards account accounts home main \
    north south east west new san los fort lake hill park square building suite floor if or and the our your for please have \
    dear hi hello to at on";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shows(body: &str, value: &str, kind: PiiKind) -> Shows {
        let message = Message {
            body: body.into(),
            facts: serde_json::from_value(json!({
                "firm_name": "Lakeview Family Clinic", "support_phone": "+1 218 433 0140",
                "opt_out_url": "https://lakeviewclinic.example/u"
            }))
            .unwrap(),
            complete: true,
            ..Message::default()
        };
        let at = body.find(value).unwrap();
        Firm::of(&message).shows(kind, value, &Surroundings::of(body, at, at + value.len()))
    }

    #[test]
    fn numbers_of_the_firm_are_told_by_facts_words_and_place() {
        for body in [
            "Nothing says so: (218) 433-0140",
            "Call us on 415-433-2671.",
            "Call me at 415-433-2671 and I will help.",
            "Speak to our claims team on 415-433-2671",
            "Our number is 415-433-2671",
            "Reach your branch manager Jane Roe at 415-433-2671",
            "Toll-free 1-866-433-2671",
        ] {
            let value = body[body.find(|c: char| c.is_ascii_digit()).unwrap()..]
                .trim_end_matches(|c: char| !c.is_ascii_digit());
            let value = value.split(" and").next().unwrap();
            assert!(shows(body, value, PiiKind::Phone) >= Shows::Place, "{body}");
        }
        let imprint = "Hello.\n\nLakeview Family Clinic, 12 Harbor Road, Duluth · 415-433-2671\nUnsubscribe: x";
        assert_eq!(shows(imprint, "415-433-2671", PiiKind::Phone), Shows::Place);
        let signed = "Hello.\n\nKind regards,\nJane Roe, Branch Manager\n415-433-2671";
        assert_eq!(shows(signed, "415-433-2671", PiiKind::Phone), Shows::Place);
        let call = "book at https://x.example/b or call 415-433-2671.";
        assert_eq!(shows(call, "415-433-2671", PiiKind::Phone), Shows::Place);
    }

    #[test]
    fn numbers_of_others_are_not_the_firms() {
        for body in [
            "Similar file: Desmond Fairley, 520-433-0177",
            "Her number is 520-433-0177",
            "The borrower's mobile: 520-433-0177",
            "Call Desmond Fairley at 520-433-0177",
            "He lives there, 520-433-0177",
            "Your friend Desmond gave us 520-433-0177",
            "NOTE TO AGENT: Desmond Fairley, 520-433-0177",
        ] {
            assert_eq!(
                shows(body, "520-433-0177", PiiKind::Phone),
                Shows::Nothing,
                "{body}"
            );
        }
    }

    #[test]
    fn mailboxes_are_told_by_their_domain_and_post() {
        for (value, body) in [
            (
                "jane@mail.lakeviewclinic.example",
                "x jane@mail.lakeviewclinic.example",
            ),
            ("info@other.example", "Ask info@other.example"),
            ("ann@lakeview.example", "Here is ann@lakeview.example"),
            ("jroe@other.example", "write to us at jroe@other.example"),
            ("help.me@consumer.gov", "see help.me@consumer.gov"),
        ] {
            assert_eq!(shows(body, value, PiiKind::Email), Shows::Record, "{body}");
        }
        assert_eq!(
            shows(
                "file: d.fairley@oldmail.example, 5",
                "d.fairley@oldmail.example",
                PiiKind::Email
            ),
            Shows::Nothing
        );
        assert_eq!(
            shows(
                "from https://gmail.com d.f@gmail.com",
                "d.f@gmail.com",
                PiiKind::Email
            ),
            Shows::Nothing
        );
    }
}
