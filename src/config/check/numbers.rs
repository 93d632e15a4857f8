//! Ranges of numbers.

use crate::config::settings::Config;

pub(super) fn numbers(config: &Config, problems: &mut Vec<String>) {
    if config.chunk.target_chars < 200 || config.chunk.max_chars < config.chunk.target_chars {
        problems.push("chunk.target_chars must be 200 or more and chunk.max_chars no less than it; write 1200 and 2400".to_owned());
    }
    let retrieval = &config.retrieval;
    for (key, value, usual) in [
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
            problems.push(format!(
                "retrieval.{key} must be between 0 and 1; write {usual}"
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
            "answer.llm_judge_timeout_ms",
            config.answer.llm_judge_timeout_ms,
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
            problems.push(format!(
                "{key} is 0, with which nothing would be done; write 1 or more"
            ));
        }
    }
    if config.extract.memory_mb < 128 {
        problems.push(
            "extract.memory_mb must be 128 or more, or most PDFs cannot be read; write 1024"
                .to_owned(),
        );
    }
}
