//! What style sheets say about whether a text is seen: rules, selectors and the few properties that matter here.

use cssparser::{Parser, Token};

/// A property with its value as written, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Declaration {
    pub name: String,
    pub value: String,
    pub important: bool,
}

/// One simple selector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Simple {
    Any,
    Type(String),
    Class(String),
    Id(String),
    /// An attribute, with its value if one is asked for exactly.
    Attribute(String, Option<String>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Combinator {
    Inside,
    Child,
    Beside,
}

/// Compound selectors from the last to the first, each with how it hangs on the one before it.
#[derive(Clone, Debug)]
pub(super) struct Selector {
    pub compounds: Vec<(Vec<Simple>, Combinator)>,
    pub specificity: (u32, u32, u32),
    /// Something in it is not understood: it may hide a text, but never shows one.
    pub unsure: bool,
    /// `::before` or `::after`: only what it writes is of interest.
    pub writes: bool,
}

#[derive(Clone, Debug)]
pub(super) struct StyleRule {
    pub selectors: Vec<Selector>,
    pub declarations: Vec<Declaration>,
}

/// A sheet of more rules is cut, and the page counts as not read in full.
pub(super) const RULES: usize = 5_000;

/// The rules of a sheet that hold on a desktop reader, and every text that it writes itself.
#[derive(Debug, Default)]
pub(super) struct StyleSheet {
    pub rules: Vec<StyleRule>,
    pub cut: bool,
}

impl StyleSheet {
    pub fn read(&mut self, text: &str) {
        // Old readers were kept out with the marks of a comment.
        let text = text.replace("<!--", " ").replace("-->", " ");
        self.list(&mut Parser::new(&text), 0);
    }

    fn list(&mut self, input: &mut Parser<'_>, depth: usize) {
        loop {
            let from = input.position();
            let mut at_rule = None;
            // The head of a rule, up to its block.
            let head = loop {
                let before = input.position();
                match input.next() {
                    Err(_) => return,
                    Ok(Token::CurlyBracketBlock) => break Some(input.slice(from..before)),
                    Ok(Token::Semicolon) if at_rule.is_some() => break None,
                    Ok(Token::AtKeyword(name)) if at_rule.is_none() => {
                        at_rule = Some(name.to_ascii_lowercase());
                    }
                    // What stands in brackets belongs to the head, and is read over before its end is asked for.
                    Ok(
                        Token::ParenthesisBlock | Token::SquareBracketBlock | Token::Function(_),
                    ) => read_over(input),
                    Ok(_) => {}
                }
            };
            let Some(head) = head else { continue };
            if self.rules.len() >= RULES {
                self.cut = true;
                return;
            }
            let head = head.to_owned();
            let _: Result<(), cssparser::ParseError<()>> = input.parse_nested_block(|block| {
                match at_rule.as_deref() {
                    None => self.rules.push(StyleRule {
                        selectors: selectors(&head),
                        declarations: declarations(block),
                    }),
                    Some("media") if depth < 8 && holds(&head) => self.list(block, depth + 1),
                    Some("supports" | "layer" | "document" | "-moz-document" | "container")
                        if depth < 8 =>
                    {
                        self.list(block, depth + 1);
                    }
                    Some(_) => while block.next().is_ok() {},
                }
                Ok(())
            });
        }
    }
}

/// Reads over the block whose opening was just read.
fn read_over(input: &mut Parser<'_>) {
    let _: Result<(), cssparser::ParseError<()>> = input.parse_nested_block(|block| {
        while block.next().is_ok() {}
        Ok(())
    });
}

/// Whether a media query holds on a desktop screen whatever its size: types, and widths that every screen has.
fn holds(head: &str) -> bool {
    let head = head.to_ascii_lowercase();
    let query = head.trim().trim_start_matches("@media");
    query.split(',').any(|query| {
        let mut rest = query.trim();
        for word in ["only ", "all", "screen"] {
            rest = rest.strip_prefix(word).unwrap_or(rest).trim_start();
        }
        if rest.starts_with("not ") || rest.starts_with("print") || rest.starts_with("speech") {
            return false;
        }
        rest.split("and")
            .map(|feature| feature.trim().trim_matches(['(', ')', ' ']))
            .filter(|feature| !feature.is_empty())
            .all(|feature| {
                let Some((name, value)) = feature.split_once(':') else {
                    return false;
                };
                let pixels = length(value.trim(), 16.0);
                match (name.trim(), pixels) {
                    ("min-width" | "min-device-width", Some(px)) => px <= 320.0,
                    ("max-width" | "max-device-width", Some(px)) => px >= 2_560.0,
                    _ => false,
                }
            })
    })
}

/// The declarations of a `style` attribute.
pub(super) fn inline(text: &str) -> Vec<Declaration> {
    declarations(&mut Parser::new(text))
}

fn declarations(input: &mut Parser<'_>) -> Vec<Declaration> {
    let mut found = Vec::new();
    loop {
        let name = match input.next() {
            Err(_) => return found,
            Ok(Token::Ident(name)) => name.to_ascii_lowercase(),
            Ok(_) => {
                skip(input);
                continue;
            }
        };
        if !matches!(input.next(), Ok(Token::Colon)) {
            skip(input);
            continue;
        }
        let (value, important) = value(input);
        found.push(Declaration {
            name,
            value,
            important,
        });
    }
}

fn skip(input: &mut Parser<'_>) {
    while let Ok(token) = input.next() {
        if matches!(token, Token::Semicolon) {
            return;
        }
    }
}

/// A value up to its end: words parted by single spaces, escapes and comments undone.
fn value(input: &mut Parser<'_>) -> (String, bool) {
    let mut text = String::new();
    tokens(input, &mut text, 0);
    let text = text.trim();
    match text.rsplit_once('!') {
        Some((value, word)) if word.trim() == "important" => (value.trim().to_owned(), true),
        _ => (text.to_owned(), false),
    }
}

fn tokens(input: &mut Parser<'_>, out: &mut String, depth: usize) {
    while let Ok(token) = input.next_including_whitespace() {
        let nested = match token {
            Token::Semicolon if depth == 0 => return,
            Token::WhiteSpace(_) => {
                if !out.ends_with([' ', '(', ',']) {
                    out.push(' ');
                }
                false
            }
            Token::QuotedString(text) => {
                out.push('"');
                out.push_str(text);
                out.push('"');
                false
            }
            Token::Ident(text) => {
                out.push_str(&text.to_ascii_lowercase());
                false
            }
            Token::Dimension { value, unit, .. } => {
                out.push_str(&format!("{value}{}", unit.to_ascii_lowercase()));
                false
            }
            Token::Function(name) => {
                out.push_str(&name.to_ascii_lowercase());
                out.push('(');
                true
            }
            Token::ParenthesisBlock => {
                out.push('(');
                true
            }
            Token::SquareBracketBlock | Token::CurlyBracketBlock => true,
            Token::Comma => {
                out.push(',');
                false
            }
            other => {
                use cssparser::ToCss as _;
                out.push_str(&other.to_css_string().to_ascii_lowercase());
                false
            }
        };
        if nested && depth < 8 {
            let _: Result<(), cssparser::ParseError<()>> = input.parse_nested_block(|block| {
                tokens(block, out, depth + 1);
                Ok(())
            });
            out.push(')');
        }
    }
}

fn selectors(text: &str) -> Vec<Selector> {
    let mut input = Parser::new(text);
    let mut found = Vec::new();
    let mut reading = SelectorReader::default();
    loop {
        let Ok(token) = input.next_including_whitespace() else {
            found.extend(reading.finish());
            return found;
        };
        match token.clone() {
            Token::Comma => found.extend(std::mem::take(&mut reading).finish()),
            token => reading.take(&token, &mut input),
        }
    }
}

#[derive(Default)]
struct SelectorReader {
    /// From the first to the last, each with how the next hangs on it.
    compounds: Vec<(Vec<Simple>, Combinator)>,
    current: Vec<Simple>,
    combinator: Option<Combinator>,
    specificity: (u32, u32, u32),
    unsure: bool,
    writes: bool,
    dead: bool,
}

impl SelectorReader {
    fn push(&mut self, simple: Simple) {
        if let Some(combinator) = self.combinator.take()
            && !self.current.is_empty()
        {
            let done = std::mem::take(&mut self.current);
            self.compounds.push((done, combinator));
        }
        match &simple {
            Simple::Any => {}
            Simple::Type(_) => self.specificity.2 += 1,
            Simple::Class(_) | Simple::Attribute(..) => self.specificity.1 += 1,
            Simple::Id(_) => self.specificity.0 += 1,
        }
        self.current.push(simple);
    }

    fn take(&mut self, token: &Token<'_>, input: &mut Parser<'_>) {
        match token {
            Token::WhiteSpace(_) => {
                if !self.current.is_empty() {
                    self.combinator.get_or_insert(Combinator::Inside);
                }
            }
            Token::Delim('>') => self.combinator = Some(Combinator::Child),
            Token::Delim('+' | '~') => self.combinator = Some(Combinator::Beside),
            Token::Delim('*') => self.push(Simple::Any),
            Token::Delim('.') => match input.next_including_whitespace() {
                Ok(Token::Ident(name)) => {
                    let name = name.to_string();
                    self.push(Simple::Class(name));
                }
                _ => self.unsure = true,
            },
            Token::Ident(name) => self.push(Simple::Type(name.to_ascii_lowercase())),
            Token::IDHash(name) | Token::Hash(name) => self.push(Simple::Id(name.to_string())),
            Token::SquareBracketBlock => {
                let simple = attribute(input);
                match simple {
                    Some(simple) => self.push(simple),
                    None => self.unsure = true,
                }
            }
            Token::Colon => self.pseudo(input),
            Token::Function(_) | Token::ParenthesisBlock | Token::CurlyBracketBlock => {
                read_over(input);
                self.unsure = true;
            }
            _ => self.unsure = true,
        }
    }

    fn pseudo(&mut self, input: &mut Parser<'_>) {
        if self.current.is_empty() || self.combinator.is_some() {
            self.push(Simple::Any);
        }
        let name = match input.next_including_whitespace() {
            Ok(Token::Colon) => {
                if let Ok(Token::Ident(name)) = input.next_including_whitespace() {
                    name.to_ascii_lowercase()
                } else {
                    String::new()
                }
            }
            Ok(Token::Ident(name)) => name.to_ascii_lowercase(),
            Ok(Token::Function(_)) => {
                read_over(input);
                self.unsure = true;
                return;
            }
            _ => String::new(),
        };
        match name.as_str() {
            "before" | "after" => self.writes = true,
            "link" | "root" => self.specificity.1 += 1,
            // States that a reader brings about.
            "hover" | "focus" | "active" | "visited" | "checked" | "focus-within"
            | "first-letter" | "first-line" | "selection" | "target" => self.dead = true,
            _ => self.unsure = true,
        }
    }

    fn finish(mut self) -> Option<Selector> {
        if self.dead || self.current.is_empty() {
            return None;
        }
        // The last hangs on nothing behind it.
        self.compounds.push((self.current, Combinator::Inside));
        self.compounds.reverse();
        Some(Selector {
            compounds: self.compounds,
            specificity: self.specificity,
            unsure: self.unsure,
            writes: self.writes,
        })
    }
}

fn attribute(input: &mut Parser<'_>) -> Option<Simple> {
    let read: Result<Option<Simple>, cssparser::ParseError<()>> =
        input.parse_nested_block(|block| {
            let Ok(name) = block.expect_ident_cloned() else {
                while block.next().is_ok() {}
                return Ok(None);
            };
            let name = name.to_ascii_lowercase();
            let simple = match block.next().cloned() {
                Err(_) => Some(Simple::Attribute(name, None)),
                Ok(Token::Delim('=')) => match block.next() {
                    Ok(Token::Ident(value) | Token::QuotedString(value)) => {
                        Some(Simple::Attribute(name, Some(value.to_string())))
                    }
                    _ => None,
                },
                // Part of a value: whether it fits is not worked out.
                Ok(_) => None,
            };
            while block.next().is_ok() {}
            Ok(simple)
        });
    read.ok().flatten()
}

/// A length in pixels; `base` is the font size that relative ones refer to. None for words and percentages.
pub(super) fn length(value: &str, base: f64) -> Option<f64> {
    let value = value.trim();
    let digits = value
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+')))
        .unwrap_or(value.len());
    let number: f64 = value[..digits].parse().ok()?;
    let unit = &value[digits..];
    let factor = match unit {
        "px" => 1.0,
        "" => return (number == 0.0).then_some(0.0),
        "pt" => 4.0 / 3.0,
        "pc" | "rem" => 16.0,
        "em" => base,
        "ex" | "ch" => base / 2.0,
        "in" => 96.0,
        "cm" => 37.8,
        "mm" => 3.78,
        "vw" | "vh" | "vmin" | "vmax" => 8.0,
        _ => return None,
    };
    Some(number * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_of_the_page_are_read_and_those_of_other_media_are_not() {
        let mut sheet = StyleSheet::default();
        sheet.read(
            "/* x */ .a > p, #b.c:hover {color:red} @media (max-width:600px){.m{display:block !important}} \
             @media only screen{.s{d\\69splay:none!important}} @import url(x); td::after{content:'Risk; free'}",
        );
        assert_eq!(sheet.rules.len(), 3);
        assert_eq!(sheet.rules[0].selectors.len(), 1);
        assert_eq!(
            sheet.rules[0].selectors[0].compounds[1].1,
            Combinator::Child
        );
        let shown = &sheet.rules[1].declarations[0];
        assert_eq!(
            (shown.name.as_str(), shown.value.as_str(), shown.important),
            ("display", "none", true)
        );
        assert!(sheet.rules[2].selectors[0].writes);
        assert_eq!(sheet.rules[2].declarations[0].value, "\"Risk; free\"");
    }

    #[test]
    fn lengths_are_pixels() {
        assert_eq!(length("12pt", 16.0), Some(16.0));
        assert_eq!(length("-9999px", 16.0), Some(-9999.0));
        assert_eq!(length("0", 16.0), Some(0.0));
        assert_eq!(length("auto", 16.0), None);
    }
}
