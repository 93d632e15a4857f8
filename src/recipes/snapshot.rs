//! All recipes in memory, with summaries for searches over many of them.

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

/// All recipes and alarms.
#[derive(Clone, Debug, Default)]
pub struct RecipeSnapshot {
    entries: Vec<RecipeEntry>,
    /// Indices of the entries by key.
    by_key: HashMap<String, Vec<usize>>,
    records: Vec<Arc<RecipeRecord>>,
}

/// A recipe of the snapshot.
#[derive(Clone, Debug)]
pub struct RecipeEntry {
    record: Arc<RecipeRecord>,
    at: usize,
    /// Its name in lower case without separators.
    pub key: String,
    /// Species and ranges of setpoints.
    pub summary: RecipeSummary,
}

/// A recipe to plot.
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

/// The part of the snapshot that a person may see.
#[derive(Clone, Debug)]
pub struct RecipeView<'a> {
    /// Ordered by name; of several revisions of a recipe, the current one.
    pub entries: Vec<&'a RecipeEntry>,
    records: Vec<&'a RecipeRecord>,
    snapshot: &'a RecipeSnapshot,
    access: Access,
}

impl RecipeSnapshot {
    /// Builds a snapshot of the recipes of the records, ordered by name.
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
        // The current one of several revisions comes first.
        entries.sort_by(|one, other| {
            let order = |entry: &RecipeEntry| (entry.recipe().id.clone(), entry.is_superseded());
            order(one).cmp(&order(other))
        });
        let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, entry) in entries.iter().enumerate() {
            by_key.entry(entry.key.clone()).or_default().push(at);
            // If a file contains one recipe, the file's name is also a name of the recipe.
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

    /// Builds a snapshot of the recipes of a file that is not indexed.
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

    /// Returns all recipes, regardless of access.
    #[must_use]
    pub fn entries(&self) -> &[RecipeEntry] {
        &self.entries
    }

    /// Returns the part that a person may see. Nothing else is ever counted or compared.
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
    /// Returns the recipes with a name, given as its key; the current one of several revisions comes first.
    #[must_use]
    pub fn named(&self, key: &str) -> Vec<&'a RecipeEntry> {
        let indices = self.snapshot.by_key.get(key).map_or(&[][..], Vec::as_slice);
        indices
            .iter()
            .map(|at| &self.snapshot.entries[*at])
            .filter(|entry| self.access.allows(&entry.record.document.collection))
            .collect()
    }

    /// Returns the alarms that may be seen, each with its record.
    pub fn alarms(&self) -> impl Iterator<Item = (&RecipeRecord, &Alarm)> {
        self.records
            .iter()
            .flat_map(|record| record.alarms.iter().map(move |alarm| (*record, alarm)))
    }

    /// Returns the limits that may be seen, each with its record.
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

    /// Whether a later revision has replaced it.
    #[must_use]
    pub fn is_superseded(&self) -> bool {
        self.record.document.superseded
    }

    /// Returns it as a recipe to plot.
    #[must_use]
    pub fn to_plot(&self) -> PlottedRecipe {
        PlottedRecipe {
            record: Arc::clone(&self.record),
            at: self.at,
        }
    }

    /// Returns the record of its document.
    #[must_use]
    pub fn record(&self) -> &RecipeRecord {
        &self.record
    }
}

/// Normalizes a name to lower case without separators.
#[must_use]
pub fn key(name: &str) -> String {
    name.chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}
