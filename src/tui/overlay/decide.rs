//! The decide dialog: opens on Cancel, names the text by its hash, asks for the letter.

use crate::domain::decision::DecisionKind;
use crate::domain::finding::Disposition;
use crate::tui::model::{Decide, DecideField, Model};
use crate::tui::queue_commands::chosen;
use crate::tui::text::{cut, safe, wrap};
use crate::tui::view::{Pane, lines, pane, popup};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, dialog: &Decide) {
    let at = popup(frame, area, 78, 24);
    let inside = pane(
        frame,
        at,
        &format!("Decide  {}  variant {}", dialog.run, dialog.variant),
        &model.person.name,
        (model, Pane::Over),
    );
    let width = usize::from(inside.width).saturating_sub(4);
    let style = |field: DecideField| {
        if dialog.at == field {
            model.theme.cursor()
        } else {
            Style::default()
        }
    };
    let mark = |field: DecideField| if dialog.at == field { ">" } else { " " };
    let mut text = vec![
        Line::raw(" You are deciding on exactly this text"),
        Line::raw(format!(" sha256 {}", dialog.seen.short())),
        Line::raw(""),
    ];
    for kind in DecisionKind::ALL {
        let here = dialog.kind == kind;
        let words = match kind {
            DecisionKind::Approve => format!(
                "Approve          {} as shown, and hand it over",
                dialog.variant
            ),
            DecisionKind::Reject => "Reject           nothing goes out".to_owned(),
            DecisionKind::Override => format!(
                "Override         {} against its soft blocks; a second person signs too",
                dialog.variant
            ),
            DecisionKind::RequestChanges => "Request changes  send back with a note".to_owned(),
        };
        let line = format!(
            " {} ({}) {words}",
            if here { mark(DecideField::Kind) } else { " " },
            if here { "o" } else { " " }
        );
        text.push(Line::styled(
            line,
            if here {
                style(DecideField::Kind)
            } else {
                Style::default()
            },
        ));
    }
    if let Some(why) = chosen(model).and_then(|run| run.two_for(&dialog.variant)) {
        let line = format!("       two persons must approve it: {why}");
        text.push(Line::raw(cut(&safe(&line), width)));
    }
    let verdict = model
        .run
        .as_ref()
        .and_then(|run| run.verdict(&dialog.variant));
    if dialog.kind == DecisionKind::Override {
        let blocks: Vec<_> = verdict
            .iter()
            .flat_map(|v| &v.findings)
            .filter(|f| f.disposition == Disposition::Block)
            .collect();
        for f in blocks.iter().take(4) {
            let hard = if f.hard { " (hard)" } else { "" };
            let line = format!("       against {}{hard} “{}”", f.rule, safe(&f.text));
            text.push(Line::raw(cut(&line, width)));
        }
        if blocks.len() > 4 {
            let line = format!("       and against {} more findings", blocks.len() - 4);
            text.push(Line::raw(line));
        }
    }
    text.push(Line::raw(""));
    let needed = if dialog.kind == DecisionKind::Approve {
        "optional"
    } else {
        "required, 20 to 2000 characters"
    };
    text.push(Line::raw(format!(
        " {} Reason ({needed})",
        mark(DecideField::Reason)
    )));
    let mut reason = wrap(&safe(&dialog.reason), width.saturating_sub(4));
    if dialog.at == DecideField::Reason
        && let Some(last) = reason.last_mut()
    {
        last.push('_');
    }
    let from = reason.len().saturating_sub(3);
    for line in &reason[from..] {
        text.push(Line::raw(format!(
            "   [ {line:<0$} ]",
            width.saturating_sub(6)
        )));
    }
    let code = dialog.code_text().unwrap_or_else(|| "none needed".into());
    text.push(Line::styled(
        format!(" {} Code    < {code} >", mark(DecideField::Code)),
        style(DecideField::Code),
    ));
    text.push(Line::styled(
        format!(
            " {} Type the variant's letter to confirm: [ {} ]",
            mark(DecideField::Letter),
            if dialog.letter.is_empty() {
                "_"
            } else {
                &dialog.letter
            }
        ),
        style(DecideField::Letter),
    ));
    text.push(Line::raw(""));
    text.push(Line::from(vec![
        Span::raw("        "),
        Span::styled(
            if dialog.at == DecideField::Cancel {
                "> Cancel <"
            } else {
                "  Cancel  "
            },
            style(DecideField::Cancel),
        ),
        Span::raw("     "),
        Span::styled(
            if dialog.at == DecideField::Record {
                "> Record decision <"
            } else {
                "  Record decision  "
            },
            style(DecideField::Record),
        ),
        Span::raw(if dialog.sent { "  recording …" } else { "" }),
    ]));
    if let Some(problem) = &dialog.problem {
        for line in wrap(problem, width).into_iter().take(3) {
            text.push(Line::styled(format!(" ! {line}"), model.theme.warn()));
        }
    }
    lines(frame, inside, text, 0);
}
