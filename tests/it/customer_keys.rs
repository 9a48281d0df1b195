//! Customers' wrapped keys are committed to: what is changed, swapped, added or lost among them is named by both verifiers.

use crate::support::forged::{Forged, key};
use crate::support::{AS_OF, code, echovoice, elsewhere, run_demo};
use echovoice::ledger::log::Batch;
use echovoice::ledger::vault::{Subject, Vault};
use echovoice::ledger::verify::verify_with;
use echovoice::ledger::{AuditLog, EntryKind};
use std::fs;

type Rows = Vec<([u8; 32], Subject)>;
type Change = fn(&mut Rows);

/// Two customers, in a log of a format.
fn two_customers(format: u8) -> Forged {
    let mut forged = Forged::new(format, false, false);
    let who = if format == 3 { "fay" } else { "system" };
    forged.put(EntryKind::RunStarted, who, |entry| {
        let mut entry = entry.run("r-2");
        entry.customer = Some("c-2".into());
        entry
    });
    forged
}

fn rows(forged: &Forged) -> Rows {
    let mut rows = Vec::new();
    let log: &dyn AuditLog = forged.forge.log.as_ref();
    log.customers(&mut |locator, subject| {
        rows.push((locator, subject));
        Ok::<_, echovoice::ledger::LogError>(())
    })
    .unwrap();
    rows
}

/// Puts other rows in the place of those that are there, past every rule.
fn replace(forged: &Forged, rows: Rows) {
    let head = forged.forge.log.head().unwrap();
    let batch = Batch {
        expected: head.size,
        last: head.last,
        checkpoint: head.checkpoint,
        subjects_anew: true,
        subjects: rows,
        ..Batch::default()
    };
    forged.forge.log.append(&batch).unwrap();
}

#[test]
fn every_change_of_customers_keys_is_named_by_both() {
    let changes: [(&str, Change); 6] = [
        ("noise", |rows| rows[0].1.wrapped[40] ^= 1),
        ("a swap of keys", |rows| {
            let one = rows[0].1.wrapped.clone();
            rows[0].1.wrapped = std::mem::replace(&mut rows[1].1.wrapped, one);
        }),
        ("a swap of customers", |rows| {
            let one = rows[0].1.clone();
            rows[0].1 = std::mem::replace(&mut rows[1].1, one);
        }),
        ("another locator", |rows| rows[1].0[0] ^= 1),
        ("one lost", |rows| {
            rows.pop();
        }),
        ("one added", |rows| {
            let more = Vault::in_memory([7; 32]).new_subject("c-3").unwrap();
            rows.push(([9; 32], more));
        }),
    ];
    for (what, change) in changes {
        let forged = two_customers(3);
        let mut rows = rows(&forged);
        change(&mut rows);
        replace(&forged, rows);
        let (problem, stranger) = forged.verdicts();
        assert!(problem.is_some(), "{what}: not found");
        if let Some((holds, words)) = stranger {
            assert!(
                !holds && words.contains("subjects.jsonl"),
                "{what}: {words}"
            );
        }
    }
}

#[test]
fn with_the_vaults_key_at_hand_each_key_is_opened() {
    for format in [1, 2, 3] {
        let forged = two_customers(format);
        let report = |seed| {
            let vault = Vault::in_memory([seed; 32]);
            verify_with(
                forged.forge.log.as_ref(),
                &key("log").public(),
                None,
                Some(&vault),
            )
            .unwrap()
        };
        assert_eq!(report(7).problem, None);
        assert!(!report(7).proves.contains("were not opened"));
        // With another vault nobody's data opens, which is no way to go on.
        let wrong = report(8);
        assert!(!wrong.ok && wrong.first_bad.is_none(), "{wrong:?}");
        assert!(
            wrong
                .problem
                .unwrap()
                .contains("vault.key is not this record's")
        );
        assert!(report(8).proves.contains("were not opened"));
        let mut noisy = rows(&forged);
        noisy[1].1.wrapped[30] ^= 1;
        replace(&forged, noisy);
        let found = report(7).problem.unwrap();
        assert!(found.contains("key of s-"), "{found}");
    }
}

#[test]
fn a_restored_record_takes_no_other_vault() {
    let folder = tempfile::tempdir().unwrap();
    let [home, other, again] = ["home", "other", "again"].map(|name| folder.path().join(name));
    assert_eq!(code(&run_demo(&home)), 0);
    assert_eq!(code(&run_demo(&other)), 0);
    let export = folder.path().join("export");
    let done = |home, args: &[&str]| {
        let output = echovoice(home, args);
        assert_eq!(code(&output), 0, "{output:?}");
    };
    done(
        &home,
        &["audit", "export", "--out", export.to_str().unwrap()],
    );
    let restored = elsewhere(&again, &["audit", "restore", export.to_str().unwrap()]);
    assert_eq!(code(&restored), 0, "{restored:?}");
    for name in fs::read_dir(home.join("keys")).unwrap().flatten() {
        fs::copy(name.path(), again.join("keys").join(name.file_name())).unwrap();
    }
    fs::copy(other.join("vault.key"), again.join("vault.key")).unwrap();
    let profile = "assets/profiles/01-clean-winner.json";
    let run = || elsewhere(&again, &["run", profile, "--as-of", AS_OF]);
    let refused = run();
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        code(&refused) != 0 && words.contains("vault.key"),
        "{words}"
    );
    let verified = elsewhere(&again, &["audit", "verify"]);
    assert_eq!(code(&verified), 3, "{verified:?}");
    // Nor is a new one made in the place of one that is missing.
    fs::remove_file(again.join("vault.key")).unwrap();
    let refused = run();
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        code(&refused) != 0 && words.contains("vault.key is missing"),
        "{words}"
    );
    assert!(!again.join("vault.key").exists());
    fs::copy(home.join("vault.key"), again.join("vault.key")).unwrap();
    let done = run();
    assert_eq!(code(&done), 0, "{done:?}");
}
