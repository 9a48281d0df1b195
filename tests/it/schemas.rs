//! Schemas of the files that a firm edits, and the tables of the page "Make it yours": made from the types that read them, so
//! that no key is missing in one of them. `ECHOVOICE_WALK=write cargo test --test it schemas::` writes them anew.

use crate::support::source::docs;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Expr, Field, Fields, GenericArgument, Item, ItemEnum, ItemStruct, Lit, Meta,
    PathArguments, Token, Type,
};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const PAGE: &str = "assets/docs/make-it-yours.md";
/// From here on the page is made.
const MADE: &str = "<!-- made: fields -->\n";

/// Where the types are.
const SOURCES: [&str; 29] = [
    "config.rs",
    "knowledge/ways.rs",
    "knowledge/bm25.rs",
    "knowledge/external/mod.rs",
    "generate/model/service.rs",
    "generate/brand.rs",
    "generate/products.rs",
    "generate/templates.rs",
    "pipeline/segment/table.rs",
    "pipeline/segment/condition.rs",
    "experiment/outcome.rs",
    "experiment/plan.rs",
    "rules/pack.rs",
    "rules/parse.rs",
    "rules/examples.rs",
    "rules/general_law.rs",
    "rules/trade_law.rs",
    "rules/spec.rs",
    "rules/builtin/name.rs",
    "rules/claimed/file.rs",
    "rules/claimed/spec.rs",
    "claims/mod.rs",
    "claims/polarity.rs",
    "domain/finding.rs",
    "domain/jurisdiction.rs",
    "domain/law.rs",
    "domain/review.rs",
    "domain/segment.rs",
    "domain/profile/mod.rs",
];

/// File of a home, the schema's name, the type that reads it, and what the schema is called.
const FILES: [(&str, &str, &str, &str); 9] = [
    ("config.toml", "config", "Config", "Settings of the home"),
    (
        "brand/brand.toml",
        "brand",
        "Brand",
        "How the firm looks and is reached",
    ),
    (
        "knowledge_base/products.toml",
        "products",
        "Products",
        "What is true of the firm, its products and its offers",
    ),
    (
        "segments.toml",
        "segments",
        "SegmenterFile",
        "How customers are told apart, and which page is about which product",
    ),
    (
        "disclosures.toml",
        "disclosures",
        "Disclosures",
        "Sentences that somebody approved",
    ),
    (
        "templates/common.toml",
        "common",
        "Common",
        "What every message shares",
    ),
    (
        "templates/variants.toml",
        "variants",
        "VariantsFile",
        "The messages, sentence by sentence",
    ),
    (
        "outcomes.toml",
        "outcomes",
        "OutcomeFile",
        "What became of messages from before the record",
    ),
    (
        "experiments.toml",
        "experiments",
        "PlanFile",
        "What outcomes are worth, and which experiments run",
    ),
];

enum Found {
    Table(ItemStruct),
    Words(ItemEnum),
}

type Types = BTreeMap<(String, String), Found>;

fn types() -> Types {
    let mut types = Types::new();
    for source in SOURCES {
        let text = fs::read_to_string(format!("{ROOT}/src/{source}")).unwrap();
        for item in syn::parse_file(&text).unwrap().items {
            match item {
                Item::Struct(one) => {
                    types.insert((source.into(), one.ident.to_string()), Found::Table(one));
                }
                Item::Enum(one) => {
                    types.insert((source.into(), one.ident.to_string()), Found::Words(one));
                }
                _ => {}
            }
        }
    }
    types
}

/// The words of `#[serde(…)]`, with their values.
fn serde_words(attributes: &[Attribute]) -> BTreeMap<String, Option<String>> {
    let mut words = BTreeMap::new();
    for attribute in attributes.iter().filter(|a| a.path().is_ident("serde")) {
        let parsed = attribute
            .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
            .unwrap();
        for meta in parsed {
            let name = meta.path().get_ident().unwrap().to_string();
            let value = match &meta {
                Meta::NameValue(pair) => match &pair.value {
                    Expr::Lit(text) => match &text.lit {
                        Lit::Str(text) => Some(text.value()),
                        _ => None,
                    },
                    _ => None,
                },
                _ => None,
            };
            words.insert(name, value);
        }
    }
    words
}

struct Maker {
    types: Types,
    /// Schemas of the tables that were met, by name.
    made: BTreeMap<String, Value>,
    /// Keys that say nothing of themselves.
    silent: BTreeSet<String>,
}

impl Maker {
    fn find(&self, words: &[String], from: &str) -> Option<(String, String)> {
        let name = words.last()?;
        let here = (from.to_owned(), name.clone());
        if words.len() == 1 && self.types.contains_key(&here) {
            return Some(here);
        }
        let module = words.len().checked_sub(2).map(|i| words[i].clone());
        let fits = |file: &str| {
            let is_in = |module: &String| file.split(['/', '.']).any(|part| part == module);
            module.as_ref().is_none_or(is_in)
        };
        let mut all = self
            .types
            .keys()
            .filter(|(file, one)| one == name && fits(file));
        let found = all.next()?.clone();
        assert!(
            all.next().is_none(),
            "two types are called {name}; name the module"
        );
        Some(found)
    }

    fn of_type(&mut self, kind: &Type, from: &str) -> Value {
        let path = match kind {
            Type::Path(path) => path,
            // A pair, such as an expression and other words for it.
            Type::Tuple(pair) => {
                let items: Vec<Value> = pair.elems.iter().map(|t| self.of_type(t, from)).collect();
                let length = items.len();
                return json!({"type": "array", "prefixItems": items, "minItems": length, "maxItems": length});
            }
            _ => panic!("a setting's type has a name"),
        };
        let last = path.path.segments.last().unwrap();
        let arguments: Vec<&Type> = match &last.arguments {
            PathArguments::AngleBracketed(arguments) => arguments
                .args
                .iter()
                .filter_map(|a| match a {
                    GenericArgument::Type(kind) => Some(kind),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        };
        match last.ident.to_string().as_str() {
            "String" | "PathBuf" => json!({"type": "string"}),
            "bool" => json!({"type": "boolean"}),
            "u8" | "u16" | "u32" | "u64" | "usize" => json!({"type": "integer", "minimum": 0}),
            "NonZeroU32" | "NonZeroU64" | "NonZeroUsize" => {
                json!({"type": "integer", "minimum": 1})
            }
            "i32" | "i64" => json!({"type": "integer"}),
            "f32" | "f64" => json!({"type": "number"}),
            "Option" | "Box" | "Arc" => self.of_type(arguments[0], from),
            "Vec" => json!({"type": "array", "items": self.of_type(arguments[0], from)}),
            "BTreeMap" => {
                json!({"type": "object", "additionalProperties": self.of_type(arguments[1], from)})
            }
            // A day: a date of TOML, or one in quotes.
            "TomlDate" | "NaiveDate" => {
                json!({"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}$"})
            }
            "PackTerms" => {
                json!({"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}})
            }
            "Jurisdiction" => {
                json!({"type": "string", "examples": ["US", "US-CA", "UK", "EU", "DE"]})
            }
            "Part" => json!({"type": "string"}),
            "Facts" => json!({"$ref": "#/$defs/Facts"}),
            "OneOrMore" => {
                json!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})
            }
            "RuleTrigger" => json!({"anyOf": [
                {"type": "string"}, {"type": "array", "items": {"type": "string"}},
                {"type": "object", "properties": {"check": self.named("Builtin", from)}, "required": ["check"], "additionalProperties": false},
            ]}),
            "Value" => json!({}),
            _ => {
                let words: Vec<String> = path
                    .path
                    .segments
                    .iter()
                    .map(|s| s.ident.to_string())
                    .collect();
                self.by_words(&words, from)
            }
        }
    }

    fn named(&mut self, name: &str, from: &str) -> Value {
        self.by_words(&[name.to_owned()], from)
    }

    fn by_words(&mut self, words: &[String], from: &str) -> Value {
        let key = self
            .find(words, from)
            .unwrap_or_else(|| panic!("say in this test what {words:?} of {from} takes"));
        let name = words.join("-");
        if let Found::Words(one) = &self.types[&key] {
            return of_words(one);
        }
        if !self.made.contains_key(&name) {
            self.made.insert(name.clone(), Value::Null);
            let table = self.table(&key);
            self.made.insert(name.clone(), table);
        }
        json!({"$ref": format!("#/$defs/{name}")})
    }

    fn table(&mut self, key: &(String, String)) -> Value {
        let Found::Table(one) = &self.types[key] else {
            panic!("{} is a table", key.1);
        };
        let Fields::Named(fields) = &one.fields else {
            panic!("{} has named fields", key.1);
        };
        let about = docs(&one.attrs);
        let all_default = serde_words(&one.attrs).contains_key("default");
        let fields: Vec<Field> = fields.named.iter().cloned().collect();
        let mut properties = Map::new();
        let mut required = Vec::new();
        for field in &fields {
            let words = serde_words(&field.attrs);
            if words.contains_key("skip") {
                continue;
            }
            let own = field.ident.as_ref().unwrap().to_string();
            let name = words.get("rename").cloned().flatten().unwrap_or(own);
            let is_option = matches!(&field.ty, Type::Path(p) if p.path.segments.last().unwrap().ident == "Option");
            if !(is_option || all_default || words.contains_key("default")) {
                required.push(name.clone());
            }
            let mut schema = self.of_type(&field.ty, &key.0);
            let says = docs(&field.attrs);
            if says.is_empty() {
                self.silent.insert(format!("{}.{name}", key.1));
            } else {
                schema["description"] = json!(says);
            }
            properties.insert(name, schema);
        }
        let mut table =
            json!({"type": "object", "properties": properties, "additionalProperties": false});
        if !required.is_empty() {
            table["required"] = json!(required);
        }
        if !about.is_empty() {
            table["description"] = json!(about);
        }
        table
    }
}

/// The values of an enumeration, as they are written.
fn of_words(one: &ItemEnum) -> Value {
    let snake = serde_words(&one.attrs).get("rename_all").cloned().flatten();
    let values: Vec<String> = one
        .variants
        .iter()
        .map(|variant| {
            let renamed = serde_words(&variant.attrs).get("rename").cloned().flatten();
            let name = variant.ident.to_string();
            renamed.unwrap_or_else(|| match snake.as_deref() {
                Some("snake_case") => name
                    .char_indices()
                    .flat_map(|(at, c)| {
                        let gap = (c.is_uppercase() && at > 0).then_some('_');
                        gap.into_iter().chain(c.to_lowercase())
                    })
                    .collect(),
                Some("lowercase") => name.to_lowercase(),
                _ => name,
            })
        })
        .collect();
    json!({"enum": values})
}

/// Facts, as the vocabulary has them.
fn facts() -> Value {
    let text = fs::read_to_string(format!("{ROOT}/assets/facts.schema.json")).unwrap();
    let mut facts: Value = serde_json::from_str(&text).unwrap();
    let object = facts.as_object_mut().unwrap();
    object.remove("$schema");
    object.remove("title");
    facts
}

fn with_definitions(maker: &mut Maker, title: &str, root: Value) -> Value {
    let mut schema = root;
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!(title);
    let mut definitions: Map<String, Value> = std::mem::take(&mut maker.made).into_iter().collect();
    if serde_json::to_string(&(&schema, &definitions))
        .unwrap()
        .contains("#/$defs/Facts")
    {
        definitions.insert("Facts".into(), facts());
    }
    if !definitions.is_empty() {
        schema["$defs"] = Value::Object(definitions);
    }
    schema
}

/// Every schema, by its file, and what the fields of the page are made from.
fn made() -> (BTreeMap<String, Value>, BTreeSet<String>) {
    let mut maker = Maker {
        types: types(),
        made: BTreeMap::new(),
        silent: BTreeSet::new(),
    };
    let mut all = BTreeMap::new();
    for (_, name, root, title) in FILES {
        let key = maker.find(&[root.to_owned()], "").unwrap();
        let table = maker.table(&key);
        let schema = with_definitions(&mut maker, title, table);
        all.insert(format!("{name}.schema.json"), schema);
    }
    let first = maker.named("RulePackFile", "");
    let second = maker.named("ClaimPackFile", "");
    // `#:schema` says which form an editor may expect; a pack says it itself.
    let is_second = json!({"properties": {"pack": {"properties": {"form": {"const": 2}}, "required": ["form"]}}, "required": ["pack"]});
    let root = json!({"type": "object", "if": is_second, "then": second, "else": first});
    let schema = with_definitions(
        &mut maker,
        "A policy pack: rules, and what the firm asks of a review",
        root,
    );
    all.insert("pack.schema.json".into(), schema);
    (all, maker.silent)
}

fn is_to_be_written() -> bool {
    std::env::var_os("ECHOVOICE_WALK").is_some()
}

#[test]
fn the_schemas_are_what_the_parsers_take() {
    let (all, silent) = made();
    assert!(
        silent.is_empty(),
        "these say nothing of themselves: {silent:#?}"
    );
    let folder = format!("{ROOT}/assets/schemas");
    if is_to_be_written() {
        fs::create_dir_all(&folder).unwrap();
    }
    for (name, schema) in &all {
        let text = format!("{}\n", serde_json::to_string_pretty(schema).unwrap());
        let path = format!("{folder}/{name}");
        if is_to_be_written() {
            fs::write(path, text).unwrap();
        } else {
            assert_eq!(
                fs::read_to_string(&path).unwrap_or_default(),
                text,
                "ECHOVOICE_WALK=write cargo test --test it schemas:: writes {name} anew"
            );
        }
    }
}

/// What a value has that its schema does not allow: a small part of JSON Schema, as much as these schemas use.
fn misfits(schema: &Value, root: &Value, value: &Value, place: &str, found: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let named = root.pointer(name.trim_start_matches('#')).unwrap();
        misfits(named, root, value, place, found);
    }
    if let Some(any) = schema["anyOf"].as_array() {
        let fits = |one: &Value| {
            let mut own = Vec::new();
            misfits(one, root, value, place, &mut own);
            own.is_empty()
        };
        if !any.iter().any(fits) {
            found.push(format!("{place}: none of the forms that it may have"));
        }
    }
    if let Some(condition) = schema.get("if") {
        let mut not = Vec::new();
        misfits(condition, root, value, place, &mut not);
        let then = if not.is_empty() { "then" } else { "else" };
        misfits(&schema[then], root, value, place, found);
    }
    if schema.get("const").is_some_and(|only| only != value) {
        found.push(format!("{place}: not {}", schema["const"]));
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        found.push(format!("{place}: {value} is none of {words:?}"));
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let own = match value {
        Value::Object(_) => "object",
        Value::Array(_) => "array",
        Value::String(_) => "string",
        Value::Bool(_) => "boolean",
        Value::Number(n) if n.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::Null => "null",
    };
    let fits =
        kinds.is_empty() || kinds.contains(&own) || own == "integer" && kinds.contains(&"number");
    if !fits {
        found.push(format!("{place}: {own} in the place of {kinds:?}"));
    }
    if let Some(object) = value.as_object() {
        for (key, inner) in object {
            let at = format!("{place}.{key}");
            match (
                schema["properties"].get(key),
                &schema["additionalProperties"],
            ) {
                (Some(one), _) => misfits(one, root, inner, &at, found),
                (None, Value::Bool(false)) => found.push(format!("{at}: not known")),
                (None, one @ Value::Object(_)) => misfits(one, root, inner, &at, found),
                _ => {}
            }
        }
        for name in schema["required"].as_array().into_iter().flatten() {
            if !object.contains_key(name.as_str().unwrap()) {
                found.push(format!("{place}: {name} is missing"));
            }
        }
    }
    for (at, inner) in value.as_array().into_iter().flatten().enumerate() {
        if let Some(one) = schema.get("items") {
            misfits(one, root, inner, &format!("{place}[{at}]"), found);
        }
    }
}

fn table_of(text: &str) -> Value {
    fn plain(value: toml::Value) -> Value {
        match value {
            toml::Value::Datetime(day) => json!(day.to_string()),
            toml::Value::Table(table) => {
                Value::Object(table.into_iter().map(|(k, v)| (k, plain(v))).collect())
            }
            toml::Value::Array(all) => Value::Array(all.into_iter().map(plain).collect()),
            toml::Value::String(text) => json!(text),
            toml::Value::Integer(n) => json!(n),
            toml::Value::Float(n) => json!(n),
            toml::Value::Boolean(b) => json!(b),
        }
    }
    plain(toml::from_str(text).unwrap())
}

fn schema(name: &str) -> Value {
    let path = format!("{ROOT}/assets/schemas/{name}.schema.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn every_shipped_file_fits_its_schema() {
    if is_to_be_written() {
        return;
    }
    let mut files: Vec<(String, String)> = FILES
        .iter()
        .filter(|(path, ..)| *path != "config.toml")
        .map(|(path, name, ..)| {
            let path = match path.strip_prefix("knowledge_base") {
                Some(_) => (*path).to_owned(),
                None => format!("assets/{path}"),
            };
            (path, (*name).to_owned())
        })
        .collect();
    files.push(("assets/deploy/config.toml".into(), "config".into()));
    let mut folders = vec![
        format!("{ROOT}/assets/policies"),
        format!("{ROOT}/assets/claims"),
    ];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path.display().to_string());
            } else {
                let path = path.strip_prefix(ROOT).unwrap().display().to_string();
                files.push((path, "pack".into()));
            }
        }
    }
    for (path, name) in files {
        let value = table_of(&fs::read_to_string(format!("{ROOT}/{path}")).unwrap());
        let schema = schema(&name);
        let mut found = Vec::new();
        misfits(&schema, &schema, &value, &path, &mut found);
        assert!(found.is_empty(), "{found:#?}");
    }
}

#[test]
fn a_slip_does_not_fit() {
    if is_to_be_written() {
        return;
    }
    for (name, text) in [
        ("brand", "nmae = 'x'"),
        (
            "products",
            "[firm]\n[[product]]\nid = 'a'\nclass = 'b'\nfact = {}",
        ),
        ("variants", "[[variant]]\nid = 'A'\nchannel = 'pigeon'"),
        ("config", "[desk]\ntheme = 5"),
        (
            "pack",
            "[pack]\nid = 'a'\nversion = '1'\ntitle = 't'\nform = 2\n[[rule]]\nid = 'r'",
        ),
    ] {
        let schema = schema(name);
        let mut found = Vec::new();
        misfits(&schema, &schema, &table_of(text), name, &mut found);
        assert!(!found.is_empty(), "{name}");
    }
}

/// The fields of a table as rows, and of the tables in it.
fn rows(root: &Value, table: &Value, path: &str, page: &mut String, seen: &mut BTreeSet<String>) {
    let mut deeper = Vec::new();
    let mut made = String::new();
    let needed: Vec<&str> = table["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    for (name, field) in table["properties"].as_object().into_iter().flatten() {
        let says = field["description"].as_str().unwrap_or("");
        let inner = field.get("items").unwrap_or(field);
        if let Some(to) = inner["$ref"].as_str() {
            let is_facts = to.ends_with("/Facts");
            let many = field.get("items").is_some();
            let title = match (path, many) {
                ("", true) => format!("[[{name}]]"),
                ("", false) => format!("[{name}]"),
                (path, _) => format!("{path}.{name}"),
            };
            if !is_facts && seen.insert(to.to_owned()) {
                deeper.push((title, root.pointer(to.trim_start_matches('#')).unwrap()));
            }
        }
        let words: Vec<&str> = inner["enum"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let words = if words.is_empty() {
            String::new()
        } else {
            format!(" One of `{}`.", words.join("`, `"))
        };
        let must = if needed.contains(&name.as_str()) {
            " *needed*"
        } else {
            ""
        };
        writeln!(made, "| `{name}`{must} | {says}{words} |").unwrap();
    }
    if !made.is_empty() {
        let title = if path.is_empty() {
            String::new()
        } else {
            format!("\n`{path}`\n")
        };
        write!(
            page,
            "{title}\n| field | what it does |\n| --- | --- |\n{made}"
        )
        .unwrap();
    }
    for (title, table) in deeper {
        rows(root, table, &title, page, seen);
    }
}

#[test]
fn the_page_has_every_field() {
    let (all, _) = made();
    let mut made = MADE.to_owned();
    for (path, name, _, title) in FILES.iter().filter(|(path, ..)| *path != "config.toml") {
        write!(made, "\n### `{path}`\n\n{title}.\n").unwrap();
        let schema = &all[&format!("{name}.schema.json")];
        rows(schema, schema, "", &mut made, &mut BTreeSet::new());
    }
    let path = format!("{ROOT}/{PAGE}");
    let text = fs::read_to_string(&path).unwrap();
    let (head, rest) = text.split_once(MADE).unwrap();
    if is_to_be_written() {
        fs::write(path, format!("{head}{made}")).unwrap();
        return;
    }
    assert_eq!(
        format!("{MADE}{rest}"),
        made,
        "ECHOVOICE_WALK=write cargo test --test it schemas:: writes it anew"
    );
}
