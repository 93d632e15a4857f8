//! Manages the indexes on the server: checks, creates, swaps and deletes them.

use meilisearch_sdk::client::{Client, SwapIndexes};
use reqwest::Method;
use serde_json::{Value, json};

use super::MIN_VERSION;
use super::error::MeilisearchError;
use super::record::version;
use super::schema::{EMBEDDER, METADATA_KEY, PRIMARY_KEY};
use super::settings::settings;
use super::tasks::{Accepted, done};
use super::wire::Wire;

/// A server with a key that may write.
#[derive(Clone, Debug)]
pub(super) struct Server {
    pub(super) wire: Wire,
    client: Client<Wire>,
}

impl Server {
    pub(super) fn new(wire: Wire) -> Self {
        let client = Client::new_with_client(wire.address(), None::<String>, wire.clone());
        Self { wire, client }
    }

    pub(super) fn client(&self) -> &Client<Wire> {
        &self.client
    }

    /// Returns the version, and rejects a server that is too old. `None` if the key may not ask for the version, as keys
    /// limited to some indexes; such a key was created on a server whose version had been checked.
    pub(super) async fn check_version(&self) -> Result<Option<String>, MeilisearchError> {
        match self.client.get_version().await.map_err(Into::into) {
            Ok(found) if is_older(&found.pkg_version, MIN_VERSION) => {
                Err(MeilisearchError::TooOld(found.pkg_version))
            }
            Ok(found) => Ok(Some(found.pkg_version)),
            Err(MeilisearchError::Forbidden(..)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn exists(&self, index: &str) -> Result<bool, MeilisearchError> {
        match self
            .client
            .get_raw_index(index)
            .await
            .map_err(MeilisearchError::from)
        {
            Ok(_) => Ok(true),
            Err(error) if error.is_missing_index() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Creates an empty index with its settings.
    pub(super) async fn create(&self, index: &str) -> Result<(), MeilisearchError> {
        let created = self.client.create_index(index, Some(PRIMARY_KEY)).await?;
        match self.done(created.task_uid).await {
            // Another process has just created it.
            Err(MeilisearchError::Task { code, .. }) if code == "index_already_exists" => {}
            other => other?,
        }
        // The library's `Settings` lack `facetSearch` and `prefixSearch`; separate requests would make several tasks.
        let path = format!("/indexes/{index}/settings");
        let set: Accepted = self.wire.send(Method::PATCH, &path, &settings()).await?;
        done(&self.wire, set).await?;
        self.describe(index).await
    }

    /// Writes the metadata record with the versions of the records of an index.
    pub(super) async fn describe(&self, index: &str) -> Result<(), MeilisearchError> {
        let about = [
            json!({ PRIMARY_KEY: METADATA_KEY, "version": version(), "_vectors": { EMBEDDER: null } }),
        ];
        let index = self.client.index(index);
        let added = index.add_or_replace(&about, Some(PRIMARY_KEY)).await?;
        self.done(added.task_uid).await
    }

    /// Returns the versions of the records of an index; `None` if it has no metadata record.
    pub(super) async fn description(
        &self,
        index: &str,
    ) -> Result<Option<String>, MeilisearchError> {
        let index = self.client.index(index);
        match index
            .get_document::<Value>(METADATA_KEY)
            .await
            .map_err(MeilisearchError::from)
        {
            Ok(about) => Ok(about["version"].as_str().map(str::to_owned)),
            Err(MeilisearchError::Refused { status: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Deletes an index, if it exists.
    pub(super) async fn delete(&self, index: &str) -> Result<(), MeilisearchError> {
        let deleted = self.client.delete_index(index).await?;
        match self.done(deleted.task_uid).await {
            Err(error) if error.is_missing_index() => Ok(()),
            other => other,
        }
    }

    /// Swaps two indexes, atomically.
    pub(super) async fn swap(&self, one: &str, other: &str) -> Result<(), MeilisearchError> {
        let pair = SwapIndexes {
            indexes: (one.to_owned(), other.to_owned()),
            rename: None,
        };
        let created = self.created_at(other).await?;
        let swapped = self.client.swap_indexes([&pair]).await?;
        match self.done(swapped.task_uid).await {
            // A key that is limited to some indexes may swap them, but not read the task. The server works in order, so once
            // the next task is finished, the swap is, too.
            Err(error) if error.is_missing_task() => {
                self.describe(one).await?;
                if self.created_at(one).await? == created {
                    Ok(())
                } else {
                    Err(MeilisearchError::NotSwapped(one.to_owned()))
                }
            }
            other => other,
        }
    }

    /// Returns when an index was created, which does not change when it is swapped.
    async fn created_at(&self, index: &str) -> Result<String, MeilisearchError> {
        let found = self.client.get_raw_index(index).await?;
        Ok(found["createdAt"].as_str().unwrap_or_default().to_owned())
    }

    async fn done(&self, task_uid: u32) -> Result<(), MeilisearchError> {
        done(&self.wire, Accepted { task_uid }).await
    }
}

/// Whether a version, such as `1.9.0-rc.2`, is older than another one, by its first two numbers.
fn is_older(version: &str, other: &str) -> bool {
    let numbers = |version: &str| -> Vec<u32> {
        version
            .split(['.', '-'])
            .take(2)
            .map_while(|part| part.parse().ok())
            .collect()
    };
    numbers(version) < numbers(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(is_older("1.9.3", "1.14") && is_older("0.30.0", "1.14"));
        for version in ["1.14.0", "1.50.0", "2.0.0", "1.14.0-rc.1"] {
            assert!(!is_older(version, "1.14"), "{version}");
        }
    }
}
