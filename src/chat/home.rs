//! The home view of a person: the indexed sources, the readable collections, and for admins the failures of the week.

use std::sync::Arc;

use jiff::SignedDuration;

use super::admins::Admins;
use super::library::Library;
use super::locale::Locales;
use super::platform::ChatPlatform;
use super::reader_access::ReaderAccess;
use super::reply::{HomeView, WeekSummary};
use super::services::ChatServices;
use super::unanswered;
use super::work::OpenedView;
use crate::answer::answerer::Answerer;
use crate::domain::access::Access;
use crate::domain::language::Language;
use crate::i18n::{home as text, phrase};
use crate::ingest::catalog::SourceSummary;
use crate::ingest::reindex::Reindexer;
use crate::runtime::clock::Clock;
use crate::storage::answer_log::{AnswerLog, FeedbackLine};
use crate::storage::queue::Queue;

/// How many example questions are shown, and how many entries of each list for admins.
const MAX_QUESTIONS: usize = 3;
const MAX_LISTED: usize = 5;

/// Fills home views.
pub struct Home {
    platform: Arc<dyn ChatPlatform>,
    queue: Queue,
    library: Library,
    answerer: Arc<Answerer>,
    access: ReaderAccess,
    log: AnswerLog,
    admins: Admins,
    locales: Locales,
    clock: Clock,
}

impl Home {
    #[must_use]
    pub fn new(services: &ChatServices) -> Self {
        Self {
            platform: Arc::clone(&services.platform),
            queue: services.queue.clone(),
            library: services.library.clone(),
            answerer: Arc::clone(&services.answerer),
            access: services.access(),
            log: services.feedback.clone(),
            admins: services.admins.clone(),
            locales: services.locales.clone(),
            clock: services.clock.clone(),
        }
    }

    /// Shows a person their home view.
    ///
    /// # Errors
    /// Its contents cannot be read, or the platform cannot be reached.
    pub async fn show(&self, opened: &OpenedView) -> anyhow::Result<()> {
        let person = &opened.person;
        let language = self.locales.language_of(person).await;
        let access = self.access.in_place(&opened.place, person).await;
        let view = self.view(&access, person, language).await?;
        Ok(self.platform.show_home(person, &view, language).await?)
    }

    async fn view(
        &self,
        access: &Access,
        person: &str,
        language: Language,
    ) -> anyhow::Result<HomeView> {
        let library = &self.library;
        let mut sources = library.catalog.source_summaries().await?;
        sources.retain(|source| access.allows(&source.collection));
        Ok(HomeView {
            sources,
            collections: match access {
                Access::Everything => None,
                Access::Only(collections) => Some(collections.iter().cloned().collect()),
            },
            reindexing: reindexing_line(&library.reindexer, language).await,
            questions: library
                .example_questions(access, language, MAX_QUESTIONS)
                .await?,
            week: if self.admins.include(person) {
                Some(self.week().await?)
            } else {
                None
            },
        })
    }

    async fn week(&self) -> anyhow::Result<WeekSummary> {
        let since = self.clock.now() - SignedDuration::from_hours(24 * 7);
        let lines = self.log.lines_since(since).await?;
        let (unanswered, votes): (Vec<FeedbackLine>, Vec<FeedbackLine>) = lines
            .into_iter()
            .partition(|line| line.kind == "unanswered");
        let listed = u32::try_from(MAX_LISTED).unwrap_or(u32::MAX);
        let mut comments: Vec<FeedbackLine> = votes
            .into_iter()
            .filter(|line| line.helpful == Some(false) || line.kind == "remark")
            .collect();
        comments.reverse();
        comments.truncate(MAX_LISTED);
        let llm = self.answerer.llm();
        Ok(WeekSummary {
            counts: self.log.counts(since).await?,
            failed: self.queue.failed_since(since).await?,
            unreadable: self.library.catalog.failures(listed).await?,
            unanswered: unanswered::grouped(&unanswered)
                .into_iter()
                .take(MAX_LISTED)
                .map(|group| (group.question, group.times))
                .collect(),
            comments,
            model: llm
                .and_then(crate::llm::client::Llm::last_failure)
                .map(|error| error.to_string()),
        })
    }
}

/// The state of reindexing, as one line.
pub async fn reindexing_line(reindexer: &Reindexer, language: Language) -> String {
    // A failure must not hide the rest of the view.
    if let Ok(Some(progress)) = reindexer.progress().await {
        return text::reindexing(language, progress.done, progress.total);
    }
    match reindexer.last() {
        Some(last) => text::reindexed(
            language,
            &phrase::time(last.ended),
            last.added + last.changed,
            last.removed,
            last.failed,
        ),
        None => text::not_reindexed(language),
    }
}

/// A source as one line; `name` is its name in the platform's markup.
#[must_use]
pub fn source_line(source: &SourceSummary, name: &str, language: Language) -> String {
    let newest = source
        .newest
        .and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    text::source(
        language,
        name,
        source.documents.unsigned_abs(),
        source.pages.unsigned_abs(),
        newest.map(phrase::time).as_deref(),
    )
}
