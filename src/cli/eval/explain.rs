//! Why a question finds what it finds.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::cli::output::Output;
use crate::domain::access::Access;
use crate::domain::passage::Passage;
use crate::domain::question::Question;
use crate::search::analysis;
use crate::search::answerability::Word;
use crate::search::index::{Found, Weighed};
use crate::search::retrieve::Retriever;

/// Passages that are explained.
const SHOWN: usize = 10;
/// Terms that are named for each passage, the most telling first.
const TERMS: usize = 8;

/// Prints the terms of a question, their weights, and for each passage what of them it holds.
pub(super) async fn explain(
    retriever: &Retriever,
    text: &str,
    output: Output,
) -> anyhow::Result<Value> {
    let question = Question {
        text: text.to_owned(),
        conversation: Vec::new(),
        access: Access::Everything,
    };
    let searched = retriever.search(&question, SHOWN).await?;
    let (found, evidence) = (&searched.found, &searched.evidence);
    let phrases = retriever.other_words(text);

    output.line(format!("{text}\n"));
    output.line("term                    weight  passages  telling");
    for term in &found.terms {
        let mark = if term.own { ' ' } else { '+' };
        output.line(format!(
            "{mark} {:<20}{:>8.2}{:>10}{:>9.2}",
            term.term,
            term.weight,
            term.holding,
            telling(term, found.of)
        ));
    }
    output.line(format!(
        "\"+\": not in the question. Passages: of {} in all. Telling: weight × inverse document frequency.\n",
        found.of
    ));
    if !phrases.is_empty() {
        output.line("words of the glossary   weight  in place of");
        for phrase in &phrases {
            output.line(format!(
                "  {:<20}{:>8.2}  {}",
                phrase.text,
                phrase.weight,
                phrase.stands_for.join(" ")
            ));
        }
        output.line("");
    }
    let verdict = if retriever.is_enough(&searched) {
        "enough to answer"
    } else {
        "not enough to answer: \"not found\""
    };
    let words: Vec<String> = evidence.words.iter().map(said).collect();
    output.line(format!("evidence {:.2}: {verdict}", evidence.score));
    output.line(format!("  {}\n", words.join(", ")));
    let hits: Vec<Value> = (1..)
        .zip(&found.hits)
        .map(|(rank, hit)| {
            let held = held(&hit.passage, found);
            let exact = if hit.exact { ", names the code" } else { "" };
            output.line(format!(
                "{rank:>2}. {}   score {:.3}{exact}",
                place(&hit.passage),
                hit.score
            ));
            let named = held.iter().take(TERMS);
            let named: Vec<String> = named
                .map(|held| format!("{} ×{} ({:.2})", held.term, held.times, held.telling))
                .collect();
            output.line(format!("    holds {}", named.join(", ")));
            json!({
                "passage": hit.passage.id,
                "title": hit.passage.document.title,
                "page": hit.passage.page_label(),
                "section": hit.passage.section(),
                "score": hit.score,
                "exact": hit.exact,
                "holds": held.iter().map(|held| json!({ "term": held.term, "times": held.times, "telling": held.telling })).collect::<Vec<_>>(),
            })
        })
        .collect();
    let terms = found.terms.iter().map(|term| {
        json!({
            "term": term.term,
            "weight": term.weight,
            "own": term.own,
            "passages": term.holding,
            "telling": telling(term, found.of),
        })
    });
    Ok(json!({
        "question": text,
        "evidence": { "score": evidence.score,
            "words": evidence.words.iter().map(|word| json!({ "text": word.text, "weight": word.weight, "held": word.held, "unheard": word.unheard })).collect::<Vec<_>>() },
        "terms": terms.collect::<Vec<_>>(),
        "passages": found.of,
        "enough": retriever.is_enough(&searched),
        "hits": hits,
    }))
}

/// A word of the question, and whether it is there.
fn said(word: &Word) -> String {
    let there = match (word.held, word.unheard) {
        (true, _) => "held",
        (false, false) => "not held",
        (false, true) => "in no document",
    };
    format!("{} {there} ({:.1})", word.text, word.weight)
}

/// A term of the question in a passage.
struct Held<'a> {
    term: &'a str,
    times: usize,
    telling: f32,
}

fn held<'a>(passage: &Passage, found: &'a Found) -> Vec<Held<'a>> {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    let above = [passage.document.title.as_str()].into_iter();
    let above = above.chain(passage.headings.iter().map(String::as_str));
    for text in above.chain([passage.text.as_str()]) {
        for term in analysis::terms(text) {
            *times.entry(term).or_default() += 1;
        }
    }
    let mut held: Vec<Held<'_>> = found
        .terms
        .iter()
        .filter_map(|term| {
            Some(Held {
                term: &term.term,
                times: *times.get(&term.term)?,
                telling: telling(term, found.of),
            })
        })
        .collect();
    held.sort_by(|one, other| other.telling.total_cmp(&one.telling));
    held
}

fn telling(term: &Weighed, of: u64) -> f32 {
    term.weight * term.inverse_frequency(of)
}

fn place(passage: &Passage) -> String {
    let mut parts = vec![passage.document.title.clone()];
    parts.extend(passage.section().map(str::to_owned));
    parts.extend(passage.page_label().map(|label| format!("p. {label}")));
    parts.join(" · ")
}
