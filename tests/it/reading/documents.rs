//! Documents: Word, HTML, Markdown, PDF.

use echovoice::knowledge::{Document, Read, read_bytes};
use std::io::{Cursor, Write as _};
use std::path::Path;
use zip::write::SimpleFileOptions;

fn read(name: &str, bytes: impl Into<Vec<u8>>) -> Read {
    read_bytes(Path::new(name), bytes.into())
}

fn document(name: &str, bytes: impl Into<Vec<u8>>) -> Document {
    let mut read = read(name, bytes);
    assert!(read.errors.is_empty(), "{name}: {:?}", read.errors);
    read.documents.remove(0)
}

/// Its words, white space joined.
fn words(document: &Document) -> String {
    document
        .text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn said(document: &Document) -> String {
    let all: Vec<String> = document.remarks.iter().map(ToString::to_string).collect();
    all.join("\n")
}

fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        archive
            .start_file(*name, SimpleFileOptions::default())
            .unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

const STYLES: &str = "<w:styles><w:docDefaults><w:rPrDefault><w:rPr/></w:rPrDefault></w:docDefaults>\
    <w:style w:styleId='H1'><w:name w:val='heading 1'/></w:style>\
    <w:style w:styleId='Mine'><w:name w:val='Mine'/><w:basedOn w:val='H1'/></w:style>\
    <w:style w:styleId='Secret'><w:name w:val='Secret'/><w:rPr><w:vanish/></w:rPr></w:style>\
    <w:style w:styleId='Below'><w:name w:val='Below'/><w:basedOn w:val='Secret'/></w:style>\
    <w:style w:styleId='Round'><w:name w:val='Round'/><w:basedOn w:val='Round'/></w:style>\
    <w:style w:styleId='Raised'><w:name w:val='footnote reference'/><w:rPr><w:vertAlign w:val='superscript'/></w:rPr></w:style></w:styles>";

const NOTES: &str = "<w:footnotes><w:footnote w:type='separator' w:id='0'><w:p><w:r><w:t>-----</w:t></w:r></w:p></w:footnote>\
    <w:footnote w:id='2'><w:p><w:r><w:rPr><w:rStyle w:val='Raised'/></w:rPr><w:footnoteRef/></w:r><w:r><w:t>Only after three monthly deposits of $500.</w:t></w:r></w:p></w:footnote></w:footnotes>";

fn word(body: &str) -> Vec<u8> {
    let xml = format!("<?xml version='1.0'?><w:document><w:body>{body}</w:body></w:document>");
    archive(&[
        ("word/styles.xml", STYLES),
        ("word/footnotes.xml", NOTES),
        ("word/document.xml", &xml),
    ])
}

fn run(text: &str) -> String {
    format!("<w:r><w:t xml:space='preserve'>{text}</w:t></w:r>")
}

/// D1 to D6, D9, D10: the body of a Word file and what is kept of it.
#[test]
fn a_word_file_is_read_as_its_reader_sees_it() {
    let raised = |text: &str| {
        format!("<w:r><w:rPr><w:vertAlign w:val='superscript'/></w:rPr><w:t>{text}</w:t></w:r>")
    };
    let formatted = |format: &str, text: &str| {
        format!("<w:r><w:rPr>{format}</w:rPr><w:t xml:space='preserve'>{text}</w:t></w:r>")
    };
    let rows: Vec<(String, &str)> = vec![
        // D1
        (format!("{}{}{}", run("The bonus is $500"), raised("1"), run(".")), "The bonus is $500¹."),
        (format!("{}{}{}", run("A rate of 5%"), raised("12"), run(" a year")), "A rate of 5%¹² a year"),
        (format!("{}{}", run("$5"), formatted("<w:rStyle w:val='Raised'/>", "3")), "$5³"),
        (format!("{}{}", run("on the 10"), raised("th")), "on the 10th"),
        (format!("{}{}", run("$9"), raised("99")), "$9.99"),
        // D2
        ("<w:r><w:t>24</w:t><w:noBreakHyphen/><w:t>36 months</w:t></w:r>".into(), "24-36 months"),
        ("<w:r><w:t>man</w:t><w:softHyphen/><w:t>agement</w:t></w:r>".into(), "management"),
        ("<w:r><w:t>5 </w:t><w:sym w:font='Symbol' w:char='F0B3'/><w:t xml:space='preserve'> 3</w:t></w:r>".into(), "5 ≥ 3"),
        // D3
        (format!("{}<w:r><w:rPr><w:rStyle w:val='Raised'/></w:rPr><w:footnoteReference w:id='2'/></w:r>", run("You get $200 back.")),
            "You get $200 back. [note: Only after three monthly deposits of $500.]"),
        // D4
        ("<w:r><w:rPr><w:rPrChange w:id='1'><w:rPr><w:vanish/></w:rPr></w:rPrChange></w:rPr><w:t>The late fee is $25.</w:t></w:r>".into(), "The late fee is $25."),
        ("<w:pPr><w:pPrChange w:id='1'><w:pPr><w:pStyle w:val='H1'/></w:pPr></w:pPrChange></w:pPr><w:r><w:t>The late fee is $25.</w:t></w:r>".into(), "The late fee is $25."),
        ("<w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr><w:r><w:t>Shown.</w:t></w:r>".into(), "Shown."),
        // D5
        (format!("{}<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><w:txbxContent><w:p>{box_}</w:p></w:txbxContent></w:drawing></mc:Choice><mc:Fallback><w:pict><w:txbxContent><w:p>{box_}</w:p></w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r>{}",
            run("The APR is 9.50%"), run(" today."), box_ = run("Terms apply.")), "The APR is 9.50% today. Terms apply."),
        (format!("<w:r><mc:AlternateContent><mc:Fallback><w:txbxContent><w:p>{}</w:p></w:txbxContent></mc:Fallback></mc:AlternateContent></w:r>{}", run("In a box."), run("Beside.")), "Beside. In a box."),
        // D6
        (format!("{}{}{}", run("The rate is "), formatted("<w:strike/>", "7.99%"), run(" 6.99%.")), "The rate is 6.99%."),
        (format!("{}{}", formatted("<w:dstrike w:val='true'/>", "Old."), run("New.")), "New."),
        (formatted("<w:strike w:val='false'/>", "Still."), "Still."),
        // D9
        (format!("{}{}", formatted("<w:rStyle w:val='Below'/>", "internal"), run("Shown.")), "Shown."),
        (formatted("<w:rStyle w:val='Below'/><w:vanish w:val='0'/>", "Shown after all."), "Shown after all."),
        (formatted("<w:rStyle w:val='Round'/>", "Round."), "Round."),
        // D10
        (format!("{}<m:oMath><m:f><m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f></m:oMath>{}", run("9"), run("% a month")), "9 1/2% a month"),
        (format!("{}<m:oMath><m:f><m:num><m:r><m:t>a + b</m:t></m:r></m:num><m:den><m:r><m:t>12</m:t></m:r></m:den></m:f></m:oMath>", run("x = ")), "x = (a + b)/(12)"),
        // Tracked changes.
        (format!("{}<w:del>{}</w:del><w:ins>{}</w:ins>", run("A fee of "), "<w:r><w:delText>$5</w:delText></w:r>", run("$6")), "A fee of $6"),
        (format!("<w:moveFrom>{}</w:moveFrom><w:moveTo>{}</w:moveTo>", run("Moved."), run("Moved.")), "Moved."),
        (format!("<w:commentRangeStart w:id='0'/>{}<w:commentRangeEnd w:id='0'/><w:r><w:commentReference w:id='0'/></w:r>", run("Text.")), "Text."),
    ];
    for (body, kept) in rows {
        let read = document("terms.docx", word(&format!("<w:p>{body}</w:p>")));
        assert_eq!(words(&read), kept, "{body}");
    }
}

#[test]
fn what_a_word_file_leaves_out_is_told() {
    let bytes = archive(&[
        ("word/styles.xml", STYLES),
        (
            "word/document.xml",
            &format!(
                "<w:document><w:body><w:p><w:r><w:rPr><w:strike/></w:rPr><w:t>old</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>in</w:t></w:r><w:del>{0}</w:del>{0}</w:p></w:body></w:document>",
                run("Text.")
            ),
        ),
        (
            "word/header1.xml",
            &format!("<w:hdr><w:p>{}</w:p></w:hdr>", run("Draft")),
        ),
        (
            "word/comments.xml",
            "<w:comments><w:comment w:id='0'><w:p/></w:comment></w:comments>",
        ),
        (
            "word/_rels/document.xml.rels",
            "<Relationships><Relationship Id='1' Type='http://x/styles' Target='styles.xml'/>\
            <Relationship Id='2' Type='http://x/header' Target='header1.xml'/><Relationship Id='3' Type='http://x/comments' Target='/word/comments.xml'/>\
            <Relationship Id='4' Type='http://x/image' Target='media/a.png'/></Relationships>",
        ),
    ]);
    let read = document("terms.docx", bytes);
    assert_eq!(words(&read), "Text.");
    for told in [
        "struck-out text",
        "hidden text",
        "tracked deletions",
        "headers and footers",
        "comments",
        "pictures",
    ] {
        assert!(said(&read).contains(told), "{told}: {}", said(&read));
    }
}

/// D11
#[test]
fn the_main_part_is_the_one_that_the_file_names() {
    let rels = "<Relationships><Relationship Id='1' Type='http://x/officeDocument' Target='word/document2.xml'/></Relationships>";
    let xml = format!(
        "<w:document><w:body><w:p>{}</w:p></w:body></w:document>",
        run("Here.")
    );
    for (path, target) in [
        ("word/document2.xml", "word/document2.xml"),
        ("doc/main.xml", "/doc/main.xml"),
        ("main.xml", "./main.xml"),
    ] {
        let rels = rels.replace("word/document2.xml", target);
        let bytes = archive(&[("_rels/.rels", rels.as_str()), (path, xml.as_str())]);
        assert_eq!(words(&document("a.docx", bytes)), "Here.");
    }
    let passages = |body: &str| document("a.docx", word(body)).text;
    assert!(
        passages(&format!(
            "<w:p><w:pPr><w:pStyle w:val='Mine'/></w:pPr>{}</w:p><w:p>{}</w:p>",
            run("Fees"),
            run("None.")
        ))
        .contains("# Fees")
    );
}

/// D1, D6, D7, D9, D15 in HTML.
#[test]
fn a_web_page_is_read_as_its_reader_sees_it() {
    for (html, kept) in [
        (
            "<p>The bonus is $500<sup>1</sup>.</p>",
            "The bonus is $500¹.",
        ),
        ("<p>Was <del>7.99%</del> <s>7%</s> 6.99%.</p>", "Was 6.99%."),
        (
            "<p>Was <span style='text-decoration:line-through'>7.99%</span>6.99%</p>",
            "Was 6.99%",
        ),
        (
            "<dl><dt>APR<dd>5.99%<dt>Fee<dd>$3</dl>",
            "APR: 5.99%; Fee: $3;",
        ),
        (
            "<table><tr><td>12 months<td>5.99%<tr><td>24 months<td>6.99%</table>",
            "12 months | 5.99% 24 months | 6.99%",
        ),
        ("<ul><li>One<li>Two</ul>", "- One - Two"),
        ("<details><summary>Fees</summary>$3</details>", "Fees $3"),
        (
            "<article>One</article><article>Two</article><main>Three</main><blockquote>Four</blockquote>",
            "One Two Three Four",
        ),
        (
            "<select><option>12 months<option>24 months</select>",
            "12 months 24 months",
        ),
        (
            "<p>Text.</p><!-- internal --><template>secret</template><script>x</script><noscript>no</noscript>",
            "Text.",
        ),
        (
            "<style>.h{display:none}</style><p>Text.<span class=h>secret</span></p>",
            "Text.",
        ),
        ("<p>9<sup>1</sup>/<sub>2</sub>%</p>", "9 1/2%"),
        (
            "<table><tr><td><h2>Fees</h2><p>None.</p></td></tr></table>",
            "## Fees None.",
        ),
    ] {
        let read = document("page.html", html);
        assert_eq!(words(&read), kept, "{html}");
    }
    let read = document("page.html", "<p>Was <s>7%</s> 6%.<span hidden>x</span></p>");
    assert!(
        said(&read).contains("struck-out text") && said(&read).contains("hidden text"),
        "{}",
        said(&read)
    );
}

/// D6, D9, D16 in Markdown.
#[test]
fn markdown_is_read_as_its_reader_sees_it() {
    for (source, kept) in [
        ("A fee. <!-- internal: real cap $1 -->\n", "A fee."),
        ("<!--\ninternal\n-->\n\nA fee.\n", "A fee."),
        ("<template>secret</template>\n\nA fee.\n", "A fee."),
        ("Was ~~7.99%~~ 6.99%\n", "Was 6.99%"),
        ("Was <del>7.99%</del> <s>7%</s> 6.99%\n", "Was 6.99%"),
        (
            "From &euro;20 to \\$30 &amp; more\n",
            "From €20 to $30 & more",
        ),
        (
            "Fees\n====\n\nNone.\n\nRates\n-----\n\n5%\n",
            "# Fees None. ## Rates 5%",
        ),
        ("The bonus is $500<sup>1</sup>.\n", "The bonus is $500¹."),
        ("A <span style='display:none'>secret</span>fee.\n", "A fee."),
        ("<div hidden>secret</div>\n\nA fee.\n", "A fee."),
        (
            "**Bold** and [a link](https://x.example) stay.\n",
            "**Bold** and [a link](https://x.example) stay.",
        ),
    ] {
        assert_eq!(words(&document("a.md", source)), kept, "{source}");
    }
    let read = document("a.md", "x ~~y~~ <!-- z -->\n");
    assert!(
        said(&read).contains("struck-out") && said(&read).contains("comments"),
        "{}",
        said(&read)
    );
    let sections = document("a.md", "Intro\n\nFees\n====\n\nNone.\n");
    assert!(sections.text.contains("\n# Fees\n"));
}

/// D8, D14: front matter of other programs.
#[test]
fn front_matter_is_read_or_refused() {
    for source in [
        "---\nvalid_to: 2020-01-01\n---\nx\n",
        "\u{feff}---\r\nvalid_to: 2020-01-01\r\n---\r\nx\r\n",
        "---\nvalid_to: 2020-01-01\n...\nx\n",
        "+++\nvalid_to = \"2020-01-01\"\n+++\nx\n",
        "+++\nvalid_to = 2020-01-01\n+++\nx\n",
        "+++\r\nexpiryDate = 2020-01-01T10:00:00Z\r\n+++\r\nx\r\n",
        "---\nvalid_until: 2020-01-01\n---\nx\n",
        "---\nExpires: '2020-01-01'\n---\nx\n",
        "---\nvalid-to: 2020-01-01 \n---\nx\n",
    ] {
        let read = document("a.md", source);
        assert_eq!(read.valid_to.as_deref(), Some("2020-01-01"), "{source}");
        assert_eq!(read.text.trim(), "x", "{source}");
    }
    for source in [
        "---\nvalid_to: 1 May 2020\n---\nx\n",
        "---\nvaild_to: 2020-01-01\n---\nx\n",
        "---\ngood_until_day: 2020-01-01\n---\nx\n",
        "---\ntrsut: unverified\n---\nx\n",
        "+++\nvalid_to = \n+++\nx\n",
        "+++\nid = 'a'\nx\n",
        "---\nvalid_to: 2030-01-01\nexpires: 2020-01-01\n---\nx\n",
    ] {
        assert!(!read("a.md", source).errors.is_empty(), "{source}");
    }
    let read = document("a.md", "---\ntitel: Fees\nauthor: me\n---\nx\n");
    assert!(
        said(&read).contains("titel")
            && said(&read).contains("title")
            && said(&read).contains("author"),
        "{}",
        said(&read)
    );
    let page = document("a.html", "<meta name=valid_until content=2020-01-01><p>x");
    assert_eq!(page.valid_to.as_deref(), Some("2020-01-01"));
    let line = document(
        "a.jsonl",
        "{\"id\":\"a\",\"text\":\"x\",\"expires_at\":\"2020-01-01\"}\n",
    );
    assert_eq!(line.valid_to.as_deref(), Some("2020-01-01"));
}

/// D14: other encodings.
#[test]
fn other_encodings_are_read_and_told() {
    let western = document(
        "a.html",
        b"<p>A fee of \x805 \x96 for caf\xe9s</p>".to_vec(),
    );
    assert_eq!(words(&western), "A fee of €5 – for cafés");
    assert!(
        said(&western).contains("windows-1252"),
        "{}",
        said(&western)
    );
    let wide: Vec<u8> = "\u{feff}A fee of €5"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(words(&document("a.txt", wide)), "A fee of €5");
    assert!(!read("a.txt", b"PK\x03\x04rest".to_vec()).errors.is_empty());
}

/// A PDF of one page with this content, and a form if `fields` are given.
fn pdf(content: &str, fields: &str) -> Vec<u8> {
    let form = if fields.is_empty() {
        String::new()
    } else {
        "/AcroForm<</Fields[6 0 R]>>".into()
    };
    let objects = [
        format!("<</Type/Catalog/Pages 2 0 R{form}>>"),
        "<</Type/Pages/Count 1/Kids[4 0 R]>>".into(),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".into(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font<</F 3 0 R>>>>/Contents 5 0 R>>".into(),
        format!("<</Length {}>>stream\n{content}\nendstream", content.len()),
        fields.to_owned(),
    ];
    let count = if fields.is_empty() { 5 } else { 6 };
    let mut out = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (number, object) in (1..).zip(&objects[..count]) {
        places.push(out.len());
        out.push_str(&format!("{number} 0 obj\n{object}\nendobj\n"));
    }
    let start = out.len();
    out.push_str(&format!("xref\n0 {}\n0000000000 65535 f \n", count + 1));
    for place in places {
        out.push_str(&format!("{place:010} 00000 n \n"));
    }
    out.push_str(&format!(
        "trailer<</Size {}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF",
        count + 1
    ));
    out.into_bytes()
}

fn drawn(strings: &[(u32, u32, u32, &str)]) -> String {
    let line = |(x, y, size, text): &(u32, u32, u32, &str)| {
        format!("BT /F {size} Tf {x} {y} Td ({text}) Tj ET\n")
    };
    strings.iter().map(line).collect::<Vec<_>>().concat()
}

/// D1, D12, D13 in PDF.
#[test]
#[cfg_attr(not(feature = "pdf"), ignore = "needs --features pdf")]
fn a_pdf_is_read_in_the_order_of_reading() {
    let columns = drawn(&[
        (50, 700, 10, "The annual fee is $95"),
        (300, 700, 10, "The late fee is $25"),
        (50, 688, 10, "and is charged in May."),
        (300, 688, 10, "and is never waived."),
    ]);
    let read = document("a.pdf", pdf(&columns, ""));
    assert!(
        words(&read).contains(
            "The annual fee is $95 and is charged in May. The late fee is $25 and is never waived."
        ),
        "{}",
        words(&read)
    );
    let shifted = drawn(&[
        (50, 700, 10, "The annual fee is $95"),
        (300, 694, 10, "The late fee is $25"),
        (50, 688, 10, "and is charged in May."),
        (300, 682, 10, "and is never waived."),
        (50, 676, 10, "It is paid each year."),
    ]);
    let read = document("a.pdf", pdf(&shifted, ""));
    assert!(words(&read).contains("$95 and is charged in May. It is paid each year. The late fee is $25 and is never waived."), "{}", words(&read));
    let table = drawn(&[
        (50, 700, 10, "Annual fee"),
        (300, 700, 10, "$95"),
        (50, 688, 10, "Late fee"),
        (300, 688, 10, "$25"),
    ]);
    let read = document("a.pdf", pdf(&table, ""));
    assert!(
        words(&read).contains("Annual fee | $95 Late fee | $25"),
        "{}",
        words(&read)
    );
    let raised = "BT /F 12 Tf 50 700 Td (The bonus is $500) Tj /F 7 Tf 4 Ts (1) Tj /F 12 Tf 0 Ts (. It is paid at once.) Tj ET";
    let read = document("a.pdf", pdf(raised, ""));
    assert!(
        words(&read).contains("$500¹. It is paid at once."),
        "{}",
        words(&read)
    );
    let page = drawn(&[(50, 700, 10, "APR:")]);
    let read = document(
        "a.pdf",
        pdf(&page, "<</FT/Tx/T(apr)/TU(APR of the loan)/V(5.99%)>>"),
    );
    assert!(
        words(&read).contains("APR of the loan: 5.99%"),
        "{}",
        words(&read)
    );
    assert!(said(&read).contains("form fields"), "{}", said(&read));
    let hyphen = drawn(&[
        (50, 700, 10, "The man\\255"),
        (50, 688, 10, "agement fee is $5."),
    ]);
    let read = document("a.pdf", pdf(&hyphen, ""));
    assert!(
        words(&read).contains("The management fee is $5."),
        "{}",
        words(&read)
    );
}
