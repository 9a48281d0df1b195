//! Schemas of the files that a firm edits: an editor completes and checks by them.

use crate::service::home::assets;

/// Where they lie in a home.
pub const FOLDER: &str = "schemas";

/// A file of the home, or a folder of such files, and its schema.
const OF: [(&str, &str); 10] = [
    ("config.toml", "config"),
    ("brand/brand.toml", "brand"),
    ("knowledge_base/products.toml", "products"),
    ("segments.toml", "segments"),
    ("disclosures.toml", "disclosures"),
    ("templates/common.toml", "common"),
    ("templates/variants.toml", "variants"),
    ("outcomes.toml", "outcomes"),
    ("experiments.toml", "experiments"),
    ("policies/", "pack"),
];

/// The schemas, by file name.
pub fn all() -> impl Iterator<Item = (String, String)> {
    OF.iter().filter_map(|(_, name)| {
        let file = format!("{name}.schema.json");
        let text = assets::shipped(&format!("schemas/{file}"))?;
        Some((file, text))
    })
}

/// The first line of a file in a home, by which editors find its schema.
pub fn comment(path: &str) -> Option<String> {
    let of = |(known, _): &&(&str, &str)| {
        path == *known || known.ends_with('/') && path.starts_with(known)
    };
    let (_, name) = OF.iter().find(of)?;
    let up = "../".repeat(path.matches('/').count());
    let up = if up.is_empty() { "./" } else { &up };
    Some(format!("#:schema {up}{FOLDER}/{name}.schema.json\n"))
}
