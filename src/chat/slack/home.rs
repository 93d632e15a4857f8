//! Renders the home tab as blocks.

use serde_json::{Value, json};

use super::escape::escape;
use super::message::fixed_width::MAX_SECTION_CHARS;
use super::render::shorten;
use crate::chat::home::source_line;
use crate::chat::reply::{HomeView, WeekSummary};
use crate::domain::language::Language;
use crate::i18n::{home as text, reading};

/// How many sources are listed.
const MAX_SOURCES: usize = 25;
/// Length of a list entry, in characters.
const MAX_ENTRY_CHARS: usize = 200;

/// The tab as JSON for Slack.
pub(super) fn view(view: &HomeView, language: Language) -> Value {
    json!({"type": "home", "blocks": blocks(view, language)})
}

fn blocks(view: &HomeView, language: Language) -> Vec<Value> {
    let mut blocks = vec![
        header(&text::title(language)),
        section(&text::how_to_ask(language)),
    ];
    if !view.questions.is_empty() {
        let questions = view.questions.iter().map(|question| entry(question));
        blocks.push(list(&text::examples(language), questions));
    }
    blocks.push(json!({"type": "divider"}));
    blocks.push(header(&text::documents(language)));
    blocks.extend(documents(view, language));
    blocks.push(context(&view.reindexing));
    if let Some(week) = &view.week {
        blocks.push(json!({"type": "divider"}));
        blocks.push(header(&text::week(language)));
        blocks.extend(week_blocks(week, language));
    }
    blocks.push(json!({"type": "divider"}));
    blocks.push(context(&text::languages(language)));
    blocks
}

fn documents(view: &HomeView, language: Language) -> Vec<Value> {
    let mut blocks = Vec::new();
    if view.sources.is_empty() {
        blocks.push(section(&text::no_documents(language)));
    } else {
        let lines = view.sources.iter().take(MAX_SOURCES);
        let lines: Vec<String> = lines
            .map(|source| source_line(source, &entry(&source.source), language))
            .collect();
        blocks.push(section(&lines.join("\n")));
    }
    if view.sources.len() > MAX_SOURCES {
        let more = view.sources.len() - MAX_SOURCES;
        blocks.push(context(&text::more_sources(language, more)));
    }
    let readable = match &view.collections {
        None => text::reads_everything(language),
        Some(names) => text::reads(language, &entry(&names.join(", "))),
    };
    blocks.push(context(&readable));
    blocks
}

fn week_blocks(week: &WeekSummary, language: Language) -> Vec<Value> {
    let counts = week.counts;
    let mut blocks = vec![section(&text::counts(
        language,
        [
            counts.answers,
            counts.unanswered,
            counts.helpful,
            counts.unhelpful,
        ]
        .map(i64::unsigned_abs),
        week.failed,
    ))];
    if let Some(trouble) = &week.model {
        blocks.push(section(&text::model_trouble(language, &entry(trouble))));
    }
    if !week.unanswered.is_empty() {
        let questions = week.unanswered.iter().map(|(question, times)| match times {
            1 => entry(question),
            _ => format!("{} ×{times}", entry(question)),
        });
        blocks.push(list(&text::unanswered(language), questions));
    }
    if !week.comments.is_empty() {
        let comments = week.comments.iter().map(|line| {
            let parts = [&line.question, &line.comment];
            let parts = parts.into_iter().filter(|text| !text.is_empty());
            parts
                .map(|text| entry(text))
                .collect::<Vec<_>>()
                .join(" — ")
        });
        blocks.push(list(&text::unhelpful(language), comments));
    }
    if !week.unreadable.is_empty() {
        let files = week.unreadable.iter().map(|(path, reason)| {
            let reason = reading::fault(language, reason);
            format!("{}: {}", entry(path), entry(&reason))
        });
        blocks.push(list(&text::unreadable(language), files));
    }
    blocks
}

/// Untrusted text on one line, shortened and escaped.
fn entry(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    shorten(&escape(&line), MAX_ENTRY_CHARS)
}

fn header(text: &str) -> Value {
    json!({"type": "header", "text": {"type": "plain_text", "text": text, "emoji": true}})
}

fn section(text: &str) -> Value {
    let text = shorten(text, MAX_SECTION_CHARS);
    json!({"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": true}})
}

fn context(text: &str) -> Value {
    let text = shorten(text, MAX_SECTION_CHARS);
    json!({"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": true}]})
}

fn list(head: &str, entries: impl Iterator<Item = String>) -> Value {
    let entries = entries.fold(format!("*{head}*"), |all, entry| all + "\n• " + &entry);
    section(&entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fault::Fault;
    use crate::ingest::catalog::SourceSummary;
    use crate::storage::answer_log::{Counts, FeedbackLine};

    fn full() -> HomeView {
        let line = |question: &str, comment: &str| FeedbackLine {
            kind: "feedback".into(),
            key: "T1/C1/1.1".into(),
            asked: String::new(),
            channel: "C1".into(),
            user: "U1".into(),
            question: question.into(),
            answer: String::new(),
            mode: "llm".into(),
            model: String::new(),
            passages: Vec::new(),
            helpful: Some(false),
            comment: comment.into(),
            voted_by: "U2".into(),
            voted: String::new(),
        };
        HomeView {
            sources: vec![SourceSummary {
                source: "manuals <!channel>".into(),
                collection: "manuals".into(),
                documents: 1_200,
                pages: 24_000,
                failed: 2,
                newest: Some(1_768_467_600_000),
            }],
            collections: Some(vec!["manuals".into()]),
            reindexing: text::not_reindexed(Language::English),
            questions: vec!["What should I do about alarm E-1042?".into()],
            week: Some(WeekSummary {
                counts: Counts {
                    answers: 40,
                    unanswered: 3,
                    helpful: 9,
                    unhelpful: 1,
                },
                failed: 1,
                unreadable: vec![("a.pdf".into(), Fault::Empty)],
                unanswered: vec![("How is the chiller refilled?".into(), 2)],
                comments: vec![line("purge flow?", "wrong page"), line("gap?", "")],
                model: Some("the language model was silent for 60 seconds".into()),
            }),
        }
    }

    #[test]
    fn everything_that_it_tells() {
        insta::assert_json_snapshot!(blocks(&full(), Language::English));
    }

    #[test]
    fn only_admins_see_failures() {
        let view = HomeView {
            week: None,
            ..full()
        };
        let shown = json!(blocks(&view, Language::Korean)).to_string();
        assert!(!shown.contains("wrong page") && !shown.contains("chiller"));
    }
}
