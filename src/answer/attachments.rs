//! Files that were attached to a question.
//!
//! A file is evidence for its question only. It is shown to the language model as data, like every passage, and has
//! citation numbers of its own, so that it is not mistaken for one of the fab's documents.

use crate::domain::passage::Passage;
use crate::recipes::record::RecipeRecord;
use crate::search::analysis;
use crate::search::search_text::depends_on_conversation;

/// How many codes of a file are searched for in the documents.
const MAX_CODES: usize = 6;
/// Length of the beginning of a file that is searched for if it contains no code, in characters.
const EXCERPT_CHARS: usize = 300;
/// A file of at most so many characters is a picture of a message or a line of a log: its text is the question.
const SHORT_CHARS: usize = 400;

/// What is in the files that were attached to a question.
#[derive(Clone, Debug, Default)]
pub struct Attachments {
    pub passages: Vec<Passage>,
    /// The recipes among them, as data.
    pub recipes: Vec<RecipeRecord>,
}

/// The text to search documents for: the question and, if it only refers to the file, the file's codes or else its
/// beginning.
pub(super) fn search_text(question: &str, attached: &[Passage]) -> String {
    let question = question.trim();
    let is_bare = question.is_empty();
    if !is_bare && !depends_on_conversation(question) {
        return question.to_owned();
    }
    let mut codes: Vec<String> = Vec::new();
    for code in attached
        .iter()
        .flat_map(|passage| analysis::codes(&passage.text))
    {
        if codes.len() < MAX_CODES && !codes.contains(&code.name) {
            codes.push(code.name);
        }
    }
    let mut text = question.to_owned();
    if codes.is_empty() {
        text.push('\n');
        let first = attached.first().map(|passage| passage.text.as_str());
        text.extend(first.unwrap_or_default().chars().take(EXCERPT_CHARS));
    } else {
        text = format!("{text} {}", codes.join(" "));
    }
    text.trim().to_owned()
}

/// The text of the only file, if it is no longer than a question.
pub(super) fn short_text(attached: &[Passage]) -> Option<&str> {
    let [only] = attached else { return None };
    (only.text.chars().count() <= SHORT_CHARS).then_some(only.text.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample;

    #[test]
    fn the_codes_of_a_file_are_searched_for_only_if_the_question_refers_to_it() {
        let log = [sample::passage(
            "log",
            "10:02 E-1042 water outlet 66 °C\n10:03 E-1042 again, E-1007 pump",
        )];
        assert_eq!(search_text("", &log), "e1042 e1007");
        assert_eq!(
            search_text("what is this?", &log),
            "what is this? e1042 e1007"
        );
        let whole = "How often is the oil of the dry pump changed by the manual?";
        assert_eq!(search_text(whole, &log), whole);
        let note = [sample::passage("note", "Susceptor looks dark at its edge")];
        assert_eq!(search_text(" ", &note), "Susceptor looks dark at its edge");
    }
}
