//! The settings of an index on the server.

use serde_json::{Value, json};

use super::schema::SPACE;

/// The settings that make the server match terms exactly: no typos, prefixes, synonyms or languages.
///
/// Passages are matched by their terms only and ordered by how many of them they contain; ranking is ours.
pub(super) fn settings() -> Value {
    let equality = json!({
        "facetSearch": false,
        "filter": { "equality": true, "comparison": false },
    });
    json!({
        "searchableAttributes": ["terms"],
        "filterableAttributes": [{
            "attributePatterns": ["key", "document", "collection", "writing", "codes", SPACE],
            "features": equality,
        }],
        "sortableAttributes": [],
        "rankingRules": ["words"],
        "stopWords": [],
        "synonyms": {},
        "typoTolerance": { "enabled": false },
        "prefixSearch": "disabled",
        "facetSearch": false,
        "proximityPrecision": "byAttribute",
        // The encoded terms would otherwise be detected as some language and split like its words.
        "localizedAttributes": [{ "attributePatterns": ["terms"], "locales": ["eng"] }],
        // Counts end here, and the counts are the terms' document frequencies.
        "pagination": { "maxTotalHits": 1_000_000_000 },
    })
}
