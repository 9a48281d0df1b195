//! Which product fact a number speaks of, by the words beside it.

use crate::text::numbers::Unit;

/// A fact key, the unit of its value, and words of which one stands near a number that speaks of it.
pub struct Label {
    pub key: &'static str,
    pub unit: Unit,
    pub words: &'static [&'static str],
}

/// The labels that are telling enough to contradict. Others only support.
pub const LABELS: &[Label] = &[
    Label {
        key: "apr",
        unit: Unit::Percent,
        words: &["apr", "annual percentage rate"],
    },
    Label {
        key: "rep_apr",
        unit: Unit::Percent,
        words: &["representative"],
    },
    Label {
        key: "apy",
        unit: Unit::Percent,
        words: &["apy", "annual percentage yield"],
    },
    Label {
        key: "aer",
        unit: Unit::Percent,
        words: &["aer"],
    },
    Label {
        key: "expense_ratio",
        unit: Unit::Percent,
        words: &["expense ratio"],
    },
    Label {
        key: "ongoing_charge",
        unit: Unit::Percent,
        words: &["ongoing charge"],
    },
    Label {
        key: "discount_pct",
        unit: Unit::Percent,
        words: &["% off", "discount"],
    },
    Label {
        key: "installments",
        unit: Unit::Count,
        words: &[
            "payments of",
            "monthly payments",
            "instalments",
            "installments",
            "equal payments",
        ],
    },
    Label {
        key: "installments",
        unit: Unit::Months,
        words: &["monthly payments", "months to pay"],
    },
    Label {
        key: "payment",
        unit: Unit::Money,
        words: &["payments of", "a month", "per month", "monthly"],
    },
    Label {
        key: "down",
        unit: Unit::Money,
        words: &[" down"],
    },
    Label {
        key: "monthly_fee",
        unit: Unit::Money,
        words: &["monthly fee", "maintenance fee", "service fee"],
    },
    Label {
        key: "annual_fee",
        unit: Unit::Money,
        words: &["annual fee"],
    },
    Label {
        key: "late_fee_max",
        unit: Unit::Money,
        words: &["late fee"],
    },
    Label {
        key: "min_balance",
        unit: Unit::Money,
        words: &["minimum balance"],
    },
    Label {
        key: "min_open",
        unit: Unit::Money,
        words: &["to open", "opening deposit"],
    },
    Label {
        key: "fdic_limit",
        unit: Unit::Money,
        words: &["insured up to", "per depositor"],
    },
    Label {
        key: "review_count",
        unit: Unit::Count,
        words: &["reviews", "ratings"],
    },
    Label {
        key: "refund_days",
        unit: Unit::Days,
        words: &["refund", "money back", "money-back", "return it"],
    },
];
