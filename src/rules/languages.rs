//! Languages that packs read.

use super::pack::Pack;
use crate::claims::ClaimLexicon;
use std::collections::{BTreeMap, BTreeSet};

/// The languages that packs have rules in. A pack of claims alone knows some of what a language says, and not what it
/// says besides.
pub(super) fn read_by(packs: &[&Pack]) -> BTreeSet<String> {
    let with_rules = packs.iter().filter(|pack| !pack.rules.is_empty());
    with_rules
        .map(|pack| pack.head.language.to_lowercase())
        .collect()
}

/// The languages of which only claims are known, and for which product classes they were written.
pub(super) fn partly(
    packs: &[&Pack],
    languages: &BTreeSet<String>,
    lexicon: &ClaimLexicon,
) -> BTreeMap<String, BTreeSet<usize>> {
    let mut all: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for pack in packs {
        let language = pack.head.language.to_lowercase();
        if !pack.kinds.is_empty() && !languages.contains(&language) {
            let classes = pack
                .head
                .covers
                .iter()
                .filter_map(|id| lexicon.products().place(id));
            all.entry(language).or_default().extend(classes);
        }
    }
    all
}
