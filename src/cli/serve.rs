//! `epibot serve`: answers questions in Slack until it is told to stop.

use std::process::ExitCode;
use std::time::Duration;

use crate::config::Config;
use crate::lifecycle::{self, Ending, Lifecycle};
use crate::app;

pub(super) async fn run(config: Config) -> anyhow::Result<ExitCode> {
    let lifecycle = Lifecycle::default();
    let stop = lifecycle.clone();
    lifecycle.spawn("signals", async move {
        tokio::select! {
            () = lifecycle::signalled() => stop.stop(),
            () = stop.stopping() => {}
        }
    });
    let grace = Duration::from_secs(config.shutdown.grace_s);
    app::serve::run(config, &lifecycle).await?;
    Ok(match lifecycle.finish(grace).await {
        Ending::Finished => ExitCode::SUCCESS,
        Ending::Cancelled => ExitCode::from(2),
        Ending::Crashed(_) => ExitCode::FAILURE,
    })
}
