//! The columns of a table and their effect on a step.

use crate::domain::units::Unit;
use crate::recipes::import::shorten;
use crate::recipes::import::table::column_map::{ColumnField, ColumnMap};
use crate::recipes::import::table::grid::{Grid, Row};
use crate::recipes::import::table::legend::{Legend, LegendEntry};
use crate::recipes::model::ImportLoss;

/// A column and its effect on a step.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// As the header names it.
    pub(super) name: String,
    pub(super) field: ColumnField,
    /// The legend's entry, if the legend defines the column.
    pub(super) entry: Option<LegendEntry>,
    pub(super) unit: Option<Unit>,
}

/// Returns the column of each cell of the header; unknown columns are recorded as losses.
pub(super) fn columns(
    grid: &Grid,
    header: usize,
    map: &ColumnMap,
    legend: &Legend,
    losses: &mut Vec<ImportLoss>,
) -> Vec<Option<Column>> {
    let row = &grid.rows[header];
    let units = map.units.as_ref().and_then(|begin| {
        let mut above = grid.rows[..header].iter();
        above.find(|row| {
            row.cells
                .first()
                .is_some_and(|cell| cell.starts_with(begin.as_str()))
        })
    });
    let unknown: Vec<&str> = row
        .cells
        .iter()
        .filter(|name| !name.is_empty() && map.field(name).is_none())
        .map(String::as_str)
        .collect();
    if !unknown.is_empty() {
        losses.push(ImportLoss {
            lines: (row.line, row.last),
            raw: shorten(&unknown.join(", ")),
            reason: format!("the column map {} does not know these columns", map.name),
        });
    }
    row.cells
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let field = map.field(name)?;
            let entry = field
                .name
                .starts_with("legend")
                .then(|| legend.get(name).cloned().unwrap_or_default());
            let of_row = units
                .and_then(|row| row.cells.get(at))
                .and_then(|unit| Unit::parse(unit))
                .filter(|unit| *unit != Unit::None);
            let legend_meaning = entry
                .as_ref()
                .and_then(|entry| Unit::parse(entry.unit.as_deref()?));
            Some(Column {
                name: name.clone(),
                unit: legend_meaning.or(field.unit).or(of_row),
                field,
                entry,
            })
        })
        .collect()
}

/// Returns the cell of the column with a meaning.
pub(super) fn named(columns: &[Option<Column>], row: &Row, field: &str) -> Option<String> {
    let at = position(columns, field)?;
    row.cells.get(at).filter(|cell| !cell.is_empty()).cloned()
}

/// Returns the position of the column with a meaning.
pub(super) fn position(columns: &[Option<Column>], field: &str) -> Option<usize> {
    columns.iter().position(|column| {
        column
            .as_ref()
            .is_some_and(|column| column.field.name == field)
    })
}
