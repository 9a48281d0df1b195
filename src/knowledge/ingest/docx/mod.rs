//! A Word file (ECMA-376): headings by style, items, tables, footnotes in their place. Deleted, struck-out and hidden text
//! is left out; what is left out and could carry meaning is told.

mod body;
mod package;
mod styles;

use super::super::document::{Document, DocumentError, told};
use crate::domain::remark::Remark;
use body::{DocxRemarks, Notes};
use package::Package;
use quick_xml::events::BytesStart;
use styles::Styles;

pub(super) fn read(bytes: &[u8], stem: &str) -> Result<Document, DocumentError> {
    let mut package = Package::open(bytes)?;
    let main = package.main.clone();
    let body = package
        .part(&main)?
        .ok_or_else(|| DocumentError("not a Word file: it holds no document".into()))?;
    let styles = match package.related("styles")?.first() {
        Some(xml) => Styles::read(xml)?,
        None => Styles::default(),
    };
    let mut notes = Notes::default();
    let mut count = DocxRemarks::default();
    for kind in ["footnotes", "endnotes"] {
        for xml in package.related(kind)? {
            notes.add(kind, &xml, &styles, &mut count)?;
        }
    }
    let (title, text) = body::markdown(&body, &styles, &notes, &mut count)?;
    let mut remarks = remarks(&count);
    let mut around = 0;
    for kind in ["header", "footer"] {
        for xml in package.related(kind)? {
            let mut own = DocxRemarks::default();
            let (_, text) = body::markdown(&xml, &styles, &Notes::default(), &mut own)?;
            around += usize::from(!text.trim().is_empty());
        }
    }
    let comments = package
        .related("comments")?
        .iter()
        .map(|xml| xml.matches("<w:comment ").count())
        .sum();
    let others = [
        (around, "headers and footers", "repeat on every page"),
        (comments, "comments", "are no text of the document"),
        (package.count("image"), "pictures", "are not read"),
        (package.count("aFChunk"), "embedded files", "are not read"),
        (package.count("chart"), "charts", "are not read"),
        (package.count("diagramData"), "drawings", "are not read"),
    ];
    for (count, what, why) in others {
        if count > 0 {
            remarks.push(told(what, format!("{count} {why}"), "left out"));
        }
    }
    Ok(Document {
        id: stem.to_owned(),
        title: title.unwrap_or_else(|| stem.to_owned()),
        text,
        remarks,
        ..Document::default()
    })
}

fn remarks(count: &DocxRemarks) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for (count, what, done) in [
        (
            count.struck,
            "struck-out text",
            "left out: it holds no more",
        ),
        (count.hidden, "hidden text", "left out: no reader sees it"),
        (count.deleted, "tracked deletions", "left out"),
        (count.inserted, "tracked insertions", "read as text"),
        (count.symbols, "symbols of a private font", "not read"),
        (
            count.lost_notes,
            "footnotes that the file does not hold",
            "not read",
        ),
    ] {
        if count > 0 {
            let places = if count == 1 { "place" } else { "places" };
            remarks.push(told(what, format!("{count} {places}"), done));
        }
    }
    remarks
}

fn broken<E>(_: E) -> DocumentError {
    DocumentError("its XML is broken; open it and save it again".into())
}

fn value(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag
        .attributes()
        .flatten()
        .find(|a| a.key.local_name().as_ref() == name)?;
    Some(htmlize::unescape(attribute.value.as_ref()).into_owned())
}

/// A switch of the format: on unless it says otherwise.
fn is_on(setting: Option<&str>) -> bool {
    !matches!(setting, Some("0" | "false" | "off" | "none"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Write as _};
    use zip::write::SimpleFileOptions;

    fn word(body: &str) -> Vec<u8> {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in [
            (
                "word/styles.xml",
                "<w:styles><w:style w:styleId='berschrift1'><w:name w:val='heading 1'/></w:style>\
                 <w:style w:styleId='Titel'><w:name w:val='Title'/></w:style></w:styles>"
                    .to_owned(),
            ),
            (
                "word/document.xml",
                format!("<?xml version='1.0'?><w:document><w:body>{body}</w:body></w:document>"),
            ),
        ] {
            archive
                .start_file(name, SimpleFileOptions::default())
                .unwrap();
            archive.write_all(text.as_bytes()).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    #[test]
    fn headings_items_and_tables_are_kept_and_what_is_not_shown_is_not() {
        let bytes = word(
            "<w:p><w:pPr><w:pStyle w:val='Titel'/></w:pPr><w:r><w:t>Savings terms</w:t></w:r></w:p>\
             <w:p><w:pPr><w:pStyle w:val='berschrift1'/></w:pPr><w:r><w:t>Fees</w:t></w:r></w:p>\
             <w:p><w:r><w:t xml:space='preserve'>A fee of </w:t></w:r><w:r><w:t>5 &amp; more</w:t></w:r></w:p>\
             <w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>first</w:t></w:r></w:p>\
             <w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r><w:del><w:r><w:t>gone</w:t></w:r></w:del></w:p>\
             <w:tbl><w:tr><w:tc><w:p><w:r><w:t>Rate</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>4%</w:t></w:r></w:p></w:tc></w:tr></w:tbl>",
        );
        let document = read(&bytes, "terms").unwrap();
        assert_eq!(document.title, "Savings terms");
        assert_eq!(
            document.text.trim(),
            "# Fees\n\nA fee of 5 & more\n\n- first\nRate | 4%"
        );
    }

    #[test]
    fn what_is_no_word_file_is_said() {
        assert!(
            read(b"PK nothing", "x")
                .unwrap_err()
                .0
                .starts_with("not a Word file")
        );
        assert!(
            read(&word("<w:p></w:q>"), "x")
                .unwrap_err()
                .0
                .contains("XML")
        );
    }
}
