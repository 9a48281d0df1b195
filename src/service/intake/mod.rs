//! Profiles from files: JSON (one or a list), JSON lines, CSV, or standard input. Errors name file, line and field.

pub(in crate::service) mod rows;
pub(in crate::service) mod sheet;
pub(in crate::service) mod table;

use crate::domain::profile::{FieldError, Profile, json};
use crate::domain::remark::Remark;
use crate::error::{Error, Kind, Result};
use crate::files;
use crate::service::intake::rows::is_table;
use crate::service::intake::table::not_text;
use crate::text::decode;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, Cursor, Read as _};
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
    let bytes = read_bytes(path, &name)?;
    let values = if is_table(path) {
        csv_rows(bytes, &name)?
    } else {
        let decoded = decode::to_text(&bytes).map_err(|e| not_text(e).at(name.clone()))?;
        let mut values = json_values(&decoded.text, &name)?;
        if let Some((_, _, remarks)) = values.first_mut() {
            remarks.extend(decoded.remark);
        }
        values
    };
    if values.is_empty() {
        return Err(Error::new(Kind::Input, "holds no profile")
            .at(name)
            .fix("give a JSON object, a list, JSON lines or CSV"));
    }
    values
        .into_iter()
        .map(|(line, value, remarks)| {
            let place = format!("{name}:{line}");
            match profile_at(&value, &place) {
                Ok(mut profile) => {
                    profile.remarks.extend(remarks);
                    Ok(Intake { profile, place })
                }
                Err(error) => Err(error.fix("correct the field and try again")),
            }
        })
        .collect()
}

/// A line, what it holds, and what must be told of how it was read.
type ReadLine = (usize, Value, Vec<Remark>);

/// A profile, or which of its fields is wrong, with where it stands.
pub(super) fn profile_at(value: &Value, place: &str) -> Result<Profile> {
    Profile::from_value(value).map_err(|FieldError { field, problem }| {
        Error::new(Kind::Input, problem).at(format!("{place}: {field}"))
    })
}

/// The text of a file of profiles or messages, in UTF-8, UTF-16 or windows-1252, with its limits checked.
///
/// # Errors
/// Missing, unreadable, too large, or no text.
pub fn read_text(path: &Path, name: &str) -> Result<String> {
    let bytes = read_bytes(path, name)?;
    let decoded = decode::to_text(&bytes).map_err(|e| not_text(e).at(name.to_owned()))?;
    Ok(decoded.text)
}

/// As [`read_text`], but a file that holds nothing is no mistake.
///
/// # Errors
/// Missing, unreadable, too large, or no text.
pub fn read_lines(path: &Path, name: &str) -> Result<String> {
    let bytes = read_up_to(path, name, MAX_BYTES, "split it")?;
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(String::new());
    }
    let decoded = decode::to_text(&bytes).map_err(|e| not_text(e).at(name.to_owned()))?;
    Ok(decoded.text)
}

/// The bytes of a file, or of standard input for `-`, up to a size; `remedy` says what to do about a larger one.
///
/// # Errors
/// Missing, unreadable, a folder, or too large.
pub(super) fn read_up_to(path: &Path, name: &str, most: u64, remedy: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let failed = |e: std::io::Error| {
        Error::of(Kind::Io, e)
            .at(name.to_owned())
            .fix("check the path")
    };
    if path.as_os_str() == "-" {
        std::io::stdin()
            .take(most + 1)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
    } else {
        let file = fs::File::open(path).map_err(failed)?;
        if file.metadata().map_err(failed)?.is_dir() {
            return Err(Error::new(Kind::Input, "is a folder")
                .at(name.to_owned())
                .fix("name a file in it"));
        }
        file.take(most + 1)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
    }
    if bytes.len() as u64 > most {
        return Err(
            Error::new(Kind::Input, format!("larger than {} MiB", most >> 20))
                .at(name.to_owned())
                .fix(remedy),
        );
    }
    Ok(bytes)
}

/// The bytes of a file, or of standard input for `-`, with its limits checked.
///
/// # Errors
/// Missing, unreadable, too large, or empty.
pub fn read_bytes(path: &Path, name: &str) -> Result<Vec<u8>> {
    let bytes = read_up_to(path, name, MAX_BYTES, "split it")?;
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Error::new(Kind::Input, "the file is empty")
            .at(name.to_owned())
            .fix("give a JSON object, a list, JSON lines or CSV"));
    }
    Ok(bytes)
}

/// Each JSON value with its line: a single one, a list, or one a line.
fn json_values(text: &str, name: &str) -> Result<Vec<ReadLine>> {
    let bad = |line: usize, problem: &str| {
        Error::new(Kind::Input, format!("not JSON: {problem}"))
            .at(format!("{name}:{line}"))
            .fix("correct it and try again")
    };
    match json::read(text) {
        Ok(Value::Array(list)) => Ok(list
            .into_iter()
            .enumerate()
            .map(|(index, value)| (index + 1, value, Vec::new()))
            .collect()),
        Ok(value) => Ok(vec![(1, value, Vec::new())]),
        Err(whole) => {
            let lines: Vec<(usize, &str)> = text
                .lines()
                .enumerate()
                .map(|(i, l)| (i + 1, l))
                .filter(|(_, l)| !l.trim().is_empty())
                .collect();
            let as_lines = lines.len() > 1 && json::read(lines[0].1).is_ok();
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
                        .map(|value| (number, value, Vec::new()))
                        .map_err(|e| e.at(place).fix("correct it and try again"))
                })
                .collect()
        }
    }
}

fn csv_rows(bytes: Vec<u8>, name: &str) -> Result<Vec<ReadLine>> {
    table::rows(Cursor::new(bytes), name)?
        .map(|row| Ok((row.line, row.value?, row.remarks)))
        .collect()
}

/// Lines of a file, for showing how far something has come.
///
/// # Errors
/// The file cannot be read.
pub fn count_lines(path: &Path) -> Result<usize> {
    let failed = |e: std::io::Error| {
        Error::of(Kind::Io, e)
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
    json::read(line).map_err(|e| {
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
                .is_some_and(|e| matches!(e.to_str(), Some("json" | "jsonl" | "csv" | "tsv")))
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
            Error::of(Kind::Io, e)
                .at(path.display().to_string())
                .fix("check that the folder can be written")
        };
        files::folder(folder).map_err(failed)?;
        files::write(&path, text).map_err(failed)?;
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
            ("a.json", b"\x00\x01\x00\x00", "binary"),
            ("a.json", b"PK\x03\x04", "zip"),
            ("a.json", b"[]", "holds no profile"),
        ] {
            let (_f, path) = file(name, bytes);
            let error = read(&path).unwrap_err().to_string();
            assert!(error.contains(wanted), "{error}");
        }
        assert!(read(Path::new("/nonexistent/x.json")).is_err());
    }
}
