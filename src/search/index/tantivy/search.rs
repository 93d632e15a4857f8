//! Finds passages: those that Tantivy's own BM25 puts first are the candidates, and the shared scoring has the last
//! word.

use std::collections::HashMap;

use tantivy::collector::TopDocs;
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, Occur, Query, TermQuery, TermSetQuery,
};
use tantivy::schema::{Field, IndexRecordOption, Value};
use tantivy::{DocAddress, DocSet, Searcher, TERMINATED, TantivyDocument, Term};

use super::fields::Fields;
use super::signs::Signs;
use crate::domain::access::Access;
use crate::domain::passage::{Passage, PassageId};
use crate::search::index::rank::{Candidate, Sought};
use crate::search::index::{Found, Hit};

/// How much a term in title or headings counts beside one in the text, for a candidate.
const HEADING_WEIGHT: f32 = 0.3;
/// Passages that are looked at more closely, or twice as many as are asked for.
const CANDIDATES: usize = 80;
/// What a code adds to a candidate's score: more than any sum of BM25 scores.
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
    weigh(fields, searcher, &mut sought)?;
    let query = BooleanQuery::new(vec![
        (Occur::Must, query(fields, &sought)),
        (Occur::Must, readable(fields, access)),
    ]);
    let most = CANDIDATES.max(2 * limit);
    let top = searcher.search(&query, &TopDocs::with_limit(most).order_by_score())?;
    let codes = codes(fields, searcher, &sought)?;
    let signs = Signs::of(&sought.terms);
    let mut documents = Vec::with_capacity(top.len());
    let mut candidates = Vec::with_capacity(top.len());
    for (place, (_, address)) in top.into_iter().enumerate() {
        let document: TantivyDocument = searcher.doc(address)?;
        candidates.push(Candidate {
            key: place,
            occurrences: signs.occurrences(bytes(&document, fields.signs)),
            codes: codes.get(&address).copied().unwrap_or_default(),
        });
        documents.push(document);
    }
    let mean_length = mean_length(fields, searcher)?;
    let ranked = sought.rank(candidates, mean_length, limit);
    let hits = ranked.into_iter().map(|ranked| {
        anyhow::Ok(Hit {
            passage: passage_in(fields, &documents[ranked.key])?,
            score: ranked.score,
            exact: ranked.exact,
        })
    });
    let hits = hits.collect::<Result<_, _>>()?;
    Ok(sought.found(hits))
}

pub(super) fn passage(
    fields: &Fields,
    searcher: &Searcher,
    id: &PassageId,
) -> anyhow::Result<Option<Passage>> {
    passage_of(fields, searcher, Term::from_field_text(fields.id, &id.0))
}

/// The passage that holds a term which no other one holds.
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

/// Learns how telling the terms of a question are, and which of its codes name one thing.
fn weigh(fields: &Fields, searcher: &Searcher, sought: &mut Sought) -> anyhow::Result<()> {
    let holding = |field: Field, term: &str| searcher.doc_freq(&Term::from_field_text(field, term));
    let mut frequencies = Vec::with_capacity(sought.terms.len());
    for sought in &sought.terms {
        let (text, heading) = (
            holding(fields.text, &sought.term)?,
            holding(fields.heading, &sought.term)?,
        );
        frequencies.push(text.max(heading));
    }
    sought.weigh(searcher.num_docs(), frequencies);
    let codes = sought.codes.iter().map(|code| holding(fields.code, code));
    let codes: Vec<u64> = codes.collect::<Result<_, _>>()?;
    sought.keep_telling_codes(&codes);
    Ok(())
}

fn query(fields: &Fields, sought: &Sought) -> Box<dyn Query> {
    let mut parts: Vec<(Occur, Box<dyn Query>)> = Vec::new();
    for sought in &sought.terms {
        for (field, weight) in [
            (fields.text, sought.weight),
            (fields.heading, sought.weight * HEADING_WEIGHT),
        ] {
            let query = exactly(field, &sought.term, IndexRecordOption::WithFreqs);
            parts.push((
                Occur::Should,
                Box::new(BoostQuery::new(Box::new(query), weight)),
            ));
        }
    }
    for code in &sought.codes {
        let exact = exactly(fields.code, code, IndexRecordOption::Basic);
        parts.push((
            Occur::Should,
            Box::new(ConstScoreQuery::new(Box::new(exact), CODE_SCORE)),
        ));
    }
    Box::new(BooleanQuery::new(parts))
}

/// How many of the codes each passage names, and how many it explains. Each stands in few.
fn codes(
    fields: &Fields,
    searcher: &Searcher,
    sought: &Sought,
) -> anyhow::Result<HashMap<DocAddress, usize>> {
    let mut found = HashMap::new();
    for (segment, reader) in (0..).zip(searcher.segment_readers()) {
        for field in [fields.code, fields.leading_code] {
            let index = reader.inverted_index(field)?;
            for code in &sought.codes {
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

/// Mean length of the texts, in terms.
#[expect(clippy::cast_precision_loss, reason = "a rounded mean is as good")]
fn mean_length(fields: &Fields, searcher: &Searcher) -> anyhow::Result<f32> {
    let (mut terms, mut passages) = (0, 0);
    for reader in searcher.segment_readers() {
        terms += reader.inverted_index(fields.text)?.total_num_tokens();
        passages += u64::from(reader.max_doc());
    }
    Ok(terms as f32 / passages.max(1) as f32)
}

/// Lets through what may be read, without a say in the score.
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
