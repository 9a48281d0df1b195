//! A program in a pseudo-terminal: what it shows, and keys for it.

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

pub struct Terminal {
    pub parser: vt100::Parser,
    pub child: Box<dyn Child + Send + Sync>,
    output: Receiver<Vec<u8>>,
    input: Box<dyn Write + Send>,
    _master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    /// Columns and rows of a colour terminal.
    pub fn spawn(command: CommandBuilder, size: (u16, u16)) -> Self {
        Self::spawn_as("xterm-256color", command, size)
    }

    /// Columns and rows of a terminal of that name.
    pub fn spawn_as(term: &str, mut command: CommandBuilder, (cols, rows): (u16, u16)) -> Self {
        let size = PtySize {
            rows,
            cols,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pty = native_pty_system().openpty(size).unwrap();
        command.env("TERM", term);
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let mut reader = pty.master.try_clone_reader().unwrap();
        let input = pty.master.take_writer().unwrap();
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 8_192];
            while let Ok(n) = reader.read(&mut bytes) {
                if n == 0 || sender.send(bytes[..n].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            parser: vt100::Parser::new(rows.try_into().unwrap(), cols.try_into().unwrap(), 0),
            child,
            output,
            input,
            _master: pty.master,
        }
    }

    /// What it writes next, if it writes anything meanwhile; the screen shows it.
    pub fn take(&mut self, wait: Duration) -> Option<Vec<u8>> {
        let bytes = self.output.recv_timeout(wait).ok()?;
        self.parser.process(&bytes);
        Some(bytes)
    }

    /// The words of the screen.
    pub fn shown(&self) -> String {
        self.parser.screen().contents()
    }

    pub fn keys(&mut self, keys: &str) {
        self.input.write_all(keys.as_bytes()).unwrap();
        self.input.flush().unwrap();
    }
}

/// A test that failed leaves nobody behind.
impl Drop for Terminal {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            drop(self.child.kill());
        }
    }
}
