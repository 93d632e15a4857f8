//! The language in which each person uses the chat platform, cached for a while.

use parking_lot::{Mutex, MutexGuard};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::platform::ChatPlatform;
use crate::domain::language::Language;

/// How long a person's language is cached; people rarely change it.
const TTL: Duration = Duration::from_hours(6);
/// A page or a reply does not wait longer for it.
const TIMEOUT: Duration = Duration::from_millis(700);

/// The languages of people. Cheap to clone.
#[derive(Clone)]
pub struct Locales {
    platform: Arc<dyn ChatPlatform>,
    /// Used if the platform does not tell.
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

    /// Korean if somebody uses the platform in Korean; English for every other language.
    pub async fn language_of(&self, person: &str) -> Language {
        let cached = self.lock().get(person).copied();
        if let Some((language, at)) = cached
            && at.elapsed() < TTL
        {
            return language;
        }
        let asked = tokio::time::timeout(TIMEOUT, self.platform.locale(person));
        let Ok(locale) = asked.await else {
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
