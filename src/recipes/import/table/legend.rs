//! Legends: what the opaque codes of a table's columns stand for, from a JSON file beside it.
//!
//! Every tool has a form of its own, so whatever has a code and a name is taken, however deep it lies.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// What a code stands for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct LegendEntry {
    pub(super) name: String,
    /// In the language of the tool's operators.
    pub(super) label: Option<String>,
    pub(super) unit: Option<String>,
    pub(super) least: Option<f64>,
    pub(super) most: Option<f64>,
}

/// Codes with what they stand for.
pub(super) type Legend = BTreeMap<String, LegendEntry>;

/// Reads a legend; what is no JSON is an empty one.
pub(super) fn read(text: &str) -> Legend {
    let mut found = Legend::new();
    if let Ok(value) = serde_json::from_str::<Value>(text) {
        collect(None, &value, 0, &mut found);
    }
    let aliases = found.clone();
    for entry in found.values_mut() {
        entry.name = named(&entry.name, &aliases);
    }
    found
}

fn collect(key: Option<&str>, value: &Value, depth: usize, found: &mut Legend) {
    if depth > 8 {
        return;
    }
    match value {
        Value::Object(fields) => {
            if let Some((code, entry)) = entry(key, fields) {
                let is_better = found
                    .get(&code)
                    .is_none_or(|known| known.name == code && entry.name != code);
                if is_better {
                    found.insert(code, entry);
                }
                return;
            }
            for (key, value) in fields {
                collect(Some(key), value, depth + 1, found);
            }
        }
        Value::Array(items) => {
            for item in items {
                collect(None, item, depth + 1, found);
            }
        }
        // Some tools put JSON into the texts of their JSON.
        Value::String(text) if text.trim_start().starts_with(['{', '[']) => {
            if let Ok(inner) = serde_json::from_str::<Value>(text) {
                collect(None, &inner, depth + 1, found);
            }
        }
        _ => {}
    }
}

fn entry(key: Option<&str>, fields: &Map<String, Value>) -> Option<(String, LegendEntry)> {
    let text = |names: &[&str]| {
        names
            .iter()
            .find_map(|name| fields.get(*name)?.as_str())
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    };
    let number = |names: &[&str]| names.iter().find_map(|name| fields.get(*name)?.as_f64());
    // The key by which an entry is found counts more than what it says of itself, which tools copy wrongly.
    let code = key
        .map(str::to_owned)
        .or_else(|| text(&["ID", "id", "code"]))?;
    let name = text(&["Name", "name", "en"])?;
    let label = text(&["ko", "Label", "label"]);
    Some((
        code,
        LegendEntry {
            name,
            label,
            unit: text(&["unit", "Unit"]),
            least: number(&["min", "MinValue"]),
            most: number(&["max", "MaxValue"]),
        },
    ))
}

/// A name with the source that it counts: `Souce#4ManifoldRUN` with `Source4` being `TMGa` is `TMGaManifoldRUN`.
fn named(name: &str, aliases: &Legend) -> String {
    for spelling in ["Source#", "Souce#"] {
        if let Some(rest) = name.strip_prefix(spelling) {
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            if let Some(alias) = aliases.get(&format!("Source{digits}")) {
                return format!("{}{}", alias.name, &rest[digits.len()..]);
            }
        }
    }
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_wherever_they_stand() {
        let legend = read(
            r#"{"columns": {"M05": {"name": "TMGa_1.source", "ko": "TMGa 소스", "unit": "sccm", "max": 100}},
                "io": "{\"R01\":{\"MaxValue\":1200,\"ID\":\"R01\",\"Name\":\"ReactorTemp\"}}",
                "valves": "[{\"ID\":\"V01\",\"Name\":\"V01\"},{\"ID\":\"Source4\",\"Name\":\"TMGa\"}]",
                "zdo": {"V01": {"ID": "V01", "Name": "HydCarrierChange"}, "V26": {"Name": "Souce#4ManifoldRUN"}}}"#,
        );
        assert_eq!(legend["M05"].most, Some(100.0));
        assert_eq!(legend["M05"].label.as_deref(), Some("TMGa 소스"));
        assert_eq!(legend["R01"].name, "ReactorTemp");
        assert_eq!(legend["V01"].name, "HydCarrierChange");
        assert_eq!(legend["V26"].name, "TMGaManifoldRUN");
    }

    #[test]
    fn what_is_no_legend_is_an_empty_one() {
        assert_eq!(read("no json"), Legend::new());
        assert_eq!(read("[1, [2, {\"a\": null}]]"), Legend::new());
    }
}
