//! BM25 (Robertson and Zaragoza, 2009) over text and headings, with a bonus for neighbouring terms of the question that
//! are close together in the passage.

use crate::domain::search_params::Bm25Params;

/// Occurrences of a query's terms in a passage.
#[derive(Clone, Debug, Default)]
pub(in crate::search::index) struct Occurrences {
    /// Title, number and headings.
    pub(in crate::search::index) heading: Field,
    pub(in crate::search::index) text: Field,
}

/// Occurrences of a query's terms in one field of a passage.
#[derive(Clone, Debug, Default)]
pub(in crate::search::index) struct Field {
    /// Number of all terms.
    pub(in crate::search::index) length: u32,
    /// Position and index of each of the query's terms that occurs, by position.
    pub(in crate::search::index) matches: Vec<(usize, u32)>,
}

impl Field {
    /// Appends the next term of the field; `term` is its index among the query's terms, if it is one of them.
    pub(in crate::search::index) fn push(&mut self, term: Option<usize>) {
        if let Some(term) = term {
            self.matches.push((term, self.length));
        }
        self.length += 1;
    }
}

/// Scores passages against one query.
#[derive(Clone, Debug)]
pub(in crate::search::index) struct Scorer {
    /// Weighted inverse document frequency of each term.
    pub(in crate::search::index) discrimination: Vec<f32>,
    /// Whether the next term also follows this one in the question.
    pub(in crate::search::index) followed: Vec<bool>,
    /// Mean length of the passages' texts, in terms.
    pub(in crate::search::index) mean_length: f32,
    pub(in crate::search::index) params: Bm25Params,
}

impl Scorer {
    /// Returns the score of a passage; comparable within one question.
    pub(in crate::search::index) fn score(&self, passage: &Occurrences) -> f32 {
        let params = &self.params;
        self.field(&passage.text, self.mean_length)
            + params.heading_weight * self.field(&passage.heading, params.heading_length)
    }

    fn field(&self, field: &Field, mean_length: f32) -> f32 {
        if field.matches.is_empty() {
            return 0.0;
        }
        let Bm25Params {
            k1,
            b,
            proximity_weight,
            proximity_window,
            ..
        } = self.params;
        let length = 1.0 - b + b * to_f32(field.length) / mean_length.max(1.0);
        let mut counts = vec![0.0; self.discrimination.len()];
        let mut proximity = vec![0.0; self.discrimination.len()];
        for (index, &(term, position)) in field.matches.iter().enumerate() {
            counts[term] += 1.0;
            for &(other, later) in &field.matches[index + 1..] {
                if later - position > proximity_window {
                    break;
                }
                let first = term.min(other);
                if term.abs_diff(other) == 1 && self.followed[first] && later > position {
                    proximity[first] += 1.0 / to_f32(later - position);
                }
            }
        }
        let saturated = |count: f32, slowness: f32| count * (k1 + 1.0) / (count + slowness);
        let mut score = 0.0;
        for (term, discrimination) in self.discrimination.iter().enumerate() {
            score += discrimination * saturated(counts[term], k1 * length);
            if proximity[term] > 0.0 {
                let of_pair = discrimination.min(self.discrimination[term + 1]);
                score += proximity_weight * of_pair * saturated(proximity[term], k1);
            }
        }
        score
    }
}

#[expect(clippy::cast_precision_loss, reason = "no passage has 2^24 terms")]
fn to_f32(count: u32) -> f32 {
    count as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scorer(discrimination: &[f32]) -> Scorer {
        Scorer {
            discrimination: discrimination.to_vec(),
            followed: vec![true; discrimination.len()],
            mean_length: 10.0,
            params: Bm25Params::DEFAULT,
        }
    }

    fn text(terms: &[Option<usize>]) -> Occurrences {
        let mut passage = Occurrences::default();
        for term in terms {
            passage.text.push(*term);
        }
        passage
    }

    #[test]
    fn more_and_rarer_terms_score_higher() {
        let scorer = scorer(&[1.0, 3.0]);
        let score = |terms: &[Option<usize>]| scorer.score(&text(terms));
        let common = score(&[Some(0), None, None, None, None]);
        let rare = score(&[Some(1), None, None, None, None]);
        let both = score(&[Some(0), None, None, None, Some(1)]);
        assert!(0.0 < common && common < rare && rare < both);
        assert!(score(&[Some(0), Some(0), None]) > score(&[Some(0), None, None]));
    }

    #[test]
    fn the_same_words_score_higher_in_a_shorter_passage_and_near_each_other() {
        let scorer = scorer(&[1.0, 1.0]);
        let near = text(&[Some(0), Some(1), None, None, None, None]);
        let apart = text(&[Some(0), None, None, None, None, Some(1)]);
        let mut long = near.clone();
        for _ in 0..50 {
            long.text.push(None);
        }
        assert!(scorer.score(&near) > scorer.score(&apart));
        assert!(scorer.score(&near) > scorer.score(&long));
    }

    #[test]
    fn a_heading_counts_less_than_the_text_and_adds_to_it() {
        let scorer = scorer(&[1.0]);
        let in_text = text(&[Some(0), None]);
        let mut in_both = in_text.clone();
        in_both.heading.push(Some(0));
        let mut in_heading = text(&[None, None]);
        in_heading.heading.push(Some(0));
        let ascending = [&in_heading, &in_text, &in_both].map(|passage| scorer.score(passage));
        assert!(ascending.is_sorted() && ascending[0] > 0.0, "{ascending:?}");
    }

    #[test]
    fn every_parameter_changes_its_score() {
        let mut passage = text(&[Some(0), None, Some(1), Some(0), None, None]);
        passage.heading.push(Some(0));
        let by_default = scorer(&[1.0, 1.0]).score(&passage);
        let changes: [fn(&mut Bm25Params); 6] = [
            |params| params.k1 = 2.0,
            |params| params.b = 0.9,
            |params| params.heading_weight = 0.0,
            |params| params.heading_length = 60.0,
            |params| params.proximity_weight = 0.0,
            |params| params.proximity_window = 1,
        ];
        for (number, change) in changes.iter().enumerate() {
            let mut scorer = scorer(&[1.0, 1.0]);
            change(&mut scorer.params);
            assert!(
                (scorer.score(&passage) - by_default).abs() > 1e-6,
                "{number}"
            );
        }
    }
}
