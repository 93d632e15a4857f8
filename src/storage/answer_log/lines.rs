//! The feedback export: votes with their answers, questions without an answer, and remarks.

use jiff::Timestamp;
use serde::Serialize;
use sqlx::FromRow;

use super::{AnswerLog, LoggedAnswer, LoggedPassage, Row, rfc3339};
use crate::storage::database::with_pool;

/// A line of the feedback export: a vote on an answer, a question that the documents do not answer, or a remark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FeedbackLine {
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
    pub passages: Vec<LoggedPassage>,
    pub helpful: Option<bool>,
    pub comment: String,
    pub voted_by: String,
    pub voted: String,
}

/// An answer joined with a vote.
struct AnswerWithVote {
    row: Row,
    helpful: Option<bool>,
    comment: Option<String>,
    voted_by: Option<String>,
    voted: Option<i64>,
}

impl<'r, R: sqlx::Row> FromRow<'r, R> for AnswerWithVote
where
    Row: FromRow<'r, R>,
    &'static str: sqlx::ColumnIndex<R>,
    Option<bool>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    Option<String>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    Option<i64>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        Ok(Self {
            row: Row::from_row(row)?,
            helpful: row.try_get("helpful")?,
            comment: row.try_get("comment")?,
            voted_by: row.try_get("voted_by")?,
            voted: row.try_get("voted")?,
        })
    }
}

impl From<AnswerWithVote> for FeedbackLine {
    fn from(joined: AnswerWithVote) -> Self {
        let asked = rfc3339(joined.row.asked);
        let given = LoggedAnswer::from(joined.row);
        let kind = if joined.helpful.is_some() {
            "feedback"
        } else {
            "unanswered"
        };
        Self {
            kind: kind.to_owned(),
            key: given.key,
            asked,
            channel: given.channel,
            user: given.user,
            question: given.question,
            answer: given.answer,
            mode: given.mode,
            model: given.model,
            passages: given.passages,
            helpful: joined.helpful,
            comment: joined.comment.unwrap_or_default(),
            voted_by: joined.voted_by.unwrap_or_default(),
            voted: joined.voted.map(rfc3339).unwrap_or_default(),
        }
    }
}

impl AnswerLog {
    /// Returns every vote with its answer and every question that the documents do not answer, oldest first, then remarks.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn lines(&self) -> anyhow::Result<Vec<FeedbackLine>> {
        self.lines_since(Timestamp::UNIX_EPOCH).await
    }

    /// As [`Self::lines`], since then.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn lines_since(&self, since: Timestamp) -> anyhow::Result<Vec<FeedbackLine>> {
        const SQL: &str = "SELECT answer.*, vote.helpful, vote.comment, vote.\"user\" AS voted_by, vote.voted
            FROM answer LEFT JOIN vote ON vote.key = answer.key
            WHERE has_words AND (vote.key IS NOT NULL OR answer.mode = 'none_found') AND answer.asked >= $1
            ORDER BY answer.asked, answer.key, vote.\"user\"";
        let rows: Vec<AnswerWithVote> = with_pool!(&self.tables, pool => {
            sqlx::query_as(SQL)
                .bind(since.as_millisecond())
                .fetch_all(pool)
                .await?
        });
        let mut lines: Vec<FeedbackLine> = rows.into_iter().map(FeedbackLine::from).collect();
        lines.extend(self.remarks_since(since).await?);
        Ok(lines)
    }

    /// Returns the remarks since then, oldest first.
    async fn remarks_since(&self, since: Timestamp) -> anyhow::Result<Vec<FeedbackLine>> {
        const SQL: &str = "SELECT * FROM remark WHERE said >= $1 ORDER BY said, key";
        let rows: Vec<(String, i64, String, String, String)> = with_pool!(&self.tables, pool => {
            sqlx::query_as(SQL)
                .bind(since.as_millisecond())
                .fetch_all(pool)
                .await?
        });
        let line = |(key, said, channel, user, remark): (_, i64, _, String, _)| FeedbackLine {
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
            voted: rfc3339(said),
        };
        Ok(rows.into_iter().map(line).collect())
    }
}
