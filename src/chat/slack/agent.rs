//! Direct messages as Slack's agents have them: a greeting, questions to begin with, what we are at, names of threads.

use std::collections::BTreeSet;

use super::event::{Opened, Question, View};
use super::message::{Mark, Message};
use super::parts::{Library, Parts};
use crate::domain::access::Access;
use crate::domain::language::Language;
use crate::domain::search_params::SearchParams;
use crate::i18n::{agent as text, buttons};
use crate::recipes::ask;
use crate::search::index::Query;

/// Questions that Slack shows at most.
const SUGGESTED: usize = 4;
/// Letters of a suggestion's title, and of a thread's name.
const TITLE: usize = 70;
/// Documents among which a question is looked for, and passages of each.
const DOCUMENTS: u32 = 12;
const PASSAGES: usize = 6;

/// Greets in a new thread, or whoever opens the conversation for the first time, and suggests questions.
///
/// # Errors
/// The documents or Slack cannot be reached.
pub(super) async fn greet(parts: &Parts, opened: &Opened) -> anyhow::Result<()> {
    let Opened { user, channel, .. } = opened;
    let language = parts.locales.of(user).await;
    let access = parts.access(channel, user).await;
    let questions = parts
        .library
        .questions(&access, language, SUGGESTED)
        .await?;
    let thread = match &opened.view {
        View::Thread(ts) => Some(ts.as_str()),
        View::Home | View::Messages => None,
    };
    let message = Message::status(text::greeting(language));
    let mark = Mark {
        question: match thread {
            Some(ts) => format!("{}/{channel}/{ts}/greeting", opened.team),
            None => format!("{}/{user}/greeting", opened.team),
        },
        part: 1,
    };
    if let Some(ts) = thread {
        let there = parts.client.replies(channel, ts).await?;
        if mark.find(&there, &parts.bot).is_none() {
            parts.client.post(channel, ts, &message, &mark).await?;
        }
    } else if parts.client.recent(channel).await?.is_empty() {
        // Whoever has talked to us before knows what we are for.
        parts.client.announce(channel, &message, &mark).await?;
    }
    if !questions.is_empty() {
        let prompts: Vec<(String, String)> = questions
            .into_iter()
            .map(|question| (titled(&question), question))
            .collect();
        let title = text::suggestions(language);
        parts
            .client
            .suggest(channel, thread, &title, &prompts)
            .await;
    }
    Ok(())
}

/// Names the thread of a question by what it asks.
pub(super) async fn name_thread(parts: &Parts, question: &Question) {
    let title = titled(&question.text);
    if parts.config.slack.agent && question.is_private() && !title.is_empty() {
        parts
            .client
            .name_thread(&question.channel, question.root(), &title)
            .await;
    }
}

/// Shows that a question is being looked into, before there is a message that does.
pub(super) async fn show_status(parts: &Parts, question: &Question) {
    if parts.config.slack.agent && question.is_private() {
        let status = text::status(Language::of(&question.text));
        parts
            .client
            .show_status(&question.channel, question.root(), &status)
            .await;
    }
}

/// A text on one line, cut at a word.
fn titled(text: &str) -> String {
    let mut title = String::new();
    for word in text.split_whitespace() {
        if title.chars().count() + word.chars().count() >= TITLE {
            if title.is_empty() {
                title.extend(word.chars().take(TITLE));
            }
            title.push('…');
            break;
        }
        if !title.is_empty() {
            title.push(' ');
        }
        title.push_str(word);
    }
    title
}

impl Library {
    /// Questions that can be answered from what may be read: an alarm, a recipe, and sections of the newest documents.
    ///
    /// # Errors
    /// The catalogue, the recipes or the index cannot be read.
    pub(super) async fn questions(
        &self,
        access: &Access,
        language: Language,
        most: usize,
    ) -> anyhow::Result<Vec<String>> {
        let mut questions = self.about_data(access, language).await?;
        let book = self.shelf.book().await?;
        let recipes: BTreeSet<_> = book
            .entries()
            .iter()
            .map(|entry| &entry.record().document.id)
            .collect();
        let mut sources = Vec::new();
        for entry in self.catalog.newest(DOCUMENTS).await? {
            if questions.len() >= most {
                break;
            }
            // One of each source, so that different things are asked about; lines of recipes are no sections.
            if !access.allows(&entry.collection)
                || sources.contains(&entry.source)
                || recipes.contains(&entry.id)
            {
                continue;
            }
            let query = Query {
                text: &entry.title,
                expansions: &[],
                access,
                limit: PASSAGES,
                params: &SearchParams::DEFAULT,
            };
            let found = self.index.search(&query).await?;
            let mut passages = found.hits.into_iter().map(|hit| hit.passage);
            let with_section = passages.find(|passage| {
                passage.document.id == entry.id
                    && passage
                        .section()
                        .is_some_and(|section| section != entry.title)
            });
            if let Some(section) = with_section.as_ref().and_then(|passage| passage.section()) {
                questions.push(buttons::proposed(language, &entry.title, section));
                sources.push(entry.source);
            }
        }
        questions.truncate(most);
        Ok(questions)
    }

    async fn about_data(&self, access: &Access, language: Language) -> anyhow::Result<Vec<String>> {
        let book = self.shelf.book().await?;
        let view = book.view(access);
        let mut questions = Vec::new();
        let alarm = view.alarms().next();
        questions.extend(alarm.map(|(_, alarm)| text::about_alarm(language, &alarm.code)));
        let recipe = view
            .entries
            .iter()
            .map(|entry| text::about_recipe(language, &entry.recipe().id))
            .find(|question| {
                let reply = ask::answer(question, None, &view, language);
                reply.is_some_and(|reply| !reply.is_refusal)
            });
        questions.extend(recipe);
        Ok(questions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_line_that_ends_at_a_word() {
        assert_eq!(
            titled(" What is\nthe purge flow? "),
            "What is the purge flow?"
        );
        let long = titled(&"퍼지 유량 ".repeat(40));
        assert!(
            long.chars().count() <= TITLE + 1 && long.ends_with('…'),
            "{long}"
        );
        assert_eq!(titled(&"x".repeat(200)).chars().count(), TITLE + 1);
        assert_eq!(titled(""), "");
    }
}
