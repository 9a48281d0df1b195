//! The page of settings is made from the documentation of the settings, so that it cannot rot.
//! `ECHOVOICE_WALK=write cargo test --test it settings_page::` writes it anew.

use crate::support::source::docs;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use syn::{Fields, GenericArgument, Item, PathArguments, Type};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const PAGE: &str = "assets/docs/configuration.md";

/// Where settings are, and the module by whose name `config.rs` calls those of the other files.
const SOURCES: [(&str, &str); 5] = [
    ("", "src/config.rs"),
    ("", "src/knowledge/ways.rs"),
    ("", "src/knowledge/bm25.rs"),
    ("model", "src/generate/model/service.rs"),
    ("external", "src/knowledge/external/mod.rs"),
];

/// What is said of a setting that a reader of the type alone would not know.
const BEGINS: &str = "\
# Settings

All are optional, in `HOME/config.toml`. A name that is not known is an error, and so is a value that cannot be used: the line is told. Passwords and keys never stand in the file; of the three settings that say where one lies (`…_env`, `…_file`, `…_command`), one is named. This page is made from the program.
";

struct Setting {
    name: String,
    says: String,
    kind: Type,
    is_many: bool,
}

enum Known {
    Struct(String, Vec<Setting>),
    /// The values that it may have, the one that holds without it first.
    Enum(Vec<(String, String, bool)>),
}

/// The type inside `Option` or `Vec`, and whether there may be several.
fn inner(kind: &Type) -> (Type, bool) {
    if let Type::Path(path) = kind {
        let last = path.path.segments.last().unwrap();
        if (last.ident == "Option" || last.ident == "Vec")
            && let PathArguments::AngleBracketed(arguments) = &last.arguments
            && let Some(GenericArgument::Type(kind)) = arguments.args.first()
        {
            let (kind, is_many) = inner(kind);
            return (kind, is_many || last.ident == "Vec");
        }
    }
    (kind.clone(), false)
}

/// `Settings` of a module is `module::Settings`; a type of the same file has its own name.
fn name_of(kind: &Type, module: &str) -> String {
    let Type::Path(path) = kind else {
        panic!("a setting's type has a name");
    };
    let words: Vec<String> = path
        .path
        .segments
        .iter()
        .map(|s| s.ident.to_string())
        .collect();
    match words.as_slice() {
        [name] => format!("{module}::{name}"),
        words => words[words.len() - 2..].join("::"),
    }
}

fn known() -> BTreeMap<String, Known> {
    let mut known = BTreeMap::new();
    for (module, path) in SOURCES {
        let text = fs::read_to_string(format!("{ROOT}/{path}")).unwrap();
        for item in syn::parse_file(&text).unwrap().items {
            match item {
                Item::Struct(one) => {
                    let Fields::Named(fields) = &one.fields else {
                        continue;
                    };
                    let settings = fields.named.iter().map(|field| {
                        let (kind, is_many) = inner(&field.ty);
                        Setting {
                            name: field.ident.as_ref().unwrap().to_string(),
                            says: docs(&field.attrs),
                            kind,
                            is_many,
                        }
                    });
                    let name = format!("{module}::{}", one.ident);
                    known.insert(name, Known::Struct(module.into(), settings.collect()));
                }
                Item::Enum(one) => {
                    let values = one.variants.iter().map(|variant| {
                        let is_default = variant.attrs.iter().any(|a| a.path().is_ident("default"));
                        let name = variant.ident.to_string().to_lowercase();
                        (name, docs(&variant.attrs), is_default)
                    });
                    let mut values: Vec<_> = values.collect();
                    values.sort_by_key(|(_, _, is_default)| !is_default);
                    known.insert(format!("{module}::{}", one.ident), Known::Enum(values));
                }
                _ => {}
            }
        }
    }
    known
}

/// What a plain type takes, in words.
fn takes(kind: &Type, is_many: bool) -> &'static str {
    let Type::Path(path) = kind else {
        panic!("a setting's type has a name");
    };
    let name = path.path.segments.last().unwrap().ident.to_string();
    match (name.as_str(), is_many) {
        ("String", true) => "a list of texts",
        ("String", false) => "a text",
        ("PathBuf", _) => "a path",
        ("bool", _) => "true or false",
        ("u16" | "u32" | "u64" | "usize", _) => "a whole number",
        ("f32" | "f64", _) => "a number",
        ("BTreeMap", _) => "names and values",
        (other, _) => panic!("say in this test what a setting of the type {other} takes"),
    }
}

fn table(known: &BTreeMap<String, Known>, heading: &str, name: &str, page: &mut String) {
    let Known::Struct(module, settings) = &known[name] else {
        panic!("{name} is a table of settings");
    };
    let mut deeper = Vec::new();
    let mut rows = String::new();
    for setting in settings {
        assert!(
            !setting.says.is_empty(),
            "{name}::{} says nothing of itself",
            setting.name
        );
        let path = match heading {
            "" => setting.name.clone(),
            heading => format!("{heading}.{}", setting.name),
        };
        let kind = name_of(&setting.kind, module);
        let says = &setting.says;
        match known.get(&kind) {
            Some(Known::Struct(..)) => deeper.push((path, kind, setting.is_many, says)),
            Some(Known::Enum(values)) => {
                let values = values.iter().map(|(name, says, is_default)| {
                    let mark = if *is_default {
                        " (without the setting)"
                    } else {
                        ""
                    };
                    format!("`\"{name}\"`{mark}: {says}")
                });
                let values = values.collect::<Vec<_>>().join("<br>");
                writeln!(rows, "| `{}` | {says}<br>{values} |", setting.name).unwrap();
            }
            _ => {
                let takes = takes(&setting.kind, setting.is_many);
                writeln!(rows, "| `{}` | {says} *{takes}* |", setting.name).unwrap();
            }
        }
    }
    if !rows.is_empty() {
        write!(page, "\n| setting | what it says |\n| --- | --- |\n{rows}").unwrap();
    }
    for (path, kind, is_many, says) in deeper {
        let title = if is_many {
            format!("[[{path}]]")
        } else {
            format!("[{path}]")
        };
        write!(page, "\n## `{title}`\n\n{says}\n").unwrap();
        table(known, &path, &kind, page);
    }
}

#[test]
fn the_page_of_settings_is_what_the_settings_say() {
    let mut made = BEGINS.to_owned();
    table(&known(), "", "::Config", &mut made);
    let path = format!("{ROOT}/{PAGE}");
    if std::env::var_os("ECHOVOICE_WALK").is_some() {
        fs::write(path, made).unwrap();
        return;
    }
    assert_eq!(
        fs::read_to_string(path).unwrap(),
        made,
        "ECHOVOICE_WALK=write cargo test --test it settings_page:: writes it anew"
    );
}
