//! How an index of the server is set up.

use serde_json::{Value, json};

use super::schema::SPACE;

/// Everything that makes the server keep its hands off the terms: no typos, prefixes, synonyms or languages.
///
/// An index is found by its terms only, in the order of how many of them a passage holds; ranking is ours.
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
        // The encoded terms would otherwise be taken for some language and cut as its words are.
        "localizedAttributes": [{ "attributePatterns": ["terms"], "locales": ["eng"] }],
        // Counts end here, and the counts are what tells how frequent a term is.
        "pagination": { "maxTotalHits": 1_000_000_000 },
    })
}
