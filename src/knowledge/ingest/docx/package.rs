//! The parts of a Word file: a zip archive in which relationships name the main part and what belongs to it.

use super::super::super::document::DocumentError;
use super::super::MAX_DOCUMENT_BYTES;
use super::{broken, value};
use quick_xml::Reader;
use quick_xml::events::Event;
use std::io::{Cursor, Read as _};
use zip::ZipArchive;

pub(super) struct Package<'b> {
    archive: ZipArchive<Cursor<&'b [u8]>>,
    /// The main part's path in the archive.
    pub main: String,
    relations: Vec<Relation>,
}

/// What the main part names: the last word of its type, and where it lies.
struct Relation {
    kind: String,
    path: String,
}

impl<'b> Package<'b> {
    pub fn open(bytes: &'b [u8]) -> Result<Self, DocumentError> {
        let archive = ZipArchive::new(Cursor::new(bytes))
            .map_err(|_| DocumentError("not a Word file: its archive cannot be opened".into()))?;
        let mut package = Self {
            archive,
            main: "word/document.xml".into(),
            relations: Vec::new(),
        };
        if let Some(xml) = package.part("_rels/.rels")? {
            let named = relations(&xml, "")?;
            if let Some(main) = named.into_iter().find(|r| r.kind == "officeDocument") {
                package.main = main.path;
            }
        }
        let (folder, name) = package.main.rsplit_once('/').unwrap_or(("", &package.main));
        let folder = if folder.is_empty() {
            String::new()
        } else {
            format!("{folder}/")
        };
        let beside = format!("{folder}_rels/{name}.rels");
        if let Some(xml) = package.part(&beside)? {
            package.relations = relations(&xml, &folder)?;
        } else {
            // Files of small writers name nothing; the usual places hold then.
            for kind in ["styles", "footnotes", "endnotes", "comments"] {
                package.relations.push(Relation {
                    kind: kind.into(),
                    path: format!("{folder}{kind}.xml"),
                });
            }
        }
        Ok(package)
    }

    /// One file of the archive; `None` when there is none of this name.
    pub fn part(&mut self, name: &str) -> Result<Option<String>, DocumentError> {
        let Ok(file) = self.archive.by_name(name) else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        // A small archive can unpack to any size.
        file.take(MAX_DOCUMENT_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(|_| DocumentError(format!("{name} cannot be unpacked")))?;
        if bytes.len() as u64 > MAX_DOCUMENT_BYTES {
            return Err(DocumentError(format!(
                "unpacks to more than {} MiB; split it",
                MAX_DOCUMENT_BYTES >> 20
            )));
        }
        let decoded = crate::text::decode::to_text(&bytes)
            .map_err(|_| DocumentError(format!("{name} is no text")))?;
        Ok(Some(decoded.text))
    }

    /// The texts of all parts of a kind, in the order in which they are named.
    pub fn related(&mut self, kind: &str) -> Result<Vec<String>, DocumentError> {
        let paths: Vec<String> = self
            .relations
            .iter()
            .filter(|r| r.kind == kind)
            .map(|r| r.path.clone())
            .collect();
        let mut found = Vec::new();
        for path in paths {
            found.extend(self.part(&path)?);
        }
        Ok(found)
    }

    /// How many things of a kind the main part names.
    pub fn count(&self, kind: &str) -> usize {
        self.relations.iter().filter(|r| r.kind == kind).count()
    }
}

fn relations(xml: &str, folder: &str) -> Result<Vec<Relation>, DocumentError> {
    let mut found = Vec::new();
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event().map_err(broken)? {
            Event::Eof => return Ok(found),
            Event::Start(tag) | Event::Empty(tag)
                if tag.local_name().as_ref() == "Relationship" =>
            {
                let (Some(kind), Some(target)) = (value(&tag, "Type"), value(&tag, "Target"))
                else {
                    continue;
                };
                let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
                let path = match target.strip_prefix('/') {
                    Some(whole) => whole.to_owned(),
                    None => below(folder, &target),
                };
                found.push(Relation { kind, path });
            }
            _ => {}
        }
    }
}

/// `../x` and `./x` of a folder.
fn below(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}
