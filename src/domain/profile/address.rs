//! Addresses as a profile gives them: readable, or none.

/// An e-mail address alone, out of `Name <address>`, `mailto:` and quotes; none if it is no address.
pub(super) fn email(text: &str) -> Option<String> {
    let text = text.trim().trim_matches(['"', '\'']);
    let inner = match (text.rfind('<'), text.strip_suffix('>')) {
        (Some(at), Some(text)) => &text[at + 1..],
        _ => text,
    };
    let bare = match inner.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => &inner[7..],
        _ => inner,
    };
    let (local, domain) = bare.rsplit_once('@')?;
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>,;:\"()[]\\".contains(c);
    let is_domain = domain.split('.').count() > 1
        && domain.split('.').all(|label| {
            !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        });
    let ok = !local.is_empty()
        && local.chars().all(|c| is_plain(c) && c != '@')
        && is_domain
        && bare.len() <= 254;
    ok.then(|| bare.to_owned())
}

/// A telephone number as it was given; none if it is no number.
pub(super) fn phone(text: &str) -> Option<String> {
    let text = text.trim();
    let bare = match text.get(..4) {
        Some(scheme) if scheme.eq_ignore_ascii_case("tel:") => text[4..].trim(),
        _ => text,
    };
    let digits = bare.chars().filter(|c| c.is_numeric()).count();
    let letters = bare.chars().filter(|c| c.is_alphabetic()).count();
    let extension = bare.to_lowercase();
    let is_extension = extension.contains("ext") || extension.contains('x');
    (digits >= 6 && digits <= 20 && (letters == 0 || is_extension && letters <= 9))
        .then(|| bare.to_owned())
}
