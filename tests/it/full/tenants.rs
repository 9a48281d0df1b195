//! Several tenants behind one address: nothing of one reaches another.

use crate::support;
use crate::support::server::{Answer, Server};
use crate::support::{code, echovoice};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;

const PROFILE: &str = include_str!("../../../assets/profiles/01-clean-winner.json");

fn token(home: &Path) -> String {
    let made = echovoice(home, &["token", "add", "demo.officer", "--json"]);
    assert_eq!(code(&made), 0, "{}", String::from_utf8_lossy(&made.stderr));
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    made["token"].as_str().unwrap().to_owned()
}

#[test]
fn no_query_count_or_error_of_one_tenant_reaches_another() {
    let homes = Arc::new(tempfile::tempdir().unwrap());
    let home = |name: &str| homes.path().join(name);
    let (acme, bank) = (token(&home("acme")), token(&home("bank")));
    // What a tenant's own files say holds for it alone.
    let table = home("bank").join("segments.toml");
    let other = std::fs::read_to_string(&table)
        .unwrap()
        .replace("StartedFormOrFlow", "AskedAtTheBank");
    std::fs::write(&table, other).unwrap();
    // An experiment names the stage that is called otherwise here.
    let tried = home("bank").join("experiments.toml");
    let plan = std::fs::read_to_string(&tried)
        .unwrap()
        .replace("StartedFormOrFlow", "AskedAtTheBank");
    std::fs::write(&tried, plan).unwrap();
    support::accept_home(&home("bank"));
    let folder = homes.path().to_str().unwrap().to_owned();
    let mut server = Server::start(&["--tenants", &folder]);
    let run = |tenant: &str, token: &str| {
        let profile: Value = serde_json::from_str(PROFILE).unwrap();
        server.post(&format!("/tenants/{tenant}/personalize"), token, &profile)
    };
    let of_acme = run("acme", &acme);
    assert_eq!(of_acme.status, 200, "{}", of_acme.body);
    let ours = of_acme.json();
    let id = ours["run_id"].as_str().unwrap();
    assert_eq!(
        run("bank", &bank).json()["segment"]["funnel_stage"],
        "AskedAtTheBank"
    );
    assert_eq!(ours["segment"]["funnel_stage"], "StartedFormOrFlow");

    // A token opens one door, and the other door says the same to it as to a guess.
    let with_other = run("bank", &acme);
    let with_guess = run("bank", "ev_guess");
    assert_eq!(
        (with_other.status, &with_other.body),
        (401, &with_guess.body)
    );
    let at = |tenant: &str, token: &str, path: &str| {
        server.get(&format!("/tenants/{tenant}{path}"), token)
    };
    assert_eq!(at("acme", &acme, &format!("/runs/{id}")).status, 200);
    assert_eq!(at("bank", &bank, &format!("/runs/{id}")).status, 404);
    assert_eq!(
        at("bank", &bank, "/runs").json()["runs"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let runs = |answer: &Answer| {
        answer
            .body
            .lines()
            .filter(|l| l.contains("personalize") && l.contains("200"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let (counts, others) = (at("acme", &acme, "/metrics"), at("bank", &bank, "/metrics"));
    assert!(
        !runs(&counts).is_empty() && !counts.body.contains("bank"),
        "{}",
        counts.body
    );
    assert!(
        !runs(&others).is_empty() && !others.body.contains("acme"),
        "{}",
        others.body
    );

    // What belongs to no tenant names none, and asks about one that is not there say what any wrong path says.
    for path in [
        "/personalize",
        "/runs",
        "/metrics",
        "/tenants",
        "/tenants/nobody/runs",
        "/tenants/../acme",
    ] {
        let answer = server.get(path, &acme);
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.body.contains("bank"), "{path}: {}", answer.body);
    }
    let health = server.ask("GET", "/health", &[], "");
    assert_eq!(health.json()["tenants"]["ok"], 2);
    assert!(!health.body.contains("acme") && !health.body.contains("bank"));
    assert_eq!(at("acme", "", "/health").status, 200);
    let kept = |tenant: &str, token: &str| {
        at(tenant, token, "/customers/C-20417").json()["segment"]["funnel_stage"].clone()
    };
    assert_eq!(
        (kept("acme", &acme), kept("bank", &bank)),
        ("StartedFormOrFlow".into(), "AskedAtTheBank".into())
    );

    assert_eq!(server.ends(), 0);
    let log = server.log.lock().unwrap().join("\n");
    assert!(
        log.contains("\"tenant\":\"acme\"") && log.contains("\"tenant\":\"bank\""),
        "{log}"
    );
    for name in ["acme", "bank"] {
        assert_eq!(code(&echovoice(&home(name), &["audit", "verify"])), 0);
    }
}

#[test]
fn a_folder_that_holds_no_tenant_or_a_nameless_one_is_told() {
    let homes = tempfile::tempdir().unwrap();
    let folder = homes.path().to_str().unwrap();
    let serve = || {
        let output = echovoice(
            homes.path(),
            &["serve", "--listen", "127.0.0.1:0", "--tenants", folder],
        );
        assert_eq!(code(&output), 1);
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(serve().contains("no tenant's home"));
    std::fs::create_dir(homes.path().join("Acme Ltd")).unwrap();
    assert!(serve().contains("lower-case letters"));
    std::fs::rename(homes.path().join("Acme Ltd"), homes.path().join("acme")).unwrap();
    let nobody = serve();
    assert!(
        nobody.contains("token add") && nobody.contains("acme"),
        "{nobody}"
    );
}
