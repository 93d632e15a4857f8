//! The program itself, in a process of its own and with a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::wait;

/// A program that stands still does not say so.
const ANSWERS: Duration = Duration::from_secs(3);

/// A program that is running, or was.
pub(crate) struct Process {
    child: Option<Child>,
    environment: Vec<(String, String)>,
    config: PathBuf,
    pub(crate) address: String,
    pub(crate) client: reqwest::Client,
    _folder: TempDir,
}

impl Process {
    /// A home with two of the sample documents and these secrets, each a file; `settings` says what is configured
    /// besides, given where the home is. The program is not started yet.
    pub(crate) fn new(
        address: &str,
        llm: &str,
        secrets: &[(&str, &str)],
        environment: &[(&str, &str)],
        settings: impl FnOnce(&str) -> String,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let documents = folder.path().join("documents");
        fs::create_dir(&documents).unwrap();
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/documents");
        for name in ["hx7-alarm-list.md", "tmga-bubbler-exchange-sop-ko.md"] {
            fs::copy(samples.join(name), documents.join(name)).unwrap();
        }
        for (name, secret) in secrets {
            fs::write(folder.path().join(name), secret).unwrap();
        }
        let home = folder.path().display().to_string();
        let text = format!(
            "[data]\ndir = \"{home}/data\"\n\
             [[sources]]\nname = \"manuals\"\npath = \"{home}/documents\"\ncollection = \"manuals\"\n\
             [web]\nlisten = \"{address}\"\nbase_url = \"http://{address}\"\n\
             [llm]\nbase_url = \"{llm}\"\nmodel = \"scripted\"\nattempts = 1\n\
             [retrieval]\nplanner = \"off\"\n\
             {}",
            settings(&home)
        );
        let config = folder.path().join("epibot.toml");
        fs::write(&config, text).unwrap();
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self {
            child: None,
            environment: environment.iter().map(owned).collect(),
            config,
            address: address.to_owned(),
            client: super::http(),
            _folder: folder,
        }
    }

    /// Puts a file among its documents.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let documents = self.config.with_file_name("documents");
        fs::write(documents.join(name), text).unwrap();
    }

    /// Takes its folder of documents away.
    pub(crate) fn hide_documents(&self) {
        let documents = self.config.with_file_name("documents");
        fs::rename(&documents, self.config.with_file_name("elsewhere")).unwrap();
    }

    fn begin(&mut self) {
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.config.with_file_name("log"))
            .unwrap();
        // A file that may not grow is an error to the program, as on a full disk, and not its end.
        let child = Command::new("sh")
            .args([
                "-c",
                "trap '' XFSZ; exec \"$0\" \"$@\"",
                env!("CARGO_BIN_EXE_epibot"),
            ])
            .arg("--config")
            .arg(&self.config)
            .arg("serve")
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        self.child = Some(child);
    }

    /// Starts it, again or for the first time, and waits until its documents are indexed.
    pub(crate) async fn restart(&mut self) {
        self.begin();
        self.until_ready().await;
    }

    async fn until_ready(&self) {
        let ready = wait::find(async || self.is_ready().await.then_some(())).await;
        assert!(ready.is_ok(), "it does not start: {}", self.log());
    }

    /// The process, while it runs.
    pub(crate) fn id(&self) -> u32 {
        self.child.as_ref().and_then(Child::id).unwrap()
    }

    /// As `kill -9` does.
    pub(crate) async fn kill(&mut self) {
        self.child.take().unwrap().kill().await.unwrap();
    }

    /// As an operator does; whether it ended well.
    pub(crate) async fn stop(&mut self) -> bool {
        let id = self.id().to_string();
        let told = Command::new("kill").arg(id).status().await.unwrap();
        assert!(told.success());
        self.until_ended().await
    }

    /// Until the process has ended; whether it ended well.
    pub(crate) async fn until_ended(&mut self) -> bool {
        let mut child = self.child.take().unwrap();
        child.wait().await.unwrap().success()
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.config.with_file_name("log")).unwrap_or_default()
    }

    async fn is_ready(&self) -> bool {
        let health = self
            .client
            .get(format!("http://{}/healthz", self.address))
            .timeout(ANSWERS)
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

/// Reads what a program prints until it prints `mark`; what stands behind that in its line.
pub(crate) async fn printed(process: &mut Child, mark: &str) -> String {
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some((_, rest)) = line.split_once(mark) {
            return rest.trim().to_owned();
        }
    }
    panic!("it never prints \"{mark}\"");
}
