//! The other end: hands entries to the process that writes, and takes its place when it is gone.

use super::patient::Patient;
use super::wire::{Response, ShareRequest, read, write};
use crate::ledger::job::{AppendAnswer, Job, SharedVault};
use crate::ledger::keys::SigningKey;
use crate::ledger::log::{AuditLog, LogError};
use crate::ledger::sequencer::SequencerState;
use crate::ledger::vault::Vault;
use std::io::{self, BufReader};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, PoisonError};

/// Writers that may be lost one after the other before one entry is given up.
const SUCCESSORS: usize = 8;

/// What became of the place of a writer that is gone.
pub enum Succession {
    /// This process writes now.
    Ours(Box<SharedWriter>),
    /// Another one does.
    Theirs(UnixStream),
}

/// What is needed to write.
pub struct SharedWriter(SequencerState);

impl SharedWriter {
    /// Makes ready to write a log that is open for it.
    ///
    /// # Errors
    /// The log's tail does not fit its last checkpoint, or cannot be read.
    pub fn new(
        log: Arc<dyn AuditLog>,
        shared: &SharedVault,
        vault: Vault,
        key: SigningKey,
        origin: &str,
    ) -> Result<Self, LogError> {
        *shared.write().unwrap_or_else(PoisonError::into_inner) = vault;
        SequencerState::load(log, shared.clone(), key, origin).map(Self)
    }
}

/// Finds out who writes now; `Err` if nobody can be found.
pub type Succeed = Box<dyn Fn(&SharedVault) -> io::Result<Succession> + Send>;

/// A connection to the writer.
pub struct Client {
    stream: UnixStream,
    /// Whose ledger it is.
    home: PathBuf,
    vault: SharedVault,
    succeed: Succeed,
}

impl Client {
    pub(in crate::ledger) fn new(
        (stream, home): (UnixStream, &Path),
        vault: SharedVault,
        succeed: Succeed,
    ) -> Self {
        Self {
            stream,
            home: home.to_owned(),
            vault,
            succeed,
        }
    }

    /// Hands jobs over until nobody is left who could ask.
    pub(in crate::ledger) fn run(mut self, jobs: &Receiver<Job>) {
        while let Ok(job) = jobs.recv() {
            let mut answer = self.ask(&job);
            // A lost answer is asked for again, whoever writes now: ids make that safe. The next writer may be gone
            // as well by the time it is found.
            for _ in 0..SUCCESSORS {
                // Who does not answer is still there: nobody takes their place.
                let lost = match &answer {
                    Err(lost) if lost.kind() != io::ErrorKind::TimedOut => lost,
                    _ => break,
                };
                answer = match (self.succeed)(&self.vault) {
                    Ok(Succession::Theirs(stream)) => {
                        self.stream = stream;
                        self.ask(&job)
                    }
                    Ok(Succession::Ours(writer)) => {
                        writer.0.run_from(job, jobs);
                        return;
                    }
                    Err(none) => Err(io::Error::other(format!("{lost}; {none}"))),
                };
            }
            if matches!(&answer, Err(e) if e.kind() == io::ErrorKind::TimedOut) {
                // What it still says would be taken for the next answer.
                let _ = self.stream.shutdown(Shutdown::Both);
            }
            // Nobody waiting is fine: what is written is written.
            let _ = job.answer.send(answer.unwrap_or_else(|e| unknown(&e)));
        }
    }

    fn ask(&mut self, job: &Job) -> io::Result<AppendAnswer> {
        let mut patient = Patient::on(&self.stream, &self.home)?;
        let entries = job.entries.iter().map(|(entry, _)| entry);
        write(&mut patient, &ShareRequest::of(entries, &job.erase))?;
        let mut input = BufReader::new(patient);
        let gone = || io::Error::new(io::ErrorKind::UnexpectedEof, "the writer is gone");
        let response: Response = read(&mut input)?.ok_or_else(gone)?;
        if !job.erase.is_empty()
            && let Ok(now) = {
                let vault = self.vault.read().unwrap_or_else(PoisonError::into_inner);
                vault.again()
            }
        {
            *self.vault.write().unwrap_or_else(PoisonError::into_inner) = now;
        }
        Ok(response.open())
    }
}

fn unknown(error: &io::Error) -> AppendAnswer {
    if error.kind() == io::ErrorKind::TimedOut {
        return Err(Arc::new(LogError::Unknown(error.to_string())));
    }
    Err(Arc::new(LogError::Unknown(format!(
        "the process that writes this ledger is gone ({error})"
    ))))
}
