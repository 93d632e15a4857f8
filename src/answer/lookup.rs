//! Answers from data: recipes and alarms, looked up exactly and without a language model.

use std::sync::Arc;

use crate::answer::answerer::Answerer;
use crate::answer::draft::Draft;
use crate::domain::answer::Mode;
use crate::domain::language::Language;
use crate::domain::question::Question;
use crate::recipes::alarm;
use crate::recipes::ask;
use crate::recipes::ask::Reply;
use crate::recipes::book::Book;
use crate::search::search_text;

/// What recipes and alarms have to say to a question.
#[derive(Debug, Default)]
pub(super) struct Data {
    /// The whole answer.
    pub(super) answer: Option<Reply>,
    /// A part of the answer; documents are asked for, too.
    pub(super) told: Option<Reply>,
    /// Why recipes do not answer, for where nothing else does.
    pub(super) refusal: Option<Reply>,
    /// Where the model may look things up; none where the question is about nothing that is there.
    pub(super) book: Option<Arc<Book>>,
}

impl Answerer {
    /// Asks recipes and alarms. What to do about an alarm is worded by the language model where there is one, unless
    /// nothing but the alarm is named.
    pub(super) async fn look_into_data(
        &self,
        question: &Question,
        language: Language,
    ) -> anyhow::Result<Data> {
        let Some(recipes) = &self.recipes else {
            return Ok(Data::default());
        };
        let book = recipes.book().await?;
        let view = book.view(&question.access);
        let before = search_text::earlier_question(&question.conversation);
        let rules = |text: &str| ask::answer(text, before.as_deref(), &view, language);
        let is_half = self.llm.is_some() && ask::wants_documents(&question.text);
        let part = Some(&question.text).filter(|_| is_half);
        let part = part.and_then(|text| ask::without_documents(text));
        // What is left may be half a sentence; it counts where it is about recipes by itself.
        let part = part.filter(|part| ask::concerns(part, None, &view));
        let reply = part
            .and_then(|part| rules(&part))
            .or_else(|| rules(&question.text));
        let mut data = Data::default();
        match reply {
            Some(reply) if !is_half => data.answer = Some(reply),
            Some(reply) if reply.is_refusal => data.refusal = Some(reply),
            Some(reply) => data.told = Some(reply),
            None => {
                let is_alone = self.llm.is_none() && alarm::is_plain_lookup(&question.text);
                if is_alone || alarm::is_bare(&question.text) {
                    data.answer = ask::alarm(&alarm::asked(&question.text), &view, language);
                }
            }
        }
        let is_open = data.answer.is_none() && self.llm.is_some();
        let concerns = || ask::concerns(&question.text, before.as_deref(), &view);
        if is_open && (data.told.is_some() || concerns()) {
            drop(view);
            data.book = Some(book);
        }
        Ok(data)
    }

    /// The records of the alarm that a question names, for where the language model failed.
    pub(super) async fn look_up_alarm(
        &self,
        question: &Question,
        language: Language,
    ) -> anyhow::Result<Option<Draft>> {
        let asked = alarm::asked(&question.text);
        let Some(recipes) = self.recipes.as_ref().filter(|_| !asked.is_empty()) else {
            return Ok(None);
        };
        let book = recipes.book().await?;
        Ok(ask::alarm(&asked, &book.view(&question.access), language).map(draft))
    }

    /// The question with the alarm's code as the documents write it, where it is written in another way.
    pub(super) async fn spelled_out(
        &self,
        question: &Question,
    ) -> anyhow::Result<Option<Question>> {
        let asked = alarm::asked(&question.text);
        let Some(recipes) = self.recipes.as_ref().filter(|_| !asked.is_empty()) else {
            return Ok(None);
        };
        let book = recipes.book().await?;
        let view = book.view(&question.access);
        let code = asked.iter().find_map(|wanted| {
            let mut codes = view
                .alarms()
                .map(|(_, alarm)| alarm.code.as_str())
                .filter(|code| wanted.means(code));
            codes.next()
        });
        Ok(code
            .filter(|code| !question.text.contains(code))
            .map(|code| Question {
                text: format!("{} ({code})", question.text),
                ..question.clone()
            }))
    }
}

/// A reply as an answer.
pub(super) fn draft(reply: Reply) -> Draft {
    let mode = if reply.is_refusal && reply.cited.is_empty() {
        Mode::NoneFound
    } else {
        Mode::Extractive
    };
    Draft {
        cited: (0..reply.cited.len()).collect(),
        passages: reply.cited,
        plot: reply.plot,
        ..Draft::plain(reply.text, mode)
    }
}
