//! Does stored work that is no question.

use super::Responder;
use super::progress::{Saved, Stop};
use crate::chat::slack::errand::{Consult, Errand};
use crate::chat::slack::escape::escape;
use crate::chat::slack::event::{Deleted, How, Question, View};
use crate::chat::slack::message::{Block, Mark, Message, Role};
use crate::chat::slack::split::cut;
use crate::chat::slack::{agent, gaps, home, pages};
use crate::i18n::buttons as text;
use crate::storage::queue::Job;

/// Characters of an answer that a person in charge is shown.
const EXCERPT: usize = 2_500;

impl Responder {
    pub(super) async fn run(&self, job: &Job, errand: Errand) -> Result<(), Stop> {
        match errand {
            Errand::Withdraw(deleted) => self.withdraw(&deleted).await,
            Errand::Consult(consult) => self.consult(job, &consult).await,
            Errand::Draw(draw) => self.draw(job, &draw).await,
            Errand::Show(opened) => match &opened.view {
                View::Home => Box::pin(home::show(&self.parts, &opened))
                    .await
                    .map_err(Stop::Errand),
                View::Messages | View::Thread(_) => Box::pin(agent::greet(&self.parts, &opened))
                    .await
                    .map_err(Stop::Errand),
            },
            Errand::Pages(pages) => Box::pin(pages::show(&self.parts, &pages))
                .await
                .map_err(Stop::Errand),
            Errand::Gaps(gaps) => Box::pin(gaps::report(&self.parts, &gaps))
                .await
                .map_err(Stop::Errand),
        }
    }

    /// Deletes the answer to a question that is no longer there.
    async fn withdraw(&self, deleted: &Deleted) -> Result<(), Stop> {
        let key = deleted.question();
        let thread = match self
            .parts
            .client
            .replies(&deleted.channel, &deleted.root)
            .await
        {
            Ok(thread) => thread,
            // The thread went with the question.
            Err(error) if error.is_lasting() => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let mut messages = Mark::all(&key, &thread, &self.parts.bot);
        let record = self.parts.queue.lookup(&key).await.map_err(Stop::Store)?;
        let saved = record.and_then(|record| record.progress).map(Saved::read);
        for ts in saved.unwrap_or_default().posted {
            if !messages.contains(&ts) {
                messages.push(ts);
            }
        }
        for ts in messages {
            match self.parts.client.delete(&deleted.channel, &ts).await {
                Err(error) if !error.is_lasting() => return Err(error.into()),
                _ => {}
            }
        }
        self.parts
            .feedback
            .withdraw(&key)
            .await
            .map_err(Stop::Store)
    }

    /// Tells the person in charge of a question that somebody wants an answer from them.
    async fn consult(&self, job: &Job, consult: &Consult) -> Result<(), Stop> {
        let Some(given) = self
            .parts
            .feedback
            .given(&consult.question)
            .await
            .map_err(Stop::Store)?
        else {
            return Ok(());
        };
        let language = given.language;
        let channel = if consult.expert.starts_with('U') || consult.expert.starts_with('W') {
            self.parts.client.direct(&consult.expert).await?
        } else {
            consult.expert.clone()
        };
        let mark = |part| Mark {
            question: job.key.clone(),
            part,
        };
        let is_there = job.fence > 1
            && mark(1)
                .find(&self.parts.client.recent(&channel).await?, &self.parts.bot)
                .is_some();
        if !is_there {
            let place = self
                .parts
                .client
                .address(&consult.channel, &consult.root)
                .await;
            let head = text::consult(language, &consult.user, place.as_deref());
            let excerpt = |text: &str| cut(&escape(text), EXCERPT).into_iter().next();
            let part = |name: String, text: &str| {
                Block::new(
                    Role::Notice,
                    format!("*{name}*\n{}", excerpt(text).unwrap_or_default()),
                )
            };
            let blocks = vec![
                Block::new(Role::Status, head),
                part(text::consulted_question(language), &given.question),
                part(text::consulted_answer(language), &given.answer),
            ];
            let message = Message {
                text: format!(
                    "{}: {}",
                    text::consulted_question(language),
                    escape(&given.question)
                ),
                blocks,
                buttons: None,
            };
            self.parts
                .client
                .announce(&channel, &message, &mark(1))
                .await?;
        }
        let question = Question {
            team: String::new(),
            channel: consult.channel.clone(),
            ts: consult.root.clone(),
            thread_ts: Some(consult.root.clone()),
            user: consult.user.clone(),
            text: String::new(),
            how: How::Proposed,
            attached: Some(Vec::new()),
            edited: None,
            too_many: false,
        };
        let said = Message::status(text::consulted(language));
        self.post_once(job, &question, &said, &mark(2), &[])
            .await
            .map(drop)
    }
}
