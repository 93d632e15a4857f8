//! Grounding check: verifies each claim of an answer against its cited passages.
//!
//! Every sentence that says something must cite a passage, and every number, code, name and formula in it must be
//! in a passage that it cites, near the words that the sentence shares with it: of a table with many numbers, only the
//! row that is meant supports a number. Nothing is guessed: what is not found is reported.

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

/// Shorter sentences, in words that the search knows, say nothing that could be looked for.
const MIN_WORDS: usize = 3;
/// As much as is repeated of a sentence, in characters.
const SENTENCE_CHARS: usize = 160;

/// An unsupported claim or statement of an answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Finding {
    /// The number, code or name as written; the sentence where the whole of it is in doubt.
    pub what: String,
    /// Where a mark belongs, in bytes.
    at: usize,
    /// The statement, in bytes.
    statement: Range<usize>,
}

/// What an answer is checked against.
pub(super) struct GroundingContext<'a> {
    /// The cited passages, in the order of their numbers.
    pub cited: &'a [&'a Passage],
    /// Passages that could have been cited.
    pub others: &'a [&'a Passage],
    /// What the glossary has for words of the question, in both languages.
    pub other_words: &'a str,
    pub params: &'a GroundingParams,
}

/// Returns all that the cited passages do not support, in its order. What the question itself says may be repeated.
pub(super) fn check(answer: &str, question: &str, given: &GroundingContext<'_>) -> Vec<Finding> {
    let read = |passages: &[&Passage]| -> Vec<CheckedPassage> {
        passages
            .iter()
            .map(|passage| CheckedPassage::new(passage))
            .collect()
    };
    let (cited, others) = (read(given.cited), read(given.others));
    let checker = Checker {
        answer,
        params: given.params,
        topic: format!("{question}\n{}", given.other_words),
        asked: claims(question),
        weights: Weights::new(cited.iter().chain(&others).map(|known| &known.source)),
        cited,
        others,
    };
    let mut found: Vec<Finding> = Vec::new();
    for statement in statements(answer) {
        checker.check(&statement, &mut found);
    }
    found
}

/// Returns the measures of an answer that are in no text, as written: the check for answers with looked-up numbers.
pub(super) fn unsupported_measures(answer: &str, texts: &[&str]) -> Vec<String> {
    let source = Source::from_texts(texts, "");
    let mut missing: Vec<String> = Vec::new();
    for claim in claims(answer) {
        let is_measure = matches!(
            &claim.says,
            ClaimValue::Measure(Measure {
                unit: Some(_),
                in_words: false,
                ..
            })
        );
        let written = answer[claim.range.clone()].trim();
        if is_measure && !source.states(&claim) && !missing.iter().any(|known| known == written) {
            missing.push(written.to_owned());
        }
    }
    missing
}

/// Returns the claims of an answer that its cited passages do not support; `others` could have been cited, too. No model
/// is used.
#[must_use]
pub fn unsupported_claims(
    answer: &str,
    question: &str,
    cited: &[&Passage],
    others: &[&Passage],
) -> Vec<String> {
    let given = GroundingContext {
        cited,
        others,
        other_words: "",
        params: &GroundingParams::DEFAULT,
    };
    claim_texts(&check(answer, question, &given))
}

/// The texts of the findings, each once.
pub(super) fn claim_texts(findings: &[Finding]) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for finding in findings {
        if !texts.contains(&finding.what) {
            texts.push(finding.what.clone());
        }
    }
    texts
}

/// The answer with a mark after each finding.
pub(super) fn with_marks(answer: &str, findings: &[Finding]) -> String {
    let places: BTreeSet<usize> = findings.iter().map(|finding| finding.at).collect();
    let mut marked = String::with_capacity(answer.len() + places.len() * UNSUPPORTED_MARK.len());
    let mut from = 0;
    for at in places {
        marked.push_str(&answer[from..at]);
        marked.push_str(UNSUPPORTED_MARK);
        from = at;
    }
    marked.push_str(&answer[from..]);
    marked
}

/// The answer without the statements in which something was found; a run of them leaves one `notice`.
pub(super) fn without_unsupported(answer: &str, findings: &[Finding], notice: &str) -> String {
    let doubted: BTreeSet<(usize, usize)> = findings
        .iter()
        .map(|finding| (finding.statement.start, finding.statement.end))
        .collect();
    let mut kept = String::with_capacity(answer.len());
    let mut from = 0;
    for (begin, end) in doubted {
        kept.push_str(&answer[from..begin]);
        if !kept.trim_end().ends_with(notice) {
            kept.push_str(notice);
        }
        from = end;
    }
    kept.push_str(&answer[from..]);
    kept
}

/// The sentences of an answer that cite something, for somebody else to judge.
pub(super) fn cited_statements(answer: &str) -> Vec<&str> {
    let cited = statements(answer)
        .into_iter()
        .filter(|statement| !statement.cited.is_empty());
    cited
        .map(|statement| answer[statement.range].trim())
        .collect()
}

/// Findings about some of [`cited_statements`], by their places there.
pub(super) fn findings_for(answer: &str, doubted: &[usize]) -> Vec<Finding> {
    let cited = statements(answer)
        .into_iter()
        .filter(|statement| !statement.cited.is_empty());
    let doubted = cited.enumerate().filter(|(at, _)| doubted.contains(at));
    doubted
        .map(|(_, statement)| finding_about(answer, &statement))
        .collect()
}

/// The position of a finding about a whole statement: behind its last word, in a row before the bar that closes it.
fn finding_about(answer: &str, statement: &Statement) -> Finding {
    let text = answer[statement.range.clone()].trim_end();
    let end = if statement.is_row {
        text.trim_end_matches('|').trim_end().len()
    } else {
        text.len()
    };
    let mut what: String = text.chars().take(SENTENCE_CHARS).collect();
    if what.len() < text.len() {
        what.push('…');
    }
    Finding {
        what,
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
            language: Language::of(&passage.text),
        }
    }
}

/// Whether the title or headings of one of the passages support a claim.
fn is_in_head(own: &[&CheckedPassage], claim: &Claim) -> bool {
    own.iter().any(|known| known.source.is_in_head(claim))
}

struct Checker<'a> {
    answer: &'a str,
    params: &'a GroundingParams,
    /// The words of the question, and others for them.
    topic: String,
    /// What the question says.
    asked: Vec<Claim>,
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
        let own: Vec<&CheckedPassage> = numbers
            .filter_map(|number| self.cited.get(number.checked_sub(1)?))
            .collect();
        if own.is_empty() {
            let says_something = !claims.is_empty() || words.len() >= MIN_WORDS;
            if says_something && !statement.needs_no_source {
                found.push(finding_about(self.answer, statement));
            }
        } else if claims.is_empty() {
            if words.len() > MIN_WORDS
                && self.matches_another_passage(&words, &own, Language::of(text))
            {
                found.push(finding_about(self.answer, statement));
            }
        } else {
            let doubted = self.doubted(text, &words, &claims, &own);
            found.extend(doubted.into_iter().map(|range| {
                let begin = statement.range.start;
                let range = begin + range.start..begin + range.end;
                Finding {
                    what: self.answer[range.clone()].trim().to_owned(),
                    at: range.end,
                    statement: statement.range.clone(),
                }
            }));
        }
    }

    /// The ranges of a statement that the passages which it cites do not support, in their order.
    fn doubted(
        &self,
        text: &str,
        words: &BTreeSet<String>,
        claims: &[Claim],
        own: &[&CheckedPassage],
    ) -> Vec<Range<usize>> {
        let mut clauses = Clauses::split(text, claims);
        let mut doubted = self.unsupported_by(&clauses, claims, own);
        if words.len() < MIN_WORDS {
            clauses.push(&self.topic, &self.asked);
            doubted.extend(self.misplaced(&clauses, claims, own));
        }
        let mut ranges: Vec<Range<usize>> =
            doubted.iter().map(|claim| claim.range.clone()).collect();
        let mut known = ClaimPairs::default();
        for own in own {
            known.extend(&own.source.pairs);
        }
        let is_doubted = |pair: &ClaimPair| doubted.iter().any(|claim| pair.contains(claim));
        let contradicted = claim_pairs(text, claims).into_iter();
        let contradicted = contradicted.filter(|pair| known.contradict(pair) && !is_doubted(pair));
        ranges.extend(contradicted.map(|pair| pair.range));
        ranges.sort_by_key(|range| range.start);
        ranges.dedup();
        ranges
    }

    /// The claims of a statement that the cited passages do not contain where they are about the same.
    fn unsupported_by<'a>(
        &self,
        clauses: &Clauses<'_>,
        claims: &'a [Claim],
        own: &[&CheckedPassage],
    ) -> Vec<&'a Claim> {
        // Words are no measure of nearness between two languages.
        let is_alike =
            |known: &CheckedPassage| own.iter().all(|one| one.language == known.language);
        let here = self.pieces(own.iter().copied(), clauses);
        let others = self.not_cited(own).filter(|known| is_alike(known));
        let there = self.pieces(others, clauses);
        let doubted = claims.iter().enumerate().filter(|(number, claim)| {
            if is_in_head(own, claim) {
                return false;
            }
            let Some(support) = here.support(*number) else {
                return true;
            };
            let nearest = here
                .nearest(*number)
                .max(there.support(*number).unwrap_or(0.0));
            let near = match claim.says {
                ClaimValue::Measure(_) => self.params.min_nearness,
                ClaimValue::Name(_) => self.params.min_nearness_of_name,
            };
            nearest >= self.params.min_overlap && support < near * nearest
        });
        doubted.map(|(_, claim)| claim).collect()
    }

    /// The claims of a bare value that are near what was asked in another passage and not in the cited ones.
    fn misplaced<'a>(
        &self,
        clauses: &Clauses<'_>,
        claims: &'a [Claim],
        own: &[&CheckedPassage],
    ) -> Vec<&'a Claim> {
        let here = self.pieces(own.iter().copied(), clauses);
        let there = self.pieces(self.not_cited(own), clauses);
        let misplaced = claims.iter().enumerate().filter(|(number, claim)| {
            let (here, there) = (here.support(*number), there.support(*number));
            let (here, there) = (here.unwrap_or(0.0), there.unwrap_or(0.0));
            !is_in_head(own, claim)
                && there >= self.params.min_overlap_with_question
                && here < self.params.min_nearness_to_question * there
        });
        misplaced.map(|(_, claim)| claim).collect()
    }

    /// The passages that a statement does not cite.
    fn not_cited<'k>(
        &'k self,
        own: &'k [&CheckedPassage],
    ) -> impl Iterator<Item = &'k CheckedPassage> {
        let all = self.cited.iter().chain(&self.others);
        all.filter(|known| !own.iter().any(|one| std::ptr::eq(*one, *known)))
    }

    fn pieces<'k, 'c>(
        &self,
        known: impl Iterator<Item = &'k CheckedPassage>,
        clauses: &'c Clauses<'c>,
    ) -> Pieces<'c> {
        let sources = known.map(|known| &known.source);
        Pieces::compare(sources, clauses, &self.weights, self.params)
    }

    /// Whether a statement that names nothing says what another passage says and the cited ones do not.
    fn matches_another_passage(
        &self,
        words: &BTreeSet<String>,
        own: &[&CheckedPassage],
        language: Language,
    ) -> bool {
        let weight = |word: &String| self.weights.weight(word);
        let whole: f64 = words.iter().map(weight).sum();
        let share = |known: &CheckedPassage| {
            words.intersection(&known.words).map(weight).sum::<f64>() / whole
        };
        let same = |known: &&CheckedPassage| known.language == language;
        let here = own.iter().map(|known| share(known)).fold(0.0, f64::max);
        let all = self.cited.iter().chain(&self.others);
        let there = all.filter(same).map(share).fold(0.0, f64::max);
        own.iter().all(same)
            && here < self.params.min_word_share
            && there >= here + self.params.word_share_margin
    }

    /// Whether a claim must be in a passage: what the person said may be repeated, and numbers in words count the
    /// sentence's own things as often as not.
    fn needs_support(&self, claim: &Claim) -> bool {
        let is_loose = match &claim.says {
            ClaimValue::Measure(Measure {
                unit,
                in_words,
                value,
                ..
            }) => *in_words && (unit.is_none() || *value <= 1.0),
            ClaimValue::Name(_) => false,
        };
        !is_loose && !self.asked.iter().any(|asked| asked.says == claim.says)
    }
}

#[cfg(test)]
mod tests;
