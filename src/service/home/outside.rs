//! Services outside that a home's settings name: the search service and the language model.

use crate::config::{self, Config, places};
use crate::error::Result;
use crate::generate::model::{self, LanguageModel};
use crate::knowledge::Embedder;
use crate::knowledge::external::{self, Azure};
use crate::pii::AllowList;
use std::path::Path;
use std::sync::Arc;

/// Those that are named.
pub(in crate::service) struct Outside {
    pub search: Option<Azure>,
    pub model: Option<LanguageModel>,
}

impl Outside {
    /// # Errors
    /// The settings cannot be read, or a key is not where they say.
    pub fn of(home: &Path, embedder: Arc<Embedder>, allow: &Arc<AllowList>) -> Result<Self> {
        let config = Config::read(home)?;
        let search = config
            .search
            .map(|settings| search(settings, embedder, allow));
        Ok(Self {
            search: search.transpose()?,
            model: config.model.map(model).transpose()?,
        })
    }
}

fn search(
    settings: external::Settings,
    embedder: Arc<Embedder>,
    allow: &Arc<AllowList>,
) -> Result<Azure> {
    let places = places(
        settings.key_env.as_ref(),
        settings.key_file.as_ref(),
        settings.key_command.as_ref(),
    );
    let key = config::secret("the key of the search service", "search", &places)?;
    Ok(Azure::new(settings, key, embedder, allow.clone()))
}

fn model(settings: model::ModelSettings) -> Result<LanguageModel> {
    let places = places(
        settings.key_env.as_ref(),
        settings.key_file.as_ref(),
        settings.key_command.as_ref(),
    );
    let key = config::secret("the model's key", "model", &places)?;
    Ok(LanguageModel::new(settings, key))
}
