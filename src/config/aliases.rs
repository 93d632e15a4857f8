//! Renamed keys: the old name is still accepted for one version, with a warning that gives the new one.

use config::{Map, Value, ValueKind};

use crate::config::keys::Layer;

/// Old and new name of each renamed key, with sections.
const RENAMED: [(&str, &str); 17] = [
    ("answer.check", "answer.unsupported"),
    ("answer.second_opinion", "answer.llm_judge"),
    (
        "answer.second_opinion_timeout_ms",
        "answer.llm_judge_timeout_ms",
    ),
    ("audit.questions", "audit.export_questions"),
    ("hazard.always", "hazard.keywords"),
    ("hazard.ways_around", "hazard.bypasses"),
    ("slack.admins", "chat.admins"),
    ("slack.every_question", "chat.answer_unmentioned"),
    ("slack.experts", "chat.experts"),
    ("slack.file_mb", "chat.max_file_mb"),
    ("slack.files", "chat.max_files"),
    ("slack.keep_limits", "slack.rate_limits"),
    ("slack.mention_only", "chat.mention_only"),
    ("slack.questions_per_channel", "chat.questions_per_channel"),
    ("slack.questions_per_user", "chat.questions_per_user"),
    ("slack.weekly_gaps", "chat.weekly_unanswered"),
    ("traces.share", "traces.sample_ratio"),
];

/// Renamed keys found in one layer of the configuration, as sentences.
#[derive(Debug, Default)]
pub(super) struct Renames {
    /// Old keys that were accepted.
    pub(super) warnings: Vec<String>,
    /// Old keys that are set together with their new name.
    pub(super) problems: Vec<String>,
}

/// Moves the values of renamed keys to their new names.
pub(super) fn apply(written: &mut Map<String, Value>, layer: Layer<'_>) -> Renames {
    let mut renames = Renames::default();
    for (old, new) in RENAMED {
        let Some(value) = take(written, old) else {
            continue;
        };
        if contains(written, new) {
            renames.problems.push(format!(
                "{} has been renamed to {}, and both are set; remove {}",
                layer.named(old),
                layer.key(new),
                layer.key(old)
            ));
        } else {
            insert(written, new, value, layer);
            renames.warnings.push(format!(
                "{} has been renamed; write {} in its place",
                layer.named(old),
                layer.key(new)
            ));
        }
    }
    renames
}

/// Removes a key. A file has nested tables, the environment has dotted keys.
fn take(table: &mut Map<String, Value>, key: &str) -> Option<Value> {
    if let Some(value) = table.remove(key) {
        return Some(value);
    }
    let (section, name) = key.split_once('.')?;
    match &mut table.get_mut(section)?.kind {
        ValueKind::Table(inner) => take(inner, name),
        _ => None,
    }
}

fn contains(table: &Map<String, Value>, key: &str) -> bool {
    table.contains_key(key)
        || key.split_once('.').is_some_and(|(section, name)| {
            let inner = table.get(section).map(|value| &value.kind);
            matches!(inner, Some(ValueKind::Table(inner)) if contains(inner, name))
        })
}

fn insert(table: &mut Map<String, Value>, key: &str, value: Value, layer: Layer<'_>) {
    match (layer, key.split_once('.')) {
        (Layer::File(_), Some((section, name))) => {
            let section = table
                .entry(section.to_owned())
                .or_insert_with(|| Value::new(None, ValueKind::Table(Map::new())));
            // Anything but a table is reported when the keys are checked.
            if let ValueKind::Table(inner) = &mut section.kind {
                inner.insert(name.to_owned(), value);
            }
        }
        _ => {
            table.insert(key.to_owned(), value);
        }
    }
}
