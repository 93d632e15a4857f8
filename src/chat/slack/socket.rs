//! Socket Mode: events over web sockets that epibot opens, so that it needs no public address.
//!
//! The library maintains the connections and passes on raw JSON. An event is acknowledged after it has been stored;
//! Slack redelivers unacknowledged events.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use anyhow::{Context, bail};
use async_trait::async_trait;
use futures::FutureExt;
use parking_lot::Mutex;
use serde_json::{Value, json};
use slack_morphism::api::SlackApiAppsConnectionOpenRequest;
use slack_morphism::clients_manager::{
    SlackSocketModeClientsManager, SlackSocketModeClientsManagerFactory,
};
use slack_morphism::hyper_tokio::SlackHyperClient;
use slack_morphism::listener::SlackClientEventsListenerEnvironment;
use slack_morphism::{
    SlackApiToken, SlackApiTokenValue, SlackClientSocketModeConfig, SlackSocketModeClientListener,
    SlackSocketModeWssClientId,
};
use tokio::sync::{Notify, RwLock};

use super::Intake;
use super::client::api;
use super::error::{Cause, Error};
use super::event::field;
use super::intake::Reply;
use crate::config;
use crate::runtime::http;
use crate::runtime::lifecycle::Lifecycle;

type Manager = dyn SlackSocketModeClientsManager + Send + Sync;

/// Pause before the shutdown of the library, which does not wait for acknowledgements that are being sent.
const FLUSH_PAUSE: Duration = Duration::from_millis(50);
/// Timeout from the start to the first connection.
const HELLO_TIMEOUT: Duration = Duration::from_secs(20);
/// Seconds between connections at the start, and before a reconnect.
const CONNECT_INTERVAL_S: u64 = 1;
const RECONNECT_INTERVAL_S: u64 = 5;

/// Connects to Slack and receives events until the program stops. Returns after the first connection.
///
/// # Errors
/// There is no app token, Slack refuses it, or no connection is made; says what to do.
pub async fn run(
    intake: Intake,
    config: &config::slack::Slack,
    lifecycle: &Lifecycle,
) -> anyhow::Result<()> {
    let token = config.app_token.as_ref().context(
        "slack.app_token is not set; make an app-level token (xapp-…) with the scope connections:write on the \
         app's \"Basic Information\" page and write \"env:SLACK_APP_TOKEN\"",
    )?;
    // The library's WebSocket client uses the process-wide crypto provider.
    http::install_crypto_provider();
    let token = SlackApiToken::new(SlackApiTokenValue(token.expose().to_owned()));
    let client = Arc::new(api(&config.api_url)?);
    check_token(&client, &token, Duration::from_millis(config.timeout_ms)).await?;

    let environment = SlackClientEventsListenerEnvironment::new(Arc::clone(&client));
    let manager = client
        .http_api
        .connector
        .new_clients_manager(Arc::new(environment));
    let listener = Arc::new(Listener::new(intake, &manager));
    let connections = SlackClientSocketModeConfig::new()
        .with_max_connections_count(config.connections)
        .with_initial_backoff_in_seconds(CONNECT_INTERVAL_S)
        .with_reconnect_timeout_in_seconds(RECONNECT_INTERVAL_S);
    manager
        .register_new_token(&connections, token, Arc::clone(&listener) as Arc<_>)
        .await
        .map_err(|error| Error::new("Socket Mode", Cause::from(error)))?;
    manager.start().await;
    if tokio::time::timeout(HELLO_TIMEOUT, listener.greeted.notified())
        .await
        .is_err()
    {
        manager.shutdown().await;
        bail!(
            "Slack took the app token but no Socket Mode connection came about within {HELLO_TIMEOUT:?}; check that \
             Socket Mode is on for the app and that the network lets WebSockets (wss://) out"
        );
    }
    tracing::info!(
        connections = config.connections,
        "connected to Slack by Socket Mode"
    );

    let stopping = lifecycle.clone();
    lifecycle.spawn("slack socket", async move {
        stopping.stopping().await;
        listener.close().await;
        tokio::time::sleep(FLUSH_PAUSE).await;
        manager.shutdown().await;
    });
    Ok(())
}

/// Checks the token first, since the library retries a refused one forever and silently.
async fn check_token(
    client: &SlackHyperClient,
    token: &SlackApiToken,
    timeout: Duration,
) -> anyhow::Result<()> {
    let method = "apps.connections.open";
    let session = client.open_session(token);
    let request = SlackApiAppsConnectionOpenRequest::new();
    let cause = match tokio::time::timeout(timeout, session.apps_connections_open(&request)).await {
        Ok(Ok(_)) => return Ok(()),
        Ok(Err(error)) => Cause::from(error),
        Err(_) => Cause::Silent(timeout),
    };
    let error = Error::new(method, cause);
    if error.is_token_error() {
        bail!(
            "Slack refuses the app token ({error}); take an app-level token (xapp-…) with the scope \
             connections:write from the app's \"Basic Information\" page and put it where slack.app_token points"
        );
    }
    bail!(
        "no Socket Mode connection to Slack ({error}); check slack.api_url, the network, and that Socket Mode is on for the app"
    )
}

/// Listens on every connection.
struct Listener {
    intake: Intake,
    manager: OnceLock<Weak<Manager>>,
    /// Locked for reading while a delivery is handled, so that closing waits for it.
    open: RwLock<bool>,
    /// Notified at every connection.
    greeted: Notify,
    connected: Mutex<HashSet<SlackSocketModeWssClientId>>,
}

impl Listener {
    fn new(intake: Intake, manager: &Arc<Manager>) -> Self {
        Self {
            intake,
            manager: OnceLock::from(Arc::downgrade(manager)),
            open: RwLock::new(true),
            greeted: Notify::new(),
            connected: Mutex::default(),
        }
    }

    /// Refuses new deliveries, and waits for those in progress.
    async fn close(&self) {
        *self.open.write().await = false;
    }

    /// Handles a frame; returns the acknowledgement to send, if any.
    async fn frame(&self, connection: &SlackSocketModeWssClientId, frame: &str) -> Option<String> {
        let frame: Value = serde_json::from_str(frame).ok()?;
        match field(&frame, "type") {
            Some("hello") => {
                self.set_connected(connection, true);
                self.greeted.notify_one();
                return None;
            }
            Some("disconnect") => {
                let reason = field(&frame, "reason").unwrap_or("none given");
                if reason == "link_disabled" {
                    tracing::error!(
                        "Socket Mode was switched off for the app; no question can reach us until it is on again"
                    );
                } else {
                    tracing::debug!(reason, "Slack requests a reconnect");
                }
                self.restart(connection).await;
                return None;
            }
            _ => {}
        }
        let envelope = field(&frame, "envelope_id")?;
        let open = self.open.read().await;
        if !*open {
            return None;
        }
        let mut acknowledgement = json!({"envelope_id": envelope});
        match self
            .intake
            .handle(frame.get("payload").unwrap_or(&Value::Null))
            .await
        {
            Ok(Reply::Message(message)) => acknowledgement["payload"] = message,
            Ok(Reply::Accepted | Reply::Challenge(_)) => {}
            Err(error) => {
                tracing::error!(
                    error = format!("{error:#}"),
                    "cannot store an event; Slack will deliver it again"
                );
                return None;
            }
        }
        Some(acknowledgement.to_string())
    }

    async fn restart(&self, connection: &SlackSocketModeWssClientId) {
        self.set_connected(connection, false);
        if let Some(manager) = self.manager.get().and_then(Weak::upgrade) {
            manager.restart_client(connection).await;
        }
    }

    fn set_connected(&self, connection: &SlackSocketModeWssClientId, is_connected: bool) {
        let mut connected = self.connected.lock();
        if is_connected {
            connected.insert(connection.clone());
        } else if connected.remove(connection) && connected.is_empty() {
            tracing::warn!("no connection to Slack; connecting again");
        }
    }
}

#[async_trait]
impl SlackSocketModeClientListener for Listener {
    async fn on_message(
        &self,
        connection: &SlackSocketModeWssClientId,
        frame: String,
    ) -> Option<String> {
        // A panic here would leave an open connection that never acknowledges anything again.
        let handled = AssertUnwindSafe(self.frame(connection, &frame))
            .catch_unwind()
            .await;
        handled.unwrap_or_else(|_| {
            tracing::error!("handling an event panicked; Slack will deliver it again");
            None
        })
    }

    async fn on_error(&self, _error: Box<dyn std::error::Error + Send + Sync>) {
        // The error may contain whole messages; `on_disconnect` reports broken connections.
        tracing::debug!("an error on a Socket Mode connection");
    }

    async fn on_disconnect(&self, connection: &SlackSocketModeWssClientId) {
        self.restart(connection).await;
    }
}
