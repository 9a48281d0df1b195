//! Mails: every part that a reader shows is judged, and what could not be read is told.

use super::mail_corpus::{self as corpus, BAD, FOOT, GOOD, structures};
use crate::support::{code, echovoice};
use chrono::DateTime;
use echovoice::domain::finding::{Disposition, Verdict};
use echovoice::domain::jurisdiction::Jurisdiction;
use echovoice::domain::message::Message;
use echovoice::pii::AllowList;
use echovoice::pipeline::LayeredGate;
use echovoice::pipeline::ports::Gate as _;
use echovoice::rules::RuleBook;
use echovoice::service::check;
use echovoice::service::policy::shipped;
use proptest::prelude::*;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::{Arc, OnceLock};

fn gate() -> &'static LayeredGate {
    static GATE: OnceLock<LayeredGate> = OnceLock::new();
    GATE.get_or_init(|| {
        let mut packs = shipped().unwrap();
        packs.sort_by(|a, b| a.head.id.cmp(&b.head.id));
        LayeredGate::new(
            Arc::new(RuleBook::compile(&packs, []).unwrap()),
            Arc::new(AllowList::default()),
        )
    })
}

fn judge(eml: &[u8]) -> (Message, Verdict) {
    let mut message = check::read_eml(eml);
    message.jurisdiction = Some(Jurisdiction::new("US"));
    message.product = Some("mutual_fund".into());
    message.facts.set("product", "mutual_fund");
    message.as_of = DateTime::parse_from_rfc3339(crate::support::AS_OF).ok();
    let verdict = gate().check(&message);
    (message, verdict)
}

/// `check` on a file, told what the file does not say: where its reader lives, and what it is about.
fn checked(home: &Path, file: &Path, more: &[&str]) -> Output {
    let told = ["--jurisdiction", "US", "--product", "mutual_fund"];
    let file = ["check", file.to_str().unwrap()];
    echovoice(home, &[&file[..], &told, more].concat())
}

fn rules(verdict: &Verdict) -> Vec<&str> {
    verdict.findings.iter().map(|f| f.rule.as_str()).collect()
}

const PROMISE: &str = "us.finra.2210.promissory";

fn said(verdict: &Verdict) -> String {
    let lines = verdict.findings.iter().map(|f| {
        format!(
            "{} {} {} “{}” {}",
            f.disposition.as_str(),
            f.rule,
            f.part.as_str(),
            f.text,
            f.why
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Structures that are broken: what stands there was not read for sure, and blocks.
const BROKEN: [&str; 2] = ["a boundary that stands nowhere", "an unknown charset"];

#[test]
#[cfg_attr(not(feature = "pdf"), ignore = "needs --features pdf")]
fn a_claim_is_found_wherever_a_reader_shows_it() {
    let all = structures();
    assert!(all.len() >= 60, "{}", all.len());
    let wrong: Vec<String> = all
        .iter()
        .filter_map(|structure| {
            let (message, verdict) = judge(&(structure.mail)(BAD));
            let found =
                verdict.disposition == Disposition::Block && rules(&verdict).contains(&PROMISE);
            (!found).then(|| format!("{}:\n{}\n{message:#?}", structure.name, said(&verdict)))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} silent:\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}

#[test]
fn a_lawful_mail_of_the_same_structure_is_not_blocked() {
    let wrong: Vec<String> = structures()
        .iter()
        .filter_map(|structure| {
            let (message, verdict) = judge(&(structure.mail)(GOOD));
            let notice = rules(&verdict)
                .iter()
                .any(|rule| rule.starts_with("us.canspam"));
            let blocked =
                verdict.disposition == Disposition::Block && !BROKEN.contains(&structure.name);
            (notice || blocked)
                .then(|| format!("{}:\n{}\n{message:#?}", structure.name, said(&verdict)))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} blocked:\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}

#[test]
fn a_lawful_mail_of_a_sound_structure_passes() {
    // What senders' programs write every day asks nobody for anything.
    let wrong: Vec<String> = structures()
        .iter()
        .filter(|s| {
            s.common && !s.name.contains("picture") && !s.name.starts_with("mixed, related")
        })
        .filter_map(|structure| {
            let (_, verdict) = judge(&(structure.mail)(GOOD));
            (verdict.disposition != Disposition::Pass)
                .then(|| format!("{}:\n{}", structure.name, said(&verdict)))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} held:\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}

fn eml(head: &str, body: &str) -> Vec<u8> {
    format!("From: First Example Bank <news@bank.example>\nTo: a@example.com\nSubject: Your plan\n{head}\n\n{body}").into_bytes()
}

fn mixed(parts: &[&str]) -> Vec<u8> {
    let parts = parts.iter().map(|p| format!("--b\n{p}\n"));
    let parts = parts.collect::<Vec<_>>().concat();
    eml(
        "Content-Type: multipart/mixed; boundary=b",
        &format!("{parts}--b--\n"),
    )
}

fn lawful() -> String {
    format!("Content-Type: text/plain\n\n{GOOD}\n\n{FOOT}")
}

/// What was not read: its finding's disposition, and a word of why.
#[test]
fn what_was_not_read_is_told() {
    let lawful = lawful();
    let packed = corpus::base64(b"\x30\x82\x01\x02\x03");
    for (name, mail, asks, why) in [
        (
            "S/MIME alone",
            eml(
                "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\nContent-Transfer-Encoding: base64",
                &packed,
            ),
            Disposition::Block,
            "S/MIME",
        ),
        (
            "PGP",
            eml(
                "Content-Type: multipart/encrypted; boundary=b; protocol=\"application/pgp-encrypted\"",
                "--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\n--b--\n",
            ),
            Disposition::Block,
            "encrypted",
        ),
        (
            "PGP in the text",
            eml(
                "Content-Type: text/plain",
                "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n",
            ),
            Disposition::Block,
            "PGP",
        ),
        (
            "TNEF alone",
            eml(
                "Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64",
                &corpus::base64(b"\x78\x9f\x3e\x22abc"),
            ),
            Disposition::Block,
            "TNEF",
        ),
        (
            "TNEF beside a text",
            mixed(&[
                &lawful,
                "Content-Type: application/octet-stream; name=winmail.dat\n\nabc",
            ]),
            Disposition::Block,
            "TNEF",
        ),
        (
            "rich text",
            mixed(&[&lawful, "Content-Type: text/rtf\n\n{\\rtf1 x}"]),
            Disposition::Block,
            "RTF",
        ),
        (
            "a rich text file",
            mixed(&[
                &lawful,
                "Content-Type: application/rtf; name=a.rtf\nContent-Disposition: attachment\n\n{\\rtf1 x}",
            ]),
            Disposition::Review,
            "RTF",
        ),
        (
            "a picture alone",
            eml(
                "Content-Type: image/png\nContent-Transfer-Encoding: base64",
                &corpus::base64(b"\x89PNG"),
            ),
            Disposition::Review,
            "picture",
        ),
        (
            "a picture of its own",
            mixed(&[
                &lawful,
                "Content-Type: image/jpeg; name=a.jpg\nContent-Transfer-Encoding: base64\n\n/9j/",
            ]),
            Disposition::Review,
            "picture",
        ),
        (
            "little but a picture",
            mixed(&[&format!(
                "Content-Type: text/html\n\n<img src=\"https://bank.example/a.png\" alt=\"\" width=600><p>{FOOT}</p>"
            )]),
            Disposition::Review,
            "pictures",
        ),
        (
            "an archive",
            mixed(&[
                &lawful,
                "Content-Type: application/zip; name=a.zip\nContent-Transfer-Encoding: base64\n\nUEsDBA==",
            ]),
            Disposition::Review,
            "not read",
        ),
        (
            "a table file",
            mixed(&[
                &lawful,
                "Content-Type: application/vnd.ms-excel; name=a.xls\nContent-Transfer-Encoding: base64\n\n0M8R4A==",
            ]),
            Disposition::Review,
            "not read",
        ),
        (
            "a sound",
            mixed(&[
                &lawful,
                "Content-Type: audio/mpeg; name=a.mp3\nContent-Transfer-Encoding: base64\n\nSUQz",
            ]),
            Disposition::Review,
            "not read",
        ),
        (
            "a broken PDF",
            mixed(&[
                &lawful,
                "Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\nJVBERi0=",
            ]),
            Disposition::Review,
            "pdf",
        ),
        (
            "an unknown charset",
            eml(
                "Content-Type: text/plain; charset=x-nobody\nContent-Transfer-Encoding: quoted-printable",
                "no=A0risk",
            ),
            Disposition::Block,
            "charset",
        ),
        (
            "an unknown charset of ASCII letters",
            eml(
                "Content-Type: text/plain; charset=x-nobody",
                &format!("{GOOD}\n\n{FOOT}"),
            ),
            Disposition::Review,
            "charset",
        ),
        (
            "a charset that shifts",
            eml("Content-Type: text/plain; charset=hz-gb-2312", "~{abc~}"),
            Disposition::Block,
            "charset",
        ),
        (
            "no charset",
            eml(
                "Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable",
                &format!("Caf=E9. {GOOD}\n\n{FOOT}"),
            ),
            Disposition::Review,
            "charset",
        ),
        (
            "bytes of another charset",
            eml(
                "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable",
                &format!("Caf=E9. {GOOD}\n\n{FOOT}"),
            ),
            Disposition::Review,
            "UTF-8",
        ),
        (
            "a wrong charset",
            eml(
                "Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable",
                &format!("Caf=C3=A9. {GOOD}\n\n{FOOT}"),
            ),
            Disposition::Review,
            "UTF-8",
        ),
        (
            "an unknown transfer encoding",
            eml(
                "Content-Type: text/plain\nContent-Transfer-Encoding: x-uuencode",
                "begin 644 a\n#0V%T\n`\nend",
            ),
            Disposition::Block,
            "transfer",
        ),
        (
            "a file in the text",
            eml(
                "Content-Type: text/plain",
                &format!("{GOOD}\n{FOOT}\nbegin 644 a.txt\n#0V%T\n`\nend\n"),
            ),
            Disposition::Review,
            "uuencode",
        ),
        (
            "a part of a mail",
            eml(
                "Content-Type: message/partial; id=x; number=1; total=2",
                "x",
            ),
            Disposition::Block,
            "elsewhere",
        ),
        (
            "a text on another machine",
            mixed(&[
                &lawful,
                "Content-Type: message/external-body; access-type=URL; URL=\"https://x.example\"\n\nContent-Type: text/plain\n\n",
            ]),
            Disposition::Block,
            "elsewhere",
        ),
        (
            "a header that is none",
            eml(
                "this is no field\nContent-Type: text/plain",
                &format!("{GOOD}\n\n{FOOT}"),
            ),
            Disposition::Review,
            "field",
        ),
        (
            "two encodings",
            eml(
                "Content-Type: text/plain\nContent-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64",
                &format!("{GOOD}\n\n{FOOT}"),
            ),
            Disposition::Review,
            "encodings",
        ),
        (
            "a subject in an unknown charset",
            eml(
                "Subject: =?x-nobody?Q?no=A0risk?=",
                &format!("{GOOD}\n\n{FOOT}"),
            ),
            Disposition::Block,
            "charset",
        ),
    ] {
        let (message, verdict) = judge(&mail);
        let unread: Vec<_> = verdict
            .findings
            .iter()
            .filter(|f| f.rule == "core.unread")
            .collect();
        let worst = unread.iter().map(|f| f.disposition).max();
        assert_eq!(
            worst,
            Some(asks),
            "{name}: {}\n{message:#?}",
            said(&verdict)
        );
        let told = unread.iter().any(|f| f.why.contains(why));
        assert!(told, "{name}: {}", said(&verdict));
        let listed = message.listed.iter().any(|l| l.why.is_some());
        assert!(listed || why == "pictures", "{name}: {:#?}", message.listed);
    }
}

/// A picture that belongs to a page with a text asks for nothing.
#[test]
fn a_logo_is_told_and_holds_nothing_up() {
    let logo = "Content-Type: image/png; name=logo.png\nContent-ID: <logo@bank>\nContent-Transfer-Encoding: base64\n\niVBORw0K";
    let page =
        |picture: &str| format!("Content-Type: text/html\n\n{picture}<p>{GOOD}</p><p>{FOOT}</p>");
    let referred = page("<img src=\"cid:logo@bank\" alt=\"First Example Bank\">");
    for (name, mail) in [
        ("referred to", mixed(&[&referred, logo])),
        (
            "in a related group",
            eml(
                "Content-Type: multipart/related; boundary=b",
                &format!("--b\n{referred}\n--b\n{logo}\n--b--\n"),
            ),
        ),
        (
            "on another machine",
            mixed(&[&page(
                "<img src=\"https://bank.example/logo.png\" alt=\"First Example Bank\" width=120>",
            )]),
        ),
        (
            "a dot that counts",
            mixed(&[&page(
                "<img src=\"https://bank.example/o.gif\" alt=\"\" width=1 height=1>",
            )]),
        ),
    ] {
        let (message, verdict) = judge(&mail);
        assert_eq!(
            verdict.disposition,
            Disposition::Pass,
            "{name}: {}",
            said(&verdict)
        );
        let pictures = message.listed.iter().filter(|l| l.media == "image/png");
        assert!(
            pictures.clone().all(|l| !l.read && l.why.is_some()),
            "{:#?}",
            message.listed
        );
    }
}

/// A text behind a lock is not what it counts: what a message must say has to be shown.
#[test]
fn a_notice_in_an_attached_file_is_none() {
    let file = format!(
        "Content-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\n{FOOT}"
    );
    let (_, verdict) = judge(&mixed(&[
        &format!("Content-Type: text/plain\n\n{GOOD}"),
        &file,
    ]));
    assert!(
        rules(&verdict)
            .iter()
            .any(|rule| rule.starts_with("us.canspam")),
        "{}",
        said(&verdict)
    );
    let (_, verdict) = judge(&mixed(&[
        &format!("Content-Type: text/plain\n\n{GOOD}"),
        &format!("Content-Type: text/plain\n\n{FOOT}"),
    ]));
    assert_eq!(verdict.disposition, Disposition::Pass, "{}", said(&verdict));
}

/// Every check looks at every part: rules, personal data, facts.
#[test]
fn personal_data_and_figures_are_looked_for_in_every_part() {
    let lawful = lawful();
    for place in [
        "Content-Type: text/plain\n\n{}",
        "Content-Type: text/html\n\n<p>{}</p>",
        "Content-Type: text/csv; name=a.csv\nContent-Disposition: attachment\n\na,b\n1,\"{}\"",
        "Content-Type: message/rfc822\n\nSubject: x\nFrom: a@bank.example\n\n{}",
        "Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nDESCRIPTION:{}\nEND:VCALENDAR",
    ] {
        let with = |words: &str| judge(&mixed(&[&lawful, &place.replace("{}", words)])).1;
        let ssn = with("Your number is SSN 536-90-4399.");
        assert!(
            rules(&ssn).contains(&"core.pii.ssn"),
            "{place}: {}",
            said(&ssn)
        );
        let figure = with("You pay 7.45% a year.");
        assert!(
            rules(&figure).contains(&"core.grounding.number"),
            "{place}: {}",
            said(&figure)
        );
    }
    let other = format!(
        "Content-Type: multipart/alternative; boundary=a\n\n--a\n{lawful}\n--a\nContent-Type: text/html\n\n<p>{GOOD} You pay 7.45% a year.</p><p>{FOOT}</p>\n--a--"
    );
    let (_, verdict) = judge(&mixed(&[&other]));
    assert!(
        rules(&verdict).contains(&"core.grounding.number"),
        "{}",
        said(&verdict)
    );
}

fn json(output: &std::process::Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
}

#[test]
fn the_parts_are_listed_in_every_output() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("odd name.bin");
    let lawful = lawful();
    let mail = mixed(&[
        &lawful,
        "Content-Type: image/png; name=a.png\nContent-Transfer-Encoding: base64\n\niVBORw0K",
        &format!("Content-Type: text/plain; charset=utf-8\n\n{BAD}"),
    ]);
    fs::write(&file, &mail).unwrap();
    let text = String::from_utf8(checked(home.path(), &file, &[]).stdout).unwrap();
    assert!(
        text.contains("parts of the mail: 4 read, 1 not read"),
        "{text}"
    );
    assert!(text.contains("not read: a picture"), "{text}");
    let output = checked(home.path(), &file, &["--json"]);
    assert_eq!(code(&output), 3);
    let answer = json(&output);
    let third = answer["parts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|p| p["place"] == "3")
        .unwrap();
    assert_eq!(
        (&third["type"], &third["charset"], &third["state"]),
        (&"text/plain".into(), &"UTF-8".into(), &"read".into())
    );
    let finding = answer["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["rule"] == PROMISE)
        .unwrap();
    assert_eq!(finding["part"], third["part"]);
    // a plain text has no list
    let plain = home.path().join("m.txt");
    fs::write(&plain, GOOD).unwrap();
    assert!(
        json(&echovoice(
            home.path(),
            &["check", plain.to_str().unwrap(), "--json"]
        ))
        .get("parts")
        .is_none()
    );
    // a mail in a line
    let line = serde_json::json!({"id": "a", "eml": String::from_utf8(mail.clone()).unwrap(), "jurisdiction": "US", "product": "mutual_fund"});
    let packed = serde_json::json!({"id": "b", "eml_base64": corpus::base64(&mail), "jurisdiction": "US", "product": "mutual_fund"});
    let lines = home.path().join("m.jsonl");
    fs::write(&lines, format!("{line}\n{packed}\n")).unwrap();
    let output = echovoice(home.path(), &["check", lines.to_str().unwrap(), "--jsonl"]);
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let answer: Value = serde_json::from_str(line).unwrap();
        assert_eq!(answer["verdict"], "block");
        assert_eq!(answer["parts"].as_array().unwrap().len(), 5);
    }
}

#[test]
fn a_mail_is_known_by_its_header_and_others_are_refused_by_name() {
    let home = tempfile::tempdir().unwrap();
    let bad = format!("Content-Type: text/plain\n\n{BAD}");
    let mail = mixed(&[&lawful(), &bad]);
    for name in ["a.eml", "a.txt", "a", "a.mht", "a.json"] {
        let file = home.path().join(name);
        fs::write(&file, &mail).unwrap();
        let answer = json(&checked(home.path(), &file, &["--json"]));
        assert_eq!(answer["verdict"], "block", "{name}");
        assert!(answer["parts"].is_array(), "{name}");
    }
    let input = std::process::Command::new(env!("CARGO_BIN_EXE_echovoice"))
        .args(["check", "-", "--json", "--jurisdiction", "US"])
        .args(["--product", "mutual_fund"])
        .env("ECHOVOICE_HOME", home.path())
        .stdin(fs::File::open(home.path().join("a")).unwrap())
        .stdout(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(json(&input)["verdict"], "block");
    let mailbox = |count: usize| {
        let one = format!(
            "From x@y Mon Nov 23 10:00:00 2026\n{}\n\n",
            String::from_utf8(mail.clone()).unwrap()
        );
        one.repeat(count).into_bytes()
    };
    let mut large = mail.clone();
    large.extend_from_slice(
        format!(
            "--b\nContent-Type: image/png\n\n{}\n--b--\n",
            "A".repeat(5 << 20)
        )
        .as_bytes(),
    );
    for (name, bytes, refused) in [
        ("one.mbox", mailbox(1), None),
        ("large.eml", large, None),
        ("three.mbox", mailbox(3), Some("a mailbox with 3 mails")),
        (
            "a.msg",
            b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0".to_vec(),
            Some("save it as .eml"),
        ),
        (
            "b.eml",
            b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0".to_vec(),
            Some("save it as .eml"),
        ),
        ("a.pdf", b"%PDF-1.4".to_vec(), Some("PDF")),
    ] {
        let file = home.path().join(name);
        fs::write(&file, bytes).unwrap();
        let output = checked(home.path(), &file, &[]);
        let said = String::from_utf8(output.stderr.clone()).unwrap();
        match refused {
            None => assert_eq!(code(&output), 3, "{name}: {said}"),
            Some(words) => {
                assert_eq!(code(&output), 1, "{name}");
                assert!(said.contains(words), "{name}: {said}");
            }
        }
    }
}

#[test]
fn pages_in_other_encodings_are_read() {
    let home = tempfile::tempdir().unwrap();
    for (name, bytes) in [
        (
            "meta.html",
            b"<meta charset=windows-1252><p>There is no\xA0risk. Returns are guaranteed\x85</p>"
                .to_vec(),
        ),
        (
            "bare.html",
            b"<p>There is no\xA0risk. Returns are guaranteed.</p>".to_vec(),
        ),
        (
            "mark.html",
            "\u{FEFF}<p>Returns are guaranteed.</p>".as_bytes().to_vec(),
        ),
        (
            "wide.html",
            [0xFF, 0xFE]
                .into_iter()
                .chain(
                    "<p>Returns are guaranteed.</p>"
                        .encode_utf16()
                        .flat_map(u16::to_le_bytes),
                )
                .collect(),
        ),
    ] {
        let file = home.path().join(name);
        fs::write(&file, bytes).unwrap();
        let answer = json(&checked(home.path(), &file, &["--json"]));
        let found = answer["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|f| f["rule"] == PROMISE);
        assert!(found, "{name}: {answer}");
    }
}

/// A region lies in the file: the words where the file holds them, else the part's lines.
#[test]
fn sarif_points_into_the_file() {
    let home = tempfile::tempdir().unwrap();
    let quoted = corpus::quoted(BAD.as_bytes(), 7, "");
    let plain = format!("Content-Type: text/plain\n\nOne.\n{BAD}\n");
    let packed = format!(
        "Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n{quoted}\n"
    );
    for (name, bytes, exact) in [
        ("my mail.eml", mixed(&[&lawful(), &plain]), true),
        ("packed.eml", mixed(&[&lawful(), &packed]), false),
        ("note.txt", format!("Zeile é\n{BAD}").into_bytes(), true),
        (
            "page.html",
            format!("<p>One</p>\n<p>{BAD}</p>").into_bytes(),
            true,
        ),
        (
            "only.eml",
            eml(
                "Content-Type: text/html",
                &format!("<p>One</p>\n<p>{BAD}</p>"),
            ),
            true,
        ),
    ] {
        let file = home.path().join(name);
        fs::write(&file, &bytes).unwrap();
        let log = json(&checked(home.path(), &file, &["--format", "sarif"]));
        let results = log["runs"][0]["results"].as_array().unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let result = results.iter().find(|r| r["ruleId"] == PROMISE).unwrap();
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        assert!(
            uri.starts_with("file:///") && uri.ends_with(&name.replace(' ', "%20")),
            "{uri}"
        );
        let region = &place["region"];
        let number = |key: &str| usize::try_from(region[key].as_u64().unwrap()).unwrap();
        if exact {
            let words: String = lines[number("startLine") - 1]
                .chars()
                .skip(number("startColumn") - 1)
                .take(number("endColumn") - number("startColumn"))
                .collect();
            assert_eq!(words, "Returns are guaranteed", "{name}: {region}");
        } else {
            let part = lines[number("startLine") - 1..number("endLine")].join("");
            assert!(part.contains("Returns="), "{name}: {part}");
            assert!(result["properties"]["partOffset"].is_u64());
        }
        for result in results {
            let region = &result["locations"][0]["physicalLocation"]["region"];
            if let Some(line) = region["endLine"].as_u64() {
                assert!(
                    usize::try_from(line).unwrap() <= lines.len(),
                    "{name}: {result}"
                );
            }
        }
    }
}

/// Parts that nest and are encoded by chance.
#[derive(Clone, Debug)]
enum Tree {
    Leaf {
        html: bool,
        encoding: u32,
    },
    Group {
        kind: &'static str,
        boundary: String,
        folded: bool,
        parts: Vec<Tree>,
    },
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = (any::<bool>(), 0_u32..6).prop_map(|(html, encoding)| Tree::Leaf { html, encoding });
    leaf.prop_recursive(5, 24, 4, |inner| {
        let kinds = vec!["mixed", "alternative", "related", "signed", "x-odd"];
        (
            prop::collection::vec(inner, 1..4),
            prop::sample::select(kinds),
            "[a-z=_'.]{1,3}[0-9]{1,3}",
            any::<bool>(),
        )
            .prop_map(|(parts, kind, boundary, folded)| Tree::Group {
                kind,
                boundary,
                folded,
                parts,
            })
    })
}

impl Tree {
    fn leaves(&self) -> u32 {
        match self {
            Self::Leaf { .. } => 1,
            Self::Group { parts, .. } => parts.iter().map(Self::leaves).sum(),
        }
    }

    /// Its text with the claim in one leaf and something lawful in the others. Boundaries of one mail differ by depth.
    fn write(&self, bad: u32, number: &mut u32, depth: usize) -> String {
        match self {
            Self::Leaf { html, encoding } => {
                let words = if *number == bad { BAD } else { GOOD };
                *number += 1;
                let (kind, words) = if *html {
                    ("html", format!("<p>{words}</p>"))
                } else {
                    ("plain", words.to_owned())
                };
                let bytes = words.as_bytes();
                let rest = match encoding {
                    0 => format!("charset=utf-8\r\n\r\n{words}"),
                    1 => format!(
                        "charset=\"us-ascii\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
                        corpus::base64(bytes)
                    ),
                    2 => format!(
                        "charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{}",
                        corpus::quoted(bytes, 9, "")
                    ),
                    3 => format!(
                        "charset=windows-1252\r\nContent-Transfer-Encoding: QUOTED-PRINTABLE\r\n\r\n{}",
                        corpus::quoted(bytes, 5, " ")
                    ),
                    4 => {
                        let wide: Vec<u8> =
                            words.encode_utf16().flat_map(u16::to_le_bytes).collect();
                        format!(
                            "charset=utf-16le\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
                            corpus::base64(&wide)
                        )
                    }
                    _ => format!(
                        "charset=utf-8\r\nContent-Disposition: attachment;\r\n filename=a.txt\r\n\r\n{words}"
                    ),
                };
                format!("Content-Type: text/{kind}; {rest}")
            }
            Self::Group {
                kind,
                boundary,
                folded,
                parts,
            } => {
                let fold = if *folded { "\r\n\t" } else { " " };
                let boundary = format!("{boundary}-{depth}");
                let mut text = format!(
                    "Content-Type:{fold}multipart/{kind};{fold}boundary=\"{boundary}\"\r\n\r\n"
                );
                for part in parts {
                    text.push_str(&format!(
                        "--{boundary}\r\n{}\r\n",
                        part.write(bad, number, depth + 1)
                    ));
                }
                text + &format!("--{boundary}--")
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_claim_in_any_part_of_any_tree_never_passes(tree in tree(), which in 0_u32..1000) {
        let body = tree.write(which % tree.leaves(), &mut 0, 0);
        let mail = format!("From: First Example Bank <news@bank.example>\r\nSubject: Your plan\r\n{body}");
        let (message, verdict) = judge(mail.as_bytes());
        prop_assert!(
            verdict.disposition == Disposition::Block && rules(&verdict).contains(&PROMISE),
            "{}\n{mail}\n{message:#?}", said(&verdict)
        );
    }
}

/// Writes the corpus for other parsers (`tests/mail_agreement.py`), with what is read here beside it.
#[test]
fn the_corpus_is_written_for_others() {
    let Some(folder) = std::env::var_os("ECHOVOICE_MAIL_CORPUS") else {
        return;
    };
    let folder = std::path::PathBuf::from(folder);
    fs::create_dir_all(&folder).unwrap();
    let mut rows = Vec::new();
    for (index, structure) in structures().iter().enumerate() {
        let bytes = (structure.mail)(BAD);
        let name = format!("{index:03}.eml");
        fs::write(folder.join(&name), &bytes).unwrap();
        let message = check::read_eml(&bytes);
        let texts: Vec<String> = message
            .parts()
            .iter()
            .map(|(_, text)| (*text).to_owned())
            .collect();
        rows.push(serde_json::json!({"file": name, "name": structure.name, "common": structure.common, "texts": texts}));
    }
    fs::write(folder.join("read.json"), Value::Array(rows).to_string()).unwrap();
}
