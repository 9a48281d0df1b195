//! The text of a PDF, a section a page. A scan holds none, and is said to.

mod form;
mod layout;

use super::super::document::{Document, DocumentError, told};
use super::Read;
use flate2::read::ZlibDecoder;
use memchr::memmem;
use std::fmt::Write as _;
use std::io::Read as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::channel;
use std::time::Duration;

/// A file that takes longer is given up, so that one bad file cannot hold up the rest.
const PATIENCE: Duration = Duration::from_mins(2);
/// Stack of the reading thread in bytes: the reader follows nested objects.
const STACK: usize = 32 << 20;

/// What all streams of a file may unpack to, in bytes. Pictures are large, and the reader leaves them packed.
const UNPACKED: u64 = 1 << 30;
/// What its other streams may unpack to.
const UNPACKED_TEXT: u64 = 256 << 20;

pub(super) fn read(bytes: Vec<u8>, stem: String) -> Read {
    let fail = |problem: &str| Read::failed(DocumentError(problem.into()));
    if !unpacks_within_bounds(&bytes) {
        return fail("unpacks to more than a document holds; it was not read");
    }
    let (sender, receiver) = channel();
    // The reader panics on some broken files: on a thread of its own that costs this file alone.
    let thread = std::thread::Builder::new()
        .name("reader".into())
        .stack_size(STACK)
        .spawn(move || {
            let pages = catch_unwind(|| pages(&bytes)).unwrap_or(Err(PdfError::Unreadable));
            // Whoever waited may have given up.
            let _ = sender.send(pages);
        });
    if thread.is_err() {
        return fail("no thread to read it on");
    }
    match receiver.recv_timeout(PATIENCE) {
        Ok(Ok(held)) => document(&held, stem),
        Ok(Err(problem)) => fail(&problem.to_string()),
        Err(_) => fail("takes too long to read; save it anew or convert it to text"),
    }
}

/// Whether the file is no bomb. The reader would unpack it whole into memory; here nothing is kept.
fn unpacks_within_bounds(bytes: &[u8]) -> bool {
    let (mut all, mut text) = (0, 0);
    let mut from = 0;
    for at in memmem::find_iter(bytes, b"stream") {
        let opening = &bytes[from.max(at.saturating_sub(1_024))..at];
        if opening.ends_with(b"end") {
            from = at;
            continue;
        }
        // Packed twice over, each layer a thousandfold.
        if memmem::find_iter(opening, b"/FlateDecode").nth(1).is_some() {
            return false;
        }
        let mut start = at + b"stream".len();
        while bytes.get(start).is_some_and(|b| matches!(b, b'\r' | b'\n')) {
            start += 1;
        }
        let length = unpacked(&bytes[start..], UNPACKED - all + 1);
        all += length;
        if memmem::find(opening, b"/Image").is_none() {
            text += length;
        }
        if all > UNPACKED || text > UNPACKED_TEXT {
            return false;
        }
        from = at;
    }
    true
}

/// How many bytes packed data gives before it ends, breaks or reaches the limit.
fn unpacked(packed: &[u8], limit: u64) -> u64 {
    let mut decoder = ZlibDecoder::new(packed).take(limit);
    let mut buffer = [0; 1 << 14];
    let mut length = 0;
    while let Ok(read @ 1..) = decoder.read(&mut buffer) {
        length += read as u64;
    }
    length
}

/// What a file holds: the text of each page, none for one that cannot be read, and the fields of its form.
struct PdfContent {
    pages: Vec<Option<String>>,
    fields: Vec<(String, String)>,
    field_count: usize,
    pictures: usize,
}

/// The reader's own words are passed on nowhere: they may repeat the file's.
#[derive(Clone, Copy, Debug, thiserror::Error)]
enum PdfError {
    #[error("cannot be read as a PDF")]
    Unreadable,
    #[error("cannot be read; if it is encrypted, save a copy without a password")]
    Encrypted,
}

fn pages(bytes: &[u8]) -> Result<PdfContent, PdfError> {
    let mut file = pdf_extract::Document::load_mem(bytes).map_err(|_| PdfError::Unreadable)?;
    if file.is_encrypted() && file.decrypt("").is_err() {
        return Err(PdfError::Encrypted);
    }
    let numbers: Vec<u32> = file.get_pages().into_keys().collect();
    // The reader panics on some pages: that costs the page alone.
    let read = |number: u32| {
        catch_unwind(AssertUnwindSafe(|| {
            let mut page = layout::PdfPage::default();
            pdf_extract::output_doc_page(&file, &mut page, number).ok()?;
            Some(page.text())
        }))
        .ok()
        .flatten()
    };
    let pages = numbers.into_iter().map(read).collect();
    let (fields, field_count) = form::fields(&file);
    Ok(PdfContent {
        pages,
        fields,
        field_count,
        pictures: memmem::find_iter(bytes, b"/Subtype/Image").count()
            + memmem::find_iter(bytes, b"/Subtype /Image").count(),
    })
}

fn document(held: &PdfContent, stem: String) -> Read {
    let mut read = Read::default();
    let mut text = String::new();
    let count = held.pages.len();
    for (number, page) in (1..).zip(&held.pages) {
        match page {
            // Writing to a String cannot fail.
            Some(page) => {
                let _ = write!(text, "\n## Page {number}\n\n{}\n", paragraphs(page));
            }
            None => read.errors.push(DocumentError(format!(
                "page {number} of {count} cannot be read; it is missing"
            ))),
        }
    }
    let mut remarks = Vec::new();
    if held.field_count > 0 {
        let values = held.fields.len();
        if values > 0 {
            text.push_str("\n## Form fields\n\n");
        }
        for (name, value) in &held.fields {
            let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
            let _ = writeln!(text, "- {name}: {value}");
        }
        remarks.push(told(
            "form fields",
            format!("{} fields, {values} with a value", held.field_count),
            "their values stand behind the last page",
        ));
    }
    if held.pictures > 0 {
        let pictures = format!("{} in the file", held.pictures);
        remarks.push(told("pictures", pictures, "not read"));
    }
    let any = held
        .pages
        .iter()
        .flatten()
        .any(|page| !page.trim().is_empty());
    if !any && held.fields.is_empty() {
        read.errors.push(DocumentError(
            "holds no text (a scan?); run text recognition on it first".into(),
        ));
        return read;
    }
    read.documents.push(Document {
        id: stem.clone(),
        title: stem,
        text,
        remarks,
        ..Document::default()
    });
    read
}

/// Lines of a page joined into paragraphs; a word parted at the end of a line is whole again.
fn paragraphs(page: &str) -> String {
    let mut out = String::new();
    for line in page.lines() {
        // A page's own words never make a heading.
        let line = line.trim().trim_start_matches('#').trim_start();
        if line.is_empty() {
            if !out.is_empty() && !out.ends_with("\n\n") {
                out.truncate(out.trim_end().len());
                out.push_str("\n\n");
            }
            continue;
        }
        let item = line.starts_with(['•', '▪', '–', '·']);
        if item && !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        } else if !out.is_empty() && !out.ends_with('\n') {
            let soft = out.ends_with('\u{AD}');
            let parted = soft
                || out.ends_with('-')
                    && out.chars().rev().nth(1).is_some_and(char::is_lowercase)
                    && line.starts_with(char::is_lowercase);
            if parted {
                out.pop();
            } else {
                out.push(' ');
            }
        }
        out.push_str(line);
    }
    out.trim_end().replace('\u{AD}', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A PDF of one page a text, with the cross-reference table where it belongs.
    fn pdf(pages: &[&str]) -> Vec<u8> {
        let kids: Vec<String> = (0..pages.len())
            .map(|n| format!("{} 0 R", 4 + 2 * n))
            .collect();
        let mut objects = vec![
            "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
            format!(
                "<</Type/Pages/Count {}/Kids[{}]>>",
                pages.len(),
                kids.join(" ")
            ),
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_owned(),
        ];
        for (n, text) in pages.iter().enumerate() {
            objects.push(format!(
                "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font<</F 3 0 R>>>>/Contents {} 0 R>>",
                5 + 2 * n
            ));
            let content = format!("BT /F 12 Tf 50 700 Td ({text}) Tj ET");
            objects.push(format!(
                "<</Length {}>>stream\n{content}\nendstream",
                content.len()
            ));
        }
        let mut out = "%PDF-1.4\n".to_owned();
        let mut places = Vec::new();
        for (n, object) in (1..).zip(&objects) {
            places.push(out.len());
            let _ = write!(out, "{n} 0 obj\n{object}\nendobj\n");
        }
        let start = out.len();
        let _ = write!(out, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
        for place in places {
            let _ = writeln!(out, "{place:010} 00000 n ");
        }
        let _ = write!(
            out,
            "trailer<</Size {}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF",
            objects.len() + 1
        );
        out.into_bytes()
    }

    #[test]
    fn pages_become_sections() {
        let Read {
            documents,
            errors: problems,
        } = read(
            pdf(&["Early repayment is free.", "Fees apply."]),
            "terms".into(),
        );
        assert_eq!(problems, []);
        let passages = documents[0].passages(&crate::pii::AllowList::default());
        assert_eq!(passages[0].text, "Early repayment is free.");
        assert_eq!(passages[1].section, "Page 2");
        assert_eq!(passages[1].text, "Fees apply.");
    }

    #[test]
    fn a_bomb_is_not_read() {
        use flate2::{Compression, write::ZlibEncoder};
        use std::io::Write as _;
        let packed = |megabytes: usize| {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
            for _ in 0..megabytes {
                encoder.write_all(&vec![b' '; 1 << 20]).unwrap();
            }
            encoder.finish().unwrap()
        };
        let file = |dictionary: &str, stream: &[u8], times: usize| {
            let mut file = b"%PDF-1.4\n".to_vec();
            for _ in 0..times {
                file.extend_from_slice(b"1 0 obj\n<<");
                file.extend_from_slice(dictionary.as_bytes());
                file.extend_from_slice(b">>\nstream\r\n");
                file.extend_from_slice(stream);
                file.extend_from_slice(b"\nendstream\nendobj\n");
            }
            file
        };
        let stream = packed(100);
        assert!(unpacks_within_bounds(&file(
            "/Filter/FlateDecode",
            &stream,
            2
        )));
        assert!(!unpacks_within_bounds(&file(
            "/Filter/FlateDecode",
            &stream,
            3
        )));
        assert!(unpacks_within_bounds(&file(
            "/Subtype/Image/Filter/FlateDecode",
            &stream,
            3
        )));
        assert!(!unpacks_within_bounds(&file(
            "/Filter[/FlateDecode/FlateDecode]",
            &packed(1),
            1
        )));
        assert!(unpacks_within_bounds(&file("", b"plain", 3)));
        let Read {
            errors: problems, ..
        } = read(file("/Filter/FlateDecode", &stream, 3), "x".into());
        assert!(problems[0].0.contains("unpacks to more"), "{problems:?}");
    }

    #[test]
    fn a_scan_and_a_broken_file_are_said() {
        let Read {
            documents: none,
            errors: problems,
        } = read(pdf(&[""]), "scan".into());
        assert!(none.is_empty() && problems[0].0.contains("scan"));
        for bytes in [b"%PDF-1.4\nnothing".to_vec(), b"".to_vec()] {
            let Read {
                documents: none,
                errors: problems,
            } = read(bytes, "x".into());
            assert!(none.is_empty() && problems.len() == 1);
        }
    }

    #[test]
    fn lines_are_joined() {
        assert_eq!(
            paragraphs("The man-\nagement\nfee\n\n\n• one\ntwo\n• three\n"),
            "The management fee\n\n• one two\n• three"
        );
    }
}
