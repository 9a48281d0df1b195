//! The arithmetic of credit: what the message says against what its numbers and facts give.

use super::{Draft, Prepared};
use crate::domain::finding::{Disposition, Part, Polarity};
use crate::text::numbers::{self, Quantity, Unit};
use crate::text::view::ViewKind;

/// Tolerance of a stated APR: an eighth of a percentage point (12 CFR 1026.22(a)(2)), in ten-thousandths of a per cent.
const APR_TOLERANCE: i64 = 1_250;
/// Tolerance of a sum: half a unit of currency and rounding of each payment.
const SUM_TOLERANCE: i64 = 5_000;

/// Checks payment × count against the total, and the stated APR against the one that the payments give.
pub fn arithmetic(prepared: &Prepared<'_>, report: &mut dyn FnMut(Draft<'_>)) {
    facts_alone(prepared, report);
    for part in prepared
        .parts
        .iter()
        .filter(|p| {
            let named = prepared.message.stands_for(p.part);
            matches!(named, Some(Part::Body | Part::Subject | Part::Html))
                && !prepared.message.repeats_body(p.part)
        })
    {
        let Some(view) = part.views.iter().find(|v| v.kind == ViewKind::Visible) else {
            continue;
        };
        let text = view.text();
        let found = numbers::quantities(text);
        let Some(stated) = read_terms(text, &found) else {
            continue;
        };
        let facts = &prepared.message.facts;
        let financed = stated
            .financed
            .or(facts.ten_thousandths("amount_financed"))
            .or_else(|| {
                Some(facts.ten_thousandths("price")? - facts.ten_thousandths("down").unwrap_or(0))
            });
        let mut say = |quantity: &Quantity, why: String, instead: Option<String>| {
            let (start, end) = view.mapped.original(quantity.start, quantity.end);
            report(Draft {
                part: part.part,
                start,
                end,
                owned_text: Some(text[quantity.start..quantity.end].to_owned()),
                polarity: Polarity::Asserted,
                disposition: Some(Disposition::Block),
                why: Some(why),
                replacement: instead,
                ..Draft::whole()
            });
        };
        if let Some(total) = stated.total {
            let sum = stated.payment * stated.count;
            let down = facts.ten_thousandths("down").or(stated.down).unwrap_or(0);
            let tolerance = SUM_TOLERANCE.max(stated.count * 100);
            if (sum - total.value).abs() > tolerance && (sum + down - total.value).abs() > tolerance
            {
                say(
                    &total,
                    format!(
                        "{} payments of {} make {}, not the stated total.",
                        stated.count,
                        money(stated.payment),
                        money(sum)
                    ),
                    Some(format!("${}", money(sum))),
                );
            }
        }
        if let (Some(apr), Some(financed), true) = (stated.apr, financed, stated.monthly)
            && let Some(nominal) = apr_of(financed, stated.payment, stated.count)
            && let real = if is_effective(prepared, text) {
                effective(nominal)
            } else {
                nominal
            }
            && (real - apr.value).abs() > APR_TOLERANCE
        {
            say(
                &apr,
                format!(
                    "{} financed over {} payments of {} is {}% APR by the law's method; a difference above 0.125 point is not allowed.",
                    money(financed),
                    stated.count,
                    money(stated.payment),
                    percent(real)
                ),
                Some(format!("{}%", percent(real))),
            );
        }
    }
}

/// In the UK and the EU the APR is the effective annual rate (CONC App 1.2; Directive 2008/48/EC annex I), in the US
/// the nominal one.
fn is_effective(prepared: &Prepared<'_>, text: &str) -> bool {
    match &prepared.message.jurisdiction {
        Some(j) => !j.as_str().starts_with("US"),
        None => text.contains('£') || text.contains('€'),
    }
}

/// Twelve months compounded.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "rates are far below 53 bits"
)]
fn effective(nominal: i64) -> i64 {
    let monthly = nominal as f64 / 12_000_000.0;
    let mut growth = 1.0;
    for _ in 0..12 {
        growth *= 1.0 + monthly;
    }
    ((growth - 1.0) * 1_000_000.0).round() as i64
}

/// Facts that contradict each other would make every statement wrong.
fn facts_alone(prepared: &Prepared<'_>, report: &mut dyn FnMut(Draft<'_>)) {
    let facts = &prepared.message.facts;
    if let (Some(payment), Some(count), Some(total)) = (
        facts.ten_thousandths("payment"),
        facts.ten_thousandths("installments").map(|n| n / 10_000),
        facts.ten_thousandths("total_of_payments"),
    ) {
        let down = facts.ten_thousandths("down").unwrap_or(0);
        let sum = payment * count;
        if (sum - total).abs() > SUM_TOLERANCE.max(count * 100)
            && (sum + down - total).abs() > SUM_TOLERANCE.max(count * 100)
        {
            report(Draft {
                view: "facts",
                disposition: Some(Disposition::Review),
                why: Some(format!(
                    "The product record says {count} payments of {} but a total of {}.",
                    money(payment),
                    money(total)
                )),
                ..Draft::whole()
            });
        }
    }
}

struct Terms {
    payment: i64,
    count: i64,
    monthly: bool,
    total: Option<Quantity>,
    apr: Option<Quantity>,
    financed: Option<i64>,
    down: Option<i64>,
}

/// "18 monthly payments of $107.69", "24 payments of £20", "$89 a month for 18 months".
fn read_terms(text: &str, found: &[Quantity]) -> Option<Terms> {
    let lower = text.to_lowercase();
    let behind = |q: &Quantity, n: usize| {
        lower
            .get(q.end..lower.floor_char_boundary((q.end + n).min(lower.len())))
            .unwrap_or("")
            .to_owned()
    };
    let before = |q: &Quantity, n: usize| {
        lower
            .get(lower.floor_char_boundary(q.start.saturating_sub(n))..q.start)
            .unwrap_or("")
            .to_owned()
    };
    let mut terms = None;
    for (index, q) in found.iter().enumerate() {
        let after = behind(q, 40);
        let counted = matches!(q.unit, Unit::Count)
            && [
                "payments of",
                "monthly payments of",
                "instalments of",
                "installments of",
                "monthly instalments of",
                "monthly installments of",
                "equal payments of",
                "monthly repayments of",
                "repayments of",
            ]
            .iter()
            .any(|words| after.trim_start().starts_with(words));
        if counted
            && let Some(payment) = found
                .get(index + 1)
                .filter(|p| p.unit == Unit::Money && p.start - q.end < 40)
        {
            terms = Some((payment.value, q.value / 10_000, after.contains("month")));
            break;
        }
        let per_month = q.unit == Unit::Money
            && [
                "a month",
                "per month",
                "/month",
                "monthly",
                "/mo",
                "each month",
            ]
            .iter()
            .any(|w| after.trim_start().starts_with(w));
        if per_month
            && let Some(term) = found
                .get(index + 1)
                .filter(|p| p.unit == Unit::Months && p.start - q.end < 30)
        {
            terms = Some((q.value, term.value / 10_000, true));
            break;
        }
    }
    let (payment, count, monthly) = terms?;
    // "over 12 months … 12 payments" says that payments are monthly
    let monthly = monthly
        || found
            .iter()
            .any(|q| q.unit == Unit::Months && q.value / 10_000 == count);
    let money_after = |words: &[&str]| {
        found
            .iter()
            .find(|q| q.unit == Unit::Money && words.iter().any(|w| before(q, 34).contains(w)))
            .cloned()
    };
    let total = money_after(&[
        "total of payments",
        "total amount payable",
        "total payable",
        "total repayable",
        "total:",
        "total of",
        "total £",
        "total $",
        "total €",
        "total ",
        "repay ",
    ]);
    let apr = found
        .iter()
        .find(|q| {
            q.unit == Unit::Percent
                && (behind(q, 40).contains("apr")
                    || behind(q, 40).contains("annual percentage rate")
                    || before(q, 14).contains("apr"))
        })
        .cloned();
    let financed = money_after(&[
        "borrow ",
        "borrowing ",
        "loan of ",
        "amount of credit",
        "amount financed",
        "finance ",
    ])
    .map(|q| q.value);
    let down = found
        .iter()
        .find(|q| q.unit == Unit::Money && behind(q, 16).contains("down"))
        .map(|q| q.value);
    Some(Terms {
        payment,
        count,
        monthly,
        total,
        apr,
        financed,
        down,
    })
}

/// The nominal annual rate of equal monthly payments, one month apart, in ten-thousandths of a per cent: the actuarial
/// method of 12 CFR 1026 appendix J for a single advance. Bisection on integers' ratio; ±0.0001 %.
#[expect(
    clippy::cast_precision_loss,
    reason = "amounts of money fit a float's 53 bits by far"
)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "the result is below 1,000 % × 10,000"
)]
pub fn apr_of(financed: i64, payment: i64, count: i64) -> Option<i64> {
    if financed <= 0 || payment <= 0 || !(1..=600).contains(&count) {
        return None;
    }
    let (financed, payment) = (financed as f64, payment as f64);
    let present = |rate: f64| -> f64 {
        // Horner's scheme: only multiplications and divisions, which IEEE 754 makes exact on every machine.
        let discount = 1.0 / (1.0 + rate);
        let mut value = 0.0;
        for _ in 0..count {
            value = (value + payment) * discount;
        }
        value
    };
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..60 {
        let middle = (low + high) * 0.5;
        if present(middle) > financed {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some((low * 12.0 * 100.0 * 10_000.0).round() as i64)
}

/// Ten-thousandths as an amount with two places.
fn money(value: i64) -> String {
    format!("{}.{:02}", value / 10_000, value % 10_000 / 100)
}

fn percent(value: i64) -> String {
    money(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_apr_of_an_amortising_loan() {
        // 1,800 over 18 payments of 107.69 is 9.50 % (the shipped example of a payment plan).
        let apr = apr_of(18_000_000, 1_076_900, 18).unwrap();
        assert!((apr - 95_000).abs() < 300, "{apr}");
        assert_eq!(apr_of(12_000_000, 1_000_000, 12), Some(0));
        assert_eq!(apr_of(0, 1, 1), None);
    }
}
