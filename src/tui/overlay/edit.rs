//! The editor of a variant: words on the left, what the gate says of them on the right, as they are typed.

use crate::domain::finding::{Disposition, Finding, Part};
use crate::tui::editor::{Buffer, Editor, EditorField};
use crate::tui::model::Model;
use crate::tui::screen::light;
use crate::tui::text::{cut, pieces, safe, wrap};
use crate::tui::view::{NARROW, Pane, lines, lines_in_sight, pane, popup, split};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation as _;

/// What can be done while it is open, for the footer.
pub const KEYS: &str =
    "Ctrl-S keep  Ctrl-F fix  Ctrl-N next finding  Ctrl-Z undo  Tab part  Esc leave";

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, editor: &Editor) {
    let at = popup(frame, area, area.width, area.height);
    let [body, foot] = Layout::vertical([Constraint::Min(4), Constraint::Length(1)]).areas(at);
    let [left, right] = if body.width < NARROW {
        split(body, 3, 2)
    } else {
        split(body, 1, 1)
    };
    words(frame, left, model, editor);
    findings(frame, right, model, editor);
    let foot_words = match &editor.problem {
        Some(problem) => Span::styled(
            cut(&format!(" ! {problem}"), usize::from(foot.width)),
            model.theme.warn(),
        ),
        None => Span::styled(
            if editor.sent { " saving …" } else { "" }.to_owned(),
            model.theme.dim(),
        ),
    };
    frame.render_widget(Line::from(foot_words), foot);
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
        &format!("Edit  variant {}", editor.variant),
        right,
        (model, Pane::Over),
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
    let word = match worst {
        Disposition::Block => "BLOCKED",
        Disposition::Review => "WARN",
        _ => "CLEAR",
    };
    let inside = pane(frame, area, "Gate", word, (model, Pane::Over));
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
        let (word, style) = light(&model.theme, f.disposition);
        text.push(Line::from(vec![
            Span::raw(if here { ">" } else { " " }),
            Span::styled(word, style),
            Span::raw(format!(
                " {}",
                cut(
                    &format!("{}  “{}”", f.rule, f.text),
                    width.saturating_sub(8)
                )
            )),
        ]));
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
