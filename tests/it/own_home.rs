//! A firm's own home: from `init` to the first approved message, nothing of the demo in it, and who acts there.

use crate::reading::mail_corpus::docx;
use crate::support::terminal::Terminal;
use crate::support::{AS_OF, code, echovoice};
use portable_pty::CommandBuilder;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const PASSPHRASE: &str = "six brown hens in a row";
const PRODUCT: &str = "savings=Brook Saver: A savings account without a monthly fee.";

struct Bank {
    folder: tempfile::TempDir,
}

impl Bank {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("passphrase"), PASSPHRASE).unwrap();
        Self { folder }
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("bank")
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_echovoice"));
        command
            .env("ECHOVOICE_HOME", self.home())
            .env("ECHOVOICE_STATE", self.folder.path().join("state"))
            .env(
                "ECHOVOICE_PASSPHRASE_FILE",
                self.folder.path().join("passphrase"),
            )
            .env(
                "ECHOVOICE_NEW_PASSPHRASE_FILE",
                self.folder.path().join("passphrase"),
            )
            .env_remove("ECHOVOICE_USER")
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdin(Stdio::null());
        command
    }

    fn says(&self, args: &[&str]) -> Output {
        self.command().args(args).output().unwrap()
    }

    fn done(&self, args: &[&str]) -> String {
        let output = self.says(args);
        assert_eq!(code(&output), 0, "{args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// An officer runs the profile that the home was made with.
    fn runs_its_example(&self) -> Output {
        let profile = self.home().join("profiles/example.json");
        let profile = profile.to_str().unwrap();
        self.says(&["--as", "olga", "--json", "run", profile, "--as-of", AS_OF])
    }

    fn init(&self, more: &[&str]) -> Output {
        let firm = [
            "init",
            "--firm",
            "Brook Savings Bank",
            "--address",
            "1 Harbor Road, Newport, RI 02840",
            "--web",
            "www.brookbank.example",
            "--product",
            PRODUCT,
            "--admin",
            "ada",
        ];
        self.says(&[&firm[..], more].concat())
    }

    fn made() -> Self {
        let bank = Self::new();
        let output = bank.init(&["--examples"]);
        assert_eq!(code(&output), 0, "{output:?}");
        bank
    }
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Every text of a folder, by its path in it.
fn texts(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            texts(&path, found);
        } else if let Ok(text) = fs::read_to_string(&path) {
            found.push((path, text));
        }
    }
}

#[test]
fn an_invented_bank_gets_from_init_to_its_first_approved_message() {
    let bank = Bank::made();
    bank.done(&["user", "add", "olga", "--role", "officer"]);
    let run = bank.runs_its_example();
    assert_eq!(code(&run), 0, "{run:?}");
    let run = String::from_utf8(run.stdout).unwrap();
    let run: Value = serde_json::from_str(run.lines().next().unwrap()).unwrap();
    assert_eq!(run["safety"]["blocked"], serde_json::json!([]), "{run}");
    let id = run["run_id"].as_str().or(run["id"].as_str()).unwrap();
    bank.done(&["--as", "olga", "decide", id, "approve", "--variant", "A"]);
    let mail = fs::read_dir(bank.home().join("outbox"))
        .unwrap()
        .flatten()
        .next()
        .unwrap();
    let mail = fs::read_to_string(mail.path()).unwrap();
    assert!(
        mail.contains("Brook Saver") && mail.contains("without a monthly fee"),
        "{mail}"
    );
    assert!(
        !mail.contains("image/svg") && !mail.contains("Tarnwick"),
        "{mail}"
    );
    let verified = bank.done(&["audit", "verify"]);
    assert!(verified.starts_with("OK"), "{verified}");
    let doctor = bank.done(&["doctor"]);
    assert!(doctor.contains("nothing of the demo"), "{doctor}");
    // A stranger's check of the export agrees that the first administrator may begin a record.
    let export = bank.folder.path().join("export");
    bank.done(&[
        "--as",
        "olga",
        "audit",
        "export",
        "--out",
        export.to_str().unwrap(),
    ]);
    let script = export.join("verify.py");
    let checked = Command::new("python3")
        .arg(&script)
        .arg(".")
        .current_dir(&export)
        .output()
        .unwrap();
    assert!(checked.status.success(), "{checked:?}");
}

#[test]
fn an_auditors_day_needs_no_right_to_sign() {
    let bank = Bank::made();
    for (name, role) in [("olga", "officer"), ("udo", "auditor")] {
        bank.done(&["user", "add", name, "--role", role]);
    }
    let profile = bank.home().join("profiles/example.json");
    bank.done(&["--as", "olga", "run", profile.to_str().unwrap()]);
    bank.done(&["user", "me", "udo"]);
    let waits = bank.done(&["queue", "list", "--json"]);
    let id = serde_json::from_str::<Value>(waits.lines().next().unwrap()).unwrap()["run"]
        .as_str()
        .unwrap()
        .to_owned();
    bank.done(&[
        "--as",
        "olga",
        "decide",
        &id,
        "reject",
        "--variant",
        "A",
        "--code",
        "other",
        "--reason",
        "The fee of it is not said at all",
    ]);
    // What was decided, by whom, about which text, and why, in one line; and nothing else.
    let decisions = bank.done(&["audit", "list", "is:decision", "today"]);
    assert_eq!(decisions.lines().count(), 1, "{decisions}");
    assert!(
        decisions.contains("olga rejects variant A (other: The fee of it is not said at all)"),
        "{decisions}"
    );
    let shown = bank.done(&["audit", "show", &id]);
    assert!(
        shown.contains("olga starts a run") && shown.contains("texts A, B are composed"),
        "{shown}"
    );
    assert!(bank.done(&["audit", "verify"]).starts_with("OK"));
    let export = bank.folder.path().join("evidence");
    bank.done(&[
        "audit",
        "export",
        "--until",
        "today",
        "--out",
        export.to_str().unwrap(),
    ]);
    // What an auditor may not do is said, with who may.
    let output = bank.says(&["decide", &id, "approve", "--variant", "A"]);
    assert_eq!(code(&output), 1);
    assert!(
        words(&output).contains("auditor may not decide"),
        "{output:?}"
    );
}

#[test]
fn nothing_of_the_demo_is_in_a_firms_own_home() {
    let bank = Bank::new();
    assert_eq!(code(&bank.init(&[])), 0);
    let mut all = Vec::new();
    texts(&bank.home(), &mut all);
    for (path, text) in &all {
        // The law's own tests name invented firms.
        if path.starts_with(bank.home().join("policies")) || path.ends_with("home.toml") {
            continue;
        }
        let lower = text.to_lowercase();
        for name in [
            "tarnwick",
            "tidewater",
            "split pay",
            "carecover",
            "steady loan",
            "harbor street",
            "demo",
        ] {
            assert!(!lower.contains(name), "{name} in {}", path.display());
        }
    }
    assert!(!bank.home().join("policies/tarnwick.toml").exists());
    assert_eq!(
        fs::read_dir(bank.home().join("profiles")).unwrap().count(),
        0
    );
    let people = bank.done(&["user", "list"]);
    assert_eq!(
        people.split_whitespace().collect::<Vec<_>>(),
        ["ada", "admin"]
    );
    // What was taken out stays out.
    fs::remove_file(bank.home().join("outcomes.toml")).unwrap();
    let output = bank.says(&["policy", "list"]);
    assert_eq!(code(&output), 1);
    assert!(words(&output).contains("firm's own home"), "{output:?}");
    assert!(!bank.home().join("outcomes.toml").exists());
}

#[test]
fn every_made_file_names_a_schema_that_lies_there() {
    let bank = Bank::made();
    let mut all = Vec::new();
    texts(&bank.home(), &mut all);
    let mut named = 0;
    let is_edited = |path: &Path| {
        path.extension().is_some_and(|e| e == "toml") && !path.parent().unwrap().ends_with("active")
    };
    for (path, text) in all.iter().filter(|(path, _)| is_edited(path)) {
        let Some(schema) = text
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("#:schema "))
        else {
            continue;
        };
        named += 1;
        let schema = path.parent().unwrap().join(schema);
        let text =
            fs::read_to_string(&schema).unwrap_or_else(|e| panic!("{}: {e}", schema.display()));
        assert!(serde_json::from_str::<Value>(&text).is_ok());
    }
    assert!(named >= 10, "{named}");
}

#[test]
fn nobody_acts_unasked_and_who_works_here_is_remembered() {
    let bank = Bank::made();
    bank.done(&["user", "add", "olga", "--role", "officer"]);
    assert!(bank.done(&["user", "me"]).contains("ada works"));
    bank.done(&["user", "me", "olga"]);
    let profile = bank.home().join("profiles/example.json");
    bank.done(&["run", profile.to_str().unwrap()]);
    let list = bank.done(&["audit", "list", "--json", "--limit", "100"]);
    assert!(
        list.contains("\"actor\":\"olga\"") && !list.contains("demo."),
        "{list}"
    );
    bank.done(&["user", "me", "--forget"]);
    let output = bank.says(&["run", profile.to_str().unwrap()]);
    assert_eq!(code(&output), 1);
    let told = words(&output);
    assert!(
        told.contains("nobody is named") && told.contains("olga (officer)"),
        "{told}"
    );
    for name in ["demo.officer", "nobody.here"] {
        let output = bank.says(&["--as", name, "run", profile.to_str().unwrap()]);
        assert!(words(&output).contains("not on the roster"), "{output:?}");
    }
    // Reading needs nobody.
    bank.done(&["queue", "list"]);
    bank.done(&["doctor"]);
}

#[test]
fn a_demo_person_is_nobodys_default_once_a_firm_has_people() {
    let home = tempfile::tempdir().unwrap();
    let pass = home.path().join("pass");
    fs::write(&pass, PASSPHRASE).unwrap();
    let home = home.path().join("home");
    let say = |args: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_echovoice"))
            .args(args)
            .env("ECHOVOICE_HOME", &home)
            .env("ECHOVOICE_STATE", home.with_extension("state"))
            .env("ECHOVOICE_NEW_PASSPHRASE_FILE", &pass)
            .env("ECHOVOICE_PASSPHRASE_FILE", &pass)
            .env_remove("ECHOVOICE_USER")
            .stdin(Stdio::null())
            .output()
            .unwrap()
    };
    let profile = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/assets/profiles/01-clean-winner.json"
    );
    assert_eq!(code(&say(&["run", profile])), 0);
    let added = say(&[
        "--as",
        "demo.admin",
        "user",
        "add",
        "olga",
        "--role",
        "officer",
    ]);
    assert_eq!(code(&added), 0, "{added:?}");
    let output = say(&["run", profile]);
    assert!(words(&output).contains("nobody is named"), "{output:?}");
    assert_eq!(code(&say(&["--as", "olga", "run", profile])), 0);
}

#[test]
fn what_is_still_the_demos_is_told() {
    let home = tempfile::tempdir().unwrap();
    let doctor = |home: &Path| {
        let output = echovoice(home, &["doctor", "--json"]);
        let all: Value = serde_json::Deserializer::from_slice(&output.stdout)
            .into_iter()
            .next()
            .unwrap()
            .unwrap();
        let own = all
            .as_array()
            .unwrap()
            .iter()
            .find(|f| f["name"] == "own")
            .unwrap()
            .clone();
        (
            own["ok"].as_bool().unwrap(),
            own["says"].as_str().unwrap().to_owned(),
        )
    };
    let (ok, says) = doctor(home.path());
    assert!(ok && says.contains("init"), "{says}");
    let brand = home.path().join("brand/brand.toml");
    let text = fs::read_to_string(&brand).unwrap();
    fs::write(
        &brand,
        text.replace("name = \"Tarnwick Financial\"", "name = \"Brook Bank\""),
    )
    .unwrap();
    let (ok, says) = doctor(home.path());
    assert!(!ok);
    for left in [
        "brand/brand.toml names",
        "products.toml names",
        "Tidewater Savings",
        "logo.svg is the demo's",
        "approved by the demo",
        "invented",
        "tarnwick is in force",
        "of the demo's documents",
        "of the demo's profiles",
    ] {
        assert!(says.contains(left), "{left}: {says}");
    }
}

#[test]
fn flags_alone_are_checked_and_leave_nothing_behind() {
    let bank = Bank::new();
    for (more, says) in [
        (&["--channels", "pigeon"][..], "--channels"),
        (&["--jurisdictions", "Atlantis"], "--jurisdictions"),
        (&["--product", "savings=Twice"], "given twice"),
    ] {
        let output = bank.init(more);
        assert_ne!(code(&output), 0);
        assert!(words(&output).contains(says), "{output:?}");
        assert!(!bank.home().exists());
    }
    let output = bank.says(&["init", "--firm", "Brook"]);
    assert!(
        words(&output).contains("--address is missing"),
        "{output:?}"
    );
    // A home that is there is not made again.
    assert_eq!(code(&bank.init(&[])), 0);
    let again = bank.init(&[]);
    assert!(words(&again).contains("here already"), "{again:?}");
}

#[test]
fn a_broken_text_is_told_with_its_line_before_anything_runs() {
    let bank = Bank::made();
    for (file, from, to, says) in [
        (
            "knowledge_base/products.toml",
            "product_name = \"Brook Saver\"",
            "prodct_name = \"Brook Saver\"",
            "nearly `product_name`",
        ),
        (
            "templates/variants.toml",
            "{apy}",
            "{apyy}",
            "is `apy` meant?",
        ),
        (
            "templates/variants.toml",
            "id = \"B\"",
            "id = \"A\"",
            "given twice",
        ),
        (
            "templates/common.toml",
            "awareness =",
            "awarness =",
            "`awarness` is never used",
        ),
        (
            "experiments.toml",
            "# [[experiment]]",
            "[[experiment]]\nid='x'\nsegment='Nobody'\nchannel='email'\nsince='2026-01-01'\ncontrol='a'\narms={a=1}\n#",
            "no segment `Nobody`",
        ),
    ] {
        let path = bank.home().join(file);
        let good = fs::read_to_string(&path).unwrap();
        assert!(good.contains(from), "{file}: {from}");
        fs::write(&path, good.replacen(from, to, 1)).unwrap();
        let output = bank.says(&["policy", "list"]);
        let told = words(&output);
        assert_eq!(code(&output), 1, "{file}: {told}");
        assert!(told.contains(says) && told.contains(file), "{told}");
        fs::write(&path, good).unwrap();
    }
    // One draft that cannot be read hides itself alone.
    fs::write(bank.home().join("policies/broken.toml"), "[pack\n").unwrap();
    let output = bank.says(&["policy", "list"]);
    let shown = String::from_utf8_lossy(&output.stdout).into_owned() + &words(&output);
    assert!(
        shown.contains("us-deposits") && shown.contains("broken.toml"),
        "{shown}"
    );
}

#[test]
fn another_firms_name_and_a_message_that_says_nothing_are_for_a_person() {
    let bank = Bank::made();
    bank.done(&["user", "add", "olga", "--role", "officer"]);
    let variants = bank.home().join("templates/variants.toml");
    let good = fs::read_to_string(&variants).unwrap();
    let edited = good
        .replacen(
            "subject = \"Brook Saver\"",
            "subject = \"Tidewater Savings: the rate and the rules\"",
            1,
        )
        .replace(
            "  { say = \"A savings account without a monthly fee.\" },\n",
            "",
        );
    assert_ne!(edited, good);
    fs::write(&variants, edited).unwrap();
    bank.done(&["policy", "accept", "--reason", "another template"]);
    let output = bank.runs_its_example();
    let run = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        run.contains("core.other-name") && run.contains("Tidewater Savings"),
        "{run}"
    );
    assert!(run.contains("core.no-statement"), "{run}");
}

#[test]
fn check_takes_what_the_message_does_not_say() {
    let bank = Bank::made();
    let at = |name: &str, text: &str| {
        let path = bank.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let letter = at(
        "letter.txt",
        "Ask Norton Bank about Brook Saver. The APY is 5.00%.",
    );
    let judge = |args: &[&str]| -> Value {
        let output = bank.says(&[&["--json", "check", &letter], args].concat());
        serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
    };
    let rules = |verdict: &Value| verdict["findings"].to_string();
    assert!(!rules(&judge(&[])).contains("core.other-name"));
    // By the product's name, with the firm's own facts.
    let ours = judge(&[
        "--product",
        "Brook Saver",
        "--jurisdiction",
        "US",
        "--channel",
        "email",
    ]);
    assert!(rules(&ours).contains("core.other-name"), "{ours}");
    assert!(
        rules(&ours).contains("us.canspam"),
        "a whole e-mail needs its address: {ours}"
    );
    let facts = at("facts.toml", "apy = 4.1\nfirm_name = \"Norton Bank\"\n");
    let told = judge(&["--facts", &facts, "--jurisdiction", "US"]);
    assert!(!rules(&told).contains("core.other-name"), "{told}");
    assert_ne!(
        rules(&told),
        rules(&judge(&["--jurisdiction", "US"])),
        "{told}"
    );
    let output = bank.says(&["check", &letter, "--facts", &at("bad.json", "[1]")]);
    assert!(
        words(&output).contains("not an object of facts"),
        "{output:?}"
    );
    let help = bank.done(&["check", "--help"]);
    assert!(
        help.contains("Exit codes: 0 clear") && help.contains("(review)"),
        "{help}"
    );
}

#[test]
fn check_reads_word_and_pdf_as_the_knowledge_base_does() {
    let bank = Bank::made();
    let words_of_it = "Guaranteed returns of 12% a year, no risk at all.";
    let (letter, plain) = (
        bank.folder.path().join("letter.docx"),
        bank.folder.path().join("letter.txt"),
    );
    fs::write(&letter, docx(words_of_it)).unwrap();
    fs::write(&plain, words_of_it).unwrap();
    let findings = |path: &Path| {
        let told = ["--jurisdiction", "US", "--product", "mutual_fund"];
        let output = bank.says(&[&["--json", "check", path.to_str().unwrap()][..], &told].concat());
        let verdict: Value = serde_json::from_slice(&output.stdout).unwrap();
        verdict["findings"].clone()
    };
    assert_eq!(findings(&letter), findings(&plain));
    assert_ne!(findings(&letter), serde_json::json!([]));
    fs::write(&letter, "no Word file").unwrap();
    let output = bank.says(&["check", letter.to_str().unwrap()]);
    assert_eq!(code(&output), 1);
    assert!(words(&output).contains("letter.docx"), "{output:?}");
}

/// A program in a terminal of 80 by 24, and what it wrote since the last words that were waited for.
struct Form {
    terminal: Terminal,
    all: String,
}

impl Form {
    fn open(bank: &Bank, args: &[&str]) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_echovoice"));
        command.args(args);
        command.env("ECHOVOICE_HOME", bank.home());
        command.env("ECHOVOICE_STATE", bank.folder.path().join("state"));
        command.env_remove("ECHOVOICE_USER");
        Self {
            terminal: Terminal::spawn(command, (80, 24)),
            all: String::new(),
        }
    }

    fn expect(&mut self, words: &str) {
        let limit = Instant::now() + Duration::from_mins(1);
        while !(self.terminal.shown().contains(words) || self.all.contains(words)) {
            assert!(Instant::now() < limit, "no “{words}” in:\n{}", self.all);
            if let Some(bytes) = self.terminal.take(Duration::from_millis(50)) {
                self.all.push_str(&String::from_utf8_lossy(&bytes));
            }
        }
        self.all.clear();
    }

    fn keys(&mut self, keys: &str) {
        self.terminal.keys(keys);
    }

    /// A question, and what is typed.
    fn answer(&mut self, question: &str, line: &str) {
        self.expect(question);
        self.keys(&format!("{line}\r"));
    }
}

#[test]
fn an_administrators_day_begins_with_questions() {
    let bank = Bank::new();
    let mut form = Form::open(&bank, &["init"]);
    form.answer("Name of the firm", "Brook Savings Bank");
    form.answer("Postal address", "Newport");
    form.expect("no postal address");
    form.answer("Postal address", "1 Harbor Road, Newport, RI 02840");
    form.answer("Web address", "www.brookbank.example");
    form.answer("hello@brookbank.example", "");
    form.answer("Where customers live", "");
    form.answer("Channels", "");
    form.answer("How you speak", "");
    form.answer("invented customer", "yes");
    form.answer("First product", "savings");
    form.answer("Its name", "Brook Saver");
    form.answer("A sentence", "A savings account without a monthly fee.");
    form.answer("further product", "");
    form.answer("Your own name", "ada");
    form.answer("new passphrase of ada", "short");
    form.expect("too short");
    form.answer("new passphrase of ada", PASSPHRASE);
    form.answer("once more", PASSPHRASE);
    form.expect("next:");
    assert!(form.terminal.child.wait().unwrap().success());

    // A wrong passphrase is asked for again, three times, and what is typed next does not reach the shell.
    let mut wrong = Form::open(&bank, &["user", "add", "olga", "--role", "officer"]);
    for left in ["2 more", "1 more"] {
        wrong.answer("passphrase of ada", "wrong wrong wrong");
        wrong.expect(left);
    }
    wrong.answer("passphrase of ada", "wrong wrong wrong");
    wrong.answer("Enter leaves", "once more, by mistake");
    assert!(!wrong.terminal.child.wait().unwrap().success());
    let mut right = Form::open(&bank, &["user", "add", "olga", "--role", "officer"]);
    right.answer("passphrase of ada", "wrong wrong wrong");
    right.expect("2 more");
    right.answer("passphrase of ada", PASSPHRASE);
    right.answer("new passphrase of olga", PASSPHRASE);
    right.answer("once more", PASSPHRASE);
    right.expect("olga is enrolled");
    assert!(right.terminal.child.wait().unwrap().success());
}
