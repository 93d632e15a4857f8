//! Combinations of settings that make no sense together.

use std::collections::BTreeSet;

use crate::config::index::Engine;
use crate::config::settings::Config;
use crate::config::slack::SlackMode;

/// Every problem as a sentence: the key, the reason, what to write.
pub(super) fn problems(config: &Config) -> Vec<String> {
    let mut found = Vec::new();
    state(config, &mut found);
    sources(config, &mut found);
    access(config, &mut found);
    slack(config, &mut found);
    index(config, &mut found);
    llm(config, &mut found);
    tools(config, &mut found);
    rerank(config, &mut found);
    embeddings(config, &mut found);
    web(config, &mut found);
    reindex(config, &mut found);
    numbers(config, &mut found);
    log(config, &mut found);
    observe(config, &mut found);
    found
}

fn state(config: &Config, found: &mut Vec<String>) {
    let state = &config.state;
    let is_ours = |address: &str| {
        ["postgres://", "postgresql://"]
            .iter()
            .any(|scheme| address.starts_with(scheme))
    };
    if state
        .database
        .as_ref()
        .is_some_and(|address| !is_ours(address.expose()))
    {
        found.push(
            "state.database does not begin with \"postgres://\"; only PostgreSQL can be shared, and SQLite is used \
             where it is empty"
                .to_owned(),
        );
    }
    if !(2..=200).contains(&state.connections) {
        found.push("state.connections must be 2 to 200; write 10".to_owned());
    }
    if !(1..=60).contains(&state.connect_timeout_s) {
        found.push("state.connect_timeout_s must be 1 to 60; write 2".to_owned());
    }
    if !(5..=600).contains(&state.lease_s) {
        found.push("state.lease_s must be 5 to 600; write 15".to_owned());
    }
    if config.audit.keep_days < config.data.keep_days {
        found.push(format!(
            "audit.keep_days is less than data.keep_days, after which the words go; write {} or more",
            config.data.keep_days
        ));
    }
}

fn sources(config: &Config, found: &mut Vec<String>) {
    let (mut names, mut folders) = (BTreeSet::new(), BTreeSet::new());
    for source in &config.sources {
        let name = &source.name;
        if name.is_empty() || source.collection.is_empty() {
            found.push("sources: a source needs a name and a collection; write both".to_owned());
        }
        if !source.language.is_empty() && source.language().is_none() {
            found.push(format!(
                "sources: the language of \"{name}\" is \"{}\"; write \"ko\" or \"en\", or leave it out",
                source.language
            ));
        }
        if !names.insert(name) {
            found.push(format!(
                "sources: two are named \"{name}\"; give each a name of its own"
            ));
        }
        if usize::from(source.web.is_some())
            + usize::from(source.bucket.is_some())
            + usize::from(!source.path.as_os_str().is_empty())
            != 1
        {
            found.push(format!(
                "sources: \"{name}\" needs just one of path, [sources.web] and [sources.bucket]; write that one"
            ));
        }
        if let Some(site) = &source.web
            && (site.start.is_empty() || !site.start.iter().all(|start| is_address(start)))
        {
            found.push(format!(
                "sources: web.start of \"{name}\" must list web addresses; {ADDRESS}"
            ));
        }
        if let Some(bucket) = &source.bucket {
            if bucket.name.is_empty() || bucket.access_key.is_some() != bucket.secret_key.is_some()
            {
                found.push(format!(
                    "sources: the bucket of \"{name}\" needs a name, and both keys or none; write them"
                ));
            }
            if !bucket.endpoint.is_empty() {
                address("sources.bucket.endpoint", &bucket.endpoint, found);
            }
        }
        let files = (
            source.path.components().collect::<Vec<_>>(),
            &source.include,
            &source.exclude,
        );
        if !source.is_remote() && !folders.insert(files) {
            found.push(format!(
                "sources: \"{name}\" takes the same files of {} as a source before it; \
                 remove one, or part them by include and exclude",
                source.path.display()
            ));
        }
        for pattern in source.include.iter().chain(&source.exclude) {
            if let Err(error) = globset::Glob::new(pattern) {
                found.push(format!("sources: \"{pattern}\" is not a path pattern ({error}); write one like \"**/*.pdf\""));
            }
        }
        if let Some(url) = &source.url {
            // The placeholders are filled in for each document and may hold anything that a path may.
            let filled = url.replace("{path}", "path").replace("{page}", "1");
            if !is_address(&filled) {
                found.push(format!(
                    "sources: the url \"{url}\" of \"{name}\" is no web address; {ADDRESS}"
                ));
            }
        }
    }
}

/// A name in [access] that no source bears is a slip, and would quietly keep people from what they may read.
fn access(config: &Config, found: &mut Vec<String>) {
    let known: BTreeSet<_> = config
        .sources
        .iter()
        .map(|source| source.collection.as_str())
        .collect();
    if known.is_empty() {
        return;
    }
    let default = ("access.default".to_owned(), &config.access.default);
    let rules = &config.access;
    let named = [
        ("channels", &rules.channels),
        ("users", &rules.users),
        ("groups", &rules.groups),
    ];
    let named = named.into_iter().flat_map(|(table, rules)| {
        let key = move |name: &String| format!("access.{table}.{name}");
        rules
            .iter()
            .map(move |(name, collections)| (key(name), collections))
    });
    for (key, collections) in std::iter::once(default).chain(named) {
        for name in collections {
            if name != "*" && !known.contains(name.as_str()) {
                let known = known.iter().copied().collect::<Vec<_>>().join(", ");
                found.push(format!(
                    "{key} names the collection \"{name}\", which no source belongs to; write one of: *, {known}"
                ));
            }
        }
    }
}

fn slack(config: &Config, found: &mut Vec<String>) {
    let slack = &config.slack;
    if slack.mode == SlackMode::Off {
        return;
    }
    let mut need = |missing: bool, key: &str, why: &str| {
        if missing {
            found.push(format!(
                "slack.{key} is missing, {why}; write \"env:NAME\" or \"file:PATH\""
            ));
        }
    };
    need(
        slack.bot_token.is_none(),
        "bot_token",
        "and without it nothing can be posted",
    );
    match slack.mode {
        SlackMode::Socket => need(
            slack.app_token.is_none(),
            "app_token",
            "which slack.mode = \"socket\" connects with",
        ),
        SlackMode::Http => {
            need(
                slack.signing_secret.is_none(),
                "signing_secret",
                "which slack.mode = \"http\" checks events with",
            );
        }
        SlackMode::Off => {}
    }
    for (token, prefix, key) in [
        (&slack.bot_token, "xoxb-", "bot_token"),
        (&slack.app_token, "xapp-", "app_token"),
    ] {
        if token
            .as_ref()
            .is_some_and(|token| !token.expose().starts_with(prefix))
        {
            found.push(format!("slack.{key} does not begin with \"{prefix}\"; copy it again from the app's page at Slack"));
        }
    }
    if !slack.command.is_empty() && !is_command(&slack.command) {
        found.push(format!(
            "slack.command is \"{}\", which is no slash command; write one in small letters such as \"/epibot\"",
            slack.command
        ));
    }
    if slack.command == config.reindex.command {
        found.push(
            "slack.command and reindex.command are the same; give each a name of its own"
                .to_owned(),
        );
    }
    address("slack.api_url", &slack.api_url, found);
    if slack.connections == 0 || slack.connections > 10 {
        found.push(
            "slack.connections must be 1 to 10, which is what Slack allows; write 2".to_owned(),
        );
    }
}

/// Slack's own rule: at most 32 characters, in small letters.
fn is_command(command: &str) -> bool {
    let name = command.strip_prefix('/').unwrap_or_default();
    (1..=31).contains(&name.chars().count())
        && name
            .chars()
            .all(|letter| letter.is_alphanumeric() || "-_".contains(letter))
        && !name.chars().any(char::is_uppercase)
}

fn reindex(config: &Config, found: &mut Vec<String>) {
    let reindex = &config.reindex;
    if !is_command(&reindex.command) {
        found.push(format!(
            "reindex.command is \"{}\", which is no slash command; write one in small letters such as \"/reindex\"",
            reindex.command
        ));
    }
    let recipe = &config.recipes.command;
    if !recipe.is_empty() && !is_command(recipe) {
        found.push(format!(
            "recipes.command is \"{recipe}\", which is no slash command; write one in small letters such as \"/recipe\""
        ));
    }
    if *recipe == reindex.command || !recipe.is_empty() && *recipe == config.slack.command {
        found.push(format!(
            "recipes.command is \"{recipe}\" like another command; give each a name of its own"
        ));
    }
    if !["en", "ko"].contains(&reindex.language.as_str()) {
        found.push(format!(
            "reindex.language is \"{}\"; write \"en\" or \"ko\"",
            reindex.language
        ));
    }
    for (key, ids, first) in [
        ("reindex.users", &reindex.users, "UW"),
        ("reindex.groups", &reindex.groups, "S"),
        ("slack.admins", &config.slack.admins, "UW"),
    ] {
        for id in ids {
            let is_one = id.starts_with(|letter| first.contains(letter))
                && id
                    .chars()
                    .all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit());
            if !is_one {
                found.push(format!(
                    "{key} names \"{id}\", which is no id; copy it from Slack, it begins with {}",
                    &first[..1]
                ));
            }
        }
    }
}

fn index(config: &Config, found: &mut Vec<String>) {
    let server = &config.meilisearch;
    if config.index.engine == Engine::Meilisearch {
        if server.url.is_empty() {
            found.push(
                "index.engine is \"meilisearch\" but meilisearch.url is empty; write the server's address, such as \
                 \"http://127.0.0.1:7700\""
                    .to_owned(),
            );
        } else {
            address("meilisearch.url", &server.url, found);
        }
    }
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    if !server.prefix.chars().all(fits) || server.prefix.len() > 100 {
        found.push(format!(
            "meilisearch.prefix is \"{}\", which cannot begin the name of an index; write letters, digits, - and _",
            server.prefix
        ));
    }
    if !(1..=90).contains(&server.batch_mb) {
        found.push(
            "meilisearch.batch_mb must be 1 to 90, or the server refuses what is sent; write 12"
                .to_owned(),
        );
    }
}

fn tools(config: &Config, found: &mut Vec<String>) {
    let tools = &config.tools;
    if tools.max_calls > 50 {
        found.push(
            "tools.max_calls must be at most 50; write 8, or tools.mode = \"off\"".to_owned(),
        );
    }
    if tools.timeout_s > 600 {
        found.push("tools.timeout_s must be at most 600; write 45".to_owned());
    }
}

fn llm(config: &Config, found: &mut Vec<String>) {
    let llm = &config.llm;
    if llm.is_configured() && llm.model.is_empty() {
        found.push(
            "llm.base_url is set but llm.model is empty; name the model that the server runs"
                .to_owned(),
        );
    }
    if !llm.is_configured() && !llm.model.is_empty() {
        found.push(
            "llm.model is set but llm.base_url is empty; write the server's address, ending in /v1"
                .to_owned(),
        );
    }
    if !llm.is_configured() && !llm.vision_model.is_empty() {
        found.push(
            "llm.vision_model is set but llm.base_url is empty; write the server's address, ending in /v1"
                .to_owned(),
        );
    }
    if llm.is_configured() {
        address("llm.base_url", &llm.base_url, found);
    }
    if !(0.0..=2.0).contains(&llm.temperature) {
        found.push("llm.temperature must be between 0 and 2; write 0.1".to_owned());
    }
    if llm.max_prompt_tokens < 2 * config.chunk.max_chars {
        found.push(format!(
            "llm.max_prompt_tokens must be at least twice chunk.max_chars, or a Korean passage does not fit; write {} or more",
            2 * config.chunk.max_chars
        ));
    }
}

fn rerank(config: &Config, found: &mut Vec<String>) {
    if !config.rerank.base_url.is_empty() {
        address("rerank.base_url", &config.rerank.base_url, found);
    }
}

fn embeddings(config: &Config, found: &mut Vec<String>) {
    let embeddings = &config.embeddings;
    if !(-1.0..=1.0).contains(&embeddings.min_similarity) {
        found.push("embeddings.min_similarity is a cosine; write a number from -1 to 1".to_owned());
    }
    if embeddings.base_url.is_empty() {
        return;
    }
    address("embeddings.base_url", &embeddings.base_url, found);
    if embeddings.model.is_empty() {
        found.push(
            "embeddings.model is empty; write the name of the model that the server is to use"
                .to_owned(),
        );
    }
    if !embeddings.dimensions.is_multiple_of(8) {
        found.push("embeddings.dimensions is no multiple of 8; write one, or 0 for as many as the model gives".to_owned());
    }
}

fn web(config: &Config, found: &mut Vec<String>) {
    if !config.web.base_url.is_empty() {
        address("web.base_url", &config.web.base_url, found);
    }
    if config
        .web
        .link_secret
        .as_ref()
        .is_some_and(|secret| secret.expose().len() < 32)
    {
        found.push("web.link_secret is shorter than 32 characters and could be guessed; write a longer one".to_owned());
    }
}

const ADDRESS: &str = "write one that begins with http:// or https://";

fn address(key: &str, value: &str, found: &mut Vec<String>) {
    if !is_address(value) {
        found.push(format!(
            "{key} is \"{value}\", which is no web address; {ADDRESS}"
        ));
    }
}

fn is_address(value: &str) -> bool {
    url::Url::parse(value)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn log(config: &Config, found: &mut Vec<String>) {
    let level = &config.log.level;
    let is_filter = level.contains(['=', ',']);
    let fits = if is_filter {
        tracing_subscriber::EnvFilter::builder()
            .parse(level)
            .is_ok()
    } else {
        level
            .parse::<tracing_subscriber::filter::LevelFilter>()
            .is_ok()
    };
    if !fits {
        found.push(format!(
            "log.level is \"{level}\", which is neither a level nor a filter; \
             write \"error\", \"warn\", \"info\", \"debug\", \"trace\", or a filter such as \"info,epibot::slack=debug\""
        ));
    }
}

fn observe(config: &Config, found: &mut Vec<String>) {
    if !config.traces.endpoint.is_empty() {
        address("traces.endpoint", &config.traces.endpoint, found);
    }
    if !(0.0..=1.0).contains(&config.traces.share) {
        found.push("traces.share must be between 0 and 1; write 1.0".to_owned());
    }
    for (key, price) in [
        ("price_prompt", config.metrics.price_prompt),
        ("price_completion", config.metrics.price_completion),
    ] {
        if price < 0.0 {
            found.push(format!(
                "metrics.{key} is less than nothing; write 0.0 or more"
            ));
        }
    }
}

fn numbers(config: &Config, found: &mut Vec<String>) {
    if config.chunk.target_chars < 200 || config.chunk.max_chars < config.chunk.target_chars {
        found.push("chunk.target_chars must be 200 or more and chunk.max_chars no less than it; write 1200 and 2400".to_owned());
    }
    let retrieval = &config.retrieval;
    for (key, value, good) in [
        ("min_evidence", retrieval.min_evidence, "0.63"),
        (
            "min_evidence_for_model",
            retrieval.min_evidence_for_model,
            "0.12",
        ),
        ("confident_evidence", retrieval.confident_evidence, "0.85"),
        ("glossary_weight", retrieval.glossary_weight, "1.0"),
    ] {
        if !(0.0..=1.0).contains(&value) {
            found.push(format!(
                "retrieval.{key} must be between 0 and 1; write {good}"
            ));
        }
    }
    for (key, value) in [
        ("retrieval.passages", config.retrieval.passages as u64),
        (
            "retrieval.plan_timeout_ms",
            config.retrieval.plan_timeout_ms,
        ),
        ("rerank.timeout_ms", config.rerank.timeout_ms),
        ("embeddings.max_tokens", config.embeddings.max_tokens as u64),
        ("embeddings.batch", config.embeddings.batch as u64),
        (
            "embeddings.connect_timeout_s",
            config.embeddings.connect_timeout_s,
        ),
        ("embeddings.timeout_ms", config.embeddings.timeout_ms),
        (
            "embeddings.batch_timeout_s",
            config.embeddings.batch_timeout_s,
        ),
        ("embeddings.attempts", config.embeddings.attempts as u64),
        (
            "answer.second_opinion_timeout_ms",
            config.answer.second_opinion_timeout_ms,
        ),
        ("llm.attempts", config.llm.attempts as u64),
        ("llm.max_tokens", u64::from(config.llm.max_tokens)),
        ("llm.connect_timeout_s", config.llm.connect_timeout_s),
        (
            "llm.first_token_timeout_s",
            config.llm.first_token_timeout_s,
        ),
        ("llm.silence_timeout_s", config.llm.silence_timeout_s),
        (
            "meilisearch.connect_timeout_s",
            config.meilisearch.connect_timeout_s,
        ),
        (
            "meilisearch.search_timeout_s",
            config.meilisearch.search_timeout_s,
        ),
        ("meilisearch.attempts", config.meilisearch.attempts as u64),
        ("queue.workers", config.queue.workers as u64),
        ("queue.attempts", u64::from(config.queue.attempts)),
        ("extract.timeout_s", config.extract.timeout_s),
        ("extract.max_file_mb", config.extract.max_file_mb),
        ("web.link_hours", config.web.link_hours),
        ("slack.timeout_ms", config.slack.timeout_ms),
    ] {
        if value == 0 {
            found.push(format!(
                "{key} is 0, with which nothing would be done; write 1 or more"
            ));
        }
    }
    if config.extract.memory_mb < 128 {
        found.push(
            "extract.memory_mb must be 128 or more, or most PDFs cannot be read; write 1024"
                .to_owned(),
        );
    }
}
