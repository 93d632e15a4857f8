//! Keeps what was answered, and puts under an answer what can be done with it.

use super::Responder;
use super::progress::Stop;
use crate::chat::slack::buttons::expert;
use crate::chat::slack::errand::withdrawn;
use crate::chat::slack::escape::escape;
use crate::chat::slack::event::{How, Question};
use crate::chat::slack::message::{Block, Message, Role, Row};
use crate::domain::answer::Answer;
use crate::domain::language::Language;
use crate::domain::passage::Passage;
use crate::i18n::buttons as text;
use crate::storage::answer_log::{Given, Shown};

/// Questions that are proposed under an answer.
const PROPOSED: usize = 3;

impl Responder {
    /// Whether the question was deleted before it was answered.
    pub(super) async fn is_withdrawn(&self, question: &Question) -> Result<bool, Stop> {
        let key = withdrawn(&question.key());
        let record = self.parts.queue.lookup(&key).await.map_err(Stop::Store)?;
        Ok(record.is_some())
    }

    /// Keeps the answer with what it was drawn from. That it cannot be kept is no reason not to give it.
    pub(super) async fn record(&self, question: &Question, answer: &Answer) {
        self.keep(&self.given(question, answer)).await;
    }

    async fn keep(&self, given: &Given) {
        if let Err(error) = self.parts.feedback.keep(given).await {
            let error = format!("{error:#}");
            tracing::error!(key = given.key, error, "an answer is not kept");
        }
    }

    /// Adds the buttons to the last message, and the question to the first where nobody has written it.
    pub(super) fn add_buttons(
        &self,
        question: &Question,
        answer: &Answer,
        messages: &mut [Message],
    ) {
        if question.how == How::Proposed
            && let Some(first) = messages.first_mut()
        {
            let asked = text::asked_by_button(answer.language, &question.text);
            let block = Block::new(Role::Notice, escape(&asked));
            first.blocks.insert(0, block);
        }
        let given = self.given(question, answer);
        if let Some(last) = messages.last_mut() {
            last.buttons = Some(Row {
                question: question.key(),
                language: answer.language,
                has_passages: !given.passages.is_empty(),
                has_person: expert(&self.parts.config.chat.experts, &given).is_some(),
                proposed: proposed(answer),
            });
        }
    }

    fn given(&self, question: &Question, answer: &Answer) -> Given {
        Given {
            answer: answer.text.clone(),
            model: self.parts.config.llm.model.clone(),
            prompt_tokens: answer.usage.prompt_tokens,
            completion_tokens: answer.usage.completion_tokens,
            language: answer.language,
            passages: shown(answer),
            ..asked(question, answer.mode.name())
        }
    }

    /// Notes for the audit that there is no answer, and why.
    pub(super) async fn record_outcome(&self, question: &Question, outcome: &str, reason: &str) {
        let given = Given {
            reason: reason.to_owned(),
            ..asked(question, outcome)
        };
        self.keep(&given).await;
    }
}

/// What was asked, with nothing said to it yet.
fn asked(question: &Question, mode: &str) -> Given {
    Given {
        key: question.key(),
        team: question.team.clone(),
        channel: question.channel.clone(),
        thread: question.root().to_owned(),
        user: question.user.clone(),
        question: question.text.clone(),
        answer: String::new(),
        mode: mode.to_owned(),
        model: String::new(),
        prompt_tokens: 0,
        completion_tokens: 0,
        reason: String::new(),
        language: Language::of(&question.text),
        passages: Vec::new(),
    }
}

/// The passages of an answer, the cited ones first.
fn shown(answer: &Answer) -> Vec<Shown> {
    let mut shown: Vec<Shown> = answer
        .passages
        .iter()
        .map(|passage| {
            let cited = answer
                .citations
                .iter()
                .find(|citation| citation.passage == passage.id);
            Shown {
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

/// Questions about sections that were found and not cited: the documents are sure to hold them.
fn proposed(answer: &Answer) -> Vec<String> {
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
        if questions.len() < PROPOSED && question.len() < 1_800 && !questions.contains(&question) {
            questions.push(question);
        }
    }
    questions
}
