//! Addresses as mail servers take them: the domain in A-labels (RFC 5891), and whether what stands before the `@` needs
//! a server that knows other letters (RFC 6531).

use super::DeliverError;
use crate::domain::contact::host_in_a_labels;
use crate::domain::jurisdiction::Channel;
use lettre::Address;
use lettre::message::Mailbox;

/// Fewest digits of a number that can be called or texted (E.164 has none shorter in use).
const FEWEST_DIGITS: usize = 7;

/// An address, or `Name <address>`, with its domain in A-labels.
///
/// # Errors
/// It is none.
pub(super) fn mailbox(text: &str) -> Result<Mailbox, DeliverError> {
    let read: Mailbox = text.trim().parse().map_err(|_| DeliverError::Address)?;
    let domain = read.email.domain();
    if domain.is_ascii() {
        return Ok(read);
    }
    let domain = host_in_a_labels(domain).ok_or(DeliverError::Address)?;
    let email = Address::new(read.email.user(), domain).map_err(|_| DeliverError::Address)?;
    Ok(Mailbox::new(read.name, email))
}

/// Whether a message can be addressed so at all.
///
/// # Errors
/// [`DeliverError::Address`].
pub fn can_be_reached(channel: Channel, to: &str) -> Result<(), DeliverError> {
    match channel {
        Channel::Email => mailbox(to).map(drop),
        // A device's name is the program's that takes it.
        Channel::Push if !to.trim().is_empty() => Ok(()),
        Channel::Sms if to.chars().filter(|c| c.is_numeric()).count() >= FEWEST_DIGITS => Ok(()),
        Channel::Sms | Channel::Push => Err(DeliverError::Address),
    }
}

/// A web address in ASCII alone, as a header wants it (RFC 2369 names URLs, RFC 3986 says of what they are made): the
/// host in A-labels, other letters as the percent signs of their bytes.
pub(super) fn in_ascii(url: &str) -> String {
    if url.is_ascii() {
        return url.to_owned();
    }
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = if scheme.is_empty() {
        ("", rest)
    } else {
        rest.split_at(end)
    };
    let mut out = String::with_capacity(url.len() + 16);
    if !scheme.is_empty() {
        out.push_str(scheme);
        out.push_str("://");
        out.push_str(&host_in_a_labels(host).unwrap_or_else(|| percent(host)));
    }
    out.push_str(&percent(path));
    out
}

fn percent(text: &str) -> String {
    let byte = |b: u8| {
        if b.is_ascii() {
            char::from(b).to_string()
        } else {
            format!("%{b:02X}")
        }
    };
    text.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_in_a_labels_and_what_is_no_address_is_none() {
        for (written, sent) in [
            ("ann@bücher.example", "ann@xn--bcher-kva.example"),
            ("ann@BÜCHER.example", "ann@xn--bcher-kva.example"),
            ("ann@xn--bcher-kva.example", "ann@xn--bcher-kva.example"),
            ("ann@пример.рф", "ann@xn--e1afmkfd.xn--p1ai"),
            ("ann@例え.テスト", "ann@xn--r8jz45g.xn--zckzah"),
            ("josé@straße.example", "josé@xn--strae-oqa.example"),
            ("Ann Osei <ann@bücher.example>", "ann@xn--bcher-kva.example"),
            (" ann@example.com ", "ann@example.com"),
        ] {
            assert_eq!(
                mailbox(written).unwrap().email.to_string(),
                sent,
                "{written}"
            );
        }
        for none in [
            "n/a",
            "",
            "-",
            "none@",
            "@example.com",
            "a b@c d",
            "ann@\u{301}.example",
            "null",
        ] {
            assert!(mailbox(none).is_err(), "{none}");
        }
        for (channel, to, reached) in [
            (Channel::Sms, "+1 302 555 0142", true),
            (Channel::Sms, "n/a", false),
            (Channel::Sms, "123", false),
            (Channel::Push, "", false),
            (Channel::Push, "device-7", true),
            (Channel::Email, "ann@example", true),
        ] {
            assert_eq!(can_be_reached(channel, to).is_ok(), reached, "{to}");
        }
    }

    #[test]
    fn a_headers_url_is_ascii() {
        for (written, sent) in [
            ("https://firm.example/u?m=1", "https://firm.example/u?m=1"),
            (
                "https://bücher.example/u",
                "https://xn--bcher-kva.example/u",
            ),
            (
                "https://firm.example/Kündigung",
                "https://firm.example/K%C3%BCndigung",
            ),
            (
                "https://bücher.example?a=ü",
                "https://xn--bcher-kva.example?a=%C3%BC",
            ),
        ] {
            assert_eq!(in_ascii(written), sent);
        }
    }
}
