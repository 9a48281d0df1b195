//! An answer as it is written: server-sent events with a piece each (OpenAI API reference, "Streaming", chat completion
//! chunks). What is shown meanwhile is for the eye alone; the answer counts once it is whole.

use super::completion::{Completion, LanguageModelError};
use crate::remote::Passing;
use serde::Deserialize;
use std::io::BufRead;

#[derive(Deserialize)]
struct CompletionChunk {
    #[serde(default)]
    choices: Vec<Choice>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    delta: Delta,
    finish_reason: Option<String>,
}

#[derive(Default, Deserialize)]
struct Delta {
    content: Option<String>,
    refusal: Option<String>,
}

#[derive(Deserialize)]
struct Usage {
    total_tokens: u64,
}

/// Reads pieces until the end, and tells after each what is written so far.
///
/// # Errors
/// A piece cannot be read, time is up, or the answer ends before its end.
pub(super) fn read(
    pieces: impl BufRead,
    tell: &mut dyn FnMut(&str),
) -> Result<Completion, LanguageModelError> {
    let mut whole = Completion::default();
    let mut ended = false;
    for line in pieces.lines() {
        let line = line.map_err(|e| match e.kind() {
            std::io::ErrorKind::TimedOut => LanguageModelError::Passing(Passing::Late),
            _ => LanguageModelError::Passing(Passing::Unreachable),
        })?;
        // Empty lines part events; other fields and comments say nothing of the answer.
        let Some(data) = line.strip_prefix("data:").map(str::trim) else {
            continue;
        };
        if data == "[DONE]" {
            ended = true;
            break;
        }
        let piece: CompletionChunk =
            serde_json::from_str(data).map_err(|_| LanguageModelError::Unreadable)?;
        if let Some(usage) = piece.usage {
            whole.tokens = Some(usage.total_tokens);
        }
        let Some(choice) = piece.choices.into_iter().next() else {
            continue;
        };
        whole.refused |= choice.delta.refusal.is_some();
        if let Some(text) = choice.delta.content.filter(|text| !text.is_empty()) {
            let content = whole.content.get_or_insert_default();
            content.push_str(&text);
            tell(&words(content));
        }
        if choice.finish_reason.is_some() {
            whole.finish_reason = choice.finish_reason;
        }
    }
    // Without an end it may be half of what was meant.
    if ended || whole.finish_reason.is_some() {
        Ok(whole)
    } else {
        Err(LanguageModelError::Passing(Passing::Unreachable))
    }
}

/// The subjects and sentences of a JSON answer that is not whole yet, a line each.
fn words(partial: &str) -> String {
    let mut lines = Vec::new();
    let mut rest = partial;
    while let Some((at, name)) = ["\"subject\"", "\"text\""]
        .iter()
        .filter_map(|name| Some((rest.find(name)?, name)))
        .min()
    {
        rest = rest[at + name.len()..].trim_start();
        let Some(value) = rest.strip_prefix(':').map(str::trim_start) else {
            continue;
        };
        let Some(value) = value.strip_prefix('"') else {
            continue;
        };
        let end = end_of_text(value);
        // An escape that is half there is left for the next time.
        let known = &value[..end];
        let text: Option<String> = (0..=5.min(known.len())).find_map(|cut| {
            let part = known.get(..known.len() - cut)?;
            serde_json::from_str(&format!("\"{part}\"")).ok()
        });
        lines.extend(text);
        rest = &value[end..];
    }
    lines.join("\n")
}

/// Bytes until the quotation mark that ends a text, or all there are.
fn end_of_text(value: &str) -> usize {
    let mut escaped = false;
    for (at, c) in value.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at,
            _ => {}
        }
    }
    value.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(lines: &[String]) -> (Result<Completion, LanguageModelError>, Vec<String>) {
        let text = lines.join("\n\n");
        let mut told = Vec::new();
        let whole = read(text.as_bytes(), &mut |words| told.push(words.to_owned()));
        (whole, told)
    }

    fn piece(content: &str) -> String {
        format!(
            "data: {}",
            json!({"choices": [{"index": 0, "delta": {"content": content}}]})
        )
    }

    #[test]
    fn pieces_become_the_answer_and_what_is_readable_of_it_is_told() {
        let answer = r#"{"messages":[{"id":"A","subject":"Pay \u00e9arly","sentences":[{"text":"A \"plan\" helps.","sources":[]}]}]}"#;
        let chars: Vec<char> = answer.chars().collect();
        let mut lines: Vec<String> = vec![": a comment".into()];
        lines.extend(
            chars
                .chunks(3)
                .map(|c| piece(&c.iter().collect::<String>())),
        );
        lines.push(r#"data: {"choices":[{"delta":{},"finish_reason":"stop"}]}"#.into());
        lines.push(r#"data: {"choices":[],"usage":{"total_tokens":77}}"#.into());
        lines.push("data: [DONE]".into());
        let (whole, told) = self::told(&lines);
        let whole = whole.unwrap();
        assert_eq!(whole.content.as_deref(), Some(answer));
        assert_eq!(
            (whole.tokens, whole.finish_reason.as_deref()),
            (Some(77), Some("stop"))
        );
        assert_eq!(told.last().unwrap(), "Pay éarly\nA \"plan\" helps.");
        assert!(told.iter().any(|words| words == "Pay "), "{told:?}");
        assert!(!told.iter().any(|words| words.contains('\\')), "{told:?}");
    }

    #[test]
    fn an_answer_that_breaks_off_is_none() {
        assert_eq!(
            told(&[piece("{\"messages\"")]).0,
            Err(LanguageModelError::Passing(Passing::Unreachable))
        );
        assert_eq!(
            told(&["data: {".into()]).0,
            Err(LanguageModelError::Unreadable)
        );
        assert_eq!(
            told(&[]).0,
            Err(LanguageModelError::Passing(Passing::Unreachable))
        );
    }
}
