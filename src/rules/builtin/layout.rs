//! Mark-up, hidden characters, length and plainness.

use super::{Prepared, RawFinding};
use crate::domain::contact::host_in_a_labels;
use crate::domain::finding::{Disposition, Part, Polarity};
use crate::domain::jurisdiction::Channel;
use crate::rules::prepared::PreparedPart;
use crate::text::html::{self, HtmlPage};
use crate::text::pattern::constant;
use crate::text::{hidden, readability, sms};
use regex::Regex;
use std::sync::LazyLock;
use unicode_security::MixedScript;

fn at<'v>(
    part: Part,
    start: usize,
    end: usize,
    text: &str,
    why: &str,
    disposition: Disposition,
) -> RawFinding<'v> {
    RawFinding {
        part,
        start,
        end,
        owned_text: Some(text.to_owned()),
        polarity: Polarity::Asserted,
        disposition: Some(disposition),
        why: Some(why.to_owned()),
        ..RawFinding::whole()
    }
}

/// Characters that a reader does not see, and words of mixed scripts.
pub fn hidden_characters(prepared: &Prepared<'_>, report: &mut dyn FnMut(RawFinding<'_>)) {
    for part in prepared.parts.iter().filter(|p| {
        !p.source.is_ascii()
            || p.source
                .bytes()
                .any(|b| b < 0x20 && !matches!(b, b'\n' | b'\t' | b'\r'))
    }) {
        let filler = hidden::harmless_filler(part.source);
        for (from, to) in &filler {
            report(at(
                part.part,
                *from,
                *to,
                "",
                "Invisible characters that fill a line or part a word's syllables; they hide nothing.",
                Disposition::Info,
            ));
        }
        let mut filler = filler.iter().peekable();
        let mut before = None;
        for (index, c) in part.source.char_indices() {
            while filler.next_if(|(_, to)| *to <= index).is_some() {}
            let filled = filler.peek().is_some_and(|(from, _)| *from <= index);
            if hidden::is_suspicious(c, before) && !filled {
                let disposition = if hidden::is_bidi_override(c) || c.is_control() {
                    Disposition::Block
                } else {
                    Disposition::Review
                };
                let shown = format!("<U+{:04X}>", u32::from(c));
                report(at(
                    part.part,
                    index,
                    index + c.len_utf8(),
                    &shown,
                    "An invisible character can hide words from a reader or from this gate.",
                    disposition,
                ));
            }
            before = Some(c);
        }
        let mut from = 0;
        for word in part.source.split(|c: char| !c.is_alphanumeric()) {
            let start = from;
            from += word.len();
            from += part.source[from..].chars().next().map_or(0, char::len_utf8);
            if !word.is_ascii()
                && !word.is_single_script()
                && word.chars().any(|c| c.is_ascii_alphabetic())
            {
                report(at(
                    part.part,
                    start,
                    start + word.len(),
                    word,
                    "The word mixes letters of several scripts, as disguises do.",
                    Disposition::Block,
                ));
            }
        }
    }
}

fn marked_up<'p, 'm>(
    prepared: &'p Prepared<'m>,
) -> impl Iterator<Item = (&'p PreparedPart<'m>, &'p HtmlPage<'m>)> {
    prepared
        .parts
        .iter()
        .filter_map(|p| Some((p, p.page.as_ref()?)))
}

static VAGUE_LINK: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?i)^\W*(?:click (?:here|this|below)|here|this|link|read more|more|learn more|go|tap here|this link)\W*$",
    )
});
static TERMS_IMAGE: LazyLock<Regex> = LazyLock::new(|| {
    constant(r"(?i)terms|disclos|disclaimer|legal|conditions|risk|apr|fees|notice")
});

/// WCAG 2.2: 1.1.1 (alternative text), 2.4.4 (link purpose).
pub fn html_access(prepared: &Prepared<'_>, report: &mut dyn FnMut(RawFinding<'_>)) {
    for (part, page) in marked_up(prepared) {
        for tag in page.tags().iter().filter(|tag| tag.name == "img") {
            let why = match tag.attribute("alt") {
                None => "The image has no alternative text.",
                Some(alt)
                    if alt.value.trim().is_empty()
                        && tag
                            .attribute("src")
                            .is_some_and(|s| TERMS_IMAGE.is_match(&s.value)) =>
                {
                    "Terms stand only in an image, without alternative text."
                }
                Some(_) => continue,
            };
            let text = &part.source[tag.start..tag.end];
            report(at(
                part.part,
                tag.start,
                tag.end,
                text,
                why,
                Disposition::Block,
            ));
        }
        for link in page.shown().links() {
            if VAGUE_LINK.is_match(link.text.text()) {
                report(at(
                    part.part,
                    link.from,
                    link.to,
                    link.text.text(),
                    "The link text does not say where it leads.",
                    Disposition::Block,
                ));
            }
        }
    }
    if prepared.message.complete
        && prepared.message.html.is_some()
        && prepared.message.body.trim().is_empty()
    {
        report(at(
            Part::Message,
            0,
            0,
            "",
            "There is no plain-text part.",
            Disposition::Review,
        ));
    }
}

static COLOUR: LazyLock<Regex> =
    LazyLock::new(|| constant(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b"));

/// Colours, logo and link hosts against the brand's lists, which arrive as the facts `brand_colours`, `brand_logo`
/// and `brand_hosts`. Without those facts the check has nothing to say.
pub fn brand_html(prepared: &Prepared<'_>, report: &mut dyn FnMut(RawFinding<'_>)) {
    let list = |key: &str| -> Option<Vec<String>> {
        let value = prepared.message.facts.0.get(key)?.as_array()?;
        Some(
            value
                .iter()
                .filter_map(|v| v.as_str().map(str::to_ascii_lowercase))
                .collect(),
        )
    };
    let (colours, hosts) = (list("brand_colours"), list("brand_hosts"));
    let logo = prepared.message.facts.text("brand_logo");
    for (part, page) in marked_up(prepared).filter(|(p, _)| {
        prepared.message.stands_for(p.part) == Some(Part::Html) && prepared.message.shows(p.part)
    }) {
        if let Some(colours) = &colours {
            for hit in COLOUR.find_iter(part.source) {
                if !colours.contains(&hit.as_str().to_ascii_lowercase())
                    && !part.source[..hit.start()].ends_with('&')
                {
                    report(at(
                        part.part,
                        hit.start(),
                        hit.end(),
                        hit.as_str(),
                        "The colour is not in the brand's palette.",
                        Disposition::Review,
                    ));
                }
            }
        }
        if let Some(logo) = logo
            && part.part == Part::Html
            && !page
                .tags()
                .iter()
                .any(|t| t.name == "img" && t.attribute("src").is_some_and(|s| s.value == logo))
        {
            report(at(
                Part::Html,
                0,
                0,
                "",
                "The brand's logo is not in the HTML part.",
                Disposition::Review,
            ));
        }
    }
    let Some(hosts) = &hosts else { return };
    let hosts: Vec<String> = hosts.iter().map(|host| plain_host(host)).collect();
    for part in &prepared.parts {
        for (start, end, host) in links(part.source) {
            if !hosts
                .iter()
                .any(|allowed| host == *allowed || host.ends_with(&format!(".{allowed}")))
            {
                report(at(
                    part.part,
                    start,
                    end,
                    &part.source[start..end],
                    "The link leads to a host that the brand does not own.",
                    Disposition::Block,
                ));
            }
        }
    }
}

static LINK: LazyLock<Regex> =
    LazyLock::new(|| constant(r#"(?i)\bhttps?://([^\s/"'<>?#)\]]+)[^\s"'<>)\]]*"#));

/// A host in small letters and A-labels: both forms of an international name are one.
fn plain_host(host: &str) -> String {
    host_in_a_labels(host).unwrap_or_else(|| host.to_lowercase())
}

/// Links of a text with their hosts, without user and port.
fn links(text: &str) -> Vec<(usize, usize, String)> {
    LINK.captures_iter(text)
        .filter_map(|c| {
            let (whole, authority) = (c.get(0)?, c.get(1)?);
            let host = authority
                .as_str()
                .rsplit('@')
                .next()?
                .split(':')
                .next()?
                .trim_end_matches('.');
            Some((whole.start(), whole.end(), plain_host(host)))
        })
        .collect()
}

/// The longest sentence a consumer should have to read, in words (PRIN 2A.5 asks for understanding, not for a number).
const LONG_SENTENCE: usize = 30;
/// Reading grade × 10 above which a person should look.
const HARD_GRADE: i64 = 130;

pub fn plain_language(prepared: &Prepared<'_>, report: &mut dyn FnMut(RawFinding<'_>)) {
    let message = prepared.message;
    for part in prepared
        .parts
        .iter()
        .filter(|p| message.stands_for(p.part) == Some(Part::Body) && message.shows(p.part))
    {
        let Some(view) = part.visible() else {
            continue;
        };
        for (from, to) in &view.sentences {
            let text = &view.text()[*from..*to];
            let words: Vec<&str> = readability::words_of(text).collect();
            let letters = text.chars().filter(|c| c.is_alphabetic()).count();
            let upper = text.chars().filter(|c| c.is_uppercase()).count();
            let (start, end) = view.mapped.original(*from, *to);
            if words.len() > LONG_SENTENCE {
                report(at(
                    part.part,
                    start,
                    end,
                    "",
                    &format!(
                        "The sentence has {} words; more than {LONG_SENTENCE} are hard to follow.",
                        words.len()
                    ),
                    Disposition::Info,
                ));
            }
            if words.len() > 6 && upper * 10 > letters * 8 {
                report(at(
                    part.part,
                    start,
                    end,
                    text,
                    "A sentence in capitals is hard to read and shouts.",
                    Disposition::Review,
                ));
            }
        }
        if let Some(grade) = readability::grade_tenths(view.text())
            && grade > HARD_GRADE
        {
            report(at(
                part.part,
                0,
                0,
                "",
                &format!(
                    "Reading grade {}.{}; aim for {} or below.",
                    grade / 10,
                    grade % 10,
                    HARD_GRADE / 10
                ),
                Disposition::Info,
            ));
        }
    }
}

/// Segments from which a text message is too long.
const MOST_PARTS: usize = 3;

/// An SMS of more than three concatenated segments, a subject that phones cut off.
pub fn channel_length(prepared: &Prepared<'_>, report: &mut dyn FnMut(RawFinding<'_>)) {
    let message = prepared.message;
    match message.channel {
        Some(Channel::Sms) => {
            let text = if html::looks_like_html(&message.body) {
                html::visible_text(&message.body).text().to_owned()
            } else {
                message.body.clone()
            };
            let count = sms::parts(&text);
            if count.parts > MOST_PARTS {
                let units = match count.coding {
                    sms::Coding::Gsm => "of the GSM alphabet",
                    sms::Coding::Ucs2 => "in UTF-16, for a character is not in the GSM alphabet",
                };
                report(at(
                    Part::Body,
                    0,
                    message.body.len(),
                    "",
                    &format!(
                        "{} units {units}, {} segments of {}; more than {MOST_PARTS} are too many.",
                        count.units,
                        count.parts,
                        sms::SmsParts::room(count.coding)
                    ),
                    Disposition::Review,
                ));
            }
        }
        Some(Channel::Push) if message.body.chars().count() > 178 => {
            report(at(
                Part::Body,
                0,
                message.body.len(),
                "",
                "More than 178 characters are cut off by phones.",
                Disposition::Review,
            ));
        }
        Some(Channel::Email) => {
            if let Some(subject) = &message.subject
                && subject.chars().count() > 78
            {
                report(at(
                    Part::Subject,
                    0,
                    subject.len(),
                    "",
                    "A subject over 78 characters is cut off (RFC 5322 line length).",
                    Disposition::Info,
                ));
            }
        }
        _ => {}
    }
}
