//! The editor drawn: words on the left, what the gate says of them on the right, as they are typed.

use super::{Buffer, Editor, EditorField};
use crate::domain::finding::{Disposition, Finding, Part};
use crate::tui::card;
use crate::tui::model::Model;
use crate::tui::screen::light;
use crate::tui::text::{pieces, safe, wrap};
use crate::tui::view::{NARROW, Pane, PaneTitle, lines, lines_in_sight, pane, popup, split};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation as _;

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, editor: &Editor) {
    let at = popup(frame, area, area.width, area.height);
    let told = said(model, editor, usize::from(at.width).saturating_sub(2));
    let rows = u16::try_from(told.len()).unwrap_or(1);
    let [body, foot] = Layout::vertical([Constraint::Min(4), Constraint::Length(rows)]).areas(at);
    let [left, right] = if body.width < NARROW {
        split(body, 3, 2)
    } else {
        split(body, 1, 1)
    };
    words(frame, left, model, editor);
    findings(frame, right, model, editor);
    lines(frame, foot, told, 0);
}

/// Why the last attempt was refused, or that one is under way.
fn said<'l>(model: &Model, editor: &Editor, width: usize) -> Vec<Line<'l>> {
    let (words, style) = match (&editor.problem, editor.sent) {
        (Some(problem), _) => (format!("! {problem}"), model.theme.warn()),
        (None, true) => ("saving …".to_owned(), model.theme.dim()),
        (None, false) => return Vec::new(),
    };
    let wrapped = wrap(&words, width).into_iter().take(3);
    wrapped
        .map(|line| Line::from(vec![Span::raw(" "), Span::styled(line, style)]))
        .collect()
}

fn words(frame: &mut Frame<'_>, area: Rect, model: &Model, editor: &Editor) {
    let right = if editor.changed() {
        "changed"
    } else {
        "as it was"
    };
    let inside = pane(
        frame,
        area,
        &format!("Edit variant {}", editor.variant),
        right,
        (model, Pane::Part(true)),
    );
    let width = usize::from(inside.width).saturating_sub(2).max(8);
    let mut text = Vec::new();
    let mut cursor_row = 0;
    let mut field = |name: &str, which: EditorField, part: Part, buffer: &Buffer| {
        let here = editor.field == which;
        text.push(Line::styled(
            format!("{}{name}", if here { ">" } else { " " }),
            model.theme.dim(),
        ));
        let (shown, row) = laid_out(buffer, part, editor, model, width, here);
        if here {
            cursor_row = text.len() + row;
        }
        text.extend(shown);
    };
    field(
        "subject",
        EditorField::Subject,
        Part::Subject,
        &editor.subject,
    );
    field("body", EditorField::Body, Part::Body, &editor.body);
    let height = usize::from(inside.height);
    lines(frame, inside, text, (cursor_row + 2).saturating_sub(height));
}

/// The words wrapped by cells, findings and cursor marked; and the row of the cursor.
fn laid_out<'l>(
    buffer: &Buffer,
    part: Part,
    editor: &Editor,
    model: &Model,
    width: usize,
    with_cursor: bool,
) -> (Vec<Line<'l>>, usize) {
    let here: Vec<&Finding> = editor.findings();
    let chosen = editor.finding();
    let style_at = |at: usize| -> Style {
        let over = here
            .iter()
            .filter(|f| f.part == part && f.start <= at && at < f.end);
        // Where several lie over each other, the worst is seen; the chosen one alone is reversed.
        let worst = over.clone().max_by_key(|f| f.disposition);
        let is_chosen = over.clone().any(|f| Some(*f) == chosen);
        worst.map_or_else(Style::default, |f| {
            let style = light(&model.theme, f.disposition).1;
            if is_chosen {
                style.add_modifier(Modifier::REVERSED | Modifier::BOLD | Modifier::UNDERLINED)
            } else {
                style.remove_modifier(Modifier::REVERSED)
            }
        })
    };
    let (mut rows, mut cursor_row) = (Vec::new(), 0);
    let text = buffer.text();
    let mut line_from = 0;
    for line in text.split('\n') {
        let line_end = line_from + line.len();
        for (from, to) in pieces(line, width) {
            let (from, to) = (line_from + from, line_from + to);
            let mut spans = vec![Span::raw(" ")];
            for (at, cluster) in text[from..to].grapheme_indices(true) {
                let mut style = style_at(from + at);
                if with_cursor && from + at == buffer.at() {
                    style = style.patch(model.theme.cursor());
                    cursor_row = rows.len();
                }
                spans.push(Span::styled(safe(cluster), style));
            }
            if with_cursor && buffer.at() == line_end && to == line_end {
                spans.push(Span::styled(" ", model.theme.cursor()));
                cursor_row = rows.len();
            }
            rows.push(Line::from(spans));
        }
        line_from = line_end + 1;
    }
    (rows, cursor_row)
}

fn findings(frame: &mut Frame<'_>, area: Rect, model: &Model, editor: &Editor) {
    let worst = editor
        .verdict
        .as_ref()
        .map_or(Disposition::Pass, |v| v.disposition);
    let title = PaneTitle::with("What the gate says", light(&model.theme, worst));
    let inside = pane(frame, area, title, "", (model, Pane::Part(false)));
    let width = usize::from(inside.width).saturating_sub(2);
    let found = editor.findings();
    let mut text = Vec::new();
    if found.is_empty() {
        text.push(Line::raw(" Nothing asks for a person."));
    }
    let mut from = 0;
    for (index, f) in found.iter().enumerate() {
        let here = index == editor.finding_at;
        if here {
            from = text.len();
        }
        let mut told = card::stated(model, f.disposition, &card::sentence(f), width);
        if here && let Some(cursor) = told.first_mut().and_then(|line| line.spans.first_mut()) {
            *cursor = Span::raw(">");
        }
        text.extend(told);
        if !here {
            continue;
        }
        let offered = editor
            .offer
            .as_ref()
            .map(|offer| format!("FIX {}. Ctrl-F makes it; typing leaves it", offer.says));
        let passes = matches!(f.part, Part::Subject | Part::Body)
            .then(|| "Ctrl-F shows the nearest change that passes".to_owned());
        for line in offered
            .iter()
            .flat_map(|offer| wrap(offer, width.saturating_sub(4)))
        {
            text.push(Line::styled(format!("    {line}"), model.theme.title()));
        }
        let passes = passes.filter(|_| offered.is_none());
        for part in [Some(f.why.clone()), Some(f.fix.clone()), passes]
            .into_iter()
            .flatten()
        {
            for line in wrap(&part, width.saturating_sub(4)) {
                text.push(Line::raw(format!("    {line}")));
            }
        }
    }
    lines_in_sight(frame, inside, text, from);
}
