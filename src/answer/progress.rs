//! How far an answer has come, while it is being made.

/// How far an answer has come. The receiver sees the latest state only, which is all that it needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Progress {
    #[default]
    Searching,
    /// The language model has been given this many passages.
    Reading { passages: usize },
    /// The answer so far, whole and fit to be shown: no citation is cut in half or points nowhere.
    Writing(String),
}
