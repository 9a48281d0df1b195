//! The real rendering of an e-mail, for a browser: a page of its own in a private folder, which asks nothing of the
//! network and runs nothing.

use crate::domain::run::Run;
use crate::error::{Error, Kind, Result};
use crate::files;
use crate::ledger::keys::random;
use crate::service::home::assets;
use crate::service::home::workspace::Workspace;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::path::{Path, PathBuf};

/// What the page may do: show itself, and pictures that lie in it.
const POLICY: &str = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">";

/// A page that lies in a private folder until it is dropped.
#[derive(Debug)]
pub struct Rendering {
    folder: PathBuf,
    file: PathBuf,
}

impl Rendering {
    pub fn file(&self) -> &Path {
        &self.file
    }
}

impl Drop for Rendering {
    fn drop(&mut self) {
        // Somebody else may have removed it: then nothing is left to do.
        let _ = files::remove(&self.file);
        let _ = std::fs::remove_dir(&self.folder);
    }
}

/// Writes the page of a variant.
///
/// # Errors
/// The variant has none, or no private file can be made.
pub fn of(workspace: &Workspace, run: &Run, variant: &str) -> Result<Rendering> {
    let words = run.variant(variant);
    let html = words
        .and_then(|words| words.html.as_deref())
        .ok_or_else(|| {
            let what = format!("variant {variant} has no page: it is plain text");
            Error::new(Kind::NotFound, what)
        })?;
    let failed = |e: std::io::Error| Error::new(Kind::Io, format!("the rendering: {e}"));
    // Without it the page is as it is where pictures are not loaded.
    let logo = assets::logo_of(&workspace.home, &workspace.templates.brand).unwrap_or_default();
    let name = hex::encode(random::<8>().map_err(failed)?);
    let folder = std::env::temp_dir().join(format!("echovoice-{name}"));
    files::folder(&folder).map_err(failed)?;
    let file = folder.join("message.html");
    let rendering = Rendering { folder, file };
    files::write_new(&rendering.file, page(html, &logo).as_bytes()).map_err(failed)?;
    Ok(rendering)
}

/// The message's page with its logo in it, and nothing that reaches out.
fn page(html: &str, logo: &[u8]) -> String {
    let logo = format!("data:image/svg+xml;base64,{}", STANDARD.encode(logo));
    let html = html.replace("cid:logo", &logo);
    match html.find("<head>") {
        Some(at) => {
            let (before, rest) = html.split_at(at + "<head>".len());
            format!("{before}{POLICY}{rest}")
        }
        None => format!("{POLICY}{html}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_reaches_nothing_and_holds_its_logo() {
        let shown = page(
            "<!doctype html><html><head><title>x</title></head><img src=\"cid:logo\"></html>",
            b"<svg/>",
        );
        let policy = shown.find("Content-Security-Policy").unwrap();
        assert!(policy < shown.find("<title>").unwrap());
        assert!(shown.contains("src=\"data:image/svg+xml;base64,") && !shown.contains("cid:"));
        assert!(page("<p>no head</p>", b"").starts_with("<meta"));
    }
}
