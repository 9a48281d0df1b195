//! The fields of a header, as RFC 5322 parts them from each other: a folded line belongs to the field above it.

use super::words;
use mail_parser::parsers::MessageStream;
use mail_parser::{Address, ContentType, HeaderValue};
use std::borrow::Cow;
use std::ops::Range;

/// A field, with its place in the file.
#[derive(Debug)]
pub(super) struct HeaderField {
    /// In small letters.
    name: String,
    /// Unfolded, not decoded.
    raw: Vec<u8>,
    /// Bytes of the whole field, without its last line end.
    pub place: Range<usize>,
}

/// A header: its fields in order, and what of it is none.
#[derive(Debug, Default)]
pub(super) struct Header {
    fields: Vec<HeaderField>,
    /// Lines that are neither a field nor part of one.
    pub stray: usize,
}

/// How far a header goes; more is no header.
const MOST_HEADER: usize = 1 << 20;

/// The end of the line that begins at `at`: behind its text, and behind its line end.
pub(super) fn line_end(bytes: &[u8], at: usize) -> (usize, usize) {
    let rest = &bytes[at..];
    match memchr::memchr(b'\n', rest) {
        None => (bytes.len(), bytes.len()),
        Some(end) if end > 0 && rest[end - 1] == b'\r' => (at + end - 1, at + end + 1),
        Some(end) => (at + end, at + end + 1),
    }
}

/// The length of a field's name at the start of a line, if a colon follows it.
pub(super) fn name_length(line: &[u8]) -> Option<usize> {
    let length = line
        .iter()
        .take_while(|b| (0x21..=0x7E).contains(*b) && **b != b':')
        .count();
    let colon = line[length..]
        .iter()
        .find(|b| !matches!(b, b' ' | b'\t'))
        .is_some_and(|b| *b == b':');
    (length > 0 && colon).then_some(length)
}

impl Header {
    /// Reads the header of an entity that stands at `from..to` of the file, and says where its body begins. An entity
    /// that begins with no field has no header.
    pub fn read(bytes: &[u8], from: usize, to: usize) -> (Self, usize) {
        let mut header = Self::default();
        let mut at = from;
        let entity = &bytes[..to];
        let first = &entity[from..line_end(entity, from).0];
        if !first.is_empty() && name_length(first).is_none() && !is_envelope(first) {
            return (header, from);
        }
        while at < to && at - from < MOST_HEADER {
            let (end, next) = line_end(entity, at);
            let line = &entity[at..end];
            if line.is_empty() {
                return (header, next);
            }
            match (line[0], header.fields.last_mut()) {
                (b' ' | b'\t', Some(field)) => {
                    field.raw.extend_from_slice(line);
                    field.place.end = end;
                }
                _ => match name_length(line) {
                    Some(length) => {
                        let value = line[length..].iter().position(|b| *b == b':');
                        header.fields.push(HeaderField {
                            name: String::from_utf8_lossy(&line[..length]).to_ascii_lowercase(),
                            raw: line[length + value.map_or(0, |colon| colon + 1)..].to_vec(),
                            place: at..end,
                        });
                    }
                    None if is_envelope(line) => {}
                    None => header.stray += 1,
                },
            }
            at = next;
        }
        (header, to.min(at))
    }

    /// All fields of a name.
    pub fn all<'h>(&'h self, name: &'h str) -> impl Iterator<Item = &'h HeaderField> {
        self.fields.iter().filter(move |f| f.name == name)
    }

    pub fn first<'h>(&'h self, name: &'h str) -> Option<&'h HeaderField> {
        self.all(name).next()
    }

    /// The text of a field without structure.
    pub fn text(&self, name: &str) -> Option<String> {
        Some(self.first(name)?.text().text)
    }

    /// Whether several fields of a name say different things: which of them counts is each reader's own choice.
    pub fn differ(&self, name: &str) -> bool {
        let mut values = self.all(name).map(|f| f.raw.trim_ascii());
        let first = values.next();
        values.any(|other| Some(other) != first)
    }

    /// A field with parameters, such as a content type.
    pub fn parameters(&self, name: &str) -> Option<ContentType<'static>> {
        let mut line = self.first(name)?.raw.clone();
        line.retain(|b| !matches!(b, b'\r' | b'\n'));
        line.push(b'\n');
        match MessageStream::new(&line).parse_content_type().into_owned() {
            HeaderValue::ContentType(value) => Some(value),
            _ => None,
        }
    }
}

/// The line that a mailbox puts above a message.
fn is_envelope(line: &[u8]) -> bool {
    line.starts_with(b"From ") || line.starts_with(b">From ")
}

impl HeaderField {
    /// The words of an unstructured field.
    pub fn text(&self) -> words::DecodedField {
        words::decode(self.raw.trim_ascii())
    }

    /// The names that stand beside the addresses of a field.
    pub fn display_names(&self) -> Vec<String> {
        let mut line = self.raw.clone();
        line.push(b'\n');
        let HeaderValue::Address(address) = MessageStream::new(&line).parse_address() else {
            return Vec::new();
        };
        let mut names: Vec<Cow<'_, str>> = Vec::new();
        match address {
            Address::List(list) => names.extend(list.into_iter().filter_map(|a| a.name)),
            Address::Group(groups) => {
                for group in groups {
                    names.extend(group.name);
                    names.extend(group.addresses.into_iter().filter_map(|a| a.name));
                }
            }
        }
        names
            .iter()
            .map(|name| words::decode(name.trim().as_bytes()).text)
            .filter(|name| !name.is_empty())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> (Header, usize) {
        Header::read(text.as_bytes(), 0, text.len())
    }

    #[test]
    fn a_folded_line_is_no_field_of_its_own() {
        let (header, body) = header(
            "DKIM-Signature: v=1; h=From:To:\r\n Subject:Content-Type;\r\nSubject: real\r\n\r\nx",
        );
        assert_eq!(header.text("subject").as_deref(), Some("real"));
        assert_eq!(header.text("content-type"), None);
        assert_eq!(body, 74);
    }

    #[test]
    fn parameters_are_read_as_they_are_written() {
        for line in [
            "Content-Type: multipart/mixed; boundary=\"b 1\"",
            "content-type: Multipart/Mixed; Boundary=\"b 1\"",
            "Content-Type: multipart/mixed; boundary = \"b 1\"",
            "Content-Type:\n multipart/mixed;\n\tboundary=\"b 1\"",
            "Content-Type: multipart/mixed; boundary*0=\"b\"; boundary*1=\" 1\"",
            "Content-Type: multipart/mixed; boundary*=us-ascii'en'b%201",
            "Content-Type: multipart/mixed (a comment); charset=x; boundary=\"b\\ 1\"",
            "Content-Type : multipart/mixed;boundary=\"b 1\";",
            "Content-Type: multipart/mixed; boundary*1=\" 1\"; boundary*0=\"b\"",
            "Content-Type: multipart/mixed; boundary*0*=us-ascii''b%20; boundary*1=1",
        ] {
            let (header, _) = header(&format!("{line}\n\n"));
            let value = header.parameters("content-type").unwrap();
            assert_eq!(value.ctype(), "multipart", "{line}");
            assert_eq!(value.subtype(), Some("mixed"), "{line}");
            assert_eq!(value.attribute("boundary"), Some("b 1"), "{line}");
        }
        for (line, boundary) in [
            (
                "Content-Type: multipart/mixed; boundary=----=_Part_1_2.3",
                "----=_Part_1_2.3",
            ),
            (
                "Content-Type: multipart/mixed; boundary=\"=_?x=:\"",
                "=_?x=:",
            ),
            (
                "Content-Type: multipart/mixed; boundary=\"a;b=c\"; x=y",
                "a;b=c",
            ),
            (
                "Content-Type: multipart/mixed; boundary=gc0p4Jq0M2Yt08j34c0p+",
                "gc0p4Jq0M2Yt08j34c0p+",
            ),
            ("Content-Type: multipart/mixed; boundary='b'", "'b'"),
        ] {
            let (header, _) = header(&format!("{line}\n\n"));
            let value = header.parameters("content-type").unwrap();
            assert_eq!(value.attribute("boundary"), Some(boundary), "{line}");
        }
    }

    #[test]
    fn names_beside_addresses_are_read() {
        for (line, names) in [
            (
                "From: \"No risk, ever\" <a@b.example>",
                vec!["No risk, ever"],
            ),
            (
                "From: =?utf-8?Q?No=C2=A0risk?= <a@b.example>",
                vec!["No\u{A0}risk"],
            ),
            ("From: a@b.example", vec![]),
            ("From: a@b.example (No risk)", vec!["No risk"]),
            (
                "From: =?utf-8?B?Tm8=?= =?utf-8?B?IHJpc2s=?= <a@b.example>, Bob <c@d.example>",
                vec!["No risk", "Bob"],
            ),
        ] {
            let (header, _) = header(&format!("{line}\n\n"));
            assert_eq!(
                header.first("from").unwrap().display_names(),
                names,
                "{line}"
            );
        }
    }
}
