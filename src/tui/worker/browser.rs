//! The system's browser, for the real rendering of a mail.

use super::Worker;
use crate::error::{Error, Kind, Result};
use crate::service::review::rendering;
use crate::tui::msg::Msg;
use std::path::Path;
use std::process::{Command, Stdio};

/// Pages kept at once: a browser has read the older ones.
const KEPT: usize = 8;

/// What opens a page where nobody names a browser.
const OPENER: &str = if cfg!(target_os = "macos") {
    "open"
} else {
    "xdg-open"
};

impl Worker<'_> {
    /// Opens a variant's page; it lies in a private folder until the desk ends.
    pub(super) fn open_rendering(&mut self, variant: &str) -> Result<()> {
        let page = rendering::of(self.workspace, &self.open()?.run, variant)?;
        let named = std::env::var("BROWSER")
            .ok()
            .filter(|name| !name.trim().is_empty());
        let program = named.as_deref().unwrap_or(OPENER);
        let told = start(program, page.file())?;
        self.renderings.push(page);
        if self.renderings.len() > KEPT {
            self.renderings.remove(0);
        }
        (self.answer)(Msg::Notice {
            text: told,
            bad: false,
        });
        Ok(())
    }
}

/// Starts a browser that lives on by itself and writes nothing to this terminal.
fn start(program: &str, page: &Path) -> Result<String> {
    let started = Command::new(program)
        .arg(page)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut child = started.map_err(|e| {
        Error::new(
            Kind::Io,
            format!("the browser does not start: {program}: {e}"),
        )
        .fix("set BROWSER to a program that opens a page; over ssh there may be none")
    })?;
    // Somebody has to take note of its end; nobody waits for it.
    std::thread::spawn(move || child.wait());
    Ok(format!(
        "opened with {program}; the page goes when the desk ends"
    ))
}
