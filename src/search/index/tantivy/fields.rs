//! The Tantivy schema.

use sha2::{Digest, Sha256};
use tantivy::TantivyDocument;
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};

use super::{term_hashes, tokens};
use crate::domain::passage::{Passage, PassageId};
use crate::search::analysis;
use crate::search::index::rank::heading;

/// Incremented when passages would be stored differently.
pub(super) const VERSION: u32 = 3;
/// The one field that every version has had.
pub(super) const PASSAGE: &str = "passage";
pub(super) const NUMBER: &str = "number";

#[derive(Clone)]
pub(super) struct Fields {
    pub(super) schema: Schema,
    pub(super) id: Field,
    /// The passage's [`number`].
    pub(super) number: Field,
    pub(super) document: Field,
    pub(super) collection: Field,
    /// Terms of the text.
    pub(super) text: Field,
    /// Terms of the document's title and number and of the headings above the text.
    pub(super) heading: Field,
    /// Every code in the text.
    pub(super) code: Field,
    /// Codes at the start of a line, as in a list that explains them.
    pub(super) leading_code: Field,
    /// Hashes of all terms in order, to locate those of a query.
    pub(super) term_hashes: Field,
    /// The passage itself, as JSON.
    pub(super) passage: Field,
}

impl Default for Fields {
    fn default() -> Self {
        let mut schema = Schema::builder();
        let terms = TextOptions::default().set_indexing_options(
            TextFieldIndexing::default()
                .set_tokenizer(tokens::RAW_TOKENIZER)
                .set_index_option(IndexRecordOption::WithFreqs),
        );
        let id = schema.add_text_field("id", STRING);
        let number = schema.add_u64_field(NUMBER, INDEXED | FAST);
        let document = schema.add_text_field("document", STRING);
        let collection = schema.add_text_field("collection", STRING);
        let text = schema.add_text_field("text", terms.clone());
        let heading = schema.add_text_field("heading", terms);
        let code = schema.add_text_field("code", STRING);
        let leading_code = schema.add_text_field("leading_code", STRING);
        let term_hashes = schema.add_bytes_field("signs", STORED);
        let passage = schema.add_bytes_field(PASSAGE, STORED);
        Self {
            schema: schema.build(),
            id,
            number,
            document,
            collection,
            text,
            heading,
            code,
            leading_code,
            term_hashes,
            passage,
        }
    }
}

impl Fields {
    pub(super) fn document_of(&self, passage: &Passage) -> anyhow::Result<TantivyDocument> {
        let mut document = TantivyDocument::default();
        document.add_text(self.id, &passage.id.0);
        document.add_u64(self.number, number(&passage.id));
        document.add_text(self.document, &passage.document.id.0);
        document.add_text(self.collection, &passage.document.collection);
        let heading = heading(passage);
        let (above, text) = (analysis::terms(&heading), analysis::terms(&passage.text));
        document.add_bytes(self.term_hashes, &term_hashes::encode(&above, &text));
        document.add_pre_tokenized_text(self.heading, tokens::tokenized(above));
        document.add_pre_tokenized_text(self.text, tokens::tokenized(text));
        for code in analysis::codes(&passage.text) {
            document.add_text(self.code, &code.name);
            if code.leads {
                document.add_text(self.leading_code, &code.name);
            }
        }
        // A document's own number and the codes in its headings are not in the text.
        for code in analysis::codes(&heading) {
            document.add_text(self.code, &code.name);
        }
        document.add_bytes(self.passage, &serde_json::to_vec(passage)?);
        Ok(document)
    }
}

/// Returns a passage's id hashed to eight bytes, the key of its vector. Two of a million passages collide in one of forty
/// million libraries.
pub(super) fn number(id: &PassageId) -> u64 {
    let digest = Sha256::digest(&id.0);
    digest[..8]
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}
