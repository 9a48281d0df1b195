//! What becomes of a run between the pipeline's end and its delivery: who has it, by when, how many must sign, and how
//! a decision is taken back. Each step is checked again by verify and by the stand-alone verifier.

use crate::support::stranger;
use crate::support::{AS_OF, code, echovoice};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Output;

const OFFICER: &str = "demo.officer";
const PRINCIPAL: &str = "demo.principal";

struct Desk {
    home: tempfile::TempDir,
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

impl Desk {
    /// A home whose packs ask this of a review, besides what the shipped ones do.
    fn new(review: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let desk = Self { home };
        let pack = format!(
            "[pack]\nid = \"desk\"\nversion = \"1\"\ntitle = \"Review\"\nauthor = \"somebody\"\n\n{review}\n"
        );
        desk.ok(PRINCIPAL, &["policy", "list"]);
        fs::write(desk.path().join("policies/desk.toml"), pack).unwrap();
        desk.ok(PRINCIPAL, &["policy", "activate", "desk"]);
        desk
    }

    fn path(&self) -> &Path {
        self.home.path()
    }

    fn by(&self, who: &str, args: &[&str]) -> Output {
        let mut all = args.to_vec();
        all.extend(["--as", who]);
        echovoice(self.path(), &all)
    }

    fn run(&self, profile: &str) -> String {
        let path = format!("assets/profiles/{profile}.json");
        let output = self.by(OFFICER, &["run", &path, "--json", "--as-of", AS_OF]);
        assert_eq!(code(&output), 0, "{}", text(&output.stderr));
        let run: Value = serde_json::from_slice(&output.stdout).unwrap();
        run["run_id"].as_str().unwrap().to_owned()
    }

    fn ok(&self, who: &str, args: &[&str]) -> String {
        let output = self.by(who, args);
        assert_eq!(code(&output), 0, "{args:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    fn refused(&self, who: &str, args: &[&str], why: &str) {
        let output = self.by(who, args);
        let error = text(&output.stderr);
        assert_eq!(code(&output), 1, "{args:?} {error}");
        assert!(error.contains(why) && error.lines().count() == 1, "{error}");
    }

    fn state(&self, run: &str) -> String {
        let waiting = self.ok(OFFICER, &["queue", "list", "--json"]);
        let row = waiting
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .find(|row| row["run"] == run);
        row.map_or("not waiting".into(), |row| {
            row["state"].as_str().unwrap().to_owned()
        })
    }

    fn outbox(&self) -> usize {
        fs::read_dir(self.path().join("outbox")).map_or(0, Iterator::count)
    }

    /// Verify, and the stand-alone verifier on an export.
    fn holds(&self) {
        let verified = echovoice(self.path(), &["audit", "verify"]);
        assert_eq!(code(&verified), 0, "{}", text(&verified.stdout));
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("export");
        self.ok(
            "demo.auditor",
            &["audit", "export", "--out", out.to_str().unwrap()],
        );
        if let Some((holds, words)) = stranger::checks(&out) {
            assert!(holds, "{words}");
        }
        let home = tempfile::tempdir().unwrap();
        let restored = echovoice(home.path(), &["audit", "restore", out.to_str().unwrap()]);
        assert_eq!(code(&restored), 0, "{}", text(&restored.stderr));
        assert_eq!(code(&echovoice(home.path(), &["audit", "verify"])), 0);
    }
}

const APPROVE: [&str; 3] = ["approve", "--variant", "A"];

fn decide<'a>(run: &'a str, rest: &[&'a str]) -> Vec<&'a str> {
    let mut all = vec!["decide", run];
    all.extend_from_slice(rest);
    all
}

#[test]
fn a_claimed_run_is_decided_by_its_claimant_and_an_escalated_one_by_a_principal() {
    let desk = Desk::new("");
    let (run, other) = (desk.run("01-clean-winner"), desk.run("01-clean-winner"));
    desk.refused("demo.marketer", &["queue", "claim", &run], "may not decide");
    desk.ok(OFFICER, &["queue", "claim", &run]);
    desk.refused(OFFICER, &["queue", "claim", &run], "you have claimed");
    desk.refused(
        PRINCIPAL,
        &["queue", "claim", &run],
        "demo.officer has claimed",
    );
    desk.refused(
        PRINCIPAL,
        &decide(&run, &APPROVE),
        "demo.officer has claimed",
    );
    desk.refused(
        OFFICER,
        &["queue", "assign", &run, PRINCIPAL],
        "may not give a run",
    );
    desk.refused(
        PRINCIPAL,
        &["queue", "assign", &run, "demo.auditor"],
        "cannot be given",
    );
    desk.ok(PRINCIPAL, &["queue", "assign", &run, PRINCIPAL]);
    desk.refused(
        OFFICER,
        &decide(&run, &APPROVE),
        "demo.principal has claimed",
    );
    desk.refused(
        OFFICER,
        &["queue", "release", &run],
        "only they or a principal",
    );
    desk.ok(PRINCIPAL, &["queue", "release", &run]);
    desk.refused(
        OFFICER,
        &["queue", "escalate", &run, "--reason", "short"],
        "10 to 2000",
    );
    desk.ok(
        OFFICER,
        &["queue", "escalate", &run, "--reason", "a new kind of claim"],
    );
    desk.refused(OFFICER, &decide(&run, &APPROVE), "escalated");
    desk.refused(OFFICER, &["queue", "claim", &run], "escalated");
    assert_eq!(desk.outbox(), 0);
    desk.ok(PRINCIPAL, &decide(&run, &APPROVE));
    assert_eq!(desk.outbox(), 1);
    desk.refused(OFFICER, &["queue", "claim", &run], "does not wait");
    assert_eq!(desk.state(&other), "waiting");
    desk.holds();
}

#[test]
fn a_comment_is_signed_listed_and_free_of_personal_data() {
    let desk = Desk::new("");
    let run = desk.run("01-clean-winner");
    let say = |who: &str, words: &str| desk.by(who, &["queue", "comment", &run, "--text", words]);
    assert_eq!(
        code(&say("demo.marketer", "please look at the second line")),
        0
    );
    for personal in ["call 202-555-0147", "Amara Osei says so"] {
        let output = say(OFFICER, personal);
        assert!(
            code(&output) == 1 && text(&output.stderr).contains("personal data"),
            "{personal}"
        );
    }
    let list = desk.ok("demo.auditor", &["queue", "comment", &run]);
    assert!(
        list.contains("demo.marketer") && list.contains("second line") && list.lines().count() == 1
    );
    assert!(desk.ok(OFFICER, &["queue", "list"]).contains("1 comments"));
    desk.holds();
}

#[test]
fn two_persons_approve_what_the_policy_names() {
    let desk = Desk::new("[review.two_persons]\nchannels = [\"email\"]");
    let run = desk.run("01-clean-winner");
    desk.ok(OFFICER, &decide(&run, &APPROVE));
    assert_eq!(
        (desk.state(&run).as_str(), desk.outbox()),
        ("second_approval", 0)
    );
    desk.refused(OFFICER, &decide(&run, &APPROVE), "a second person");
    desk.refused(
        PRINCIPAL,
        &decide(&run, &["approve", "--variant", "B"]),
        "is variant A",
    );
    desk.ok(PRINCIPAL, &decide(&run, &APPROVE));
    assert_eq!(desk.outbox(), 1);
    let other = desk.run("01-clean-winner");
    desk.ok(OFFICER, &decide(&other, &APPROVE));
    let reject = [
        "reject",
        "--variant",
        "A",
        "--reason",
        "the rate in it is not today's rate",
    ];
    desk.ok(PRINCIPAL, &decide(&other, &reject));
    let stats = desk.ok(OFFICER, &["audit", "stats", "--json"]);
    assert!(
        stats.contains(r#"[["agreed with the first",1],["did not agree",1]]"#),
        "{stats}"
    );
    desk.holds();
}

#[test]
fn a_decision_is_withdrawn_before_anything_is_sent_and_a_message_recalled_after() {
    let desk = Desk::new("[review]\nwithdraw_minutes = 60");
    let run = desk.run("01-clean-winner");
    let said = desk.ok(OFFICER, &decide(&run, &APPROVE));
    assert!(
        said.contains("held: the decision can be withdrawn until"),
        "{said}"
    );
    assert!(desk.ok(OFFICER, &["deliver"]).contains("can be withdrawn"));
    assert_eq!(desk.outbox(), 0);
    let withdraw = [
        "queue",
        "withdraw",
        &run,
        "--reason",
        "approved the wrong variant",
    ];
    desk.refused("demo.auditor", &withdraw, "may not decide");
    desk.ok(OFFICER, &withdraw);
    assert_eq!(desk.state(&run), "waiting");
    desk.refused(OFFICER, &withdraw, "no decision to withdraw");
    assert_eq!(desk.ok(OFFICER, &["deliver"]), "");
    desk.holds();

    let desk = Desk::new("");
    let run = desk.run("01-clean-winner");
    let recall = [
        "queue",
        "recall",
        &run,
        "--reason",
        "the rate has changed today",
    ];
    desk.refused(OFFICER, &recall, "nothing was delivered");
    desk.ok(OFFICER, &decide(&run, &APPROVE));
    desk.refused(
        OFFICER,
        &["queue", "withdraw", &run, "--reason", "too late for this"],
        "recall it",
    );
    assert_eq!(desk.outbox(), 1);
    assert!(desk.ok(OFFICER, &recall).contains("was taken out"));
    assert_eq!(desk.outbox(), 0);
    assert_eq!(desk.ok(OFFICER, &["deliver"]), "");
    desk.holds();
}

#[test]
fn an_approval_that_was_not_used_in_time_lapses() {
    let desk = Desk::new("[review]\napproval_hours = 0");
    let run = desk.run("01-clean-winner");
    let said = desk.ok(OFFICER, &decide(&run, &APPROVE));
    assert!(said.contains("the approval lapsed"), "{said}");
    assert_eq!((desk.state(&run).as_str(), desk.outbox()), ("waiting", 0));
    let shown = desk.ok(OFFICER, &["audit", "show", &run]);
    assert!(shown.contains("expired"), "{shown}");
    desk.holds();
}

#[test]
fn runs_are_decided_together_only_where_the_policy_lets_them() {
    let desk = Desk::new("");
    let clean: Vec<String> = (0..3).map(|_| desk.run("01-clean-winner")).collect();
    let looked_at = desk.run("04-review-needed");
    let mut args = vec!["queue", "decide", "approve", "--json"];
    args.extend(clean.iter().map(String::as_str));
    args.push(&looked_at);
    let output = desk.by(OFFICER, &args);
    assert_eq!(code(&output), 1, "{}", text(&output.stderr));
    let error = text(&output.stderr);
    assert!(
        error.contains("1 of 4 runs were left"),
        "{error}{}",
        text(&output.stdout)
    );
    assert_eq!(
        (desk.outbox(), desk.state(&looked_at).as_str()),
        (3, "waiting")
    );
    let decisions = desk.ok(OFFICER, &["audit", "list", "what:decision", "--json"]);
    let notes: std::collections::BTreeSet<String> = decisions
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["data"]["note"].to_string())
        .collect();
    assert_eq!(notes.len(), 3, "each has its own signature");
    desk.holds();

    let strict = Desk::new("[review]\nbulk = false");
    let run = strict.run("01-clean-winner");
    let output = strict.by(OFFICER, &["queue", "decide", "approve", &run]);
    assert!(code(&output) == 1 && text(&output.stdout).contains("the policy"));
    assert_eq!(strict.outbox(), 0);
}

#[test]
fn the_most_urgent_run_comes_first() {
    let desk = Desk::new("[review]\ndue_hours = 2");
    let runs = [desk.run("01-clean-winner"), desk.run("02-some-blocked")];
    let list = desk.ok(OFFICER, &["queue", "list"]);
    let order: Vec<&str> = list.lines().map(|l| l.split(' ').next().unwrap()).collect();
    assert_eq!(order, runs);
    assert!(list.lines().all(|line| line.contains("due 20")), "{list}");
}

#[test]
fn a_law_that_changes_sends_standing_approvals_back_to_review() {
    let desk = Desk::new("[review]\nwithdraw_minutes = 60");
    let waits = desk.run("01-clean-winner");
    desk.ok(OFFICER, &decide(&waits, &APPROVE));
    let pack = r#"
[pack]
id = "newlaw"
version = "1"
title = "A law of tomorrow"
author = "somebody"

[[rule]]
id = "new.law"
title = "Nobody says hi"
severity = "high"
citation = "An act"
rationale = "It is not said any more."
fix = "Leave it out."
  [[rule.match]]
  find = ['\bhi\b']
  disposition = "block"
  [rule.tests]
  violate = [{ text = "Hi Amara," }, { text = "Well, hi there." }, { text = "Say hi." }]
  comply = [{ text = "Dear Amara," }, { text = "A high rate." }, { text = "This is it." }]
"#;
    fs::write(desk.path().join("policies/newlaw.toml"), pack).unwrap();
    let asked = desk.ok(OFFICER, &["policy", "what-if", "newlaw", "--live"]);
    assert!(
        asked.contains("1 approvals would not be given so"),
        "{asked}"
    );
    assert_eq!(desk.state(&waits), "not waiting", "asking changes nothing");
    let done = desk.ok(
        OFFICER,
        &["policy", "what-if", "newlaw", "--live", "--reopen"],
    );
    assert!(
        done.contains("1 approvals wait for a review again"),
        "{done}"
    );
    assert_eq!((desk.state(&waits).as_str(), desk.outbox()), ("waiting", 0));
    assert!(
        desk.ok(OFFICER, &["queue", "comment", &waits])
            .contains("new.law")
    );
    desk.holds();
}

#[test]
fn what_is_due_is_disposed_of_by_two_persons_and_nothing_finds_it_afterwards() {
    let desk = Desk::new("[review]\nretention_days = 0");
    let run = desk.run("01-clean-winner");
    desk.run("02-some-blocked");
    desk.ok(OFFICER, &["audit", "index"]);
    let found = desk.ok(OFFICER, &["audit", "list", "text:split"]);
    assert!(found.contains(&run), "{found}");
    assert_eq!(
        desk.ok(OFFICER, &["audit", "list", "text:amara"]),
        "",
        "no name is indexed"
    );
    let retention = ["audit", "retention", "list"];
    assert_eq!(
        desk.ok(OFFICER, &retention),
        "",
        "shipped packs keep data for years, and the longest line holds"
    );
    let asked = desk.ok(OFFICER, &["audit", "retention", "why", "--json"]);
    let lines: Vec<Value> = asked
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(
        lines
            .iter()
            .all(|line| line["days"] == 0 || line["why"] != Value::Null)
    );
    assert!(lines[0]["holds"] == true && lines[0]["days"].as_u64() > Some(0));
    // Only once every pack with a line of its own is out of force do data fall due.
    for line in lines.iter().filter(|line| line["pack"] != "desk") {
        assert_eq!(desk.ok(OFFICER, &retention), "", "{line}");
        let pack = line["pack"].as_str().unwrap();
        desk.ok(PRINCIPAL, &["policy", "activate", pack, "--remove"]);
    }
    assert_eq!(desk.ok(OFFICER, &retention).lines().count(), 2);
    desk.ok(
        PRINCIPAL,
        &[
            "audit",
            "hold",
            "set",
            "C-20388",
            "--reason",
            "a claim is in court",
        ],
    );
    assert_eq!(desk.ok(OFFICER, &retention).lines().count(), 1);

    let propose = [
        "audit",
        "retention",
        "propose",
        "--reason",
        "the time of keeping is over",
        "--json",
    ];
    desk.refused("demo.admin", &propose, "may not erase");
    let proposal: Value = serde_json::from_str(&desk.ok(PRINCIPAL, &propose)).unwrap();
    let number = proposal["proposal"].to_string();
    let confirm = ["audit", "retention", "confirm", &number];
    desk.refused(PRINCIPAL, &confirm, "needs two persons");
    desk.refused(OFFICER, &confirm, "may not erase");
    desk.ok("demo.admin", &["user", "grant", OFFICER, "principal"]);
    assert!(
        desk.ok(OFFICER, &confirm)
            .contains("data of 1 customers is gone")
    );
    assert_eq!(desk.ok(OFFICER, &retention), "");
    let found = desk.ok(OFFICER, &["audit", "list", "text:split"]);
    assert!(!found.contains(&run), "{found}");
    desk.holds();
}

#[test]
fn data_that_must_stay_is_used_for_nothing() {
    let desk = Desk::new("[review]\nwithdraw_minutes = 0");
    let run = desk.run("01-clean-winner");
    let defer = [
        "audit",
        "erase",
        "C-20417",
        "--reason",
        "kept for the tax law",
        "--defer-until",
        "2099-12-31",
    ];
    desk.ok(PRINCIPAL, &defer);
    let again = [
        "run",
        "assets/profiles/01-clean-winner.json",
        "--as-of",
        AS_OF,
    ];
    desk.refused(OFFICER, &again, "restricted until 2099-12-31");
    let said = desk.ok(OFFICER, &decide(&run, &APPROVE));
    assert!(
        said.contains("held: the customer's data is restricted"),
        "{said}"
    );
    assert_eq!(desk.outbox(), 0);
    desk.holds();
}
