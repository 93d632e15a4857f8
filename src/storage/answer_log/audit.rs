//! The audit of questions, and the deletion of their data.

use std::ops::AddAssign;

use jiff::Timestamp;
use serde::Serialize;

use super::{AnswerLog, LoggedPassage, Row, rfc3339};
use crate::storage::database::{in_transaction, with_pool};

/// Answers per transaction when texts are deleted, so that other changes are made in between.
const DELETE_BATCH: i64 = 200;

/// The audit record of one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditRecord {
    pub key: String,
    /// When it was answered, as RFC 3339.
    pub at: String,
    pub user: String,
    pub team: String,
    pub channel: String,
    /// The first message of the thread.
    pub thread: String,
    /// Empty if its text is no longer stored.
    pub question: String,
    /// Of the question's text in UTF-8, in hexadecimal digits.
    pub question_sha256: String,
    /// `llm`, `extractive`, `none_found`, `failed`, `too_many`, `no_access` or `withdrawn`.
    pub outcome: String,
    /// Why there is no answer; empty if there is one.
    pub reason: String,
    /// Ids of the passages that the answer is based on, best first.
    pub passages: Vec<String>,
    /// Ids of the cited ones.
    pub cited: Vec<String>,
    pub model: String,
    pub prompt_tokens: i64,
    pub completion_tokens: i64,
}

impl From<Row> for AuditRecord {
    fn from(row: Row) -> Self {
        let shown: Vec<LoggedPassage> = serde_json::from_str(&row.passages).unwrap_or_default();
        let cited = shown.iter().filter(|passage| passage.n.is_some());
        Self {
            key: row.key,
            at: rfc3339(row.asked),
            user: row.user,
            team: row.team,
            channel: row.channel,
            thread: row.thread,
            question: row.question,
            question_sha256: row.question_sha256,
            outcome: row.mode,
            reason: row.reason,
            cited: cited.map(|passage| passage.id.clone()).collect(),
            passages: shown.into_iter().map(|passage| passage.id).collect(),
            model: row.model,
            prompt_tokens: row.prompt_tokens,
            completion_tokens: row.completion_tokens,
        }
    }
}

/// Numbers of deleted items of one person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ErasedCounts {
    /// Their questions, with the answers and all votes on them.
    pub answers: u64,
    /// Their votes on answers to others.
    pub votes: u64,
    /// Their remarks about the bot.
    pub remarks: u64,
    /// Their finished jobs.
    pub jobs: u64,
    /// Their open jobs, which stay until they are finished.
    pub open: u64,
}

impl AddAssign for ErasedCounts {
    fn add_assign(&mut self, other: Self) {
        self.answers += other.answers;
        self.votes += other.votes;
        self.remarks += other.remarks;
        self.jobs += other.jobs;
        self.open += other.open;
    }
}

impl AnswerLog {
    /// Returns at most `limit` records since then, oldest first; with `after`, those that follow it.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn audit(
        &self,
        since: Timestamp,
        after: Option<&AuditRecord>,
        limit: u32,
    ) -> anyhow::Result<Vec<AuditRecord>> {
        const SQL: &str = "SELECT * FROM answer WHERE asked > $1 OR (asked = $1 AND key > $2)
            ORDER BY asked, key LIMIT $3";
        let (since, key) = match after {
            Some(record) => (record.at.parse().unwrap_or(since), record.key.as_str()),
            None => (since, ""),
        };
        let rows: Vec<Row> = with_pool!(&self.tables, pool => {
            sqlx::query_as(SQL)
                .bind(since.as_millisecond())
                .bind(key)
                .bind(i64::from(limit))
                .fetch_all(pool)
                .await?
        });
        Ok(rows.into_iter().map(AuditRecord::from).collect())
    }

    /// Deletes the texts of a withdrawn question and its answer, and the votes on it.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn withdraw(&self, key: &str) -> anyhow::Result<()> {
        const MARK: &str = "UPDATE answer
            SET mode = 'withdrawn', question = '', answer = '', passages = '[]', has_words = FALSE WHERE key = $1";
        const VOTES: &str = "DELETE FROM vote WHERE key = $1";
        in_transaction!(&self.tables, transaction => {
            for sql in [MARK, VOTES] {
                sqlx::query(sql).bind(key).execute(&mut *transaction).await?;
            }
        });
        Ok(())
    }

    /// Deletes the texts of what was asked before then: questions, answers, passages, comments and remarks. The audit data
    /// stays. Returns the number of answers.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn forget_words(&self, before: Timestamp) -> anyhow::Result<u64> {
        const REMARKS: &str = "DELETE FROM remark WHERE said < $1";
        const FIND: &str = "SELECT key, passages FROM answer WHERE asked < $1 AND has_words ORDER BY asked LIMIT $2";
        const COMMENTS: &str = "UPDATE vote SET comment = '' WHERE key = $1";
        const WORDS: &str = "UPDATE answer SET question = '', answer = '', passages = $2, has_words = FALSE WHERE key = $1";
        let before = before.as_millisecond();
        with_pool!(&self.tables, pool => {
            sqlx::query(REMARKS).bind(before).execute(pool).await?;
        });
        let mut total = 0;
        loop {
            let found = in_transaction!(&self.tables, transaction => {
                let found: Vec<(String, String)> = sqlx::query_as(FIND)
                    .bind(before)
                    .bind(DELETE_BATCH)
                    .fetch_all(&mut *transaction)
                    .await?;
                for (key, passages) in &found {
                    sqlx::query(COMMENTS).bind(key).execute(&mut *transaction).await?;
                    sqlx::query(WORDS)
                        .bind(key)
                        .bind(without_texts(passages))
                        .execute(&mut *transaction)
                        .await?;
                }
                found.len()
            });
            if found == 0 {
                return Ok(total);
            }
            total += found as u64;
        }
    }

    /// Deletes what was asked before then, with the votes on it. Returns the number of answers.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn forget(&self, before: Timestamp) -> anyhow::Result<u64> {
        const VOTES: &str =
            "DELETE FROM vote WHERE key IN (SELECT key FROM answer WHERE asked < $1)";
        const ANSWERS: &str = "DELETE FROM answer WHERE asked < $1";
        let before = before.as_millisecond();
        Ok(in_transaction!(&self.tables, transaction => {
            sqlx::query(VOTES).bind(before).execute(&mut *transaction).await?;
            let deleted = sqlx::query(ANSWERS).bind(before).execute(&mut *transaction).await?;
            deleted.rows_affected()
        }))
    }

    /// Deletes the questions, votes and remarks of one person.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn forget_person(&self, user: &str) -> anyhow::Result<ErasedCounts> {
        const VOTES_ON_ANSWERS: &str =
            "DELETE FROM vote WHERE key IN (SELECT key FROM answer WHERE \"user\" = $1)";
        const ANSWERS: &str = "DELETE FROM answer WHERE \"user\" = $1";
        const VOTES: &str = "DELETE FROM vote WHERE \"user\" = $1";
        const REMARKS: &str = "DELETE FROM remark WHERE \"user\" = $1";
        let [_, answers, votes, remarks] = in_transaction!(&self.tables, transaction => {
            let mut counts = [0; 4];
            for (sql, count) in [VOTES_ON_ANSWERS, ANSWERS, VOTES, REMARKS].into_iter().zip(&mut counts) {
                let deleted = sqlx::query(sql).bind(user).execute(&mut *transaction).await?;
                *count = deleted.rows_affected();
            }
            counts
        });
        Ok(ErasedCounts {
            answers,
            votes,
            remarks,
            ..ErasedCounts::default()
        })
    }
}

/// Returns the passages without their texts.
fn without_texts(passages: &str) -> String {
    let mut shown: Vec<LoggedPassage> = serde_json::from_str(passages).unwrap_or_default();
    for passage in &mut shown {
        passage.text = String::new();
    }
    serde_json::to_string(&shown).unwrap_or_default()
}
