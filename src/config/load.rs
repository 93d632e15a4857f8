//! Reads the three layers into one [`Config`].

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, bail};
use config::{ConfigError, Environment, File, FileFormat};

use super::{Config, check};

const DEFAULTS: &str = include_str!("../../config/default.toml");

/// The configuration from the defaults, `file` where one is given, and the process's environment.
///
/// # Errors
/// The file cannot be read, a key is unknown, a value has the wrong type, or values do not fit together; the
/// message names the key, the reason and what to write.
pub fn load(file: Option<&Path>) -> anyhow::Result<Config> {
    load_from(file, None)
}

/// As [`load`], with the given variables in place of the process's environment.
///
/// # Errors
/// As [`load`].
pub fn load_from(
    file: Option<&Path>,
    environment: Option<HashMap<String, String>>,
) -> anyhow::Result<Config> {
    let mut layers =
        config::Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
    if let Some(path) = file {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("the configuration file {} cannot be read", path.display()))?;
        layers = layers.add_source(File::from_str(&text, FileFormat::Toml));
    }
    // Variables that are meant for epibot but name no section, such as those of a test, are not settings.
    let variables = Environment::with_prefix("EPIBOT")
        .prefix_separator("__")
        .separator("__")
        .source(environment);
    let merged = layers
        .add_source(variables)
        .build()
        .map_err(|error| explain(&error, file))?;
    let config: Config = merged
        .try_deserialize()
        .map_err(|error| explain(&error, file))?;
    let problems = check::problems(&config);
    if !problems.is_empty() {
        bail!(
            "the configuration cannot work:\n- {}",
            problems.join("\n- ")
        );
    }
    Ok(config)
}

/// Turns the library's error into a sentence that says what to change.
fn explain(error: &ConfigError, file: Option<&Path>) -> anyhow::Error {
    let place = file.map_or_else(
        || "the environment (EPIBOT__…)".to_owned(),
        |path| path.display().to_string(),
    );
    let hint = "config/default.toml lists every key with its meaning";
    anyhow::anyhow!("the configuration in {place} is refused: {error}; {hint}")
}
