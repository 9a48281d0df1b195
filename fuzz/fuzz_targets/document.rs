//! A document of any bytes is read or refused, in every format that the knowledge base takes.
#![no_main]

use echovoice::knowledge;
use libfuzzer_sys::fuzz_target;
use std::path::Path;

const NAMES: [&str; 6] = ["a.md", "a.html", "a.docx", "a.pdf", "a.jsonl", "a.txt"];

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else {
        return;
    };
    let name = NAMES[usize::from(*first) % NAMES.len()];
    let read = knowledge::read_bytes(Path::new(name), rest.to_vec());
    // What is read is some document or some error, never neither.
    assert!(!read.documents.is_empty() || !read.errors.is_empty() || rest.iter().all(u8::is_ascii_whitespace) || name == "a.jsonl");
});
