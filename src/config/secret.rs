//! Secrets: named in the configuration, read from the environment or a file, never printed.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error};

/// A secret's value. It has no `Display`, and `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// Returns the value.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Reads `env:NAME` or `file:PATH`; None for the empty string.
    ///
    /// # Errors
    /// A sentence that says what is missing and what to write, without the reference if it might be a secret.
    pub fn read(reference: &str) -> Result<Option<Self>, String> {
        if reference.is_empty() {
            return Ok(None);
        }
        let value = if let Some(name) = reference.strip_prefix("env:") {
            std::env::var(name).map_err(|_| {
                format!("the environment variable {name} is not set; set it, or name another")
            })?
        } else if let Some(path) = reference.strip_prefix("file:") {
            std::fs::read_to_string(path).map_err(|error| {
                format!(
                    "the file {path} cannot be read ({error}); check the path and its permissions"
                )
            })?
        } else {
            return Err("a secret is not written into the configuration itself; \
                        write \"env:NAME\" or \"file:PATH\" and put the value there"
                .to_owned());
        };
        let value = value.trim();
        if value.is_empty() {
            return Err(format!("{reference} is empty; put the value there"));
        }
        Ok(Some(Self(value.to_owned())))
    }

    /// Deserializes a field of type `Option<Secret>`; the empty string means None.
    pub(super) fn optional<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Self>, D::Error> {
        let reference = String::deserialize(deserializer)?;
        Self::read(&reference).map_err(Error::custom)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}
