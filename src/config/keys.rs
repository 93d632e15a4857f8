//! Known keys and their types, so that an unknown key or a value of the wrong type is reported by name.
//!
//! Both are taken from the defaults; only keys without a default are listed here.

use std::collections::BTreeMap;
use std::path::Path;

use config::{Map, Value, ValueKind};

use crate::domain::search_params::SearchParams;

/// Upper limit of every count, time and size.
const MAX_INTEGER: i64 = 1_000_000_000;
const SOURCE: [(&str, KeyType); 9] = [
    ("name", KeyType::Text),
    ("path", KeyType::Text),
    ("collection", KeyType::Text),
    ("language", KeyType::Text),
    ("include", KeyType::List),
    ("exclude", KeyType::List),
    ("url", KeyType::Text),
    ("web", KeyType::Table(&WEB)),
    ("bucket", KeyType::Table(&BUCKET)),
];
const WEB: [(&str, KeyType); 6] = [
    ("start", KeyType::List),
    ("depth", KeyType::Integer),
    ("max_files", KeyType::Integer),
    ("max_file_mb", KeyType::Integer),
    ("private", KeyType::List),
    ("pause_ms", KeyType::Integer),
];
const BUCKET: [(&str, KeyType); 6] = [
    ("name", KeyType::Text),
    ("prefix", KeyType::Text),
    ("endpoint", KeyType::Text),
    ("region", KeyType::Text),
    ("access_key", KeyType::Text),
    ("secret_key", KeyType::Text),
];
const REQUIRED_OF_SOURCE: [&str; 2] = ["name", "collection"];

/// Tables whose keys are Slack ids.
const ACCESS_TABLES: [&str; 3] = ["access.channels", "access.users", "access.groups"];

#[derive(Clone, Copy)]
enum KeyType {
    Text,
    Integer,
    Number,
    List,
    Boolean,
    /// A table of these keys.
    Table(&'static [(&'static str, KeyType)]),
    /// A list of sources.
    Sources,
    /// A list for each id.
    ListPerId,
}

/// The layer that values come from.
#[derive(Clone, Copy)]
pub(super) enum Layer<'a> {
    File(&'a Path),
    Environment,
}

impl Layer<'_> {
    /// Returns the key as it is written in this layer.
    pub(super) fn key(self, key: &str) -> String {
        match self {
            Self::File(_) => key.to_owned(),
            Self::Environment => format!("EPIBOT__{}", key.replace('.', "__").to_uppercase()),
        }
    }

    /// Returns the key with its layer, for messages.
    pub(super) fn named(self, key: &str) -> String {
        match self {
            Self::File(path) => format!("{key} in {}", path.display()),
            Self::Environment => format!("the environment variable {}", self.key(key)),
        }
    }
}

/// Known dotted keys with their defaults.
pub(super) struct Keys(BTreeMap<String, Value>);

impl Keys {
    pub(super) fn from_defaults(defaults: &Map<String, Value>) -> Self {
        let mut keys = BTreeMap::new();
        flatten("", defaults, &mut keys);
        for (name, default) in SearchParams::DEFAULT.by_name() {
            let kind = match default.as_i64() {
                Some(whole) => ValueKind::I64(whole),
                None => ValueKind::Float(default.as_f64().unwrap_or_default()),
            };
            keys.insert(format!("retrieval.params.{name}"), Value::new(None, kind));
        }
        Self(keys)
    }

    /// Returns a sentence for every key of `written` that is unknown or has a value of the wrong type.
    pub(super) fn problems(&self, written: &Map<String, Value>, layer: Layer<'_>) -> Vec<String> {
        let mut keys = BTreeMap::new();
        flatten("", written, &mut keys);
        let mut problems = Vec::new();
        for (key, value) in &keys {
            let named = layer.named(key);
            match self.kind(key) {
                Some(KeyType::Sources) if matches!(layer, Layer::File(_)) => {
                    check_sources(value, layer, &mut problems);
                }
                Some(kind) => {
                    if !fits(kind, value, layer) {
                        problems.push(format!("{named} {}", self.expected(kind, key, layer)));
                    }
                }
                None if self.is_section(key) => {
                    problems.push(format!("{named} is a section; write [{key}] on a line of its own and its keys below it"));
                }
                None => problems.push(format!("{named} is unknown; {}", self.nearest(key, layer))),
            }
        }
        problems
    }

    fn kind(&self, key: &str) -> Option<KeyType> {
        if key == "sources" {
            return Some(KeyType::Sources);
        }
        if ACCESS_TABLES.contains(&key) {
            return Some(KeyType::ListPerId);
        }
        // The environment names one channel at a time.
        if ACCESS_TABLES.iter().any(|table| {
            key.strip_prefix(table)
                .is_some_and(|rest| rest.starts_with('.'))
        }) {
            return Some(KeyType::List);
        }
        Some(match self.0.get(key)?.kind {
            ValueKind::I64(_) => KeyType::Integer,
            ValueKind::Float(_) => KeyType::Number,
            ValueKind::Array(_) => KeyType::List,
            ValueKind::Boolean(_) => KeyType::Boolean,
            _ => KeyType::Text,
        })
    }

    fn is_section(&self, key: &str) -> bool {
        self.0.keys().any(|known| {
            known
                .strip_prefix(key)
                .is_some_and(|rest| rest.starts_with('.'))
        })
    }

    fn expected(&self, kind: KeyType, key: &str, layer: Layer<'_>) -> String {
        let default = self
            .0
            .get(key)
            .map(ToString::to_string)
            .filter(|default| !default.is_empty());
        match (kind, layer) {
            (KeyType::List | KeyType::ListPerId | KeyType::Sources, Layer::Environment) => {
                "would have to be a list, which the environment cannot hold; write it into the configuration file".to_owned()
            }
            (KeyType::Text, _) => match default {
                Some(default) => format!("must be text; write it in quotes, such as \"{default}\""),
                None => "must be text; write it in quotes".to_owned(),
            },
            (KeyType::Integer, _) => format!(
                "must be a whole number from 0 to {MAX_INTEGER}; write one such as {}",
                default.unwrap_or_default()
            ),
            (KeyType::Number, _) => format!("must be a number; write one such as {}", default.unwrap_or_default()),
            (KeyType::Table(_), _) => "must be a table".to_owned(),
            (KeyType::Boolean, _) => "must be true or false".to_owned(),
            (KeyType::List | KeyType::Sources, _) => "must be a list of texts; write one such as [\"manuals\"]".to_owned(),
            (KeyType::ListPerId, _) => {
                "must be a list of collections for each id; write one such as C0123456789 = [\"manuals\"]".to_owned()
            }
        }
    }

    /// Suggests the most similar known key.
    fn nearest(&self, key: &str, layer: Layer<'_>) -> String {
        let name = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
        let known = || {
            self.0
                .keys()
                .map(String::as_str)
                .chain(["sources"])
                .chain(ACCESS_TABLES)
        };
        let similarity = |known: &str| strsim::normalized_damerau_levenshtein(known, key);
        let best = known()
            .filter(|known| similarity(known) >= 0.7)
            .max_by(|one, other| similarity(one).total_cmp(&similarity(other)))
            .or_else(|| known().find(|known| name(known) == name(key)));
        match best {
            Some(known) => format!("write {} if that was meant, or remove it", layer.key(known)),
            None => "remove it; config/default.toml lists every key with its meaning".to_owned(),
        }
    }
}

/// Flattens nested tables to dotted keys, except sources and access tables, whose keys are free.
fn flatten(prefix: &str, table: &Map<String, Value>, keys: &mut BTreeMap<String, Value>) {
    for (name, value) in table {
        let key = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}.{name}")
        };
        match &value.kind {
            ValueKind::Table(inner)
                if key != "sources" && !ACCESS_TABLES.contains(&key.as_str()) =>
            {
                flatten(&key, inner, keys);
            }
            _ => {
                keys.insert(key, value.clone());
            }
        }
    }
}

/// Whether `value` has this type. The environment has only text.
fn fits(kind: KeyType, value: &Value, layer: Layer<'_>) -> bool {
    match (kind, &value.kind) {
        (KeyType::Text, ValueKind::String(_))
        | (KeyType::Number, ValueKind::Float(_) | ValueKind::I64(_))
        | (KeyType::Boolean, ValueKind::Boolean(_)) => true,
        (KeyType::Integer, ValueKind::I64(number)) => (0..=MAX_INTEGER).contains(number),
        (KeyType::List, ValueKind::Array(items)) => items
            .iter()
            .all(|item| matches!(item.kind, ValueKind::String(_))),
        (KeyType::ListPerId, ValueKind::Table(channels)) => channels
            .values()
            .all(|collections| fits(KeyType::List, collections, layer)),
        (KeyType::Boolean, ValueKind::String(text)) if matches!(layer, Layer::Environment) => {
            text.parse::<bool>().is_ok()
        }
        (KeyType::Integer, ValueKind::String(text)) if matches!(layer, Layer::Environment) => text
            .parse()
            .is_ok_and(|number| (0..=MAX_INTEGER).contains(&number)),
        (KeyType::Number, ValueKind::String(text)) if matches!(layer, Layer::Environment) => {
            text.parse::<f64>().is_ok_and(f64::is_finite)
        }
        _ => false,
    }
}

fn check_sources(value: &Value, layer: Layer<'_>, problems: &mut Vec<String>) {
    let blocks = "must be blocks, each with a name, a path and a collection; \
                  write [[sources]] on a line of its own and those keys below it";
    let ValueKind::Array(sources) = &value.kind else {
        problems.push(format!("{} {blocks}", layer.named("sources")));
        return;
    };
    for (number, source) in (1..).zip(sources) {
        let named = |key: &str| layer.named(&format!("sources, block {number}: {key}"));
        let ValueKind::Table(written) = &source.kind else {
            problems.push(format!("{} {blocks}", layer.named("sources")));
            continue;
        };
        check_table(written, &SOURCE, "a source", &named, problems);
        for key in REQUIRED_OF_SOURCE
            .iter()
            .filter(|key| !written.contains_key(**key))
        {
            problems.push(format!("{} is missing; every source needs one", named(key)));
        }
        let locations = ["path", "web", "bucket"];
        if !locations.iter().any(|key| written.contains_key(*key)) {
            problems.push(format!(
                "{} is missing; every source needs one, or [sources.web], or [sources.bucket]",
                named("path")
            ));
        }
    }
}

/// Checks the keys of a block and of the tables in it.
fn check_table(
    written: &Map<String, Value>,
    known: &[(&str, KeyType)],
    what: &str,
    named: &dyn Fn(&str) -> String,
    problems: &mut Vec<String>,
) {
    let mut keys: Vec<_> = written.iter().collect();
    keys.sort_by_key(|(key, _)| *key);
    for (key, value) in keys {
        let Some((_, kind)) = known.iter().find(|(known, _)| known == key) else {
            let known: Vec<&str> = known.iter().map(|(known, _)| *known).collect();
            let known = known.join(", ");
            problems.push(format!(
                "{} is unknown; {what} may have {known}",
                named(key)
            ));
            continue;
        };
        if let (KeyType::Table(known), ValueKind::Table(inner)) = (kind, &value.kind) {
            let named_inner = |inner: &str| named(&format!("{key}.{inner}"));
            check_table(
                inner,
                known,
                &format!("{what}'s {key}"),
                &named_inner,
                problems,
            );
        } else if !fits(*kind, value, Layer::Environment) || matches!(kind, KeyType::Table(_)) {
            let expected = match kind {
                KeyType::List => "a list; write one such as [\"**/*.pdf\"]",
                KeyType::Integer => "a whole number",
                KeyType::Table(_) => "a table of its own",
                _ => "text; write it in quotes",
            };
            problems.push(format!("{} must be {expected}", named(key)));
        }
    }
}
