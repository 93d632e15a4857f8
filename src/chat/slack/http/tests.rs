use axum::body::Body;
use jiff::Timestamp;
use serde_json::json;
use tower::ServiceExt;

use super::*;
use crate::chat::commands::Commands;
use crate::chat::slack::event::bot;
use crate::chat::slack::{Client, sample};
use crate::storage::queue::Queue;

const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
const NOW: i64 = 1_800_000_000;

/// The events API with a queue.
struct TestServer {
    router: Router,
    queue: Queue,
    clock: Clock,
    _folder: tempfile::TempDir,
}

async fn server() -> TestServer {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(Timestamp::from_second(NOW).unwrap());
    let mut config = sample::config();
    config.slack.signing_secret = Some(Secret::new(SECRET));
    let slack = config.slack.clone();
    let services = sample::services(folder.path(), config, clock.clone()).await;
    let queue = services.queue.clone();
    let client = Client::new(&slack).unwrap();
    let router = router(
        Intake::new(&services, client, bot(), Commands::default()),
        &slack,
        clock.clone(),
    )
    .unwrap();
    TestServer {
        router,
        queue,
        clock,
        _folder: folder,
    }
}

fn sign(secret: &str, time: i64, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("v0:{time}:").as_bytes());
    mac.update(body);
    format!("v0={}", hex::encode(mac.finalize().into_bytes()))
}

fn request(body: &str, time: i64, signature: &str, kind: &str) -> Request {
    Request::post(PATH)
        .header("content-type", kind)
        .header("x-slack-request-timestamp", time.to_string())
        .header("x-slack-signature", signature)
        .body(Body::from(body.to_owned()))
        .unwrap()
}

fn signed(body: &str, kind: &str) -> Request {
    request(body, NOW, &sign(SECRET, NOW, body.as_bytes()), kind)
}

impl TestServer {
    async fn send(&self, request: Request) -> (StatusCode, String) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }
}

fn mention(ts: &str) -> String {
    let event = json!({"type": "app_mention", "channel": "C1", "user": "U1", "ts": ts, "text": "<@UBOT> purge flow?"});
    json!({"type": "event_callback", "team_id": "T1", "event": event}).to_string()
}

#[tokio::test]
async fn a_signed_question_is_stored_and_acknowledged_once() {
    let server = server().await;
    for _ in 0..3 {
        let mut delivery = signed(&mention("1.1"), "application/json");
        delivery
            .headers_mut()
            .insert("x-slack-retry-num", "1".parse().unwrap());
        assert_eq!(server.send(delivery).await.0, StatusCode::OK);
    }
    assert_eq!(server.queue.size().await.unwrap(), 1);
    assert!(server.queue.lookup("T1/C1/1.1").await.unwrap().is_some());
}

#[tokio::test]
async fn forged_stale_and_unsigned_requests_are_refused() {
    let server = server().await;
    let body = mention("1.1");
    let right = sign(SECRET, NOW, body.as_bytes());
    for refused in [
        request(
            &body,
            NOW,
            &sign("another secret", NOW, body.as_bytes()),
            "application/json",
        ),
        request(&mention("2.2"), NOW, &right, "application/json"),
        request(&body, NOW + 1, &right, "application/json"),
        request(
            &body,
            NOW - 301,
            &sign(SECRET, NOW - 301, body.as_bytes()),
            "application/json",
        ),
        request(
            &body,
            NOW + 301,
            &sign(SECRET, NOW + 301, body.as_bytes()),
            "application/json",
        ),
        request(
            &body,
            i64::MIN,
            &sign(SECRET, i64::MIN, body.as_bytes()),
            "application/json",
        ),
        request(&body, NOW, "v0=", "application/json"),
        request(&body, NOW, &right.replace("v0=", ""), "application/json"),
        Request::post(PATH).body(Body::from(body.clone())).unwrap(),
    ] {
        assert_eq!(server.send(refused).await.0, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(server.queue.size().await.unwrap(), 0);
    server.clock.advance(299_000);
    let late = request(&body, NOW, &right, "application/json");
    assert_eq!(server.send(late).await.0, StatusCode::OK);
}

#[tokio::test]
async fn an_oversized_body_is_refused_before_anything_else() {
    let server = server().await;
    let big = " ".repeat(MAX_BODY_BYTES + 1);
    let refused = request(&big, NOW, "v0=00", "application/json");
    assert_eq!(server.send(refused).await.0, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn the_longest_question_fits() {
    let server = server().await;
    let text: String = "\\uac00".repeat(40_000);
    let body = format!(
        r#"{{"type":"event_callback","team_id":"T1","event":{{"type":"message","channel":"D1","channel_type":"im","user":"U1","ts":"1.1","text":"{text}","blocks":"{text}"}}}}"#
    );
    assert_eq!(
        server.send(signed(&body, "application/json")).await.0,
        StatusCode::OK
    );
    assert_eq!(server.queue.size().await.unwrap(), 1);
}

#[tokio::test]
async fn an_event_that_cannot_be_stored_is_not_acknowledged() {
    let server = server().await;
    server.queue.close().await.unwrap();
    let answered = server
        .send(signed(&mention("1.1"), "application/json"))
        .await;
    assert_eq!(answered.0, StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn the_address_is_confirmed() {
    let server = server().await;
    let body = json!({"type": "url_verification", "challenge": "word"}).to_string();
    let answered = server.send(signed(&body, "application/json")).await;
    assert_eq!(answered, (StatusCode::OK, "word".to_owned()));
}

#[tokio::test]
async fn commands_and_interactions_come_as_forms() {
    let server = server().await;
    let form = "application/x-www-form-urlencoded";
    let (status, reply) = server
        .send(signed("command=%2Fepibot&text=purge+flow&user_id=U1", form))
        .await;
    assert_eq!(status, StatusCode::OK);
    assert!(reply.contains("ephemeral"), "{reply}");
    let check = server
        .send(signed("ssl_check=1&token=x&command=%2Fepibot", form))
        .await;
    assert_eq!(check, (StatusCode::OK, String::new()));
    let button = server
        .send(signed(
            "payload=%7B%22type%22%3A%22block_actions%22%7D",
            form,
        ))
        .await;
    assert_eq!(button, (StatusCode::OK, String::new()));
    assert_eq!(
        server.send(signed("payload=%7B", form)).await.0,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        server.send(signed("not json", "application/json")).await.0,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn a_reply_is_a_question_only_in_a_thread_that_is_ours() {
    let server = server().await;
    let reply = |thread: &str, ts: &str| {
        let event = json!({"type": "message", "channel": "C1", "channel_type": "channel", "user": "U1", "ts": ts, "thread_ts": thread, "text": "and in N2?"});
        json!({"type": "event_callback", "team_id": "T1", "event": event}).to_string()
    };
    assert_eq!(
        server
            .send(signed(&reply("1.1", "1.2"), "application/json"))
            .await
            .0,
        StatusCode::OK
    );
    assert_eq!(server.queue.size().await.unwrap(), 0);
    server
        .send(signed(&mention("1.1"), "application/json"))
        .await;
    server
        .send(signed(&reply("1.1", "1.3"), "application/json"))
        .await;
    server
        .send(signed(&reply("9.9", "10.1"), "application/json"))
        .await;
    assert_eq!(server.queue.size().await.unwrap(), 2);
}
