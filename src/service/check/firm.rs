//! A message as one of this firm's own: with the firm's facts, its brand, and the figures of its product.

use crate::domain::facts::Facts;
use crate::domain::jurisdiction::{Channel, Jurisdiction};
use crate::domain::message::Message;
use crate::error::{Error, Kind, Result};
use crate::service::home::wiring;
use crate::service::home::workspace::Workspace;
use crate::service::intake;
use crate::text::table;
use serde_json::{Map, Value};
use std::path::Path;

/// What is told of a message that does not say it itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Told<'t> {
    /// Where the recipient lives.
    pub place: Option<&'t str>,
    /// What it is about: a product of the firm, by class, id or name, or any other.
    pub product: Option<&'t str>,
    pub channel: Option<Channel>,
    /// Facts that it is checked against.
    pub facts: Option<&'t Path>,
    /// It is one of this firm's.
    pub ours: bool,
}

/// Tells a message what it does not say itself.
///
/// # Errors
/// A place that is none, another one or another channel than the message names, or facts that cannot be read.
pub fn tell(workspace: &Workspace, message: &mut Message, told: Told<'_>) -> Result<()> {
    if let Some(named) = told.place {
        let place = Jurisdiction::read(named)
            .map_err(|e| Error::new(Kind::Input, format!("--jurisdiction {named}: {e}")))?;
        match &message.jurisdiction {
            Some(own) if *own != place => {
                return Err(differs("jurisdiction", own.as_str(), place.as_str()));
            }
            _ => message.jurisdiction = Some(place),
        }
    }
    if let Some(channel) = told.channel {
        match message.channel {
            Some(own) if own != channel => {
                return Err(differs("channel", own.as_str(), channel.as_str()));
            }
            _ => message.channel = Some(channel),
        }
        message.facts.set("channel", channel.as_str());
        // Who says how it goes out has the whole of it.
        message.complete = true;
    }
    let ours = told
        .product
        .and_then(|named| workspace.products.class_of(named));
    if let Some(product) = ours.or(told.product)
        && message.product.is_none()
    {
        message.product = Some(product.to_owned());
        message.facts.set("product", product);
    }
    if let Some(path) = told.facts {
        let reading = read_facts(path)?;
        message.facts.tighten(&reading.facts);
        message.remarks.extend(reading.remarks);
    }
    if told.ours || ours.is_some() {
        let class = ours.or(message.product.as_deref());
        let day = workspace.as_of().date_naive();
        // Figures are those of a place: without one the firm's facts alone are known.
        let mut facts = match &message.jurisdiction {
            Some(place) => wiring::firm_facts(workspace, class, place, day),
            None => wiring::firm_facts(workspace, None, &Jurisdiction::new("US"), day),
        };
        facts.tighten(&message.facts);
        message.facts = facts;
    }
    Ok(())
}

fn differs(what: &str, own: &str, told: &str) -> Error {
    Error::new(
        Kind::Input,
        format!("the message says {own}, and --{what} {told}"),
    )
    .fix("leave it out, or correct the message")
}

/// Facts from a file: JSON, or TOML by its ending.
fn read_facts(path: &Path) -> Result<crate::domain::facts::Reading> {
    let name = path.display().to_string();
    let bytes = intake::read_up_to(path, &name, intake::MAX_BYTES, "give facts alone")?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Error::new(Kind::Input, "not UTF-8").at(name.clone()))?;
    let is_toml = path.extension().is_some_and(|ending| ending == "toml");
    let map: Map<String, Value> = if is_toml {
        table::read(&text)
            .map_err(|slip| Error::new(Kind::Input, slip.problem.clone()).at(slip.place(&name)))?
    } else {
        serde_json::from_str(&text).map_err(|e| {
            let problem = e.to_string();
            let problem = problem.split(" at line").next().unwrap_or_default();
            Error::new(Kind::Input, format!("not an object of facts: {problem}"))
                .at(format!("{name}:{}", e.line()))
                .fix("`echovoice facts` lists the keys, `echovoice facts --schema` their types")
        })?
    };
    Ok(Facts::read(
        map.iter().map(|(key, value)| (key.as_str(), value)),
    ))
}
