//! Real programs that Slack delivers to by HTTP, for tests that kill and stop them.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use serde_json::Value;

use super::process::Process;
use super::slack::{SIGNING_SECRET, free_port, try_to_deliver};

/// Slack waits so long for an acknowledgement.
const SLACK_WAITS: Duration = Duration::from_secs(3);

/// One program with its configuration.
pub(crate) struct Replica(Process);

impl Replica {
    /// Starts with two of the sample documents and these settings besides; returns when it is ready.
    pub(crate) async fn start(slack: &str, llm: &str, settings: &str) -> Self {
        let address = format!("127.0.0.1:{}", free_port());
        let secrets = [("bot", "xoxb-scripted"), ("signing", SIGNING_SECRET)];
        let mut process = Process::new(&address, llm, &secrets, &[], |home| {
            format!(
                "[slack]\nmode = \"http\"\napi_url = \"{slack}\"\nupdate_interval_ms = 100\nrate_limits = false\n\
                 bot_token = \"file:{home}/bot\"\nsigning_secret = \"file:{home}/signing\"\n\
                 [chat]\nquestions_per_user = 1000000\nquestions_per_channel = 1000000\n\
                 [queue]\nbackoff_s = 0\nattempts = 1000\nworkers = 24\n\
                 [reindex]\nwatch = false\n\
                 [metrics]\nlisten = \"{address}\"\n\
                 {settings}"
            )
        });
        process.restart().await;
        Self(process)
    }

    /// Delivers an event as Slack does; whether it was acknowledged in time.
    pub(crate) async fn deliver(&self, event: &Value) -> bool {
        let sent = try_to_deliver(&self.client, &self.address, event);
        let reply = tokio::time::timeout(SLACK_WAITS, sent).await;
        matches!(reply, Ok(Ok(reply)) if reply.status().is_success())
    }

    /// The jobs that are not done yet, by its metrics; None where it does not answer.
    pub(crate) async fn in_hand(&self) -> Option<i64> {
        let told = self.client.get(format!("http://{}/metrics", self.address));
        let told = told.send().await.ok()?.text().await.ok()?;
        let open = told
            .lines()
            .find_map(|line| line.strip_prefix("epibot_queue_open "))?;
        open.parse().ok()
    }
}

impl Deref for Replica {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.0
    }
}

impl DerefMut for Replica {
    fn deref_mut(&mut self) -> &mut Process {
        &mut self.0
    }
}
