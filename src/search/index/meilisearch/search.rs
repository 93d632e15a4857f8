//! Searches the server in three steps: document frequencies, candidates, and the records of the candidates.

use std::collections::{BTreeSet, HashMap};

use anyhow::Context;
use meilisearch_sdk::client::Client;
use meilisearch_sdk::indexes::Index;
use meilisearch_sdk::search::SearchResults as Response;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::candidate_queries::{CandidateQuery, candidate_queries};
use super::error::MeilisearchError;
use super::multi_search::{SubQuery, multi_search};
use super::record::encoded_term;
use super::schema::{explained_code_id, live_index, of_space, one_of, safe_id};
use super::statistics::Statistics;
use super::wire::{Purpose, Wire};
use crate::config;
use crate::domain::access::Access;
use crate::domain::passage::{Passage, PassageId};
use crate::search::index::rank::score::Occurrences;
use crate::search::index::rank::{Candidate, Ranked, ScoringQuery};
use crate::search::index::vectors::{Near, Space};
use crate::search::index::{Hit, Query, SearchResults};

/// Number of texts over which the mean length is taken; the server returns no more at once.
const SAMPLE_SIZE: usize = 1_000;

/// Searches with a key that may only search.
pub(super) struct Searcher {
    /// Address of the server, for messages.
    address: String,
    index: Index<Wire>,
    statistics: Statistics,
}

#[derive(Deserialize)]
struct NoFields {}

#[derive(Deserialize)]
struct Key {
    key: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TextLength {
    #[serde(default)]
    text_length: Option<f32>,
}

#[derive(Deserialize)]
struct NearRecord {
    passage: Option<Passage>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FoundRecord {
    key: String,
    #[serde(default)]
    codes: Vec<String>,
    #[serde(default)]
    heading_length: usize,
    #[serde(default)]
    text_length: usize,
    #[serde(default)]
    terms: String,
    passage: Option<Passage>,
}

impl Searcher {
    pub(super) fn new(config: &config::index::Meilisearch) -> anyhow::Result<Self> {
        let wire = Wire::new(config, Purpose::Search)?;
        let address = wire.address().to_owned();
        let client = Client::new_with_client(&address, None::<String>, wire);
        Ok(Self {
            address,
            index: client.index(live_index(&config.prefix)),
            statistics: Statistics::default(),
        })
    }

    pub(super) async fn search(&self, query: &Query<'_>) -> anyhow::Result<SearchResults> {
        let mut scoring = ScoringQuery::new(query);
        if query.limit == 0 || scoring.terms.is_empty() {
            return Ok(SearchResults::default());
        }
        let doc_freqs = match self.look_up_frequencies(&mut scoring).await {
            // Nothing is indexed yet, so nothing can be found.
            Err(error) if error.is_missing_index() => return Ok(SearchResults::default()),
            other => other?,
        };
        let keys = self.candidates(&scoring, &doc_freqs, query).await?;
        if keys.is_empty() {
            return Ok(scoring.results(Vec::new()));
        }
        let mut records = self.records(&keys, query.access).await?;
        let unknown = scoring.candidates.unknown_mean_length;
        let mean_length = self.mean_length(unknown).await?;
        let words: HashMap<String, usize> = scoring
            .terms
            .iter()
            .enumerate()
            .map(|(index, term)| (encoded_term(&term.term), index))
            .collect();
        let candidates = records
            .iter()
            .enumerate()
            .map(|(index, record)| candidate(index, record, &scoring, &words))
            .collect();
        let ranked = scoring.rank(candidates, mean_length, query.limit);
        let hit = |ranked: Ranked<(String, usize)>| {
            anyhow::Ok(Hit {
                passage: records[ranked.key.1].passage()?,
                score: ranked.score,
                word_score: Some(ranked.score),
                vector_score: None,
                exact: ranked.exact,
            })
        };
        let hits = ranked.into_iter().map(hit).collect::<Result<_, _>>()?;
        Ok(scoring.results(hits))
    }

    /// Returns a passage by its id, if it may be read.
    pub(super) async fn passage(
        &self,
        id: &PassageId,
        access: &Access,
    ) -> anyhow::Result<Option<Passage>> {
        match self
            .records(&BTreeSet::from([safe_id(&id.0)]), access)
            .await
        {
            Err(error) if error.is_missing_index() => Ok(None),
            found => found?.first_mut().map(FoundRecord::passage).transpose(),
        }
    }

    /// Returns the passages nearest to a vector, nearest first.
    pub(super) async fn nearest(
        &self,
        space: &Space,
        vector: &[f32],
        access: &Access,
        limit: usize,
    ) -> anyhow::Result<Vec<Near>> {
        let filters = std::iter::once(of_space(space)).chain(readable(access));
        let filter = filters.collect::<Vec<_>>().join(" AND ");
        let query = SubQuery {
            vector: Some(vector),
            ..SubQuery::all(Some(filter), limit, &["passage"])
        };
        let results = match self.ask::<NearRecord>(vec![query]).await {
            // No vector has been stored yet.
            Err(error) if error.is_missing_index() || error.is_missing_embedder() => {
                return Ok(Vec::new());
            }
            results => results?,
        };
        let hits = results.into_iter().flat_map(|response| response.hits);
        let near = hits.filter_map(|hit| {
            // The server's score is (cosine + 1) / 2.
            #[expect(clippy::cast_possible_truncation, reason = "a score has few digits")]
            let score = hit.ranking_score? as f32;
            Some(Near {
                passage: hit.result.passage?,
                similarity: 2.0 * score - 1.0,
            })
        });
        Ok(near.collect())
    }

    /// Returns the number of passages.
    pub(super) async fn size(&self) -> anyhow::Result<u64> {
        let all = SubQuery::count(String::new());
        match self.ask::<NoFields>(vec![all]).await {
            // One record is the metadata of the index.
            Ok(results) => Ok(count(&results[0]).saturating_sub(1)),
            Err(error) if error.is_missing_index() => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn forget_statistics(&self) {
        self.statistics.forget();
    }

    /// Looks up the frequencies of terms and codes in the whole index, regardless of access: the counts reveal no text, and
    /// keep a passage's score the same for everybody. Returns the number of passages that contain each term.
    async fn look_up_frequencies(
        &self,
        scoring: &mut ScoringQuery,
    ) -> Result<Vec<u64>, MeilisearchError> {
        let words: Vec<String> = scoring
            .terms
            .iter()
            .map(|term| encoded_term(&term.term))
            .collect();
        let known: Vec<Option<u64>> = words
            .iter()
            .map(|word| self.statistics.doc_freq(word))
            .collect();
        let unknown = || {
            words
                .iter()
                .zip(&known)
                .filter(|(_, known)| known.is_none())
        };
        let mut queries = vec![SubQuery::count(String::new())];
        queries.extend(unknown().map(|(word, _)| SubQuery::count(word.clone())));
        queries.extend(scoring.codes.iter().map(|code| {
            let filter = Some(one_of("codes", [code.as_str()]));
            SubQuery::all(filter, 0, &[])
        }));
        let results = self.ask::<NoFields>(queries).await?;
        let mut counts = results.iter().map(count);
        let all = counts.next().unwrap_or_default().saturating_sub(1);
        let doc_freqs: Vec<u64> = words
            .iter()
            .zip(known)
            .map(|(word, known)| {
                known.unwrap_or_else(|| {
                    let counted = counts.next().unwrap_or_default();
                    self.statistics.cache_doc_freq(word, counted);
                    counted
                })
            })
            .collect();
        scoring.set_frequencies(all, doc_freqs.iter().copied());
        scoring.retain_specific_codes(&counts.collect::<Vec<_>>());
        Ok(doc_freqs)
    }

    /// Returns the keys of candidates.
    async fn candidates(
        &self,
        scoring: &ScoringQuery,
        doc_freqs: &[u64],
        query: &Query<'_>,
    ) -> Result<BTreeSet<String>, MeilisearchError> {
        let readable = readable(query.access);
        let queries = candidate_queries(scoring, doc_freqs)
            .into_iter()
            .map(|CandidateQuery { words, code, limit }| {
                let code = code.map(|code| one_of("codes", [code.as_str()]));
                let filters: Vec<String> = code.into_iter().chain(readable.clone()).collect();
                let filter = (!filters.is_empty()).then(|| filters.join(" AND "));
                SubQuery {
                    words,
                    ..SubQuery::all(filter, limit, &["key"])
                }
            })
            .collect::<Vec<_>>();
        if queries.is_empty() {
            return Ok(BTreeSet::new());
        }
        let results = self.ask::<Key>(queries).await?;
        let hits = results.into_iter().flat_map(|response| response.hits);
        Ok(hits.map(|hit| hit.result.key).collect())
    }

    /// Returns the records of these passages that may be read.
    async fn records(
        &self,
        keys: &BTreeSet<String>,
        access: &Access,
    ) -> Result<Vec<FoundRecord>, MeilisearchError> {
        let keys_filter = one_of("key", keys.iter().map(String::as_str));
        let filter = match readable(access) {
            Some(readable) => format!("{keys_filter} AND {readable}"),
            None => keys_filter,
        };
        let fields = [
            "key",
            "codes",
            "headingLength",
            "textLength",
            "terms",
            "passage",
        ];
        let query = SubQuery::all(Some(filter), keys.len(), &fields);
        let results = self.ask::<FoundRecord>(vec![query]).await?;
        let hits = results.into_iter().flat_map(|response| response.hits);
        Ok(hits.map(|hit| hit.result).collect())
    }

    /// Returns the mean length of the texts, in terms; `unknown` if there are none.
    async fn mean_length(&self, unknown: f32) -> Result<f32, MeilisearchError> {
        if let Some(mean) = self.statistics.mean_length() {
            return Ok(mean);
        }
        let sample = SubQuery::all(None, SAMPLE_SIZE, &["textLength"]);
        let results = self.ask::<TextLength>(vec![sample]).await?;
        let hits = results.iter().flat_map(|response| &response.hits);
        let (mut count, mut sum) = (0.0, 0.0);
        for length in hits.filter_map(|hit| hit.result.text_length) {
            count += 1.0;
            sum += length;
        }
        let mean = if sum > 0.0 { sum / count } else { unknown };
        self.statistics.cache_mean_length(mean);
        Ok(mean)
    }

    async fn ask<H>(&self, queries: Vec<SubQuery<'_>>) -> Result<Vec<Response<H>>, MeilisearchError>
    where
        H: DeserializeOwned + Send + Sync + 'static,
    {
        multi_search(&self.index, &self.address, queries).await
    }
}

/// Returns the number of records that a search matched.
fn count<H>(response: &Response<H>) -> u64 {
    let matched = response.estimated_total_hits.unwrap_or_default();
    u64::try_from(matched).unwrap_or(u64::MAX)
}

impl FoundRecord {
    fn passage(&mut self) -> anyhow::Result<Passage> {
        self.passage.take().with_context(|| {
            format!(
                "the record {} on the Meilisearch server holds no passage; run the full reindex",
                self.key
            )
        })
    }
}

/// Locates the query's terms in a record. `words` maps encoded terms to their index in the query.
fn candidate(
    index: usize,
    record: &FoundRecord,
    scoring: &ScoringQuery,
    words: &HashMap<String, usize>,
) -> Candidate<(String, usize)> {
    let mut occurrences = Occurrences::default();
    let terms = record
        .terms
        .split(' ')
        .take(record.heading_length + record.text_length);
    for (position, word) in terms.enumerate() {
        let term = words.get(word).copied();
        if position < record.heading_length {
            occurrences.heading.push(term);
        } else {
            occurrences.text.push(term);
        }
    }
    let named = |code: &&String| record.codes.contains(&safe_id(code));
    let explained = |code: &&String| record.codes.contains(&explained_code_id(code));
    Candidate {
        key: (record.key.clone(), index),
        occurrences,
        codes: scoring.codes.iter().filter(named).count()
            + scoring.codes.iter().filter(explained).count(),
    }
}

/// Returns a filter for what may be read; `None` if everything may.
fn readable(access: &Access) -> Option<String> {
    match access {
        Access::Everything => None,
        Access::Only(collections) => {
            Some(one_of("collection", collections.iter().map(String::as_str)))
        }
    }
}
