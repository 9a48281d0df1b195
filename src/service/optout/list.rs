//! Lists of who wants no more messages, as people and senders' tools write them: one a line, with comments; tables with a
//! head or without; JSON. What cannot be read is told with its line, and never counts as read.

use super::columns::{Column, head};
use super::who::Who;
use crate::domain::contact::{ContactError, is_date, is_nobody};
use crate::service::intake::sheet::{self, SEPARATORS, cells, named_separator};
use serde_json::{Map, Value};

/// A list as it was read.
#[derive(Debug, Default)]
pub(super) struct List {
    /// Each with its line, from 1.
    pub who: Vec<(usize, Who)>,
    /// Lines, or parts of them, that were not read, and why. They hold nothing of the line.
    pub wrong: Vec<(usize, String)>,
}

/// Reads the text of a list.
pub(super) fn read(text: &str) -> List {
    let mut list = List::default();
    match sheet::json(text) {
        Some(rows) => {
            for (line, row) in rows {
                match row {
                    Ok(row) => list.object(line, &row),
                    Err(_) => list.take(line, Err(ContactError::NotAnId)),
                }
            }
        }
        None => list.lines(text),
    }
    list
}

impl List {
    fn take(&mut self, line: usize, who: Result<Who, ContactError>) {
        match who {
            Ok(who) => self.who.push((line, who)),
            Err(why) => self.wrong.push((line, why.to_string())),
        }
    }

    /// A table with a head, or lines without.
    fn lines(&mut self, text: &str) {
        let lines = || text.lines().enumerate().map(|(at, line)| (at + 1, line));
        let mut content =
            lines().filter(|(_, line)| !is_comment(line) && named_separator(line).is_none());
        let Some((first, line)) = content.next() else {
            return;
        };
        let named = lines()
            .take(first)
            .find_map(|(_, line)| named_separator(line));
        for separator in named.into_iter().chain(SEPARATORS) {
            let cells = cells(line, separator);
            let names: Vec<&str> = cells.iter().map(String::as_str).collect();
            let is_whole = names.len() > 1 || !line.contains(SEPARATORS);
            if let Some(columns) = head(&names).filter(|_| is_whole) {
                return self.table(text, first, separator, &columns);
            }
        }
        for (number, line) in std::iter::once((first, line)).chain(content) {
            self.line(number, line);
        }
    }

    /// The rows below a head on line `first`.
    fn table(&mut self, text: &str, first: usize, separator: char, columns: &[Column]) {
        let body = text.split_inclusive('\n').skip(first).collect::<String>();
        for (line, row) in sheet::rows(&body, separator) {
            let is_comment = row.first().is_some_and(|cell| cell.starts_with(['#', '/']))
                && row.iter().skip(1).all(|c| is_nobody(c));
            if !is_comment {
                self.row(first + line, columns, &row);
            }
        }
    }

    fn row(&mut self, line: usize, columns: &[Column], row: &[String]) {
        let mut who = Who::default();
        let mut wrong = Vec::new();
        for (at, cell) in row.iter().enumerate().filter(|(_, cell)| !is_nobody(cell)) {
            let column = columns.get(at).copied().unwrap_or(Column::Other);
            match parts(column, cell) {
                Some(Ok(read)) => who = who.and(read),
                Some(Err(why)) => wrong.push(format!("column {}: {why}", at + 1)),
                None => {}
            }
        }
        // Rows that are longer or shorter than the head, and rows whose columns name nobody: an address is one anywhere.
        if row.len() != columns.len() || who.0.is_empty() {
            let elsewhere = row.iter().filter(|cell| cell.contains('@'));
            who = elsewhere
                .filter_map(|cell| Who::email(cell).ok())
                .fold(who, Who::and);
        }
        // Of a row whose cells have moved, what stands in a column says nothing of it.
        if row.len() != columns.len() && !who.0.is_empty() {
            wrong.clear();
        }
        let found = !who.0.is_empty();
        if found {
            self.who.push((line, who));
        } else if wrong.is_empty() && row.iter().any(|cell| !cell.trim().is_empty()) {
            wrong.push("it names nobody in the columns that do".into());
        }
        self.wrong.extend(wrong.into_iter().map(|why| (line, why)));
    }

    /// A line without a head above it.
    fn line(&mut self, number: usize, line: &str) {
        if line.matches(['@', '＠']).count() == 1 && !line.contains(['+', '\t', ';', ',', '|']) {
            return self.take(number, Who::email(line));
        }
        let separator = SEPARATORS.into_iter().find(|sign| line.contains(*sign));
        let cells: Vec<String> = match separator {
            Some(separator) => cells(line, separator),
            None => vec![line.to_owned()],
        };
        let cells: Vec<&str> = cells
            .iter()
            .map(String::as_str)
            .filter(|cell| !is_nobody(cell))
            .collect();
        let [first, rest @ ..] = cells.as_slice() else {
            // Nothing but separators is no line; signs and words for nobody are one that was not read.
            let of_separators = line
                .chars()
                .all(|c| c.is_whitespace() || c == '"' || SEPARATORS.contains(&c));
            if !of_separators {
                self.take(number, Err(ContactError::NotAnId));
            }
            return;
        };
        let mut who = Who::default();
        let mut why = None;
        for cell in &cells {
            let read = if cell.contains(['@', '＠']) {
                Some(Who::email(cell))
            } else if is_certain_number(cell) {
                Some(Who::phone(cell))
            } else {
                None
            };
            match read {
                Some(Ok(read)) => who = who.and(read),
                Some(Err(error)) => why = why.or(Some(error)),
                None => {}
            }
        }
        // A quoted name with a comma in it is no list of cells.
        if who.0.is_empty()
            && why.is_some()
            && let Ok(whole) = Who::email(line)
        {
            return self.take(number, Ok(whole));
        }
        // The first cell may be somebody's id beside an address; alone it is all there is.
        let is_alone = who.0.is_empty() && why.is_none();
        let is_id =
            !rest.is_empty() && first.contains(|c: char| c.is_ascii_digit()) && !is_date(first);
        if is_alone || is_id && !is_certain_number(first) && !first.contains(['@', '＠']) {
            match Who::any(first) {
                Ok(read) => who = who.and(read),
                Err(error) if is_alone => why = Some(error),
                Err(_) => {}
            }
        }
        if !who.0.is_empty() {
            self.who.push((number, who));
        }
        if let Some(why) = why {
            self.wrong.push((number, why.to_string()));
        }
    }

    /// A JSON object of an export or of a provider's API.
    fn object(&mut self, line: usize, row: &Value) {
        match row {
            Value::Object(map) => self.record(line, map),
            Value::String(text) => self.line(line, text),
            Value::Number(number) => self.line(line, &number.to_string()),
            Value::Array(list) => list.iter().for_each(|item| self.object(line, item)),
            _ => self.take(line, Err(ContactError::NotAnId)),
        }
    }

    /// An object that names somebody, or one around a list of those that do.
    fn record(&mut self, line: usize, map: &Map<String, Value>) {
        let fields = sheet::flatten(map);
        // Of `contact.email` the last part is the column's name.
        let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
        let names: Vec<String> = fields.iter().map(|(name, _)| last(name)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let columns = head(&names).unwrap_or_default();
        let cells: Vec<String> = fields.into_iter().map(|(_, value)| value).collect();
        let mut own = Self::default();
        own.row(line, &columns, &cells);
        let found = !own.who.is_empty();
        let mut within = Self::default();
        for item in sheet::lists(map).into_iter().flatten() {
            // Beside somebody's address a bare word is a tag and no id.
            let is_tag = item.as_str().is_some_and(|text| !text.contains('@'));
            if !(found && is_tag) {
                within.object(line, item);
            }
        }
        // Around a list stand counts and pages, and in a list beside somebody's address stand tags: what of either
        // names nobody is told only where nothing names anybody.
        let wrapped = !within.who.is_empty();
        if !found && !wrapped && own.wrong.is_empty() && within.wrong.is_empty() {
            own.wrong
                .push((line, "it names nobody in the fields that do".into()));
        }
        if !wrapped || found {
            self.wrong.append(&mut own.wrong);
        }
        if !found {
            self.wrong.append(&mut within.wrong);
        }
        self.who.append(&mut own.who);
        self.who.append(&mut within.who);
    }
}

/// What a cell of a column says; `None` for columns that name nobody.
fn parts(column: Column, cell: &str) -> Option<Result<Who, ContactError>> {
    let read = match column {
        Column::Email => Who::email,
        Column::Phone => Who::phone,
        Column::Id => Who::id,
        Column::Any => Who::any,
        Column::Other => return None,
    };
    let whole = read(cell);
    if whole != Err(ContactError::MoreThanOne) {
        return Some(whole);
    }
    // Several in one cell: each of them, or none.
    let parts = cell
        .split([',', ';', '|', '\n'])
        .filter(|part| !is_nobody(part));
    Some(
        parts
            .map(read)
            .try_fold(Who::default(), |who, part| Ok(who.and(part?))),
    )
}

/// Whether a cell can be nothing but a phone number: digits alone may be a time, a count or an id.
fn is_certain_number(cell: &str) -> bool {
    let cell = cell.trim_matches([' ', '\u{a0}', '"', '\'']);
    let digits = cell.chars().filter(char::is_ascii_digit).count();
    (cell.starts_with(['+', '＋']) || cell.to_ascii_lowercase().starts_with("tel:")) && digits > 4
}

fn is_comment(line: &str) -> bool {
    let line = line.trim().trim_start_matches('\u{FEFF}');
    line.is_empty() || line.starts_with('#') || line.starts_with("//")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counts(text: &str) -> (usize, Vec<usize>) {
        let list = read(&sheet::text_of(text.as_bytes()).unwrap().text);
        (
            list.who.len(),
            list.wrong.iter().map(|(line, _)| *line).collect(),
        )
    }

    #[test]
    fn lines_are_read_or_told_by_their_number() {
        assert_eq!(
            counts(
                "# who asked\n\na@b.example\nC-1  # by phone\n+33 6 12 34 56 78\n???\nn/a\n,,,\ntwo words\na@b\n2026-11-29"
            ),
            (3, vec![6, 7, 9, 10, 11])
        );
        assert_eq!(
            counts("\"Osei, Ann\" <a@b.example>\nOsei, Ann <b@b.example>;\n'c@b.example',"),
            (3, vec![])
        );
        assert_eq!(
            counts("a@b.example,1764000000\r10234.0,b@b.example,2026-01-01"),
            (2, vec![])
        );
        assert_eq!(counts("a@b.example; b@b.example;"), (1, vec![]));
        assert_eq!(
            counts("{550e8400-e29b-41d4-a716-446655440000}\n[a@b.example]"),
            (2, vec![])
        );
        assert_eq!(counts(""), (0, vec![]));
    }

    #[test]
    fn tables_are_read_by_their_heads() {
        assert_eq!(
            counts("email,created\na@b.example,1764000000\n,\nn/a,1\nx,2"),
            (1, vec![4, 5])
        );
        assert_eq!(
            counts("sep=;\nName;E-Mail\nOsei;a@b.example\nOsei;Ann;b@b.example"),
            (2, vec![])
        );
        assert_eq!(
            counts("Email Address\tUNSUB_REASON\na@b.example\t\"he said \"\"no\"\"\nand again\"\n"),
            (1, vec![])
        );
        assert_eq!(
            counts("email,reason\n\"a@b.example,no\nb@b.example,yes\nc@b.example,"),
            (3, vec![])
        );
        assert_eq!(
            counts("email,phone\na@b.example;b@b.example,+33612345678"),
            (1, vec![])
        );
        assert_eq!(
            counts("[{\"created\":1,\"email\":\"a@b.example\"},{\"email\":\"x\"}]"),
            (1, vec![2])
        );
        assert_eq!(
            counts("{\"email\":\"a@b.example\"}\n{\"email\":\"b@b.example\"}\n"),
            (2, vec![])
        );
        // Around a list: a provider's page of its suppressions.
        assert_eq!(
            counts(
                "{\"total\":2,\"recipients\":[{\"email\":\"a@b.example\"},{\"email\":\"b@b.example\"}],\"next\":null}"
            ),
            (2, vec![])
        );
        assert_eq!(
            counts("{\"data\":{\"unsubscribed\":[\"a@b.example\",\"b@b.example\",\"???\"]}}"),
            (2, vec![1])
        );
        assert_eq!(
            counts("{\"email\":\"a@b.example\",\"tags\":[\"vip\"]}"),
            (1, vec![])
        );
        assert_eq!(counts("{\"recipients\":[]}"), (0, vec![1]));
        assert_eq!(counts("{\"recipients\":[{\"mail\":5}]}"), (0, vec![1]));
    }

    proptest! {
        #[test]
        fn no_list_breaks_it(text in "[ -~\\n\\t;,\"@é]{0,200}") {
            let _ = read(&text);
        }
    }
}
