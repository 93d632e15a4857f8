//! Data records of documents, in addition to passages of text: recipes with their steps, alarms and limits.

use std::collections::HashMap;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::domain::document::Document;
use crate::domain::passage::{Passage, PassageId};
use crate::extract::extracted::Extracted;
use crate::recipes::alarm;
use crate::recipes::alarm::Alarm;
use crate::recipes::import::Imported;
use crate::recipes::import::table::Grid;
use crate::recipes::limits;
use crate::recipes::limits::SetpointLimit;
use crate::recipes::model::Recipe;
use crate::recipes::record::{PassageSpan, RecipeRecord};

/// Incremented when the same file gives other records; then everything is indexed again.
pub const VERSION: u32 = 3;

/// Maximum length of a passage in characters; longer ones are split between lines.
const MAX_CHARS: usize = 2_400;

/// Returns the passages of a recipe file, one per step and one for the lines before the first, and its record.
#[must_use]
pub fn from_recipes(document: &Document, imported: Imported) -> (Vec<Passage>, RecipeRecord) {
    let lines: Vec<&str> = imported.text.split('\n').collect();
    let spans = spans(document, &imported.recipes, &lines);
    let record = RecipeRecord {
        document: document.clone(),
        recipes: imported.recipes,
        alarms: Vec::new(),
        limits: Vec::new(),
        spans,
    };
    let passages = record
        .spans
        .iter()
        .map(|span| record.passage(span))
        .collect();
    (passages, record)
}

/// Returns the record of the alarms and limits in a document's tables; None if there are none.
#[must_use]
pub fn from_tables(
    document: &Document,
    extracted: &Extracted,
    passages: &[Passage],
) -> Option<RecipeRecord> {
    let mut alarms = Vec::new();
    let mut limits = Vec::new();
    let mut lines_before = 0;
    let mut page_starts: Vec<(Option<u32>, u32)> = Vec::new();
    for page in &extracted.pages {
        page_starts.push((page.page.as_ref().map(|page| page.number), lines_before));
        for alarm in alarms_in(&document.path, &page.text) {
            alarms.push(Alarm {
                line: alarm.line + lines_before,
                ..alarm
            });
        }
        for limit in limits::in_text(&page.text) {
            limits.push(SetpointLimit {
                line: limit.line + lines_before,
                ..limit
            });
        }
        lines_before += count_lines(&page.text);
    }
    if alarms.is_empty() && limits.is_empty() {
        return None;
    }
    let spans: Vec<PassageSpan> = passages
        .iter()
        .filter_map(|passage| {
            let number = passage.page.as_ref().map(|page| page.number);
            let at = page_starts.iter().position(|(page, _)| *page == number)?;
            let above: String = extracted.pages[at]
                .text
                .chars()
                .take(passage.start as usize)
                .collect();
            let first = page_starts[at].1 + count_lines(&above);
            Some(PassageSpan {
                first,
                last: first + count_lines(&passage.text) - 1,
                passage: passage.id.clone(),
                page: passage.page.clone(),
                headings: passage.headings.clone(),
                start: passage.start,
                ordinal: passage.ordinal,
                text: passage.text.clone(),
            })
        })
        .filter(|span| {
            let mut lines = alarms
                .iter()
                .map(|alarm| alarm.line)
                .chain(limits.iter().map(|limit| limit.line));
            lines.any(|line| (span.first..=span.last).contains(&line))
        })
        .collect();
    Some(RecipeRecord {
        document: document.clone(),
        recipes: Vec::new(),
        alarms,
        limits,
        spans,
    })
}

fn alarms_in(path: &str, text: &str) -> Vec<Alarm> {
    let extension = Path::new(path)
        .extension()
        .map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    match extension.as_deref() {
        Some("json") => alarm::in_json(text),
        Some("csv" | "tsv") if !text.contains(" | ") => {
            let rows = Grid::from_text(text).rows;
            alarm::in_rows(rows.into_iter().map(|row| (row.line, row.cells)))
        }
        _ => alarm::in_text(text),
    }
}

/// Returns the number of lines of a text.
fn count_lines(text: &str) -> u32 {
    u32::try_from(text.matches('\n').count() + 1).unwrap_or(u32::MAX)
}

/// A range of lines of a recipe file that becomes a passage.
struct RecipePart {
    first: u32,
    last: u32,
    recipe: String,
    name: String,
}

/// Splits a file into parts: every line belongs to the step that contains or follows it.
fn parts(recipes: &[Recipe], last_line: u32) -> Vec<RecipePart> {
    let mut steps: Vec<(u32, u32, &str, String)> = recipes
        .iter()
        .flat_map(|recipe| {
            recipe
                .steps
                .iter()
                // Steps of included files are not part of this one.
                .filter(|step| step.origin.is_none())
                .map(|step| (step.lines.0, step.lines.1, recipe.id.as_str(), step.name()))
        })
        .collect();
    steps.sort_by_key(|(first, ..)| *first);
    let mut parts: Vec<RecipePart> = Vec::new();
    let head = recipes.first().map_or("", |recipe| recipe.id.as_str());
    let mut next = 1;
    for (at, (first, last, recipe, name)) in steps.iter().enumerate() {
        if *first < next {
            // Two steps on one line are one passage.
            if let Some(part) = parts.last_mut() {
                part.last = part.last.max(*last);
                next = part.last + 1;
            }
            continue;
        }
        let begin = if at == 0 && *first > 1 {
            parts.push(RecipePart {
                first: 1,
                last: first - 1,
                recipe: head.to_owned(),
                name: String::new(),
            });
            *first
        } else {
            next
        };
        parts.push(RecipePart {
            first: begin,
            last: *last,
            recipe: (*recipe).to_owned(),
            name: name.clone(),
        });
        next = last + 1;
    }
    if next <= last_line {
        parts.push(RecipePart {
            first: next,
            last: last_line,
            recipe: head.to_owned(),
            name: String::new(),
        });
    }
    parts
}

fn spans(document: &Document, recipes: &[Recipe], lines: &[&str]) -> Vec<PassageSpan> {
    let total = u32::try_from(lines.len()).unwrap_or(u32::MAX);
    let mut starts = Vec::with_capacity(lines.len() + 1);
    let mut at = 0;
    for line in lines {
        starts.push(at);
        at += line.chars().count() + 1;
    }
    let mut occurrences: HashMap<String, u32> = HashMap::new();
    let mut spans: Vec<PassageSpan> = Vec::new();
    for part in parts(recipes, total) {
        for (first, last) in pieces(lines, part.first, part.last) {
            let part_lines = &lines[first as usize - 1..last as usize];
            let text = part_lines.join("\n");
            let hash = hash(&[&part.recipe, &part.name, &text]);
            let occurrence = occurrences.entry(hash.clone()).or_default();
            *occurrence += 1;
            let suffix = if *occurrence > 1 {
                format!("-{occurrence}")
            } else {
                String::new()
            };
            let place = if first == last {
                format!("L{first}")
            } else {
                format!("L{first}–{last}")
            };
            let heading = if part.name.is_empty() {
                place
            } else {
                format!("{place} · {}", part.name)
            };
            spans.push(PassageSpan {
                first,
                last,
                passage: PassageId(format!("{}-{hash}{suffix}", document.id)),
                page: None,
                headings: vec![part.recipe.clone(), heading],
                start: u32::try_from(starts[first as usize - 1]).unwrap_or(u32::MAX),
                ordinal: u32::try_from(spans.len()).unwrap_or(u32::MAX),
                text,
            });
        }
    }
    spans
}

/// Splits a part into pieces of at most [`MAX_CHARS`] characters, without blank lines at their ends.
fn pieces(lines: &[&str], first: u32, last: u32) -> Vec<(u32, u32)> {
    let is_blank = |line: u32| {
        lines
            .get(line as usize - 1)
            .is_none_or(|line| line.trim().is_empty())
    };
    let mut pieces = Vec::new();
    let mut begin = first;
    let mut length = 0;
    for line in first..=last.min(u32::try_from(lines.len()).unwrap_or(u32::MAX)) {
        let line_length = lines[line as usize - 1].chars().count() + 1;
        if length + line_length > MAX_CHARS && line > begin {
            pieces.push((begin, line - 1));
            begin = line;
            length = 0;
        }
        length += line_length;
    }
    pieces.push((begin, last));
    pieces
        .into_iter()
        .filter_map(|(mut first, mut last)| {
            while first <= last && is_blank(first) {
                first += 1;
            }
            while last > first && is_blank(last) {
                last -= 1;
            }
            (first <= last).then_some((first, last))
        })
        .collect()
}

/// Returns a hash in ten hexadecimal digits.
fn hash(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
        digest.update([0]);
    }
    hex::encode(&digest.finalize()[..5])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::document::{DocumentId, Format, Origin};
    use crate::recipes::import::{aixtron, decode};

    fn document(path: &str) -> Document {
        Document {
            id: DocumentId("doc".to_owned()),
            title: path.to_owned(),
            number: None,
            revision: None,
            effective: None,
            superseded: false,
            source: "recipes".to_owned(),
            path: path.to_owned(),
            collection: "recipes".to_owned(),
            url: None,
            format: Format::Text,
            origin: Origin::Corpus,
        }
    }

    #[test]
    fn every_line_of_a_recipe_is_in_one_passage_that_is_a_piece_of_its_text() {
        let bytes = std::fs::read(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/samples/recipes/LED450-MQW-012A.epi"
        ))
        .unwrap();
        let text = decode(&bytes);
        let recipe = aixtron::read("LED450-MQW-012A.epi", &text);
        let steps = recipe.steps.len();
        let imported = Imported {
            text: text.clone(),
            recipes: vec![recipe],
        };
        let (passages, record) = from_recipes(&document("LED450-MQW-012A.epi"), imported);
        assert!(passages.len() > steps);
        let letters: Vec<char> = text.chars().collect();
        for passage in &passages {
            let start = passage.start as usize;
            let piece: String = letters[start..start + passage.text.chars().count()]
                .iter()
                .collect();
            assert_eq!(piece, passage.text);
        }
        for (line, text) in (1..).zip(text.lines()) {
            let count = record
                .spans
                .iter()
                .filter(|span| (span.first..=span.last).contains(&line))
                .count();
            assert!(count == 1 || text.trim().is_empty(), "line {line}");
        }
        let ids: std::collections::BTreeSet<_> =
            passages.iter().map(|passage| &passage.id).collect();
        assert_eq!(ids.len(), passages.len());
    }
}
