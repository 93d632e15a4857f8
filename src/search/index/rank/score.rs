//! How well a passage fits a question: BM25 (Robertson and Zaragoza, 2009) over text and headings, and how near to one
//! another the words of the question stand.

/// How soon a term that is repeated counts no more, and how much the length of a passage counts. The defaults of
/// Anserini (Yang, Fang and Lin, SIGIR 2017), which hold over many sets; those of Lucene, 1.2 and 0.75, are worse for
/// short passages (docs/RETRIEVAL.md).
const K1: f32 = 0.9;
const B: f32 = 0.4;
/// How much a term in title or headings counts beside one in the text.
const HEADING_WEIGHT: f32 = 0.4;
/// About as many terms have the title and the headings of a passage.
const HEADING_LENGTH: f32 = 6.0;
/// How much it counts that neighbours in the question are neighbours in the passage.
const NEARNESS_WEIGHT: f32 = 0.25;
/// The farthest that two terms may be from each other and still be near.
const NEAR: u32 = 3;

/// Where the sought terms stand in a passage.
#[derive(Clone, Debug, Default)]
pub(in crate::search::index) struct Occurrences {
    /// Title, number and headings.
    pub(in crate::search::index) heading: Field,
    pub(in crate::search::index) text: Field,
}

/// Where the sought terms stand in one part of a passage.
#[derive(Clone, Debug, Default)]
pub(in crate::search::index) struct Field {
    /// Terms in all.
    pub(in crate::search::index) length: u32,
    /// Which of the sought terms, and at what place, by place.
    pub(in crate::search::index) at: Vec<(usize, u32)>,
}

impl Field {
    /// Notes the next term of the part; `sought` is its place among the sought ones, if it is one of them.
    pub(in crate::search::index) fn push(&mut self, sought: Option<usize>) {
        if let Some(sought) = sought {
            self.at.push((sought, self.length));
        }
        self.length += 1;
    }
}

/// What passages are measured with.
#[derive(Clone, Debug)]
pub(in crate::search::index) struct Measure {
    /// How much each of the sought terms tells a passage from others.
    pub(in crate::search::index) telling: Vec<f32>,
    /// Whether the sought term after this one also comes after it in the question.
    pub(in crate::search::index) followed: Vec<bool>,
    /// Mean length of the passages' texts, in terms.
    pub(in crate::search::index) mean_length: f32,
}

impl Measure {
    /// The score of a passage; comparable within one question.
    pub(in crate::search::index) fn score(&self, passage: &Occurrences) -> f32 {
        self.field(&passage.text, self.mean_length)
            + HEADING_WEIGHT * self.field(&passage.heading, HEADING_LENGTH)
    }

    fn field(&self, field: &Field, mean_length: f32) -> f32 {
        if field.at.is_empty() {
            return 0.0;
        }
        let length = 1.0 - B + B * to_f32(field.length) / mean_length.max(1.0);
        let mut counts = vec![0.0; self.telling.len()];
        let mut near = vec![0.0; self.telling.len()];
        for (index, &(term, place)) in field.at.iter().enumerate() {
            counts[term] += 1.0;
            for &(other, later) in &field.at[index + 1..] {
                if later - place > NEAR {
                    break;
                }
                let first = term.min(other);
                if term.abs_diff(other) == 1 && self.followed[first] && later > place {
                    near[first] += 1.0 / to_f32(later - place);
                }
            }
        }
        let mut score = 0.0;
        for (term, telling) in self.telling.iter().enumerate() {
            score += telling * saturated(counts[term], K1 * length);
            if near[term] > 0.0 {
                let telling = telling.min(self.telling[term + 1]);
                score += NEARNESS_WEIGHT * telling * saturated(near[term], K1);
            }
        }
        score
    }
}

/// How strongly a passage of this length speaks of a term that it holds so often, between 0 and 1, whatever else is
/// sought.
pub(in crate::search::index) fn strength(count: u32, length: u32, mean_length: f32) -> f32 {
    let (count, length) = (to_f32(count), to_f32(length));
    count / (count + K1 * (1.0 - B + B * length / mean_length))
}

fn saturated(count: f32, slowness: f32) -> f32 {
    count * (K1 + 1.0) / (count + slowness)
}

#[expect(clippy::cast_precision_loss, reason = "no passage has 2^24 terms")]
fn to_f32(count: u32) -> f32 {
    count as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(telling: &[f32]) -> Measure {
        Measure {
            telling: telling.to_vec(),
            followed: vec![true; telling.len()],
            mean_length: 10.0,
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
        let measure = measure(&[1.0, 3.0]);
        let score = |terms: &[Option<usize>]| measure.score(&text(terms));
        let common = score(&[Some(0), None, None, None, None]);
        let rare = score(&[Some(1), None, None, None, None]);
        let both = score(&[Some(0), None, None, None, Some(1)]);
        assert!(0.0 < common && common < rare && rare < both);
        assert!(score(&[Some(0), Some(0), None]) > score(&[Some(0), None, None]));
    }

    #[test]
    fn the_same_words_score_higher_in_a_shorter_passage_and_near_each_other() {
        let measure = measure(&[1.0, 1.0]);
        let near = text(&[Some(0), Some(1), None, None, None, None]);
        let apart = text(&[Some(0), None, None, None, None, Some(1)]);
        let mut long = near.clone();
        for _ in 0..50 {
            long.text.push(None);
        }
        assert!(measure.score(&near) > measure.score(&apart));
        assert!(measure.score(&near) > measure.score(&long));
    }

    #[test]
    fn a_heading_counts_less_than_the_text_and_adds_to_it() {
        let measure = measure(&[1.0]);
        let in_text = text(&[Some(0), None]);
        let mut in_both = in_text.clone();
        in_both.heading.push(Some(0));
        let mut in_heading = text(&[None, None]);
        in_heading.heading.push(Some(0));
        let scores = [&in_heading, &in_text, &in_both].map(|passage| measure.score(passage));
        assert!(scores.is_sorted() && scores[0] > 0.0, "{scores:?}");
    }
}
