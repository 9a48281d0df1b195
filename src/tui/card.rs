//! What is said of a finding, and the words that it flags: the same on the safety screen and for messages of others.

use super::model::Model;
use super::screen::light;
use super::text::{StyledRange, layered, marked, wrap};
use crate::domain::finding::Disposition;
use crate::domain::finding::{Finding, Part, Verdict};
use crate::domain::prescribed::LIBRARY;
use crate::service::check::verdict::TEXTS;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

/// Name and value, the value wrapped beside its name.
pub fn pair<'l>(name: &str, value: &str, width: usize) -> Vec<Line<'l>> {
    let named = |(index, line): (usize, String)| {
        let name = if index == 0 { name } else { "" };
        Line::raw(format!(" {name:10}{line}"))
    };
    let lines = wrap(value, width.saturating_sub(12)).into_iter();
    lines.enumerate().map(named).collect()
}

/// The name beside which small print stands, all of it dim.
pub fn small<'l>(model: &Model, name: &str, value: &str, width: usize) -> Vec<Line<'l>> {
    let lines = pair(name, value, width).into_iter();
    lines.map(|line| line.style(model.theme.dim())).collect()
}

/// A state and what is in it: the word in its style, the words wrapped beside it.
pub fn stated<'l>(
    model: &Model,
    disposition: Disposition,
    words: &str,
    width: usize,
) -> Vec<Line<'l>> {
    let (word, style) = light(&model.theme, disposition);
    let wrapped = wrap(words, width.saturating_sub(8)).into_iter();
    let line = |(index, line): (usize, String)| {
        let mark = if index == 0 { word } else { "" };
        let gap = 8_usize.saturating_sub(mark.chars().count());
        Line::from(vec![
            Span::raw(" "),
            Span::styled(mark, style),
            Span::raw(format!("{}{line}", " ".repeat(gap))),
        ])
    };
    wrapped.enumerate().map(line).collect()
}

/// A finding in one sentence: what it is against, and the words that it is about.
pub fn sentence(f: &Finding) -> String {
    let hard = if f.hard { " (hard)" } else { "" };
    let quoted = match f.text.as_str() {
        "" => String::new(),
        words => format!(" “{words}”"),
    };
    format!("{}{hard}{quoted}", f.headline())
}

/// The words, the rule, the law, and what would pass.
pub fn finding<'l>(model: &Model, f: &Finding, width: usize) -> Vec<Line<'l>> {
    let hard = if f.hard {
        "; hard: nobody may override it"
    } else {
        ""
    };
    let said = format!("{}{hard}", f.headline());
    let mut text = stated(model, f.disposition, &said, width.saturating_sub(2));
    for line in &mut text {
        *line = std::mem::take(line).style(model.theme.title());
    }
    if !f.text.is_empty() {
        let words = format!("“{}” ({})", f.text, f.polarity);
        text.extend(pair("words", &words, width));
    }
    if !f.claim.is_empty() {
        text.extend(pair("says that", &f.claim, width));
    }
    if f.view != "visible" && f.view != "facts" {
        text.extend(pair("seen in", &f.view, width));
    }
    text.extend(pair("why", &f.why, width));
    text.extend(pair("law", &f.law(), width));
    if !f.source.is_empty() {
        text.extend(pair("read at", &f.source, width));
    }
    text.extend(pair("fix", &f.fix, width));
    match f.replacement.as_deref() {
        Some("") => text.extend(pair("passes", "without these words", width)),
        Some(words) => text.extend(pair("passes", &format!("“{words}”"), width)),
        None => {}
    }
    // The rule names its place.
    let prescribed = LIBRARY.answers(&f.rule, None, None).into_iter().take(TEXTS);
    for one in prescribed.filter(|_| f.disposition >= Disposition::Review) {
        let words = format!("“{}” ({})", one.text, one.cite);
        text.extend(pair("text", &words, width));
    }
    text.extend(small(model, "rule id", &f.rule, width));
    text
}

/// A part's words with the flagged ones marked: where findings lie over each other, the worst one's mark is seen. Where
/// one is chosen, it alone is reversed.
pub fn flagged<'l>(
    source: &str,
    (part, verdict, chosen): (Part, &Verdict, Option<&Finding>),
    model: &Model,
    width: usize,
) -> Vec<Line<'l>> {
    let here: Vec<&Finding> = verdict
        .findings
        .iter()
        .filter(|f| f.part == part && f.disposition >= Disposition::Review)
        .collect();
    let marks: Vec<_> = here
        .iter()
        .map(|f| {
            let style = light(&model.theme, f.disposition).1;
            (f.start, f.end, f.disposition as u8, style)
        })
        .collect();
    let chosen = chosen.filter(|chosen| chosen.part == part && chosen.start < chosen.end);
    let mut marks: Vec<StyledRange> = layered(&marks);
    if let Some(chosen) = chosen {
        for (from, to, style) in &mut marks {
            let inside = chosen.start <= *from && *to <= chosen.end;
            *style = if inside {
                style.add_modifier(Modifier::REVERSED | Modifier::BOLD | Modifier::UNDERLINED)
            } else {
                style.remove_modifier(Modifier::REVERSED)
            };
        }
    }
    let mut lines = marked(source, &marks, width);
    for line in &mut lines {
        line.spans.insert(0, Span::raw(" "));
    }
    lines
}
