//! The key that signs source links: configured, or generated once and stored in the data folder, or in the database that
//! replicas share.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use anyhow::Context;

use crate::config::settings::Config;
use crate::storage::database::Postgres;

/// Length of a generated key in bytes: the output length of SHA-256 (RFC 2104, section 3).
const KEY_BYTES: usize = 32;

/// Returns the configured key, or the stored one, which is generated if there is none.
pub(super) async fn load_or_create(
    config: &Config,
    postgres: Option<&Postgres>,
) -> anyhow::Result<Vec<u8>> {
    match (&config.web.link_secret, postgres) {
        (Some(secret), _) => Ok(secret.expose().as_bytes().to_vec()),
        (None, Some(postgres)) => postgres.secret("link", &random()?).await,
        (None, None) => load_or_create_file(&config.data.dir.join("link.key")),
    }
}

/// Returns the stored key, if there is one.
pub(super) async fn load_stored(
    config: &Config,
    postgres: Option<&Postgres>,
) -> anyhow::Result<Option<Vec<u8>>> {
    let path = config.data.dir.join("link.key");
    match postgres {
        Some(postgres) => postgres.stored_secret("link").await,
        None if path.exists() => load_or_create_file(&path).map(Some),
        None => Ok(None),
    }
}

/// Replaces the stored key.
pub(super) async fn replace(
    config: &Config,
    postgres: Option<&Postgres>,
    key: &[u8],
) -> anyhow::Result<()> {
    if let Some(postgres) = postgres {
        return postgres.replace_secret("link", key).await;
    }
    let path = config.data.dir.join("link.key");
    let unwritable = || format!("{} cannot be written", path.display());
    let mut file = tempfile::NamedTempFile::new_in(&config.data.dir).with_context(unwritable)?;
    file.write_all(key)
        .and_then(|()| file.as_file().sync_all())
        .with_context(unwritable)?;
    file.persist(&path).map(drop).with_context(unwritable)
}

fn load_or_create_file(path: &Path) -> anyhow::Result<Vec<u8>> {
    match fs::read(path) {
        Ok(key) => {
            anyhow::ensure!(
                key.len() == KEY_BYTES,
                "{} is damaged; delete it, and a new one is created (links in old answers then no longer open)",
                path.display()
            );
            Ok(key)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => create(path),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}

/// Writes a key to a temporary file and renames it, so that no other process ever reads a partial key.
fn create(path: &Path) -> anyhow::Result<Vec<u8>> {
    let folder = path.parent().context("the key has no folder")?;
    let unwritable = || format!("{} cannot be written", path.display());
    let key = random()?;
    let mut file = tempfile::NamedTempFile::new_in(folder).with_context(unwritable)?;
    file.write_all(&key)
        .and_then(|()| file.as_file().sync_all())
        .with_context(unwritable)?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(key.to_vec()),
        // Another process was faster.
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => load_or_create_file(path),
        Err(error) => Err(error.error).with_context(unwritable),
    }
}

fn random() -> anyhow::Result<[u8; KEY_BYTES]> {
    let mut key = [0; KEY_BYTES];
    fs::File::open("/dev/urandom")
        .and_then(|mut random| random.read_exact(&mut key))
        .context("no random bytes")?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_generated_once_and_a_damaged_one_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("link.key");
        let generated = load_or_create_file(&path).unwrap();
        assert_eq!(load_or_create_file(&path).unwrap(), generated);
        fs::write(&path, "short").unwrap();
        assert!(
            load_or_create_file(&path)
                .unwrap_err()
                .to_string()
                .contains("delete it")
        );
    }
}
