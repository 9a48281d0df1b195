//! Opt-outs, complaints, bounces: lists, the ledger, hand-over.

use crate::support::{code, echovoice};
use echovoice::domain::decision::DecisionKind;
use echovoice::domain::profile::Profile;
use echovoice::service::delivery::handover;
use echovoice::service::home::workspace::Options;
use echovoice::service::learning::feedback;
use echovoice::service::review::decide::{DecisionWord, decide};
use echovoice::service::run::{Options as RunOptions, Unwatched, start};
use echovoice::service::{Needs, Workspace, optout};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::AtomicBool;

const MAIL: &str = include_str!("../../../assets/profiles/01-clean-winner.json");
const TEXT: &str = include_str!("../../../assets/profiles/16-sms.json");
const HELD: &str = "the recipient is on the opt-out list";
const WHY: &str = "reviewed against the checklist";

fn open(home: &Path) -> Workspace {
    Workspace::open(Options {
        home,
        needs: Needs::Record,
        judges: false,
        person: Some("demo.officer"),
        as_of: None,
        tenant: None,
        progress: &mut |_| {},
    })
    .unwrap()
}

/// The shipped profile of a channel with these fields.
fn profile(shipped: &str, fields: &Value) -> Profile {
    let mut value: Value = serde_json::from_str(shipped).unwrap();
    for (name, field) in fields.as_object().unwrap() {
        value[name] = field.clone();
    }
    Profile::from_value(&value).unwrap()
}

/// Runs and approves: the run, and `delivered` or why it is held.
fn approved(workspace: &Workspace, profile: Profile) -> (String, String) {
    let options = RunOptions {
        seed: 7,
        record: true,
    };
    let mut session = start(workspace, profile, options).unwrap();
    session
        .run_on(workspace, &AtomicBool::new(false), &mut Unwatched)
        .unwrap();
    for variant in ["A", "B", "C"] {
        let word = DecisionWord {
            run: &session.run.id,
            variant,
            kind: DecisionKind::Approve,
            reason: WHY,
            code: None,
            seen: None,
        };
        if let Ok(outcome) = decide(workspace, &word) {
            let delivery = outcome.delivery;
            let said = delivery
                .reason
                .unwrap_or_else(|| delivery.status.as_str().to_owned());
            return (session.run.id.clone(), said);
        }
    }
    panic!("no variant can be approved");
}

fn import(workspace: &Workspace, bytes: &[u8]) -> optout::Sum {
    let file = workspace.home.join("suppressed.csv");
    std::fs::write(&file, bytes).unwrap();
    optout::import(workspace, &file).unwrap()
}

/// Imported lists, and the addresses of those who stand in them: row A1, and others of the kind.
fn lists() -> Vec<(Vec<u8>, &'static str)> {
    let utf16 = |text: &str| -> Vec<u8> {
        let marked = format!("\u{FEFF}{text}");
        marked.encode_utf16().flat_map(u16::to_le_bytes).collect()
    };
    vec![
        (
            "email,created\na1.osei@example.com,1764000000\n".into(),
            "a1.osei@example.com",
        ),
        (
            "\u{FEFF}a2.osei@example.com\n".into(),
            "a2.osei@example.com",
        ),
        ("\"a3.osei@example.com\"\n".into(), "a3.osei@example.com"),
        (
            "Amara Osei <a4.osei@example.com>\n".into(),
            "a4.osei@example.com",
        ),
        (
            "a5.osei@example.com,\na6.osei@example.com;\n".into(),
            "a6.osei@example.com",
        ),
        (
            "mailto:a7.osei@example.com?subject=stop\n".into(),
            "a7.osei@example.com",
        ),
        (
            "a8.osei@example.com  # asked by phone".into(),
            "A8.Osei@Example.com",
        ),
        (
            utf16("Email Address;Grund\r\na9.osei@example.com;möchte nicht\r\n"),
            "a9.osei@example.com",
        ),
        (
            b"Name;E-Mail\nOs\xE9i;a10.osei@example.com\n".to_vec(),
            "a10.osei@example.com",
        ),
        (
            "a11@b\u{fc}cher.example\n".into(),
            "a11@xn--bcher-kva.example",
        ),
        (
            "a12@xn--bcher-kva.example\n".into(),
            "a12@b\u{fc}cher.example",
        ),
        ("a13+news@example.com\n".into(), "a13@example.com"),
        ("a14@example.com\n".into(), "a14+anything@example.com"),
        (
            "Id\tEmail\tHasOptedOutOfEmail\n003xx\ta15@example.com\t1\n".into(),
            "a15@example.com",
        ),
        (
            "a16@example.com,2025-01-02,unsubscribed\n".into(),
            "a16@example.com",
        ),
        (
            "[{\"created\":1764000000,\"email\":\"a17@example.com\"}]".into(),
            "a17@example.com",
        ),
        ("a18@example.com\ra19@example.com".into(), "a19@example.com"),
        (
            "sep=;\nEMAIL;ADDED_TIME\na20@example.com;x\n".into(),
            "a20@example.com",
        ),
        ("\u{a0}a21@example.com\u{200b}\n".into(), "a21@example.com"),
        (
            "email,reason\n\"a22@example.com,never closed\na23@example.com,x\n".into(),
            "a23@example.com",
        ),
    ]
}

/// Numbers as a list has them and as a profile has them: row A2, and others of the kind.
const NUMBERS: [(&str, &str); 24] = [
    ("06 12 34 56 01", "+33612345601"),
    ("+33 6 12 34 56 02", "06 12 34 56 02"),
    ("22 12 34 03", "+4722123403"),
    ("612 345 604", "+34612345604"),
    ("0412 345 605", "+61412345605"),
    ("9123 4506", "+65 9123 4506"),
    ("+33\u{a0}6\u{a0}12\u{a0}34\u{a0}56\u{a0}07", "+33612345607"),
    ("+1 212\u{2011}555\u{2011}0108", "+12125550108"),
    ("tel:+1-212-555-0109", "+12125550109"),
    ("0170/1234510", "+491701234510"),
    ("+1 212-555-0111 x12", "+12125550111"),
    ("01 23 45 67 12", "+33 1 23 45 67 12"),
    ("+49 (0)170 1234513", "+491701234513"),
    ("0049 170 1234514", "+49 170 1234514"),
    ("491701234515", "+49 170/1234515"),
    ("\u{ff0b}33612345616", "06 12 34 56 16"),
    ("1 (212) 555-0117", "212.555.0117"),
    ("8 912 345-67-18", "+7 912 345 67 18"),
    ("+44 20 7946 0919", "020 7946 0919"),
    ("020 7946 0920", "+44 (0)20 7946 0920"),
    ("+91 98765 43221", "098765 43221"),
    ("06 20 123 4522", "+36 20 123 4522"),
    ("+1 (212) 555-0123 ext. 7", "tel:+12125550123"),
    ("Mobile: +33 6 12 34 56 24", "0033 612345624"),
];

/// Rows A1 and A2 to the end: run, approved, and held by mail and by text.
#[test]
fn who_is_on_a_list_in_any_writing_is_held_at_the_hand_over() {
    let home = tempfile::tempdir().unwrap();
    let workspace = open(home.path());
    for (n, (list, address)) in lists().into_iter().enumerate() {
        let sum = import(&workspace, &list);
        assert!(sum.added > 0 && sum.wrong.is_empty(), "{n}: {sum:?}");
        let fields = json!({"user_id": format!("M-{n}"), "email": address});
        let (_, said) = approved(&workspace, profile(MAIL, &fields));
        assert_eq!(said, HELD, "{n}");
    }
    for (n, (list, number)) in NUMBERS.into_iter().enumerate() {
        let sum = import(&workspace, list.as_bytes());
        assert!(sum.added > 0 && sum.wrong.is_empty(), "{n}: {sum:?}");
        let address = format!("n{n}@other.example");
        let fields = json!({"user_id": format!("N-{n}"), "phone": number, "email": address});
        let (_, said) = approved(&workspace, profile(MAIL, &fields));
        assert_eq!(said, HELD, "{list} {number} by mail");
        let (_, said) = approved(&workspace, profile(TEXT, &fields));
        assert_eq!(said, HELD, "{list} {number} by text");
    }
    // Row A11, and ids of spreadsheets.
    import(&workspace, b"10234\nC-\xC3\x85-7  # moved away\n");
    for id in ["10234.0", "10234", "c-\u{e5}-7"] {
        let fields = json!({"user_id": id, "email": "someone@other.example"});
        assert_eq!(approved(&workspace, profile(MAIL, &fields)).1, HELD, "{id}");
    }
    // Row A3: another customer is not held.
    import(
        &workspace,
        b"20012345678\n+61412345690\n0612345678\n5550134\n",
    );
    for (id, phone) in [
        ("10012345678", "+1 302 555 0142"),
        ("2001234567", "+33412345690"),
        ("0012345678", "+1 212 555 0134"),
        ("102340", "+1 302 555 0143"),
    ] {
        let fields = json!({"user_id": id, "phone": phone, "email": format!("{id}@other.example")});
        let (_, said) = approved(&workspace, profile(MAIL, &fields));
        assert_eq!(said, "delivered", "{id}");
    }
}

#[test]
fn a_line_that_is_nobody_is_refused_counted_and_shown() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("list.txt");
    let text = "# who wants no more\n\nann@b.example\nnot an address\n???\nann@\nC-1042\n{{email}}\n+33 6 12";
    std::fs::write(&file, text).unwrap();
    let args = [
        "opt-out",
        "import",
        file.to_str().unwrap(),
        "--as",
        "demo.officer",
    ];
    let output = echovoice(home.path(), &args);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(code(&output), 1, "{said}");
    for line in [4, 5, 6, 8, 9] {
        assert!(
            said.contains(&format!("line {line}  not read: ")),
            "{line}: {said}"
        );
    }
    assert!(
        said.contains("2 added; nothing more is sent to them"),
        "{said}"
    );
    assert!(
        !said.contains("not an address"),
        "no value is repeated: {said}"
    );
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        errors.contains("5 lines were not read: nobody of them is held"),
        "{errors}"
    );
    // Nobody at all: no promise.
    std::fs::write(&file, "???\n").unwrap();
    let output = echovoice(home.path(), &args);
    assert_eq!(code(&output), 1);
    assert!(!String::from_utf8_lossy(&output.stdout).contains("nothing more is sent"));
    std::fs::write(&file, b"PK\x03\x04whatever").unwrap();
    assert_eq!(code(&echovoice(home.path(), &args)), 1);
    let args = ["opt-out", "add", "n/a", "--as", "demo.officer"];
    assert_eq!(code(&echovoice(home.path(), &args)), 1);
    let args = ["opt-out", "count", "--json"];
    let counted: Value = serde_json::from_slice(&echovoice(home.path(), &args).stdout).unwrap();
    assert_eq!(counted["count"], 2);
}

#[test]
fn the_record_says_since_when_by_whom_and_from_where() {
    let home = tempfile::tempdir().unwrap();
    let workspace = open(home.path());
    import(
        &workspace,
        b"email,phone\nann@b.example,+33 6 12 34 56 78\n",
    );
    let why = optout::why(&workspace, "Ann <ANN+x@b.example>").unwrap();
    assert_eq!(why.len(), 1);
    assert_eq!(
        (
            why[0].by.as_str(),
            why[0].place().as_str(),
            why[0].via.as_str(),
            why[0].because.as_str()
        ),
        ("demo.officer", "suppressed.csv:2", "list", "asked")
    );
    assert!(
        !optout::why(&workspace, "06 12 34 56 78")
            .unwrap()
            .is_empty()
    );
    assert!(optout::why(&workspace, "bob@b.example").unwrap().is_empty());
    assert!(optout::why(&workspace, "???").is_err());
    // One line is one opt-out, whatever readings it has, and once.
    assert_eq!(optout::all(&workspace).unwrap().len(), 1);
    let again = import(
        &workspace,
        b"email,phone\nann@b.example,+33 6 12 34 56 78\n",
    );
    assert_eq!((again.added, again.known), (0, 1));
    // A file's own name may say who it is.
    let file = home.path().join("ann.osei@example.com.csv");
    std::fs::write(&file, "C-9\n").unwrap();
    optout::import(&workspace, &file).unwrap();
    assert!(
        !optout::why(&workspace, "C-9").unwrap()[0]
            .place()
            .contains("ann.osei")
    );
    // Nobody is named in the record, nor in its copy.
    let entries = echovoice(home.path(), &["audit", "list", "--json", "--limit", "1000"]);
    let copy = std::fs::read_to_string(home.path().join("opt_out.txt")).unwrap();
    let all = String::from_utf8(entries.stdout).unwrap() + &copy;
    assert!(
        all.contains("opt_out/") && !all.contains("ann@b.example") && !all.contains("12345678\"")
    );
    assert_eq!(code(&echovoice(home.path(), &["audit", "verify"])), 0);
}

#[test]
fn the_list_is_known_after_a_lost_file_and_a_restore() {
    let home = tempfile::tempdir().unwrap();
    {
        let workspace = open(home.path());
        import(&workspace, b"ann@b.example\n10234\n");
    }
    let lost = home.path().join("opt_out.txt");
    std::fs::remove_file(&lost).unwrap();
    for args in [&["audit", "verify"][..], &["doctor"]] {
        let told = String::from_utf8(echovoice(home.path(), args).stdout).unwrap();
        assert!(told.contains("opt_out.txt lacks"), "{told}");
    }
    let ann = || profile(MAIL, &json!({"user_id": "C-1", "email": "Ann@b.example"}));
    assert!(optout::is_listed(&open(home.path()), &ann()).unwrap());
    let export = home.path().join("export");
    let args = [
        "audit",
        "export",
        "--out",
        export.to_str().unwrap(),
        "--as",
        "demo.admin",
    ];
    assert_eq!(code(&echovoice(home.path(), &args)), 0);
    let verifier = std::process::Command::new("python3")
        .arg(export.join("verify.py"))
        .arg(&export)
        .output();
    if let Ok(verified) = verifier {
        assert!(
            verified.status.success(),
            "{}",
            String::from_utf8_lossy(&verified.stdout)
        );
    }
    // On another machine: the export, and the keys from their own backup.
    let other = tempfile::tempdir().unwrap();
    let restored = echovoice(
        other.path(),
        &["audit", "restore", export.to_str().unwrap()],
    );
    assert_eq!(
        code(&restored),
        0,
        "{}",
        String::from_utf8_lossy(&restored.stderr)
    );
    for entry in std::fs::read_dir(home.path().join("keys"))
        .unwrap()
        .flatten()
    {
        std::fs::copy(
            entry.path(),
            other.path().join("keys").join(entry.file_name()),
        )
        .unwrap();
    }
    std::fs::copy(
        home.path().join("vault.key"),
        other.path().join("vault.key"),
    )
    .unwrap();
    let workspace = open(other.path());
    assert!(optout::is_listed(&workspace, &ann()).unwrap());
    assert_eq!(approved(&workspace, ann()).1, HELD);
    // What only the copy knows is taken into the record.
    // This machine saw the restored one go on: the old one is another copy now.
    let why = "both copies are used side by side here";
    let accept = ["--as", "demo.admin", "audit", "accept", "--reason", why];
    assert_eq!(code(&echovoice(home.path(), &accept)), 0);
    let elsewhere = open(home.path());
    optout::add(&elsewhere, &["late@b.example".into()]).unwrap();
    drop(elsewhere);
    std::fs::copy(&lost, other.path().join("opt_out.txt")).unwrap();
    assert!(!optout::compare(&workspace).unwrap().is_whole());
    let late = profile(MAIL, &json!({"user_id": "C-2", "email": "late@b.example"}));
    assert!(optout::is_listed(&workspace, &late).unwrap());
    assert!(optout::compare(&workspace).unwrap().is_whole());
}

#[test]
fn another_process_sees_what_was_recorded_before_it_sends() {
    let home = tempfile::tempdir().unwrap();
    let here = open(home.path());
    let ann = profile(MAIL, &json!({"user_id": "C-1", "email": "ann@b.example"}));
    assert!(!optout::is_listed(&here, &ann).unwrap());
    let args = ["opt-out", "add", "ANN@b.example", "--as", "demo.officer"];
    assert_eq!(code(&echovoice(home.path(), &args)), 0);
    assert!(optout::is_listed(&here, &ann).unwrap());
}

#[test]
fn an_earlier_versions_list_is_taken_over_and_goes_on_holding() {
    use echovoice::domain::digest::Digest;
    let former = |text: &str| {
        hex::encode(Digest::of_parts([b"echovoice/opt-out/v1".as_slice(), text.as_bytes()]).0)
    };
    let home = tempfile::tempdir().unwrap();
    let list = [
        former("ann@b.example"),
        former("\"bob@b.example\""),
        former("0612345678"),
        "dan@b.example".to_owned(),
        "???".to_owned(),
        // A last line without its end.
        former("c-7"),
    ];
    std::fs::write(home.path().join("opt_out.txt"), list.join("\n")).unwrap();
    let workspace = open(home.path());
    let of = |fields: Value| profile(MAIL, &fields);
    for fields in [
        json!({"user_id": "1", "email": "Ann@b.example"}),
        json!({"user_id": "2", "email": "bob@b.example"}),
        json!({"user_id": "3", "email": "x@b.example", "phone": "+33 6 12 34 56 78"}),
        json!({"user_id": "4", "email": "dan@b.example"}),
        json!({"user_id": "C-7", "email": "y@b.example"}),
    ] {
        assert!(
            optout::is_listed(&workspace, &of(fields.clone())).unwrap(),
            "{fields}"
        );
    }
    assert!(
        !optout::is_listed(
            &workspace,
            &of(json!({"user_id": "5", "email": "eve@b.example"}))
        )
        .unwrap()
    );
    optout::add(&workspace, &["eve@b.example".into()]).unwrap();
    let copy = std::fs::read_to_string(home.path().join("opt_out.txt")).unwrap();
    assert!(
        copy.lines().any(|line| line == former("c-7")),
        "the last line stays whole"
    );
    drop(workspace);
    let doctor = echovoice(home.path(), &["doctor"]);
    let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(
        said.contains("were not read, and hold nobody: [5]"),
        "{said}"
    );
    // The file may go now: the record has it.
    std::fs::remove_file(home.path().join("opt_out.txt")).unwrap();
    let workspace = open(home.path());
    assert!(
        optout::is_listed(
            &workspace,
            &of(json!({"user_id": "1", "email": "ann@b.example"}))
        )
        .unwrap()
    );
}

#[test]
fn complaints_and_hard_bounces_hold_and_soft_ones_are_told() {
    let home = tempfile::tempdir().unwrap();
    let workspace = open(home.path());
    let person = |n: &str| json!({"user_id": n, "email": format!("{n}@b.example"), "phone": format!("+1 302 555 01{n}")});
    let mut ids = Vec::new();
    for n in ["10", "11", "12", "13", "14", "15"] {
        let (run, said) = approved(&workspace, profile(MAIL, &person(n)));
        assert_eq!(said, "delivered");
        ids.push(run);
    }
    let now = chrono::Utc::now().timestamp();
    let message = |n: usize| format!("<{}-A-0123456789ab@mail.example>", ids[n]);
    let file = home.path().join("events.csv");
    let rows = [
        format!("{};unsubscribe;{now};x", message(0)),
        format!("{};SpamReport;{now};x", message(1)),
        format!("{};bounce;{now};x", message(2)),
        format!("{};soft_bounce;{now};x", message(3)),
        format!("{};group_unsubscribe;{};x", message(4), now + 86_400),
        format!("{};open;2020-01-01T00:00:00Z;x", message(5)),
        format!("{};deferred;{now};x", message(5)),
        format!("{};liked;{now};x", message(5)),
    ];
    std::fs::write(
        &file,
        format!("SMTP-ID;Event;Timestamp;ip\n{}\n", rows.join("\n")),
    )
    .unwrap();
    let sum = feedback::import(&workspace, &file).unwrap();
    let lines: Vec<usize> = sum.wrong.iter().map(|(line, _)| *line).collect();
    assert_eq!(
        (sum.new, sum.passed, sum.soft_bounces, sum.held),
        (4, 1, 1, 4),
        "{sum:?}"
    );
    assert_eq!(lines, [6, 7, 9], "{sum:?}");
    assert!(
        sum.wrong[0].1.contains("future") && sum.wrong[1].1.contains("before"),
        "{sum:?}"
    );
    let listed = |fields: Value| optout::is_listed(&workspace, &profile(MAIL, &fields)).unwrap();
    for n in ["10", "11"] {
        assert!(listed(json!({"user_id": n, "email": "z@z.example"})), "{n}");
        assert!(
            listed(json!({"user_id": "Z", "email": format!("{n}@b.example")})),
            "{n}"
        );
        assert!(
            listed(
                json!({"user_id": "Z", "email": "z@z.example", "phone": format!("302-555-01{n}")})
            ),
            "{n}"
        );
    }
    // An address that takes no mail: the person may be reached otherwise.
    assert!(listed(json!({"user_id": "Z", "email": "12@b.example"})));
    assert!(!listed(json!({"user_id": "12", "email": "new@b.example"})));
    assert!(!listed(person("13")) && !listed(person("15")));
    // Of a wish whose time cannot be right the wish holds.
    assert!(listed(person("14")));
    let why = optout::why(&workspace, "11").unwrap();
    assert_eq!(
        (why[0].because.as_str(), why[0].place().as_str()),
        ("complained", "events.csv:3")
    );
    let again = feedback::import(&workspace, &file).unwrap();
    assert_eq!((again.new, again.known, again.held), (0, 4, 0), "{again:?}");
    // A message that is not known, with the address that a provider told: held, and said.
    let told = json!({"id": "<zz@h>", "event": "unsubscribed", "email": "stranger@b.example"});
    let sum = feedback::take(&workspace, vec![(0, feedback::told(told))]).unwrap();
    assert_eq!((sum.new, sum.held, sum.wrong.len()), (0, 1, 1));
    assert!(listed(
        json!({"user_id": "Z", "email": "stranger@b.example"})
    ));
    drop(workspace);
    assert_eq!(code(&echovoice(home.path(), &["audit", "verify"])), 0);
}

#[test]
fn what_waits_for_its_hand_over_is_held_by_a_later_opt_out() {
    let home = tempfile::tempdir().unwrap();
    // No carrier: what is approved waits.
    let settings = "[delivery]\nemail = \"smtp\"\n[delivery.smtp]\nhost = \"127.0.0.1\"\nport = 9\nsecurity = \"none\"\n";
    std::fs::write(home.path().join("config.toml"), settings).unwrap();
    let workspace = open(home.path());
    let (_, said) = approved(
        &workspace,
        profile(MAIL, &json!({"user_id": "C-1", "email": "ann@b.example"})),
    );
    assert_ne!(said, "delivered");
    import(&workspace, b"Email,Reason\nANN@B.EXAMPLE,asked\n");
    let why = handover::rehearse(&workspace, 10).unwrap();
    assert_eq!(why[0].1.as_deref(), Some(HELD));
}

/// Ways to write an address in a list, and in a profile.
fn written(address: &str, way: usize) -> String {
    match way {
        0 => address.to_owned(),
        1 => address.to_uppercase(),
        2 => format!("\"{address}\""),
        3 => format!("Somebody Else <{address}>"),
        4 => format!("mailto:{address}"),
        5 => format!("\u{a0}{address}\u{200b}"),
        6 => address.replacen('@', "+tag@", 1),
        _ => format!("{address}  # asked"),
    }
}

/// Ways to write a French mobile number.
fn dialled(number: u32, way: usize) -> String {
    let n = format!("{number:08}");
    let pairs: Vec<&str> = (0..4).map(|at| &n[2 * at..2 * at + 2]).collect();
    match way {
        0 => format!("+336{n}"),
        1 => format!("06{n}"),
        2 => format!("06 {}", pairs.join(" ")),
        3 => format!("06.{}", pairs.join(".")),
        4 => format!("+33 (0)6 {}", pairs.join("\u{a0}")),
        5 => format!("0033 6 {}", pairs.join("-")),
        6 => format!("tel:+33-6-{}", pairs.join("-")),
        _ => format!("336{n}"),
    }
}

/// Somebody: name and host of an address, a number, how the list has both, and how much otherwise the profile.
type Somebody = (String, String, u32, usize, usize, usize);

#[test]
fn whoever_is_on_a_list_is_held_however_both_are_written() {
    let home = tempfile::tempdir().unwrap();
    let workspace = open(home.path());
    let somebody = (
        "[a-z]{1,8}[0-9]{3}",
        "[a-z]{2,8}",
        10_000_000_u32..99_999_999,
        0_usize..8,
        0_usize..8,
        0_usize..8,
    );
    let people = proptest::collection::vec(somebody, 1..20);
    let case = (people, "[,;\t]", 0_usize..4, 0_usize..3);
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(40)
    };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let outcome = runner.run(&case, |(people, separator, encoding, ends)| {
        is_held(&workspace, &people, &separator, encoding, ends)
    });
    outcome.unwrap();
}

fn is_held(
    workspace: &Workspace,
    people: &[Somebody],
    separator: &str,
    encoding: usize,
    ends: usize,
) -> Result<(), TestCaseError> {
    let mut rows = vec![format!("Email Address{separator}Phone{separator}Note")];
    for (name, host, number, way, dial, _) in people {
        let address = written(&format!("{name}@{host}.example"), *way);
        let quoted = format!("\"{}\"", address.replace('"', "\"\""));
        let phone = dialled(*number, *dial);
        rows.push(format!("{quoted}{separator}{phone}{separator}caf\u{e9}"));
    }
    let text = rows.join(["\n", "\r\n", "\r"][ends]);
    let bytes: Vec<u8> = match encoding {
        0 => text.into_bytes(),
        1 => format!("\u{FEFF}{text}").into_bytes(),
        2 => format!("\u{FEFF}{text}")
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect(),
        // What windows-1252 has not is left out.
        _ => text
            .chars()
            .filter_map(|c| u8::try_from(u32::from(c)).ok())
            .collect(),
    };
    let sum = import(workspace, &bytes);
    prop_assert!(sum.wrong.is_empty(), "{:?}", sum);
    let listed = |fields: Value| optout::is_listed(workspace, &profile(MAIL, &fields)).unwrap();
    for (name, host, number, _, dial, way) in people {
        let address = format!("{name}@{host}.example").to_uppercase();
        let by_mail = listed(json!({"user_id": "Z", "email": address}));
        prop_assert!(by_mail);
        let phone = dialled(*number, (*dial + *way) % 8);
        let fields = json!({"user_id": "Z", "email": "z@z.example", "phone": phone});
        prop_assert!(listed(fields), "{}", phone);
    }
    let other = json!({"user_id": "Z", "email": "z@z.example", "phone": "+33 7 00 00 00 00"});
    prop_assert!(!listed(other));
    Ok(())
}
