//! The running service: questions in from Slack, answers out, sources open, documents brought up to date.

use std::sync::Arc;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::app::App;
use crate::config::{Config, SlackMode};
use crate::corpus::sync::{self, Options, SyncProgress};
use crate::lifecycle::Lifecycle;
use crate::queue::Queue;
use crate::slack::{self, Client, Intake, Responder};
use crate::web;

/// Starts everything that the configuration asks for; the tasks run on until the lifecycle stops them.
///
/// # Errors
/// Something that is configured cannot work: a port in use, a refused token, a locked or broken data folder.
pub async fn run(config: Config, lifecycle: &Lifecycle) -> anyhow::Result<()> {
    let app = App::open(&config).await?;
    let listener = TcpListener::bind(config.web.listen).await.with_context(|| {
        format!(
            "the address {} cannot be used, perhaps because another program has the port; set web.listen to another",
            config.web.listen
        )
    })?;
    let mut router = web::router(app.web_state());
    if config.slack.mode == SlackMode::Off {
        tracing::warn!("slack.mode is \"off\": sources open, but no question is taken");
    } else {
        let queue = Queue::open(&config.data.dir.join("state.sqlite"), &config.queue, app.clock.clone()).await?;
        let client = Client::new(&config.slack)?;
        let bot = slack::identify(&client).await?;
        let responder = Responder::new(client, bot.clone(), Arc::clone(&app.answerer), queue.clone(), &config);
        queue.run(Arc::new(responder), lifecycle);
        let intake = Intake::new(queue, bot);
        if config.slack.mode == SlackMode::Socket {
            slack::socket::run(intake, &config.slack, lifecycle).await?;
        } else {
            router = router.merge(slack::http::router(intake, &config.slack, app.clock.clone())?);
        }
    }
    tracing::info!(address = %listener.local_addr()?, "listening");
    web::serve(listener, router, lifecycle);
    let documents = bring_up_to_date(app, config);
    lifecycle.spawn("documents", documents);
    Ok(())
}

/// Indexes what changed while epibot was not running. Questions are answered from what is there meanwhile.
async fn bring_up_to_date(app: App, config: Config) {
    if config.sources.is_empty() {
        return;
    }
    let progress = watch::Sender::new(SyncProgress::default());
    let run = sync::run(&config, app.index.as_ref(), &app.catalog, &app.extractor, Options::default(), &progress);
    match run.await {
        Ok(report) => {
            tracing::info!(
                added = report.added,
                changed = report.changed,
                removed = report.removed,
                failed = report.failed.len(),
                passages = report.passages,
                seconds = report.seconds,
                "the documents are up to date"
            );
            for failure in &report.failed {
                tracing::warn!(path = failure.path, reason = failure.reason, "a document could not be read");
            }
        }
        Err(error) => tracing::error!(error = format!("{error:#}"), "the documents could not be brought up to date"),
    }
}
