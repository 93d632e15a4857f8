//! Column maps: which column of a table means what. One file per format, some of them built in.

use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::domain::units::Unit;
use crate::recipes::model::Technique;

/// The built-in maps.
const BUILT_IN: [(&str, &str); 4] = [
    (
        "plc-ko.toml",
        include_str!("../../../../config/recipes/plc-ko.toml"),
    ),
    (
        "mocvd-ui.toml",
        include_str!("../../../../config/recipes/mocvd-ui.toml"),
    ),
    (
        "epilist.toml",
        include_str!("../../../../config/recipes/epilist.toml"),
    ),
    (
        "growth-run.toml",
        include_str!("../../../../config/recipes/growth-run.toml"),
    ),
];

/// Meanings of the columns of a table format.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnMap {
    /// Shown as the recipe's format.
    pub name: String,
    #[serde(default)]
    pub technique: Option<Technique>,
    /// Columns that must all be in one row for it to be the header of such a table.
    pub header: Vec<String>,
    /// Candidates for the legend file in the table's folder; the first that exists is used. `{stem}` is the table's name.
    #[serde(default)]
    pub legend: Vec<String>,
    /// Rows whose first cell begins with this are comments.
    #[serde(default)]
    pub comment: Option<String>,
    /// A row above the header whose first cell begins with this contains the columns' units.
    #[serde(default)]
    pub units: Option<String>,
    /// Meanings of the lines above the header, by prefix: `id`, `title`, `tool`, `author`, `ignore`.
    #[serde(default)]
    pub preamble: std::collections::BTreeMap<String, String>,
    /// Meanings of the remaining lines above the header, in order.
    #[serde(default)]
    pub lines: Vec<String>,
    /// Meanings of columns. `*` matches any letters, and `{}` in the meaning is replaced by them. Exact names take
    /// precedence over patterns, longer patterns over shorter ones.
    pub columns: std::collections::BTreeMap<String, ColumnMeaning>,
}

/// A column's meaning: `"temperature °C"`, or a table with field, unit and scale.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ColumnMeaning {
    Short(String),
    LongMeaning(LongMeaning),
}

/// A column's meaning in long form.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LongMeaning {
    pub field: String,
    #[serde(default)]
    pub unit: Option<String>,
    /// Factor that converts the number to that unit.
    #[serde(default)]
    pub scale: Option<f64>,
}

/// A column's meaning with its pattern filled in.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ColumnField {
    pub(super) name: String,
    /// `None` if a row of units or the legend gives it.
    pub(super) unit: Option<Unit>,
    pub(super) scale: f64,
}

impl ColumnMap {
    /// Loads maps from files, followed by the built-in ones.
    ///
    /// # Errors
    /// If a file cannot be read or is not a map; the message names the file.
    pub fn load(files: &[impl AsRef<Path>]) -> anyhow::Result<Vec<Self>> {
        let mut maps = Vec::new();
        for file in files {
            let file = file.as_ref();
            let text = std::fs::read_to_string(file).with_context(|| {
                format!(
                    "the column map {} cannot be read; correct recipes.maps",
                    file.display()
                )
            })?;
            maps.push(Self::parse(&text, &file.display().to_string())?);
        }
        for (name, text) in BUILT_IN {
            maps.push(Self::parse(text, name)?);
        }
        Ok(maps)
    }

    /// Parses a map.
    ///
    /// # Errors
    /// If the text is not a map; the message says where.
    pub fn parse(text: &str, name: &str) -> anyhow::Result<Self> {
        let map: Self = toml::from_str(text)
            .with_context(|| format!("the column map {name} cannot be understood"))?;
        anyhow::ensure!(
            !map.header.is_empty(),
            "the column map {name} names no columns by which its tables are known; fill in `header`"
        );
        for (column, meaning) in &map.columns {
            meaning.field("x").with_context(|| {
                format!("the column map {name} gives \"{column}\" a meaning that is none")
            })?;
        }
        Ok(map)
    }

    /// Whether a row is the header of such a table.
    pub(super) fn matches_header(&self, cells: &[String]) -> bool {
        self.header
            .iter()
            .all(|wanted| cells.iter().any(|cell| cell == wanted))
    }

    /// Returns a column's meaning; `None` if the map does not contain it.
    pub(super) fn field(&self, column: &str) -> Option<ColumnField> {
        if let Some(meaning) = self.columns.get(column) {
            return meaning.field(column).ok();
        }
        // The longest pattern is the most specific one.
        self.columns
            .iter()
            .filter(|(pattern, _)| pattern.contains('*'))
            .filter_map(|(pattern, meaning)| {
                let (before, after) = pattern.split_once('*')?;
                let inner = column.strip_prefix(before)?.strip_suffix(after)?;
                Some((pattern.len(), meaning.field(inner).ok()?))
            })
            .max_by_key(|(length, _)| *length)
            .map(|(_, field)| field)
    }
}

impl ColumnMeaning {
    fn field(&self, inner: &str) -> anyhow::Result<ColumnField> {
        let (name, unit, scale) = match self {
            Self::Short(text) => {
                let (name, unit) = text
                    .split_once(' ')
                    .map_or((text.as_str(), None), |(name, unit)| (name, Some(unit)));
                (name, unit, None)
            }
            Self::LongMeaning(long) => (long.field.as_str(), long.unit.as_deref(), long.scale),
        };
        anyhow::ensure!(!name.is_empty(), "the field is empty");
        let unit = unit
            .map(|unit| {
                Unit::parse(unit).with_context(|| format!("\"{unit}\" is no unit that is known"))
            })
            .transpose()?;
        Ok(ColumnField {
            name: name.replace("{}", inner),
            unit,
            scale: scale.unwrap_or(1.0),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_built_in_maps_are_valid() {
        let none: [&Path; 0] = [];
        assert_eq!(ColumnMap::load(&none).unwrap().len(), BUILT_IN.len());
    }

    #[test]
    fn a_pattern_fills_in_what_its_star_matches() {
        let map = ColumnMap::parse(
            "name = \"x\"\nheader = [\"a\"]\n[columns]\n\"*(sh)\" = \"{}.shutter\"\n\"Tsub(*)\" = \"temperature °C\"\n\"*(°C)\" = { field = \"{}.cell\", unit = \"°C\", scale = 2.0 }",
            "x",
        )
        .unwrap();
        let field = map.field("Ga-A(sh)").unwrap();
        assert_eq!((field.name.as_str(), field.unit), ("Ga-A.shutter", None));
        assert_eq!(map.field("Tsub(°C)").unwrap().name, "temperature");
        let cell = map.field("Al(°C)").unwrap();
        assert_eq!(
            (cell.name.as_str(), cell.unit, cell.scale),
            ("Al.cell", Some(Unit::Celsius), 2.0)
        );
        assert_eq!(map.field("other"), None);
    }

    #[test]
    fn a_map_that_is_wrong_is_refused_with_its_name() {
        for text in [
            "name = \"x\"",
            "name = \"x\"\nheader = []\n[columns]",
            "name = \"x\"\nheader = [\"a\"]\nfoo = 1\n[columns]",
            "name = \"x\"\nheader = [\"a\"]\n[columns]\na = \"temperature furlong\"",
        ] {
            let error = ColumnMap::parse(text, "m.toml").unwrap_err();
            assert!(format!("{error:#}").contains("m.toml"), "{error:#}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(
            pieces in proptest::collection::vec(
                prop::sample::select(vec![
                    "name = ", "\"x\"", "header = [\"a\"]", "[columns]", "\n", "\"*\"", "\"*(sh)\" = ", "\"{}.cell\"", "{ field = ",
                    "unit = \"°C\"", "scale = nan", " }", ", ", "\"\"", "technique = \"mocvd\"", "온도 = \"temperature °C\"",
                ]),
                0..20,
            ),
            column in "\\PC{0,12}",
        ) {
            if let Ok(map) = ColumnMap::parse(&pieces.concat(), "x") {
                prop_assert!(!map.header.is_empty());
                let _ = map.field(&column);
            }
        }

        #[test]
        fn a_pattern_returns_what_its_star_matches(
            before in "[A-Za-z]{0,5}",
            inner in "[A-Za-z0-9가-힣]{0,8}",
            after in "[(][a-z]{1,4}[)]",
        ) {
            let text = format!("name = \"x\"\nheader = [\"a\"]\n[columns]\n\"{before}*{after}\" = \"{{}}.cell °C\"");
            let field = ColumnMap::parse(&text, "x").unwrap().field(&format!("{before}{inner}{after}"));
            let field = field.unwrap();
            prop_assert_eq!(field.name, format!("{inner}.cell"));
            prop_assert_eq!(field.unit, Some(Unit::Celsius));
        }
    }
}
