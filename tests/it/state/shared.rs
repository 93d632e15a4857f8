//! What replicas that share a database must agree about beside their work.

use epibot::app::storage::Storage;
use epibot::ingest::reindex::lock::ReindexLock;
use epibot::runtime::clock::Clock;

use super::backup::Installation;
use crate::support::postgres::Database;
use crate::support::wait;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_replica_is_refused_where_the_index_is_for_one() {
    let Some(database) = Database::new() else {
        return;
    };
    let (one, other) = (
        Installation::new(Some(&database)),
        Installation::new(Some(&database)),
    );
    let first = Storage::open(&one.config).await.unwrap();
    let held = first.claim_index().await.unwrap();
    let second = Storage::open(&other.config).await.unwrap();
    let error = second.claim_index().await.unwrap_err().to_string();
    assert!(
        error
            .contains("set index.engine = \"meilisearch\" for all replicas, or stop the other one"),
        "{error}"
    );
    drop(held);
    wait::until("the index is free", async || {
        second.claim_index().await.is_ok()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_replica_reindexes_at_a_time() {
    let Some(database) = Database::new() else {
        return;
    };
    let (one, other) = (
        Installation::new(Some(&database)),
        Installation::new(Some(&database)),
    );
    let (first, second) = (database.open().await, database.open().await);
    let held = ReindexLock::acquire(&one.config, Some(&first))
        .await
        .unwrap()
        .unwrap();
    let refused = ReindexLock::acquire(&other.config, Some(&second))
        .await
        .unwrap();
    assert_eq!(refused.err().as_deref(), Some("another replica"));
    drop(held);
    wait::until("the other one may reindex", async || {
        let taken = ReindexLock::acquire(&other.config, Some(&second)).await;
        taken.unwrap().is_ok()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn questions_of_a_minute_are_counted_together() {
    let Some(database) = Database::new() else {
        return;
    };
    let (one, other) = (database.open().await, database.open().await);
    one.count_event(&["U1", "C1"]).await.unwrap();
    other.count_event(&["U1", "C2"]).await.unwrap();
    assert_eq!(one.events_within_minute("U1").await.unwrap(), 2);
    assert_eq!(other.events_within_minute("C1").await.unwrap(), 1);
    database
        .execute("UPDATE asked SET at = at - interval '1 minute'")
        .await;
    assert_eq!(other.events_within_minute("U1").await.unwrap(), 0);
    // What is over is not kept: it names people.
    one.count_event(&["U2"]).await.unwrap();
    database
        .execute("SELECT 1 / (SELECT (count(*) = 1)::integer FROM asked)")
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_sign_links_with_one_key() {
    let Some(database) = Database::new() else {
        return;
    };
    let (one, other) = (database.open().await, database.open().await);
    let made = one.secret("link", &[1; 32]).await.unwrap();
    assert_eq!(made, [1; 32]);
    assert_eq!(other.secret("link", &[2; 32]).await.unwrap(), made);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_note_is_seen_by_all_until_it_is_taken_down() {
    let Some(database) = Database::new() else {
        return;
    };
    let (one, other) = (database.open().await, database.open().await);
    assert_eq!(other.kv_get("n").await.unwrap(), None);
    one.kv_set("n", "1").await.unwrap();
    one.kv_set("n", "2").await.unwrap();
    assert_eq!(other.kv_get("n").await.unwrap().as_deref(), Some("2"));
    other.kv_delete("n").await.unwrap();
    assert_eq!(one.kv_get("n").await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_not_restored_while_a_replica_is_at_work() {
    let Some(database) = Database::new() else {
        return;
    };
    let at = Installation::new(Some(&database));
    let state = Storage::open(&at.config).await.unwrap();
    let queue = state.queue(Clock::system()).await.unwrap();
    let error = state.restore_target().await.err().unwrap().to_string();
    assert!(
        error.contains("1 replicas are running on the database"),
        "{error}"
    );
    queue.close().await.unwrap();
    wait::until("no replica is left", async || {
        state.restore_target().await.is_ok()
    })
    .await;
}
