//! Tells the people in charge what is not as it should be: each thing once, and again only after a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::client::Client;
use super::message::{Mark, Message};
use crate::domain::language::Language;
use crate::i18n::trouble as text;
use crate::i18n::trouble::Trouble;

/// The same trouble is told again after this time.
const AGAIN: Duration = Duration::from_hours(4);

/// The people in charge. Cloning gives another handle.
#[derive(Clone)]
pub struct Admins {
    client: Client,
    people: Arc<[String]>,
    language: Language,
    told: Arc<Mutex<HashMap<Trouble, Instant>>>,
}

impl Admins {
    #[must_use]
    pub fn new(client: Client, people: &[String], language: Language) -> Self {
        Self {
            client,
            people: people.into(),
            language,
            told: Arc::default(),
        }
    }

    /// Whether somebody is one of them.
    #[must_use]
    pub fn include(&self, user: &str) -> bool {
        self.people.iter().any(|person| person == user)
    }

    /// Sends each of them a message. That it does not arrive is logged, like the trouble itself.
    pub(super) async fn tell(&self, trouble: Trouble) {
        if !self.is_news(&trouble) {
            return;
        }
        let message = Message::markup(text::told(self.language, &trouble));
        for person in self.people.iter() {
            let mark = Mark {
                question: format!("trouble/{person}"),
                part: 1,
            };
            if let Err(error) = self.client.announce(person, &message, &mark).await {
                tracing::warn!(person, %error, "an administrator cannot be told of trouble");
            }
        }
    }

    fn is_news(&self, trouble: &Trouble) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.retain(|_, at| at.elapsed() < AGAIN);
        let is_news = !told.contains_key(trouble);
        if is_news {
            told.insert(trouble.clone(), Instant::now());
        }
        is_news
    }
}
