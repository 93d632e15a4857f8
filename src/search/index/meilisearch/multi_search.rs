//! Several searches in one request.

use meilisearch_sdk::indexes::Index;
use meilisearch_sdk::search::{
    MatchingStrategies, MultiSearchQuery, SearchQuery, SearchResults, Selectors,
};
use serde::de::DeserializeOwned;

use super::error::MeilisearchError;
use super::schema::EMBEDDER;
use super::wire::Wire;

/// Number of searches from which a second concurrent request is worthwhile.
const MIN_SEARCHES_TO_SPLIT: usize = 8;

/// One search of a request.
#[derive(Debug)]
pub(super) struct SubQuery<'a> {
    /// The words to find; if empty, every record that passes the filter.
    pub(super) words: String,
    pub(super) filter: Option<String>,
    pub(super) limit: usize,
    /// The fields of the records to return.
    pub(super) fields: &'a [&'a str],
    /// Searches by this vector alone.
    pub(super) vector: Option<&'a [f32]>,
}

impl<'a> SubQuery<'a> {
    /// Creates a search for all records that pass the filter.
    pub(super) fn all(filter: Option<String>, limit: usize, fields: &'a [&'a str]) -> Self {
        Self {
            words: String::new(),
            filter,
            limit,
            fields,
            vector: None,
        }
    }

    /// Creates a search that only counts the records with these words.
    pub(super) fn count(words: String) -> Self {
        Self {
            words,
            ..Self::all(None, 0, &[])
        }
    }

    fn to_sdk<'q>(&'q self, index: &'q Index<Wire>) -> SearchQuery<'q, Wire> {
        let mut query = SearchQuery::new(index);
        query
            .with_query(&self.words)
            .with_limit(self.limit)
            .with_attributes_to_retrieve(Selectors::Some(self.fields))
            // If not all words are found, words are dropped from the end.
            .with_matching_strategy(MatchingStrategies::LAST);
        if let Some(filter) = &self.filter {
            query.with_filter(filter);
        }
        if let Some(vector) = self.vector {
            query
                .with_vector(vector)
                .with_hybrid(EMBEDDER, 1.0)
                .with_show_ranking_score(true);
        }
        query
    }
}

/// Returns the results of several searches, in order. Many searches are sent as two concurrent requests, because the
/// server runs those of one request in sequence.
pub(super) async fn multi_search<H>(
    index: &Index<Wire>,
    address: &str,
    mut queries: Vec<SubQuery<'_>>,
) -> Result<Vec<SearchResults<H>>, MeilisearchError>
where
    H: DeserializeOwned + Send + Sync + 'static,
{
    if queries.len() < MIN_SEARCHES_TO_SPLIT {
        return send(index, address, &queries).await;
    }
    let second_half = queries.split_off(queries.len() / 2);
    let (mut results, others) = tokio::try_join!(
        send(index, address, &queries),
        send(index, address, &second_half)
    )?;
    results.extend(others);
    Ok(results)
}

async fn send<H>(
    index: &Index<Wire>,
    address: &str,
    queries: &[SubQuery<'_>],
) -> Result<Vec<SearchResults<H>>, MeilisearchError>
where
    H: DeserializeOwned + Send + Sync + 'static,
{
    let mut request = MultiSearchQuery::new(&index.client);
    for query in queries {
        request.with_search_query(query.to_sdk(index));
    }
    let response = index.client.execute_multi_search_query(&request).await?;
    if response.results.len() != queries.len() {
        return Err(MeilisearchError::Malformed {
            address: address.to_owned(),
            cause: "it answered only a part of a search".to_owned(),
        });
    }
    Ok(response.results)
}
