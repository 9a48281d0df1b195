//! What senders' services call what happened to a message: `assets/events.toml`.

use crate::service::learning::feedback::Event;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// What a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Meaning {
    Sent,
    Opened,
    Clicked,
    Converted,
    Complained,
    OptedOut,
    /// Hard or soft, by a field of the event.
    Bounced,
    Hard,
    Soft,
    /// Not sent, for a reason that its text tells.
    Dropped,
    /// Known, and no outcome.
    Nothing,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OutcomeTable {
    event: Vec<OutcomeNames>,
    severity: OutcomeSeverity,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OutcomeNames {
    #[serde(rename = "source")]
    _source: String,
    is: BTreeMap<String, Meaning>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OutcomeSeverity {
    fields: Vec<String>,
    soft: Vec<String>,
}

/// The table, with plain names.
struct KnownEvents {
    meanings: BTreeMap<String, Meaning>,
    fields: Vec<String>,
    soft: Vec<String>,
}

/// A name in small letters and digits, without signs.
pub(super) fn plain(name: &str) -> String {
    let signs = name.chars().filter(|c| c.is_alphanumeric());
    signs.flat_map(char::to_lowercase).collect()
}

fn known() -> &'static KnownEvents {
    static KNOWN: OnceLock<KnownEvents> = OnceLock::new();
    KNOWN.get_or_init(|| {
        // The table is part of the program; a test reads it.
        let table: Option<OutcomeTable> =
            toml::from_str(include_str!("../../../../assets/events.toml")).ok();
        let mut known = KnownEvents {
            meanings: BTreeMap::new(),
            fields: Vec::new(),
            soft: Vec::new(),
        };
        if let Some(table) = table {
            let names = table.event.into_iter().flat_map(|names| names.is);
            known.meanings = names
                .map(|(name, meaning)| (plain(&name), meaning))
                .collect();
            known.fields = table
                .severity
                .fields
                .iter()
                .map(|name| plain(name))
                .collect();
            known.soft = table.severity.soft.iter().map(|name| plain(name)).collect();
        }
        known
    })
}

/// What a name means; `None` if no service of the table has it.
pub(super) fn meaning(name: &str) -> Option<Meaning> {
    known().meanings.get(&plain(name)).copied()
}

/// The outcome of an event with these fields; `None` if it is none.
pub(super) fn outcome(meaning: Meaning, fields: &[(String, String)]) -> Option<Event> {
    let bounced = |soft| {
        Some(if soft {
            Event::BouncedSoft
        } else {
            Event::BouncedHard
        })
    };
    match meaning {
        Meaning::Sent => Some(Event::Sent),
        Meaning::Opened => Some(Event::Opened),
        Meaning::Clicked => Some(Event::Clicked),
        Meaning::Converted => Some(Event::Converted),
        Meaning::Complained => Some(Event::Complained),
        // Postmark tells both ends of a suppression by one name.
        Meaning::OptedOut => {
            let ends = |(name, value): &(String, String)| {
                plain(name) == "suppresssending" && plain(value) == "false"
            };
            (!fields.iter().any(ends)).then_some(Event::OptedOut)
        }
        Meaning::Hard => bounced(false),
        Meaning::Soft => bounced(true),
        Meaning::Bounced => bounced(is_soft(fields)),
        Meaning::Dropped => Some(dropped(fields)),
        Meaning::Nothing => None,
    }
}

/// Whether a field says that it may go through another time. Of two fields that disagree the harder one holds.
fn is_soft(fields: &[(String, String)]) -> bool {
    let known = known();
    let kinds = fields.iter().filter(|(name, value)| {
        let last = plain(name.rsplit('.').next().unwrap_or_default());
        let value = plain(value);
        // `type: bounce` says what the event is, not how hard.
        known.fields.contains(&last)
            && !matches!(value.as_str(), "" | "bounce" | "bounced" | "email")
    });
    let mut kinds = kinds
        .map(|(_, value)| known.soft.contains(&plain(value)))
        .peekable();
    kinds.peek().is_some() && kinds.all(|soft| soft)
}

/// A service that drops a message says why: an earlier bounce, a complaint, a wish.
fn dropped(fields: &[(String, String)]) -> Event {
    let reason = fields
        .iter()
        .find(|(name, _)| plain(name).ends_with("reason"));
    let reason = reason
        .map(|(_, value)| value.to_lowercase())
        .unwrap_or_default();
    if reason.contains("unsubscribe") {
        Event::OptedOut
    } else if reason.contains("spam reporting") || reason.contains("complain") {
        Event::Complained
    } else {
        Event::BouncedHard
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, field: (&str, &str)) -> Option<Event> {
        outcome(meaning(name).unwrap(), &[(field.0.into(), field.1.into())])
    }

    #[test]
    fn the_table_is_read_and_names_come_in_any_writing() {
        for (name, field, event) in [
            ("unsubscribe", ("", ""), Some(Event::OptedOut)),
            ("Group_Unsubscribe", ("", ""), Some(Event::OptedOut)),
            ("spamreport", ("", ""), Some(Event::Complained)),
            ("SpamComplaint", ("", ""), Some(Event::Complained)),
            ("bounce", ("", ""), Some(Event::BouncedHard)),
            ("bounce", ("type", "blocked"), Some(Event::BouncedSoft)),
            ("bounce", ("type", "bounce"), Some(Event::BouncedHard)),
            (
                "Bounce",
                ("bounce.bounceType", "Transient"),
                Some(Event::BouncedSoft),
            ),
            (
                "Bounce",
                ("bounce.bounceType", "Permanent"),
                Some(Event::BouncedHard),
            ),
            (
                "failed",
                ("severity", "temporary"),
                Some(Event::BouncedSoft),
            ),
            (
                "failed",
                ("severity", "permanent"),
                Some(Event::BouncedHard),
            ),
            ("hardBounce", ("", ""), Some(Event::BouncedHard)),
            ("soft_bounce", ("", ""), Some(Event::BouncedSoft)),
            (
                "dropped",
                ("reason", "Unsubscribed Address"),
                Some(Event::OptedOut),
            ),
            (
                "dropped",
                ("reason", "Bounced Address"),
                Some(Event::BouncedHard),
            ),
            ("email.bounced", ("", ""), Some(Event::BouncedHard)),
            ("email.suppressed", ("", ""), Some(Event::BouncedHard)),
            ("amp_initial_open", ("", ""), Some(Event::Opened)),
            ("amp_click", ("", ""), Some(Event::Clicked)),
            ("partially_delivered", ("", ""), Some(Event::Sent)),
            ("contactUpdated", ("", ""), None),
            ("generation_failure", ("", ""), None),
            ("delivered", ("", ""), Some(Event::Sent)),
            ("group_resubscribe", ("", ""), None),
        ] {
            assert_eq!(of(name, field), event, "{name} {field:?}");
        }
        assert_eq!(meaning("liked"), None);
    }
}
