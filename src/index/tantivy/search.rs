//! Finds passages: BM25 over the terms, with codes found exactly in front.

use std::collections::BTreeSet;

use tantivy::collector::TopDocs;
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, Occur, Query, TermQuery, TermSetQuery,
};
use tantivy::schema::{Field, IndexRecordOption, Value};
use tantivy::{DocAddress, Searcher, TantivyDocument, Term};

use super::fields::{Fields, heading};
use crate::analysis::{self, Asked};
use crate::domain::{Access, Passage, PassageId};
use crate::index::{Found, Hit};

/// How much a term in title or headings counts beside one in the text.
const HEADING_WEIGHT: f32 = 0.2;
/// Questions are cut to so many different terms; a pasted log has thousands.
const MOST_TERMS: usize = 64;
/// A passage with a code of the question stands before all others: no sum of BM25 scores comes near this.
const CODE_SCORE: f32 = 1000.0;
/// A code in more passages than this is the name of something that is everywhere, such as a document's number.
const CODE_PASSAGES: u64 = 40;

pub(super) fn search(
    fields: &Fields,
    searcher: &Searcher,
    text: &str,
    access: &Access,
    limit: usize,
) -> anyhow::Result<Found> {
    let wanted = Wanted::new(fields, searcher, text)?;
    if limit == 0 || wanted.terms.is_empty() {
        return Ok(Found::default());
    }
    let query = BooleanQuery::new(vec![
        (Occur::Must, wanted.query(fields)),
        (Occur::Must, readable(fields, access)),
    ]);
    let top = searcher.search(&query, &TopDocs::with_limit(limit).order_by_score())?;
    let mut hits = Vec::with_capacity(top.len());
    for (score, address) in top {
        let passage = stored(fields, searcher, address)?;
        let exact = wanted.names_code_in(&passage);
        hits.push(Hit {
            passage,
            score,
            exact,
        });
    }
    let coverage = hits
        .first()
        .map_or(0.0, |best| wanted.coverage(&best.passage));
    Ok(Found { hits, coverage })
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

/// What a question looks for.
struct Wanted {
    terms: Vec<Sought>,
    codes: BTreeSet<String>,
}

/// A term of a question.
struct Sought {
    term: String,
    /// How much it counts beside the others.
    weight: f32,
    /// How much it tells a passage from others: its weighted inverse document frequency.
    telling: f32,
}

impl Wanted {
    fn new(fields: &Fields, searcher: &Searcher, text: &str) -> anyhow::Result<Self> {
        let mut terms = Vec::new();
        for Asked { term, weight } in analysis::asked(text).into_iter().take(MOST_TERMS) {
            let holding = searcher
                .doc_freq(&Term::from_field_text(fields.text, &term))?
                .max(searcher.doc_freq(&Term::from_field_text(fields.heading, &term))?);
            let telling = weight * inverse_frequency(searcher.num_docs(), holding);
            terms.push(Sought {
                term,
                weight,
                telling,
            });
        }
        let mut codes = BTreeSet::new();
        for code in analysis::codes(text) {
            let holding = searcher.doc_freq(&Term::from_field_text(fields.code, &code.name))?;
            if (1..=CODE_PASSAGES).contains(&holding) {
                codes.insert(code.name);
            }
        }
        Ok(Self { terms, codes })
    }

    fn query(&self, fields: &Fields) -> Box<dyn Query> {
        let mut parts: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        for Sought { term, weight, .. } in &self.terms {
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
        for code in &self.codes {
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

    /// Whether a code of the question stands in the passage.
    fn names_code_in(&self, passage: &Passage) -> bool {
        let holds = |text: &str| {
            analysis::codes(text)
                .iter()
                .any(|code| self.codes.contains(&code.name))
        };
        !self.codes.is_empty() && (holds(&passage.text) || holds(&heading(passage)))
    }

    /// The share of what the question says that the passage holds, 0 to 1.
    fn coverage(&self, passage: &Passage) -> f32 {
        let held: BTreeSet<String> = analysis::terms(&passage.text)
            .into_iter()
            .chain(analysis::terms(&heading(passage)))
            .collect();
        let all: f32 = self.terms.iter().map(|sought| sought.telling).sum();
        let found: f32 = self
            .terms
            .iter()
            .filter(|sought| held.contains(&sought.term))
            .map(|sought| sought.telling)
            .sum();
        if all > 0.0 { found / all } else { 0.0 }
    }
}

/// BM25's inverse document frequency, as Tantivy has it.
#[expect(
    clippy::cast_precision_loss,
    reason = "a rounded count of passages is as good"
)]
fn inverse_frequency(all: u64, holding: u64) -> f32 {
    let (all, holding) = (all as f32, holding.min(all) as f32);
    ((all - holding + 0.5) / (holding + 0.5)).ln_1p()
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
