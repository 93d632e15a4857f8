//! Answers from data: recipes and alarms, looked up exactly and without a language model.

use super::{Answerer, Draft, retrieve};
use crate::alarm;
use crate::domain::{Language, Mode, Question};
use crate::recipe::ask::{self, Reply};

impl Answerer {
    /// The answer that recipes and alarms give; none where the question is about something else. What to do about an
    /// alarm is worded by the language model where there is one, unless nothing but the alarm is named.
    pub(super) async fn look_into_data(
        &self,
        question: &Question,
        language: Language,
    ) -> anyhow::Result<Option<Draft>> {
        let Some(recipes) = &self.recipes else {
            return Ok(None);
        };
        let book = recipes.book().await?;
        let view = book.view(&question.access);
        let before = retrieve::earlier_question(&question.conversation);
        let reply = ask::answer(&question.text, before.as_deref(), &view, language).or_else(|| {
            let is_alone = self.llm.is_none() && alarm::is_plain_lookup(&question.text);
            if !is_alone && !alarm::is_bare(&question.text) {
                return None;
            }
            ask::alarm(&alarm::asked(&question.text), &view, language)
        });
        Ok(reply.map(draft))
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

pub(super) fn draft(reply: Reply) -> Draft {
    let mode = if reply.is_refusal && reply.cited.is_empty() {
        Mode::NoneFound
    } else {
        Mode::Extractive
    };
    Draft {
        cited: (0..reply.cited.len()).collect(),
        passages: reply.cited,
        ..Draft::plain(reply.text, mode)
    }
}
