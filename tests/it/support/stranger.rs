//! The stand-alone verifier, as a stranger runs it.

use std::path::Path;
use std::process::Command;

/// Whether an export holds, and what was printed. `None`: there is no Python here, which is said.
pub fn checks(export: &Path) -> Option<(bool, String)> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/evidence/verify.py");
    let done = Command::new("python3")
        .arg(script)
        .arg(export)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output();
    match done {
        Ok(output) => {
            let words = String::from_utf8_lossy(&output.stdout).into_owned();
            Some((output.status.success(), words))
        }
        Err(_) => {
            eprintln!("SKIPPED: python3 is needed to check an export from outside");
            None
        }
    }
}
