//! Grounding check: verifies each claim of an answer against its cited passages.
//!
//! Every sentence with a claim must cite a passage, and every number, code, name and formula in it must be in a passage
//! that it cites, near the words that the sentence shares with it: of a table with many numbers, only the row that is
//! meant supports a number. The comparison is exact: a claim that is not found is reported.

mod claim;
mod claim_pair;
mod digits;
mod formula;
pub(super) mod line_check;
mod normalized_text;
mod numeral;
mod overlap;
mod source;
mod statement;
mod unit;

use std::collections::BTreeSet;
use std::ops::Range;

use crate::domain::language::Language;
use crate::domain::passage::Passage;
use crate::domain::search_params::GroundingParams;
use claim::{Claim, ClaimValue, Measure, claims};
use claim_pair::{ClaimPair, ClaimPairs, claim_pairs};
use overlap::{Clauses, Pieces};
use source::{Source, Weights, words};
use statement::{Statement, statements};

/// The mark after an unsupported claim.
pub(super) const UNSUPPORTED_MARK: &str = " ⚠";

/// A sentence with fewer search terms contains no claim that could be looked for.
const MIN_WORDS: usize = 3;
/// Length to which an unsupported sentence is cut when it is reported, in characters.
const SENTENCE_CHARS: usize = 160;

/// An unsupported claim or statement of an answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Finding {
    /// The number, code or name as written; the sentence if the whole of it is unsupported.
    pub text: String,
    /// Position of the mark, in bytes of the answer.
    at: usize,
    /// The statement, in bytes of the answer.
    statement: Range<usize>,
}

/// What an answer is checked against.
pub(super) struct GroundingContext<'a> {
    /// The cited passages, in the order of their numbers.
    pub cited: &'a [&'a Passage],
    /// Passages that could have been cited.
    pub others: &'a [&'a Passage],
    /// The glossary's expansions of the question, in both languages.
    pub glossary_words: &'a str,
    pub params: &'a GroundingParams,
}

/// Returns all claims that the cited passages do not support, in their order. A claim of the question may be repeated.
pub(super) fn check(answer: &str, question: &str, context: &GroundingContext<'_>) -> Vec<Finding> {
    let parse = |passages: &[&Passage]| -> Vec<CheckedPassage> {
        passages
            .iter()
            .map(|passage| CheckedPassage::new(passage))
            .collect()
    };
    let (cited, others) = (parse(context.cited), parse(context.others));
    let checker = Checker {
        answer,
        params: context.params,
        topic: format!("{question}\n{}", context.glossary_words),
        question_claims: claims(question),
        weights: Weights::new(cited.iter().chain(&others).map(|passage| &passage.source)),
        cited,
        others,
    };
    let mut found: Vec<Finding> = Vec::new();
    for statement in statements(answer) {
        checker.check(&statement, &mut found);
    }
    found
}

/// Returns the measures of an answer that are in none of the texts, as written: the check for looked-up numbers.
pub(super) fn unsupported_measures(answer: &str, texts: &[&str]) -> Vec<String> {
    let source = Source::from_texts(texts, "");
    let mut missing: Vec<String> = Vec::new();
    for claim in claims(answer) {
        let is_measure = matches!(
            &claim.value,
            ClaimValue::Measure(Measure {
                unit: Some(_),
                in_words: false,
                ..
            })
        );
        let written = answer[claim.range.clone()].trim();
        if is_measure && !source.states(&claim) && !missing.iter().any(|one| one == written) {
            missing.push(written.to_owned());
        }
    }
    missing
}

/// Returns the claims of an answer that its cited passages do not support; `others` could have been cited, too.
#[must_use]
pub fn unsupported_claims(
    answer: &str,
    question: &str,
    cited: &[&Passage],
    others: &[&Passage],
) -> Vec<String> {
    let context = GroundingContext {
        cited,
        others,
        glossary_words: "",
        params: &GroundingParams::DEFAULT,
    };
    claim_texts(&check(answer, question, &context))
}

/// The texts of the findings, each once.
pub(super) fn claim_texts(findings: &[Finding]) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for finding in findings {
        if !texts.contains(&finding.text) {
            texts.push(finding.text.clone());
        }
    }
    texts
}

/// Returns the answer with a mark after each finding.
pub(super) fn with_marks(answer: &str, findings: &[Finding]) -> String {
    let offsets: BTreeSet<usize> = findings.iter().map(|finding| finding.at).collect();
    let mut marked = String::with_capacity(answer.len() + offsets.len() * UNSUPPORTED_MARK.len());
    let mut from = 0;
    for at in offsets {
        marked.push_str(&answer[from..at]);
        marked.push_str(UNSUPPORTED_MARK);
        from = at;
    }
    marked.push_str(&answer[from..]);
    marked
}

/// Returns the answer without the statements that have findings; each run of them is replaced by one `notice`.
pub(super) fn without_unsupported(answer: &str, findings: &[Finding], notice: &str) -> String {
    let statements: BTreeSet<(usize, usize)> = findings
        .iter()
        .map(|finding| (finding.statement.start, finding.statement.end))
        .collect();
    let mut kept = String::with_capacity(answer.len());
    let mut from = 0;
    for (begin, end) in statements {
        kept.push_str(&answer[from..begin]);
        if !kept.trim_end().ends_with(notice) {
            kept.push_str(notice);
        }
        from = end;
    }
    kept.push_str(&answer[from..]);
    kept
}

/// The sentences of an answer that have citations, for the language model to judge.
pub(super) fn cited_statements(answer: &str) -> Vec<&str> {
    let cited = statements(answer)
        .into_iter()
        .filter(|statement| !statement.cited.is_empty());
    cited
        .map(|statement| answer[statement.range].trim())
        .collect()
}

/// Findings about some of [`cited_statements`], by their indices in that list.
pub(super) fn findings_for(answer: &str, indices: &[usize]) -> Vec<Finding> {
    let cited = statements(answer)
        .into_iter()
        .filter(|statement| !statement.cited.is_empty());
    let unsupported = cited.enumerate().filter(|(at, _)| indices.contains(at));
    unsupported
        .map(|(_, statement)| finding_about(answer, &statement))
        .collect()
}

/// A finding about a whole statement. Its mark comes after the last word, in a table row before the closing bar.
fn finding_about(answer: &str, statement: &Statement) -> Finding {
    let text = answer[statement.range.clone()].trim_end();
    let end = if statement.is_row {
        text.trim_end_matches('|').trim_end().len()
    } else {
        text.len()
    };
    let mut shortened: String = text.chars().take(SENTENCE_CHARS).collect();
    if shortened.len() < text.len() {
        shortened.push('…');
    }
    Finding {
        text: shortened,
        at: statement.range.start + end,
        statement: statement.range.clone(),
    }
}

/// A passage that an answer may cite.
struct CheckedPassage {
    source: Source,
    words: BTreeSet<String>,
    language: Language,
}

impl CheckedPassage {
    fn new(passage: &Passage) -> Self {
        let source = Source::from_passage(passage);
        Self {
            words: source
                .segments
                .iter()
                .flat_map(|segment| segment.words.iter().cloned())
                .collect(),
            source,
            language: Language::detect(&passage.text),
        }
    }
}

/// Returns true if the title or headings of one of the passages support a claim.
fn is_in_headings(cited: &[&CheckedPassage], claim: &Claim) -> bool {
    cited
        .iter()
        .any(|passage| passage.source.is_in_headings(claim))
}

struct Checker<'a> {
    answer: &'a str,
    params: &'a GroundingParams,
    /// The words of the question, with the glossary's expansions.
    topic: String,
    question_claims: Vec<Claim>,
    weights: Weights,
    cited: Vec<CheckedPassage>,
    others: Vec<CheckedPassage>,
}

impl Checker<'_> {
    fn check(&self, statement: &Statement, found: &mut Vec<Finding>) {
        let text = &self.answer[statement.range.clone()];
        let claims: Vec<Claim> = claims(text)
            .into_iter()
            .filter(|claim| self.needs_support(claim))
            .collect();
        let words = words(text);
        let numbers = statement.cited.iter();
        let cited: Vec<&CheckedPassage> = numbers
            .filter_map(|number| self.cited.get(number.checked_sub(1)?))
            .collect();
        if cited.is_empty() {
            let says_something = !claims.is_empty() || words.len() >= MIN_WORDS;
            if says_something && !statement.needs_no_source {
                found.push(finding_about(self.answer, statement));
            }
        } else if claims.is_empty() {
            if words.len() > MIN_WORDS
                && self.matches_another_passage(&words, &cited, Language::detect(text))
            {
                found.push(finding_about(self.answer, statement));
            }
        } else {
            let unsupported = self.unsupported(text, &words, &claims, &cited);
            found.extend(unsupported.into_iter().map(|range| {
                let begin = statement.range.start;
                let range = begin + range.start..begin + range.end;
                Finding {
                    text: self.answer[range.clone()].trim().to_owned(),
                    at: range.end,
                    statement: statement.range.clone(),
                }
            }));
        }
    }

    /// Returns the ranges of a statement that its cited passages do not support, in their order.
    fn unsupported(
        &self,
        text: &str,
        words: &BTreeSet<String>,
        claims: &[Claim],
        cited: &[&CheckedPassage],
    ) -> Vec<Range<usize>> {
        let mut clauses = Clauses::split(text, claims);
        let mut unsupported = self.unsupported_by(&clauses, claims, cited);
        if words.len() < MIN_WORDS {
            clauses.push(&self.topic, &self.question_claims);
            unsupported.extend(self.misplaced(&clauses, claims, cited));
        }
        let mut ranges: Vec<Range<usize>> = unsupported
            .iter()
            .map(|claim| claim.range.clone())
            .collect();
        let mut source_pairs = ClaimPairs::default();
        for passage in cited {
            source_pairs.extend(&passage.source.pairs);
        }
        let is_reported = |pair: &ClaimPair| unsupported.iter().any(|claim| pair.contains(claim));
        let contradicted = claim_pairs(text, claims)
            .into_iter()
            .filter(|pair| source_pairs.contradict(pair) && !is_reported(pair));
        ranges.extend(contradicted.map(|pair| pair.range));
        ranges.sort_by_key(|range| range.start);
        ranges.dedup();
        ranges
    }

    /// Returns the claims of a statement that its cited passages do not contain in a segment about the same topic.
    fn unsupported_by<'a>(
        &self,
        clauses: &Clauses<'_>,
        claims: &'a [Claim],
        cited: &[&CheckedPassage],
    ) -> Vec<&'a Claim> {
        // Shared words do not measure nearness between two languages.
        let has_same_language =
            |passage: &CheckedPassage| cited.iter().all(|one| one.language == passage.language);
        let cited_pieces = self.pieces(cited.iter().copied(), clauses);
        let others = self
            .not_cited(cited)
            .filter(|passage| has_same_language(passage));
        let other_pieces = self.pieces(others, clauses);
        let unsupported = claims.iter().enumerate().filter(|(number, claim)| {
            if is_in_headings(cited, claim) {
                return false;
            }
            let Some(support) = cited_pieces.support(*number) else {
                return true;
            };
            let nearest = cited_pieces
                .nearest(*number)
                .max(other_pieces.support(*number).unwrap_or(0.0));
            let min_nearness = match claim.value {
                ClaimValue::Measure(_) => self.params.min_nearness,
                ClaimValue::Name(_) => self.params.min_nearness_of_name,
            };
            nearest >= self.params.min_overlap && support < min_nearness * nearest
        });
        unsupported.map(|(_, claim)| claim).collect()
    }

    /// Returns the claims of a bare value that are near the question's words in another passage but not in the cited ones.
    fn misplaced<'a>(
        &self,
        clauses: &Clauses<'_>,
        claims: &'a [Claim],
        cited: &[&CheckedPassage],
    ) -> Vec<&'a Claim> {
        let cited_pieces = self.pieces(cited.iter().copied(), clauses);
        let other_pieces = self.pieces(self.not_cited(cited), clauses);
        let misplaced = claims.iter().enumerate().filter(|(number, claim)| {
            let cited_support = cited_pieces.support(*number).unwrap_or(0.0);
            let other_support = other_pieces.support(*number).unwrap_or(0.0);
            !is_in_headings(cited, claim)
                && other_support >= self.params.min_overlap_with_question
                && cited_support < self.params.min_nearness_to_question * other_support
        });
        misplaced.map(|(_, claim)| claim).collect()
    }

    /// The passages that a statement does not cite.
    fn not_cited<'k>(
        &'k self,
        cited: &'k [&CheckedPassage],
    ) -> impl Iterator<Item = &'k CheckedPassage> {
        let all = self.cited.iter().chain(&self.others);
        all.filter(|passage| !cited.iter().any(|one| std::ptr::eq(*one, *passage)))
    }

    fn pieces<'k, 'c>(
        &self,
        passages: impl Iterator<Item = &'k CheckedPassage>,
        clauses: &'c Clauses<'c>,
    ) -> Pieces<'c> {
        let sources = passages.map(|passage| &passage.source);
        Pieces::compare(sources, clauses, &self.weights, self.params)
    }

    /// Returns true if a statement without numbers and names matches another passage and not the cited ones.
    fn matches_another_passage(
        &self,
        words: &BTreeSet<String>,
        cited: &[&CheckedPassage],
        language: Language,
    ) -> bool {
        let weight = |word: &String| self.weights.weight(word);
        let total: f64 = words.iter().map(weight).sum();
        let share = |passage: &CheckedPassage| {
            words.intersection(&passage.words).map(weight).sum::<f64>() / total
        };
        let has_same_language = |passage: &&CheckedPassage| passage.language == language;
        let cited_share = cited
            .iter()
            .map(|passage| share(passage))
            .fold(0.0, f64::max);
        let all = self.cited.iter().chain(&self.others);
        let best_share = all.filter(has_same_language).map(share).fold(0.0, f64::max);
        cited.iter().all(has_same_language)
            && cited_share < self.params.min_word_share
            && best_share >= cited_share + self.params.word_share_margin
    }

    /// Returns true if a claim must be in a passage. Claims of the question may be repeated, and small numbers in words
    /// often count items of the answer itself.
    fn needs_support(&self, claim: &Claim) -> bool {
        let is_loose = match &claim.value {
            ClaimValue::Measure(Measure {
                unit,
                in_words,
                value,
                ..
            }) => *in_words && (unit.is_none() || *value <= 1.0),
            ClaimValue::Name(_) => false,
        };
        !is_loose
            && !self
                .question_claims
                .iter()
                .any(|one| one.value == claim.value)
    }
}

#[cfg(test)]
mod tests;
