//! `epibot glossary`: lists ambiguous words, and shows expansions of a question.

use std::process::ExitCode;

use serde_json::json;

use crate::config::settings::Config;
use crate::search::glossary::{AmbiguousWord, Glossary};

use super::output::Output;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// A question or a word: shows what else is searched for
    text: Option<String>,
}

/// Fails if a word is ambiguous and not marked as such.
pub(super) fn run(
    config: &Config,
    arguments: &Arguments,
    output: Output,
) -> anyhow::Result<ExitCode> {
    let custom =
        Some(config.retrieval.glossary.as_path()).filter(|custom| !custom.as_os_str().is_empty());
    let glossary = Glossary::load(custom)?;
    if let Some(text) = &arguments.text {
        let expansions = glossary.expansions(text, &config.retrieval.params.glossary);
        for expansion in &expansions {
            output.line(format!("{:.2}  {}", expansion.weight, expansion.text));
        }
        if expansions.is_empty() {
            output.line("The glossary knows no word of this.");
        }
        let shown = expansions
            .iter()
            .map(|expansion| json!({ "text": expansion.text, "weight": expansion.weight }));
        output.document(&shown.collect::<Vec<_>>())?;
        return Ok(ExitCode::SUCCESS);
    }
    let ambiguous = glossary.ambiguous();
    let (known, contradicting): (Vec<&AmbiguousWord>, Vec<&AmbiguousWord>) =
        ambiguous.iter().partition(|word| word.is_known);
    output.line(format!("{} things have words.", glossary.lines().len()));
    if !known.is_empty() {
        output.line("\nThese words have several meanings and count less for each:");
        show(&known, output);
    }
    if !contradicting.is_empty() {
        output.line("\nThese words stand on several lines. Write \"?\" behind each if that is meant, or remove all but one:");
        show(&contradicting, output);
    }
    let document = |words: &[&AmbiguousWord]| -> Vec<_> {
        let document =
            |word: &&AmbiguousWord| json!({ "word": word.word, "meanings": word.meanings });
        words.iter().map(document).collect()
    };
    output.document(&json!({
        "things": glossary.lines().len(),
        "ambiguous": document(&known),
        "contradicting": document(&contradicting),
    }))?;
    Ok(if contradicting.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn show(words: &[&AmbiguousWord], output: Output) {
    for word in words {
        output.line(format!("  {}", word.word));
        for (place, synonyms) in &word.meanings {
            output.line(format!("    {} ({place})", synonyms.join(", ")));
        }
    }
}
