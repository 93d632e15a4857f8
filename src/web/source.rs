//! Source pages: the cited document with the cited words highlighted.
//!
//! Every page requires a signed link, and files are found only through the catalogue: no part of a URL becomes a path.

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

use crate::answer::links::LinkError;
use crate::domain::access::Access;
use crate::domain::audience::Audience;
use crate::domain::document::DocumentId;
use crate::domain::language::Language;
use crate::domain::passage::{Passage, PassageId};
use crate::i18n::web as text;
use crate::web::page::{self, PreferredLanguage};
use crate::web::state::WebState;

/// Returns the routes of source pages, page images and files.
pub(super) fn routes() -> Router<WebState> {
    Router::new()
        .route("/source/{passage}", get(open))
        .route("/source/{passage}/page.png", get(pdf::image))
        .route("/source/{passage}/file", get(pdf::file))
}

/// A passage requested with a valid link. The link is the permission to see its document: links are given only to people
/// whose question was allowed to find the passage.
pub(super) struct CitedPassage {
    passage: Passage,
    /// The signed query string, for links to the other views of the same passage.
    signed: String,
    /// The page to show, if not the cited one.
    page: Option<u32>,
    /// Width of the page image, in pixels.
    width: Option<u32>,
    language: Language,
}

#[derive(Deserialize)]
struct SourceQuery {
    collection: String,
    until: i64,
    signature: String,
    /// The audience that the link was given to.
    #[serde(default, rename = "for")]
    audience: String,
    page: Option<u32>,
    width: Option<u32>,
}

impl FromRequestParts<WebState> for CitedPassage {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Response> {
        let PreferredLanguage(language) = PreferredLanguage::from_headers(&parts.headers);
        let not_found =
            || page::message(StatusCode::NOT_FOUND, language, &text::not_found(language));
        let Path(id) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| not_found())?;
        let Query(query) = Query::<SourceQuery>::from_request_parts(parts, state)
            .await
            .map_err(|_| not_found())?;
        let id = PassageId(id);
        let SourceQuery {
            collection,
            until,
            signature,
            audience,
            ..
        } = &query;
        let checked = state
            .links
            .check(&id, collection, *until, audience, signature);
        let audience = Audience::parse(audience);
        match checked {
            // The rules have changed since the link was given, or the person has left a user group.
            Ok(()) if !state.read_access.may_read(&audience, collection).await => {
                return Err(not_found());
            }
            Ok(()) => {}
            Err(LinkError::Forged) => return Err(not_found()),
            Err(LinkError::Expired) => {
                return Err(page::message(
                    StatusCode::GONE,
                    language,
                    &text::link_expired(language),
                ));
            }
        }
        let passage = match state.index.passage(&id, &Access::Everything).await {
            // The document has moved to another collection since the link was given.
            Ok(Some(passage)) if passage.document.collection != *collection => {
                return Err(not_found());
            }
            Ok(Some(passage)) => passage,
            Ok(None) => return Err(gone(state, &id, language).await),
            Err(error) => return Err(failed(language, &error)),
        };
        let signed = state.links.query(&passage, query.until, &audience);
        Ok(Self {
            passage,
            signed,
            page: query.page,
            width: query.width,
            language,
        })
    }
}

impl CitedPassage {
    /// Renders the source page with the data of its document and the `details` of its format.
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
    cited: CitedPassage,
) -> Response {
    if cited.passage.document.format.has_page_images() {
        pdf::page(&state, &cited).await
    } else {
        document::page(&state, &cited).await
    }
}

/// Returns the page for a valid link whose passage no longer exists because the document was reindexed.
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
    tracing::error!(error = format!("{error:#}"), "cannot open a source page");
    page::message(
        StatusCode::SERVICE_UNAVAILABLE,
        language,
        &text::unavailable(language),
    )
}

/// Returns the file of the cited document, or an error page if it is no longer where the catalogue says.
async fn document_file(
    state: &WebState,
    cited: &CitedPassage,
) -> Result<std::path::PathBuf, Response> {
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
