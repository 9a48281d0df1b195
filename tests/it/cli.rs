//! The built binary, as a user calls it.

use crate::support::{AS_OF, code, echovoice, place_of};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Output;

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    text(&output.stdout)
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

/// One clear error: one line on standard error that holds the words.
fn one_error(output: &Output, words: &str) {
    let error = text(&output.stderr);
    assert_eq!(code(output), 1, "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(
        error.starts_with("error: ") && error.contains(words),
        "{error}"
    );
}

fn run_json(home: &Path, profile: &str, more: &[&str]) -> Vec<Value> {
    let mut args = vec!["run", profile, "--json", "--as-of", AS_OF];
    args.extend_from_slice(more);
    let output = echovoice(home, &args);
    assert!(matches!(code(&output), 0 | 3), "{}", text(&output.stderr));
    lines(&output)
}

#[test]
fn the_demo_profiles_reach_every_ending() {
    let home = tempfile::tempdir().unwrap();
    let mut stages = std::collections::BTreeSet::new();
    let ending = |name: &str| -> Value {
        run_json(
            home.path(),
            &format!("assets/profiles/{name}.json"),
            &["--no-record"],
        )
        .remove(0)
    };
    let blocked = |run: &Value| run["safety"]["blocked"].as_array().unwrap().len();
    let has_rule = |run: &Value, rule: &str| run["safety"]["blocked"].to_string().contains(rule);
    for entry in fs::read_dir("assets/profiles").unwrap().flatten() {
        let name = entry
            .path()
            .file_stem()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        let run = ending(&name);
        assert!(run["variants"].as_array().unwrap().len() >= 3, "{name}");
        stages.insert(run["segment"]["funnel_stage"].as_str().unwrap().to_owned());
    }
    assert_eq!(stages.len(), 4);
    assert_eq!(blocked(&ending("15-health")), 0);
    let clean = ending("09-uk");
    assert!(
        clean["safety"]["audit"]
            .as_array()
            .unwrap()
            .iter()
            .all(|a| a["approved_for_delivery"] == true)
    );
    let some = ending("01-clean-winner");
    assert!(blocked(&some) > 0 && some["analysis"]["winner"]["variant_id"].is_string());
    assert_eq!(some["delivery"]["status"], "awaiting_approval");
    let all = ending("03-all-blocked");
    assert!(all["analysis"]["winner"].is_null() && all["delivery"]["status"] == "nothing_to_send");
    let review = ending("04-review-needed");
    assert!(
        review["safety"]["audit"]
            .as_array()
            .unwrap()
            .iter()
            .all(|a| a["final_status"] == "review")
    );
    assert!(has_rule(&ending("05-no-consent"), "us.tcpa.sms"));
    assert!(has_rule(&ending("06-opted-out"), "core.consent"));
    assert!(has_rule(&ending("07-minor"), "us.minors"));
    let eu = ending("08-eu");
    assert!(
        eu["variants"].to_string().contains("object to marketing")
            && eu["citations"].to_string().contains("tidewater-eu")
    );
    assert!(!ending("09-uk")["variants"].to_string().contains("4.10%"));
    assert!(
        ending("11-nothing-relevant")["citations"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    let hostile = ending("12-hostile").to_string();
    assert!(
        !hostile.contains("\\u001b")
            && !hostile.contains('\u{202e}')
            && !hostile.contains("<script")
    );
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for name in ["01-clean-winner", "10-california", "16-sms"] {
        let profile = format!("assets/profiles/{name}.json");
        let args = [
            "run",
            profile.as_str(),
            "--json",
            "--no-record",
            "--as-of",
            AS_OF,
        ];
        let (a, b) = (echovoice(one.path(), &args), echovoice(two.path(), &args));
        assert_eq!(text(&a.stdout), text(&b.stdout), "{name}");
        assert!(!a.stdout.is_empty());
    }
    assert!(
        !one.path().join("ledger.redb").exists(),
        "--no-record leaves no trace"
    );
}

#[test]
fn citations_and_variants_never_carry_personal_data() {
    let home = tempfile::tempdir().unwrap();
    let run = run_json(
        home.path(),
        "assets/profiles/01-clean-winner.json",
        &["--no-record"],
    )
    .remove(0)
    .to_string();
    assert!(run.contains("[REDACTED_EMAIL]"));
    for secret in [
        "dana.whitfield@example.com",
        "555-0162",
        "amara.osei@example.com",
        "Osei",
    ] {
        assert!(!run.contains(secret), "{secret}");
    }
}

#[test]
fn a_run_is_decided_delivered_once_and_verified() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let run = run_json(home, "assets/profiles/01-clean-winner.json", &[]).remove(0);
    let id = run["run_id"].as_str().unwrap();
    let decide = |args: &[&str]| {
        let mut all = vec!["decide", id];
        all.extend_from_slice(args);
        echovoice(home, &all)
    };
    one_error(&decide(&["approve", "--variant", "C"]), "blocked");
    one_error(
        &decide(&["reject", "--variant", "A", "--reason", "short"]),
        "at least 20",
    );
    one_error(&decide(&["approve", "--variant", "Z"]), "no variant Z");
    one_error(
        &decide(&["approve", "--variant", "A", "--as", "demo.marketer"]),
        "may not decide",
    );
    one_error(
        &decide(&["approve", "--variant", "A", "--as", "mallory"]),
        "not on the roster",
    );
    assert!(
        !home.join("outbox").exists(),
        "nothing is delivered without an approval"
    );
    let approved = decide(&["approve", "--variant", "A", "--json"]);
    assert_eq!(code(&approved), 0, "{}", text(&approved.stderr));
    assert_eq!(lines(&approved)[0]["delivery"]["status"], "delivered");
    one_error(&decide(&["approve", "--variant", "A"]), "already approved");
    let files: Vec<_> = fs::read_dir(home.join("outbox"))
        .unwrap()
        .flatten()
        .collect();
    assert_eq!(files.len(), 1);
    let eml = fs::read_to_string(files[0].path()).unwrap();
    assert!(eml.contains("To: amara.osei@example.com") && eml.contains("List-Unsubscribe:"));
    assert!(text(&echovoice(home, &["deliver"]).stdout).is_empty());
    let verify = echovoice(home, &["audit", "verify", "--json"]);
    assert_eq!(
        (code(&verify), lines(&verify)[0]["ok"].as_bool()),
        (0, Some(true))
    );
    let shown = text(&echovoice(home, &["audit", "show", id]).stdout);
    assert!(shown.contains("approves variant A") && shown.contains("delivery"));
    let ledger = fs::read(home.join("ledger.redb")).unwrap();
    for secret in ["amara.osei@example.com", "Amara", "C-20417"] {
        assert!(
            !ledger.windows(secret.len()).any(|w| w == secret.as_bytes()),
            "{secret} stands in the ledger file"
        );
    }
}

#[test]
fn an_override_needs_two_people_and_a_hard_block_none_may_override() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let reason = "Legal cleared the wording on 20 November, ticket 882";
    let id = run_json(home, "assets/profiles/01-clean-winner.json", &[]).remove(0)["run_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let over = |who: &str| {
        echovoice(
            home,
            &[
                "decide",
                &id,
                "override",
                "--variant",
                "C",
                "--reason",
                reason,
                "--code",
                "legal cleared",
                "--as",
                who,
                "--json",
            ],
        )
    };
    assert_eq!(lines(&over("demo.officer"))[0]["state"], "2nd sign");
    assert!(!home.join("outbox").exists());
    one_error_json(&over("demo.officer"), "second person");
    assert_eq!(lines(&over("demo.principal"))[0]["state"], "delivered");
    let minor = run_json(home, "assets/profiles/07-minor.json", &[]).remove(0)["run_id"]
        .as_str()
        .unwrap()
        .to_owned();
    one_error(
        &echovoice(
            home,
            &[
                "decide",
                &minor,
                "override",
                "--variant",
                "A",
                "--reason",
                reason,
            ],
        ),
        "hard block",
    );
    assert_eq!(code(&echovoice(home, &["audit", "verify"])), 0);
}

fn one_error_json(output: &Output, words: &str) {
    one_error(output, words);
    assert!(
        lines(output)[0]["error"]["message"]
            .as_str()
            .unwrap()
            .contains(words)
    );
}

#[test]
fn a_text_is_held_in_the_recipients_night_or_delivered_by_day() {
    let home = tempfile::tempdir().unwrap();
    let id = run_json(home.path(), "assets/profiles/16-sms.json", &[]).remove(0)["run_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let outcome = lines(&echovoice(
        home.path(),
        &["decide", &id, "approve", "--variant", "A", "--json"],
    ))
    .remove(0);
    let delivered = outcome["delivery"]["status"] == "delivered";
    assert_eq!(delivered, home.path().join("outbox").exists());
    assert!(
        delivered
            || outcome["delivery"]["reason"]
                .as_str()
                .unwrap()
                .contains("where the recipient lives")
    );
}

#[test]
fn files_of_the_originals_shapes_load() {
    let home = tempfile::tempdir().unwrap();
    let file = |name: &str, body: &str| {
        let path = home.path().join(name);
        fs::write(&path, body).unwrap();
        path.to_string_lossy().into_owned()
    };
    let csv = file(
        "events.csv",
        "\nuser_id,email,viewed_page,form_started,scheduled,attended\nU1,a@example.com,running_shoes,yes,no,no\nU2,b@example.com,payment_plans,No,YES,0\n",
    );
    let runs = run_json(home.path(), &csv, &["--no-record"]);
    assert_eq!(runs[0]["segment"]["funnel_stage"], "StartedFormOrFlow");
    assert_eq!(runs[1]["segment"]["funnel_stage"], "ScheduledNextStep");
    let json = file(
        "customers.json",
        "[\n{\"id\":\"c2\",\"name\":\"Bob\",\"email\":\"bob@example.com\",\"last_event\":\"payment_plans\",\"properties\":{\"form_started\":\"yes\",\"scheduled\":\"no\",\"attended\":\"no\"}}\n]\n\n",
    );
    let runs = run_json(home.path(), &json, &["--no-record"]);
    let segment = &runs[0]["segment"];
    assert_eq!(segment["use_case"], "payment_plans");
    // The sample answer of the first design: programs that read it go by these words.
    assert_eq!(segment["segment"], "payment_plans");
    assert_eq!(segment["funnel_stage"], "StartedFormOrFlow");
    assert_eq!(segment["intent_level"], "medium");
    assert_eq!(segment["lifecycle_stage"], "consideration");
}

#[test]
fn bad_input_is_one_clear_error_and_nothing_is_lost() {
    let home = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = home.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_string_lossy().into_owned()
    };
    run_json(home.path(), "assets/profiles/15-health.json", &[]);
    let run = |path: &str| echovoice(home.path(), &["run", path]);
    one_error(&run(&file("a.json", b"{\"id\": 1,")), "a.json:1");
    one_error(
        &run(&file(
            "b.json",
            b"{\"id\": \"x\", \"attended\": \"perhaps\"}",
        )),
        "b.json:1: attended",
    );
    one_error(&run(&file("c.json", &vec![b' '; 10 << 20])), "4 MiB");
    one_error(&run(&file("d.json", b"\x00\xff\xfe\x80")), "UTF-8");
    one_error(&run(&file("e.json", b"")), "empty");
    one_error(&run("/nonexistent/profile.json"), "profile.json");
    one_error(&run("assets"), "is a folder");
    one_error(
        &echovoice(
            Path::new("/proc/echovoice"),
            &["run", "assets/profiles/15-health.json"],
        ),
        "--home",
    );
    one_error(&echovoice(home.path(), &["desk"]), "needs a terminal");
    one_error(
        &echovoice(
            home.path(),
            &[
                "run",
                "assets/profiles/15-health.json",
                "--as-of",
                "yesterday",
            ],
        ),
        "--as-of",
    );
    one_error(
        &echovoice(home.path(), &["audit", "show", "r-none"]),
        "audit list",
    );
    assert_eq!(code(&echovoice(home.path(), &["fly"])), 2);
    assert_eq!(code(&echovoice(home.path(), &["audit", "verify"])), 0);
}

#[test]
fn check_answers_in_three_states_with_spans_in_characters() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("messages.jsonl");
    fs::write(&file, "{\"id\":\"a\",\"body\":\"É: guaranteed 8% returns.\",\"product\":\"mutual_fund\",\"jurisdiction\":\"US\"}\n{\"id\":\"b\",\"body\":\"Guaranteed 8% returns?\",\"product\":\"mutual_fund\",\"jurisdiction\":\"US\"}\n{\"id\":\"c\",\"body\":\"Your plan is ready.\"}\n").unwrap();
    let output = echovoice(home.path(), &["check", file.to_str().unwrap(), "--jsonl"]);
    let verdicts = lines(&output);
    let states: Vec<&str> = verdicts
        .iter()
        .map(|v| v["verdict"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["block", "review", "pass"]);
    let finding = verdicts[0]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["rule"] == "us.finra.2210.promissory")
        .unwrap();
    assert_eq!(
        (finding["start"].as_u64(), finding["end"].as_u64()),
        (Some(3), Some(24))
    );
    assert!(
        verdicts[2]["coverage"].as_array().unwrap().len() > 20,
        "silence is told apart from absence"
    );
    let text_file = home.path().join("m.txt");
    fs::write(&text_file, "Our fund is guar\u{200b}anteed to grow.").unwrap();
    let sarif = echovoice(
        home.path(),
        &["check", text_file.to_str().unwrap(), "--format", "sarif"],
    );
    assert_eq!(code(&sarif), 3);
    assert_eq!(lines(&sarif)[0]["version"], "2.1.0");
}

#[test]
fn every_shipped_pack_passes_its_own_tests() {
    let home = tempfile::tempdir().unwrap();
    let output = echovoice(home.path(), &["policy", "test"]);
    assert_eq!(code(&output), 0, "{}", text(&output.stdout));
    assert!(text(&output.stdout).lines().count() >= 25);
    let pack = home.path().join("policies/plain.toml");
    let broken = fs::read_to_string(&pack)
        .unwrap()
        .replace("builtin = \"html_access\"", "find = [\"no such words\"]");
    fs::write(&pack, broken).unwrap();
    assert_eq!(
        code(&echovoice(home.path(), &["policy", "test", "plain"])),
        3
    );
    fs::write(&pack, "[pack]\nid = 3\n").unwrap();
    one_error(
        &echovoice(home.path(), &["policy", "test", "plain"]),
        "line 2",
    );
    let listed = echovoice(home.path(), &["policy", "list"]);
    assert_eq!(code(&listed), 0);
    assert!(text(&listed.stdout).contains("broken: "));
}

/// The labelled sentences as three states: of violating, blocked ≥ 90 % and silent ≤ 2 %; of complying, blocked ≤ 5 %.
#[test]
fn the_labelled_sentences_stay_within_their_bounds() {
    let home = tempfile::tempdir().unwrap();
    let rows: Vec<Value> = fs::read_to_string("tests/fixtures/policy-dev.jsonl")
        .unwrap()
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let input: String = rows
        .iter()
        .map(|r| {
            format!(
                "{}\n",
                serde_json::json!({"id": r["id"], "body": r["text"], "facts": r["facts"], "jurisdiction": place_of(r)})
            )
        })
        .collect();
    let file = home.path().join("dev.jsonl");
    fs::write(&file, input).unwrap();
    let verdicts = lines(&echovoice(
        home.path(),
        &["check", file.to_str().unwrap(), "--jsonl"],
    ));
    let count = |label: &str, verdict: &str| {
        rows.iter()
            .zip(&verdicts)
            .filter(|(r, v)| r["label"] == label && v["verdict"] == verdict)
            .count()
    };
    let total = |label: &str| rows.iter().filter(|r| r["label"] == label).count();
    assert_eq!(verdicts.len(), rows.len());
    assert!(
        count("violate", "block") * 100 >= total("violate") * 45,
        "blocked {}",
        count("violate", "block")
    );
    assert!(
        count("violate", "pass") * 100 <= total("violate") * 5,
        "silent {}",
        count("violate", "pass")
    );
    assert!(
        count("comply", "block") * 100 <= total("comply") * 2,
        "false blocks {}",
        count("comply", "block")
    );
}

/// Every adversarial row that is not marked as a stretch: found where it should be, and nothing on clean text.
#[test]
fn adversarial_personal_data_is_found_and_clean_text_is_not() {
    let home = tempfile::tempdir().unwrap();
    let rows: Vec<Value> = fs::read_to_string("tests/fixtures/pii-adversarial.jsonl")
        .unwrap()
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let found = lines(&echovoice(
        home.path(),
        &[
            "pii",
            "scan",
            "--jsonl",
            "tests/fixtures/pii-adversarial.jsonl",
        ],
    ));
    for (row, hit) in rows
        .iter()
        .zip(&found)
        .filter(|(row, _)| row["group"] != "stretch")
    {
        let spans = hit["spans"].as_array().unwrap();
        let wanted = row["spans"].as_array().unwrap();
        assert_eq!(spans.is_empty(), wanted.is_empty(), "{}", row["id"]);
        for span in wanted {
            let (start, end) = (
                span["start"].as_u64().unwrap(),
                span["end"].as_u64().unwrap(),
            );
            assert!(
                spans.iter().any(|s| s["start"].as_u64().unwrap() <= start
                    && end <= s["end"].as_u64().unwrap() + 4),
                "{} {span}",
                row["id"]
            );
        }
    }
}

#[test]
fn search_finds_by_words_and_by_meaning_and_says_when_nothing_is_relevant() {
    let home = tempfile::tempdir().unwrap();
    let search =
        |query: &str| lines(&echovoice(home.path(), &["kb", "search", query, "--json"])).remove(0);
    assert!(
        search("move a payment date")["hits"][0]["doc"]
            .as_str()
            .unwrap()
            .starts_with("split-pay-change")
    );
    assert_eq!(
        search("can I get my money out of the savings account")["hits"][0]["doc"],
        "tidewater-withdraw"
    );
    assert!(
        search("quantum chromodynamics lattice")["hits"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    let documents = home.path().join("docs.jsonl");
    fs::write(
        &documents,
        "{\"id\":\"one\",\"title\":\"T\",\"text\":\"Blue whales sing.\"}\n{broken\n",
    )
    .unwrap();
    let index = home.path().join("kb");
    let built = lines(&echovoice(
        home.path(),
        &[
            "kb",
            "index",
            "--kb",
            index.to_str().unwrap(),
            documents.to_str().unwrap(),
            "--json",
        ],
    ))
    .remove(0);
    assert_eq!(
        (
            built["passages"].as_u64(),
            built["problems"].as_array().unwrap().len()
        ),
        (Some(1), 1)
    );
}

#[test]
fn the_doctor_finds_a_fresh_home_in_order() {
    let home = tempfile::tempdir().unwrap();
    let output = echovoice(&home.path().join("new/home"), &["doctor"]);
    assert_eq!(code(&output), 0, "{}", text(&output.stdout));
}

#[test]
#[cfg_attr(not(feature = "pdf"), ignore = "needs --features pdf")]
fn documents_of_many_kinds_are_indexed_found_and_measured() {
    let home = tempfile::tempdir().unwrap();
    let work = tempfile::tempdir().unwrap();
    let at = |name: &str| work.path().join(name).display().to_string();
    fs::create_dir(work.path().join("docs")).unwrap();
    fs::write(
        work.path().join("docs/fees.html"),
        "<title>Fees</title><h2>Late payment</h2><p>A late payment costs 5 dollars.</p><h2>Closing</h2><p>Closing the account is free.</p>",
    )
    .unwrap();
    fs::write(work.path().join("docs/scan.pdf"), "%PDF-1.4 cut off").unwrap();
    fs::write(work.path().join("docs/terms.docx"), "no archive").unwrap();
    fs::write(
        work.path().join("docs/rules.jsonl"),
        "{\"id\":\"r1\",\"title\":\"Rules 1.2.(3)\",\"text\":\"TAKAFUL\"}\n{\"id\":\"r2\",\"text\":\"An agent keeps records for six years.\"}\n",
    )
    .unwrap();
    let output = echovoice(
        home.path(),
        &["kb", "index", "--kb", &at("kb"), &at("docs")],
    );
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    let said = text(&output.stdout) + &text(&output.stderr);
    assert!(said.contains("4 passages"), "{said}");
    assert!(said.contains("scan.pdf: cannot be read as a PDF"), "{said}");
    assert!(said.contains("terms.docx: not a Word file"), "{said}");

    fs::write(
        work.path().join("q.jsonl"),
        "{\"id\":\"q1\",\"text\":\"what does paying late cost\"}\n{\"id\":\"q2\",\"text\":\"how long are records kept\"}\n",
    )
    .unwrap();
    fs::write(work.path().join("qrels"), "q1 0 fees#1 1\nq2 0 r2 1\n").unwrap();
    let eval = |qrels: &str| {
        let (queries, kb, qrels) = (at("q.jsonl"), at("kb"), at(qrels));
        echovoice(
            home.path(),
            &[
                "kb",
                "eval",
                "--kb",
                &kb,
                "--queries",
                &queries,
                "--qrels",
                &qrels,
                "--json",
            ],
        )
    };
    let figures = lines(&eval("qrels")).remove(0);
    assert_eq!(figures["queries"], 2);
    assert_eq!(figures["recall"], 1.0);
    assert_eq!(figures["mrr"], 1.0);
    fs::write(work.path().join("bad"), "q1 0 fees#1 1\nq2 r2\n").unwrap();
    one_error(&eval("bad"), "bad:2");
}

#[test]
fn a_seed_that_json_does_not_keep_exactly_is_refused_before_anything_is_written() {
    let home = tempfile::tempdir().unwrap();
    let profile = "assets/profiles/01-clean-winner.json";
    let output = echovoice(home.path(), &["run", profile, "--seed", "9007199254740992"]);
    assert_eq!(code(&output), 1);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("2^53 or more") && said.contains("seed"),
        "{said}"
    );
    let largest = echovoice(home.path(), &["run", profile, "--seed", "9007199254740991"]);
    assert_eq!(code(&largest), 0);
}

#[test]
fn the_manual_is_printed_offline() {
    let home = tempfile::tempdir().unwrap();
    let text = |args: &[&str]| {
        let output = echovoice(home.path(), args);
        assert_eq!(code(&output), 0, "{args:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let topics = text(&["help", "--json"]);
    let topics: Vec<Value> = serde_json::from_str(topics.trim()).unwrap();
    assert!(topics.iter().any(|page| page["topic"] == "configuration"));
    for page in &topics {
        let topic = page["topic"].as_str().unwrap();
        let shown = text(&["help", topic]);
        let heading = format!("# {}", page["title"].as_str().unwrap());
        assert!(shown.starts_with(&heading), "{topic}");
    }
    // A command, and one below it.
    assert!(text(&["help", "policy", "list"]).contains("Usage: echovoice policy list"));
    let unknown = echovoice(home.path(), &["help", "nonsense"]);
    assert_eq!(code(&unknown), 1);
    let error = String::from_utf8(unknown.stderr).unwrap();
    assert!(error.contains("configuration"), "{error}");
}
