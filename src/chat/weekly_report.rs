//! The weekly report of unanswered questions, for the experts who own the documents.

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::place::Platform;
use super::platform::ChatPlatform;
use super::reader_access::{self, ReaderAccess};
use super::reply::{Content, Section, SectionKind};
use super::services::ChatServices;
use super::thread::MessageTag;
use super::unanswered::{self, QuestionGroup};
use super::work::{UnansweredReport, Work};
use crate::config::settings::Config;
use crate::domain::language::Language;
use crate::domain::question::Question;
use crate::i18n::weekly_report as text;
use crate::runtime::clock::Clock;
use crate::runtime::lifecycle::Lifecycle;
use crate::search::retrieve::Retriever;
use crate::storage::answer_log::{AnswerLog, FeedbackLine};
use crate::storage::queue::Queue;

/// Interval of checks whether a week is over.
const CHECK_INTERVAL: Duration = Duration::from_mins(20);
/// How many questions a report lists, and the length of each in characters.
const MAX_LISTED: usize = 20;
const MAX_ENTRY_CHARS: usize = 300;
/// How many passages are searched for the nearest document.
const MAX_PASSAGES: usize = 3;

/// Sends the reports.
pub struct WeeklyReport {
    platform: Arc<dyn ChatPlatform>,
    access: ReaderAccess,
    log: AnswerLog,
    retriever: Arc<Retriever>,
    config: Arc<Config>,
}

/// Schedules the reports.
#[derive(Clone)]
pub struct ReportSchedule {
    platform: Platform,
    queue: Queue,
    clock: Clock,
    config: Arc<Config>,
}

impl ReportSchedule {
    #[must_use]
    pub fn new(services: &ChatServices) -> Self {
        Self {
            platform: services.platform.platform(),
            queue: services.queue.clone(),
            clock: services.clock.clone(),
            config: Arc::clone(&services.config),
        }
    }

    /// Enqueues each expert's report once a week is over, until the program stops.
    pub async fn run(self, lifecycle: Lifecycle) {
        let mut ticks = tokio::time::interval(CHECK_INTERVAL);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = lifecycle.stopping() => return,
            }
            self.enqueue_due().await;
        }
    }

    /// Enqueues the reports on the last week. Idempotent.
    pub async fn enqueue_due(&self) {
        for report in due(self.clock.now(), &self.config.chat.experts, self.platform) {
            let lane = format!("gaps/{}", report.owner);
            let work = Work::UnansweredReport(report);
            if let Err(error) = work.enqueue(&self.queue, lane).await {
                let error = format!("{error:#}");
                tracing::error!(error, "cannot enqueue a report of unanswered questions");
            }
        }
    }
}

/// The reports on the last complete week, one for each expert.
fn due(now: Timestamp, experts: &[String], platform: Platform) -> Vec<UnansweredReport> {
    let today = now.to_zoned_datetime(TimeZone::UTC).date();
    let days_since_monday = i64::from(today.weekday().since(Weekday::Monday));
    let day = SignedDuration::from_hours(24);
    let midnight = now.as_second() - now.as_second().rem_euclid(day.as_secs());
    let until = midnight - days_since_monday * day.as_secs();
    let from = until - 7 * day.as_secs();
    let week = Timestamp::from_second(from).map(|from| {
        let week = from.to_zoned_datetime(TimeZone::UTC).date().iso_week_date();
        format!("{}-W{:02}", week.year(), week.week())
    });
    let Ok(week) = week else { return Vec::new() };
    let mut owners: Vec<&str> = experts
        .iter()
        .filter_map(|expert| Some(expert.split_once(':')?.1.trim()))
        .collect();
    owners.sort_unstable();
    owners.dedup();
    let report = |owner: &str| UnansweredReport {
        week: week.clone(),
        from: from * 1_000,
        until: until * 1_000,
        owner: owner.to_owned(),
        platform,
    };
    owners.into_iter().map(report).collect()
}

impl WeeklyReport {
    #[must_use]
    pub fn new(services: &ChatServices) -> Self {
        Self {
            platform: Arc::clone(&services.platform),
            access: services.access(),
            log: services.feedback.clone(),
            retriever: Arc::clone(&services.library.retriever),
            config: Arc::clone(&services.config),
        }
    }

    /// Sends an expert the week's questions that their documents did not answer. Each question is searched again: it
    /// belongs to the collection of the nearest document, and is left out if it can be answered now.
    ///
    /// # Errors
    /// The questions or documents cannot be read, or the platform cannot be reached.
    pub async fn send(&self, report: &UnansweredReport) -> anyhow::Result<()> {
        let experts = &self.config.chat.experts;
        let from = Timestamp::from_millisecond(report.from)?;
        let lines = self.log.lines_since(from).await?;
        let until = Timestamp::from_millisecond(report.until)?.to_string();
        let lines: Vec<FeedbackLine> = lines
            .into_iter()
            .filter(|line| line.kind == "unanswered" && line.asked < until)
            .collect();
        let mut listed = Vec::new();
        for group in unanswered::grouped(&lines) {
            if let Some((collection, nearest)) = self.nearest(&group).await?
                && owner(experts, collection.as_deref()) == Some(report.owner.as_str())
            {
                listed.push((group, nearest));
            }
        }
        if listed.is_empty() {
            return Ok(());
        }
        let platform = &self.platform;
        let tag = MessageTag::first(format!("gaps/{}/{}", report.week, report.owner));
        let content = self.content(&listed, &report.week, self.config.reindex.language());
        let message = platform.render(&content).remove(0);
        let conversation = if platform.is_person(&report.owner) {
            platform.direct_conversation(&report.owner).await?
        } else {
            report.owner.clone()
        };
        let recent = platform.recent(&conversation).await?;
        if tag.find(&recent).is_none() {
            platform.notify(&conversation, &message, &tag).await?;
        }
        Ok(())
    }

    /// The collection and title of the document nearest to a question; `None` if the question can be answered now.
    async fn nearest(
        &self,
        group: &QuestionGroup,
    ) -> anyhow::Result<Option<(Option<String>, Option<String>)>> {
        let visibility = self.platform.visibility(&group.conversation);
        let access = self
            .access
            .in_conversation(&group.conversation, visibility, &group.person)
            .await;
        if reader_access::is_empty(&access) {
            return Ok(Some((None, None)));
        }
        let question = Question {
            text: group.question.clone(),
            conversation: Vec::new(),
            access,
        };
        let searched = self.retriever.search(&question, MAX_PASSAGES).await?;
        if self.retriever.is_enough(&searched) {
            return Ok(None);
        }
        let nearest = searched.results.hits.into_iter().next();
        let document = nearest.map(|hit| hit.passage.document);
        Ok(Some(
            document
                .map(|document| (document.collection, document.title))
                .unzip(),
        ))
    }

    fn content(
        &self,
        listed: &[(QuestionGroup, Option<String>)],
        week: &str,
        language: Language,
    ) -> Content<'static> {
        let markup = self.platform.markup();
        let entry = |text: &str| markup.line(text, MAX_ENTRY_CHARS);
        let section = |kind, markup| Section { kind, markup };
        let questions = listed.iter().take(MAX_LISTED).map(|(group, nearest)| {
            let nearest = nearest.as_deref().map(entry);
            let question = entry(&group.question);
            let line = text::question(language, &question, group.times, nearest.as_deref());
            section(SectionKind::Text, line)
        });
        let head = markup.bold(&text::head(language, week, listed.len()));
        let mut sections = vec![section(SectionKind::Text, head.clone())];
        sections.extend(questions);
        let rest = if listed.len() > MAX_LISTED {
            text::more(language, listed.len() - MAX_LISTED)
        } else {
            text::what_to_do(language)
        };
        sections.push(section(SectionKind::Note, rest));
        Content::Sections {
            summary: head,
            sections,
        }
    }
}

/// The owner of a collection: the first expert for it. Without a collection, the expert for all.
fn owner<'a>(experts: &'a [String], collection: Option<&str>) -> Option<&'a str> {
    experts.iter().find_map(|expert| {
        let (theirs, id) = expert.split_once(':')?;
        let theirs = theirs.trim();
        (theirs == "*" || Some(theirs) == collection).then(|| id.trim())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_is_reported_when_it_is_over_and_under_one_name() {
        let experts = [
            "manuals: U1".to_owned(),
            "*: C9".to_owned(),
            "x: U1".to_owned(),
        ];
        let at = |time: &str| due(time.parse().unwrap(), &experts, Platform::Slack);
        let monday = at("2026-01-19T00:00:01Z");
        assert_eq!(monday, at("2026-01-25T23:59:59Z"));
        assert_ne!(monday, at("2026-01-26T00:00:00Z"));
        assert_eq!(monday[0].week, "2026-W03");
        let owners: Vec<&str> = monday.iter().map(|report| report.owner.as_str()).collect();
        assert_eq!(owners, ["C9", "U1"]);
        let from = Timestamp::from_millisecond(monday[0].from).unwrap();
        assert_eq!(from.to_string(), "2026-01-12T00:00:00Z");
    }

    #[test]
    fn a_question_belongs_to_the_owner_of_the_nearest_document() {
        let experts = ["manuals: U1".to_owned(), "*: C9".to_owned()];
        assert_eq!(owner(&experts, Some("manuals")), Some("U1"));
        assert_eq!(owner(&experts, Some("recipes")), Some("C9"));
        assert_eq!(owner(&experts, None), Some("C9"));
        assert_eq!(owner(&experts[..1], None), None);
    }
}
