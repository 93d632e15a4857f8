//! The key that source links are signed with: configured, or made once and kept in the data folder, or in the database
//! that replicas share.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use anyhow::Context;

use crate::config::settings::Config;
use crate::storage::database::Postgres;

/// Bytes of a made key: as many as SHA-256 puts out (RFC 2104, section 3).
const LENGTH: usize = 32;

pub(super) async fn of(config: &Config, postgres: Option<&Postgres>) -> anyhow::Result<Vec<u8>> {
    match (&config.web.link_secret, postgres) {
        (Some(secret), _) => Ok(secret.expose().as_bytes().to_vec()),
        (None, Some(postgres)) => postgres.secret("link", &random()?).await,
        (None, None) => kept(&config.data.dir.join("link.key")),
    }
}

/// The key that was made and kept, if there is one.
pub(super) async fn kept_one(
    config: &Config,
    postgres: Option<&Postgres>,
) -> anyhow::Result<Option<Vec<u8>>> {
    let path = config.data.dir.join("link.key");
    match postgres {
        Some(postgres) => postgres.kept_secret("link").await,
        None if path.exists() => kept(&path).map(Some),
        None => Ok(None),
    }
}

/// Keeps this key in the place of the one that is kept.
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

fn kept(path: &Path) -> anyhow::Result<Vec<u8>> {
    match fs::read(path) {
        Ok(key) => {
            anyhow::ensure!(
                key.len() == LENGTH,
                "{} is damaged; delete it, and a new one is made (links in old answers then no longer open)",
                path.display()
            );
            Ok(key)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => make(path),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}

/// Writes a key beside its place and moves it there whole, so that no other process ever finds half of one.
fn make(path: &Path) -> anyhow::Result<Vec<u8>> {
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
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => kept(path),
        Err(error) => Err(error.error).with_context(unwritable),
    }
}

fn random() -> anyhow::Result<[u8; LENGTH]> {
    let mut key = [0; LENGTH];
    fs::File::open("/dev/urandom")
        .and_then(|mut random| random.read_exact(&mut key))
        .context("no random bytes")?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_a_damaged_one_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("link.key");
        let made = kept(&path).unwrap();
        assert_eq!(kept(&path).unwrap(), made);
        fs::write(&path, "short").unwrap();
        assert!(kept(&path).unwrap_err().to_string().contains("delete it"));
    }
}
