//! A frame of the desk as an SVG with its colours, for the README.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use std::fmt::Write as _;

/// Width and height of a cell, in SVG units.
const CELL: (usize, usize) = (8, 17);
const GROUND: &str = "#11131a";
const INK: &str = "#d5d9e0";

fn colour(of: Color, without: &str) -> String {
    match of {
        Color::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
        Color::Reset => without.to_owned(),
        other => panic!("say in this file how {other} looks"),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// What stands between gaps of two spaces or more, and at which character each piece begins: whatever the viewer's font
/// is, the columns stay.
fn pieces(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split("  ").filter_map(move |piece| {
        let blank = piece.chars().take_while(|c| *c == ' ').count();
        let begins = at + blank;
        at += piece.chars().count() + 2;
        (!piece.trim().is_empty()).then(|| (begins, piece.trim()))
    })
}

/// The frame, row by row, each run of one style a text. `words` changes what differs between machines and keeps lengths.
pub fn svg(frame: &Buffer, title: &str, words: impl Fn(&str) -> String) -> String {
    let (columns, rows) = (
        usize::from(frame.area.width),
        usize::from(frame.area.height),
    );
    let (width, height) = (columns * CELL.0, rows * CELL.1);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" role=\"img\" \
         font-family=\"ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"13\">\n\
         <title>{}</title>\n<rect width=\"{width}\" height=\"{height}\" fill=\"{GROUND}\"/>\n",
        escaped(title)
    );
    let cells = frame.content.chunks(columns);
    for (row, cells) in cells.enumerate() {
        let line: String = cells.iter().map(ratatui::buffer::Cell::symbol).collect();
        let line: Vec<char> = words(&line).chars().collect();
        assert_eq!(line.len(), columns, "one character a cell");
        let style = |at: usize| {
            let cell = &cells[at];
            let is_reversed = cell.modifier.contains(Modifier::REVERSED);
            let (ink, ground) = (colour(cell.fg, INK), colour(cell.bg, GROUND));
            let (ink, ground) = if is_reversed {
                (ground, ink)
            } else {
                (ink, ground)
            };
            let kept = Modifier::BOLD | Modifier::DIM | Modifier::UNDERLINED | Modifier::ITALIC;
            (ink, ground, cell.modifier & kept)
        };
        let mut from = 0;
        while from < columns {
            let of = style(from);
            let to = (from..columns)
                .find(|at| style(*at) != of)
                .unwrap_or(columns);
            let text: String = line[from..to].iter().collect();
            let (ink, ground, modifier) = of;
            let (x, y) = (from * CELL.0, row * CELL.1);
            let length = (to - from) * CELL.0;
            if ground != GROUND {
                writeln!(
                    out,
                    "<rect x=\"{x}\" y=\"{y}\" width=\"{length}\" height=\"{}\" fill=\"{ground}\"/>",
                    CELL.1
                )
                .unwrap();
            }
            let mut how = String::new();
            for (mark, attribute) in [
                (Modifier::BOLD, " font-weight=\"bold\""),
                (Modifier::DIM, " opacity=\".6\""),
                (Modifier::UNDERLINED, " text-decoration=\"underline\""),
                (Modifier::ITALIC, " font-style=\"italic\""),
            ] {
                if modifier.contains(mark) {
                    how.push_str(attribute);
                }
            }
            for (at, words) in pieces(&text) {
                let (x, y) = ((from + at) * CELL.0, y + 13);
                let length = words.chars().count() * CELL.0;
                writeln!(
                    out,
                    "<text x=\"{x}\" y=\"{y}\" fill=\"{ink}\"{how} textLength=\"{length}\">{}</text>",
                    escaped(words)
                )
                .unwrap();
            }
            from = to;
        }
    }
    out.push_str("</svg>\n");
    out
}
