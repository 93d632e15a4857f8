//! Whether the cited passages bear out what an answer says.
//!
//! Every sentence that says something must cite a passage, and every number, code, name and formula in it must stand
//! in a passage that it cites, near the words that the sentence shares with it: of a table with many numbers, only the
//! row that is spoken of bears out a number. Nothing is guessed: what is not found is named.

mod claim;
mod claim_pair;
mod digits;
mod fold;
mod formula;
pub(super) mod line_check;
mod numeral;
mod proximity;
mod source;
mod statement;
mod unit;

use std::collections::BTreeSet;
use std::ops::Range;

use crate::domain::language::Language;
use crate::domain::passage::Passage;
use crate::domain::search_params::GroundingParams;
use claim::{Claim, Measure, Says, claims};
use claim_pair::{Bond, Bonds, bonds};
use proximity::{Clauses, Pieces};
use source::{Source, Weights, words};
use statement::{Statement, statements};

/// What stands behind a statement that is not borne out.
pub(super) const MARK: &str = " ⚠";

/// Shorter sentences, in words that the search knows, say nothing that could be looked for.
const FEWEST_WORDS: usize = 3;
/// As much as is repeated of a sentence, in characters.
const SENTENCE_CHARS: usize = 160;

/// A place of an answer that is not borne out.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Finding {
    /// The number, code or name as written; the sentence where the whole of it is in doubt.
    pub what: String,
    /// Where a mark belongs, in bytes.
    at: usize,
    /// The statement, in bytes.
    statement: Range<usize>,
}

/// What an answer may be drawn from.
pub(super) struct Given<'a> {
    /// The cited passages, in the order of their numbers.
    pub cited: &'a [&'a Passage],
    /// Passages that could have been cited.
    pub others: &'a [&'a Passage],
    /// What the glossary has for words of the question, in both languages.
    pub other_words: &'a str,
    pub params: &'a GroundingParams,
}

/// All that the cited passages do not bear out, in its order. What the question itself says may be repeated.
pub(super) fn check(answer: &str, question: &str, given: &Given<'_>) -> Vec<Finding> {
    let read = |passages: &[&Passage]| -> Vec<Known> {
        passages.iter().map(|passage| Known::of(passage)).collect()
    };
    let (cited, others) = (read(given.cited), read(given.others));
    let checker = Checker {
        answer,
        params: given.params,
        topic: format!("{question}\n{}", given.other_words),
        asked: claims(question),
        weights: Weights::of(cited.iter().chain(&others).map(|known| &known.source)),
        cited,
        others,
    };
    let mut found: Vec<Finding> = Vec::new();
    for statement in statements(answer) {
        checker.check(&statement, &mut found);
    }
    found
}

/// The measures of an answer that no text holds, as written: the check where what was looked up is cited by lines.
pub(super) fn unsupported(answer: &str, texts: &[&str]) -> Vec<String> {
    let source = Source::of_texts(texts, "");
    let mut missing: Vec<String> = Vec::new();
    for claim in claims(answer) {
        let is_measure = matches!(
            &claim.says,
            Says::Measure(Measure {
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

/// What of an answer the passages that it cites do not bear out; `others` could have been cited, too. It takes no model.
#[must_use]
pub fn unsupported_claims(
    answer: &str,
    question: &str,
    cited: &[&Passage],
    others: &[&Passage],
) -> Vec<String> {
    let given = Given {
        cited,
        others,
        other_words: "",
        params: &GroundingParams::DEFAULT,
    };
    named(&check(answer, question, &given))
}

/// What was found, each once.
pub(super) fn named(findings: &[Finding]) -> Vec<String> {
    let mut named: Vec<String> = Vec::new();
    for finding in findings {
        if !named.contains(&finding.what) {
            named.push(finding.what.clone());
        }
    }
    named
}

/// The answer with a mark behind all that was found.
pub(super) fn marked(answer: &str, findings: &[Finding]) -> String {
    let places: BTreeSet<usize> = findings.iter().map(|finding| finding.at).collect();
    let mut marked = String::with_capacity(answer.len() + places.len() * MARK.len());
    let mut from = 0;
    for at in places {
        marked.push_str(&answer[from..at]);
        marked.push_str(MARK);
        from = at;
    }
    marked.push_str(&answer[from..]);
    marked
}

/// The answer without the statements in which something was found; a run of them leaves one `notice`.
pub(super) fn withheld(answer: &str, findings: &[Finding], notice: &str) -> String {
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

/// Doubts about some of [`cited_statements`], by their places there.
pub(super) fn doubts(answer: &str, doubted: &[usize]) -> Vec<Finding> {
    let cited = statements(answer)
        .into_iter()
        .filter(|statement| !statement.cited.is_empty());
    let doubted = cited.enumerate().filter(|(at, _)| doubted.contains(at));
    doubted
        .map(|(_, statement)| finding_about(answer, &statement))
        .collect()
}

/// Where a doubt about a whole statement belongs: behind its last word, in a row before the bar that closes it.
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
struct Known {
    source: Source,
    words: BTreeSet<String>,
    language: Language,
}

impl Known {
    fn of(passage: &Passage) -> Self {
        let source = Source::of(passage);
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

/// Whether what stands above one of the passages bears a claim out.
fn is_in_head(own: &[&Known], claim: &Claim) -> bool {
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
    cited: Vec<Known>,
    others: Vec<Known>,
}

impl Checker<'_> {
    fn check(&self, statement: &Statement, found: &mut Vec<Finding>) {
        let text = &self.answer[statement.range.clone()];
        let claims: Vec<Claim> = claims(text)
            .into_iter()
            .filter(|claim| self.must_stand(claim))
            .collect();
        let words = words(text);
        let numbers = statement.cited.iter();
        let own: Vec<&Known> = numbers
            .filter_map(|number| self.cited.get(number.checked_sub(1)?))
            .collect();
        if own.is_empty() {
            let says_something = !claims.is_empty() || words.len() >= FEWEST_WORDS;
            if says_something && !statement.needs_no_source {
                found.push(finding_about(self.answer, statement));
            }
        } else if claims.is_empty() {
            if words.len() > FEWEST_WORDS
                && self.is_from_elsewhere(&words, &own, Language::of(text))
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

    /// The places of a statement that the passages which it cites do not bear out, in their order.
    fn doubted(
        &self,
        text: &str,
        words: &BTreeSet<String>,
        claims: &[Claim],
        own: &[&Known],
    ) -> Vec<Range<usize>> {
        let mut clauses = Clauses::of(text, claims);
        let mut doubted = self.not_borne_out(&clauses, claims, own);
        if words.len() < FEWEST_WORDS {
            clauses.push(&self.topic, &self.asked);
            doubted.extend(self.out_of_place(&clauses, claims, own));
        }
        let mut ranges: Vec<Range<usize>> =
            doubted.iter().map(|claim| claim.range.clone()).collect();
        let mut known = Bonds::default();
        for own in own {
            known.extend(&own.source.bonds);
        }
        let is_doubted = |bond: &Bond| doubted.iter().any(|claim| bond.holds(claim));
        let torn = bonds(text, claims).into_iter();
        let torn = torn.filter(|bond| known.contradict(bond) && !is_doubted(bond));
        ranges.extend(torn.map(|bond| bond.range));
        ranges.sort_by_key(|range| range.start);
        ranges.dedup();
        ranges
    }

    /// The claims of a statement that the passages which it cites do not hold where they speak of the same.
    fn not_borne_out<'a>(
        &self,
        clauses: &Clauses<'_>,
        claims: &'a [Claim],
        own: &[&Known],
    ) -> Vec<&'a Claim> {
        // Words are no measure of nearness between two languages.
        let is_alike = |known: &Known| own.iter().all(|one| one.language == known.language);
        let here = self.pieces(own.iter().copied(), clauses);
        let others = self.besides(own).filter(|known| is_alike(known));
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
                Says::Measure(_) => self.params.min_nearness,
                Says::Name(_) => self.params.min_nearness_of_name,
            };
            nearest >= self.params.min_overlap && support < near * nearest
        });
        doubted.map(|(_, claim)| claim).collect()
    }

    /// The claims of a bare value that stand near what was asked in another passage and not in what it cites.
    fn out_of_place<'a>(
        &self,
        clauses: &Clauses<'_>,
        claims: &'a [Claim],
        own: &[&Known],
    ) -> Vec<&'a Claim> {
        let here = self.pieces(own.iter().copied(), clauses);
        let there = self.pieces(self.besides(own), clauses);
        let out_of_place = claims.iter().enumerate().filter(|(number, claim)| {
            let (here, there) = (here.support(*number), there.support(*number));
            let (here, there) = (here.unwrap_or(0.0), there.unwrap_or(0.0));
            !is_in_head(own, claim)
                && there >= self.params.min_overlap_with_question
                && here < self.params.min_nearness_to_question * there
        });
        out_of_place.map(|(_, claim)| claim).collect()
    }

    /// The passages that a statement does not cite.
    fn besides<'k>(&'k self, own: &'k [&Known]) -> impl Iterator<Item = &'k Known> {
        let all = self.cited.iter().chain(&self.others);
        all.filter(|known| !own.iter().any(|one| std::ptr::eq(*one, *known)))
    }

    fn pieces<'k, 'c>(
        &self,
        known: impl Iterator<Item = &'k Known>,
        clauses: &'c Clauses<'c>,
    ) -> Pieces<'c> {
        let sources = known.map(|known| &known.source);
        Pieces::of(sources, clauses, &self.weights, self.params)
    }

    /// Whether a statement that names nothing says what another passage says and the cited ones do not.
    fn is_from_elsewhere(
        &self,
        words: &BTreeSet<String>,
        own: &[&Known],
        language: Language,
    ) -> bool {
        let weight = |word: &String| self.weights.weight(word);
        let whole: f64 = words.iter().map(weight).sum();
        let share =
            |known: &Known| words.intersection(&known.words).map(weight).sum::<f64>() / whole;
        let same = |known: &&Known| known.language == language;
        let here = own.iter().map(|known| share(known)).fold(0.0, f64::max);
        let all = self.cited.iter().chain(&self.others);
        let there = all.filter(same).map(share).fold(0.0, f64::max);
        own.iter().all(same)
            && here < self.params.min_word_share
            && there >= here + self.params.word_share_margin
    }

    /// Whether a claim has to stand in a passage: what the person said may be repeated, and numbers in words count the
    /// sentence's own things as often as not.
    fn must_stand(&self, claim: &Claim) -> bool {
        let is_loose = match &claim.says {
            Says::Measure(Measure {
                unit,
                in_words,
                value,
                ..
            }) => *in_words && (unit.is_none() || *value <= 1.0),
            Says::Name(_) => false,
        };
        !is_loose && !self.asked.iter().any(|asked| asked.says == claim.says)
    }
}

#[cfg(test)]
mod tests;
