//! Files of many rows, JSON lines or CSV, read one row at a time: however large the file is, and whatever is wrong with one
//! of them.

use super::intake::{csv_object, json_line};
use crate::error::{Error, Kind, Result};
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::Path;

/// A row: its line from 1 on, and what it holds.
type Row = (usize, Result<Value>);

/// The rows of a file, read as they are asked for. A row that cannot be read is told in its place, and the next one is
/// read; where the file itself cannot be read any more, that is the last.
///
/// # Errors
/// The file cannot be opened, or it is a table whose head cannot be read.
pub(super) fn read(path: &Path, name: &str) -> Result<Box<dyn Iterator<Item = Row> + Send>> {
    let file = File::open(path).map_err(|e| {
        Error::new(Kind::Io, e.to_string())
            .at(name.to_owned())
            .fix("check the path")
    })?;
    let name = name.to_owned();
    let csv = path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("csv"));
    if csv {
        return csv_rows(file, name);
    }
    let mut reader = BufReader::new(file);
    let (mut number, mut ended) = (0, false);
    Ok(Box::new(std::iter::from_fn(move || {
        while !ended {
            number += 1;
            let place = format!("{name}:{number}");
            let text = match next_line(&mut reader) {
                Ok(Some(text)) => text,
                Ok(None) => return None,
                Err(problem) => {
                    ended = problem.kind == Kind::Io;
                    return Some((number, Err(problem.at(place))));
                }
            };
            let text = text.trim_start_matches('\u{FEFF}');
            if !text.trim().is_empty() {
                return Some((number, json_line(text).map_err(|e| e.at(place))));
            }
        }
        None
    })))
}

/// Longest line, in bytes.
const MOST_LINE: u64 = 1 << 20;

/// The next line; one that is too long is skipped whole, and told.
fn next_line(reader: &mut impl BufRead) -> Result<Option<String>> {
    let failed = |e: std::io::Error| Error::new(Kind::Io, e.to_string());
    let mut bytes = Vec::new();
    let count = reader
        .by_ref()
        .take(MOST_LINE)
        .read_until(b'\n', &mut bytes)
        .map_err(failed)?;
    if count == 0 {
        return Ok(None);
    }
    if count as u64 == MOST_LINE && bytes.last() != Some(&b'\n') {
        reader.skip_until(b'\n').map_err(failed)?;
        return Err(Error::new(Kind::Input, "the line is longer than 1 MiB"));
    }
    let text = String::from_utf8(bytes).map_err(|_| Error::new(Kind::Input, "not text (UTF-8)"))?;
    Ok(Some(text))
}

fn csv_rows(file: File, name: String) -> Result<Box<dyn Iterator<Item = Row> + Send>> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(false)
        .from_reader(BufReader::new(file));
    let head = reader.headers().map_err(|_| {
        Error::new(Kind::Input, "not CSV: the head cannot be read").at(format!("{name}:1"))
    })?;
    let head = head.clone();
    Ok(Box::new(reader.into_records().map(move |record| {
        let record = match record {
            Ok(record) => record,
            Err(e) => {
                let line = e.position().map_or(0, csv::Position::line);
                let line = usize::try_from(line).unwrap_or(0);
                let what = "a row has another number of fields than the head, or is no text";
                let error = Error::new(Kind::Input, what).at(format!("{name}:{line}"));
                return (line, Err(error));
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        let line = usize::try_from(line).unwrap_or(0);
        (line, Ok(csv_object(&head, &record)))
    })))
}
