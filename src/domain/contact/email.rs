//! E-mail addresses.

use super::ContactError;
use super::clean::{after_scheme, bare, percent_decoded, seen, without_comment};
use std::fmt;
use std::hash::{Hash, Hasher};

/// Longest mailbox name and longest domain, in bytes (RFC 5321 4.5.3.1).
const MOST_MAILBOX: usize = 64;
const MOST_DOMAIN: usize = 253;

/// Signs that a mailbox name may hold besides letters and digits (RFC 5322 3.2.3).
const ATEXT: &str = "!#$%&'*+-/=?^_`{|}~.";

/// Domains at which the dots of a mailbox name mean nothing, by their operator's own word (Google, "Dots don't matter in
/// Gmail addresses"), and the name that both have.
const DOTLESS: [&str; 2] = ["gmail.com", "googlemail.com"];

/// An e-mail address. Two are equal if their canonical forms are: the mailbox name in lower case, the domain in A-labels
/// (`xn--…`), whichever of its forms was written.
#[derive(Clone, Debug)]
pub struct EmailAddress {
    /// The mailbox name as it was written: a server may tell capitals apart (RFC 5321 2.4).
    mailbox: String,
    /// The domain in A-labels and lower case.
    domain: String,
    canonical: String,
}

impl EmailAddress {
    /// Reads `a@b.example`, `Name <a@b.example>`, quoted, as `mailto:` with a query, with a comma, semicolon, remark or
    /// comment behind it, with spaces that nobody sees.
    ///
    /// # Errors
    /// It is no address, or could be two.
    pub fn parse(text: &str) -> Result<Self, ContactError> {
        let seen = seen(text)?;
        let text = without_comment(&seen);
        if let Some(rest) = after_scheme(bare(text), &["mailto:", "email:", "e-mail:"]) {
            let address = rest.split(['?', ' ']).next().unwrap_or_default();
            let address = percent_decoded(if rest.starts_with(' ') { rest } else { address });
            return Self::one(&address);
        }
        Self::one(text)
    }

    fn one(text: &str) -> Result<Self, ContactError> {
        if let Some(inside) = in_angles(text)? {
            let inside = after_scheme(inside, &["mailto:", "smtp:"]).unwrap_or(inside);
            return Self::plain(inside.trim());
        }
        if let Some(quoted) = Self::quoted(text) {
            return quoted;
        }
        // Names and remarks may stand beside it; the address is the one word with an @.
        let words = text.split([' ', ',', ';', '(', ')', '[', ']', '|']);
        let mut words = words.map(bare).filter(|word| word.contains('@'));
        let word = words.next().ok_or(ContactError::NoAt)?;
        if words.next().is_some() {
            return Err(ContactError::MoreThanOne);
        }
        let word = after_scheme(word, &["mailto:", "smtp:"]).unwrap_or(word);
        Self::plain(word.trim_end_matches(['.', ':']))
    }

    /// `"ann osei"@example.com`: a mailbox name in quotes, which may hold spaces.
    fn quoted(text: &str) -> Option<Result<Self, ContactError>> {
        let (name, domain) = text.trim().strip_prefix('"')?.split_once("\"@")?;
        let name = name.replace("\\\"", "\"").replace("\\\\", "\\");
        let domain = domain.split([' ', ',', ';']).next().unwrap_or_default();
        let of_signs = name.chars().any(|c| !(is_atext(c) || c == ' ')) || name.is_empty();
        Some(if of_signs {
            Err(ContactError::Mailbox)
        } else {
            Self::of(&name, domain)
        })
    }

    fn plain(text: &str) -> Result<Self, ContactError> {
        let (mailbox, domain) = text.rsplit_once('@').ok_or(ContactError::NoAt)?;
        if mailbox.contains('@') && !mailbox.contains('"') {
            return Err(ContactError::MoreThanOne);
        }
        let mailbox = mailbox
            .strip_prefix('"')
            .and_then(|name| name.strip_suffix('"'))
            .unwrap_or(mailbox);
        let dots = mailbox.starts_with('.') || mailbox.ends_with('.') || mailbox.contains("..");
        if mailbox.is_empty() || dots || !mailbox.chars().all(is_atext) || is_left_open(mailbox) {
            return Err(ContactError::Mailbox);
        }
        Self::of(mailbox, domain)
    }

    fn of(mailbox: &str, domain: &str) -> Result<Self, ContactError> {
        let domain = a_labels(domain.trim())?;
        // Quotes at its ends come from the file that it was copied from.
        let mailbox = mailbox.trim_matches(['\'', '`']);
        if mailbox.is_empty() {
            return Err(ContactError::Mailbox);
        }
        if mailbox.len() > MOST_MAILBOX || domain.len() > MOST_DOMAIN {
            return Err(ContactError::TooLong);
        }
        Ok(Self {
            canonical: format!("{}@{domain}", mailbox.to_lowercase()),
            mailbox: mailbox.to_owned(),
            domain,
        })
    }

    /// The mailbox name in lower case and the domain in A-labels: by it addresses are compared.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// The domain in A-labels and lower case.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The address as it goes to a server: the mailbox name as written, the domain in A-labels. It is ASCII unless
    /// [`needs_utf8`](Self::needs_utf8).
    pub fn to_ascii(&self) -> String {
        if self.mailbox.contains(' ') {
            return format!("\"{}\"@{}", self.mailbox, self.domain);
        }
        format!("{}@{}", self.mailbox, self.domain)
    }

    /// Whether only a server with `SMTPUTF8` takes it (RFC 6531): the mailbox name is not ASCII.
    pub fn needs_utf8(&self) -> bool {
        !self.mailbox.is_ascii()
    }

    /// The mailbox that mail to this address ends in. An alias (`ann+news@b.example`) ends where `ann@b.example` does, so
    /// that who asks under one of them has asked for all. At Gmail the dots of the name are left out too.
    pub fn inbox(&self) -> String {
        let name = self
            .canonical
            .rsplit_once('@')
            .map_or(self.canonical.as_str(), |(name, _)| name);
        let name = match name.split_once('+') {
            Some((before, _)) if !before.is_empty() => before,
            _ => name,
        };
        if DOTLESS.contains(&self.domain.as_str()) {
            return format!("{}@{}", name.replace('.', ""), DOTLESS[0]);
        }
        format!("{name}@{}", self.domain)
    }

    /// Whether mail to both ends in one mailbox.
    pub fn is_same_inbox(&self, other: &Self) -> bool {
        self.inbox() == other.inbox()
    }
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl Eq for EmailAddress {}

impl Hash for EmailAddress {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.canonical.hash(state);
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.canonical)
    }
}

fn is_atext(c: char) -> bool {
    c.is_ascii_alphanumeric() || ATEXT.contains(c) || !c.is_ascii() && !c.is_whitespace()
}

/// A merge tag that nothing was put in for: `{{email`, `%EMAIL%`, `${email}`.
fn is_left_open(mailbox: &str) -> bool {
    mailbox.contains("{{")
        || mailbox.contains("${")
        || mailbox.len() > 2 && mailbox.starts_with('%') && mailbox.ends_with('%')
}

/// What stands in the only pair of angle brackets that holds an address.
fn in_angles(text: &str) -> Result<Option<&str>, ContactError> {
    let mut found = None;
    for part in text.split('<').skip(1) {
        let Some((inside, _)) = part.split_once('>') else {
            continue;
        };
        if inside.contains('@') && found.replace(inside).is_some() {
            return Err(ContactError::MoreThanOne);
        }
    }
    Ok(found)
}

/// A host in A-labels, for a header, an envelope, or to be compared; none if it has no such form.
pub fn host_in_a_labels(host: &str) -> Option<String> {
    idna::domain_to_ascii(host).ok()
}

/// A domain in A-labels: at least two, of letters, digits and hyphens.
fn a_labels(domain: &str) -> Result<String, ContactError> {
    let domain = domain.trim_end_matches('.');
    let ascii = host_in_a_labels(domain).ok_or(ContactError::Domain)?;
    let is_label = |label: &str| {
        let signs = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        (1..=63).contains(&label.len())
            && label.bytes().all(signs)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = ascii.rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().all(|b| b.is_ascii_digit());
    if ascii.contains('.') && ascii.split('.').all(is_label) && !is_number {
        Ok(ascii)
    } else {
        Err(ContactError::Domain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn however_it_is_wrapped_it_is_the_same_address() {
        for text in [
            "ann.osei@example.com",
            " ANN.Osei@Example.COM ",
            "\u{FEFF}ann.osei@example.com",
            "\u{a0}ann.osei@example.com\u{200b}",
            "\"ann.osei@example.com\"",
            "'ann.osei@example.com',",
            "ann.osei@example.com;",
            "ann.osei@example.com.",
            "<ann.osei@example.com>",
            "Ann Osei <ann.osei@example.com>",
            "\"Osei, Ann\" <ann.osei@example.com>, ",
            "Ann Osei [ann.osei@example.com]",
            "Ann Osei (ann.osei@example.com)",
            "mailto:ann.osei@example.com?subject=stop%20it",
            "MAILTO:ann.osei%40example.com",
            "<mailto:ann.osei@example.com>",
            "smtp:ann.osei@example.com",
            "E-Mail: ann.osei@example.com",
            "ann.osei@example.com  # asked by phone",
            "ann.osei@example.com // asked",
            "ann.osei@example.com (asked by phone)",
            "ann.osei@example.com asked by phone",
            "ann.osei＠example．com",
        ] {
            let read = EmailAddress::parse(text).map(|a| a.canonical().to_owned());
            assert_eq!(read.as_deref(), Ok("ann.osei@example.com"), "{text:?}");
        }
    }

    #[test]
    fn both_forms_of_a_domain_are_one_and_the_name_is_sent_as_written() {
        let u = EmailAddress::parse("Ann@BÜCHER.example").unwrap();
        let a = EmailAddress::parse("ann@xn--bcher-kva.example").unwrap();
        assert_eq!(u, a);
        assert_eq!(u.to_ascii(), "Ann@xn--bcher-kva.example");
        assert!(!u.needs_utf8());
        assert!(
            EmailAddress::parse("josé@bücher.example")
                .unwrap()
                .needs_utf8()
        );
        let spaced = EmailAddress::parse("\"ann osei\"@example.com").unwrap();
        assert_eq!(spaced.to_ascii(), "\"ann osei\"@example.com");
    }

    #[test]
    fn an_alias_ends_in_the_same_inbox() {
        let of = |text| EmailAddress::parse(text).unwrap().inbox();
        assert_eq!(of("ann+news@b.example"), of("Ann@b.example"));
        assert_eq!(of("a.n.n+x@googlemail.com"), of("ann@gmail.com"));
        assert_ne!(of("a.nn@b.example"), of("ann@b.example"));
        assert_ne!(of("+ann@b.example"), of("+bob@b.example"));
    }

    #[test]
    fn what_is_none_is_named_without_its_value() {
        use ContactError as E;
        for (text, why) in [
            ("", E::Empty),
            (" \u{200b}", E::Empty),
            ("n/a", E::NoAt),
            ("C-1042", E::NoAt),
            ("@example.com", E::Mailbox),
            ("ann@", E::Domain),
            ("ann@localhost", E::Domain),
            ("ann@exa mple.com", E::Domain),
            ("ann@-a.example", E::Domain),
            ("ann@192.0.2.1", E::Domain),
            ("ann@example..com", E::Domain),
            ("a..b@example.com", E::Mailbox),
            ("{{email}}@example.com", E::Mailbox),
            ("*|EMAIL|*", E::NoAt),
            ("ann@b.example, bob@b.example", E::MoreThanOne),
            ("Ann <ann@b.example>; Bob <bob@b.example>", E::MoreThanOne),
            ("mailto:ann@b.example,bob@b.example", E::MoreThanOne),
            ("ann@bob@b.example", E::MoreThanOne),
        ] {
            assert_eq!(EmailAddress::parse(text), Err(why), "{text:?}");
        }
        let long = format!("{}@b.example", "a".repeat(65));
        assert_eq!(EmailAddress::parse(&long), Err(E::TooLong));
        assert_eq!(EmailAddress::parse(&"a".repeat(5_000)), Err(E::TooLong));
    }

    proptest! {
        #[test]
        fn no_text_breaks_it_and_its_form_is_read_back(text in "\\PC{0,60}", name in "[A-Za-z0-9+._-]{0,9}[a-z]") {
            if let Ok(read) = EmailAddress::parse(&text) {
                prop_assert_eq!(EmailAddress::parse(&read.to_ascii()), Ok(read));
            }
            let address = format!("{name}@b.example");
            if let Ok(read) = EmailAddress::parse(&address) {
                let wrapped = format!("\u{FEFF}\"Somebody\" <{address}>; # {text}");
                prop_assert_eq!(EmailAddress::parse(&wrapped.replace(['<', '>', '\n'], "")).is_ok(), true);
                prop_assert_eq!(read.canonical(), address.to_lowercase());
            }
        }
    }
}
