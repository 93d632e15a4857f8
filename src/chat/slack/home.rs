//! The home tab: what is indexed and how fresh, what its reader may ask about, and for those in charge what went wrong.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::escape::escape;
use super::event::Opened;
use super::gaps;
use super::parts::Parts;
use super::render::shorten;
use crate::domain::access::Access;
use crate::domain::fault::Fault;
use crate::domain::language::Language;
use crate::i18n::{home as text, reading};
use crate::ingest::catalog::SourceSummary;
use crate::storage::answer_log::{Counts, Line};

/// Sources, questions, comments and files that are listed.
const SOURCES: usize = 25;
const QUESTIONS: usize = 3;
const LISTED: usize = 5;
/// Characters of a section; Slack takes 3,000.
const SECTION: usize = 2_900;
/// Characters of one entry of a list.
const ENTRY: usize = 200;

/// What the home tab tells.
#[derive(Debug, Default)]
struct Told {
    holdings: Vec<SourceSummary>,
    /// The collections that may be read; none for all.
    collections: Option<Vec<String>>,
    /// How reindexing stands.
    reindexing: String,
    questions: Vec<String>,
    week: Option<Week>,
}

/// What those in charge are told.
#[derive(Debug, Default)]
struct Week {
    counts: Counts,
    /// Questions that were given up.
    failed: u64,
    /// Files that cannot be read, with the reason.
    unreadable: Vec<(String, Fault)>,
    /// Questions without an answer, and how often each was asked.
    unanswered: Vec<(String, usize)>,
    comments: Vec<Line>,
    /// What is wrong with the language model.
    model: Option<String>,
}

/// Shows somebody their home tab.
///
/// # Errors
/// What it tells cannot be read, or Slack cannot be reached.
pub(super) async fn show(parts: &Parts, opened: &Opened) -> anyhow::Result<()> {
    let language = parts.locales.of(&opened.user).await;
    let access = parts.access(&opened.channel, &opened.user).await;
    let told = told(parts, &access, &opened.user, language).await?;
    let view = json!({"type": "home", "blocks": blocks(&told, language)});
    Ok(parts.client.publish(&opened.user, &view).await?)
}

async fn told(
    parts: &Parts,
    access: &Access,
    user: &str,
    language: Language,
) -> anyhow::Result<Told> {
    let mut holdings = parts.library.catalog.source_summaries().await?;
    holdings.retain(|holding| access.allows(&holding.collection));
    Ok(Told {
        holdings,
        collections: match access {
            Access::Everything => None,
            Access::Only(collections) => Some(collections.iter().cloned().collect()),
        },
        reindexing: reindexing(parts, language).await,
        questions: parts.library.questions(access, language, QUESTIONS).await?,
        week: if parts.admins.include(user) {
            Some(week(parts).await?)
        } else {
            None
        },
    })
}

/// How reindexing stands, in a line.
pub(super) async fn reindexing(parts: &Parts, language: Language) -> String {
    let reindexer = &parts.library.reindexer;
    // Where that cannot be found out, the rest of the page is of use all the same.
    if let Ok(Some(progress)) = reindexer.progress().await {
        return text::reindexing(language, progress.done, progress.total);
    }
    match reindexer.last() {
        Some(last) => text::reindexed(
            language,
            &crate::i18n::phrase::time(last.ended),
            last.added + last.changed,
            last.removed,
            last.failed,
        ),
        None => text::not_reindexed(language),
    }
}

async fn week(parts: &Parts) -> anyhow::Result<Week> {
    let since = parts.clock.now() - SignedDuration::from_hours(24 * 7);
    let lines = parts.feedback.lines_since(since).await?;
    let (unanswered, votes): (Vec<Line>, Vec<Line>) = lines
        .into_iter()
        .partition(|line| line.kind == "unanswered");
    let unanswered = gaps::grouped(&unanswered);
    let listed = u32::try_from(LISTED).unwrap_or(u32::MAX);
    let mut comments: Vec<Line> = votes
        .into_iter()
        .filter(|line| line.helpful == Some(false) || line.kind == "remark")
        .collect();
    comments.reverse();
    comments.truncate(LISTED);
    Ok(Week {
        counts: parts.feedback.counts(since).await?,
        failed: parts.queue.failed_since(since).await?,
        unreadable: parts.library.catalog.failures(listed).await?,
        unanswered: unanswered
            .into_iter()
            .take(LISTED)
            .map(|group| (group.question.clone(), group.times))
            .collect(),
        comments,
        model: parts
            .answerer
            .llm()
            .and_then(crate::llm::client::Llm::last_failure)
            .map(|error| error.to_string()),
    })
}

fn blocks(told: &Told, language: Language) -> Vec<Value> {
    let mut blocks = vec![
        header(&text::title(language)),
        section(&text::how_to_ask(language)),
    ];
    if !told.questions.is_empty() {
        let questions = told.questions.iter().map(|question| entry(question));
        blocks.push(list(&text::examples(language), questions));
    }
    blocks.push(json!({"type": "divider"}));
    blocks.push(header(&text::documents(language)));
    blocks.extend(documents(told, language));
    blocks.push(context(&told.reindexing));
    if let Some(week) = &told.week {
        blocks.push(json!({"type": "divider"}));
        blocks.push(header(&text::week(language)));
        blocks.extend(of_week(week, language));
    }
    blocks.push(json!({"type": "divider"}));
    blocks.push(context(&text::languages(language)));
    blocks
}

fn documents(told: &Told, language: Language) -> Vec<Value> {
    let mut blocks = Vec::new();
    if told.holdings.is_empty() {
        blocks.push(section(&text::no_documents(language)));
    } else {
        let lines = told.holdings.iter().take(SOURCES);
        let lines: Vec<String> = lines.map(|holding| holds(holding, language)).collect();
        blocks.push(section(&lines.join("\n")));
    }
    if told.holdings.len() > SOURCES {
        let more = told.holdings.len() - SOURCES;
        blocks.push(context(&text::more_sources(language, more)));
    }
    let readable = match &told.collections {
        None => text::reads_everything(language),
        Some(names) => text::reads(language, &entry(&names.join(", "))),
    };
    blocks.push(context(&readable));
    blocks
}

/// A source in a line.
pub(super) fn holds(holding: &SourceSummary, language: Language) -> String {
    let newest = holding
        .newest
        .and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    text::source(
        language,
        &entry(&holding.source),
        holding.documents.unsigned_abs(),
        holding.pages.unsigned_abs(),
        newest.map(crate::i18n::phrase::time).as_deref(),
    )
}

fn of_week(week: &Week, language: Language) -> Vec<Value> {
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
            let said = [&line.question, &line.comment];
            let said = said.into_iter().filter(|text| !text.is_empty());
            said.map(|text| entry(text)).collect::<Vec<_>>().join(" — ")
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

/// A text of somebody else's, on one line, shortened and harmless.
fn entry(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    shorten(&escape(&line), ENTRY)
}

fn header(text: &str) -> Value {
    json!({"type": "header", "text": {"type": "plain_text", "text": text, "emoji": true}})
}

fn section(text: &str) -> Value {
    let text = shorten(text, SECTION);
    json!({"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": true}})
}

fn context(text: &str) -> Value {
    let text = shorten(text, SECTION);
    json!({"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": true}]})
}

fn list(head: &str, entries: impl Iterator<Item = String>) -> Value {
    let entries = entries.fold(format!("*{head}*"), |all, entry| all + "\n• " + &entry);
    section(&entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Told {
        let line = |question: &str, comment: &str| Line {
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
        Told {
            holdings: vec![SourceSummary {
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
            week: Some(Week {
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
    fn nobody_else_sees_what_went_wrong() {
        let told = Told {
            week: None,
            ..full()
        };
        let shown = json!(blocks(&told, Language::Korean)).to_string();
        assert!(!shown.contains("wrong page") && !shown.contains("chiller"));
    }
}
