//! The stepper: stages on the left, what the chosen one gave on the right, the candidate below.

use super::{being_written, light};
use crate::domain::citation::decimal;
use crate::domain::run::{Run, Stage, StageStatus};
use crate::domain::variant::{Source, Variant};
use crate::service::run::stage_summary as summary;
use crate::tui::model::{Model, Screen};
use crate::tui::text::{column, cut, marked, safe, wrap};
use crate::tui::view::{NARROW, Pane, halves, is_read, lines, pane, popup, scrolled};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Least width of a variant beside others.
const COLUMN: u16 = 50;

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let Some(run) = &model.run else {
        let inside = pane(frame, area, "Review", "", (model, Pane::Alone));
        lines(
            frame,
            inside,
            vec![
                Line::raw(""),
                Line::raw("  No run is open."),
                Line::raw(""),
                Line::raw("  n takes a profile through the pipeline; 1 shows what waits."),
            ],
            0,
        );
        return;
    };
    let area = said(frame, area, model);
    let [upper, lower] = halves(area, Screen::Review);
    let [rail, stage] = columns(upper);
    stages(frame, rail, model, run);
    detail(frame, stage, model, run);
    candidates(frame, lower, model, run);
    if model.pausing {
        let at = popup(frame, area, 30, 3);
        let inside = pane(frame, at, "", "", (model, Pane::Over));
        frame.render_widget(Line::raw(" pausing after this stage"), inside);
    }
}

/// What was said about the run, on top of everything: for whoever opens it. The rest of the area comes back.
fn said(frame: &mut Frame<'_>, area: Rect, model: &Model) -> Rect {
    let width = usize::from(area.width).saturating_sub(4);
    let mut text: Vec<Line<'_>> = Vec::new();
    for (index, said) in model.said().enumerate() {
        let style = match index {
            0 => model.theme.title(),
            _ => Style::default(),
        };
        let wrapped = wrap(&said.sentence(), width).into_iter();
        text.extend(wrapped.map(|line| Line::styled(format!(" {line}"), style)));
    }
    if text.is_empty() {
        return area;
    }
    let most = match area.height {
        _ if is_read(area) => usize::MAX,
        0..16 => 1,
        16..26 => 2,
        _ => 5,
    };
    let shown = text.len().min(most);
    let right = if shown < text.len() {
        "i tells all of it"
    } else {
        ""
    };
    let height = u16::try_from(shown + 2).unwrap_or(4);
    let parts = [Constraint::Length(height), Constraint::Min(4)];
    let [top, rest] = Layout::vertical(parts).areas(area);
    let inside = pane(frame, top, "Said", right, (model, Pane::Screen(3)));
    lines(frame, inside, text, 0);
    rest
}

/// The stages' column, and the rest.
fn columns(upper: Rect) -> [Rect; 2] {
    if is_read(upper) {
        return Layout::vertical([Constraint::Length(30), Constraint::Min(10)]).areas(upper);
    }
    let width = if upper.width < NARROW { 26 } else { 32 };
    Layout::horizontal([Constraint::Length(width), Constraint::Min(10)]).areas(upper)
}

/// Whether the column has room for a line below each stage.
fn has_room(rail: Rect) -> bool {
    rail.height > 14
}

fn stages(frame: &mut Frame<'_>, area: Rect, model: &Model, run: &Run) {
    let inside = pane(
        frame,
        area,
        "Pipeline",
        if model.busy { "live" } else { "" },
        (model, Pane::Screen(0)),
    );
    let width = usize::from(inside.width);
    let mut text = Vec::new();
    let mut total = 0;
    for stage in Stage::ALL {
        let status = &run.status[stage.index()];
        let running = model.busy
            && model.stage_at == stage.index()
            && !matches!(status, StageStatus::Done { .. });
        let (mark, style, time) = match status {
            StageStatus::Done { micros } => {
                total += micros;
                (
                    "[ok]",
                    model.theme.ok(),
                    format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100),
                )
            }
            StageStatus::Failed { .. } => ("[!!]", model.theme.block(), "failed".into()),
            _ if running => (" >> ", model.theme.title(), "running".into()),
            _ => ("[  ]", model.theme.dim(), String::new()),
        };
        let chosen = stage == model.stage();
        let name = format!(" {} {}", stage.index() + 1, stage);
        let gap = width.saturating_sub(6 + name.len() + time.len() + 1);
        let line = Line::from(vec![
            Span::raw(if chosen { ">" } else { " " }),
            Span::styled(mark, style),
            Span::raw(name),
            Span::raw(" ".repeat(gap)),
            Span::raw(time),
        ]);
        let row = u16::try_from(text.len()).unwrap_or(u16::MAX);
        if row < inside.height {
            let place = Rect::new(inside.x, inside.y + row, inside.width, 1);
            model.drawn.borrow_mut().rows.push((place, stage.index()));
        }
        text.push(if chosen {
            line.patch_style(model.theme.cursor())
        } else {
            line
        });
        let line = summary(run, stage);
        if !line.is_empty() && has_room(area) {
            text.push(Line::styled(
                format!("        {}", cut(&line, width.saturating_sub(9))),
                model.theme.dim(),
            ));
        }
    }
    text.push(Line::raw(""));
    text.push(Line::raw(format!(
        " total {}.{} ms",
        total / 1_000,
        total % 1_000 / 100
    )));
    text.push(Line::raw(format!(
        " run {}  try {}",
        safe(&run.id),
        run.revision
    )));
    text.push(Line::raw(format!(
        " seed {}  as of {}",
        run.pins.seed,
        run.pins.as_of.get(..10).unwrap_or("")
    )));
    for (name, digest) in [
        ("rules", run.pins.pack),
        ("knowledge", run.pins.knowledge),
        ("templates", run.pins.assets),
    ] {
        let line = format!(" {name:10}{}", digest.short());
        text.push(Line::styled(line, model.theme.dim()));
    }
    lines(frame, inside, text, 0);
}

fn detail(frame: &mut Frame<'_>, area: Rect, model: &Model, run: &Run) {
    let stage = model.stage();
    let inside = pane(
        frame,
        area,
        &format!("{} {stage}", stage.index() + 1),
        "Enter looks closer",
        (model, Pane::Screen(1)),
    );
    let width = usize::from(inside.width).saturating_sub(2);
    let mut text: Vec<Line<'_>> = Vec::new();
    let mut say = |words: &str| {
        text.extend(
            wrap(words, width)
                .into_iter()
                .map(|l| Line::raw(format!(" {l}"))),
        );
    };
    if let StageStatus::Failed { reason } = &run.status[stage.index()] {
        say(&format!("FAILED: {reason}"));
        say("x runs it again; what came before is kept.");
    }
    match stage {
        Stage::Segment => match &run.segment {
            None => say("Space runs this stage."),
            Some(s) => {
                say(&format!(
                    "segment   {} ({} intent)",
                    s.segment, s.intent_level
                ));
                say(&format!("stage     {}", s.funnel_stage));
                if let Some(goal) = s.goal {
                    say(&format!("goal      {}", goal.words()));
                }
                say(&format!("use case  {}", s.use_case_label));
                say(&format!("because   {}", s.reasons.join("; ")));
                say(&format!("read      {}", s.features_read.join(", ")));
                say("");
                let p = &run.profile;
                say(&format!(
                    "customer  {}  {}  {}",
                    p.id,
                    p.jurisdiction.as_ref().map_or("US", |j| j.as_str()),
                    p.channel.unwrap_or_default()
                ));
                say(&format!(
                    "page      {}",
                    p.viewed_page.as_deref().unwrap_or("not known")
                ));
                for remark in &p.remarks {
                    say(&format!("remark    {remark}"));
                }
                if !p.extra.is_empty() {
                    say(&format!(
                        "kept, not trusted: {}",
                        p.extra
                            .iter()
                            .map(|(k, v)| format!("{k}={v}"))
                            .collect::<Vec<_>>()
                            .join(", ")
                    ));
                }
            }
        },
        Stage::Retrieve => match &run.retrieved {
            None => say("Space runs this stage."),
            Some(r) => {
                if let Some(first) = &r.first_query {
                    say(&format!("query  {first}"));
                    say("       found nothing relevant enough; asked once more:");
                }
                say(&format!("query  {}", r.query));
                if let Some(service) = &r.service {
                    say(&format!("asked  {service}"));
                }
                if let Some(why) = &r.fallback {
                    say(&format!(
                        "FALLBACK: {why}; the embedded index was asked instead"
                    ));
                }
                if r.degraded {
                    say("DEGRADED: the embedding model could not be used; ranked by words alone");
                }
                if r.citations.is_empty() {
                    say(
                        "nothing relevant enough was found; the generator may state no facts from the knowledge base",
                    );
                }
                for (n, c) in (1..).zip(&r.citations) {
                    say(&format!(
                        "{n}  {:.3}  {} › {}",
                        decimal(c.score),
                        c.title,
                        c.section
                    ));
                }
                for (reason, n) in &r.left_out {
                    say(&format!("left out: {n}, {reason}"));
                }
            }
        },
        Stage::Generate => match &run.variants {
            None if !model.writing.is_empty() => text.extend(being_written(&model.writing, width)),
            None => say("Space runs this stage."),
            Some(variants) => {
                for v in variants {
                    say(&format!(
                        "{}  {} ({}): {}",
                        v.id,
                        v.meta.kind,
                        v.meta.tone,
                        if v.subject.is_empty() {
                            &v.body
                        } else {
                            &v.subject
                        }
                    ));
                }
            }
        },
        Stage::Safety => match &run.gate {
            None => say("Space runs this stage."),
            Some(gate) => {
                for g in gate {
                    let (word, style) = light(&model.theme, g.verdict.disposition);
                    text.push(Line::from(vec![
                        Span::raw(format!(" {}  ", g.variant_id)),
                        Span::styled(word, style),
                        Span::raw(format!("  score {}", g.verdict.score_bp / 100)),
                    ]));
                    for f in g
                        .verdict
                        .findings
                        .iter()
                        .filter(|f| f.disposition >= crate::domain::finding::Disposition::Review)
                        .take(4)
                    {
                        let (word, style) = light(&model.theme, f.disposition);
                        text.push(Line::from(vec![
                            Span::raw("    "),
                            Span::styled(word, style),
                            Span::raw(format!(" {} “{}”", f.rule, cut(&f.text, 28))),
                        ]));
                    }
                }
            }
        },
        Stage::Analyze => match &run.analysis {
            None => say("Space runs this stage."),
            Some(a) => {
                match &a.winner {
                    Some(w) => say(&format!("winner {}: {}", w.variant_id, w.reason)),
                    None => say(&a.why_none()),
                }
                say("");
                for arm in &a.arms {
                    let bar = "#".repeat(usize::try_from(arm.score_bp / 500).unwrap_or(0));
                    say(&format!(
                        "{}  score {:3}  {bar}",
                        arm.variant_id,
                        arm.score_bp / 100
                    ));
                    say(&format!(
                        "   reply {}.{:02}% ({}.{:01} to {}.{:01})  best {}%  relevance {}  fresh {}  safe {}",
                        arm.expected_response_bp / 100,
                        arm.expected_response_bp % 100,
                        arm.low_bp / 100,
                        arm.low_bp % 100 / 10,
                        arm.high_bp / 100,
                        arm.high_bp % 100 / 10,
                        arm.best_bp / 100,
                        arm.relevance_bp / 100,
                        arm.freshness_bp / 100,
                        arm.safety_bp / 100
                    ));
                    for remark in arm.remarks() {
                        say(&format!("   {remark}"));
                    }
                }
                say("");
                let test = &a.experiment;
                say(&format!(
                    "experiment {}: group {}",
                    test.test_id, test.group
                ));
                if let Some(why) = &test.set_aside {
                    say(&format!("   this message does not count for it: {why}"));
                }
            }
        },
        Stage::Deliver => {
            if let Some(d) = &run.delivery {
                say(&format!(
                    "{}  {}",
                    d.status.as_str(),
                    d.message_id
                        .as_deref()
                        .or(d.reason.as_deref())
                        .unwrap_or("")
                ));
            }
            say("Delivery waits for a person: d decides.");
            say("Consent, opt-out and the recipient's night are checked once more at that moment.");
        }
    }
    if area.height > 12 && !model.log.is_empty() {
        text.push(Line::raw(""));
        text.push(Line::styled(" log", model.theme.dim()));
        for line in model.log.iter().rev().take(4).rev() {
            text.push(Line::styled(
                format!(" {}", cut(line, width)),
                model.theme.dim(),
            ));
        }
    }
    scrolled(frame, inside, text, (model, 1));
}

/// The variant under the cursor; on wide screens all of them beside each other.
fn candidates(frame: &mut Frame<'_>, area: Rect, model: &Model, run: &Run) {
    let Some(chosen) = model.variant() else {
        pane(frame, area, "Candidate", "", (model, Pane::Screen(2)));
        return;
    };
    let all = run.variants.as_deref().unwrap_or_default();
    let count = u16::try_from(all.len()).unwrap_or(u16::MAX).max(1);
    if area.width / count < COLUMN {
        candidate(frame, area, (model, run), (chosen, false));
        return;
    }
    let columns = Layout::horizontal(all.iter().map(|_| Constraint::Fill(1))).split(area);
    for (variant, area) in all.iter().zip(columns.iter()) {
        candidate(frame, *area, (model, run), (variant, true));
    }
}

/// A sentence and where it comes from: the mark stands behind its words, wrapped as they are, never cut.
fn with_source<'l>(words: &str, source: &str, model: &Model, width: usize) -> Vec<Line<'l>> {
    let whole = format!("{words}{source}");
    let mark = (words.len(), whole.len(), model.theme.dim());
    let mut text = marked(&whole, &[mark], width.saturating_sub(1));
    for line in &mut text {
        line.spans.insert(0, Span::raw(" "));
    }
    text
}

fn candidate(
    frame: &mut Frame<'_>,
    area: Rect,
    (model, run): (&Model, &Run),
    (variant, beside): (&Variant, bool),
) {
    let chosen = model.variant().is_some_and(|v| v.id == variant.id);
    let verdict = run
        .verdict(&variant.id)
        .map(|v| light(&model.theme, v.disposition).0);
    let winner = run
        .analysis
        .as_ref()
        .and_then(|a| a.winner.as_ref())
        .is_some_and(|w| w.variant_id == variant.id);
    let title = format!(
        "{}Variant {}{}{}",
        if chosen && beside { "> " } else { "" },
        variant.id,
        verdict.map(|word| format!("  {word}")).unwrap_or_default(),
        if winner { "  winner" } else { "" }
    );
    let artifact = variant.artifact(&run.salt).short();
    let right = if chosen {
        format!("left/right: other variants   {artifact}")
    } else {
        artifact
    };
    let inside = pane(frame, area, &title, &right, (model, Pane::Screen(2)));
    let width = usize::from(inside.width).saturating_sub(2);
    let mut text = Vec::new();
    if !variant.subject.is_empty() {
        text.push(Line::styled(
            format!(" {}", cut(&variant.subject, width)),
            model.theme.title(),
        ));
    }
    for sentence in &variant.sentences {
        let source = match &sentence.source {
            Source::Plain => String::new(),
            Source::Fact { keys } => format!("  [fact: {}]", keys.join(", ")),
            Source::Citation { id } => format!("  [{id}]"),
            Source::Disclosure { id } => format!("  [approved: {id}]"),
            Source::Person { name } => format!("  [by {name}]"),
        };
        let words = variant.body.get(sentence.start..sentence.end).unwrap_or("");
        text.extend(with_source(words, &source, model, width));
    }
    if let Some(grade) = crate::text::readability::grade_tenths(&variant.body) {
        text.push(Line::styled(
            format!(
                " reading grade {}.{}   {}",
                grade / 10,
                grade % 10,
                column(&variant.meta.template, 30)
            ),
            model.theme.dim(),
        ));
    }
    scrolled(frame, inside, text, (model, 2));
}
