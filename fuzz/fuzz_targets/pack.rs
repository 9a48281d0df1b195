//! A pack file of any bytes is read or refused, and what is read compiles or is refused.
#![no_main]

use echovoice::rules::{Pack, RuleBook};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(pack) = Pack::parse(text) {
        let _ = RuleBook::compile(std::slice::from_ref(&pack), []);
    }
});
