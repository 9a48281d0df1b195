//! A phrase of any text is read or refused, and what a lexicon of it reads stands inside the text.
#![no_main]

use echovoice::claims::phrase;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = phrase::parse(text);
});
