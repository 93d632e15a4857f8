//! Recipes in tables with one row per step (CSV, tabs, spreadsheets), read by a [`ColumnMap`].

mod cell;
mod column_map;
mod grid;
mod legend;
mod rows;

pub use column_map::ColumnMap;
pub use grid::{Grid, Row};

use super::stem;
use crate::recipes::model::Recipe;

/// Rows that are searched for a table's header.
const MAX_PREAMBLE: usize = 60;

/// Reads the recipes of a table by the first map whose header it contains; returns none if no map matches. `sibling`
/// returns the text of a file in the same folder, for a legend.
#[must_use]
pub fn read(
    file: &str,
    grid: &Grid,
    maps: &[ColumnMap],
    sibling: &dyn Fn(&str) -> Option<String>,
) -> Vec<Recipe> {
    for (at, row) in grid.rows.iter().enumerate().take(MAX_PREAMBLE) {
        if let Some(map) = maps.iter().find(|map| map.matches_header(&row.cells)) {
            let legend = map
                .legend
                .iter()
                .find_map(|name| sibling(&name.replace("{stem}", stem(file))))
                .map(|text| legend::read(&text))
                .unwrap_or_default();
            return rows::read(file, grid, at, map, &legend);
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests;
