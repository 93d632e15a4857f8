//! Finds passages on the server, in three steps: how frequent the terms are, which passages may be the ones, and
//! what they hold.

use std::collections::{BTreeSet, HashMap};

use anyhow::Context;
use reqwest::Method;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::candidates::{Question, plan};
use super::error::MeilisearchError;
use super::record::word;
use super::schema::{EMBEDDER, explained_code_id, live_index, of_space, one_of, safe_id};
use super::statistics::Statistics;
use super::wire::{Purpose, Wire};
use crate::config;
use crate::domain::access::Access;
use crate::domain::passage::{Passage, PassageId};
use crate::search::index::rank::score::Occurrences;
use crate::search::index::rank::{Candidate, Ranked, Sought};
use crate::search::index::vectors::{Near, Space};
use crate::search::index::{Found, Hit, Query};

/// So many lengths are looked at to know the mean; the server gives no more at once.
const SAMPLE: usize = 1_000;
/// So many searches are worth a request more.
const WORTH_SPLITTING: usize = 8;
/// Where nothing is known yet.
const USUAL_LENGTH: f32 = 200.0;

/// Who searches.
pub(super) struct Searcher {
    wire: Wire,
    index: String,
    statistics: Statistics,
}

#[derive(Serialize)]
struct Searches<'a> {
    queries: Vec<Sub<'a>>,
}

/// A search of its own within a request.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Sub<'a> {
    index_uid: &'a str,
    q: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter: Option<String>,
    limit: usize,
    attributes_to_retrieve: &'a [&'a str],
    /// As long as not every word is found, the last one may be missing.
    matching_strategy: &'static str,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    meaning: Option<Meaning<'a>>,
}

/// Searches by a vector alone.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Meaning<'a> {
    vector: &'a [f32],
    hybrid: Value,
    show_ranking_score: bool,
}

#[derive(Deserialize)]
struct Results<H> {
    results: Vec<Hits<H>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Hits<H> {
    hits: Vec<H>,
    #[serde(default)]
    estimated_total_hits: u64,
}

#[derive(Deserialize)]
struct Nothing {}

#[derive(Deserialize)]
struct Key {
    key: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Length {
    #[serde(default)]
    text_length: Option<f32>,
}

#[derive(Deserialize)]
struct KeptNear {
    passage: Option<Passage>,
    /// Half of one more than the cosine.
    #[serde(rename = "_rankingScore")]
    score: f32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
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
        Ok(Self {
            wire: Wire::new(config, Purpose::Search)?,
            index: live_index(&config.prefix),
            statistics: Statistics::default(),
        })
    }

    pub(super) async fn search(&self, query: &Query<'_>) -> anyhow::Result<Found> {
        let mut sought = Sought::of(query);
        if query.limit == 0 || sought.terms.is_empty() {
            return Ok(Found::default());
        }
        let holding = match self.weigh(&mut sought).await {
            // Nothing was indexed yet, so there is nothing to be found.
            Err(error) if error.is_missing_index() => return Ok(Found::default()),
            other => other?,
        };
        let keys = self.candidates(&sought, &holding, query).await?;
        if keys.is_empty() {
            return Ok(sought.found(Vec::new()));
        }
        let mut kept = self.kept(&keys, query.access).await?;
        let mean_length = self.mean_length().await?;
        let words: HashMap<String, usize> = sought
            .terms
            .iter()
            .enumerate()
            .map(|(place, sought)| (word(&sought.term), place))
            .collect();
        let candidates = kept
            .iter()
            .enumerate()
            .map(|(place, kept)| candidate(place, kept, &sought, &words))
            .collect();
        let ranked = sought.rank(candidates, mean_length, query.limit);
        let hit = |ranked: Ranked<(String, usize)>| {
            anyhow::Ok(Hit {
                passage: kept[ranked.key.1].passage()?,
                score: ranked.score,
                exact: ranked.exact,
            })
        };
        let hits = ranked.into_iter().map(hit).collect::<Result<_, _>>()?;
        Ok(sought.found(hits))
    }

    /// One passage by its name, if it may be read.
    pub(super) async fn passage(
        &self,
        id: &PassageId,
        access: &Access,
    ) -> anyhow::Result<Option<Passage>> {
        match self.kept(&BTreeSet::from([safe_id(&id.0)]), access).await {
            Err(error) if error.is_missing_index() => Ok(None),
            found => found?.first_mut().map(Kept::passage).transpose(),
        }
    }

    /// The passages nearest to a vector, nearest first.
    pub(super) async fn nearest(
        &self,
        space: &Space,
        vector: &[f32],
        access: &Access,
        limit: usize,
    ) -> anyhow::Result<Vec<Near>> {
        let filters = std::iter::once(of_space(space)).chain(readable(access));
        let filter = filters.collect::<Vec<_>>().join(" AND ");
        let sub = Sub {
            meaning: Some(Meaning {
                vector,
                hybrid: json!({ "embedder": EMBEDDER, "semanticRatio": 1.0 }),
                show_ranking_score: true,
            }),
            ..self.sub(String::new(), Some(filter), limit, &["passage"])
        };
        let results = match self.ask::<KeptNear>(vec![sub]).await {
            // No passage has been given a vector yet.
            Err(error) if error.is_missing_index() || error.is_missing_embedder() => {
                return Ok(Vec::new());
            }
            results => results?,
        };
        let kept = results.into_iter().flat_map(|hits| hits.hits);
        let near = kept.filter_map(|kept| {
            Some(Near {
                passage: kept.passage?,
                similarity: 2.0 * kept.score - 1.0,
            })
        });
        Ok(near.collect())
    }

    /// Number of passages.
    pub(super) async fn size(&self) -> anyhow::Result<u64> {
        let all = self.sub(String::new(), None, 0, &[]);
        match self.ask::<Nothing>(vec![all]).await {
            // One record is about the index.
            Ok(results) => Ok(results[0].estimated_total_hits.saturating_sub(1)),
            Err(error) if error.is_missing_index() => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn forget_statistics(&self) {
        self.statistics.forget();
    }

    /// Learns how frequent terms and codes are, in the whole index, whoever asks: what one may not read tells
    /// nothing, but makes the score of what one may read the same for all. Gives the number of passages that hold
    /// each term.
    async fn weigh(&self, sought: &mut Sought) -> Result<Vec<u64>, MeilisearchError> {
        let words: Vec<String> = sought
            .terms
            .iter()
            .map(|sought| word(&sought.term))
            .collect();
        let known: Vec<Option<u64>> = words
            .iter()
            .map(|word| self.statistics.holding(word))
            .collect();
        let unknown = || {
            words
                .iter()
                .zip(&known)
                .filter(|(_, known)| known.is_none())
        };
        let mut subs = vec![self.sub(String::new(), None, 0, &[])];
        subs.extend(unknown().map(|(word, _)| self.sub(word.clone(), None, 0, &[])));
        subs.extend(sought.codes.iter().map(|code| {
            let filter = Some(one_of("codes", [code.as_str()]));
            self.sub(String::new(), filter, 0, &[])
        }));
        let results = self.ask::<Nothing>(subs).await?;
        let mut counts = results.into_iter().map(|hits| hits.estimated_total_hits);
        let all = counts.next().unwrap_or_default().saturating_sub(1);
        let holding: Vec<u64> = words
            .iter()
            .zip(known)
            .map(|(word, known)| {
                known.unwrap_or_else(|| {
                    let counted = counts.next().unwrap_or_default();
                    self.statistics.note_holding(word, counted);
                    counted
                })
            })
            .collect();
        sought.weigh(all, holding.iter().copied());
        sought.keep_telling_codes(&counts.collect::<Vec<_>>());
        Ok(holding)
    }

    /// The keys of passages that may be the ones.
    async fn candidates(
        &self,
        sought: &Sought,
        holding: &[u64],
        query: &Query<'_>,
    ) -> Result<BTreeSet<String>, MeilisearchError> {
        let readable = readable(query.access);
        let subs = plan(sought, holding)
            .into_iter()
            .map(|Question { words, code, limit }| {
                let code = code.map(|code| one_of("codes", [code.as_str()]));
                let filters: Vec<String> = code.into_iter().chain(readable.clone()).collect();
                let filter = (!filters.is_empty()).then(|| filters.join(" AND "));
                self.sub(words, filter, limit, &["key"])
            })
            .collect::<Vec<_>>();
        if subs.is_empty() {
            return Ok(BTreeSet::new());
        }
        let results = self.ask::<Key>(subs).await?;
        let hits = results.into_iter().flat_map(|hits| hits.hits);
        Ok(hits.map(|hit| hit.key).collect())
    }

    /// What is kept of these passages, of those that may be read.
    async fn kept(
        &self,
        keys: &BTreeSet<String>,
        access: &Access,
    ) -> Result<Vec<Kept>, MeilisearchError> {
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
        let sub = self.sub(String::new(), Some(filter), keys.len(), &fields);
        let results = self.ask::<Kept>(vec![sub]).await?;
        Ok(results.into_iter().flat_map(|hits| hits.hits).collect())
    }

    /// Mean length of the texts, in terms.
    async fn mean_length(&self) -> Result<f32, MeilisearchError> {
        if let Some(mean) = self.statistics.mean_length() {
            return Ok(mean);
        }
        let sample = self.sub(String::new(), None, SAMPLE, &["textLength"]);
        let results = self.ask::<Length>(vec![sample]).await?;
        let hits = results.iter().flat_map(|hits| &hits.hits);
        let (mut count, mut sum) = (0.0, 0.0);
        for length in hits.filter_map(|length| length.text_length) {
            count += 1.0;
            sum += length;
        }
        let mean = if sum > 0.0 { sum / count } else { USUAL_LENGTH };
        self.statistics.note_mean_length(mean);
        Ok(mean)
    }

    fn sub<'a>(
        &'a self,
        q: String,
        filter: Option<String>,
        limit: usize,
        fields: &'a [&'a str],
    ) -> Sub<'a> {
        Sub {
            index_uid: &self.index,
            q,
            filter,
            limit,
            attributes_to_retrieve: fields,
            matching_strategy: "last",
            meaning: None,
        }
    }

    /// Many searches go as two requests at once: the server carries out those of one after the other.
    async fn ask<H: DeserializeOwned>(
        &self,
        mut queries: Vec<Sub<'_>>,
    ) -> Result<Vec<Hits<H>>, MeilisearchError> {
        if queries.len() < WORTH_SPLITTING {
            return self.ask_at_once(queries).await;
        }
        let others = queries.split_off(queries.len() / 2);
        let (mut results, others) =
            tokio::try_join!(self.ask_at_once(queries), self.ask_at_once(others))?;
        results.extend(others);
        Ok(results)
    }

    async fn ask_at_once<H: DeserializeOwned>(
        &self,
        queries: Vec<Sub<'_>>,
    ) -> Result<Vec<Hits<H>>, MeilisearchError> {
        let count = queries.len();
        let results: Results<H> = self
            .wire
            .send(Method::POST, "/multi-search", &Searches { queries })
            .await?;
        if results.results.len() != count {
            return Err(MeilisearchError::Malformed {
                address: self.wire.address().to_owned(),
                cause: "it answered only a part of a search".to_owned(),
            });
        }
        Ok(results.results)
    }
}

impl Kept {
    fn passage(&mut self) -> anyhow::Result<Passage> {
        self.passage.take().with_context(|| {
            format!(
                "the record {} on the Meilisearch server holds no passage; run the full reindex",
                self.key
            )
        })
    }
}

/// Where the sought terms stand in what is kept. `words` gives the places of the terms among the sought ones.
fn candidate(
    place: usize,
    kept: &Kept,
    sought: &Sought,
    words: &HashMap<String, usize>,
) -> Candidate<(String, usize)> {
    let mut occurrences = Occurrences::default();
    let terms = kept
        .terms
        .split(' ')
        .take(kept.heading_length + kept.text_length);
    for (place, term) in terms.enumerate() {
        let sought = words.get(term).copied();
        if place < kept.heading_length {
            occurrences.heading.push(sought);
        } else {
            occurrences.text.push(sought);
        }
    }
    let named = |code: &&String| kept.codes.contains(&safe_id(code));
    let explained = |code: &&String| kept.codes.contains(&explained_code_id(code));
    Candidate {
        key: (kept.key.clone(), place),
        occurrences,
        codes: sought.codes.iter().filter(named).count()
            + sought.codes.iter().filter(explained).count(),
    }
}

/// A filter for what may be read; none where everything may.
fn readable(access: &Access) -> Option<String> {
    match access {
        Access::Everything => None,
        Access::Only(collections) => {
            Some(one_of("collection", collections.iter().map(String::as_str)))
        }
    }
}
