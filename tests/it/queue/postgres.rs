//! The story on a server, and what can only happen where several processes share a database.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use epibot::config;
use epibot::runtime::clock::Clock;
use epibot::runtime::lifecycle::{Lifecycle, ShutdownOutcome};
use epibot::storage::queue::{Enqueued, Handler, JobState, Queue};
use sqlx::{Connection, Executor, PgConnection, Postgres, Transaction};

use super::puppet::{Stage, done};
use super::story::{Notes, Place, tell};
use super::{TWO, job, noon};
use crate::support::postgres::{Database, connect, leased};
use crate::support::proxy::Proxy;
use crate::support::wait;

#[async_trait]
impl Place for Database {
    async fn new() -> Option<Self> {
        Self::new()
    }

    async fn open_as(&self, config: &config::storage::Queue, clock: Clock) -> Queue {
        Queue::join(&self.open().await, config, clock)
            .await
            .unwrap()
    }

    async fn after_a_crash(&self) -> Self {
        self.copy()
    }
}

tell!(Database);

/// A replica on the other side of a network.
async fn beyond(proxy: &Proxy, database: &Database) -> Queue {
    let postgres = connect(&database.address_by(proxy.port)).await.unwrap();
    Queue::join(&postgres, &TWO, noon()).await.unwrap()
}

/// Long enough for a renewal on a busy machine, and soon over.
const SHORT_LEASE: Duration = Duration::from_secs(2);

/// A replica that soon counts as dead when nothing is heard of it.
async fn short(address: &str) -> Queue {
    let postgres = leased(address, SHORT_LEASE.as_secs()).await.unwrap();
    Queue::join(&postgres, &TWO, noon()).await.unwrap()
}

/// Keeps replicas from renewing their leases and from claiming, until it is rolled back.
async fn locked_list(outsider: &mut PgConnection) -> Transaction<'_, Postgres> {
    let mut locking = outsider.begin().await.unwrap();
    locking
        .execute("SELECT id FROM replica FOR UPDATE")
        .await
        .unwrap();
    locking
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_share_the_work_and_keep_the_order_of_each_lane() {
    let Some(database) = Database::new() else {
        return;
    };
    let config = config::storage::Queue {
        workers: 4,
        attempts: 1_000,
        backoff_s: 0,
    };
    let (notes, lifecycle) = (Arc::new(Notes::default()), Lifecycle::default());
    let mut replicas = Vec::new();
    for _ in 0..3 {
        let queue = database.open_as(&config, Clock::system()).await;
        queue.run(Arc::clone(&notes) as Arc<dyn Handler>, &lifecycle);
        replicas.push(queue);
    }
    Notes::store(&replicas.iter().collect::<Vec<_>>()).await;
    notes.all.notified().await;
    lifecycle.stop();
    assert_eq!(
        lifecycle.finish(wait::PATIENCE).await,
        ShutdownOutcome::Finished
    );
    notes.check();
    assert_eq!(replicas[0].size().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_two_replicas_receive_is_one_job() {
    let Some(database) = Database::new() else {
        return;
    };
    let (one, other) = (database.open().await, database.open().await);
    let one = Queue::join(&one, &TWO, noon()).await.unwrap();
    let other = Queue::join(&other, &TWO, noon()).await.unwrap();
    for number in 0..50 {
        let job = job(&number.to_string(), "lane");
        let (here, there) = tokio::join!(one.enqueue(&job), other.enqueue(&job));
        let new = [here.unwrap(), there.unwrap()];
        assert_eq!(
            new.iter()
                .filter(|stored| **stored == Enqueued::New)
                .count(),
            1,
            "{new:?}"
        );
    }
    assert_eq!(one.size().await.unwrap(), 50);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_is_cut_off_lets_go_and_another_goes_on() {
    let Some(database) = Database::new() else {
        return;
    };
    let proxy = Proxy::to(database.port()).await;
    let far = beyond(&proxy, &database).await;
    far.enqueue(&job("a", "a")).await.unwrap();
    let mut there = Stage::run(&far);
    let (first, mut act) = there.attempt("a").await;
    let near = database.open_as(&TWO, noon()).await;
    let mut here = Stage::run(&near);
    proxy.cut();
    act.closed().await;
    let (second, act) = here.attempt("a").await;
    assert_eq!(second.attempt, 2);
    assert!(second.fence > first.fence);
    assert!(
        far.enqueue(&job("b", "b")).await.is_err(),
        "what is not stored must not be acknowledged"
    );
    done(act);
    here.rest().await;
    proxy.mend();
    // It joins again and takes its share.
    near.enqueue(&job("c", "c")).await.unwrap();
    let (_, act) = there.attempt("c").await;
    done(act);
    there.rest().await;
    let record = near.lookup("a").await.unwrap().unwrap();
    assert_eq!((record.state, record.attempt), (JobState::Done, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_hears_nothing_lets_go_before_another_goes_on() {
    let Some(database) = Database::new() else {
        return;
    };
    let proxy = Proxy::to(database.port()).await;
    let far = short(&database.address_by(proxy.port)).await;
    far.enqueue(&job("a", "a")).await.unwrap();
    let mut there = Stage::run(&far);
    let (_, act) = there.attempt("a").await;
    let near = short(&database.address()).await;
    let mut here = Stage::run(&near);
    proxy.kill();
    let (second, again) = here.attempt("a").await;
    assert!(act.is_closed(), "two replicas are at it at once");
    assert_eq!(second.attempt, 2);
    done(again);
    here.rest().await;
    proxy.mend();
    there.rest().await;
}

/// On one thread, so that all of the replica stands still when the thread does.
#[tokio::test]
async fn a_replica_that_stood_still_while_its_lease_was_renewed_takes_its_job_up_again() {
    let Some(database) = Database::new() else {
        return;
    };
    let queue = short(&database.address()).await;
    queue.enqueue(&job("a", "a")).await.unwrap();
    let mut stage = Stage::run(&queue);
    let (_, mut act) = stage.attempt("a").await;
    let mut outsider = database.outsider().await;
    let locking = locked_list(&mut outsider).await;
    wait::until("the renewal waits for the lock", async || {
        let waiting = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' \
                       AND datname = current_database())";
        let mut other = database.outsider().await;
        sqlx::query_scalar(waiting)
            .fetch_one(&mut other)
            .await
            .unwrap()
    })
    .await;
    locking.rollback().await.unwrap();
    // The renewal goes through meanwhile, and is heard of after its time.
    std::thread::sleep(SHORT_LEASE);
    act.closed().await;
    let (again, act) = stage.attempt("a").await;
    assert_eq!(again.attempt, 1);
    done(act);
    stage.rest().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_comes_back_at_once_costs_no_attempt() {
    let Some(database) = Database::new() else {
        return;
    };
    let queue = database.open_as(&TWO, noon()).await;
    queue.enqueue(&job("a", "a")).await.unwrap();
    let mut stage = Stage::run(&queue);
    let (first, mut act) = stage.attempt("a").await;
    database.disconnect_all().await;
    act.closed().await;
    let (again, act) = stage.attempt("a").await;
    assert_eq!((again.attempt, first.attempt), (1, 1));
    assert!(again.fence > first.fence);
    done(act);
    stage.rest().await;
    assert_eq!(
        queue.lookup("a").await.unwrap().unwrap().state,
        JobState::Done
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_of_a_replica_that_is_on_no_list_is_taken_up() {
    let Some(database) = Database::new() else {
        return;
    };
    let queue = database.open_as(&TWO, noon()).await;
    queue.enqueue(&job("a", "a")).await.unwrap();
    database
        .execute("UPDATE job SET state = 'running', holder = 4711, fence = 1, attempt = 1")
        .await;
    let mut stage = Stage::run(&queue);
    let (again, act) = stage.attempt("a").await;
    assert_eq!((again.attempt, again.fence), (2, 2));
    done(act);
    stage.rest().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_that_was_granted_and_not_heard_of_is_made_again() {
    let Some(database) = Database::new() else {
        return;
    };
    let queue = database.open_as(&TWO, noon()).await;
    for key in ["a", "b"] {
        queue.enqueue(&job(key, key)).await.unwrap();
    }
    // As if the answer to the claim had been lost.
    database
        .execute(
            "UPDATE job SET state = 'running', fence = 1, attempt = 1, holder = (SELECT id FROM replica) WHERE key = 'a'",
        )
        .await;
    let mut stage = Stage::run(&queue);
    let (_, in_hand) = stage.attempt("b").await;
    let mut outsider = database.outsider().await;
    let locking = locked_list(&mut outsider).await;
    wait::until("a claim is cut off", async || {
        let cut = "SELECT coalesce(bool_or(pg_terminate_backend(pid)), FALSE) FROM pg_stat_activity
                   WHERE wait_event_type = 'Lock' AND datname = current_database() AND query LIKE 'WITH alive%'";
        sqlx::query_scalar(cut)
            .fetch_one(&mut database.outsider().await)
            .await
            .unwrap()
    })
    .await;
    locking.rollback().await.unwrap();
    let (again, act) = stage.attempt("a").await;
    assert_eq!((again.attempt, again.fence), (1, 2));
    done(act);
    done(in_hand);
    stage.rest().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_that_ended_while_the_database_was_out_is_not_done_again() {
    let Some(database) = Database::new() else {
        return;
    };
    let queue = database.open_as(&TWO, noon()).await;
    queue.enqueue(&job("a", "a")).await.unwrap();
    let mut stage = Stage::run(&queue);
    let (_, act) = stage.attempt("a").await;
    database
        .execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 IF new.state = 'done' THEN RAISE EXCEPTION 'no more'; END IF; RETURN new; END $$;
             CREATE TRIGGER refuse BEFORE UPDATE ON job FOR EACH ROW EXECUTE FUNCTION refuse();",
        )
        .await;
    done(act);
    // The first refusal is on its way; with the session gone, too, the job is still this replica's to end.
    wait::until("it is refused", async || database.refusals().await > 0).await;
    database.disconnect_all().await;
    wait::until("the database answers", async || {
        queue.lookup("a").await.is_ok()
    })
    .await;
    database.execute("DROP TRIGGER refuse ON job").await;
    stage.rest().await;
    let record = queue.lookup("a").await.unwrap().unwrap();
    assert_eq!((record.state, record.attempt), (JobState::Done, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_replica_at_a_time_keeps_the_documents_current() {
    let Some(database) = Database::new() else {
        return;
    };
    let one = database.open_as(&TWO, noon()).await;
    let other = database.open_as(&TWO, noon()).await;
    assert_eq!((one.is_leader(), other.is_leader()), (true, false));
    one.close().await.unwrap();
    wait::until("the other one is keeper", async || other.is_leader()).await;
}

#[tokio::test]
async fn a_schema_from_the_future_is_refused() {
    let Some(database) = Database::new() else {
        return;
    };
    database.open().await;
    database
        .execute(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES (9999, 'from the future', TRUE, '\\x00', 1)",
        )
        .await;
    let error = connect(&database.address()).await.unwrap_err().to_string();
    assert_eq!(
        error,
        format!(
            "the database {} at 127.0.0.1:{} has schema 9999, which a newer epibot wrote and this one cannot read; run \
             that version again, or restore a backup from before the upgrade",
            database.name,
            database.port()
        )
    );
}

#[tokio::test]
async fn a_database_that_cannot_be_used_is_named_with_what_to_do() {
    let Some(database) = Database::new() else {
        return;
    };
    let port = database.port();
    for (address, expected) in [
        (
            "mysql://localhost".to_owned(),
            "state.database is not the URL of a database; write one such as",
        ),
        (
            format!("postgres://epibot:secret@127.0.0.1:{port}/nowhere"),
            " does not exist; create it, or correct state.database",
        ),
        (
            format!(
                "postgres://nobody:secret@127.0.0.1:{port}/{}",
                database.name
            ),
            "refuses the login",
        ),
        (
            "postgres://epibot:secret@127.0.0.1:1/epibot".to_owned(),
            "the database epibot at 127.0.0.1:1 cannot be reached",
        ),
    ] {
        let error = format!("{:#}", connect(&address).await.unwrap_err());
        assert!(error.contains(expected), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
}
