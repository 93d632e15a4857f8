//! Which searches find the passages that rank best.
//!
//! The server gives the passages that hold a term in no order of its own, and so many that a frequent term's best are
//! rarely among the first. Two things bring them to the front: the marks of terms that a passage speaks of strongly,
//! and pairs of terms.

use super::record::{strong_word, word};
use crate::search::index::rank::{CODE_PASSAGES, Sought};

/// So many terms are looked for by themselves, the most telling ones.
const SINGLE_TERMS: usize = 16;
/// So many are looked for in pairs.
const PAIRED_TERMS: usize = 5;
/// Passages that a single term is asked for, at least and at most; in between, so many that all terms together bring
/// this many.
const LEAST: usize = 20;
const MOST: usize = 60;
const TOGETHER: usize = 200;
/// Passages that a pair is asked for.
const PAIR: usize = 20;

/// One search for candidates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Question {
    /// In the order in which they may be left out, the last one first; the first one never is.
    pub(super) words: String,
    pub(super) code: Option<String>,
    pub(super) limit: usize,
}

/// The searches for a question, given how many passages hold each of its terms.
pub(super) fn plan(sought: &Sought, holding: &[u64]) -> Vec<Question> {
    let mut terms: Vec<(&str, f32)> = sought
        .terms
        .iter()
        .zip(holding)
        .filter(|(sought, holding)| **holding > 0 && sought.telling > 0.0)
        .map(|(sought, _)| (sought.term.as_str(), sought.telling))
        .collect();
    terms.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    let limit = (TOGETHER / terms.len().max(1)).clamp(LEAST, MOST);
    let mut questions: Vec<Question> = terms
        .iter()
        .take(SINGLE_TERMS)
        .map(|(term, _)| Question {
            words: format!("{} {}", word(term), strong_word(term)),
            code: None,
            limit,
        })
        .collect();
    let paired = &terms[..terms.len().min(PAIRED_TERMS)];
    for (place, (one, _)) in paired.iter().enumerate() {
        questions.extend(paired[place + 1..].iter().map(|(other, _)| Question {
            words: format!(
                "{} {} {} {}",
                word(one),
                word(other),
                strong_word(one),
                strong_word(other)
            ),
            code: None,
            limit: PAIR,
        }));
    }
    questions.extend(sought.codes.iter().map(|code| Question {
        words: String::new(),
        code: Some(code.clone()),
        limit: usize::try_from(CODE_PASSAGES).unwrap_or(usize::MAX),
    }));
    questions
}
