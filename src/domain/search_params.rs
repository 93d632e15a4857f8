//! The tunable constants of ranking, answerability and grounding, as one value that is passed down from the retriever.
//!
//! The defaults are the measured ones (docs/RETRIEVAL.md). A site overrides some of them in `[retrieval.params]`, and
//! `epibot eval --compare params.NAME=VALUE` measures others. Constants of the index format, such as the marks of
//! strong terms, are not here: another value would need another index version.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

/// Declares a group of parameters with the default of each.
macro_rules! params {
    ($(#[$about:meta])* $group:ident { $($(#[$what:meta])* $name:ident: $kind:ty = $default:expr,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $group {
            $($(#[$what])* pub $name: $kind,)+
        }

        impl $group {
            /// The measured values.
            pub const DEFAULT: Self = Self { $($name: $default,)+ };
        }

        impl Default for $group {
            fn default() -> Self {
                Self::DEFAULT
            }
        }
    };
}

params! {
    /// All parameters.
    SearchParams {
        query: QueryParams = QueryParams::DEFAULT,
        bm25: Bm25Params = Bm25Params::DEFAULT,
        candidates: CandidateParams = CandidateParams::DEFAULT,
        fusion: FusionParams = FusionParams::DEFAULT,
        glossary: GlossaryParams = GlossaryParams::DEFAULT,
        plan: PlanParams = PlanParams::DEFAULT,
        context: ContextParams = ContextParams::DEFAULT,
        answerability: AnswerabilityParams = AnswerabilityParams::DEFAULT,
        grounding: GroundingParams = GroundingParams::DEFAULT,
    }
}

params! {
    /// How the text of a question becomes terms.
    QueryParams {
        /// Weight of the last syllable pair of a Korean word, which often spans the end of the noun and the start of its
        /// particle.
        ending_weight: f32 = 0.3,
        /// Maximum number of different terms of a question; a pasted log has thousands.
        max_terms: usize = 64,
    }
}

params! {
    /// BM25 scoring of passages.
    Bm25Params {
        /// Saturation of a repeated term. Both as in Anserini (Yang, Fang and Lin, SIGIR 2017); those of Lucene, 1.2 and
        /// 0.75, are worse for short passages.
        k1: f32 = 0.9,
        /// Strength of the length normalization, 0 to 1.
        b: f32 = 0.4,
        /// Weight of a term in title or headings relative to one in the text.
        heading_weight: f32 = 0.4,
        /// Mean number of terms of title and headings.
        heading_length: f32 = 6.0,
        /// Weight of terms that are neighbours in the question and in the passage.
        proximity_weight: f32 = 0.25,
        /// The greatest distance, in terms, at which two terms count as neighbours.
        proximity_window: u32 = 3,
        /// Added for each code of the question in a passage: more than any sum of BM25 scores.
        code_score: f32 = 1000.0,
        /// A code in more passages than this is the name of something common, such as a document's number.
        max_code_passages: u64 = 40,
    }
}

params! {
    /// Which passages an engine fetches for scoring.
    CandidateParams {
        /// Embedded engine: passages that are scored; at least twice as many as are requested.
        embedded: usize = 80,
        /// Embedded engine: weight of a term in title or headings in candidate selection.
        embedded_heading_weight: f32 = 0.3,
        /// Meilisearch: number of terms searched for individually, the most discriminating ones.
        single_terms: usize = 16,
        /// Meilisearch: number of terms searched for in pairs.
        paired_terms: usize = 5,
        /// Meilisearch: minimum number of passages requested for a single term.
        min_per_term: usize = 20,
        /// Meilisearch: maximum number of passages requested for a single term.
        max_per_term: usize = 60,
        /// Meilisearch: number of passages requested for all single terms together.
        all_terms: usize = 200,
        /// Meilisearch: number of passages requested for a pair.
        per_pair: usize = 20,
        /// Meilisearch: mean length of the passages' texts, in terms, while it is unknown.
        unknown_mean_length: f32 = 200.0,
    }
}

params! {
    /// How ranked lists are merged.
    FusionParams {
        /// Flattens the weight of ranks in reciprocal rank fusion (Cormack et al., SIGIR 2009).
        rank_constant: f32 = 60.0,
    }
}

params! {
    /// How much the glossary's words count relative to the question's own.
    GlossaryParams {
        /// A word of the other language.
        translation_weight: f32 = 0.9,
        /// A synonym in the same language.
        synonym_weight: f32 = 0.35,
        /// Factor for a word that is known to have several meanings.
        ambiguous_factor: f32 = 0.5,
    }
}

params! {
    /// How a plan of the language model is used.
    PlanParams {
        /// Weight of a phrase of the plan relative to the question's own words.
        phrase_weight: f32 = 0.5,
        /// Minimum share of a plan's words that occur in the conversation; below it the plan is about another question.
        min_known_share: f32 = 0.5,
        /// Maximum number of phrases per language.
        max_phrases: usize = 4,
    }
}

params! {
    /// Selection of the passages that an answer is generated from.
    ContextParams {
        /// How many times more passages are searched than used, since outdated and repeated ones are left out.
        oversampling: usize = 3,
        /// Share of their words that two passages have in common if one repeats the other.
        duplicate_share: f64 = 0.9,
    }
}

params! {
    /// Whether the hits may contain the answer.
    AnswerabilityParams {
        /// Number of hits that are examined; answers do not use lower ones.
        hits: usize = 5,
        /// Length of the window in which words count as close together, in characters.
        window_chars: usize = 320,
        /// Weight of an uninformative word: the predicate at the end of a Korean question, a general verb.
        weak_word_weight: f32 = 0.3,
        /// Weight of a word in a passage of another language for which the glossary has no translation.
        untranslated_weight: f32 = 0.5,
        /// Penalty for a word that occurs in no document, in addition to its absence from the passage.
        out_of_corpus_penalty: f32 = 0.4,
        /// Factor if the question names a code that no document contains.
        unknown_code_factor: f32 = 0.5,
        /// Share of a word's terms that must be present for the word to be present.
        min_present_share: f32 = 0.6,
        /// Share of a word's terms that other words must replace to replace the word.
        min_replaced_share: f32 = 0.5,
        /// Weight of a word that no value can replace, such as "manufacturer" or "price".
        essential_word_weight: f32 = 2.0,
        /// Weight of a name, such as `Cp2Mg`, `MB-3` or `AFM`: a statement about another thing is no answer.
        name_weight: f32 = 2.0,
        /// Weight of the requested unit.
        unit_weight: f32 = 2.0,
    }
}

params! {
    /// Whether the cited passages support a claim of an answer.
    GroundingParams {
        /// A piece of a passage supports a number if it shares at least this part of what the piece nearest to the
        /// statement shares with it.
        min_nearness: f64 = 0.5,
        /// The same for a code or name, which says what the piece is about.
        min_nearness_of_name: f64 = 0.6,
        /// With less in common than this, it is unclear which piece is meant.
        min_overlap: f64 = 4.0,
        /// A bare value cites the wrong passage if another passage has this overlap with the question near it …
        min_overlap_with_question: f64 = 8.0,
        /// … and the cited one less than this share of that.
        min_nearness_to_question: f64 = 0.1,
        /// A statement without claims cites the wrong passage if the cited one contains less than this share of its
        /// words …
        min_word_share: f64 = 0.5,
        /// … and another contains this much more of them.
        word_share_margin: f64 = 0.3,
        /// Weight of a claim relative to words.
        claim_weight: f64 = 3.0,
        /// Weight of what occurs in other clauses than the claim's own.
        other_clause_weight: f64 = 0.5,
    }
}

impl SearchParams {
    /// Returns every parameter by its name in a configuration, such as `bm25.k1`.
    #[must_use]
    pub fn by_name(&self) -> BTreeMap<String, Number> {
        let mut named = BTreeMap::new();
        let Ok(Value::Object(groups)) = serde_json::to_value(self) else {
            return named;
        };
        for (group, values) in groups {
            let values = values.as_object().into_iter().flatten();
            named.extend(values.filter_map(|(name, value)| {
                Some((format!("{group}.{name}"), value.as_number()?.clone()))
            }));
        }
        named
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_parameter_is_set_by_its_name_and_no_other_changes() {
        let defaults = SearchParams::default().by_name();
        assert!(defaults.len() > 45, "{}", defaults.len());
        for (name, default) in &defaults {
            let (group, field) = name.split_once('.').unwrap();
            let other = match default.as_u64() {
                Some(whole) => json!(whole + 1),
                None => json!(default.as_f64().unwrap() * 2.0),
            };
            let written = json!({ group: { field: other } });
            let params: SearchParams = serde_json::from_value(written).unwrap();
            let changed: Vec<String> = params
                .by_name()
                .into_iter()
                .filter(|(name, value)| defaults[name] != *value)
                .map(|(name, _)| name)
                .collect();
            assert_eq!(changed, [name.as_str()]);
        }
    }

    #[test]
    fn an_unknown_name_is_refused() {
        for unknown in [json!({ "bm26": {} }), json!({ "bm25": { "k2": 1.0 } })] {
            assert!(serde_json::from_value::<SearchParams>(unknown).is_err());
        }
    }
}
