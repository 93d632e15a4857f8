//! The services that the handlers of chat events use.

use std::sync::Arc;

use super::admins::Admins;
use super::groups::GroupMembership;
use super::library::Library;
use super::locale::Locales;
use super::platform::ChatPlatform;
use super::reader_access::ReaderAccess;
use super::record::AnswerRecorder;
use crate::answer::answerer::Answerer;
use crate::config::settings::Config;
use crate::runtime::clock::Clock;
use crate::storage::answer_log::AnswerLog;
use crate::storage::queue::Queue;

/// The services for chat; each handler takes only those that it needs. Cheap to clone.
#[derive(Clone)]
pub struct ChatServices {
    pub platform: Arc<dyn ChatPlatform>,
    pub queue: Queue,
    pub groups: Arc<dyn GroupMembership>,
    pub feedback: AnswerLog,
    pub answerer: Arc<Answerer>,
    pub library: Library,
    pub config: Arc<Config>,
    pub clock: Clock,
    pub admins: Admins,
    pub locales: Locales,
}

impl ChatServices {
    pub(super) fn access(&self) -> ReaderAccess {
        ReaderAccess::new(Arc::clone(&self.config), Arc::clone(&self.groups))
    }

    pub(super) fn recorder(&self) -> AnswerRecorder {
        AnswerRecorder::new(self.feedback.clone(), Arc::clone(&self.config))
    }
}
