//! What a model's service answers, or why it gave no answer.

use crate::remote::Passing;

/// Why the model gave no answer. Holds nothing that was asked or answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LanguageModelError {
    #[error("the model {0}")]
    Passing(Passing),
    #[error("the model's service refused ({0}); check key, model and endpoint")]
    Refused(u16),
    #[error("the model's answer cannot be read")]
    Unreadable,
    #[error("the model would not write this")]
    Unwilling,
    #[error("the model's answer was cut off; raise answer_tokens")]
    CutOff,
    #[error("the model failed a moment ago and is asked again later")]
    Resting,
    #[error("today's tokens are used up")]
    Spent,
}

/// An answer from its beginning to its end, however it came.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Completion {
    pub content: Option<String>,
    pub refused: bool,
    pub finish_reason: Option<String>,
    pub tokens: Option<u64>,
}

impl Completion {
    /// Its text, if it is one that was meant to be the answer.
    pub(super) fn text(self) -> Result<String, LanguageModelError> {
        match (self.finish_reason.as_deref(), self.refused, self.content) {
            (Some("length"), ..) => Err(LanguageModelError::CutOff),
            (Some("content_filter"), ..) | (_, true, _) => Err(LanguageModelError::Unwilling),
            (_, false, Some(text)) => Ok(text),
            _ => Err(LanguageModelError::Unreadable),
        }
    }
}
