//! A tolerant reader of HTML in messages: visible text, attributes, elements. Never fails; follows no link.

use super::mapped::Mapped;

/// An attribute of a tag and where its value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    pub name: String,
    pub value: String,
    pub start: usize,
    pub end: usize,
}

/// A start tag, with byte offsets of the whole tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    pub name: String,
    pub attributes: Vec<Attribute>,
    pub start: usize,
    pub end: usize,
    /// Visible text from this tag to its end tag, for links.
    pub inner: Option<(usize, usize)>,
}

impl Tag {
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|a| a.name == name)
    }
}

/// Whether the text looks like it holds mark-up at all.
pub fn looks_like_html(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'<', bytes).any(|at| {
        bytes
            .get(at + 1)
            .is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'/' | b'!'))
    })
}

const BLOCK: [&str; 22] = [
    "p", "div", "br", "li", "ul", "ol", "tr", "td", "th", "table", "h1", "h2", "h3", "h4", "h5",
    "h6", "hr", "section", "header", "footer", "body", "html",
];

enum Token {
    Text(usize, usize),
    Open(Tag),
    Close(String, usize),
    Skip,
}

/// Walks the source once. `<` that starts no tag is text.
fn tokens(source: &str, mut visit: impl FnMut(Token)) {
    let bytes = source.as_bytes();
    let mut at = 0;
    let mut text_from = 0;
    while let Some(found) = memchr::memchr(b'<', &bytes[at..]) {
        let open = at + found;
        let Some(next) = bytes.get(open + 1) else {
            break;
        };
        if source[open..].starts_with("<!--") {
            visit(Token::Text(text_from, open));
            let end = source[open + 4..]
                .find("-->")
                .map_or(source.len(), |i| open + 4 + i + 3);
            visit(Token::Skip);
            at = end;
            text_from = end;
        } else if next.is_ascii_alphabetic() || *next == b'!' {
            visit(Token::Text(text_from, open));
            let tag = read_tag(source, open);
            let end = tag.end;
            let raw = matches!(tag.name.as_str(), "script" | "style" | "title");
            let name = tag.name.clone();
            visit(Token::Open(tag));
            at = if raw {
                find_close(source, end, &name)
            } else {
                end
            };
            text_from = at;
        } else if *next == b'/' && bytes.get(open + 2).is_some_and(u8::is_ascii_alphabetic) {
            visit(Token::Text(text_from, open));
            let end = memchr::memchr(b'>', &bytes[open..]).map_or(source.len(), |i| open + i + 1);
            let name: String = source[open + 2..end]
                .chars()
                .take_while(char::is_ascii_alphanumeric)
                .collect::<String>()
                .to_ascii_lowercase();
            visit(Token::Close(name, open));
            at = end;
            text_from = end;
        } else {
            at = open + 1;
        }
    }
    visit(Token::Text(text_from, source.len()));
}

fn find_close(source: &str, from: usize, name: &str) -> usize {
    let mut at = from;
    while let Some(found) = source[at..].find("</") {
        let open = at + found;
        let rest = &source.as_bytes()[open + 2..];
        if rest.len() >= name.len() && rest[..name.len()].eq_ignore_ascii_case(name.as_bytes()) {
            return open;
        }
        at = open + 2;
    }
    source.len()
}

fn read_tag(source: &str, open: usize) -> Tag {
    let bytes = source.as_bytes();
    let mut at = open + 1;
    while at < bytes.len()
        && (bytes[at].is_ascii_alphanumeric() || matches!(bytes[at], b'!' | b'-' | b':'))
    {
        at += 1;
    }
    let name = source[open + 1..at].to_ascii_lowercase();
    let mut attributes = Vec::new();
    while at < bytes.len() && bytes[at] != b'>' {
        if bytes[at].is_ascii_whitespace() || bytes[at] == b'/' || bytes[at] == b'=' {
            at += 1;
            continue;
        }
        let name_from = at;
        while at < bytes.len()
            && !matches!(bytes[at], b'=' | b'>' | b'/')
            && !bytes[at].is_ascii_whitespace()
        {
            at += 1;
        }
        let attribute = source[name_from..at].to_ascii_lowercase();
        let mut look = at;
        while look < bytes.len() && bytes[look].is_ascii_whitespace() {
            look += 1;
        }
        let (start, end) = if look < bytes.len() && bytes[look] == b'=' {
            look += 1;
            while look < bytes.len() && bytes[look].is_ascii_whitespace() {
                look += 1;
            }
            match bytes.get(look) {
                Some(quote @ (b'"' | b'\'')) => {
                    let from = look + 1;
                    let to =
                        memchr::memchr(*quote, &bytes[from..]).map_or(bytes.len(), |i| from + i);
                    at = (to + 1).min(bytes.len());
                    (from, to)
                }
                _ => {
                    let from = look;
                    while look < bytes.len()
                        && bytes[look] != b'>'
                        && !bytes[look].is_ascii_whitespace()
                    {
                        look += 1;
                    }
                    at = look;
                    (from, look)
                }
            }
        } else {
            (at, at)
        };
        attributes.push(Attribute {
            name: attribute,
            value: htmlize::unescape_attribute(&source[start..end]).into_owned(),
            start,
            end,
        });
    }
    Tag {
        name,
        attributes,
        start: open,
        end: (at + 1).min(source.len()),
        inner: None,
    }
}

/// All start tags, links with the extent of their content.
pub fn tags(source: &str) -> Vec<Tag> {
    let mut all: Vec<Tag> = Vec::new();
    let mut open_links: Vec<usize> = Vec::new();
    tokens(source, |token| match token {
        Token::Open(tag) => {
            if tag.name == "a" {
                open_links.push(all.len());
            }
            all.push(tag);
        }
        Token::Close(name, at) if name == "a" => {
            if let Some(index) = open_links.pop() {
                let from = all[index].end;
                all[index].inner = Some((from, at));
            }
        }
        _ => {}
    });
    all
}

/// What a reader sees: tags gone (block tags become a line break), entities decoded, hidden elements and scripts left out.
pub fn visible_text(source: &str) -> Mapped {
    let mut out = Mapped::builder(source.len());
    let mut hidden_depth: Option<String> = None;
    tokens(source, |token| match token {
        Token::Text(from, to) if hidden_depth.is_none() => decode_into(&mut out, source, from, to),
        Token::Open(tag) => {
            if hidden_depth.is_none()
                && is_hidden(&tag)
                && !matches!(tag.name.as_str(), "img" | "br" | "input")
            {
                hidden_depth = Some(tag.name.clone());
            }
            if BLOCK.contains(&tag.name.as_str()) {
                out.push('\n', tag.start, tag.end);
            }
        }
        Token::Close(name, at) => {
            if hidden_depth.as_deref() == Some(name.as_str()) {
                hidden_depth = None;
            } else if BLOCK.contains(&name.as_str()) {
                out.push('\n', at, at);
            }
        }
        Token::Text(..) | Token::Skip => {}
    });
    out
}

/// A block of a page as a reader sees it, white space joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// The page's name, which stands outside its text.
    Title(String),
    /// Level 1 to 6.
    Heading(usize, String),
    Item(String),
    Paragraph(String),
}

#[derive(Clone, Copy)]
enum Kind {
    Title,
    Heading(usize),
    Item,
    Paragraph,
}

/// The blocks of a page in order. The cells of a table row are one paragraph, parted by ` | `.
pub fn blocks(source: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut text = Mapped::builder(256);
    let mut kind = Kind::Paragraph;
    let mut hidden: Option<String> = None;
    let mut close = |text: &mut Mapped, kind: Kind| {
        let words = std::mem::replace(text, Mapped::builder(256));
        let words = words
            .text()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let words = words.trim_end_matches(" |").to_owned();
        if !words.is_empty() {
            found.push(match kind {
                Kind::Title => Block::Title(words),
                Kind::Heading(level) => Block::Heading(level, words),
                Kind::Item => Block::Item(words),
                Kind::Paragraph => Block::Paragraph(words),
            });
        }
    };
    tokens(source, |token| match token {
        Token::Text(from, to) if hidden.is_none() => decode_into(&mut text, source, from, to),
        Token::Open(tag) if hidden.is_none() => match tag.name.as_str() {
            _ if is_hidden(&tag) && !matches!(tag.name.as_str(), "img" | "br" | "input") => {
                hidden = Some(tag.name.clone());
            }
            "td" | "th" => {}
            "br" => text.push(' ', tag.start, tag.end),
            name if name == "title" || BLOCK.contains(&name) => {
                close(&mut text, kind);
                kind = match (name, heading_level(name)) {
                    (_, Some(level)) => Kind::Heading(level),
                    ("title", _) => Kind::Title,
                    ("li", _) => Kind::Item,
                    // A paragraph inside an item is still the item.
                    ("p" | "div", _) if matches!(kind, Kind::Item) => Kind::Item,
                    _ => Kind::Paragraph,
                };
            }
            _ => {}
        },
        Token::Close(name, at) => {
            if hidden.as_deref() == Some(name.as_str()) {
                hidden = None;
            } else if matches!(name.as_str(), "td" | "th") {
                for c in " | ".chars() {
                    text.push(c, at, at);
                }
            } else if name == "title" || BLOCK.contains(&name.as_str()) {
                close(&mut text, kind);
                kind = Kind::Paragraph;
            }
        }
        _ => {}
    });
    close(&mut text, kind);
    found
}

fn heading_level(name: &str) -> Option<usize> {
    name.strip_prefix('h')?
        .parse()
        .ok()
        .filter(|level| (1..=6).contains(level))
}

fn is_hidden(tag: &Tag) -> bool {
    tag.attribute("hidden").is_some()
        || tag.attribute("style").is_some_and(|style| {
            let flat: String = style.value.chars().filter(|c| !c.is_whitespace()).collect();
            let flat = flat.to_ascii_lowercase();
            flat.contains("display:none")
                || flat.contains("visibility:hidden")
                || flat.contains("font-size:0;")
        })
}

fn decode_into(out: &mut Mapped, source: &str, from: usize, to: usize) {
    let text = &source[from..to];
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with('&')
            && let Some(semicolon) = rest.bytes().take(34).position(|b| b == b';')
        {
            let entity = &rest[..=semicolon];
            let decoded = htmlize::unescape(entity);
            if decoded != entity {
                for c in decoded.chars() {
                    out.push(c, from + at, from + at + entity.len());
                }
                at += entity.len();
                continue;
            }
        }
        let Some(c) = rest.chars().next() else { break };
        out.push(c, from + at, from + at + c.len_utf8());
        at += c.len_utf8();
    }
}

/// Values of the attributes that a reader may be shown (`alt`, `title`, `href`, `aria-label`), one a line.
pub fn attribute_text(source: &str) -> Mapped {
    let mut out = Mapped::builder(256);
    tokens(source, |token| {
        if let Token::Open(tag) = token {
            for attribute in &tag.attributes {
                if matches!(
                    attribute.name.as_str(),
                    "alt" | "title" | "href" | "aria-label" | "content"
                ) {
                    decode_into(&mut out, source, attribute.start, attribute.end);
                    out.push('\n', attribute.end, attribute.end);
                }
            }
        }
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_word_split_by_tags_and_entities_is_whole_again() {
        let source = "<p>guar<b></b>anteed &amp; s&#97;fe</p><!-- x --><script>no()</script>";
        let seen = visible_text(source);
        assert_eq!(seen.text().trim(), "guaranteed & safe");
        let at = seen.text().find("guaranteed").unwrap();
        let (start, end) = seen.original(at, at + 10);
        assert_eq!(&source[start..end], "guar<b></b>anteed");
    }

    #[test]
    fn attributes_are_read_and_hidden_text_is_not_shown() {
        let source = r#"<a href="https://x.example/a" title='no risk'>go</a><span style="display: none">zzz</span>"#;
        assert!(attribute_text(source).text().contains("no risk"));
        assert_eq!(visible_text(source).text().trim(), "go");
        let (from, to) = tags(source)[0].inner.unwrap();
        assert_eq!(&source[from..to], "go");
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(source in "[<>a-z/=\"' &;#!é-]{0,80}") {
            let _ = (visible_text(&source), attribute_text(&source), tags(&source), blocks(&source));
        }
    }
}
