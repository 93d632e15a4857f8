//! From a question to passages: glossary, plan and reranker over a real index and scripted servers.

use std::sync::Arc;

use epibot::config::settings::Config;
use epibot::domain::access::Access;
use epibot::domain::document::{Document, DocumentId, Format, Origin};
use epibot::domain::passage::{Passage, PassageId};
use epibot::domain::question::{Question, Speaker, Turn};
use epibot::llm::client::Llm;
use epibot::search::index::tantivy::Embedded;
use epibot::search::index::{Changes, Index};
use epibot::search::retrieve::{Retriever, SearchOutcome};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::llm::{Script, ScriptedLlm, says};

/// Enough that a telling word is rare.
const TEXTS: [(&str, &str); 7] = [
    (
        "Showerhead cleaning",
        "The showerhead of the HX-7 is cleaned with acid and rinsed.",
    ),
    (
        "Maintenance schedule",
        "Brush the showerhead of the HX-7 every 5 runs, exchange the filter every 40 runs.",
    ),
    (
        "Bubblers",
        "The TMGa bath stands at 5 °C and the bubbler at 1300 mbar.",
    ),
    (
        "Alarms",
        "E-1042: showerhead water outlet above 65 °C. Check the thermostat.",
    ),
    (
        "Susceptor",
        "Bake the susceptor at 1100 °C for 20 minutes in hydrogen.",
    ),
    (
        "Scrubber",
        "The scrubber washes with diluted sulphuric acid, its pH set to 5.5.",
    ),
    ("필터 교체", "파티클 필터는 40런마다 교체한다."),
];

struct RecipeStore {
    retriever: Retriever,
    _folder: TempDir,
}

impl RecipeStore {
    async fn new(config: &Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let index: Arc<dyn Index> = Arc::new(Embedded::open(folder.path()).unwrap());
        let add = (0..)
            .zip(TEXTS)
            .map(|(at, (heading, text))| passage(at, heading, text));
        index
            .apply(Changes {
                remove: Vec::new(),
                add: add.collect(),
            })
            .await
            .unwrap();
        let llm = Llm::new(&config.llm).unwrap();
        Self {
            retriever: Retriever::new(index, llm.as_ref(), config).unwrap(),
            _folder: folder,
        }
    }

    async fn search(&self, text: &str, before: &[&str]) -> SearchOutcome {
        let question = Question {
            text: text.to_owned(),
            conversation: before
                .iter()
                .map(|text| Turn {
                    speaker: Speaker::Person("U1".to_owned()),
                    text: (*text).to_owned(),
                })
                .collect(),
            access: Access::Everything,
        };
        self.retriever.search(&question, 7).await.unwrap()
    }
}

fn passage(at: u32, heading: &str, text: &str) -> Passage {
    Passage {
        id: PassageId(format!("p{at}")),
        document: Document {
            id: DocumentId("d".to_owned()),
            title: "HX-7 Manual".to_owned(),
            number: None,
            revision: None,
            effective: None,
            superseded: false,
            source: "test".to_owned(),
            path: "hx7.pdf".to_owned(),
            collection: "manuals".to_owned(),
            url: None,
            format: Format::Pdf,
            origin: Origin::Corpus,
        },
        page: None,
        headings: vec![heading.to_owned()],
        start: 0,
        ordinal: at,
        text: text.to_owned(),
        ocr: false,
    }
}

fn sections(searched: &SearchOutcome) -> Vec<&str> {
    let sections = searched
        .results
        .hits
        .iter()
        .filter_map(|hit| hit.passage.section());
    sections.collect()
}

fn plan(question: &str, fields: &Value) -> Script {
    let mut plan = json!({
        "question": question, "english": [], "korean": [], "ids": [], "tool": "", "document_type": "", "collection": "",
    });
    for (name, value) in fields.as_object().unwrap() {
        plan[name] = value.clone();
    }
    says(&[&plan.to_string()])
}

async fn planned(scripts: impl IntoIterator<Item = Script>) -> (RecipeStore, ScriptedLlm) {
    let llm = ScriptedLlm::start(scripts).await;
    let config = llm.config(&[
        ("retrieval.planner", "auto"),
        ("retrieval.plan_timeout_ms", "2000"),
    ]);
    (RecipeStore::new(&config).await, llm)
}

#[tokio::test]
async fn a_korean_question_finds_the_english_passage_by_the_glossary() {
    let plain = crate::support::llm::config("http://127.0.0.1:9/v1", &[]);
    let index = RecipeStore::new(&plain).await;
    let found = index.search("서셉터는 몇 도에서 베이크하나요?", &[]).await;
    assert_eq!(sections(&found)[0], "Susceptor");
    assert!(
        index.retriever.is_enough(&found),
        "{:?}",
        found.answerability
    );
    let off = crate::support::llm::config(
        "http://127.0.0.1:9/v1",
        &[("retrieval.glossary_weight", "0")],
    );
    let without = RecipeStore::new(&off).await;
    let found = without
        .search("서셉터는 몇 도에서 베이크하나요?", &[])
        .await;
    assert!(!without.retriever.is_enough(&found));
}

#[tokio::test]
async fn a_plan_says_what_a_question_that_leans_on_the_thread_means() {
    let asked = plan(
        "How often is the showerhead brushed?",
        &json!({ "english": ["maintenance schedule, every so many runs"] }),
    );
    let (index, llm) = planned([asked]).await;
    let found = index
        .search("and how often?", &["How is the HX-7 showerhead cleaned?"])
        .await;
    assert_eq!(sections(&found)[0], "Maintenance schedule");
    let request = &llm.requests()[0];
    assert_eq!(request["response_format"]["json_schema"]["strict"], true);
    let prompt = request["messages"][1]["content"].as_str().unwrap();
    assert!(
        prompt.contains("How is the HX-7 showerhead cleaned?") && prompt.contains("and how often?")
    );
}

#[tokio::test]
async fn no_plan_is_asked_for_where_the_search_is_sure() {
    let (index, llm) = planned([]).await;
    let named = index.search("E 1042 떴어요", &["지난 알람은?"]).await;
    assert!(named.results.hits[0].exact);
    let confident = index
        .search("TMGa bath and bubbler at 1300 mbar?", &[])
        .await;
    assert_eq!(sections(&confident)[0], "Bubblers");
    assert!(llm.requests().is_empty());
}

#[tokio::test]
async fn a_plan_that_fails_leaves_the_search_as_it_was() {
    let question = "What does the dry bed do with spent washing liquid?";
    let off = crate::support::llm::config("http://127.0.0.1:9/v1", &[]);
    let plain = RecipeStore::new(&off).await.search(question, &[]).await;
    for script in [
        says(&["I cannot do that."]),
        says(&["{\"question\": 7}"]),
        says(&[
            "{\"question\": \"\", \"english\": [], \"korean\": [], \"ids\": [], \"tool\": \"\", \"document_type\": \"\", \"collection\": \"\"}",
        ]),
        plan("E-4711 meaning", &json!({})),
        Script::Status(500, Vec::new(), "{}".to_owned()),
    ] {
        let (index, llm) = planned([script]).await;
        let found = index.search(question, &[]).await;
        assert_eq!(sections(&found), sections(&plain));
        assert_eq!(llm.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_slow_plan_is_not_waited_for() {
    let (index, llm) = planned([Script::Silence]).await;
    let (found, ()) = tokio::join!(
        index.search("What of the scrubber then?", &["pH?"]),
        async {
            llm.received(1).await;
            tokio::time::pause();
        }
    );
    assert_eq!(sections(&found)[0], "Scrubber");
}

#[tokio::test]
async fn a_plan_for_something_else_is_no_evidence() {
    let elsewhere = plan("susceptor bake temperature in hydrogen", &json!({}));
    let (index, _llm) = planned([elsewhere]).await;
    let found = index
        .search("What does the canteen serve on Fridays?", &[])
        .await;
    assert!(
        !index.retriever.is_enough(&found),
        "{:?}",
        found.answerability
    );
}

#[tokio::test]
async fn what_is_wished_for_comes_first_and_nothing_is_left_out() {
    let wish = plan(
        "showerhead",
        &json!({ "tool": "Alarms", "document_type": "alarm list" }),
    );
    let (index, _llm) = planned([wish]).await;
    let found = index
        .search("something about the showerhead of that", &["the tool"])
        .await;
    assert_eq!(sections(&found)[0], "Alarms");
    assert!(sections(&found).contains(&"Maintenance schedule"));
}

#[tokio::test]
async fn a_server_without_schemas_is_asked_without_them() {
    let refusal = json!({ "error": { "message": "response_format json_schema is not supported" } });
    let refused = || Script::Status(400, Vec::new(), refusal.to_string());
    let asked = plan("How often is the showerhead brushed?", &json!({}));
    let (index, llm) = planned([refused(), refused(), asked]).await;
    let found = index.search("and how often?", &["The showerhead?"]).await;
    assert_eq!(sections(&found)[0], "Maintenance schedule");
    let formats: Vec<Value> = llm
        .requests()
        .iter()
        .map(|request| request["response_format"]["type"].clone())
        .collect();
    assert_eq!(
        formats,
        [json!("json_schema"), json!("json_object"), Value::Null]
    );
}

async fn reranked(scripts: impl IntoIterator<Item = Script>) -> (RecipeStore, ScriptedLlm) {
    let server = ScriptedLlm::start(scripts).await;
    let config = server.config(&[
        ("rerank.base_url", server.base_url()),
        ("rerank.model", "reranker"),
    ]);
    (RecipeStore::new(&config).await, server)
}

fn scores(body: &Value) -> Script {
    let json = ("content-type", "application/json".to_owned());
    Script::Status(200, vec![json], body.to_string())
}

/// The showerhead's passages as the search orders them.
async fn unranked() -> Vec<String> {
    let off = crate::support::llm::config("http://127.0.0.1:9/v1", &[]);
    let index = RecipeStore::new(&off).await;
    let found = index.search("showerhead brush", &[]).await;
    sections(&found).into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_reranker_decides_the_order() {
    let before = unranked().await;
    let last = before.len() - 1;
    let results: Vec<Value> = (0..before.len())
        .map(|index| json!({ "index": index, "relevance_score": index }))
        .collect();
    let (index, server) = reranked([scores(&json!({ "results": results }))]).await;
    let found = index.search("showerhead brush", &[]).await;
    assert_eq!(sections(&found)[0], before[last]);
    assert_eq!(found.results.hits.len(), before.len());
    let request = &server.requests()[0];
    assert_eq!(request["query"], "showerhead brush");
    assert_eq!(request["model"], "reranker");
    let first = request["documents"][0].as_str().unwrap();
    assert!(first.contains("HX-7 Manual") && first.contains(&before[0]));
}

#[tokio::test]
async fn a_reranker_that_calls_them_texts_is_understood() {
    let before = unranked().await;
    let list: Vec<Value> = (0..before.len())
        .map(|index| json!({ "index": index, "score": index }))
        .collect();
    let refused = Script::Status(422, Vec::new(), "missing field `texts`".to_owned());
    let answers = [refused, scores(&json!(list)), scores(&json!(list))];
    let (index, server) = reranked(answers).await;
    let found = index.search("showerhead brush", &[]).await;
    assert_eq!(sections(&found)[0], before[before.len() - 1]);
    index.search("showerhead brush", &[]).await;
    let asked_with_texts: Vec<bool> = server
        .requests()
        .iter()
        .map(|request| request.get("texts").is_some())
        .collect();
    assert_eq!(asked_with_texts, [false, true, true]);
}

#[tokio::test]
async fn a_reranker_that_fails_leaves_the_order() {
    let before = unranked().await;
    for script in [
        Script::Status(500, Vec::new(), String::new()),
        scores(&json!({ "results": [] })),
        scores(&json!({ "detail": "model is loading" })),
    ] {
        let (index, _server) = reranked([script]).await;
        let found = index.search("showerhead brush", &[]).await;
        assert_eq!(sections(&found), before);
    }
    let (index, server) = reranked([Script::Silence]).await;
    let (found, ()) = tokio::join!(index.search("showerhead brush", &[]), async {
        server.received(1).await;
        tokio::time::pause();
    });
    assert_eq!(sections(&found), before);
}

#[tokio::test]
async fn a_reranker_has_no_say_over_a_code_that_was_asked_for() {
    let others = TEXTS.len();
    let results: Vec<Value> = (0..others)
        .map(|index| json!({ "index": index, "relevance_score": index }))
        .collect();
    // It may be given fewer than all; then its answer does not fit and the order stays, too.
    let (index, _server) = reranked([scores(&json!({ "results": results }))]).await;
    let found = index.search("E-1042 showerhead", &[]).await;
    assert_eq!(sections(&found)[0], "Alarms");
}
