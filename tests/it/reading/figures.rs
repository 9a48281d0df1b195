//! Figures, text message lengths, zones and hours.

use crate::support::echovoice;
use chrono::DateTime;
use echovoice::domain::jurisdiction::{Channel, Jurisdiction};
use echovoice::domain::profile::Profile;
use echovoice::domain::zone::{self, Zone};
use echovoice::pipeline::why_held;
use echovoice::text::numbers::{Numerals, Unit, quantities_in};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::fs;

/// Verdicts on messages, in order, by one process.
fn check(messages: &[Value]) -> Vec<Value> {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("messages.jsonl");
    let lines: Vec<String> = messages.iter().map(Value::to_string).collect();
    fs::write(&file, lines.join("\n")).unwrap();
    let output = echovoice(
        home.path(),
        &[
            "check",
            file.to_str().unwrap(),
            "--jsonl",
            "--as-of",
            "2026-11-29T12:00:00Z",
        ],
    );
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

/// The strictest finding of the rules whose name begins so: `pass` if there is none.
fn worst(verdict: &Value, rule: &str) -> &'static str {
    let found: Vec<&str> = verdict["findings"]
        .as_array()
        .unwrap_or_else(|| panic!("{verdict}"))
        .iter()
        .filter(|f| f["rule"].as_str().unwrap().starts_with(rule))
        .map(|f| f["disposition"].as_str().unwrap())
        .collect();
    ["block", "review", "info"]
        .into_iter()
        .find(|d| found.contains(d))
        .unwrap_or("pass")
}

/// Place, text, facts, and what is said of the number.
type NumberCase = (&'static str, &'static str, Value, &'static str);

fn number_cases() -> Vec<NumberCase> {
    vec![
        // C2: typographic marks switch nothing off
        (
            "US",
            "You’ll save five percent on fees.",
            json!({}),
            "review",
        ),
        ("US", "Save five percent – it’s easy.", json!({}), "review"),
        ("US", "José saved five percent.", json!({}), "review"),
        (
            "US",
            "You’ll save five percent on fees.",
            json!({"discount_pct": 5}),
            "pass",
        ),
        (
            "US",
            "“Half a percent” is what it costs…",
            json!({}),
            "review",
        ),
        // C3: number words in full
        ("US", "Save twenty percent.", json!({}), "review"),
        (
            "US",
            "Save thirteen percent.",
            json!({"discount_pct": 13}),
            "pass",
        ),
        (
            "US",
            "Save fifty percent.",
            json!({"discount_pct": 5}),
            "block",
        ),
        ("US", "Save one hundred percent.", json!({}), "review"),
        (
            "US",
            "Save ninety-nine percent.",
            json!({"discount_pct": 99}),
            "pass",
        ),
        (
            "US",
            "Save twenty-five percent.",
            json!({"discount_pct": 5}),
            "block",
        ),
        (
            "US",
            "Save twenty-five percent.",
            json!({"discount_pct": 25}),
            "pass",
        ),
        (
            "US",
            "Save twenty five per cent.",
            json!({"discount_pct": 25}),
            "pass",
        ),
        ("US", "It costs two thousand dollars.", json!({}), "review"),
        (
            "US",
            "It costs two thousand dollars.",
            json!({"price": 2000}),
            "pass",
        ),
        ("US", "Pay over sixty months.", json!({}), "review"),
        (
            "US",
            "Pay over forty-eight months.",
            json!({"term": 8}),
            "review",
        ),
        (
            "US",
            "Pay over forty-eight months.",
            json!({"term": 48}),
            "pass",
        ),
        (
            "US",
            "A fee of two and a half percent.",
            json!({"fee": 2.5}),
            "pass",
        ),
        (
            "US",
            "A fee of two and a half percent.",
            json!({"fee": 2, "other": 0.5}),
            "review",
        ),
        (
            "US",
            "A hundred and five dollars.",
            json!({"fee": 105}),
            "pass",
        ),
        (
            "US",
            "A hundred and five dollars.",
            json!({"fee": 5, "other": 100}),
            "review",
        ),
        (
            "US",
            "Nine point five percent.",
            json!({"rate": 9.5}),
            "pass",
        ),
        // C4: the ways of writing of other places
        (
            "EU-DE",
            "The rate is 9,5 %.",
            json!({"a": 9, "b": 5}),
            "review",
        ),
        ("EU-DE", "The rate is 9,5 %.", json!({"a": 9.5}), "pass"),
        (
            "EU-DE",
            "The rate is 9,5\u{a0}%.",
            json!({"a": 9.5}),
            "pass",
        ),
        (
            "EU-DE",
            "The price is €5.000.",
            json!({"price": 5}),
            "block",
        ),
        (
            "EU-DE",
            "The price is €5.000.",
            json!({"price": 5000}),
            "pass",
        ),
        (
            "EU-FR",
            "The price is €5\u{a0}000.",
            json!({"a": 5, "b": 0}),
            "review",
        ),
        (
            "EU-FR",
            "The price is 5\u{202f}000 €.",
            json!({"price": 5000}),
            "pass",
        ),
        (
            "EU-FR",
            "The price is 5 000,50 €.",
            json!({"price": 5000.5}),
            "pass",
        ),
        (
            "CH",
            "The price is CHF 2’000.00.",
            json!({"a": 2, "b": 0}),
            "review",
        ),
        (
            "CH",
            "The price is CHF 2’000.00.",
            json!({"price": 2000}),
            "pass",
        ),
        (
            "IN",
            "The price is ₹5,00,000.",
            json!({"price": 500_000}),
            "pass",
        ),
        (
            "IN",
            "The price is ₹5 lakh.",
            json!({"price": 500_000}),
            "pass",
        ),
        (
            "EU-DE",
            "The price is 2.000,00 €.",
            json!({"price": 2000}),
            "pass",
        ),
        (
            "EU-DE",
            "The price is 2.000,00 €.",
            json!({"a": 2, "b": 0}),
            "review",
        ),
        // C5: fractions
        ("US", "The rate is 9½%.", json!({"rate": 9}), "review"),
        ("US", "The rate is 9 1/2%.", json!({"rate": 9}), "review"),
        ("US", "The rate is 9½ %.", json!({"rate": 9.5}), "pass"),
        ("US", "The rate is 9 1/2%.", json!({"rate": 9.5}), "pass"),
        ("US", "The rate is 6⅞%.", json!({"rate": 6.875}), "pass"),
        ("US", "The fee is ¾ of a percent.", json!({}), "review"),
        // C6: other digits
        ("EU", "The rate is ٩٫٥٪.", json!({}), "review"),
        ("EU", "The rate is ٩٫٥٪.", json!({"rate": 9.5}), "pass"),
        ("IN", "The rate is ९.५%.", json!({"rate": 9.5}), "pass"),
        ("US", "The rate is ９．５％.", json!({}), "review"),
        // facts as exports write them; a fact in words is no number of an export, and asks for a person
        ("EU-DE", "Only 7.9 % APR.", json!({"apr": "9,5 %"}), "block"),
        ("EU-DE", "Only 9.5 % APR.", json!({"apr": "9,5 %"}), "pass"),
        (
            "US",
            "It costs $2,000.",
            json!({"price": "two thousand dollars"}),
            "review",
        ),
        // units and signs
        ("US", "The fee is 50 bps.", json!({"fee": 0.5}), "pass"),
        ("US", "The fee is 5 ‰.", json!({"fee": 0.5}), "pass"),
        ("US", "The fee is 5 pct.", json!({}), "review"),
        (
            "US",
            "It earns 5–7 %.",
            json!({"low": 5, "high": 7}),
            "pass",
        ),
        (
            "US",
            "It earns from 5 to 7 percent.",
            json!({"low": "5%"}),
            "review",
        ),
        ("US", "Get $10k.", json!({"limit": 10_000}), "pass"),
        ("US", "Get 500 USD.", json!({"limit": 500}), "pass"),
        ("EU", "Trade with 1:30 leverage.", json!({}), "review"),
        ("US", "We close at 9:30 and at 17:45.", json!({}), "pass"),
        // notes and struck prices
        ("US", "The bonus is $500¹.", json!({"bonus": 500}), "pass"),
        ("US", "The bonus is $500¹.", json!({"bonus": 5001}), "block"),
        ("US", "The bonus is $500†.", json!({"bonus": 500}), "pass"),
        (
            "US",
            "The rate is 7.99%² today.",
            json!({"rate": 7.99}),
            "pass",
        ),
        (
            "US",
            "It is $7, not ~~$9~~.",
            json!({"a": 7, "b": 9}),
            "pass",
        ),
        ("US", "It is $7, not ~~$9~~.", json!({"a": 7}), "review"),
        // known to nobody: every reading counts
        ("", "The price is €5.000.", json!({"a": 5}), "review"),
        ("", "The price is €5.000.", json!({"a": 5000}), "review"),
        (
            "",
            "The price is €5.000.",
            json!({"a": 5, "b": 5000}),
            "pass",
        ),
        (
            "US",
            "The price is $1.2.3 only.",
            json!({"a": 1.2, "b": 3}),
            "review",
        ),
        // what says nothing stays unsaid
        (
            "US",
            "One of our advisers will call at 10:30, in two ways.",
            json!({}),
            "pass",
        ),
    ]
}

#[test]
fn a_figure_is_carried_by_its_own_value_and_by_no_other() {
    let cases = number_cases();
    let messages: Vec<Value> = cases
        .iter()
        .enumerate()
        .map(|(i, (place, text, facts, _))| {
            let mut message = json!({"id": i.to_string(), "body": text, "facts": facts});
            if !place.is_empty() {
                message["jurisdiction"] = json!(place);
            }
            message
        })
        .collect();
    let wrong: Vec<String> = check(&messages)
        .iter()
        .zip(&cases)
        .filter(|(verdict, case)| worst(verdict, "core.grounding.number") != case.3)
        .map(|(verdict, case)| {
            format!(
                "{} {} {}: {} and not {}",
                case.0,
                case.1,
                case.2,
                worst(verdict, "core.grounding.number"),
                case.3
            )
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_citation_carries_the_figure_that_its_reader_sees() {
    let cases = [
        (
            "The bonus is $500¹ for new members.",
            "The bonus is $500 for new members.",
            true,
        ),
        (
            "The bonus is $500¹ for new members.",
            "The bonus is $5,001 for new members.",
            false,
        ),
        ("The rate is twenty-five percent.", "The rate is 25%.", true),
        ("The rate is twenty-five percent.", "The rate is 5%.", false),
        (
            "Was ~~7.99%~~ 6.99% this week.",
            "The rate is 7.99%.",
            false,
        ),
        ("Was ~~7.99%~~ 6.99% this week.", "The rate is 6.99%.", true),
        ("The fee is 9½ %.", "The fee is 9.5%.", true),
        (
            "The term is 24\u{2011}36 months.",
            "The term is 2,436 months.",
            false,
        ),
    ];
    let messages: Vec<Value> = cases
        .iter()
        .map(|(source, body, _)| {
            json!({"id": "c", "body": body, "jurisdiction": "US", "citations": [
                {"id": "doc", "title": "Terms", "section": "Rates", "redacted_text": source, "url": "", "published_date": "2026-11-01", "source": "firm"}
            ]})
        })
        .collect();
    for (verdict, (source, body, carried)) in check(&messages).iter().zip(cases) {
        let found = worst(verdict, "core.grounding.number");
        assert_eq!(found == "pass", carried, "{source} / {body}: {found}");
    }
}

#[test]
fn the_apr_is_recomputed_wherever_the_terms_stand() {
    let cases = [
        // C7: the effective rate in the UK and the EU
        (
            "EU-DE",
            "Borrow €5,000: 24 monthly instalments of €230 at 9.69% APR.",
            "block",
        ),
        (
            "EU-DE",
            "Borrow €5,000: 24 monthly instalments of €230 at 10.13% APR.",
            "pass",
        ),
        (
            "EU",
            "Borrow 5.000 €: 24 monthly payments of 230,00 €. 10,1 % APR.",
            "pass",
        ),
        (
            "UK",
            "Borrow £5,000: 24 monthly instalments of £230 at 9.69% APR.",
            "block",
        ),
        (
            "UK",
            "Borrow £5,000: 24 monthly instalments of £230 at 10.1% APR.",
            "pass",
        ),
        (
            "UK",
            "Borrow £5,000: 24 monthly instalments of £230 at 10% APR.",
            "block",
        ),
        (
            "UK",
            "Borrow £1,000: 52 weekly payments of £20.50 at 13.5% APR.",
            "pass",
        ),
        (
            "UK",
            "Borrow £1,000: 52 weekly payments of £20.50 at 12.7% APR.",
            "block",
        ),
        (
            "UK",
            "Borrow £1,000: 26 fortnightly payments of £41 at 13.2% APR.",
            "pass",
        ),
        (
            "EU",
            "Borrow €2,000: 4 quarterly payments of €540 at 13.2% APR.",
            "pass",
        ),
        // C8: other periods, and the box's own form
        (
            "US",
            "Borrow $1,000: 52 weekly payments of $20, 1.00% APR.",
            "block",
        ),
        (
            "US",
            "Borrow $1,000: 52 weekly payments of $20, 7.75% APR.",
            "pass",
        ),
        (
            "US",
            "Borrow $1,000: 26 biweekly payments of $40, 7.61% APR.",
            "pass",
        ),
        (
            "US",
            "Borrow $1,000: 26 bi-weekly payments of $40, 3% APR.",
            "block",
        ),
        (
            "US",
            "Amount financed: $5,000\nNumber of payments: 24\nMonthly payment: $230\nAPR: 5.00%",
            "block",
        ),
        (
            "US",
            "Amount financed: $5,000\nNumber of payments: 24\nMonthly payment: $230\nAPR: 9.69%",
            "pass",
        ),
        (
            "US",
            "| Number of payments | 24 |\n| Monthly payment | $230 |\n| APR | 5.00% |\n| Loan amount | $5,000 |",
            "block",
        ),
        (
            "US",
            "APR | Amount financed | Number of payments | Monthly payment\n5.00% | $5,000 | 24 | $230",
            "block",
        ),
        (
            "US",
            "APR | Amount financed | Number of payments | Monthly payment\n9.69% | $5,000 | 24 | $230",
            "pass",
        ),
        (
            "US",
            "A $5,000 loan, 24 x $230 monthly, 5.00% APR.",
            "block",
        ),
        (
            "US",
            "Borrow $5,000. $230 per month x 24. APR 5.00%.",
            "block",
        ),
        (
            "US",
            "Borrow $5,000 and pay $230 a month for 2 years. APR 5.00%.",
            "block",
        ),
        (
            "US",
            "Borrow $5,000: twenty-four monthly payments of $230 at 5.00% APR.",
            "block",
        ),
        (
            "US",
            "Borrow $5,000: twenty-four (24) monthly payments of $230 at 9.69% APR.",
            "pass",
        ),
        (
            "US",
            "Borrow $5,000: 24 monthly payments of $230¹ at 9.69% APR².",
            "pass",
        ),
        (
            "US",
            "Borrow $5,000: 24 monthly payments of $230 at 9.80% APR.",
            "pass",
        ),
        (
            "US",
            "Borrow $5,000: 24 monthly payments of $230 at 9.82% APR.",
            "block",
        ),
        (
            "US",
            "12 payments of $100¹. Total of payments $1,200².",
            "pass",
        ),
        (
            "US",
            "ANNUAL PERCENTAGE RATE\nThe cost of your credit as a yearly rate.\n5.00%\nAMOUNT FINANCED\nThe amount of credit provided to you or on your behalf.\n$5,000.00\nNumber of Payments | Amount of Payments | When Payments Are Due\n24 | $230.00 | Monthly, beginning 15 January 2027",
            "block",
        ),
        (
            "US",
            "ANNUAL PERCENTAGE RATE\nThe cost of your credit as a yearly rate.\n9.69%\nAMOUNT FINANCED\nThe amount of credit provided to you or on your behalf.\n$5,000.00\nNumber of Payments | Amount of Payments | When Payments Are Due\n24 | $230.00 | Monthly, beginning 15 January 2027",
            "pass",
        ),
        (
            "US",
            "Finance $10,000 over 60 months at 3.99% APR with payments of $198 per month.",
            "block",
        ),
        (
            "US",
            "Finance $10,000 over 60 months at 6.99% APR with payments of $198 per month.",
            "pass",
        ),
        (
            "UK",
            "Total amount of credit £5,000. 24 monthly repayments of £230. Total amount payable £5,520. Representative APR 9.7%.",
            "block",
        ),
        (
            "EU",
            "Total amount of credit €3,000, fixed borrowing rate 4.9%, fees €45, APR 6.57%, 24 instalments of €131.48, total payable €3,200.52.",
            "pass",
        ),
        (
            "EU",
            "Total amount of credit €3,000, fixed borrowing rate 4.9%, fees €45, APR 6.57%, 24 instalments of €131.48, total payable €3,255.52.",
            "block",
        ),
        (
            "UK",
            "A mortgage of £180,000 over 25 years: 24 payments of £949.11, then 276 of £1,302.83; total £383,358.72, APRC 7.1%.",
            "pass",
        ),
        (
            "US",
            "A loan of $300,000 at an interest rate of 5.875% (6.12% APR) and 360 monthly payments of $1,774.61.",
            "pass",
        ),
        (
            "US",
            "A loan of $300,000 at an interest rate of 5.875% (5.12% APR) and 360 monthly payments of $1,774.61.",
            "block",
        ),
        // A fee makes the rate higher, never lower; unequal payments are not computed
        (
            "US",
            "Borrow $5,000 with a 3% origination fee: 24 monthly payments of $230. 12.9% APR.",
            "pass",
        ),
        (
            "US",
            "Borrow $5,000 with a 3% origination fee: 24 monthly payments of $230. 5.0% APR.",
            "block",
        ),
        (
            "US",
            "Borrow $5,000: 24 monthly payments of $230 and a final payment of $900. 15% APR.",
            "pass",
        ),
        // Not all is there: nothing is said
        ("US", "24 monthly payments of $230 at 5.00% APR.", "pass"),
        ("US", "Borrow $5,000 at 5.00% APR.", "pass"),
    ];
    let messages: Vec<Value> = cases
        .iter()
        .map(|(place, text, _)| json!({"id": "a", "body": text, "jurisdiction": place}))
        .collect();
    let wrong: Vec<String> = check(&messages)
        .iter()
        .zip(cases)
        .filter_map(|(verdict, (place, text, expected))| {
            let said = verdict["findings"].as_array().unwrap().iter().any(|f| {
                let why = f["why"].as_str().unwrap_or("");
                why.contains("by the law's method") || why.contains("not the stated total")
            });
            (said != (expected == "block")).then(|| format!("{place}: {text}: {said}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_left_is_counted_in_words_too() {
    let cases = [
        ("Only twenty-five seats left.", 25, false),
        ("Only twenty-five seats left.", 5, true),
        ("Just a hundred and five places left.", 105, false),
        ("Just a dozen rooms left.", 12, false),
        ("Forty rooms are left.", 4, true),
    ];
    let messages: Vec<Value> = cases
        .iter()
        .map(|(text, inventory, _)| {
            json!({"id": "l", "body": text, "jurisdiction": "US", "facts": {"inventory": inventory}})
        })
        .collect();
    for (verdict, (text, inventory, wrong)) in check(&messages).iter().zip(cases) {
        let found = worst(verdict, "us.ftc.s5.offer");
        assert_eq!(
            found == "block",
            wrong,
            "{text} {inventory}: {}",
            verdict["findings"]
        );
    }
}

#[test]
fn text_messages_are_counted_in_the_parts_that_are_sent() {
    let a = |n: usize| "a".repeat(n);
    let cases = [
        ("£".repeat(300), "pass"),
        ("é".repeat(400), "pass"),
        (format!("{}`", a(299)), "review"),
        (format!("{}{}", a(419), "[]".repeat(20)), "review"),
        (format!("{}{}", "я".repeat(181), "🙂".repeat(20)), "review"),
        (a(459), "pass"),
        (a(460), "review"),
        ("я".repeat(201), "pass"),
        ("я".repeat(202), "review"),
        ("€".repeat(228), "pass"),
        ("€".repeat(229), "review"),
    ];
    let messages: Vec<Value> = cases
        .iter()
        .map(|(text, _)| json!({"id": "s", "body": text, "channel": "sms"}))
        .collect();
    for (verdict, (text, expected)) in check(&messages).iter().zip(&cases) {
        let said = verdict["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|f| f["why"].as_str().unwrap_or("").contains("segments"));
        assert_eq!(
            said,
            *expected == "review",
            "{}",
            &text[..text.len().min(40)]
        );
    }
}

/// State or place, what is on record of the local time, and the verdict of the rule.
const HOURS: [(&str, &str, &str); 26] = [
    ("US-TX", "2026-11-29T10:00:00-06:00", "block"),
    ("US-TX", "2026-11-29T12:30:00-06:00", "pass"),
    ("US-TX", "2026-11-28T09:00:00-06:00", "pass"),
    ("US-TX", "2026-11-28T08:59:00-06:00", "block"),
    ("US-CT", "2026-11-30T08:15:00-05:00", "block"),
    ("US-CT", "2026-11-30T20:30:00-05:00", "block"),
    ("US-CT", "2026-11-30T19:59:00-05:00", "pass"),
    ("US-LA", "2026-11-29T20:30:00-06:00", "block"),
    ("US-LA", "2026-11-29T12:00:00-06:00", "block"),
    ("US-LA", "2026-12-25T12:00:00-06:00", "block"),
    ("US-AL", "2026-11-30T19:00:00-06:00", "pass"),
    ("US-MS", "2026-11-29T12:00:00-06:00", "block"),
    ("US-FL", "2026-11-30T20:30:00-05:00", "block"),
    ("US-FL", "2026-11-30T19:30:00-05:00", "pass"),
    ("US-RI", "2026-11-30T18:30:00-05:00", "block"),
    ("US-RI", "2026-11-28T17:30:00-05:00", "block"),
    ("US-KY", "2026-11-30T09:30:00-05:00", "block"),
    ("US-OR", "2026-11-30T20:30:00-08:00", "block"),
    ("US-NY", "2026-11-30T20:45:00-05:00", "pass"),
    ("US", "2026-11-30T12:00:00-05:00", "pass"),
    ("US", "2026-11-30T08:30:00-05:00", "review"),
    ("US", "2026-11-29T12:00:00-05:00", "review"),
    ("US", "2026-11-30T21:30:00-05:00", "block"),
    ("US", "22:15", "block"),
    ("US-TX", "10:00", "review"),
    ("US-TX", "13:00", "pass"),
];

#[test]
fn hours_of_texts_go_by_state_and_weekday() {
    let message = |place: &str, state: Option<&str>, local: &str| {
        let mut facts =
            json!({"consent": "written", "send_local": local, "sender_name": "Meridian"});
        if let Some(state) = state {
            facts["state"] = json!(state);
        }
        json!({"id": "h", "body": "MERIDIAN: Your guide is ready. Reply STOP to opt out.", "channel": "sms",
               "jurisdiction": place, "facts": facts})
    };
    let mut messages: Vec<Value> = HOURS
        .iter()
        .map(|(place, local, _)| message(place, None, local))
        .collect();
    let mut expected: Vec<&str> = HOURS.iter().map(|(_, _, e)| *e).collect();
    // The state under any of its names, and two that contradict: the narrower holds.
    for state in ["FL", "Florida", "US-FL", "florida"] {
        messages.push(message("US", Some(state), "2026-11-30T20:30:00-05:00"));
        expected.push("block");
    }
    messages.push(message("US-NY", Some("FL"), "2026-11-30T20:30:00-05:00"));
    expected.push("block");
    messages.push(message(
        "US",
        Some("Freedonia"),
        "2026-11-30T08:30:00-05:00",
    ));
    expected.push("review");
    // A zone that does not exist counts as night.
    messages.push(json!({"id": "z", "body": "MERIDIAN: Your guide is ready. Reply STOP to opt out.", "channel": "sms",
        "jurisdiction": "US-NY", "facts": {"consent": "written", "sender_name": "Meridian", "recipient_tz": "America/NewYork"}}));
    expected.push("block");
    let verdicts = check(&messages);
    for ((verdict, message), expected) in verdicts.iter().zip(&messages).zip(expected) {
        let found = worst(verdict, "us.tcpa.sms");
        assert_eq!(found, expected, "{message}\n{}", verdict["findings"]);
    }
}

fn held(profile: &Value, at: &str) -> Option<String> {
    let profile = Profile::from_value(profile).unwrap();
    let jurisdiction = profile
        .jurisdiction
        .clone()
        .unwrap_or_else(|| Jurisdiction::new("US"));
    why_held(
        &profile,
        Channel::Sms,
        &jurisdiction,
        DateTime::parse_from_rfc3339(at).unwrap(),
    )
}

#[test]
fn a_text_waits_for_the_recipients_hours() {
    let to = |place: &str, zone: &str| json!({"id": "c", "consents": {"sms": true}, "jurisdiction": place, "time_zone": zone});
    for (place, zone, at, goes) in [
        // A9: zones as they are since 2026
        ("CA-MB", "America/Winnipeg", "2026-11-30T02:24:47Z", false),
        ("CA-MB", "america/winnipeg", "2026-11-30T01:24:47Z", true),
        ("US-NY", "America/New_York", "2026-12-01T01:59:00Z", true),
        ("US-NY", "America/New_York", "2026-12-01T02:24:47Z", false),
        ("US-NY", "america/new_york", "2026-12-01T02:24:47Z", false),
        ("US-TX", "America/Chicago", "2026-11-29T16:00:00Z", false),
        ("US-TX", "America/Chicago", "2026-11-29T18:00:00Z", true),
        ("US-LA", "America/Chicago", "2026-11-29T18:00:00Z", false),
        ("US-CT", "America/New_York", "2026-11-30T13:15:00Z", false),
        ("US-CT", "America/New_York", "2026-11-30T14:15:00Z", true),
        ("US", "America/New_York", "2026-11-30T13:30:00Z", false),
        ("US", "America/New_York", "2026-11-30T17:00:00Z", true),
        ("US", "America/New_York", "2026-11-29T17:00:00Z", false),
        // The state does not keep that zone's time: both clocks hold.
        ("US-TX", "America/New_York", "2026-11-30T14:30:00Z", false),
        ("EU-DE", "Europe/Berlin", "2026-11-29T19:30:00Z", true),
        ("EU-DE", "Europe/Berlin", "2026-11-29T20:30:00Z", false),
        ("UK", "Europe/London", "2026-11-30T07:30:00Z", false),
        ("US-NY", "America/NewYork", "2026-11-30T17:00:00Z", false),
        (
            "US-NY",
            "Eastern Standard Time",
            "2026-11-30T17:00:00Z",
            false,
        ),
    ] {
        let why = held(&to(place, zone), at);
        assert_eq!(why.is_none(), goes, "{place} {zone} {at}: {why:?}");
    }
    // The number's area code tells a state too: 305 is Florida's.
    let florida = json!({"id": "c", "consents": {"sms": true}, "jurisdiction": "US-NY", "phone": "+1 305 555 0134", "time_zone": "America/New_York"});
    assert!(
        held(&florida, "2026-12-01T01:30:00Z")
            .unwrap()
            .contains("Florida")
    );
    let named = json!({"id": "c", "consents": {"sms": true}, "jurisdiction": "US", "state": "Florida", "time_zone": "America/New_York"});
    assert!(
        held(&named, "2026-12-01T01:30:00Z")
            .unwrap()
            .contains("Florida")
    );
    assert!(held(&named, "2026-12-01T00:30:00Z").is_none());
}

#[test]
fn the_zones_that_changed_are_read_as_they_are_now_and_the_version_is_told() {
    assert!(zone::version() >= "2026f");
    // Offsets in hours at the end of November 2026 and of July 2027.
    for (name, winter, summer) in [
        ("America/Winnipeg", -5, -5),
        ("America/Rainy_River", -5, -5),
        ("Canada/Central", -5, -5),
        ("America/Edmonton", -6, -6),
        ("America/Yellowknife", -6, -6),
        ("America/Inuvik", -6, -6),
        ("Canada/Mountain", -6, -6),
        ("America/Vancouver", -7, -7),
        ("Canada/Pacific", -7, -7),
        ("America/New_York", -5, -4),
        ("Europe/London", 0, 1),
    ] {
        let zone = Zone::named(name).unwrap();
        let hours = |at: &str| {
            let moment = DateTime::parse_from_rfc3339(at).unwrap();
            (zone.local(moment).unwrap() - moment.naive_utc()).num_hours()
        };
        assert_eq!(
            (hours("2026-11-29T12:00:00Z"), hours("2027-07-29T12:00:00Z")),
            (winter, summer),
            "{name}"
        );
    }
    let home = tempfile::tempdir().unwrap();
    let output = echovoice(home.path(), &["doctor"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        text.contains(&format!("IANA {}", zone::version())),
        "{text}"
    );
}

/// Thousands in groups, with signs of the place.
fn written(value: i64, group: &str, point: &str, indian: bool) -> String {
    let whole = (value / 10_000).to_string();
    let mut out = String::new();
    for (index, digit) in whole.chars().enumerate() {
        let left = whole.len() - index;
        let parts = if indian && left > 3 {
            left % 2 == 1 && left > 3
        } else {
            left.is_multiple_of(3)
        };
        if index > 0 && parts {
            out.push_str(group);
        }
        out.push(digit);
    }
    let cents = value % 10_000 / 100;
    format!("{out}{point}{cents:02}")
}

proptest! {
    #[test]
    fn what_a_place_writes_is_read_back(cents in 0i64..100_000_000_000, which in 0usize..9) {
        let value = cents * 100;
        let (text, numerals) = match which {
            0 => (format!("${}", written(value, ",", ".", false)), Numerals::Point),
            1 => (format!("{} €", written(value, ".", ",", false)), Numerals::Comma),
            2 => (format!("{}\u{202f}€", written(value, "\u{202f}", ",", false)), Numerals::Comma),
            3 => (format!("CHF {}", written(value, "’", ".", false)), Numerals::Point),
            4 => (format!("₹{}", written(value, ",", ".", true)), Numerals::Point),
            5 => (format!("{} kr", written(value, "\u{a0}", ",", false)), Numerals::Comma),
            6 => (format!("USD {}", written(value, ",", ".", false)), Numerals::Unknown),
            7 => (written(value, ".", ",", false) + " €", Numerals::Unknown),
            _ => {
                let arabic = |c: char| c.to_digit(10).and_then(|d| char::from_u32(0x660 + d)).unwrap_or(c);
                (written(value, "٬", "٫", false).chars().map(arabic).collect::<String>() + " €", Numerals::Unknown)
            }
        };
        let found = quantities_in(&text, numerals);
        prop_assert_eq!(found.len(), 1, "{}", text);
        prop_assert_eq!((found[0].unit, found[0].value, found[0].also), (Unit::Money, value, None), "{}", text);
    }

    #[test]
    fn any_text_is_read_without_a_panic_and_spans_lie_on_borders(
        text in "([0-9]{1,4}|[.,'’ /%$€½¹~\u{336}\u{a0}-]| percent| and a half|twenty-|five|hundred| months|\\PC){0,24}"
    ) {
        for numerals in [Numerals::Point, Numerals::Comma, Numerals::Unknown] {
            for q in quantities_in(&text, numerals) {
                prop_assert!(q.start < q.end && text.get(q.start..q.end).is_some(), "{text}");
            }
        }
    }
}
