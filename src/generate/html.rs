//! The HTML part of an e-mail: the brand's header and colours round the same words as the plain text.

use super::brand::Brand;

/// Wraps a plain-text body. Every character of it is escaped; links become links that say where they lead.
pub fn render(brand: &Brand, subject: &str, body: &str) -> String {
    let (ink, paper, mist, accent) = (
        brand.colour("ink"),
        brand.colour("paper"),
        brand.colour("mist"),
        brand.colour("accent"),
    );
    let mut paragraphs = String::new();
    for block in body.split("\n\n").filter(|b| !b.trim().is_empty()) {
        let lines: Vec<String> = block.lines().map(|line| linked(line, accent)).collect();
        paragraphs.push_str(&format!(
            "<p style=\"margin:0 0 16px\">{}</p>\n",
            lines.join("<br>\n")
        ));
    }
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\n<body style=\"margin:0;background:{mist};color:{ink};font-family:Georgia,serif\">\n<div style=\"max-width:560px;margin:0 auto;padding:24px;background:{paper}\">\n<p style=\"margin:0 0 24px\">{head}</p>\n{paragraphs}</div>\n</body></html>\n",
        title = htmlize::escape_text(subject),
        head = head(brand),
    )
}

/// The logo, or the firm's name where there is none.
fn head(brand: &Brand) -> String {
    if brand.logo.is_empty() {
        return format!("<strong>{}</strong>", htmlize::escape_text(&brand.name));
    }
    format!(
        "<img src=\"{}\" alt=\"{}\" width=\"180\" height=\"40\">",
        htmlize::escape_attribute(brand.logo.as_str()),
        htmlize::escape_attribute(brand.logo_alt.as_str()),
    )
}

fn linked(line: &str, accent: &str) -> String {
    let Some(at) = line.find("https://") else {
        return htmlize::escape_text(line).into_owned();
    };
    let (before, link) = line.split_at(at);
    let label = before.trim_end().trim_end_matches(':').trim();
    let label = label.rsplit(". ").next().unwrap_or(label);
    let prefix = before.trim_end().trim_end_matches(':');
    let prefix = prefix.strip_suffix(label).unwrap_or("");
    format!(
        "{}<a href=\"{}\" style=\"color:{accent}\">{}</a>",
        htmlize::escape_text(prefix),
        htmlize::escape_attribute(link.trim()),
        htmlize::escape_text(if label.is_empty() { link.trim() } else { label })
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_escaped_and_links_named() {
        let brand: Brand = toml::from_str(include_str!("../../assets/brand/brand.toml")).unwrap();
        let html = render(
            &brand,
            "A <b>",
            "Hi <script>,\n\nSee how it works: https://www.tarnwick.example/plans",
        );
        assert!(html.contains("Hi &lt;script&gt;,"));
        assert!(html.contains("<a href=\"https://www.tarnwick.example/plans\" style=\"color:#1f7a8c\">See how it works</a>"));
        assert!(!html.contains("<script"));
    }
}
