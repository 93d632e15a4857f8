//! Files that hang on a post.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{field, id};

/// A file as Slack describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    pub id: String,
    /// As the person named it.
    pub name: String,
    /// Such as `image/png`; may be empty.
    pub kind: String,
    /// In bytes; 0 where Slack does not say.
    pub size: u64,
    /// Where its content is to be had; empty where Slack does not say.
    pub url: String,
    /// Opens it in Slack.
    pub permalink: Option<String>,
    /// It is kept by somebody else, and Slack only links to it.
    pub is_elsewhere: bool,
}

impl Attachment {
    /// The file that Slack describes; none where it was deleted.
    #[must_use]
    pub fn of(file: &Value) -> Option<Self> {
        let id = field(file, "id").filter(id)?;
        if field(file, "mode") == Some("tombstone") {
            return None;
        }
        let name = field(file, "name").or_else(|| field(file, "title"));
        let url = field(file, "url_private_download").or_else(|| field(file, "url_private"));
        let own = |name: Option<&str>| name.unwrap_or_default().to_owned();
        Some(Self {
            id: id.to_owned(),
            name: name.unwrap_or(id).to_owned(),
            kind: own(field(file, "mimetype")).to_lowercase(),
            size: file.get("size").and_then(Value::as_u64).unwrap_or_default(),
            url: own(url),
            permalink: field(file, "permalink").map(str::to_owned),
            is_elsewhere: file.get("is_external").and_then(Value::as_bool) == Some(true),
        })
    }
}

/// The files of a message.
#[must_use]
pub fn attached(message: &Value) -> Vec<Attachment> {
    let files = message.get("files").and_then(Value::as_array);
    let files = files.into_iter().flatten();
    files.filter_map(Attachment::of).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn files_are_read_from_whatever_slack_says_of_them() {
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
        let told: Vec<_> = files
            .iter()
            .map(|file| (file.name.as_str(), file.url.as_str(), file.is_elsewhere))
            .collect();
        assert_eq!(
            told,
            [
                ("log.txt", "https://files.slack.com/b", false),
                ("F3", "", false),
                ("Plan", "https://drive.example/1", true)
            ]
        );
        assert!(attached(&json!({"files": null})).is_empty());
    }
}
