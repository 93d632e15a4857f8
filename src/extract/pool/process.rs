//! A worker process, as seen by the program that started it.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::extract::protocol;
use crate::extract::protocol::{Request, Response};

/// A response, and the frame that follows it if it announces one.
pub(super) type Answer = Result<(Response, Vec<u8>), NoResponse>;

/// Why a request got no response.
pub(super) enum NoResponse {
    NotStarted(std::io::Error),
    TimedOut,
    /// How the process ended, as reported by the system.
    Died(String),
}

#[derive(Debug)]
pub(super) struct WorkerProcess {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
    /// Time spent on files. Its CPU time is limited, so it is replaced in time.
    pub(super) busy: Duration,
}

impl WorkerProcess {
    /// Starts a process; `setting` is JSON.
    pub(super) fn start(program: &Path, setting: &str) -> std::io::Result<Self> {
        let mut child = Command::new(program)
            .args([protocol::COMMAND, setting])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let missing = || std::io::Error::other("it has no pipes");
        Ok(Self {
            input: child.stdin.take().ok_or_else(missing)?,
            output: child.stdout.take().ok_or_else(missing)?,
            child,
            busy: Duration::ZERO,
        })
    }

    /// Sends a request with its frames, and waits for the response.
    pub(super) async fn ask(
        &mut self,
        request: &Request,
        frames: &[Vec<u8>],
    ) -> anyhow::Result<(Response, Vec<u8>)> {
        self.send(&serde_json::to_vec(request)?).await?;
        for frame in frames {
            self.send(frame).await?;
        }
        self.input.flush().await?;
        let response: Response = serde_json::from_slice(&self.frame().await?)?;
        let frame = if response.has_frame() {
            self.frame().await?
        } else {
            Vec::new()
        };
        Ok((response, frame))
    }

    /// Ends the process and returns how it ended.
    pub(super) async fn ending(&mut self) -> String {
        // It may still be running if it wrote an invalid response.
        if self.child.start_kill().is_err() {
            return "an unknown state".to_owned();
        }
        match self.child.wait().await {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        }
    }

    async fn send(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.input.write_all(&protocol::frame(bytes)?).await?;
        Ok(self.input.write_all(bytes).await?)
    }

    async fn frame(&mut self) -> anyhow::Result<Vec<u8>> {
        let mut head = [0; 4];
        self.output.read_exact(&mut head).await?;
        let mut bytes = vec![0; protocol::length(head)?];
        self.output.read_exact(&mut bytes).await?;
        Ok(bytes)
    }
}
