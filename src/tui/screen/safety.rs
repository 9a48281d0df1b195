//! Checks by variants; the words, the rule, the law, and what would pass.

use super::{being_written, light};
use crate::domain::decision::DecisionKind;
use crate::domain::finding::{Check, Disposition, Finding, Part, Verdict};
use crate::domain::run::Run;
use crate::domain::variant::Variant;
use crate::tui::card::{self, flagged};
use crate::tui::model::{Model, SafetyPane};
use crate::tui::text::{column, marked, wrap};
use crate::tui::view::{Pane, PaneTitle, lines, pane, scrolled, split};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

/// From this height on nothing has to be left out.
const LOW: u16 = 26;
/// Least width of the column of what was found.
const TITLES: usize = 40;

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let Some((run, gate, variants)) = model
        .run
        .as_ref()
        .and_then(|run| Some((run, run.gate.as_ref()?, run.variants.as_ref()?)))
    else {
        let inside = pane(frame, area, "Safety", "", (model, Pane::Alone));
        lines(
            frame,
            inside,
            vec![
                Line::raw(""),
                Line::raw("  Nothing was checked yet: open a run (2) and step it past safety."),
            ],
            0,
        );
        return;
    };
    // On a low screen the words need the rows more than how many rules looked.
    let more = if area.height < LOW { 3 } else { 4 };
    let height = u16::try_from(Check::ALL.len() + more).unwrap_or(8);
    let [top, bottom] =
        Layout::vertical([Constraint::Length(height), Constraint::Min(4)]).areas(area);
    matrix(frame, top, model, run, variants);
    let Some(variant) = model.variant() else {
        return;
    };
    let Some(verdict) = gate
        .iter()
        .find(|g| g.variant_id == variant.id)
        .map(|g| &g.verdict)
    else {
        return;
    };
    let [left, right] = split(bottom, 1, 1);
    message(frame, left, model, variant, verdict);
    match model.aspect {
        SafetyPane::Finding => finding(frame, right, model, verdict),
        SafetyPane::Evidence => super::evidence::draw(frame, right, model, verdict),
        SafetyPane::Coverage => super::evidence::coverage(frame, right, model, verdict),
    }
}

fn matrix(frame: &mut Frame<'_>, area: Rect, model: &Model, run: &Run, variants: &[Variant]) {
    let title = format!("{} checks of {} variants", Check::ALL.len(), variants.len());
    let rules = format!("rules {}", run.pins.pack.short());
    let inside = pane(frame, area, &title, &rules, (model, Pane::Screen(0)));
    let mut text = Vec::new();
    let mut head = format!(" {}", column("CHECK", 26));
    for v in variants {
        head.push_str(&column(&v.id, 11));
    }
    // What was found is told below; here where there is room for its words.
    let room = usize::from(inside.width).saturating_sub(27 + 11 * variants.len());
    let named = room >= TITLES;
    if named {
        head.push_str("WHAT WAS FOUND");
    }
    text.push(Line::styled(head, model.theme.dim()));
    for (row, check) in Check::ALL.into_iter().enumerate() {
        let mut spans = vec![Span::raw(format!(
            "{}{}",
            if row == model.check_at { ">" } else { " " },
            column(check.label(), 26)
        ))];
        let mut titles: Vec<&str> = Vec::new();
        for (col, v) in variants.iter().enumerate() {
            let found: Vec<&Finding> = run
                .verdict(&v.id)
                .map(|x| {
                    x.findings
                        .iter()
                        .filter(|f| f.check == check && f.disposition >= Disposition::Review)
                        .collect()
                })
                .unwrap_or_default();
            for f in &found {
                if !titles.contains(&f.headline()) {
                    titles.push(f.headline());
                }
            }
            let worst = found
                .iter()
                .map(|f| f.disposition)
                .max()
                .unwrap_or(Disposition::Pass);
            let looked = run.verdict(&v.id).is_some_and(|x| {
                x.coverage
                    .iter()
                    .any(|c| c.check == check && c.skipped.is_none())
            });
            let (word, style) = if looked || !found.is_empty() {
                light(&model.theme, worst)
            } else {
                // No rule of this kind applied: that is not the same as nothing found.
                ("none ran", model.theme.dim())
            };
            let cell = cell(word, worst, &found);
            let here = row == model.check_at && col == model.variant_at;
            let shown = if here {
                format!("[{cell}]")
            } else {
                format!(" {cell} ")
            };
            let gap = 11_usize.saturating_sub(shown.chars().count());
            spans.push(Span::styled(
                shown,
                if here {
                    style.patch(model.theme.matched())
                } else {
                    style
                },
            ));
            spans.push(Span::raw(" ".repeat(gap)));
        }
        if named {
            spans.push(Span::styled(titles.join("; "), model.theme.dim()));
        }
        text.push(Line::from(spans));
    }
    let mut spans = vec![Span::raw(format!(" {}", column("RESULT", 26)))];
    for v in variants {
        let worst = run
            .verdict(&v.id)
            .map_or(Disposition::Pass, |x| x.disposition);
        let (word, style) = match worst {
            Disposition::Block => ("BLOCKED", model.theme.block()),
            Disposition::Review => ("WARN", model.theme.warn()),
            _ => ("CLEAR", model.theme.ok()),
        };
        spans.push(Span::styled(format!(" {word} "), style));
        spans.push(Span::raw(
            " ".repeat(11_usize.saturating_sub(word.len() + 2)),
        ));
    }
    let winner = run
        .analysis
        .as_ref()
        .map(|a| {
            a.winner.as_ref().map_or("winner: none".to_owned(), |w| {
                format!("winner: {}", w.variant_id)
            })
        })
        .unwrap_or_default();
    spans.push(Span::raw(winner));
    text.push(Line::from(spans));
    let mut ran = format!(" {}", column("rules that looked", 26));
    for v in variants {
        let cell = run.verdict(&v.id).map_or_else(String::new, |x| {
            let (looked, all) = x.looked();
            format!(" {looked}/{all} ")
        });
        ran.push_str(&column(&cell, 11));
    }
    text.push(Line::styled(ran, model.theme.dim()));
    text.truncate(usize::from(inside.height));
    lines(frame, inside, text, 0);
}

/// How often the worst of these was found, and how often what is less: `BLOCK 1+2`.
fn cell(word: &str, worst: Disposition, found: &[&Finding]) -> String {
    let first = found.iter().filter(|f| f.disposition == worst).count();
    match (first, found.len() - first) {
        (0, _) => word.to_owned(),
        (first, 0) => format!("{word} {first}"),
        (first, less) => format!("{word} {first}+{less}"),
    }
}

fn message(frame: &mut Frame<'_>, area: Rect, model: &Model, variant: &Variant, verdict: &Verdict) {
    let count = |d: Disposition| {
        verdict
            .findings
            .iter()
            .filter(|f| f.disposition == d)
            .count()
    };
    let right = match (count(Disposition::Block), count(Disposition::Review)) {
        (0, 0) => "nothing found".to_owned(),
        (0, warn) => format!("{warn} to look at"),
        (block, 0) => format!("{block} blocked"),
        (block, warn) => format!("{block} blocked, {warn} to look at"),
    };
    let title = PaneTitle::with(
        &format!("Variant {}", variant.id),
        light(&model.theme, verdict.disposition),
    );
    let inside = pane(frame, area, title, &right, (model, Pane::Screen(1)));
    let width = usize::from(inside.width).saturating_sub(2);
    let mut text = Vec::new();
    if !model.writing.is_empty() {
        text.extend(being_written(&model.writing, width));
        lines(frame, inside, text, 0);
        return;
    }
    let found = model.findings();
    let picked = found.get(model.finding_at).copied();
    if !variant.subject.is_empty() {
        text.extend(flagged(
            &variant.subject,
            (Part::Subject, verdict, picked),
            model,
            width,
        ));
        text.push(Line::raw(""));
    }
    let above = text.len();
    text.extend(flagged(
        &variant.body,
        (Part::Body, verdict, picked),
        model,
        width,
    ));
    text.push(Line::styled(
        format!(" {}", "-".repeat(width.min(40))),
        model.theme.dim(),
    ));
    let chosen = picked.map(|f| (f.rule.clone(), f.start));
    for (n, f) in (1..).zip(
        verdict
            .findings
            .iter()
            .filter(|f| f.disposition >= Disposition::Info && model.is_listed(f)),
    ) {
        let (word, style) = if f.disposition == Disposition::Info {
            ("info", model.theme.info())
        } else {
            light(&model.theme, f.disposition)
        };
        let here = chosen
            .as_ref()
            .is_some_and(|(rule, start)| *rule == f.rule && *start == f.start);
        let words = wrap(f.headline(), width.saturating_sub(12)).into_iter();
        for (index, line) in words.enumerate() {
            let (cursor, word) = match (index, here) {
                (0, true) => (format!(">{n}  "), word),
                (0, false) => (format!(" {n}  "), word),
                _ => ("    ".to_owned(), ""),
            };
            let gap = 8_usize.saturating_sub(word.chars().count());
            text.push(Line::from(vec![
                Span::raw(cursor),
                Span::styled(word, style),
                Span::raw(format!("{}{line}", " ".repeat(gap))),
            ]));
        }
    }
    let folded = verdict.findings.iter().filter(|f| f.is_collapsed()).count();
    if folded > 0 && !model.unfolded {
        text.push(Line::styled(
            format!(" + {folded} negated, attributed or quoted (Enter lists them)"),
            model.theme.dim(),
        ));
    }
    if model.pane == 1 {
        scrolled(frame, inside, text, (model, 1));
        return;
    }
    // The words of the chosen finding are in sight.
    let start = picked.filter(|f| f.part == Part::Body);
    let before = start.and_then(|f| variant.body.get(..f.start));
    let line = before.map_or(0, |before| above + marked(before, &[], width).len());
    let hidden = line > usize::from(inside.height);
    lines(
        frame,
        inside,
        text,
        if hidden { line.saturating_sub(3) } else { 0 },
    );
}

/// How often a rule blocked in the runs at hand, and how often somebody decided against it.
fn record_of(model: &Model, rule: &str) -> String {
    let blocked = model
        .runs
        .iter()
        .filter(|run| run.rules.iter().any(|(r, _)| r == rule));
    let (mut count, mut against) = (0, 0);
    for run in blocked {
        count += 1;
        against += usize::from(run.decision == DecisionKind::Override.as_str());
    }
    format!(
        "blocked in {count} of the newest {} runs; {against} of those overridden",
        model.runs.len()
    )
}

fn finding(frame: &mut Frame<'_>, area: Rect, model: &Model, verdict: &Verdict) {
    let found = model.findings();
    let Some(f) = found.get(model.finding_at.min(found.len().saturating_sub(1))) else {
        let inside = pane(frame, area, "Finding", "", (model, Pane::Screen(2)));
        let (ran, all) = verdict.looked();
        let mut text = vec![
            Line::raw(" No finding."),
            Line::raw(format!(" {ran} of {all} rules looked at this variant.")),
        ];
        text.extend(super::evidence::skipped(
            model,
            verdict,
            usize::from(inside.width),
        ));
        scrolled(frame, inside, text, (model, 2));
        return;
    };
    let severity = format!("{} severity", f.severity.as_str());
    let which = match found.len() {
        1 => "Finding".to_owned(),
        count => format!("Finding {} of {count}", model.finding_at.min(count - 1) + 1),
    };
    let inside = pane(frame, area, &which, &severity, (model, Pane::Screen(2)));
    let width = usize::from(inside.width);
    let mut text = card::finding(model, f, width);
    text.extend(card::pair("before", &record_of(model, &f.rule), width));
    scrolled(frame, inside, text, (model, 2));
}
