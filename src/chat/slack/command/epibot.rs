//! `/epibot`: searches without a language model, tells what is indexed and how things stand, and takes remarks.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::{Call, Command, private};
use crate::chat::slack::escape::escape;
use crate::chat::slack::home;
use crate::chat::slack::parts::Parts;
use crate::chat::slack::render;
use crate::domain::access::Access;
use crate::domain::audience::Audience;
use crate::domain::language::Language;
use crate::domain::question::Question;
use crate::i18n::command as text;
use crate::i18n::trouble;
use crate::storage::answer_log::Shown;

/// Passages that a search shows.
const PASSAGES: usize = 5;
/// Sources that are listed.
const SOURCES: usize = 40;
/// Letters of a question that are repeated, and of a remark that are kept.
const REPEATED: usize = 200;
const REMARK: usize = 3_000;

/// The command, with what it needs.
pub struct Epibot(Parts);

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
enum Asked<'a> {
    Help,
    Search(&'a str),
    Sources,
    Status,
    Feedback(&'a str),
}

impl Asked<'_> {
    fn of(text: &str) -> Asked<'_> {
        let text = text.trim();
        let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let rest = rest.trim();
        match word.to_lowercase().as_str() {
            "" | "help" | "도움말" | "?" => Asked::Help,
            "search" | "검색" | "find" if rest.is_empty() => Asked::Help,
            "search" | "검색" | "find" => Asked::Search(rest),
            "sources" | "출처" | "문서" if rest.is_empty() => Asked::Sources,
            "status" | "상태" if rest.is_empty() => Asked::Status,
            "feedback" | "의견" => Asked::Feedback(rest),
            // Whoever writes a question here is better served with passages than with a lesson.
            _ => Asked::Search(text),
        }
    }
}

impl Epibot {
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(parts)
    }

    /// Of what was written, where that tells; else as the person uses Slack.
    async fn language(&self, call: &Call, asked: &Asked<'_>) -> Language {
        let written = match asked {
            Asked::Search(text) | Asked::Feedback(text) if !text.is_empty() => text,
            _ if Language::of(&call.text) == Language::Korean => call.text.as_str(),
            _ => return self.0.locales.of(&call.user).await,
        };
        Language::of(written)
    }

    fn name(&self) -> &str {
        &self.0.config.slack.command
    }

    async fn search(&self, call: &Call, text: &str, language: Language) -> anyhow::Result<Value> {
        let access = self.0.access(&call.channel, &call.user).await;
        if reads_nothing(&access) {
            return Ok(private(&trouble::no_access(language)));
        }
        let library = &self.0.library;
        let question = Question {
            text: text.to_owned(),
            conversation: Vec::new(),
            access,
        };
        let searched = library.retriever.search(&question, PASSAGES).await?;
        let repeated: String = text.chars().take(REPEATED).collect();
        let repeated = escape(&repeated);
        if searched.results.hits.is_empty() {
            return Ok(private(&text::found_nothing(language, &repeated)));
        }
        let is_enough = library.retriever.is_enough(&searched);
        // The answer is shown to nobody else.
        let audience = Audience::Person {
            conversation: call.channel.clone(),
            person: call.user.clone(),
        };
        let passages = searched.results.hits.into_iter().map(|hit| hit.passage);
        let shown: Vec<Shown> = (1..)
            .zip(passages)
            .map(|(n, passage)| Shown {
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
        let mut blocks = vec![json!({
            "type": "section", "text": {"type": "mrkdwn", "text": head, "verbatim": true},
        })];
        blocks.extend(render::passages(&shown, language));
        Ok(json!({"response_type": "ephemeral", "text": head, "blocks": blocks}))
    }

    async fn sources(&self, call: &Call, language: Language) -> anyhow::Result<String> {
        let access = self.0.access(&call.channel, &call.user).await;
        let mut holdings = self.0.library.catalog.source_summaries().await?;
        holdings.retain(|holding| access.allows(&holding.collection));
        if holdings.is_empty() {
            return Ok(crate::i18n::home::no_documents(language));
        }
        let mut lines = vec![text::sources(language)];
        let shown = holdings.iter().take(SOURCES);
        lines.extend(shown.map(|holding| format!("• {}", home::holds(holding, language))));
        if holdings.len() > SOURCES {
            let more = holdings.len() - SOURCES;
            lines.push(crate::i18n::home::more_sources(language, more));
        }
        lines.push(home::reindexing(&self.0, language).await);
        Ok(lines.join("\n"))
    }

    /// How things stand, and what keeps the bot silent here.
    async fn status(&self, call: &Call, language: Language) -> anyhow::Result<String> {
        let parts = &self.0;
        let chat = &parts.config.chat;
        let mut lines = vec![match parts.library.index.size().await {
            Ok(passages) => text::index(language, passages),
            Err(_) => text::no_index(language),
        }];
        lines.push(home::reindexing(parts, language).await);
        lines.push(match parts.answerer.llm() {
            None => text::no_model(language),
            Some(llm) => match llm.last_failure() {
                None => text::model(language, &escape(llm.model())),
                Some(error) => {
                    text::model_down(language, &escape(llm.model()), &escape(&error.to_string()))
                }
            },
        });
        lines.push(text::waiting(language, parts.queue.size().await?));
        if !call.channel.starts_with('D')
            && parts.client.is_member(&call.channel).await == Some(false)
        {
            lines.push(text::not_a_member(language));
        }
        let named = |channels: &[String]| {
            channels
                .iter()
                .any(|channel| channel.eq_ignore_ascii_case(&call.channel))
        };
        if named(&chat.mention_only) {
            lines.push(text::mentions_only(language));
        } else if named(&chat.answer_unmentioned) {
            lines.push(text::every_question(language));
        }
        lines.push(match parts.access(&call.channel, &call.user).await {
            Access::Everything => text::reads_everything(language),
            Access::Only(readable) if readable.is_empty() => trouble::no_access(language),
            Access::Only(readable) => {
                let readable: Vec<String> = readable.iter().map(|name| escape(name)).collect();
                text::reads(language, &readable.join(", "))
            }
        });
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
        call: &Call,
        remark: &str,
        language: Language,
    ) -> anyhow::Result<String> {
        if remark.is_empty() {
            return Ok(text::how_to_remark(language, self.name()));
        }
        let remark: String = remark.chars().take(REMARK).collect();
        self.0
            .feedback
            .remark(&call.trigger, &call.channel, &call.user, &remark)
            .await?;
        Ok(text::remarked(language))
    }
}

fn reads_nothing(access: &Access) -> bool {
    matches!(access, Access::Only(names) if names.is_empty())
}

#[async_trait]
impl Command for Epibot {
    fn name(&self) -> &str {
        Self::name(self)
    }

    async fn run(&self, call: &Call) -> anyhow::Result<Value> {
        let asked = Asked::of(&call.text);
        let language = self.language(call, &asked).await;
        Ok(match asked {
            Asked::Help => private(&text::help(language, self.name())),
            Asked::Search(text) => self.search(call, text, language).await?,
            Asked::Sources => private(&self.sources(call, language).await?),
            Asked::Status => private(&self.status(call, language).await?),
            Asked::Feedback(remark) => private(&self.feedback(call, remark, language).await?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_understood_in_both_languages() {
        for (text, asked) in [
            ("", Asked::Help),
            (" 도움말 ", Asked::Help),
            ("search", Asked::Help),
            ("Search  purge flow", Asked::Search("purge flow")),
            ("검색 퍼지 유량", Asked::Search("퍼지 유량")),
            ("sources", Asked::Sources),
            ("상태", Asked::Status),
            ("feedback", Asked::Feedback("")),
            ("의견 링크가 안 열려요", Asked::Feedback("링크가 안 열려요")),
            (
                "status of alarm E-1042",
                Asked::Search("status of alarm E-1042"),
            ),
            ("퍼지 유량은?", Asked::Search("퍼지 유량은?")),
        ] {
            assert_eq!(Asked::of(text), asked, "{text}");
        }
    }
}
