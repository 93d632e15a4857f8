//! Reports trouble to the admins: each kind once, and again only after a while.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::platform::ChatPlatform;
use super::reply::Content;
use super::thread::MessageTag;
use crate::domain::language::Language;
use crate::i18n::trouble as text;
use crate::i18n::trouble::Trouble;

/// The same trouble is reported again after this time.
const REPEAT_AFTER: Duration = Duration::from_hours(4);

/// The admins. Cheap to clone.
#[derive(Clone)]
pub struct Admins {
    platform: Arc<dyn ChatPlatform>,
    people: Arc<[String]>,
    language: Language,
    reported: Arc<Mutex<HashMap<Trouble, Instant>>>,
}

impl Admins {
    #[must_use]
    pub fn new(platform: Arc<dyn ChatPlatform>, people: &[String], language: Language) -> Self {
        Self {
            platform,
            people: people.into(),
            language,
            reported: Arc::default(),
        }
    }

    /// Returns true if the person is an admin.
    #[must_use]
    pub fn include(&self, person: &str) -> bool {
        self.people.iter().any(|admin| admin == person)
    }

    /// Sends a message to each admin. A failure is logged.
    pub async fn report(&self, trouble: Trouble) {
        if !self.is_news(&trouble) {
            return;
        }
        let markup = self.platform.markup();
        let markup_text = text::for_admin(self.language, &trouble, &|id| markup.conversation(id));
        let message = self
            .platform
            .render(&Content::Markup(markup_text))
            .remove(0);
        for person in self.people.iter() {
            let tag = MessageTag::first(format!("trouble/{person}"));
            if let Err(error) = self.platform.notify(person, &message, &tag).await {
                tracing::warn!(person, %error, "cannot report trouble to an admin");
            }
        }
    }

    fn is_news(&self, trouble: &Trouble) -> bool {
        let mut reported = self.reported.lock();
        reported.retain(|_, at| at.elapsed() < REPEAT_AFTER);
        let is_news = !reported.contains_key(trouble);
        if is_news {
            reported.insert(trouble.clone(), Instant::now());
        }
        is_news
    }
}
