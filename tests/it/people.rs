//! People, roles and keys, as an admin and a reviewer use them; the record and a stranger check each step again.

use crate::support::stranger;
use crate::support::{AS_OF, code, echovoice};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

struct Firm {
    home: tempfile::TempDir,
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

impl Firm {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        Self { home }
    }

    fn secret(&self, name: &str, words: &str) -> PathBuf {
        let path = self.home.path().join(format!("{name}.secret"));
        fs::write(&path, format!("{words}\n")).unwrap();
        path
    }

    /// A command by somebody, with the passphrases of their own and of a new key.
    fn by(&self, who: &str, own: Option<&str>, new: Option<&str>, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_echovoice"));
        command
            .args(args)
            .args(["--as", who])
            .env("ECHOVOICE_HOME", self.home.path())
            .env_remove("ECHOVOICE_USER")
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdin(Stdio::null());
        for (variable, words) in [
            ("ECHOVOICE_PASSPHRASE_FILE", own),
            ("ECHOVOICE_NEW_PASSPHRASE_FILE", new),
        ] {
            command.env_remove(variable);
            if let Some(words) = words {
                command.env(variable, self.secret(variable, words));
            }
        }
        command.output().unwrap()
    }

    fn admin(&self, new: Option<&str>, args: &[&str]) -> Output {
        self.by("demo.admin", None, new, args)
    }

    fn waiting(&self) -> (String, String) {
        let profile = "assets/profiles/01-clean-winner.json";
        let output = self.by(
            "demo.officer",
            None,
            None,
            &["run", profile, "--json", "--as-of", AS_OF],
        );
        let run: Value = serde_json::from_slice(&output.stdout).unwrap();
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        (
            word(&run["run_id"]),
            word(&run["analysis"]["winner"]["variant_id"]),
        )
    }

    fn decide(&self, who: &str, passphrase: Option<&str>) -> Output {
        let (run, winner) = self.waiting();
        self.by(
            who,
            passphrase,
            None,
            &["decide", &run, "approve", "--variant", &winner],
        )
    }

    fn verifies(&self) {
        let output = echovoice(self.home.path(), &["audit", "verify"]);
        assert_eq!(code(&output), 0, "{}", text(&output.stdout));
    }
}

fn refused(output: &Output, why: &str) {
    let error = text(&output.stderr);
    assert_eq!(code(output), 1, "{error}");
    assert!(error.contains(why) && error.lines().count() == 1, "{error}");
}

const OLD: &str = "correct horse battery";
const NEW: &str = "quiet river under stones";

#[test]
fn a_reviewer_comes_signs_changes_key_and_goes() {
    let firm = Firm::new();
    firm.waiting();
    let add = ["user", "add", "jane", "--role", "officer"];
    refused(
        &firm.by("demo.officer", None, Some(OLD), &add),
        "may not manage people",
    );
    refused(&firm.admin(Some("short"), &add), "at least 12 characters");
    refused(&firm.admin(None, &add), "there is nobody to ask");
    assert_eq!(code(&firm.admin(Some(OLD), &add)), 0);
    refused(&firm.admin(Some(OLD), &add), "jane is taken");
    let key = fs::read_to_string(firm.home.path().join("keys/jane.key")).unwrap();
    assert!(key.starts_with("echovoice-key/v2"), "{key}");

    refused(&firm.decide("jane", None), "there is nobody to ask");
    refused(&firm.decide("jane", Some(NEW)), "does not open the key");
    assert_eq!(code(&firm.decide("jane", Some(OLD))), 0);
    firm.verifies();

    assert_eq!(
        code(&firm.by("jane", Some(OLD), Some(NEW), &["user", "rotate-key"])),
        0
    );
    refused(&firm.decide("jane", Some(OLD)), "does not open the key");
    assert_eq!(code(&firm.decide("jane", Some(NEW))), 0);
    firm.verifies();

    assert_eq!(
        code(&firm.admin(None, &["user", "grant", "jane", "auditor"])),
        0
    );
    refused(&firm.decide("jane", Some(NEW)), "may not decide");
    assert_eq!(
        code(&firm.admin(None, &["user", "grant", "jane", "principal"])),
        0
    );
    assert_eq!(code(&firm.decide("jane", Some(NEW))), 0);

    let revoke =
        |who: &str| firm.admin(None, &["user", "revoke", who, "--reason", "left the firm"]);
    refused(&revoke("demo.admin"), "their own rights");
    assert_eq!(code(&revoke("jane")), 0);
    refused(
        &firm.decide("jane", Some(NEW)),
        "the key of jane was revoked",
    );
    refused(&firm.admin(Some(OLD), &add), "jane is taken");
    firm.verifies();
    let people = text(&firm.admin(None, &["user", "list"]).stdout);
    assert!(
        people.contains("jane") && people.contains("revoked"),
        "{people}"
    );

    // A stranger comes to the same result.
    let out = firm.home.path().join("export");
    let out = out.to_str().unwrap();
    assert_eq!(
        code(&firm.admin(None, &["audit", "export", "--out", out])),
        0
    );
    if let Some((holds, words)) = stranger::checks(std::path::Path::new(out)) {
        assert!(holds, "{words}");
    }
}

#[test]
fn a_key_made_elsewhere_is_enrolled_by_its_public_half() {
    let firm = Firm::new();
    firm.waiting();
    // RFC 8032, section 7.1, test 1.
    let key = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    let add = ["user", "add", "remote", "--role", "principal", "--key"];
    refused(
        &firm.admin(None, &[&add[..], &["not a key"]].concat()),
        "not a public key",
    );
    assert_eq!(code(&firm.admin(None, &[&add[..], &[key]].concat())), 0);
    refused(&firm.decide("remote", None), "not in this home");
    refused(
        &firm.admin(None, &["user", "add", "../x", "--role", "officer"]),
        "there is nobody to ask",
    );
    refused(
        &firm.admin(Some(OLD), &["user", "add", "../x", "--role", "officer"]),
        "cannot be used",
    );
    refused(
        &firm.admin(None, &["user", "grant", "nobody.here", "officer"]),
        "not on the roster",
    );
    firm.verifies();
}

#[test]
fn a_lost_key_is_replaced_by_two_custodians_and_by_no_fewer() {
    let firm = Firm::new();
    firm.waiting();
    let add = ["user", "add", "jane", "--role", "officer"];
    assert_eq!(code(&firm.admin(Some(OLD), &add)), 0);
    let replace = ["user", "replace-key", "jane", "--json"];
    refused(
        &firm.by("demo.officer", None, Some(NEW), &replace),
        "may not replace a lost key",
    );
    let proposed = firm.admin(Some(NEW), &replace);
    assert_eq!(code(&proposed), 0, "{}", text(&proposed.stderr));
    let words = text(&proposed.stdout);
    let number: String = words
        .split("confirm-key ")
        .nth(1)
        .unwrap()
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    // Until it is confirmed the old key counts, and the one who proposed cannot confirm.
    assert_eq!(code(&firm.decide("jane", Some(OLD))), 0);
    let confirm = ["user", "confirm-key", &number];
    refused(&firm.admin(None, &confirm), "two custodians");
    refused(
        &firm.by("jane", Some(OLD), None, &confirm),
        "may not replace",
    );
    assert_eq!(code(&firm.by("demo.principal", None, None, &confirm)), 0);
    refused(&firm.decide("jane", Some(OLD)), "does not open the key");
    assert_eq!(code(&firm.decide("jane", Some(NEW))), 0);
    // No key comes back by confirming it again.
    refused(
        &firm.by("demo.principal", None, None, &confirm),
        "a new key that nobody proposed",
    );
    firm.verifies();
    let out = firm.home.path().join("export");
    let export = ["audit", "export", "--out", out.to_str().unwrap()];
    assert_eq!(code(&firm.admin(None, &export)), 0);
    if let Some((holds, words)) = stranger::checks(&out) {
        assert!(holds, "{words}");
    }
    let exports = firm.admin(None, &["audit", "list", "what:export"]);
    assert!(
        text(&exports.stdout).contains("demo.admin"),
        "an export is on record"
    );
}
