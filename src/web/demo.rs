//! The demo page: a conversation in the browser, on the computer that epibot runs on.

mod stream;

use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRef, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use minijinja::context;
use serde::Deserialize;
use serde_json::json;

use super::guard::{self, Frames};
use super::page::{self, Reader};
use super::{WebState, finished, sources};
use crate::answer::Answerer;
use crate::domain::access::Access;
use crate::domain::language::Language;
use crate::domain::question::{Question, Turn};
use crate::i18n::web as text;

/// Characters that a question may have.
const QUESTION_LIMIT: usize = 4000;
/// Earlier contributions that go with a question; older ones are left out.
const TURN_LIMIT: usize = 20;

/// Scripts, styles and images of the demo page.
const ASSETS: [(&str, &str, &str); 6] = [
    (
        "/assets/demo.css",
        "text/css; charset=utf-8",
        include_str!("assets/demo.css"),
    ),
    (
        "/assets/demo.js",
        "text/javascript; charset=utf-8",
        include_str!("assets/demo.js"),
    ),
    (
        "/assets/events.js",
        "text/javascript; charset=utf-8",
        include_str!("assets/events.js"),
    ),
    (
        "/assets/markdown.js",
        "text/javascript; charset=utf-8",
        include_str!("assets/markdown.js"),
    ),
    (
        "/assets/viewer.js",
        "text/javascript; charset=utf-8",
        include_str!("assets/viewer.js"),
    ),
    (
        "/assets/icon.svg",
        "image/svg+xml",
        include_str!("assets/icon.svg"),
    ),
];

/// What the demo page needs.
#[derive(Clone)]
pub struct DemoState {
    pub web: WebState,
    pub answerer: Arc<Answerer>,
    /// What its questions may be answered from.
    pub access: Access,
    /// Questions that the page suggests.
    pub samples: Vec<String>,
}

impl FromRef<DemoState> for WebState {
    fn from_ref(state: &DemoState) -> Self {
        state.web.clone()
    }
}

/// The routes of [`super::router`], the page at `/` and its `/api/ask`; only for requests to a loopback address.
pub fn demo_router(state: DemoState) -> Router {
    let mut demo = Router::new()
        .route("/", get(chat))
        .route("/api/ask", post(ask));
    for (path, kind, content) in ASSETS {
        let headers = [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, "no-cache"),
        ];
        demo = demo.route(path, get(move || async move { (headers, content) }));
    }
    let sources = sources(state.web.clone());
    finished(demo.with_state(state).merge(sources), Frames::Ourselves)
        .layer(middleware::from_fn(guard::loopback_only))
}

async fn chat(State(state): State<DemoState>, Reader(language): Reader) -> Response {
    let words = text::demo_words(language);
    // In a script element only `<` could end the data before its time.
    let texts = json!(words).to_string().replace('<', "\\u003c");
    let values = context! { words, texts, samples => state.samples };
    let sources = "; script-src 'self'; connect-src 'self'; frame-src 'self'";
    page::render_with(StatusCode::OK, language, "demo.html", values, sources)
}

#[derive(Deserialize)]
struct Ask {
    question: String,
    #[serde(default)]
    conversation: Vec<Turn>,
}

async fn ask(
    State(state): State<DemoState>,
    Reader(language): Reader,
    body: Result<Json<Ask>, JsonRejection>,
) -> Response {
    let Ok(Json(Ask {
        question,
        mut conversation,
    })) = body
    else {
        return refused(StatusCode::BAD_REQUEST, &text::unreadable_request(language));
    };
    match checked(&question, language) {
        Ok(()) => {}
        Err(sentence) => return refused(StatusCode::UNPROCESSABLE_ENTITY, &sentence),
    }
    conversation.drain(..conversation.len().saturating_sub(TURN_LIMIT));
    let question = Question {
        text: question.trim().to_owned(),
        conversation,
        access: state.access,
    };
    stream::answer(state.answerer, question, language)
}

fn checked(question: &str, language: Language) -> Result<(), String> {
    if question.trim().is_empty() {
        Err(text::empty_question(language))
    } else if question.chars().count() > QUESTION_LIMIT {
        Err(text::question_too_long(language, QUESTION_LIMIT))
    } else {
        Ok(())
    }
}

fn refused(status: StatusCode, sentence: &str) -> Response {
    (status, Json(json!({ "error": sentence }))).into_response()
}
