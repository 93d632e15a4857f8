//! The bot between a scripted Slack and a scripted model, with an index of its own.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use epibot::answer::answerer::Answerer;
use epibot::answer::links::Links;
use epibot::chat::admins::Admins;
use epibot::chat::commands::epibot::Epibot;
use epibot::chat::commands::recipe::Recipe;
use epibot::chat::commands::{Command, Commands};
use epibot::chat::library::Library;
use epibot::chat::locale::Locales;
use epibot::chat::platform::ChatPlatform;
use epibot::chat::responder::Responder;
use epibot::chat::services::ChatServices;
use epibot::chat::slack::{Client, Groups, Intake, SlackPlatform, identify};
use epibot::config::settings::Config;
use epibot::domain::document::{Document, DocumentId, Format, Origin};
use epibot::domain::passage::{Passage, PassageId};
use epibot::extract::pool::Extractor;
use epibot::ingest::catalog::Catalog;
use epibot::ingest::reindex::Reindexer;
use epibot::ingest::stores::Stores;
use epibot::llm::client::Llm;
use epibot::recipes::store::RecipeStore;
use epibot::runtime::clock::Clock;
use epibot::runtime::lifecycle::Lifecycle;
use epibot::search::index::tantivy::Embedded;
use epibot::search::index::{Changes, Index};
use epibot::search::retrieve::Retriever;
use epibot::storage::answer_log::AnswerLog;
use epibot::storage::queue::Queue;
use serde_json::Value;
use tempfile::TempDir;

use super::llm::{ScriptedLlm, config};
use super::scripted_slack::ScriptedSlack;
use super::wait;

/// How long a thousand answers may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(10);

/// A running bot.
pub(crate) struct Bot {
    pub(crate) intake: Intake,
    pub(crate) parts: ChatServices,
    pub(crate) lifecycle: Lifecycle,
    _folder: TempDir,
    _llm: ScriptedLlm,
}

impl Bot {
    /// Starts with these settings beside those that name the scripted servers.
    pub(crate) async fn start(
        slack: &ScriptedSlack,
        llm: ScriptedLlm,
        clock: Clock,
        settings: &[(&str, &str)],
    ) -> Self {
        Self::configured(slack, llm, clock, settings, |_| {}).await
    }

    /// As [`Self::start`], with what the environment cannot hold.
    pub(crate) async fn configured(
        slack: &ScriptedSlack,
        llm: ScriptedLlm,
        clock: Clock,
        settings: &[(&str, &str)],
        configure: impl FnOnce(&mut Config),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let token = folder.path().join("token");
        std::fs::write(&token, "xoxb-scripted").unwrap();
        let token = format!("file:{}", token.display());
        let data = folder.path().display().to_string();
        let mut all = vec![
            ("data.dir", data.as_str()),
            ("slack.api_url", slack.api_url.as_str()),
            ("slack.bot_token", token.as_str()),
            ("llm.attempts", "1"),
        ];
        all.extend(settings);
        let mut config = config(llm.base_url(), &all);
        configure(&mut config);
        let lifecycle = Lifecycle::default();
        let client = Client::new(&config.slack).unwrap();
        let identity = identify(&client).await.unwrap();
        let platform = SlackPlatform::new(client.clone(), identity.clone(), &config.slack);
        let parts = parts(folder.path(), config, clock, (client.clone(), platform)).await;
        let responder = Responder::new(&parts).unwrap();
        parts.queue.run(Arc::new(responder), &lifecycle);
        let commands: Vec<Box<dyn Command>> =
            vec![Box::new(Epibot::new(&parts)), Box::new(Recipe::new(&parts))];
        Self {
            intake: Intake::new(&parts, client, identity, Commands::new(commands)),
            parts,
            lifecycle,
            _folder: folder,
            _llm: llm,
        }
    }

    /// Has Slack deliver something, again as long as it is not acknowledged.
    pub(crate) async fn take(&self, delivery: &Value) {
        while self.intake.handle(delivery).await.is_err() {}
    }

    pub(crate) async fn until_done(&self) {
        // A paused clock may leap past the time that the database has for its answer; it is asked again.
        let done = async || (self.parts.queue.size().await.ok() == Some(0)).then_some(());
        wait::find_within(PATIENCE, done).await.unwrap();
    }

    pub(crate) async fn stop(self) {
        self.lifecycle.stop();
        self.lifecycle.finish(Duration::from_secs(1)).await;
        self.parts.queue.close().await.unwrap();
    }
}

async fn parts(
    folder: &Path,
    config: Config,
    clock: Clock,
    (client, platform): (Client, SlackPlatform),
) -> ChatServices {
    let platform: Arc<dyn ChatPlatform> = Arc::new(platform);
    let config = Arc::new(config);
    let index = index(&folder.join("index")).await;
    let catalog = Catalog::open(&folder.join("catalog.sqlite")).await.unwrap();
    let recipe_store = RecipeStore::open(&folder.join("recipes.sqlite"))
        .await
        .unwrap();
    let links = Links::new(None, &[7; 32], 1, clock.clone());
    let model = Llm::new(&config.llm).unwrap();
    let retriever = Retriever::new(Arc::clone(&index), model.as_ref(), &config).unwrap();
    let answerer = Answerer::new(
        Arc::new(retriever),
        Some(recipe_store.clone()),
        model,
        links.clone(),
        &config,
        clock.clone(),
    );
    let file = folder.join("state.sqlite");
    let queue = Queue::open(&file, &config.queue, clock.clone())
        .await
        .unwrap();
    let language = config.reindex.language();
    let extractor = Arc::new(Extractor::new(super::program(), &config));
    let reindexer = Reindexer::new(
        Arc::clone(&config),
        Stores {
            index: Arc::clone(&index),
            catalog: catalog.clone(),
            recipes: recipe_store.clone(),
            extractor: Arc::clone(&extractor),
        },
        clock.clone(),
        queue.clone(),
    );
    ChatServices {
        groups: Arc::new(Groups::new(client)),
        feedback: AnswerLog::open(&folder.join("feedback.sqlite"), clock.clone())
            .await
            .unwrap(),
        answerer: Arc::new(answerer),
        library: Library {
            retriever: Arc::new(Retriever::new(Arc::clone(&index), None, &config).unwrap()),
            index,
            catalog,
            recipe_store,
            extractor,
            reindexer,
            links,
        },
        admins: Admins::new(Arc::clone(&platform), &config.chat.admins, language),
        locales: Locales::new(Arc::clone(&platform), language),
        platform,
        queue,
        config,
        clock,
    }
}

/// An index of one passage.
async fn index(folder: &Path) -> Arc<dyn Index> {
    let index = Embedded::open(folder).unwrap();
    let document = Document {
        id: DocumentId("om1".into()),
        title: "Operation Manual".into(),
        number: None,
        revision: None,
        effective: None,
        superseded: false,
        source: "test".into(),
        path: "om-1.md".into(),
        collection: "manuals".into(),
        url: None,
        format: Format::Markdown,
        origin: Origin::Corpus,
    };
    let add = vec![Passage {
        id: PassageId("om1-1".into()),
        document,
        page: None,
        headings: vec!["Purge flow".into()],
        start: 0,
        ordinal: 0,
        text: "The purge flow and the valve of the reactor are checked daily. 퍼지 유량과 밸브 상태를 확인합니다."
            .into(),
        ocr: false,
    }];
    index
        .apply(Changes {
            remove: Vec::new(),
            add,
        })
        .await
        .unwrap();
    Arc::new(index)
}
