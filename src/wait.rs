//! Waiting for another process of this home: it is named while it is waited for, and not waited for without end.

use crate::files;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::Path;
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::Duration;

/// How long another process is waited for, where `ECHOVOICE_WAIT` says nothing.
const USUAL: Duration = Duration::from_mins(1);

/// How long nothing is said: who waits a moment need not know.
const QUIET: Duration = Duration::from_secs(3);

/// Pause between two tries.
const PAUSE: Duration = Duration::from_millis(20);

static TELL: OnceLock<fn(&str)> = OnceLock::new();

/// Who waits is told so from now on; the first call counts. A screen of its own is better left alone.
pub fn tell_by(tell: fn(&str)) {
    let _ = TELL.set(tell);
}

/// How long another process is waited for: `ECHOVOICE_WAIT`, in seconds.
pub fn limit() -> Duration {
    let set = std::env::var("ECHOVOICE_WAIT").ok();
    set.and_then(|text| text.trim().parse().ok())
        .map_or(USUAL, |seconds: u32| {
            Duration::from_secs(seconds.max(1).into())
        })
}

/// How long something was waited for.
#[derive(Debug)]
pub struct Waited {
    limit: Duration,
    so_far: Duration,
    told: bool,
}

impl Default for Waited {
    fn default() -> Self {
        Self {
            limit: limit(),
            so_far: Duration::ZERO,
            told: false,
        }
    }
}

impl Waited {
    /// How long a step of the wait may be, so that it is told in time and ends in time.
    pub fn step(&self) -> Duration {
        let quiet = QUIET.min(self.limit / 2);
        quiet.max(Duration::from_millis(1))
    }

    /// One more step went by: for whom, and for what.
    ///
    /// # Errors
    /// It was waited for long enough.
    pub fn longer(&mut self, step: Duration, who: &str, place: &Path) -> io::Result<()> {
        self.so_far += step;
        if self.so_far >= self.limit {
            return Err(io::Error::new(
                io::ErrorKind::TimedOut,
                format!(
                    "waited {} s for {who} on {} in vain: end it, or let it go on, and try again",
                    self.limit.as_secs(),
                    place.display()
                ),
            ));
        }
        if self.so_far >= self.step() && !self.told {
            self.told = true;
            if let Some(tell) = TELL.get() {
                tell(&format!("waiting for {who} on {}", place.display()));
            }
        }
        Ok(())
    }
}

/// What a process is called.
pub fn process(id: Option<u32>) -> String {
    id.map_or_else(|| "another process".into(), |id| format!("process {id}"))
}

/// Takes a file's lock, which goes with the file that comes back. The file names who has it.
///
/// # Errors
/// The file cannot be made, or whoever has it does not let go in time.
pub fn lock(path: &Path) -> io::Result<File> {
    let mut file = files::append(path)?;
    let mut waited = Waited::default();
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(std::fs::TryLockError::Error(e)) => return Err(e),
            Err(std::fs::TryLockError::WouldBlock) => {
                sleep(PAUSE);
                waited.longer(PAUSE, &process(holder(&mut file)), path)?;
            }
        }
    }
    file.set_len(0)?;
    write!(file, "{}", std::process::id())?;
    Ok(file)
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(20).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_a_lock_is_named_and_not_waited_for_without_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.lock");
        let held = lock(&path).unwrap();
        let mut second = files::append(&path).unwrap();
        assert_eq!(holder(&mut second), Some(std::process::id()));
        let mut waited = Waited {
            limit: Duration::from_secs(9),
            ..Waited::default()
        };
        let who = process(holder(&mut second));
        assert!(waited.longer(Duration::from_secs(4), &who, &path).is_ok());
        let over = waited.longer(Duration::from_secs(5), &who, &path);
        let error = over.unwrap_err().to_string();
        assert!(
            error.contains(&format!("process {}", std::process::id())),
            "{error}"
        );
        assert!(error.contains("a.lock"), "{error}");
        drop(held);
        lock(&path).unwrap();
    }
}
