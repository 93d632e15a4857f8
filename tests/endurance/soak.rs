//! A short soak; `cargo bench --bench soak` is the long one.

use std::time::Duration;

use crate::support::soak::soak;

#[tokio::test(flavor = "multi_thread")]
async fn with_a_model_and_a_slack_that_fail_every_question_is_answered_once() {
    let soaked = soak(20, Duration::from_secs(10), 50).await;
    println!(
        "{} questions, {} MB",
        soaked.asked,
        soaked.memory.last().unwrap_or(&0)
    );
    assert!(soaked.asked >= 150, "{}", soaked.asked);
    assert_eq!((soaked.unanswered, soaked.twice), (0, 0));
    assert!(!soaked.overhead.is_empty());
}
