//! Hands the terms of the analysis to Tantivy.

use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer, TokenizerManager};

use crate::analysis;

/// The name that the schema knows the analysis by.
pub(super) const NAME: &str = "epibot";

pub(super) fn register(tokenizers: &TokenizerManager) {
    tokenizers.register(NAME, TextAnalyzer::from(Terms));
}

#[derive(Clone)]
struct Terms;

struct Stream {
    terms: std::vec::IntoIter<String>,
    token: Token,
}

impl Tokenizer for Terms {
    type TokenStream<'a> = Stream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream {
        Stream {
            terms: analysis::terms(text).into_iter(),
            token: Token::default(),
        }
    }
}

impl TokenStream for Stream {
    fn advance(&mut self) -> bool {
        let Some(term) = self.terms.next() else {
            return false;
        };
        self.token.text = term;
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
