//! `/reindex`: starts a reindex run for permitted people, and shows its progress.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;

use super::{Command, CommandCall};
use crate::chat::groups::GroupMembership;
use crate::chat::platform::ChatPlatform;
use crate::chat::reindex_progress;
use crate::chat::reply::CommandReply;
use crate::chat::services::ChatServices;
use crate::config;
use crate::domain::language::Language;
use crate::i18n::{reading, reindex as text};
use crate::ingest::catalog::DocumentState;
use crate::ingest::reindex::Reindexer;
use crate::ingest::reindex::request::{Submitted, Trigger};

/// The command.
pub struct Reindex {
    config: config::sources::Reindex,
    reindexer: Reindexer,
    groups: Arc<dyn GroupMembership>,
    platform: Arc<dyn ChatPlatform>,
}

/// The arguments, parsed.
#[derive(Debug, PartialEq, Eq)]
enum Arguments<'a> {
    Run { sources: Vec<&'a str>, full: bool },
    Status,
    Cancel,
    Help,
}

impl Arguments<'_> {
    fn parse(text: &str) -> Arguments<'_> {
        let words: Vec<&str> = text.split_whitespace().collect();
        match words.first().map(|word| word.to_lowercase()).as_deref() {
            Some("status" | "상태") if words.len() == 1 => Arguments::Status,
            Some("cancel" | "stop" | "취소") if words.len() == 1 => Arguments::Cancel,
            Some("help" | "도움말" | "?") => Arguments::Help,
            _ => {
                let is_full =
                    |word: &&&str| matches!(word.to_lowercase().as_str(), "full" | "전체");
                Arguments::Run {
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
    pub fn new(services: &ChatServices) -> Self {
        Self {
            config: services.config.reindex.clone(),
            reindexer: services.library.reindexer.clone(),
            groups: Arc::clone(&services.groups),
            platform: Arc::clone(&services.platform),
        }
    }

    fn refusal(&self, language: Language) -> String {
        let markup = self.platform.markup();
        let people = self.config.users.iter().map(|user| markup.person(user));
        let groups = self.config.groups.iter().map(|group| markup.group(group));
        let allowed: Vec<String> = people.chain(groups).collect();
        text::refused(language, &allowed)
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

    async fn begin(
        &self,
        call: &CommandCall,
        sources: Vec<&str>,
        full: bool,
    ) -> anyhow::Result<String> {
        let configured: BTreeSet<&str> = self.reindexer.sources().collect();
        if let Some(unknown) = sources.iter().find(|name| !configured.contains(**name)) {
            let configured: Vec<&str> = configured.into_iter().collect();
            let markup = self.platform.markup();
            return Ok(text::unknown_source(
                self.language(),
                &markup.escape(unknown),
                &markup.escape(&configured.join(", ")),
                &self.config.command,
            ));
        }
        let person = Trigger::Person {
            user: call.person.clone(),
            channel: call.place.conversation.clone(),
        };
        let sources = sources.into_iter().map(str::to_owned).collect();
        let request = self.reindexer.request(sources, full, person);
        let key = format!("{}/{}", call.place.workspace_key(), call.trigger);
        Ok(match self.reindexer.submit(&key, &request).await? {
            Submitted::Accepted => text::taken(self.language()),
            Submitted::Busy => {
                let progress = self.progress().await?;
                // The run may have ended meanwhile.
                let progress = progress.unwrap_or_else(|| text::begun(self.language()));
                format!("{}\n{progress}", text::busy(self.language()))
            }
        })
    }

    /// The progress of the current run.
    async fn progress(&self) -> anyhow::Result<Option<String>> {
        let progress = self.reindexer.progress().await?;
        Ok(progress.map(|progress| {
            text::progress(self.language(), reindex_progress::counts(&progress), None)
        }))
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

    async fn run(&self, call: &CommandCall) -> anyhow::Result<CommandReply> {
        let language = self.language();
        let arguments = Arguments::parse(&call.text);
        if arguments != Arguments::Help && !self.is_allowed(&call.person).await {
            tracing::info!(user = call.person, "refused a command");
            return Ok(CommandReply::Text(self.refusal(language)));
        }
        let reply = match arguments {
            Arguments::Help => text::help(language, &self.config.command),
            Arguments::Status => self.status().await?,
            Arguments::Cancel if self.reindexer.cancel().await? => text::cancelling(language),
            Arguments::Cancel => text::nothing_to_cancel(language),
            Arguments::Run { sources, full } => self.begin(call, sources, full).await?,
        };
        Ok(CommandReply::Text(reply))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_parsed_in_both_languages() {
        let run = |sources: &[&'static str], full| Arguments::Run {
            sources: sources.to_vec(),
            full,
        };
        for (text, arguments) in [
            ("", run(&[], false)),
            ("full", run(&[], true)),
            ("전체", run(&[], true)),
            ("manuals", run(&["manuals"], false)),
            ("manuals FULL", run(&["manuals"], true)),
            ("status", Arguments::Status),
            (" 상태 ", Arguments::Status),
            ("취소", Arguments::Cancel),
            ("help me", Arguments::Help),
        ] {
            assert_eq!(Arguments::parse(text), arguments, "{text}");
        }
    }
}
