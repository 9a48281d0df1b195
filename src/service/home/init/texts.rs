//! The files of a new home, from what is known of the firm.

use super::{NewFirm, NewProduct, host};
use crate::domain::jurisdiction::{Channel, Jurisdiction};
use crate::error::{Error, Kind, Result};
use crate::generate::{Products, Templates};
use crate::pipeline::SegmentTable;
use crate::rules::Pack;
use crate::service::home::assets;
use crate::service::home::schema;
use chrono::Utc;
use std::fmt::Write as _;
use std::path::PathBuf;

/// What the segment table of every firm begins with; from this line on it is the demo's own.
const OWN_PART: &str = "# What a page is about.";

/// The day, as files state it.
fn today() -> String {
    Utc::now().date_naive().to_string()
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn list<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|i| quoted(i.as_ref())).collect();
    format!("[{}]", items.join(", "))
}

/// A text that ships for new homes, with its marks filled.
fn filled(name: &str, marks: &[(&str, String)]) -> Result<String> {
    let missing = || Error::new(Kind::Io, format!("{name} is not in this program"));
    let mut text = assets::shipped(&format!("init/{name}")).ok_or_else(missing)?;
    for (mark, value) in marks {
        text = text.replace(&format!("%{mark}%"), value);
    }
    Ok(text)
}

/// Every file, by its place in the home. What is made is read back before it is written.
pub(super) fn of(firm: &NewFirm) -> Result<Vec<(PathBuf, String)>> {
    let about = format!("About {}", firm.name);
    let closing = |why: &str| {
        quoted(&format!(
            "Questions? Write to {}.\n\n{{firm_name}}, {{postal_address}}\n{why} Unsubscribe: {{link}}/unsubscribe",
            firm.email
        ))
    };
    let marks = [
        ("name", quoted(&firm.name)),
        ("plain_name", firm.name.clone()),
        ("voice", quoted(&firm.voice)),
        ("host", quoted(host(&firm.link))),
        ("link", quoted(&firm.link)),
        ("from", quoted(&format!("{} <{}>", firm.name, firm.email))),
        ("sms_sender", quoted(&firm.sms_sender)),
        ("email", quoted(&firm.email)),
        ("plain_email", firm.email.clone()),
        ("address", quoted(&firm.address)),
        ("plain_address", firm.address.clone()),
        ("opt_out", quoted(&format!("{}/unsubscribe", firm.link))),
        ("title", quoted(&format!("{}: house rules", firm.name))),
        ("about", quoted(&about)),
        ("plain_about", about.clone()),
        ("day", today()),
        (
            "closing",
            closing("You receive this because you asked to hear from us."),
        ),
        (
            "closing_eu",
            closing(
                "You receive this because you agreed to hear from us. You can object to marketing at any time.",
            ),
        ),
    ];
    let mut files: Vec<(&str, String)> = Vec::new();
    for (path, name) in [
        ("config.toml", "config.toml"),
        ("brand/brand.toml", "brand.toml"),
        ("disclosures.toml", "disclosures.toml"),
        ("outcomes.toml", "outcomes.toml"),
        ("experiments.toml", "experiments.toml"),
        ("templates/common.toml", "common.toml"),
        ("policies/house.toml", "house.toml"),
    ] {
        files.push((path, filled(name, &marks)?));
    }
    let mut products = filled("products.toml", &marks)?;
    let mut variants = filled("variants.toml", &marks)?;
    let shipped = assets::shipped("segments.toml").unwrap_or_default();
    let of_all = shipped.split(OWN_PART).next().unwrap_or_default();
    let mut segments = format!("{of_all}{}", filled("use_cases.toml", &marks)?);
    for product in &firm.products {
        products.push_str(&facts_of(firm, product));
        segments.push_str(&use_case_of(product));
        for channel in &firm.channels {
            variants.push_str(&variants_of(product, *channel));
        }
    }
    files.push(("knowledge_base/products.toml", products));
    files.push(("templates/variants.toml", variants));
    files.push(("segments.toml", segments));
    // Runs look for documents, and this one is true of every firm.
    files.push(("knowledge_base/firm-about.md", filled("about.md", &marks)?));
    if firm.examples {
        files.push(("profiles/example.json", example(firm)));
    }
    for (path, text) in &mut files {
        if let Some(line) = schema::comment(path) {
            text.insert_str(0, &line);
        }
    }
    check(&files)?;
    let schemas = schema::all();
    let schemas = schemas.map(|(name, text)| (PathBuf::from(schema::FOLDER).join(name), text));
    let files = files.into_iter().map(|(path, text)| (path.into(), text));
    Ok(files.chain(schemas).collect())
}

/// A home that its own program could not read would help nobody.
fn check(files: &[(&str, String)]) -> Result<()> {
    let text = |name: &str| {
        files
            .iter()
            .find(|(path, _)| *path == name)
            .map_or("", |(_, text)| text)
    };
    let slip = |file: &str, problem: String| {
        Error::new(Kind::Input, format!("{file} cannot be made: {problem}"))
            .fix("leave out what is unusual in the answers")
    };
    Templates::parse(
        text("templates/common.toml"),
        text("templates/variants.toml"),
        text("disclosures.toml"),
        text("brand/brand.toml"),
    )
    .map_err(|e| slip(&e.file, e.slip.to_string()))?;
    let name = "knowledge_base/products.toml";
    Products::parse(text(name)).map_err(|e| slip(name, e.to_string()))?;
    let name = "segments.toml";
    SegmentTable::parse(text(name)).map_err(|e| slip(name, e.to_string()))?;
    let name = "policies/house.toml";
    Pack::parse(text(name)).map_err(|e| slip(name, e.to_string()))?;
    Ok(())
}

fn facts_of(firm: &NewFirm, product: &NewProduct) -> String {
    let NewProduct { class, name, .. } = product;
    let places = list(firm.jurisdictions.iter().map(Jurisdiction::as_str));
    format!(
        "\n[[product]]\nid = {id}\nclass = {id}\njurisdiction = {places}\n[product.facts]\nproduct_name = {name}\nproduct_class = {id}\n\
         # Its figures, as your records have them; `echovoice facts` lists every key. For example:\n\
         # apy = 4.1\n# apy_as_of = \"{day}\"\n# min_balance = 500\n# monthly_fee = 0\n# apr = 9.9\n",
        id = quoted(class),
        name = quoted(name),
        day = today(),
    )
}

fn use_case_of(product: &NewProduct) -> String {
    let id = quoted(&product.class);
    let pages = [product.class.clone(), product.class.replace('_', "-")];
    let pages = &pages[..if pages[0] == pages[1] { 1 } else { 2 }];
    format!(
        "\n[[use_case]]\nid = {id}\nlabel = {name}\nproduct = {id}\npages = {pages}\nterms = {terms}\n",
        name = quoted(&product.name),
        pages = list(pages),
        terms = list([&product.name]),
    )
}

/// Figures that a variant states when they are known.
const FIGURES: [(&str, &str); 4] = [
    (
        "The annual percentage yield (APY) is {apy} as of {apy_as_of}, with a minimum balance of {min_balance}.",
        "[\"apy\", \"apy_as_of\", \"min_balance\"]",
    ),
    ("The interest rate is {aer} AER variable.", "[\"aer\"]"),
    (
        "The interest rate is {interest_rate} a year, variable.",
        "[\"interest_rate\"]",
    ),
    ("The monthly fee is {monthly_fee}.", "[\"monthly_fee\"]"),
];

fn variants_of(product: &NewProduct, channel: Channel) -> String {
    let own = match product.says.as_str() {
        "" => String::new(),
        says => format!("  {{ say = {} }},\n", quoted(says)),
    };
    let head = |id: &str, kind: &str, tone: &str, subject: &str| {
        format!(
            "\n[[variant]]\nid = \"{id}\"\ntype = \"{kind}\"\ntone = \"{tone}\"\nchannel = \"{channel}\"\nuse_case = {}\nsubject = {}\nsentences = [\n",
            quoted(&product.class),
            quoted(subject)
        )
    };
    let mut text = String::new();
    if channel != Channel::Email {
        text.push_str(&head("A", "short", "direct", ""));
        if own.is_empty() {
            text.push_str(
                "  { cite = [\"online\", \"account\", \"open\", \"cost\", \"fee\"], max = 130 },\n",
            );
        }
        text.push_str(&own);
        text.push_str("  { call = true },\n]\n");
        return text;
    }
    text.push_str(&head("A", "short", "direct", &product.name));
    text.push_str("  { opening = true },\n");
    text.push_str(&own);
    for (say, facts) in FIGURES {
        let _ = writeln!(text, "  {{ say = {}, facts = {facts} }},", quoted(say));
    }
    text.push_str("  { call = true },\n]\n");
    let subject = format!("How {} works", product.name);
    text.push_str(&head("B", "educational", "helpful", &subject));
    text.push_str("  { opening = true },\n");
    text.push_str("  { cite = [\"how\", \"open\", \"apply\", \"online\", \"account\"] },\n");
    text.push_str("  { cite = [\"cost\", \"fee\", \"rate\", \"change\", \"withdraw\"] },\n");
    text.push_str(&own);
    text.push_str("  { call = true },\n]\n");
    text
}

/// An invented customer, who wants to hear of the first product.
fn example(firm: &NewFirm) -> String {
    let place = firm.jurisdictions.first().map_or("US", |p| p.as_str());
    let page = firm.products.first().map(|product| product.class.as_str());
    let said = |channel| firm.channels.contains(&channel);
    let customer = serde_json::json!({
        "user_id": "EXAMPLE-1",
        "name": "Robin Example",
        "email": "robin@customer.example",
        "viewed_page": page,
        "channel": firm.channels.first().map(|channel| channel.as_str()),
        "jurisdiction": place,
        "consents": {"email": said(Channel::Email), "sms": said(Channel::Sms), "push": said(Channel::Push), "profiling": true},
        "age": 40,
    });
    let mut text = serde_json::to_string_pretty(&customer).unwrap_or_default();
    text.push('\n');
    text
}
