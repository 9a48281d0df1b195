//! What ships inside the program, and how it gets into a new home.

use include_dir::{Dir, include_dir};
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

/// Vectors of the demo knowledge base, so that the first start is quick.
pub fn demo_vectors() -> &'static [u8] {
    ASSETS
        .get_file("model/demo-vectors.bin")
        .map_or(&[], |f| f.contents())
}

pub fn logo() -> &'static [u8] {
    ASSETS
        .get_file("brand/logo.svg")
        .map_or(&[], |f| f.contents())
}

/// Copies what a user may change into the home; what is there already stays as it is.
pub fn seed(home: &Path) -> io::Result<()> {
    for folder in OWNED {
        if let Some(dir) = ASSETS.get_dir(folder) {
            seed_folder(dir, folder, home)?;
        }
    }
    for name in OWNED_FILES {
        if let Some(file) = ASSETS.get_file(name) {
            write_new(&home.join(name), file.contents())?;
        }
    }
    seed_folder(&KNOWLEDGE, "knowledge_base", home)
}

fn seed_folder(dir: &Dir<'_>, name: &str, home: &Path) -> io::Result<()> {
    let target = home.join(name);
    if target.exists() {
        return Ok(());
    }
    // Written beside and renamed: a start that was cut off begins anew.
    let temporary = home.join(format!("{name}.new"));
    let _ = fs::remove_dir_all(&temporary);
    fs::create_dir_all(&temporary)?;
    for file in dir.files() {
        if let Some(base) = file.path().file_name() {
            fs::write(temporary.join(base), file.contents())?;
        }
    }
    fs::rename(&temporary, &target)
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if path.exists() {
        Ok(())
    } else {
        fs::write(path, bytes)
    }
}
