//! `/epibot`: searches without a language model, lists what is indexed, reports the status, and takes remarks.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Command, CommandCall};
use crate::answer::answerer::Answerer;
use crate::chat::home;
use crate::chat::library::Library;
use crate::chat::locale::Locales;
use crate::chat::platform::ChatPlatform;
use crate::chat::reader_access::{self, ReaderAccess};
use crate::chat::reply::CommandReply;
use crate::chat::services::ChatServices;
use crate::config::settings::Config;
use crate::domain::access::Access;
use crate::domain::audience::Audience;
use crate::domain::language::Language;
use crate::domain::question::Question;
use crate::i18n::command as text;
use crate::i18n::trouble;
use crate::storage::answer_log::{AnswerLog, LoggedPassage};
use crate::storage::queue::Queue;

/// How many passages a search shows.
const MAX_PASSAGES: usize = 5;
/// How many sources are listed.
const MAX_SOURCES: usize = 40;
/// Lengths to which a repeated question, a remark and the name of a source are cut, in characters.
const MAX_REPEATED_CHARS: usize = 200;
const MAX_REMARK_CHARS: usize = 3_000;
const MAX_NAME_CHARS: usize = 200;

/// The command.
pub struct Epibot {
    platform: Arc<dyn ChatPlatform>,
    queue: Queue,
    library: Library,
    answerer: Arc<Answerer>,
    access: ReaderAccess,
    log: AnswerLog,
    locales: Locales,
    config: Arc<Config>,
}

/// The arguments, parsed.
#[derive(Debug, PartialEq, Eq)]
enum Arguments<'a> {
    Help,
    Search(&'a str),
    Sources,
    Status,
    Feedback(&'a str),
}

impl Arguments<'_> {
    fn parse(text: &str) -> Arguments<'_> {
        let text = text.trim();
        let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let rest = rest.trim();
        match word.to_lowercase().as_str() {
            "" | "help" | "도움말" | "?" => Arguments::Help,
            "search" | "검색" | "find" if rest.is_empty() => Arguments::Help,
            "search" | "검색" | "find" => Arguments::Search(rest),
            "sources" | "출처" | "문서" if rest.is_empty() => Arguments::Sources,
            "status" | "상태" if rest.is_empty() => Arguments::Status,
            "feedback" | "의견" => Arguments::Feedback(rest),
            // Unknown words are searched for, since passages help more than an error.
            _ => Arguments::Search(text),
        }
    }
}

impl Epibot {
    #[must_use]
    pub fn new(services: &ChatServices) -> Self {
        Self {
            platform: Arc::clone(&services.platform),
            queue: services.queue.clone(),
            library: services.library.clone(),
            answerer: Arc::clone(&services.answerer),
            access: services.access(),
            log: services.feedback.clone(),
            locales: services.locales.clone(),
            config: Arc::clone(&services.config),
        }
    }

    /// The language of the arguments if they have one; else the person's language on the platform.
    async fn language(&self, call: &CommandCall, arguments: &Arguments<'_>) -> Language {
        let text = match arguments {
            Arguments::Search(text) | Arguments::Feedback(text) if !text.is_empty() => text,
            _ if Language::detect(&call.text) == Language::Korean => call.text.as_str(),
            _ => return self.locales.language_of(&call.person).await,
        };
        Language::detect(text)
    }

    fn name(&self) -> &str {
        &self.config.slack.command
    }

    async fn search(
        &self,
        call: &CommandCall,
        text: &str,
        language: Language,
    ) -> anyhow::Result<CommandReply> {
        let access = self.access.in_place(&call.place, &call.person).await;
        if reader_access::is_empty(&access) {
            return Ok(CommandReply::Text(trouble::no_access(language)));
        }
        let library = &self.library;
        let question = Question {
            text: text.to_owned(),
            conversation: Vec::new(),
            access,
        };
        let searched = library.retriever.search(&question, MAX_PASSAGES).await?;
        let repeated: String = text.chars().take(MAX_REPEATED_CHARS).collect();
        let repeated = self.platform.markup().escape(&repeated);
        if searched.results.hits.is_empty() {
            return Ok(CommandReply::Text(text::found_nothing(language, &repeated)));
        }
        let is_enough = library.retriever.is_enough(&searched);
        // The reply is visible to the caller only.
        let audience = Audience::Person {
            conversation: call.place.conversation.clone(),
            person: call.person.clone(),
        };
        let passages = searched.results.hits.into_iter().map(|hit| hit.passage);
        let passages: Vec<LoggedPassage> = (1..)
            .zip(passages)
            .map(|(n, passage)| LoggedPassage {
                n: Some(n),
                id: passage.id.0.clone(),
                title: passage.document.title.clone(),
                section: passage.section().map(str::to_owned),
                page: passage.page_label(),
                collection: passage.document.collection.clone(),
                origin: Some(passage.document.origin),
                url: library.links.to(&passage, &audience),
                text: passage.text,
            })
            .collect();
        let head = text::found(language, &repeated, is_enough);
        Ok(CommandReply::Passages {
            head,
            passages,
            language,
        })
    }

    async fn sources(&self, call: &CommandCall, language: Language) -> anyhow::Result<String> {
        let access = self.access.in_place(&call.place, &call.person).await;
        let mut summaries = self.library.catalog.source_summaries().await?;
        summaries.retain(|summary| access.allows(&summary.collection));
        if summaries.is_empty() {
            return Ok(crate::i18n::home::no_documents(language));
        }
        let markup = self.platform.markup();
        let name = |source: &str| markup.line(source, MAX_NAME_CHARS);
        let mut lines = vec![text::sources(language)];
        let shown = summaries.iter().take(MAX_SOURCES);
        lines.extend(shown.map(|summary| {
            format!(
                "• {}",
                home::source_line(summary, &name(&summary.source), language)
            )
        }));
        if summaries.len() > MAX_SOURCES {
            let more = summaries.len() - MAX_SOURCES;
            lines.push(crate::i18n::home::more_sources(language, more));
        }
        lines.push(home::reindexing_line(&self.library.reindexer, language).await);
        Ok(lines.join("\n"))
    }

    /// The status, and what prevents answers in this conversation.
    async fn status(&self, call: &CommandCall, language: Language) -> anyhow::Result<String> {
        let chat = &self.config.chat;
        let escape = |text: &str| self.platform.markup().escape(text);
        let mut lines = vec![match self.library.index.size().await {
            Ok(passages) => text::index(language, passages),
            Err(_) => text::no_index(language),
        }];
        lines.push(home::reindexing_line(&self.library.reindexer, language).await);
        lines.push(match self.answerer.llm() {
            None => text::no_model(language),
            Some(llm) => match llm.last_failure() {
                None => text::model(language, &escape(llm.model())),
                Some(error) => {
                    text::model_down(language, &escape(llm.model()), &escape(&error.to_string()))
                }
            },
        });
        lines.push(text::waiting(language, self.queue.size().await?));
        if !call.place.is_private()
            && self.platform.is_member(&call.place.conversation).await == Some(false)
        {
            lines.push(text::not_a_member(language));
        }
        let named = |channels: &[String]| {
            channels
                .iter()
                .any(|channel| channel.eq_ignore_ascii_case(&call.place.conversation))
        };
        if named(&chat.mention_only) {
            lines.push(text::mentions_only(language));
        } else if named(&chat.answer_unmentioned) {
            lines.push(text::every_question(language));
        }
        lines.push(
            match self.access.in_place(&call.place, &call.person).await {
                Access::Everything => text::reads_everything(language),
                Access::Only(readable) if readable.is_empty() => trouble::no_access(language),
                Access::Only(readable) => {
                    let readable: Vec<String> = readable.iter().map(|name| escape(name)).collect();
                    text::reads(language, &readable.join(", "))
                }
            },
        );
        lines.push(text::limits(
            language,
            chat.questions_per_user,
            chat.questions_per_channel,
        ));
        let bullets = lines.iter().map(|line| format!("• {line}"));
        Ok(bullets.collect::<Vec<_>>().join("\n"))
    }

    async fn feedback(
        &self,
        call: &CommandCall,
        remark: &str,
        language: Language,
    ) -> anyhow::Result<String> {
        if remark.is_empty() {
            return Ok(text::how_to_remark(language, self.name()));
        }
        let remark: String = remark.chars().take(MAX_REMARK_CHARS).collect();
        let conversation = &call.place.conversation;
        self.log
            .remark(&call.trigger, conversation, &call.person, &remark)
            .await?;
        Ok(text::remarked(language))
    }
}

#[async_trait]
impl Command for Epibot {
    fn name(&self) -> &str {
        Self::name(self)
    }

    async fn run(&self, call: &CommandCall) -> anyhow::Result<CommandReply> {
        let arguments = Arguments::parse(&call.text);
        let language = self.language(call, &arguments).await;
        Ok(match arguments {
            Arguments::Help => CommandReply::Text(text::help(language, self.name())),
            Arguments::Search(text) => self.search(call, text, language).await?,
            Arguments::Sources => CommandReply::Text(self.sources(call, language).await?),
            Arguments::Status => CommandReply::Text(self.status(call, language).await?),
            Arguments::Feedback(remark) => {
                CommandReply::Text(self.feedback(call, remark, language).await?)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_parsed_in_both_languages() {
        for (text, arguments) in [
            ("", Arguments::Help),
            (" 도움말 ", Arguments::Help),
            ("search", Arguments::Help),
            ("Search  purge flow", Arguments::Search("purge flow")),
            ("검색 퍼지 유량", Arguments::Search("퍼지 유량")),
            ("sources", Arguments::Sources),
            ("상태", Arguments::Status),
            ("feedback", Arguments::Feedback("")),
            (
                "의견 링크가 안 열려요",
                Arguments::Feedback("링크가 안 열려요"),
            ),
            (
                "status of alarm E-1042",
                Arguments::Search("status of alarm E-1042"),
            ),
            ("퍼지 유량은?", Arguments::Search("퍼지 유량은?")),
        ] {
            assert_eq!(Arguments::parse(text), arguments, "{text}");
        }
    }
}
