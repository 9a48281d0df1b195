//! What ships inside the program, and how it gets into a new home.

use crate::files;
use crate::generate::Brand;
use crate::knowledge::Shipped;
use include_dir::{Dir, File, include_dir};
use std::fs;
use std::io;
use std::path::Path;

static ASSETS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/assets");
static KNOWLEDGE: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/knowledge_base");

/// Folders of the assets that a user owns once they are in the home.
const OWNED: [&str; 4] = ["policies", "profiles", "templates", "brand"];
/// Files beside them.
const OWNED_FILES: [&str; 4] = [
    "segments.toml",
    "disclosures.toml",
    "outcomes.toml",
    "experiments.toml",
];

/// The demo firm's own pack.
pub(in crate::service) const DEMO_PACK: &str = "tarnwick.toml";

/// The embedding weights.
pub fn model() -> &'static [u8] {
    ASSETS
        .get_file("model/minilm-l6-v2.int8.onnx")
        .map_or(&[], |f| f.contents())
}

pub fn tokenizer() -> &'static str {
    ASSETS
        .get_file("model/tokenizer.json")
        .and_then(|f| f.contents_utf8())
        .unwrap_or("")
}

/// Vectors of the demo knowledge base and of its word pieces, so that the first start is quick.
pub fn demo_vectors() -> Shipped<'static> {
    let file = |name: &str| {
        ASSETS
            .get_file(name)
            .map_or(&[][..], include_dir::File::contents)
    };
    Shipped {
        vectors: file("model/demo-vectors.bin"),
        pieces: file("model/demo-pieces.bin"),
    }
}

/// A page of the manual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ManualPage {
    /// The name that it is asked for by.
    pub topic: &'static str,
    /// Its first heading.
    pub title: &'static str,
    /// Markdown.
    pub text: &'static str,
}

/// The pages of the manual, by topic.
pub fn pages() -> Vec<ManualPage> {
    let files = ASSETS.get_dir("docs").into_iter().flat_map(Dir::files);
    let mut pages: Vec<ManualPage> = files
        .filter_map(|file| {
            let text = file.contents_utf8()?;
            let title = text.lines().next()?.trim_start_matches(['#', ' ']);
            let topic = file.path().file_stem()?.to_str()?;
            Some(ManualPage { topic, title, text })
        })
        .collect();
    pages.sort_by_key(|page| page.topic);
    pages
}

/// The demo firm's logo.
pub(in crate::service) fn demo_logo() -> &'static [u8] {
    let file = ASSETS.get_file("brand/logo.svg");
    file.map_or(&[], include_dir::File::contents)
}

/// Largest logo that goes with a message.
const LOGO_BYTES: usize = 1 << 20;

/// The logo that goes with a brand's messages: the home's own; of a home that shows none, nothing.
///
/// # Errors
/// It is to be shown and cannot be read, or is too large.
pub(in crate::service) fn logo_of(home: &Path, brand: &Brand) -> io::Result<Vec<u8>> {
    if brand.logo != "cid:logo" {
        return Ok(Vec::new());
    }
    let logo = fs::read(home.join("brand").join("logo.svg"))?;
    if logo.len() > LOGO_BYTES {
        return Err(io::Error::other("it is larger than 1 MiB"));
    }
    Ok(logo)
}

/// A text that a home has, as it is shipped.
pub fn shipped(name: &str) -> Option<String> {
    let below = name.strip_prefix("knowledge_base/");
    let file = match below {
        Some(below) => KNOWLEDGE.get_file(below),
        None => ASSETS.get_file(name),
    };
    Some(file?.contents_utf8()?.to_owned())
}

/// The texts of the packs that ship: law and policy, then the claims they speak of.
pub fn packs() -> Vec<&'static str> {
    let folders = ["policies", "claims"]
        .iter()
        .filter_map(|name| ASSETS.get_dir(name));
    let mut files: Vec<_> = folders.flat_map(files_below).collect();
    files.sort_by_key(|file| file.path());
    files
        .iter()
        .filter_map(|file| file.contents_utf8())
        .collect()
}

fn files_below(dir: &'static Dir<'static>) -> Vec<&'static File<'static>> {
    let inside = dir.dirs().flat_map(files_below);
    dir.files().chain(inside).collect()
}

/// Copies what a user may change into the home; what is there already stays as it is.
pub fn seed(home: &Path) -> io::Result<()> {
    for folder in OWNED {
        let Some(dir) = ASSETS.get_dir(folder) else {
            continue;
        };
        let mut files: Vec<_> = dir.files().map(|file| (file_name(file), file)).collect();
        if folder == "policies" {
            files.extend(claims());
        }
        seed_folder(&files, folder, home)?;
    }
    for name in OWNED_FILES {
        if let Some(file) = ASSETS.get_file(name) {
            write_new(&home.join(name), file.contents())?;
        }
    }
    let knowledge: Vec<_> = KNOWLEDGE
        .files()
        .map(|file| (file_name(file), file))
        .collect();
    seed_folder(&knowledge, "knowledge_base", home)
}

/// The packs of claims, which lie beside the law that speaks of them, each under its language.
fn claims() -> impl Iterator<Item = (String, &'static File<'static>)> {
    let files = ASSETS.get_dir("claims").map(files_below);
    files.unwrap_or_default().into_iter().map(|file| {
        let below = file.path().strip_prefix("claims").unwrap_or(file.path());
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        (format!("claims-{}", parts.join("-")), file)
    })
}

/// The packs that are nobody's own, written into a folder: all law, wherever the firm is. A message may go further than the
/// firm thinks, and a rule that is not there finds nothing.
pub(in crate::service) fn law(folder: &Path) -> io::Result<()> {
    files::folder(folder)?;
    let law = ASSETS.get_dir("policies").into_iter().flat_map(Dir::files);
    let law = law.map(|file| (file_name(file), file));
    for (name, file) in law.filter(|(name, _)| name != DEMO_PACK).chain(claims()) {
        files::write_new(&folder.join(name), file.contents())?;
    }
    Ok(())
}

fn file_name(file: &File<'_>) -> String {
    let name = file.path().file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

fn seed_folder(files: &[(String, &File<'_>)], name: &str, home: &Path) -> io::Result<()> {
    let target = home.join(name);
    if target.exists() {
        return Ok(());
    }
    // Written beside and renamed: a start that was cut off begins anew.
    let temporary = home.join(format!("{name}.new"));
    let _ = fs::remove_dir_all(&temporary);
    files::folder(&temporary)?;
    for (base, file) in files {
        files::write(&temporary.join(base), file.contents())?;
    }
    fs::rename(&temporary, &target)
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if path.exists() {
        Ok(())
    } else {
        files::write(path, bytes)
    }
}
