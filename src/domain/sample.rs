//! Sample passages for unit tests.

use crate::domain::document::{Document, DocumentId, Format, Origin, Page};
use crate::domain::passage::{Passage, PassageId};

/// Returns a passage of a document with this number.
pub(crate) fn passage(number: &str, text: &str) -> Passage {
    Passage {
        id: PassageId(format!("{}-{}", number.to_lowercase(), text.len())),
        document: Document {
            id: DocumentId(number.to_lowercase()),
            title: format!("Document {number}"),
            number: Some(number.to_owned()),
            revision: None,
            effective: None,
            superseded: false,
            source: "test".to_owned(),
            path: format!("{number}.pdf"),
            collection: "manuals".to_owned(),
            url: None,
            format: Format::Pdf,
            origin: Origin::Corpus,
        },
        page: None,
        headings: Vec::new(),
        start: 0,
        ordinal: 0,
        text: text.to_owned(),
        ocr: false,
    }
}

/// Returns a passage with every field set.
pub(crate) fn bake() -> Passage {
    let mut passage = passage(
        "HX7-OM-001",
        "Bake the susceptor at 1,050 °C for 20 min in 5 slm H2 before the next run.",
    );
    passage.document.title = "HX-700 \"Halla\" Operation Manual".to_owned();
    passage.document.revision = Some("C".to_owned());
    passage.document.effective = Some("2025-03-01".to_owned());
    passage.page = Some(Page {
        number: 42,
        label: Some("4-12".to_owned()),
    });
    passage.headings = vec!["4 Maintenance".to_owned(), "4.3 Susceptor".to_owned()];
    passage
}
