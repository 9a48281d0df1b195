//! Places as people and systems write them: ISO 3166 codes, names, postal codes of states. What is no place is told.

use super::jurisdiction::{Jurisdiction, UnknownPlace};
use rust_iso3166::{ALL, CountryCode, from_alpha2, from_alpha3, from_numeric, iso3166_2};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization as _;

/// A place that was found, and the other one that the same text may mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub jurisdiction: Jurisdiction,
    /// `CA` is California or Canada, `Georgia` a state or a country: the country, where the state was taken.
    pub or: Option<Jurisdiction>,
}

impl Place {
    fn of(code: impl Into<String>) -> Self {
        Self {
            jurisdiction: Jurisdiction::known(code.into()),
            or: None,
        }
    }

    /// The reading that lies within another place; `CA` within the United States is California.
    pub fn within(self, outer: &Jurisdiction) -> Jurisdiction {
        match self.or {
            Some(country) if country.is_within(outer) => country,
            _ => self.jurisdiction,
        }
    }
}

/// Members of the European Union, and the three states that its internal market's law reaches by the EEA Agreement: all
/// rules for the EU are theirs, the stricter reading.
const EUROPEAN: [&str; 30] = [
    "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT", "LV",
    "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE", "NO", "IS", "LI",
];

/// Territories with an ISO code of their own that belong to one of these.
const TERRITORIES: [(&str, &str); 15] = [
    ("PR", "US-PR"),
    ("GU", "US-GU"),
    ("VI", "US-VI"),
    ("AS", "US-AS"),
    ("MP", "US-MP"),
    ("UM", "US-UM"),
    ("GF", "EU-FR"),
    ("GP", "EU-FR"),
    ("MQ", "EU-FR"),
    ("RE", "EU-FR"),
    ("YT", "EU-FR"),
    ("MF", "EU-FR"),
    ("AX", "EU-FI"),
    ("SJ", "EU-NO"),
    ("GB", "UK"),
];

/// Names and codes beside those of ISO 3166, without case, accents and signs.
const ALSO: [(&str, &str); 76] = [
    ("UK", "UK"),
    ("EL", "EU-GR"),
    ("EU", "EU"),
    ("EEA", "EU"),
    ("EWR", "EU"),
    ("EUROPEANUNION", "EU"),
    ("EUROPAISCHEUNION", "EU"),
    ("UNIONEUROPEENNE", "EU"),
    ("EUROPEANECONOMICAREA", "EU"),
    ("USA", "US"),
    ("UNITEDSTATES", "US"),
    ("THEUNITEDSTATES", "US"),
    ("THEUNITEDSTATESOFAMERICA", "US"),
    ("AMERICA", "US"),
    ("UNITEDKINGDOM", "UK"),
    ("THEUNITEDKINGDOM", "UK"),
    ("GREATBRITAIN", "UK"),
    ("BRITAIN", "UK"),
    ("GREATBRITAINANDNORTHERNIRELAND", "UK"),
    ("ENGLAND", "UK"),
    ("SCOTLAND", "UK"),
    ("WALES", "UK"),
    ("CYMRU", "UK"),
    ("NORTHERNIRELAND", "UK"),
    ("ENGLANDANDWALES", "UK"),
    ("WASHINGTONDC", "US-DC"),
    ("DC", "US-DC"),
    ("DEUTSCHLAND", "DE"),
    ("ALLEMAGNE", "DE"),
    ("OSTERREICH", "AT"),
    ("OESTERREICH", "AT"),
    ("FRANKREICH", "FR"),
    ("ESPANA", "ES"),
    ("SPANIEN", "ES"),
    ("ITALIA", "IT"),
    ("ITALIEN", "IT"),
    ("NEDERLAND", "NL"),
    ("HOLLAND", "NL"),
    ("THENETHERLANDS", "NL"),
    ("BELGIQUE", "BE"),
    ("BELGIE", "BE"),
    ("BELGIEN", "BE"),
    ("POLSKA", "PL"),
    ("CESKO", "CZ"),
    ("CESKAREPUBLIKA", "CZ"),
    ("CZECHREPUBLIC", "CZ"),
    ("SVERIGE", "SE"),
    ("DANMARK", "DK"),
    ("SUOMI", "FI"),
    ("NORGE", "NO"),
    ("ISLAND", "IS"),
    ("SCHWEIZ", "CH"),
    ("SUISSE", "CH"),
    ("SVIZZERA", "CH"),
    ("MAGYARORSZAG", "HU"),
    ("ROMANIA", "RO"),
    ("HRVATSKA", "HR"),
    ("SLOVENSKO", "SK"),
    ("SLOVAKREPUBLIC", "SK"),
    ("SLOVENIJA", "SI"),
    ("EESTI", "EE"),
    ("LATVIJA", "LV"),
    ("LIETUVA", "LT"),
    ("EIRE", "IE"),
    ("REPUBLICOFIRELAND", "IE"),
    ("HELLAS", "GR"),
    ("ΕΛΛΑΔΑ", "GR"),
    ("БЪЛГАРИЯ", "BG"),
    ("BRASIL", "BR"),
    ("RUSSIA", "RU"),
    ("SOUTHKOREA", "KR"),
    ("KOREA", "KR"),
    ("VIETNAM", "VN"),
    ("TURKEY", "TR"),
    ("IVORYCOAST", "CI"),
    ("MACAU", "MO"),
];

impl Jurisdiction {
    /// Reads a code or a name of a place. What may be a state or a country, as `CA`, is the country here: rules, products
    /// and documents write ISO codes, and a state as `US-CA`.
    ///
    /// # Errors
    /// It is no place that is known.
    pub fn read(text: &str) -> Result<Self, UnknownPlace> {
        if let "US" | "UK" | "EU" = text {
            return Ok(Self::known(text.to_owned()));
        }
        let place = parse(text).ok_or(UnknownPlace)?;
        Ok(place.or.unwrap_or(place.jurisdiction))
    }
}

/// Reads a place; none if it is not one that is known.
pub fn parse(text: &str) -> Option<Place> {
    let text = text.trim();
    if text.is_empty() || text.len() > 100 {
        return None;
    }
    let upper: String = text
        .nfkc()
        .collect::<String>()
        .to_uppercase()
        .replace('.', "");
    if let Some(place) = code(upper.trim()) {
        return Some(place);
    }
    let name = squash(&upper);
    if let Some(place) = named(&name) {
        return Some(place);
    }
    // `Austin, Texas`: no; `Texas, USA`: the state; `California (US)`.
    let (inner, outer) = upper.rsplit_once([',', '(', '/'])?;
    let outer = parse(outer.trim_end_matches(')'))?.jurisdiction;
    part(&outer, inner)
}

/// A part of a country, by its name or code: `Texas` or `TX` of `US`.
pub fn part(outer: &Jurisdiction, text: &str) -> Option<Place> {
    let upper = text
        .nfkc()
        .collect::<String>()
        .to_uppercase()
        .replace('.', "");
    let upper = upper.trim();
    let country = match outer.as_str() {
        "UK" => "GB",
        code => code.strip_prefix("EU-").unwrap_or(code),
    };
    let plain = upper.strip_prefix(&format!("{country}-")).unwrap_or(upper);
    if let Some(place) = divided(country, plain) {
        return Some(place);
    }
    let name = squash(upper);
    if country == "US" && name == "WASHINGTONDC" {
        return Some(Place::of("US-DC"));
    }
    let divisions = from_alpha2(country)?;
    divisions
        .subdivisions()?
        .iter()
        .find(|s| squash(s.name) == name)
        .and_then(|s| divided(country, s.code.get(3..)?))
}

fn code(text: &str) -> Option<Place> {
    let parts: Vec<&str> = text
        .split(['-', '_', '/', ' ', ':'])
        .filter(|part| !part.is_empty())
        .collect();
    match parts.as_slice() {
        [one] if one.is_ascii() => match one.len() {
            2 => two_letters(one),
            3 if one.bytes().all(|b| b.is_ascii_digit()) => {
                from_numeric(one.parse().ok()?).map(|c| country(&c))
            }
            3 => from_alpha3(one).map(|c| country(&c)),
            _ => None,
        },
        ["EU" | "EEA", member] => EUROPEAN
            .iter()
            .find(|m| *m == member || *member == "EL" && **m == "GR")
            .map(|m| Place::of(format!("EU-{m}"))),
        ["US" | "USA", "DISTRICT", ..] => Some(Place::of("US-DC")),
        [outer, inner] if matches!(outer.len(), 2 | 3) && inner.len() <= 3 && text.is_ascii() => {
            let outer = match *outer {
                "UK" => "GB".to_owned(),
                "EL" => "GR".to_owned(),
                three if three.len() == 3 => from_alpha3(three)?.alpha2.to_owned(),
                two => two.to_owned(),
            };
            divided(&outer, inner)
        }
        _ => None,
    }
}

/// A subdivision's code within its country. Only the United States and Canada have rules of their parts.
fn divided(country_code: &str, inner: &str) -> Option<Place> {
    let division = iso3166_2::from_code(&format!("{country_code}-{inner}"))?;
    Some(match country_code {
        "US" | "CA" => Place::of(division.code),
        other => country(&from_alpha2(other)?),
    })
}

fn two_letters(text: &str) -> Option<Place> {
    if let Some((_, code)) = ALSO.iter().find(|(name, _)| *name == text) {
        return Some(Place::of(*code));
    }
    let nation = from_alpha2(text).map(|c| country(&c));
    let state = divided("US", text);
    match (nation, state) {
        // Documented as the member's code: `DE` is Germany, `MT` is Malta.
        (Some(nation), _) if nation.jurisdiction.as_str().contains('-') => Some(nation),
        (Some(nation), Some(state)) => Some(Place {
            jurisdiction: state.jurisdiction,
            or: Some(nation.jurisdiction),
        }),
        (found, other) => found.or(other),
    }
}

fn country(country: &CountryCode) -> Place {
    let code = country.alpha2;
    if let Some((_, ours)) = TERRITORIES.iter().find(|(iso, _)| *iso == code) {
        return Place::of(*ours);
    }
    if EUROPEAN.contains(&code) {
        return Place::of(format!("EU-{code}"));
    }
    Place::of(code)
}

/// Letters and figures only, without accents.
fn squash(text: &str) -> String {
    text.nfd()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_uppercase)
        .collect::<String>()
}

fn named(name: &str) -> Option<Place> {
    static NAMES: LazyLock<BTreeMap<String, Place>> = LazyLock::new(|| {
        let mut names = BTreeMap::new();
        for nation in ALL {
            let whole = squash(&nation.name.to_uppercase());
            let short = nation.name.split(['(', ',']).next().unwrap_or(nation.name);
            names.insert(whole, country(nation));
            names
                .entry(squash(&short.to_uppercase()))
                .or_insert_with(|| country(nation));
        }
        for (name, code) in ALSO {
            let place = from_alpha2(code).map_or_else(|| Place::of(code), |c| country(&c));
            names.insert(name.to_owned(), place);
        }
        for outer in ["US", "CA"] {
            let divisions = from_alpha2(outer).and_then(|c| c.subdivisions().map(<[_]>::to_vec));
            for division in divisions.unwrap_or_default() {
                let state = Place::of(division.code);
                let name = squash(&division.name.to_uppercase());
                let before = names.get(&name).map(|p| p.jurisdiction.clone());
                let or = before.filter(|b| !b.is_within(&Jurisdiction::known(outer.into())));
                names.insert(name, Place { or, ..state });
            }
        }
        names
    });
    NAMES.get(name).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code_of(text: &str) -> Option<String> {
        parse(text).map(|p| p.jurisdiction.to_string())
    }

    #[test]
    fn a_place_is_read_in_every_form() {
        for (text, code) in [
            ("US", "US"),
            ("us", "US"),
            ("U.S.", "US"),
            ("U.S.A.", "US"),
            ("USA", "US"),
            ("840", "US"),
            ("United States", "US"),
            ("United States of America", "US"),
            ("the united states", "US"),
            ("FL", "US-FL"),
            ("Texas", "US-TX"),
            ("new york", "US-NY"),
            ("NY", "US-NY"),
            ("D.C.", "US-DC"),
            ("Washington, D.C.", "US-DC"),
            ("Washington", "US-WA"),
            ("District of Columbia", "US-DC"),
            ("PR", "US-PR"),
            ("Puerto Rico", "US-PR"),
            ("US-CA", "US-CA"),
            ("US_CA", "US-CA"),
            ("US/CA", "US-CA"),
            ("us ca", "US-CA"),
            ("USA-TX", "US-TX"),
            ("California", "US-CA"),
            ("California, US", "US-CA"),
            ("Texas, USA", "US-TX"),
            ("GB", "UK"),
            ("UK", "UK"),
            ("GBR", "UK"),
            ("GB-ENG", "UK"),
            ("GB-SCT", "UK"),
            ("UK-NIR", "UK"),
            ("England", "UK"),
            ("Northern Ireland", "UK"),
            ("Great Britain", "UK"),
            ("826", "UK"),
            ("DE", "EU-DE"),
            ("DEU", "EU-DE"),
            ("Germany", "EU-DE"),
            ("Deutschland", "EU-DE"),
            ("DE-BY", "EU-DE"),
            ("FR-IDF", "EU-FR"),
            ("EU-DE", "EU-DE"),
            ("EL", "EU-GR"),
            ("GR", "EU-GR"),
            ("EU", "EU"),
            ("EEA", "EU"),
            ("NO", "EU-NO"),
            ("Norway", "EU-NO"),
            ("Österreich", "EU-AT"),
            ("España", "EU-ES"),
            ("Réunion", "EU-FR"),
            ("MT", "EU-MT"),
            ("Czech Republic", "EU-CZ"),
            ("CA-ON", "CA-ON"),
            ("Ontario", "CA-ON"),
            ("Québec", "CA-QC"),
            ("Canada", "CA"),
            ("CAN", "CA"),
            ("JP", "JP"),
            ("Japan", "JP"),
            ("Côte d'Ivoire", "CI"),
            ("South Korea", "KR"),
            ("Switzerland", "CH"),
            ("Schweiz", "CH"),
            ("Bolivia", "BO"),
            ("Viet Nam", "VN"),
            ("ＵＳ", "US"),
        ] {
            assert_eq!(code_of(text).as_deref(), Some(code), "{text}");
        }
    }

    #[test]
    fn what_is_no_place_is_none_and_what_may_be_two_says_so() {
        for text in [
            "", "USX", "XX", "US-ZZ", "DE-ZZ", "Atlantis", "Europe", "EMEA", "n/a", "null", "000",
            "EU-JP", "?",
        ] {
            assert_eq!(code_of(text), None, "{text}");
        }
        let both = parse("CA").unwrap();
        assert_eq!(
            (
                both.jurisdiction.as_str(),
                both.or.as_ref().unwrap().as_str()
            ),
            ("US-CA", "CA")
        );
        assert_eq!(parse("Georgia").unwrap().or.unwrap().as_str(), "GE");
        assert_eq!(parse("CO").unwrap().or.unwrap().as_str(), "CO");
        let us = Jurisdiction::known("US".into());
        assert_eq!(part(&us, "DE").unwrap().jurisdiction.as_str(), "US-DE");
        assert_eq!(part(&us, "Georgia").unwrap().jurisdiction.as_str(), "US-GA");
    }

    proptest! {
        #[test]
        fn any_text_is_a_place_or_none(text in ".{0,60}") {
            if let Some(place) = parse(&text) {
                prop_assert_eq!(Jurisdiction::read(place.jurisdiction.as_str()).unwrap(), place.jurisdiction);
            }
        }
    }
}
