//! Questions with attachments that are also about recipes or alarms of the fab.

use epibot::answer::attachments::Attachments;
use epibot::domain::access::Access;
use epibot::domain::answer::{Answer, Mode};
use epibot::domain::audience::Audience;
use epibot::domain::document::{Document, DocumentId, Format, Origin};
use epibot::domain::passage::{Passage, PassageId};
use epibot::domain::question::Question;
use epibot::recipes::alarm::Alarm;
use epibot::recipes::record::RecipeRecord;
use serde_json::Value;

use super::tools::{Fab, manual, messages, number_of, results};
use crate::support::llm::{calls, says};

const LOG: &str = "10:01:02 PLC heartbeat ok\n10:02:11 well temperature 738 °C";

fn log() -> Attachments {
    let document = Document {
        id: DocumentId("attachedf1".to_owned()),
        title: "Attached: run.log".to_owned(),
        source: String::new(),
        path: "run.log".to_owned(),
        collection: String::new(),
        format: Format::Text,
        origin: Origin::Attachment,
        ..manual().document
    };
    let passage = Passage {
        id: PassageId("attachedf1-0".to_owned()),
        document,
        headings: Vec::new(),
        text: LOG.to_owned(),
        ..manual()
    };
    Attachments {
        passages: vec![passage],
        recipes: Vec::new(),
    }
}

async fn ask(fab: &Fab, text: &str) -> Answer {
    let question = Question {
        text: text.to_owned(),
        conversation: Vec::new(),
        access: Access::Everything,
    };
    let progress = tokio::sync::watch::Sender::default();
    let (attachments, audience) = (log(), Audience::Everyone);
    let answer = fab
        .answerer
        .answer(&question, &attachments, &audience, &progress);
    Box::pin(answer).await.unwrap()
}

fn asked(request: &Value) -> String {
    messages(request)[1]["content"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_question_with_a_file_is_answered_with_tools() {
    let fab = Fab::new(|request| {
        if results(request).is_empty() {
            return calls(&[(
                "find_steps",
                r#"{"recipe": "LED450-MQW-012A", "step": "InGaN well", "quantity": "temperature"}"#,
            )]);
        }
        let results = results(request);
        let looked_up = &results[0][results[0].find('[').unwrap()..=results[0].find(']').unwrap()];
        let log = number_of(request, "738 °C");
        says(&[&format!(
            "The log has 738 °C [{log}].\nThe recipe sets 745 °C {looked_up}.\n"
        )])
    })
    .await;
    let answer = ask(
        &fab,
        "Judging by manual rules, does the log fit the wavelength that LED450-MQW-012A is made for?",
    )
    .await;
    assert_eq!(answer.mode, Mode::Llm, "{}", answer.text);
    let titles: Vec<&str> = answer
        .citations
        .iter()
        .map(|citation| citation.title.as_str())
        .collect();
    assert_eq!(titles, ["Attached: run.log", "LED450-MQW-012A.epi"]);
    let asked = asked(&fab.llm.requests()[0]);
    assert!(
        asked.contains("Passages 1 to 1 are from files that the person attached"),
        "{asked}"
    );
}

#[tokio::test]
async fn a_setpoint_of_a_shared_recipe_is_looked_up_for_a_question_with_a_file() {
    let fab = Fab::new(|request| {
        let log = number_of(request, "738 °C");
        says(&[&format!("The log has 738 °C [{log}].\n")])
    })
    .await;
    let answer = ask(
        &fab,
        "What is the InGaN well temperature of LED450-MQW-012A?",
    )
    .await;
    assert!(answer.text.contains("**745 °C**"), "{}", answer.text);
    assert!(answer.text.contains("738 °C [4]"), "{}", answer.text);
    let asked = asked(&fab.llm.requests()[0]);
    assert!(asked.contains("<told-"), "{asked}");
    assert!(
        asked.contains("Passages 4 to 4 are from files that the person attached"),
        "{asked}"
    );
}

#[tokio::test]
async fn without_a_model_a_setpoint_and_the_file_are_both_quoted() {
    let fab = Fab::without_model().await;
    let answer = ask(
        &fab,
        "What is the InGaN well temperature of LED450-MQW-012A?",
    )
    .await;
    assert_eq!(answer.mode, Mode::Extractive);
    let (looked_up, quoted) = (answer.text.find("**745 °C**"), answer.text.find("738 °C"));
    assert!(looked_up.is_some() && looked_up < quoted, "{}", answer.text);
    let titles: Vec<&str> = answer
        .citations
        .iter()
        .map(|citation| citation.title.as_str())
        .collect();
    assert!(titles.contains(&"Attached: run.log"), "{titles:?}");
}

#[tokio::test]
async fn an_alarm_in_any_spelling_is_known_by_its_code_to_a_question_with_a_file() {
    let fab = Fab::new(|request| {
        let log = number_of(request, "738 °C");
        says(&[&format!("The log has 738 °C [{log}].")])
    })
    .await;
    let alarms = RecipeRecord {
        document: manual().document,
        recipes: Vec::new(),
        alarms: vec![Alarm {
            code: "E-1042".to_owned(),
            fields: vec![("Text".to_owned(), "water outlet hot".to_owned())],
            line: 1,
        }],
        limits: Vec::new(),
        spans: Vec::new(),
    };
    fab.recipe_store.apply(&[], &[alarms]).await.unwrap();
    let answer = ask(
        &fab,
        "Alarm 1042 came up during the sapphire bake; what does the log say about it?",
    )
    .await;
    assert_eq!(answer.mode, Mode::Llm, "{}", answer.text);
    let asked = asked(&fab.llm.requests()[0]);
    assert!(asked.contains("about it? (E-1042)"), "{asked}");
}
