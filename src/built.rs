//! What this program was built with, and what is said of what it was built without.

/// The optional parts that are in it, by the names of their features.
pub fn features() -> Vec<&'static str> {
    let all = [
        ("server", cfg!(feature = "server")),
        ("otlp", cfg!(feature = "otlp")),
        ("postgres", cfg!(feature = "postgres")),
        ("redis", cfg!(feature = "redis")),
        ("pdf", cfg!(feature = "pdf")),
    ];
    all.iter()
        .filter(|(_, is_in)| *is_in)
        .map(|(name, _)| *name)
        .collect()
}

/// What is missing, and how one comes by it, on one line.
pub fn without(what: &str, feature: &str) -> String {
    format!("built without {what}; {}", how(feature))
}

/// How a part is built in.
pub fn how(feature: &str) -> String {
    format!(
        "build with `cargo build --release --features {feature}`, or with all parts by `--features full`"
    )
}
