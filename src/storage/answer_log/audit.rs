//! Who asked what where, and what came of it; how long that is kept, and how it is forgotten.

use std::ops::AddAssign;

use jiff::Timestamp;
use serde::Serialize;

use super::{Feedback, Row, Shown, told};
use crate::storage::database::{in_transaction, with_pool};

/// Answers whose words one transaction takes away, so that others get their turn in between.
const AT_ONCE: i64 = 200;

/// What the audit says of one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Record {
    pub key: String,
    /// When it was answered: RFC 3339.
    pub at: String,
    pub user: String,
    pub team: String,
    pub channel: String,
    /// The first message of the thread.
    pub thread: String,
    /// Empty where its words are no longer kept.
    pub question: String,
    /// In hexadecimal digits, of the question's words in UTF-8.
    pub question_sha256: String,
    /// `llm`, `extractive`, `none_found`, `failed`, `too_many`, `no_access` or `withdrawn`.
    pub outcome: String,
    /// Why there is no answer, where there is none.
    pub reason: String,
    /// The passages that the answer was drawn from, best first.
    pub passages: Vec<String>,
    /// Those of them that it cites.
    pub cited: Vec<String>,
    pub model: String,
    pub prompt_tokens: i64,
    pub completion_tokens: i64,
}

impl From<Row> for Record {
    fn from(row: Row) -> Self {
        let shown: Vec<Shown> = serde_json::from_str(&row.passages).unwrap_or_default();
        let cited = shown.iter().filter(|passage| passage.n.is_some());
        Self {
            key: row.key,
            at: told(row.asked),
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

/// What was deleted of one person's data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Forgotten {
    /// Their questions with the answers and all votes on them.
    pub answers: u64,
    /// Their votes on the answers to others.
    pub votes: u64,
    /// What they said of the bot.
    pub remarks: u64,
    /// Stored questions and orders of theirs that were done.
    pub jobs: u64,
    /// Questions and orders of theirs that are still to be done, and stay until then.
    pub open: u64,
}

impl AddAssign for Forgotten {
    fn add_assign(&mut self, other: Self) {
        self.answers += other.answers;
        self.votes += other.votes;
        self.remarks += other.remarks;
        self.jobs += other.jobs;
        self.open += other.open;
    }
}

impl Feedback {
    /// The audit since then, oldest first, at most `most` records after the one of this time and key.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn audit(
        &self,
        since: Timestamp,
        after: Option<&Record>,
        most: u32,
    ) -> anyhow::Result<Vec<Record>> {
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
                .bind(i64::from(most))
                .fetch_all(pool)
                .await?
        });
        Ok(rows.into_iter().map(Record::from).collect())
    }

    /// Takes the words of an answer away, whose question was withdrawn, with the votes on it.
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

    /// Takes the words of what was asked before then away: of questions, answers, passages, comments and remarks. Who
    /// asked where, and with what outcome, stays. Returns how many answers that were.
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
        let mut forgotten = 0;
        loop {
            let found = in_transaction!(&self.tables, transaction => {
                let found: Vec<(String, String)> = sqlx::query_as(FIND)
                    .bind(before)
                    .bind(AT_ONCE)
                    .fetch_all(&mut *transaction)
                    .await?;
                for (key, passages) in &found {
                    sqlx::query(COMMENTS).bind(key).execute(&mut *transaction).await?;
                    sqlx::query(WORDS)
                        .bind(key)
                        .bind(without_words(passages))
                        .execute(&mut *transaction)
                        .await?;
                }
                found.len()
            });
            if found == 0 {
                return Ok(forgotten);
            }
            forgotten += found as u64;
        }
    }

    /// Drops what was asked before then, with the votes on it. Returns how many answers that were.
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
            let gone = sqlx::query(ANSWERS).bind(before).execute(&mut *transaction).await?;
            gone.rows_affected()
        }))
    }

    /// Deletes what one person asked, thought of answers and said of the bot.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn forget_person(&self, user: &str) -> anyhow::Result<Forgotten> {
        const ON_THEIRS: &str =
            "DELETE FROM vote WHERE key IN (SELECT key FROM answer WHERE \"user\" = $1)";
        const ANSWERS: &str = "DELETE FROM answer WHERE \"user\" = $1";
        const VOTES: &str = "DELETE FROM vote WHERE \"user\" = $1";
        const REMARKS: &str = "DELETE FROM remark WHERE \"user\" = $1";
        let [_, answers, votes, remarks] = in_transaction!(&self.tables, transaction => {
            let mut counts = [0; 4];
            for (sql, count) in [ON_THEIRS, ANSWERS, VOTES, REMARKS].into_iter().zip(&mut counts) {
                let gone = sqlx::query(sql).bind(user).execute(&mut *transaction).await?;
                *count = gone.rows_affected();
            }
            counts
        });
        Ok(Forgotten {
            answers,
            votes,
            remarks,
            ..Forgotten::default()
        })
    }
}

/// The same passages, named only.
fn without_words(passages: &str) -> String {
    let mut shown: Vec<Shown> = serde_json::from_str(passages).unwrap_or_default();
    for passage in &mut shown {
        passage.text = String::new();
    }
    serde_json::to_string(&shown).unwrap_or_default()
}
