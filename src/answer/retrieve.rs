//! Which passages an answer is drawn from.

mod current;
mod search_text;

use std::collections::HashMap;

pub(super) use search_text::{LONGEST, earlier_question, shortened};

use crate::config;
use crate::domain::{Passage, PassageId, Question};
use crate::index::{Found, Hit, Index, Query};

/// So many times more passages are searched than are used, since outdated and repeated ones are left out.
const SPARE: usize = 3;
/// Flattens the weight of ranks in fusion; the value of the method's paper (Cormack et al., SIGIR 2009).
const RANK_CONSTANT: f32 = 60.0;

/// What the documents hold on a question.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    /// Best first; empty where it is not enough to answer.
    pub passages: Vec<Passage>,
    /// Titles of the nearest documents where it is not enough.
    pub nearest: Vec<String>,
}

/// Searches for the question, and together with the one before it where it leans on the conversation.
///
/// `today` is the date, as `YYYY-MM-DD`, that decides which revision of a document holds.
pub(super) async fn gather(
    index: &dyn Index,
    question: &Question,
    config: &config::Retrieval,
    today: &str,
) -> anyhow::Result<Evidence> {
    let search = async |text: &str| {
        let query = Query {
            text,
            also: &[],
            access: &question.access,
            limit: config.passages * SPARE,
        };
        index.search(&query).await
    };
    let variants = search_text::variants(&question.text);
    let mut found = search(&variants[0]).await?;
    for part in &variants[1..] {
        found = fused(search(part).await?, found);
    }
    if !names_something_exact(&found)
        && let Some(earlier) = search_text::earlier_question(&question.conversation)
        && (search_text::leans_on_conversation(&variants[0])
            || !is_enough(&found, config.min_coverage))
    {
        let together = search(&format!("{earlier}\n{}", variants[0])).await?;
        found = fused(together, found);
    }
    if !is_enough(&found, config.min_coverage) {
        return Ok(Evidence {
            passages: Vec::new(),
            nearest: nearest_titles(&found),
        });
    }
    let passages = found.hits.into_iter().map(|hit| hit.passage).collect();
    let mut passages =
        current::without_repeats(current::newest_first(passages, &question.text, today));
    passages.truncate(config.passages);
    Ok(Evidence {
        passages,
        nearest: Vec::new(),
    })
}

fn names_something_exact(found: &Found) -> bool {
    found.hits.iter().any(|hit| hit.exact)
}

fn is_enough(found: &Found, min_coverage: f32) -> bool {
    !found.hits.is_empty() && (found.coverage >= min_coverage || names_something_exact(found))
}

/// Both lists in one, by reciprocal rank; exact hits stay in front.
fn fused(first: Found, second: Found) -> Found {
    let coverage = first.coverage.max(second.coverage);
    let mut merged: HashMap<PassageId, Hit> = HashMap::new();
    for found in [first, second] {
        let mut rank = RANK_CONSTANT;
        for hit in found.hits {
            rank += 1.0;
            let entry = merged.entry(hit.passage.id.clone()).or_insert(Hit {
                score: 0.0,
                exact: false,
                ..hit
            });
            entry.score += 1.0 / rank;
            entry.exact |= hit.exact;
        }
    }
    let mut hits: Vec<Hit> = merged.into_values().collect();
    hits.sort_by(|one, other| {
        let by_score = other.score.total_cmp(&one.score);
        other
            .exact
            .cmp(&one.exact)
            .then(by_score)
            .then_with(|| one.passage.id.cmp(&other.passage.id))
    });
    Found { hits, coverage }
}

fn nearest_titles(found: &Found) -> Vec<String> {
    let mut titles: Vec<String> = Vec::new();
    for hit in &found.hits {
        let title = &hit.passage.document.title;
        if titles.len() < 3 && !titles.contains(title) {
            titles.push(title.clone());
        }
    }
    titles
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::sample;

    fn hit(id: &str, exact: bool) -> Hit {
        let mut passage = sample::passage("doc", "text");
        passage.id = PassageId(id.to_owned());
        Hit {
            passage,
            score: 1.0,
            exact,
        }
    }

    fn found(hits: Vec<Hit>, coverage: f32) -> Found {
        Found { hits, coverage }
    }

    #[test]
    fn fusion_prefers_what_both_found_and_keeps_exact_hits_in_front() {
        let together = found(vec![hit("a", false), hit("b", false), hit("c", false)], 0.5);
        let alone = found(vec![hit("x", true), hit("c", false)], 0.2);
        let fused = fused(together, alone);
        let order: Vec<&str> = fused
            .hits
            .iter()
            .map(|hit| hit.passage.id.0.as_str())
            .collect();
        assert_eq!(order, ["x", "c", "a", "b"]);
        assert!((fused.coverage - 0.5).abs() < f32::EPSILON);
    }

    #[test]
    fn little_coverage_is_not_enough_unless_a_code_was_found() {
        assert!(!is_enough(&found(vec![hit("a", false)], 0.34), 0.35));
        assert!(is_enough(&found(vec![hit("a", false)], 0.35), 0.35));
        assert!(is_enough(&found(vec![hit("a", true)], 0.0), 0.35));
        assert!(!is_enough(&found(vec![], 1.0), 0.35));
    }
}
