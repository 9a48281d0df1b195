//! A Word file (ECMA-376): headings by style, numbered and bulleted items, tables; deleted and hidden text left out.

use super::super::document::{Document, DocumentError};
use super::MAX_DOCUMENT_BYTES;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{Cursor, Read as _};
use zip::ZipArchive;

type Archive<'b> = ZipArchive<Cursor<&'b [u8]>>;

pub(super) fn read(bytes: &[u8], stem: &str) -> Result<Document, DocumentError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes))
        .map_err(|_| DocumentError("not a Word file: its archive cannot be opened".into()))?;
    let body = part(&mut archive, "word/document.xml")?
        .ok_or_else(|| DocumentError("not a Word file: it holds no document".into()))?;
    let styles = match part(&mut archive, "word/styles.xml")? {
        Some(xml) => styles(&xml)?,
        None => HashMap::new(),
    };
    let (title, text) = markdown(&body, &styles)?;
    Ok(Document {
        id: stem.to_owned(),
        title: title.unwrap_or_else(|| stem.to_owned()),
        text,
        ..Document::default()
    })
}

/// One file of the archive; `None` when there is none of this name.
fn part(archive: &mut Archive<'_>, name: &str) -> Result<Option<String>, DocumentError> {
    let Ok(file) = archive.by_name(name) else {
        return Ok(None);
    };
    let mut text = String::new();
    // A small archive can unpack to any size.
    file.take(MAX_DOCUMENT_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(|_| DocumentError(format!("{name} cannot be unpacked")))?;
    if text.len() as u64 > MAX_DOCUMENT_BYTES {
        return Err(DocumentError(format!(
            "unpacks to more than {} MiB; split it",
            MAX_DOCUMENT_BYTES >> 20
        )));
    }
    Ok(Some(text))
}

fn broken<E>(_: E) -> DocumentError {
    DocumentError("its XML is broken; open it and save it again".into())
}

fn value(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag
        .attributes()
        .flatten()
        .find(|a| a.key.local_name().as_ref() == name)?;
    Some(attribute.value.into_owned())
}

/// Style ids by heading level; 0 is the title. Ids are of the writer's language, names are not.
fn styles(xml: &str) -> Result<HashMap<String, usize>, DocumentError> {
    let mut levels = HashMap::new();
    let mut reader = Reader::from_str(xml);
    let mut id = None;
    loop {
        match reader.read_event().map_err(broken)? {
            Event::Eof => return Ok(levels),
            Event::Start(tag) | Event::Empty(tag) => match tag.local_name().as_ref() {
                "style" => id = value(&tag, "styleId"),
                "name" => {
                    let name = value(&tag, "val").unwrap_or_default().to_lowercase();
                    let level = if name == "title" {
                        Some(0)
                    } else {
                        name.strip_prefix("heading ").and_then(|n| n.parse().ok())
                    };
                    if let (Some(level), Some(id)) = (level, id.take()) {
                        levels.insert(id, level);
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }
}

/// What is known of the paragraph that is open.
#[derive(Default)]
struct Paragraph {
    text: String,
    level: Option<usize>,
    item: bool,
}

/// The title, if a paragraph has that style, and the text.
fn markdown(
    xml: &str,
    styles: &HashMap<String, usize>,
) -> Result<(Option<String>, String), DocumentError> {
    let mut reader = Reader::from_str(xml);
    let (mut title, mut out) = (None, String::new());
    let mut paragraph = Paragraph::default();
    // Inside of a text element; of a hidden run; how many rows deep; of a deletion.
    let (mut in_text, mut hidden, mut rows, mut deleted) = (false, false, 0_usize, 0_usize);
    loop {
        let event = reader.read_event().map_err(broken)?;
        let empty = matches!(event, Event::Empty(_));
        match event {
            Event::Eof => return Ok((title, out)),
            Event::Start(tag) | Event::Empty(tag) => match tag.local_name().as_ref() {
                "p" if rows == 0 => paragraph = Paragraph::default(),
                "pStyle" => {
                    paragraph.level = value(&tag, "val").and_then(|id| styles.get(&id).copied());
                }
                "numPr" => paragraph.item = true,
                "r" => hidden = false,
                "vanish" => {
                    hidden = !matches!(value(&tag, "val").as_deref(), Some("0" | "false"));
                }
                "t" => in_text = !empty,
                "tab" | "br" | "cr" if deleted == 0 && !hidden => paragraph.text.push(' '),
                "tr" if !empty => {
                    if rows == 0 {
                        paragraph = Paragraph::default();
                    }
                    rows += 1;
                }
                "del" | "moveFrom" if !empty => deleted += 1,
                _ => {}
            },
            Event::Text(text) if in_text && !hidden && deleted == 0 => {
                paragraph.text.push_str(&text);
            }
            Event::GeneralRef(entity) if in_text && !hidden && deleted == 0 => {
                let entity = format!("&{};", &*entity);
                paragraph.text.push_str(&htmlize::unescape(entity.as_str()));
            }
            Event::End(tag) => match tag.local_name().as_ref() {
                "t" => in_text = false,
                "p" if rows == 0 => finish(&mut paragraph, &mut title, &mut out),
                "p" => paragraph.text.push(' '),
                "tc" => paragraph.text.push_str(" | "),
                "tr" => {
                    rows = rows.saturating_sub(1);
                    if rows == 0 {
                        finish(&mut paragraph, &mut title, &mut out);
                    }
                }
                "del" | "moveFrom" => deleted = deleted.saturating_sub(1),
                _ => {}
            },
            _ => {}
        }
    }
}

fn finish(paragraph: &mut Paragraph, title: &mut Option<String>, out: &mut String) {
    let Paragraph { text, level, item } = std::mem::take(paragraph);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text.trim_end_matches(" |");
    if text.is_empty() {
        return;
    }
    // Writing to a String cannot fail.
    let _ = match level {
        Some(0) if title.is_none() => {
            *title = Some(text.to_owned());
            Ok(())
        }
        Some(level @ 1..=6) => write!(out, "\n{} {text}\n\n", "#".repeat(level)),
        _ if item => writeln!(out, "- {text}"),
        _ => write!(out, "{text}\n\n"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
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
