//! What everything in Slack is done with.

use std::sync::Arc;

use super::admins::Admins;
use super::client::Client;
use super::event::Bot;
use super::groups::Groups;
use super::locale::Locales;
use crate::answer::answerer::Answerer;
use crate::answer::links::Links;
use crate::chat::groups::GroupMembership;
use crate::config::settings::Config;
use crate::domain::access::Access;
use crate::extract::pool::Extractor;
use crate::ingest::catalog::Catalog;
use crate::ingest::reindex::Reindexer;
use crate::recipes::shelf::Shelf;
use crate::runtime::clock::Clock;
use crate::search::index::Index;
use crate::search::retrieve::Retriever;
use crate::storage::answer_log::Feedback;
use crate::storage::queue::Queue;

/// The documents, and what is known of them. Cloning gives another handle.
#[derive(Clone)]
pub struct Library {
    pub index: Arc<dyn Index>,
    pub catalog: Catalog,
    pub shelf: Shelf,
    pub extractor: Arc<Extractor>,
    pub reindexer: Reindexer,
    pub links: Links,
    /// Searches without a language model.
    pub retriever: Arc<Retriever>,
}

/// The bot in its workspace. Cloning gives another handle.
#[derive(Clone)]
pub struct Parts {
    pub client: Client,
    pub bot: Bot,
    pub queue: Queue,
    pub groups: Groups,
    pub feedback: Feedback,
    pub answerer: Arc<Answerer>,
    pub library: Library,
    pub config: Arc<Config>,
    pub clock: Clock,
    pub admins: Admins,
    pub locales: Locales,
}

impl Parts {
    /// What somebody may read in a channel: where others read it too, what the channel may; in a conversation with us
    /// alone, what they and their groups may beside that.
    pub(super) async fn access(&self, channel: &str, user: &str) -> Access {
        let rules = &self.config.access;
        if !channel.starts_with('D') {
            return rules.of_channel(channel);
        }
        let named: Vec<&str> = rules.groups.keys().map(String::as_str).collect();
        let groups = self.groups.groups_of(user, &named).await;
        rules.of_person(channel, user, &groups)
    }
}
