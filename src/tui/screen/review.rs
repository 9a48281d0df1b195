//! The stepper: stages on the left, what the chosen one gave on the right, the candidate below.

use super::light;
use crate::domain::citation::decimal;
use crate::domain::run::{Run, Stage, StageStatus};
use crate::domain::variant::Source;
use crate::service::run::stage_summary as summary;
use crate::tui::model::Model;
use crate::tui::text::{column, cut, safe, wrap};
use crate::tui::view::{NARROW, lines, pane, popup};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let Some(run) = &model.run else {
        let inside = pane(frame, area, "Review", "", true);
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
    let narrow = area.width < NARROW;
    let [upper, lower] = Layout::vertical([Constraint::Fill(5), Constraint::Fill(4)]).areas(area);
    let [rail, stage] = if narrow {
        Layout::horizontal([Constraint::Length(26), Constraint::Min(10)]).areas(upper)
    } else {
        Layout::horizontal([Constraint::Length(32), Constraint::Min(20)]).areas(upper)
    };
    stages(frame, rail, model, run);
    detail(frame, stage, model, run);
    candidate(frame, lower, model, run);
    if model.pausing {
        let at = popup(frame, area, 30, 3);
        let inside = pane(frame, at, "", "", false);
        frame.render_widget(Line::raw(" pausing after this stage"), inside);
    }
}

fn stages(frame: &mut Frame<'_>, area: Rect, model: &Model, run: &Run) {
    let inside = pane(
        frame,
        area,
        "Pipeline",
        if model.busy { "live" } else { "" },
        model.pane == 0,
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
        text.push(if chosen {
            line.patch_style(model.theme.cursor())
        } else {
            line
        });
        let line = summary(run, stage);
        if !line.is_empty() && area.height > 14 {
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
    lines(frame, inside, text, 0);
}

fn detail(frame: &mut Frame<'_>, area: Rect, model: &Model, run: &Run) {
    let stage = model.stage();
    let inside = pane(
        frame,
        area,
        &format!("{} {stage}", stage.index() + 1),
        "Enter looks closer",
        model.pane == 1,
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
                    None => say("no variant may go out"),
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
                }
                say("");
                say(&format!(
                    "experiment {}: group {}",
                    a.experiment.test_id, a.experiment.group
                ));
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
    lines(
        frame,
        inside,
        text,
        if model.pane == 1 { model.scroll } else { 0 },
    );
}

fn candidate(frame: &mut Frame<'_>, area: Rect, model: &Model, run: &Run) {
    let Some(variant) = model.variant() else {
        pane(frame, area, "Candidate", "", model.pane == 2);
        return;
    };
    let winner = run
        .analysis
        .as_ref()
        .and_then(|a| a.winner.as_ref())
        .is_some_and(|w| w.variant_id == variant.id);
    let title = format!(
        "Variant {}{}",
        variant.id,
        if winner { "  winner" } else { "" }
    );
    let artifact = variant.artifact(&run.salt);
    let inside = pane(
        frame,
        area,
        &title,
        &format!("left/right: other variants   {}", artifact.short()),
        model.pane == 2,
    );
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
        let wrapped = wrap(words, width.saturating_sub(2));
        let last = wrapped.len().saturating_sub(1);
        for (index, line) in wrapped.into_iter().enumerate() {
            let mut spans = vec![Span::raw(format!(" {line}"))];
            if index == last && !source.is_empty() {
                spans.push(Span::styled(
                    cut(&source, width.saturating_sub(line.chars().count())),
                    model.theme.dim(),
                ));
            }
            text.push(Line::from(spans));
        }
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
    lines(
        frame,
        inside,
        text,
        if model.pane == 2 { model.scroll } else { 0 },
    );
}
