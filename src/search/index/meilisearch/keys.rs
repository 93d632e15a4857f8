//! API keys of least privilege, created once with the master key.

use meilisearch_sdk::key::{Action, KeyBuilder};

use super::error::MeilisearchError;
use super::server::Server;
use super::wire::{Purpose, Wire};
use crate::config;
use crate::config::secret::Secret;

/// The keys that epibot uses.
pub struct Keys {
    /// May search epibot's indexes, and nothing else.
    pub search: Secret,
    /// May fill epibot's indexes, and nothing else.
    pub index: Secret,
    /// Version of the server.
    pub version: String,
}

/// Creates both keys on the configured server. The master key is only used for this and not stored.
///
/// # Errors
/// If the server cannot be reached, is too old, or rejects the key.
pub async fn create_keys(
    config: &config::index::Meilisearch,
    master_key: &Secret,
) -> anyhow::Result<Keys> {
    let wire = Wire::with_key(config, Purpose::Search, Some(master_key))?;
    let server = Server::new(wire);
    let version = server.check_version().await?.unwrap_or_default();
    let search = [Action::Search];
    let index = [
        Action::Search,
        Action::DocumentsAdd,
        Action::DocumentsGet,
        Action::DocumentsDelete,
        Action::IndexesCreate,
        Action::IndexesGet,
        Action::IndexesUpdate,
        Action::IndexesDelete,
        Action::Unknown("indexes.swap".to_owned()),
        Action::SettingsGet,
        Action::SettingsUpdate,
        Action::TasksGet,
        Action::StatsGet,
    ];
    Ok(Keys {
        search: create(&server, config, "epibot search", "epibot: searches", search).await?,
        index: create(
            &server,
            config,
            "epibot index",
            "epibot: fills its indexes",
            index,
        )
        .await?,
        version,
    })
}

async fn create(
    server: &Server,
    config: &config::index::Meilisearch,
    name: &str,
    description: &str,
    actions: impl IntoIterator<Item = Action>,
) -> Result<Secret, MeilisearchError> {
    let mut key = KeyBuilder::new();
    key.with_name(name)
        .with_description(description)
        .with_actions(actions)
        .with_index(format!("{}*", config.prefix));
    let made = server.client().create_key(key).await?;
    Ok(Secret::new(made.key))
}
