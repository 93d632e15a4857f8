//! Legends: JSON files next to a table that explain the opaque codes of its columns.
//!
//! Every tool has its own schema, so every object with a code and a name is taken, at any depth.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The meaning of a code.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct LegendEntry {
    pub(super) name: String,
    /// In the language of the tool's operators.
    pub(super) label: Option<String>,
    pub(super) unit: Option<String>,
    pub(super) min: Option<f64>,
    pub(super) max: Option<f64>,
}

/// Codes with their meanings.
pub(super) type Legend = BTreeMap<String, LegendEntry>;

/// Reads a legend; text that is not JSON gives an empty one.
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
        // Some tools embed JSON in strings of their JSON.
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
    // The key of an entry takes precedence over the code in it, which tools copy wrongly.
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
            min: number(&["min", "MinValue"]),
            max: number(&["max", "MaxValue"]),
        },
    ))
}

/// Replaces a source number in a name: `Souce#4ManifoldRUN` becomes `TMGaManifoldRUN` if `Source4` is `TMGa`.
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
    fn codes_are_found_at_any_depth() {
        let legend = read(
            r#"{"columns": {"M05": {"name": "TMGa_1.source", "ko": "TMGa 소스", "unit": "sccm", "max": 100}},
                "io": "{\"R01\":{\"MaxValue\":1200,\"ID\":\"R01\",\"Name\":\"ReactorTemp\"}}",
                "valves": "[{\"ID\":\"V01\",\"Name\":\"V01\"},{\"ID\":\"Source4\",\"Name\":\"TMGa\"}]",
                "zdo": {"V01": {"ID": "V01", "Name": "HydCarrierChange"}, "V26": {"Name": "Souce#4ManifoldRUN"}}}"#,
        );
        assert_eq!(legend["M05"].max, Some(100.0));
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
