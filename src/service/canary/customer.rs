//! The invented customer of a planted test: shaped as the firm's own, and known to nobody.

use super::bank::BankLine;
use crate::domain::jurisdiction::Channel;
use crate::domain::profile::Profile;
use crate::error::{Error, Kind, Result};
use crate::ledger::keys::random;
use crate::service::home::workspace::Workspace;
use crate::service::intake;
use crate::service::review::{history, queue};
use serde_json::{Map, Value, json};

const GIVEN: [&str; 16] = [
    "Nora", "Felix", "Ines", "Jonas", "Clara", "Marcus", "Elena", "Tobias", "Ruth", "Samuel",
    "Alma", "Peter", "Lydia", "Victor", "Hanna", "Oscar",
];
const FAMILY: [&str; 16] = [
    "Whitfield",
    "Marlow",
    "Brennan",
    "Castell",
    "Dunmore",
    "Ellery",
    "Farrow",
    "Garland",
    "Hollis",
    "Iverson",
    "Jarrett",
    "Kessler",
    "Lindgren",
    "Mercer",
    "Norwood",
    "Ostrander",
];

/// Tries at an id that nobody has.
const TRIES: usize = 50;

/// How ids look where no run is on record.
const SHAPE: &str = "C-00000";

/// A profile that nobody has. What the line says of the customer counts before what is invented.
///
/// # Errors
/// The line names a customer whom the record knows, or fields that are none.
pub(super) fn invented(workspace: &Workspace, line: &BankLine) -> Result<Profile> {
    let mut fields = line.customer.clone();
    let own = ["user_id", "id", "customer_id"]
        .iter()
        .any(|name| fields.contains_key(*name));
    let [given, family, age, page] = dice()?;
    let (given, family) = (GIVEN[given % 16], FAMILY[family % 16]);
    let place = line.place.as_deref().unwrap_or("US");
    let mut or = |name: &str, value: Value| {
        fields.entry(name).or_insert(value);
    };
    or("name", format!("{given} {family}").into());
    or("channel", line.channel.as_str().into());
    or("jurisdiction", place.into());
    if let Some(product) = &line.product {
        or("viewed_page", product.as_str().into());
    }
    or(
        "form_started",
        if page % 2 == 0 { "yes" } else { "no" }.into(),
    );
    or("consents", json!({line.channel.as_str(): true}));
    or("age", (25 + age % 45).into());
    if let Some(zone) = zone_of(place) {
        or("time_zone", zone.into());
    }
    match line.channel {
        Channel::Email => {
            let address = format!("{given}.{family}@example.com").to_lowercase();
            or("email", address.into());
        }
        Channel::Sms | Channel::Push => {
            or("phone", format!("+1 302 555 01{:02}", age % 100).into());
        }
    }
    if own {
        return fresh(workspace, &fields)?.ok_or_else(|| {
            Error::new(Kind::Input, "customer: the record knows this customer")
                .fix("leave the id out: a planted test has an invented customer, never a real one")
        });
    }
    let shape = shape(workspace)?;
    for _ in 0..TRIES {
        fields.insert("user_id".into(), like(&shape, dice::<8>()?).into());
        if let Some(profile) = fresh(workspace, &fields)? {
            return Ok(profile);
        }
    }
    Err(Error::new(Kind::Input, "no free customer id was found")
        .fix("give one in the line: \"customer\": {\"user_id\": …}"))
}

/// The profile, unless the record knows its customer.
fn fresh(workspace: &Workspace, fields: &Map<String, Value>) -> Result<Option<Profile>> {
    let profile = intake::profile_at(&Value::Object(fields.clone()), "customer")?;
    let known = workspace.ledger()?.pseudonym(&profile.id)?;
    Ok(known.is_none().then_some(profile))
}

/// How the firm's own ids look: that of the newest run.
fn shape(workspace: &Workspace) -> Result<String> {
    let newest = queue::page(workspace, u64::MAX, 1)?;
    let run = newest.first().map(|row| history::load(workspace, &row.run));
    Ok(match run {
        Some(Ok(run)) if run.profile.id.contains(|c: char| c.is_ascii_digit()) => run.profile.id,
        _ => SHAPE.into(),
    })
}

/// Another id of the same shape: its digits are thrown anew.
fn like(shape: &str, dice: [usize; 8]) -> String {
    let mut at = 0;
    shape
        .chars()
        .map(|c| {
            if !c.is_ascii_digit() {
                return c;
            }
            at += 1;
            let digit = (dice[at % dice.len()] + at) % 10;
            // An id that begins with another number of digits would be told at a glance.
            let digit = if at == 1 && c != '0' {
                digit.max(1)
            } else {
                digit
            };
            char::from(b'0' + u8::try_from(digit).unwrap_or(0))
        })
        .collect()
}

fn dice<const N: usize>() -> Result<[usize; N]> {
    let bytes: [u8; N] = random().map_err(|e| Error::of(Kind::Io, e))?;
    Ok(bytes.map(usize::from))
}

fn zone_of(place: &str) -> Option<&'static str> {
    match place {
        "US" => Some("America/New_York"),
        "UK" => Some("Europe/London"),
        "DE" => Some("Europe/Berlin"),
        "FR" => Some("Europe/Paris"),
        "IE" => Some("Europe/Dublin"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_keeps_its_shape() {
        let made = like("C-20417", [9, 3, 200, 14, 77, 5, 1, 0]);
        assert_eq!(made.len(), 7);
        assert!(made.starts_with("C-") && !made.starts_with("C-0"));
        assert!(made[2..].chars().all(|c| c.is_ascii_digit()));
    }
}
