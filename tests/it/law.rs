//! What the tool says of the law: how it stands, on which days it holds, who looked, and what changes next.

use crate::support::{code, echovoice};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const TODAY: &str = "2026-11-29T12:00:00Z";

fn text(home: &Path, args: &[&str]) -> String {
    let output = echovoice(home, args);
    assert!(
        matches!(code(&output), 0 | 3),
        "{args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn lines(home: &Path, args: &[&str]) -> Vec<Value> {
    let all = [args, &["--json"]].concat();
    let text = text(home, &all);
    let read = text.lines().map(|line| serde_json::from_str(line).unwrap());
    read.collect()
}

/// Writes a message and checks it, with more arguments.
fn check(home: &Path, message: &Value, args: &[&str]) -> String {
    let file = home.join("message.json");
    fs::write(&file, message.to_string()).unwrap();
    text(home, &[&["check", file.to_str().unwrap()], args].concat())
}

/// Rules with a finding that asks for something.
fn found(home: &Path, message: &Value, moment: &str) -> Vec<String> {
    let verdict: Value =
        serde_json::from_str(&check(home, message, &["--json", "--as-of", moment])).unwrap();
    let findings = verdict["findings"].as_array().unwrap();
    let ids = findings.iter().map(|f| f["rule"].as_str().unwrap());
    ids.map(str::to_owned).collect()
}

#[test]
fn a_law_begins_on_the_recipients_day_whatever_offset_is_written() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let deferred = json!({"body": "Pay in three.", "product": "bnpl", "jurisdiction": "UK", "facts": {"firm_type": "lender", "authorised": false}});
    let runs = |message: &Value, moment: &str, rule: &str| {
        found(home, message, moment).iter().any(|id| id == rule)
    };
    for (moment, is_law) in [
        ("2026-07-14T22:30:00Z", false),
        ("2026-07-14T23:30:00Z", true),
        ("2026-07-15T00:30:00+01:00", true),
        ("2026-07-15T05:30:00+07:00", false),
    ] {
        assert_eq!(
            runs(&deferred, moment, "uk.fca.deferred.lender"),
            is_law,
            "{moment}"
        );
    }
    let machine = json!({"body": "Our system has already approved you.", "product": "personal_loan", "jurisdiction": "US-CA"});
    for (moment, is_law) in [
        ("2026-12-31T23:30:00-08:00", false),
        ("2027-01-01T07:30:00Z", false),
        ("2027-01-01T08:30:00Z", true),
        ("2027-01-01T00:30:00-08:00", true),
    ] {
        assert_eq!(runs(&machine, moment, "us.ca.admt"), is_law, "{moment}");
    }
    // The recipient's own zone lies in no zone of the state: it may be either day, and the rule runs.
    let mut away = machine.clone();
    away["facts"] = json!({"recipient_tz": "Europe/Berlin"});
    assert!(runs(&away, "2027-01-01T07:30:00Z", "us.ca.admt"));
}

/// What the findings of a message cite, by rule.
fn cited(
    home: &Path,
    place: &str,
    product: &str,
    body: &str,
    facts: Value,
) -> Vec<(String, String)> {
    let message = json!({"body": body, "product": product, "jurisdiction": place, "facts": facts});
    let verdict: Value =
        serde_json::from_str(&check(home, &message, &["--json", "--as-of", TODAY])).unwrap();
    let findings = verdict["findings"].as_array().unwrap().iter();
    let field = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    findings
        .map(|f| (field(f, "rule"), field(f, "citation")))
        .collect()
}

#[test]
fn a_trade_that_the_general_law_leaves_out_is_cited_its_own() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let few = "Only 3 left. Book now.";
    let late = "The offer ends tonight.";
    let fees = json!({"mandatory_fees": 34});
    for (place, product, body, facts, own, other) in [
        (
            "US",
            "airline_ticket",
            few,
            json!({"inventory": 41}),
            "49 U.S.C. 41712(a)",
            "15 U.S.C. 45",
        ),
        (
            "US",
            "checking",
            late,
            json!({"ends_at": "2027-03-01"}),
            "12 U.S.C. 5531",
            "15 U.S.C. 45",
        ),
        (
            "US-CA",
            "auto_insurance",
            late,
            json!({"ends_at": "2027-03-01"}),
            "Cal. Ins. Code 790.03",
            "15 U.S.C. 45",
        ),
        (
            "US-FL",
            "movers",
            late,
            json!({"ends_at": "2027-03-01"}),
            "Fla. Stat. 507.07",
            "15 U.S.C. 45",
        ),
        (
            "US-NY",
            "charity",
            late,
            json!({"ends_at": "2027-03-01"}),
            "N.Y. Exec. Law 172-d",
            "15 U.S.C. 45",
        ),
        (
            "UK",
            "flight",
            "Paris from £29.",
            fees.clone(),
            "Regulation (EC) 1008/2008",
            "CONC",
        ),
        (
            "EU",
            "gym",
            "50% off the usual price.",
            json!({"regular_price_days": 3}),
            "Directive 2005/29/EC Art. 6(1)(d)",
            "98/6",
        ),
        (
            "CA",
            "flight",
            "Ottawa from $99.",
            fees,
            "SOR/88-58",
            "Cal. ",
        ),
    ] {
        let all = cited(home, place, product, body, facts);
        let (_, law) = all
            .iter()
            .find(|(rule, _)| !rule.starts_with("core."))
            .unwrap_or_else(|| panic!("{place} {product}: {all:?}"));
        assert!(
            law.contains(own) && !law.contains(other),
            "{place} {product}: {law}"
        );
    }
    let shown = text(home, &["policy", "show", "us.ftc.s5.offer.count"]);
    assert!(
        shown.contains("air travel (US): 49 U.S.C. 41712(a)"),
        "{shown}"
    );
}

#[test]
fn what_is_not_yet_law_is_named_and_nothing_calls_it_a_breach() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let machine = json!({"body": "Our system has already approved you.", "product": "personal_loan", "jurisdiction": "US-CA"});
    let before = check(home, &machine, &["--as-of", "2026-12-31T12:00:00Z"]);
    let line = before.lines().find(|l| l.starts_with("not yet: ")).unwrap();
    assert!(line.contains("us.ca.admt from 2027-01-01"), "{line}");
    assert!(!before.contains("us.ca.admt.alike"), "{before}");
    let gone = before
        .lines()
        .find(|l| l.starts_with("no longer: "))
        .unwrap();
    assert!(gone.contains("after 2026-07-20"), "{gone}");
    let after = check(home, &machine, &["--as-of", "2027-01-01T12:00:00Z"]);
    assert!(!after.contains("us.ca.admt from"), "{after}");
    assert!(after.contains("rule      us.ca.admt\n"), "{after}");
    // Colorado's law is not California's.
    let mut other = machine.clone();
    other["jurisdiction"] = json!("US-CO");
    let colorado = check(home, &other, &["--as-of", "2027-01-02T12:00:00Z"]);
    assert!(!colorado.contains("us.ca."), "{colorado}");
    let run = text(
        home,
        &[
            "run",
            "assets/profiles/10-california.json",
            "--no-record",
            "--as-of",
            TODAY,
        ],
    );
    assert!(run.contains("not yet: "), "{run}");
}

/// A pack of one rule over words, standing so.
fn pack(status: &str) -> String {
    format!(
        r#"[pack]
id = "house"
version = "1"
title = "House"
form = 2
author = "Ana"

[[kind]]
id = "mango_talk"
says = "mangoes are spoken of"
phrases = ["mangoes"]
makes = ["We sell mangoes.", "Mangoes!", "Fine mangoes."]
not = []

[[rule]]
id = "firm.mangoes"
title = "No mangoes"
when = "mango_talk"
scope = {{ place = ["US"], from = 2026-01-01 }}
why = "Mangoes."
say = "Say fruit."
law = {{ cite = "Mango Act s. 1", source = "mango.example", status = "{status}", note = "two courts differ", checked_on = 2026-11-01 }}
breaks = ["We sell mangoes.", "Mangoes!", "Fine mangoes."]
keeps = ["We sell fruit.", "Fruit!", "Fine fruit."]
"#
    )
}

#[test]
fn how_a_law_stands_is_said_in_every_face() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    text(home, &["policy", "list"]);
    fs::write(home.join("policies/house.toml"), pack("contested")).unwrap();
    let tested = text(home, &["policy", "test", "house"]);
    assert!(
        tested.contains(
            "warning: firm.mangoes: no complying test before it begins; add one with day=2025-12-31"
        ),
        "{tested}"
    );
    let message = json!({"body": "We sell mangoes.", "jurisdiction": "US"});
    let with = ["--with", "house", "--as-of", TODAY];
    let told = check(home, &message, &with);
    assert!(
        told.contains("block No mangoes: “mangoes”") && told.contains("rule      firm.mangoes"),
        "{told}"
    );
    assert!(
        told.contains("citation  Mango Act s. 1 (contested)"),
        "{told}"
    );
    let found = check(home, &message, &[&with[..], &["--json"]].concat());
    let verdict: Value = serde_json::from_str(&found).unwrap();
    let of = |list: &Value| {
        let mut all = list.as_array().unwrap().iter();
        all.find(|f| f["rule"] == "firm.mangoes" || f["ruleId"] == "firm.mangoes")
            .unwrap()
            .clone()
    };
    assert_eq!(of(&verdict["findings"])["legal_status"], "contested");
    let sarif = check(
        home,
        &message,
        &[&with[..], &["--format", "sarif"]].concat(),
    );
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    let result = of(&sarif["runs"][0]["results"]);
    assert_eq!(result["properties"]["legal_status"], "contested");
    let shown = text(home, &["policy", "show", "house", "--as-of", TODAY]);
    for line in [
        "  citation   Mango Act s. 1",
        "  stands     contested: two courts differ",
        "  days       since 2026-01-01",
        "  source     mango.example",
        "  checked    2026-11-01, by Ana (house 1)",
        "  applies    US; every product; every channel; every audience",
        "  looks at   1 kind of claim: mango_talk; severity high",
        "  violates   We sell mangoes. (US)",
    ] {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
    // A rule that is stayed does not run, whoever else speaks of the words.
    fs::write(home.join("policies/house.toml"), pack("stayed")).unwrap();
    assert!(!check(home, &message, &with).contains("firm.mangoes"));
}

#[test]
fn a_rule_is_shown_with_its_days_and_the_facts_of_its_examples() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let shown = text(home, &["policy", "show", "us.ca.admt", "--as-of", TODAY]);
    assert!(shown.contains("begins 2027-01-01, in 33 days"), "{shown}");
    assert!(shown.contains("stands     not yet in force"), "{shown}");
    assert!(shown.contains("applies    US-CA; "), "{shown}");
    assert!(
        !shown.contains("(in force)") && !shown.contains("0 ways"),
        "{shown}"
    );
    let later = text(
        home,
        &[
            "policy",
            "show",
            "us.ca.admt",
            "--as-of",
            "2027-03-01T00:00:00Z",
        ],
    );
    assert!(
        later.contains("since 2027-01-01") && later.contains("stands     in force"),
        "{later}"
    );
    let news = text(home, &["policy", "show", "eu.aiact.50", "--as-of", TODAY]);
    assert!(
        news.contains("Our news. (retail, EU, ai_generated true, human_reviewed true)"),
        "{news}"
    );
    // No rule looks in no way at all.
    let home_packs: Vec<String> = lines(home, &["policy", "list"])
        .iter()
        .map(|pack| pack["id"].as_str().unwrap().to_owned())
        .collect();
    for pack in home_packs {
        for rule in lines(home, &["policy", "show", &pack]) {
            assert!(rule["ways"].as_u64() > Some(0), "{rule}");
        }
    }
}

#[test]
fn what_changes_next_is_told_by_pack_and_by_day() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let outlook = |moment: &str, pack: &str| {
        let all = lines(home, &["policy", "list", "--as-of", moment]);
        let found = all.iter().find(|row| row["id"] == pack).unwrap();
        (
            found["next_change"].as_str().unwrap_or("").to_owned(),
            found["not_yet"].as_u64().unwrap(),
        )
    };
    let (next, not_yet) = outlook(TODAY, "us-privacy");
    assert_eq!(next, "2027-01-01");
    let (next, fewer) = outlook("2027-01-02T00:00:00Z", "us-privacy");
    assert!(
        next == "2027-01-31" && fewer < not_yet,
        "{next} {fewer} {not_yet}"
    );

    let calendar = lines(home, &["policy", "calendar", "--as-of", TODAY]);
    let days: Vec<&str> = calendar
        .iter()
        .map(|c| c["day"].as_str().unwrap())
        .collect();
    assert!(
        days.is_sorted() && days.iter().all(|day| *day >= "2026-11-29"),
        "{days:?}"
    );
    for (day, id) in [
        ("2027-01-01", "us.ca.admt"),
        ("2027-01-18", "us.genius.stablecoin"),
        ("2027-01-31", "us.tcpa.sms.revoked-all"),
        ("2027-06-08", "uk.fca.promo.cci"),
    ] {
        let found = calendar.iter().find(|c| c["id"] == id).unwrap();
        assert_eq!(
            (found["day"].as_str(), found["turn"].as_str()),
            (Some(day), Some("begins"))
        );
    }
    let told = text(home, &["policy", "calendar", "--as-of", TODAY]);
    assert!(
        told.contains("2027-01-01  in 33 days   begins US-CA    us.ca.admt"),
        "{told}"
    );
}

#[test]
fn what_nobody_checked_of_late_is_listed_the_unverified_first() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let stale = |moment: &str| {
        lines(
            home,
            &["policy", "stale", "--days", "30", "--as-of", moment],
        )
    };
    let today = stale(TODAY);
    assert!(today.iter().all(|s| s["legal_status"] != "policy"));
    let later = stale("2027-03-01T12:00:00Z");
    assert!(later.len() > today.len());
    assert!(later.iter().any(|s| s["age"] == 92), "{:?}", later.last());
    let packs: Vec<&str> = later.iter().map(|s| s["pack"].as_str().unwrap()).collect();
    assert!(packs.is_sorted());
    let of_pack: Vec<bool> = later
        .iter()
        .filter(|s| s["pack"] == "us-credit")
        .map(|s| s["legal_status"] == "unverified")
        .collect();
    assert!(of_pack.is_sorted_by(|before, after| before >= after));
}

#[test]
fn rows_without_a_day_are_measured_on_the_one_that_is_given() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let row = json!({"id": "1", "rule": "us.ca.admt", "label": "violate", "text": "Our system has already approved you.",
        "jurisdiction": "US-CA", "facts": {"product": "personal_loan"}});
    let file = home.join("rows.jsonl");
    fs::write(&file, format!("{row}\n")).unwrap();
    let told = |args: &[&str]| {
        let all = [&["policy", "measure", file.to_str().unwrap()], args].concat();
        lines(home, &all)[0]["told"].as_bool().unwrap()
    };
    assert!(told(&[]));
    assert!(told(&["--as-of", "2027-01-02T12:00:00Z"]));
    assert!(!told(&["--as-of", TODAY]));
}

#[test]
fn each_pack_says_why_it_has_data_kept() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let why = text(home, &["audit", "retention", "why"]);
    let first = why.lines().next().unwrap();
    assert!(
        first.starts_with("holds  1827 days by us-securities (17 CFR 240.17a-4(b)(4)"),
        "{why}"
    );
    assert!(
        why.contains("762 days by us-credit (12 CFR 1002.12(b)"),
        "{why}"
    );
    let shown = text(home, &["policy", "show", "us-debt"]);
    assert!(
        shown.contains("  keeps      1096 days: 12 CFR 1006.100"),
        "{shown}"
    );
    let doctor = text(home, &["doctor"]);
    assert!(doctor.contains("1827 days by us-securities"), "{doctor}");
}

/// `ECHOVOICE_WALK=write cargo test --test it law::` writes them anew.
#[test]
fn the_page_of_policies_has_the_tables_that_the_program_makes() {
    let home = tempfile::tempdir().unwrap();
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/docs/policies.md");
    let mut document = fs::read_to_string(page).unwrap();
    for of in ["regimes", "texts"] {
        let made = text(home.path(), &["policy", "table", of]);
        let (from, to) = (
            format!("<!-- {of}: made by tests/it/law.rs -->\n"),
            format!("<!-- end of {of} -->"),
        );
        let (before, rest) = document.split_once(&from).unwrap();
        let (shown, after) = rest.split_once(&to).unwrap();
        if std::env::var_os("ECHOVOICE_WALK").is_some() {
            document = format!("{before}{from}\n{made}\n{to}{after}");
        } else {
            assert_eq!(
                shown.trim(),
                made.trim(),
                "ECHOVOICE_WALK=write cargo test --test it law:: writes it anew"
            );
        }
    }
    if std::env::var_os("ECHOVOICE_WALK").is_some() {
        fs::write(page, document).unwrap();
    }
}
