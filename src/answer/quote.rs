//! Passages quoted word for word, for answers without a language model.

use std::collections::BTreeSet;

use crate::answer::neutralize::neutralize;
use crate::domain::excerpt::one_line;
use crate::domain::language::Language;
use crate::domain::passage::Passage;
use crate::domain::search_params::QueryParams;
use crate::i18n::answer as say;
use crate::search::analysis;
use crate::search::analysis::WeightedTerm;

/// How many passages are quoted, and the length of each quote in characters.
const MAX_QUOTES: usize = 3;
const QUOTE_CHARS: usize = 600;

/// Returns how many of the passages, best first, to quote: for a question about a code, those that name it.
pub(super) fn quote_count(question: &str, passages: &[Passage]) -> usize {
    let codes = code_names(question);
    let with_code = passages
        .iter()
        .take_while(|passage| {
            code_names(&passage.text)
                .iter()
                .any(|code| codes.contains(code))
        })
        .count();
    let count = if with_code > 0 {
        with_code
    } else {
        passages.len()
    };
    count.min(MAX_QUOTES)
}

fn code_names(text: &str) -> BTreeSet<String> {
    analysis::codes(text)
        .into_iter()
        .map(|code| code.name)
        .collect()
}

/// The terms of a question. An excerpt is chosen with the default weights: nothing is ranked here.
fn query_terms(question: &str) -> Vec<WeightedTerm> {
    analysis::query_terms(question, &QueryParams::DEFAULT)
}

/// Quotes the relevant part of each passage below a line with its source and `[n]`.
pub(super) fn quotes<'a>(
    question: &str,
    passages: impl IntoIterator<Item = (usize, &'a Passage)>,
    language: Language,
) -> String {
    let (terms, codes) = (query_terms(question), code_names(question));
    let blocks = passages.into_iter().map(|(n, passage)| {
        let excerpt = rows(&passage.text, &codes)
            .unwrap_or_else(|| excerpt(&passage.text, &terms, QUOTE_CHARS));
        block(n, passage, &excerpt, language)
    });
    blocks.collect::<Vec<_>>().join("\n\n")
}

/// Quotes the passages whole, in the form of [`quotes`].
pub(super) fn whole<'a>(
    passages: impl IntoIterator<Item = (usize, &'a Passage)>,
    language: Language,
) -> String {
    let blocks = passages
        .into_iter()
        .map(|(n, passage)| block(n, passage, passage.text.trim(), language));
    blocks.collect::<Vec<_>>().join("\n\n")
}

fn block(n: usize, passage: &Passage, excerpt: &str, language: Language) -> String {
    let document = &passage.document;
    let part = |text: &str| neutralize(&one_line(text, 120));
    let heading = say::passage_heading(
        language,
        &part(&document.title),
        document.revision.as_deref().map(part).as_deref(),
        passage.page_label().as_deref().map(part).as_deref(),
        passage
            .section()
            .filter(|section| *section != document.title)
            .map(part)
            .as_deref(),
    );
    let quoted: Vec<String> = neutralize(excerpt)
        .lines()
        .map(|line| format!("> {line}").trim_end().to_owned())
        .collect();
    format!("{heading} [{n}]\n{}", quoted.join("\n"))
}

/// Returns the table rows that begin with a code of the question, a line for each cell with the name of its column:
/// tables are too wide for a phone, and a row alone does not show what its cells mean.
fn rows(text: &str, codes: &BTreeSet<String>) -> Option<String> {
    let mut found = Vec::new();
    let mut head = None;
    for line in text.lines() {
        let cells = cells(line);
        if cells.len() < 2 {
            head = None;
            continue;
        }
        let leads = analysis::codes(line)
            .first()
            .is_some_and(|code| code.leads && codes.contains(&code.name));
        let head = head.get_or_insert_with(|| cells.clone());
        if leads {
            found.extend(row(head, &cells));
        }
    }
    (!found.is_empty()).then(|| found.join("\n\n"))
}

/// `None` if the row does not match the head of its table, or the passage begins below the head.
fn row(head: &[&str], cells: &[&str]) -> Option<String> {
    let is_head = analysis::codes(head[0]).is_empty();
    let fits = is_head && head.len() == cells.len();
    let cell = |(name, cell): (&&str, &&str)| format!("{name}: {cell}");
    let named = head.iter().zip(cells).filter(|(_, cell)| !cell.is_empty());
    fits.then(|| named.map(cell).collect::<Vec<_>>().join("\n"))
}

fn cells(line: &str) -> Vec<&str> {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let line = line.strip_suffix('|').unwrap_or(line);
    line.split('|').map(str::trim).collect()
}

/// Returns the run of whole sentences, of at most `max_chars`, with the largest weight of query terms; an ellipsis
/// replaces what is left out.
fn excerpt(text: &str, query: &[WeightedTerm], max_chars: usize) -> String {
    let text = text.trim();
    if text.chars().count() <= max_chars {
        return text.to_owned();
    }
    let sentences = sentences(text);
    let lengths: Vec<usize> = sentences
        .iter()
        .map(|sentence| sentence.chars().count())
        .collect();
    let terms: Vec<BTreeSet<String>> = sentences
        .iter()
        .map(|sentence| analysis::terms(sentence).into_iter().collect())
        .collect();
    let contains = |at: usize, wanted: &WeightedTerm| terms[at].contains(&wanted.term);
    let (mut best, mut best_score) = (0..1, None);
    for first in 0..sentences.len() {
        let (mut last, mut length) = (first, 0);
        while last < sentences.len() && (last == first || length + lengths[last] <= max_chars) {
            length += lengths[last];
            last += 1;
        }
        let weight: f32 = query
            .iter()
            .filter(|term| (first..last).any(|at| contains(at, term)))
            .map(|term| term.weight)
            .sum();
        // Among runs of equal weight, one whose first sentence has a query term reads best.
        let begins_with_term = query.iter().any(|term| contains(first, term));
        let score = (weight, begins_with_term);
        if best_score.is_none_or(|best_score| score > best_score) {
            (best, best_score) = (first..last, Some(score));
        }
    }
    let run = sentences[best.clone()].concat();
    let run = run.trim();
    let cut: String = run.chars().take(max_chars).collect();
    let shortened = cut.len() < run.len();
    let cut = if shortened {
        cut.rsplit_once(char::is_whitespace)
            .map_or(cut.as_str(), |(whole, _)| whole)
    } else {
        &cut
    };
    let before = if best.start > 0 { "… " } else { "" };
    let after = if shortened || best.end < sentences.len() {
        " …"
    } else {
        ""
    };
    format!("{before}{cut}{after}")
}

/// Splits a text after every sentence and every line; the concatenated parts are the text.
fn sentences(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let next = letters.peek().map(|(_, next)| *next);
        let ends = letter == '\n'
            || (matches!(letter, '.' | '?' | '!' | '。') && next.is_none_or(char::is_whitespace));
        if ends {
            let end = at + letter.len_utf8();
            found.push(&text[start..end]);
            start = end;
        }
    }
    if start < text.len() {
        found.push(&text[start..]);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_whole_sentences_around_the_words_that_match() {
        let text = "The pump runs. It needs oil. The susceptor is baked at 1,050 °C for 20 min. Then it cools. Log it.";
        let terms = query_terms("At what temperature is the susceptor baked?");
        assert_eq!(
            excerpt(text, &terms, 65),
            "… The susceptor is baked at 1,050 °C for 20 min. Then it cools. …"
        );
        assert_eq!(excerpt(text, &terms, 500), text);
    }

    #[test]
    fn the_table_row_of_a_code_is_quoted_with_the_names_of_its_columns() {
        let table = "See E-1041.\n\n| Code | Cause |\n|---|---|\n| E-1041 | flow |\n| E-1042 | heat |\n\nEnd.";
        let quoted = |question: &str| rows(table, &code_names(question));
        assert_eq!(quoted("alarm e1042?").unwrap(), "Code: E-1042\nCause: heat");
        assert_eq!(quoted("alarm E-1099?"), None);
        let below_the_head = "E-1041 | flow\nE-1042 | heat";
        assert_eq!(rows(below_the_head, &code_names("E-1042")), None);
    }

    #[test]
    fn a_single_sentence_that_is_too_long_is_cut_at_a_word() {
        let text = "susceptor ".repeat(50);
        let cut = excerpt(&text, &query_terms("susceptor"), 45);
        assert_eq!(cut, "susceptor susceptor susceptor susceptor …");
    }

    #[test]
    fn korean_words_are_found_with_any_ending() {
        let terms = query_terms("서셉터의 베이크 온도는?");
        let text = format!(
            "{} 서셉터는 1,050 °C에서 베이크한다. {}",
            "펌프를 점검한다. ".repeat(20),
            "기록을 남긴다. ".repeat(20)
        );
        assert!(excerpt(&text, &terms, 60).contains("1,050 °C에서 베이크한다."));
    }

    #[test]
    fn concatenated_sentences_are_the_text() {
        let text = "At 1.5 slm. Then\n| a | b |\n끝낸다.";
        assert_eq!(sentences(text).concat(), text);
        assert_eq!(sentences(text).len(), 4);
    }
}
