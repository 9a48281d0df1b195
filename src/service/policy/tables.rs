//! Tables for a document: what the packs rest on, and what places ask of marketing texts.

use super::days::{Regime, regimes};
use crate::domain::hours::{Reach, TextLaw, Window, text_laws, windows};
use crate::rules::Pack;
use chrono::NaiveDate;

/// Rows of Markdown, the head first.
pub fn of_regimes(packs: &[Pack]) -> Vec<String> {
    let mut rows = head(&["regime", "packs", "rules", "confirmed on", "unverified"]);
    let all = regimes(packs);
    rows.extend(all.iter().map(|regime| {
        row(&[
            regime.regime.clone(),
            regime.packs.join(", "),
            rules(regime),
            confirmed(regime),
            count(regime.unverified),
        ])
    }));
    let sum = |of: fn(&Regime) -> usize| count(all.iter().map(of).sum());
    rows.push(row(&[
        "all".into(),
        count(all.iter().map(|regime| regime.packs.len()).sum()),
        sum(|regime| regime.rules),
        sum(|regime| regime.confirmed),
        sum(|regime| regime.unverified),
    ]));
    rows
}

fn rules(regime: &Regime) -> String {
    match regime.policy {
        0 => regime.rules.to_string(),
        own if own == regime.rules => format!("{own}, the firm's own"),
        own => format!("{}, {own} the firm's own", regime.rules),
    }
}

/// The days on which somebody read the law, and of how many rules.
fn confirmed(regime: &Regime) -> String {
    match (regime.first, regime.last) {
        (Some(first), Some(last)) if first == last => format!("{last} ({})", regime.confirmed),
        (Some(first), Some(last)) => format!("{first} to {last} ({})", regime.confirmed),
        _ => "-".into(),
    }
}

/// As [`of_regimes`], of marketing texts by place.
pub fn of_texts() -> Vec<String> {
    let mut rows = head(&[
        "place",
        "texts from, to",
        "most in 24 hours",
        "replies that end them",
        "law",
        "checked",
    ]);
    let for_texts = |window: &&Window| window.is_for(Reach::Texts);
    let mut places: Vec<&str> = Vec::new();
    let of_windows = windows().iter().filter(for_texts).map(|w| w.place.as_str());
    for place in of_windows.chain(text_laws().iter().map(|law| law.place.as_str())) {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    rows.extend(places.into_iter().map(|place| {
        let hours: Vec<&Window> = windows()
            .iter()
            .filter(for_texts)
            .filter(|w| w.place == place)
            .collect();
        let law = text_laws().iter().find(|law| law.place == place);
        of_place(place, &hours, law)
    }));
    rows
}

fn of_place(place: &str, hours: &[&Window], law: Option<&TextLaw>) -> String {
    let since =
        |day: Option<NaiveDate>| day.map_or_else(String::new, |day| format!(", since {day}"));
    let windows: Vec<String> = hours.iter().map(ToString::to_string).collect();
    let mut laws: Vec<String> = Vec::new();
    let of_hours = hours
        .iter()
        .map(|w| format!("{}{}", w.citation, since(w.since)));
    let of_law = law.map(|law| format!("{}{}", law.citation, since(law.since)));
    for citation in of_hours.chain(of_law) {
        if !laws.contains(&citation) {
            laws.push(citation);
        }
    }
    let mut checked: Vec<String> = Vec::new();
    let of_hours = hours.iter().map(|w| (w.checked, w.checked_on));
    for (how, on) in of_hours.chain(law.map(|law| (law.checked, law.checked_on))) {
        let on = on.map_or_else(String::new, |day| format!(" {day}"));
        let said = format!("{}{on}", how.as_str());
        if !checked.contains(&said) {
            checked.push(said);
        }
    }
    let replies = law.filter(|law| !law.stop_words.is_empty()).map(|law| {
        let kept = law.stop_kept_years;
        let kept = kept.map_or_else(String::new, |years| format!(", kept {years} years"));
        format!("{}{kept}", law.stop_words.join(", "))
    });
    row(&[
        place.to_owned(),
        windows.join("; "),
        law.and_then(|law| law.most_in_24_hours)
            .map_or_else(String::new, |most| most.to_string()),
        replies.unwrap_or_default(),
        laws.join("; "),
        checked.join("; "),
    ])
}

fn count(count: usize) -> String {
    count.to_string()
}

fn head(names: &[&str]) -> Vec<String> {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    vec![row(&names), row(&vec!["---".to_owned(); names.len()])]
}

fn row(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |", cells.join(" | "))
}
