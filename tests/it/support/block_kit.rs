//! Slack's published limits of what a message or view may hold, held against what is sent.
//!
//! Written from <https://docs.slack.dev/reference/block-kit> and knowing nothing of the program. What it does not know it
//! refuses, as Slack does.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// What is wrong with the blocks of a message; nothing where Slack would take them.
pub(crate) fn message(blocks: &Value) -> Vec<String> {
    let mut found = Vec::new();
    all(blocks, 50, Place::Message, &mut found);
    let texts: usize = lengths(blocks);
    if texts > 13_000 {
        found.push(format!("{texts} characters in all blocks"));
    }
    found
}

/// What is wrong with a view.
pub(crate) fn view(view: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let place = match view["type"].as_str() {
        Some("home") => Place::Home,
        Some("modal") => Place::Modal,
        other => {
            found.push(format!("a view of type {other:?}"));
            return found;
        }
    };
    let known = [
        "type",
        "title",
        "submit",
        "close",
        "blocks",
        "callback_id",
        "private_metadata",
        "external_id",
    ];
    keys(view, &known, "view", &mut found);
    if place == Place::Modal {
        text(&view["title"], &["plain_text"], 24, "title", &mut found);
        for name in ["submit", "close"] {
            if let Some(label) = view.get(name) {
                text(label, &["plain_text"], 24, name, &mut found);
            }
        }
    }
    limited(&view["callback_id"], 255, "callback_id", &mut found);
    limited(
        &view["private_metadata"],
        3_000,
        "private_metadata",
        &mut found,
    );
    all(&view["blocks"], 100, place, &mut found);
    found
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Message,
    Home,
    Modal,
}

fn all(blocks: &Value, most: usize, place: Place, found: &mut Vec<String>) {
    let Some(blocks) = blocks.as_array() else {
        found.push("blocks are no list".to_owned());
        return;
    };
    if blocks.len() > most {
        found.push(format!("{} blocks", blocks.len()));
    }
    let (mut ids, mut actions) = (BTreeSet::new(), BTreeSet::new());
    let mut tables = 0;
    for (at, block) in blocks.iter().enumerate() {
        let at = format!("block {at}");
        if let Some(id) = block.get("block_id") {
            limited(id, 255, &format!("{at}.block_id"), found);
            if !ids.insert(id.to_string()) {
                found.push(format!("{at}: block_id {id} is there twice"));
            }
        }
        tables += usize::from(block["type"] == "table");
        one(block, place, &at, &mut actions, found);
    }
    if tables > 1 {
        found.push(format!("{tables} tables in a message"));
    }
}

fn one(
    block: &Value,
    place: Place,
    at: &str,
    actions: &mut BTreeSet<String>,
    found: &mut Vec<String>,
) {
    let known: &[&str] = match block["type"].as_str() {
        Some("section") => {
            if block.get("text").is_none() && block.get("fields").is_none() {
                found.push(format!("{at} has neither text nor fields"));
            }
            if let Some(own) = block.get("text") {
                text(own, &["plain_text", "mrkdwn"], 3_000, at, found);
            }
            let fields = list(&block["fields"]);
            if fields.len() > 10 {
                found.push(format!("{at} has {} fields", fields.len()));
            }
            for field in fields {
                text(field, &["plain_text", "mrkdwn"], 2_000, at, found);
            }
            if let Some(accessory) = block.get("accessory") {
                element(accessory, at, actions, found);
            }
            &["text", "fields", "accessory", "expand"]
        }
        Some("context") => {
            let elements = list(&block["elements"]);
            if elements.is_empty() || elements.len() > 10 {
                found.push(format!("{at} has {} elements", elements.len()));
            }
            for element in elements {
                text(element, &["plain_text", "mrkdwn"], 3_000, at, found);
            }
            &["elements"]
        }
        Some("actions") => {
            let elements = list(&block["elements"]);
            if elements.is_empty() || elements.len() > 25 {
                found.push(format!("{at} has {} elements", elements.len()));
            }
            for own in elements {
                element(own, at, actions, found);
            }
            &["elements"]
        }
        Some("header") => {
            text(&block["text"], &["plain_text"], 150, at, found);
            &["text"]
        }
        Some("divider") => &[],
        Some("image") => {
            picture(block, at, found);
            &["image_url", "slack_file", "alt_text", "title"]
        }
        Some("table") if place == Place::Message => {
            table(block, at, found);
            &["rows", "column_settings"]
        }
        Some("input") if place != Place::Message => {
            text(&block["label"], &["plain_text"], 2_000, at, found);
            if let Some(hint) = block.get("hint") {
                text(hint, &["plain_text"], 2_000, at, found);
            }
            element(&block["element"], at, actions, found);
            &["label", "element", "hint", "optional", "dispatch_action"]
        }
        other => {
            found.push(format!("{at} is of type {other:?}"));
            return;
        }
    };
    let known: Vec<&str> = known.iter().copied().chain(["type", "block_id"]).collect();
    keys(block, &known, at, found);
}

fn element(element: &Value, at: &str, actions: &mut BTreeSet<String>, found: &mut Vec<String>) {
    limited(&element["action_id"], 255, at, found);
    if !actions.insert(element["action_id"].to_string()) {
        found.push(format!("{at}: {} is there twice", element["action_id"]));
    }
    match element["type"].as_str() {
        Some("button") => {
            text(&element["text"], &["plain_text"], 75, at, found);
            limited(&element["value"], 2_000, at, found);
            limited(&element["url"], 3_000, at, found);
            let style = element.get("style").and_then(Value::as_str);
            if !matches!(style, None | Some("primary" | "danger")) {
                found.push(format!("{at}: style {style:?}"));
            }
            let known = [
                "type",
                "action_id",
                "text",
                "value",
                "url",
                "style",
                "accessibility_label",
            ];
            keys(element, &known, at, found);
        }
        Some("plain_text_input") => {
            if element["max_length"]
                .as_u64()
                .is_some_and(|most| most > 3_000)
            {
                found.push(format!("{at}: max_length {}", element["max_length"]));
            }
            let known = [
                "type",
                "action_id",
                "multiline",
                "max_length",
                "placeholder",
                "initial_value",
            ];
            keys(element, &known, at, found);
        }
        other => found.push(format!("{at} holds an element of type {other:?}")),
    }
}

fn picture(block: &Value, at: &str, found: &mut Vec<String>) {
    limited(&block["alt_text"], 2_000, at, found);
    if block["alt_text"].as_str().is_none_or(str::is_empty) {
        found.push(format!("{at} has no alt_text"));
    }
    if let Some(title) = block.get("title") {
        text(title, &["plain_text"], 2_000, at, found);
    }
    match (block.get("image_url"), block.get("slack_file")) {
        (Some(url), None) => limited(url, 3_000, at, found),
        (None, Some(file)) => {
            let named = file["id"].is_string() ^ file["url"].is_string();
            if !named {
                found.push(format!("{at}: {file}"));
            }
        }
        _ => found.push(format!("{at} needs either image_url or slack_file")),
    }
}

fn table(block: &Value, at: &str, found: &mut Vec<String>) {
    let rows = list(&block["rows"]);
    if rows.is_empty() || rows.len() > 100 {
        found.push(format!("{at} has {} rows", rows.len()));
    }
    let mut characters = 0;
    for row in rows {
        let cells = list(row);
        if cells.is_empty() || cells.len() > 20 {
            found.push(format!("{at} has a row of {} cells", cells.len()));
        }
        for cell in cells {
            match cell["type"].as_str() {
                Some("raw_text") => {
                    let own = cell["text"].as_str().unwrap_or_default();
                    if own.is_empty() {
                        found.push(format!("{at} has an empty cell"));
                    }
                    characters += own.chars().count();
                    keys(cell, &["type", "text"], at, found);
                }
                Some("rich_text") => characters += lengths(cell),
                other => found.push(format!("{at} has a cell of type {other:?}")),
            }
        }
    }
    if characters > 10_000 {
        found.push(format!("{at} has {characters} characters in its cells"));
    }
    let settings = list(&block["column_settings"]);
    if settings.len() > 20 {
        found.push(format!("{at} sets {} columns", settings.len()));
    }
    for setting in settings.iter().filter(|setting| !setting.is_null()) {
        keys(setting, &["align", "is_wrapped"], at, found);
        let align = setting.get("align").and_then(Value::as_str);
        if !matches!(align, None | Some("left" | "center" | "right")) {
            found.push(format!("{at}: align {align:?}"));
        }
    }
}

/// A text object of one of these types, not empty and not too long.
fn text(object: &Value, types: &[&str], most: usize, at: &str, found: &mut Vec<String>) {
    let kind = object["type"].as_str().unwrap_or_default();
    if !types.contains(&kind) {
        found.push(format!("{at} has a text of type {kind:?}"));
    }
    let known: &[&str] = if kind == "mrkdwn" {
        &["type", "text", "verbatim"]
    } else {
        &["type", "text", "emoji"]
    };
    keys(object, known, at, found);
    let length = object["text"].as_str().unwrap_or_default().chars().count();
    if length == 0 || length > most {
        found.push(format!("{at} has a text of {length} characters"));
    }
}

fn limited(value: &Value, most: usize, at: &str, found: &mut Vec<String>) {
    let length = value.as_str().unwrap_or_default().chars().count();
    if length > most {
        found.push(format!("{at} has {length} characters"));
    }
}

fn keys(object: &Value, known: &[&str], at: &str, found: &mut Vec<String>) {
    let empty = Map::new();
    for key in object.as_object().unwrap_or(&empty).keys() {
        if !known.contains(&key.as_str()) {
            found.push(format!("{at} has the unknown field {key}"));
        }
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Characters of all texts under a value.
fn lengths(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(lengths).sum(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, field)| match field {
                Value::String(text) if name == "text" => text.chars().count(),
                other => lengths(other),
            })
            .sum(),
        _ => 0,
    }
}

#[test]
fn what_slack_refuses_is_refused() {
    use serde_json::json;
    let section = |text: &str| json!({"type": "section", "text": {"type": "mrkdwn", "text": text}});
    let good = json!([
        section("x"),
        {"type": "divider"},
        {"type": "header", "text": {"type": "plain_text", "text": "x"}},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "x", "verbatim": true}]},
        {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "x"},
        {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]], "column_settings": [{"align": "right"}]},
        {"type": "actions", "elements": [
            {"type": "button", "action_id": "a", "value": "v", "text": {"type": "plain_text", "text": "x"}},
        ]},
    ]);
    assert_eq!(message(&good), Vec::<String>::new());
    let button = |label: &str| json!({"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": label}});
    let cells = vec![json!({"type": "raw_text", "text": "x"}); 21];
    for bad in [
        json!([section("")]),
        json!([section(&"x".repeat(3_001))]),
        json!(vec![section("x"); 51]),
        json!(vec![section(&"x".repeat(3_000)); 5]),
        json!([{"type": "section"}]),
        json!([{"type": "fancy"}]),
        json!([{"type": "divider", "text": "x"}]),
        json!([{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}]),
        json!([{"type": "header", "text": {"type": "plain_text", "text": "x".repeat(151)}}]),
        json!([{"type": "context", "elements": []}]),
        json!([{"type": "actions", "elements": [button(&"x".repeat(76))]}]),
        json!([{"type": "actions", "elements": [button("x"), button("y")]}]),
        json!([{"type": "actions", "elements": vec![button("x"); 26]}]),
        json!([{"type": "input", "label": {"type": "plain_text", "text": "x"}}]),
        json!([{"type": "image", "image_url": "https://a.example/x.png"}]),
        json!([{"type": "image", "alt_text": "x"}]),
        json!([{"type": "table", "rows": [cells]}]),
        json!([{"type": "table", "rows": [[{"type": "raw_text", "text": ""}]]}]),
        json!([{"type": "section", "block_id": "a", "text": {"type": "mrkdwn", "text": "x"}}, {"type": "divider", "block_id": "a"}]),
    ] {
        assert!(!message(&bad).is_empty(), "{bad}");
    }
    let modal = json!({"type": "modal", "title": {"type": "plain_text", "text": "x".repeat(25)}, "blocks": []});
    assert!(!view(&modal).is_empty());
    assert!(!view(&json!({"type": "home", "blocks": vec![section("x"); 101]})).is_empty());
}
