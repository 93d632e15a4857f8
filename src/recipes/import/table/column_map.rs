//! Which column of a table means what: a file for each format, some of them built in.

use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::domain::units::Unit;
use crate::recipes::model::Technique;

/// The maps that come with epibot.
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

/// How a table's columns are read.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnMap {
    /// Shown as the recipe's format.
    pub name: String,
    #[serde(default)]
    pub technique: Option<Technique>,
    /// Columns that must all stand in one row for that row to be the header of such a table.
    pub header: Vec<String>,
    /// Files beside the table that explain its columns, the first that is there; `{stem}` is the table's own name.
    #[serde(default)]
    pub legend: Vec<String>,
    /// Rows whose first cell begins so are no steps.
    #[serde(default)]
    pub comment: Option<String>,
    /// A row above the header whose first cell begins so holds the columns' units.
    #[serde(default)]
    pub units: Option<String>,
    /// What the lines above the header say, by how they begin: `id`, `title`, `tool`, `author`, `ignore`.
    #[serde(default)]
    pub preamble: std::collections::BTreeMap<String, String>,
    /// What the remaining lines above the header say, in their order.
    #[serde(default)]
    pub lines: Vec<String>,
    /// What each column means; `*` stands for any letters and `{}` in the meaning for what it stands for. The first
    /// that fits counts, exact names before patterns.
    pub columns: std::collections::BTreeMap<String, ColumnMeaning>,
}

/// What a column means: `"temperature °C"`, or a table with field, unit and scale.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ColumnMeaning {
    Short(String),
    LongMeaning(LongMeaning),
}

/// A column's meaning in its long form.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LongMeaning {
    pub field: String,
    #[serde(default)]
    pub unit: Option<String>,
    /// What the number is multiplied by to be in that unit.
    #[serde(default)]
    pub scale: Option<f64>,
}

/// A column's meaning, filled in.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ColumnField {
    pub(super) name: String,
    /// None where the map leaves it to a row of units or to the legend.
    pub(super) unit: Option<Unit>,
    pub(super) scale: f64,
}

impl ColumnMap {
    /// The maps in these files, and those that come with epibot.
    ///
    /// # Errors
    /// A file cannot be read or is no map; the message names it.
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

    /// Reads a map.
    ///
    /// # Errors
    /// It is no map; the message says where.
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
    pub(super) fn fits(&self, cells: &[String]) -> bool {
        self.header
            .iter()
            .all(|wanted| cells.iter().any(|cell| cell == wanted))
    }

    /// What a column means; none where the map does not know it.
    pub(super) fn field(&self, column: &str) -> Option<ColumnField> {
        if let Some(meaning) = self.columns.get(column) {
            return meaning.field(column).ok();
        }
        // The pattern with the most letters says most.
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
    fn the_maps_that_come_along_are_maps() {
        let none: [&Path; 0] = [];
        assert_eq!(ColumnMap::load(&none).unwrap().len(), BUILT_IN.len());
    }

    #[test]
    fn a_pattern_fills_in_what_it_stands_for() {
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
        fn a_pattern_gives_back_what_its_star_stands_for(
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
