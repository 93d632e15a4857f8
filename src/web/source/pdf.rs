//! The cited page of a PDF as an image, and the PDF itself.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use minijinja::context;
use tower::ServiceExt;
use tower_http::services::ServeFile;

use super::{CitedPassage, document_file};
use crate::domain::document::Format;
use crate::i18n::web as text;
use crate::web::page;
use crate::web::state::WebState;

/// Widths in pixels of page images: for a phone, a desktop, and zooming in.
const WIDTHS: [u32; 3] = [900, 1500, 2400];
/// Width in pixels at which a page is rendered only to test whether it can be.
const TRIAL_WIDTH: u32 = 64;

/// Renders the HTML page around the page image.
pub(super) async fn page(state: &WebState, cited: &CitedPassage) -> Response {
    let file = match document_file(state, cited).await {
        Ok(file) => file,
        Err(refusal) => return refusal,
    };
    let shown = shown_page(cited);
    let rendered = state
        .extractor
        .render(&file, shown, quote(cited), TRIAL_WIDTH)
        .await;
    let image = match rendered {
        Ok(image) => image,
        Err(error) => {
            tracing::warn!(document = %cited.passage.document.id, page = shown, %error, "cannot render a page");
            None
        }
    };
    let label = if is_cited_page(cited) {
        cited.passage.page_label()
    } else {
        None
    };
    let label = label.unwrap_or_else(|| shown.to_string());
    cited.page(context! {
        kind => "pdf",
        shown,
        on_cited_page => is_cited_page(cited),
        image => image.is_some(),
        marked => image.is_some_and(|image| image.marked),
        widths => WIDTHS,
        description => text::page_image(cited.language, &cited.passage.document.title, &label),
        label,
    })
}

/// Handles `GET /source/{passage}/page.png`: the page image.
pub(in crate::web) async fn image(State(state): State<WebState>, cited: CitedPassage) -> Response {
    let file = match document_file(&state, &cited).await {
        Ok(file) => file,
        Err(refusal) => return refusal,
    };
    let width = cited
        .width
        .filter(|width| WIDTHS.contains(width))
        .unwrap_or(WIDTHS[1]);
    match state
        .extractor
        .render(&file, shown_page(&cited), quote(&cited), width)
        .await
    {
        Ok(Some(image)) => {
            let headers = [
                (header::CONTENT_TYPE, "image/png"),
                (header::CACHE_CONTROL, "private, max-age=600"),
            ];
            (headers, image.png).into_response()
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::warn!(document = %cited.passage.document.id, %error, "cannot render a page image");
            StatusCode::UNPROCESSABLE_ENTITY.into_response()
        }
    }
}

/// Handles `GET /source/{passage}/file`: the PDF, whole or in the ranges that a viewer requests.
pub(in crate::web) async fn file(
    State(state): State<WebState>,
    cited: CitedPassage,
    request: Request,
) -> Response {
    // Other formats could contain scripts; their text is shown instead.
    if cited.passage.document.format != Format::Pdf {
        return page::message(
            StatusCode::NOT_FOUND,
            cited.language,
            &text::not_found(cited.language),
        );
    }
    let file = match document_file(&state, &cited).await {
        Ok(file) => file,
        Err(refusal) => return refusal,
    };
    let Ok(mut response) = ServeFile::new(file).oneshot(request).await;
    if response.status().is_server_error() || response.status() == StatusCode::NOT_FOUND {
        return page::message(
            StatusCode::NOT_FOUND,
            cited.language,
            &text::file_missing(cited.language),
        );
    }
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/pdf"),
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, max-age=600"),
    );
    headers.insert(
        header::CONTENT_DISPOSITION,
        content_disposition(&cited.passage.document.path),
    );
    response.into_response()
}

fn shown_page(cited: &CitedPassage) -> u32 {
    cited
        .page
        .or(cited.passage.page.as_ref().map(|page| page.number))
        .unwrap_or(1)
        .max(1)
}

fn is_cited_page(cited: &CitedPassage) -> bool {
    cited
        .passage
        .page
        .as_ref()
        .is_none_or(|page| page.number == shown_page(cited))
}

/// Returns the words to highlight: none if another page of the document is shown.
fn quote(cited: &CitedPassage) -> &str {
    if is_cited_page(cited) {
        &cited.passage.text
    } else {
        ""
    }
}

/// Returns a `Content-Disposition` that shows the file in the browser and saves it under its own name; older browsers
/// get the name reduced to ASCII.
fn content_disposition(path: &str) -> HeaderValue {
    let name = path.rsplit('/').next().unwrap_or_default();
    let plain: String = name
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() || "-_. ".contains(letter) {
                letter
            } else {
                '_'
            }
        })
        .collect();
    let encoded: String = name
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect();
    HeaderValue::try_from(format!(
        "inline; filename=\"{plain}\"; filename*=UTF-8''{encoded}"
    ))
    .unwrap_or(HeaderValue::from_static("inline"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_break_out_of_its_header() {
        assert_eq!(
            content_disposition("manuals/HX-7 \"운전\"; x=1\r\n.pdf"),
            "inline; filename=\"HX-7 _____ x_1__.pdf\"; filename*=UTF-8''HX-7%20%22%EC%9A%B4%EC%A0%84%22%3B%20x%3D1%0D%0A.pdf"
        );
    }
}
