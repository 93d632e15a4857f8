//! Greets people in direct messages and suggests first questions.

use std::sync::Arc;

use super::library::Library;
use super::locale::Locales;
use super::platform::ChatPlatform;
use super::reader_access::ReaderAccess;
use super::reply::Content;
use super::services::ChatServices;
use super::thread::MessageTag;
use super::work::{OpenedView, View};
use crate::i18n::agent as text;

/// How many questions are suggested.
const MAX_SUGGESTIONS: usize = 4;
/// Length of a suggestion's title and of a thread's name, in characters.
const MAX_TITLE_CHARS: usize = 70;

/// Greets people.
pub struct Greeter {
    platform: Arc<dyn ChatPlatform>,
    library: Library,
    access: ReaderAccess,
    locales: Locales,
}

impl Greeter {
    #[must_use]
    pub fn new(services: &ChatServices) -> Self {
        Self {
            platform: Arc::clone(&services.platform),
            library: services.library.clone(),
            access: services.access(),
            locales: services.locales.clone(),
        }
    }

    /// Greets in a new thread, or in a direct conversation that is opened for the first time, and suggests questions.
    ///
    /// # Errors
    /// The documents or the platform cannot be reached.
    pub async fn greet(&self, opened: &OpenedView) -> anyhow::Result<()> {
        let OpenedView { person, place, .. } = opened;
        let (platform, conversation) = (&self.platform, &place.conversation);
        let language = self.locales.language_of(person).await;
        let access = self.access.in_place(place, person).await;
        let questions = self
            .library
            .example_questions(&access, language, MAX_SUGGESTIONS)
            .await?;
        let root = match &opened.view {
            View::Thread(root) => Some(root.as_str()),
            View::Home | View::Messages => None,
        };
        let greeting = Content::Status(text::greeting(language));
        let message = platform.render(&greeting).remove(0);
        let tag = MessageTag::first(match root {
            Some(root) => format!("{}/greeting", place.key(root)),
            None => format!("{}/{person}/greeting", place.workspace_key()),
        });
        if let Some(root) = root {
            let messages = platform.thread(conversation, root, root).await?;
            if tag.find(&messages).is_none() {
                platform.post(conversation, root, &message, &tag).await?;
            }
        } else if platform.recent(conversation).await?.is_empty() {
            // No greeting if there are earlier messages.
            platform.notify(conversation, &message, &tag).await?;
        }
        if !questions.is_empty() {
            let suggestions: Vec<(String, String)> = questions
                .into_iter()
                .map(|question| (thread_title(&question), question))
                .collect();
            let title = text::suggestions(language);
            platform.suggest(place, root, &title, &suggestions).await;
        }
        Ok(())
    }
}

/// Returns the text on one line, cut at a word.
#[must_use]
pub fn thread_title(text: &str) -> String {
    let mut title = String::new();
    for word in text.split_whitespace() {
        if title.chars().count() + word.chars().count() >= MAX_TITLE_CHARS {
            if title.is_empty() {
                title.extend(word.chars().take(MAX_TITLE_CHARS));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_line_that_ends_at_a_word() {
        assert_eq!(
            thread_title(" What is\nthe purge flow? "),
            "What is the purge flow?"
        );
        let long = thread_title(&"퍼지 유량 ".repeat(40));
        assert!(
            long.chars().count() <= MAX_TITLE_CHARS + 1 && long.ends_with('…'),
            "{long}"
        );
        assert_eq!(
            thread_title(&"x".repeat(200)).chars().count(),
            MAX_TITLE_CHARS + 1
        );
        assert_eq!(thread_title(""), "");
    }
}
