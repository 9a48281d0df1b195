//! The home's texts behind every run: templates, disclosures, brand, products, segments, outcomes.

use crate::domain::digest::Digest;
use crate::error::{Error, Kind, Result};
use crate::generate::Templates;
use crate::service::home::{assets, origin};
use crate::service::learning::measured::{self, FoundTable, MEASURED};
use crate::text::table::TomlError;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The files behind every run besides policies and documents, read once: what is parsed is what is hashed.
pub(in crate::service) struct Texts {
    home: PathBuf,
    read: Vec<(&'static str, String)>,
    /// What was measured is to be counted anew from the record.
    pub count_anew: bool,
}

impl Texts {
    const NAMES: [&'static str; 8] = [
        "templates/common.toml",
        "templates/variants.toml",
        "disclosures.toml",
        "brand/brand.toml",
        "knowledge_base/products.toml",
        "segments.toml",
        "outcomes.toml",
        "experiments.toml",
    ];

    /// Of a home that nothing is written into, what is not there is as it is shipped.
    pub fn read(home: &Path, or_shipped: bool) -> Result<Self> {
        let read = Self::NAMES
            .into_iter()
            .map(|name| {
                let path = home.join(name);
                let text = match fs::read_to_string(&path) {
                    Err(e) if or_shipped && e.kind() == io::ErrorKind::NotFound => {
                        assets::shipped(name).ok_or(e)
                    }
                    read => read,
                };
                let text = text.map_err(|e| {
                    Error::of(Kind::Io, e)
                        .at(path.display().to_string())
                        .fix(if origin::is_own(home) {
                            "restore the file: this is a firm's own home, and nothing takes its place"
                        } else {
                            "restore the file, or delete it to get the shipped one back"
                        })
                })?;
                Ok((name, text))
            })
            .collect::<Result<Vec<_>>>()?;
        let mut texts = Self {
            home: home.to_owned(),
            read,
            count_anew: false,
        };
        // What was measured here, once anything was.
        match measured::read(home)? {
            FoundTable::Ours(text) => texts.read.push((MEASURED, text)),
            FoundTable::Strange => texts.count_anew = true,
            FoundTable::None => {}
        }
        Ok(texts)
    }

    pub fn get(&self, name: &str) -> &str {
        self.read
            .iter()
            .find(|(known, _)| *known == name)
            .map_or("", |(_, text)| text)
    }

    pub fn parse<T>(
        &self,
        name: &str,
        parser: impl Fn(&str) -> std::result::Result<T, TomlError>,
    ) -> Result<T> {
        parser(self.get(name)).map_err(|slip| self.slipped(name, slip))
    }

    fn slipped(&self, name: &str, slip: TomlError) -> Error {
        let place = slip.place(&self.home.join(name).display().to_string());
        Error::new(Kind::Input, slip.problem).at(place)
    }

    pub fn templates(&self) -> Result<Templates> {
        Templates::parse(
            self.get("templates/common.toml"),
            self.get("templates/variants.toml"),
            self.get("disclosures.toml"),
            self.get("brand/brand.toml"),
        )
        .map_err(|e| self.slipped(&e.file, e.slip))
    }

    /// Those that the record has in force, by name: all but what was measured, which the record itself comes to.
    pub fn bound(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let bound = self.read.iter().filter(|(name, _)| *name != MEASURED);
        bound.map(|(name, text)| (*name, text.as_str()))
    }

    /// Version of all of them but what was measured.
    pub fn digest(&self) -> Digest {
        Digest::of_parts(self.bound().map(|(_, text)| text.as_bytes()))
    }
}
