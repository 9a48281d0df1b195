//! What reaches the terminal: text from outside is sanitised, JSON is one value a line.

use crate::error::Error;
use crate::text::hidden;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::io::{self, IsTerminal as _, Write as _};

/// Standard output and error of a command.
pub struct Out {
    json: bool,
    out: io::BufWriter<io::Stdout>,
}

impl Out {
    pub fn new(json: bool) -> Self {
        Self {
            json,
            out: io::BufWriter::new(io::stdout()),
        }
    }

    /// A line of text; whatever it holds from outside is made harmless.
    pub fn line(&mut self, text: &str) {
        // A closed pipe is the reader's choice.
        let _ = writeln!(self.out, "{}", hidden::visible(text));
    }

    /// Bytes as they are, for a file or another program; for a terminal they are made harmless.
    pub fn bytes(&mut self, bytes: &[u8]) {
        let _ = if io::stdout().is_terminal() {
            let text = String::from_utf8_lossy(bytes);
            self.out.write_all(hidden::visible(&text).as_bytes())
        } else {
            self.out.write_all(bytes)
        };
    }

    /// A JSON value on a line of its own.
    pub fn json<T: Serialize + ?Sized>(&mut self, value: &T) {
        if serde_json::to_writer(&mut self.out, value).is_ok() {
            let _ = self.out.write_all(b"\n");
        }
    }

    /// What a list did not show: nothing is left out in silence.
    pub fn left_out(&mut self, shown: usize, more: usize, how: &str) {
        if self.json {
            let of = shown + more;
            self.json(&serde_json::json!({"shown": shown, "of": of, "left_out": more}));
        } else {
            self.line(&format!("{shown} of {} are shown: {how}", shown + more));
        }
    }

    /// The error: one line on standard error, and JSON on standard output if asked for.
    pub fn error(&mut self, error: &Error) {
        if self.json {
            let value = error.to_json();
            self.json(&value);
        }
        let _ = self.out.flush();
        let _ = writeln!(
            io::stderr(),
            "error: {}",
            hidden::visible_line(&error.to_string())
        );
    }

    pub fn flush(&mut self) {
        let _ = self.out.flush();
    }
}

impl Drop for Out {
    fn drop(&mut self) {
        self.flush();
    }
}

/// A progress bar with rate and time left, on standard error when that is a terminal.
#[derive(Default)]
pub struct Progress {
    bar: Option<(&'static str, ProgressBar)>,
}

impl Progress {
    /// Shows how far something has come; another thing gets a bar of its own.
    pub fn show(&mut self, what: &'static str, done: usize, of: usize) {
        if !io::stderr().is_terminal() {
            return;
        }
        if let Some((shown, bar)) = &self.bar
            && *shown != what
        {
            bar.finish_and_clear();
            self.bar = None;
        }
        let (_, bar) = self.bar.get_or_insert_with(|| {
            let style =
                ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {per_sec} {eta}")
                    .unwrap_or_else(|_| ProgressStyle::default_bar());
            let bar = ProgressBar::new(of as u64)
                .with_style(style)
                .with_message(what);
            (what, bar)
        });
        bar.set_position(done as u64);
        if done == of {
            bar.finish_and_clear();
        }
    }
}
