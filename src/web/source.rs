//! Source pages: what an answer cites, with the cited words marked.
//!
//! Nothing here opens without a link that we signed, and files are found by the catalogue alone: no part of
//! an address ever becomes a path.

mod document;
mod pdf;

use axum::Router;
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use axum::routing::get;
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Deserialize;

use super::WebState;
use super::page::{self, Reader};
use crate::answer::link::{Audience, Refusal};
use crate::domain::access::Access;
use crate::domain::document::{DocumentId, Format};
use crate::domain::language::Language;
use crate::domain::passage::{Passage, PassageId};
use crate::i18n::web as text;

/// Where source pages, page images and files are served.
pub(super) fn routes() -> Router<WebState> {
    Router::new()
        .route("/source/{passage}", get(open))
        .route("/source/{passage}/page.png", get(pdf::image))
        .route("/source/{passage}/file", get(pdf::file))
}

/// A passage that the reader holds a valid link to. That is the permission to see its document: links are
/// given only to those whose question was allowed to find the passage.
pub(super) struct Cited {
    passage: Passage,
    /// The signed part of the address, for links to the other views of the same passage.
    signed: String,
    /// The page to show, where it is not the cited one.
    page: Option<u32>,
    /// Width of the page image, in pixels.
    width: Option<u32>,
    language: Language,
}

#[derive(Deserialize)]
struct Address {
    collection: String,
    until: i64,
    signature: String,
    /// Whom the link was given to.
    #[serde(default, rename = "for")]
    audience: String,
    page: Option<u32>,
    width: Option<u32>,
}

impl FromRequestParts<WebState> for Cited {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Response> {
        let Reader(language) = Reader::of(&parts.headers);
        let forged = || page::message(StatusCode::NOT_FOUND, language, &text::not_found(language));
        let Path(id) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| forged())?;
        let Query(address) = Query::<Address>::from_request_parts(parts, state)
            .await
            .map_err(|_| forged())?;
        let id = PassageId(id);
        let Address {
            collection,
            until,
            signature,
            audience,
            ..
        } = &address;
        let checked = state
            .links
            .check(&id, collection, *until, audience, signature);
        let audience = Audience::named(audience);
        match checked {
            // Since the link was given, the rules have changed, or a person has left a user group.
            Ok(()) if !state.readers.may_read(&audience, collection).await => return Err(forged()),
            Ok(()) => {}
            Err(Refusal::Forged) => return Err(forged()),
            Err(Refusal::Expired) => {
                return Err(page::message(
                    StatusCode::GONE,
                    language,
                    &text::link_expired(language),
                ));
            }
        }
        let passage = match state.index.passage(&id, &Access::Everything).await {
            // Since the link was given, the document has gone to others than those who may use it.
            Ok(Some(passage)) if passage.document.collection != *collection => return Err(forged()),
            Ok(Some(passage)) => passage,
            Ok(None) => return Err(gone(state, &id, language).await),
            Err(error) => return Err(failed(language, &error)),
        };
        let signed = state.links.query(&passage, address.until, &audience);
        Ok(Self {
            passage,
            signed,
            page: address.page,
            width: address.width,
            language,
        })
    }
}

impl Cited {
    /// What every source page says about its document, and `details` of its own kind.
    fn page(&self, details: Value) -> Response {
        let values = context! {
            words => text::source_words(self.language),
            passage => Serde(&self.passage),
            cited_page => self.passage.page_label(),
            signed => self.signed.as_str(),
            ..details
        };
        page::render(StatusCode::OK, self.language, "source.html", values)
    }
}

async fn open(
    axum::extract::State(state): axum::extract::State<WebState>,
    cited: Cited,
) -> Response {
    match cited.passage.document.format {
        Format::Pdf => pdf::page(&state, &cited).await,
        Format::Markdown
        | Format::Html
        | Format::Text
        | Format::Word
        | Format::Slides
        | Format::Sheet
        | Format::Hangul => document::page(&state, &cited).await,
    }
}

/// The link is ours, but its passage is no longer there: the document was indexed anew since.
async fn gone(state: &WebState, id: &PassageId, language: Language) -> Response {
    let document = DocumentId(id.0.split('-').next().unwrap_or_default().to_owned());
    let file = match state.catalog.file(&document).await {
        Ok(file) => file,
        Err(error) => return failed(language, &error),
    };
    let name = file
        .as_deref()
        .and_then(std::path::Path::file_name)
        .map(|name| name.to_string_lossy());
    page::message(
        StatusCode::GONE,
        language,
        &text::passage_gone(language, name.as_deref()),
    )
}

fn failed(language: Language, error: &anyhow::Error) -> Response {
    tracing::error!(
        error = format!("{error:#}"),
        "a source page could not be opened"
    );
    page::message(
        StatusCode::SERVICE_UNAVAILABLE,
        language,
        &text::unavailable(language),
    )
}

/// The file of the cited document, if it is still where the catalogue says.
async fn file_of(state: &WebState, cited: &Cited) -> Result<std::path::PathBuf, Response> {
    let missing = || {
        page::message(
            StatusCode::NOT_FOUND,
            cited.language,
            &text::file_missing(cited.language),
        )
    };
    let file = state
        .catalog
        .file(&cited.passage.document.id)
        .await
        .map_err(|error| failed(cited.language, &error))?;
    let file = file.ok_or_else(missing)?;
    if tokio::fs::metadata(&file)
        .await
        .is_ok_and(|metadata| metadata.is_file())
    {
        Ok(file)
    } else {
        Err(missing())
    }
}
