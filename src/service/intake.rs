//! Profiles from files: JSON (one or a list), JSON lines, CSV, or standard input. Errors name file, line and field.

use crate::domain::profile::{FieldError, Profile};
use crate::error::{Error, Kind, Result};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, Read as _};
use std::path::{Path, PathBuf};

/// Largest profile file for one run, in bytes.
pub const MAX_BYTES: u64 = 4 << 20;

/// A profile and where it came from.
#[derive(Clone, Debug)]
pub struct Intake {
    pub profile: Profile,
    /// `file:line`.
    pub place: String,
}

/// Reads all profiles of a file, or of standard input for `-`.
///
/// # Errors
/// The file cannot be read, is too large, is not text, or a profile in it is wrong.
pub fn read(path: &Path) -> Result<Vec<Intake>> {
    let name = if path.as_os_str() == "-" {
        "(standard input)".to_owned()
    } else {
        path.display().to_string()
    };
    let text = read_text(path, &name)?;
    let csv = path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("csv"));
    let values = if csv {
        csv_rows(&text, &name)?
    } else {
        json_values(&text, &name)?
    };
    if values.is_empty() {
        return Err(Error::new(Kind::Input, "holds no profile")
            .at(name)
            .fix("give a JSON object, a list, JSON lines or CSV"));
    }
    values
        .into_iter()
        .map(|(line, value)| {
            let place = format!("{name}:{line}");
            match profile_at(&value, &place) {
                Ok(profile) => Ok(Intake { profile, place }),
                Err(error) => Err(error.fix("correct the field and try again")),
            }
        })
        .collect()
}

/// A profile, or which of its fields is wrong, with where it stands.
pub(super) fn profile_at(value: &Value, place: &str) -> Result<Profile> {
    Profile::from_value(value).map_err(|FieldError { field, problem }| {
        Error::new(Kind::Input, problem).at(format!("{place}: {field}"))
    })
}

/// The text of a file of profiles or messages, with its limits checked.
///
/// # Errors
/// Missing, unreadable, too large, or not UTF-8.
pub fn read_text(path: &Path, name: &str) -> Result<String> {
    let mut bytes = Vec::new();
    let failed = |e: std::io::Error| {
        Error::new(Kind::Io, e.to_string())
            .at(name.to_owned())
            .fix("check the path")
    };
    if path.as_os_str() == "-" {
        std::io::stdin()
            .take(MAX_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
    } else {
        let file = fs::File::open(path).map_err(failed)?;
        if file.metadata().map_err(failed)?.is_dir() {
            return Err(Error::new(Kind::Input, "is a folder")
                .at(name.to_owned())
                .fix("name a file in it"));
        }
        file.take(MAX_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
    }
    if bytes.len() as u64 > MAX_BYTES {
        return Err(
            Error::new(Kind::Input, format!("larger than {} MiB", MAX_BYTES >> 20))
                .at(name.to_owned())
                .fix("split it"),
        );
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Error::new(Kind::Input, "the file is empty")
            .at(name.to_owned())
            .fix("give a JSON object, a list, JSON lines or CSV"));
    }
    String::from_utf8(bytes).map_err(|_| {
        Error::new(Kind::Input, "not text (UTF-8)")
            .at(name.to_owned())
            .fix("convert it to UTF-8 first")
    })
}

/// `(line, value)` of each JSON value: a single one, a list, or one a line.
fn json_values(text: &str, name: &str) -> Result<Vec<(usize, Value)>> {
    let bad = |line: usize, problem: &str| {
        Error::new(Kind::Input, format!("not JSON: {problem}"))
            .at(format!("{name}:{line}"))
            .fix("correct it and try again")
    };
    match serde_json::from_str::<Value>(text.trim_start_matches('\u{FEFF}')) {
        Ok(Value::Array(list)) => Ok(list
            .into_iter()
            .enumerate()
            .map(|(index, value)| (index + 1, value))
            .collect()),
        Ok(value) => Ok(vec![(1, value)]),
        Err(whole) => {
            let lines: Vec<(usize, &str)> = text
                .lines()
                .enumerate()
                .map(|(i, l)| (i + 1, l))
                .filter(|(_, l)| !l.trim().is_empty())
                .collect();
            let as_lines = lines.len() > 1 && serde_json::from_str::<Value>(lines[0].1).is_ok();
            if !as_lines {
                let message = whole.to_string();
                return Err(bad(
                    whole.line(),
                    message.split(" at line").next().unwrap_or(""),
                ));
            }
            lines
                .into_iter()
                .map(|(number, line)| {
                    let place = format!("{name}:{number}");
                    json_line(line)
                        .map(|value| (number, value))
                        .map_err(|e| e.at(place).fix("correct it and try again"))
                })
                .collect()
        }
    }
}

fn csv_rows(text: &str, name: &str) -> Result<Vec<(usize, Value)>> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(false)
        .from_reader(text.trim_start_matches('\u{FEFF}').as_bytes());
    let bad = |e: csv::Error| {
        let line = e.position().map_or(1, csv::Position::line);
        Error::new(
            Kind::Input,
            "not CSV: a row has another number of fields than the head",
        )
        .at(format!("{name}:{line}"))
        .fix("correct the row and try again")
    };
    let head = reader.headers().map_err(bad)?.clone();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(bad)?;
        let line = record
            .position()
            .map_or(0, |p| usize::try_from(p.line()).unwrap_or(0));
        rows.push((line, csv_object(&head, &record)));
    }
    Ok(rows)
}

/// A row of a table as an object; empty cells are left out. The byte order mark of the first column's name goes.
pub(super) fn csv_object(head: &csv::StringRecord, record: &csv::StringRecord) -> Value {
    let cells = head.iter().zip(record.iter());
    let object: serde_json::Map<String, Value> = cells
        .filter(|(_, cell)| !cell.is_empty())
        .map(|(column, cell)| {
            let column = column.trim_start_matches('\u{FEFF}');
            (column.to_owned(), Value::String(cell.to_owned()))
        })
        .collect();
    Value::Object(object)
}

/// Lines of a file, for showing how far something has come.
///
/// # Errors
/// The file cannot be read.
pub fn count_lines(path: &Path) -> Result<usize> {
    let failed = |e: std::io::Error| {
        Error::new(Kind::Io, e.to_string())
            .at(path.display().to_string())
            .fix("check the path")
    };
    let mut file = std::io::BufReader::new(fs::File::open(path).map_err(failed)?);
    let mut count = 0;
    loop {
        let block = file.fill_buf().map_err(failed)?;
        if block.is_empty() {
            return Ok(count);
        }
        count += memchr::memchr_iter(b'\n', block).count();
        let read = block.len();
        file.consume(read);
    }
}

/// A line of JSON.
///
/// # Errors
/// It is none; its words are not repeated.
pub fn json_line(line: &str) -> Result<Value> {
    serde_json::from_str(line).map_err(|e| {
        let problem = e.to_string();
        let problem = problem.split(" at line").next().unwrap_or_default();
        Error::new(Kind::Input, format!("not JSON: {problem}"))
    })
}

/// Profile files of a folder, by name.
pub fn list(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|e| e.path())
        .filter(|p| {
            p.extension()
                .is_some_and(|e| matches!(e.to_str(), Some("json" | "jsonl" | "csv")))
        })
        .collect();
    files.sort();
    files
}

/// Profile files of several places, each a folder or a file, in their order; each file once.
pub fn list_all(places: &[PathBuf]) -> Vec<PathBuf> {
    let mut known = BTreeSet::new();
    places
        .iter()
        .flat_map(|place| {
            if place.is_dir() {
                list(place)
            } else {
                vec![place.clone()]
            }
        })
        .filter(|file| known.insert(file.clone()))
        .collect()
}

/// Keeps a profile as a file of a folder, named by its id. A file of another customer is never written over: the name
/// gets a number.
///
/// # Errors
/// The profile is wrong, or the file cannot be written.
pub fn save(folder: &Path, value: &Value) -> Result<PathBuf> {
    let profile =
        Profile::from_value(value).map_err(|e| Error::new(Kind::Input, e.problem).at(e.field))?;
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || "-_".contains(c) {
            c
        } else {
            '-'
        }
    };
    let stem: String = profile.id.chars().take(60).map(plain).collect();
    let text = serde_json::to_string_pretty(value).unwrap_or_default() + "\n";
    for number in 1..1_000 {
        let name = match number {
            1 => format!("{stem}.json"),
            _ => format!("{stem}-{number}.json"),
        };
        let path = folder.join(name);
        if let Ok(found) = read(&path)
            && found.iter().any(|other| other.profile.id != profile.id)
        {
            continue;
        }
        let failed = |e: std::io::Error| {
            Error::new(Kind::Io, e.to_string())
                .at(path.display().to_string())
                .fix("check that the folder can be written")
        };
        fs::create_dir_all(folder).map_err(failed)?;
        fs::write(&path, text).map_err(failed)?;
        return Ok(path);
    }
    Err(Error::new(Kind::Input, "the name is taken a thousand times").fix("give another id"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        (folder, path)
    }

    #[test]
    fn lists_lines_and_tables_are_read() {
        let (_f, path) = file("a.json", b"[{\"id\":1},{\"id\":2}]");
        assert_eq!(read(&path).unwrap().len(), 2);
        let (_f, path) = file("a.jsonl", b"{\"id\":1}\n\n{\"id\":2}\n");
        assert_eq!(read(&path).unwrap()[1].profile.id, "2");
        let (_f, path) = file("a.csv", b"\nuser_id,form_started\nU1,yes\nU2,no\n");
        let rows = read(&path).unwrap();
        assert!(rows[0].profile.form_started && !rows[1].profile.form_started);
    }

    #[test]
    fn a_profile_that_is_kept_never_takes_the_place_of_another_customers() {
        let folder = tempfile::tempdir().unwrap();
        let kept = |id: &str| save(folder.path(), &serde_json::json!({"user_id": id})).unwrap();
        assert_eq!(kept("C/7").file_name().unwrap(), "C-7.json");
        assert_eq!(kept("C/7").file_name().unwrap(), "C-7.json");
        assert_eq!(kept("C 7").file_name().unwrap(), "C-7-2.json");
        assert_eq!(kept("../x").parent().unwrap(), folder.path());
        assert_eq!(list_all(&[folder.path().into(), kept("C/7")]).len(), 3);
    }

    #[test]
    fn bad_input_names_file_line_and_field() {
        for (name, bytes, wanted) in [
            (
                "a.json",
                b"{\"id\": 1, \"attended\": \"perhaps\"}".as_slice(),
                "a.json:1: attended",
            ),
            ("a.json", b"{\"id\": 1,", "a.json:1"),
            ("a.jsonl", b"{\"id\":1}\nnope\n", "a.jsonl:2"),
            ("a.csv", b"user_id,x\nU1\n", "a.csv:2"),
            ("a.json", b"", "empty"),
            ("a.json", b"\xff\xfe\x00", "UTF-8"),
            ("a.json", b"[]", "holds no profile"),
        ] {
            let (_f, path) = file(name, bytes);
            let error = read(&path).unwrap_err().to_string();
            assert!(error.contains(wanted), "{error}");
        }
        assert!(read(Path::new("/nonexistent/x.json")).is_err());
    }
}
