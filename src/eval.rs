//! How well questions find what they should, in the figures of the field.

pub mod beir;
pub mod calibrate;
pub mod documents;
mod metrics;
pub mod plot;
pub mod reference;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::domain::access::Access;
use crate::domain::passage::Passage;
use crate::domain::question::Question;
use crate::search::retrieve::{Retriever, Searched};

use calibrate::Evidence;
pub use metrics::{Latency, Ranking};

/// Passages that are looked at for each question. Several may come from one place, which counts once.
const DEPTH: usize = 50;
/// Ranks that the curve of recall shows.
const CURVE: usize = 10;

/// A place that a question should lead to. What is not given matches everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The document's path in its source.
    pub file: String,
    /// Page in the file, from 1.
    pub page: Option<u32>,
    /// A heading; looked at where there are no pages.
    pub section: Option<String>,
    /// Words of the passage; looked at where there are neither pages nor headings.
    pub words: Option<String>,
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

/// Asks every question once, after one that is not counted and warms up the engine.
///
/// # Errors
/// There is no question, or the search fails.
pub async fn run(retriever: &Retriever, cases: &[Case]) -> anyhow::Result<Run> {
    let first = cases.first().context("there is no question to ask")?;
    search(retriever, &first.question).await?;
    let mut run = Run {
        found: Vec::with_capacity(cases.len()),
        evidence: Vec::with_capacity(cases.len()),
        took: Vec::with_capacity(cases.len()),
    };
    for case in cases {
        let begin = Instant::now();
        let found = search(retriever, &case.question).await?;
        run.took.push(begin.elapsed());
        let hits = &found.found.hits;
        run.evidence.push(Evidence {
            score: found.evidence.score,
            exact: hits.iter().any(|hit| hit.exact),
            similarity: found.found.similarity,
        });
        let places = hits.iter().map(|hit| place_of(&hit.passage));
        run.found.push(places.collect());
    }
    Ok(run)
}

impl Run {
    /// The figures over all cases.
    #[must_use]
    pub fn ranking(&self, cases: &[Case], level: Level) -> Ranking {
        metrics::ranking(&self.gains(cases, level))
    }

    /// Recall among the first 1, 2, … 10.
    #[must_use]
    pub fn recall_curve(&self, cases: &[Case], level: Level) -> Vec<f64> {
        metrics::recall_curve(&self.gains(cases, level), CURVE)
    }

    fn gains(&self, cases: &[Case], level: Level) -> Vec<metrics::Gains> {
        let lists = cases.iter().zip(&self.found);
        lists
            .map(|(case, found)| gains_of(case, found, level))
            .collect()
    }

    /// The questions that find nothing right among the first so many.
    pub fn missed<'a>(
        &'a self,
        cases: &'a [Case],
        level: Level,
        cut: usize,
    ) -> impl Iterator<Item = &'a str> {
        let lists = cases.iter().zip(&self.found);
        lists.filter_map(move |(case, found)| {
            let ranks = gains_of(case, found, level).ranks;
            let is_found = ranks.iter().take(cut).any(|gain| *gain > 0.0);
            (!is_found).then_some(case.question.as_str())
        })
    }

    /// What each search said of how well it did.
    #[must_use]
    pub fn evidence(&self) -> &[Evidence] {
        &self.evidence
    }

    /// The times of all searches in milliseconds, the shortest first.
    #[must_use]
    pub fn times_ms(&self) -> Vec<f64> {
        metrics::sorted_ms(&self.took)
    }

    #[must_use]
    pub fn latency(&self) -> Latency {
        metrics::latency(&self.took)
    }
}

async fn search(retriever: &Retriever, question: &str) -> anyhow::Result<Searched> {
    let question = Question {
        text: question.to_owned(),
        conversation: Vec::new(),
        access: Access::Everything,
    };
    retriever.search(&question, DEPTH).await
}

fn place_of(passage: &Passage) -> Place {
    Place {
        file: passage.document.path.clone(),
        page: passage.page.as_ref().map(|page| page.number),
        section: passage.section().map(str::to_owned),
        words: Some(one_line(&passage.text)),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What each rank is worth, and what there was to gain.
fn gains_of(case: &Case, found: &[Place], level: Level) -> metrics::Gains {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&Relevant> = case.relevant.iter().collect();
    let mut ranks = Vec::new();
    for place in found {
        let (page, section, words) = match level {
            Level::File => (None, None, None),
            Level::Page => {
                let section = place.section.as_deref().filter(|_| place.page.is_none());
                let is_unnamed = place.page.is_none() && section.is_none();
                let words = place.words.as_deref().filter(|_| is_unnamed);
                (place.page, section, words)
            }
        };
        if !seen.insert((&place.file, page, section, words)) {
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
    if let (Some(wanted), Some(found)) = (wanted.page, found.page) {
        return wanted == found;
    }
    let holds = |text: Option<&str>, wanted: &str| text.is_some_and(|text| text.contains(wanted));
    match (&wanted.section, &wanted.words) {
        _ if found.page.is_some() => true,
        (Some(section), _) if found.section.is_some() => holds(found.section.as_deref(), section),
        (_, Some(words)) => holds(found.words.as_deref(), &one_line(words)),
        (Some(section), None) => holds(found.words.as_deref(), section),
        (None, None) => true,
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
            words: None,
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
    fn a_text_without_headings_is_told_by_its_words() {
        let of_text = |words: &str| Place {
            words: Some(words.to_owned()),
            ..place("a.txt", None, None)
        };
        let wanted = Place {
            section: Some("3. SUBSTRATES".to_owned()),
            ..of_text("Load within\n2 h")
        };
        let found = [of_text("1. PURPOSE"), of_text("3.10 Load within 2 h.")];
        assert!(!matches(&wanted, &found[0], Level::Page));
        assert!(matches(&wanted, &found[1], Level::Page));
        assert_eq!(
            gains_of(&case(&[of_text("within 2 h")]), &found, Level::Page).ranks,
            [0.0, 1.0]
        );
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
