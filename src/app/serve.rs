//! The running service: answers questions from Slack, serves sources, and keeps the index up to date.

use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use tokio::net::TcpListener;

use crate::app::dispatcher::JobDispatcher;
use crate::app::reindex_scheduler;
use crate::app::retention;
use crate::app::services::Services;
use crate::app::storage::Storage;
use crate::chat::admins::Admins;
use crate::chat::commands::epibot::Epibot;
use crate::chat::commands::recipe::Recipe;
use crate::chat::commands::reindex::Reindex;
use crate::chat::commands::{Command, Commands};
use crate::chat::groups::GroupMembership;
use crate::chat::library::Library;
use crate::chat::locale::Locales;
use crate::chat::place::Platform;
use crate::chat::platform::ChatPlatform;
use crate::chat::reindex_progress::ReindexProgress;
use crate::chat::responder::Responder;
use crate::chat::services::ChatServices;
use crate::chat::slack;
use crate::chat::slack::{Client, Groups, Intake, SlackPlatform};
use crate::chat::weekly_report::ReportSchedule;
use crate::config::settings::Config;
use crate::config::slack::SlackMode;
use crate::ingest::reindex::Reindexer;
use crate::ingest::reindex::worker::ReindexWorker;
use crate::runtime::lifecycle::Lifecycle;
use crate::search::retrieve::Retriever;
use crate::storage::database::AdvisoryLock;
use crate::storage::queue::Queue;
use crate::web::metrics::{MetricSources, metrics_router};
use crate::web::router::router;
use crate::web::server::serve;

/// A started service, to be closed once its tasks have ended.
pub struct RunningService {
    queue: Queue,
    _index_claim: Option<AdvisoryLock>,
}

impl RunningService {
    /// Starts everything that is configured; the tasks run until the lifecycle stops them.
    ///
    /// # Errors
    /// Something that is configured cannot work: a port in use, a rejected token, a locked or corrupt data folder.
    pub async fn start(config: Config, lifecycle: &Lifecycle) -> anyhow::Result<Self> {
        let config = Arc::new(config);
        let listener = TcpListener::bind(config.web.listen).await.with_context(|| {
            format!(
                "the address {} cannot be used, perhaps because another program has the port; set web.listen to \
                 another",
                config.web.listen
            )
        })?;
        let app = Services::open(&config).await?;
        let stores = Storage::new(&config, app.postgres.clone());
        let index_claim = stores.claim_index().await?;
        let queue = stores.queue(app.clock.clone()).await?;
        let reindexer = reindexer(&app, &config, &queue);
        let reindexing = ReindexWorker::new(reindexer.clone(), lifecycle.clone());
        let mut state = app.web_state();
        let mut events = None;
        if config.slack.mode == SlackMode::Off {
            tracing::warn!("slack.mode is \"off\": sources open, but no questions are answered");
            queue.run(Arc::new(JobDispatcher::new(reindexing)), lifecycle);
        } else {
            let client = Client::new(&config.slack)?;
            let bot = slack::identify(&client).await?;
            let feedback = stores.feedback(app.clock.clone()).await?;
            let platform = SlackPlatform::new(client.clone(), bot.clone(), &config.slack);
            let platform: Arc<dyn ChatPlatform> = Arc::new(platform);
            let groups: Arc<dyn GroupMembership> = Arc::new(Groups::new(client.clone()));
            state.read_access = state.read_access.with_groups(Arc::clone(&groups));
            let language = config.reindex.language();
            let services = ChatServices {
                queue: queue.clone(),
                groups,
                feedback: feedback.clone(),
                answerer: Arc::clone(&app.answerer),
                library: library(&app, &reindexer, &config)?,
                config: Arc::clone(&config),
                clock: app.clock.clone(),
                admins: Admins::new(Arc::clone(&platform), &config.chat.admins, language),
                locales: Locales::new(Arc::clone(&platform), language),
                platform,
            };
            let reindexing = reindexing.with_sink(Box::new(ReindexProgress::new(&services)));
            let dispatcher = JobDispatcher::new(reindexing)
                .with_responder(Platform::Slack, Responder::new(&services)?);
            queue.run(Arc::new(dispatcher), lifecycle);
            let intake = Intake::new(&services, client, bot, commands(&services));
            if config.chat.weekly_unanswered {
                let schedule = ReportSchedule::new(&services);
                lifecycle.spawn("unanswered questions", schedule.run(lifecycle.clone()));
            }
            retention::clean_up_answers(&config, feedback, app.clock.clone(), lifecycle);
            if config.slack.mode == SlackMode::Socket {
                slack::socket::run(intake, &config.slack, lifecycle).await?;
            } else {
                let clock = app.clock.clone();
                events = Some(slack::http::router(intake, &config.slack, clock)?);
            }
        }
        let mut routes = router(state);
        if let Some(events) = events {
            routes = routes.merge(events);
        }
        let sources = MetricSources {
            queue: queue.clone(),
            index: Arc::clone(&app.stores.index),
            catalog: app.stores.catalog.clone(),
            clock: app.clock.clone(),
        };
        routes = with_metrics(&config, sources, routes, lifecycle).await?;
        retention::clean_up_queue(&config, queue.clone(), app.clock.clone(), lifecycle);
        tracing::info!(address = %listener.local_addr()?, "listening");
        serve(listener, routes, lifecycle);
        reindex_scheduler::start(&config, &reindexer, lifecycle);
        Ok(Self {
            queue,
            _index_claim: index_claim,
        })
    }

    /// Closes the queue; call it after the tasks have ended.
    ///
    /// # Errors
    /// Jobs in progress cannot be released; the next start resumes them nevertheless.
    pub async fn close(self) -> anyhow::Result<()> {
        self.queue.close().await
    }
}

/// Serves metrics where configured: on the web server, or at a separate address.
async fn with_metrics(
    config: &Config,
    sources: MetricSources,
    routes: Router,
    lifecycle: &Lifecycle,
) -> anyhow::Result<Router> {
    let Some(address) = config.metrics.listen else {
        return Ok(routes);
    };
    let metrics = metrics_router(sources);
    if address == config.web.listen {
        return Ok(routes.merge(metrics));
    }
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!("the address {address} cannot be used; set metrics.listen to another")
    })?;
    serve(listener, metrics, lifecycle);
    Ok(routes)
}

/// The reindexer of all sources.
fn reindexer(app: &Services, config: &Arc<Config>, queue: &Queue) -> Reindexer {
    Reindexer::new(
        Arc::clone(config),
        app.stores.clone(),
        app.clock.clone(),
        queue.clone(),
    )
}

/// The documents for the chat platforms.
fn library(app: &Services, reindexer: &Reindexer, config: &Config) -> anyhow::Result<Library> {
    Ok(Library {
        index: Arc::clone(&app.stores.index),
        catalog: app.stores.catalog.clone(),
        recipe_store: app.stores.recipes.clone(),
        extractor: Arc::clone(&app.stores.extractor),
        reindexer: reindexer.clone(),
        links: app.links.clone(),
        retriever: Arc::new(Retriever::new(Arc::clone(&app.stores.index), None, config)?),
    })
}

/// The enabled commands.
fn commands(services: &ChatServices) -> Commands {
    let config = &services.config;
    let mut commands: Vec<Box<dyn Command>> = vec![Box::new(Reindex::new(services))];
    if !config.slack.command.is_empty() {
        commands.push(Box::new(Epibot::new(services)));
    }
    if !config.recipes.command.is_empty() {
        commands.push(Box::new(Recipe::new(services)));
    }
    Commands::new(commands)
}
