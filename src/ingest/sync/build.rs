//! Builds document, passages, recipe record and catalog entry from the content of a file.

use super::plan::Task;
use crate::config::sources::Chunk;
use crate::domain::document::{Document, Format, Origin};
use crate::domain::fault::Fault;
use crate::domain::inconsistency::PropertySource;
use crate::domain::passage::Passage;
use crate::extract::extracted::Extracted;
use crate::extract::properties::Stated;
use crate::ingest::catalog::{CatalogEntry, DocumentState};
use crate::ingest::{chunk, data_records};
use crate::recipes::import::Imported;
use crate::recipes::model::LineText;
use crate::recipes::record::RecipeRecord;

/// The content of a file.
pub(super) enum Content {
    Document(Extracted),
    /// A recipe file.
    Recipes(Imported),
}

/// What goes into the index, the recipe store and the catalog for one file.
pub(super) struct Built {
    pub(super) entry: CatalogEntry,
    pub(super) passages: Vec<Passage>,
    /// Its recipes and alarms, if it has some.
    pub(super) record: Option<RecipeRecord>,
}

/// Properties that a file states about itself.
struct Description {
    title: Option<String>,
    number: Option<Stated>,
    revision: Option<Stated>,
    /// As `YYYY-MM-DD`.
    effective: Option<Stated>,
    format: Format,
    pages: u32,
    notes: Vec<Fault>,
}

/// Builds everything from the content of a file; `entry` has what is known without reading the file.
pub(super) fn build(task: &Task, entry: CatalogEntry, content: Content, chunk: &Chunk) -> Built {
    let description = match &content {
        Content::Document(extracted) => Description::from_extracted(extracted),
        Content::Recipes(imported) => Description::from_recipes(imported, task.file.format),
    };
    let document = description.document(task);
    let (passages, record) = match content {
        Content::Document(extracted) => {
            let passages = chunk::passages(&document, &extracted, chunk);
            let record = data_records::from_tables(&document, &extracted, &passages);
            (passages, record)
        }
        Content::Recipes(imported) => {
            let (passages, record) = data_records::from_recipes(&document, imported);
            (passages, Some(record))
        }
    };
    Built {
        entry: CatalogEntry {
            state: DocumentState::Read,
            title: document.title,
            number: description.number,
            revision: description.revision,
            effective: description.effective,
            pages: description.pages,
            passages: u32::try_from(passages.len()).unwrap_or(u32::MAX),
            notes: description.notes,
            ..entry
        },
        passages,
        record,
    }
}

impl Description {
    fn from_extracted(extracted: &Extracted) -> Self {
        Self {
            title: extracted.title.clone(),
            number: extracted.number.clone(),
            revision: extracted.revision.clone(),
            effective: extracted.effective.clone(),
            format: extracted.format,
            pages: u32::try_from(extracted.pages.len()).unwrap_or(u32::MAX),
            notes: extracted.notes.clone(),
        }
    }

    fn from_recipes(imported: &Imported, format: Format) -> Self {
        // A file of several recipes has no revision of its own.
        let only = match imported.recipes.as_slice() {
            [recipe] => Some(recipe),
            _ => None,
        };
        let text = |line: &Option<LineText>| line.as_ref().map(|line| line.text.clone());
        let revision = only.and_then(|recipe| text(&recipe.header.revision));
        let effective = only
            .and_then(|recipe| text(&recipe.header.effective))
            .filter(|date| date.parse::<jiff::civil::Date>().is_ok());
        // The revisions of a recipe share its id, whatever their files are called.
        let number = revision.as_ref().and(only).map(|recipe| recipe.id.clone());
        let stated = |value: String| Stated {
            value,
            place: PropertySource::FrontMatter,
        };
        let losses = imported.recipes.iter().flat_map(|recipe| &recipe.losses);
        let notes = losses.map(|loss| Fault::Line {
            number: loss.lines.0,
            reason: loss.reason.clone(),
        });
        Self {
            title: None,
            number: number.map(stated),
            revision: revision.map(stated),
            effective: effective.map(stated),
            format,
            pages: 1,
            notes: notes.collect(),
        }
    }

    fn document(&self, task: &Task) -> Document {
        let value = |stated: &Option<Stated>| stated.as_ref().map(|stated| stated.value.clone());
        let own_address = || task.file.address.clone();
        let url = task.source.url.as_deref();
        Document {
            id: task.file.id.clone(),
            title: self.title.clone().unwrap_or_else(|| task.name().to_owned()),
            number: value(&self.number),
            revision: value(&self.revision),
            effective: value(&self.effective),
            superseded: task.superseded_by.is_some(),
            source: task.source.name.clone(),
            path: task.file.path.clone(),
            collection: task.source.collection.clone(),
            url: url
                .map(|url| address(url, &task.file.path))
                .or_else(own_address),
            format: self.format,
            origin: Origin::Corpus,
        }
    }
}

/// Returns the address of a document with its path; the page is inserted by citations.
fn address(url: &str, path: &str) -> String {
    let mut escaped = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.extend(["%".to_owned(), hex::encode_upper([byte])]);
        }
    }
    url.replace("{path}", &escaped)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_path_in_an_address_is_escaped() {
        assert_eq!(
            address("https://dms/{path}#page={page}", "매뉴얼/a b.pdf"),
            "https://dms/%EB%A7%A4%EB%89%B4%EC%96%BC/a%20b.pdf#page={page}"
        );
    }

    proptest! {
        #[test]
        fn an_escaped_path_is_decoded_to_the_original(path in "\\PC{0,30}(/\\PC{0,9}){0,3}") {
            let address = address("https://dms/{path}", &path);
            let escaped = address.strip_prefix("https://dms/").unwrap();
            prop_assert!(escaped.bytes().all(|byte| byte.is_ascii_graphic()), "{}", escaped);
            let mut bytes = Vec::new();
            let mut letters = escaped.bytes();
            while let Some(letter) = letters.next() {
                bytes.push(match letter {
                    b'%' => {
                        let digits = [letters.next().unwrap(), letters.next().unwrap()];
                        hex::decode(digits).unwrap()[0]
                    }
                    letter => letter,
                });
            }
            prop_assert_eq!(String::from_utf8(bytes).unwrap(), path);
        }
    }
}
