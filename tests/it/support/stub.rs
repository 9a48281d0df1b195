//! A service on this machine that answers as told, one connection an answer, and keeps what it was asked.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What the service does with a request.
#[derive(Clone)]
pub enum Reply {
    /// Status, headers beside the length, body.
    With(u16, &'static str, String),
    /// Server-sent events, one after the other.
    Stream(Vec<String>),
    /// Nothing, until whoever asked gives up.
    Silence,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Request line and headers, lower case names.
    pub head: String,
    pub body: String,
}

pub struct Stub {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Stub {
    /// Answers in order; the last answer for all that come after.
    pub fn start(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = asked.clone();
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let reply = replies[number.min(replies.len() - 1)].clone();
                answer(stream.unwrap(), &reply, &kept);
            }
        });
        Self { url, asked }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn answer(stream: TcpStream, reply: &Reply, asked: &Mutex<Vec<Asked>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    asked.lock().unwrap().push(Asked {
        head,
        body: String::from_utf8(body).unwrap(),
    });
    match reply {
        Reply::With(status, headers, body) => {
            let mut stream = stream;
            // Whoever has heard enough may have closed already.
            let _ = write!(
                stream,
                "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
                body.len()
            );
        }
        Reply::Stream(pieces) => {
            let mut stream = stream;
            let _ = write!(
                stream,
                "HTTP/1.1 200 x\r\ncontent-type: text/event-stream; charset=utf-8\r\nconnection: close\r\n\r\n"
            );
            for piece in pieces {
                let _ = write!(stream, "data: {piece}\n\n");
                let _ = stream.flush();
            }
        }
        Reply::Silence => {
            let _ = reader.read_to_end(&mut Vec::new());
        }
    }
}
