//! A mail as a tree of entities (RFC 2045, 2046), read as its leaves in the order in which they stand.
//!
//! The tree is cut by lines that are a delimiter and nothing else: the same text inside a line, or at the start of a
//! longer one, parts nothing. mail-parser 0.11 cuts at each of them, so it reads the fields here, and the tree is read
//! from the bytes.

use super::fields::{self, Header};
use super::kind::PartKind;
use super::shape;
use super::transfer::Transfer;
use crate::domain::message::Region;
use mail_parser::ContentType;
use memchr::memmem;
use std::ops::Range;

/// Entities inside each other that are still read.
const MOST_DEEP: usize = 60;
/// Parts of one mail that are still read.
const MOST_PARTS: usize = 1_000;

/// The bytes that entities are read from.
struct SourceBytes<'b> {
    bytes: &'b [u8],
    /// Where each line begins, for the file itself.
    lines: Vec<usize>,
    /// The part of the file that these bytes were unpacked from.
    outer: Option<Region>,
}

impl<'b> SourceBytes<'b> {
    fn file(bytes: &'b [u8]) -> Self {
        let starts = memchr::memchr_iter(b'\n', bytes).map(|at| at + 1);
        Self {
            bytes,
            lines: std::iter::once(0).chain(starts).collect(),
            outer: None,
        }
    }

    fn unpacked(bytes: &'b [u8], outer: Region) -> Self {
        Self {
            bytes,
            lines: Vec::new(),
            outer: Some(Region {
                exact: false,
                ..outer
            }),
        }
    }

    fn region(&self, range: &Range<usize>, exact: bool) -> Region {
        if let Some(outer) = self.outer {
            return outer;
        }
        let line = |at: usize| self.lines.partition_point(|start| *start <= at).max(1);
        let first_line = line(range.start);
        Region {
            first_line,
            last_line: line(range.end.saturating_sub(1)).max(first_line),
            exact,
        }
    }
}

/// What stands above the text of a message: the mail itself, or one inside it.
pub(super) struct HeaderContext<'h> {
    pub header: &'h Header,
    /// Of the message inside, none for the mail itself.
    pub place: &'h str,
    source: &'h SourceBytes<'h>,
}

impl HeaderContext<'_> {
    pub fn region(&self, field: &fields::HeaderField) -> Region {
        self.source.region(&field.place, false)
    }
}

/// A part without parts.
pub(super) struct MimePart {
    /// Its number as IMAP counts, `2.1`.
    pub place: String,
    pub media: String,
    pub kind: PartKind,
    pub charset: Option<String>,
    /// The lines flow (RFC 3676), and blanks at their ends were put in by the sender's program.
    pub joins_lines: bool,
    pub attached: bool,
    pub name: Option<String>,
    pub content_id: Option<String>,
    /// A part that others of its group refer to, as pictures of a page.
    pub related: bool,
    /// In a message inside the mail.
    pub inside: bool,
    pub transfer: Transfer,
    /// Transfer encoding undone.
    pub bytes: Vec<u8>,
    pub region: Region,
    /// What of its header readers take differently.
    pub doubts: Vec<&'static str>,
}

/// Who is told what is found.
pub(super) trait Visitor {
    fn head(&mut self, head: &HeaderContext<'_>);
    fn leaf(&mut self, leaf: MimePart);
    /// Something that holds parts which were not read.
    fn closed(&mut self, place: &str, media: &str, region: Region, why: &'static str);
}

/// Where the reader is.
#[derive(Clone)]
struct At {
    place: String,
    depth: usize,
    related: bool,
    inside: bool,
    /// Parts of a digest are messages unless they say otherwise.
    digest: bool,
    /// The header is that of a message, not only of a part.
    message: bool,
}

struct MimeWalk<'v, V> {
    visitor: &'v mut V,
    left: usize,
}

/// Reads a mail from the top.
pub(super) fn walk(bytes: &[u8], extent: Range<usize>, visitor: &mut impl Visitor) {
    let mut walk = MimeWalk {
        visitor,
        left: MOST_PARTS,
    };
    let at = At {
        place: String::new(),
        depth: 0,
        related: false,
        inside: false,
        digest: false,
        message: true,
    };
    walk.entity(&SourceBytes::file(bytes), extent, at);
}

impl<V: Visitor> MimeWalk<'_, V> {
    fn entity(&mut self, source: &SourceBytes<'_>, mut range: Range<usize>, at: At) {
        if at.message {
            // No message begins with an empty line.
            range.start = shape::skip_empty(source.bytes, range.start).min(range.end);
        }
        let (header, from) = Header::read(source.bytes, range.start, range.end);
        let body = from..range.end;
        let number = |place: &str| {
            if place.is_empty() {
                "1".to_owned()
            } else {
                place.to_owned()
            }
        };
        if self.left == 0 || at.depth > MOST_DEEP {
            let why = if self.left == 0 {
                "more parts than are read"
            } else {
                "nested deeper than is read"
            };
            let region = source.region(&range, false);
            self.visitor.closed(&number(&at.place), "", region, why);
            return;
        }
        self.left -= 1;
        if at.message {
            self.visitor.head(&HeaderContext {
                header: &header,
                place: &at.place,
                source,
            });
        }
        let stated = header.parameters("content-type");
        let media = media(stated.as_ref(), at.digest);
        let mut doubts = doubts(&header);
        if media.starts_with("multipart/") {
            if media == "multipart/encrypted" {
                let region = source.region(&range, false);
                self.visitor
                    .closed(&number(&at.place), &media, region, "encrypted");
                return;
            }
            let boundary = stated.as_ref().and_then(|t| t.attribute("boundary"));
            let ranges = boundary.map_or_else(Vec::new, |b| parts(source.bytes, &body, b));
            if !ranges.is_empty() {
                for (index, range) in ranges.into_iter().enumerate() {
                    let place = if at.place.is_empty() {
                        (index + 1).to_string()
                    } else {
                        format!("{}.{}", at.place, index + 1)
                    };
                    let below = At {
                        place,
                        depth: at.depth + 1,
                        related: at.related || media == "multipart/related" && index > 0,
                        digest: media == "multipart/digest",
                        message: false,
                        ..at.clone()
                    };
                    self.entity(source, range, below);
                }
                if !doubts.is_empty() {
                    let region = source.region(&range, false);
                    self.visitor
                        .closed(&number(&at.place), &media, region, doubts[0]);
                }
                return;
            }
            doubts.push(NO_PARTS);
        }
        let transfer = Transfer::of(header.text("content-transfer-encoding").as_deref());
        let region = source.region(&body, transfer == Transfer::Identity);
        if media == "message/rfc822" || media == "message/global" {
            let place = number(&at.place);
            let below = At {
                place: place.clone(),
                depth: at.depth + 1,
                inside: true,
                digest: false,
                message: true,
                related: false,
            };
            if transfer == Transfer::Identity {
                self.entity(source, body, below);
            } else {
                let bytes = transfer.undo(&source.bytes[body]);
                self.entity(
                    &SourceBytes::unpacked(&bytes, region),
                    0..bytes.len(),
                    below,
                );
            }
            if !doubts.is_empty() {
                self.visitor.closed(&place, &media, region, doubts[0]);
            }
            return;
        }
        let disposition = header.parameters("content-disposition");
        let name = disposition
            .as_ref()
            .and_then(|d| d.attribute("filename"))
            .or_else(|| stated.as_ref().and_then(|t| t.attribute("name")))
            .map(|name| super::words::decode(name.as_bytes()).text);
        let bytes = transfer.undo(&source.bytes[body]);
        let kind = PartKind::of(&media, name.as_deref(), &bytes);
        if kind == PartKind::Mail {
            let below = At {
                place: number(&at.place),
                depth: at.depth + 1,
                inside: true,
                digest: false,
                message: true,
                related: false,
            };
            self.entity(
                &SourceBytes::unpacked(&bytes, region),
                0..bytes.len(),
                below,
            );
            return;
        }
        let parameter = |name: &str| stated.as_ref().and_then(|t| t.attribute(name));
        let is = |name: &str, value: &str| {
            parameter(name).is_some_and(|v| v.eq_ignore_ascii_case(value))
        };
        self.visitor.leaf(MimePart {
            place: number(&at.place),
            kind,
            charset: parameter("charset").map(str::to_owned),
            joins_lines: is("format", "flowed") && is("delsp", "yes"),
            attached: disposition
                .as_ref()
                .is_some_and(|d| d.ctype().eq_ignore_ascii_case("attachment")),
            name,
            content_id: header
                .text("content-id")
                .map(|id| id.trim_matches(['<', '>', ' ']).to_owned()),
            related: at.related,
            inside: at.inside,
            transfer,
            bytes,
            region,
            doubts,
            media,
        });
    }
}

const NO_PARTS: &str = "its boundary stands nowhere: it is shown as it stands, or not at all";

/// The media type in small letters, text/plain if none can be read (RFC 2045 section 5.2).
fn media(stated: Option<&ContentType<'_>>, digest: bool) -> String {
    let Some(stated) = stated else {
        return if digest {
            "message/rfc822"
        } else {
            "text/plain"
        }
        .to_owned();
    };
    let word = |text: &str| {
        text.trim()
            .chars()
            .take_while(|c| c.is_ascii_graphic() && !matches!(c, ';' | ',' | '('))
            .collect::<String>()
            .to_ascii_lowercase()
    };
    match (word(stated.ctype()), stated.subtype().map(word)) {
        (kind, Some(subtype)) if !kind.is_empty() && !subtype.is_empty() => {
            format!("{kind}/{subtype}")
        }
        (kind, _) if kind == "application" => "application/octet-stream".to_owned(),
        (kind, _) if kind == "multipart" => "multipart/mixed".to_owned(),
        _ => "text/plain".to_owned(),
    }
}

/// Fields that decide how a part is shown and stand twice, differently.
fn doubts(header: &Header) -> Vec<&'static str> {
    let mut doubts = Vec::new();
    if header.differ("content-type") {
        doubts.push("names two types: readers take the one or the other");
    }
    if header.differ("content-transfer-encoding") {
        doubts.push("names two transfer encodings: readers take the one or the other");
    }
    if header.stray > 0 {
        doubts.push(
            "its header holds a line that is no field: for some readers the text begins there",
        );
    }
    doubts
}

/// What stands between the delimiters of a multipart. A reader that goes on behind the last one is served too.
fn parts(bytes: &[u8], body: &Range<usize>, boundary: &str) -> Vec<Range<usize>> {
    let boundary = boundary.trim_end();
    let mut found = Vec::new();
    // A delimiter is one line; a line end can come in only by an escape.
    if boundary.is_empty() || boundary.bytes().any(|b| b < b' ') {
        return found;
    }
    let delimiter = format!("--{boundary}");
    let mut open: Option<usize> = None;
    for at in
        memmem::find_iter(&bytes[body.clone()], delimiter.as_bytes()).map(|at| body.start + at)
    {
        let starts_line = at == body.start || bytes[at - 1] == b'\n';
        // Lines are looked at once each, so that a long one with many delimiters costs no more.
        if !starts_line {
            continue;
        }
        let (end, next) = fields::line_end(&bytes[..body.end], at);
        let rest = &bytes[at + delimiter.len()..end];
        let closes = rest.starts_with(b"--");
        let rest = if closes { &rest[2..] } else { rest };
        if !rest.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        if let Some(from) = open {
            // The line end before a delimiter belongs to it.
            let mut to = at.saturating_sub(1).max(from);
            if to > from && bytes[to - 1] == b'\r' {
                to -= 1;
            }
            found.push(from..to);
        }
        open = (!closes).then_some(next);
    }
    if let Some(from) = open {
        found.push(from.min(body.end)..body.end);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delimiter_is_a_line_of_its_own() {
        let cut = |text: &str| -> Vec<String> {
            parts(text.as_bytes(), &(0..text.len()), "b")
                .into_iter()
                .map(|r| text[r].to_owned())
                .collect()
        };
        assert_eq!(
            cut("pre\n--b\none --b two\n--bb\n--b \t\r\ntwo\r\n--b--\nepi"),
            ["one --b two\n--bb", "two"]
        );
        assert_eq!(cut("--b\n\n--b\n--b--\n--b\nlate"), ["", "", "late"]);
        assert_eq!(cut("no delimiter --b\n"), Vec::<String>::new());
    }
}
