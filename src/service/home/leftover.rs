//! What of the demo firm is left in a firm's home, and which names are not its own.

use crate::generate::{Brand, Products};
use crate::service::home::inspect::{Says, wrong};
use crate::service::home::workspace::Workspace;
use crate::service::home::{assets, origin};
use crate::service::users::people;
use std::fs;
use std::path::Path;

/// Names that do not belong into a message of this firm: the demo firm's, and those of its other products.
#[derive(Clone, Debug, Default)]
pub(in crate::service) struct OtherNames {
    demo: Vec<String>,
    products: Vec<String>,
}

impl OtherNames {
    pub fn of(brand: &Brand, products: &Products) -> Self {
        let own = products.names();
        let is_demo = demo_brand().is_some_and(|demo| demo.name == brand.name);
        let demo = if is_demo { Vec::new() } else { demo_names() };
        let is_own = |name: &String| {
            brand.name.contains(name.as_str()) || own.iter().any(|own| own.contains(name.as_str()))
        };
        Self {
            demo: demo.into_iter().filter(|name| !is_own(name)).collect(),
            products: own,
        }
    }

    /// Those that are not of the product of this name.
    pub fn others(&self, product: &str) -> Vec<String> {
        let others = self.products.iter().filter(|name| {
            !product.is_empty() && !product.contains(name.as_str()) && !name.contains(product)
        });
        self.demo.iter().chain(others).cloned().collect()
    }
}

fn demo_brand() -> Option<Brand> {
    crate::text::table::read(&assets::shipped("brand/brand.toml")?).ok()
}

/// Names of the demo firm, its products and its bank.
fn demo_names() -> Vec<String> {
    let shipped = assets::shipped("knowledge_base/products.toml").unwrap_or_default();
    let mut names = Products::parse(&shipped).map_or_else(|_| Vec::new(), |p| p.firms_and_names());
    if let Some(brand) = demo_brand() {
        names.extend(brand.name.split_whitespace().next().map(str::to_owned));
    }
    names
}

/// What is still the demo's, or empty: a line each, by the file that it stands in.
pub(in crate::service) fn look(workspace: &Workspace) -> Says {
    let home = &workspace.home;
    let brand = &workspace.templates.brand;
    let is_demo = !origin::is_own(home) && demo_brand().is_some_and(|demo| demo.name == brand.name);
    if is_demo {
        return Ok(
            "this is the demo's home; `echovoice init --home DIR` makes one for your firm".into(),
        );
    }
    let mut left = demo_left(workspace);
    left.extend(empty(workspace));
    if left.is_empty() {
        Ok("nothing of the demo, and nothing empty that a message needs".into())
    } else {
        Err(wrong(left.join("; ")))
    }
}

/// What of the demo a firm's home still has.
fn demo_left(workspace: &Workspace) -> Vec<String> {
    let home = &workspace.home;
    let mut left = Vec::new();
    let read = |name: &str| fs::read_to_string(home.join(name)).unwrap_or_default();
    let names = demo_names();
    for file in [
        "brand/brand.toml",
        "knowledge_base/products.toml",
        "segments.toml",
        "templates/common.toml",
        "templates/variants.toml",
        "disclosures.toml",
    ] {
        let text = uncommented(&read(file));
        let found: Vec<&str> = names
            .iter()
            .map(String::as_str)
            .filter(|name| text.contains(name))
            .collect();
        if !found.is_empty() {
            left.push(format!("{file} names {}", found.join(", ")));
        }
    }
    let logo = fs::read(home.join("brand").join("logo.svg")).ok();
    if workspace.templates.brand.logo == "cid:logo" && logo.as_deref() == Some(assets::demo_logo())
    {
        left.push("brand/logo.svg is the demo's logo".into());
    }
    let by_demo = workspace.templates.disclosures.iter();
    let by_demo: Vec<&str> = by_demo
        .filter(|disclosure| disclosure.approved_by.to_lowercase().contains("demo"))
        .map(|disclosure| disclosure.id.as_str())
        .collect();
    if !by_demo.is_empty() {
        let which = by_demo.join(", ");
        left.push(format!("disclosures.toml: approved by the demo: {which}"));
    }
    for (file, what) in [
        (
            "outcomes.toml",
            "response rates that were invented for the demo",
        ),
        ("experiments.toml", "the demo's experiment"),
    ] {
        let own = uncommented(&read(file));
        let shipped = assets::shipped(file).map(|text| uncommented(&text));
        if shipped.is_some_and(|shipped| shipped == own) {
            left.push(format!("{file} has {what}"));
        }
    }
    if workspace
        .packs
        .iter()
        .any(|pack| pack.head.id == "tarnwick")
    {
        left.push("the pack tarnwick is in force: the demo firm's house rules".into());
    }
    left.extend(demo_people(workspace));
    left.extend(demo_files(home));
    left
}

fn demo_people(workspace: &Workspace) -> Option<String> {
    let people = people::list(workspace.log().ok()?.as_ref()).ok()?;
    let demo = people.into_iter().filter(|p| p.active && p.demo);
    let demo: Vec<String> = demo.map(|person| person.name).collect();
    (!demo.is_empty()).then(|| {
        let names = demo.join(", ");
        format!("demo people may still act ({names}); an administrator revokes them: `echovoice user revoke`")
    })
}

/// Documents and profiles that are as they shipped.
fn demo_files(home: &Path) -> Vec<String> {
    let mut left = Vec::new();
    for (folder, what) in [("knowledge_base", "documents"), ("profiles", "profiles")] {
        let entries = fs::read_dir(home.join(folder)).into_iter().flatten();
        let is_shipped = |name: &str| {
            let shipped = assets::shipped(&format!("{folder}/{name}"));
            shipped.is_some() && fs::read_to_string(home.join(folder).join(name)).ok() == shipped
        };
        let names = entries
            .flatten()
            .filter_map(|e| e.file_name().into_string().ok());
        let count = names.filter(|name| is_shipped(name)).count();
        if count > 0 {
            left.push(format!("{folder}/ has {count} of the demo's {what}"));
        }
    }
    left
}

/// What a message needs and is not there.
fn empty(workspace: &Workspace) -> Vec<String> {
    let mut empty = Vec::new();
    if workspace.products.names().is_empty() {
        empty.push("knowledge_base/products.toml has no product".into());
    }
    let brand = &workspace.templates.brand;
    if brand.logo == "cid:logo" && !workspace.home.join("brand").join("logo.svg").exists() {
        empty.push("brand/logo.svg is missing, and brand.toml shows it".into());
    }
    if !workspace.templates.has_variants() {
        empty.push("templates/variants.toml has no variant".into());
    }
    empty
}

/// A table without its comments.
fn uncommented(text: &str) -> String {
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    lines.collect::<Vec<_>>().join("\n")
}
