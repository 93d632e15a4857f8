//! Imports recipes from the files of growth tools.

pub mod aixtron;
mod channel_name;
mod decode;
mod include;
mod sheet;
pub mod table;

use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use decode::decode;
pub use include::included;

use super::model::Recipe;
use crate::recipes::species;
use table::{ColumnMap, Grid};

/// Characters of a line that a report shows.
const MAX_SHOWN: usize = 160;
/// Largest legend file, in bytes.
const MAX_LEGEND_SIZE: u64 = 8 << 20;

/// The recipes in a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Imported {
    /// The file as text; each line of it is a line (or a spreadsheet's row) of the file.
    pub text: String,
    /// At least one.
    pub recipes: Vec<Recipe>,
}

/// Whether a file may contain recipes, by its extension.
#[must_use]
pub fn may_hold_recipes(file: &Path) -> bool {
    ending(file).is_some_and(|ending| {
        ["epi", "asl", "csv", "tsv", "txt", "tab", "xlsx"].contains(&ending.as_str())
    })
}

/// Whether a file is a recipe by its extension alone.
#[must_use]
pub fn is_recipe(file: &Path) -> bool {
    ending(file).is_some_and(|ending| ["epi", "asl"].contains(&ending.as_str()))
}

/// Reads a file of recipes; returns `None` if it is something else, such as a table that no column map matches.
///
/// # Errors
/// If the file is broken; the message says how.
pub fn read(file: &Path, bytes: &[u8], maps: &[ColumnMap]) -> Result<Option<Imported>, String> {
    let name = file
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let sibling = |name: &str| sibling_text(file, name);
    let (text, mut recipes) = match ending(file).as_deref() {
        Some("epi") => {
            let text = decode(bytes);
            let recipe = aixtron::read_with(&name, &text, &|name| include::text(file, name));
            // A file that only defines names for others is not a recipe.
            let recipes = if recipe.body.is_empty() {
                Vec::new()
            } else {
                vec![recipe]
            };
            (text, recipes)
        }
        Some("xlsx") => {
            let grids = sheet::read(bytes)?;
            let found = grids.iter().find_map(|grid| {
                let recipes = table::read(&name, grid, maps, &sibling);
                (!recipes.is_empty()).then(|| (sheet::to_text(grid), recipes))
            });
            match found {
                Some(found) => found,
                None => return Ok(None),
            }
        }
        _ => {
            let text = decode(bytes);
            let recipes = table::read(&name, &Grid::from_text(&text), maps, &sibling);
            (text, recipes)
        }
    };
    if recipes.is_empty() {
        return Ok(None);
    }
    let sha256 = hex::encode(Sha256::digest(bytes));
    for recipe in &mut recipes {
        recipe.sha256.clone_from(&sha256);
    }
    Ok(Some(Imported { text, recipes }))
}

/// Reads a file in the same folder.
fn sibling_text(file: &Path, name: &str) -> Option<String> {
    let is_plain = !name.contains(['/', '\\']) && name != "..";
    let path = file.parent()?.join(name);
    let size = std::fs::metadata(&path).ok()?.len();
    if !is_plain || size > MAX_LEGEND_SIZE {
        return None;
    }
    Some(decode(&std::fs::read(path).ok()?))
}

fn ending(file: &Path) -> Option<String> {
    Some(file.extension()?.to_str()?.to_ascii_lowercase())
}

/// Returns a file's name without its extension.
pub(super) fn stem(file: &str) -> &str {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Joins a text to one line and truncates it.
fn shorten(text: &str) -> String {
    let mut shown: String = text.chars().take(MAX_SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// Returns the number or code at the start of a step's label: `01   Initial`, `(e08b) Start`, `q06a GaN`.
fn step_code(label: &str) -> Option<String> {
    let first = label.split_whitespace().next()?;
    let inner = first
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'));
    let code = inner.unwrap_or(first);
    let is_code = |code: &str| {
        let letters = code.chars().take_while(char::is_ascii_alphabetic).count();
        let rest = &code[letters..];
        let digits = rest.chars().take_while(char::is_ascii_digit).count();
        letters <= 2
            && (1..=3).contains(&digits)
            && rest[digits..].chars().count() <= 1
            && rest[digits..]
                .chars()
                .all(|letter| letter.is_ascii_lowercase())
    };
    if species::find(code).is_some() {
        return None;
    }
    let is_named = inner.is_some() && code.chars().any(|letter| letter.is_ascii_digit());
    (is_code(code) || is_named).then(|| code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_a_step_is_first_in_its_label() {
        for (label, code) in [
            ("(e08b) Start", Some("e08b")),
            ("01 Initial setting", Some("01")),
            ("13a cont.", Some("13a")),
            ("q06a GaN:Si", Some("q06a")),
            ("(Active_Layer_1) GaN", Some("Active_Layer_1")),
            ("Barrier growth", None),
            ("NH3 on", None),
            ("", None),
        ] {
            assert_eq!(step_code(label).as_deref(), code, "{label}");
        }
    }
}
