//! The text of a Word part as Markdown.

use super::super::super::document::DocumentError;
use super::styles::{RunFormat, Shift, Styles};
use super::{broken, value};
use crate::text::marks::{self, Raised, RaisedText};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::HashMap;
use std::fmt::Write as _;

/// How often something was met that the reader must hear of.
#[derive(Debug, Default)]
pub(super) struct DocxRemarks {
    pub struck: usize,
    pub hidden: usize,
    pub deleted: usize,
    pub inserted: usize,
    pub symbols: usize,
    pub lost_notes: usize,
}

/// Footnotes and endnotes by kind and id.
#[derive(Debug, Default)]
pub(super) struct Notes(HashMap<(&'static str, String), String>);

impl Notes {
    pub fn add(
        &mut self,
        kind: &'static str,
        xml: &str,
        styles: &Styles,
        told: &mut DocxRemarks,
    ) -> Result<(), DocumentError> {
        let none = Self::default();
        let mut body = Body::new(styles, &none, told);
        let mut found = Vec::new();
        body.read(xml, &mut |id, text| found.push((id, text)))?;
        for (id, text) in found {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            if !text.is_empty() {
                self.0.insert((kind, id), text);
            }
        }
        Ok(())
    }

    fn get(&self, kind: &'static str, id: &str) -> Option<&str> {
        self.0.get(&(kind, id.to_owned())).map(String::as_str)
    }
}

/// The title, if a paragraph has that style, and the text.
pub(super) fn markdown(
    xml: &str,
    styles: &Styles,
    notes: &Notes,
    told: &mut DocxRemarks,
) -> Result<(Option<String>, String), DocumentError> {
    let mut body = Body::new(styles, notes, told);
    body.read(xml, &mut |_, _| {})?;
    Ok((body.title, body.out))
}

/// What is known of the paragraph that is open.
#[derive(Default)]
struct Paragraph {
    text: String,
    level: Option<usize>,
    item: bool,
    format: RunFormat,
}

#[derive(Default)]
struct TextRun {
    open: bool,
    direct: RunFormat,
    style: RunFormat,
}

/// What a text box interrupts.
struct Around {
    paragraph: Paragraph,
    raised: Option<(Shift, String)>,
    run: TextRun,
    rows: usize,
}

struct Body<'b> {
    styles: &'b Styles,
    notes: &'b Notes,
    told: &'b mut DocxRemarks,
    title: Option<String>,
    out: String,
    /// Text boxes of the paragraph that is open.
    boxes: String,
    paragraph: Paragraph,
    run: TextRun,
    /// A raised or lowered text that waits for what follows.
    raised: Option<(Shift, String)>,
    around: Vec<Around>,
    /// For each alternative that is open, whether one was taken.
    taken: Vec<bool>,
    /// Texts before a fraction's numerator and denominator.
    fractions: Vec<(String, Option<String>)>,
    rows: usize,
    deleted: usize,
    /// How deep inside of what is passed over.
    skipped: usize,
    in_text: bool,
    in_run_format: bool,
    note: Option<String>,
}

impl<'b> Body<'b> {
    fn new(styles: &'b Styles, notes: &'b Notes, told: &'b mut DocxRemarks) -> Self {
        Self {
            styles,
            notes,
            told,
            title: None,
            out: String::new(),
            boxes: String::new(),
            paragraph: Paragraph::default(),
            run: TextRun::default(),
            raised: None,
            around: Vec::new(),
            taken: Vec::new(),
            fractions: Vec::new(),
            rows: 0,
            deleted: 0,
            skipped: 0,
            in_text: false,
            in_run_format: false,
            note: None,
        }
    }

    /// Reads a part; `note` is given the id and text of each note in it.
    fn read(
        &mut self,
        xml: &str,
        note: &mut dyn FnMut(String, String),
    ) -> Result<(), DocumentError> {
        let mut reader = Reader::from_str(xml);
        loop {
            match reader.read_event().map_err(broken)? {
                Event::Eof => return Ok(()),
                Event::Start(_) if self.skipped > 0 => self.skipped += 1,
                Event::End(_) if self.skipped > 0 => self.skipped -= 1,
                _ if self.skipped > 0 => {}
                Event::Start(tag) => self.start(&tag, false),
                Event::Empty(tag) => self.start(&tag, true),
                Event::Text(text) if self.in_text => self.say(&text),
                Event::CData(text) if self.in_text => self.say(&text),
                Event::GeneralRef(entity) if self.in_text => {
                    let entity = format!("&{};", &*entity);
                    self.say(&htmlize::unescape(entity.as_str()));
                }
                Event::End(tag) => self.end(tag.local_name().as_ref(), note),
                _ => {}
            }
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>, empty: bool) {
        let name = tag.local_name();
        let name = name.as_ref();
        let setting = || value(tag, "val");
        // A record of how something was before, and what another program would show in place of this.
        let past = name.ends_with("PrChange");
        let second = matches!(name, "Choice" | "Fallback") && self.taken.last() == Some(&true);
        if past || second {
            self.skipped += usize::from(!empty);
            return;
        }
        match name {
            "p" if self.rows == 0 && self.note.is_none() => {
                self.settle("");
                self.paragraph = Paragraph::default();
            }
            "pStyle" => {
                let id = setting().unwrap_or_default();
                self.paragraph.level = self.styles.level(&id);
                self.paragraph.item = self.styles.is_item(&id);
                self.paragraph.format = self.styles.format(&id);
            }
            "outlineLvl" if !self.run.open => {
                let level = setting().and_then(|s| s.parse::<usize>().ok());
                if let Some(level) = level.filter(|level| *level < 6) {
                    self.paragraph.level.get_or_insert(level + 1);
                }
            }
            "numPr" => self.paragraph.item = true,
            "numId" if setting().as_deref() == Some("0") => self.paragraph.item = false,
            "r" => {
                self.run = TextRun {
                    open: !empty,
                    ..TextRun::default()
                };
            }
            "rPr" => self.in_run_format = !empty && self.run.open,
            "rStyle" if self.in_run_format => {
                self.run.style = self.styles.format(&setting().unwrap_or_default());
            }
            "t" => self.in_text = !empty,
            "tab" | "ptab" | "br" | "cr" if !self.in_run_format => self.say(" "),
            "noBreakHyphen" => self.say("-"),
            "sym" => self.symbol(tag),
            "footnoteReference" => self.reference("footnotes", tag),
            "endnoteReference" => self.reference("endnotes", tag),
            "footnote" | "endnote" if !empty => {
                // The lines that part notes from the text are notes of a type of their own.
                let plain = value(tag, "type").is_none_or(|kind| kind == "normal");
                if plain {
                    self.note = value(tag, "id");
                    self.paragraph = Paragraph::default();
                } else {
                    self.skipped += 1;
                }
            }
            "tr" if !empty => {
                if self.rows == 0 && self.note.is_none() {
                    self.paragraph = Paragraph::default();
                }
                self.rows += 1;
            }
            "del" | "moveFrom" if !empty => {
                self.deleted += 1;
                self.told.deleted += 1;
            }
            "ins" | "moveTo" if !empty => self.told.inserted += 1,
            "AlternateContent" if !empty => self.taken.push(false),
            "Choice" | "Fallback" => {
                if let Some(taken) = self.taken.last_mut() {
                    *taken = true;
                }
            }
            "txbxContent" if !empty => self.around.push(Around {
                paragraph: std::mem::take(&mut self.paragraph),
                raised: self.raised.take(),
                run: std::mem::take(&mut self.run),
                rows: std::mem::take(&mut self.rows),
            }),
            "f" if !empty => {
                self.settle("");
                let before = std::mem::take(&mut self.paragraph.text);
                self.fractions.push((before, None));
            }
            "den" if !empty => {
                let above = std::mem::take(&mut self.paragraph.text);
                if let Some(fraction) = self.fractions.last_mut() {
                    fraction.1 = Some(above);
                }
            }
            _ if self.in_run_format => self.run.direct.read(name, setting().as_deref()),
            _ => {}
        }
    }

    fn end(&mut self, name: &str, note: &mut dyn FnMut(String, String)) {
        match name {
            "t" => self.in_text = false,
            "r" => self.run = TextRun::default(),
            "rPr" => self.in_run_format = false,
            "p" if self.rows == 0 && self.note.is_none() => self.finish(),
            "p" => self.say_plainly(" "),
            "tc" => self.say_plainly(" | "),
            "tr" => {
                self.rows = self.rows.saturating_sub(1);
                if self.rows == 0 && self.note.is_none() {
                    self.finish();
                }
            }
            "footnote" | "endnote" => {
                self.settle("");
                if let Some(id) = self.note.take() {
                    note(id, std::mem::take(&mut self.paragraph.text));
                }
            }
            "del" | "moveFrom" => self.deleted = self.deleted.saturating_sub(1),
            "AlternateContent" => {
                self.taken.pop();
            }
            "txbxContent" => {
                if let Some(around) = self.around.pop() {
                    self.paragraph = around.paragraph;
                    self.raised = around.raised;
                    self.run = around.run;
                    self.rows = around.rows;
                }
            }
            "f" => self.fraction(),
            _ => {}
        }
    }

    fn format(&self) -> RunFormat {
        let format = self.run.direct.over(self.run.style);
        format.over(self.paragraph.format.over(self.styles.ground()))
    }

    /// A text of a run.
    fn say(&mut self, text: &str) {
        if self.deleted > 0 {
            return;
        }
        let format = self.format();
        let says = !text.trim().is_empty();
        if format.hidden == Some(true) {
            self.told.hidden += usize::from(says);
            return;
        }
        if format.struck == Some(true) {
            self.told.struck += usize::from(says);
            // What stood before and behind it does not become one word.
            self.say_plainly(" ");
            return;
        }
        match format.shift {
            Some(shift @ (Shift::Up | Shift::Down)) if says => match &mut self.raised {
                Some((waiting, so_far)) if *waiting == shift => so_far.push_str(text),
                _ => {
                    self.settle(text);
                    self.raised = Some((shift, text.to_owned()));
                }
            },
            _ => self.say_plainly(text),
        }
    }

    fn say_plainly(&mut self, text: &str) {
        self.settle(text);
        self.paragraph.text.push_str(text);
    }

    /// Writes the raised text that waits, now that what follows is known.
    fn settle(&mut self, following: &str) {
        let Some((shift, text)) = self.raised.take() else {
            return;
        };
        let raised = match shift {
            Shift::Down => Raised::Down,
            _ => Raised::Up,
        };
        let before = &self.paragraph.text;
        match marks::written(&text, raised, before, || following.to_owned()) {
            RaisedText::As(text) => self.paragraph.text.push_str(&text),
            RaisedText::Plain => self.paragraph.text.push_str(&text),
        }
    }

    /// A character of a named font; those of the private area are known of the font Symbol alone.
    fn symbol(&mut self, tag: &BytesStart<'_>) {
        let code = value(tag, "char").and_then(|c| u32::from_str_radix(&c, 16).ok());
        let symbol_font = value(tag, "font").is_some_and(|f| f.eq_ignore_ascii_case("symbol"));
        let read = match code {
            Some(code @ 0x20..0xE000) => char::from_u32(code),
            Some(code @ 0xF020..=0xF0FF) if symbol_font => of_symbol_font(code - 0xF000),
            _ => None,
        };
        match read {
            Some(c) => self.say(c.encode_utf8(&mut [0; 4])),
            None => {
                self.told.symbols += 1;
                self.say("\u{25A1}");
            }
        }
    }

    fn reference(&mut self, kind: &'static str, tag: &BytesStart<'_>) {
        if self.deleted > 0 {
            return;
        }
        let id = value(tag, "id").unwrap_or_default();
        match self.notes.get(kind, &id) {
            Some(note) => {
                let note = format!(" [note: {note}]");
                self.say_plainly(&note);
            }
            None => self.told.lost_notes += 1,
        }
    }

    fn fraction(&mut self) {
        self.settle("");
        let Some((mut before, above)) = self.fractions.pop() else {
            return;
        };
        let below = std::mem::take(&mut self.paragraph.text);
        let above = above.unwrap_or_default();
        if before.ends_with(|c: char| c.is_ascii_digit()) {
            before.push(' ');
        }
        let simple = |text: &str| text.chars().all(char::is_alphanumeric);
        let _ = if simple(above.trim()) && simple(below.trim()) {
            write!(before, "{}/{}", above.trim(), below.trim())
        } else {
            write!(before, "({})/({})", above.trim(), below.trim())
        };
        self.paragraph.text = before;
    }

    fn finish(&mut self) {
        self.settle("");
        let Paragraph {
            text, level, item, ..
        } = std::mem::take(&mut self.paragraph);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = text.trim_end_matches(" |");
        let inside = !self.around.is_empty();
        let out = if inside {
            &mut self.boxes
        } else {
            &mut self.out
        };
        if !text.is_empty() {
            // Writing to a String cannot fail.
            let _ = match level {
                Some(0) if self.title.is_none() && !inside => {
                    self.title = Some(text.to_owned());
                    Ok(())
                }
                Some(level @ 1..=6) if !inside => {
                    write!(out, "\n{} {text}\n\n", "#".repeat(level))
                }
                _ if item => writeln!(out, "- {text}"),
                _ => write!(out, "{text}\n\n"),
            };
        }
        if !inside {
            self.out.push_str(&std::mem::take(&mut self.boxes));
        }
    }
}

/// Adobe's Symbol encoding where it is not that of letters (Unicode's own table, `SYMBOL.TXT`).
fn of_symbol_font(code: u32) -> Option<char> {
    Some(match code {
        0x20..=0x21
        | 0x23
        | 0x25..=0x26
        | 0x28..=0x29
        | 0x2B..=0x2C
        | 0x2E..=0x3F
        | 0x5B
        | 0x5D
        | 0x5F
        | 0x7B..=0x7D => char::from_u32(code)?,
        0x2D => '-',
        0xA0 => '€',
        0xA3 => '≤',
        0xB0 => '°',
        0xB1 => '±',
        0xB3 => '≥',
        0xB4 => '×',
        0xB7 => '•',
        0xB8 => '÷',
        0xB9 => '≠',
        0xBB => '≈',
        0xBC => '…',
        0xD2 | 0xE2 => '®',
        0xD3 | 0xE3 => '©',
        0xD4 | 0xE4 => '™',
        _ => return None,
    })
}
