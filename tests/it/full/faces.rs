//! No face may do what another may not: random acts by random roles on twins, one through the command line, one through
//! HTTP, both through one writer. What one face takes the other takes, and what one refuses the other refuses.

use crate::support::dice::Dice;
use crate::support::server::Server;
use crate::support::{AS_OF, code, echovoice};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

const PEOPLE: [&str; 4] = [
    "demo.officer",
    "demo.principal",
    "demo.marketer",
    "demo.auditor",
];

const WHY: &str = "a reason that is long enough to be taken by everybody";

/// What is done to a run.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Decide(&'static str, &'static str),
    Rewrite(&'static str),
    /// Through the command line alone, to both twins.
    Queue(&'static str),
}

const DEEDS: [Deed; 13] = [
    Deed::Decide("approve", "A"),
    Deed::Decide("approve", "B"),
    Deed::Decide("reject", "A"),
    Deed::Decide("request-changes", "A"),
    Deed::Decide("override", "B"),
    Deed::Decide("override", "C"),
    Deed::Rewrite("A"),
    Deed::Rewrite("B"),
    Deed::Rewrite("C"),
    Deed::Queue("claim"),
    Deed::Queue("release"),
    Deed::Queue("withdraw"),
    Deed::Queue("recall"),
];

fn cli(home: &Path, person: &str, words: &[&str]) -> bool {
    let output = echovoice(home, &[&["--as", person], words].concat());
    assert!(matches!(code(&output), 0 | 1 | 3), "{output:?}");
    // 3: it was done, and the answer is no.
    code(&output) != 1
}

fn by_command(home: &Path, person: &str, run: &str, deed: Deed) -> bool {
    match deed {
        Deed::Decide(what, variant) => cli(
            home,
            person,
            &["decide", run, what, "--variant", variant, "--reason", WHY],
        ),
        Deed::Rewrite(variant) => cli(
            home,
            person,
            &["rewrite", run, "--variant", variant, "--tries", "1"],
        ),
        Deed::Queue(what @ ("claim" | "release")) => cli(home, person, &["queue", what, run]),
        Deed::Queue(what) => cli(home, person, &["queue", what, run, "--reason", WHY]),
    }
}

fn by_request(server: &Server, token: &str, run: &str, deed: Deed) -> bool {
    let answer = match deed {
        Deed::Decide(what, variant) => server.post(
            &format!("/runs/{run}/decisions"),
            token,
            &json!({"decision": what, "variant": variant, "reason": WHY}),
        ),
        Deed::Rewrite(variant) => server.post(
            &format!("/runs/{run}/rewrites"),
            token,
            &json!({"variant": variant, "tries": 1}),
        ),
        Deed::Queue(_) => panic!("no request does this"),
    };
    assert!(answer.status < 500, "{}: {}", answer.status, answer.body);
    answer.status < 300
}

fn state(server: &Server, token: &str, run: &str) -> Value {
    server.get(&format!("/runs/{run}"), token).json()["summary"]["state"].clone()
}

#[test]
fn every_face_takes_and_refuses_the_same() {
    let seed = std::env::var("ECHOVOICE_SEED")
        .ok()
        .and_then(|s| s.parse().ok());
    let seed: u64 = seed.unwrap_or(20_261_129);
    let mut dice = Dice(seed);
    let home = Arc::new(tempfile::tempdir().unwrap());
    let tokens: Vec<String> = PEOPLE
        .iter()
        .map(|name| {
            let made = echovoice(home.path(), &["--as", name, "token", "add", name, "--json"]);
            let made: Value = serde_json::from_slice(&made.stdout).unwrap();
            made["token"].as_str().unwrap().to_owned()
        })
        .collect();
    let run = |profile: &str| {
        let profile = format!("assets/profiles/{profile}.json");
        let made = echovoice(home.path(), &["run", &profile, "--json", "--as-of", AS_OF]);
        let made: Value = serde_json::from_slice(&made.stdout).unwrap();
        made["run_id"].as_str().unwrap().to_owned()
    };
    let profiles = ["01-clean-winner", "02-some-blocked", "03-all-blocked"];
    let twins: Vec<[String; 2]> = profiles.iter().map(|name| [run(name), run(name)]).collect();
    let server = Server::in_home(home.clone(), &[]);
    let mut taken = 0;
    for step in 0..60 {
        let [one, two] = &twins[dice.of(twins.len())];
        let (who, deed) = (dice.of(PEOPLE.len()), DEEDS[dice.of(DEEDS.len())]);
        let (person, token) = (PEOPLE[who], &tokens[who]);
        let here = by_command(home.path(), person, one, deed);
        let there = match deed {
            Deed::Queue(_) => by_command(home.path(), person, two, deed),
            _ => by_request(&server, token, two, deed),
        };
        assert_eq!(here, there, "seed {seed}, step {step}: {person} {deed:?}");
        let stands = [one, two].map(|run| state(&server, &tokens[0], run));
        assert_eq!(
            stands[0], stands[1],
            "seed {seed}, step {step}: {person} {deed:?}"
        );
        taken += usize::from(here);
    }
    assert!(taken > 5, "seed {seed}: only {taken} of 60 acts were taken");
    let verified = echovoice(home.path(), &["audit", "verify"]);
    assert_eq!(code(&verified), 0, "seed {seed}: {verified:?}");
}

#[test]
fn what_was_decided_is_not_rewritten_by_any_face() {
    for (profile, decided) in [
        ("02-some-blocked", "approve"),
        ("02-some-blocked", "reject"),
    ] {
        let home = Arc::new(tempfile::tempdir().unwrap());
        let made = echovoice(
            home.path(),
            &[
                "--as",
                "demo.marketer",
                "token",
                "add",
                "demo.marketer",
                "--json",
            ],
        );
        let token: Value = serde_json::from_slice(&made.stdout).unwrap();
        let token = token["token"].as_str().unwrap();
        let profile = format!("assets/profiles/{profile}.json");
        let made = echovoice(home.path(), &["run", &profile, "--json", "--as-of", AS_OF]);
        let made: Value = serde_json::from_slice(&made.stdout).unwrap();
        let run = made["run_id"].as_str().unwrap();
        let winner = made["analysis"]["winner"]["variant_id"].as_str().unwrap();
        let word = ["decide", run, decided, "--variant", winner, "--reason", WHY];
        assert!(cli(home.path(), "demo.officer", &word));
        let blocked: Vec<&str> = ["A", "B", "C"]
            .into_iter()
            .filter(|v| *v != winner)
            .collect();
        let server = Server::in_home(home.clone(), &[]);
        let before = state(&server, token, run);
        for variant in blocked {
            let words = [
                "--as",
                "demo.marketer",
                "rewrite",
                run,
                "--variant",
                variant,
            ];
            let refused = echovoice(home.path(), &words);
            let told = String::from_utf8_lossy(&refused.stderr).into_owned();
            assert!(
                code(&refused) == 1 && told.contains("what was decided"),
                "{told}"
            );
            let body = json!({"variant": variant});
            let refused = server.post(&format!("/runs/{run}/rewrites"), token, &body);
            assert!(
                refused.body.contains("what was decided"),
                "{}",
                refused.body
            );
        }
        assert_eq!(state(&server, token, run), before);
    }
}
