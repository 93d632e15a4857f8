//! Passages of documents that lie nowhere.

use epibot::domain::document::{Document, DocumentId, Format, Origin};
use epibot::domain::passage::{Passage, PassageId};

/// The only passage of the only document of a collection.
pub(crate) fn passage(collection: &str, title: &str, heading: &str, text: &str) -> Passage {
    Passage {
        id: PassageId(format!("{collection}-1")),
        document: Document {
            id: DocumentId(collection.to_owned()),
            title: title.to_owned(),
            number: None,
            revision: None,
            effective: None,
            superseded: false,
            source: "test".to_owned(),
            path: format!("{collection}.md"),
            collection: collection.to_owned(),
            url: None,
            format: Format::Markdown,
            origin: Origin::Corpus,
        },
        page: None,
        headings: vec![heading.to_owned()],
        start: 0,
        ordinal: 0,
        text: text.to_owned(),
        ocr: false,
    }
}
