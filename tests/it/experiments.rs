//! Experiments: who is sent which, what is counted for them, and what keeps an arm from winning.

use crate::support::{AS_OF, approve, code, echovoice};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const PLAN: &str = "wait_days = 1\n[[experiment]]\nid = \"t\"\nsegment = \"StartedFormOrFlow\"\nchannel = \"email\"\n\
                    since = \"2026-11-01\"\ncontrol = \"short\"\n";

/// A home whose plan is this one, and with no outcomes but these.
fn home(plan: &str, outcomes: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("experiments.toml"), plan).unwrap();
    fs::write(home.path().join("outcomes.toml"), outcomes).unwrap();
    home
}

fn ask(home: &Path, args: &[&str]) -> Value {
    let output = echovoice(home, &[args, &["--json", "--as-of", AS_OF]].concat());
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let first = text.lines().next().unwrap_or_default();
    serde_json::from_str(first).unwrap_or_else(|_| {
        panic!(
            "{}: {text}{}",
            code(&output),
            String::from_utf8_lossy(&output.stderr)
        )
    })
}

/// A run of the clean demo profile as another customer.
fn run(home: &Path, customer: &str) -> Value {
    let profile = include_str!("../../assets/profiles/01-clean-winner.json");
    let mut profile: Value = serde_json::from_str(profile).unwrap();
    profile["user_id"] = customer.into();
    let path = home.join("profile.json");
    fs::write(&path, profile.to_string()).unwrap();
    ask(home, &["run", path.to_str().unwrap(), "--no-record"])
}

/// A file of the clean demo profile as so many customers.
fn customers(home: &Path, count: usize) -> String {
    let profile = include_str!("../../assets/profiles/01-clean-winner.json");
    let mut profile: Value = serde_json::from_str(profile).unwrap();
    let mut text = String::new();
    for customer in 0..count {
        profile["user_id"] = format!("C-{customer}").into();
        text.push_str(&format!("{profile}\n"));
    }
    let file = home.join("customers.jsonl");
    fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn each_customer_always_gets_the_arm_that_was_assigned() {
    let plan = format!(
        "{PLAN}assignment = \"fixed\"\ncontrol_pct = 30\narms = {{ short = 1, educational = 3 }}\n"
    );
    let home = home(&plan, "");
    let file = customers(home.path(), 60);
    let runs = |seed: &str| -> Vec<Value> {
        let args = ["run", &file, "--no-record", "--seed", seed];
        let output = echovoice(
            home.path(),
            &[&args[..], &["--json", "--as-of", AS_OF]].concat(),
        );
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["analysis"].clone())
            .collect()
    };
    let mut arms: BTreeMap<String, usize> = BTreeMap::new();
    let first = runs("7");
    for analysis in &first {
        assert_eq!(analysis["experiment"]["test_id"], "t");
        assert_eq!(analysis["experiment"]["control_variant"], "A");
        let arm = analysis["experiment"]["arm"].as_str().unwrap();
        let group = analysis["experiment"]["group"].as_str().unwrap();
        let winner = &analysis["winner"];
        assert_eq!(winner["variant_id"], if arm == "short" { "A" } else { "B" });
        let reason = winner["reason"].as_str().unwrap();
        if group == "control" {
            assert!(
                arm == "short" && reason.contains("the control group of t"),
                "{reason}"
            );
        } else {
            assert!(
                reason.contains("assigned to this customer by t (fixed)"),
                "{reason}"
            );
        }
        *arms.entry(format!("{group} {arm}")).or_default() += 1;
    }
    assert_eq!((first.len(), arms.len()), (60, 3), "{arms:?}");
    // Neither another call nor another seed moves anybody.
    assert_eq!(runs("7"), first);
    assert_eq!(runs("8"), first);
}

#[test]
fn most_customers_get_what_the_outcomes_speak_for() {
    let plan = format!(
        "{PLAN}assignment = \"thompson\"\ncontrol_pct = 0\narms = {{ short = 1, educational = 1 }}\n"
    );
    let row = |kind: &str, responded: u32| {
        format!(
            "[[outcome]]\ntype = \"{kind}\"\nsegment = \"StartedFormOrFlow\"\nchannel = \"email\"\n\
             day = \"2026-11-10\"\nsent = 600\nresponded = {responded}\n"
        )
    };
    let home = home(
        &plan,
        &format!("{}{}", row("short", 24), row("educational", 48)),
    );
    let file = customers(home.path(), 40);
    let args = ["run", &file, "--no-record", "--json", "--as-of", AS_OF];
    let output = echovoice(home.path(), &args);
    let text = String::from_utf8(output.stdout).unwrap();
    let winners: Vec<String> = text
        .lines()
        .map(|line| {
            let run: Value = serde_json::from_str(line).unwrap();
            let winner = &run["analysis"]["winner"];
            assert!(winner["reason"].as_str().unwrap().contains("t (thompson)"));
            winner["variant_id"].as_str().unwrap().to_owned()
        })
        .collect();
    let better = winners.iter().filter(|id| *id == "B").count();
    assert!(winners.len() == 40 && better >= 36, "{better}");
}

#[test]
fn an_arm_that_is_blocked_or_was_stopped_is_not_sent_and_its_message_does_not_count() {
    // The demo firm's story is blocked.
    let plan = format!(
        "{PLAN}assignment = \"fixed\"\ncontrol_pct = 0\narms = {{ short = 0, social_proof = 1 }}\n"
    );
    let with = home(&plan, "");
    let analysis = &run(with.path(), "C-1")["analysis"];
    assert_eq!(
        analysis["experiment"]["set_aside"],
        "social_proof is blocked"
    );
    assert_eq!(analysis["winner"]["variant_id"], "A");
    let blocked = &analysis["arms"][2];
    assert_eq!(blocked["costs"][0]["blocks"], true);
    assert!(
        blocked["costs"][0]["cost_bp"].as_u64().unwrap() > 0,
        "{blocked}"
    );

    let outcomes = "[[outcome]]\ntype = \"short\"\nsegment = \"StartedFormOrFlow\"\nchannel = \"email\"\nday = \"2026-11-23\"\nsent = 900\nresponded = 200\ncomplained = 20\n";
    let plan = format!(
        "{PLAN}assignment = \"best\"\ncontrol_pct = 0\narms = {{ short = 1, educational = 1 }}\n"
    );
    let with = home(&plan, outcomes);
    let analysis = &run(with.path(), "C-1")["analysis"];
    assert_eq!(analysis["winner"]["variant_id"], "B");
    let stopped = analysis["arms"][0]["stopped"].as_str().unwrap();
    assert!(
        stopped.contains("20 complaints to 900 messages"),
        "{stopped}"
    );
}

#[test]
fn what_became_of_a_message_counts_for_the_experiment_that_sent_it() {
    let plan = format!(
        "{PLAN}assignment = \"fixed\"\ncontrol_pct = 0\narms = {{ short = 1, educational = 0 }}\n"
    );
    let home = home(&plan, "");
    let home = home.path();
    let sent = |variant: &str| -> String {
        let run = ask(home, &["run", "assets/profiles/01-clean-winner.json"]);
        let id = run["run_id"].as_str().unwrap().to_owned();
        let decided: Value = serde_json::from_slice(&approve(home, &id, variant).stdout).unwrap();
        assert_eq!(decided["delivery"]["status"], "delivered", "{decided}");
        id
    };
    let (assigned, chosen_by_a_person) = (sent("A"), sent("B"));
    let rows: String = [&assigned, &chosen_by_a_person]
        .iter()
        .flat_map(|id| {
            ["clicked", "converted"].map(|event| format!("{}\n", json!({"id": id, "event": event})))
        })
        .collect();
    fs::write(home.join("back.jsonl"), rows).unwrap();
    let file = home.join("back.jsonl");
    let file = file.to_str().unwrap();
    let said = ask(home, &["feedback", "import", file, "--as", "demo.officer"]);
    assert_eq!(said["new"], 4, "{said}");
    let show = |as_of: &str| -> Value {
        let output = echovoice(
            home,
            &["experiment", "show", "t", "--json", "--as-of", as_of],
        );
        serde_json::from_slice(&output.stdout).unwrap()
    };
    // The day after next, when the readers had their time.
    let today = chrono::Utc::now();
    let later = |days: i64| (today + chrono::TimeDelta::days(days)).to_rfc3339();
    assert_eq!(show(&later(0))["arms"][0]["sent"], 0);
    let after = show(&later(2));
    let arm = |kind: &str| {
        let arms = after["arms"].as_array().unwrap();
        arms.iter().find(|arm| arm["type"] == kind).unwrap().clone()
    };
    assert_eq!(
        [
            &arm("short")["sent"],
            &arm("short")["responded"],
            &arm("short")["converted"]
        ],
        [1, 1, 1]
    );
    assert_eq!(arm("educational")["sent"], 0, "a person chose that one");
    assert_eq!(code(&echovoice(home, &["audit", "verify"])), 0);
    let unknown = echovoice(home, &["experiment", "show", "none"]);
    assert_eq!(code(&unknown), 1);
}

#[test]
fn who_is_held_out_is_sent_nothing_and_their_conversions_count() {
    let plan = format!(
        "{PLAN}assignment = \"best\"\ncontrol_pct = 0\nholdout_pct = 100\narms = {{ short = 1 }}\n"
    );
    let home = home(&plan, "");
    let home = home.path();
    let run = ask(home, &["run", "assets/profiles/01-clean-winner.json"]);
    assert_eq!(run["analysis"]["experiment"]["group"], "holdout");
    assert_eq!(run["analysis"]["winner"], Value::Null);
    assert_eq!(run["delivery"]["status"], "nothing_to_send");
    assert!(
        run["delivery"]["reason"]
            .as_str()
            .unwrap()
            .contains("held out")
    );
    let id = run["run_id"].as_str().unwrap();
    let refused = approve(home, id, "A");
    let error = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        code(&refused) == 1 && error.contains("sends this customer nothing"),
        "{error}"
    );
    let waiting = echovoice(home, &["queue", "list", "--json"]);
    assert!(
        !String::from_utf8_lossy(&waiting.stdout).contains(id),
        "nobody has to look at it"
    );

    let file = home.join("back.csv");
    fs::write(
        &file,
        format!("id,event,at\n{id},clicked,\n{id},converted,\n{id},converted,\n"),
    )
    .unwrap();
    let file = file.to_str().unwrap();
    let said = ask(home, &["feedback", "import", file, "--as", "demo.officer"]);
    assert_eq!(
        (&said["new"], &said["known"]),
        (&1.into(), &1.into()),
        "{said}"
    );
    assert_eq!(said["wrong"][0]["line"], 2);
    let later = (chrono::Utc::now() + chrono::TimeDelta::days(2)).to_rfc3339();
    let output = echovoice(
        home,
        &["experiment", "show", "t", "--json", "--as-of", &later],
    );
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let lift = &report["lift"];
    assert_eq!(
        (&lift["held_out"], &lift["held_out_converted"]),
        (&1.into(), &1.into()),
        "{report}"
    );
    assert_eq!(code(&echovoice(home, &["audit", "verify"])), 0);
}

#[test]
fn a_plan_that_contradicts_itself_is_told_with_its_file() {
    let home = home(&format!("{PLAN}arms = {{ other = 1 }}\n"), "");
    let output = echovoice(home.path(), &["experiment", "list"]);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(code(&output), 1);
    assert!(
        error.contains("experiments.toml") && error.contains("control"),
        "{error}"
    );
}
