//! The answer log: answers with their passages, votes and remarks.
//!
//! Texts are deleted after a while; who asked where, which passages and model were used, and the outcome are kept longer,
//! for the audit. With `SQLite` the log has its own file, which can be read while the program runs.

mod audit;
mod lines;

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::SqlitePoolOptions;

use crate::domain::document::Origin;
use crate::domain::language::Language;
use crate::runtime::clock::Clock;
use crate::storage::database::{Postgres, Tables, in_transaction, with_pool};
use crate::storage::sqlite;

pub use audit::{AuditRecord, ErasedCounts};
pub use lines::FeedbackLine;

static SCHEMA: Migrator = sqlx::migrate!("src/storage/answer_log");

/// How long to wait for another writer. A vote must be stored within Slack's three seconds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(1);
/// Timeout for getting a connection. Connections are returned within [`BUSY_TIMEOUT`], so it is reached only by a bug.
const ACQUIRE_TIMEOUT: Duration = Duration::from_hours(1);

/// The answer log. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AnswerLog {
    tables: Tables,
    clock: Clock,
}

/// A question with its answer, or the reason why it has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedAnswer {
    /// Key of the question.
    pub key: String,
    pub team: String,
    pub channel: String,
    /// The first message of the thread.
    pub thread: String,
    pub user: String,
    pub question: String,
    pub answer: String,
    /// `llm`, `extractive` or `none_found`; without an answer, `failed`, `too_many` or `no_access`.
    pub mode: String,
    /// Empty if no language model is configured.
    pub model: String,
    pub prompt_tokens: u64,
    pub completion_tokens: u64,
    /// Why there is no answer; empty if there is one.
    pub reason: String,
    pub language: Language,
    pub passages: Vec<LoggedPassage>,
}

/// A passage of an answer, as it is shown on request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedPassage {
    /// Number of its citation; None if it is not cited.
    pub n: Option<u32>,
    pub id: String,
    pub title: String,
    pub section: Option<String>,
    pub page: Option<String>,
    pub collection: String,
    /// None in answers logged before this field existed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    pub url: Option<String>,
    pub text: String,
}

impl LoggedPassage {
    /// Returns the origin of its document. Before origins were logged, only passages of attachments had no collection.
    #[must_use]
    pub fn origin(&self) -> Origin {
        match self.origin {
            Some(origin) => origin,
            None if self.collection.is_empty() => Origin::Attachment,
            None => Origin::Corpus,
        }
    }
}

/// Numbers of answers and votes in a period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub answers: i64,
    pub unanswered: i64,
    pub helpful: i64,
    pub unhelpful: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    key: String,
    asked: i64,
    team: String,
    channel: String,
    thread: String,
    user: String,
    question: String,
    question_sha256: String,
    answer: String,
    mode: String,
    model: String,
    prompt_tokens: i64,
    completion_tokens: i64,
    reason: String,
    language: String,
    passages: String,
}

impl From<Row> for LoggedAnswer {
    fn from(row: Row) -> Self {
        Self {
            key: row.key,
            team: row.team,
            channel: row.channel,
            thread: row.thread,
            user: row.user,
            question: row.question,
            answer: row.answer,
            mode: row.mode,
            model: row.model,
            prompt_tokens: row.prompt_tokens.unsigned_abs(),
            completion_tokens: row.completion_tokens.unsigned_abs(),
            reason: row.reason,
            language: if row.language == "ko" {
                Language::Korean
            } else {
                Language::English
            },
            passages: serde_json::from_str(&row.passages).unwrap_or_default(),
        }
    }
}

impl AnswerLog {
    /// Opens the file, which is created if it does not exist.
    ///
    /// # Errors
    /// The file cannot be written, or is from a newer version.
    pub async fn open(file: &Path, clock: Clock) -> anyhow::Result<Self> {
        let pool = SqlitePoolOptions::new()
            .max_connections(2)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(sqlite::options(file, BUSY_TIMEOUT))
            .await
            .with_context(|| format!("the feedback in {} cannot be opened", file.display()))?;
        match SCHEMA.run(&pool).await {
            Ok(()) => Ok(Self {
                tables: Tables::Sqlite(pool),
                clock,
            }),
            Err(MigrateError::VersionMissing(version)) => anyhow::bail!(
                "the feedback in {} has schema {version}, which a newer epibot wrote and this one cannot read; \
                 run that version again, or restore a backup from before the upgrade",
                file.display()
            ),
            Err(error) => Err(error).with_context(|| {
                format!(
                    "the schema of the feedback in {} cannot be brought up to date",
                    file.display()
                )
            }),
        }
    }

    /// Opens the answer log in a database shared with other processes.
    #[must_use]
    pub fn shared(postgres: &Postgres, clock: Clock) -> Self {
        Self {
            tables: Tables::Postgres(postgres.clone()),
            clock,
        }
    }

    /// Stores an answer. It replaces an earlier one to the same question, whose votes are deleted.
    ///
    /// # Errors
    /// It cannot be stored.
    pub async fn store(&self, answer: &LoggedAnswer) -> anyhow::Result<()> {
        const DELETE_VOTES: &str = "DELETE FROM vote
            WHERE key = $1 AND EXISTS (SELECT 1 FROM answer WHERE key = $1 AND answer <> $2)";
        const UPSERT: &str = "INSERT INTO answer (key, asked, team, channel, thread, \"user\", question, question_sha256,
                answer, mode, model, prompt_tokens, completion_tokens, reason, language, passages)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
            ON CONFLICT (key) DO UPDATE
            SET asked = excluded.asked, question = excluded.question, question_sha256 = excluded.question_sha256,
                answer = excluded.answer, mode = excluded.mode, model = excluded.model,
                prompt_tokens = excluded.prompt_tokens, completion_tokens = excluded.completion_tokens,
                reason = excluded.reason, language = excluded.language, passages = excluded.passages,
                has_words = TRUE";
        let passages = serde_json::to_string(&answer.passages)?;
        let language = match answer.language {
            Language::Korean => "ko",
            Language::English => "en",
        };
        let hash = hex::encode(Sha256::digest(&answer.question));
        let tokens = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        in_transaction!(&self.tables, transaction => {
            sqlx::query(DELETE_VOTES)
                .bind(&answer.key)
                .bind(&answer.answer)
                .execute(&mut *transaction)
                .await?;
            sqlx::query(UPSERT)
                .bind(&answer.key)
                .bind(self.clock.now().as_millisecond())
                .bind(&answer.team)
                .bind(&answer.channel)
                .bind(&answer.thread)
                .bind(&answer.user)
                .bind(&answer.question)
                .bind(&hash)
                .bind(&answer.answer)
                .bind(&answer.mode)
                .bind(&answer.model)
                .bind(tokens(answer.prompt_tokens))
                .bind(tokens(answer.completion_tokens))
                .bind(&answer.reason)
                .bind(language)
                .bind(&passages)
                .execute(&mut *transaction)
                .await?;
        });
        Ok(())
    }

    /// Returns the answer to this question, if its text is still stored.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn find(&self, key: &str) -> anyhow::Result<Option<LoggedAnswer>> {
        const SQL: &str = "SELECT * FROM answer WHERE key = $1 AND has_words AND answer <> ''";
        let row: Option<Row> = with_pool!(&self.tables, pool => {
            sqlx::query_as(SQL).bind(key).fetch_optional(pool).await?
        });
        Ok(row.map(LoggedAnswer::from))
    }

    /// Stores a vote on an answer, replacing the user's earlier one. Without a comment, an earlier comment stays. Returns
    /// whether anything changed.
    ///
    /// # Errors
    /// It cannot be stored.
    pub async fn vote(
        &self,
        key: &str,
        user: &str,
        helpful: bool,
        comment: &str,
    ) -> anyhow::Result<bool> {
        const SQL: &str =
            "INSERT INTO vote (key, \"user\", helpful, comment, voted) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (key, \"user\") DO UPDATE
            SET helpful = $3, voted = $5, comment = CASE WHEN $4 = '' THEN vote.comment ELSE $4 END
            WHERE vote.helpful <> $3 OR $4 <> ''";
        let now = self.clock.now().as_millisecond();
        let changed = with_pool!(&self.tables, pool => {
            sqlx::query(SQL)
                .bind(key)
                .bind(user)
                .bind(helpful)
                .bind(comment)
                .bind(now)
                .execute(pool)
                .await?
                .rows_affected()
        });
        Ok(changed > 0)
    }

    /// Stores a remark about the bot itself. Idempotent by its key.
    ///
    /// # Errors
    /// It cannot be stored.
    pub async fn remark(
        &self,
        key: &str,
        channel: &str,
        user: &str,
        remark: &str,
    ) -> anyhow::Result<()> {
        const SQL: &str =
            "INSERT INTO remark VALUES ($1, $2, $3, $4, $5) ON CONFLICT (key) DO NOTHING";
        let now = self.clock.now().as_millisecond();
        with_pool!(&self.tables, pool => {
            sqlx::query(SQL)
                .bind(key)
                .bind(now)
                .bind(channel)
                .bind(user)
                .bind(remark)
                .execute(pool)
                .await?;
        });
        Ok(())
    }

    /// Counts answers and votes since then.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn counts(&self, since: Timestamp) -> anyhow::Result<Counts> {
        const ANSWERS: &str =
            "SELECT count(*), count(*) FILTER (WHERE mode = 'none_found') FROM answer
            WHERE asked >= $1 AND mode IN ('llm', 'extractive', 'none_found')";
        const VOTES: &str =
            "SELECT count(*) FILTER (WHERE helpful), count(*) FILTER (WHERE NOT helpful) FROM vote
            WHERE voted >= $1";
        let since = since.as_millisecond();
        let ((answers, unanswered), (helpful, unhelpful)): ((i64, i64), (i64, i64)) = with_pool!(&self.tables, pool => (
            sqlx::query_as(ANSWERS).bind(since).fetch_one(pool).await?,
            sqlx::query_as(VOTES).bind(since).fetch_one(pool).await?,
        ));
        Ok(Counts {
            answers,
            unanswered,
            helpful,
            unhelpful,
        })
    }
}

/// Formats a time in milliseconds since 1970 as RFC 3339.
fn rfc3339(milliseconds: i64) -> String {
    Timestamp::from_millisecond(milliseconds)
        .map(|time| time.to_string())
        .unwrap_or_default()
}
