//! What a person sees while something that epibot needs is down, slow, wrong or full; `docs/OPERATIONS.md` lists every
//! dependency with every fault, and the test that shows what happens.

use serde_json::{Value, json};
use tokio::process::Command;

use crate::support::Requirement;
use crate::support::llm::{ScriptedLlm, says};
use crate::support::meilisearch::{FakeMeilisearch, Fault};
use crate::support::scripted_slack::{Faults, ScriptedSlack};
use crate::support::slack::{Program, deliver, free_port, is_finished};
use crate::support::wait;

const QUESTION: &str = "What should I do about alarm E-1042?";
/// The program between a Slack and a model by script.
struct Stage {
    slack: ScriptedSlack,
    address: String,
    program: Program,
    _llm: ScriptedLlm,
}

impl Stage {
    async fn set(faults: Faults, settings: &[(&str, &str)]) -> Self {
        let slack = ScriptedSlack::start(13, faults).await;
        let llm = ScriptedLlm::choosing(|_| says(&["Check the thermostat [1]."])).await;
        let address = format!("127.0.0.1:{}", free_port());
        let program = Program::start_with(&slack.api_url, "http", &address, &llm, settings).await;
        Self {
            slack,
            address,
            program,
            _llm: llm,
        }
    }

    fn ask(&self) -> Value {
        let mut event = self.slack.say("DONE", "U1", QUESTION);
        event["event"]["channel_type"] = "im".into();
        event
    }

    async fn deliver(&self, event: &Value) -> u16 {
        let answer = deliver(&self.program.client, &self.address, event).await;
        answer.status().as_u16()
    }

    /// Waits for the answers to a question to be as described.
    async fn until(&self, event: &Value, described: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let ts = event["event"]["ts"].as_str().unwrap();
        let found = wait::find(async || {
            let answers = self.slack.answers("DONE", ts);
            described(&answers).then_some(answers)
        });
        found.await.unwrap_or_else(|_| {
            panic!(
                "{:#?}\n{}",
                self.slack.answers("DONE", ts),
                self.program.log()
            )
        })
    }

    async fn healthy(&self) -> bool {
        let health = self
            .program
            .client
            .get(format!("http://{}/healthz", self.address));
        health.send().await.unwrap().status() == 200
    }
}

fn answered(answers: &[Value]) -> bool {
    answers.iter().any(is_finished)
}

#[tokio::test(flavor = "multi_thread")]
async fn while_meilisearch_is_down_the_person_is_told_and_afterwards_answered() {
    let server = FakeMeilisearch::start().await;
    let url = server.url().to_owned();
    let settings = [
        ("EPIBOT__INDEX__ENGINE", "meilisearch"),
        ("EPIBOT__MEILISEARCH__URL", url.as_str()),
        ("EPIBOT__MEILISEARCH__SEARCH_KEY", "env:THE_KEY"),
        ("EPIBOT__MEILISEARCH__INDEX_KEY", "env:THE_KEY"),
        ("EPIBOT__MEILISEARCH__ATTEMPTS", "1"),
        ("EPIBOT__QUEUE__ATTEMPTS", "2"),
        ("THE_KEY", "key"),
    ];
    let mut stage = Stage::set(Faults::QUICK, &settings).await;
    let down = || Fault::Status(503, Vec::new(), json!({"message": "down"}));
    // More than the attempts of one question ask.
    server.fail("POST /multi-search", (0..100).map(|_| down()));
    let event = stage.ask();
    assert_eq!(
        stage.deliver(&event).await,
        200,
        "it is stored whatever else is down"
    );
    let told = |answers: &[Value]| {
        json!(answers)
            .to_string()
            .contains("the documents cannot be searched at the moment")
    };
    let answers = stage.until(&event, told).await;
    assert_eq!(answers.len(), 1, "{answers:#?}");
    server.mend();
    let again = stage.ask();
    assert_eq!(stage.deliver(&again).await, 200);
    stage.until(&again, answered).await;
    assert!(stage.program.stop().await, "{}", stage.program.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_embedding_model_questions_are_answered_by_their_words() {
    let settings = [
        ("EPIBOT__EMBEDDINGS__BASE_URL", "http://127.0.0.1:9/v1"),
        ("EPIBOT__EMBEDDINGS__MODEL", "gone"),
        ("EPIBOT__EMBEDDINGS__ATTEMPTS", "1"),
    ];
    let mut stage = Stage::set(Faults::QUICK, &settings).await;
    let event = stage.ask();
    assert_eq!(stage.deliver(&event).await, 200);
    let answers = stage.until(&event, answered).await;
    assert!(
        json!(answers).to_string().contains("HX-7 Alarm List"),
        "{answers:#?}"
    );
    assert!(stage.program.stop().await, "{}", stage.program.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_nothing_is_acknowledged_and_with_room_again_it_is_answered() {
    let mut stage = Stage::set(Faults::QUICK, &[]).await;
    let id = stage.program.id().to_string();
    let limit = async |size: &str| {
        let limited = Command::new("prlimit")
            .args(["--pid", &id, &format!("--fsize={size}")])
            .status()
            .await;
        limited.is_ok_and(|status| status.success())
    };
    // No file of the program's may grow, as on a disk that is full.
    if !limit("1:unlimited").await {
        return Requirement::PRLIMIT.skip();
    }
    let event = stage.ask();
    assert_eq!(
        stage.deliver(&event).await,
        500,
        "what is not stored is not acknowledged: Slack delivers it again"
    );
    assert!(stage.healthy().await, "and the service stays up");
    assert!(limit("unlimited:unlimited").await);
    assert_eq!(stage.deliver(&event).await, 200);
    let answers = stage.until(&event, answered).await;
    assert_eq!(answers.len(), 1, "{answers:#?}");
    assert!(stage.program.stop().await, "{}", stage.program.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slack_that_is_slower_than_we_wait_gets_each_answer_once() {
    let faults = Faults {
        pause: 400,
        ..Faults::NONE
    };
    // Most calls are done, and nobody hears of it.
    let settings = [
        ("EPIBOT__SLACK__TIMEOUT_MS", "150"),
        ("EPIBOT__QUEUE__ATTEMPTS", "60"),
        ("EPIBOT__SLACK__AGENT", "false"),
    ];
    let mut stage = Stage::set(faults, &settings).await;
    for _ in 0..3 {
        let event = stage.ask();
        assert_eq!(stage.deliver(&event).await, 200);
        let whole = |answers: &[Value]| answers.len() == 1 && answered(answers);
        stage.until(&event, whole).await;
    }
    assert!(stage.program.stop().await, "{}", stage.program.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_that_are_gone_for_a_while_are_answered_from_meanwhile() {
    let mut stage = Stage::set(Faults::QUICK, &[("EPIBOT__REINDEX__EVERY_MINUTES", "0")]).await;
    stage.program.hide_documents();
    // The next start finds no folder.
    assert!(stage.program.stop().await);
    stage.program.restart().await;
    let event = stage.ask();
    assert_eq!(stage.deliver(&event).await, 200);
    let answers = stage.until(&event, answered).await;
    assert!(
        json!(answers).to_string().contains("HX-7 Alarm List"),
        "{answers:#?}"
    );
    assert!(
        stage.program.log().contains("cannot be opened"),
        "{}",
        stage.program.log()
    );
    assert!(stage.program.stop().await, "{}", stage.program.log());
}
