//! Typed product facts, and offers and proof that hold on a day: dated, with their source, or not stated at all.

use crate::domain::facts::{Facts, Known, vocabulary};
use crate::domain::jurisdiction::Jurisdiction;
use crate::text::table::{self, TomlDate, TomlError};
use chrono::NaiveDate;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Days that a count of what is left, or the word of reviewers, may be repeated after it was taken.
const COUNT_KEEPS: i64 = 1;
const REVIEWS_KEEP: i64 = 365;

/// What reviewers say: stated together with where and when, or not at all.
const REVIEWS: [&str; 5] = [
    "review_count",
    "review_avg",
    "review_scale",
    "review_source",
    "review_as_of",
];

/// Facts that only an offer may bring.
pub const PRESSURE: [&str; 2] = ["ends_at", "inventory"];

/// Typed product facts by class and jurisdiction.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Products {
    /// Facts of the firm, which every message may state.
    #[serde(default)]
    firm: Facts,
    /// Products.
    #[serde(default)]
    product: Vec<Product>,
    /// What holds for a while.
    #[serde(default)]
    offer: Vec<Offer>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Product {
    /// A name of its own.
    id: String,
    /// What kind of product it is, as rules and `segments.toml` call it (`savings`, `mortgage` …).
    class: String,
    /// Where it is offered; without it everywhere.
    #[serde(default)]
    jurisdiction: Vec<Jurisdiction>,
    /// What is true of it, by the keys of `echovoice facts`.
    facts: Facts,
}

/// What holds for a while, with who says so and since when.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Offer {
    /// A name of its own.
    id: String,
    /// The class of its product.
    class: String,
    /// Where it holds; without it everywhere.
    #[serde(default)]
    jurisdiction: Vec<Jurisdiction>,
    /// First day.
    from: TomlDate,
    /// Last day: the fact `ends_at`.
    ends_at: TomlDate,
    /// Where it is decided or counted.
    source: String,
    /// When that was last looked at.
    as_of: TomlDate,
    /// What it brings; `inventory` is repeated for a day.
    #[serde(default)]
    facts: Facts,
}

impl Offer {
    /// Its facts on a day, if it holds then.
    fn on(&self, day: NaiveDate) -> Option<Facts> {
        let holds = (self.from.0..=self.ends_at.0).contains(&day);
        let looked = (day - self.as_of.0).num_days();
        if !holds || looked < 0 {
            return None;
        }
        let mut facts = self.facts.clone();
        if looked > COUNT_KEEPS {
            facts.0.remove("inventory");
        }
        facts.set("ends_at", self.ends_at.0.to_string());
        facts.set("offer_id", self.id.as_str());
        facts.set("offer_source", self.source.as_str());
        facts.set("offer_as_of", self.as_of.0.to_string());
        Some(facts)
    }
}

fn is_for(scopes: &[Jurisdiction], recipient: &Jurisdiction) -> bool {
    scopes.is_empty() || scopes.iter().any(|scope| recipient.is_within(scope))
}

impl Products {
    /// # Errors
    /// Not TOML of this shape, an offer without dates or source, or pressure outside of an offer.
    pub fn parse(text: &str) -> Result<Self, TomlError> {
        let mut products: Self = table::read(text)?;
        products.read_facts()?;
        for offer in &products.offer {
            if offer.source.trim().is_empty() {
                let id = &offer.id;
                return Err(format!("offer {id}: `source` says where it is decided").into());
            }
        }
        for product in &products.product {
            let held = PRESSURE
                .iter()
                .find(|key| matches!(product.facts.get(key), Known::Is(_)));
            if let Some(key) = held {
                let problem = format!(
                    "product {}: `{key}` belongs into an [[offer]], which says until when and on whose word",
                    product.class
                );
                return Err(problem.into());
            }
        }
        Ok(products)
    }

    /// Facts by the vocabulary. The firm's own file is corrected before anything is sent by it.
    fn read_facts(&mut self) -> Result<(), TomlError> {
        let firm = std::iter::once(("firm".to_owned(), &mut self.firm));
        let products = self.product.iter_mut().map(|p| {
            let name = format!("product {}", p.class);
            (name, &mut p.facts)
        });
        let offers = self.offer.iter_mut().map(|o| {
            let name = format!("offer {}", o.id);
            (name, &mut o.facts)
        });
        for (name, facts) in firm.chain(products).chain(offers) {
            if let Some(reading) = facts.reread() {
                if let Some(remark) = reading.remarks.iter().find(|r| r.holds_back()) {
                    return Err(format!("{name}: {}: {}", remark.field, remark.found).into());
                }
                *facts = reading.facts;
            }
        }
        Ok(())
    }

    /// A key that is none of the vocabulary and nearly one of it: a slip of the hand.
    pub fn slip(&self) -> Option<String> {
        let firm = std::iter::once(("firm".to_owned(), &self.firm));
        let products = self.product.iter();
        let products = products.map(|p| (format!("product {}", p.id), &p.facts));
        let offers = self.offer.iter();
        let offers = offers.map(|o| (format!("offer {}", o.id), &o.facts));
        firm.chain(products).chain(offers).find_map(|(name, facts)| {
            facts.0.keys().find_map(|key| {
                if vocabulary::exactly(key).is_some() {
                    return None;
                }
                let near = vocabulary::nearly("", key)?;
                Some(format!(
                    "{name}: `{key}` is no fact, and nearly `{}`; write that, or a name of your own that is further away",
                    near.key
                ))
            })
        })
    }

    /// Every key that the firm's facts have.
    pub fn keys(&self) -> BTreeSet<String> {
        let products = self.product.iter().map(|p| &p.facts);
        let offers = self.offer.iter().map(|o| &o.facts);
        let all = std::iter::once(&self.firm).chain(products).chain(offers);
        all.flat_map(|facts| facts.0.keys().cloned()).collect()
    }

    /// Names of the products, each once.
    pub fn names(&self) -> Vec<String> {
        let named = self
            .product
            .iter()
            .filter_map(|p| p.facts.text("product_name"));
        let mut names: Vec<String> = named.map(str::to_owned).collect();
        names.sort();
        names.dedup();
        names
    }

    /// Names of the products, of the firm and of its bank.
    pub fn firms_and_names(&self) -> Vec<String> {
        let firm = ["firm_name", "partner_bank"].map(|key| self.firm.text(key));
        let mut names = self.names();
        names.extend(firm.into_iter().flatten().map(str::to_owned));
        names
    }

    /// The class of a product of the firm's, by its class, id or name.
    pub fn class_of(&self, named: &str) -> Option<&str> {
        let same = |own: &str| own.eq_ignore_ascii_case(named.trim());
        let is_meant = |p: &&Product| {
            same(&p.class) || same(&p.id) || p.facts.text("product_name").is_some_and(same)
        };
        self.product.iter().find(is_meant).map(|p| p.class.as_str())
    }

    /// The firm's facts, those of the product for this recipient, and what an offer adds on that day. Reviews without
    /// source and date, or from long ago, are left out.
    pub fn facts(&self, class: Option<&str>, recipient: &Jurisdiction, day: NaiveDate) -> Facts {
        let mut facts = self.firm.clone();
        let Some(class) = class else { return facts };
        let product = self
            .product
            .iter()
            .find(|p| p.class == class && is_for(&p.jurisdiction, recipient));
        if let Some(product) = product {
            facts.overlay(&product.facts);
        }
        let offer = self
            .offer
            .iter()
            .filter(|o| o.class == class && is_for(&o.jurisdiction, recipient))
            .find_map(|offer| offer.on(day));
        if let Some(offer) = offer {
            facts.overlay(&offer);
        }
        let said: Option<NaiveDate> = facts.text("review_as_of").and_then(|day| day.parse().ok());
        let is_new = said.is_some_and(|said| (0..=REVIEWS_KEEP).contains(&(day - said).num_days()));
        if !is_new
            || facts
                .text("review_source")
                .is_none_or(|s| s.trim().is_empty())
        {
            for key in REVIEWS {
                facts.0.remove(key);
            }
        }
        facts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOK: &str = "[[product]]\nid = \"p\"\nclass = \"savings\"\n[product.facts]\nreview_count = 812\nreview_avg = 4.4\n\
        review_scale = 5\nreview_source = \"a survey\"\nreview_as_of = \"2026-09-30\"\n\
        [[offer]]\nid = \"o\"\nclass = \"savings\"\njurisdiction = [\"US\"]\nfrom = \"2026-11-01\"\nends_at = \"2026-12-31\"\n\
        source = \"decision 14\"\nas_of = \"2026-11-20\"\n[offer.facts]\nbonus = 50\ninventory = 7\n";

    fn keys(day: &str, recipient: &str) -> Vec<String> {
        let products = Products::parse(BOOK).unwrap();
        let facts = products.facts(
            Some("savings"),
            &Jurisdiction::new(recipient),
            day.parse().unwrap(),
        );
        [
            "bonus",
            "ends_at",
            "inventory",
            "offer_source",
            "review_count",
        ]
        .into_iter()
        .filter(|key| facts.0.contains_key(*key))
        .map(str::to_owned)
        .collect()
    }

    #[test]
    fn an_offer_is_stated_while_it_holds_and_a_count_only_while_it_is_fresh() {
        let while_fresh = [
            "bonus",
            "ends_at",
            "inventory",
            "offer_source",
            "review_count",
        ];
        assert_eq!(keys("2026-11-21", "US-CA"), while_fresh);
        assert_eq!(
            keys("2026-11-23", "US"),
            ["bonus", "ends_at", "offer_source", "review_count"]
        );
        assert_eq!(keys("2026-11-23", "UK"), ["review_count"]);
        for over in ["2026-10-31", "2027-01-01"] {
            assert_eq!(keys(over, "US"), ["review_count"]);
        }
        // Not known to hold before somebody looked.
        assert_eq!(keys("2026-11-19", "US"), ["review_count"]);
        assert_eq!(keys("2027-10-01", "US"), Vec::<String>::new());
    }

    #[test]
    fn pressure_without_a_date_or_a_source_is_refused() {
        for (from, to) in [
            ("source = \"decision 14\"", "source = \" \""),
            ("ends_at = \"2026-12-31\"", "ends_at = \"soon\""),
            ("review_count = 812", "inventory = 3"),
        ] {
            assert!(Products::parse(&BOOK.replace(from, to)).is_err(), "{to}");
        }
    }
}
