//! What stored jobs hold of one person.

use crate::storage::database::{Tables, writing};

/// Takes a person's data out of the jobs that are done: what they carried, and those whose key names them altogether.
/// Returns how many there were, and how many of theirs are still to be done, which stay as they are.
pub(crate) async fn forget_person(tables: &Tables, user: &str) -> sqlx::Result<(u64, u64)> {
    const KEYS: &str = "DELETE FROM job WHERE finished IS NOT NULL AND key LIKE $1";
    const CARRIED: &str = "UPDATE job SET payload = NULL, progress = NULL
        WHERE finished IS NOT NULL AND (payload LIKE $1 OR progress LIKE $1)";
    const OPEN: &str =
        "SELECT count(*) FROM job WHERE finished IS NULL AND (payload LIKE $1 OR key LIKE $2)";
    // Ids hold neither quotes nor what LIKE has a meaning for.
    let (in_key, in_json) = (format!("%/{user}/%"), format!("%\"{user}\"%"));
    Ok(writing!(tables, transaction => {
        let keys = sqlx::query(KEYS).bind(&in_key).execute(&mut *transaction).await?;
        let carried = sqlx::query(CARRIED).bind(&in_json).execute(&mut *transaction).await?;
        let open: i64 = sqlx::query_scalar(OPEN)
            .bind(&in_json)
            .bind(&in_key)
            .fetch_one(&mut *transaction)
            .await?;
        (keys.rows_affected() + carried.rows_affected(), open.unsigned_abs())
    }))
}
