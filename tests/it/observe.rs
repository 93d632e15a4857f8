//! What an operator sees: metrics, log lines that carry a question's id, traces; and dashboards that fit them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use epibot::runtime::lifecycle::Lifecycle;
use epibot::runtime::metrics::{Call, Outcome, metrics};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::support::llm::{ScriptedLlm, says};
use crate::support::scripted_slack::{Faults, ScriptedSlack};
use crate::support::slack::{Program, deliver, free_port, is_finished};
use crate::support::wait;

/// A collector that keeps what it is sent.
struct Collector {
    address: String,
    received: Arc<Mutex<Vec<u8>>>,
    _lifecycle: Lifecycle,
}

impl Collector {
    async fn start() -> Self {
        let received: Arc<Mutex<Vec<u8>>> = Arc::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let keep = async |State(received): State<Arc<Mutex<Vec<u8>>>>, body: Bytes| {
            received.lock().unwrap().extend(body);
        };
        let router = Router::new()
            .route("/v1/traces", post(keep))
            .with_state(Arc::clone(&received));
        let lifecycle = Lifecycle::default();
        lifecycle.spawn("collector", async move {
            axum::serve(listener, router).await.unwrap();
        });
        Self {
            address,
            received,
            _lifecycle: lifecycle,
        }
    }

    /// Whether this stands in what was sent, whose names and values are plain text.
    fn has(&self, text: &str) -> bool {
        let received = self.received.lock().unwrap();
        received
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_counted_logged_and_traced_under_its_id_and_without_its_words() {
    let slack = ScriptedSlack::start(3, Faults::NONE).await;
    let llm = ScriptedLlm::start([says(&["Check the thermostat at 65 °C [1]."])]).await;
    let collector = Collector::start().await;
    let address = format!("127.0.0.1:{}", free_port());
    let settings = [
        ("EPIBOT__LOG__FORMAT", "json"),
        ("EPIBOT__METRICS__LISTEN", address.as_str()),
        ("EPIBOT__METRICS__PRICE_PROMPT", "2.0"),
        ("EPIBOT__TRACES__ENDPOINT", collector.address.as_str()),
    ];
    let mut program = Program::start_with(&slack.api_url, "http", &address, &llm, &settings).await;
    let mut event = slack.say("DONE", "U1", "What should I do about alarm E-1042?");
    event["event"]["channel_type"] = "im".into();
    let ts = event["event"]["ts"].as_str().unwrap().to_owned();
    let taken = deliver(&program.client, &address, &event).await;
    assert_eq!(taken.status(), 200);
    let forged = program
        .client
        .post(format!("http://{address}/slack/events"));
    assert_eq!(forged.body("{}").send().await.unwrap().status(), 401);
    wait::until("the question is answered", async || {
        slack.answers("DONE", &ts).iter().any(is_finished)
    })
    .await;

    let told = program.client.get(format!("http://{address}/metrics"));
    let told = told.send().await.unwrap().text().await.unwrap();
    for line in [
        "epibot_questions_total{mode=\"llm\"} 1",
        "epibot_tokens_total{kind=\"prompt\"} 120",
        "epibot_cost_total 0.00024",
        "epibot_stage_seconds_count{stage=\"retrieve\"} 1",
        "epibot_stage_seconds_count{stage=\"first_token\"} 1",
        "epibot_stage_seconds_count{stage=\"check\"} 1",
        "epibot_slack_calls_total{method=\"auth.test\",outcome=\"ok\"} 1",
        "epibot_reindex_runs_total{outcome=\"done\"} 1",
        "epibot_forged_requests_total 1",
        "epibot_documents_unread 0",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }
    let passages = told
        .lines()
        .find_map(|line| line.strip_prefix("epibot_index_passages "));
    assert!(passages.unwrap().parse::<u32>().unwrap() > 5, "{told}");

    assert!(program.stop().await, "{}", program.log());
    let key = format!("T1/DONE/{ts}");
    let log = program.log();
    let lines = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let answered = lines
        .into_iter()
        .find(|line| line["message"] == "a question was answered");
    let answered = answered.unwrap_or_else(|| panic!("{log}"));
    let spans = answered["spans"].to_string();
    assert!(spans.contains(&key), "{answered}");
    for name in [
        "question",
        "retrieve",
        "write",
        "check",
        "model call",
        "deliver",
        "slack call",
        key.as_str(),
    ] {
        assert!(collector.has(name), "{name}");
    }
    for words in ["E-1042", "thermostat", "xoxb-local"] {
        assert!(!log.contains(words) && !collector.has(words), "{words}");
    }
}

/// The metrics that exist, each with its labels.
fn existing() -> BTreeMap<String, BTreeSet<String>> {
    let call = Call::new("auth.test", Outcome::Ok);
    metrics().slack_calls.get_or_create(&call).inc();
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in metrics()
        .rendered()
        .lines()
        .filter(|line| !line.starts_with('#'))
    {
        let (name, rest) = line.split_at(line.find(['{', ' ']).unwrap());
        let labels = rest.split_once('}').map_or("", |(labels, _)| labels);
        let labels = labels.trim_start_matches('{').split("\",");
        let names =
            labels.filter_map(|label| label.split_once('=').map(|(name, _)| name.to_owned()));
        found.entry(name.to_owned()).or_default().extend(names);
    }
    found
}

/// What an expression asks for that does not exist.
fn unknown(expression: &str, existing: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut unknown = Vec::new();
    let mut labels: BTreeSet<&str> = BTreeSet::new();
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    for (at, _) in expression.match_indices("epibot_") {
        let rest = &expression[at..];
        let end = rest.find(|letter| !is_name(letter)).unwrap_or(rest.len());
        let Some(known) = existing.get(&rest[..end]) else {
            unknown.push(rest[..end].to_owned());
            continue;
        };
        labels.extend(known.iter().map(String::as_str));
        let Some((chosen, _)) = rest[end..]
            .strip_prefix('{')
            .and_then(|rest| rest.split_once('}'))
        else {
            continue;
        };
        for choice in chosen.split(',') {
            let (label, value) = choice.split_once('=').unwrap();
            let line = format!("{}{{", &rest[..end]);
            let rendered = metrics().rendered();
            let has_value = rendered.lines().any(|line_of| {
                line_of.starts_with(&line) && line_of.contains(&format!("{label}={value}"))
            });
            if !known.contains(label) || (label != "outcome" && !has_value) {
                unknown.push(format!("{}{{{choice}}}", &rest[..end]));
            }
        }
    }
    for (_, grouped) in expression
        .match_indices("by (")
        .map(|(at, by)| (at, &expression[at + by.len()..]))
    {
        let (grouped, _) = grouped.split_once(')').unwrap();
        let missing = grouped
            .split(',')
            .map(str::trim)
            .filter(|label| !labels.contains(label));
        unknown.extend(missing.map(|label| format!("by ({label})")));
    }
    unknown
}

#[test]
fn every_metric_and_label_of_the_dashboard_and_the_alerts_exists() {
    let existing = existing();
    let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy");
    let dashboard = std::fs::read_to_string(deploy.join("grafana/epibot.json")).unwrap();
    let dashboard: Value = serde_json::from_str(&dashboard).unwrap();
    let mut expressions: Vec<String> = Vec::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().unwrap() {
            expressions.push(target["expr"].as_str().unwrap().to_owned());
            // What a legend names has to be grouped by.
            let legend = target["legendFormat"].as_str().unwrap();
            for name in legend.split("{{").skip(1) {
                let (name, _) = name.split_once("}}").unwrap();
                assert!(target["expr"].as_str().unwrap().contains(name), "{legend}");
            }
        }
    }
    let alerts = std::fs::read_to_string(deploy.join("prometheus/alerts.yaml")).unwrap();
    let rules = alerts
        .lines()
        .filter_map(|line| line.trim().strip_prefix("expr: "));
    expressions.extend(rules.map(str::to_owned));
    assert!(expressions.len() > 30, "{}", expressions.len());
    let unknown: Vec<String> = expressions
        .iter()
        .flat_map(|expression| unknown(expression, &existing))
        .collect();
    assert_eq!(unknown, Vec::<String>::new());
    // And what exists is looked at.
    let all = expressions.join("\n");
    let unseen: Vec<&String> = existing
        .keys()
        .filter(|name| {
            let stem = name
                .trim_end_matches("_count")
                .trim_end_matches("_sum")
                .trim_end_matches("_bucket");
            !all.contains(stem) && *name != "epibot_build_info"
        })
        .collect();
    assert_eq!(unseen, Vec::<&String>::new());
}

/// The names of functions that a folder's sources define.
fn defined(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in walkdir::WalkDir::new(folder) {
        let path = entry.unwrap().into_path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = std::fs::read_to_string(path).unwrap();
        let functions = text.split("fn ").skip(1);
        found.extend(
            functions.filter_map(|rest| rest.split_once('(').map(|(name, _)| name.to_owned())),
        );
    }
}

#[test]
fn every_row_of_the_table_of_faults_names_a_test_that_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut known, mut rows, mut missing) = (BTreeSet::new(), 0, Vec::new());
    defined(&root.join("src"), &mut known);
    defined(&root.join("tests"), &mut known);
    let text = std::fs::read_to_string(root.join("docs/OPERATIONS.md")).unwrap();
    let (_, table) = text.split_once("| what | how it fails |").unwrap();
    for row in table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'))
    {
        rows += 1;
        let tests = row.trim_end_matches(['|', ' ']).rsplit('|').next().unwrap();
        let names: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        let unknown = names
            .iter()
            .filter(|name| !known.contains(name.rsplit("::").next().unwrap()));
        missing.extend(unknown.map(|name| (*name).to_owned()));
        if names.is_empty() {
            missing.push(row.to_owned());
        }
    }
    assert!(rows > 30, "{rows}");
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn a_metric_that_does_not_exist_is_seen() {
    let existing = existing();
    let wrong =
        "sum by (color) (rate(epibot_answers_total[5m])) + epibot_questions_total{mode=\"magic\"}";
    assert_eq!(unknown(wrong, &existing).len(), 3);
}
