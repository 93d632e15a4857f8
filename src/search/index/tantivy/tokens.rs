//! Hands the terms of the analysis to Tantivy.

use tantivy::tokenizer::{PreTokenizedString, Token};

/// The tokenizer that does nothing, since nothing is left to do.
pub(super) const NONE: &str = "raw";

/// Terms as Tantivy takes them without cutting anything itself. The text that they come from is kept elsewhere.
pub(super) fn tokenized(terms: Vec<String>) -> PreTokenizedString {
    let token = |(position, text)| Token {
        text,
        position,
        ..Token::default()
    };
    PreTokenizedString {
        text: String::new(),
        tokens: terms.into_iter().enumerate().map(token).collect(),
    }
}
