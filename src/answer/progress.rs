//! Progress of an answer.

/// Progress of an answer. The receiver sees only the latest state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Progress {
    #[default]
    Searching,
    /// The language model has been given this many passages.
    Reading { passages: usize },
    /// The sanitized answer so far: no citation is cut in half or refers to no passage.
    Writing(String),
}
