//! What the model may cite: numbered passages and results of lookups.

use crate::answer::citation_markers::{markers, renumbered};
use crate::answer::ground::line_check::LineSource;
use crate::domain::passage::Passage;
use crate::recipes::ask::Reply;

/// Maximum number of passages; citations of lookups beyond it are dropped.
const MAX_PASSAGES: usize = 300;

/// Numbered passages with the lines of lookups that cite them.
#[derive(Debug, Default)]
pub(super) struct EvidenceSet {
    pub(super) passages: Vec<Passage>,
    /// For each passage its document, headings and page, and the lines of lookups that cite it.
    lookup_lines: Vec<String>,
    /// Whether lookups cite the passage.
    is_looked_up: Vec<bool>,
    /// Results with values, under the numbers of `passages`.
    results: Vec<String>,
    /// Results that say that something is not stated.
    refusals: Vec<Reply>,
}

impl EvidenceSet {
    /// Adds passages. Returns the number of each, from 1; a passage that is in the set keeps its number.
    pub(super) fn add_passages(&mut self, passages: Vec<Passage>) -> Vec<usize> {
        let numbers = passages.into_iter().map(|passage| self.add(passage));
        numbers.flatten().collect()
    }

    fn add(&mut self, passage: Passage) -> Option<usize> {
        let existing = self.passages.iter().position(|one| one.id == passage.id);
        if let Some(at) = existing {
            return Some(at + 1);
        }
        if self.passages.len() >= MAX_PASSAGES {
            return None;
        }
        self.lookup_lines.push(heading_lines(&passage));
        self.is_looked_up.push(false);
        self.passages.push(passage);
        Some(self.passages.len())
    }

    /// Adds the result of a lookup. Returns its text with the citation numbers of this set.
    pub(super) fn add_reply(&mut self, reply: Reply) -> String {
        let numbers: Vec<Option<usize>> = reply
            .cited
            .iter()
            .map(|passage| self.add(passage.clone()))
            .collect();
        let text = renumbered(&reply.text, &numbers);
        for line in text.lines() {
            let mut cited = markers(line);
            if cited.is_empty() {
                // A heading or a sentence about the whole result.
                cited = numbers.iter().flatten().copied().collect();
            }
            for number in cited {
                if let Some(lines) = self.lookup_lines.get_mut(number - 1) {
                    lines.push('\n');
                    lines.push_str(line);
                    self.is_looked_up[number - 1] = true;
                }
            }
        }
        if reply.is_refusal {
            self.refusals.push(reply);
        } else if !self.results.contains(&text) {
            self.results.push(text.clone());
        }
        text
    }

    /// What supports a line that cites this number: the passage, its document, headings and page, and the lines of lookups
    /// that cite it.
    pub(super) fn source(&self, number: usize) -> Option<LineSource<'_>> {
        let at = number.checked_sub(1)?;
        Some(LineSource {
            texts: vec![
                self.passages.get(at)?.text.as_str(),
                self.lookup_lines.get(at)?,
            ],
            is_looked_up: self.is_looked_up[at],
        })
    }

    /// The passages, and for each its headings and the lines of lookups.
    pub(super) fn into_parts(self) -> (Vec<Passage>, Vec<String>) {
        (self.passages, self.lookup_lines)
    }

    /// The results with values.
    pub(super) fn results(&self) -> &[String] {
        &self.results
    }

    /// The last result that says that something is not stated.
    pub(super) fn last_refusal(&mut self) -> Option<Reply> {
        self.refusals.pop()
    }
}

/// The document, headings and page of a passage, whose numbers an answer may repeat.
fn heading_lines(passage: &Passage) -> String {
    let document = &passage.document;
    let page = passage.page_label();
    let parts = [
        Some(document.title.as_str()),
        document.number.as_deref(),
        document.revision.as_deref(),
        document.effective.as_deref(),
        page.as_deref(),
    ];
    let parts: Vec<&str> = parts
        .into_iter()
        .flatten()
        .chain(passage.headings.iter().map(String::as_str))
        .collect();
    parts.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample;

    #[test]
    fn results_are_cited_under_the_numbers_of_the_set() {
        let mut evidence = EvidenceSet::default();
        assert_eq!(
            evidence.add_passages(vec![sample::passage("A", "one")]),
            [1]
        );
        let reply = Reply {
            text: "**5** in `x[1]` [1][2]\nall of it".to_owned(),
            cited: vec![sample::passage("B", "two"), sample::passage("A", "one")],
            ..Reply::default()
        };
        let text = evidence.add_reply(reply);
        assert_eq!(text, "**5** in `x[1]` [2][1]\nall of it");
        let source = evidence.source(2).unwrap();
        assert!(source.is_looked_up);
        assert_eq!(source.texts[0], "two");
        let lines = source.texts[1];
        assert!(
            lines.contains("**5**") && lines.contains("all of it"),
            "{lines}"
        );
        assert!(evidence.source(3).is_none());
        assert_eq!(markers(&text), [2, 1]);
    }

    #[test]
    fn a_result_without_passages_cites_none() {
        let mut evidence = EvidenceSet::default();
        let reply = Reply {
            text: "nothing [1]".to_owned(),
            is_refusal: true,
            ..Reply::default()
        };
        assert_eq!(evidence.add_reply(reply), "nothing");
        assert!(evidence.results().is_empty() && evidence.last_refusal().is_some());
    }
}
