//! Words of the field that mean the same, in Korean and English.
//!
//! People ask in Korean over English manuals and the other way round, and say `MO 통` where the manual says
//! `bubbler`. `config/glossary.csv` holds what stands for what; a file of the fab's own comes over it.

mod find;
mod read;

use std::path::Path;

use anyhow::Context;

use crate::domain::language::is_hangul;
use crate::search::index::Phrase;
use find::Lookup;

const BUILT_IN: &str = include_str!("../../config/glossary.csv");

/// How much a word of the other language counts beside the question's own (docs/RETRIEVAL.md).
const TRANSLATION_WEIGHT: f32 = 0.9;
/// The same for another word of the same language: the manual's author chose it, but so he may have the question's.
const SYNONYM_WEIGHT: f32 = 0.35;

/// What stands for what.
pub struct Glossary {
    lines: Vec<Line>,
    lookup: Lookup,
}

/// One thing and the words for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub words: Vec<Word>,
    /// Where it stands, such as `config/glossary.csv, line 12`.
    pub place: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub text: String,
    pub kind: Kind,
    /// It is known to have several meanings.
    pub is_ambiguous: bool,
}

/// The column that a word stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    English,
    Korean,
    /// A formula or abbreviation that both languages use.
    Short,
}

/// A word with several meanings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ambiguous {
    pub word: String,
    /// Each line that it stands on: its place, and the words beside it.
    pub meanings: Vec<(String, Vec<String>)>,
    /// Every line says by `?` that it is known.
    pub is_known: bool,
}

impl Glossary {
    /// The built-in words, with those of `own` over them: a word that stands there means only what is said there.
    ///
    /// # Errors
    /// The file cannot be read, or a line is not as the first one says; names the line.
    pub fn load(own: Option<&Path>) -> anyhow::Result<Self> {
        let built_in = read::lines(BUILT_IN, "config/glossary.csv")
            .context("the built-in glossary cannot be read")?;
        let Some(file) = own else {
            return Ok(Self::of(built_in));
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
        Ok(Self::of(lines))
    }

    /// One that knows no word.
    #[must_use]
    pub fn empty() -> Self {
        Self::of(Vec::new())
    }

    fn of(lines: Vec<Line>) -> Self {
        let lookup = Lookup::of(&lines);
        Self { lines, lookup }
    }

    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Other words for what a text says, each with the terms of the text that it stands for.
    #[must_use]
    pub fn other_words(&self, text: &str) -> Vec<Phrase> {
        let mut phrases: Vec<Phrase> = Vec::new();
        for found in self.lookup.find(text) {
            let share = 1.0 / count(found.meanings.len());
            for (line, asked) in &found.meanings {
                let asked = &self.lines[*line].words[*asked];
                let others = self.lines[*line].words.iter();
                for other in others.filter(|other| other.key() != asked.key()) {
                    let doubt = if other.is_ambiguous { 0.5 } else { 1.0 };
                    let weight = share * doubt * weight(asked.kind, other.kind) * found.words
                        / count(other.text_terms().len());
                    match phrases.iter_mut().find(|known| known.text == other.text) {
                        Some(known) => {
                            known.weight = known.weight.max(weight);
                            known.stands_for.extend(found.terms.iter().cloned());
                        }
                        None => phrases.push(Phrase {
                            text: other.text.clone(),
                            weight,
                            stands_for: found.terms.clone(),
                        }),
                    }
                }
            }
        }
        phrases
    }

    /// Words that stand on several lines, in the order of the first.
    #[must_use]
    pub fn ambiguous(&self) -> Vec<Ambiguous> {
        let mut found: Vec<(String, Ambiguous)> = Vec::new();
        for line in &self.lines {
            for word in &line.words {
                let beside = line.words.iter().filter(|other| *other != word);
                let meaning = (
                    line.place.clone(),
                    beside.map(|other| other.text.clone()).collect(),
                );
                match found.iter_mut().find(|(key, _)| *key == word.key()) {
                    Some((_, known)) => {
                        known.meanings.push(meaning);
                        known.is_known &= word.is_ambiguous;
                    }
                    None => found.push((
                        word.key(),
                        Ambiguous {
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

fn weight(asked: Kind, other: Kind) -> f32 {
    match (asked, other) {
        (Kind::English, Kind::English) | (Kind::Korean, Kind::Korean) => SYNONYM_WEIGHT,
        _ => TRANSLATION_WEIGHT,
    }
}

impl Word {
    /// What two spellings of one word have in common.
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

    /// Short forms in capitals mean something else in lower case: `PM`, `SP`, `LL`.
    fn has_case(&self) -> bool {
        self.kind == Kind::Short
            && self.text.len() <= 3
            && self.text.chars().all(|letter| letter.is_ascii_uppercase())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn glossary(lines: &str) -> Glossary {
        Glossary::of(read::lines(&format!("english,korean,short\n{lines}"), "test").unwrap())
    }

    fn others(glossary: &Glossary, text: &str) -> Vec<String> {
        let phrases = glossary.other_words(text);
        phrases.into_iter().map(|phrase| phrase.text).collect()
    }

    #[test]
    fn a_korean_word_leads_to_the_english_ones_and_back() {
        let glossary = glossary("susceptor;wafer carrier,서셉터;서스셉터,\nbake,베이크,");
        assert_eq!(
            others(&glossary, "서셉터를 베이크하는 온도는?"),
            ["susceptor", "wafer carrier", "서스셉터", "bake"]
        );
        assert_eq!(
            others(&glossary, "How are susceptors baked?"),
            ["wafer carrier", "서셉터", "서스셉터", "베이크"]
        );
    }

    #[test]
    fn the_longest_word_is_taken_and_spaces_in_korean_are_free() {
        let glossary = glossary("gas,가스,\ncabinet,캐비닛,\ngas cabinet,가스 캐비닛,GC");
        for text in ["가스캐비닛 배기", "가스 캐비닛의 배기"] {
            assert_eq!(others(&glossary, text), ["gas cabinet", "GC"], "{text}");
        }
    }

    #[test]
    fn a_short_word_is_not_found_inside_another() {
        let glossary = glossary("run,런,\noil,오일,\nhydrogen,수소,\npump,펌프,");
        assert_eq!(others(&glossary, "그런 오일은"), ["oil"]);
        assert_eq!(others(&glossary, "런은 몇 번?"), ["run"]);
        assert_eq!(others(&glossary, "펌프오일"), ["pump", "oil"]);
        assert!(others(&glossary, "염화수소").is_empty());
    }

    #[test]
    fn short_forms_in_capitals_are_found_in_capitals_only() {
        let glossary = glossary("preventive maintenance,예방정비,PM\nthermocouple,열전대,TC");
        assert!(others(&glossary, "at 5 pm").is_empty());
        assert_eq!(
            others(&glossary, "PM 주기"),
            ["preventive maintenance", "예방정비"]
        );
        assert_eq!(others(&glossary, "TC-1 교체"), ["thermocouple", "열전대"]);
    }

    #[test]
    fn a_word_with_several_meanings_counts_less_in_each() {
        let glossary = glossary("ramp,램프?,\nlamp,램프?;전등,");
        let phrases = glossary.other_words("램프 교체");
        let weights: Vec<(&str, f32)> = phrases
            .iter()
            .map(|phrase| (phrase.text.as_str(), phrase.weight))
            .collect();
        let half = TRANSLATION_WEIGHT / 2.0;
        let expected = [
            ("ramp", half),
            ("lamp", half),
            ("전등", SYNONYM_WEIGHT / 2.0),
        ];
        assert_eq!(weights, expected);
    }

    #[test]
    fn a_word_weighs_the_same_in_either_language() {
        let glossary = glossary("pyrometer,파이로미터,");
        let english = &glossary.other_words("파이로미터")[0];
        assert!((english.weight - 4.0 * TRANSLATION_WEIGHT).abs() < 1e-6);
        let korean = &glossary.other_words("pyrometer")[0];
        assert!((korean.weight - TRANSLATION_WEIGHT / 4.0).abs() < 1e-6);
    }

    #[test]
    fn a_phrase_knows_the_terms_that_it_stands_for() {
        let glossary = glossary("mass-flow controller,유량 제어기,MFC");
        let korean = &glossary.other_words("유량제어기는 언제?")[0];
        assert_eq!(korean.stands_for, ["유량", "량제", "제어", "어기", "기는"]);
        let english = &glossary.other_words("the mass flow controller")[0];
        assert_eq!(english.stands_for, ["mass", "flow", "control"]);
    }

    #[test]
    fn a_file_of_ones_own_decides_what_its_words_mean() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("own.csv");
        std::fs::write(&file, "\u{feff}english,korean,short\nramp,램프,\n").unwrap();
        let glossary = Glossary::load(Some(&file)).unwrap();
        assert_eq!(others(&glossary, "램프"), ["ramp"]);
        assert!(others(&glossary, "서셉터").contains(&"susceptor".to_owned()));
    }

    #[test]
    fn a_line_that_is_wrong_is_named() {
        for (text, said) in [
            ("susceptor;,서셉터,", "test, line 2"),
            ("susceptor,,", "line 2"),
            ("susceptor,서셉터", "line: 2"),
            ("susceptor,susceptor,", "line 2"),
        ] {
            let error =
                read::lines(&format!("english,korean,short\n{text}\n"), "test").unwrap_err();
            assert!(format!("{error:#}").contains(said), "{text}: {error:#}");
        }
        let error = read::lines("term,synonyms\n", "test").unwrap_err();
        assert!(
            format!("{error:#}").contains("english,korean,short"),
            "{error:#}"
        );
    }

    #[test]
    fn the_built_in_words_have_several_meanings_only_where_they_say_so() {
        let glossary = Glossary::load(None).unwrap();
        let unknown: Vec<Ambiguous> = glossary
            .ambiguous()
            .into_iter()
            .filter(|word| !word.is_known)
            .collect();
        assert!(unknown.is_empty(), "{unknown:#?}");
        assert!(glossary.ambiguous().iter().any(|word| word.word == "램프"));
        assert!(glossary.lines().len() > 300);
    }

    /// Pieces of a glossary, and of what is none.
    fn pieces() -> impl Strategy<Value = String> {
        let pieces = vec![
            "gas",
            "cabinet",
            "가스",
            "캐비닛",
            "MO",
            "bake",
            "baking",
            ",",
            ";",
            "?",
            "\n",
            "#",
            "\"",
            " ",
            "-",
            "PM",
            "\u{feff}",
        ];
        proptest::collection::vec(prop::sample::select(pieces), 0..40)
            .prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn a_line_of_a_glossary_has_words_that_differ(text in pieces()) {
            let Ok(lines) = read::lines(&format!("english,korean,short\n{text}"), "test") else {
                return Ok(());
            };
            for line in &lines {
                let mut keys: Vec<String> = line.words.iter().map(Word::key).collect();
                keys.sort();
                keys.dedup();
                prop_assert!(keys.len() > 1 && keys.len() == line.words.len(), "{:?}", line);
                prop_assert!(!keys[0].is_empty() && line.place.starts_with("test, line "), "{:?}", line);
            }
            let known: Vec<String> = lines.iter().flat_map(|line| &line.words).map(|word| word.text.clone()).collect();
            for phrase in Glossary::of(lines).other_words(&text) {
                prop_assert!(known.contains(&phrase.text), "{:?}", phrase);
                prop_assert!(phrase.weight > 0.0 && phrase.weight.is_finite(), "{:?}", phrase);
            }
        }
    }
}
