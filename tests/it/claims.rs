//! Claims, and rules over them: voices, facts, places and products that are not known, one finding a fault, and what an
//! officer asks of a rule.

use crate::support::{code, echovoice};
use echovoice::claims::phrase;
use echovoice::domain::facts::Facts;
use echovoice::domain::finding::{Disposition, Finding, Verdict};
use echovoice::domain::jurisdiction::Jurisdiction;
use echovoice::domain::message::Message;
use echovoice::pii::AllowList;
use echovoice::pipeline::LayeredGate;
use echovoice::pipeline::ports::Gate as _;
use echovoice::rules::RuleBook;
use echovoice::rules::claimed::ExplainedClaim;
use echovoice::service::policy::shipped;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::sync::{Arc, OnceLock};

fn gate() -> &'static LayeredGate {
    static GATE: OnceLock<LayeredGate> = OnceLock::new();
    GATE.get_or_init(|| {
        LayeredGate::new(
            Arc::new(RuleBook::compile(&shipped().unwrap(), []).unwrap()),
            Arc::new(AllowList::default()),
        )
    })
}

fn message(text: &str, place: &str, product: &str, facts: &Value) -> Message {
    Message {
        body: text.into(),
        jurisdiction: (!place.is_empty()).then(|| Jurisdiction::new(place)),
        product: (!product.is_empty()).then(|| product.to_owned()),
        facts: Facts(serde_json::from_value(facts.clone()).unwrap()),
        as_of: chrono::DateTime::parse_from_rfc3339("2026-11-27T12:00:00Z").ok(),
        ..Message::default()
    }
}

fn check(text: &str, place: &str, product: &str, facts: &Value) -> Verdict {
    gate().check(&message(text, place, product, facts))
}

/// The strictest finding of a rule.
fn of_rule<'v>(verdict: &'v Verdict, rule: &str) -> Option<&'v Finding> {
    let of_it = verdict.findings.iter().filter(|f| f.rule.starts_with(rule));
    of_it.max_by_key(|f| f.disposition)
}

#[test]
fn the_voice_decides_what_a_claim_comes_to() {
    let rule = "us.finra.2210.promissory";
    for (text, wanted) in [
        ("We guarantee a 7% return.", Some(Disposition::Block)),
        ("Is a 7% return guaranteed here?", Some(Disposition::Review)),
        ("Returns are not guaranteed.", None),
        ("Beware of anyone who guarantees a 7% return.", None),
        (
            "There is no risk to your capital.",
            Some(Disposition::Block),
        ),
        ("We never say that there is no risk.", None),
        ("Past performance is no guarantee of future results.", None),
        (
            "Returns elsewhere are not guaranteed, but we guarantee a 7% return.",
            Some(Disposition::Block),
        ),
    ] {
        let verdict = check(text, "US", "mutual_fund", &json!({}));
        let found = of_rule(&verdict, rule).map(|f| f.disposition);
        let found = found.filter(|d| *d >= Disposition::Review);
        assert_eq!(found, wanted, "{text}: {:?}", verdict.findings);
    }
}

#[test]
fn a_rule_speaks_to_its_place_and_its_product() {
    let text = "We guarantee a 7% return.";
    let rules = |place: &str, product: &str| -> Vec<String> {
        let verdict = check(text, place, product, &json!({}));
        let asks = |f: &&Finding| f.disposition >= Disposition::Review;
        let found = verdict.findings.iter().filter(asks);
        found.map(|f| f.rule.clone()).collect()
    };
    let all = |rules: &[String], law: &str| {
        !rules.is_empty()
            && rules
                .iter()
                .all(|rule| rule.starts_with(law) || rule.starts_with("core."))
    };
    assert!(all(&rules("US", "mutual_fund"), "us."));
    assert!(all(&rules("UK", "mutual_fund"), "uk."));
    assert!(all(&rules("EU-DE", "mutual_fund"), "eu."));
    assert!(
        !rules("US", "sofa")
            .iter()
            .any(|rule| rule.contains("promissory.certain"))
    );
}

#[test]
fn what_is_not_known_asks_and_never_blocks_and_one_place_speaks_for_all() {
    let verdict = check("We guarantee a 7% return.", "", "mutual_fund", &json!({}));
    let found: Vec<_> = verdict
        .findings
        .iter()
        .filter(|f| f.disposition >= Disposition::Review && !f.claim.is_empty())
        .collect();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].disposition, Disposition::Review);
    assert!(
        found[0].why.contains("place is not known"),
        "{}",
        found[0].why
    );
    let verdict = check(
        "We guarantee a 7% return.",
        "US",
        "blob_of_nothing",
        &json!({}),
    );
    let found = of_rule(&verdict, "us.finra.2210.promissory").unwrap();
    assert_eq!(found.disposition, Disposition::Review);
    assert!(found.why.contains("product is not known"), "{}", found.why);
}

#[test]
fn a_rule_whose_products_are_named_in_every_message_asks_of_no_other() {
    let asked = |text: &str, product: &str, rule: &str| {
        let verdict = check(text, "UK", product, &json!({}));
        of_rule(&verdict, rule).is_some_and(|f| f.disposition >= Disposition::Review)
    };
    // Neither the product nor the text says infant formula, or a high-risk investment.
    let upgrade = "Upgrade to Select: it is free for a month, with a £10 gift for joining.";
    for rule in ["uk.formula.offer", "uk.fca.promo.incentive.class"] {
        assert!(!asked(upgrade, "Select X", rule), "{rule}");
    }
    // Where the text or the product says so, they ask.
    let milk = "Our infant formula is free for a month, with a gift for joining.";
    assert!(asked(milk, "Select X", "uk.formula.offer"));
    assert!(asked(upgrade, "first_infant_milk", "uk.formula.offer"));
    let coins = "Open your crypto wallet today: a £10 gift for joining.";
    assert!(asked(coins, "Select X", "uk.fca.promo.incentive.class"));
}

#[test]
fn facts_decide() {
    let fees = |facts: Value, text: &str| {
        let verdict = check(text, "US", "checking", &facts);
        of_rule(&verdict, "us.udaap.fees").map(|f| f.disposition)
    };
    let asks = |found: Option<Disposition>| found.is_some_and(|d| d >= Disposition::Review);
    assert!(asks(fees(json!({"monthly_fee": 9}), "There are no fees.")));
    assert!(!asks(fees(json!({"monthly_fee": 0}), "There are no fees.")));
    let ends = |facts: Value, text: &str| {
        let verdict = check(text, "US", "retail", &facts);
        of_rule(&verdict, "us.ftc.s5.offer").map(|f| f.disposition)
    };
    // 27 November 2026 is a Friday.
    assert!(!asks(ends(
        json!({"ends_at": "2026-11-29", "product": "retail"}),
        "The sale ends Sunday."
    )));
    assert!(asks(ends(
        json!({"ends_at": "2026-12-06", "product": "retail"}),
        "The sale ends Sunday."
    )));
}

#[test]
fn one_fault_is_told_once_with_the_claim_in_plain_words() {
    let verdict = check(
        "This fund cannot lose and your capital is guaranteed.",
        "US",
        "mutual_fund",
        &json!({}),
    );
    let told: Vec<_> = verdict
        .findings
        .iter()
        .filter(|f| f.rule.starts_with("us.finra.2210.promissory"))
        .filter(|f| f.disposition >= Disposition::Review)
        .collect();
    for (index, one) in told.iter().enumerate() {
        for other in &told[..index] {
            assert!(one.end <= other.start || other.end <= one.start, "{told:?}");
        }
        assert!(!one.title.is_empty() && !one.claim.is_empty() && !one.source.is_empty());
    }
    assert!(!told.is_empty());
}

#[test]
fn a_sentence_is_explained_by_its_claims_and_by_the_rules_that_looked() {
    let message = message("This fund cannot lose.", "UK", "mutual_fund", &json!({}));
    let heard = gate()
        .book
        .get()
        .unwrap()
        .explain(&echovoice::rules::Prepared::new(&message));
    let of_kind =
        |kind: &str| -> &ExplainedClaim { heard.iter().find(|h| h.kind == kind).unwrap() };
    let promise = of_kind("guarantee_result");
    let outcome = |rule: &str| {
        let looked = promise.looked.iter().find(|l| l.rule == rule).unwrap();
        looked.outcome.clone()
    };
    assert_eq!(outcome("uk.fca.promo.no-loss"), Ok(Disposition::Block));
    assert_eq!(
        outcome("us.finra.2210.promissory"),
        Err("recipient is in UK".into())
    );
}

fn out(output: &std::process::Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn a_rule_is_written_from_answers_tested_and_put_in_force() {
    let home = tempfile::tempdir().unwrap();
    let answers = [
        "title=No talk of lunch",
        "when=words",
        "words=free lunch~; lunch on us",
        "place=US",
        "asks=review",
        "why=No lunch is free.",
        "say=Say who pays.",
        "cite=Firm policy 7",
        "breaks=A free lunch for you.|Free lunches daily.|Lunch on us.",
        "keeps=We open at nine.|Lunch costs $9.|Feel free to call.",
    ];
    let mut args = vec!["policy", "new", "firm.lunch"];
    for answer in &answers {
        args.extend(["--answer", answer]);
    }
    let made = echovoice(home.path(), &args);
    assert_eq!(code(&made), 0, "{}", out(&made));
    assert!(
        out(&made).contains("own examples: 3 of 3 found, 0 of 3 wrongly blocked"),
        "{}",
        out(&made)
    );
    assert_eq!(
        code(&echovoice(home.path(), &args)),
        1,
        "it is there already"
    );
    let told = echovoice(home.path(), &["policy", "activate", "firm.lunch"]);
    assert_eq!(code(&told), 0, "{}", out(&told));
    let explained = out(&echovoice(
        home.path(),
        &["policy", "explain", "Lunch on us!", "--jurisdiction", "US"],
    ));
    assert!(
        explained.contains("firm.lunch  No talk of lunch: review"),
        "{explained}"
    );
    let rule = out(&echovoice(
        home.path(),
        &["policy", "explain", "firm.lunch"],
    ));
    assert!(rule.contains("say instead Say who pays."), "{rule}");
    let bad = echovoice(
        home.path(),
        &["policy", "new", "firm.x", "--answer", "colour=red"],
    );
    assert_eq!(code(&bad), 1);
}

#[test]
fn packs_are_measured_on_rows_that_they_were_not_written_from() {
    let home = tempfile::tempdir().unwrap();
    let rows = home.path().join("rows.jsonl");
    let lines = [
        json!({"id": "a", "rule": "us.finra.2210.promissory", "label": "violate", "text": "We guarantee a 7% return.", "product": "mutual_fund", "jurisdiction": "US", "facts": {}}),
        json!({"id": "b", "rule": "us.finra.2210.promissory", "label": "comply", "text": "Returns are not guaranteed.", "product": "mutual_fund", "jurisdiction": "US", "facts": {}}),
    ];
    fs::write(&rows, format!("{}\n{}\n", lines[0], lines[1])).unwrap();
    let said = out(&echovoice(
        home.path(),
        &["policy", "measure", rows.to_str().unwrap()],
    ));
    assert!(said.contains("told of the rule 100.0 %"), "{said}");
    assert!(
        said.lines()
            .any(|l| l.starts_with("Lawful") && l.contains("nothing 100.0 %")),
        "{said}"
    );
    fs::write(&rows, "{\"id\": 7}\n").unwrap();
    let wrong = echovoice(home.path(), &["policy", "measure", rows.to_str().unwrap()]);
    assert_eq!(code(&wrong), 1);
}

/// Old packs go on, and say how to go over.
#[test]
fn a_home_with_packs_of_the_first_form_keeps_them() {
    let home = tempfile::tempdir().unwrap();
    let policies = home.path().join("policies");
    fs::create_dir_all(&policies).unwrap();
    for entry in fs::read_dir("tests/fixtures/packs-form1")
        .unwrap()
        .flatten()
    {
        fs::copy(entry.path(), policies.join(entry.file_name())).unwrap();
    }
    let list = out(&echovoice(home.path(), &["policy", "list"]));
    assert!(
        list.contains("us-finra") && list.contains("policy drafts"),
        "{list}"
    );
    let file = home.path().join("m.txt");
    fs::write(&file, "We guarantee an 8% return.").unwrap();
    assert_eq!(
        code(&echovoice(home.path(), &["check", file.to_str().unwrap()])),
        3
    );
    assert_eq!(code(&echovoice(home.path(), &["policy", "drafts"])), 0);
    assert!(Path::new(&policies.join("us-securities.toml")).exists());
    let list = out(&echovoice(home.path(), &["policy", "list"]));
    assert!(!list.contains("policy drafts"), "{list}");
}

#[test]
fn no_line_of_the_shipped_law_is_longer_than_a_reader_can_take() {
    let mut folders = vec![Path::new("assets/claims").to_path_buf()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                files.push(entry.path());
            }
        }
    }
    let law = fs::read_dir("assets/policies").unwrap().flatten();
    files.extend(law.map(|entry| entry.path()));
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        if text.contains("\nform = 2") {
            let long = text.lines().position(|line| line.chars().count() > 160);
            assert_eq!(long, None, "{}", file.display());
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_a_phrase_or_says_why_not(text in "[a-z0-9 \\[\\]()|.~<>{}^$=%'\u{e9}-]{0,60}") {
        if let Err(error) = phrase::parse(&text) {
            prop_assert!(!error.problem.to_string().is_empty());
        }
    }

    #[test]
    fn any_text_is_judged_and_twice_the_same(text in "(no risk|guaranteed|free|\\$9|7%|[a-z\u{e9} ,.!?;:()\n-]){0,40}") {
        let once = check(&text, "US", "mutual_fund", &json!({}));
        prop_assert_eq!(once.clone(), check(&text, "US", "mutual_fund", &json!({})));
        for finding in &once.findings {
            prop_assert!(text.get(finding.start..finding.end).is_some());
        }
    }
}

/// An id names a file: it may name none outside the home.
#[test]
fn a_pack_that_names_a_path_is_none() {
    for id in ["../../evil", "a/b", ".hidden", "A B", "active", ""] {
        let text = fs::read_to_string("assets/policies/plain-words.toml").unwrap();
        let text = text.replacen("plain-words", id, 1);
        assert!(echovoice::rules::Pack::parse(&text).is_err(), "{id}");
    }
}
