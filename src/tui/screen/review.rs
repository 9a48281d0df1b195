//! A run under review: the message on top, the stages that made it below, with what the chosen one gave.

use super::{being_written, light, message};
use crate::domain::citation::decimal;
use crate::domain::finding::Disposition;
use crate::domain::run::{Run, Stage, StageStatus};
use crate::service::run::stage_summary as summary;
use crate::tui::card;
use crate::tui::model::Model;
use crate::tui::text::wrap;
use crate::tui::view::{NARROW, Pane, is_read, lines, pane, popup, row_at, scrolled};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// The stages and their name.
const LEAST_BELOW: u16 = 7;

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
    let [candidate, below] = parts(area, run.variants.is_some());
    message::draw(frame, candidate, model, run);
    let [rail, stage] = columns(below);
    stages(frame, rail, model, run);
    detail(frame, stage, model, run);
    if model.pausing {
        let at = popup(frame, area, 30, 3);
        let inside = pane(frame, at, "", "", (model, Pane::Over));
        frame.render_widget(Line::raw(" pausing after this stage"), inside);
    }
}

/// The message, which is the largest thing there, and what made it. Until there is one, what makes it has the room.
fn parts(area: Rect, has_message: bool) -> [Rect; 2] {
    let below = match (area.height / 3, has_message) {
        _ if is_read(area) => area.height / 2,
        (third, true) => third.clamp(LEAST_BELOW, 16),
        (_, false) => area.height.saturating_sub(4),
    };
    Layout::vertical([Constraint::Min(4), Constraint::Length(below)]).areas(area)
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
    let height = u16::try_from(shown + 1).unwrap_or(4);
    let parts = [Constraint::Length(height), Constraint::Min(4)];
    let [top, rest] = Layout::vertical(parts).areas(area);
    let inside = pane(frame, top, "Said", right, (model, Pane::Screen(3)));
    text.truncate(shown);
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
    let right = if model.busy { "live" } else { "" };
    let inside = pane(frame, area, "Pipeline", right, (model, Pane::Screen(0)));
    let width = usize::from(inside.width);
    let mut text = Vec::new();
    for stage in Stage::ALL {
        let status = &run.status[stage.index()];
        let running = model.busy
            && model.stage_at == stage.index()
            && !matches!(status, StageStatus::Done { .. });
        let (mark, style, time) = match status {
            StageStatus::Done { micros } => ("[ok]", model.theme.ok(), millis(*micros)),
            StageStatus::Failed { .. } => ("[!!]", model.theme.block(), "failed".into()),
            _ if running => (" >> ", model.theme.title(), "running".into()),
            _ => ("[  ]", model.theme.dim(), String::new()),
        };
        let chosen = stage == model.stage();
        let name = format!(" {} {}", stage.index() + 1, stage);
        let gap = width.saturating_sub(6 + name.len() + time.len());
        let line = Line::from(vec![
            Span::raw(if chosen { ">" } else { " " }),
            Span::styled(mark, style),
            Span::raw(name),
            Span::raw(" ".repeat(gap)),
            Span::styled(time, model.theme.dim()),
        ]);
        let row = u16::try_from(text.len()).unwrap_or(u16::MAX);
        if row < inside.height {
            let place = Rect::new(inside.x, inside.y + row, inside.width, 1);
            row_at(place, stage.index(), model);
        }
        text.push(if chosen {
            line.patch_style(model.theme.cursor())
        } else {
            line
        });
        let line = summary(run, stage);
        if !line.is_empty() && has_room(area) {
            let wrapped = wrap(&line, width.saturating_sub(9)).into_iter();
            let small = |line: String| Line::styled(format!("        {line}"), model.theme.dim());
            text.extend(wrapped.map(small));
        }
    }
    text.truncate(usize::from(inside.height));
    lines(frame, inside, text, 0);
}

/// How long a stage took, if it was done.
fn micros_of(status: &StageStatus) -> u64 {
    match status {
        StageStatus::Done { micros } => *micros,
        _ => 0,
    }
}

/// A time in few cells: `1.5 ms`, `678 ms`, `2.4 s`.
fn millis(micros: u64) -> String {
    match micros {
        0..100_000 => format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100),
        100_000..1_000_000 => format!("{} ms", micros / 1_000),
        _ => format!("{}.{} s", micros / 1_000_000, micros % 1_000_000 / 100_000),
    }
}

/// Which run it is, and from what it can be made again: small print.
fn origin<'l>(model: &Model, run: &Run, width: usize) -> Vec<Line<'l>> {
    let day = run.pins.as_of.get(..10).unwrap_or("");
    let took: u64 = run.status.iter().map(micros_of).sum();
    let mut words = vec![
        format!("run {}, try {}", run.id, run.revision),
        format!("its stages took {}", millis(took)),
        format!("seed {}, as of {day}", run.pins.seed),
    ];
    for (name, digest) in [
        ("rules", run.pins.pack),
        ("knowledge", run.pins.knowledge),
        ("templates", run.pins.assets),
    ] {
        words.push(format!("{name} {}", digest.short()));
    }
    let lines = words.iter().flat_map(|words| wrap(words, width));
    let lines = lines.map(|line| Line::styled(format!(" {line}"), model.theme.dim()));
    std::iter::once(Line::raw("")).chain(lines).collect()
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
                        .filter(|f| f.disposition >= Disposition::Review)
                        .take(4)
                    {
                        let words = card::sentence(f);
                        let mut told =
                            card::stated(model, f.disposition, &words, width.saturating_sub(4));
                        for line in &mut told {
                            line.spans.insert(0, Span::raw("   "));
                        }
                        text.extend(told);
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
            let small = |line| Line::styled(format!(" {line}"), model.theme.dim());
            text.extend(wrap(line, width).into_iter().map(small));
        }
    }
    text.extend(origin(model, run, width));
    scrolled(frame, inside, text, (model, 1));
}
