//! What a message says of a loan: so many payments of so much, the amount, the total and the rate.

use super::boxed::{self, BoxTerm, PERIODS, period};
use crate::text::numbers::{Quantity, Unit};
use regex::Regex;
use std::sync::LazyLock;

/// The terms of one plan. Amounts in ten-thousandths.
pub struct CreditTerms {
    pub payment: i64,
    pub count: i64,
    /// Payments a year, if the message says it.
    pub per_year: Option<i64>,
    pub total: Option<Quantity>,
    pub apr: Option<Quantity>,
    pub financed: Option<i64>,
    pub down: Option<i64>,
    /// A fee comes on top or is kept back: the rate is higher than the payments alone make it, the total may be.
    pub fee: Option<Quantity>,
    /// Rates that are not called the APR, in ten-thousandths of a per cent.
    pub rates: Vec<i64>,
    /// Not equal payments at equal intervals from the first one on.
    pub is_irregular: bool,
}

impl CreditTerms {
    /// The fee, if it is stated as an amount.
    pub fn fee_amount(&self) -> Option<i64> {
        self.fee
            .as_ref()
            .filter(|q| q.unit == Unit::Money)
            .map(|q| q.value)
    }
}

struct CreditPatterns {
    irregular: Regex,
    is_payment: Regex,
    counted: Regex,
    times: Regex,
    a_period: Regex,
    payment_of: Regex,
    over: Regex,
    loan: Regex,
}

#[expect(
    clippy::expect_used,
    reason = "constant patterns, covered by the tests of this folder"
)]
static PATTERNS: LazyLock<CreditPatterns> = LazyLock::new(|| {
    let new = |pattern: &str| Regex::new(pattern).expect("constant pattern");
    CreditPatterns {
        irregular: new(
            r"balloon|(?:final|last) (?:payment|instal?lment)|defer(?:red|ral|ment)|no payments? (?:for|until|due)|first payment (?:is )?(?:due )?(?:in|after)|introductory|intro apr|promotional (?:rate|apr)|interest[- ]only|(?:payments?|instal?lments?) (?:of|at)[^;:]{0,60}then (?:\d[\d,]*|[a-z-]+) (?:(?:payments?|instal?lments?|more|further|monthly) )*(?:of|at) ?[£$€\d]",
        ),
        is_payment: new(
            r"\A\s*(?:a|an|per|each|every|/)\s*(?:month|week|fortnight|quarter|two weeks|2 weeks|mo\b)|\A\s*(?:monthly|weekly|bi-?weekly|fortnightly|quarterly|pcm)\b",
        ),
        // "24 [equal monthly] payments of [only] $230"
        counted: new(
            r"\A\)?\s*(?:[a-z-]+\s+){0,3}?(?:re)?(?:payments?|instal?lments?)\s*(?:of|at|@|:|,)?\s*(?:only|just|about)?\s*\z",
        ),
        // "24 x $230", "24 × $230", "24 times $230", and the other way round
        times: new(r"\A\s*(?:x|×|\*|times)\s*\z"),
        // "$230 a month for 24 months", "$230/mo x 24"
        a_period: new(
            r"\A\s*(?:a|an|per|each|every|/)?\s*(?:month|week|fortnight|quarter|two weeks|2 weeks|mo|pcm|monthly|weekly|bi-?weekly|fortnightly|quarterly)\.?\s*,?\s*(?:for|over|x|×|\*|times|during)\s*(?:the next|only|just)?\s*\z",
        ),
        // "monthly payments of $230 for 24 months"
        payment_of: new(
            r"(?:re)?(?:payments?|instal?lments?)\s*(?:of|at|:|are|is)?\s*(?:only|just|about)?\s*\z",
        ),
        over: new(r"\A\s*,?\s*(?:each\s*)?(?:for|over|x|×|during)\s*(?:the next)?\s*\z"),
        // "a $5,000 loan"
        loan: new(r"\A\s+(?:\w+\s+)?(?:loan|of credit|financed|borrowed)\b"),
    }
});

/// Words before an amount that make it the sum of the payments.
const TOTALS: [&str; 11] = [
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
];

/// Reads the terms of the first plan in the text. Nothing without a number and an amount of payments.
pub fn read(text: &str, found: &[Quantity]) -> Option<CreditTerms> {
    // Only ASCII letters change, so bytes stay where they are.
    let lower = text.to_ascii_lowercase();
    let reader = CreditTermsReader {
        lower: &lower,
        found,
    };
    let cells = boxed::cells(&lower, found);
    let cell = |slot: BoxTerm| cells.iter().find(|c| c.slot == slot);
    let in_box = || {
        let (count, payment) = (cell(BoxTerm::Count)?, cell(BoxTerm::Payment)?);
        Some(PaymentPlan {
            payment: payment.quantity.value,
            count: count.quantity.value / 10_000,
            per_year: payment.per_year,
        })
    };
    let plan = reader.plan().or_else(in_box).or_else(|| reader.apart())?;
    let per_year = plan.per_year.or_else(|| {
        reader.only_period().or_else(|| {
            // "over 12 months … 12 payments" says that payments are monthly.
            found
                .iter()
                .any(|q| q.unit == Unit::Months && q.value / 10_000 == plan.count)
                .then_some(12)
        })
    });
    let taken = |slot: BoxTerm| cell(slot).map(|c| c.quantity.clone());
    let apr = taken(BoxTerm::Apr).or_else(|| reader.apr());
    let rates = found
        .iter()
        .filter(|q| q.unit == Unit::Percent && Some(*q) != apr.as_ref())
        .map(|q| q.value)
        .collect();
    Some(CreditTerms {
        payment: plan.payment,
        count: plan.count,
        per_year,
        total: taken(BoxTerm::Total).or_else(|| reader.total()),
        apr,
        rates,
        financed: taken(BoxTerm::Financed)
            .or_else(|| reader.financed())
            .map(|q| q.value),
        down: reader.down(),
        fee: reader.fee(),
        is_irregular: PATTERNS.irregular.is_match(&lower),
    })
}

struct PaymentPlan {
    payment: i64,
    count: i64,
    per_year: Option<i64>,
}

struct CreditTermsReader<'t> {
    lower: &'t str,
    found: &'t [Quantity],
}

impl CreditTermsReader<'_> {
    fn behind(&self, q: &Quantity, bytes: usize) -> &str {
        let end = self
            .lower
            .floor_char_boundary((q.end + bytes).min(self.lower.len()));
        self.lower.get(q.end..end).unwrap_or("")
    }

    fn before(&self, q: &Quantity, bytes: usize) -> &str {
        let start = self
            .lower
            .floor_char_boundary(q.start.saturating_sub(bytes));
        self.lower.get(start..q.start).unwrap_or("")
    }

    fn plan(&self) -> Option<PaymentPlan> {
        let p = &*PATTERNS;
        self.found.windows(2).find_map(|pair| {
            let [first, second] = pair else { return None };
            let gap = self.lower.get(first.end..second.start)?;
            if gap.len() > 64 {
                return None;
            }
            let around = || {
                period(gap)
                    .or_else(|| period(self.behind(second, 24)))
                    .or_else(|| period(self.before(first, 32)))
            };
            // A number in words with its figure, "twenty-four (24) payments", is one number.
            let is_count =
                |q: &Quantity| matches!(q.unit, Unit::Count | Unit::Months | Unit::Weeks);
            if second.unit == Unit::Money {
                let several = first.unit == Unit::Count && p.counted.is_match(gap)
                    || is_count(first) && p.times.is_match(gap)
                    || first.unit == Unit::Months && matches!(gap.trim(), "at" | "@" | "of");
                return several
                    .then(|| PaymentPlan {
                        payment: second.value,
                        count: first.value / 10_000,
                        per_year: around().or((first.unit == Unit::Months).then_some(12)),
                    })
                    .filter(|plan| plan.count > 0);
            }
            if first.unit != Unit::Money {
                return None;
            }
            let said = p.a_period.is_match(gap)
                || p.times.is_match(gap)
                || p.over.is_match(gap) && p.payment_of.is_match(self.before(first, 32));
            if !said {
                return None;
            }
            // Before the amount only within its own sentence: another plan may stand further off.
            let per_year = period(gap)
                .or_else(|| period(self.before(first, 32)))
                .or_else(|| period(self.behind(second, 16)));
            let count = Self::payments(second, per_year)?;
            Some(PaymentPlan {
                payment: first.value,
                count,
                per_year: per_year.or((second.unit == Unit::Months).then_some(12)),
            })
        })
    }

    /// One payment a period and one term, with other figures between them: "over 60 months at 6.9% APR, $198 a month".
    fn apart(&self) -> Option<PaymentPlan> {
        let mut payments = self.found.iter().filter(|q| {
            q.unit == Unit::Money
                && (PATTERNS.is_payment.is_match(self.behind(q, 24))
                    || PATTERNS.payment_of.is_match(self.before(q, 32)))
        });
        let mut terms = self
            .found
            .iter()
            .filter(|q| matches!(q.unit, Unit::Months | Unit::Weeks | Unit::Years));
        let (payment, term) = (payments.next()?, terms.next()?);
        if payments.next().is_some() || terms.next().is_some() {
            return None;
        }
        let per_year =
            period(self.behind(payment, 24)).or_else(|| period(self.before(payment, 32)))?;
        Some(PaymentPlan {
            payment: payment.value,
            count: Self::payments(term, Some(per_year))?,
            per_year: Some(per_year),
        })
    }

    /// An amount or a share that is called a fee, other than one for paying late or for a year.
    fn fee(&self) -> Option<Quantity> {
        let near = |text: &str| {
            (text.contains("fee") || text.contains("charge of") || text.contains("closing costs"))
                && !text.contains("late fee")
                && !text.contains("annual fee")
        };
        self.found
            .iter()
            .enumerate()
            .find(|(index, q)| {
                let next = self.found.get(index + 1).map_or(usize::MAX, |n| n.start);
                let last = index.checked_sub(1).map_or(0, |i| self.found[i].end);
                // Within its own words: "4.9%, fees €45" is no fee of 4.9 %.
                let apart = [',', ';', '.', '\n'];
                let behind = self.behind(q, 24.min(next.saturating_sub(q.end)));
                let before = self.before(q, 24.min(q.start.saturating_sub(last)));
                q.value > 0
                    && matches!(q.unit, Unit::Money | Unit::Percent)
                    && (near(behind.split(apart).next().unwrap_or(""))
                        || near(before.rsplit(apart).next().unwrap_or("")))
            })
            .map(|(_, q)| q.clone())
    }

    /// How many payments a term holds.
    fn payments(term: &Quantity, per_year: Option<i64>) -> Option<i64> {
        let length = term.value / 10_000;
        let whole = |n: i64, by: i64| (n % by == 0 && n > 0).then_some(n / by);
        match (term.unit, per_year.unwrap_or(12)) {
            (Unit::Count, _) => whole(length, 1),
            (Unit::Months, year) => whole(length.checked_mul(year)?, 12),
            (Unit::Weeks, 52) => whole(length, 1),
            (Unit::Weeks, 26) => whole(length, 2),
            (Unit::Years, year) => whole(term.value.checked_mul(year)?, 10_000),
            _ => None,
        }
    }

    /// How often, if the whole text speaks of one way only.
    fn only_period(&self) -> Option<i64> {
        let mut said = Vec::new();
        let mut rest = self.lower.to_owned();
        for (word, year) in PERIODS {
            if rest.contains(word) {
                // "biweekly" is not "weekly" as well.
                rest = rest.replace(word, " ");
                if !said.contains(&year) {
                    said.push(year);
                }
            }
        }
        match said.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }

    fn money_after(&self, words: &[&str]) -> Option<Quantity> {
        self.found
            .iter()
            .find(|q| q.unit == Unit::Money && words.iter().any(|w| self.before(q, 34).contains(w)))
            .cloned()
    }

    fn total(&self) -> Option<Quantity> {
        self.found
            .iter()
            .find(|q| {
                let before = self.before(q, 34);
                q.unit == Unit::Money
                    && !before.contains("of credit")
                    && TOTALS.iter().any(|words| before.contains(words))
            })
            .cloned()
    }

    fn financed(&self) -> Option<Quantity> {
        self.money_after(&[
            "borrow ",
            "borrowing ",
            "loan of ",
            "loan amount",
            "amount of credit",
            "amount financed",
            "finance ",
            "principal",
        ])
        .or_else(|| {
            self.found
                .iter()
                .find(|q| q.unit == Unit::Money && PATTERNS.loan.is_match(self.behind(q, 40)))
                .cloned()
        })
    }

    /// The rate that the message calls the APR: no other figure stands between it and the word.
    fn apr(&self) -> Option<Quantity> {
        self.found
            .iter()
            .enumerate()
            .find(|(index, q)| {
                let next = self.found.get(index + 1).map_or(usize::MAX, |n| n.start);
                let behind = self.behind(q, 40.min(next.saturating_sub(q.end)));
                let last = index.checked_sub(1).map_or(0, |i| self.found[i].end);
                let before = self.before(q, 34.min(q.start.saturating_sub(last)));
                q.unit == Unit::Percent
                    && (behind.contains("apr")
                        || behind.contains("annual percentage rate")
                        || before.contains("annual percentage rate")
                        || before
                            .get(before.floor_char_boundary(before.len().saturating_sub(14))..)
                            .is_some_and(|near| near.contains("apr")))
            })
            .map(|(_, q)| q.clone())
    }

    fn down(&self) -> Option<i64> {
        self.found
            .iter()
            .find(|q| q.unit == Unit::Money && self.behind(q, 16).contains("down"))
            .map(|q| q.value)
    }
}
