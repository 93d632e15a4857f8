//! The running service: questions in from Slack, answers out, sources open, documents brought up to date.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use jiff::SignedDuration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, SlackMode};
use crate::corpus::sync::{self, Options, Report, SyncProgress};
use crate::lifecycle::Lifecycle;
use crate::queue::Queue;
use crate::slack::{self, Client, Intake, Responder};
use crate::web;

/// How often old questions are looked for.
const TIDYING: Duration = Duration::from_hours(6);

/// What is left to close once the tasks have ended.
pub struct Service {
    queue: Option<Queue>,
}

impl Service {
    /// Starts everything that the configuration asks for; the tasks run on until the lifecycle stops them.
    ///
    /// # Errors
    /// Something that is configured cannot work: a port in use, a refused token, a locked or broken data folder.
    pub async fn start(config: Config, lifecycle: &Lifecycle) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(config.web.listen).await.with_context(|| {
            format!(
                "the address {} cannot be used, perhaps because another program has the port; set web.listen to \
                 another",
                config.web.listen
            )
        })?;
        let app = App::open(&config).await?;
        let mut router = web::router(app.web_state());
        let mut queue = None;
        if config.slack.mode == SlackMode::Off {
            tracing::warn!("slack.mode is \"off\": sources open, but no question is taken");
        } else {
            let (intake, stored) = answering(&app, &config, lifecycle).await?;
            queue = Some(stored);
            if config.slack.mode == SlackMode::Socket {
                slack::socket::run(intake, &config.slack, lifecycle).await?;
            } else {
                let events = slack::http::router(intake, &config.slack, app.clock.clone())?;
                router = router.merge(events);
            }
        }
        tracing::info!(address = %listener.local_addr()?, "listening");
        web::serve(listener, router, lifecycle);
        lifecycle.spawn(
            "documents",
            bring_up_to_date(app, config, lifecycle.clone()),
        );
        Ok(Self { queue })
    }

    /// Closes what was open; to be called after the tasks have ended.
    ///
    /// # Errors
    /// Questions in hand could not be handed back; the next start takes them up all the same.
    pub async fn close(self) -> anyhow::Result<()> {
        match self.queue {
            Some(queue) => queue.close().await,
            None => Ok(()),
        }
    }
}

/// The way of a question once it has arrived: stored, then answered by the workers.
async fn answering(
    app: &App,
    config: &Config,
    lifecycle: &Lifecycle,
) -> anyhow::Result<(Intake, Queue)> {
    let file = config.data.dir.join("state.sqlite");
    let queue = Queue::open(&file, &config.queue, app.clock.clone()).await?;
    let client = Client::new(&config.slack)?;
    let bot = slack::identify(&client).await?;
    let answerer = Arc::clone(&app.answerer);
    let responder = Responder::new(client, bot.clone(), answerer, queue.clone(), config);
    queue.run(Arc::new(responder), lifecycle);
    let keep = SignedDuration::from_hours(24 * i64::from(config.data.keep_days));
    let tidying = tidy(queue.clone(), app.clock.clone(), keep, lifecycle.clone());
    lifecycle.spawn("tidying", tidying);
    Ok((Intake::new(queue.clone(), bot), queue))
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

/// Indexes what changed while epibot was not running. Questions are answered from what is there meanwhile.
async fn bring_up_to_date(app: App, config: Config, lifecycle: Lifecycle) {
    if config.sources.is_empty() {
        tracing::warn!("no [[sources]] are configured: there are no documents to answer from");
        return;
    }
    let progress = watch::Sender::new(SyncProgress::default());
    let stop = CancellationToken::new();
    let options = Options::default();
    let run = sync::run(app.parts(&config), &options, &progress, &stop);
    tokio::pin!(run);
    let ended = tokio::select! {
        ended = &mut run => ended,
        () = lifecycle.stopping() => {
            stop.cancel();
            run.await
        }
    };
    match ended {
        Ok(report) => tell(&report),
        Err(error) => {
            tracing::error!(
                error = format!("{error:#}"),
                "the documents could not be brought up to date"
            );
        }
    }
}

fn tell(report: &Report) {
    for failure in &report.failed {
        tracing::warn!(
            path = failure.path,
            reason = failure.reason,
            "a document cannot be read"
        );
    }
    tracing::info!(
        added = report.added,
        changed = report.changed,
        removed = report.removed,
        failed = report.failed.len(),
        passages = report.passages,
        seconds = report.seconds,
        stopped = report.stopped,
        "looked through the documents"
    );
}
