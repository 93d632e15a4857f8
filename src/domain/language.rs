//! Languages of questions and answers.

use serde::{Deserialize, Serialize};

/// The language of a question and its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    Korean,
    English,
}

impl Language {
    /// Detects the language of a question: Korean if at least a twentieth of its letters is Hangul, since Korean questions
    /// are full of English terms and English questions contain no Hangul.
    #[must_use]
    pub fn detect(text: &str) -> Self {
        let letters = text.chars().filter(|letter| letter.is_alphabetic()).count();
        let hangul = text.chars().filter(|letter| is_hangul(*letter)).count();
        if hangul > 0 && hangul * 20 >= letters {
            Self::Korean
        } else {
            Self::English
        }
    }
}

/// Whether a character is a Hangul syllable or letter.
#[must_use]
pub fn is_hangul(letter: char) -> bool {
    matches!(letter, '\u{AC00}'..='\u{D7A3}' | '\u{1100}'..='\u{11FF}' | '\u{3130}'..='\u{318F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_with_any_real_share_of_hangul_is_korean() {
        for (text, language) in [
            (
                "What is the maximum ceiling temperature?",
                Language::English,
            ),
            ("HX-700 ceiling temperature limit 값은?", Language::Korean),
            ("퍼지 유량은?", Language::Korean),
            ("E-1042", Language::English),
            ("", Language::English),
        ] {
            assert_eq!(Language::detect(text), language, "{text}");
        }
    }
}
