//! Finds passages: BM25 over the terms, with codes found exactly in front.

use std::collections::HashMap;

use tantivy::collector::TopDocs;
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, Occur, Query, TermQuery, TermSetQuery,
};
use tantivy::schema::{Field, IndexRecordOption, Value};
use tantivy::{DocAddress, Searcher, TantivyDocument, Term};

use super::fields::Fields;
use crate::domain::{Access, Passage, PassageId};
use crate::index::rank::{Sought, SoughtTerm, inverse_frequency};
use crate::index::{Found, Hit};

/// How much a term in title or headings counts beside one in the text.
const HEADING_WEIGHT: f32 = 0.2;
/// A passage with a code of the question stands before all others: no sum of BM25 scores comes near this.
const CODE_SCORE: f32 = 1000.0;

pub(super) fn search(
    fields: &Fields,
    searcher: &Searcher,
    mut sought: Sought,
    access: &Access,
    limit: usize,
) -> anyhow::Result<Found> {
    if limit == 0 || sought.terms.is_empty() {
        return Ok(Found::default());
    }
    sought
        .keep_telling_codes(|code| searcher.doc_freq(&Term::from_field_text(fields.code, code)))?;
    let query = BooleanQuery::new(vec![
        (Occur::Must, ranked(fields, &sought)),
        (Occur::Must, readable(fields, access)),
    ]);
    let top = searcher.search(&query, &TopDocs::with_limit(limit).order_by_score())?;
    let mut hits = Vec::with_capacity(top.len());
    for (score, address) in top {
        let passage = stored(fields, searcher, address)?;
        let exact = sought.names_code_in(&passage);
        hits.push(Hit {
            passage,
            score,
            exact,
        });
    }
    let mut holding = HashMap::new();
    for SoughtTerm { term, .. } in &sought.terms {
        holding.insert(term.as_str(), passages_with(fields, searcher, term)?);
    }
    let of = searcher.num_docs();
    let coverage = hits.first().map_or(0.0, |best| {
        sought.coverage(&best.passage, |term| inverse_frequency(of, holding[term]))
    });
    Ok(Found {
        hits,
        coverage,
        terms: sought.weighed(|term| holding[term]),
        of,
    })
}

pub(super) fn passage(
    fields: &Fields,
    searcher: &Searcher,
    id: &PassageId,
) -> anyhow::Result<Option<Passage>> {
    let query = exactly(fields.id, &id.0, IndexRecordOption::Basic);
    let top = searcher.search(&query, &TopDocs::with_limit(1).order_by_score())?;
    top.first()
        .map(|(_, address)| stored(fields, searcher, *address))
        .transpose()
}

/// The query that finds and ranks what is sought.
fn ranked(fields: &Fields, sought: &Sought) -> Box<dyn Query> {
    let mut parts: Vec<(Occur, Box<dyn Query>)> = Vec::new();
    for SoughtTerm { term, weight, .. } in &sought.terms {
        for (field, weight) in [
            (fields.text, *weight),
            (fields.heading, weight * HEADING_WEIGHT),
        ] {
            let query = exactly(field, term, IndexRecordOption::WithFreqs);
            parts.push((
                Occur::Should,
                Box::new(BoostQuery::new(Box::new(query), weight)),
            ));
        }
    }
    for code in &sought.codes {
        for field in [fields.code, fields.leading_code] {
            let exact = exactly(field, code, IndexRecordOption::Basic);
            parts.push((
                Occur::Should,
                Box::new(ConstScoreQuery::new(Box::new(exact), CODE_SCORE)),
            ));
        }
    }
    Box::new(BooleanQuery::new(parts))
}

/// How many passages hold a term, in their text or above it.
fn passages_with(fields: &Fields, searcher: &Searcher, term: &str) -> tantivy::Result<u64> {
    let in_text = searcher.doc_freq(&Term::from_field_text(fields.text, term))?;
    let in_heading = searcher.doc_freq(&Term::from_field_text(fields.heading, term))?;
    Ok(in_text.max(in_heading))
}

/// Lets through what may be read, without a say in the score.
fn readable(fields: &Fields, access: &Access) -> Box<dyn Query> {
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

fn stored(fields: &Fields, searcher: &Searcher, address: DocAddress) -> anyhow::Result<Passage> {
    let document: TantivyDocument = searcher.doc(address)?;
    let bytes = document
        .get_first(fields.passage)
        .and_then(|value| value.as_bytes().map(<[u8]>::to_vec))
        .unwrap_or_default();
    Ok(serde_json::from_slice(&bytes)?)
}
