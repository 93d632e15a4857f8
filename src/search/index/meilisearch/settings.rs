//! Settings of an index on the server.

use serde_json::{Value, json};

use super::schema::SPACE;

/// Returns settings that make the server match terms exactly: no typos, prefixes, synonyms or languages.
///
/// Passages are matched only by their terms and ordered by how many of them they contain; ranking is done here.
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
        // Otherwise the server would detect a language in the encoded terms and split them.
        "localizedAttributes": [{ "attributePatterns": ["terms"], "locales": ["eng"] }],
        // Counts stop at this limit, and the counts are the terms' document frequencies.
        "pagination": { "maxTotalHits": 1_000_000_000 },
    })
}
