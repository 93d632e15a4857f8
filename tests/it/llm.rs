//! The language model's client against servers that do what servers do.

use epibot::domain::answer::Usage;
use epibot::llm::client::Llm;
use epibot::llm::error::LlmError;
use epibot::llm::message::{Message, Role};
use epibot::llm::reply::{Ending, Reply};
use serde_json::{Value, json};

use crate::support::llm::{
    Script, ScriptedLlm, Step, config, delta, ending, event, in_pieces, says,
};

fn question() -> Vec<Message> {
    vec![Message::new(Role::User, "온도는?".to_owned())]
}

async fn server(scripts: impl IntoIterator<Item = Script>) -> (ScriptedLlm, Llm) {
    let server = ScriptedLlm::start(scripts).await;
    let llm = Llm::new(&server.config(&[]).llm).unwrap().unwrap();
    (server, llm)
}

async fn rest(mut reply: Reply) -> Result<(String, Reply), LlmError> {
    let mut text = String::new();
    while let Some(piece) = reply.next().await? {
        text.push_str(&piece);
    }
    Ok((text, reply))
}

async fn ask(llm: &Llm) -> Result<(String, Reply), LlmError> {
    rest(llm.ask(&question()).await?).await
}

fn refusal(status: u16, body: &Value) -> Script {
    Script::Status(status, Vec::new(), body.to_string())
}

#[tokio::test]
async fn words_arrive_whole_however_the_stream_is_cut() {
    let mut bytes = b": a comment\n\n".to_vec();
    bytes.extend(event(&delta(
        &json!({ "role": "assistant", "content": null }),
    )));
    bytes.extend(event(&delta(&json!({ "reasoning_content": "let me see" }))));
    bytes.extend(event(
        &json!({ "choices": [{ "delta": { "content": "값은 800 " } }] }),
    ));
    bytes.extend(b"data: this is no JSON\n\n".to_vec());
    bytes.extend(event(&json!({ "ping": 1 })));
    bytes.extend(event(&delta(&json!({ "content": "°C입니다 [1]." }))));
    bytes.extend(ending("stop"));
    for size in [1, 3, 7, 64, 100_000] {
        let (_server, llm) = server([Script::Stream(in_pieces(&bytes, size))]).await;
        let (text, reply) = ask(&llm).await.unwrap();
        assert_eq!(text, "값은 800 °C입니다 [1].", "pieces of {size}");
        assert_eq!(
            reply.usage(),
            Usage {
                prompt_tokens: 120,
                completion_tokens: 7
            }
        );
        assert_eq!(reply.ending(), Some(Ending::Complete));
    }
}

#[tokio::test]
async fn reasoning_within_the_text_is_left_out() {
    let (_server, llm) = server([says(&[
        "<thi",
        "nk>800? 900?</th",
        "ink>\n\nIt is",
        " 800.",
    ])])
    .await;
    assert_eq!(ask(&llm).await.unwrap().0, "It is 800.");
}

#[tokio::test]
async fn the_request_says_what_is_configured() {
    let server = ScriptedLlm::start([says(&["ok"])]).await;
    let settings = [
        ("llm.model", "qwen3"),
        ("llm.max_tokens", "99"),
        ("llm.temperature", "0.5"),
    ];
    let llm = Llm::new(&server.config(&settings).llm).unwrap().unwrap();
    ask(&llm).await.unwrap();
    assert_eq!(
        server.requests()[0],
        json!({
            "model": "qwen3",
            "messages": [{ "role": "user", "content": "온도는?" }],
            "stream": true,
            "stream_options": { "include_usage": true },
            "temperature": 0.5,
            "max_tokens": 99,
        })
    );
    assert_eq!(server.authorization(), None);
}

#[tokio::test]
async fn the_key_is_sent_and_shown_nowhere_else() {
    let server = ScriptedLlm::start([refusal(
        401,
        &json!({ "error": { "message": "bad key sk-hush", "code": "invalid_api_key" } }),
    )])
    .await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    std::fs::write(&file, "sk-hush\n").unwrap();
    let config = server.config(&[("llm.api_key", &format!("file:{}", file.display()))]);
    let llm = Llm::new(&config.llm).unwrap().unwrap();
    let error = ask(&llm).await.unwrap_err();
    assert_eq!(server.authorization().as_deref(), Some("Bearer sk-hush"));
    assert_eq!(
        error.to_string(),
        "the language model's server refused with status 401 (invalid_api_key)"
    );
    assert!(!format!("{llm:?} {error:?} {config:?}").contains("hush"));
    assert_eq!(server.requests().len(), 1, "a wrong key is not tried again");
}

#[tokio::test]
async fn a_busy_server_is_asked_again_when_it_says() {
    let busy = Script::Status(
        429,
        vec![("retry-after", "0".to_owned())],
        json!({ "error": { "code": "rate_limit_exceeded" } }).to_string(),
    );
    let (server, llm) = server([busy, says(&["late"])]).await;
    assert_eq!(ask(&llm).await.unwrap().0, "late");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_server_that_asks_for_too_long_a_wait_or_more_money_is_not_waited_for() {
    let busy = Script::Status(429, vec![("retry-after", "3600".to_owned())], String::new());
    let spent = refusal(429, &json!({ "error": { "code": "insufficient_quota" } }));
    let (server, llm) = server([busy, spent]).await;
    let error = ask(&llm).await.unwrap_err();
    assert!(
        matches!(error, LlmError::RateLimited { after: Some(after) } if after.as_secs() == 3600),
        "{error}"
    );
    let error = ask(&llm).await.unwrap_err();
    assert!(
        matches!(error, LlmError::Refused { status: 429, .. }),
        "{error}"
    );
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn an_error_or_a_cut_before_the_first_word_is_tried_again() {
    let broken = Script::Status(500, Vec::new(), "<html>oops".to_owned());
    let cut = Script::Stream(vec![Step::Send(b": hello\n\n".to_vec()), Step::Cut]);
    let (server, llm) = server([broken, cut, says(&["there"])]).await;
    assert_eq!(ask(&llm).await.unwrap().0, "there");
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn attempts_are_limited() {
    let server = ScriptedLlm::start([refusal(500, &json!({})), refusal(503, &json!({}))]).await;
    let llm = Llm::new(&server.config(&[("llm.attempts", "2")]).llm)
        .unwrap()
        .unwrap();
    assert!(matches!(
        ask(&llm).await.unwrap_err(),
        LlmError::Refused { status: 503, .. }
    ));
}

#[tokio::test]
async fn a_refused_parameter_is_left_out_from_then_on() {
    let refused = refusal(
        400,
        &json!({ "error": { "message": "stream_options: extra fields not permitted" } }),
    );
    let (server, llm) = server([refused, says(&["one"]), says(&["two"])]).await;
    assert_eq!(ask(&llm).await.unwrap().0, "one");
    assert_eq!(ask(&llm.clone()).await.unwrap().0, "two");
    let asked: Vec<bool> = server
        .requests()
        .iter()
        .map(|request| request.get("stream_options").is_some())
        .collect();
    assert_eq!(asked, [true, false, false]);
}

#[tokio::test]
async fn a_break_after_the_first_word_is_not_tried_again() {
    let words = event(&delta(&json!({ "content": "Half an" })));
    for (steps, expected) in [
        (
            vec![Step::Send(words.clone()), Step::Cut],
            LlmError::Interrupted,
        ),
        // An end without a reason is a cut, too.
        (vec![Step::Send(words.clone())], LlmError::Interrupted),
        (
            vec![
                Step::Send(words.clone()),
                Step::Send(event(
                    &json!({ "error": { "message": "out of memory", "code": 500 } }),
                )),
            ],
            LlmError::Refused {
                status: 500,
                reason: None,
                body: String::new(),
            },
        ),
    ] {
        let (server, llm) = server([Script::Stream(steps)]).await;
        let mut reply = llm.ask(&question()).await.unwrap();
        assert_eq!(reply.next().await.unwrap().as_deref(), Some("Half an"));
        assert_eq!(reply.next().await.unwrap_err(), expected);
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn an_answer_is_whole_without_the_closing_mark() {
    let words = event(
        &json!({ "choices": [{ "delta": { "content": "All." }, "finish_reason": "length" }] }),
    );
    let (_server, llm) = server([
        Script::Stream(vec![Step::Send(words.clone())]),
        Script::Stream(vec![Step::Send(words), Step::Cut]),
    ])
    .await;
    for _ in 0..2 {
        let (text, reply) = ask(&llm).await.unwrap();
        assert_eq!(
            (text.as_str(), reply.ending()),
            ("All.", Some(Ending::TooLong))
        );
    }
}

#[tokio::test]
async fn a_server_that_never_begins_is_given_up() {
    let (server, llm) = server([Script::Silence]).await;
    let question = question();
    let (answer, ()) = tokio::join!(llm.ask(&question), async {
        server.received(1).await;
        tokio::time::pause();
    });
    assert_eq!(answer.unwrap_err(), LlmError::Stalled { seconds: 60 });
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_model_that_falls_silent_is_given_up() {
    let keep_alive = event(&delta(&json!({ "content": "" })));
    let steps = vec![
        Step::Send(event(&delta(&json!({ "content": "Half" })))),
        Step::Send(keep_alive),
        Step::Hang,
    ];
    let (_server, llm) = server([Script::Stream(steps)]).await;
    let mut reply = llm.ask(&question()).await.unwrap();
    reply.next().await.unwrap();
    tokio::time::pause();
    assert_eq!(
        reply.next().await.unwrap_err(),
        LlmError::Stalled { seconds: 20 }
    );
}

#[tokio::test]
async fn what_is_no_answer_is_told_apart() {
    for (script, sentence) in [
        (
            says(&[]),
            "the language model's server sent no usable answer: an empty answer",
        ),
        (
            says(&["", " \n "]),
            "the language model's server sent no usable answer: an empty answer",
        ),
        (
            Script::Status(200, Vec::new(), "<html>login</html>".to_owned()),
            "the language model's server sent no usable answer: no chat completion",
        ),
        (
            refusal(302, &json!({})),
            "the language model's server refused with status 302",
        ),
        (
            refusal(404, &json!({ "error": { "code": "model_not_found" } })),
            "the language model's server refused with status 404 (model_not_found)",
        ),
    ] {
        let (server, llm) = server([script]).await;
        assert_eq!(ask(&llm).await.unwrap_err().to_string(), sentence);
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_server_that_does_not_stop_is_stopped() {
    let word = event(&delta(&json!({ "content": "again and again " })));
    let server = ScriptedLlm::start([Script::Stream(vec![Step::Send(word); 10_000])]).await;
    let llm = Llm::new(&server.config(&[("llm.max_tokens", "10")]).llm)
        .unwrap()
        .unwrap();
    let (text, reply) = ask(&llm).await.unwrap();
    assert!(text.len() <= 160, "{}", text.len());
    assert_eq!(reply.ending(), Some(Ending::TooLong));
}

#[tokio::test]
async fn an_address_where_nobody_listens_is_unreachable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
    drop(listener);
    let llm = Llm::new(&config(&base_url, &[("llm.attempts", "1")]).llm)
        .unwrap()
        .unwrap();
    let error = ask(&llm).await.unwrap_err();
    assert!(
        matches!(&error, LlmError::Unreachable(why) if why.contains("refused")),
        "{error}"
    );
}

#[tokio::test]
async fn without_an_address_there_is_no_model() {
    let config =
        epibot::config::load::load_from(None, Some(std::collections::HashMap::new())).unwrap();
    assert!(Llm::new(&config.llm).unwrap().is_none());
}
