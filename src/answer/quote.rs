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

/// How many passages are quoted at most, and how long each may be, in characters.
const QUOTED: usize = 3;
const QUOTE_CHARS: usize = 600;

/// How many of the passages, best first, are worth quoting: where a code is asked for, those that name it.
pub(super) fn worth_quoting(question: &str, passages: &[Passage]) -> usize {
    let codes = names(question);
    let naming = passages
        .iter()
        .take_while(|passage| names(&passage.text).iter().any(|code| codes.contains(code)))
        .count();
    let worth = if naming > 0 { naming } else { passages.len() };
    worth.min(QUOTED)
}

fn names(text: &str) -> BTreeSet<String> {
    analysis::codes(text)
        .into_iter()
        .map(|code| code.name)
        .collect()
}

/// The terms of a question. An excerpt is chosen with the default weights: nothing is ranked here.
fn query_terms(question: &str) -> Vec<WeightedTerm> {
    analysis::query_terms(question, &QueryParams::DEFAULT)
}

/// What of the passages speaks to the question, each under the line that names it and with its `[n]`.
pub(super) fn quotes<'a>(
    question: &str,
    passages: impl IntoIterator<Item = (usize, &'a Passage)>,
    language: Language,
) -> String {
    let (asked, codes) = (query_terms(question), names(question));
    let blocks = passages.into_iter().map(|(n, passage)| {
        let excerpt = rows(&passage.text, &codes)
            .unwrap_or_else(|| excerpt(&passage.text, &asked, QUOTE_CHARS));
        block(n, passage, &excerpt, language)
    });
    blocks.collect::<Vec<_>>().join("\n\n")
}

/// The passages from their first to their last word, as [`quotes`] has them.
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
    let place = say::passage_heading(
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
    format!("{place} [{n}]\n{}", quoted.join("\n"))
}

/// The rows of tables that a code of the question leads, a line for each cell under the name of its column. Tables
/// are wider than a telephone, and a row alone does not say what its cells are.
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

/// None where the row does not fit the head of its table, or the passage begins below the head.
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

/// The run of whole sentences, of at most so many characters, that contains most of what is asked; an ellipsis
/// replaces what is left out.
fn excerpt(text: &str, asked: &[WeightedTerm], longest: usize) -> String {
    let text = text.trim();
    if text.chars().count() <= longest {
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
    let holds = |at: usize, asked: &WeightedTerm| terms[at].contains(&asked.term);
    let (mut best, mut most) = (0..1, None);
    for first in 0..sentences.len() {
        let (mut last, mut length) = (first, 0);
        while last < sentences.len() && (last == first || length + lengths[last] <= longest) {
            length += lengths[last];
            last += 1;
        }
        let held: f32 = asked
            .iter()
            .filter(|asked| (first..last).any(|at| holds(at, asked)))
            .map(|asked| asked.weight)
            .sum();
        // With as much in it, the run that begins with the first of it reads best.
        let begins = asked.iter().any(|asked| holds(first, asked));
        if most.is_none_or(|most| (held, begins) > most) {
            (best, most) = (first..last, Some((held, begins)));
        }
    }
    let run = sentences[best.clone()].concat();
    let run = run.trim();
    let cut: String = run.chars().take(longest).collect();
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

/// The text cut after every sentence and every line; together they are the text.
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
        let asked = query_terms("At what temperature is the susceptor baked?");
        assert_eq!(
            excerpt(text, &asked, 65),
            "… The susceptor is baked at 1,050 °C for 20 min. Then it cools. …"
        );
        assert_eq!(excerpt(text, &asked, 500), text);
    }

    #[test]
    fn of_a_table_the_row_that_the_code_leads_is_quoted_with_the_names_of_its_columns() {
        let table = "See E-1041.\n\n| Code | Cause |\n|---|---|\n| E-1041 | flow |\n| E-1042 | heat |\n\nEnd.";
        let asked = |question: &str| rows(table, &names(question));
        assert_eq!(asked("alarm e1042?").unwrap(), "Code: E-1042\nCause: heat");
        assert_eq!(asked("alarm E-1099?"), None);
        let below_the_head = "E-1041 | flow\nE-1042 | heat";
        assert_eq!(rows(below_the_head, &names("E-1042")), None);
    }

    #[test]
    fn a_single_sentence_that_is_too_long_is_cut_at_a_word() {
        let text = "susceptor ".repeat(50);
        let cut = excerpt(&text, &query_terms("susceptor"), 45);
        assert_eq!(cut, "susceptor susceptor susceptor susceptor …");
    }

    #[test]
    fn korean_words_are_found_whatever_their_ending() {
        let asked = query_terms("서셉터의 베이크 온도는?");
        let text = format!(
            "{} 서셉터는 1,050 °C에서 베이크한다. {}",
            "펌프를 점검한다. ".repeat(20),
            "기록을 남긴다. ".repeat(20)
        );
        assert!(excerpt(&text, &asked, 60).contains("1,050 °C에서 베이크한다."));
    }

    #[test]
    fn sentences_make_up_the_text_again() {
        let text = "At 1.5 slm. Then\n| a | b |\n끝낸다.";
        assert_eq!(sentences(text).concat(), text);
        assert_eq!(sentences(text).len(), 4);
    }
}
