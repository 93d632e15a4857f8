//! Requests that are not Slack's, against the server as it runs: none is taken, and none keeps it from its work.

use std::collections::BTreeMap;

use epibot::chat::slack::http;
use epibot::config::secret::Secret;
use epibot::runtime::clock::Clock;
use epibot::web::server::serve;
use futures::StreamExt;
use futures::stream;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Client, RequestBuilder};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use crate::support;
use crate::support::bot::Bot;
use crate::support::llm::ScriptedLlm;
use crate::support::scripted_slack::{Chance, Faults, ScriptedSlack};
use crate::support::wait::PATIENCE;

const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
const REQUESTS: u64 = 1_200;
/// Connections that send a byte now and then, or nothing at all.
const LORISES: usize = 200;

fn sign(secret: &str, time: i64, body: &[u8]) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("v0:{time}:").as_bytes());
    mac.update(body);
    format!("v0={}", hex::encode(mac.finalize().into_bytes()))
}

fn now() -> i64 {
    Clock::system().now().as_second()
}

fn question(number: u64) -> String {
    let event = json!({
        "type": "app_mention", "channel": "C1", "user": "U1", "ts": format!("1700000000.{number:06}"),
        "text": "<@UBOT> purge flow?",
    });
    json!({"type": "event_callback", "team_id": "T1", "event": event}).to_string()
}

/// A request to the door of this address.
struct Door {
    client: Client,
    url: String,
}

impl Door {
    fn post(&self, body: impl Into<reqwest::Body>, time: &str, signature: &str) -> RequestBuilder {
        self.client
            .post(&self.url)
            .header("content-type", "application/json")
            .header("x-slack-request-timestamp", time)
            .header("x-slack-signature", signature)
            .body(body)
    }

    fn signed(&self, body: String) -> RequestBuilder {
        let time = now();
        let signature = sign(SECRET, time, body.as_bytes());
        self.post(body, &time.to_string(), &signature)
    }

    /// One that must not be taken, and what kind it is.
    fn wrong(&self, number: u64) -> (&'static str, RequestBuilder) {
        let mut chance = Chance(number);
        let (body, time) = (question(number), now());
        let right = sign(SECRET, time, body.as_bytes());
        let at = time.to_string();
        match number % 12 {
            0 => (
                "another secret",
                self.post(body.clone(), &at, &sign("guessed", time, body.as_bytes())),
            ),
            1 => ("another body", self.post(question(number + 1), &at, &right)),
            2 => (
                "another time",
                self.post(body, &(time + 1).to_string(), &right),
            ),
            3 => {
                let old = time - 301 - i64::try_from(chance.below(1_000_000)).unwrap();
                (
                    "stale",
                    self.post(
                        body.clone(),
                        &old.to_string(),
                        &sign(SECRET, old, body.as_bytes()),
                    ),
                )
            }
            4 => {
                let later = time + 310 + i64::try_from(chance.below(1_000_000)).unwrap();
                (
                    "from the future",
                    self.post(
                        body.clone(),
                        &later.to_string(),
                        &sign(SECRET, later, body.as_bytes()),
                    ),
                )
            }
            5 => ("unsigned", self.client.post(&self.url).body(body)),
            6 => {
                let mut digits: Vec<u8> = right.into_bytes();
                let place = 3 + usize::try_from(chance.below(64)).unwrap();
                digits[place] = if digits[place] == b'0' { b'1' } else { b'0' };
                (
                    "one digit off",
                    self.post(body, &at, &String::from_utf8(digits).unwrap()),
                )
            }
            7 => (
                "a signature cut short",
                self.post(
                    body,
                    &at,
                    &right[..usize::try_from(chance.below(60)).unwrap()],
                ),
            ),
            8 => (
                "no time",
                self.post(
                    body.clone(),
                    ["", "now", "-1", "9223372036854775808"]
                        [usize::try_from(chance.below(4)).unwrap()],
                    &right,
                ),
            ),
            9 => (
                "an older scheme",
                self.post(body, &at, &right.replace("v0=", "v1=")),
            ),
            10 => {
                let big =
                    "x".repeat(2 * 1024 * 1024 + 1 + usize::try_from(chance.below(4096)).unwrap());
                let signature = sign(SECRET, time, big.as_bytes());
                ("oversized, and signed", self.post(big, &at, &signature))
            }
            _ => {
                let pieces =
                    stream::iter((0..48).map(|_| Ok::<_, std::io::Error>(vec![b' '; 64 * 1024])));
                (
                    "oversized, of no stated length",
                    self.post(reqwest::Body::wrap_stream(pieces), &at, &right),
                )
            }
        }
    }
}

/// Connections that never come to the point: half a line, half a head, half a body, or nothing.
async fn lorises(address: &str) -> Vec<TcpStream> {
    let mut held = Vec::new();
    for number in 0..LORISES {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let said = match number % 4 {
            0 => "",
            1 => "POST /slack/ev",
            2 => "POST /slack/events HTTP/1.1\r\nhost: x\r\nx-slack-signature: v0=",
            _ => "POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{\"type\":",
        };
        stream.write_all(said.as_bytes()).await.unwrap();
        held.push(stream);
    }
    held
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_wrong_requests_are_refused_and_right_ones_are_taken_all_the_while() {
    let slack = ScriptedSlack::start(5, Faults::QUICK).await;
    let llm = ScriptedLlm::start([]).await;
    let log = llm.log();
    let bot = Bot::configured(&slack, llm, Clock::system(), &[], |config| {
        config.slack.signing_secret = Some(Secret::new(SECRET));
    })
    .await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let router =
        http::router(bot.intake.clone(), &bot.parts.config.slack, Clock::system()).unwrap();
    serve(listener, router, &bot.lifecycle);
    let door = Door {
        client: support::http(),
        url: format!("http://{address}/slack/events"),
    };

    let begun = Instant::now();
    let mut held = lorises(&address).await;
    let wrong = stream::iter(0..REQUESTS).map(|number| {
        let door = &door;
        async move {
            let mut tries = 1..=3;
            loop {
                let (kind, request) = door.wrong(number);
                let answer = request.send().await.map(|answer| answer.status().as_u16());
                // A body that is refused in its middle breaks the connection off. Others meet with that only where
                // they came by a connection that had been kept; Slack would send them again, too.
                let is_oversized = kind.starts_with("oversized");
                if answer.is_ok() || is_oversized || tries.next().is_none() {
                    return (kind, answer.ok(), is_oversized);
                }
            }
        }
    });
    let answers: Vec<_> = wrong.buffer_unordered(64).collect().await;
    let mut refused: BTreeMap<&str, usize> = BTreeMap::new();
    for (kind, answer, is_oversized) in answers {
        match answer {
            Some(status) => assert!([400, 401, 413].contains(&status), "{kind}: {status}"),
            None => assert!(is_oversized, "{kind} was not answered"),
        }
        *refused.entry(kind).or_default() += 1;
    }
    println!("refused: {refused:?}; {LORISES} connections held open meanwhile");
    assert_eq!(refused.values().sum::<usize>() as u64, REQUESTS);
    for number in 0..=REQUESTS {
        let key = format!("T1/C1/1700000000.{number:06}");
        assert!(
            bot.parts.queue.lookup(&key).await.unwrap().is_none(),
            "{key}"
        );
    }

    // The door opens to Slack, and a request that comes again is taken once.
    let ours = question(999_999);
    let time = now();
    let signature = sign(SECRET, time, ours.as_bytes());
    for _ in 0..50 {
        let taken = door
            .post(ours.clone(), &time.to_string(), &signature)
            .send()
            .await
            .unwrap();
        assert_eq!(taken.status(), 200);
    }
    bot.until_done().await;
    let question = "T1/C1/1700000000.999999";
    assert!(bot.parts.queue.lookup(question).await.unwrap().is_some());
    assert!(log.bodies().len() <= 1, "asked once");
    assert_eq!(slack.answers("C1", "1700000000.999999").len(), 1);

    // Who never comes to the point is shown out.
    let mut left = 0;
    for stream in &mut held {
        let mut said = Vec::new();
        let gone = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut said)).await;
        left += usize::from(gone.is_err());
    }
    assert_eq!(left, 0, "connections that are held for ever");
    println!("all shown out after {:?}", begun.elapsed());
    assert_eq!(
        door.signed(json!({"type": "url_verification", "challenge": "word"}).to_string())
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap(),
        "word"
    );
    bot.stop().await;
}
