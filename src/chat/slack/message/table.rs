//! Tables as Slack shows them itself: at most one in a message, of limited size.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What Slack takes of one table.
const ROWS: usize = 100;
const COLUMNS: usize = 20;
/// Characters of all its cells; Slack takes 10,000.
const CHARACTERS: usize = 9_000;
/// Wider columns of words are wrapped.
const WIDE: usize = 22;

/// A table whose first row is its head.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    pub rows: Vec<Vec<Vec<Part>>>,
    /// The columns that are set to the right.
    pub right: Vec<usize>,
}

/// A part of a cell: words, or a citation that may have an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl Table {
    /// The table within Slack's limits, without its links if they are too long; none if it is too large. The list of
    /// sources below an answer contains the links all the same.
    #[must_use]
    pub fn fitted(&self) -> Option<Self> {
        if self.has_room() {
            return Some(self.clone());
        }
        let mut plain = self.clone();
        for part in plain.rows.iter_mut().flatten().flatten() {
            part.url = None;
        }
        plain.has_room().then_some(plain)
    }

    fn has_room(&self) -> bool {
        let parts = self.rows.iter().flatten().flatten();
        let characters: usize = parts
            .map(|part| part.text.chars().count() + part.url.as_ref().map_or(0, String::len))
            .sum();
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        (2..=ROWS).contains(&self.rows.len())
            && (1..=COLUMNS).contains(&columns)
            && characters <= CHARACTERS
    }

    /// The block as Slack takes it.
    pub(super) fn to_block(&self, id: &str) -> Value {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let rows: Vec<Vec<Value>> = self
            .rows
            .iter()
            .enumerate()
            .map(|(at, row)| {
                let cells = (0..columns).map(|column| cell(row.get(column), at == 0));
                cells.collect()
            })
            .collect();
        let settings: Vec<Value> = (0..columns)
            .map(|column| {
                let widest = self
                    .rows
                    .iter()
                    .filter_map(|row| row.get(column))
                    .map(|cell| width(cell));
                let is_right = self.right.contains(&column);
                json!({
                    "align": if is_right { "right" } else { "left" },
                    "is_wrapped": !is_right && widest.max().unwrap_or_default() > WIDE,
                })
            })
            .collect();
        json!({"type": "table", "block_id": id, "rows": rows, "column_settings": settings})
    }
}

fn width(cell: &[Part]) -> usize {
    cell.iter().map(|part| part.text.chars().count()).sum()
}

fn cell(cell: Option<&Vec<Part>>, is_head: bool) -> Value {
    let parts: &[Part] = cell.map_or(&[], Vec::as_slice);
    let parts: Vec<&Part> = parts.iter().filter(|part| !part.text.is_empty()).collect();
    if parts.is_empty() {
        // Slack takes no empty cell.
        return json!({"type": "raw_text", "text": "–"});
    }
    if !is_head && parts.iter().all(|part| part.url.is_none()) {
        let text: String = parts.iter().map(|part| part.text.as_str()).collect();
        return json!({"type": "raw_text", "text": text});
    }
    let elements: Vec<Value> = parts
        .iter()
        .map(|part| {
            let mut element = match &part.url {
                Some(url) => json!({"type": "link", "url": url, "text": part.text}),
                None => json!({"type": "text", "text": part.text}),
            };
            if is_head {
                element["style"] = json!({"bold": true});
            }
            element
        })
        .collect();
    json!({"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]})
}

/// The text of a posted table block, one line per row.
pub(super) fn words(block: &Value) -> Option<String> {
    let rows = block.get("rows")?.as_array()?;
    let lines: Vec<String> = rows
        .iter()
        .map(|row| {
            let cells = row.as_array().into_iter().flatten().map(text);
            cells.collect::<Vec<_>>().join(" | ")
        })
        .collect();
    Some(lines.join("\n"))
}

/// All texts in a value, concatenated.
fn text(value: &Value) -> String {
    match value {
        Value::Object(fields) => match fields.get("text") {
            Some(Value::String(text)) => text.clone(),
            _ => fields.get("elements").map(text).unwrap_or_default(),
        },
        Value::Array(items) => items.iter().map(text).collect(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(text: &str, url: Option<&str>) -> Part {
        Part {
            text: text.to_owned(),
            url: url.map(str::to_owned),
        }
    }

    fn table(rows: usize, columns: usize) -> Table {
        Table {
            rows: vec![vec![vec![part("x", None)]; columns]; rows],
            right: Vec::new(),
        }
    }

    #[test]
    fn a_table_is_what_slack_takes() {
        let table = Table {
            rows: vec![
                vec![
                    vec![part("Step", None)],
                    vec![part("Value", None)],
                    vec![part("Source", None)],
                ],
                vec![
                    vec![part("e08 a step with a rather long name", None)],
                    vec![part("745 °C", None)],
                    vec![
                        part("[1]", Some("https://epibot.example/1")),
                        part("[2]", None),
                    ],
                ],
                vec![vec![], vec![part("", None)]],
            ],
            right: vec![1],
        };
        let block = table.to_block("answer 2");
        insta::assert_snapshot!(serde_json::to_string_pretty(&block).unwrap());
        assert_eq!(
            words(&block).unwrap(),
            "Step | Value | Source\ne08 a step with a rather long name | 745 °C | [1][2]\n– | – | –"
        );
    }

    #[test]
    fn a_table_beyond_slacks_limits_is_none() {
        assert!(table(100, 20).has_room());
        assert!(!table(101, 2).has_room());
        assert!(!table(5, 21).has_room());
        assert!(!table(1, 2).has_room());
        let mut long = table(3, 2);
        long.rows[1][1] = vec![part(&"x".repeat(9_001), None)];
        assert_eq!(long.fitted(), None);
        let mut linked = table(30, 1);
        for row in &mut linked.rows {
            row[0] = vec![part("[1]", Some(&"u".repeat(400)))];
        }
        assert!(!linked.has_room());
        assert_eq!(linked.fitted().unwrap().rows[3][0], [part("[1]", None)]);
    }
}
