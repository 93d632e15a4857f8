//! Searches: the best passages by Tantivy's own BM25 are the candidates, which the shared scoring then ranks.

use std::collections::HashMap;

use tantivy::collector::TopDocs;
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, Occur, Query, TermQuery, TermSetQuery,
};
use tantivy::schema::{Field, IndexRecordOption, Value};
use tantivy::{DocAddress, DocSet, Searcher, TERMINATED, TantivyDocument, Term};

use super::fields::Fields;
use super::term_hashes::TermHashes;
use crate::domain::access::Access;
use crate::domain::passage::{Passage, PassageId};
use crate::search::index::rank::{Candidate, ScoringQuery};
use crate::search::index::{Hit, SearchResults};

pub(super) fn search(
    fields: &Fields,
    searcher: &Searcher,
    mut scoring: ScoringQuery,
    access: &Access,
    limit: usize,
) -> anyhow::Result<SearchResults> {
    if limit == 0 || scoring.terms.is_empty() {
        return Ok(SearchResults::default());
    }
    set_frequencies(fields, searcher, &mut scoring)?;
    let query = BooleanQuery::new(vec![
        (Occur::Must, query(fields, &scoring)),
        (Occur::Must, readable(fields, access)),
    ]);
    let candidate_limit = scoring.candidates.embedded.max(2 * limit);
    let top = searcher.search(
        &query,
        &TopDocs::with_limit(candidate_limit).order_by_score(),
    )?;
    let codes = codes(fields, searcher, &scoring)?;
    let hashes = TermHashes::new(&scoring.terms);
    let mut documents = Vec::with_capacity(top.len());
    let mut candidates = Vec::with_capacity(top.len());
    for (place, (_, address)) in top.into_iter().enumerate() {
        let document: TantivyDocument = searcher.doc(address)?;
        candidates.push(Candidate {
            key: place,
            occurrences: hashes.occurrences(bytes(&document, fields.term_hashes)),
            codes: codes.get(&address).copied().unwrap_or_default(),
        });
        documents.push(document);
    }
    let mean_length = mean_length(fields, searcher)?;
    let ranked = scoring.rank(candidates, mean_length, limit);
    let hits = ranked.into_iter().map(|ranked| {
        anyhow::Ok(Hit {
            passage: passage_in(fields, &documents[ranked.key])?,
            score: ranked.score,
            word_score: Some(ranked.score),
            vector_score: None,
            exact: ranked.exact,
        })
    });
    let hits = hits.collect::<Result<_, _>>()?;
    Ok(scoring.results(hits))
}

pub(super) fn passage(
    fields: &Fields,
    searcher: &Searcher,
    id: &PassageId,
) -> anyhow::Result<Option<Passage>> {
    passage_of(fields, searcher, Term::from_field_text(fields.id, &id.0))
}

/// Returns the passage with a term that no other one contains.
pub(super) fn passage_of(
    fields: &Fields,
    searcher: &Searcher,
    term: Term,
) -> anyhow::Result<Option<Passage>> {
    let query = TermQuery::new(term, IndexRecordOption::Basic);
    let top = searcher.search(&query, &TopDocs::with_limit(1).order_by_score())?;
    top.first()
        .map(|(_, address)| passage_in(fields, &searcher.doc(*address)?))
        .transpose()
}

/// Sets the frequencies of the terms, and drops codes in too many passages.
fn set_frequencies(
    fields: &Fields,
    searcher: &Searcher,
    scoring: &mut ScoringQuery,
) -> anyhow::Result<()> {
    let doc_freq =
        |field: Field, term: &str| searcher.doc_freq(&Term::from_field_text(field, term));
    let mut of_terms = Vec::with_capacity(scoring.terms.len());
    for term in &scoring.terms {
        let in_text = doc_freq(fields.text, &term.term)?;
        let in_heading = doc_freq(fields.heading, &term.term)?;
        of_terms.push(in_text.max(in_heading));
    }
    scoring.set_frequencies(searcher.num_docs(), of_terms);
    let of_codes = scoring.codes.iter().map(|code| doc_freq(fields.code, code));
    let of_codes: Vec<u64> = of_codes.collect::<Result<_, _>>()?;
    scoring.retain_specific_codes(&of_codes);
    Ok(())
}

fn query(fields: &Fields, scoring: &ScoringQuery) -> Box<dyn Query> {
    let mut parts: Vec<(Occur, Box<dyn Query>)> = Vec::new();
    let heading_weight = scoring.candidates.embedded_heading_weight;
    for term in &scoring.terms {
        for (field, weight) in [
            (fields.text, term.weight),
            (fields.heading, term.weight * heading_weight),
        ] {
            let query = exactly(field, &term.term, IndexRecordOption::WithFreqs);
            parts.push((
                Occur::Should,
                Box::new(BoostQuery::new(Box::new(query), weight)),
            ));
        }
    }
    for code in &scoring.codes {
        let exact = exactly(fields.code, code, IndexRecordOption::Basic);
        parts.push((
            Occur::Should,
            Box::new(ConstScoreQuery::new(
                Box::new(exact),
                scoring.bm25.code_score,
            )),
        ));
    }
    Box::new(BooleanQuery::new(parts))
}

/// Counts for each passage the codes that it mentions, plus those that it explains. Each code is in few passages.
fn codes(
    fields: &Fields,
    searcher: &Searcher,
    scoring: &ScoringQuery,
) -> anyhow::Result<HashMap<DocAddress, usize>> {
    let mut found = HashMap::new();
    for (segment, reader) in (0..).zip(searcher.segment_readers()) {
        for field in [fields.code, fields.leading_code] {
            let index = reader.inverted_index(field)?;
            for code in &scoring.codes {
                let term = Term::from_field_text(field, code);
                let Some(mut postings) = index.read_postings(&term, IndexRecordOption::Basic)?
                else {
                    continue;
                };
                while postings.doc() != TERMINATED {
                    let address = DocAddress::new(segment, postings.doc());
                    *found.entry(address).or_default() += 1;
                    postings.advance();
                }
            }
        }
    }
    Ok(found)
}

/// Returns the mean length of the texts, in terms.
#[expect(clippy::cast_precision_loss, reason = "a rounded mean is as good")]
fn mean_length(fields: &Fields, searcher: &Searcher) -> anyhow::Result<f32> {
    let (mut terms, mut passages) = (0, 0);
    for reader in searcher.segment_readers() {
        terms += reader.inverted_index(fields.text)?.total_num_tokens();
        passages += u64::from(reader.max_doc());
    }
    Ok(terms as f32 / passages.max(1) as f32)
}

/// Returns a filter for what may be read, which does not change the score.
pub(super) fn readable(fields: &Fields, access: &Access) -> Box<dyn Query> {
    match access {
        Access::Everything => Box::new(ConstScoreQuery::new(
            Box::new(tantivy::query::AllQuery),
            0.0,
        )),
        Access::Only(collections) if collections.is_empty() => Box::new(EmptyQuery),
        Access::Only(collections) => {
            let terms = collections
                .iter()
                .map(|name| Term::from_field_text(fields.collection, name));
            Box::new(ConstScoreQuery::new(
                Box::new(TermSetQuery::new(terms)),
                0.0,
            ))
        }
    }
}

fn exactly(field: Field, text: &str, option: IndexRecordOption) -> TermQuery {
    TermQuery::new(Term::from_field_text(field, text), option)
}

fn bytes(document: &TantivyDocument, field: Field) -> &[u8] {
    document
        .get_first(field)
        .and_then(|value| value.as_bytes())
        .unwrap_or_default()
}

pub(super) fn passage_in(fields: &Fields, document: &TantivyDocument) -> anyhow::Result<Passage> {
    Ok(serde_json::from_slice(bytes(document, fields.passage))?)
}
