//! The name in a greeting: titles read, "Last, First" turned, and what is no name left out.

use super::leaf::squash;

const TITLES: [&str; 52] = [
    "dr",
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "sir",
    "dame",
    "lady",
    "lord",
    "prof",
    "professor",
    "rev",
    "reverend",
    "frau",
    "herr",
    "hr",
    "fr",
    "mme",
    "mlle",
    "madame",
    "monsieur",
    "senor",
    "señor",
    "señora",
    "senora",
    "sra",
    "srta",
    "sig",
    "signor",
    "signora",
    "dott",
    "dhr",
    "mevr",
    "mevrouw",
    "pan",
    "pani",
    "capt",
    "captain",
    "col",
    "lt",
    "sgt",
    "maj",
    "hon",
    "rabbi",
    "imam",
    "ing",
    "dipl",
    "mag",
    "engr",
    "mister",
    "sr",
];

const SUFFIXES: [&str; 20] = [
    "jr", "sr", "ii", "iii", "iv", "phd", "md", "esq", "mba", "cpa", "dds", "jd", "rn", "obe",
    "mbe", "cfa", "msc", "bsc", "llm", "dphil",
];

const COMPANIES: [&str; 22] = [
    "ltd",
    "llc",
    "inc",
    "gmbh",
    "plc",
    "corp",
    "corporation",
    "company",
    "bv",
    "sarl",
    "srl",
    "llp",
    "limited",
    "university",
    "foundation",
    "holdings",
    "association",
    "council",
    "hospital",
    "incorporated",
    "kg",
    "ug",
];

/// What systems write where no name is.
const PLACEHOLDERS: [&str; 50] = [
    "null",
    "none",
    "na",
    "nan",
    "nil",
    "unknown",
    "test",
    "tester",
    "testuser",
    "firstname",
    "lastname",
    "fname",
    "lname",
    "name",
    "fullname",
    "givenname",
    "yourname",
    "customer",
    "valuedcustomer",
    "dearcustomer",
    "client",
    "user",
    "username",
    "guest",
    "friend",
    "member",
    "subscriber",
    "anonymous",
    "admin",
    "administrator",
    "info",
    "noname",
    "notprovided",
    "notavailable",
    "notapplicable",
    "undefined",
    "default",
    "demo",
    "sample",
    "example",
    "asdf",
    "qwerty",
    "xxx",
    "tbd",
    "blank",
    "empty",
    "sirmadam",
    "contact",
    "lead",
    "shopper",
];

/// Words that stand before a name, or for more than one person, and are none.
const NO_NAMES: &str =
    "the and or und et y dear hi hello family familie famille team attn to estate of care co";

/// A name's words, the given ones first, without titles and suffixes.
pub(super) fn in_order(name: &str) -> Vec<&str> {
    let name = name.trim().trim_matches(['"', '\'', '“', '”']).trim();
    let mut parts = name.splitn(2, ',');
    let (before, after) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    let is_suffix = |word: &&str| SUFFIXES.contains(&squash(word).as_str());
    let given: Vec<&str> = words(after).into_iter().filter(|w| !is_suffix(w)).collect();
    let mut all = given;
    let turned = !all.is_empty();
    let mut family = words(before);
    if !turned {
        while family.len() > 1 && family.last().is_some_and(is_suffix) {
            family.pop();
        }
    }
    all.extend(family);
    all
}

fn words(text: &str) -> Vec<&str> {
    let mut words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter(|w| !w.is_empty())
        .collect();
    let is_title = |word: &&str| TITLES.contains(&squash(word).as_str());
    while words.first().is_some_and(is_title) {
        words.remove(0);
    }
    words
}

/// The given name of a full name, or why there is none.
pub(super) fn given(name: &str) -> Result<String, &'static str> {
    if is_placeholder(name) {
        return Err("a placeholder, not a name");
    }
    let all = in_order(name);
    let titled = {
        let first = name.split_whitespace().next().unwrap_or_default();
        TITLES.contains(&squash(first).as_str())
    };
    if all
        .iter()
        .skip(1)
        .any(|w| COMPANIES.contains(&squash(w).as_str()))
    {
        return Err("a company's name");
    }
    let Some(first) = all.first() else {
        return Err("a title without a name");
    };
    if titled && all.len() == 1 && !name.contains(',') {
        return Err("a title and a family name only");
    }
    one(first)
}

/// A single given name as it is greeted, or why it is none.
pub(super) fn one(word: &str) -> Result<String, &'static str> {
    if is_placeholder(word) {
        return Err("a placeholder, not a name");
    }
    let word = word.trim_matches(['"', '\'', '“', '”', '.', ',', ';', ':']);
    let is_of_name = |c: char| {
        c.is_alphabetic()
            || matches!(c, '\'' | '’' | 'ʼ' | '-' | '‐' | '·')
            || unicode_normalization::char::is_combining_mark(c)
    };
    if word.contains('@') {
        return Err("an address, not a name");
    }
    if NO_NAMES
        .split(' ')
        .any(|known| known == word.to_lowercase())
    {
        return Err("words that are no name");
    }
    if !word.chars().all(is_of_name) {
        return Err("signs or figures that no name has");
    }
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let is_cased = word.chars().any(|c| c.is_lowercase() || c.is_uppercase());
    if letters == 0 || letters == 1 && is_cased {
        return Err("one letter, not a name");
    }
    Ok(cased(word, letters))
}

/// A name in capitals alone, or in none, is shown with one; `McDonald` and `JP` stay as they are.
fn cased(word: &str, letters: usize) -> String {
    let upper = word
        .chars()
        .filter(|c| c.is_alphabetic())
        .all(char::is_uppercase);
    let lower = word
        .chars()
        .filter(|c| c.is_alphabetic())
        .all(char::is_lowercase);
    if !(upper && letters > 2 || lower) {
        return word.to_owned();
    }
    let mut out = String::with_capacity(word.len());
    let mut begins = true;
    for c in word.chars() {
        if begins {
            out.extend(c.to_uppercase());
        } else {
            out.extend(c.to_lowercase());
        }
        begins = matches!(c, '-' | '‐') || matches!(c, '\'' | '’') && out.chars().count() == 2;
    }
    out
}

/// Whether a text is what a system writes for a name that it does not have.
fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    let marks = [
        "{{", "}}", "{%", "*|", "|*", "%%", "${", "<<", ">>", "[[", "#{", "{$",
    ];
    if marks.iter().any(|mark| text.contains(mark)) {
        return true;
    }
    let bare = squash(text);
    let wrapped =
        |open: char, close: char| text.starts_with(open) && text.ends_with(close) && text.len() > 1;
    PLACEHOLDERS.contains(&bare.as_str())
        || wrapped('{', '}')
        || wrapped('[', ']')
        || wrapped('%', '%')
        || wrapped('(', ')')
        || wrapped('<', '>')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greeting_uses_the_given_name() {
        for (name, greeted) in [
            ("Amara Osei", "Amara"),
            ("Osei, Amara", "Amara"),
            ("Dr. Amara Osei", "Amara"),
            ("Prof. Dr. Amara Osei", "Amara"),
            ("Osei, Dr. Amara", "Amara"),
            ("Amara Osei, Jr.", "Amara"),
            ("Amara Osei III", "Amara"),
            ("AMARA OSEI", "Amara"),
            ("amara osei", "Amara"),
            ("JEAN-PIERRE DUPONT", "Jean-Pierre"),
            ("D'Arcy Lee", "D'Arcy"),
            ("O'NEIL Sam", "O'Neil"),
            ("McKenna Ray", "McKenna"),
            ("JP Morganson", "JP"),
            ("Zoë", "Zoë"),
            ("王小明", "王小明"),
            ("Frau Anneliese Brandt", "Anneliese"),
            ("Mme Claire Petit", "Claire"),
            ("Osei, Amara, PhD", "Amara"),
            ("\"Amara Osei\"", "Amara"),
            ("Αλέξανδρος Π", "Αλέξανδρος"),
            ("Sir Ian McKellen", "Ian"),
            ("Eve <b>Mallory</b>", "Eve"),
        ] {
            assert_eq!(given(name).as_deref(), Ok(greeted), "{name}");
        }
    }

    #[test]
    fn what_is_no_name_is_not_greeted() {
        for name in [
            "null",
            "N/A",
            "none",
            "Unknown",
            "test",
            "{{first_name}}",
            "*|FNAME|*",
            "%FNAME%",
            "[First Name]",
            "${name}",
            "<<name>>",
            "FNAME",
            "Valued Customer",
            "Customer",
            "+1 302 555 0177",
            "amara@example.com",
            "<b>Amara</b>",
            "J.",
            "J. Smith",
            "12345",
            "🎉",
            "Mr and Mrs Osei",
            "The Osei Family",
            "Estate of Amara Osei",
            "amara.osei",
            "\u{200b}Amara Osei",
            "MR. OSEI",
            "Mrs Osei",
            "Harbor Point Ltd",
            "Acme Inc.",
            "Dr.",
            "First Name",
            "undefined",
            "%%first_name%%",
            "{first_name}",
            "Amara1",
            "-",
            "{% if x %}",
        ] {
            assert!(given(name).is_err(), "{name}: {:?}", given(name));
        }
    }
}
