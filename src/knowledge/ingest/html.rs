//! A web page: its headings and lists, and what its head says of it.

use super::super::document::{Document, DocumentError, told};
use super::fields::{DocumentFields, Others};
use crate::text::html::{Block, Blocks, HtmlPage};
use serde_json::{Map, Value};
use std::fmt::Write as _;

/// Never fails on bad mark-up; a `trust` that is none of ours is an error, since a guess would lend or take away weight.
pub(super) fn read(source: &str, stem: &str) -> Result<Document, DocumentError> {
    let mut document = Document {
        id: stem.to_owned(),
        ..Document::default()
    };
    let read = Blocks::of(source);
    for block in read.blocks {
        // Writing to a String cannot fail.
        let _ = match block {
            Block::Title(title) => {
                document.title = title;
                Ok(())
            }
            Block::Heading(level, text) => {
                if document.title.is_empty() && level == 1 {
                    document.title.clone_from(&text);
                }
                write!(document.text, "\n{} {text}\n\n", "#".repeat(level))
            }
            Block::Item(text) => writeln!(document.text, "- {text}"),
            Block::Paragraph(text) => write!(document.text, "{text}\n\n"),
        };
    }
    if !read.struck.is_empty() {
        let places = format!("{} places", read.struck.len());
        document.remarks.push(told(
            "struck-out text",
            places,
            "left out: it holds no more",
        ));
    }
    if read.hidden > 0 {
        let places = format!("{} places", read.hidden);
        document
            .remarks
            .push(told("hidden text", places, "left out: no reader sees it"));
    }
    if read.cut {
        document.remarks.push(told(
            "mark-up",
            "nested too deeply or too large to be worked out",
            "all of its text was read as if it were shown",
        ));
    }
    head(&mut document, source)?;
    if document.title.is_empty() {
        stem.clone_into(&mut document.title);
    }
    Ok(document)
}

/// `<meta name=… content=…>` under the names of the front matter, and the usual names of the web.
fn head(document: &mut Document, source: &str) -> Result<(), DocumentError> {
    let mut map = Map::new();
    let page = HtmlPage::read(source);
    for tag in page.tags() {
        let value = |name: &str| tag.attribute(name).map(|a| a.value.trim().to_owned());
        if tag.name == "link" && value("rel").as_deref() == Some("canonical") {
            document.url = value("href").unwrap_or_default();
        }
        if tag.name != "meta" {
            continue;
        }
        let (Some(name), Some(content)) = (value("name").or(value("property")), value("content"))
        else {
            continue;
        };
        let name = match name.to_ascii_lowercase().as_str() {
            "og:site_name" => "source".to_owned(),
            "article:published_time" | "date" | "dcterms.date" => "published_date".to_owned(),
            // A page's own name for it is not that of the head.
            "title" => continue,
            _ => name,
        };
        let content = match name.as_str() {
            "published_date" => Value::String(content.chars().take(10).collect()),
            "product" | "jurisdiction" => content
                .split(',')
                .map(|s| Value::String(s.trim().to_owned()))
                .collect(),
            _ => Value::String(content),
        };
        map.entry(name).or_insert(content);
    }
    DocumentFields::read(&map, Others::Expected)?.apply(document);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::citation::Trust;
    use crate::pii::AllowList;

    #[test]
    fn headings_lists_and_head_are_kept() {
        let page = "<html><head><title>Fees &amp; charges</title><meta name=trust content=approved>\
            <meta name='product' content='payment_plan, savings'><meta name=valid_to content=2027-01-01>\
            <link rel=canonical href='https://tidewater.example/fees'></head><body><h1>Fees &amp; charges</h1>\
            <p>You pay <b>no</b> fee.</p><h2>Late payment</h2><ul><li>First: <i>5 USD</i></li><li><p>Then 10 USD</p></li></ul>\
            <div style='display:none'>secret</div><table><tr><td>Rate</td><td>9.5%</td></tr></table></body></html>";
        let document = read(page, "fees").unwrap();
        assert_eq!(document.title, "Fees & charges");
        assert_eq!(document.url, "https://tidewater.example/fees");
        assert_eq!(document.product, ["payment_plan", "savings"]);
        assert_eq!(document.trust, Trust::Approved);
        let passages = document.passages(&AllowList::default());
        assert_eq!(passages[0].text, "You pay no fee.");
        assert_eq!(passages[1].section, "Late payment");
        assert_eq!(
            passages[1].text,
            "- First: 5 USD\n- Then 10 USD\nRate | 9.5%"
        );
        assert!(read("<meta name=trust content=high>x", "x").is_err());
    }
}
