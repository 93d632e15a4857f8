//! A document without pages: its text, with the passage marked.

use axum::response::Response;
use minijinja::context;

use super::{Cited, file_of};
use crate::domain::document::Format;
use crate::web::WebState;
use crate::web::mark;

/// The document around the passage. Where the document cannot be read or no longer says it, the passage alone.
pub(super) async fn page(state: &WebState, cited: &Cited) -> Response {
    let file = match file_of(state, cited).await {
        Ok(file) => file,
        Err(refusal) => return refusal,
    };
    let text = match state.extractor.extract(&file).await {
        // Without pages, a document's text is that of a single one; of slides, the cited one is shown.
        Ok(extracted) => extracted
            .pages
            .into_iter()
            .filter(|page| page.page == cited.passage.page)
            .map(|page| page.text)
            .collect(),
        Err(error) => {
            tracing::warn!(document = %cited.passage.document.id, %error, "a cited document could not be read");
            String::new()
        }
    };
    let Some(at) = mark::locate(&text, &cited.passage) else {
        return cited.page(context! { kind => "passage" });
    };
    let shown = mark::excerpt(&text, &at);
    let body = &text[shown.clone()];
    let at = at.start - shown.start..at.end - shown.start;
    let is_plain = cited.passage.document.format == Format::Text;
    cited.page(context! {
        kind => if is_plain { "plain" } else { "markdown" },
        body => if is_plain { mark::plain(body, &at) } else { mark::markdown(body, &at) },
        shortened => shown.len() < text.len(),
    })
}
