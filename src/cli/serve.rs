//! `epibot serve`: answers questions in Slack until it receives a signal to stop.

use std::process::ExitCode;
use std::time::Duration;

use crate::app::serve::RunningService;
use crate::config::settings::Config;
use crate::runtime::lifecycle::{Lifecycle, ShutdownOutcome};

pub(super) async fn run(config: Config) -> anyhow::Result<ExitCode> {
    let lifecycle = Lifecycle::default();
    lifecycle.stop_when_signalled();
    let grace = Duration::from_secs(config.shutdown.grace_s);
    let service = RunningService::start(config, &lifecycle).await?;
    let ending = lifecycle.finish(grace).await;
    service.close().await?;
    Ok(match ending {
        ShutdownOutcome::Finished => ExitCode::SUCCESS,
        ShutdownOutcome::Cancelled => ExitCode::from(2),
        ShutdownOutcome::Crashed(_) => ExitCode::FAILURE,
    })
}
