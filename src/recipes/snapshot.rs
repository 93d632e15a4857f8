//! All recipes in memory, with what questions about many of them need.

mod summary;

use std::collections::HashMap;
use std::sync::Arc;

pub use summary::{FlowRange, RecipeSummary, StepRange};

use super::import::{Imported, stem};
use super::limits::SetpointLimit;
use super::model::Recipe;
use super::record::RecipeRecord;
use crate::domain::access::Access;
use crate::domain::document::{Document, DocumentId, Format, Origin};
use crate::recipes::alarm::Alarm;

/// Every recipe and alarm.
#[derive(Clone, Debug, Default)]
pub struct RecipeSnapshot {
    entries: Vec<RecipeEntry>,
    /// Places of the entries by their keys.
    by_key: HashMap<String, Vec<usize>>,
    records: Vec<Arc<RecipeRecord>>,
}

/// A recipe in the book.
#[derive(Clone, Debug)]
pub struct RecipeEntry {
    record: Arc<RecipeRecord>,
    at: usize,
    /// Its name in small letters without what joins its parts.
    pub key: String,
    /// What it uses and reaches.
    pub summary: RecipeSummary,
}

/// A recipe to be drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct PlottedRecipe {
    record: Arc<RecipeRecord>,
    at: usize,
}

impl PlottedRecipe {
    #[must_use]
    pub fn recipe(&self) -> &Recipe {
        &self.record.recipes[self.at]
    }
}

/// What of the book may be seen.
#[derive(Clone, Debug)]
pub struct RecipeView<'a> {
    /// In the order of their names; of several revisions of a recipe the one in force.
    pub entries: Vec<&'a RecipeEntry>,
    records: Vec<&'a RecipeRecord>,
    snapshot: &'a RecipeSnapshot,
    access: Access,
}

impl RecipeSnapshot {
    /// Puts the recipes of the records into order.
    #[must_use]
    pub fn new(records: impl Iterator<Item = Arc<RecipeRecord>>) -> Self {
        let records: Vec<Arc<RecipeRecord>> = records.collect();
        let mut entries: Vec<RecipeEntry> = records
            .iter()
            .flat_map(|record| {
                (0..record.recipes.len()).map(|at| RecipeEntry {
                    key: key(&record.recipes[at].id),
                    summary: RecipeSummary::new(&record.recipes[at]),
                    record: Arc::clone(record),
                    at,
                })
            })
            .collect();
        // Of several revisions the one in force comes first.
        entries.sort_by(|one, other| {
            let order = |entry: &RecipeEntry| (entry.recipe().id.clone(), entry.is_superseded());
            order(one).cmp(&order(other))
        });
        let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, entry) in entries.iter().enumerate() {
            by_key.entry(entry.key.clone()).or_default().push(at);
            // A file with one recipe is a name of it, too.
            let file = key(stem(&entry.recipe().file));
            if file != entry.key && entry.record.recipes.len() == 1 {
                by_key.entry(file).or_default().push(at);
            }
        }
        Self {
            entries,
            by_key,
            records,
        }
    }

    /// The recipes of a file that is not indexed.
    #[must_use]
    pub fn from_file(path: &str, imported: Imported) -> Self {
        let title = path.rsplit('/').next().unwrap_or(path).to_owned();
        let document = Document {
            id: DocumentId(String::new()),
            title,
            number: None,
            revision: None,
            effective: None,
            superseded: false,
            source: String::new(),
            path: path.to_owned(),
            collection: String::new(),
            url: None,
            format: Format::Text,
            origin: Origin::Corpus,
        };
        Self::new(std::iter::once(Arc::new(RecipeRecord {
            document,
            recipes: imported.recipes,
            alarms: Vec::new(),
            limits: Vec::new(),
            spans: Vec::new(),
        })))
    }

    /// All recipes, whoever may see them.
    #[must_use]
    pub fn entries(&self) -> &[RecipeEntry] {
        &self.entries
    }

    /// What may be seen of it. Nothing else is ever counted or compared.
    #[must_use]
    pub fn view(&self, access: &Access) -> RecipeView<'_> {
        RecipeView {
            entries: self
                .entries
                .iter()
                .filter(|entry| access.allows(&entry.record.document.collection))
                .filter(|entry| !entry.is_superseded())
                .collect(),
            records: self
                .records
                .iter()
                .map(AsRef::as_ref)
                .filter(|record| access.allows(&record.document.collection))
                .collect(),
            snapshot: self,
            access: access.clone(),
        }
    }
}

impl<'a> RecipeView<'a> {
    /// The recipes of a name, given as its key; of several revisions the one in force first.
    #[must_use]
    pub fn named(&self, key: &str) -> Vec<&'a RecipeEntry> {
        let places = self.snapshot.by_key.get(key).map_or(&[][..], Vec::as_slice);
        places
            .iter()
            .map(|at| &self.snapshot.entries[*at])
            .filter(|entry| self.access.allows(&entry.record.document.collection))
            .collect()
    }

    /// The alarms that may be seen, each with the record that it stands in.
    pub fn alarms(&self) -> impl Iterator<Item = (&RecipeRecord, &Alarm)> {
        self.records
            .iter()
            .flat_map(|record| record.alarms.iter().map(move |alarm| (*record, alarm)))
    }

    /// The limits that may be seen, each with the record that it stands in.
    pub fn limits(&self) -> impl Iterator<Item = (&RecipeRecord, &SetpointLimit)> {
        self.records
            .iter()
            .flat_map(|record| record.limits.iter().map(move |limit| (*record, limit)))
    }
}

impl RecipeEntry {
    #[must_use]
    pub fn recipe(&self) -> &Recipe {
        &self.record.recipes[self.at]
    }

    /// Whether a later revision of it is in force.
    #[must_use]
    pub fn is_superseded(&self) -> bool {
        self.record.document.superseded
    }

    /// To be drawn.
    #[must_use]
    pub fn to_plot(&self) -> PlottedRecipe {
        PlottedRecipe {
            record: Arc::clone(&self.record),
            at: self.at,
        }
    }

    /// The document that it stands in.
    #[must_use]
    pub fn record(&self) -> &RecipeRecord {
        &self.record
    }
}

/// A name in small letters without what joins its parts.
#[must_use]
pub fn key(name: &str) -> String {
    name.chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}
