//! Published figures on public question sets, for comparison.

/// Figures that were not measured in this run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reference {
    pub name: &'static str,
    /// Recall among the first 1, 3, 5 and 10, if published.
    pub recall: [Option<f64>; 4],
}

/// A question set, recognised by its size, with its published figures.
struct KnownSet {
    queries: usize,
    texts: usize,
    rows: &'static [Reference],
}

const fn row(name: &'static str, recall: [Option<f64>; 4]) -> Reference {
    Reference { name, recall }
}

const KNOWN_SETS: &[KnownSet] = &[
    // Marker-Inc-Korea/AutoRAG-example-korean-embedding-benchmark, tables of its README. BM25 and Meilisearch were
    // measured with tools independent of this program (docs/RETRIEVAL.md).
    KnownSet {
        queries: 114,
        texts: 720,
        rows: &[
            row(
                "KU-HIAI-ONTHEIT-large-v1.1 (published)",
                [Some(0.7193), Some(0.8860), Some(0.9298), Some(0.9474)],
            ),
            row(
                "Upstage Embedding (published)",
                [Some(0.6579), Some(0.8421), Some(0.8947), Some(0.9386)],
            ),
            row(
                "OpenAI text-embedding-3-large (published)",
                [Some(0.6053), Some(0.7895), Some(0.8421), Some(0.9035)],
            ),
            row(
                "BM25, words between spaces",
                [Some(0.74), None, Some(0.90), None],
            ),
            row(
                "Meilisearch 1.50, the question as it is",
                [Some(0.58), None, Some(0.76), None],
            ),
        ],
    },
    // The Galaxy S10 manual of abhi1nandy2/EMNLP-2021-Findings.
    KnownSet {
        queries: 50,
        texts: 451,
        rows: &[
            row(
                "BM25, words between spaces",
                [Some(0.74), None, Some(0.90), None],
            ),
            row(
                "Meilisearch 1.50, the question as it is",
                [Some(0.04), None, Some(0.06), None],
            ),
        ],
    },
];

/// The published figures on the set of this size; empty if it is unknown.
#[must_use]
pub fn references(queries: usize, texts: usize) -> &'static [Reference] {
    KNOWN_SETS
        .iter()
        .find(|known_set| known_set.queries == queries && known_set.texts == texts)
        .map_or(&[], |known_set| known_set.rows)
}
