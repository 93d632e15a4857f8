//! The running service: questions in from Slack, answers out, sources open, documents brought up to date.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use async_trait::async_trait;
use jiff::SignedDuration;
use tokio::net::TcpListener;

use super::documents;
use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, SlackMode};
use crate::corpus::reindex::{self, Reindexer};
use crate::feedback::Feedback;
use crate::lifecycle::Lifecycle;
use crate::queue::{Handler, Job, Outcome, Queue};
use crate::slack::command::recipe::Recipe;
use crate::slack::command::reindex::{Reindex, Reindexing};
use crate::slack::command::{Command, Commands};
use crate::slack::{self, Buttons, Client, Groups, Intake, Responder};
use crate::web;

/// When to look again whether questions can be answered in Slack. Every start looks, too.
const UNTIL_SLACK_IS_ON: Duration = Duration::from_hours(1);

/// How often old questions are looked for.
const TIDYING: Duration = Duration::from_hours(6);

/// What is left to close once the tasks have ended.
pub struct Service {
    queue: Queue,
}

impl Service {
    /// Starts everything that the configuration asks for; the tasks run on until the lifecycle stops them.
    ///
    /// # Errors
    /// Something that is configured cannot work: a port in use, a refused token, a locked or broken data folder.
    pub async fn start(config: Config, lifecycle: &Lifecycle) -> anyhow::Result<Self> {
        let config = Arc::new(config);
        let listener = TcpListener::bind(config.web.listen).await.with_context(|| {
            format!(
                "the address {} cannot be used, perhaps because another program has the port; set web.listen to \
                 another",
                config.web.listen
            )
        })?;
        let app = App::open(&config).await?;
        let file = config.data.dir.join("state.sqlite");
        let queue = Queue::open(&file, &config.queue, app.clock.clone()).await?;
        let reindexer = Reindexer::new(
            Arc::clone(&config),
            Arc::clone(&app.index),
            app.catalog.clone(),
            app.shelf.clone(),
            Arc::clone(&app.extractor),
            app.clock.clone(),
            queue.clone(),
        );
        let mut work = Work {
            questions: None,
            reindexing: Reindexing::new(
                reindexer.clone(),
                lifecycle.clone(),
                config.reindex.language(),
            ),
        };
        let keep = SignedDuration::from_hours(24 * i64::from(config.data.keep_days));
        let mut router = web::router(app.web_state());
        if config.slack.mode == SlackMode::Off {
            tracing::warn!("slack.mode is \"off\": sources open, but no question is taken");
            queue.run(Arc::new(work), lifecycle);
        } else {
            let client = Client::new(&config.slack)?;
            let bot = slack::identify(&client).await?;
            let groups = Groups::new(client.clone());
            let feedback = Feedback::open(&config.feedback_file(), app.clock.clone()).await?;
            let answerer = Arc::clone(&app.answerer);
            work.questions = Some(Responder::new(
                client.clone(),
                bot.clone(),
                answerer,
                queue.clone(),
                groups.clone(),
                feedback.clone(),
                &config,
            ));
            let experts = &config.slack.experts;
            let buttons = Buttons::new(client.clone(), queue.clone(), feedback.clone(), experts);
            let for_commands = client.clone();
            work.reindexing = work.reindexing.in_slack(
                client,
                bot.clone(),
                queue.clone(),
                config.slack.update_interval(),
            );
            queue.run(Arc::new(work), lifecycle);
            let recipe = Recipe::new(
                &config,
                Arc::clone(&app.answerer),
                for_commands,
                queue.clone(),
                groups.clone(),
            );
            let reindex = Reindex::new(config.reindex.clone(), reindexer.clone(), groups);
            let mut all: Vec<Box<dyn Command>> = vec![Box::new(reindex)];
            if let Some(recipe) = recipe {
                all.push(Box::new(recipe));
            }
            let commands = Commands::new(all);
            let intake = Intake::new(queue.clone(), bot, commands, buttons, &config.slack);
            lifecycle.spawn(
                "tidying feedback",
                forget(feedback, app.clock.clone(), keep, lifecycle.clone()),
            );
            if config.slack.mode == SlackMode::Socket {
                slack::socket::run(intake, &config.slack, lifecycle).await?;
            } else {
                let events = slack::http::router(intake, &config.slack, app.clock.clone())?;
                router = router.merge(events);
            }
        }
        let tidying = tidy(queue.clone(), app.clock.clone(), keep, lifecycle.clone());
        lifecycle.spawn("tidying", tidying);
        tracing::info!(address = %listener.local_addr()?, "listening");
        web::serve(listener, router, lifecycle);
        documents::keep_current(&config, &reindexer, lifecycle);
        Ok(Self { queue })
    }

    /// Closes what was open; to be called after the tasks have ended.
    ///
    /// # Errors
    /// Work in hand could not be handed back; the next start takes it up all the same.
    pub async fn close(self) -> anyhow::Result<()> {
        self.queue.close().await
    }
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

    async fn give_up(&self, job: &Job, reason: &str) {
        match &self.questions {
            _ if job.lane == reindex::LANE => self.reindexing.give_up(job, reason).await,
            Some(questions) => questions.give_up(job, reason).await,
            None => {}
        }
    }
}

/// Removes the words of old questions and answers, now and then.
async fn tidy(queue: Queue, clock: Clock, keep: SignedDuration, lifecycle: Lifecycle) {
    let mut ticks = tokio::time::interval(TIDYING);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = lifecycle.stopping() => return,
        }
        match queue.forget_payloads(clock.now() - keep).await {
            Ok(0) => {}
            Ok(forgotten) => tracing::info!(forgotten, "removed old questions and answers"),
            Err(error) => {
                tracing::error!(
                    error = format!("{error:#}"),
                    "old questions could not be removed"
                );
            }
        }
    }
}

/// Removes old answers with their votes, now and then.
async fn forget(feedback: Feedback, clock: Clock, keep: SignedDuration, lifecycle: Lifecycle) {
    let mut ticks = tokio::time::interval(TIDYING);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = lifecycle.stopping() => return,
        }
        if let Err(error) = feedback.forget(clock.now() - keep).await {
            let error = format!("{error:#}");
            tracing::error!(error, "old answers could not be removed");
        }
    }
}
