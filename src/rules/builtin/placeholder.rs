//! What a mail tool should have filled in: merge tags, greetings without a name, sample text.

use super::{Prepared, RawFinding};
use crate::domain::finding::{Disposition, Part, Polarity};
use crate::rules::prepared::PreparedPart;
use crate::text::html;
use crate::text::pattern::constant;
use crate::text::view::ViewKind;
use regex::Regex;
use std::sync::LazyLock;

/// Names that merge fields have everywhere.
const FIELD: &str = r"(?:(?:first|last|full|given|family|sur|middle|user|nick|company|customer|client|contact|recipient|member|account|product|street|city|agent|sender)[ _.-]?name|[fl]name|name|salutation|salutation_name|e-?mail(?:[ _-]?address)?)";

/// Tags that no reader takes for text, wherever they stand: of Mailchimp, Liquid, Handlebars, Salesforce, SendGrid,
/// Braze, Campaign Monitor, Adobe, Eloqua, and the same with their signs encoded.
static TAG: LazyLock<Regex> = LazyLock::new(|| {
    constant(concat!(
        r"\{\{\{?[^{}\n]{0,200}(?:\{[^{}\n]{0,200}\})?[^{}\n]{0,200}\}?\}\}|\{%[^%\n]{1,200}%\}|\*\|[^|\n]{1,100}\|\*",
        r"|%%=[^\n]{1,200}?=%%|%%[A-Za-z][0-9A-Za-z_ .:-]{0,60}%%|<%[^%\n]{1,200}%>|&lt;%[^%\n]{1,200}%&gt;|<#[^#\n]{1,80}#>",
        r"|<<[ 0-9A-Za-z_.:-]{1,60}>>|&lt;&lt;[ 0-9A-Za-z_.:-]{1,60}&gt;&gt;|\[\[ ?[A-Za-z][^\[\]\n]{0,80}\]\]|\[%[^%\]\n]{1,100}%\]",
        r"|\[[0-9A-Za-z_]{2,40}, ?fallback=[^\]\n]{0,80}\]|[$#@]\{[^{}\n]{1,120}\}|\$\$[A-Za-z][0-9A-Za-z_]{1,40}\$\$|@@[A-Za-z][0-9A-Za-z_]{0,40}@@",
        r"|##[A-Za-z][0-9A-Za-z_]{1,40}##|~~eloqua[^~\n]{1,200}~~|(?i:%7b%7b)[^\s<>]{1,100}?(?i:%7d%7d)|\{![$0-9A-Za-z_.]{1,80}\}|\{\$[0-9A-Za-z_.>-]{1,60}\}",
        r"|__[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+__"
    ))
});

/// Tags in signs that text uses too: told by the name between them, or by its form.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    constant(&format!(
        concat!(
            r"\{{(?i:{f})\}}|\{{[A-Z][A-Z0-9_]{{1,40}}\}}|\{{[a-z]+(?:_[a-z0-9]+)+\}}|\{{[a-z]+[A-Z][A-Za-z]{{1,40}}\}}|\{{[A-Za-z_]+(?:\.[A-Za-z_]+)+\}}",
            r"|\[[A-Za-z]+(?:_[A-Za-z0-9]+)+\]|\[ ?(?i:{f}|insert\b[^\]\n]{{1,60}}|(?:your|enter|add|customer|client|recipient|contact|company|firm|bank|agent|advis[eo]r|sender|phone|account|policy|loan)(?:'s)?[ _-](?:[0-9A-Za-z_]+[ _-]){{0,2}}(?:name|number|address|title|amount|date|here)|recipient|todo|tbd|tbc|placeholder|amount|date|company) ?\]",
            r"|&lt;(?i:{f})&gt;|«[A-Za-z]+(?:_[A-Za-z0-9]+)+»|«(?i:{f})»",
            r"|\$(?i:{f})\$|\$[A-Za-z]+(?:_[A-Za-z]+)+\$|~[A-Za-z]+\.[A-Za-z]+~|\bDear @[0-9A-Za-z_]+"
        ),
        f = FIELD
    ))
});

/// Names in angle brackets: a reader of mark-up takes them for an element, so only the source shows them.
static ANGLED: LazyLock<Regex> =
    LazyLock::new(|| constant(&format!(r"<(?i:{FIELD}|(?:your|insert) [a-z ]{{2,30}})>")));

/// Signs that need a border of their own: `%FNAME%`, `-FNAME-`. The first group is the tag.
static BORDERED: LazyLock<Regex> = LazyLock::new(|| {
    constant(&format!(
        r#"(?:^|[\s"'(>=:/?&,;])(%[A-Za-z][A-Za-z0-9_.]{{2,40}}%|-(?i:{FIELD})-|-[A-Z]+(?:_[A-Z0-9]+)+-|@(?i:first_?name|last_?name|full_?name)|\|(?i:[fl]name)\|)(?:$|[\s"'()<.,;:!?&/])"#
    ))
});

/// A link or text that the mail tool fills with the way out.
static OPT_OUT: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?i)unsub|opt[\s_-]?out|optdown|manage[\s_-]?(?:my[\s_-]?)?(?:preferences|subscription)|(?:email|subscription|communication)[\s_-]?preferences|preference[\s_-]?cent(?:er|re)|update_profile|subscription_cent|asm_(?:group|preferences)",
    )
});

/// What stands where something should have been: a person looks.
static SUSPECT: LazyLock<Regex> = LazyLock::new(|| {
    constant(concat!(
        r"(?m)^[\s>*_]*(?i:hi|hello|hey|dear|good (?:morning|afternoon|evening))(?:(?i:[ \t]+(?:null|undefined|nan|n/?a|none|nil|unknown|no ?name|first ?name|last ?name|customer ?name|fname|name|test|false|true|xx+|0|-+|\?+|\.\.\.))[ \t]*(?:[,!:.;]|$)|[ \t]+[,!:;]|[ \t]*,[ \t]*,)",
        r"|(?m)^[\s>*_]*[Dd]ear[ \t]*[,:!]|\[object Object\]|(?i:\blorem ipsum\b)|\b(?:TBD|TBC|TKTK|FIX[M]E)\b|[$£€][ ]?(?:X+(?:[.,]X+)*|null|undefined|NaN)\b|\bX{2,}(?:\.X+)?[ ]?%|\bXX/XX(?:/X+)?\b|\bNaN[ ]?%"
    ))
});

struct PlaceholderHit {
    start: usize,
    end: usize,
    /// Tags are sure, words are for a person.
    is_tag: bool,
}

/// Tags and words of placeholders in a text, from left to right, none inside another.
fn hits(text: &str, only_sure: bool) -> Vec<PlaceholderHit> {
    let mut all: Vec<PlaceholderHit> = Vec::new();
    let mut add = |start: usize, end: usize, is_tag: bool| {
        if !all
            .iter()
            .rev()
            .take(64)
            .any(|h| start < h.end && h.start < end)
        {
            all.push(PlaceholderHit { start, end, is_tag });
        }
    };
    for hit in TAG.find_iter(text) {
        add(hit.start(), hit.end(), true);
    }
    for hit in ANGLED.find_iter(text) {
        add(hit.start(), hit.end(), true);
    }
    if !only_sure {
        for hit in NAMED.find_iter(text) {
            // The tag of redacted data is no merge tag, and no text for a customer either.
            let is_tag = !hit.as_str().starts_with("[REDACTED_");
            add(hit.start(), hit.end(), is_tag);
        }
        let mut at = 0;
        while let Some(tag) = BORDERED.captures_at(text, at).and_then(|c| c.get(1)) {
            add(tag.start(), tag.end(), true);
            // The border behind one may be the border before the next.
            at = tag.end();
        }
        for hit in SUSPECT.find_iter(text) {
            let said = text[hit.start()..hit.end()].trim_start();
            add(hit.end() - said.len(), hit.end(), false);
        }
    }
    all.sort_by_key(|hit| hit.start);
    all
}

/// Merge tags and the like in any part: a tag blocks, an empty greeting or sample text is for a person. The tag of an
/// opt-out link is the way out once the mail tool has filled it, and only told; so is a tag that is shown as code.
pub fn placeholders(prepared: &Prepared<'_>, report: &mut dyn FnMut(RawFinding<'_>)) {
    for part in &prepared.parts {
        let mut seen: Vec<(usize, usize)> = Vec::new();
        let marked_up = html::looks_like_html(part.source);
        for (hit, text, span, view) in found_in(part, marked_up) {
            if seen
                .iter()
                .rev()
                .take(64)
                .any(|(s, e)| span.0 < *e && *s < span.1)
            {
                continue;
            }
            seen.push(span);
            report_one(
                part.part,
                &hit,
                &text,
                span,
                view,
                is_code(part.source, span),
                report,
            );
        }
    }
}

type LocatedPlaceholder = (PlaceholderHit, String, (usize, usize), &'static str);

fn found_in(part: &PreparedPart<'_>, marked_up: bool) -> Vec<LocatedPlaceholder> {
    let mut found: Vec<LocatedPlaceholder> = Vec::new();
    // The source of a marked-up part holds what no view shows: comments, and tags that look like mark-up.
    for hit in hits(part.source, marked_up) {
        let text = part.source[hit.start..hit.end].to_owned();
        let span = (hit.start, hit.end);
        found.push((hit, text, span, "visible"));
    }
    if marked_up {
        for view in part.views.iter().filter(|v| v.kind != ViewKind::Skeleton) {
            for hit in hits(view.text(), false) {
                let text = view.text()[hit.start..hit.end].to_owned();
                let span = view.mapped.original(hit.start, hit.end);
                found.push((hit, text, span, view.kind.as_str()));
            }
        }
    }
    found
}

/// Whether the tag is shown as code: between back ticks, or in a `code` or `pre` element.
fn is_code(source: &str, (start, end): (usize, usize)) -> bool {
    let from = source.floor_char_boundary(start.saturating_sub(200));
    let to = source.ceil_char_boundary((end + 200).min(source.len()));
    let before = source[from..start].rsplit('\n').next().unwrap_or("");
    let behind = source[end.min(to)..to].split('\n').next().unwrap_or("");
    let ticks = before.matches('`').count() % 2 == 1 && behind.contains('`');
    let lower = source[from..start].to_ascii_lowercase();
    let is_open = |name: &str| {
        let opened = lower.rfind(&format!("<{name}"));
        let closed = lower.rfind(&format!("</{name}"));
        opened.is_some() && opened > closed
    };
    ticks || is_open("code") || is_open("pre>") || is_open("pre ")
}

fn report_one(
    part: Part,
    hit: &PlaceholderHit,
    text: &str,
    (start, end): (usize, usize),
    view: &'static str,
    is_code: bool,
    report: &mut dyn FnMut(RawFinding<'_>),
) {
    let (disposition, why) = if !hit.is_tag {
        (
            Disposition::Review,
            "Something that should have been filled in was not.",
        )
    } else if OPT_OUT.is_match(text) {
        (
            Disposition::Info,
            "The mail tool's tag for the way to opt out: it has to be filled before sending.",
        )
    } else if is_code {
        (Disposition::Info, "A merge tag, shown as code.")
    } else {
        (Disposition::Block, "A merge tag was not filled in.")
    };
    report(RawFinding {
        part,
        start,
        end,
        owned_text: Some(text.to_owned()),
        view,
        polarity: Polarity::Asserted,
        disposition: Some(disposition),
        why: Some(why.to_owned()),
        ..RawFinding::whole()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tags(text: &str) -> Vec<&str> {
        hits(text, false)
            .iter()
            .filter(|hit| hit.is_tag)
            .map(|hit| &text[hit.start..hit.end])
            .collect()
    }

    #[test]
    fn tags_next_to_each_other_are_all_found() {
        assert_eq!(
            tags("Hi %FNAME% %LNAME%, {{a}}{{b}}"),
            ["%FNAME%", "%LNAME%", "{{a}}", "{{b}}"]
        );
    }

    proptest! {
        #[test]
        fn any_text_is_looked_at(text in "([{}\\[\\]<>%$#@|*~`-]|name|unsub|é| |\\n){0,60}") {
            for hit in hits(&text, false) {
                prop_assert!(hit.start < hit.end && text.get(hit.start..hit.end).is_some());
            }
        }
    }
}
