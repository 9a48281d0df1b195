//! A profile of any JSON is read or refused; what is read says nothing of a consent that nobody gave.
#![no_main]

use echovoice::domain::profile::{Profile, json};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(value) = json::read(text) else {
        return;
    };
    if let Ok(profile) = Profile::from_value(&value)
        && !text.chars().any(char::is_alphanumeric)
    {
        let consents = &profile.consents;
        assert!([consents.email, consents.sms, consents.push].iter().all(|c| *c != Some(true)));
    }
});
