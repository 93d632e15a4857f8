//! What people made of the answers: each answer with what it was drawn from, and the votes on it.
//!
//! Kept in a file of its own, which can be read while the program runs.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{FromRow, SqlitePool};

use crate::clock::Clock;
use crate::domain::Language;
use crate::sqlite;

static SCHEMA: Migrator = sqlx::migrate!("src/feedback");

/// A vote must be stored before Slack's three seconds are over.
const BUSY: Duration = Duration::from_secs(1);
/// How long one waits for a connection. Whoever has one is done with it within [`BUSY`], so this ends only what is broken.
const PATIENCE: Duration = Duration::from_hours(1);

/// The answers and votes. Cloning gives another handle to them.
#[derive(Clone, Debug)]
pub struct Feedback {
    pool: SqlitePool,
    clock: Clock,
}

/// An answer as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The question's.
    pub key: String,
    pub channel: String,
    pub user: String,
    pub question: String,
    pub answer: String,
    /// `llm`, `extractive` or `none_found`.
    pub mode: String,
    /// Empty where no language model is configured.
    pub model: String,
    pub language: Language,
    pub passages: Vec<Shown>,
}

/// A passage as it is shown to whoever asks for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// As the answer cites it; none where it does not.
    pub n: Option<u32>,
    pub id: String,
    pub title: String,
    pub section: Option<String>,
    pub page: Option<String>,
    pub collection: String,
    pub url: Option<String>,
    pub text: String,
}

/// A line of the export: a vote on an answer, an answer that the documents do not hold, or a remark on the bot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// `feedback`, `unanswered` or `remark`.
    pub kind: String,
    pub key: String,
    /// RFC 3339.
    pub asked: String,
    pub channel: String,
    pub user: String,
    pub question: String,
    pub answer: String,
    pub mode: String,
    pub model: String,
    pub passages: Vec<Shown>,
    pub helpful: Option<bool>,
    pub comment: String,
    pub voted_by: String,
    pub voted: String,
}

/// What a week brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub answers: i64,
    pub unanswered: i64,
    pub helpful: i64,
    pub unhelpful: i64,
}

#[derive(FromRow)]
struct Row {
    key: String,
    channel: String,
    user: String,
    question: String,
    answer: String,
    mode: String,
    model: String,
    language: String,
    passages: String,
}

impl From<Row> for Given {
    fn from(row: Row) -> Self {
        Self {
            key: row.key,
            channel: row.channel,
            user: row.user,
            question: row.question,
            answer: row.answer,
            mode: row.mode,
            model: row.model,
            language: if row.language == "ko" {
                Language::Korean
            } else {
                Language::English
            },
            passages: serde_json::from_str(&row.passages).unwrap_or_default(),
        }
    }
}

impl Feedback {
    /// Opens the file, which is made if it does not exist.
    ///
    /// # Errors
    /// The file cannot be written, or a newer version wrote it.
    pub async fn open(file: &Path, clock: Clock) -> anyhow::Result<Self> {
        let pool = SqlitePoolOptions::new()
            .max_connections(2)
            .acquire_timeout(PATIENCE)
            .connect_with(sqlite::options(file, BUSY))
            .await
            .with_context(|| format!("the feedback in {} cannot be opened", file.display()))?;
        SCHEMA.run(&pool).await.with_context(|| {
            format!(
                "the feedback in {} was written by another version of epibot; run that one, or move the file away",
                file.display()
            )
        })?;
        Ok(Self { pool, clock })
    }

    /// Keeps an answer, in the place of an earlier one to the same question; votes on that one are dropped.
    ///
    /// # Errors
    /// It cannot be stored.
    pub async fn keep(&self, given: &Given) -> anyhow::Result<()> {
        let passages = serde_json::to_string(&given.passages)?;
        let language = match given.language {
            Language::Korean => "ko",
            Language::English => "en",
        };
        let mut transaction = self.pool.begin().await?;
        sqlx::query("DELETE FROM vote WHERE key = ?1 AND EXISTS (SELECT 1 FROM answer WHERE key = ?1 AND answer <> ?2)")
            .bind(&given.key)
            .bind(&given.answer)
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "INSERT OR REPLACE INTO answer VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )
        .bind(&given.key)
        .bind(self.clock.now().as_millisecond())
        .bind(&given.channel)
        .bind(&given.user)
        .bind(&given.question)
        .bind(&given.answer)
        .bind(&given.mode)
        .bind(&given.model)
        .bind(language)
        .bind(passages)
        .execute(&mut *transaction)
        .await?;
        Ok(transaction.commit().await?)
    }

    /// The answer to this question, if it is still kept.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn given(&self, key: &str) -> anyhow::Result<Option<Given>> {
        let row: Option<Row> = sqlx::query_as("SELECT * FROM answer WHERE key = ?1")
            .bind(key)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(Given::from))
    }

    /// Stores what somebody thinks of an answer; their last word counts. Without a comment, an earlier one stays.
    ///
    /// # Errors
    /// It cannot be stored.
    pub async fn vote(
        &self,
        key: &str,
        user: &str,
        helpful: bool,
        comment: &str,
    ) -> anyhow::Result<()> {
        sqlx::query(
            "INSERT INTO vote (key, user, helpful, comment, voted) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (key, user) DO UPDATE
             SET helpful = ?3, voted = ?5, comment = iif(?4 = '', comment, ?4)",
        )
        .bind(key)
        .bind(user)
        .bind(helpful)
        .bind(comment)
        .bind(self.clock.now().as_millisecond())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Keeps what somebody says of the bot as a whole; once under its key, however often it is delivered.
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
        sqlx::query("INSERT OR IGNORE INTO remark VALUES (?1, ?2, ?3, ?4, ?5)")
            .bind(key)
            .bind(self.clock.now().as_millisecond())
            .bind(channel)
            .bind(user)
            .bind(remark)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The remarks since then, oldest first, as lines of the export.
    async fn remarks_since(&self, since: Timestamp) -> anyhow::Result<Vec<Line>> {
        let rows: Vec<(String, i64, String, String, String)> =
            sqlx::query_as("SELECT * FROM remark WHERE said >= ?1 ORDER BY said, key")
                .bind(since.as_millisecond())
                .fetch_all(&self.pool)
                .await?;
        let line = |(key, said, channel, user, remark): (_, i64, _, String, _)| Line {
            kind: "remark".to_owned(),
            key,
            asked: String::new(),
            channel,
            user: user.clone(),
            question: String::new(),
            answer: String::new(),
            mode: String::new(),
            model: String::new(),
            passages: Vec::new(),
            helpful: None,
            comment: remark,
            voted_by: user,
            voted: told(said),
        };
        Ok(rows.into_iter().map(line).collect())
    }

    /// What happened since then.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn counts(&self, since: Timestamp) -> anyhow::Result<Counts> {
        let since = since.as_millisecond();
        let (answers, unanswered): (i64, i64) = sqlx::query_as(
            "SELECT count(*), count(*) FILTER (WHERE mode = 'none_found') FROM answer WHERE asked >= ?1",
        )
        .bind(since)
        .fetch_one(&self.pool)
        .await?;
        let (helpful, unhelpful): (i64, i64) = sqlx::query_as(
            "SELECT count(*) FILTER (WHERE helpful), count(*) FILTER (WHERE NOT helpful) FROM vote WHERE voted >= ?1",
        )
        .bind(since)
        .fetch_one(&self.pool)
        .await?;
        Ok(Counts {
            answers,
            unanswered,
            helpful,
            unhelpful,
        })
    }

    /// Every vote with its answer, and every question that the documents do not answer, oldest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn lines(&self) -> anyhow::Result<Vec<Line>> {
        self.lines_since(Timestamp::MIN).await
    }

    /// As [`Self::lines`], of what was asked since then.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn lines_since(&self, since: Timestamp) -> anyhow::Result<Vec<Line>> {
        #[derive(FromRow)]
        struct Joined {
            #[sqlx(flatten)]
            row: Row,
            asked: i64,
            helpful: Option<bool>,
            comment: Option<String>,
            voted_by: Option<String>,
            voted: Option<i64>,
        }
        let rows: Vec<Joined> = sqlx::query_as(
            "SELECT answer.*, vote.helpful, vote.comment, vote.user AS voted_by, vote.voted
             FROM answer LEFT JOIN vote ON vote.key = answer.key
             WHERE (vote.key IS NOT NULL OR answer.mode = 'none_found') AND answer.asked >= ?1
             ORDER BY answer.asked, answer.key, vote.user",
        )
        .bind(since.as_millisecond())
        .fetch_all(&self.pool)
        .await?;
        let line = |voted: Joined| {
            let given = Given::from(voted.row);
            Line {
                kind: if voted.helpful.is_some() {
                    "feedback"
                } else {
                    "unanswered"
                }
                .to_owned(),
                key: given.key,
                asked: told(voted.asked),
                channel: given.channel,
                user: given.user,
                question: given.question,
                answer: given.answer,
                mode: given.mode,
                model: given.model,
                passages: given.passages,
                helpful: voted.helpful,
                comment: voted.comment.unwrap_or_default(),
                voted_by: voted.voted_by.unwrap_or_default(),
                voted: voted.voted.map(told).unwrap_or_default(),
            }
        };
        let mut lines: Vec<Line> = rows.into_iter().map(line).collect();
        lines.extend(self.remarks_since(since).await?);
        Ok(lines)
    }

    /// Drops an answer and its votes: its question was withdrawn.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn drop_answer(&self, key: &str) -> anyhow::Result<()> {
        for table in ["answer", "vote"] {
            sqlx::query(sqlx::AssertSqlSafe(format!(
                "DELETE FROM {table} WHERE key = ?1"
            )))
            .bind(key)
            .execute(&self.pool)
            .await?;
        }
        Ok(())
    }

    /// Drops what was asked before then. Returns how many answers that were.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn forget(&self, before: Timestamp) -> anyhow::Result<u64> {
        let before = before.as_millisecond();
        sqlx::query("DELETE FROM vote WHERE key IN (SELECT key FROM answer WHERE asked < ?1)")
            .bind(before)
            .execute(&self.pool)
            .await?;
        let forgotten = sqlx::query("DELETE FROM answer WHERE asked < ?1")
            .bind(before)
            .execute(&self.pool)
            .await?;
        sqlx::query("DELETE FROM remark WHERE said < ?1")
            .bind(before)
            .execute(&self.pool)
            .await?;
        Ok(forgotten.rows_affected())
    }
}

/// A time as RFC 3339.
fn told(milliseconds: i64) -> String {
    Timestamp::from_millisecond(milliseconds)
        .map(|time| time.to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(key: &str, mode: &str) -> Given {
        Given {
            key: key.into(),
            channel: "C1".into(),
            user: "U1".into(),
            question: "purge flow?".into(),
            answer: "5 slm [1]".into(),
            mode: mode.into(),
            model: "qwen".into(),
            language: Language::Korean,
            passages: vec![Shown {
                n: Some(1),
                id: "p1".into(),
                title: "Manual".into(),
                section: None,
                page: Some("4-12".into()),
                collection: "manuals".into(),
                url: None,
                text: "5 slm".into(),
            }],
        }
    }

    #[tokio::test]
    async fn answers_and_votes_are_kept_counted_exported_and_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed("2026-01-15T00:00:00Z".parse().unwrap());
        let file = folder.path().join("feedback.sqlite");
        let feedback = Feedback::open(&file, clock.clone()).await.unwrap();
        feedback.keep(&given("a", "llm")).await.unwrap();
        feedback.keep(&given("b", "none_found")).await.unwrap();
        feedback.keep(&given("c", "llm")).await.unwrap();
        feedback.vote("a", "U1", true, "").await.unwrap();
        feedback.vote("a", "U2", false, "").await.unwrap();
        feedback.vote("a", "U2", false, "wrong page").await.unwrap();
        feedback.vote("a", "U2", false, "").await.unwrap();
        assert_eq!(feedback.given("a").await.unwrap(), Some(given("a", "llm")));
        assert_eq!(feedback.given("x").await.unwrap(), None);

        let lines = feedback.lines().await.unwrap();
        let told: Vec<_> = lines
            .iter()
            .map(|line| (line.key.as_str(), line.helpful, line.comment.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("a", Some(true), ""),
                ("a", Some(false), "wrong page"),
                ("b", None, "")
            ]
        );
        assert_eq!(lines[2].kind, "unanswered");
        feedback
            .remark("r", "C1", "U3", "links fail")
            .await
            .unwrap();
        feedback
            .remark("r", "C1", "U3", "links fail")
            .await
            .unwrap();
        let last = feedback.lines().await.unwrap().pop().unwrap();
        assert_eq!(
            (last.kind.as_str(), last.comment.as_str()),
            ("remark", "links fail")
        );
        let counts = feedback.counts(clock.now()).await.unwrap();
        assert_eq!(
            counts,
            Counts {
                answers: 3,
                unanswered: 1,
                helpful: 1,
                unhelpful: 1
            }
        );

        // An answer with other words is another answer.
        let mut new = given("a", "llm");
        new.answer = "6 slm [1]".into();
        feedback.keep(&new).await.unwrap();
        assert_eq!(feedback.lines().await.unwrap().len(), 2);
        feedback.drop_answer("b").await.unwrap();
        clock.advance(1);
        assert_eq!(feedback.forget(clock.now()).await.unwrap(), 2);
        assert!(feedback.lines().await.unwrap().is_empty());
    }
}
