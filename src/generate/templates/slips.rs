//! What templates would silently leave out: words that nothing fills, disclosures that nobody wrote, letters given twice.

use super::{TemplateError, TemplateSentence, Templates};
use crate::domain::facts::vocabulary;
use crate::domain::jurisdiction::Channel;
use std::collections::BTreeSet;

/// Words beside the facts that `{…}` may stand for.
const WORDS: [&str; 6] = [
    "given_name",
    "page",
    "use_case",
    "link",
    "sms_sender",
    "product_name",
];
/// Facts that an offer brings.
const OFFERS: [&str; 5] = [
    "ends_at",
    "offer_id",
    "offer_source",
    "offer_as_of",
    "offer_says",
];
const GREETINGS: [&str; 3] = ["email", "email_unknown", "sms"];
const CLOSINGS: [&str; 3] = ["email", "email_eu", "sms"];
const COMMON: &str = "templates/common.toml";
const VARIANTS: &str = "templates/variants.toml";

/// What the other files of the home have.
pub struct Beside<'b> {
    /// Keys that the firm's own facts have, known to the vocabulary or not.
    pub facts: BTreeSet<String>,
    pub use_cases: BTreeSet<&'b str>,
    pub stages: BTreeSet<&'b str>,
}

impl Beside<'_> {
    fn is_fact(&self, key: &str) -> bool {
        vocabulary::exactly(key).is_some() || self.facts.contains(key) || OFFERS.contains(&key)
    }

    /// Why a word is none, if it is none.
    fn wrong(&self, word: &str) -> Option<String> {
        if WORDS.contains(&word) || self.is_fact(word) {
            return None;
        }
        let near = vocabulary::nearly("", word).map(|entry| entry.key);
        let own = || {
            let mut own = self.facts.iter().map(String::as_str).chain(WORDS);
            own.find(|known| strsim::damerau_levenshtein(known, word) <= 2)
        };
        let meant = near.or_else(own);
        let hint = meant.map_or_else(String::new, |meant| format!("; is `{meant}` meant?"));
        Some(format!("`{word}` is no fact, and nothing fills it{hint}"))
    }
}

/// The words in braces of a text.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split('{')
        .skip(1)
        .map(|rest| rest.split('}').next().unwrap_or(rest))
}

impl Templates {
    /// What would silently be left out of every message: the first slip of each kind and file.
    ///
    /// # Errors
    /// The file, and what is wrong in it.
    pub fn check(&self, beside: &Beside<'_>) -> Result<(), TemplateError> {
        self.common_slip(beside)
            .map_or(Ok(()), |slip| error(COMMON, slip))?;
        let mut seen = BTreeSet::new();
        for template in &self.variants {
            let goal = template.goal.map_or("", |goal| goal.as_str());
            let place = format!(
                "variant {} of {} by {}",
                template.id, template.use_case, template.channel
            );
            let key = (
                &template.use_case,
                template.channel.as_str(),
                goal,
                &template.id,
            );
            if !seen.insert(key) {
                return error(
                    VARIANTS,
                    format!("{place} is given twice; give it another letter"),
                );
            }
            if template.use_case != "*" && !beside.use_cases.contains(template.use_case.as_str()) {
                let problem = format!(
                    "{place}: segments.toml has no [[use_case]] `{}`",
                    template.use_case
                );
                return error(VARIANTS, problem);
            }
            let in_subject = placeholders(&template.subject).find_map(|word| beside.wrong(word));
            if let Some(problem) = in_subject {
                return error(VARIANTS, format!("{place}: subject: {problem}"));
            }
            if template.channel == Channel::Email && template.subject.trim().is_empty() {
                return error(VARIANTS, format!("{place}: an e-mail needs a subject"));
            }
            for step in &template.sentences {
                if let Some(problem) = self.sentence_slip(step, beside) {
                    return error(VARIANTS, format!("{place}: {problem}"));
                }
            }
        }
        Ok(())
    }

    fn sentence_slip(&self, step: &TemplateSentence, beside: &Beside<'_>) -> Option<String> {
        let is_empty = !(step.opening || step.call || step.proof)
            && step.say.is_none()
            && step.cite.is_none()
            && step.disclosure.is_none();
        if is_empty {
            return Some("a sentence says nothing: it needs `say`, `cite`, `disclosure`, `opening`, `call` or `proof`".into());
        }
        let keys = step.facts.iter().chain(&step.unless);
        let key = keys.filter(|key| !beside.is_fact(key)).find_map(|key| {
            beside
                .wrong(key)
                .or_else(|| Some(format!("`{key}` is no fact")))
        });
        let word = || placeholders(step.say.as_deref()?).find_map(|word| beside.wrong(word));
        let disclosure = || {
            let id = step.disclosure.as_ref()?;
            let is_there = self.disclosures.iter().any(|known| known.id == *id);
            (!is_there).then(|| format!("disclosures.toml has no disclosure `{id}`"))
        };
        key.or_else(word).or_else(disclosure)
    }

    fn common_slip(&self, beside: &Beside<'_>) -> Option<String> {
        let common = &self.common;
        let stages: Vec<&str> = beside.stages.iter().copied().collect();
        for (name, table, known) in [
            ("greeting", &common.greeting, &GREETINGS[..]),
            ("closing", &common.closing, &CLOSINGS[..]),
            ("call", &common.call, &stages[..]),
            ("opening", &common.opening, &stages[..]),
        ] {
            for (key, text) in table {
                if !known.contains(&key.as_str()) {
                    let known = known.join(", ");
                    return Some(format!("[{name}] `{key}` is never used; known are {known}"));
                }
                if let Some(problem) = placeholders(text).find_map(|word| beside.wrong(word)) {
                    return Some(format!("[{name}] {key}: {problem}"));
                }
            }
        }
        None
    }
}

fn error<T>(file: &str, problem: String) -> Result<T, TemplateError> {
    Err(TemplateError {
        file: file.into(),
        slip: problem.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMON: &str = "[greeting]\nemail = 'Hi {given_name},'\n[call]\nawareness = '{link}'\n[opening]\n[closing]\n";
    const VARIANT: &str = "[[variant]]\nid = 'A'\ntype = 'short'\ntone = 't'\nchannel = 'email'\nuse_case = 'savings'\nsubject = 'S'\n\
        sentences = [ { say = 'The rate is {apy}.', facts = ['apy'] }, { disclosure = 'd' }, { call = true } ]\n";
    const DISCLOSURE: &str =
        "[[disclosure]]\nid = 'd'\ntext = 'x'\napproved_by = 'a'\napproved_on = '2026-01-01'\n";
    const BRAND: &str = "name = 'B'\nvoice = 'v'\nlogo = ''\nlogo_alt = ''\nhosts = []\nlink = 'l'\nfrom = 'f'\nsms_sender = 's'\nallowed_contacts = []\n[palette]\n";

    fn slip(common: &str, variants: &str, disclosures: &str) -> Option<String> {
        let templates = Templates::parse(common, variants, disclosures, BRAND).unwrap();
        let beside = Beside {
            facts: BTreeSet::from(["brook_points".to_owned()]),
            use_cases: BTreeSet::from(["savings"]),
            stages: BTreeSet::from(["awareness"]),
        };
        templates.check(&beside).err().map(|e| e.to_string())
    }

    #[test]
    fn what_was_left_out_in_silence_is_an_error() {
        assert_eq!(slip(COMMON, VARIANT, DISCLOSURE), None);
        let own = VARIANT.replace("{apy}", "{brook_points}");
        assert_eq!(slip(COMMON, &own, DISCLOSURE), None);
        let with = |from: &str, to: &str| slip(COMMON, &VARIANT.replace(from, to), DISCLOSURE);
        for (from, to, says) in [
            ("{apy}", "{apyy}", "is `apy` meant?"),
            ("['apy']", "['apr_precent']", "is no fact"),
            ("'S'", "'{nmae}'", "subject: `nmae`"),
            ("'S'", "' '", "needs a subject"),
            ("'savings'", "'saving'", "no [[use_case]] `saving`"),
            ("disclosure = 'd'", "disclosure = 'e'", "no disclosure `e`"),
            ("{ call = true }", "{ max = 5 }", "says nothing"),
        ] {
            let told = with(from, to).unwrap_or_default();
            assert!(told.contains(says), "{to}: {told}");
        }
        let twice = format!("{VARIANT}{VARIANT}");
        assert!(
            slip(COMMON, &twice, DISCLOSURE)
                .unwrap()
                .contains("given twice")
        );
        for (from, to, says) in [
            ("email =", "emial =", "never used"),
            ("awareness", "awarness", "never used"),
            ("{link}", "{lnik}", "is `link` meant?"),
        ] {
            let told = slip(&COMMON.replace(from, to), VARIANT, DISCLOSURE).unwrap_or_default();
            assert!(told.contains(says), "{to}: {told}");
        }
    }
}
