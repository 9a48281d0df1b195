//! A small witness that follows C2SP tlog-witness and tlog-cosignature (the Ed25519 kind) to the letter: it remembers the
//! newest checkpoint of each log it knows, cosigns what goes on from it, and nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use echovoice::ledger::checkpoint::{Checkpoint, open_note};
use echovoice::ledger::keys::{PublicKey, SigningKey};
use echovoice::ledger::tree::node;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

const NAME: &str = "witness.example/w1";
type Hash = [u8; 32];

/// What it knows: keys of logs, and the newest checkpoint that it cosigned of each, by origin.
#[derive(Default)]
pub struct Known {
    pub logs: BTreeMap<String, PublicKey>,
    pub seen: BTreeMap<String, (u64, Hash)>,
}

pub struct Witness {
    pub url: String,
    pub vkey: String,
    pub known: Arc<Mutex<Known>>,
}

fn id(key: &SigningKey) -> [u8; 4] {
    let raw = STANDARD.decode(key.public().to_text()).unwrap();
    let digest: Hash = Sha256::digest([NAME.as_bytes(), b"\n\x04", &raw].concat()).into();
    [digest[0], digest[1], digest[2], digest[3]]
}

impl Witness {
    pub fn start(seed: u8) -> Self {
        let key = SigningKey::from_seed([seed; 32]);
        let raw = STANDARD.decode(key.public().to_text()).unwrap();
        let encoded = STANDARD.encode([vec![4], raw].concat());
        let vkey = format!("{NAME}+{}+{encoded}", hex::encode(id(&key)));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let known: Arc<Mutex<Known>> = Arc::default();
        let shared = known.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                answer(&stream, &key, &shared);
            }
        });
        Self { url, vkey, known }
    }
}

fn answer(stream: &TcpStream, key: &SigningKey, known: &Mutex<Known>) {
    let mut input = BufReader::new(stream);
    let mut first = String::new();
    input.read_line(&mut first).unwrap();
    let mut length = 0;
    loop {
        let mut line = String::new();
        input.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    input.read_exact(&mut body).unwrap();
    let body = String::from_utf8(body).unwrap();
    let (status, kind, text) = if first.starts_with("POST /add-checkpoint ") {
        add_checkpoint(&body, key, &mut known.lock().unwrap())
    } else {
        (404, "text/plain", String::new())
    };
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        text.len()
    );
    let mut out = stream;
    out.write_all((head + &text).as_bytes()).unwrap();
}

/// Status, content type and body of the answer to one request.
pub fn add_checkpoint(
    body: &str,
    key: &SigningKey,
    known: &mut Known,
) -> (u16, &'static str, String) {
    let no = |status| (status, "text/plain", String::new());
    let Some((head, note)) = body.split_once("\n\n") else {
        return no(400);
    };
    let mut lines = head.lines();
    let old: Option<u64> = lines.next().and_then(|line| {
        let digits = line.strip_prefix("old ")?;
        let old: u64 = digits.parse().ok()?;
        (old.to_string() == digits).then_some(old)
    });
    let proof: Option<Vec<Hash>> = lines
        .map(|line| STANDARD.decode(line).ok()?.try_into().ok())
        .collect();
    let (Some(old), Some(proof)) = (old, proof) else {
        return no(400);
    };
    if proof.len() > 63 {
        return no(400);
    }
    let origin = note.lines().next().unwrap_or_default();
    let Some(log) = known.logs.get(origin) else {
        return no(404);
    };
    let Ok(checkpoint) = Checkpoint::open(note, log) else {
        return no(403);
    };
    if old > checkpoint.size {
        return no(400);
    }
    let seen = known.seen.get(origin).copied();
    let (latest, root) = seen.unwrap_or((0, [0; 32]));
    if old != latest {
        return (409, "text/x.tlog.size", format!("{latest}\n"));
    }
    let holds = if old == 0 {
        proof.is_empty()
    } else if old == checkpoint.size {
        proof.is_empty() && root == checkpoint.root
    } else {
        goes_on((old, root), (checkpoint.size, checkpoint.root), &proof)
    };
    if !holds {
        return no(422);
    }
    known
        .seen
        .insert(origin.to_owned(), (checkpoint.size, checkpoint.root));
    let text = open_note(note, log).unwrap();
    let time = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let signature = key.sign(format!("cosignature/v1\ntime {time}\n{text}").as_bytes());
    let mut bytes = id(key).to_vec();
    bytes.extend(time.to_be_bytes());
    bytes.extend(signature);
    let line = format!("\u{2014} {NAME} {}\n", STANDARD.encode(bytes));
    (200, "text/plain", line)
}

/// RFC 9162, section 2.1.4.2.
fn goes_on((old, first): (u64, Hash), (size, second): (u64, Hash), proof: &[Hash]) -> bool {
    let mut path = proof.to_vec();
    if path.is_empty() {
        return false;
    }
    if old.is_power_of_two() {
        path.insert(0, first);
    }
    let (mut fnode, mut snode) = (old - 1, size - 1);
    while fnode & 1 == 1 {
        (fnode, snode) = (fnode >> 1, snode >> 1);
    }
    let (mut one, mut two) = (path[0], path[0]);
    for hash in &path[1..] {
        if snode == 0 {
            return false;
        }
        if fnode & 1 == 1 || fnode == snode {
            (one, two) = (node(hash, &one), node(hash, &two));
            while fnode & 1 == 0 && fnode != 0 {
                (fnode, snode) = (fnode >> 1, snode >> 1);
            }
        } else {
            two = node(&two, hash);
        }
        (fnode, snode) = (fnode >> 1, snode >> 1);
    }
    one == first && two == second && snode == 0
}
