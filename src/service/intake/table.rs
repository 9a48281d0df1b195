//! Tables as exports write them: any of four separators, cells that say "nothing" in words, columns that stand twice.

use crate::domain::finding::Disposition;
use crate::domain::profile::json;
use crate::domain::remark::{Remark, Topic};
use crate::error::{Error, Kind, Result};
use crate::text::decode;
use serde_json::{Map, Value};
use std::io::Read;

/// A row of a table: its line from 1 on, what it holds, and what must be told of how it was read.
pub(in crate::service) struct Row {
    pub line: usize,
    pub value: Result<Value>,
    pub remarks: Vec<Remark>,
}

/// What tables write for an empty cell.
const EMPTY: [&str; 12] = [
    "NaN", "nan", "None", "NULL", "Null", "null", "#N/A", "#NA", "<NA>", "NaT", "N/A", "n/a",
];

const SEPARATORS: [u8; 4] = *b",;\t|";

/// The separator that the head of a table uses, and the bytes before its head: `sep=;` is how spreadsheets name one.
fn separator(head: &[u8]) -> (u8, usize) {
    if let Some(rest) = head.strip_prefix(b"sep=")
        && let [separator, after, ..] = rest
        && matches!(after, b'\r' | b'\n')
    {
        let end = memchr::memchr(b'\n', head).map_or(head.len(), |at| at + 1);
        return (*separator, end);
    }
    let line = head
        .split(|b| *b == b'\n')
        .find(|line| !line.iter().all(u8::is_ascii_whitespace))
        .unwrap_or_default();
    let mut counts = [0_usize; 4];
    let mut quoted = false;
    for b in line {
        quoted ^= *b == b'"';
        if let Some(at) = SEPARATORS.iter().position(|s| s == b).filter(|_| !quoted) {
            counts[at] += 1;
        }
    }
    let most = counts.iter().max().copied().unwrap_or(0);
    let at = counts.iter().position(|count| *count == most).unwrap_or(0);
    (SEPARATORS[at], 0)
}

/// The rows of a table, read as they are asked for.
///
/// # Errors
/// It is no text, or its head cannot be read.
pub(in crate::service) fn rows<R: Read + Send>(
    file: R,
    name: &str,
) -> Result<impl Iterator<Item = Row> + Send + use<R>> {
    let failed = |e: std::io::Error| Error::of(Kind::Io, e).at(name.to_owned());
    let (mut text, first) = decode::Transcoder::new(file)
        .map_err(failed)?
        .map_err(|e| not_text(e).at(name.to_owned()))?;
    let (separator, skip) = separator(&first);
    std::io::copy(&mut text.by_ref().take(skip as u64), &mut std::io::sink()).map_err(failed)?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .trim(csv::Trim::All)
        .flexible(false)
        .from_reader(text);
    let head = reader.byte_headers().map_err(|_| {
        Error::new(Kind::Input, "not CSV: the head cannot be read").at(format!("{name}:1"))
    })?;
    let mut told = Told::default();
    let head = head
        .iter()
        .map(|cell| {
            told.text(cell)
                .map(|text| text.trim_start_matches('\u{FEFF}').to_owned())
        })
        .collect::<Result<Vec<String>>>()
        .map_err(|e| e.at(format!("{name}:1")))?;
    let name = name.to_owned();
    let before = u64::from(skip > 0);
    Ok(reader.into_byte_records().filter_map(move |record| {
        let line_of = |position: Option<&csv::Position>| {
            usize::try_from(position.map_or(0, csv::Position::line) + before).unwrap_or(0)
        };
        let record = match record {
            Ok(record) => record,
            Err(e) => {
                let line = line_of(e.position());
                let what = "not CSV: a row has another number of fields than the head";
                let error = Error::new(Kind::Input, what)
                    .at(format!("{name}:{line}"))
                    .fix("correct the row and try again");
                return Some(Row {
                    line,
                    value: Err(error),
                    remarks: Vec::new(),
                });
            }
        };
        let line = line_of(record.position());
        // Files that were put one behind the other repeat their head.
        if record.iter().eq(head.iter().map(String::as_bytes)) {
            return None;
        }
        let value = object(&head, &record, &mut told).map_err(|e| e.at(format!("{name}:{line}")));
        Some(Row {
            line,
            value,
            remarks: told.take(),
        })
    }))
}

pub(in crate::service) fn not_text(error: decode::DecodeError) -> Error {
    Error::of(Kind::Input, error).fix("give it as text: UTF-8, UTF-16 or windows-1252")
}

/// What must be told once for a whole file.
#[derive(Default)]
pub(in crate::service) struct Told {
    empty: bool,
    encoding: bool,
    now: Vec<Remark>,
}

impl Told {
    /// Bytes of a file as text; that their encoding was guessed is told once.
    pub fn text(&mut self, bytes: &[u8]) -> Result<String> {
        let decoded = decode::row(bytes).map_err(not_text)?;
        match decoded.remark {
            Some(remark) if !self.encoding || remark.holds_back() => {
                self.encoding = true;
                self.now.push(remark);
            }
            _ => {}
        }
        Ok(decoded.text)
    }

    pub fn take(&mut self) -> Vec<Remark> {
        std::mem::take(&mut self.now)
    }
}

/// A row as an object. Empty cells are left out, a column that stands twice keeps both values, and a cell that holds an
/// object is one.
fn object(head: &[String], record: &csv::ByteRecord, told: &mut Told) -> Result<Value> {
    let mut object = Map::new();
    for (column, cell) in head.iter().zip(record.iter()) {
        let cell = told.text(cell)?;
        if cell.is_empty() || column.is_empty() {
            continue;
        }
        if EMPTY.contains(&cell.as_str()) {
            if !told.empty {
                told.empty = true;
                told.now.push(Remark::new(
                    Topic::Intake,
                    Disposition::Info,
                    column
                        .chars()
                        .filter(|c| !c.is_control())
                        .take(80)
                        .collect::<String>(),
                    "a word for an empty cell, such as NaN or NULL",
                    "read as empty, here and in the rows that follow",
                ));
            }
            continue;
        }
        let packed = json::packed(&cell);
        json::add(
            &mut object,
            column.clone(),
            packed.unwrap_or(Value::String(cell)),
        );
    }
    Ok(Value::Object(object))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(bytes: &[u8]) -> Vec<(usize, Value)> {
        rows(std::io::Cursor::new(bytes.to_vec()), "t.csv")
            .unwrap()
            .map(|row| (row.line, row.value.unwrap()))
            .collect()
    }

    #[test]
    fn separators_encodings_and_empty_cells_are_read() {
        let one = json!({"id": "1", "name": "Zoë", "opted_out": "no"});
        for text in [
            "id,name,opted_out\n1,Zoë,no\n",
            "id;name;opted_out\n1;\"Zoë\";no\n",
            "id\tname\topted_out\r\n1\tZoë\tno\r\n",
            "id|name|opted_out\n1|Zoë|no\n",
            "\u{FEFF}\"id\",\"name\",\"opted_out\"\n1,Zoë,no\n",
        ] {
            assert_eq!(read(text.as_bytes())[0].1, one, "{text}");
            let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            assert_eq!(read(&wide)[0].1, one, "{text}");
        }
        assert_eq!(read(b"id,name,opted_out\n1,Zo\xEB,no\n")[0].1, one);
        assert_eq!(read(b"sep=;\nid;x\n1;NaN\n"), [(3, json!({"id": "1"}))]);
        assert_eq!(read(b"id,x\n1,a\nid,x\n2,b\n").len(), 2);
    }

    #[test]
    fn a_column_that_stands_twice_keeps_both_values_and_objects_are_objects() {
        assert_eq!(
            read(b"id,opted_out,opted_out,consents\n1,yes,no,\"{\"\"email\"\": false}\"\n")[0].1,
            json!({"id": "1", "opted_out": ["yes", "no"], "consents": {"email": false}})
        );
    }
}
