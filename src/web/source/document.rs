//! A document without pages: its text with the passage highlighted.

use axum::response::Response;
use minijinja::context;

use super::{CitedPassage, document_file};
use crate::domain::document::Format;
use crate::web::highlight;
use crate::web::state::WebState;

/// Renders the document around the passage, or the passage alone if the document cannot be read or no longer contains it.
pub(super) async fn page(state: &WebState, cited: &CitedPassage) -> Response {
    let file = match document_file(state, cited).await {
        Ok(file) => file,
        Err(refusal) => return refusal,
    };
    let text = match state.extractor.extract(&file).await {
        // A document without pages has one page that contains all text; of slides, only the cited one is shown.
        Ok(extracted) => extracted
            .pages
            .into_iter()
            .filter(|page| page.page == cited.passage.page)
            .map(|page| page.text)
            .collect(),
        Err(error) => {
            tracing::warn!(document = %cited.passage.document.id, %error, "cannot read a cited document");
            String::new()
        }
    };
    let Some(at) = highlight::locate(&text, &cited.passage) else {
        return cited.page(context! { kind => "passage" });
    };
    let shown = highlight::excerpt(&text, &at);
    let body = &text[shown.clone()];
    let at = at.start - shown.start..at.end - shown.start;
    let is_plain = cited.passage.document.format == Format::Text;
    cited.page(context! {
        kind => if is_plain { "plain" } else { "markdown" },
        body => if is_plain { highlight::plain(body, &at) } else { highlight::markdown(body, &at) },
        shortened => shown.len() < text.len(),
    })
}
