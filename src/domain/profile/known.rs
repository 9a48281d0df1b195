//! What a field's name means: by the table of names that customer systems write, else by its words.

use super::leaf::{Leaf, squash};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What a consent or an opt-out is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    All,
    Email,
    Sms,
    Push,
    Profiling,
    /// A way of writing that nothing is sent by from here: fax, post, messengers.
    Other,
}

impl Scope {
    pub const SENT_BY: [Self; 3] = [Self::Email, Self::Sms, Self::Push];

    pub fn words(self) -> &'static str {
        match self {
            Self::All => "all messages",
            Self::Email => "e-mail",
            Self::Sms => "texts",
            Self::Push => "push messages",
            Self::Profiling => "profiling",
            Self::Other => "another channel",
        }
    }
}

/// What a field says by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Means {
    /// A yes is a refusal.
    OptOut(Vec<Scope>),
    /// A no is a refusal. A yes counts only where it is explicit; then in these words alone, if there are some.
    Consent {
        scopes: Vec<Scope>,
        explicit: Option<&'static [String]>,
    },
    /// As a consent, of a name that means other things as well: words that are no state are left alone.
    State(Vec<Scope>),
    Age,
    Birth,
    /// A yes says that it is a minor.
    Minor,
    /// A no says so.
    Adult,
    /// A name with a consent's words that cannot be read at all, such as `not_opted_out`.
    Unclear,
    /// Known, and nothing that counts.
    Ignored,
}

/// Names by what is written under them; `*` at the end stands for any rest.
type Names = BTreeMap<Scope, Vec<String>>;

/// One system's names.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct System {
    pub name: String,
    /// Where its names are written down.
    pub source: String,
    /// Day on which somebody compared the names with it; none if nobody has yet.
    pub checked_on: Option<String>,
    /// A yes under these is a refusal.
    #[serde(default)]
    pub opt_out: Names,
    /// A no under these is a refusal, a yes is told and does not count.
    #[serde(default)]
    pub consent: Names,
    /// A no under these is a refusal, and a yes is the customer's own consent to this channel.
    #[serde(default)]
    pub explicit: Names,
    /// The words under `explicit` that are such a consent; without them every yes is.
    #[serde(default)]
    pub explicit_words: Vec<String>,
    /// States in words, under names that mean other things elsewhere.
    #[serde(default)]
    pub state: Names,
    #[serde(default)]
    pub age: Vec<String>,
    #[serde(default)]
    pub birth: Vec<String>,
    /// Names that look like one of these and are none.
    #[serde(default)]
    pub ignored: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    system: Vec<System>,
}

/// The systems whose names are known.
#[expect(clippy::expect_used, reason = "shipped with the program, covered by a test")]
pub fn systems() -> &'static [System] {
    static SYSTEMS: LazyLock<Vec<System>> = LazyLock::new(|| {
        let text = include_str!("../../../assets/fields.toml");
        let file: File = toml::from_str(text).expect("the shipped table of field names");
        file.system
    });
    &SYSTEMS
}

struct Table {
    exact: BTreeMap<String, Means>,
    prefixes: Vec<(String, Means)>,
}

fn table() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(|| {
        let mut table = Table {
            exact: BTreeMap::new(),
            prefixes: Vec::new(),
        };
        for system in systems() {
            table.add_all(&system.explicit, |scopes| Means::Consent {
                scopes,
                explicit: Some(&system.explicit_words),
            });
            table.add_all(&system.opt_out, Means::OptOut);
            table.add_all(&system.consent, |scopes| Means::Consent {
                scopes,
                explicit: None,
            });
            table.add_all(&system.state, Means::State);
            for (names, means) in [
                (&system.age, Means::Age),
                (&system.birth, Means::Birth),
                (&system.ignored, Means::Ignored),
            ] {
                for name in names {
                    table.add(name, &means);
                }
            }
        }
        table
    });
    &TABLE
}

impl Table {
    fn add_all(&mut self, names: &Names, means: impl Fn(Vec<Scope>) -> Means) {
        for (scope, names) in names {
            for name in names {
                self.add(name, &means(vec![*scope]));
            }
        }
    }

    fn add(&mut self, name: &str, means: &Means) {
        match name.strip_suffix('*') {
            Some(stem) => self.prefixes.push((squash(stem), means.clone())),
            None => {
                self.exact.entry(squash(name)).or_insert_with(|| means.clone());
            }
        }
    }

    fn find(&self, name: &str) -> Option<&Means> {
        self.exact.get(name).or_else(|| {
            let fits = |(stem, _): &&(String, Means)| name.starts_with(stem.as_str());
            self.prefixes.iter().find(fits).map(|(_, means)| means)
        })
    }
}

/// What a leaf says by its name; none if it is about something else.
pub(super) fn means(leaf: &Leaf) -> Option<Means> {
    let whole = leaf.squashed();
    if let Some(means) = table().find(&whole) {
        return Some(means.clone());
    }
    if leaf.path.len() > 1 {
        let last = squash(leaf.last());
        let outer: String = leaf.path[..leaf.path.len() - 1].iter().map(|name| squash(name)).collect();
        // A consent as an object: what it says stands under one of these.
        if STATES.contains(&last.as_str())
            && let Some(means @ Means::Consent { .. }) = table().find(&outer)
        {
            return Some(means.clone());
        }
        // Under another object a name keeps its meaning, and says it of the channel that the object names.
        let about = scopes(&leaf.words(), &whole);
        let narrowed = |scopes: &Vec<Scope>| {
            if *scopes == [Scope::All] { about.clone() } else { scopes.clone() }
        };
        match table().find(&last) {
            Some(Means::OptOut(scopes)) => return Some(Means::OptOut(narrowed(scopes))),
            Some(Means::Consent { scopes, .. }) => {
                return Some(Means::Consent { scopes: narrowed(scopes), explicit: None });
            }
            _ => {}
        }
    }
    by_words(leaf, &whole)
}

/// Names under which an object says whether a consent was given.
const STATES: [&str; 14] = [
    "status", "state", "granted", "given", "consent", "consented", "optedin", "subscribed", "agreed", "accepted",
    "active", "isactive", "enabled", "hasconsent",
];

fn has_any(name: &str, stems: &[&str]) -> bool {
    stems.iter().any(|stem| name.contains(stem))
}

/// Refusals, wherever they stand in a name.
const REFUSALS: [&str; 29] = [
    "optout", "optedout", "optingout", "optsout", "unsubscri", "donot", "dontcontact", "dontemail", "dontcall",
    "donttext", "dontsend", "suppress", "blacklist", "blocklist", "withdraw", "withdrew", "withdrawn", "revoked",
    "objected", "objection", "bounced", "hardbounce", "complained", "spamreport", "spam", "abgemeldet",
    "widerspr", "werbesperre", "désabonn",
];

/// Refusals as words of their own.
const REFUSAL_WORDS: [&str; 11] = [
    "dnc", "dnd", "dnm", "unsub", "unsubs", "unsubbed", "desabonne", "desinscrit", "deceased", "baja", "optoff",
];

/// Refusals where a channel or marketing is named as well.
const REFUSALS_OF: [&str; 14] = [
    "declin", "refus", "reject", "block", "bann", "stop", "disabl", "invalid", "badaddress", "suspend", "inactive",
    "undeliverable", "bounce", "deny",
];

const AGREEMENTS: [&str; 16] = [
    "consent", "optin", "optedin", "optsin", "subscri", "permission", "einwillig", "zustimm", "newsletter",
    "mailinglist", "marketable", "contactable", "emailable", "consenso", "abonn", "suscri",
];

const AGREEMENT_WORDS: [&str; 8] = ["gdpr", "dsgvo", "tcpa", "casl", "pecr", "lgpd", "rgpd", "kvkk"];

/// Agreements where a channel or marketing is named as well.
const AGREEMENTS_TO: [&str; 17] = [
    "accept", "agree", "allow", "receive", "wants", "enable", "permit", "okto", "canemail", "cansms", "cantext",
    "cancall", "cancontact", "maycontact", "mayemail", "emailok", "smsok",
];

const MARKETING: [&str; 8] = [
    "marketing", "promotion", "promo", "commercial", "advert", "offers", "werbung", "communication",
];

/// What a consent can be about that no message is.
const ELSEWHERE: [&str; 22] = [
    "cookie", "analytics", "tracking", "donottrack", "donotsell", "donotshare", "optoutsale", "salesh", "thirdparty",
    "termsof", "termsand", "acceptedterms", "privacypolicy", "location", "parental", "guardian", "photo", "biometric",
    "creditcheck", "autorenew", "paperless", "estatement",
];

/// Last words of what only goes with a consent.
const BESIDE: [&str; 25] = [
    "url", "uri", "link", "href", "token", "page", "template", "label", "html", "rate", "header", "key", "id", "ids",
    "uuid", "score", "plan", "tier", "level", "price", "amount", "currency", "interval", "renewal", "product",
];

fn by_words(leaf: &Leaf, whole: &str) -> Option<Means> {
    let words = leaf.words();
    let word = |wanted: &[&str]| words.iter().any(|w| wanted.contains(&w.as_str()));
    if has_any(whole, &ELSEWHERE) {
        return Some(Means::Ignored);
    }
    if let Some(means) = of_age(&words, whole) {
        return Some(means);
    }
    let scopes = scopes(&words, whole);
    let is_about = scopes != [Scope::All] || has_any(whole, &MARKETING) || word(&["contact"]);
    let refuses = has_any(whole, &REFUSALS)
        || word(&REFUSAL_WORDS)
        || is_about && has_any(whole, &REFUSALS_OF)
        || is_about && word(&["no"]);
    let agrees = has_any(whole, &AGREEMENTS)
        || word(&AGREEMENT_WORDS)
        || is_about && has_any(whole, &AGREEMENTS_TO);
    let flag_only = is_marketing_flag(&words, &leaf.value)
        || word(&["valid"]) && scopes == [Scope::Email];
    let chooses = is_about && has_any(whole, &["preference", "preferred", "frequency", "notif"]);
    if !refuses && !agrees && !flag_only {
        return chooses.then_some(Means::State(scopes));
    }
    let of_a_plan = whole.contains("subscription") && !has_any(whole, &MARKETING);
    let term = ["end", "ends", "start", "starts", "renews", "count", "period", "since", "type", "name"];
    if of_a_plan && words.last().is_some_and(|last| term.contains(&last.as_str())) {
        return Some(Means::Ignored);
    }
    if words.last().is_some_and(|last| BESIDE.contains(&last.as_str())) && !leaf.value.is_boolean() {
        return Some(Means::Ignored);
    }
    let negated = word(&["not", "non", "never", "isnt", "nicht", "no"]) || has_any(whole, &["notopted", "notsub"]);
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
    const OF_MARKETING: [&str; 5] = ["marketing", "promotional", "promotions", "advertising", "mailings"];
    const BESIDE_IT: [&str; 18] = [
        "email", "emails", "e", "mail", "sms", "text", "texts", "push", "messages", "communications", "all", "by", "via",
        "privacy", "settings", "offers", "and", "is",
    ];
    let known = |word: &String| {
        OF_MARKETING.contains(&word.as_str()) || BESIDE_IT.contains(&word.as_str())
    };
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
    let by_post = has_any(whole, &["postal", "directmail", "postmail", "snailmail"]) || word(&["post", "letter"]);
    let mut found = Vec::new();
    if has_any(whole, &["email", "newsletter", "mailing"]) || word(&["mail", "mails"]) && !by_post {
        found.push(Scope::Email);
    }
    if has_any(whole, &["sms", "textmess", "mobile", "phone", "telefon", "tcpa"])
        || word(&["text", "texts", "texting", "mms", "call", "calls", "calling", "tel", "voice", "cell", "dnc"])
        || has_any(whole, &["donotcall", "donottext"])
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
    "account", "page", "session", "vehicle", "car", "home", "house", "property", "building", "loan", "policy",
    "domain", "device", "data", "ticket", "order", "card", "cart", "days", "child", "children", "kids", "kid", "pet",
    "dog", "cat", "spouse", "partner", "minimum", "maximum", "least", "most", "relationship", "lead",
];

fn of_age(words: &[String], whole: &str) -> Option<Means> {
    let stem = whole.strip_prefix("is").unwrap_or(whole);
    if let "blocked" | "banned" = stem {
        return Some(Means::OptOut(vec![Scope::All]));
    }
    let word = |wanted: &[&str]| words.iter().any(|w| wanted.contains(&w.as_str()));
    let stem = whole.strip_prefix("is").or(whole.strip_prefix("has")).unwrap_or(whole);
    if matches!(
        stem,
        "minor" | "underage" | "child" | "teen" | "teenager" | "coppa" | "coppaapplies" | "minderjährig"
    ) || stem.starts_with("under1") && stem.len() == 7
    {
        return Some(Means::Minor);
    }
    if matches!(
        stem,
        "adult" | "ofage" | "over18" | "18plus" | "over18confirmed" | "18orolder" | "overeighteen" | "ageverified"
            | "ageconfirmed" | "volljährig" | "legalage" | "oflegalage"
    ) {
        return Some(Means::Adult);
    }
    let of_other = word(&NOT_A_PERSON) || word(&["verified", "verification", "gate", "restricted"]);
    let is_birth = word(&["dob", "yob", "birth", "born", "birthday", "birthdate", "birthyear", "bday"])
        || has_any(whole, &["dateofbirth", "birthdate", "geburts", "naissance", "nacimiento"]);
    if is_birth {
        let about = word(&["place", "country", "city", "name", "state", "sign", "weight", "gift", "offer", "coupon"]);
        let part = words.len() > 1 && words.last().is_some_and(|w| w == "month" || w == "day") && !word(&["date"]);
        return Some(if about || part || word(&["child", "children", "kids", "spouse", "partner"]) {
            Means::Ignored
        } else {
            Means::Birth
        });
    }
    if word(&["age", "ages", "aged", "alter", "edad"]) || whole.starts_with("age") && has_any(whole, &["agegroup", "agerange", "ageband", "agebracket", "agebucket"]) {
        return Some(if of_other { Means::Ignored } else { Means::Age });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::leaf::leaves;
    use super::*;
    use serde_json::json;

    fn of(name: &str) -> Option<Means> {
        means(&leaves(&json!({name: true}))[0])
    }

    #[test]
    fn the_shipped_table_says_where_each_name_is_from() {
        assert!(systems().len() > 15);
        for system in systems() {
            assert!(system.source.starts_with("https://") || system.name == "EchoVoice", "{}", system.name);
            for day in &system.checked_on {
                assert!(chrono::NaiveDate::parse_from_str(day, "%Y-%m-%d").is_ok());
            }
        }
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
            let consent = Means::Consent { scopes: vec![scope], explicit: None };
            assert_eq!(of(name), Some(consent), "{name}");
        }
        assert_eq!(of("not_opted_out"), Some(Means::Unclear));
        for name in ["cookie_consent", "account_age", "birth_place"] {
            assert_eq!(of(name), Some(Means::Ignored), "{name}");
        }
        for name in ["language", "average_order", "viewed_page", "message", "options", "loyalty"] {
            assert_eq!(of(name), None, "{name}");
        }
    }
}
