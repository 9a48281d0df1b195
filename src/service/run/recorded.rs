//! Profiles as runs of earlier versions recorded them, whose readers took more than this one does.

use crate::domain::finding::Disposition;
use crate::domain::profile::Profile;
use crate::domain::remark::{Remark, Topic};
use crate::error::{Error, Kind, Result};
use serde_json::Value;

/// Fields that are left out at most before a profile counts as unreadable.
const MOST_FIELDS: usize = 16;

/// Reads a recorded profile. A field that is not understood any more counts as not known, and keeps the message back: the
/// record is shown, and nothing is sent by it.
///
/// # Errors
/// It is no profile even without such fields.
pub(in crate::service) fn profile(recorded: &Value) -> Result<Profile> {
    let mut value = recorded.clone();
    let mut remarks = Vec::new();
    loop {
        match Profile::from_value(&value) {
            Ok(mut profile) => {
                profile.raw = recorded.clone();
                profile.remarks.append(&mut remarks);
                return Ok(profile);
            }
            Err(error) if remarks.len() < MOST_FIELDS && take_out(&mut value, &error.field) => {
                remarks.push(Remark::new(
                    Topic::Intake,
                    Disposition::Block,
                    error.field,
                    "recorded by an earlier version, and not understood by this one",
                    "counts as not known; nothing is sent: start a new run",
                ));
            }
            Err(error) => return Err(Error::new(Kind::Ledger, error.problem)),
        }
    }
}

/// Takes a field out, wherever it stands; whether it was there.
fn take_out(value: &mut Value, field: &str) -> bool {
    let Some(map) = value.as_object_mut() else {
        return false;
    };
    if map.remove(field).is_some() {
        return true;
    }
    let Some((outer, inner)) = field.split_once('.') else {
        let mut objects = map.values_mut().filter(|value| value.is_object());
        return objects.any(|value| take_out(value, field));
    };
    map.get_mut(outer)
        .is_some_and(|value| take_out(value, inner))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_an_earlier_version_took_is_shown_and_keeps_the_message_back() {
        for value in [
            json!({"user_id": "C-1", "jurisdiction": "Wakanda"}),
            json!({"user_id": "C-1", "properties": {"jurisdiction": "Wakanda"}}),
            json!({"user_id": "C-1", "jurisdiction": "Wakanda", "channel": "pigeon"}),
        ] {
            let profile = profile(&value).unwrap();
            assert_eq!(profile.raw, value);
            assert!(profile.remarks.iter().any(|r| r.asks == Disposition::Block));
        }
        assert!(
            profile(&json!({"user_id": "C-1"}))
                .unwrap()
                .remarks
                .is_empty()
        );
        assert!(profile(&json!(["C-1"])).is_err());
    }
}
