//! Streams an answer to the browser as server-sent events.
//!
//! `progress` has the stage and `text` the whole answer so far; the last event is `answer` with everything, or `failed`
//! with a message for the user.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::http::{HeaderValue, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures::stream;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::answer::answerer::Answerer;
use crate::answer::attachments::Attachments;
use crate::answer::progress::Progress;
use crate::domain::answer::Answer;
use crate::domain::audience::Audience;
use crate::domain::language::Language;
use crate::domain::question::Question;
use crate::i18n::web as text;

type Answering = Pin<Box<dyn Future<Output = anyhow::Result<Answer>> + Send>>;

/// Answers while the browser is connected: dropping the stream cancels the answering.
pub(super) fn answer(answerer: Arc<Answerer>, question: Question, language: Language) -> Response {
    let (sender, mut progress) = watch::channel(Progress::default());
    progress.mark_changed();
    let answering: Answering = Box::pin(async move {
        answerer
            .answer(
                &question,
                &Attachments::default(),
                &Audience::Everyone,
                &sender,
            )
            .await
    });
    let events = stream::unfold(Some((answering, progress)), move |state| async move {
        let (mut answering, mut progress) = state?;
        let ended = tokio::select! {
            biased;
            // `answering` owns the sender, so the channel cannot close before it is done.
            Ok(()) = progress.changed() => None,
            ended = &mut answering => Some(ended),
        };
        Some(match ended {
            None => {
                let event = stage(&progress.borrow_and_update());
                (event, Some((answering, progress)))
            }
            Some(Ok(answer)) => (event("answer", &with_drawing(&answer)), None),
            Some(Err(error)) => {
                tracing::error!(error = format!("{error:#}"), "cannot answer a question");
                (
                    event("failed", &json!({ "error": text::answer_failed(language) })),
                    None,
                )
            }
        })
    });
    let mut response = Sse::new(futures::StreamExt::map(events, Ok::<_, Infallible>))
        .keep_alive(KeepAlive::default())
        .into_response();
    // Tells proxies not to buffer the answer.
    response
        .headers_mut()
        .insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Serializes an answer with its drawing as a data URL.
fn with_drawing(answer: &Answer) -> Value {
    let mut value = serde_json::to_value(answer).unwrap_or_default();
    if let Some(drawing) = &answer.drawing {
        let png = BASE64_STANDARD.encode(&drawing.png);
        value["drawing"] = format!("data:image/png;base64,{png}").into();
    }
    value
}

fn stage(progress: &Progress) -> Event {
    match progress {
        Progress::Searching => event("progress", &json!({ "stage": "searching" })),
        Progress::Reading { passages } => event(
            "progress",
            &json!({ "stage": "reading", "passages": passages }),
        ),
        Progress::Writing(text) => event("text", &json!({ "text": text })),
    }
}

fn event(name: &str, data: &impl Serialize) -> Event {
    match serde_json::to_string(data) {
        Ok(data) => Event::default().event(name).data(data),
        Err(error) => {
            tracing::error!(%error, "cannot serialize an event");
            Event::default().comment("not serializable")
        }
    }
}
