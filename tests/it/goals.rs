//! Campaign goals: who is of which segment for which, what the policies make of how they were told apart, and offers that
//! hold for a while.

use crate::support;
use crate::support::{AS_OF, approve, code, echovoice};
use serde_json::Value;
use std::fs;
use std::path::Path;

fn lines(home: &Path, args: &[&str]) -> Vec<Value> {
    let output = echovoice(home, &[args, &["--json"]].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
        .collect()
}

fn segments(runs: &[Value]) -> Vec<(&str, &str)> {
    runs.iter()
        .map(|run| {
            let segment = &run["segment"];
            (
                segment["goal"].as_str().unwrap(),
                segment["funnel_stage"].as_str().unwrap(),
            )
        })
        .collect()
}

const CUSTOMERS: &str = "user_id,email,last_purchase,purchases_12m,spent_12m,form_started,viewed_page\n\
    c1,a@example.com,2025-06-01,5,900,no,savings\n\
    c2,b@example.com,2026-11-02,14,9000,no,savings\n\
    c3,c@example.com,,,,yes,savings\n\
    c4,d@example.com,,,,no,savings\n";

#[test]
fn a_table_of_customers_is_told_apart_by_goal() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("customers.csv");
    fs::write(&file, CUSTOMERS).unwrap();
    let file = file.to_str().unwrap();
    let runs = lines(home.path(), &["run", file, "--no-record", "--as-of", AS_OF]);
    assert_eq!(
        segments(&runs),
        [
            ("win_back", "LapsedRegular"),
            ("retain", "BestCustomer"),
            ("activate", "StartedFormOrFlow"),
            ("acquire", "BrowsingOnly"),
        ]
    );
    // What is written follows: somebody who left is not greeted as a visitor.
    let body = |run: &Value| run["variants"][0]["body"].as_str().unwrap().to_owned();
    assert!(
        body(&runs[0]).contains("You were our customer"),
        "{}",
        body(&runs[0])
    );
    assert!(body(&runs[1]).contains("Thank you for being our customer"));
    let forced = lines(
        home.path(),
        &[
            "run",
            file,
            "--no-record",
            "--goal",
            "win-back",
            "--as-of",
            AS_OF,
        ],
    );
    assert!(
        forced
            .iter()
            .all(|run| run["segment"]["goal"] == "win_back")
    );
    assert_eq!(
        forced[2]["segment"]["funnel_stage"], "BrowsingOnly",
        "no rule of that goal matches"
    );
    let reasons = forced[2]["segment"]["reasons"].to_string();
    assert!(
        reasons.contains("the campaign's goal is to win back"),
        "{reasons}"
    );
}

#[test]
fn a_batch_for_another_goal_is_another_batch() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("customers.csv");
    fs::write(&file, CUSTOMERS).unwrap();
    let file = file.to_str().unwrap();
    let ids = |more: &[&str]| -> Vec<String> {
        let runs = lines(
            home.path(),
            &[&["batch", file, "--as-of", AS_OF], more].concat(),
        );
        let ids = runs.iter().filter_map(|run| run["run_id"].as_str());
        ids.map(str::to_owned).collect()
    };
    let first = ids(&[]);
    assert_eq!((first.len(), &ids(&[])), (4, &first));
    let retained = ids(&["--goal", "retain"]);
    assert!(retained.iter().all(|id| !first.contains(id)));
    // The goal is part of what is on record.
    let shown = lines(
        home.path(),
        &["audit", "rerun", &retained[0], "--as-of", AS_OF],
    );
    assert_eq!(shown[0]["same"], true, "{shown:?}");
}

#[test]
fn a_goal_that_is_none_and_a_table_that_contradicts_itself_are_told() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("p.json");
    fs::write(&file, r#"{"id": "c", "goal": "upsell"}"#).unwrap();
    let output = echovoice(home.path(), &["run", file.to_str().unwrap(), "--no-record"]);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(code(&output), 1);
    assert!(
        error.contains("goal") && error.contains("win_back") && !error.contains("upsell"),
        "{error}"
    );
    fs::write(&file, r#"{"id": "c"}"#).unwrap();
    let run = || echovoice(home.path(), &["run", file.to_str().unwrap(), "--no-record"]);
    assert_eq!(code(&run()), 0);
    let table = home.path().join("segments.toml");
    let text = fs::read_to_string(&table).unwrap();
    let (from, to) = (
        "segmenters = [\"rfm\", \"behaviour\"]\n",
        "segmenters = [\"rmf\"]\n",
    );
    assert!(text.contains(from));
    fs::write(&table, text.replace(from, to)).unwrap();
    let error = String::from_utf8_lossy(&run().stderr).into_owned();
    assert!(
        error.contains("segments.toml") && error.contains("no segmenter rmf"),
        "{error}"
    );
}

#[test]
fn a_credit_segment_by_age_is_blocked_whatever_the_words_say() {
    let home = tempfile::tempdir().unwrap();
    let run = || {
        lines(
            home.path(),
            &[
                "run",
                "assets/profiles/01-clean-winner.json",
                "--no-record",
                "--as-of",
                AS_OF,
            ],
        )
        .remove(0)
    };
    assert_eq!(run()["analysis"]["winner"]["variant_id"], "A");
    let table = home.path().join("segments.toml");
    let text = fs::read_to_string(&table).unwrap();
    let by_age = "[[rule]]\nall = [{ field = \"age_group\", one_of = [\"18-24\"] }]\nsegment = \"Young\"\nfunnel_stage = \"awareness\"\n\
                  intent_level = \"low\"\nreason = \"is young\"\n\n[[rule]]\nflag = \"attended\"";
    fs::write(
        &table,
        text.replacen("[[rule]]\nflag = \"attended\"", by_age, 1),
    )
    .unwrap();
    let blocked = run();
    assert_eq!(blocked["analysis"]["winner"], Value::Null);
    let findings = blocked["safety"]["blocked"][0]["findings"].to_string();
    assert!(findings.contains("us.ecoa.segment"), "{findings}");
}

#[test]
fn an_offer_is_stated_while_it_holds_and_not_handed_over_once_it_has_changed() {
    let home = tempfile::tempdir().unwrap();
    let run = |as_of: &str| {
        let args = ["run", "assets/profiles/15-health.json", "--as-of", as_of];
        lines(home.path(), &args).remove(0)
    };
    let body = |run: &Value| run["variants"][0]["body"].as_str().unwrap().to_owned();
    let during = run(AS_OF);
    assert!(
        body(&during).contains("The offer ends on December 31, 2026."),
        "{}",
        body(&during)
    );
    assert_eq!(during["safety"]["audit"][0]["final_status"], "pass");
    assert!(!body(&run("2027-01-01T15:00:00Z")).contains("offer"));

    let products = home.path().join("knowledge_base/products.toml");
    let text = fs::read_to_string(&products).unwrap();
    fs::write(
        &products,
        text.replace("ends_at = \"2026-12-31\"", "ends_at = \"2026-12-15\""),
    )
    .unwrap();
    support::accept_home(home.path());
    let id = during["run_id"].as_str().unwrap();
    let held: Value = serde_json::from_slice(&approve(home.path(), id, "A").stdout).unwrap();
    let reason = held["delivery"]["reason"].as_str().unwrap();
    assert!(reason.contains("`ends_at`"), "{reason}");
}
