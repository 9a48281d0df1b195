//! A rule written from answers: which claim, of which product, what it requires, what to say instead, and sentences on
//! both sides.

use super::Pack;
use crate::error::{Error, Kind, Result};
use crate::files;
use crate::rules::pack::is_id;
use crate::service::home::workspace::Workspace;
use std::fmt::Write as _;
use std::path::PathBuf;

/// A question, by the name that an answer may be given under.
pub struct Question {
    pub key: &'static str,
    pub text: &'static str,
    /// An empty answer will do.
    pub optional: bool,
}

const fn asked(key: &'static str, text: &'static str, optional: bool) -> Question {
    Question {
        key,
        text,
        optional,
    }
}

/// What is asked, in order.
pub const QUESTIONS: [Question; 15] = [
    asked("title", "What does the rule say, in a few words?", false),
    asked(
        "when",
        "Which claim wakes it? A kind (see `policy explain KIND`), or `words` for words of your own",
        false,
    ),
    asked(
        "words",
        "If words of your own: phrases, with ; between them (empty otherwise)",
        true,
    ),
    asked(
        "place",
        "Whose law or policy: US, UK, EU, a state as US-CA",
        false,
    ),
    asked(
        "product",
        "Which product classes, with ; between them? Empty: all",
        true,
    ),
    asked(
        "needs",
        "Which words cure it, if they stand beside it? Phrases with ; between them, or empty",
        true,
    ),
    asked(
        "asks",
        "Does it block, or ask for review? block or review",
        false,
    ),
    asked("why", "Why, in a sentence?", false),
    asked("say", "What to say instead?", false),
    asked(
        "cite",
        "Which provision, or which policy of the firm?",
        false,
    ),
    asked("source", "Where can it be read?", true),
    asked(
        "breaks",
        "Three sentences that break it, with | between them",
        false,
    ),
    asked(
        "keeps",
        "Three sentences that keep it, with | between them",
        false,
    ),
    asked(
        "case",
        "A product for the sentences, as a message names it (empty: none)",
        true,
    ),
    asked("author", "Who writes it?", true),
];

/// Writes the pack of one rule as a draft. `answer` gives the answer to a question by its key.
///
/// # Errors
/// An answer that makes no rule, or a draft of that name that is there already.
pub fn write(
    workspace: &Workspace,
    id: &str,
    answer: &dyn Fn(&str) -> String,
) -> Result<(Pack, PathBuf)> {
    if !is_id(id) {
        return Err(Error::new(
            Kind::Input,
            "the id names a file: small letters, digits, dots and hyphens",
        )
        .fix("as in firm.fees.free"));
    }
    let text = toml(id, answer)?;
    let pack = Pack::parse(&text)
        .map_err(|e| Error::of(Kind::Input, e).fix("correct the answer that it names"))?;
    let path = workspace.home.join("policies").join(format!("{id}.toml"));
    if path.exists() {
        return Err(
            Error::new(Kind::Changed, "a draft of that name is there already")
                .at(path.display().to_string())
                .fix("choose another id, or change the draft"),
        );
    }
    files::write(&path, &text)
        .map_err(|e| Error::of(Kind::Io, e).at(path.display().to_string()))?;
    Ok((pack, path))
}

fn toml(id: &str, answer: &dyn Fn(&str) -> String) -> Result<String> {
    let list = |key: &str, mark: char| {
        let answer = answer(key);
        let parts = answer.split(mark).map(|part| part.trim().to_owned());
        parts.filter(|part| !part.is_empty()).collect::<Vec<_>>()
    };
    let own_words = answer("when") == "words";
    let kind = id.replace(['.', '-'], "_");
    let (when, words) = if own_words {
        (kind.clone(), list("words", ';'))
    } else {
        (answer("when"), Vec::new())
    };
    if own_words && words.is_empty() {
        return Err(Error::new(Kind::Input, "there are no words to look for")
            .fix("answer `words`, or name a kind of claim"));
    }
    let mut text = String::new();
    let quote = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let array = |all: &[String]| {
        let quoted: Vec<String> = all
            .iter()
            .map(|one| format!("  {},\n", quote(one)))
            .collect();
        format!("[\n{}]", quoted.concat())
    };
    let product = answer("case");
    let cases = |key: &str| {
        let mark = |text: String| match product.as_str() {
            "" => text,
            product => format!("{text} {{{product}}}"),
        };
        array(&list(key, '|').into_iter().map(mark).collect::<Vec<_>>())
    };
    let asks = answer("asks");
    let _ = write!(
        text,
        "[pack]\nid = {}\nversion = \"1\"\ntitle = {}\nform = 2\nauthor = {}\n\n",
        quote(id),
        quote(&answer("title")),
        quote(&answer("author")),
    );
    if own_words {
        let _ = write!(
            text,
            "[[kind]]\nid = {}\nsays = {}\nphrases = {}\nmakes = {}\nnot = []\n\n",
            quote(&kind),
            quote(&answer("title")),
            array(&words),
            array(&list("breaks", '|')),
        );
    }
    let _ = write!(
        text,
        "[[rule]]\nid = {}\ntitle = {}\nwhen = {}\nscope = {{ place = [{}]",
        quote(id),
        quote(&answer("title")),
        quote(&when),
        quote(&answer("place")),
    );
    let classes = list("product", ';');
    if !classes.is_empty() {
        let classes: Vec<String> = classes.iter().map(|class| quote(class)).collect();
        let _ = write!(text, ", product = [{}]", classes.join(", "));
    }
    text.push_str(" }\n");
    let needs = list("needs", ';');
    if !needs.is_empty() {
        let quoted: Vec<String> = needs.iter().map(|one| quote(one)).collect();
        let _ = writeln!(
            text,
            "unless = [ {{ words = [{}], where = \"near\" }} ]",
            quoted.join(", ")
        );
    }
    if asks != "block" {
        text.push_str("disposition = { asserted = \"review\" }\n");
    }
    let _ = write!(
        text,
        "why = {}\nsay = {}\nlaw = {{ cite = {}, source = {}, status = \"unverified\" }}\nbreaks = {}\nkeeps = {}\n",
        quote(&answer("why")),
        quote(&answer("say")),
        quote(&answer("cite")),
        quote(&answer("source")),
        cases("breaks"),
        cases("keeps"),
    );
    Ok(text)
}
