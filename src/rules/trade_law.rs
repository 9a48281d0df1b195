//! What binds a trade in a place of the law that a rule cites for every trade: an airline, a bank, an insurer or a charity
//! lies outside it, or has a nearer one of its own.

use super::claimed::ClaimedProblem;
use super::pack::LegalStatus;
use crate::claims::ProductIndex;
use crate::domain::finding::Finding;
use crate::domain::jurisdiction::Jurisdiction;
use crate::text::table::TomlDate;
use serde::Deserialize;
use std::collections::BTreeSet;

/// In `rules`: the law that binds products of every class there.
pub(super) const GENERAL: &str = "general";
/// In `cite`: what the rule itself cites.
const OWN: &str = "{cite}";

/// The law of a trade, and the rules whose law it stands for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TradeLaw {
    /// Where it binds.
    pub place: Vec<Jurisdiction>,
    /// Product classes of the trade.
    pub product: Vec<String>,
    /// Rules whose law it stands for: ids, beginnings of ids that end in `*`, or `general`.
    pub rules: Vec<String>,
    /// The citation; `{cite}` in it is the rule's own, which binds as well.
    pub cite: String,
    /// Where it stands.
    pub source: String,
    /// The day somebody read it there.
    #[serde(default)]
    pub checked_on: Option<TomlDate>,
    /// How it stands.
    #[serde(default)]
    pub status: LegalStatus,
    /// What a reader should know of it: why the other law does not bind. A sentence.
    #[serde(default)]
    pub note: Option<String>,
}

impl TradeLaw {
    /// What it is called in a list: `trade US-FL household_move`.
    pub fn named(&self) -> String {
        let places: Vec<&str> = self.place.iter().map(Jurisdiction::as_str).collect();
        format!("trade {} {}", places.join(" "), self.product.join(" "))
    }

    /// Whether it stands for the law of a rule.
    pub fn is_for(&self, rule: &str) -> bool {
        self.rules
            .iter()
            .any(|known| match known.strip_suffix('*') {
                Some(beginning) => rule.starts_with(beginning),
                None => rule == known,
            })
    }

    /// Its citation, with what it stands for where that binds as well.
    pub fn before(&self, own: &str) -> String {
        self.cite.replace(OWN, own)
    }

    /// What it cites first of its own: `49 U.S.C. 41712`.
    fn provision(&self) -> &str {
        let own = self.cite.trim_start_matches(OWN);
        let own = own.trim_start_matches([';', ' ']);
        // A bracket that touches a number names a part of the provision.
        let is_end = |(at, sign): &(usize, char)| match sign {
            ';' | ',' | ':' => true,
            '(' => !own[..*at].ends_with(' '),
            _ => false,
        };
        let end = own.char_indices().find(is_end);
        let end = end.map_or(own.len(), |(at, _)| at);
        own[..end].trim_end()
    }

    /// Has a finding cite it, unless the rule does so itself.
    pub fn cite(&self, finding: &mut Finding) {
        let keeps_own = self.cite.contains(OWN);
        let (known, provision) = (&finding.citation, self.provision());
        if known.starts_with(provision) || keeps_own && known.contains(provision) {
            return;
        }
        finding.citation = self.before(&finding.citation);
        finding.source = if keeps_own && !finding.source.is_empty() {
            format!("{}; {}", self.source, finding.source)
        } else {
            self.source.clone()
        };
        if !keeps_own || self.status != LegalStatus::InForce {
            finding.legal_status = self.status;
        }
        if let Some(note) = &self.note {
            finding.why = format!("{} {note}", finding.why);
        }
    }
}

/// The laws of trades of all packs, in order of the packs: of two for one rule the first counts.
#[derive(Clone, Debug, Default)]
pub struct TradeLaws(Vec<(TradeLaw, BTreeSet<usize>)>);

impl TradeLaws {
    /// # Errors
    /// A product class that no file has.
    pub(super) fn of<'p>(
        laws: impl Iterator<Item = &'p TradeLaw>,
        products: &ProductIndex,
    ) -> Result<Self, ClaimedProblem> {
        let compiled = laws.map(|law| {
            let classes = law.product.iter().map(|name| {
                let class = products.place(name);
                class.ok_or_else(|| ClaimedProblem::UnknownClass(name.clone()))
            });
            Ok((law.clone(), classes.collect::<Result<_, _>>()?))
        });
        Ok(Self(compiled.collect::<Result<_, ClaimedProblem>>()?))
    }

    /// What stands for the law of a rule, for a product of some of these classes in a place.
    pub fn instead(
        &self,
        rule: &str,
        place: Option<&Jurisdiction>,
        classes: &BTreeSet<usize>,
    ) -> Option<&TradeLaw> {
        let place = place.filter(|_| !classes.is_empty())?;
        let holds = |(law, of): &&(TradeLaw, BTreeSet<usize>)| {
            !of.is_disjoint(classes)
                && law.place.iter().any(|scope| place.is_within(scope))
                && law.is_for(rule)
        };
        self.0.iter().find(holds).map(|(law, _)| law)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::ProductClass;

    fn law(place: &str, rules: &[&str], cite: &str) -> TradeLaw {
        TradeLaw {
            place: vec![Jurisdiction::new(place)],
            product: vec!["air".into()],
            rules: rules.iter().map(|rule| (*rule).to_owned()).collect(),
            cite: cite.into(),
            source: "govinfo.gov".into(),
            checked_on: None,
            status: LegalStatus::InForce,
            note: None,
        }
    }

    fn laws(all: &[TradeLaw]) -> Result<TradeLaws, ClaimedProblem> {
        let mut products = ProductIndex::default();
        products.add(&ProductClass {
            id: "air".into(),
            title: None,
            products: vec!["flight".into()],
            words: Vec::new(),
            says_so: false,
        });
        TradeLaws::of(all.iter(), &products)
    }

    #[test]
    fn the_first_law_of_the_trade_in_the_place_stands_for_the_rules_it_names() {
        let laws = laws(&[
            law("US-CA", &["us.ftc.255.paid"], "state"),
            law("US", &["us.ftc.*", GENERAL], "49 U.S.C. 41712"),
        ])
        .unwrap();
        let of = |rule: &str, place: &str, classes: &[usize]| {
            let place = Jurisdiction::new(place);
            let classes = classes.iter().copied().collect();
            laws.instead(rule, Some(&place), &classes)
                .map(|law| law.cite.clone())
        };
        assert_eq!(of("us.ftc.255.paid", "US-CA", &[0]).unwrap(), "state");
        let federal = Some("49 U.S.C. 41712".to_owned());
        assert_eq!(of("us.ftc.255.paid", "US", &[0]), federal);
        assert_eq!(of(GENERAL, "US-CA", &[0]), federal);
        assert_eq!(of("us.canspam.reply", "US", &[0]), None);
        assert_eq!(of("us.ftc.255.paid", "UK", &[0]), None);
        assert_eq!(of("us.ftc.255.paid", "US", &[]), None);
        let classes = BTreeSet::from([0]);
        assert!(laws.instead("us.ftc.255.paid", None, &classes).is_none());
    }

    #[test]
    fn a_class_that_no_file_has_is_named() {
        let mut unknown = law("US", &[GENERAL], "x");
        unknown.product = vec!["airr".into()];
        assert!(laws(&[unknown]).unwrap_err().to_string().contains("airr"));
    }

    #[test]
    fn what_a_rule_cites_itself_is_not_cited_again() {
        for (cite, provision) in [
            ("49 U.S.C. 41712(a); 14 CFR 399.84", "49 U.S.C. 41712"),
            (
                "{cite}; Cal. Civ. Code 1812.80-1812.98",
                "Cal. Civ. Code 1812.80-1812.98",
            ),
            ("ICOBS 2.2.2R", "ICOBS 2.2.2R"),
            (
                "Directive (EU) 2018/1972 Art. 102(1), 105; {cite}",
                "Directive (EU) 2018/1972 Art. 102",
            ),
        ] {
            assert_eq!(law("US", &[], cite).provision(), provision);
        }
    }

    #[test]
    fn the_rules_own_law_is_kept_where_the_words_ask_for_it() {
        assert_eq!(law("US", &[], "A; B").before("C"), "A; B");
        assert_eq!(law("US", &[], "A; else {cite}").before("C"), "A; else C");
    }
}
