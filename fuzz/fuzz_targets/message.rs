//! A message of any shape is read or refused; what is read goes through the personal-data engine.
#![no_main]

use echovoice::pii::Scanner;
use echovoice::service::check;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mail = check::read_eml(text.as_bytes());
    let mut messages = vec![mail];
    if let Ok(noted) = serde_json::from_str::<echovoice::text::json::Noted>(text) {
        messages.extend(check::from_json(&noted));
    }
    for message in messages {
        for (_, part) in message.parts() {
            for hit in Scanner::default().scan(part) {
                assert!(part.get(hit.start..hit.end).is_some());
            }
        }
    }
});
