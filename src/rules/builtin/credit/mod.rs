//! The arithmetic of credit: what the message says against what its numbers and facts give.

mod apr;
mod boxed;
mod terms;

use super::{Prepared, RawFinding};
use crate::domain::finding::{Disposition, Part, Polarity};
use crate::text::numbers::{self, Numerals, Quantity, Unit};
use apr::Method;
use terms::CreditTerms;

/// Tolerance of a stated APR: an eighth of a percentage point (12 CFR 1026.22(a)(2)), in ten-thousandths of a per cent.
const APR_TOLERANCE: i64 = 1_250;
/// Tolerance of a sum: half a unit of currency and rounding of each payment.
const SUM_TOLERANCE: i64 = 5_000;
/// Rounding of a stated rate of interest, in ten-thousandths of a per cent.
const INTEREST_TOLERANCE: i64 = 500;
/// What rounding a payment to the hundredth can add or take, in ten-thousandths.
const HALF_CENT: i64 = 50;

/// Checks payment × count against the total, and the stated APR against the one that the payments give.
pub fn arithmetic(prepared: &Prepared<'_>, report: &mut dyn FnMut(RawFinding<'_>)) {
    facts_alone(prepared, report);
    for part in prepared.parts.iter().filter(|p| {
        let named = prepared.message.stands_for(p.part);
        matches!(named, Some(Part::Body | Part::Subject | Part::Html))
            && !prepared.message.repeats_body(p.part)
    }) {
        let Some(view) = part.visible() else {
            continue;
        };
        let text = view.text();
        // Nothing is computed from a figure that is struck out or can be read in two ways.
        let found = view.quantities(Numerals::of(prepared.message)).iter();
        let found: Vec<Quantity> = found.filter(|q| q.is_clear()).cloned().collect();
        // A plan has an amount of money.
        if !found.iter().any(|quantity| quantity.unit == Unit::Money) {
            continue;
        }
        let Some(stated) = terms::read(text, &found) else {
            continue;
        };
        if stated.is_irregular {
            continue;
        }
        let fact = |key: &str| known(prepared, key);
        let financed = stated
            .financed
            .or_else(|| fact("amount_financed"))
            .or_else(|| fact("price")?.checked_sub(fact("down").unwrap_or(0)));
        let mut say = |quantity: &Quantity, why: String, instead: Option<String>| {
            let (start, end) = view.mapped.original(quantity.start, quantity.end);
            report(RawFinding {
                part: part.part,
                start,
                end,
                owned_text: Some(text[quantity.start..quantity.end].to_owned()),
                polarity: Polarity::Asserted,
                disposition: Some(Disposition::Block),
                why: Some(why),
                replacement: instead,
                ..RawFinding::whole()
            });
        };
        if let Some(total) = &stated.total
            && let Some(sum) = stated.payment.checked_mul(stated.count)
        {
            let down = fact("down").or(stated.down).unwrap_or(0);
            let fees = [fact("fee"), stated.fee_amount()];
            if !adds_up(sum, total.value, stated.count, down, &fees) {
                say(
                    total,
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
        if let (Some(apr), Some(financed), Some(per_year)) =
            (&stated.apr, financed, stated.per_year)
            && let Some(wrong) = wrong_apr(
                &stated,
                financed,
                per_year,
                &text[apr.start..apr.end],
                apr.value,
                method_of(prepared, text),
            )
        {
            say(apr, wrong.why, Some(wrong.instead));
        }
    }
}

/// A fact as a number, or the one figure of its words ("5.000 €").
fn known(prepared: &Prepared<'_>, key: &str) -> Option<i64> {
    let facts = &prepared.message.facts;
    facts.ten_thousandths(key).or_else(|| {
        let said = numbers::quantities_in(facts.text(key)?, Numerals::of(prepared.message));
        match said.as_slice() {
            [one] if one.is_clear() => Some(one.value),
            _ => None,
        }
    })
}

/// Whether a total is the payments', with or without what is paid at first and the fees.
fn adds_up(sum: i64, total: i64, count: i64, down: i64, fees: &[Option<i64>]) -> bool {
    let tolerance = SUM_TOLERANCE.max(count.saturating_mul(100));
    let near = |more: i64| sum.saturating_add(more).abs_diff(total) <= tolerance.unsigned_abs();
    let with = |more: i64| near(more) || near(more.saturating_add(down));
    with(0) || fees.iter().flatten().any(|fee| with(*fee))
}

struct WrongApr {
    why: String,
    instead: String,
}

/// The stated rate against the one that the payments give.
fn wrong_apr(
    stated: &CreditTerms,
    financed: i64,
    per_year: i64,
    written: &str,
    rate: i64,
    method: Method,
) -> Option<WrongApr> {
    let of = |payment: i64| apr::apr(financed, payment, stated.count, per_year, method);
    let real = of(stated.payment)?;
    // A fee, or a rate of interest that the payments give beside a higher APR: the APR holds costs that are not written.
    let nominal = apr::apr(
        financed,
        stated.payment,
        stated.count,
        per_year,
        Method::Nominal,
    )?;
    let beside = stated
        .rates
        .iter()
        .any(|r| (r - nominal).abs() <= INTEREST_TOLERANCE);
    if rate >= real && (stated.fee.is_some() || beside) {
        return None;
    }
    let head = format!(
        "{} financed over {} payments of {}, {per_year} a year, is",
        money(financed),
        stated.count,
        money(stated.payment)
    );
    match method {
        Method::Nominal => ((real - rate).abs() > APR_TOLERANCE).then(|| WrongApr {
            why: format!(
                "{head} {}% APR by the law's method; a difference above 0.125 point is not allowed.",
                percent(real)
            ),
            instead: format!("{}%", percent(real)),
        }),
        Method::Effective => {
            // Stated with one decimal or more, each rounded; the payment itself was rounded to the hundredth.
            let places = decimals(written).clamp(1, 4);
            let unit = 10_i64.pow(4 - places);
            let low = of(stated.payment - HALF_CENT).unwrap_or(real);
            let high = of(stated.payment + HALF_CENT).unwrap_or(real);
            let half = unit / 2;
            (rate + half < low || rate - half > high).then(|| {
                let rounded = (real + unit / 2) / unit * unit;
                let shown = if places == 1 {
                    format!("{}.{}", rounded / 10_000, rounded % 10_000 / 1_000)
                } else {
                    percent(rounded)
                };
                WrongApr {
                    why: format!(
                        "{head} an effective {shown}% APR by the law's method, rounded to the decimal that is stated."
                    ),
                    instead: format!("{shown}%"),
                }
            })
        }
    }
}

/// Decimals of a figure as it is written.
fn decimals(written: &str) -> u32 {
    written.rsplit_once(['.', ',']).map_or(0, |(_, rest)| {
        u32::try_from(rest.chars().take_while(char::is_ascii_digit).count()).unwrap_or(0)
    })
}

/// In the UK and the EU the APR is the effective annual rate, in the US the nominal one.
fn method_of(prepared: &Prepared<'_>, text: &str) -> Method {
    let effective = match &prepared.message.jurisdiction {
        Some(j) => !j.as_str().starts_with("US"),
        None => text.contains('£') || text.contains('€'),
    };
    if effective {
        Method::Effective
    } else {
        Method::Nominal
    }
}

/// Facts that contradict each other would make every statement wrong.
fn facts_alone(prepared: &Prepared<'_>, report: &mut dyn FnMut(RawFinding<'_>)) {
    let facts = &prepared.message.facts;
    if let (Some(payment), Some(count), Some(total)) = (
        facts.ten_thousandths("payment"),
        facts.ten_thousandths("installments").map(|n| n / 10_000),
        facts.ten_thousandths("total_of_payments"),
    ) {
        let down = facts.ten_thousandths("down").unwrap_or(0);
        let Some(sum) = payment.checked_mul(count) else {
            return;
        };
        let fees = [facts.ten_thousandths("fee")];
        if !adds_up(sum, total, count, down, &fees) {
            report(RawFinding {
                view: "facts",
                disposition: Some(Disposition::Review),
                why: Some(format!(
                    "The product record says {count} payments of {} but a total of {}.",
                    money(payment),
                    money(total)
                )),
                ..RawFinding::whole()
            });
        }
    }
}

/// Ten-thousandths as an amount with two places.
fn money(value: i64) -> String {
    format!("{}.{:02}", value / 10_000, value % 10_000 / 100)
}

fn percent(value: i64) -> String {
    money(value)
}
