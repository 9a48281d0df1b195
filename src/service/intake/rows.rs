//! Files of many rows, JSON lines or CSV, read one row at a time: however large the file is, and whatever is wrong with one
//! of them.

use crate::error::{Error, Kind, Result};
use crate::service::intake::json_line;
use crate::service::intake::table::{self, Row, Told, not_text};
use crate::text::decode::Transcoder;
use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::Path;

/// Whether a file is a table by its name.
pub(in crate::service) fn is_table(path: &Path) -> bool {
    path.extension().is_some_and(|e| {
        ["csv", "tsv", "tab"]
            .iter()
            .any(|known| e.eq_ignore_ascii_case(known))
    })
}

/// The rows of a file, read as they are asked for. A row that cannot be read is told in its place, and the next one is
/// read; where the file itself cannot be read any more, that is the last.
///
/// # Errors
/// The file cannot be opened or is no text, or it is a table whose head cannot be read.
pub(in crate::service) fn read(
    path: &Path,
    name: &str,
) -> Result<Box<dyn Iterator<Item = Row> + Send>> {
    let failed = |e: std::io::Error| {
        Error::of(Kind::Io, e)
            .at(name.to_owned())
            .fix("check the path")
    };
    let file = File::open(path).map_err(failed)?;
    if is_table(path) {
        return Ok(Box::new(table::rows(file, name)?));
    }
    let (text, _) = Transcoder::new(file)
        .map_err(failed)?
        .map_err(|e| not_text(e).at(name.to_owned()))?;
    let name = name.to_owned();
    let mut reader = BufReader::new(text);
    let (mut number, mut ended) = (0, false);
    let mut noted = Told::default();
    Ok(Box::new(std::iter::from_fn(move || {
        while !ended {
            number += 1;
            let line = next_line(&mut reader)
                .and_then(|bytes| bytes.map(|bytes| noted.text(&bytes)).transpose());
            let value = match line {
                Ok(None) => return None,
                Ok(Some(text)) if text.trim().is_empty() => continue,
                Ok(Some(text)) => json_line(&text),
                Err(problem) => {
                    ended = problem.kind == Kind::Io;
                    Err(problem)
                }
            };
            return Some(Row {
                line: number,
                value: value.map_err(|e| e.at(format!("{name}:{number}"))),
                remarks: noted.take(),
            });
        }
        None
    })))
}

/// Longest line, in bytes.
const MOST_LINE: u64 = 1 << 20;

/// The next line; one that is too long is skipped whole, and told.
fn next_line(reader: &mut impl BufRead) -> Result<Option<Vec<u8>>> {
    let failed = |e: std::io::Error| Error::of(Kind::Io, e);
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
    Ok(Some(bytes))
}
