//! Builds recipes from the rows of a table.

mod channel;
mod column;
mod loops;
mod preamble;
mod step;

use std::collections::BTreeMap;

use super::grid::Grid;
use super::legend::Legend;
use crate::recipes::import::stem;
use crate::recipes::import::table::column_map::ColumnMap;
use crate::recipes::model::Recipe;
use column::named;
use step::Draft;

/// Reads the rows below a header.
pub(super) fn read(
    file: &str,
    grid: &Grid,
    header: usize,
    map: &ColumnMap,
    legend: &Legend,
) -> Vec<Recipe> {
    let mut losses = Vec::new();
    let columns = column::columns(grid, header, map, legend, &mut losses);
    let (id, about) = preamble::preamble(&grid.rows[..header], map, &mut losses);
    let mut drafts: Vec<Draft> = Vec::new();
    let mut by_id: BTreeMap<String, usize> = BTreeMap::new();
    for row in &grid.rows[header + 1..] {
        let first = row.cells.first().map_or("", String::as_str);
        let is_comment = map
            .comment
            .as_ref()
            .is_some_and(|comment| first.starts_with(comment.as_str()));
        if is_comment || row.cells.iter().all(String::is_empty) {
            continue;
        }
        let name = named(&columns, row, "id")
            .or(id.clone())
            .unwrap_or_else(|| stem(file).to_owned());
        let at = *by_id.entry(name.clone()).or_insert_with(|| {
            drafts.push(Draft::new(name, file, grid, map, about.clone()));
            drafts.len() - 1
        });
        drafts[at].row(&columns, row);
    }
    if drafts.is_empty() {
        let name = id.unwrap_or_else(|| stem(file).to_owned());
        drafts.push(Draft::new(name, file, grid, map, about));
    }
    // Losses of the whole table are reported once.
    drafts[0].recipe.losses.splice(0..0, losses);
    drafts.into_iter().map(Draft::finish).collect()
}
