//! The annual percentage rate of equal payments at equal intervals.
//!
//! Only additions, multiplications and divisions, which IEEE 754 makes exact on every machine.

/// By which law's method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The rate of a period times the periods of a year: the actuarial method of 12 CFR 1026, appendix J.
    Nominal,
    /// The rate of a period compounded over a year: Directive 2008/48/EC annex I, Directive (EU) 2023/2225 annex III,
    /// FCA CONC App 1.2. A year has 52 weeks or 12 equal months.
    Effective,
}

/// Rate above which nothing is computed: 100 % a period.
const HIGHEST: f64 = 1.0;

/// The rate in ten-thousandths of a per cent. Amounts in ten-thousandths of the currency's unit; `per_year` periods make
/// a year. Payments that do not pay the amount back have no rate above zero. `None`: nothing to compute.
#[expect(
    clippy::cast_precision_loss,
    reason = "amounts of money and counts of periods fit a float's 53 bits by far"
)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "the rate is finite and capped before it is rounded"
)]
pub fn apr(financed: i64, payment: i64, count: i64, per_year: i64, method: Method) -> Option<i64> {
    let rate = period_rate(financed, payment, count)?;
    let year = match method {
        Method::Nominal => rate * per_year as f64,
        Method::Effective => {
            let mut growth = 1.0;
            for _ in 0..per_year {
                growth *= 1.0 + rate;
            }
            growth - 1.0
        }
    };
    let value = (year * 1_000_000.0).round();
    (value < 1e15).then_some(value as i64)
}

/// The rate of one period, by bisection: the present value of the payments falls as the rate grows.
#[expect(
    clippy::cast_precision_loss,
    reason = "amounts of money fit a float's 53 bits by far"
)]
fn period_rate(financed: i64, payment: i64, count: i64) -> Option<f64> {
    if financed <= 0 || payment <= 0 || !(1..=2_600).contains(&count) {
        return None;
    }
    let (financed, payment) = (financed as f64, payment as f64);
    let present = |rate: f64| -> f64 {
        // Horner's scheme.
        let discount = 1.0 / (1.0 + rate);
        let mut value = 0.0;
        for _ in 0..count {
            value = (value + payment) * discount;
        }
        value
    };
    let (mut low, mut high) = (0.0_f64, HIGHEST);
    if present(high) > financed {
        return None;
    }
    for _ in 0..60 {
        let middle = (low + high) * 0.5;
        if present(middle) > financed {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(low)
}

#[cfg(test)]
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_rate_of_an_amortising_loan_by_both_methods() {
        let nominal = |f, p, n, year| apr(f, p, n, year, Method::Nominal);
        // 1,800 over 18 payments of 107.69 is 9.50 % (the shipped example of a payment plan).
        assert!((nominal(18_000_000, 1_076_900, 18, 12).unwrap() - 95_000).abs() < 300);
        assert_eq!(nominal(12_000_000, 1_000_000, 12, 12), Some(0));
        assert_eq!(nominal(0, 1, 1, 12), None);
        assert_eq!(nominal(12_000_000, 900_000, 12, 12), Some(0));
        // 5,000 in 24 payments of 230: 9.6857 % nominal, 10.13 % effective.
        assert_eq!(
            nominal(50_000_000, 2_300_000, 24, 12).map(|v| v / 10),
            Some(9_685)
        );
        assert_eq!(
            apr(50_000_000, 2_300_000, 24, 12, Method::Effective).map(|v| (v + 50) / 100),
            Some(1_013)
        );
        // Two of the directive's own examples: 6,000 in four yearly payments of 1,852.00 is 9 %.
        assert_eq!(
            apr(60_000_000, 18_520_000, 4, 1, Method::Effective).map(|v| (v + 5_000) / 10_000),
            Some(9)
        );
    }

    proptest! {
        /// Against the closed form of an annuity, bisected with powers.
        #[test]
        fn the_rate_is_that_of_the_closed_form(
            amount in 100i64..100_000,
            count in 1i64..480,
            rate in 1u32..900,
            per_year in prop::sample::select(vec![4i64, 12, 24, 26, 52]),
        ) {
            let period = f64::from(rate) / 1_000.0 / per_year as f64;
            let powers = 1.0 - (1.0 + period).powi(-(count as i32));
            let payment = (amount as f64 * period / powers * 10_000.0).round() as i64;
            let worth = |i: f64| payment as f64 * (1.0 - (1.0 + i).powi(-(count as i32))) / i;
            let (mut low, mut high) = (1e-12, 1.0);
            for _ in 0..100 {
                let middle = f64::midpoint(low, high);
                if worth(middle) > amount as f64 * 10_000.0 { low = middle } else { high = middle }
            }
            let year = [low * per_year as f64, (1.0 + low).powi(per_year as i32) - 1.0];
            for (method, expected) in [Method::Nominal, Method::Effective].into_iter().zip(year) {
                let found = apr(amount * 10_000, payment, count, per_year, method).unwrap();
                prop_assert!((found as f64 - expected * 1_000_000.0).abs() <= 2.0, "{found} {expected}");
            }
        }
    }
}
