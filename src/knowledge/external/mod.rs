//! A search service outside, for a firm whose knowledge base lives there: Azure AI Search.
//!
//! What comes back is untrusted: it is redacted, cut to size, filtered and judged by the same relevance floor as our
//! own passages. Whoever asks must be ready for no answer.

mod azure;
mod wire;

pub use azure::{Azure, ServiceError};

use crate::remote;
use serde::Deserialize;

/// How the service is asked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `https://NAME.search.windows.net`; plain `http` only to this machine.
    pub endpoint: String,
    /// Name of the index.
    pub index: String,
    /// Version of the service's interface.
    #[serde(default = "api_version")]
    pub api_version: String,
    /// Name of the environment variable that holds the query key.
    pub key_env: Option<String>,
    /// File that holds the query key.
    pub key_file: Option<std::path::PathBuf>,
    /// Program that prints the query key, with its arguments; no shell reads them.
    pub key_command: Option<Vec<String>>,
    /// Longest wait for one attempt, in milliseconds.
    #[serde(default = "timeout_ms")]
    pub timeout_ms: u64,
    /// Attempts before the embedded index is asked instead.
    #[serde(default = "attempts")]
    pub attempts: usize,
    /// Who turns the query into a vector.
    #[serde(default)]
    pub vectors: VectorsBy,
    /// Names of the index's fields. One that is left out is not asked for.
    #[serde(default)]
    pub fields: ServiceFields,
}

/// Who turns the query into a vector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VectorsBy {
    /// The service, by its index's vectorizer.
    #[default]
    Service,
    /// This program: the index holds vectors of its model.
    Local,
    /// Nobody: words alone.
    None,
}

/// Names of the index's fields. One that is left out is not asked for.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceFields {
    /// The key of a passage.
    pub id: String,
    /// The passage's words.
    pub text: String,
    /// The passage's vector.
    pub vector: String,
    /// The document's title.
    pub title: Option<String>,
    /// The heading that the passage stands under.
    pub section: Option<String>,
    /// The document's address.
    pub url: Option<String>,
    /// The day of the document.
    pub published_date: Option<String>,
    /// Where the document comes from.
    pub source: Option<String>,
    /// How far the document is trusted.
    pub trust: Option<String>,
    /// A filterable collection of strings.
    pub product: Option<String>,
    /// A filterable collection of strings.
    pub jurisdiction: Option<String>,
    /// First day of the document's validity.
    pub valid_from: Option<String>,
    /// Last day of it.
    pub valid_to: Option<String>,
}

impl Default for ServiceFields {
    fn default() -> Self {
        Self {
            id: "id".into(),
            text: "content".into(),
            vector: "contentVector".into(),
            title: None,
            section: None,
            url: None,
            published_date: None,
            source: None,
            trust: None,
            product: None,
            jurisdiction: None,
            valid_from: None,
            valid_to: None,
        }
    }
}

fn api_version() -> String {
    "2024-07-01".into()
}

fn timeout_ms() -> u64 {
    1_500
}

fn attempts() -> usize {
    3
}

/// A setting of the search service cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SearchSettingError {
    #[error("endpoint: must begin with https:// (http:// only to this machine)")]
    Endpoint,
    #[error("index: letters, digits, - and _ only")]
    Index,
    #[error("api_version: a date such as 2024-07-01")]
    Version,
    #[error("timeout_ms is 50 to 60000 and attempts 1 to 10")]
    Patience,
    #[error("give the key by key_env, key_file or key_command, and by one of them only")]
    Key,
}

impl Settings {
    /// What is wrong with them, and how to say it right.
    ///
    /// # Errors
    /// The first setting that cannot be used.
    pub fn check(&self) -> Result<(), SearchSettingError> {
        if !remote::is_private(&self.endpoint) {
            return Err(SearchSettingError::Endpoint);
        }
        let plain = |text: &str| {
            !text.is_empty()
                && text
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        };
        if !plain(&self.index) {
            return Err(SearchSettingError::Index);
        }
        if !plain(&self.api_version) {
            return Err(SearchSettingError::Version);
        }
        if !(50..=60_000).contains(&self.timeout_ms) || !(1..=10).contains(&self.attempts) {
            return Err(SearchSettingError::Patience);
        }
        let ways = [
            self.key_env.is_some(),
            self.key_file.is_some(),
            self.key_command.is_some(),
        ];
        if ways.into_iter().filter(|given| *given).count() != 1 {
            return Err(SearchSettingError::Key);
        }
        Ok(())
    }
}
