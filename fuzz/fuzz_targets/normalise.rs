//! Every view of any text maps back to character borders of the original.
#![no_main]

use echovoice::text::view;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for view in view::views(text) {
        for (from, to) in &view.sentences {
            let (start, end) = view.mapped.original(*from, *to);
            assert!(text.get(start..end).is_some());
        }
    }
});
