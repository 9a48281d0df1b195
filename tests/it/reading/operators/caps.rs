//! Point 9: the same person twice is told, and nobody is sent more than the policies allow.

use super::desk::{Desk, PROFILE, approve};
use crate::support::{code, echovoice};
use serde_json::Value;

fn pack(desk: &Desk, review: &str) {
    drop(desk.open());
    let text = format!(
        "[pack]\nid = \"desk\"\nversion = \"1\"\ntitle = \"The desk's own\"\nauthor = \"somebody\"\n[review]\n{review}\n"
    );
    std::fs::write(desk.path().join("policies/desk.toml"), text).unwrap();
    let args = ["policy", "activate", "desk", "--as", "demo.principal"];
    let done = echovoice(desk.path(), &args);
    assert_eq!(code(&done), 0, "{}", String::from_utf8_lossy(&done.stderr));
}

fn run(desk: &Desk, customer: &str) -> Value {
    let mut profile: Value = serde_json::from_str(PROFILE).unwrap();
    profile["user_id"] = customer.into();
    let file = desk.path().join("one.json");
    std::fs::write(&file, profile.to_string()).unwrap();
    let ran = echovoice(desk.path(), &["run", file.to_str().unwrap(), "--json"]);
    serde_json::from_slice(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {ran:?}"))
}

#[test]
fn the_same_customer_again_is_told_in_run_and_queue() {
    let desk = Desk::new("");
    assert!(run(&desk, "C-1")["again"].is_null());
    let again = run(&desk, "C-1");
    assert!(
        again["again"]
            .as_str()
            .unwrap()
            .contains("another run of this customer waits"),
        "{again}"
    );
    assert!(run(&desk, "C-2")["again"].is_null());
    let third = run(&desk, "C-1")["again"].as_str().unwrap().to_owned();
    assert!(third.contains("2 other runs"), "{third}");
    let queue = desk.says(&["queue", "list"]);
    assert_eq!(queue.matches("of this customer wait").count(), 2, "{queue}");
    // What was sent is told as well, and is kept with the run.
    desk.approve(&[("C-3", "c3@example.com")]);
    let run = run(&desk, "C-3");
    let told = run["again"].as_str().unwrap().to_owned();
    assert!(told.contains("they were sent a message on 20"), "{told}");
    let workspace = desk.open();
    let id = run["run_id"].as_str().unwrap();
    let loaded = echovoice::service::review::history::load(&workspace, id).unwrap();
    assert_eq!(loaded.again.as_deref(), Some(told.as_str()));
    drop(workspace);
    desk.verifies();
}

#[test]
fn a_batch_tells_the_line_of_the_same_customer() {
    let desk = Desk::new("");
    let file = desk.path().join("many.jsonl");
    let line = |customer: &str| {
        let mut profile: Value = serde_json::from_str(PROFILE).unwrap();
        profile["user_id"] = customer.into();
        profile.to_string()
    };
    let lines = ["C-1", "C-2", "C-1", "C-3", "C-1"].map(line).join("\n");
    std::fs::write(&file, lines).unwrap();
    for jobs in ["1", "4"] {
        let args = [
            "batch",
            file.to_str().unwrap(),
            "--json",
            "--jobs",
            jobs,
            "--anew",
        ];
        let done = echovoice(desk.path(), &args);
        assert_eq!(code(&done), 0, "{}", String::from_utf8_lossy(&done.stderr));
        let text = String::from_utf8(done.stdout).unwrap();
        let told: Vec<String> = text
            .lines()
            .map(|line| {
                let value: Value = serde_json::from_str(line).unwrap();
                let again = value["again"].as_str().or(value["run"]["again"].as_str());
                again.unwrap_or_default().to_owned()
            })
            .collect();
        assert!(
            told[2].contains("line 1") && told[4].contains("line 3"),
            "{told:?}"
        );
        assert!(
            !told[1].contains("line") && !told[3].contains("line"),
            "{told:?}"
        );
    }
}

#[test]
fn what_exceeds_the_cap_is_held_once_on_record_and_the_rest_goes_out() {
    let desk = Desk::new("");
    pack(
        &desk,
        "caps = [{channel = \"email\", most = 2, days = 7}, {most = 3, days = 30}]",
    );
    let mail = ("C-1", "one@example.com");
    let runs = desk.approve(&[mail, mail, mail, ("C-2", "two@example.com")]);
    let of: Vec<&str> = runs.iter().map(|run| run.status.as_str()).collect();
    assert_eq!(
        of,
        ["delivered", "delivered", "held", "delivered"],
        "{runs:?}"
    );
    let why = &runs[2].reason;
    assert!(
        why.contains("2 of at most 2 messages by email in 7 days"),
        "{why}"
    );
    for _ in 0..2 {
        let again = desk.deliver(&[]);
        assert_eq!(
            again[0]["delivery"]["reason"].as_str(),
            Some(why.as_str()),
            "{again:?}"
        );
    }
    let dry = desk.deliver(&["--dry-run"]);
    assert_eq!(dry[0]["held"].as_str(), Some(why.as_str()), "{dry:?}");
    let held = desk
        .deliveries()
        .into_iter()
        .filter(|(status, _)| status == "held")
        .count();
    assert_eq!(held, 1);
    assert_eq!(desk.outbox(), 3);
    // The next run says so, and is not decided together with others.
    let run = run(&desk, "C-1");
    assert!(
        run["again"].as_str().unwrap().contains("at most 2"),
        "{run}"
    );
    let id = run["run_id"].as_str().unwrap();
    let together = echovoice(
        desk.path(),
        &["queue", "decide", "approve", id, "--as", "demo.officer"],
    );
    assert_eq!(
        code(&together),
        1,
        "{}",
        String::from_utf8_lossy(&together.stdout)
    );
    desk.verifies();
}

#[test]
fn of_all_packs_every_cap_holds_and_none_at_all_may_be_sent() {
    for (caps, sent) in [
        ("caps = [{most = 1, days = 1}, {most = 5, days = 1}]", 1),
        ("caps = [{channel = \"sms\", most = 1, days = 7}]", 3),
        ("caps = [{most = 0, days = 7}]", 0),
        ("caps = []", 3),
    ] {
        let desk = Desk::new("");
        pack(&desk, caps);
        let workspace = desk.open();
        let went = (0..3)
            .filter(|_| approve(&workspace, &("C-1", "one@example.com")).status == "delivered")
            .count();
        assert_eq!(went, sent, "{caps}");
    }
}
