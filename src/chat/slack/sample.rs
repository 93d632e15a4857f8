//! The services of a bot for the tests of this module: nothing is indexed, and Slack cannot be reached.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::event::bot;
use super::{Client, Groups, SlackPlatform};
use crate::answer::answerer::Answerer;
use crate::answer::links::Links;
use crate::chat::admins::Admins;
use crate::chat::library::Library;
use crate::chat::locale::Locales;
use crate::chat::platform::ChatPlatform;
use crate::chat::services::ChatServices;
use crate::config::load::load_from;
use crate::config::secret::Secret;
use crate::config::settings::Config;
use crate::domain::language::Language;
use crate::extract::pool::Extractor;
use crate::ingest::catalog::Catalog;
use crate::ingest::reindex::Reindexer;
use crate::ingest::stores::Stores;
use crate::recipes::store::RecipeStore;
use crate::runtime::clock::Clock;
use crate::search::index::Index;
use crate::search::index::tantivy::Embedded;
use crate::search::retrieve::Retriever;
use crate::storage::answer_log::AnswerLog;
use crate::storage::queue::Queue;

/// The default configuration with a bot token.
pub(super) fn config() -> Config {
    let mut config = load_from(None, Some(HashMap::default())).unwrap();
    config.slack.bot_token = Some(Secret::new("xoxb-test"));
    config
}

pub(super) async fn services(folder: &Path, config: Config, clock: Clock) -> ChatServices {
    let config = Arc::new(config);
    let file = |name: &str| folder.join(name);
    let index: Arc<dyn Index> = Arc::new(Embedded::open(&file("index")).unwrap());
    let catalog = Catalog::open(&file("catalog.sqlite")).await.unwrap();
    let recipe_store = RecipeStore::open(&file("recipes.sqlite")).await.unwrap();
    let queue = Queue::open(&file("queue.sqlite"), &config.queue, clock.clone())
        .await
        .unwrap();
    let extractor = Arc::new(Extractor::new(PathBuf::from("/no/program"), &config));
    let retriever = Arc::new(Retriever::new(Arc::clone(&index), None, &config).unwrap());
    let links = Links::new(None, &[7; 32], 1, clock.clone());
    let answerer = Answerer::new(
        Arc::clone(&retriever),
        None,
        None,
        links.clone(),
        &config,
        clock.clone(),
    );
    let client = Client::new(&config.slack).unwrap();
    let platform = SlackPlatform::new(client.clone(), bot(), &config.slack);
    let platform: Arc<dyn ChatPlatform> = Arc::new(platform);
    ChatServices {
        groups: Arc::new(Groups::new(client)),
        feedback: AnswerLog::open(&file("feedback.sqlite"), clock.clone())
            .await
            .unwrap(),
        answerer: Arc::new(answerer),
        library: Library {
            reindexer: Reindexer::new(
                Arc::clone(&config),
                Stores {
                    index: Arc::clone(&index),
                    catalog: catalog.clone(),
                    recipes: recipe_store.clone(),
                    extractor: Arc::clone(&extractor),
                },
                clock.clone(),
                queue.clone(),
            ),
            index,
            catalog,
            recipe_store,
            extractor,
            links,
            retriever,
        },
        admins: Admins::new(Arc::clone(&platform), &[], Language::English),
        locales: Locales::new(Arc::clone(&platform), Language::English),
        platform,
        queue,
        config,
        clock,
    }
}
