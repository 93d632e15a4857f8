//! Keeps the documents current without anybody asking: at the start, on a schedule, and when files change.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::config::settings::Config;
use crate::ingest::reindex::{Ordered, Orderer, Reindexer};
use crate::runtime::lifecycle::Lifecycle;

/// Changes often come in flocks; this long after the last of them, they are taken to be over.
const QUIET: Duration = Duration::from_secs(2);
/// A flock without end is not waited for longer than this.
const LONGEST_FLOCK: Duration = Duration::from_secs(30);
/// How soon an order is tried again while another run is in hand.
const AGAIN: Duration = Duration::from_secs(3);

/// How often it is looked whether it is this replica's task.
const LOOK: Duration = Duration::from_secs(2);

/// Starts the tasks.
pub(super) fn keep_current(config: &Config, reindexer: &Reindexer, lifecycle: &Lifecycle) {
    if config.sources.is_empty() {
        tracing::warn!("no [[sources]] are configured: there are no documents to answer from");
        return;
    }
    let clerk = Clerk {
        reindexer: reindexer.clone(),
        lifecycle: lifecycle.clone(),
    };
    lifecycle.spawn("documents at the start", {
        let clerk = clerk.clone();
        async move { clerk.catch_up().await }
    });
    if config.reindex.every_minutes > 0 {
        let pause = Duration::from_secs(60 * config.reindex.every_minutes);
        lifecycle.spawn("schedule", clerk.clone().keep_schedule(pause));
    }
    if config.reindex.watch {
        let local = config.sources.iter().filter(|source| !source.is_remote());
        let folders = local.map(|source| {
            let folder = source.path.canonicalize().unwrap_or(source.path.clone());
            (folder, source.name.clone())
        });
        lifecycle.spawn("watch", clerk.watch(folders.collect()));
    }
}

/// Places orders.
#[derive(Clone)]
struct Clerk {
    reindexer: Reindexer,
    lifecycle: Lifecycle,
}

impl Clerk {
    /// Orders everything whenever it becomes this process's task to keep the documents current: at the start, or when
    /// the replica that did so is gone.
    async fn catch_up(&self) {
        loop {
            while !self.reindexer.is_keeper() {
                if !self.pause(LOOK).await {
                    return;
                }
            }
            self.order(Vec::new(), Orderer::Start).await;
            while self.reindexer.is_keeper() {
                if !self.pause(LOOK).await {
                    return;
                }
            }
        }
    }

    /// Orders, for as long as it takes.
    async fn order(&self, sources: Vec<String>, by: Orderer) {
        if !self.reindexer.is_keeper() {
            return;
        }
        let order = self.reindexer.order_of(sources, false, by);
        let key = format!("{}-{}", order.at, order.sources.join("+"));
        loop {
            match self.reindexer.order(&key, &order).await {
                Ok(Ordered::Taken) => return,
                Ok(Ordered::Busy) => {}
                Err(error) => {
                    let error = format!("{error:#}");
                    tracing::error!(error, "the documents cannot be brought up to date");
                }
            }
            if !self.pause(AGAIN).await {
                return;
            }
        }
    }

    /// Waits; false once the program stops.
    async fn pause(&self, pause: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(pause) => true,
            () = self.lifecycle.stopping() => false,
        }
    }

    async fn keep_schedule(self, pause: Duration) {
        while self.pause(pause).await {
            self.order(Vec::new(), Orderer::Schedule).await;
        }
    }

    /// Watches folders, each of a source.
    async fn watch(self, folders: Vec<(PathBuf, String)>) {
        let (sender, mut events) = mpsc::unbounded_channel();
        let Some(_watcher) = watcher(&folders, sender) else {
            return;
        };
        loop {
            let mut sources = BTreeSet::new();
            tokio::select! {
                changed = events.recv() => match changed {
                    Some(changed) => sources.extend(owners(&folders, &changed)),
                    None => return,
                },
                () = self.lifecycle.stopping() => return,
            }
            let begin = Instant::now();
            while begin.elapsed() < LONGEST_FLOCK {
                match tokio::time::timeout(QUIET, events.recv()).await {
                    Ok(Some(changed)) => sources.extend(owners(&folders, &changed)),
                    Ok(None) | Err(_) => break,
                }
            }
            if !sources.is_empty() {
                self.order(sources.into_iter().collect(), Orderer::Watch)
                    .await;
            }
        }
    }
}

/// Reports changed paths for as long as it lives. None where nothing can be watched.
fn watcher(
    folders: &[(PathBuf, String)],
    sender: mpsc::UnboundedSender<Vec<PathBuf>>,
) -> Option<RecommendedWatcher> {
    let changed = move |event: notify::Result<notify::Event>| {
        if let Ok(event) = event
            && !event.kind.is_access()
        {
            // Nobody listens any more once the program stops.
            let _ = sender.send(event.paths);
        }
    };
    let mut watcher = match notify::recommended_watcher(changed) {
        Ok(watcher) => watcher,
        Err(error) => {
            tracing::warn!(%error, "folders cannot be watched; they are looked through on schedule");
            return None;
        }
    };
    for (folder, source) in folders {
        if let Err(error) = watcher.watch(folder, RecursiveMode::Recursive) {
            tracing::warn!(source, %error, "a folder cannot be watched; it is looked through on schedule");
        }
    }
    Some(watcher)
}

/// The sources that changed paths belong to.
fn owners<'a>(
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
        let owners: Vec<String> = owners(&folders, &changed).collect();
        assert_eq!(owners, ["manuals", "sops"]);
    }
}
