//! Language model and tools.

use super::address::check_address;
use crate::config::settings::Config;

pub(super) fn llm(config: &Config, problems: &mut Vec<String>) {
    let llm = &config.llm;
    if llm.is_configured() && llm.model.is_empty() {
        problems.push(
            "llm.base_url is set but llm.model is empty; name the model that the server runs"
                .to_owned(),
        );
    }
    if !llm.is_configured() && !llm.model.is_empty() {
        problems.push(
            "llm.model is set but llm.base_url is empty; write the server's address, ending in /v1"
                .to_owned(),
        );
    }
    if !llm.is_configured() && !llm.vision_model.is_empty() {
        problems.push(
            "llm.vision_model is set but llm.base_url is empty; write the server's address, ending in /v1"
                .to_owned(),
        );
    }
    if llm.is_configured() {
        check_address("llm.base_url", &llm.base_url, problems);
    }
    if !(0.0..=2.0).contains(&llm.temperature) {
        problems.push("llm.temperature must be between 0 and 2; write 0.1".to_owned());
    }
    if llm.max_prompt_tokens < 2 * config.chunk.max_chars {
        problems.push(format!(
            "llm.max_prompt_tokens must be at least twice chunk.max_chars, or a Korean passage does not fit; write {} or more",
            2 * config.chunk.max_chars
        ));
    }
}

pub(super) fn tools(config: &Config, problems: &mut Vec<String>) {
    let tools = &config.tools;
    if tools.max_calls > 50 {
        problems.push(
            "tools.max_calls must be at most 50; write 8, or tools.mode = \"off\"".to_owned(),
        );
    }
    if tools.timeout_s > 600 {
        problems.push("tools.timeout_s must be at most 600; write 45".to_owned());
    }
}
