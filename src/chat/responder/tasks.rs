//! Handles jobs other than questions.

use super::Responder;
use super::failure::AttemptError;
use crate::chat::platform::Posted;
use crate::chat::reply::{Content, Section, SectionKind};
use crate::chat::saved_progress::SavedProgress;
use crate::chat::thread::MessageTag;
use crate::chat::work::{Consultation, View, Withdrawal, Work};
use crate::i18n::buttons as text;
use crate::storage::queue::Job;

/// Length of the question and answer that an expert is shown, in characters.
const MAX_EXCERPT_CHARS: usize = 2_500;

impl Responder {
    pub(super) async fn run(&self, job: &Job, work: Work) -> Result<(), AttemptError> {
        match work {
            Work::Withdraw(withdrawal) => self.withdraw(&withdrawal).await,
            Work::Consult(consultation) => self.consult(job, &consultation).await,
            Work::Draw(draw) => self.draw(job, &draw).await,
            Work::Show(opened) => match &opened.view {
                View::Home => Box::pin(self.home.show(&opened)).await,
                View::Messages | View::Thread(_) => Box::pin(self.greeter.greet(&opened)).await,
            }
            .map_err(AttemptError::Task),
            Work::Pages(pages) => Box::pin(self.pages.show(&pages))
                .await
                .map_err(AttemptError::Task),
            Work::UnansweredReport(report) => Box::pin(self.report.send(&report))
                .await
                .map_err(AttemptError::Task),
            Work::Question(_) | Work::Reindex(_) => Err(AttemptError::Unreadable),
        }
    }

    /// Deletes the answer to a question that was deleted.
    async fn withdraw(&self, withdrawal: &Withdrawal) -> Result<(), AttemptError> {
        let key = withdrawal.question();
        let conversation = &withdrawal.place.conversation;
        let thread = match self
            .platform
            .thread(conversation, &withdrawal.root, &withdrawal.message)
            .await
        {
            Ok(thread) => thread,
            // The thread was deleted with the question.
            Err(error) if error.is_permanent() => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let mut messages = MessageTag::find_all(&key, &thread);
        let record = self.queue.lookup(&key).await;
        let record = record.map_err(AttemptError::Storage)?;
        let saved = record
            .and_then(|record| record.progress)
            .map(SavedProgress::read);
        for id in saved.unwrap_or_default().posted {
            if !messages.contains(&id) {
                messages.push(id);
            }
        }
        for message in messages {
            let posted = Posted {
                conversation: conversation.clone(),
                message,
            };
            match self.platform.delete(&posted).await {
                Err(error) if !error.is_permanent() => return Err(error.into()),
                _ => {}
            }
        }
        let withdrawn = self.recorder.log().withdraw(&key).await;
        withdrawn.map_err(AttemptError::Storage)
    }

    /// Forwards a question to an expert.
    async fn consult(&self, job: &Job, consultation: &Consultation) -> Result<(), AttemptError> {
        let given = self.recorder.log().find(&consultation.question).await;
        let Some(given) = given.map_err(AttemptError::Storage)? else {
            return Ok(());
        };
        let (platform, language) = (&self.platform, given.language);
        let conversation = if platform.is_person(&consultation.expert) {
            platform.direct_conversation(&consultation.expert).await?
        } else {
            consultation.expert.clone()
        };
        let tag = |part| MessageTag {
            question: job.key.clone(),
            part,
        };
        let is_posted = job.fence > 1
            && tag(1)
                .find(&platform.recent(&conversation).await?)
                .is_some();
        if !is_posted {
            let thread = platform
                .permalink(&consultation.place.conversation, &consultation.root)
                .await;
            let markup = platform.markup();
            let link = thread.map(|url| markup.link(&url, &text::open_thread(language)));
            let person = markup.person(&consultation.person);
            let part = |name: String, text: &str| Section {
                kind: SectionKind::Note,
                markup: format!(
                    "{}\n{}",
                    markup.bold(&name),
                    markup.excerpt(&markup.escape(text), MAX_EXCERPT_CHARS)
                ),
            };
            let sections = vec![
                Section {
                    kind: SectionKind::Text,
                    markup: text::consult(language, &person, link.as_deref()),
                },
                part(text::consulted_question(language), &given.question),
                part(text::consulted_answer(language), &given.answer),
            ];
            let summary = format!(
                "{}: {}",
                text::consulted_question(language),
                markup.escape(&given.question)
            );
            let content = Content::Sections { summary, sections };
            let message = platform.render(&content).remove(0);
            platform.notify(&conversation, &message, &tag(1)).await?;
        }
        let place = &consultation.place;
        if job.fence > 1 {
            let thread = platform
                .thread(&place.conversation, &consultation.root, &consultation.root)
                .await?;
            if tag(2).find(&thread).is_some() {
                return Ok(());
            }
        }
        let confirmation = self.status_message(text::consulted(language));
        platform
            .post(
                &place.conversation,
                &consultation.root,
                &confirmation,
                &tag(2),
            )
            .await?;
        Ok(())
    }
}
