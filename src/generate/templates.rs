//! Templates: data that composes a body sentence by sentence, each with its source.

use super::brand::Brand;
use super::{format, html};
use crate::domain::citation::{Citation, Trust};
use crate::domain::facts::Facts;
use crate::domain::jurisdiction::{Channel, Jurisdiction};
use crate::domain::profile::Profile;
use crate::domain::segment::Segment;
use crate::domain::variant::{SentenceSource, Source, Variant, VariantMeta};
use crate::text::{hidden, sentence};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Assets that cannot be read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct TemplateError {
    pub file: String,
    pub problem: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Common {
    greeting: BTreeMap<String, String>,
    call: BTreeMap<String, String>,
    opening: BTreeMap<String, String>,
    closing: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct VariantsFile {
    variant: Vec<Template>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Template {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    tone: String,
    channel: Channel,
    use_case: String,
    subject: String,
    sentences: Vec<Step>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Step {
    opening: bool,
    call: bool,
    say: Option<String>,
    facts: Vec<String>,
    cite: Option<Vec<String>>,
    proof: bool,
    disclosure: Option<String>,
    max: Option<usize>,
}

/// An approved disclosure.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    pub id: String,
    pub text: String,
    pub approved_by: String,
    pub approved_on: String,
}

#[derive(Deserialize)]
struct Disclosures {
    disclosure: Vec<Disclosure>,
}

/// Typed product facts by class and jurisdiction.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Products {
    #[serde(default)]
    firm: Facts,
    #[serde(default)]
    product: Vec<Product>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Product {
    #[serde(rename = "id")]
    _id: String,
    class: String,
    #[serde(default)]
    jurisdiction: Vec<Jurisdiction>,
    facts: Facts,
}

impl Products {
    /// # Errors
    /// Not TOML of this shape.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|e| e.message().to_owned())
    }

    /// The firm's facts and those of the product for this recipient.
    pub fn facts(&self, class: Option<&str>, recipient: &Jurisdiction) -> Facts {
        let mut facts = self.firm.clone();
        if let Some(class) = class
            && let Some(product) = self.product.iter().find(|p| {
                p.class == class
                    && (p.jurisdiction.is_empty()
                        || p.jurisdiction
                            .iter()
                            .any(|scope| recipient.is_within(scope)))
            })
        {
            facts.overlay(&product.facts);
        }
        facts
    }
}

/// What variants are wanted for.
pub struct Wanted<'w> {
    pub profile: &'w Profile,
    pub segment: &'w Segment,
    pub citations: &'w [Citation],
    pub facts: &'w Facts,
    pub channel: Channel,
    pub jurisdiction: &'w Jurisdiction,
}

/// All templates, with what they draw on.
#[derive(Clone, Debug)]
pub struct Templates {
    common: Common,
    variants: Vec<Template>,
    pub disclosures: Vec<Disclosure>,
    pub brand: Brand,
}

impl Templates {
    /// Reads templates, disclosures and brand from TOML texts.
    ///
    /// # Errors
    /// The first file that cannot be read, and why.
    pub fn parse(
        common: &str,
        variants: &str,
        disclosures: &str,
        brand: &str,
    ) -> Result<Self, TemplateError> {
        fn read<'t, T: Deserialize<'t>>(file: &str, text: &'t str) -> Result<T, TemplateError> {
            toml::from_str(text).map_err(|e| TemplateError {
                file: file.into(),
                problem: e.message().replace('\n', " "),
            })
        }
        Ok(Self {
            common: read("templates/common.toml", common)?,
            variants: read::<VariantsFile>("templates/variants.toml", variants)?.variant,
            disclosures: read::<Disclosures>("disclosures.toml", disclosures)?.disclosure,
            brand: read("brand/brand.toml", brand)?,
        })
    }

    /// The HTML part for other words of the same look.
    pub fn html_of(&self, subject: &str, body: &str) -> String {
        html::render(&self.brand, subject, body)
    }

    /// Composes all variants. Same inputs, same bytes.
    pub fn generate(&self, wanted: &Wanted<'_>) -> Vec<Variant> {
        let own: Vec<&Template> = self
            .variants
            .iter()
            .filter(|t| t.channel == wanted.channel && t.use_case == wanted.segment.use_case)
            .collect();
        let chosen = if own.is_empty() {
            let channel = if wanted.channel == Channel::Push {
                Channel::Sms
            } else {
                wanted.channel
            };
            self.variants
                .iter()
                .filter(|t| t.channel == channel && t.use_case == "*")
                .collect()
        } else {
            own
        };
        chosen
            .into_iter()
            .map(|template| self.compose(template, wanted))
            .collect()
    }

    fn compose(&self, template: &Template, wanted: &Wanted<'_>) -> Variant {
        let words = self.words(wanted);
        let short = wanted.channel != Channel::Email;
        let mut writer = Writer {
            body: String::new(),
            sentences: Vec::new(),
            separator: if short { " " } else { "\n\n" },
        };
        let greeting = match (short, wanted.profile.given_name()) {
            (true, _) => "sms",
            (false, Some(_)) => "email",
            (false, None) => "email_unknown",
        };
        if let Some(text) = self
            .common
            .greeting
            .get(greeting)
            .and_then(|t| fill(t, &words))
        {
            writer.add(text.trim_end(), Source::Plain);
        }
        let mut used = BTreeSet::new();
        for step in &template.sentences {
            self.step(step, wanted, &words, &mut used, &mut writer);
        }
        let closing = match (short, wanted.jurisdiction.as_str()) {
            (true, _) => "sms",
            (false, code) if code == "UK" || code.starts_with("EU") => "email_eu",
            (false, _) => "email",
        };
        if let Some(text) = self
            .common
            .closing
            .get(closing)
            .and_then(|t| fill(t, &words))
        {
            writer.add(
                &text,
                Source::Fact {
                    keys: vec!["firm_name".into(), "postal_address".into()],
                },
            );
        }
        let subject = fill(&template.subject, &words).unwrap_or_else(|| "A note for you".into());
        Variant {
            id: template.id.clone(),
            html: (wanted.channel == Channel::Email)
                .then(|| html::render(&self.brand, &subject, &writer.body)),
            subject: if short { String::new() } else { subject },
            body: writer.body,
            meta: VariantMeta {
                kind: template.kind.clone(),
                tone: template.tone.clone(),
                template: format!("{}/{}/{}", template.use_case, template.channel, template.id),
                channel: wanted.channel,
                made_by: "template".into(),
            },
            sentences: writer.sentences,
        }
    }

    fn step(
        &self,
        step: &Step,
        wanted: &Wanted<'_>,
        words: &BTreeMap<String, String>,
        used: &mut BTreeSet<String>,
        writer: &mut Writer,
    ) {
        let stage = wanted.segment.funnel_stage.as_str();
        if !step.facts.iter().all(|key| {
            wanted
                .facts
                .0
                .get(key)
                .is_some_and(|v| !v.is_null() && *v != serde_json::Value::Bool(false))
        }) {
            return;
        }
        if step.opening
            && let Some(text) = self.common.opening.get(stage).and_then(|t| fill(t, words))
        {
            writer.add(&text, Source::Plain);
        }
        if let Some(text) = step.say.as_deref().and_then(|t| fill(t, words)) {
            let source = if step.facts.is_empty() {
                Source::Plain
            } else {
                Source::Fact {
                    keys: step.facts.clone(),
                }
            };
            writer.add(&text, source);
        }
        if let Some(cues) = &step.cite
            && let Some((id, text)) = pick(wanted.citations, cues, step.max, used, false)
        {
            writer.add(&text, Source::Citation { id });
        }
        if step.proof
            && let Some((id, text)) = pick(wanted.citations, &[], step.max, used, true)
        {
            writer.add(&text, Source::Citation { id });
        }
        if let Some(disclosure) = step
            .disclosure
            .as_ref()
            .and_then(|id| self.disclosures.iter().find(|d| d.id == *id))
        {
            writer.add(
                &disclosure.text,
                Source::Disclosure {
                    id: disclosure.id.clone(),
                },
            );
        }
        if step.call
            && let Some(text) = self.common.call.get(stage).and_then(|t| fill(t, words))
        {
            writer.add(&text, Source::Plain);
        }
    }

    /// Everything a `{…}` may stand for.
    fn words(&self, wanted: &Wanted<'_>) -> BTreeMap<String, String> {
        let mut words = BTreeMap::new();
        let mut set = |key: &str, value: String| words.insert(key.to_owned(), value);
        if let Some(name) = wanted.profile.given_name() {
            set("given_name", plain(name, 40));
        }
        let page = wanted
            .profile
            .viewed_page
            .as_deref()
            .unwrap_or("our products");
        set("page", plain(&page.replace(['_', '-'], " "), 40));
        set("use_case", wanted.segment.use_case.replace('_', "-"));
        set("link", self.brand.link.clone());
        set("sms_sender", self.brand.sms_sender.clone());
        set("product_name", wanted.segment.use_case_label.clone());
        for key in wanted.facts.0.keys() {
            if let Some(text) = format::fact(wanted.facts, key, wanted.jurisdiction) {
                set(key, text);
            }
        }
        words
    }
}

/// Outside text inside a message: one line, no mark-up, nothing hidden, short.
fn plain(text: &str, most: usize) -> String {
    let mut before = None;
    text.chars()
        .filter(|c| {
            let keep = !hidden::is_suspicious(*c, before)
                && !c.is_control()
                && !matches!(c, '<' | '>' | '{' | '}' | '[' | ']');
            before = Some(*c);
            keep
        })
        .take(most)
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Fills `{…}`; `None` if one is not known.
fn fill(template: &str, words: &BTreeMap<String, String>) -> Option<String> {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let close = open + rest[open..].find('}')?;
        out.push_str(&rest[..open]);
        out.push_str(words.get(&rest[open + 1..close])?);
        rest = &rest[close + 1..];
    }
    out.push_str(rest);
    Some(out)
}

/// The best sentence of the citations: most cues, then the better citation. Proof comes from research and stories.
fn pick(
    citations: &[Citation],
    cues: &[String],
    max: Option<usize>,
    used: &mut BTreeSet<String>,
    proof: bool,
) -> Option<(String, String)> {
    let is_proof =
        |c: &Citation| matches!(c.section.split(' ').next(), Some("Research" | "Stories"));
    let mut best: Option<(usize, String, String)> = None;
    for citation in citations
        .iter()
        .filter(|c| is_proof(c) == proof && (proof || c.trust != Trust::Unverified))
    {
        let spans = sentence::sentences(&citation.redacted_text);
        for (start, end) in spans {
            let text = clean(&citation.redacted_text[start..end]);
            let words = text.split_whitespace().count();
            let usable = (5..=40).contains(&words)
                && !text.contains("[REDACTED_")
                && max.is_none_or(|m| text.chars().count() <= m)
                && !used.contains(&text)
                && text.ends_with(['.', '!', '?', '"'])
                && text
                    .chars()
                    .next()
                    .is_some_and(|c| c.is_uppercase() || c == '"' || c.is_ascii_digit());
            if !usable {
                continue;
            }
            let lower = text.to_lowercase();
            let said = usize::from(
                proof && (lower.contains("survey") || lower.contains('"') || lower.contains('%')),
            );
            let hits = cues
                .iter()
                .filter(|cue| lower.contains(cue.as_str()))
                .count()
                + said;
            if hits > 0 && best.as_ref().is_none_or(|(most, ..)| hits > *most) {
                best = Some((hits, citation.id.clone(), text));
            }
        }
    }
    let (_, id, text) = best?;
    used.insert(text.clone());
    Some((id, text))
}

/// A sentence without list marks and line breaks. A leading number that is no list mark ("87% of them") stays.
fn clean(text: &str) -> String {
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let unmarked = joined.trim_start_matches(['-', '*', '•', ' ']);
    let digits = unmarked.bytes().take_while(u8::is_ascii_digit).count();
    match unmarked[digits..].strip_prefix(". ") {
        Some(rest) if digits > 0 => rest.to_owned(),
        _ => unmarked.to_owned(),
    }
}

struct Writer {
    body: String,
    sentences: Vec<SentenceSource>,
    separator: &'static str,
}

impl Writer {
    fn add(&mut self, text: &str, source: Source) {
        if !self.body.is_empty() {
            self.body.push_str(self.separator);
        }
        let start = self.body.len();
        self.body.push_str(text);
        self.sentences.push(SentenceSource {
            start,
            end: self.body.len(),
            source,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_not_known_drops_the_sentence() {
        let words = BTreeMap::from([("a".to_owned(), "1".to_owned())]);
        assert_eq!(fill("x {a} y", &words), Some("x 1 y".into()));
        assert_eq!(fill("x {b}", &words), None);
    }

    #[test]
    fn outside_text_cannot_bring_markup_or_placeholders() {
        assert_eq!(plain("Eve \u{1b}[2J<b>{link}\u{202e}", 40), "Eve 2Jblink");
        assert_eq!(clean("1. Choose Split Pay."), "Choose Split Pay.");
        assert_eq!(clean("87% of them agreed."), "87% of them agreed.");
    }
}
