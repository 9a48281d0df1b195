//! A small SMTP server that keeps what it accepts, with STARTTLS and a login, and that can be told to be difficult.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What it does with the next message instead of taking it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// 550 to the recipient.
    No,
    /// 451 to the recipient.
    Later,
    /// This to the recipient.
    Says(&'static str),
    /// This to the text, once it is in.
    SaysToText(&'static str),
    /// Takes the text and closes without an answer.
    Silent,
}

/// Where a session stands when the watcher is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Recipient,
    /// The text is in; the answer is not out.
    Text,
    /// The answer is out.
    Answered,
}

#[derive(Default)]
pub struct Kept {
    /// Messages that were taken, in order.
    pub messages: Vec<String>,
    pub moods: VecDeque<Mood>,
    pub logins: Vec<String>,
    /// Offers SMTPUTF8.
    pub letters: bool,
    /// What was said to MAIL and RCPT.
    pub envelopes: Vec<String>,
    /// Said to MAIL instead of yes.
    pub to_sender: Option<&'static str>,
    /// Said to a login instead of yes.
    pub to_login: Option<&'static str>,
}

type Watch = Box<dyn Fn(Phase, usize) + Send + Sync>;

pub struct SmtpServer {
    pub port: u16,
    pub kept: Arc<Mutex<Kept>>,
    pub watch: Arc<Mutex<Option<Watch>>>,
}

impl SmtpServer {
    /// What it does with the next messages, one after the other.
    pub fn will(&self, moods: impl IntoIterator<Item = Mood>) {
        self.kept.lock().unwrap().moods.extend(moods);
    }

    /// Listens on this machine; with TLS it takes nothing in the open.
    pub fn start(tls: Option<Arc<rustls::ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            kept: Arc::default(),
            watch: Arc::default(),
        };
        let (kept, watch) = (server.kept.clone(), server.watch.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, watch, tls) = (kept.clone(), watch.clone(), tls.clone());
                // A client that goes away ends its session.
                std::thread::spawn(move || drop(serve(stream, tls, &kept, &watch)));
            }
        });
        server
    }

    /// Ids of the messages that were taken.
    pub fn ids(&self) -> Vec<String> {
        let kept = self.kept.lock().unwrap();
        let id = |message: &String| {
            let line = message
                .lines()
                .find_map(|line| line.strip_prefix("Message-ID: <"));
            line.and_then(|line| line.split('@').next())
                .unwrap_or_default()
                .to_owned()
        };
        kept.messages.iter().map(id).collect()
    }
}

fn serve(
    mut stream: TcpStream,
    tls: Option<Arc<rustls::ServerConfig>>,
    kept: &Mutex<Kept>,
    watch: &Mutex<Option<Watch>>,
) -> std::io::Result<()> {
    stream.write_all(b"220 localhost ready\r\n")?;
    let Some(config) = tls else {
        let mut stream = BufReader::new(stream);
        return session(&mut stream, kept, watch, true);
    };
    let mut open = BufReader::new(stream);
    if !greet(&mut open)? {
        return Ok(());
    }
    let session_of = rustls::ServerConnection::new(config).map_err(std::io::Error::other)?;
    let secure = rustls::StreamOwned::new(session_of, open.into_inner());
    session(&mut BufReader::new(secure), kept, watch, false)
}

/// Until STARTTLS.
fn greet(stream: &mut BufReader<TcpStream>) -> std::io::Result<bool> {
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Ok(false);
        }
        let answer: &[u8] = match line.get(..4).unwrap_or_default().to_uppercase().as_str() {
            "EHLO" => b"250-localhost\r\n250 STARTTLS\r\n",
            "STAR" => b"220 go on\r\n",
            _ => b"530 5.7.0 Must issue a STARTTLS command first\r\n",
        };
        stream.get_mut().write_all(answer)?;
        if line.to_uppercase().starts_with("STARTTLS") {
            return Ok(true);
        }
    }
}

fn session<S: Read + Write>(
    stream: &mut BufReader<S>,
    kept: &Mutex<Kept>,
    watch: &Mutex<Option<Watch>>,
    open: bool,
) -> std::io::Result<()> {
    let told = |phase: Phase| {
        let count = kept.lock().unwrap().messages.len();
        if let Some(watch) = &*watch.lock().unwrap() {
            watch(phase, count);
        }
    };
    let mut mood = None;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let answer = match line.get(..4).unwrap_or_default().to_uppercase().as_str() {
            "EHLO" if open && kept.lock().unwrap().letters => {
                "250-localhost\r\n250-SMTPUTF8\r\n250 8BITMIME\r\n".to_owned()
            }
            "EHLO" if open => "250-localhost\r\n250 8BITMIME\r\n".to_owned(),
            "EHLO" => "250-localhost\r\n250-8BITMIME\r\n250 AUTH PLAIN\r\n".to_owned(),
            "AUTH" => {
                let mut kept = kept.lock().unwrap();
                kept.logins.push(line.trim().to_owned());
                format!("{}\r\n", kept.to_login.unwrap_or("235 2.7.0 ok"))
            }
            "MAIL" => {
                let mut kept = kept.lock().unwrap();
                kept.envelopes.push(line.trim().to_owned());
                format!("{}\r\n", kept.to_sender.unwrap_or("250 2.1.0 ok"))
            }
            "RCPT" => {
                {
                    let mut kept = kept.lock().unwrap();
                    kept.envelopes.push(line.trim().to_owned());
                    mood = kept.moods.pop_front();
                }
                told(Phase::Recipient);
                match mood {
                    Some(Mood::No) => format!("550 5.1.1 {} is nobody here\r\n", line.trim()),
                    Some(Mood::Later) => "451 4.3.0 try again\r\n".to_owned(),
                    Some(Mood::Says(words)) => format!("{words}\r\n"),
                    _ => "250 2.1.5 ok\r\n".to_owned(),
                }
            }
            "DATA" => {
                stream.get_mut().write_all(b"354 go on\r\n")?;
                let mut text = String::new();
                while !text.ends_with("\r\n.\r\n") {
                    if stream.read_line(&mut text)? == 0 {
                        return Ok(());
                    }
                }
                if let Some(Mood::SaysToText(words)) = mood {
                    let answer = format!("{words}\r\n");
                    stream.get_mut().write_all(answer.as_bytes())?;
                    continue;
                }
                let number = {
                    let mut kept = kept.lock().unwrap();
                    kept.messages.push(text);
                    kept.messages.len()
                };
                told(Phase::Text);
                if mood == Some(Mood::Silent) {
                    return Ok(());
                }
                let answer = format!("250 2.0.0 Ok: queued as Q{number}\r\n");
                stream.get_mut().write_all(answer.as_bytes())?;
                stream.get_mut().flush()?;
                told(Phase::Answered);
                continue;
            }
            "QUIT" => {
                stream.get_mut().write_all(b"221 2.0.0 bye\r\n")?;
                return Ok(());
            }
            _ => "250 2.0.0 ok\r\n".to_owned(),
        };
        stream.get_mut().write_all(answer.as_bytes())?;
        stream.get_mut().flush()?;
    }
}
