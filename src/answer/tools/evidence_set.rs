//! What an answer may be drawn from: passages and results of look-ups, under the numbers that the model knows.

use crate::answer::citation_markers::{marks, renumbered};
use crate::answer::ground::line_check::Source;
use crate::domain::passage::Passage;
use crate::recipes::ask::Reply;

/// So many passages are kept; what else look-ups cite is named by its lines only.
const MOST: usize = 300;

/// Passages with what look-ups say of them.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) passages: Vec<Passage>,
    /// For each passage where it stands, and the lines of look-ups that cite it.
    said: Vec<String>,
    /// Those that look-ups cite.
    is_looked_up: Vec<bool>,
    /// Results that say something, with the numbers of `passages`.
    found: Vec<String>,
    /// Results that say that something is not stated.
    refused: Vec<Reply>,
}

impl Gathered {
    /// Takes passages in; each one's number, from 1. One that is known keeps its own.
    pub(super) fn add_passages(&mut self, passages: Vec<Passage>) -> Vec<usize> {
        let numbers = passages.into_iter().map(|passage| self.add(passage));
        numbers.flatten().collect()
    }

    fn add(&mut self, passage: Passage) -> Option<usize> {
        let known = self
            .passages
            .iter()
            .position(|known| known.id == passage.id);
        if let Some(at) = known {
            return Some(at + 1);
        }
        if self.passages.len() >= MOST {
            return None;
        }
        self.said.push(headed(&passage));
        self.is_looked_up.push(false);
        self.passages.push(passage);
        Some(self.passages.len())
    }

    /// Takes the result of a look-up in; its text under the numbers of all that was gathered.
    pub(super) fn add_reply(&mut self, reply: Reply) -> String {
        let numbers: Vec<Option<usize>> = reply
            .cited
            .iter()
            .map(|passage| self.add(passage.clone()))
            .collect();
        let text = renumbered(&reply.text, &numbers);
        for line in text.lines() {
            let mut cited = marks(line);
            if cited.is_empty() {
                // A heading or a sentence about the whole.
                cited = numbers.iter().flatten().copied().collect();
            }
            for number in cited {
                if let Some(said) = self.said.get_mut(number - 1) {
                    said.push('\n');
                    said.push_str(line);
                    self.is_looked_up[number - 1] = true;
                }
            }
        }
        if reply.is_refusal {
            self.refused.push(reply);
        } else if !self.found.contains(&text) {
            self.found.push(text.clone());
        }
        text
    }

    /// All that bears out what is said under a number: the passage itself, where it stands, and what look-ups say of it.
    pub(super) fn source(&self, number: usize) -> Option<Source<'_>> {
        let at = number.checked_sub(1)?;
        Some(Source {
            texts: vec![self.passages.get(at)?.text.as_str(), self.said.get(at)?],
            is_looked_up: self.is_looked_up[at],
        })
    }

    /// What look-ups say of the passages.
    pub(super) fn said(self) -> (Vec<Passage>, Vec<String>) {
        (self.passages, self.said)
    }

    /// The results that say something.
    pub(super) fn found(&self) -> &[String] {
        &self.found
    }

    /// The last result that says that something is not stated.
    pub(super) fn refusal(&mut self) -> Option<Reply> {
        self.refused.pop()
    }
}

/// Where a passage stands, whose numbers an answer may repeat: the name of its document, its headings, its page.
fn headed(passage: &Passage) -> String {
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
    fn results_are_cited_under_the_numbers_of_all_that_was_gathered() {
        let mut gathered = Gathered::default();
        assert_eq!(
            gathered.add_passages(vec![sample::passage("A", "one")]),
            [1]
        );
        let reply = Reply {
            text: "**5** in `x[1]` [1][2]\nall of it".to_owned(),
            cited: vec![sample::passage("B", "two"), sample::passage("A", "one")],
            ..Reply::default()
        };
        let text = gathered.add_reply(reply);
        assert_eq!(text, "**5** in `x[1]` [2][1]\nall of it");
        let source = gathered.source(2).unwrap();
        assert!(source.is_looked_up);
        assert_eq!(source.texts[0], "two");
        let said = source.texts[1];
        assert!(
            said.contains("**5**") && said.contains("all of it"),
            "{said}"
        );
        assert!(gathered.source(3).is_none());
        assert_eq!(marks(&text), [2, 1]);
    }

    #[test]
    fn a_result_without_passages_cites_none() {
        let mut gathered = Gathered::default();
        let reply = Reply {
            text: "nothing [1]".to_owned(),
            is_refusal: true,
            ..Reply::default()
        };
        assert_eq!(gathered.add_reply(reply), "nothing");
        assert!(gathered.found().is_empty() && gathered.refusal().is_some());
    }
}
