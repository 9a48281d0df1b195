//! The two sums that are learned, in whole numbers, so that every machine comes to the same weights.

use std::sync::LazyLock;

/// Weights are thousandths of a natural logarithm of odds.
pub type LogOdds = i64;
/// One, in the weights that [`separate`] finds.
pub const ONE: i64 = 1 << 24;
/// One, in the cells of a row.
pub const CELL: i64 = 1 << 10;
const ROUNDS: usize = 6;

/// One sentence, as the solver sees it: places of features with how much of them there is.
#[derive(Debug)]
pub struct SolverRow {
    pub violates: bool,
    pub cells: Vec<(usize, i64)>,
}

/// A linear support vector machine with squared hinge loss, by dual coordinate descent (Hsieh et al. 2008), both
/// classes weighing the same. `tenths` is its constant C in tenths: how much a row may pull.
pub fn separate(rows: &[SolverRow], size: usize, tenths: i64) -> Vec<i64> {
    let all = i64::try_from(rows.len()).unwrap_or(i64::MAX).max(1);
    let violating = rows.iter().filter(|row| row.violates).count();
    let violating = i64::try_from(violating).unwrap_or(i64::MAX);
    // 1/(2C) for a class: its share of all rows over C.
    let slack = |violates: bool| {
        let count = if violates { violating } else { all - violating };
        (CELL * 10 * count / (tenths * all)).max(1)
    };
    let (of_lawful, of_violating) = (slack(false), slack(true));
    let slack = |row: &SolverRow| {
        if row.violates {
            of_violating
        } else {
            of_lawful
        }
    };
    let squares: Vec<i64> = rows
        .iter()
        .map(|row| (row.cells.iter().map(|(_, v)| v * v).sum::<i64>() >> 10) + slack(row))
        .collect();
    let mut weights = vec![0_i64; size];
    let mut pulls = vec![0_i64; rows.len()];
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let mut dice = 88_172_645_463_325_252_u64;
    for _ in 0..ROUNDS {
        for at in (1..order.len()).rev() {
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            let span = u64::try_from(at).unwrap_or(0) + 1;
            order.swap(at, usize::try_from(dice % span).unwrap_or(0));
        }
        for &at in &order {
            let row = &rows[at];
            let side = if row.violates { 1 } else { -1 };
            let error = side * sum(&weights, &row.cells) - ONE + ((slack(row) * pulls[at]) >> 10);
            let pull = (pulls[at] - error * CELL / squares[at]).max(0);
            let change = side * (pull - pulls[at]);
            pulls[at] = pull;
            if change != 0 {
                for &(place, value) in &row.cells {
                    weights[place] += (change * value) >> 10;
                }
            }
        }
    }
    weights
}

/// What weights make of a row.
pub fn sum(weights: &[i64], cells: &[(usize, i64)]) -> i64 {
    let sum: i64 = cells
        .iter()
        .filter_map(|(place, value)| Some(weights.get(*place)? * value))
        .sum();
    sum >> 10
}

/// The natural logarithm of a count in thousandths; small ones are looked up.
pub fn log(value: u64) -> LogOdds {
    static SMALL: LazyLock<Vec<LogOdds>> = LazyLock::new(|| (0..4_096).map(log_of).collect());
    let small = usize::try_from(value)
        .ok()
        .and_then(|value| SMALL.get(value));
    small.copied().unwrap_or_else(|| log_of(value))
}

/// The natural logarithm in thousandths: binary digits of log2 by squaring (fixed point), times ln 2.
fn log_of(value: u64) -> LogOdds {
    const BITS: u32 = 20;
    // ln 2 × 1000 in 20 binary places.
    const LN2: i64 = 726_817_498;
    let value = value.max(1);
    let whole = value.ilog2();
    let mut digits = i64::from(whole) << BITS;
    // The mantissa in 1..2, with 62 binary places.
    let mut mantissa = u128::from(value) << (62 - whole);
    for bit in (0..BITS).rev() {
        mantissa = (mantissa * mantissa) >> 62;
        if mantissa >> 63 != 0 {
            mantissa >>= 1;
            digits |= 1 << bit;
        }
    }
    ((digits >> 4) * (LN2 >> 4)) >> 32
}

/// How rare a feature is, in thousandths; one that no shipped row has is the rarest.
pub fn rarity(count: Option<(u64, u64)>, rows: u64) -> LogOdds {
    log(rows) - log(count.map_or(1, |(violating, lawful)| violating + lawful))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_right_to_a_thousandth() {
        for (value, thousandths) in [
            (1, 0),
            (2, 693),
            (10, 2_303),
            (1_000, 6_908),
            (123_456, 11_724),
        ] {
            assert!(
                (log(value) - thousandths).abs() <= 1,
                "{value}: {}",
                log(value)
            );
        }
    }

    #[test]
    fn what_can_be_separated_is() {
        let row = |violates, cells: &[(usize, i64)]| SolverRow {
            violates,
            cells: cells.to_vec(),
        };
        let rows = [
            row(true, &[(0, CELL), (2, CELL)]),
            row(true, &[(0, CELL)]),
            row(false, &[(1, CELL), (2, CELL)]),
            row(false, &[(1, CELL)]),
        ];
        let weights = separate(&rows, 3, 10);
        for row in &rows {
            assert_eq!(sum(&weights, &row.cells) > 0, row.violates);
        }
        assert!(separate(&[], 3, 10).iter().all(|weight| *weight == 0));
    }
}
