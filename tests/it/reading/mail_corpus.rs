//! Mails of the structures that senders' programs write, with one sentence in each place where a reader shows text.

use base64::Engine as _;

pub const BAD: &str = "Returns are guaranteed: you cannot lose money.";
pub const GOOD: &str = "Here is how your plan works. Costs may vary.";
pub const FOOT: &str = "First Example Bank, 100 Main Street, Springfield, IL 62701. Unsubscribe: https://bank.example/unsubscribe";

/// One structure: its name, and the mail with a sentence in its place. Everything else in it is lawful.
pub struct Structure {
    pub name: &'static str,
    pub mail: fn(&str) -> Vec<u8>,
    /// Other parsers are asked for the same text: not where the text is in a file of another format, or the mail is
    /// broken in a way that each reads in its own.
    pub common: bool,
}

const HEAD: &str = "From: First Example Bank <news@bank.example>\r\nTo: amara@example.com\r\nSubject: Your plan\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@bank.example>\r\nMIME-Version: 1.0\r\n";

pub fn base64(bytes: &[u8]) -> String {
    let flat = base64::engine::general_purpose::STANDARD.encode(bytes);
    let lines: Vec<&str> = (0..flat.len())
        .step_by(76)
        .map(|at| &flat[at..flat.len().min(at + 76)])
        .collect();
    lines.join("\r\n")
}

/// Quoted-printable with soft breaks every so many characters, inside words.
pub fn quoted(bytes: &[u8], every: usize, padding: &str) -> String {
    let mut out = String::new();
    for (index, byte) in bytes.iter().enumerate() {
        if index > 0 && index % every == 0 {
            out.push_str(&format!("={padding}\r\n"));
        }
        match byte {
            b'=' | 0x7F.. => out.push_str(&format!("={byte:02X}")),
            _ => out.push(char::from(*byte)),
        }
    }
    out
}

fn mail(head: &str, body: &str) -> Vec<u8> {
    format!("{HEAD}{head}\r\n\r\n{body}").into_bytes()
}

fn part(head: &str, body: &str) -> String {
    format!("{head}\r\n\r\n{body}")
}

fn text(body: &str) -> String {
    part("Content-Type: text/plain; charset=utf-8", body)
}

fn page(body: &str) -> String {
    part(
        "Content-Type: text/html; charset=utf-8",
        &format!("<html><body><p>{body}</p></body></html>"),
    )
}

fn picture() -> String {
    part(
        "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: inline; filename=a.png",
        &base64(b"\x89PNG\r\n\x1a\n0000000000"),
    )
}

fn joined(boundary: &str, parts: &[String]) -> String {
    let mut out = String::from("This is a multi-part message in MIME format.\r\n");
    for part in parts {
        out.push_str(&format!("--{boundary}\r\n{part}\r\n"));
    }
    out.push_str(&format!("--{boundary}--\r\n"));
    out
}

fn multi(kind: &str, parts: &[String]) -> Vec<u8> {
    mail(
        &format!("Content-Type: multipart/{kind}; boundary=\"b\""),
        &joined("b", parts),
    )
}

fn nested(kind: &str, boundary: &str, parts: &[String]) -> String {
    part(
        &format!("Content-Type: multipart/{kind}; boundary=\"{boundary}\""),
        &joined(boundary, parts),
    )
}

/// A text part with a head of its own, beside a second one with the notice.
fn with_head(head: &str, body: &str) -> Vec<u8> {
    multi("mixed", &[part(head, body), text(FOOT)])
}

fn plain(t: &str) -> String {
    format!("{t}\r\n\r\n{FOOT}")
}

fn latin(t: &str) -> Vec<u8> {
    // "é" as one byte
    let mut bytes = format!("{t}\r\n\r\nCaf").into_bytes();
    bytes.push(0xE9);
    bytes.extend_from_slice(format!("\r\n\r\n{FOOT}").as_bytes());
    bytes
}

fn deep(t: &str, depth: usize) -> String {
    (0..depth).fold(text(&plain(t)), |inner, level| {
        nested("mixed", &format!("level{level}"), &[inner])
    })
}

fn forwarded(t: &str) -> String {
    format!("{HEAD}Content-Type: text/plain\r\n\r\n{}", plain(t))
}

fn invitation(t: &str) -> String {
    let (a, b) = t.split_at(t.len() / 2);
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Your plan\r\nDESCRIPTION;LANGUAGE=en:{a}\r\n {b}\r\nEND:VEVENT\r\nEND:VCALENDAR"
    )
}

/// A word document with one paragraph.
pub fn docx(t: &str) -> Vec<u8> {
    use std::io::{Cursor, Write as _};
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, body) in [
        ("[Content_Types].xml", "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>".to_owned()),
        ("_rels/.rels", "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"word/document.xml\"/></Relationships>".to_owned()),
        ("word/document.xml", format!("<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body><w:p><w:r><w:t>{t}</w:t></w:r></w:p></w:body></w:document>")),
    ] {
        zip.start_file(name, options).unwrap();
        zip.write_all(body.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A document of one page.
pub fn pdf(t: &str) -> Vec<u8> {
    let stream = format!("BT /F1 12 Tf 72 700 Td ({t}) Tj ET");
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>".to_owned(),
        format!("<</Length {}>>\nstream\n{stream}\nendstream", stream.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_owned(),
    ];
    let mut out = String::from("%PDF-1.4\n");
    let mut places = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        places.push(out.len());
        out.push_str(&format!("{} 0 obj\n{object}\nendobj\n", index + 1));
    }
    let table = out.len();
    out.push_str("xref\n0 6\n0000000000 65535 f \n");
    for place in places {
        out.push_str(&format!("{place:010} 00000 n \n"));
    }
    out.push_str(&format!(
        "trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n"
    ));
    out.into_bytes()
}

fn attached(media: &str, name: &str, bytes: &[u8]) -> Vec<u8> {
    multi(
        "mixed",
        &[
            text(&plain("Your plan is attached.")),
            part(
                &format!(
                    "Content-Type: {media}; name=\"{name}\"\r\nContent-Disposition: attachment; filename=\"{name}\"\r\nContent-Transfer-Encoding: base64"
                ),
                &base64(bytes),
            ),
        ],
    )
}

macro_rules! structures {
    ($($common:literal $name:literal => $make:expr;)*) => {
        vec![$(Structure { name: $name, mail: $make, common: $common }),*]
    };
}

pub fn structures() -> Vec<Structure> {
    structures! {
        true "plain" => |t| mail("Content-Type: text/plain; charset=utf-8", &plain(t));
        true "plain without a type" => |t| mail("X-Mailer: x", &plain(t));
        true "html alone" => |t| mail("Content-Type: text/html; charset=utf-8", &format!("<p>{t}</p><p>{FOOT}</p>"));
        true "alternative, in the text" => |t| multi("alternative", &[text(&plain(t)), page(&format!("{GOOD}</p><p>{FOOT}"))]);
        true "alternative, in the html" => |t| multi("alternative", &[text(&plain(GOOD)), page(&format!("{t}</p><p>{FOOT}"))]);
        true "text, picture, text" => |t| multi("mixed", &[text(&plain(GOOD)), picture(), text(t)]);
        true "text with the notice, then text" => |t| multi("mixed", &[text(t), text(FOOT)]);
        true "two pages" => |t| multi("mixed", &[page(&plain(GOOD)), page(t)]);
        true "page and then a text" => |t| multi("mixed", &[page(&plain(GOOD)), text(t)]);
        true "text and then a page" => |t| multi("mixed", &[text(&plain(GOOD)), page(t)]);
        true "the notice as a second page" => |t| multi("mixed", &[page(t), page(FOOT)]);
        false "amp" => |t| multi("alternative", &[text(&plain(GOOD)), part("Content-Type: text/x-amp-html", &format!("<html amp4email><body><p>{t}</p></body></html>")), page(&plain(GOOD))]);
        true "related" => |t| multi("related", &[page(&plain(t)), part("Content-Type: image/png\r\nContent-ID: <a@b>\r\nContent-Transfer-Encoding: base64", &base64(b"\x89PNG0"))]);
        true "mixed, related, alternative" => |t| multi("mixed", &[nested("related", "r", &[nested("alternative", "a", &[text(&plain(GOOD)), page(&plain(t))]), picture()])]);
        true "signed" => |t| multi("signed", &[text(&plain(t)), part("Content-Type: application/pgp-signature; name=signature.asc", "-----BEGIN PGP SIGNATURE-----\r\n\r\niQ==\r\n-----END PGP SIGNATURE-----")]);
        true "report" => |t| multi("report", &[text(&plain(t)), part("Content-Type: message/delivery-status", "Reporting-MTA: dns; x.example")]);
        true "unknown multipart" => |t| multi("x-new", &[text(&plain(t))]);
        false "forwarded" => |t| multi("mixed", &[text("Please approve."), part("Content-Type: message/rfc822", &forwarded(t))]);
        false "forwarded as a file" => |t| multi("mixed", &[text("Please approve."), part("Content-Type: message/rfc822\r\nContent-Disposition: attachment; filename=draft.eml", &forwarded(t))]);
        false "forwarded in base64" => |t| multi("mixed", &[text("Please approve."), part("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64", &base64(forwarded(t).as_bytes()))]);
        false "a mail file" => |t| multi("mixed", &[text(&plain("Please approve.")), part("Content-Type: application/octet-stream; name=draft.eml\r\nContent-Transfer-Encoding: base64", &base64(forwarded(t).as_bytes()))]);
        false "forwarded twice" => |t| multi("mixed", &[text(&plain("See below.")), part("Content-Type: message/rfc822", &format!("{HEAD}Content-Type: message/rfc822\r\n\r\n{}", forwarded(t)))]);
        false "digest" => |t| multi("digest", &[part("", &forwarded(GOOD)), part("", &forwarded(t))]);
        false "subject of a forwarded mail" => |t| multi("mixed", &[text(&plain("Please approve.")), part("Content-Type: message/rfc822", &format!("Subject: {t}\r\nFrom: a@bank.example\r\n\r\n{GOOD}"))]);
        false "invitation" => |t| multi("alternative", &[text(&plain(GOOD)), part("Content-Type: text/calendar; method=REQUEST; charset=utf-8", &invitation(t))]);
        false "invitation as a file" => |t| attached("application/ics", "plan.ics", invitation(t).as_bytes());
        false "invitation with html" => |t| attached("text/calendar", "plan.ics", format!("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Your plan\r\nX-ALT-DESC;FMTTYPE=text/html:<p>{t}</p>\r\nEND:VEVENT\r\nEND:VCALENDAR").as_bytes());
        false "text file" => |t| attached("text/plain", "plan.txt", t.as_bytes());
        false "Markdown file" => |t| attached("text/markdown", "plan.md", format!("# Your plan\n\n{t}").as_bytes());
        false "table" => |t| attached("text/csv", "plan.csv", format!("Plan,Text\nA,\"{t}\"\n").as_bytes());
        false "page as a file" => |t| attached("text/html", "plan.html", format!("<p>{t}</p>").as_bytes());
        false "page as bytes" => |t| attached("application/octet-stream", "plan.htm", format!("<p>{t}</p>").as_bytes());
        false "text as bytes" => |t| attached("application/octet-stream", "README", t.as_bytes());
        false "JSON file" => |t| attached("application/json", "plan.json", format!("{{\"text\": \"{t}\"}}").as_bytes());
        false "drawing" => |t| attached("image/svg+xml", "plan.svg", format!("<svg xmlns=\"http://www.w3.org/2000/svg\"><text>{t}</text></svg>").as_bytes());
        false "Word file" => |t| attached("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "plan.docx", &docx(t));
        false "Word file as bytes" => |t| attached("application/octet-stream", "plan.docx", &docx(t));
        false "PDF" => |t| attached("application/pdf", "plan.pdf", &pdf(t));
        false "PDF as bytes" => |t| attached("application/octet-stream", "plan", &pdf(t));
        false "a text file before the text" => |t| multi("mixed", &[part("Content-Type: text/plain\r\nContent-Disposition: attachment; filename=plan.txt", t), text(&plain(GOOD))]);
        false "enriched" => |t| with_head("Content-Type: text/enriched", &format!("<bold>{t}</bold>"));
        true "quoted-printable" => |t| with_head("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable", &quoted(t.as_bytes(), 7, ""));
        true "soft breaks with blanks" => |t| with_head("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable", &quoted(t.as_bytes(), 7, " \t"));
        true "every character encoded" => |t| with_head("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: Quoted-Printable", &t.bytes().map(|b| format!("={b:02x}")).collect::<Vec<_>>().concat());
        true "base64" => |t| with_head("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64", &base64(t.as_bytes()));
        true "base64 without padding" => |t| with_head("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: BASE64", base64(t.as_bytes()).trim_end_matches('='));
        true "base64 with a comment" => |t| with_head("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64 (comment)", &base64(t.as_bytes()));
        false "base64 with a footer" => |t| with_head("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64", &format!("{}\r\n_____________________\r\nlist mailing list\r\n", base64(t.as_bytes())));
        false "a claim behind base64" => |t| with_head("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64", &format!("{}\r\n{t}", base64(GOOD.as_bytes())));
        true "base64 in lines of five" => |t| with_head("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64", &base64(t.as_bytes()).replace("\r\n", "").as_bytes().chunks(5).map(|c| String::from_utf8_lossy(c).into_owned()).collect::<Vec<_>>().join("\r\n"));
        true "base64 with strange characters" => |t| with_head("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64", &base64(t.as_bytes()).replacen("\r\n", "!\r\n", 1).replacen('u', "*u", 1));
        true "utf-16" => |t| with_head("Content-Type: text/plain; charset=utf-16\r\nContent-Transfer-Encoding: base64", &base64(&t.encode_utf16().fold(vec![0xFF, 0xFE], |mut all, unit| { all.extend(unit.to_le_bytes()); all })));
        true "latin-1, 8bit" => |t| { let mut all = mail("Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit", ""); all.extend(latin(t)); all };
        false "8bit without a charset" => |t| { let mut all = mail("Content-Type: text/plain", ""); all.extend(latin(t)); all };
        false "an unknown charset" => |t| { let mut all = mail("Content-Type: text/plain; charset=x-nobody", ""); all.extend(latin(t)); all };
        false "8bit in no charset's place" => |t| { let mut all = mail("Content-Type: text/plain; charset=utf-8", ""); all.extend(latin(t)); all };
        true "no-break spaces in windows-1252" => |t| with_head("Content-Type: text/plain; charset=\"Windows-1252\"\r\nContent-Transfer-Encoding: quoted-printable", &t.replace(' ', "=A0"));
        false "flowed, blanks are none" => |t| with_head("Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes", &t.replacen("ua", "u \r\na", 1).replacen("la", "l \r\na", 1));
        true "flowed" => |t| with_head("Content-Type: text/plain; charset=utf-8; format=flowed", &t.replacen(' ', " \r\n", 2));
        true "a part without a header" => |t| multi("mixed", &[format!("\r\n{}", plain(t))]);
        true "a boundary in capitals" => |t| mail("Content-Type: Multipart/Mixed; Boundary=\"b\"", &joined("b", &[text(&plain(t))]));
        true "a boundary in pieces" => |t| mail("Content-Type: multipart/mixed;\r\n boundary*0=abc;\r\n boundary*1=def", &joined("abcdef", &[text(&plain(t))]));
        true "blanks round the sign" => |t| mail("Content-Type: multipart/mixed; boundary = \"b\"", &joined("b", &[text(&plain(t))]));
        true "a type folded at once" => |t| mail("Content-Type:\r\n multipart/mixed;\r\n\tboundary=\"b\"", &joined("b", &[text(&plain(t))]));
        true "a boundary with signs" => |t| mail("Content-Type: multipart/mixed; boundary=\"=_'()+,-./:=? x\"", &joined("=_'()+,-./:=? x", &[text(&plain(t))]));
        true "a boundary bare" => |t| mail("Content-Type: multipart/mixed; boundary=----=_Part_1.2", &joined("----=_Part_1.2", &[text(&plain(t))]));
        true "blanks behind a delimiter" => |t| mail("Content-Type: multipart/mixed; boundary=\"b\"", &joined("b", &[text(GOOD), text(&plain(t))]).replace("--b\r\n", "--b  \r\n"));
        true "a boundary inside a line" => |t| multi("mixed", &[text(&format!("see --b and\r\nmore --b\r\n{}", plain(t)))]);
        true "a boundary begins another" => |t| multi("mixed", &[nested("mixed", "bb", &[text(GOOD), text(&plain(t))])]);
        true "no closing delimiter" => |t| mail("Content-Type: multipart/mixed; boundary=\"b\"", joined("b", &[text(GOOD), text(&plain(t))]).trim_end().trim_end_matches("--b--"));
        false "a part behind the closing delimiter" => |t| { let mut all = multi("mixed", &[text(&plain(GOOD))]); all.extend_from_slice(format!("--b\r\n{}\r\n--b--\r\n", text(t)).as_bytes()); all };
        false "a boundary that stands nowhere" => |t| mail("Content-Type: multipart/mixed; boundary=\"zzz\"", &joined("b", &[text(&plain(t))]));
        true "seven deep" => |t| { let inner = deep(t, 7); let mut all = HEAD.as_bytes().to_vec(); all.extend(inner.into_bytes()); all };
        true "twenty deep" => |t| { let inner = deep(t, 20); let mut all = HEAD.as_bytes().to_vec(); all.extend(inner.into_bytes()); all };
        true "line feeds alone" => |t| String::from_utf8(multi("mixed", &[text(GOOD), text(&plain(t))])).unwrap().replace("\r\n", "\n").into_bytes();
        false "carriage returns alone" => |t| String::from_utf8(multi("mixed", &[text(GOOD), text(&plain(t))])).unwrap().replace("\r\n", "\r").into_bytes();
        false "a mark before the header" => |t| format!("\u{FEFF}{HEAD}\r\n{}", plain(t)).into_bytes();
        false "a mark before the subject" => |t| format!("\u{FEFF}Subject: {t}\r\nFrom: a@bank.example\r\n\r\n{}", plain(GOOD)).into_bytes();
        true "a long signature's fold" => |t| format!("DKIM-Signature: v=1; a=rsa-sha256; h=From:To:\r\n Subject:Content-Type;\r\n bh=x; b=y\r\n{HEAD}Content-Type: text/plain\r\n\r\n{}", plain(t)).into_bytes();
        true "a signature's fold with a type" => |t| format!("DKIM-Signature: a=rsa-sha256; h=to:cc:\r\n\tcontent-type:from:subject:to;\r\n\tbh=x\r\n{HEAD}Content-Type: text/plain\r\n\r\n{}", plain(t)).into_bytes();
        false "subject" => |t| format!("Subject: {t}\r\nFrom: a@bank.example\r\nTo: b@example.com\r\n\r\n{}", plain(GOOD)).into_bytes();
        false "second subject" => |t| format!("Subject: Your plan\r\nSubject: {t}\r\nFrom: a@bank.example\r\nTo: b@example.com\r\n\r\n{}", plain(GOOD)).into_bytes();
        false "subject in words split in a character" => |t| format!("Subject: =?utf-8?B?{}?=\r\n =?utf-8?Q?=A9_{}?=\r\nFrom: a@bank.example\r\nTo: b@example.com\r\n\r\n{}", base64(b"Caf\xC3"), t.replace(' ', "_"), plain(GOOD)).into_bytes();
        false "subject in words with two blanks" => |t| { let (a, b) = t.split_at(13); format!("Subject: =?utf-8?Q?{}?=  =?utf-8?Q?{}?=\r\nFrom: a@bank.example\r\nTo: b@example.com\r\n\r\n{}", a.replace(' ', "_"), b.replace(' ', "_"), plain(GOOD)).into_bytes() };
        false "subject folded" => |t| format!("Subject: {}\r\nFrom: a@bank.example\r\nTo: b@example.com\r\n\r\n{}", t.replacen(' ', "\r\n ", 1), plain(GOOD)).into_bytes();
        false "the sender's name" => |t| format!("From: \"{t}\" <a@bank.example>\r\nTo: b@example.com\r\nSubject: Your plan\r\n\r\n{}", plain(GOOD)).into_bytes();
        false "a name to answer" => |t| format!("From: a@bank.example\r\nReply-To: \"{t}\" <a@bank.example>\r\nTo: b@example.com\r\nSubject: Your plan\r\n\r\n{}", plain(GOOD)).into_bytes();
        false "a file's name" => |t| attached("application/pdf", &format!("{}.pdf", t.replace([':', '.'], "").replace(' ', "_")), &pdf(GOOD));
        false "a mailbox of one" => |t| format!("From x@y Mon Nov 23 10:00:00 2026\r\n{HEAD}\r\n{}", plain(t)).into_bytes();
        false "Apple's file" => |t| { let mail = String::from_utf8(mail("Content-Type: text/plain", &plain(t))).unwrap(); format!("{}\n{mail}<?xml version=\"1.0\"?><plist/>", mail.len()).into_bytes() };
        false "html that names its charset" => |t| mail("Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable", &format!("<meta charset=3Dwindows-1252><p>{}</p><p>{FOOT}</p>", t.replace(' ', "=A0").replace("==A0", "=A0")));
        false "two types" => |t| mail("Content-Type: text/plain\r\nContent-Type: text/html", &plain(t));
    }
}
