//! Pictures: what they say is not read, so what matters is whether the message hangs on them.
//!
//! A picture that belongs to the HTML (a logo, a photo between paragraphs) is told and asks for nothing: its alternative
//! text is judged. One that readers show for itself, and a mail that is little more than pictures, are for a person.

use super::as_read::Mail;
use super::structure::MimePart;
use crate::domain::finding::Disposition;
use crate::domain::message::MoreKind;
use crate::domain::remark::{Remark, Topic};
use crate::text::html::{HtmlPage, Tag};
use crate::text::sentence;
use std::collections::BTreeSet;

/// A picture among the parts.
pub(super) struct Picture {
    listed: usize,
    content_id: Option<String>,
    related: bool,
}

impl Picture {
    pub fn of(listed: usize, leaf: &MimePart) -> Self {
        Self {
            listed,
            content_id: leaf.content_id.clone().filter(|id| !id.is_empty()),
            related: leaf.related,
        }
    }
}

/// Words beside the notice at the end without which a mail is its pictures.
const LEAST_WORDS: usize = 8;
/// The same beside a picture as wide as the page.
const LEAST_BESIDE_WIDE: usize = 20;
/// Width of a picture, in CSS pixels, that fills a page.
const WIDE: u32 = 400;

/// Says of each picture whether a person must look, and so of the mail.
pub(super) fn judge(mail: &mut Mail, pictures: &[Picture]) {
    let message = &mail.message;
    let further = message.more.iter().filter(|m| m.kind == MoreKind::Html);
    let pages: Vec<String> = message
        .html
        .iter()
        .chain(further.map(|m| &m.text))
        .cloned()
        .collect();
    let named: BTreeSet<&str> = pages.iter().flat_map(|page| content_ids(page)).collect();
    for picture in pictures {
        let referred = picture
            .content_id
            .as_deref()
            .is_some_and(|id| named.contains(id));
        if !referred && (!picture.related || pages.is_empty()) {
            mail.unread(
                picture.listed,
                Disposition::Review,
                "a picture that is shown for itself; what it says",
            );
        }
    }
    for page in &pages {
        let page = HtmlPage::read(page);
        let shown = page.tags().iter().filter(|tag| is_picture(tag));
        let wide = shown
            .clone()
            .any(|tag| width(tag).is_some_and(|w| w >= WIDE));
        let words = words_beside_notice(page.shown().visible().text());
        let least = if wide { LEAST_BESIDE_WIDE } else { LEAST_WORDS };
        if shown.count() > 0 && words < least {
            mail.message.remarks.push(Remark::new(
                Topic::Unread,
                Disposition::Review,
                "text/html",
                "little more than pictures",
                "what they say was not read",
            ));
        }
    }
}

/// The parts that a page refers to.
fn content_ids(page: &str) -> impl Iterator<Item = &str> {
    page.match_indices("cid:").map(|(at, mark)| {
        let rest = &page[at + mark.len()..];
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ')' | '>'));
        &rest[..end.unwrap_or(rest.len())]
    })
}

/// An element that shows a picture larger than a dot that only counts openings.
fn is_picture(tag: &Tag) -> bool {
    let background = tag.attribute("background").is_some()
        || tag
            .attribute("style")
            .is_some_and(|s| s.value.contains("background") && s.value.contains("url("));
    let pictured = matches!(tag.name.as_str(), "img" | "amp-img" | "image") || background;
    pictured && width(tag).is_none_or(|w| w > 2)
}

fn width(tag: &Tag) -> Option<u32> {
    let digits = |text: &str| text.trim().trim_end_matches("px").trim().parse().ok();
    if let Some(attribute) = tag.attribute("width") {
        if attribute.value.trim() == "100%" {
            return Some(u32::MAX);
        }
        return digits(&attribute.value);
    }
    let style = &tag.attribute("style")?.value;
    style.split(';').find_map(|rule| {
        let (name, value) = rule.split_once(':')?;
        match (name.trim(), value.trim()) {
            ("width", "100%") => Some(u32::MAX),
            ("width", value) => digits(value),
            _ => None,
        }
    })
}

/// Words that stand in every mail's notice.
const NOTICE: [&str; 8] = [
    "unsubscribe",
    "opt out",
    "opt-out",
    "preferences",
    "in your browser",
    "view online",
    "©",
    "all rights reserved",
];

fn words_beside_notice(text: &str) -> usize {
    sentence::sentences(text)
        .into_iter()
        .map(|(from, to)| &text[from..to])
        .filter(|sentence| {
            let lower = sentence.to_lowercase();
            // An address: a number and a comma.
            let address = sentence.contains(',') && sentence.bytes().any(|b| b.is_ascii_digit());
            !address && !NOTICE.iter().any(|words| lower.contains(words))
        })
        .flat_map(str::split_whitespace)
        .filter(|word| word.chars().any(char::is_alphabetic))
        .count()
}
