//! `fields`: the table of field names that customer systems write.

use super::Answer;
use super::global::Global;
use super::output::Out;
use crate::domain::profile::systems;

pub fn run(global: &Global, out: &mut Out) -> Answer {
    for system in systems() {
        if global.json {
            out.json(&serde_json::to_value(system).unwrap_or_default());
            continue;
        }
        let checked = system.checked_on.as_deref().unwrap_or("not yet");
        out.line(&format!(
            "{}  ({}, compared: {checked})",
            system.name, system.source
        ));
        let by_scope = [
            ("refusal", &system.opt_out),
            ("consent", &system.explicit),
            ("no counts, yes does not", &system.consent),
            ("states", &system.state),
        ];
        for (what, names) in by_scope {
            for (scope, names) in names {
                out.line(&format!(
                    "  {what}, {}: {}",
                    scope.words(),
                    names.join(", ")
                ));
            }
        }
        for (what, names) in [
            ("age", &system.age),
            ("birth", &system.birth),
            ("left alone", &system.ignored),
        ] {
            if !names.is_empty() {
                out.line(&format!("  {what}: {}", names.join(", ")));
            }
        }
    }
    Answer::Done
}
