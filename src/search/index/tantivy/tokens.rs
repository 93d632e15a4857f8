//! Passes the terms of the analysis to Tantivy.

use tantivy::tokenizer::{PreTokenizedString, Token};

/// The tokenizer that changes nothing.
pub(super) const RAW_TOKENIZER: &str = "raw";

/// Wraps terms as tokens that Tantivy does not split further. Their text is stored elsewhere.
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
