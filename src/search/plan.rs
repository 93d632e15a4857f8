//! One cheap call to the language model, before the search: what is to be searched for. The words are in
//! `plan/*.jinja`.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::domain::access::Access;
use crate::domain::passage::Passage;
use crate::domain::question::Question;
use crate::llm::client::Llm;
use crate::llm::error::LlmError;
use crate::llm::message::Message;
use crate::llm::schema::Schema;
use crate::llm::template;
use crate::search::analysis;
use crate::search::conversation::{Said, conversation};
use crate::search::index::Phrase;
use crate::search::search_text::shortened;

/// Phrases in each language.
const MOST_PHRASES: usize = 4;
/// The longest question and phrase that are believed, in characters.
const LONGEST_QUESTION: usize = 500;
const LONGEST_PHRASE: usize = 100;
/// How much a phrase of the plan counts beside the question's own words.
const PHRASE_WEIGHT: f32 = 0.5;
/// As much of the conversation as is shown, in tokens.
const CONVERSATION_TOKENS: usize = 2000;
/// The part of a plan's words that must have been said before for it to count as the question that was asked.
const SAID_BEFORE: f32 = 0.5;

/// What to search for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Plan {
    /// The question by itself, with the ids that it is about.
    pub question: String,
    pub phrases: Vec<Phrase>,
    pub wish: Wish,
    /// Whether its words are those of the conversation, or mean the same. A plan for another question finds
    /// passages that hold all of it, and that says nothing about the question asked.
    pub keeps_to_question: bool,
}

/// Where the answer is thought to stand. Passages from there come first; none is left out, since a model may err.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wish {
    tool: String,
    document_type: String,
    collection: String,
}

/// A plan as the model writes it.
#[derive(Deserialize)]
struct Written {
    question: String,
    english: Vec<String>,
    korean: Vec<String>,
    ids: Vec<String>,
    tool: String,
    document_type: String,
    collection: String,
}

/// The values that the templates name.
#[derive(Serialize)]
struct Values<'a> {
    most_phrases: usize,
    mark: String,
    collections: Vec<&'a str>,
    conversation: Vec<Said>,
    question: &'a str,
}

/// Asks the model for a plan.
///
/// # Errors
/// It did not answer in time, or what it wrote is no plan. The search goes on without one.
#[tracing::instrument(name = "plan", level = "info", skip_all)]
pub(crate) async fn ask(
    llm: &Llm,
    question: &Question,
    within: Duration,
    other_words: impl Fn(&str) -> Vec<Phrase>,
) -> anyhow::Result<Plan> {
    let messages = messages(question)?;
    let written = llm.object(&messages, &schema(), within).await?;
    let written: Written = serde_json::from_value(written)
        .map_err(|_| LlmError::Malformed("a plan without its fields"))?;
    Ok(understood(&written, question, other_words)?)
}

fn messages(question: &Question) -> anyhow::Result<Vec<Message>> {
    let asked = shortened(&question.text);
    let collections = match &question.access {
        Access::Everything => Vec::new(),
        Access::Only(names) => names.iter().map(String::as_str).collect(),
    };
    let values = Values {
        most_phrases: MOST_PHRASES,
        mark: mark(question),
        collections,
        conversation: conversation(question, CONVERSATION_TOKENS),
        question: &asked,
    };
    template::messages(
        include_str!("plan/system.jinja"),
        include_str!("plan/question.jinja"),
        &values,
    )
}

/// A mark that nobody who writes into the conversation can know beforehand.
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

/// What of a written plan can be believed.
fn understood(
    written: &Written,
    question: &Question,
    other_words: impl Fn(&str) -> Vec<Phrase>,
) -> Result<Plan, LlmError> {
    let mut text = one_line(&written.question);
    if text.is_empty() || text.chars().count() > LONGEST_QUESTION {
        return Err(LlmError::Malformed("a plan without a usable question"));
    }
    let said = said(question);
    let mut phrases: Vec<Phrase> = Vec::new();
    for language in [&written.english, &written.korean] {
        let usable = language.iter().map(|phrase| one_line(phrase));
        let usable = usable.filter(|phrase| {
            !analysis::terms(phrase).is_empty() && phrase.chars().count() <= LONGEST_PHRASE
        });
        for phrase in usable.take(MOST_PHRASES) {
            if phrases.iter().all(|known| known.text != phrase) {
                phrases.push(Phrase {
                    text: phrase,
                    weight: PHRASE_WEIGHT,
                    stands_for: Vec::new(),
                });
            }
        }
    }
    // A code that nobody wrote is made up, and would come before everything else.
    let written_codes = names(&said);
    let in_text = names(&text);
    if in_text.iter().any(|code| !written_codes.contains(code)) {
        return Err(LlmError::Malformed(
            "a plan with a code that was not asked for",
        ));
    }
    phrases.retain(|phrase| names(&phrase.text).is_subset(&written_codes));
    for id in &written.ids {
        let codes = names(id);
        if !codes.is_empty() && codes.is_subset(&written_codes) && !codes.is_subset(&in_text) {
            text = format!("{text} {}", one_line(id));
        }
    }
    let keeps_to_question = keeps_to(&text, &said, &other_words);
    Ok(Plan {
        question: text,
        phrases,
        wish: Wish {
            tool: one_line(&written.tool),
            document_type: one_line(&written.document_type),
            collection: one_line(&written.collection),
        },
        keeps_to_question,
    })
}

/// Everything that was said, by anyone.
fn said(question: &Question) -> String {
    let turns = question.conversation.iter().map(|turn| turn.text.as_str());
    turns
        .chain([question.text.as_str()])
        .collect::<Vec<_>>()
        .join("\n")
}

fn names(text: &str) -> BTreeSet<String> {
    let codes = analysis::codes(text).into_iter();
    codes.map(|code| code.name).collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether enough of a text's words are words that were said, or other words for them.
fn keeps_to(text: &str, said: &str, other_words: impl Fn(&str) -> Vec<Phrase>) -> bool {
    let mut known: BTreeSet<String> = analysis::terms(said).into_iter().collect();
    for phrase in other_words(said) {
        known.extend(analysis::terms(&phrase.text));
    }
    let asked = analysis::asked(text);
    let weight = |counted: &dyn Fn(&str) -> bool| -> f32 {
        let counted = asked.iter().filter(|asked| counted(&asked.term));
        counted.map(|asked| asked.weight).sum()
    };
    weight(&|term| known.contains(term)) >= SAID_BEFORE * weight(&|_| true)
}

impl Wish {
    /// How many of the wishes a passage meets.
    pub(crate) fn met_by(&self, passage: &Passage) -> usize {
        let document = &passage.document;
        let above = format!(
            "{} {} {}",
            document.title,
            document.path,
            passage.headings.join(" ")
        );
        let above: BTreeSet<String> = analysis::terms(&above).into_iter().collect();
        let names = |wish: &str| {
            let terms = analysis::terms(wish);
            !terms.is_empty() && terms.iter().all(|term| above.contains(term))
        };
        // What a document calls itself in either language.
        let of_type = match self.document_type.as_str() {
            "manual" => names("manual") || names("매뉴얼") || names("설명서"),
            "procedure" => names("SOP") || names("procedure") || names("절차"),
            "alarm list" => names("alarm") || names("알람"),
            "recipe" => names("recipe") || names("레시피"),
            "guide" => names("guide") || names("가이드"),
            _ => false,
        };
        let wanted = !self.collection.is_empty() && document.collection == self.collection;
        usize::from(names(&self.tool)) + usize::from(of_type) + usize::from(wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::question::{Speaker, Turn};
    use crate::domain::sample;

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
        let written: Written = serde_json::from_value(all).unwrap();
        understood(&written, question, |_| Vec::new())
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
        let messages = messages(&question).unwrap();
        let text: Vec<String> = messages
            .iter()
            .map(|message| format!("--- {:?}\n{}", message.role, message.content))
            .collect();
        insta::assert_snapshot!(text.join("\n"));
    }

    #[test]
    fn the_schema_is_one_that_strict_servers_take() {
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
    fn a_plan_for_something_else_is_known_as_such() {
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
        let asked = json!({ "question": "알람 조치 방법", "ids": ["E-1042", "E-1099"], "english": ["E-1050 remedy", "remedy"] });
        let plan = plan(&question, &asked).unwrap();
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
    fn a_plan_without_a_question_is_none() {
        let question = question("why?", &[]);
        assert!(plan(&question, &json!({ "question": " \n" })).is_err());
        assert!(plan(&question, &json!({ "question": "x".repeat(900) })).is_err());
    }

    #[test]
    fn wishes_are_met_by_where_a_passage_stands() {
        let mut passage = sample::bake();
        passage.document.title = "HX-7 Maintenance Manual".to_owned();
        let wish = |tool: &str, document_type: &str, collection: &str| Wish {
            tool: tool.to_owned(),
            document_type: document_type.to_owned(),
            collection: collection.to_owned(),
        };
        assert_eq!(wish("HX-7", "manual", "manuals").met_by(&passage), 3);
        assert_eq!(wish("MB-3", "recipe", "recipes").met_by(&passage), 0);
        assert_eq!(wish("", "", "").met_by(&passage), 0);
    }
}
