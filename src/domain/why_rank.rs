//! Why a passage stands where it does, in words that a reader of messages needs.

use super::citation::{Citation, NearWord, Retrieved, decimal};

/// Words told of each kind.
const TOLD: usize = 4;
/// From this likeness on, two different words mean much the same in their places; × 10,000.
const ALIKE: i64 = 5_500;

/// What a fused score is made of, each in ten-thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// The cosine's share.
    pub meaning: i64,
    /// BM25's share, on the cosine's scale.
    pub words: i64,
    /// The share of single words in their place.
    pub single: i64,
}

/// The parts of a citation's score; none where it was not fused (words or meaning alone, or a search service).
pub fn parts(citation: &Citation, retrieved: &Retrieved) -> Option<Parts> {
    if citation.service_rank.is_some() {
        return None;
    }
    let share = |share: i64, of: i64| share * of / 10_000;
    let meaning = share(retrieved.cosine_share, citation.cosine?);
    let late = citation.late.unwrap_or(0).max(0);
    let single = share(retrieved.late_share.unwrap_or(0), late);
    Some(Parts {
        meaning,
        words: (citation.score - meaning - single).max(0),
        single,
    })
}

/// `a, b and c`.
fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Words that both hold: `“repayment” (there: repay, repayments)`.
fn same(citation: &Citation) -> Option<String> {
    let told = |(asked, found): &(String, Vec<String>)| {
        let others: Vec<&str> = found
            .iter()
            .filter(|word| *word != asked)
            .take(3)
            .map(String::as_str)
            .collect();
        if others.is_empty() || found.contains(asked) {
            format!("“{asked}”")
        } else {
            format!("“{asked}” (there: {})", others.join(", "))
        }
    };
    // The words that gave most come first.
    let share = |asked: &str| {
        let own = citation.terms.iter().find(|(term, _)| term == asked);
        own.map_or(0, |(_, share)| *share)
    };
    let mut words: Vec<&(String, Vec<String>)> = citation.same_words.iter().collect();
    words.sort_by_key(|(asked, _)| -share(asked));
    let said: Vec<String> = words.into_iter().take(TOLD).map(told).collect();
    (!said.is_empty()).then(|| format!("It holds the query's own words: {}.", listed(&said)))
}

/// Other words that mean much the same: `“settlement” for “repayment”`.
fn near(citation: &Citation) -> Option<String> {
    let other = |near: &&NearWord| {
        let same = citation
            .same_words
            .iter()
            .any(|(asked, found)| *asked == near.asked || found.contains(&near.found));
        near.likeness >= ALIKE && near.asked != near.found && !same
    };
    let said: Vec<String> = citation
        .near_words
        .iter()
        .filter(other)
        .take(TOLD)
        .map(|near| format!("“{}” for “{}”", near.found, near.asked))
        .collect();
    (!said.is_empty()).then(|| format!("It says in other words: {}.", listed(&said)))
}

/// Where each way of looking alone would put it.
fn alone(citation: &Citation) -> Option<String> {
    let place = |rank: Option<u32>| rank.map_or("not among the first 100".into(), ordinal);
    (citation.rank_bm25.is_some() || citation.rank_cosine.is_some()).then(|| {
        format!(
            "By its words alone it would be {}, by its meaning alone {}.",
            place(citation.rank_bm25),
            place(citation.rank_cosine)
        )
    })
}

fn ordinal(rank: u32) -> String {
    let ending = match (rank % 10, rank % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{rank}{ending}")
}

/// What one has over another, greatest first: `its words (+0.081)`.
fn over(one: Parts, other: Parts) -> Vec<(String, i64)> {
    let mut all = vec![
        ("its meaning", one.meaning - other.meaning),
        ("the words that both hold", one.words - other.words),
        ("single words in their place", one.single - other.single),
    ];
    all.sort_by_key(|(_, by)| -*by);
    all.into_iter()
        .map(|(what, by)| (format!("{what} ({:+.3})", decimal(by)), by))
        .collect()
}

/// Why a citation that was kept (`place` from 0) stands where it does.
pub fn why(retrieved: &Retrieved, place: usize) -> Vec<String> {
    let Some(citation) = retrieved.citations.get(place) else {
        return Vec::new();
    };
    let mut said: Vec<String> = [same(citation), near(citation), alone(citation)]
        .into_iter()
        .flatten()
        .collect();
    let next = retrieved
        .citations
        .get(place + 1)
        .or_else(|| retrieved.below.first());
    if let Some(next) = next
        && let (Some(own), Some(its)) = (parts(citation, retrieved), parts(next, retrieved))
    {
        let by = citation.score - next.score;
        let ahead: Vec<String> = over(own, its)
            .into_iter()
            .filter(|(_, by)| *by > 0)
            .map(|(what, _)| what)
            .collect();
        if by >= 0 && !ahead.is_empty() {
            said.push(format!(
                "What puts it before the next, by {:.3}: {}.",
                decimal(by),
                listed(&ahead)
            ));
        }
    }
    said
}

/// Why a passage just below the cut (`place` from 0) was not kept.
pub fn why_not(retrieved: &Retrieved, place: usize) -> Vec<String> {
    let Some(citation) = retrieved.below.get(place) else {
        return Vec::new();
    };
    let mut said = Vec::new();
    let floor = retrieved.floor;
    match (citation.cosine, retrieved.citations.last()) {
        _ if citation.superseded_by.is_some() => {
            let by = citation.superseded_by.as_deref().unwrap_or_default();
            said.push(format!("Not cited: {by} stands in its place."));
        }
        (Some(cosine), _) if cosine < floor => said.push(format!(
            "Not relevant enough: its meaning is {:.2} like the query's, and {:.2} is the least.",
            decimal(cosine),
            decimal(floor)
        )),
        (_, Some(last)) => {
            let by = decimal((last.score - citation.score).max(0));
            let lacks = match (parts(last, retrieved), parts(citation, retrieved)) {
                (Some(kept), Some(own)) => over(kept, own).into_iter().find(|(_, by)| *by > 0),
                _ => None,
            };
            said.push(match lacks {
                Some((what, _)) => {
                    format!("Below the cut by {by:.3}: the last that was kept has more by {what}.")
                }
                None => format!("Below the cut by {by:.3}."),
            });
        }
        _ => {}
    }
    said.extend(
        [same(citation), near(citation), alone(citation)]
            .into_iter()
            .flatten(),
    );
    said
}

/// What would come in a kept citation's place if it were dropped.
pub fn successor(retrieved: &Retrieved) -> Option<&Citation> {
    let relevant = |c: &&Citation| {
        c.superseded_by.is_none() && c.cosine.is_none_or(|cosine| cosine >= retrieved.floor)
    };
    retrieved.below.iter().find(relevant)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn citation(id: &str, (cosine, score, late): (i64, i64, Option<i64>)) -> Citation {
        Citation {
            id: id.into(),
            cosine: Some(cosine),
            score,
            late,
            rank_bm25: Some(2),
            rank_cosine: Some(13),
            terms: vec![("fee".into(), 100), ("repayment".into(), 90_000)],
            same_words: vec![
                ("fee".into(), vec!["fee".into(), "fees".into()]),
                ("repayment".into(), vec!["repay".into(), "repays".into()]),
            ],
            near_words: vec![
                NearWord {
                    asked: "early".into(),
                    found: "sooner".into(),
                    likeness: 7_000,
                    share: 900,
                },
                NearWord {
                    asked: "cost".into(),
                    found: "the".into(),
                    likeness: 2_000,
                    share: 100,
                },
            ],
            ..Citation::default()
        }
    }

    fn retrieved() -> Retrieved {
        Retrieved {
            citations: vec![
                citation("a", (6_000, 9_000, Some(6_000))),
                citation("b", (6_000, 8_000, Some(5_000))),
            ],
            below: vec![
                citation("c", (2_000, 7_000, Some(9_000))),
                citation("d", (5_000, 6_000, Some(5_000))),
            ],
            floor: 3_000,
            cosine_share: 5_000,
            late_share: Some(5_000),
            ..Retrieved::default()
        }
    }

    #[test]
    fn a_rank_is_told_in_words() {
        assert_eq!(
            why(&retrieved(), 0),
            [
                "It holds the query's own words: “repayment” (there: repay, repays) and “fee”.",
                "It says in other words: “sooner” for “early”.",
                "By its words alone it would be 2nd, by its meaning alone 13th.",
                "What puts it before the next, by 0.100: the words that both hold (+0.050) and single words in their place (+0.050).",
            ]
        );
        assert_eq!(why(&retrieved(), 9), [] as [String; 0]);
    }

    #[test]
    fn what_fell_below_the_cut_is_told_why() {
        let retrieved = retrieved();
        assert_eq!(
            why_not(&retrieved, 0)[0],
            "Not relevant enough: its meaning is 0.20 like the query's, and 0.30 is the least."
        );
        assert_eq!(
            why_not(&retrieved, 1)[0],
            "Below the cut by 0.200: the last that was kept has more by the words that both hold (+0.150)."
        );
        assert_eq!(successor(&retrieved).map(|c| c.id.as_str()), Some("d"));
    }

    #[test]
    fn the_parts_add_up_and_a_service_has_none() {
        let retrieved = retrieved();
        let first = &retrieved.citations[0];
        let parts = parts(first, &retrieved).unwrap();
        assert_eq!(parts.meaning + parts.words + parts.single, first.score);
        let served = Citation {
            service_rank: Some(1),
            ..first.clone()
        };
        assert_eq!(super::parts(&served, &retrieved), None);
        // An older record knows nothing of single words.
        let old = Retrieved {
            late_share: None,
            ..retrieved.clone()
        };
        assert_eq!(super::parts(first, &old).unwrap().single, 0);
    }
}
