//! What a bot is made of, for the tests of this module: nothing is indexed, and Slack is not there.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::event::bot;
use super::parts::{Library, Parts};
use super::{Admins, Client, Groups, Locales};
use crate::answer::answerer::Answerer;
use crate::answer::links::Links;
use crate::config::settings::Config;
use crate::domain::language::Language;
use crate::extract::pool::Extractor;
use crate::ingest::catalog::Catalog;
use crate::ingest::reindex::Reindexer;
use crate::ingest::stores::Stores;
use crate::recipes::shelf::Shelf;
use crate::runtime::clock::Clock;
use crate::search::index::Index;
use crate::search::index::tantivy::Embedded;
use crate::search::retrieve::Retriever;
use crate::storage::answer_log::Feedback;
use crate::storage::queue::Queue;

pub(super) async fn parts(folder: &Path, config: Config, clock: Clock) -> Parts {
    let config = Arc::new(config);
    let file = |name: &str| folder.join(name);
    let index: Arc<dyn Index> = Arc::new(Embedded::open(&file("index")).unwrap());
    let catalog = Catalog::open(&file("catalog.sqlite")).await.unwrap();
    let shelf = Shelf::open(&file("recipes.sqlite")).await.unwrap();
    let queue = Queue::open(&file("queue.sqlite"), &config.queue, clock.clone())
        .await
        .unwrap();
    let extractor = Arc::new(Extractor::new(PathBuf::from("/no/program"), &config));
    let retriever = Arc::new(Retriever::new(Arc::clone(&index), None, &config).unwrap());
    let links = Links::new(None, &[7; 32], 1, clock.clone());
    let answerer = Answerer::new(
        Arc::clone(&retriever),
        None,
        links.clone(),
        &config,
        clock.clone(),
    );
    let client = Client::new(&config.slack).unwrap();
    Parts {
        bot: bot(),
        groups: Groups::new(client.clone()),
        feedback: Feedback::open(&file("feedback.sqlite"), clock.clone())
            .await
            .unwrap(),
        answerer: Arc::new(answerer),
        library: Library {
            reindexer: Reindexer::new(
                Arc::clone(&config),
                Stores {
                    index: Arc::clone(&index),
                    catalog: catalog.clone(),
                    recipes: shelf.clone(),
                    extractor: Arc::clone(&extractor),
                },
                clock.clone(),
                queue.clone(),
            ),
            index,
            catalog,
            shelf,
            extractor,
            links,
            retriever,
        },
        admins: Admins::new(client.clone(), &[], Language::English),
        locales: Locales::new(client.clone(), Language::English),
        client,
        queue,
        config,
        clock,
    }
}
