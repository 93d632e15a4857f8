//! Files that are attached to a message.

use serde_json::Value;

use super::{field, id};
use crate::chat::question::Attachment;

/// Parses Slack's description of a file; `None` if the file was deleted.
#[must_use]
pub fn attachment(file: &Value) -> Option<Attachment> {
    let id = field(file, "id").filter(id)?;
    if field(file, "mode") == Some("tombstone") {
        return None;
    }
    let name = field(file, "name").or_else(|| field(file, "title"));
    let url = field(file, "url_private_download").or_else(|| field(file, "url_private"));
    let owned = |text: Option<&str>| text.unwrap_or_default().to_owned();
    Some(Attachment {
        id: id.to_owned(),
        name: name.unwrap_or(id).to_owned(),
        kind: owned(field(file, "mimetype")).to_lowercase(),
        size: file.get("size").and_then(Value::as_u64).unwrap_or_default(),
        url: owned(url),
        permalink: field(file, "permalink").map(str::to_owned),
        is_external: file.get("is_external").and_then(Value::as_bool) == Some(true),
    })
}

/// The files of a message.
#[must_use]
pub fn attached(message: &Value) -> Vec<Attachment> {
    let files = message.get("files").and_then(Value::as_array);
    let files = files.into_iter().flatten();
    files.filter_map(attachment).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn files_are_parsed_from_all_forms_of_descriptions() {
        let message = json!({"files": [
            {"id": "F1", "name": "log.txt", "mimetype": "text/plain", "size": 12, "url_private": "https://files.slack.com/a",
                "url_private_download": "https://files.slack.com/b", "permalink": "https://solmaru.slack.com/f"},
            {"id": "F2", "mode": "tombstone"},
            {"id": "F3", "file_access": "check_file_info"},
            {"id": "../x", "name": "odd"},
            {"id": "F4", "title": "Plan", "is_external": true, "url_private": "https://drive.example/1"},
            "no file",
        ]});
        let files = attached(&message);
        let parsed: Vec<_> = files
            .iter()
            .map(|file| (file.name.as_str(), file.url.as_str(), file.is_external))
            .collect();
        assert_eq!(
            parsed,
            [
                ("log.txt", "https://files.slack.com/b", false),
                ("F3", "", false),
                ("Plan", "https://drive.example/1", true)
            ]
        );
        assert!(attached(&json!({"files": null})).is_empty());
    }
}
