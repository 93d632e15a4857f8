//! The key that source links are signed with: configured, or made once and kept in the data folder.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;

use crate::config::Config;

/// Bytes of a made key: as many as SHA-256 puts out (RFC 2104, section 3).
const LENGTH: usize = 32;

pub(super) fn of(config: &Config) -> anyhow::Result<Vec<u8>> {
    match &config.web.link_secret {
        Some(secret) => Ok(secret.expose().as_bytes().to_vec()),
        None => kept(&config.data.dir.join("link.key")),
    }
}

fn kept(path: &Path) -> anyhow::Result<Vec<u8>> {
    match OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
    {
        Ok(mut file) => {
            let mut key = [0; LENGTH];
            fs::File::open("/dev/urandom")
                .and_then(|mut random| random.read_exact(&mut key))
                .context("no random bytes")?;
            file.write_all(&key)
                .and_then(|()| file.sync_all())
                .with_context(|| format!("{} cannot be written", path.display()))?;
            Ok(key.to_vec())
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let key =
                fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
            anyhow::ensure!(
                key.len() == LENGTH,
                "{} is damaged; delete it, and a new one is made (links in old answers then no longer open)",
                path.display()
            );
            Ok(key)
        }
        Err(error) => Err(error).with_context(|| format!("{} cannot be made", path.display())),
    }
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
