//! Asking: OpenAI's chat completions, as they or a compatible server speak them, and Azure's. Time-out, retries with
//! jitter, a rest after failure, and a budget of tokens a day.
//!
//! Sources: OpenAI API reference, "Create chat completion"; Azure OpenAI REST API, 2024-10-21.

use super::completion::{Completion, LanguageModelError};
use super::prompt::schema;
use super::stream;
use crate::remote::{self, Passing, Rest, RetryPolicy};
use chrono::{NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::BufReader;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use ureq::Agent;
use zeroize::Zeroizing;

/// Largest answer that is read, in bytes.
const LARGEST: u64 = 1 << 20;
/// First pause between attempts; each is about twice the one before.
const PAUSE: Duration = Duration::from_millis(250);
/// Longest pause, also if the service asks for more.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Who is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// OpenAI, or a server that speaks as they do.
    #[default]
    Openai,
    /// Azure OpenAI.
    Azure,
}

/// `[model]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelSettings {
    /// Which way of asking the service speaks.
    #[serde(default)]
    pub provider: Provider,
    /// `https://api.openai.com/v1`, or Azure's `https://NAME.openai.azure.com`; plain `http` only to this machine.
    pub endpoint: String,
    /// The model; on Azure the deployment.
    pub model: String,
    /// Azure's alone.
    #[serde(default = "api_version")]
    pub api_version: String,
    /// Name of the environment variable that holds the key.
    pub key_env: Option<String>,
    /// File that holds the key.
    pub key_file: Option<std::path::PathBuf>,
    /// Program that prints the key, with its arguments; no shell reads them.
    pub key_command: Option<Vec<String>>,
    /// Longest wait for one attempt, in milliseconds.
    #[serde(default = "timeout_ms")]
    pub timeout_ms: u64,
    /// Attempts before templates write instead.
    #[serde(default = "attempts")]
    pub attempts: usize,
    /// How much chance the model may use, in hundredths: 0 is none.
    #[serde(default)]
    pub temperature_percent: u32,
    /// Most tokens of one answer.
    #[serde(default = "answer_tokens")]
    pub answer_tokens: u64,
    /// Show in the desk what is written so far.
    #[serde(default = "stream")]
    pub stream: bool,
    /// Tokens a day, asked and answered, of this process; templates write when they are used up.
    #[serde(default = "tokens_a_day")]
    pub tokens_a_day: u64,
}

fn api_version() -> String {
    "2024-10-21".into()
}

fn timeout_ms() -> u64 {
    20_000
}

fn attempts() -> usize {
    3
}

fn answer_tokens() -> u64 {
    1_500
}

fn stream() -> bool {
    true
}

fn tokens_a_day() -> u64 {
    2_000_000
}

/// A setting of the model cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelSettingError {
    #[error("endpoint: must begin with https:// (http:// only to this machine)")]
    Endpoint,
    #[error("model: letters, digits and - _ . : / only")]
    Name,
    #[error("give the key by one of key_env, key_file and key_command")]
    Key,
    #[error("timeout_ms is 100 to 120000 and attempts 1 to 10")]
    Patience,
}

impl ModelSettings {
    /// What is wrong with them.
    ///
    /// # Errors
    /// The first setting that cannot be used.
    pub fn check(&self) -> Result<(), ModelSettingError> {
        if !remote::is_private(&self.endpoint) {
            return Err(ModelSettingError::Endpoint);
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/".contains(c);
        if self.model.is_empty() || !self.model.chars().all(plain) {
            return Err(ModelSettingError::Name);
        }
        let keys = [
            self.key_env.is_some(),
            self.key_file.is_some(),
            self.key_command.is_some(),
        ];
        if keys.into_iter().filter(|given| *given).count() != 1 {
            return Err(ModelSettingError::Key);
        }
        if !(100..=120_000).contains(&self.timeout_ms) || !(1..=10).contains(&self.attempts) {
            return Err(ModelSettingError::Patience);
        }
        Ok(())
    }
}

/// What was used of a day's tokens.
#[derive(Default)]
struct Used {
    day: NaiveDate,
    tokens: u64,
}

/// The service.
pub struct LanguageModel {
    agent: Agent,
    url: String,
    name: String,
    key: Zeroizing<String>,
    settings: ModelSettings,
    used: Mutex<Used>,
    rest: Rest,
}

#[derive(Deserialize)]
struct CompletionResponse {
    choices: Vec<Choice>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Choice {
    message: CompletionMessage,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct CompletionMessage {
    content: Option<String>,
    refusal: Option<String>,
}

#[derive(Deserialize)]
struct Usage {
    total_tokens: u64,
}

impl TryFrom<CompletionResponse> for Completion {
    type Error = LanguageModelError;

    fn try_from(answer: CompletionResponse) -> Result<Self, LanguageModelError> {
        let choice = answer.choices.into_iter().next();
        let choice = choice.ok_or(LanguageModelError::Unreadable)?;
        Ok(Self {
            content: choice.message.content,
            refused: choice.message.refusal.is_some(),
            finish_reason: choice.finish_reason,
            tokens: answer.usage.map(|usage| usage.total_tokens),
        })
    }
}

/// Is told what a model has written so far.
pub type Tell<'t> = dyn FnMut(&str) + 't;

impl LanguageModel {
    pub fn new(settings: ModelSettings, key: Zeroizing<String>) -> Self {
        let endpoint = settings.endpoint.trim_end_matches('/');
        let url = match settings.provider {
            Provider::Openai => format!("{endpoint}/chat/completions"),
            Provider::Azure => format!(
                "{endpoint}/openai/deployments/{}/chat/completions?api-version={}",
                settings.model, settings.api_version
            ),
        };
        Self {
            agent: remote::agent(Duration::from_millis(settings.timeout_ms)),
            url,
            name: format!("{} {}", remote::host(endpoint), settings.model),
            key,
            settings,
            used: Mutex::default(),
            rest: Rest::default(),
        }
    }

    /// Who answers, for the record: host and model.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it is asked, for the record.
    pub fn parameters(&self) -> String {
        let s = &self.settings;
        format!(
            "temperature {}%, {} tokens",
            s.temperature_percent, s.answer_tokens
        )
    }

    fn used(&self) -> MutexGuard<'_, Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The text of the answer to these messages, with word of what is written so far; no failure lasts longer than the
    /// attempts' time-outs and pauses.
    ///
    /// # Errors
    /// There is none.
    pub fn ask(&self, messages: &Value, tell: &mut Tell<'_>) -> Result<String, LanguageModelError> {
        {
            let mut used = self.used();
            let today = Utc::now().date_naive();
            if used.day != today {
                (used.day, used.tokens) = (today, 0);
            }
            if used.tokens >= self.settings.tokens_a_day {
                return Err(LanguageModelError::Spent);
            }
        }
        if self.rest.is_on() {
            return Err(LanguageModelError::Resting);
        }
        let patience = RetryPolicy {
            attempts: self.settings.attempts,
            first: PAUSE,
            longest: LONGEST_PAUSE,
        };
        let passing = |error: &LanguageModelError| match error {
            LanguageModelError::Passing(why) => Some(*why),
            _ => None,
        };
        let answered = patience.ask(passing, || self.ask_once(messages, tell));
        self.rest.after(&answered);
        let (text, tokens) = answered?;
        self.used().tokens += tokens;
        text
    }

    fn ask_once(
        &self,
        messages: &Value,
        tell: &mut Tell<'_>,
    ) -> Result<(Result<String, LanguageModelError>, u64), LanguageModelError> {
        let mut body = json!({
            "messages": messages,
            "temperature": f64::from(self.settings.temperature_percent) / 100.0,
            "max_completion_tokens": self.settings.answer_tokens,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "messages", "strict": true, "schema": schema()},
            },
        });
        if self.settings.stream {
            body["stream"] = json!(true);
            body["stream_options"] = json!({"include_usage": true});
        }
        let request = self.agent.post(&self.url);
        let request = match self.settings.provider {
            Provider::Openai => {
                body["model"] = json!(self.settings.model);
                let bearer = Zeroizing::new(format!("Bearer {}", self.key.as_str()));
                request.header("authorization", bearer.as_str())
            }
            Provider::Azure => request.header("api-key", self.key.as_str()),
        };
        let mut response = request
            .send_json(&body)
            .map_err(|e| LanguageModelError::Passing(Passing::of(&e)))?;
        if let Some(later) = Passing::in_answer(&response) {
            return Err(LanguageModelError::Passing(later));
        }
        if response.status() != 200 {
            return Err(LanguageModelError::Refused(response.status().as_u16()));
        }
        // Whoever does not stream answers at once.
        let streams = response
            .headers()
            .get("content-type")
            .and_then(|value| value.to_str().ok())
            .is_some_and(|kind| kind.starts_with("text/event-stream"));
        let body = response.body_mut().with_config().limit(LARGEST);
        let whole = if streams {
            stream::read(BufReader::new(body.reader()), tell)?
        } else {
            let answer: CompletionResponse = body.read_json().map_err(|e| match e {
                ureq::Error::Timeout(_) => LanguageModelError::Passing(Passing::Late),
                _ => LanguageModelError::Unreadable,
            })?;
            Completion::try_from(answer)?
        };
        // An answer that is of no use was paid for all the same.
        let tokens = whole.tokens.unwrap_or(self.settings.answer_tokens);
        Ok((whole.text(), tokens))
    }
}
