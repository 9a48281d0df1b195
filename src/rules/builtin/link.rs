//! Links whose text names another place than the one they lead to.

use super::{Prepared, RawFinding};
use crate::domain::contact::host_in_a_labels;
use crate::domain::finding::{Disposition, Polarity};
use regex::Regex;
use std::sync::LazyLock;

#[expect(
    clippy::expect_used,
    reason = "constant pattern, covered by the shipped packs' tests"
)]
static NAMED_HOST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(?P<sure>(?:https?|ftp):/{2}(?:[^\s/@]*@)?|www\.|[\w.+-]+@)?(?P<host>[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?(?:\.[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?)*\.(?P<end>\p{L}{2,24}))",
    )
    .expect("constant pattern")
});

/// Endings that make two words with a dot between them the name of a host, even without `www.` or `https://`.
const ENDINGS: [&str; 44] = [
    "com",
    "org",
    "net",
    "edu",
    "gov",
    "mil",
    "int",
    "io",
    "co",
    "uk",
    "de",
    "fr",
    "es",
    "it",
    "nl",
    "be",
    "ch",
    "at",
    "ie",
    "pt",
    "pl",
    "se",
    "no",
    "dk",
    "fi",
    "eu",
    "us",
    "ca",
    "au",
    "nz",
    "in",
    "jp",
    "cn",
    "br",
    "mx",
    "za",
    "bank",
    "insurance",
    "finance",
    "info",
    "biz",
    "example",
    "app",
    "online",
];

/// The text of a link names a host, and its target lies on another (a mark of fraud, and a broken promise otherwise).
pub(super) fn link_target(prepared: &Prepared<'_>, report: &mut dyn FnMut(RawFinding<'_>)) {
    for part in &prepared.parts {
        let Some(page) = &part.page else { continue };
        for link in page.shown().links() {
            let Some(target) = link
                .tag
                .attribute("href")
                .and_then(|href| host_of(&href.value))
            else {
                continue;
            };
            let text = link.text.text();
            let Some(named) = NAMED_HOST.captures_iter(text).find_map(|found| {
                let end = found.name("end")?.as_str().to_lowercase();
                let sure = found.name("sure").is_some() || ENDINGS.contains(&end.as_str());
                let host = found.name("host")?.as_str();
                (sure && !are_one_place(host, &target)).then(|| host.to_owned())
            }) else {
                continue;
            };
            report(RawFinding {
                part: part.part,
                start: link.from,
                end: link.to,
                owned_text: Some(text.trim().to_owned()),
                polarity: Polarity::Asserted,
                disposition: Some(Disposition::Review),
                why: Some(format!(
                    "The text of the link names {named}, and the link leads to {target}."
                )),
                ..RawFinding::whole()
            });
        }
    }
}

/// The host that a target leads to, in lower case; none for a place on the page or a telephone number.
fn host_of(target: &str) -> Option<String> {
    let target: String = target.chars().filter(|c| !c.is_control()).collect();
    let target = target.trim().to_lowercase().replace('\\', "/");
    let rest = match target.split_once(':') {
        Some(("mailto", address)) => address.split('?').next()?.rsplit_once('@')?.1,
        Some(("http" | "https" | "ftp", rest)) => rest.trim_start_matches('/'),
        _ => target.strip_prefix("//")?,
    };
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?.split(':').next()?;
    let host = host.trim_end_matches('.');
    (!host.is_empty()).then(|| host.to_owned())
}

/// One host, or one below the other, in either form of an international name.
fn are_one_place(named: &str, target: &str) -> bool {
    let plain = |host: &str| {
        let host = host.to_lowercase();
        let host = host_in_a_labels(&host).unwrap_or(host);
        host.trim_start_matches("www.").to_owned()
    };
    let (named, target) = (plain(named), plain(target));
    let below = |a: &str, b: &str| a.strip_suffix(b).is_some_and(|rest| rest.ends_with('.'));
    named == target || below(&named, &target) || below(&target, &named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_read_from_every_form_of_a_target() {
        for (target, host) in [
            ("https://tidewater.example/a", Some("tidewater.example")),
            (
                "HTTPS://tidewater.example@evil.example:8080/x",
                Some("evil.example"),
            ),
            ("//evil.example", Some("evil.example")),
            (
                "mailto:help@tidewater.example?subject=x",
                Some("tidewater.example"),
            ),
            ("https:\\\\evil.example\\x", Some("evil.example")),
            ("#terms", None),
            ("tel:+13025550147", None),
            ("/terms", None),
        ] {
            assert_eq!(host_of(target).as_deref(), host, "{target}");
        }
        assert!(are_one_place(
            "www.tidewater.example",
            "go.tidewater.example"
        ));
        assert!(are_one_place("bücher.example", "xn--bcher-kva.example"));
        assert!(!are_one_place("water.example", "tidewater.example"));
    }
}
