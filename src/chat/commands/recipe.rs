//! `/recipe`: recipes shown, compared, searched and drawn, for whoever asks, as far as the conversation may see them.

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
    /// Recent calls: one that is delivered twice is answered once.
    recent: Mutex<VecDeque<String>>,
}

/// Recent calls that are remembered.
const REMEMBERED: usize = 500;

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
        let wanted = match verb.to_lowercase().as_str() {
            "" | "help" | "도움말" | "?" => return Self::Help,
            "list" | "목록" if rest.is_empty() => return Self::Recipes(RecipeCommand::List),
            "show" | "보기" => RecipeCommand::Show(rest),
            "find" | "search" | "찾기" | "검색" => RecipeCommand::Find(rest),
            "diff" | "compare" | "비교" | "차이" => RecipeCommand::Diff(rest),
            "check" | "limits" | "점검" | "한계" => RecipeCommand::Check(rest),
            "plot" | "graph" | "그래프" => RecipeCommand::Plot(rest),
            _ => return Self::Recipes(RecipeCommand::Any(text.to_owned())),
        };
        let is_empty = match &wanted {
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
            Self::Recipes(wanted)
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

    /// Whether this very call came before.
    fn is_repeated(&self, call: &CommandCall) -> bool {
        let mut recent = self.recent.lock();
        if call.trigger.is_empty() || !recent.contains(&call.trigger) {
            recent.push_back(call.trigger.clone());
            if recent.len() > REMEMBERED {
                recent.pop_front();
            }
            return false;
        }
        true
    }

    /// Answers for the caller alone, as far as they may see where they called.
    async fn answer(
        &self,
        call: &CommandCall,
        wanted: &RecipeCommand,
        language: Language,
    ) -> anyhow::Result<Answer> {
        let access = self.access.in_place(&call.place, &call.person).await;
        let (conversation, is_private) = (&call.place.conversation, call.place.is_private());
        let audience = link_audience(conversation, is_private, &call.person);
        let answerer = &self.answerer;
        answerer.recipes(wanted, &access, &audience, language).await
    }

    /// Has a recipe drawn and posted, if there is one.
    async fn draw(
        &self,
        call: &CommandCall,
        name: &str,
        language: Language,
    ) -> anyhow::Result<CommandReply> {
        // Whether there is such a recipe is known at once; the picture takes its time.
        let wanted = RecipeCommand::Show(name.to_owned());
        let shown = self.answer(call, &wanted, language).await?;
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
        let is_korean = Language::of(&call.text) == Language::Korean;
        let language = if is_korean {
            Language::Korean
        } else {
            self.config.reindex.language()
        };
        let wanted = match Arguments::parse(&call.text) {
            Arguments::Help => {
                return Ok(CommandReply::Text(text::command_help(
                    language,
                    self.name(),
                )));
            }
            Arguments::Recipes(RecipeCommand::Plot(name)) => {
                return self.draw(call, &name, language).await;
            }
            Arguments::Recipes(wanted) => wanted,
        };
        if self.is_repeated(call) {
            return Ok(CommandReply::Nothing);
        }
        let answer = self.answer(call, &wanted, language).await?;
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
    fn what_is_asked_for_is_understood_in_both_languages() {
        let some = |wanted: fn(String) -> RecipeCommand, text: &str| {
            Arguments::Recipes(wanted(text.to_owned()))
        };
        for (text, asked) in [
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
            assert_eq!(Arguments::parse(text), asked, "{text}");
        }
    }
}
