//! What a field's name means by its words, where no table knows it.

use super::known::{Means, Scope};
use super::leaf::Leaf;
use serde_json::Value;

fn has_any(name: &str, stems: &[&str]) -> bool {
    stems.iter().any(|stem| name.contains(stem))
}

/// Refusals, wherever they stand in a name.
const REFUSALS: [&str; 23] = [
    "optout",
    "optedout",
    "optingout",
    "optsout",
    "unsubscri",
    "donot",
    "dontcontact",
    "dontemail",
    "dontcall",
    "donttext",
    "dontsend",
    "suppress",
    "blacklist",
    "blocklist",
    "objected",
    "objection",
    "complained",
    "spamreport",
    "spam",
    "abgemeldet",
    "widerspr",
    "werbesperre",
    "désabonn",
];

/// Refusals as words of their own.
const REFUSAL_WORDS: [&str; 11] = [
    "dnc",
    "dnd",
    "dnm",
    "unsub",
    "unsubs",
    "unsubbed",
    "desabonne",
    "desinscrit",
    "deceased",
    "baja",
    "optoff",
];

/// Refusals where a channel or marketing is named as well.
const REFUSALS_OF: [&str; 16] = [
    "declin",
    "refus",
    "reject",
    "block",
    "disabl",
    "invalid",
    "badaddress",
    "suspend",
    "inactive",
    "undeliverable",
    "bounce",
    "deny",
    "withdraw",
    "withdrew",
    "revok",
    "banned",
];

const AGREEMENTS: [&str; 16] = [
    "consent",
    "optin",
    "optedin",
    "optsin",
    "subscri",
    "permission",
    "einwillig",
    "zustimm",
    "newsletter",
    "mailinglist",
    "marketable",
    "contactable",
    "emailable",
    "consenso",
    "abonn",
    "suscri",
];

const AGREEMENT_WORDS: [&str; 8] = [
    "gdpr", "dsgvo", "tcpa", "casl", "pecr", "lgpd", "rgpd", "kvkk",
];

/// Agreements where a channel or marketing is named as well.
const AGREEMENTS_TO: [&str; 10] = [
    "okto",
    "canemail",
    "cansms",
    "cantext",
    "cancall",
    "cancontact",
    "maycontact",
    "mayemail",
    "emailok",
    "smsok",
];

/// The same as words of their own.
const AGREEMENT_WORDS_TO: [&str; 18] = [
    "accept",
    "accepts",
    "accepted",
    "agree",
    "agrees",
    "agreed",
    "allow",
    "allows",
    "allowed",
    "receive",
    "receives",
    "want",
    "wants",
    "enable",
    "enabled",
    "permit",
    "permits",
    "permitted",
];

const MARKETING: [&str; 8] = [
    "marketing",
    "promotion",
    "promo",
    "commercial",
    "advert",
    "offers",
    "werbung",
    "communication",
];

/// What a consent can be about that no message is.
const ELSEWHERE: [&str; 33] = [
    "cookie",
    "analytics",
    "tracking",
    "donottrack",
    "donotsell",
    "donotshare",
    "optoutsale",
    "salesh",
    "thirdparty",
    "termsof",
    "termsand",
    "acceptedterms",
    "privacypolicy",
    "location",
    "parental",
    "guardian",
    "photo",
    "biometric",
    "creditcheck",
    "autorenew",
    "paperless",
    "estatement",
    "overdraft",
    "autopay",
    "edelivery",
    "edocument",
    "esign",
    "arbitration",
    "directdeposit",
    "roundup",
    "autoenrol",
    "survey",
    "research",
];

/// Last words of what only goes with a consent.
const BESIDE: [&str; 25] = [
    "url", "uri", "link", "href", "token", "page", "template", "label", "html", "rate", "header",
    "key", "id", "ids", "uuid", "score", "plan", "tier", "level", "price", "amount", "currency",
    "interval", "renewal", "product",
];

/// What a leaf says by the words of its name; none if it is about something else.
pub(super) fn means(leaf: &Leaf, whole: &str) -> Option<Means> {
    let words = leaf.words();
    let word = |wanted: &[&str]| words.iter().any(|w| wanted.contains(&w.as_str()));
    let scopes = scopes(&words, whole);
    let is_about = scopes != [Scope::All] || has_any(whole, &MARKETING) || word(&["contact"]);
    if !is_about && has_any(whole, &ELSEWHERE) {
        return Some(Means::Ignored);
    }
    if let Some(means) = of_age(&words, whole) {
        return Some(means);
    }
    let consents = has_any(whole, &AGREEMENTS) || word(&AGREEMENT_WORDS);
    // `no_email`; not `phone_no`, which is its number.
    let says_no = words.windows(2).any(|pair| {
        pair[0] == "no"
            && (self::scopes(&pair[1..], &pair[1]) != [Scope::All] || has_any(&pair[1], &MARKETING))
    });
    let refuses = has_any(whole, &REFUSALS)
        || word(&REFUSAL_WORDS)
        || (is_about || consents)
            && (has_any(whole, &REFUSALS_OF) || word(&["stop", "stops", "stopped"]))
        || says_no;
    let agrees =
        consents || is_about && (has_any(whole, &AGREEMENTS_TO) || word(&AGREEMENT_WORDS_TO));
    let flag_only =
        is_marketing_flag(&words, &leaf.value) || word(&["valid"]) && scopes == [Scope::Email];
    let chooses = is_about && has_any(whole, &["preference", "preferred", "frequency", "notif"]);
    if !refuses && !agrees && !flag_only {
        return chooses.then_some(Means::State(scopes));
    }
    let of_a_plan = whole.contains("subscription") && !has_any(whole, &MARKETING);
    let term = [
        "end", "ends", "start", "starts", "renews", "count", "period", "since", "type", "name",
    ];
    if of_a_plan
        && words
            .last()
            .is_some_and(|last| term.contains(&last.as_str()))
    {
        return Some(Means::Ignored);
    }
    if words
        .last()
        .is_some_and(|last| BESIDE.contains(&last.as_str()))
        && !leaf.value.is_boolean()
    {
        return Some(Means::Ignored);
    }
    let negated = says_no
        || word(&["not", "non", "never", "isnt", "nicht"])
        || words.first().is_some_and(|first| first == "no")
        || has_any(whole, &["notopted", "notsub"]);
    Some(match (refuses, agrees || flag_only, negated) {
        // `do_not_contact`, `no_marketing`, `not_subscribed`.
        (true, _, true) if has_any(whole, &["donot"]) || !has_any(whole, &REFUSALS) => {
            Means::OptOut(scopes)
        }
        // `not_opted_out`, `never_unsubscribed`, `resubscribed`.
        (true, _, true) => Means::Unclear,
        (true, ..) => Means::OptOut(scopes),
        (false, _, true) => Means::OptOut(scopes),
        (false, ..) => Means::Consent {
            scopes,
            explicit: None,
        },
    })
}

/// A name of nothing but marketing and channels is a flag of its own: `email_marketing`, `promotional texts`.
fn is_marketing_flag(words: &[String], value: &Value) -> bool {
    const OF_MARKETING: [&str; 5] = [
        "marketing",
        "promotional",
        "promotions",
        "advertising",
        "mailings",
    ];
    const BESIDE_IT: [&str; 18] = [
        "email",
        "emails",
        "e",
        "mail",
        "sms",
        "text",
        "texts",
        "push",
        "messages",
        "communications",
        "all",
        "by",
        "via",
        "privacy",
        "settings",
        "offers",
        "and",
        "is",
    ];
    let known =
        |word: &String| OF_MARKETING.contains(&word.as_str()) || BESIDE_IT.contains(&word.as_str());
    let says = !matches!(
        super::sense::of(value),
        super::sense::Sense::Unclear | super::sense::Sense::Day
    );
    words.iter().any(|w| OF_MARKETING.contains(&w.as_str()))
        && words.iter().all(known)
        && says
        && !value.is_number()
}

/// The channels that a name speaks of; all if it names none.
pub(super) fn scopes(words: &[String], whole: &str) -> Vec<Scope> {
    let word = |wanted: &[&str]| words.iter().any(|w| wanted.contains(&w.as_str()));
    let by_post = has_any(whole, &["postal", "directmail", "postmail", "snailmail"])
        || word(&["post", "letter"]);
    let mut found = Vec::new();
    if has_any(whole, &["email", "newsletter", "mailing"]) || word(&["mail", "mails"]) && !by_post {
        found.push(Scope::Email);
    }
    if has_any(
        whole,
        &["sms", "textmess", "mobile", "phone", "telefon", "tcpa"],
    ) || word(&[
        "text", "texts", "texting", "mms", "call", "calls", "calling", "tel", "voice", "cell",
        "dnc",
    ]) || has_any(whole, &["donotcall", "donottext"])
    {
        found.push(Scope::Sms);
    }
    if has_any(whole, &["push", "notification"]) {
        found.push(Scope::Push);
    }
    if has_any(whole, &["profiling", "personalis", "personaliz"]) {
        found.push(Scope::Profiling);
    }
    if by_post || has_any(whole, &["fax", "whatsapp", "telegram", "viber", "inapp"]) {
        found.push(Scope::Other);
    }
    if found.is_empty() {
        found.push(Scope::All);
    }
    found
}

/// What may have an age that is no customer.
const NOT_A_PERSON: [&str; 34] = [
    "account",
    "page",
    "session",
    "vehicle",
    "car",
    "home",
    "house",
    "property",
    "building",
    "loan",
    "policy",
    "domain",
    "device",
    "data",
    "ticket",
    "order",
    "card",
    "cart",
    "days",
    "child",
    "children",
    "kids",
    "kid",
    "pet",
    "dog",
    "cat",
    "spouse",
    "partner",
    "minimum",
    "maximum",
    "least",
    "most",
    "relationship",
    "lead",
];

fn of_age(words: &[String], whole: &str) -> Option<Means> {
    let stem = whole.strip_prefix("is").unwrap_or(whole);
    if let "blocked" | "banned" | "bounced" | "bouncedat" | "hardbounce" | "hardbounced" = stem {
        return Some(Means::OptOut(vec![Scope::All]));
    }
    let word = |wanted: &[&str]| words.iter().any(|w| wanted.contains(&w.as_str()));
    let stem = whole
        .strip_prefix("is")
        .or(whole.strip_prefix("has"))
        .unwrap_or(whole);
    if matches!(
        stem,
        "minor"
            | "underage"
            | "child"
            | "teen"
            | "teenager"
            | "coppa"
            | "coppaapplies"
            | "minderjährig"
    ) || stem.starts_with("under1") && stem.len() == 7
    {
        return Some(Means::Minor);
    }
    if matches!(
        stem,
        "adult"
            | "ofage"
            | "over18"
            | "18plus"
            | "over18confirmed"
            | "18orolder"
            | "overeighteen"
            | "ageverified"
            | "ageconfirmed"
            | "volljährig"
            | "legalage"
            | "oflegalage"
    ) {
        return Some(Means::Adult);
    }
    let of_other = word(&NOT_A_PERSON) || word(&["verified", "verification", "gate", "restricted"]);
    let is_birth = word(&[
        "dob",
        "yob",
        "birth",
        "born",
        "birthday",
        "birthdate",
        "birthyear",
        "bday",
    ]) || has_any(
        whole,
        &[
            "dateofbirth",
            "birthdate",
            "geburts",
            "naissance",
            "nacimiento",
        ],
    );
    if is_birth {
        let about = word(&[
            "place", "country", "city", "name", "state", "sign", "weight", "gift", "offer",
            "coupon",
        ]);
        let part = words.len() > 1
            && words.last().is_some_and(|w| w == "month" || w == "day")
            && !word(&["date"]);
        return Some(
            if about || part || word(&["child", "children", "kids", "spouse", "partner"]) {
                Means::Ignored
            } else {
                Means::Birth
            },
        );
    }
    if word(&["age", "ages", "aged", "alter", "edad"])
        || whole.starts_with("age")
            && has_any(
                whole,
                &["agegroup", "agerange", "ageband", "agebracket", "agebucket"],
            )
    {
        return Some(if of_other { Means::Ignored } else { Means::Age });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::known::means;
    use super::super::leaf::leaves;
    use super::*;
    use serde_json::json;

    fn of(name: &str) -> Option<Means> {
        means(&leaves(&json!({name: true}))[0])
    }

    #[test]
    fn names_of_no_system_are_read_by_their_words() {
        for (name, scope) in [
            ("acme_email_opted_out", Scope::Email),
            ("SMSUnsubscribed", Scope::Sms),
            ("do-not-contact", Scope::All),
            ("no marketing", Scope::All),
            ("pushDisabled", Scope::Push),
            ("text_dnc", Scope::Sms),
            ("not_subscribed", Scope::All),
            ("custom_werbesperre", Scope::All),
        ] {
            assert_eq!(of(name), Some(Means::OptOut(vec![scope])), "{name}");
        }
        for (name, scope) in [
            ("acme_newsletter", Scope::Email),
            ("okToReceiveMarketingTexts", Scope::Sms),
            ("gdpr", Scope::All),
        ] {
            let consent = Means::Consent {
                scopes: vec![scope],
                explicit: None,
            };
            assert_eq!(of(name), Some(consent), "{name}");
        }
        assert_eq!(of("not_opted_out"), Some(Means::Unclear));
        for name in ["cookie_consent", "account_age", "birth_place"] {
            assert_eq!(of(name), Some(Means::Ignored), "{name}");
        }
        for name in [
            "language",
            "average_order",
            "viewed_page",
            "message",
            "options",
            "loyalty",
        ] {
            assert_eq!(of(name), None, "{name}");
        }
    }
}
