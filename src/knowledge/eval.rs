//! How good a ranking is, against judgements: the usual four figures at a cut-off.

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
    #[expect(
        clippy::cast_precision_loss,
        reason = "places and counts are far below 53 bits"
    )]
    pub fn figures(&self, rankings: &BTreeMap<String, Vec<String>>, k: usize) -> Figures {
        let mut sum = Figures {
            queries: self.0.len(),
            k,
            ..Figures::default()
        };
        for (query, relevant) in &self.0 {
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
            sum.recall += f64::from(found) / all;
            sum.map += precision / all;
            sum.ndcg += gain / ideal;
            sum.mrr += first.map_or(0.0, |place: u32| 1.0 / f64::from(place));
        }
        let n = (self.0.len() as f64).max(1.0);
        for figure in [&mut sum.recall, &mut sum.map, &mut sum.ndcg, &mut sum.mrr] {
            *figure /= n;
        }
        sum
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
}
