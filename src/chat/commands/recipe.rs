//! `/recipe`: shows, compares, searches and draws recipes that may be read in the conversation.

use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;

use async_trait::async_trait;

use super::{Command, CommandCall};
use crate::answer::answerer::Answerer;
use crate::answer::recipe_commands::RecipeCommand;
use crate::chat::platform::ChatPlatform;
use crate::chat::reader_access::{ReaderAccess, link_audience};
use crate::chat::reply::{AnswerContent, CommandReply, Content};
use crate::chat::services::ChatServices;
use crate::chat::work::{RecipeDrawing, Work};
use crate::config::settings::Config;
use crate::domain::answer::Answer;
use crate::domain::language::Language;
use crate::i18n::recipe as text;
use crate::storage::queue::Queue;

/// The command.
pub struct Recipe {
    platform: Arc<dyn ChatPlatform>,
    queue: Queue,
    access: ReaderAccess,
    answerer: Arc<Answerer>,
    config: Arc<Config>,
    /// Triggers of recent calls, so that a call that is delivered twice is answered once.
    recent: Mutex<VecDeque<String>>,
}

/// How many recent calls are remembered.
const MAX_RECENT_CALLS: usize = 500;

/// The arguments, parsed.
#[derive(Debug, PartialEq, Eq)]
enum Arguments {
    Recipes(RecipeCommand),
    Help,
}

impl Arguments {
    fn parse(text: &str) -> Self {
        let text = text.trim();
        let (verb, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let rest = rest.trim().to_owned();
        let command = match verb.to_lowercase().as_str() {
            "" | "help" | "도움말" | "?" => return Self::Help,
            "list" | "목록" if rest.is_empty() => return Self::Recipes(RecipeCommand::List),
            "show" | "보기" => RecipeCommand::Show(rest),
            "find" | "search" | "찾기" | "검색" => RecipeCommand::Find(rest),
            "diff" | "compare" | "비교" | "차이" => RecipeCommand::Diff(rest),
            "check" | "limits" | "점검" | "한계" => RecipeCommand::Check(rest),
            "plot" | "graph" | "그래프" => RecipeCommand::Plot(rest),
            _ => return Self::Recipes(RecipeCommand::Any(text.to_owned())),
        };
        let is_empty = match &command {
            RecipeCommand::Show(rest)
            | RecipeCommand::Find(rest)
            | RecipeCommand::Diff(rest)
            | RecipeCommand::Check(rest)
            | RecipeCommand::Plot(rest) => rest.is_empty(),
            RecipeCommand::List | RecipeCommand::Any(_) => false,
        };
        if is_empty {
            Self::Help
        } else {
            Self::Recipes(command)
        }
    }
}

impl Recipe {
    #[must_use]
    pub fn new(services: &ChatServices) -> Self {
        Self {
            platform: Arc::clone(&services.platform),
            queue: services.queue.clone(),
            access: services.access(),
            answerer: Arc::clone(&services.answerer),
            config: Arc::clone(&services.config),
            recent: Mutex::default(),
        }
    }

    /// Returns true if the same call was delivered before.
    fn is_repeated(&self, call: &CommandCall) -> bool {
        let mut recent = self.recent.lock();
        if call.trigger.is_empty() || !recent.contains(&call.trigger) {
            recent.push_back(call.trigger.clone());
            if recent.len() > MAX_RECENT_CALLS {
                recent.pop_front();
            }
            return false;
        }
        true
    }

    /// Answers from the recipes that the caller may read in the conversation.
    async fn answer(
        &self,
        call: &CommandCall,
        command: &RecipeCommand,
        language: Language,
    ) -> anyhow::Result<Answer> {
        let access = self.access.in_place(&call.place, &call.person).await;
        let (conversation, is_private) = (&call.place.conversation, call.place.is_private());
        let audience = link_audience(conversation, is_private, &call.person);
        let answerer = &self.answerer;
        answerer
            .recipes(command, &access, &audience, language)
            .await
    }

    /// Enqueues the drawing of a recipe, if it exists.
    async fn draw(
        &self,
        call: &CommandCall,
        name: &str,
        language: Language,
    ) -> anyhow::Result<CommandReply> {
        // An unknown recipe is reported at once; drawing takes longer.
        let command = RecipeCommand::Show(name.to_owned());
        let shown = self.answer(call, &command, language).await?;
        if shown.citations.is_empty() {
            return Ok(CommandReply::Text(
                self.platform.markup().escape(&shown.text),
            ));
        }
        let draw = RecipeDrawing {
            recipe: name.to_owned(),
            command: format!("{} {}", call.name, call.text.trim()),
            place: call.place.clone(),
            person: call.person.clone(),
            trigger: call.trigger.clone(),
            language,
        };
        let lane = draw.lane();
        Work::Draw(draw).enqueue(&self.queue, lane).await?;
        let name = self.platform.markup().escape(name);
        Ok(CommandReply::Text(text::drawing(language, &name)))
    }
}

#[async_trait]
impl Command for Recipe {
    fn name(&self) -> &str {
        &self.config.recipes.command
    }

    async fn run(&self, call: &CommandCall) -> anyhow::Result<CommandReply> {
        let is_korean = Language::detect(&call.text) == Language::Korean;
        let language = if is_korean {
            Language::Korean
        } else {
            self.config.reindex.language()
        };
        let command = match Arguments::parse(&call.text) {
            Arguments::Help => {
                return Ok(CommandReply::Text(text::command_help(
                    language,
                    self.name(),
                )));
            }
            Arguments::Recipes(RecipeCommand::Plot(name)) => {
                return self.draw(call, &name, language).await;
            }
            Arguments::Recipes(command) => command,
        };
        if self.is_repeated(call) {
            return Ok(CommandReply::Nothing);
        }
        let answer = self.answer(call, &command, language).await?;
        let content = AnswerContent {
            answer: &answer,
            notices: &[],
            header: None,
            footer: None,
            buttons: None,
        };
        let messages = self.platform.render(&Content::Answer(content));
        Ok(CommandReply::Messages(messages))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_parsed_in_both_languages() {
        let some = |command: fn(String) -> RecipeCommand, text: &str| {
            Arguments::Recipes(command(text.to_owned()))
        };
        for (text, arguments) in [
            ("", Arguments::Help),
            ("show", Arguments::Help),
            ("도움말", Arguments::Help),
            ("list", Arguments::Recipes(RecipeCommand::List)),
            (
                "show LED450-MQW-012A",
                some(RecipeCommand::Show, "LED450-MQW-012A"),
            ),
            (" Diff  A   B ", some(RecipeCommand::Diff, "A   B")),
            ("비교 A B", some(RecipeCommand::Diff, "A B")),
            (
                "find above 1100 °C",
                some(RecipeCommand::Find, "above 1100 °C"),
            ),
            ("그래프 A", some(RecipeCommand::Plot, "A")),
            ("점검 A", some(RecipeCommand::Check, "A")),
            (
                "LED450-MQW-012A",
                some(RecipeCommand::Any, "LED450-MQW-012A"),
            ),
            (
                "TEGa를 쓰는 레시피",
                some(RecipeCommand::Any, "TEGa를 쓰는 레시피"),
            ),
        ] {
            assert_eq!(Arguments::parse(text), arguments, "{text}");
        }
    }
}
