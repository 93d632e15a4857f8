//! Native tables of Slack: at most one in a message, of limited size.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Slack's limits of one table.
const MAX_ROWS: usize = 100;
const MAX_COLUMNS: usize = 20;
/// Length of all cells of a table, in characters; Slack's limit is 10,000.
const MAX_CHARS: usize = 9_000;
/// Left-aligned columns wider than this are wrapped, in characters.
const WRAP_CHARS: usize = 22;

/// A table whose first row is its head.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    pub rows: Vec<Vec<Vec<CellPart>>>,
    /// Indices of the right-aligned columns.
    pub right: Vec<usize>,
}

/// A part of a cell: text, or a citation with an optional address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellPart {
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl Table {
    /// Returns the table within Slack's limits, without its links if they are too long; `None` if it is too large. The
    /// list of sources below an answer also contains the links.
    #[must_use]
    pub fn within_limits(&self) -> Option<Self> {
        if self.is_within_limits() {
            return Some(self.clone());
        }
        let mut plain = self.clone();
        for part in plain.rows.iter_mut().flatten().flatten() {
            part.url = None;
        }
        plain.is_within_limits().then_some(plain)
    }

    fn is_within_limits(&self) -> bool {
        let parts = self.rows.iter().flatten().flatten();
        let characters: usize = parts
            .map(|part| part.text.chars().count() + part.url.as_ref().map_or(0, String::len))
            .sum();
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        (2..=MAX_ROWS).contains(&self.rows.len())
            && (1..=MAX_COLUMNS).contains(&columns)
            && characters <= MAX_CHARS
    }

    /// The block as JSON for Slack.
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
                    "is_wrapped": !is_right && widest.max().unwrap_or_default() > WRAP_CHARS,
                })
            })
            .collect();
        json!({"type": "table", "block_id": id, "rows": rows, "column_settings": settings})
    }
}

fn width(cell: &[CellPart]) -> usize {
    cell.iter().map(|part| part.text.chars().count()).sum()
}

fn cell(cell: Option<&Vec<CellPart>>, is_head: bool) -> Value {
    let parts: &[CellPart] = cell.map_or(&[], Vec::as_slice);
    let parts: Vec<&CellPart> = parts.iter().filter(|part| !part.text.is_empty()).collect();
    if parts.is_empty() {
        // Slack refuses empty cells.
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
pub(super) fn plain_text(block: &Value) -> Option<String> {
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

/// All texts in a JSON value, concatenated.
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

    fn part(text: &str, url: Option<&str>) -> CellPart {
        CellPart {
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
            plain_text(&block).unwrap(),
            "Step | Value | Source\ne08 a step with a rather long name | 745 °C | [1][2]\n– | – | –"
        );
    }

    #[test]
    fn a_table_beyond_slacks_limits_is_refused() {
        assert!(table(100, 20).is_within_limits());
        assert!(!table(101, 2).is_within_limits());
        assert!(!table(5, 21).is_within_limits());
        assert!(!table(1, 2).is_within_limits());
        let mut long = table(3, 2);
        long.rows[1][1] = vec![part(&"x".repeat(9_001), None)];
        assert_eq!(long.within_limits(), None);
        let mut linked = table(30, 1);
        for row in &mut linked.rows {
            row[0] = vec![part("[1]", Some(&"u".repeat(400)))];
        }
        assert!(!linked.is_within_limits());
        assert_eq!(
            linked.within_limits().unwrap().rows[3][0],
            [part("[1]", None)]
        );
    }
}
