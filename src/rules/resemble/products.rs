//! Classes of products that the net tells apart.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Classes of products that have a weight of their own.
pub const PRODUCTS: [(&str, &str); 7] = [
    (
        "invest",
        concat!(
            "mutual_fund managed_account stock stocks_isa junior_isa structured_note private_fund etf corporate_bond ",
            "high_yield_fund real_estate_fund private_placement private_credit money_market_fund brokerage margin p2p gold ",
            "silver pre_ipo copy_trading trading_software fund options treasury pension annuity note certificate cfd ",
            "crypto crypto_exchange crypto_lending cryptoasset"
        ),
    ),
    (
        "credit",
        concat!(
            "personal_loan credit_card bnpl cash_advance mortgage auto_loan short_term_loan business_loan heloc ",
            "reverse_mortgage lifetime_mortgage student_loan_refi retail_installment store_card medical_loan credit loan ",
            "overdraft student_loan equity_release income_share payment_plan"
        ),
    ),
    (
        "deposit",
        concat!(
            "savings checking current_account cash_isa certificate share_certificate fintech_account gic ",
            "building_society prepaid_card debit_card banking bill_pay remittance wallet"
        ),
    ),
    (
        "insur",
        concat!(
            "life_insurance insurance term_life accident_health short_term_health medicare_advantage medicare_part_d ",
            "health_sharing annuity"
        ),
    ),
    ("health", "supplement clinic pharmacy device food gym"),
    (
        "retail",
        "retail subscription game solar home_improvement gym travel telecom utilities charity",
    ),
    (
        "debt",
        concat!(
            "debt_relief credit_repair debt_settlement tax_relief student_loan_help debt_advice collections claims ",
            "document_service grants tax"
        ),
    ),
];

/// Classes of a product, by their places in the table.
pub fn classes(product: Option<&str>) -> Vec<usize> {
    static CLASSES: LazyLock<HashMap<&str, Vec<usize>>> = LazyLock::new(|| {
        let mut classes: HashMap<&str, Vec<usize>> = HashMap::new();
        for (class, (_, products)) in PRODUCTS.iter().enumerate() {
            for product in products.split(' ') {
                classes.entry(product).or_default().push(class);
            }
        }
        classes
    });
    product
        .and_then(|product| CLASSES.get(product.to_lowercase().as_str()).cloned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_has_its_classes() {
        let names = |product| -> Vec<&str> {
            classes(Some(product))
                .into_iter()
                .map(|class| PRODUCTS[class].0)
                .collect()
        };
        assert_eq!(names("Annuity"), ["invest", "insur"]);
        assert!(names("unheard of").is_empty());
    }
}
