//! The socket of a writer that may not answer: stopped, or hung on its disk.

use super::socket;
use crate::wait::{Waited, process};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

/// Waits for the other end as long as anybody is waited for, and names it.
pub(super) struct Patient<'s> {
    stream: &'s UnixStream,
    home: &'s Path,
    waited: Waited,
}

impl<'s> Patient<'s> {
    /// # Errors
    /// The connection is gone.
    pub fn on(stream: &'s UnixStream, home: &'s Path) -> io::Result<Self> {
        let waited = Waited::default();
        stream.set_read_timeout(Some(waited.step()))?;
        stream.set_write_timeout(Some(waited.step()))?;
        Ok(Self {
            stream,
            home,
            waited,
        })
    }

    fn until(
        &mut self,
        mut act: impl FnMut(&mut &'s UnixStream) -> io::Result<usize>,
    ) -> io::Result<usize> {
        loop {
            match act(&mut self.stream) {
                Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    let step = self.waited.step();
                    let who = process(other_end(self.stream));
                    self.waited.longer(step, &who, &socket(self.home))?;
                }
                done => return done,
            }
        }
    }
}

/// Number of the process at the other end.
fn other_end(stream: &UnixStream) -> Option<u32> {
    let peer = rustix::net::sockopt::socket_peercred(stream).ok()?;
    peer.pid.as_raw_nonzero().get().try_into().ok()
}

impl Read for Patient<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.until(|stream| stream.read(into))
    }
}

impl Write for Patient<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.until(|stream| stream.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn what_comes_late_is_waited_for() {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let mut patient = Patient::on(&ours, Path::new(".")).unwrap();
        let later = thread::spawn(move || {
            let mut asked = [0; 3];
            theirs.read_exact(&mut asked).unwrap();
            theirs.write_all(b"answer").unwrap();
        });
        patient.write_all(b"ask").unwrap();
        let mut answer = [0; 6];
        patient.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"answer");
        later.join().unwrap();
        assert_eq!(patient.read(&mut answer).unwrap(), 0);
    }
}
