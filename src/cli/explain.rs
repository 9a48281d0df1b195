//! `policy explain`: what is claimed, and which law looked at it.

use super::global::Global;
use super::output::Out;
use crate::error::{Error, Kind, Result};
use crate::service::Workspace;
use crate::service::policy::KindInfo;
use crate::service::policy::explain::{self, ExplainedClaim};
use serde_json::{Map, Value, json};

/// What is told of a sentence: product, place and channel by name, and facts as `key=value`.
type ToldWith<'t> = (&'t [(&'t str, &'t Option<String>)], &'t [String]);

pub fn run(
    global: &Global,
    workspace: &Workspace,
    what: &str,
    (named, facts): ToldWith<'_>,
    out: &mut Out,
) -> Result<()> {
    let mut rules = workspace.packs.iter().flat_map(|pack| {
        let rules = pack.rules.iter();
        rules.map(move |rule| (pack, rule))
    });
    if let Some((pack, rule)) = rules.find(|(_, rule)| rule.id == what) {
        let lines = explain::rule(pack, rule, workspace.today());
        if global.json {
            out.json(&json!({"rule": rule.id, "pack": pack.head.id, "lines": lines}));
        } else {
            for line in lines {
                out.line(&line);
            }
        }
        return Ok(());
    }
    let lexicon = &workspace.rules()?.lexicon;
    if let Some(kind) = lexicon.kind(what) {
        kind_in_words(global, workspace, &lexicon.kinds()[kind], out);
        return Ok(());
    }
    if let Some(error) = no_such_name(workspace, lexicon.kinds(), what) {
        return Err(error);
    }
    let mut fields = Map::new();
    fields.insert("body".into(), what.into());
    for (name, value) in named {
        if let Some(value) = value {
            fields.insert((*name).to_owned(), value.as_str().into());
        }
    }
    let facts = facts
        .iter()
        .map(|fact| {
            let (key, value) = fact.split_once('=').ok_or_else(|| {
                Error::new(Kind::Input, "a fact is KEY=VALUE").fix("as in --fact monthly_fee=9")
            })?;
            let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
            Ok((key.to_owned(), value))
        })
        .collect::<Result<Map<_, _>>>()?;
    fields.insert("facts".into(), Value::Object(facts));
    let explained = explain::sentence(workspace, fields)?;
    if global.json {
        let heard = explained.heard.iter().map(heard_json);
        out.json(&json!({"claims": heard.collect::<Vec<_>>(), "findings": explained.findings}));
        return Ok(());
    }
    if explained.heard.is_empty() {
        out.line("No claim of a kind that is known stands in these words.");
    }
    for heard in &explained.heard {
        say(heard, out);
    }
    let others = explained.findings.iter().filter(|finding| {
        !explained
            .heard
            .iter()
            .flat_map(|heard| &heard.looked)
            .any(|looked| looked.rule == finding.rule)
    });
    for finding in others {
        out.line(&format!(
            "beside claims: {} {} ({}): {}",
            finding.disposition.as_str(),
            finding.rule,
            finding.law(),
            finding.why
        ));
    }
    Ok(())
}

fn say(heard: &ExplainedClaim, out: &mut Out) {
    let voice = if heard.prescribed {
        "prescribed".to_owned()
    } else {
        heard.voice.to_string()
    };
    out.line(&format!(
        "“{}” says that {} ({}, {voice})",
        heard.words, heard.says, heard.kind
    ));
    if heard.looked.is_empty() {
        out.line("    no rule in force looks at such a claim");
    }
    for looked in &heard.looked {
        let outcome = match &looked.outcome {
            Ok(disposition) => disposition.as_str().to_owned(),
            Err(why) => format!("nothing: {why}"),
        };
        out.line(&format!("    {}  {}: {outcome}", looked.rule, looked.title));
    }
}

fn heard_json(heard: &ExplainedClaim) -> Value {
    json!({
        "kind": heard.kind, "says": heard.says, "words": heard.words, "prescribed": heard.prescribed,
        "voice": heard.voice,
        "rules": heard.looked.iter().map(|looked| json!({
            "rule": looked.rule, "title": looked.title,
            "comes_to": looked.outcome.as_ref().ok().map(|d| d.as_str()), "why_not": looked.outcome.as_ref().err(),
        })).collect::<Vec<_>>(),
    })
}

fn kind_in_words(global: &Global, workspace: &Workspace, info: &KindInfo, out: &mut Out) {
    let of_kind = |rule: &&crate::service::policy::Rule| {
        rule.claimed
            .as_ref()
            .is_some_and(|claimed| claimed.kinds().contains(&info.id))
    };
    let rules = workspace.packs.iter().flat_map(|pack| &pack.rules);
    let rules: Vec<_> = rules.filter(of_kind).collect();
    if global.json {
        let ids: Vec<_> = rules.iter().map(|rule| &rule.id).collect();
        out.json(&json!({"kind": info.id, "says": info.says, "pack": info.pack, "rules": ids}));
        return;
    }
    out.line(&format!("{}: the words say that {}", info.id, info.says));
    out.line(&format!("  its words   {}", info.pack));
    for rule in rules {
        out.line(&format!("  {}  {}", rule.id, rule.title));
    }
}

/// What looks like the id of a rule or a kind, and is none: no sentence is meant.
fn no_such_name(workspace: &Workspace, kinds: &[KindInfo], what: &str) -> Option<Error> {
    let is_name = |text: &str| {
        text.chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c))
            && text.contains(['.', '_'])
            && !text.ends_with('.')
    };
    if what.trim().is_empty() {
        let error = Error::new(Kind::Input, "there is nothing to explain");
        return Some(error.fix("give a sentence, or the id of a rule or of a kind"));
    }
    if !is_name(what) {
        return None;
    }
    let rules = workspace.packs.iter().flat_map(|pack| &pack.rules);
    let names = rules.map(|rule| rule.id.as_str());
    let kinds = kinds.iter().map(|kind| kind.id.as_str());
    let shared = |name: &&str| {
        name.bytes()
            .zip(what.bytes())
            .take_while(|(a, b)| a == b)
            .count()
    };
    let near = names
        .chain(kinds)
        .filter(|name| !name.is_empty())
        .max_by_key(shared);
    let error = Error::new(
        Kind::NotFound,
        format!("no rule and no kind is called {what}"),
    );
    Some(error.fix(match near {
        Some(near) => format!("{near} is nearest; a sentence is given with its spaces"),
        None => "a sentence is given with its spaces".to_owned(),
    }))
}
