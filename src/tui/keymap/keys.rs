//! The keys in force: the table, with what the user has bound otherwise.

use super::{Binding, DeskCommand, KeyScope, TABLE, name_of};
use crossterm::event::KeyEvent;
use std::collections::BTreeMap;

/// One key of one screen.
#[derive(Clone, Debug)]
pub struct KeyRow {
    pub binding: &'static Binding,
    /// As [`name_of`] writes it.
    pub key: String,
}

/// All keys in force.
#[derive(Clone, Debug)]
pub struct Keys(Vec<KeyRow>);

impl Default for Keys {
    fn default() -> Self {
        let row = |binding: &'static Binding| KeyRow {
            binding,
            key: binding.key.to_owned(),
        };
        Self(TABLE.iter().map(row).collect())
    }
}

/// Names of keys that are no single character.
const NAMED: [&str; 15] = [
    "Space",
    "Enter",
    "Esc",
    "Tab",
    "BackTab",
    "Up",
    "Down",
    "Left",
    "Right",
    "PgUp",
    "PgDn",
    "Home",
    "End",
    "Backspace",
    "Shift-Tab",
];

/// `[keys]` of the settings cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyTableError {
    #[error("[keys] {0} is no command; `echovoice keys --json` lists them")]
    UnknownCommand(String),
    #[error(
        "[keys] {command}: {key:?} is no key; write a character, Ctrl-X, or one of {}",
        NAMED.join(" ")
    )]
    UnknownKey { command: String, key: String },
    #[error("[keys] {key} is both {one} and {other} ({scope})")]
    Clash {
        key: String,
        one: String,
        other: String,
        scope: &'static str,
    },
}

impl Keys {
    /// The table with other keys for some commands, by the command's id.
    ///
    /// # Errors
    /// A command or key that is none, or two commands on one key.
    pub fn with(own: &BTreeMap<String, Vec<String>>) -> Result<Self, KeyTableError> {
        let mut keys = Self::default();
        for (id, wanted) in own {
            let command = TABLE
                .iter()
                .map(|binding| binding.command)
                .find(|command| command.id() == *id)
                .ok_or_else(|| KeyTableError::UnknownCommand(id.clone()))?;
            let mut names = Vec::new();
            for name in wanted {
                names.push(key_named(name).ok_or_else(|| KeyTableError::UnknownKey {
                    command: id.clone(),
                    key: name.clone(),
                })?);
            }
            keys.rebind(command, &names);
        }
        keys.clash(own).map_or(Ok(keys), Err)
    }

    /// In each scope where a command has keys it gets these instead.
    fn rebind(&mut self, command: DeskCommand, names: &[String]) {
        let mut out = Vec::new();
        let mut done: Vec<KeyScope> = Vec::new();
        for row in std::mem::take(&mut self.0) {
            if row.binding.command != command {
                out.push(row);
            } else if !done.contains(&row.binding.scope) {
                done.push(row.binding.scope);
                out.extend(names.iter().map(|key| KeyRow {
                    binding: row.binding,
                    key: key.clone(),
                }));
            }
        }
        self.0 = out;
    }

    /// Two commands on one key of one screen, one of them bound by the user.
    fn clash(&self, own: &BTreeMap<String, Vec<String>>) -> Option<KeyTableError> {
        for (index, a) in self.0.iter().enumerate() {
            for b in &self.0[index + 1..] {
                let (one, other) = (a.binding, b.binding);
                let meets = one.scope == other.scope
                    || one.scope == KeyScope::Everywhere
                    || other.scope == KeyScope::Everywhere;
                let bound =
                    own.contains_key(&one.command.id()) || own.contains_key(&other.command.id());
                if a.key == b.key && one.command != other.command && meets && bound {
                    return Some(KeyTableError::Clash {
                        key: a.key.clone(),
                        one: one.command.id(),
                        other: other.command.id(),
                        scope: other.scope.title(),
                    });
                }
            }
        }
        None
    }

    pub fn rows(&self) -> &[KeyRow] {
        &self.0
    }

    /// The command of a key press: the screen's own before everywhere's.
    pub fn command(&self, scope: KeyScope, event: &KeyEvent) -> Option<DeskCommand> {
        let name = name_of(event);
        let find = |scope: KeyScope| {
            let mut rows = self.0.iter();
            rows.find(|row| row.binding.scope == scope && row.key == name)
                .map(|row| row.binding.command)
        };
        find(scope).or_else(|| find(KeyScope::Everywhere))
    }

    /// Commands of a scope once each, with all their keys.
    pub fn listed(&self, scope: KeyScope) -> Vec<(&'static Binding, Vec<&str>)> {
        let mut out: Vec<(&'static Binding, Vec<&str>)> = Vec::new();
        for row in self.0.iter().filter(|row| row.binding.scope == scope) {
            match out
                .iter_mut()
                .find(|(known, _)| known.help == row.binding.help)
            {
                Some((_, keys)) => keys.push(&row.key),
                None => out.push((row.binding, vec![&row.key])),
            }
        }
        out
    }

    /// The key section of the manual, as Markdown.
    pub fn markdown(&self) -> String {
        let mut out = String::new();
        for scope in KeyScope::ALL {
            out.push_str(&format!(
                "**{}**\n\n| key | action |\n| --- | --- |\n",
                scope.title()
            ));
            for (binding, keys) in self.listed(scope) {
                let shown: Vec<String> = keys
                    .iter()
                    .map(|key| format!("`{}`", if *key == "BackTab" { "Shift-Tab" } else { key }))
                    .collect();
                out.push_str(&format!("| {} | {} |\n", shown.join(", "), binding.help));
            }
            out.push('\n');
        }
        out
    }
}

/// A key as the table writes it, if it is one.
fn key_named(name: &str) -> Option<String> {
    if name == "Shift-Tab" {
        return Some("BackTab".into());
    }
    if NAMED.contains(&name) {
        return Some(name.to_owned());
    }
    let (control, rest) = match name.strip_prefix("Ctrl-") {
        Some(rest) => (true, rest),
        None => (false, name),
    };
    let mut letters = rest.chars();
    let letter = letters
        .next()
        .filter(|c| !c.is_control() && !c.is_whitespace())?;
    if letters.next().is_some() {
        return None;
    }
    match control {
        true if letter.is_ascii_alphabetic() => {
            Some(format!("Ctrl-{}", letter.to_ascii_uppercase()))
        }
        true => None,
        false => Some(letter.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::{KeyCode, KeyModifiers};

    fn own(rows: &[(&str, &[&str])]) -> BTreeMap<String, Vec<String>> {
        rows.iter()
            .map(|(id, keys)| {
                (
                    (*id).to_owned(),
                    keys.iter().map(|k| (*k).to_owned()).collect(),
                )
            })
            .collect()
    }

    #[test]
    fn a_command_moves_to_another_key_on_every_screen_and_leaves_the_old_one() {
        let keys = Keys::with(&own(&[("claim", &["t", "ctrl-x"])]));
        assert!(
            keys.unwrap_err()
                .to_string()
                .contains("\"ctrl-x\" is no key")
        );
        let keys = Keys::with(&own(&[("claim", &["t", "Ctrl-K"])])).unwrap();
        let press = |c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE);
        for scope in [KeyScope::Queue, KeyScope::Review] {
            assert_eq!(keys.command(scope, &press('t')), Some(DeskCommand::Claim));
            assert_eq!(keys.command(scope, &press('a')), None);
        }
        let control = KeyEvent::new(KeyCode::Char('k'), KeyModifiers::CONTROL);
        assert_eq!(
            keys.command(KeyScope::Queue, &control),
            Some(DeskCommand::Claim)
        );
        assert!(keys.markdown().contains("| `t`, `Ctrl-K` | take the run"));
    }

    #[test]
    fn an_unknown_command_and_a_clash_are_named() {
        let problem = |rows: &[(&str, &[&str])]| Keys::with(&own(rows)).unwrap_err().to_string();
        assert!(problem(&[("aprove", &["t"])]).contains("aprove is no command"));
        let clash = problem(&[("claim", &["o"])]);
        assert!(clash.contains("o is both claim and comment"), "{clash}");
        let everywhere = problem(&[("claim", &["q"])]);
        assert!(everywhere.contains("claim and quit"), "{everywhere}");
        // Two that change places do not clash.
        assert!(Keys::with(&own(&[("claim", &["o"]), ("comment", &["a"])])).is_ok());
    }
}
