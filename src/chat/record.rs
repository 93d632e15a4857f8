//! Logs answers, and decides which buttons an answer gets.

use std::sync::Arc;

use super::question::Question;
use super::reply::AnswerButtons;
use crate::config::settings::Config;
use crate::domain::answer::Answer;
use crate::domain::language::Language;
use crate::domain::passage::Passage;
use crate::i18n::buttons as text;
use crate::storage::answer_log::{AnswerLog, LoggedAnswer, LoggedPassage};

/// How many follow-up questions are suggested below an answer.
const MAX_SUGGESTIONS: usize = 3;

/// Writes the answer log. Cheap to clone.
#[derive(Clone)]
pub struct AnswerRecorder {
    log: AnswerLog,
    config: Arc<Config>,
}

impl AnswerRecorder {
    #[must_use]
    pub fn new(log: AnswerLog, config: Arc<Config>) -> Self {
        Self { log, config }
    }

    #[must_use]
    pub fn log(&self) -> &AnswerLog {
        &self.log
    }

    /// Logs an answer with its passages. A failure does not prevent the answer.
    pub async fn record(&self, question: &Question, answer: &Answer) {
        self.write(&self.entry(question, answer)).await;
    }

    /// Logs for the audit that there is no answer, and why.
    pub async fn record_outcome(
        &self,
        question: &Question,
        language: Language,
        outcome: &str,
        reason: &str,
    ) {
        let entry = LoggedAnswer {
            reason: reason.to_owned(),
            ..unanswered(question, language, outcome)
        };
        self.write(&entry).await;
    }

    async fn write(&self, entry: &LoggedAnswer) {
        if let Err(error) = self.log.store(entry).await {
            let error = format!("{error:#}");
            tracing::error!(key = entry.key, error, "cannot log an answer");
        }
    }

    /// The buttons below an answer.
    #[must_use]
    pub fn buttons(&self, question: &Question, answer: &Answer) -> AnswerButtons {
        let entry = self.entry(question, answer);
        AnswerButtons {
            question: question.key(),
            language: answer.language,
            has_passages: !entry.passages.is_empty(),
            has_person: expert_for(&self.config.chat.experts, &entry).is_some(),
            suggestions: suggestions(answer),
        }
    }

    fn entry(&self, question: &Question, answer: &Answer) -> LoggedAnswer {
        LoggedAnswer {
            answer: answer.text.clone(),
            model: self.config.llm.model.clone(),
            prompt_tokens: answer.usage.prompt_tokens,
            completion_tokens: answer.usage.completion_tokens,
            passages: shown_passages(answer),
            ..unanswered(question, answer.language, answer.mode.name())
        }
    }
}

/// The expert for an answer: the first one with a collection that the answer is based on.
#[must_use]
pub fn expert_for(experts: &[String], entry: &LoggedAnswer) -> Option<String> {
    experts.iter().find_map(|expert| {
        let (collection, id) = expert.split_once(':')?;
        let is_theirs = collection.trim() == "*"
            || entry
                .passages
                .iter()
                .any(|passage| passage.collection == collection.trim());
        is_theirs.then(|| id.trim().to_owned())
    })
}

/// A log entry for a question without an answer.
fn unanswered(question: &Question, language: Language, mode: &str) -> LoggedAnswer {
    LoggedAnswer {
        key: question.key(),
        team: question.place.workspace.clone(),
        channel: question.place.conversation.clone(),
        thread: question.root().to_owned(),
        user: question.person.clone(),
        question: question.text.clone(),
        answer: String::new(),
        mode: mode.to_owned(),
        model: String::new(),
        prompt_tokens: 0,
        completion_tokens: 0,
        reason: String::new(),
        language,
        passages: Vec::new(),
    }
}

/// The passages of an answer, the cited ones first.
fn shown_passages(answer: &Answer) -> Vec<LoggedPassage> {
    let mut shown: Vec<LoggedPassage> = answer
        .passages
        .iter()
        .map(|passage| {
            let cited = answer
                .citations
                .iter()
                .find(|citation| citation.passage == passage.id);
            LoggedPassage {
                n: cited.map(|citation| citation.n),
                id: passage.id.0.clone(),
                title: passage.document.title.clone(),
                section: passage.section().map(str::to_owned),
                page: passage.page_label(),
                collection: passage.document.collection.clone(),
                origin: Some(passage.document.origin),
                url: cited.and_then(|citation| citation.url.clone()),
                text: passage.text.clone(),
            }
        })
        .collect();
    shown.sort_by_key(|passage| passage.n.unwrap_or(u32::MAX));
    shown
}

/// Questions about sections that were found but not cited, so that the documents certainly answer them.
fn suggestions(answer: &Answer) -> Vec<String> {
    let is_cited = |passage: &Passage| {
        answer.citations.iter().any(|citation| {
            citation.doc_id == passage.document.id
                && citation.section.as_deref() == passage.section()
        })
    };
    let mut questions: Vec<String> = Vec::new();
    for passage in &answer.passages {
        let Some(section) = passage.section().filter(|_| !is_cited(passage)) else {
            continue;
        };
        let title = &passage.document.title;
        let question = text::proposed(answer.language, title, section);
        if questions.len() < MAX_SUGGESTIONS
            && question.len() < 1_800
            && !questions.contains(&question)
        {
            questions.push(question);
        }
    }
    questions
}
