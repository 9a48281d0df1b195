//! Which product fact a number speaks of, by the words beside it.

use crate::text::numbers::Unit;

/// A fact key, the unit of its value, and words of which one stands near a number that speaks of it.
pub struct FactLabel {
    pub key: &'static str,
    pub unit: Unit,
    pub words: &'static [&'static str],
    /// Words of which one stands right before it.
    pub before: &'static [&'static str],
}

/// The labels that are telling enough to contradict. Others only support.
pub const LABELS: &[FactLabel] = &[
    FactLabel {
        key: "apr",
        unit: Unit::Percent,
        words: &["apr", "annual percentage rate"],
        before: &[],
    },
    FactLabel {
        key: "rep_apr",
        unit: Unit::Percent,
        words: &["representative"],
        before: &[],
    },
    FactLabel {
        key: "apy",
        unit: Unit::Percent,
        words: &["apy", "annual percentage yield"],
        before: &[],
    },
    FactLabel {
        key: "aer",
        unit: Unit::Percent,
        words: &["aer"],
        before: &[],
    },
    FactLabel {
        key: "expense_ratio",
        unit: Unit::Percent,
        words: &["expense ratio"],
        before: &[],
    },
    FactLabel {
        key: "ongoing_charge",
        unit: Unit::Percent,
        words: &["ongoing charge"],
        before: &[],
    },
    FactLabel {
        key: "discount_pct",
        unit: Unit::Percent,
        words: &["off", "discount"],
        before: &["save ", "save up to "],
    },
    FactLabel {
        key: "installments",
        unit: Unit::Count,
        words: &[
            "payments of",
            "monthly payments",
            "instalments",
            "installments",
            "equal payments",
        ],
        before: &[],
    },
    FactLabel {
        key: "installments",
        unit: Unit::Months,
        words: &["monthly payments", "months to pay"],
        before: &[],
    },
    FactLabel {
        key: "payment",
        unit: Unit::Money,
        words: &["payments of", "a month", "per month", "monthly"],
        before: &[],
    },
    FactLabel {
        key: "down",
        unit: Unit::Money,
        words: &[" down"],
        before: &[],
    },
    FactLabel {
        key: "monthly_fee",
        unit: Unit::Money,
        words: &["monthly fee", "maintenance fee", "service fee"],
        before: &[],
    },
    FactLabel {
        key: "annual_fee",
        unit: Unit::Money,
        words: &["annual fee"],
        before: &[],
    },
    FactLabel {
        key: "late_fee_max",
        unit: Unit::Money,
        words: &["late fee"],
        before: &[],
    },
    FactLabel {
        key: "min_balance",
        unit: Unit::Money,
        words: &["minimum balance"],
        before: &[],
    },
    FactLabel {
        key: "min_open",
        unit: Unit::Money,
        words: &["to open", "opening deposit"],
        before: &[],
    },
    FactLabel {
        key: "fdic_limit",
        unit: Unit::Money,
        words: &["insured up to", "per depositor"],
        before: &[],
    },
    FactLabel {
        key: "review_count",
        unit: Unit::Count,
        words: &["reviews", "ratings", "happy ", "satisfied ", "five-star"],
        before: &["stars by ", "rated by ", "reviewed by ", "join "],
    },
    FactLabel {
        key: "refund_days",
        unit: Unit::Days,
        words: &["refund", "money back", "money-back", "return it"],
        before: &[],
    },
    FactLabel {
        key: "review_avg",
        unit: Unit::Count,
        words: &["stars", "out of ", "star average", "star rating"],
        before: &["rated ", "rating of ", "average of ", "scores "],
    },
    FactLabel {
        key: "price_after",
        unit: Unit::Money,
        words: &["a month until", "per month until", "a month after"],
        before: &[
            "then ",
            "after that ",
            "renews at ",
            "thereafter ",
            "afterwards ",
        ],
    },
    FactLabel {
        key: "finance_charge",
        unit: Unit::Money,
        words: &["finance charge", "in interest"],
        before: &["finance charge of ", "finance charge: "],
    },
    FactLabel {
        key: "price",
        unit: Unit::Money,
        words: &["course", "purchase price"],
        before: &["price is ", "price: "],
    },
    FactLabel {
        key: "bonus",
        unit: Unit::Money,
        words: &["bonus"],
        before: &["bonus of "],
    },
    FactLabel {
        key: "credit_limit",
        unit: Unit::Money,
        words: &["credit limit", "credit line"],
        before: &["credit limit of ", "limit up to "],
    },
    FactLabel {
        key: "interest_rate",
        unit: Unit::Percent,
        words: &["interest rate"],
        before: &["interest rate of ", "interest rate is "],
    },
    FactLabel {
        key: "sales_charge",
        unit: Unit::Percent,
        words: &["sales charge", "sales load"],
        before: &["sales charge of "],
    },
    FactLabel {
        key: "guaranteed_minimum_rate",
        unit: Unit::Percent,
        words: &["minimum rate", "guaranteed minimum"],
        before: &["minimum rate of ", "minimum interest rate of "],
    },
    FactLabel {
        key: "activity_fee",
        unit: Unit::Money,
        words: &["per withdrawal", "activity fee", "per transaction"],
        before: &["activity fee of "],
    },
];
