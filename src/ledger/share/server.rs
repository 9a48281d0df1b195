//! The writer's end of the socket.

use super::wire::{Response, ShareRequest, read, write};
use super::{same_user, socket};
use crate::files;
use crate::ledger::handle::Ledger;
use crate::ledger::log::LogError;
use std::fs;
use std::io::{self, BufReader};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::thread;

/// Listens while it lives; the socket goes with it.
pub struct Listening {
    path: PathBuf,
    over: Arc<AtomicBool>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        // Wakes the thread that waits for somebody to come.
        let _ = UnixStream::connect(&self.path);
        let _ = fs::remove_file(&self.path);
    }
}

/// Lets other processes of this user write through this one. The ledger is closed when its owner lets it go, whoever
/// is still connected.
///
/// # Errors
/// The socket cannot be made: the others are then told that the home is in use.
pub fn listen(home: &Path, ledger: Weak<Ledger>) -> io::Result<Listening> {
    let path = socket(home);
    // Only the owner of the ledger's lock comes here, so what lies there is left from one that was cut off.
    files::remove(&path)?;
    let listener = UnixListener::bind(&path)?;
    files::make_private(&path)?;
    let over = Arc::new(AtomicBool::new(false));
    let listening = Listening {
        path,
        over: over.clone(),
    };
    thread::Builder::new()
        .name("ledger socket".into())
        .spawn(move || {
            for stream in listener.incoming().flatten() {
                if over.load(Ordering::Acquire) {
                    return;
                }
                if same_user(&stream).is_ok() {
                    let ledger = ledger.clone();
                    thread::spawn(move || serve(&stream, &ledger));
                }
            }
        })?;
    Ok(listening)
}

/// Answers one process until it goes, or this one does.
fn serve(stream: &UnixStream, ledger: &Weak<Ledger>) {
    let mut input = BufReader::new(stream);
    let mut output = stream;
    while let Ok(Some(request)) = read::<ShareRequest>(&mut input) {
        // Without the ledger there is nothing to say: the other end sees the connection end, and takes over.
        let Some(ledger) = ledger.upgrade() else {
            return;
        };
        let answer = match request.open() {
            Ok((entries, erase)) => ledger.send(entries, erase).wait(),
            Err(why) => Err(Arc::new(LogError::Retry(why.to_string()))),
        };
        if write(&mut output, &Response::of(&answer)).is_err() {
            return;
        }
    }
}
