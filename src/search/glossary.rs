//! Synonyms of the field, in Korean and English.
//!
//! People ask in Korean about English manuals and the other way round, and write `MO 통` where the manual says `bubbler`.
//! `config/glossary.csv` lists such words; a file of the fab overrides it.

mod find;
mod read;

use std::path::Path;

use anyhow::Context;

use crate::domain::language::is_hangul;
use crate::domain::search_params::GlossaryParams;
use crate::search::index::QueryExpansion;
use find::Lookup;

const BUILT_IN: &str = include_str!("../../config/glossary.csv");

/// A glossary of synonyms.
pub struct Glossary {
    lines: Vec<GlossaryLine>,
    lookup: Lookup,
}

/// A concept and the words for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlossaryLine {
    pub words: Vec<Word>,
    /// Where it is defined, such as `config/glossary.csv, line 12`.
    pub place: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub text: String,
    pub kind: WordKind,
    /// Whether it is marked as having several meanings.
    pub is_ambiguous: bool,
}

/// The column of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordKind {
    English,
    Korean,
    /// A formula or abbreviation that both languages use.
    Short,
}

/// A word with several meanings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmbiguousWord {
    pub word: String,
    /// Each line that it occurs on: the line's position, and its other words.
    pub meanings: Vec<(String, Vec<String>)>,
    /// Whether every line marks it as ambiguous by `?`.
    pub is_known: bool,
}

impl Glossary {
    /// Loads the built-in words, overridden by those of the file `own`: a word there has only the meanings given there.
    ///
    /// # Errors
    /// If the file cannot be read, or a line is invalid; the message names the line.
    pub fn load(own: Option<&Path>) -> anyhow::Result<Self> {
        let built_in = read::lines(BUILT_IN, "config/glossary.csv")
            .context("the built-in glossary cannot be read")?;
        let Some(file) = own else {
            return Ok(Self::new(built_in));
        };
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file).with_context(|| {
            format!("the glossary {name} cannot be read as UTF-8; correct retrieval.glossary or save the file as UTF-8")
        })?;
        let own = read::lines(&text, &name)?;
        let taken: Vec<String> = own
            .iter()
            .flat_map(|line| line.words.iter().map(Word::key))
            .collect();
        let mut lines = own;
        for mut line in built_in {
            line.words.retain(|word| !taken.contains(&word.key()));
            if line.words.len() > 1 {
                lines.push(line);
            }
        }
        Ok(Self::new(lines))
    }

    /// Returns a glossary without words.
    #[must_use]
    pub fn empty() -> Self {
        Self::new(Vec::new())
    }

    fn new(lines: Vec<GlossaryLine>) -> Self {
        let lookup = Lookup::new(&lines);
        Self { lines, lookup }
    }

    #[must_use]
    pub fn lines(&self) -> &[GlossaryLine] {
        &self.lines
    }

    /// Returns synonyms for the words of a text, each with the terms of the text that it replaces.
    #[must_use]
    pub fn expansions(&self, text: &str, params: &GlossaryParams) -> Vec<QueryExpansion> {
        let mut expansions: Vec<QueryExpansion> = Vec::new();
        for found in self.lookup.find(text) {
            let share = 1.0 / count(found.meanings.len());
            for (line, word) in &found.meanings {
                let matched = &self.lines[*line].words[*word];
                let others = self.lines[*line].words.iter();
                for other in others.filter(|other| other.key() != matched.key()) {
                    let certainty = if other.is_ambiguous {
                        params.ambiguous_factor
                    } else {
                        1.0
                    };
                    let weight =
                        share * certainty * weight(matched.kind, other.kind, params) * found.words
                            / count(other.text_terms().len());
                    match expansions.iter_mut().find(|known| known.text == other.text) {
                        Some(known) => {
                            known.weight = known.weight.max(weight);
                            known.replaces.extend(found.terms.iter().cloned());
                        }
                        None => expansions.push(QueryExpansion {
                            text: other.text.clone(),
                            weight,
                            replaces: found.terms.clone(),
                        }),
                    }
                }
            }
        }
        expansions
    }

    /// Returns the words that occur on several lines, in the order of their first line.
    #[must_use]
    pub fn ambiguous(&self) -> Vec<AmbiguousWord> {
        let mut found: Vec<(String, AmbiguousWord)> = Vec::new();
        for line in &self.lines {
            for word in &line.words {
                let others = line.words.iter().filter(|other| *other != word);
                let meaning = (
                    line.place.clone(),
                    others.map(|other| other.text.clone()).collect(),
                );
                match found.iter_mut().find(|(key, _)| *key == word.key()) {
                    Some((_, known)) => {
                        known.meanings.push(meaning);
                        known.is_known &= word.is_ambiguous;
                    }
                    None => found.push((
                        word.key(),
                        AmbiguousWord {
                            word: word.text.clone(),
                            meanings: vec![meaning],
                            is_known: word.is_ambiguous,
                        },
                    )),
                }
            }
        }
        found.retain(|(_, word)| word.meanings.len() > 1);
        found.into_iter().map(|(_, word)| word).collect()
    }
}

fn count(number: usize) -> f32 {
    f32::from(u16::try_from(number.max(1)).unwrap_or(u16::MAX))
}

fn weight(matched: WordKind, other: WordKind, params: &GlossaryParams) -> f32 {
    match (matched, other) {
        (WordKind::English, WordKind::English) | (WordKind::Korean, WordKind::Korean) => {
            params.synonym_weight
        }
        _ => params.translation_weight,
    }
}

impl Word {
    /// Normalizes a word, so that its spellings compare equal.
    fn key(&self) -> String {
        if self.is_hangul() {
            self.text.split_whitespace().collect()
        } else if self.has_case() {
            self.text.clone()
        } else {
            crate::search::analysis::terms(&self.text).join(" ")
        }
    }

    fn text_terms(&self) -> Vec<String> {
        crate::search::analysis::terms(&self.text)
    }

    fn is_hangul(&self) -> bool {
        self.text
            .chars()
            .all(|letter| is_hangul(letter) || letter == ' ')
    }

    /// Whether case matters: short forms in capitals mean something else in lower case (`PM`, `SP`, `LL`).
    fn has_case(&self) -> bool {
        self.kind == WordKind::Short
            && self.text.len() <= 3
            && self.text.chars().all(|letter| letter.is_ascii_uppercase())
    }
}

#[cfg(test)]
mod tests;
