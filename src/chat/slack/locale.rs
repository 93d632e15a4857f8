//! In which language people use Slack, remembered for a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::client::Client;
use crate::domain::language::Language;

/// People rarely change it.
const FRESH: Duration = Duration::from_hours(6);
/// A page or a reply does not wait longer for it.
const PATIENCE: Duration = Duration::from_millis(700);

/// The languages of people. Cloning gives another handle to the same knowledge.
#[derive(Clone)]
pub struct Locales {
    client: Client,
    /// Where Slack does not tell.
    otherwise: Language,
    known: Arc<Mutex<HashMap<String, (Language, Instant)>>>,
}

impl Locales {
    #[must_use]
    pub fn new(client: Client, otherwise: Language) -> Self {
        Self {
            client,
            otherwise,
            known: Arc::default(),
        }
    }

    /// Korean where somebody uses Slack in Korean; English for every other language.
    pub(super) async fn of(&self, user: &str) -> Language {
        let known = self.lock().get(user).copied();
        if let Some((language, at)) = known
            && at.elapsed() < FRESH
        {
            return language;
        }
        let Ok(told) = tokio::time::timeout(PATIENCE, self.client.locale(user)).await else {
            return self.otherwise;
        };
        let language = match told.as_deref() {
            Some(locale) if locale.starts_with("ko") => Language::Korean,
            Some(_) => Language::English,
            None => self.otherwise,
        };
        self.lock()
            .insert(user.to_owned(), (language, Instant::now()));
        language
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, (Language, Instant)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
