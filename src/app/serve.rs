//! The running service: answers questions from Slack, serves sources, and keeps the index up to date.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use async_trait::async_trait;
use axum::Router;
use tokio::net::TcpListener;

use crate::app::reindex_scheduler;
use crate::app::retention;
use crate::app::services::Services;
use crate::app::storage::Storage;
use crate::chat::slack;
use crate::chat::slack::command::epibot::Epibot;
use crate::chat::slack::command::recipe::Recipe;
use crate::chat::slack::command::reindex::{Reindex, Reindexing};
use crate::chat::slack::command::{Command, Commands};
use crate::chat::slack::{Admins, Buttons, Client, Groups, Intake, Locales, Responder};
use crate::config::settings::Config;
use crate::config::slack::SlackMode;
use crate::ingest::reindex;
use crate::ingest::reindex::Reindexer;
use crate::runtime::lifecycle::Lifecycle;
use crate::search::retrieve::Retriever;
use crate::storage::database::Claim;
use crate::storage::queue::{Failure, Handler, Job, Outcome, Queue};
use crate::web::metrics::{MetricSources, metrics_router};
use crate::web::router::router;
use crate::web::server::serve;

/// When to look again whether questions can be answered in Slack. Every start looks, too.
const UNTIL_SLACK_IS_ON: Duration = Duration::from_hours(1);

/// A started service, to be closed once its tasks have ended.
pub struct RunningService {
    queue: Queue,
    _index_claim: Option<Claim>,
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
        let mut work = Work {
            questions: None,
            reindexing: Reindexing::new(
                reindexer.clone(),
                lifecycle.clone(),
                config.reindex.language(),
            ),
        };
        let mut state = app.web_state();
        let mut events = None;
        if config.slack.mode == SlackMode::Off {
            tracing::warn!("slack.mode is \"off\": sources open, but no questions are answered");
            queue.run(Arc::new(work), lifecycle);
        } else {
            let client = Client::new(&config.slack)?;
            let bot = slack::identify(&client).await?;
            let language = config.reindex.language();
            let groups = Groups::new(client.clone());
            state.read_access = state.read_access.with_groups(Arc::new(groups.clone()));
            let feedback = stores.feedback(app.clock.clone()).await?;
            let parts = slack::Parts {
                bot: bot.clone(),
                queue: queue.clone(),
                groups: groups.clone(),
                feedback: feedback.clone(),
                answerer: Arc::clone(&app.answerer),
                library: library(&app, &reindexer, &config)?,
                config: Arc::clone(&config),
                clock: app.clock.clone(),
                admins: Admins::new(client.clone(), &config.chat.admins, language),
                locales: Locales::new(client.clone(), language),
                client: client.clone(),
            };
            work.questions = Some(Responder::new(parts.clone())?);
            work.reindexing = work.reindexing.in_slack(
                client,
                bot.clone(),
                queue.clone(),
                config.slack.update_interval(),
            );
            queue.run(Arc::new(work), lifecycle);
            let intake = Intake::new(
                queue.clone(),
                bot,
                commands(&parts),
                Buttons::new(parts.clone()),
                &config,
            );
            if config.chat.weekly_unanswered {
                lifecycle.spawn(
                    "unanswered questions",
                    slack::keep_ordering(parts, lifecycle.clone()),
                );
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
    /// Jobs in progress could not be released; the next start resumes them all the same.
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

/// What brings the documents up to date.
fn reindexer(app: &Services, config: &Arc<Config>, queue: &Queue) -> Reindexer {
    Reindexer::new(
        Arc::clone(config),
        app.stores.clone(),
        app.clock.clone(),
        queue.clone(),
    )
}

/// What the documents are, for those who ask in Slack.
fn library(
    app: &Services,
    reindexer: &Reindexer,
    config: &Config,
) -> anyhow::Result<slack::Library> {
    Ok(slack::Library {
        index: Arc::clone(&app.stores.index),
        catalog: app.stores.catalog.clone(),
        shelf: app.stores.recipes.clone(),
        extractor: Arc::clone(&app.stores.extractor),
        reindexer: reindexer.clone(),
        links: app.links.clone(),
        retriever: Arc::new(Retriever::new(Arc::clone(&app.stores.index), None, config)?),
    })
}

/// The commands that are switched on.
fn commands(parts: &slack::Parts) -> Commands {
    let config = &parts.config;
    let reindexer = parts.library.reindexer.clone();
    let reindex = Reindex::new(config.reindex.clone(), reindexer, parts.groups.clone());
    let mut commands: Vec<Box<dyn Command>> = vec![Box::new(reindex)];
    if !config.slack.command.is_empty() {
        commands.push(Box::new(Epibot::new(parts.clone())));
    }
    if !config.recipes.command.is_empty() {
        commands.push(Box::new(Recipe::new(parts.clone())));
    }
    Commands::new(commands)
}

/// Tells the kinds of stored work apart by their lanes.
struct Work {
    questions: Option<Responder>,
    reindexing: Reindexing,
}

#[async_trait]
impl Handler for Work {
    async fn handle(&self, job: &Job) -> Outcome {
        match &self.questions {
            _ if job.lane == reindex::LANE => self.reindexing.handle(job).await,
            Some(questions) => questions.handle(job).await,
            // Slack was switched off over it.
            None => Outcome::Postponed {
                after: UNTIL_SLACK_IS_ON,
            },
        }
    }

    async fn give_up(&self, job: &Job, failure: &Failure) {
        match &self.questions {
            _ if job.lane == reindex::LANE => self.reindexing.give_up(job, failure).await,
            Some(questions) => questions.give_up(job, failure).await,
            None => {}
        }
    }
}
