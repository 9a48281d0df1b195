//! Which sources, in which order, and why.

use crate::domain::citation::{Citation, Retrieved, Trust, decimal};
use crate::domain::run::Run;
use crate::domain::variant::Source;
use crate::domain::why_rank;
use crate::tui::model::{Model, Screen};
use crate::tui::text::{column, safe, wrap};
use crate::tui::view::{ColumnWish, Pane, halves, lines, pane, rows, scrolled, split, widths};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let Some((run, retrieved)) = model
        .run
        .as_ref()
        .and_then(|run| Some((run, run.retrieved.as_ref()?)))
    else {
        let inside = pane(frame, area, "Citations", "", (model, Pane::Alone));
        lines(
            frame,
            inside,
            vec![
                Line::raw(""),
                Line::raw("  No citations yet: open a run (2) and step it past retrieve."),
            ],
            0,
        );
        return;
    };
    let [top, bottom] = halves(area, Screen::Citations);
    table(frame, top, model, run, retrieved);
    let chosen = model.citation();
    let [left, right] = split(bottom, 1, 1);
    match chosen {
        Some(citation) => {
            passage(frame, left, model, run, citation);
            why(frame, right, model, run, retrieved, citation);
        }
        None => {
            pane(frame, left, "Passage", "", (model, Pane::Screen(1)));
            pane(frame, right, "Why", "", (model, Pane::Screen(2)));
        }
    }
}

fn table(frame: &mut Frame<'_>, area: Rect, model: &Model, run: &Run, retrieved: &Retrieved) {
    let found = retrieved.citations.len() + retrieved.below.len();
    let title = format!("{} kept of {found} sources", retrieved.citations.len());
    let inside = pane(
        frame,
        area,
        &title,
        if retrieved.fallback.is_some() {
            "FALLBACK: embedded index"
        } else if retrieved.degraded {
            "words alone"
        } else if retrieved.service.is_some() {
            "from the search service"
        } else {
            ""
        },
        (model, Pane::Screen(0)),
    );
    let asked = format!("asked for  {}", safe(&retrieved.query));
    // On a low screen the sources need the rows.
    let asked = if inside.height < 12 {
        vec![asked]
    } else {
        wrap(&asked, usize::from(inside.width).saturating_sub(2))
    };
    let parts = [
        Constraint::Length(u16::try_from(asked.len().min(2)).unwrap_or(1)),
        Constraint::Length(1),
        Constraint::Min(1),
    ];
    let [query, head, list] = Layout::vertical(parts).areas(inside);
    let small = |line: &String| Line::styled(format!(" {line}"), model.theme.dim());
    lines(frame, query, asked.iter().map(small).collect(), 0);
    if retrieved.citations.is_empty() && !model.show_below {
        lines(
            frame,
            list,
            vec![
                Line::raw(if retrieved.first_query.is_some() {
                    "   Nothing was relevant enough, asked twice in other words."
                } else {
                    "   Nothing was relevant enough."
                }),
                Line::raw("   e lists what is below the floor."),
            ],
            0,
        );
        return;
    }
    let shown: Vec<&Citation> = retrieved
        .citations
        .iter()
        .chain(retrieved.below.iter().filter(|_| model.show_below))
        .collect();
    let names: Vec<String> = shown.iter().map(|c| name_of(c)).collect();
    let widest = names.iter().map(|name| name.width()).max().unwrap_or(0);
    let used: Vec<String> = shown.iter().map(|c| users(run, c).join(" ")).collect();
    let letters = used.iter().map(|used| used.width()).max().unwrap_or(0);
    // The rank, and then what a reader wants first; how it was reckoned is small print.
    let room = usize::from(list.width).saturating_sub(3 + 6 + NUMBERS.width() + 4);
    let given = widths(
        room,
        &[
            ColumnWish::down_to(12, widest.max("SOURCE".len())),
            ColumnWish::fixed(letters.max("USED BY".len())),
        ],
    );
    let (source, by) = (given[0], given[1]);
    let heads = format!(
        "      #  {}  {}  {NUMBERS}",
        column("SOURCE", source),
        column("USED BY", by)
    );
    frame.render_widget(Line::styled(heads, model.theme.dim()), head);
    let mut table: Vec<Line<'_>> = Vec::new();
    for (index, ((c, name), used)) in shown.iter().zip(&names).zip(&used).enumerate() {
        let kept = index < retrieved.citations.len();
        let rank = if kept {
            (index + 1).to_string()
        } else {
            "-".into()
        };
        let was = c.rank_bm25.or(c.service_rank);
        let numbers = format!(
            "{:>4} {:>7.3} {:>6} {:>6.3}",
            was.map_or("-".into(), |r| r.to_string()),
            decimal(c.service_score.unwrap_or(c.bm25)),
            c.cosine
                .map_or("-".into(), |x| format!("{:.3}", decimal(x))),
            decimal(c.score),
        );
        let style = match c.trust {
            Trust::Unverified => model.theme.asks(),
            Trust::Approved | Trust::Editorial => Style::default(),
        };
        table.push(Line::from(vec![
            Span::raw(format!("{rank:>4}  ")),
            Span::styled(column(name, source), style),
            Span::raw(format!("  {}  ", column(used, by))),
            Span::styled(numbers, model.theme.dim()),
        ]));
    }
    rows(frame, list, table, model.citation_at, model);
}

/// What the columns of numbers are called: the place by words alone, its score, the likeness of meaning, both together.
const NUMBERS: &str = " was    BM25    cos  final";

/// A source by its title and section; one that is not verified says so.
fn name_of(c: &Citation) -> String {
    let name = match (c.title.as_str(), c.section.as_str()) {
        ("", _) => c.id.clone(),
        (title, "") => title.to_owned(),
        (title, section) => format!("{title} › {section}"),
    };
    match c.trust {
        Trust::Unverified => format!("UNVERIFIED {name}"),
        Trust::Approved | Trust::Editorial => name,
    }
}

/// Letters of the variants that use a citation.
fn users(run: &Run, citation: &Citation) -> Vec<String> {
    run.variants
        .iter()
        .flatten()
        .filter(|v| {
            v.sentences
                .iter()
                .any(|s| matches!(&s.source, Source::Citation { id } if *id == citation.id))
        })
        .map(|v| v.id.clone())
        .collect()
}

fn passage(frame: &mut Frame<'_>, area: Rect, model: &Model, run: &Run, c: &Citation) {
    let right = if c.redactions.is_empty() {
        String::new()
    } else {
        format!("{} redacted", c.redactions.len())
    };
    let inside = pane(
        frame,
        area,
        &format!("{} › {}", c.title, c.section),
        &right,
        (model, Pane::Screen(1)),
    );
    let width = usize::from(inside.width).saturating_sub(2);
    let mut text: Vec<Line<'_>> = Vec::new();
    for moved in model.moved.iter().filter(|moved| moved.id == c.id) {
        let words = format!("SINCE THEN: {}", safe(&moved.said()));
        for line in wrap(&words, width) {
            text.push(Line::raw(format!(" {line}")));
        }
    }
    for line in wrap(&c.redacted_text, width) {
        text.push(marked(&format!(" {line}"), model, c));
    }
    text.push(Line::raw(""));
    for variant in run.variants.iter().flatten() {
        for s in variant
            .sentences
            .iter()
            .filter(|s| matches!(&s.source, Source::Citation { id } if *id == c.id))
        {
            let words = variant.body.get(s.start..s.end).unwrap_or("");
            let used = format!("used in {}  “{words}”", variant.id);
            text.extend(
                wrap(&used, width)
                    .into_iter()
                    .map(|l| Line::raw(format!(" {l}"))),
            );
        }
    }
    let (trust, style) = match c.trust {
        Trust::Approved => ("approved source", model.theme.ok()),
        Trust::Editorial => ("editorial source", Style::default()),
        Trust::Unverified => (
            "UNVERIFIED source: carries no claim by itself",
            model.theme.warn(),
        ),
    };
    let trust = wrap(trust, width).into_iter();
    text.extend(trust.map(|line| Line::from(vec![Span::raw(" "), Span::styled(line, style)])));
    let until = c.valid_to.as_ref();
    let until = until.map_or(String::new(), |d| format!("  valid to {d}"));
    let from = format!("{}  published {}{until}", c.source, c.published_date);
    for line in [from.as_str(), c.url.as_str()]
        .into_iter()
        .flat_map(|words| wrap(words, width))
    {
        text.push(Line::styled(format!(" {line}"), model.theme.dim()));
    }
    let mut kinds: Vec<(&str, usize)> = Vec::new();
    for r in &c.redactions {
        match kinds.iter_mut().find(|(k, _)| *k == r.kind) {
            Some((_, n)) => *n += 1,
            None => kinds.push((&r.kind, 1)),
        }
    }
    if !kinds.is_empty() {
        text.push(Line::raw(format!(
            " redactions: {}",
            kinds
                .iter()
                .map(|(k, n)| format!("{k} {n}"))
                .collect::<Vec<_>>()
                .join("  ")
        )));
    }
    scrolled(frame, inside, text, (model, 1));
}

/// Redaction tags as reversed blocks, query words in bold.
fn marked<'l>(line: &str, model: &Model, c: &Citation) -> Line<'l> {
    let mut spans = Vec::new();
    let mut rest = line;
    while let Some(open) = rest.find("[REDACTED_") {
        let Some(close) = rest[open..].find(']') else {
            break;
        };
        words(&rest[..open], model, c, &mut spans);
        let kind = &rest[open + 10..open + close];
        spans.push(Span::styled(
            format!("[{kind} redacted]"),
            model.theme.redacted(),
        ));
        rest = &rest[open + close + 1..];
    }
    words(rest, model, c, &mut spans);
    Line::from(spans)
}

/// Whether a word of the passage, in small letters, met one of the query. Older records name stems alone.
fn met(c: &Citation, word: &str) -> bool {
    if c.same_words.is_empty() {
        let begins = |(stem, share): &(String, i64)| {
            *share > 0 && stem.len() > 2 && word.starts_with(stem.as_str())
        };
        return word.len() > 2 && c.terms.iter().any(begins);
    }
    let mut found = c.same_words.iter().flat_map(|(_, found)| found);
    found.any(|found| found == word)
}

fn words(text: &str, model: &Model, c: &Citation, spans: &mut Vec<Span<'_>>) {
    for piece in text.split_inclusive(' ') {
        let bare: String = piece
            .chars()
            .filter(|c| c.is_alphanumeric())
            .collect::<String>()
            .to_lowercase();
        if met(c, &bare) {
            spans.push(Span::styled(
                piece.trim_end().to_owned(),
                model.theme.matched(),
            ));
            spans.push(Span::raw(if piece.ends_with(' ') { " " } else { "" }));
        } else {
            spans.push(Span::raw(piece.to_owned()));
        }
    }
}

fn why(
    frame: &mut Frame<'_>,
    area: Rect,
    model: &Model,
    run: &Run,
    retrieved: &Retrieved,
    c: &Citation,
) {
    let place = model.citation_at + 1;
    let inside = pane(
        frame,
        area,
        &format!("Why it ranks {place}"),
        "",
        (model, Pane::Screen(2)),
    );
    let width = usize::from(inside.width);
    let mut text: Vec<Line<'_>> = Vec::new();
    let say = |text: &mut Vec<Line<'_>>, words: &str| {
        let wrapped = wrap(words, width.saturating_sub(2));
        text.extend(wrapped.into_iter().map(|l| Line::raw(format!(" {l}"))));
    };
    let kept = retrieved.citations.len();
    let reasons = match model.citation_at.checked_sub(kept) {
        None => why_rank::why(retrieved, model.citation_at),
        Some(below) => why_rank::why_not(retrieved, below),
    };
    for reason in reasons {
        say(&mut text, &safe(&reason));
    }
    let losing = users(run, c).join(", ");
    if model.citation_at < kept {
        let effect = if losing.is_empty() {
            "If it is dropped, no message changes.".to_owned()
        } else {
            format!("If it is dropped, {losing} loses its source for a sentence.")
        };
        let next = why_rank::successor(retrieved).map_or_else(
            || "Nothing else is relevant enough to take its place.".to_owned(),
            |next| format!("“{}” would take its place.", safe(&next.title)),
        );
        say(&mut text, &format!("{effect} {next}"));
    }
    text.push(Line::raw(""));
    text.extend(numbers(retrieved, c));
    for (reason, n) in &retrieved.left_out {
        text.push(Line::styled(
            format!(" left out before ranking: {n}, {reason}"),
            model.theme.dim(),
        ));
    }
    scrolled(frame, inside, text, (model, 2));
}

/// The numbers behind a rank: the share of each word, and how the parts make the score.
fn numbers<'l>(retrieved: &Retrieved, c: &Citation) -> Vec<Line<'l>> {
    let mut text = match (c.service_score, c.service_rank) {
        (Some(score), Some(rank)) => vec![Line::raw(format!(
            " the service ranks it {rank}, score {:.4}",
            decimal(score)
        ))],
        _ => vec![Line::raw(format!(" BM25 {:.3}", decimal(c.bm25)))],
    };
    let most = c.terms.first().map_or(1, |t| t.1).max(1);
    for (term, share) in c.terms.iter().filter(|t| t.1 > 0).take(6) {
        let bar = usize::try_from(share * 12 / most).unwrap_or(0);
        text.push(Line::raw(format!(
            "   {} {:>6.2}  {}",
            column(term, 18),
            decimal(*share),
            "#".repeat(bar)
        )));
    }
    let cosine = c
        .cosine
        .map_or("-".into(), |x| format!("{:.3}", decimal(x)));
    let score = decimal(c.score);
    match (why_rank::parts(c, retrieved), c.service_rank) {
        (_, Some(_)) => {
            text.push(Line::raw(format!(
                " cosine {cosine}   order is the service's"
            )));
            text.push(Line::raw(format!(" final = cosine = {score:.3}")));
        }
        (Some(parts), None) => {
            // What the words gave, on the cosine's scale: BM25 over the best, or over what counts fully.
            let single = match c.late {
                Some(late) => {
                    for near in c.near_words.iter().take(6) {
                        text.push(Line::raw(format!(
                            "   {} met {} {:.2}",
                            column(&near.asked, 14),
                            column(&near.found, 14),
                            decimal(near.likeness)
                        )));
                    }
                    text.push(Line::raw(format!(
                        " single words in their place {:.3}",
                        decimal(late)
                    )));
                    format!(" + single {:.3}", decimal(parts.single))
                }
                None => String::new(),
            };
            text.push(Line::raw(format!(" cosine {cosine}")));
            text.push(Line::raw(format!(
                " final {score:.3} = cos {:.3} + words {:.3}{single}",
                decimal(parts.meaning),
                decimal(parts.words)
            )));
        }
        (None, None) => text.push(Line::raw(format!(" final {score:.3} = words alone"))),
    }
    text.push(Line::raw(format!(
        " floor: cosine {:.2}",
        decimal(retrieved.floor)
    )));
    text
}
