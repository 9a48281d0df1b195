//! How figures are written where the recipient lives.

use crate::domain::jurisdiction::Jurisdiction;
use crate::domain::message::Message;

/// Which sign parts thousands and which the decimals, where a figure alone does not say (`5.000`, `5,000`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Numerals {
    /// `1,234.56`: English and most of Asia, Switzerland's money.
    Point,
    /// `1.234,56`: most of Europe and Latin America.
    Comma,
    /// Nobody said: a figure that can be read in two ways is read in both.
    #[default]
    Unknown,
}

/// Languages that write a decimal comma (CLDR 48), by their two letters.
const COMMA: &str = "af az be bg bs ca cs da de el es et eu fi fr gl hr hu hy id is it ka kk lt lv mk nb nl nn no pl pt ro ru sk sl sq sr sv tr uk uz vi";
/// Languages that write a decimal point.
const POINT: &str = "en ja zh ko th hi bn ta te mr gu pa ms fil he mt ga cy sw ur";
/// Regions whose use differs from their language's.
const POINT_REGIONS: &str = "US MX GT HN NI PA PR SV DO PE CH LI";
/// Countries outside the union, by the jurisdiction that names them.
const POINT_PLACES: &str =
    "US UK GB IE MT CA AU NZ IN SG HK JP CN KR PH MY TH IL ZA NG KE PK CH LI MX EU-IE EU-MT";
const COMMA_PLACES: &str = "NO IS BR AR CL CO TR RU UA ID VN RS";

impl Numerals {
    /// For the recipient of a message.
    pub fn of(message: &Message) -> Self {
        let locale = message.customer.as_ref().and_then(|c| c.locale.as_deref());
        Self::of_place(locale, message.jurisdiction.as_ref())
    }

    /// By locale (`de-AT`) and jurisdiction. Where the two differ, a figure may be meant in either way.
    pub fn of_place(locale: Option<&str>, jurisdiction: Option<&Jurisdiction>) -> Self {
        let spoken = locale.map_or(Self::Unknown, of_locale);
        let written = jurisdiction.map_or(Self::Unknown, of_jurisdiction);
        match (spoken, written) {
            (Self::Unknown, one) | (one, Self::Unknown) => one,
            (a, b) if a == b => a,
            // English to somebody in the union: their own way of writing counts, for they read it that way.
            (Self::Point, Self::Comma) => Self::Comma,
            _ => Self::Unknown,
        }
    }
}

fn listed(list: &str, word: &str) -> bool {
    list.split(' ').any(|one| one == word)
}

fn of_locale(locale: &str) -> Numerals {
    let mut parts = locale.split(['-', '_', '.', '@']);
    let language = parts.next().unwrap_or("").to_ascii_lowercase();
    let region = parts
        .find(|p| p.len() == 2)
        .unwrap_or("")
        .to_ascii_uppercase();
    if listed(POINT, &language) || listed(POINT_REGIONS, &region) {
        Numerals::Point
    } else if listed(COMMA, &language) {
        Numerals::Comma
    } else {
        Numerals::Unknown
    }
}

fn of_jurisdiction(jurisdiction: &Jurisdiction) -> Numerals {
    let code = jurisdiction.as_str();
    let land = code.split('-').next().unwrap_or(code);
    if listed(POINT_PLACES, code) || listed(POINT_PLACES, land) {
        Numerals::Point
    } else if land == "EU" || listed(COMMA_PLACES, land) {
        Numerals::Comma
    } else {
        Numerals::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn place_and_locale_say_how_figures_are_written() {
        let of = |locale: &str, place: &str| {
            Numerals::of_place(
                (!locale.is_empty()).then_some(locale),
                (!place.is_empty())
                    .then(|| Jurisdiction::new(place))
                    .as_ref(),
            )
        };
        assert_eq!(of("", "US-CA"), Numerals::Point);
        assert_eq!(of("", "DE"), Numerals::Comma);
        assert_eq!(of("en-IE", "EU-IE"), Numerals::Point);
        assert_eq!(of("de_CH.UTF-8", ""), Numerals::Point);
        assert_eq!(of("es-MX", ""), Numerals::Point);
        assert_eq!(of("de-DE", "US"), Numerals::Unknown);
        assert_eq!(of("en-GB", "EU-FR"), Numerals::Comma);
        assert_eq!(of("", ""), Numerals::Unknown);
    }
}
