//! Prints the trace of a search: why a question finds what it finds.

use crate::cli::output::Output;
use crate::domain::access::Access;
use crate::domain::question::Question;
use crate::search::answerability::QuestionWord;
use crate::search::retrieve::Retriever;
use crate::search::trace::{HitTrace, SearchTrace};

/// How many passages are explained.
const MAX_PASSAGES: usize = 10;
/// How many terms are listed for each passage, the most discriminating first.
const MAX_TERMS: usize = 8;

/// Searches for a question and prints every step: as lines for a person, or the trace as JSON.
pub(super) async fn explain(
    retriever: &Retriever,
    text: &str,
    output: Output,
) -> anyhow::Result<()> {
    let question = Question {
        text: text.to_owned(),
        conversation: Vec::new(),
        access: Access::Everything,
    };
    let trace = retriever.trace(&question, MAX_PASSAGES).await?;
    for line in lines(&trace) {
        output.line(line);
    }
    output.document(&trace)
}

fn lines(trace: &SearchTrace) -> Vec<String> {
    let mut lines = vec![format!("{}\n", trace.question)];
    lines.extend(query_lines(trace));
    lines.extend(decision_lines(trace));
    for (rank, hit) in (1..).zip(&trace.hits) {
        lines.extend(hit_lines(rank, hit));
    }
    lines
}

/// The query: terms, expansions, plan and searches.
fn query_lines(trace: &SearchTrace) -> Vec<String> {
    let mut lines = vec!["term                    weight  passages  discrimination".to_owned()];
    for trace in &trace.terms {
        let term = &trace.term;
        let mark = if term.in_question { ' ' } else { '+' };
        lines.push(format!(
            "{mark} {:<20}{:>8.2}{:>10}{:>16.2}",
            term.term, term.weight, term.doc_freq, trace.discrimination
        ));
    }
    lines.push(format!(
        "\"+\": not in the question. Passages: of {} in all. Discrimination: weight × inverse document frequency.\n",
        trace.total_passages
    ));
    if !trace.glossary.is_empty() {
        lines.push("words of the glossary   weight  in place of".to_owned());
        for expansion in &trace.glossary {
            lines.push(format!(
                "  {:<20}{:>8.2}  {}",
                expansion.text,
                expansion.weight,
                expansion.replaces.join(" ")
            ));
        }
        lines.push(String::new());
    }
    if let Some(plan) = &trace.plan {
        let phrases: Vec<&str> = plan
            .phrases
            .iter()
            .map(|phrase| phrase.text.as_str())
            .collect();
        lines.push(format!("plan: {}", plan.question));
        lines.push(format!("  also {}\n", phrases.join(", ")));
    }
    if trace.lookups.len() > 1 {
        lines.push("searches of the index   answerability".to_owned());
        for lookup in &trace.lookups {
            let text = lookup.text.replace('\n', " ");
            lines.push(format!("  {:.2}  {text}", lookup.answerability));
        }
        lines.push(String::new());
    }
    lines
}

/// The decision whether the passages are enough for an answer.
fn decision_lines(trace: &SearchTrace) -> Vec<String> {
    let verdict = if trace.decision.answerable {
        "enough to answer"
    } else {
        "not enough to answer: \"not found\""
    };
    let answerability = &trace.answerability;
    let words: Vec<String> = answerability.words.iter().map(word).collect();
    vec![
        format!(
            "answerability {:.2} (at least {:.2}): {verdict}",
            answerability.score, trace.decision.min_evidence
        ),
        format!("  {}\n", words.join(", ")),
    ]
}

/// A word of the question, and whether it is present.
fn word(word: &QuestionWord) -> String {
    let presence = match (word.present, word.out_of_corpus) {
        (true, _) => "present",
        (false, false) => "missing",
        (false, true) => "in no document",
    };
    format!("{} {presence} ({:.1})", word.text, word.weight)
}

fn hit_lines(rank: usize, hit: &HitTrace) -> [String; 2] {
    let exact = if hit.exact { ", names the code" } else { "" };
    let part = |name: &str, score: Option<f32>| {
        score.map_or_else(String::new, |score| format!(", {name} {score:.3}"))
    };
    let terms = hit.terms.iter().take(MAX_TERMS);
    let terms: Vec<String> = terms
        .map(|term| format!("{} ×{} ({:.2})", term.term, term.count, term.discrimination))
        .collect();
    [
        format!(
            "{rank:>2}. {}   score {:.3}{}{}{exact}",
            place(hit),
            hit.score,
            part("words", hit.word_score),
            part("vector", hit.vector_score),
        ),
        format!("    contains {}", terms.join(", ")),
    ]
}

fn place(hit: &HitTrace) -> String {
    let mut parts = vec![hit.title.clone()];
    parts.extend(hit.section.clone());
    parts.extend(hit.page.as_ref().map(|label| format!("p. {label}")));
    parts.join(" · ")
}
