//! Answers from data: recipes and alarms, looked up exactly and without a language model.

use super::{Answerer, Draft, retrieve};
use crate::alarm;
use crate::domain::{Language, Mode, Question};
use crate::recipe::ask::{self, Reply};
use crate::recipe::book::View;

impl Answerer {
    /// The answer that recipes and alarms give; none where the question is about something else.
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
        let reply = ask::answer(&question.text, before.as_deref(), &view, language)
            .or_else(|| look_up(&question.text, &view, language));
        Ok(reply.map(draft))
    }
}

/// The records of the alarm that a question asks for, where it asks for nothing else.
fn look_up(question: &str, view: &View<'_>, language: Language) -> Option<Reply> {
    if !alarm::is_plain_lookup(question) {
        return None;
    }
    ask::alarm(&alarm::asked(question), view, language)
}

fn draft(reply: Reply) -> Draft {
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
