//! Schedules reindex runs: at the start, at intervals, and when files change.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::config::settings::Config;
use crate::ingest::reindex::Reindexer;
use crate::ingest::reindex::request::{Submitted, Trigger};
use crate::runtime::lifecycle::Lifecycle;

/// Debounce of file events: a run starts after this long without a change.
const DEBOUNCE: Duration = Duration::from_secs(2);
/// Maximum debounce if changes do not stop.
const MAX_DEBOUNCE: Duration = Duration::from_secs(30);
/// Pause before requesting a run again while another is in progress.
const RETRY_INTERVAL: Duration = Duration::from_secs(3);
/// Interval of checks whether this replica is the leader.
const LEADER_CHECK_INTERVAL: Duration = Duration::from_secs(2);

/// Starts the tasks that request reindex runs.
pub(super) fn start(config: &Config, reindexer: &Reindexer, lifecycle: &Lifecycle) {
    if config.sources.is_empty() {
        tracing::warn!("no [[sources]] are configured: there are no documents to answer from");
        return;
    }
    let scheduler = ReindexScheduler {
        reindexer: reindexer.clone(),
        lifecycle: lifecycle.clone(),
    };
    lifecycle.spawn("documents at the start", {
        let scheduler = scheduler.clone();
        async move { scheduler.run_when_leader().await }
    });
    if config.reindex.every_minutes > 0 {
        let pause = Duration::from_secs(60 * config.reindex.every_minutes);
        lifecycle.spawn("schedule", scheduler.clone().run_at_intervals(pause));
    }
    if config.reindex.watch {
        let local = config.sources.iter().filter(|source| !source.is_remote());
        let folders = local.map(|source| {
            let folder = source.path.canonicalize().unwrap_or(source.path.clone());
            (folder, source.name.clone())
        });
        lifecycle.spawn("watch", scheduler.watch(folders.collect()));
    }
}

/// Requests reindex runs.
#[derive(Clone)]
struct ReindexScheduler {
    reindexer: Reindexer,
    lifecycle: Lifecycle,
}

impl ReindexScheduler {
    /// Requests a run over all sources whenever this process becomes the leader: at the start, or after the previous
    /// leader is gone.
    async fn run_when_leader(&self) {
        loop {
            while !self.reindexer.is_leader() {
                if !self.pause(LEADER_CHECK_INTERVAL).await {
                    return;
                }
            }
            self.request(Vec::new(), Trigger::Start).await;
            while self.reindexer.is_leader() {
                if !self.pause(LEADER_CHECK_INTERVAL).await {
                    return;
                }
            }
        }
    }

    /// Requests a run, and repeats the request until it is accepted.
    async fn request(&self, sources: Vec<String>, trigger: Trigger) {
        if !self.reindexer.is_leader() {
            return;
        }
        let request = self.reindexer.request(sources, false, trigger);
        let key = format!("{}-{}", request.requested_at, request.sources.join("+"));
        loop {
            match self.reindexer.submit(&key, &request).await {
                Ok(Submitted::Accepted) => return,
                Ok(Submitted::Busy) => {}
                Err(error) => {
                    let error = format!("{error:#}");
                    tracing::error!(error, "cannot request a reindex run");
                }
            }
            if !self.pause(RETRY_INTERVAL).await {
                return;
            }
        }
    }

    /// Waits. Returns false if the program stops.
    async fn pause(&self, pause: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(pause) => true,
            () = self.lifecycle.stopping() => false,
        }
    }

    async fn run_at_intervals(self, pause: Duration) {
        while self.pause(pause).await {
            self.request(Vec::new(), Trigger::Schedule).await;
        }
    }

    /// Watches the folders of sources.
    async fn watch(self, folders: Vec<(PathBuf, String)>) {
        let (sender, mut events) = mpsc::unbounded_channel();
        let Some(_watcher) = watcher(&folders, sender) else {
            return;
        };
        loop {
            let mut sources = BTreeSet::new();
            tokio::select! {
                changed = events.recv() => match changed {
                    Some(changed) => sources.extend(changed_sources(&folders, &changed)),
                    None => return,
                },
                () = self.lifecycle.stopping() => return,
            }
            let begin = Instant::now();
            while begin.elapsed() < MAX_DEBOUNCE {
                match tokio::time::timeout(DEBOUNCE, events.recv()).await {
                    Ok(Some(changed)) => sources.extend(changed_sources(&folders, &changed)),
                    Ok(None) | Err(_) => break,
                }
            }
            if !sources.is_empty() {
                self.request(sources.into_iter().collect(), Trigger::Watch)
                    .await;
            }
        }
    }
}

/// Returns a watcher that sends changed paths until it is dropped, or `None` if nothing can be watched.
fn watcher(
    folders: &[(PathBuf, String)],
    sender: mpsc::UnboundedSender<Vec<PathBuf>>,
) -> Option<RecommendedWatcher> {
    let changed = move |event: notify::Result<notify::Event>| {
        if let Ok(event) = event
            && !event.kind.is_access()
        {
            // The receiver is gone once the program stops.
            let _ = sender.send(event.paths);
        }
    };
    let mut watcher = match notify::recommended_watcher(changed) {
        Ok(watcher) => watcher,
        Err(error) => {
            tracing::warn!(%error, "cannot watch folders; they are scanned on schedule");
            return None;
        }
    };
    for (folder, source) in folders {
        if let Err(error) = watcher.watch(folder, RecursiveMode::Recursive) {
            tracing::warn!(source, %error, "cannot watch a folder; it is scanned on schedule");
        }
    }
    Some(watcher)
}

/// Returns the sources that the changed paths belong to.
fn changed_sources<'a>(
    folders: &'a [(PathBuf, String)],
    changed: &'a [PathBuf],
) -> impl Iterator<Item = String> + 'a {
    let owns = |folder: &Path| changed.iter().any(|path| path.starts_with(folder));
    let owners = folders.iter().filter(move |(folder, _)| owns(folder));
    owners.map(|(_, source)| source.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_belong_to_the_sources_whose_folders_they_are_in() {
        let folders = [
            (PathBuf::from("/srv/manuals"), "manuals".to_owned()),
            (PathBuf::from("/srv/manuals/sops"), "sops".to_owned()),
            (PathBuf::from("/srv/other"), "other".to_owned()),
        ];
        let changed = [PathBuf::from("/srv/manuals/sops/a.pdf")];
        let sources: Vec<String> = changed_sources(&folders, &changed).collect();
        assert_eq!(sources, ["manuals", "sops"]);
    }
}
