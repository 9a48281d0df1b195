//! Characters of a page, each with its place, into lines in the order of reading: columns one after the other, the cells
//! of a table row beside each other, raised marks apart from figures.

use crate::text::ligatures;
use crate::text::marks::{self, Raised, RaisedText};
use pdf_extract::{MediaBox, OutputDev, OutputError, Transform};

/// A character or ligature as drawn: its left end and base line in points, `y` upwards.
#[derive(Clone, Debug)]
struct Glyph {
    x: f64,
    y: f64,
    width: f64,
    size: f64,
    text: String,
    /// The first of a string that was drawn as one.
    first: bool,
}

/// Gathers the characters of one page.
#[derive(Default)]
pub(super) struct PdfPage {
    glyphs: Vec<Glyph>,
    first: bool,
}

/// More characters than a page holds that a person can read.
const GLYPHS: usize = 400_000;

impl OutputDev for PdfPage {
    fn begin_page(
        &mut self,
        _: u32,
        _: &MediaBox,
        _: Option<(f64, f64, f64, f64)>,
    ) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_page(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn output_character(
        &mut self,
        place: &Transform,
        width: f64,
        _: f64,
        size: f64,
        text: &str,
    ) -> Result<(), OutputError> {
        let across = (place.m11.hypot(place.m12) * size).abs();
        let up = (place.m21.hypot(place.m22) * size).abs();
        if self.glyphs.len() < GLYPHS && across.is_finite() && up.is_finite() {
            self.glyphs.push(Glyph {
                x: place.m31,
                y: place.m32,
                width: width * across,
                size: up,
                text: ligatures::apart(text).into_owned(),
                first: std::mem::take(&mut self.first),
            });
        }
        Ok(())
    }

    fn begin_word(&mut self) -> Result<(), OutputError> {
        self.first = true;
        Ok(())
    }

    fn end_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), OutputError> {
        Ok(())
    }
}

/// A run of characters on one line without a wide gap.
#[derive(Clone, Debug)]
struct LineSegment {
    left: f64,
    right: f64,
    y: f64,
    size: f64,
    text: String,
}

/// A gap wider than this many sizes parts two cells or columns.
const WIDE: f64 = 1.4;

impl PdfPage {
    /// The lines of the page; an empty one parts paragraphs.
    pub fn text(&self) -> String {
        let mut segments = self.segments();
        if segments.len() > MOST_SEGMENTS {
            return in_drawn_order(&segments);
        }
        // From the top; what is on one line from the left.
        segments.sort_by(|a, b| b.y.total_cmp(&a.y).then(a.left.total_cmp(&b.left)));
        let lines = lines(segments);
        let mut out = PdfOutput::default();
        read(&lines, &mut out);
        out.text
    }

    fn segments(&self) -> Vec<LineSegment> {
        let mut found: Vec<LineSegment> = Vec::new();
        let mut open: Option<LineSegment> = None;
        let mut raised: Option<(Raised, String)> = None;
        for glyph in &self.glyphs {
            let Some(segment) = &mut open else {
                open = Some(begun(glyph));
                continue;
            };
            let gap = glyph.x - segment.right;
            let rise = glyph.y - segment.y;
            let near = gap < WIDE * segment.size.max(glyph.size) && gap > -0.7 * segment.size;
            let small = glyph.size < segment.size * 0.85;
            if near && rise.abs() < 0.12 * segment.size {
                if let Some((how, text)) = raised.take() {
                    settle(segment, how, &text, &glyph.text);
                }
                let apart = gap > 0.15 * segment.size.min(glyph.size)
                    && (glyph.first || gap > 0.25 * segment.size);
                if apart && !segment.text.ends_with(char::is_whitespace) {
                    segment.text.push(' ');
                }
                segment.text.push_str(&glyph.text);
                segment.right = segment.right.max(glyph.x + glyph.width);
                segment.size = segment.size.max(glyph.size);
            } else if near && small && rise.abs() < segment.size {
                let how = if rise > 0.0 { Raised::Up } else { Raised::Down };
                match &mut raised {
                    Some((waiting, text)) if *waiting == how => text.push_str(&glyph.text),
                    _ => {
                        if let Some((how, text)) = raised.replace((how, glyph.text.clone())) {
                            settle(segment, how, &text, &glyph.text);
                        }
                    }
                }
                segment.right = segment.right.max(glyph.x + glyph.width);
            } else {
                if let Some((how, text)) = raised.take() {
                    settle(segment, how, &text, "");
                }
                found.extend(open.replace(begun(glyph)));
            }
        }
        if let (Some(segment), Some((how, text))) = (&mut open, raised) {
            settle(segment, how, &text, "");
        }
        found.extend(open);
        found.retain(|segment| !segment.text.trim().is_empty());
        found
    }
}

fn begun(glyph: &Glyph) -> LineSegment {
    LineSegment {
        left: glyph.x,
        right: glyph.x + glyph.width,
        y: glyph.y,
        size: glyph.size.max(1.0),
        text: glyph.text.clone(),
    }
}

/// Writes a raised text behind a segment.
fn settle(segment: &mut LineSegment, how: Raised, text: &str, following: &str) {
    match marks::written(text, how, &segment.text, || following.to_owned()) {
        RaisedText::As(text) => segment.text.push_str(&text),
        RaisedText::Plain => segment.text.push_str(text),
    }
}

/// A page of more pieces is not laid out: it is read as it was drawn.
const MOST_SEGMENTS: usize = 4_000;

fn in_drawn_order(segments: &[LineSegment]) -> String {
    let mut out = PdfOutput::default();
    for segment in segments {
        out.line(segment.y, segment.size, &segment.text);
    }
    out.text
}

type Line = Vec<LineSegment>;

/// Segments on the same base line, or nearly.
fn lines(segments: Vec<LineSegment>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for segment in segments {
        match lines.last_mut() {
            Some(line) if (line[0].y - segment.y).abs() < 0.3 * segment.size.min(line[0].size) => {
                line.push(segment);
            }
            _ => lines.push(vec![segment]),
        }
    }
    for line in &mut lines {
        line.sort_by(|a, b| a.left.total_cmp(&b.left));
    }
    lines
}

#[derive(Default)]
struct PdfOutput {
    text: String,
    /// Base line and size of the line before.
    last: Option<(f64, f64)>,
}

impl PdfOutput {
    fn line(&mut self, y: f64, size: f64, text: &str) {
        if let Some((before, last_size)) = self.last {
            let step = before - y;
            let far = step > 1.5 * size.max(last_size) || step < -0.5 * size;
            self.text.push_str(if far { "\n\n" } else { "\n" });
        }
        self.text.push_str(text.trim());
        self.last = Some((y, size));
    }

    fn part(&mut self) {
        self.text.push_str("\n\n");
        self.last = None;
    }
}

/// Reads lines from the top. Where a band of them falls into columns of running text, the left one comes first.
fn read(lines: &[Line], out: &mut PdfOutput) {
    let mut at = 0;
    while at < lines.len() {
        if let Some((end, gutter)) = band(&lines[at..]) {
            let (mut left, mut right) = (Vec::new(), Vec::new());
            for line in &lines[at..at + end] {
                let split = line
                    .iter()
                    .position(|s| s.left >= gutter)
                    .unwrap_or(line.len());
                if split > 0 {
                    left.push(line[..split].to_vec());
                }
                if split < line.len() {
                    right.push(line[split..].to_vec());
                }
            }
            for column in [left, right] {
                out.part();
                read(&column, out);
            }
            out.part();
            at += end;
            continue;
        }
        let line = &lines[at];
        let text: Vec<&str> = line.iter().map(|s| s.text.trim()).collect();
        let size = line.iter().map(|s| s.size).fold(0.0, f64::max);
        out.line(line[0].y, size, &text.join(" | "));
        at += 1;
    }
}

/// Lines of a column at least, and letters that a line of running text holds on average.
const COLUMN_LINES: usize = 2;
const COLUMN_LETTERS: usize = 14;

/// If the lines begin with a band that has a gutter, how many they are, and where its right column begins. The lines of
/// tables are short, and stay whole.
fn band(lines: &[Line]) -> Option<(usize, f64)> {
    // A title above the columns is no part of them, unless it stands in one.
    let mut free = vec![(f64::MIN, f64::MAX)];
    let mut best = None;
    for (number, line) in lines.iter().enumerate() {
        for segment in line {
            free = free
                .into_iter()
                .flat_map(|(from, to)| {
                    [(from, to.min(segment.left)), (from.max(segment.right), to)]
                })
                .filter(|(from, to)| to - from >= 0.8 * segment.size)
                .collect();
        }
        // The outermost are the margins.
        let gutters = free
            .iter()
            .filter(|(from, to)| *from > f64::MIN && *to < f64::MAX);
        let mut any = false;
        for (_, to) in gutters {
            any = true;
            if is_running(&lines[..=number], *to) {
                best = Some((number + 1, *to));
                break;
            }
        }
        if !any && number > 0 && line.len() + lines[number - 1].len() > 2 {
            break;
        }
        if !any && number > 3 {
            break;
        }
        if best.is_some_and(|(end, _)| end < number + 1) && !any {
            break;
        }
    }
    best
}

fn is_running(lines: &[Line], gutter: f64) -> bool {
    let side = |right: bool| {
        let mut count = 0;
        let mut letters = 0;
        for segment in lines
            .iter()
            .flatten()
            .filter(|s| (s.left >= gutter) == right)
        {
            count += 1;
            letters += segment.text.chars().filter(|c| c.is_alphabetic()).count();
        }
        count >= COLUMN_LINES && letters >= COLUMN_LETTERS * count
    };
    side(false) && side(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(strings: &[(f64, f64, f64, &str)]) -> String {
        let mut page = PdfPage::default();
        for (x, y, size, text) in strings {
            page.first = true;
            let mut at = *x;
            for c in text.chars() {
                let place = Transform::row_major(1.0, 0.0, 0.0, 1.0, at, *y);
                at += size * 0.5;
                page.output_character(&place, 0.5, 0.0, *size, &c.to_string())
                    .unwrap();
            }
        }
        page.text()
    }

    #[test]
    fn columns_are_read_one_after_the_other() {
        let text = page(&[
            (
                50.0,
                760.0,
                12.0,
                "Fees of the two cards that we offer to all of you in this year",
            ),
            (50.0, 700.0, 10.0, "The annual fee is $95"),
            (300.0, 700.0, 10.0, "The late fee is $25"),
            (50.0, 688.0, 10.0, "and is charged in May."),
            (300.0, 688.0, 10.0, "and is never waived."),
        ]);
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            flat.contains(
                "fee is $95 and is charged in May. The late fee is $25 and is never waived."
            ),
            "{text}"
        );
    }

    #[test]
    fn rows_of_a_table_stay_whole_and_marks_stand_apart() {
        let text = page(&[
            (50.0, 700.0, 10.0, "Annual fee"),
            (300.0, 700.0, 10.0, "$95"),
            (50.0, 688.0, 10.0, "Late fee"),
            (300.0, 688.0, 10.0, "$25"),
            (315.0, 692.0, 6.0, "1"),
        ]);
        assert_eq!(text, "Annual fee | $95\nLate fee | $25¹");
        assert_eq!(page(&[(0.0, 0.0, 10.0, "ﬁnal oﬀer")]), "final offer");
    }
}
