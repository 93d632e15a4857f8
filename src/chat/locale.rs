//! The language of each person on the chat platform, cached.

use parking_lot::{Mutex, MutexGuard};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::platform::ChatPlatform;
use crate::domain::language::Language;

/// How long a person's language is cached.
const TTL: Duration = Duration::from_hours(6);
/// Timeout of the look-up, for which a view or a reply waits.
const TIMEOUT: Duration = Duration::from_millis(700);

/// The languages of people. Cheap to clone.
#[derive(Clone)]
pub struct Locales {
    platform: Arc<dyn ChatPlatform>,
    /// Used if the platform does not return a locale.
    default: Language,
    cache: Arc<Mutex<HashMap<String, (Language, Instant)>>>,
}

impl Locales {
    #[must_use]
    pub fn new(platform: Arc<dyn ChatPlatform>, default: Language) -> Self {
        Self {
            platform,
            default,
            cache: Arc::default(),
        }
    }

    /// Returns Korean for a Korean locale, and English for every other one.
    pub async fn language_of(&self, person: &str) -> Language {
        let cached = self.lock().get(person).copied();
        if let Some((language, at)) = cached
            && at.elapsed() < TTL
        {
            return language;
        }
        let lookup = tokio::time::timeout(TIMEOUT, self.platform.locale(person));
        let Ok(locale) = lookup.await else {
            return self.default;
        };
        let language = match locale.as_deref() {
            Some(locale) if locale.starts_with("ko") => Language::Korean,
            Some(_) => Language::English,
            None => self.default,
        };
        let entry = (language, Instant::now());
        self.lock().insert(person.to_owned(), entry);
        language
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, (Language, Instant)>> {
        self.cache.lock()
    }
}
