//! The demo page: a conversation in a browser on the computer that runs epibot.

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

use super::page::{self, PreferredLanguage};
use crate::answer::answerer::Answerer;
use crate::domain::access::Access;
use crate::domain::language::Language;
use crate::domain::question::{Question, Turn};
use crate::i18n::web as text;
use crate::web::protection::{self, FramePolicy};
use crate::web::router::{base_routes, with_common_layers};
use crate::web::state::WebState;

/// Maximum length of a question in characters.
const MAX_QUESTION_CHARS: usize = 4000;
/// Maximum number of earlier turns sent with a question; older ones are dropped.
const MAX_TURNS: usize = 20;

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

/// The state of the demo page's handlers.
#[derive(Clone)]
pub struct DemoState {
    pub web: WebState,
    pub answerer: Arc<Answerer>,
    /// The collections that its questions may be answered from.
    pub access: Access,
    /// Example questions shown on the page.
    pub samples: Vec<String>,
}

impl FromRef<DemoState> for WebState {
    fn from_ref(state: &DemoState) -> Self {
        state.web.clone()
    }
}

/// Returns the routes of [`crate::web::router::router`] with the page at `/` and its `/api/ask`, only for requests to
/// a loopback address.
pub fn demo_router(state: DemoState) -> Router {
    let mut demo = Router::new()
        .route("/", get(chat_page))
        .route("/api/ask", post(ask));
    for (path, kind, content) in ASSETS {
        let headers = [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, "no-cache"),
        ];
        demo = demo.route(path, get(move || async move { (headers, content) }));
    }
    let base = base_routes(state.web.clone());
    with_common_layers(demo.with_state(state).merge(base), FramePolicy::SameOrigin)
        .layer(middleware::from_fn(protection::loopback_only))
}

async fn chat_page(
    State(state): State<DemoState>,
    PreferredLanguage(language): PreferredLanguage,
) -> Response {
    let words = text::demo_words(language);
    // Only `<` could end a script element early.
    let texts = json!(words).to_string().replace('<', "\\u003c");
    let values = context! { words, texts, samples => state.samples };
    let sources = "; script-src 'self'; connect-src 'self'; frame-src 'self'";
    page::render_with(StatusCode::OK, language, "demo.html", values, sources)
}

#[derive(Deserialize)]
struct AskRequest {
    question: String,
    #[serde(default)]
    conversation: Vec<Turn>,
}

async fn ask(
    State(state): State<DemoState>,
    PreferredLanguage(language): PreferredLanguage,
    body: Result<Json<AskRequest>, JsonRejection>,
) -> Response {
    let Ok(Json(AskRequest {
        question,
        mut conversation,
    })) = body
    else {
        return error_response(StatusCode::BAD_REQUEST, &text::unreadable_request(language));
    };
    if let Err(sentence) = validate(&question, language) {
        return error_response(StatusCode::UNPROCESSABLE_ENTITY, &sentence);
    }
    conversation.drain(..conversation.len().saturating_sub(MAX_TURNS));
    let question = Question {
        text: question.trim().to_owned(),
        conversation,
        access: state.access,
    };
    stream::answer(state.answerer, question, language)
}

fn validate(question: &str, language: Language) -> Result<(), String> {
    if question.trim().is_empty() {
        Err(text::empty_question(language))
    } else if question.chars().count() > MAX_QUESTION_CHARS {
        Err(text::question_too_long(language, MAX_QUESTION_CHARS))
    } else {
        Ok(())
    }
}

fn error_response(status: StatusCode, sentence: &str) -> Response {
    (status, Json(json!({ "error": sentence }))).into_response()
}
