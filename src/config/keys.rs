//! Known keys and their types, so that an unknown key or a value of the wrong type is reported by name.
//!
//! Both are taken from the defaults; only keys without a default are listed here.

use std::collections::BTreeMap;
use std::path::Path;

use config::{Map, Value, ValueKind};

use crate::domain::search_params::SearchParams;

/// Upper limit of every count, time and size.
const LARGEST: i64 = 1_000_000_000;
const SOURCE: [(&str, Kind); 9] = [
    ("name", Kind::Text),
    ("path", Kind::Text),
    ("collection", Kind::Text),
    ("language", Kind::Text),
    ("include", Kind::List),
    ("exclude", Kind::List),
    ("url", Kind::Text),
    ("web", Kind::Part(&WEB)),
    ("bucket", Kind::Part(&BUCKET)),
];
const WEB: [(&str, Kind); 6] = [
    ("start", Kind::List),
    ("depth", Kind::Whole),
    ("max_files", Kind::Whole),
    ("max_file_mb", Kind::Whole),
    ("private", Kind::List),
    ("pause_ms", Kind::Whole),
];
const BUCKET: [(&str, Kind); 6] = [
    ("name", Kind::Text),
    ("prefix", Kind::Text),
    ("endpoint", Kind::Text),
    ("region", Kind::Text),
    ("access_key", Kind::Text),
    ("secret_key", Kind::Text),
];
const REQUIRED_OF_SOURCE: [&str; 2] = ["name", "collection"];

/// Tables whose keys are Slack ids.
const ACCESS: [&str; 3] = ["access.channels", "access.users", "access.groups"];

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Whole,
    Number,
    List,
    Switch,
    /// A table of these keys.
    Part(&'static [(&'static str, Kind)]),
    /// A list of sources.
    Sources,
    /// A list for each id.
    Channels,
}

/// The layer that values come from.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    File(&'a Path),
    Environment,
}

impl Place<'_> {
    /// Returns the key as it is written there.
    pub(super) fn key(self, key: &str) -> String {
        match self {
            Self::File(_) => key.to_owned(),
            Self::Environment => format!("EPIBOT__{}", key.replace('.', "__").to_uppercase()),
        }
    }

    /// Returns the key with the place it is written in.
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
    pub(super) fn problems(&self, written: &Map<String, Value>, place: Place<'_>) -> Vec<String> {
        let mut keys = BTreeMap::new();
        flatten("", written, &mut keys);
        let mut found = Vec::new();
        for (key, value) in &keys {
            let named = place.named(key);
            match self.kind(key) {
                Some(Kind::Sources) if matches!(place, Place::File(_)) => {
                    sources(value, place, &mut found);
                }
                Some(kind) => {
                    if !fits(kind, value, place) {
                        found.push(format!("{named} {}", self.instead(kind, key, place)));
                    }
                }
                None if self.is_section(key) => {
                    found.push(format!("{named} is a section; write [{key}] on a line of its own and its keys below it"));
                }
                None => found.push(format!("{named} is unknown; {}", self.nearest(key, place))),
            }
        }
        found
    }

    fn kind(&self, key: &str) -> Option<Kind> {
        if key == "sources" {
            return Some(Kind::Sources);
        }
        if ACCESS.contains(&key) {
            return Some(Kind::Channels);
        }
        // The environment names one channel at a time.
        if ACCESS.iter().any(|table| {
            key.strip_prefix(table)
                .is_some_and(|rest| rest.starts_with('.'))
        }) {
            return Some(Kind::List);
        }
        Some(match self.0.get(key)?.kind {
            ValueKind::I64(_) => Kind::Whole,
            ValueKind::Float(_) => Kind::Number,
            ValueKind::Array(_) => Kind::List,
            ValueKind::Boolean(_) => Kind::Switch,
            _ => Kind::Text,
        })
    }

    fn is_section(&self, key: &str) -> bool {
        self.0.keys().any(|known| {
            known
                .strip_prefix(key)
                .is_some_and(|rest| rest.starts_with('.'))
        })
    }

    fn instead(&self, kind: Kind, key: &str, place: Place<'_>) -> String {
        let default = self
            .0
            .get(key)
            .map(ToString::to_string)
            .filter(|default| !default.is_empty());
        match (kind, place) {
            (Kind::List | Kind::Channels | Kind::Sources, Place::Environment) => {
                "would have to be a list, which the environment cannot hold; write it into the configuration file".to_owned()
            }
            (Kind::Text, _) => match default {
                Some(default) => format!("must be text; write it in quotes, such as \"{default}\""),
                None => "must be text; write it in quotes".to_owned(),
            },
            (Kind::Whole, _) => format!(
                "must be a whole number from 0 to {LARGEST}; write one such as {}",
                default.unwrap_or_default()
            ),
            (Kind::Number, _) => format!("must be a number; write one such as {}", default.unwrap_or_default()),
            (Kind::Part(_), _) => "must be a table".to_owned(),
            (Kind::Switch, _) => "must be true or false".to_owned(),
            (Kind::List | Kind::Sources, _) => "must be a list of texts; write one such as [\"manuals\"]".to_owned(),
            (Kind::Channels, _) => {
                "must be a list of collections for each id; write one such as C0123456789 = [\"manuals\"]".to_owned()
            }
        }
    }

    /// Suggests the most similar known key.
    fn nearest(&self, key: &str, place: Place<'_>) -> String {
        let name = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
        let known = || {
            self.0
                .keys()
                .map(String::as_str)
                .chain(["sources"])
                .chain(ACCESS)
        };
        let alike = |known: &str| strsim::normalized_damerau_levenshtein(known, key);
        let best = known()
            .filter(|known| alike(known) >= 0.7)
            .max_by(|one, other| alike(one).total_cmp(&alike(other)))
            .or_else(|| known().find(|known| name(known) == name(key)));
        match best {
            Some(known) => format!("write {} if that was meant, or remove it", place.key(known)),
            None => "remove it; config/default.toml lists every key with its meaning".to_owned(),
        }
    }
}

/// Flattens nested tables to dotted keys, except sources and access tables, whose keys are free.
fn flatten(above: &str, table: &Map<String, Value>, keys: &mut BTreeMap<String, Value>) {
    for (name, value) in table {
        let key = if above.is_empty() {
            name.clone()
        } else {
            format!("{above}.{name}")
        };
        match &value.kind {
            ValueKind::Table(inner) if key != "sources" && !ACCESS.contains(&key.as_str()) => {
                flatten(&key, inner, keys);
            }
            _ => {
                keys.insert(key, value.clone());
            }
        }
    }
}

/// Whether `value` has this kind. The environment has only text.
fn fits(kind: Kind, value: &Value, place: Place<'_>) -> bool {
    match (kind, &value.kind) {
        (Kind::Text, ValueKind::String(_))
        | (Kind::Number, ValueKind::Float(_) | ValueKind::I64(_))
        | (Kind::Switch, ValueKind::Boolean(_)) => true,
        (Kind::Whole, ValueKind::I64(number)) => (0..=LARGEST).contains(number),
        (Kind::List, ValueKind::Array(items)) => items
            .iter()
            .all(|item| matches!(item.kind, ValueKind::String(_))),
        (Kind::Channels, ValueKind::Table(channels)) => channels
            .values()
            .all(|collections| fits(Kind::List, collections, place)),
        (Kind::Switch, ValueKind::String(text)) if matches!(place, Place::Environment) => {
            text.parse::<bool>().is_ok()
        }
        (Kind::Whole, ValueKind::String(text)) if matches!(place, Place::Environment) => text
            .parse()
            .is_ok_and(|number| (0..=LARGEST).contains(&number)),
        (Kind::Number, ValueKind::String(text)) if matches!(place, Place::Environment) => {
            text.parse::<f64>().is_ok_and(f64::is_finite)
        }
        _ => false,
    }
}

fn sources(value: &Value, place: Place<'_>, found: &mut Vec<String>) {
    let blocks = "must be blocks, each with a name, a path and a collection; \
                  write [[sources]] on a line of its own and those keys below it";
    let ValueKind::Array(sources) = &value.kind else {
        found.push(format!("{} {blocks}", place.named("sources")));
        return;
    };
    for (number, source) in (1..).zip(sources) {
        let named = |key: &str| place.named(&format!("sources, block {number}: {key}"));
        let ValueKind::Table(written) = &source.kind else {
            found.push(format!("{} {blocks}", place.named("sources")));
            continue;
        };
        block(written, &SOURCE, "a source", &named, found);
        for key in REQUIRED_OF_SOURCE
            .iter()
            .filter(|key| !written.contains_key(**key))
        {
            found.push(format!("{} is missing; every source needs one", named(key)));
        }
        let places = ["path", "web", "bucket"];
        if !places.iter().any(|place| written.contains_key(*place)) {
            found.push(format!(
                "{} is missing; every source needs one, or [sources.web], or [sources.bucket]",
                named("path")
            ));
        }
    }
}

/// Checks the keys of a block and of the tables in it.
fn block(
    written: &Map<String, Value>,
    known: &[(&str, Kind)],
    what: &str,
    named: &dyn Fn(&str) -> String,
    found: &mut Vec<String>,
) {
    let mut keys: Vec<_> = written.iter().collect();
    keys.sort_by_key(|(key, _)| *key);
    for (key, value) in keys {
        let Some((_, kind)) = known.iter().find(|(known, _)| known == key) else {
            let known: Vec<&str> = known.iter().map(|(known, _)| *known).collect();
            let known = known.join(", ");
            found.push(format!(
                "{} is unknown; {what} may have {known}",
                named(key)
            ));
            continue;
        };
        if let (Kind::Part(known), ValueKind::Table(inner)) = (kind, &value.kind) {
            let within = |inner: &str| named(&format!("{key}.{inner}"));
            block(inner, known, &format!("{what}'s {key}"), &within, found);
        } else if !fits(*kind, value, Place::Environment) || matches!(kind, Kind::Part(_)) {
            let instead = match kind {
                Kind::List => "a list; write one such as [\"**/*.pdf\"]",
                Kind::Whole => "a whole number",
                Kind::Part(_) => "a table of its own",
                _ => "text; write it in quotes",
            };
            found.push(format!("{} must be {instead}", named(key)));
        }
    }
}
