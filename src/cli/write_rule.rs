//! `policy new`: a rule from a short dialogue.

use super::Answer;
use super::global::Global;
use super::output::Out;
use crate::error::{Error, Kind, Result};
use crate::service::Workspace;
use crate::service::policy;
use crate::service::policy::write::{self, QUESTIONS};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{self, BufRead as _, Write as _};

pub fn run(
    global: &Global,
    workspace: &Workspace,
    id: &str,
    given: &[String],
    out: &mut Out,
) -> Result<Answer> {
    let mut answers: BTreeMap<&str, String> = BTreeMap::new();
    for answer in given {
        let (key, text) = answer.split_once('=').ok_or_else(|| {
            Error::new(Kind::Input, "an answer is KEY=ANSWER").fix("as in --answer place=US")
        })?;
        answers.insert(key, text.to_owned());
    }
    if let Some(unknown) = answers
        .keys()
        .find(|key| !QUESTIONS.iter().any(|question| question.key == **key))
    {
        let keys: Vec<&str> = QUESTIONS.iter().map(|question| question.key).collect();
        let problem = format!("`{unknown}` is no question");
        return Err(Error::new(Kind::Input, problem).fix(format!("one of: {}", keys.join(", "))));
    }
    let mut lines = io::stdin().lock().lines();
    for question in &QUESTIONS {
        if answers.contains_key(question.key) {
            continue;
        }
        // Who answers all that is asked for is not asked what may be left out.
        if question.optional && !given.is_empty() {
            continue;
        }
        let _ = write!(io::stderr(), "{}\n> ", question.text);
        let line = lines.next().transpose().ok().flatten().unwrap_or_default();
        if line.trim().is_empty() && !question.optional {
            let problem = format!("`{}` was not answered", question.key);
            return Err(Error::new(Kind::Input, problem).fix(question.text));
        }
        answers.insert(question.key, line.trim().to_owned());
    }
    let answer = |key: &str| answers.get(key).cloned().unwrap_or_default();
    let (pack, path) = write::write(workspace, id, &answer)?;
    let report = policy::test(workspace, &pack)?;
    if global.json {
        out.json(&json!({"pack": pack.head.id, "file": path, "failures": report.failures}));
    } else {
        out.line(&format!("written: {}", path.display()));
        super::policy::say_report(global, &pack.head.id, &report, out);
        out.line(&format!(
            "put it in force with `echovoice policy activate {}`",
            pack.head.id
        ));
    }
    Ok(if report.failures.is_empty() {
        Answer::Done
    } else {
        Answer::No
    })
}
