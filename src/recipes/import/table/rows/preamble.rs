//! The lines above a table's header: the recipe's name and its header fields.

use crate::recipes::import::shorten;
use crate::recipes::import::table::column_map::ColumnMap;
use crate::recipes::import::table::grid::Row;
use crate::recipes::model::{Header, ImportLoss, LineText};

/// Reads the recipe's name and its header from the lines above the table's header.
pub(super) fn preamble(
    rows: &[Row],
    map: &ColumnMap,
    losses: &mut Vec<ImportLoss>,
) -> (Option<String>, Header) {
    let (mut id, mut about) = (None, Header::default());
    let mut line_fields = map.lines.iter();
    for row in rows {
        let is_comment = map.comment.as_ref().is_some_and(|comment| {
            row.cells
                .first()
                .is_some_and(|cell| cell.starts_with(comment.as_str()))
        });
        if is_comment {
            continue;
        }
        let mut free = Vec::new();
        for cell in row.cells.iter().filter(|cell| !cell.is_empty()) {
            let key = map
                .preamble
                .iter()
                .find_map(|(begin, meaning)| Some((meaning.as_str(), cell.strip_prefix(begin)?)));
            match key {
                Some((meaning, value)) => {
                    set_field(meaning, value.trim(), row.line, &mut id, &mut about);
                }
                None => free.push(cell.as_str()),
            }
        }
        if free.is_empty() {
            continue;
        }
        let text = free.join(" ");
        match line_fields.next() {
            Some(meaning) => set_field(meaning, &text, row.line, &mut id, &mut about),
            None => losses.push(ImportLoss {
                lines: (row.line, row.last),
                raw: shorten(&text),
                reason: format!(
                    "the column map {} does not say what this line above the table means",
                    map.name
                ),
            }),
        }
    }
    (id, about)
}

/// Sets the recipe's name or the header field that a column map names.
pub(super) fn set_field(
    meaning: &str,
    value: &str,
    line: u32,
    id: &mut Option<String>,
    about: &mut Header,
) {
    if value.is_empty() {
        return;
    }
    let noted = Some(LineText {
        text: value.to_owned(),
        line,
    });
    match meaning {
        "id" => *id = Some(value.to_owned()),
        "title" => about.title = noted,
        "tool" => about.tool = noted,
        "author" => about.author = noted,
        "based_on" => about.based_on = noted,
        "revision" => about.revision = noted,
        "status" => about.status = noted,
        "effective" => about.effective = noted,
        "customer" => about.customer = noted,
        "substrate" => about.substrate = noted,
        _ => {}
    }
}
