//! Reads the three layers into one [`Config`].

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use config::{ConfigError, Environment, File, FileFormat, Map, Source, Value};

use crate::config::check;
use crate::config::keys::{Keys, Place};
use crate::config::settings::Config;

const DEFAULTS: &str = include_str!("../../config/default.toml");

/// The configuration from the defaults, `file` where one is given, and the process's environment.
///
/// # Errors
/// The file cannot be read, a key is unknown, a value has the wrong type, or values do not fit together; the
/// message names the key, the reason and what to write.
pub fn load(file: Option<&Path>) -> anyhow::Result<Config> {
    load_from(file, None)
}

/// As [`load`], with these settings over all others: dotted keys and what they are set to.
///
/// # Errors
/// As [`load`].
pub fn load_with(file: Option<&Path>, settings: &[(String, String)]) -> anyhow::Result<Config> {
    let mut environment: HashMap<String, String> = std::env::vars().collect();
    for (key, value) in settings {
        let name = format!("EPIBOT__{}", key.replace('.', "__").to_uppercase());
        environment.insert(name, value.clone());
    }
    load_from(file, Some(environment))
}

/// As [`load`], with the given variables in place of the process's environment.
///
/// # Errors
/// As [`load`].
#[expect(
    clippy::implicit_hasher,
    reason = "it is handed on to the library as it is"
)]
pub fn load_from(
    file: Option<&Path>,
    environment: Option<HashMap<String, String>>,
) -> anyhow::Result<Config> {
    let defaults = File::from_str(DEFAULTS, FileFormat::Toml);
    let keys = Keys::of(
        &defaults
            .collect()
            .map_err(|error| refusal(&[sentence(&error)]))?,
    );
    let mut problems = Vec::new();
    let mut layers = config::Config::builder().add_source(defaults);
    if let Some(path) = file {
        let text = std::fs::read_to_string(path).with_context(|| {
            format!(
                "the configuration file {} cannot be read; check the path given with --config and its permissions",
                path.display()
            )
        })?;
        let written = File::from_str(&text, FileFormat::Toml);
        problems.extend(keys.problems(&parse(&written, path)?, Place::File(path)));
        layers = layers.add_source(written);
    }
    // Variables that are meant for epibot but name no section, such as those of a test, are not settings.
    let variables = Environment::with_prefix("EPIBOT")
        .prefix_separator("__")
        .separator("__")
        .source(environment);
    let set = variables
        .collect()
        .map_err(|error| refusal(&[sentence(&error)]))?;
    problems.extend(keys.problems(&set, Place::Environment));
    if !problems.is_empty() {
        return Err(refusal(&problems));
    }
    let merged = layers.add_source(variables).build();
    let mut config: Config = merged
        .and_then(config::Config::try_deserialize)
        .map_err(|error| refusal(&[sentence(&error)]))?;
    problems.extend(check::problems(&config));
    if !problems.is_empty() {
        return Err(refusal(&problems));
    }
    for source in &mut config.sources {
        if source.is_remote() {
            source.path = mirror_folder(&config.data.dir, &source.name);
        }
    }
    Ok(config)
}

/// Where the copies of a remote source are kept.
fn mirror_folder(data: &Path, name: &str) -> PathBuf {
    // Names are free text; a stroke or a dot in one leads nowhere.
    let safe: String = name
        .chars()
        .map(|letter| {
            if letter.is_alphanumeric() {
                letter
            } else {
                '_'
            }
        })
        .collect();
    data.join("mirror").join(safe)
}

fn parse(
    written: &File<config::FileSourceString, FileFormat>,
    path: &Path,
) -> anyhow::Result<Map<String, Value>> {
    match written.collect() {
        Err(ConfigError::FileParse { cause, .. }) => {
            // The library repeats the line itself, too, and that might hold a secret that lacks its quotes.
            let said = cause.to_string();
            let mut lines = said.lines();
            let (place, reason) = (lines.next().unwrap_or_default(), lines.next_back());
            bail!(
                "the configuration file {} is not valid TOML ({place}: {}); correct that place",
                path.display(),
                reason.unwrap_or("not readable")
            )
        }
        other => other.map_err(|error| refusal(&[sentence(&error)])),
    }
}

fn refusal(problems: &[String]) -> anyhow::Error {
    anyhow!(
        "the configuration cannot work:\n- {}",
        problems.join("\n- ")
    )
}

/// The library's error with the key in front.
fn sentence(error: &ConfigError) -> String {
    match error {
        ConfigError::At {
            error,
            key: Some(key),
            ..
        } => format!("{key}: {}", sentence(error)),
        ConfigError::NotFound(key) => format!("{key} is missing; write it"),
        other => other.to_string(),
    }
}
