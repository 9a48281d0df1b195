//! What a field's name means: by the table of names that customer systems write, else by its words.

use super::leaf::{Leaf, squash};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What a consent or an opt-out is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    All,
    Email,
    Sms,
    Push,
    Profiling,
    /// A way of writing that nothing is sent by from here: fax, post, messengers.
    Other,
}

impl Scope {
    pub const SENT_BY: [Self; 3] = [Self::Email, Self::Sms, Self::Push];

    pub fn words(self) -> &'static str {
        match self {
            Self::All => "all messages",
            Self::Email => "e-mail",
            Self::Sms => "texts",
            Self::Push => "push messages",
            Self::Profiling => "profiling",
            Self::Other => "another channel",
        }
    }
}

/// What a field says by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Means {
    /// A yes is a refusal.
    OptOut(Vec<Scope>),
    /// A no is a refusal. A yes counts only where it is explicit; then in these words alone, if there are some.
    Consent {
        scopes: Vec<Scope>,
        explicit: Option<&'static [String]>,
    },
    /// As a consent, of a name that means other things as well: words that are no state are left alone.
    State(Vec<Scope>),
    Age,
    Birth,
    /// A yes says that it is a minor.
    Minor,
    /// A no says so.
    Adult,
    /// A name with a consent's words that cannot be read at all, such as `not_opted_out`.
    Unclear,
    /// Known, and nothing that counts.
    Ignored,
}

/// Names by what is written under them; `*` at the end stands for any rest.
type Names = BTreeMap<Scope, Vec<String>>;

/// One system's names.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct System {
    pub name: String,
    /// Where its names are written down.
    pub source: String,
    /// Day on which somebody compared the names with it; none if nobody has yet.
    pub checked_on: Option<String>,
    /// A yes under these is a refusal.
    #[serde(default)]
    pub opt_out: Names,
    /// A no under these is a refusal, a yes is told and does not count.
    #[serde(default)]
    pub consent: Names,
    /// A no under these is a refusal, and a yes is the customer's own consent to this channel.
    #[serde(default)]
    pub explicit: Names,
    /// The words under `explicit` that are such a consent; without them every yes is.
    #[serde(default)]
    pub explicit_words: Vec<String>,
    /// States in words, under names that mean other things elsewhere.
    #[serde(default)]
    pub state: Names,
    #[serde(default)]
    pub age: Vec<String>,
    #[serde(default)]
    pub birth: Vec<String>,
    /// Names that look like one of these and are none.
    #[serde(default)]
    pub ignored: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    system: Vec<System>,
}

/// The systems whose names are known.
#[expect(
    clippy::expect_used,
    reason = "shipped with the program, covered by a test"
)]
pub fn systems() -> &'static [System] {
    static SYSTEMS: LazyLock<Vec<System>> = LazyLock::new(|| {
        let text = include_str!("../../../assets/fields.toml");
        let file: File = toml::from_str(text).expect("the shipped table of field names");
        file.system
    });
    &SYSTEMS
}

struct Table {
    exact: BTreeMap<String, Means>,
    prefixes: Vec<(String, Means)>,
}

fn table() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(|| {
        let mut table = Table {
            exact: BTreeMap::new(),
            prefixes: Vec::new(),
        };
        for system in systems() {
            table.add_all(&system.explicit, |scopes| Means::Consent {
                scopes,
                explicit: Some(&system.explicit_words),
            });
            table.add_all(&system.opt_out, Means::OptOut);
            table.add_all(&system.consent, |scopes| Means::Consent {
                scopes,
                explicit: None,
            });
            table.add_all(&system.state, Means::State);
            for (names, means) in [
                (&system.age, Means::Age),
                (&system.birth, Means::Birth),
                (&system.ignored, Means::Ignored),
            ] {
                for name in names {
                    table.add(name, &means);
                }
            }
        }
        table
    });
    &TABLE
}

impl Table {
    fn add_all(&mut self, names: &Names, means: impl Fn(Vec<Scope>) -> Means) {
        for (scope, names) in names {
            for name in names {
                self.add(name, &means(vec![*scope]));
            }
        }
    }

    fn add(&mut self, name: &str, means: &Means) {
        match name.strip_suffix('*') {
            Some(stem) => self.prefixes.push((squash(stem), means.clone())),
            None => {
                self.exact
                    .entry(squash(name))
                    .or_insert_with(|| means.clone());
            }
        }
    }

    fn find(&self, name: &str) -> Option<&Means> {
        self.exact.get(name).or_else(|| {
            let fits = |(stem, _): &&(String, Means)| name.starts_with(stem.as_str());
            self.prefixes.iter().find(fits).map(|(_, means)| means)
        })
    }
}

/// What a leaf says by its name; none if it is about something else.
pub(super) fn means(leaf: &Leaf) -> Option<Means> {
    let whole = leaf.squashed();
    if let Some(means) = table().find(&whole) {
        return Some(means.clone());
    }
    if leaf.path.len() > 1 {
        let last = squash(leaf.last());
        let outer: String = leaf.path[..leaf.path.len() - 1]
            .iter()
            .map(|name| squash(name))
            .collect();
        // A consent as an object: what it says stands under one of these.
        if STATES.contains(&last.as_str())
            && let Some(means @ Means::Consent { .. }) = table().find(&outer)
        {
            return Some(means.clone());
        }
        // Under another object a name keeps its meaning, and says it of the channel that the object names.
        let about = super::words::scopes(&leaf.words(), &whole);
        let narrowed = |scopes: &Vec<Scope>| {
            if *scopes == [Scope::All] {
                about.clone()
            } else {
                scopes.clone()
            }
        };
        match table().find(&last) {
            Some(Means::OptOut(scopes)) => return Some(Means::OptOut(narrowed(scopes))),
            Some(Means::Consent { scopes, .. }) => {
                return Some(Means::Consent {
                    scopes: narrowed(scopes),
                    explicit: None,
                });
            }
            _ => {}
        }
    }
    super::words::means(leaf, &whole)
}

/// Names under which an object says whether a consent was given.
const STATES: [&str; 14] = [
    "status",
    "state",
    "granted",
    "given",
    "consent",
    "consented",
    "optedin",
    "subscribed",
    "agreed",
    "accepted",
    "active",
    "isactive",
    "enabled",
    "hasconsent",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_table_says_where_each_name_is_from() {
        assert!(systems().len() > 15);
        for system in systems() {
            assert!(
                system.source.starts_with("https://") || system.name == "EchoVoice",
                "{}",
                system.name
            );
            if let Some(day) = &system.checked_on {
                assert!(chrono::NaiveDate::parse_from_str(day, "%Y-%m-%d").is_ok());
            }
        }
    }
}
