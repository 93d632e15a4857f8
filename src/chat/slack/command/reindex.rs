//! `/reindex`: the people in charge bring the documents up to date, and see how it goes.

mod announce;

use std::collections::BTreeSet;

use async_trait::async_trait;
use serde_json::Value;

use super::{Call, Command, private};
use crate::chat::groups::GroupMembership;
use crate::chat::slack::escape::escape;
use crate::chat::slack::groups::Groups;
use crate::config;
use crate::domain::language::Language;
use crate::i18n::{reading, reindex as text};
use crate::ingest::catalog::DocumentState;
use crate::ingest::reindex::Reindexer;
use crate::ingest::reindex::request::{Submitted, Trigger};

pub use announce::Reindexing;

/// The command, with what it needs.
pub struct Reindex {
    config: config::sources::Reindex,
    reindexer: Reindexer,
    groups: Groups,
}

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
enum Asked<'a> {
    Run { sources: Vec<&'a str>, full: bool },
    Status,
    Cancel,
    Help,
}

impl Asked<'_> {
    fn of(text: &str) -> Asked<'_> {
        let words: Vec<&str> = text.split_whitespace().collect();
        match words.first().map(|word| word.to_lowercase()).as_deref() {
            Some("status" | "상태") if words.len() == 1 => Asked::Status,
            Some("cancel" | "stop" | "취소") if words.len() == 1 => Asked::Cancel,
            Some("help" | "도움말" | "?") => Asked::Help,
            _ => {
                let is_full =
                    |word: &&&str| matches!(word.to_lowercase().as_str(), "full" | "전체");
                Asked::Run {
                    full: words.iter().any(|word| is_full(&word)),
                    sources: words
                        .iter()
                        .filter(|word| !is_full(word))
                        .copied()
                        .collect(),
                }
            }
        }
    }
}

impl Reindex {
    #[must_use]
    pub fn new(config: config::sources::Reindex, reindexer: Reindexer, groups: Groups) -> Self {
        Self {
            config,
            reindexer,
            groups,
        }
    }

    fn language(&self) -> Language {
        self.config.language()
    }

    async fn is_allowed(&self, user: &str) -> bool {
        if self.config.users.iter().any(|allowed| allowed == user) {
            return true;
        }
        let groups: Vec<&str> = self.config.groups.iter().map(String::as_str).collect();
        !self.groups.groups_of(user, &groups).await.is_empty()
    }

    async fn begin(&self, call: &Call, sources: Vec<&str>, full: bool) -> anyhow::Result<String> {
        let known: BTreeSet<&str> = self.reindexer.sources().collect();
        if let Some(unknown) = sources.iter().find(|name| !known.contains(**name)) {
            let known: Vec<&str> = known.into_iter().collect();
            return Ok(text::unknown_source(
                self.language(),
                &escape(unknown),
                &escape(&known.join(", ")),
                &self.config.command,
            ));
        }
        let person = Trigger::Person {
            user: call.user.clone(),
            channel: call.channel.clone(),
        };
        let sources = sources.into_iter().map(str::to_owned).collect();
        let request = self.reindexer.request(sources, full, person);
        let key = format!("{}/{}", call.team, call.trigger);
        Ok(match self.reindexer.submit(&key, &request).await? {
            Submitted::Accepted => text::taken(self.language()),
            Submitted::Busy => {
                let progress = self.progress().await?;
                // It may have ended since.
                let progress = progress.unwrap_or_else(|| text::begun(self.language()));
                format!("{}\n{progress}", text::busy(self.language()))
            }
        })
    }

    /// How far the run in hand is.
    async fn progress(&self) -> anyhow::Result<Option<String>> {
        let progress = self.reindexer.progress().await?;
        Ok(progress
            .map(|progress| text::progress(self.language(), announce::shown(&progress), None)))
    }

    async fn status(&self) -> anyhow::Result<String> {
        if let Some(progress) = self.progress().await? {
            return Ok(progress);
        }
        let language = self.language();
        let catalog = self.reindexer.catalog();
        let (entries, totals) = (catalog.entries().await?, catalog.totals().await?);
        let failed = entries.iter().filter_map(|entry| match &entry.state {
            DocumentState::Failed(fault) => {
                Some((entry.path.clone(), reading::fault(language, fault)))
            }
            _ => None,
        });
        let summary = text::Summary {
            documents: totals.documents,
            pages: totals.pages,
            passages: totals.passages,
            failed: failed.collect(),
            ..text::Summary::default()
        };
        let last = entries.iter().map(|entry| entry.indexed_at).max();
        let last = last.and_then(|last| jiff::Timestamp::from_millisecond(last).ok());
        let last = last.map(|last| last.strftime("%Y-%m-%d %H:%M").to_string());
        Ok(text::idle(language, &summary, last.as_deref()))
    }
}

#[async_trait]
impl Command for Reindex {
    fn name(&self) -> &str {
        &self.config.command
    }

    async fn run(&self, call: &Call) -> anyhow::Result<Value> {
        let language = self.language();
        let asked = Asked::of(&call.text);
        if asked != Asked::Help && !self.is_allowed(&call.user).await {
            tracing::info!(user = call.user, "refused a command");
            let (users, groups) = (&self.config.users, &self.config.groups);
            return Ok(private(&text::refused(language, users, groups)));
        }
        let reply = match asked {
            Asked::Help => text::help(language, &self.config.command),
            Asked::Status => self.status().await?,
            Asked::Cancel if self.reindexer.cancel().await? => text::cancelling(language),
            Asked::Cancel => text::nothing_to_cancel(language),
            Asked::Run { sources, full } => self.begin(call, sources, full).await?,
        };
        Ok(private(&reply))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_understood_in_both_languages() {
        let run = |sources: &[&'static str], full| Asked::Run {
            sources: sources.to_vec(),
            full,
        };
        for (text, asked) in [
            ("", run(&[], false)),
            ("full", run(&[], true)),
            ("전체", run(&[], true)),
            ("manuals", run(&["manuals"], false)),
            ("manuals FULL", run(&["manuals"], true)),
            ("status", Asked::Status),
            (" 상태 ", Asked::Status),
            ("취소", Asked::Cancel),
            ("help me", Asked::Help),
        ] {
            assert_eq!(Asked::of(text), asked, "{text}");
        }
    }
}
