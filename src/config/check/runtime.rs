//! Web server, logs, metrics and traces.

use super::address::check_address;
use crate::config::settings::Config;

pub(super) fn web(config: &Config, problems: &mut Vec<String>) {
    if !config.web.base_url.is_empty() {
        check_address("web.base_url", &config.web.base_url, problems);
    }
    if config
        .web
        .link_secret
        .as_ref()
        .is_some_and(|secret| secret.expose().len() < 32)
    {
        problems.push("web.link_secret is shorter than 32 characters and could be guessed; write a longer one".to_owned());
    }
}

pub(super) fn log(config: &Config, problems: &mut Vec<String>) {
    let level = &config.log.level;
    let is_filter = level.contains(['=', ',']);
    let is_valid = if is_filter {
        tracing_subscriber::EnvFilter::builder()
            .parse(level)
            .is_ok()
    } else {
        level
            .parse::<tracing_subscriber::filter::LevelFilter>()
            .is_ok()
    };
    if !is_valid {
        problems.push(format!(
            "log.level is \"{level}\", which is neither a level nor a filter; \
             write \"error\", \"warn\", \"info\", \"debug\", \"trace\", or a filter such as \"info,epibot::chat::slack=debug\""
        ));
    }
}

pub(super) fn observe(config: &Config, problems: &mut Vec<String>) {
    if !config.traces.endpoint.is_empty() {
        check_address("traces.endpoint", &config.traces.endpoint, problems);
    }
    if !(0.0..=1.0).contains(&config.traces.sample_ratio) {
        problems.push("traces.sample_ratio must be between 0 and 1; write 1.0".to_owned());
    }
    for (key, price) in [
        ("price_prompt", config.metrics.price_prompt),
        ("price_completion", config.metrics.price_completion),
    ] {
        if price < 0.0 {
            problems.push(format!("metrics.{key} is negative; write 0.0 or more"));
        }
    }
}
