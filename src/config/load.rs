//! Loads the three layers, defaults, file and environment, into one [`Config`].

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use config::{ConfigError, Environment, File, FileFormat, Map, Source, Value};

use crate::config::aliases;
use crate::config::check;
use crate::config::keys::{Keys, Layer};
use crate::config::settings::Config;

const DEFAULTS: &str = include_str!("../../config/default.toml");

/// Loads the configuration from the defaults, `file` if given, and the process's environment.
///
/// # Errors
/// The file cannot be read, a key is unknown, a value has the wrong type, or values do not fit together; the
/// message names the key, the reason and what to write.
pub fn load(file: Option<&Path>) -> anyhow::Result<Config> {
    load_from(file, None)
}

/// As [`load`], with overrides: dotted keys and their values.
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

/// As [`load`], with the given variables instead of the process's environment.
///
/// # Errors
/// As [`load`].
#[expect(
    clippy::implicit_hasher,
    reason = "it is passed on to the library unchanged"
)]
pub fn load_from(
    file: Option<&Path>,
    environment: Option<HashMap<String, String>>,
) -> anyhow::Result<Config> {
    let defaults = File::from_str(DEFAULTS, FileFormat::Toml);
    let keys = Keys::from_defaults(
        &defaults
            .collect()
            .map_err(|error| invalid(&[sentence(&error)]))?,
    );
    let (mut warnings, mut problems) = (Vec::new(), Vec::new());
    let mut layers = config::Config::builder().add_source(defaults);
    if let Some(path) = file {
        let text = std::fs::read_to_string(path).with_context(|| {
            format!(
                "the configuration file {} cannot be read; check the path given with --config and its permissions",
                path.display()
            )
        })?;
        let written = File::from_str(&text, FileFormat::Toml);
        let mut values = parse(&written, path)?;
        let renames = aliases::apply(&mut values, Layer::File(path));
        warnings.extend(renames.warnings);
        problems.extend(renames.problems);
        problems.extend(keys.problems(&values, Layer::File(path)));
        layers = layers.add_source(LayerValues(values));
    }
    // Variables without a section, such as those of tests, are not settings.
    let variables = Environment::with_prefix("EPIBOT")
        .prefix_separator("__")
        .separator("__")
        .source(environment);
    let mut values = variables
        .collect()
        .map_err(|error| invalid(&[sentence(&error)]))?;
    let renames = aliases::apply(&mut values, Layer::Environment);
    warnings.extend(renames.warnings);
    problems.extend(renames.problems);
    problems.extend(keys.problems(&values, Layer::Environment));
    if !problems.is_empty() {
        return Err(invalid(&problems));
    }
    let merged = layers.add_source(LayerValues(values)).build();
    let mut config: Config = merged
        .and_then(config::Config::try_deserialize)
        .map_err(|error| invalid(&[sentence(&error)]))?;
    problems.extend(check::problems(&config));
    if !problems.is_empty() {
        return Err(invalid(&problems));
    }
    config.warnings = warnings;
    for source in &mut config.sources {
        if source.is_remote() {
            source.path = mirror_folder(&config.data.dir, &source.name);
        }
    }
    Ok(config)
}

/// Values of one layer, with renamed keys in place.
#[derive(Clone, Debug)]
struct LayerValues(Map<String, Value>);

impl Source for LayerValues {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.0.clone())
    }
}

/// Returns the folder for the copies of a remote source.
fn mirror_folder(data: &Path, name: &str) -> PathBuf {
    // Names are free text; a slash or a dot must not lead out of the folder.
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
            // The library's message repeats the line, which might contain a secret without quotes.
            let message = cause.to_string();
            let mut lines = message.lines();
            let (position, reason) = (lines.next().unwrap_or_default(), lines.next_back());
            bail!(
                "the configuration file {} is not valid TOML ({position}: {}); correct that place",
                path.display(),
                reason.unwrap_or("not readable")
            )
        }
        other => other.map_err(|error| invalid(&[sentence(&error)])),
    }
}

fn invalid(problems: &[String]) -> anyhow::Error {
    anyhow!(
        "the configuration cannot work:\n- {}",
        problems.join("\n- ")
    )
}

/// Returns the library's error as a sentence, prefixed with the key.
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
