//! Neutralizes the text of documents so that it can be quoted.

use super::sanitize::Sanitizer;

/// Removes what would become active markup from a document's text; its own `[1]` becomes `(1)`, so that it does not look
/// like a citation.
pub(super) fn neutralize(text: &str) -> String {
    let mut sanitizer = Sanitizer::quoting();
    sanitizer.push(text);
    sanitizer.finish();
    sanitizer.text().to_owned()
}
