//! The schema of an index on the server: its names, fields and filters.

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::domain::document::DocumentId;
use crate::search::index::vectors::Space;

/// The primary key of every record.
pub(super) const PRIMARY_KEY: &str = "key";
/// Key of the one record that is not a passage: it contains the versions with which the other records were made.
pub(super) const METADATA_KEY: &str = "about-this-index";
/// The server's name for the embedder whose vectors we supply.
pub(super) const EMBEDDER: &str = "epibot";
/// The field with the vector space of a passage's vector.
pub(super) const SPACE: &str = "space";

/// Returns the name of the index that is searched.
pub(super) fn live_index(prefix: &str) -> String {
    format!("{prefix}passages")
}

/// Returns the name of the index that a rebuild fills.
pub(super) fn next_index(prefix: &str) -> String {
    format!("{prefix}passages_next")
}

/// Returns the id of a passage, document, collection or code on the server, which accepts only some characters in an id,
/// is case-sensitive only there, and cannot express every text in a filter.
pub(super) fn safe_id(text: &str) -> String {
    let is_allowed = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_')
    };
    if text.bytes().all(is_allowed) && (1..=200).contains(&text.len()) && text != METADATA_KEY {
        text.to_owned()
    } else {
        format!("id-{}", hex::encode(&Sha256::digest(text)[..16]))
    }
}

/// Returns the id of a code that a passage explains rather than mentions.
pub(super) fn explained_code_id(code: &str) -> String {
    safe_id(&format!("explained-{code}"))
}

/// Returns a filter for records whose `field` is one of these values.
pub(super) fn one_of<'a>(field: &str, values: impl IntoIterator<Item = &'a str>) -> String {
    let values = values
        .into_iter()
        .map(|value| format!("\"{}\"", safe_id(value)));
    format!("{field} IN [{}]", values.collect::<Vec<_>>().join(", "))
}

/// Returns a filter for the passages of documents.
pub(super) fn of_documents(documents: &[DocumentId]) -> String {
    one_of("document", documents.iter().map(|id| id.0.as_str()))
}

/// Returns a filter for passages with a vector of this space.
pub(super) fn of_space(space: &Space) -> String {
    format!("{SPACE} = \"{}\"", space.name())
}

/// Returns a filter for all records that are passages.
pub(super) fn only_passages() -> String {
    format!("NOT key = \"{METADATA_KEY}\"")
}

/// The `_vectors` field of a record. The server refuses records without it.
#[derive(Debug, Serialize)]
pub(super) struct RecordVectors {
    epibot: Option<SuppliedVector>,
}

#[derive(Debug, Serialize)]
struct SuppliedVector {
    embeddings: Vec<f32>,
    regenerate: bool,
}

impl RecordVectors {
    pub(super) fn none() -> Self {
        Self { epibot: None }
    }

    pub(super) fn supplied(embeddings: Vec<f32>) -> Self {
        Self {
            epibot: Some(SuppliedVector {
                embeddings,
                regenerate: false,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_the_server_would_refuse_or_confuse_gets_a_hashed_id() {
        for plain in ["pump-0", "c_1"] {
            assert_eq!(safe_id(plain), plain);
        }
        for other in [
            "a b.pdf - 1",
            "",
            "한글",
            METADATA_KEY,
            "x\" OR y = \"z",
            "Manuals",
        ] {
            assert!(safe_id(other).starts_with("id-"), "{other}");
        }
        assert_ne!(safe_id("Manuals"), safe_id("MANUALS"));
    }
}
