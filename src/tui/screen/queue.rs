//! What waits, how long, why.

use crate::service::queue::today;
use crate::tui::model::Model;
use crate::tui::text::{column, safe};
use crate::tui::view::{lines, pane, rows, split};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let [top, bottom] = Layout::vertical([Constraint::Fill(5), Constraint::Fill(4)]).areas(area);
    let shown = model.shown_runs();
    let right = format!(
        "{} of {}{}",
        shown.len(),
        model.runs.len(),
        if model.filter.is_empty() {
            String::new()
        } else {
            format!("   filter: {}", safe(&model.filter))
        }
    );
    let inside = pane(frame, top, "Runs", &right, model.pane == 0);
    if shown.is_empty() {
        let words = if model.runs.is_empty() {
            vec![
                Line::raw("  Nothing waits yet."),
                Line::raw(""),
                Line::raw("  Press n to take a profile through the pipeline."),
            ]
        } else {
            vec![Line::raw("  No run matches the filter; Esc clears it.")]
        };
        lines(frame, inside, words, 0);
    } else {
        let [head, list] =
            Layout::vertical([Constraint::Length(1), Constraint::Min(1)]).areas(inside);
        let wide = inside.width >= 92;
        let title = format!(
            "   {} {} {} {} {}{}",
            column("RUN", 12),
            column("SEGMENT", 22),
            column("BY", 6),
            column("VARIANTS", 18),
            column("STATE", 10),
            if wide {
                column(" STARTED (UTC)", 20)
            } else {
                String::new()
            }
        );
        frame.render_widget(Line::styled(title, model.theme.dim()), head);
        let table = shown
            .iter()
            .map(|run| {
                let mut spans = vec![
                    Span::raw(column(&run.run, 12)),
                    Span::raw(" "),
                    Span::raw(column(&run.segment, 22)),
                    Span::raw(" "),
                    Span::raw(column(&run.channel, 6)),
                    Span::raw(" "),
                    Span::raw(column(
                        &format!("{} ok {} ! {} x", run.passed, run.review, run.blocked),
                        18,
                    )),
                    Span::raw(" "),
                    Span::raw(column(run.state.as_str(), 10)),
                ];
                if wide {
                    spans.push(Span::raw(format!(
                        " {}",
                        run.started.get(..19).unwrap_or("").replace('T', " ")
                    )));
                }
                Line::from(spans)
            })
            .collect();
        rows(frame, list, table, model.queue_at, model);
    }
    let [left, right] = split(bottom, 3, 2);
    detail(frame, left, model);
    sums(frame, right, model);
}

fn detail(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let shown = model.shown_runs();
    let Some(run) = shown.get(model.queue_at) else {
        pane(frame, area, "Run", "", model.pane == 1);
        return;
    };
    let inside = pane(
        frame,
        area,
        &format!("{}  {}", run.run, run.segment),
        &run.channel,
        model.pane == 1,
    );
    let pair = |name: &str, value: &str| {
        Line::from(vec![
            Span::styled(format!(" {name:10}"), model.theme.dim()),
            Span::raw(safe(value)),
        ])
    };
    let mut text = vec![
        pair("customer", &run.subject),
        pair("where", &run.jurisdiction),
        pair("started by", &run.by),
        pair("try", &run.revision.to_string()),
        pair(
            "variants",
            &format!(
                "{} ok, {} to look at, {} blocked",
                run.passed, run.review, run.blocked
            ),
        ),
        pair(
            "winner",
            if run.winner.is_empty() {
                "none"
            } else {
                &run.winner
            },
        ),
    ];
    if !run.decision.is_empty() {
        text.push(pair(
            "decision",
            &format!("{} {} by {}", run.decision, run.variant, run.decided_by),
        ));
    }
    for (rule, count) in &run.rules {
        text.push(pair("blocked by", &format!("{rule} ({count})")));
    }
    lines(
        frame,
        inside,
        text,
        if model.pane == 1 { model.scroll } else { 0 },
    );
}

fn sums(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let inside = pane(frame, area, "So far", "", model.pane == 2);
    let sums = today(&model.runs);
    let number = |name: &str, n: usize| Line::raw(format!(" {name:12}{n:5}"));
    let mut text = vec![
        number("waiting", sums.waiting),
        number("approved", sums.approved),
        number("rejected", sums.rejected),
        number("overridden", sums.overridden),
        Line::raw(""),
        Line::styled(" rules that blocked most", model.theme.dim()),
    ];
    let width = usize::from(inside.width).saturating_sub(9);
    for (rule, count) in sums.rules.iter().take(8) {
        text.push(Line::raw(format!(" {} {count:4}", column(rule, width))));
    }
    lines(
        frame,
        inside,
        text,
        if model.pane == 2 { model.scroll } else { 0 },
    );
}
