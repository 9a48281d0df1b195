//! Services outside that a home's settings name: the search service and the language model.

use crate::config::{self, Config, places};
use crate::error::Result;
use crate::generate::model::Model;
use crate::knowledge::Embedder;
use crate::knowledge::external::Azure;
use crate::pii::AllowList;
use std::path::Path;
use std::sync::Arc;

/// The search service that the home's settings name.
pub(super) fn search(
    home: &Path,
    embedder: Arc<Embedder>,
    allow: &Arc<AllowList>,
) -> Result<Option<Azure>> {
    let Some(settings) = Config::read(home)?.search else {
        return Ok(None);
    };
    let what = "the key of the search service";
    let key = config::secret(
        what,
        "search",
        &places(
            settings.key_env.as_ref(),
            settings.key_file.as_ref(),
            settings.key_command.as_ref(),
        ),
    )?;
    Ok(Some(Azure::new(settings, key, embedder, allow.clone())))
}

/// The language model that the home's settings name.
pub(super) fn model(home: &Path) -> Result<Option<Model>> {
    let Some(settings) = Config::read(home)?.model else {
        return Ok(None);
    };
    let key = config::secret(
        "the model's key",
        "model",
        &places(
            settings.key_env.as_ref(),
            settings.key_file.as_ref(),
            settings.key_command.as_ref(),
        ),
    )?;
    Ok(Some(Model::new(settings, key)))
}
