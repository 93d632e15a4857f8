//! Text of documents, made fit to be quoted.

use super::sanitize::Sanitizer;

/// A document's text without anything that would become active markup; its own `[1]` becomes `(1)`, so that it does not
/// look like a citation.
pub(super) fn neutralize(text: &str) -> String {
    let mut sanitizer = Sanitizer::quoting();
    sanitizer.push(text);
    sanitizer.finish();
    sanitizer.text().to_owned()
}
