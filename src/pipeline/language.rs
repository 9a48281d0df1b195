//! What no rule in force could read, because it is written in another language.

use crate::domain::finding::{Check, Coverage, Disposition, Finding, Polarity, Severity};
use crate::domain::law::LegalStatus;
use crate::domain::message::Message;
use crate::domain::prescribed::LIBRARY;
use crate::domain::remark::Topic;
use crate::rules::{Prepared, RuleBook};
use crate::text::language;
use crate::text::view::ViewKind;

/// Bytes of a passage that its finding repeats.
const SHOWN: usize = 160;

/// One finding a passage, in every part, for a person who reads that language. Where claims of the language were looked
/// for, and were written for such a product, it is told and asks nothing.
pub(super) fn not_read(prepared: &Prepared<'_>, book: &RuleBook) -> Vec<Finding> {
    let languages = &book.languages;
    let product = prepared.message.product_named();
    let covered = |code: &str| {
        let classes = book.partly.get(code)?;
        let of_product = product.map_or(&[][..], |product| book.lexicon.products().of(product));
        Some(of_product.iter().any(|class| classes.contains(class)))
    };
    let mut findings = Vec::new();
    for part in &prepared.parts {
        let told = part.views.iter().filter(|v| v.kind != ViewKind::Skeleton);
        for view in told {
            for passage in language::unread(view, &|code| languages.contains(code)) {
                let (start, end) = view.mapped.original(passage.start, passage.end);
                let said = &view.text()[passage.start..passage.end];
                if LIBRARY.holds(said) {
                    continue;
                }
                let name = &passage.language.name;
                let (disposition, why) = match passage
                    .language
                    .codes
                    .iter()
                    .find_map(|code| covered(code))
                {
                    Some(true) => (
                        Disposition::Info,
                        format!(
                            "read in part: {name}. Only the claims that packs for it know were looked for."
                        ),
                    ),
                    Some(false) => (
                        Disposition::Review,
                        format!(
                            "not read: {name}. Packs in force know claims in it about other products only."
                        ),
                    ),
                    None => (
                        Disposition::Review,
                        format!("not read: {name}. No pack in force reads that language."),
                    ),
                };
                findings.push(Finding {
                    rule: Topic::Language.rule().into(),
                    version: "1".into(),
                    check: Check::Compliance,
                    disposition,
                    severity: Severity::High,
                    part: part.part,
                    start,
                    end,
                    text: said[..said.floor_char_boundary(SHOWN.min(said.len()))].to_owned(),
                    polarity: Polarity::None,
                    view: view.kind.as_str().into(),
                    missing: Vec::new(),
                    citation: "Firm policy: what was not read does not pass".into(),
                    why,
                    fix: "Have it read by somebody who knows the language and its law, or put a pack for it in force.".into(),
                    replacement: None,
                    hard: false,
                    title: "What is written is read".into(),
                    claim: String::new(),
                    source: String::new(),
        legal_status: LegalStatus::Policy,
                });
            }
        }
    }
    findings
}

pub(super) fn coverage(message: &Message) -> Coverage {
    Coverage {
        rules: 1,
        rule: Topic::Language.rule().into(),
        check: Check::Compliance,
        parts: message.parts().into_iter().map(|(part, _)| part).collect(),
        skipped: None,
        out_of_force: None,
    }
}
