//! A mail of any bytes is read: nothing of it is lost in a panic, and every part goes through the views of the gate.
#![no_main]

use echovoice::service::check;
use echovoice::text::view;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(message) = check::from_mail(bytes) {
        for (_, part) in message.parts() {
            for view in view::views(part) {
                for (from, to) in &view.sentences {
                    let (start, end) = view.mapped.original(*from, *to);
                    assert!(part.get(start..end).is_some());
                }
            }
        }
    }
});
