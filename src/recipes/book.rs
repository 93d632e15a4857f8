//! All recipes in memory, with what questions about many of them need.

mod summary;

use std::collections::HashMap;
use std::sync::Arc;

pub use summary::{FlowRange, StepRange, Summary};

use super::import::{Imported, stem};
use super::limits::Limit;
use super::model::Recipe;
use super::record::Record;
use crate::domain::access::Access;
use crate::domain::document::{Document, DocumentId, Format, Origin};
use crate::recipes::alarm::Alarm;

/// Every recipe and alarm.
#[derive(Clone, Debug, Default)]
pub struct Book {
    entries: Vec<Entry>,
    /// Places of the entries by their keys.
    by_key: HashMap<String, Vec<usize>>,
    records: Vec<Arc<Record>>,
}

/// A recipe in the book.
#[derive(Clone, Debug)]
pub struct Entry {
    record: Arc<Record>,
    at: usize,
    /// Its name in small letters without what joins its parts.
    pub key: String,
    /// What it uses and reaches.
    pub summary: Summary,
}

/// A recipe to be drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Plotted {
    record: Arc<Record>,
    at: usize,
}

impl Plotted {
    #[must_use]
    pub fn recipe(&self) -> &Recipe {
        &self.record.recipes[self.at]
    }
}

/// What of the book may be seen.
#[derive(Clone, Debug)]
pub struct View<'a> {
    /// In the order of their names; of several revisions of a recipe the one in force.
    pub entries: Vec<&'a Entry>,
    records: Vec<&'a Record>,
    book: &'a Book,
    access: Access,
}

impl Book {
    /// Puts the recipes of the records into order.
    #[must_use]
    pub fn new(records: impl Iterator<Item = Arc<Record>>) -> Self {
        let records: Vec<Arc<Record>> = records.collect();
        let mut entries: Vec<Entry> = records
            .iter()
            .flat_map(|record| {
                (0..record.recipes.len()).map(|at| Entry {
                    key: key(&record.recipes[at].id),
                    summary: Summary::of(&record.recipes[at]),
                    record: Arc::clone(record),
                    at,
                })
            })
            .collect();
        // Of several revisions the one in force comes first.
        entries.sort_by(|one, other| {
            let order = |entry: &Entry| (entry.recipe().id.clone(), entry.is_superseded());
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
    pub fn of_file(path: &str, imported: Imported) -> Self {
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
        Self::new(std::iter::once(Arc::new(Record {
            document,
            recipes: imported.recipes,
            alarms: Vec::new(),
            limits: Vec::new(),
            spans: Vec::new(),
        })))
    }

    /// All recipes, whoever may see them.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What may be seen of it. Nothing else is ever counted or compared.
    #[must_use]
    pub fn view(&self, access: &Access) -> View<'_> {
        View {
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
            book: self,
            access: access.clone(),
        }
    }
}

impl<'a> View<'a> {
    /// The recipes of a name, given as its key; of several revisions the one in force first.
    #[must_use]
    pub fn named(&self, key: &str) -> Vec<&'a Entry> {
        let places = self.book.by_key.get(key).map_or(&[][..], Vec::as_slice);
        places
            .iter()
            .map(|at| &self.book.entries[*at])
            .filter(|entry| self.access.allows(&entry.record.document.collection))
            .collect()
    }

    /// The alarms that may be seen, each with the record that it stands in.
    pub fn alarms(&self) -> impl Iterator<Item = (&Record, &Alarm)> {
        self.records
            .iter()
            .flat_map(|record| record.alarms.iter().map(move |alarm| (*record, alarm)))
    }

    /// The limits that may be seen, each with the record that it stands in.
    pub fn limits(&self) -> impl Iterator<Item = (&Record, &Limit)> {
        self.records
            .iter()
            .flat_map(|record| record.limits.iter().map(move |limit| (*record, limit)))
    }
}

impl Entry {
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
    pub fn plotted(&self) -> Plotted {
        Plotted {
            record: Arc::clone(&self.record),
            at: self.at,
        }
    }

    /// The document that it stands in.
    #[must_use]
    pub fn record(&self) -> &Record {
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
