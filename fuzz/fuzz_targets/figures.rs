//! Figures, days and counts of any text are read without overflow, and stand inside the text.
#![no_main]

use echovoice::text::numbers;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for quantity in numbers::quantities(text) {
        assert!(text.get(quantity.start..quantity.end).is_some());
    }
    let _ = (numbers::first_date(text), numbers::count(text));
});
