//! From a question to an answer with its sources.

pub mod link;

use tokio::sync::watch;

use crate::domain::{Answer, Question};

/// How far an answer has come. The receiver sees the latest state only, which is all that it needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Progress {
    #[default]
    Searching,
    /// The language model has been given this many passages.
    Reading { passages: usize },
    /// The answer so far, whole: fit to be shown, with no citation cut in half or pointing nowhere.
    Writing(String),
}

/// Answers questions.
pub struct Answerer {}

impl Answerer {
    /// Answers, and reports on the way.
    ///
    /// # Errors
    /// The index cannot be searched. A language model that fails is no error: the answer then quotes the best
    /// passages and says why.
    pub async fn answer(
        &self,
        _question: &Question,
        _progress: &watch::Sender<Progress>,
    ) -> anyhow::Result<Answer> {
        std::future::pending().await
    }
}
