//! Hands the terms of the analysis to Tantivy.

use tantivy::tokenizer::{PreTokenizedString, Token};

/// The tokenizer that does not change anything.
pub(super) const NONE: &str = "raw";

/// Terms as tokens that Tantivy does not split further. The text that they come from is stored elsewhere.
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
