//! The shown and the struck text of any page map back to character borders of its source.
#![no_main]

use echovoice::text::html;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|source: &str| {
    let shown = html::visible_text(source);
    let (start, end) = shown.original(0, shown.text().len());
    assert!(source.get(start..end).is_some());
    for range in html::struck(source) {
        assert!(source.get(range).is_some());
    }
});
