//! `/recipe`: recipes shown, compared, searched and drawn, for whoever asks, as far as their channel may see them.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use serde_json::{Value, json};

use super::{Call, Command, private};
use crate::answer::recipe_commands::RecipeCommand;
use crate::chat::slack::errand::{Draw, Errand};
use crate::chat::slack::escape::escape;
use crate::chat::slack::message::{Mark, Message};
use crate::chat::slack::parts::Parts;
use crate::chat::slack::render;
use crate::domain::answer::Answer;
use crate::domain::audience::Audience;
use crate::domain::language::Language;
use crate::i18n::recipe as text;

/// Messages of one reply; Slack takes five.
const MOST: usize = 5;

/// The command, with what it needs.
pub struct Recipe {
    parts: Parts,
    /// Calls that came lately: one that is delivered twice is answered once.
    lately: Mutex<VecDeque<String>>,
}

/// So many calls are remembered.
const REMEMBERED: usize = 500;

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Recipes(RecipeCommand),
    Help,
}

impl Asked {
    fn of(text: &str) -> Self {
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
    pub fn new(parts: Parts) -> Self {
        Self {
            parts,
            lately: Mutex::default(),
        }
    }

    /// Whether this very call came before.
    fn is_repeated(&self, call: &Call) -> bool {
        let mut lately = self.lately.lock().unwrap_or_else(PoisonError::into_inner);
        if call.trigger.is_empty() || !lately.contains(&call.trigger) {
            lately.push_back(call.trigger.clone());
            if lately.len() > REMEMBERED {
                lately.pop_front();
            }
            return false;
        }
        true
    }

    /// Answers for the caller alone, as far as they may see where they called.
    async fn answer(
        &self,
        call: &Call,
        wanted: &RecipeCommand,
        language: Language,
    ) -> anyhow::Result<Answer> {
        let access = self.parts.access(&call.channel, &call.user).await;
        let answerer = &self.parts.answerer;
        let audience = audience_of(&call.channel, &call.user);
        answerer.recipes(wanted, &access, &audience, language).await
    }

    /// Has a recipe drawn and posted, if there is one.
    async fn draw(&self, call: &Call, name: &str, language: Language) -> anyhow::Result<Value> {
        // Whether there is such a recipe is known at once; the picture takes its time.
        let wanted = RecipeCommand::Show(name.to_owned());
        let shown = self.answer(call, &wanted, language).await?;
        if shown.citations.is_empty() {
            return Ok(private(&escape(&shown.text)));
        }
        let draw = Draw {
            recipe: name.to_owned(),
            command: format!("{} {}", call.name, call.text.trim()),
            team: call.team.clone(),
            channel: call.channel.clone(),
            user: call.user.clone(),
            trigger: call.trigger.clone(),
            language,
        };
        let lane = draw.lane();
        Errand::Draw(draw).enqueue(&self.parts.queue, lane).await?;
        Ok(private(&text::drawing(language, &escape(name))))
    }

    /// Sends the messages of a reply; those that Slack refuses for their tables, in a fixed width. None are left where
    /// they could be sent.
    async fn send(&self, call: &Call, messages: &[Message]) -> Option<Value> {
        let url = call.response_url.as_deref()?;
        for (at, message) in messages.iter().take(MOST).enumerate() {
            let message = self.parts.client.fitting(message);
            let mut sent = self.parts.client.respond(url, &reply(&message)).await;
            if sent.is_err() && message.has_table() {
                sent = self
                    .parts
                    .client
                    .respond(url, &reply(&message.without_table()))
                    .await;
            }
            match sent {
                Ok(()) => {}
                Err(error) if at == 0 => {
                    tracing::debug!(%error, "a reply goes with the acknowledgement");
                    return None;
                }
                Err(error) => tracing::warn!(%error, "a part of a reply could not be sent"),
            }
        }
        Some(Value::Null)
    }
}

/// Whom the links of an answer are for.
pub(in crate::chat::slack) fn audience_of(channel: &str, user: &str) -> Audience {
    let conversation = channel.to_owned();
    if channel.starts_with('D') {
        Audience::Person {
            conversation,
            person: user.to_owned(),
        }
    } else {
        Audience::Conversation(conversation)
    }
}

/// A message for the caller's eyes alone.
fn reply(message: &Message) -> Value {
    let mark = Mark {
        question: "recipe".to_owned(),
        part: 1,
    };
    let blocks = message.marked_blocks(&mark);
    json!({"response_type": "ephemeral", "text": message.text, "blocks": blocks})
}

#[async_trait]
impl Command for Recipe {
    fn name(&self) -> &str {
        &self.parts.config.recipes.command
    }

    async fn run(&self, call: &Call) -> anyhow::Result<Value> {
        let is_korean = Language::of(&call.text) == Language::Korean;
        let language = if is_korean {
            Language::Korean
        } else {
            self.parts.config.reindex.language()
        };
        let wanted = match Asked::of(&call.text) {
            Asked::Help => return Ok(private(&text::command_help(language, self.name()))),
            Asked::Recipes(RecipeCommand::Plot(name)) => {
                return self.draw(call, &name, language).await;
            }
            Asked::Recipes(wanted) => wanted,
        };
        if self.is_repeated(call) {
            return Ok(Value::Null);
        }
        let answer = self.answer(call, &wanted, language).await?;
        let messages = render::answer(&answer, &[]);
        if let Some(sent) = self.send(call, &messages).await {
            return Ok(sent);
        }
        let first = messages.first().map(Message::without_table);
        Ok(reply(&first.unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_understood_in_both_languages() {
        let some = |wanted: fn(String) -> RecipeCommand, text: &str| {
            Asked::Recipes(wanted(text.to_owned()))
        };
        for (text, asked) in [
            ("", Asked::Help),
            ("show", Asked::Help),
            ("도움말", Asked::Help),
            ("list", Asked::Recipes(RecipeCommand::List)),
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
            assert_eq!(Asked::of(text), asked, "{text}");
        }
    }
}
