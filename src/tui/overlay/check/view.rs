//! Somebody else's message: which file, and what the gate says of it, with what of it was read and what was not.

use super::{CheckedView, FileAsked, Side, name_of};
use crate::domain::finding::{Disposition, Finding, Part};
use crate::domain::message::ListedPart;
use crate::service::check::verdict::Rulers;
use crate::tui::card;
use crate::tui::model::Model;
use crate::tui::overlay::choose::{list, typed};
use crate::tui::screen::{light, rules_of};
use crate::tui::text::{column, cut, marked, wrap};
use crate::tui::view::{Pane, PaneTitle, lines, pane, popup, rows, split};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;
use unicode_width::UnicodeWidthStr as _;

/// From this height on the parts stand below the findings; on lower screens they take their turn.
const TALL: u16 = 26;

pub fn file(frame: &mut Frame<'_>, area: Rect, model: &Model, asked: &FileAsked) {
    let at = popup(frame, area, 84, 20);
    let count = format!("{} of {}", asked.chooser.shown.len(), asked.names.len());
    let title = "Check a message of somebody else's";
    let inside = pane(frame, at, title, &count, (model, Pane::Over));
    let [body, said, foot] = Layout::vertical([
        Constraint::Min(3),
        Constraint::Length(if asked.problem.is_some() { 3 } else { 0 }),
        Constraint::Length(1),
    ])
    .areas(inside);
    let area = typed(frame, body, &asked.chooser, &model.theme);
    let width = usize::from(inside.width);
    if asked.files.is_empty() {
        frame.render_widget(Clear, area);
        let words = "   no message lies in the folders at hand: type a path, such as ~/letter.eml";
        lines(frame, area, vec![Line::raw(words)], 0);
    }
    list(frame, area, model, &asked.chooser, |index| {
        Line::raw(cut(&asked.names[index], width.saturating_sub(4)))
    });
    if let Some(problem) = &asked.problem {
        let wrapped = wrap(&format!("! {problem}"), width.saturating_sub(2));
        let style = model.theme.warn();
        let told = wrapped
            .into_iter()
            .map(|line| Line::styled(format!(" {line}"), style));
        lines(frame, said, told.collect(), 0);
    }
    let words = " a path opens a file: mail, JSON, HTML, Markdown, text";
    lines(frame, foot, vec![Line::styled(words, model.theme.dim())], 0);
}

pub fn verdict(frame: &mut Frame<'_>, area: Rect, model: &Model, shown: &CheckedView) {
    frame.render_widget(Clear, area);
    let [left, right] = split(area, 1, 1);
    let tall = left.height >= TALL;
    let [found, below] = if tall {
        Layout::vertical([Constraint::Fill(3), Constraint::Fill(2)]).areas(left)
    } else {
        [left, Rect::ZERO]
    };
    findings(frame, found, model, shown);
    if tall && shown.side != Side::Parts {
        parts(frame, below, model, shown, 0);
    }
    match shown.side {
        Side::Finding => finding(frame, right, model, (shown, shown.scroll)),
        Side::Words => words(frame, right, model, shown),
        Side::Parts => {
            if tall {
                finding(frame, below, model, (shown, 0));
            }
            let end = parts(frame, right, model, shown, shown.scroll);
            scrolls(model, end);
        }
        Side::Rules => rules(frame, right, model, shown),
    }
}

/// Leaves word how far the pane can be scrolled.
fn scrolls(model: &Model, end: usize) {
    model.drawn.borrow_mut().last_line = end;
}

/// Lines of the pane that is turned, from where it was scrolled to.
fn scrolled(frame: &mut Frame<'_>, area: Rect, model: &Model, text: Vec<Line<'_>>, at: usize) {
    scrolls(model, text.len().saturating_sub(usize::from(area.height)));
    lines(frame, area, text, at);
}

/// What the message comes to, what of it was read, and every finding.
fn findings(frame: &mut Frame<'_>, area: Rect, model: &Model, shown: &CheckedView) {
    let verdict = &shown.checked.verdict;
    let listed = shown.findings();
    let count = |d: Disposition| listed.iter().filter(|f| f.disposition == d).count();
    let right = format!(
        "{} blocked, {} to look at",
        count(Disposition::Block),
        count(Disposition::Review)
    );
    let title = PaneTitle::with(
        &format!("Check of {}", name_of(&shown.path)),
        light(&model.theme, verdict.disposition),
    );
    let inside = pane(frame, area, title, &right, (model, Pane::Part(true)));
    let width = usize::from(inside.width);
    let (ran, all) = verdict.looked();
    let score = format!(
        " score {} of 100, {ran} of {all} rules looked",
        verdict.score_bp / 100
    );
    let mut head = vec![Line::styled(score, model.theme.dim())];
    if let Some(line) = reading(shown) {
        let style = if shown.unread().next().is_some() {
            model.theme.warn()
        } else {
            model.theme.dim()
        };
        head.push(Line::styled(line, style));
    }
    let tall = u16::try_from(head.len()).unwrap_or(2);
    let [top, list] =
        Layout::vertical([Constraint::Length(tall), Constraint::Min(1)]).areas(inside);
    lines(frame, top, head, 0);
    if listed.is_empty() {
        lines(frame, list, vec![Line::raw(" No finding.")], 0);
        return;
    }
    let rulers = Rulers::of(&shown.checked.message);
    let widest = |says: &dyn Fn(&Finding) -> usize| listed.iter().map(|f| says(f)).max();
    let places = widest(&|f| place(&rulers, f).width()).unwrap_or(0);
    let titles = widest(&|f| f.headline().width()).unwrap_or(0);
    let room = titles.min(width.saturating_sub(3 + 8 + 2 + places));
    let row = |f: &&Finding| {
        let (word, style) = of(model, f);
        let place = place(&rulers, f);
        let gap = " ".repeat(8_usize.saturating_sub(word.chars().count()));
        Line::from(vec![
            Span::styled(word, style),
            Span::raw(format!("{gap}{}  ", column(f.headline(), room))),
            Span::styled(place, model.theme.dim()),
        ])
    };
    rows(
        frame,
        list,
        listed.iter().map(row).collect(),
        shown.at,
        model,
    );
}

/// The word of a finding; one that is only told is no `ok`.
fn of(model: &Model, f: &Finding) -> (&'static str, ratatui::style::Style) {
    if f.disposition == Disposition::Info {
        ("info", model.theme.info())
    } else {
        light(&model.theme, f.disposition)
    }
}

/// The part and line in which a finding stands.
fn place(rulers: &Rulers<'_>, f: &Finding) -> String {
    match f.part {
        Part::Message => "message".to_owned(),
        part => format!("{}:{}", part.as_str(), rulers.line(part, f.start)),
    }
}

/// How much of a mail was read, and how many remarks there are.
fn reading(shown: &CheckedView) -> Option<String> {
    let message = &shown.checked.message;
    let (all, unread) = (message.listed.len(), shown.unread().count());
    let remarks = message.remarks.len();
    let mut said = Vec::new();
    if all > 0 {
        said.push(format!("parts: {} read, {unread} not read", all - unread));
    }
    if remarks > 0 {
        said.push(format!("remarks: {remarks}"));
    }
    (!said.is_empty()).then(|| format!(" {}", said.join("   ")))
}

fn finding(
    frame: &mut Frame<'_>,
    area: Rect,
    model: &Model,
    (shown, scroll): (&CheckedView, usize),
) {
    let Some(f) = shown.finding() else {
        let inside = pane(frame, area, "Finding", "", (model, Pane::Part(false)));
        let said = " Nothing was found; that is no legal advice.";
        scrolled(frame, inside, model, vec![Line::raw(said)], 0);
        return;
    };
    let inside = pane(
        frame,
        area,
        "Finding",
        &format!("{} severity", f.severity.as_str()),
        (model, Pane::Part(false)),
    );
    let text = card::finding(model, f, usize::from(inside.width));
    scrolled(frame, inside, model, text, scroll);
}

/// The part in which the chosen finding stands, with what is flagged in it.
fn words(frame: &mut Frame<'_>, area: Rect, model: &Model, shown: &CheckedView) {
    let (message, verdict) = (&shown.checked.message, &shown.checked.verdict);
    let named = shown.finding().map(|f| (f.part, f.start));
    let (part, start) = named
        .filter(|(part, _)| *part != Part::Message)
        .unwrap_or((Part::Body, 0));
    let source = message.part(part);
    let title = format!("Words of {}", part.as_str());
    let inside = pane(frame, area, &title, "", (model, Pane::Part(false)));
    let width = usize::from(inside.width).saturating_sub(2);
    let text = card::flagged(source, (part, verdict, shown.finding()), model, width);
    // The words of the chosen finding are in sight before anybody scrolls.
    let before = source.get(..start).unwrap_or("");
    let line = marked(before, &[], width).len();
    let hidden = line > usize::from(inside.height);
    let from = if hidden { line.saturating_sub(3) } else { 0 };
    let at = if shown.scroll == 0 {
        from
    } else {
        shown.scroll
    };
    scrolled(frame, inside, model, text, at);
}

/// The parts of a mail, read and not read, and what the readers had to say. How far it can be scrolled comes back.
fn parts(
    frame: &mut Frame<'_>,
    area: Rect,
    model: &Model,
    shown: &CheckedView,
    scroll: usize,
) -> usize {
    let message = &shown.checked.message;
    let unread = shown.unread().count();
    let right = format!("{} read {unread} not", message.listed.len() - unread);
    let inside = pane(
        frame,
        area,
        "Parts and remarks",
        &right,
        (model, Pane::Part(false)),
    );
    let width = usize::from(inside.width).saturating_sub(2);
    let mut text = Vec::new();
    if message.listed.is_empty() {
        text.push(Line::raw(" No mail: the file's text was read as one part."));
    }
    for listed in &message.listed {
        text.extend(part_lines(model, listed, width));
    }
    for remark in &message.remarks {
        let style = if remark.holds_back() {
            model.theme.warn()
        } else {
            model.theme.dim()
        };
        for (index, line) in wrap(&remark.to_string(), width.saturating_sub(2))
            .into_iter()
            .enumerate()
        {
            let mark = if index == 0 { "? " } else { "  " };
            text.push(Line::styled(format!(" {mark}{line}"), style));
        }
    }
    let end = text.len().saturating_sub(usize::from(inside.height));
    lines(frame, inside, text, scroll);
    end
}

fn part_lines<'l>(model: &Model, listed: &ListedPart, width: usize) -> Vec<Line<'l>> {
    let (state, style) = match (listed.read, &listed.part) {
        (true, Some(part)) => (format!("read as {}", part.as_str()), model.theme.ok()),
        (true, None) => ("read".to_owned(), model.theme.ok()),
        (false, _) => ("NOT READ".to_owned(), model.theme.warn()),
    };
    let room = width.saturating_sub(29);
    let charset = listed.charset.as_deref().unwrap_or("");
    let whole = format!("{} {charset}", listed.media);
    let fits = whole.chars().count() <= room;
    let kind = if fits { &whole } else { &listed.media };
    let mut out = vec![Line::from(vec![
        Span::raw(format!(
            " {} {} ",
            column(&listed.place, 10),
            column(kind.trim_end(), room)
        )),
        Span::styled(column(&state, 16), style),
    ])];
    if !fits && !charset.is_empty() {
        let charset = cut(charset, width.saturating_sub(12));
        out.push(Line::raw(format!("            {charset}")));
    }
    if let Some(why) = &listed.why {
        let wrapped = wrap(why, width.saturating_sub(12)).into_iter();
        out.extend(wrapped.map(|line| Line::raw(format!("            {line}"))));
    }
    out
}

/// Which rules looked at which parts, and why the others did not.
fn rules(frame: &mut Frame<'_>, area: Rect, model: &Model, shown: &CheckedView) {
    let verdict = &shown.checked.verdict;
    let (looked, all) = verdict.looked();
    let right = format!("{looked} of {all} looked");
    let inside = pane(frame, area, "Rules", &right, (model, Pane::Part(false)));
    let text = rules_of(model, verdict, usize::from(inside.width));
    scrolled(frame, inside, model, text, shown.scroll);
}
