//! Erasure of one person's data from stored jobs.

use crate::storage::database::{Tables, in_transaction};

/// Erases a person's data from finished jobs: deletes payloads that mention them, and jobs whose key contains their id.
/// Returns the number of these jobs, and of the person's open jobs, which are unchanged.
pub(crate) async fn forget_person(tables: &Tables, user: &str) -> sqlx::Result<(u64, u64)> {
    const KEYS: &str = "DELETE FROM job WHERE finished IS NOT NULL AND key LIKE $1";
    const CARRIED: &str = "UPDATE job SET payload = NULL, progress = NULL
        WHERE finished IS NOT NULL AND (payload LIKE $1 OR progress LIKE $1)";
    const OPEN: &str =
        "SELECT count(*) FROM job WHERE finished IS NULL AND (payload LIKE $1 OR key LIKE $2)";
    // Ids contain neither quotes nor wildcards of LIKE.
    let (in_key, in_json) = (format!("%/{user}/%"), format!("%\"{user}\"%"));
    Ok(in_transaction!(tables, transaction => {
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
