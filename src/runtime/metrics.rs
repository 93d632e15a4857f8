//! Metrics of the running service, in the text format of Prometheus.
//!
//! There is one set per process. Metrics with a fixed set of labels exist from the start with value 0, since an alert
//! misses the first event of a counter that appears only with it.

mod labels;

use std::sync::LazyLock;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use parking_lot::Mutex;
use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

pub use labels::{Call, Failure, Mode, Outcome, Refusal, Run, Stage, Token, Vote};

/// Upper bounds of the buckets of times, in seconds.
const SECONDS: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0,
];

type Gauge64 = Gauge<f64, AtomicU64>;

/// All metrics of the process.
pub struct Metrics {
    registry: Mutex<Registry>,
    /// Answered questions, by mode.
    pub questions: Family<Mode, Counter>,
    /// Questions without an answer from the documents, by reason.
    pub refusals: Family<Refusal, Counter>,
    /// Duration of each stage of a question.
    pub stages: Family<Stage, Histogram>,
    /// Tokens, as counted by the language model's server.
    pub tokens: Family<Token, Counter>,
    /// Cost of the tokens, by the configured prices.
    pub cost: Counter<f64, AtomicU64>,
    /// Unsupported statements in answers.
    pub unsupported: Counter,
    /// Calls to the language model that failed, by reason.
    pub model_failures: Family<Failure, Counter>,
    /// Calls to Slack's Web API.
    pub slack_calls: Family<Call, Counter>,
    /// Requests rejected for an invalid Slack signature.
    pub forged: Counter,
    /// Votes on answers.
    pub votes: Family<Vote, Counter>,
    /// Reindex runs, by outcome.
    pub runs: Family<Run, Counter>,
    /// Jobs that are neither done nor failed.
    pub queue_open: Gauge,
    /// Age of the oldest open job, in seconds.
    pub queue_oldest: Gauge64,
    /// Jobs that failed permanently in the last hour.
    pub queue_failed: Gauge,
    /// Passages in the index; -1 while it does not answer.
    pub passages: Gauge,
    /// Files that could not be read when last tried.
    pub unread: Gauge,
    /// When the last reindex run ended, in seconds since 1970.
    pub reindexed: Gauge64,
}

/// Returns the metrics of this process.
#[must_use]
pub fn metrics() -> &'static Metrics {
    static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::new);
    &METRICS
}

impl Metrics {
    fn new() -> Self {
        let metrics = Self {
            registry: Mutex::new(Registry::with_prefix("epibot")),
            questions: Family::default(),
            refusals: Family::default(),
            stages: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            tokens: Family::default(),
            cost: Counter::default(),
            unsupported: Counter::default(),
            model_failures: Family::default(),
            slack_calls: Family::default(),
            forged: Counter::default(),
            votes: Family::default(),
            runs: Family::default(),
            queue_open: Gauge::default(),
            queue_oldest: Gauge::default(),
            queue_failed: Gauge::default(),
            passages: Gauge::default(),
            unread: Gauge::default(),
            reindexed: Gauge::default(),
        };
        metrics.register();
        metrics.initialize_labels();
        metrics
    }

    fn register(&self) {
        let mut registry = self.registry.lock();
        let version = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The running version", version);
        registry.register(
            "questions",
            "Answered questions, by mode",
            self.questions.clone(),
        );
        registry.register(
            "refusals",
            "Questions without an answer from the documents, by reason",
            self.refusals.clone(),
        );
        registry.register_with_unit(
            "stage",
            "Duration of the stages of a question",
            Unit::Seconds,
            self.stages.clone(),
        );
        registry.register(
            "tokens",
            "Tokens, as counted by the language model's server",
            self.tokens.clone(),
        );
        registry.register(
            "cost",
            "Cost of the tokens, by the configured prices",
            self.cost.clone(),
        );
        registry.register(
            "unsupported",
            "Unsupported statements in answers",
            self.unsupported.clone(),
        );
        registry.register(
            "model_failures",
            "Failed calls to the language model, by reason",
            self.model_failures.clone(),
        );
        registry.register(
            "slack_calls",
            "Calls to Slack's Web API",
            self.slack_calls.clone(),
        );
        registry.register(
            "forged_requests",
            "Requests rejected for an invalid Slack signature",
            self.forged.clone(),
        );
        registry.register("votes", "Votes on answers", self.votes.clone());
        registry.register(
            "reindex_runs",
            "Reindex runs, by outcome",
            self.runs.clone(),
        );
        registry.register(
            "queue_open",
            "Jobs that are neither done nor failed",
            self.queue_open.clone(),
        );
        registry.register_with_unit(
            "queue_oldest",
            "Age of the oldest open job",
            Unit::Seconds,
            self.queue_oldest.clone(),
        );
        registry.register(
            "queue_failed",
            "Jobs that failed permanently in the last hour",
            self.queue_failed.clone(),
        );
        registry.register(
            "index_passages",
            "Passages in the index, -1 while it does not answer",
            self.passages.clone(),
        );
        registry.register(
            "documents_unread",
            "Files that could not be read when last tried",
            self.unread.clone(),
        );
        registry.register(
            "reindex_last_end_timestamp",
            "When the last reindex run ended, in seconds since 1970",
            self.reindexed.clone(),
        );
    }

    fn initialize_labels(&self) {
        for label in Mode::all() {
            let _ = self.questions.get_or_create(&label);
        }
        for label in Refusal::all() {
            let _ = self.refusals.get_or_create(&label);
        }
        for label in Stage::all() {
            let _ = self.stages.get_or_create(&label);
        }
        for label in Token::all() {
            let _ = self.tokens.get_or_create(&label);
        }
        for label in Failure::all() {
            let _ = self.model_failures.get_or_create(&label);
        }
        for label in Vote::all() {
            let _ = self.votes.get_or_create(&label);
        }
        for label in Run::all() {
            let _ = self.runs.get_or_create(&label);
        }
    }

    /// Records the duration of a stage.
    pub fn observe_stage(&self, stage: Stage, time: Duration) {
        self.stages
            .get_or_create(&stage)
            .observe(time.as_secs_f64());
    }

    /// Renders all metrics in the text format.
    #[must_use]
    pub fn rendered(&self) -> String {
        let mut rendered = String::new();
        let registry = self.registry.lock();
        // Writing to a string does not fail.
        let _ = text::encode(&mut rendered, &registry);
        rendered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_with_fixed_labels_exist_from_the_start() {
        let rendered = Metrics::new().rendered();
        for line in [
            "epibot_questions_total{mode=\"llm\"} 0",
            "epibot_refusals_total{reason=\"no_access\"} 0",
            "epibot_stage_seconds_count{stage=\"first_token\"} 0",
            "epibot_tokens_total{kind=\"prompt\"} 0",
            "epibot_model_failures_total{reason=\"silent\"} 0",
            "epibot_queue_open 0",
            "# EOF",
        ] {
            assert!(rendered.contains(line), "{line}\n{rendered}");
        }
    }
}
