//! The vocabulary of facts: one table, `assets/facts.txt`, for the reader, the printed list and the schema.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What a value may be. `null` is allowed for every key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Bool,
    Number,
    Text,
    Date,
    List,
    Object,
}

impl Type {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "bool" => Self::Bool,
            "number" => Self::Number,
            "text" => Self::Text,
            "date" => Self::Date,
            "list" => Self::List,
            "object" => Self::Object,
            _ => return None,
        })
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bool => "yes or no",
            Self::Number => "number",
            Self::Text => "text",
            Self::Date => "date",
            Self::List => "list",
            Self::Object => "object",
        }
    }
}

/// Which of two values is the stricter one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stricter {
    /// No order, and nothing that sending depends on.
    Neither,
    /// No order, but sending depends on the key.
    Care,
    /// Any value over none: a day of an opt-out.
    Value,
    No,
    Yes,
    /// The lower number.
    Least,
}

/// One key of the vocabulary.
#[derive(Clone, Debug)]
pub struct VocabularyEntry {
    /// `apr`, or `consent.written` for a field of an object.
    pub key: &'static str,
    pub group: &'static str,
    pub types: Vec<Type>,
    /// `%`, `money`, `count`, `years`, `days`; `id` for digits that are no quantity; empty for none.
    pub unit: &'static str,
    pub stricter: Stricter,
    /// A bare text in the place of the object is this field.
    pub is_main: bool,
    /// Other names that exports give it.
    pub also: Vec<&'static str>,
    pub meaning: &'static str,
}

impl VocabularyEntry {
    pub fn takes(&self, kind: Type) -> bool {
        self.types.contains(&kind)
    }

    /// Whether sending depends on it: what is nearly this key, or no value of it, asks for a person.
    pub fn is_safety(&self) -> bool {
        self.stricter != Stricter::Neither
    }

    /// `number, %` or `text or date`.
    pub fn expects(&self) -> String {
        let names: Vec<&str> = self.types.iter().map(|kind| kind.as_str()).collect();
        names.join(" or ")
    }
}

const TABLE: &str = include_str!("../../../assets/facts.txt");

static ENTRIES: LazyLock<Vec<VocabularyEntry>> = LazyLock::new(|| {
    let mut group = "";
    let mut entries = Vec::new();
    for line in TABLE.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            group = name;
        } else if !line.starts_with('#') {
            entries.extend(entry(line, group));
        }
    }
    entries
});

fn entry(line: &'static str, group: &'static str) -> Option<VocabularyEntry> {
    let cells: Vec<&'static str> = line.split('|').map(str::trim).collect();
    let &[key, types, unit, stricter, also, meaning] = cells.as_slice() else {
        return None;
    };
    Some(VocabularyEntry {
        key,
        group,
        types: types.split_whitespace().filter_map(Type::parse).collect(),
        unit,
        stricter: match stricter {
            "care" => Stricter::Care,
            "value" => Stricter::Value,
            "no" => Stricter::No,
            "yes" => Stricter::Yes,
            "least" => Stricter::Least,
            _ => Stricter::Neither,
        },
        is_main: types.split_whitespace().any(|word| word == "main"),
        also: also
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .collect(),
        meaning,
    })
}

/// Names as they are compared: case, `_`, `-`, `.` and spaces do not count.
pub fn folded(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// By folded name; a field of an object is found under `object.` and its own folded name.
static BY_NAME: LazyLock<BTreeMap<(String, String), usize>> = LazyLock::new(|| {
    let mut names = BTreeMap::new();
    for own_names in [true, false] {
        for (index, entry) in ENTRIES.iter().enumerate() {
            let (object, field) = entry.key.split_once('.').unwrap_or(("", entry.key));
            let written = if own_names {
                vec![field]
            } else {
                entry.also.clone()
            };
            for name in written {
                names
                    .entry((object.to_owned(), folded(name)))
                    .or_insert(index);
            }
        }
    }
    names
});

/// All keys, fields of objects right after their object, in the order of the table.
pub fn all() -> &'static [VocabularyEntry] {
    &ENTRIES
}

/// The entry of a key as the vocabulary writes it.
pub fn exactly(key: &str) -> Option<&'static VocabularyEntry> {
    let (object, field) = key.split_once('.').unwrap_or(("", key));
    let index = BY_NAME.get(&(object.to_owned(), folded(field)))?;
    ENTRIES.get(*index).filter(|entry| entry.key == key)
}

/// The entry that a name means, written in any way that is known. `object` is empty for a key of its own.
pub fn named(object: &str, name: &str) -> Option<&'static VocabularyEntry> {
    let index = BY_NAME.get(&(object.to_owned(), folded(name)))?;
    ENTRIES.get(*index)
}

/// The fields of an object; none if it has no known ones.
pub fn fields(object: &str) -> impl Iterator<Item = &'static VocabularyEntry> {
    ENTRIES.iter().filter(move |entry| {
        entry
            .key
            .split_once('.')
            .is_some_and(|(whole, _)| whole == object)
    })
}

/// Whether a bare text in the place of the object is this field.
pub fn is_main_field(object: &str, field: &str) -> bool {
    fields(object).any(|entry| {
        entry.is_main
            && entry
                .key
                .split_once('.')
                .is_some_and(|(_, own)| own == field)
    })
}

/// The key that a name is nearly: one slip of the hand in a short name, two in a long one.
pub fn nearly(object: &str, name: &str) -> Option<&'static VocabularyEntry> {
    let wanted = folded(name);
    let length = wanted.chars().count();
    let slips = match length {
        0..=3 => return None,
        4..=7 => 1,
        _ => 2,
    };
    BY_NAME
        .iter()
        .filter(|((whole, known), _)| whole == object && known.chars().count() >= 3)
        // Different by one letter is too little to tell short words apart.
        .filter(|((_, known), _)| known.chars().count() > 3 || length > 3)
        .map(|((_, known), index)| (known, strsim::damerau_levenshtein(known, &wanted), *index))
        .filter(|(known, distance, index)| {
            // Two slips are for the key itself; its other names are many, and close to free keys.
            let is_own = ENTRIES.get(*index).is_some_and(|entry| {
                let field = entry
                    .key
                    .rsplit_once('.')
                    .map_or(entry.key, |(_, field)| field);
                folded(field) == **known
            });
            (1..=if is_own { slips } else { 1 }).contains(distance)
        })
        .map(|(_, distance, index)| (distance, index))
        .min()
        .and_then(|(_, index)| ENTRIES.get(index))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        let written = TABLE
            .lines()
            .filter(|l| !l.starts_with(['#', '[']) && !l.trim().is_empty())
            .count();
        assert_eq!(all().len(), written);
        for entry in all() {
            assert!(
                !entry.types.is_empty() && !entry.meaning.is_empty(),
                "{}",
                entry.key
            );
            assert!(exactly(entry.key).is_some(), "{}", entry.key);
        }
        let mut own: Vec<String> = all().iter().map(|e| e.key.to_owned()).collect();
        own.dedup();
        assert_eq!(own.len(), written);
    }

    #[test]
    fn names_are_found_in_any_spelling_and_nearly() {
        for name in [
            "postal-address",
            "PostalAddress",
            "POSTAL ADDRESS",
            "postal_address",
        ] {
            assert_eq!(named("", name).unwrap().key, "postal_address");
        }
        for (name, key) in [
            ("priice", "price"),
            ("aprr", "apr"),
            ("consent_emial", "consent_email"),
            ("objectd_at", "objected_at"),
            ("opted_outat_", "opted_out_at"),
        ] {
            let found = named("", name).or_else(|| nearly("", name)).unwrap();
            assert_eq!(found.key, key, "{name}");
        }
        for name in [
            "opt_out_days",
            "weeks",
            "fund_families",
            "tty",
            "prices_compared",
            "n",
        ] {
            assert!(nearly("", name).is_none(), "{name}");
        }
        assert_eq!(
            named("consent", "revokedAt").unwrap().key,
            "consent.revoked_at"
        );
    }
}
