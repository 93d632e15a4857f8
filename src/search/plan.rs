//! Query planning: one short call to the language model that rewrites and expands the question before the search. The
//! prompt is in `plan/*.jinja`.

mod scope_hints;

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::domain::access::Access;
use crate::domain::question::Question;
use crate::domain::search_params::SearchParams;
use crate::llm::client::Llm;
use crate::llm::error::LlmError;
use crate::llm::message::Message;
use crate::llm::schema::Schema;
use crate::llm::template;
use crate::search::analysis;
use crate::search::conversation::{TurnView, conversation};
use crate::search::index::QueryExpansion;
use crate::search::search_text::shortened;

pub use scope_hints::ScopeHints;

/// Longest question and phrase, in characters.
const MAX_QUESTION_CHARS: usize = 500;
const MAX_PHRASE_CHARS: usize = 100;
/// Tokens of the conversation in the prompt.
const MAX_CONVERSATION_TOKENS: usize = 2000;

/// A plan for the search.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Plan {
    /// The question made self-contained, with the ids that it is about.
    pub question: String,
    pub phrases: Vec<QueryExpansion>,
    pub hints: ScopeHints,
    /// Whether its words are from the conversation or synonyms of such words. A plan that strays finds passages that contain
    /// all of its own words, which is no evidence for the question.
    pub keeps_to_question: bool,
}

/// A plan as written by the model.
#[derive(Deserialize)]
struct RawPlan {
    question: String,
    english: Vec<String>,
    korean: Vec<String>,
    ids: Vec<String>,
    tool: String,
    document_type: String,
    collection: String,
}

/// The values for the templates.
#[derive(Serialize)]
struct Values<'a> {
    most_phrases: usize,
    mark: String,
    collections: Vec<&'a str>,
    conversation: Vec<TurnView>,
    question: &'a str,
}

/// Asks the model for a plan.
///
/// # Errors
/// If it does not answer in time, or does not return a plan. The search then continues without one.
#[tracing::instrument(name = "plan", level = "info", skip_all)]
pub(crate) async fn ask(
    llm: &Llm,
    question: &Question,
    within: Duration,
    params: &SearchParams,
    expansions: impl Fn(&str) -> Vec<QueryExpansion>,
) -> anyhow::Result<Plan> {
    let messages = messages(question, params.plan.max_phrases)?;
    let object = llm.object(&messages, &schema(), within).await?;
    let raw: RawPlan = serde_json::from_value(object)
        .map_err(|_| LlmError::Malformed("a plan without its fields"))?;
    Ok(validate(&raw, question, params, expansions)?)
}

fn messages(question: &Question, max_phrases: usize) -> anyhow::Result<Vec<Message>> {
    let shortened = shortened(&question.text);
    let collections = match &question.access {
        Access::Everything => Vec::new(),
        Access::Only(names) => names.iter().map(String::as_str).collect(),
    };
    let values = Values {
        most_phrases: max_phrases,
        mark: mark(question),
        collections,
        conversation: conversation(question, MAX_CONVERSATION_TOKENS),
        question: &shortened,
    };
    template::messages(
        include_str!("plan/system.jinja"),
        include_str!("plan/question.jinja"),
        &values,
    )
}

/// Returns a delimiter that nobody who writes into the conversation can predict.
fn mark(question: &Question) -> String {
    let mut digest = Sha256::new();
    digest.update(&question.text);
    for turn in &question.conversation {
        digest.update([0]);
        digest.update(&turn.text);
    }
    hex::encode(&digest.finalize()[..6])
}

fn schema() -> Schema {
    let text = json!({ "type": "string" });
    let texts = json!({ "type": "array", "items": text });
    let properties = json!({
        "question": text,
        "english": texts,
        "korean": texts,
        "ids": texts,
        "tool": text,
        "document_type": { "type": "string", "enum": ["", "manual", "procedure", "alarm list", "recipe", "guide"] },
        "collection": text,
    });
    let names: Vec<&str> = vec![
        "question",
        "english",
        "korean",
        "ids",
        "tool",
        "document_type",
        "collection",
    ];
    let object = json!({
        "type": "object",
        "properties": properties,
        "required": names,
        "additionalProperties": false,
    });
    Schema {
        name: "search_plan",
        schema: Value::clone(&object),
    }
}

/// Validates a plan and keeps its plausible parts.
///
/// # Errors
/// If it has no usable question, or contains a code that nobody wrote.
fn validate(
    raw: &RawPlan,
    question: &Question,
    params: &SearchParams,
    expansions: impl Fn(&str) -> Vec<QueryExpansion>,
) -> Result<Plan, LlmError> {
    let mut text = one_line(&raw.question);
    if text.is_empty() || text.chars().count() > MAX_QUESTION_CHARS {
        return Err(LlmError::Malformed("a plan without a usable question"));
    }
    let transcript = transcript(question);
    let mut phrases: Vec<QueryExpansion> = Vec::new();
    for language in [&raw.english, &raw.korean] {
        let usable = language.iter().map(|phrase| one_line(phrase));
        let usable = usable.filter(|phrase| {
            !analysis::terms(phrase).is_empty() && phrase.chars().count() <= MAX_PHRASE_CHARS
        });
        for phrase in usable.take(params.plan.max_phrases) {
            if phrases.iter().all(|known| known.text != phrase) {
                phrases.push(QueryExpansion {
                    text: phrase,
                    weight: params.plan.phrase_weight,
                    replaces: Vec::new(),
                });
            }
        }
    }
    // A code that nobody wrote is invented, and would rank before everything else.
    let known_codes = codes(&transcript);
    let in_text = codes(&text);
    if in_text.iter().any(|code| !known_codes.contains(code)) {
        return Err(LlmError::Malformed(
            "a plan with a code that was not asked for",
        ));
    }
    phrases.retain(|phrase| codes(&phrase.text).is_subset(&known_codes));
    for id in &raw.ids {
        let of_id = codes(id);
        if !of_id.is_empty() && of_id.is_subset(&known_codes) && !of_id.is_subset(&in_text) {
            text = format!("{text} {}", one_line(id));
        }
    }
    let keeps_to_question = keeps_to(&text, &transcript, params, &expansions);
    Ok(Plan {
        question: text,
        phrases,
        hints: ScopeHints {
            tool: one_line(&raw.tool),
            document_type: one_line(&raw.document_type),
            collection: one_line(&raw.collection),
        },
        keeps_to_question,
    })
}

/// Joins all turns of the conversation and the question.
fn transcript(question: &Question) -> String {
    let turns = question.conversation.iter().map(|turn| turn.text.as_str());
    turns
        .chain([question.text.as_str()])
        .collect::<Vec<_>>()
        .join("\n")
}

fn codes(text: &str) -> BTreeSet<String> {
    let codes = analysis::codes(text).into_iter();
    codes.map(|code| code.name).collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether enough of a text's words occur in the transcript or are synonyms of such words.
fn keeps_to(
    text: &str,
    transcript: &str,
    params: &SearchParams,
    expansions: impl Fn(&str) -> Vec<QueryExpansion>,
) -> bool {
    let mut known: BTreeSet<String> = analysis::terms(transcript).into_iter().collect();
    for expansion in expansions(transcript) {
        known.extend(analysis::terms(&expansion.text));
    }
    let terms = analysis::query_terms(text, &params.query);
    let weight = |counted: &dyn Fn(&str) -> bool| -> f32 {
        let counted = terms.iter().filter(|term| counted(&term.term));
        counted.map(|term| term.weight).sum()
    };
    weight(&|term| known.contains(term)) >= params.plan.min_known_share * weight(&|_| true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::question::{Speaker, Turn};
    use crate::domain::search_params::PlanParams;

    fn question(text: &str, turns: &[&str]) -> Question {
        Question {
            text: text.to_owned(),
            conversation: turns
                .iter()
                .map(|text| Turn {
                    speaker: Speaker::Person("U1".to_owned()),
                    text: (*text).to_owned(),
                })
                .collect(),
            access: Access::Only(["manuals".to_owned(), "recipes".to_owned()].into()),
        }
    }

    fn plan(question: &Question, written: &Value) -> Result<Plan, LlmError> {
        let mut all = json!({
            "question": "", "english": [], "korean": [], "ids": [], "tool": "", "document_type": "", "collection": "",
        });
        for (name, value) in written.as_object().unwrap() {
            all[name] = value.clone();
        }
        let raw: RawPlan = serde_json::from_value(all).unwrap();
        validate(&raw, question, &SearchParams::DEFAULT, |_| Vec::new())
    }

    #[test]
    fn the_whole_prompt() {
        let question = question(
            "그럼 얼마나 자주 해?",
            &[
                "How is the HX-7 showerhead cleaned?",
                "E-1042 was on yesterday",
            ],
        );
        let messages = messages(&question, PlanParams::DEFAULT.max_phrases).unwrap();
        let text: Vec<String> = messages
            .iter()
            .map(|message| format!("--- {:?}\n{}", message.role, message.content))
            .collect();
        insta::assert_snapshot!(text.join("\n"));
    }

    #[test]
    fn the_schema_is_accepted_by_strict_servers() {
        let Schema { schema, .. } = schema();
        let properties: BTreeSet<&String> =
            schema["properties"].as_object().unwrap().keys().collect();
        let required = schema["required"].as_array().unwrap();
        assert_eq!(properties.len(), required.len());
        assert_eq!(schema["additionalProperties"], false);
    }

    #[test]
    fn a_plan_fills_in_what_the_conversation_says() {
        let question = question("how often?", &["How is the HX-7 showerhead cleaned?"]);
        let plan = plan(
            &question,
            &json!({ "question": "How often is the HX-7\n showerhead cleaned?", "english": ["showerhead cleaning interval"] }),
        )
        .unwrap();
        assert_eq!(plan.question, "How often is the HX-7 showerhead cleaned?");
        assert!(plan.keeps_to_question);
        assert_eq!(plan.phrases[0].text, "showerhead cleaning interval");
    }

    #[test]
    fn a_plan_that_strays_is_recognized() {
        let question = question("What does the canteen serve?", &[]);
        let plan = plan(
            &question,
            &json!({ "question": "susceptor bake temperature" }),
        )
        .unwrap();
        assert!(!plan.keeps_to_question);
    }

    #[test]
    fn a_code_that_nobody_wrote_is_not_searched_for() {
        let question = question("그 알람 조치 방법은?", &["E-1042 떴어요"]);
        let raw = json!({ "question": "알람 조치 방법", "ids": ["E-1042", "E-1099"], "english": ["E-1050 remedy", "remedy"] });
        let plan = plan(&question, &raw).unwrap();
        assert_eq!(plan.question, "알람 조치 방법 E-1042");
        let phrases: Vec<&str> = plan
            .phrases
            .iter()
            .map(|phrase| phrase.text.as_str())
            .collect();
        assert_eq!(phrases, ["remedy"]);
        let invented = json!({ "question": "E-1099 알람 조치 방법" });
        assert!(super::tests::plan(&question, &invented).is_err());
    }

    #[test]
    fn weight_number_and_familiarity_of_phrases_are_parameters() {
        let question = question("How is the HX-7 cleaned?", &[]);
        let raw = RawPlan {
            question: "HX-7 showerhead cleaned interval".to_owned(),
            english: vec!["cleaning".to_owned(), "interval".to_owned()],
            korean: Vec::new(),
            ids: Vec::new(),
            tool: String::new(),
            document_type: String::new(),
            collection: String::new(),
        };
        let mut params = SearchParams::DEFAULT;
        let by_default = validate(&raw, &question, &params, |_| Vec::new()).unwrap();
        params.plan.max_phrases = 1;
        params.plan.phrase_weight = 0.1;
        params.plan.min_known_share = 0.99;
        let changed = validate(&raw, &question, &params, |_| Vec::new()).unwrap();
        assert_eq!((by_default.phrases.len(), changed.phrases.len()), (2, 1));
        assert!(changed.phrases[0].weight < by_default.phrases[0].weight);
        assert!(by_default.keeps_to_question && !changed.keeps_to_question);
    }

    #[test]
    fn a_plan_without_a_question_is_refused() {
        let question = question("why?", &[]);
        assert!(plan(&question, &json!({ "question": " \n" })).is_err());
        assert!(plan(&question, &json!({ "question": "x".repeat(900) })).is_err());
    }
}
