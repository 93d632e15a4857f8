//! Real programs that Slack delivers to by HTTP, for tests that kill and stop them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::slack::{SIGNING_SECRET, try_to_deliver};

/// How long the start may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// Slack waits so long for an acknowledgement.
const SLACK_WAITS: Duration = Duration::from_secs(3);

/// One program with its configuration.
pub(crate) struct Replica {
    process: Option<Child>,
    program: PathBuf,
    config: PathBuf,
    address: String,
    client: reqwest::Client,
    _folder: TempDir,
}

impl Replica {
    /// Starts with two of the sample documents and these settings besides; returns when it is ready.
    pub(crate) async fn start(slack: &str, llm: &str, settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let documents = folder.path().join("documents");
        fs::create_dir(&documents).unwrap();
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/documents");
        for name in ["hx7-alarm-list.md", "tmga-bubbler-exchange-sop-ko.md"] {
            fs::copy(samples.join(name), documents.join(name)).unwrap();
        }
        fs::write(folder.path().join("bot"), "xoxb-scripted").unwrap();
        fs::write(folder.path().join("signing"), SIGNING_SECRET).unwrap();
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap().to_string();
        drop(free);
        let home = folder.path().display();
        let text = format!(
            "[data]\ndir = \"{home}/data\"\n\
             [[sources]]\nname = \"manuals\"\npath = \"{home}/documents\"\ncollection = \"manuals\"\n\
             [slack]\nmode = \"http\"\napi_url = \"{slack}\"\nupdate_interval_ms = 100\nkeep_limits = false\n\
             bot_token = \"file:{home}/bot\"\nsigning_secret = \"file:{home}/signing\"\n\
             questions_per_user = 1000000\nquestions_per_channel = 1000000\n\
             [web]\nlisten = \"{address}\"\nbase_url = \"http://{address}\"\n\
             [llm]\nbase_url = \"{llm}\"\nmodel = \"scripted\"\nattempts = 1\n\
             [retrieval]\nplanner = \"off\"\n\
             [queue]\nbackoff_s = 0\nattempts = 1000\nworkers = 24\n\
             [reindex]\nwatch = false\n\
             {settings}"
        );
        let config = folder.path().join("epibot.toml");
        fs::write(&config, text).unwrap();
        let mut replica = Self {
            process: None,
            program: super::program(),
            config,
            address,
            client: super::http(),
            _folder: folder,
        };
        replica.restart();
        replica.until_ready().await;
        replica
    }

    /// Starts it, again or for the first time.
    pub(crate) fn restart(&mut self) {
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.config.with_file_name("log"))
            .unwrap();
        let process = Command::new(&self.program)
            .arg("--config")
            .arg(&self.config)
            .arg("serve")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        self.process = Some(process);
    }

    /// Until it is up and its documents are indexed.
    pub(crate) async fn until_ready(&self) {
        let ready = async {
            while !self.is_ready().await {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, ready).await;
        assert!(waited.is_ok(), "it does not start: {}", self.log());
    }

    /// The process, while it runs.
    pub(crate) fn id(&self) -> u32 {
        self.process.as_ref().and_then(Child::id).unwrap()
    }

    /// Until the process has ended; whether it ended well.
    pub(crate) async fn until_ended(&mut self) -> bool {
        let mut process = self.process.take().unwrap();
        process.wait().await.unwrap().success()
    }

    /// Delivers an event as Slack does; whether it was acknowledged in time.
    pub(crate) async fn deliver(&self, event: &Value) -> bool {
        let sent = try_to_deliver(&self.client, &self.address, event);
        let reply = tokio::time::timeout(SLACK_WAITS, sent).await;
        matches!(reply, Ok(Ok(reply)) if reply.status().is_success())
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.config.with_file_name("log")).unwrap_or_default()
    }

    async fn is_ready(&self) -> bool {
        let health = self
            .client
            .get(format!("http://{}/healthz", self.address))
            .timeout(SLACK_WAITS)
            .send()
            .await;
        match health {
            Ok(health) => health
                .json::<Value>()
                .await
                .is_ok_and(|health| health["passages"].as_u64() > Some(0)),
            Err(_) => false,
        }
    }
}
