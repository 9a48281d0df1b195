//! What binds products of every kind in a place: cited where a rule of one trade speaks of a product that no class knows.

use super::trade_law::TradeLaw;
use crate::claims::ProductIndex;
use crate::domain::jurisdiction::Jurisdiction;
use crate::text::table::TomlDate;
use serde::Deserialize;

/// What stands where no law is known to ask.
const UNCLASSED: &str = "Firm policy: what a product of no class has to say, a person looks at";

/// A law of unfair practices, and where it binds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GeneralLaw {
    /// Where it binds.
    pub place: Vec<Jurisdiction>,
    /// The citation.
    pub cite: String,
    /// Where it stands.
    pub source: String,
    /// The day somebody read it there.
    pub checked_on: TomlDate,
}

/// The general laws of all packs, in order of the packs.
#[derive(Clone, Debug, Default)]
pub struct GeneralLaws(Vec<GeneralLaw>);

impl GeneralLaws {
    pub fn of<'p>(laws: impl Iterator<Item = &'p GeneralLaw>) -> Self {
        Self(laws.cloned().collect())
    }

    /// A citation of a law for products of some classes, where none of them is known to hold the product. What binds any
    /// product in the place comes first, or what binds the trade that the words tell, but for a rule that asks for a
    /// disclosure: no general law asks for that one.
    pub fn before(
        &self,
        cite: &str,
        (products, classes): (&ProductIndex, &[usize]),
        (place, asks_for_disclosure): (Option<&Jurisdiction>, bool),
        trade: Option<&TradeLaw>,
    ) -> String {
        let general = place.filter(|_| !asks_for_disclosure).and_then(|place| {
            let binds = |law: &&GeneralLaw| law.place.iter().any(|scope| place.is_within(scope));
            self.0.iter().find(binds)
        });
        let first = general.map_or_else(
            || UNCLASSED.to_owned(),
            |law| trade.map_or_else(|| law.cite.clone(), |of_trade| of_trade.before(&law.cite)),
        );
        format!("{first}; {}: {cite}", products.if_it_is(classes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::ProductIndex;

    #[test]
    fn what_binds_any_product_is_cited_before_what_binds_one() {
        let laws = GeneralLaws(vec![GeneralLaw {
            place: vec![Jurisdiction::new("US")],
            cite: "15 U.S.C. 45(a)(1)".into(),
            source: "govinfo.gov".into(),
            checked_on: TomlDate::try_from("2026-11-30".to_owned()).unwrap(),
        }]);
        let products = ProductIndex::default();
        let cite = |place: &str, disclosure: bool| {
            let place = Jurisdiction::new(place);
            laws.before(
                "12 CFR 1026.24",
                (&products, &[]),
                (Some(&place), disclosure),
                None,
            )
        };
        assert!(cite("US-CA", false).starts_with("15 U.S.C. 45(a)(1); if "));
        assert!(cite("US-CA", true).starts_with("Firm policy: "));
        assert!(cite("BR", false).starts_with("Firm policy: "));
        assert!(cite("US", false).ends_with(": 12 CFR 1026.24"));
    }
}
