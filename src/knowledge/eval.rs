//! How good a ranking is, against judgements: the usual four figures at a cut-off, how sure each is, and whether one
//! ranking is better than another on the same queries.

use std::collections::BTreeMap;

/// Judgements: for each query the relevant documents with their grade (above 0).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgements(BTreeMap<String, BTreeMap<String, u32>>);

/// Means over all judged queries, as shares of one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// Judged queries; one without a ranking counts as nothing found.
    pub queries: usize,
    pub k: usize,
    /// Relevant documents among the first k, of all relevant ones.
    pub recall: f64,
    /// Mean over the relevant of the precision at their place (those past k count 0).
    pub map: f64,
    /// Gain discounted by log2(place + 1), of the ideal ranking's.
    pub ndcg: f64,
    /// One over the place of the first relevant document.
    pub mrr: f64,
}

/// The four figures of one query, or of one resample: recall, MAP, nDCG, MRR.
pub type Four = [f64; 4];

/// Names of the four, in their order.
pub const NAMES: [&str; 4] = ["recall", "map", "ndcg", "mrr"];

/// A mean over queries, and between what it lies in 95 of 100 draws of as many queries.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    pub mean: f64,
    pub low: f64,
    pub high: f64,
}

/// Draws of as many queries, with one seed: the same interval every time.
const DRAWS: usize = 10_000;
const SEED: u64 = 1;

/// Means and 95 % intervals of the four figures over queries (bootstrap, percentiles). Of differences of paired
/// queries, it says whether one ranking is better: an interval without 0.
#[expect(clippy::cast_precision_loss, reason = "counts of queries")]
pub fn spread(queries: &[Four]) -> [Spread; 4] {
    let n = queries.len();
    if n == 0 {
        return [Spread::default(); 4];
    }
    let mut state = SEED;
    // SplitMix64; the upper half, scaled to the queries.
    let mut draw = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let upper = (z ^ (z >> 31)) >> 32;
        ((upper * n as u64) >> 32) as usize
    };
    let mut means: [Vec<f64>; 4] = Default::default();
    for _ in 0..DRAWS {
        let mut sum = [0.0; 4];
        for _ in 0..n {
            for (sum, value) in sum.iter_mut().zip(queries[draw()]) {
                *sum += value;
            }
        }
        for (means, sum) in means.iter_mut().zip(sum) {
            means.push(sum / n as f64);
        }
    }
    let mut at = 0;
    means.map(|mut means| {
        means.sort_by(f64::total_cmp);
        let mean = queries.iter().map(|q| q[at]).sum::<f64>() / n as f64;
        at += 1;
        Spread {
            mean,
            low: means[DRAWS * 25 / 1_000],
            high: means[DRAWS * 975 / 1_000],
        }
    })
}

impl Judgements {
    /// Reads `query 0 document grade` (TREC) or `query document grade`, by white space; a heading line is skipped.
    ///
    /// # Errors
    /// The number of the first line that is neither.
    pub fn parse(text: &str) -> Result<Self, usize> {
        let mut all = Self::default();
        for (index, line) in text.lines().enumerate() {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let (query, document, grade) = match fields.as_slice() {
                [] => continue,
                [query, document, grade] | [query, _, document, grade] => (query, document, grade),
                _ => return Err(index + 1),
            };
            let grade: u32 = match grade.parse() {
                Ok(grade) => grade,
                Err(_) if index == 0 => continue,
                Err(_) => return Err(index + 1),
            };
            if grade > 0 {
                all.0
                    .entry((*query).to_owned())
                    .or_default()
                    .insert((*document).to_owned(), grade);
            }
        }
        Ok(all)
    }

    pub fn queries(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The figures of rankings by query, best first. A document that comes twice counts once.
    #[expect(clippy::cast_precision_loss, reason = "counts of queries")]
    pub fn figures(&self, rankings: &BTreeMap<String, Vec<String>>, k: usize) -> Figures {
        let queries = self.by_query(rankings, k);
        let n = (queries.len() as f64).max(1.0);
        let mean = |at: usize| queries.iter().map(|q| q[at]).sum::<f64>() / n;
        Figures {
            queries: queries.len(),
            k,
            recall: mean(0),
            map: mean(1),
            ndcg: mean(2),
            mrr: mean(3),
        }
    }

    /// The four figures of each judged query, in order of the queries' ids.
    #[expect(
        clippy::cast_precision_loss,
        reason = "places and counts are far below 53 bits"
    )]
    pub fn by_query(&self, rankings: &BTreeMap<String, Vec<String>>, k: usize) -> Vec<Four> {
        let of = |(query, relevant): (&String, &BTreeMap<String, u32>)| {
            let mut seen: Vec<&str> = Vec::new();
            for document in rankings.get(query).into_iter().flatten() {
                if !seen.contains(&document.as_str()) {
                    seen.push(document);
                }
                if seen.len() == k {
                    break;
                }
            }
            let (mut found, mut precision, mut gain, mut first) = (0_u32, 0.0, 0.0, None);
            for (place, document) in (1..).zip(&seen) {
                if let Some(grade) = relevant.get(*document) {
                    found += 1;
                    precision += f64::from(found) / f64::from(place);
                    gain += f64::from(*grade) / f64::from(place + 1).log2();
                    first.get_or_insert(place);
                }
            }
            let mut grades: Vec<u32> = relevant.values().copied().collect();
            grades.sort_unstable_by(|a, b| b.cmp(a));
            let ideal: f64 = (1..)
                .zip(grades.iter().take(k))
                .map(|(place, grade): (u32, _)| f64::from(*grade) / f64::from(place + 1).log2())
                .sum();
            let all = relevant.len() as f64;
            [
                f64::from(found) / all,
                precision / all,
                gain / ideal,
                first.map_or(0.0, |place: u32| 1.0 / f64::from(place)),
            ]
        };
        self.0.iter().map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_by_hand() {
        let judged = Judgements::parse(
            "query-id\tcorpus-id\tscore\nq1\ta\t1\nq1\tb\t1\nq2\tc\t1\nq3\td\t0\n",
        )
        .unwrap();
        let rankings: BTreeMap<String, Vec<String>> = [
            ("q1", vec!["x", "a", "a", "b"]),
            ("q2", vec!["y", "z", "w"]),
        ]
        .into_iter()
        .map(|(q, d)| (q.to_owned(), d.into_iter().map(str::to_owned).collect()))
        .collect();
        let figures = judged.figures(&rankings, 3);
        assert_eq!(figures.queries, 2);
        assert!((figures.recall - 0.5).abs() < 1e-9);
        // q1: (1/2 + 2/3) / 2
        assert!((figures.map - f64::midpoint(0.5, 2.0 / 3.0) / 2.0).abs() < 1e-9);
        assert!((figures.mrr - 0.25).abs() < 1e-9);
        let ideal = 1.0 + 1.0 / 3.0_f64.log2();
        let gain = 1.0 / 3.0_f64.log2() + 0.5;
        assert!((figures.ndcg - gain / ideal / 2.0).abs() < 1e-9);
    }

    #[test]
    fn trec_lines_are_read_and_bad_ones_named() {
        let judged = Judgements::parse("q 0 d 2\n\nq 0 e 1\n").unwrap();
        assert_eq!(judged.queries().collect::<Vec<_>>(), ["q"]);
        assert_eq!(Judgements::parse("q d 1\nnonsense\n"), Err(2));
    }

    #[test]
    fn intervals_hold_the_mean_are_the_same_again_and_tell_a_difference_from_none() {
        let queries: Vec<Four> = (0..60_u32)
            .map(|n| {
                let x = f64::from(n % 2);
                [x, 0.5, f64::from(n) / 60.0, 0.0]
            })
            .collect();
        let spreads = spread(&queries);
        assert_eq!(spreads, spread(&queries));
        let [half, same, ..] = spreads;
        assert!((half.mean - 0.5).abs() < 1e-9);
        // Two standard errors of a coin thrown 60 times.
        assert!((half.low - 0.375).abs() < 0.02 && (half.high - 0.625).abs() < 0.02);
        assert!((same.low - 0.5).abs() < 1e-9 && (same.high - 0.5).abs() < 1e-9);
        let better: Vec<Four> = (0..60)
            .map(|n| [if n < 50 { 0.1 } else { 0.0 }; 4])
            .collect();
        assert!(spread(&better)[0].low > 0.0);
        let neither: Vec<Four> = queries.iter().map(|q| [q[0] - 0.5; 4]).collect();
        assert!(spread(&neither)[0].low < 0.0 && spread(&neither)[0].high > 0.0);
        assert_eq!(spread(&[]), [Spread::default(); 4]);
    }
}
