//! Changes of what is in force by an insider: made, proposed and confirmed, signed as they should be.

use super::forged::Forged;
use super::said::With as _;
use echovoice::domain::digest::Digest;
use echovoice::ledger::EntryKind;

/// A change of what is in force, or a proposal of one.
#[derive(Clone, Copy)]
pub struct StateWord<'s> {
    pub by: &'s str,
    pub is_proposed: bool,
    /// `activate`, `deactivate` or `accept`.
    pub action: &'s str,
    pub digest: &'s str,
    pub author: &'s str,
    /// The entry that proposed it, if it says one.
    pub proposal: Option<u64>,
}

/// What ann proposes, and fay wrote.
pub const PROPOSED: StateWord<'static> = StateWord {
    by: "ann",
    is_proposed: true,
    action: "activate",
    digest: "sha256:bb",
    author: "fay",
    proposal: None,
};

/// The same, made by bob as the second person.
pub fn confirmed(proposal: u64) -> StateWord<'static> {
    StateWord {
        by: "bob",
        is_proposed: false,
        proposal: Some(proposal),
        ..PROPOSED
    }
}

/// The line of the pack `house`, which asks for two persons.
pub fn line(digest: &str) -> String {
    format!("policies/active/house.toml {digest} two_persons")
}

impl Forged {
    /// What is in force with the pack `house`, which asks for two persons, by a word about it.
    pub fn state_with(&self, word: &StateWord<'_>) -> Vec<String> {
        let mut state = self.state.clone();
        state.retain(|known| !known.starts_with("policies/active/house.toml "));
        if word.action == "activate" {
            state.push(line(word.digest));
        }
        state.sort();
        state
    }

    /// A word about the pack `house`, which asks for two persons.
    pub fn say(&mut self, word: StateWord<'_>) -> u64 {
        let state = self.state_with(&word);
        self.say_state(word, state)
    }

    /// A word about what is in force, with any lines; of `accept` about no pack.
    pub fn say_state(&mut self, word: StateWord<'_>, state: Vec<String>) -> u64 {
        let accepts = word.action == "accept";
        let (kind, about, id) = if word.is_proposed {
            let id = format!("state/{}/proposed/{}", self.changes + 1, self.minute);
            (EntryKind::StateProposed, "proposal", id)
        } else {
            self.changes += 1;
            self.state.clone_from(&state);
            let kind = if accepts {
                EntryKind::HomeAccepted
            } else {
                EntryKind::PackActivated
            };
            (kind, "state", format!("state/{}", self.changes))
        };
        let hash = Digest::of(state.join("\n").as_bytes()).to_string();
        let of_pack = |text| if accepts { "none" } else { text };
        let lines = [
            ("action", word.action),
            ("pack", of_pack("house")),
            ("digest", of_pack(word.digest)),
            ("state", &hash),
            ("reason", "none"),
        ];
        self.signed(kind, (word.by, &id), (about, &lines), |entry| {
            let mut entry = entry.with("action", word.action).with("state", state);
            if !accepts {
                entry = entry
                    .with("pack", "house")
                    .with("digest", word.digest)
                    .with("author", word.author);
            }
            match word.proposal {
                Some(proposal) => entry.with("proposal", proposal),
                None => entry,
            }
        })
    }
}
