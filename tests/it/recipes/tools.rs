//! The language model looks things up by tools: what it may see, what reaches the person, and where it ends.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use epibot::answer::answerer::Answerer;
use epibot::answer::attachments::Attachments;
use epibot::answer::links::Links;
use epibot::answer::progress::Progress;
use epibot::config::settings::Config;
use epibot::domain::access::Access;
use epibot::domain::answer::{Answer, Mode};
use epibot::domain::audience::Audience;
use epibot::domain::document::{Document, DocumentId, Format, Origin};
use epibot::domain::passage::{Passage, PassageId};
use epibot::domain::question::Question;
use epibot::llm::client::Llm;
use epibot::recipes::store::RecipeStore;
use epibot::runtime::clock::Clock;
use epibot::search::index::tantivy::Embedded;
use epibot::search::index::{Changes, Index};
use epibot::search::retrieve::Retriever;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::{gold, read, samples, shared};
use crate::support::llm::{Script, ScriptedLlm, calls, says};

/// Asks for a recipe's setpoint and for what the manual says.
const BOTH: &str = "What is the InGaN well temperature of LED450-MQW-012A, and what does the manual say about sapphire bake?";

/// An answerer over recipes and a manual, whose model is a script.
pub(super) struct Fab {
    pub(super) answerer: Answerer,
    pub(super) recipe_store: RecipeStore,
    pub(super) llm: ScriptedLlm,
    _folder: tempfile::TempDir,
}

impl Fab {
    pub(super) async fn new(choice: impl FnMut(&Value) -> Script + Send + 'static) -> Self {
        Self::over(&[(&samples(), "recipes")], choice).await
    }

    pub(super) async fn without_model() -> Self {
        let configure = |config: &mut Config| config.llm.base_url.clear();
        let folders: [(&Path, &str); 1] = [(&samples(), "recipes")];
        Self::configured(&folders, configure, |_| says(&[])).await
    }

    async fn over(
        folders: &[(&Path, &str)],
        choice: impl FnMut(&Value) -> Script + Send + 'static,
    ) -> Self {
        Self::configured(folders, |_| (), choice).await
    }

    async fn configured(
        folders: &[(&Path, &str)],
        configure: impl FnOnce(&mut Config),
        choice: impl FnMut(&Value) -> Script + Send + 'static,
    ) -> Self {
        let llm = ScriptedLlm::choosing(choice).await;
        let mut config = llm.config(&[("llm.attempts", "1")]);
        configure(&mut config);
        let folder = tempfile::tempdir().unwrap();
        let index = Arc::new(Embedded::open(&folder.path().join("index")).unwrap());
        let recipe_store = RecipeStore::open(&folder.path().join("recipes.sqlite"))
            .await
            .unwrap();
        let (mut passages, mut records) = (vec![manual()], Vec::new());
        for (own, record) in read(folders) {
            passages.extend(own);
            records.push(record);
        }
        recipe_store.apply(&[], &records).await.unwrap();
        index
            .apply(Changes {
                remove: Vec::new(),
                add: passages,
            })
            .await
            .unwrap();
        let clock = Clock::fixed("2026-01-15T00:00:00Z".parse().unwrap());
        let links = Links::new(None, &[7; 32], 1, clock.clone());
        let model = Llm::new(&config.llm).unwrap();
        let retriever = Arc::new(Retriever::new(index, model.as_ref(), &config).unwrap());
        let answerer = Answerer::new(
            retriever,
            Some(recipe_store.clone()),
            model,
            links,
            &config,
            clock,
        );
        Self {
            answerer,
            recipe_store,
            llm,
            _folder: folder,
        }
    }

    async fn ask(&self, text: &str) -> Answer {
        self.ask_within(text, Access::Everything).await
    }

    async fn ask_within(&self, text: &str, access: Access) -> Answer {
        let question = Question {
            text: text.to_owned(),
            conversation: Vec::new(),
            access,
        };
        let progress = watch::Sender::new(Progress::default());
        self.answerer
            .answer(
                &question,
                &Attachments::default(),
                &Audience::Everyone,
                &progress,
            )
            .await
            .unwrap()
    }
}

pub(super) fn manual() -> Passage {
    Passage {
        id: PassageId("manual-bake".to_owned()),
        document: Document {
            id: DocumentId("manual".to_owned()),
            title: "HX-7 Operation Manual".to_owned(),
            number: Some("HX7-OM-001".to_owned()),
            revision: None,
            effective: None,
            superseded: false,
            source: "manuals".to_owned(),
            path: "hx7.md".to_owned(),
            collection: "manuals".to_owned(),
            url: None,
            format: Format::Markdown,
            origin: Origin::Corpus,
        },
        page: None,
        headings: vec!["Sapphire bake".to_owned()],
        start: 0,
        ordinal: 0,
        text: "Manual: bake sapphire wafers at 1,080 °C for 12 min in 5 slm of hydrogen."
            .to_owned(),
        ocr: false,
    }
}

/// The messages of a request.
pub(super) fn messages(request: &Value) -> Vec<&Value> {
    request["messages"].as_array().unwrap().iter().collect()
}

/// What tools returned so far.
pub(super) fn results(request: &Value) -> Vec<String> {
    let results = messages(request).into_iter();
    results
        .filter(|message| message["role"] == "tool")
        .map(|message| message["content"].as_str().unwrap().to_owned())
        .collect()
}

/// The number of the passage whose text holds this, in what the model was given.
pub(super) fn number_of(request: &Value, text: &str) -> usize {
    let all: Vec<&str> = messages(request)
        .into_iter()
        .filter_map(|message| message["content"].as_str())
        .collect();
    let all = all.join("\n");
    let at = all
        .find(text)
        .unwrap_or_else(|| panic!("{text} is not in {all}"));
    let before = &all[..at];
    let number = before
        .rfind("number=\"")
        .map(|at| &before[at + 8..])
        .unwrap();
    number[..number.find('"').unwrap()].parse().unwrap()
}

#[tokio::test]
async fn a_setpoint_and_what_the_manual_says_come_in_one_answer_both_cited() {
    let fab = Fab::new(|request| {
        if results(request).is_empty() {
            return calls(&[("search_documents", r#"{"query": "sapphire bake"}"#)]);
        }
        let number = number_of(request, "1,080");
        says(&["The manual: ", &format!("1080 °C for 12 min [{number}].")])
    })
    .await;
    let answer = fab.ask(BOTH).await;
    assert_eq!(answer.mode, Mode::Llm, "{}", answer.text);
    assert!(answer.text.contains("**745 °C**"), "{}", answer.text);
    assert!(
        answer.text.contains("1080 °C for 12 min"),
        "{}",
        answer.text
    );
    let titles: BTreeSet<&str> = answer
        .citations
        .iter()
        .map(|citation| citation.title.as_str())
        .collect();
    assert!(titles.contains("LED450-MQW-012A.epi") && titles.contains("HX-7 Operation Manual"));
    assert_eq!(answer.unsupported, Vec::<String>::new());
    // The model was told what the person knows already, and all seven tools.
    let request = &fab.llm.requests()[0];
    assert_eq!(request["tools"].as_array().unwrap().len(), 7);
    let told = messages(request)[1]["content"].as_str().unwrap().to_owned();
    assert!(
        told.contains("<told-") && told.contains("**745 °C**"),
        "{told}"
    );
    // Its call and the result stand in the second request as the protocol wants them.
    let request = &fab.llm.requests()[1];
    let (call, result) = (&messages(request)[2], &messages(request)[3]);
    assert_eq!(call["role"], "assistant");
    assert_eq!(call["tool_calls"][0]["type"], "function");
    assert_eq!(
        call["tool_calls"][0]["function"]["name"],
        "search_documents"
    );
    assert_eq!(result["tool_call_id"], call["tool_calls"][0]["id"]);
}

#[tokio::test]
async fn a_question_that_no_rule_knows_is_answered_from_what_the_model_looks_up() {
    let fab = Fab::new(|request| {
        if results(request).is_empty() {
            return calls(&[
            (
                "find_steps",
                r#"{"recipe": "LED450-MQW-012A", "step": "InGaN well", "quantity": "temperature"}"#,
            ),
            (
                "find_steps",
                r#"{"recipe": "LED450-MQW-012B", "step": "InGaN well", "quantity": "temperature"}"#,
            ),
        ]);
        }
            let results = results(request);
            let mark = |result: &str| result[result.find('[').unwrap()..=result.find(']').unwrap()].to_owned();
            says(&[&format!(
                "| Recipe | Well |\n|---|---|\n| LED450-MQW-012A | 745 °C {} |\n| LED450-MQW-012B | 742 °C {} |\n",
                mark(&results[0]),
                mark(&results[1])
            )])
    })
    .await;
    let answer = fab
        .ask("Which of the recipes LED450-MQW-012A and LED450-MQW-012B emits at the longer wavelength, judging by manual rules?")
        .await;
    assert_eq!(answer.mode, Mode::Llm, "{}", answer.text);
    assert!(answer.text.contains("742 °C"), "{}", answer.text);
    assert!(answer.citations.len() >= 2);
}

#[tokio::test]
async fn wrong_and_absurd_calls_come_back_as_errors_that_the_model_can_use() {
    let fab = Fab::new(|request| match results(request).len() {
        0 => calls(&[
            ("open_valve", r#"{"valve": "V1"}"#),
            ("get_recipe", r#"{"recipe": "#),
            ("get_recipe", r#"{"recipe": "NOSUCH-999"}"#),
            (
                "find_steps",
                r#"{"recipe": "LED450-MQW-012A", "quantity": "taste"}"#,
            ),
            (
                "derive",
                r#"{"recipe": "LED450-MQW-012A", "what": "gas_use", "source": "unobtainium"}"#,
            ),
            ("find_recipes", r#"{"comparison": ">", "value": 5}"#),
        ]),
        6 => calls(&[("get_recipe", r#"{"recipe": ["x"]}"#), ("get_alarm", "{}")]),
        _ => says(&["NOT_FOUND"]),
    })
    .await;
    let answer = fab.ask(BOTH).await;
    assert!(answer.text.contains("**745 °C**"), "{}", answer.text);
    assert!(answer.notice.is_some());
    let errors = results(&fab.llm.requests()[2]);
    for (error, reason) in errors.iter().zip([
        "there is no tool \"open_valve\"",
        "no valid JSON",
        "no recipe that may be read is named \"NOSUCH-999\"",
        "unknown variant `taste`",
        "no source \"unobtainium\"; it has N2, H2",
        "comparison, value and unit go together",
        "do not fit the tool",
        "missing field `code`",
    ]) {
        assert!(
            error.starts_with("Error: ") && error.contains(reason),
            "{error}"
        );
    }
    assert_eq!(errors.len(), 8);
}

#[tokio::test]
async fn an_invented_number_reaches_nobody() {
    for lie in [
        "The well is grown at 999.25 °C [1].",
        "The well is grown at 999.25 [1].",
        "The bake takes at999.25 °C [1].",
        "Sure.\nIt is 999.25 °C, says the recipe.\nSee [1].",
        "The well is grown at 999.25 °C.",
    ] {
        let fab = Fab::new(move |request| match results(request).len() {
            0 => calls(&[(
                "find_steps",
                r#"{"recipe": "LED450-MQW-012B", "step": "GaN barrier"}"#,
            )]),
            _ => says(&[lie]),
        })
        .await;
        for question in [
            BOTH,
            "Explain why the recipe LED450-MQW-012A is brighter than the recipe LED450-MQW-012B",
        ] {
            let answer = fab.ask(question).await;
            assert!(!answer.text.contains("999"), "{question}: {}", answer.text);
            assert_ne!(answer.mode, Mode::Llm, "{question}: {}", answer.text);
            assert!(answer.notice.is_some(), "{question}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn a_value_of_another_step_is_not_told_as_that_of_the_step_that_was_asked_for() {
    let fab = Fab::new(|request| {
        if results(request).is_empty() {
            return calls(&[(
                "find_steps",
                r#"{"recipe": "LED450-MQW-012A", "step": "barrier", "quantity": "temperature"}"#,
            )]);
        }
        let result = results(request).remove(0);
        let at = result.find(" °C").unwrap();
        let from = result[..at]
            .rfind(|letter: char| !letter.is_ascii_digit())
            .unwrap();
        let value = &result[from + 1..at];
        let mark = &result[result.rfind('[').unwrap()..];
        let mark = &mark[..=mark.find(']').unwrap()];
        says(&[&format!("The InGaN well is grown at {value} °C {mark}.")])
    })
    .await;
    let answer = fab
        .ask("Explain the recipe LED450-MQW-012A to a physicist")
        .await;
    assert_ne!(answer.mode, Mode::Llm, "{}", answer.text);
    assert!(
        !answer.text.contains("The InGaN well is grown"),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn a_model_that_goes_on_calling_is_stopped() {
    let mut number = 0;
    let fab = Fab::new(move |_| {
        number += 1;
        let name = format!(r#"{{"name": "LED{number}"}}"#);
        calls(&[
            ("find_recipes", &name),
            ("find_recipes", "{}"),
            ("get_recipe", r#"{"recipe": "LED450-MQW-012A"}"#),
        ])
    })
    .await;
    let answer = fab
        .ask("Explain the recipe LED450-MQW-012A to a physicist")
        .await;
    assert_eq!(answer.mode, Mode::Extractive, "{}", answer.text);
    assert!(answer.text.contains("LED450-MQW-012A"), "{}", answer.text);
    assert!(answer.notice.is_some());
    let requests = fab.llm.requests();
    assert!(requests.len() <= 7, "{}", requests.len());
    let last = requests.last().unwrap();
    assert_eq!(last["tool_choice"], "none");
    let all = results(last);
    let repeated = all.iter().filter(|result| result.contains("already"));
    let refused = all
        .iter()
        .filter(|result| result.contains("nothing more may be looked up"));
    assert!(repeated.count() > 0 && all.len() - refused.count() <= 12);
    // What tools return is bounded in size.
    let size: usize = all.iter().map(String::len).sum();
    assert!(size < 60_000, "{size}");
}

#[tokio::test]
async fn what_may_not_be_seen_comes_back_from_no_tool() {
    let (hidden, open) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for (name, folder) in [
        ("LED450-MQW-012A.epi", &open),
        ("LED450-MQW-012B.epi", &hidden),
        ("HEMT-SIC-004A.epi", &hidden),
    ] {
        std::fs::copy(samples().join(name), folder.path().join(name)).unwrap();
    }
    let tries = [
        ("find_recipes", "{}".to_owned()),
        (
            "find_recipes",
            r#"{"uses": ["TMAl"], "comparison": ">", "value": 1100, "unit": "°C"}"#.to_owned(),
        ),
        ("get_recipe", r#"{"recipe": "HEMT-SIC-004A"}"#.to_owned()),
        (
            "find_steps",
            r#"{"comparison": ">=", "value": 1, "unit": "°C"}"#.to_owned(),
        ),
        (
            "diff_recipes",
            r#"{"first": "LED450-MQW-012A", "second": "LED450-MQW-012B"}"#.to_owned(),
        ),
        (
            "derive",
            r#"{"recipe": "HEMT-SIC-004A", "what": "total_time"}"#.to_owned(),
        ),
        (
            "search_documents",
            r#"{"query": "HEMT-SIC-004A AlN nucleation sapphire bake"}"#.to_owned(),
        ),
    ];
    let mut left = tries.clone().into_iter();
    let fab = Fab::over(
        &[(open.path(), "open"), (hidden.path(), "secret")],
        move |_| match left.next() {
            Some((name, arguments)) => calls(&[(name, &arguments)]),
            None => says(&["NOT_FOUND"]),
        },
    )
    .await;
    let access = Access::Only(BTreeSet::from(["open".to_owned()]));
    for _ in 0..2 {
        fab.ask_within(
            "Explain the recipe LED450-MQW-012A to a physicist",
            access.clone(),
        )
        .await;
    }
    let requests = fab.llm.requests();
    assert!(requests.len() > 7, "{}", requests.len());
    for request in &requests {
        for result in results(request) {
            // The names are the model's own; nothing else of them may come back.
            let result = result
                .replace("\"HEMT-SIC-004A\"", "")
                .replace("\"LED450-MQW-012B\"", "");
            for secret in [
                "HEMT",
                "012B",
                "1165",
                "742",
                "AlNTemp",
                "1,080",
                "Operation Manual",
            ] {
                assert!(!result.contains(secret), "{secret}: {result}");
            }
        }
    }
}

#[tokio::test]
async fn a_server_without_tools_is_asked_without_them_and_rules_still_answer() {
    let refusal = || {
        let body = json!({"error": {"message": "registry.ollama.ai/library/gemma:2b does not support tools"}});
        Script::Status(400, Vec::new(), body.to_string())
    };
    let fab = Fab::new(move |request| {
        if request.get("tools").is_some() {
            return refusal();
        }
        let number = number_of(request, "1,080");
        says(&[&format!("The manual says 1,080 °C [{number}].")])
    })
    .await;
    for _ in 0..2 {
        let answer = fab.ask(BOTH).await;
        assert_eq!(answer.mode, Mode::Llm, "{}", answer.text);
        assert!(
            answer.text.contains("**745 °C**") && answer.text.contains("1,080 °C"),
            "{}",
            answer.text
        );
    }
    let with_tools = fab
        .llm
        .requests()
        .iter()
        .filter(|request| request.get("tools").is_some())
        .count();
    assert_eq!(with_tools, 1, "it is found out once");
    // Rules alone need no model at all.
    let before = fab.llm.requests().len();
    let answer = fab.ask("LED450-MQW-012A InGaN 우물층 성장 온도는?").await;
    assert!(answer.text.contains("**745 °C**"), "{}", answer.text);
    assert_eq!(fab.llm.requests().len(), before);
}

#[tokio::test]
async fn a_question_about_documents_alone_is_asked_without_tools() {
    let fab = Fab::new(|request| {
        let number = number_of(request, "1,080");
        says(&[&format!("At 1,080 °C [{number}].")])
    })
    .await;
    let answer = fab
        .ask("At what temperature are sapphire wafers baked?")
        .await;
    assert_eq!(answer.mode, Mode::Llm, "{}", answer.text);
    let requests = fab.llm.requests();
    assert_eq!(requests.len(), 1);
    assert!(requests[0].get("tools").is_none());
}

/// Every worked question, asked so that the model has its part in the answer, with models that look up the wrong things
/// and lie: what reaches the person is what the rules say, to the digit.
#[tokio::test(flavor = "multi_thread")]
async fn no_worked_question_gets_a_wrong_number_from_a_model_that_lies() {
    let mut turn = 0_usize;
    let liar = move |request: &Value| {
        turn += 1;
        let wrong = [
            ("get_recipe", r#"{"recipe": "LED450-MQW-012A"}"#),
            (
                "find_steps",
                r#"{"comparison": ">", "value": 0, "unit": "K"}"#,
            ),
            ("derive", r#"{"recipe": "221-SL", "what": "fastest_ramp"}"#),
            (
                "diff_recipes",
                r#"{"first": "T2118GQTs", "second": "221-SL"}"#,
            ),
            ("make_coffee", "{}"),
            ("get_recipe", "{"),
        ];
        if results(request).is_empty() {
            return calls(&[
                wrong[turn % wrong.len()],
                wrong[(turn / 2 + 1) % wrong.len()],
            ]);
        }
        says(&[[
            "It is 987.25 °C [1].",
            "It is 987.25 [1][2].",
            "**987.25 sccm** [1]\nand all else is fine [2].",
        ][turn % 3]])
    };
    let mut all: Vec<&gold::Gold> = gold::SAMPLES.iter().collect();
    let own = samples();
    let shared = shared();
    let mut folders = vec![(own.as_path(), "recipes")];
    if let Some(shared) = &shared {
        folders = vec![(shared.as_path(), "recipes")];
        all = gold::SHARED.iter().collect();
    }
    let fab = Fab::over(&folders, liar).await;
    let mut with_model = 0;
    for gold in all {
        for question in [
            gold.question.to_owned(),
            if epibot::domain::language::Language::detect(gold.question)
                == epibot::domain::language::Language::Korean
            {
                format!("{} (매뉴얼)", gold.question)
            } else {
                format!("{} (manual)", gold.question)
            },
        ] {
            let before = fab.llm.requests().len();
            let answer = fab.ask(&question).await;
            with_model += usize::from(fab.llm.requests().len() > before);
            assert!(!answer.text.contains("987"), "{question}: {}", answer.text);
            for says in gold.says {
                assert!(
                    answer.text.contains(says),
                    "{question}: lacks {says}:\n{}",
                    answer.text
                );
            }
            for not in gold.never {
                assert!(!answer.text.contains(not), "{question}: {}", answer.text);
            }
        }
    }
    assert!(
        with_model > 20,
        "the model had its part in {with_model} answers only"
    );
}
