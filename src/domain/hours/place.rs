//! Where a recipient may live, by all that is said of it.

use super::table::{StateHours, states};
use crate::domain::jurisdiction::Jurisdiction;

/// Whose hours hold.
#[derive(Clone, Debug)]
pub struct Whereabouts {
    /// Code of the country in the table: `US`, `UK`, `EU`, or empty for any other.
    pub(super) country: &'static str,
    /// The states that the record or the number names; each one's hours hold.
    pub(super) states: Vec<&'static StateHours>,
    /// No word names the state, or one does that is not understood: that of the whole country holds as well.
    pub(super) open: bool,
}

impl Whereabouts {
    /// From the jurisdiction, what the record calls the state, and the telephone number. A missing jurisdiction counts as
    /// the United States, whose hours are the narrowest.
    pub fn of(jurisdiction: Option<&Jurisdiction>, named: &[&str], phone: Option<&str>) -> Self {
        let code = jurisdiction.map_or("US", Jurisdiction::as_str);
        let (land, part) = code.split_once('-').unwrap_or((code, ""));
        let country = match land {
            "US" => "US",
            "UK" => "UK",
            "EU" => "EU",
            // A jurisdiction that is a state's name and nothing more. Two letters may be a country's.
            _ if code.len() > 2 && state(code).is_some() => "US",
            _ => "",
        };
        let mut found = Self {
            country,
            states: Vec::new(),
            open: false,
        };
        if country == "US" {
            found.name(if land == "US" { part } else { code });
        }
        for name in named {
            // Outside the United States a "state" is another country's and names no hours here.
            if country == "US" || state(name).is_some() {
                found.name(name);
            }
        }
        let stated = !found.states.is_empty();
        if let Some(of_number) = phone.and_then(|p| state_of_number(p, country == "US")) {
            found.add(of_number);
        }
        found.open |= country == "US" && !stated && found.states.is_empty();
        found
    }

    fn name(&mut self, name: &str) {
        if name.trim().is_empty() {
            return;
        }
        match state(name) {
            Some(state) => self.add(state),
            None => self.open = true,
        }
    }

    fn add(&mut self, state: &'static StateHours) {
        if !self.states.iter().any(|s| s.code == state.code) {
            self.states.push(state);
        }
    }
}

/// `FL`, `Florida`, `US-FL`, `us_fl`, `Florida, USA`: the state, in any case.
pub fn state(name: &str) -> Option<&'static StateHours> {
    let upper = name.trim().to_ascii_uppercase().replace(['_', '/'], "-");
    let upper = upper
        .trim_end_matches(", USA")
        .trim_end_matches(", US")
        .trim_end_matches(", U.S.");
    let short = upper
        .strip_prefix("USA-")
        .or_else(|| upper.strip_prefix("US-"))
        .unwrap_or(upper);
    let short = short.trim().trim_start_matches("STATE OF ");
    states()
        .iter()
        .find(|s| s.code == short || s.name.eq_ignore_ascii_case(short))
        .or_else(|| {
            let plain = short.replace(['.', '-'], " ").trim().to_owned();
            let code = match plain.as_str() {
                "D C" | "WASHINGTON D C" | "WASHINGTON, D C" | "WASHINGTON DC" => "DC",
                "US VIRGIN ISLANDS" | "U S VIRGIN ISLANDS" => "VI",
                "WASHINGTON STATE" => "WA",
                "NEW YORK STATE" => "NY",
                other => other,
            };
            states()
                .iter()
                .find(|s| s.code == code || s.name.eq_ignore_ascii_case(code))
        })
}

/// The state of a number of the North American plan, by its area code. `national`: ten digits alone are such a number.
fn state_of_number(phone: &str, national: bool) -> Option<&'static StateHours> {
    let written = phone.trim().trim_start_matches("tel:");
    // An extension behind the number is none of its digits.
    let written = written
        .split(['x', 'X', ';', '#', 'e', 'E'])
        .next()
        .unwrap_or("");
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    let ten = match digits.strip_prefix('1') {
        Some(rest) if rest.len() == 10 && (written.starts_with('+') || national) => rest,
        _ if digits.len() == 10 && national && !written.starts_with('+') => &digits,
        _ => return None,
    };
    let area: u16 = ten.get(..3)?.parse().ok()?;
    states().iter().find(|s| s.area_codes.contains(&area))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_found_under_all_its_names() {
        for name in [
            "FL",
            "fl",
            "Florida",
            "US-FL",
            "us_fl",
            "USA-FL",
            "florida, USA",
        ] {
            assert_eq!(state(name).unwrap().code, "FL", "{name}");
        }
        assert_eq!(state("Washington, D.C.").unwrap().code, "DC");
        assert_eq!(state("Washington").unwrap().code, "WA");
        assert_eq!(state("New York").unwrap().code, "NY");
        assert!(state("Freedonia").is_none());
    }

    #[test]
    fn a_number_tells_its_state() {
        let of = |phone: &str| state_of_number(phone, true).map(|s| s.code.as_str());
        assert_eq!(of("+1 302 555 0121"), Some("DE"));
        assert_eq!(of("(305) 555-0134 x12"), Some("FL"));
        assert_eq!(of("tel:+1-512-555-0134"), Some("TX"));
        assert_eq!(of("+44 20 7946 0000"), None);
        assert_eq!(of("+1 800 555 0100"), None);
        assert_eq!(of("+1 416 555 0100"), None);
    }
}
