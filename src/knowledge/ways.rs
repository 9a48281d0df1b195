//! The settings of a ranking: what each is, and what holds without them.

use super::bm25::Constants;
use serde::Deserialize;

/// Passages up to which word pieces are compared unless the settings say otherwise: about 2 kB a passage on disk.
const LATE_UP_TO: usize = 200_000;

/// Whether word pieces are compared in their place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Late {
    /// Up to 200,000 passages.
    #[default]
    Auto,
    /// Always.
    On,
    /// Never.
    Off,
}

impl Late {
    /// Whether it holds for a knowledge base of so many passages.
    pub fn holds_for(self, passages: usize) -> bool {
        match self {
            Self::Auto => passages <= LATE_UP_TO,
            Self::On => true,
            Self::Off => false,
        }
    }
}

/// How passages are ranked: `[knowledge]` of the settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ways {
    /// Whether single words are compared in their place.
    pub late: Late,
    /// The constants of the ranking by words.
    pub constants: Constants,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_pieces_stop_at_the_size_that_is_told_unless_asked_for() {
        assert!(Late::Auto.holds_for(LATE_UP_TO) && !Late::Auto.holds_for(LATE_UP_TO + 1));
        assert!(Late::On.holds_for(1_000_000) && !Late::Off.holds_for(1));
    }
}
