//! Unanswered questions, grouped by their words.

use std::collections::BTreeMap;

use crate::search::analysis;
use crate::storage::answer_log::FeedbackLine;

/// Questions with the same words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionGroup {
    /// The wording of the last one.
    pub question: String,
    pub times: usize,
    /// The conversation of the last one.
    pub conversation: String,
    pub person: String,
}

/// Groups unanswered questions by their words, the most frequent first.
#[must_use]
pub fn grouped(lines: &[FeedbackLine]) -> Vec<QuestionGroup> {
    let mut by_terms: BTreeMap<Vec<String>, QuestionGroup> = BTreeMap::new();
    for line in lines {
        let mut terms = analysis::terms(&line.question);
        terms.sort_unstable();
        terms.dedup();
        let times = by_terms.get(&terms).map_or(0, |group| group.times) + 1;
        let group = QuestionGroup {
            question: line.question.clone(),
            times,
            conversation: line.channel.clone(),
            person: line.user.clone(),
        };
        by_terms.insert(terms, group);
    }
    let mut groups: Vec<QuestionGroup> = by_terms.into_values().collect();
    groups.sort_by(|one, other| {
        let by_times = other.times.cmp(&one.times);
        by_times.then_with(|| one.question.cmp(&other.question))
    });
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(question: &str) -> FeedbackLine {
        FeedbackLine {
            kind: "unanswered".into(),
            key: "T1/C1/1.1".into(),
            asked: String::new(),
            channel: "C1".into(),
            user: "U1".into(),
            question: question.into(),
            answer: String::new(),
            mode: "none_found".into(),
            model: String::new(),
            passages: Vec::new(),
            helpful: None,
            comment: String::new(),
            voted_by: String::new(),
            voted: String::new(),
        }
    }

    #[test]
    fn questions_with_the_same_words_are_grouped_and_the_most_frequent_come_first() {
        let lines = [
            line("chiller refill interval?"),
            line("가스 캐비닛 점검 주기는?"),
            line("What is the interval of the chiller refill?"),
        ];
        let groups = grouped(&lines);
        assert_eq!(groups.len(), 2, "{groups:?}");
        assert_eq!(groups[0].times, 2);
    }
}
