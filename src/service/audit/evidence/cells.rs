//! Tables that people open in a spreadsheet: no cell is a formula, whoever wrote what stands in it.

use crate::files;
use csv::Writer;
use std::borrow::Cow;
use std::fs::File;
use std::io;
use std::path::Path;

/// What a spreadsheet takes for the beginning of a formula, also in its wide forms; blanks at the beginning hide one.
const BEGINS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A table of comma-separated values that is being written.
pub(super) struct Sheet(Writer<File>);

impl Sheet {
    /// # Errors
    /// The file cannot be written.
    pub fn create(path: &Path) -> io::Result<Self> {
        Ok(Self(Writer::from_writer(files::create(path)?)))
    }

    /// Writes a row; as many cells as the first had.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_record<T: AsRef<str>>(
        &mut self,
        cells: impl IntoIterator<Item = T>,
    ) -> csv::Result<()> {
        for cell in cells {
            self.0.write_field(harmless(cell.as_ref()).as_bytes())?;
        }
        self.0.write_record(None::<&[u8]>)
    }

    /// # Errors
    /// The file cannot be written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The cell as text: an apostrophe before what would be a formula.
fn harmless(cell: &str) -> Cow<'_, str> {
    let first = cell.trim_start_matches(' ').chars().next();
    if first.is_some_and(|first| BEGINS.contains(&first)) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        let mut sheet = Sheet::create(&path).unwrap();
        let cells = [
            "=cmd|'/C calc'!A1",
            "+1+1",
            "-2+3",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "  =1",
            "＝1",
            "a=b",
            "",
            "C-1",
        ];
        sheet.write_record(cells).unwrap();
        sheet.flush().unwrap();
        let mut read = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_path(&path)
            .unwrap();
        let row = read.records().next().unwrap().unwrap();
        for (cell, read) in cells.iter().zip(&row) {
            let is_plain = ["a=b", "", "C-1"].contains(cell);
            let expected = if is_plain {
                (*cell).to_owned()
            } else {
                format!("'{cell}")
            };
            assert_eq!(read, expected);
        }
        assert_eq!(row.len(), cells.len());
    }
}
