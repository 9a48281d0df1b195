//! `policy texts`: what laws and regulators prescribe, word for word.

use super::global::Global;
use super::output::Out;
use crate::domain::jurisdiction::Jurisdiction;
use crate::domain::prescribed::{LIBRARY, Text};
use crate::error::{Error, Kind, Result};
use crate::service::Workspace;
use serde_json::json;

/// Ids, a rule and a place: each narrows what is told.
type WantedTexts<'w> = (&'w [String], Option<&'w str>, Option<&'w str>);

pub(super) fn run(
    global: &Global,
    workspace: &Workspace,
    (ids, rule, place): WantedTexts<'_>,
    out: &mut Out,
) -> Result<()> {
    let place = place.map(Jurisdiction::read).transpose().map_err(|_| {
        Error::new(Kind::Input, "--place: not a place that is known")
            .fix("give a code such as US, US-CA, UK, EU-DE or EU")
    })?;
    if let Some(id) = ids.iter().find(|id| LIBRARY.get(id).is_none()) {
        return Err(
            Error::new(Kind::NotFound, format!("no prescribed text is called {id}"))
                .fix("`echovoice policy texts` lists them all"),
        );
    }
    let today = workspace.today();
    let all: Vec<&Text> = match rule {
        Some(rule) => LIBRARY.answers(rule, place.as_ref(), Some(today)),
        None => LIBRARY.all().iter().collect(),
    };
    let wanted = |text: &&Text| ids.is_empty() || ids.contains(&text.id);
    let is_here = |text: &&Text| text.is_for(place.as_ref());
    let mut told = all.into_iter().filter(is_here).filter(wanted).peekable();
    if told.peek().is_none() && !global.json {
        out.line("no prescribed text answers that");
    }
    for text in told {
        if global.json {
            out.json(&json!({
                "id": text.id, "title": text.title, "place": text.place, "language": text.language, "text": text.text,
                "wording": text.wording, "citation": text.cite, "source": text.source, "checked_on": text.checked_on,
                "legal_status": text.status, "from": text.term().from, "to": text.term().to, "answers": text.fixes,
            }));
        } else {
            say(text, out);
        }
    }
    Ok(())
}

fn say(text: &Text, out: &mut Out) {
    let place = text
        .place
        .as_ref()
        .map_or("everywhere", Jurisdiction::as_str);
    out.line(&format!(
        "{}  {}  ({place}, {})",
        text.id, text.title, text.language
    ));
    out.line(&format!("    text      “{}”", text.text));
    let status = text
        .status
        .told()
        .map_or_else(String::new, |told| format!("; {told}"));
    out.line(&format!("    law       {}{status}", text.cite));
    out.line(&format!("    words     {}", text.wording.as_str()));
    let days = match (text.term().from, text.term().to) {
        (Some(from), Some(to)) => format!("from {from} to {to}"),
        (Some(from), None) => format!("from {from}"),
        (None, Some(to)) => format!("to {to}"),
        (None, None) => String::new(),
    };
    if !days.is_empty() {
        out.line(&format!("    days      {days}"));
    }
    let checked = text.checked_on.map_or_else(
        || "not checked at its source".to_owned(),
        |day| format!("read on {day}"),
    );
    out.line(&format!("    source    {} ({checked})", text.source));
    if !text.fixes.is_empty() {
        out.line(&format!("    answers   {}", text.fixes.join(", ")));
    }
}
