//! `facts`: the vocabulary that messages are checked against, printed.

use super::Answer;
use super::args::FactsArgs;
use super::global::Global;
use super::output::Out;
use crate::domain::facts::schema::schema;
use crate::domain::facts::vocabulary::{self, Stricter};
use serde_json::{Value, json};

pub fn run(global: &Global, args: &FactsArgs, out: &mut Out) -> Answer {
    if args.schema {
        out.line(&serde_json::to_string_pretty(&schema()).unwrap_or_default());
    } else if global.json {
        let rows: Vec<Value> = vocabulary::all().iter().map(row).collect();
        out.json(&rows);
    } else {
        print(out);
    }
    Answer::Done
}

fn row(entry: &vocabulary::VocabularyEntry) -> Value {
    let types: Vec<&str> = entry.types.iter().map(|kind| kind.as_str()).collect();
    json!({
        "key": entry.key, "group": entry.group, "types": types, "unit": entry.unit, "stricter": stricter(entry.stricter),
        "also": entry.also, "meaning": entry.meaning,
    })
}

fn stricter(order: Stricter) -> Option<&'static str> {
    match order {
        Stricter::Neither | Stricter::Care => None,
        Stricter::Value => Some("any value"),
        Stricter::No => Some("no"),
        Stricter::Yes => Some("yes"),
        Stricter::Least => Some("the lower"),
    }
}

fn print(out: &mut Out) {
    out.line("null: known to be absent. A missing key: not known. Names: case, _, - and spaces do not count.");
    let mut group = "";
    for entry in vocabulary::all() {
        if entry.group != group {
            group = entry.group;
            out.line("");
            out.line(group);
        }
        let unit = match entry.unit {
            "" | "id" => String::new(),
            unit => format!(", {unit}"),
        };
        let holds = stricter(entry.stricter)
            .map(|order| format!(" Of two, {order} holds."))
            .unwrap_or_default();
        out.line(&format!(
            "  {:<32} {:<18} {}.{holds}",
            entry.key,
            format!("{}{unit}", entry.expects()),
            entry.meaning
        ));
    }
}
