//! Templates: data that composes a body sentence by sentence, each with its source.

mod slips;

pub use slips::Beside;

use super::brand::Brand;
use super::words::{BodyBuilder, fill, pick, plain};
use super::{format, html};
use crate::domain::citation::Citation;
use crate::domain::facts::Facts;
use crate::domain::jurisdiction::{Channel, Jurisdiction};
use crate::domain::profile::Profile;
use crate::domain::segment::{Goal, Segment};
use crate::domain::variant::{Source, Variant, VariantMeta};
use crate::text::table::{self, TomlError};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};

/// Assets that cannot be read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{file}: {slip}")]
pub struct TemplateError {
    pub file: String,
    pub slip: TomlError,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Common {
    /// By channel: `email`, `email_unknown` without a name, `sms`.
    greeting: BTreeMap<String, String>,
    /// The call to action, by stage.
    call: BTreeMap<String, String>,
    /// The first sentence, by stage.
    opening: BTreeMap<String, String>,
    /// By channel: `email`, `email_eu` for the UK and the EU, `sms`.
    closing: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct VariantsFile {
    /// The messages.
    #[serde(default)]
    variant: Vec<Template>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Template {
    /// The letter of the variant: one of each for a use case, channel and goal.
    pub id: String,
    /// What experiments compare: `short`, `educational`, `social_proof` or any other.
    #[serde(rename = "type")]
    kind: String,
    /// How it speaks.
    tone: String,
    /// How it is sent.
    channel: Channel,
    /// The use case of `segments.toml` that it is for; `*` for all that have none of their own.
    use_case: String,
    /// Only for campaigns with this goal.
    #[serde(default)]
    goal: Option<Goal>,
    /// The subject; empty for texts. `{…}` as in a sentence.
    subject: String,
    /// The sentences, in their order.
    pub sentences: Vec<TemplateSentence>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TemplateSentence {
    /// The opening of the stage (`templates/common.toml`).
    opening: bool,
    /// The call to action of the stage.
    call: bool,
    /// A sentence of your own; `{…}` stands for a fact, `given_name`, `page`, `link`, `use_case`, `sms_sender` or `product_name`.
    pub say: Option<String>,
    /// Facts that must be known, or the sentence is left out.
    pub facts: Vec<String>,
    /// The best sentence of the documents that holds one of these words.
    pub cite: Option<Vec<String>>,
    /// What customers say, with its count, source and date, from a document.
    pub proof: bool,
    /// Left out where all these facts are known: another sentence says it then.
    pub unless: Vec<String>,
    /// An approved disclosure, by its id.
    disclosure: Option<String>,
    /// Most characters of a cited sentence.
    pub max: Option<usize>,
}

/// An approved disclosure.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    /// The name that templates call it by.
    pub id: String,
    /// The exact words; they pass the gate as they are.
    pub text: String,
    /// Who approved them.
    pub approved_by: String,
    /// When.
    pub approved_on: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Disclosures {
    /// The disclosures.
    #[serde(default)]
    disclosure: Vec<Disclosure>,
}

/// What variants are wanted for.
pub struct TemplateInput<'w> {
    pub profile: &'w Profile,
    pub segment: &'w Segment,
    pub citations: &'w [Citation],
    pub facts: &'w Facts,
    pub channel: Channel,
    pub jurisdiction: &'w Jurisdiction,
}

/// A message that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageSlot {
    pub id: String,
    pub kind: String,
    pub tone: String,
}

/// Somebody else's words for the middle of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuppliedText {
    pub subject: String,
    pub sentences: Vec<(String, Source)>,
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
    /// The texts of the approved disclosures: what rules let stand as it is.
    pub fn approved(&self) -> Vec<String> {
        self.disclosures.iter().map(|d| d.text.clone()).collect()
    }

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
        fn read<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, TemplateError> {
            table::read(text).map_err(|slip| TemplateError {
                file: file.into(),
                slip,
            })
        }
        Ok(Self {
            common: read("templates/common.toml", common)?,
            variants: read::<VariantsFile>("templates/variants.toml", variants)?.variant,
            disclosures: read::<Disclosures>("disclosures.toml", disclosures)?.disclosure,
            brand: read("brand/brand.toml", brand)?,
        })
    }

    /// Whether any message can be composed.
    pub fn has_variants(&self) -> bool {
        !self.variants.is_empty()
    }

    /// The HTML part for other words of the same look.
    pub fn html_of(&self, subject: &str, body: &str) -> String {
        html::render(&self.brand, subject, body)
    }

    /// Composes all variants. Same inputs, same bytes.
    pub fn generate(&self, wanted: &TemplateInput<'_>) -> Vec<Variant> {
        self.generate_with(wanted, &BTreeMap::new())
    }

    /// The same, with these words in the middle of the variants that they are for: greeting, disclosures, call to action
    /// and closing stay.
    pub fn generate_with(
        &self,
        wanted: &TemplateInput<'_>,
        written: &BTreeMap<String, SuppliedText>,
    ) -> Vec<Variant> {
        self.chosen(wanted)
            .into_iter()
            .map(|template| self.compose(template, wanted, written.get(&template.id)))
            .collect()
    }

    /// The messages that are wanted.
    pub fn slots(&self, wanted: &TemplateInput<'_>) -> Vec<MessageSlot> {
        let slot = |template: &Template| MessageSlot {
            id: template.id.clone(),
            kind: template.kind.clone(),
            tone: template.tone.clone(),
        };
        self.chosen(wanted).into_iter().map(slot).collect()
    }

    /// The product's facts that these messages may state, as they are written.
    pub fn told_facts(&self, wanted: &TemplateInput<'_>) -> BTreeMap<String, String> {
        let words = self.words(wanted);
        let steps = self.chosen(wanted).into_iter().flat_map(|t| &t.sentences);
        steps
            .flat_map(|step| &step.facts)
            .filter_map(|key| Some((key.clone(), words.get(key)?.clone())))
            .collect()
    }

    /// The templates for a use case and channel: those made for the goal before those for any, and those of the use case
    /// before those for all.
    pub(super) fn chosen(&self, wanted: &TemplateInput<'_>) -> Vec<&Template> {
        let for_all = match wanted.channel {
            Channel::Push => Channel::Sms,
            other => other,
        };
        let use_case = wanted.segment.use_case.as_str();
        let of = |use_case: &str, channel: Channel, goal: Option<Goal>| -> Vec<&Template> {
            let suits =
                |t: &&Template| t.channel == channel && t.use_case == use_case && t.goal == goal;
            self.variants.iter().filter(suits).collect()
        };
        let goal = wanted.segment.goal;
        [
            (use_case, wanted.channel, goal),
            (use_case, wanted.channel, None),
            ("*", for_all, goal),
        ]
        .into_iter()
        .map(|(use_case, channel, goal)| of(use_case, channel, goal))
        .find(|found| !found.is_empty())
        .unwrap_or_else(|| of("*", for_all, None))
    }

    fn compose(
        &self,
        template: &Template,
        wanted: &TemplateInput<'_>,
        written: Option<&SuppliedText>,
    ) -> Variant {
        let words = self.words(wanted);
        let short = wanted.channel != Channel::Email;
        let mut writer = BodyBuilder {
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
        let others = written.iter().flat_map(|written| &written.sentences);
        for (text, source) in others {
            writer.add(text, source.clone());
        }
        let mut says_nothing = written.is_none_or(|written| written.sentences.is_empty());
        for step in &template.sentences {
            // Their words stand for ours: what the law or the reader needs stays.
            if written.is_none() || step.call || step.disclosure.is_some() {
                let before = writer.sentences.len();
                self.step(step, wanted, &words, &mut used, &mut writer);
                let is_frame = step.opening || step.call || step.disclosure.is_some();
                says_nothing &= is_frame || writer.sentences.len() == before;
            }
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
        let subject = written
            .map(|written| written.subject.clone())
            .or_else(|| fill(&template.subject, &words))
            .unwrap_or_else(|| "A note for you".into());
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
                made_by: if written.is_some() {
                    "model"
                } else {
                    "template"
                }
                .into(),
                says_nothing,
            },
            sentences: writer.sentences,
        }
    }

    fn step(
        &self,
        step: &TemplateSentence,
        wanted: &TemplateInput<'_>,
        words: &BTreeMap<String, String>,
        used: &mut BTreeSet<String>,
        writer: &mut BodyBuilder,
    ) {
        let stage = wanted.segment.funnel_stage.as_str();
        let known = |key: &String| is_known(wanted.facts, key);
        let is_said = !step.unless.is_empty() && step.unless.iter().all(known);
        if is_said || !step.facts.iter().all(known) {
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
    pub(super) fn words(&self, wanted: &TemplateInput<'_>) -> BTreeMap<String, String> {
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

/// Whether a fact can be stated: what is absent or denied cannot.
pub(super) fn is_known(facts: &Facts, key: &str) -> bool {
    let fact = facts.0.get(key);
    fact.is_some_and(|v| !v.is_null() && *v != serde_json::Value::Bool(false))
}
