//! How well questions find what they should, in the figures of the field.

pub mod beir;
pub mod documents;
mod metrics;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::domain::{Access, Passage};
use crate::index::{Found, Index, Query};

pub use metrics::{Latency, Ranking};

/// Passages that are looked at for each question. Several may come from one place, which counts once.
const DEPTH: usize = 50;

/// A place that a question should lead to. What is not given matches everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The document's path in its source.
    pub file: String,
    /// Page in the file, from 1.
    pub page: Option<u32>,
    /// A heading; looked at where there are no pages.
    pub section: Option<String>,
}

/// A question and what it should find.
#[derive(Clone, Debug)]
pub struct Case {
    pub question: String,
    pub relevant: Vec<Relevant>,
}

/// One thing to be found.
#[derive(Clone, Debug)]
pub struct Relevant {
    /// It is found where any of these is.
    pub places: Vec<Place>,
    /// How much it is worth, as in the qrels of BEIR.
    pub grade: f64,
}

/// How finely places are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    File,
    /// Pages where a format has them, sections elsewhere.
    Page,
}

/// What a search over all cases gave.
#[derive(Clone, Debug)]
pub struct Run {
    found: Vec<Vec<Place>>,
    evidence: Vec<Evidence>,
    took: Vec<Duration>,
}

/// What a search says of how well it did.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Evidence {
    coverage: f32,
    exact: bool,
}

/// Asks every question once, after one that is not counted and warms up the engine.
///
/// # Errors
/// There is no question, or the index fails.
pub async fn run(index: &dyn Index, cases: &[Case]) -> anyhow::Result<Run> {
    let first = cases.first().context("there is no question to ask")?;
    search(index, &first.question).await?;
    let mut run = Run {
        found: Vec::with_capacity(cases.len()),
        evidence: Vec::with_capacity(cases.len()),
        took: Vec::with_capacity(cases.len()),
    };
    for case in cases {
        let begin = Instant::now();
        let found = search(index, &case.question).await?;
        run.took.push(begin.elapsed());
        run.evidence.push(Evidence {
            coverage: found.coverage,
            exact: found.hits.iter().any(|hit| hit.exact),
        });
        let places = found.hits.iter().map(|hit| place_of(&hit.passage));
        run.found.push(places.collect());
    }
    Ok(run)
}

impl Run {
    /// The figures over all cases.
    #[must_use]
    pub fn ranking(&self, cases: &[Case], level: Level) -> Ranking {
        let gains = cases.iter().zip(&self.found);
        metrics::ranking(
            &gains
                .map(|(case, found)| gains_of(case, found, level))
                .collect::<Vec<_>>(),
        )
    }

    /// The share of the questions, 0 to 1, that are taken to have no answer where the best passage must hold
    /// `min_coverage` of a question.
    #[must_use]
    pub fn refused(&self, min_coverage: f32) -> f64 {
        let is_refused = |evidence: &&Evidence| !evidence.exact && evidence.coverage < min_coverage;
        let refused = self.evidence.iter().filter(is_refused).count();
        metrics::share(refused, self.evidence.len())
    }

    #[must_use]
    pub fn latency(&self) -> Latency {
        metrics::latency(&self.took)
    }
}

async fn search(index: &dyn Index, question: &str) -> anyhow::Result<Found> {
    let query = Query {
        text: question,
        also: &[],
        access: &Access::Everything,
        limit: DEPTH,
    };
    index.search(&query).await
}

fn place_of(passage: &Passage) -> Place {
    Place {
        file: passage.document.path.clone(),
        page: passage.page.as_ref().map(|page| page.number),
        section: passage.section().map(str::to_owned),
    }
}

/// What each rank is worth, and what there was to gain.
fn gains_of(case: &Case, found: &[Place], level: Level) -> metrics::Gains {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&Relevant> = case.relevant.iter().collect();
    let mut ranks = Vec::new();
    for place in found {
        let (page, section) = match level {
            Level::File => (None, None),
            Level::Page => (
                place.page,
                place.section.as_deref().filter(|_| place.page.is_none()),
            ),
        };
        if !seen.insert((&place.file, page, section)) {
            continue;
        }
        let hit = open.iter().position(|relevant| {
            relevant
                .places
                .iter()
                .any(|wanted| matches(wanted, place, level))
        });
        ranks.push(hit.map_or(0.0, |hit| open.swap_remove(hit).grade));
    }
    metrics::Gains {
        ranks,
        ideal: case
            .relevant
            .iter()
            .map(|relevant| relevant.grade)
            .collect(),
    }
}

fn matches(wanted: &Place, found: &Place, level: Level) -> bool {
    if wanted.file != found.file || level == Level::File {
        return wanted.file == found.file;
    }
    match (wanted.page, found.page, &wanted.section) {
        (Some(wanted), Some(found), _) => wanted == found,
        (_, None, Some(wanted)) => found
            .section
            .as_deref()
            .is_some_and(|found| found.contains(wanted.as_str())),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(file: &str, page: Option<u32>, section: Option<&str>) -> Place {
        Place {
            file: file.to_owned(),
            page,
            section: section.map(str::to_owned),
        }
    }

    fn case(places: &[Place]) -> Case {
        Case {
            question: String::new(),
            relevant: vec![Relevant {
                places: places.to_vec(),
                grade: 1.0,
            }],
        }
    }

    #[test]
    fn passages_of_one_place_count_once() {
        let case = case(&[place("b.pdf", Some(2), None)]);
        let found = [
            place("a.pdf", Some(1), Some("1 Start")),
            place("a.pdf", Some(1), Some("2 Stop")),
            place("b.pdf", Some(1), None),
            place("b.pdf", Some(2), None),
        ];
        assert_eq!(gains_of(&case, &found, Level::Page).ranks, [0.0, 0.0, 1.0]);
        assert_eq!(gains_of(&case, &found, Level::File).ranks, [0.0, 1.0]);
    }

    #[test]
    fn a_fact_that_stands_in_two_places_is_found_in_either_but_once() {
        let case = case(&[
            place("a.md", None, Some("Limits")),
            place("b.pdf", Some(2), None),
        ]);
        let found = [
            place("b.pdf", Some(2), None),
            place("a.md", None, Some("3.1 Limits")),
            place("a.md", None, Some("Scope")),
        ];
        assert_eq!(gains_of(&case, &found, Level::Page).ranks, [1.0, 0.0, 0.0]);
    }
}
