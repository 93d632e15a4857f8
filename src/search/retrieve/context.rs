//! Removes repeated passages and joins neighbouring ones.

use std::collections::BTreeSet;

use crate::domain::passage::Passage;

/// Drops passages that repeat an earlier one, as when a file is in two folders: word for word, or nearly so with the same
/// numbers. Texts with different numbers are both kept, since the difference may be the point of the question.
/// `duplicate_share` is the share of common words from which two passages are near duplicates.
pub(super) fn drop_duplicates(passages: Vec<Passage>, duplicate_share: f64) -> Vec<Passage> {
    let mut seen: Vec<Words> = Vec::new();
    passages
        .into_iter()
        .filter(|passage| {
            let words = Words::new(&passage.text);
            let repeats = seen
                .iter()
                .any(|earlier| earlier.covers(&words, duplicate_share));
            seen.push(words);
            !repeats
        })
        .collect()
}

/// Joins consecutive passages of one section and page, at the rank of the best of them, up to `max_passages`. This makes a
/// split table whole again.
pub(super) fn join_neighbours(passages: Vec<Passage>, max_passages: usize) -> Vec<Passage> {
    let mut joined: Vec<PassageGroup> = Vec::new();
    for passage in passages {
        if let Some(neighbour) = joined.iter_mut().find(|joined| joined.borders(&passage)) {
            neighbour.add(passage);
        } else if joined.len() < max_passages {
            joined.push(PassageGroup::new(passage));
        }
    }
    // A passage may close the gap between two groups, which are then merged.
    let mut groups: Vec<PassageGroup> = Vec::new();
    for piece in joined {
        match groups.iter_mut().find(|groups| groups.touches(&piece)) {
            Some(groups) => groups.merge(piece),
            None => groups.push(piece),
        }
    }
    groups.into_iter().map(PassageGroup::into_passage).collect()
}

/// The words of a text.
struct Words {
    text: String,
    set: BTreeSet<String>,
    numbers: Vec<String>,
}

impl Words {
    fn new(text: &str) -> Self {
        let words: Vec<&str> = text.split_whitespace().collect();
        let numbers = words
            .iter()
            .filter(|word| word.chars().any(|letter| letter.is_ascii_digit()));
        Self {
            numbers: numbers.map(|number| (*number).to_owned()).collect(),
            set: words.iter().map(|word| word.to_lowercase()).collect(),
            text: words.join(" "),
        }
    }

    /// Whether the other text adds nothing to this one.
    #[expect(clippy::cast_precision_loss, reason = "no passage has 2^52 words")]
    fn covers(&self, other: &Self, duplicate_share: f64) -> bool {
        if self.text.contains(&other.text) {
            return true;
        }
        let common = self.set.intersection(&other.set).count() as f64;
        let all = self.set.union(&other.set).count() as f64;
        common >= duplicate_share * all && self.numbers == other.numbers
    }
}

/// A group of consecutive passages.
struct PassageGroup {
    /// The best of them, which is cited.
    best: Passage,
    /// Ordinals and texts in document order.
    pieces: Vec<(u32, String)>,
}

impl PassageGroup {
    fn new(best: Passage) -> Self {
        let pieces = vec![(best.ordinal, best.text.clone())];
        Self { best, pieces }
    }

    fn is_of_the_section_of(&self, passage: &Passage) -> bool {
        self.best.document.id == passage.document.id
            && self.best.page == passage.page
            && self.best.headings == passage.headings
    }

    fn first(&self) -> u32 {
        self.pieces.first().map_or(0, |piece| piece.0)
    }

    fn last(&self) -> u32 {
        self.pieces.last().map_or(0, |piece| piece.0)
    }

    fn borders(&self, passage: &Passage) -> bool {
        self.is_of_the_section_of(passage)
            && (passage.ordinal + 1 == self.first() || passage.ordinal == self.last() + 1)
    }

    fn touches(&self, other: &Self) -> bool {
        self.is_of_the_section_of(&other.best)
            && (other.last() + 1 == self.first() || other.first() == self.last() + 1)
    }

    fn add(&mut self, passage: Passage) {
        self.pieces.push((passage.ordinal, passage.text));
        self.pieces.sort_unstable();
    }

    fn merge(&mut self, other: Self) {
        self.pieces.extend(other.pieces);
        self.pieces.sort_unstable();
    }

    fn into_passage(self) -> Passage {
        let texts: Vec<String> = self.pieces.into_iter().map(|(_, text)| text).collect();
        Passage {
            text: texts.join("\n"),
            ..self.best
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample;

    fn texts(passages: &[Passage]) -> Vec<&str> {
        let texts = passages.iter().map(|passage| passage.text.as_str());
        texts.collect()
    }

    fn piece(section: &str, ordinal: u32, text: &str) -> Passage {
        let mut passage = sample::passage("SOP-7", text);
        passage.headings = vec![section.to_owned()];
        passage.ordinal = ordinal;
        passage
    }

    #[test]
    fn a_repeated_text_appears_once() {
        let found = vec![
            sample::passage("A", "open the\nvalve slowly"),
            sample::passage("B", "open the valve"),
            sample::passage("C", "close it"),
        ];
        assert_eq!(
            texts(&drop_duplicates(found, 0.9)),
            ["open the\nvalve slowly", "close it"]
        );
    }

    #[test]
    fn a_text_with_other_numbers_is_another_text() {
        let rule = "Purge the line with nitrogen before the cylinder is disconnected and wait until the pressure is \
                    stable, then close both valves and note the weight in the log, cycles: ";
        let found = |text: &str| sample::passage("A", &format!("{rule}{text}"));
        let kept = drop_duplicates(vec![found("12"), found("8"), found("12 !")], 0.9);
        assert_eq!(kept.len(), 2);
    }

    #[test]
    fn neighbours_of_one_section_become_one_passage_in_the_order_of_the_text() {
        let found = vec![
            piece("Baking", 5, "third"),
            piece("Storage", 9, "other"),
            piece("Baking", 3, "first"),
            piece("Baking", 4, "second"),
            piece("Purging", 6, "next section"),
        ];
        let joined = join_neighbours(found, 8);
        assert_eq!(
            texts(&joined),
            ["first\nsecond\nthird", "other", "next section"]
        );
        assert_eq!(joined[0].ordinal, 5);
    }

    #[test]
    fn the_limit_of_passages_does_not_count_joined_neighbours() {
        let found = vec![
            piece("A", 1, "a"),
            piece("B", 5, "b"),
            piece("C", 8, "c"),
            piece("A", 2, "a2"),
        ];
        assert_eq!(texts(&join_neighbours(found, 2)), ["a\na2", "b"]);
    }
}
