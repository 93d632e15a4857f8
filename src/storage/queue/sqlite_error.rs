//! Errors of `SQLite` as sentences for an operator.

use std::path::Path;

use anyhow::anyhow;

/// Returns an error that says what failed, in which file, and what to do.
pub(super) fn explain(path: &Path, error: &sqlx::Error) -> anyhow::Error {
    let file = path.display();
    // The low byte of SQLite's extended result codes is the primary one: https://sqlite.org/rescode.html
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    match code
        .and_then(|code| code.parse::<i32>().ok())
        .map(|code| code & 0xff)
    {
        Some(5) => anyhow!(
            "the queue {file} is being written by another program ({error}); close that program"
        ),
        Some(8) => anyhow!(
            "the queue {file} is read-only ({error}); give epibot's user the right to write to it"
        ),
        Some(11 | 26) => corrupt(path, error),
        Some(13) => {
            anyhow!("the disk that holds the queue {file} is full ({error}); make room on it")
        }
        _ => anyhow!("the queue {file} failed: {error}"),
    }
}

/// Returns the error for a corrupt file.
pub(super) fn corrupt(file: &Path, finding: impl std::fmt::Display) -> anyhow::Error {
    let file = file.display();
    anyhow!(
        "the queue {file} is damaged ({finding}); stop epibot, move the file away together with {file}-wal and \
         {file}-shm, and restore it from a backup, or start without it: questions that were waiting are lost then"
    )
}
