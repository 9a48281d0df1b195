//! Small files that people and senders' tools hand over, read whole: tables whatever parts their cells, and JSON.

use crate::error::{Error, Kind, Result};
use crate::text::decode::{DecodeError, to_text};
use serde_json::{Map, Value};
use std::io::Read as _;
use std::path::Path;

/// Largest such file, in bytes.
const MOST_BYTES: u64 = 256 << 20;

/// Deepest objects whose inner fields are read.
const DEEPEST: usize = 6;

/// Signs that part the cells of a line.
pub(in crate::service) const SEPARATORS: [char; 4] = ['\t', ';', ',', '|'];

/// A text of a file, with plain line ends.
pub(in crate::service) struct SheetText {
    pub text: String,
    /// What must be told of its encoding.
    pub remark: Option<String>,
}

/// Reads a file in any encoding that exports come in.
///
/// # Errors
/// It cannot be read, is too large, or is no text.
pub(in crate::service) fn read(path: &Path) -> Result<SheetText> {
    let place = path.display().to_string();
    let failed = |e: std::io::Error| {
        Error::of(Kind::Io, e)
            .at(place.clone())
            .fix("check the path")
    };
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    file.take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > MOST_BYTES {
        let what = format!("larger than {} MiB", MOST_BYTES >> 20);
        return Err(Error::new(Kind::Input, what).at(place).fix("split it"));
    }
    text_of(&bytes).map_err(|why| {
        Error::of(Kind::Input, why)
            .at(place)
            .fix("export it as CSV or text; nothing of it was taken")
    })
}

/// The text of bytes, or what they are instead.
pub(in crate::service) fn text_of(bytes: &[u8]) -> std::result::Result<SheetText, DecodeError> {
    let decoded = to_text(bytes)?;
    let ends = ['\r', '\u{85}', '\u{2028}', '\u{2029}'];
    Ok(SheetText {
        text: decoded.text.replace("\r\n", "\n").replace(ends, "\n"),
        remark: decoded.remark.map(|remark| remark.to_string()),
    })
}

/// The separator that a line `sep=;` names, as spreadsheets write it above a table.
pub(in crate::service) fn named_separator(line: &str) -> Option<char> {
    let (name, sign) = line.trim_start_matches('\u{FEFF}').split_at_checked(4)?;
    let sign = sign.chars().next()?;
    (name.eq_ignore_ascii_case("sep=") && sign.is_ascii()).then_some(sign)
}

/// The cells of one line.
pub(in crate::service) fn cells(line: &str, separator: char) -> Vec<String> {
    let mut records = reader(line, separator).into_records();
    let record = records.next().and_then(std::result::Result::ok);
    record
        .unwrap_or_default()
        .iter()
        .map(str::to_owned)
        .collect()
}

/// The rows of a table below its head, each with its line, counted from 1 for the first one here.
pub(in crate::service) fn rows(body: &str, separator: char) -> Vec<(usize, Vec<String>)> {
    let mut rows = Vec::new();
    // A quote that is never closed makes one cell of many lines: they are read one by one then.
    let mut is_torn = false;
    for record in reader(body, separator).into_records() {
        let Ok(record) = record else {
            is_torn = true;
            break;
        };
        let width = record.len();
        is_torn |= record.iter().any(|cell| {
            let mut below = cell.lines().skip(1);
            below.any(|line| {
                line.contains('@') || width > 1 && line.matches(separator).count() + 1 >= width
            })
        });
        let line = record.position().map_or(1, csv::Position::line);
        let cells = record.iter().map(str::to_owned).collect();
        rows.push((usize::try_from(line).unwrap_or(1), cells));
    }
    if is_torn {
        let lines = body.lines().enumerate();
        rows = lines
            .map(|(at, line)| (at + 1, cells(line, separator)))
            .collect();
    }
    rows
}

fn reader(text: &str, separator: char) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .delimiter(u8::try_from(separator).unwrap_or(b','))
        .from_reader(text.as_bytes())
}

/// A JSON value, or why it is none.
type Parsed = std::result::Result<Value, serde_json::Error>;

/// The values of a JSON text, a list or one a line, each with its place; `None` if no line of it is JSON.
pub(in crate::service) fn json(text: &str) -> Option<Vec<(usize, Parsed)>> {
    let begins = |line: &str| line.trim_start().starts_with('{');
    if !text.trim_start().starts_with(['{', '[']) && !text.lines().any(begins) {
        return None;
    }
    match serde_json::from_str(text) {
        Ok(Value::Array(list)) => Some((1..).zip(list.into_iter().map(Ok)).collect()),
        Ok(value) => Some(vec![(1, Ok(value))]),
        Err(_) => {
            let lines = (1..)
                .zip(text.lines())
                .filter(|(_, line)| !line.trim().is_empty());
            let rows: Vec<(usize, Parsed)> = lines
                .map(|(at, line)| (at, serde_json::from_str(line)))
                .collect();
            // An id in braces, or an address in brackets, only begins like it.
            let is_object = |(_, row): &(usize, Parsed)| row.as_ref().is_ok_and(Value::is_object);
            rows.iter().any(is_object).then_some(rows)
        }
    }
}

/// The fields of an object and of the objects within it, by name, as `mail.messageId`; texts, numbers and flags as text.
pub(in crate::service) fn flatten(map: &Map<String, Value>) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    flatten_into(map, "", DEEPEST, &mut fields);
    fields
}

fn flatten_into(
    map: &Map<String, Value>,
    above: &str,
    deep: usize,
    fields: &mut Vec<(String, String)>,
) {
    for (name, value) in map {
        let name = format!("{above}{name}");
        match value {
            Value::Object(inner) if deep > 0 => {
                flatten_into(inner, &format!("{name}."), deep - 1, fields);
            }
            Value::String(text) => fields.push((name, text.clone())),
            Value::Number(number) => fields.push((name, number.to_string())),
            Value::Bool(flag) => fields.push((name, flag.to_string())),
            _ => {}
        }
    }
}

/// The lists in an object and in the objects within it.
pub(in crate::service) fn lists(map: &Map<String, Value>) -> Vec<&Vec<Value>> {
    let mut found = Vec::new();
    lists_into(map, DEEPEST, &mut found);
    found
}

fn lists_into<'v>(map: &'v Map<String, Value>, deep: usize, found: &mut Vec<&'v Vec<Value>>) {
    for value in map.values() {
        match value {
            Value::Array(list) => found.push(list),
            Value::Object(inner) if deep > 0 => lists_into(inner, deep - 1, found),
            _ => {}
        }
    }
}
