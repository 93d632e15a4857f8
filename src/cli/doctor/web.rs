//! Checks that links in answers lead to this server.

use std::time::Duration;

use serde_json::Value;

use super::finding::Finding;
use crate::config::settings::Config;
use crate::runtime::http;

const PART: &str = "links";
const TIMEOUT: Duration = Duration::from_secs(5);

pub(super) async fn check(config: &Config) -> Vec<Finding> {
    let base = config.web.base_url.trim_end_matches('/');
    if base.is_empty() {
        let says = "web.base_url is empty: sources are named, and open only where documents have an address of their own";
        return vec![Finding::warning(
            PART,
            says,
            "write the address under which people reach web.listen",
        )];
    }
    vec![reach(base, config).await]
}

/// Requests the health check at the address that answers link to.
async fn reach(base: &str, config: &Config) -> Finding {
    let client = match http::client().timeout(TIMEOUT).build() {
        Ok(client) => client,
        Err(error) => return Finding::problem(PART, error.to_string(), ""),
    };
    let response = match client.get(format!("{base}/healthz")).send().await {
        Ok(response) => response,
        Err(error) => {
            let why = if error.is_timeout() {
                "does not answer in time"
            } else {
                "cannot be reached from here"
            };
            let fix = format!(
                "start `epibot serve`, and let {base} lead to {} of this machine (docs/INSTALL.md)",
                config.web.listen
            );
            return Finding::warning(PART, format!("{base} {why}"), &fix);
        }
    };
    let status = response.status();
    let is_ours = response
        .json::<Value>()
        .await
        .is_ok_and(|health| health["status"].is_string());
    match (is_ours, status.is_success()) {
        (true, true) => Finding::ok(PART, format!("{base} leads to a healthy epibot")),
        (true, false) => Finding::warning(
            PART,
            format!("{base} leads to an epibot that is not healthy"),
            "its index does not answer: see what is said of the index here, and its log",
        ),
        (false, _) => Finding::problem(
            PART,
            format!(
                "{base} leads to something else, which answers with status {}",
                status.as_u16()
            ),
            "correct web.base_url, or the reverse proxy in front",
        ),
    }
}
